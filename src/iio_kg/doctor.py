"""Looking an installation over: what is wrong with it, and how to mend it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iio_kg import __version__
from iio_kg.errors import IioKgError, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iio_kg.config import Settings

#: A decoded model and a few snapshots.
_ROOM = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail, "remedy": self.remedy}


def examine(read_settings: Callable[[], Settings]) -> list[Finding]:
    """Look everything over, each thing on its own, so that one fault does not hide another."""
    version = ".".join(map(str, sys.version_info[:3]))
    findings = [Finding("program", True, f"iio-kg {__version__} on Python {version}")]
    try:
        settings = read_settings()
    except IioKgError as error:
        return [*findings, Finding("settings", False, error.message, error.hint)]
    findings.append(Finding("settings", True, "all can be used"))
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("corpus and graph", _material),
        ("data folder", lambda s: _writable(s.data_dir)),
        ("cache folder", lambda s: _writable(s.cache_dir)),
        ("model", _model),
        ("snapshot", _snapshot),
        ("judge", _judge),
        ("site", _site),
        ("port", _port),
    )
    for name, check in checks:
        try:
            findings.append(Finding(name, True, check(settings)))
        except IioKgError as error:
            findings.append(Finding(name, False, error.message, error.hint))
    return findings


def _material(settings: Settings) -> str:
    from iio_kg.build import read_material

    material = read_material(settings)
    return (
        f"{len(material.documents)} document(s), {len(material.claims)} claims, every quotation true "
        f"({settings.corpus})"
    )


def _writable(folder: Path) -> str:
    existing = folder
    while not existing.exists():
        existing = existing.parent
    probe = existing / ".iio-kg-probe"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise IioKgError(
            f"{folder} cannot be written ({error.strerror}).", "Change its rights, or name another."
        ) from None
    free = shutil.disk_usage(existing).free
    if free < _ROOM:
        raise IioKgError(f"{folder} has only {free >> 20} MiB free.", "Make room: a model and snapshots take 1 GiB.")
    return f"{folder}, {free >> 30} GiB free"


def _model(settings: Settings) -> str:
    from iio_kg.index.models import find_encoder, verify

    model = find_encoder(settings.model, settings.cache_dir, settings.adapter)
    if model is None:
        raise IioKgError(f"{settings.model} is not on this machine.", "Run 'iio-kg build', which fetches it.")
    verify(model)
    return f"{model.name}, whole ({model.path})"


def _snapshot(settings: Settings) -> str:
    from iio_kg.index.models import find_encoder
    from iio_kg.snapshot import open_snapshot

    snapshot = open_snapshot(settings.data_dir)
    model = find_encoder(settings.model, settings.cache_dir, settings.adapter)
    if model is not None and model.fingerprint != snapshot.manifest.fingerprint:
        raise IioKgError(f"{snapshot.id} was made with another model than {model.name}.", "Run 'iio-kg build'.")
    return f"{snapshot.id} of {snapshot.manifest.created}, whole"


def _judge(settings: Settings) -> str:
    from iio_kg.ask.judge import load_calibration
    from iio_kg.snapshot import CLAIMS_FILE, OPEN_FILE, SETS_FILE, read_manifest

    calibration = load_calibration()
    _, manifest = read_manifest(settings.data_dir)
    if calibration.model != manifest.model:
        raise ModelError(
            f"The judge was fitted for {calibration.model}; with {manifest.model} no question counts as answered.",
            "Run 'iio-kg eval --calibrate' with questions of yours.",
        )
    said = f"fitted for {calibration.model}, answers from a probability of {calibration.by_claim.threshold}"
    fitted = {
        "claims": (calibration.claims, CLAIMS_FILE),
        "open questions": (calibration.open_questions, OPEN_FILE),
        "questions for sets": (calibration.question_sets, SETS_FILE),
    }
    changed = [what for what, (sha256, file) in fitted.items() if sha256 != manifest.files[file].sha256]
    if not changed:
        return said
    return f"{said}; {' and '.join(changed)} have changed since, and 'iio-kg eval --calibrate' would fit it anew"


def _site(settings: Settings) -> str:
    from iio_kg.serve.app import create_app

    create_app(settings, None)
    return f"built ({settings.web})"


def _port(settings: Settings) -> str:
    from iio_kg.serve.app import check_port

    check_port(settings.host, settings.port)
    return f"{settings.host}:{settings.port} is free"
