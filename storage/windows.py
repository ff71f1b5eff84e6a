"""The thirty seconds around a trigger, cut out of the stored signal once their last second is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine

from storage.blocks import Block, moved_spans, pack, unpack

BEFORE_S, AFTER_S = 10.0, 20.0
"""Of the trigger: what a reviewer looks at."""
EVERY_NS = 10 * 10**9
GIVE_UP_NS = 180 * 10**9
"""A session that ended early leaves a shorter window."""
OLDEST_NS = 3600 * 10**9
AT_ONCE = 100


class Windows:
    """Runs inside the writer, every ten seconds."""

    def __init__(self) -> None:
        self._last_ns = 0

    def is_due(self, now_ns: int) -> bool:
        """Whether ten seconds have passed since the last run."""
        return now_ns - self._last_ns >= EVERY_NS

    def run(self, engine: Engine, now_ns: int) -> int:
        """Store the windows that are complete, or that will not become so; gives how many."""
        self._last_ns = now_ns
        with engine.begin() as connection:
            waiting = connection.exec_driver_sql(_WAITING, {"to": now_ns, "from": now_ns - OLDEST_NS}).all()
            return sum(_keep(connection, row, now_ns) for row in waiting)


def _keep(connection: Connection, row: Any, now_ns: int) -> bool:
    trigger, bed, at_ns, session, sample, rate_hz = row
    first, stop = sample - round(BEFORE_S * rate_hz), sample + round(AFTER_S * rate_hz)
    found = connection.exec_driver_sql(
        _BLOCKS, {"bed": bed, "session": session, "first": first, "stop": stop, "at": at_ns}
    ).all()
    whole = bool(found) and found[-1][0] >= stop
    if not found or not (whole or now_ns - at_ns > GIVE_UP_NS):
        return False
    window = cut([unpack(bytes(block)) for _, block in found], first, stop)
    connection.exec_driver_sql(
        "UPDATE segment_window SET waveform = %s WHERE trigger = %s",
        (None if window is None else pack(window), trigger),
    )
    return window is not None


def cut(blocks: list[Block], first: int, stop: int) -> Block | None:
    """Samples [first, stop) of consecutive blocks of one session as one block; None where none is held."""
    runs: list[tuple[int, int]] = []
    pieces, spans, kept = [], [], 0
    for block in blocks:
        at = 0
        for begin, count in block.runs:
            a, b = max(begin, first), min(begin + count, stop)
            if a < b:
                low, high = at + a - begin, at + b - begin
                pieces.append(block.samples[:, low:high])
                spans += moved_spans(block, low, high, kept - low)
                kept += high - low
                if runs and sum(runs[-1]) == a:
                    runs[-1] = (runs[-1][0], runs[-1][1] + b - a)
                else:
                    runs.append((a, b - a))
            at += count
    if not pieces:
        return None
    return replace(blocks[0], runs=tuple(runs), samples=np.concatenate(pieces, axis=1), spans=tuple(spans))


_WAITING = f"""
SELECT w.trigger, w.bed, w.at_ns, t.session, t.sample, (t.payload->>'rate_hz')::float8
FROM segment_window w JOIN trigger t ON t.id = w.trigger AND t.phase = 'onset'
WHERE w.waveform IS NULL AND w.at_ns > %(from)s AND w.at_ns < %(to)s - {round(AFTER_S)} * 1000000000::bigint
ORDER BY w.at_ns LIMIT {AT_ONCE}
"""
_BLOCKS = """
SELECT stop, block FROM waveform
WHERE bed = %(bed)s AND session = %(session)s AND first < %(stop)s AND stop > %(first)s
AND at_ns BETWEEN %(at)s - 180 * 1000000000::bigint AND %(at)s + 60 * 1000000000::bigint ORDER BY first
"""
