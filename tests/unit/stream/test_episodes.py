"""What is announced of what happens: chains, inhibition, timeouts and refractory times, in samples of the session."""

import itertools
from dataclasses import replace

import msgspec
import pytest

from ingest.bed import BedContext, BedState
from ingest.frame import BedId, Session, SessionId, Signal
from ingest.scenario import Step
from stream.catalogue import ALARMS, CATALOGUE, CODES, Chain, Choices, Code, Kind, Priority, Tone, above
from stream.episodes import Change, Episodes, Place, end_all, release, set_aside, take
from stream.offline import segment_at
from stream.policy import Policy
from stream.trigger import Phase, Trigger
from tests.unit.stream.scripted import patient

RATE = 250.0
SESSION = Session(SessionId(1), BedId("b"), "file", RATE, (Signal("II", "mV", 200.0),))
ALL_ON = Policy(on=frozenset(row.code for row in ALARMS if not row.on))


class Bedside:
    """A bed whose conditions begin and end at seconds of the session."""

    def __init__(self, policy: Policy = ALL_ON, context: BedContext | None = None) -> None:
        self.episodes = Episodes()
        self.place = Place(SESSION, context or BedContext(BedId("b")), policy, (0, 0))

    def begin(self, code: Code, at_s: float) -> Trigger:
        made, *_ = self.take(code, True, at_s)
        return made

    def end(self, code: Code, at_s: float) -> list[Trigger]:
        return self.take(code, False, at_s)

    def take(self, code: Code, begins: bool, at_s: float) -> list[Trigger]:
        sample = round(at_s * RATE)
        return take(Change(code, begins, sample, sample - 10, 1.0, 2.0, (), "V2"), self.episodes, self.place)

    def moment(self, code: Code, at_s: float) -> str:
        """Something happens and is shown for ten seconds; gives what kept it back."""
        made = self.begin(code, at_s)
        self.end(code, at_s + 10.0)
        return made.suppressed_by


def ranked(chain: Chain) -> list[tuple[Code, Code]]:
    rows = [row for row in ALARMS if row.chain is chain and row.rank]
    return [(a.code, b.code) for a, b in itertools.combinations(rows, 2) if a.rank < b.rank]


def test_every_code_has_one_row_and_the_numbers_of_the_rules_follow_it() -> None:
    assert set(CODES) == set(Code) - {Code.REQUESTED}
    assert len(CODES) == len(ALARMS) == len(set(CODES))
    for row in ALARMS:
        assert row.text.format(value=1.0, limit=2.0, detail="V2")
        assert (row.kind is Kind.TECHNICAL) == (row.chain is Chain.TECHNICAL)
        assert row.latching == (row.priority is Priority.HIGH)


@pytest.mark.parametrize(("higher", "lower"), [pair for chain in Chain for pair in ranked(chain)])
def test_within_a_chain_only_the_highest_is_announced(higher: Code, lower: Code) -> None:
    bed = Bedside()
    assert bed.begin(higher, 1.0).suppressed_by == ""
    held = bed.begin(lower, 2.0)
    lesser = list(Priority).index(CATALOGUE[higher].priority) > list(Priority).index(CATALOGUE[lower].priority)
    assert held.suppressed_by == (
        "" if lesser and higher not in CATALOGUE[lower].inhibited_by else f"inhibited by {higher}"
    )


@pytest.mark.parametrize("red", [row.code for row in ALARMS if row.priority is Priority.HIGH])
def test_a_red_alarm_is_blocked_by_red_ones_and_a_contradicting_pulse_alone(red: Code) -> None:
    for other in ALARMS:
        bed = Bedside()
        if other.code is red:
            continue
        bed.begin(other.code, 1.0)
        held = bed.begin(red, 1.5).suppressed_by
        if other.priority is not Priority.HIGH and other.code is not Code.ECG_PULSE_DISAGREE:
            assert held == "", other.code
        assert bool(held) == (other.code in above(red))


def test_vf_and_asystole_are_blocked_by_nothing_but_the_pulse_of_an_asystole() -> None:
    assert above(Code.VFIB) == ()
    assert above(Code.ASYSTOLE) == (Code.ECG_PULSE_DISAGREE,)


