"""Atrial fibrillation: found in time and told once, and not seen in irregular rhythms that follow a pattern."""

from dataclasses import replace

import numpy as np
import pytest

from ingest import simulator
from ingest.course import Course
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from ingest.waveform import p_wave as p_wave_of
from stream.atrial import count_burden, on_atrial_beat, p_wave, recount_burden
from stream.bed import Findings
from stream.classify import NORMAL, UNKNOWN, VENTRICULAR
from stream.flutter import LOWEST_HZ, _power
from stream.irregularity import FEW_BEATS, LEAST_BEATS, half_back, intervals, irregularity
from stream.offline import analyse
from stream.policy import ADULT, Code
from stream.state import BEATS, new_states
from stream.trigger import Phase

QUIET_S, AF_S, AFTER_S = 40.0, 100.0, 200.0
AF_CODES = {Code.AFIB_ONSET, Code.AFIB_END}


def played(*steps: Step, seed: int = 3) -> Findings:
    what = Scenario("test", steps)
    return analyse(simulate(what, what.seconds, seed=seed, rate_hz=250.0))


def shown(found: Findings) -> np.ndarray:
    """Seconds in which AF was shown."""
    return np.array([round(t.first / t.rate_hz) for t in found.trends if t.rhythm == "afib"])


@pytest.fixture(scope="module", params=[70.0, 92.0, 110.0])
def fibrillating(request: pytest.FixtureRequest) -> Findings:
    return played(Step("sinus", QUIET_S), Step("af", AF_S, request.param), Step("sinus", AFTER_S))


def test_af_is_shown_within_twenty_seconds_and_no_longer_than_twenty_after_its_end(fibrillating: Findings) -> None:
    seconds = shown(fibrillating)
    assert QUIET_S < seconds.min() <= QUIET_S + 20.0
    assert QUIET_S + AF_S - 2.0 <= seconds.max() <= QUIET_S + AF_S + 20.0
    assert np.diff(seconds).max() == 1


@pytest.mark.parametrize("seed", [401, 403])
def test_af_with_a_left_bundle_branch_block_is_af(seed: int) -> None:
    """What of the wide QRS lies before R is no P wave."""
    what = Scenario("test", (Step("sinus", QUIET_S), Step("af", AF_S, 110.0)), "L")
    found = analyse(simulate(what, what.seconds, seed=seed, rate_hz=500.0))
    seconds = shown(found)
    assert QUIET_S < seconds.min() <= QUIET_S + 30.0
    assert len(seconds) > 0.7 * AF_S


def test_onset_and_end_are_told_once_each(fibrillating: Findings) -> None:
    told = [t for t in fibrillating.triggers if t.code in AF_CODES]
    onset, end = (next(t for t in told if t.code is code and t.phase is Phase.ONSET) for code in sorted(AF_CODES)[::-1])
    assert len(told) == 4
    assert ADULT.afib_s - 1.0 <= onset.sample / 250.0 - QUIET_S <= ADULT.afib_s + 10.0
    assert abs(onset.first_sample / 250.0 - QUIET_S) < 10.0
    assert abs(end.first_sample / 250.0 - QUIET_S - AF_S) < 10.0
    assert end.sample - end.first_sample >= ADULT.afib_end_s * 250.0


def test_begin_and_end_that_are_recorded_lie_nearer_than_those_that_were_shown(fibrillating: Findings) -> None:
    seconds = shown(fibrillating)
    since = {round(t.first / t.rate_hz): t.rhythm_since for t in fibrillating.trends}
    begins, ends = {since[s] for s in seconds}, {since[s] for s in since if s > seconds.max()}
    assert len(begins) == len(ends) == 1
    begin_s, end_s = begins.pop() / 250.0, ends.pop() / 250.0
    assert abs(begin_s - QUIET_S) < seconds.min() - QUIET_S
    assert abs(end_s - QUIET_S - AF_S) < max(2.0, seconds.max() + 1.0 - QUIET_S - AF_S)
    onset = next(t for t in fibrillating.triggers if t.code is Code.AFIB_ONSET and t.phase is Phase.ONSET)
    assert onset.first_sample / 250.0 == begin_s
    assert {since[s] for s in since if s < seconds.min()} == {None}


def test_fast_af_is_found_although_most_beats_hide_where_a_p_wave_would_be() -> None:
    found = played(Step("sinus", QUIET_S), Step("af", AF_S, 130.0))
    assert len(shown(found)) > 0.5 * AF_S
    assert shown(found).min() > QUIET_S
    assert [t for t in found.triggers if t.code is Code.AFIB_ONSET]


def test_the_burden_is_the_share_of_af_in_the_analysed_time(fibrillating: Findings) -> None:
    burden = fibrillating.trends[-1].af_burden
    assert burden is not None
    assert burden == pytest.approx(AF_S / (QUIET_S + AF_S + AFTER_S), abs=0.06)


