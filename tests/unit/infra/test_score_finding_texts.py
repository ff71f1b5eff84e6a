"""Findings in texts against labels: figures by hand, and a very small model from record to figure."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from infra.cli import main
from infra.score.finding_texts import Told, text_figures
from infra.score.findings import CLASSES
from tests.unit.engine.labelled_sets import write_ptbxl
from tests.unit.engine.tiny import CONFIG, write_tiny


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data")
    write_ptbxl(place / "ptbxl")
    return place


def names(data: Path) -> list[str]:
    from engine.instruct.sets import entries

    return [entry.name for entry in entries("ptbxl", data / "ptbxl")]


def test_f1_of_texts_by_hand() -> None:
    truth = np.zeros((4, len(CLASSES)))
    mi, norm, af, either = (CLASSES.index(name) for name in ("MI", "NORM", "AF", "AF_OR_AFLT"))
    truth[0, mi] = truth[1, mi] = truth[2, norm] = 1.0
    truth[3, mi] = np.nan
    truth[3, [af, either]] = 1.0
    told = text_figures(truth, [("MI",), (), ("NORM", "MI"), ("MI", "AFLT")])
    # MI: one hit, one missed, one false; what is not told of the fourth record does not count: 2 / (2 + 1 + 1)
    assert told["text_by_class"]["MI"]["f1"] == pytest.approx(0.5)
    assert told["text_by_class"]["MI"]["n"] == 3
    assert told["text_by_class"]["MI"]["said"] == 2
    assert told["text_by_class"]["NORM"]["f1"] == 1.0
    assert told["text_by_class"]["AF"]["f1"] == 0.0
    assert told["text_by_class"]["AF_OR_AFLT"]["f1"] == 1.0
    assert told["text_macro_f1"] == pytest.approx(0.75)
    assert told["text_macro_f1_interval"]["low"] <= 0.75 <= told["text_macro_f1_interval"]["high"]
    assert "STTC" not in told["text_by_class"]


def test_texts_and_probabilities_of_a_file(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        {"question_id": name, "text": "Sinus rhythm. The heart rate is 400 bpm.", "probabilities": {"NORM": 0.1 * k}}
        for k, name in enumerate(names(data))
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    words = ["score", "findings", "--data", str(data), "--answers", str(tmp_path / "a.jsonl")]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["records"] == len(lines)
    assert told["by_source"]["model"] == told["macro_auroc"]
    assert (told["numbers"], told["numbers_disagreeing"]) == (len(lines), len(lines))
    assert told["sentences"] == 2 * len(lines)
    assert told["text_by_class"]["SR"]["said"] == len(lines)
    assert told["seconds_p50"] is None
    assert told["ablation"] is None
    assert main(words) == 0
    assert "macro F1" in capsys.readouterr().out


def test_a_model_from_record_to_figure(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(CONFIG, llama=replace(CONFIG.llama, heads=2, kv_heads=1))
    folder = write_tiny(tmp_path / "model", config).folder
    words = ["score", "findings", "--data", str(data), "--model", str(folder), "--json"]
    monkeypatch.setattr("engine.reader.LIMIT", 12)
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["records"] == len(names(data))
    assert told["by_source"]["model"] is None
    assert told["text_macro_f1"] is not None
    assert told["seconds_p50"] > 0.0
    from engine.findings import prints
    from engine.findings.trained_on import digest
    from engine.instruct.labelled import recording_of
    from engine.instruct.sets import entries

    signals = [digest(recording_of(entry)) for entry in entries("ptbxl", data / "ptbxl")]
    monkeypatch.setattr("infra.score.finding_texts._asked", lambda *_: Told("Sinus rhythm.", {}, 0.1))
    (folder / "trained_on.txt").write_text("\n".join(signals[:1]) + "\n")
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["excluded_as_trained_on"] >= 1
    (folder / "trained_on.txt").unlink()
    read = [recording_of(entry) for entry in entries("ptbxl", data / "ptbxl")]
    halved = [replace(one, samples=one.samples // 2) for one in read]
    prints.write(folder, [prints.fingerprint(one) for one in halved])
    assert main(words) == 2
    assert "records were learnt from" in capsys.readouterr().err
    (folder / "trained_on.npy").unlink()
    (folder / "trained_on.txt").write_text("\n".join(signals) + "\n")
    assert main(words) == 2
    assert f"all {len(signals)} labelled records were learnt from" in capsys.readouterr().err


def test_what_ships_is_scored_by_source_and_what_it_learnt_from_is_left_out(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.score.finding_texts._asked", lambda *_: Told("Sinus rhythm.", {}, 0.1))
    monkeypatch.setattr("infra.score.findings.ROUNDS", 20)
    words = ["score", "findings", "--data", str(data), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["records"], told["excluded_as_trained_on"]) == (len(names(data)), 0)
    sources = told["by_source"]
    assert all(0.0 <= sources[name]["value"] <= 1.0 for name in ("fused", "model", "features"))
    assert sources["fused"] == told["macro_auroc"]
    lost = told["ablation"]
    assert lost["no_signal"]["delta"] == pytest.approx(sources["features"]["value"] - sources["fused"]["value"])
    assert lost["no_features"]["delta"] == pytest.approx(sources["model"]["value"] - sources["fused"]["value"])
    assert lost["no_image"] is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"question_id": "x/1", "text": "a"}, "answers no record of these sets"),
        ({"question_id": "x/1", "text": "a", "probabilities": {"FOO": 0.5}}, "a probability of FOO"),
        ({"question_id": "x/1"}, "line 1 of"),
    ],
)
def test_a_file_that_cannot_be_scored_is_one_sentence(
    line: dict, said: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(line))
    assert main(["score", "findings", "--data", str(data), "--answers", str(tmp_path / "a.jsonl")]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
