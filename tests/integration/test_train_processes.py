"""A training on two processes learns what it learns on one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra `torch`")

from engine.gem.checkpoint import open_checkpoint
from tests.compiling import await_compiled
from tests.unit.engine.train.made import sample, write_records, write_samples

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def test_two_processes_learn_what_one_learns(tiny_model: Path, tmp_path: Path) -> None:
    await_compiled()  # else each of the processes compiles for itself
    write_records(tmp_path)
    write_samples(tmp_path / "samples.json", [sample(k) for k in range(4)] + [sample(9)])
    for name, launch in (("one", ["-m"]), ("two", ["-m", "torch.distributed.run", "--nproc_per_node", "2", "-m"])):
        command = [
            sys.executable, *launch, "infra.cli", "engine", "train", "--stage", "tiny", "--init", str(tiny_model), "--data",
            str(tmp_path / "samples.json"), "--records", str(tmp_path), "--out", str(tmp_path / name), "--set", "batch=5", "--set",
            "micro=1", "--set", "epochs=3", "--cpu", "--threads", "1", "--failing", "0.3",
        ]  # fmt: skip
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
        told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        assert told.stdout.count("holds the checkpoint after 3 steps") == 1
    one, two = open_checkpoint(tmp_path / "one"), open_checkpoint(tmp_path / "two")
    assert max(float(np.abs(one.numpy(key) - two.numpy(key)).max()) for key in one.files) < 1e-4
    summaries = [json.loads((tmp_path / name / "training.json").read_text()) for name in ("one", "two")]
    assert summaries[0]["loss"]["last"] == pytest.approx(summaries[1]["loss"]["last"], rel=1e-4)
    assert [s["samples"] for s in summaries] == [12, 12]
    assert [s["unread"] for s in summaries] == [{"entries": 0, "samples": 1}] * 2
    assert summaries[1]["options"]["processes"] == 2
