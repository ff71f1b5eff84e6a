"""Numbers of a real record in the order in which simulated ones have them: as Vigil measured its ten seconds, without any label."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.teacher.targets import PARAMETERS, parameter
from stream.measurement import Estimate, LeadMeasurements, Measurements


def of_measurements(measured: Measurements | None) -> NDArray[np.float32]:
    """(55,) of PARAMETERS in their units; NaN of what is not known, all of them where nothing was measured.

    PR is NaN without P waves, as of simulated patients. S is the deeper one of Q and S; a lead with some part of a QRS has 0 of
    the others.
    """
    found = np.full(len(PARAMETERS), np.nan, np.float32)
    if measured is None:
        return found
    told = {
        "rate_bpm": _value(measured.rate_bpm),
        "pr_ms": _value(measured.pr_ms) if measured.p_wave_present else math.nan,
        "qrs_ms": _value(measured.qrs_ms),
        "qt_ms": _value(measured.qt_ms),
    }
    if measured.axis_deg is not None:
        told |= {
            "axis_cos": math.cos(math.radians(measured.axis_deg)),
            "axis_sin": math.sin(math.radians(measured.axis_deg)),
        }
    if measured.rr_sd_ms is not None and measured.rr_ms is not None:
        told["rr_cv"] = measured.rr_sd_ms / measured.rr_ms.value
    for one in measured.leads:
        told |= _of_lead(one)
    for name, value in told.items():
        found[parameter(name)] = value
    return found


def _of_lead(one: LeadMeasurements) -> dict[str, float]:
    """Its four numbers; none of a lead of unknown place."""
    if f"r_mv_{one.lead}" not in PARAMETERS:
        return {}
    waves = [part.value for part in (one.q_mv, one.r_mv, one.s_mv) if part is not None]
    return {
        f"st60_mv_{one.lead}": _value(one.st_j60_mv),
        f"t_mv_{one.lead}": _value(one.t_mv),
        f"r_mv_{one.lead}": max(0.0, *waves) if waves else math.nan,
        f"s_mv_{one.lead}": min(0.0, *waves) if waves else math.nan,
    }


def _value(estimate: Estimate | None) -> float:
    return math.nan if estimate is None else estimate.value
