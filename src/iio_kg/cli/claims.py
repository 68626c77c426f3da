"""The commands that write claims, read them, and review candidates for them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from iio_kg.cli.terminal import Progress, json_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from iio_kg.build import Material
    from iio_kg.config import Settings


@click.group()
def claims() -> None:
    """Write claims, read them, and review candidates for them."""


@claims.command()
@click.option("--from", "document", required=True, help="The id of the document.")
@click.argument("words")
@click.pass_obj
def new(settings: Callable[..., Settings], document: str, words: str) -> None:
    """Find WORDS in a document and print the skeleton of a claim on them, for its claims.ttl."""
    from iio_kg.corpus.library import find_document, read_document
    from iio_kg.corpus.segment import segment
    from iio_kg.graph.notebook import skeleton

    its = read_document(find_document(settings().corpus, document))
    click.echo(skeleton(words, its, segment(its)), nl=False)


@claims.command()
@click.argument("name", required=False)
@click.option(
    "--lang", type=click.Choice(["nl", "en"]), default="nl", show_default=True, help="Language of the labels."
)
@json_option
@click.pass_obj
def show(settings: Callable[..., Settings], name: str | None, lang: str, as_json: bool) -> None:
    """Print the claim NAME as a person reads it; all claims, a line each, without a name."""
    from iio_kg.build import read_material
    from iio_kg.errors import GraphError
    from iio_kg.graph.build import union
    from iio_kg.graph.namespaces import Names
    from iio_kg.graph.notebook import rows_of_claim

    chosen = settings()
    material = read_material(chosen)
    if name is None:
        for claim in material.claims:
            click.echo(f"{claim.name:36} {claim.statements[lang]}")
        return
    found = [claim for claim in material.claims if name in (claim.iri, claim.name) or claim.iri.endswith(f"/{name}")]
    if not found:
        raise GraphError(f"There is no claim '{name}'.", "'iio-kg claims show' lists them.")
    whole = union(material.stated.values())
    for claim in found:
        rows = rows_of_claim(claim, whole, Names(chosen.base_uri), lang)
        if as_json:
            click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
            continue
        for title, said in rows:
            click.echo(click.style(f"{title:12} ", dim=True) + said)


@claims.command()
@click.option("--document", help="Stay within one document, by its id.")
@click.option("--reviewer", help="Who decides; asked for when left out.")
@json_option
@click.pass_obj
def review(settings: Callable[..., Settings], document: str | None, reviewer: str | None, as_json: bool) -> None:
    """Walk through the candidates for claims: accept, edit or reject each with a key.

    Every decision is written at once, so that a walk can be left and taken up again. --json prints what waits, for
    another front end, which decides with 'iio-kg claims decide'.
    """
    from iio_kg.cli.walk import Walk
    from iio_kg.corpus.library import find_document
    from iio_kg.errors import ConfigError
    from iio_kg.review import ReviewSession

    chosen = settings()
    if document is not None:
        find_document(chosen.corpus, document)
    if not as_json and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError("Reviewing needs a terminal.", "Elsewhere use --json and 'iio-kg claims decide'.")
    material = _read(chosen, quiet=as_json)
    if as_json:
        session = ReviewSession(chosen, material, reviewer or "nobody")
        queue = [session.describe(candidate) for candidate in session.queue(document)]
        click.echo(json.dumps(queue, ensure_ascii=False, indent=2))
        return
    name = reviewer or click.prompt("Who decides? Your name")
    Walk(ReviewSession(chosen, material, name), document).run()


@claims.command()
@click.argument("candidate", metavar="ID")
@click.argument("verdict", type=click.Choice(["accept", "reject"]))
@click.option(
    "--claim",
    type=click.File("r", encoding="utf-8"),
    help="What an accepted one becomes: the queue's draft, completed, as JSON; or Turtle ('-': standard input).",
)
@click.option("--reviewer", required=True, help="Who decides.")
@json_option
@click.pass_obj
def decide(
    settings: Callable[..., Settings], candidate: str, verdict: str, claim: Any, reviewer: str, as_json: bool
) -> None:
    """Decide on the candidate ID without a terminal."""
    from iio_kg.errors import GraphError
    from iio_kg.graph.drafts import read_draft
    from iio_kg.review import ReviewSession

    if (verdict == "accept") != (claim is not None):
        raise click.UsageError("'accept' takes --claim, and 'reject' does not.")
    try:
        text = claim.read() if claim else ""
    except UnicodeDecodeError:
        raise GraphError("The claim is not UTF-8.", "Save it in UTF-8.") from None
    chosen = settings()
    session = ReviewSession(chosen, _read(chosen, quiet=True), reviewer)
    its = session.find(candidate)
    iri = None
    if verdict == "accept":
        iri = session.accept(its, read_draft(text) if text.lstrip().startswith("{") else text)
    else:
        session.reject(its)
    if as_json:
        click.echo(json.dumps({"candidate": candidate, "verdict": verdict, "claim": iri}))
    else:
        click.echo(f"{candidate}: {verdict}ed" + (f" as {iri}" if iri else ""))


def _read(settings: Settings, *, quiet: bool) -> Material:
    """The corpus as it is, from what earlier builds kept of it."""
    from iio_kg.build import CACHE, Caches, read_material

    progress = Progress(quiet=quiet)
    progress.step("Reading the corpus")
    return read_material(settings, progress, Caches.within(settings.data_dir / CACHE))
