"""How figures are taken: matching, classes, runs, rates, intervals of confidence, and what a score does with odd folders."""

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from infra.bench.signal import STAGES, everything_on, with_pulse
from infra.cli import main
from infra.score import (
    alarms,
    beats,
    boundaries,
    ec57,
    intervals,
    learn,
    learn_alarms,
    learn_delineation,
    noise,
    rhythms,
    run,
)
from infra.score.ec57 import beats_of
from ingest.frame import BedId
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.bank import Bank
from stream.catalogue import CATALOGUE, Code
from stream.delineate import CHOSEN, Limits
from stream.models import models
from stream.offline import frames
from stream.policy import Pulse, problems
from stream.pulse import TRUSTED
from stream.trigger import Phase


def test_matching_is_one_to_one_and_takes_the_nearest() -> None:
    truth = np.array([100, 200, 300])
    assert ec57.pairs(np.array([101, 103, 199, 420]), truth, 10) == [(0, 0), (2, 1)]
    assert ec57.pairs(np.array([92, 101, 200, 300]), truth, 10) == [(1, 0), (2, 1), (3, 2)]
    assert ec57.pairs(truth, truth[:0], 10) == []


def table(truth: str, told: str) -> np.ndarray:
    """Confusion of beats one second apart; `-` is a beat that is not there."""
    found, there = (beats_of((k * 100, m) for k, m in enumerate(text) if m != "-") for text in (told, truth))
    return ec57.confusion(found, there, ec57.pairs(found.at, there.at, 10))


def test_a_fusion_told_as_v_is_neither_right_nor_wrong() -> None:
    counts = table("NNVVFLAQ-r-", "NVVNVNNVVVN")
    assert ec57.detected(counts) == (9, 0, 2)
    assert ec57.of_class(counts, "V") == (2, 1, 2)
    assert ec57.of_class(counts, "S") == (0, 1, 0)
    assert ec57.of_class(counts, "N") == (2, 1, 3)
    assert ec57.false_v_rate(counts) == 2 / (2 + 4)
    assert ec57.of_class(table("NV", "--"), "V") == (0, 1, 0)


def test_letters_of_the_annotations_have_their_aami_classes() -> None:
    by_class = {"N": "NLRejB", "S": "AaJS", "V": "VEr", "F": "F", "Q": "/fQ"}
    assert all(ec57.AAMI[letter] == name for name, letters in by_class.items() for letter in letters)
    assert "+" not in ec57.AAMI
    assert "!" not in ec57.AAMI


def test_runs_are_told_by_their_length_and_fibrillation_is_a_long_one() -> None:
    reference = beats_of((k * 100, m) for k, m in enumerate("NVVNVFVNNVVVVVVVNV"))
    assert [length for _, _, length in ec57.runs(reference)] == [2, 3, 7, 1]
    told = beats_of((k * 100, m) for k, m in enumerate("NVVNVNVNNVVVVVVVNV"))
    found = ec57.run_table(reference, told, 10)
    assert [ec57.run_cells(found, kind) for kind in ("couplet", "short", "long")] == [(1, 0), (0, 1), (1, 0)]
    right = ec57.run_table(told, reference, 10)
    assert [ec57.run_cells(right, kind) for kind in ("couplet", "short", "long")] == [(1, 0), (0, 0), (1, 0)]
    vf = ec57.with_fibrillation(beats_of([(0, "N"), (2000, "N")]), [(500, 1500)])
    assert ec57.runs(vf) == [(500, 1500, 6)]


def test_a_rate_is_wrong_beyond_ten_per_cent_and_five_bpm_and_unknown_is_neither() -> None:
    assert not ec57.is_wrong(54.9, 50.0)
    assert ec57.is_wrong(55.1, 50.0)
    assert not ec57.is_wrong(164.0, 150.0)
    assert ec57.is_wrong(134.0, 150.0)
    truth = np.arange(0, 100_000, 100)  # 60/min at 100 samples a second
    shown = [(stop, 60.0) for stop in range(100, 6001, 100)]
    right = ec57.rates(shown, truth, 100.0, 0.0, [])
    assert (right.stretches, right.known, right.wrong, right.seconds) == (5, 5, 0, 51)
    shown[29] = (3000, 80.0)
    shown[38] = (3900, None)
    odd = ec57.rates(shown, truth, 100.0, 0.0, [])
    assert (odd.stretches, odd.known, odd.wrong, odd.wrong_within, odd.seconds_known) == (5, 4, 0, 1, 50)
    at_the_end = ec57.rates([(s, 80.0 if s == 2900 else b) for s, b in shown], truth, 100.0, 0.0, [])
    assert at_the_end.wrong == 1
    assert ec57.rates(shown, truth, 100.0, 0.0, [(2500, 2600)]).stretches < odd.stretches


