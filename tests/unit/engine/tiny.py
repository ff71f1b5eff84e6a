"""A very small checkpoint in the released layout: random weights that are always the same, and its own tokenizer."""

from __future__ import annotations

import io
import json
from pathlib import Path

from engine.gem.checkpoint import Checkpoint, write_checkpoint
from engine.gem.config import EcgSizes, GemConfig, LlamaSizes, VisionSizes
from engine.gem.prompt import GROUNDING, SYSTEM
from engine.gem.recipe import RandomWeights
from engine.image_values import ImageValues

CONFIG = GemConfig(
    llama=LlamaSizes(vocabulary=400, hidden=32, intermediate=48, layers=2, heads=4, kv_heads=2, positions=1024),
    ecg=EcgSizes(width=64, layers=2, head_width=16, mlp=128, embed=24),
    vision=VisionSizes(hidden=32, intermediate=64, layers=3, heads=2, patch=14, image=56),
    image=ImageValues(56, 56),
    longest=1024,
    dtype="float32",
    name="tiny",
)
"""101 tokens of ECG and 16 of a page of 56 pixels; fewer key heads than heads."""
_TEXTS = (
    SYSTEM,
    f"USER: <image>\n{GROUNDING} ASSISTANT: Sinus rhythm, rate 72 bpm, QRS 94 ms, no ST elevation in leads V1 to V6.",
    "USER: What is the PR interval in lead II? ASSISTANT: The PR interval is 164 ms, which is normal.",
    "The axis is -30 degrees; T waves are inverted in aVL and V4, 0.15 mV. Left bundle branch block cannot be excluded.",
)


def sentencepiece_words(folder: Path, legacy: bool = False) -> Path:
    """A tokenizer of the released kind, trained on a few sentences."""
    from sentencepiece import SentencePieceTrainer

    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(_TEXTS * 4),
        model_writer=model,
        vocab_size=400,
        model_type="bpe",
        byte_fallback=True,
        user_defined_symbols=["USER"],  # one piece without a space in front and two with one, as in the real vocabulary
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(model.getvalue())
    (folder / "tokenizer_config.json").write_text(json.dumps({"legacy": legacy}))
    return folder


def json_words(folder: Path) -> Path:
    """A tokenizer of our own kind: bytes, merged, digits one by one."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<unk>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_TEXTS, trainer)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def write_tiny(
    folder: Path, config: GemConfig = CONFIG, words: Path | None = None, shard_bytes: int = 10**9
) -> Checkpoint:
    """Write the checkpoint, by default with a SentencePiece tokenizer."""
    return write_checkpoint(
        folder, config, RandomWeights(config), words or sentencepiece_words(folder), shard_bytes=shard_bytes
    )
