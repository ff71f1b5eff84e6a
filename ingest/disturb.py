"""What can go wrong on the way from a monitor, on purpose: gaps, jitter, duplicates, late frames, leads off, noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ingest.frame import Flaw, Frame, Span


class BadDisturbance(ValueError):
    """Words that describe no disturbance; one sentence."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What to do to the frames of each bed; shares are of frames."""

    gaps: tuple[tuple[float, float], ...] = ()
    """Begin and length in seconds: these samples never come."""
    leads_off: tuple[tuple[str, float, float], ...] = ()
    """Lead, begin and length in seconds."""
    duplicates: float = 0.0
    late: float = 0.0
    """Share of frames that come three frames too late."""
    jitter: float = 0.0
    """Share of frames that change places with the next."""
    noise_uv: float = 0.0
    skew_ppm: float = 0.0
    """The monitors' sample clocks run fast by this much, -1000 to 1000."""
    seed: int = 0


def parse(text: str) -> Disturbance:
    """`gap=20:3,dup=0.01,jitter=0.05,late=0.005,leadoff=II:40:10,noise=50,skew=100,seed=1`; raises BadDisturbance."""
    found = Disturbance()
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        try:
            found = _with(found, name.strip(), value.strip())
        except (ValueError, KeyError):
            raise BadDisturbance(
                f"{part!r} is no disturbance: use gap=BEGIN:SECONDS, leadoff=LEAD:BEGIN:SECONDS, dup=SHARE, late=SHARE, "
                "jitter=SHARE, noise=MICROVOLT, skew=PPM or seed=NUMBER"
            ) from None
    return found


def _with(d: Disturbance, name: str, value: str) -> Disturbance:
    if name == "gap":
        begin, length = (float(v) for v in value.split(":"))
        return replace(d, gaps=(*d.gaps, (begin, length)))
    if name == "leadoff":
        lead, start, span = value.split(":")
        return replace(d, leads_off=(*d.leads_off, (lead, float(start), float(span))))
    names = {"dup": "duplicates", "noise": "noise_uv", "skew": "skew_ppm"}
    key = names.get(name) or {"late": "late", "jitter": "jitter", "seed": "seed"}[name]
    number = float(value)
    if key in ("duplicates", "late", "jitter") and not 0 <= number <= 1:
        raise ValueError(value)
    if key == "skew_ppm" and abs(number) > 1000:
        raise ValueError(value)
    changes: dict[str, Any] = {key: int(number) if key == "seed" else number}
    return replace(d, **changes)


class Disturber:
    """Applies a Disturbance to the frames of one bed, in order; the same frames and seed give the same result."""

    def __init__(self, what: Disturbance, bed_number: int = 0) -> None:
        self._what = what
        self._seed = what.seed * 1_000_003 + bed_number
        self._held: list[tuple[int, Frame]] = []

    def __call__(self, frame: Frame) -> Iterator[Frame]:
        """The frames that come in place of this one: none, one or several."""
        what = self._what
        rng = np.random.default_rng((self._seed, frame.first))
        chance = rng.random(3)
        self._held = [(left - 1, f) for left, f in self._held]
        due = [f for left, f in self._held if left <= 0]
        self._held = [(left, f) for left, f in self._held if left > 0]
        if frame.ends:
            yield from due
            yield from (f for _, f in self._held)
            self._held = []
            yield frame
            return
        for kept in self._without_gaps(frame):
            changed = self._noisy(self._off(kept), rng)
            if chance[0] < what.late:
                self._held.append((3, changed))
            elif chance[1] < what.jitter:
                self._held.append((1, changed))
            else:
                yield changed
                if chance[2] < what.duplicates:
                    yield changed
        yield from due

    def _without_gaps(self, frame: Frame) -> Iterator[Frame]:
        rate, n = frame.session.rate_hz, frame.samples.shape[1]
        keep = np.ones(n, bool)
        for begin, length in self._what.gaps:
            a, b = round(begin * rate) - frame.first, round((begin + length) * rate) - frame.first
            keep[max(0, a) : max(0, min(n, b))] = False
        if keep.all():
            yield frame
            return
        edges = np.flatnonzero(np.diff(np.concatenate(([0], keep.astype(np.int8), [0]))))
        for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            yield slice_frame(frame, a, b)

    def _off(self, frame: Frame) -> Frame:
        names = [s.name for s in frame.session.signals]
        rate, n = frame.session.rate_hz, frame.samples.shape[1]
        spans = list(frame.spans)
        for lead, begin, length in self._what.leads_off:
            a, b = round(begin * rate) - frame.first, round((begin + length) * rate) - frame.first
            if lead in names and max(0, a) < min(n, b):
                spans.append(Span(names.index(lead), max(0, a), min(n, b), Flaw.LEAD_OFF))
        return replace(frame, spans=tuple(spans)) if len(spans) != len(frame.spans) else frame

    def _noisy(self, frame: Frame, rng: np.random.Generator) -> Frame:
        if not self._what.noise_uv:
            return frame
        samples = frame.samples.astype(np.int32)
        for row, signal in enumerate(frame.session.signals):
            if signal.is_ecg:
                steps = self._what.noise_uv * 1e-3 / signal.mv_per_step
                samples[row] += np.round(rng.standard_normal(samples.shape[1]) * steps).astype(np.int32)
        return replace(frame, samples=np.clip(samples, -32768, 32767).astype(np.int16))


def slice_frame(frame: Frame, start: int, stop: int) -> Frame:
    """Samples [start, stop) of a frame as a frame."""
    moved = (Span(s.row, max(s.start, start) - start, min(s.stop, stop) - start, s.flaw) for s in frame.spans)
    return replace(
        frame,
        first=frame.first + start,
        start_ns=type(frame.start_ns)(frame.start_ns + round(start * 1e9 / frame.session.rate_hz)),
        samples=frame.samples[:, start:stop],
        spans=tuple(s for s in moved if s.start < s.stop),
        pacer=tuple(p - start for p in frame.pacer if start <= p < stop),
        ends=False,
    )