def test_errors_are_counted_in_the_ten_seconds_in_which_they_lie() -> None:
    truth = beats_of((at, "N") for at in range(0, 4000, 100))
    found = truth.where(~np.isin(truth.at, [1200, 1300, 3900]))
    same = ec57.pairs(found.at, truth.at, 10)
    assert ec57.errors_by_stretch(found, truth, same, 0.0, 100.0).tolist() == [0, 2, 0, 1]


def test_intervals_of_confidence_are_the_same_every_time_and_hold_the_figure() -> None:
    rows = np.column_stack([np.arange(90, 110), np.full(20, 5)])
    first, again = (run.interval(rows, run.ratio(0, 1)) for _ in range(2))
    assert first == again
    assert first["low"] < rows[:, 0].sum() / rows.sum() < first["high"]
    assert run.interval(rows[:1], run.ratio(0, 1)) == {"low": None, "high": None}
    assert run.interval([3.0] * 9, run.mean) == {"low": 3.0, "high": 3.0}


def test_splits_are_de_chazals_and_hold_no_paced_record() -> None:
    split = run.splits()
    assert len(split["ds1"]) == len(split["ds2"]) == 22
    assert not split["ds1"] & split["ds2"]
    assert split["paced"] == {"102", "104", "107", "217"}
    assert not split["paced"] & (split["ds1"] | split["ds2"])


def test_the_ratio_of_a_noise_record_stands_in_its_name() -> None:
    assert [beats.noise_db(n) for n in ("118e06", "119e_6", "118e24", "118", "em")] == ["6", "-6", "24", None, None]


def scored(name: str, truth: str, told: str) -> beats.Scored:
    runs = np.zeros((ec57.LONG + 1, ec57.LONG + 1), int)
    return beats.Scored(
        name, table(truth, told), (0, 0, 0), runs, runs, ec57.Rates(10, 10, 1, 1, 100, 98, 10, 50.0), np.array([0, 1])
    )


def test_figures_of_the_database_leave_out_records_in_noise_and_halves_hold_what_is_there() -> None:
    some = [scored("100", "NNNNVN", "NNNN-N"), scored("101", "NNN", "NNNN"), scored("102", "NNV", "NVV")]
    halves = [noise.Halves("118e06", np.array([3, 1, 2]))]
    told = beats.summary(some, "mitdb", [scored("118e06", "NNNN", "NN--"), scored("118e_6", "NN", "NNNN")], halves)
    assert told["records"] == 3
    assert told["gross"] | {"se_interval": 0, "ppv_interval": 0} == {
        "tp": 11, "fn": 1, "fp": 1, "se": 11 / 12, "ppv": 11 / 12, "se_interval": 0, "ppv_interval": 0,
    }  # fmt: skip
    assert told["average"]["se"] == pytest.approx((5 / 6 + 1 + 1) / 3)
    assert (told["ds1"]["records"], told["ds2"]["records"]) == (1, 1)
    assert told["by_class"]["V"]["fp"] == 0
    assert list(told["noise"]) == ["6", "-6"]
    assert told["noise"]["6"]["se"] == 0.5
    assert told["noise"]["6"]["left_out"] | {"se_interval": 0, "ppv_interval": 0} == {
        "tp": 3, "fn": 1, "fp": 2, "se": 0.75, "ppv": 0.6, "se_interval": 0, "ppv_interval": 0,
    }  # fmt: skip
    assert "by trees that know the other half of the noise  Se 75.00 %  PPV 60.00 %" in beats.lines(told)
    assert set(told["by_record"]) == {"100", "101", "102", "118e06", "118e_6"}
    assert told["wrong_rate_shown"] == 0.1
    alone = beats.summary([scored("118e12", "NN", "NN")], "nstdb")
    assert (alone["database"], list(alone["noise"]), alone["records"]) == ("nstdb", ["12"], 1)
    json.dumps(alone, allow_nan=False)


def test_each_half_of_the_noise_is_scored_by_trees_that_know_the_other_alone() -> None:
    rate, length = 360.0, 650_000
    stretches = learn.noisy_stretches(length, rate)
    early, late = (stretches[learn.HALVES[half]] for half in ("early", "late"))
    assert early + late == stretches
    assert early[-1][1] / rate + 60.0 == noise.BETWEEN_S == late[0][0] / rate - 60.0
    shipped, known = models(), [noise.knowing(half) for half in learn.HALVES]
    for one in known:
        assert one.artefact.shape[1] == 6
        assert not np.array_equal(one.artefact, shipped.artefact)
        assert one.beat is shipped.beat
    assert not np.array_equal(known[0].artefact, known[1].artefact)


