"""The optional cross-encoder that re-ranks what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iio_kg.ask.engine import Engine, open_engine
from iio_kg.errors import ModelError
from iio_kg.index.rerank import CrossEncoderReranker
from tiny_models import make_cross_encoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from iio_kg.config import Settings
    from iio_kg.index.encoder import WindowedEncoder
    from iio_kg.snapshot import Snapshot

QUESTION = "Wat deed SlimFit met de werkdruk?"


class Keeping:
    """A real cross-encoder, and what it was last asked and said."""

    def __init__(self, folder: Path) -> None:
        self._inner = CrossEncoderReranker(str(folder))
        self.texts: Sequence[str] = ()
        self.said = np.empty(0, np.float32)

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts, self.said = texts, self._inner.relevance(question, texts)
        return self.said


@pytest.mark.model
def test_the_best_are_put_in_order_of_score_and_relevance_together(
    snapshot: Snapshot, encoder: WindowedEncoder, engine: Engine, tmp_path: Path
) -> None:
    reranker = Keeping(make_cross_encoder(tmp_path))
    reranked = Engine(snapshot, encoder, reranker=reranker).retrieve(QUESTION, "nl").found
    before = engine.retrieve(QUESTION, "nl").found
    read = len(reranker.texts)
    assert 1 < read < len(before)
    assert ((reranker.said > 0) & (reranker.said < 1)).all()
    assert before[0].claim is not None
    claim = snapshot.content.claims[before[0].claim]
    passage = snapshot.content.passages[before[0].passage]
    assert reranker.texts[0] == f"{claim.statements['nl']}\n{passage.section}\n{passage.text}"
    together = [(-found.score - said, found) for found, said in zip(before, reranker.said.tolist(), strict=False)]
    expected = [found for _, found in sorted(together, key=lambda pair: pair[0])]
    assert [found.passage for found in reranked[:read]] == [found.passage for found in expected]
    assert reranked[read:] == before[read:]


@pytest.mark.model
def test_the_setting_loads_one_and_says_what_is_wrong_with_another(
    settings: Settings, snapshot: Snapshot, tmp_path: Path
) -> None:
    folder = make_cross_encoder(tmp_path / "one")
    answer = open_engine(settings.with_options(reranker=str(folder))).ask(QUESTION)
    assert answer.snapshot == snapshot.id
    with pytest.raises(ModelError, match="has 3 outputs"):
        CrossEncoderReranker(str(make_cross_encoder(tmp_path / "three", outputs=3)))
    with pytest.raises(ModelError, match="cannot be loaded"):
        CrossEncoderReranker(str(tmp_path / "nowhere"))
