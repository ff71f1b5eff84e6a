"""`vigil bench interpret`: what it prints, from which records, and what it says without its peer."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.image_values import ImageValues
from engine.random_model import SMALL, write_random
from infra.bench.interpret import SIMULATED_S, Bench, Plan, as_given, lines
from infra.cli import main
from ingest.simulator import bench_recordings
from tests.unit.engine.tiny import CONFIG, write_tiny


def test_the_random_model_is_small_and_always_the_same(tmp_path: Path) -> None:
    one, two = (write_random(tmp_path / name) for name in "ab")
    assert 8e6 < one.parameters < 13e6
    assert one.digest == two.digest
    assert SMALL.recording_tokens == 150


def test_a_short_measurement_tells_all_its_keys(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the peer needs the extra `torch`")
    from engine.peer import Peer

    checkpoint = write_tiny(tmp_path / "model", replace(CONFIG, image=ImageValues(56, 56)))
    given = [as_given(recording, checkpoint.config) for recording in bench_recordings(2, SIMULATED_S, seed=1)]
    assert given[0].signal.shape == (12, 5000)
    assert given[0].page.shape == (3, 56, 56)
    assert not np.array_equal(given[0].page, given[1].page)
    told = Bench(checkpoint, given, Plan(2, tokens=9, rounds={3: 1}), tmp_path / "graphs").measure(Peer(checkpoint, 1))
    assert told["tokens"] == 9
    for times in (told["waiting"], told["int8"]["waiting"]):
        assert list(times) == ["1", "3"]
        for one in times.values():
            assert 0 < one["first_token_p50_s"] <= one["first_token_p99_s"] < one["text_p99_s"]
            assert one["tokens_per_s"] > 0
    assert told["peer"]["same_texts"] == told["peer"]["texts"] == 2
    assert told["ratio"] == pytest.approx(
        told["peer"]["text_p50_s"] / told["waiting"]["1"]["text_p50_s"], rel=0.6
    )  # of rounded times
    assert "2 of 2 texts the same" in lines(told | {"parameters": 1, "weights": "random", "records": "simulator"})


def test_a_number_that_cannot_be_measured_with_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--repeats", "0"], ["--threads", "0"], ["--ahead", "-1"]):
        assert main(["bench", "interpret", *words]) == 2
        assert words[0] in capsys.readouterr().err


def test_without_the_peer_it_says_what_installs_it() -> None:
    code = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Absent())
sys.modules["torch"] = None
from infra.cli import main
sys.exit(main(["bench", "interpret"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONPATH": ":".join(p for p in sys.path if p)},
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "torch is not installed: `make bench`" in done.stderr
