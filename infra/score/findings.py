"""`vigil score findings`: how well findings are told on labelled twelve-lead records that nothing was learnt from."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.findings.features import Features, features
from engine.findings.trained_on import digest
from engine.instruct.labelled import BadSet, Entry, of_recording, recording_of
from engine.instruct.labels import FIFTEEN, SUPERCLASSES
from engine.teacher.labels import of_entry
from infra.datasets import databases_in, folder_of
from infra.plan import BadRequest
from infra.score import run
from ingest.open_recording import UnreadableRecording

AF_OR_AFLT = "AF_OR_AFLT"
CLASSES = (*FIFTEEN, AF_OR_AFLT)
"""Fibrillation and flutter as one group: ten seconds often leave open which it is."""
ROUNDS = 1000
BINS = 10
"""Of predicted probability, equally wide, over which the calibration error is taken (Naeini 2015)."""


@dataclass(frozen=True, slots=True)
class Read:
    """One record as it is scored."""

    entry: Entry
    digest: str
    features: Features
    seconds: float
    """That reading, measuring and the features took."""


def findings(args: argparse.Namespace) -> int:
    """`vigil score findings`."""
    return run.tell(args, measured(args), lines)


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """The figures of every labelled database of the folder, by what ships or by what --model or --answers names.

    Raises BadRequest where nothing is left to score.
    """
    from infra.score import finding_texts

    return finding_texts.measured(args, listed(args))


def listed(args: argparse.Namespace) -> list[Entry]:
    """Labelled records of the databases under --data, or of that which --database names."""
    from engine.instruct.sets import entries

    data, cache = run.opened(args)
    named = getattr(args, "database", "")
    found: list[Entry] = []
    for name in [named] if named else databases_in(data):
        try:
            found += entries(name, folder_of(name, data, cache))
        except BadSet as error:
            if named:
                raise BadRequest(str(error)) from None
    kept = [entry for entry in found if not entry.left_out]
    if not kept:
        raise BadRequest(f"{data} holds no labelled twelve-lead records: name a folder with --data")
    return kept


def read(item: tuple[str, Entry]) -> Read:
    """A record and its features; raises Unscorable where it cannot be measured."""
    entry, begun = item[1], time.perf_counter()
    try:
        recording = recording_of(entry)
        segment = of_recording(entry, recording).segment
    except (UnreadableRecording, BadSet) as error:
        raise run.Unscorable(str(error)) from None
    found = features(segment)
    if not found:
        raise run.Unscorable(segment.unreadable or "nothing could be measured")
    return Read(entry, digest(recording), found, time.perf_counter() - begun)


def carried(entries: Sequence[Entry]) -> NDArray[np.float64]:
    """(records, classes): 1 of what each carries by the labels of its set, 0 of what it does not, NaN of what is not told."""
    rows = np.array([of_entry(entry)[: len(FIFTEEN)] for entry in entries], np.float64)
    return with_group(rows.reshape(-1, len(FIFTEEN)))


def with_group(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(records, classes) of the fifteen labels (records, 15): the group of both atrial rhythms beside them."""
    atria = rows[:, [FIFTEEN.index("AF"), FIFTEEN.index("AFLT")]]
    either = np.where((atria == 1.0).any(axis=1), 1.0, atria.sum(axis=1))
    return np.column_stack((rows, either))


# figures ----------------------------------------------------------------------------------------------------------


def figures(
    entries: Sequence[Entry],
    likely: NDArray[np.float64],
    seconds: Sequence[float],
    excluded: int,
    source: str = "features",
) -> dict[str, Any]:
    """The object of the command. likely: (records, classes), NaN where nothing is said of a class; source: whose it is.

    What only a text or another source has is null.
    """
    truth = carried(entries)
    macro = macro_of(truth, likely)
    classes = {
        name: {"auroc": one["value"], "low": one["low"], "high": one["high"], "n": int(known.sum()), "positive": int((truth[known, c] == 1.0).sum())}
        for c, name in enumerate(CLASSES)
        if (known := ~np.isnan(likely[:, c] + truth[:, c])).any() and (one := _told(truth[known], likely[known], [c]))["value"] is not None
    }  # fmt: skip
    database = np.array([entry.database for entry in entries])
    by_database = {
        name: {"records": int(there.sum()), **macro_of(truth[there], likely[there])}
        for name in dict.fromkeys(database.tolist())
        if (there := database == name).any()
    }
    return {
        "records": len(entries), "excluded_as_trained_on": excluded, "macro_auroc": macro,
        "by_source": {"fused": None, "model": None, "features": None} | {source: macro},
        "by_class": classes, "by_database": by_database, "text_macro_f1": None, "text_macro_f1_interval": None,
        "text_by_class": None,
        "ece": calibration_error(truth[:, : len(SUPERCLASSES)], likely[:, : len(SUPERCLASSES)]),
        "numbers": None, "numbers_disagreeing": None, "sentences": None, "sentences_with_evidence": None,
        "ablation": None, "text_agreement": None, "seconds_p50": float(np.median(seconds)),
    }  # fmt: skip


