"""`vigil score all`: every score that the folder has data for, and docs/scoreboard.md made of them in one go."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.datasets import data_folder
from infra.plan import BadRequest
from infra.score import (
    alarms,
    beats,
    claims,
    intervals,
    latency,
    learn_alarms,
    learn_atrial,
    learn_findings,
    learn_run,
    rhythms,
    texts_shown,
)
from infra.score.page import page
from infra.score.tiny import ship
from infra.settings import Settings

PULSES = ("off", "asystole", "all")


def board(args: argparse.Namespace) -> int:
    """`vigil score all`."""
    out = Path(args.out)
    if not out.parent.is_dir():
        raise BadRequest(f"{out.parent} is no folder: name the page with --out")
    data_folder(args.data, Settings.from_environment())
    told = measured(args)
    out.write_text(page(told))
    print(json.dumps(told, allow_nan=False) if args.json else f"{out} is written")
    return 0


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """Objects of all scores by name; None, with a sentence on standard error, where there are no data for one."""
    args.database = args.texts = ""
    return {
        "machine": machine(),
        "beats": _unless_missing("beats", lambda: beats.measured(args)),
        "rhythms": _unless_missing("rhythms", lambda: rhythms.measured(args)),
        "af": _unless_missing("af of patients left out", lambda: learn_atrial.measured(args)),
        "intervals": _unless_missing("intervals", lambda: intervals.measured(args)),
        "alarms": _unless_missing("alarms", lambda: _alarms(args)),
        "claims": _unless_missing("claims", lambda: claims.measured(args)),
        "findings": _unless_missing("findings", lambda: learn_findings.measured(args)),
        "tiny": ship.shipped(),
        "texts": _unless_missing("texts", lambda: texts_shown.measured(args)),
        "latency": latency.measured(args.seeds),
        "signal": None if args.without_speed else _signal(),
    }


def _unless_missing(name: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    try:
        return measure()
    except BadRequest as error:
        sys.stderr.write(f"{name} are not scored: {error}\n")
        return None


def _alarms(args: argparse.Namespace) -> dict[str, Any]:
    """Every setting of the pulse, each alarm of VT judged by trees that were learnt without it; once more by decisions that were chosen without it."""
    learnt = learn_run.out_of_fold(learn_run.gather(args))
    by, told = {name: alarms.Judge(models) for name, models in learnt.items()}, {}
    for args.pulse in PULSES:
        told[args.pulse] = alarms.measured(args, by, leads=args.pulse == "all")
    args.pulse = "all"
    told["all"]["chosen"] = alarms.measured(args, learn_alarms.apart(learnt), leads=False)
    return told


def _signal() -> dict[str, Any]:
    from infra.bench.signal import BEDS, SECONDS, measured

    return measured(BEDS, SECONDS, None)


def machine() -> dict[str, Any]:
    """The processor and what runs on it."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
