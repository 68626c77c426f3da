"""How much one client may ask: a limit per address, kept in the memory of the one server process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from iio_kg.errors import IioKgError
from iio_kg.serve.http import problem

if TYPE_CHECKING:
    from flask import Flask


class TooManyRequests(IioKgError):
    """A client asked more than the limit allows."""

    status = 429
    title = "Too many requests"


def limit(app: Flask, rate: str, endpoints: set[str]) -> None:
    """Put a limit on some endpoints.

    Args:
        app: The application.
        rate: The limit, as ``120 per minute``; empty for none.
        endpoints: The endpoints that do work for each question.
    """
    if not rate:
        return
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=True)
    limiter.request_filter(lambda: not request.args and request.method == "GET")
    shared = limiter.shared_limit(rate, scope="questions")
    for endpoint in endpoints:
        app.view_functions[endpoint] = shared(app.view_functions[endpoint])  # type: ignore[assignment]

    @app.errorhandler(429)
    def too_many(_error: Exception) -> Response:
        response = problem(TooManyRequests(f"More was asked than the limit allows ({rate}).", "Wait a moment."))
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response
