"""Numbers from ten seconds of signal: intervals, amplitudes, ST and axis, by median over leads and beats."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from stream import delineate as d
from stream.measurement import Beat, BeatKind, Estimate, LeadMeasurements, Measurements, Quality

HZ = 500
PR_BIAS_MS, QRS_BIAS_MS, QT_BIAS_MS = 10.3, -2.0, 16.8
"""Constant parts of the error of the medians over leads, against the reference marks of LUDB."""
P_SHARE, P_AGREE = 0.5, 0.12
"""A P wave is there when half of the beats hold one in most leads and it stays at one distance from the QRS (share of
the spread of PR, in units of 160 ms)."""


def _estimate(values: Sequence[float] | NDArray[np.float64], unit: str, digits: int) -> Estimate | None:
    """Median and half the interquartile range; None of nothing."""
    low, middle, high, count = d.quartiles(np.asarray(values, np.float64)).tolist()
    if not count:
        return None
    return Estimate(round(middle, digits), unit, round((high - low) / 2, digits), int(count))


def _span_ms(marks: NDArray[np.int64], start: int, stop: int) -> NDArray[np.float64]:
    """(leads, beats) distance of two marks in ms, NaN where one is absent."""
    a, b = marks[:, :, start], marks[:, :, stop]
    return np.where((a >= 0) & (b >= 0), (b - a) * 1000.0 / HZ, np.nan)


def measure(
    signal_mv: NDArray[np.float32],
    names: Sequence[str],
    beats: Sequence[Beat],
    quality: Mapping[str, Quality],
    reachable_hz: float,
) -> Measurements:
    """Measure (rows, 5000) mV at 500 Hz, rows named by `names`; beats carry samples of this stretch.

    Ventricular beats count for rate and rhythm, not for intervals. Leads that are not good do not take part.
    """
    rows = [k for k, name in enumerate(names) if quality.get(name, Quality.UNKNOWN) in (Quality.GOOD, Quality.UNKNOWN)]
    normal = [b for b in beats if b.kind is not BeatKind.VENTRICULAR] or list(beats)
    peaks = np.array([b.sample for b in normal if 0 <= b.sample < signal_mv.shape[1]], np.int64)
    signal = np.asarray(signal_mv, np.float64)
    marks = np.full((len(rows), len(peaks), 9), d.ABSENT, np.int64)
    for i, row in enumerate(rows):
        marks[i] = d.delineate(signal[row], peaks)
    p_present = _p_present(marks, peaks)
    leads = tuple(
        _lead(names[k], quality.get(names[k], Quality.UNKNOWN), signal[k], marks[rows.index(k)] if k in rows else None)
        for k in range(len(names))
    )
    return _measurements(beats, marks, p_present, leads, reachable_hz)


def _measurements(
    beats: Sequence[Beat],
    marks: NDArray[np.int64],
    p_present: bool | None,
    leads: tuple[LeadMeasurements, ...],
    reachable_hz: float,
) -> Measurements:
    rr = np.array([b.rr_ms for b in beats if b.rr_ms is not None], np.float64)
    rr_ms = _estimate(rr, "ms", 1)
    least = max(1, min(2, len(marks)))
    pr = _global(_span_ms(marks, d.P_ON, d.QRS_ON), least, PR_BIAS_MS) if p_present else None
    p = _global(_span_ms(marks, d.P_ON, d.P_OFF), least, 0.0) if p_present else None
    qrs = _global(_span_ms(marks, d.QRS_ON, d.QRS_OFF), least, QRS_BIAS_MS)
    qt = _global(_span_ms(marks, d.QRS_ON, d.T_OFF), least, QT_BIAS_MS)
    mean_rr_s = float(np.mean(rr)) / 1000.0 if rr.size else math.nan
    rate = None
    if rr_ms is not None:
        spread = round(60000.0 * rr_ms.spread / rr_ms.value**2, 2)
        rate = Estimate(round(60.0 / mean_rr_s, 1), "/min", spread, int(rr.size))
    return Measurements(
        rate_bpm=rate,
        rr_ms=rr_ms,
        rr_sd_ms=round(float(np.std(rr)), 1) if rr.size > 1 else None,
        rr_rmssd_ms=round(float(np.sqrt(np.mean(np.diff(rr) ** 2))), 1) if rr.size > 1 else None,
        p_wave_present=p_present,
        p_ms=p,
        pr_ms=pr,
        qrs_ms=qrs,
        qt_ms=qt,
        **_corrected(qt, mean_rr_s),
        axis_deg=axis(leads),
        leads=leads,
        beats=tuple(beats),
        reachable_hz=reachable_hz,
    )


def _global(values: NDArray[np.float64], least: int, bias_ms: float) -> Estimate | None:
    if not values.size:
        return None
    return _estimate(d.over_leads(values, least) - bias_ms, "ms", 1)


def _corrected(qt: Estimate | None, rr_s: float) -> dict[str, float | None]:
    """QTc in ms: Bazett 1920, Fridericia 1920, Framingham (Sagie 1992), Hodges 1983."""
    names = ("qtc_bazett_ms", "qtc_fridericia_ms", "qtc_framingham_ms", "qtc_hodges_ms")
    if qt is None or math.isnan(rr_s) or rr_s <= 0:
        return dict.fromkeys(names)
    ms = qt.value
    values = (
        ms / math.sqrt(rr_s),
        ms / rr_s ** (1 / 3),
        ms + 154.0 * (1.0 - rr_s),
        ms + 1.75 * (60.0 / rr_s - 60.0),
    )
    return dict(zip(names, (round(v, 1) for v in values), strict=True))


def _p_present(marks: NDArray[np.int64], peaks: NDArray[np.int64]) -> bool | None:
    """Whether P waves precede the beats at one distance; None where too few beats can tell."""
    if len(peaks) < 3 or not len(marks):
        return None
    peak, on = marks[:, :, d.P_PEAK], marks[:, :, d.QRS_ON]
    seen = on[:, 1:] >= 0
    if seen.sum() < 3:
        return None
    there = (peak[:, 1:] >= 0) & seen
    distance = np.where(there, (on[:, 1:] - peak[:, 1:]) * 1000.0 / HZ, np.nan)
    steady = 0
    for row in range(len(marks)):
        known = distance[row][~np.isnan(distance[row])]
        if known.size >= P_SHARE * (len(peaks) - 1) and known.size >= 2:
            low, _, high, _ = d.quartiles(known)
            steady += float(high - low) <= P_AGREE * 160.0
    return steady >= max(1, math.ceil(0.4 * len(marks)))


def _lead(name: str, quality: Quality, y: NDArray[np.float64], marks: NDArray[np.int64] | None) -> LeadMeasurements:
    if marks is None:
        return LeadMeasurements(name, quality)
    table = d.amplitudes(y, marks)
    if np.isnan(table[:, 6]).all():
        return LeadMeasurements(name, quality)

    def of(column: int, unit: str = "mV") -> Estimate | None:
        return _estimate(table[:, column], unit, 1 if unit == "ms" else 3)

    return LeadMeasurements(
        name, quality, of(0), of(1), of(2, "ms"), of(3), of(4), of(5), of(6), of(7), _estimate(table[:, 8], "mV.ms", 2)
    )


def axis(leads: Sequence[LeadMeasurements]) -> float | None:
    """Frontal QRS axis in degrees from the net areas in I and aVF; None where either is missing."""
    area = {m.lead: m.qrs_area_mvms for m in leads}
    one, foot = area.get("I"), area.get("aVF")
    if one is None or foot is None or max(abs(one.value), abs(foot.value)) < 1.0:
        return None
    # aVF is augmented: its axis is longer than that of I by 2 / sqrt(3)
    return round(math.degrees(math.atan2(foot.value * 2.0 / math.sqrt(3.0), one.value)), 1)