def test_a_rate_that_was_wrong_only_within_its_ten_seconds_is_told_too() -> None:
    told = beats.summary([scored("100", "NNNN", "NNNN"), scored("101", "NNNN", "NNNN")], "mitdb")
    told["rate"]["wrong_in_any_second"] = 0.35
    assert "wrong at the end of 10.00 % of those, in any second of 35.00 % of all" in beats.lines(told)


def test_beats_of_each_ten_seconds_add_up_and_give_the_interval_of_one_patient() -> None:
    truth = beats_of((at, "N") for at in range(0, 4000, 100))
    found = beats_of([*((at, "N") for at in range(0, 4000, 100) if at not in (1200, 1300)), (2550, "N")])
    same = ec57.pairs(found.at, truth.at, 10)
    counts = ec57.counts_by_stretch(found, truth, same, 0.0, 100.0)
    assert counts.tolist() == [[10, 0, 0], [8, 2, 0], [10, 0, 1], [10, 0, 0]]
    assert ec57.counts_by_stretch(beats_of([]), beats_of([]), [], 0.0, 100.0).shape == (0, 3)
    one = replace(scored("118e06", "NN", "NN"), by_stretch=counts)
    told = beats.summary([one], "nstdb")
    noisy = told["noise"]["6"]
    assert noisy["se_interval"]["low"] < 38 / 40 < noisy["se_interval"]["high"] == 1.0
    assert f"6 dB  Se 100.00 % ({run.between(noisy['se_interval'])})" in beats.lines(told)
    json.dumps(told, allow_nan=False)


def test_average_stands_beside_gross_and_false_v_and_the_worst_ten_seconds_are_told() -> None:
    some = [scored("100", "NNNNVN", "NNNN-N"), scored("101", "NNVF", "NVVN"), scored("103", "NN", "NN")]
    told = beats.summary(some, "mitdb")
    v = told["by_class"]["V"]
    assert v["average"]["se"] == pytest.approx((0 + 1) / 2), "records without V are in no average"
    assert v["false_rate"] == pytest.approx(1 / 10)
    assert v["false_rate_interval"]["low"] <= v["false_rate"] <= v["false_rate_interval"]["high"]
    assert told["rate_known_interval"] == {"low": 1.0, "high": 1.0}
    text = beats.lines(told)
    assert "average of records  Se 94.444 % (83.33 to 100.00)" in text
    assert "of the beats that are not V told as V: 10.000 %" in text
    assert "the worst ten seconds: 1 beats missed or invented, record 100 from 310 s" in text


# LUDB -------------------------------------------------------------------------------------------------------------


def test_the_reference_is_the_median_over_leads_and_the_second_from_outside() -> None:
    leads = [
        [
            boundaries.Wave("p", 60 + k, 70, 80),
            boundaries.Wave("N", 100 + k, 110, 130 + k),
            boundaries.Wave("t", 180, 200, 220 - k),
        ]
        for k in (0, 1, 2, 10)
    ]
    (beat,) = boundaries.reference(leads, 500.0)
    assert beat.at == {"p_on": 61.5, "p_off": 80.0, "qrs_on": 101.5, "qrs_off": 131.5, "t_off": 218.5}
    assert beat.wide["qrs_on"] == 101
    assert beat.wide["qrs_off"] == 132
    assert beat.wide["t_off"] == 219


def test_a_p_wave_counts_where_the_reference_could_show_one() -> None:
    beat = boundaries.Reference(110.0, {"p_on": 60.0}, {}, True)
    assert intervals._p_wave(beat, 70.0, 500.0) == (1, 0, 0)
    assert intervals._p_wave(beat, 300.0, 500.0) == (0, 1, 1)
    assert intervals._p_wave(boundaries.Reference(110.0, {"p_on": None}, {}, True), 70.0, 500.0) == (0, 0, 1)
    assert intervals._p_wave(boundaries.Reference(110.0, {"p_on": None}, {}, False), 70.0, 500.0) == (0, 0, 0)


# rhythms ----------------------------------------------------------------------------------------------------------


