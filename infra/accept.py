"""`vigil accept`: each figure of the spine, measured here, against its bar."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.cache import cache_dir
from infra.datasets import folder_of
from infra.plan import BadRequest
from infra.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
START_BAR_S, ALERT_BAR_MS, SE_BAR, PPV_BAR, BEDS_BAR = 20.0, 1500.0, 0.9985, 0.9975, 500


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report."""

    name: str
    measured: str
    bar: str
    met: bool


def run(args: argparse.Namespace) -> int:
    """Measure and print; 0 where every figure meets its bar."""
    settings = Settings.from_environment()
    missed = 0
    for figures in (_start, _recordings, _same_bits, _beats, _bench):
        begun = time.monotonic()
        for figure in figures(settings, args.quick):
            missed += not figure.met
            state = "met" if figure.met else "MISSED"
            print(f"{state:<7} {figure.name:<58} {figure.measured:<34} bar {figure.bar}", flush=True)
        if sys.stderr.isatty():
            sys.stderr.write(f"        ({time.monotonic() - begun:.0f} s)\n")
    print("every figure meets its bar" if not missed else f"{missed} figures miss their bars")
    return 1 if missed else 0


def _vigil(*words: str, limit_s: float = 3600.0) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit_s,
        check=False,
    )
    return done.returncode, done.stdout


def _told(*words: str) -> dict[str, Any] | None:
    """The JSON object of a command, None where it gave none."""
    _, out = _vigil(*words)
    try:
        told = json.loads(out.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return None
    return told if isinstance(told, dict) else None


def _failed(name: str, bar: str, why: str = "the command gave no result") -> Figure:
    return Figure(name, why, bar, False)


def _start(settings: Settings, quick: bool) -> Iterator[Figure]:
    """Seconds from the second start of one data folder to the first beds playing."""
    name, bar = "second start, to the first beds playing", f"< {START_BAR_S:g} s"
    with tempfile.TemporaryDirectory(prefix="vigil-accept-", ignore_cleanup_errors=True) as folder:
        words = ("up", "--beds", "8", "--seconds", "5", "--port", "0", "--data-dir", folder)
        _vigil(*words)
        found = re.search(r"([0-9.]+) s after the start", _vigil(*words)[1])
    if found is None:
        yield _failed(name, bar)
        return
    yield Figure(name, f"{found[1]} s", bar, float(found[1]) < START_BAR_S)


def _eight(settings: Settings) -> list[str]:
    """Four records of MIT-BIH and four of the ICU alarm set; raises BadRequest where they are not here."""
    if settings.data is None:
        raise BadRequest("no folder of recordings: set VIGIL_DATA")
    cache = cache_dir(settings.cache)
    paths: list[str] = []
    for database, step in (("mitdb", 12), ("cinc2015", 75)):
        folder = folder_of(database, settings.data, cache)
        paths += [str(p.with_suffix("")) for p in sorted(folder.glob("*.hea"))[::step][:4]]
    return paths


def _recordings(settings: Settings, quick: bool) -> Iterator[Figure]:
    """Eight recordings as beds at their own speed."""
    name = "eight recordings as beds"
    try:
        records = _eight(settings)
    except BadRequest as error:
        yield _failed(name, "to run", str(error))
        return
    seconds = "30" if quick else "120"
    with tempfile.TemporaryDirectory(prefix="vigil-accept-", ignore_cleanup_errors=True) as folder:
        told = _told("up", "--records", *records, "--seconds", seconds, "--port", "0", "--json", "--data-dir", folder)
    if told is None:
        yield _failed(name, "to run")
        return
    frames, delay = told["frames"], told["latency_ms"]["alert_p99"]
    yield Figure(
        f"{name}: sent = processed",
        f"{frames['sent']} = {frames['processed']}",
        "equal",
        frames["sent"] == frames["processed"],
    )
    yield Figure(
        f"{name}: lost, doubled",
        f"{told['lost']}, {told['duplicates']}",
        "0, 0",
        not (told["lost"] or told["duplicates"]),
    )
    answers = [a["interpretation"] for a in told["alerts"]]
    answered = sum(a["state"] == "done" or bool(a["reason"]) for a in answers)
    yield Figure(
        f"{name}: alerts interpreted, or said why not", f"{answered} of {len(answers)}", "all", answered == len(answers)
    )
    yield Figure(
        f"{name}: alert p99", f"{delay} ms", f"< {ALERT_BAR_MS:g} ms", delay is not None and delay < ALERT_BAR_MS
    )


def _same_bits(settings: Settings, quick: bool) -> Iterator[Figure]:
    """What needs processes to be killed stands in the integration tests; they are run here."""
    chosen = {
        "same triggers: frames, neighbours, two workers, restart": "tests/integration/test_stream.py",
        "kill -9 of every process in turn": "tests/integration/test_up.py",
    }
    for name, path in chosen.items():
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", str(ROOT / path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        last = (done.stdout.strip().splitlines() or ["no output"])[-1]
        yield Figure(
            name, "as uninterrupted" if done.returncode == 0 else last[:60], "no difference", done.returncode == 0
        )


def _beats(settings: Settings, quick: bool) -> Iterator[Figure]:
    """EC57 on MIT-BIH, DS2, over the streaming path."""
    name, bar = "beats, MIT-BIH DS2, gross Se / PPV", f"{SE_BAR:.2%} / {PPV_BAR:.2%}"
    told = _told("score", "beats", "--json")
    if told is None or "ds2" not in told:
        yield _failed(name, bar)
        return
    se, ppv = told["ds2"]["gross"]["se"], told["ds2"]["gross"]["ppv"]
    yield Figure(name, f"{se:.3%} / {ppv:.3%}", bar, se >= SE_BAR and ppv >= PPV_BAR)


def _bench(settings: Settings, quick: bool) -> Iterator[Figure]:
    """Beds end to end in real time."""
    name = "12-lead 500 Hz beds in real time, against neurokit2"
    words = ("--beds", "100", "--seconds", "30") if quick else ()
    bar = 100 if quick else BEDS_BAR
    told = _told("bench", "beds", "--json", *words)
    if told is None:
        yield _failed(name, f">= {bar}")
        return
    yield Figure(name, f"{told['beds']} beds, {told['ratio']} times", f">= {bar}", told["beds"] >= bar)
