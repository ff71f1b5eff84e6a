"""Plays recordings as beds: paced frames with a sample index, sessions that open, resume and end."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import structlog

from ingest.bed import Level, Notice
from ingest.clock import ClockMap, drift_text
from ingest.codec import Spoilt, decode_bundle, encode_frame
from ingest.disturb import Disturbance, Disturber
from ingest.frame import BedId, Frame, Nanoseconds, Session, SessionId, Signal, Span
from ingest.kafka import KafkaAddress, open_consumer
from ingest.outbox import Outbox
from ingest.recording import Recording
from ingest.topics import FRAMES, SLOTS, slot

log = structlog.get_logger()

CATCH_UP = 4.0
"""Times real time at most, when a feed goes on after it was away."""
FED_S = 10.0
"""A bed is fed where its session is open and has sent within this time."""
TAIL = 400
"""Messages at the end of each slot in which a feed looks for its own last frames."""
OPENINGS = 1000
"""Sessions that one run may open of a bed, one after another, each because the one before cannot be gone on with."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the workers know of the sessions of a bed."""

    session: SessionId
    """The last one."""
    ended: bool
    reached: Mapping[SessionId, int]
    """Index behind what was analysed, of the last one and of those before it."""


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """How recordings are played."""

    source: str
    run: str = ""
    """Names the sessions: a feed with the same run goes on with them."""
    frame_ms: float = 250.0
    speed: float = 1.0
    """Times real time; 0 is as fast as possible. Above 1 event times run ahead of the clock, so that nothing is late."""
    seconds: float | None = None
    """Signal time; None plays on."""
    loop: bool = True
    resumes: bool = True
    """Whether the run may have begun before; False asks Kafka nothing, so that it may be away."""
    disturbance: Disturbance = field(default_factory=Disturbance)


def session_id(bed: BedId, source: str, run: str, rate_hz: float, signals: Sequence[Signal]) -> SessionId:
    """63 bits, the same for the same bed, source, run, rate, leads and gains: a change of any opens another session."""
    layout = ";".join(f"{s.name},{s.unit},{s.gain},{s.zero}" for s in signals)
    digest = hashlib.blake2b(f"{bed}\0{source}\0{run}\0{rate_hz}\0{layout}".encode(), digest_size=8).digest()
    return SessionId(int.from_bytes(digest, "little") >> 1)