def macro_of(truth: NDArray[np.float64], likely: NDArray[np.float64]) -> dict[str, float | None]:
    """Macro area over the superclasses with its interval."""
    return _told(truth, likely, range(len(SUPERCLASSES)))


def ablation(truth: NDArray[np.float64], likely: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
    """How the macro area changes without an expert, both judged on the same resampled records; the page is no expert."""

    def change(other: str) -> dict[str, float | None]:
        def of(pick: NDArray[np.int64]) -> float | None:
            one, whole = (
                macro_auroc(truth[pick], likely[name][pick], range(len(SUPERCLASSES))) for name in (other, "fused")
            )
            return None if one is None or whole is None else one - whole

        told = resampled(len(truth), of)
        return {"delta": told["value"], "low": told["low"], "high": told["high"]}

    return {"no_signal": change("features"), "no_image": None, "no_features": change("model")}


def _told(truth: NDArray[np.float64], likely: NDArray[np.float64], columns: Sequence[int]) -> dict[str, float | None]:
    """The mean over these classes with its interval."""
    return resampled(len(truth), lambda pick: macro_auroc(truth[pick], likely[pick], columns))


def resampled(count: int, of: Callable[[NDArray[np.int64]], float | None]) -> dict[str, float | None]:
    """`value` over all of `count` records, `low` and `high` by percentiles (95 %) over resampled ones, seed 0.

    of: the figure of the records of these rows, None where it is not defined; for figures that are no sums over records.
    """
    rng, value = np.random.default_rng(0), of(np.arange(count))
    drawn = (rng.integers(0, count, count) for _ in range(ROUNDS if value is not None else 0))
    found = [one for pick in drawn if (one := of(pick)) is not None]
    low, high = np.percentile(found, [2.5, 97.5]) if found else (None, None)
    return {"value": value, "low": None if low is None else float(low), "high": None if high is None else float(high)}


def macro_auroc(truth: NDArray[np.float64], likely: NDArray[np.float64], columns: Sequence[int]) -> float | None:
    """Mean over classes that some records carry and some do not; None where there is no such class."""
    found = [one for c in columns if (one := auroc(truth[:, c], likely[:, c])) is not None]
    return float(np.mean(found)) if found else None


def auroc(truth: NDArray[np.float64] | NDArray[np.bool_], likely: NDArray[np.float64]) -> float | None:
    """Area under the ROC curve as the rank sum (Hanley 1982, Radiology 143, 29-36), ties halved; None without both kinds."""
    from scipy.stats import rankdata

    known = ~np.isnan(likely + truth)
    has, likely = truth[known] == 1.0, likely[known]
    with_it, without = int(has.sum()), int((~has).sum())
    if not with_it or not without:
        return None
    ranks = rankdata(likely)
    return float((ranks[has].sum() - with_it * (with_it + 1) / 2) / (with_it * without))


def calibration_error(truth: NDArray[np.float64] | NDArray[np.bool_], likely: NDArray[np.float64]) -> float | None:
    """Mean over classes of the expected calibration error; None where nothing is told."""
    found = []
    for c in range(truth.shape[1]):
        known = ~np.isnan(likely[:, c] + truth[:, c])
        if known.any():
            place = np.minimum((likely[known, c] * BINS).astype(np.int64), BINS - 1)
            gap = np.bincount(place, likely[known, c] - truth[known, c], BINS)
            found.append(float(np.abs(gap).sum() / known.sum()))
    return float(np.mean(found)) if found else None


_SOURCES = {
    "fused": "tower and measured features", "model": "by the model's probabilities", "features": "measured features alone",
}  # fmt: skip


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    macro = told["macro_auroc"]
    source = next(words for name, words in _SOURCES.items() if told["by_source"][name])
    said = [f"{told['records']} records, {told['excluded_as_trained_on']} left out as learnt from"]
    said.append(f"macro AUROC of {', '.join(SUPERCLASSES)}: {_area(macro['value'], macro)}, {source}")
    said += [
        f"  {name:<12} {_area(one['auroc'], one)}  {one['positive']:>4} of {one['n']}"
        for name, one in told["by_class"].items()
    ]
    said += [
        f"{name}: {_area(one['value'], one)}, {one['records']} records" for name, one in told["by_database"].items()
    ]
    seconds = told["seconds_p50"]
    each = "" if seconds is None else f"; {seconds * 1000:.0f} ms a record"
    said.append(f"calibration error {_number(told['ece'])}{each}")
    if told.get("text_by_class") is not None:
        from infra.score import finding_texts

        said.append(finding_texts.lines(told))
    return "\n".join(said)


def _area(value: float | None, one: dict[str, float | None]) -> str:
    low, high = one["low"], one["high"]
    return _number(value) + ("" if low is None or high is None else f" ({low:.3f} to {high:.3f})")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
