"""P waves wherever they fall: looked for between the beats by their shape in all leads, then fitted with a regular train.

Ten seconds at 500 Hz, read at 125 Hz. The usual beat is taken out first, so that a P wave within an ST segment or a T wave
is seen; one within a QRS is not, and is reckoned where the train says. Compiled; bounded: some 10^6 steps a call.
"""

from __future__ import annotations

import numpy as np
from numba import njit

STEP = 4
"""Samples at 500 Hz that make one here."""
HZ = 125.0
HALF = 8
"""A P wave is compared over 17 samples, 136 ms."""
SPAN = 2 * HALF + 1
SEEDS = 8
LIKE, SMALLEST, LARGEST = 0.80, 0.5, 1.8
"""What is a P wave correlates with the template by this, and has between these shares of its size."""
LEAST_MV = 0.03
"""Of a P wave in the lead that shows it best."""
APART = 30
"""Samples between P waves at least, 240 ms."""
PERIODS = (50, 188)
"""Samples from P to P, 40 to 150 a minute."""
OFF_TRAIN = 6
"""A P wave belongs to the train within so many samples (48 ms) of its place."""
WIDEST_BEAT = 100
EDGE = 5
"""Nearer than 40 ms to a QRS the comparison would read the QRS."""


@njit(cache=True)
def _coarse(signal):
    """(leads, n) -> (leads, n // STEP), means."""
    leads, n = signal.shape[0], signal.shape[1] // STEP
    out = np.zeros((leads, n))
    for k in range(leads):
        for i in range(n):
            total = 0.0
            for j in range(STEP):
                total += signal[k, i * STEP + j]
            out[k, i] = total / STEP
    return out


