"""Messages into rows, and rows into PostgreSQL: COPY into staging tables, then INSERT ... ON CONFLICT."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from sqlalchemy import Connection

from ingest.bed import BedContext, DeadLetter, Notice
from ingest.topics import BEDS, DEADLETTERS, HRV, INTERPRETATIONS, NOTICES, POLICIES, SEGMENTS, TRENDS, TRIGGERS
from storage import blocks
from storage.assemble import Ready
from storage.partitions import MINUTE_NS, Place, ensure, place_of
from stream.hrv import Hrv
from stream.measurement import Trend
from stream.policy import Policy
from stream.trigger import Trigger, decode_segment

_TREND = [
    "bed",
    "session",
    "first",
    "at_ns",
    "rate_bpm",
    "pvc_per_min",
    "qrs_ms",
    "pr_ms",
    "qt_ms",
    "rhythm",
    "quality",
    "st_mv",
    "af_burden",
    "rhythm_since",
]
_TREND_TYPES = [
    "text",
    "int8",
    "int8",
    "int8",
    "float4",
    "float4",
    "float4",
    "float4",
    "float4",
    "text",
    "text",
    "float4[]",
    "float4",
    "int8",
]
_BEAT = ["bed", "session", "sample", "at_ns", "kind", "rr_ms", "width_ms"]
_BEAT_TYPES = ["text", "int8", "int8", "int8", "text", "float4", "float4"]
_WAVEFORM = ["bed", "session", "first", "stop", "at_ns", "frames", "late", "duplicates", "block"]
_WAVEFORM_TYPES = ["text", "int8", "int8", "int8", "int8", "int4", "int4", "int4", "bytea"]

_KEYS = {
    "trend": "(at_ns, bed, session, first)",
    "beat": "(at_ns, bed, session, sample)",
    "waveform": "(at_ns, bed, session, first)",
}
_INSERTS = {
    "trigger": (
        "INSERT INTO trigger (key, id, bed, session, code, phase, sample, at_ns, payload) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING"
    ),
    "segment_window": (
        "INSERT INTO segment_window (trigger, bed, at_ns, segment) VALUES (%s, %s, %s, %s) ON CONFLICT (trigger) DO NOTHING"
    ),
    "interpretation": (
        "INSERT INTO interpretation (id, trigger, bed, at_ns, state, payload) VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (id) DO NOTHING"
    ),
    "notice": (
        'INSERT INTO notice ("partition", "offset", code, source, bed, at_ns, payload) '
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
    ),
    "dead_letter": (
        'INSERT INTO dead_letter ("partition", "offset", topic, at_ns, source, source_partition, source_offset, reason, '
        "payload) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
    ),
    "bed": (
        "INSERT INTO bed (bed, context, updated_ns) VALUES (%s, %s, %s) "
        "ON CONFLICT (bed) DO UPDATE SET context = EXCLUDED.context, updated_ns = EXCLUDED.updated_ns "
        "WHERE bed.updated_ns <= EXCLUDED.updated_ns"
    ),
    "stay": (
        "INSERT INTO stay (bed, episode, since_ns, context) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (bed, episode) DO UPDATE SET context = EXCLUDED.context, since_ns = least(stay.since_ns, EXCLUDED.since_ns)"
    ),
    "hrv": (
        "INSERT INTO hrv (bed, at_ns, sdnn_ms, rmssd_ms, lf_hf, payload) VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING"
    ),
    "policy": ("INSERT INTO policy (scope, revision, at_ns, payload) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"),
}


class _Answer(msgspec.Struct):
    """Of an interpretation, what makes its row; the engine's type lives upstream of nobody here."""

    id: str
    trigger: str
    bed: str
    at_ns: int
    state: str


