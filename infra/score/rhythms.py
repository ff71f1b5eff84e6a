"""`vigil score rhythms`: atrial and ventricular fibrillation against the rhythm marks of MIT-BIH."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.score import run
from stream.measurement import Trend

MARKS = {"af": frozenset({"(AFIB"}), "vf": frozenset({"(VFL", "(VF"})}
SHOWN = {"af": "afib", "vf": "vfib"}


@dataclass(frozen=True, slots=True)
class Scored:
    """One record and rhythm, in seconds and in episodes."""

    name: str
    rhythm: str
    both: int
    missed: int
    invented: int
    episodes: tuple[int, int]
    """Of the reference: found, missed."""
    claims: tuple[int, int]
    """Of Vigil: right, wrong."""


def marked(samples: Sequence[int], notes: Sequence[str], names: frozenset[str], rate_hz: float, seconds: int) -> Any:
    """(seconds,) whether the rhythm marked in each second is one of the names."""
    found = np.zeros(seconds, bool)
    changes = [(s, n.strip("\x00")) for s, n in zip(samples, notes, strict=True) if n.startswith("(")]
    for k, (sample, note) in enumerate(changes):
        stop = changes[k + 1][0] / rate_hz if k + 1 < len(changes) else seconds
        if note in names:
            found[round(sample / rate_hz) : round(stop)] = True
    return found


def shown(trends: Sequence[Trend], rhythm: str, seconds: int) -> NDArray[np.bool_]:
    """(seconds,) whether Vigil showed the rhythm."""
    found = np.zeros(seconds, bool)
    for trend in trends:
        k = round(trend.first / trend.rate_hz)
        if k < seconds and trend.rhythm == rhythm:
            found[k] = True
    return found


def episodes(here: NDArray[np.bool_], there: NDArray[np.bool_]) -> tuple[int, int]:
    """How many stretches of `here` meet `there`, and how many do not."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], here.astype(np.int8), [0]))))
    met = [bool(there[a:b].any()) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return sum(met), len(met) - sum(met)


def score_record(path: str) -> list[Scored]:
    """Play one record through the stream and compare the rhythm it shows, second by second."""
    import wfdb

    from ingest.open_recording import read_recording
    from stream.offline import analyse

    recording = read_recording(path)
    seconds = int(recording.samples.shape[1] / recording.rate_hz)
    marks = wfdb.rdann(path, "atr")
    trends = analyse(recording).trends
    told = []
    for rhythm, names in MARKS.items():
        truth = marked(marks.sample.tolist(), marks.aux_note, names, recording.rate_hz, seconds)
        if rhythm == "vf":
            truth |= _flutter(marks, recording.rate_hz, seconds)
        ours = shown(trends, SHOWN[rhythm], seconds)
        cells = (int((truth & ours).sum()), int((truth & ~ours).sum()), int((~truth & ours).sum()))
        told.append(Scored(Path(path).name, rhythm, *cells, episodes(truth, ours), episodes(ours, truth)))
    return told


def _flutter(marks: Any, rate_hz: float, seconds: int) -> NDArray[np.bool_]:
    """Between the marks [ and ]: ventricular flutter or fibrillation."""
    from infra.score.beats import fibrillation

    found = np.zeros(seconds, bool)
    for a, b in fibrillation(marks):
        found[round(a / rate_hz) : round(b / rate_hz)] = True
    return found


def summary(scored: list[list[Scored]]) -> dict[str, Any]:
    """The object of `vigil score rhythms --json`."""
    told: dict[str, Any] = {"records": len(scored)}
    for k, rhythm in enumerate(MARKS):
        some = [record[k] for record in scored]
        both, missed, invented = (sum(getattr(s, n) for s in some) for n in ("both", "missed", "invented"))
        told[rhythm] = {
            "duration_se": run.share(both, missed),
            "duration_ppv": run.share(both, invented),
            "episode_se": run.share(*(sum(s.episodes[i] for s in some) for i in (0, 1))),
            "episode_ppv": run.share(*(sum(s.claims[i] for s in some) for i in (0, 1))),
            "seconds": both + missed,
        }
    return told


def rhythms(args: argparse.Namespace) -> int:
    """`vigil score rhythms`."""
    records = run.annotated(run.folder(args, "mitdb"), ".atr")
    return run.tell(args, summary(run.over(score_record, records)), lines)


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    return "\n".join(
        f"{name.upper():<4} duration Se {100 * t['duration_se']:.1f} %  PPV {100 * t['duration_ppv']:.1f} %   "
        f"episodes Se {100 * t['episode_se']:.1f} %  PPV {100 * t['episode_ppv']:.1f} %   ({t['seconds']} s marked)"
        for name, t in ((name, told[name]) for name in MARKS)
    )
