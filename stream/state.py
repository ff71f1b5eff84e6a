"""All that is carried of one bed from frame to frame: one fixed-size record, whose bytes are the checkpoint."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from stream.catalogue import CODES

MAX_LEADS = 12
"""ECG leads analysed per bed; further ones travel and are stored, not analysed."""
SHAPE_LEADS = 4
"""Leads that carry beat shapes and fibrillation."""
SHAPE_RING = 800
"""Samples of the shape ring: at least 4.2 s at 190 Hz."""
TEMPLATE = 64
"""Samples of a beat template: up to 0.32 s at 190 Hz."""
FORMS = 6
"""Shapes of beats remembered per bed."""
FEATURES = 33
"""What a beat is told apart by."""
PREMATURE_FEATURES = 19
"""What a supraventricular beat is told by."""
RUN_FEATURES = 24
"""What a ventricular tachycardia is told by."""
CYCLE = 96
"""Samples of the average beat: 0.48 s at 190 Hz."""
FLUTTER_BINS = 27
"""Frequencies of the spectrum in which flutter is looked for."""
MEAN_RING = 48
"""Samples of the moving mean: 120 ms at up to 375 Hz."""
R_RING = 256
"""Fused band samples kept to place the R peak: at least 0.65 s at 375 Hz."""
BEATS = 40
"""Beats remembered for rate, runs and irregularity."""
FAINT = 8
"""Low waves of a silence remembered."""
PVCS = 128
"""Ventricular beats remembered for their number in a minute: more than the highest limit."""
PAUSES = 16
"""Pauses remembered for the same."""
PACES = 16
"""Pacing pulses remembered until they are judged."""
TOGETHER = 3
"""Pacing pulses that belong to one beat: of atrium, right and left ventricle."""
PULSE_CHANNELS = 2
"""Pressure and pleth channels that are read."""
PULSES = 16
"""Pulses remembered per channel."""
HUM_RING = 160
"""Samples as they came, in which mains hum and steps are looked for: 425 ms at up to 375 Hz. A beat is decided 270 ms
behind R, and the level before a step lies 140 ms before it at most."""
BLINKS = 32
"""Short interruptions of sight remembered."""
SLOPE_SUM = 48
"""Samples of the slope sum of a pulse: 130 ms at up to 375 Hz."""

HOURS = 24
"""Over which the burden of atrial fibrillation is counted."""

STATE = np.dtype(
    [
        # where the bed is
        ("next", "i8"),
        ("begun", "i8"),
        ("seen_since", "i8"),
        ("blind_since", "i8"),
        ("blinks", "i8"),
        ("blink_from", "i8", (BLINKS,)),
        ("blink_to", "i8", (BLINKS,)),
        ("settled_at", "i8"),
        ("judged_at", "i8"),
        ("leads", "i8"),
        # filters
        ("qrs_z", "f8", (2, 2, MAX_LEADS)),
        ("monitor_z", "f8", (2, 2, SHAPE_LEADS)),
        ("notch_z", "f8", (2, MAX_LEADS)),
        ("hum_ring", "f4", (HUM_RING, MAX_LEADS)),
        ("hum", "f8", (MAX_LEADS,)),
        ("hum_ticks", "i8"),
        ("mains_hz", "i8"),
        ("towering_since", "i8"),
        ("seats", "i8", (SHAPE_LEADS,)),
        ("few_s", "i8"),
        ("held", "f8", (MAX_LEADS,)),
        ("origin", "f8", (MAX_LEADS,)),
        ("fresh", "i8"),
        ("slope_ring", "f8", (4, MAX_LEADS)),
        ("mean_ring", "f8", (MEAN_RING, MAX_LEADS)),
        ("mean_sum", "f8", (MAX_LEADS,)),
        ("fused_mean", "f8"),
        ("r_ring", "f8", (R_RING,)),
        ("shape_ring", "i2", (SHAPE_RING, SHAPE_LEADS)),
        ("shapes", "i8"),
        # lead quality
        ("bad_until", "i8", (MAX_LEADS,)),
        ("flaw_from", "i8", (MAX_LEADS,)),
        ("off_since", "i8", (MAX_LEADS,)),
        ("was_valid", "i1", (MAX_LEADS,)),
        ("low", "f8", (MAX_LEADS,)),
        ("high", "f8", (MAX_LEADS,)),
        ("past", "f8", (MAX_LEADS,)),
        ("past_2", "f8", (MAX_LEADS,)),
        ("rough", "f8", (MAX_LEADS,)),
        ("rough_past", "f8", (MAX_LEADS,)),
        ("counted", "i8", (MAX_LEADS,)),
        ("railed", "i8", (MAX_LEADS,)),
        ("quality", "i1", (MAX_LEADS,)),
        ("reason", "i1", (MAX_LEADS,)),
        ("bad_since", "i8"),
        ("level", "f8", (MAX_LEADS,)),
        ("noise", "f8", (MAX_LEADS,)),
        ("weight", "f8", (MAX_LEADS,)),
        ("recent", "f8", (MAX_LEADS,)),
        ("asleep", "i1", (MAX_LEADS,)),
        # peak decision
        ("ticks", "i8"),
        ("learning", "i8"),
        ("learned", "i1"),
        ("learned_at", "i8"),
        ("learn_max", "f8", (MAX_LEADS,)),
        ("peak_1", "f8"),
        ("peak_2", "f8"),
        ("slope_hold", "f8"),
        ("candidate", "f8"),
        ("candidate_at", "i8"),
        ("candidate_slope", "f8"),
        ("candidate_age", "i8"),
        ("due", "i8"),
        ("ticked_at", "i8"),
        ("candidate_z", "f8", (MAX_LEADS,)),
        ("missed", "f8"),
        ("missed_at", "i8"),
        ("missed_slope", "f8"),
        ("missed_z", "f8", (MAX_LEADS,)),
        ("wave", "f4", (TEMPLATE, SHAPE_LEADS)),
        ("waves", "i8"),
        ("low_at", "i8"),
        ("low_gap", "i8"),
        ("low_train", "i8"),
        ("faint_from", "i8"),
        ("faint_high", "f8"),
        ("faint_high_at", "i8"),
        ("faint_value", "f8"),
        ("faint_slope", "f8"),
        ("faint_z", "f8", (MAX_LEADS,)),
        ("faint_at", "i8", (FAINT,)),
        ("faints", "i8"),
        ("faint_row", "i8"),
        ("t_height", "f8"),
        ("t_waves", "i8"),
        ("threshold", "f8"),
        ("floor", "f8"),
        ("last_at", "i8"),
        ("last_slope", "f8"),
        ("qrs_peaks", "f8", (8,)),
        ("peak_at", "i8", (8,)),
        ("peak_slope", "f8", (8,)),
        ("peak_height", "f8", (8,)),
        ("noise_peaks", "f8", (8,)),
        ("rr_ring", "f8", (8,)),
        ("qrs_count", "i8"),
        ("noise_count", "i8"),
        ("rr_count", "i8"),
        # beats
        ("beats", "i8"),
        ("beat_at", "i8", (BEATS,)),
        ("beat_rr", "f8", (BEATS,)),
        ("beat_kind", "i1", (BEATS,)),
        ("beat_width", "f8", (BEATS,)),
        ("beat_new", "i1", (BEATS,)),
        ("beat_shape", "i8", (BEATS,)),
        ("beat_doubt", "f8", (BEATS,)),
        ("beat_hidden", "i1", (BEATS,)),
        ("beat_vague", "i1", (BEATS,)),
        ("beat_odds", "f8", (BEATS,)),
        ("beat_like", "f8", (BEATS,)),
        ("beat_size", "f8", (BEATS,)),
        ("beat_same", "f8", (BEATS,)),
        ("odds", "f8"),
        ("same", "f8"),
        ("last_shape", "f4", (TEMPLATE, SHAPE_LEADS)),
        ("newly", "i1"),
        ("likeness", "f8"),
        ("beat_form", "i1", (BEATS,)),
        ("told", "i8"),
        ("usual_rr", "f8"),
        ("last_beat", "i8"),
        ("stirred_at", "i8"),
        ("forms", "f4", (FORMS, TEMPLATE, SHAPE_LEADS)),
        ("form_count", "f8", (FORMS,)),
        ("form_beats", "i8", (FORMS,)),
        ("form_early", "f8", (FORMS,)),
        ("form_width", "f8", (FORMS,)),
        ("form_pause", "f8", (FORMS,)),
        ("form_ventricular", "f8", (FORMS,)),
        ("form_last", "i8"),
        ("form_energy", "f8", (FORMS,)),
        ("form_lead", "i8"),
        ("shaped", "i8"),
        ("features", "f8", (FEATURES,)),
        ("trail", "f8", (3,)),
        ("calm_rr", "f8"),
        ("calm_spread", "f8"),
        ("calm_beats", "i8"),
        ("calm_early", "i8"),
        ("calm_wave", "f4", (TEMPLATE, SHAPE_LEADS)),
        ("calm_waves", "i8"),
        ("premature_features", "f8", (PREMATURE_FEATURES,)),
        ("suspicion", "f8"),
        ("doubt", "f8"),
        ("hide", "i1"),
        ("vague", "i1"),
        # pulse
        ("pulses", "i8"),
        ("pulse_seen", "i1", (PULSE_CHANNELS,)),
        ("pulse_from", "i8", (PULSE_CHANNELS,)),
        ("pulse_smooth", "f8", (PULSE_CHANNELS, 2)),
        ("pulse_sum", "f8", (PULSE_CHANNELS,)),
        ("pulse_rise", "f8", (PULSE_CHANNELS, SLOPE_SUM)),
        ("pulse_peak", "f8", (PULSE_CHANNELS,)),
        ("pulse_peak_at", "i8", (PULSE_CHANNELS,)),
        ("pulse_usual", "f8", (PULSE_CHANNELS,)),
        ("pulse_count", "i8", (PULSE_CHANNELS,)),
        ("pulse_last", "i8", (PULSE_CHANNELS,)),
        ("pulse_at", "i8", (PULSE_CHANNELS, PULSES)),
        ("pulse_height", "f8", (PULSE_CHANNELS, PULSES)),
        ("pulse_trust", "f8", (PULSE_CHANNELS,)),
        ("disagreed", "i8"),
        ("red_bpm", "f8"),
        ("red_waves", "i1"),
        ("red_since", "i8", (len(CODES),)),
        # rhythm
        ("oscillating_since", "i8"),
        ("oscillating", "i1"),
        ("wave_height", "f8", (SHAPE_LEADS,)),
        ("wave_hz", "f8", (SHAPE_LEADS,)),
        ("wave_leak", "f8", (SHAPE_LEADS,)),
        ("wave_off", "f8", (SHAPE_LEADS,)),
        ("run_features", "f8", (RUN_FEATURES,)),
        ("run_odds", "f8"),
        ("p_wave", "f4", (TEMPLATE, SHAPE_LEADS)),
        ("p_early", "f4", (TEMPLATE, SHAPE_LEADS)),
        ("p_beats", "i8"),
        ("holds_since", "i8", (len(CODES),)),
        ("active", "i1", (len(CODES),)),
        ("kept", "i1", (len(CODES),)),
        ("rate", "f8"),
        ("rate_since", "i8"),
        ("vf_until", "i8"),
        ("run", "i8"),
        ("even_rr", "f8"),
        ("leapt", "i1"),
        ("opening", "i1"),
        ("opening_form", "i8"),
        ("resting", "i8"),
        ("block", "i8"),
        ("rested_beats", "i8"),
        ("likened_beats", "i8"),
        ("likened", "i1"),
        ("unplaced", "i1"),
        ("pulsed", "i8"),
        ("stimulus_rest", "f8"),
        ("stimulus_beats", "i8"),
        ("bare", "i1"),
        ("bare_form", "f4", (TEMPLATE, SHAPE_LEADS)),
        ("red_at", "i8"),
        # ectopy and timing
        ("run_last", "i8"),
        ("run_red", "i1"),
        ("run_leans", "i1"),
        ("usual_last", "f8"),
        ("vt_since", "i8"),
        ("v_gap", "i8"),
        ("cycles", "i8", (2,)),
        ("pvcs", "i8"),
        ("pvc_at", "i8", (PVCS,)),
        ("pauses", "i8"),
        ("pause_at", "i8", (PAUSES,)),
        ("svt_run", "i8"),
        ("svt_slow", "i8"),
        ("uneven_since", "i8"),
        ("even_since", "i8"),
        ("quivers", "i1"),
        # pacer
        ("paces", "i8"),
        ("paces_judged", "i8"),
        ("pace_at", "i8", (PACES,)),
        ("beats_weighed", "i8"),
        ("stood_at", "i8"),
        ("usual_rest", "f8", (TOGETHER, SHAPE_LEADS)),
        ("usual_after_s", "f8"),
        ("rest", "f4", (TEMPLATE, SHAPE_LEADS)),
        # technical
        ("main_lead", "i8"),
        ("all_off", "i1"),
        ("lost_s", "i8", (MAX_LEADS,)),
        ("shown_rate", "f8"),
        # atria
        ("irregular_since", "i8"),
        ("regular_since", "i8"),
        ("afib", "i1"),
        ("afib_shown", "i1"),
        ("irregular", "i1"),
        ("atrial_wave", "f4", (2, TEMPLATE, SHAPE_LEADS)),
        ("atrial_energy", "f8", (2, SHAPE_LEADS)),
        ("atrial_beats", "i8"),
        ("atrial_features", "f8", (3,)),
        ("atrial_known", "i1"),
        ("atrial_at", "i8"),
        ("atrial_odds", "f8"),
        ("atrial_turn", "i8"),
        ("cycle", "f4", (CYCLE, SHAPE_LEADS)),
        ("cycle_beats", "i8"),
        ("flutter", "f8", (FLUTTER_BINS, SHAPE_LEADS)),
        ("flutter_s", "i8"),
        ("fluttering", "i1"),
        ("burden_hours", "i2", (2, HOURS)),
        ("burden_hour", "i8"),
        ("burden", "f8"),
    ]
)

VERSION = hashlib.blake2b(repr((STATE.descr, CODES)).encode(), digest_size=4).hexdigest()
"""Name of this layout and of the order of codes; a checkpoint of another is refused and the bed relearns."""

NEVER = -(1 << 62)
"""A time that lies before every sample."""


def new_states(count: int) -> NDArray[np.void]:
    """Records of beds of which nothing is known yet."""
    states = np.zeros(count, STATE)
    for name in (
        "blind_since",
        "settled_at",
        "towering_since",
        "judged_at",
        "bad_since",
        "oscillating_since",
        "irregular_since",
        "regular_since",
        "last_beat",
        "stirred_at",
        "stood_at",
        "disagreed",
        "vf_until",
        "red_at",
        "vt_since",
        "uneven_since",
        "even_since",
        "atrial_at",
    ):
        states[name] = NEVER
    states["holds_since"] = NEVER
    states["off_since"] = NEVER
    states["fresh"] = 1
    states["seats"] = -2
    states["rate"] = np.nan
    states["shown_rate"] = np.nan
    states["burden"] = np.nan
    return states
