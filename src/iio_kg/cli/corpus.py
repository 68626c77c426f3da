"""The commands that look after the corpus."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from iio_kg.cli.terminal import Progress, json_option

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iio_kg.config import Settings
    from iio_kg.corpus.document import Metadata
    from iio_kg.curate import Added


@click.group()
def corpus() -> None:
    """Look after the documents: add, list, show, remove, check and fetch them."""


@corpus.command()
@click.argument("sources", nargs=-1, required=True, metavar="FILE|URL…")
@click.option("--id", "name", help="Its id; made from the title when left out.")
@click.option("--title", help="Its title; that in the file when left out.")
@click.option("--kind", help="What it is: report, factsheet, summary or catalogue.  [default: report]")
@click.option("--language", help="Its language, nl or en; found out from its words when left out.")
@click.option("--author", "authors", multiple=True, help="Who wrote it; give it once for each.")
@click.option("--publisher", help="Who published it.")
@click.option("--date", help="When: 2015, 2015-06 or 2015-06-18.")
@click.option("--licence", help="What may be done with it.")
@click.option("--url", help="Where it can be found.")
@click.option("--source", help="The id of the work in the bibliography that a summary is of.")
@click.option("--ocr", is_flag=True, help="Recognise the text of a scanned PDF first (extra iio-kg[ocr]).")
@json_option
@click.pass_obj
def add(
    settings: Callable[..., Settings],
    /,
    sources: tuple[str, ...],
    name: str | None,
    ocr: bool,
    as_json: bool,
    **known: Any,
) -> None:
    """Add documents: PDF, DOCX, EPUB, HTML, Markdown or plain text.

    A document that is in the corpus already, by its content, is left alone. What cannot be known from the file is
    asked for, or has to be told by an option where nobody can be asked.
    """
    from iio_kg.curate import Known
    from iio_kg.curate import add as run
    from iio_kg.errors import IioKgError

    if len(sources) > 1 and (name or known["title"]):
        raise click.UsageError("--id and --title are of one document; add the others without them.")
    folder = settings().corpus
    interactive = sys.stdin.isatty() and sys.stderr.isatty() and not as_json
    failed, results = [], []
    for source in sources:
        progress = Progress(quiet=as_json)
        progress.step(f"Adding {source}")
        try:
            added = run(
                folder,
                source,
                Known(id=name, **known),
                ocr=ocr,
                ask=_ask if interactive else None,
                progress=progress.progress,
            )
        except IioKgError as error:
            if len(sources) == 1:
                raise
            failed.append(source)
            click.secho(f"iio-kg: {error}", err=True, fg="red")
            continue
        results.append(added)
        if not as_json:
            _say_added(added)
    if as_json:
        click.echo(json.dumps([_added_json(added) for added in results], ensure_ascii=False, indent=2))
    elif any(added.new for added in results):
        click.echo("Run 'iio-kg build' to make them searchable.")
    if failed:
        click.get_current_context().exit(2)


def _ask(name: str, proposal: str) -> str:
    return str(click.prompt(f"What is the {name}?", default=proposal or None, err=True))


def _say_added(added: Added) -> None:
    if not added.new:
        click.echo(f"{added.folder.name} is here already: {added.metadata.title}")
        return
    click.echo(f"{added.folder.name} added: {added.metadata.title}")
    click.echo(f"  {added.pages} pages, {added.passages} passages, language {added.metadata.language}")
    for warning in added.warnings:
        click.secho(f"  {warning}", fg="yellow", err=True)


def _added_json(added: Added) -> dict[str, Any]:
    return {
        "id": added.folder.name,
        "new": added.new,
        "pages": added.pages,
        "passages": added.passages,
        "warnings": list(added.warnings),
        **_metadata_json(added.metadata),
    }


def _metadata_json(metadata: Metadata) -> dict[str, Any]:
    names = ("title", "kind", "language", "publisher", "date", "licence", "url", "source", "file", "sha256")
    return {name: getattr(metadata, name) or None for name in names} | {"authors": list(metadata.authors)}


@corpus.command(name="list")
@click.option("--missing", is_flag=True, help="List what can be fetched and is not here.")
@json_option
@click.pass_obj
def list_documents(settings: Callable[..., Settings], missing: bool, as_json: bool) -> None:
    """List the documents, a line each. Ends with exit code 1 when what is recorded of one cannot be read."""
    from iio_kg.curate import listed, to_fetch

    folder = settings().corpus
    if missing:
        wanted = to_fetch(folder, ())
        if as_json:
            click.echo(json.dumps([{"id": name, "title": one.title, "url": one.url} for name, one in wanted], indent=2))
        else:
            for name, one in wanted:
                click.echo(f"{name:48} {one.url}")
        return
    rows = listed(folder)
    if as_json:
        shown = [
            {"id": row.id, "size": row.size, "problem": row.problem or None}
            | (_metadata_json(row.metadata) if row.metadata else {})
            for row in rows
        ]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    for row in rows if not as_json else ():
        if row.metadata is None:
            click.secho(f"{row.id:48} {row.problem}", fg="red", err=True)
            continue
        held = f"{row.size:>12,}" if row.size is not None else click.style(f"{'not here':>12}", fg="yellow")
        click.echo(f"{row.id:48} {row.metadata.kind:10} {row.metadata.language:3}{held}  {row.metadata.title}")
    if any(row.problem for row in rows):
        click.get_current_context().exit(1)


@corpus.command()
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def show(settings: Callable[..., Settings], name: str, as_json: bool) -> None:
    """Show what is known of a document, and its headings with their pages."""
    from iio_kg.curate import shown

    chosen = settings()
    document, passages, claims = shown(chosen.corpus, name, chosen.base_uri, Progress(quiet=as_json).progress)
    headings = [
        {
            "level": block.level,
            "text": document.text[block.body.start : block.body.end],
            "page": document.page_at(block.span.start).label or None,
        }
        for block in document.blocks
        if block.kind == "heading"
    ]
    known = {"id": name, **_metadata_json(document.metadata)}
    counted = {"pages": len(document.pages), "passages": len(passages), "claims": claims}
    if as_json:
        whole = known | counted | {"warnings": list(document.warnings), "headings": headings}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        return
    for title, value in (known | counted).items():
        if value not in (None, []):
            text = "; ".join(value) if isinstance(value, list) else value
            click.echo(click.style(f"{title:10} ", dim=True) + str(text))
    for warning in document.warnings:
        click.secho(warning, fg="yellow")
    for heading in headings:
        indent = "  " * (int(str(heading["level"])) - 1)
        click.echo(f"{heading['page'] or '':>6}  {indent}{heading['text']}")


@corpus.command()
@click.argument("name", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def remove(settings: Callable[..., Settings], name: str, yes: bool, as_json: bool) -> None:
    """Take a document out of the corpus. It is kept in a hidden folder, from where it can be put back."""
    from iio_kg.corpus.library import find_document
    from iio_kg.curate import remove as run

    folder = settings().corpus
    find_document(folder, name)
    if not yes:
        click.confirm(f"Take '{name}' out of {folder}?", abort=True, err=True)
    where = run(folder, name)
    if as_json:
        click.echo(json.dumps({"id": name, "moved_to": str(where)}))
    else:
        click.echo(f"{name} is out of the corpus; it is kept as {where}")


@corpus.command()
@json_option
@click.pass_obj
def check(settings: Callable[..., Settings], as_json: bool) -> None:
    """Check that every document is readable, every quotation true and every checksum right.

    Ends with exit code 1 when there is a problem.
    """
    from iio_kg.curate import check as run

    chosen = settings()
    progress = Progress(quiet=as_json)
    progress.step("Checking the documents")
    results = run(chosen.corpus, chosen.base_uri, progress.progress)
    problems = sum(len(one.problems) for one in results)
    if as_json:
        shown = [{"id": o.id, "problems": list(o.problems), "warnings": list(o.warnings)} for o in results]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        for one in results:
            for problem in one.problems:
                click.secho(f"{one.id}: {problem}", fg="red")
            for warning in one.warnings:
                click.secho(f"{one.id}: {warning}", fg="yellow")
        click.echo(f"{len(results)} documents, {problems or 'no'} problem{'s' if problems != 1 else ''}")
    if problems:
        click.get_current_context().exit(1)


@corpus.command()
@click.argument("names", nargs=-1, metavar="[ID…]")
@json_option
@click.pass_obj
def fetch(settings: Callable[..., Settings], names: tuple[str, ...], as_json: bool) -> None:
    """Fetch documents by the addresses that are known of them: all that are not here, or those named.

    Documents whose file is missing get it back; works of the bibliography become documents beside their summaries.
    What breaks off is gone on with at the next try. Ends with exit code 1 when something could not be fetched.
    """
    from iio_kg.curate import fetch as run
    from iio_kg.curate import to_fetch
    from iio_kg.errors import IioKgError

    folder: Path = settings().corpus
    results: list[dict[str, Any]] = []
    for name, described in to_fetch(folder, names):
        progress = Progress(quiet=as_json)
        progress.step(f"Fetching {described.url}")
        try:
            added = run(folder, name, described, progress.progress)
        except IioKgError as error:
            results.append({"id": name, "error": str(error)})
            if not as_json:
                click.secho(f"iio-kg: {error}", err=True, fg="red")
            continue
        results.append(_added_json(added))
        if not as_json:
            _say_added(added)
    failed = sum("error" in result for result in results)
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{len(results) - failed} fetched, {failed} not" if results else "Everything is here.")
    if failed:
        click.get_current_context().exit(1)
