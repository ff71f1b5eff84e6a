"""What the measurements themselves put in doubt is neither told nor denied, and the text says why."""

from dataclasses import replace

import numpy as np
import pytest

from engine.answerer import Job
from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.completed import completed
from engine.criteria.doubt import areas_cancel, axis_spans, gain_doubt, leads_disagree, turned
from engine.findings.fusion import Tier
from engine.grounded import grounded
from engine.interpretation import Interpretation
from engine.interpreter import NORMAL, interpret
from ingest.frame import LEADS, Nanoseconds
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.measure import measure
from stream.measurement import BeatKind, Estimate, LeadMeasurements, Measurements
from stream.offline import segment_at
from stream.trigger import Segment
from tests.sinus import plain, with_q


def of(**changed: object) -> Measurements:
    m = plain().measurements
    assert m is not None
    return replace(m, **changed)  # type: ignore[arg-type]


def leads_with(**changed: dict[str, Estimate]) -> tuple[LeadMeasurements, ...]:
    """The usual leads with other measurements of those that are named."""
    return tuple(replace(one, **changed.get(one.lead, {})) for one in of().leads)


def asked(m: Measurements, segment: Segment | None = None) -> Interpretation:
    return interpret(replace(segment or plain(), measurements=m), None, Nanoseconds(0))


def on(m: Measurements, segment: Segment | None = None) -> Basis:
    return Basis.of(replace(segment or plain(), measurements=m))


def held(answer: Interpretation) -> dict[str, str]:
    return {one.name: one.reason for one in answer.withheld}


def verdict(text: str, basis: Basis) -> Verdict:
    found = {claim.verdict for claim in check(text, basis)}
    assert found, text
    return next(v for v in (Verdict.DISAGREE, Verdict.UNSUPPORTED, Verdict.AGREE) if v in found)


def none_is_judged(basis: Basis, *texts: str) -> None:
    """Each text is neither told nor denied."""
    for text in texts:
        assert verdict(text, basis) is Verdict.UNSUPPORTED, text


def told(text: str, segment: Segment) -> Interpretation:
    job = Job("a", segment, None)
    return completed(job, grounded(job, interpret(segment, None, Nanoseconds(0)), text, "", {}), {})


def ms(value: float, spread: float = 4.0) -> Estimate:
    return Estimate(value, "ms", spread, 10)


# the QRS ----------------------------------------------------------------------------------------------------------

NARROW_ALONE = {"qrs_ms": Estimate(101.0, "ms", 4.0, 10)}
DENIALS = (
    "There is no right bundle branch block.", "The QRS is narrow.", "No conduction disturbance.",
    "No left anterior fascicular block.", "No incomplete right bundle branch block.",
)  # fmt: skip


def test_where_v1_is_wide_and_all_leads_together_narrow_nothing_is_told_or_denied_by_the_width() -> None:
    m = of(**NARROW_ALONE, leads=leads_with(V1={"qrs_ms": ms(174.0)}))
    answer = asked(m)
    assert held(answer)["QRS duration"] == "the leads disagree, for it is 174 ms in V1 and 101 ms over all"
    assert NORMAL not in {f.code for f in answer.findings}
    basis = on(m)
    for text in (*DENIALS, "There is right bundle branch block.", "The QRS duration is 101 ms.", "Narrow QRS."):
        assert verdict(text, basis) is Verdict.UNSUPPORTED, text
    usual = on(of(**NARROW_ALONE))
    assert "QRS duration" not in held(asked(of(**NARROW_ALONE)))
    assert verdict("There is no right bundle branch block.", usual) is Verdict.AGREE


@pytest.mark.parametrize(
    ("leads", "width", "spread", "mv", "disagree"),
    [
        (("V1",), 140.0, 4.0, 1.0, True),
        (("V1",), 118.0, 4.0, 1.0, False),
        (("V1",), 140.0, 30.0, 1.0, False),
        (("V1",), 140.0, 4.0, 0.2, False),
        (("III", "aVL"), 140.0, 4.0, 1.0, False),
        (("I", "II", "V6"), 140.0, 4.0, 1.0, True),
    ],
)
def test_leads_disagree_where_v1_or_three_others_are_large_steady_and_wide(
    leads: tuple[str, ...], width: float, spread: float, mv: float, disagree: bool
) -> None:
    high = {"qrs_ms": ms(width, spread), "r_mv": Estimate(mv, "mV", 0.01, 10), "s_mv": Estimate(-0.03, "mV", 0.0, 10)}
    m = of(**NARROW_ALONE, leads=leads_with(**dict.fromkeys(leads, high)))
    assert bool(leads_disagree(m)) is disagree
    assert not leads_disagree(replace(m, qrs_ms=ms(134.0)))


