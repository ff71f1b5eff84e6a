"""What does not agree as it was read and says nothing that the measurements contradict: it counts as words that were not understood.

A number that is loosely bound is held against what else its sentence speaks of. Where one of these measures has its value, the number is true of the
recording and what the sentence says of it is not known. A finding that is only called possible, and what the criteria withhold though it was measured
so, are no more. What was measured beside them is told and never their sentence. Where the measurements speak against it the verdict stands.
"""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.basis import Basis
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.findings.hedges import SLIGHTER, SOFT
from engine.claims.judging import finding, limits_of, number, rhythm, whole
from engine.claims.judging.by_value import by_value, held_by_value
from engine.claims.judging.denials import may_stand
from engine.claims.judging.doubtful import doubt, excepted
from engine.claims.judging.nearly import nearly
from engine.claims.judging.not_shown import INFARCT
from engine.claims.judging.reckoned import not_a_value
from engine.claims.judging.saying_nothing import says_nothing_wrong
from engine.claims.judging.tolerance import TOLERANCES
from engine.claims.judging.withheld import blank
from engine.claims.language.unread import GENERAL, IN_DOUBT, UNREAD
from engine.claims.numbers.cycles import SAMPLE_MS, beats_of
from engine.claims.statement import OF_NOTHING, OPEN, Relation, Statement
from engine.criteria.case import TERRITORIES
from engine.criteria.q_waves import Q_MS, Q_MV
from engine.criteria.rhythm import HALF_LIKE
from stream.measurement import BeatKind


def elsewhere(text: str, statement: Statement, claim: Claim, basis: Basis) -> list[Claim]:
    """The claims of a statement: the one it was read as, or what else it may be and that this was not understood."""
    if claim.verdict is Verdict.AGREE:
        return [claim]
    if statement.kind == "number":
        return _number(text, statement, claim, basis)
    if statement.kind == "finding" and (
        why := _harmless(text, statement, claim, basis) or _of_kind(text, statement, claim)
    ):
        return [replace(claim, verdict=Verdict.UNSUPPORTED, why=why, uncontradicted=True)]
    return [claim]


_FAR = 1.6
"""How many times a value must be the measured one, or that be it, to be no mistaken value of the same measure."""


def _number(text: str, statement: Statement, claim: Claim, basis: Basis) -> list[Claim]:
    asked = statement.maybe if statement.relation is Relation.IS and _is_far(claim) else ()
    judged = (
        number.judge(text, replace(statement, what=what, leads=leads, loose=False, maybe=()), basis)
        for what, leads in asked
    )
    fits = [one for one in judged if one is not None and one.verdict is Verdict.AGREE]
    fits += _to_the_digit(text, statement, claim, basis) or by_value(text, statement, claim, basis)
    if fits:
        return [min(fits, key=_off), not_understood(text, statement)]
    if held := held_by_value(text, statement, claim, basis):
        return [held[0], not_understood(text, statement)]
    if why := not_a_value(text, statement, basis):
        return [replace(claim, verdict=Verdict.UNSUPPORTED, why=why, uncontradicted=True)]
    if limits_of.is_of_another(text, statement, claim, basis):
        return [
            replace(
                claim,
                verdict=Verdict.UNSUPPORTED,
                why="it is a limit that another measure is held against",
                uncontradicted=True,
            )
        ]
    if statement.what == "moment" and _is_early(statement, claim, basis):
        why = "a beat comes early there, of a kind that is not told"
        early = number.judge(text, replace(statement, detail="early"), basis)
        if early is not None and early.verdict is Verdict.AGREE:
            return [early, replace(not_understood(text, statement), why=why)]
        return [replace(claim, verdict=Verdict.UNSUPPORTED, why=why, uncontradicted=True)]
    if claim.verdict is not Verdict.UNSUPPORTED:
        return [replace(claim, uncontradicted=False)]
    if says_nothing_wrong(text, statement, claim, basis):
        return [replace(claim, uncontradicted=True)]
    plain = replace(statement, negated=False) if statement.relation is Relation.IS else statement
    bare = number.judge(text, plain, basis, telling=False)
    if bare is None or bare.verdict is not Verdict.AGREE:
        return [replace(claim, uncontradicted=False)]
    return [replace(claim, uncontradicted=True, measured=bare.measured)]


