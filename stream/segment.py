"""Ten seconds in the shape and unit of the model: 12 leads, 500 Hz, millivolt, with the mask of what was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ingest.frame import LEADS, Nanoseconds, Signal
from stream import around
from stream.catalogue import CATALOGUE, Chain, Code
from stream.delineate import Limits
from stream.measure import measure
from stream.measurement import Beat, BeatKind, Measurements, Quality
from stream.shape import BEFORE_S
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment, Trigger
from stream.zerophase import to_diagnostic

SEGMENT_S = 10.0
DIAGNOSTIC_HZ = (0.05, 150.0)
UPPER_SHARE = 0.4
"""The diagnostic path ends at this share of the rate."""
_OF_SILENCE = frozenset({Code.ASYSTOLE, Code.PAUSE, Code.VFIB, Code.LEADS_OFF, Code.CANNOT_ANALYZE_ECG})
"""Alarms of beats that do not come, or of no signal: what all leads hold is then what they are about."""
END_SAMPLES = 9
"""By which the low-pass goes past each end: three times the length of its section."""
FLAT_MV = 0.006
"""Span of a lead below which it is flat, as in `stream.signalpath`."""
SETTLE_S = 0.25
"""In which the low-pass settles: over a hundred of its time constants."""


def reachable_hz(rate_hz: float) -> float:
    """Upper edge of the diagnostic path at this rate."""
    return min(DIAGNOSTIC_HZ[1], UPPER_SHARE * rate_hz)


@lru_cache(maxsize=64)
def _diagnostic(rate_hz: float) -> tuple[NDArray[np.float64], ...]:
    """One section each of high-pass and low-pass at this rate, each followed by its state behind a constant 1."""
    from scipy import signal

    # applied forwards and backwards, so that each edge counts twice and the phase stays straight
    low = signal.butter(1, DIAGNOSTIC_HZ[0], "highpass", fs=rate_hz, output="sos")
    high = signal.butter(2, reachable_hz(rate_hz), "lowpass", fs=rate_hz, output="sos")
    return low[0], signal.sosfilt_zi(low)[0], high[0], signal.sosfilt_zi(high)[0]


def to_model(
    samples: NDArray[np.int16], scale: NDArray[np.float64], zero: NDArray[np.float64], rate_hz: float, skip: int
) -> NDArray[np.float64]:
    """Steps (leads, n) at rate_hz, the first `skip` of them context -> mV (leads, 5000) at 500 Hz on the diagnostic path.

    scale: (leads,) mV a step; zero: (leads,) the step that stands for 0 mV.
    """
    pad, settle = min(samples.shape[1] - 1, int(rate_hz)), math.ceil(SETTLE_S * rate_hz)
    low, low_zi, high, high_zi = _diagnostic(rate_hz)
    ratio = Fraction(MODEL_HZ / rate_hz).limit_denominator(4096)
    if ratio == 1:
        y = to_diagnostic(samples, scale, zero, low, low_zi, high, high_zi, pad, END_SAMPLES, skip, settle)
    else:
        y = to_diagnostic(samples, scale, zero, low, low_zi, high, high_zi, pad, END_SAMPLES, 0, settle)
        from scipy import signal

        y = signal.resample_poly(y, ratio.numerator, ratio.denominator, axis=1, padtype="line")
        y = y[:, round(skip * MODEL_HZ / rate_hz) :]
    y = y[:, -MODEL_SAMPLES:]
    if y.shape[1] < MODEL_SAMPLES:
        y = np.pad(y, ((0, 0), (MODEL_SAMPLES - y.shape[1], 0)), mode="edge")
    return np.asarray(y, np.float64)


def derive_limb_leads(rows: dict[str, NDArray[np.float64]]) -> tuple[str, ...]:
    """Fill in the limb leads that follow exactly from two others (Einthoven 1913, Goldberger 1942); names of those."""
    pair = _one_and_two(rows)
    if pair is None:
        return ()
    one, two = pair
    made = {
        "I": one,
        "II": two,
        "III": two - one,
        "aVR": -(one + two) / 2.0,
        "aVL": one - two / 2.0,
        "aVF": two - one / 2.0,
    }
    missing = tuple(name for name in made if name not in rows)
    rows.update({name: made[name] for name in missing})
    return missing


def _one_and_two(rows: Mapping[str, NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Leads I and II from any two limb leads, None where there are not two that tell them."""
    weights = {"I": (1.0, 0.0), "II": (0.0, 1.0), "III": (-1.0, 1.0)}
    weights |= {"aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}
    have = [name for name in weights if name in rows]
    for k, first in enumerate(have):
        for second in have[k + 1 :]:
            (a, b), (c, e) = weights[first], weights[second]
            det = a * e - b * c
            if abs(det) > 1e-9:
                x, y = rows[first], rows[second]
                return (e * x - b * y) / det, (a * y - c * x) / det
    return None


def _readable(
    signals: Sequence[Signal],
    samples: NDArray[np.int16],
    valid: NDArray[np.bool_],
    quality: Mapping[str, Quality],
    silent: bool,
) -> dict[str, int]:
    """Row of each ECG lead that is valid throughout and moves, or of all where none does; of two with one name, the first that is good.

    A lead that is flat for all ten seconds beside others that are not measures nothing: what it does not show is not known. Under an alarm of
    silence it is what the alarm is about.
    """
    found: dict[str, int] = {}
    for row, signal in enumerate(signals):
        bad = quality.get(signal.name) in (Quality.OFF, Quality.RAILED)
        if signal.is_ecg and signal.name not in found and not bad and valid[row].all():
            found[signal.name] = row
    if silent:
        return found
    moving = {name: row for name, row in found.items() if _span_mv(signals[row], samples[row]) >= FLAT_MV}
    return moving or found


def _span_mv(signal: Signal, steps: NDArray[np.int16]) -> float:
    return (int(steps.max()) - int(steps.min())) * abs(signal.mv_per_step)


@dataclass(frozen=True, slots=True)
class _Loss:
    """What all leads lost of the ten seconds, in samples of the model; where it is more than may be, why nothing is read."""

    lost: around.Spans = ()
    held: around.Spans = ()
    """Those of them in which samples came, and stood still."""
    too_much: str = ""


def _around(
    signals: Sequence[Signal],
    samples: NDArray[np.int16],
    valid: NDArray[np.bool_],
    skip: int,
    rate_hz: float,
    trigger: Trigger,
) -> tuple[NDArray[np.int16], NDArray[np.bool_], _Loss]:
    """Samples and what of them can be read, with what all leads lost of the ten seconds bridged and valid; and that.

    Where more is lost than may be, none of it can be read. Only where no lead is there throughout; as it is under an alarm of beats that do not come,
    which a held line looks like.
    """
    inside = valid[:, skip:]
    rows = [k for k, signal in enumerate(signals) if signal.is_ecg and inside[k].any()]
    if not rows or trigger.code in _OF_SILENCE:
        return samples, valid, _Loss()
    whole = any(inside[k].all() for k in rows)
    away = np.zeros(inside.shape[1], bool) if whole else (~inside[rows]).any(axis=0)
    still = around.held(samples[rows, skip:], rate_hz) & ~away
    away |= still
    if not away.any():
        return samples, valid, _Loss()
    samples, valid = samples.copy(), valid.copy()
    if away.sum() > around.MOST_LOST_S * rate_hz:
        for row in rows:
            valid[row, skip:] &= ~away
        return samples, valid, _Loss(too_much=around.too_much(away.sum() / rate_hz, still.sum() / rate_hz))
    lost = around.spans(away)
    samples[rows, skip:] = around.bridged(samples[rows][:, skip:], lost)
    for row in rows:
        valid[row, skip:] |= away
    step = MODEL_HZ / rate_hz
    held = around.spans(still)
    told, still_told = (tuple((math.floor(a * step), math.ceil(b * step)) for a, b in some) for some in (lost, held))
    return samples, valid, _Loss(told, still_told)


def build_segment(
    trigger: Trigger,
    signals: Sequence[Signal],
    rate_hz: float,
    samples: NDArray[np.int16],
    first_sample: int,
    valid: NDArray[np.bool_],
    beats: Sequence[Beat],
    quality: Mapping[str, Quality],
    start_ns: Nanoseconds,
) -> Segment:
    """The last ten seconds of `samples` (signals, n) as a segment; what lies before is context for the filters.

    first_sample: session index of samples[:, 0]; valid: (signals, n); beats: session-indexed, oldest first.
    """
    need = math.ceil(SEGMENT_S * rate_hz)
    have = samples.shape[1]
    skip = max(0, have - need)
    blank = Segment(trigger, start_ns, first_sample + skip, _rows({}), (), (), None)
    if have < need:
        return replace(blank, unreadable=f"only {have / rate_hz:.1f} of the ten seconds are there without a gap")
    samples, valid, loss = _around(signals, samples, valid, skip, rate_hz, trigger)
    inside = valid[:, skip:]
    leads = _readable(signals, samples[:, skip:], inside, quality, trigger.code in _OF_SILENCE)
    if not leads:
        return replace(blank, unreadable=loss.too_much or "no ECG lead can be read throughout the ten seconds")
    while skip and not valid[list(leads.values()), :skip].all():
        # context with flaws would ring into the ten seconds
        samples, valid, first_sample, skip = samples[:, skip:], valid[:, skip:], first_sample + skip, 0
    scale = np.array([signals[row].mv_per_step for row in leads.values()])
    zero = np.array([signals[row].zero for row in leads.values()], np.float64)
    model = dict(zip(leads, to_model(samples[list(leads.values())], scale, zero, rate_hz, skip), strict=True))
    derived = derive_limb_leads(model)
    measured = tuple(name for name in LEADS if name in model)
    local = _local(beats, first_sample + skip, rate_hz)
    local = _beside(local, loss.lost, trigger, model, measured) if loss.lost else local
    numbers = _measure(model, measured, local, quality, rate_hz, loss.lost)
    return replace(
        blank,
        first_sample=first_sample + skip,
        signal_mv=_rows({name: model[name] for name in measured}),
        measured=measured,
        derived=tuple(name for name in derived if name in LEADS),
        measurements=numbers,
        held=loss.held,
    )


def _measure(
    model: Mapping[str, NDArray[np.float64]],
    measured: tuple[str, ...],
    beats: tuple[Beat, ...],
    quality: Mapping[str, Quality],
    rate_hz: float,
    lost: around.Spans,
) -> Measurements:
    """Standard leads in their order, then leads of unknown place."""
    names = (*measured, *(name for name in model if name not in LEADS))
    table = np.asarray(np.stack([model[name] for name in names]), np.float32)
    return measure(table, names, beats, quality, reachable_hz(rate_hz), lost)


def remeasured(segment: Segment, limits: Limits) -> Measurements | None:
    """The same ten seconds measured by other limits; None where nothing was measured. Leads of unknown place are left out."""
    m = segment.measurements
    if m is None:
        return None
    table = segment.signal_mv[[LEADS.index(name) for name in segment.measured]]
    quality = {lead.lead: lead.quality for lead in m.leads}
    return measure(table, segment.measured, m.beats, quality, m.reachable_hz, m.lost, limits)


def _local(beats: Sequence[Beat], first: int, rate_hz: float) -> tuple[Beat, ...]:
    """Beats of the ten seconds, in samples of the segment; one that the begin of the session cuts is of no class."""
    whole = (replace(b, kind=BeatKind.UNKNOWN) if b.sample < BEFORE_S * rate_hz else b for b in beats)
    moved = ((b, round((b.sample - first) * MODEL_HZ / rate_hz)) for b in whole)
    return tuple(replace(b, sample=at) for b, at in moved if 0 <= at < MODEL_SAMPLES)


def _beside(
    beats: tuple[Beat, ...],
    lost: around.Spans,
    trigger: Trigger,
    model: Mapping[str, NDArray[np.float64]],
    measured: tuple[str, ...],
) -> tuple[Beat, ...]:
    """The beats beside what was lost; what they were taken for stays under an alarm of ventricular beats, which counted them so."""
    kept, row = around.told_apart(beats, lost, MODEL_HZ), CATALOGUE.get(trigger.code)
    if not measured or (row is not None and row.chain is Chain.VENTRICULAR):
        return kept
    return around.unclassed(kept, np.stack([model[name] for name in measured]).astype(np.float64))


def _rows(model: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float32]:
    rows = np.zeros((len(LEADS), MODEL_SAMPLES), np.float32)
    for name, row in model.items():
        rows[LEADS.index(name)] = row
    rows.flags.writeable = False
    return rows