@pytest.mark.parametrize(
    ("loose", "spread", "steady", "disagree"),
    [
        (("I", "II", "III", "aVR", "aVL", "aVF"), 50.0, {}, True),
        (("I", "II", "III", "aVR", "aVL", "aVF"), 4.0, {}, False),
        (("I", "II", "III", "aVR", "aVL", "aVF"), 50.0, {"V2": 150.0}, False),
        (("V1", "V2", "V3", "V4", "V5", "V6", "I", "aVL", "aVF", "aVR"), 50.0, {}, False),
    ],
)
def test_a_wide_qrs_is_not_told_of_loose_leads_alone_where_steady_ones_are_narrow(
    loose: tuple[str, ...], spread: float, steady: dict[str, float], disagree: bool
) -> None:
    wide = {lead: {"qrs_ms": ms(300.0, spread)} for lead in loose}
    m = of(qrs_ms=ms(161.0, 15.0), leads=leads_with(**wide, **{lead: {"qrs_ms": ms(v)} for lead, v in steady.items()}))
    why = held(asked(m)).get("QRS duration", "")
    assert ("the leads disagree" in why and "161 ms over all" in why) is disagree
    found = {f.code for f in asked(m).findings}
    assert bool({"164909002", "59118001", "698252002"} & found) is not disagree


def test_what_needs_a_narrow_qrs_says_that_its_width_is_not_known_and_not_that_it_is_wide() -> None:
    answer = asked(of(qrs_ms=ms(157.0, 31.0)))
    why = held(answer)
    for name in ("hypertrophy", "ST segment"):
        assert why[name] == f"whether the QRS is wide is not known: {why['QRS duration']}"
    assert "wide QRS" not in " ".join(why.values())
    told_ = held(asked(of(qrs_ms=ms(140.0))))
    assert told_["ST segment"] == "not judged in a wide QRS"
    assert verdict("There is no myocardial infarction.", on(of(qrs_ms=ms(157.0, 31.0)))) is Verdict.UNSUPPORTED


def test_the_reason_for_a_withheld_tachycardia_does_not_tell_it() -> None:
    beats = tuple(replace(b, kind=BeatKind.VENTRICULAR) if 3 <= k < 6 else b for k, b in enumerate(of().beats))
    (claim,) = check("There is ventricular tachycardia.", on(of(beats=beats)))
    assert claim.verdict is Verdict.UNSUPPORTED
    assert "follow each other" not in claim.why
    assert "three" not in claim.why


# the axis ---------------------------------------------------------------------------------------------------------

AXES = {"Left axis deviation": "39732003", "Right axis deviation": "47665007", "Extreme axis deviation": "251200008"}


@pytest.mark.parametrize(
    ("deg", "name"),
    [
        (-29.0, ""), (45.0, ""), (89.0, ""), (-32.0, "Left axis deviation"), (-88.0, "Left axis deviation"), (92.0, "Right axis deviation"),
        (153.0, "Right axis deviation"), (178.0, "Right axis deviation"), (-92.0, "Extreme axis deviation"), (-178.0, "Extreme axis deviation"),
    ],
)  # fmt: skip
def test_the_axis_has_the_name_that_the_recommendations_give_it(deg: float, name: str) -> None:
    m = of(axis_deg=deg, axis_spread_deg=0.5)
    found = {f.code for f in asked(m).findings} & set(AXES.values())
    assert found == ({AXES[name]} if name else set())
    basis = on(m)
    for words, code in AXES.items():
        expected = Verdict.AGREE if code in found else Verdict.DISAGREE
        near = min(abs(abs(deg) - limit) for limit in (30.0, 90.0, 180.0)) <= 3.0
        said = verdict(f"{words}.", basis)
        assert said is expected or (near and said is Verdict.AGREE), words
    assert verdict("Normal axis.", basis) is (Verdict.DISAGREE if name and deg not in (-32.0, 92.0) else Verdict.AGREE)


