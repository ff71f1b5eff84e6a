"""Numbers that answer a question: the value of a measure, of a wave in each lead, of a sum, and on which side of a bound it lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from engine.asked_of import formula, which_rr
from engine.asked_values import JUMP_MV, Value, beyond, extreme
from engine.claims.basis import Basis
from engine.claims.claim import Claim, Sentence, Verdict
from engine.claims.judging import number
from engine.claims.numbers.reading import dimension, reading
from engine.claims.statement import Statement
from engine.criteria.q_waves import qs_mv
from ingest.frame import LEADS
from stream.certainty import widened

WHOLE_HEART = ("PR", "QT", "QTc", "RR", "rate", "axis")
OF_LEADS = ("P", "Q", "R", "S", "T", "ST")


@dataclass
class Answer:
    """Sentences so far with the claims that they rest on."""

    basis: Basis
    question: str = ""
    sentences: list[Sentence] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def words(self) -> set[str]:
        """Of the question."""
        return set(self.question.lower().replace("?", " ").split())

    def say(self, text: str, claims: Iterable[Claim] = ()) -> None:
        """Take in a sentence, once."""
        if any(one.text == text for one in self.sentences):
            return
        first = len(self.claims)
        self.claims += claims
        held = len(self.claims) > first
        verdict = Verdict.AGREE if held else None
        self.sentences.append(Sentence(text, verdict, *((first, len(self.claims) - 1) if held else ())))


def tell_measure(told: Answer, name: str, leads: tuple[str, ...]) -> None:
    """The value of a measure; of a wave that in each of the leads."""
    if name not in OF_LEADS:
        if name == "QRS" and extreme(told.words, name) and _tell_largest_qrs(told, leads):
            return
        _tell_value(told, Statement("number", 0, 0, name, detail=_detail(told, name)), leads)
        return
    each = [
        Statement("number", 0, 0, name, (lead,), unit="mV") for lead in LEADS if lead in (leads or told.basis.measured)
    ]
    parts: list[str] = []
    claims: list[Claim] = []
    leaps, subject, row = [], f"{name} amplitude", _row(told, name, each)
    for one in row or each:
        found = reading(one, told.basis)
        subject, values = found.measure, found.values
        if name == "ST" and len(values) > 1 and abs(values[0] - values[1]) >= JUMP_MV:
            leaps.append(one.leads[0])
            values = values[1:]
        if values and (claim := judged(told.basis, one, values[0])) is not None:
            parts.append(f"{one.leads[0]} {' and '.join(f'{value:.2f}' for value in values)}")
            claims.append(claim)
    how = " at J and 60 ms later" if name == "ST" else ""
    subject = f"{extreme(told.words, name)} {subject}" if row else subject
    none = [lead for one in row or each if name == "R" and _is_qs(told.basis, lead := one.leads[0])]
    if none:
        told.say(f"[No R wave, for the QRS points down alone (QS): {', '.join(none)}.]")
    if parts:
        told.say(f"{subject[0].upper()}{subject[1:]}{how}: {', '.join(parts)} mV.", claims)
        if leaps:
            told.say(
                f"[At J: not told in {', '.join(leaps)}, for it lies {JUMP_MV:g} mV and more from the level 60 ms later, as where J lies within the QRS.]"
            )
    elif len(none) < len(each):
        told.say(f"[{subject[0].upper()}{subject[1:]}: not measured in {', '.join(leads or told.basis.measured)}.]")


def _is_qs(basis: Basis, lead: str) -> bool:
    found = basis.lead(lead)
    return found is not None and qs_mv(found) is not None and basis.mv(lead, "r_mv") is None


def _row(told: Answer, name: str, each: Sequence[Statement]) -> list[Statement]:
    """The one of these leads whose wave is the highest or lowest, where that is asked for: aVR, in which most waves point down, is none of them."""
    way, found = extreme(told.words, name), []
    for one in each if way and len(each) > 1 else ():
        values = reading(one, told.basis).values
        if values and one.leads != ("aVR",):
            found.append((values[-1], one))
    if not found:
        return []
    return [(min if way == "lowest" else max)(found, key=lambda pair: pair[0])[1]]


def _tell_largest_qrs(told: Answer, leads: Sequence[str]) -> bool:
    """Whether it is told in which lead the QRS is largest, from its deepest to its highest point."""
    each = [
        (found.values[0], one)
        for lead in leads or told.basis.measured
        if (found := reading(one := Statement("number", 0, 0, "QRS", (lead,), unit="mV"), told.basis)).values
    ]
    if not each:
        return False
    most, asked = max(each, key=lambda pair: pair[0])
    claim = judged(told.basis, asked, most)
    told.say(
        f"Largest QRS, from its lowest to its highest point: {asked.leads[0]} {most:.2f} mV.", [claim] if claim else []
    )
    return True


def tell_own(told: Answer, value: Value) -> None:
    """A value that is asked for by other words than the name of a measure."""
    found, unit = reading(value.asked, told.basis), dimension(value.asked)
    if len(found.values) <= value.which:
        told.say(f"[{value.name}: cannot be told: {found.why_not}.]")
        return
    one = found.values[value.which]
    claim = judged(told.basis, replace(value.asked, unit=unit), one)
    if claim is None:
        told.say(f"[{value.name}: withheld{_why_withheld(told.basis, replace(value.asked, unit=unit), one)}.]")
    else:
        told.say(f"{value.name}: {_rounded(one, unit)} {unit}.", [claim])


def tell_bound(told: Answer, asked: Statement) -> bool:
    """Whether it is answered on which side of a bound a measured value lies."""
    unit, detail = dimension(asked), asked.detail or _detail(told, asked.what)
    plain = Statement("number", 0, 0, asked.what, asked.leads, unit=unit, detail=detail, terms=asked.terms)
    found = reading(plain, told.basis)
    values = found.values if asked.what == "ST" else found.values[:1]
    name = _named(found.measure, asked.what, detail) + _where(asked.what, unit, asked.leads)
    if not values:
        told.say(f"[{name}: cannot be told: {found.why_not}.]")
        return True
    claim = judged(told.basis, plain, values[0])
    if claim is None:
        told.say(f"[{name}: withheld{_why_withheld(told.basis, plain, values[0])}.]")
        return True
    told_of = beyond(asked, values, told.question)
    if told_of is None:
        return False
    words, yes = told_of
    shown = " and ".join(_rounded(value, unit) for value in values)
    value = f"{shown} {'degrees' if unit == 'deg' else unit}{_wider(told.basis, asked.what)}"
    told.say(f"{name} {words}: {'yes' if yes else 'no'} ({value}).", [claim])
    return True


def _why_withheld(basis: Basis, asked: Statement, value: float) -> str:
    held = number.judge("", replace(asked, low=value, high=value), basis)
    return f": {held.why}" if held is not None else ""


def _named(measure: str, what: str, detail: str) -> str:
    """A measure as an answer names it."""
    if what == "QTc":
        return f"QTc ({detail.capitalize()})"
    if what == "RR" and detail:
        return f"{detail.capitalize()} RR interval"
    return f"{measure[0].upper()}{measure[1:]}"


def _where(what: str, unit: str, leads: Sequence[str]) -> str:
    """Of which leads a value is, behind its name: an interval is that of all leads, whichever was asked for."""
    if not leads:
        return ""
    return " over all leads" if what in WHOLE_HEART or (what == "QRS" and unit == "ms") else f" in {', '.join(leads)}"


def _detail(told: Answer, name: str) -> str:
    """Which of several readings of a measure is meant."""
    return {"QTc": formula(told.words), "RR": which_rr(told.words)}.get(name, "")


def _wider(basis: Basis, name: str) -> str:
    """What is told beside the width of a QRS that noise may have widened."""
    return f", {more}" if name == "QRS" and (more := widened(basis.m)) else ""


def _tell_value(told: Answer, asked: Statement, leads: Sequence[str] = ()) -> None:
    found, unit = reading(asked, told.basis), dimension(asked)
    name = _named(found.measure, asked.what, asked.detail) + _where(asked.what, unit, leads)
    if not found.values:
        told.say(f"[{name}: cannot be told: {found.why_not}.]")
        return
    claim = judged(told.basis, replace(asked, unit=unit), found.values[0])
    if claim is None:
        told.say(f"[{name}: withheld{_why_withheld(told.basis, replace(asked, unit=unit), found.values[0])}.]")
        return
    told.say(
        f"{name}: {_rounded(found.values[0], unit)} {'degrees' if unit == 'deg' else unit}{_wider(told.basis, asked.what)}.",
        [claim],
    )
    if asked.what == "QTc" and (open_ := told.basis.withholds("QTc")):
        told.say(f"[Whether it is long or short: withheld: {open_}.]")


def judged(basis: Basis, asked: Statement, value: float) -> Claim | None:
    """The claim that a measured value makes; None where the criteria withhold it."""
    claim = number.judge("", replace(asked, low=value, high=value), basis)
    return claim if claim is not None and claim.verdict is Verdict.AGREE else None


def _rounded(value: float, unit: str) -> str:
    return f"{value:.2f}" if unit in ("mV", "1") else f"{value:.0f}"
