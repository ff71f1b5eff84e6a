"""Pacing pulses and the decay that they leave on the electrodes: a heart that no longer answers is told, one that does is not."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import signal

from ingest.bed import BedContext
from ingest.frame import BedId
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import GAIN, _patient, simulate
from ingest.waveform import leads as project
from ingest.waveform import p_wave
from stream.bank import Bank
from stream.bed import Findings
from stream.catalogue import Code
from stream.decay import decay
from stream.filters import MONITOR_BAND_HZ, plan
from stream.measurement import BeatKind
from stream.offline import frames
from stream.trigger import Phase

Leads = tuple[str, ...] | None
CAPTURED_S = 20.0
HZ = 500.0
FLATTEST = 2
"""The patient whose paced QRS is a seventh of the conducted one on lead II."""


def only(recording: Recording, leads: Leads) -> Recording:
    if leads is None:
        return recording
    rows = [k for k, one in enumerate(recording.signals) if one.name in leads]
    signals = tuple(recording.signals[k] for k in rows)
    return replace(recording, samples=np.ascontiguousarray(recording.samples[rows]), signals=signals)


def played(*steps: Step, seed: int = 3, hz: float = HZ) -> Recording:
    return simulate(Scenario("x", steps), sum(s.seconds for s in steps), seed=seed, rate_hz=hz, name="bed")


def with_pulses(
    made: Recording, pulses: list[int], tau_ms: float, mv: float, leads: Leads = None, seed: int = 3
) -> Recording:
    """Each pulse leaves a decay of a size of its own in each lead, of `mv` in lead II."""
    hz, mv_of = made.rate_hz, made.samples / GAIN
    rng = np.random.default_rng(seed)
    size = mv * rng.uniform(0.4, 1.0, (12, 1)) * rng.choice([-1, 1], (12, 1))
    size[1] = mv
    fades = size * np.exp(-np.arange(round(0.006 * tau_ms * hz) + 2) * 1000.0 / hz / tau_ms)
    for at in pulses:
        mv_of[:, at : at + fades.shape[1]] += fades[:, : mv_of.shape[1] - at]
        mv_of[:, at] += 2.0
    samples = np.clip(np.round(mv_of * GAIN), -32768, 32767).astype(np.int16)
    return only(replace(made, samples=samples, pacer=tuple(pulses)), leads)


def going_on(made: Recording, bpm: float, atrial_s: float = 0.0) -> list[int]:
    """The pulses of a recording, and those that come behind its last to the end; with ones of the atrium ahead of them."""
    n, step = made.samples.shape[1], 60.0 / bpm * made.rate_hz
    pulses = [*made.pacer, *np.arange(made.pacer[-1] + step, n - 5, step).astype(int).tolist()]
    ahead = round(atrial_s * made.rate_hz)
    return sorted({*pulses, *(p - ahead for p in pulses if p > ahead)})


def arrest(
    bpm: float,
    tau_ms: float,
    mv: float,
    *,
    seed: int = 3,
    hz: float = HZ,
    atrial_s: float = 0.0,
    leads: Leads = None,
) -> Recording:
    """Beats that answer the pulses for 20 s, then pulses alone."""
    made = played(Step("paced", CAPTURED_S, bpm), Step("asystole", 12.0), seed=seed, hz=hz)
    return with_pulses(made, going_on(made, bpm, atrial_s), tau_ms, mv, leads, seed)


def play(recording: Recording, frame_s: float = 0.25, paced: bool | None = True) -> Findings:
    bank, found = Bank(0.0), Findings()
    bank.set_context(BedContext(BedId(recording.name), paced=paced))
    for frame in frames(recording, frame_s):
        found.add(bank.take([frame]))
    return found


def onsets_s(found: Findings, code: Code, hz: float = HZ) -> list[float]:
    return [t.sample / hz for t in found.triggers if t.code is code and t.phase is Phase.ONSET and not t.suppressed_by]


def beats(found: Findings, until_s: float = 1e9, hz: float = HZ) -> list[object]:
    return [b for t in found.trends for b in t.beats if b.sample < until_s * hz]


def last_beat_s(recording: Recording) -> float:
    assert recording.truth is not None
    return recording.truth.beats[-1][0] / recording.rate_hz


def check_arrest(recording: Recording) -> None:
    found, hz, last = play(recording), recording.rate_hz, last_beat_s(recording)
    assert onsets_s(found, Code.ASYSTOLE, hz) == [pytest.approx(last + 4.0, abs=0.5)]
    assert [s for s in onsets_s(found, Code.PACER_NOT_CAPTURE, hz) if s > last]
    assert not [b for b in beats(found) if b.sample / hz > last + 4.5]  # type: ignore[attr-defined]
    assert not any(t.rate_bpm for t in found.trends if t.first / hz > last + 5.0)


@pytest.mark.parametrize("leads", [None, ("II",), ("II", "V1")], ids=["12", "II", "II+V1"])
@pytest.mark.parametrize(("tau_ms", "mv"), [(4, 2.0), (10, 0.5), (24, 0.3), (50, 0.2), (50, 2.0), (100, 1.0)])
def test_a_heart_that_no_longer_answers_is_told_behind_the_decay_of_its_pulses(
    tau_ms: float, mv: float, leads: Leads
) -> None:
    check_arrest(arrest(70.0, tau_ms, mv, leads=leads))


@pytest.mark.parametrize(
    ("bpm", "hz", "seed"), [(45.0, 250.0, 2), (60.0, 1000.0, 3), (90.0, 250.0, 4), (90.0, 360.0, 5)]
)
def test_so_it_is_at_other_rates(bpm: float, hz: float, seed: int) -> None:
    check_arrest(arrest(bpm, 30.0, 1.0, hz=hz, seed=seed, leads=("II",)))


@pytest.mark.parametrize("tau_ms", [10.0, 25.0, 100.0])
def test_so_it_is_behind_a_pair_of_pulses(tau_ms: float) -> None:
    check_arrest(arrest(60.0, tau_ms, 1.0, atrial_s=0.15, leads=("II", "V1")))


@pytest.mark.parametrize("leads", [None, ("II",)], ids=["12", "II"])
def test_so_it_is_where_the_session_begins_with_it(leads: Leads) -> None:
    made = played(Step("asystole", 15.0))
    recording = with_pulses(made, list(range(300, 7400, 430)), 50.0, 1.0, leads)
    assert onsets_s(play(recording), Code.ASYSTOLE) == [pytest.approx(7.0, abs=0.5)]


@pytest.mark.parametrize("p_mv", [0.1, 0.2])
@pytest.mark.parametrize("mv", [0.5, 2.0])
@pytest.mark.parametrize("leads", [None, ("II",)], ids=["12", "II"])
def test_so_it_is_where_each_pulse_follows_a_p_wave(mv: float, leads: Leads, p_mv: float) -> None:
    """The pacer tracks atria that beat on, and the ventricles answer no more."""
    made = played(Step("paced", CAPTURED_S, 70.0), Step("asystole", 12.0))
    mv_of, (before, wave) = made.samples / GAIN, p_wave(_patient(np.random.default_rng((3, 20))), HZ)
    p, pulses = project(wave), going_on(made, 70.0)
    p *= p_mv / np.abs(p[1]).max()
    for at in pulses:
        first = at - round(0.14 * HZ) - before
        if first > 0:
            mv_of[:, first : first + p.shape[1]] += p[:, : mv_of.shape[1] - first]
    made = replace(made, samples=np.round(mv_of * GAIN).astype(np.int16))
    recording = with_pulses(made, pulses, 50.0, mv, leads)
    assert onsets_s(play(recording), Code.ASYSTOLE) == [pytest.approx(last_beat_s(recording) + 4.0, abs=0.5)]


@pytest.mark.parametrize("leads", [None, ("II",)], ids=["12", "II"])
def test_muscle_that_answers_again_ends_it_and_is_counted(leads: Leads) -> None:
    made = played(Step("paced", CAPTURED_S, 70.0), Step("asystole", 10.0), Step("paced", 15.0, 70.0))
    step = 60.0 / 70.0 * HZ
    silent = np.arange(max(p for p in made.pacer if p < 20.0 * HZ) + step, 29.9 * HZ, step)
    recording = with_pulses(made, sorted({*made.pacer, *silent.astype(int).tolist()}), 50.0, 1.0, leads)
    found = play(recording)
    assert len(onsets_s(found, Code.ASYSTOLE)) == 1
    assert recording.truth is not None
    back = [s / HZ for s, _ in recording.truth.beats if s > 29.0 * HZ]
    (over,) = [t.sample / HZ for t in found.triggers if t.code is Code.ASYSTOLE and t.phase is Phase.OFFSET]
    assert over == pytest.approx(back[0], abs=1.0)
    told = np.array([b.sample / HZ for b in beats(found)])  # type: ignore[attr-defined]
    assert all(np.abs(told - t).min() < 0.15 for t in back[1:-1])


@pytest.mark.parametrize("seed", range(1, 7))
@pytest.mark.parametrize(("tau_ms", "mv"), [(20, 1.0), (100, 2.0)])
def test_muscle_that_answers_flatly_is_no_standstill(seed: int, tau_ms: float, mv: float) -> None:
    """Patient FLATTEST is one of them; their beats are those of a bed that is not set to paced."""
    for bpm in (60.0, 110.0):
        made = played(Step("paced", 30.0, bpm), seed=seed)
        recording = with_pulses(made, list(made.pacer), tau_ms, mv, ("II",), seed)
        found = play(recording)
        assert not onsets_s(found, Code.ASYSTOLE)
        assert beats(found) == beats(play(recording, paced=False))


def test_muscle_that_answers_every_second_pulse_is_no_standstill() -> None:
    made = played(Step("paced", 40.0, 40.0), seed=FLATTEST)
    pulses = sorted({*made.pacer, *(p + 375 for p in made.pacer if p < 19600)})
    for leads in (None, ("II",)):
        found = play(with_pulses(made, pulses, 50.0, 1.0, leads))
        assert not onsets_s(found, Code.ASYSTOLE)


@pytest.mark.parametrize("leads", [None, ("II",), ("V1",)], ids=["12", "II", "V1"])
def test_muscle_that_answers_in_another_form_is_no_standstill(leads: Leads) -> None:
    """Conducted beats, with pulses that come too late for them, give way to much flatter ones."""
    made = played(Step("sinus", 25.0, 70.0), Step("paced", 15.0, 70.0), seed=4)
    assert made.truth is not None
    late = [s - 5 for s, _ in made.truth.beats if 200 < s < 24.5 * HZ]
    recording = with_pulses(made, sorted({*late, *made.pacer}), 100.0, 2.0, leads)
    assert not onsets_s(play(recording), Code.ASYSTOLE)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_pulses_that_fall_behind_conducted_beats_make_no_standstill_of_them(seed: int) -> None:
    """A pacer that does not sense: its pulses drift through the beats, and most meet muscle that cannot answer."""
    made = played(Step("paced", 20.0, 70.0), Step("sinus", 40.0, 74.0), seed=seed)
    recording = with_pulses(made, going_on(made, 70.0), 20.0, 0.2, ("II",), seed)
    assert not onsets_s(play(recording), Code.ASYSTOLE)


def test_where_the_bed_is_said_not_to_be_paced_the_decay_is_not_looked_for() -> None:
    recording = arrest(70.0, 50.0, 1.0, leads=("II",))
    assert not onsets_s(play(recording, paced=False), Code.ASYSTOLE)


@pytest.mark.parametrize("leads", [None, ("II",), ("V1",)], ids=["12", "II", "V1"])
def test_flagged_pulses_hide_no_standstill_where_nobody_said_whether_the_bed_is_paced(leads: Leads) -> None:
    recording = arrest(70.0, 50.0, 1.0, leads=leads)
    (told,) = onsets_s(play(recording, paced=None), Code.ASYSTOLE)
    assert [told] == onsets_s(play(recording, paced=True), Code.ASYSTOLE)


def test_where_no_pulse_is_flagged_nothing_changes() -> None:
    recording = replace(arrest(70.0, 50.0, 1.0, leads=("II",)), pacer=())
    paced, plain = play(recording), play(recording, paced=False)
    assert beats(paced) == beats(plain)
    assert onsets_s(paced, Code.ASYSTOLE) == onsets_s(plain, Code.ASYSTOLE)


@pytest.mark.parametrize("leads", [None, ("II",)], ids=["12", "II"])
def test_no_beat_changes_until_the_arrest_is_told(leads: Leads) -> None:
    recording = arrest(70.0, 24.0, 1.0, leads=leads)
    found = play(recording)
    (told,) = onsets_s(found, Code.ASYSTOLE)
    assert beats(found, told - 0.1) == beats(play(recording, paced=False), told - 0.1)


def test_frames_with_decays_may_be_cut_anyhow() -> None:
    recording = arrest(70.0, 24.0, 1.0, leads=("II", "V1"))
    runs = [play(recording, seconds) for seconds in (0.1, 0.25, 1.7)]
    assert all(a.triggers == b.triggers for a, b in pairwise(runs))
    assert any(b.kind is BeatKind.PACED for t in runs[0].trends for b in t.beats)


@pytest.mark.parametrize("hz", [250.0, 360.0, 500.0, 1000.0])
@pytest.mark.parametrize("tau_s", [0.004, 0.02, 0.1])
def test_a_decay_is_what_the_monitor_path_makes_of_it(hz: float, tau_s: float) -> None:
    how = plan(hz)
    every = how.step * how.shape_step
    n, begin = round(0.6 * hz), round(0.05 * hz)
    raw = np.where(np.arange(n) >= begin, np.exp(-(np.arange(n) - begin) / hz / tau_s), 0.0)
    true = signal.sosfilt(how.monitor_sos[:2], raw)[::every]
    found = np.zeros(len(true))
    decay(tau_s, (0.5 - begin) / hz, every / hz, *MONITOR_BAND_HZ, found)
    scale = true @ found / (found @ found)
    assert np.abs(true - scale * found).max() < 0.06 * np.abs(true).max()
