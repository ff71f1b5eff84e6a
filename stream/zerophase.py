"""The diagnostic filters forwards and backwards over all leads at once, so that the phase stays straight.

The arithmetic of `scipy.signal.sosfiltfilt` for one second-order section, in its order, with the leads side by side.
"""

from __future__ import annotations

import numpy as np
from numba import njit

WIDTH = 16
"""Leads filtered side by side: all twelve in whole registers of the processor."""


@njit(cache=True)
def _middle(row):
    """The two middle steps of a row (n,) int16; equal where n is odd. Counted, not sorted: steps lie close together."""
    n, quarter = row.shape[0], row.shape[0] // 4
    low, high = int(row[0]), int(row[0])
    for k in range(n):
        low, high = min(low, int(row[k])), max(high, int(row[k]))
    # neighbours are often equal, and a count that is written again at once keeps the processor waiting
    counts = np.zeros((4, high - low + 1), np.int32)
    for k in range(quarter):
        for part in range(4):
            counts[part, int(row[part * quarter + k]) - low] += 1
    for k in range(4 * quarter, n):
        counts[0, int(row[k]) - low] += 1
    first, second, seen, found = low, low, 0, False
    for step in range(low, high + 1):
        for part in range(4):
            seen += counts[part, step - low]
        if not found and seen > (n - 1) // 2:
            first, found = step, True
        if seen > n // 2:
            second = step
            break
    return first, second


@njit(cache=True)
def _pass(y, first, stop, step, sos, zi, z0, z1):
    """One section over the rows first, first + step, ... before stop of y (n, WIDTH), in place, settled at the first row."""
    b0, b1, b2, a1, a2 = sos[0], sos[1], sos[2], sos[4], sos[5]
    for k in range(WIDTH):
        z0[k] = zi[0] * y[first, k]
        z1[k] = zi[1] * y[first, k]
    i = first
    while i != stop:
        for k in range(WIDTH):
            x = y[i, k]
            value = b0 * x + z0[k]
            z0[k] = b1 * x - a1 * value + z1[k]
            z1[k] = b2 * x - a2 * value
            y[i, k] = value
        i += step


@njit(cache=True)
def _fill(y, samples, scale, zero, margin):
    """Put the steps of up to WIDTH leads side by side into y from row `margin` on, each less its median, in the unit of scale."""
    leads, n = samples.shape
    size, base, level = np.zeros(WIDTH), np.zeros(WIDTH), np.zeros(WIDTH)
    for k in range(leads):
        a, b = _middle(samples[k])
        size[k], base[k] = scale[k], zero[k]
        level[k] = ((a - base[k]) * size[k] + (b - base[k]) * size[k]) / 2.0
    for i in range(n):
        for k in range(leads):
            y[margin + i, k] = (samples[k, i] - base[k]) * size[k] - level[k]
        for k in range(leads, WIDTH):
            y[margin + i, k] = 0.0


@njit(cache=True)
def to_diagnostic(samples, scale, zero, low, low_zi, high, high_zi, pad, odd, skip, settle):
    """Steps (leads, n) int16 -> (leads, n - skip) float64 in the unit of scale: median out, both sections both ways.

    The ends are continued by `pad` samples in mirror image for the first section, by `odd` turned about the end for the second
    (both less than n). zi: the state of a section that has seen a constant 1 for ever. settle: samples before `skip` in which the second section
    settles; what lies before them tells nothing of what is given.
    """
    leads, n = samples.shape
    out = np.empty((leads, n - skip))
    margin = max(pad, odd)
    y = np.empty((n + 2 * margin, WIDTH))
    z0, z1 = np.zeros(WIDTH), np.zeros(WIDTH)
    last, begin = margin + n - 1, margin + max(0, skip - settle)
    for group in range(0, leads, WIDTH):
        count = min(WIDTH, leads - group)
        _fill(y, samples[group : group + count], scale[group:], zero[group:], margin)
        for i in range(1, pad + 1):
            y[margin - i] = y[margin + i]
            y[last + i] = y[last - i]
        _pass(y, margin - pad, last + pad + 1, 1, low, low_zi, z0, z1)
        _pass(y, last + pad, begin - 1, -1, low, low_zi, z0, z1)
        for i in range(1, odd + 1):
            if begin == margin:
                y[margin - i] = 2.0 * y[margin] - y[margin + i]
            y[last + i] = 2.0 * y[last] - y[last - i]
        _pass(y, begin - (odd if begin == margin else 0), last + odd + 1, 1, high, high_zi, z0, z1)
        _pass(y, last + odd, margin + skip - 1, -1, high, high_zi, z0, z1)
        for i in range(skip, n):
            for k in range(count):
                out[group + k, i - skip] = y[margin + i, k]
    return out
