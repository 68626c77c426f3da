"""Shared parts of the tests: the real corpus, the real model, a real server.

Each is made once, when it is first asked for.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iio_kg.config import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iio_kg.ask.engine import Engine
    from iio_kg.build import Material
    from iio_kg.index.encoder import SentenceTransformerEncoder
    from iio_kg.index.models import ModelFolder
    from iio_kg.snapshot import Snapshot

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the checkout with a data folder of the test run's own."""
    return load_settings({}).with_options(data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def material(settings: Settings) -> Material:
    """Corpus and graph as they are read, nothing encoded."""
    from iio_kg.build import read_material

    return read_material(settings)


@pytest.fixture(scope="session")
def model_folder(settings: Settings) -> ModelFolder:
    """The default model, decoded into the user's cache when it is not there."""
    from iio_kg.index.models import obtain_model

    return obtain_model(settings.model, settings.cache_dir, settings.model_source)


@pytest.fixture(scope="session")
def encoder(model_folder: ModelFolder) -> SentenceTransformerEncoder:
    """The default encoder."""
    from iio_kg.index.encoder import SentenceTransformerEncoder

    return SentenceTransformerEncoder(model_folder.path, model_folder.fingerprint)


@pytest.fixture(scope="session")
def snapshot(settings: Settings, model_folder: ModelFolder) -> Snapshot:
    """A snapshot of the shipped corpus."""
    from iio_kg.build import build
    from iio_kg.snapshot import open_snapshot

    build(settings)
    return open_snapshot(settings.data_dir)


@pytest.fixture(scope="session")
def engine(snapshot: Snapshot, encoder: SentenceTransformerEncoder) -> Engine:
    """Answers questions over the shipped corpus."""
    from iio_kg.ask.engine import Engine

    return Engine(snapshot, encoder)


@dataclass(frozen=True)
class Server:
    """A server of the site in a process of its own."""

    url: str
    process: subprocess.Popen[str]
    log: Path


def start_server(settings: Settings, folder: Path, *arguments: str) -> Server:
    """Start ``iio-kg serve`` on a free port and wait until it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "server.log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IIO_KG_")}
    environment["IIO_KG_DATA_DIR"] = str(settings.data_dir)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "iio_kg", "serve", "--port", str(port), *arguments],
            stdout=output,
            stderr=output,
            env=environment,
            cwd=folder,
            text=True,
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5) as response:
                if response.status == 200:
                    return Server(url, process, log)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            # Nothing listens yet; an attempt that is refused costs nothing, so ask again until the deadline.
            continue
    process.kill()
    raise AssertionError(f"the server did not become ready: {log.read_text()}")


def stop_server(server: Server) -> int:
    """Tell a server to stop, as a service manager does, and return its exit code."""
    server.process.terminate()
    return server.process.wait(timeout=20)


@pytest.fixture(scope="session")
def server(settings: Settings, snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site on a free port of the loopback address, without a rate limit."""
    running = start_server(settings, tmp_path_factory.mktemp("server"), "--no-rate-limit")
    yield running
    stop_server(running)


def claim_name(iri: str) -> str:
    """The last part of a claim's identifier."""
    return re.split(r"[/#]", iri)[-1]
