"""Bundle branch block in a fast rhythm, told by the core of the QRS that the bed showed at rest; and tachycardia beside it."""

import pytest

from ingest.recording import Recording
from ingest.scenario import Step
from stream.catalogue import Code
from stream.episodes import UNPLACED
from stream.offline import analyse
from stream.trigger import Phase, Trigger
from tests.unit.stream.scripted import patient

RATE_HZ = 250.0
REST = Step("sinus", 30.0, 75.0)
THREE = ("I", "II", "V1")
SEEDS = (1, 2, 5, 7)


def onsets(recording: Recording, *codes: Code) -> list[Trigger]:
    return [t for t in analyse(recording).triggers if t.code in codes and t.phase is Phase.ONSET]


def called(recording: Recording) -> list[float]:
    """When (s) VTACH was announced."""
    found = analyse(recording).triggers
    return [
        t.sample / RATE_HZ
        for t in found
        if t.code is Code.VTACH and t.phase is not Phase.OFFSET and not t.suppressed_by
    ]


@pytest.mark.parametrize(
    ("rhythm", "bpm"), [("avblock1", 130.0), ("avblock1", 138.0), ("avblock1", 145.0), ("sinus", 165.0)]
)
@pytest.mark.parametrize("seen", [(), THREE, ("II", "V1")])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_block_that_was_seen_at_rest_is_no_tachycardia_when_it_becomes_fast_at_once(
    rhythm: str, bpm: float, seen: tuple[str, ...], seed: int
) -> None:
    assert called(patient(REST, Step(rhythm, 30.0, bpm), seed=seed, seen=seen, conduction="L")) == []


@pytest.mark.parametrize("bpm", [110.0, 140.0, 170.0, 200.0])
@pytest.mark.parametrize("conduction", "NLR")
@pytest.mark.parametrize("seen", [(), THREE, ("II", "V1")])
def test_a_tachycardia_behind_it_comes_as_soon(bpm: float, conduction: str, seen: tuple[str, ...]) -> None:
    for seed in SEEDS:
        first, *_ = called(patient(REST, Step("vt", 12.0, bpm), seed=seed, seen=seen, conduction=conduction))
        assert 30.0 < first < 34.0


@pytest.mark.parametrize(("slow", "fast"), [(75.0, 120.0), (90.0, 150.0), (105.0, 180.0)])
@pytest.mark.parametrize("seen", [(), THREE, ("II", "V1")])
def test_an_idioventricular_rhythm_has_no_p_waves_and_makes_no_rest(
    slow: float, fast: float, seen: tuple[str, ...]
) -> None:
    for seed in SEEDS:
        assert called(patient(Step("vt", 30.0, slow), Step("vt", 15.0, fast), seed=seed, seen=seen))


def test_what_is_wide_and_of_unknown_origin_is_told_so_with_the_rate() -> None:
    wide = onsets(patient(Step("vt", 20.0, 165.0), seed=1), Code.EXTREME_TACHY, Code.HR_HIGH)
    assert wide
    assert all(t.text.endswith(UNPLACED) for t in wide)


@pytest.mark.parametrize("rhythm", ["sinus", "svt", "af"])
def test_what_is_narrow_or_as_at_rest_is_not(rhythm: str) -> None:
    for conduction in "NR":
        recording = patient(REST, Step(rhythm, 20.0, 150.0), seed=2, conduction=conduction)
        found = onsets(recording, Code.EXTREME_TACHY, Code.HR_HIGH)
        assert found
        assert not [t for t in found if UNPLACED in t.text]