_UNLIKE = {"ventricular": {BeatKind.NORMAL, BeatKind.SUPRAVENTRICULAR}, "supraventricular": {BeatKind.VENTRICULAR}}
"""By kind of a moment the kinds of a beat that is none of it."""


def _is_early(statement: Statement, claim: Claim, basis: Basis) -> bool:
    """Whether a beat that is named by its chamber comes early at its moment, and is not taken for one of the other chamber."""
    unlike = _UNLIKE.get(statement.detail)
    if unlike is None or claim.value is None:
        return False
    early, allowed = set(beats_of(basis, "early")), TOLERANCES["moment of an early beat"].of(claim.value)
    near = (b for b in basis.m.beats if b.sample in early and abs(b.sample * SAMPLE_MS - claim.value) <= allowed)
    return any(b.kind not in unlike for b in near)


_DIGIT = {"ms": 1.5, "mV": 0.011, "deg": 1.0, "/min": 0.6}
"""By unit how far a number that was rounded lies from what was measured, at most."""


def _to_the_digit(text: str, statement: Statement, claim: Claim, basis: Basis) -> list[Claim]:
    """What a number is to its last digit of what its sentence speaks of and no other number is said of; nothing of one that may be in a wrong unit."""
    if claim.kind is ClaimKind.UNIT or statement.relation is not Relation.IS:
        return []
    ones = (
        replace(statement, what=what, leads=leads, loose=False, maybe=(), others=()) for what, leads in statement.others
    )
    judged = [one for other in ones if (one := number.judge(text, other, basis)) is not None]
    return [
        one
        for one in judged
        if one.verdict is Verdict.AGREE
        and abs(abs(one.value or 0.0) - abs(one.measured or 0.0)) <= _DIGIT.get(one.unit, 0.0)
    ]


def _off(claim: Claim) -> float:
    """How far a number is from what was measured, in what is allowed."""
    return abs((claim.value or 0.0) - (claim.measured or 0.0)) / (claim.tolerance or 1.0)


def _is_far(claim: Claim) -> bool:
    """Whether a number lies far from the measure that it was read of, or is of none: one that is near may be its mistaken value, or its value in another unit."""
    if claim.measured is None or claim.value is None:
        return True
    if claim.kind is ClaimKind.UNIT:
        return False
    low, high = sorted((abs(claim.measured), abs(claim.value)))
    return high > _FAR * low


def _harmless(text: str, statement: Statement, claim: Claim, basis: Basis) -> str:
    """Why a finding says nothing that the measurements contradict; empty where it may."""
    if statement.hedged:
        return f"it is only called possible; {claim.why}"
    if statement.what.startswith(GENERAL):
        names = [name for name, _ in statement.maybe]
        return (
            claim.why
            if set(names) <= SOFT or any(not _against(replace(statement, what=name), basis) for name in names)
            else ""
        )
    ones = [replace(statement, what=name, leads=leads, loose=not leads) for name, leads in statement.maybe]
    if any(_holds(one, basis) for one in ones):
        return "its words may mean another finding, which is there"
    if statement.detail == OF_NOTHING and not (ones and all(_speaks_against(one, basis) for one in ones)):
        return "it is not known of what it is said"
    if claim.verdict is not Verdict.UNSUPPORTED:
        if may_stand(text, statement):
            return "another finding is denied before it"
        if why := doubt(text, statement, basis):
            return why
        if (rest := excepted(text, statement)) and not _speaks_against(replace(statement, leads=rest), basis):
            return "a lead is excepted"
        if nearly(text, statement, finding.opinion(statement, basis)) or _is_close(statement, basis):
            return f"{claim.why}, of which readers may say so"
        return ""
    if statement.what.startswith(UNREAD):
        return ""
    if claim.why.endswith(finding.BETWEEN) and not _is_of_other_sign(statement, claim):
        return claim.why
    if (
        claim.why == INFARCT
        and statement.what == "infarct"
        and _PROVEN.search(text, statement.end, statement.end + _NEXT) is None
    ):
        return claim.why
    return claim.why if _is_open(statement, basis) or _is_alone(statement, claim, basis) else ""


