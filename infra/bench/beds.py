"""`vigil bench beds`: how many beds this machine carries end to end in real time, against neurokit2 in a Faust agent."""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from infra import services
from infra.bench import truth
from infra.judge import GROWS_S, lag_s, told_numerics, unequal
from infra.logs import open_logs
from infra.plan import BadRequest
from infra.settings import Settings
from infra.summary import Observer, checkpoints_of, drained, read_topic
from infra.supervisor import Supervisor
from ingest.recording import Recording
from ingest.topics import TRIGGERS
from ingest.watched import is_watched
from stream.trigger import Trigger

LEADS, RATE_HZ = 12, 500
LIMIT_MS = 1500.0
LEAST_S = 30.0
"""Seconds in which every bed's episode has room."""
PEER_S = 20.0
"""CPU seconds given to the peer."""
CORES = os.cpu_count() or 1
STEPS = (250, 500, 750, 1000, 1250, 1500, 2000)


@dataclass(slots=True)
class Outcome:
    """One number of beds, tried."""

    beds: int
    reasons: list[str] = field(default_factory=list)
    """Why it does not count; empty where it does."""
    stages: dict[str, float] = field(default_factory=dict)
    """CPU seconds per bed and second, by process."""
    alert_p99_ms: float | None = None
    lag_s: list[float] = field(default_factory=list)
    """Of the numerics behind the feed, 99 % of them, in each quarter of the run."""
    alarms: int = 0
    """Lethal ones of the scripts."""
    missed: int = 0
    """Those of them that nobody was told of."""
    peer: dict[str, Any] = field(default_factory=dict)
    """What the peer did with the same frames in the same run."""


def beds(args: argparse.Namespace) -> int:
    """Go up the steps until one fails, or try the number that was named."""
    if args.beds is not None and not 1 <= args.beds <= 5000:
        raise BadRequest(f"--beds {args.beds} is outside 1 to 5000")
    if not LEAST_S <= args.seconds <= 3600:
        raise BadRequest(f"--seconds {args.seconds:g} is outside {LEAST_S:g} to 3600")
    settings = Settings.from_environment()
    open_logs("error", "bench")
    best: Outcome | None = None
    peer: dict[str, Any] = {}
    for count in (args.beds,) if args.beds else STEPS:
        outcome = try_beds(count, args.seconds, settings, with_peer=not peer)
        state = "carried" if not outcome.reasons else "not carried: " + "; ".join(outcome.reasons)
        sys.stderr.write(
            f"{count} beds: {state}; alert p99 {outcome.alert_p99_ms} ms; lag {outcome.lag_s} s; CPU {outcome.stages}\n"
        )
        if outcome.reasons:
            break
        best = outcome
        if outcome.peer:
            per_bed_s = outcome.peer["cpu_s"] / outcome.peer["bed_seconds"]
            peer = {"name": outcome.peer["name"], "beds": round(CORES / per_bed_s, 2)}
    carried = best.beds if best is not None else 0
    told = {
        "beds": carried,
        "leads": LEADS,
        "rate_hz": RATE_HZ,
        "seconds": args.seconds,
        "stages": best.stages if best is not None else {},
        "peer": peer,
        "ratio": round(carried / peer["beds"], 1) if peer.get("beds") else None,
        "alert_p99_ms": best.alert_p99_ms if best is not None else None,
        "alarms": best.alarms if best is not None else 0,
        "missed": best.missed if best is not None else 0,
        "lag_s": best.lag_s if best is not None else [],
    }
    print(json.dumps(told) if args.json else _spoken(told))
    return 0 if best is not None else 1


def _spoken(told: dict[str, Any]) -> str:
    peer, delay = told["peer"], told["alert_p99_ms"]
    return (
        f"{told['beds']} beds, {told['ratio']} times the {peer.get('name', 'peer')} ({peer.get('beds')} beds); "
        f"{told['alarms']} lethal alarms of the script, {told['missed']} missed, 99 % announced within {delay} ms of the sample that made them true"
    )


