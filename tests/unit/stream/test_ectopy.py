"""Each alarm that beats decide: at its limit, just below and just above, for every class of patient."""

import numpy as np
import pytest

from ingest.bed import PatientClass
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.catalogue import ALARMS, CATALOGUE, Code
from stream.limits import Limits
from stream.offline import analyse
from stream.policy import Policy
from stream.trigger import Phase
from tests.unit.stream.heart import Heart

ADULT, PAEDIATRIC, NEONATE = PatientClass
FAST = {ADULT: 100.0, PAEDIATRIC: 120.0, NEONATE: 150.0}
PVCS = {ADULT: 10, PAEDIATRIC: 5, NEONATE: 5}
SVT = {ADULT: 180.0, PAEDIATRIC: 200.0, NEONATE: 210.0}


def run_of(who: PatientClass, beats: int, bpm: float) -> Heart:
    heart = Heart(who).play("N" * 10)
    heart.beat("V", 0.6)
    return heart.play("V" * (beats - 1), 60.0 / bpm)


@pytest.mark.parametrize("who", PatientClass)
class TestRuns:
    def test_a_pair_is_exactly_two(self, who: PatientClass) -> None:
        assert Code.PAIR_PVC in Heart(who).play("NNNNNNVVN").raised
        assert Code.PAIR_PVC not in Heart(who).play("NNNNNNVNNNVVVN").raised
        assert Code.PAIR_PVC not in Heart(who).play("NNNNNNVV").raised

    def test_a_short_fast_run_is_called_when_it_is_over(self, who: PatientClass) -> None:
        for beats, bpm, true in (
            (3, 1.02, True),
            (4, 1.02, True),
            (3, 0.98, False),
            (5, 1.02, False),
            (2, 1.02, False),
        ):
            heart = run_of(who, beats, FAST[who] * bpm)
            assert Code.NONSUST_VT not in heart.raised
            assert (Code.NONSUST_VT in heart.play("N").raised) == true, (beats, bpm)

    def test_a_run_that_may_become_red_waits_for_its_end_and_a_slow_one_does_not(self, who: PatientClass) -> None:
        assert Code.RUN_PVC not in run_of(who, 4, FAST[who] * 1.02).raised
        assert Code.RUN_PVC in run_of(who, 4, FAST[who] * 1.02).play("N").raised
        assert Code.RUN_PVC in run_of(who, 3, FAST[who] * 0.98).raised
        assert Code.RUN_PVC not in run_of(who, 2, FAST[who] * 0.98).play("N").raised

    def test_a_run_that_became_red_is_no_run_of_pvcs(self, who: PatientClass) -> None:
        heart = run_of(who, 4, FAST[who] * 1.1)
        heart.set(Code.VTACH)
        heart.play("VV", 60.0 / FAST[who] / 1.1)
        heart.set(Code.VTACH, False)
        assert not {Code.RUN_PVC, Code.NONSUST_VT, Code.PAIR_PVC} & set(heart.play("NN").raised)

    def test_ventricular_bradycardia(self, who: PatientClass) -> None:
        for beats, bpm, true in ((5, 39.5, True), (5, 40.5, False), (4, 39.5, False), (6, 39.5, True)):
            assert (Code.VENT_BRADY in run_of(who, beats, bpm).raised) == true, (beats, bpm)
        heart = run_of(who, 5, 39.0)
        heart.play("N")
        assert Code.VENT_BRADY in heart.ended

    def test_ventricular_rhythm(self, who: PatientClass) -> None:
        for beats, bpm, true in ((15, 70.0, True), (14, 70.0, False), (15, FAST[who] * 1.02, False), (15, 39.5, False)):
            assert (Code.VENT_RHYTHM in run_of(who, beats, bpm).raised) == true, (beats, bpm)
        assert Code.VENT_RHYTHM in run_of(who, 15, 70.0).play("N").ended

    def test_pvcs_per_minute(self, who: PatientClass) -> None:
        most = PVCS[who]
        assert Code.PVC_PER_MIN not in Heart(who).play("NNN" + "NNV" * most).raised
        heart = Heart(who).play("NNN" + "NNV" * (most + 1))
        assert Code.PVC_PER_MIN in heart.raised
        assert Code.PVC_PER_MIN in heart.play("N" * 80).ended

    def test_pvcs_further_apart_than_a_minute_do_not_add_up(self, who: PatientClass) -> None:
        assert Code.PVC_PER_MIN not in Heart(who).play(("N" * 15 + "V") * 20).raised

    def test_supraventricular_tachycardia(self, who: PatientClass) -> None:
        for beats, share, true in ((5, 1.01, True), (5, 0.99, False), (4, 1.01, False)):
            heart = Heart(who).play("N" * 12).play("N" * beats, 60.0 / (SVT[who] * share))
            assert (Code.SVT in heart.raised) == true, (beats, share)
        assert Code.SVT in Heart(who).play("N" * 12).play("N" * 6, 60.0 / SVT[who] / 1.05).play("NN").ended

    def test_rapid_and_sustained_tachycardia(self, who: PatientClass) -> None:
        for beats, bpm, true in ((6, 161.0, True), (6, 159.0, False), (5, 161.0, False)):
            heart = run_of(who, beats - 1, bpm)
            heart.set(Code.VTACH)
            heart.play("V", 60.0 / bpm)
            assert (Code.RAPID_VT in heart.raised) == true, (beats, bpm)
        assert Code.RAPID_VT not in run_of(who, 8, 170.0).raised
        heart = run_of(who, 5, 120.0)
        heart.set(Code.VTACH)
        first = heart.s["beat_at"][10]
        while heart.n < first + 29.0 * 500:
            heart.beat("V", 0.5)
        assert Code.VTACH_SUSTAINED not in heart.raised
        heart.play("VVV", 0.5)
        assert Code.VTACH_SUSTAINED in heart.raised
        heart.set(Code.VTACH, False)
        assert {Code.VTACH_SUSTAINED} <= set(heart.rest(0.5).ended)


