"""Deflections with the shape of the beats where none was counted: a beat may have been passed over, so that a pause and a rate are open.

Where QRS complexes are small, or their size changes, some are passed over; the intervals that are left are twice as long. Their shape tells them from T and P
waves: over the long intervals of PTB-XL, CinC 2021 and LUDB, also of lead II alone and at a tenth of the gain, QRS complexes that were not counted had a correlation
of 0.94 and more with the others and nine tenths of their size, and nothing else more than 0.84 at half of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.criteria.beats import good_signal
from stream.likeness import ALIKE, BEFORE, BEHIND, cuts
from stream.measurement import Beat, BeatKind, Measurements
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment

LONG = 1.35
"""Of the median RR: an interval from which on a beat may have been passed over in it."""
APART = round(0.3 * MODEL_HZ)
"""Samples from a beat within which no other one lies: its T wave may."""
SHARE = 0.5
"""Of the size of the usual QRS that such a deflection has at least."""
STEP = 4
"""Samples between places that are looked at, 8 ms."""


def missed(segment: Segment, measured: Measurements) -> tuple[int, ...]:
    """Samples of the segment at which a deflection has the shape of the beats and none was counted; of those in one interval that which is most alike."""
    beats = measured.beats
    signal = good_signal(segment, measured) if len(beats) > 1 else None
    if signal is None:
        return ()
    usual = _usual_shape(signal, beats)
    if usual is None:
        return ()
    at = [b.sample for b in beats]
    least = LONG * float(np.median(np.diff(at)))
    long = [(a, b) for a, b in pairwise([*at, MODEL_SAMPLES]) if b - a >= least and not _is_lossy(a, b, measured.lost)]
    found = (_most_alike(signal, usual, a + APART, min(b - APART, MODEL_SAMPLES - BEHIND)) for a, b in long)
    return tuple(place for place in found if place is not None)


def _is_lossy(first: int, last: int, lost: Sequence[tuple[int, int]]) -> bool:
    """Whether a part of an interval was lost: it is no RR interval, and beats that the loss touches are left out of it."""
    return any(first < stop and last > begin for begin, stop in lost)


def _usual_shape(signal: NDArray[np.float64], beats: Sequence[Beat]) -> NDArray[np.float64] | None:
    """Median QRS (leads, n) of the beats that are not ventricular; None of fewer than two."""
    inside = [b for b in beats if BEFORE <= b.sample < signal.shape[1] - BEHIND]
    own = [b for b in inside if b.kind is not BeatKind.VENTRICULAR]
    if len(own) < 2:
        return None
    shape = np.median(cuts(signal, [b.sample - BEFORE for b in own], BEFORE + BEHIND), axis=0)
    return np.asarray(shape) if np.any(shape) else None


def _most_alike(signal: NDArray[np.float64], usual: NDArray[np.float64], first: int, last: int) -> int | None:
    """Where between two places a deflection is most alike to the usual QRS, and large enough; None where none is."""
    places = np.arange(max(BEFORE, first), last, STEP)
    if not places.size:
        return None
    some = cuts(signal, [int(at) - BEFORE for at in places], BEFORE + BEHIND)
    size = float(np.sqrt((usual**2).sum()))
    along = (some * usual).sum(axis=(1, 2)) / size
    like = np.where(along >= SHARE * size, along / (np.sqrt((some**2).sum(axis=(1, 2))) + 1e-12), 0.0)
    best = int(np.argmax(like))
    return int(places[best]) if like[best] >= ALIKE else None