def test_a_claim_during_flutter_counts_neither_way() -> None:
    seconds = np.arange(100)
    truth, flutter = (seconds >= 20) & (seconds < 40), (seconds >= 60) & (seconds < 80)
    ours = (seconds >= 25) & (seconds < 50) | (seconds >= 60) & (seconds < 75)
    found = rhythms.compare(truth, ours, flutter)
    assert (found.both, found.missed, found.invented) == (15, 5, 10)
    assert found.episodes == (1, 0)
    assert found.claims == (1, 0)
    assert rhythms.compare(truth, ours, np.zeros(100, bool)).claims == (1, 1)


def test_an_episode_is_recorded_from_where_it_is_held_to_have_begun_to_where_it_is_held_to_be_over() -> None:
    shown, other, since = np.zeros(60, bool), np.ones(60, bool), np.full(60, -1)
    shown[20:40], since[20:40], since[40:] = True, 12, 33
    other[20:40] = False
    assert np.flatnonzero(rhythms.recorded(shown, other, since)).tolist() == list(range(12, 33))
    # a worse rhythm within it is not taken back, and what goes on behind it is the same episode
    shown[24:28] = other[15:18] = False
    held = rhythms.recorded(shown, other, since)
    assert np.flatnonzero(held).tolist() == [12, 13, 14, 18, 19, *range(20, 24), *range(28, 33)]
    # an episode that begins where the one before is held to have ended
    shown[45:50], other[45:50], since[45:50], since[50:] = True, False, 33, 48
    assert np.flatnonzero(rhythms.recorded(shown, other, since))[-20:].tolist() == list(range(28, 48))


def errors_by(limits: Limits, shift_ms: float) -> intervals.Scored:
    """A record whose errors spread and P waves are lost the farther some limits lie from one place."""
    off = abs(limits.on_share - 0.08) / 0.02 + abs(limits.p_near - 12.0) / 4.0
    errors = {"pr": shift_ms, "qrs": 5.0 + shift_ms * off, "qt": shift_ms, "p_on": 1.0, "p_off": 3.0}
    return intervals.Scored(f"{shift_ms:g}", errors, {}, (10, round(off), 0), 0, 10)


def test_limits_are_chosen_by_the_records_that_are_asked_and_their_constant_error_is_taken_out() -> None:
    def judge(limits: Limits) -> dict[str, intervals.Scored]:
        found = {s.name: s for s in (errors_by(limits, shift) for shift in (-8.0, 0.0, 8.0))}
        # one record would have it otherwise, but is left out
        return found | {"other": replace(errors_by(limits, 0.0), errors={"qrs": 1e6 * limits.on_share})}

    best = learn_delineation.choose(judge, frozenset({"-8", "0", "8"}), frozenset())
    assert (best.on_share, best.p_near) == (0.08, 12.0)
    assert best.qrs_bias_ms == pytest.approx(CHOSEN.qrs_bias_ms + 5.0)
    assert best.p_bias_ms == pytest.approx(CHOSEN.p_bias_ms + 2.0)
    assert best.pr_bias_ms == CHOSEN.pr_bias_ms
    assert (best.p_least_mv, best.p_leads) == (0.05, 0.6), "of limits that cost the same the strictest"


def test_each_record_of_ludb_has_limits_that_stand_in_the_grid_and_were_chosen_without_it() -> None:
    folds = json.loads(intervals.LEFT_OUT.read_text())
    names = [name for fold in folds for name in fold["records"]]
    assert len(folds) == learn_delineation.FOLDS
    assert len(names) == len(set(names)) == len(intervals.left_out())
    for limits in intervals.left_out().values():
        assert all(getattr(limits, name) in values for name, values in learn_delineation.GRID.items())


# alarms -----------------------------------------------------------------------------------------------------------


def as_scored(value: float, names: str = "abcdef") -> list[alarms.Scored]:
    """Records a to e need a value of 0.5 to be judged right; f is right with 1.0 alone."""
    return [alarms.Scored(name, "vt", True, value == (1.0 if name == "f" else 0.5)) for name in names]


def test_decisions_are_chosen_by_the_records_that_are_asked_and_stay_in_the_middle_where_nothing_is_gained() -> None:
    chosen = learn_alarms.choose(lambda one: as_scored(one.decisions.vt_odds), frozenset("abc"))
    assert chosen == learn_alarms.MIDDLE.with_("vt_odds", 0.5)
    alone = learn_alarms.choose(lambda one: as_scored(one.decisions.vt_odds), frozenset("f"))
    assert alone.decisions.vt_odds == 1.0


def test_a_record_is_played_again_only_where_what_changed_may_change_its_alarm() -> None:
    moved = learn_alarms.MIDDLE.with_("wave_off", 0.7)
    assert moved.only(alarms.VT) == learn_alarms.MIDDLE
    assert moved.only(learn_alarms.VF) == moved
    assert learn_alarms.Player([], {})(moved) == []


