"""Models of a few kilobytes with random weights, for tests of what is done with models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "de het een leraar werkdruk daalde school scholen slimfit pupils teachers the of q and <s> ##en ##s".split()


def make_model(folder: Path, kind: str, pooling: str, *, template: str = "<s> $A </s>", dense: bool = False) -> Path:
    """A tiny sentence-transformers folder with random weights and no prompts."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
    from transformers import AutoModel

    base = folder / "base"
    AutoModel.from_config(_write_base(base, kind, template)).save_pretrained(base)
    modules: list[Any] = [Transformer(str(base), max_seq_length=64), Pooling(32, pooling_mode=pooling)]
    if dense:
        modules.append(Dense(32, 16))
    model = SentenceTransformer(modules=[*modules, Normalize()], device="cpu")
    model.save(str(folder / "model"), create_model_card=False)
    return folder / "model"


def make_cross_encoder(folder: Path, outputs: int = 1) -> Path:
    """A tiny cross-encoder with random weights."""
    from transformers import AutoModelForSequenceClassification

    config = _write_base(folder, "bert", "<s> $A </s>", num_labels=outputs)
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    return folder


def _write_base(base: Path, kind: str, template: str, **more: Any) -> Any:
    """Write a tokenizer; gives the configuration of a tiny model for it."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import AutoConfig, PreTrainedTokenizerFast

    torch.manual_seed(1)
    letters = list(dict.fromkeys("".join(WORDS) + "abcdefghijklmnopqrstuvwxyz."))
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    if kind == "bert":
        pieces = list(dict.fromkeys([*special, *WORDS, *letters, *(f"##{c}" for c in letters)]))
        tokenizer = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="<unk>"))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    else:
        pieces = list(dict.fromkeys([*special, *(f"▁{w}" for w in WORDS), "▁", *letters]))
        scored = [(piece, -float(i)) for i, piece in enumerate(pieces)]
        tokenizer = Tokenizer(models.Unigram(scored, unk_id=3, byte_fallback=False))
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=[("<s>", 0), ("</s>", 2)])
    config = AutoConfig.for_model(
        kind,
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=70,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        **more,
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=64,
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(base)
    return config