def test_polymorphic_tachycardia_has_many_shapes() -> None:
    for forms, true in (((1, 2, 3), True), ((1, 2), False)):
        heart = run_of(ADULT, 5, 200.0)
        heart.set(Code.VTACH)
        for k in range(8):
            heart.beat("V", 0.3, forms[k % len(forms)])
        assert (Code.TORSADES_POLYMORPHIC in heart.raised) == true


@pytest.mark.parametrize(
    ("coupling_s", "behind_s", "usual_s", "true"),
    [
        (0.26, 1.01, 0.8, True),
        (0.28, 1.01, 0.8, False),
        (0.26, 0.99, 0.8, False),
        (0.19, 0.76, 0.595, False),
        (0.19, 0.77, 0.605, True),
    ],
)
def test_r_on_t(coupling_s: float, behind_s: float, usual_s: float, true: bool) -> None:
    heart = Heart().play("N" * 8)
    heart.s["usual_rr"] = usual_s * 500.0
    heart.beat("N", usual_s)
    heart.beat("V", coupling_s)
    heart.beat("N", behind_s)
    assert (Code.R_ON_T in heart.raised) == true


@pytest.mark.parametrize(
    ("code", "cycle", "broken"),
    [(Code.BIGEMINY, "NV", "NNNN"), (Code.TRIGEMINY, "NNV", "NNNNN")],
)
def test_patterns_need_three_cycles_and_end_when_broken(code: Code, cycle: str, broken: str) -> None:
    assert code not in Heart().play("NNNN" + cycle * 2).raised
    heart = Heart().play("NNNN" + cycle * 3)
    assert code in heart.raised
    assert code not in heart.play(cycle * 3).ended
    assert code in heart.play(broken).ended


def test_neither_pattern_is_the_other_nor_a_row_of_pairs() -> None:
    assert Code.BIGEMINY not in Heart().play("NNNN" + "NNV" * 8).raised
    assert Code.TRIGEMINY not in Heart().play("NNNN" + "NV" * 8).raised
    assert not {Code.BIGEMINY, Code.TRIGEMINY} & set(Heart().play("NNNN" + "NVV" * 8).raised)


