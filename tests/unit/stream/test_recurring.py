"""A tachycardia on one lead, along which it hardly runs: told by waves that recur, although every second beat is passed over."""

import pytest

from infra.score.latency import SLOW_VT, Way, score_case
from ingest.scenario import Step
from stream.catalogue import Code
from stream.offline import analyse
from stream.trigger import Phase
from tests.unit.stream.scripted import patient

ALONE = Way(leads=("II",))
WITHIN_S = 1.0


@pytest.mark.parametrize("seed", [2, 7, 10, 15, 17])
@pytest.mark.parametrize("case", ["vt", SLOW_VT])
def test_on_lead_ii_alone_it_is_told_as_soon_as_its_fifth_wave_has_been_seen(case: str, seed: int) -> None:
    (found,) = score_case((case, seed), ALONE)
    assert found.seconds is not None
    assert found.seconds < WITHIN_S


@pytest.mark.parametrize("seed", [6, 15])
def test_fibrillation_that_waxes_and_wanes_in_the_only_lead_is_told_in_time(seed: int) -> None:
    (found,) = score_case(("vf", seed), ALONE)
    assert found.seconds is not None
    assert found.seconds < WITHIN_S


@pytest.mark.parametrize("seed", [2, 10])
def test_waves_that_recur_are_no_fibrillation_while_a_tachycardia_is_told(seed: int) -> None:
    recording = patient(Step("sinus", 21.0, 75.0), Step("vt", 12.0, 170.0), seed=seed, seen=("II",), rate_hz=500.0)
    found = analyse(recording, 0.25).triggers
    assert [t for t in found if t.code is Code.VTACH and t.phase is Phase.ONSET and not t.suppressed_by]
    assert not [t for t in found if t.code is Code.VFIB]


@pytest.mark.parametrize("rhythm", ["bigeminy", "trigeminy", "couplet", "multiform", "ront", "pac"])
@pytest.mark.parametrize("lead", ["II", "V1"])
def test_single_beats_and_pairs_are_none(rhythm: str, lead: str) -> None:
    for seed in (1, 2):
        recording = patient(Step("sinus", 12.0, 80.0), Step(rhythm, 20.0, 85.0), seed=seed, seen=(lead,))
        assert not [t for t in analyse(recording).triggers if t.code is Code.VTACH and not t.suppressed_by]
