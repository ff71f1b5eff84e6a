"""`vigil score rhythms`: atrial fibrillation, VF and VT against the rhythm marks of MIT-BIH, as `epicmp` (EC57) has it.

`epicmp` compares episodes as a device writes them down. Of atrial fibrillation that is the recorded episode: begin and end
are the samples at which it is held to have begun and ended (`Trend.rhythm_since`), known some seconds later. Beside it
stands what was shown live. VF and VT are recorded as they are shown.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.score import blocks, ec57, reds, run
from stream.measurement import Trend

MARKS = {"af": ("(AFIB",), "vf": ("(VFL", "(VF", "(VFIB"), "vt": ("(VT",)}
SHOWN = {"af": "afib", "vf": "vfib", "vt": "vtach"}
LEFT_OUT = {"af": ("(AFL",)}
"""Atrial flutter is no atrial fibrillation, and a claim of it there is not counted as false either (EC57, epicmp)."""
OTHERS = ("regular", "irregular")
"""Rhythms of the atria that are shown where atrial fibrillation is not."""
LEARNING_S = 300.0
"""Left out of records that are at least twice as long (EC57)."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One record and rhythm, in seconds and in episodes."""

    both: int
    missed: int
    invented: int
    episodes: tuple[int, int]
    """Of the reference: found, missed."""
    claims: tuple[int, int]
    """Of Vigil: right, wrong."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: by rhythm, behind the learning time and from its first second."""

    name: str
    test: dict[str, Scored]
    whole: dict[str, Scored]
    live: Scored
    """Atrial fibrillation second by second as it was shown, behind the learning time."""
    red: reds.Red
    """Red alarms, from the first second."""


def marked(
    samples: Sequence[int], notes: Sequence[str], names: Sequence[str], rate_hz: float, seconds: int
) -> NDArray[np.bool_]:
    """(seconds,) whether the rhythm marked in each second is one of the names."""
    found = np.zeros(seconds, bool)
    changes = [(s, n.strip("\x00 ")) for s, n in zip(samples, notes, strict=True) if n.startswith("(")]
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