@pytest.mark.parametrize(("between", "true"), [(13, True), (14, False)])
def test_multiform_pvcs_within_so_many_beats(between: int, true: bool) -> None:
    heart = Heart().play("NNNNNN")
    heart.beat("V", 0.6, 1)
    heart.play("N" * between)
    heart.beat("V", 0.6, 2)
    assert (Code.MULTIFORM_PVC in heart.raised) == true


def test_pvcs_of_one_shape_are_not_multiform_nor_is_a_shape_seen_once() -> None:
    assert Code.MULTIFORM_PVC not in Heart().play("NNNNNN" + "NNV" * 5).raised
    heart = Heart().play("NNNNNNVNNN")
    heart.s["form_beats"][2] = 1
    heart.beat("V", 0.6, 2)
    assert Code.MULTIFORM_PVC not in heart.raised


def test_a_single_pvc_is_a_moment_that_ends_after_ten_seconds() -> None:
    heart = Heart().play("NNNNNNVN")
    assert heart.raised == [Code.SINGLE_PVC]
    assert heart.play("N" * 11).ended == []
    assert heart.play("NN").ended == [Code.SINGLE_PVC]


def test_nothing_is_called_while_fibrillation_is_open() -> None:
    heart = Heart().play("NNNNNN")
    heart.set(Code.VFIB)
    assert heart.play("VVNVNVVVN").raised == []


@pytest.mark.parametrize(
    ("who", "usual_s", "rr_s", "true"),
    [
        (ADULT, 0.8, 1.41, True),
        (ADULT, 0.8, 1.39, False),
        (ADULT, 0.8, 2.01, False),
        (ADULT, 0.55, 1.01, True),
        (ADULT, 0.55, 0.99, False),
        (PAEDIATRIC, 0.8, 1.41, True),
        (PAEDIATRIC, 0.8, 1.51, False),
        (NEONATE, 0.4, 1.01, True),
        (NEONATE, 0.4, 0.99, False),
    ],
)
def test_a_missed_beat(who: PatientClass, usual_s: float, rr_s: float, true: bool) -> None:
    heart = Heart(who).play("NNNNNN")
    heart.s["usual_rr"] = usual_s * 500.0
    heart.beat("N", usual_s)
    heart.beat("N", rr_s)
    assert (Code.MISSED_BEAT in heart.raised) == true


def test_a_compensatory_pause_and_a_paced_heart_miss_no_beat() -> None:
    heart = Heart().play("NNNNNNNVN", V=0.5)
    heart.beat("N", 1.6)
    assert Code.MISSED_BEAT not in heart.raised
    paced = Heart(paced=True).play("NNNNNN")
    paced.beat("N", 1.6)
    assert Code.MISSED_BEAT not in paced.raised


@pytest.mark.parametrize(("who", "pause_s"), [(ADULT, 2.0), (PAEDIATRIC, 1.5), (NEONATE, 1.5)])
def test_pauses_per_minute(who: PatientClass, pause_s: float) -> None:
    for pauses, long_s, true in ((9, pause_s, True), (8, pause_s, False), (9, pause_s - 0.01, False)):
        heart = Heart(who).play("NNNN")
        for _ in range(pauses):
            heart.beat("N", long_s)
            heart.play("NN")
        assert (Code.PAUSES_PER_MIN in heart.raised) == true, (pauses, long_s)
    assert Code.PAUSES_PER_MIN in Heart(who).play("N" * 4).play("N" * 12, pause_s).play("N" * 60).ended


def uneven(heart: Heart, seconds: float, wide: float = 1.25) -> Heart:
    stop = heart.n + seconds * 500
    while heart.n < stop:
        heart.play("N", 0.8).play("N", 0.8 * wide).play("N", 0.8 / wide)
    return heart


@pytest.mark.parametrize("who", PatientClass)
def test_an_irregular_rate_lasts_for_a_minute_before_it_is_called(who: PatientClass) -> None:
    assert Code.IRREGULAR_HR not in uneven(Heart(who).play("N" * 14), 58.0).raised
    heart = uneven(Heart(who).play("N" * 14), 75.0)
    assert Code.IRREGULAR_HR in heart.raised
    assert Code.IRREGULAR_HR_END not in heart.play("N" * 140).raised
    assert Code.IRREGULAR_HR_END in heart.play("N" * 40).raised
    assert Code.IRREGULAR_HR in heart.ended


