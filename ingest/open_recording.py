"""Recordings from files: WFDB, EDF, DICOM waveforms and CSV, each as the steps and the flaws that stand in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest import demographics
from ingest.bed import BED_NAME
from ingest.codec import MAX_NAME, MAX_UNIT, RATE_RANGE_HZ, signals_fault
from ingest.frame import Flaw, Signal, Span, lead_name
from ingest.recording import Recording

CSV_GAIN = 1000.0
"""Steps per unit for values that come as decimal numbers."""

WAVE_HZ = 20.0
"""Signals of a higher rate are waveforms, resampled as such; slower ones are numerics, whose last value holds."""
LONGEST_HOLE_S = 3600.0
_KINDS = "name a WFDB record, .edf, .dcm or .csv file"
_PACER = frozenset({"pace", "pacer", "pacing", "pacemaker"})
"""Channels that carry the front end's flags of pacing pulses."""


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
        raise UnreadableRecording(f"{path} is not there: {_KINDS}") from None
    except OSError as error:
        raise UnreadableRecording(f"{path} cannot be read: {error.strerror or error}") from None
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
        signals.append(_signal(label, unit, gain))
        held = _hold(np.where(invalid[row], np.nan, values[row]))
        samples[row] = np.round(held * gain).astype(np.int16)
    return _recording(name, rate_hz, signals, samples, spans_of(invalid))


def _signal(label: str, unit: str, gain: float, zero: int = 0) -> Signal:
    """A channel under a name and a unit that a frame may carry."""
    return Signal(lead_name(_printable(label, MAX_NAME)), _printable(unit, MAX_UNIT), gain, zero)


def _printable(text: str, most: int) -> str:
    return "".join(c if c.isprintable() else " " for c in text).strip()[:most]


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
    least, most = RATE_RANGE_HZ
    if not least <= rate_hz <= most:
        raise UnreadableRecording(
            f"{name} has a rate of {rate_hz:g} Hz: only {least:g} to {most:g} Hz can be analysed, resample it"
        )
    if fault := signals_fault(signals):
        raise UnreadableRecording(f"{name} cannot be played, {fault}: leave out what is no signal of a monitor")
    samples.flags.writeable = False
    flags = [row for row, s in enumerate(signals) if s.name.lower() in _PACER]
    return Recording(bed_name(name), float(rate_hz), tuple(signals), samples, spans, None, _pulses(samples[flags]))


def _pulses(flags: NDArray[np.int16]) -> tuple[int, ...]:
    """Where a channel of pacer flags (any of them, (channels, n)) leaves its lowest value."""
    up = (flags > flags.min(axis=1, keepdims=True)).any(axis=0) if flags.size else np.zeros(0, bool)
    return tuple(np.flatnonzero(up & ~np.concatenate(([False], up[:-1]))).tolist())


def unite(
    rates: Sequence[float], is_ecg: Sequence[bool], rows: Sequence[NDArray[np.float64]]
) -> tuple[float, NDArray[np.float64]]:
    """Signals of their own rates, sampled at the same moments: the rate and (signals, n).

    The rate is that of the fastest ECG, else of the fastest signal. Waveforms are resampled by a polyphase filter, what
    is slower holds its last value; a signal that ends early is unknown (NaN) behind its end.
    """
    from fractions import Fraction

    from scipy.signal import resample_poly

    rate = max([r for r, ecg in zip(rates, is_ecg, strict=True) if ecg] or rates)
    n = round(max(len(row) / r for row, r in zip(rows, rates, strict=True)) * rate)
    values = np.full((len(rows), n), np.nan)
    for k, (row, own) in enumerate(zip(rows, rates, strict=True)):
        held = min(n, round(len(row) / own * rate))
        if own == rate:
            values[k, :held] = row[:held]
        elif own > WAVE_HZ:
            ratio = Fraction(rate / own).limit_denominator(10_000)
            fine = resample_poly(row, ratio.numerator, ratio.denominator, padtype="line")[:held]
            values[k, : len(fine)] = fine
        else:
            at = np.minimum((np.arange(held) * (own / rate) + 1e-9).astype(np.int64), len(row) - 1)
            values[k, :held] = row[at]
    return rate, values


def _wfdb_stem(file: Path) -> Path:
    """The record a path names; raises UnreadableRecording with what is true of the path."""
    stem = file.with_suffix("") if file.suffix in (".hea", ".dat") else file
    header = stem.with_name(stem.name + ".hea")
    if header.is_file():
        return stem
    if file.is_dir():
        raise UnreadableRecording(f"{file} is a folder: {_KINDS}")
    if file.exists() and file.suffix == ".dat":
        raise UnreadableRecording(f"{file} has no header {header.name} beside it")
    if file.exists():
        raise UnreadableRecording(f"{file} is no recording of a kind that is known: {_KINDS}")
    raise FileNotFoundError(file)


def _wfdb_record(stem: Path, **how: bool) -> Any:
    """A record as wfdb reads it; raises UnreadableRecording where its header or a file that it names is at fault."""
    import wfdb

    place = str(stem.resolve())
    try:
        named = wfdb.rdheader(place)
        files = set(getattr(named, "file_name", None) or ())
    except Exception as error:
        raise UnreadableRecording(f"{stem.name}.hea ({stem.parent}) is no WFDB header that can be read") from error
    for name in sorted(files - {"~"}):
        if not (stem.parent / name).is_file():
            raise UnreadableRecording(f"{stem.name}.hea ({stem.parent}) names {name}, which is not there")
    return wfdb.rdrecord(place, **how)


