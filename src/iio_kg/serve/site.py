"""What the running site knows: settings, engine, SPARQL workers, and the texts of its pages."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from flask import current_app

from iio_kg.errors import ServerError, SnapshotError

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.ask.engine import Engine
    from iio_kg.config import Settings
    from iio_kg.graph.worker import Workers

LANGUAGES = {"nl": "Nederlands", "en": "English"}
DEFAULT_LANGUAGE = "nl"


@dataclass
class Site:
    """Shared by all requests; nothing in it changes while the server runs.

    Attributes:
        settings: The settings.
        engine: Answers questions; None until a snapshot is open.
        workers: Answer SPARQL queries; None likewise.
    """

    settings: Settings
    engine: Engine | None
    workers: Workers | None
    dist: Path = field(init=False)

    def __post_init__(self) -> None:
        self.dist = self.settings.web / "dist"

    @property
    def open_engine(self) -> Engine:
        """The engine.

        Raises:
            SnapshotError: There is none yet.
        """
        if self.engine is None:
            raise SnapshotError("No snapshot is open.", "Try again in a moment.")
        return self.engine

    @property
    def open_workers(self) -> Workers:
        """The SPARQL workers.

        Raises:
            SnapshotError: There are none yet.
        """
        if self.workers is None:
            raise SnapshotError("No snapshot is open.", "Try again in a moment.")
        return self.workers

    @cached_property
    def messages(self) -> dict[str, dict[str, str]]:
        """The texts of the pages, by language and key."""
        folder = self.settings.web / "i18n"
        return {code: _read_json(folder / f"{code}.json") for code in LANGUAGES}

    @cached_property
    def assets(self) -> dict[str, str]:
        """The names of the built files, by the name they were written under."""
        return _read_json(self.dist / "assets.json")

    def text(self, language: str, key: str, **values: Any) -> str:
        """A text of the pages with its placeholders filled in."""
        return self.messages[language][key].format(**values)


def current_site() -> Site:
    """The site of the application that handles the request."""
    return cast("Site", current_app.extensions["iio-kg"])


def _read_json(path: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ServerError(
            f"{path} is missing: the front end was not built.", "Run 'make setup', which builds it."
        ) from None
    except ValueError as error:
        raise ServerError(f"{path} is unreadable ({error}).", "Run 'make setup' again.") from None
    return table
