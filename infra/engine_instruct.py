"""`vigil engine instruct`: grounded instructions for training, made of labelled 12-lead sets."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.cache import cache_dir
from infra.datasets import data_folder, folder_of
from infra.plan import BadRequest
from infra.score.run import progress
from infra.settings import Settings

if TYPE_CHECKING:
    from engine.instruct.labelled import Entry
    from engine.instruct.make import Plan


def run(args: argparse.Namespace) -> int:
    """Read the tables, leave out doubles, make the samples, tell what became of everything."""
    from engine.instruct.labelled import BadSet
    from engine.instruct.produce import produce
    from engine.instruct.tasks import often
    from engine.kept import CannotGoOn

    begun, plan, out = time.monotonic(), _plan(args), _out(args.out)
    workers = args.workers or os.cpu_count() or 1
    try:
        entries, groups = _entries(args, workers)
        usable = [e for e in entries if not e.left_out]
        plan = replace(plan, often=tuple(often([e.codes for e in usable]).items()))
        summary = produce(usable, groups, plan, out, workers, progress)
    except BadSet as error:
        raise BadRequest(str(error)) from None
    except CannotGoOn as error:
        progress("")
        sys.stderr.write(f"vigil: {error}\n")
        return 1
    progress("")
    left = Counter(_shortened(e.left_out) for e in entries if e.left_out)
    told = {"out": str(out), "seconds": round(time.monotonic() - begun, 1), "records_left_out": dict(left), **summary}
    print(json.dumps(told) if args.json else _lines(told))
    return 0


def _plan(args: argparse.Namespace) -> Plan:
    from engine.instruct.endpoint import Writer
    from engine.instruct.make import Plan
    from engine.instruct.tasks import TASKS

    tasks = tuple(dict.fromkeys(filter(None, args.tasks.split(",")))) if args.tasks else tuple(TASKS)
    strange = [name for name in tasks if name not in TASKS]
    if strange:
        raise BadRequest(f"--tasks: there is no task {strange[0]}; choose some of {','.join(TASKS)}")
    for name, share in (("--missing", args.missing), ("--unreadable", args.unreadable)):
        if not 0.0 <= share <= 1.0:
            raise BadRequest(f"{name} {share:g} is no share of the records: 0 to 1")
    if args.words < 60:
        raise BadRequest(f"--words {args.words}: a grounded report needs at least 60")
    if args.workers < 0:
        raise BadRequest(f"--workers {args.workers}: give 0, which is all cores, or a number of processes")
    writer = None
    if args.endpoint or args.writer:
        if not (args.endpoint and args.writer):
            raise BadRequest("an endpoint is named by both, --endpoint URL and --writer MODEL")
        if not args.endpoint.startswith(("http://", "https://")):
            raise BadRequest(f"--endpoint {args.endpoint} is no http address: name it up to /chat/completions")
        if args.slots:
            raise BadRequest("--slots needs the grammar: an endpoint writes numbers")
        writer = Writer(args.endpoint, args.writer, args.timeout)
    images = str(Path(args.image_dir).resolve()) if args.image_dir else ""
    return Plan(args.seed, tasks, args.words, args.slots, args.missing, args.unreadable, images, writer)


def _out(name: str) -> Path:
    out = Path(name)
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise BadRequest(f"--out {name}: name a file in a folder that is there")
    if out.exists():
        raise BadRequest(f"--out {name} is there already: remove it, or name another file")
    return out


def _entries(args: argparse.Namespace, workers: int) -> tuple[list[Entry], dict[str, str]]:
    """Entries of all sets, what is left out of them marked, and their groups."""
    kept, groups = entries_of(args.sets, args.folds, args.data, workers)
    return _limited(kept, args.limit), groups


def entries_of(sets: str, folds_: str, data_: str, workers: int) -> tuple[list[Entry], dict[str, str]]:
    """Entries of the named sets in these folds, doubles and others that are left out marked, and their groups."""
    from engine.instruct.doubles import grouped, pairs
    from engine.instruct.labelled import selected
    from engine.instruct.produce import prints
    from engine.instruct.sets import entries

    settings, folds = Settings.from_environment(), _folds(folds_)
    data, cache = data_folder(data_, settings), cache_dir(settings.cache)
    found: list[Entry] = []
    for name in dict.fromkeys(filter(None, sets.split(","))):
        found += entries(name, folder_of(name, data, cache))
    if not found:
        raise BadRequest("--sets names no set: ptbxl,cinc2021 for example")
    alike = pairs(prints(found, workers, progress))
    progress("")
    told, groups = grouped(found, alike, folds)
    kept = selected(told, folds)
    if not kept:
        raise BadRequest(f"--folds {folds_}: no record of {sets} lies in them")
    return kept, groups


def _limited(entries: list[Entry], limit: int | None) -> list[Entry]:
    """The first of them, those left out not counted."""
    usable = [e for e in entries if not e.left_out]
    return usable[:limit] if limit else entries


def _folds(text: str) -> frozenset[int]:
    """`1-8`, `1,2,9`; empty: all."""
    found: set[int] = set()
    for piece in filter(None, text.split(",")):
        first, _, last = piece.partition("-")
        if not first.isdigit() or not (last or first).isdigit() or int(last or first) < int(first):
            raise BadRequest(f"--folds {text}: write 1-8, or 1,2,3")
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)


def _shortened(why: str) -> str:
    """Without the name of the other recording, so that it can be counted."""
    return why.split(" as ")[0]


def _lines(told: dict[str, Any]) -> str:
    lines = [f"{told['samples']} samples of {told['records']} records in {told['out']}, {told['seconds']} s"]
    for title, key in (
        ("by task", "by_task"), ("by finding", "by_finding"), ("samples dropped", "dropped"), ("sentences left out", "sentences_left_out"),
        ("records left out", "records_left_out"),
    ):  # fmt: skip
        lines += [f"{title}:"] + [f"  {count:6d}  {name}" for name, count in told[key].items()] if told[key] else []
    for name, row in told["grounded"].items():
        lines.append(f"{name} of a grounded report: {row['mean']} ({row['least']} to {row['most']})")
    return "\n".join(lines)