def _read_wfdb(file: Path) -> Recording:
    stem = _wfdb_stem(file)
    record = _wfdb_record(stem, physical=False, smooth_frames=False)
    age, sex = demographics.of_comments(getattr(record, "comments", None) or ())
    return replace(_wfdb_signals(stem, record), age_years=age, sex=sex)


def _wfdb_signals(stem: Path, record: Any) -> Recording:
    if len(set(record.samps_per_frame)) > 1 or record.samps_per_frame[0] > 1:
        return _read_uneven(stem)
    record.d_signal = np.stack(record.e_d_signal, axis=1)
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
            physical = _wfdb_record(stem).p_signal.T
            return from_physical(stem.name, record.fs, record.sig_name, record.units, physical)
        samples[row] = held.astype(np.int16)
        zero = int(record.baseline[row]) - shift
        signals.append(_signal(record.sig_name[row], record.units[row], float(record.adc_gain[row]), zero))
    return _recording(stem.name, record.fs, signals, samples, spans_of(invalid))


def _read_uneven(stem: Path) -> Recording:
    """A WFDB record whose signals have rates of their own."""
    record = _wfdb_record(stem, smooth_frames=False)
    rates = [float(record.fs) * n for n in record.samps_per_frame]
    is_ecg = [_is_ecg(name, unit) for name, unit in zip(record.sig_name, record.units, strict=True)]
    rate, values = unite(rates, is_ecg, [_hold(np.asarray(row, np.float64)) for row in record.e_p_signal])
    for k, row in enumerate(record.e_p_signal):
        unknown = np.interp(np.arange(values.shape[1]) / rate, np.arange(len(row)) / rates[k], np.isnan(row)) > 0
        values[k, unknown] = np.nan
    return from_physical(stem.name, rate, record.sig_name, record.units, values)


def _is_ecg(label: str, unit: str) -> bool:
    return Signal(lead_name(label), unit, 1.0).is_ecg


def _invalid_step(fmt: str) -> int:
    """The step that WFDB keeps for "no value" in a format."""
    return {"8": -128, "80": -128, "212": -2048, "310": -512, "311": -512, "24": -(1 << 23), "32": -(1 << 31)}.get(
        fmt, -32768
    )


def _read_edf(file: Path) -> Recording:
    import edfio

    edf = edfio.read_edf(file)
    names = [s.label for s in edf.signals]
    units = [s.physical_dimension or "NU" for s in edf.signals]
    is_ecg = [_is_ecg(name, unit) for name, unit in zip(names, units, strict=True)]
    rows = [np.asarray(s.data, np.float64) for s in edf.signals]
    rate, values = unite([float(s.sampling_frequency) for s in edf.signals], is_ecg, rows)
    age, sex = demographics.of_edf(edf)
    return replace(from_physical(file.stem, rate, names, units, values), age_years=age, sex=sex)


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
    age, sex = demographics.of_dicom(data)
    return replace(
        from_physical(file.stem, float(group.SamplingFrequency), names, units, values), age_years=age, sex=sex
    )


def _read_csv(file: Path, rate_hz: float | None) -> Recording:
    with file.open(newline="") as lines:
        rows = [row for row in csv.reader(lines, delimiter="\t" if file.suffix == ".tsv" else ",") if row]
    if len(rows) < 3:
        raise UnreadableRecording(f"{file} needs a line of names and at least two lines of numbers")
    heads = [_head(cell) for cell in rows[0]]
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(heads):
            raise UnreadableRecording(f"{file} has {len(row)} cells for {len(heads)} names in its line {number}")
    table = np.array([[_float(cell) for cell in row] for row in rows[1:]], np.float64).T
    if heads[0][0].lower() in ("time", "t", "seconds"):
        rate_hz, index = _times(file, table[0] / (1000.0 if heads[0][1].lower() == "ms" else 1.0))
        heads, known = heads[1:], table[1:]
        table = np.full((len(heads), int(index[-1]) + 1), np.nan)
        table[:, index] = known
    if not rate_hz:
        raise UnreadableRecording(f"{file} has no time column: give its rate with --rate")
    names, units = zip(*heads, strict=True)
    return from_physical(file.stem, rate_hz, names, units, table)


def _times(file: Path, seconds: NDArray[np.float64]) -> tuple[float, NDArray[np.int64]]:
    """The rate and the sample of each line by its time; a hole in the times stays one."""
    steps = np.diff(seconds)
    if not np.isfinite(seconds).all() or (steps <= 0).any():
        line = int(np.flatnonzero(~(steps > 0))[0]) + 3
        raise UnreadableRecording(f"{file}: the time does not go on in line {line}")
    near = steps <= 1.5 * np.median(steps)
    # times are printed with few digits: the mean step is exact where a single one is not
    rate = float(near.sum() / steps[near].sum())
    whole = round(rate)
    rate = float(whole) if abs(rate - whole) <= rate * 1e-3 / steps[near].sum() else round(rate, 3)
    if steps.max() > LONGEST_HOLE_S:
        raise UnreadableRecording(f"{file} has a hole of {steps.max():.0f} s: make two files of it")
    strides = np.where(near, 1, np.maximum(1, np.round(steps * rate))).astype(np.int64)
    return rate, np.concatenate((np.zeros(1, np.int64), np.cumsum(strides)))


def _head(cell: str) -> tuple[str, str]:
    """`II [mV]` as name and unit; mV where none is given."""
    found = re.fullmatch(r"\s*(.*?)\s*(?:[\[(]([^\])]*)[\])])?\s*", cell)
    name, unit = (found.group(1), found.group(2)) if found else (cell, None)
    return name, unit or "mV"


def _float(cell: str) -> float:
    text = cell.strip().lower()
    return float(text) if text not in ("", "nan", "-", "na") else float("nan")