class Player:
    """One recording as one bed: where it is and what comes next."""

    def __init__(self, recording: Recording, number: int, options: FeedOptions) -> None:
        self.recording = recording
        bed = BedId(recording.name)
        self.slot = slot(bed)
        rate_hz, signals = recording.rate_hz, recording.signals
        self._run = options.run
        named = session_id(bed, options.source, options.run, rate_hz, signals)
        self.session = Session(named, bed, options.source, rate_hz, signals)
        self._before: list[bytes] = []
        """What must be sent before anything else."""
        self.frame_n = max(1, round(options.frame_ms * recording.rate_hz / 1000.0))
        length = recording.samples.shape[1]
        self.end = _end(length, options, recording.rate_hz)
        self.next = 0
        self.start_ns = 0
        self.ended = False
        self.frames = 0
        self._length = length
        # played slower than it was recorded, a sample's time is when it is played: else everything would come late
        self._clock_hz = rate_hz * (options.speed if 0 < options.speed < 1 else 1.0)
        self._clock: ClockMap | None = None
        self._disturb = Disturber(options.disturbance, number) if options.disturbance != Disturbance() else None

    def begin(self, start_ns: int, live: bool) -> None:
        """Set the wall clock of sample 0 where a session before this process has not; live: samples come as time goes."""
        self.start_ns = self.start_ns or start_ns
        # a session that goes on keeps its times: what the clock did meanwhile is not known
        self._clock = ClockMap(self.recording.rate_hz, self.start_ns) if live and self.next == 0 else None

    def resume(self, frame: Frame) -> None:
        """Go on behind a frame of this session."""
        self.next = max(self.next, frame.after)
        self.start_ns = frame.start_ns - round(frame.first * 1e9 / self._clock_hz)

    def named(self, opening: int) -> SessionId:
        """The session that this run opens of the bed for the so-many-th time, from 0 on."""
        run = f"{self._run}/{opening}" if opening else self._run
        s = self.session
        return session_id(s.bed, s.source, run, s.rate_hz, s.signals)

    def seek(self, last: Mapping[SessionId, Frame], known: Known | None) -> bool:
        """Go on with the newest session of this run where the topic holds it open, else open another; whether it goes on.

        last: the last frame that the topic holds of each session. What was ended before all was played, or was sent so
        long ago that the topic's end does not tell how far it came, is not gone on with: its samples would be taken for
        repeated ones. What was played to its end is not played again.
        """
        reached = dict(known.reached) if known is not None else {}
        reached |= {name: frame.after for name, frame in last.items()}
        begun = [k for k in range(OPENINGS) if self.named(k) in reached]
        if not begun:
            return False
        newest = self.named(begun[-1])
        frame, fed = last.get(newest), known is not None and known.session == newest and not known.ended
        is_open = fed if frame is None else not frame.ends
        if frame is not None and is_open:
            self.session = replace(self.session, id=newest)
            self.resume(frame)
            return True
        if not is_open and self.end is not None and reached[newest] >= self.end:
            self.next, self.ended = self.end, True
            return True
        if is_open:
            # nobody else feeds it any more: ended, it makes room for the next at once
            now, nothing = Nanoseconds(time.time_ns()), np.zeros((len(self.session.signals), 0), np.int16)
            left = replace(self.session, id=newest)
            self._before.append(encode_frame(Frame(left, reached[newest], now, now, nothing, ends=True)))
        self.session = replace(self.session, id=self.named(begun[-1] + 1))
        return False

    def drift(self) -> Notice | None:
        """A notice where the samples are found to drift against the wall clock."""
        ppm = self._clock.news() if self._clock is not None else None
        if ppm is None:
            return None
        bed, now = self.session.bed, Nanoseconds(time.time_ns())
        return Notice("CLOCK_DRIFT", self.session.source, now, drift_text(bed, ppm), bed, Level.LOW)

    def due(self, index: float) -> list[bytes]:
        """Encoded frames whose last sample lies before `index`, and the end marker behind the last."""
        out, self._before = self._before, []
        while not self.ended:
            stop = self.next + self.frame_n if self.end is None else min(self.next + self.frame_n, self.end)
            if stop > index:
                break
            if stop > self.next:
                if self._clock is not None:
                    self._clock.observe(stop, time.time_ns())
                out += self._encode(self._frame(self.next, stop))
                self.next = stop
            if self.end is not None and self.next >= self.end:
                self.ended = True
                out += self._encode(self._frame(self.end, self.end, ends=True))
        return out

    def _encode(self, frame: Frame) -> list[bytes]:
        frames = [frame] if self._disturb is None else list(self._disturb(frame))
        self.frames += len(frames)
        return [encode_frame(f) for f in frames]

    def _frame(self, first: int, stop: int, ends: bool = False) -> Frame:
        at = first % self._length
        n = stop - first
        if at + n <= self._length:
            samples = self.recording.samples[:, at : at + n]
        else:
            samples = np.take(self.recording.samples, np.arange(at, at + n), axis=1, mode="wrap")
        nominal_ns = self.start_ns + round(first * 1e9 / self._clock_hz)
        start = Nanoseconds(nominal_ns if self._clock is None else self._clock.at(first))
        spans = self._spans(at, n) if self.recording.spans else ()
        return Frame(self.session, first, start, Nanoseconds(time.time_ns()), samples, spans, self._paces(at, n), ends)

    def _paces(self, at: int, n: int) -> tuple[int, ...]:
        placed = (p + shift - at for shift in (0, self._length) for p in self.recording.pacer)
        return tuple(p for p in placed if 0 <= p < n)

    def _spans(self, at: int, n: int) -> tuple[Span, ...]:
        found = []
        for shift in (0, self._length):
            for s in self.recording.spans:
                a, b = max(s.start + shift, at), min(s.stop + shift, at + n)
                if a < b:
                    found.append(Span(s.row, a - at, b - at, s.flaw))
        return tuple(found)


def _end(length: int, options: FeedOptions, rate_hz: float) -> int | None:
    wanted = None if options.seconds is None else round(options.seconds * rate_hz)
    if not options.loop:
        return length if wanted is None else min(wanted, length)
    return wanted


def play(
    recordings: Sequence[Recording],
    address: KafkaAddress,
    options: FeedOptions,
    stop: threading.Event,
    tell: Callable[[dict[str, Any]], None],
    known: Callable[[], Mapping[str, Known]] = dict,
) -> int:
    """Play until all recordings have ended or `stop` is set; 0, or 1 where frames were lost on the way.

    Sessions that were not ended are ended when it is told to stop. known: what the workers know of each bed, by its
    name; asked where the run may have begun before.
    """
    players = [Player(r, k, options) for k, r in enumerate(recordings)]
    resumed = _resume(players, address, known()) if options.resumes else 0
    outbox = Outbox(address, options.source)
    names = [p.session.bed for p in players]
    tell({"event": "ready", "beds": len(players), "resumed": resumed, "names": names, "source": options.source})
    try:
        _pace(players, outbox, options, stop, tell)
    finally:
        _finish(players, outbox, stop)
        whole = outbox.close(20.0)
    sent = {p.session.bed: {"frames": p.frames, "samples": p.next} for p in players}
    tell({"event": "done", "sent": sent, "acknowledged": outbox.acknowledged, "dropped": outbox.dropped})
    return 0 if whole and not outbox.dropped else 1


