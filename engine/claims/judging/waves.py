"""Findings of the waves of single leads: Q waves and QS complexes, the sign of P and QRS, and where a wave is largest."""

from __future__ import annotations

from collections.abc import Callable

from engine.claims.basis import Basis
from engine.claims.judging import rhythm
from engine.claims.judging.opinion import Each, Opinion, above, below, both, denied, unknown
from engine.criteria.q_waves import Q_MV, WALLS, q_in_doubt, q_in_most, q_is_pathological, q_unsteady, qs_mv
from ingest.frame import CHEST, LEADS, LIMB
from stream.measurement import Estimate, LeadMeasurements

_NOT_AVR = tuple(name for name in LEADS if name != "aVR")
LIKE_MV = 0.05
"""By how much a wave may be smaller than the largest and be called so: half a millimetre of paper, what a reader can tell."""


def q_pathological(b: Basis, lead: str) -> Opinion:
    """As the criteria judge it, which ask for two leads of a wall: of one alone, or of one that is not the same in its beats, nothing is told."""
    m = b.lead(lead)
    if m is None or (m.r_mv is None and m.s_mv is None):
        return unknown("its QRS is not measured")
    if b.strict and m.q_mv is not None and m.q_mv.value <= Q_MV and not q_in_most(m):
        return unknown(_of_few(m.q_mv))
    here, low = q_is_pathological(m), qs_mv(m)
    if is_qs(b, lead) and not here and lead != "V1":
        return unknown("its QRS has no R wave")  # in V1 alone that is normal
    if low is not None:
        said, own = f"QS, {low.value:.2f} mV", ("QS amplitude", low.value, "mV")
    elif m.q_mv is None or m.q_ms is None or b.mv(lead, "q_mv") is None:
        return Opinion(False, True, "no Q wave")
    else:
        said, own = f"Q {m.q_ms.value:g} ms, {m.q_mv.value:.2f} mV", ("Q duration", m.q_ms.value, "ms")
        if q_unsteady(m):
            return unknown(f"{said}, not the same in its beats")
    if lead == "aVR" and (low is not None or (m.q_mv is not None and m.q_mv.value <= Q_MV)):
        return unknown(f"{said}, which is normal in aVR")  # neither pathological nor none
    if here and (doubt := q_in_doubt(m, b.m, b.segment)):
        return unknown(f"{said}, {doubt}")
    walls = [[b.lead(name) for name in wall] for wall in WALLS.values() if lead in wall]
    if here and all(sum(one is not None and _has_q(one, b) for one in wall) < 2 for wall in walls):
        return unknown(f"{said}, in no other lead of its wall")
    return Opinion(here, not here, said, *own)


def _of_few(q: Estimate) -> str:
    """That a Q wave is one of fewer than half of the beats of its lead, of ventricular ones for instance."""
    return f"a Q wave of {q.value:.2f} mV is seen in {q.beats} beat{'' if q.beats == 1 else 's'} alone"


def _has_q(m: LeadMeasurements, b: Basis) -> bool:
    return q_is_pathological(m) and not q_in_doubt(m, b.m, b.segment)


SEEN_MV, SEEN_MS = -0.04, 10.0
"""Depth or duration from which on a Q wave can be seen: half a millimetre of paper, less what it may be measured wrong, or a quarter of one."""


def q_there(b: Basis, lead: str) -> Opinion:
    """Any Q wave."""
    if b.lead(lead) is None or (b.mv(lead, "r_mv") is None and b.mv(lead, "s_mv") is None):
        return unknown("its QRS is not measured")
    deep = b.mv(lead, "q_mv")
    m = b.lead(lead)
    if b.strict and m is not None and m.q_mv is not None and m.q_mv.value <= SEEN_MV and not q_in_most(m):
        return unknown(_of_few(m.q_mv))
    if is_qs(b, lead) or (m is not None and qs_mv(m) is not None):
        return Opinion(True, False, "its QRS has no R wave")
    if deep is None:
        return Opinion(False, True, "no Q wave")
    long = m is not None and m.q_ms is not None and m.q_ms.value >= SEEN_MS
    return Opinion(deep <= SEEN_MV or long, deep > -0.06, f"Q {deep:.2f} mV", "Q amplitude", deep, "mV")


def of_few(b: Basis) -> bool:
    """Whether a lead has a Q wave that can be seen in fewer than half of its beats, so that one more lead may have one."""
    return any((b.untold.mv(name, "q_mv") or 0.0) <= SEEN_MV and b.mv(name, "q_mv") is None for name in b.measured)


def is_qs(b: Basis, lead: str) -> bool:
    """Whether a QRS points down from its begin to its end: what is no higher than the J point behind a Q wave is no R wave."""
    high, at_j, q = (b.mv(lead, field) for field in ("r_mv", "st_j_mv", "q_mv"))
    raised = high is not None and q is not None and at_j is not None and high <= at_j + 0.01
    deep = min(q or 0.0, b.mv(lead, "s_mv") or 0.0)
    return (high is None or raised) and deep <= Q_MV


TINY_R_MV = 0.15
"""R below which a QRS that points down may be called QS."""


def qs_there(b: Basis, lead: str) -> Opinion:
    """A QRS without any R wave, or with a tiny one."""
    if b.lead(lead) is None or (b.mv(lead, "r_mv") is None and not is_qs(b, lead)):
        return unknown("its QRS is not measured")
    high = None if is_qs(b, lead) else b.mv(lead, "r_mv")
    return Opinion(
        (high or 0.0) < TINY_R_MV and qrs_negative(b, lead).yes,
        high is not None,
        "no R wave" if high is None else f"R {high:.2f} mV",
    )


