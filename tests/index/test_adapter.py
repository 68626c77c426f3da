"""The change of an encoder that is learned from claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iio_kg.errors import ModelError
from iio_kg.index.adapt import _Batches, learn
from iio_kg.index.adapter import AUTO, Adapter, digest, find_adapter, shipped
from iio_kg.index.encoder import SentenceTransformerEncoder
from iio_kg.index.models import DEFAULT_MODEL, find_encoder, load_encoder, obtain_encoder
from iio_kg.index.onnx import OnnxEncoder
from tiny_models import make_model

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.build import Material
    from iio_kg.config import Settings
    from iio_kg.snapshot import Snapshot


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("model"), "bert", "mean")


@pytest.fixture(scope="module")
def adapter(model: Path, material: Material) -> Adapter:
    return learn(model, material.claims, steps=300)


def adapted(model: Path, adapter: Adapter) -> SentenceTransformerEncoder:
    encoder = SentenceTransformerEncoder(model, "")
    adapter.put_into(encoder.modules[0].auto_model)
    return encoder


@pytest.mark.model
def test_questions_come_nearer_to_their_claims_than_to_others(
    model: Path, adapter: Adapter, material: Material
) -> None:
    asked = [claim for claim in material.claims if claim.questions.get("nl")]
    questions, statements = [c.questions["nl"][0] for c in asked], [c.statements["nl"] for c in asked]

    def ahead(encoder: SentenceTransformerEncoder) -> float:
        cosines = encoder.encode_queries(questions) @ encoder.encode_passages(statements).T
        own, spread = np.diag(cosines), cosines.std(axis=1)
        return float(((own - cosines.mean(axis=1)) / spread).mean())

    assert ahead(adapted(model, adapter)) > ahead(SentenceTransformerEncoder(model, "")) + 0.03


@pytest.mark.model
def test_it_is_written_whole_and_read_again(adapter: Adapter, tmp_path: Path) -> None:
    path = tmp_path / "adapter.npz"
    adapter.save(path)
    again = Adapter.load(path)
    assert adapter.layers.keys() == again.layers.keys()
    for name, pair in adapter.layers.items():
        assert all(np.array_equal(one, other) for one, other in zip(pair, again.layers[name], strict=True))
    assert find_adapter(str(path), "any") == path
    assert find_adapter("", DEFAULT_MODEL) is None
    assert find_adapter(AUTO, "nobody/unknown") is None


@pytest.mark.model
def test_an_export_has_it_and_is_told_from_one_without(model: Path, adapter: Adapter, tmp_path: Path) -> None:
    path, cache = tmp_path / "adapter.npz", tmp_path / "cache"
    adapter.save(path)
    plain = obtain_encoder(str(model), cache)
    changed = obtain_encoder(str(model), cache, adapter=str(path))
    assert changed.name == f"{model}+{digest(path)}"
    assert changed.fingerprint != plain.fingerprint
    assert find_encoder(str(model), cache, str(path)) == changed
    assert find_encoder(str(model), cache) == plain
    texts = ["de leraren", "werkdruk op school", "pupils and teachers"]
    ours, theirs = load_encoder(changed), adapted(model, adapter)
    assert isinstance(ours, OnnxEncoder)
    assert (ours.encode_queries(texts) * theirs.encode_queries(texts)).sum(axis=1).min() >= 0.999
    assert (ours.encode_queries(texts) * load_encoder(plain).encode_queries(texts)).sum(axis=1).max() < 0.999


@pytest.mark.model
def test_what_cannot_be_used_is_refused_in_a_sentence(adapter: Adapter, material: Material, tmp_path: Path) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"no archive")
    with pytest.raises(ModelError, match="cannot be read"):
        Adapter.load(broken)
    with pytest.raises(ModelError, match="is not there"):
        find_adapter(str(tmp_path / "nowhere.npz"), "any")
    other = SentenceTransformerEncoder(make_model(tmp_path, "mpnet", "mean"), "")
    with pytest.raises(ModelError, match="does not fit"):
        adapter.put_into(other.modules[0].auto_model)
    with pytest.raises(ModelError, match="claims have questions"):
        learn(tmp_path / "model", material.claims[:3], steps=1)


@pytest.mark.model
def test_the_default_model_has_one_that_the_snapshot_names(settings: Settings, snapshot: Snapshot) -> None:
    assert snapshot.manifest.model == f"{settings.model}+{digest(shipped(DEFAULT_MODEL))}"
    assert shipped(DEFAULT_MODEL).stat().st_size < 2_000_000


def test_batches_never_hold_a_claim_twice_and_show_every_question_before_any_again(material: Material) -> None:
    claims = [claim for claim in material.claims if any(claim.questions.values())][:50]
    questions = sorted(text for claim in claims for texts in claim.questions.values() for text in texts)
    owners = {text: claim.iri for claim in claims for texts in claim.questions.values() for text in texts}
    batches = _Batches(claims)
    drawn: list[str] = []
    # Claims have from 8 to 74 questions, and a batch one of each at most.
    while len(drawn) < 4 * len(questions):
        batch, shown = batches.draw()
        assert len({owners[text] for text in batch}) == len(batch) == len(shown)
        assert not any(question == text for question, text in zip(batch, shown, strict=True))
        drawn += batch
    assert {text: owners[text] for text in drawn} == owners
