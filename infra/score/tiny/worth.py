"""What the reference model is worth: areas with their intervals, and what each part of it adds, by paired resampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.instruct.labels import FIFTEEN, SUPERCLASSES
from engine.teacher.labels import of_entry
from infra.score.findings import auroc, macro_auroc, resampled
from infra.score.learn_findings import scaling
from infra.score.tiny import eight_bits

if TYPE_CHECKING:
    from engine.instruct.labelled import Entry
    from infra.score.tiny.recipe import Records

Floats = NDArray[np.float64]
CLASSES = range(len(SUPERCLASSES))
TOGETHER = {"forests": ("features", "simulated")}
"""Experts that are taken out together: the forests of real and of simulated records are all that reads measured features."""


def truth_of(entries: Sequence[Entry]) -> Floats:
    """(records, 15): 1, 0, and NaN where its set does not tell."""
    return np.array([of_entry(entry)[: len(FIFTEEN)] for entry in entries], np.float64)


def by_set(entries: Sequence[Entry], truth: Floats, logits: Floats) -> dict[str, Any]:
    """Macro area over the superclasses with its interval for each set and for all, and the area of each label over all."""
    found: dict[str, Any] = {
        name: {"records": int(there.sum()), **area(truth[there], logits[there])}
        for name, there in sets(entries).items()
    }
    labels = {name: auroc(truth[:, c], logits[:, c]) for c, name in enumerate(FIFTEEN) if c < logits.shape[1]}
    return found | {"by_label": {name: one for name, one in labels.items() if one is not None}}


def area(truth: Floats, logits: Floats) -> dict[str, float | None]:
    """Macro area with its 95 % interval, over resampled records."""
    return resampled(len(truth), lambda pick: macro_auroc(truth[pick], logits[pick], CLASSES))


def of_label(truth: Floats, logits: Floats) -> dict[str, float | None]:
    """Area of one label with its 95 % interval, over resampled records. truth: 1, 0, NaN where it is not told."""
    return resampled(len(truth), lambda pick: auroc(truth[pick], logits[pick]))


def difference(truth: Floats, one: Floats, other: Floats) -> dict[str, float | None]:
    """How much larger the macro area of the second is, with its interval: both judged on the same resampled records."""

    def of(pick: NDArray[np.int64]) -> float | None:
        less, more = macro_auroc(truth[pick], one[pick], CLASSES), macro_auroc(truth[pick], other[pick], CLASSES)
        return None if less is None or more is None else more - less

    return resampled(len(truth), of)


def compared(entries: Sequence[Entry], truth: Floats, scratch: Floats, taught: Floats) -> dict[str, Any]:
    """Two towers out of fold: from real labels alone, and taught by simulated records before and beside them."""
    return {
        "scratch": by_set(entries, truth, scratch), "taught": by_set(entries, truth, taught),
        "gain": gains(entries, truth, scratch, taught),
    }  # fmt: skip


def gains(entries: Sequence[Entry], truth: Floats, less: Floats, more: Floats) -> dict[str, Any]:
    """How much larger the macro area of the second is for each set and for all, paired."""
    return {name: difference(truth[there], less[there], more[there]) for name, there in sets(entries).items()}


def sets(entries: Sequence[Entry]) -> dict[str, NDArray[np.bool_]]:
    """The records of each set, and `all`."""
    database = np.array([entry.database for entry in entries])
    rows = {name: database == name for name in dict.fromkeys(database.tolist())}
    return rows | {"all": np.ones(len(entries), bool)}


def joined(
    records: Records, truth: Floats, experts: Mapping[str, Floats], beside: Mapping[str, Floats]
) -> dict[str, Any]:
    """The mean of the experts' scaled logits, what each adds to the others, and what each of those beside would add to all of them."""

    def gain(less: Floats, more: Floats) -> dict[str, Any]:
        return gains(records.entries, truth, less, more)

    whole = together(records, truth, list(experts.values()))
    out = {name: (name,) for name in experts} | {name: some for name, some in TOGETHER.items() if {*some} < {*experts}}
    adds = {
        name: gain(together(records, truth, [one for other, one in experts.items() if other not in some]), whole)
        for name, some in out.items()
    }
    would = {name: gain(whole, together(records, truth, [*experts.values(), one])) for name, one in beside.items()}
    return {
        "fused": by_set(records.entries, truth, whole), "features": by_set(records.entries, truth, experts["features"]),
        "fused_against_features": gain(experts["features"], whole), "adds": adds, "would_add": would,
        "within_folds": within_folds(records, truth, experts),
    }  # fmt: skip


def within_folds(records: Records, truth: Floats, experts: Mapping[str, Floats]) -> dict[str, Any]:
    """The mean over folds of the macro area within each, by their records, of each expert and of all; what all gain over each, paired.

    Within a fold one scaling serves all records, as in what ships; pooled over folds, differences of their scalings cost ranking.
    """
    database = np.array([entry.database for entry in records.entries])
    whole = {**experts, "fused": together(records, truth, list(experts.values()))}

    def told(there: NDArray[np.bool_]) -> dict[str, Any]:
        rows = np.flatnonzero(there)
        sizes = np.bincount(records.fold[rows])

        def of(name: str, pick: NDArray[np.int64]) -> float | None:
            chosen = [rows[pick][records.fold[rows[pick]] == fold] for fold in range(len(sizes))]
            areas = [macro_auroc(truth[some], whole[name][some], CLASSES) for some in chosen]
            kept = [one for one in areas if one is not None]
            return float(np.average(kept, weights=sizes)) if len(kept) == len(areas) else None

        def gain(name: str, pick: NDArray[np.int64]) -> float | None:
            less, more = of(name, pick), of("fused", pick)
            return None if less is None or more is None else more - less

        return {name: resampled(len(rows), partial(of, name)) for name in whole} | {
            f"fused_against_{name}": resampled(len(rows), partial(gain, name)) for name in experts
        }

    return {"ptbxl": told(database == "ptbxl"), "all": told(database != "")}


