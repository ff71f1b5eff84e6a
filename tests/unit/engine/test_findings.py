"""Features of ten seconds, forests as arrays, and which signals they were made of."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.findings.features import features
from engine.findings.forest import Forests, load, logit, save, shipped
from engine.findings.trained_on import digest, trained_on
from engine.instruct.labelled import Change, of_recording
from infra.score import trees
from infra.score.learn_findings import grown
from ingest.frame import LEADS
from tests.unit.engine.labelled_sets import entry, recording


def found(change: Change = Change(), **patient: object) -> dict[str, float]:
    return features(of_recording(entry("SR"), recording(**patient), change).segment)


def test_features_tell_what_the_patient_has() -> None:
    usual, blocked, trembling = found(), found(conduction="R"), found(rhythm="af", rate=95.0)
    assert usual["rate_bpm"] == pytest.approx(72.0, abs=2.0)
    assert blocked["qrs_ms"] > usual["qrs_ms"] + 25.0
    assert blocked["end_mv_V1"] > usual["end_mv_V1"] + 0.05
    assert blocked["end_mv_I"] < usual["end_mv_I"]
    assert trembling["rr_variation"] > 4.0 * usual["rr_variation"]
    assert trembling["p_alike"] < usual["p_alike"]
    assert trembling["f_power_II"] > usual["f_power_II"]


def test_a_lead_that_is_missing_has_no_feature_and_the_others_keep_theirs() -> None:
    whole, part = found(), found(Change(leads=tuple(name for name in LEADS if name != "V3")))
    assert "r_mv_V3" in whole
    assert not any(name.endswith("_V3") for name in part)
    # the beats, by which wander is told from them, are found in the leads that are there
    assert part["r_mv_V5"] == pytest.approx(whole["r_mv_V5"], abs=0.0015)
    assert np.isnan(part["cornell_mv"])


def test_nothing_is_told_of_what_was_not_measured() -> None:
    segment = of_recording(entry("SR"), recording()).segment
    assert features(replace(segment, measurements=None)) == {}


def test_arrays_say_what_the_forest_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(120, 7))
    model = grown(rows, rows[:, 2] + 0.3 * rng.normal(size=120) > 0.4)
    made = Forests(("MI",), tuple("abcdefg"), np.zeros(7), (trees.forest(model),), np.array([0.8]), np.array([-0.1]))
    save(made, tmp_path / "forests.npz")
    kept = load(tmp_path / "forests.npz")
    fresh = rng.normal(size=(40, 7)).astype(np.float32).astype(np.float64)
    share = model.predict_proba(fresh.astype(np.float32))[:, 1]
    told = np.array([kept.logits(row)[0] for row in fresh])
    assert told == pytest.approx(logit(share), abs=1e-5)
    likely = kept.likely(dict(zip("abcdefg", fresh[0], strict=True)))["MI"]
    assert likely == pytest.approx(1.0 / (1.0 + np.exp(-(0.8 * told[0] - 0.1))), abs=1e-9)
    assert kept.likely({}) == kept.likely(dict.fromkeys("abcdefg", float("nan")))


def test_a_file_that_holds_no_forests_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"no archive")
    with pytest.raises(ValueError, match="holds no forests"):
        load(tmp_path / "x.npz")


def test_what_ships_tells_fibrillation_and_block_of_simulated_patients() -> None:
    forests = shipped()
    assert {"NORM", "MI", "STTC", "CD", "HYP", "AF_OR_AFLT"} <= set(forests.labels)
    usual, trembling, blocked = (
        forests.likely(f) for f in (found(), found(rhythm="af", rate=95.0), found(conduction="R"))
    )
    assert all(0.0 <= p <= 1.0 for p in usual.values())
    assert trembling["AF_OR_AFLT"] > 3.0 * usual["AF_OR_AFLT"]
    assert blocked["CD"] > 2.0 * usual["CD"]


def test_a_digest_is_of_the_first_ten_seconds_and_not_of_the_name() -> None:
    one = recording()
    assert digest(one) == digest(replace(one, name="another"))
    longer = replace(one, samples=np.hstack([one.samples, one.samples]))
    assert digest(longer) == digest(one)
    changed = one.samples.copy()
    changed[3, 100] += 1
    assert digest(replace(one, samples=changed)) != digest(one)
    assert len(trained_on()) > 400
    assert digest(one) not in trained_on()
