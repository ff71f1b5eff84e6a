"""Each thing once in the report of a graded model: what the criteria or a fuller sentence tells is not told again beside it.

A sentence of which all is told elsewhere is left out; of one of which some is, the rest is told in our own words, filled in from the measurements and checked
like any other. What the criteria find of the rhythm stands against another rhythm of the text. No number stands under `Likely` or `Possible`: those words are of the finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Claim, ClaimKind, Sentence, Verdict
from engine.claims.judging.finding import INFERRED
from engine.claims.judging.whole import incomplete_open
from engine.claims.part import WHOLE
from engine.claims.slots import render
from engine.criteria.case import listed
from engine.facts import Number, claims_of, implied, name_of, names, number_of, numbers
from engine.instruct.guider import RULES, showing
from engine.instruct.labels import LABELS
from engine.instruct.phrases import FACT
from engine.interpretation import Finding
from engine.itemised import DIAGNOSIS, complete_alone, without_begin
from engine.tiers import LIKELY, POSSIBLE

_SINUS = frozenset({"sinus rhythm", "normal sinus rhythm", "sinus bradycardia", "sinus tachycardia"})
_NOT_BESIDE: dict[str, frozenset[str]] = {
    "sinus rhythm": _SINUS - {"sinus rhythm", "normal sinus rhythm"},
    "sinus bradycardia": frozenset({"sinus tachycardia"}), "sinus tachycardia": frozenset({"sinus bradycardia"}),
    "AV block of second degree": _SINUS, "AV block of third degree": _SINUS,
    "atrial fibrillation": _SINUS | {"sinus arrhythmia", "supraventricular ectopy", "P waves"},
}  # fmt: skip
"""By a rhythm that the criteria find what a text does not tell beside it, though each may be borne out near a limit."""
_INTERVALS = {"PR interval": ("PR", "the PR interval"), "QRS duration": ("QRS", "the QRS duration"), "QT interval": ("QT", "the QT interval")}  # fmt: skip
_SLOTS = {
    "heart rate": "HR", "RR interval": "RR", "P duration": "P", "QRS axis": "AXIS", "P amplitude": "PAMP", "Q amplitude": "QAMP", "Q duration": "QDUR",
    "R amplitude": "RAMP", "S amplitude": "SAMP", "T amplitude": "TAMP", "ST level": "ST",
}  # fmt: skip
"""Measures of the checker that are told in a sentence of their own, by their slot."""
_LEADS_OF = {"T wave changes": "NDT", "ST-T changes": "NST", "ischaemia": "ISC", "T wave inversion": "TINV"}
"""Findings of the checker by the rule that tells in which leads they show."""
_OWN_WORDS = {"irregular rhythm": "The rhythm is irregular.", "regular rhythm": "The rhythm is regular.", "P waves": "P waves are present."}  # fmt: skip
"""Findings of the checker that are no diagnosis, as they are told."""
_TIERS = (f"{LIKELY}: ", f"{POSSIBLE}: ")


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences with the claims that they rest on, and what the criteria find."""

    sentences: tuple[Sentence, ...]
    claims: tuple[Claim, ...]
    findings: Sequence[Finding]


def stated(text: str, basis: Basis, claims: tuple[Claim, ...]) -> tuple[Sentence, tuple[Claim, ...]] | None:
    """A sentence of our own that holds in every claim, and the claims with its own behind them; None where it does not hold.

    text: with slots. Places of its claims in the text count on from those before.
    """
    filled = render(complete_alone(text) if incomplete_open(basis) else text, basis)
    own = check(filled.text, basis) if filled.text and not filled.withheld else ()
    if not own or any(c.verdict is not Verdict.AGREE or c.samples is None for c in own):
        return None
    behind = max((c.end for c in claims), default=0) + 1
    moved = tuple(replace(c, start=c.start + behind, end=c.end + behind) for c in own)
    sentence = Sentence(filled.text, Verdict.AGREE, len(claims), len(claims) + len(moved) - 1)
    return sentence, (*claims, *moved)


