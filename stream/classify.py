"""What a beat is: features out of its shape and timing, trees that read them, and the classes of AAMI EC57.

A beat is judged once, when it is found, against the forms that the bed has shown so far: no class waits for the next
beat, so that runs are told as promptly as their beats.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from stream import shape as sh
from stream.models import log_odds
from stream.premature import is_premature
from stream.state import BEATS, FORMS, SHAPE_LEADS

NORMAL, VENTRICULAR, UNKNOWN, SUPRAVENTRICULAR, FUSION, PACED = 1, 2, 3, 4, 5, 6
"""Beat kinds as kept in the state."""
RECURRING, MOSTLY_VENTRICULAR, RECURS = 3, 0.9, 0.95
"""Earlier beats of a form, the share of them that were ventricular, and the correlation with it, from which on a beat is no artefact."""
EXACTLY = 0.98
"""Correlation with the form from which on it need have come but once before."""
LEAST_SHAPED = 4
"""Beats whose shapes must be known before one can be told from another."""
FUSED_LEAST, FUSED_MOST, FUSED_REST = 0.2, 0.8, 0.12
"""Share of the ventricular form in a fusion beat, and how much of its energy the mixture may leave unexplained."""
FUSED_SHIFT_S = 0.045
PLAIN = 0.95
"""Correlation with a ventricular form from which on a beat is plainly one of its own."""
SUSPECT = 0.35
"""Probability of an artefact from which on a beat of a noisy stretch is hidden."""
DOUBT = 0.2
"""Mean probability of an artefact over the last beats from which on a stretch is noisy (MIT-BIH DS1 with added noise)."""
VAGUE, DOUBT_USUAL = 10.0, 0.02
"""Log-odds that a ventricular beat must have more for each unit of doubt above the usual, to be told as one: noise bends
beats. Rules count it all the same (MIT-BIH DS1 with and without added noise, out of fold)."""
TRAIL = 1.0 / 8.0


@njit(cache=True)
def _fatness(shape, count):
    """Effective width in samples: the square of the summed size over the summed square."""
    total, square = 0.0, 1e-9
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            total += abs(np.float64(shape[k, lead]))
            square += np.float64(shape[k, lead]) ** 2
    return max(1e-3, total * total / square)


@njit(cache=True)
def _steepness(shape, count):
    """Largest slope of a sample in units of the root energy."""
    steepest, square = 1e-6, 1e-9
    for k in range(count - 1):
        slope = 0.0
        for lead in range(SHAPE_LEADS):
            slope += abs(np.float64(shape[k + 1, lead]) - np.float64(shape[k, lead]))
            square += np.float64(shape[k, lead]) ** 2
        steepest = max(steepest, slope)
    return steepest / math.sqrt(square)


@njit(cache=True)
def _by_lead(a, b, count):
    """Lowest and highest correlation of single leads that carry a tenth of the energy of b."""
    low, high, total = 1.0, -1.0, sh.energy(b, count)
    for lead in range(SHAPE_LEADS):
        ab, aa, bb = 0.0, 1e-9, 1e-9
        for k in range(count):
            x, y = np.float64(a[k, lead]), np.float64(b[k, lead])
            ab += x * y
            aa += x * x
            bb += y * y
        if bb > 0.1 * total:
            r = ab / math.sqrt(aa * bb)
            low, high = min(low, r), max(high, r)
    return low, high


@njit(cache=True)
def _residual(a, b, count):
    """Energy of the difference of two shapes."""
    total = 1e-9
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            total += (np.float64(a[k, lead]) - np.float64(b[k, lead])) ** 2
    return total


@njit(cache=True)
def _irregularity(s):
    """Mean change between successive intervals of the last ten that join no ventricular beat, in usual RR."""
    total, count = 0.0, 0
    for back in range(min(s.beats, 18) - 1):
        k, j = (s.beats - 1 - back) % BEATS, (s.beats - 2 - back) % BEATS
        if s.beat_kind[k] == VENTRICULAR or s.beat_kind[j] == VENTRICULAR or s.beat_rr[j] <= 0.0:
            continue
        total += min(1.0, abs(s.beat_rr[k] - s.beat_rr[j]) / max(1.0, s.usual_rr))
        count += 1
        if count >= 10:
            break
    return total / count if count else 0.0


@njit(cache=True)
def _strange(s, n, rate_hz):
    """Share of the beats of the last ten seconds, with the one being judged, whose form was never seen before."""
    new, count = 1.0 * s.newly, 1.0
    for back in range(min(s.beats, BEATS - 1)):
        k = (s.beats - 1 - back) % BEATS
        if n - s.beat_at[k] > 10.0 * rate_hz:
            break
        new += s.beat_new[k]
        count += 1.0
    return new / count


@njit(cache=True)
def _before(s, at, shape_hz):
    """Of what lies before R, where P waves are: correlation with what lies before normal beats, and energy."""
    before, count = int(sh.P_FROM_S * shape_hz), int((sh.P_FROM_S - sh.P_TO_S) * shape_hz)
    stretch = np.zeros((count, SHAPE_LEADS), np.float32)
    sh.cut(s, at, before, count, stretch)
    r = sh.correlate(stretch, s.p_wave, count) if s.p_beats >= 8 else 0.0
    return r, sh.energy(stretch, count)


@njit(cache=True)
def _contrast(s):
    """Largest and smallest logarithm of QRS to noise height over the leads that take part; 0 where none does."""
    low, high, some = 0.0, 0.0, False
    for lead in range(s.leads):
        if s.weight[lead] > 0.0:
            r = math.log((s.level[lead] + 1e-4) / (s.noise[lead] + 1e-4))
            low, high = (min(low, r), max(high, r)) if some else (r, r)
            some = True
    return low, high


@njit(cache=True)
def _mixture(shape, normal, ventricular, count):
    """Share of the ventricular form in the best mixture of two forms, and the energy it leaves, as a share."""
    xn, xv, nn, vv, nv, xx = 0.0, 0.0, 1e-9, 1e-9, 0.0, 1e-9
    for k in range(count):
        for lead in range(SHAPE_LEADS):
            x = np.float64(shape[k, lead])
            n, v = np.float64(normal[k, lead]), np.float64(ventricular[k, lead])
            xn, xv, nn, vv, nv, xx = xn + x * n, xv + x * v, nn + n * n, vv + v * v, nv + n * v, xx + x * x
    det = nn * vv - nv * nv
    if det < 1e-3 * nn * vv:
        return 0.0, 1.0
    a, b = (xn * vv - xv * nv) / det, (xv * nn - xn * nv) / det
    return (b / (a + b) if a > 0.0 and b > 0.0 else 0.0), (xx - a * xn - b * xv) / xx


@njit(cache=True)
def _is_fusion(s, at, shape_hz):
    """Whether a beat lies between the leading form and the most frequent ventricular one, like neither.

    R of a mixture may lie on either R, so that the place which leaves least unexplained is looked for.
    """
    best, form = 3.0, -1
    for k in range(FORMS):
        if s.form_ventricular[k] > 0.5 and s.form_count[k] > best:
            best, form = s.form_count[k], k
    if form < 0 or form == s.form_lead:
        return False
    before, count = int(sh.BEFORE_S * shape_hz), int((sh.BEFORE_S + sh.AFTER_S) * shape_hz)
    reach = int(FUSED_SHIFT_S * shape_hz)
    shape, share, least = np.zeros((count, SHAPE_LEADS), np.float32), 0.0, 1.0
    for shift in range(-reach, reach + 1):
        sh.cut(s, at + shift, before, count, shape)
        normal, ventricular = (
            sh.in_sight(s.forms[s.form_lead], shape, count)[0],
            sh.in_sight(s.forms[form], shape, count)[0],
        )
        part, rest = _mixture(shape, normal, ventricular, count)
        if rest < least:
            share, least = part, rest
    return FUSED_LEAST < share < FUSED_MOST and least < FUSED_REST


@njit(cache=True)
def _form_features(s, f, form, shape, aligned, r_lead, width, size, count):
    """What the shape says, against the leading form and its own, in the leads that it shows."""
    lead = s.form_lead
    leading, share = sh.in_sight(s.forms[lead], shape, count)
    usual = max(1e-6, share * s.form_energy[lead])
    f[24] = f[0]
    f[0] = r_lead
    f[1] = math.log(width / max(20.0, s.form_width[lead]))
    f[2] = width / 100.0
    f[4] = s.form_early[form]
    f[5] = s.form_count[form] / s.form_count.sum()
    f[7] = math.log(size / usual)
    f[9] = sh.correlate(s.forms[form], leading, count)
    f[11] = min(5.0, math.log(1.0 * s.form_beats[form]))
    f[12] = s.form_pause[form]
    f[14] = s.form_early[lead]
    f[15], f[16] = _by_lead(aligned, leading, count)
    f[17] = math.log(_residual(aligned, leading, count) / usual)
    f[18] = math.log(_fatness(shape, count) / _fatness(leading, count))
    f[19] = math.log(_steepness(shape, count) / _steepness(leading, count))
    f[22] = s.likeness
    f[23] = s.form_width[lead] / 100.0
    return usual


@njit(cache=True)
def _time_features(s, f, at, n, ratio, after_v, last_ratio, usual, rate_hz, shape_hz):
    """What the intervals and the stretch around the beat say; usual: energy of the leading form in the leads that the beat shows."""
    f[3] = min(2.0, ratio) if ratio > 0.0 else 1.0
    f[6] = 1.0 if after_v else 0.0
    f[8] = min(2.0, last_ratio) if last_ratio > 0.0 else 1.0
    f[13] = f[3] / f[8]
    f[20] = _irregularity(s)
    f[10], size = _before(s, at, shape_hz)
    f[21] = math.log(size / usual)
    f[25] = s.usual_rr / rate_hz
    f[26] = _strange(s, n, rate_hz)
    f[27:30] = s.trail
    f[30], f[31] = _contrast(s)
    f[32] = s.threshold
    s.trail[0] += TRAIL * (f[0] - s.trail[0])
    s.trail[1] += TRAIL * (f[21] - s.trail[1])
    s.trail[2] += TRAIL * (f[22] - s.trail[2])


@njit(cache=True)
def _kind(s, f, at, models, shape_hz):
    """The class that features and shape give; the forms remember how often they were ventricular."""
    s.odds = log_odds(f, models.beat)
    ventricular = s.odds > 0.0
    form = s.form_last
    share = max(1.0 / s.form_beats[form], 1.0 / 16.0)
    s.form_ventricular[form] += share * (ventricular - s.form_ventricular[form])
    plain = form == s.form_lead or (s.likeness > PLAIN and s.form_ventricular[form] > 0.9)
    if f[3] > sh.EARLY and not plain and _is_fusion(s, at, shape_hz):
        return FUSION
    if ventricular:
        s.vague = s.odds <= VAGUE * max(0.0, s.doubt - DOUBT_USUAL)
        return VENTRICULAR
    return NORMAL


@njit(cache=True)
def _recurs(s):
    """Whether the beat has a form that came back as that of ventricular beats, or of a block, in a stretch without noise: what moves electrodes does not."""
    form = s.form_last
    beats = s.form_ventricular[form] >= MOSTLY_VENTRICULAR or s.block == form + 1
    back = s.likeness >= (RECURS if s.form_beats[form] > RECURRING else EXACTLY)
    return beats and back and s.form_beats[form] > 1 and s.doubt <= DOUBT


@njit(cache=True)
def _doubt(s, f, models):
    """Probability that the beat is an artefact, and whether it is to be hidden: a likely one in a noisy stretch."""
    s.suspicion = 0.0 if _recurs(s) else 1.0 / (1.0 + math.exp(-log_odds(f, models.artefact)))
    s.doubt += TRAIL * (s.suspicion - s.doubt)
    s.hide = s.suspicion > SUSPECT and s.doubt > DOUBT


@njit(cache=True)
def classify(s, at, n, ratio, after_v, last_ratio, paced, models, rate_hz, shape_hz):
    """Kind and width (ms) of the beat whose R lies at shape sample `at`, session sample `n`; the forms learn from it.

    ratio: RR to the beat before in units of the usual RR, 0 where unknown; after_v: that beat was ventricular;
    last_ratio: the ratio of that beat; paced: a pacer pulse was flagged before the QRS; models: `Models`. Whether the
    beat is an artefact stands in `suspicion` (0..1) and `hide`.
    """
    before, count = int(sh.BEFORE_S * shape_hz), int((sh.BEFORE_S + sh.AFTER_S) * shape_hz)
    shape = np.zeros((count, SHAPE_LEADS), np.float32)
    form, r = sh.form_of(s, at, before, count, shape)
    width, size = sh.width_ms(shape, count, shape_hz), sh.energy(shape, count)
    s.odds, s.same = 0.0, sh.best_match(s, at, s.last_shape, before, count, np.zeros_like(shape))
    s.last_shape[:count] = shape
    early = 1.0 if 0.0 < ratio < sh.EARLY else 0.0
    if s.shaped > 0 and ratio > 0.0:
        sh.learn_pause(s, ratio)
    form = sh.remember(s, form, r, shape, count, width, size, early)
    s.form_lead, s.form_last = sh.leading(s), form
    s.shaped += 1
    aligned, r_lead = shape, 0.0
    if form == s.form_lead:
        r_lead = sh.correlate(shape, s.forms[form], count)
    else:
        aligned = np.zeros((count, SHAPE_LEADS), np.float32)
        r_lead = sh.best_match(s, at, s.forms[s.form_lead], before, count, aligned)
    usual = _form_features(s, s.features, form, shape, aligned, r_lead, width, size, count)
    _time_features(s, s.features, at, n, ratio, after_v, last_ratio, usual, rate_hz, shape_hz)
    s.suspicion, s.hide, s.vague = 0.0, False, False
    if s.shaped < LEAST_SHAPED:
        return (PACED if paced else UNKNOWN), width
    _doubt(s, s.features, models)
    kind = _kind(s, s.features, at, models, shape_hz)
    kind = PACED if paced else kind
    if kind != VENTRICULAR:
        after_s = s.beats > 0 and s.beat_kind[(s.beats - 1) % BEATS] == SUPRAVENTRICULAR
        if is_premature(s, at, ratio, after_v, after_s, kind == NORMAL, models, shape_hz):
            kind = SUPRAVENTRICULAR
    return kind, width
