"""The peer of `vigil bench beds`: a Faust agent that runs neurokit2 on every lead of a bed, ten seconds at a time.

What a team would write first with the same two libraries; it reads the very frames that Vigil was measured on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import warnings
from typing import Any

import numpy as np

from ingest.codec import Spoilt, decode_bundle
from ingest.frame import BedId, Frame
from ingest.kafka import KafkaAddress
from ingest.topics import FRAMES
from stream.app import open_app

WINDOW_S = 10.0


class Peer:
    """Collects ten seconds of each bed, analyses them, and counts what that took."""

    def __init__(self, least_s: float) -> None:
        import neurokit2

        self._process = neurokit2.ecg_process
        self._least_s = least_s
        self._held: dict[BedId, list[np.ndarray]] = {}
        self.name = f"Faust agent with neurokit2 {neurokit2.__version__} ecg_process"
        self.bed_seconds = 0.0
        self.begun_s = 0.0
        self.done = False

    def take(self, value: bytes) -> None:
        """One bundle; time is counted from the first on."""
        self.begun_s = self.begun_s or time.process_time()
        for frame in decode_bundle(value):
            if not isinstance(frame, Spoilt) and not self.done:
                self._frame(frame)
        self.done = self.cpu_s > self._least_s and self.bed_seconds > 0

    @property
    def cpu_s(self) -> float:
        """CPU time since the first bundle."""
        return time.process_time() - self.begun_s

    def _frame(self, frame: Frame) -> None:
        session = frame.session
        held = self._held.setdefault(session.bed, [])
        held.append(frame.samples)
        if sum(part.shape[1] for part in held) < WINDOW_S * session.rate_hz:
            return
        window = np.concatenate(held, axis=1) / 200.0
        held.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for row, signal in enumerate(session.signals):
                if signal.is_ecg:
                    self._lead(window[row], session.rate_hz)
        self.bed_seconds += window.shape[1] / session.rate_hz

    def _lead(self, mv: np.ndarray, rate_hz: float) -> None:
        # it gives up on asystole and fibrillation; its time counts all the same
        with contextlib.suppress(Exception):
            self._process(mv, sampling_rate=int(rate_hz))


def run(address: KafkaAddress, least_s: float) -> dict[str, Any]:
    """Read frames from the beginning until `least_s` of CPU were spent; name, seconds of beds and CPU seconds."""
    return asyncio.run(_run(address, least_s))


async def _run(address: KafkaAddress, least_s: float) -> dict[str, Any]:
    app = open_app(address, "vigil-peer", 60.0)
    peer = Peer(least_s)
    frames = app.topic(FRAMES.name, key_serializer="raw", value_serializer="raw", partitions=FRAMES.partitions)

    @app.agent(frames, name="vigil.peer")
    async def analyse(stream: Any) -> None:
        async for value in stream:
            if not peer.done:
                peer.take(value)

    app.finalize()
    try:
        await app.start()
        deadline = time.monotonic() + 10 * least_s
        while not peer.done and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        return {"name": peer.name, "bed_seconds": peer.bed_seconds, "cpu_s": round(peer.cpu_s, 3)}
    finally:
        await asyncio.wait_for(app.stop(), 10.0)