@njit(cache=True)
def _median(values, n):
    """Of the first n of values, which are put in order."""
    for k in range(1, n):
        value, at = values[k], k
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value
    return 0.5 * (values[(n - 1) // 2] + values[n // 2])


@njit(cache=True)
def _take_out(y, peaks, before, after):
    """Subtract the median beat, from `before` samples ahead of each peak to `after` behind it, without a step at its ends."""
    leads, n = y.shape
    beats = peaks.shape[0]
    width = before + after + 1
    some = np.zeros(beats)
    shape = np.zeros(width)
    for k in range(leads):
        for i in range(width):
            count = 0
            for b in range(beats):
                at = peaks[b] - before
                if at >= 0 and at + width < n:
                    # against its own ends, so that wander does not enter
                    ramp = y[k, at] + (y[k, at + width - 1] - y[k, at]) * i / (width - 1)
                    some[count] = y[k, at + i] - ramp
                    count += 1
            shape[i] = _median(some, count) if count > 0 else 0.0
        for b in range(beats):
            at = peaks[b] - before
            for i in range(width):
                if 0 <= at + i < n:
                    y[k, at + i] -= shape[i]


@njit(cache=True)
def _pieces(y):
    """What lies around each sample in every lead, without its mean and slope: (leads, SPAN, n), and its sum of squares (n,).

    Not within HALF of an end. Sample beside sample, so that the processor takes several at a time.
    """
    leads, n = y.shape
    found, energy = np.empty((leads, SPAN, n)), np.zeros(n)
    mean, slope = np.empty(n), np.empty(n)
    norm, stop = HALF * (HALF + 1) * SPAN / 3.0, n - HALF
    for k in range(leads):
        mean[:], slope[:] = 0.0, 0.0
        for i in range(SPAN):
            for at in range(HALF, stop):
                value = y[k, at - HALF + i]
                mean[at] += value
                slope[at] += (i - HALF) * value
        for at in range(HALF, stop):
            mean[at] /= SPAN
            slope[at] /= norm
        for i in range(SPAN):
            for at in range(HALF, stop):
                value = y[k, at - HALF + i] - mean[at] - slope[at] * (i - HALF)
                found[k, i, at] = value
                energy[at] += value * value
    return found, energy


@njit(cache=True)
def _likeness(pieces, energy, hidden, template):
    """At each sample the correlation with a template and the size in its measure: (n, 2); 0 where hidden."""
    leads, _, n = pieces.shape
    found, dot = np.zeros((n, 2)), np.zeros(n)
    own = 0.0
    for k in range(leads):
        for i in range(SPAN):
            part = template[k, i]
            own += part * part
            for at in range(HALF, n - HALF):
                dot[at] += pieces[k, i, at] * part
    if own > 0.0:
        for at in range(HALF, n - HALF):
            if energy[at] > 0.0 and not hidden[at]:
                found[at, 0] = dot[at] / np.sqrt(energy[at] * own)
                found[at, 1] = dot[at] / own
    return found


@njit(cache=True)
def _alike(like):
    """Places of the P waves: tops of the likeness that are like enough and of a fitting size."""
    n = like.shape[0]
    places = np.zeros(64, np.int64)
    count = 0
    for at in range(HALF + 1, n - HALF - 1):
        c = like[at, 0]
        if c < LIKE or not (SMALLEST <= like[at, 1] <= LARGEST):
            continue
        if c < like[at - 1, 0] or c < like[at + 1, 0]:
            continue
        if count > 0 and at - places[count - 1] < APART:
            if c > like[places[count - 1], 0]:
                places[count - 1] = at
        elif count < 64:
            places[count] = at
            count += 1
    return places[:count]


@njit(cache=True)
def _seeds(energy, hidden):
    """Places with the most of a wave in them, the largest first."""
    n = energy.shape[0]
    size = np.where(hidden, 0.0, energy)
    found = np.full(SEEDS, -1, np.int64)
    for k in range(SEEDS):
        best, place = 0.0, -1
        for at in range(HALF + 1, n - HALF - 1):
            if size[at] > best and size[at] >= size[at - 1] and size[at] >= size[at + 1]:
                best, place = size[at], at
        if place < 0:
            break
        found[k] = place
        size[max(0, place - APART // 2) : place + APART // 2] = 0.0
    return found


@njit(cache=True)
def _tall(template):
    """Largest swing of a template in one lead, mV."""
    most = 0.0
    for k in range(template.shape[0]):
        most = max(most, template[k].max() - template[k].min())
    return most


@njit(cache=True)
def _train(places, hidden, doubtful, first, period, n, out):
    """Follow a train from one P wave through the ten seconds both ways.

    out (64, 2): place, and 1 seen, 0 hidden, -1 missed where it should have been seen. Gives how many.
    """
    count = 0
    for way in (-1, 1):
        at, length = np.float64(first), np.float64(period)
        step = 0 if way == 1 else 1
        while True:
            expected = at + way * length * step if step else at
            if expected < HALF or expected >= n - HALF or count >= 64:
                break
            near, gap = -1, OFF_TRAIN + 1
            for k in range(places.shape[0]):
                d = abs(places[k] - expected)
                if d < gap:
                    near, gap = places[k], d
            place = np.int64(round(expected))
            if near >= 0:
                if step:
                    length = 0.7 * length + 0.3 * abs(near - at) / step
                at, step = np.float64(near), 0
                out[count, 0], out[count, 1] = near, 1
            else:
                out[count, 0] = place
                out[count, 1] = 0 if hidden[place] or doubtful[place] else -1
            count += 1
            step += 1
            if step > 4:
                break
    return count


@njit(cache=True)
def _best_train(places, hidden, doubtful, n, out):
    """The train that explains most P waves with fewest missing and fewest left over.

    Where the usual beat was taken out (`doubtful`) a P wave may be missing or one be left over. Gives its length, how many
    are left over, and its score.
    """
    best, length, left = -1e9, 0, 0
    plain = 0
    for place in places:
        plain += not doubtful[place]
    tried = np.zeros((64, 2), np.int64)
    for i in range(places.shape[0]):
        for j in range(i + 1, places.shape[0]):
            for parts in (1, 2, 3):
                period = (places[j] - places[i]) / parts
                if period < PERIODS[0] or period > PERIODS[1]:
                    continue
                count = _train(places, hidden, doubtful, places[i], period, n, tried)
                seen, missed, clear = 0, 0, 0
                for k in range(count):
                    seen += tried[k, 1] == 1
                    clear += tried[k, 1] == 1 and not doubtful[tried[k, 0]]
                    missed += tried[k, 1] == -1
                score = 0.5 * (seen + clear) - 1.5 * missed - (plain - clear) - 0.1 * (count - seen)
                if score > best:
                    best, length, left = score, count, plain - clear
                    out[:count] = tried[:count]
    return length, left, best


@njit(cache=True)
def find(signal, peaks, usual, before, behind, after):
    """P waves of ten seconds of signal (leads, n) mV at 500 Hz.

    peaks (beats,) R samples, usual (beats,) whether a beat has the usual shape; the usual beat begins `before` samples
    ahead of R, its QRS ends `behind` and its T wave `after` samples behind R. Gives the train, rows of place (samples at
    500 Hz) and 1 seen, 0 hidden, -1 missed, in order, and how many P waves lie off it (-1: no train was found).
    """
    y = _coarse(signal)
    n = y.shape[1]
    hidden, doubtful = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    before, behind = before // STEP + 3, behind // STEP + 4
    after = max(min(WIDEST_BEAT, after // STEP + 6), behind + 4)
    regular = np.zeros(peaks.shape[0], np.int64)
    count = 0
    for b in range(peaks.shape[0]):
        at = peaks[b] // STEP
        if usual[b]:
            regular[count] = at
            count += 1
            hidden[max(0, at - before - EDGE) : at + behind + EDGE + 1] = True
            doubtful[at : at + after + EDGE] = True
        else:
            hidden[max(0, at - 2 * before) : at + 2 * after] = True
    if count >= 3:
        _take_out(y, regular[:count], before, after)
    best, size, over = -1e9, 0, -1
    kept = np.zeros((64, 2), np.int64)
    tried, known = np.zeros((64, 2), np.int64), np.zeros(0, np.int64)
    pieces, energy = _pieces(y)
    for seed in _seeds(energy, hidden):
        if seed < 0:
            break
        template = pieces[:, :, seed].copy()
        if _tall(template) < LEAST_MV:
            continue
        places = _alike(_likeness(pieces, energy, hidden, template))
        # the P waves of a regular rhythm are each found from each of them
        if places.shape[0] < 4 or np.array_equal(places, known):
            continue
        known = places
        length, left, score = _best_train(places, hidden, doubtful, n, tried)
        if score > best and length > 0:
            best, size, over = score, length, left
            kept[:length] = tried[:length]
    found = kept[:size].copy()
    found = found[np.argsort(found[:, 0])]
    found[:, 0] *= STEP
    return found, over
