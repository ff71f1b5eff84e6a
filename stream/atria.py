"""Whether the ventricles follow the atria: second and third degree AV block from a train of P waves and the QRS.

Conservative: what can be explained otherwise (an ectopic beat, a P wave off the train, one that was not seen) is no block.
"""

from __future__ import annotations

import cmath
import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.frame import LEADS
from stream import pwaves
from stream.measurement import BeatKind, Measurements
from stream.trigger import MODEL_SAMPLES, Segment

HZ = 500
READ = ("II", "V1", "I", "V2", "V5", "V6", "V3", "V4", "III", "aVF", "aVL", "aVR")
"""Leads in the order in which they are read, those that show P waves best first."""
MOST_LEADS = 6
USUAL_QRS, USUAL_T = (20, 25), 200
"""R to its onset and end, and to the end of T, in samples, where they could not be measured."""
LEAST_P = 5
"""P waves that a train must show at least."""
SEEN_SHARE = 0.6
MISSED = 1
"""P waves of the train, and P waves off it, that may be missing or left over."""
CONDUCTED_S = (0.05, 0.40)
"""From the peak of a P wave to the onset of the QRS that it makes: a PR of 100 to 450 ms less half a P wave."""
STEADY_S = 0.04
"""Conducted P waves come at one distance within this."""
PAUSE = 1.3
"""A beat that is dropped leaves an interval longer than the shortest by this."""
REGULAR = 0.12
"""Largest difference of the intervals of an escape rhythm, as a share of the median."""
LOOSE = 0.6
"""Concentration of the phases of the QRS in the P cycle below which there is no relation (Rayleigh)."""
LEAST_QRS = 4
FASTER = 1.15
"""Dissociated atria are faster than the ventricles by this."""


class AvBlock(StrEnum):
    """How atria and ventricles go together over ten seconds."""

    NONE = "none"
    SECOND = "second"
    """A P wave of a regular train has no QRS."""
    THIRD = "third"
    """P waves and QRS are each regular and keep no relation."""


@dataclass(frozen=True, slots=True)
class Atria:
    """P waves over ten seconds, wherever they fall between the beats."""

    p_waves: tuple[int, ...]
    """Peaks in samples of the segment (500 Hz); those within a QRS are reckoned."""
    rate_bpm: float
    dropped: int
    """P waves that were seen and have no QRS."""
    block: AvBlock


@dataclass(frozen=True, slots=True)
class Train:
    """P waves that come regularly, in seconds of the segment."""

    at_s: tuple[float, ...]
    seen: tuple[bool, ...]
    """False: reckoned, because it falls into a QRS."""

    @property
    def period_s(self) -> float:
        """Median distance."""
        return statistics.median(b - a for a, b in pairwise(self.at_s))


def look(segment: Segment, good: frozenset[str]) -> Atria | None:
    """The atria in the good leads of a segment; None where no regular P waves can be made out."""
    measured = segment.measurements
    if measured is None or len(measured.beats) < 3:
        return None
    sent = [n for n in READ if n in segment.measured and n not in segment.derived and n in good][:MOST_LEADS]
    if not sent:
        return None
    signal = np.asarray(segment.signal_mv[[LEADS.index(name) for name in sent]], np.float64)
    ectopic = [b.kind is BeatKind.VENTRICULAR for b in measured.beats]
    if all(ectopic):
        ectopic = [False] * len(ectopic)
    peaks = np.array([b.sample for b in measured.beats], np.int64)
    before, behind, after = _extent(measured)
    found = train(*pwaves.find(signal, peaks, ~np.array(ectopic), before, behind, after))
    return None if found is None else judge(found, ((peaks - before) / HZ).tolist(), ectopic)