def once(told: Told, basis: Basis) -> Told:
    """The same with each number and each finding in one sentence, and none beside a rhythm that it contradicts."""
    told = _placed(_parted(_understood(told, basis), basis), basis)
    texts = [one.text for one in told.sentences]
    kept = [one for k, one in enumerate(told.sentences) if one.text not in texts[:k] and not _against(one, told)]
    seen_numbers, seen_names = set[Number](), set[str]()
    found: dict[int, tuple[Sentence, ...]] = {}
    for k in sorted(range(len(kept)), key=lambda k: (_weight(kept[k], told), k)):
        one = kept[k]
        if one.verdict is not Verdict.AGREE or one.partly:
            found[k] = (one,)
            continue
        new = [n for n in numbers(one, told.claims, told.findings) if n not in seen_numbers]
        left = names(one, told.claims, told.findings) - seen_names
        found[k], told = _rest(one, new, left, told, basis)
        seen_numbers |= set(new) | ({("RR interval", "")} if ("heart rate", "") in new else set())
        seen_names |= implied(left)
    return replace(told, sentences=tuple(one for k in range(len(kept)) for one in found[k]))


def _against(one: Sentence, told: Told) -> bool:
    """Whether a sentence of the text tells another rhythm than the criteria, or denies what they find."""
    if one.verdict is not Verdict.AGREE or one.finding >= 0:
        return False
    own, found = names(one, told.claims, told.findings), {name_of(finding) for finding in told.findings}
    wrong = frozenset[str]().union(*(_NOT_BESIDE.get(name, frozenset()) for name in found))
    return bool(own & wrong) or any(f"no {name}" in own for name in implied(found))


def _weight(one: Sentence, told: Told) -> int:
    """The smaller the sooner a sentence has its say: the criteria, findings with numbers, a diagnosis, other findings, numbers alone."""
    if one.finding >= 0:
        return 0
    if not names(one, told.claims, told.findings):
        return 4
    if numbers(one, told.claims, told.findings):
        return 1
    return 2 if one.text.startswith(DIAGNOSIS) else 3


def _rest(
    one: Sentence, new: Sequence[Number], left: frozenset[str], told: Told, basis: Basis
) -> tuple[tuple[Sentence, ...], Told]:
    """What of a sentence is still to be told: as it stands where nothing of it is told elsewhere or the criteria state it, else the rest of it."""
    own, every = names(one, told.claims, told.findings), numbers(one, told.claims, told.findings)
    if one.finding >= 0 or not (own or every):
        return (one,), told
    whole = len(new) == len(every) and (left or not own) and (own or _has_verb(one.text))
    if whole or (left and one.text.startswith(_TIERS)):
        return (one,), told
    words = [*_intervals(new), *_facts(new), *(_diagnosis(name) for name in sorted(left))]
    made = _all_stated(words, basis, told.claims)
    if made is None:
        return ((one,) if words else ()), told
    return tuple(made[0]), replace(told, claims=made[1])


def _has_verb(text: str) -> bool:
    """Whether a sentence of numbers is one; `QRS duration 90 ms, QT interval 400 ms.` is what is left of one."""
    return any(f" {verb} " in text for verb in ("is", "are", "measures", "lasts", "lies", "reaches", "shows", "beat"))


def _intervals(new: Sequence[Number]) -> list[str]:
    """One sentence about those of PR, QRS and QT."""
    words = [f"{words} is <{slot}>" for name, (slot, words) in _INTERVALS.items() if (name, "") in new]
    if not words:
        return []
    text = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return [f"{text[0].upper()}{text[1:]}."]


def _facts(new: Sequence[Number]) -> list[str]:
    """A sentence about each of the others."""
    known = [(_SLOTS[name], lead) for name, lead in new if name in _SLOTS]
    return [FACT[slot].format(a=lead) for slot, lead in known if slot in FACT]


def _diagnosis(name: str) -> str:
    """A finding that stood in a sentence with what is told elsewhere."""
    if name in _OWN_WORDS:
        return _OWN_WORDS[name]
    known = any(label.name == name for label in LABELS.values())
    return f"{DIAGNOSIS}{name}." if known else f"There {'are' if name.endswith('s') else 'is'} {name}."


