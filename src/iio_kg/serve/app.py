"""The web application and the server that runs it."""

from __future__ import annotations

import logging
import signal
import socket
import time
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from iio_kg.errors import IioKgError, NotFound, ServerError
from iio_kg.graph.worker import Workers
from iio_kg.serve import api, pages, resources, sparql
from iio_kg.serve.http import CONTENT_SECURITY_POLICY, prefers_html, problem, root_url
from iio_kg.serve.limits import limit
from iio_kg.serve.site import LANGUAGES, Site

if TYPE_CHECKING:
    from types import FrameType

    from iio_kg.ask.engine import Engine
    from iio_kg.config import Settings

log = logging.getLogger("iio_kg.serve")
#: Threads that handle requests; encoding and searching release the interpreter's lock for most of their time.
_THREADS = 8
_MAX_BODY = 1 << 20


def create_app(settings: Settings, engine: Engine | None) -> Flask:
    """Make the application.

    Args:
        settings: The settings.
        engine: Answers questions; without one all doors that need it answer 503.

    Raises:
        ServerError: The front end was not built.
    """
    app = Flask(__name__, static_folder=None, template_folder=str(settings.web / "templates"))
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    app.url_map.strict_slashes = False
    workers = None
    if engine is not None:
        snapshot = engine.snapshot
        workers = Workers(
            snapshot.content.nquads,
            snapshot.manifest.prefixes,
            count=settings.sparql_workers,
            seconds=settings.sparql_timeout,
            max_bytes=settings.sparql_max_bytes,
        )
    site = Site(settings, engine, workers)
    app.extensions["iio-kg"] = site
    for module in (api, pages, sparql, resources):
        app.register_blueprint(module.blueprint)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    limit(app, settings.rate_limit, {"api.ask", "pages.index", "sparql.sparql"}, light={"api.suggest"})
    _add_errors(app)
    _add_headers(app)
    _add_template_names(app, site)
    return app


def _add_template_names(app: Flask, site: Site) -> None:
    """What every template may use."""
    site.assets  # noqa: B018 - a missing front end is found at the start, not at the first visitor

    @app.context_processor
    def names() -> dict[str, Any]:
        language = pages.page_language()
        others = {name: value for name, value in request.args.items() if name != "lang"}
        return {
            "t": lambda key, **values: site.text(language, key, **values),
            "kind_label": lambda kind: site.text(language, f"kind.{kind}"),
            "lang": language,
            "languages": [
                {"code": code, "name": name, "url": pages.with_language(request.path, code, **others)}
                for code, name in LANGUAGES.items()
            ],
            "path": request.path,
            "asset": lambda name: f"/static/{site.assets[name]}",
            "segments": pages.segments,
            "around": pages.around,
            "origin": root_url(site.settings.public_url),
            "number": lambda value: pages.number(value, language),
            "snapshot": site.engine.snapshot.id if site.engine else None,
            "link": lambda path, **values: pages.with_language(path, language, **values),
        }


def _add_errors(app: Flask) -> None:
    """Every error is a page to people and a problem (RFC 9457) to programs; never a trace."""

    def show(error: IioKgError) -> Response:
        on_page = prefers_html(request) and not request.path.startswith("/api/")
        if not on_page:
            response = problem(error)
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response
        shown = {"title": error.title, "detail": str(error), "status": error.status}
        return Response(render_template("error.html", problem=shown), status=error.status)

    app.register_error_handler(IioKgError, show)

    @app.errorhandler(HTTPException)
    def known(error: HTTPException) -> Response:
        if error.code == 404:
            return show(NotFound(f"There is nothing at {request.path}."))
        shown = IioKgError(str(error.description))
        shown.status, shown.title = error.code or 500, error.name
        response = show(shown)
        for name, value in error.get_headers():
            if name == "Allow":
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unknown(_error: Exception) -> Response:
        log.exception("error while answering %s", request.path)
        return show(IioKgError("Something went wrong here.", "It was logged; please try again."))


def _add_headers(app: Flask) -> None:
    """Safety headers on every response, and one line in the log for it. Questions are not logged."""

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        took = (time.perf_counter() - g.begun) * 1000
        log.info("%s %s %s %.1f ms", request.method, request.path, response.status_code, took)
        return response


def serve(settings: Settings) -> None:
    """Open the current snapshot and serve it until the process is told to stop.

    Raises:
        SnapshotError: There is no snapshot that can be used.
        ModelError: The model is not there.
        ServerError: The port is in use, or the front end was not built.
    """
    import waitress.server
    from threadpoolctl import threadpool_limits

    from iio_kg.ask.engine import open_engine
    from iio_kg.ask.judge import load_calibration
    from iio_kg.serve.dispatch import warm_dispatcher

    check_port(settings.host, settings.port)
    # Questions are answered side by side: threads within one of them would keep the others waiting.
    threadpool_limits(1, user_api="blas")
    app = create_app(settings, open_engine(settings))
    site: Site = app.extensions["iio-kg"]
    # Loads what the first question needs; a judge that cannot be used is told here and not to a visitor.
    load_calibration()
    site.open_engine.retrieve("gereed", "nl")
    try:
        server = waitress.server.create_server(
            app, host=settings.host, port=settings.port, ident="iio-kg", _dispatcher=warm_dispatcher(_THREADS)
        )
    except OSError as error:
        raise _port_error(settings.host, settings.port, error) from None

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    log.info("serving snapshot %s on http://%s:%s", site.open_engine.snapshot.id, settings.host, settings.port)
    try:
        server.run()
    finally:
        server.close()
        site.open_workers.close()
        log.info("stopped")


def check_port(host: str, port: int) -> None:
    """Find out before the model is loaded, which takes seconds, whether the port is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise _port_error(host, port, error) from None


def _port_error(host: str, port: int, error: Exception) -> ServerError:
    reason = getattr(error, "strerror", None) or str(error)
    return ServerError(
        f"The server cannot listen on {host}, port {port} ({reason}).", "Choose another with --host or --port."
    )