@pytest.mark.parametrize(
    ("deg", "spread", "limit"),
    [(-179.4, 20.7, "180"), (170.0, 12.0, "180"), (-97.0, 10.0, "-90"), (92.0, 6.0, "90"), (86.0, 5.0, "90"), (-27.0, 4.0, "-30")],
)  # fmt: skip
def test_an_axis_whose_spread_reaches_over_a_limit_is_a_number_without_a_name(
    deg: float, spread: float, limit: str
) -> None:
    m = of(axis_deg=deg, axis_spread_deg=spread)
    why = axis_spans(m)
    assert f"{deg:.0f} degrees (spread {spread:.0f})" in why
    assert why.endswith(f"the limit of {limit}")
    answer = asked(m)
    assert not {f.code for f in answer.findings} & {*AXES.values(), NORMAL}
    basis = on(m)
    for text in (
        *(f"{name}." for name in AXES),
        "Normal axis.",
        "No axis deviation.",
        "Left anterior fascicular block.",
    ):
        assert verdict(text, basis) is Verdict.UNSUPPORTED, text
    assert verdict(f"The QRS axis is {deg:.0f} degrees.", basis) is Verdict.AGREE
    report = told("The heart rate is <HR>. The QRS axis is <AXIS>.", replace(plain(), measurements=m)).report
    assert f"[Withheld: axis deviation: {why}.]" in report
    assert not axis_spans(of(axis_deg=60.0, axis_spread_deg=spread))
    left = deg - spread <= -45.0 and deg + spread >= -90.0
    assert verdict("No conduction disturbance.", basis) is (Verdict.UNSUPPORTED if left else Verdict.AGREE)
    assert not axis_spans(of(axis_deg=deg, axis_spread_deg=None))


@pytest.mark.parametrize(
    ("deg", "sides"), [(178.0, "right or extreme"), (-178.0, "right or extreme"), (-88.0, "left or extreme"), (92.0, ""), (-31.0, "")]
)  # fmt: skip
def test_an_axis_near_a_limit_that_has_no_normal_side_is_not_left_open_as_if_it_had(deg: float, sides: str) -> None:
    why = axis_spans(of(axis_deg=deg, axis_spread_deg=6.0))
    assert ("extreme" in why) is bool(sides)
    assert sides in why


# Q waves ----------------------------------------------------------------------------------------------------------


def with_small_r(segment: Segment, *leads: str) -> Segment:
    """The same with an R wave of 0.15 mV in front of what with_q made."""
    signal = segment.signal_mv.copy()
    assert segment.measurements is not None
    for beat in segment.measurements.by_beat:
        if beat.qrs_on is not None and beat.qrs_on >= 20:
            for row in (LEADS.index(lead) for lead in leads):
                level = signal[row, beat.qrs_on - 20 : beat.qrs_on - 8].mean()
                signal[row, beat.qrs_on - 4 : beat.qrs_on + 4] = level + 0.15
    return replace(segment, signal_mv=signal)


def test_a_q_wave_that_is_not_within_the_qrs_of_all_leads_or_behind_an_r_is_none() -> None:
    wall = ("II", "III", "aVF")
    deep = {"q_mv": Estimate(-0.3, "mV", 0.02, 9), "q_ms": ms(60.0, 2.0)}
    m = of(leads=leads_with(**dict.fromkeys(wall, deep)))
    there = with_q(plain(), *wall, ms=60.0)
    assert "Q wave, inferior" in {f.name for f in asked(m, there).findings}
    assert verdict("Pathological Q waves in II and III.", on(m, there)) is Verdict.AGREE
    for none in (plain(), with_q(plain(), *wall, ms=12.0), with_small_r(there, *wall)):
        assert "Q wave, inferior" not in {f.name for f in asked(m, none).findings}
        basis = on(m, none)
        assert verdict("Pathological Q waves in II and III.", basis) is Verdict.UNSUPPORTED
        assert verdict("There is no inferior myocardial infarction.", basis) is Verdict.UNSUPPORTED


# the recording ----------------------------------------------------------------------------------------------------


def scaled(m: Measurements, by: float) -> Measurements:
    """As a recording read with another gain measures."""
    fields = ("p_mv", "q_mv", "r_mv", "s_mv", "t_mv", "st_j_mv", "st_j60_mv", "st_j80_mv", "qrs_area_mvms")
    leads = [
        {f: replace(e, value=e.value * by, spread=e.spread * by) for f in fields if (e := getattr(one, f)) is not None}
        for one in m.leads
    ]
    return replace(m, leads=tuple(replace(one, **new) for one, new in zip(m.leads, leads, strict=True)))