def test_a_red_alarm_comes_again_at_once_whatever_was_announced_before() -> None:
    bed = Bedside()
    for at_s in (1.0, 15.0, 29.0):
        assert bed.moment(Code.PAIR_PVC, at_s) == ("" if at_s == 1.0 else bed_reason(at_s))
        assert bed.begin(Code.VTACH, at_s + 11.0).suppressed_by == ""
        bed.end(Code.VTACH, at_s + 12.0)


def bed_reason(at_s: float) -> str:
    return "refractory for 30 s" if at_s < 31.0 else "timeout of PAIR_PVC for 3 min"


@pytest.mark.parametrize(
    ("first", "then", "after_s", "held"),
    [
        (Code.PAIR_PVC, Code.PAIR_PVC, 29.9, "refractory for 30 s"),
        (Code.PAIR_PVC, Code.PAIR_PVC, 30.0, "timeout of PAIR_PVC for 3 min"),
        (Code.PAIR_PVC, Code.PAIR_PVC, 179.9, "timeout of PAIR_PVC for 3 min"),
        (Code.PAIR_PVC, Code.PAIR_PVC, 180.0, ""),
        (Code.PAIR_PVC, Code.BIGEMINY, 60.0, "timeout of PAIR_PVC for 3 min"),
        (Code.BIGEMINY, Code.PAIR_PVC, 60.0, ""),
        (Code.BIGEMINY, Code.MULTIFORM_PVC, 599.9, "timeout of BIGEMINY for 10 min"),
        (Code.BIGEMINY, Code.MULTIFORM_PVC, 600.0, ""),
        (Code.PAIR_PVC, Code.MISSED_BEAT, 60.0, ""),
        (Code.MISSED_BEAT, Code.MISSED_BEAT, 60.0, "timeout of MISSED_BEAT for 3 min"),
        (Code.MISSED_BEAT, Code.PAUSE, 60.0, ""),
        (Code.RUN_PVC, Code.PAIR_PVC, 60.0, ""),
        (Code.PACER_NOT_CAPTURE, Code.PACER_NOT_CAPTURE, 29.9, "refractory for 30 s"),
        (Code.PACER_NOT_CAPTURE, Code.PACER_NOT_CAPTURE, 30.0, ""),
        (Code.HR_HIGH, Code.HR_HIGH, 11.0, ""),
    ],
)
def test_timeouts_and_refractory_times_run_in_samples(first: Code, then: Code, after_s: float, held: str) -> None:
    bed = Bedside()
    assert bed.moment(first, 5.0) == ""
    assert bed.moment(then, 5.0 + after_s) == held


def test_what_was_kept_back_starts_no_clock() -> None:
    bed = Bedside(replace(ALL_ON, timeout_1_min=1.0))
    assert [bed.moment(Code.PAIR_PVC, t) for t in (0.0, 50.0, 60.0)] == ["", "timeout of PAIR_PVC for 1 min", ""]


def test_timeouts_of_nought_leave_the_refractory_time() -> None:
    bed = Bedside(replace(ALL_ON, timeout_1_min=0.0, timeout_2_min=0.0))
    assert [bed.moment(Code.PAIR_PVC, t) for t in (0.0, 29.0, 30.0)] == ["", "refractory for 30 s", ""]


def test_a_condition_that_outlasts_what_kept_it_back_is_announced_then_and_a_moment_is_not() -> None:
    bed = Bedside()
    bed.begin(Code.VFIB, 1.0)
    assert bed.begin(Code.HR_HIGH, 2.0).suppressed_by
    assert bed.begin(Code.PAIR_PVC, 3.0).suppressed_by
    ended, freed = bed.end(Code.VFIB, 9.0)
    assert (ended.code, ended.phase) == (Code.VFIB, Phase.OFFSET)
    assert (freed.code, freed.phase, freed.suppressed_by) == (Code.HR_HIGH, Phase.UPDATE, "")
    assert freed.sample == round(9.0 * RATE)


