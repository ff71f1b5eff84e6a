"""Kafka and PostgreSQL of one Vigil: started where none is named, and known to others through DATA/run.json."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from infra import child, local_kafka, local_postgres
from infra.again import Again
from infra.cache import Missing, Progress
from infra.reach import check_named, database_fault, kafka_fault
from infra.settings import Settings
from ingest.kafka import KafkaAddress, create_topics, missing_topics

MOST_UNENDED = 8


class NotRunning(RuntimeError):
    """No Vigil runs on the data folder; one sentence."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Kafka and PostgreSQL are."""

    kafka: KafkaAddress
    database: str
    run: str = ""
    """Token of the run; names its sessions, so that a feed that is started again goes on with them."""
    beds: tuple[str, ...] = ()
    """Names that the run plays or is about to play."""
    watch_secret: str = ""
    """What the alert process and the watchdog sign with; empty where nobody has given them one."""


@dataclass(slots=True)
class Service:
    """A child that is a service, and how it is started again on the same address."""

    name: str
    process: subprocess.Popen[bytes]
    spawn: Callable[[], subprocess.Popen[bytes]]
    """Starts it again and waits for nothing: until it answers, its clients try again."""
    stop_signal: int
    again: Again = field(default_factory=Again)


@dataclass(slots=True)
class Services:
    """What this process started; outside services are not among them."""

    addresses: Addresses
    children: list[Service]
    temporary: Path | None = None
    """The data folder, where it is to be forgotten when the services end."""
    lock: IO[str] | None = None
    """Held as long as this process uses the data folder."""

    def close(self) -> None:
        """Stop in reverse order; of a temporary folder nothing stays elsewhere on the machine."""
        for service in reversed(self.children):
            child.stop(service.process, service.stop_signal, 10.0)
        if self.lock is not None:
            self.lock.close()
        if self.temporary is not None:
            local_postgres.remove(self.temporary)


