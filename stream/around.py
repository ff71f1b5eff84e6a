"""Ten seconds in which a short stretch was lost: what is left of them, and which beats and intervals the loss touches.

Lost is what no lead tells: samples that never came, and steps that all leads hold at once, as a gateway fills them in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from stream.likeness import ALIKE, likeness, smoothed
from stream.measurement import Beat, BeatKind

MOST_LOST_S = 2.0
"""Of the ten seconds that may be lost in all; of more, nothing is told."""
HELD_S = 0.2
"""From which length on steps that stand still in every lead at once are held ones: noise alone moves some lead sooner. A standstill of the heart is no such line."""
BEFORE_S, BEHIND_S = 0.3, 0.5
"""A beat reaches so far before and behind its R: from its P wave to the end of its T wave."""
MOST_HELD = 2
"""Of a signal without noise, as a simulator makes it, all leads stand still between beats: where more stretches do so than these, none is held."""
AT_S = 0.06
"""A beat whose R lies so near to what was lost was made by its edge, or cut by it."""

Spans = tuple[tuple[int, int], ...]


def spans(flags: NDArray[np.bool_]) -> Spans:
    """The stretches [first, stop) of flags (n,) that are set."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return tuple((int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True))


def held(samples: NDArray[np.int16], rate_hz: float) -> NDArray[np.bool_]:
    """(n,) where the steps (leads, n) of two leads and more stand still in all of them at once, for HELD_S and longer, once or twice."""
    out = np.zeros(samples.shape[1], bool)
    found = [(first, stop + 1) for first, stop in spans(_still(samples)) if stop - first + 1 >= HELD_S * rate_hz]
    for first, stop in found if len(found) <= MOST_HELD else ():
        out[first:stop] = True
    return out


@njit(cache=True)
def _still(samples: NDArray[np.int16]) -> NDArray[np.bool_]:
    """(n - 1,) whether the steps (leads, n) stay as they are to the next sample in all leads that move at all; of fewer than two nowhere."""
    leads, n = samples.shape
    moving, count = np.zeros(leads, np.int64), 0
    for lead in range(leads):
        for i in range(1, n):
            if samples[lead, i] != samples[lead, 0]:
                moving[count] = lead
                count += 1
                break
    out = np.zeros(max(0, n - 1), np.bool_)
    for i in range(out.shape[0] if count > 1 else 0):
        at = 0
        while at < count and samples[moving[at], i] == samples[moving[at], i + 1]:
            at += 1
        out[i] = at == count
    return out


def too_much(away_s: float, still_s: float) -> str:
    """Why nothing is told of ten seconds of which so much was lost; still_s: how much of it came, and stood still in every lead."""
    came = "the line stood still in every lead" if 2.0 * still_s > away_s else "no signal came"
    return f"{came} for {away_s:.1f} of the ten seconds, and at most {MOST_LOST_S:.0f} s can be left out"


def bridged(samples: NDArray[np.int16], lost: Spans) -> NDArray[np.int16]:
    """The steps (leads, n) with a straight line in each stretch that was lost, so that a filter rings at none of its edges."""
    out = samples.copy()
    last = samples.shape[1] - 1
    for first, stop in lost:
        a, b = max(0, first - 1), min(last, stop)
        left, right = (
            (samples[:, b], samples[:, b]) if first == 0 else (samples[:, a], samples[:, b if stop <= last else a])
        )
        share = np.linspace(0.0, 1.0, stop - first + 2)[1:-1]
        out[:, first:stop] = np.round(left[:, None] + (right.astype(float) - left)[:, None] * share)
    return out


def untouched(beats: Sequence[Beat], lost: Spans, hz: float) -> tuple[Beat, ...]:
    """The beats of which no wave lies in what was lost."""
    return tuple(
        b
        for b in beats
        if not any(b.sample - BEFORE_S * hz < stop and b.sample + BEHIND_S * hz > first for first, stop in lost)
    )


def told_apart(beats: Sequence[Beat], lost: Spans, hz: float) -> tuple[Beat, ...]:
    """The beats without those at what was lost; an RR interval that crosses it, or begins at a beat that is left out, is not known."""
    found: list[Beat] = []
    left_out = False
    for one in beats:
        before, left_out = left_out, any(first - AT_S * hz < one.sample < stop + AT_S * hz for first, stop in lost)
        if left_out:
            continue
        since = one.sample - (0.0 if one.rr_ms is None else one.rr_ms * hz / 1000.0)
        crosses = before or any(since < stop and one.sample > first for first, stop in lost)
        found.append(replace(one, rr_ms=None) if crosses else one)
    return tuple(found)


def unclassed(beats: Sequence[Beat], signal_mv: NDArray[np.float64]) -> tuple[Beat, ...]:
    """The beats without the classes that rest on beats around them, of which some were lost: early ones, and ventricular ones of the usual shape.

    signal_mv: (leads, n) at 500 Hz, in whose samples the beats are.
    """
    like = likeness(smoothed(signal_mv), beats)
    return tuple(
        replace(one, kind=BeatKind.UNKNOWN)
        if one.kind is BeatKind.SUPRAVENTRICULAR
        or (one.kind is BeatKind.VENTRICULAR and share is not None and share >= ALIKE)
        else one
        for one, share in zip(beats, like, strict=True)
    )