def together(records: Records, truth: Floats, experts: Sequence[Floats]) -> Floats:
    """(records, 15) mean logits; where an expert says nothing, of the others."""
    scaled = np.array([_scaled(records, truth, one[:, : len(FIFTEEN)]) for one in experts])
    known = (~np.isnan(scaled)).sum(axis=0)
    return np.where(known > 0, np.nansum(scaled, axis=0) / np.maximum(known, 1), np.nan)


def _scaled(records: Records, truth: Floats, logits: Floats) -> Floats:
    found = np.full(logits.shape, np.nan)
    for c in range(logits.shape[1]):
        known = ~np.isnan(logits[:, c] + truth[:, c])
        for fold in np.unique(records.fold):
            there, others = records.fold == fold, known & (records.fold != fold)
            if len(np.unique(truth[others, c])) == 2:
                slope, offset = scaling(logits[others, c], truth[others, c] == 1.0)
                found[there, c] = slope * logits[there, c] + offset
    return found


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    said = [f"{told['records']} records in folds of {', '.join(map(str, told['folds']))}"]
    if "text_folds" in told:
        said.append(f"texts, and the gain by the teacher, in folds of {', '.join(map(str, told['text_folds']))}")
    said += [
        f"{name}: {_areas(told[name])}"
        for name in ("generator", "page", "page_alone", "features", "fused")
        if name in told
    ]
    said += [f"generator, its {name} alone: {_areas(one)}" for name, one in told.get("generator_parts", {}).items()]
    if "encoders" in told:
        both = told["encoders"]
        said += [f"encoder, {name}: {_areas(both[name])}" for name in ("scratch", "taught") if name in both]
        said += [f"gain by the teacher, {name}: {_one(one)}" for name, one in both.get("gain", {}).items()]
    if "unlabelled" in told:
        both = told["unlabelled"]
        said += [f"encoder, {name}: {_areas(both[name])}" for name in ("taught", "after_unlabelled")]
        said += [f"gain by recordings without a label, {name}: {_one(one)}" for name, one in both["gain"].items()]
    said += [
        f"page alone against the signal, {name}: {_one(one)}"
        for name, one in told.get("page_against_signal", {}).items()
    ]
    for key, words in (("adds", "adds"), ("would_add", "would add")):
        said += [f"{name} {words}, PTB-XL: {_one(one['ptbxl'])}" for name, one in told.get(key, {}).items()]
    said += [f"{name} adds to the texts' macro F1, {_areas(one)}" for name, one in told.get("text_adds", {}).items()]
    if "fused" in told:
        said.append(f"fused against features, PTB-XL: {_one(told['fused_against_features']['ptbxl'])}")
        said += [f"within folds, PTB-XL, {name}: {_one(one)}" for name, one in told["within_folds"]["ptbxl"].items()]
        said += ["fused by label: " + ", ".join(f"{name} {one:.2f}" for name, one in told["fused"]["by_label"].items())]
    for name, one in told.get("text", {}).items():
        said.append(f"text, shown {name}: macro F1 {_areas({k: v['f1'] for k, v in one.items()})}")
        by_class = [(k, v) for k, v in one["ptbxl"]["by_class"].items() if k in SUPERCLASSES]
        said.append(
            "  PTB-XL: "
            + ", ".join(f"{k} {v['f1']:.2f} (said {v['said']}, {v['positive']} have it)" for k, v in by_class)
        )
    for name, one in told.get("calibration", {}).items():
        error = "-" if one["ece"] is None else f"{one['ece']:.3f}"
        said.append(f"calibration, {name}: {one['records']} records, calibration error {error}")
        said += [f"  {label:<10} {_tiers(found)}" for label, found in one["tiers"].items()]
    if "atria" in told:
        said.append(f"fibrillation or flutter, fused: {_one(told['atria'])}")
    if "elsewhere" in told:
        said.append(f"elsewhere, macro AUROC of {told['elsewhere']['records']} records: {_one(told['elsewhere'])}")
    if "eight_bits" in told:
        said += eight_bits.lines(told["eight_bits"])
    return "\n".join(said)


def _tiers(found: dict[str, Any]) -> str:
    told = [f"{tier} {found[tier]['right']} of {found[tier]['shown']} right" for tier in ("likely", "possible")]
    return f"{', '.join(told)}; {found['positive']} carry it"


def _areas(found: dict[str, Any]) -> str:
    return "; ".join(f"{name} {_one(one)}" for name, one in found.items() if name != "by_label")


def _one(found: dict[str, Any]) -> str:
    if found["value"] is None:
        return "-"
    return f"{found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})"
