"""Class by class: what is counted, with what interval, and the table that is made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.findings.fusion import Tier
from engine.instruct.labelled import Entry
from infra.score import findings
from infra.score.findings import CLASSES
from infra.score.tiny import classes, counts, criteria, fitted, recipe, table, texts, worth
from ingest.bed import Sex

pytestmark = pytest.mark.uncompiled
NORM, MI, STTC, SR, PACE = (CLASSES.index(name) for name in ("NORM", "MI", "STTC", "SR", "PACE"))
CODES = ("NORM", "IMI", "NDT", "LBBB", "LVH")
GROUPS = ("NORM", "MI", "STTC", "CD", "HYP")


def entries(count: int) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            database, f"r{k}", f"{database}/r{k}", f"/data/{database}/r{k}", f"p{k}", 1, None, Sex.UNKNOWN,
            (CODES[k % 5], "SR" if k % 2 else "AF"), frozenset({GROUPS[k % 5]}), "",
        )
        for k in range(count)
        for database in ("ptbxl" if k % 3 else "cinc2021",)
    )  # fmt: skip


def column(values: list[float], c: int = MI) -> np.ndarray:
    rows = np.full((len(values), len(CLASSES)), np.nan)
    rows[:, c] = values
    return rows


def experts(truth: np.ndarray, seed: int, weight: float = 2.0) -> np.ndarray:
    return np.asarray(weight * truth + np.random.default_rng(seed).normal(size=truth.shape))


def test_f1_of_a_class_by_hand() -> None:
    truth = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, np.nan, 1.0])
    said = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, np.nan])
    told = counts.counted(truth, said)
    assert told is not None
    # three right, one false, one missed; where either is not told it is not counted
    assert told["f1"] == pytest.approx(6 / 8)
    assert (told["se"], told["ppv"], told["positive"], told["said"]) == (0.75, 0.75, 4, 4)
    assert 0.0 <= told["low"] < told["f1"] < told["high"] <= 1.0
    assert counts.counted(np.zeros(3), np.ones(3)) is None
    silent = counts.counted(np.array([1.0, 0.0]), np.zeros(2))
    assert silent is not None
    assert (silent["f1"], silent["ppv"]) == (0.0, None)


def test_two_sayings_are_compared_on_the_same_resampled_records() -> None:
    rng = np.random.default_rng(3)
    truth = findings.carried(entries(200))
    said = np.where(rng.random(truth.shape) < 0.25, 1.0 - truth, truth)
    better = said.copy()
    better[:, MI] = truth[:, MI]
    told = counts.difference(truth, said, better)
    alone = [counts.macro(truth, one) for one in (said, better)]
    assert told["value"] == pytest.approx(alone[1]["value"] - alone[0]["value"])  # type: ignore[operator]
    # what both share cancels within each resampling: the interval is narrower than that of either
    width = told["high"] - told["low"]  # type: ignore[operator]
    assert told["low"] > 0.0  # type: ignore[operator]
    assert width < min(one["high"] - one["low"] for one in alone)  # type: ignore[operator]
    assert counts.difference(truth, said, said) == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert counts.difference(column([1.0, 0.0], SR), *(column([1.0, 1.0], SR),) * 2)["value"] is None, "no superclass"
    assert counts.difference(truth, better, said)["value"] == pytest.approx(-told["value"])  # type: ignore[operator]


def test_a_class_is_called_by_what_was_fitted_to_other_folds() -> None:
    truth = findings.carried(entries(120))
    fold = np.arange(120) % 4
    said = {"features": experts(truth, 0), "tower": experts(truth, 1)}
    called = fitted.called(fold, truth, said)
    there = fold == 0
    again = fitted.called(fold, np.where(there[:, None], 1.0 - truth, truth), said)
    assert np.array_equal(called[there], again[there], equal_nan=True)
    assert not np.array_equal(called[~there], again[~there], equal_nan=True)
    assert set(np.unique(called[:, SR])) == {0.0, 1.0}, "a label that no tier shows has a threshold here too"
    assert np.isnan(called[:, PACE]).all(), "nobody carries it"
    assert fitted.best_f1(np.array([1.0, 1.0, 0.0, 0.0, 1.0]), np.array([0.9, 0.8, 0.7, 0.6, 0.1])) == 0.8


def test_what_ships_without_a_threshold_is_never_shown() -> None:
    tiers = np.full((2, len(CLASSES)), Tier.HIDDEN, object)
    tiers[0] = Tier.LIKELY
    tiers[1, MI] = Tier.POSSIBLE
    shown = fitted.as_shown(tiers)
    assert {name for name, one in zip(CLASSES, shown[0], strict=True) if not one} == set(fitted.WITHHELD)
    assert shown[1].sum() == shown[1, MI] == 1.0


@pytest.mark.parametrize(
    ("concepts", "labels", "by_words", "by_diagnosis"),
    [
        (("426783006",), "NORM SR", "SR", "NORM SR"),
        (("426783006", "164854000"), "NORM SR", "NORM SR", "NORM SR"),
        (("426783006", "39732003"), "NORM SR", "SR", "NORM SR"),
        (("426783006", "164917005"), "MI SR", "MI SR", "SR"),
        (("426783006", "54329005", "429622005"), "MI STTC SR", "MI STTC SR", "SR"),
        (("426783006", "164931005", "429622005"), "MI STTC SR", "MI STTC SR", "SR"),
        (("426783006", "164931005"), "MI SR", "MI SR", "SR"),
        (("164889003", "59118001"), "CD AF RBBB", "CD AF RBBB", "CD AF RBBB"),
        (("270492004", "426177001", "164873001"), "CD HYP SBRAD 1AVB", "CD HYP SBRAD 1AVB", "CD HYP SBRAD 1AVB"),
        (("364075005",), "", "", ""),
        ((), "", "", ""),
    ],
)
def test_what_the_criteria_find_is_read_as_labels(
    concepts: tuple[str, ...], labels: str, by_words: str, by_diagnosis: str
) -> None:
    def named(rows: np.ndarray) -> str:
        return " ".join(name for name, one in zip(CLASSES[:-1], rows[0], strict=False) if one)

    assert named(criteria.said([concepts])) == labels
    other = criteria.readings([concepts])
    assert named(other["normal_only_if_said"]) == by_words
    assert named(other["form_makes_no_class"]) == by_diagnosis


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Figures of made-up experts, criteria and texts, as the recipe tells them."""
    monkeypatch.setattr(findings, "ROUNDS", 60)
    some = entries(120)
    truth = findings.carried(some)
    fold = np.arange(120) % 4
    records = recipe.Records(some, fold, ("",) * 120, *(experts(truth, seed) for seed in range(3)))
    said = {"features": records.features, "simulated": records.simulated, "taught": experts(truth, 5)}
    likely, tiers = fitted.apart(fold, truth, said)
    called = fitted.called(fold, truth, said)
    concepts = [("426783006",) if k % 5 == 0 else ("426783006", "164917005") for k in range(120)]
    told = classes.beside_criteria(some, truth, concepts, {"called": called, "shown": fitted.as_shown(tiers)})
    return {
        "records": 120, "folds": [30] * 4, "classes": classes.of_fusion(some, truth, likely, called), "criteria": told,
        "encoders": {"by_class": classes.of_towers(some, truth, experts(truth, 6, 0.5), said["taught"])},
        "calibration": {"all": fitted.told(truth, likely, tiers, fold >= 0)},
        **worth.joined(records, truth[:, :15], {k: v[:, :15] for k, v in said.items()}, {"page": experts(truth, 9, 0.0)[:, :15]}),
    }  # fmt: skip


