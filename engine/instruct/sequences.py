"""The fourteen sequences of each lead, beat by beat, that stand in a sample as `machine_measurements`.

Names and units are those of GEM's appendix (arXiv 2503.06073). Its own extraction is not published, and the public step that it
resembles takes QT from the end of the QRS; here QT begins with the QRS, and amplitudes stand against the PR level.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.frame import LEADS
from stream import delineate as d
from stream.measure import HZ, fiducials, level
from stream.measurement import Measurements
from stream.trigger import Segment

NAMES = (
    "Heart Rate (bpm)", "RR Interval 1 (ms)", "RR Interval 2 (ms)", "P Amplitude (mV)", "P Duration (ms)", "PR Interval (ms)",
    "QRS Amplitude (mV)", "QRS Duration (ms)", "T Amplitude (mV)", "T Duration (ms)", "ST Duration (ms)", "ST Form", "QT Interval (ms)",
    "QTc Interval (ms)",
)  # fmt: skip
"""In the published order: RR Interval 1 precedes the beat, RR Interval 2 follows it, QTc is Bazett's."""
SLOPE_MV = 0.05
"""By which the ST segment must rise or fall from J to J+80 to be called so."""
Sequence_ = list[float | str | None]


def sequences(segment: Segment) -> dict[str, dict[str, Sequence_]]:
    """By lead and name, one value a beat that is not ventricular, in time order; None where it is not measured.

    Leads that are not good have none. Empty of a segment that cannot be read. P, PR and what belongs to them is None in a beat
    without a P wave over all leads.
    """
    m = segment.measurements
    if m is None:
        return {}
    names = [lead.lead for lead in m.leads if lead.lead in LEADS]
    signal = level(segment.signal_mv[[LEADS.index(name) for name in names]], m.beats)
    rows, peaks, marks = fiducials(signal, names, m.beats, {lead.lead: lead.quality for lead in m.leads})
    has_p = _has_p(m, peaks)
    rr = _intervals(m, peaks)
    return {names[row]: _of_lead(signal[row], marks[k], rr, has_p) for k, row in enumerate(rows)}


def _has_p(m: Measurements, peaks: NDArray[np.int64]) -> NDArray[np.bool_]:
    told = {beat.sample: bool(beat.p) for beat in m.by_beat}
    return np.array([told.get(int(peak), False) for peak in peaks], bool)


def _intervals(m: Measurements, peaks: NDArray[np.int64]) -> NDArray[np.float64]:
    """(beats, 2) RR before and behind each beat, ms; NaN where unknown."""
    before = {beat.sample: beat.rr_ms for beat in m.beats}
    following = {one.sample: other.rr_ms for one, other in zip(m.beats, m.beats[1:], strict=False)}
    found = [(before.get(int(peak)), following.get(int(peak))) for peak in peaks]
    return np.array([[np.nan if v is None else v for v in pair] for pair in found], np.float64).reshape(-1, 2)


def _of_lead(
    y: NDArray[np.float64], marks: NDArray[np.int64], rr: NDArray[np.float64], has_p: NDArray[np.bool_]
) -> dict[str, Sequence_]:
    size = d.amplitudes(y, marks)
    p = np.where(has_p & (marks[:, d.P_ON] >= 0), 1.0, np.nan)
    qrs_mv = np.nan_to_num(size[:, 3]) - np.fmin(np.nan_to_num(size[:, 1]), np.nan_to_num(size[:, 4]))
    qt = _span(marks, d.QRS_ON, d.T_OFF, d.CHOSEN.qt_bias_ms)
    with np.errstate(invalid="ignore", divide="ignore"):
        values: list[tuple[NDArray[np.float64], int]] = [
            (60000.0 / rr[:, 0], 1),
            (rr[:, 0], 0),
            (rr[:, 1], 0),
            (size[:, 0] * p, 3),
            (_span(marks, d.P_ON, d.P_OFF, 0.0) * p, 0),
            (_span(marks, d.P_ON, d.QRS_ON, d.CHOSEN.pr_bias_ms) * p, 0),
            (np.where(marks[:, d.QRS_ON] >= 0, qrs_mv, np.nan), 3),
            (_span(marks, d.QRS_ON, d.QRS_OFF, d.CHOSEN.qrs_bias_ms), 0),
            (size[:, 5], 3),
            (_span(marks, d.T_ON, d.T_OFF, 0.0), 0),
            (_span(marks, d.QRS_OFF, d.T_ON, 0.0), 0),
            (qt, 0),
            (qt / np.sqrt(rr[:, 0] / 1000.0), 0),
        ]
    told = [_numbers(row, digits) for row, digits in values]
    told.insert(11, [_form(j, j80) for j, j80 in size[:, [6, 9]].tolist()])
    return dict(zip(NAMES, told, strict=True))


def _span(marks: NDArray[np.int64], start: int, stop: int, bias_ms: float) -> NDArray[np.float64]:
    """From one mark to another, ms, the constant error of the median over leads taken out; NaN where one is not there."""
    there = (marks[:, start] >= 0) & (marks[:, stop] > marks[:, start])
    return np.where(there, (marks[:, stop] - marks[:, start]) * 1000.0 / HZ - bias_ms, np.nan)


def _numbers(row: NDArray[np.float64], digits: int) -> Sequence_:
    shown: Callable[[float], Any] = (lambda v: round(v)) if digits == 0 else (lambda v: round(v, digits))
    return [shown(v) if np.isfinite(v) else None for v in row.tolist()]


def _form(j_mv: float, j80_mv: float) -> str | None:
    if not (np.isfinite(j_mv) and np.isfinite(j80_mv)):
        return None
    if abs(j80_mv - j_mv) < SLOPE_MV:
        return "horizontal"
    return "upslope" if j80_mv > j_mv else "declination"
