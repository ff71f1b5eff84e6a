"""A labelled 12-lead recording: what its set tells of it, and its first ten seconds as the engine sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.bed import BedContext, Sex
from ingest.frame import LEADS, BedId, Flaw, Span
from ingest.open_recording import UnreadableRecording, bed_name, from_physical, read_recording
from ingest.recording import Recording
from stream.offline import segment_at
from stream.segment import SEGMENT_S
from stream.trigger import Segment

CODE15_HZ = 400.0
ROW = "#"
"""Between the file and the number of an exam, where one file holds many."""
_USUAL_MV = (0.2, 4.0)
"""Within which the median height of lead II over the exams of a file must lie."""
_TENTH_MV = 0.1


class BadSet(ValueError):
    """A set that cannot be read as labels; one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as the tables of its set tell of it, before its signal is read."""

    database: str
    """The set: name of its folder."""
    record: str
    """Name in the set."""
    ecg: str
    """Path without suffix under the folder of sets; `file#exam` where one file holds many."""
    place: str
    """The same on this machine."""
    patient: str
    """As the set counts patients; the record where it does not."""
    fold: int | None
    age: float | None
    """Years; None where unknown or above 89 and hidden."""
    sex: Sex
    codes: tuple[str, ...]
    """Of our table (`labels.LABELS`)."""
    classes: frozenset[str]
    """Superclasses."""
    report: str
    """The set's own words or codes."""
    table: str = ""
    """The table that the labels stand in."""
    left_out: str = ""
    """Why no sample is made of it; empty where some are."""

    @property
    def name(self) -> str:
        """Unique over all sets."""
        return f"{self.database}/{self.record}"

    @property
    def context(self) -> BedContext:
        """Age and sex as criteria ask for them."""
        paced = True if "PACE" in self.codes else None
        return BedContext(BedId(bed_name(self.record)), age_years=self.age, sex=self.sex, paced=paced)


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a recording before it is read, so that missing leads and lost signals are learnt too."""

    leads: tuple[str, ...] = ()
    """Only these are kept; empty: all."""
    noise_mv: float = 0.0
    """Standard deviation of white noise that is added to every lead."""
    lost: bool = False
    """The signal of every lead is lost for three seconds, more than is analysed around (`stream.around`)."""
    seed: int = 0
    """Of the noise."""

    @property
    def told(self) -> dict[str, Any]:
        """As it stands in a sample; empty of no change."""
        full: dict[str, Any] = {"leads": list(self.leads), "noise_mv": self.noise_mv, "lost": self.lost}
        kept = {name: value for name, value in full.items() if value}
        return kept | {"seed": self.seed} if self.noise_mv else kept


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A record with its first ten seconds; what is longer is cut, as in the published preprocessing."""

    entry: Entry
    segment: Segment
    change: Change = Change()

    @property
    def signal_mv(self) -> NDArray[np.float32]:
        """(12, 5000) float32 mV at 500 Hz in the order of LEADS, on the diagnostic path; rows that were not measured are zero."""
        return self.segment.signal_mv

    @property
    def measured(self) -> NDArray[np.bool_]:
        """(12,) whether a row holds a lead."""
        return np.array([lead in self.segment.measured for lead in LEADS])


def read(entry: Entry, change: Change = Change()) -> Labelled:
    """The record of an entry on the path of the live signal; raises UnreadableRecording or BadSet with one sentence."""
    return of_recording(entry, recording_of(entry), change)


def of_recording(entry: Entry, recording: Recording, change: Change = Change()) -> Labelled:
    """The same of a recording that is read already; raises UnreadableRecording where no lead is left of it."""
    recording = changed(recording, change)
    if not any(s.is_ecg for s in recording.signals):
        raise UnreadableRecording(f"{entry.ecg} has no ECG lead")
    length_s = recording.samples.shape[1] / recording.rate_hz
    return Labelled(entry, segment_at(recording, SEGMENT_S if length_s > SEGMENT_S else None), change)


def recording_of(entry: Entry) -> Recording:
    """The recording of an entry as it lies in its file."""
    return recording_at(entry.place)


