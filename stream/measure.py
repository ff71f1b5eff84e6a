"""Numbers from ten seconds of signal: intervals, amplitudes, ST and axis, by median over leads and beats."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stream import around, certainty
from stream import delineate as d
from stream.baseline import levelled
from stream.measurement import Beat, BeatIntervals, BeatKind, Estimate, LeadMeasurements, Measurements, Quality

HZ = 500
DIGITS = {"mV": 3, "ms": 1, "mV.ms": 2}
P_SHARE_FEW = 0.75
"""There are P waves when this share of the beats has one, where fewer than four leads tell (chosen on LUDB)."""


def _estimate(values: Sequence[float] | NDArray[np.float64], unit: str, digits: int) -> Estimate | None:
    """Median and half the interquartile range; None of nothing."""
    return _from_quartiles(d.quartiles(np.asarray(values, np.float64)).tolist(), unit, digits)


def _from_quartiles(found: Sequence[float], unit: str, digits: int) -> Estimate | None:
    """The estimate of (25 %, 50 %, 75 %, count); None where the count is 0."""
    low, middle, high, count = found
    if not count:
        return None
    return Estimate(round(middle, digits), unit, round((high - low) / 2, digits), int(count))


def measure(
    signal_mv: NDArray[np.float32],
    names: Sequence[str],
    beats: Sequence[Beat],
    quality: Mapping[str, Quality],
    reachable_hz: float,
    lost: around.Spans = (),
    limits: d.Limits = d.CHOSEN,
) -> Measurements:
    """Measure (rows, 5000) mV at 500 Hz, rows named by `names`; beats carry samples of this stretch.

    Ventricular beats count for rate and rhythm, not for intervals. Leads that are not good do not take part.
    lost: stretches of samples that were lost; beats that they touch count for rate and rhythm alone.
    """
    whole = around.untouched(beats, lost, HZ) if lost else beats
    signal = level(signal_mv, whole)
    rows, peaks, marks = fiducials(signal, names, whole, quality, limits)
    good = _of(signal, rows)
    fused = d.over_leads(marks, min(2, len(rows)), limits.p_near) if rows and len(peaks) else np.full((0, 10), -1.0)
    has_p, p_present = _p_waves(fused, len(rows), limits)
    told = dict(zip(rows, d.over_beats(good, marks, _spans(marks, limits)).tolist(), strict=True))
    leads = tuple(_lead(name, quality.get(name, Quality.UNKNOWN), told.get(k, ())) for k, name in enumerate(names))
    by_beat = tuple(_intervals(row, p, limits) for row, p in zip(fused.tolist(), has_p, strict=True))
    noise = certainty.quietest(good, peaks, lost)
    return replace(_measurements(beats, by_beat, p_present, leads, reachable_hz, noise), lost=lost)


def _of(signal: NDArray[np.float64], rows: Sequence[int]) -> NDArray[np.float64]:
    """Rows of a signal; itself, which makes no copy, where they are all."""
    return signal if len(rows) == len(signal) else signal[rows]


def level(signal_mv: NDArray[np.float32], beats: Sequence[Beat]) -> NDArray[np.float64]:
    """The signal (rows, n) mV without the wander of its baseline (`baseline`), on which amplitudes and the ends of P and T rest."""
    inside = [b for b in beats if 0 <= b.sample < signal_mv.shape[1]]
    apart = np.array([b.kind is BeatKind.VENTRICULAR for b in inside], bool)
    peaks = np.array([b.sample for b in inside], np.int64)
    return levelled(np.asarray(signal_mv, np.float64), peaks, apart if not apart.all() else ~apart)


def fiducials(
    signal_mv: NDArray[np.floating],
    names: Sequence[str],
    beats: Sequence[Beat],
    quality: Mapping[str, Quality],
    limits: d.Limits = d.CHOSEN,
) -> tuple[list[int], NDArray[np.int64], NDArray[np.int64]]:
    """Rows that are good, R samples of the beats that are not ventricular (of all where every one is), and their marks.

    signal_mv: (rows, n) at 500 Hz. Marks are (good rows, beats, 9) samples in the order of `delineate`, ABSENT where a wave is not there.
    """
    rows = [k for k, name in enumerate(names) if quality.get(name, Quality.UNKNOWN) in (Quality.GOOD, Quality.UNKNOWN)]
    normal = [b for b in beats if b.kind is not BeatKind.VENTRICULAR] or list(beats)
    peaks = np.array([b.sample for b in normal if 0 <= b.sample < signal_mv.shape[1]], np.int64)
    signal = _of(np.asarray(signal_mv, np.float64), rows)
    return rows, peaks, d.delineate_all(signal, peaks, limits)


def _measurements(
    beats: Sequence[Beat],
    by_beat: tuple[BeatIntervals, ...],
    p_present: bool | None,
    leads: tuple[LeadMeasurements, ...],
    reachable_hz: float,
    edge_noise: float | None,
) -> Measurements:
    rr = np.array([b.rr_ms for b in beats if b.rr_ms is not None], np.float64)
    rr_ms = _estimate(rr, "ms", 1)
    pr, p, qrs, qt = (_over_beats(by_beat, name) for name in ("pr_ms", "p_ms", "qrs_ms", "qt_ms"))
    mean_rr_s = float(np.mean(rr)) / 1000.0 if rr.size else math.nan
    if qt is not None and pr is not None and rr_ms is not None and qt.value + pr.value >= rr_ms.value:
        qt = None  # its T wave would end behind the begin of the next P wave: one was taken for the other
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
        axis_spread_deg=axis_spread(leads),
        leads=leads,
        beats=tuple(beats),
        reachable_hz=reachable_hz,
        by_beat=by_beat,
        edge_noise=edge_noise,
        lost=(),
    )


def _over_beats(by_beat: Sequence[BeatIntervals], name: str) -> Estimate | None:
    known = [value for beat in by_beat if (value := getattr(beat, name)) is not None]
    return _estimate(known, "ms", 1) if known else None


def _intervals(row: Sequence[float], has_p: bool | None, limits: d.Limits) -> BeatIntervals:
    """One row of `delineate.over_leads` in milliseconds, its constant error taken out."""

    def span(start: int, stop: int, bias_ms: float) -> float | None:
        known = row[start] >= 0 and row[stop] >= 0
        return round((row[stop] - row[start]) * 1000.0 / HZ - bias_ms, 1) if known else None

    return BeatIntervals(
        sample=round(row[d.R]),
        p=has_p,
        p_ms=span(d.P_ON, d.P_OFF, limits.p_bias_ms) if has_p else None,
        pr_ms=span(d.P_ON, d.QRS_ON, limits.pr_bias_ms) if has_p else None,
        qrs_ms=span(d.QRS_ON, d.QRS_OFF, limits.qrs_bias_ms),
        qt_ms=span(d.QRS_ON, d.T_OFF, limits.qt_bias_ms),
        qrs_on=round(row[d.QRS_ON]) if row[d.QRS_ON] >= 0 else None,
    )


def _corrected(qt: Estimate | None, rr_s: float) -> dict[str, float | None]:
    """QTc in ms: Bazett 1920, Fridericia 1920, Framingham (Sagie 1992), Hodges 1983."""
    names = ("qtc_bazett_ms", "qtc_fridericia_ms", "qtc_framingham_ms", "qtc_hodges_ms", "qtc_spread_ms")
    if qt is None or math.isnan(rr_s) or rr_s <= 0:
        return dict.fromkeys(names)
    ms = qt.value
    values = (
        ms / math.sqrt(rr_s),
        ms / rr_s ** (1 / 3),
        ms + 154.0 * (1.0 - rr_s),
        ms + 1.75 * (60.0 / rr_s - 60.0),
        # the first two stretch the QT and its spread, Bazett's the most below 1 s; the others move the QT alone
        qt.spread * max(1.0, 1.0 / math.sqrt(rr_s)),
    )
    return dict(zip(names, (round(v, 1) for v in values), strict=True))


def _p_waves(fused: NDArray[np.float64], leads: int, limits: d.Limits) -> tuple[list[bool | None], bool | None]:
    """Of each beat whether a P wave precedes it, and of all whether there are P waves; None where it cannot be told."""
    distance_ms = (fused[:, d.QRS_ON] - fused[:, d.P_PEAK]) * 1000.0 / HZ
    told = fused[:, d.QRS_ON] >= 0
    seen = told & (fused[:, d.P_PEAK] >= 0) & (fused[:, 9] >= limits.p_leads)
    if told.sum() < 3:
        return [None] * len(fused), None
    usual = float(np.median(distance_ms[seen])) if seen.any() else math.nan
    there = seen & (np.abs(distance_ms - usual) <= limits.p_steady_ms)
    present = bool(there.sum() >= (limits.p_share if leads >= 4 else P_SHARE_FEW) * told.sum())
    return [bool(one and present) if known else None for one, known in zip(there, told, strict=True)], present


def _lead(name: str, quality: Quality, rows: Sequence[Sequence[float]]) -> LeadMeasurements:
    """One lead from its rows of `delineate.over_beats`; without numbers where there are none, or no beat could be read."""
    if not rows or not rows[6][3]:
        return LeadMeasurements(name, quality)
    units = ("mV", "mV", "ms", "mV", "mV", "mV", "mV", "mV", "mV.ms", "mV", "ms", "ms", "ms")
    return LeadMeasurements(
        name, quality, *(_from_quartiles(row, unit, DIGITS[unit]) for row, unit in zip(rows, units, strict=True))
    )


def _spans(marks: NDArray[np.int64], limits: d.Limits) -> NDArray[np.float64]:
    """PR, QRS and QT (leads, beats, 3) in ms, from the marks (leads, beats, 9), constant errors taken out; NaN where one mark is not there."""
    begins, ends = marks[..., [d.P_ON, d.QRS_ON, d.QRS_ON]], marks[..., [d.QRS_ON, d.QRS_OFF, d.T_OFF]]
    bias_ms = np.array([limits.pr_bias_ms, limits.qrs_bias_ms, limits.qt_bias_ms])
    return np.where((begins >= 0) & (ends >= 0), (ends - begins) * 1000.0 / HZ - bias_ms, np.nan)


def axis(leads: Sequence[LeadMeasurements]) -> float | None:
    """Frontal QRS axis in degrees from the net areas in I and aVF; None where either is missing."""
    areas = _frontal(leads)
    return None if areas is None else round(math.degrees(math.atan2(areas[1].value * certainty.AVF, areas[0].value)), 1)


def axis_spread(leads: Sequence[LeadMeasurements]) -> float | None:
    """How far the axis turns, in degrees up to 90, with the spread of the two areas over the beats (first-order propagation).

    None where there is no axis.
    """
    areas = _frontal(leads)
    if areas is None:
        return None
    turned = certainty.turned(*areas, areas[0].spread, areas[1].spread)
    return None if turned is None else round(min(90.0, turned), 1)


def _frontal(leads: Sequence[LeadMeasurements]) -> tuple[Estimate, Estimate] | None:
    """Net areas of the QRS in I and aVF; None where either is missing or both are below 1 mV ms."""
    area = {m.lead: m.qrs_area_mvms for m in leads}
    one, foot = area.get("I"), area.get("aVF")
    if one is None or foot is None or max(abs(one.value), abs(foot.value)) < 1.0:
        return None
    return one, foot