@pytest.mark.parametrize("by", [0.0001, 0.1, 10.0, 10_000.0])
def test_a_gain_that_no_heart_has_is_said_and_no_amplitude_told(by: float) -> None:
    m = scaled(of(), by)
    answer = asked(m)
    assert held(answer)["amplitudes"].endswith("the gain of the recording is in doubt")
    assert {"hypertrophy", "ST segment"} <= held(answer).keys()
    assert not {f.code for f in answer.findings} & {"164873001", "251146004", "164931005", "429622005", NORMAL}
    basis = on(m)
    none_is_judged(
        basis,
        "Low voltage.",
        "No left ventricular hypertrophy.",
        "There is no ST elevation.",
        "Flat T waves in V5.",
    )
    report = told("The heart rate is <HR>. The R wave amplitude is <RAMP:V5> in V5.", replace(plain(), measurements=m)).report  # fmt: skip
    assert "amplitudes: the QRS is " in report
    assert "mV in V5." not in report


@pytest.mark.parametrize(("by", "size"), [(0.0001, "less"), (0.1, "less"), (20.0, "more"), (10_000.0, "more")])
def test_a_recording_read_with_a_gain_that_is_far_off_is_told_so_though_no_beat_may_be_seen(
    by: float, size: str
) -> None:
    r = simulate(SCENARIOS["sinus"], 12.0, seed=3)
    wrong = replace(r, signals=tuple(replace(one, gain=one.gain / by) for one in r.signals))
    answer = interpret(segment_at(wrong, None), None, Nanoseconds(0))
    assert f"{size} than a heart gives: the gain of the recording is in doubt" in held(answer)["amplitudes"]
    assert "amplitudes" not in held(interpret(segment_at(r, None), None, Nanoseconds(0)))


@pytest.mark.parametrize("by", [0.5, 1.0, 2.0])
def test_a_gain_that_a_heart_may_have_is_not_doubted(by: float) -> None:
    assert gain_doubt(scaled(of(), by)) == ""
    assert "amplitudes" not in held(asked(scaled(of(), by)))


def to_the_left(segment: Segment, deg: float = 35.0) -> dict[str, np.ndarray]:
    """The leads of a heart whose axes, also that of P, point further to the left; by Einthoven and Goldberger."""
    row = {lead: segment.signal_mv[k] for k, lead in enumerate(LEADS)}
    x, y, by = row["I"], row["aVF"] * 2.0 / np.sqrt(3.0), np.radians(deg)
    one, foot = x * np.cos(by) + y * np.sin(by), (y * np.cos(by) - x * np.sin(by)) * np.sqrt(3.0) / 2.0
    two = foot + one / 2.0
    limb = {"I": one, "II": two, "III": two - one, "aVR": -(one + two) / 2.0, "aVL": one - two / 2.0, "aVF": foot}
    return row | limb


def exchanged(segment: Segment, arms: bool = True, chest: bool = False) -> Segment:
    """Such a heart with the electrodes of the arms exchanged, and, where it lies to the right, the chest leads falling from V1 on."""
    m = segment.measurements
    assert m is not None
    row = new = to_the_left(segment)
    if arms:
        new = row | {"I": -row["I"], "II": row["III"], "III": row["II"], "aVR": row["aVL"], "aVL": row["aVR"]}
    if chest:
        new = new | {lead: row["V1"] * (1.0 - 0.12 * k) for k, lead in enumerate(LEADS[6:])}
    signal = np.stack([new[lead] for lead in LEADS]).astype(np.float32)
    quality = {one.lead: one.quality for one in m.leads}
    return replace(
        segment, signal_mv=signal, measurements=measure(signal, LEADS, m.beats, quality, m.reachable_hz, m.lost)
    )


