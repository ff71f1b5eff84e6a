"""Beats that cannot be vouched for: what they keep back, what comes all the same, and what is recorded of it.

Trees that say the same of every beat, or of every run, take the place of the learnt ones.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.bed import Findings
from stream.catalogue import Code
from stream.measurement import Quality, Reason
from stream.models import Models, models
from stream.offline import analyse
from stream.trigger import Phase, Trigger

RATE = 250.0
DOUBT = "the beats cannot be vouched for"


def saying(odds: float) -> np.ndarray:
    """Trees with these log odds whatever they see."""
    return np.array([[-1.0, 0.0, 0.0, 0.0, odds, 0.0]])


def doubting(share: float, run: float | None = None) -> Models:
    """Every beat is an artefact with this probability; every run a tachycardia with these log odds."""
    learnt = models()._replace(artefact=saying(math.log(share / (1.0 - share))))
    return learnt if run is None else learnt._replace(run=saying(run))


def patient(*steps: Step) -> Recording:
    script = Scenario("patient", steps)
    return simulate(script, script.seconds, seed=3, rate_hz=RATE, name="patient")


def of(found: Findings, code: Code) -> list[Trigger]:
    return [t for t in found.triggers if t.code is code]


def onset(recording: Recording, learnt: Models, code: Code) -> Trigger:
    (told,) = [t for t in of(analyse(recording, 0.5, learnt=learnt), code) if t.phase is Phase.ONSET]
    return told


FAST = patient(Step("sinus", 15.0), Step("sinus", 25.0, 172.0))


@pytest.mark.parametrize(("code", "bpm"), [(Code.HR_HIGH, 132.0), (Code.HR_LOW, 45.0), (Code.EXTREME_TACHY, 172.0)])
def test_a_rate_of_beats_that_may_be_artefacts_is_kept_back(code: Code, bpm: float) -> None:
    recording = patient(Step("sinus", 15.0), Step("sinus", 25.0, bpm))
    assert onset(recording, doubting(0.001), code).suppressed_by == ""
    assert onset(recording, doubting(0.5), code).suppressed_by == DOUBT


def test_a_rate_that_is_extreme_without_its_artefacts_is_announced_though_it_is_not_known() -> None:
    found = analyse(FAST, 0.5, learnt=doubting(0.1))
    told = next(t for t in of(found, Code.EXTREME_TACHY) if not t.suppressed_by)
    assert told.phase is not Phase.OFFSET
    assert told.sample / RATE < 20.0
    assert {t.rate_bpm for t in found.trends if t.first > 25 * RATE} == {None}


def test_artefacts_make_no_heart_look_slow() -> None:
    recording = patient(Step("sinus", 15.0), Step("sinus", 30.0, 34.0))
    assert onset(recording, doubting(0.5), Code.EXTREME_BRADY).suppressed_by == ""


def test_what_was_kept_back_is_announced_when_the_beats_can_be_vouched_for() -> None:
    """The second half of the beats is unlike the first, which the trees take for artefacts by the form's own age alone."""
    learnt = models()._replace(artefact=np.array([[-1, 0, 0, 0, 0.0, 0], [11, 4.6, 1, 2, 0.0, 3], [-1, 0, 0, 0, 0.0, 0],
                                                  [-1, 0, 0, 0, -9.0, 0]], float))  # fmt: skip
    found = of(analyse(patient(Step("sinus", 120.0, 132.0)), 0.5, learnt=learnt), Code.HR_HIGH)
    # in doubt for so long no lead could be analysed either, which ends a moment later
    told = [(Phase.ONSET, DOUBT), (Phase.UPDATE, "inhibited by CANNOT_ANALYZE_ECG"), (Phase.UPDATE, "")]
    assert [(t.phase, t.suppressed_by) for t in found[:3]] == told
    assert len({t.id for t in found[:3]}) == 1
    assert found[2].sample - found[1].sample <= 500


VT = patient(Step("sinus", 20.0), Step("vt", 12.0, 150.0), Step("sinus", 10.0))


