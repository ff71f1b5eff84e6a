"""Beats beside each other: early, late and on time, of the usual shape and of another, and what precedes them."""

from dataclasses import replace

import numpy as np
import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.criteria.beats import Seen, is_patterned, look
from engine.interpretation import Interpretation
from engine.interpreter import interpret
from ingest.frame import Nanoseconds
from ingest.scenario import SCENARIOS, Scenario, Step
from ingest.simulator import simulate
from stream.measurement import Beat, BeatKind, Quality
from stream.offline import analyse, segment_at
from stream.trigger import Segment
from tests.sinus import plain

EIGHTH = 8


def moved(by: int, kind: BeatKind, wide: bool = True) -> Segment:
    """Sinus rhythm with the eighth beat so many samples later; wide: with a wide QRS in place of its own."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    at = m.beats[EIGHTH].sample
    signal = np.array(segment.signal_mv)
    own = signal[:, at - 45 : at + 60].copy()
    signal[:, at - 45 : at + 60] = np.linspace(own[:, 0], own[:, -1], 105, axis=1)
    if wide:
        bump = np.exp(-(((np.arange(105) - 45) / 16.0) ** 2))
        own = np.linspace(own[:, 0], own[:, -1], 105, axis=1) - np.outer(np.sign(own[:, 45]), 1.4 * bump)
    signal[:, at + by - 45 : at + by + 60] = own
    beats = list(m.beats)
    beats[EIGHTH] = replace(beats[EIGHTH], sample=at + by, kind=kind, rr_ms=(at + by - beats[EIGHTH - 1].sample) * 2.0)
    beats[EIGHTH + 1] = replace(beats[EIGHTH + 1], rr_ms=(beats[EIGHTH + 1].sample - at - by) * 2.0)
    return replace(segment, signal_mv=signal.astype(np.float32), measurements=replace(m, beats=tuple(beats)))


def told(segment: Segment) -> Interpretation:
    return interpret(segment, None, Nanoseconds(0))


def texts(segment: Segment) -> list[str]:
    return [one.text for one in told(segment).findings]


def held(segment: Segment) -> dict[str, str]:
    return {one.name: one.reason for one in told(segment).withheld}


def verdicts(text: str, segment: Segment) -> set[Verdict]:
    return {c.verdict for c in check(text, Basis.of(segment))}


def test_a_ventricular_beat_before_its_time_is_premature_though_the_monitor_path_has_not_judged_it() -> None:
    for kind in (BeatKind.VENTRICULAR, BeatKind.UNKNOWN):
        segment = moved(-120, kind)
        assert "Ventricular beats: 1 in ten seconds." in texts(segment)
        assert verdicts("There are ventricular premature beats.", segment) == {Verdict.AGREE}


def test_a_ventricular_beat_after_its_time_is_an_escape_beat_and_not_premature() -> None:
    segment = moved(110, BeatKind.VENTRICULAR)
    assert "Ventricular escape beats: 1 in ten seconds." in texts(segment)
    assert "Ventricular premature beats" not in {one.name for one in told(segment).findings}


def test_a_beat_of_another_shape_in_time_is_neither_counted_nor_denied() -> None:
    segment = moved(0, BeatKind.VENTRICULAR)
    assert not any("entricular" in one for one in texts(segment))
    assert "1 beat has another shape and comes in time" in held(segment)["ventricular beats"]
    assert verdicts("There are no ventricular premature beats.", segment) == {Verdict.UNSUPPORTED}


def test_a_beat_of_the_usual_shape_is_not_ventricular_whatever_it_was_taken_for() -> None:
    segment = moved(0, BeatKind.VENTRICULAR, wide=False)
    assert not any("entricular" in one for one in texts(segment))
    assert "ventricular beats" not in held(segment)
    assert verdicts("There are no ventricular premature beats.", segment) == {Verdict.AGREE}


def test_an_early_beat_of_the_usual_shape_is_called_possible_and_leaves_the_sinus_rhythm() -> None:
    (rhythm, early) = texts(moved(-120, BeatKind.NORMAL, wide=False))[:2]
    assert rhythm.startswith("Sinus rhythm")
    assert early.startswith("1 beat comes early with the usual shape")
    assert early.endswith("possible supraventricular premature beat.")


def test_measurements_without_their_signal_count_what_the_monitor_path_took_for_ventricular() -> None:
    segment = moved(0, BeatKind.VENTRICULAR)
    blind = replace(segment, signal_mv=np.zeros((12, 1), np.float32))
    m = blind.measurements
    assert m is not None
    seen = look(blind, m)
    assert seen.coherence is None
    assert [one.beat.kind for one in seen.premature] == [BeatKind.VENTRICULAR]


# rhythm ---------------------------------------------------------------------------------------------------------------


def script(rhythm: str, rate: float = 72.0, seed: int = 5) -> Segment:
    return segment_at(simulate(Scenario("one", (Step(rhythm, 60.0, rate),)), 50.0, seed=seed), None)


def without_p(segment: Segment) -> Segment:
    """The same as if no P wave had been found."""
    m = segment.measurements
    assert m is not None
    return replace(segment, measurements=replace(m, p_wave_present=False, pr_ms=None, p_ms=None))


@pytest.mark.parametrize("rhythm", ["arrhythmia", "pac", "pvc", "trigeminy"])
def test_p_waves_at_one_distance_make_irregular_beats_sinus_rhythm(rhythm: str) -> None:
    names = [{one.name for one in told(script(rhythm, seed=seed)).findings} for seed in (5, 6, 7, 8)]
    assert all(some & {"Sinus rhythm", "Sinus bradycardia"} for some in names), names
    assert not any("Atrial fibrillation" in some for some in names)


def test_where_one_wave_precedes_irregular_beats_no_fibrillation_is_told_though_no_p_wave_was_found() -> None:
    for seed in (5, 6, 7, 8):
        segment = without_p(script("irregular", seed=seed))
        assert "Atrial fibrillation" not in {one.name for one in told(segment).findings}
        assert held(segment)["rhythm"] == held(segment)["atrial fibrillation"]
        assert "a wave of one shape precedes the beats" in held(segment)["rhythm"]
        assert Verdict.AGREE not in verdicts("There is atrial fibrillation. There are no P waves.", segment)


def test_fibrillation_is_told_where_nothing_precedes_the_beats() -> None:
    for seed in (5, 6, 7, 8):
        segment = segment_at(simulate(SCENARIOS["af"], 100.0, seed=seed), None)
        m = segment.measurements
        assert m is not None
        coherence = look(segment, m).coherence
        assert coherence is not None
        assert coherence < 0.4
        assert "Atrial fibrillation" in {one.name for one in told(segment).findings}


def test_intervals_that_repeat_themselves_are_a_pattern_and_those_of_fibrillation_are_none() -> None:
    assert is_patterned([552.0, 548.0, 552.0, 548.0, 356.0, 680.0, 552.0, 556.0, 548.0, 552.0, 556.0, 552.0])
    assert is_patterned([600.0, 900.0, 604.0, 896.0, 600.0, 904.0, 596.0, 900.0])
    assert not is_patterned([644.0, 496.0, 844.0, 452.0, 852.0, 700.0, 732.0, 584.0, 540.0, 468.0, 812.0])
    assert not is_patterned([])
    # a beat that was lost leaves its place: beside it others would seem to repeat each other
    four = [600.0, 700.0, 800.0, 900.0]
    assert is_patterned([*four, *four, 650.0])
    assert not is_patterned([*four, None, *four, 650.0])


def two_to_one(seed: int) -> Segment:
    """Sinus rhythm in which every second P wave has no QRS and no T wave behind it."""
    whole = simulate(Scenario("one", (Step("sinus", 60.0, 84.0),)), 40.0, seed=seed)
    beats = sorted({b.sample for t in analyse(whole).trends for b in t.beats})
    samples = whole.samples.copy()
    for at in beats[::2]:
        first, last = max(0, at - 25), min(samples.shape[1] - 1, at + 200)
        ends = samples[:, [first, last]].astype(float)
        samples[:, first:last] = np.linspace(ends[:, 0], ends[:, 1], last - first, axis=1).astype(samples.dtype)
    return segment_at(replace(whole, samples=samples), None)


def test_no_sinus_bradycardia_is_told_beside_p_waves_that_are_not_conducted() -> None:
    for seed in (5, 6, 7):
        segment = two_to_one(seed)
        found = {one.code for one in told(segment).findings}
        assert "195042002" in found
        assert not found & {"426177001", "426783006"}
        assert Verdict.AGREE not in verdicts("There is sinus bradycardia.", segment)
        assert "not every P wave is followed by a QRS" in held(segment)["rhythm"]


def test_beside_what_was_lost_no_p_wave_is_called_unanswered() -> None:
    segment = two_to_one(5)
    m = segment.measurements
    assert m is not None
    lossy = replace(segment, measurements=replace(m, lost=((1000, 1200),)))
    assert "195042002" in {one.code for one in told(segment).findings}
    assert "195042002" not in {one.code for one in told(lossy).findings}
    assert verdicts("There is no second degree AV block.", lossy) == {Verdict.UNSUPPORTED}


def with_rr(segment: Segment, places: tuple[int, ...], share: float) -> Segment:
    """The same with some RR intervals of this share of what they were."""
    m = segment.measurements
    assert m is not None
    beats = tuple(
        replace(b, rr_ms=b.rr_ms * share if k in places and b.rr_ms is not None else b.rr_ms)
        for k, b in enumerate(m.beats)
    )
    return replace(segment, measurements=replace(m, beats=beats))


def test_intervals_that_no_sinus_node_makes_are_no_sinus_arrhythmia() -> None:
    segment = script("arrhythmia", seed=6)
    assert "Sinus arrhythmia" in {one.name for one in told(segment).findings}
    assert "Sinus arrhythmia" not in {one.name for one in told(with_rr(segment, (4, 5, 6, 7), 0.55)).findings}


def test_what_divides_an_interval_right_behind_a_beat_makes_the_rate_unknown() -> None:
    segment = script("sinus")
    m = segment.measurements
    assert m is not None
    one, rest = m.beats[4], m.beats[5]
    assert one.rr_ms is not None
    extra = replace(one, sample=one.sample + round(0.3 * (rest.sample - one.sample)), rr_ms=0.3 * (rest.rr_ms or 0.0))
    beats = (*m.beats[:5], extra, replace(rest, rr_ms=0.7 * (rest.rr_ms or 0.0)), *m.beats[6:])
    doubtful = replace(segment, measurements=replace(m, beats=beats))
    assert "heart rate" not in held(segment)
    assert "may be noise or a T wave" in held(doubtful)["heart rate"]
    assert not {one.name for one in told(doubtful).findings} & {"Sinus rhythm", "Ventricular premature beats"}


def test_of_no_beats_nothing_is_said() -> None:
    m = plain().measurements
    assert m is not None
    seen = look(plain(), replace(m, beats=(), by_beat=()))
    assert (seen.seen, seen.premature, seen.calm_rr, seen.usual_ms, seen.coherence) == ((), (), (), None, None)


@pytest.mark.parametrize(
    ("kind", "rr", "next_rr", "likeness", "counted"),
    [
        (BeatKind.NORMAL, 0.8, 1.2, 0.1, True),  # a wholly other shape, whatever the monitor path took it for
        (BeatKind.NORMAL, 0.8, 1.2, 0.6, False),
        (BeatKind.NORMAL, 1.0, 1.0, 0.1, False),
        (BeatKind.UNKNOWN, 0.8, 1.2, 0.6, True),
        (BeatKind.UNKNOWN, None, 1.2, 0.1, True),  # behind a loss no interval is known
        (BeatKind.UNKNOWN, None, 1.0, 0.1, False),
        (BeatKind.VENTRICULAR, 0.8, 1.2, 0.99, False),
    ],
)
def test_a_beat_is_ventricular_by_its_shape_where_its_class_is_open_or_plainly_wrong(
    kind: BeatKind, rr: float | None, next_rr: float, likeness: float, counted: bool
) -> None:
    one = Seen(Beat(1000, kind), rr, next_rr, likeness)
    assert one.ventricular is counted
    assert one.premature is counted


def disturbed(segment: Segment, leads: int) -> Segment:
    """The same with so many of its leads too noisy to be measured."""
    m = segment.measurements
    assert m is not None
    rows = tuple(replace(one, quality=Quality.NOISY) if k < leads else one for k, one in enumerate(m.leads))
    return replace(segment, measurements=replace(m, leads=rows))


def test_where_most_leads_are_disturbed_no_beat_is_ventricular_by_its_shape_and_none_is_denied() -> None:
    segment = moved(-120, BeatKind.VENTRICULAR)
    assert "Ventricular beats: 1 in ten seconds." in texts(disturbed(segment, 6))
    noisy = disturbed(segment, 7)
    assert not any("Ventricular beats" in one for one in texts(noisy))
    assert held(noisy)["ventricular beats"].startswith("7 of 12 leads are disturbed")
    assert verdicts("There are no ventricular beats.", noisy) == {Verdict.UNSUPPORTED}
    assert "ventricular beats" in held(disturbed(plain(), 12))


def test_noise_that_makes_the_usual_beats_unlike_makes_no_ventricular_ones() -> None:
    segment = moved(-120, BeatKind.VENTRICULAR)
    rng = np.random.default_rng(5)
    kernel = np.ones(25) / 25
    noise = np.stack([np.convolve(rng.normal(0, 1.1, 5000), kernel, mode="same") for _ in segment.signal_mv])
    noisy = replace(segment, signal_mv=(segment.signal_mv + noise).astype(np.float32))
    assert noisy.measurements is not None
    hidden = replace(noisy, measurements=replace(noisy.measurements, edge_noise=2.0))
    assert "Ventricular beats: 1 in ten seconds." in texts(noisy)
    assert not any("Ventricular beats" in one for one in texts(hidden))
    assert held(hidden)["ventricular beats"].startswith("noise makes the usual beats differ")
    calm = replace(segment, measurements=replace(noisy.measurements, edge_noise=2.0))
    assert "Ventricular beats: 1 in ten seconds." in texts(calm)
