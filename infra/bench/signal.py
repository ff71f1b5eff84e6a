"""`vigil bench signal`: beds that one core carries through the signal chain alone, against neurokit2 lead by lead."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import multiprocessing
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from infra.settings import Settings
from ingest.frame import Signal
from ingest.recording import Recording
from stream.catalogue import ALARMS
from stream.policy import Policy, Pulse

FRAME_S, LEADS, RATE_HZ = 0.25, 12, 500
BEDS, SECONDS = 128, 60.0
"""What is measured where nothing else is asked for."""
WARM_S = 25.0
"""Not counted: compiled code is loaded, the beds learn, and the beats of the learning time are read again (20 s)."""
PEER_S, PEER_WINDOW_S = 10.0, 10.0
"""CPU seconds given to the peer, and what it analyses at a time."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PULSE_DELAY_S = 0.2
"""From a beat to its pulse."""
STAGES = {
    "filters_detector_rules": ("stream.bank", "advance_all"),
    "measurements": ("stream.gather", "measured"),
    "alarms_with_segments": ("stream.gather", "changes"),
}
"""Each stage is one function of the chain; what remains is bookkeeping."""


def measured(beds: int, seconds: float, every_s: float | None) -> dict[str, Any]:
    """Measure in a process of its own, on one core and with one thread; the object of `--json`."""
    settings = Settings.from_environment()
    os.environ.update(dict.fromkeys(THREADS, "1"))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measure, beds, seconds, settings.measure_s if every_s is None else every_s).result()


def _measure(beds: int, seconds: float, every_s: float) -> dict[str, Any]:
    from ingest.simulator import bench_recordings
    from stream.bank import Bank
    from stream.offline import frames

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])
    _say(f"simulating {beds} beds")
    recordings = [with_pulse(r) for r in bench_recordings(beds, WARM_S + seconds, seed=1)]
    # every stream ends with a marker, which is no signal
    batches = list(zip(*(list(frames(r, FRAME_S))[:-1] for r in recordings), strict=True))
    bank, warm = Bank(every_s), round(WARM_S / FRAME_S)
    bank.set_policy(everything_on())
    _say("warming up")
    for batch in batches[:warm]:
        bank.take(batch)
    gc.collect()
    gc.freeze()  # the frames are all here before they come; looking through them is no work of the chain
    spent = {stage: _clocked(*place) for stage, place in STAGES.items()}
    _say(f"{seconds:g} s of every bed")
    begun, segments = time.process_time(), 0
    for batch in batches[warm:]:
        segments += len(bank.take(batch).segments)
    cpu_s, bed_seconds = time.process_time() - begun, beds * (len(batches) - warm) * FRAME_S
    stages = {stage: sum(times) / bed_seconds for stage, times in spent.items()}
    stages["bookkeeping"] = cpu_s / bed_seconds - sum(stages.values())
    _say(f"the peer, {PEER_S:g} s")
    peer = _peer(recordings)
    return {
        "beds_per_core": round(bed_seconds / cpu_s, 1),
        "leads": LEADS,
        "rate_hz": RATE_HZ,
        "stages": {stage: round(of, 9) for stage, of in stages.items()},
        "beds": beds,
        "seconds": seconds,
        "frame_s": FRAME_S,
        "measure_every_s": every_s,
        "segments": segments,
        "measuring_ms": round(1e3 * sum(spent["measurements"]) / max(1, len(spent["measurements"])), 3),
        "peer": peer,
        "ratio": round(bed_seconds / cpu_s / peer["beds_per_core"], 1),
        "load": round(os.getloadavg()[0], 1),
    }


def everything_on() -> Policy:
    """The policy with every code and setting that costs time."""
    return Policy(on=frozenset(row.code for row in ALARMS if not row.on), pulse=Pulse.ALL)


def with_pulse(recording: Recording) -> Recording:
    """The recording with an arterial pressure that rises behind every beat of its script."""
    rate, count = recording.rate_hz, recording.samples.shape[1]
    beats = [at for at, _ in recording.truth.beats] if recording.truth is not None else []
    rise = np.concatenate(
        [np.sin(np.linspace(0.0, np.pi / 2, round(0.1 * rate))), np.exp(-np.arange(0.5, 4.0, 5 / rate))]
    )
    kicks = np.zeros(count)
    kicks[[at for at in (b + round(PULSE_DELAY_S * rate) for b in beats) if at < count]] = 1.0
    tenths = np.round(800.0 + 400.0 * np.convolve(kicks, rise)[:count]).astype(np.int16)
    signals = (*recording.signals, Signal("ABP", "mmHg", 10.0))
    return replace(recording, signals=signals, samples=np.vstack([recording.samples, tenths[None]]))


def _clocked(module: str, name: str) -> list[float]:
    """CPU seconds of every call of a function from here on, in this process."""
    import importlib

    home, times = importlib.import_module(module), list[float]()
    plain: Callable[..., Any] = getattr(home, name)

    def timed(*args: Any) -> Any:
        begun = time.process_time()
        found = plain(*args)
        times.append(time.process_time() - begun)
        return found

    setattr(home, name, timed)
    return times


def _peer(recordings: Sequence[Any]) -> dict[str, Any]:
    """neurokit2.ecg_process on every lead of the same beds, ten seconds at a time, until PEER_S are spent."""
    import neurokit2

    count = round(PEER_WINDOW_S * RATE_HZ)
    first = round(WARM_S * RATE_HZ)
    neurokit2.ecg_process(recordings[0].samples[0, :count] / 200.0, sampling_rate=RATE_HZ)
    begun, seconds = time.process_time(), 0.0
    for recording in recordings:
        for row in recording.samples[:, first : first + count]:
            # it gives up on asystole and fibrillation; its time counts all the same
            with contextlib.suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                neurokit2.ecg_process(row / 200.0, sampling_rate=RATE_HZ)
        seconds += PEER_WINDOW_S
        if time.process_time() - begun > PEER_S:
            break
    cpu_s = time.process_time() - begun
    return {"name": f"neurokit2 {neurokit2.__version__} ecg_process", "beds_per_core": round(seconds / cpu_s, 3)}


def _say(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text:<40}")


def signal(args: argparse.Namespace) -> int:
    """`vigil bench signal`."""
    told = measured(args.beds, args.seconds, args.measure_s)
    print(json.dumps(told) if args.json else lines(told))
    return 0


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    rows = [f"{stage:<24} {1e6 * of:7.1f} us per bed and second" for stage, of in told["stages"].items()]
    peer = told["peer"]
    rows.append(
        f"{told['beds_per_core']:.0f} beds per core, {told['leads']} leads at {told['rate_hz']} Hz, measured every "
        f"{told['measure_every_s']:g} s ({told['measuring_ms']} ms each); {peer['name']}: {peer['beds_per_core']:.2f} "
        f"({told['ratio']:.0f} times)"
    )
    return "\n".join(rows)
