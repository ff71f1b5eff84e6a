"""Scores of folders that Vigil has never seen: records made here, with annotations, with and without tables."""

import json
from pathlib import Path

import numpy as np
import pytest
import wfdb

from infra.cli import main
from infra.score import alarms
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate


def write(
    folder: Path, name: str, step: Step, seconds: float, comments: list[str] | None = None, marks: bool = False
) -> None:
    """A record of two leads at 250 Hz from the simulator, with its beats as annotations."""
    folder.mkdir(parents=True, exist_ok=True)
    made = simulate(Scenario("x", (Step("sinus", seconds - 12.0), step)), seconds, seed=5, rate_hz=250.0)
    wfdb.wrsamp(
        name, fs=250, units=["mV", "mV"], sig_name=["II", "V1"], d_signal=made.samples[[1, 6]].T.astype(np.int64),
        fmt=["16", "16"], adc_gain=[200.0, 200.0], baseline=[0, 0], comments=comments, write_dir=str(folder),
    )  # fmt: skip
    if marks:
        at, letters = zip(*made.truth.beats, strict=True)
        wfdb.wrann(name, "atr", np.array(at), list(letters), write_dir=str(folder))


def test_alarms_without_a_table_are_read_from_the_headers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "other"
    standstill, quiet = Step("asystole", 12.0), Step("sinus", 12.0)
    write(place, "one", standstill, 40.0, ["Asystole", "True alarm"])
    write(place, "two", quiet, 40.0, ["Asystole", "False alarm"])
    write(place, "three", quiet, 40.0)
    assert main(["score", "alarms", "--data", str(tmp_path), "--json"]) == 0
    told = capsys.readouterr()
    assert "record three is left out" in told.err
    found = json.loads(told.out)
    assert found["records"] == 2
    assert found["by_type"]["asystole"] | {"se_interval": 0, "sp_interval": 0} == {
        "tp": 1, "fp": 0, "tn": 1, "fn": 0, "se": 1.0, "sp": 1.0, "se_interval": 0, "sp_interval": 0,
    }  # fmt: skip
    (place / "alarms.csv").write_text("record,alarm,verdict\ntwo,Asystole,True alarm\n")
    assert {Path(p).name: true for p, _, true in alarms.listed(place)} == {"one": True, "two": True}


def test_asystole_is_scored_by_the_words_of_the_challenge_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "ward", "between", Step("pause", 6.0, length=3.6), 40.0, ["Asystole", "True alarm"])
    write(tmp_path / "ward", "long", Step("pause", 6.0, length=4.6), 40.0, ["Asystole", "True alarm"])
    assert main(["score", "alarms", "--data", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["by_type"]["asystole"]["tp"] == 2
    assert found["as_worded"]["wrong"] == {"between": "missed"}


def test_any_database_of_the_folder_can_be_scored_and_a_broken_record_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "ward-7"
    write(place, "a", Step("vt", 12.0, 160.0), 345.0, marks=True)
    write(place, "b", Step("sinus", 12.0), 345.0, marks=True)
    write(place, "short", Step("sinus", 12.0), 30.0, marks=True)
    write(place, "torn", Step("sinus", 12.0), 345.0, marks=True)
    (place / "torn.dat").write_bytes(b"1234")
    write(place, "bare", Step("sinus", 12.0), 30.0)
    for words in ([], ["--database", "ward-7"]):
        assert main(["score", "beats", "--data", str(tmp_path), "--json", *words]) == 0
        told = capsys.readouterr()
        found = json.loads(told.out)
        assert found["database"] == "ward-7"
        assert set(found["by_record"]) == {"a", "b"}
        assert found["gross"]["se"] > 0.98
        assert found["by_class"]["V"]["se"] > 0.8
        assert "ds2" not in found
        for name in ("short", "torn", "bare"):
            assert f"record {name} is left out: " in told.err
        assert "Traceback" not in told.err
