"""The command that measures the answers, compares results, and keeps floors and history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from iio_kg.cli.terminal import Progress, json_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from iio_kg.config import Settings

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(name="eval")
@click.option(
    "--questions",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of question sets; that of the checkout when left out.",
)
@click.option(
    "--part",
    type=click.Choice(["dev", "test", "all"]),
    help="Part of the set: dev when left out, and all where floors are kept.",
)
@click.option("--ablation", is_flag=True, help="Also measure the baselines, and every channel switched off in turn.")
@click.option("--calibrate", is_flag=True, help="Fit ranking and judge on the dev part anew.")
@click.option(
    "--calibrate-on",
    type=click.Path(path_type=Path, exists=True),
    help="Calibrate, and fit what judges passages without claims on these documents as well; it is kept otherwise.",
)
@click.option("--model", help="Measure with another encoder: a name or a folder. It gets a snapshot of its own.")
@click.option("--save", type=_FILE, help="Write what each question brought, a line of JSON each.")
@click.option("--report", type=_FILE, help="Write the measures as Markdown, and drawings as SVG beside it.")
@click.option("--record", is_flag=True, help="Add the measures to the results over time, benchmarks/history.")
@click.option("--write-floors", is_flag=True, help="Record below what the measures may not drop.")
@click.option("--check-floors", is_flag=True, help="End with exit code 1 when a measure dropped below its floor.")
@click.option("--history", is_flag=True, help="Only print the results over time.")
@click.option("--compare", nargs=2, type=_FILE, metavar="A B", help="Only compare two saved results on one set.")
@click.option(
    "--foreign",
    type=click.Path(path_type=Path, exists=True),
    help="Only measure another document, or a folder of them: a heading as the question, its section as the answer.",
)
@json_option
@click.pass_obj
def evaluate(settings: Callable[..., Settings], /, **options: Any) -> None:
    """Measure the answers on a set of questions."""
    if options["history"]:
        from iio_kg.evaluate.history import history_file, history_table

        click.echo(history_table(history_file()))
    elif options["compare"]:
        _compare(*options["compare"], as_json=options["as_json"])
    elif options["foreign"]:
        chosen = settings().with_options(model=options["model"])
        _measure_foreign(chosen, options["foreign"], as_json=options["as_json"])
    else:
        _measure(_with_model(settings, options["model"], quiet=options["as_json"]), **options)


def _with_model(settings: Callable[..., Settings], model: str | None, *, quiet: bool) -> Settings:
    """The settings; with another encoder, those of a snapshot of its own, which is made when it is not there."""
    chosen = settings()
    if model is None:
        return chosen
    from iio_kg.build import build

    chosen = chosen.with_options(model=model, data_dir=chosen.data_dir / "eval")
    build(chosen, Progress(quiet=quiet))
    return chosen


def _measure(settings: Settings, **options: Any) -> None:
    from contextlib import nullcontext

    from iio_kg.evaluate.floors import below_floors, floors_file, write_floors
    from iio_kg.evaluate.foreign import asked_elsewhere
    from iio_kg.evaluate.history import history_file, record
    from iio_kg.evaluate.outcome import save_outcomes
    from iio_kg.evaluate.report import to_json, to_markdown, write_report
    from iio_kg.evaluate.run import evaluate as run

    keeps_floors = options["write_floors"] or options["check_floors"]
    progress = Progress(quiet=options["as_json"])
    others = options["calibrate_on"]
    with asked_elsewhere(settings, others, progress) if others else nullcontext() as elsewhere:
        result = run(
            settings,
            options["questions"],
            part=options["part"] or ("all" if keeps_floors else "dev"),
            ablation=options["ablation"],
            calibrate=options["calibrate"] or others is not None,
            elsewhere=elsewhere,
            progress=progress.progress,
        )
    below = below_floors(result.outcomes, result.sets, floors_file()) if options["check_floors"] else []
    if options["as_json"]:
        click.echo(json.dumps(to_json(result) | {"below_floors": below}, ensure_ascii=False, indent=2))
    else:
        click.echo(to_markdown(result))
        if result.failures:
            click.echo("What went wrong in the dev part:\n" + "\n".join(f"- {line}" for line in result.failures))
    if options["save"]:
        save_outcomes(result.outcomes, options["save"])
    if options["report"]:
        files = write_report(result, options["report"])
        click.echo(f"Written: {', '.join(str(file) for file in files)}", err=True)
    if options["record"]:
        record(result, history_file())
    if options["write_floors"]:
        write_floors(result.outcomes, result.sets, floors_file())
    for sentence in below:
        click.secho(sentence, fg="red", err=True)
    if below:
        click.get_current_context().exit(1)


def _compare(a: Path, b: Path, *, as_json: bool) -> None:
    from iio_kg.evaluate.outcome import load_outcomes
    from iio_kg.evaluate.report import comparison_json, comparison_table
    from iio_kg.evaluate.summary import compare

    differences = compare(load_outcomes(a), load_outcomes(b))
    if as_json:
        click.echo(json.dumps(comparison_json(differences), ensure_ascii=False, indent=2))
    else:
        click.echo(comparison_table(differences, (a.stem, b.stem)))


def _measure_foreign(settings: Settings, path: Path, *, as_json: bool) -> None:
    from iio_kg.evaluate.foreign import foreign_table, measure_foreign

    rows = measure_foreign(settings, path, Progress(quiet=as_json))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        click.echo(foreign_table(rows))
