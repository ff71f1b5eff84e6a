"""QRS detection, one feature sample at a time, for one bed whose state is carried in a record.

The family of Hamilton and Tompkins (1986, IEEE Trans Biomed Eng 33, 1157-1165) and of its open-source descendant
(Hamilton 2002, Comput Cardiol 29, 101-104): band-pass, absolute slope, moving mean, a threshold between the medians of
the last eight QRS and noise peaks, search-back, and a slope rule against T waves. What is added: leads are fused by
their own ratio of QRS to noise, each in units of its own QRS height, so that a noisy lead fades out; learning takes
three seconds; a lead that is off or railed does not take part.
"""

from __future__ import annotations

import math

from numba import njit

from stream.between import LOW
from stream.faint import FROM_RR, find_faint, goes_on
from stream.heights import FLOOR_MV, LEAST_QRS_MV, least_height, set_threshold, set_weights
from stream.state import NEVER
from stream.tall import GREW, NO_T, TALL, is_tall_t
from stream.trains import (
    AS_BEFORE,
    FLAT,
    are_alike,
    goes_on_alone,
    has_form,
    is_known,
    learn_missed,
    median8,
    stands_before,
)

HOLD_S = 0.2
"""Ventricular muscle cannot fire twice within this time (Pan and Tompkins 1985, IEEE Trans Biomed Eng 32, 230-236)."""
T_WAVE_S = 0.36
T_WAVE_MOST_S = 0.48
T_WAVE_RR = 0.4
"""A T wave comes within 0.36 s, later where beats are slow: this share of the usual RR, at most 0.48 s."""
T_WAVE_SLOPE = 0.5
T_WAVE_FLAT = 0.2
T_WAVE_OUT, T_WAVES = 2.0, 8
"""So much higher than the T waves of the bed, once as many are known, is none."""
START_S = 15.0
"""Behind the learning time for so long, what was learnt may turn out to be P or T waves."""
STEEP, UNEVEN = 0.6, 0.2
"""A wave between even QRS, lower than LOW and flatter than FLAT, was a P or T wave that had been counted; slope from which on it was
a QRS; and what the distances of these may differ by."""
SEARCH_BACK_RR = 1.5
SEARCH_BACK_THRESHOLD = 0.5
KNOWN_SLOPE, KNOWN_OUT, KNOWN_THRESHOLD = 0.35, 1.2, 0.35
"""What has the form and size of ventricular beats of this bed, is so steep, in the slope of the last QRS, and so high, in the T waves, is one above
this share of the threshold: the heights of leads in which these beats are large grow with them, and they become small beside them."""
MISSED_SLOPE = 0.25
"""What is flatter within the reach of a T wave is no missed beat (aberrant beats have 0.3 and more on MIT-BIH DS1)."""
P_AHEAD_S, CLOSE = 0.1, 0.5
"""A P wave peaks at least so long before its QRS (PR of 120 ms and more); what is lower than this share of it is none."""
LOST_S = 4.0
MEAN_S = 0.12
SLOPE_S = 0.008
SEEN_IN = 6
"""A low beat must show as high in one in so many leads: of twelve in three, as II, III and aVF are together."""
NOISE_FORM = 0.75
"""Correlation with the leading form below which what is smaller than the least QRS is noise (made QRS of 0.2 mV: with noise of
25 uV RMS one in a hundred has less than 0.9, and one noise peak in a hundred more than 0.65)."""


@njit(cache=True)
def _noise_peak(s, value, z):
    s.noise_peaks[s.noise_count % 8] = value
    s.noise_count += 1
    for lead in range(s.leads):
        s.noise[lead] += (z[lead] - s.noise[lead]) / 8.0


@njit(cache=True)
def _height(s, z):
    """Mean height over the leads in QRS heights, without the bounds of the fused feature."""
    total = 0.0
    for lead in range(s.leads):
        if s.weight[lead] > 0.0:
            total += s.weight[lead] * z[lead] / s.level[lead]
    return total


