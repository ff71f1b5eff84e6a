"""Alarms through the whole path: simulated patients whose rhythm lies just inside and just outside each limit."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.bed import BedContext, PatientClass
from ingest.frame import BedId, Flaw, Span
from ingest.recording import Recording
from ingest.scenario import SCENARIOS, Scenario, Step
from ingest.simulator import simulate
from stream.bank import Bank
from stream.catalogue import Code, Priority
from stream.checkpoint import decode_checkpoint
from stream.offline import frames
from stream.policy import Policy
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


def test_a_small_qrs_is_told() -> None:
    recording = patient(Step("sinus", 40.0))
    small = (recording.samples * 0.22).astype(np.int16)
    assert Code.LOW_QRS_AMPLITUDE in of(replace(recording, samples=small))
    assert Code.LOW_QRS_AMPLITUDE not in of(recording)


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
