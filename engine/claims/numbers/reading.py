"""From what a number is said of to what was measured of it, in the unit of the measure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from engine.claims.basis import Basis
from engine.claims.numbers.cycles import KINDS, SAMPLE_MS, WHICH, beats_of, rr_values, spreads
from engine.claims.statement import Relation, Statement
from stream.measurement import Estimate

MM_MV = 0.1
"""Ten millimetres a millivolt; a small square is one of them."""
SQUARE_MS = 40.0
"""25 mm/s."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured of a subject: every value that it may mean."""

    measure: str
    """Name in the table of tolerances."""
    unit: str
    values: tuple[float, ...] = ()
    beats: tuple[int, ...] = ()
    why_not: str = ""
    """Why there is none."""


_TIMES = {"RR": "RR interval", "RR SD": "RR standard deviation", "PR": "PR interval", "QT": "QT interval", "QTc": "QTc"}
_WAVES = {"P": "p_mv", "Q": "q_mv", "R": "r_mv", "S": "s_mv", "T": "t_mv"}
_INDICES: dict[str, dict[str, frozenset[str]]] = {
    "Sokolow-Lyon voltage": {"S": frozenset({"V1", "V2"}), "R": frozenset({"V5", "V6"})},
    "Cornell voltage": {"S": frozenset({"V3"}), "R": frozenset({"aVL"})},
    "R I + S III voltage": {"S": frozenset({"III"}), "R": frozenset({"I"})},
}
"""By name the leads whose waves an index adds up."""
_LEAST_S_MV = 0.02
_UNMEASURED = {"T": "T duration", "R": "R duration", "S": "S duration", "ST": "ST duration", "ST at J": "ST duration"}


def dimension(statement: Statement) -> str:
    """ms, mV, /min, deg or beats: the unit in which a subject is measured, as the words around the number mean it."""
    what, detail = statement.what, statement.detail
    if what == "rate":
        return "/min"
    if what in ("axis", "other axis"):
        return "deg"
    if what == "ventricular beats":
        return "beats"
    if what in _TIMES or what == "moment":
        return "ms"
    if what in ("ST", "ST at J", "sokolow", "sum", "QS"):
        return "mV"
    if what == "R/S":
        return "1"
    if what == "Q" and statement.unit in ("ms", "mV"):
        return statement.unit
    if "amplitude" in detail and "duration" not in detail:
        return "mV"
    if "duration" in detail and "amplitude" not in detail:
        return "ms"
    if what == "QRS" and not statement.leads:
        return "ms"
    return (
        statement.unit
        if statement.unit in ("ms", "mV")
        else "mV"
        if statement.unit == "mm"
        else "ms"
        if what == "QRS"
        else "mV"
    )


def reading(statement: Statement, basis: Basis) -> Reading:
    """Measured values of the subject of a number."""
    what, unit = statement.what, dimension(statement)
    if what == "other axis":
        return Reading("axis of P or T", "deg", why_not="the axes of P and T are not measured")
    if what in ("rate", "axis", "ventricular beats", *_TIMES):
        return _whole(statement, basis, unit)
    if what == "moment":
        return _moment(statement, basis)
    if what == "sokolow":
        return _sokolow(basis)
    if what == "R/S":
        return _ratio(statement, basis)
    if what == "sum":
        return _sum(statement, basis)
    if unit == "ms":
        return _duration(statement, basis)
    return _amplitude(statement, basis)


def _whole(statement: Statement, basis: Basis, unit: str) -> Reading:
    m = basis.m
    what = statement.what
    if what == "rate":
        return _one("heart rate", unit, basis.rate, basis.beats(), "the rate is not known")
    if what == "RR" and statement.detail in WHICH:
        single = rr_values(basis, statement.detail)
        return Reading("RR interval", unit, single, basis.beats(), "" if single else "RR intervals are not known")
    if what == "RR SD" and statement.detail == "spread":
        apart = spreads(basis)
        return Reading("RR spread", unit, apart, basis.beats(), "" if apart else "RR intervals are not known")
    if what == "RR":
        mean = None if m.rate_bpm is None or m.rate_bpm.value <= 0 else 60000.0 / m.rate_bpm.value
        both = tuple(v for v in (mean, _value(m.rr_ms)) if v is not None)
        return Reading("RR interval", unit, both, basis.beats(), "" if both else "RR intervals are not known")
    if what == "RR SD":
        return _one("RR standard deviation", unit, basis.m.rr_sd_ms, basis.beats(), "the RR intervals are not known")
    if what == "axis":
        return _one("QRS axis", unit, m.axis_deg, basis.beats("qrs_ms"), "leads I and aVF are not both measured")
    if what == "ventricular beats":
        return Reading(what, unit, (float(basis.ventricular_beats),), basis.beats())
    if what == "QTc":
        names = [statement.detail] if statement.detail else ["bazett", "fridericia"]
        values = tuple(v for n in names if (v := getattr(m, f"qtc_{n}_ms", None)) is not None)
        return Reading("QTc", "ms", values, basis.beats("qt_ms"), "" if values else "QT is not known")
    estimate = {"PR": m.pr_ms, "QT": m.qt_ms}[what]
    why = "there are no P waves" if what == "PR" and m.p_wave_present is False else f"the {what} interval is not known"
    return _one(_TIMES[what], unit, _value(estimate), basis.beats(f"{what.lower()}_ms"), why)


