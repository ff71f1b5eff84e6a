"""What an answer of a benchmark says: as the published scripts read it, and without their known faults.

The published rules are those of ECGBench (arXiv 2410.19008, `evaluate_ecgbench.py`) as GEM uses them (arXiv 2503.06073). Rules
named `published_*` keep what those do, faults included; the others differ where it is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

LETTERS = "ABCDEFGH"
INSTRUCTION = "Only answer based on the given Options without any explanation."
"""The sentence that stands behind the options of a question."""
_DOTTED = re.compile(rf"(?<![A-Za-z])([{LETTERS}])[.):](?![A-Za-z])")
_NAMED = re.compile(
    rf"(?:correct |right |best )?(?:option|answer|choice)(?: is|:)\s*\(?([{LETTERS}])(?![A-Za-z])", re.IGNORECASE
)
CODE15 = ("1dAVb", "RBBB", "LBBB", "SB", "ST", "AF")


# letters ----------------------------------------------------------------------------------------------------------


def published_letter(text: str) -> str | None:
    """The option of an answer; None where the published script draws one by chance.

    `A.` is looked for before `B.` wherever they stand, and behind `Answer:` any capital A, be it that of `Atrial`.
    """
    if text in tuple(LETTERS):
        return text
    for letter in LETTERS:
        if f"{letter}." in text:
            return letter
    mark = "The correct option is "
    if mark in text:
        told = text.split(mark)[-1][:1]
        return told if told and told in LETTERS else None
    if "Answer:" in text:
        rest = text.split("Answer:")[-1].strip()
        return next((letter for letter in LETTERS if letter in rest), None)
    return None


def by_chance(letters: Sequence[str | None], options: str) -> list[str]:
    """Letters with a drawn one where there is none, seed 42 at the begin of each file."""
    rng = Random(42)
    return [letter if letter is not None else rng.choice(list(options)) for letter in letters]


def letter(text: str) -> str | None:
    """The option of an answer; None of an answer that names none.

    A letter counts where no other letter touches it: alone, named as the answer (the last one that is), or the first one
    with a dot, bracket or colon.
    """
    bare = text.strip().strip("().: ")
    if bare in tuple(LETTERS):
        return bare
    if named := _NAMED.findall(text):
        return str(named[-1]).upper()
    dotted = _DOTTED.search(text)
    return dotted.group(1) if dotted else None


# labels -----------------------------------------------------------------------------------------------------------


def published_labels(text: str, labels: Sequence[str]) -> tuple[str, ...]:
    """Labels that stand anywhere in an answer, in words as in `ABNORMAL` too."""
    return tuple(label for label in labels if label in text)


def published_code15(text: str) -> tuple[str, ...]:
    """Of CODE-15 %: behind the last `Answer:`; ABNORMAL wins over NORM; and the six labels as they stand anywhere."""
    text = text.split("Answer:")[-1]
    whole = ("ABNORMAL",) if "ABNORMAL" in text else ("NORM",) if "NORM" in text else ()
    return (*whole, *published_labels(text, CODE15))


def code15_gold(text: str) -> tuple[str, ...]:
    """What is right of a CODE-15 % question."""
    return (text,) if text in ("NORM", "ABNORMAL") else published_labels(text, CODE15)


def labels_in(text: str, labels: Sequence[str]) -> tuple[str, ...]:
    """Labels that stand as words of their own behind the last `Answer:`; `AF` is not in `AFIB`, `I-AVB` not in `II-AVB`."""
    text = text.split("Answer:")[-1]
    return tuple(label for label in labels if re.search(rf"(?<![\w-]){re.escape(label)}(?![\w-])", text))


# options ----------------------------------------------------------------------------------------------------------


def options(question: str) -> tuple[str, ...]:
    """Options of a question: what stands behind `Options:`, between commas, without the instruction."""
    listed = question.split("Options:")[-1].replace(INSTRUCTION, "")
    return tuple(one.strip() for one in listed.split(","))


def gold_options(gold: str | tuple[str, ...], among: Sequence[str]) -> frozenset[str]:
    """What is right, as a set of options in small letters: of a list its members, of a string the option or options that it names."""
    if isinstance(gold, str):
        whole = gold.strip()
        gold = (whole,) if whole.lower() in {one.lower() for one in among} else tuple(whole.split(","))
    return frozenset(one.strip().lower() for one in gold if one.strip())


def published_same_letters(text: str, gold: str | tuple[str, ...], among: Sequence[str]) -> bool:
    """GEM's rule: options that the answer contains, joined, have the same set of characters as what is right, joined."""
    said = "".join(one for one in among if one.lower() in text.lower())
    return set(said) == set(gold if isinstance(gold, str) else "".join(gold))


def published_same_options(text: str, gold: str | tuple[str, ...], among: Sequence[str]) -> bool:
    """PULSE's rule: options that stand in the answer in small letters are those of the list that is right."""
    said = {one for one in among if one in text.lower()}
    return said == set((gold,) if isinstance(gold, str) else gold)


def options_in(text: str, among: Sequence[str]) -> frozenset[str]:
    """Options that an answer names as words of their own, in small letters; one inside a longer one that is named does not count."""
    rest, found = text.lower(), set()
    for one in sorted({option.lower() for option in among if option}, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(one)}(?!\w)"
        if re.search(pattern, rest):
            found.add(one)
            rest = re.sub(pattern, " \0 ", rest)
    return frozenset(found)
