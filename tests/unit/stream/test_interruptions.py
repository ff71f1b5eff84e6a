"""Sight that is lost for a moment, hum, drift and leads that are gone: what they must not take from an alarm, nor add."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ingest.frame import BedId, Flaw, Span
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.bank import Bank
from stream.bed import Findings
from stream.catalogue import Code, Priority
from stream.offline import frames
from stream.trigger import Phase

RATE, FRAME_S = 250, 0.25
RED = {Code.ASYSTOLE, Code.VFIB, Code.VTACH, Code.EXTREME_TACHY, Code.EXTREME_BRADY}


def patient(*steps: Step, seed: int = 3) -> Recording:
    script = Scenario("patient", steps)
    return simulate(script, script.seconds, seed=seed, rate_hz=RATE, name="patient")


def play(recording: Recording, lost: Callable[[float], bool] = lambda second: False, batch: int = 1) -> Findings:
    """Frames of 250 ms, so many at once, without those that begin in a second which is lost."""
    bank, found = Bank(0.0), Findings()
    sent = [f for f in frames(recording, FRAME_S) if f.ends or not lost(f.first / RATE)]
    for k in range(0, len(sent), batch):
        found.add(bank.take(sent[k : k + batch]))
    return found


def told(found: Findings, since_s: float = 0.0) -> dict[Code, float]:
    """Second of the first announcement of each code behind `since_s`."""
    first: dict[Code, float] = {}
    for t in found.triggers:
        if t.phase is not Phase.OFFSET and not t.suppressed_by and t.sample >= since_s * RATE:
            first.setdefault(t.code, t.sample / RATE)
    return first


def red(found: Findings) -> set[Code]:
    return {t.code for t in found.triggers if t.priority is Priority.HIGH and not t.suppressed_by}


def flawed(recording: Recording, every_s: float, samples: int, flaw: Flaw) -> Recording:
    """So many samples of every lead flagged, again and again from 31 s on."""
    begins = np.arange(31.0, recording.samples.shape[1] / RATE - 1.0, every_s)
    rows = range(len(recording.signals))
    return replace(
        recording,
        spans=tuple(Span(k, round(t * RATE), round(t * RATE) + samples, flaw) for t in begins for k in rows),
    )


def hum(recording: Recording, mv: float, hz: float) -> Recording:
    """Peak to peak `mv` of mains or drift on every lead."""
    t = np.arange(recording.samples.shape[1]) / RATE
    added = 100.0 * mv * np.sin(2 * np.pi * hz * t)
    return replace(recording, samples=(recording.samples + added).astype(np.int16))


def randomly(share: float, seed: int) -> Callable[[float], bool]:
    gone = np.random.default_rng(seed).random(1000) < share
    return lambda second: second > 30 and bool(gone[round(second / FRAME_S)])


def at_every(seconds: float) -> Callable[[float], bool]:
    return lambda second: second > 31 and second % seconds < FRAME_S


STANDSTILL = patient(Step("sinus", 30.0), Step("asystole", 45.0))
QUIVERING = patient(Step("sinus", 30.0), Step("vf", 30.0))


@pytest.mark.parametrize(("every_s", "late_s"), [(3.5, 5.5), (2.5, 5.5), (1.25, 13.0), (1.0, 16.0)])
def test_asystole_is_told_through_lost_frames(every_s: float, late_s: float) -> None:
    assert told(play(STANDSTILL, at_every(every_s)))[Code.ASYSTOLE] < 30.0 + late_s


@pytest.mark.parametrize(("samples", "flaw"), [(1, Flaw.INVALID), (3, Flaw.LEAD_OFF), (60, Flaw.LEAD_OFF)])
def test_asystole_is_told_through_flagged_samples(samples: int, flaw: Flaw) -> None:
    assert told(play(flawed(STANDSTILL, 3.5, samples, flaw)))[Code.ASYSTOLE] < 36.0


@pytest.mark.parametrize("seed", range(4))
def test_asystole_fibrillation_and_bradycardia_are_told_through_random_loss(seed: int) -> None:
    assert told(play(STANDSTILL, randomly(0.1, seed)))[Code.ASYSTOLE] < 36.0
    assert told(play(QUIVERING, randomly(0.1, seed)))[Code.VFIB] < 36.0
    slow = patient(Step("sinus", 30.0), Step("sinus", 25.0, 34.0))
    assert told(play(slow, randomly(0.05, seed)))[Code.EXTREME_BRADY] < 42.0


def test_fibrillation_is_told_through_lost_frames() -> None:
    assert told(play(QUIVERING, at_every(2.5)))[Code.VFIB] < 35.5


@pytest.mark.parametrize("bpm", [45.0, 60.0, 72.0])
def test_beats_that_are_lost_are_no_silence(bpm: float) -> None:
    beating = patient(Step("sinus", 75.0, bpm))
    hit = {int(at / RATE / FRAME_S) for at, _ in beating.truth.beats}
    # every beat of ten seconds falls into a frame that never comes
    found = play(beating, lambda second: 31 < second < 41 and round(second / FRAME_S) in hit)
    assert not RED & red(found)
    for seed in range(3):
        assert not RED & red(play(beating, randomly(0.2, seed)))


def test_a_gap_is_no_silence() -> None:
    found = play(patient(Step("sinus", 60.0)), lambda second: second > 30 and second % 3.0 < 1.0)
    assert Code.ASYSTOLE not in told(found)
    assert Code.PAUSE not in told(found)


@pytest.mark.parametrize("every_s", [0.5, 3.0])
def test_where_so_much_is_lost_that_nothing_is_known_it_is_told(every_s: float) -> None:
    """Of half a second 0.25 s, or of three 1.5 s: neither a rate nor a silence can be vouched for."""
    lost_s = every_s / 2
    found = play(STANDSTILL, lambda second: second > 31 and second % every_s < lost_s)
    assert 45.0 < told(found)[Code.CANNOT_ANALYZE_ECG] < 54.0
    assert {t.rhythm for t in found.trends if t.first > 56 * RATE} <= {"unknown", "learning"}


def test_lost_frames_give_the_same_however_many_are_taken_at_once() -> None:
    one, many = (play(QUIVERING, randomly(0.1, 1), batch) for batch in (1, 23))
    assert one.triggers == many.triggers
    assert one.trends == many.trends


def test_a_bed_that_is_taken_over_within_interruptions_goes_on_as_it_was() -> None:
    sent = [f for f in frames(QUIVERING, FRAME_S) if f.ends or not at_every(2.5)(f.first / RATE)]
    whole, half, rest = Bank(0.0), Bank(0.0), Bank(0.0)
    expected = Findings()
    for k, frame in enumerate(sent):
        expected.add(whole.take([frame]))
        if k < 130:
            half.take([frame])
    rest.resume(half.checkpoint(BedId("patient"))[0], half.state(BedId("patient"))[None].copy())
    found = rest.take(sent[130:])
    assert found.triggers == expected.triggers[-len(found.triggers) :]
    assert Code.VFIB in told(found)


@pytest.mark.parametrize(
    ("mv", "hz"), [(0.3, 50.0), (0.3, 60.0), (1.0, 49.8), (2.0, 50.0), (1.0, 0.5), (1.0, 0.3), (2.0, 0.3)]
)
def test_fibrillation_is_told_in_hum_and_in_drift(mv: float, hz: float) -> None:
    for seed in (1, 2, 4):
        quivering = patient(Step("sinus", 20.0), Step("vf", 12.0), seed=seed)
        assert told(play(hum(quivering, mv, hz)))[Code.VFIB] < 25.0


@pytest.mark.parametrize(("mv", "hz"), [(0.5, 50.0), (0.8, 60.0), (1.0, 0.5)])
def test_a_rate_is_known_in_hum_and_in_drift_and_silence_is_asystole(mv: float, hz: float) -> None:
    found = play(hum(patient(Step("sinus", 30.0, 72.0), Step("asystole", 12.0)), mv, hz))
    assert {
        t.rate_bpm is not None and 68 < t.rate_bpm < 76 for t in found.trends if 10 * RATE < t.first < 30 * RATE
    } == {True}
    assert 32.0 < told(found)[Code.ASYSTOLE] < 35.0
    assert red(found) == {Code.ASYSTOLE}


@pytest.mark.parametrize("hz", [50.0, 60.0])
def test_open_leads_that_take_up_mains_are_no_rhythm(hz: float) -> None:
    open_leads = patient(Step("sinus", 65.0))
    samples = hum(replace(open_leads, samples=open_leads.samples * 0), 2.0, hz).samples.copy()
    samples[:, : 30 * RATE] = open_leads.samples[:, : 30 * RATE]
    found = play(replace(open_leads, samples=samples))
    assert not red(found)
    assert {t.rate_bpm for t in found.trends if t.first > 33 * RATE} == {None}
    assert 48.0 < told(found)[Code.CANNOT_ANALYZE_ECG] < 54.0


def test_no_rate_is_known_where_hum_towers_over_every_lead() -> None:
    found = play(hum(patient(Step("sinus", 40.0, 72.0)), 2.0, 50.0))
    assert {t.rate_bpm for t in found.trends} == {None}
    assert not red(found)
    assert Code.CANNOT_ANALYZE_ECG in told(found)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_leads_show_fibrillation_and_tachycardia_where_those_that_did_are_off(seed: int) -> None:
    for step, code in ((Step("vf", 12.0), Code.VFIB), (Step("vt", 12.0, 130.0), Code.VTACH)):
        script = patient(Step("sinus", 30.0), step, seed=seed)
        gone = [k for k, s in enumerate(script.signals) if s.name in ("I", "II", "V1", "V5")]
        stop = script.samples.shape[1]
        spans = tuple(Span(k, 10 * RATE, stop, Flaw.LEAD_OFF) for k in gone)
        one, many = (play(replace(script, spans=spans), batch=batch) for batch in (1, 17))
        assert told(one)[code] < 35.0
        assert Code.ASYSTOLE not in told(one)
        assert one.triggers == many.triggers


@pytest.mark.parametrize("seed", [3, 4, 6, 7, 9, 12])
def test_a_fibrillation_that_rests_for_a_moment_now_and_then_is_one_episode(seed: int) -> None:
    rest = Step("asystole", 0.6)
    script = patient(
        Step("sinus", 20.0),
        Step("vf", 12.0),
        rest,
        Step("vf", 8.0),
        rest,
        Step("vf", 8.0),
        Step("sinus", 20.0),
        seed=seed,
    )
    (onset, offset) = [t for t in play(script).triggers if t.code is Code.VFIB and t.phase is not Phase.UPDATE]
    assert (onset.phase, offset.phase) == (Phase.ONSET, Phase.OFFSET)
    assert onset.sample < 26 * RATE
    assert offset.sample > 49 * RATE


def _wrong(found: Findings, recording: Recording) -> tuple[float, float]:
    """Shares of the seconds behind 40 s whose rate is known, and of these whose rate is not the mean of their last ten seconds."""
    beats = np.array([at for at, _ in recording.truth.beats]) / RATE if recording.truth else np.zeros(0)
    known, wrong, seconds = 0, 0, 0
    for trend in found.trends:
        stop = trend.first / RATE + 1.0
        lately = beats[(beats >= stop - 10.0) & (beats < stop)]
        if stop > 40.0:
            seconds += 1
            known += trend.rate_bpm is not None
            bpm = 60.0 * (len(lately) - 1) / (lately[-1] - lately[0])
            wrong += trend.rate_bpm is not None and abs(trend.rate_bpm - bpm) > max(5.0, 0.1 * bpm)
    return known / seconds, wrong / max(1, known)


@pytest.mark.parametrize(("rhythm", "known"), [("sinus", 0.85), ("af", 0.4)])
def test_a_few_beats_between_lost_frames_tell_the_rate_where_they_are_even(rhythm: str, known: float) -> None:
    recording = patient(Step(rhythm, 240.0, 80.0), seed=5)
    shown, wrong = _wrong(play(recording, randomly(0.05, 1)), recording)
    assert shown >= known
    assert wrong <= 0.05


def test_behind_a_standstill_two_beats_tell_no_rate() -> None:
    found = play(patient(Step("sinus", 40.0, 70.0), Step("asystole", 8.0), Step("sinus", 30.0, 70.0)))
    again = [t.first / RATE for t in found.trends if t.rate_bpm is not None and t.first > 50 * RATE]
    assert 52.0 < again[0] < 56.0