def _moment(statement: Statement, basis: Basis) -> Reading:
    """When the beats of the kind that is named come, from the begin of the segment."""
    found = beats_of(basis, statement.detail)
    name = KINDS[statement.detail]
    times = tuple(sample * SAMPLE_MS for sample in found)
    return Reading(f"moment of {name}", "ms", times, found, "" if found else f"{name} was not measured")


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


def _one(measure: str, unit: str, value: float | None, beats: tuple[int, ...], why: str) -> Reading:
    if value is None:
        return Reading(measure, unit, why_not=why)
    return Reading(measure, unit, (float(value),), beats)


def _sokolow(basis: Basis) -> Reading:
    s, lateral = basis.depth_mv("V1"), [v for n in ("V5", "V6") if (v := basis.mv(n, "r_mv")) is not None]
    if s is None or not lateral:
        return Reading("Sokolow-Lyon voltage", "mV", why_not="V1 and V5 are not both measured")
    return Reading("Sokolow-Lyon voltage", "mV", tuple(round(r + abs(s), 3) for r in lateral), basis.beats("qrs_ms"))


def _ratio(statement: Statement, basis: Basis) -> Reading:
    """Height of R over depth of S; where there is no S over that of the smallest one that is told."""
    seen = ((basis.mv(name, "r_mv"), basis.mv(name, "s_mv")) for name in statement.leads)
    known = [(r or 0.0, abs(s or 0.0)) for r, s in seen if r is not None or s is not None]
    values = tuple(round(r / max(s, _LEAST_S_MV), 2) for r, s in known)
    return Reading("R/S ratio", "1", values, basis.beats("qrs_ms"), "" if values else "R and S are not measured there")


def _sum(statement: Statement, basis: Basis) -> Reading:
    """Sizes of two waves added up, for each pair of the leads that may be meant."""
    named = (
        name
        for name, index in _INDICES.items()
        if all(set(at) <= index.get(wave, frozenset()) for wave, at in statement.terms)
    )
    name = next(named, "sum of two waves")
    sizes = [_sizes(basis, wave, leads) for wave, leads in statement.terms]
    if not all(sizes):
        return Reading(name, "mV", why_not="not both waves are measured")
    return Reading(name, "mV", tuple(round(sum(pair), 3) for pair in product(*sizes)), basis.beats("qrs_ms"))


def _sizes(basis: Basis, wave: str, leads: tuple[str, ...]) -> list[float]:
    """Sizes of a wave in each of these leads; of S also that of the deepest wave, which the voltage criteria take."""
    found = [basis.mv(lead, _WAVES[wave]) for lead in leads]
    found += [basis.depth_mv(lead) for lead in leads] if wave == "S" else []
    return list(dict.fromkeys(abs(value) for value in found if value is not None))


def _duration(statement: Statement, basis: Basis) -> Reading:
    what, m = statement.what, basis.m
    if what == "P":
        return _one("P duration", "ms", _value(m.p_ms), basis.beats("p_ms"), "the P wave is not measured")
    if what == "QRS":
        return _one("QRS duration", "ms", _value(m.qrs_ms), basis.beats("qrs_ms"), "the QRS is not measured")
    if what == "Q" and statement.every:
        return _every_q(statement, basis)
    if what == "Q":
        return _per_lead(statement, basis, "Q duration", "ms", ("q_ms",))
    name = _UNMEASURED.get(what, what or "what the number is said of")
    return Reading(name, "ms", why_not=f"{name} is not measured")


def _every_q(statement: Statement, basis: Basis) -> Reading:
    """Durations of Q in all of its leads; none is 0 ms where the QRS was measured."""
    seen = [n for n in statement.leads if basis.mv(n, "r_mv") is not None or basis.mv(n, "s_mv") is not None]
    values = tuple(basis.mv(name, "q_ms") or 0.0 for name in seen)
    return Reading("Q duration", "ms", values, basis.beats("qrs_ms"), "" if seen else "the QRS is not measured")