@pytest.mark.parametrize(
    "step",
    [
        Step("sinus", 240.0),
        Step("arrhythmia", 240.0, 60.0),
        Step("pac", 240.0, 70.0, length=1.0),
        Step("pac", 240.0, 70.0, length=2.0),
        Step("pac", 240.0, 70.0, length=4.0),
        Step("bigeminy", 240.0),
        Step("trigeminy", 240.0),
        Step("pvc", 240.0),
        Step("wenckebach", 240.0),
        Step("mobitz", 240.0),
        Step("paced", 240.0, 70.0),
    ],
    ids=lambda step: f"{step.rhythm}-{step.length:.0f}",
)
@pytest.mark.parametrize("seed", [3, 4])
def test_a_pattern_is_not_af(step: Step, seed: int) -> None:
    found = played(step, seed=seed)
    assert len(shown(found)) == 0
    assert not [t for t in found.triggers if t.code in AF_CODES]


def with_beats(rr: list[float], kinds: list[int] | None = None):
    """A bed that saw beats at these intervals (s), at 100 samples a second."""
    state = new_states(1)[0]
    at = 0.0
    for k, one in enumerate(rr):
        at += one * 100.0
        state["beat_at"][k], state["beat_rr"][k] = at, one * 100.0
        state["beat_kind"][k] = kinds[k] if kinds else NORMAL
    state["beats"] = len(rr)
    return state, int(at)


def usable(rr: list[float], kinds: list[int] | None = None, later: int = 0):
    """The intervals of such a bed, whether they are linked, and how many there are."""
    state, n = with_beats(rr, kinds)
    found, linked = np.zeros(BEATS), np.zeros(BEATS, np.bool_)
    return found, linked, intervals(state, n + later, 100.0, found, linked)


def test_irregularity_takes_off_patterns_and_ventricular_beats() -> None:
    assert irregularity(*usable([0.5, 0.9] * 10)) == pytest.approx(0.0)
    assert irregularity(*usable([0.5, 0.9, 0.8] * 7)) == pytest.approx(0.0)
    kinds = [NORMAL, NORMAL, VENTRICULAR, NORMAL] * 9
    assert irregularity(*usable([0.8, 0.8, 0.5, 1.1] * 9, kinds)) == pytest.approx(0.0)
    assert irregularity(*usable(np.random.default_rng(0).uniform(0.5, 1.1, 30).tolist())) > 0.12


@pytest.mark.parametrize("doubted", [VENTRICULAR, UNKNOWN])
def test_intervals_next_to_a_beat_that_the_atria_did_not_lead_are_left_out(doubted: int) -> None:
    kinds = [NORMAL] * 30
    kinds[10] = kinds[20] = doubted
    _, linked, count = usable([0.8] * 30, kinds)
    assert count == 29 - 4
    assert int((~linked[: count - 1]).sum()) == 2


def test_intervals_next_to_a_hidden_beat_are_left_out() -> None:
    state, n = with_beats([0.8] * 30)
    state["beat_hidden"][10] = 1
    assert intervals(state, n, 100.0, np.zeros(BEATS), np.zeros(BEATS, np.bool_)) == 29 - 2


def test_a_few_beats_say_at_once_what_the_median_of_many_does_not() -> None:
    wild = np.random.default_rng(1).uniform(0.5, 1.1, 24).tolist()
    rr, linked, count = usable([*wild, *[0.8] * 6])
    assert irregularity(rr, linked, FEW_BEATS) == pytest.approx(0.0, abs=1e-9)
    assert irregularity(rr, linked, count) > 0.08


def test_only_the_last_minute_counts() -> None:
    assert usable([0.8] * 7)[2] < LEAST_BEATS
    assert usable([0.8] * 20)[2] == 19
    assert usable([0.8] * 20, later=6001)[2] == 0


def test_half_of_the_window_lies_behind_a_change_that_is_told_now() -> None:
    state, _ = with_beats([0.8] * 30)
    assert half_back(state, 29) == state["beat_at"][29 - 11]
    assert half_back(state, LEAST_BEATS) == state["beat_at"][29 - 5]
    state["beat_kind"][25] = VENTRICULAR
    assert half_back(state, 27) == state["beat_at"][29 - 13]


def test_the_burden_counts_from_where_af_began_to_where_it_ended() -> None:
    state = new_states(1)[0]
    for n in range(5, 7200, 6):
        state["afib_shown"] = 3620 <= n < 5400
        count_burden(state, n, 6.0)
        if n == 3623:  # held to have begun in the hour before
            state["irregular_since"] = 3623 - 63
            recount_burden(state, n, 6.0)
        if n == 5405:
            state["regular_since"] = 5405 - 93
            recount_burden(state, n, 6.0)
    assert state["burden_hours"][1].sum() == 1200
    assert state["burden_hours"][0].sum() == (5405 - 93 - 3623 + 63) // 6
    assert state["burden"] == pytest.approx(state["burden_hours"][0].sum() / 1200)


