"""What several experts say becomes one probability and a tier; what ships says it of simulated patients, without torch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.findings import fusion
from engine.findings.forest import shipped as forests
from engine.findings.fused import FORESTS, FUSION, HEADS, ordered, shipped
from engine.findings.fusion import Fusion, Scaling, Tier
from engine.findings.trained_on import trained_on
from engine.gem.checkpoint import open_checkpoint
from engine.instruct.labelled import of_recording
from engine.tiny_model import folder
from stream.trigger import Segment
from tests.unit.engine.labelled_sets import entry, recording

NAN = float("nan")
LIMIT, WHOLE = 15e6, 40e6
"""Bytes of one file, and of all that the interpreter needs."""


def made() -> Fusion:
    one, other = (
        Scaling(np.array([1.0, 2.0]), np.array([0.0, 1.0])),
        Scaling(np.array([1.0, NAN]), np.array([0.5, NAN])),
    )
    whole = Scaling(np.array([2.0, 1.0]), np.zeros(2))
    return Fusion(("MI", "AF"), {"a": one, "b": other}, whole, np.array([NAN, 0.8]), np.array([0.4, 0.6]))


def segment(**patient: object) -> Segment:
    return of_recording(entry("SR"), recording(**patient)).segment


def test_the_mean_of_those_that_say_something_is_scaled_once_more() -> None:
    said = {"a": np.array([1.0, 1.0]), "b": np.array([0.5, 3.0])}
    assert made().together(said) == pytest.approx([1.0, 3.0])
    assert made().probabilities(said) == pytest.approx(1.0 / (1.0 + np.exp([-2.0, -3.0])))
    assert made().probabilities({"a": said["a"]}) == pytest.approx(1.0 / (1.0 + np.exp([-1.0, -3.0])))
    assert np.isnan(made().probabilities({"b": said["b"]})[1])


def test_a_tier_begins_at_its_threshold_and_one_that_is_not_told_is_never_shown() -> None:
    assert [made().tier("AF", p) for p in (0.8, 0.79, 0.6, 0.59, NAN)] == [
        Tier.LIKELY, Tier.POSSIBLE, Tier.POSSIBLE, Tier.HIDDEN, Tier.HIDDEN,
    ]  # fmt: skip
    assert made().tier("MI", 0.99) is Tier.POSSIBLE


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    fusion.save(made(), tmp_path / "f.json")
    kept, said = fusion.load(tmp_path / "f.json"), {"a": np.array([0.3, -1.0]), "b": np.array([2.0, 1.0])}
    assert kept.probabilities(said) == pytest.approx(made().probabilities(said), abs=1e-6)
    assert (kept.labels, np.isnan(kept.likely).tolist()) == (("MI", "AF"), [True, False])
    for wrong in ("{", '{"labels": []}', (tmp_path / "f.json").read_text().replace('"MI",', "")):
        (tmp_path / "g.json").write_text(wrong)
        with pytest.raises(ValueError, match="make it with"):
            fusion.load(tmp_path / "g.json")


def test_the_group_of_both_atrial_rhythms_is_as_sure_as_the_surer_of_them() -> None:
    told = ordered(np.array([[1.0, 2.0, -1.0]]), ("AF", "MI", "AFLT"), ("MI", "AF_OR_AFLT", "PVC"))
    assert told[0, :2].tolist() == [2.0, 1.0]
    assert np.isnan(told[0, 2])


def test_what_ships_is_small_whole_and_no_pickle() -> None:
    files = [path for path in folder().iterdir() if path.is_file()]
    assert {FUSION, HEADS, FORESTS, "config.json", "tokenizer.json", "trained_on.txt", "README.md", "figures.json"} <= {
        p.name for p in files
    }
    assert {p.suffix for p in files} <= {".json", ".txt", ".md", ".safetensors", ".npz", ".npy"}
    assert max(p.stat().st_size for p in files) < LIMIT
    assert sum(p.stat().st_size for p in files) + Path(forests.__wrapped__.__globals__["FILE"]).stat().st_size < WHOLE
    assert (folder() / "trained_on.txt").read_text().split() == sorted(trained_on())
    with np.load(folder() / FORESTS, allow_pickle=False) as held:
        assert len(held["names"]) > 200
    checkpoint = open_checkpoint(folder())
    assert (checkpoint.config.name, checkpoint.config.dtype) == ("gem-tiny", "float16")
    assert "Research software, not a medical device" in (folder() / "README.md").read_text()


def test_what_ships_tells_fibrillation_and_block_of_simulated_patients() -> None:
    usual, trembling, blocked = (
        shipped().likely(s) for s in (segment(), segment(rhythm="af", rate=95.0), segment(conduction="R"))
    )
    assert {"NORM", "MI", "STTC", "CD", "HYP", "AF_OR_AFLT"} <= set(usual)
    assert all(0.0 <= p <= 1.0 for p in usual.values())
    assert trembling["AF_OR_AFLT"] > 3.0 * usual["AF_OR_AFLT"]
    assert blocked["CD"] > 2.0 * usual["CD"]
    assert shipped().shown(segment(rhythm="af", rate=95.0))["AF_OR_AFLT"] is not Tier.HIDDEN


def test_what_the_data_cannot_support_is_never_shown_and_nothing_is_told_without_measurements() -> None:
    never = [
        k
        for k, name in enumerate(shipped().fusion.labels)
        if name in ("NORM", "HYP", "LBBB", "1AVB", "AFLT", "SR", "STACH", "SBRAD")
    ]
    assert np.isnan(shipped().fusion.likely[never]).all()
    assert np.isnan(shipped().fusion.possible[never]).all()
    assert shipped().likely(replace(segment(), measurements=None)) == {}