def test_what_ends_at_the_moment_that_would_free_it_is_not_announced() -> None:
    bed = Bedside()
    bed.begin(Code.EXTREME_BRADY, 1.0)
    kept = bed.begin(Code.HR_LOW, 2.0)
    over = [Change(code, False, 2500, 2500, 1.0, 2.0, ()) for code in (Code.EXTREME_BRADY, Code.HR_LOW)]
    ended = [t for change in over for t in take(change, bed.episodes, bed.place, alone=False)]
    assert [(t.code, t.phase) for t in ended] == [(Code.EXTREME_BRADY, Phase.OFFSET), (Code.HR_LOW, Phase.OFFSET)]
    assert ended[1].suppressed_by == kept.suppressed_by == "inhibited by EXTREME_BRADY"
    assert release(bed.episodes, bed.place, 2500) == []


def test_of_two_that_are_freed_the_lower_stays_behind_the_higher() -> None:
    bed = Bedside()
    bed.begin(Code.VFIB, 1.0)
    bed.begin(Code.HR_HIGH, 2.0)
    bed.begin(Code.EXTREME_TACHY, 3.0)
    _, freed = bed.end(Code.VFIB, 9.0)
    assert freed.code is Code.EXTREME_TACHY
    assert bed.episodes.open[Code.HR_HIGH].suppressed_by


def test_a_condition_is_announced_when_its_timeout_is_over() -> None:
    bed = Bedside()
    bed.moment(Code.PAIR_PVC, 0.0)
    assert bed.begin(Code.BIGEMINY, 100.0).suppressed_by == "timeout of PAIR_PVC for 3 min"
    assert release(bed.episodes, bed.place, round(179.9 * RATE)) == []
    (freed,) = release(bed.episodes, bed.place, round(180.0 * RATE))
    assert (freed.code, freed.phase) == (Code.BIGEMINY, Phase.UPDATE)


def test_an_ecg_that_cannot_be_analysed_replaces_yellow_calls_and_hides_no_red_one() -> None:
    bed = Bedside()
    assert bed.begin(Code.ASYSTOLE, 1.0).suppressed_by == ""
    assert bed.begin(Code.CANNOT_ANALYZE_ECG, 2.0).suppressed_by == ""
    assert bed.episodes.open[Code.ASYSTOLE].suppressed_by == ""
    for row in ALARMS:
        if row.kind is Kind.PHYSIOLOGICAL and row.code not in bed.episodes.open:
            held = bed.begin(row.code, 3.0).suppressed_by
            assert held if row.priority is not Priority.HIGH else held in ("", "inhibited by ASYSTOLE"), row.code
            bed.end(row.code, 3.5)


@pytest.mark.parametrize("rhythm", [Code.VTACH, Code.VFIB, Code.ASYSTOLE])
def test_pvcs_per_minute_st_and_qt_are_silent_in_lethal_rhythms(rhythm: Code) -> None:
    bed = Bedside()
    bed.begin(rhythm, 1.0)
    for code in (Code.PVC_PER_MIN, Code.ST_HIGH, Code.STE, Code.QTC_HIGH, Code.DQTC_HIGH):
        assert bed.begin(code, 2.0).suppressed_by == f"inhibited by {rhythm}"


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        (Code.HR_HIGH, Code.EXTREME_TACHY),
        (Code.BIGEMINY, Code.VTACH),
        (Code.PVC_PER_MIN, Code.ASYSTOLE),
        (Code.ST_HIGH, Code.STE),
        (Code.AFIB_ONSET, Code.VFIB),
        (Code.HR_LOW, Code.CANNOT_ANALYZE_ECG),
    ],
)
def test_what_is_announced_gives_way_when_a_higher_alarm_comes_and_is_back_when_that_is_over(
    lower: Code, higher: Code
) -> None:
    bed = Bedside()
    first = bed.begin(lower, 1.0)
    opened, displaced = bed.take(higher, True, 20.0)
    assert (opened.code, opened.suppressed_by) == (higher, "")
    assert (displaced.id, displaced.phase) == (first.id, Phase.UPDATE)
    assert (displaced.suppressed_by, displaced.sample) == (f"inhibited by {higher}", round(20.0 * RATE))
    _, back = bed.end(higher, 25.0)
    assert (back.id, back.phase, back.suppressed_by) == (first.id, Phase.UPDATE, "")
    assert bed.episodes.displaced == set()


