"""The command line: every command turns its options into one call and prints what comes back.

Exit codes: 0 when it went well; 1 when the material does not answer, or something was found wrong; 2 when the input
or the installation cannot be used.
"""

from __future__ import annotations

import functools
import json
import logging
import sys
from collections import Counter
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TypeVar

import click

from iio_kg import __version__
from iio_kg.cli.adapt import adapt
from iio_kg.cli.claims import claims
from iio_kg.cli.corpus import corpus
from iio_kg.cli.evaluate import evaluate
from iio_kg.cli.tables import lay_out
from iio_kg.cli.terminal import Progress, json_option
from iio_kg.errors import IioKgError

if TYPE_CHECKING:
    from collections.abc import Callable

    from iio_kg.ask.answer import Answer, Citation, Collection
    from iio_kg.build import Built
    from iio_kg.config import Settings

F = TypeVar("F", bound="Callable[..., Any]")


class _Commands(click.Group):
    """A group whose commands end with one sentence and exit code 2 when something can be mended."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except IioKgError as error:
            click.secho(f"iio-kg: {error}", err=True, fg="red")
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            # Whoever read the output has gone (a pager, head); that is no error of ours.
            sys.stderr.close()
            ctx.exit(0)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="iio-kg")
@click.option("--corpus", type=click.Path(path_type=Path), help="Folder of the documents.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Folder in which snapshots are kept.")
@click.option("--model", help="Encoder: a folder, or a name at the model hub.")
@click.pass_context
def main(ctx: click.Context, /, **options: Any) -> None:
    """Ask the material of the InnovatieImpuls Onderwijs (IIO): cited answers, a graph, a site.

    Settings also come from variables IIO_KG_… and from a file iio-kg.toml; see 'iio-kg doctor'.
    """
    ctx.obj = functools.partial(_settings, options)


def _settings(group_options: dict[str, Any], **options: Any) -> Settings:
    from iio_kg.config import load_settings

    return load_settings().with_options(**group_options, **options)


main.add_command(adapt)
main.add_command(claims)
main.add_command(corpus)
main.add_command(evaluate)


@main.command()
@click.option("--force", is_flag=True, help="Build although nothing changed.")
@json_option
@click.pass_obj
def build(settings: Callable[..., Settings], force: bool, as_json: bool) -> None:
    """Read the corpus, check the claims and make a snapshot.

    What has not changed since the last build is neither read nor encoded again. A document that cannot be read is
    left out and told of, and the build ends with exit code 1.
    """
    from iio_kg.build import build as run

    built = run(settings(), Progress(quiet=as_json), force=force)
    if as_json:
        click.echo(json.dumps(_built_json(built), ensure_ascii=False, indent=2))
    else:
        _say_built(built)
    if built.manifest.problems:
        click.get_current_context().exit(1)


def _built_json(built: Built) -> dict[str, Any]:
    return {
        "snapshot": built.manifest.id,
        "fresh": built.fresh,
        "counts": built.manifest.counts,
        "model": built.manifest.model,
        "encoded": built.encoded,
        "seconds": round(built.seconds, 2),
        "problems": list(built.manifest.problems),
        "documents": [
            {
                "id": one.id,
                "state": one.state,
                "pages": one.pages,
                "passages": one.passages,
                "claims": one.claims,
                "candidates": one.candidates,
                "warnings": list(one.warnings),
                "problem": one.problem or None,
            }
            for one in built.documents
        ],
    }


def _say_built(built: Built) -> None:
    """Print a row for each document that was read, one for all others, and what is wrong."""
    changed = [one for one in built.documents if one.state == "read"]
    kept = [one for one in built.documents if one.state == "kept"]
    if built.documents:
        width = max(len(one.id) for one in [*changed, *built.documents[:1]])
        click.secho(f"{'document':{width}}  pages  passages  claims  candidates  warnings", dim=True)
        for one in changed:
            kinds = Counter(warning.split(":")[0] for warning in one.warnings)
            said = ", ".join(f"{count} × {kind}" for kind, count in kinds.items()) or "-"
            click.echo(f"{one.id:{width}}  {_counts(one.pages, one.passages, one.claims, one.candidates)}  {said}")
        if kept:
            sums = (sum(getattr(o, n) for o in kept) for n in ("pages", "passages", "claims", "candidates"))
            click.echo(f"{f'{len(kept)} unchanged':{width}}  {_counts(*sums)}")
    for problem in built.manifest.problems:
        click.secho(f"left out: {problem}", fg="red", err=True)
    state = "made" if built.fresh else "is up to date"
    encoded = f", {built.encoded} texts encoded" if built.fresh else ""
    click.echo(f"Snapshot {built.manifest.id} {state} ({built.seconds:.1f} s{encoded})")
    click.echo("  " + ", ".join(f"{count} {name}" for name, count in built.manifest.counts.items()))


def _counts(pages: int, passages: int, claims: int, candidates: int) -> str:
    return f"{pages:5}  {passages:8}  {claims:6}  {candidates:10}"


@main.command()
@click.argument("question", nargs=-1, required=True)
@click.option("--lang", help="Language of the answer: nl or en. Found out from the question when left out.")
@click.option("--document", help="Stay within one document, by its id.")
@click.option("--concept", help="Stay with one concept, by its name (slimfit).")
@click.option("--sector", help="Stay with one sector, by its name (primary-education).")
@json_option
@click.pass_obj
def ask(
    settings: Callable[..., Settings],
    question: tuple[str, ...],
    lang: str | None,
    document: str | None,
    concept: str | None,
    sector: str | None,
    as_json: bool,
) -> None:
    """Answer a question, in Dutch or English, with the words it rests on.

    Ends with exit code 1 when the material does not answer.
    """
    from iio_kg.ask.engine import Scope, open_engine

    answer = open_engine(settings()).ask(" ".join(question), lang, Scope(document, concept, sector))
    if as_json:
        click.echo(json.dumps(answer.to_json(), ensure_ascii=False, indent=2))
    else:
        _print_answer(answer)
    if not answer.answered:
        click.get_current_context().exit(1)


_WORDS = {
    "nl": {
        "read": "Gelezen als “{}”.",
        "none": "Het materiaal geeft hier geen antwoord op. Het dichtst in de buurt komen:",
        "page": "pagina",
        "contact": "Vragen? ",
        "summary": "Onze samenvatting, niet de woorden van de bron.",
        "dissent": "Andere bronnen zeggen iets anders:",
        "source": "Bron",
        "quoted": "Dit is aangehaald in het Engels, de taal van de bron.",
    },
    "en": {
        "read": "Read as “{}”.",
        "none": "The material does not answer this. The nearest passages are:",
        "page": "page",
        "contact": "Questions? ",
        "summary": "Our summary, not the source's own words.",
        "dissent": "Other sources say otherwise:",
        "source": "Source",
        "quoted": "This is quoted in Dutch, the language of the source.",
    },
}


def _print_answer(answer: Answer) -> None:
    words = _WORDS[answer.language]
    if answer.read_as is not None:
        click.secho(words["read"].format(answer.read_as), dim=True)
    if answer.collection is not None and answer.collection.leads:
        _print_collection(answer.collection, words)
        return
    if answer.statement is not None:
        click.secho(answer.statement.text, bold=True)
        if answer.statement.kind == "passage" and answer.statement.language != answer.language:
            click.secho(words["quoted"], dim=True)
        for figure in answer.statement.figures:
            click.echo(f"  {figure.text}" + (f" ({_place(figure.citation, words)})" if figure.citation else ""))
    else:
        click.echo(words["none"])
    shown = answer.citations[:1] if answer.answered else answer.citations[:3]
    for citation in shown:
        click.echo()
        position = citation.span.start
        for low, high in citation.highlights if answer.answered else ():
            click.echo(citation.quote[position - citation.span.start : low - citation.span.start], nl=False)
            click.secho(
                citation.quote[low - citation.span.start : high - citation.span.start], nl=False, underline=True
            )
            position = high
        click.echo(citation.quote[position - citation.span.start :])
        click.secho(f"  {_place(citation, words)} · {citation.section}", dim=True)
        if citation.document.kind == "summary":
            click.secho(f"  {words['summary']}", dim=True)
    if answer.dissent:
        click.echo(f"\n{words['dissent']}")
    for dissent in answer.dissent:
        click.echo(f"  {dissent.text}")
        click.secho(f"    {_place(dissent.citation, words)}", dim=True)
    if answer.collection is not None:
        click.echo()
        _print_collection(answer.collection, words)
    if not answer.answered and answer.contacts:
        click.echo()
        click.echo(words["contact"] + "; ".join(f"{c.name}, {c.email}" for c in answer.contacts))


def _print_collection(collection: Collection, words: dict[str, str]) -> None:
    click.secho(collection.title, bold=True)
    headings = (*collection.columns, words["source"])
    titles = {row.citation.document.title: row.citation.page_label for row in collection.rows}
    # Where all is from one document with pages, its title is said once.
    single = next(iter(titles)) if len(titles) == 1 and all(titles.values()) else ""
    places = [_place(row.citation, words).removeprefix(f"{single}, ") for row in collection.rows]
    rows = [(*row.cells, place) for row, place in zip(collection.rows, places, strict=True)]
    for number, line in lay_out(headings, rows, get_terminal_size().columns):
        click.secho(line, bold=not number)
    if single:
        click.secho(f"\n{words['source']}: {single}", dim=True)
    for row, cells in zip(collection.rows, rows, strict=True):
        if row.citation.document.kind == "summary":
            click.secho(f"\n{cells[-1]}: {words['summary']}", dim=True)
        if row.dissent:
            click.echo(f"\n{cells[-2]}\n{words['dissent']}")
        for dissent in row.dissent:
            click.echo(f"  {dissent.text}")
            click.secho(f"    {_place(dissent.citation, words)}", dim=True)


def _place(citation: Citation, words: dict[str, str]) -> str:
    if not citation.page_label:
        return f"{citation.document.title}, {citation.section}"
    return f"{citation.document.title}, {words['page']} {citation.page_label}"


@main.command()
@click.argument("query", required=False)
@click.option(
    "--file",
    "file",
    type=click.File("r", encoding="utf-8"),
    help="Read the query from a file ('-': standard input).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "xml", "csv", "tsv", "ttl", "nt", "jsonld", "rdf"]),
    help="Form of the result: csv for tables and ttl for graphs when left out.",
)
@json_option
@click.pass_obj
def sparql(settings: Callable[..., Settings], query: str | None, file: Any, form: str | None, as_json: bool) -> None:
    """Query the graph. The usual prefixes (iio:, concept:, skos:, …) need not be declared."""
    from iio_kg import snapshot
    from iio_kg.errors import BadQuery
    from iio_kg.graph.worker import Request, Workers

    text = file.read() if file else query
    if not text:
        raise BadQuery("There is no query.", "Give it as an argument or with --file.")
    chosen = settings()
    path, manifest = snapshot.read_manifest(chosen.data_dir)
    snapshot.check_files(path, manifest)
    workers = Workers(
        (path / snapshot.GRAPH_FILE).read_bytes(),
        manifest.prefixes,
        count=1,
        seconds=chosen.sparql_timeout,
        max_bytes=chosen.sparql_max_bytes,
    )
    table = form or ("json" if as_json else "csv")
    graph = form or ("jsonld" if as_json else "ttl")
    try:
        result = workers.run(Request(text, table, graph, [], []))
    finally:
        workers.close()
    click.echo(result.body.decode().rstrip("\n"))


@main.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--no-rate-limit", is_flag=True, help="Let one client ask as much as it likes.")
@click.pass_obj
def serve(settings: Callable[..., Settings], host: str | None, port: int | None, no_rate_limit: bool) -> None:
    """Serve the site, the API, SPARQL and the widget. Builds a snapshot first when there is none."""
    from iio_kg.serve.app import serve as serve_site
    from iio_kg.snapshot import current_id

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    for name in ("httpx", "sentence_transformers", "faiss.loader", "bm25s"):
        logging.getLogger(name).setLevel(logging.WARNING)
    chosen = settings(host=host, port=port, rate_limit="" if no_rate_limit else None)
    if current_id(chosen.data_dir) is None:
        # Only here: building needs libraries that serving does without.
        from iio_kg.build import build as run

        run(chosen, Progress())
    serve_site(chosen)


@main.command()
@json_option
@click.pass_obj
def doctor(settings: Callable[..., Settings], as_json: bool) -> None:
    """Tell what is wrong with this installation and how to mend it."""
    from iio_kg.doctor import examine

    findings = examine(settings)
    if as_json:
        click.echo(json.dumps([finding.to_json() for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            click.secho("ok    " if finding.ok else "WRONG ", fg="green" if finding.ok else "red", nl=False)
            click.echo(f"{finding.name}: {finding.detail}")
            if finding.remedy:
                click.echo(f"      → {finding.remedy}")
    if not all(finding.ok for finding in findings):
        click.get_current_context().exit(1)


@main.group()
def graph() -> None:
    """Look after the graph: check it, write it out."""


@graph.command()
@json_option
@click.pass_obj
def check(settings: Callable[..., Settings], as_json: bool) -> None:
    """Check syntax, quotations, shapes, identifiers, typing and consistency, and list every problem.

    Ends with exit code 1 when there is one.
    """
    from iio_kg.graph.check import check_graph

    progress = Progress()
    checks = check_graph(settings(), (lambda _: None) if as_json else lambda name: progress.step(f"Checking {name}"))
    if as_json:
        shown = [{"name": c.name, "problems": list(c.problems), "skipped": c.skipped} for c in checks]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        for one in checks:
            for problem in one.problems:
                click.secho(f"{one.name}: {problem}", fg="red")
            if one.skipped:
                click.secho(f"{one.name}: not checked. {one.skipped}", fg="yellow")
        count = sum(len(one.problems) for one in checks)
        click.echo(f"{count} problem(s)" if count else "No problem found")
    if any(one.problems for one in checks):
        click.get_current_context().exit(1)


@graph.command(name="export")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("iio-kg-data"),
    show_default=True,
    help="Folder to write; an earlier export in it is replaced.",
)
@json_option
@click.pass_obj
def export_graph(settings: Callable[..., Settings], output: Path, as_json: bool) -> None:
    """Write the dataset as N-Quads, TriG, Turtle, JSON-LD and a table of the claims, described as a Data Package."""
    from iio_kg.build import read_material
    from iio_kg.graph.export import export
    from iio_kg.graph.namespaces import Names

    chosen = settings()
    material = read_material(chosen)
    files = export(material.graphs, material.claims, chosen.ontology, Names(chosen.base_uri), output)
    if as_json:
        click.echo(json.dumps([str(path) for path in files]))
    else:
        for path in files:
            click.echo(f"{path}  {path.stat().st_size:,} bytes")


@graph.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("ontology.html"),
    show_default=True,
    help="File to write.",
)
@click.pass_obj
def manual(settings: Callable[..., Settings], output: Path) -> None:
    """Write the documentation of the ontology as one page of HTML."""
    from iio_kg.errors import ConfigError
    from iio_kg.graph.manual import make_manual

    chosen = settings()
    page = make_manual(chosen.ontology / "iio.ttl", chosen.base_uri)
    try:
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{output} cannot be written ({error.strerror}).", "Name another with --output.") from None
    click.echo(f"{output}  {len(page.encode()):,} bytes")
