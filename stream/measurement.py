"""What is measured of a bed: beats, quality, intervals, and the numerics of each second.

Absent is an answer (`p_wave_present` False), unknown is another (None).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ingest.frame import BedId, Nanoseconds, SessionId


class BeatKind(StrEnum):
    """What a beat was taken for; AAMI EC57 letters where there are some."""

    NORMAL = "N"
    SUPRAVENTRICULAR = "S"
    VENTRICULAR = "V"
    FUSION = "F"
    PACED = "/"
    UNKNOWN = "Q"


@dataclass(frozen=True, slots=True)
class Beat:
    """One QRS complex."""

    sample: int
    """Index in the session of the R peak (largest deflection of the fused leads)."""
    kind: BeatKind
    rr_ms: float | None = None
    """To the beat before; None behind a gap or at the first beat."""
    qrs_ms: float | None = None
    """Width as measured on the monitor path at detection; coarser than the delineated one."""


class Quality(StrEnum):
    """How far a lead can be trusted, over one second."""

    GOOD = "good"
    NOISY = "noisy"
    FLAT = "flat"
    RAILED = "railed"
    OFF = "off"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a lead is not good."""

    NONE = ""
    ROUGH = "muscle noise or mains"
    WANDER = "baseline moves or electrode motion"
    FLAT = "line without a change"
    RAILED = "amplifier at its limit"
    LEAD_OFF = "electrode off"
    INVALID = "samples invalid"
    DOUBT = "beats that may be artefacts"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with what it rests on."""

    value: float
    unit: str
    """UCUM: ms, mV, /min, deg."""
    spread: float
    """Half the interquartile range over the beats (global: over beats of the lead medians), same unit."""
    beats: int
    """How many beats it was taken from."""


@dataclass(frozen=True, slots=True)
class LeadMeasurements:
    """One lead; amplitudes in mV against the PR level, times in ms."""

    lead: str
    quality: Quality
    p_mv: Estimate | None = None
    q_mv: Estimate | None = None
    """Negative; 0 spread and None where there is no Q wave."""
    q_ms: Estimate | None = None
    r_mv: Estimate | None = None
    s_mv: Estimate | None = None
    """Negative."""
    t_mv: Estimate | None = None
    """Signed."""
    st_j_mv: Estimate | None = None
    st_j60_mv: Estimate | None = None
    qrs_area_mvms: Estimate | None = None
    st_j80_mv: Estimate | None = None
    pr_ms: Estimate | None = None
    """Intervals between the marks of this lead alone; the constant error of the global ones is not taken out."""
    qrs_ms: Estimate | None = None
    qt_ms: Estimate | None = None


@dataclass(frozen=True, slots=True)
class BeatIntervals:
    """One beat of a segment over all good leads: each point is the median over the leads that know it."""

    sample: int
    """R peak, in samples of the segment (500 Hz)."""
    p: bool | None
    """Whether a P wave precedes it; None where too few leads can tell."""
    p_ms: float | None
    pr_ms: float | None
    qrs_ms: float | None
    qt_ms: float | None
    qrs_on: int | None
    """Sample of the segment at which the QRS begins, as measured: the constant error is taken out of intervals only."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """Everything measured on ten seconds; the numbers that interpretations are bound to."""

    rate_bpm: Estimate | None
    rr_ms: Estimate | None
    rr_sd_ms: float | None
    rr_rmssd_ms: float | None
    p_wave_present: bool | None
    """False is a finding; None is unknown."""
    p_ms: Estimate | None
    pr_ms: Estimate | None
    qrs_ms: Estimate | None
    qt_ms: Estimate | None
    qtc_bazett_ms: float | None
    qtc_fridericia_ms: float | None
    qtc_framingham_ms: float | None
    qtc_hodges_ms: float | None
    axis_deg: float | None
    """Frontal QRS axis, -180..180; None where limb leads are missing."""
    leads: tuple[LeadMeasurements, ...]
    """In the order of the segment's rows, measured and derived leads only; then leads of unknown place."""
    beats: tuple[Beat, ...]
    reachable_hz: float
    """Upper edge of the diagnostic path at this rate: min(150, 0.4 * rate)."""
    by_beat: tuple[BeatIntervals, ...] = ()
    """Beats that intervals were taken from; ventricular ones are not among them."""
    qtc_spread_ms: float | None = None
    """Half the interquartile range of the QT over the beats, corrected as the widest of the four formulas does."""
    axis_spread_deg: float | None = None
    """How far the axis turns with the spread of the areas in I and aVF over the beats; 90 where it could point anywhere."""
    edge_noise: float | None = None
    """Noise of the slope over that at which a QRS begins, in the quietest quarter of the good leads (`certainty`); None unknown."""
    lost: tuple[tuple[int, int], ...] = ()
    """Stretches [first, stop) of the segment, in its samples, that were analysed around: samples that never came or were held in every lead."""


@dataclass(frozen=True, slots=True)
class Trend:
    """The numerics and the beats of one bed over one second of its session."""

    bed: BedId
    session: SessionId
    first: int
    """Index of the first sample of the second; seconds are counted in samples of the session."""
    at_ns: Nanoseconds
    """Event time of that sample."""
    rate_hz: float
    rate_bpm: float | None
    """Mean over the last ten seconds as shown; None is shown as unknown, never as normal."""
    pvc_per_min: float | None
    rhythm: str
    """learning, sinus (regular), irregular, afib, vtach, vfib, asystole, unknown."""
    quality: tuple[Quality, ...]
    """One per ECG lead, in the order of the session's ECG signals."""
    st_mv: tuple[float | None, ...] = ()
    """ST at J+60 per ECG lead, mV; None unknown."""
    qrs_ms: float | None = None
    pr_ms: float | None = None
    qt_ms: float | None = None
    beats: tuple[Beat, ...] = ()
    af_burden: float | None = None
    """Share of atrial fibrillation in the analysed seconds of the last 24 hours of the session, 0..1; a second counts as
    what it is held to have been once begin and end are known."""
    reasons: tuple[Reason, ...] = ()
    """Why each lead is not good, in the order of `quality`."""
    rhythm_since: int | None = None
    """Sample since which the rhythm shown is held to have lasted, mostly before the second that showed it first: of atrial
    fibrillation, and of the regular or irregular rhythm behind one. None of any other."""
    qtc_ms: float | None = None
    """Of the same measurement as `qt_ms`, by Fridericia, as QTC_HIGH judges it."""
