"""`vigil engine tokenizer` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.cli import main
from tests.unit.engine.train.made import sample, write_samples


def test_a_tokenizer_is_written_with_the_sizes_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_samples(tmp_path / "samples.json", [sample(k) for k in range(4)])
    words = ["engine", "tokenizer", "--data", str(data), "--out", str(tmp_path / "new")]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["samples"] == 4
    assert f"vocabulary = {told['tokens']}" in (tmp_path / "new/sizes.toml").read_text()
    assert main(words) == 2
    assert "holds other files" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--size", "100"], "are 7"),
        (["--data", "nowhere.json"], "is not there"),
        (["--out", "no/where"], "is not there"),
    ],
)
def test_what_cannot_be_made_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], why: str
) -> None:
    data = write_samples(tmp_path / "samples.json", [sample(0)])
    assert main(["engine", "tokenizer", "--data", str(data), "--out", str(tmp_path / "new"), *more]) == 2
    assert why in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
