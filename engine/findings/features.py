"""What the forests read of ten seconds: about 290 named numbers, NaN where one is unknown.

Intervals and amplitudes are those that the alarms and the criteria use (`stream.measure`); the form of the median beat adds what
they leave open. Names are `measure` or `measure_LEAD`; ms, mV, /min, degrees, or shares without a unit.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.findings.form import Form, atrial_power, form
from ingest.frame import LEADS
from stream.measurement import Estimate, LeadMeasurements, Measurements
from stream.trigger import MODEL_HZ, Segment

Features = dict[str, float]
NAN = math.nan
_STEP_MS = 1000.0 / MODEL_HZ
_OWN = ("I", "II", "V3", "V4", "V5", "V6")
"""Leads in which an inverted T wave is not normal in adults; V1, III, aVL and aVR may show one."""
_ST = ("I", "II", "aVL", "V2", "V3", "V4", "V5", "V6")
_PRECORDIAL = LEADS[6:]
_WAVES = ("q_mv", "q_ms", "r_mv", "s_mv")
"""Where they are None there is no such wave, which is zero."""
_LEVELS = ("p_mv", "t_mv", "st_j_mv", "st_j60_mv", "st_j80_mv", "qrs_area_mvms")


def features(segment: Segment) -> Features:
    """Every feature of a segment; empty where nothing was measured."""
    numbers = segment.measurements
    if numbers is None:
        return {}
    leads = {m.lead: m for m in numbers.leads if m.lead in LEADS}
    found = _intervals(numbers) | _rhythm(numbers)
    for name, lead in leads.items():
        found |= _lead(name, lead)
    found |= _sums(found)
    shape = form(segment)
    if shape is not None:
        measured = [name for name in LEADS if name in segment.measured]
        found |= _beat(shape, measured) | _atria(shape, measured) | _sameness(shape) | _spikes(shape)
    return found


def _value(told: Estimate | float | None) -> float:
    if told is None:
        return NAN
    return told.value if isinstance(told, Estimate) else float(told)


def _intervals(m: Measurements) -> Features:
    names = ("rate_bpm", "rr_ms", "p_ms", "pr_ms", "qrs_ms", "qt_ms", "qtc_bazett_ms", "qtc_fridericia_ms", "axis_deg")
    found = {name: _value(getattr(m, name)) for name in names}
    axis = math.radians(found["axis_deg"])
    found |= {"axis_cos": math.cos(axis), "axis_sin": math.sin(axis)}
    found["p_wave"] = NAN if m.p_wave_present is None else float(m.p_wave_present)
    return found


def _rhythm(m: Measurements) -> Features:
    kinds = [b.kind.value for b in m.beats]
    found = {f"share_{kind}": kinds.count(kind) / max(1, len(kinds)) for kind in "NSV/Q"}
    found |= {"rr_sd_ms": _value(m.rr_sd_ms), "rr_rmssd_ms": _value(m.rr_rmssd_ms)}
    rr = np.array([b.rr_ms for b in m.beats if b.rr_ms])
    if len(rr) < 3:
        return found
    middle = float(np.median(rr))
    return found | {
        "rr_variation": float(rr.std() / rr.mean()),
        "rr_deviation": float(np.median(np.abs(rr - middle)) / middle),
        "rr_shortest": float(rr.min() / middle),
        "rr_longest": float(rr.max() / middle),
        "rr_step": float(np.median(np.abs(np.diff(rr))) / rr.mean()),
    }


def _lead(name: str, m: LeadMeasurements) -> Features:
    found = {f"{wave}_{name}": _value(getattr(m, wave)) for wave in (*_WAVES, *_LEVELS)}
    for wave in _WAVES:
        if math.isnan(found[f"{wave}_{name}"]):
            found[f"{wave}_{name}"] = 0.0
    q, r, s = (found[f"{wave}_{name}"] for wave in ("q_mv", "r_mv", "s_mv"))
    # a twentieth or tenth of a millivolt, so that no share is of nothing
    return found | {f"r_to_s_{name}": math.log((r + 0.05) / (-s + 0.05)), f"q_to_r_{name}": -q / (r + 0.1)}


def _sums(f: Features) -> Features:
    def of(wave: str, *names: str) -> NDArray[np.float64]:
        return np.array([f.get(f"{wave}_{name}", NAN) for name in names])

    t, st = of("t_mv", *_OWN), of("st_j60_mv", *_ST)
    height = {name: f.get(f"r_mv_{name}", NAN) - f.get(f"s_mv_{name}", NAN) for name in LEADS}
    return {
        "sokolow_lyon_mv": _largest(of("r_mv", "V5", "V6")) - f.get("s_mv_V1", NAN),
        "cornell_mv": f.get("r_mv_aVL", NAN) - f.get("s_mv_V3", NAN),
        "limb_mv": _largest(np.array([height[name] for name in LEADS[:6]])),
        "precordial_mv": _largest(np.array([height[name] for name in _PRECORDIAL])),
        "t_inverted": float(np.sum(t < -0.05)),
        "t_height_mv": _mean(np.abs(of("t_mv", "I", "II", "V4", "V5", "V6"))),
        "st_depressed": float(np.sum(st < -0.05)),
        "st_elevated": float(np.sum(st > 0.1)),
        "st_lowest_mv": -_largest(-st),
        "st_highest_mv": _largest(st),
        "q_inferior": float(np.sum(of("q_to_r", "II", "III", "aVF") > 0.25)),
        "r_lost": float(np.sum(of("r_mv", "V1", "V2", "V3", "V4") < 0.1)),
        "transition": float(np.sum(of("r_to_s", *_PRECORDIAL) < 0.0)),
    }


def _largest(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.max()) if known.size else NAN


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else NAN


def _beat(s: Form, measured: list[str]) -> Features:
    """How the QRS ends, where its peaks lie, and how ST runs, lead by lead; then how planar QRS and T are."""
    found: Features = {}
    for name in measured:
        beat = s.beat[LEADS.index(name)]
        qrs, t = beat[s.onset : s.offset + 1], beat[min(s.offset + 25, 390) :]
        found |= {
            f"end_mv_{name}": float(beat[max(0, s.offset - 15) : s.offset].mean()),
            f"second_half_mv_{name}": float(qrs[len(qrs) // 2 :].mean()),
            f"peak_ms_{name}": float(qrs.argmax()) * _STEP_MS,
            f"nadir_ms_{name}": float(qrs.argmin()) * _STEP_MS,
            f"st_slope_mv_{name}": float(beat[min(s.offset + 40, 399)] - beat[min(s.offset + 5, 399)]),
            f"t_lowest_mv_{name}": float(t.min()),
            f"t_highest_mv_{name}": float(t.max()),
        }
    rows = [LEADS.index(name) for name in measured]
    if len(rows) < 3:
        return found
    away, size, _ = np.linalg.svd(s.beat[rows, min(s.offset + 20, 380) :], full_matrices=False)
    first, width, _ = np.linalg.svd(s.beat[rows, s.onset : s.offset + 1], full_matrices=False)
    return found | {
        "t_planarity": float(size[1] / (size[0] + 1e-6)),
        "qrs_planarity": float(width[1] / (width[0] + 1e-6)),
        "qrs_t_cosine": float(away[:, 0] @ first[:, 0]),
    }


def _atria(s: Form, measured: list[str]) -> Features:
    size = np.sqrt((s.p**2).sum(axis=0))
    found = {"p_size_mv": float(size.max()), "p_peak_ms": float(len(size) - size.argmax()) * _STEP_MS + 20.0}
    for name in ("I", "II", "V1"):
        if name in measured:
            p = s.p[LEADS.index(name)]
            found |= {f"p_highest_mv_{name}": float(p.max()), f"p_lowest_mv_{name}": float(p.min())}
    for name in ("II", "V1"):
        if name in measured:
            told = atrial_power(s.rest[LEADS.index(name)])
            found |= dict(zip((f"f_{what}_{name}" for what in ("share", "line", "power", "hz")), told, strict=True))
    return found


def _sameness(s: Form) -> Features:
    return {
        "beat_least_alike": float(s.alike.min()),
        "beat_alike": float(np.median(s.alike)),
        "beats_unlike": float(np.mean(s.alike < 0.8)),
        "p_alike": float(np.median(s.p_alike)),
    }


def _spikes(s: Form) -> Features:
    """Of a pacemaker: above all, against the rest, and before the QRS; logarithms of mV."""
    high = float(np.percentile(s.spikes, 99.8))
    before = [s.spikes[max(0, k - 60) : k + 20].max() for k in s.at if k > 20]
    return {
        "spike_over_rest": math.log10(high / (float(np.median(s.spikes)) + 1e-3) + 1e-3),
        "spike": math.log10(high + 1e-3),
        "spike_before_qrs": math.log10(float(np.median(before)) + 1e-3) if before else NAN,
    }
