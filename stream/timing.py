"""When beats come: missed ones, many pauses, runs from above the ventricles, and irregular beats.

Definitions: docs/alarms.md, chains B and A. Atrial fibrillation itself is `stream.rhythm`.
"""

from __future__ import annotations

from numba import njit

from stream import shape
from stream.classify import VENTRICULAR
from stream.rate import begin_sure, unsure
from stream.report import (
    AFIB_ONSET,
    IRREGULAR_HR,
    IRREGULAR_HR_END,
    MISSED_BEAT,
    PAUSES_PER_MIN,
    SVT,
    VFIB,
    VTACH,
    begin,
    end,
    happen,
)
from stream.state import BEATS, NEVER, PAUSES, SHAPE_LEADS

MISSED, MISSED_S, MISSED_BPM = 1.75, 1.0, 100.0
"""A gap of so many usual RR, of so many seconds from this rate on (Mindray; GE 1.8)."""
BEHIND = 3
"""Beats that are not ventricular before a missed one."""
SOME_SLOWER = 1.1
"""One interval of a run may be this much longer than its limit; the mean may not."""
SLOWER = 2
"""Beats slower than a tachycardia that end it."""
UNEVEN, EVEN, UNEVEN_SHARE = 0.5, 0.25, 0.1
"""Beats are irregular when half of the differences of successive RR exceed a tenth of the mean RR, regular at a quarter."""
INTERVALS, LEAST_INTERVALS = 16, 12
MINUTE_S, SILENT_S = 60.0, 5.0
QUIVER_S = 1.25
"""Of signal in which the criteria of fibrillation (`stream.rhythm`) are looked for ahead of time."""


@njit(cache=True)
def timing(s, at, usual, paced, rate_hz, limits, out):
    """Judge the interval that ends with the newest beat; usual: the usual RR before it, in samples."""
    rr = s.beat_rr[(s.beats - 1) % BEATS]
    if rr >= limits.pause_s * rate_hz:
        s.pause_at[s.pauses % PAUSES] = at
        s.pauses += 1
    elif not paced:
        _missed(s, at, rr, usual, rate_hz, limits, out)
    _pauses(s, at, rate_hz, limits, out)
    _supraventricular(s, at, rr, usual, rate_hz, limits, out)


@njit(cache=True)
def _missed(s, at, rr, usual, rate_hz, limits, out):
    if rr <= 0.0 or usual <= 0.0 or s.beats <= BEHIND or s.active[VFIB] or unsure(s, s.next, rate_hz):
        return
    longest = MISSED * usual if 60.0 * rate_hz / usual < MISSED_BPM else MISSED_S * rate_hz
    if rr <= longest:
        return
    for back in range(1, BEHIND + 1):
        if s.beat_kind[(s.beats - 1 - back) % BEATS] == VENTRICULAR:
            return
    happen(s, MISSED_BEAT, at, at - int(rr), rr / rate_hz, longest / rate_hz, out)


@njit(cache=True)
def _pauses(s, at, rate_hz, limits, out):
    count, oldest = 0, at
    for back in range(min(s.pauses, PAUSES)):
        then = s.pause_at[(s.pauses - 1 - back) % PAUSES]
        if at - then >= MINUTE_S * rate_hz or then < s.seen_since:
            break
        count, oldest = count + 1, then
    if count > limits.pauses_per_min:
        begin(s, PAUSES_PER_MIN, at, oldest, count, limits.pauses_per_min, out)
    else:
        end(s, PAUSES_PER_MIN, at, out)


