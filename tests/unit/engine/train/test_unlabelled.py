"""Training of the ECG tower by recordings without a label."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra `torch`")

import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.gem.ecg_tower import EcgTower
from engine.prepare import ENCODER_ORDER
from engine.teacher.record import draw
from engine.teacher.targets import LABELS, PARAMETERS, SCALE
from engine.train.heads import Heads
from engine.train.masked import UNITS, Rebuild, blinded, hidden, rebuilt_loss, standardised
from engine.train.needs import Failed, Refused
from engine.train.place import Place
from engine.train.pretrain import Unasked, train_unlabelled
from engine.train.run import Keeping
from engine.train.segments import Segments, Source
from engine.train.stages import UnlabelledStage, built_in, changed
from engine.train.towers import open_tower
from engine.train.unlabelled import Unlabelled
from ingest.frame import LEADS
from tests.unit.engine.train.test_encoder import SIZES
from tests.unit.engine.train.test_whole import asks_at

pytestmark = pytest.mark.uncompiled
LIMB = [k for k, unit in enumerate(UNITS) if unit == 0]


def stage(**changes: Any) -> UnlabelledStage:
    made = changed(
        built_in("encoder-unlabelled"),
        {"tower": SIZES, "steps": 6, "taught": 2, "unlabelled": 4, "held": 0.25, **changes},
        "test",
    )
    assert isinstance(made, UnlabelledStage)
    return made


def drawn(count: int, first: int = 0) -> Segments:
    """Segments of the teacher's records, what it knows of them in place of what would be measured."""
    records = [draw(first + k) for k in range(count)]
    rows = [LEADS.index(lead) for lead in ENCODER_ORDER]
    numbers = np.full((count, len(PARAMETERS)), np.nan, np.float32)
    numbers[:, 0] = [(one.parameters[0] - SCALE["rate_bpm"][0]) / SCALE["rate_bpm"][1] for one in records]
    return Segments(
        tuple(f"made/{k}" for k in range(count)), np.arange(count), np.stack([one.signal[rows] for one in records]).astype(np.float16),
        np.stack([one.mask[rows] for one in records]), numbers,
    )  # fmt: skip


def learn(made: UnlabelledStage, segments: Segments, out: Path, **keeping: Any) -> Any:
    given = Unasked([Source(name, name) for name in segments.names], segments=segments)
    summary = train_unlabelled(made, None, given, Keeping(out, cpu=True, **keeping))
    return summary, load_file(out / "ecg_tower.safetensors"), load_file(out / "heads.safetensors")


# what is hidden -----------------------------------------------------------------------------------------------------


def test_three_quarters_are_hidden_in_whole_stretches_and_whole_leads() -> None:
    torch.manual_seed(0)
    cells = hidden(torch.ones(400, 12, dtype=torch.bool), stage(masked=1.0), 100)
    assert float(cells.float().mean()) == pytest.approx(0.75, abs=0.02)
    whole = cells.all(dim=2)
    # what is no hidden lead shows its record's stretches: half of the time
    times = cells.float().amin(dim=1)
    assert torch.all(times.sum(dim=1) == 50)
    assert torch.equal(cells & ~whole[:, :, None], (times.bool()[:, None, :] & ~whole[:, :, None]))
    assert torch.all(whole[:, LIMB].all(dim=1) == whole[:, LIMB].any(dim=1))
    assert not whole.all(dim=1).any()


def test_a_share_of_the_records_is_shown_whole_and_absent_leads_are_never_hidden() -> None:
    torch.manual_seed(0)
    measured = torch.zeros(400, 12, dtype=torch.bool)
    measured[:, [ENCODER_ORDER.index("II"), ENCODER_ORDER.index("V1")]] = True
    cells = hidden(measured, stage(masked=0.25, mask_leads=1.0, mask_time=0.0), 100)
    assert float(cells.any(dim=(1, 2)).float().mean()) == pytest.approx(0.25, abs=0.08)
    assert not cells[~measured].any()
    # with every lead to be hidden, one of the two is left all the same
    assert torch.all(cells.all(dim=2).sum(dim=1) <= 1)
    assert not hidden(measured, stage(mask_leads=0.0, mask_time=0.0), 100).any()