def test_a_run_of_beats_hidden_as_artefacts_is_kept_back_with_all_its_kinds() -> None:
    found = analyse(VT, 0.5, learnt=doubting(0.5, run=-1.0))
    kept = of(found, Code.VTACH)
    assert [t.suppressed_by for t in kept if t.phase is Phase.ONSET] == [DOUBT]
    assert of(found, Code.RAPID_VT) == []
    assert of(found, Code.VTACH_SUSTAINED) == []
    assert "vtach" not in {t.rhythm for t in found.trends}


@pytest.mark.parametrize(("share", "odds"), [(0.001, -1.0), (0.5, 1.0), (0.9, 5.0)])
def test_a_tachycardia_comes_where_its_beats_are_vouched_for_or_it_is_likely_by_itself(
    share: float, odds: float
) -> None:
    assert onset(VT, doubting(share, run=odds), Code.VTACH).suppressed_by == ""


@pytest.mark.parametrize(("rhythm", "code"), [("vf", Code.VFIB), ("asystole", Code.ASYSTOLE)])
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_fibrillation_and_asystole_are_never_kept_for_doubt(rhythm: str, code: Code, share: float) -> None:
    assert onset(patient(Step("sinus", 18.0), Step(rhythm, 14.0)), doubting(share), code).suppressed_by == ""


def test_no_lead_is_good_while_the_beats_cannot_be_vouched_for() -> None:
    trends = analyse(FAST, 0.5, learnt=doubting(0.2)).trends
    late = [t for t in trends if t.first > 20 * RATE]
    assert {(q, r) for t in late for q, r in zip(t.quality, t.reasons, strict=True)} == {(Quality.NOISY, Reason.DOUBT)}


def test_a_long_run_that_was_judged_to_be_none_is_called_while_it_lasts() -> None:
    found = analyse(VT, 0.5, learnt=doubting(0.001, run=-9.0))
    assert of(found, Code.VTACH) == []
    told = next(t for t in of(found, Code.RUN_PVC) if t.phase is Phase.ONSET)
    assert told.sample / RATE < 20.0 + 9 * 60.0 / 150.0 + 1.0


def in_motion(bpm: float, seed: int) -> Recording:
    """Two leads with motion of their electrodes from 30 to 60 s: 1 to 8 Hz, half as high as the QRS."""
    script = Scenario("patient", (Step("sinus", 80.0, bpm),))
    quiet = simulate(script, 80.0, seed=seed, rate_hz=RATE, name="patient")
    rng, count = np.random.default_rng(seed), quiet.samples.shape[1]
    band = butter(2, (1.0, 8.0), "bandpass", fs=RATE, output="sos")
    one, two = (sosfilt(band, rng.standard_normal(count)) for _ in range(2))
    moved = 100.0 * np.stack([one / one.std(), 0.8 * one / one.std() + 0.4 * two / two.std()])
    still = np.arange(count) // RATE
    samples = quiet.samples[:2] + np.where((still >= 30) & (still < 60), moved, 0.0)
    return replace(quiet, samples=np.round(samples).astype(np.int16), signals=quiet.signals[:2], spans=())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_motion_of_the_electrodes_announces_no_fast_heart_and_records_what_it_looked_like(seed: int) -> None:
    found = analyse(in_motion(95.0, seed), 0.5)
    fast = [t for code in (Code.EXTREME_TACHY, Code.HR_HIGH) for t in of(found, code)]
    assert [t for t in fast if t.phase is not Phase.OFFSET and not t.suppressed_by] == []
    assert DOUBT in {t.suppressed_by for t in fast}
    assert Code.NOISY_ECG in {t.code for t in found.triggers}


@pytest.mark.parametrize("frame_s", [0.25, 0.333])
def test_what_is_kept_back_does_not_depend_on_how_frames_are_cut(frame_s: float) -> None:
    recording = in_motion(95.0, 1)
    assert analyse(recording, frame_s).triggers == analyse(recording, 0.5).triggers