def usable_folder(data_dir: Path) -> None:
    """Make the data folder; raises Missing where that cannot be done."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Missing(f"{data_dir} cannot be the data folder: {error.strerror}; name another --data-dir") from None
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise Missing(f"{data_dir} cannot be the data folder: it is not writable; name another --data-dir")


def open_services(
    settings: Settings, data_dir: Path, run: str, progress: Progress, *, temporary: bool = False
) -> Services:
    """Start what is not named from outside, create topics and tables; raises Missing with one sentence."""
    check_named(settings)
    usable_folder(data_dir)
    _refuse_second(data_dir)
    lock = _held(data_dir)
    children: list[Service] = []
    watch_secret = settings.watch_secret or secrets.token_urlsafe(24)
    opened = Services(Addresses(settings.kafka or KafkaAddress(()), settings.database, run), children)
    opened.temporary, opened.lock = data_dir if temporary else None, lock
    try:
        database = settings.database or _own_postgres(data_dir, children, progress)
        kafka = settings.kafka or _own_kafka(settings, data_dir, children, progress)
        opened.addresses = Addresses(kafka, database, run, watch_secret=watch_secret)
        create_topics(kafka, settings.kafka_replicas if settings.kafka is not None else 1)
        from storage.migrate import upgrade

        upgrade(database)
    except BaseException:
        opened.close()
        raise
    return opened


def _own_postgres(data_dir: Path, children: list[Service], progress: Progress) -> str:
    server = local_postgres.prepare(data_dir, progress)
    log = data_dir / "logs" / "postgres.log"
    started = local_postgres.start(server, log)
    children.append(Service("postgres", started, partial(local_postgres.spawn, server, log), signal.SIGINT))
    return server.url


def _own_kafka(settings: Settings, data_dir: Path, children: list[Service], progress: Progress) -> KafkaAddress:
    node = local_kafka.prepare(data_dir, settings, progress)
    log = data_dir / "logs" / "kafka.log"
    started = local_kafka.start(node, log)
    children.append(Service("kafka", started, partial(local_kafka.spawn, node, log), signal.SIGTERM))
    return node.address


def _refuse_second(data_dir: Path) -> None:
    told = _read(data_dir)
    if told and _alive(int(str(told.get("pid", 0)))):
        raise Missing(f"a Vigil (process {told['pid']}) runs on {data_dir}: stop it, or name another --data-dir")


def _held(data_dir: Path) -> IO[str]:
    """The lock of a data folder, free again when this process ends however it ends; raises Missing where another has it."""
    lock = (data_dir / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Missing(
            f"another Vigil starts, or runs, on {data_dir}: wait for its end, or name another --data-dir"
        ) from None
    return lock


def _alive(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes() if Path("/proc").is_dir() else b"vigil"
        os.kill(pid, 0)
    except (OSError, ValueError):
        return False
    return pid > 0 and pid != os.getpid() and (b"vigil" in command or b"infra.cli" in command)


def _read(data_dir: Path) -> dict[str, object]:
    try:
        told = json.loads((data_dir / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def dead_runs(data_dir: Path) -> tuple[str, ...]:
    """Tokens of the runs on this folder that were killed and whose sessions nobody has ended; none while one lives."""
    told = _read(data_dir)
    # of a folder that several machines share, the process of another machine cannot be looked for
    if not told or told.get("host") != socket.gethostname() or _alive(int(str(told.get("pid", 0)))):
        return ()
    earlier = told.get("unended")
    names = [told.get("run"), *(earlier if isinstance(earlier, list) else [])]
    return tuple(str(name) for name in names if name)[:MOST_UNENDED]


def write_run(
    data_dir: Path, addresses: Addresses, console: str, beds: Sequence[str] = (), unended: Sequence[str] = ()
) -> None:
    """Tell others where everything is: DATA/run.json, readable by its owner only, replaced at one stroke.

    unended: tokens of killed runs whose sessions are not known to be ended.
    """
    told = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "unended": list(unended),
        "run": addresses.run,
        "kafka": asdict(addresses.kafka),
        "database": addresses.database,
        "console": console,
        "beds": list(beds),
        "watch_secret": addresses.watch_secret,
    }
    path = data_dir / "run.json"
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(told, out, indent=1)
    part.replace(path)


def forget_run(data_dir: Path) -> None:
    """Nothing runs here any more."""
    (data_dir / "run.json").unlink(missing_ok=True)


def join(settings: Settings, data_dir: Path) -> Addresses:
    """The addresses named by settings, else those of the Vigil that runs on `data_dir`; raises NotRunning."""
    told = _read(data_dir)
    running = bool(told) and _alive_any(int(str(told.get("pid", 0))))
    if not running and (settings.kafka is None or not settings.database):
        if settings.kafka is not None:
            return Addresses(settings.kafka, settings.database, watch_secret=settings.watch_secret)
        raise NotRunning(f"no Vigil runs on {data_dir}: start one with `vigil up`, or set VIGIL_KAFKA")
    kafka = settings.kafka
    if kafka is None:
        fields = dict(told["kafka"])  # type: ignore[call-overload]
        kafka = KafkaAddress(**(fields | {"servers": tuple(fields["servers"])}))
    beds = told.get("beds")
    names = tuple(map(str, beds)) if isinstance(beds, list) else ()
    database = settings.database or str(told.get("database", ""))
    watch_secret = settings.watch_secret or str(told.get("watch_secret", ""))
    return Addresses(kafka, database, str(told.get("run", "")), names, watch_secret)


def join_kafka(settings: Settings, data_dir: Path) -> KafkaAddress:
    """The Kafka of `join`, asked whether it can be used and has the topics; raises NotRunning or Missing."""
    address = join(settings, data_dir).kafka
    if fault := kafka_fault(address):
        raise Missing(f"Kafka cannot be used: {fault}")
    if missing := missing_topics(address):
        raise Missing(
            f"Kafka ({','.join(address.servers)}) has no topic {missing[0]}: `vigil up` with VIGIL_KAFKA set makes the topics"
        )
    return address


def known_database(addresses: Addresses) -> str:
    """The database of these addresses; raises NotRunning where there is none."""
    if not addresses.database:
        raise NotRunning("no database is known: set VIGIL_DATABASE")
    return addresses.database


def join_database(settings: Settings, data_dir: Path) -> str:
    """The database that settings name, else that of the Vigil on `data_dir`; raises NotRunning or Missing."""
    url = settings.database or known_database(join(settings, data_dir))
    if fault := database_fault(url):
        raise Missing(f"the database cannot be used: {fault}")
    return url


def _alive_any(pid: int) -> bool:
    return pid == os.getpid() or _alive(pid)
