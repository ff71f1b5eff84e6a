"""From changes of conditions to triggers: names, texts, chains and inhibition. Pure, in event time.

Within a chain only the highest alarm announces; whatever is kept back is a trigger all the same and names the rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ingest.bed import BedContext, BedState
from ingest.frame import Nanoseconds, Session
from stream.policy import PRIORITY, TECHNICAL, Code, Kind, Policy, Priority
from stream.trigger import Phase, Trigger, trigger_id

INHIBITED_BY: dict[Code, tuple[Code, ...]] = {
    Code.ASYSTOLE: (Code.ECG_PULSE_DISAGREE,),
    Code.VTACH: (Code.VFIB, Code.ECG_PULSE_DISAGREE),
    Code.RUN_PVC: (Code.VFIB, Code.VTACH),
    Code.PAUSE: (Code.VFIB, Code.ASYSTOLE),
    Code.EXTREME_TACHY: (Code.VFIB, Code.VTACH, Code.ECG_PULSE_DISAGREE),
    Code.EXTREME_BRADY: (Code.VFIB, Code.ASYSTOLE, Code.ECG_PULSE_DISAGREE),
    Code.HR_HIGH: (Code.VFIB, Code.VTACH, Code.EXTREME_TACHY),
    Code.HR_LOW: (Code.VFIB, Code.ASYSTOLE, Code.EXTREME_BRADY),
    Code.AFIB_ONSET: (Code.VFIB, Code.VTACH, Code.CANNOT_ANALYZE_ECG),
    Code.AFIB_END: (Code.CANNOT_ANALYZE_ECG,),
}
"""Which open alarms keep another from being announced (docs/alarms.md, chains V, B, R, A and cross inhibition)."""

UNITS = {
    Code.ASYSTOLE: "s",
    Code.VFIB: "s",
    Code.VTACH: "/min",
    Code.EXTREME_TACHY: "/min",
    Code.EXTREME_BRADY: "/min",
    Code.HR_HIGH: "/min",
    Code.HR_LOW: "/min",
    Code.PAUSE: "s",
    Code.RUN_PVC: "beats",
    Code.AFIB_ONSET: "s",
    Code.AFIB_END: "s",
    Code.LEADS_OFF: "leads",
    Code.CANNOT_ANALYZE_ECG: "s",
    Code.ECG_PULSE_DISAGREE: "/min",
}

_TEXTS = {
    Code.ASYSTOLE: "Asystole: no QRS for {value:.1f} s (limit {limit:.1f} s)",
    Code.VFIB: "Ventricular fibrillation for {value:.1f} s (limit {limit:.1f} s)",
    Code.VTACH: "Ventricular tachycardia {value:.0f}/min (limit {limit:.0f}/min)",
    Code.EXTREME_TACHY: "Extreme tachycardia {value:.0f}/min (limit {limit:.0f}/min)",
    Code.EXTREME_BRADY: "Extreme bradycardia {value:.0f}/min (limit {limit:.0f}/min)",
    Code.HR_HIGH: "Heart rate high {value:.0f}/min (limit {limit:.0f}/min)",
    Code.HR_LOW: "Heart rate low {value:.0f}/min (limit {limit:.0f}/min)",
    Code.PAUSE: "Pause: no QRS for {value:.1f} s (limit {limit:.1f} s)",
    Code.RUN_PVC: "Run of {value:.0f} ventricular beats (limit {limit:.0f})",
    Code.AFIB_ONSET: "Atrial fibrillation for {value:.0f} s (limit {limit:.0f} s)",
    Code.AFIB_END: "Atrial fibrillation ended {value:.0f} s ago (limit {limit:.0f} s)",
    Code.LEADS_OFF: "{value:.0f} lead(s) off",
    Code.CANNOT_ANALYZE_ECG: "ECG cannot be analysed for {value:.0f} s (limit {limit:.0f} s)",
    Code.ECG_PULSE_DISAGREE: "ECG and pulse disagree: pulse {value:.0f}/min, ECG {limit:.0f}/min",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A condition of one bed begins or ends, as the rules report it."""

    code: Code
    begins: bool
    sample: int
    first: int
    value: float
    limit: float
    beats: tuple[int, ...]


