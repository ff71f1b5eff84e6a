"""Beats of the learning time: once the heights of a QRS are known, the recent signal is read a second time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream.bed import Bed
from stream.filters import Plan
from stream.limits import ADULT
from stream.models import models
from stream.report import limits_record, new_out
from stream.signalpath import advance, restart


def numbers(how: Plan) -> NDArray[np.float64]:
    """A plan as `advance` reads it."""
    return np.array(
        [how.rate_hz, how.step, how.feature_hz, how.shape_step, how.qrs_delay_s, how.monitor_delay_s], np.float64
    )


def read_again(bed: Bed, state: Any, first: int, samples: NDArray[np.int16], flaws: NDArray[np.uint8]) -> Any:
    """The state after samples (signals, n) from session index `first` on, read with what the bed has learnt since.

    Its beats are those of the samples alone. The bed's own state stays as it is.
    """
    out = new_out(64, 64, 64)
    how = bed.plan
    scratch = np.zeros(1, state.dtype)
    scratch[0] = state
    one = scratch[0]
    restart(one, first, False)
    one["pulses"], one["beats"], one["told"], one["active"] = 0, 0, 0, 0
    one["pvcs"], one["pauses"], one["paces"], one["paces_judged"] = 0, 0, 0, 0
    one["last_at"] = first // how.step - int(how.feature_hz)
    one["qrs_peaks"], one["noise_peaks"] = 1.0, 0.0
    some = flaws[bed.ecg] if flaws.any() else np.zeros((len(bed.names), 0), np.uint8)
    advance(
        one,
        np.ascontiguousarray(samples[bed.ecg]),
        np.ascontiguousarray(some),
        bed.scale,
        limits_record(ADULT)[0],
        numbers(how),
        how.qrs_sos,
        how.monitor_sos,
        bed.shape_order,
        np.zeros((0, samples.shape[1]), np.float32),
        np.zeros(0, np.int64),
        models(),
        out,
    )
    return one
