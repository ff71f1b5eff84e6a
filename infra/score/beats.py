"""`vigil score`: accuracy on annotated recordings, over the streaming path itself."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.score import run

MATCH_S = 0.150
LEARNING_S = 300.0
BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")
VENTRICULAR = frozenset("VE")
PACED = frozenset({"102", "104", "107", "217"})
"""Records left out of figures by beat type (EC57)."""
DS2 = frozenset(
    [
        "100",
        "103",
        "105",
        "111",
        "113",
        "117",
        "121",
        "123",
        "200",
        "202",
        "210",
        "212",
        "213",
        "214",
        "219",
        "221",
        "222",
        "228",
        "231",
        "232",
        "233",
        "234",
    ]
)
"""Test half of MIT-BIH (de Chazal 2004, IEEE Trans Biomed Eng 51, 1196-1206); nothing was chosen on it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Beats found, missed, invented; and of those, ventricular."""

    tp: int = 0
    fn: int = 0
    fp: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fn + other.fn, self.fp + other.fp)

    def told(self) -> dict[str, float | int]:
        """Shares and counts."""
        return {
            "se": _share(self.tp, self.fn),
            "ppv": _share(self.tp, self.fp),
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
        }


def _share(part: int, rest: int) -> float:
    return part / (part + rest) if part + rest else 0.0


@dataclass(frozen=True, slots=True)
class Scored:
    """One record."""

    name: str
    beats: Counts
    ventricular: Counts
    seconds_known: int
    seconds_wrong: int
    seconds: int


def match(found: NDArray[np.int64], truth: NDArray[np.int64], within: float) -> Counts:
    """One-to-one in order, the nearest within the window; both sorted."""
    i = j = tp = fn = fp = 0
    while i < len(truth) and j < len(found):
        gap = found[j] - truth[i]
        if abs(gap) <= within:
            nearer_next = j + 1 < len(found) and abs(found[j + 1] - truth[i]) < abs(gap)
            if nearer_next:
                fp += 1
                j += 1
                continue
            tp += 1
            i += 1
            j += 1
        elif gap < 0:
            fp += 1
            j += 1
        else:
            fn += 1
            i += 1
    return Counts(tp, fn + len(truth) - i, fp + len(found) - j)


def score_record(path: str) -> Scored:
    """Play one record through the worker's own path and compare its beats with the annotations."""
    import wfdb

    from ingest.open_recording import read_recording
    from stream.offline import analyse

    recording = read_recording(path)
    marks = wfdb.rdann(path, "atr")
    rate = recording.rate_hz
    found = analyse(recording)
    beats = [b for t in found.trends for b in t.beats]
    at = np.array(sorted(b.sample for b in beats), np.int64)
    v_at = np.array(sorted(b.sample for b in beats if b.kind.value == "V"), np.int64)
    truth = np.array([s for s, m in zip(marks.sample, marks.symbol, strict=True) if m in BEATS], np.int64)
    v_truth = np.array([s for s, m in zip(marks.sample, marks.symbol, strict=True) if m in VENTRICULAR], np.int64)
    keep = _outside(fibrillation(marks), rate)
    within = MATCH_S * rate
    known, wrong, seconds = _rates(found.trends, truth, rate)
    name = Path(path).name
    return Scored(
        name, match(keep(at), keep(truth), within), match(keep(v_at), keep(v_truth), within), known, wrong, seconds
    )


def fibrillation(marks: Any) -> list[tuple[int, int]]:
    """First and last sample of each stretch of ventricular flutter or fibrillation."""
    spans, begin = [], None
    for sample, symbol in zip(marks.sample, marks.symbol, strict=True):
        if symbol == "[":
            begin = sample
        elif symbol == "]" and begin is not None:
            spans.append((begin, sample))
            begin = None
    return spans


def _outside(spans: Sequence[tuple[int, int]], rate: float) -> Any:
    """Keeps what lies behind the first five minutes and outside VF, with the match window around it."""

    def keep(samples: NDArray[np.int64]) -> NDArray[np.int64]:
        kept = samples >= LEARNING_S * rate
        for a, b in spans:
            kept &= ~((samples >= a - MATCH_S * rate) & (samples <= b + MATCH_S * rate))
        return samples[kept]

    return keep


def _rates(trends: Sequence[Any], truth: NDArray[np.int64], rate: float) -> tuple[int, int, int]:
    """Seconds with a rate shown, those of them off by more than 10 % and 5 bpm, and all, behind the first five minutes."""
    known = wrong = seconds = 0
    for trend in trends:
        stop = trend.first + round(rate)
        if stop < LEARNING_S * rate:
            continue
        seconds += 1
        recent = truth[(truth <= stop) & (truth > stop - 10 * rate)]
        if trend.rate_bpm is None or len(recent) < 3:
            continue
        known += 1
        true = 60.0 * rate * (len(recent) - 1) / (recent[-1] - recent[0])
        wrong += abs(trend.rate_bpm - true) > max(5.0, 0.1 * true)
    return known, wrong, seconds


def beats(args: argparse.Namespace) -> int:
    """`vigil score beats`."""
    records = run.annotated(run.folder(args, "mitdb"), ".atr")
    return run.tell(args, summary(run.over(score_record, records)), _lines)


def summary(scored: Sequence[Scored]) -> dict[str, Any]:
    """The object of `vigil score beats --json`."""
    part = [s for s in scored if s.name in DS2]
    told = {"database": "mitdb", "records": len(scored)} | _gross(scored)
    told["average"] = {
        "se": float(np.mean([s.beats.told()["se"] for s in scored])),
        "ppv": float(np.mean([s.beats.told()["ppv"] for s in scored])),
    }
    told["by_record"] = {s.name: s.beats.told() for s in scored}
    if part:
        told["ds2"] = _gross(part)
    known = sum(s.seconds_known for s in scored)
    told["wrong_rate_shown"] = sum(s.seconds_wrong for s in scored) / known if known else 0.0
    told["rate_known"] = known / max(1, sum(s.seconds for s in scored))
    return told


def _gross(scored: Sequence[Scored]) -> dict[str, Any]:
    total, ventricular = Counts(), Counts()
    for one in scored:
        total += one.beats
        if one.name not in PACED:
            ventricular += one.ventricular
    v = ventricular.told()
    return {"gross": total.told(), "by_class": {"V": {"se": v["se"], "ppv": v["ppv"]}}}


def _lines(told: dict[str, Any]) -> str:
    rows = [("all", told)] + ([("DS2", told["ds2"])] if "ds2" in told else [])
    lines = []
    for name, part in rows:
        g, v = part["gross"], part["by_class"]["V"]
        lines.append(
            f"{name:<4} Se {100 * g['se']:.3f} %  PPV {100 * g['ppv']:.3f} %  (missed {g['fn']}, invented {g['fp']})   "
            f"V: Se {100 * v['se']:.2f} %  PPV {100 * v['ppv']:.2f} %"
        )
    lines.append(
        f"rate shown {100 * told['rate_known']:.1f} % of seconds, wrong in {100 * told['wrong_rate_shown']:.2f} % of those"
    )
    return "\n".join(lines)