@njit(cache=True)
def _distance_between(s, turn, shape_hz):
    """Distance of the newest QRS and the two before it that are as steep, where they come evenly and whatever was counted
    between them is flat, low and of another form; else 0.

    So it is where P or T waves are counted: the learning time of a slow rhythm, or the wrong second of it, held no QRS.
    """
    newest = (s.qrs_count - 1) % 8
    found, between, last, gap = 1, False, s.peak_at[newest], 0.0
    for back in range(1, min(s.qrs_count, 8)):
        k = (s.qrs_count - 1 - back) % 8
        if s.peak_slope[k] < FLAT * s.peak_slope[newest] and s.peak_height[k] < LOW * s.peak_height[newest]:
            if not between and are_alike(s, s.peak_at[newest], s.peak_at[k], turn, shape_hz):
                return 0.0
            between = True
            continue
        if s.peak_slope[k] < STEEP * s.peak_slope[newest] or not between:
            return 0.0
        if found == 2:
            return gap if abs(last - s.peak_at[k] - gap) < UNEVEN * gap else 0.0
        found, between, gap, last = 2, False, 1.0 * (last - s.peak_at[k]), s.peak_at[k]
    return 0.0


@njit(cache=True)
def _start_over(s, z, rr):
    """Take the heights of the newest QRS for those of all, and what was counted between for noise."""
    newest, noise = (s.qrs_count - 1) % 8, 0.0
    for k in range(8):
        if s.peak_slope[k] < FLAT * s.peak_slope[newest]:
            noise = max(noise, s.peak_height[k] / s.peak_height[newest])
    for lead in range(s.leads):
        s.level[lead] = max(s.level[lead], z[lead])
        s.noise[lead] = max(s.noise[lead], noise * s.level[lead])
    s.qrs_peaks[:], s.noise_peaks[:], s.rr_ring[:] = 1.0, noise, rr


@njit(cache=True)
def _qrs_peak(s, at, value, slope, z, cycles, turn, feature_hz, shape_hz):
    """Take in a QRS; cycles: how many have passed since the last one that was found."""
    rr = at - s.last_at
    s.faint_row = at if goes_on(s, at, turn, shape_hz) else NEVER
    if s.qrs_count > 0 and rr < LOST_S * feature_hz:
        # where no distances were known before, these are
        for _ in range(cycles if cycles == 1 or s.rr_count >= 8 else 8):
            s.rr_ring[s.rr_count % 8] = rr / cycles
            s.rr_count += 1
    k = s.qrs_count % 8
    s.qrs_peaks[k], s.peak_at[k], s.peak_slope[k], s.peak_height[k] = value, at, slope, _height(s, z)
    s.qrs_count += 1
    s.last_at = at
    s.last_slope = slope
    s.missed = 0.0
    s.faint_from, s.faint_high = at + int(FROM_RR * median8(s.rr_ring)), 0.0
    between = _distance_between(s, turn, shape_hz) if at - s.learned_at < START_S * feature_hz else 0.0
    if between > 0.0:
        _start_over(s, z, between)
    for lead in range(s.leads):
        # an artefact must not lift the level of its lead at one blow
        s.level[lead] += (min(z[lead], 2.0 * s.level[lead] + FLOOR_MV) - s.level[lead]) / 8.0
    set_weights(s)
    set_threshold(s)


@njit(cache=True)
def _learn_t_height(s, value):
    """Average the heights of what follows beats within the reach of a T wave and is none."""
    s.t_waves += 1
    s.t_height += (value - s.t_height) / min(8.0, 1.0 * s.t_waves)


@njit(cache=True)
def _is_none(s, at, value, turn, feature_hz, shape_hz):
    """Whether the peak at feature sample `at` is no beat, however high the threshold: a wave that goes on alone, or in a bed whose
    QRS are small one that is lower than the least QRS and has not their form, as muscle noise."""
    small = value < LOW and value < least_height(s)
    if small and not has_form(s, int(at * turn[0] + turn[1]), NOISE_FORM, shape_hz):
        return True
    return goes_on_alone(s, at, value, turn, feature_hz, shape_hz)


