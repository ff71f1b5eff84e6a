"""Time without a QRS: between two beats, up to the end of the ten seconds, or as the alarm measured it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from engine.criteria.case import NOT_CONDUCTED, Case, show
from stream.catalogue import Code
from stream.measurement import Quality
from stream.trigger import MODEL_HZ, MODEL_SAMPLES

STANDS_OUT = 1.3
"""Of the median RR: a stretch that no alarm was called for is longer than that, else it is the rate that is slow (as for a beat that is dropped, `stream.atria`)."""
RATED = 3
"""RR intervals from which on a rate is told beside it."""
PAUSE_S = 2.0
"""As the alarm PAUSE has it by default for adults (docs/alarms.md)."""
PAUSE = "pause"
"""What is withheld of a stretch in which a beat may have been passed over."""
ABNORMAL = "102594003"
"""Electrocardiogram abnormal: a pause by itself does not tell whether sinus node or conduction fails."""
_ACC = "Kusumoto FM et al., ACC/AHA/HRS Guideline on bradycardia, Circulation 2019;140:e382-e482"
_OF_ALARM = {Code.PAUSE: "Pause", Code.MISSED_BEAT: "Missed beat", Code.PACER_NOT_PACING: "Pacer does not pace"}


@dataclass(frozen=True, slots=True)
class _Gap:
    """A stretch without a QRS, in the segment's 500 Hz samples."""

    first: int
    """R peak before it, or the begin of the segment."""
    last: int
    """R peak behind it, or the end of the segment."""
    seconds: float
    name: str = "Pause"
    limit_s: float | None = PAUSE_S


def pause(case: Case) -> None:
    """Each stretch without a QRS that a pause, a missed beat or a pacer was called for, or that is as long as a pause."""
    if case.code in NOT_CONDUCTED:
        return
    told = _of_alarm(case)
    for gap in ([told] if told is not None else []) + [g for g in _seen(case) if told is None or not _same(g, told)]:
        if why := _open(case, gap, gap is told):
            if case.held(PAUSE) != why:
                case.withhold(PAUSE, why)
        else:
            _say(case, gap)


def _of_alarm(case: Case) -> _Gap | None:
    """The stretch that the alarm was raised for, as it measured it."""
    trigger = case.segment.trigger
    name = _OF_ALARM.get(trigger.code)
    if name is None or trigger.value is None:
        return None
    first, last = (_place(case, sample) for sample in (trigger.first_sample, trigger.sample))
    return _Gap(first, last, trigger.value, name, trigger.limit)


def _place(case: Case, sample: int) -> int:
    """A sample of the session in those of the segment."""
    at = round((sample - case.segment.first_sample) * MODEL_HZ / case.segment.trigger.rate_hz)
    return min(MODEL_SAMPLES - 1, max(0, at))


def _seen(case: Case) -> list[_Gap]:
    """Beats of the segment that are PAUSE_S apart or more, and more than usual, with nothing lost between them; and what follows the last one, where a lead shows it well."""
    beats = [b.sample for b in case.measurements.beats]
    if any(m.quality is Quality.GOOD for m in case.measurements.leads):
        beats.append(MODEL_SAMPLES)
    found = [_Gap(a, min(b, MODEL_SAMPLES - 1), round((b - a) / MODEL_HZ, 2)) for a, b in pairwise(beats)]
    lost, rr = case.measurements.lost, case.measurements.rr_ms
    least = max(PAUSE_S, STANDS_OUT * rr.value / 1000.0 if rr is not None and rr.beats >= RATED else 0.0)
    return [g for g in found if g.seconds >= least and not any(a < g.last and b > g.first for a, b in lost)]


def _same(one: _Gap, other: _Gap) -> bool:
    return one.first < other.last and other.first < one.last


def _open(case: Case, gap: _Gap, of_alarm: bool) -> str:
    """Why it is not known whether a stretch is without a QRS; empty where it is. What an alarm measured is doubted only by what is seen in it."""
    if why := case.passed_over(gap.first, gap.last):
        return why
    return f"{case.gain}, so that beats may have been passed over" if case.gain and not of_alarm else ""


def _say(case: Case, gap: _Gap) -> None:
    within = [b for b in case.measurements.beats if abs(b.sample - gap.first) < MODEL_HZ // 10]
    length = case.evidence(
        "time without a QRS complex",
        gap.seconds,
        "s",
        limit=gap.limit_s,
        criterion="no QRS between the beats, or behind the last one",
        source=_ACC,
    )
    found = [replace(length, first_sample=gap.first, last_sample=gap.last, beat=within[0].sample if within else None)]
    rr = next((b for b in case.measurements.beats if gap.last - 50 < b.sample <= gap.last + 50), None)
    if rr is not None and rr.rr_ms is not None:
        closes = case.evidence("RR interval", rr.rr_ms, "ms", beat=rr.sample, source=_ACC)
        found.append(replace(closes, first_sample=gap.first))
    case.say(ABNORMAL, gap.name, f"{gap.name}: no QRS for {show(gap.seconds)} s.", 0.8, *found)