def test_what_is_hidden_is_not_seen_and_alone_is_judged() -> None:
    torch.manual_seed(0)
    signals = torch.from_numpy(drawn(4).signals.astype(np.float32))
    cells = torch.zeros(4, 12, 100, dtype=torch.bool)
    cells[:, 3, 10:20] = True
    seen = blinded(signals, cells)
    assert not seen[:, 3, 500:1000].any()
    assert torch.equal(seen[:, :3], signals[:, :3])
    told = standardised(signals)
    assert float(rebuilt_loss(told, signals, cells)) == 0.0
    elsewhere = told.clone()
    elsewhere[:, 4:] += 3.0
    elsewhere[:, 3, :500] += 3.0
    assert float(rebuilt_loss(elsewhere, signals, cells)) == 0.0
    told[:, 3, 500:1000] += 3.0
    assert float(rebuilt_loss(told, signals, cells)) == pytest.approx(9.0, rel=1e-5)


def test_whoever_tells_the_mean_of_each_lead_has_an_error_of_one() -> None:
    signals = torch.from_numpy(drawn(6, 40).signals.astype(np.float32))
    there = signals.any(dim=2)
    every = there[:, :, None].expand(-1, -1, 100)
    assert float(rebuilt_loss(torch.zeros_like(signals), signals, every)) == pytest.approx(1.0, abs=1e-3)


def _gradients(measured: Tensor) -> Tensor:
    """Of what the last layer says of each lead: (12,), of leads of which these were measured."""
    torch.manual_seed(3)
    signals = torch.randn(4, 12, 5000).masked_fill(~measured[:, :, None], 0.0)
    rebuild = Rebuild(32, 50)
    cells = hidden(measured, stage(masked=1.0), 100)
    rebuilt_loss(rebuild(torch.randn(4, 100, 32)), signals, cells).backward()
    weight = rebuild.told.weight.grad
    assert weight is not None
    return weight.view(12, 50, 32).abs().sum(dim=(1, 2))


def test_leads_that_were_not_measured_carry_no_gradient() -> None:
    measured = torch.ones(4, 12, dtype=torch.bool)
    assert bool((_gradients(measured) > 0).all())
    measured[:, 5:9] = False
    found = _gradients(measured)
    assert not found[5:9].any()
    assert bool((found[:5] > 0).all())
    assert bool((found[9:] > 0).all())


# what is learnt -----------------------------------------------------------------------------------------------------


def test_what_is_hidden_is_told_better_than_by_the_mean(tmp_path: Path) -> None:
    made = stage(
        steps=150, taught=0, unlabelled=8, rate=5e-3, masked=1.0, mask_time=0.0, mask_leads=0.4, noise_mv=0, wander_mv=0,
        lost_leads=0, held=0.2, ema=0.9,
    )  # fmt: skip
    summary, _, _ = learn(made, drawn(40), tmp_path / "out")
    rows = [json.loads(line) for line in (tmp_path / "out/training.jsonl").read_text().splitlines()]
    assert np.mean([row["rebuilt"] for row in rows[-15:]]) < 0.8 * np.mean([row["rebuilt"] for row in rows[:15]])
    held = summary["held"]
    assert (held["recordings"], held["segments"], summary["recordings"]) == (8, 8, 32)
    assert held["rebuilt_by_mean"] == pytest.approx(1.0, abs=0.05)
    assert held["rebuilt"] < 0.9
    assert held["numbers"] < held["numbers_by_mean"]