def _understood(told: Told, basis: Basis) -> Told:
    """What agrees of sentences of which not all was understood or known as sentences of our own, each with its evidence, where all of it can be said so."""
    found: list[Sentence] = []
    for one in told.sentences:
        own = [c for c in claims_of(one, told.claims) if c.verdict is Verdict.AGREE] if one.partly else []
        every = [n for c in own if (n := number_of(c)) is not None]
        left = {c.measure for c in own if c.kind is ClaimKind.FINDING} - INFERRED - WHOLE
        words = [*_intervals(every), *_facts(every), *(_diagnosis(name) for name in sorted(left))]
        made = _all_stated(words, basis, told.claims)
        found += [one] if made is None else made[0]
        told = told if made is None else replace(told, claims=made[1])
    return replace(told, sentences=tuple(found))


def _all_stated(
    words: Sequence[str], basis: Basis, claims: tuple[Claim, ...]
) -> tuple[list[Sentence], tuple[Claim, ...]] | None:
    """Sentences of our own, and the claims with theirs behind them; None where one does not hold, or there is none."""
    found: list[Sentence] = []
    for text in words:
        made = stated(text, basis, claims)
        if made is None:
            return None
        found.append(made[0])
        claims = made[1]
    return (found, claims) if found else None


def _parted(told: Told, basis: Basis) -> Told:
    """Sentences in a tier without the numbers that they begin with, which are measured and stand for themselves."""
    found: list[Sentence] = []
    for one in told.sentences:
        tier = next((word for word in _TIERS if one.text.startswith(word)), "")
        before, comma, behind = one.text.removeprefix(tier).partition(", and ")
        if not (tier and comma and numbers(one, told.claims, told.findings)):
            found.append(one)
            continue
        first = stated(f"{before}.", basis, told.claims)
        second = stated(f"{behind[0].upper()}{behind[1:]}", basis, first[1]) if first is not None else None
        if first is None or second is None or not _apart(first[0], second[0], second[1]):
            found.append(one)
            continue
        told = replace(told, claims=second[1])
        found += [first[0], replace(second[0], text=f"{tier}{second[0].text}")]
    return replace(told, sentences=tuple(found))


def _placed(told: Told, basis: Basis) -> Told:
    """Changes of ST and T with the leads that plainly show them, where the text names none."""
    found: list[Sentence] = []
    for one in told.sentences:
        tier = next((word for word in _TIERS if one.text.startswith(word)), "")
        words = without_begin(one.text.removeprefix(tier).removesuffix("."))
        leads = _leads_of(one, told, basis)
        where = f"in lead{'s' if len(leads) > 1 else ''} {listed(leads)}"
        made = stated(f"{words[:1].upper()}{words[1:]} {where}.", basis, told.claims) if leads else None
        if made is None:
            found.append(one)
            continue
        told = replace(told, claims=made[1])
        begin = tier or one.text[: one.text.index(words)]
        found.append(replace(made[0], text=f"{begin}{words} {where}."))
    return replace(told, sentences=tuple(found))


def _leads_of(one: Sentence, told: Told, basis: Basis) -> tuple[str, ...]:
    """Leads that plainly show what a sentence states, where it is a change of ST and T that names no lead; else none."""
    own = claims_of(one, told.claims)
    if one.verdict is not Verdict.AGREE or not own or any(c.leads or c.measure not in _LEADS_OF for c in own):
        return ()
    rule = RULES[_LEADS_OF[own[0].measure]]
    return showing(basis, rule.shows, rule.among)


def _apart(first: Sentence, second: Sentence, claims: Sequence[Claim]) -> bool:
    """Whether the first holds numbers alone and the second none."""
    own, rest = claims[first.first : first.last + 1], claims[second.first : second.last + 1]
    return not any(c.kind is ClaimKind.FINDING for c in own) and all(c.kind is ClaimKind.FINDING for c in rest)
