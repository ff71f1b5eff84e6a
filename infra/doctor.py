"""`vigil doctor`: what is here, what works, what is missing, and what to do about it."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from infra import local_postgres
from infra.cache import Missing, cache_dir, java, kafka_jars, locked
from infra.processes import data_dir
from infra.reach import kafka_fault
from infra.services import Addresses, NotRunning, join
from infra.settings import Settings
from infra.upkeep import synchronised
from ingest.kafka import USUAL_LIMIT_S, KafkaAddress, open_consumer, open_producer, session_limit_s
from ingest.topics import NOTICES

LEAST_POSTGRES = 15


@dataclass(frozen=True, slots=True)
class Check:
    """One line: `ok`, `note` or `fail`."""

    name: str
    state: str
    text: str


def run(args: argparse.Namespace) -> int:
    """Look at everything; exit 1 where something that is needed is missing."""
    settings = Settings.from_environment()
    checks = list(_checks(settings, data_dir(args, settings)))
    if args.json:
        print(json.dumps({"checks": [asdict(c) for c in checks]}))
    else:
        for check in checks:
            print(f"{check.state:<5} {check.name:<12} {check.text}")
    return 1 if any(c.state == "fail" for c in checks) else 0


def _checks(settings: Settings, folder: Path) -> Iterator[Check]:
    yield from _local(settings)
    yield _disk(settings, folder)
    yield _gpu()
    yield _clock()
    if os.geteuid() == 0:
        yield from _orphans()
    yield from _services(settings, folder)


def _services(settings: Settings, folder: Path) -> Iterator[Check]:
    """Each service that is named, and what runs on the data folder; each by itself."""
    try:
        running: Addresses | None = join(settings, folder)
    except NotRunning as error:
        running = None
        if settings.kafka is None or not settings.database:
            yield Check("vigil", "note", str(error))
    kafka = settings.kafka or (running.kafka if running is not None else None)
    database = settings.database or (running.database if running is not None else "")
    if kafka is not None:
        yield _kafka(kafka, own=settings.kafka is None)
    if database:
        yield _database(database)


def _orphans() -> Iterator[Check]:
    """Databases that lie outside data folders which are gone."""
    for place, owner in local_postgres.orphans():
        size = sum(p.stat().st_size for p in place.rglob("*") if p.is_file()) / (1 << 20)
        whose = f"belonged to {owner}, which is gone" if owner else "belongs to no data folder that is known"
        yield Check("left over", "note", f"{place} ({size:.0f} MiB) {whose}: remove it where nobody needs it")


def _local(settings: Settings) -> Iterator[Check]:
    if settings.kafka is None:
        try:
            yield Check("java", "ok", str(java(settings.java)))
            present = (cache_dir(settings.cache) / "jars").is_dir() or bool(settings.kafka_home)
            if present:
                count = len(kafka_jars(cache_dir(settings.cache), settings.kafka_home, lambda _: None))
                yield Check("kafka jars", "ok", f"{count} jars as in the lock file")
            else:
                yield Check("kafka jars", "note", f"{len(locked())} jars will be fetched at the first start")
        except Missing as error:
            yield Check("kafka jars", "fail", str(error))
    here = settings.data is not None and settings.data.is_dir()
    yield Check("recordings", "ok" if here else "note", str(settings.data) if here else "none: set VIGIL_DATA to score")


def _disk(settings: Settings, folder: Path) -> Check:
    place = folder if folder.exists() else folder.parent if folder.parent.exists() else Path.cwd()
    free = shutil.disk_usage(place).free / (1 << 30)
    short = free < settings.disk_reserve_gb
    text = f"{free:.1f} GiB free, reserve {settings.disk_reserve_gb:g}"
    return Check(
        "disk", "fail" if short else "ok", text + (": make room, waveforms are dropped first" if short else "")
    )


def _gpu() -> Check:
    program = shutil.which("nvidia-smi")
    if not program:
        return Check("gpu", "note", "none: interpretation runs on the CPU")
    asked = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=20)
    return Check("gpu", "ok" if told.returncode == 0 else "note", told.stdout.strip() or told.stderr.strip()[:200])


def _clock() -> Check:
    resolution = time.get_clock_info("time").resolution
    sane = time.time() > 1.7e9
    text = f"UTC {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())}, resolution {resolution:.0e} s"
    if not sane:
        return Check("clock", "fail", f"{text}: set the clock")
    if synchronised() is False:
        return Check("clock", "note", f"{text}; it follows no time server: times of events will drift")
    return Check("clock", "ok", text)


def _kafka(address: KafkaAddress, own: bool) -> Check:
    """Reachable, writable, and how long a dead worker's beds wait."""
    from kafka.errors import KafkaError

    from stream.worker import SESSION_S

    where = ",".join(address.servers)
    if fault := kafka_fault(address):
        return Check("kafka", "fail", fault)
    try:
        open_producer(address, max_block_ms=8000).close()
        consumer = open_consumer(address, None)
        topics = set(consumer.topics())
        consumer.close()
        limit_s = session_limit_s(address)
    except (KafkaError, OSError, ValueError) as error:
        return Check("kafka", "fail", f"{where} cannot be used: {error}")
    if NOTICES.name not in topics:
        return Check("kafka", "note", f"{where} is reachable; Vigil's topics are made at the first start")
    waits_s = max(SESSION_S, USUAL_LIMIT_S if limit_s is None else limit_s)
    if limit_s is None:
        text = f"{where} is reachable; this user may not read the brokers' session limit, "
        return Check("kafka", "note", text + f"workers take {waits_s:g} s: grant DescribeConfigs on the cluster")
    if waits_s > SESSION_S and not own:
        text = f"{where}: sessions under {limit_s:g} s are refused: a dead worker's beds wait {waits_s:g} s; "
        return Check("kafka", "note", text + "set group.min.session.timeout.ms=1000 at the brokers")
    return Check("kafka", "ok", f"{where}; a dead worker's beds are taken over in {waits_s:g} s")


def _database(url: str) -> Check:
    import psycopg

    try:
        with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
            row = connection.execute("SELECT has_database_privilege(current_database(), 'CREATE')").fetchone()
    except psycopg.Error as error:
        return Check("postgresql", "fail", f"cannot be used: {' '.join(str(error).split())[:200]}")
    if version < LEAST_POSTGRES:
        return Check("postgresql", "fail", f"version {version} is older than {LEAST_POSTGRES}")
    if not row or not row[0]:
        return Check("postgresql", "fail", "this user may not create tables: grant CREATE on the database")
    return Check("postgresql", "ok", f"version {version}")
