"""The command that learns a small change of the encoder from the claims."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iio_kg.cli.terminal import Progress, json_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from iio_kg.config import Settings


@click.command()
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    help="How many batches to look at; one takes a second or two on two processors.",
)
@json_option
@click.pass_obj
def adapt(settings: Callable[..., Settings], output: Path, steps: int, as_json: bool) -> None:
    """Learn from the claims and their questions how to change the encoder, and write that to OUTPUT.

    Name the file in the setting 'adapter' (IIO_KG_ADAPTER) and build again. Ranking and judge fit the encoder they were
    fitted with: run 'iio-kg eval --calibrate' afterwards. It takes a quarter of an hour.
    """
    from iio_kg.build import CACHE, Caches, read_material
    from iio_kg.index.adapt import learn
    from iio_kg.index.models import obtain_model

    chosen = settings()
    progress = Progress(quiet=as_json)
    model = obtain_model(chosen.model, chosen.cache_dir, chosen.model_source, progress.step)
    progress.step("Reading the corpus and the claims")
    material = read_material(chosen, progress, Caches.within(chosen.data_dir / CACHE))
    progress.step(f"Learning from {len(material.claims)} claims")
    adapter = learn(model.path, material.claims, steps=steps, progress=progress.progress)
    adapter.save(output)
    size = output.stat().st_size
    if as_json:
        click.echo(json.dumps({"adapter": str(output), "bytes": size, "layers": len(adapter.layers)}))
    else:
        click.echo(f"{output}: {len(adapter.layers)} layers, {size / 1e6:.1f} MB")
