"""`vigil engine interpret --picture`: one file in, words and a picture out."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
import wfdb
from PIL import Image

from engine.page import CLINICAL_3X4, GEM_PAGE, draw_page
from engine.teacher.record import quiet
from infra.cli import main
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from tests.compiling import await_compiled
from tests.unit.engine.tiny import CONFIG, write_tiny


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    """What is compiled for the first time is said, which these tests do not ask for."""
    await_compiled()


def test_the_first_interpretation_says_that_the_signal_path_is_compiled_and_a_later_one_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record = pydicom.data.get_testdata_file("waveform_ecg.dcm")
    asked = ["engine", "interpret", record, "--model", "none", "--json"]
    assert main(asked) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert main(asked) == 0
    told = capsys.readouterr()
    assert told.err == "vigil: compiling the signal path, once (one to two minutes)\n"
    assert json.loads(told.out)["state"] == "done"


def test_the_picture_is_written_beside_the_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = pydicom.data.get_testdata_file("waveform_ecg.dcm")
    file = tmp_path / "strip.png"
    assert main(["engine", "interpret", record, "--picture", str(file), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    with Image.open(file) as opened:
        assert opened.width == 2339
        assert opened.info["Software"].endswith(answer["model"])


def test_a_picture_that_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = pydicom.data.get_testdata_file("waveform_ecg.dcm")
    (tmp_path / "taken.png").mkdir()
    assert main(["engine", "interpret", record, "--picture", str(tmp_path / "taken.png")]) == 2
    told = capsys.readouterr()
    assert "taken.png cannot be written" in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a very small checkpoint that the CPU's runtime takes."""
    config = replace(CONFIG, llama=replace(CONFIG.llama, heads=2, kv_heads=1))
    return str(write_tiny(tmp_path_factory.mktemp("model"), config).folder)