def rs_there(b: Basis, lead: str) -> Opinion:
    """A QRS that begins with an R wave and mostly points down."""
    down = qrs_negative(b, lead)
    return Opinion(False, True, "it has no R wave") if is_qs(b, lead) else down


def s_there(b: Basis, lead: str) -> Opinion:
    """Any S wave."""
    if b.lead(lead) is None or (b.mv(lead, "r_mv") is None and b.mv(lead, "s_mv") is None):
        return unknown("its QRS is not measured")
    deep = b.mv(lead, "s_mv")
    return Opinion(deep is not None, deep is None or deep > -0.06, "no S wave" if deep is None else f"S {deep:.2f} mV")


def p_upright(b: Basis, lead: str) -> Opinion:
    """P above the baseline."""
    return both(rhythm.p_waves(b), above("P wave", "mV", b.mv(lead, "p_mv"), 0.02, 0.015))


def p_inverted(b: Basis, lead: str) -> Opinion:
    """P below the baseline."""
    return both(rhythm.p_waves(b), below("P wave", "mV", b.mv(lead, "p_mv"), -0.02, 0.015))


def qrs_positive(b: Basis, lead: str) -> Opinion:
    """Net area above the baseline; R larger than Q and S where the area is not known."""
    return above(*_net(b, lead))


def qrs_negative(b: Basis, lead: str) -> Opinion:
    """Net area below the baseline; Q or S larger than R where the area is not known."""
    return below(*_net(b, lead))


def _net(b: Basis, lead: str) -> tuple[str, str, float | None, float, float]:
    area, r = b.mv(lead, "qrs_area_mvms"), b.mv(lead, "r_mv")
    if area is not None:
        return "QRS area", "mV.ms", area, 0.0, 3.0
    down = [abs(v) for f in ("q_mv", "s_mv") if (v := b.mv(lead, f)) is not None]
    return "R less Q or S", "mV", None if r is None and not down else (r or 0.0) - max(down, default=0.0), 0.0, 0.05


def terminal_r(b: Basis, lead: str) -> Opinion:
    """The second R of a right bundle branch block, seen from V1 and V2."""
    return _terminal(b, lead, ("V1", "V2"), ("I", "aVL", "V5", "V6"))


def terminal_s(b: Basis, lead: str) -> Opinion:
    """The late S of a right bundle branch block, seen from the left."""
    return _terminal(b, lead, ("I", "aVL", "V5", "V6"), ("V1",))


def _terminal(b: Basis, lead: str, seen: tuple[str, ...], hidden: tuple[str, ...]) -> Opinion:
    if not b.has("59118001") or lead not in (*seen, *hidden):
        return unknown("how a QRS ends is not measured")
    return Opinion(lead in seen, lead in hidden, "right bundle branch block")


def notched_r(b: Basis, lead: str) -> Opinion:
    """The broken R of a left bundle branch block, seen from the left."""
    if not b.has("164909002") or lead not in ("I", "aVL", "V5", "V6"):
        return unknown("notches are not measured")
    return Opinion(True, False, "left bundle branch block")


def largest(field: str, row: bool) -> Callable[[Basis, str], Opinion]:
    """Whether a wave is largest in a lead, among all leads or those of its row; as near to the largest as can be told, both hold."""

    def of(b: Basis, lead: str) -> Opinion:
        others: tuple[str, ...] = (LIMB if lead in LIMB else CHEST) if row else LEADS
        if field == "s_mv" and lead != "aVR":
            others = tuple(name for name in others if name != "aVR")  # whose QRS points down anyway
        sizes = {name: abs(v) for name in others if (v := b.mv(name, field)) is not None}
        if lead not in sizes or len(sizes) < 2:
            return unknown("this wave is not measured in enough leads")
        top = max(sizes, key=lambda name: sizes[name])
        why = f"{sizes[lead]:.2f} mV, largest in {top}: {sizes[top]:.2f} mV"
        return Opinion(sizes[lead] >= sizes[top] - LIKE_MV, lead != top, why, "amplitude", sizes[lead], "mV")

    return of


def deepest_t(b: Basis, lead: str) -> Opinion:
    """Whether T is lowest in a lead, but for aVR, in which it points down anyway."""
    found = {name: v for name in _NOT_AVR if (v := b.mv(name, "t_mv")) is not None}
    if lead not in found or len(found) < 2:
        return unknown("T is not measured in enough leads")
    low = min(found, key=lambda name: found[name])
    why = f"{found[lead]:.2f} mV, lowest in {low}: {found[low]:.2f} mV"
    return Opinion(found[lead] <= found[low] + LIKE_MV, lead != low, why, "amplitude", found[lead], "mV")


LOCAL: dict[str, tuple[tuple[str, ...], Each, bool]] = {
    "normal Q waves": (_NOT_AVR, lambda b, lead: denied(q_pathological(b, lead)), False),
    "pathological Q waves": (_NOT_AVR, q_pathological, True), "Q waves": (_NOT_AVR, q_there, True), "S waves": ((), s_there, False),
    "upright P waves": (("II",), p_upright, False), "inverted P waves": (("II",), p_inverted, True),
    "QS complexes": (CHEST, qs_there, True), "rS complex": ((), rs_there, True), "notched R": (("V6",), notched_r, True),
    "terminal R": (("V1",), terminal_r, True), "terminal S": (("V6",), terminal_s, True),
    "positive QRS": ((), qrs_positive, False), "negative QRS": ((), qrs_negative, True),
    "deepest T": ((), deepest_t, True), **{f"largest {w}": ((), largest(f"{w.lower()}_mv", False), True) for w in "RSTQP"},
    **{f"largest {w} of its row": ((), largest(f"{w.lower()}_mv", True), True) for w in "RSTQP"},
}  # fmt: skip
"""Findings of leads: those looked at where none is named, the opinion on one lead, and whether it is an abnormality."""
