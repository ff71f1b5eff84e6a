"""Recordings from files: WFDB, EDF, DICOM waveforms and CSV, each as the steps and the flaws that stand in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.bed import BED_NAME
from ingest.frame import Flaw, Signal, Span, lead_name
from ingest.recording import Recording

CSV_GAIN = 1000.0
"""Steps per unit for values that come as decimal numbers."""


class UnreadableRecording(ValueError):
    """A file that cannot be played; one sentence that names it and says what to do."""


def read_recording(path: str, rate_hz: float | None = None) -> Recording:
    """The recording in a file (WFDB record or .hea, .edf, .dcm, .csv); rate_hz for a CSV without a time column."""
    file = Path(path)
    kind = file.suffix.lower()
    try:
        if kind in (".edf", ".bdf"):
            return _read_edf(file)
        if kind in (".dcm", ".dicom"):
            return _read_dicom(file)
        if kind in (".csv", ".tsv"):
            return _read_csv(file, rate_hz)
        return _read_wfdb(file)
    except UnreadableRecording:
        raise
    except FileNotFoundError:
        raise UnreadableRecording(f"{path} is not there: name a WFDB record, .edf, .dcm or .csv file") from None
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UnreadableRecording(f"{path} cannot be read as a recording: {reason}") from error


def bed_name(stem: str) -> str:
    """A legal bed name made of a file name."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._") or "bed"
    return name[:63] if BED_NAME.fullmatch(name[:63]) else "bed"


