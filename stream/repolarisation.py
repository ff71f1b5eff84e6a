"""ST and QT over successive measurements: limits of each lead, elevation in contiguous leads, QTc and its change.

Pure: a state and one measurement give the next state and what begins or ends. Amplitudes come from the diagnostic path
only. 1 mm is 0.1 mV.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.bed import BedContext, Sex
from stream.catalogue import Code
from stream.certainty import edges_hidden
from stream.episodes import Change
from stream.limits import Limits
from stream.measurement import Estimate, LeadMeasurements, Measurements
from stream.watch import Fact, Seen, Term, Watch, Window, add, changes, follow_all

MM = 10.0
"""Millimetres per millivolt."""
FAST_BPM = 120.0
"""Above this rate ST is read 60 ms behind J, else 80 ms (Welch Allyn; the T wave comes early in a fast rhythm)."""
LEAST_BEATS = 3
SEVERAL = 2
"""Leads beyond their limits that make ST_MULTI."""
STEADY_MS = 30.0
"""Half the spread between the quartiles of the beats above which a QT is not given."""
SMALL_R_MV, SMALL_T_MV = 0.15, 0.05
"""Where no good lead has a QRS and a T wave of this size, the end of T is a guess."""
QT_LEADS = 3
"""Good leads that must show a T wave: the median over two is the mean, and V1 alone often hides the end of T."""
MOST_OF_RR = 0.9
"""A QT longer than this share of RR has taken the next P wave for T."""
WIDE_MS = 120.0
"""From this width on, ST elevation is secondary to the QRS (Thygesen 2018, Circulation 138, e618-e651)."""
NOT_CONDUCTED = frozenset({"learning", "unknown", "asystole", "vtach", "vfib"})
"""Rhythms of which neither ST nor QT is given."""
NO_QT = NOT_CONDUCTED | {"afib"}
CONTIGUOUS = (
    ("V1", "V2"),
    ("V2", "V3"),
    ("V3", "V4"),
    ("V4", "V5"),
    ("V5", "V6"),
    ("V6", "V7"),
    ("V7", "V8"),
    ("V8", "V9"),
    ("V3R", "V4R"),
    ("I", "aVL"),
    ("II", "III"),
    ("II", "aVF"),
    ("III", "aVF"),
)
"""Neighbours on the chest, and the leads of the lateral and of the inferior wall."""
J_LIMIT_MM = 1.0
"""J-point elevation that counts in most leads."""
POSTERIOR_RIGHT = frozenset({"V7", "V8", "V9", "V3R", "V4R"})
SUSTAINED = 0.5
"""Share of the J-point limit that must be left 60 ms later: an edge of the QRS has come back by then."""


@dataclass(frozen=True, slots=True)
class Repolarisation:
    """What is carried of ST and QT from measurement to measurement."""

    watches: tuple[Watch, ...] = ()
    active: tuple[Code, ...] = ()
    qtc: Window = field(default_factory=Window)
    st_known: int | None = None
    """Index behind the last measurement that gave ST, or behind the first of all."""
    qt_known: int | None = None

    def interrupted(self) -> Repolarisation:
        """Behind a gap, or in another session: conditions begin anew, the baseline stays."""
        return Repolarisation(qtc=Window(baseline=self.qtc.baseline))


def advance(
    state: Repolarisation, seen: Seen, context: BedContext, limits: Limits, invalid: str
) -> tuple[Repolarisation, list[Change]]:
    """The state after one measurement, and the alarms that begin or end with it.

    invalid: why neither ST nor QT can be relied on although they are measured (paced, a new block); empty: they can.
    """
    no_st, no_qt = st_problem(seen, limits), qt_problem(seen, limits)
    qtc = None if no_qt or seen.measured is None else seen.measured.qtc_fridericia_ms
    window = add(state.qtc, None if invalid else qtc, seen)
    holds = {**_st_holds(seen, context, limits, bool(no_st)), **_qt_holds(seen, qtc, window, limits)}
    st_known = seen.stop if state.st_known is None or not (no_st or invalid) else state.st_known
    qt_known = seen.stop if state.qt_known is None or not (no_qt or invalid) else state.qt_known
    watches = follow_all(state.watches, holds, seen, _terms(limits))
    facts = {
        **_st_facts(seen, context, limits, watches),
        **_qt_facts(seen, qtc, window, limits, watches),
        **_blind(Code.CANNOT_ANALYZE_ST, st_known, invalid or no_st, seen, limits),
        **_blind(Code.CANNOT_ANALYZE_QT, qt_known, invalid or no_qt, seen, limits),
    }
    found = changes(state.active, facts, seen)
    return Repolarisation(watches, tuple(facts), window, st_known, qt_known), found


def _terms(limits: Limits) -> dict[str, Term]:
    st, ste, qt = (Term(s, limits.cannot_measure_s) for s in (limits.st_delay_s, limits.ste_delay_s, limits.qt_delay_s))
    return {"high": st, "low": st, "ste": ste, "qtc": qt, "dqtc": qt}


# ST ---------------------------------------------------------------------------------------------------------------


def st_problem(seen: Seen, limits: Limits) -> str:
    """Why no ST can be given of this measurement; empty where it can."""
    if seen.measured is None:
        return seen.unreadable or "the ECG cannot be read"
    if seen.rhythm in NOT_CONDUCTED:
        return f"rhythm is {seen.rhythm}"
    if not any(True for _ in _readable(seen)):
        return "no lead is good" if not seen.good else "no beat can be measured"
    return ""


def st_point(lead: LeadMeasurements, measured: Measurements) -> Estimate | None:
    """ST of a lead in mV at the point that the rate asks for."""
    fast = measured.rate_bpm is not None and measured.rate_bpm.value > FAST_BPM
    return lead.st_j60_mv if fast else lead.st_j80_mv


def _readable(seen: Seen) -> Iterator[LeadMeasurements]:
    for lead in seen.measured.leads if seen.measured is not None else ():
        if lead.lead in seen.good and lead.st_j_mv is not None and lead.st_j_mv.beats >= LEAST_BEATS:
            yield lead


def beyond(value: float, limit: float, spread: float) -> bool | None:
    """Whether a value is above a limit; None where its spread exceeds the distance."""
    if value <= limit:
        return False
    return True if value - limit >= spread else None


def j_limit_mm(lead: str, context: BedContext) -> float:
    """J-point elevation that counts (fourth universal definition, Thygesen 2018, Circulation 138, e618-e651).

    Where sex or age is not known, the limit is the higher one.
    """
    if lead in POSTERIOR_RIGHT:
        return 0.5
    if lead not in ("V2", "V3"):
        return J_LIMIT_MM
    if context.sex is Sex.FEMALE:
        return 1.5
    return 2.0 if context.age_years is not None and context.age_years >= 40 else 2.5


def high_limit_mm(lead: str, context: BedContext, limits: Limits) -> float:
    """ST that is high in a lead: in V2 and V3 higher by what the universal definition grants these leads, as far as the
    unit does.

    A third of the healthy records of PTB-XL has more than 2 mm at J+80 in V2 or V3, and next to none in another lead.
    """
    granted = j_limit_mm(lead, context) - J_LIMIT_MM if lead in ("V2", "V3") else 0.0
    return limits.st_high_mm + min(granted, limits.st_v2_v3_mm)


def _st_holds(seen: Seen, context: BedContext, limits: Limits, unknown: bool) -> dict[str, bool | None]:
    measured = seen.measured
    if unknown or measured is None:
        return {}
    found: dict[str, bool | None] = {}
    for lead in _readable(seen):
        point = st_point(lead, measured)
        if point is not None:
            mm, spread = point.value * MM, point.spread * MM
            found[f"high {lead.lead}"] = beyond(mm, high_limit_mm(lead.lead, context, limits), spread)
            found[f"low {lead.lead}"] = beyond(-mm, -limits.st_low_mm, spread)
        if measured.qrs_ms is not None and measured.qrs_ms.value < WIDE_MS:
            found[f"ste {lead.lead}"] = _elevated(lead, j_limit_mm(lead.lead, context))
    return found


def _elevated(lead: LeadMeasurements, limit_mm: float) -> bool | None:
    """Whether the J point is up and the segment behind it stays up."""
    j, later = lead.st_j_mv, lead.st_j60_mv
    if j is None or later is None:
        return None
    if later.value * MM < SUSTAINED * limit_mm:
        return False
    return beyond(j.value * MM, limit_mm, j.spread * MM)


def _st_facts(seen: Seen, context: BedContext, limits: Limits, watches: tuple[Watch, ...]) -> dict[Code, Fact]:
    """What holds of ST, the highest of the chain first."""
    told = {w.name: w for w in watches if w.told}
    high, low, up = (_named(told, kind) for kind in ("high", "low", "ste"))
    found = {**_elevation(seen, context, up), **_several(high, low)}
    if high:
        most = max(high, key=lambda n: _mm(seen, n) - high_limit_mm(n, context, limits))
        found[Code.ST_HIGH] = _fact(seen, high, most, high_limit_mm(most, context, limits))
    if low:
        found[Code.ST_LOW] = _fact(seen, low, min(low, key=lambda n: _mm(seen, n)), limits.st_low_mm)
    return found


def _fact(seen: Seen, leads: dict[str, Watch], most: str, limit_mm: float) -> Fact:
    return Fact(min(w.since for w in leads.values()), _mm(seen, most), limit_mm, ", ".join(leads))


def _elevation(seen: Seen, context: BedContext, up: dict[str, Watch]) -> dict[Code, Fact]:
    """Elevation of the J point in two contiguous leads: the one that is furthest above its limit is told."""
    pairs = [p for p in CONTIGUOUS if p[0] in up and p[1] in up]
    if not pairs:
        return {}
    leads = dict.fromkeys(name for pair in pairs for name in pair)
    most = max(leads, key=lambda n: _mm(seen, n, j_point=True) - j_limit_mm(n, context))
    since = min(max(up[a].since, up[b].since) for a, b in pairs)
    return {Code.STE: Fact(since, _mm(seen, most, j_point=True), j_limit_mm(most, context), ", ".join(leads))}


def _several(high: dict[str, Watch], low: dict[str, Watch]) -> dict[Code, Fact]:
    leads = dict.fromkeys((*high, *low))
    if len(leads) < SEVERAL:
        return {}
    since = sorted(min(w[n].since for w in (high, low) if n in w) for n in leads)[SEVERAL - 1]
    return {Code.ST_MULTI: Fact(since, float(len(leads)), float(SEVERAL), ", ".join(leads))}


def _named(told: dict[str, Watch], kind: str) -> dict[str, Watch]:
    """Watches of one kind by lead."""
    return {n.partition(" ")[2]: w for n, w in told.items() if n.startswith(kind + " ")}


def _mm(seen: Seen, name: str, j_point: bool = False) -> float:
    """ST of a lead in mm, at the point that the rate asks for or at J; 0 where this measurement does not give it."""
    measured = seen.measured
    lead = next((m for m in measured.leads if m.lead == name), None) if measured is not None else None
    if lead is None or measured is None:
        return 0.0
    estimate = lead.st_j_mv if j_point else st_point(lead, measured)
    return 0.0 if estimate is None else round(estimate.value * MM, 2)


# QT ---------------------------------------------------------------------------------------------------------------


def qt_problem(seen: Seen, limits: Limits) -> str:
    """Why no QT can be given of this measurement; empty where it can."""
    measured = seen.measured
    if measured is None:
        return seen.unreadable or "the ECG cannot be read"
    if seen.rhythm in NO_QT:
        return f"rhythm is {seen.rhythm}"
    if measured.rate_bpm is not None and measured.rate_bpm.value > limits.qt_most_bpm:
        return f"rate above {limits.qt_most_bpm:.0f}/min"
    if hidden := edges_hidden(measured):
        return hidden
    small = _small(seen)
    if small:
        return small
    if measured.qt_ms is None or measured.qtc_fridericia_ms is None or measured.qt_ms.beats < LEAST_BEATS:
        return "no T wave end can be found"
    if measured.rr_ms is not None and measured.qt_ms.value > MOST_OF_RR * measured.rr_ms.value:
        return "T wave runs into the next beat"
    return "QT differs from beat to beat" if measured.qt_ms.spread > STEADY_MS else ""


def _small(seen: Seen) -> str:
    leads = list(_readable(seen))
    if not leads:
        return "no lead is good" if not seen.good else "no beat can be measured"
    if max(max(_size(m.r_mv), _size(m.s_mv)) for m in leads) < SMALL_R_MV:
        return "small R"
    if max(_size(m.t_mv) for m in leads) < SMALL_T_MV:
        return "small T"
    return "T wave in too few leads" if sum(m.t_mv is not None for m in leads) < QT_LEADS else ""


def _size(estimate: Estimate | None) -> float:
    return 0.0 if estimate is None else abs(estimate.value)


def _spread(seen: Seen, qtc: float) -> float:
    """Of QTc, as QT has it."""
    qt = seen.measured.qt_ms if seen.measured is not None else None
    return 0.0 if qt is None or qt.value <= 0 else qt.spread * qtc / qt.value


def _qt_holds(seen: Seen, qtc: float | None, window: Window, limits: Limits) -> dict[str, bool | None]:
    if qtc is None:
        return {}
    spread = _spread(seen, qtc)
    longer = None if window.baseline is None else beyond(qtc - window.baseline, limits.dqtc_ms, spread)
    return {"qtc": beyond(qtc, limits.qtc_ms, spread), "dqtc": longer}


def _wide(seen: Seen) -> str:
    """What stands behind a QTc that holds a wide QRS (Rautaharju 2009, Circulation 119, e241-e250); else empty."""
    qrs = seen.measured.qrs_ms if seen.measured is not None else None
    return (
        f"; QRS {qrs.value:.0f} ms: QTc overstates repolarisation" if qrs is not None and qrs.value >= WIDE_MS else ""
    )


def _qt_facts(
    seen: Seen, qtc: float | None, window: Window, limits: Limits, watches: tuple[Watch, ...]
) -> dict[Code, Fact]:
    told = {w.name: w for w in watches if w.told}
    value, found = qtc or 0.0, {}
    if "qtc" in told:
        found[Code.QTC_HIGH] = Fact(told["qtc"].since, value, limits.qtc_ms, _wide(seen))
    if "dqtc" in told:
        found[Code.DQTC_HIGH] = Fact(told["dqtc"].since, round(value - (window.baseline or 0.0), 1), limits.dqtc_ms)
    return found


def _blind(code: Code, known: int, reason: str, seen: Seen, limits: Limits) -> dict[Code, Fact]:
    """Nothing known for too long: what it is, for how long, and why."""
    length_s = (seen.stop - known) / seen.rate_hz
    if not reason or length_s < limits.cannot_measure_s:
        return {}
    return {code: Fact(known, length_s, limits.cannot_measure_s, reason)}
