"""The leads of one feature sample as one number each: amplitude, height and slope in QRS heights, by the shares of the leads."""

from __future__ import annotations

import math

from numba import njit

LEAST, MOST = 0.1, 1.5
"""Bounds of one lead's share in the fused feature, in QRS heights."""
LOG_LEAST = math.log(LEAST)


@njit(cache=True)
def share(s, shares):
    """Note of every lead what fusing needs, in shares (3, leads): its share and one over its QRS height, 0 and 1 where it takes no part; and
    in the last row whether any does, and the last sum of logarithms with its exponential."""
    shares[2, 0], shares[2, 1], shares[2, 2] = 0.0, 0.0, 1.0
    for lead in range(s.leads):
        some = s.weight[lead] > 0.0
        shares[0, lead], shares[1, lead] = (s.weight[lead], 1.0 / s.level[lead]) if some else (0.0, 1.0)
        if some:
            shares[2, 0] = 1.0


@njit(cache=True, error_model="numpy")
def fuse(s, band, z, slopes, shares):
    """One feature sample of the leads as one number each, in QRS heights: the amplitude in the band and the slope, by weighted
    means, and the height of the fused feature, by the weighted geometric mean.

    band, slopes, z (leads,): amplitude, slope and mean slope in mV; shares: `share`. A geometric mean asks the leads to agree,
    so that an artefact of one lead does not make a beat; the bounds keep one lead from deciding alone, either way (chosen on
    MIT-BIH DS1). Between beats most heights are below the bound, and the sum is that of the sample before: no logarithm, no
    exponential.
    """
    if shares[2, 0] == 0.0:
        return 0.0, 0.0, 0.0
    amplitude, slope, total = 0.0, 0.0, 0.0
    for lead in range(s.leads):
        weight, per_level = shares[0, lead], shares[1, lead]
        amplitude += weight * abs(band[lead]) * per_level
        slope += weight * slopes[lead] * per_level
        height = z[lead] * per_level
        total += weight * (LOG_LEAST if height <= LEAST else math.log(min(MOST, height)))
    if total != shares[2, 1]:
        shares[2, 1], shares[2, 2] = total, math.exp(total)
    return amplitude, shares[2, 2], slope