@contextlib.contextmanager
def _vigil(settings: Settings) -> Iterator[tuple[Supervisor, services.Services, Path]]:
    """Services and workers of a Vigil of its own, ready."""
    with tempfile.TemporaryDirectory(prefix="vigil-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        opened = services.open_services(settings, folder, "bench", lambda _: None, temporary=True)
        services.write_run(folder, opened.addresses, "")
        supervisor = Supervisor(folder / "logs", dict(os.environ), opened.children)
        try:
            for words in (
                ["stream"],
                ["hrv"],
                ["store", "write"],
                ["engine", "serve"],
                ["alerts", "serve", "--port", "0"],
            ):
                supervisor.start(words[0], [*words, "--data-dir", str(folder)])
            deadline = time.monotonic() + 120
            while not all(c.ready for c in supervisor.children) and time.monotonic() < deadline:
                supervisor.look()
                time.sleep(0.1)
            yield supervisor, opened, folder
        finally:
            supervisor.stop()
            opened.close()


def try_beds(count: int, seconds: float, settings: Settings, with_peer: bool) -> Outcome:
    """Play so many different beds in real time and look at what came of it."""
    from ingest.simulator import bench_recordings

    return try_recordings(bench_recordings(count, seconds, seed=count), seconds, settings, with_peer)


def try_recordings(recordings: list[Recording], seconds: float, settings: Settings, with_peer: bool) -> Outcome:
    """Play simulated recordings as beds in real time, and hold what came of it against their scripts."""
    from ingest.feed import FeedOptions, play

    count = len(recordings)
    outcome = Outcome(count)
    with _vigil(settings) as (supervisor, opened, _):
        observer = Observer(opened.addresses, time.time_ns())
        before = _cpu(supervisor, opened)
        options = FeedOptions("replay", run="bench", seconds=seconds, loop=False)
        clocks: dict[str, tuple[float, float]] = {}

        def hear(event: dict[str, Any]) -> None:
            # real time begins when the feed is ready: reading hundreds of recordings first is no lateness
            clocks[event["event"]] = time.monotonic(), time.process_time()

        played = threading.Event()
        reader = threading.Thread(target=_read_along, args=(observer, played))
        reader.start()
        play(recordings, opened.addresses.kafka, options, threading.Event(), hear)
        begun, own = clocks["ready"]
        late_s = time.monotonic() - begun - seconds
        stages = {"feed": time.process_time() - own}
        if late_s > 2.0:
            outcome.reasons.append(f"the feed fell behind by {late_s:.1f} s")
        played.set()
        reader.join()
        closed_s = _drain(supervisor, observer, outcome)
        if closed_s > 3.0:
            outcome.reasons.append(f"the numerics lagged {closed_s:.1f} s behind the feed")
        after = _cpu(supervisor, opened)
        stages |= {name: after[name] - before.get(name, 0.0) for name in after}
        outcome.stages = {name: round(cpu / (count * seconds), 7) for name, cpu in stages.items()}
        _judge(outcome, recordings, observer)
        observer.close()
        if with_peer and not outcome.reasons:
            supervisor.stop()
            outcome.peer = _peer(opened.addresses)
    return outcome


def _peer(addresses: services.Addresses) -> dict[str, Any]:
    """The peer on the frames that lie in Kafka, in a process of its own and alone on the machine."""
    from stream.peer import run

    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run, addresses.kafka, PEER_S).result()


def _read_along(observer: Observer, played: threading.Event) -> None:
    """Keep up with the checkpoints, so that the end of the last session is seen when it comes."""
    while not played.wait(2.0):
        checkpoints_of(observer)


def _cpu(supervisor: Supervisor, opened: services.Services) -> dict[str, float]:
    """CPU seconds of every process so far; the database's with its children."""
    processes = {c.name: c.process for c in supervisor.children} | {s.name: s.process for s in opened.children}
    found = {name: _cpu_of(process.pid) for name, process in processes.items() if process is not None}
    postgres = processes.get("postgres")
    if postgres is not None:
        found["postgres"] += sum(_cpu_of(pid) for pid in _children(postgres.pid))
    return found


