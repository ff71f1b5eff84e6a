"""Value slots: a model that was trained with them writes `<PR:II>`, and the measured value and unit are put in here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from engine.claims.basis import Basis
from engine.claims.judging.withheld import without_number
from engine.claims.language.markup import sentences
from engine.criteria.case import WIDEST_MS
from ingest.frame import LEADS
from stream.certainty import edges_hidden

ROUGH_DIGITS, LEAST_ROUGH_MV = 1, 0.1
"""Decimals of an amplitude, and the least that is told, where the edges of the QRS are not known: of less than a tenth of a millivolt a rounded one says nothing."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One kind of slot: what is measured, how it is printed, and whether it needs a lead."""

    measure: str
    unit: str
    """As it is written."""
    digits: int
    of: Callable[[Basis, str], float | None]
    per_lead: bool = False


def _of_lead(field: str) -> Callable[[Basis, str], float | None]:
    return lambda basis, lead: basis.mv(lead, field)


def _of_whole(field: str) -> Callable[[Basis, str], float | None]:
    def of(basis: Basis, lead: str) -> float | None:
        if lead and basis.lead(lead) is None:
            return None
        found = getattr(basis.m, field)
        return None if found is None else float(getattr(found, "value", found))

    return of


def _mean_rr(basis: Basis, lead: str) -> float | None:
    """Mean RR in ms, that of the rate told beside it; the median of uneven intervals is another number."""
    rate = basis.m.rate_bpm
    return None if rate is None or rate.value <= 0 else 60000.0 / rate.value


SLOTS: dict[str, Slot] = {
    "HR": Slot("heart rate", "bpm", 0, _of_whole("rate_bpm")),
    "RR": Slot("RR interval", "ms", 0, _mean_rr),
    "P": Slot("P duration", "ms", 0, _of_whole("p_ms")),
    "PR": Slot("PR interval", "ms", 0, _of_whole("pr_ms")),
    "QRS": Slot("QRS duration", "ms", 0, _of_whole("qrs_ms")),
    "QT": Slot("QT interval", "ms", 0, _of_whole("qt_ms")),
    "QTCB": Slot("QTc (Bazett)", "ms", 0, _of_whole("qtc_bazett_ms")),
    "QTCF": Slot("QTc (Fridericia)", "ms", 0, _of_whole("qtc_fridericia_ms")),
    "AXIS": Slot("QRS axis", "degrees", 0, _of_whole("axis_deg")),
    "PAMP": Slot("P amplitude", "mV", 2, _of_lead("p_mv"), True),
    "QAMP": Slot("Q amplitude", "mV", 2, _of_lead("q_mv"), True),
    "QDUR": Slot("Q duration", "ms", 0, _of_lead("q_ms"), True),
    "RAMP": Slot("R amplitude", "mV", 2, _of_lead("r_mv"), True),
    "SAMP": Slot("S amplitude", "mV", 2, _of_lead("s_mv"), True),
    "TAMP": Slot("T amplitude", "mV", 2, _of_lead("t_mv"), True),
    "STJ": Slot("ST level at J", "mV", 2, _of_lead("st_j_mv"), True),
    "ST": Slot("ST level at J+60", "mV", 2, _of_lead("st_j60_mv"), True),
}
"""By the name between the angle brackets; those of the whole may name a lead, those of a lead must."""


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile(r"<([A-Z]{1,5})(?::([A-Za-z0-9]{1,4}))?>")


@lru_cache(maxsize=1)
def _leads() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(sorted(LEADS, key=len, reverse=True))})\b")


def names() -> tuple[str, ...]:
    """Every slot token that a model may write, in a fixed order: those of the whole, then those of each lead."""
    whole = [f"<{name}>" for name, slot in SLOTS.items() if not slot.per_lead]
    return (*whole, *(f"<{name}:{lead}>" for name in SLOTS for lead in LEADS))


def slot_of(text: str) -> tuple[str, str] | None:
    """Name and lead of a text that is a slot and nothing else."""
    found = _pattern().fullmatch(text)
    return (found.group(1), found.group(2) or "") if found else None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text with measured values in its slots."""

    text: str
    """A sentence that holds a slot of which nothing is known is left out; the known values of its other slots stay, by name."""
    withheld: tuple[str, ...]
    """Why each of those was left out, in their order."""


def render(text: str, basis: Basis) -> Rendered:
    """Fill the slots of a text; what is withheld stands apart, so that nobody reads it as a claim.

    A lead is added behind a value where the last one that the sentence names is another.
    """
    found, withheld, at = [], [], 0
    for start, end in sentences(text):
        filled, missing = _sentence(text[start:end], basis)
        found += [text[at:start], filled]
        withheld += ["; ".join(dict.fromkeys(missing))] if missing else []
        at = end
    return Rendered("".join([*found, text[at:]]).strip(), tuple(withheld))


def _sentence(text: str, basis: Basis) -> tuple[str, list[str]]:
    missing: list[str] = []

    def put(match: re.Match[str]) -> str:
        name, lead = match.group(1), match.group(2) or ""
        said, why = value(name, lead, basis)
        if why:
            missing.append(why)
        before = _leads().findall(_pattern().sub("", text[: match.start()]))
        named = before[-1:] == [lead] or re.match(rf"\W*in (?:lead )?{lead}\b", text[match.end() :])
        return f"{said} in {lead}" if lead and not named else said

    filled = _pattern().sub(put, text)
    return (_known(text, basis) if missing else filled), missing


def _known(text: str, basis: Basis) -> str:
    """The values of a sentence that are known, without the words that would need the others; empty where none is."""
    found = []
    for name, lead in _pattern().findall(text):
        said, why = value(name, lead, basis)
        if not why:
            found.append(f"{SLOTS[name].measure}{f' in {lead}' if lead else ''} {said}")
    told = ", ".join(dict.fromkeys(found))
    return f"{told[0].upper()}{told[1:]}." if told else ""


def _hidden(basis: Basis) -> str:
    """Why begin and end of the QRS, and with them the level that amplitudes are taken from, are only roughly known; empty where they are known."""
    qrs = basis.m.qrs_ms
    wider = qrs is not None and qrs.value > WIDEST_MS
    return edges_hidden(basis.m) or ("the QRS is wider than a conducted one" if wider else "")


def _digits(slot: Slot, basis: Basis) -> int:
    """Decimals of a value; an amplitude beside a QRS whose edges are not known is told in tenths of a millivolt, a millimetre of paper."""
    return min(slot.digits, ROUGH_DIGITS) if slot.unit == "mV" and _hidden(basis) else slot.digits


def value(name: str, lead: str, basis: Basis) -> tuple[str, str]:
    """Number and unit of a slot, or why there is none."""
    slot = SLOTS.get(name)
    where = f" in {lead}" if lead else ""
    if slot is None:
        return "", f"there is no slot {name}"
    if slot.per_lead and not lead:
        return "", f"the slot of the {slot.measure} names no lead"
    found = slot.of(basis, lead)
    if found is None:
        return "", f"the {slot.measure}{where} is not known"
    if withheld := without_number(slot.measure.partition(" (")[0], basis):
        return "", f"{slot.measure}: {withheld}"
    digits = _digits(slot, basis)
    if digits < slot.digits and abs(found) < LEAST_ROUGH_MV:
        return "", f"the {slot.measure}{where} is too small to be told while {_hidden(basis)}"
    # the sum turns a rounded -0.0 into 0.0
    shown = f"{round(found, digits) + 0.0:.{digits}f}"
    return f"{shown} {'degree' if slot.unit == 'degrees' and shown.lstrip('-') == '1' else slot.unit}", ""
