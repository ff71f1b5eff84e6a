"""Conduction and rhythm over successive measurements, and the atria of ten seconds."""

from dataclasses import replace

import pytest

from ingest.bed import Baseline, BedContext
from ingest.frame import BedId
from ingest.scenario import SCENARIOS, Scenario, Step
from ingest.simulator import simulate
from stream import atria
from stream.atria import Atria, AvBlock, Train, judge
from stream.bank import Bank
from stream.catalogue import Code
from stream.conduction import block_kind
from stream.limits import Limits
from stream.measurement import Beat, BeatKind, Measurements
from stream.offline import frames, segment_at
from stream.trigger import Phase, Segment, Trigger
from stream.watch import Seen
from tests.unit.stream.comparison import CONTEXT, Course, lead, measured

LEFT = (lead("V1", area=-60.0), lead("V6", area=60.0))
RIGHT = (lead("V1", area=40.0), lead("V6", area=20.0))


@pytest.mark.parametrize("every_s", [15.0, 20.0])
@pytest.mark.parametrize(("wider", "true"), [(40.0, False), (41.0, True)])
def test_qrs_against_the_first_five_minutes(every_s: float, wider: float, true: bool) -> None:
    course = Course(every_s).go(measured(qrs=90.0), 330).go(measured(qrs=90.0 + wider), 400)
    assert (Code.QRS_WIDENING in course.raised) == true


@pytest.mark.parametrize(("qrs", "true"), [(160.0, False), (161.0, True)])
def test_qrs_at_its_own_limit(qrs: float, true: bool) -> None:
    course = Course().go(measured(qrs=140.0), 320).go(measured(qrs=qrs), 400)
    assert (Code.QRS_WIDENING in course.raised) == true


def test_a_qrs_that_is_wide_for_four_minutes_is_not_told() -> None:
    course = Course()
    for _ in range(3):
        course.go(measured(qrs=170.0), 240).go(measured(), 60)
    assert Code.QRS_WIDENING not in course.raised


def test_a_qrs_that_differs_from_beat_to_beat_or_is_wider_than_any_says_nothing() -> None:
    assert Code.QRS_WIDENING not in Course().go(measured(qrs=190.0, spread=16.0), 500).raised
    assert Code.QRS_WIDENING not in Course().go(measured(qrs=230.0), 500).raised


@pytest.mark.parametrize(("shape", "kind"), [(LEFT, "left"), (RIGHT, "right")])
@pytest.mark.parametrize(("qrs", "true"), [(119.0, False), (120.0, False), (121.0, True)])
def test_a_block_that_the_baseline_did_not_have(shape, kind: str, qrs: float, true: bool) -> None:
    course = Course().go(measured(), 320).go(measured(*shape, qrs=qrs), 100)
    assert (Code.NEW_BBB in course.raised) == true
    assert course.conduction.new_block == true
    if true:
        assert course.of(Code.NEW_BBB)[0][1].detail == f"{kind} bundle branch block"


def test_a_block_is_new_only_against_a_baseline_and_only_when_it_stays() -> None:
    block = measured(*LEFT, qrs=150.0)
    assert Code.NEW_BBB not in Course().go(block, 1000).raised
    assert Code.NEW_BBB not in Course().go(measured(), 320).go(block, 40).go(measured(), 60).go(block, 40).raised
    assert Code.NEW_BBB in Course().go(block, 320).go(measured(*RIGHT, qrs=175.0), 100).raised


def test_a_known_block_that_grows_wider_is_no_new_one() -> None:
    course = Course().go(measured(*LEFT, qrs=125.0), 320).go(measured(*LEFT, qrs=158.0), 100)
    assert Code.NEW_BBB not in course.raised


def test_a_block_without_v1_has_no_kind() -> None:
    what = measured(*LEFT, qrs=150.0)
    assert block_kind(replace(what, leads=tuple(m for m in what.leads if m.lead != "V1"))) is None


