"""Heart rate variability over five minutes, by neurokit2, in a process of its own: the first thing shed under load.

Time domain and frequency domain follow the Task Force of the ESC and NASPE (Circulation 1996;93:1043-1065): short-term
recordings of five minutes, intervals between normal beats only.
"""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import numpy as np
import structlog
from numpy.typing import NDArray

from ingest.bed import Level, Notice, to_json
from ingest.frame import BedId, Nanoseconds
from ingest.kafka import KafkaAddress, Member, open_producer
from ingest.topics import HRV, NOTICES, TRENDS, slot
from stream.measurement import BeatKind, Trend

log = structlog.get_logger()

GROUP = "vigil-hrv"
WINDOW_S = 300
LEAST_SHARE = 0.8
"""Of the window that intervals between normal beats must cover."""
RR_RANGE_MS = (300.0, 2000.0)
LATE_S = 10.0
"""A window whose numerics waited longer than this is shed: others need the machine."""
NICE = 10


@dataclass(frozen=True, slots=True)
class Hrv:
    """Variability of one bed over one window of WINDOW_S seconds of its session; None where it cannot be told."""

    bed: BedId
    session: int
    first: int
    """Sample with which the window begins."""
    at_ns: Nanoseconds
    intervals: int
    """Intervals between normal beats that it rests on."""
    mean_nn_ms: float | None = None
    sdnn_ms: float | None = None
    rmssd_ms: float | None = None
    pnn50: float | None = None
    """Share (0..1) of successive differences above 50 ms."""
    lf: float | None = None
    """Power from 0.04 to 0.15 Hz, in the unit of neurokit2's normalised spectrum."""
    hf: float | None = None
    """Power from 0.15 to 0.4 Hz, same unit."""
    lf_hf: float | None = None
    reason: str = ""
    """Why there are no numbers; empty where there are."""


@dataclass(slots=True)
class _Open:
    number: int
    at_ns: int
    rate_hz: float
    rr_ms: list[float] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)
    after_normal: bool = False


class Windows:
    """Numerics of beds in order -> complete windows. A window ends with the first second behind it."""

    def __init__(self) -> None:
        self._open: dict[tuple[BedId, int], _Open] = {}

    def put(self, trend: Trend) -> Iterator[tuple[Hrv, Sequence[float], Sequence[float]]]:
        """Take one second; gives a window that it completes: its head, NN intervals (ms) and their ends (s)."""
        key, number = (trend.bed, int(trend.session)), int(trend.first / (WINDOW_S * trend.rate_hz))
        held = self._open.get(key)
        if held is not None and number > held.number:
            first = round(held.number * WINDOW_S * held.rate_hz)
            head = Hrv(trend.bed, int(trend.session), first, Nanoseconds(held.at_ns), len(held.rr_ms))
            yield head, held.rr_ms, held.at_s
        if held is None or number > held.number:
            begin_ns = trend.at_ns - round((trend.first / trend.rate_hz - number * WINDOW_S) * 1e9)
            after = held is not None and held.after_normal
            # one session of a bed at a time: what an earlier one left open is not complete and is forgotten
            self._open = {k: v for k, v in self._open.items() if k[0] != trend.bed}
            held = self._open[key] = _Open(number, begin_ns, trend.rate_hz, after_normal=after)
        _add(held, trend)


def _add(held: _Open, trend: Trend) -> None:
    for beat in trend.beats:
        normal = beat.kind is BeatKind.NORMAL
        rr = beat.rr_ms
        if normal and held.after_normal and rr is not None and RR_RANGE_MS[0] <= rr <= RR_RANGE_MS[1]:
            held.rr_ms.append(rr)
            held.at_s.append(beat.sample / trend.rate_hz)
        held.after_normal = normal


