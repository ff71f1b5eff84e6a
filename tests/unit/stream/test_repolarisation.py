"""ST and QT over successive measurements: each alarm just below and above its limit, sustained and passing."""

from dataclasses import replace

import pytest

from ingest.bed import BedContext, PatientClass, Sex
from ingest.frame import BedId
from stream.catalogue import CATALOGUE, Code
from stream.limits import ADULT, NEONATE, Limits
from stream.policy import Policy
from stream.repolarisation import j_limit_mm, st_point
from tests.unit.stream.comparison import Course, lead, measured, ms, mv, without

ST = {Code.ST_HIGH, Code.ST_LOW, Code.ST_MULTI, Code.STE}


@pytest.mark.parametrize("every_s", [15.0, 20.0])
@pytest.mark.parametrize(
    ("name", "mm", "code"),
    [("II", 2.0, None), ("II", 2.05, Code.ST_HIGH), ("V5", -2.0, None), ("V5", -2.05, Code.ST_LOW)],
)
def test_st_of_one_lead_at_its_limit(every_s: float, name: str, mm: float, code: Code | None) -> None:
    course = Course(every_s).go(measured(), 300).go(measured(lead(name, mm)), 300)
    assert course.raised & ST == ({code} if code else set())


@pytest.mark.parametrize("every_s", [15.0, 20.0])
def test_st_is_told_a_minute_after_it_began_and_names_the_lead(every_s: float) -> None:
    course = Course(every_s).go(measured(), 300)
    onset_s = course.at_s - every_s
    course.go(measured(lead("aVF", 3.1)), 300)
    ((at_s, change),) = course.of(Code.ST_HIGH)
    # the ten seconds measured first end up to one interval after the change, and half of them are evidence
    assert 60.0 <= at_s - change.first / 500.0 <= 60.0 + every_s
    assert at_s - onset_s <= 60.0 + every_s
    assert at_s - onset_s >= 55.0 + every_s
    assert (change.value, change.limit, change.detail) == (3.1, 2.0, "aVF")


@pytest.mark.parametrize("every_s", [15.0, 20.0])
def test_st_that_passes_within_a_minute_is_not_told(every_s: float) -> None:
    course = Course(every_s)
    for _ in range(5):
        course.go(measured(lead("II", 4.0)), 45).go(measured(), 60)
    assert course.raised & ST == set()


@pytest.mark.parametrize(
    ("name", "sex", "mm", "true"),
    [
        ("V2", Sex.FEMALE, 2.5, False),
        ("V2", Sex.FEMALE, 2.55, True),
        ("V3", Sex.MALE, 3.5, False),
        ("V3", Sex.MALE, 3.55, True),
        ("V4", Sex.MALE, 2.05, True),
    ],
)
def test_st_may_be_higher_in_v2_and_v3(name: str, sex: Sex, mm: float, true: bool) -> None:
    course = Course(context=BedContext(BedId("b"), sex=sex)).go(measured(lead(name, mm)), 300)
    assert (Code.ST_HIGH in course.raised) == true


def test_st_ends_when_two_measurements_are_back_inside() -> None:
    course = Course().go(measured(lead("II", 3.0)), 100)
    course.go(measured(), 20)
    assert course.of(Code.ST_HIGH, begins=False) == []
    course.go(measured(), 20)
    assert len(course.of(Code.ST_HIGH, begins=False)) == 1


def test_a_lead_whose_spread_exceeds_the_distance_to_the_limit_says_nothing() -> None:
    assert Course().go(measured(lead("II", 2.4, spread_mm=0.5)), 300).raised & ST == set()
    assert Course().go(measured(lead("II", 2.6, spread_mm=0.5)), 300).raised & ST == {Code.ST_HIGH}


def test_a_lead_that_is_not_good_says_nothing() -> None:
    good = frozenset({"I", "V5", "V6"})
    assert Course().go(measured(lead("II", 5.0)), 300, good=good).raised & ST == set()


def test_st_is_read_nearer_to_j_in_a_fast_rhythm() -> None:
    both = replace(lead("II"), st_j60_mv=mv(0.06), st_j80_mv=mv(0.08))
    assert st_point(both, measured(bpm=120.0)) == mv(0.08)
    assert st_point(both, measured(bpm=120.5)) == mv(0.06)


def test_two_leads_beyond_their_limits_are_several() -> None:
    course = Course().go(measured(lead("II", 2.5), lead("V5", -2.5)), 300)
    ((_, change),) = course.of(Code.ST_MULTI)
    assert (change.value, change.detail) == (2.0, "II, V5")
    assert Course().go(measured(lead("II", 2.5)), 300).of(Code.ST_MULTI) == []


