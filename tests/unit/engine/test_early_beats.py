"""Early beats of the usual shape: which are sudden, what lies regular beneath them, and that no fibrillation is told for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.criteria.beats import Beats, Seen
from engine.criteria.rhythm import EARLY_ALONE
from engine.interpretation import Interpretation
from engine.interpreter import interpret
from ingest.frame import Nanoseconds
from stream.measurement import Beat, BeatKind
from stream.trigger import MODEL_SAMPLES, Segment
from tests.sinus import plain


def seen(shares: Sequence[float]) -> Beats:
    """Beats of one shape at these shares of the usual interval; before the first one none is known."""
    rr = [None, *shares]
    behind = [*shares, None]
    beats = (Beat(300 + 300 * k, BeatKind.NORMAL) for k in range(len(rr)))
    return Beats(tuple(Seen(b, a, n, 0.99) for b, a, n in zip(beats, rr, behind, strict=True)), 800.0, None)


def early(shares: Sequence[float]) -> list[int]:
    """Places, in `shares`, of the intervals that end at early beats."""
    found = seen(shares)
    return [found.seen.index(one) - 1 for one in found.supraventricular]


def test_a_beat_that_is_no_earlier_than_the_one_before_it_is_not_premature() -> None:
    assert early([1.0, 1.03, 0.98, 0.87, 0.76, 0.81, 1.21, 1.08, 1.0]) == []  # the sinus node, by degrees
    assert early([1.0, 1.0, 0.7, 1.25, 1.0, 1.0]) == [2]


def test_early_beats_in_a_row_are_early_together_and_many_are_another_rhythm() -> None:
    assert early([1.06, 0.71, 0.67, 1.0, 1.14, 0.69, 1.2, 0.99]) == [1, 2, 5]
    assert early([1.0, 1.0, 0.7, 0.7, 0.7, 0.7, 0.7, 1.2, 1.0, 1.0]) == []


def test_the_second_beat_of_all_is_early_where_others_are_or_where_it_comes_much_sooner() -> None:
    assert early([0.79, 1.18, 1.18, 1.13, 1.0, 0.9, 0.9, 1.0]) == []
    assert early([0.81, 1.04, 1.02, 1.0, 0.99, 0.81, 1.04, 1.02]) == [0, 5]
    assert early([0.64, 1.23, 1.0, 1.0, 1.0]) == [0]


@pytest.mark.parametrize(("before", "told"), [(0.62, True), (0.8, False), (None, False)])
def test_the_first_beat_of_all_is_early_where_it_comes_much_sooner_behind_one_that_is_cut_off(
    before: float | None, told: bool
) -> None:
    one = seen([1.21, 1.0, 1.0, 1.0, 1.0])
    first = replace(one.seen[0], rr=before)
    assert replace(one, seen=(first, *one.seen[1:])).supraventricular == ((first,) if told else ())


def with_p(shares: Sequence[float], hidden: Sequence[int], p: bool | None = True) -> list[int]:
    """Places of the early beats where a P wave is seen (or not, or nobody knows) before each beat, and before those at `hidden` none."""
    one = seen(shares)
    marked = tuple(replace(b, p=False if k - 1 in hidden else p) for k, b in enumerate(one.seen))
    found = replace(one, seen=marked)
    return [found.seen.index(b) - 1 for b in found.supraventricular]


def test_a_beat_whose_p_wave_alone_is_hidden_is_early_by_less() -> None:
    shares = [1.0, 1.0, 1.0, 0.87, 1.15, 1.0, 1.0, 1.0]
    assert with_p(shares, [3]) == [3]
    assert with_p(shares, []) == []  # its P wave stands before it: the sinus node may come as early
    assert with_p(shares, [3], p=False) == []  # no beat has one: fibrillation, or P waves too small to see
    assert with_p(shares, [3], p=None) == []
    assert with_p([1.0, 1.0, 1.0, 0.87, 1.0, 1.0, 1.0, 1.0], [3]) == []  # no pause behind
    assert with_p([1.0, 1.0, 0.95, 0.87, 1.15, 1.0, 1.0, 1.0], [3]) == []  # by degrees


@pytest.mark.parametrize(
    ("shares", "regular"),
    [
        ([1.04, 0.8, 1.23, 0.98, 0.97, 1.06, 1.01, 1.0, 0.87, 1.15, 1.0, 0.84, 1.18, 0.8, 1.1, 1.12, 1.0], True),
        ([0.71, 1.18, 0.71, 0.61, 1.29, 1.07, 1.07, 0.72, 1.0, 1.3, 0.71, 1.24, 0.72], True),  # coupled alike
        ([0.69, 1.22, 0.79, 0.69, 0.99, 1.12, 1.0, 1.25, 1.2, 0.84, 0.79, 1.01, 1.22, 0.76, 1.09], False),
        ([1.03, 1.07, 0.85, 0.97, 0.92, 0.98, 1.01, 0.86, 1.0, 1.05, 1.25, 1.0, 1.37, 0.93, 1.4, 1.07, 0.9], False),
        ([1.0, 1.02, 0.98, 1.0, 1.01, 0.99, 1.0], False),  # nothing is early
    ],
)
def test_what_is_regular_beneath_early_beats(shares: list[float], regular: bool) -> None:
    assert seen(shares).regular_beneath is regular


# ten seconds of them --------------------------------------------------------------------------------------------------


def with_early(pairs: Sequence[int], p: bool | None, wave: float) -> Segment:
    """Sinus rhythm in which some beats come a quarter of an interval early and the next in time. wave: by which every second P wave is multiplied."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    signal = np.array(segment.signal_mv)
    beats = list(m.beats)
    for k, beat in enumerate(m.beats):
        first, last = beat.sample - 115, beat.sample - 28
        if k % 2 and first > 0:
            line = np.linspace(signal[:, first], signal[:, last], last - first, axis=1)
            signal[:, first:last] = line + wave * (signal[:, first:last] - line)
    for k in pairs:
        at = m.beats[k].sample
        by = round(0.25 * (at - m.beats[k - 1].sample))
        first, last = at - 115, min(MODEL_SAMPLES, at + 200)
        own = signal[:, first:last].copy()
        signal[:, first:last] = np.linspace(own[:, 0], own[:, -1], last - first, axis=1)
        signal[:, first - by : last - by] = own
        beats[k] = replace(beats[k], sample=at - by, rr_ms=(at - by - m.beats[k - 1].sample) * 2.0)
        beats[k + 1] = replace(beats[k + 1], rr_ms=(m.beats[k + 1].sample - at + by) * 2.0)
    rr = np.array([b.rr_ms for b in beats if b.rr_ms is not None])
    numbers = replace(m, beats=tuple(beats), p_wave_present=p, rr_sd_ms=float(rr.std()))
    if not p:
        numbers = replace(numbers, pr_ms=None, p_ms=None)
    return replace(segment, signal_mv=signal.astype(np.float32), measurements=numbers)


