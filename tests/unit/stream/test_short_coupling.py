"""Ventricular beats of a short coupling, time after time: the heights of the leads in which they are large grow with them, and they stay beats."""

import pytest

from infra.score.latency import over_leads
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.bed import Findings
from stream.catalogue import Code
from stream.measurement import BeatKind
from stream.offline import analyse

SECONDS, BEGIN_S = 90.0, 15.0


def made(rhythm: str, bpm: float, seed: int, leads: tuple[str, ...] = ()) -> Recording:
    """A patient in whom this begins after a quiet time, at one rate."""
    script = Scenario(rhythm, (Step("sinus", BEGIN_S, bpm), Step(rhythm, SECONDS - BEGIN_S, bpm)))
    return over_leads(simulate(script, SECONDS, seed=seed, name=rhythm), leads)


def told(recording: Recording, found: Findings) -> float:
    """Share of the ventricular beats of the script that were told as such."""
    assert recording.truth is not None
    beats = [b.sample for trend in found.trends for b in trend.beats if b.kind is BeatKind.VENTRICULAR]
    some = [at for at, letter in recording.truth.beats if letter == "V" and at < (SECONDS - 2.0) * recording.rate_hz]
    return sum(any(abs(at - b) < 0.15 * recording.rate_hz for b in beats) for at in some) / len(some)


@pytest.mark.parametrize(("leads", "seed"), [((), 300), ((), 303), (("II", "V5"), 302), (("II", "V5"), 303)])
@pytest.mark.parametrize("bpm", [100.0, 125.0])
def test_single_beats_stay_beats_and_are_counted(leads: tuple[str, ...], seed: int, bpm: float) -> None:
    recording = made("pvc", bpm, seed, leads)
    found = analyse(recording)
    assert told(recording, found) >= 0.8
    assert Code.PVC_PER_MIN in {t.code for t in found.triggers}


@pytest.mark.parametrize("rhythm", ["bigeminy", "trigeminy", "couplet"])
@pytest.mark.parametrize("seed", [301, 303])
def test_patterns_stay_what_they_are(rhythm: str, seed: int) -> None:
    recording = made(rhythm, 110.0, seed)
    assert told(recording, analyse(recording)) >= 0.85


@pytest.mark.parametrize(("leads", "seed"), [(("II",), 300), (("II",), 301), (("II",), 303), (("II", "V5"), 302)])
def test_beats_on_the_t_wave_are_told(leads: tuple[str, ...], seed: int) -> None:
    """As round as the T wave, at its place and larger than those before: told by the pause behind, and by their form when they come back."""
    recording = made("ront", 75.0, seed, leads)
    found = analyse(recording)
    assert told(recording, found) >= 0.8
    assert Code.R_ON_T in {t.code for t in found.triggers}