def test_every_class_has_its_interval_for_each_set(figures: dict[str, Any]) -> None:
    told = figures["classes"]
    assert set(told) == {"ptbxl", "cinc2021", "all"}
    assert {"NORM", "MI", "STTC", "CD", "HYP", "SR", "AF", "LBBB", "AF_OR_AFLT"} <= set(told["all"])
    for name, one in told["all"].items():
        assert one["auroc"]["low"] <= one["auroc"]["value"] <= one["auroc"]["high"], name
        assert one["called"]["low"] <= one["called"]["f1"] <= one["called"]["high"], name
        assert one["positive"] == sum(told[where][name]["positive"] for where in ("ptbxl", "cinc2021"))
    towers = figures["encoders"]["by_class"]["all"]
    assert towers["MI"]["gain"]["value"] == pytest.approx(
        towers["MI"]["taught"]["value"] - towers["MI"]["scratch"]["value"]
    )
    assert towers[classes.MACRO]["gain"]["low"] > 0.0
    gain = figures["criteria"]["all"]["gain"]
    assert set(gain) == {"called", "shown"}
    assert gain["called"]["low"] > 0.0
    # normal is never shown, and these criteria tell nothing but normal and infarct
    assert gain["shown"]["value"] < figures["criteria"]["all"]["gain_where_shown"]["value"]
    # these criteria name every normal and every infarct, and call the others infarcts
    alone = figures["criteria"]["all"]["criteria"]["by_class"]
    assert (alone["NORM"]["f1"], alone["MI"]["se"], alone["MI"]["ppv"], alone["CD"]["f1"]) == (1.0, 1.0, 0.25, 0.0)
    json.dumps(figures, allow_nan=False)


