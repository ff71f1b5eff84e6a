"""What the numbers of a segment show, and a criterion does not find, is withheld with these numbers and is no part of a normal ECG."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from engine.claims.claim import Claim, ClaimKind, Sentence, Verdict
from engine.criteria.cut_off import cut_off
from engine.criteria.doubt import turned
from engine.criteria.ectopic import EARLY_BEATS
from engine.criteria.recording import AMPLITUDES
from engine.criteria.voltage import HYPERTROPHY
from engine.interpretation import Interpretation
from engine.interpreter import NORMAL, interpret
from engine.notes import contradicted
from engine.tiers import graded
from ingest.bed import BedContext, Sex
from ingest.frame import LEADS, BedId, Nanoseconds
from stream.measure import measure
from stream.measurement import BeatKind, Estimate
from stream.trigger import Segment
from tests.sinus import plain

Waves = Mapping[str, Mapping[str, float | None]]
AXIS, QRS = "axis deviation", "QRS duration"


def mv(value: float, spread: float = 0.004) -> Estimate:
    return Estimate(value, "mV", spread, 9)


def with_waves(by_lead: Waves, **numbers: object) -> Segment:
    """Sinus rhythm with such amplitudes in these leads, and these numbers of all leads."""
    m = plain().measurements
    assert m is not None
    leads = tuple(
        replace(one, **{k: None if v is None else mv(v) for k, v in by_lead.get(one.lead, {}).items()})
        for one in m.leads
    )
    return replace(plain(), measurements=replace(m, leads=leads, edge_noise=0.02, **numbers))


def answered(segment: Segment, context: BedContext | None = None) -> Interpretation:
    return interpret(segment, context, Nanoseconds(0))


def held(answer: Interpretation) -> dict[str, str]:
    return {one.name: one.reason for one in answer.withheld}


def texts(answer: Interpretation) -> list[str]:
    return [f.text for f in answer.findings]


def is_normal(answer: Interpretation) -> bool:
    return NORMAL in {f.code for f in answer.findings}


MAN = BedContext(BedId("icu-1"), sex=Sex.MALE, age_years=54.0)


def st(j: float, later: float) -> dict[str, float | None]:
    return {"st_j_mv": j, "st_j60_mv": later, "st_j80_mv": later}


def test_an_elevation_near_its_limit_is_withheld_with_leads_and_numbers_in_the_text() -> None:
    front = {"V1": st(0.101, 0.11), "V2": st(0.27, 0.34), "V3": st(0.1, 0.12)}
    answer = answered(with_waves(front), MAN)
    why = held(answer)["anterior ST segment"]
    assert why.startswith("J is at 0.10 mV in V1 and 0.27 mV in V2, the limit of an elevation or beyond it")
    assert f"anterior ST segment ({why})" in answer.report
    assert not any("ST elevation" in one for one in texts(answer))


def test_a_depression_near_its_limit_too() -> None:
    answer = answered(with_waves({"V5": st(-0.11, -0.101), "V6": st(-0.1, -0.101)}))
    assert "ST 60 ms behind J is at -0.10 mV in V5 and -0.10 mV in V6" in held(answer)["lateral ST segment"]


@pytest.mark.parametrize(
    ("waves", "why"),
    [
        ({"aVL": {"r_mv": 1.32}}, "tell none, but R in aVL is 1.32 mV (limit 1.1) tells one by the limb leads alone"),
        ({"I": {"r_mv": 1.6}, "III": {"s_mv": -1.0}}, "R in I + S in III is 2.60 mV (limit 2.5)"),
        ({"V1": {"s_mv": -1.5}, "V5": {"r_mv": 1.98}}, "S in V1 + R in V5 is 3.48 mV, no further below 3.5 mV"),
        ({"aVL": {"r_mv": 1.0}, "V3": {"s_mv": -1.79}}, "R in aVL + S in V3 is 2.79 mV, no further below 2.8 mV"),
    ],
)
def test_a_voltage_that_limb_leads_alone_or_the_next_measurement_would_tell_is_no_normal_ecg(
    waves: Waves, why: str
) -> None:
    answer = answered(with_waves(waves), MAN)
    assert why in held(answer)[HYPERTROPHY]
    assert HYPERTROPHY in answer.report
    assert not is_normal(answer)
    assert not any("hypertrophy" in one for one in texts(answer))


def test_below_these_limits_nothing_is_withheld() -> None:
    low: Waves = {"aVL": {"r_mv": 1.05}, "V1": {"s_mv": -1.4}, "V5": {"r_mv": 2.0}}
    assert is_normal(answered(with_waves(low), MAN))


def swapped(segment: Segment) -> Segment:
    """The same with the arm leads exchanged in its signal."""
    m = segment.measurements
    assert m is not None
    row = {lead: segment.signal_mv[k] for k, lead in enumerate(LEADS)}
    # QRS and T as they are with a heart to the left
    row |= {"I": row["V6"], "III": row["II"] - row["V6"]}
    row |= {"aVL": row["I"] - row["II"] / 2, "aVR": -(row["I"] + row["II"]) / 2, "aVF": row["II"] - row["I"] / 2}
    row |= {"I": -row["I"], "II": row["III"], "III": row["II"], "aVR": row["aVL"], "aVL": row["aVR"]}
    signal = np.stack([row[lead] for lead in LEADS]).astype(np.float32)
    quality = {one.lead: one.quality for one in m.leads}
    return replace(
        segment, signal_mv=signal, measurements=measure(signal, LEADS, m.beats, quality, m.reachable_hz, m.lost)
    )


def test_exchanged_arm_leads_are_doubted_where_no_p_waves_tell_them() -> None:
    m = swapped(plain()).measurements
    assert m is not None
    assert turned(replace(m, p_wave_present=False))
    usual = plain().measurements
    assert usual is not None
    assert not turned(replace(usual, p_wave_present=False))


def cut(at_mv: float) -> Segment:
    """Sinus rhythm whose recorder shows no more than this."""
    signal = np.clip(plain().signal_mv, -at_mv, at_mv)
    signal.flags.writeable = False
    return replace(plain(), signal_mv=signal)


def test_a_signal_that_is_cut_off_tells_no_amplitudes_and_no_normal_ecg() -> None:
    answer = answered(cut(0.35))
    why = held(answer)[AMPLITUDES]
    assert why.startswith("the QRS is flat at its top in ")
    assert why.endswith("at about 0.3 mV: the signal may be cut off there")
    assert AMPLITUDES in answer.report
    assert not is_normal(answer)
    m = plain().measurements
    assert m is not None
    assert cut_off(plain(), m) == ""
    assert cut_off(cut(5.0), m) == ""


def test_a_wide_qrs_that_is_withheld_stands_in_the_text_with_its_width() -> None:
    wide = with_waves({}, qrs_ms=Estimate(180.0, "ms", 2.0, 9), p_wave_present=False)
    answer = answered(wide)
    assert "QRS duration (180 ms may hold the P wave" in answer.report
    assert held(answer)[QRS] in answer.report
    assert "QRS duration" not in answered(plain()).report


def test_the_axis_of_a_right_bundle_branch_block_has_no_name_to_the_right() -> None:
    right: Waves = {"V1": {"r_mv": 0.8, "qrs_area_mvms": 20.0}, "V6": {"s_mv": -0.5}}
    wide = Estimate(150.0, "ms", 2.0, 9)
    far = answered(with_waves(right, qrs_ms=wide, axis_deg=-125.0))
    assert "the axis of -125 degrees is that of the whole QRS" in held(far)[AXIS]
    assert not any("axis" in one for one in texts(far))
    assert "Left axis deviation, -60 deg." in texts(answered(with_waves(right, qrs_ms=wide, axis_deg=-60.0)))
    assert "Right axis deviation, 125 deg." in texts(answered(with_waves({}, axis_deg=125.0)))


def test_inverted_neighbours_are_named_with_the_leads_that_tell_it() -> None:
    down: Waves = {"II": {"t_mv": -0.2}, "III": {"t_mv": -0.6}, "aVF": {"t_mv": -0.4}, "V2": {"t_mv": -0.3}}
    assert "T wave inversion in II, III and aVF, -0.60 mV in III." in texts(answered(with_waves(down)))
    front: Waves = {"V2": {"t_mv": -0.3}, "V3": {"t_mv": -0.2}, "V4": {"t_mv": -0.2}}
    assert "T wave inversion in V2, V3 and V4, -0.30 mV in V2." in texts(answered(with_waves(front)))


def test_a_beat_that_comes_early_with_no_pause_behind_it_is_withheld() -> None:
    m = plain().measurements
    assert m is not None
    last = m.beats[-1]
    beats = (*m.beats[:-1], replace(last, rr_ms=0.72 * (m.rr_ms.value if m.rr_ms else 0.0)))
    early = answered(replace(plain(), measurements=replace(m, beats=beats)))
    told = [f.name for f in early.findings]
    assert "Early beats of the usual shape" in told or "comes early (RR" in held(early)[EARLY_BEATS]
    assert not is_normal(early)


def test_a_beat_taken_for_ventricular_that_is_not_quite_the_usual_one_is_withheld() -> None:
    m = plain().measurements
    assert m is not None
    odd = m.beats[5]
    signal = plain().signal_mv.copy()
    part = slice(odd.sample - 10, odd.sample + 15)
    signal[:, part] += 0.25 * np.sin(np.linspace(0.0, np.pi, 25)).astype(np.float32)
    beats = tuple(replace(b, kind=BeatKind.VENTRICULAR) if b is odd else b for b in m.beats)
    answer = answered(replace(plain(), signal_mv=signal, measurements=replace(m, beats=beats)))
    told = [f.name for f in answer.findings]
    assert "Ventricular premature beats" in told or "ventricular beats" in held(answer)
    assert not is_normal(answer)


def test_a_pr_interval_just_below_its_lower_limit_is_withheld_with_its_number() -> None:
    near = answered(with_waves({}, pr_ms=Estimate(114.3, "ms", 3.0, 9)))
    assert held(near)["short PR interval"].startswith("114 ms is no further below 120 ms")
    assert "short PR interval" in near.report
    assert not is_normal(near)
    assert is_normal(answered(with_waves({}, pr_ms=Estimate(121.0, "ms", 3.0, 9))))


def test_a_second_r_wave_in_v1_is_no_normal_ecg() -> None:
    m = plain().measurements
    assert m is not None
    signal = plain().signal_mv.copy()
    for beat in m.by_beat:
        if beat.qrs_on is not None and beat.qrs_ms is not None:
            end = beat.qrs_on + round(beat.qrs_ms / 2.0)
            bump = 1.6 * np.abs(plain().signal_mv[LEADS.index("V1")]).max() * np.hanning(18)
            last = min(end + 2, signal.shape[1])
            signal[LEADS.index("V1"), last - 18 : last] += bump.astype(np.float32)
    signal.flags.writeable = False
    answer = answered(replace(plain(), signal_mv=signal))
    assert "V1 has a second R wave of " in held(answer)["normal ECG"]
    assert not is_normal(answer)


def test_the_group_of_what_is_withheld_is_not_called_contradicted() -> None:
    def claim(name: str, verdict: Verdict) -> Claim:
        return Claim(ClaimKind.FINDING, name, 0, 5, name, (), None, "", verdict, None, (), None, None, "")

    claims = [
        claim("conduction disturbance", Verdict.DISAGREE),
        claim("left anterior fascicular block", Verdict.UNSUPPORTED),
    ]
    told = [Sentence("[Contradicted: conduction disturbance.]", Verdict.DISAGREE, 0, 0)]
    assert contradicted(told, claims[:1], ()) == ["conduction disturbance"]
    assert contradicted(told, claims, ()) == []
    assert contradicted(told, claims[:1], (), ["first degree AV block"]) == []


def test_neighbouring_leads_of_two_walls_are_looked_at_together_where_neither_wall_tells_anything() -> None:
    low: Waves = {"V4": st(-0.09, -0.09), "V5": st(-0.08, -0.09)}
    assert "Slight ST depression in anterolateral leads, -0.09 mV in V4, level or falling." in texts(
        answered(with_waves(low))
    )
    rising: Waves = {lead: {"st_j_mv": -0.1, "st_j60_mv": -0.06, "st_j80_mv": -0.03} for lead in ("V4", "V5")}
    answer = answered(with_waves(rising))
    assert "-0.06 mV in V4 and -0.06 mV in V5" in held(answer)["anterolateral ST depression"]
    assert "anterolateral ST depression" in answer.report
    assert not is_normal(answer)
    wall = answered(with_waves({**low, "V6": st(-0.09, -0.09)}))
    assert [one for one in texts(wall) if "depression" in one] == [
        "Slight ST depression in lateral leads, -0.09 mV in V5, level or falling."
    ]


def test_an_axis_that_turns_from_beat_to_beat_has_no_number_either() -> None:
    answer = answered(with_waves({}, axis_deg=78.0, axis_spread_deg=38.0))
    assert held(answer)["axis"] == "it differs from beat to beat (spread 38 degrees), as where the baseline moves"
    assert "axis deviation" not in held(answer)
    assert "axis" not in held(answered(with_waves({}, axis_deg=20.0, axis_spread_deg=29.0)))


def test_early_atrial_beats_of_a_model_are_told_as_possible() -> None:
    early = Claim(
        ClaimKind.FINDING, "atrial premature beats", 0, 5, "supraventricular ectopy", (), None, "", Verdict.AGREE, None, (), None, None, ""
    )  # fmt: skip
    sinus = replace(early, measure="sinus rhythm")
    told = Sentence("Diagnosis: atrial premature beats.", Verdict.AGREE, 0, 0)
    assert [one.text for one in graded((told,), (early,), {})] == ["Possible, to be confirmed: atrial premature beats."]
    assert graded((told,), (early,), None) == (told,)
    both = replace(told, last=1)
    assert graded((both,), (early, sinus), {}) == (both,)


def test_early_beats_that_two_leads_show_are_withheld_with_their_intervals() -> None:
    m = plain().measurements
    assert m is not None
    usual = m.rr_ms.value if m.rr_ms else 0.0
    rr = {5: 0.7 * usual, 6: 1.3 * usual}
    moved = -round(0.15 * usual)
    beats = tuple(replace(b, rr_ms=rr.get(k, b.rr_ms), sample=b.sample + (moved if k == 5 else 0)) for k, b in enumerate(m.beats))  # fmt: skip
    signal = plain().signal_mv.copy()
    first, last = m.beats[5].sample - 60, m.beats[5].sample + 60
    wave = plain().signal_mv[:, first:last].copy()
    signal[:, first:last] = signal[:, first : first + 1]
    signal[:, first + moved : last + moved] = wave
    signal.flags.writeable = False
    leads = tuple(one for one in m.leads if one.lead in ("II", "V1"))
    two = replace(plain(), measured=("II", "V1"), signal_mv=signal, measurements=replace(m, beats=beats, leads=leads))
    answer = answered(two)
    assert held(answer)[EARLY_BEATS].startswith(f"1 beat comes early (RR {rr[5]:.0f} ms of usually ")
    assert EARLY_BEATS in answer.report


def some(value: float, beats: int) -> Estimate:
    return Estimate(value, "mV", 0.01, beats)


@pytest.mark.parametrize(("q", "said"), [(some(-1.2, 5), True), (some(-1.2, 1), False), (some(-0.2, 5), False)])
def test_a_lead_whose_qrs_points_down_alone_in_some_beats_is_no_normal_ecg(q: Estimate, said: bool) -> None:
    m = plain().measurements
    assert m is not None
    waves = {"q_mv": q, "r_mv": some(0.07, 6), "s_mv": some(-1.3, 10)}
    leads = tuple(replace(one, **waves) if one.lead == "V2" else one for one in m.leads)
    answer = answered(replace(plain(), measurements=replace(m, leads=leads)))
    assert ("no R wave begins the QRS of 5 of 10 beats in V2" in held(answer).get("normal ECG", "")) is said
    assert is_normal(answer) is not said


def test_an_axis_without_a_name_is_named_as_withheld() -> None:
    near = answered(with_waves({}, axis_deg=-32.0, axis_spread_deg=12.0))
    assert "[Withheld: axis deviation.]" in near.report
