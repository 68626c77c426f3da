"""Learning a small change to an encoder from claims and the questions that they answer.

A question and the claim that it answers are drawn together, and away from the other claims of a batch (in-batch
negatives: M. Henderson et al., "Efficient Natural Language Response Suggestion for Smart Reply", 2017). The claim is
shown as its statement in either language, as another question that it answers, or as the words that it rests on. No
question of the question sets is among them.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np

from iio_kg.errors import ModelError
from iio_kg.index.adapter import Adapter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from iio_kg.graph.claims import Claim
    from iio_kg.index.adapter import Half

#: How wide the narrow matrices are, and how many questions are in a batch.
_RANK, _BATCH = 8, 40
_RATE, _WARM_UP, _LAST_RATE = 2e-3, 20, 0.03
#: By what cosines are divided before the softmax; texts longer than so many tokens are cut.
_TEMPERATURE, _TOKENS = 0.05, 40
#: How often a claim is shown as its statement in the language of the question, in the other, as another question that
#: it answers, and else as a quotation.
_SHOWN = (0.35, 0.2, 0.25)


def learn(
    folder: Path,
    claims: Sequence[Claim],
    *,
    steps: int = 300,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> Adapter:
    """Learn an adapter from claims that have questions.

    Args:
        folder: A sentence-transformers folder of a model with mean pooling.
        claims: The claims.
        steps: How many batches are looked at; one takes a second or two on two processors.
        progress: Is told how many steps of how many are done.

    Raises:
        ModelError: The model cannot be loaded, or too few claims have questions.
    """
    import torch

    from iio_kg.index.encoder import SentenceTransformerEncoder

    asked = [claim for claim in claims if any(claim.questions.values())]
    if len(asked) < _BATCH:
        raise ModelError(
            f"{len(asked)} claims have questions, and {_BATCH} are needed.",
            "Write iio:answersQuestion for more of them.",
        )
    torch.manual_seed(0)
    encoder = SentenceTransformerEncoder(folder, "")
    layers = encoder.modules[0].auto_model
    layers.requires_grad_(requires_grad=False)
    # Both halve the time where the processor multiplies bfloat16, and the slopes through fused attention are slow.
    layers.set_attn_implementation("eager")
    if getattr(torch.cpu, "_is_amx_tile_supported", bool)():  # has no public name, and may lose this one
        layers.to(torch.bfloat16)
    added = _add_narrow(layers)
    parameters = [matrix for pair in added.values() for matrix in pair]
    optimiser = torch.optim.AdamW(parameters, lr=_RATE, weight_decay=0.0)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / _WARM_UP, 1.0) * max(_LAST_RATE, 1 - step / steps)
    )
    batches = _Batches(asked)
    for step in range(steps):
        questions, shown = batches.draw()
        vectors = _encode(encoder, [encoder.query_prompt + text for text in questions])
        targets = _encode(encoder, [encoder.passage_prompt + text for text in shown])
        cosines = vectors @ targets.T / _TEMPERATURE
        right = torch.arange(len(questions))
        entropy = torch.nn.functional.cross_entropy
        loss = (entropy(cosines, right) + entropy(cosines.T, right)) / 2
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        rate.step()
        progress(step + 1, steps)

    def half(matrix: Any) -> Half:
        values: Half = matrix.detach().numpy().astype(np.float16)
        return values

    return Adapter({name: (half(down), half(up)) for name, (down, up) in added.items()})


def _add_narrow(layers: Any) -> dict[str, tuple[Any, Any]]:
    """Add the two narrow matrices to every matrix of the layers; gives them by the name of the layer."""
    import torch

    added = {}
    for name, module in layers.named_modules():
        if not isinstance(module, torch.nn.Linear) or ".layer." not in f".{name}.":
            continue
        down = torch.nn.Parameter(torch.randn(_RANK, module.in_features) / module.in_features**0.5)
        up = torch.nn.Parameter(torch.zeros(module.out_features, _RANK))
        added[name] = (down, up)

        def add(_module: Any, inputs: Any, output: Any, down: Any = down, up: Any = up) -> Any:
            kind = output.dtype
            return output + inputs[0] @ down.T.to(kind) @ up.T.to(kind)

        module.register_forward_hook(add)
    return added


class _Batches:
    """Draws questions with what answers them, no claim twice in a batch; all questions once before any again."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._draw = random.Random(0)  # noqa: S311  (the same batches every time)
        self._claims = claims
        self._all = [
            (number, language, question)
            for number, claim in enumerate(claims)
            for language, questions in claim.questions.items()
            for question in questions
        ]
        self._waiting: list[tuple[int, str, str]] = []

    def draw(self) -> tuple[list[str], list[str]]:
        """Questions, and for each what stands for its claim."""
        batch: dict[int, tuple[str, str]] = {}
        set_aside = []
        while len(batch) < _BATCH:
            if not self._waiting:
                self._waiting = self._draw.sample(self._all, len(self._all))
            number, language, question = self._waiting.pop()
            if number in batch:
                set_aside.append((number, language, question))
            else:
                batch[number] = (question, self._show(self._claims[number], language, question))
        self._waiting += set_aside
        questions, shown = zip(*batch.values(), strict=True)
        return list(questions), list(shown)

    def _show(self, claim: Claim, language: str, question: str) -> str:
        same, other, asked = _SHOWN
        chance = self._draw.random()
        if chance < same:
            return claim.statements[language]
        if chance < same + other:
            return next(text for spoken, text in claim.statements.items() if spoken != language)
        others = [text for texts in claim.questions.values() for text in texts if text != question]
        if others and chance < same + other + asked:
            return self._draw.choice(others)
        return self._draw.choice(claim.quotations).text


def _encode(encoder: Any, texts: list[str]) -> Any:
    """Normalised means of the last states of tokens, with what is needed to learn from them."""
    import torch

    tokens = encoder.tokenizer(texts, padding=True, truncation=True, max_length=_TOKENS, return_tensors="pt")
    states = encoder.modules[0].auto_model(**tokens).last_hidden_state.float()
    mask = tokens["attention_mask"][..., None].float()
    return torch.nn.functional.normalize((states * mask).sum(dim=1) / mask.sum(dim=1), dim=1)
