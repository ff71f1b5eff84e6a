"""What stands between the signal and its alarms: leads, noise, amplitude, learning, and settings.

Evaluated once a second at a fixed sample; leads off and no readable lead four times. Definitions: docs/alarms.md.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.heights import CLEAR, LEAST_QRS_MV
from stream.report import (
    ARRHYTHMIA_OFF,
    ASYSTOLE,
    CANNOT_ANALYZE,
    ECG_ALARMS_OFF,
    LEAD_FALLBACK,
    LEADS_OFF,
    LOW_QRS_AMPLITUDE,
    NOISY_ECG,
    PACED_STATUS_UNKNOWN,
    REPLACE_LEAD,
    SOME_ALARMS_OFF,
    STILL_LEARNING,
    VFIB,
    VTACH,
    begin,
    end,
    held,
    is_told,
    lost_since,
)
from stream.state import NEVER

GOOD, NOISY, FLAT, RAILED = 1, 2, 3, 4
"""Lead quality as kept in the state, with `stream.signalpath`; what is above is off."""
RELEARN_S = 60
"""A lead that was lost for so long is learnt anew, and is the main lead no more (Philips)."""
RELEARNING_S = 3
ATTACHED_S = 8.0
"""So long electrodes may take to be put on at the begin: a lead that was never valid is not off before (with `leads_off_s` it is told
within the 10 s of IEC 60601-2-27)."""
LOW_HOLD_S = 10.0
TINY_MV = 0.1
"""What swings less is no QRS, however small."""
REPLACE_S = 10.0
RECOVER_S = 2.0
BEATING_S = 4.0


@njit(cache=True)
def leads(s, n, rate_hz, limits, out):
    """Leads off, and no lead that can be analysed."""
    _await(s, n)
    _off(s, n, rate_hz, limits, out)
    # what noise leaves of a rate that can be vouched for, or of a red rhythm, has been analysed
    red = is_told(s, VFIB) or is_told(s, ASYSTOLE) or is_told(s, VTACH)
    if red or not np.isnan(s.shown_rate) or not np.isnan(s.rate):
        s.judged_at = n
    worst, good = NOISY if red or not np.isnan(s.shown_rate) else GOOD, False
    for lead in range(s.leads):
        good = good or s.quality[lead] <= worst
    # leads that are good between interruptions help nobody while these let neither a rate nor its absence be known
    judged = s.judged_at == NEVER or n - s.judged_at < rate_hz
    if good and judged:
        s.bad_since = NEVER
        end(s, CANNOT_ANALYZE, n, out)
    elif s.bad_since == NEVER:
        s.bad_since = s.judged_at if good else n - int(rate_hz)
    elif n - s.bad_since >= limits.cannot_analyze_s * rate_hz:
        length = (n - s.bad_since) / rate_hz
        begin(s, CANNOT_ANALYZE, n, s.bad_since, length, limits.cannot_analyze_s, out)


@njit(cache=True)
def _await(s, n):
    """While every lead that is back after long is learnt anew and no other is read, nothing is known of beats.

    What moves there as a QRS could is no silence; where nothing does, the silence counts from the return.
    """
    waiting, stirs = False, False
    for lead in range(s.leads):
        if s.weight[lead] > 0.0:
            return
        if s.lost_s[lead] < 0:
            waiting = True
            stirs = stirs or s.recent[lead] >= LEAST_QRS_MV
    if waiting:
        s.last_beat = NEVER
        if stirs:
            s.stirred_at = n


@njit(cache=True)
def _off(s, n, rate_hz, limits, out):
    """Leads off that were valid, or are flagged so and have never been; told anew when none is left, and when one comes back."""
    off, valid, first, last = 0, 0, n, NEVER
    for lead in range(s.leads):
        since = lost_since(s, lead) if s.was_valid[lead] else s.off_since[lead]
        if since != NEVER and not s.was_valid[lead]:
            since = max(since, s.begun + int(ATTACHED_S * rate_hz))
        lost = since != NEVER and n - since >= limits.leads_off_s * rate_hz
        valid += s.was_valid[lead] or lost
        if lost:
            off += 1
            first, last = min(first, since), max(last, since)
    none_left = off > 0 and off == valid
    since = last if none_left else n if s.all_off else first
    sample = min(n, since + int(np.ceil(limits.leads_off_s * rate_hz))) if off > 0 else n
    if off == 0 or none_left != (s.all_off == 1):
        end(s, LEADS_OFF, sample, out)
    if off > 0:
        begin(s, LEADS_OFF, sample, first, off, valid, out)
    s.all_off = none_left


@njit(cache=True)
def technical(s, n, rate_hz, limits, out):
    """Once a second, at sample n, behind `grade`."""
    _learning(s, n, rate_hz, limits, out)
    _settings(s, n, limits, out)
    _noise(s, n, rate_hz, limits, out)
    if not s.learned:
        return
    _amplitude(s, n, rate_hz, limits, out)
    _replace(s, n, rate_hz, out)
    for lead in range(s.leads):
        _relearn(s, lead, n, rate_hz)
    _fallback(s, n, rate_hz, limits, out)


@njit(cache=True)
def _lasts(s, code, true, hold_s, value, limit, n, rate_hz, out):
    """Begin what has been true for `hold_s`, end what has not been for RECOVER_S; value NaN: the seconds themselves."""
    if s.active[code]:
        if held(s, code, not true, n) >= RECOVER_S * rate_hz:
            s.holds_since[code] = NEVER
            end(s, code, n, out)
        return
    since = held(s, code, true, n)
    if since >= hold_s * rate_hz:
        first = s.holds_since[code]
        s.holds_since[code] = NEVER
        begin(s, code, n, first, since / rate_hz if np.isnan(value) else value, limit, out)


@njit(cache=True)
def _anew(s):
    """Whether every lead that could be read is learnt anew: until its height is known no beat is found."""
    waits = 0
    for lead in range(s.leads):
        if s.lost_s[lead] >= 0 and not _lost(s, lead):
            return False
        waits += s.lost_s[lead] < 0
    return waits > 0


@njit(cache=True)
def _learning(s, n, rate_hz, limits, out):
    """The first beats where they take long, and at once where only leads that came back after long are left."""
    if s.learned and _anew(s):
        begin(s, STILL_LEARNING, n, n, RELEARNING_S, np.nan, out)
    elif s.learned:
        s.holds_since[STILL_LEARNING] = NEVER
        end(s, STILL_LEARNING, n, out)
    elif s.blind_since == NEVER and not s.active[STILL_LEARNING]:
        _lasts(s, STILL_LEARNING, True, limits.learning_s, np.nan, limits.learning_s, n, rate_hz, out)


@njit(cache=True)
def _settings(s, n, limits, out):
    """What the policy and the bed's settings leave out; the limits carry how many."""
    _setting(s, PACED_STATUS_UNKNOWN, limits.paced_unknown, n, out)
    _setting(s, ARRHYTHMIA_OFF, limits.arrhythmia_off, n, out)
    _setting(s, SOME_ALARMS_OFF, limits.some_off, n, out)
    _setting(s, ECG_ALARMS_OFF, limits.all_off, n, out)