@dataclass(slots=True)
class Batch:
    """Rows waiting for one transaction."""

    trends: list[tuple[Any, ...]] = field(default_factory=list)
    beats: list[tuple[Any, ...]] = field(default_factory=list)
    blocks: list[Ready] = field(default_factory=list)
    others: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.trends or self.beats or self.blocks or self.others)

    def take(self, topic: str, partition: int, offset: int, value: bytes | None, at_ms: int) -> None:
        """Take one message of any topic but frames; raises ValueError where it cannot be read."""
        if value is None:
            return
        try:
            _READERS[topic](self, partition, offset, value, at_ms)
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from None

    def sizes(self) -> Counter[str]:
        """Rows by table."""
        found = Counter({"trend": len(self.trends), "beat": len(self.beats), "waveform": len(self.blocks)})
        found.update(table for table, _ in self.others)
        return found

    def halves(self) -> list[Batch]:
        """Its rows in two batches; nothing where it has one row."""
        parts = list(self._singles())
        if len(parts) < 2:
            return []
        middle = len(parts) // 2
        return [_together(parts[:middle]), _together(parts[middle:])]

    def _singles(self) -> Iterator[Batch]:
        yield from (Batch(trends=[t]) for t in self.trends)
        yield from (Batch(beats=[b]) for b in self.beats)
        yield from (Batch(blocks=[b]) for b in self.blocks)
        yield from (Batch(others=[o]) for o in self.others)

    @property
    def told(self) -> tuple[str, str]:
        """Of a batch of one row: its table and its values, in ASCII."""
        for table, rows in (("trend", self.trends), ("beat", self.beats)):
            if rows:
                return table, ascii(rows[0])
        if self.blocks:
            one = self.blocks[0]
            return "waveform", ascii((one.session, one.first, one.stop, one.at_ns))
        table, row = self.others[0]
        return table, ascii(row)

    @property
    def places(self) -> set[Place]:
        """Tables and periods whose partitions it needs."""
        found = {place_of("trend", row[3]) for row in self.trends} | {place_of("beat", row[3]) for row in self.beats}
        return found | {place_of("waveform", b.at_ns) for b in self.blocks}

    def write(self, connection: Connection, known: AbstractSet[Place] = frozenset()) -> None:
        """Write everything; what is there already stays as it is. known: periods whose partitions are there."""
        # every commit is synchronous: Kafka's offsets follow it, and nobody tells again what they cover
        blocks_ = _joined(self.blocks)
        if self.places - known:
            ensure(connection, self.places - known)
        raw: Any = connection.connection.driver_connection
        with raw.cursor() as cursor:
            _copy(cursor, "trend", _TREND, _TREND_TYPES, self.trends)
            minutes = sorted({row[3] - row[3] % MINUTE_NS for row in self.trends})
            if minutes:
                cursor.execute("INSERT INTO trend_due SELECT unnest(%s::int8[])", (minutes,))
            _copy(cursor, "beat", _BEAT, _BEAT_TYPES, self.beats)
            fresh = [b for b in blocks_ if not _joined_with_stored(cursor, b)]
            _copy(cursor, "waveform", _WAVEFORM, _WAVEFORM_TYPES, [_waveform(b) for b in fresh])
            for table, statement in _INSERTS.items():
                rows = [row for name, row in self.others if name == table]
                if rows:
                    cursor.executemany(statement, rows)


def _together(parts: list[Batch]) -> Batch:
    found = Batch()
    for part in parts:
        found.trends += part.trends
        found.beats += part.beats
        found.blocks += part.blocks
        found.others += part.others
    return found