def _cpu_of(pid: int) -> float:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _children(parent: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            if int(path.read_text().rsplit(")", 1)[1].split()[1]) == parent:
                yield int(path.parent.name)


def _drain(supervisor: Supervisor, observer: Observer, outcome: Outcome) -> float:
    """Wait until everything came through; seconds until the worker had closed the last session."""
    begun = time.monotonic()
    closed_s = None
    while time.monotonic() - begun < 60.0:
        supervisor.look()
        _hear(supervisor, observer)
        if closed_s is None and _closed(observer):
            closed_s = time.monotonic() - begun
        if closed_s is not None and drained(observer):
            return closed_s
        time.sleep(0.2)
    outcome.reasons.append("the pipeline did not drain within 60 s")
    return closed_s if closed_s is not None else 60.0


def _closed(observer: Observer) -> bool:
    return all(c.ended for c in checkpoints_of(observer).values())


def _hear(supervisor: Supervisor, observer: Observer) -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            event = supervisor.events.get_nowait()
            observer.hear(event)
            if event.what == "restarted":
                sys.stderr.write(f"{event.child} was started again\n")


def _judge(outcome: Outcome, recordings: list[Recording], observer: Observer) -> None:
    """Triggers against the script, announcements against the clock, what is stored against what was sent."""
    from infra.summary import sent_of
    from storage import readers
    from storage.database import Database

    read = (msgspec.json.decode(m.value, type=Trigger) for m in read_topic(observer, TRIGGERS))
    triggers = [t for t in read if not is_watched(t.bed)]
    wrong = truth.differing(recordings, triggers)
    if wrong:
        told = ", ".join(f"{n} {code}" for code, n in sorted(wrong.items()))
        outcome.reasons.append(f"{wrong.total()} triggers differ from the scripts: {told}")
    sent, _ = sent_of(observer)
    found = truth.announced(recordings, triggers, sent, observer.announced)
    outcome.alarms, outcome.missed, outcome.alert_p99_ms = found.alarms, found.missed, found.p99_ms
    if found.missed:
        outcome.reasons.append(f"{found.missed} of {found.alarms} lethal alarms of the script were never announced")
    if found.alarms and (found.p99_ms is None or found.p99_ms > LIMIT_MS):
        outcome.reasons.append(f"alerts were announced with p99 {found.p99_ms} ms")
    numerics, came = told_numerics(observer)
    outcome.lag_s = lag_s(came, sent)
    if outcome.lag_s and outcome.lag_s[-1] > outcome.lag_s[0] + GROWS_S:
        outcome.reasons.append(f"the lag grew: {outcome.lag_s} s in the quarters of the run")
    database = Database(observer.addresses.database)
    try:
        differing = database.run(lambda c: sum(not _stored(c, readers, r, sent) for r in recordings))
        numbers = database.run(lambda c: unequal(numerics, readers.trends_of(c, [s for _, s in sent])))
    finally:
        database.close()
    if differing:
        outcome.reasons.append(f"{differing} beds are not stored as they were sent")
    if numbers:
        outcome.reasons.append(f"{numbers} of {len(numerics)} seconds of numerics are not stored as they were told")


def _stored(connection: Any, readers: Any, recording: Recording, sent: Any) -> bool:
    """Whether every sample of a bed is stored as it was sent, and numerics of every second."""
    (session,) = (s for bed, s in sent if bed == recording.name)
    at = 0
    for first, samples in sorted(readers.signal_of(connection, recording.name, session).items()):
        if first != at or not np.array_equal(samples, recording.samples[:, at : at + samples.shape[1]]):
            return False
        at += samples.shape[1]
    seconds = readers.trend_count(connection, recording.name, session)
    return bool(at == recording.samples.shape[1] and seconds >= int(at / recording.rate_hz) - 1)