def variability(head: Hrv, rr_ms: Sequence[float], at_s: Sequence[float]) -> Hrv:
    """The window with its numbers, or with the reason why there are none."""
    share = sum(rr_ms) / 1000.0 / WINDOW_S
    if share < LEAST_SHARE:
        reason = f"intervals between normal beats cover {share:.0%} of five minutes, {LEAST_SHARE:.0%} are needed"
        return replace(head, reason=reason)
    try:
        return _computed(head, np.asarray(rr_ms), np.asarray(at_s) - at_s[0])
    except Exception as error:
        # one window that the library cannot take must not hold up those of every other bed
        log.exception("heart rate variability cannot be computed", bed=head.bed, first=head.first)
        return replace(head, reason=f"the intervals cannot be computed with: {error!r}")


def _computed(head: Hrv, rr_ms: NDArray[np.float64], at_s: NDArray[np.float64]) -> Hrv:
    """The window with what neurokit2 makes of its intervals (n,) and their ends (n,); raises whatever that raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import neurokit2

        told = {"RRI": rr_ms, "RRI_Time": at_s}
        time_domain = neurokit2.hrv_time(told, sampling_rate=1000).iloc[0]
        spectrum = neurokit2.hrv_frequency(told, sampling_rate=1000, silent=True).iloc[0]
    return replace(
        head,
        mean_nn_ms=_number(time_domain["HRV_MeanNN"]),
        sdnn_ms=_number(time_domain["HRV_SDNN"]),
        rmssd_ms=_number(time_domain["HRV_RMSSD"]),
        pnn50=_number(time_domain["HRV_pNN50"] / 100.0),
        lf=_number(spectrum["HRV_LF"]),
        hf=_number(spectrum["HRV_HF"]),
        lf_hf=_number(spectrum["HRV_LFHF"]),
    )


def _number(value: Any) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def serve(address: KafkaAddress, stop: threading.Event, tell: Callable[[dict[str, Any]], None]) -> None:
    """Read numerics until `stop` is set; what comes too late is not computed, and a notice says so."""
    os.nice(NICE)
    windows = Windows()
    consumer = Member(address, GROUP, [TRENDS.name], lambda: None)
    producer = open_producer(address)
    shedding = _Shedding(producer)
    ready = False
    try:
        while not stop.is_set():
            polled = [m for messages in consumer.poll(timeout_ms=500).values() for m in messages]
            if not ready and consumer.assigned:
                ready = True
                tell({"event": "ready"})
            for message in polled:
                _take(message, windows, producer, shedding)
            if polled:
                producer.flush(timeout=30)
                consumer.commit()
    finally:
        consumer.close()
        producer.close(timeout=2)


def _take(message: Any, windows: Windows, producer: Any, shedding: _Shedding) -> None:
    try:
        trends = msgspec.json.decode(message.value or b"", type=list[Trend])
    except msgspec.MsgspecError as error:
        log.warning("numerics cannot be read", offset=message.offset, reason=str(error))
        return
    for trend in trends:
        for head, rr_ms, at_s in windows.put(trend):
            late_s = time.time() - message.timestamp / 1000.0
            if shedding.takes(late_s):
                found = variability(head, rr_ms, at_s)
                value = msgspec.json.encode(found)
                producer.send(HRV.name, value, key=found.bed.encode(), partition=slot(found.bed))


class _Shedding:
    """Decides which windows are left out, counts them, and says when that begins and ends."""

    def __init__(self, producer: Any) -> None:
        from prometheus_client import Counter

        self._producer = producer
        self._on = False
        self._windows = Counter("vigil_hrv_windows_total", "Windows of heart rate variability computed")
        self._shed = Counter("vigil_hrv_shed_total", "Windows of heart rate variability left out under load")

    def takes(self, late_s: float) -> bool:
        """Whether a window whose numerics are that old is computed."""
        shed = late_s > LATE_S
        (self._shed if shed else self._windows).inc()
        if shed != self._on:
            self._on = shed
            text = f"heart rate variability is {'left out: the machine is busy' if shed else 'computed again'}"
            notice = Notice("HRV_SHED", "hrv", Nanoseconds(time.time_ns()), text, None, Level.INFORMATION, not shed)
            self._producer.send(NOTICES.name, to_json(notice), key=b"hrv", partition=0)
        return not shed