@njit(cache=True)
def _setting(s, code, count, n, out):
    if count > 0:
        begin(s, code, n, n, count, np.nan, out)
    else:
        end(s, code, n, out)


@njit(cache=True)
def _noise(s, n, rate_hz, limits, out):
    good, noisy = 0, 0
    for lead in range(s.leads):
        good += s.quality[lead] == GOOD
        noisy += s.quality[lead] == NOISY
    _lasts(s, NOISY_ECG, noisy > 0 and good == 0, limits.noisy_s, np.nan, limits.noisy_s, n, rate_hz, out)


@njit(cache=True)
def _amplitude(s, n, rate_hz, limits, out):
    """The swing of a second holds a QRS where the heart beats, and is never smaller than it.

    Where beats are small, or whatever moves since the begin is too small to be one, what is not found may be one all the same.
    """
    most, read = 0.0, 0
    for lead in range(s.leads):
        if s.quality[lead] == GOOD or s.quality[lead] == NOISY:
            most, read = max(most, s.high[lead] - s.low[lead]), read + 1
    beating = s.last_beat != NEVER and n - s.last_beat < BEATING_S * rate_hz
    low = read > 0 and (beating or (s.floor >= CLEAR and most >= TINY_MV)) and most < limits.low_qrs_mv
    _lasts(s, LOW_QRS_AMPLITUDE, low, LOW_HOLD_S, most, limits.low_qrs_mv, n, rate_hz, out)


@njit(cache=True)
def _replace(s, n, rate_hz, out):
    """A lead that was valid shows nothing and nobody flags it, while beats are read from another."""
    dead, good = False, False
    for lead in range(s.leads):
        silent = s.quality[lead] == FLAT or s.quality[lead] == RAILED
        dead = dead or (silent and s.was_valid[lead] and s.off_since[lead] == NEVER)
        good = good or s.quality[lead] == GOOD
    beating = s.last_beat != NEVER and n - s.last_beat < BEATING_S * rate_hz
    _lasts(s, REPLACE_LEAD, dead and good and beating, REPLACE_S, np.nan, REPLACE_S, n, rate_hz, out)


@njit(cache=True)
def _lost(s, lead):
    return s.off_since[lead] != NEVER or s.quality[lead] >= FLAT


@njit(cache=True)
def _relearn(s, lead, n, rate_hz):
    """The height of a QRS in a lead that comes back after long is taken from its first seconds; until then it waits."""
    if _lost(s, lead):
        s.lost_s[lead] = min(s.lost_s[lead] + 1, RELEARN_S) if s.lost_s[lead] >= 0 else RELEARN_S
        return
    if s.lost_s[lead] >= RELEARN_S:
        s.lost_s[lead] = -RELEARNING_S
        s.learn_max[lead] = 0.0
    elif s.lost_s[lead] < 0:
        s.lost_s[lead] += 1
        s.learn_max[lead] = max(s.learn_max[lead], s.recent[lead])
        if s.lost_s[lead] == 0:
            s.level[lead] = s.learn_max[lead]
            s.noise[lead] = 0.3 * s.level[lead]
    else:
        s.lost_s[lead] = 0
    if s.lost_s[lead] < 0:
        s.bad_until[lead] = max(s.bad_until[lead], n + int(1.5 * rate_hz))


@njit(cache=True)
def _fallback(s, n, rate_hz, limits, out):
    """The lead that weighs most is lost and another is read."""
    best = -1
    for lead in range(s.leads):
        if s.weight[lead] > 0.0 and not _lost(s, lead) and (best < 0 or s.weight[lead] > s.weight[best]):
            best = lead
    main = s.main_lead - 1
    if main < 0 or (s.lost_s[main] >= RELEARN_S and best >= 0):
        s.main_lead = best + 1
        s.holds_since[LEAD_FALLBACK] = NEVER
        end(s, LEAD_FALLBACK, n, out)
        return
    gone = _lost(s, main) and best >= 0
    _lasts(s, LEAD_FALLBACK, gone, limits.lead_fallback_s, np.nan, limits.lead_fallback_s, n, rate_hz, out)