def test_a_training_that_was_broken_off_ends_with_the_same_tower(tmp_path: Path) -> None:
    segments = drawn(8)
    first, *whole = learn(stage(), segments, tmp_path / "whole")
    with pytest.raises(Failed, match="stopped after step 3 of 6"):
        learn(stage(), segments, tmp_path / "broken", progress=asks_at(3, 15))
    assert (tmp_path / "broken/state.safetensors").exists()
    again, *rest = learn(stage(), segments, tmp_path / "broken")
    for one, other in zip(whole, rest, strict=True):
        assert all(torch.equal(one[key], other[key]) for key in one)
    assert first["held"] == again["held"]
    _, *others = learn(stage(seed=1), segments, tmp_path / "other")
    assert not torch.equal(others[1]["labels.weight"], whole[1]["labels.weight"])
    with pytest.raises(Refused, match="other options"):
        learn(stage(steps=7), segments, tmp_path / "whole")


def test_the_loss_is_the_sum_of_what_is_told_and_the_teacher_may_be_left_out(tmp_path: Path) -> None:
    learn(stage(steps=2), drawn(6), tmp_path / "beside")
    learn(stage(steps=2, taught=0), drawn(6), tmp_path / "alone")
    for name, terms in (("beside", ("rebuilt", "numbers", "taught", "parameters")), ("alone", ("rebuilt", "numbers"))):
        rows = [json.loads(line) for line in (tmp_path / name / "training.jsonl").read_text().splitlines()]
        assert all(row["loss"] == pytest.approx(sum(row[term] for term in terms), rel=1e-5) for row in rows)
        assert ("taught" in rows[0]) == (name == "beside")


def test_the_tower_goes_on_where_another_stage_ended_and_serves_the_next(tmp_path: Path) -> None:
    learn(stage(), drawn(6), tmp_path / "first")
    tower = open_tower(tmp_path / "first/ecg_tower.safetensors", False)
    segments = drawn(6)
    given = Unasked([Source(name, name) for name in segments.names], segments=segments)
    summary = train_unlabelled(stage(steps=1, rate=1e-9), tower, given, Keeping(tmp_path / "out", cpu=True))
    assert summary["options"]["start"] == {"ecg_tower": tower.digest}
    for name in ("ecg_tower", "heads"):
        before, after = (load_file(tmp_path / out / f"{name}.safetensors") for out in ("first", "out"))
        kept = [key for key in before if "running" not in key]
        assert all(torch.allclose(before[key], after[key], atol=1e-6) for key in kept)


def test_each_recording_comes_once_before_any_comes_again_with_any_of_its_segments() -> None:
    segments = drawn(9)
    segments = replace(segments, names=tuple("abcde"), recording=np.array([0, 0, 0, 0, 1, 2, 3, 4, 4]))
    made = stage(unlabelled=5, steps=40)
    torch.manual_seed(0)
    task = Unlabelled(
        EcgTower(made.tower), Heads(32, len(LABELS), len(PARAMETERS), 0.0, True), made, segments, Place("fp32", True), 0
    )
    rows = [task.rows(step) for step in range(40)]
    assert all(sorted(segments.recording[row]) == [0, 1, 2, 3, 4] for row in rows)
    assert {int(k) for row in rows for k in row} == set(range(9))
    assert all(np.array_equal(row, task.rows(step)) for step, row in enumerate(rows))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mask_time": 1.5}, "mask_time 1.5 is a share"),
        ({"masked": -0.5}, "masked -0.5 is a share"),
        ({"mask_span_s": 0.0}, "mask_span_s 0 lies between"),
        ({"unlabelled": 1}, "unlabelled is 2 or more"),
        ({"pieces": 0}, "pieces is 1 or more"),
        ({"held": 1.0}, "held 1 is a share below 1"),
        ({"rebuilt_weight": 0, "number_weight": 0}, "one of them above"),
        ({"real": 4}, "there is no field real"),
    ],
)
def test_a_stage_that_cannot_be_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        stage(**change)
