"""Training of the ECG tower by the teacher and by labelled records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra `torch`")

import torch
from safetensors.torch import load_file, save_file

from engine.gem.config import EcgSizes, GemConfig
from engine.gem.layout import ECG, expected
from engine.instruct.sets import entries
from engine.teacher.record import draw
from engine.teacher.targets import LABELS, PARAMETERS
from engine.train.encoder import ROWS, read_real
from engine.train.heads import Heads, harmed
from engine.train.needs import Failed, Refused
from engine.train.run import Keeping, train_encoder
from engine.train.stages import EncoderStage, built_in, changed
from engine.train.taught import known_cross_entropy, known_smooth_l1
from engine.train.towers import Tower, heads_beside, open_tower
from ingest.frame import LEADS
from tests.unit.engine.labelled_sets import write_ptbxl
from tests.unit.engine.train.test_whole import asks_at

pytestmark = pytest.mark.uncompiled

SIZES = {"width": 32, "layers": 1, "head_width": 16, "mlp": 64, "channels": [8, 16]}


def stage(base: str = "encoder", **changes: Any) -> EncoderStage:
    made = changed(built_in(base), {"tower": SIZES, "steps": 6, "taught": 4, **changes}, "test")
    assert isinstance(made, EncoderStage)
    return made


def learn(stage: EncoderStage, out: Path, tower: Tower | None = None, labelled: Any = (), **keeping: Any) -> Any:
    summary = train_encoder(stage, tower, labelled, Keeping(out, cpu=True, **keeping))
    return summary, load_file(out / "ecg_tower.safetensors"), load_file(out / "heads.safetensors")


@pytest.mark.parametrize("stem", ["conv", "patch50"])
def test_the_tower_is_written_under_the_keys_of_the_layout(tmp_path: Path, stem: str) -> None:
    summary, tower, heads = learn(stage(tower=SIZES | {"stem": stem}, steps=2), tmp_path / "out")
    sizes = EcgSizes(stem, 32, 1, 16, 64, 0, channels=(8, 16))
    wanted = {key: shape for key, shape in expected(GemConfig(ecg=sizes)).items() if key.startswith(ECG)}
    assert {key: tuple(t.shape) for key, t in tower.items()} == wanted
    assert open_tower(tmp_path / "out/ecg_tower.safetensors", False).sizes == sizes
    assert heads["labels.weight"].shape == (len(LABELS), 5 * 32)
    assert summary == json.loads((tmp_path / "out/training.json").read_text())


def test_what_was_taught_is_learnt(tmp_path: Path) -> None:
    summary, _, _ = learn(stage(steps=30, taught=6, rate=5e-3), tmp_path / "out")
    assert summary["loss"]["end_mean"] < 0.8 * summary["loss"]["begin_mean"]


def test_a_training_that_was_broken_off_ends_with_the_same_tower(tmp_path: Path) -> None:
    made = stage()
    _, *whole = learn(made, tmp_path / "whole")
    with pytest.raises(Failed, match="stopped after step 3 of 6"):
        learn(made, tmp_path / "broken", progress=asks_at(3, 15))
    _, *again = learn(made, tmp_path / "broken")
    for one, other in zip(whole, again, strict=True):
        assert all(torch.equal(one[key], other[key]) for key in one)
    _, *rest = learn(stage(seed=1), tmp_path / "other")
    assert not torch.equal(rest[0][f"{ECG}stem.0.conv.weight"], whole[0][f"{ECG}stem.0.conv.weight"])


def test_labelled_records_are_learnt_beside_the_teachers(tmp_path: Path) -> None:
    made = stage("encoder-real", real=4)
    first = learn(stage(steps=2), tmp_path / "first")
    labelled = entries("ptbxl", write_ptbxl(tmp_path / "ptbxl"))
    tower = open_tower(tmp_path / "first/ecg_tower.safetensors", False)
    summary, _, _ = learn(made, tmp_path / "out", tower, labelled)
    assert summary["labelled_records"] == 4
    assert summary["options"]["start"] == {"ecg_tower": tower.digest}
    rows = [json.loads(line) for line in (tmp_path / "out/training.jsonl").read_text().splitlines()]
    assert all({"real", "taught", "parameters"} <= set(row) for row in rows)
    assert all(row["loss"] == pytest.approx(row["real"] + row["taught"] + row["parameters"]) for row in rows)
    beside = heads_beside(tower.file)
    assert beside is not None
    assert all(torch.equal(beside[key], first[2][key]) for key in beside)
    with pytest.raises(Refused, match="name sets with --sets"):
        learn(made, tmp_path / "none")


def test_real_records_come_with_their_labels_in_the_towers_order(tmp_path: Path) -> None:
    labelled = entries("ptbxl", write_ptbxl(tmp_path / "ptbxl"))
    (tmp_path / "ptbxl/records500/00000/00003_hr.dat").unlink()
    real, unread = read_real(labelled, 0)
    assert real.signals.shape == (3, 12, 5000)
    assert [name for name, _ in unread] == ["ptbxl/3"]
    assert real.labels.shape == (3, len(LABELS))
    named = [{LABELS[k] for k in np.flatnonzero(row == 1)} for row in real.labels]
    assert named[0] == {"NORM", "SR"}
    assert "AF" in named[1]
    assert [LEADS[k] for k in ROWS][3:6] == ["aVR", "aVF", "aVL"]


def test_what_is_not_told_costs_nothing() -> None:
    logits, labels = torch.zeros(2, 3), torch.tensor([[1.0, float("nan"), 0.0], [float("nan")] * 3])
    assert float(known_cross_entropy(logits, labels)) == pytest.approx(np.log(2))
    assert float(known_cross_entropy(logits[1:], labels[1:])) == 0.0
    weight = torch.tensor([3.0, 100.0, 1.0])
    assert float(known_cross_entropy(logits, labels, weight)) == pytest.approx(2 * np.log(2))
    assert float(known_smooth_l1(logits, labels)) == pytest.approx((1 - 0.25) / 2)


def test_harm_keeps_what_a_record_is_and_leaves_missing_leads_missing() -> None:
    signals = torch.from_numpy(np.stack([draw(k).signal for k in range(16)]))
    signals[:, 4] = 0.0
    there = signals.any(dim=2)
    torch.manual_seed(1)
    made = harmed(signals, stage())
    assert made.shape == signals.shape
    assert not made[~there].any()
    lost = ~made.any(dim=2) & there
    assert 0 < int(lost.sum()) < 0.1 * int(there.sum())
    assert not torch.equal(made[there & ~lost], signals[there & ~lost])
    none = stage(gain=0, lead_gain=0, noise_mv=0, wander_mv=0, lost_leads=0, shift_s=0)
    assert torch.equal(harmed(signals, none), signals)


def test_heads_read_all_tokens() -> None:
    heads = Heads(32, len(LABELS), len(PARAMETERS), 0.0).eval()
    tokens = torch.randn(2, 101, 32, requires_grad=True)
    labels, parameters = heads(tokens)
    assert (labels.shape, parameters.shape) == ((2, len(LABELS)), (2, len(PARAMETERS)))
    (labels.sum() + parameters.sum()).backward()
    assert tokens.grad is not None
    assert bool((tokens.grad.abs().sum(dim=2) > 0).all())


def test_the_class_token_is_taught_to_tell_by_itself_what_all_tokens_tell() -> None:
    torch.manual_seed(0)
    heads = Heads(32, 5, 3, 0.0, first=True).train()
    tokens = torch.randn(400, 11, 32)
    labels, parameters = heads(tokens)
    alone = heads.first(heads.norm(tokens[:, 0]))  # type: ignore[misc]
    by_first = torch.isclose(torch.cat([labels, parameters], dim=1), alone, atol=1e-5).all(dim=1)
    # about half of the records are told by the first token and by nothing else
    assert 150 < int(by_first.sum()) < 250
    heads.eval()
    once, again = heads(tokens), heads(tokens)
    assert torch.equal(once[0], again[0])
    rest = 2 * once[0] - alone[:, :5]
    taught = labels[~by_first]
    assert torch.allclose(rest[~by_first], taught, atol=1e-5)


def test_heads_that_read_no_class_token_are_refused(tmp_path: Path) -> None:
    learn(stage(steps=2), tmp_path / "out")
    heads = load_file(tmp_path / "out/heads.safetensors")
    told = {"labels": ",".join(LABELS), "parameters": ",".join(PARAMETERS)}
    del heads["first.weight"]
    save_file(heads, tmp_path / "out/heads.safetensors", told)
    with pytest.raises(Refused, match="reads no class token"):
        heads_beside(tmp_path / "out/ecg_tower.safetensors")