def test_a_red_alarm_that_was_announced_is_never_hidden_by_a_higher_one() -> None:
    for row in ALARMS:
        bed = Bedside()
        if row.priority is Priority.HIGH and not bed.begin(row.code, 1.0).suppressed_by:
            for other in ALARMS:
                # but a tachycardia that the pulse contradicts
                if other.code not in {row.code, Code.ECG_PULSE_DISAGREE}:
                    bed.take(other.code, True, 2.0)
            assert bed.episodes.open[row.code].suppressed_by == ""


def test_what_happened_gives_way_too_and_is_not_told_again() -> None:
    bed = Bedside()
    bed.begin(Code.PAIR_PVC, 1.0)
    _, displaced = bed.take(Code.VFIB, True, 3.0)
    assert (displaced.code, displaced.suppressed_by) == (Code.PAIR_PVC, "inhibited by VFIB")
    assert [t.code for t in bed.end(Code.VFIB, 5.0)] == [Code.VFIB]


def test_the_limits_of_the_rate_have_the_tone_and_the_chain_that_the_unit_chose() -> None:
    short = Bedside(replace(ALL_ON, choices=Choices(hr_tone=Tone.SHORT)))
    assert short.begin(Code.HR_HIGH, 1.0).tone is Tone.SHORT
    short.end(Code.HR_HIGH, 5.0)
    assert short.moment(Code.HR_HIGH, 60.0) == "timeout of HR_HIGH for 3 min"
    assert short.begin(Code.EXTREME_TACHY, 80.0).suppressed_by == ""
    apart = Bedside(replace(ALL_ON, choices=Choices(hr_tone=Tone.SHORT, hr_in_chain=False)))
    assert len(apart.take(Code.EXTREME_TACHY, True, 1.0)) == 1
    assert [apart.moment(Code.HR_HIGH, t) for t in (2.0, 20.0)] == ["", ""]
    apart.begin(Code.VTACH, 40.0)
    assert apart.begin(Code.HR_HIGH, 41.0).suppressed_by == "inhibited by VTACH"


def test_st_elevation_is_red_where_the_unit_chose_so() -> None:
    red = Bedside(replace(ALL_ON, choices=Choices(ste=Priority.HIGH)))
    red.begin(Code.CANNOT_ANALYZE_ECG, 1.0)
    told = red.begin(Code.STE, 2.0)
    assert (told.priority, told.latching, told.suppressed_by) == (Priority.HIGH, True, "")
    plain = Bedside()
    told = plain.begin(Code.STE, 2.0)
    assert (told.priority, told.latching) == (Priority.MEDIUM, False)


@pytest.mark.parametrize("level", [Priority.LOW, Priority.MEDIUM, Priority.HIGH])
def test_leads_off_are_raised_only_when_no_lead_is_left(level: Priority) -> None:
    for off, priority in ((1.0, Priority.LOW), (2.0, level)):
        bed = Bedside(replace(ALL_ON, choices=Choices(leads_off=level)))
        (told,) = take(Change(Code.LEADS_OFF, True, 500, 1, off, 2.0, (), "V1"), bed.episodes, bed.place)
        assert (told.priority, told.latching) == (priority, False)
        assert told.tone is (Tone.SHORT if priority is Priority.LOW else Tone.LONG)


def test_standby_ends_what_was_announced_and_what_lasts_is_announced_anew_behind_it() -> None:
    bed = Bedside()
    asystole, pair = bed.begin(Code.ASYSTOLE, 1.0), bed.begin(Code.PAIR_PVC, 2.0)
    bed.place = replace(bed.place, context=BedContext(BedId("b"), state=BedState.STANDBY))
    made = set_aside(bed.episodes, bed.place, round(4.0 * RATE))
    assert [t.id for t in made if t.phase is Phase.OFFSET] == [asystole.id, pair.id]
    (held,) = [t for t in made if t.phase is Phase.ONSET]
    assert (held.code, held.suppressed_by) == (Code.ASYSTOLE, "bed is on standby")
    assert held.id != asystole.id
    assert set_aside(bed.episodes, bed.place, round(5.0 * RATE)) == []
    assert release(bed.episodes, bed.place, round(6.0 * RATE)) == []
    bed.place = replace(bed.place, context=BedContext(BedId("b")))
    (freed,) = release(bed.episodes, bed.place, round(7.0 * RATE))
    assert (freed.id, freed.suppressed_by) == (held.id, "")


