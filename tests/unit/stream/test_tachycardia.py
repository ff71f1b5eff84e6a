"""Which rate a ventricular tachycardia is told at: that of its beats, of waves only where beats are passed over."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engine.interpreter import interpret
from ingest.bed import BedContext
from ingest.frame import BedId, Nanoseconds, Session, SessionId, Signal
from ingest.recording import Recording
from ingest.scenario import SCENARIOS, Scenario, Step
from ingest.simulator import simulate
from stream.catalogue import Code
from stream.classify import NORMAL, VENTRICULAR
from stream.episodes import IN_WAVES, Change, Episodes, Place, take
from stream.offline import analyse
from stream.policy import Policy, Pulse
from stream.shape import oscillation, repetition
from stream.state import SHAPE_RING, new_states
from stream.tachycardia import EVEN, rate_of_run, rate_told
from stream.trigger import Phase, Trigger

RATE_HZ, SHAPE_HZ = 500.0, 180.0
STRETCH = int(3 * SHAPE_HZ)
LIMIT_BPM = 100.0
SESSION = Session(SessionId(1), BedId("b"), "file", RATE_HZ, (Signal("II", "mV", 200.0),))


def onsets(recording: Recording, policy: Policy | None = None) -> list[Trigger]:
    return [t for t in analyse(recording, policy=policy).triggers if t.phase is Phase.ONSET]


def script_bpm(recording: Recording) -> float:
    """Median rate between ventricular beats of the script."""
    assert recording.truth is not None
    beats = recording.truth.beats
    rr = [b - a for (a, one), (b, two) in pairwise(beats) if one == two == "V"]
    return 60.0 * recording.rate_hz / float(np.median(rr))


@pytest.mark.parametrize(("name", "seconds"), [("vt", 24.0), ("mixed", 47.0)])
@pytest.mark.parametrize("seed", range(1, 13))
def test_a_tachycardia_is_told_at_the_rate_of_its_beats(name: str, seconds: float, seed: int) -> None:
    recording = simulate(SCENARIOS[name], seconds, seed=seed, name="patient")
    made = next(t for t in onsets(recording) if t.code is Code.VTACH)
    assert made.value == pytest.approx(script_bpm(recording), rel=0.05)
    assert IN_WAVES not in made.text


# at the level of a bed's state --------------------------------------------------------------------------------------


def heart(rr_s: list[float], kinds: str) -> np.void:
    """A bed whose newest beats came after these intervals; the first of `kinds` has none of its own."""
    s = new_states(1)[0]
    at = 0
    for k, kind in enumerate(kinds):
        rr = round((rr_s[k - 1] if k else 0.8) * RATE_HZ)
        at += rr
        s["beat_at"][k], s["beat_rr"][k] = at, rr
        s["beat_kind"][k] = VENTRICULAR if kind == "V" else NORMAL
    s["beats"], s["last_beat"], s["leads"] = len(kinds), at, 1
    s["run_features"][0] = kinds[-5:].count("V")
    return s


def show(s: np.void, mv: np.ndarray) -> None:
    """Put this into the first lead of the shape ring, and describe it as the rules do."""
    s["shape_ring"][: len(mv), 0] = np.round(1000 * mv)
    s["shapes"] = len(mv) - 1
    found = oscillation(s, s["shapes"], 0, STRETCH, SHAPE_HZ)
    s["wave_height"][0], s["wave_hz"][0], s["wave_leak"][0] = found[:3]
    s["run_features"][15], s["run_features"][16] = found[2], found[1]


def told(s: np.void) -> tuple[float, bool]:
    """The rate and whether it is that of waves, just when the newest beat has been decided."""
    bpm, by_waves = rate_told(s, s["last_beat"] + round(0.5 * RATE_HZ), 5, RATE_HZ, SHAPE_HZ, LIMIT_BPM)
    return bpm, bool(by_waves)


def test_the_interval_before_a_run_is_none_of_it() -> None:
    assert rate_of_run(heart([0.9, 0.4, 0.4, 0.4], "NVVVV"), 5, RATE_HZ) == pytest.approx(150.0)
    assert rate_of_run(heart([0.4, 0.4, 0.4, 0.4], "VVNVV"), 5, RATE_HZ) == pytest.approx(150.0)


def test_too_few_ventricular_beats_for_a_run_are_counted_with_the_others() -> None:
    assert rate_of_run(heart([0.8, 0.8, 0.4, 1.2], "NNNVN"), 5, RATE_HZ) == pytest.approx(75.0)


def test_a_run_that_only_its_coupling_interval_makes_fast_is_told_at_the_rate_of_the_criterion() -> None:
    assert told(heart([0.3, 0.65, 0.65, 0.65], "NVVVV")) == (pytest.approx(4 * 60.0 / 2.25), False)


def cycle(bpm: float, second: float, width: float = 0.1) -> np.ndarray:
    """(STRETCH,) mV: one wave a beat, and another of this height halfway to the next; width: in beats."""
    t = np.arange(STRETCH) / SHAPE_HZ * bpm / 60.0 % 1.0
    return np.exp(-(((t - 0.25) / width) ** 2)) + second * np.exp(-(((t - 0.75) / width) ** 2))


@pytest.mark.parametrize("bpm", [54.0, 70.0, 130.0, 176.0, 240.0, 300.0])
@pytest.mark.parametrize("second", [0.0, 0.6, -0.6])
def test_waves_are_counted_once_a_beat(bpm: float, second: float) -> None:
    s = new_states(1)[0]
    show(s, cycle(bpm, second))
    assert 60.0 * repetition(s, s["shapes"], 0, STRETCH, SHAPE_HZ) == pytest.approx(bpm, rel=0.02)


def test_what_does_not_repeat_has_no_rate() -> None:
    s = new_states(1)[0]
    show(s, np.linspace(-1.0, 1.0, STRETCH))
    assert repetition(s, s["shapes"], 0, STRETCH, SHAPE_HZ) == 0.0
    show(s, np.zeros(STRETCH))
    assert repetition(s, s["shapes"], 0, STRETCH, SHAPE_HZ) == 0.0
    assert STRETCH <= SHAPE_RING


def test_waves_tell_the_rate_where_beats_are_passed_over() -> None:
    s = heart([0.8, 1.2, 0.8, 0.8], "NVVNV")
    show(s, cycle(150.0, 0.0, 0.2))
    assert told(s) == (pytest.approx(150.0, rel=0.02), True)


def test_two_waves_a_beat_are_one_where_beats_are_passed_over() -> None:
    s = heart([0.4, 0.8, 1.2, 0.8], "NVVNV")
    show(s, cycle(150.0, 0.6))
    assert 60.0 * s["wave_hz"][0] > 200.0
    assert told(s) == (pytest.approx(150.0, rel=0.02), True)


def test_waves_do_not_make_a_slow_rhythm_fast_whose_beats_are_all_there() -> None:
    s = heart([0.92] * 4, "VVVVV")
    show(s, cycle(65.0, 0.7))
    assert 60.0 * s["wave_hz"][0] > LIMIT_BPM
    assert s["wave_leak"][0] < EVEN
    assert told(s) == (pytest.approx(65.2, rel=0.01), False)


def test_waves_that_repeat_between_even_beats_are_beats() -> None:
    s = heart([0.72] * 4, "NVVVV")
    show(s, cycle(166.7, 0.0, 0.2))
    assert told(s) == (pytest.approx(166.7, rel=0.02), True)


def uneven_waves() -> np.ndarray:
    """(STRETCH,) mV: half waves of 140 to 240 ms and of different heights, up and down."""
    rng, halves = np.random.default_rng(8), []
    while sum(map(len, halves)) < STRETCH:
        n = round(SHAPE_HZ * rng.uniform(0.14, 0.24))
        halves.append((-1.0) ** len(halves) * rng.uniform(0.6, 1.0) * np.sin(np.pi * np.arange(n) / n))
    return np.concatenate(halves)[:STRETCH]


def test_waves_that_do_not_repeat_are_counted_one_by_one_where_beats_are_passed_over() -> None:
    torn, even = heart([0.47, 0.88, 0.53, 1.2], "NVVVV"), heart([0.9] * 4, "NVVVV")
    for s in (torn, even):
        show(s, uneven_waves())
        assert 60.0 * repetition(s, s["shapes"], 0, STRETCH, SHAPE_HZ) < LIMIT_BPM
        assert s["wave_leak"][0] < EVEN
    assert told(torn) == (60.0 * torn["wave_hz"][0], True)
    assert told(even) == (pytest.approx(66.7, rel=0.01), False)


# what is made of it -------------------------------------------------------------------------------------------------


def with_pulse(recording: Recording) -> Recording:
    """A pressure that rises behind every beat of the script."""
    assert recording.truth is not None
    mmhg = np.full(recording.samples.shape[1], 80.0)
    rise = np.concatenate([np.sin(np.linspace(0.0, np.pi / 2, 50)), np.exp(-np.arange(120) / 40.0)])
    for at, _ in recording.truth.beats:
        first = at + round(0.2 * recording.rate_hz)
        stop = min(first + len(rise), len(mmhg))
        if first < stop:
            mmhg[first:stop] = np.maximum(mmhg[first:stop], 80.0 + 40.0 * rise[: stop - first])
    samples = np.vstack([recording.samples, np.round(10 * mmhg).astype(np.int16)[None]])
    return replace(recording, signals=(*recording.signals, Signal("ABP", "mmHg", 10.0)), samples=samples)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_pulse_at_every_beat_of_a_tachycardia_does_not_contradict_it(seed: int) -> None:
    script = Scenario("patient", (Step("sinus", 25.0, 150.0), Step("vt", 9.0, 160.0), Step("sinus", 5.0, 150.0)))
    recording = with_pulse(simulate(script, 38.0, seed=seed, name="patient"))
    found = onsets(recording, replace(Policy(), pulse=Pulse.ALL))
    made = next(t for t in found if t.code is Code.VTACH)
    assert Code.ECG_PULSE_DISAGREE not in {t.code for t in found}
    assert made.suppressed_by == ""


def test_the_text_and_the_evidence_say_where_waves_were_counted() -> None:
    recording = simulate(SCENARIOS["vt"], 24.0, seed=1, name="patient")
    segment = next(s for s in analyse(recording).segments if s.trigger.code is Code.VTACH)
    measured = interpret(segment, None, Nanoseconds(1)).findings[0].evidence[0]
    assert (measured.measure, measured.unit, measured.value) == ("rate of the run", "/min", segment.trigger.value)
    change = Change(Code.VTACH, True, 600, 100, 240.0, 100.0, (), in_waves=True)
    made, *_ = take(change, Episodes(), Place(SESSION, BedContext(BedId("b")), Policy(), (0, 0)))
    assert made.text == "Ventricular tachycardia 240/min (limit 100/min); counted in waves"
    waves = interpret(replace(segment, trigger=made), None, Nanoseconds(1)).findings[0].evidence[0]
    assert (waves.measure, waves.value) == ("rate of the waves", 240.0)
