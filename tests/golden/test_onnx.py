"""The published model on the CPU's runtime, which needs no torch: every case of the golden pack."""

from __future__ import annotations

from pathlib import Path

from engine.golden import open_pack, run_all
from engine.onnx_runtime import open_runtime


def test_the_default_runtime_answers_as_the_published_code_did(gem_golden: Path, tmp_path: Path) -> None:
    pack = open_pack(gem_golden)
    outcomes = run_all(open_runtime(pack.checkpoint, slots=2, cache=tmp_path), pack)
    assert len(outcomes) == 14
    assert [o for o in outcomes if not o.is_same] == []