@njit(cache=True)
def _may_be_missed(s, at, rr, slope, turn, feature_hz, shape_hz):
    """Whether a wave below the threshold, `rr` feature samples behind the last QRS, is a beat if none comes for long: where T waves lie, one
    that is steep as they are not, with the form of a ventricular beat that was found."""
    if rr > T_WAVE_S * feature_hz:
        return rr >= T_WAVE_MOST_S * feature_hz or slope >= MISSED_SLOPE * s.last_slope
    steep = slope >= T_WAVE_SLOPE * max(s.last_slope, median8(s.peak_slope))
    return rr >= HOLD_S * feature_hz and steep and is_known(s, at, 1, turn, shape_hz)


@njit(cache=True)
def _remember(s, at, value, slope):
    """Keep the candidate as the beat that was missed, should none come for long."""
    if value > s.missed:
        s.missed, s.missed_at, s.missed_slope = value, at, slope
        s.missed_z[:] = s.candidate_z


@njit(cache=True)
def _judge(s, turn, feature_hz, shape_hz):
    """Decide on the candidate whose hold time is over; True where it is a QRS."""
    value, at, slope = s.candidate, s.candidate_at, s.candidate_slope
    s.candidate = 0.0
    rr = at - s.last_at
    # where a T wave may lie, a low wave is a beat in a run of ventricular beats, or where it is steep and higher than the T waves: these may once have
    # been taken for such beats
    low = s.threshold if rr < T_WAVE_S * feature_hz and s.run == 0 else SEARCH_BACK_THRESHOLD * s.threshold
    if slope >= KNOWN_SLOPE * s.last_slope and not (s.t_waves >= T_WAVES and value < KNOWN_OUT * s.t_height):
        low = KNOWN_THRESHOLD * s.threshold
    if value > s.threshold or (value > low and is_known(s, at, AS_BEFORE, turn, shape_hz)):
        reach = min(T_WAVE_MOST_S * feature_hz, max(T_WAVE_S * feature_hz, T_WAVE_RR * median8(s.rr_ring)))
        t_wave = rr < reach and slope < T_WAVE_SLOPE * s.last_slope
        # beats counted twice halve the usual RR, and with it the reach: a wave as flat as this is none of them
        t_wave = t_wave or (rr < T_WAVE_MOST_S * feature_hz and slope < T_WAVE_FLAT * s.last_slope)
        # a T wave is as high as those before it: what stands out of them is a ventricular beat
        t_wave = t_wave and not (s.t_waves >= T_WAVES and value > T_WAVE_OUT * s.t_height)
        tall = is_tall_t(s, at, turn, shape_hz) if rr < T_WAVE_MOST_S * feature_hz else NO_T
        if tall == TALL or (tall == GREW and not is_known(s, at, AS_BEFORE, turn, shape_hz)):
            if tall == GREW:
                _remember(s, at, value, slope)
            else:
                _learn_t_height(s, value)
            if value < LOW:  # what is as high as a QRS would as noise hide them
                _noise_peak(s, value, s.candidate_z)
                set_threshold(s)
            return False
        if not t_wave and rr >= HOLD_S * feature_hz and not _is_none(s, at, value, turn, feature_hz, shape_hz):
            cycles = learn_missed(s, at, value, slope, turn, shape_hz)
            _qrs_peak(s, at, value, slope, s.candidate_z, cycles, turn, feature_hz, shape_hz)
            return True
    _noise_peak(s, value, s.candidate_z)
    may_be_one = value <= s.threshold and _may_be_missed(s, at, rr, slope, turn, feature_hz, shape_hz)
    if may_be_one:
        _remember(s, at, value, slope)
    if rr < T_WAVE_MOST_S * feature_hz and not (may_be_one and rr <= T_WAVE_S * feature_hz):
        _learn_t_height(s, value)
    set_threshold(s)
    return False