def test_small_differences_are_regular_and_fibrillation_of_the_atria_is_called_alone() -> None:
    assert Code.IRREGULAR_HR not in uneven(Heart().play("N" * 14), 90.0, 1.04).raised
    heart = uneven(Heart().play("N" * 14), 75.0)
    heart.set(Code.AFIB_ONSET)
    assert Code.IRREGULAR_HR in uneven(heart, 2.0).ended
    assert uneven(heart, 120.0).raised.count(Code.IRREGULAR_HR) == 1


@pytest.mark.parametrize(("delay_s", "true"), [(0.29, False), (0.31, True), (None, True)])
def test_a_pulse_that_does_not_capture(delay_s: float | None, true: bool) -> None:
    heart = Heart(paced=True).play("NNNNNN")
    heart.rest(0.6).pace()
    if delay_s is not None:
        heart.beat("N", delay_s)
    heart.rest(1.2)
    assert (Code.PACER_NOT_CAPTURE in heart.raised) == true


def test_a_pulse_on_a_beat_of_its_own_shows_nothing() -> None:
    heart = Heart(paced=True).play("NNNNNN")
    heart.rest(0.2).pace()
    assert Code.PACER_NOT_CAPTURE not in heart.rest(1.0).raised


def test_pulses_of_a_bed_that_is_not_paced_are_not_judged() -> None:
    for paced in (False, None):
        heart = Heart(paced=paced).play("NNNNNN")
        heart.rest(0.6).pace()
        assert heart.rest(1.3).raised == []


@pytest.mark.parametrize(("silence_s", "true"), [(1.30, False), (1.80, True)])
def test_a_silent_pacer(silence_s: float, true: bool) -> None:
    heart = Heart(paced=True).play("NNNNNN")
    heart.rest(0.6).pace()
    heart.beat("N", 0.15)
    heart.rest(silence_s + 0.45)
    assert (Code.PACER_NOT_PACING in heart.raised) == true
    heart.beat("N", 0.1)
    assert (Code.PACER_NOT_PACING in heart.rest(0.5).ended) == true


def test_without_any_flag_nothing_is_said_of_the_pacer() -> None:
    assert Heart(paced=True).play("NNNNNN").rest(3.0).raised == []


def test_the_ends_of_the_ranges_of_runs() -> None:
    long = Policy(adult=Limits(vtach_beats=12, vent_rhythm_beats=99, run_beats=12, pvc_per_min=100))
    heart = Heart(policy=long).play("N" * 10 + "V" * 11, V=0.5)
    assert Code.RUN_PVC not in heart.play("N").raised
    assert Code.NONSUST_VT in heart.raised
    assert Code.RUN_PVC in Heart(policy=long).play("N" * 10 + "V" * 12 + "N", V=0.5).raised
    heart = Heart(policy=long).play("N" * 10 + "V" * 100, V=0.7)
    assert (Code.VENT_RHYTHM in heart.raised, Code.PVC_PER_MIN in heart.raised) == (True, False)


def test_moments_are_the_codes_that_the_rules_end_by_themselves() -> None:
    short = {row.code for row in ALARMS if row.moment}
    assert {Code.PAIR_PVC, Code.NONSUST_VT, Code.RUN_PVC, Code.MISSED_BEAT} <= short
    assert not {code for code in short if CATALOGUE[code].latching}


def test_a_run_whose_waves_become_less_plain_is_one_alarm() -> None:
    # the patient of `vigil bench beds --beds 500` whose tachycardia was ended and told once more while it went on
    rng = np.random.default_rng((500, 450))
    rate = float(60 + 30 * rng.random())
    begin = float(12 + 28 * rng.random())
    steps = (Step("sinus", begin, rate), Step("vt", 6.0, 170.0), Step("sinus", 60.0, rate))
    told = analyse(simulate(Scenario("bench", steps), 60.0, seed=950), 0.25).triggers
    told = [(t.phase, t.sample / t.rate_hz) for t in told if t.code is Code.VTACH]
    assert [phase for phase, _ in told] == [Phase.ONSET, Phase.OFFSET]
    assert told[1][1] > 20.0
