"""The exported encoder against the model it was made from, for the default model and for others."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hard_texts import HARD

from iio_kg.ask.engine import Engine, open_engine
from iio_kg.build import build
from iio_kg.errors import ModelError, SnapshotError
from iio_kg.index.adapter import Adapter, shipped
from iio_kg.index.encoder import SentenceTransformerEncoder, batches
from iio_kg.index.export import PROBES, export_model
from iio_kg.index.models import (
    DEFAULT_MODEL,
    MARKER,
    export_folder,
    find_encoder,
    find_model,
    load_encoder,
    obtain_encoder,
    verify,
)
from iio_kg.index.onnx import GRAPH_FILE, HEAD_FILE, WEIGHTS_FILE, OnnxEncoder
from tiny_models import make_model

if TYPE_CHECKING:
    from iio_kg.build import Material
    from iio_kg.config import Settings
    from iio_kg.index.encoder import WindowedEncoder
    from iio_kg.snapshot import Snapshot
    from support import Server


@pytest.fixture(scope="module")
def reference(settings: Settings, encoder: WindowedEncoder) -> SentenceTransformerEncoder:
    """The default model with its adapter, run by PyTorch."""
    model = find_model(settings.model, settings.cache_dir)
    assert model is not None
    made = SentenceTransformerEncoder(model.path, model.fingerprint)
    Adapter.load(shipped(DEFAULT_MODEL)).put_into(made.modules[0].auto_model)
    return made


@pytest.mark.model
def test_vectors_are_those_of_the_model(
    encoder: WindowedEncoder, reference: SentenceTransformerEncoder, material: Material
) -> None:
    assert isinstance(encoder, OnnxEncoder)
    dutch = [passage.text for passage in material.passages[:40]]
    english = [claim.statements["en"] for claim in material.claims[:20]]
    questions = ["werkdruk", "how many schools", "Wat deed SlimFit met de examencijfers op de havo?"]
    whole = material.documents[0].text
    assert len(encoder.token_ids(whole)) > 512
    passages, asked = [*dutch, *english, whole], [*questions, *english]
    for ours, theirs in (
        (encoder.encode_passages(passages), reference.encode_passages(passages)),
        (encoder.encode_queries(asked), reference.encode_queries(asked)),
    ):
        assert ours.dtype == np.float32
        assert (ours * theirs).sum(axis=1).min() >= 0.993
        assert (ours * theirs).sum(axis=1).mean() >= 0.998


@pytest.mark.model
def test_a_vector_does_not_depend_on_the_texts_encoded_with_its_own(
    encoder: WindowedEncoder, material: Material
) -> None:
    texts = [passage.text for passage in material.passages[:30]]
    # Of one length, so that they share a batch; a scale for a whole batch would shift them by 0.01 and more.
    texts += [" ".join(text.split()[:12]) for text in texts]
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts])
    assert np.abs(encoder.encode_passages(texts) - alone).max() <= 1e-5


@pytest.mark.model
def test_tokens_are_those_of_the_library(encoder: WindowedEncoder, reference: SentenceTransformerEncoder) -> None:
    draw = random.Random(5)
    ranges = [(0x20, 0x7F), (0x20, 0x24F), (0x300, 0x36F), (0x2000, 0x2FFF), (0x4E00, 0x9FFF), (0x1F300, 0x1FAFF)]
    texts = [*HARD, "<s> hoi </s>", "a <mask> b"]
    for _ in range(3000):
        texts.append("".join(chr(draw.randint(*draw.choice(ranges))) for _ in range(draw.randint(1, 40))))
    for text in texts:
        assert encoder.token_ids(text) == reference.token_ids(text), repr(text)


@pytest.mark.model
@pytest.mark.parametrize(
    ("kind", "pooling", "dense"),
    [("bert", "cls", False), ("xlm-roberta", "mean", True), ("mpnet", "lasttoken", False), ("bert", "max", False)],
)
def test_other_models_give_the_same_vectors_exported(tmp_path: Path, kind: str, pooling: str, *, dense: bool) -> None:
    name = str(make_model(tmp_path, kind, pooling, dense=dense))
    said: list[str] = []
    folder = obtain_encoder(name, tmp_path / "cache", report=said.append)
    assert not [line for line in said if "Warning" in line]
    export, model = load_encoder(folder), SentenceTransformerEncoder(Path(name), "")
    assert isinstance(export, OnnxEncoder)
    assert export.dimension == model.dimension == (16 if dense else 32)
    texts = ["", "werkdruk", "De werkdruk daalde.", "Teachers of the school and <mask> pupils. " * 30]
    assert (export.encode_queries(texts) * model.encode_queries(texts)).sum(axis=1).min() >= 0.999
    # Without prompts a question and a passage of the same words are the same.
    assert np.allclose(export.encode_queries(texts), export.encode_passages(texts), atol=1e-6)
    again: list[str] = []
    assert obtain_encoder(name, tmp_path / "cache", report=again.append) == folder
    assert again == []


@pytest.mark.model
def test_weights_are_put_into_8_bits_only_where_vectors_stay_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model(tmp_path, "bert", "mean")
    expected = SentenceTransformerEncoder(model, "").encode_queries(PROBES)
    for name, allowed in (("int8", 0.01), ("float32", -1.0)):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.setattr("iio_kg.index.export.MOVED_INT8", allowed)
        export_model(model, folder)
        for operator in (b"DynamicQuantizeMatMul", b"QAttention"):
            assert (operator in (folder / GRAPH_FILE).read_bytes()) == (name == "int8")
        assert (OnnxEncoder(folder, "").encode_queries(PROBES) * expected).sum(axis=1).min() >= 0.999


@pytest.mark.model
def test_a_model_that_cannot_be_exported_is_run_as_it_is(tmp_path: Path) -> None:
    # A text that stands between the special tokens twice cannot be cut into windows.
    name = str(make_model(tmp_path, "bert", "mean", template="<s> $A </s> $A"))
    said: list[str] = []
    folder = obtain_encoder(name, tmp_path / "cache", report=said.append)
    assert "cannot be exported" in said[-1]
    assert folder.path == Path(name)
    assert isinstance(load_encoder(folder), SentenceTransformerEncoder)
    assert find_encoder(name, tmp_path / "cache") == folder


@pytest.mark.model
def test_another_model_builds_and_answers_and_the_index_refuses_any_but_its_own(
    settings: Settings, encoder: WindowedEncoder, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(settings.corpus / "factsheet-2015", corpus / "factsheet-2015")
    other = settings.with_options(
        model=str(make_model(tmp_path, "bert", "cls")),
        corpus=corpus,
        data_dir=tmp_path / "data",
        cache_dir=tmp_path / "cache",
    )
    assert find_encoder(other.model, other.cache_dir) is None
    build(other)
    engine = open_engine(other)
    assert engine.ask("Wat deed SlimFit met de werkdruk?").citations
    with pytest.raises(SnapshotError, match="made with another model"):
        Engine(engine.snapshot, encoder)
    with pytest.raises(SnapshotError, match="made with another model"):
        open_engine(settings.with_options(data_dir=other.data_dir))


@pytest.mark.model
def test_a_damaged_export_is_refused_and_a_half_written_one_is_not_seen(tmp_path: Path) -> None:
    name, cache = str(make_model(tmp_path, "bert", "mean")), tmp_path / "cache"
    model = find_model(name, cache)
    assert model is not None
    folder = export_folder(model, cache)
    half = folder.parent / f".{folder.name}-half"
    half.mkdir(parents=True)
    (half / HEAD_FILE).write_text("{}")
    assert find_encoder(name, cache) is None
    made = obtain_encoder(name, cache)
    verify(made)
    weights = folder / WEIGHTS_FILE
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ModelError, match="another checksum"):
        verify(made)
    weights.write_bytes(data[:-100])
    with pytest.raises(ModelError, match=rf"{WEIGHTS_FILE} has") as caught:
        find_encoder(name, cache)
    assert "Remove that folder and run 'iio-kg build'" in str(caught.value)
    (folder / MARKER).unlink()
    with pytest.raises(ModelError, match="list of files"):
        find_encoder(name, cache)


@pytest.mark.model
def test_answering_loads_no_pytorch_and_nothing_that_only_building_needs(
    settings: Settings, snapshot: Snapshot, server: Server
) -> None:
    program = (
        "import sys, json, pathlib\n"
        "from iio_kg.config import load_settings\n"
        "import iio_kg.serve.app\n"
        "from iio_kg.ask.engine import open_engine\n"
        f"settings = load_settings({{}}).with_options(data_dir=pathlib.Path({str(settings.data_dir)!r}))\n"
        "open_engine(settings).ask('Wat deed SlimFit met de Cito-scores?')\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(run.stdout))
    assert "onnxruntime" in loaded
    needless = {"torch", "transformers", "sentence_transformers", "onnx", "pyshacl", "scipy", "bm25s", "iio_kg.build"}
    assert not loaded & needless
    maps = Path(f"/proc/{server.process.pid}/maps")
    if maps.exists():
        assert "onnxruntime" in maps.read_text()
        assert "/torch/" not in maps.read_text()


def test_batches_hold_texts_of_like_lengths_and_each_text_once() -> None:
    lengths = [15, 6, 5, 6, 512, 500] + [100] * 70
    made = batches(lengths)
    assert sorted(number for batch in made for number in batch) == list(range(len(lengths)))
    assert max(map(len, made)) == 32
    assert sorted(made[0]) == [1, 2, 3]
    for batch in made:
        filled = len(batch) * max(lengths[number] for number in batch)
        assert filled <= 1.25 * sum(lengths[number] for number in batch)