@pytest.mark.parametrize(("seconds", "true"), [(60.0, False), (80.0, True)])
def test_a_rhythm_that_differs_from_the_baseline(seconds: float, true: bool) -> None:
    course = Course().go(measured(), 320).go(measured(), seconds, rhythm="afib").go(measured(), 60)
    assert (Code.RHYTHM_CHANGE in course.raised) == true
    if true:
        assert course.of(Code.RHYTHM_CHANGE)[0][1].detail == "afib, was regular"
        assert len(course.of(Code.RHYTHM_CHANGE, begins=False)) == 1


def test_a_rhythm_that_is_not_known_is_no_other_rhythm() -> None:
    assert Course().go(measured(), 320).go(measured(), 600, rhythm="unknown").raised & {Code.RHYTHM_CHANGE} == set()
    assert Course().go(measured(), 600, rhythm="unknown").conduction.rhythm.baseline is None


def signed(baseline: Baseline) -> Course:
    return Course(context=replace(CONTEXT, baseline=baseline, baseline_by="mary"))


def by_pacer(share: float) -> Measurements:
    kinds = [BeatKind.PACED] * round(10 * share) + [BeatKind.NORMAL] * round(10 * (1 - share))
    return replace(measured(), beats=tuple(Beat(400 * k, kind) for k, kind in enumerate(kinds)))


@pytest.mark.parametrize(("seconds", "true"), [(60.0, False), (80.0, True)])
def test_a_signed_baseline_holds_from_the_first_minute_and_the_change_must_last(seconds: float, true: bool) -> None:
    course = signed(Baseline.SINUS).go(measured(), 20).go(measured(), seconds, rhythm="afib").go(measured(), 60)
    assert (Code.RHYTHM_CHANGE in course.raised) == true
    if true:
        assert course.of(Code.RHYTHM_CHANGE)[0][1].detail == "afib, signed as sinus"
        assert len(course.of(Code.RHYTHM_CHANGE, begins=False)) == 1


@pytest.mark.parametrize(
    ("baseline", "what", "rhythm", "differs"),
    [
        (Baseline.SINUS, measured(), "regular", False),
        (Baseline.SINUS, measured(), "irregular", False),
        (Baseline.SINUS, replace(measured(), p_wave_present=False), "regular", False),
        (Baseline.SINUS, by_pacer(0.5), "regular", True),
        (Baseline.SINUS, by_pacer(0.4), "regular", False),
        (Baseline.SINUS, measured(), "vtach", True),
        (Baseline.AFIB, measured(), "afib", False),
        (Baseline.AFIB, measured(), "irregular", False),
        (Baseline.AFIB, measured(), "regular", True),
        (Baseline.AFIB, measured(), "unknown", False),
        (Baseline.PACED, by_pacer(1.0), "regular", False),
        (Baseline.PACED, by_pacer(0.4), "regular", True),
        (Baseline.PACED, measured(), "afib", True),
    ],
)
def test_what_departs_from_a_signed_rhythm(baseline: Baseline, what: Measurements, rhythm: str, differs: bool) -> None:
    course = signed(baseline).go(what, 400, rhythm=rhythm)
    assert (Code.RHYTHM_CHANGE in course.raised) == differs


def on_a_bed(script: Scenario, seconds: float, baseline: Baseline) -> list[Trigger]:
    """What is told of the rhythm of a simulated patient with a signed baseline."""
    recording, bank = simulate(script, seconds, seed=4, rate_hz=250.0, name="signed"), Bank(20.0)
    bank.set_context(BedContext(BedId("signed"), baseline=baseline, baseline_by="mary"))
    return [t for frame in frames(recording) for t in bank.take([frame]).triggers if t.code is Code.RHYTHM_CHANGE]


