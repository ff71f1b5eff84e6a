"""What is read from the signal itself: how late R peaks, how long it rises before, how narrow T is, and the Q wave within the QRS of all leads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.criteria.case import Case
from ingest.frame import LEADS
from stream.delineate import CHOSEN
from stream.measurement import Estimate, Measurements
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment

MS = 1000.0 / MODEL_HZ
LEAST_BEATS = 3
_PR_LEVEL = (20, 8)
"""Samples before the QRS between which the PR level is taken, as for every amplitude."""
_SMOOTH = 5
"""Samples of the mean over which T is read: muscle noise would cut it at half its height."""
T_FROM_MS, T_SHARE = 40.0, 0.6
"""T is looked for from this time behind the QRS to this share of RR behind its begin."""

FOOT_MOST_MS, FOOT_MV = 60.0, 0.03
Q_FROM, Q_LOW_MV, R_MV = 6, -0.02, 0.05
"""Samples before the QRS of all leads from which on that of one lead may begin, what counts as below, and what as an R wave (as in `stream.delineate`)."""

J_LEVEL, S_MV = (8, 18), -0.03
"""Samples behind the QRS that tell the level from which a wave at its end stands out, and what counts as an S before it."""
FIRST_R_MV = 0.02
"""Height of the R wave that comes first, where there is a second one."""

Signal = NDArray[np.float64]


def r_peak_ms(case: Case, lead: str) -> Estimate | None:
    """R peak time of a lead: from the begin of the QRS, as all leads together have it, to its highest point.

    None where the lead has no signal, or fewer than three beats have a begin and a width.
    """
    y = _signal(case, lead)
    if y is None:
        return None
    found = [(on + int(np.argmax(y[on : off + 1])) - on) * MS for on, off, _ in _complexes(case)]
    return _estimate(found)


def foot_ms(case: Case, lead: str) -> Estimate | None:
    """How long a lead rises already before the begin of the QRS that all leads together have; 0 where it does not.

    The slope of a delta wave is so small beside that of R that its first part is measured as a part of PR. None as above.
    """
    y = _signal(case, lead)
    if y is None:
        return None
    smooth = np.convolve(y, np.full(_SMOOTH, 1.0 / _SMOOTH), mode="same")
    return _estimate([_rise(smooth, on) * MS for on, _, _ in _complexes(case)])


def _rise(y: Signal, on: int) -> int:
    """Samples for which a signal rises before `on` without a turn, at most FOOT_MOST_MS; 0 of a rise that noise may make."""
    first = on
    while first > max(1, on - round(FOOT_MOST_MS / MS)) and y[first - 1] < y[first]:
        first -= 1
    return on - first if y[on] - y[first] >= FOOT_MV else 0


def t_width_ms(case: Case, lead: str) -> Estimate | None:
    """Width of an upright T at half of its height above the PR level; None as above, or where T does not come down."""
    y = _signal(case, lead)
    if y is None:
        return None
    smooth = np.convolve(y, np.full(_SMOOTH, 1.0 / _SMOOTH), mode="same")
    found = []
    for on, off, rr in _complexes(case):
        if on < _PR_LEVEL[0]:
            continue
        level = float(np.mean(smooth[on - _PR_LEVEL[0] : on - _PR_LEVEL[1]]))
        width = _half_width(smooth - level, off + round(T_FROM_MS / MS), on + round(T_SHARE * rr))
        if width is not None:
            found.append(width * MS)
    return _estimate(found)


def _half_width(y: Signal, first: int, last: int) -> int | None:
    """Samples for which the highest wave between two places is above half of its height; None where it has no end."""
    last = min(last, MODEL_SAMPLES - 1)
    if last - first < 10:
        return None
    peak = first + int(np.argmax(y[first:last]))
    half = 0.5 * float(y[peak])
    if half <= 0.0:
        return None
    below = np.flatnonzero(y < half)
    before, behind = below[below < peak], below[below > peak]
    return int(behind[0] - before[-1]) - 1 if before.size and behind.size else None


def q_within(segment: Segment | None, m: Measurements, lead: str) -> tuple[float, float] | None:
    """Length (ms) and depth (mV, negative) of a lead's Q wave within the QRS of all leads, medians over the beats; zeros where R comes first.

    None where there is no signal of it, or no beat of which begin and end are known.
    """
    found = [_first_below(wave) for wave in _above_pr(segment, m, lead, Q_FROM, 0.0)]
    return None if not found else (float(np.median([q[0] for q in found])), float(np.median([q[1] for q in found])))


def _above_pr(segment: Segment | None, m: Measurements, lead: str, from_: int, to_ms: float) -> Iterator[Signal]:
    """Of each beat with a begin and a width the lead above its PR level, mV, from so many samples before its QRS to so long behind it; none without signal."""
    y = None if segment is None else _row(segment, lead)
    if y is None:
        return
    for beat in m.by_beat:
        if beat.qrs_on is not None and beat.qrs_ms is not None and beat.qrs_on >= _PR_LEVEL[0]:
            on, off = beat.qrs_on, beat.qrs_on + round((beat.qrs_ms + to_ms) / MS)
            if off <= y.size:
                yield y[on - from_ : off] - np.mean(y[on - _PR_LEVEL[0] : on - _PR_LEVEL[1]])


def _first_below(wave: Signal) -> tuple[float, float]:
    """Length and depth of what lies below before the first R; zeros where nothing does."""
    tall = np.flatnonzero(wave >= R_MV)
    first = wave[: tall[0]] if tall.size else wave
    low = first[first < Q_LOW_MV]
    return low.size * MS, float(low.min(initial=0.0))


def first_r_mv(segment: Segment | None, m: Measurements, lead: str) -> float | None:
    """Height (mV) above the PR level of what comes before the lowest point of the QRS of a lead, median over the beats; None where there is no signal of it."""
    found = [float(wave[: int(np.argmin(wave)) + 1].max()) for wave in _above_pr(segment, m, lead, 0, 0.0)]
    return float(np.median(found)) if found else None


def second_r_mv(segment: Segment | None, m: Measurements, lead: str) -> float | None:
    """Height (mV) above the PR level of the wave behind the S of a lead, and no more than it stands out above J; median over the beats, 0 where there is none.

    None where there is no signal of it, or fewer than three beats have a begin and a width. Of 551 narrow QRS of PTB-XL, CinC 2021 and LUDB 28 of 41 that are labelled
    right bundle branch block, mostly incomplete, have 0.05 mV in V1, and 13 of the 510 others.
    """
    waves = _above_pr(segment, m, lead, 0, CHOSEN.qrs_bias_ms + J_LEVEL[1] * MS)
    found = [_behind_s(wave, wave.size - J_LEVEL[1]) for wave in waves]
    return float(np.median(found)) if len(found) >= LEAST_BEATS else None


def _behind_s(wave: Signal, length: int) -> float:
    """Height of what follows the deepest point of a QRS of so many samples; 0 where nothing lies below, or no R wave is ahead of it: then it is the first."""
    lowest = int(np.argmin(wave[:length]))
    if wave[lowest] > S_MV or wave[: lowest + 1].max() < FIRST_R_MV:
        return 0.0
    top = float(wave[lowest : length + J_LEVEL[0]].max())
    return max(0.0, min(top, top - float(wave[length + J_LEVEL[0] :].mean())))


def _signal(case: Case, lead: str) -> Signal | None:
    """One lead in mV at 500 Hz; None where the segment carries no signal of it."""
    return _row(case.segment, lead)


def _row(segment: Segment, lead: str) -> Signal | None:
    if lead not in segment.measured or segment.signal_mv.shape[1] != MODEL_SAMPLES:
        return None
    return np.asarray(segment.signal_mv[LEADS.index(lead)], np.float64)


def _complexes(case: Case) -> list[tuple[int, int, float]]:
    """Begin and end of each QRS that is measured, and RR, all in samples of the segment."""
    rr = case.measurements.rr_ms
    usual = rr.value / MS if rr is not None else 400.0
    found = []
    for beat in case.measurements.by_beat:
        if beat.qrs_on is None or beat.qrs_ms is None:
            continue
        off = beat.qrs_on + round((beat.qrs_ms + CHOSEN.qrs_bias_ms) / MS)
        if 0 <= beat.qrs_on < off < MODEL_SAMPLES:
            found.append((beat.qrs_on, off, usual))
    return found


def _estimate(values: list[float]) -> Estimate | None:
    """Median and half the interquartile range, where there are three beats."""
    if len(values) < LEAST_BEATS:
        return None
    low, middle, high = np.percentile(values, [25, 50, 75])
    return Estimate(round(float(middle), 1), "ms", round(float(high - low) / 2, 1), len(values))
