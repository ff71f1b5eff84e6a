"""Recordings from files, the simulator's truth, and what can go wrong on the way."""

from pathlib import Path

import numpy as np
import pytest

from ingest.codec import decode_frame
from ingest.disturb import BadDisturbance, Disturber, parse
from ingest.feed import FeedOptions, Player, session_id
from ingest.frame import BedId, Signal
from ingest.scenario import SCENARIOS, BadScenario, find
from ingest.simulator import bench_recordings, simulate, truth_alarms, truth_events
from stream.offline import frames


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_scenario_is_reproducible_and_obeys_einthoven(name: str) -> None:
    one, two = (simulate(SCENARIOS[name], 20.0, seed=4) for _ in range(2))
    assert np.array_equal(one.samples, two.samples)
    assert one.samples.shape == (12, 10_000)
    if "artefact" in name:
        return
    i, ii, iii = one.samples[:3].astype(int)
    assert np.abs(ii - i - iii).max() <= 2


def test_the_script_tells_when_each_criterion_becomes_true() -> None:
    recording = simulate(SCENARIOS["asystole"], 60.0, seed=1)
    ((code, sample),) = truth_alarms(recording)
    last = max(b for b, _ in recording.truth.beats if b < sample)
    assert (code, sample - last) == ("ASYSTOLE", 2000)


def test_the_script_tells_runs_and_pauses_that_are_not_lethal_too() -> None:
    found = {
        name: [code for code, _ in truth_events(simulate(SCENARIOS[name], 40.0, seed=1))]
        for name in ("pvc-run", "pause", "asystole", "vt", "vf", "pvc", "sinus")
    }
    assert found == {
        "pvc-run": ["NONSUST_VT"],
        "pause": ["PAUSE"],
        "asystole": ["PAUSE", "ASYSTOLE"],
        "vt": ["VTACH", "RAPID_VT"],
        "vf": ["VFIB"],
        "pvc": [],
        "sinus": [],
    }


def test_at_least_one_bed_in_twenty_of_the_benchmark_is_in_arrhythmia() -> None:
    beds = bench_recordings(40, 60.0, 3)
    assert sum(bool(truth_alarms(b)) for b in beds) >= 2
    assert len({b.samples.tobytes() for b in beds}) == 40


def test_a_paced_bed_carries_the_flags_of_its_front_end_through_frames_and_loops() -> None:
    recording = simulate(SCENARIOS["paced"], 7.0, seed=1, name="bed")
    assert len(recording.pacer) >= 7
    player = Player(recording, 0, FeedOptions("file", seconds=14.0, run="r"))
    sent = [decode_frame(payload) for payload in player.due(1e9)]
    flagged = [f.first + p for f in sent for p in f.pacer]
    assert flagged == [*recording.pacer, *(p + 3500 for p in recording.pacer)]


def test_a_word_in_a_script_that_nobody_would_read_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "mine.json"
    for text, word in (
        ('{"name": "x", "steps": [{"rhythm": "vt", "seconds": 5, "rat": 150}]}', "rat"),
        ('{"name": "x", "stps": [], "steps": [{"rhythm": "vt", "seconds": 5}]}', "stps"),
    ):
        script.write_text(text)
        with pytest.raises(BadScenario, match=f"'{word}'"):
            find(str(script))
    script.write_text('{"name": "x", "steps": [{"rhythm": "vt", "seconds": 5, "rate": 150}]}')
    assert find(str(script)).steps[0].rate == 150


def test_an_unknown_scenario_names_those_there_are() -> None:
    with pytest.raises(BadScenario, match="asystole"):
        find("nonsense")


@pytest.mark.parametrize("text", ["gap=3", "dup=2", "nonsense=1", "leadoff=II:3", "noise=x"])
def test_a_disturbance_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(BadDisturbance):
        parse(text)


def disturbed(text: str) -> list:
    recording = simulate(SCENARIOS["sinus"], 30.0, seed=1, name="bed")
    apply = Disturber(parse(text))
    return [f for frame in frames(recording, 0.25) for f in apply(frame)]


def test_a_gap_leaves_exactly_these_samples_out() -> None:
    found = disturbed("gap=10.1:3")
    held = np.zeros(15_000, bool)
    for f in found:
        held[f.first : f.after] = True
    assert held.sum() == 15_000 - 1500
    assert not held[5050:6550].any()


def test_late_duplicated_and_jittered_frames_are_all_there() -> None:
    found = disturbed("late=0.1,dup=0.1,jitter=0.1,seed=3")
    firsts = [f.first for f in found if not f.ends]
    assert sorted(set(firsts)) == list(range(0, 15_000, 125))
    assert firsts != sorted(firsts)
    assert len(firsts) > len(set(firsts))


def test_a_player_sends_exactly_so_many_samples_and_then_closes() -> None:
    recording = simulate(SCENARIOS["sinus"], 7.0, seed=1, name="bed")
    player = Player(recording, 0, FeedOptions("replay", seconds=10.0, run="r"))
    sent = [decode_frame(payload) for payload in player.due(1e9)]
    assert [f.ends for f in sent] == [False] * 40 + [True]
    assert sent[-1].first == 5000
    again = np.concatenate([f.samples for f in sent], axis=1)
    assert np.array_equal(again[:, 3500:], recording.samples[:, :1500])


def test_a_session_has_the_same_name_after_a_restart_and_another_where_its_layout_changes() -> None:
    lead, finer = Signal("II", "mV", 200.0), Signal("II", "mV", 1000.0)
    first = session_id(BedId("a"), "s", "run", 250.0, (lead,))
    assert first == session_id(BedId("a"), "s", "run", 250.0, (Signal("II", "mV", 200.0),))
    others = [
        ("other", 250.0, (lead,)),
        ("run", 500.0, (lead,)),
        ("run", 250.0, (finer,)),
        ("run", 250.0, (lead, lead)),
    ]
    ids = {session_id(BedId("a"), "s", *rest) for rest in others}
    assert len(ids | {first}) == 5
    assert all(0 <= one < 2**63 for one in ids)