def test_both_forests_are_taken_out_together(figures: dict[str, Any]) -> None:
    adds = figures["adds"]
    assert set(adds) == {"features", "simulated", "taught", "forests"}
    assert all(set(one) == {"ptbxl", "cinc2021", "all"} for one in (*adds.values(), *figures["would_add"].values()))
    assert adds["forests"]["all"]["value"] > max(adds[name]["all"]["value"] for name in ("features", "simulated"))
    assert abs(figures["would_add"]["page"]["all"]["value"]) < 0.005, "what knows nothing adds nothing"


def test_the_table_has_a_row_for_each_class_and_one_for_the_mean(figures: dict[str, Any]) -> None:
    lines = table.lines(figures).splitlines()
    rows = [line.split(" | ") for line in lines if line.startswith("| ")]
    first = rows[: len(figures["classes"]["all"]) + 2]
    assert [len(row) for row in first] == [len(table.HEADS)] * len(first)
    cells = {row[0].strip("| "): dict(zip(table.HEADS[1:], row[1:], strict=True)) for row in first[1:]}
    assert list(cells)[:5] == list(GROUPS)
    assert {"AF or AFLT", "**mean of five**"} <= set(cells)
    auroc = figures["classes"]["ptbxl"]["MI"]["auroc"]
    assert cells["MI"]["AUROC, PTB-XL"] == f"{auroc['value']:.2f} ({auroc['low']:.2f} to {auroc['high']:.2f})"
    assert cells["NORM"]["criteria alone: F1"] == "1.00 (1.00 to 1.00)"
    assert cells["NORM"]["likely"] == "withheld"
    assert cells["MI"]["its texts: F1"] == "-", "no texts were judged"
    assert cells["NORM"]["model as shown: F1"] == "0, never shown"
    assert any(line.startswith("| macro AUROC: measured features") for line in lines)
    assert lines[-1].endswith("when these figures were made: paired differences of texts.")
    assert "tell no classes" in table.lines({"records": 5})


def test_texts_are_judged_where_every_fold_has_some(tmp_path: Path) -> None:
    some = entries(6)
    records = recipe.Records(some, np.arange(6) % 2, ("",) * 6, *np.zeros((3, 6, len(CLASSES))))
    normal, infarct = "Diagnosis: normal ECG.", "Diagnosis: inferior myocardial infarction."
    for fold in range(2):
        folder = tmp_path / f"text-taught-{fold + 1}of2"
        folder.mkdir()
        assert texts.kept(tmp_path, records) == {}
        right = [infarct if k % 5 == 1 else normal for k in range(6) if k % 2 == fold]
        (folder / "texts.json").write_text(json.dumps({"both": right, "signal": [normal] * 3, "page": [""] * 3}))
    written = texts.kept(tmp_path, records)
    assert written["both"] == [normal, infarct, normal, normal, normal, normal]
    told = texts.figures(records, written)
    assert told["text_folds"] == [3, 3]
    macro = told["text"]["both"]["all"]["f1"]["value"] - told["text"]["signal"]["all"]["f1"]["value"]
    assert told["text_adds"]["page"]["all"]["value"] == pytest.approx(macro)
    assert told["text_adds"]["page"]["all"]["value"] > 0.0
    assert texts.said(written)["both"][:, [NORM, MI]].tolist() == [[1, 0], [0, 1], [1, 0], [1, 0], [1, 0], [1, 0]]
