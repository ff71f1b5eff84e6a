"""A recording as a WFDB record, as another program and `open_recording` read it: the steps as they came, flaws as no value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.recording import Recording

NO_VALUE = -32768
"""The step of format 16 that stands for no value (header(5) of the WFDB applications guide)."""


def save_wfdb(recording: Recording, folder: Path) -> Path:
    """Write `NAME.hea` and `NAME.dat`, with nothing of a patient and no time of day; gives the header. Neither may be there."""
    name, steps = recording.name, _steps(recording)
    lines = [f"{name} {len(recording.signals)} {recording.rate_hz:.10g} {steps.shape[1]}"]
    for signal, row in zip(recording.signals, steps, strict=True):
        checksum = ((int(row.sum(dtype=np.int64)) + (1 << 15)) & 0xFFFF) - (1 << 15)
        scale = f"{signal.gain:.10g}({signal.zero})/{signal.unit}"
        lines.append(f"{name}.dat 16 {scale} 16 0 {row[0]} {checksum} 0 {signal.name}")
    with (folder / f"{name}.dat").open("xb") as out:
        out.write(np.ascontiguousarray(steps.T, "<i2").tobytes())
    header = folder / f"{name}.hea"
    with header.open("x", encoding="utf-8") as text:
        text.write("\n".join(lines) + "\n")
    return header


def _steps(recording: Recording) -> NDArray[np.int16]:
    """(signals, n) steps in which what must not be read is NO_VALUE, and nothing else."""
    steps = np.maximum(recording.samples, NO_VALUE + 1).astype(np.int16)
    for span in recording.spans:
        steps[span.row, span.start : span.stop] = NO_VALUE
    return steps