_SIGNS = {"T wave inversion": -1.0, "upright T waves": 1.0}
"""By finding the sign of its wave."""


def _is_of_other_sign(statement: Statement, claim: Claim) -> bool:
    """Whether a wave that lies too near the baseline to be told was measured on the side that its finding denies."""
    side = _SIGNS.get(statement.what, 0.0) * (-1.0 if statement.negated else 1.0)
    return claim.measured is not None and side * claim.measured < 0.0


_CLOSE_BY = {"amplitude": 0.1, "P amplitude": 0.065, "largest limb lead QRS": 0.15, "P duration": 10.0, "heart rate": 3.0}  # fmt: skip
"""By measure how far from its limit a value may lie for readers to differ on it, mV, ms and /min (our own; the words of four authors were in sight)."""


_PROVEN = re.compile(r"\b(?:proven|proved|certain|confirmed|established|present|seen|visible|evident)\b", re.IGNORECASE)
_NEXT = 30
"""Characters behind an infarct in which it is said to be certain; one that is only named is not told and stops nothing beside it."""


def _is_close(statement: Statement, basis: Basis) -> bool:
    """Whether a finding is contradicted by a value that lies so close to its limit that it is neither shown nor a mistake."""
    told = finding.opinion(statement, basis)
    if told.value is None or told.limit is None or told.measure not in _CLOSE_BY:
        return False
    return abs(told.value - told.limit) <= _CLOSE_BY[told.measure]


_KIND = re.compile(
    r"\b(?:fixed|persist\w+|true|sustained|real|genuine|lasting|horizontal|down-?sloping|ischa?emic) (?:\w+ )?$",
    re.IGNORECASE,
)


def _of_kind(text: str, statement: Statement, claim: Claim) -> str:
    """Why the denial of one kind of an ST deviation stops nothing where whether there is any is not told: `no fixed ST depression`."""
    of_st = statement.what in _STRICT or statement.what.startswith((f"{IN_DOUBT}depress", f"{IN_DOUBT}elevat"))
    kind = statement.negated and of_st and _KIND.search(text, 0, statement.start) is not None
    return claim.why if kind and claim.verdict is Verdict.UNSUPPORTED else ""


_GRAVE = frozenset({"acute ischaemia", "acute infarct", "ST elevation infarct", "heart attack"})
_INFARCTS = _GRAVE | {"infarct"}
_SETTLED = _GRAVE | {
    "ventricular fibrillation", "asystole", "infarct", "P waves", "P waves before every beat", "narrow QRS", "wide QRS", "short QT", "ST elevation", "ST depression",
    "Q waves", "rS complex", "positive QRS", "negative QRS", "QS complexes", "T wave inversion", "upright T waves", "abnormal T waves", "flat T waves", "pause",
}  # fmt: skip
"""Findings of what was measured, and those that nobody may be told by chance: what does not bear them stops its text."""
_SETTLING = ("normal ", "marked ", "otherwise ", "borderline ", "unmeasurable")
"""What the names of other such findings begin with. All others a measurement may neither bear nor contradict: a mechanism, a rhythm
without plain P waves, a T wave near its limit. A text that names one is then no more wrong than right."""
_OF_LEADS = frozenset({"positive QRS", "negative QRS", "rS complex", "QS complexes"})
"""Findings that say nothing where no lead is named."""
_OF_Q = frozenset({"large Q", "small Q", "Q waves", "pathological Q waves"})
"""Findings of a Q wave, which one of few beats may show."""
_STRICT = frozenset({"ST elevation", "ST depression", "pathological Q waves"})
"""Findings of which a denial that is not supported may be wrong: what is measured lies near their limit."""