def _amplitude(statement: Statement, basis: Basis) -> Reading:
    what = statement.what
    if what in ("ST", "ST at J"):
        detail = statement.detail.split()
        at_j = (what == "ST at J" or "j" in detail) and "later" not in detail
        names = ("st_j_mv",) if at_j else ("st_j60_mv",) if "only" in detail else ("st_j_mv", "st_j60_mv")
        if statement.relation in (Relation.BELOW, Relation.ABOVE):
            return _st_levels(statement, basis, detail, at_j)
        return _per_lead(statement, basis, "ST level", "mV", names)
    if what == "QRS":
        return _qrs_amplitude(statement, basis)
    if what == "QS":
        return _per_lead(statement, basis, "S amplitude", "mV", ("q_mv", "s_mv"))
    if what in _WAVES:
        return _per_lead(statement, basis, f"{what} amplitude", "mV", (_WAVES[what],))
    return Reading(what or "a number", "mV", why_not="it is not said of anything that is measured")


def _asked(statement: Statement) -> tuple[str, ...]:
    return statement.leads or (("II",) if statement.what == "P" else ())


def _per_lead(statement: Statement, basis: Basis, measure: str, unit: str, fields: tuple[str, ...]) -> Reading:
    leads = _asked(statement)
    if not leads:
        return Reading(measure, unit, why_not="no lead is named")
    values = tuple(v for name in leads for f in fields if (v := basis.mv(name, f)) is not None)
    if not values:
        rare = [n for n in leads if any(basis.untold.mv(n, f) is not None for f in fields)]
        few = f"it is seen in fewer than half of the beats in {', '.join(rare)}"
        return Reading(measure, unit, why_not=few if rare else f"it is not measured in {', '.join(leads)}")
    return Reading(measure, unit, values, basis.beats("qrs_ms"))


def _st_levels(statement: Statement, basis: Basis, detail: list[str], at_j: bool) -> Reading:
    """One ST level a lead, to be held against a bound: at J of an elevation, 60 ms later of a depression, else the nearer to the baseline, but of one that rises slowly."""
    found = []
    for lead in statement.leads:
        j, later = basis.mv(lead, "st_j_mv"), basis.mv(lead, "st_j60_mv")
        ways = {"elevated", "depressed"} & set(detail)
        level = j if at_j or (ways == {"elevated"} and "later" not in detail) else later
        if ways == {"elevated"} and not at_j and j is not None and later is not None and _below(statement, j, later):
            level = max(j, later)
        if not at_j and not ways and "later" not in detail and j is not None and later is not None:
            level = (max if _rises_slowly(j, later) else min)(j, later, key=abs)
        found += [] if level is None else [level]
    return Reading(
        "ST level", "mV", tuple(found), basis.beats("qrs_ms"), "" if found else "its ST level is not measured"
    )


def _below(statement: Statement, *levels: float) -> bool:
    """Whether a bound from above holds for every one of these levels."""
    ends = said(statement, "mV")
    return statement.relation is Relation.BELOW and ends is not None and max(levels) <= ends[1] + 0.01


def _rises_slowly(j: float, later: float) -> bool:
    """Whether ST is depressed at J by 0.1 mV and still by half of it 60 ms later: then the level at J counts."""
    return j <= -0.1 and later <= -0.05


def _qrs_amplitude(statement: Statement, basis: Basis) -> Reading:
    """Peak to peak, or the largest deflection: both are called so."""
    leads = _asked(statement)
    values: list[float] = []
    for name in leads:
        r, q, s = (basis.mv(name, f) or 0.0 for f in ("r_mv", "q_mv", "s_mv"))
        if basis.lead(name) is not None and max(r, -q, -s) > 0:
            down = (statement.low or 0.0) < 0
            values += [min(q, s, 0.0)] if down else [round(r - min(q, s, 0.0), 3), max(r, -q, -s)]
    why = "" if values else "no lead is named" if not leads else f"it is not measured in {', '.join(leads)}"
    return Reading("QRS amplitude", "mV", tuple(values), basis.beats("qrs_ms"), why)


def said(statement: Statement, unit: str) -> tuple[float, float] | None:
    """Ends of what the text says in the unit of the measure; None where its unit cannot be that."""
    low, high = statement.low or 0.0, statement.high or 0.0
    written = statement.unit
    if not written:
        times = 1000.0 if unit == "ms" and 0 < abs(high) < 3.0 else 1.0
        return low * times, high * times
    if written == unit:
        return low, high
    if unit == "mV" and written in ("mm", "small squares"):
        return round(low * MM_MV, 4), round(high * MM_MV, 4)
    if unit == "ms" and written == "small squares":
        return low * SQUARE_MS, high * SQUARE_MS
    return None
