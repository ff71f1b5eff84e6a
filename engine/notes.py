"""What the report of a graded model does not tell, and why: one line for each reason, with the names of all that it keeps back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from engine.claims.basis import Basis
from engine.claims.claim import Claim, Sentence, Verdict
from engine.claims.language.unread import GENERAL, IN_DOUBT, NOT_UNDERSTOOD, UNREAD
from engine.criteria.case import listed
from engine.criteria.conduction import AXIS_NAME
from engine.criteria.doubt import p_in_few
from engine.criteria.lead_set import NOT_TOLD
from engine.criteria.pause import PAUSE
from engine.criteria.recording import AMPLITUDES, CHEST_LEADS, LIMB_LEADS
from engine.criteria.rhythm import EARLY_ALONE, HALF_LIKE, P_LIKE, VT_POSSIBLE
from engine.criteria.unusual import NORMAL_ECG
from engine.facts import asserted, claims_of, implied, specific
from engine.interpretation import Finding, Withheld
from engine.untold import spoken_of
from ingest.frame import LEADS

Kept = tuple[str, str]
"""What is not told, and why."""
_UNNAMED = "a statement"
_RHYTHMS = frozenset({"sinus rhythm", "normal sinus rhythm", "sinus tachycardia", "sinus bradycardia", "sinus arrhythmia", "arrhythmia"})  # fmt: skip
_TOLD = _RHYTHMS | {"atrial fibrillation", "atrial flutter", "paced rhythm", "ventricular tachycardia"}
"""With one of these a rhythm is told."""
_NO_P = ("no P wave is seen", "there are no P waves")
_BEATS = "ventricular beats"
"""Why these are not told is said wherever they are not."""
_BLOCKED = frozenset({"AV block of second degree", "AV block of third degree"})
_OF_CRITERIA = {"QRS axis": "axis", "PR interval": "PR interval", "QRS duration": "QRS duration", "QT interval": "QT interval", "QTc": "QT interval"}  # fmt: skip
_OF_LEADS = frozenset({"PR interval", "QRS duration", "QT interval", "ventricular beats"})
"""Of these it is said wherever the leads do not tell them."""
_ALWAYS = frozenset({AXIS_NAME, AMPLITUDES, LIMB_LEADS, CHEST_LEADS, _BEATS, PAUSE})
"""Of these it is always said that they are withheld: nobody would doubt them otherwise."""
_FULL = {"infarct": "pattern of an infarct", "no infarct": "pattern of an infarct"}
"""By the name of a finding what is said of it where that is no whole name."""
_GROUPS = frozenset({"conduction disturbance", "chamber enlargement", "axis deviation", "arrhythmia"})
"""Names of a group of findings."""
_NOT_KNOWN = "not known"
_VT = "ventricular tachycardia"


@lru_cache(maxsize=1)
def _lead() -> re.Pattern[str]:
    return re.compile(rf"({'|'.join(sorted(LEADS, key=len, reverse=True))}): ")


def merged(
    told: Sequence[Sentence], claims: Sequence[Claim], findings: Sequence[Finding], basis: Basis
) -> tuple[Sentence, ...]:
    """The sentences with one line for each reason for which something is withheld; nothing that is told is called withheld."""
    stands = asserted(told, claims, findings)
    rhythm = next((w.reason for w in basis.criteria[1] if w.name == "rhythm"), "")
    kept: dict[str, list[str]] = {}
    for one in told:
        if one.verdict is Verdict.UNSUPPORTED:
            for name, told_why in _kept(one, claims, basis):
                why = rhythm if told_why in _NO_P and rhythm in (P_LIKE, HALF_LIKE, EARLY_ALONE) else told_why
                kept.setdefault(why, []).append(name)
    if rhythm.startswith(VT_POSSIBLE):  # which says what the model's own word of it would have said
        kept = {why: left for why, every in kept.items() if (left := [n for n in every if n != _VT])}
    if rhythm and not stands & _TOLD - {"arrhythmia"}:
        kept = {rhythm: ["rhythm", *kept.pop(rhythm, [])], **kept}
    spoken = spoken_of(basis.criteria[1])
    for blank in basis.criteria[1]:
        if blank in spoken or blank.name in _ALWAYS or (blank.name in _OF_LEADS and blank.reason.startswith(NOT_TOLD)):
            kept.setdefault(blank.reason, []).append(blank.name)
    if "atrial fibrillation" in stands:
        stands |= {"PR interval"}  # there is none
    if stands & _BLOCKED:
        stands |= {"rhythm"}  # the block tells it
    if any(one.name == NORMAL_ECG for one in spoken):
        # the criteria have a reason of their own, which tells more than that they find something
        kept = {why: [n for n in every if n != NORMAL_ECG or why in _reasons(spoken)] for why, every in kept.items()}
    lines = [f"[Withheld: {listed(left)}: {why}.]" for why, every in kept.items() if (left := _left(every, stands))]
    rest = [one for one in told if one.verdict is not Verdict.UNSUPPORTED]
    return (*rest, *(Sentence(text, Verdict.UNSUPPORTED) for text in lines))


def _reasons(spoken: Sequence[Withheld]) -> set[str]:
    return {one.reason for one in spoken if one.name == NORMAL_ECG}


def contradicted(
    told: Sequence[Sentence], claims: Sequence[Claim], findings: Sequence[Finding], held: Iterable[str] = ()
) -> list[str]:
    """Names of what the measurements contradict, without what is told beside it and without what another of them says too.

    held: what the criteria withhold; the group of one that is withheld is not called contradicted either.
    """
    wrong = [c for one in told if one.verdict is Verdict.DISAGREE for c in claims_of(one, claims)]
    open_ = [*held, *(c.measure for c in claims if c.verdict is Verdict.UNSUPPORTED)]
    stands = asserted(told, claims, findings) | (implied(open_) & _GROUPS)
    left = specific(c.measure for c in wrong if c.verdict is Verdict.DISAGREE and c.measure not in stands)
    return [f"absent {name.removeprefix('no ')}" if name.startswith("no ") else name for name in left]


def _kept(one: Sentence, claims: Sequence[Claim], basis: Basis) -> list[Kept]:
    """What a withheld sentence would have told, and why it is not: by its claims, else by its words."""
    words = one.text.removeprefix("[Withheld: ").removesuffix(".]")
    own = [c for c in claims_of(one, claims) if c.verdict is Verdict.UNSUPPORTED]
    if words.startswith(("a finding: ", "a number: ", "a lead: ", "a unit: ")) and own:
        return [_named(c) for c in own]
    return _pairs(words, basis)


def _pairs(words: str, basis: Basis) -> list[Kept]:
    """`the PR interval is not known; QRS duration: why` as pairs; a reason may hold a semicolon itself."""
    found: list[Kept] = []
    for part in words.split("; "):
        name, colon, why = part.partition(": ")
        if part.startswith("the ") and part.endswith(f" is {_NOT_KNOWN}"):
            found.append(_worded(part, basis))
        elif colon and len(name.split()) < 6:
            found.append((name, why))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]}; {part}")
        else:
            found.append((_UNNAMED, part))
    return found


def _worded(part: str, basis: Basis) -> Kept:
    """`the QRS axis is not known`, with the reason of the criteria where they have one."""
    name = part.removeprefix("the ").removesuffix(f" is {_NOT_KNOWN}")
    by_criteria = next((w.reason for w in basis.criteria[1] if w.name == _OF_CRITERIA.get(name)), "")
    if name == "PR interval" and basis.m.p_wave_present is False:
        return name, p_in_few(basis.m) or "no P wave is seen"
    return name, by_criteria or _NOT_KNOWN


def _named(claim: Claim) -> Kept:
    """A claim that is not told: a rhythm of the sinus as the rhythm, unread words as they stand, a lead without its numbers."""
    name, why = claim.measure, claim.why
    lead = _lead().match(why)
    if lead is not None and "limit" in why and "is known to" not in why:
        why = f"what was measured in {lead.group(1)} does not reach its limit"
    if name == NOT_UNDERSTOOD or name.startswith((UNREAD, IN_DOUBT, GENERAL)):
        words = claim.text.strip().removesuffix(".")
        return (f"{_UNNAMED} with “{words}”" if words else _UNNAMED), why
    return ("rhythm" if name in _RHYTHMS else _FULL.get(name, name.removeprefix("no "))), why


def _left(every: Iterable[str], stands: frozenset[str]) -> list[str]:
    told = stands | {words for name, words in _FULL.items() if name in stands}
    return [name for name in specific(every) if name not in told]