def _is_open(statement: Statement, basis: Basis) -> bool:
    """Whether nothing that was measured contradicts a finding that is not supported: it holds and may not be told, is denied, or cannot be settled."""
    if statement.what == "infarct" and not statement.negated and _has_q(statement.leads, basis):
        return True
    if not statement.negated and _is_taken_for(statement, basis):
        return True
    told = finding.opinion(statement, basis, telling=False)
    if told.known:
        return told.no if statement.negated else told.yes
    if statement.what in _OF_Q and not statement.negated and _holds(statement, basis.untold):
        return True  # it was measured so, of few beats
    if blank(statement.what, basis) is not None:
        raw = (
            whole.wide(basis.untold)
            if statement.what in BLOCKS
            else finding.opinion(statement, basis.untold, telling=False)
        )
        if raw.known and not statement.negated:
            return raw.yes
        if not (raw.known or statement.what in _INFARCTS or (statement.leads and statement.negated)):
            return True  # it is withheld, and was not measured otherwise
    if statement.what in SLIGHTER and not statement.negated:
        return _holds(replace(statement, what=SLIGHTER[statement.what]), basis)
    if statement.negated:
        return statement.what not in _STRICT
    if statement.detail == OPEN and statement.what not in _GRAVE:
        return True  # it is called open, and so it is
    if statement.what in ("ventricular tachycardia", "AV block of third degree"):
        return _may_be_ventricular(statement.what, basis)
    if statement.what in _SETTLED or statement.what.startswith(_SETTLING):
        return statement.what in _OF_LEADS and not statement.leads
    return True


def _may_be_ventricular(what: str, basis: Basis) -> bool:
    """Whether complexes were measured that may be the ventricles' own: fast and wide ones, ventricular until something else is shown (Al-Khatib 2018), or slow ones without a P wave."""
    if basis.rate is None:
        return False
    if what == "ventricular tachycardia":
        return basis.rate > 100.0 and whole.wide(basis.untold).yes
    return basis.rate < 60.0 and not rhythm.p_waves(basis).yes


def _is_taken_for(statement: Statement, basis: Basis) -> bool:
    """Whether the monitor path took a beat, or the criteria take the rhythm, for what may be this finding or another one."""
    if statement.what == "ventricular ectopy":
        return basis.count(BeatKind.VENTRICULAR) > 0
    return statement.what == "atrial fibrillation" and basis.withholds("rhythm") == HALF_LIKE


BLOCKS = frozenset({"left bundle branch block", "right bundle branch block", "bundle branch block"})
"""Findings of which, while the width of the QRS is withheld, only that it was measured wide can be asked."""


def _is_alone(statement: Statement, claim: Claim, basis: Basis) -> bool:
    """Whether a Q wave is said to be of no significance whose wall has no second one: it makes no infarct."""
    walls = [wall for wall in TERRITORIES.values() if set(wall) & set(statement.leads)]
    said = statement.negated and statement.what == "pathological Q waves" and _WEIGHT.search(claim.text) is not None
    return said and bool(walls) and not any(_has_q(wall, basis) for wall in walls)


_WEIGHT = re.compile(r"patholog|significan", re.IGNORECASE)


def _has_q(leads: tuple[str, ...], basis: Basis) -> bool:
    """Whether an infarct has its mark in two of its leads: a Q wave of 30 ms and 0.1 mV."""
    every = (basis.lead(name) for name in leads or basis.measured)
    waves = [(m.q_mv, m.q_ms) for m in every if m is not None]
    return sum(mv is not None and ms is not None and mv.value <= Q_MV and ms.value >= Q_MS for mv, ms in waves) >= 2


def _against(statement: Statement, basis: Basis) -> bool:
    told = finding.opinion(statement, basis, telling=False)
    return told.no and not told.yes


def _speaks_against(statement: Statement, basis: Basis) -> bool:
    """Whether the measurements contradict a finding, said or denied."""
    told = finding.opinion(statement, basis, telling=False)
    return (told.yes and not told.no) if statement.negated else (told.no and not told.yes)


def _holds(statement: Statement, basis: Basis) -> bool:
    told = finding.opinion(statement, basis, telling=False)
    return told.no if statement.negated else told.yes


def not_understood(text: str, statement: Statement) -> Claim:
    """That what a number or finding is said of, or how, was not understood."""
    words = text[statement.start : statement.end]
    return Claim(
        ClaimKind.FINDING, words, statement.start, statement.end, f"{UNREAD}{words.lower()}", statement.leads, None, "", Verdict.UNSUPPORTED, None,
        (), None, None, "what it is said of was not understood",
    )  # fmt: skip