def recording_at(place: str) -> Recording:
    """The recording of a path without suffix, or of `file#exam`; raises UnreadableRecording or BadSet."""
    file, row, exam = place.rpartition(ROW)
    return _exam(Path(file), exam) if row else read_recording(place)


def changed(recording: Recording, change: Change) -> Recording:
    """A recording after a change; the same one where there is none."""
    if change.leads:
        rows = [k for k, signal in enumerate(recording.signals) if signal.name in change.leads]
        spans = tuple(replace(s, row=rows.index(s.row)) for s in recording.spans if s.row in rows)
        signals = tuple(recording.signals[k] for k in rows)
        recording = replace(recording, signals=signals, samples=recording.samples[rows], spans=spans)
    if change.noise_mv:
        recording = replace(recording, samples=_noisy(recording, change))
    if change.lost:
        rate = recording.rate_hz
        gap = (round(4 * rate), round(7 * rate))
        spans = tuple(Span(k, *gap, Flaw.INVALID) for k in range(len(recording.signals)))
        recording = replace(recording, spans=(*recording.spans, *spans))
    return recording


def _noisy(recording: Recording, change: Change) -> NDArray[np.int16]:
    steps = np.array([1.0 / s.mv_per_step if s.is_ecg else 0.0 for s in recording.signals])
    noise = np.random.default_rng(change.seed).normal(0.0, change.noise_mv, recording.samples.shape)
    found = np.asarray(np.clip(np.round(recording.samples + noise * steps[:, None]), -32767, 32767), np.int16)
    found.setflags(write=False)
    return found


# CODE-15 % --------------------------------------------------------------------------------------------------------


def _h5py() -> Any:
    try:
        import h5py
    except ImportError:
        raise BadSet(
            "exams in HDF5 are read by h5py, which is not installed: `pip install h5py` (the extra hdf5)"
        ) from None
    return h5py


@lru_cache(maxsize=32)
def _part(file: Path) -> tuple[dict[str, int], float]:
    """Rows of a part by exam, and the millivolts of its unit.

    The published parts do not name their unit; both mV and tenths of it are in use, so that the height of lead II decides.
    """
    try:
        with _h5py().File(file) as part:
            rows = {str(int(exam)): k for k, exam in enumerate(part["exam_id"][:])}
            some = np.asarray(part["tracings"][:64], np.float64)
    except (OSError, KeyError) as error:
        raise BadSet(f"{file} cannot be read as a part of CODE-15: {error}") from None
    if some.ndim != 3 or some.shape[2] != len(LEADS):
        raise BadSet(f"{file} holds tracings of shape {some.shape}, not of (exams, samples, 12)")
    height = float(np.median(np.ptp(some[:, :, 1], axis=1)))
    for unit in (1.0, _TENTH_MV):
        if _USUAL_MV[0] <= height * unit <= _USUAL_MV[1]:
            return rows, unit
    raise BadSet(f"{file}: lead II is {height:g} high, which is neither mV nor tenths of it")


def _exam(file: Path, exam: str) -> Recording:
    """One exam. Its padding by zeros becomes a held line, so that no step is invented; a lead of zeros alone is off."""
    rows, unit = _part(file)
    if exam not in rows:
        raise UnreadableRecording(f"{file} holds no exam {exam}")
    with _h5py().File(file) as part:
        values = np.asarray(part["tracings"][rows[exam]], np.float64).T * unit
    inside = np.flatnonzero(np.any(values != 0.0, axis=0))
    if not inside.size:
        raise UnreadableRecording(f"exam {exam} of {file} holds nothing but zeros")
    first, last = int(inside[0]), int(inside[-1])
    values[:, :first], values[:, last + 1 :] = values[:, first : first + 1], values[:, last : last + 1]
    return from_physical(exam, CODE15_HZ, LEADS, ["mV"] * len(LEADS), values)


def selected(entries: Sequence[Entry], folds: frozenset[int]) -> list[Entry]:
    """Entries of these folds and those of sets without folds; all where no fold is named."""
    return [e for e in entries if not folds or e.fold is None or e.fold in folds]