def warm_up() -> None:
    """Compile, or load, what `look` needs, before the first segment waits for it."""
    peaks = np.arange(HZ // 2, MODEL_SAMPLES, HZ, dtype=np.int64)
    train(*pwaves.find(np.zeros((2, MODEL_SAMPLES)), peaks, np.ones(len(peaks), bool), *USUAL_QRS, USUAL_T))


def _extent(measured: Measurements) -> tuple[int, int, int]:
    """From R back to the onset of the QRS, on to its end, and to the end of T: medians over the beats, in samples."""
    known = [(b, b.qrs_on) for b in measured.by_beat if b.qrs_on is not None]
    before = [float(b.sample - on) for b, on in known]
    behind = [on + b.qrs_ms * HZ / 1000.0 - b.sample for b, on in known if b.qrs_ms is not None]
    after = [on + b.qt_ms * HZ / 1000.0 - b.sample for b, on in known if b.qt_ms is not None]
    return _middle(before, USUAL_QRS[0]), _middle(behind, USUAL_QRS[1]), _middle(after, USUAL_T)


def _middle(values: Sequence[float], otherwise: int) -> int:
    return max(0, round(statistics.median(values))) if values else otherwise


def train(rows: NDArray[np.int64], over: int) -> Train | None:
    """The train in the rows of `pwaves.find`; None where it is too weak to say anything."""
    if over < 0 or over > MISSED or len(rows) < LEAST_P:
        return None
    state = rows[:, 1]
    seen, missed = int((state == 1).sum()), int((state == -1).sum())
    if seen < LEAST_P or missed > MISSED or seen < SEEN_SHARE * len(rows):
        return None
    kept = rows[state >= 0]
    return Train(tuple((kept[:, 0] / HZ).tolist()), tuple((kept[:, 1] == 1).tolist()))


def judge(found: Train, onsets_s: Sequence[float], ectopic: Sequence[bool]) -> Atria:
    """How the QRS follow the train. onsets_s: QRS onset of every beat; ectopic: whether it is ventricular."""
    dropped = _dropped(found, onsets_s, ectopic)
    block = AvBlock.NONE
    if _dissociated(found, onsets_s, ectopic):
        block, dropped = AvBlock.THIRD, []
    elif dropped and _follows(found, onsets_s, ectopic, dropped):
        block = AvBlock.SECOND
    return Atria(tuple(round(at * HZ) for at in found.at_s), round(60.0 / found.period_s, 1), len(dropped), block)


def _distances(found: Train, onsets_s: Sequence[float]) -> list[tuple[int, float]]:
    """For each QRS the P wave before it that could have made it (its number, and the distance in s); -1: none."""
    at, pairs = found.at_s, []
    for onset in onsets_s:
        k = bisect_right(at, onset - CONDUCTED_S[0]) - 1
        near = k >= 0 and onset - at[k] <= CONDUCTED_S[1]
        pairs.append((k, onset - at[k]) if near else (-1, math.nan))
    return pairs


def _dropped(found: Train, onsets_s: Sequence[float], ectopic: Sequence[bool]) -> list[int]:
    """P waves that were seen and have no QRS, away from the ends and from ectopic beats."""
    with_qrs = {k for k, _ in _distances(found, onsets_s)}
    if len(onsets_s) < 3:
        return []
    lone, near_s = [], 1.5 * found.period_s
    for k, at in enumerate(found.at_s):
        inside = onsets_s[0] < at < onsets_s[-1] - CONDUCTED_S[0]
        calm = not any(e and abs(onset - at) < near_s for onset, e in zip(onsets_s, ectopic, strict=True))
        if k not in with_qrs and found.seen[k] and inside and calm:
            lone.append(k)
    return lone


def _follows(found: Train, onsets_s: Sequence[float], ectopic: Sequence[bool], dropped: Sequence[int]) -> bool:
    """Whether the other QRS follow their P waves at one distance, or at growing ones, and pause where one is dropped."""
    pairs = [(k, d) for (k, d), e in zip(_distances(found, onsets_s), ectopic, strict=True) if not e]
    known = [(k, d) for k, d in pairs if k >= 0]
    if len(known) < 3 or len(known) < len(pairs) - 1:
        return False
    rr = np.diff(onsets_s)
    for k in dropped:
        n = bisect_left(onsets_s, found.at_s[k])
        if rr[n - 1] < PAUSE * found.period_s:
            return False
    distances = np.array([d for _, d in known])
    if float(np.ptp(distances)) <= STEADY_S:
        return True
    return all(_lengthens(known, k) for k in dropped)


def _lengthens(known: Sequence[tuple[int, float]], dropped: int) -> bool:
    """Wenckebach: the distance before a dropped beat is longer than behind it, and grows towards it."""
    before = [d for k, d in known if dropped - 4 <= k < dropped]
    after = [d for k, d in known if k == dropped + 1]
    if not before or not after:
        return bool(before or after)
    run = before[-2:]
    return after[0] <= before[-1] - STEADY_S / 2 and run[0] <= run[-1] + STEADY_S / 2


def _dissociated(found: Train, onsets_s: Sequence[float], ectopic: Sequence[bool]) -> bool:
    """Whether regular QRS, slower than the P waves, fall anywhere in the P cycle."""
    if len(onsets_s) < LEAST_QRS:
        return False
    rr = [b - a for a, b in pairwise(onsets_s)]
    middle = statistics.median(rr)
    if max(rr) - min(rr) > REGULAR * middle or middle < FASTER * found.period_s:
        return False
    phases = [_phase(found, onset) for onset in onsets_s]
    concentration = abs(sum(cmath.exp(2j * math.pi * p) for p in phases)) / len(phases)
    return concentration < LOOSE


def _phase(found: Train, at_s: float) -> float:
    """Place of a moment in the P cycle, 0..1."""
    at = found.at_s
    k = min(max(bisect_right(at, at_s) - 1, 0), len(at) - 2)
    return ((at_s - at[k]) / (at[k + 1] - at[k])) % 1.0