def recorded(shown: NDArray[np.bool_], other: NDArray[np.bool_], since: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(seconds,) atrial fibrillation as it is written down once its begin and its end are known.

    shown: it was shown; other: another rhythm of the atria was; since: the second from which what was shown is held to
    have lasted, -1 where that is not known. A worse rhythm that was shown between stays what it is.
    """
    found, atrial, was = shown.copy(), shown | other, (False, -1)
    for k in np.flatnonzero(atrial & (since >= 0)):
        told = bool(shown[k]), int(since[k])
        if told != was:
            before = slice(told[1], k)
            found[before] = atrial[before] if told[0] else False
            was = told
    return found


def _recorded(trends: Sequence[Trend], live: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(seconds,) atrial fibrillation as recorded, out of the trends."""
    other, since = np.zeros(len(live), bool), np.full(len(live), -1)
    for trend in trends:
        k = round(trend.first / trend.rate_hz)
        if k < len(live):
            other[k] = trend.rhythm in OTHERS
            since[k] = -1 if trend.rhythm_since is None else round(trend.rhythm_since / trend.rate_hz)
    return recorded(live, other, since)


def episodes(here: NDArray[np.bool_], there: NDArray[np.bool_]) -> tuple[int, int]:
    """How many stretches of `here` meet `there`, and how many do not."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], here.astype(np.int8), [0]))))
    met = [bool(there[a:b].any()) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return sum(met), len(met) - sum(met)


def compare(truth: NDArray[np.bool_], ours: NDArray[np.bool_], left_out: NDArray[np.bool_]) -> Scored:
    """Seconds and episodes of one rhythm; claims in seconds that are left out count neither way."""
    claimed = ours & (truth | ~left_out)
    cells = (int((truth & ours).sum()), int((truth & ~ours).sum()), int((claimed & ~truth).sum()))
    return Scored(*cells, episodes(truth, ours), episodes(claimed, truth))


def score_record(path: str) -> Record:
    """Play one record through the stream and compare the rhythms it records, second by second; raises Unscorable."""
    import wfdb

    from ingest.open_recording import read_recording
    from stream.offline import analyse

    marks = wfdb.rdann(path, "atr")
    spans = ec57.fibrillation(marks)
    if not spans and not any(note.startswith("(") for note in marks.aux_note):
        raise run.Unscorable("its annotations mark no rhythm")
    recording = read_recording(path)
    rate = recording.rate_hz
    seconds = int(recording.samples.shape[1] / rate)
    found = analyse(recording)
    trends = found.trends
    begin = int(LEARNING_S) if seconds >= 2 * LEARNING_S else 0
    test, whole = {}, {}
    for rhythm, names in MARKS.items():
        places = marks.sample.tolist(), marks.aux_note
        truth = marked(*places, names, rate, seconds)
        for a, b in spans if rhythm == "vf" else ():
            truth[round(a / rate) : round(b / rate)] = True
        left_out = marked(*places, LEFT_OUT.get(rhythm, ()), rate, seconds)
        ours = shown(trends, SHOWN[rhythm], seconds)
        if rhythm == "af":
            live = compare(truth[begin:], ours[begin:], left_out[begin:])
            ours = _recorded(trends, ours)
        test[rhythm] = compare(truth[begin:], ours[begin:], left_out[begin:])
        whole[rhythm] = compare(truth, ours, left_out)
    beats = [(at / rate, letter) for at, letter in zip(marks.sample, marks.symbol, strict=True) if letter in ec57.BEATS]
    fibrillates = marked(marks.sample.tolist(), marks.aux_note, MARKS["vf"], rate, seconds)
    for a, b in spans:
        fibrillates[round(a / rate) : round(b / rate)] = True
    of_beats = reds.Marks([at for at, _ in beats], [letter for _, letter in beats], fibrillates.tolist())
    return Record(Path(path).name, test, whole, live, reds.counted(found.triggers, of_beats, seconds))


def summary(scored: list[Record], database: str) -> dict[str, Any]:
    """The object of `vigil score rhythms --json`."""
    told: dict[str, Any] = {"database": database, "records": len(scored)}
    for rhythm in MARKS:
        told[rhythm] = _figures([s.test[rhythm] for s in scored])
        whole = _figures([s.whole[rhythm] for s in scored])
        told[rhythm]["from_first_second"] = {key: whole[key] for key in ("duration_se", "duration_ppv", "seconds")}
        told[rhythm]["worst"] = _worst(scored, rhythm)
    told["af"]["shown_live"] = _figures([s.live for s in scored])
    told["red"] = reds.summary([s.red for s in scored])
    return told


def _figures(some: list[Scored]) -> dict[str, Any]:
    """Shares of duration and of episodes, their intervals, and what they rest on."""
    table = np.array([(s.both, s.missed, s.invented, *s.episodes, *s.claims) for s in some])
    both, missed, invented, found, lost, right, wrong = table.sum(axis=0).tolist()
    columns = {"duration_se": (0, 1), "duration_ppv": (0, 2), "episode_se": (3, 4), "episode_ppv": (5, 6)}
    told = {name: run.share(*table[:, pair].sum(axis=0).tolist()) for name, pair in columns.items()}
    intervals = {f"{name}_interval": run.interval(table, run.ratio(*pair)) for name, pair in columns.items()}
    counts = {"seconds": both + missed, "seconds_told": both + invented}
    return told | intervals | counts | {"episodes": found + lost, "episodes_told": right + wrong}


def _worst(scored: list[Record], rhythm: str) -> dict[str, dict[str, int]]:
    """The five records with the most seconds missed or invented."""
    wrong = [(s.name, s.test[rhythm]) for s in scored if s.test[rhythm].missed + s.test[rhythm].invented]
    wrong.sort(key=lambda found: -(found[1].missed + found[1].invented))
    return {
        name: {"missed_s": s.missed, "invented_s": s.invented, "marked_s": s.both + s.missed} for name, s in wrong[:5]
    }


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """Score MIT-BIH, or another database with rhythm marks; beside MIT-BIH blocks on the records of twelve leads that are there."""
    place = run.folder(args, "mitdb", run.with_marks(".atr"))
    told = summary(run.over(score_record, run.annotated(place, ".atr")), place.name)
    found = None if args.database else blocks.measured(args)
    return told if found is None else told | {"blocks": found}


def rhythms(args: argparse.Namespace) -> int:
    """`vigil score rhythms`."""
    return run.tell(args, measured(args), lines)


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    rows = []
    for name in MARKS:
        t = told[name]
        rows.append(f"{name.upper():<3} {_line(t)}{'   (as recorded)' if 'shown_live' in t else ''}")
        rows += [
            f"      {record}: missed {w['missed_s']} s, invented {w['invented_s']} s"
            for record, w in t["worst"].items()
        ]
        if "shown_live" in t:
            rows.append(f"      shown live: {_line(t['shown_live'])}")
    if "red" in told:
        rows.append(reds.lines(told["red"]))
    if "blocks" in told:
        rows.append(blocks.lines(told["blocks"]))
    return "\n".join(rows)


def _line(t: dict[str, Any]) -> str:
    return (
        f"duration Se {run.percent(t['duration_se'])} ({run.between(t['duration_se_interval'])})  "
        f"PPV {run.percent(t['duration_ppv'])} ({run.between(t['duration_ppv_interval'])})  of {t['seconds']} s   "
        f"episodes Se {run.percent(t['episode_se'])} of {t['episodes']}  PPV {run.percent(t['episode_ppv'])} of "
        f"{t['episodes_told']}"
    )