@njit(cache=True)
def _supraventricular(s, at, rr, usual, rate_hz, limits, out):
    """A run of fast beats that are not ventricular and that began with a premature one."""
    fast = (
        s.beat_kind[(s.beats - 1) % BEATS] != VENTRICULAR and 0.0 < rr * limits.svt_bpm < SOME_SLOWER * 60.0 * rate_hz
    )
    if fast and (s.svt_run > 0 or (usual > 0.0 and rr < shape.EARLY * usual)):
        s.svt_run += 1
        s.svt_slow = 0
    else:
        s.svt_run = 0
        s.svt_slow += 1
        if s.svt_slow >= SLOWER:
            end(s, SVT, at, out)
        return
    need = min(int(limits.svt_beats), BEATS)
    if s.svt_run < need or s.active[VFIB] or s.active[VTACH]:
        return
    total = 0.0
    for back in range(need):
        total += s.beat_rr[(s.beats - 1 - back) % BEATS]
    bpm = 60.0 * rate_hz * need / total
    if bpm > limits.svt_bpm:
        begin_sure(s, SVT, at, s.beat_at[(s.beats - need) % BEATS], bpm, limits.svt_bpm, rate_hz, out)


@njit(cache=True)
def _uneven_share(s, n, rate_hz):
    """Share of successive RR that differ by more than a tenth of the mean RR, beats of the ventricles left out; -1 unknown."""
    total, count = 0.0, 0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if s.beat_rr[k] <= 0.0 or n - s.beat_at[k] > 30.0 * rate_hz or count == INTERVALS:
            break
        total += s.beat_rr[k]
        count += 1
    if count < LEAST_INTERVALS:
        return -1.0
    mean, pairs, large = total / count, 0, 0
    for back in range(count - 1):
        k, j = (s.beats - 1 - back) % BEATS, (s.beats - 2 - back) % BEATS
        i = (s.beats - 3 - back) % BEATS
        if s.beat_kind[k] == VENTRICULAR or s.beat_kind[j] == VENTRICULAR or s.beat_kind[i] == VENTRICULAR:
            continue
        pairs += 1
        large += abs(s.beat_rr[k] - s.beat_rr[j]) > UNEVEN_SHARE * mean
    return large / pairs if pairs >= LEAST_INTERVALS // 2 else -1.0


@njit(cache=True)
def quivers(s, n, rate_hz, shape_hz):
    """Whether most leads oscillate while no beat comes: what may become fibrillation is called no pause meanwhile."""
    if s.last_beat == NEVER or n - s.last_beat < (QUIVER_S + 0.5) * rate_hz:
        return False
    count, votes, leads = int(QUIVER_S * shape_hz), 0, 0
    for k in range(min(SHAPE_LEADS, s.leads)):
        height, hz, leak, off = shape.oscillation(s, s.shapes, k, count, shape_hz)
        if height > 0.05:
            leads += 1
            votes += height > 0.2 and 1.8 < hz < 10.0 and leak < 0.62 and off > 0.62
    return votes > 0 and 2 * votes >= leads


@njit(cache=True)
def watch_evenness(s, n, rate_hz, limits, out):
    """Once a second: beats that are irregular for long without atrial fibrillation, and their end."""
    if s.active[PAUSES_PER_MIN]:
        _pauses(s, n, rate_hz, limits, out)
    if n - s.last_beat > SILENT_S * rate_hz:
        end(s, SVT, n, out)
    if s.afib or s.active[AFIB_ONSET] or s.active[VFIB] or s.active[VTACH]:
        s.uneven_since = NEVER
        s.even_since = NEVER
        end(s, IRREGULAR_HR, n, out)
        return
    share = _uneven_share(s, n, rate_hz)
    if unsure(s, n, rate_hz):
        # noise is uneven: what cannot be vouched for tells neither, and nothing is counted through it
        share, s.uneven_since = -1.0, NEVER
    if share >= UNEVEN:
        s.even_since = NEVER
        if s.uneven_since == NEVER:
            s.uneven_since = n
        length = (n - s.uneven_since) / rate_hz
        if length >= limits.irregular_s:
            begin(s, IRREGULAR_HR, n, s.uneven_since, length, limits.irregular_s, out)
    elif 0.0 <= share <= EVEN:
        s.uneven_since = NEVER
        if s.even_since == NEVER:
            s.even_since = n
        length = (n - s.even_since) / rate_hz
        if s.active[IRREGULAR_HR] and length >= limits.irregular_end_s:
            end(s, IRREGULAR_HR, n, out)
            happen(s, IRREGULAR_HR_END, n, s.even_since, length, limits.irregular_end_s, out)