def test_a_bed_is_held_against_the_rhythm_that_was_signed() -> None:
    told = on_a_bed(SCENARIOS["sinus"], 120.0, Baseline.AFIB)
    assert [t.phase for t in told] == [Phase.ONSET, Phase.OFFSET]
    assert told[0].suppressed_by == ""
    assert "regular, signed as afib" in told[0].text
    assert 60.0 <= told[0].sample / 250.0 <= 95.0
    assert on_a_bed(SCENARIOS["sinus"], 120.0, Baseline.SINUS) == []


def test_an_atrial_fibrillation_that_is_announced_is_told_once_and_the_change_of_rhythm_is_recorded() -> None:
    script = Scenario("af", (Step("sinus", 30.0), Step("af", 200.0, 92.0)))
    told = on_a_bed(script, 180.0, Baseline.SINUS)
    assert told[0].suppressed_by == "inhibited by AFIB_ONSET"
    assert "afib, signed as sinus" in told[0].text


def blocked(block: AvBlock, dropped: int = 2):
    def change(seen: Seen) -> Seen:
        return replace(seen, atria=Atria((100, 500), 75.0, dropped, block))

    return change


@pytest.mark.parametrize(("block", "code"), [(AvBlock.SECOND, Code.AV_BLOCK_2), (AvBlock.THIRD, Code.AV_BLOCK_3)])
def test_av_block_is_told_when_it_stays(block: AvBlock, code: Code) -> None:
    once = Course().go(measured(), 100, blocked(AvBlock.NONE))
    once.go(measured(), 20, blocked(block)).go(measured(), 60, blocked(AvBlock.NONE))
    assert code not in once.raised
    course = Course().go(measured(bpm=40.0), 60, blocked(block))
    ((_, change),) = course.of(code)
    assert change.value == (2.0 if block is AvBlock.SECOND else 40.0)
    course.go(measured(), 40, blocked(AvBlock.NONE))
    assert len(course.of(code, begins=False)) == 1


def test_the_delay_of_av_block_is_that_of_the_policy() -> None:
    course = Course(limits=Limits(av_block_s=100.0)).go(measured(), 100, blocked(AvBlock.THIRD))
    assert Code.AV_BLOCK_3 not in course.raised
    assert Code.AV_BLOCK_3 in course.go(measured(), 40, blocked(AvBlock.THIRD)).raised


# the atria of ten seconds --------------------------------------------------------------------------------------------


def waves(period_s: float, first_s: float = 0.3, count: int = 11) -> Train:
    return Train(tuple(first_s + period_s * k for k in range(count)), (True,) * count)


def following(train: Train, distance_s: float, skip: tuple[int, ...]) -> list[float]:
    return [at + distance_s for k, at in enumerate(train.at_s) if k not in skip]


def test_a_p_wave_without_a_qrs_is_second_degree() -> None:
    train = waves(0.85)
    onsets = following(train, 0.12, (4, 8))
    found = judge(train, onsets, [False] * len(onsets))
    assert (found.block, found.dropped) == (AvBlock.SECOND, 2)


def test_every_p_wave_with_its_qrs_is_none_however_long_the_distance() -> None:
    train = waves(0.85)
    for distance_s in (0.08, 0.2, 0.36):
        onsets = following(train, distance_s, ())
        assert judge(train, onsets, [False] * len(onsets)).block is AvBlock.NONE


def test_a_p_wave_that_was_only_reckoned_is_not_dropped() -> None:
    train = waves(0.85)
    hidden = replace(train, seen=tuple(k != 4 for k in range(11)))
    onsets = following(train, 0.12, (4,))
    assert judge(hidden, onsets, [False] * len(onsets)).block is AvBlock.NONE


def test_a_p_wave_next_to_an_ectopic_beat_is_not_dropped() -> None:
    train = waves(0.85)
    onsets = sorted([*following(train, 0.12, (4,)), train.at_s[4] - 0.1])
    ectopic = [abs(at - (train.at_s[4] - 0.1)) < 0.01 for at in onsets]
    assert judge(train, onsets, ectopic).block is AvBlock.NONE


