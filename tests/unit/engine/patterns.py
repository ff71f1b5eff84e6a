"""Ten seconds with chosen measurements, and a signal that shows them as far as a gate looks at it."""

from __future__ import annotations

import numpy as np

from engine.criteria.case import Case
from engine.interpretation import Finding
from infra.score.claim_file import measurements
from ingest.bed import BedContext
from ingest.frame import LEADS, BedId, Nanoseconds, SessionId
from stream.catalogue import Code, Kind, Priority
from stream.measurement import Beat, BeatIntervals, BeatKind
from stream.trigger import MODEL_SAMPLES, Phase, Segment, Trigger

PLAIN = {"p_mv": 0.1, "r_mv": 1.0, "s_mv": -0.2, "t_mv": 0.3, "st_j_mv": 0.0, "st_j60_mv": 0.02, "st_j80_mv": 0.03, "qrs_area_mvms": 20.0}  # fmt: skip
DOWN = PLAIN | {"r_mv": 0.2, "s_mv": -1.2, "qrs_area_mvms": -40.0}
NORMAL = dict.fromkeys(LEADS, PLAIN) | {"aVR": DOWN, "V1": DOWN, "V2": DOWN}
LBBB = Finding("164909002", "Left bundle branch block", "", 0.7, ())
FIRST, EVERY = 200, 400
"""Samples at which the first QRS begins, and between two."""


def segment(
    changed: dict[str, dict[str, object]] | None = None,
    *,
    pr: float | None = 160.0,
    qrs: float = 92.0,
    rate: float = 75.0,
    p: bool | None = True,
    kind: BeatKind = BeatKind.NORMAL,
    r_peak_ms: float = 40.0,
    t_width_ms: float = 120.0,
    code: Code = Code.REQUESTED,
    name: str = "asked",
    bed: str = "b",
) -> Segment:
    """Normal measurements but for those of the leads that are `changed`; R and T of the signal as they are asked for."""
    leads = {lead: {**row, **(changed or {}).get(lead, {})} for lead, row in NORMAL.items()}
    starts = range(FIRST, MODEL_SAMPLES - EVERY, EVERY)
    told = {"rate_bpm": rate, "rr_sd_ms": 10, "pr_ms": pr, "qrs_ms": qrs, "p_wave_present": p, "leads": leads}
    numbers = measurements(told)
    rr = numbers.rr_ms.value
    beats = tuple(Beat(on + 20, kind, rr) for on in starts)
    by_beat = tuple(BeatIntervals(on + 20, p, 90.0, pr, qrs, 390.0, on) for on in starts)
    numbers = type(numbers)(
        **{f: getattr(numbers, f) for f in numbers.__slots__} | {"beats": beats, "by_beat": by_beat}
    )
    signal = np.stack([_wave(leads[lead], starts, r_peak_ms, t_width_ms) for lead in LEADS]).astype(np.float32)
    signal.flags.writeable = False
    trigger = Trigger(
        name, BedId(bed), SessionId(1), code, Phase.ONSET, Priority.INFORMATION, Kind.PHYSIOLOGICAL, False,
        MODEL_SAMPLES - 1, 0, Nanoseconds(10**10), 500.0, None, None, "", "Asked for", "default", 0,
    )  # fmt: skip
    return Segment(trigger, Nanoseconds(0), 0, signal, LEADS, (), numbers)


def _wave(row: dict[str, float], starts: range, r_peak_ms: float, t_width_ms: float) -> np.ndarray:
    at = np.arange(MODEL_SAMPLES)
    wave = np.zeros(MODEL_SAMPLES)
    for on in starts:
        wave += row["r_mv"] * np.exp(-0.5 * ((at - on - r_peak_ms / 2) / 6.0) ** 2)
        wave += row["t_mv"] * np.exp(-0.5 * ((at - on - 150) / (t_width_ms / 2 / 2.355)) ** 2)
    return wave


def case(
    changed: dict[str, dict[str, object]] | None = None,
    *findings: Finding,
    context: BedContext | None = None,
    **more: object,
) -> Case:
    """The same, under question."""
    made = segment(changed, **more)
    return Case(made, made.measurements, context, list(findings))


def wpw(**more: object) -> Segment:
    """The pattern of WPW."""
    return segment(**({"pr": 100.0, "qrs": 130.0, "r_peak_ms": 76.0} | more))