def test_each_record_of_cinc_has_decisions_that_stand_in_the_grid_and_were_chosen_without_it() -> None:
    folds = json.loads(learn_alarms.LEFT_OUT.read_text())
    names = [name for fold in folds for name in fold["records"]]
    assert len(folds) == learn_alarms.FOLDS
    assert len(names) == len(set(names)) == len(learn_alarms.left_out())
    for chosen in learn_alarms.left_out().values():
        assert all(chosen.value(name) in values for name, (values, _) in learn_alarms.GRID.items())


def test_folds_spread_kinds_and_verdicts_evenly() -> None:
    records = [(f"/x/{kind}{true}{k}", kind, true) for kind in alarms.TYPES for true in (True, False) for k in range(5)]
    fold = learn_alarms.folds(records)
    for kind in alarms.TYPES:
        assert sorted(fold[f"{kind}True{k}"] for k in range(5)) == list(range(5))


def event(phase: Phase, sample: int, suppressed: str = "") -> SimpleNamespace:
    return SimpleNamespace(code=Code.VTACH, phase=phase, sample=sample, suppressed_by=suppressed)


def test_an_alarm_counts_where_it_is_open_within_the_last_ten_seconds() -> None:
    early = [event(Phase.ONSET, 100), event(Phase.OFFSET, 200)]
    assert not alarms.active(early, Code.VTACH, 290, 300)
    assert alarms.active([event(Phase.ONSET, 100), event(Phase.OFFSET, 290)], Code.VTACH, 290, 300)
    assert alarms.active([event(Phase.ONSET, 299)], Code.VTACH, 290, 300)
    assert not alarms.active([event(Phase.ONSET, 295, "ECG_PULSE_DISAGREE")], Code.VTACH, 290, 300)
    assert not alarms.active([event(Phase.ONSET, 295)], Code.ASYSTOLE, 290, 300)


def test_a_record_is_played_to_its_end_and_not_behind_300_s() -> None:
    made = simulate(Scenario("x", (Step("sinus", 20.0),)), 20.0, seed=1, rate_hz=100.0)
    assert alarms.up_to(made, 300.0).samples.shape == made.samples.shape
    assert alarms.up_to(made, 12.0).samples.shape[1] == 1200


def test_the_score_of_the_challenge() -> None:
    some = [
        alarms.Scored("a", "vt", True, True),
        alarms.Scored("b", "vt", True, False),
        alarms.Scored("c", "vf", False, False),
    ]
    assert alarms.challenge(some) == pytest.approx(2 / (2 + 5))
    assert alarms.summary(some, Pulse.OFF)["wrong"] == {"b": "missed"}


def test_a_figure_says_whether_its_trees_know_the_records() -> None:
    told = alarms.summary([alarms.Scored("a", "vt", True, True)], Pulse.OFF) | {"trees": alarms.IN_SAMPLE}
    assert alarms.lines(told).endswith("learnt on records of CinC 2015; `vigil score all` leaves each record out")


# bench ------------------------------------------------------------------------------------------------------------


def test_the_signal_chain_is_measured_with_everything_on_and_a_pulse_that_is_read() -> None:
    policy = everything_on()
    assert problems(policy) == []
    assert [code for code in CATALOGUE if not policy.announces(code)] == []
    recording = with_pulse(simulate(Scenario("patient", (Step("sinus", 25.0),)), 25.0, seed=1, rate_hz=500.0))
    bank = Bank(0.0)
    bank.set_policy(policy)
    for frame in frames(recording, 0.25):
        bank.take([frame])
    assert bank.state(BedId(recording.name))["pulse_trust"][0] > TRUSTED


# folders ----------------------------------------------------------------------------------------------------------


def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    for words in (
        ["beats"],
        ["rhythms", "--database", "x"],
        ["intervals"],
        ["alarms"],
        ["beats", "--database", "empty"],
    ):
        assert main(["score", *words, "--data", str(tmp_path)]) == 2
        told = capsys.readouterr()
        assert told.err.count("\n") == 1
        assert told.out == ""
    (tmp_path / "mitdb.tar.xz").write_bytes(b"no pack")
    assert main(["score", "beats", "--data", str(tmp_path)]) == 2
    assert "cannot be unpacked" in capsys.readouterr().err


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_is_clocked_is_a_function_of_the_chain(stage: str) -> None:
    module, name = STAGES[stage]
    assert callable(getattr(import_module(module), name, None)), f"{module} has no {name}"
