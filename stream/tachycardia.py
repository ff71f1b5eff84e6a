"""Ventricular tachycardia: is it, by the last five beats and the waves of the last three seconds, or by neither?

How likely it is say the trees; how fast it is say its beats, and where beats are passed over its waves.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream import shape
from stream.classify import VENTRICULAR
from stream.conducted import JUDGED, as_before, is_conducted, judging
from stream.contradiction import begin_red
from stream.counted import LEAST_RUN, are_parted, counted
from stream.models import log_odds
from stream.opening import DENIED, hold_ventricular, is_unplaced, opening
from stream.qrs import HOLD_S, SEARCH_BACK_RR
from stream.recurring import wave_row
from stream.report import BY_DOUBT, CONDUCTED, DECIDED_S, RECOVER_S, VTACH, end, end_tachycardia, held, keep
from stream.resting import is_resting, know_resting
from stream.rhythm import OSCILLATION_S
from stream.state import BEATS, NEVER, SHAPE_LEADS

SOME, FEW_ALONE = 4, 1.5
"""With fewer ventricular beats among the last five it must be surer (`limits.vt_few_odds`); where one lead alone moves, less so: there ventricular beats are taken
for others more often (chosen on the leads of CinC 2015, trees out of fold)."""
EVEN = 0.6
"""Leakage below which waves are as even as those of a monomorphic tachycardia."""
WAVE_MV = 0.05
"""What is lower is no wave."""
WINDOW_S = 3.4
"""Beats of this long are counted; those of the newest moment are still undecided."""
NEWEST_S, NEAR = 1.2, 0.8
"""Waves of this long tell how often they come where they come nearly as fast as two QRS can be told, in the share of that rate, and faster."""
GONE_S = 2.0
"""Without a beat for so long no tachycardia of beats goes on."""


@njit(cache=True)
def rate_of_last(s, beats, rate_hz):
    """Rate (/min) over so many last beats; 0 where there are fewer since the signal was last lost."""
    if beats < 2 or beats > min(s.beats, BEATS):
        return 0.0
    for back in range(beats - 1):
        if s.beat_rr[(s.beats - 1 - back) % BEATS] <= 0.0:
            return 0.0
    newest, oldest = s.beat_at[(s.beats - 1) % BEATS], s.beat_at[(s.beats - beats) % BEATS]
    return 60.0 * rate_hz * (beats - 1) / max(1, newest - oldest)


@njit(cache=True)
def rate_of_run(s, need, rate_hz):
    """Rate (/min) of a run as one counts it from the strip: the mean over its beats; 0 where it is unknown.

    Its beats are those of the last `need` from the first ventricular one on; one between that was taken for another is
    one of them. Where the ventricular ones are too few for a run, all are counted.
    """
    beats = need
    for back in range(LEAST_RUN - 1, min(need, s.beats, BEATS)):
        if s.beat_kind[(s.beats - 1 - back) % BEATS] == VENTRICULAR:
            beats = back + 1
    return rate_of_last(s, beats if s.run_features[0] >= LEAST_RUN else need, rate_hz)


@njit(cache=True)
def _shapes(s):
    """Describe the shapes of the last five beats."""
    f = s.run_features
    count = min(JUDGED, s.beats)
    odds, like, same = np.zeros(JUDGED), np.zeros(JUDGED), np.zeros(JUDGED)
    size, ventricular, new, tallest = 0.0, 0, 0, -9.0
    for back in range(count):
        k = (s.beats - 1 - back) % BEATS
        odds[back], like[back], same[back] = s.beat_odds[k], s.beat_like[k], s.beat_same[k]
        size += s.beat_size[k]
        tallest = max(tallest, s.beat_size[k])
        ventricular += s.beat_kind[k] == VENTRICULAR
        new += s.beat_new[k]
    least = max(1, count)
    f[0], f[1], f[2] = ventricular, min(s.run, 10), new
    f[4], f[6], f[8] = odds.sum() / least, like.sum() / least, size / least
    f[9], f[10], f[11] = tallest, same[: max(1, count - 1)].mean(), same[: max(1, count - 1)].min()
    odds.sort()
    like.sort()
    f[5], f[7] = odds[1], like[JUDGED - 2]


@njit(cache=True)
def _times(s, n, rate_hz):
    """Describe when the last beats came."""
    f = s.run_features
    count, total, squares, known = 0, 0.0, 0.0, 0
    for back in range(min(s.beats, BEATS)):
        k = (s.beats - 1 - back) % BEATS
        if n - s.beat_at[k] > WINDOW_S * rate_hz and back >= JUDGED - 1:
            break
        count += n - s.beat_at[k] <= WINDOW_S * rate_hz
        rr = s.beat_rr[k]
        if back < JUDGED - 1 and rr > 0.0:
            total, squares, known = total + rr, squares + rr * rr, known + 1
    f[3], f[12], f[13], f[14] = count, rate_of_last(s, JUDGED, rate_hz), 1.0, 0.0
    if known > 1:
        mean = total / known
        f[13] = math.sqrt(max(0.0, squares / known - mean * mean)) / mean
        f[14] = s.usual_rr / mean
    f[23] = min(5.0, (n - s.last_beat) / rate_hz) if s.last_beat != NEVER else 5.0


@njit(cache=True)
def _evenest(s):
    """The lead whose waves are the most even; -1 where none has any."""
    best = -1
    for k in range(min(SHAPE_LEADS, s.leads)):
        if s.wave_height[k] >= WAVE_MV and (best < 0 or s.wave_leak[k] < s.wave_leak[best]):
            best = k
    return best


@njit(cache=True)
def _waves(s):
    """Describe the waves of the last three seconds: the evenest lead, the least even one, their height, and noise."""
    f = s.run_features
    best, worst, height, leads = _evenest(s), -1, 0.0, 0
    for k in range(min(SHAPE_LEADS, s.leads)):
        if s.wave_height[k] < WAVE_MV:
            continue
        if worst < 0 or s.wave_leak[k] > s.wave_leak[worst]:
            worst = k
        tallest = 0.02
        for j in range(s.forms.shape[1]):
            tallest = max(tallest, abs(np.float64(s.forms[s.form_lead, j, k])))
        height += s.wave_height[k] / (2.0 * tallest)
        leads += 1
    f[15:21] = 0.0
    if leads > 0:
        f[15], f[16], f[17] = s.wave_leak[best], s.wave_hz[best], s.wave_off[best]
        f[18], f[19], f[20] = s.wave_leak[worst], s.wave_off[worst], math.log(height / leads + 0.01)
    rough, noise = 0.0, 0.0
    for lead in range(s.leads):
        if s.weight[lead] > 0.0:
            rough = max(rough, s.rough_past[lead])
            noise += s.weight[lead] * s.noise[lead] / s.level[lead]
    f[21], f[22] = math.log(rough + 1e-3), noise


@njit(cache=True)
def describe(s, n, rate_hz):
    """Fill the features of this moment."""
    _shapes(s)
    _times(s, n, rate_hz)
    _waves(s)


@njit(cache=True)
def beats_told(s, n, beats, rate_hz):
    """Whether so many last beats can be told one by one: no time between them, nor behind them, could hold another."""
    least, most = 1e18, n - DECIDED_S * rate_hz - s.last_beat
    for back in range(beats - 1):
        rr = s.beat_rr[(s.beats - 1 - back) % BEATS]
        if rr <= 0.0 or back >= s.beats:
            return False
        least, most = min(least, rr), max(most, rr)
    return most < SEARCH_BACK_RR * least


@njit(cache=True)
def _often(s, n, need, rate_hz, shape_hz):
    """Rate (/min) of waves so near to one another that beats are passed over; 0 where they are not, or each of the last beats can be told."""
    lead = _evenest(s)
    if lead < 0 or beats_told(s, n, need, rate_hz):
        return 0.0
    often = 60.0 * shape.repetition(s, s.shapes, lead, int(NEWEST_S * shape_hz), shape_hz)
    return often if often >= NEAR * 60.0 / HOLD_S else 0.0


@njit(cache=True)
def rate_told(s, n, need, rate_hz, shape_hz, least_bpm):
    """Rate (/min) of the tachycardia that it may be, and whether it was counted in waves.

    Beats that come at `least_bpm` or faster tell it. Where they are slower, waves so even that they are beats tell it if
    they repeat as fast: every second beat may have been passed over. Waves that do not repeat tell it, one by one, only
    where beats may have been passed over; else some of them are T waves.
    """
    f = s.run_features
    last, waves = rate_of_last(s, need, rate_hz), 60.0 * f[16]
    if last >= least_bpm:
        bpm, often = rate_of_run(s, need, rate_hz), _often(s, n, need, rate_hz, shape_hz)
        bpm = bpm if bpm >= least_bpm else last
        return (often, True) if often > bpm else (bpm, False)
    if not 0.0 < f[15] < EVEN or waves < least_bpm:
        return last, False
    bpm = 60.0 * shape.repetition(s, s.shapes, _evenest(s), int(OSCILLATION_S * shape_hz), shape_hz)
    if bpm >= least_bpm:
        return bpm, True
    by_waves = not beats_told(s, n, need, rate_hz)
    return (waves if by_waves else last), by_waves


@njit(cache=True)
def _why_kept(s, shape_hz, limits):
    """Why a tachycardia is not to be announced; 0 where it is.

    That beats fulfil the definition one by one says nothing where some of them are hidden as artefacts: it must then be
    likely by itself.
    """
    hidden = False
    for back in range(min(JUDGED, s.beats)):
        hidden = hidden or s.beat_hidden[(s.beats - 1 - back) % BEATS] == 1
    if hidden and s.run_odds <= limits.vt_odds:
        return BY_DOUBT
    return CONDUCTED if is_conducted(s, JUDGED, shape_hz) else np.int64(0)


@njit(cache=True)
def end_vt(s, n, out):
    """End VT; what was never announced leaves the alarms of the rate alone."""
    s.holds_since[VTACH] = NEVER
    if s.kept[VTACH]:
        end(s, VTACH, n, out)
    else:
        end_tachycardia(s, VTACH, n, out)


@njit(cache=True)
def _begin(s, n, bpm, by_waves, rate_hz, feature_hz, shape_hz, limits, out):
    """Begin VT, keep it back, or let it go."""
    first = s.beat_at[(s.beats - min(max(s.run, JUDGED), BEATS, s.beats)) % BEATS] if s.beats > 0 else n
    s.holds_since[VTACH] = NEVER
    s.red_bpm, s.red_waves = bpm, by_waves
    why = _why_kept(s, shape_hz, limits)
    if why:
        keep(s, VTACH, why, 0.0, n, first, bpm, limits.vtach_bpm, out)
    else:
        begin_red(s, VTACH, n, first, bpm, limits.vtach_bpm, bpm, n, rate_hz, feature_hz, limits, out)


@njit(cache=True)
def _silent(s, n, rate_hz, least_bpm):
    """Whether the beats have ceased: none for GONE_S, and no waves so even and fast that they are beats."""
    waves = 0.0 < s.run_features[15] < EVEN and 60.0 * s.run_features[16] >= least_bpm
    return n - s.last_beat >= (GONE_S + DECIDED_S) * rate_hz and not waves


@njit(cache=True)
def _place(s, rate_hz, shape_hz, limits):
    """Behind each new beat: what the beats are like at rest, and whether nobody can see where they come from."""
    if s.beats == s.rested_beats:
        return
    s.rested_beats = s.beats
    know_resting(s, rate_hz, shape_hz)
    s.unplaced = limits.paced == 0 and is_unplaced(s, rate_hz, shape_hz) and not is_resting(s, shape_hz)


@njit(cache=True)
def _is_likened(s, shape_hz):
    """Whether the beats look as they did before they became fast; asked at most once behind each."""
    if s.beats != s.likened_beats:
        s.likened_beats = s.beats
        s.likened = as_before(s, shape_hz) or is_resting(s, shape_hz)
    return s.likened == 1


@njit(cache=True)
def tachycardia(s, n, at_beat, rate_hz, feature_hz, shape_hz, limits, model, out):
    """Begin and end VT, four times a second, and at once behind a beat (at_beat) what is one by itself."""
    describe(s, n, rate_hz)
    s.run_odds = log_odds(s.run_features, model)
    need = int(limits.vtach_beats)
    by_beats = s.run >= need and rate_of_last(s, need, rate_hz) >= limits.vtach_bpm
    sure = FEW_ALONE if judging(s) == 1 else limits.vt_few_odds
    least = limits.vt_run_odds if by_beats and not at_beat else limits.vt_odds if s.run_features[0] >= SOME else sure
    silent = _silent(s, n, rate_hz, limits.vtach_bpm)
    likely = s.run_odds > least and not silent
    # what looks as before, and what comes in pairs, does not become one by being fast
    _place(s, rate_hz, shape_hz, limits)
    asked = (likely or s.active[VTACH]) and s.opening <= 0
    other = asked and (_is_likened(s, shape_hz) or are_parted(s))
    likely = likely and not other
    row_bpm, row = wave_row(s, limits.vtach_bpm, shape_hz) if judging(s) == 1 else (0.0, 0)
    opens = opening(s, row_bpm, row, rate_hz, shape_hz, limits)
    likely = likely or (opens and not silent)
    bpm, by_waves = 0.0, False
    if likely or s.active[VTACH]:
        bpm, by_waves = rate_told(s, n, min(need, BEATS), rate_hz, shape_hz, limits.vtach_bpm)
        if bpm < limits.vtach_bpm and opens and row > 0:
            bpm, by_waves = row_bpm, True
    told_short = need < JUDGED and s.run >= need
    if not opens and (likely or told_short):
        length, run_bpm, behind = counted(s, n, min(need, BEATS), rate_hz, shape_hz)
        enough = length >= need and run_bpm >= limits.vtach_bpm
        likely = likely and (length == 0 or enough)
        # five beats are judged: where fewer are asked for, their number decides
        if told_short and enough and behind == 0 and not other and not silent:
            likely, by_beats, bpm, by_waves = True, True, run_bpm, False
    likely = likely and bpm >= limits.vtach_bpm
    if opens and likely and s.opening <= 0:
        hold_ventricular(s, row)
    if s.active[VTACH]:
        # a run of ventricular beats that goes on is not over because its waves have become less plain, but where it was denied
        goes_on = sure if s.opening == DENIED and s.run == 0 else limits.vt_run_odds
        over = silent or other or bpm < limits.vtach_bpm or (s.run_odds <= goes_on and not by_beats and not opens)
        if held(s, VTACH, over, n) >= RECOVER_S * rate_hz:
            end_vt(s, n, out)
        elif s.kept[VTACH] and likely:
            _begin(s, n, bpm, by_waves, rate_hz, feature_hz, shape_hz, limits, out)
        return
    more_s = max(0, need - JUDGED) * 60.0 / limits.vtach_bpm
    if likely and (by_beats or held(s, VTACH, likely, n) >= more_s * rate_hz):
        _begin(s, n, bpm, by_waves, rate_hz, feature_hz, shape_hz, limits, out)
    elif not likely:
        s.holds_since[VTACH] = NEVER
