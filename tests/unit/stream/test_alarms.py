"""Alarms through the whole path: simulated patients whose rhythm lies just inside and just outside each limit."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ingest import waveform
from ingest.bed import BedContext, BedState, PatientClass
from ingest.frame import BedId, Flaw, Span
from ingest.recording import Recording
from ingest.scenario import SCENARIOS, Scenario, Step
from ingest.simulator import simulate
from stream.bank import Bank
from stream.bed import Findings
from stream.catalogue import Choices, Code, Priority
from stream.checkpoint import decode_checkpoint
from stream.limits import Limits
from stream.offline import analyse, frames
from stream.policy import Policy, problems
from stream.trigger import Phase, Trigger

ADULT, PAEDIATRIC, NEONATE = PatientClass
SEED = 4


def play(recording: Recording, bank: Bank | None = None, frame_s: float = 0.5) -> list[Trigger]:
    bank = bank or Bank(0.0)
    return [t for f in frames(recording, frame_s) for t in bank.take([f]).triggers]


def patient(*steps: Step, seconds: float | None = None, seed: int = SEED) -> Recording:
    script = Scenario("patient", steps)
    return simulate(script, seconds or script.seconds, seed=seed, name="patient")


def bank_for(who: PatientClass = ADULT, policy: Policy | None = None, paced: bool | None = None) -> Bank:
    bank = Bank(0.0)
    bank.set_context(BedContext(BedId("patient"), patient_class=who, paced=paced))
    if policy is not None:
        bank.set_policy(policy)
    return bank


def analyse_for(who: PatientClass, recording: Recording) -> Findings:
    bank, found = bank_for(who), Findings()
    for frame in frames(recording, 0.25):
        bank.take([frame], found)
    return found


def announced(triggers: list[Trigger]) -> set[Code]:
    return {t.code for t in triggers if t.phase is not Phase.OFFSET and not t.suppressed_by}


def onsets(triggers: list[Trigger]) -> set[Code]:
    return {t.code for t in triggers if t.phase is Phase.ONSET}


def of(recording: Recording, who: PatientClass = ADULT) -> set[Code]:
    return onsets(play(recording, bank_for(who)))


@pytest.mark.parametrize(
    ("who", "code", "outside", "inside"),
    [
        (ADULT, Code.HR_HIGH, 124.0, 116.0),
        (PAEDIATRIC, Code.HR_HIGH, 165.0, 155.0),
        (NEONATE, Code.HR_HIGH, 206.0, 194.0),
        (ADULT, Code.EXTREME_TACHY, 145.0, 135.0),
        (PAEDIATRIC, Code.EXTREME_TACHY, 186.0, 174.0),
        (NEONATE, Code.EXTREME_TACHY, 227.0, 213.0),
        (ADULT, Code.HR_LOW, 48.0, 52.0),
        (PAEDIATRIC, Code.HR_LOW, 72.0, 78.0),
        (NEONATE, Code.HR_LOW, 96.0, 104.0),
        (ADULT, Code.EXTREME_BRADY, 38.0, 42.0),
        (PAEDIATRIC, Code.EXTREME_BRADY, 53.0, 57.0),
        (NEONATE, Code.EXTREME_BRADY, 77.0, 83.0),
    ],
)
def test_limits_of_the_rate(who: PatientClass, code: Code, outside: float, inside: float) -> None:
    assert code in of(patient(Step("sinus", 30.0, outside)), who)
    assert code not in of(patient(Step("sinus", 30.0, inside)), who)


@pytest.mark.parametrize(
    ("who", "code", "beyond_s", "short_s"),
    [
        (ADULT, Code.ASYSTOLE, 4.6, 3.9),
        (PAEDIATRIC, Code.ASYSTOLE, 3.6, 2.9),
        (NEONATE, Code.ASYSTOLE, 3.6, 2.9),
        (ADULT, Code.PAUSE, 2.6, 1.9),
        (PAEDIATRIC, Code.PAUSE, 2.1, 1.4),
        (NEONATE, Code.PAUSE, 2.1, 1.4),
    ],
)
def test_time_without_a_beat(who: PatientClass, code: Code, beyond_s: float, short_s: float) -> None:
    for length, true in ((beyond_s, True), (short_s, False)):
        recording = patient(Step("sinus", 14.0), Step("pause", 6.0, length=length), Step("sinus", 10.0))
        assert (code in of(recording, who)) == true, length


@pytest.mark.parametrize(
    ("who", "bpm", "length"),
    [
        (ADULT, 72.0, 2.05),
        (ADULT, 72.0, 2.1),
        (ADULT, 72.0, 2.3),
        (PAEDIATRIC, 110.0, 1.55),
        (PAEDIATRIC, 110.0, 1.7),
        (NEONATE, 110.0, 1.55),
        (NEONATE, 110.0, 1.7),
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_silence_that_is_over_when_it_is_decided_is_told_behind_the_beat_that_ends_it(
    who: PatientClass, bpm: float, length: float, seed: int
) -> None:
    steps = Step("sinus", 14.0, bpm), Step("pause", 4.0, bpm, length=length), Step("sinus", 8.0, bpm)
    recording = patient(*steps, seed=seed)
    before, after = max(pairwise(at for at, _ in recording.truth.beats), key=lambda two: two[1] - two[0])
    told = [t for t in play(recording, bank_for(who), 0.25) if t.code in (Code.PAUSE, Code.MISSED_BEAT)]
    assert [(t.code, t.phase, t.suppressed_by) for t in told] == [
        (Code.PAUSE, Phase.ONSET, ""),
        (Code.PAUSE, Phase.OFFSET, ""),
    ]
    assert before < told[0].sample <= told[1].sample < after + 25
    assert told[0].priority is Priority.MEDIUM


@pytest.mark.parametrize(("who", "length"), [(ADULT, 4.05), (ADULT, 4.1), (PAEDIATRIC, 3.05), (NEONATE, 3.1)])
def test_a_standstill_that_is_over_when_it_is_decided_is_told_and_its_length_counts_in_the_rate(
    who: PatientClass, length: float
) -> None:
    found = analyse_for(who, patient(Step("sinus", 14.0), Step("pause", 6.0, length=length), Step("sinus", 8.0)))
    told = [(t.phase, t.suppressed_by) for t in found.triggers if t.code is Code.ASYSTOLE]
    assert told == [(Phase.ONSET, ""), (Phase.OFFSET, "")]
    after = next(t.sample for t in found.triggers if t.code is Code.ASYSTOLE and t.phase is Phase.OFFSET)
    assert [t.rate_bpm is None for t in found.trends if after < t.first < after + 4 * 500] == [False] * 4


def test_pauses_just_over_the_limit_are_told_one_by_one_and_together_when_they_are_many() -> None:
    script = Step("sinus", 20.0), *[Step("pause", 6.0, length=2.1)] * 9, Step("sinus", 6.0)
    found = play(patient(*script), bank_for(), 0.25)
    assert sum(t.code is Code.PAUSE and t.phase is Phase.ONSET for t in found) == 9
    assert Code.PAUSES_PER_MIN in announced(found)


@pytest.mark.parametrize(
    ("low", "back", "code"),
    [(34.0, 72.0, Code.HR_LOW), (165.0, 80.0, Code.HR_HIGH)],
)
def test_a_limit_of_the_rate_is_not_announced_when_the_rate_is_back_inside_it(
    low: float, back: float, code: Code
) -> None:
    found = play(patient(Step("sinus", 20.0), Step("sinus", 15.0, low), Step("sinus", 20.0, back)), bank_for(), 0.25)
    extreme = Code.EXTREME_BRADY if code is Code.HR_LOW else Code.EXTREME_TACHY
    over = next(t.sample for t in found if t.code is extreme and t.phase is Phase.OFFSET)
    mild = [t for t in found if t.code is code]
    assert [t for t in mild if t.sample >= over and t.phase is not Phase.OFFSET] == []
    assert max(t.sample for t in mild) <= over


def test_a_limit_of_the_rate_is_announced_behind_an_extreme_rate_while_it_is_still_beyond_it() -> None:
    found = play(patient(Step("sinus", 20.0), Step("sinus", 15.0, 34.0), Step("sinus", 20.0, 46.0)), bank_for(), 0.25)
    over = next(t.sample for t in found if t.code is Code.EXTREME_BRADY and t.phase is Phase.OFFSET)
    assert [t.suppressed_by for t in found if t.code is Code.HR_LOW and t.sample == over] == [""]


@pytest.mark.parametrize(("delay_s", "legal"), [(5.0, True), (6.0, False)])
def test_the_sum_of_delays_that_is_checked_is_the_time_that_a_fall_of_the_rate_takes(
    delay_s: float, legal: bool
) -> None:
    policy = Policy(adult=Limits(hr_low_bpm=40.0, hr_delay_s=delay_s, extreme_low_floor_bpm=30.0))
    assert (problems(policy) == []) == legal
    recording = patient(Step("sinus", 20.0, 75.0), Step("sinus", 30.0, 39.0))
    (told,) = [
        t for t in play(recording, bank_for(policy=policy), 0.25) if t.code is Code.HR_LOW and t.phase is Phase.ONSET
    ]
    last = next(a for (a, _), (b, _) in pairwise(recording.truth.beats) if b - a > 1.2 * 500)
    assert ((told.sample - last) / 500.0 <= 10.0) == legal


def test_a_gap_and_a_lead_that_is_off_are_no_flat_line() -> None:
    recording = patient(Step("sinus", 40.0))
    still = recording.samples.copy()
    still[:, 15 * 500 : 25 * 500] = still[:, 15 * 500 - 1 : 15 * 500]
    assert Code.ASYSTOLE in of(replace(recording, samples=still))
    spans = tuple(Span(row, 15 * 500, 25 * 500, Flaw.LEAD_OFF) for row in range(12))
    assert not {Code.ASYSTOLE, Code.PAUSE} & of(replace(recording, spans=spans))
    bank, found = bank_for(), []
    for frame in frames(recording, 0.5):
        if not 15 * 500 <= frame.first < 25 * 500:
            found += bank.take([frame]).triggers
    assert not {Code.ASYSTOLE, Code.PAUSE, Code.MISSED_BEAT} & onsets(found)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("bigeminy", Code.BIGEMINY),
        ("trigeminy", Code.TRIGEMINY),
        ("ront", Code.R_ON_T),
        ("multiform", Code.MULTIFORM_PVC),
        ("vent-rhythm", Code.VENT_RHYTHM),
        ("svt", Code.SVT),
        ("pvc-run", Code.NONSUST_VT),
        ("irregular", Code.IRREGULAR_HR),
        ("vt", Code.VTACH),
        ("vt", Code.RAPID_VT),
        ("vf", Code.VFIB),
    ],
)
def test_each_rhythm_of_the_scripts_is_announced(name: str, code: Code) -> None:
    recording = simulate(SCENARIOS[name], 110.0, seed=5, name="patient")
    assert code in announced(play(recording, bank_for()))


def test_no_yellow_call_runs_ahead_of_a_red_one() -> None:
    for name, red in (("vt", Code.VTACH), ("vf", Code.VFIB)):
        triggers = play(simulate(SCENARIOS[name], 40.0, seed=5, name="patient"), bank_for())
        first = next(k for k, t in enumerate(triggers) if t.code is red)
        assert [t.code for t in triggers[:first] if t.priority is not Priority.HIGH] == []


def test_a_pacer_without_capture_is_called_at_a_paced_bed_only() -> None:
    recording = simulate(SCENARIOS["noncapture"], 50.0, seed=5, name="patient")
    assert len(recording.pacer) > 40
    assert Code.PACER_NOT_CAPTURE in announced(play(recording, bank_for(paced=True)))
    assert Code.PACER_NOT_CAPTURE not in onsets(play(recording, bank_for(paced=False)))
    assert Code.PACER_NOT_CAPTURE not in onsets(
        play(simulate(SCENARIOS["paced"], 50.0, seed=5, name="patient"), bank_for(paced=True))
    )


def test_a_pacer_that_falls_silent() -> None:
    recording = patient(Step("paced", 20.0, 70.0), Step("asystole", 3.0), Step("paced", 15.0, 70.0))
    assert Code.PACER_NOT_PACING in announced(play(recording, bank_for(paced=True)))


def test_noise_and_a_lost_main_lead_are_told() -> None:
    quiet = patient(Step("sinus", 50.0))
    noisy = quiet.samples + (0.2 * 200 * np.random.default_rng(1).standard_normal(quiet.samples.shape)).astype(np.int16)
    samples = quiet.samples.copy()
    samples[:, 15 * 500 : 40 * 500] = noisy[:, 15 * 500 : 40 * 500]
    assert Code.NOISY_ECG in of(replace(quiet, samples=samples))
    two = replace(quiet, samples=quiet.samples[:2], signals=quiet.signals[:2])
    codes = set()
    for row in range(2):
        codes |= of(replace(two, spans=(Span(row, 15 * 500, 35 * 500, Flaw.LEAD_OFF),)))
    assert {Code.LEAD_FALLBACK, Code.LEADS_OFF} <= codes


@pytest.mark.parametrize("level", [Priority.LOW, Priority.HIGH])
def test_leads_off_name_the_leads_and_the_last_one_raises_the_level_that_the_unit_chose(level: Priority) -> None:
    quiet = patient(Step("sinus", 40.0))
    spans = [Span(1, 10 * 500, 32 * 500, Flaw.LEAD_OFF)]
    spans += [Span(row, 18 * 500, 24 * 500, Flaw.LEAD_OFF) for row in range(12) if row != 1]
    bank = bank_for(policy=Policy(choices=Choices(leads_off=level)))
    triggers = [t for t in play(replace(quiet, spans=tuple(spans)), bank) if t.code is Code.LEADS_OFF]
    begun = [t for t in triggers if t.phase is Phase.ONSET]
    assert [t.priority for t in begun] == [Priority.LOW, level, Priority.LOW]
    assert [round(t.sample / 500.0, 1) for t in begun[:2]] == [12.0, 20.0]
    assert begun[0].text == "1 of 12 leads off: II"
    assert begun[1].text.startswith("12 of 12 leads off: I, II, III")
    assert len([t for t in triggers if t.phase is Phase.OFFSET]) == 3


@pytest.mark.parametrize("rows", [[6], list(range(12))])
def test_leads_that_are_off_from_the_begin_are_named_and_nothing_is_lost_by_them(rows: list[int]) -> None:
    quiet = patient(Step("sinus", 20.0))
    off = replace(quiet, spans=tuple(Span(row, 0, 15 * 500, Flaw.LEAD_OFF) for row in rows))
    triggers = play(off, bank_for(policy=Policy(choices=Choices(leads_off=Priority.HIGH))))
    begun, over = (t for t in triggers if t.code is Code.LEADS_OFF)
    assert (begun.sample / 500.0, begun.priority, over.phase) == (10.0, Priority.LOW, Phase.OFFSET)
    assert begun.text.startswith("1 of 12 leads off: V1" if len(rows) == 1 else "12 of 12 leads off: I, II")


def test_a_dead_lead_is_named() -> None:
    quiet = patient(Step("sinus", 40.0))
    samples = quiet.samples.copy()
    samples[6, 12 * 500 :] = samples[6, 12 * 500]
    (told,) = [
        t for t in play(replace(quiet, samples=samples)) if t.code is Code.REPLACE_LEAD and t.phase is Phase.ONSET
    ]
    assert told.text.endswith("beats: V1")
    assert told.suppressed_by == ""


def test_a_rate_limit_gives_way_to_the_extreme_rate_that_follows_it() -> None:
    recording = patient(
        Step("sinus", 30.0), Step("sinus", 20.0, 130.0), Step("sinus", 20.0, 172.0), Step("sinus", 20.0)
    )
    found = [t for t in play(recording) if t.code in (Code.HR_HIGH, Code.EXTREME_TACHY)]
    extreme = next(t for t in found if t.code is Code.EXTREME_TACHY)
    (displaced,) = [t for t in found if t.suppressed_by == "inhibited by EXTREME_TACHY"][:1]
    assert (displaced.code, displaced.phase, displaced.sample) == (Code.HR_HIGH, Phase.UPDATE, extreme.sample)
    apart = Policy(choices=Choices(hr_in_chain=False))
    assert not [t for t in play(recording, bank_for(policy=apart)) if t.code is Code.HR_HIGH and t.suppressed_by]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_slow_ventricular_rhythm_is_red_from_its_fifth_beat_to_its_end(seed: int) -> None:
    recording = patient(Step("sinus", 30.0), Step("vt", 30.0, 33.0), seed=seed)
    found = [t for t in play(recording) if t.code is Code.VENT_BRADY]
    assert [(t.phase, t.suppressed_by) for t in found] == [(Phase.ONSET, ""), (Phase.OFFSET, "")]
    assert found[0].sample / 500.0 < 30.0 + 5 * 60.0 / 33.0
    assert found[1].sample >= recording.samples.shape[1] - 1


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_slow_rhythm_of_wide_beats_alone_is_an_extreme_bradycardia(seed: int) -> None:
    recording = patient(Step("vt", 30.0, 33.0), seed=seed)
    found = [t for t in play(recording) if t.priority is Priority.HIGH]
    assert [(t.code, t.phase) for t in found] == [
        (Code.EXTREME_BRADY, Phase.ONSET),
        (Code.EXTREME_BRADY, Phase.OFFSET),
    ]
    assert found[0].sample < 15 * 500


@pytest.mark.parametrize(("size", "leads"), [(1.0, None), (2.0, [1]), (2.7, None), (2.7, [1])])
def test_p_waves_of_a_complete_block_are_no_beats_though_nothing_else_was_there_to_be_learnt(
    size: float, leads: list[int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waveform, "P", tuple((c, w, *(size * v for v in xyz)) for c, w, *xyz in waveform.P))
    for seed in (1, 5, 6, 7):
        recording = patient(Step("avblock3", 40.0, 38.0), seed=seed)
        if leads is not None:
            chosen = tuple(recording.signals[k] for k in leads)
            recording = replace(recording, signals=chosen, samples=recording.samples[leads])
        found = analyse(recording)
        beats = [b.sample / 500.0 for t in found.trends for b in t.beats if 12 * 500 < b.sample < 39 * 500]
        true = [at / 500.0 for at, _ in recording.truth.beats if 12 * 500 < at < 39 * 500]
        assert len(beats) == len(true), (seed, len(beats), len(true))
        (brady,) = [t for t in found.triggers if t.code is Code.EXTREME_BRADY and t.phase is Phase.ONSET]
        assert brady.sample < 18 * 500


def test_a_small_qrs_is_told() -> None:
    recording = patient(Step("sinus", 40.0))
    small = (recording.samples * 0.22).astype(np.int16)
    assert Code.LOW_QRS_AMPLITUDE in of(replace(recording, samples=small))
    assert Code.LOW_QRS_AMPLITUDE not in of(recording)


def test_a_bed_set_to_standby_ends_its_alarms_and_says_them_again_when_it_is_monitored() -> None:
    recording = patient(Step("sinus", 15.0), Step("asystole", 25.0), Step("sinus", 10.0))
    bank, found = bank_for(), []
    context = BedContext(BedId("patient"))
    for frame in frames(recording, 0.5):
        if frame.first == 25 * 500:
            found += bank.set_context(replace(context, state=BedState.STANDBY)).triggers
        if frame.first == 30 * 500:
            found += bank.set_context(context).triggers
        found += bank.take([frame]).triggers
    red = [t for t in found if t.code is Code.ASYSTOLE]
    assert [(t.phase, t.suppressed_by) for t in red] == [
        (Phase.ONSET, ""),
        (Phase.OFFSET, ""),
        (Phase.ONSET, "bed is on standby"),
        (Phase.UPDATE, ""),
        (Phase.OFFSET, ""),
    ]
    assert [round(t.sample / 500.0) for t in red[1:4]] == [25, 25, 31]
    assert len({t.id for t in red}) == 2


def test_settings_are_told_and_every_suppression_names_its_rule() -> None:
    recording = simulate(SCENARIOS["tachy"], 60.0, seed=5, name="patient")
    triggers = play(recording, bank_for(policy=Policy(off=frozenset({Code.HR_HIGH}))))
    assert announced(triggers) == {Code.SOME_ALARMS_OFF}
    (held,) = [t for t in triggers if t.code is Code.HR_HIGH and t.phase is Phase.ONSET]
    assert held.suppressed_by == "switched off by policy default revision 0"


@pytest.mark.parametrize("at_s", [43.0, 61.3, 104.6])
def test_timeouts_and_patterns_go_on_behind_a_restart_bit_for_bit(at_s: float) -> None:
    recording = simulate(SCENARIOS["pvc"], 115.0, seed=5, name="patient")
    whole, found, bank = play(recording, bank_for()), [], bank_for()
    assert any("timeout" in t.suppressed_by for t in whole)
    played = list(frames(recording, 0.5))
    cut = next(k for k, f in enumerate(played) if f.first >= at_s * 500)
    for k, frame in enumerate(played):
        if k == cut:
            _, payload = bank.checkpoint(BedId("patient"))
            bank = Bank(0.0)
            assert bank.resume(*decode_checkpoint(payload)) is None
            for old in played[max(0, cut - 60) : cut]:
                assert bank.take([old]).triggers == []
        found += bank.take([frame]).triggers
    assert found == whole


def test_the_frames_of_a_paced_bed_may_be_cut_anyhow() -> None:
    recording = simulate(SCENARIOS["noncapture"], 45.0, seed=5, name="patient")
    assert play(recording, bank_for(paced=True), 0.25) == play(recording, bank_for(paced=True), 0.7)
