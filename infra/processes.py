"""The one wiring place of each process: settings in, clients opened, the process's own function called."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from infra.logs import open_logs, teller
from infra.plan import BadRequest
from infra.ports import inherited, listen, url_of
from infra.services import Addresses, join, join_kafka, known_database
from infra.settings import Settings

if TYPE_CHECKING:
    from alerts.service import AlertOptions
    from storage.room import Reserve

log = structlog.get_logger()

SLOW_LANE = 5
"""Niceness of what explains and remembers: alarms go first where the machine is full."""


def _open(args: argparse.Namespace, name: str) -> tuple[Settings, Addresses, threading.Event]:
    """Settings, addresses and the event that SIGTERM and SIGINT set."""
    settings = Settings.from_environment()
    open_logs(settings.log_level, name)
    addresses = join(settings, data_dir(args, settings))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if args.metrics_port:
        serve_metrics(args.metrics_port)
    return settings, addresses, stop


def serve_metrics(port: int) -> bool:
    """Answer Prometheus on a loopback port; whether that can be done. Where it cannot the process works without."""
    from prometheus_client import start_http_server

    if not 0 < port <= 65535:
        raise BadRequest(f"--metrics-port {port} is outside 1 to 65535")
    try:
        start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        log.error("this process has no metrics", port=port, reason=error.strerror or str(error))
        return False
    return True


def data_dir(args: argparse.Namespace, settings: Settings) -> Path:
    """The folder named on the command line, else by the settings."""
    return Path(args.data_dir).expanduser() if args.data_dir else settings.data_dir


def stream(args: argparse.Namespace) -> int:
    """`vigil stream`."""
    settings, addresses, stop = _open(args, args.name)
    from ingest.kafka import session_s
    from stream.app import run
    from stream.worker import SESSION_S, WorkerOptions

    # brokers refuse a shorter session than they are set to
    options = WorkerOptions(args.name, session_s(addresses.kafka, SESSION_S), measure_every_s=settings.measure_s)
    return run(addresses.kafka, options, stop, teller())


def hrv(args: argparse.Namespace) -> int:
    """`vigil hrv`."""
    _, addresses, stop = _open(args, "hrv")
    from stream.hrv import serve

    serve(addresses.kafka, stop, teller())
    return 0


def engine(args: argparse.Namespace) -> int:
    """`vigil engine serve`."""
    settings, addresses, stop = _open(args, "engine")
    os.nice(SLOW_LANE)
    from engine.serve import serve
    from infra.model import answerer_of, chosen

    serve(addresses.kafka, lambda: answerer_of(chosen(args.model, settings), args.sizes, settings), stop, teller())
    return 0


def store(args: argparse.Namespace) -> int:
    """`vigil store write`."""
    settings, addresses, stop = _open(args, "store")
    os.nice(SLOW_LANE)
    from storage.writer import WriterOptions, write

    options = WriterOptions(settings.retention_hours, reserve_of(settings, data_dir(args, settings)))
    write(addresses.kafka, known_database(addresses), options, stop, teller())
    return 0


def reserve_of(settings: Settings, folder: Path) -> Reserve:
    """The disks of our own, and how much of each must stay free."""
    from infra.local_postgres import database_folder
    from storage.room import Reserve

    return Reserve(
        settings.disk_reserve_gb,
        kafka_dir=str(folder) if settings.kafka is None else "",
        database_dir="" if settings.database else str(database_folder(folder)),
    )


def _ways(settings: Settings) -> AlertOptions:
    """Where alerts go besides the terminal: the webhook and the mail server that the settings name."""
    from alerts.service import AlertOptions

    return AlertOptions(
        settings.webhook_url,
        settings.webhook_secret,
        settings.smtp,
        settings.smtp_from,
        settings.smtp_to,
        settings.smtp_username,
        settings.smtp_password,
        settings.smtp_ca,
    )


def alerts(args: argparse.Namespace) -> int:
    """`vigil alerts serve`."""
    settings, addresses, stop = _open(args, "alerts")
    from alerts.serve import serve

    database, options = known_database(addresses), _ways(settings)
    if args.watch:
        options = replace(options, watch_url=args.watch, watch_secret=watch_secret(addresses))
    listening = _listening(args) if args.listening or args.port else None
    url = url_of(listening) if listening is not None else ""
    return serve(addresses.kafka, database, options, listening, url, stop, teller())


def _listening(args: argparse.Namespace) -> socket.socket:
    """The socket that the supervisor holds for this process, else one of its own."""
    return inherited(args.listening) if args.listening else listen(args.host, args.port)


def watch(args: argparse.Namespace) -> int:
    """`vigil watch`."""
    settings, addresses, stop = _open(args, "watch")
    from infra.upkeep import Places
    from infra.watch import Ear, serve

    secret = watch_secret(addresses)
    ear = Ear(_listening(args), secret)
    kafka = addresses.kafka
    folder = data_dir(args, settings)
    places = Places(
        tuple(f for f in (reserve_of(settings, folder).kafka_dir, reserve_of(settings, folder).database_dir) if f),
        settings.disk_reserve_gb,
        tuple(f for f in (kafka.cert_file, kafka.ca_file) if f),
    )
    serve(kafka, _ways(settings), places, ear, stop, teller())
    return 0


def watch_secret(addresses: Addresses) -> str:
    """What the alert process and the watchdog sign with; raises BadRequest where nobody has given them anything."""
    if not addresses.watch_secret:
        raise BadRequest(
            "alert process and watchdog have no secret in common: set VIGIL_WATCH_SECRET, the same for both"
        )
    return addresses.watch_secret


def feed(args: argparse.Namespace) -> int:
    """`vigil feed replay` and `vigil feed simulate`."""
    import secrets

    from infra.feeding import spoken
    from infra.requests import plan_of
    from infra.unended import known
    from ingest.disturb import Disturbance, parse
    from ingest.feed import FeedOptions, fed_beds, play

    plan = plan_of(args)
    settings, addresses, stop = _open(args, "feed")
    join_kafka(settings, data_dir(args, settings))
    run = args.run or secrets.token_hex(8)
    source = args.source or f"feed-{run[:8]}"
    taken = set() if args.keep_names else fed_beds(addresses.kafka, source) | set(addresses.beds)
    options = FeedOptions(
        source=source,
        run=run,
        frame_ms=args.frame_ms,
        speed=args.speed,
        seconds=args.seconds,
        loop=not args.once,
        disturbance=parse(args.disturb) if args.disturb else Disturbance(),
    )
    say = teller() if args.json else spoken
    return play(plan.recordings(taken), addresses.kafka, options, stop, say, lambda: known(addresses.kafka))