@njit(cache=True)
def _search_back(s, m, turn, feature_hz, shape_hz):
    """Take the largest peak that was missed when none came for long, unless it is a P wave; True where one is taken."""
    if s.qrs_count == 0 or s.missed <= 0.0:
        return False
    high = s.missed > SEARCH_BACK_THRESHOLD * s.threshold
    if high and m - s.last_at > SEARCH_BACK_RR * median8(s.rr_ring):
        if _is_none(s, s.missed_at, s.missed, turn, feature_hz, shape_hz):
            s.missed = 0.0
            return False
        _qrs_peak(s, s.missed_at, s.missed, s.missed_slope, s.missed_z, 1, turn, feature_hz, shape_hz)
        return True
    return False


@njit(cache=True)
def _take_faint(s, m, fused, slope, z, turn, feature_hz, shape_hz):
    """Take a low beat where beats are late, or the last one was as low; True where one is taken."""
    if s.qrs_count == 0 or (m <= s.faint_from and s.faint_row != s.last_at):
        return False
    if not find_faint(s, m, fused, s.slope_hold, z, LEAST_QRS_MV, SEEN_IN, turn, feature_hz, shape_hz):
        return False
    s.candidate = 0.0
    _qrs_peak(s, s.faint_high_at, s.faint_value, s.faint_slope, s.faint_z, 1, turn, feature_hz, shape_hz)
    s.faint_row = s.last_at
    return True


@njit(cache=True)
def _fade(s, m, feature_hz):
    """Lower the expectation by a fifth for each second without a beat, once four have passed."""
    silence = m - s.last_at
    if silence == int(LOST_S * feature_hz):
        # what was too small to be a beat then does not become one because the expectation falls
        s.missed = 0.0
    if silence > LOST_S * feature_hz and silence % int(feature_hz) == 0:
        for k in range(8):
            s.qrs_peaks[k] *= 0.8
        set_threshold(s)


@njit(cache=True)
def _stood_before(s, at, value, turn, feature_hz, shape_hz):
    """Whether the candidate, a higher peak, is the P wave of the lower one of height `value` at feature sample `at`."""
    close = at - s.candidate_at < P_AHEAD_S * feature_hz or value < CLOSE * s.candidate
    return not close and stands_before(s, s.candidate_at, s.candidate, turn, feature_hz, shape_hz)


@njit(cache=True)
def decide(s, m, fused, slope, z, floor, turn, feature_hz, shape_hz):
    """Look at one sample of the fused feature; True where a QRS was found, at feature sample `s.last_at`.

    fused, slope: in QRS heights; z (leads,): mean slopes in mV; floor: fused height below which nothing is a QRS; turn: factor
    and offset that make the shape sample of a wave of the feature sample of its peak.
    """
    s.slope_hold = max(slope, 0.96 * s.slope_hold)
    before, last = s.peak_2, s.peak_1
    s.peak_2, s.peak_1 = last, fused
    peak = last > before and last >= fused and last > floor
    if peak and (last > s.candidate or _stood_before(s, m - 1, last, turn, feature_hz, shape_hz)):
        s.candidate, s.candidate_at, s.candidate_slope, s.candidate_age = last, m - 1, s.slope_hold, 0
        s.candidate_z[:] = z
    found = False
    if s.candidate > 0.0:
        s.candidate_age += 1
        if s.candidate_age >= math.ceil(HOLD_S * feature_hz):
            found = _judge(s, turn, feature_hz, shape_hz)
    if not found:
        found = _search_back(s, m, turn, feature_hz, shape_hz) or _take_faint(
            s, m, fused, slope, z, turn, feature_hz, shape_hz
        )
        if not found:
            _fade(s, m, feature_hz)
    return found
