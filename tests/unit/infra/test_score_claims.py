"""`vigil score claims`: the suite's templates, and texts of others' making from a file."""

import json
from pathlib import Path
from random import Random

import pytest

from infra.cli import main
from infra.score import claim_texts
from infra.score.claim_file import measurements
from infra.score.claim_truth import Facts
from infra.score.claims import Scored, summary

SHORT = {
    "rate_bpm": 72, "rr_sd_ms": 12, "pr_ms": 160, "p_ms": 100, "qrs_ms": 92, "qt_ms": 390, "axis_deg": 45,
    "leads": {"V1": {"r_mv": 0.2, "s_mv": -1.1}, "V5": {"r_mv": 1.3, "t_mv": 0.3, "st_j_mv": 0.01, "st_j60_mv": 0.02}},
}  # fmt: skip


def write(path: Path, *rows: object) -> str:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return str(path)


def test_texts_of_a_file_are_counted_by_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(
        tmp_path / "texts.jsonl",
        {"text": "PR 160 ms.", "measurements": SHORT, "altered": False},
        {"text": "PR 185 ms.", "measurements": SHORT, "altered": True, "kind": "number"},
        {"text": "PR 160 mV.", "measurements": SHORT, "altered": True, "kind": "unit"},
        {"text": "PR 162 ms.", "measurements": SHORT, "altered": True, "kind": "number"},
        {
            "text": "QRS 92 ms, axis 90 degrees.",
            "measurements": SHORT,
            "expected": [{"text": "92 ms", "verdict": "agree"}, {"text": "90 degrees", "verdict": "disagree"}],
            "kind": "number",
        },
        {"text": "PR 160 ms, the wobble is curious.", "measurements": SHORT},
        {"text": "PR 160 ms, a wobble in V9.", "measurements": SHORT, "altered": True, "kind": "lead"},
        {"text": "PR 160 ms, a wobble of the lead.", "measurements": SHORT, "altered": True, "kind": "lead"},
    )
    assert main(["score", "claims", "--texts", file, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["altered"], told["caught"], told["correct"], told["blocked"], told["in_part"]) == (6, 4, 2, 0, 1)
    assert (told["by_kind"]["lead"]["caught"], told["by_kind"]["lead"]["in_part"]) == (1, 1)
    assert (told["by_kind"]["number"]["altered"], told["by_kind"]["number"]["caught"]) == (3, 2)
    assert told["by_kind"]["unit"]["caught"] == 1
    assert told["expected"] == {"claims": 2, "met": 2}
    assert main(["score", "claims", "--texts", file]) == 0
    out = capsys.readouterr().out
    assert "number" in out
    assert "50.00 % more shown in part" in out


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("not json", "line 1"),
        ('{"measurements": {}}', 'no "text"'),
        ('{"text": "PR 160 ms."}', 'neither "measurements" nor "record"'),
        ('{"text": "PR", "measurements": {"blood_pressure": 120}}', "blood_pressure is no measurement"),
        ('{"text": "PR", "measurements": {}, "altered": "yes"}', "true or false"),
        ('{"text": "PR", "record": "nowhere/at-all"}', "cannot be measured"),
        ("", "holds no line"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, said: str
) -> None:
    assert main(["score", "claims", "--texts", write(tmp_path / "texts.jsonl", row)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "claims", "--texts", str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl cannot be read" in capsys.readouterr().err


def test_the_wire_and_the_short_form_of_measurements_are_the_same() -> None:
    import msgspec

    short = measurements(SHORT)
    assert measurements(msgspec.to_builtins(short)) == short
    assert short.qtc_bazett_ms == pytest.approx(427.2, abs=0.2)


def facts() -> Facts:
    leads = {
        name: {"r_mv": r, "s_mv": -s, "t_mv": t, "st_j_mv": 0.01, "st_j60_mv": 0.01, "p_mv": 0.1, "qrs_area_mvms": area}
        for name, r, s, t, area in (
            ("I", 0.6, 0.1, 0.2, 20), ("II", 0.9, 0.1, 0.3, 30), ("III", 0.4, 0.2, 0.15, 9), ("aVR", 0.1, 0.8, -0.2, -20),
            ("aVL", 0.3, 0.3, 0.0, 6), ("aVF", 0.6, 0.1, 0.2, 20), ("V1", 0.2, 1.1, -0.15, -30), ("V2", 0.5, 1.4, 0.4, -20),
            ("V3", 0.8, 0.9, 0.4, -6), ("V4", 1.4, 0.4, 0.4, 20), ("V5", 1.3, 0.2, -0.3, 30), ("V6", 1.0, 0.3, -0.25, 30),
        )
    }  # fmt: skip
    m = measurements({**SHORT, "p_wave_present": True, "leads": leads})
    m = type(m)(**{f: getattr(m, f) for f in m.__slots__})
    return Facts("made", m, tuple(leads))


def test_alterations_change_one_place_and_come_of_every_kind() -> None:
    kinds = set()
    for text in claim_texts.texts(facts(), each=8):
        kinds.add(text.kind)
        assert "{" not in text.text
        assert text.kind == "" or text.place[0] < text.place[1]
    assert kinds == {"", *claim_texts.KINDS}


def test_there_are_three_hundred_templates_in_several_styles() -> None:
    files = claim_texts.styles()
    assert sum(len(style.templates) for style in files) >= 300
    assert len({style.name for style in files}) >= 4
    assert sum(len(style.templates) for style in files if style.half == "held") >= 100


def test_each_held_out_file_of_an_outside_author_has_an_open_one_beside_it() -> None:
    outside = [style for style in claim_texts.styles() if "outside author" in style.name]
    opened = {style.name for style in outside if style.half == "open"}
    assert len(opened) >= 8
    assert all(style.name.split(", held out")[0] in opened for style in outside)
    assert all(len(style.templates) >= 40 and style.added for style in outside)


def test_the_published_wordings_are_in_two_halves_of_which_one_is_reported_apart() -> None:
    halves = {style.half: style for style in claim_texts.styles() if style.name.startswith("published")}
    assert set(halves) == {"open", "once"}
    assert sum(len(style.templates) for style in halves.values()) >= 150
    assert not set(halves["open"].templates) & set(halves["once"].templates)
    kinds = [(text.half, text.kind) for text in claim_texts.texts(facts(), each=40)]
    assert {kind for half, kind in kinds if half == "once"} == {"", *claim_texts.KINDS}


def test_the_same_record_gives_the_same_texts() -> None:
    assert claim_texts.texts(facts()) == claim_texts.texts(facts())
    assert claim_texts.joined(("V1", "V2", "V3")) == "V1-V3"
    assert claim_texts.joined(("II", "III", "aVF")) == "II, III and aVF"
    assert claim_texts.fill("{n:pr: ms} ?? qrs=wide", facts(), Random(0)) is None


def test_shares_are_counted_over_records_with_an_interval() -> None:
    rows = [Scored({("all", "number"): 4, ("all", "correct"): 2}, {("all", "number"): n}) for n in (4, 4, 2)]
    told = summary(rows)
    assert (told["altered"], told["caught"], told["correct"], told["blocked"]) == (12, 10, 6, 0)
    interval = told["by_kind"]["number"]["interval"]
    assert interval["low"] < 10 / 12 < interval["high"]
