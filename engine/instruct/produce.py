"""Many records to one file: on all cores, in order, and where it broke off it goes on.

Beside the file that is asked for lies `NAME.part` while it is being made: a line with the plan, then one line for each record
that is done, with its samples and what became of the others. At the end it becomes the published list, and goes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from engine.endpoint import SILENT, EndpointAway
from engine.instruct.doubles import Print, fingerprint
from engine.instruct.labelled import Entry, recording_of
from engine.instruct.make import Made, Plan, make
from engine.kept import CannotGoOn, begun
from ingest.open_recording import UnreadableRecording

BATCH = 256
"""Records that are handed out at once."""
Progress = Callable[[str], None]


def prints(entries: Sequence[Entry], workers: int, progress: Progress) -> list[Print]:
    """The fingerprint of every record, all zeros of one that cannot be read."""
    found: list[Print] = []
    for one in _over(_print, entries, workers):
        found.append(one)
        progress(f"{len(found)}/{len(entries)} signals compared")
    return found


def _print(entry: Entry) -> Print:
    import numpy as np

    try:
        return fingerprint(recording_of(entry))
    except (UnreadableRecording, OSError):
        return np.zeros(1000, np.float32)


def produce(
    entries: Sequence[Entry], groups: Mapping[str, str], plan: Plan, out: Path, workers: int, progress: Progress
) -> dict[str, Any]:
    """Make the samples of these records and write them to `out`; the summary. Raises CannotGoOn."""
    part = out.with_name(f"{out.name}.part")
    done = _begun(part, plan)
    rest = [entry for entry in entries if entry.name not in done]
    silent, why, finished = 0, "", len(entries) - len(rest)
    with part.open("a", encoding="utf-8") as lines:
        for told in _over(partial(_attempt, plan=plan, groups=groups), rest, workers):
            finished += 1
            if isinstance(told, str):
                silent, why = silent + 1, told
                if silent >= SILENT:
                    break
                continue
            silent = 0
            lines.write(json.dumps(_line(told), allow_nan=False) + "\n")
            lines.flush()
            progress(f"{finished}/{len(entries)} records")
    if why:
        raise CannotGoOn(f"{why}; what was written is kept in {part}: run the same command again to go on")
    summary = _finish(part, out, {entry.name for entry in entries})
    part.unlink()
    return summary


def _over(one: Callable[[Any], Any], items: Sequence[Any], workers: int) -> Iterator[Any]:
    """Each item's result in order; the first in this process, which compiles before others would do it side by side."""
    if not items:
        return
    yield one(items[0])
    if workers < 2:
        yield from map(one, items[1:])
        return
    with ProcessPoolExecutor(max_workers=workers) as pool:
        try:
            for first in range(1, len(items), BATCH):
                yield from pool.map(one, items[first : first + BATCH], chunksize=4)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _attempt(entry: Entry, plan: Plan, groups: Mapping[str, str]) -> Made | str:
    try:
        return make(entry, groups.get(entry.name, entry.name), plan)
    except EndpointAway as error:
        return str(error)


def _line(made: Made) -> dict[str, Any]:
    return {
        "record": made.record, "samples": made.samples, "dropped": made.dropped, "left_out": made.left_out, "stands": made.stands,
        "grounded": made.grounded,
    }  # fmt: skip


def _begun(part: Path, plan: Plan) -> set[str]:
    """Records that are done. Raises CannotGoOn where another plan began the file."""
    return {told["record"] for told in begun(part, {"plan": msgspec.to_builtins(plan)})}


def _finish(part: Path, out: Path, names: set[str]) -> dict[str, Any]:
    """Write the list, one sample a line, and count."""
    task, finding, dropped, left, stands = (Counter[str]() for _ in range(5))
    grounded: list[Sequence[int]] = []
    records, samples, ready = 0, 0, out.with_name(f"{out.name}.ready")
    with part.open(encoding="utf-8") as lines, ready.open("w", encoding="utf-8") as file:
        file.write("[")
        next(lines)
        for told in (json.loads(line) for line in lines):
            if told["record"] not in names:
                continue
            records += bool(told["samples"])
            for sample in told["samples"]:
                file.write(("," if samples else "") + "\n" + json.dumps(sample, allow_nan=False))
                samples += 1
                task[sample["vigil"]["task"]] += 1
                finding.update(sample["vigil"]["about"])
            dropped.update(told["dropped"])
            left.update(told["left_out"])
            stands.update(told["stands"])
            grounded += told["grounded"]
        file.write("\n]\n")
    ready.replace(out)
    return {
        "records": records, "samples": samples, "by_task": dict(task), "by_finding": dict(finding.most_common()),
        "dropped": dict(dropped.most_common()), "sentences_left_out": dict(left.most_common()), "diagnoses": _by_stand(stands),
        "grounded": _spread(grounded),
    }  # fmt: skip


def _by_stand(stands: Mapping[str, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, count in sorted(stands.items()):
        stand, _, code = name.partition(": ")
        found.setdefault(code, {})[stand] = count
    return found


def _spread(rows: Iterable[Sequence[int]]) -> dict[str, Any]:
    """Sentences, numbers and words of grounded reports: mean, least and most."""
    table = list(zip(*rows, strict=True))
    names = ("sentences", "numbers", "words")
    return {
        name: {"mean": round(sum(row) / len(row), 1), "least": min(row), "most": max(row)}
        for name, row in zip(names, table, strict=False)
    }
