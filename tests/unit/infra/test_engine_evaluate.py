"""`vigil engine evaluate`, as it is typed: a very small model over questions, scored, judged, measured, rated."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.tiny_model import folder
from infra.cli import main
from tests.unit.engine.endpoint_server import Server
from tests.unit.engine.evaluate.test_judge import VERDICT, reply
from tests.unit.engine.labelled_sets import write_ptbxl
from tests.unit.engine.tiny import CONFIG, write_tiny

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    config = replace(CONFIG, llama=replace(CONFIG.llama, heads=2, kv_heads=1))
    return str(write_tiny(tmp_path_factory.mktemp("model"), config).folder)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data")
    write_ptbxl(place / "ptbxl")
    return place


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


@pytest.fixture
def questions(data: Path, tmp_path: Path) -> Path:
    """Two grounded questions about a recording each, and one about a recording that is not there."""
    stems = sorted(p.relative_to(data).with_suffix("").as_posix() for p in data.rglob("*.hea"))
    items = [
        {
            "id": f"q{k}", "ecg": ecg, "image": "", "report": "",
            "conversations": [{"from": "human", "value": "<image>\nInterpret."}, {"from": "gpt", "value": "Sinus rhythm."}],
        }
        for k, ecg in enumerate([*stems[:2], "ptbxl/gone"])
    ]  # fmt: skip
    path = tmp_path / "ecg-grounding-test-mine.json"
    path.write_text(json.dumps(items))
    return path


def evaluate(*words: object) -> int:
    return main(["engine", "evaluate", *map(str, words)])


def answers(path: Path, texts: dict[str, str], model: str) -> Path:
    path.write_text(
        "".join(json.dumps({"question_id": k, "text": t, "model_id": model}) + "\n" for k, t in texts.items())
    )
    return path


def test_a_model_answers_in_the_published_form_and_goes_on(
    model: str, data: Path, questions: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "answers.jsonl"
    asked = ["--questions", questions, "--model", model, "--answers", out, "--records", data, "--tokens", 8, "--json"]
    assert evaluate(*asked) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["question_id"] for line in lines] == ["q0", "q1"]
    assert set(lines[0]) == {"question_id", "prompt", "text", "answer_id", "model_id", "metadata"}
    assert lines[0]["prompt"] == "Interpret."
    assert lines[0]["model_id"].startswith("tiny-")
    assert set(found["not_answered"]) == {"q2"}
    assert "q2" in told.err
    assert (found["questions"], found["answered"], found["missing"]) == (3, 2, 1)
    assert found["judged"] is None
    assert found["measured"]["texts"] == 2
    whole = out.read_bytes()
    out.write_bytes(whole[: whole.index(b"\n") + 20])
    assert evaluate(*asked) == 0
    assert out.read_bytes() == whole
    capsys.readouterr()
    assert evaluate(*asked, "--only", "signal") == 1
    assert "repeat its options, or name another file" in capsys.readouterr().err


def test_answers_as_they_are_shown_and_by_the_published_signal(
    model: str, data: Path, questions: Path, tmp_path: Path, capsys: Capture
) -> None:
    base = ["--questions", questions, "--model", model, "--records", data, "--tokens", 8, "--limit", 1, "--json"]
    assert evaluate(*base, "--answers", tmp_path / "shown.jsonl", "--shown") == 0
    assert evaluate(*base, "--answers", tmp_path / "old.jsonl", "--signal", "published", "--only", "signal") == 0
    old = json.loads((tmp_path / "old.jsonl").read_text())
    assert old["metadata"] == {"as": "written", "signal": "published", "only": "signal", "tokens": 8}
    assert json.loads((tmp_path / "shown.jsonl").read_text())["metadata"]["as"] == "shown"
    capsys.readouterr()


def test_slots_that_the_model_that_ships_writes_are_filled_in_answers_as_they_are_written(
    data: Path, questions: Path, tmp_path: Path, capsys: Capture
) -> None:
    base = ["--questions", questions, "--model", folder(), "--records", data, "--limit", 1, "--json"]
    assert evaluate(*base, "--answers", tmp_path / "written.jsonl") == 0
    text = json.loads((tmp_path / "written.jsonl").read_text())["text"]
    assert "<" not in text
    assert " bpm" in text or " ms" in text
    capsys.readouterr()


def test_several_turns_are_written_as_the_arena_has_them(
    model: str, data: Path, tmp_path: Path, capsys: Capture
) -> None:
    stem = next(data.rglob("*.hea")).relative_to(data).with_suffix("").as_posix()
    item = {
        "id": "a",
        "ecg": stem,
        "conversations": [{"question": "One?", "answer": "1"}, {"question": "Two?", "answer": "2"}],
    }
    (tmp_path / "arena.json").write_text(json.dumps([item]))
    out = tmp_path / "a.jsonl"
    assert (
        evaluate(
            "--questions", tmp_path / "arena.json", "--model", model, "--answers", out, "--records", data, "--tokens", 5
        )
        == 0
    )
    told = json.loads(out.read_text())
    assert [pair["question"] for pair in told["predict_convs"]] == ["One?", "Two?"]
    assert told["golden_convs"] == item["conversations"]
    assert "not judged" in capsys.readouterr().out


def test_a_judge_and_the_measurements_score_the_same_answers(
    server: Server, data: Path, questions: Path, tmp_path: Path, capsys: Capture
) -> None:
    file = answers(tmp_path / "a.jsonl", {"q0": "The heart rate is 72 bpm.", "q1": "The heart rate is 300 bpm."}, "m")
    server.answers = [(200, reply(VERDICT))]
    base = ["--questions", questions, "--answers", file, "--records", data, "--json"]
    assert evaluate(*base, "--judge", server.url, "--judge-model", "j") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["judged"]["judge"] == "j"
    assert told["judged"]["columns"]["LeadAssessmentCoverage"]["value"] == 75.0
    assert told["measured"]["numbers_disagreeing"] >= 1
    assert len(server.asked) == 2
    assert evaluate(*base, "--verdicts", tmp_path / "a.verdicts.jsonl") == 0
    again = json.loads(capsys.readouterr().out)
    assert again["judged"]["columns"] == told["judged"]["columns"]
    assert len(server.asked) == 2


def test_a_judge_that_is_away_ends_the_run_and_keeps_what_there_is(
    questions: Path, data: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.endpoint.time.sleep", lambda _: None)
    file = answers(tmp_path / "a.jsonl", {"q0": "x"}, "m")
    away = ["--judge", "http://127.0.0.1:9/v1", "--judge-model", "j"]
    assert evaluate("--questions", questions, "--answers", file, "--records", data, *away) == 1
    told = capsys.readouterr()
    assert "does not answer" in told.err
    assert "run the same command again" in told.err
    assert told.err.count("\n") == 1


def test_a_benchmark_by_parsing(tmp_path: Path, capsys: Capture) -> None:
    items = [
        {"id": str(k), "conversations": [{"from": "human", "value": "?"}, {"from": "gpt", "value": "B. x"}]}
        for k in range(4)
    ]
    (tmp_path / "csn-test-no-cot.json").write_text(json.dumps(items))
    file = answers(tmp_path / "a.jsonl", {"0": "B", "1": "A", "2": "B. x", "3": "B"}, "m")
    assert evaluate("--questions", tmp_path / "csn-test-no-cot.json", "--answers", file) == 0
    told = capsys.readouterr().out
    assert "the published set has 1611 questions" in told
    assert "75.00" in told


def test_sheets_are_written_and_come_back_filled(data: Path, questions: Path, tmp_path: Path, capsys: Capture) -> None:
    one = answers(tmp_path / "one.jsonl", {"q0": "Sinus.", "q1": "Flutter."}, "")
    two = answers(tmp_path / "two.jsonl", {"q0": "Regular.", "q1": "Fast."}, "")
    out = tmp_path / "sheets"
    sheet = ["--rating-sheet", out, "--questions", questions, "--answers", one, two, "--records", data]
    assert evaluate(*sheet, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["records"], told["forms"], told["systems"], told["pictures"]) == (2, 4, ["one", "two"], 2)
    assert sorted(p.name for p in out.iterdir()) == ["sheet.csv", "sheet.html"]
    assert "data:image/png" in (out / "sheet.html").read_text()
    with (out / "sheet.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    for row in rows[1:]:
        row[2:10] = ["Ada", *"4444444"]
    with (tmp_path / "ada.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    assert evaluate("--ratings", tmp_path / "ada.csv", "--key", told["key"], "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["systems"]["one"]["Accuracy"]["value"] == 4.0
    assert evaluate("--ratings", tmp_path / "ada.csv", "--key", told["key"]) == 0
    assert "one minus two" in capsys.readouterr().out
    rows[2][5] = "9"
    with (tmp_path / "ada.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    assert evaluate("--ratings", tmp_path / "ada.csv", "--key", told["key"]) == 2
    assert "ada.csv, row 3, column Completeness: 9 is none of 1 to 5" in capsys.readouterr().err
    assert evaluate(*sheet) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name one question file with --questions"),
        (["--questions", "/nowhere.json", "--answers", "a"], "/nowhere.json cannot be read"),
        (["--questions", "Q", "--answers", "/nowhere.jsonl"], "/nowhere.jsonl cannot be read"),
        (["--questions", "Q", "--answers", "a", "--task", "poems"], "there is no task poems"),
        (["--questions", "Q", "--answers", "A", "--judge", "http://x"], "by both, --judge URL and --judge-model MODEL"),
        (["--questions", "Q", "--answers", "A", "--judge", "x", "--judge-model", "j"], "is no http address"),
        (["--questions", "Q", "--answers", "A", "--verdicts", "/nowhere"], "--verdicts /nowhere cannot be read"),
        (["--questions", "Q", "--answers", "A", "--model", "m", "--records", "."], "holds none of ptbxl"),
        (["--questions", "Q", "--answers", "A", "--model", "m", "--tokens", "0"], "--tokens 0"),
        (["--rating-sheet", "new", "--questions", "Q", "--answers", "A"], "the --answers of two systems or more"),
        (["--ratings", "x.csv"], "name it with --key"),
        (["--ratings", "x.csv", "--key", "/nowhere"], "key /nowhere cannot be read"),
    ],
)
def test_a_wrong_request_is_one_sentence(
    words: list[str], said: str, questions: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = answers(tmp_path / "given.jsonl", {"q0": "x"}, "m")
    assert evaluate(*({"Q": questions, "A": file}.get(word, word) for word in words)) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
