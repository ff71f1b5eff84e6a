"""`vigil score texts`: what is shown of records by the path of the engine worker."""

import json
from pathlib import Path

import pytest

from infra.cli import main


def test_every_number_that_is_shown_of_a_record_is_measured(
    ptbxl: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["score", "texts", "--database", ptbxl.name, "--limit", "2"]
    assert main(words) == 2
    assert "the criteria write no text" in capsys.readouterr().err
    monkeypatch.delenv("VIGIL_MODEL")
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["records"], told["by_the_model"]) == (2, 2)
    assert told["numbers_per_record"] >= 4
    assert told["numbers_disagreeing_shown"] == 0
    assert told["sentences_with_evidence"] == told["sentences"]
