"""`vigil engine instruct`, as it is typed: from a labelled set to the published format, broken off and gone on."""

import json
import re
from pathlib import Path

import pytest

from engine.claims.slots import names
from engine.gem.prompt import GROUNDING
from infra.cli import main
from tests.unit.engine.labelled_sets import write_ptbxl, write_table


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of databases with one set in it."""
    place = tmp_path_factory.mktemp("data")
    write_ptbxl(place / "ptbxl")
    return place


def instruct(data: Path, out: Path, *more: str) -> int:
    return main(
        ["engine", "instruct", "--data", str(data), "--sets", "ptbxl", "--out", str(out), "--workers", "1", *more]
    )


def test_the_file_is_in_the_published_format(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "made.json"
    assert instruct(data, out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    samples = json.loads(out.read_text())
    assert told["samples"] == len(samples) == sum(told["by_task"].values())
    assert told["records"] == 4
    assert told["grounded"]["numbers"]["least"] >= 4
    assert len({s["id"] for s in samples}) == len(samples)
    for sample in samples:
        human, gpt = sample["conversations"]
        assert (human["from"], gpt["from"]) == ("human", "gpt")
        assert human["value"].startswith("<image>\n")
        assert sample["image"].endswith("-0.png")
        assert sample["ecg"].startswith("ptbxl/records500/")
        assert not re.search(r"<[A-Z]+(?::\w+)?>", gpt["value"])
    grounded = next(s for s in samples if s["vigil"]["task"] == "grounded")
    assert grounded["conversations"][0]["value"] == f"<image>\n{GROUNDING}"
    assert len(grounded["machine_measurements"]["V6"]) == 14
    assert grounded["report"] == "sinusrhythmus"
    assert not list(tmp_path.glob("*.part"))


def test_it_goes_on_where_it_was_broken_off_and_gives_the_same(data: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.json", tmp_path / "broken.json"
    assert instruct(data, whole) == 0
    assert instruct(data, broken, "--limit", "4") == 0
    assert broken.read_text() == whole.read_text()
    lines = _part_of(data, tmp_path)
    part = tmp_path / "again.json.part"
    part.write_text("".join(lines[:3]) + lines[3][:100])
    assert instruct(data, tmp_path / "again.json") == 0
    assert (tmp_path / "again.json").read_text() == whole.read_text()


def _part_of(data: Path, tmp_path: Path) -> list[str]:
    """Lines of the file that lies beside the list while that is made."""
    import engine.instruct.produce as produce

    kept: list[str] = []
    finish = produce._finish
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            produce,
            "_finish",
            lambda part, *rest: (kept.extend(part.read_text().splitlines(True)), finish(part, *rest))[1],
        )
        assert instruct(data, tmp_path / "kept.json") == 0
    return kept


def test_what_was_begun_with_other_options_is_not_gone_on_with(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.json.part").write_text('{"plan": {"seed": 7}}\n')
    assert instruct(data, tmp_path / "other.json") == 1
    assert "was begun with other options" in capsys.readouterr().err


def test_two_processes_write_what_one_does(data: Path, tmp_path: Path) -> None:
    assert instruct(data, tmp_path / "one.json") == 0
    assert instruct(data, tmp_path / "two.json", "--workers", "2") == 0
    assert (tmp_path / "one.json").read_text() == (tmp_path / "two.json").read_text()


def test_folds_limit_tasks_and_seed_choose(data: Path, tmp_path: Path) -> None:
    some = tmp_path / "some.json"
    assert instruct(data, some, "--folds", "2-4", "--limit", "2", "--tasks", "grounded,yesno", "--unreadable", "0") == 0
    samples = json.loads(some.read_text())
    assert {s["vigil"]["fold"] for s in samples} == {2, 3}
    assert {s["vigil"]["task"] for s in samples} == {"grounded", "yesno"}
    assert (
        instruct(
            data, tmp_path / "other.json", "--folds", "2-4", "--limit", "2", "--tasks", "grounded,yesno", "--seed", "5"
        )
        == 0
    )
    assert (tmp_path / "other.json").read_text() != some.read_text()


def test_slots_stand_where_numbers_would(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "slots.json"
    assert instruct(data, out, "--slots", "--tasks", "grounded", "--words", "150", "--unreadable", "0") == 0
    for sample in json.loads(out.read_text()):
        text = sample["conversations"][1]["value"]
        found = re.findall(r"<[A-Z]+(?::\w+)?>", text)
        assert set(found) <= set(names())
        assert len(found) >= 4
        assert not re.search(r"\d+ (?:ms|bpm|degrees)", text.replace("200 ms", ""))


def test_pages_are_drawn_under_the_names_of_the_samples(data: Path, tmp_path: Path) -> None:
    out, pages = tmp_path / "drawn.json", tmp_path / "pages"
    assert instruct(data, out, "--image-dir", str(pages), "--limit", "1", "--missing", "1", "--tasks", "grounded") == 0
    images = {sample["image"] for sample in json.loads(out.read_text())}
    assert len(images) > 1
    assert all((pages / name).is_file() for name in images)


def test_leads_and_signals_that_are_taken_away_are_told_in_the_sample(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "away.json"
    assert instruct(data, out, "--tasks", "grounded,features", "--missing", "1", "--unreadable", "1") == 0
    samples = [s for s in json.loads(out.read_text()) if s["vigil"]["change"]]
    lost = [s for s in samples if s["vigil"]["task"] == "unreadable"]
    fewer = [s for s in samples if "leads" in s["vigil"]["change"] and s["vigil"]["task"] == "grounded"]
    assert lost
    assert all(not re.search(r"\d", s["conversations"][1]["value"]) for s in lost)
    assert fewer
    assert all(
        "not recorded" in s["conversations"][1]["value"] or "missing" in s["conversations"][1]["value"] for s in fewer
    )
    assert all("NORM" not in s["vigil"]["codes"] for s in fewer)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--tasks", "poems"), "there is no task poems"),
        (("--folds", "8-1"), "write 1-8"),
        (("--folds", "9"), "no record of ptbxl lies in them"),
        (("--missing", "2"), "--missing 2 is no share"),
        (("--words", "5"), "--words 5"),
        (("--workers", "-1"), "--workers -1: give 0"),
        (("--endpoint", "http://127.0.0.1:9"), "by both, --endpoint URL and --writer MODEL"),
        (("--endpoint", "ftp://x", "--writer", "m"), "is no http address"),
        (("--endpoint", "http://x", "--writer", "m", "--slots"), "--slots needs the grammar"),
        (("--sets", "nowhere"), "holds neither nowhere/ nor nowhere.tar.xz"),
        (("--sets", ","), "--sets names no set"),
        (("--sets", "bad"), "bad has no labels that are known"),
        (("--data", "/nowhere"), "/nowhere is no folder"),
    ],
)
def test_a_wrong_request_is_one_sentence(
    data: Path, tmp_path: Path, more: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "bad").mkdir(exist_ok=True)
    assert instruct(data, tmp_path / "no.json", *more) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_a_file_that_is_there_is_not_written_over(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there.json").write_text("mine")
    assert instruct(data, tmp_path / "there.json") == 2
    assert instruct(data, tmp_path / "no" / "where.json") == 2
    assert (tmp_path / "there.json").read_text() == "mine"
    assert "is there already" in capsys.readouterr().err


def test_an_endpoint_that_does_not_answer_leaves_what_was_written(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.endpoint.time.sleep", lambda _: None)
    out = tmp_path / "away.json"
    assert instruct(data, out, "--endpoint", "http://127.0.0.1:9/v1", "--writer", "m", "--tasks", "grounded") == 1
    assert "run the same command again to go on" in capsys.readouterr().err
    assert not out.exists()
    assert (tmp_path / "away.json.part").exists()


def test_a_record_whose_file_is_missing_is_counted(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"record": "gone.csv", "findings": "SR", "reviewer": "a", "confirmed": "yes"}]
    write_table(data / "reviews" / "labels.csv", rows)
    assert instruct(data, tmp_path / "gone.json", "--sets", "reviews", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["dropped"] == {"record: a file of it is missing": 1}
    assert json.loads((tmp_path / "gone.json").read_text()) == []
