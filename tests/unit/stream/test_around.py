"""A short loss is analysed around: beats that it touches are left out, the rate is that of the rest, and the text says what was left out."""

from dataclasses import replace

import numpy as np
import pytest

from engine.interpreter import interpret
from ingest.frame import Flaw, Nanoseconds, Span
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.around import bridged, held, spans, told_apart, unclassed, untouched
from stream.measurement import Beat, BeatKind, Quality
from stream.offline import segment_at
from stream.segment import build_segment
from stream.trigger import Segment, decode_segment, encode_segment

HZ = 500


def clean() -> Recording:
    return simulate(SCENARIOS["sinus"], 10.0, seed=5)


def gap(first_s: float, length_s: float) -> Segment:
    r = clean()
    first, stop = round(first_s * r.rate_hz), round((first_s + length_s) * r.rate_hz)
    flawed = tuple(Span(row, first, stop, Flaw.INVALID) for row in range(len(r.signals)))
    return segment_at(replace(r, spans=flawed), None)


def standing(first_s: float, length_s: float) -> Segment:
    r = clean()
    first, stop = round(first_s * r.rate_hz), round((first_s + length_s) * r.rate_hz)
    samples = r.samples.copy()
    samples[:, first:stop] = samples[:, first : first + 1]
    return segment_at(replace(r, samples=samples), None)


@pytest.mark.parametrize("made", [gap, standing])
@pytest.mark.parametrize("length_s", [0.25, 1.2])
def test_the_rest_is_told_and_what_was_left_out_is_said(made, length_s: float) -> None:
    whole, part = segment_at(clean(), None).measurements, made(4.0, length_s)
    m = part.measurements
    assert whole is not None
    assert m is not None, part.unreadable
    assert m.rate_bpm is not None
    assert whole.rate_bpm is not None
    assert m.rate_bpm.value == pytest.approx(whole.rate_bpm.value, abs=3.0)
    for name in ("pr_ms", "qrs_ms", "qt_ms"):
        assert getattr(m, name).value == pytest.approx(getattr(whole, name).value, abs=6.0)
    (lost,) = m.lost
    assert lost == pytest.approx((4.0 * HZ, (4.0 + length_s) * HZ), abs=2)
    answer = interpret(part, None, Nanoseconds(0))
    assert f"Left out: 4.0 to {4.0 + length_s:.1f} s" in answer.report
    assert any(w.name.startswith("4.0 to") for w in answer.withheld)
    assert not any(b.sample + 0.5 * HZ > lost[0] and b.sample - 0.3 * HZ < lost[1] for b in m.by_beat)


CAME, STOOD = "no signal came", "the line stood still in every lead"


@pytest.mark.parametrize(("made", "why"), [(gap, CAME), (standing, STOOD)])
def test_where_too_little_is_left_nothing_is_told_but_whether_a_signal_came(made, why: str) -> None:
    assert made(4.0, 2.5).unreadable == f"{why} for 2.5 of the ten seconds, and at most 2 s can be left out"


def test_a_line_that_stood_still_is_not_told_as_a_signal_that_never_came() -> None:
    for made, why in ((gap, CAME), (standing, STOOD)):
        part = decode_segment(encode_segment(made(4.0, 1.2)))
        answer = interpret(part, None, Nanoseconds(0))
        assert f"Left out: 4.0 to 5.2 s, where {why}." in answer.report
        assert {w.name: w.reason for w in answer.withheld}["4.0 to 5.2 s"].startswith(f"{why}; ")


def test_of_both_in_ten_seconds_each_is_told_as_what_it_is() -> None:
    r = clean()
    samples = r.samples.copy()
    samples[:, 1000:1300] = samples[:, 1000:1001]
    spans_ = tuple(Span(row, 3000, 3300, Flaw.INVALID) for row in range(len(r.signals)))
    report = interpret(segment_at(replace(r, samples=samples, spans=spans_), None), None, Nanoseconds(0)).report
    assert f"Left out: 2.0 to 2.6 s, where {STOOD}, and 6.0 to 6.6 s, where {CAME}." in report


@pytest.mark.parametrize("first_s", [3.0, 3.3, 3.6])
def test_no_pause_is_told_across_what_was_lost(first_s: float) -> None:
    part = gap(first_s, 1.9)
    assert part.measurements is not None
    assert max(np.diff([b.sample for b in part.measurements.beats])) >= 2.0 * HZ
    assert "ause" not in interpret(part, None, Nanoseconds(0)).report


