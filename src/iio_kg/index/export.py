"""Exporting a sentence-transformers folder once, so that serving needs no PyTorch.

The layers become an ONNX graph that takes word vectors and a mask and gives the pooled vector: whatever pooling and
whatever dense layers the folder has are traced with it. What was written is then held against the model itself; an
export that gives other ids or other vectors is not used. Its weights are put into 8 bits where that hardly changes a
vector (`iio_kg.index.quantise`).
"""

from __future__ import annotations

import contextlib
import json
import os
import warnings
from functools import partial
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
from iio_kg.index.quantise import quantise
from iio_kg.index.unigram import PIECES_FILE, SCORES_FILE, SKELETON_FILE, UnigramTokenizer, write_unigram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iio_kg.index.adapter import Adapter
    from iio_kg.index.encoder import Encoder, SentenceTransformerEncoder, Vectors
    from iio_kg.index.quantise import Samples

#: Lowest cosine between a vector of the export and one of the model.
AGREEMENT = 0.9999
#: How far weights in 8 bits may move a vector, as a part of how far apart two texts usually are; what is moved further
#: keeps float32. A bare cosine would not do: some models crowd all texts between 0.7 and 1, others use the whole range.
MOVED_INT8 = 0.01
#: Most bytes of weights that fit a graph in one piece, of which there are 2 GiB.
_MOST_AT_ONCE = 2_000_000_000
_OPSET = 17
#: Largest number that float16 holds.
_HALF = 65504.0
#: In place of a distance of nothing.
_TINY = 1e-12

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


def export_model(source: Path, target: Path, adapter: Adapter | None = None) -> None:
    """Write what `OnnxEncoder` opens.

    Args:
        source: A sentence-transformers folder.
        target: An empty folder.
        adapter: Is put into the layers of the model first.

    Raises:
        CannotExportError: The model is of a form that cannot be exported, or its export does not agree with it.
        ModelError: The model cannot be loaded, or the adapter does not fit it.
    """
    from iio_kg.index.encoder import SentenceTransformerEncoder

    model = SentenceTransformerEncoder(source, "")
    if adapter is not None:
        adapter.put_into(model.modules[0].auto_model)
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
    expected = _probe(model)
    _require_agreement(model, expected, target)
    _fuse_attention(model, expected, target)
    _write_int8(expected, target)


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

    _write_parted(onnx.load(str(target / GRAPH_FILE)), target)


def _write_parted(graph: Any, target: Path) -> None:
    """Write a graph, and its weights into a file beside it."""
    import onnx

    (target / WEIGHTS_FILE).unlink(missing_ok=True)
    path = str(target / GRAPH_FILE)
    onnx.save_model(graph, path, save_as_external_data=True, location=WEIGHTS_FILE, size_threshold=1024)


def _fuse_attention(model: SentenceTransformerEncoder, expected: Vectors, folder: Path) -> None:
    """Write the attention of each layer as one operation, where that is possible and changes nothing.

    Tracing gives some thirty small operations a layer, which take a question as long as a quarter of its products.
    """
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.optimizer import optimize_model

    config = model.modules[0].auto_model.config
    options = FusionOptions("bert")
    options.use_multi_head_attention = True
    # Slower on a processor than the two operations that it takes the place of.
    options.enable_skip_layer_norm = options.enable_bias_skip_layer_norm = False

    def fused(graph: Any) -> Any:
        del graph  # the optimiser reads the file
        with _quiet():
            optimised = optimize_model(
                str(folder / GRAPH_FILE),
                model_type="bert",
                num_heads=config.num_attention_heads,
                hidden_size=config.hidden_size,
                optimization_options=options,
                opt_level=1,
            )
        return optimised.model

    _rewrite(folder, fused, lambda vectors: _agreement(vectors, expected) >= AGREEMENT)


def _write_int8(expected: Vectors, folder: Path) -> None:
    """Put the weights of an export into 8 bits, unless that changes its vectors too much."""
    if (folder / WEIGHTS_FILE).stat().st_size > _MOST_AT_ONCE:
        return
    float32 = OnnxEncoder(folder, "")
    prompts = dict.fromkeys((float32.query_prompt, float32.passage_prompt))
    samples = [each for prompt in prompts for text in PROBES for each in float32.inputs(prompt + text)]

    # Attentions of foreign make may not let themselves be merged; their products can be made one by one.
    for whole_attention in (True, False):
        if _rewrite(
            folder,
            partial(_in_8_bits, samples=samples, whole_attention=whole_attention),
            lambda vectors: _moved(vectors, expected) <= MOVED_INT8,
        ):
            return


def _in_8_bits(graph: Any, samples: Samples, *, whole_attention: bool) -> Any:
    quantise(graph, samples, whole_attention=whole_attention)
    return graph


def _rewrite(folder: Path, change: Callable[[Any], Any], accept: Callable[[Vectors], bool]) -> bool:
    """Change the graph of an export; what fails, or gives vectors that are not accepted, is undone.

    Layers of foreign make may not let themselves be changed, and are then left as they were traced.

    Returns:
        Whether it was changed.
    """
    import onnx

    before = onnx.load(str(folder / GRAPH_FILE))
    try:
        after = onnx.ModelProto()
        after.CopyFrom(before)
        _write_parted(change(after), folder)
        kept = accept(_probe(OnnxEncoder(folder, "")))
    except Exception:  # the optimiser raises whatever its patterns stumble over
        kept = False
    if not kept:
        _write_parted(before, folder)
    return kept


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's remarks on tracing to itself."""
    with warnings.catch_warnings(), open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        warnings.simplefilter("ignore")
        yield


def _require_agreement(model: SentenceTransformerEncoder, expected: Vectors, folder: Path) -> None:
    """Hold an export against its model.

    Raises:
        CannotExportError: Its vectors differ, or a text is cut into other tokens.
    """
    try:
        export = OnnxEncoder(folder, "")
        for text in PROBES:
            if export.token_ids(text) != model.token_ids(text):
                raise CannotExportError(f"its tokens differ from the model's for the text {text[:40]!r}")
        lowest = _agreement(_probe(export), expected)
    except (ModelError, RuntimeError, ValueError) as error:
        raise CannotExportError(f"what was written cannot be run ({error})") from error
    if not lowest >= AGREEMENT:
        raise CannotExportError(f"its vectors differ from the model's (cosine {lowest:.4f})")


def _probe(encoder: Encoder) -> Vectors:
    """The vectors of the probes, as questions and then as passages."""
    return np.concatenate([encoder.encode_queries(PROBES), encoder.encode_passages(PROBES)])


def _agreement(vectors: Vectors, expected: Vectors) -> float:
    """The lowest cosine between a vector and what it should be."""
    return float((vectors * expected).sum(axis=1).min())


def _moved(vectors: Vectors, expected: Vectors) -> float:
    """The largest distance (1 - cosine) of a vector from what it should be, by the mean distance of different texts."""
    count = len(expected)
    between = float(1 - ((expected @ expected.T).sum() - count) / (count * (count - 1)))
    return (1 - _agreement(vectors, expected)) / max(between, _TINY)