@pytest.mark.parametrize(
    ("sex", "age", "mm"),
    [
        (Sex.MALE, 40.0, 2.0),
        (Sex.MALE, 39.0, 2.5),
        (Sex.MALE, None, 2.5),
        (Sex.FEMALE, 30.0, 1.5),
        (Sex.FEMALE, 70.0, 1.5),
        (Sex.UNKNOWN, None, 2.5),
    ],
)
def test_elevation_follows_sex_and_age_in_v2_and_v3(sex: Sex, age: float | None, mm: float) -> None:
    context = BedContext(BedId("b"), sex=sex, age_years=age)
    assert j_limit_mm("V2", context) == mm

    def up(by: float) -> set[Code]:
        leads = [lead(n, 1.9, j_mm=mm + by) for n in ("V2", "V3")]
        return Course(context=context).go(measured(*leads), 300).raised & ST

    assert up(0.0) == set()
    assert up(0.05) == {Code.STE}


@pytest.mark.parametrize(
    ("pair", "mm", "true"),
    [
        (("II", "aVF"), 1.0, False),
        (("II", "aVF"), 1.05, True),
        (("I", "aVL"), 1.05, True),
        (("V4", "V5"), 1.05, True),
        (("II", "V5"), 1.9, False),
        (("V1", "V4"), 1.9, False),
        (("V7", "V8"), 0.5, False),
        (("V7", "V8"), 0.55, True),
        (("V3R", "V4R"), 0.55, True),
    ],
)
def test_elevation_needs_two_contiguous_leads(pair: tuple[str, str], mm: float, true: bool) -> None:
    course = Course().go(measured(*(lead(n, mm, j_mm=mm) for n in pair)), 300)
    assert (Code.STE in course.raised) == true


def test_elevation_of_the_j_point_alone_is_an_edge_of_the_qrs() -> None:
    assert Course().go(measured(*(lead(n, 0.3, j_mm=1.8) for n in ("II", "aVF"))), 300).raised & ST == set()


def test_elevation_is_not_judged_in_a_wide_qrs() -> None:
    leads = [lead(n, 1.8, j_mm=1.8) for n in ("II", "aVF")]
    assert Course().go(measured(*leads, qrs=119.0), 300).raised & ST == {Code.STE}
    assert Course().go(measured(*leads, qrs=121.0), 300).raised & ST == set()


@pytest.mark.parametrize("rhythm", ["vtach", "vfib", "asystole", "unknown", "learning"])
def test_no_st_and_no_qt_are_taken_in_rhythms_that_are_not_conducted(rhythm: str) -> None:
    course = Course().go(measured(lead("II", 5.0), qtc=560.0), 400, rhythm=rhythm)
    assert course.raised == set()
    assert course.st.qtc.baseline is None


@pytest.mark.parametrize("every_s", [15.0, 20.0])
@pytest.mark.parametrize(("qtc", "true"), [(500.0, False), (501.0, True)])
def test_qtc_at_its_limit(every_s: float, qtc: float, true: bool) -> None:
    course = Course(every_s).go(measured(qtc=qtc), 400)
    assert (Code.QTC_HIGH in course.raised) == true


def test_qtc_is_told_after_five_minutes_and_not_before() -> None:
    course = Course().go(measured(), 400)
    onset_s = course.at_s
    course.go(measured(qtc=520.0), 280).go(measured(), 400)
    assert Code.QTC_HIGH not in course.raised
    course.go(measured(qtc=520.0), 320)
    ((at_s, change),) = course.of(Code.QTC_HIGH)
    assert at_s - change.first / 500.0 >= 300.0
    assert onset_s < at_s
    assert (change.value, change.limit) == (520.0, 500.0)


@pytest.mark.parametrize(("qrs", "says"), [(119.0, ""), (140.0, "; QRS 140 ms: QTc overstates repolarisation")])
def test_the_text_of_a_qtc_says_that_a_wide_qrs_is_part_of_it_and_the_alarm_is_the_same(qrs: float, says: str) -> None:
    course = Course().go(measured(qtc=520.0, qrs=qrs), 400)
    ((_, change),) = course.of(Code.QTC_HIGH)
    assert (change.value, change.limit, change.detail) == (520.0, 500.0, says)
    text = CATALOGUE[Code.QTC_HIGH].text.format(value=change.value, limit=change.limit, detail=change.detail)
    assert text == f"QTc 520 ms (limit 500 ms){says}"


@pytest.mark.parametrize(("longer", "true"), [(60.0, False), (61.0, True)])
def test_qtc_against_the_first_five_minutes(longer: float, true: bool) -> None:
    course = Course().go(measured(qtc=410.0), 320)
    assert course.st.qtc.baseline == 410.0
    course.go(measured(qtc=410.0 + longer), 400)
    assert (Code.DQTC_HIGH in course.raised) == true
    assert course.st.qtc.baseline == 410.0


