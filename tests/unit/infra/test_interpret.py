"""`vigil engine interpret --picture`: one file in, words and a picture out."""

import json
from pathlib import Path

import pydicom.data
import pytest
from PIL import Image

from infra.cli import main


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
