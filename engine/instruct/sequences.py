"""The fourteen sequences of each lead, beat by beat, that stand in a sample as `machine_measurements`.

Names and units are those of GEM's appendix (arXiv 2503.06073). Its own extraction is not published, and the public step that it
resembles takes QT from the end of the QRS; here QT begins with the QRS, and amplitudes stand against the PR level.

One beat of one lead tells little of where a wave begins and ends. So each mark is the mean of three: that of the beat in this lead, that of the
lead in the middle of its beats, and, twice, that of the beat over all leads, from which the report's own intervals come. A mark that lies far from
either is not written, nor what rests on it. How far, and what is left, is measured against LUDB (`docs/instruct.md`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.frame import CHEST, LEADS
from stream import delineate as d
from stream.around import untouched
from stream.measure import HZ, fiducials, level
from stream.measurement import Measurements
from stream.trigger import Segment

NAMES = (
    "Heart Rate (bpm)", "RR Interval 1 (ms)", "RR Interval 2 (ms)", "P Amplitude (mV)", "P Duration (ms)", "PR Interval (ms)",
    "QRS Amplitude (mV)", "QRS Duration (ms)", "T Amplitude (mV)", "T Duration (ms)", "ST Duration (ms)", "ST Form", "QT Interval (ms)",
    "QTc Interval (ms)",
)  # fmt: skip
"""In the published order: RR Interval 1 precedes the beat, RR Interval 2 follows it, QTc is Bazett's."""
FARTHEST = {d.P_ON: 12.0, d.QRS_ON: 8.0, d.QRS_OFF: 10.0, d.T_ON: 20.0, d.T_OFF: 20.0}
"""Samples by which a mark of one lead may differ from that of the beat over all leads; of P waves the peak counts too (`Limits.p_near`)."""
UNSTEADY = {d.P_ON: 10.0, d.P_OFF: 10.0, d.QRS_ON: 5.0, d.QRS_OFF: 5.0, d.T_ON: 12.0, d.T_OFF: 12.0}
"""Samples by which it may differ from that of the lead in the middle of its beats, from R on."""
QRS_LONGER_MS = dict.fromkeys(CHEST, 4.0)
"""By which the QRS of a lead is marked longer than the constant error over all leads leaves it: 6 ms by 40 records of LUDB, 4 by the other 82."""
SLOPE_MV = 0.05
"""By which the ST segment must rise or fall from J to J+80 to be called so."""
Sequence_ = list[float | str | None]


def sequences(segment: Segment) -> dict[str, dict[str, Sequence_]]:
    """By lead and name, one value a beat that is not ventricular, in time order; None where it is not measured.

    Leads that are not good have none. Empty of a segment that cannot be read. P, PR and what belongs to them is None in a beat
    without a P wave over all leads, or where this lead's lies elsewhere. The beats are those of `Measurements.by_beat`.
    """
    m = segment.measurements
    if m is None:
        return {}
    names = [lead.lead for lead in m.leads if lead.lead in LEADS]
    beats = untouched(m.beats, m.lost, HZ) if m.lost else m.beats
    signal = level(segment.signal_mv[[LEADS.index(name) for name in names]], beats)
    rows, peaks, marks = fiducials(signal, names, beats, {lead.lead: lead.quality for lead in m.leads})
    if not rows or not len(peaks):
        return {names[row]: {name: [] for name in NAMES} for row in rows}
    seen, held = _seen(m, marks, peaks), _intervals(m, peaks)
    edges = _steady(seen, d.over_leads(marks, min(2, len(rows)), d.CHOSEN.p_near)[:, :9], peaks)
    if m.qt_ms is None:
        edges[..., [d.T_ON, d.T_OFF]] = np.nan  # as in the report: its T wave may be the next P wave
    return {names[row]: _of_lead(names[row], signal[row], seen[k], edges[k], held) for k, row in enumerate(rows)}


