"""A red alarm of the ECG that a pressure or pleth channel plainly contradicts (setting `pulse`); never ventricular fibrillation."""

from __future__ import annotations

import numpy as np
from numba import njit

from stream.conducted import LEADS, judging
from stream.limits import PULSE_HOLD_S
from stream.pulse import ALL, OFF, beating, pulse_goes_on, pulse_rate
from stream.report import ASYSTOLE, DISAGREE, EXTREME_BRADY, EXTREME_TACHY, VTACH, begin, end, is_told, let_go
from stream.state import BEATS

PULSE_S = 5.0
AGREE_S = 10.0
AGAIN_S = 2.0
"""A tachycardia that was announced is weighed against the pulse for so long: too few pulses have come when it begins."""
GOES_ON_S = 5.0
"""Of a long tachycardia the pulses of this long are compared with those before: more are not remembered."""


@njit(cache=True)
def _beat_before(s, first):
    """Sample of the last beat before `first`, whose pulse has come before any of the tachycardia's.

    `first` where none is kept, and on one lead alone, which may have missed where the tachycardia begins.
    """
    if judging(s) < LEADS:
        return first
    for back in range(min(s.beats, BEATS)):
        at = s.beat_at[(s.beats - 1 - back) % BEATS]
        if at < first:
            return at
    return first


@njit(cache=True)
def _contradiction(s, code, ecg_bpm, first, limits, n, rate_hz, feature_hz):
    """The pulse rate that plainly contradicts a red alarm at this ECG rate since sample `first`; 0 where none does.

    ecg_bpm NaN: an extreme rate that has begun is held against its limit alone, for a rate that recovers is no agreement.
    """
    m = int(n * feature_hz / rate_hz)
    if code == ASYSTOLE:
        return beating(s, m, feature_hz)
    if code == VTACH:
        since = max(int(_beat_before(s, first) * feature_hz / rate_hz), m - int(GOES_ON_S * feature_hz))
        bpm = pulse_goes_on(s, since, m, feature_hz)
        return bpm if bpm < limits.pulse_near * ecg_bpm else 0.0
    bpm = pulse_rate(s, m, PULSE_S, feature_hz)
    if code == EXTREME_BRADY:
        return bpm if bpm > limits.extreme_low_bpm / limits.pulse_far and not bpm <= ecg_bpm / limits.pulse_far else 0.0
    return bpm if bpm < limits.extreme_high_bpm and not bpm >= limits.pulse_far * ecg_bpm else 0.0


@njit(cache=True)
def begin_red(s, code, sample, first, value, limit, ecg_bpm, n, rate_hz, feature_hz, limits, out):
    """Begin a red alarm, or let one go that was kept back; under `pulse` = all a pulse that contradicts it begins
    ECG_PULSE_DISAGREE before it."""
    if is_told(s, code):
        return
    if limits.pulse == ALL and s.pulses > 0:
        bpm = _contradiction(s, code, ecg_bpm, first, limits, n, rate_hz, feature_hz)
        if bpm > 0.0:
            begin(s, DISAGREE, n, first, bpm, ecg_bpm, out)
            s.disagreed = n
        else:
            end(s, DISAGREE, n, out)
    s.red_since[code] = first
    if code == VTACH:
        s.red_at = n
    let_go(s, code, sample, first, value, limit, out)
    begin(s, code, sample, first, value, limit, out)


@njit(cache=True)
def _weigh_again(s, n, rate_hz, feature_hz, limits, out):
    """Begin ECG_PULSE_DISAGREE soon behind the onset of a tachycardia that the pulse turns out to contradict."""
    if limits.pulse != ALL or s.pulses == 0 or not is_told(s, VTACH) or n - s.red_at > AGAIN_S * rate_hz:
        return
    first = s.red_since[VTACH]
    bpm = _contradiction(s, VTACH, s.red_bpm, first, limits, n, rate_hz, feature_hz)
    if bpm > 0.0:
        begin(s, DISAGREE, n, first, bpm, s.red_bpm, out)
        s.disagreed = n


@njit(cache=True)
def watch_pulse(s, n, rate_hz, feature_hz, limits, out):
    """End ECG_PULSE_DISAGREE as soon as a red alarm is open that the pulse no longer contradicts, or after agreement."""
    if not s.active[DISAGREE]:
        _weigh_again(s, n, rate_hz, feature_hz, limits, out)
        return
    for code in (ASYSTOLE, VTACH, EXTREME_TACHY, EXTREME_BRADY):
        if is_told(s, code):
            s.disagreed = n
            bpm = s.red_bpm if code == VTACH else np.nan
            if _contradiction(s, code, bpm, s.red_since[code], limits, n, rate_hz, feature_hz) <= 0.0:
                end(s, DISAGREE, n, out)
                return
    if n - s.disagreed >= AGREE_S * rate_hz:
        end(s, DISAGREE, n, out)


@njit(cache=True)
def pulse_holds(s, held_s, n, rate_hz, feature_hz, limits):
    """The pulse rate that holds back an asystole which has been true for so many seconds; 0 where none does."""
    if limits.pulse == OFF or s.pulses == 0 or held_s >= PULSE_HOLD_S:
        return 0.0
    return _contradiction(s, ASYSTOLE, 0.0, n, limits, n, rate_hz, feature_hz)