def test_there_is_no_baseline_before_five_minutes_nor_from_few_values() -> None:
    assert Course().go(measured(), 280).st.qtc.baseline is None
    rare = Course()
    for _ in range(12):
        rare.go(measured(), 20).go(None, 80)
    assert rare.st.qtc.baseline is None


def test_qtc_that_spreads_beyond_the_distance_to_its_limit_says_nothing() -> None:
    assert Code.QTC_HIGH not in Course().go(measured(qtc=515.0, spread=20.0), 400).raised
    assert Code.QTC_HIGH in Course().go(measured(qtc=525.0, spread=20.0), 400).raised


@pytest.mark.parametrize(("limits", "most"), [(ADULT, 150.0), (NEONATE, 180.0)])
def test_no_qt_is_given_above_the_rate_of_the_class(limits: Limits, most: float) -> None:
    strict = replace(limits, qtc_ms=400.0)
    assert Code.QTC_HIGH in Course(limits=strict).go(measured(bpm=most, qtc=420.0), 400).raised
    assert Code.QTC_HIGH not in Course(limits=strict).go(measured(bpm=most + 1, qtc=420.0), 400).raised


@pytest.mark.parametrize(
    ("what", "rhythm", "reason"),
    [
        (measured(bpm=155.0), "regular", "rate above 150/min"),
        (replace(measured(), qt_ms=None), "regular", "no T wave end can be found"),
        (replace(measured(), qt_ms=ms(400.0, 40.0)), "regular", "QT differs from beat to beat"),
        (replace(measured(), leads=tuple(replace(m, r_mv=mv(0.1)) for m in measured().leads)), "regular", "small R"),
        (replace(measured(), leads=tuple(replace(m, t_mv=mv(0.02)) for m in measured().leads)), "regular", "small T"),
        (replace(measured(), leads=measured().leads[:2]), "regular", "T wave in too few leads"),
        (replace(measured(bpm=100.0), qt_ms=ms(545.0)), "regular", "T wave runs into the next beat"),
        (measured(), "afib", "rhythm is afib"),
        (None, "regular", "a gap"),
    ],
)
def test_no_qt_for_ten_minutes_is_told_with_its_reason(what, rhythm: str, reason: str) -> None:
    course = Course().go(measured(), 20).go(what, 580, rhythm=rhythm)
    assert Code.CANNOT_ANALYZE_QT not in course.raised
    course.go(what, 40, rhythm=rhythm)
    ((_, change),) = course.of(Code.CANNOT_ANALYZE_QT)
    assert change.detail == reason
    assert change.value >= 600.0
    course.go(measured(), 20)
    assert len(course.of(Code.CANNOT_ANALYZE_QT, begins=False)) == 1


def test_no_st_for_ten_minutes_is_told_with_its_reason() -> None:
    course = Course().go(measured(), 620, good=frozenset())
    ((_, change),) = course.of(Code.CANNOT_ANALYZE_ST)
    assert change.detail == "no lead is good"
    paced = Course(invalid="the patient is paced").go(measured(), 620)
    assert {c.detail for _, c in paced.told} == {"the patient is paced"}
    assert paced.raised == {Code.CANNOT_ANALYZE_ST, Code.CANNOT_ANALYZE_QT}
    assert paced.st.qtc.baseline is None


def test_a_lead_that_is_lost_for_a_moment_neither_raises_nor_ends() -> None:
    high = measured(lead("II", 3.0))
    course = Course().go(high, 40).go(without(high, "II"), 40).go(high, 20)
    assert Code.ST_HIGH in course.raised
    course.go(without(high, "II"), 400)
    assert course.of(Code.ST_HIGH, begins=False) == []
    course.go(without(high, "II"), 300)
    assert len(course.of(Code.ST_HIGH, begins=False)) == 1


def test_a_gap_begins_conditions_anew_and_keeps_the_baseline() -> None:
    course = Course().go(measured(), 320).go(measured(lead("II", 3.0)), 40)
    baseline = course.st.qtc.baseline
    course.st = course.st.interrupted()
    assert course.st.qtc.baseline == baseline
    course.go(measured(lead("II", 3.0)), 40)
    assert Code.ST_HIGH not in course.raised


def test_limits_of_the_policy_hold() -> None:
    limits = Policy(adult=Limits(st_high_mm=1.0, st_delay_s=15.0)).limits(PatientClass.ADULT)
    course = Course(limits=limits).go(measured(lead("II", 1.2)), 60)
    assert Code.ST_HIGH in course.raised


def test_a_unit_may_hold_one_limit_in_every_lead() -> None:
    one = replace(ADULT, st_v2_v3_mm=0.0)
    assert Code.ST_HIGH not in Course().go(measured(lead("V2", 2.4)), 100).raised
    assert Code.ST_HIGH in Course(limits=one).go(measured(lead("V2", 2.4)), 100).raised