def test_a_model_answers_question_after_question(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    record = pydicom.data.get_testdata_file("waveform_ecg.dcm")
    asked = ["--question", "Is it regular?", "--question", "Are you sure?"]
    assert main(["engine", "interpret", record, "--model", model, *asked, "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["question"], second["question"]) == ("Is it regular?", "Are you sure?")
    assert first["model"].startswith("tiny-")
    assert main(["engine", "interpret", record, "--model", model, "--json"]) == 0
    usual = json.loads(capsys.readouterr().out)
    assert usual["question"] == ""
    assert usual["findings"]


def test_the_model_that_ships_is_asked_where_none_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIL_MODEL")
    record = pydicom.data.get_testdata_file("waveform_ecg.dcm")
    assert main(["engine", "interpret", record, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["model"].startswith("gem-tiny-")
    assert len(told["sentences"]) >= 5
    assert len(told["leads"]) == 12
    assert told["band_hz"][0] == 0.05


def test_a_question_is_answered_by_what_was_measured_where_the_model_was_taught_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIL_MODEL")
    record = pydicom.data.get_testdata_file("waveform_ecg.dcm")
    asked = ["--question", "Is it regular?", "--question", "Is there ST elevation in V2?", "--question", "And in V5?"]
    for model in ([], ["--model", "none"]):
        assert main(["engine", "interpret", record, *asked, *model, "--json"]) == 0
        answers = json.loads(capsys.readouterr().out)
        assert [a["question"] for a in answers] == asked[1::2]
        assert "Regular rhythm: yes" in answers[0]["report"]
        assert answers[1]["report"].startswith("ST elevation in V2: no")
        assert answers[2]["report"].startswith("ST elevation in V5: no")
        assert all(c["verdict"] == "agree" for a in answers for c in a["claims"])
    for more, said in (
        (["--only", "signal"], "the one that ships was not"), (["--image", "page.png"], "the one that ships was not"),
        (["--only", "page", "--question", "Is it regular?"], "no question about a page"),
    ):  # fmt: skip
        assert main(["engine", "interpret", record, *more]) == 2
        assert said in capsys.readouterr().err


def test_the_model_that_ships_reads_a_page_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIL_MODEL")
    signal = quiet(3).signal
    for name, layout in (("rows.png", GEM_PAGE), ("3x4.png", CLINICAL_3X4)):
        page = draw_page(signal, np.ones(12, bool), layout)
        page.rotate(2.0, Image.Resampling.BICUBIC, fillcolor=(200, 200, 200)).save(tmp_path / name)
    record = pydicom.data.get_testdata_file("waveform_ecg.dcm")
    for given in (["--image", str(tmp_path / "rows.png")], [record, "--only", "page"]):
        assert main(["engine", "interpret", *given, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["report"].startswith("[From the page alone: its curves were read off the picture")
        assert told["withheld"][0]["reason"].startswith("not checked")
        assert not told["findings"]
        assert not re.search(r"<|\d+ ?(ms|bpm|mV|/min)", told["report"])
        assert told["model"].startswith("gem-tiny-")
    assert main(["engine", "interpret", "--image", str(tmp_path / "3x4.png")]) == 2
    assert "twelve rows" in capsys.readouterr().err


def test_either_half_alone_is_said_in_the_answer(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = pydicom.data.get_testdata_file("waveform_ecg.dcm")
    page = tmp_path / "page.png"
    assert main(["engine", "interpret", record, "--picture", str(page), "--json"]) == 0
    capsys.readouterr()
    for words, said in (
        ([record, "--only", "signal"], "from the signal alone"),
        ([record, "--only", "page"], "from the page alone"),
        (["--image", str(page)], "not checked"),
    ):
        assert main(["engine", "interpret", *words, "--model", model]) == 0
        told = capsys.readouterr().out
        assert said in told
        assert "not a medical device" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing to interpret"),
        (["--image", "page.png"], "need a model"),
        (["--image", "page.png", "--model", "MODEL"], "page.png"),
        (["--image", __file__, "--model", "MODEL"], "test_interpret.py"),
        (["--model", "/nowhere/model"], "nothing to interpret"),
        ([__file__, "--model", "/nowhere/model"], "/nowhere/model"),
        (["RECORD", "--rate", "250"], "tells its rate itself, 1000 Hz, and --rate 250 is another one"),
        (["RECORD", "--at", "5"], "--at 5 leaves 5 s of"),
        (["RECORD", "--at", "99"], "which is 10 s long: leave --at out"),
        (["RECORD", "--sizes", "sizes.json"], "--sizes sizes.json belongs to a model of your own"),
        (["RECORD", "--model", "none", "--only", "page"], "need a model, and none is asked for"),
        (["--image", "page.png", "--model", "MODEL", "--at", "12"], "--at is a time in a RECORD"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    words: list[str], said: str, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stands = {"MODEL": model, "RECORD": pydicom.data.get_testdata_file("waveform_ecg.dcm")}
    assert main(["engine", "interpret", *(stands.get(w, w) for w in words)]) != 0
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1


def test_an_option_that_is_not_known_points_to_the_help_of_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["engine", "interpret", "one.hea", "two.hea", "--modle", "none"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "vigil: two.hea --modle none is not known here; `vigil engine interpret --help` shows what there is\n"
    )


def test_the_help_says_what_every_option_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["engine", "interpret", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    for said in (
        "RECORD WFDB record",
        "--at SECONDS second of the file",
        "--rate HZ of a .csv",
        "--json one JSON object",
    ):
        assert said in words


def test_the_age_of_a_header_holds_unless_one_is_given_and_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Voltages tell a hypertrophy from 35 years on, and those of this record are large."""
    recording = simulate(SCENARIOS["sinus"], 12.0, seed=3)
    ecg = [k for k, one in enumerate(recording.signals) if one.is_ecg]
    millivolts = np.stack([2.5 * recording.samples[k] / recording.signals[k].gain for k in ecg], axis=1)
    names = [recording.signals[k].name for k in ecg]
    wfdb.wrsamp(
        "r", int(recording.rate_hz), ["mV"] * len(ecg), names, millivolts, fmt=["16"] * len(ecg),
        comments=["Age: 5", "Sex: Female", "Name: Somebody"], write_dir=str(tmp_path),
    )  # fmt: skip
    asked = ["engine", "interpret", str(tmp_path / "r"), "--model", "none", "--json"]
    assert main(asked) == 0
    shown = capsys.readouterr().out
    young = json.loads(shown)
    assert "164873001" not in {f["code"] for f in young["findings"]}
    assert "from 35 years on" in next(w["reason"] for w in young["withheld"] if w["name"] == "hypertrophy")
    assert "Somebody" not in shown
    assert main([*asked, "--age", "50"]) == 0
    assert "164873001" in {f["code"] for f in json.loads(capsys.readouterr().out)["findings"]}
