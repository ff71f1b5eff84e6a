"""What is not seen: leads off, amplifiers at their limit, gaps and noise, through the whole path."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.bed import BedContext, PatientClass
from ingest.frame import BedId, Flaw, Span
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.bank import Bank
from stream.bed import Findings
from stream.catalogue import Code
from stream.measurement import Quality
from stream.offline import frames
from stream.report import ASYSTOLE, VTACH, begin, new_out, whole
from stream.state import new_states
from stream.trigger import Phase, Trigger

RATE = 250
ADULT, PAEDIATRIC, NEONATE = PatientClass
SILENT = {Code.ASYSTOLE, Code.PAUSE, Code.EXTREME_BRADY}


def patient(*steps: Step, seed: int = 3) -> Recording:
    script = Scenario("patient", steps)
    return simulate(script, script.seconds, seed=seed, rate_hz=RATE, name="patient")


def off(recording: Recording, begin_s: float, end_s: float, flaw: Flaw = Flaw.LEAD_OFF) -> Recording:
    """All leads off, or not to be read, between two times."""
    spans = tuple(Span(k, round(begin_s * RATE), round(end_s * RATE), flaw) for k in range(len(recording.signals)))
    return replace(recording, spans=recording.spans + spans)


def play(
    recording: Recording, who: PatientClass = ADULT, gap_s: tuple[float, float] = (0, 0), frame_s: float = 0.5
) -> Findings:
    bank, found = Bank(0.0), Findings()
    bank.set_context(BedContext(BedId("patient"), patient_class=who))
    for frame in frames(recording, frame_s):
        if frame.ends or not gap_s[0] * RATE <= frame.first < gap_s[1] * RATE:
            found.add(bank.take([frame]))
    return found


def onsets(found: Findings) -> dict[Code, float]:
    """Second of the first onset of each code."""
    told: dict[Code, float] = {}
    for t in found.triggers:
        if t.phase is Phase.ONSET:
            told.setdefault(t.code, t.sample / RATE)
    return told


def of(found: Findings, code: Code) -> list[Trigger]:
    return [t for t in found.triggers if t.code is code]


@pytest.mark.parametrize(
    ("bpm", "who", "end_s"),
    [
        (55.0, ADULT, 95.02),
        (55.0, ADULT, 95.2),
        (55.0, ADULT, 95.4),
        (70.0, ADULT, 95.4),
        *((45.0, ADULT, 95.0 + 0.25 * k) for k in range(5)),
        (70.0, PAEDIATRIC, 95.02),
        (70.0, PAEDIATRIC, 95.4),
    ],
)
def test_a_heart_that_beats_when_leads_return_after_long_stands_not_still(
    bpm: float, who: PatientClass, end_s: float
) -> None:
    found = onsets(play(off(patient(Step("sinus", 120.0, bpm)), 30.0, end_s), who))
    low = {Code.PAUSE} if who is ADULT else SILENT - {Code.ASYSTOLE}
    assert not (SILENT if bpm > 50 and who is ADULT else SILENT - low) & set(found), found
    assert Code.LEADS_OFF in found


@pytest.mark.parametrize("end_s", [95.02, 95.4, 95.7])
def test_a_heart_that_stands_still_when_leads_return_is_told_no_later(end_s: float) -> None:
    found = onsets(play(off(patient(Step("sinus", 60.0), Step("asystole", 60.0)), 30.0, end_s)))
    assert found[Code.ASYSTOLE] == pytest.approx(end_s + 4.0, abs=0.05)


@pytest.mark.parametrize("end_s", [95.02, 95.4])
def test_fibrillation_when_leads_return_is_told_no_later(end_s: float) -> None:
    found = onsets(play(off(patient(Step("sinus", 60.0), Step("vf", 60.0)), 30.0, end_s)))
    assert found[Code.VFIB] <= end_s + 5.0


@pytest.mark.parametrize("flaw", list(Flaw))
def test_no_rate_is_shown_of_a_bed_that_is_not_seen(flaw: Flaw) -> None:
    trends = play(off(patient(Step("pvc", 110.0)), 30.0, 100.0, flaw)).trends
    blind = [t for t in trends if 32 * RATE <= t.first < 99 * RATE]
    assert len(blind) > 60
    assert {t.rate_bpm for t in blind} == {None}
    assert {t.pvc_per_min for t in blind} == {None}
    assert all(t.rate_bpm is not None and t.pvc_per_min is not None for t in trends if 15 * RATE < t.first < 29 * RATE)


def test_a_rate_limit_is_not_told_again_from_a_rate_of_before() -> None:
    steps = (Step("sinus", 20.0), Step("sinus", 20.0, 130.0), Step("sinus", 80.0, 72.0))
    told = of(play(off(patient(*steps), 40.0, 110.0)), Code.HR_HIGH)
    assert [t.phase for t in told if not t.suppressed_by] == [Phase.ONSET, Phase.OFFSET]
    assert told[-1].sample < 44 * RATE


@pytest.mark.parametrize("limit", [32767, -32768, 1023, 1024, -1024])
def test_an_amplifier_at_its_limit_on_all_leads_is_off_and_no_asystole(limit: int) -> None:
    quiet = patient(Step("sinus", 60.0))
    samples = quiet.samples.copy()
    samples[:, 20 * RATE : 45 * RATE] = limit
    found = play(replace(quiet, samples=samples))
    told = onsets(found)
    assert not SILENT & set(told), told
    assert 20.0 < told[Code.LEADS_OFF] < 24.0
    assert not {t.rate_bpm for t in found.trends if 24 * RATE <= t.first < 44 * RATE} - {None}
    second = next(t for t in found.trends if t.first >= 30 * RATE)
    assert set(second.quality) == {Quality.RAILED}
    assert of(found, Code.LEADS_OFF)[-1].phase is Phase.OFFSET
    assert next(t for t in found.trends if t.first >= 58 * RATE).rate_bpm is not None


def test_one_lead_at_its_limit_takes_no_other_with_it() -> None:
    quiet = patient(Step("sinus", 25.0), Step("asystole", 25.0))
    samples = quiet.samples.copy()
    samples[1, 15 * RATE :] = 32767
    told = onsets(play(replace(quiet, samples=samples)))
    assert 28.0 < told[Code.ASYSTOLE] < 30.0


@pytest.mark.parametrize("level", [0, 37, 1023, 2600])
def test_a_flat_line_within_the_range_is_asystole_at_any_offset(level: int) -> None:
    quiet = patient(Step("sinus", 40.0))
    samples = quiet.samples.copy()
    samples[:, 20 * RATE :] = level
    samples[0, 20 * RATE :] = level + 7
    assert Code.ASYSTOLE in onsets(play(replace(quiet, samples=samples)))


def test_a_tachycardia_is_over_when_the_heart_stands_still() -> None:
    found = play(patient(Step("sinus", 20.0), Step("vt", 6.0, 170.0), Step("asystole", 35.0), Step("sinus", 10.0)))
    told = onsets(found)
    assert Code.VTACH in told
    assert Code.VTACH_SUSTAINED not in told
    assert told[Code.ASYSTOLE] < 31.0
    assert of(found, Code.VTACH)[-1].sample < 32 * RATE


def test_a_tachycardia_does_not_last_through_a_time_that_is_not_seen() -> None:
    script = patient(Step("sinus", 20.0), Step("vt", 20.0, 170.0), Step("sinus", 50.0))
    found = play(off(script, 27.0, 65.0))
    assert Code.VTACH in onsets(found)
    assert Code.VTACH_SUSTAINED not in onsets(found)
    assert of(found, Code.VTACH)[-1].sample < 30 * RATE


def test_a_tachycardia_goes_on_through_a_short_loss() -> None:
    found = play(off(patient(Step("sinus", 20.0), Step("vt", 45.0, 170.0)), 35.0, 35.6))
    assert [t.phase for t in of(found, Code.VTACH)] == [Phase.ONSET, Phase.OFFSET]
    assert onsets(found)[Code.VTACH_SUSTAINED] == pytest.approx(50.0, abs=1.5)


@pytest.mark.parametrize("gap_s", [1.0, 8.0])
def test_fibrillation_of_the_atria_goes_on_behind_a_gap_without_being_told_again(gap_s: float) -> None:
    found = play(patient(Step("sinus", 20.0), Step("af", 230.0, 92.0)), gap_s=(100.0, 100.0 + gap_s))
    told = of(found, Code.AFIB_ONSET)
    assert [(t.phase, t.suppressed_by) for t in told] == [(Phase.ONSET, ""), (Phase.OFFSET, "")]
    assert told[-1].sample > 249 * RATE
    assert Code.IRREGULAR_HR not in onsets(found)
    assert not [t for t in of(found, Code.MISSED_BEAT) if not t.suppressed_by]


def test_fibrillation_of_the_atria_that_is_gone_behind_a_gap_ends() -> None:
    script = patient(Step("sinus", 20.0), Step("af", 80.0, 92.0), Step("sinus", 170.0))
    found = play(script, gap_s=(98.0, 104.0))
    assert [t.phase for t in of(found, Code.AFIB_ONSET)] == [Phase.ONSET, Phase.OFFSET]
    assert 215 < of(found, Code.AFIB_END)[0].sample / RATE < 260


@pytest.mark.parametrize(
    ("who", "bpm", "pause_s"),
    [(NEONATE, 125.0, 1.9), (PAEDIATRIC, 85.0, 2.6), (ADULT, 62.0, 3.4), (NEONATE, 140.0, 2.4)],
)
def test_one_pause_is_no_extreme_bradycardia(who: PatientClass, bpm: float, pause_s: float) -> None:
    for seed in (3, 4, 5):
        steps = (Step("sinus", 20.0, bpm), Step("pause", 5.0, bpm, length=pause_s), Step("sinus", 15.0, bpm))
        told = onsets(play(patient(*steps, seed=seed), who))
        assert Code.PAUSE in told
        assert Code.EXTREME_BRADY not in told


def test_pauses_that_follow_each_other_are_an_extreme_bradycardia() -> None:
    pauses = (Step("pause", 2.6, 125.0, length=1.9),) * 4
    told = onsets(play(patient(Step("sinus", 20.0, 125.0), *pauses, Step("sinus", 10.0, 125.0)), NEONATE))
    assert 22.0 < told[Code.EXTREME_BRADY] < 27.0


def noisy(recording: Recording, begin_s: float, end_s: float, mv: float) -> Recording:
    rng = np.random.default_rng(1)
    samples = recording.samples.copy()
    part = samples[:, round(begin_s * RATE) : round(end_s * RATE)]
    part += (mv * 200 * rng.standard_normal(part.shape)).astype(np.int16)
    return replace(recording, samples=samples)


def test_noise_in_which_no_rate_is_known_cannot_be_analysed() -> None:
    found = play(noisy(patient(Step("sinus", 90.0)), 20.0, 65.0, 1.5))
    noisy_s = [t for t in found.trends if 25 * RATE <= t.first < 64 * RATE]
    assert {q for t in noisy_s for q in t.quality} == {Quality.NOISY}
    assert {t.rate_bpm for t in noisy_s} == {None}
    told = of(found, Code.CANNOT_ANALYZE_ECG)
    assert [t.phase for t in told] == [Phase.ONSET, Phase.OFFSET]
    assert 39.0 < told[0].sample / RATE < 52.0
    assert told[1].sample < 80 * RATE


def test_noise_in_which_the_rate_is_known_can_be_analysed() -> None:
    found = play(noisy(patient(Step("sinus", 90.0)), 20.0, 85.0, 0.08))
    assert Quality.NOISY in {q for t in found.trends for q in t.quality}
    assert Code.CANNOT_ANALYZE_ECG not in onsets(found)


def test_beats_on_both_sides_of_a_loss_make_no_pair_and_no_run() -> None:
    for length, code in ((1, Code.PAIR_PVC), (2, Code.RUN_PVC)):
        steps = (Step("sinus", 20.0), Step("run", 3.0, 90.0, length=length), Step("sinus", 30.0))
        whole = patient(*steps, Step("run", 3.0, 90.0, length=length), Step("sinus", 20.0))
        wide = [at for at, kind in whole.truth.beats if kind == "V"]
        assert len(wide) == 2 * length
        begin, end = wide[length - 1] / RATE + 0.45, wide[length] / RATE - 0.55
        told = onsets(play(off(whole, begin, end)))
        assert not {Code.PAIR_PVC if length == 1 else Code.RUN_PVC, Code.NONSUST_VT} & set(told), (code, told)


def test_nothing_is_lost_in_frames_that_are_short() -> None:
    fast = patient(Step("svt", 40.0, 292.0))
    short, long = (play(fast, NEONATE, frame_s=s) for s in (0.04, 0.5))
    beats = [[b.sample for t in found.trends for b in t.beats] for found in (short, long)]
    assert len(beats[1]) > 120
    assert beats[0] == beats[1]


def test_what_finds_no_room_is_told_and_not_lost() -> None:
    state, out = new_states(1)[0], new_out(1, 1, 1)
    begin(state, ASYSTOLE, 1000, 0, 4.0, 4.0, out)
    assert whole(out) is out
    begin(state, VTACH, 1000, 0, 120.0, 100.0, out)
    with pytest.raises(RuntimeError, match="2 changes were reported in one pass and there is room for 1"):
        whole(out)


def test_the_state_does_not_depend_on_where_a_frame_was_cut() -> None:
    uneven = patient(Step("af", 60.0, 90.0), seed=1)
    begins = [round((7.03 + 1.13 * k) * RATE) for k in range(46)]
    spans = tuple(Span(0, begin, begin + round(0.3 * RATE), Flaw.INVALID) for begin in begins)
    two = replace(uneven, signals=uneven.signals[:2], samples=uneven.samples[:2], spans=spans)
    states = []
    for frame_s in (0.5, 0.02):
        bank = Bank(0.0)
        for frame in frames(two, frame_s):
            if not frame.ends:
                bank.take([frame])
        states.append(bank.state(BedId("patient")).tobytes())
    assert states[0] == states[1]


@pytest.mark.parametrize("seed", [2, 3])
def test_a_tachycardia_behind_a_gap_has_not_lasted_through_it(seed: int) -> None:
    steps = (Step("sinus", 39.0), Step("vt", 1.5, 150.0), Step("sinus", 36.0), Step("vt", 20.0, 150.0))
    found = play(patient(*steps, seed=seed), gap_s=(40.6, 76.0), frame_s=0.25)
    assert Code.VTACH in onsets(found)
    assert of(found, Code.VTACH_SUSTAINED) == []


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_behind_fibrillation_a_rate_has_only_beats_that_came_after_it(seed: int) -> None:
    found = play(patient(Step("sinus", 25.0), Step("vf", 14.0), Step("sinus", 14.0, 80.0), seed=seed), frame_s=0.25)
    assert Code.VFIB in onsets(found)
    rates = {Code.EXTREME_BRADY, Code.HR_LOW, Code.EXTREME_TACHY, Code.HR_HIGH}
    told = [t for t in found.triggers if t.code in rates and t.phase is not Phase.OFFSET]
    assert [(t.code, t.value) for t in told if not t.suppressed_by and t.sample > 39.0 * RATE] == []
    shown = [second.rate_bpm for second in found.trends[39:]]
    assert shown[-1] is not None
    assert all(bpm is None or abs(bpm - 80.0) < 4.0 for bpm in shown)


def test_a_slow_heart_behind_fibrillation_is_told_within_ten_seconds() -> None:
    found = play(patient(Step("sinus", 25.0), Step("vf", 14.0), Step("sinus", 14.0, 36.0), seed=5), frame_s=0.25)
    told = [t.sample / RATE for t in of(found, Code.EXTREME_BRADY) if t.phase is Phase.ONSET and not t.suppressed_by]
    assert len(told) == 1
    assert 45.0 < told[0] < 49.0