def spans_of(invalid: NDArray[np.bool_], flaw: Flaw = Flaw.INVALID) -> tuple[Span, ...]:
    """Runs of True in (signals, n) as spans."""
    found = []
    for row in range(invalid.shape[0]):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], invalid[row].astype(np.int8), [0]))))
        found += [Span(row, int(a), int(b), flaw) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return tuple(found)


def from_physical(
    name: str, rate_hz: float, names: Sequence[str], units: Sequence[str], values: NDArray[np.float64]
) -> Recording:
    """A recording from (signals, n) physical values; what is not a number becomes a span, never a zero."""
    invalid = ~np.isfinite(values)
    signals, samples = [], np.zeros(values.shape, np.int16)
    for row, (label, unit) in enumerate(zip(names, units, strict=True)):
        known = values[row][~invalid[row]]
        top = float(np.abs(known).max()) if known.size else 1.0
        gain = min(CSV_GAIN, 32000.0 / top) if top > 0 else CSV_GAIN
        signals.append(Signal(lead_name(label), unit, gain))
        held = _hold(np.where(invalid[row], np.nan, values[row]))
        samples[row] = np.round(held * gain).astype(np.int16)
    return _recording(name, rate_hz, signals, samples, spans_of(invalid))


def _hold(row: NDArray[np.float64]) -> NDArray[np.float64]:
    """The last known value in place of an unknown one, so that no step is invented; 0 where none is known."""
    known = ~np.isnan(row)
    if not known.any():
        return np.zeros_like(row)
    index = np.maximum.accumulate(np.where(known, np.arange(row.size), -1))
    index[index < 0] = int(np.argmax(known))
    return np.asarray(row[index], np.float64)


def _recording(
    name: str, rate_hz: float, signals: Sequence[Signal], samples: NDArray[np.int16], spans: tuple[Span, ...]
) -> Recording:
    if samples.shape[1] < 1:
        raise UnreadableRecording(f"{name} holds no samples")
    samples.flags.writeable = False
    return Recording(bed_name(name), float(rate_hz), tuple(signals), samples, spans)


def _read_wfdb(file: Path) -> Recording:
    import wfdb

    stem = file.with_suffix("") if file.suffix in (".hea", ".dat") else file
    if not stem.with_name(stem.name + ".hea").exists():
        raise FileNotFoundError(stem)
    record = wfdb.rdrecord(str(stem.resolve()), physical=False, smooth_frames=True)
    steps = np.asarray(record.d_signal, np.int64).T
    invalid = np.zeros(steps.shape, bool)
    for row, width in enumerate(record.fmt):
        invalid[row] = steps[row] == _invalid_step(width)
    signals = []
    samples = np.empty(steps.shape, np.int16)
    for row in range(steps.shape[0]):
        shift = 0
        known = steps[row][~invalid[row]]
        if known.size and (known.min() < -32768 or known.max() > 32767):
            shift = int(np.round(known.mean()))
        held = _hold(np.where(invalid[row], np.nan, (steps[row] - shift).astype(np.float64)))
        if np.abs(held).max(initial=0.0) > 32767:
            physical = wfdb.rdrecord(str(stem.resolve())).p_signal.T
            return from_physical(stem.name, record.fs, record.sig_name, record.units, physical)
        samples[row] = held.astype(np.int16)
        zero = int(record.baseline[row]) - shift
        signals.append(Signal(lead_name(record.sig_name[row]), record.units[row], float(record.adc_gain[row]), zero))
    return _recording(stem.name, record.fs, signals, samples, spans_of(invalid))


def _invalid_step(fmt: str) -> int:
    """The step that WFDB keeps for "no value" in a format."""
    return {"8": -128, "80": -128, "212": -2048, "310": -512, "311": -512, "24": -(1 << 23), "32": -(1 << 31)}.get(
        fmt, -32768
    )


def _read_edf(file: Path) -> Recording:
    import edfio

    edf = edfio.read_edf(file)
    rates = {s.sampling_frequency for s in edf.signals}
    top = max(rates)
    names = [s.label for s in edf.signals]
    units = [s.physical_dimension or "NU" for s in edf.signals]
    length = max(len(s.data) * round(top / s.sampling_frequency) for s in edf.signals)
    values = np.full((len(names), length), np.nan)
    for row, signal in enumerate(edf.signals):
        spread = np.repeat(np.asarray(signal.data, np.float64), round(top / signal.sampling_frequency))
        values[row, : len(spread)] = spread[:length]
    return from_physical(file.stem, top, names, units, values)


def _read_dicom(file: Path) -> Recording:
    import pydicom

    data = pydicom.dcmread(file)
    if "WaveformSequence" not in data:
        raise UnreadableRecording(f"{file} is DICOM without a waveform: name a 12-lead or general ECG object")
    group = max(data.WaveformSequence, key=lambda g: int(g.NumberOfWaveformSamples))
    values = np.asarray(data.waveform_array(list(data.WaveformSequence).index(group)), np.float64).T
    names, units = [], []
    for channel in group.ChannelDefinitionSequence:
        names.append(str(channel.ChannelSourceSequence[0].CodeMeaning).replace("Lead ", "").split(" (")[0])
        code = channel.get("ChannelSensitivityUnitsSequence")
        units.append(str(code[0].CodeValue) if code else "uV")
    return from_physical(file.stem, float(group.SamplingFrequency), names, units, values)


def _read_csv(file: Path, rate_hz: float | None) -> Recording:
    with file.open(newline="") as lines:
        rows = [row for row in csv.reader(lines, delimiter="\t" if file.suffix == ".tsv" else ",") if row]
    if len(rows) < 3:
        raise UnreadableRecording(f"{file} needs a line of names and at least two lines of numbers")
    heads = [_head(cell) for cell in rows[0]]
    table = np.array([[_float(cell) for cell in row] for row in rows[1:]], np.float64).T
    if table.shape[0] != len(heads):
        raise UnreadableRecording(f"{file} has {len(heads)} names for {table.shape[0]} columns")
    if heads[0][0].lower() in ("time", "t", "seconds"):
        step = float(np.median(np.diff(table[0])))
        step /= 1000.0 if heads[0][1].lower() == "ms" else 1.0
        rate_hz, heads, table = round(1.0 / step, 3), heads[1:], table[1:]
    if not rate_hz:
        raise UnreadableRecording(f"{file} has no time column: give its rate with --rate")
    names, units = zip(*heads, strict=True)
    return from_physical(file.stem, rate_hz, names, units, table)


def _head(cell: str) -> tuple[str, str]:
    """`II [mV]` as name and unit; mV where none is given."""
    found = re.fullmatch(r"\s*(.*?)\s*(?:[\[(]([^\])]*)[\])])?\s*", cell)
    name, unit = (found.group(1), found.group(2)) if found else (cell, None)
    return name, unit or "mV"


def _float(cell: str) -> float:
    text = cell.strip().lower()
    return float(text) if text not in ("", "nan", "-", "na") else float("nan")
