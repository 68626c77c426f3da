"""The API: questions and their answers as JSON, the texts of the documents, and the state of the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, request

from iio_kg.ask.engine import Scope
from iio_kg.errors import BadQuestion, NotFound
from iio_kg.serve.http import allow_everywhere, root_url
from iio_kg.serve.site import LANGUAGES, current_site

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from iio_kg.ask.answer import Answer

blueprint = Blueprint("api", __name__)

_PARAMETERS = {"q", "lang", "document", "concept", "sector"}
_SUGGEST_PARAMETERS = {"q", "lang", "limit"}
_MOST_SUGGESTIONS = 20
#: Suggestions change with the snapshot only, so that what was typed before need not be asked again.
_SHORT = "public, max-age=300"


def ask_from_request(language: str | None) -> Answer:
    """Answer the question in the address of the request.

    Args:
        language: The language of the answer; that of the question when None.

    Raises:
        BadQuestion: The question or a filter cannot be used.
    """
    site = current_site()
    arguments = request.args
    _refuse_repeated(_PARAMETERS)
    scope = Scope(*(arguments.get(name) or None for name in ("document", "concept", "sector")))
    root = root_url(site.settings.public_url)
    return site.open_engine.ask(arguments.get("q", ""), language, scope).with_urls(lambda url: root + url)


def _refuse_repeated(names: Iterable[str]) -> None:
    for name in names:
        if len(request.args.getlist(name)) > 1:
            raise BadQuestion(f"The parameter '{name}' is given more than once.", "Give it once.")


def _refuse_unknown(known: Collection[str]) -> None:
    unknown = sorted(set(request.args) - set(known))
    if unknown:
        raise BadQuestion(f"The parameter '{unknown[0]}' is unknown.", f"Known are: {', '.join(sorted(known))}.")


@blueprint.get("/api/v1/ask")
def ask() -> Response:
    """Answer ``?q=`` in the language ``?lang=``, within ``?document=``, ``?concept=``, ``?sector=``."""
    _refuse_unknown(_PARAMETERS)
    answer = ask_from_request(request.args.get("lang"))
    body = msgspec.json.encode(answer.to_json())
    return allow_everywhere(Response(body + b"\n", mimetype="application/json"))


@blueprint.get("/api/v1/suggest")
def suggest() -> Response:
    """Complete ``?q=``, preferably in the language ``?lang=``, with at most ``?limit=``."""
    _refuse_unknown(_SUGGEST_PARAMETERS)
    _refuse_repeated(_SUGGEST_PARAMETERS)
    typed, language = request.args.get("q", ""), request.args.get("lang")
    if language is not None and language not in LANGUAGES:
        raise BadQuestion(f"The language '{language}' is unknown.", f"Use {' or '.join(LANGUAGES)}.")
    limit = request.args.get("limit", "8")
    if limit not in map(str, range(1, _MOST_SUGGESTIONS + 1)):
        raise BadQuestion(f"The limit '{limit}' cannot be used.", f"Give a number from 1 to {_MOST_SUGGESTIONS}.")
    site = current_site()
    engine, root = site.open_engine, root_url(site.settings.public_url)
    shown = {
        "query": typed,
        "suggestions": [
            {
                "text": suggestion.text,
                "kind": suggestion.kind,
                "language": suggestion.language,
                "iri": suggestion.iri,
                "url": root + suggestion.url,
                "highlights": suggestion.highlights,
            }
            for suggestion in engine.suggester.suggest(typed, language, int(limit))
        ],
        "snapshot": engine.snapshot.id,
    }
    response = Response(json.dumps(shown, ensure_ascii=False) + "\n", mimetype="application/json")
    response.headers["Cache-Control"] = _SHORT
    response.set_etag(engine.snapshot.id)
    response.make_conditional(request)
    return allow_everywhere(response)


@blueprint.get("/documents/<document>/text")
def text(document: str) -> Response:
    """The canonical text of a document: what all offsets count in."""
    for known in current_site().open_engine.snapshot.content.documents:
        if known.id == document:
            response = Response(known.text, mimetype="text/plain")
            response.set_etag(current_site().open_engine.snapshot.id)
            response.make_conditional(request)
            return allow_everywhere(response)
    raise NotFound(f"There is no document '{document}'.", "See /documents for those there are.")


@blueprint.get("/healthz")
def healthz() -> Response:
    """Whether the process runs."""
    return Response('{"status": "ok"}\n', mimetype="application/json")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Whether a snapshot is open and the model answers."""
    engine = current_site().open_engine
    engine.retrieve("gereed", "nl")
    body = json.dumps({"status": "ready", "snapshot": engine.snapshot.id})
    return Response(body + "\n", mimetype="application/json")
