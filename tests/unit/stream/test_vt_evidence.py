"""What tells a ventricular tachycardia from conducted beats, on beds of one lead and of more, at the begin and behind gaps."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.bed import Notice
from ingest.frame import Signal
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.bank import Bank
from stream.catalogue import Code
from stream.classify import VENTRICULAR
from stream.conducted import follow_rate
from stream.offline import analyse, frames
from stream.policy import Policy, Pulse
from stream.state import new_states
from stream.trigger import Phase, Trigger

RATE_HZ = 250.0
SEEDS = (1, 2, 3, 4)


def patient(*steps: Step, seed: int, leads: tuple[str, ...] = (), conduction: str = "N") -> Recording:
    """A scripted patient; of all leads where none is named."""
    script = Scenario("patient", steps, conduction)
    return seen_by(simulate(script, script.seconds, seed=seed, rate_hz=RATE_HZ, name="patient"), leads)


def seen_by(recording: Recording, leads: tuple[str, ...]) -> Recording:
    rows = [k for k, s in enumerate(recording.signals) if not leads or s.name in leads]
    signals = tuple(recording.signals[k] for k in rows)
    return replace(recording, samples=np.ascontiguousarray(recording.samples[rows]), signals=signals, spans=())


def told(triggers: list[Trigger], *codes: Code) -> list[float]:
    """When (s) alarms of these codes were announced."""
    return [
        t.sample / RATE_HZ for t in triggers if t.code in codes and t.phase is not Phase.OFFSET and not t.suppressed_by
    ]


def called(recording: Recording, *codes: Code, policy: Policy | None = None) -> list[float]:
    return told(analyse(recording, policy=policy).triggers, *codes)


@pytest.mark.parametrize(("before", "bpm"), [(98.0, 103.0), (110.0, 112.0), (72.0, 110.0)])
@pytest.mark.parametrize("lead", ["II", "V1"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_slow_tachycardia_without_p_waves_is_announced_on_one_lead(
    before: float, bpm: float, lead: str, seed: int
) -> None:
    recording = patient(Step("sinus", 30.0, before), Step("vt", 15.0, bpm), seed=seed, leads=(lead,))
    first, *_ = called(recording, Code.VTACH)
    assert first < 35.0


def block(rates: tuple[float, ...], conduction: str, seed: int, leads: tuple[str, ...]) -> Recording:
    """Sinus rhythm whose rate changes at 38 and 42 s, and whose bundle fails at 41 s: beats and P waves are the same."""
    steps = (Step("sinus", 38.0, rates[0]), Step("sinus", 4.0, rates[1]), Step("sinus", 20.0, rates[2]))
    narrow, wide = patient(*steps, seed=seed), patient(*steps, seed=seed, conduction=conduction)
    assert narrow.truth is not None
    at = next(s for s, _ in narrow.truth.beats if s > 41.0 * RATE_HZ) - round(0.28 * RATE_HZ)
    return seen_by(replace(narrow, samples=np.hstack([narrow.samples[:, :at], wide.samples[:, at:]])), leads)


@pytest.mark.parametrize("rates", [(110.0, 116.0, 122.0), (96.0, 100.0, 104.0)])
@pytest.mark.parametrize("conduction", "LR")
@pytest.mark.parametrize("leads", [(), ("II", "V1")])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_block_that_comes_with_a_rising_rate_is_no_tachycardia(
    rates: tuple[float, ...], conduction: str, leads: tuple[str, ...], seed: int
) -> None:
    assert called(block(rates, conduction, seed, leads), Code.VTACH, Code.VTACH_SUSTAINED) == []


def test_a_block_that_comes_back_with_a_small_jump_of_the_rate_is_no_tachycardia() -> None:
    steps = (Step("sinus", 80.0, 93.0), Step("sinus", 15.0, 103.0))
    narrow, wide = patient(*steps, seed=1), patient(*steps, seed=1, conduction="L")
    assert narrow.truth is not None
    samples, beats = narrow.samples.copy(), [at for at, _ in narrow.truth.beats]
    for first_s, last_s in ((15.0, 60.0), (79.5, 95.0)):
        first, last = (round(s * RATE_HZ) for s in (first_s, last_s))
        first = next(at for at in beats if at > first) - round(0.28 * RATE_HZ)
        samples[:, first:last] = wide.samples[:, first:last]
    assert called(seen_by(replace(narrow, samples=samples), ("II", "V1")), Code.VTACH) == []


@pytest.mark.parametrize(
    ("seen", "early", "rr_s", "leapt"),
    [(60, 0.1, 0.56, 0), (60, 0.1, 0.53, 1), (60, 0.8, 0.56, 1), (10, 0.1, 0.56, 1)],
)
def test_the_rate_may_change_more_where_the_form_is_one_of_long_ago(
    seen: int, early: float, rr_s: float, leapt: int
) -> None:
    s = new_states(1)[0]
    s["even_rr"], s["beats"], s["form_last"] = 0.64 * RATE_HZ, 1, 1
    s["beat_kind"][0], s["form_beats"][1], s["form_early"][1] = VENTRICULAR, seen, early
    follow_rate(s, VENTRICULAR, rr_s * RATE_HZ, RATE_HZ)
    assert s["leapt"] == leapt


@pytest.mark.parametrize("bpm", [160.0, 180.0])
@pytest.mark.parametrize("leads", [(), ("II", "V1"), ("II",)])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_tachycardia_with_which_a_session_begins_is_announced(bpm: float, leads: tuple[str, ...], seed: int) -> None:
    first, *_ = called(patient(Step("vt", 20.0, bpm), seed=seed, leads=leads), Code.VTACH)
    assert first < 12.0


@pytest.mark.parametrize(
    ("rhythm", "bpm"), [("sinus", 110.0), ("sinus", 125.0), ("sinus", 135.0), ("sinus", 145.0), ("af", 125.0)]
)
@pytest.mark.parametrize("conduction", "LR")
@pytest.mark.parametrize("seed", SEEDS)
def test_a_block_with_which_a_session_begins_is_none(rhythm: str, bpm: float, conduction: str, seed: int) -> None:
    assert called(patient(Step(rhythm, 30.0, bpm), seed=seed, conduction=conduction), Code.VTACH) == []


@pytest.mark.parametrize("bpm", [160.0, 180.0])
@pytest.mark.parametrize("conduction", "LR")
@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_held_for_a_tachycardia_ends_where_the_beats_come_unevenly(
    bpm: float, conduction: str, seed: int
) -> None:
    steps = (Step("svt", 15.0, bpm), Step("af", 60.0, 130.0))
    found = analyse(patient(*steps, seed=seed, conduction=conduction)).triggers
    begun = told(found, Code.VTACH)
    ended = [t.sample / RATE_HZ for t in found if t.code is Code.VTACH and t.phase is Phase.OFFSET]
    assert all(at < 15.0 for at in begun)
    assert len(ended) == len(begun)
    assert all(at < 26.0 for at in ended)
    assert not told(found, Code.VTACH_SUSTAINED)


@pytest.mark.parametrize("leads", [(), ("II",)])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_tachycardia_behind_a_gap_is_told_as_at_the_begin(leads: tuple[str, ...], seed: int) -> None:
    recording = patient(Step("sinus", 72.0), Step("vt", 15.0, 170.0), seed=seed, leads=leads)
    bank, made, notices = Bank(0.0), list[Trigger](), list[Notice]()
    for frame in frames(recording, 0.25):
        if not 40.0 <= frame.first / RATE_HZ < 72.0:
            found = bank.take([frame])
            made += found.triggers
            notices += found.notices
    assert [n.code for n in notices] == ["SAMPLE_GAP"]
    first, *_ = told(made, Code.VTACH)
    assert 72.0 < first < 82.0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fast_sinus_rhythm_on_one_lead_is_no_tachycardia_of_the_ventricles(seed: int) -> None:
    recording = patient(Step("sinus", 20.0), Step("sinus", 30.0, 190.0), seed=seed, leads=("II",))
    assert called(recording, Code.VTACH, Code.VFIB) == []


def with_steady_pulse(recording: Recording, first_s: float) -> Recording:
    """A pressure of 75/min that nothing in the ECG touches."""
    count = recording.samples.shape[1]
    mmhg = np.full(count, 80.0)
    rise = np.concatenate([np.sin(np.linspace(0.0, np.pi / 2, 25)), np.exp(-np.arange(60) / 20.0)])
    for at in np.arange(first_s, count / RATE_HZ - 0.5, 0.8):
        k = round(at * RATE_HZ)
        mmhg[k : k + len(rise)] += 40.0 * rise[: count - k]
    samples = np.vstack([recording.samples, np.round(10 * mmhg).astype(np.int16)[None]])
    return replace(recording, signals=(*recording.signals, Signal("ABP", "mmHg", 10.0)), samples=samples)


@pytest.mark.parametrize("bpm", [130.0, 190.0])
@pytest.mark.parametrize("first_s", [0.4, 0.65, 0.9, 1.05])
def test_a_steady_pulse_replaces_a_tachycardia_soon_and_never_delays_it(bpm: float, first_s: float) -> None:
    ecg = patient(Step("sinus", 60.0, 75.0), Step("vt", 15.0, bpm), seed=1)
    alone = next(t for t in analyse(ecg).triggers if t.code is Code.VTACH)
    found = analyse(with_steady_pulse(ecg, first_s), policy=Policy(pulse=Pulse.ALL)).triggers
    onset, *more = [t for t in found if t.code is Code.VTACH and t.phase is not Phase.OFFSET]
    assert onset.sample == alone.sample
    kept = onset if onset.suppressed_by else more[0]
    assert kept.suppressed_by == "inhibited by ECG_PULSE_DISAGREE"
    assert kept.sample - onset.sample <= 2.0 * RATE_HZ


@pytest.mark.parametrize("conduction", ["L", "R"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_block_that_was_seen_behind_p_waves_is_no_tachycardia_however_fast_it_becomes(
    conduction: str, seed: int
) -> None:
    faster = (Step("sinus", 4.0, bpm) for bpm in range(85, 166, 10))
    recording = patient(
        Step("sinus", 12.0, 75.0), *faster, Step("sinus", 15.0, 170.0), seed=seed, conduction=conduction
    )
    assert called(recording, Code.VTACH, Code.RAPID_VT) == []
