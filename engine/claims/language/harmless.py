"""Words that claim nothing of an ECG by themselves: the only ones that may be left over in a sentence that agrees.

They are ordinary English and the language of reports (`words/fixed.txt`, `words/bases.txt`). Whatever may describe a wave, a rhythm,
a size, a course in time, an illness, a state of the patient or an action is kept out of them (`words/telling.txt`), and a word that is
on no list is none of ordinary English. Words of the patient and of care (`words/clinical.txt`) claim nothing in some frames only.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from engine.claims.language.words import section

_AFFIRMED = """
correlation correlate evaluation investigation testing test assessment examination review follow-up recommend recommended advise advised warrant
warrants warranted warranting require requires required comparison atrial activity organized organised need needs needed necessary attention matter matters mattered important importance
importantly recommendation recommendations advisable desirable action actions act acts relevant relevance
"""
_DENIED = "relevant acute new recent old reciprocal dynamic"
AFFIRMED = frozenset(_AFFIRMED.split())
"""Words that are harmless only where they are not denied: what is advised to be done, and the atria, whose silence is a finding."""
DENIED = frozenset(_DENIED.split())
"""Words that are harmless only where they are denied: `no acute ST elevation` says less than `no ST elevation`."""
HEADINGS = frozenset({"block", "ectopic", "ischemic", "ischaemic"})
"""Words that claim nothing in a heading: `Block pattern: none`."""
ATRIA = frozenset({"atrial", "activity", "organized", "organised"})
"""Of the affirmed ones those that may be denied where the P waves are spoken of."""


def _forms(word: str) -> set[str]:
    """A word with its plural, its verb forms and its adverb; forms that English lacks do no harm."""
    found = {word, f"{word}s", f"{word}ed", f"{word}ing", f"{word}ly", f"{word}al"}
    if word.endswith("e"):
        found |= {f"{word}d", f"{word[:-1]}ing", f"{word[:-1]}y"}
    if word.endswith("y"):
        found |= {f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word[:-1]}ily"}
    if word.endswith(("s", "x", "ch", "sh", "o")):
        found.add(f"{word}es")
    if word.endswith("ic"):
        found.add(f"{word}ally")
    if len(word) > 2 and word[-1] in "tnlrpgbdm" and word[-2] in "aeiou":
        found |= {f"{word}{word[-1]}ed", f"{word}{word[-1]}ing"}
    return found


@lru_cache(maxsize=1)
def harmless() -> frozenset[str]:
    """Every form of every word of the lists that claims nothing, in small letters, less what may say something of an ECG."""
    said = section("fixed") | frozenset(_AFFIRMED.split())
    formed = (form for word in section("bases") for form in _forms(word))
    return said.union(formed) - section("telling")


@lru_cache(maxsize=1)
def besides() -> frozenset[str]:
    """Every form of the words that claim nothing in a sentence that names nothing of the ECG: `Registrar to review in the morning.`"""
    handed = frozenset(form for word in section("besides") for form in _forms(word))
    return handed | clinical("advised")


@lru_cache(maxsize=1)
def noted() -> frozenset[str]:
    """Every form of the words that claim nothing in a clause of its own: `72 bpm, nurse informed, strip saved`."""
    fields = ("noted in a clause of its own", "ordinary doing", "modern tools")
    return frozenset(form for field in fields for word in section("besides", field) for form in _forms(word))


@lru_cache(maxsize=1)
def _grave() -> tuple[frozenset[str], re.Pattern[str]]:
    """Every form of what may say something of a patient or an ECG, and how words of medicine are made."""
    words = section("telling") | section("clinical", "asked after") | section("clinical", "happens")
    return frozenset(form for word in words for form in _forms(word)), re.compile("|".join(section("stems")))


def is_grave(word: str) -> bool:
    """Whether a word stops even a sentence that names nothing of the ECG."""
    said, made = _grave()
    return word not in besides() and (word in said or made.search(word) is not None)


@cache
def clinical(use: str) -> frozenset[str]:
    """Every form of the words of the patient and of care that may stand in a frame of this use."""
    return frozenset(form for word in section("clinical", use) for form in _forms(word))


def is_harmless(word: str) -> bool:
    """Whether a word claims nothing as it stands, as a possessive or as the name of a quality or ability."""
    if word in section("telling"):
        return False
    known = harmless()
    bare = word.removesuffix("'s").removesuffix("s'")
    if bare in known:
        return True
    return any(bare.endswith(end) and bare.removesuffix(end) in known for end in _ENDS)


_ENDS = ("ness", "able", "ability", "ably")