def test_a_p_wave_before_an_ectopic_beat_is_not_dropped() -> None:
    train = waves(0.85)
    late = train.at_s[4] + 0.5
    onsets = sorted([*following(train, 0.12, (4,)), late])
    assert judge(train, onsets, [at == late for at in onsets]).block is AvBlock.NONE


def test_distances_that_wander_without_a_pattern_are_no_second_degree() -> None:
    train = waves(0.85)
    onsets = [at + (0.1 if k % 2 else 0.3) for k, at in enumerate(train.at_s) if k not in (4, 8)]
    assert judge(train, onsets, [False] * len(onsets)).block is AvBlock.NONE


def test_regular_qrs_anywhere_in_the_p_cycle_are_third_degree() -> None:
    onsets = [0.6 + 1.57 * k for k in range(6)]
    assert judge(waves(0.71, count=14), onsets, [False] * 6).block is AvBlock.THIRD
    wandering = [at + 0.15 + 0.05 * (k % 3) for k, at in enumerate(waves(0.71, count=14).at_s[::2])]
    assert judge(waves(0.71, count=14), wandering, [False] * 7).block is not AvBlock.THIRD
    irregular = [at + (0.25 if k == 3 else 0.0) for k, at in enumerate(onsets)]
    assert judge(waves(0.71, count=14), irregular, [False] * 6).block is not AvBlock.THIRD


def test_two_to_one_is_second_not_third_degree() -> None:
    train = waves(0.8, count=12)
    onsets = following(train, 0.15, tuple(range(1, 12, 2)))
    assert judge(train, onsets, [False] * len(onsets)).block is AvBlock.SECOND


def played(rhythm: str, rate: float, seed: int, conduction: str = "N") -> Segment:
    """The last ten seconds of half a minute that ends in this rhythm."""
    script = Scenario("x", (Step("sinus", 10.0), Step(rhythm, 20.0, rate)), conduction)
    return segment_at(simulate(script, 30.0, seed=seed, name="x"), None)


@pytest.mark.parametrize(
    ("rhythm", "rate", "block"),
    [
        ("wenckebach", 72.0, AvBlock.SECOND),
        ("mobitz", 72.0, AvBlock.SECOND),
        ("mobitz", 60.0, AvBlock.SECOND),
        ("avblock3", 38.0, AvBlock.THIRD),
        ("avblock3", 45.0, AvBlock.THIRD),
    ],
)
def test_av_blocks_of_the_simulator_are_seen(rhythm: str, rate: float, block: AvBlock) -> None:
    found = [look(played(rhythm, rate, seed)) for seed in (1, 2, 3)]
    assert [f.block for f in found if f is not None].count(block) >= 2


@pytest.mark.parametrize("rhythm", ["sinus", "avblock1", "af", "pvc", "bigeminy", "couplet", "vt", "paced"])
def test_nothing_else_of_the_simulator_is_taken_for_an_av_block(rhythm: str) -> None:
    for seed in (1, 2):
        for rate in (55.0, 90.0):
            found = look(played(rhythm, max(rate, 130.0) if rhythm == "vt" else rate, seed))
            assert found is None or found.block is AvBlock.NONE, (rhythm, seed, rate)


@pytest.mark.parametrize("conduction", ["L", "R"])
def test_bundle_branch_blocks_of_the_simulator_have_their_kind(conduction: str) -> None:
    for seed in (1, 2):
        what = played("sinus", 70.0, seed, conduction).measurements
        assert what is not None
        assert block_kind(what) == {"L": "left", "R": "right"}[conduction]
        plain = played("sinus", 70.0, seed).measurements
        assert plain is not None
        assert block_kind(plain) == "none"


def look(segment: Segment) -> Atria | None:
    return atria.look(segment, frozenset(segment.measured))
