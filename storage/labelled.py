"""Confirmed reviews as a folder of labelled recordings, the way `vigil engine instruct` reads one; nobody is named in it."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from ingest.bed import BedContext, Sex
from ingest.recording import Recording
from ingest.save_recording import save_wfdb
from storage.blocks import Block, unpack
from storage.windows import cut
from stream.segment import SEGMENT_S
from stream.trigger import decode_segment

TABLE = "labels.csv"
COLUMNS = ("record", "findings", "reviewer", "confirmed", "patient", "age", "sex")
OLDEST = 89.0
"""Years above which an age names somebody (45 CFR 164.514(b)(2)(i)(C)): it is left out."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of the confirmed reviews."""

    records: int
    patients: int
    findings: dict[str, int]
    """Records by code."""
    left_out: dict[str, int]
    """Confirmed reviews of which no recording was written, by reason."""


def export(connection: Connection, folder: Path) -> Exported:
    """Write the ten seconds of every window whose findings somebody has confirmed, at the monitor's own rate, and the table of them.

    folder: is there and empty. Records, patients and reviewers are numbered in the order in which they come: bed, time and
    account stand nowhere in it. A patient is one stay at one bed.
    """
    patients, reviewers = _Numbers("p"), _Numbers("r")
    findings: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    rows: list[dict[str, str]] = []
    for row in _confirmed(connection):
        found = _recording(row, f"{len(rows) + 1:05d}")
        if isinstance(found, str):
            left_out[found] += 1
            continue
        save_wfdb(found, folder)
        findings.update(row.findings)
        told = (
            found.name,
            ";".join(row.findings),
            reviewers.of(row.said_by),
            "yes",
            patients.of((row.bed, row.episode)),
        )
        rows.append(dict(zip(COLUMNS, (*told, *_person(row.context)), strict=True)))
    with (folder / TABLE).open("x", newline="", encoding="utf-8") as out:
        table = csv.DictWriter(out, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    return Exported(len(rows), len(patients), dict(findings.most_common()), dict(left_out))


class _Numbers:
    """Names that say nothing, one for each different thing."""

    def __init__(self, letter: str) -> None:
        self._letter = letter
        self._known: dict[Any, int] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, what: Any) -> str:
        """The name of this; the same whenever it comes."""
        return f"{self._letter}{self._known.setdefault(what, len(self._known) + 1)}"


def _confirmed(connection: Connection) -> Iterator[Any]:
    """Windows whose newest review holds, the oldest first."""
    streamed = connection.execution_options(yield_per=50)
    yield from streamed.execute(_CONFIRMED)


def _recording(row: Any, name: str) -> Recording | str:
    """The ten seconds that were interpreted, ECG leads alone; else why there are none."""
    if row.artefact:
        return "its alert was judged to be an artefact"
    if row.waveform is None:
        return "its signal is not stored yet, or no more"
    block, first = unpack(bytes(row.waveform)), decode_segment(bytes(row.segment)).first_sample
    length = math.ceil(SEGMENT_S * block.rate_hz)
    ten = cut([block], first, first + length)
    if ten is None or ten.runs != ((first, length),):
        return "its ten seconds have a gap"
    return _of_ecg(ten, name) or "it has no ECG lead"


def _of_ecg(block: Block, name: str) -> Recording | None:
    rows = [k for k, signal in enumerate(block.signals) if signal.is_ecg]
    spans = tuple(replace(s, row=rows.index(s.row)) for s in block.spans if s.row in rows)
    signals = tuple(block.signals[k] for k in rows)
    return Recording(name, block.rate_hz, signals, block.samples[rows], spans) if rows else None


def _person(context: Any) -> tuple[str, str]:
    """Age, where it names nobody, and sex of whoever lay there; empty where unknown."""
    if context is None:
        return "", ""
    told = msgspec.convert(context, BedContext)
    known = told.age_years is not None and told.age_years <= OLDEST
    return f"{told.age_years:g}" if known else "", "" if told.sex is Sex.UNKNOWN else told.sex.value


_CONFIRMED = text("""
SELECT w.trigger, w.bed, w.segment, w.waveform, r.by AS said_by, r.findings, s.episode, s.context,
EXISTS (SELECT 1 FROM review WHERE alert = w.trigger AND verdict = 'artefact') AS artefact
FROM (SELECT DISTINCT ON (alert) alert, "by", verdict, findings FROM review WHERE findings IS NOT NULL
    ORDER BY alert, at_ns DESC, id DESC) r
JOIN segment_window w ON w.trigger = r.alert
LEFT JOIN LATERAL (SELECT episode, context FROM stay WHERE bed = w.bed AND since_ns <= w.at_ns ORDER BY since_ns DESC LIMIT 1) s ON true
WHERE r.verdict IN ('confirmed', 'corrected') ORDER BY w.at_ns, w.trigger
""")
