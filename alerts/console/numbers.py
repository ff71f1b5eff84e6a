"""What was measured of a bed in the second that is shown, beside its rate: QTc, ST, ventricular beats, and its leads. Pure.

What is None was not measured, and is not shown; why a rate is unknown always is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stream.measurement import Quality, Trend

MM = 10.0
"""Millimetres per millivolt."""
WIDE_MS = 120.0
"""From this width of the QRS on QTc overstates repolarisation (Rautaharju 2009, Circulation 119, e241-e250)."""
_WAYS = {
    "learning": "the beats are being learnt",
    "asystole": "",
    "vfib": "waves of a fibrillation, no beats",
}
"""By rhythm why there is no rate, where the leads are not what is wrong."""


def numbers(trend: Trend, names: Sequence[str]) -> dict[str, Any]:
    """What a page shows of a second; names: its ECG leads in the order of the session, where they are known."""
    bad = leads(trend, names)
    return {
        "why": _why(trend, bad) if trend.rate_bpm is None else "",
        "leads": bad,
        "qtc_ms": trend.qtc_ms,
        "qrs_ms": trend.qrs_ms,
        "qtc_overstates": trend.qtc_ms is not None and trend.qrs_ms is not None and trend.qrs_ms >= WIDE_MS,
        "st_mm": [[_name(names, row), round(mv * MM, 1)] for row, mv in enumerate(trend.st_mv) if mv is not None],
        "pvc_per_min": trend.pvc_per_min,
    }


def leads(trend: Trend, names: Sequence[str]) -> list[str]:
    """The leads that are not good, each with its reason: `V1 noisy: muscle noise or mains`."""
    found = []
    for row, quality in enumerate(trend.quality):
        if quality is Quality.GOOD:
            continue
        reason = trend.reasons[row].value if row < len(trend.reasons) else ""
        found.append(f"{_name(names, row)} {quality.value}" + (f": {reason}" if reason else ""))
    return found


def _why(trend: Trend, bad: Sequence[str]) -> str:
    """Why no rate is shown."""
    way = _WAYS.get(trend.rhythm)
    if way is not None:
        return way
    if len(bad) == len(trend.quality):
        return "no lead is good"
    return "the beats of the last ten seconds cannot be vouched for"


def _name(names: Sequence[str], row: int) -> str:
    return names[row] if row < len(names) else f"lead {row + 1}"