def test_st_and_qt_are_silent_in_a_paced_patient() -> None:
    bed = Bedside(context=BedContext(BedId("b"), paced=True))
    assert bed.begin(Code.ST_HIGH, 1.0).suppressed_by == "the patient is paced"
    assert bed.begin(Code.HR_HIGH, 1.0).suppressed_by == ""


def test_what_is_off_by_default_leaves_no_trace_and_what_is_switched_off_leaves_one() -> None:
    plain = Bedside(Policy())
    assert plain.take(Code.SINGLE_PVC, True, 1.0) == []
    assert plain.take(Code.SINGLE_PVC, False, 2.0) == []
    off = Bedside(Policy(revision=4, off=frozenset({Code.HR_HIGH})))
    assert off.begin(Code.HR_HIGH, 1.0).suppressed_by == "switched off by policy default revision 4"


def test_without_arrhythmia_analysis_the_red_alarms_and_the_limits_of_the_rate_remain() -> None:
    left = []
    for row in ALARMS:
        bed = Bedside(replace(ALL_ON, arrhythmia=False))
        if not bed.begin(row.code, 1.0).suppressed_by and row.kind is Kind.PHYSIOLOGICAL:
            left.append(row)
    assert {r.code for r in left if r.priority is not Priority.HIGH and r.chain not in (Chain.ST, Chain.QT)} == {
        Code.HR_HIGH,
        Code.HR_LOW,
    }
    assert {r.code for r in ALARMS if r.priority is Priority.HIGH} <= {r.code for r in left}


def test_standby_keeps_everything_back_and_records_it() -> None:
    bed = Bedside(context=BedContext(BedId("b"), state=BedState.STANDBY))
    assert bed.begin(Code.ASYSTOLE, 1.0).suppressed_by == "bed is on standby"


def test_what_begins_in_noise_says_so_and_a_trigger_carries_its_tone() -> None:
    bed = Bedside()
    bed.begin(Code.NOISY_ECG, 1.0)
    made = bed.begin(Code.VTACH, 2.0)
    assert made.text == "Ventricular tachycardia 1/min (limit 2/min); the ECG is noisy"
    assert (made.tone, bed.begin(Code.MISSED_BEAT, 3.0).tone) == (Tone.LONG, Tone.SHORT)


def test_the_end_of_a_session_closes_what_is_open_and_a_trigger_comes_back_from_json() -> None:
    bed = Bedside()
    opened = bed.begin(Code.ST_HIGH, 1.0)
    (ended,) = end_all(bed.episodes, 900, bed.place.ns(900))
    assert (ended.id, ended.phase, bed.episodes.open) == (opened.id, Phase.OFFSET, {})
    assert msgspec.json.decode(msgspec.json.encode(ended), type=Trigger) == ended


def test_a_pulse_replaces_a_tachycardia_that_was_announced_and_nothing_else_that_is_red() -> None:
    for code, stays in ((Code.VTACH, False), (Code.RAPID_VT, False), (Code.VFIB, True), (Code.ASYSTOLE, True)):
        bed = Bedside()
        bed.begin(code, 1.0)
        bed.take(Code.ECG_PULSE_DISAGREE, True, 2.0)
        assert bed.episodes.open[code].suppressed_by == ("" if stays else "inhibited by ECG_PULSE_DISAGREE")


@pytest.mark.parametrize(
    ("rhythm", "bpm", "code"),
    [("vf", 72.0, Code.VFIB), ("vt", 190.0, Code.RAPID_VT), ("asystole", 72.0, Code.ASYSTOLE), ("svt", 190.0, Code.REQUESTED)],
)  # fmt: skip
def test_what_is_asked_for_is_a_part_of_the_red_alarm_of_the_rhythm_that_is_open(
    rhythm: str, bpm: float, code: Code
) -> None:
    asked = segment_at(patient(Step("sinus", 30.0, 72.0), Step(rhythm, 20.0, bpm), seed=1), 42.0).trigger
    assert asked.code is code
    assert asked.id == "asked"
    assert (asked.text == "Asked for") is (code is Code.REQUESTED)