def _finish(players: list[Player], outbox: Outbox, stop: threading.Event) -> None:
    """Close the sessions of a feed that was told to stop: silence behind it is no fault."""
    if not stop.is_set():
        return
    by_slot: dict[int, list[bytes]] = {}
    for player in players:
        if not player.ended:
            player.end = player.next
            by_slot.setdefault(player.slot, []).extend(player.due(player.next))
    outbox.put(by_slot)


def _pace(
    players: list[Player],
    outbox: Outbox,
    options: FeedOptions,
    stop: threading.Event,
    tell: Callable[[dict[str, Any]], None],
) -> None:
    """One loop for all beds: every tick sends what fell due, one bundle a slot."""
    tick_s = options.frame_ms / 1000.0
    behind_s = max((p.next / p.recording.rate_hz for p in players), default=0.0)
    first_ns = min((p.start_ns for p in players if p.start_ns), default=0) or time.time_ns()
    for player in players:
        player.begin(first_ns, options.speed == 1.0)
    speed = options.speed * (1.0 + options.disturbance.skew_ppm * 1e-6)
    begun = time.monotonic()
    signal_s = behind_s
    target_s = _elapsed(first_ns, options) if behind_s else 0.0
    while not stop.is_set() and not all(p.ended for p in players):
        by_slot: dict[int, list[bytes]] = {}
        for player in players:
            frames = player.due(signal_s * player.recording.rate_hz + 1e-6)
            if frames:
                by_slot.setdefault(player.slot, []).extend(frames)
        if by_slot:
            outbox.put(by_slot)
        outbox.say(notice for player in players if (notice := player.drift()) is not None)
        if options.speed <= 0:
            signal_s += tick_s
            while outbox._bytes > 24 << 20 and not stop.is_set():
                time.sleep(0.01)
            continue
        signal_s += tick_s
        late = target_s + (time.monotonic() - begun) * speed - signal_s
        wait = tick_s / (speed * CATCH_UP) if late > 1.0 else -late / speed
        if wait > 0:
            stop.wait(wait)
    tell({"event": "played", "seconds": signal_s})


def _elapsed(first_ns: int, options: FeedOptions) -> float:
    """Signal seconds that should have been sent by now, for a feed that goes on."""
    return max(0.0, (time.time_ns() - first_ns) / 1e9 * options.speed)


def _resume(players: list[Player], address: KafkaAddress, known: Mapping[str, Known]) -> int:
    """Look up what is known of these sessions already; players go on behind it. Gives how many did."""
    last = last_frames(tails(address, {p.slot for p in players}))
    return sum(player.seek(last, known.get(player.session.bed)) for player in players)


def last_frames(frames: Iterable[Frame]) -> dict[SessionId, Frame]:
    """Of each session the end marker, else the frame that reaches furthest."""
    found: dict[SessionId, Frame] = {}
    for frame in frames:
        held = found.get(frame.session.id)
        if held is None or (frame.ends, frame.after) >= (held.ends, held.after):
            found[frame.session.id] = frame
    return found


def fed_beds(address: KafkaAddress, source: str) -> set[str]:
    """Beds that other sources feed at this moment."""
    last: dict[str, int] = {}
    for frame in tails(address, set(range(SLOTS))):
        if frame.session.source != source:
            last[frame.session.bed] = 0 if frame.ends else frame.sent_ns
    oldest_ns = time.time_ns() - round(FED_S * 1e9)
    return {bed for bed, sent_ns in last.items() if sent_ns >= oldest_ns}


def tails(address: KafkaAddress, slots: set[int], last: int = TAIL) -> Iterator[Frame]:
    """Frames of the `last` messages of some slots, one after another: all of them would fill the memory."""
    from kafka import TopicPartition

    consumer = open_consumer(address, None)
    try:
        places = [TopicPartition(FRAMES.name, p) for p in sorted(slots)]
        consumer.assign(places)
        ends, begins = consumer.end_offsets(places), consumer.beginning_offsets(places)
        for place in places:
            consumer.seek(place, max(begins[place], ends[place] - last))
        while any(consumer.position(p) < ends[p] for p in places):
            for messages in consumer.poll(timeout_ms=500).values():
                for message in messages:
                    yield from (f for f in decode_bundle(message.value) if not isinstance(f, Spoilt))
    finally:
        consumer.close()