def test_a_small_p_wave_that_points_down_is_enough_where_qrs_and_t_of_i_are_those_of_v6_upside_down() -> None:
    segment = plain()
    m = segment.measurements
    assert m is not None

    def waves(p: float, t_six: float) -> Segment:
        one = {"p_mv": p, "t_mv": -0.2, "qrs_area_mvms": -6.0}
        by = {"I": one, "V6": {"t_mv": t_six, "qrs_area_mvms": 24.0}, "aVR": {"qrs_area_mvms": -1.3}}
        rows = tuple(
            replace(lead, **{k: Estimate(v, "mV", 0.01, 9) for k, v in by.get(lead.lead, {}).items()})
            for lead in m.leads
        )
        return replace(segment, measurements=replace(m, leads=rows))

    answer = interpret(waves(-0.02, 0.25), None, Nanoseconds(0))
    (found,) = [f for f in answer.findings if f.code == "251139008"]
    limits = {(e.lead, e.measure): e.limit for e in found.evidence}
    assert limits["I", "QRS net area"] == -1.0
    assert limits["I", "P amplitude"] is None
    for other in (waves(0.02, 0.25), waves(-0.02, -0.1)):
        assert "251139008" not in {f.code for f in interpret(other, None, Nanoseconds(0)).findings}


def test_exchanged_arm_leads_are_said_with_their_numbers_and_limb_leads_judged_no_more() -> None:
    answer = interpret(exchanged(plain()), None, Nanoseconds(0))
    (found,) = [f for f in answer.findings if f.code == "251139008"]
    assert found.text.startswith("Possible limb lead reversal")
    assert found.text.endswith("the chest leads are as usual.")
    assert {("P amplitude", "I"), ("QRS net area", "I"), ("QRS net area", "aVR")} <= {(e.measure, e.lead) for e in found.evidence}  # fmt: skip
    assert {"axis", "limb leads", "inferior ST segment", "lateral ST segment"} <= held(answer).keys()
    assert NORMAL not in {f.code for f in answer.findings}
    basis = Basis.of(exchanged(plain()))
    none_is_judged(
        basis,
        "Right axis deviation.",
        "Normal axis.",
        "There is no myocardial infarction.",
        "The QRS axis is 60 degrees.",
        "T wave inversion in lead I.",
        "The T waves in leads I and aVL are normal.",
        "T wave changes in I and aVL.",
    )
    assert verdict("The T waves are upright in V4, V5 and V6.", basis) is Verdict.AGREE


def test_changes_of_limb_leads_that_may_be_exchanged_are_not_told() -> None:
    text = "The heart rate is <HR>. Impression: repolarisation changes. Diagnosis: nonspecific T wave changes."
    segment = exchanged(plain())
    job = Job("a", segment, None)
    answer = grounded(job, interpret(segment, None, Nanoseconds(0)), text, "", {"STTC": Tier.POSSIBLE})
    assert not any("changes in lead" in one.text for one in answer.sentences)
    assert any("the arm leads may be exchanged" in one.text for one in answer.sentences)


def test_dextrocardia_is_told_apart_by_r_from_v1_to_v6_and_by_nothing_without_chest_leads() -> None:
    (found,) = [f for f in interpret(exchanged(plain(), chest=True), None, Nanoseconds(0)).findings if f.code == "251139008"]  # fmt: skip
    assert "R does not grow from V1 to V6, so that dextrocardia is to be thought of" in found.text
    m = exchanged(plain()).measurements
    assert m is not None
    limb = replace(m, leads=tuple(one for one in m.leads if not one.lead.startswith("V")))
    assert turned(limb).value == "the arm leads may be exchanged, or the heart lie to the right"
    usual = exchanged(plain(), arms=False).measurements
    assert usual is not None
    assert not turned(usual)
    assert not turned(of())
    # without P waves V6 tells it, and nothing does without V6
    assert turned(replace(m, p_wave_present=False)).value == "the arm leads may be exchanged"
    assert not turned(replace(limb, p_wave_present=False))
    assert not turned(replace(usual, p_wave_present=False))


def test_an_axis_whose_areas_cancel_in_both_leads_is_not_known() -> None:
    even = {"r_mv": Estimate(0.45, "mV", 0.02, 11), "s_mv": Estimate(-0.5, "mV", 0.02, 11)}
    small = even | {"qrs_area_mvms": Estimate(-4.7, "mV.ms", 1.9, 11)}
    m = of(leads=leads_with(I=small, aVF=small), axis_deg=149.0, axis_spread_deg=18.0, qrs_ms=ms(104.0))
    assert "cancel each other" in areas_cancel(m)
    assert "Right axis deviation" not in {f.name for f in asked(m).findings}
    assert held(asked(m))["axis"] == areas_cancel(m)
    none_is_judged(on(m), "Right axis deviation.", "Normal axis.", "Rightward axis.", "The QRS axis is 149 degrees.")
    large = even | {"qrs_area_mvms": Estimate(-12.0, "mV.ms", 1.9, 11)}
    assert not areas_cancel(replace(m, leads=leads_with(I=small, aVF=large)))
    assert not areas_cancel(of())


