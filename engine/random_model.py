"""A small model with random weights, for measuring speed: its sizes are those of a model of ours, its text is none."""

from __future__ import annotations

from pathlib import Path

from engine.gem.checkpoint import Checkpoint, write_checkpoint
from engine.gem.config import EcgSizes, GemConfig, LlamaSizes, VisionSizes
from engine.gem.prompt import GROUNDING, SYSTEM
from engine.gem.recipe import RandomWeights
from engine.image_values import ImageValues

SMALL = GemConfig(
    llama=LlamaSizes(vocabulary=2048, hidden=320, intermediate=864, layers=6, heads=5, kv_heads=5, positions=2048),
    ecg=EcgSizes(stem="conv", width=192, layers=4, head_width=48, mlp=768, embed=0),
    vision=VisionSizes(hidden=192, intermediate=768, layers=3, heads=4, patch=16, image=224, tap=-1, pool=2),
    image=ImageValues(shortest_px=224, crop_px=224),
    longest=2048,
    dtype="float16",
    name="random",
)
"""12.6 million weights: 101 tokens of ECG and 49 of a page of 224 pixels."""


def write_random(folder: Path) -> Checkpoint:
    """Write the model into a folder, the same every time, with a tokenizer made from its own prompt."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SMALL.llama.vocabulary,
        special_tokens=["<unk>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    # words are kept whole: a trained tokenizer of this size has them too
    tokenizer.train_from_iterator([SYSTEM, GROUNDING, "USER:  ASSISTANT:"] * 2, trainer)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return write_checkpoint(folder, SMALL, RandomWeights(SMALL), folder)
