"""The recipe of the reference model: folds, figures, what is shown how often, and what a text names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.instruct.labelled import Entry
from infra.cli import main
from infra.score import findings
from infra.score.tiny import recipe, texts, worth
from ingest.bed import Sex

pytestmark = pytest.mark.uncompiled

CLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
CODES = ("NORM", "IMI", "NDT", "LBBB", "LVH")


def entry(k: int, database: str = "ptbxl") -> Entry:
    return Entry(
        database, f"r{k}", f"{database}/r{k}", f"/data/{database}/r{k}", f"p{k}", 1, None, Sex.UNKNOWN, (CODES[k % 5], "SR"),
        frozenset({CLASSES[k % 5]}), "",
    )  # fmt: skip


def records(count: int = 60) -> recipe.Records:
    entries = tuple(entry(k, "ptbxl" if k % 3 else "cinc2021") for k in range(count))
    return recipe.Records(entries, np.arange(count) % 3, ("",) * count, *np.zeros((3, count, 16)))


def test_a_fold_is_judged_by_what_never_saw_it() -> None:
    some = records()
    assert not {e.name for e in some.without(1)} & {
        e.name for e, fold in zip(some.entries, some.fold, strict=True) if fold == 1
    }
    assert some.grouped(2).fold.tolist() == [0, 1, 0] * 20
    parts = [np.full((20, 26), float(fold)) for fold in range(3)]
    assert np.array_equal(recipe.pooled(some, parts)[:, 0], some.fold.astype(float))


def test_the_gain_of_a_better_tower_is_told_with_an_interval_above_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "ROUNDS", 100)
    some, rng = records(), np.random.default_rng(0)
    truth = worth.truth_of(some.entries)
    noise = rng.normal(size=truth.shape)
    better, worse = 3.0 * truth + noise, 0.5 * truth + noise
    gain = worth.difference(truth, worse, better)
    assert gain["low"] is not None
    assert 0.0 < gain["low"] <= gain["value"] <= gain["high"]  # type: ignore[operator]
    same = worth.difference(truth, better, better)
    assert same == {"value": 0.0, "low": 0.0, "high": 0.0}
    told = worth.compared(some.entries, truth, worse, better)
    assert told["taught"]["all"]["value"] > told["scratch"]["all"]["value"]


def test_an_expert_is_scaled_by_what_it_said_of_other_folds() -> None:
    some, rng = records(), np.random.default_rng(1)
    truth = worth.truth_of(some.entries)
    expert = truth + rng.normal(size=truth.shape)
    once = worth.together(some, truth, [expert])
    # what is told of its own fold changes nothing of how that fold is scaled
    flipped = np.where((some.fold == 0)[:, None], 1.0 - truth, truth)
    again = worth.together(some, flipped, [expert])
    assert np.allclose(once[some.fold == 0][:, :5], again[some.fold == 0][:, :5])
    assert not np.allclose(once[some.fold == 1][:, :5], again[some.fold == 1][:, :5])


def test_what_each_expert_adds_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "ROUNDS", 40)
    some, rng = records(), np.random.default_rng(2)
    truth = worth.truth_of(some.entries)
    good, blind = 3.0 * truth + rng.normal(size=truth.shape), rng.normal(size=truth.shape)
    assert worth.of_label(truth[:, 1], good[:, 1])["low"] > 0.9  # type: ignore[operator]
    told = worth.joined(some, truth, {"features": good, "taught": blind}, {"page": blind, "generator": good})
    assert told["adds"]["features"]["all"]["value"] > 0.1
    assert told["would_add"]["page"]["all"]["value"] < 0.0 < told["would_add"]["generator"]["all"]["value"]
    assert told["fused_against_features"]["all"]["value"] < 0.0
    within = told["within_folds"]["all"]
    assert within["fused"]["value"] - within["taught"]["value"] == pytest.approx(
        within["fused_against_taught"]["value"]
    )
    assert within["fused_against_features"]["value"] < 0.0 < within["fused_against_taught"]["low"]
    text = worth.lines({"records": 60, "folds": [20, 20, 20], **told})
    assert "features adds, PTB-XL" in text


def test_rarer_classes_are_shown_more_often() -> None:
    entries = [*(entry(0) for _ in range(16)), *(entry(k) for k in (1, 2, 3, 4))]
    entries = [replace(e, ecg=f"ptbxl/{k}") for k, e in enumerate(entries)]
    samples: list[dict[str, Any]] = [
        {"id": e.ecg, "ecg": e.ecg, "image": "", "conversations": [], "vigil": {}} for e in (*entries, entry(99))
    ]
    found = [sample["ecg"] for sample in texts.chosen(samples, entries)]
    assert found.count("ptbxl/0") == texts.EVERY
    assert found.count("ptbxl/17") == 4 * texts.EVERY
    assert "ptbxl/r99" not in found
    assert sum(name.startswith("teacher/") for name in found) == texts.SIMULATED


def test_the_findings_of_a_text_are_those_that_the_reader_of_claims_finds() -> None:
    written = [
        "Impression: normal ECG. The heart rate is <HR>. Diagnosis: normal ECG and sinus rhythm.",
        "Impression: myocardial infarction. Diagnosis: left anterior myocardial infarction.",
        "",
        "Diagnosis: normal ECG.",
        "nothing",
    ]
    truth = findings.carried([entry(k) for k in range(5)])
    told = texts.judged(truth, written)
    assert told["by_class"]["MI"]["f1"] == 1.0
    assert told["by_class"]["NORM"]["f1"] == pytest.approx(2 / 3)
    assert told["f1"]["value"] == pytest.approx((1.0 + 2 / 3) / 5)
    assert told["f1"]["low"] <= told["f1"]["value"] <= told["f1"]["high"]
    assert told["without_finding"] == 2
    lines = worth.lines({"records": 5, "folds": [5], "text": {"both": {"ptbxl": told, "all": told}}})
    assert "text, shown both: macro F1 ptbxl 0.333" in lines


def test_what_cannot_be_begun_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", reason="the recipe trains")
    for option, count in (("--folds", "1"), ("--texts", "9")):
        assert main(["learn", "tiny", "--out", str(tmp_path), option, count]) == 2
        assert f"{option} {count}: 2 to 8" in capsys.readouterr().err
