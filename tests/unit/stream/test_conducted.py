"""Bundle branch block through the whole path: wide beats that are neither fibrillation nor ventricular tachycardia."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.recording import Recording
from ingest.scenario import SCENARIOS, Scenario, Step
from ingest.simulator import simulate
from stream.catalogue import Code, Priority
from stream.offline import analyse
from stream.trigger import Phase, Trigger

SEEDS = (1, 2, 3)


def patient(*steps: Step, seed: int, rate_hz: float = 250.0, conduction: str = "N") -> Recording:
    script = Scenario("patient", steps, conduction)
    return simulate(script, script.seconds, seed=seed, rate_hz=rate_hz, name="patient")


def red(recording: Recording) -> list[Trigger]:
    return [t for t in analyse(recording, 0.5).triggers if t.priority is Priority.HIGH and t.phase is Phase.ONSET]


@pytest.mark.parametrize(("bpm", "rate_hz"), [(125.0, 250.0), (125.0, 500.0), (105.0, 500.0)])
@pytest.mark.parametrize("seed", SEEDS)
def test_left_block_in_fast_atrial_fibrillation_is_no_fibrillation_of_the_ventricles(
    bpm: float, rate_hz: float, seed: int
) -> None:
    recording = patient(Step("sinus", 20.0, 75.0), Step("af", 30.0, bpm), seed=seed, rate_hz=rate_hz, conduction="L")
    assert Code.VFIB not in {t.code for t in red(recording)}


@pytest.mark.parametrize("seed", SEEDS)
def test_left_block_in_atrial_fibrillation_with_which_a_session_begins_is_none_either(seed: int) -> None:
    recording = patient(Step("af", 60.0, 125.0), seed=seed, conduction="L")
    assert Code.VFIB not in {t.code for t in red(recording)}


@pytest.mark.parametrize("conduction", "NL")
@pytest.mark.parametrize("seed", SEEDS)
def test_fibrillation_comes_whatever_the_beats_before_it_were(conduction: str, seed: int) -> None:
    recording = patient(Step("sinus", 18.0), Step("vf", 14.0), seed=seed, conduction=conduction)
    (onset,) = [t for t in red(recording) if t.code is Code.VFIB]
    assert onset.suppressed_by == ""
    assert onset.sample / 250.0 < 24.0


def test_fibrillation_with_which_a_session_begins_comes_too() -> None:
    for seed in SEEDS:
        assert Code.VFIB in {t.code for t in red(patient(Step("vf", 20.0), seed=seed))}


def turning(seed: int) -> Recording:
    """Sinus rhythm of 112/min whose left bundle fails at 60 s."""
    before, behind = (patient(Step("sinus", 60.0, 112.0), seed=seed, conduction=c) for c in "NL")
    return replace(before, samples=np.hstack([before.samples, behind.samples]), spans=())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_block_that_begins_at_an_unchanged_rate_is_kept_back_with_its_reason(seed: int) -> None:
    found = [t for t in analyse(turning(seed), 0.5).triggers if t.priority is Priority.HIGH]
    assert {t.code for t in found} <= {Code.VTACH}
    assert {t.suppressed_by for t in found} <= {"conducted: no jump of the rate, behind P waves"}


def test_what_is_kept_back_as_conducted_is_recorded() -> None:
    assert [t.code for seed in SEEDS for t in red(turning(seed))].count(Code.VTACH) > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tachycardia_at_the_rate_of_before_without_p_waves_is_announced(seed: int) -> None:
    recording = patient(Step("sinus", 30.0, 112.0), Step("vt", 12.0, 112.0), seed=seed)
    (onset,) = [t for t in red(recording) if t.code is Code.VTACH]
    assert onset.suppressed_by == ""
    assert onset.sample / 250.0 < 35.0


@pytest.mark.parametrize("name", ["lbbb", "rbbb"])
def test_a_block_at_rest_raises_nothing_red(name: str) -> None:
    assert red(simulate(SCENARIOS[name], 60.0, seed=2, rate_hz=250.0, name="patient")) == []
