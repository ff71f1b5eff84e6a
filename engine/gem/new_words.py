"""A tokenizer for a new model: bytes and pairs of them, learnt from its texts, with what it always reads and writes whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from engine.claims.slots import names
from engine.gem.prompt import GROUNDING, SYSTEM
from ingest.frame import LEADS

SPECIAL = ("<unk>", "<s>", "</s>")
"""With the ids 0, 1 and 2, which a new model takes for padding, begin and end."""
ALPHABET = 256
ROMAN = ("I", "II", "III")
_PAIRS = 4
"""That make these: I, II, III behind a space, and II."""
_OFTEN = 10_000
"""Times that these are shown beside the texts, so that they become words whatever the texts are."""
_SLOT = re.compile(r"<[A-Z]{1,5}(?::[A-Za-z0-9]{1,4})?>")


def whole() -> tuple[str, ...]:
    """What is one token each: the marks of the template with the question that is always asked, slots and leads.

    So a question of the live path takes three positions beside its recording. Slots and leads are there with and without a space
    in front, which costs no token of its own then; I, II and III, which begin other words too, are pairs that are always learnt.
    """
    template = (f"{SYSTEM} USER: ", f"\n{GROUNDING} ASSISTANT:", " ASSISTANT:", "USER: ")
    plain = (lead for lead in LEADS if lead not in ROMAN)
    return (*template, *(f"{space}{name}" for name in (*names(), *plain) for space in (" ", "")))


def least() -> int:
    """Tokens that there are before any text is looked at."""
    return len(SPECIAL) + ALPHABET + _PAIRS + len(whole())


def learn_words(texts: Iterable[str], size: int, folder: Path) -> int:
    """Write `tokenizer.json` of at most so many tokens into a folder; how many they are.

    Nothing of it depends on chance: the same texts give the same file.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    # a digit at a time: a number is no word
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(whole()),
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    pieces = (piece for text in texts for piece in _SLOT.split(text))
    tokenizer.train_from_iterator(chain(pieces, (f" {lead}" for lead in ROMAN for _ in range(_OFTEN))), trainer)
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in whole()])
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "tokenizer.json.part"
    tokenizer.save(str(part))
    part.replace(folder / "tokenizer.json")
    return int(tokenizer.get_vocab_size())


def sizes_of(vocabulary: int) -> str:
    """The file of sizes of gem-tiny for a tokenizer that lies beside it, as `vigil engine train --new` reads it."""
    text = Path(__file__).with_name("tiny.toml").read_text(encoding="utf-8")
    return text.replace("vocabulary = 0", f"vocabulary = {vocabulary}")