# what is missing --------------------------------------------------------------------------------------------------


def test_a_text_that_does_not_say_which_leads_are_missing_is_told_so_once() -> None:
    limb = LEADS[:6]
    segment = replace(
        plain(), measured=limb, measurements=of(leads=tuple(one for one in of().leads if one.lead in limb))
    )
    said = "Leads V1, V2, V3, V4, V5 and V6 are not available, so nothing is said of them."
    answer = told("The heart rate is <HR>. Diagnosis: sinus rhythm.", segment)
    assert answer.report.count("V6") == 1
    assert said in [one.text for one in answer.sentences if one.verdict is Verdict.AGREE]
    own = "Leads V1, V2, V3, V4, V5 and V6 were not recorded."
    assert told(f"The heart rate is <HR>. {own}", segment).report.count("V6") == 1
    assert interpret(segment, None, Nanoseconds(0)).report.endswith(said)
    assert "missing" not in interpret(plain(), None, Nanoseconds(0)).report


def test_an_unspecific_disturbance_is_told_with_what_bears_it_and_words_that_were_not_read_with_themselves() -> None:
    without = tuple(replace(one, p_mv=None) for one in of().leads)  # one of 0.17 mV would be no absent P wave
    segment = replace(plain(), measurements=of(p_wave_present=False, pr_ms=None, p_ms=None, leads=without))
    report = told("The heart rate is <HR>. Impression: rhythm disturbance.", segment).report
    assert "Impression: rhythm disturbance (no P waves are seen)." in report
    report = told("The heart rate is <HR>. Incomplete fascicular block.", plain()).report
    assert "a statement: nothing" not in report
    assert "a statement with “" in report


def test_an_infarct_that_is_withheld_names_the_lead() -> None:
    deep = {"q_mv": Estimate(-0.3, "mV", 0.02, 9), "q_ms": ms(50.0, 14.0)}
    m = of(leads=leads_with(**dict.fromkeys(("II", "III", "aVF"), deep)))
    (claim,) = check("Inferior myocardial infarction.", on(m, with_q(plain(), "II", "III", "aVF")))
    assert claim.verdict is Verdict.UNSUPPORTED
    assert claim.why.startswith("II: Q 50 ms")


def with_p_in(lead: str, mv: float, spread: float, rate: float = 72.0) -> Segment:
    """A rhythm in which too few leads agree on a P wave, with a wave of this height before the beats of one of them."""
    m = plain().measurements
    assert m is not None
    assert m.rate_bpm is not None
    rows = tuple(
        replace(
            one, p_mv=Estimate(mv, "mV", spread, 12) if one.lead == lead else None, pr_ms=Estimate(180.0, "ms", 4.0, 12)
        )
        for one in m.leads
    )
    by_beat = tuple(replace(one, p=False, pr_ms=None) for one in m.by_beat)
    told = replace(
        m,
        p_wave_present=False,
        pr_ms=None,
        p_ms=None,
        leads=rows,
        by_beat=by_beat,
        rate_bpm=replace(m.rate_bpm, value=rate),
    )
    return replace(plain(), measurements=told)


@pytest.mark.parametrize(
    ("mv", "spread", "rate", "open_"),
    [(0.15, 0.01, 72.0, True), (-0.15, 0.01, 45.0, True), (0.09, 0.01, 72.0, False), (0.15, 0.1, 72.0, False), (0.15, 0.01, 150.0, False)],
)  # fmt: skip
def test_p_waves_that_one_lead_shows_are_neither_seen_nor_absent(
    mv: float, spread: float, rate: float, open_: bool
) -> None:
    segment = with_p_in("II", mv, spread, rate)
    held = {w.name: w.reason for w in interpret(segment, None, Nanoseconds(0)).withheld}
    assert (f"a wave of {mv:.2f} mV begins 180 ms before the QRS in II" in held["rhythm"]) is open_
    assert ("PR interval" in held) is open_
    assert ("no P wave is" in held["rhythm"]) is not open_
    basis = Basis.of(segment)
    for text in ("P waves are absent.", "There are P waves before the QRS complexes."):
        assert (check(text, basis)[0].verdict is Verdict.UNSUPPORTED) is open_, text