def _copy(cursor: Any, table: str, columns: list[str], types: list[str], rows: list[tuple[Any, ...]]) -> None:
    """COPY binary into a staging table, then insert what is not there."""
    if not rows:
        return
    names = ", ".join(columns)
    cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS stage_{table} (LIKE {table}) ON COMMIT DELETE ROWS")
    with cursor.copy(f"COPY stage_{table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
    select = f"SELECT DISTINCT ON {_KEYS[table]} {names} FROM stage_{table} ORDER BY {_KEYS[table][1:-1]}"
    cursor.execute(f"INSERT INTO {table} ({names}) {select} ON CONFLICT {_KEYS[table]} DO NOTHING")


def _joined(ready: list[Ready]) -> list[Ready]:
    """At most one block of each minute."""
    found: dict[tuple[str, int, int], Ready] = {}
    for one in ready:
        key = (one.session.bed, int(one.session.id), one.first)
        held = found.get(key)
        found[key] = one if held is None else _both(held, one)
    return list(found.values())


def _both(a: Ready, b: Ready) -> Ready:
    """Two blocks of one minute as one; frames of both are counted where nothing came twice."""
    block = blocks.join(a.block, b.block)
    apart = block.samples.shape[1] == a.block.samples.shape[1] + b.block.samples.shape[1]
    count = operator.add if apart else max
    return replace(
        a,
        stop=max(a.stop, b.stop),
        frames=count(a.frames, b.frames),
        late=count(a.late, b.late),
        duplicates=count(a.duplicates, b.duplicates),
        block=block,
    )


_NEAR_NS = 5 * 10**9
"""A monitor's clock that is refitted within a minute moves the time of its first sample by less."""
_HELD = """
SELECT at_ns, stop, frames, late, duplicates, block FROM waveform WHERE bed = %s AND session = %s AND first = %s
AND at_ns BETWEEN %s AND %s
"""
_REPLACE = """
UPDATE waveform SET stop = %s, frames = %s, late = %s, duplicates = %s, block = %s
WHERE at_ns = %s AND bed = %s AND session = %s AND first = %s
"""


def _joined_with_stored(cursor: Any, ready: Ready) -> bool:
    """Whether something of this minute was stored before: what is new is put into that row."""
    key = (ready.session.bed, int(ready.session.id), ready.first)
    held = cursor.execute(_HELD, (*key, ready.at_ns - _NEAR_NS, ready.at_ns + _NEAR_NS)).fetchone()
    if held is None:
        return False
    at_ns, stop, frames, late, duplicates, packed = held
    try:
        stored = blocks.unpack(bytes(packed))
        both = _both(Ready(ready.session, ready.first, stop, at_ns, frames, late, duplicates, stored), ready)
    except blocks.BadBlock:
        stored, both = None, ready
    if both.block is not stored:
        counts = (both.stop, both.frames, both.late, both.duplicates, blocks.pack(both.block))
        cursor.execute(_REPLACE, (*counts, at_ns, *key))
    return True


def _waveform(ready: Ready) -> tuple[Any, ...]:
    session = ready.session
    counts = (ready.frames, ready.late, ready.duplicates)
    return session.bed, int(session.id), ready.first, ready.stop, ready.at_ns, *counts, blocks.pack(ready.block)


_trends_decoder = msgspec.json.Decoder(list[Trend])


def _trends(batch: Batch, _p: int, _o: int, value: bytes, _ms: int) -> None:
    for t in _trends_decoder.decode(value):
        quality = "".join(q[0] for q in t.quality)
        batch.trends.append(
            (
                t.bed,
                t.session,
                t.first,
                t.at_ns,
                t.rate_bpm,
                t.pvc_per_min,
                t.qrs_ms,
                t.pr_ms,
                t.qt_ms,
                t.rhythm,
                quality,
                list(t.st_mv) or None,
                t.af_burden,
                t.rhythm_since,
            )
        )
        for b in t.beats:
            at_ns = t.at_ns + round((b.sample - t.first) * 1e9 / t.rate_hz)
            batch.beats.append((t.bed, t.session, b.sample, at_ns, b.kind.value, b.rr_ms, b.qrs_ms))


def _hrv(batch: Batch, _p: int, _o: int, value: bytes, _ms: int) -> None:
    h = msgspec.json.decode(value, type=Hrv)
    batch.others.append(("hrv", (h.bed, h.at_ns, h.sdnn_ms, h.rmssd_ms, h.lf_hf, value.decode())))


def _triggers(batch: Batch, _p: int, _o: int, value: bytes, _ms: int) -> None:
    t = msgspec.json.decode(value, type=Trigger)
    row = (t.key, t.id, t.bed, t.session, t.code.value, t.phase.value, t.sample, t.at_ns, value.decode())
    batch.others.append(("trigger", row))


def _segments(batch: Batch, _p: int, _o: int, value: bytes, _ms: int) -> None:
    trigger = decode_segment(value).trigger
    batch.others.append(("segment_window", (trigger.id, trigger.bed, trigger.at_ns, value)))


def _answers(batch: Batch, _p: int, _o: int, value: bytes, _ms: int) -> None:
    a = msgspec.json.decode(value, type=_Answer)
    batch.others.append(("interpretation", (a.id, a.trigger, a.bed, a.at_ns, a.state, value.decode())))


def _notices(batch: Batch, partition: int, offset: int, value: bytes, _ms: int) -> None:
    n = msgspec.json.decode(value, type=Notice)
    batch.others.append(("notice", (partition, offset, n.code, n.source, n.bed, n.at_ns, value.decode())))


def _letters(batch: Batch, partition: int, offset: int, value: bytes, _ms: int) -> None:
    d = msgspec.json.decode(value, type=DeadLetter)
    row = (partition, offset, d.topic, d.at_ns, d.source, d.partition, d.offset, d.reason, d.payload)
    batch.others.append(("dead_letter", row))


def _beds(batch: Batch, _p: int, _o: int, value: bytes, at_ms: int) -> None:
    context = msgspec.json.decode(value, type=BedContext)
    batch.others.append(("bed", (context.bed, value.decode(), at_ms * 1_000_000)))
    # nobody lay there before the first stay
    since_ns = at_ms * 1_000_000 if context.episode else 0
    batch.others.append(("stay", (context.bed, context.episode, since_ns, value.decode())))


def _policies(batch: Batch, _p: int, _o: int, value: bytes, at_ms: int) -> None:
    policy = msgspec.json.decode(value, type=Policy)
    batch.others.append(("policy", (policy.scope, policy.revision, at_ms * 1_000_000, value.decode())))


_READERS = {
    TRENDS.name: _trends,
    HRV.name: _hrv,
    TRIGGERS.name: _triggers,
    SEGMENTS.name: _segments,
    INTERPRETATIONS.name: _answers,
    NOTICES.name: _notices,
    DEADLETTERS.name: _letters,
    BEDS.name: _beds,
    POLICIES.name: _policies,
}
