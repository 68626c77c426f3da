"""The pages a visitor sees: search, documents, explanation, widget."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, send_from_directory

from iio_kg.corpus.document import Span
from iio_kg.errors import IioKgError, NotFound
from iio_kg.serve.api import ask_from_request
from iio_kg.serve.http import allow_everywhere, root_url
from iio_kg.serve.site import DEFAULT_LANGUAGE, LANGUAGES, current_site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iio_kg.corpus.document import Block, Document, Passage
    from iio_kg.snapshot import Content

blueprint = Blueprint("pages", __name__)

#: How many questions to begin with the empty page shows.
_EXAMPLES = 6
_WIDGET_FILE = "iio-ask.js"
#: A year for files whose name holds a checksum of their content; five minutes for those whose content may change.
_IMMUTABLE, _SHORT = "public, max-age=31536000, immutable", "public, max-age=300"


def page_language() -> str:
    """The language of the page: ``?lang=``, else Dutch."""
    language = request.args.get("lang", DEFAULT_LANGUAGE)
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def segments(text: str, start: int, highlights: Iterable[Sequence[int]]) -> list[dict[str, Any]]:
    """Cut a text into marked and unmarked parts.

    Args:
        text: The text.
        start: Where it stands in its document.
        highlights: Ranges of the document that are to be marked.
    """
    parts: list[dict[str, Any]] = []
    position = 0
    for low, high in sorted((max(0, h[0] - start), min(len(text), h[1] - start)) for h in highlights):
        low = max(low, position)
        if high <= low:
            continue
        if low > position:
            parts.append({"text": text[position:low], "marked": False})
        parts.append({"text": text[low:high], "marked": True})
        position = high
    if position < len(text) or not parts:
        parts.append({"text": text[position:], "marked": False})
    return parts


def around(citation: dict[str, Any]) -> list[dict[str, Any]]:
    """The text around a citation with the quotation in it marked."""
    start = citation["start"] - citation["context"].index(citation["quote"])
    return segments(citation["context"], start, [(citation["start"], citation["end"])])


def number(value: float, language: str) -> str:
    """A figure as the language writes it: 3,5 or 3.5."""
    text = f"{value:g}"
    return text.replace(".", ",") if language == "nl" else text


@blueprint.get("/")
def index() -> Response:
    """The search page, with the answer to ``?q=``."""
    site, language = current_site(), page_language()
    question = request.args.get("q", "").strip()
    result, problem, status = None, None, 200
    if question:
        try:
            result = ask_from_request(None).to_json()
        except IioKgError as error:
            problem = {"title": error.title, "detail": str(error), "status": error.status}
            status = error.status
    page = render_template(
        "index.html",
        question=question,
        result=result,
        problem=problem,
        examples=[
            {"question": s.text, "language": s.language, "url": with_language("/", language, q=s.text)}
            for s in (site.engine.suggester.suggest("", language, _EXAMPLES) if site.engine else ())
        ],
        filters={name: request.args.get(name, "") for name in ("document", "concept", "sector")},
        filter_options=_filter_options(site.open_engine.snapshot.content, language) if site.engine else {},
    )
    return Response(page, status=status)


def _filter_options(content: Content, language: str) -> dict[str, list[dict[str, str]]]:
    def concepts(scheme: str) -> list[dict[str, str]]:
        chosen = [entity for entity in content.entities if entity.scheme == scheme]
        return [
            {"value": entity.iri.rsplit("/", 1)[-1], "label": entity.label(language)}
            for entity in sorted(chosen, key=lambda e: e.label(language).casefold())
        ]

    return {
        "documents": [{"value": d.id, "label": d.metadata.title} for d in content.documents],
        "concepts": concepts("innovation-concepts"),
        "sectors": concepts("sectors"),
    }


def with_language(path: str, language: str, **parameters: str) -> str:
    """An address within the site that keeps the language of the page."""
    if language != DEFAULT_LANGUAGE:
        parameters["lang"] = language
    return f"{path}?{urlencode(parameters)}" if parameters else path


@blueprint.get("/documents")
def documents() -> str:
    """All documents."""
    content = current_site().open_engine.snapshot.content
    return render_template(
        "documents.html", documents=[_describe(document, content.passages) for document in content.documents]
    )


@blueprint.get("/documents/<document>")
def document(document: str) -> str:
    """A document in full, each passage with its anchor, the range ``?start=&end=`` marked."""
    content = current_site().open_engine.snapshot.content
    found = next((d for d in content.documents if d.id == document), None)
    if found is None:
        raise NotFound(f"There is no document '{document}'.", "See /documents for those there are.")
    marked = _marked(found)
    return render_template(
        "document.html",
        document=_describe(found, content.passages),
        blocks=_blocks(found, [p for p in content.passages if p.document == document], marked),
    )


def _marked(document: Document) -> Span | None:
    start, end = (request.args.get(name, type=int) for name in ("start", "end"))
    if start is None or end is None or not 0 <= start < end <= len(document.text):
        return None
    return Span(start, end)


def _describe(document: Document, passages: Sequence[Passage]) -> dict[str, Any]:
    metadata = document.metadata
    return {
        "id": document.id,
        "title": metadata.title,
        "kind": metadata.kind,
        "publisher": metadata.publisher or None,
        "date": metadata.date or None,
        "language": metadata.language,
        "licence": metadata.licence or None,
        "authors": list(metadata.authors),
        "source": metadata.url or None,
        "passages": sum(passage.document == document.id for passage in passages),
        "url": with_language(f"/documents/{document.id}", page_language()),
        "text_url": f"/documents/{document.id}/text",
    }


def _blocks(document: Document, passages: Sequence[Passage], marked: Span | None) -> list[dict[str, Any]]:
    """The blocks of a document as the page shows them, with page breaks between and the rows of a table together."""
    highlights = [marked] if marked else []
    starts = [passage.span.start for passage in passages]
    shown: list[dict[str, Any]] = []
    page = 0
    for block in document.blocks:
        here = document.page_at(block.span.start)
        if here.number != page:
            page = here.number
            shown.append({"kind": "page-break", "page": here.label or page})
        begun = passages[bisect_left(starts, block.body.start) : bisect_left(starts, block.body.end)]
        if block.kind == "row":
            if shown[-1]["kind"] != "table":
                shown.append({"kind": "table", "rows": []})
            shown[-1]["rows"].append(
                {
                    "id": begun[0].anchor if begun else None,
                    "is_header": bool(block.level),
                    "cells": [segments(text, start, highlights) for text, start in _cells(document, block)],
                }
            )
            continue
        shown.append(
            {
                "kind": block.kind,
                "level": block.level + 1 if block.level else 0,
                "text": document.text[block.body.start : block.body.end],
                "number": block.number,
                "passages": [
                    {"id": passage.anchor, "segments": segments(passage.text, passage.span.start, highlights)}
                    for passage in begun
                ],
            }
        )
    return shown


def _cells(document: Document, row: Block) -> Iterator[tuple[str, int]]:
    """The words of each cell of a row, and where they begin in the canonical text."""
    start = row.body.start
    for text in document.text[start : row.body.end].split("\t"):
        yield text, start
        start += len(text) + 1


@blueprint.get("/about")
def about() -> str:
    """What this is, what it promises and what it cannot do."""
    return render_template("about.html")


@blueprint.get("/widget")
def widget_page() -> str:
    """How to put the search on another site."""
    return render_template("widget.html", endpoint=root_url(current_site().settings.public_url))


@blueprint.get(f"/widget/v1/{_WIDGET_FILE}")
def widget() -> Response:
    """The widget's script."""
    response = send_from_directory(current_site().dist / "widget" / "v1", _WIDGET_FILE, mimetype="text/javascript")
    response.headers["Cache-Control"] = _SHORT
    return allow_everywhere(response)


@blueprint.get("/static/<path:name>")
def static(name: str) -> Response:
    """A built file; its name holds a checksum, so it may be kept."""
    response = send_from_directory(current_site().dist / "static", name)
    response.headers["Cache-Control"] = _IMMUTABLE
    return response