def test_the_burden_forgets_after_a_day() -> None:
    state = new_states(1)[0]
    state["afib_shown"] = 1
    for n in range(3600):
        count_burden(state, n, 1.0)
    state["afib_shown"] = 0
    for n in range(3600, 2 * 3600):
        count_burden(state, n, 1.0)
    assert state["burden"] == pytest.approx(0.5)
    count_burden(state, 24 * 3600, 1.0)
    assert state["burden"] == 0.0


def test_power_is_that_of_the_fourier_transform() -> None:
    x = np.random.default_rng(1).normal(size=160)
    there = abs(np.exp(-2j * np.pi * LOWEST_HZ / 40.0 * np.arange(160)) @ x) ** 2
    assert _power(x, 40.0)[0] == pytest.approx(there)


def test_a_rhythm_that_is_not_known_yet_is_not_shown_as_what_it_was_before_the_leads_went_off() -> None:
    what = Scenario("test", (Step("sinus", 30.0), Step("af", 100.0, 92.0), Step("sinus", 130.0)))
    recording = simulate(what, what.seconds, seed=3, rate_hz=250.0)
    samples = recording.samples.copy()
    off, back = round(125 * recording.rate_hz), round(200 * recording.rate_hz)
    samples[:, off:back] = samples[:, off : off + 1]
    told = analyse(replace(recording, samples=samples))
    rhythm = {round(t.first / t.rate_hz): t.rhythm for t in told.trends}
    assert rhythm[120] == "afib"
    assert {rhythm[s] for s in range(201, 205)} <= {"unknown", "learning"}
    assert rhythm[240] == "regular"


def before_r(heights_mv: list[float], noise_mv: list[float], ventricular: bool = False, rr_s: float = 0.9):
    """A bed of two leads at 125 samples a second, that has read beats of which each has a wave so high before R, and noise."""
    state, rng, hz = new_states(1)[0], np.random.default_rng(2), 125.0
    state["leads"], state["beats"] = 2, 1
    wave = np.exp(-0.5 * ((np.arange(120) / hz - 0.96 + 0.17) / 0.02) ** 2)  # R stands at the end of the ring
    for height, noise in zip(heights_mv, noise_mv, strict=True):
        state["beat_kind"][0] = VENTRICULAR if ventricular else NORMAL
        state["beat_kind"][1], state["beat_rr"][1] = NORMAL, rr_s * hz
        seen = height * wave[:, None] + noise * rng.normal(size=(120, 4))
        state["shape_ring"][:120] = np.round(1000.0 * seen)
        state["shapes"] = 120
        on_atrial_beat(state, 1, 119, hz, hz)
    return state, p_wave(state, 1, hz)


def test_a_p_wave_is_what_beats_have_in_common_before_r() -> None:
    assert before_r([0.1] * 24, [0.01] * 24)[1] > 0.6
    assert before_r([0.0] * 24, [0.02] * 24)[1] < 0.25


def test_a_few_beats_in_noise_hide_no_p_wave() -> None:
    quiet, loud = [0.01] * 24, [0.01] * 20 + [1.0] * 4
    assert before_r([0.06] * 24, loud)[1] > 0.7 * before_r([0.06] * 24, quiet)[1]


def test_a_p_wave_is_looked_for_behind_a_ventricular_beat_once_its_t_wave_is_over() -> None:
    assert before_r([0.1] * 8, [0.01] * 8, ventricular=True)[0]["atrial_beats"] == 8
    assert before_r([0.1] * 8, [0.01] * 8, ventricular=True, rr_s=0.7)[0]["atrial_beats"] == 0
    assert before_r([0.1] * 8, [0.01] * 8, rr_s=0.7)[0]["atrial_beats"] == 8


def early_at_random(seed: int) -> Recording:
    """Two leads in noise of a patient with low P waves, of whose beats two in five come early at random."""
    rng = np.random.default_rng((seed, 20))
    course, at = Course(), 0.4
    while at < 200.0:
        course.beats.append((at, "N"))
        course.p_waves.append(at - 0.12)
        at += 0.8 * (rng.uniform(0.55, 0.8) if rng.random() < 0.4 else 1.0 + 0.015 * rng.standard_normal())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulator, "play", lambda *_: course)
        patch.setattr(simulator, "p_wave", lambda *of: (p_wave_of(*of)[0], 0.4 * p_wave_of(*of)[1]))
        made = simulate(Scenario("test", (Step("sinus", 200.0),)), 200.0, seed=seed, rate_hz=250.0)
    samples = made.samples[[1, 6]] + np.round(8.0 * rng.standard_normal((2, made.samples.shape[1])))
    return replace(made, samples=samples.astype(np.int16), signals=(made.signals[1], made.signals[6]))


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_early_atrial_beats_at_random_behind_low_p_waves_in_noise_are_not_af(seed: int) -> None:
    assert len(shown(analyse(early_at_random(seed)))) == 0
