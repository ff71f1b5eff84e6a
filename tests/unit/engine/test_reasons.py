"""What is denied needs what speaks against it, and a reason is the one that holds."""

from dataclasses import replace

import numpy as np
import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.gem.checkpoint import open_checkpoint
from engine.interpreter import interpret
from engine.reader import Reader
from engine.tiny_model import folder
from infra.score.claim_file import measurements
from ingest.frame import LEADS, Nanoseconds
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.measure import measure
from stream.measurement import BeatKind, Estimate
from stream.offline import segment_at
from stream.trigger import Segment
from tests.sinus import plain

STRIP = {"rate_bpm": 104, "rr_sd_ms": 9, "qrs_ms": 119, "qt_ms": 350, "axis_deg": 45, "p_wave_present": False}


def verdicts(text: str, **other: object) -> set[Verdict]:
    m = measurements({**STRIP, "leads": {"II": {"r_mv": 1.0}}, **other})
    return {claim.verdict for claim in check(text, Basis(m, ("II",)))}


@pytest.mark.parametrize(("qrs_ms", "verdict"), [(119, Verdict.UNSUPPORTED), (104, Verdict.DISAGREE)])
def test_only_a_narrow_qrs_speaks_against_a_ventricular_tachycardia(qrs_ms: int, verdict: Verdict) -> None:
    assert verdicts("There is ventricular tachycardia.", qrs_ms=qrs_ms) == {verdict}


@pytest.mark.parametrize(
    ("rate_bpm", "there", "verdict"),
    [(31, False, Verdict.UNSUPPORTED), (75, None, Verdict.UNSUPPORTED), (75, False, Verdict.DISAGREE), (75, True, Verdict.DISAGREE)],
)  # fmt: skip
def test_regular_beats_deny_fibrillation_where_conduction_cannot_make_them(
    rate_bpm: int, there: bool | None, verdict: Verdict
) -> None:
    assert verdicts("There is atrial fibrillation.", rate_bpm=rate_bpm, p_wave_present=there) == {verdict}


def test_without_a_fibrillation_that_is_found_an_unseen_p_wave_does_not_deny_a_block() -> None:
    assert verdicts("There is first degree AV block.", rate_bpm=75, rr_sd_ms=60) == {Verdict.UNSUPPORTED}


def in_a_row(count: int) -> Segment:
    """Sinus rhythm of which so many beats, one behind the other, come early, wide and of another shape."""
    segment = plain()
    m = segment.measurements
    assert m is not None
    beats, signal = list(m.beats), np.array(segment.signal_mv)
    first, apart = 5, 150
    for k in range(first, first + count):
        own = slice(beats[k].sample - 45, beats[k].sample + 60)
        signal[:, own] = np.linspace(signal[:, own.start], signal[:, own.stop], 105, axis=1)
    at = beats[first - 1].sample
    for k in range(first, first + count):
        at += apart
        bump = 1.4 * np.exp(-(((np.arange(signal.shape[1]) - at) / 16.0) ** 2))
        signal -= np.where(np.arange(12)[:, None] % 2, bump, -bump)
        beats[k] = replace(beats[k], sample=at, kind=BeatKind.VENTRICULAR, rr_ms=apart * 2.0)
    numbers = replace(m, beats=tuple(beats))
    return replace(segment, signal_mv=signal.astype(np.float32), measurements=numbers)


@pytest.mark.parametrize(("count", "said"), [(2, "2 in ten seconds."), (4, "4 in ten seconds, 4 in a row.")])
def test_ventricular_beats_that_follow_each_other_are_told_as_a_run(count: int, said: str) -> None:
    found = [one for one in interpret(in_a_row(count), None, Nanoseconds(0)).findings if "entricular" in one.text]
    assert [one.text for one in found] == [f"Ventricular beats: {said}"]
    assert {e.value for e in found[0].evidence} == {float(count)}


def test_a_short_qt_is_held_against_the_limit_of_a_short_one() -> None:
    segment = plain()
    m = segment.measurements
    assert m is not None
    short = replace(m, qt_ms=Estimate(300.0, "ms", 2.0, 10), qtc_fridericia_ms=320.0, qtc_spread_ms=2.0)
    found = interpret(replace(segment, measurements=short), None, Nanoseconds(0)).findings
    (evidence,) = next(one.evidence for one in found if one.name == "Shortened QT interval")
    assert (evidence.limit, evidence.criterion) == (350.0, "QTc < 350 ms")


def test_one_negative_wave_in_v1_is_the_depth_that_hypertrophy_is_told_by() -> None:
    segment = plain()
    m = segment.measurements
    assert m is not None
    peaks = [b.sample for b in m.beats]
    signal, place = np.array(segment.signal_mv, np.float64), np.arange(segment.signal_mv.shape[1])
    wave = sum(np.exp(-(((place - at) / 9.0) ** 2)) for at in peaks)
    for lead, mv in (("V1", -2.0), ("V5", 2.2)):
        signal[LEADS.index(lead)] = mv * np.asarray(wave)
    late = sum(np.exp(-(((place - at - 22) / 4.0) ** 2)) for at in peaks)
    signal[LEADS.index("V1")] += 0.25 * np.asarray(late)
    quality = {one.lead: one.quality for one in m.leads}
    numbers = measure(signal.astype(np.float32), LEADS, m.beats, quality, m.reachable_hz, ())
    told = interpret(replace(segment, signal_mv=signal.astype(np.float32), measurements=numbers), None, Nanoseconds(0))
    v1 = next(one for one in numbers.leads if one.lead == "V1")
    assert v1.s_mv is None
    assert v1.q_mv is not None
    assert "Left ventricular hypertrophy" in {one.name for one in told.findings}


def test_of_a_stretch_that_is_too_short_the_model_is_not_asked_because_it_is_short() -> None:
    recording: Recording = simulate(SCENARIOS["sinus"], 5.0, seed=5)
    segment = segment_at(recording, None)
    assert "of the ten seconds" in segment.unreadable
    assert Reader.of(open_checkpoint(str(folder()))).untaught(segment) == segment.unreadable


@pytest.mark.parametrize(
    ("leads", "asked"),
    [(("I", "II"), True), (("II", "III"), True), (("III", "aVL"), True), (("II",), False), (("V1", "V5"), False)],
)
def test_the_model_is_asked_of_two_limb_leads_which_give_the_others(leads: tuple[str, ...], asked: bool) -> None:
    recording = simulate(SCENARIOS["sinus"], 20.0, seed=5)
    rows = [k for k, signal in enumerate(recording.signals) if signal.name in leads]
    few = replace(recording, signals=tuple(recording.signals[k] for k in rows), samples=recording.samples[rows])
    why = Reader.of(open_checkpoint(str(folder()))).untaught(segment_at(few, None))
    assert (why == "") is asked
    assert asked or "of which two give the others" in why
