"""The API: questions and their answers as JSON, the texts of the documents, and the state of the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from iio_kg.ask.engine import Scope
from iio_kg.errors import BadQuestion, NotFound
from iio_kg.serve.http import allow_everywhere, root_url
from iio_kg.serve.site import current_site

if TYPE_CHECKING:
    from iio_kg.ask.answer import Answer

blueprint = Blueprint("api", __name__)

_PARAMETERS = {"q", "lang", "document", "concept", "sector"}


def ask_from_request(language: str | None) -> Answer:
    """Answer the question in the address of the request.

    Args:
        language: The language of the answer; that of the question when None.

    Raises:
        BadQuestion: The question or a filter cannot be used.
    """
    site = current_site()
    arguments = request.args
    for name in _PARAMETERS:
        if len(arguments.getlist(name)) > 1:
            raise BadQuestion(f"The parameter '{name}' is given more than once.", "Give it once.")
    scope = Scope(*(arguments.get(name) or None for name in ("document", "concept", "sector")))
    root = root_url(site.settings.public_url)
    return site.open_engine.ask(arguments.get("q", ""), language, scope).with_urls(lambda url: root + url)


@blueprint.get("/api/v1/ask")
def ask() -> Response:
    """Answer ``?q=`` in the language ``?lang=``, within ``?document=``, ``?concept=``, ``?sector=``."""
    unknown = sorted(set(request.args) - _PARAMETERS)
    if unknown:
        raise BadQuestion(f"The parameter '{unknown[0]}' is unknown.", f"Known are: {', '.join(sorted(_PARAMETERS))}.")
    answer = ask_from_request(request.args.get("lang"))
    body = json.dumps(answer.to_json(), ensure_ascii=False)
    return allow_everywhere(Response(body + "\n", mimetype="application/json"))


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
