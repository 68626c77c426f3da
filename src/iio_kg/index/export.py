"""Exporting a sentence-transformers folder once, so that serving needs no PyTorch.

The layers become an ONNX graph that takes word vectors and a mask and gives the pooled vector: whatever pooling and
whatever dense layers the folder has are traced with it. What was written is then held against the model itself; an
export that gives other ids or other vectors is not used.
"""

from __future__ import annotations

import contextlib
import json
import os
import warnings
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from iio_kg.errors import ModelError
from iio_kg.index.onnx import (
    GRAPH_FILE,
    HEAD_FILE,
    INPUTS,
    OUTPUT,
    TABLE_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    Head,
    OnnxEncoder,
)
from iio_kg.index.unigram import PIECES_FILE, SCORES_FILE, SKELETON_FILE, UnigramTokenizer, write_unigram

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iio_kg.index.encoder import SentenceTransformerEncoder

#: Lowest cosine between a vector of the export and one of the model.
AGREEMENT = 0.9999
_OPSET = 17
#: Largest number that float16 holds.
_HALF = 65504.0

_LONG_NL = "De leraren werken in teams en de onderwijsassistent neemt taken over, zodat er tijd is voor de leerlingen. "
_LONG_EN = "The teachers' workload fell by 3 % when films replaced a part of the lessons, but grades stayed the same. "
#: Texts on which an export must agree with its model: both languages, short and long, letters few models know.
PROBES = (
    "",
    " ",
    "werkdruk",
    "Wat deed SlimFit met de Cito-scores?",
    "how many schools took part",
    "wat is n PAL??  vmbo-t\tEN havo\r\n",
    "zee-eend coördinatie naïef financiële ĳ́ blĳ́f",
    "ﬁ ligatuur ½ ² ™ ℡ ＦＵＬＬ　ｗｉｄｔｈ",
    "🦖🏳️‍🌈👩‍👩‍👧 你好 世界 𒀀𒀁 عربى अनुच्छेद",
    "a\u200bb\u00adc\ufeffd \x01\x02 x …–—‘’“”",
    "<s> hoi </s> [CLS] [MASK] <mask> <unk> [SEP]",
    "a" * 400,
    _LONG_NL,
    _LONG_EN,
    _LONG_NL * 4,
    _LONG_EN * 6,
    (_LONG_NL + _LONG_EN) * 20,
)


class CannotExportError(Exception):
    """This model cannot be exported; the message says why."""


def export_model(source: Path, target: Path) -> None:
    """Write what `OnnxEncoder` opens.

    Args:
        source: A sentence-transformers folder.
        target: An empty folder.

    Raises:
        CannotExportError: The model is of a form that cannot be exported, or its export does not agree with it.
        ModelError: The model cannot be loaded.
    """
    from iio_kg.index.encoder import SentenceTransformerEncoder

    model = SentenceTransformerEncoder(source, "")
    try:
        _write_tokenizer(model, target)
        before, after = _around(model)
        _write_graph(model, target)
    except CannotExportError:
        raise
    except Exception as error:  # a model of foreign make may fail anywhere in the exporter
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CannotExportError(f"its layers cannot be traced: {first}") from error
    head = Head(model.window, model.dimension, model.query_prompt, model.passage_prompt, before, after)
    (target / HEAD_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(head), indent=1))
    _require_agreement(model, target)


def _write_tokenizer(model: SentenceTransformerEncoder, target: Path) -> None:
    """Write the small tokenizer where it gives the same ids, or else the library's."""
    library = getattr(model.tokenizer, "backend_tokenizer", None)
    if library is None:
        raise CannotExportError("its tokenizer is not one of the tokenizers library")
    library.no_padding()
    library.no_truncation()
    if write_unigram(json.loads(library.to_str()), target):
        small = UnigramTokenizer(target)
        if all(small.ids(text) == library.encode(text, add_special_tokens=False).ids for text in PROBES):
            return
        for name in (SKELETON_FILE, PIECES_FILE, SCORES_FILE):
            (target / name).unlink()
    library.save(str(target / TOKENIZER_FILE))


def _around(model: SentenceTransformerEncoder) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The ids a model wants before and after those of a text."""
    text = "word"
    whole = model.token_ids(text)
    bare: list[int] = model.tokenizer(text, add_special_tokens=False)["input_ids"]
    for start in range(len(whole) - len(bare) + 1):
        if whole[start : start + len(bare)] == bare:
            return tuple(whole[:start]), tuple(whole[start + len(bare) :])
    raise CannotExportError("its tokenizer changes a text that stands between special tokens")


def _write_graph(model: SentenceTransformerEncoder, target: Path) -> None:
    """Trace the layers and write them, and the table of word vectors beside them."""
    import torch

    transformer, *rest = model.modules
    layers = transformer.auto_model.float()
    layers.set_attn_implementation("eager")

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = layers
            self.rest = torch.nn.ModuleList(rest).float()

        def forward(self, embeddings: Any, mask: Any) -> Any:
            tokens = self.layers(inputs_embeds=embeddings, attention_mask=mask)[0]
            features = {"token_embeddings": tokens, "attention_mask": mask}
            for module in self.rest:
                features = module(features)
            return features["sentence_embedding"]

    with torch.inference_mode():
        embed = layers.get_input_embeddings()
        # Through the layer and not from its weights: some models scale there.
        table = embed(torch.arange(embed.num_embeddings)).float().numpy()
    half = np.abs(table).max() < _HALF
    np.save(target / TABLE_FILE, table.astype(np.float16) if half else table)
    mask = torch.ones(2, 7, dtype=torch.int64)
    mask[1, 5:] = 0
    axes = {0: "texts", 1: "tokens"}
    with _quiet(), torch.no_grad():
        torch.onnx.export(
            Graph().eval(),
            (torch.tensor(table[:14].reshape(2, 7, -1)), mask),
            str(target / GRAPH_FILE),
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_axes={INPUTS[0]: axes, INPUTS[1]: axes, OUTPUT: {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,  # the newer exporter is slower by seconds, needs onnxscript, and gives the same graph
        )
    _part_weights(target)


def _part_weights(target: Path) -> None:
    """Move the weights of a graph into a file beside it."""
    import onnx

    path = str(target / GRAPH_FILE)
    onnx.save_model(onnx.load(path), path, save_as_external_data=True, location=WEIGHTS_FILE, size_threshold=1024)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's remarks on tracing to itself."""
    with warnings.catch_warnings(), open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        warnings.simplefilter("ignore")
        yield


def _require_agreement(model: SentenceTransformerEncoder, folder: Path) -> None:
    """Hold an export against its model.

    Raises:
        CannotExportError: Its vectors differ, or a text is cut into other tokens.
    """
    try:
        export = OnnxEncoder(folder, "")
        for text in PROBES:
            if export.token_ids(text) != model.token_ids(text):
                raise CannotExportError(f"its tokens differ from the model's for the text {text[:40]!r}")
        pairs = (
            (export.encode_queries(PROBES), model.encode_queries(PROBES)),
            (export.encode_passages(PROBES), model.encode_passages(PROBES)),
        )
    except (ModelError, RuntimeError, ValueError) as error:
        raise CannotExportError(f"what was written cannot be run ({error})") from error
    lowest = min(float((ours * theirs).sum(axis=1).min()) for ours, theirs in pairs)
    if not lowest >= AGREEMENT:
        raise CannotExportError(f"its vectors differ from the model's (cosine {lowest:.4f})")
