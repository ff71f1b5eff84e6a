"""What was stored, read back: for the console, for summaries and for proofs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from storage import alertbook
from storage.blocks import Block, unpack

Span = tuple[int, int]
redelivered = alertbook.redelivered


def blocks_of(connection: Connection, bed: str, session: int) -> list[Block]:
    """Every block of a session, in order."""
    rows = connection.execute(
        text("SELECT block FROM waveform WHERE bed = :b AND session = :s ORDER BY first"), {"b": bed, "s": session}
    )
    return [unpack(bytes(row[0])) for row in rows]


def stored_runs(connection: Connection, bed: str, session: int) -> list[Span]:
    """Ranges of samples that are stored of a session, in order, touching ones joined."""
    runs: list[Span] = []
    for block in blocks_of(connection, bed, session):
        for first, count in block.runs:
            if runs and runs[-1][1] >= first:
                runs[-1] = (runs[-1][0], max(runs[-1][1], first + count))
            else:
                runs.append((first, first + count))
    return runs


def signal_of(connection: Connection, bed: str, session: int) -> dict[int, NDArray[np.int16]]:
    """Stored samples (signals, n) of a session, by the index of the first of each gap-free piece of a block."""
    found = {}
    for block in blocks_of(connection, bed, session):
        at = 0
        for first, count in block.runs:
            found[first] = block.samples[:, at : at + count]
            at += count
    return found


def missing_samples(connection: Connection, sessions: dict[tuple[str, int], list[Span]]) -> int:
    """Frames (first, stop) by bed and session that are not stored throughout: how many."""
    missing = 0
    for (bed, session), frames in sessions.items():
        runs = stored_runs(connection, bed, session)
        for first, stop in frames:
            missing += not any(a <= first and stop <= b for a, b in runs)
    return missing


def missing_triggers(connection: Connection, keys: set[str]) -> int:
    """How many of these triggers are not stored."""
    rows = connection.execute(text("SELECT key FROM trigger WHERE key = ANY(:keys)"), {"keys": list(keys)})
    return len(keys - {row[0] for row in rows})


def missing_trends(connection: Connection, keys: set[tuple[str, int, int]]) -> int:
    """How many of these numerics (bed, session, first sample) are not stored."""
    rows = connection.execute(
        text("SELECT bed, session, first FROM trend WHERE session = ANY(:s)"), {"s": list({k[1] for k in keys})}
    )
    return len(keys - {(row[0], row[1], row[2]) for row in rows})


def doubled(connection: Connection, sessions: list[tuple[str, int]]) -> int:
    """Rows that say one thing twice: a trigger's onset, a second or a beat under two times, or overlapping blocks of signal."""
    numbers = {"s": [session for _, session in sessions]}
    found = connection.execute(
        text(
            "SELECT count(*) FROM waveform a JOIN waveform b ON a.bed = b.bed AND a.session = b.session "
            "AND a.first < b.first AND b.first < a.stop WHERE a.session = ANY(:s)"
        ),
        numbers,
    ).scalar()
    return int(found or 0) + sum(
        int(connection.execute(text(_twice(table, also, once)), numbers).scalar() or 0)
        for table, also, once in (
            ("trigger", "AND phase = 'onset'", "bed, session, code, sample"),
            ("trend", "", "bed, session, first"),
            ("beat", "", "bed, session, sample"),
        )
    )


def _twice(table: str, also: str, once: str) -> str:
    """How many rows of a table there are beyond one for each value of the columns `once`."""
    rows = f"SELECT count(*) n FROM {table} WHERE session = ANY(:s) {also} GROUP BY {once}"
    return f"SELECT coalesce(sum(n - 1), 0) FROM ({rows}) d"


def alerts_of(connection: Connection, since_ns: int) -> list[dict[str, Any]]:
    """Alerts announced since, oldest first; what was kept back from the first is not among them."""
    rows = connection.execute(
        text("SELECT payload FROM alert WHERE raised_ns >= :since ORDER BY raised_ns"), {"since": since_ns}
    )
    return [row[0] for row in rows if row[0].get("announced_ns") is not None or not row[0]["suppressed_by"]]


def interpretations_of(connection: Connection, triggers: list[str]) -> dict[str, dict[str, Any]]:
    """Interpretations by trigger; answers to questions of people are not among them."""
    rows = connection.execute(
        text(
            "SELECT trigger, payload FROM interpretation WHERE trigger = ANY(:t) AND coalesce(payload->>'question', '') = '' "
            "ORDER BY (payload->>'answered_ns')::bigint"
        ),
        {"t": triggers},
    )
    return {row[0]: row[1] for row in rows}


def trend_count(connection: Connection, bed: str, session: int) -> int:
    """How many rows of numerics are stored of a session."""
    found = connection.execute(
        text("SELECT count(*) FROM trend WHERE bed = :b AND session = :s"), {"b": bed, "s": session}
    ).scalar()
    return int(found or 0)


def trends_of(connection: Connection, sessions: list[int]) -> dict[tuple[str, int, int], tuple[Any, ...]]:
    """Stored numerics by bed, session and first sample."""
    rows = connection.execute(
        text(
            "SELECT bed, session, first, rate_bpm, pvc_per_min, qrs_ms, pr_ms, qt_ms, rhythm, quality, st_mv, af_burden, "
            "rhythm_since FROM trend WHERE session = ANY(:s)"
        ),
        {"s": sessions},
    )
    return {(r[0], r[1], r[2]): (*r[3:10], tuple(r[10]) if r[10] else None, r[11], r[12]) for r in rows}