def told(segment: Segment) -> Interpretation:
    return interpret(segment, None, Nanoseconds(0))


def test_no_fibrillation_is_told_of_early_beats_though_no_p_wave_was_found() -> None:
    segment = with_early((3, 7, 9), False, wave=-0.4)
    found = told(segment)
    reasons = {one.name: one.reason for one in found.withheld}
    assert "Atrial fibrillation" not in {one.name for one in found.findings}
    assert reasons["rhythm"] == reasons["atrial fibrillation"] == EARLY_ALONE
    claims = check(
        "There are no P waves. There is atrial fibrillation. There is supraventricular ectopy.", Basis.of(segment)
    )
    assert {c.verdict for c in claims} == {Verdict.UNSUPPORTED}


def test_early_beats_in_a_rhythm_of_the_sinus_leave_it_told_though_their_p_waves_lie_on_t_waves() -> None:
    rhythm, early_ones = (one.text for one in told(with_early((3, 7, 9), True, wave=-0.4)).findings[:2])
    assert rhythm.startswith("Sinus rhythm")
    assert early_ones.startswith("3 beats come early")


def test_early_atrial_beats_are_not_told_where_the_rhythm_that_they_interrupt_is_withheld() -> None:
    text = "There is supraventricular ectopy."
    known, unknown = with_early((3, 7, 9), True, wave=-0.4), with_early((3, 7, 9), True, wave=-0.6)
    assert "rhythm" in {one.name for one in told(unknown).withheld}
    assert [c.verdict for c in check(text, Basis.of(known))] == [Verdict.AGREE]
    assert [c.verdict for c in check(text, Basis.of(unknown))] == [Verdict.UNSUPPORTED]


def test_early_beats_are_told_behind_p_waves_though_the_rhythm_is_not() -> None:
    segment = with_early((3, 7, 9), True, wave=1.0)
    m = segment.measurements
    assert m is not None
    assert m.pr_ms is not None
    spread = replace(segment, measurements=replace(m, pr_ms=replace(m.pr_ms, spread=25.0)))
    found = told(spread)
    assert found.findings[0].name == "Heart rate"
    assert found.findings[1].text.startswith("3 beats come early with the usual shape")
    assert "rhythm" in {one.name for one in found.withheld}
    (claim,) = check("There is supraventricular ectopy.", Basis.of(spread))
    assert claim.verdict is Verdict.AGREE
    assert m.rate_bpm is not None
    fast = replace(m, pr_ms=replace(m.pr_ms, spread=25.0), rate_bpm=replace(m.rate_bpm, value=125.0))
    assert not any("early" in f.text for f in told(replace(segment, measurements=fast)).findings)
