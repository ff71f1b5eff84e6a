"""Plans on disk: what they are found by, and what happens to damaged and unfinished ones."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.trt_plans import Plan, PlanKey, PlanTensor, every, find, keep, sweep, unfinished

KEY = PlanKey("decoder", "ab" * 32, "12" * 32, "tensorrt", "11.4.0", "SM90", "13000", "bfloat16", (("slots", 4),))
TENSORS = (PlanTensor("k0_kept", False, "BF16", (-1, 4, 104, 32), same_as="k0"),)


def made(folder: Path, content: bytes = b"plan" * 100) -> Plan:
    with unfinished(folder, KEY) as part:
        part.write_bytes(content)
        return keep(part, KEY, TENSORS, 1.5)


def test_a_plan_is_found_again_with_what_is_told_of_it(tmp_path: Path) -> None:
    plan = made(tmp_path)
    assert find(tmp_path, KEY) == plan
    assert every(tmp_path) == [plan]
    assert plan.manifest.tensors == TENSORS
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".json", ".plan"]


@pytest.mark.parametrize(
    "change",
    [
        {"part": "ecg"},
        {"model": "cd" * 32},
        {"config": "34" * 32},
        {"package": "tensorrt_rtx"},
        {"version": "11.4.1"},
        {"target": "SM80"},
        {"driver": "13010"},
        {"precision": "float16"},
        {"sizes": (("slots", 8),)},
    ],
)
def test_a_plan_for_anything_else_is_another(tmp_path: Path, change: dict) -> None:
    made(tmp_path)
    other = replace(KEY, **change)
    assert other.name != KEY.name
    assert find(tmp_path, other) is None


@pytest.mark.parametrize("damage", ["cut", "flip", "manifest", "no manifest", "gone"])
def test_a_damaged_plan_is_not_found_and_is_built_over(tmp_path: Path, damage: str) -> None:
    plan = made(tmp_path)
    told, content = plan.path.with_suffix(".json"), plan.path.read_bytes()
    if damage == "cut":
        plan.path.write_bytes(content[:-1])
    elif damage == "flip":
        plan.path.write_bytes(content[:50] + b"x" + content[51:])
    elif damage == "manifest":
        told.write_bytes(told.read_bytes()[:40])
    elif damage == "no manifest":
        told.unlink()
    else:
        plan.path.unlink()
    assert find(tmp_path, KEY) is None
    again = made(tmp_path)
    assert find(tmp_path, KEY) == again


def test_what_was_not_finished_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with unfinished(tmp_path, KEY) as part:
            part.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_plan_of_another_release_that_lies_under_the_name_is_not_taken(tmp_path: Path) -> None:
    plan = made(tmp_path)
    told = plan.path.with_suffix(".json")
    told.write_bytes(told.read_bytes().replace(b"11.4.0", b"11.5.0"))
    assert find(tmp_path, KEY) is None


def test_what_killed_builds_left_is_swept_away_after_a_day(tmp_path: Path) -> None:
    plan = made(tmp_path)
    (tmp_path / "decoder.1.part").write_bytes(b"half")
    (tmp_path / "build-x").mkdir()
    (tmp_path / "build-x" / "weights.converted").write_bytes(b"half")
    sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4
    sweep(tmp_path, older_s=-1.0)
    assert find(tmp_path, KEY) == plan
    assert len(list(tmp_path.iterdir())) == 2
