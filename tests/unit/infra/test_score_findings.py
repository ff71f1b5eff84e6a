"""Areas, calibration, and that nothing is scored on what it was made of."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from engine.instruct.labels import SUPERCLASSES
from infra.plan import BadRequest
from infra.score import findings, learn_findings
from infra.score.findings import CLASSES, auroc, calibration_error, carried, figures
from tests.unit.engine.labelled_sets import entry


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    truth = np.array([True, False, True, False, False])
    likely = np.array([0.9, 0.2, 0.5, 0.5, 0.1])
    assert auroc(truth, likely) == pytest.approx(5.5 / 6.0)
    assert auroc(truth, 1.0 - likely) == pytest.approx(0.5 / 6.0)
    assert auroc(np.ones(5, bool), likely) is None
    assert auroc(truth, np.array([0.9, np.nan, 0.5, 0.1, np.nan])) == 1.0


def test_calibration_is_off_by_what_is_promised_too_much() -> None:
    truth = np.zeros((100, 1), bool)
    truth[:30] = True
    assert calibration_error(truth, np.full((100, 1), 0.3)) == pytest.approx(0.0)
    assert calibration_error(truth, np.full((100, 1), 0.55)) == pytest.approx(0.25)
    assert calibration_error(truth, np.full((100, 1), np.nan)) is None


def test_labels_of_a_record_and_the_group_of_both_atrial_rhythms() -> None:
    table = carried([entry("AFLT"), entry("1AVB"), entry("NORM", "SR")])
    told = [{name for name, has in zip(CLASSES, row, strict=True) if has} for row in table]
    assert told == [{"AFLT", "AF_OR_AFLT"}, {"1AVB", "CD"}, {"NORM", "SR"}]


def test_what_a_set_does_not_tell_is_no_negative() -> None:
    (row,) = carried([entry("RBBB", table="exams.csv")])
    told = dict(zip(CLASSES, row.tolist(), strict=True))
    assert (told["RBBB"], told["LBBB"], told["NORM"]) == (1.0, 0.0, 0.0)
    assert np.isnan([told["MI"], told["PVC"], told["AF_OR_AFLT"]]).all()
    assert auroc(np.array([1.0, 0.0, np.nan]), np.array([0.9, 0.1, 0.95])) == 1.0


def test_the_figures_are_of_the_classes_that_are_told() -> None:
    rng = np.random.default_rng(0)
    entries = [entry(*(("NORM", "SR") if k % 2 else ("1AVB",)), record=str(k)) for k in range(60)]
    likely = np.full((60, len(CLASSES)), np.nan)
    likely[:, CLASSES.index("NORM")] = [0.5 + 0.4 * (k % 2) + 0.05 * rng.normal() for k in range(60)]
    likely[:, CLASSES.index("CD")] = 0.5
    told = figures(entries, likely, [0.02] * 60, 7)
    assert told["records"] == 60
    assert told["excluded_as_trained_on"] == 7
    assert told["by_class"]["NORM"]["auroc"] == 1.0
    assert told["by_class"]["CD"]["auroc"] == 0.5
    assert told["macro_auroc"]["value"] == 0.75
    assert "MI" not in told["by_class"]
    assert told["by_database"]["made"]["records"] == 60
    assert "macro AUROC" in findings.lines(told)


def test_groups_stay_in_one_fold() -> None:
    known, double, alone = entry(record="1"), entry(record="2"), entry(record="3")
    object.__setattr__(double, "fold", 7)
    object.__setattr__(alone, "fold", None)
    groups = {known.name: "g", double.name: "g", alone.name: "h"}
    folds = [learn_findings.fold_of(e, groups, [known, double, alone]) for e in (known, double, alone)]
    assert folds[0] == folds[1] == 1
    assert folds[2] in learn_findings.FOLDS


@pytest.mark.slow
def test_recordings_that_were_learnt_from_are_never_scored(ptbxl: Path) -> None:
    assert ptbxl.is_dir()
    args = argparse.Namespace(data="", database="ptbxl", json=True)
    with pytest.raises(BadRequest, match="all 353 labelled records were learnt from"):
        findings.measured(args)
    assert set(SUPERCLASSES) <= set(CLASSES)
