"""Beats beside each other: which have another shape than the usual one, which come early, and whether one wave precedes them all.

From the signal of the leads that are good, sixteen milliseconds smoothed; nothing is known of measurements without their signal. It does not know of rhythms.
The limits were chosen on the irregular records of PTB-XL, CinC 2021 and LUDB, and `NEAR` and `DIVIDED` on lead II alone of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ingest.frame import CHEST, LEADS, LIMB
from stream.likeness import ALIKE, LEAST, cuts, likeness, smoothed
from stream.measurement import Beat, BeatKind, Measurements, Quality
from stream.trigger import MODEL_SAMPLES, Segment

_P_SAMPLES, _CLEAR = 110, 3
"""Samples before the QRS that hold a P wave, 220 ms, and how far they end before it."""
_USUAL_QRS = 25
"""Samples from the begin of the QRS to R, where it could not be measured."""
LATE_T = 0.85
"""Of the median RR: before a beat that comes sooner the T wave of the one before lies where its P wave would."""
PATTERNED = 0.06
"""Of the mean RR: smallest median difference between beats that is called irregular (`stream.atrial`)."""
FLAT_MV = 1e-4
"""Root mean square of what lies before a QRS below which there is no signal to compare."""
EARLY, LATE, PAUSED = 0.9, 1.2, 1.12
"""Of the usual RR: a beat is early below, late above, and a pause follows it from the last on."""
OTHER, UNLIKE, QUITE = 0.7, 0.5, 0.96
"""Correlation with the usual beat below which a shape is another one, and nothing like it, and from which on it is quite the same."""
NEAR, DIVIDED = 0.45, 0.08
"""Of the usual RR: a deflection so near to a beat, and how closely the two intervals beside it make one."""
T_NEAR = 0.33
"""Of the usual RR: so near to a beat whatever divides an interval is its T wave or noise, for the ventricles are refractory yet (our own limit)."""
SUDDEN, AGAINST_LAST, LONGER, SAME = 0.83, 0.85, 1.25, 0.85
"""A beat of the usual shape (by this correlation) is early: of the usual RR, of that before it, and what follows is longer than its own by the third."""
FIRST = 0.75
"""Of the usual RR: so early is a beat of which nobody knows the interval before, where no other one is early (our own limit)."""
IN_A_ROW = 3
"""So many early beats may follow each other; more are a run of another rhythm."""
BENEATH, COUPLED, MOSTLY = 6, 0.04, 0.75
"""Intervals that tell a regular rhythm beneath early beats; how near these come to one coupling, as a share of it, and how many of them, and of the beats that
have a P wave where the early one hides its own (our own limits)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One beat with its neighbours."""

    beat: Beat
    rr: float | None
    """Interval before it over the usual one."""
    next_rr: float | None
    """Interval behind it over the usual one."""
    likeness: float | None
    """Correlation of its QRS with the usual one over all leads, -1..1; None where the signal does not tell."""
    p: bool | None = None
    """Whether a P wave was seen before it; None unknown."""

    @property
    def early(self) -> bool:
        return self.rr is not None and self.rr <= EARLY

    @property
    def nearest(self) -> float:
        """The shorter of the intervals beside it over the usual one; infinite where none is known."""
        return min((rr for rr in (self.rr, self.next_rr) if rr is not None), default=float("inf"))

    @property
    def differs(self) -> bool:
        """Whether its shape is plainly another one."""
        return self.likeness is not None and self.likeness < OTHER

    @property
    def unlike(self) -> bool:
        """Whether hardly anything of its shape is the usual one."""
        return self.likeness is not None and self.likeness < UNLIKE

    @property
    def ventricular(self) -> bool:
        """Taken for ventricular on the monitor path, unless its shape is the usual one; early with another shape where it was not judged there, with a wholly
        other one where it was taken for a usual beat; and of a beat before which no interval is known, with a wholly other shape and a pause behind."""
        if self.beat.kind is BeatKind.VENTRICULAR:
            return self.likeness is None or self.likeness < ALIKE
        if self.beat.kind not in (BeatKind.UNKNOWN, BeatKind.NORMAL):
            return False
        if self.rr is None:
            return self.unlike and self.paused
        return self.early and (self.differs if self.beat.kind is BeatKind.UNKNOWN else self.unlike)

    @property
    def paused(self) -> bool:
        """Whether a pause follows it."""
        return self.next_rr is not None and self.next_rr >= PAUSED

    @property
    def unclear(self) -> bool:
        """Whether it may be ventricular by its shape alone: taken for it and not quite the usual one, or nothing like that."""
        if self.beat.kind is not BeatKind.VENTRICULAR:
            return self.rr is not None and self.unlike
        return self.ventricular or (self.likeness is not None and self.likeness < QUITE and not self.early)

    @property
    def premature(self) -> bool:
        """Whether it is ventricular and comes before its time; of one without an interval before it, whether a pause follows."""
        if not self.ventricular or self.likeness is None:
            return self.ventricular
        return self.early or (self.paused and (self.rr is None or self.differs))

    @property
    def escape(self) -> bool:
        """Whether it is ventricular and comes after its time."""
        return self.ventricular and not self.premature and self.rr is not None and self.rr >= LATE


@dataclass(frozen=True, slots=True)
class Beats:
    """All beats of ten seconds."""

    seen: tuple[Seen, ...]
    usual_ms: float | None
    """Median RR between beats that are not ventricular; None of none."""
    coherence: float | None
    """How far what lies before the QRS is one wave in half of the leads, 0 where beats share nothing, 1 where all do; None unknown."""

    @property
    def premature(self) -> tuple[Seen, ...]:
        """Ventricular beats before their time, and those that follow one as a run."""
        found: list[Seen] = []
        for k, one in enumerate(self.seen):
            alike = one.ventricular or (one.beat.kind is BeatKind.UNKNOWN and one.unlike)
            follows = k > 0 and found and found[-1] is self.seen[k - 1] and alike
            if one.premature or follows:
                found.append(one)
        return tuple(found)

    @property
    def escape(self) -> tuple[Seen, ...]:
        """Ventricular beats after their time."""
        return tuple(one for one in self.seen if one.escape)

    @property
    def unclear(self) -> tuple[Seen, ...]:
        """Beats that the monitor path takes for ventricular, or whose shape is another one, and that are neither before nor after their time."""
        told = {id(one) for one in (*self.premature, *self.escape)}
        return tuple(one for one in self.seen if id(one) not in told and one.unclear)

    @property
    def alike(self) -> float | None:
        """Median correlation of the beats that are not ventricular with the usual one: what noise leaves of it; None unknown."""
        known = [one.likeness for one in self.seen if one.likeness is not None and not one.ventricular]
        return float(np.median(known)) if known else None

    @property
    def between(self) -> tuple[Seen, ...]:
        """Beats that lie near another one within a usual interval, which they divide: noise or a T wave that was counted, or an interpolated beat."""
        return tuple(
            one
            for one in self.seen
            if one.rr is not None and one.next_rr is not None
            and one.nearest <= NEAR and abs(one.rr + one.next_rr - 1.0) <= DIVIDED
        )  # fmt: skip

    @property
    def supraventricular(self) -> tuple[Seen, ...]:
        """Beats of the usual shape that come suddenly early, with a longer interval behind them; a few in a row, none of them beside a ventricular beat."""
        apart = {id(one) for one in self.premature}
        found: set[int] = set()
        for run in (*_early_runs(self.seen), *_early_with_hidden_p(self.seen)):
            beside = self.seen[max(0, run[0] - 1) : run[-1] + 1]
            if not {id(one) for one in beside} & apart:
                found |= {k for k in run if (self.seen[k].likeness or 0.0) >= SAME}
        return tuple(self.seen[k] for k in sorted(found))

    @property
    def sudden(self) -> tuple[Seen, ...]:
        """Beats of the usual shape that come as suddenly early as those, whatever follows them."""
        pairs = zip(self.seen, self.seen[1:], strict=False)
        return tuple(
            one
            for last, one in pairs
            if one.rr is not None and last.rr is not None
            and one.rr <= SUDDEN and one.rr <= AGAINST_LAST * last.rr
            and not one.ventricular and not last.ventricular and (one.likeness or 0.0) >= SAME
        )  # fmt: skip

    @property
    def regular_beneath(self) -> bool:
        """Whether early beats alone make the RR intervals irregular: without them and what follows them the others are regular, or all come equally early.

        Fibrillation has no interval to which it returns, and none at which its beats are coupled.
        """
        rr = [one.rr for one in self.seen]
        early = [k for k, one in enumerate(self.seen) if one.early]
        taken = {*early, *(k + 1 for k in early)}
        rest = [one for k, one in enumerate(rr) if one is not None and k not in taken]
        if not early:
            return False
        if len(rest) >= BENEATH and np.std(rest) < PATTERNED * np.median(rest):
            return True
        coupled = np.array([one for one in rr if one is not None and one <= SUDDEN])
        if len(coupled) < LEAST:
            return False
        return float(np.mean(np.abs(coupled - np.median(coupled)) <= COUPLED * np.median(coupled))) >= MOSTLY

    @property
    def calm_rr(self) -> tuple[float, ...]:
        """RR intervals, over the usual one, that neither begin nor end at an early or a ventricular beat."""
        early = {id(one) for one in (*self.premature, *self.supraventricular)}
        apart = early | {id(one) for one in self.seen if one.ventricular or one.differs}
        if any(one.likeness is not None for one in self.seen):
            # a beat that the begin cuts may have been any
            apart |= {id(one) for one in self.seen[:1] if one.likeness is None}
        pairs = zip(self.seen, self.seen[1:], strict=False)
        return tuple(b.rr for a, b in pairs if b.rr is not None and not {id(a), id(b)} & apart)


def _early_runs(seen: Sequence[Seen]) -> list[range]:
    """Places of the beats that come early, alone or a few in a row: the first against the interval before it, with a longer one behind the last.

    The sinus node changes by degrees: a beat that is early and no earlier than the one before it belongs to a run that began suddenly, or to none. Of the interval
    before the first of the ten seconds, or the second, nothing is known: such a beat is early where others are, or where it comes much sooner than one that breathing makes.
    """
    runs, k = [], 0
    while k < len(seen):
        first = k
        while k < len(seen) and (rr := seen[k].rr) is not None and rr <= SUDDEN:
            k += 1
        if first < k <= first + IN_A_ROW and _longer_behind(seen[k - 1]):
            runs.append(range(first, k))
        k = max(k, first + 1)
    last = {run[0]: seen[run[0] - 1].rr if run[0] > 0 else None for run in runs}
    sudden = [run for run in runs if (before := last[run[0]]) and (seen[run[0]].rr or 0.0) <= AGAINST_LAST * before]
    most = FIRST if not sudden else SUDDEN
    unknown = [run for run in runs if last[run[0]] is None and (seen[run[0]].rr or 0.0) <= most]
    return sorted([*unknown, *sudden], key=lambda run: run[0])


def _early_with_hidden_p(seen: Sequence[Seen]) -> list[range]:
    """Places of single beats that come early by less, with a pause behind, and whose P wave alone is not seen: it lies on the T wave before.

    The P wave of a sinus beat that comes a little early stands before it like the others. Nothing where fewer than MOSTLY of the others have one.
    """
    found = []
    for k in range(1, len(seen) - 1):
        rr, before, behind = seen[k].rr, seen[k - 1].rr, seen[k].next_rr
        if seen[k].p is not False or rr is None or before is None or behind is None:
            continue
        sudden = rr <= EARLY * min(1.0, before) and behind >= PAUSED
        others = [one.p for one in (*seen[:k], *seen[k + 1 :]) if one.p is not None]
        if sudden and len(others) >= LEAST and sum(others) >= MOSTLY * len(others):
            found.append(range(k, k + 1))
    return found


def _longer_behind(one: Seen) -> bool:
    assert one.rr is not None
    return one.next_rr is None or one.next_rr >= LONGER * one.rr


def look(segment: Segment, measured: Measurements) -> Beats:
    """The beats of a segment, by its signal where it has one."""
    signal = good_signal(segment, measured)
    rr = [b.rr_ms for b in measured.beats]
    usual = _usual(measured.beats)
    behind = [*rr[1:], None][: len(rr)]
    like = likeness(signal, measured.beats) if signal is not None else [None] * len(rr)
    p = {one.sample: one.p for one in measured.by_beat}

    def share(value: float | None) -> float | None:
        return None if value is None or usual is None else value / usual

    seen = tuple(
        Seen(beat, share(a), share(b), c, p.get(beat.sample))
        for beat, a, b, c in zip(measured.beats, rr, behind, like, strict=True)
    )
    return Beats(seen, usual, _coherence(signal, measured) if signal is not None else None)


def _usual(beats: Sequence[Beat]) -> float | None:
    """Median RR in ms between beats that are not ventricular, else of all."""
    kinds = [b.kind is BeatKind.VENTRICULAR for b in beats]
    known = [b.rr_ms for k, b in enumerate(beats) if b.rr_ms is not None and not (kinds[k] or (k and kinds[k - 1]))]
    every = known if len(known) >= LEAST - 1 else [b.rr_ms for b in beats if b.rr_ms is not None]
    return float(np.median(every)) if every else None


def good_signal(segment: Segment, measured: Measurements) -> NDArray[np.float64] | None:
    """(leads, n) mV of the good leads that do not follow from two others, smoothed; None where there is no such signal."""
    good = {m.lead for m in measured.leads if m.quality is Quality.GOOD} & set(segment.measured)
    names = [*[n for n in LIMB if n in good][:2], *[n for n in CHEST if n in good]]
    if not names or segment.signal_mv.shape[1] < MODEL_SAMPLES:
        return None
    rows = np.asarray(segment.signal_mv[[LEADS.index(n) for n in names]], np.float64)
    return smoothed(rows)


def _coherence(signal: NDArray[np.float64], measured: Measurements) -> float | None:
    """Mean normalised product of what lies before two different beats, in the middle one of the leads; None of fewer than four beats.

    The average over N beats holds a share of 1 / N of the energy by chance, which is taken off (as `stream.atrial` does).
    """
    beats = measured.beats
    rr = [b.rr_ms for b in beats if b.rr_ms is not None]
    if len(rr) < LEAST:
        return None
    least = LATE_T * float(np.median(rr))
    edges = [b.sample - b.qrs_on for b in measured.by_beat if b.qrs_on is not None]
    back = (round(float(np.median(edges))) if edges else _USUAL_QRS) + _CLEAR + _P_SAMPLES
    begins = [
        b.sample - back
        for k, b in enumerate(beats)
        if b.rr_ms is not None and b.rr_ms >= least and b.kind is not BeatKind.VENTRICULAR and b.sample >= back
        and b.sample - back + _P_SAMPLES <= signal.shape[1] and beats[k - 1].kind is not BeatKind.VENTRICULAR
    ]  # fmt: skip
    if len(begins) < LEAST:
        return None
    some = cuts(signal, begins, _P_SAMPLES)
    count = len(begins)
    energy = (some**2).mean(axis=2).mean(axis=0) + 1e-12
    if float(energy.max()) < FLAT_MV**2:
        return None
    common = (some.mean(axis=0) ** 2).mean(axis=1)
    shared = np.sort((common - energy / count) / (1.0 - 1.0 / count) / energy)[::-1]
    return float(shared[(len(shared) + 1) // 2 - 1])


def longest_run(flags: Iterable[bool]) -> int:
    """How many of these that are true follow each other at most."""
    return max((len(list(group)) for is_set, group in groupby(flags) if is_set), default=0)


def is_patterned(rr: Sequence[float | None]) -> bool:
    """Whether RR intervals repeat themselves after one to four beats: no fibrillation, which differs at every lag. None: a beat of unknown RR.

    By the median difference at the lag at which it is smallest (Tateno and Glass 2001, Med Biol Eng Comput 39, 664-671, tell it by the same
    differences), of five differences at least, below 6 % of the mean as on the monitor path (`stream.atrial`).
    """
    one = np.asarray(rr, np.float64)
    apart = (np.abs(one[k:] - one[:-k]) for k in range(1, 5))
    known = [some[~np.isnan(some)] for some in apart]
    least = min((float(np.median(some)) for some in known if len(some) >= 5), default=1e9)
    return least < PATTERNED * float(np.nanmean(one)) if least < 1e9 else False
