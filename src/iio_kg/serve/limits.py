"""How much one client may ask: a limit per address, kept in the memory of the one server process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from limits import parse_many

from iio_kg.errors import IioKgError
from iio_kg.serve.http import problem

if TYPE_CHECKING:
    from flask import Flask

#: Suggestions are asked for at every letter or so, and cost a small part of what an answer does.
_SUGGESTIONS = 10


class TooManyRequests(IioKgError):
    """A client asked more than the limit allows."""

    status = 429
    title = "Too many requests"


def limit(app: Flask, rate: str, endpoints: set[str], light: set[str]) -> None:
    """Put a limit on some endpoints.

    Args:
        app: The application.
        rate: The limit, as ``120 per minute``; empty for none.
        endpoints: The endpoints that do work for each question.
        light: The endpoints that people ask while they type; they have a limit of their own, ten times as high.
    """
    if not rate:
        return
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=True)
    limiter.request_filter(lambda: not request.args and request.method == "GET")
    for scope, amount, names in (("questions", rate, endpoints), ("suggestions", _times(rate, _SUGGESTIONS), light)):
        shared = limiter.shared_limit(amount, scope=scope)
        for endpoint in names:
            app.view_functions[endpoint] = shared(app.view_functions[endpoint])  # type: ignore[assignment]

    @app.errorhandler(RateLimitExceeded)
    def too_many(error: RateLimitExceeded) -> Response:
        allowed = error.description
        response = problem(TooManyRequests(f"More was asked than the limit allows ({allowed}).", "Wait a moment."))
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response


def _times(rate: str, factor: int) -> str:
    """A limit so many times as high: ``120 per minute`` becomes ``1200 per 1 minute``."""
    return "; ".join(
        f"{part.amount * factor} per {part.multiples} {part.GRANULARITY.name}" for part in parse_many(rate)
    )
