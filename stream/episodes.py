"""From changes of conditions to triggers: names, texts, chains, timeouts and inhibition. Pure, in event time.

Within a chain only the highest alarm announces; whatever is kept back is a trigger all the same and names the rule.
The rows of `stream.catalogue` say which alarm gives way to which; the clock is the sample count of the session.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ingest.bed import BedContext, BedState
from ingest.frame import Nanoseconds, Session
from stream.catalogue import CATALOGUE, Alarm, Chain, Code, Kind, Priority, above, number
from stream.policy import Policy
from stream.trigger import Phase, Trigger, trigger_id

NOISY = "; the ECG is noisy"
"""Put behind the text of what begins while NOISY_ECG is open."""
KEPT = (
    "",
    "held by a pulse of {seen:.0f}/min",
    "the beats cannot be vouched for",
    "conducted: no jump of the rate, behind P waves",
)
"""Why a rule keeps back what it has found, by the number in `stream.report`; for as long as an episode says so, it is kept."""
_KEPT = tuple(text.partition("{")[0] for text in KEPT[1:])
_BY_PULSE = frozenset({Code.VTACH, Code.VTACH_SUSTAINED, Code.RAPID_VT, Code.TORSADES_POLYMORPHIC})
"""Red alarms that a pulse replaces even after they were announced."""
SHADOW = "shadow"
"""Why what is off by default, but judged all the same, is kept back."""
IN_WAVES = "; counted in waves"
"""Put behind the text of a tachycardia whose beats cannot be told one by one."""
UNPLACED = "; wide beats, perhaps ventricular"
"""Put behind the text of a high rate whose beats are wide, without a P wave that is seen, and not as they were at rest."""


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
    detail: str = ""
    """What the text names besides value and limit: leads, reasons."""
    in_waves: bool = False
    """Whether the value is the rate of waves, for want of beats."""
    unplaced: bool = False
    """Whether it rests on wide beats whose origin nobody can see."""
    released: bool = False
    """The rule that kept it back lets it go; `begins` is false then."""
    kept: str = ""
    """Why the rule that found it keeps it back."""
    unseen: bool = False
    """No lead that is off was ever valid: nothing that was watched is lost."""


@dataclass(slots=True)
class Episodes:
    """What is open at a bed, and when each code was last announced (sample of the session)."""

    open: dict[Code, Trigger] = field(default_factory=dict)
    announced: dict[Code, int] = field(default_factory=dict)
    displaced: set[Code] = field(default_factory=set)
    """Open codes that were announced until a higher alarm came; no clock keeps them back when that is over."""
    withheld: Mapping[Code, str] = field(default_factory=dict)
    """Codes that successive measurements keep back for the time being, and why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and under which rules episodes are opened: the bed's session, settings and policy.

    anchor: a sample index and its event time in nanoseconds.
    """

    session: Session
    context: BedContext
    policy: Policy
    anchor: tuple[int, int]

    def ns(self, sample: int) -> Nanoseconds:
        """Event time of a sample."""
        return event_ns(*self.anchor, sample, self.session.rate_hz)


def event_ns(anchor_index: int, anchor_ns: int, sample: int, rate_hz: float) -> Nanoseconds:
    """Event time of a sample, from one sample whose time is known."""
    return Nanoseconds(anchor_ns + round((sample - anchor_index) * 1e9 / rate_hz))


def take(change: Change, episodes: Episodes, place: Place, alone: bool = True) -> list[Trigger]:
    """The triggers that a change makes; `episodes` is brought up to date.

    alone: nothing else changes at this moment. Else the caller sees to `release` behind the last change, so that what ends
    with the alarm that kept it back is not announced first.
    """
    if change.begins:
        if not place.policy.evaluates(change.code) or change.code in episodes.open:
            return []
        opened = _onset(change, episodes, place)
        episodes.open[change.code] = opened
        if opened.suppressed_by:
            return [opened]
        episodes.announced[change.code] = change.sample
        return [opened, *_displace(change.code, episodes, place, change.sample)]
    if change.released:
        return _let_go(change, episodes, place)
    was = episodes.open.pop(change.code, None)
    episodes.displaced.discard(change.code)
    if was is None:
        return []
    ended = replace(was, phase=Phase.OFFSET, sample=change.sample, at_ns=place.ns(change.sample))
    return [ended, *release(episodes, place, change.sample)] if alone else [ended]


def _let_go(change: Change, episodes: Episodes, place: Place) -> list[Trigger]:
    """An update of what a rule kept back: it is announced, or something else keeps it."""
    was = episodes.open.pop(change.code, None)
    if was is None:
        return []
    after = replace(_onset(change, episodes, place), id=was.id, phase=Phase.UPDATE, first_sample=was.first_sample)
    episodes.open[change.code] = after
    if after.suppressed_by:
        return [after]
    episodes.announced[change.code] = change.sample
    return [after, *_displace(change.code, episodes, place, change.sample)]


def during(asked: Trigger, episodes: Episodes, beats: bool) -> Trigger:
    """What a person asked for as a part of the most urgent red alarm of the rhythm that is announced at that moment, so that nothing is told of its ten seconds
    as if there were none; beats: whether the bed has shown any, else a silence may be one of its leads.
    """
    red = [
        one
        for one in episodes.open.values()
        if one.priority is Priority.HIGH
        and one.kind is Kind.PHYSIOLOGICAL
        and not one.suppressed_by
        and CATALOGUE[one.code].chain is not Chain.RATE
        and (beats or one.code is not Code.ASYSTOLE)
    ]
    if asked.code is not Code.REQUESTED or not red:
        return asked
    worst = min(red, key=lambda one: list(CATALOGUE).index(one.code))
    text = f"{asked.text} during an alarm: {worst.text}"
    return replace(
        worst, id=asked.id, sample=asked.sample, at_ns=asked.at_ns, phase=asked.phase, latching=False, text=text
    )


def end_all(episodes: Episodes, sample: int, at_ns: Nanoseconds, but: frozenset[Code] = frozenset()) -> list[Trigger]:
    """Close every open episode, at a gap, a discharge, a relearn or the end of a session; at a gap some go on."""
    ended = [
        replace(t, phase=Phase.OFFSET, sample=sample, at_ns=at_ns)
        for code, t in episodes.open.items()
        if code not in but
    ]
    for t in ended:
        del episodes.open[t.code]
    episodes.displaced &= but
    return ended


def mark(episodes: Episodes, state: NDArray[np.void]) -> None:
    """Tell the rules of a bed that learns anew what is open at it, and what of that they kept back."""
    for code, t in episodes.open.items():
        state["active"][number(code)] = 1
        state["kept"][number(code)] = t.suppressed_by.startswith(_KEPT)


def set_aside(episodes: Episodes, place: Place, sample: int) -> list[Trigger]:
    """End what is announced at a bed whose state no longer lets it be; what lasts goes on as an episode that is kept back."""
    return _aside({code: _place_keeps(place) for code in episodes.open}, episodes, place, sample)


def _aside(why: Mapping[Code, str], episodes: Episodes, place: Place, sample: int) -> list[Trigger]:
    """End what is announced and is not to be any more, by the reason for each code; what lasts goes on kept back."""
    made = []
    for code, t in list(episodes.open.items()):
        if t.suppressed_by or not why[code]:
            continue
        at_ns = place.ns(sample)
        made.append(replace(t, phase=Phase.OFFSET, sample=sample, at_ns=at_ns))
        del episodes.open[code]
        if not CATALOGUE[code].moment:
            name = trigger_id(t.bed, t.session, sample, code)
            held = replace(t, id=name, sample=sample, at_ns=at_ns, phase=Phase.ONSET, suppressed_by=why[code])
            episodes.open[code] = held
            made.append(held)
    return made


def _displace(higher: Code, episodes: Episodes, place: Place, sample: int) -> list[Trigger]:
    """What was announced and gives way to an alarm that now is; a red one, once told, stays, but for a tachycardia that the
    pulse contradicts."""
    made = []
    for code, t in episodes.open.items():
        stays = t.priority is Priority.HIGH and not (higher is Code.ECG_PULSE_DISAGREE and code in _BY_PULSE)
        if t.suppressed_by or stays or higher not in above(code, place.policy.choices):
            continue
        held = replace(
            t, phase=Phase.UPDATE, sample=sample, at_ns=place.ns(sample), suppressed_by=f"inhibited by {higher}"
        )
        episodes.open[code] = held
        episodes.displaced.add(code)
        made.append(held)
    return made


def release(episodes: Episodes, place: Place, sample: int) -> list[Trigger]:
    """Open conditions that nothing keeps back any more at `sample`: an update lets them be announced, highest first.

    What the policy has switched off since it was announced ends, and goes on kept back.
    """
    rows = place.policy.alarms
    off = {code: _policy_keeps(rows[code], place.policy) for code in episodes.open}
    freed = _aside(off, episodes, place, sample) if any(off.values()) else []
    held = [code for code, t in episodes.open.items() if t.suppressed_by and not CATALOGUE[code].moment]
    if not held:
        return freed
    for row in rows.values():
        if row.code in held and not _suppressed(row, sample, episodes, place):
            after = replace(
                episodes.open[row.code], phase=Phase.UPDATE, sample=sample, at_ns=place.ns(sample), suppressed_by=""
            )
            episodes.open[row.code] = after
            episodes.announced[row.code] = sample
            episodes.displaced.discard(row.code)
            freed += [after, *_displace(row.code, episodes, place, sample)]
    return freed


def _onset(change: Change, episodes: Episodes, place: Place) -> Trigger:
    row, session, policy = _row(change, place.policy), place.session, place.policy
    value = None if math.isnan(change.value) else round(change.value, 3)
    limit = None if math.isnan(change.limit) else round(change.limit, 3)
    text = row.text.format(value=value or 0.0, limit=limit or 0.0, detail=change.detail)
    text += IN_WAVES if change.in_waves else ""
    text += UNPLACED if change.unplaced else ""
    noisy = Code.NOISY_ECG in episodes.open and row.kind is Kind.PHYSIOLOGICAL
    return Trigger(
        id=trigger_id(session.bed, session.id, change.sample, row.code),
        bed=session.bed,
        session=session.id,
        code=row.code,
        phase=Phase.ONSET,
        priority=row.priority,
        kind=row.kind,
        latching=row.latching,
        sample=change.sample,
        first_sample=change.first,
        at_ns=place.ns(change.sample),
        rate_hz=session.rate_hz,
        value=value,
        limit=limit,
        unit=row.unit,
        text=text + NOISY if noisy else text,
        policy_scope=policy.scope,
        policy_revision=policy.revision,
        beats=change.beats,
        suppressed_by=change.kept or _suppressed(row, change.sample, episodes, place),
        tone=row.tone,
    )


def _row(change: Change, policy: Policy) -> Alarm:
    """The row of a change; leads off are raised above their usual priority only when no lead is left of some that were valid."""
    if change.code is Code.LEADS_OFF and (change.value < change.limit or change.unseen):
        return CATALOGUE[change.code]
    return policy.alarms[change.code]


def _place_keeps(place: Place) -> str:
    """Why no alarm of the bed is announced; empty where it is monitored."""
    state = place.context.state
    return "" if state is BedState.MONITORED else f"bed is on {state}"


def _policy_keeps(row: Alarm, policy: Policy) -> str:
    """Why the policy lets an alarm not be announced; empty where it does."""
    if row.code in policy.off:
        return f"switched off by policy {policy.scope} revision {policy.revision}"
    if not policy.announces(row.code):
        return SHADOW
    if row.arrhythmia and not policy.arrhythmia:
        return f"arrhythmia analysis is off by policy {policy.scope} revision {policy.revision}"
    return ""


def _suppressed(row: Alarm, sample: int, episodes: Episodes, place: Place) -> str:
    """The rule that keeps an alarm back at `sample`, empty where none does."""
    context, policy = place.context, place.policy
    now = episodes.open.get(row.code)
    if now is not None and now.suppressed_by.startswith(_KEPT):
        return now.suppressed_by
    if context.state is not BedState.MONITORED:
        return _place_keeps(place)
    by_policy = _policy_keeps(row, policy)
    if by_policy:
        return by_policy
    if row.code in episodes.withheld:
        return episodes.withheld[row.code]
    if row.chain in (Chain.ST, Chain.QT) and context.paced:
        return "the patient is paced"
    for higher in above(row.code, policy.choices):
        held = episodes.open.get(higher)
        if held is not None and not held.suppressed_by:
            return f"inhibited by {higher}"
    told = row.priority is Priority.HIGH or row.code in episodes.displaced
    return "" if told else _timed(row, sample, episodes, place)


def _timed(row: Alarm, sample: int, episodes: Episodes, place: Place) -> str:
    """The refractory time or the timeout that an alarm falls into; a red one falls into none."""
    rate_hz, announced = place.session.rate_hz, episodes.announced
    last = announced.get(row.code)
    if last is not None and sample - last < row.refractory_s * rate_hz:
        return f"refractory for {row.refractory_s:g} s"
    for higher in place.policy.alarms.values():
        if higher.timeout and higher.chain is row.chain and (higher is row or higher.rank < row.rank):
            minutes = place.policy.timeout_1_min if higher.timeout == 1 else place.policy.timeout_2_min
            last = announced.get(higher.code)
            if last is not None and sample - last < minutes * 60.0 * rate_hz:
                return f"timeout of {higher.code} for {minutes:g} min"
    return ""
