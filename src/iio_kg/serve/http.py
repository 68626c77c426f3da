"""What all doors share: problems (RFC 9457), content negotiation (RFC 9110), headers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Request, Response, request

from iio_kg.errors import IioKgError, NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: No script, style, image or connection from anywhere else, and nothing inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"
)


def problem(error: IioKgError) -> Response:
    """An error as ``application/problem+json``."""
    body = {"type": "about:blank", "title": error.title, "status": error.status, "detail": str(error)}
    response = Response(
        json.dumps(body, ensure_ascii=False) + "\n", status=error.status, mimetype="application/problem+json"
    )
    if error.status == 503:
        response.headers["Retry-After"] = "5"
    return response


def choose(request_: Request, forms: Mapping[str, str], formats: Sequence[str] = ()) -> str:
    """The name of the form a client wants.

    Args:
        request_: The request; ``?format=`` outweighs its ``Accept`` header.
        forms: Media types by name, the preferred first.
        formats: Names that ``?format=`` may also have.

    Raises:
        NotAcceptable: None of the forms fits; the sentence lists what is offered.
    """
    wanted = request_.args.get("format")
    if wanted is not None:
        if wanted in forms:
            return wanted
        offered = ", ".join([*forms, *formats])
        raise NotAcceptable(f"The format '{wanted}' is unknown.", f"Offered: {offered}.")
    best = best_of(request_, forms)
    if best is None:
        raise NotAcceptable("None of the media types asked for can be given.", f"Offered: {', '.join(forms.values())}.")
    return best


def best_of(request_: Request, forms: Mapping[str, str]) -> str | None:
    """The name of the form that the ``Accept`` header likes best, or None."""
    accept = request_.accept_mimetypes
    if not accept:
        return next(iter(forms))
    by_type = {media_type: name for name, media_type in forms.items()}
    best = accept.best_match(list(by_type))
    return by_type[best] if best is not None else None


def prefers_html(request_: Request) -> bool:
    """Whether the client is a browser that would rather have a page than data."""
    accept = request_.accept_mimetypes
    return accept.quality("text/html") > accept.quality("application/json")


def allow_everywhere(response: Response) -> Response:
    """Let pages of other sites read a response; nothing here depends on who asks."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def root_url(public_url: str) -> str:
    """The address of the site without a slash at the end, as the client knows it."""
    return (public_url or request.url_root).rstrip("/")