def _seen(m: Measurements, marks: NDArray[np.int64], peaks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Marks (leads, beats, 9) without P waves of beats that have none over all leads."""
    told = {beat.sample: bool(beat.p) for beat in m.by_beat}
    none = np.array([not told.get(int(peak), False) for peak in peaks], bool)
    kept = marks.copy()
    kept[:, none, d.P_ON : d.P_OFF + 1] = d.ABSENT
    return kept


def _steady(marks: NDArray[np.int64], whole: NDArray[np.float64], peaks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Marks (leads, beats, 9) as they are written; NaN where one is not there, or far from those of its beat (beats, 9) or of its lead."""
    own = np.where(marks >= 0, marks, np.nan)
    beat = np.where(whole >= 0, whole, np.nan)[None]
    no_p = ~(np.abs(own[..., d.P_PEAK] - beat[..., d.P_PEAK]) <= d.CHOSEN.p_near)
    own[no_p, d.P_ON : d.P_OFF + 1] = np.nan
    for mark, far in FARTHEST.items():
        own[..., mark] = np.where(np.abs(own[..., mark] - beat[..., mark]) <= far, own[..., mark], np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a lead in which a mark is nowhere
        lead = np.nanmedian(own - peaks[None, :, None], axis=1, keepdims=True) + peaks[None, :, None]
    for mark, far in UNSTEADY.items():
        own[..., mark] = np.where(np.abs(own[..., mark] - lead[..., mark]) <= far, own[..., mark], np.nan)
    mean: NDArray[np.float64] = (own + lead + 2.0 * beat) / 4.0
    return mean


def _intervals(m: Measurements, peaks: NDArray[np.int64]) -> NDArray[np.float64]:
    """(beats, 2) RR before and behind each beat, ms; NaN where unknown."""
    before = {beat.sample: beat.rr_ms for beat in m.beats}
    following = {one.sample: other.rr_ms for one, other in zip(m.beats, m.beats[1:], strict=False)}
    found = [(before.get(int(peak)), following.get(int(peak))) for peak in peaks]
    return np.array([[np.nan if v is None else v for v in pair] for pair in found], np.float64).reshape(-1, 2)


def _of_lead(
    lead: str, y: NDArray[np.float64], marks: NDArray[np.int64], edges: NDArray[np.float64], rr: NDArray[np.float64]
) -> dict[str, Sequence_]:
    size = d.amplitudes(y, marks)
    p = np.where(np.isfinite(edges[:, d.P_PEAK]), 1.0, np.nan)
    qrs_mv = np.nan_to_num(size[:, 3]) - np.fmin(np.nan_to_num(size[:, 1]), np.nan_to_num(size[:, 4]))
    qt = _span(edges, d.QRS_ON, d.T_OFF, d.CHOSEN.qt_bias_ms)
    with np.errstate(invalid="ignore", divide="ignore"):
        values: list[tuple[NDArray[np.float64], int]] = [
            (60000.0 / rr[:, 0], 1),
            (rr[:, 0], 0),
            (rr[:, 1], 0),
            (size[:, 0] * p, 3),
            (_span(edges, d.P_ON, d.P_OFF, d.CHOSEN.p_bias_ms), 0),
            (_span(edges, d.P_ON, d.QRS_ON, d.CHOSEN.pr_bias_ms), 0),
            (np.where(marks[:, d.QRS_ON] >= 0, qrs_mv, np.nan), 3),
            (_span(edges, d.QRS_ON, d.QRS_OFF, d.CHOSEN.qrs_bias_ms - QRS_LONGER_MS.get(lead, 0.0)), 0),
            (size[:, 5], 3),
            (_span(edges, d.T_ON, d.T_OFF, 0.0), 0),
            (_span(edges, d.QRS_OFF, d.T_ON, 0.0), 0),
            (qt, 0),
            (qt / np.sqrt(rr[:, 0] / 1000.0), 0),
        ]
    told = [_numbers(row, digits) for row, digits in values]
    told.insert(11, [_form(j, j80) for j, j80 in size[:, [6, 9]].tolist()])
    return dict(zip(NAMES, told, strict=True))


def _span(edges: NDArray[np.float64], start: int, stop: int, bias_ms: float) -> NDArray[np.float64]:
    """From one mark to another, ms, the constant error of the median over leads taken out; NaN where one is not there."""
    ms = (edges[:, stop] - edges[:, start]) * 1000.0 / HZ - bias_ms
    return np.where(ms > 0.0, ms, np.nan)


def _numbers(row: NDArray[np.float64], digits: int) -> Sequence_:
    shown: Callable[[float], Any] = (lambda v: round(v)) if digits == 0 else (lambda v: round(v, digits))
    return [shown(v) if np.isfinite(v) else None for v in row.tolist()]


def _form(j_mv: float, j80_mv: float) -> str | None:
    if not (np.isfinite(j_mv) and np.isfinite(j80_mv)):
        return None
    if abs(j80_mv - j_mv) < SLOPE_MV:
        return "horizontal"
    return "upslope" if j80_mv > j_mv else "declination"