def test_a_beat_that_the_begin_of_the_session_cuts_is_of_no_class() -> None:
    r = simulate(SCENARIOS["sinus"], 12.0, seed=5)
    assert r.truth is not None
    first = next(s for s, _ in r.truth.beats if s > 100)
    for skip, kind in ((5, BeatKind.UNKNOWN), (80, BeatKind.NORMAL)):
        beats = (Beat(skip, BeatKind.VENTRICULAR if skip < 50 else BeatKind.NORMAL), Beat(skip + 400, BeatKind.NORMAL))
        samples = r.samples[:, first - skip : first - skip + 5000]
        trigger = segment_at(r, None).trigger
        names = {s.name: Quality.GOOD for s in r.signals}
        part = build_segment(
            trigger, r.signals, r.rate_hz, samples, 0, np.ones(samples.shape, bool), beats, names, Nanoseconds(0)
        )
        assert part.measurements is not None
        assert part.measurements.beats[0].kind is kind


def test_an_interval_across_what_was_lost_is_not_known() -> None:
    beats = [Beat(at, BeatKind.NORMAL, 800.0) for at in (500, 900, 1300, 1700)]
    kept = told_apart(beats, ((1000, 1100),), HZ)
    assert [b.rr_ms for b in kept] == [800.0, 800.0, None, 800.0]
    assert [b.sample for b in told_apart(beats, ((890, 920),), HZ)] == [500, 1300, 1700]
    assert [b.sample for b in untouched(beats, ((1000, 1100),), HZ)] == [500, 1300, 1700]


def test_an_interval_that_begins_at_a_beat_of_an_edge_is_not_known() -> None:
    beats = [Beat(at, BeatKind.NORMAL, 800.0) for at in (500, 1110, 1510, 1910)]
    assert [(b.sample, b.rr_ms) for b in told_apart(beats, ((1000, 1100),), HZ)] == [
        (500, 800.0),
        (1510, None),
        (1910, 800.0),
    ]


def test_beside_a_loss_a_class_that_the_shape_does_not_bear_is_none() -> None:
    signal = np.zeros((2, 5000))
    at = range(300, 4500, 400)
    for k, r in enumerate(at):
        wave = np.exp(-0.5 * ((np.arange(-40, 60) - 2) / (4.0 if k != 4 else 12.0)) ** 2)
        signal[:, r - 40 : r + 60] = wave * np.array([[1.0], [-0.6]]) * (1.0 if k != 4 else -2.0)
    kinds = [BeatKind.NORMAL] * len(at)
    kinds[4], kinds[7], kinds[8], kinds[9] = (
        BeatKind.VENTRICULAR,
        BeatKind.VENTRICULAR,
        BeatKind.SUPRAVENTRICULAR,
        BeatKind.PACED,
    )
    found = [b.kind for b in unclassed([Beat(r, kind) for r, kind in zip(at, kinds, strict=True)], signal)]
    assert found[4] is BeatKind.VENTRICULAR
    assert found[7] is found[8] is BeatKind.UNKNOWN
    assert found[9] is BeatKind.PACED
    assert {*found[:4], *found[5:7], found[10]} == {BeatKind.NORMAL}


def test_a_signal_without_noise_stands_still_between_its_beats_and_is_not_held() -> None:
    x = np.zeros((3, 5000), np.int16)
    for at in range(200, 5000, 400):
        x[:, at : at + 40] = np.arange(40) * np.array([[1], [2], [3]])
    assert not held(x, HZ).any()


def test_a_line_in_one_lead_is_not_held_and_a_bridge_is_straight() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(-50, 50, (3, 2000)).astype(np.int16)
    x[0, 300:900] = 7
    assert not held(x, HZ).any()
    x[:, 300 : 300 + HZ // 5] = 7
    assert spans(held(x, HZ)) == ((300, 300 + HZ // 5),)
    x[:, 300:900] = 7
    assert spans(held(x, HZ)) == ((300, 900),)
    straight = bridged(x, ((300, 900),))
    assert np.abs(np.diff(straight[:, 299:901].astype(int), n=2, axis=1)).max() <= 1
    assert np.array_equal(straight[:, :300], x[:, :300])