def event_ns(anchor_index: int, anchor_ns: int, sample: int, rate_hz: float) -> Nanoseconds:
    """Event time of a sample, from one sample whose time is known."""
    return Nanoseconds(anchor_ns + round((sample - anchor_index) * 1e9 / rate_hz))


def take(
    change: Change,
    open_triggers: dict[Code, Trigger],
    session: Session,
    context: BedContext,
    policy: Policy,
    anchor: tuple[int, int],
) -> list[Trigger]:
    """The triggers that a change makes; `open_triggers` is brought up to date.

    anchor: a sample index and its event time in nanoseconds.
    """
    at_ns = event_ns(*anchor, change.sample, session.rate_hz)
    if change.begins:
        opened = _onset(change, open_triggers, session, context, policy, at_ns)
        open_triggers[change.code] = opened
        return [opened]
    was = open_triggers.pop(change.code, None)
    if was is None:
        return []
    ended = replace(was, phase=Phase.OFFSET, sample=change.sample, at_ns=at_ns)
    return [ended, *_released(open_triggers, change.sample, at_ns)]


def end_all(open_triggers: dict[Code, Trigger], sample: int, at_ns: Nanoseconds) -> list[Trigger]:
    """Close every open episode, at a discharge, a relearn or the end of a session."""
    ended = [replace(t, phase=Phase.OFFSET, sample=sample, at_ns=at_ns) for t in open_triggers.values()]
    open_triggers.clear()
    return ended


def _onset(
    change: Change,
    open_triggers: dict[Code, Trigger],
    session: Session,
    context: BedContext,
    policy: Policy,
    at_ns: Nanoseconds,
) -> Trigger:
    code, priority = change.code, PRIORITY[change.code]
    value = None if math.isnan(change.value) else round(change.value, 3)
    limit = None if math.isnan(change.limit) else round(change.limit, 3)
    return Trigger(
        id=trigger_id(session.bed, session.id, change.sample, code),
        bed=session.bed,
        session=session.id,
        code=code,
        phase=Phase.ONSET,
        priority=priority,
        kind=Kind.TECHNICAL if code in TECHNICAL else Kind.PHYSIOLOGICAL,
        latching=priority is Priority.HIGH,
        sample=change.sample,
        first_sample=change.first,
        at_ns=at_ns,
        rate_hz=session.rate_hz,
        value=value,
        limit=limit,
        unit=UNITS[code],
        text=_TEXTS[code].format(value=value or 0.0, limit=limit or 0.0),
        policy_scope=policy.scope,
        policy_revision=policy.revision,
        beats=change.beats,
        suppressed_by=_suppressed(code, open_triggers, context, policy),
    )


def _suppressed(code: Code, open_triggers: dict[Code, Trigger], context: BedContext, policy: Policy) -> str:
    if context.state is not BedState.MONITORED:
        return f"bed is on {context.state}"
    if code in policy.off:
        return f"switched off by policy {policy.scope} revision {policy.revision}"
    for higher in INHIBITED_BY.get(code, ()):
        held = open_triggers.get(higher)
        if held is not None and not held.suppressed_by:
            return f"inhibited by {higher}"
    return ""


def _released(open_triggers: dict[Code, Trigger], sample: int, at_ns: Nanoseconds) -> list[Trigger]:
    """Open episodes that nothing inhibits any more: an update lets them be announced."""
    freed = []
    for code, held in open_triggers.items():
        if not held.suppressed_by.startswith("inhibited by "):
            continue
        if not any(h in open_triggers for h in INHIBITED_BY.get(code, ())):
            now = replace(held, phase=Phase.UPDATE, sample=sample, at_ns=at_ns, suppressed_by="")
            open_triggers[code] = now
            freed.append(now)
    return freed
