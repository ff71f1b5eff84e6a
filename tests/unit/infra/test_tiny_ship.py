"""The step that ships: thresholds and scaling by hand, and a very short training through all of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.findings import prints
from engine.findings.fusion import Tier
from engine.findings.trained_on import digest
from engine.instruct.labelled import recording_of
from infra.plan import BadRequest
from infra.score.findings import CLASSES
from infra.score.tiny import fitted, reading, recipe, ship, simulated_forests, texts
from tests.unit.engine.labelled_sets import write_ptbxl

pytestmark = pytest.mark.slow
MI, STTC = CLASSES.index("MI"), CLASSES.index("STTC")


def told(count: int = 90) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Truth, what two experts say of it, and folds."""
    rng = np.random.default_rng(0)
    truth = np.full((count, len(CLASSES)), np.nan)
    truth[:, [MI, STTC]] = rng.random((count, 2)) < 0.4
    said = {name: 2.0 * truth + rng.normal(size=truth.shape) for name in ("features", "tower")}
    return truth, said, np.arange(count) % 3


def test_thresholds_by_hand() -> None:
    likely = np.array([0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    truth = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    # right of said: 1/1, 3/3, 3/4, 4/5, 4/6: the lowest with at least 0.8 of at least five is the fifth; best F1 there too, 8/10
    assert fitted._thresholds("STTC", truth, likely) == (0.6, 0.6)
    assert np.isnan(fitted._thresholds("MI", truth, likely)[0])
    assert np.isnan(fitted._thresholds("NORM", truth, likely)).all()
    assert np.isnan(fitted._thresholds("SR", truth, likely)).all()
    assert np.isnan(fitted._thresholds("STTC", 0.0 * truth, likely)).all()


def test_nothing_of_a_fold_reaches_its_own_probabilities() -> None:
    truth, said, fold = told()
    likely, tiers = fitted.apart(fold, truth, said)
    flipped = np.where((fold == 0)[:, None], 1.0 - truth, truth)
    again, same = fitted.apart(fold, flipped, said)
    assert np.array_equal(likely[fold == 0], again[fold == 0], equal_nan=True)
    assert (tiers[fold == 0] == same[fold == 0]).all()
    assert not np.allclose(likely[fold == 1][:, MI], again[fold == 1][:, MI])


def test_calibration_and_tiers_are_told_as_counts() -> None:
    truth, said, fold = told()
    found = fitted.told(truth, *fitted.apart(fold, truth, said), fold < 9)
    assert 0.0 <= found["ece"] < 0.15
    assert set(found["tiers"]) == set(fitted.HIGHEST)
    shown = found["tiers"]["STTC"]
    assert 0 < shown["likely"]["right"] <= shown["likely"]["shown"]
    assert shown["likely"]["right"] + shown["possible"]["right"] <= shown["positive"] == int(truth[:, STTC].sum())
    assert found["tiers"]["MI"]["likely"] == {"shown": 0, "right": 0}
    made = fitted.fit(truth, said, fold < 9)
    kept = fitted.without_withheld(replace(made, possible=np.ones(len(CLASSES))))
    assert [name for name in CLASSES if kept.tier(name, 1.0) is Tier.HIDDEN] == ["NORM", "HYP", "AFLT"]
    blind = fitted.fit(truth, {name: one * np.nan for name, one in said.items()}, fold < 9)
    assert np.isnan(blind.probabilities(said)).all()
    assert blind.tier("STTC", float("nan")) is Tier.HIDDEN


def test_a_very_short_training_is_put_into_a_package_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the recipe trains")
    from engine.findings.forest import save
    from engine.findings.forest import shipped as forests
    from engine.findings.fused import Fused
    from engine.gem.checkpoint import open_checkpoint
    from engine.instruct.sets import entries
    from engine.page_alone import OfPages
    from engine.page_window import signal_of
    from engine.train.logits import of_signals, pages_of, signals_of
    from engine.train.run import Keeping, train_pages
    from engine.train.stages import BUILT_IN, PageStage, built_in, changed

    for name, few in (("encoder", {"taught": 2}), ("encoder-real", {"taught": 2, "real": 2}), ("tiny", {"batch": 4})):
        monkeypatch.setitem(BUILT_IN, name, changed(built_in(name), few, "test"))
    for module, changes in (
        (recipe, {"BESIDE_STEPS": 1}), (reading, {"STEPS": 1}), (texts, {"WORDINGS": (0,), "SIMULATED": 2, "EPOCHS": 0.05}),
    ):  # fmt: skip
        for name, value in changes.items():
            monkeypatch.setattr(module, name, value)
    some = entries("ptbxl", write_ptbxl(tmp_path / "data" / "ptbxl"))[:2]
    digests = tuple(digest(recording_of(one)) for one in some)
    truth, said, _ = told(len(some))
    records = recipe.Records(tuple(some), np.arange(len(some)) % 2, digests, said["features"], *(truth * np.nan,) * 2)
    out, into = tmp_path / "out", tmp_path / "package"
    out.mkdir()
    recipe.tower(out / "generator", "encoder", (), None, steps=1)
    simulated = simulated_forests.made([simulated_forests.measured((f"s{k}", k)) for k in range(12)])
    save(simulated, out / "generator" / "forests.npz")
    page = built_in("page")
    assert isinstance(page, PageStage)
    train_pages(replace(page, steps=1, taught=1), Keeping(out / "page", cpu=True))
    taught = np.zeros((len(some), 26))

    with pytest.raises(BadRequest, match="run `vigil learn findings`"):
        ship.ship(out, records, taught, {}, some, into)
    monkeypatch.setattr("engine.findings.trained_on.trained_on", lambda: frozenset(digests))
    figures = {"records": len(some), "folds": [1, 1]} | ship.figures(out, records, taught)
    figures |= ship.by_class(records, taught, {"both": np.zeros_like(truth)})
    assert not reading.there(out)
    assert reading.curves(out, records).shape == (len(some), 12, 960)
    figures |= reading.figures(out, records, taught)
    assert set(figures["page_calibration"]) == {"ptbxl", "all"}
    assert set(figures["criteria"]["all"]["gain"]) == {"called", "shown", "text"}
    assert figures["criteria"]["all"]["text"]["macro_f1"]["value"] == 0.0
    into.mkdir()
    (into / "README.md").write_text("before\n<!-- figures -->\nold\n<!-- end of figures -->\nbehind\n")
    monkeypatch.setattr("infra.score.tiny.eight_bits.LIMIT", 12)
    monkeypatch.setattr("infra.score.tiny.eight_bits.RECORDS", 2)
    told_ = ship.ship(out, records, taught, figures, some[:1], into)

    checkpoint = open_checkpoint(into)
    assert (checkpoint.config.name, checkpoint.config.dtype) == ("gem-tiny", "float16")
    assert (into / "trained_on.txt").read_text().split() == sorted(digests)
    assert all(prints.known(recording_of(one), prints.read(into)) for one in some)
    assert json.loads((into / "figures.json").read_text())["records"] == len(some)
    assert (told_["eight_bits"]["records"], told_["eight_bits"]["real"]) == (2, 1)
    assert 0.0 <= told_["eight_bits"]["same_text"] <= 1.0
    assert set(told_["page_texts"]) == {"both", "read", "page", "read_against_both", "read_against_page"}
    card = (into / "README.md").read_text()
    assert card.startswith("before\n")
    assert card.endswith("behind\n")
    assert "\nold\n" not in card
    assert f"{len(some)} records in folds of 1, 1" in card
    assert "| class | cases: PTB-XL, CinC |" in card
    _, signals = signals_of(some)
    by_torch = of_signals(out / "taught-all", signals)
    (into / "fusion.json").unlink()
    (into / "page_fusion.json").unlink()
    told_ = ship.ship_findings(out, records, taught, {"records": 5, "encoders": {"taught": {}}}, into)
    assert (told_["records"], told_["eight_bits"]["records"]) == (5, 2)
    assert json.loads((into / "figures.json").read_text()) == told_
    with pytest.raises(BadRequest, match="--until ship first"):
        ship.ship_findings(out, records, taught, {}, tmp_path)
    fused = Fused(checkpoint, forests(), tmp_path / "graphs")
    seen = OfPages(into, fused, tmp_path / "graphs").of_page(pages_of(some[:1], 480)[0])
    wanted = signal_of(np.load(out / "reading" / "curves.npy")[0])
    assert np.abs(seen.curves - wanted).max() < 0.02
    without = fused.logits(signals)
    assert without[:, : len(CLASSES) - 1] == pytest.approx(by_torch[:, : len(CLASSES) - 1], abs=0.02)
