"""Recordings from files, the simulator's truth, and what can go wrong on the way."""

from pathlib import Path

import numpy as np
import pytest

from ingest.codec import decode_frame
from ingest.disturb import BadDisturbance, Disturber, parse
from ingest.feed import FeedOptions, Player, session_id
from ingest.frame import LEADS, BedId, Flaw, Signal, lead_name
from ingest.open_recording import UnreadableRecording, read_recording
from ingest.scenario import SCENARIOS, BadScenario, find
from ingest.simulator import bench_recordings, simulate, truth_alarms
from stream.offline import frames


@pytest.mark.parametrize("name", ["ii", "II", "MLII", "ECG II", "lead II"])
def test_a_lead_has_one_name(name: str) -> None:
    assert lead_name(name) == "II"


@pytest.mark.parametrize("name", ["V", "MCL", "MCL1"])
def test_a_lead_of_unknown_place_stays_its_own(name: str) -> None:
    assert lead_name(name) not in LEADS


def test_the_dicom_sample_has_twelve_leads() -> None:
    import pydicom.data

    recording = read_recording(pydicom.data.get_testdata_file("waveform_ecg.dcm"))
    assert [s.name for s in recording.signals] == list(LEADS)
    assert recording.rate_hz == 1000.0


def test_a_csv_with_holes_has_spans_and_no_zeros(tmp_path: Path) -> None:
    path = tmp_path / "bed 7.csv"
    lines = ["time,II,ABP [mmHg]"] + [f"{k / 250},{1.0 + k / 100},{'' if 3 <= k < 6 else 90}" for k in range(20)]
    path.write_text("\n".join(lines))
    recording = read_recording(str(path))
    assert (recording.name, recording.rate_hz) == ("bed-7", 250.0)
    (span,) = recording.spans
    assert (span.row, span.start, span.stop, span.flaw) == (1, 3, 6, Flaw.INVALID)
    assert recording.samples[1].min() > 0


def test_edf_comes_back(tmp_path: Path) -> None:
    import edfio

    wave = np.sin(np.arange(2500) / 40.0)
    edfio.Edf([edfio.EdfSignal(wave, 250, label="ECG V1", physical_dimension="mV")]).write(tmp_path / "a.edf")
    recording = read_recording(str(tmp_path / "a.edf"))
    assert recording.signals[0].name == "V1"
    value = recording.samples[0] * recording.signals[0].mv_per_step
    assert np.abs(value - wave).max() < 0.002


@pytest.mark.parametrize("name", ["missing", "broken.hea", "broken.edf", "broken.dcm", "broken.csv"])
def test_an_unreadable_file_is_one_sentence_that_names_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name != "missing":
        path.write_bytes(b"\x00nonsense\n")
    with pytest.raises(UnreadableRecording) as told:
        read_recording(str(path))
    assert name in str(told.value)
    assert "\n" not in str(told.value)


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


def test_at_least_one_bed_in_twenty_of_the_benchmark_is_in_arrhythmia() -> None:
    beds = bench_recordings(40, 60.0, 3)
    assert sum(bool(truth_alarms(b)) for b in beds) >= 2
    assert len({b.samples.tobytes() for b in beds}) == 40


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
