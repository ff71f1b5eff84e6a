"""A recording as a bed of one lead would have sent it: a patch has one, and of two electrodes one comes off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ingest.recording import Recording

LEADS = 2
"""At most so many leads of a record are played, one after the other."""


def alone(recording: Recording, lead: int) -> Recording | None:
    """The recording with only its `lead`-th ECG lead, and what it has beside them; None where it has no such lead."""
    ecg = [row for row, signal in enumerate(recording.signals) if signal.is_ecg]
    if lead >= len(ecg):
        return None
    keep = [row for row in range(len(recording.signals)) if row not in ecg or row == ecg[lead]]
    spans = tuple(replace(s, row=keep.index(s.row)) for s in recording.spans if s.row in keep)
    samples = np.ascontiguousarray(recording.samples[keep])
    samples.setflags(write=False)
    return replace(recording, signals=tuple(recording.signals[row] for row in keep), samples=samples, spans=spans)
