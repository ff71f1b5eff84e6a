"""Recordings without a label: where they lie, their segments of ten seconds, and what Vigil measures of each. No torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.prepare import ENCODER_ORDER
from engine.teacher.measured import of_measurements
from engine.teacher.targets import FAR, standardised
from engine.train.batches import Ahead
from engine.train.needs import Failed, Refused
from ingest.frame import LEADS
from ingest.open_recording import UnreadableRecording, read_recording
from ingest.recording import Recording
from stream.offline import segment_at
from stream.segment import SEGMENT_S

ROWS = [LEADS.index(lead) for lead in ENCODER_ORDER]
"""From the order of LEADS to that in which the tower sees the leads, here as when it interprets."""
AT_ONCE = 16
"""Recordings between two words of progress."""
KINDS = (".hea", ".edf", ".bdf", ".dcm", ".dicom")
TABLES = (".csv", ".tsv")
"""Recordings where nothing of `KINDS` lies beside them; else tables of a set."""
Unread = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Source:
    """A recording on this machine."""

    name: str
    """The folder that was named and the path below it; the same on another machine."""
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Ten seconds each of recordings whose labels nobody asked for.

    signals: (n, 12, 5000) float16 mV, rows in the encoder's order, zeros where `measured` (n, 12) is False: 120 kB a segment;
    numbers: (n, 55) standardised measurements, NaN where unknown; recording: (n,) place of its recording in `names`, in order.
    """

    names: tuple[str, ...]
    recording: NDArray[np.int64]
    signals: NDArray[np.float16]
    measured: NDArray[np.bool_]
    numbers: NDArray[np.float32]

    def of(self, recordings: Sequence[int]) -> Segments:
        """The segments of some recordings."""
        places = {old: new for new, old in enumerate(sorted(recordings))}
        kept = np.isin(self.recording, list(places))
        numbered = np.array([places[int(k)] for k in self.recording[kept]], np.int64)
        names = tuple(self.names[k] for k in sorted(recordings))
        return Segments(names, numbered, self.signals[kept], self.measured[kept], self.numbers[kept])


def sources_at(path: Path) -> list[Source]:
    """The recording of a path, or those of a folder at any depth, in order; raises Refused."""
    if not path.is_dir():
        if path.is_file() or path.with_name(f"{path.name}.hea").is_file():
            return [Source(path.name.removesuffix(".hea"), str(path))]
        raise Refused(f"{path} is neither a recording nor a folder of some")
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in (*KINDS, *TABLES))
    found = [file for file in files if file.suffix.lower() in KINDS] or files
    if not found:
        raise Refused(f"{path} holds no recording ({', '.join((*KINDS, *TABLES))})")
    return [Source(f"{path.name}/{file.relative_to(path)}".removesuffix(".hea"), str(file)) for file in found]


def without(sources: Sequence[Source], names: Sequence[str]) -> list[Source]:
    """Recordings less those of a list, each by its whole name, the path below its folder or its last part; raises Refused where none is meant."""
    listed = {name.strip() for name in names} - {""}
    kept = [one for one in sources if listed.isdisjoint(_called(one.name))]
    if listed and len(kept) == len(sources):
        raise Refused(f"none of the {len(listed)} recordings to leave out is among the {len(sources)} that are named")
    return kept


def _called(name: str) -> set[str]:
    below = name.partition("/")[2]
    return {name, below, name.rpartition("/")[2]} - {""}


def read_segments(
    sources: Sequence[Source],
    pieces: int,
    workers: int = 0,
    failing: float = 0.05,
    tell: Callable[[int, int], None] | None = None,
) -> tuple[Segments, Unread]:
    """Segments of the recordings, of longer ones so many at most, and why others cannot be read.

    Raises Refused where none can, Failed where more than the share `failing` cannot. tell: recordings done, of how many.
    """
    groups = [sources[k : k + AT_ONCE] for k in range(0, len(sources), AT_ONCE)]
    read: list[tuple[str, list[_Piece]]] = []
    unread: Unread = []
    with Ahead(groups.__getitem__, len(groups), workers, _reading, (pieces,)) as ahead:
        for step, group in enumerate(groups):
            for source, found in zip(group, ahead.of(step), strict=True):
                if isinstance(found, str):
                    unread.append((source.name, found))
                else:
                    read.append((source.name, found))
            if tell is not None:
                tell(len(read) + len(unread), len(sources))
    if not read:
        raise Refused(
            f"none of the {len(sources)} recordings can be learnt from; of one, {unread[0][0]}: {unread[0][1]}"
        )
    if len(unread) > failing * len(sources):
        raise Failed(
            f"{len(unread)} of {len(sources)} recordings cannot be learnt from, more than {failing:.0%}; of one, "
            f"{unread[0][0]}: {unread[0][1]}"
        )
    every = [one for _, own in read for one in own]
    places = np.repeat(np.arange(len(read)), [len(own) for _, own in read])
    parts = (np.stack([getattr(one, name) for one in every]) for name in ("signal", "measured", "numbers"))
    return Segments(tuple(name for name, _ in read), places, *parts), unread


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    signal: NDArray[np.float16]
    measured: NDArray[np.bool_]
    numbers: NDArray[np.float32]


def _reading(pieces: int) -> Callable[[Source], list[_Piece] | str]:
    def one(source: Source) -> list[_Piece] | str:
        try:
            found = [_piece(part) for part in cut(read_recording(source.place), pieces)]
        except (UnreadableRecording, OSError) as error:
            return str(error)
        except (ValueError, IndexError, KeyError, OverflowError, MemoryError) as error:
            # a stranger's file can be wrong in any way; the others are learnt from all the same
            return f"{type(error).__name__}: {error}"
        return [piece for piece in found if piece is not None] or "none of the twelve leads was measured in it"

    return one


def cut(recording: Recording, pieces: int) -> list[Recording]:
    """So many stretches of ten seconds at most, evenly over the recording and none over another; the whole of a shorter one."""
    length, size = recording.samples.shape[1], round(SEGMENT_S * recording.rate_hz)
    if length <= size:
        return [recording]
    count = min(pieces, length // size)
    firsts = [round((k + 0.5) * length / count - size / 2) for k in range(count)]
    return [_between(recording, first, first + size) for first in firsts]


def _between(recording: Recording, first: int, stop: int) -> Recording:
    spans = tuple(
        replace(s, start=max(s.start, first) - first, stop=min(s.stop, stop) - first)
        for s in recording.spans
        if s.start < stop and s.stop > first
    )
    pacer = tuple(p - first for p in recording.pacer if first <= p < stop)
    return replace(recording, samples=recording.samples[:, first:stop], spans=spans, pacer=pacer)


def _piece(recording: Recording) -> _Piece | None:
    """Ten seconds on the path of the live signal; None where no lead is left of them."""
    if not any(signal.is_ecg for signal in recording.signals):
        return None
    segment = segment_at(recording, None)
    measured = np.array([lead in segment.measured for lead in ENCODER_ORDER])
    if not measured.any():
        return None
    numbers = np.clip(standardised(of_measurements(segment.measurements)), -FAR, FAR)
    signal = np.where(measured[:, None], segment.signal_mv[ROWS], 0.0)
    return _Piece(signal.astype(np.float16), measured, numbers)
