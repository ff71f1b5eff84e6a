"""One stream worker as a Faust app: the one place that knows Faust."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import structlog

from ingest.frame import BedId, Frame, Nanoseconds, Session, SessionId, Signal
from ingest.kafka import KafkaAddress
from ingest.topics import FRAMES
from stream.bank import Bank
from stream.stall import LOOK_S, look
from stream.worker import GROUP, Worker, WorkerOptions

if TYPE_CHECKING:
    import faust

log = structlog.get_logger()

HEARTBEAT_S = 1.0
STALLED_S = 20.0
"""With data waiting and none read for this long the worker exits, and the supervisor starts it again."""
COLLECT = (20_000, 20, 50)
"""Garbage collection: seldom, for frames and findings are freed by counting."""


def open_app(address: KafkaAddress, group: str, session_s: float) -> faust.App:
    """A Faust app of this group, with nothing in it."""
    import faust

    broker = ";".join(f"kafka://{server}" for server in address.servers)
    return faust.App(
        group,
        broker=broker,
        broker_credentials=_credentials(address),
        broker_session_timeout=session_s,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_max_poll_interval=300.0,
        consumer_auto_offset_reset="earliest",
        store="memory://",
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
        logging_config=None,
        # no table is kept, yet Faust makes a folder for them
        datadir=str(Path(tempfile.gettempdir()) / "vigil-faust"),
        consumer_max_fetch_size=8 << 20,
    )


def build_app(address: KafkaAddress, options: WorkerOptions, worker: Worker) -> Any:
    """The Faust app of one worker: one agent over the bundles, the settings and the clock as its tasks."""
    from faust.types import TP

    app = open_app(address, GROUP, options.session_s)
    frames = app.topic(FRAMES.name, key_serializer="raw", value_serializer="raw", partitions=FRAMES.partitions)

    @app.agent(frames, name="vigil.frames")
    async def analyse(stream: Any) -> None:
        # Faust's own take() can drop what comes while a batch is handed over; here every event is queued in order
        async for event in stream.noack().events():
            await worker.queue(event)

    @app.task  # type: ignore[untyped-decorator]
    async def read() -> None:
        await worker.read_on()

    @app.task  # type: ignore[untyped-decorator]
    async def settings() -> None:
        await worker.settings()

    @app.task  # type: ignore[untyped-decorator]
    async def silence() -> None:
        await worker.watch_silence()

    @app.task  # type: ignore[untyped-decorator]
    async def read_again() -> None:
        while True:
            await asyncio.sleep(1.0)
            await _read_again(app, worker)

    async def revoked(_: Any, revoked: set[TP], **__: Any) -> None:
        await worker.revoked({tp.partition for tp in revoked if tp.topic == FRAMES.name})

    app.on_partitions_revoked.connect(revoked, weak=False)  # type: ignore[arg-type]
    return app


async def _read_again(app: Any, worker: Worker) -> None:
    """Put the consumer back to where slots lack messages; tried again in a second where that fails or is overtaken."""
    from aiokafka.errors import KafkaError
    from faust.types import TP

    for partition, offset in worker.skipped().items():
        log.warning("reading again", slot=partition, offset=offset)
        try:
            await app.consumer.seek_wait({TP(FRAMES.name, partition): offset})
        except (KafkaError, TimeoutError) as error:
            log.warning("not read again", slot=partition, reason=repr(error))


def _credentials(address: KafkaAddress) -> Any:
    import faust

    context = address.ssl_context()
    if address.security.startswith("SASL"):
        return faust.SASLCredentials(
            mechanism=address.mechanism, username=address.username, password=address.password, ssl_context=context
        )
    return faust.SSLCredentials(context) if context is not None else None


def run(address: KafkaAddress, options: WorkerOptions, stop: Any, tell: Callable[[dict[str, Any]], None]) -> int:
    """Run one worker until `stop` (threading.Event) is set; 0, or 3 where it stalled or Faust crashed."""
    return asyncio.run(_run(address, options, stop, tell))


async def _run(address: KafkaAddress, options: WorkerOptions, stop: Any, tell: Callable[[dict[str, Any]], None]) -> int:
    worker = Worker(address, options)
    warm_up()
    # what is there by now stays: a collection that walks through it would hold up every bed
    gc.freeze()
    gc.set_threshold(*COLLECT)
    await worker.open()
    app = build_app(address, options, worker)
    app.finalize()
    # with the default of 100 Faust waits for its own producer, which is not used for results
    app.producer.buffer.max_messages = 100_000
    try:
        await app.start()
        tell({"event": "ready"})
        return await _until(stop, app, worker, address)
    finally:
        await asyncio.wait_for(app.stop(), 5.0)
        await worker.close()


async def _until(stop: Any, app: Any, worker: Worker, address: KafkaAddress) -> int:
    looked_s = time.monotonic()
    while not stop.is_set():
        await asyncio.sleep(0.1)
        if worker.failed:
            return 3
        if app.crashed:
            log.error("faust crashed", reason=repr(app.crash_reason))
            return 3
        if min(worker.idle_s(), time.monotonic() - looked_s) > LOOK_S:
            why = await _stalled(app, worker, address)
            if why:
                log.error("the stream stalled", reason=why)
                return 3
            looked_s = time.monotonic()
    return 0


async def _stalled(app: Any, worker: Worker, address: KafkaAddress) -> str:
    """Why a worker that reads nothing must begin anew; empty where it has nothing to read, or Kafka does not answer."""
    from aiokafka.errors import KafkaError

    slots = {tp.partition for tp in app.consumer.assignment() if tp.topic == FRAMES.name}
    try:
        nobodys, ends = await look(address, GROUP, FRAMES.name, slots)
    except (KafkaError, OSError, TimeoutError):
        return ""
    if nobodys:
        return f"no worker has slots {sorted(nobodys)}"
    waiting = worker.unread(ends)
    return f"data wait in slots {waiting}" if waiting and worker.idle_s() > STALLED_S else ""


def warm_up() -> None:
    """Compile, or load, the signal path before the first frame is waited for."""
    bank = Bank(0.0)
    signals = tuple(Signal(name, "mV", 200.0) for name in ("I", "II", "V1"))
    session = Session(SessionId(1), BedId("warm-up"), "warm-up", 250.0, signals)
    beat = np.zeros(250, np.int16)
    beat[100:110] = 200
    samples = np.tile(beat, (3, 24))
    samples[:, 3000:] = 0
    bank.take([Frame(session, 0, Nanoseconds(0), Nanoseconds(0), samples)])
