"""Every setting, once: its name, its meaning, its default and where it can be set.

A setting is read from, in order of weight: an option of the command line, a variable ``IIO_KG_<NAME>``, the file
``iio-kg.toml`` in the folder one stands in (or the file that ``IIO_KG_CONFIG`` names), the default.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import platformdirs

from iio_kg import resources
from iio_kg.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONFIG_FILE = "iio-kg.toml"
PREFIX = "IIO_KG_"

ModelSource = Literal["auto", "package", "hub"]


def _data_dir() -> Path:
    if resources.is_checkout():
        return resources.root() / "var"
    return Path(platformdirs.user_data_dir("iio-kg", appauthor=False))


def _setting(help_text: str, default: Any = None, *, factory: Callable[[], Any] | None = None) -> Any:
    metadata = {"help": help_text}
    if factory is not None:
        return field(default_factory=factory, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their values."""

    base_uri: str = _setting("Base of every identifier that is minted.", "https://w3id.org/iio-kg/")
    corpus: Path = _setting("Folder of the documents.", factory=lambda: resources.root() / "corpus")
    ontology: Path = _setting("Folder of the vocabulary.", factory=lambda: resources.root() / "ontology")
    web: Path = _setting("Folder of the templates and the built front end.", factory=lambda: resources.root() / "web")
    data_dir: Path = _setting("Folder in which snapshots are kept.", factory=_data_dir)
    cache_dir: Path = _setting(
        "Folder in which models and dictionaries are cached.",
        factory=lambda: Path(platformdirs.user_cache_dir("iio-kg", appauthor=False)),
    )
    model: str = _setting("Encoder: a folder, or a name at the model hub.", "intfloat/multilingual-e5-small")
    model_source: ModelSource = _setting("Where a named model comes from: auto, package or hub.", "auto")
    adapter: str = _setting("Change of the encoder learned from claims: a file; auto: ours; empty: none.", "auto")
    threads: int = _setting("Texts the encoder may run at once; 0: as many as there are processors.", 0)
    reranker: str = _setting("Cross-encoder that re-ranks what was found: a folder; empty: none.", "")
    host: str = _setting("Address the server listens on.", "127.0.0.1")
    port: int = _setting("Port the server listens on.", 8000)
    public_url: str = _setting("Address the site is reached at from outside; empty: as each request says.", "")
    trusted_proxies: int = _setting("How many proxies in front of the server may name the client.", 0)
    rate_limit: str = _setting("Questions and queries one client may ask; empty: no limit.", "120 per minute")
    citations: int = _setting("How many passages an answer lists.", 5)
    max_question: int = _setting("Longest question taken, in characters.", 1000)
    sparql_timeout: float = _setting("Seconds after which a SPARQL query is ended.", 10.0)
    sparql_max_bytes: int = _setting("Largest SPARQL result given, in bytes.", 20_000_000)
    sparql_workers: int = _setting("Processes that answer SPARQL queries side by side.", 2)

    def with_options(self, **options: Any) -> Settings:
        """These settings with those that are not None put in their place."""
        return replace(self, **{name: value for name, value in options.items() if value is not None})


def load_settings(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Read the settings from the configuration file and the environment.

    Args:
        environment: The variables; those of the process when None.
        folder: Where ``iio-kg.toml`` is looked for; the current folder when None.

    Raises:
        ConfigError: A setting is unknown or its value cannot be used; the message says where it stands.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    named = environment.get(PREFIX + "CONFIG")
    path = Path(named) if named else (folder or Path.cwd()) / CONFIG_FILE
    if named or path.is_file():
        for name, value in _read_file(path).items():
            values[name] = _convert(name, value, f"{path}: {name}")
    for variable, text in environment.items():
        name = variable.removeprefix(PREFIX).lower()
        if variable.startswith(PREFIX) and name != "config":
            values[name] = _convert(name, text, variable)
    return Settings(**values)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: this file cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}.", "Correct the file; its format is TOML.") from None


def _convert(name: str, value: Any, where: str) -> Any:
    """Turn a value from a file or a variable into the type of its setting."""
    known = {f.name: f.type for f in fields(Settings)}
    if name not in known:
        raise ConfigError(f"{where}: there is no such setting.", f"Settings are: {', '.join(sorted(known))}.")
    kind = str(known[name])
    try:
        converted = _CONVERTERS[kind](value)
    except (TypeError, ValueError):
        raise ConfigError(f"{where}: '{value}' is not a {_KINDS[kind]}.") from None
    if name == "model_source" and converted not in ("auto", "package", "hub"):
        raise ConfigError(f"{where}: '{value}' is unknown.", "Use auto, package or hub.")
    if name == "base_uri" and not converted.endswith(("/", "#")):
        raise ConfigError(f"{where}: '{value}' does not end in a slash.", "Add one.")
    return converted


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "ModelSource": str,
    "Path": lambda value: Path(value).expanduser(),
    "int": int,
    "float": float,
}
_KINDS = {"ModelSource": "text", "str": "text", "Path": "path", "int": "whole number", "float": "number"}
