"""Shared parts of the tests: the real corpus, the real model, a real server.

Each is made once, when it is first asked for.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from iio_kg.build import CACHE
from iio_kg.config import Settings, load_settings
from support import ROOT, Server, start_server, stop_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iio_kg.ask.engine import Engine
    from iio_kg.build import Material
    from iio_kg.evaluate.outcome import Asked
    from iio_kg.index.encoder import WindowedEncoder
    from iio_kg.index.models import ModelFolder
    from iio_kg.index.terms import Terms
    from iio_kg.snapshot import Snapshot


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the checkout with a data folder of the test run's own.

    Vectors that a build of the checkout has made are taken along: each is named by its encoder and its text.
    """
    checkout, data = load_settings({}), tmp_path_factory.mktemp("data")
    vectors = checkout.data_dir / CACHE / "vectors"
    if vectors.is_dir():
        shutil.copytree(vectors, data / CACHE / "vectors")
    return checkout.with_options(data_dir=data)


@pytest.fixture(scope="session")
def material(settings: Settings) -> Material:
    """Corpus and graph as they are read, nothing encoded."""
    from iio_kg.build import read_material

    return read_material(settings)


@pytest.fixture(scope="session")
def terms(material: Material) -> Terms:
    """The words of the material, compounds taken apart by the dictionary."""
    from iio_kg.index.terms import collect_terms
    from iio_kg.index.words import Analyser

    languages = {document.id: document.metadata.language for document in material.documents}
    return collect_terms(material.passages, material.claims, material.entities, languages, Analyser().parts_of)


@pytest.fixture(scope="session")
def model_folder(settings: Settings) -> ModelFolder:
    """The default model, decoded into the user's cache when it is not there."""
    from iio_kg.index.models import obtain_model

    return obtain_model(settings.model, settings.cache_dir, settings.model_source)


@pytest.fixture(scope="session")
def encoder(settings: Settings) -> WindowedEncoder:
    """The default encoder, as index and questions are encoded by it."""
    from iio_kg.index.models import load_encoder, obtain_encoder

    return load_encoder(obtain_encoder(settings.model, settings.cache_dir, settings.model_source))


@pytest.fixture(scope="session")
def snapshot(settings: Settings, model_folder: ModelFolder) -> Snapshot:
    """A snapshot of the shipped corpus."""
    from iio_kg.build import build
    from iio_kg.snapshot import open_snapshot

    build(settings)
    return open_snapshot(settings.data_dir)


@pytest.fixture(scope="session")
def engine(snapshot: Snapshot, encoder: WindowedEncoder) -> Engine:
    """Answers questions over the shipped corpus."""
    from iio_kg.ask.engine import Engine

    return Engine(snapshot, encoder)


@pytest.fixture(scope="session")
def asked(snapshot: Snapshot, encoder: WindowedEncoder) -> tuple[Asked, ...]:
    """The answer to every question of the set; each is asked once, for all tests that look at them."""
    from iio_kg.ask.engine import Engine
    from iio_kg.evaluate.outcome import ask_all
    from iio_kg.evaluate.questions import read_questions
    from iio_kg.evaluate.ranking import DEPTH

    texts = {document.id: document.text for document in snapshot.content.documents}
    questions = read_questions(ROOT / "tests" / "questions", "all", texts)
    return ask_all(Engine(snapshot, encoder, citations=DEPTH), questions)


@pytest.fixture(scope="session")
def server(settings: Settings, snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site on a free port of the loopback address, without a rate limit."""
    running = start_server(settings, tmp_path_factory.mktemp("server"), "--no-rate-limit")
    yield running
    stop_server(running)
