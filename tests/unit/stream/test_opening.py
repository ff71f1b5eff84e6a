"""A tachycardia with which a session begins, at rates at which a block shows its P waves; and that block itself."""

from dataclasses import replace

import numpy as np
import pytest

from ingest import course
from ingest.recording import Recording
from ingest.scenario import Step
from ingest.waveform import Heart, leads, p_wave
from stream.catalogue import Code
from stream.offline import analyse
from stream.trigger import Phase
from tests.unit.stream.scripted import patient

RATE_HZ = 250.0
SEEDS = (1, 2, 5)
BEGIN_S = 12.0


def called(recording: Recording, *codes: Code) -> list[float]:
    """When (s) alarms of these codes were announced."""
    found = analyse(recording).triggers
    return [
        t.sample / RATE_HZ for t in found if t.code in codes and t.phase is not Phase.OFFSET and not t.suppressed_by
    ]


@pytest.mark.parametrize(
    ("before_s", "bpm"),
    [(s, bpm) for s in (0.0, 2.0) for bpm in (105.0, 115.0, 125.0, 136.0, 145.0)]
    + [(4.0, 105.0), (4.0, 125.0), (4.0, 145.0)],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_tachycardia_with_which_a_session_begins_is_told_where_a_block_would_show_p_waves(
    bpm: float, before_s: float, seed: int
) -> None:
    before = (Step("sinus", before_s, 75.0),) if before_s else ()
    recording = patient(*before, Step("vt", 24.0, bpm), seed=seed)
    assert [at for at in called(recording, Code.VTACH) if at < BEGIN_S + before_s]


@pytest.mark.parametrize("seed", SEEDS)
def test_it_lasts_for_as_long_as_its_beats_go_on(seed: int) -> None:
    found = analyse(patient(Step("vt", 40.0, 124.0), seed=seed)).triggers
    assert not [t for t in found if t.code is Code.VTACH and t.phase is Phase.OFFSET and t.sample < 39.0 * RATE_HZ]
    assert [t for t in found if t.code is Code.VTACH_SUSTAINED and not t.suppressed_by]


@pytest.mark.parametrize("bpm", [101.0, 108.0, 120.0, 130.0, 140.0, 146.0])
@pytest.mark.parametrize("conduction", "LR")
@pytest.mark.parametrize("seed", [5, 6, 7, 8])
def test_a_block_with_which_a_session_begins_is_none_at_any_of_these_rates(
    bpm: float, conduction: str, seed: int
) -> None:
    assert called(patient(Step("sinus", 30.0, bpm), seed=seed, conduction=conduction), Code.VTACH) == []


@pytest.mark.parametrize("bpm", [112.0, 125.0, 138.0])
@pytest.mark.parametrize("conduction", "LR")
@pytest.mark.parametrize("seed", [5, 6])
def test_nor_is_one_whose_p_waves_lie_within_the_t_waves(bpm: float, conduction: str, seed: int) -> None:
    assert called(patient(Step("avblock1", 30.0, bpm), seed=seed, conduction=conduction), Code.VTACH) == []


@pytest.mark.parametrize("bpm", [102.0, 108.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_two_leads_tell_it_only_where_the_p_waves_of_a_block_stand_apart(bpm: float, seed: int) -> None:
    two = ("II", "V1")
    assert called(patient(Step("vt", 20.0, bpm), seed=seed, seen=two), Code.VTACH)
    assert called(patient(Step("sinus", 20.0, bpm), seed=seed, seen=two, conduction="L"), Code.VTACH) == []
    assert called(patient(Step("sinus", 20.0, 130.0), seed=seed, seen=two, conduction="L"), Code.VTACH) == []


@pytest.mark.parametrize("bpm", [115.0, 125.0, 136.0, 145.0])
@pytest.mark.parametrize("seen", [("II", "V1"), ("II",), ("V1",)])
def test_fewer_leads_tell_it_where_its_beats_are_wider_than_those_of_a_block(bpm: float, seen: tuple[str, ...]) -> None:
    """In two of three patients at least: in one the QRS has a still stretch of its own on lead II."""
    found = [called(patient(Step("vt", 20.0, bpm), seed=seed, seen=seen), Code.VTACH) for seed in SEEDS]
    assert sum(any(at < BEGIN_S for at in one) for one in found) >= 2


@pytest.mark.parametrize("bpm", [115.0, 125.0, 138.0])
@pytest.mark.parametrize("seen", [("II", "V1"), ("II",), ("V1",)])
@pytest.mark.parametrize("conduction", "LR")
def test_nor_do_they_take_a_block_for_one(bpm: float, seen: tuple[str, ...], conduction: str) -> None:
    for seed in SEEDS:
        assert called(patient(Step("sinus", 20.0, bpm), seed=seed, seen=seen, conduction=conduction), Code.VTACH) == []


@pytest.mark.parametrize("bpm", [150.0, 155.0])
@pytest.mark.parametrize("conduction", "LR")
@pytest.mark.parametrize("seed", range(1, 7))
def test_a_block_as_fast_as_a_sinus_node_may_be_is_none_from_the_begin(bpm: float, conduction: str, seed: int) -> None:
    assert called(patient(Step("sinus", 20.0, bpm), seed=seed, conduction=conduction), Code.VTACH) == []


@pytest.mark.parametrize("bpm", [108.0, 118.0, 130.0])
@pytest.mark.parametrize("seen", [(), ("II", "V1")])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_heart_that_is_paced_by_pulses_that_the_signal_shows_is_none(
    bpm: float, seen: tuple[str, ...], seed: int
) -> None:
    recording = replace(patient(Step("paced", 25.0, bpm), seed=seed, seen=seen), pacer=())
    assert called(recording, Code.VTACH) == []


@pytest.mark.parametrize("bpm", [110.0, 150.0, 170.0, 190.0])
@pytest.mark.parametrize("share", [0.06, 0.1, 0.15])
def test_a_tachycardia_whose_intervals_take_turns_is_told_as_soon_as_an_even_one(
    bpm: float, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_turns(made: course.Course, step: Step, at: float, stop: float, *_: object) -> float:
        while at < stop:
            made.beats.append((at, "V"))
            at += 60.0 / bpm * (1.0 + (share if len(made.beats) % 2 else -share))
        return at

    monkeypatch.setitem(course._RHYTHMS, "vt", by_turns)
    for seed in SEEDS:
        assert [at for at in called(patient(Step("vt", 24.0, bpm), seed=seed), Code.VTACH) if at < BEGIN_S]


def with_p_waves(recording: Recording, bpm: float) -> Recording:
    """Atria that go on by themselves at this rate."""
    before, wave = p_wave(Heart(), RATE_HZ)
    dipole = np.zeros((recording.samples.shape[1], 3))
    for at in np.arange(0.3, recording.samples.shape[1] / RATE_HZ - 0.5, 60.0 / bpm):
        first = round(at * RATE_HZ) - before
        dipole[first : first + len(wave)] += wave
    steps = np.round(leads(dipole) * np.array([s.gain for s in recording.signals])[:, None])
    return replace(recording, samples=recording.samples + steps.astype(np.int16))


@pytest.mark.parametrize(("bpm", "atria_bpm"), [(110.0, 72.0), (120.0, 80.0), (140.0, 90.0)])
@pytest.mark.parametrize("seed", SEEDS)
def test_p_waves_that_go_on_by_themselves_do_not_deny_it(bpm: float, atria_bpm: float, seed: int) -> None:
    recording = with_p_waves(patient(Step("vt", 30.0, bpm), seed=seed), atria_bpm)
    assert [at for at in called(recording, Code.VTACH) if at < 15.0]
