"""`vigil accept`: its figures can be missed."""

from xml.etree import ElementTree

import pytest

from infra.accept import CASES, first_failure, of_bench, of_recordings, of_simulated, of_test
from infra.bench.beds import Outcome
from infra.judge import GROWS_S
from infra.summary import _alert


def told(state: str, reason: str) -> dict:
    answer = {"state": state, "reason": reason, "text": ""}
    return {
        "frames": {"sent": 4, "processed": 4},
        "lost": 0,
        "duplicates": 0,
        "alerts": [{"interpretation": {"state": "done", "reason": "", "text": "x"}}, {"interpretation": answer}],
        "latency_ms": {"alert_p99": 7.0, "interpretation_p99": 9.0},
    }


@pytest.mark.parametrize(
    ("state", "reason", "met"),
    [("pending", "no answer yet", False), ("withheld", "no lead is good", True), ("withheld", "", False)],
)
def test_an_alert_that_nobody_has_answered_is_not_interpreted(state: str, reason: str, met: bool) -> None:
    figures = {f.name: f for f in of_recordings(told(state, reason), "eight")}
    found = figures["eight: alerts interpreted, or said why not"]
    assert (found.measured, found.met) == ("2 of 2" if met else "1 of 2", met)


def test_recordings_of_which_nobody_has_annotated_when_an_alarm_begins_tell_no_delay_of_alarms() -> None:
    assert not any("alert p99" in f.name for f in of_recordings(told("done", ""), "eight"))


def test_a_lethal_alarm_of_the_script_that_was_never_announced_is_missed() -> None:
    whole = Outcome(8, alarms=4, alert_p99_ms=300.0)
    assert all(f.met for f in of_simulated(whole))
    whole.missed = 1
    assert [(f.measured, f.met) for f in of_simulated(whole) if "lethal" in f.name] == [("3 of 4", False)]
    assert not any(f.met for f in of_simulated(Outcome(8)) if "lethal" in f.name or "p99" in f.name)


def test_the_first_test_that_failed_is_named_with_its_message() -> None:
    report = ElementTree.fromstring(
        "<testsuite><testcase name='a' file='tests/a.py'/>"
        "<testcase name='b' file='tests/b.py'><failure message='assert 1 == 2&#10; where'>long</failure></testcase>"
        "<testcase name='c' file='tests/c.py'><error message='no'/></testcase></testsuite>"
    )
    cases = list(report.iter("testcase"))
    assert first_failure(cases) == ": tests/b.py::b: assert 1 == 2 where"
    assert first_failure(cases[:1]) == ""


BENCH = {
    "beds": 500,
    "ratio": 37.0,
    "peer": {"name": "neurokit2", "beds": 13.5},
    "alert_p99_ms": 700.0,
    "alarms": 25,
    "missed": 0,
    "lag_s": [0.3, 0.3, 0.4, 0.3],
}


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({}, ""),
        ({"lag_s": [0.3, 0.9, 1.2, 0.4 + GROWS_S]}, "lag"),
        ({"lag_s": []}, "lag"),
        ({"ratio": None, "peer": {}}, "neurokit2"),
        ({"missed": 1}, "lethal"),
        ({"alarms": 0}, "lethal"),
        ({"alert_p99_ms": None}, "p99"),
        ({"beds": 250}, "in real time"),
    ],
)
def test_each_figure_of_the_bench_can_be_missed(changed: dict, missed: str) -> None:
    figures = list(of_bench(BENCH | changed, "beds in real time", 500))
    assert len(figures) == 5
    assert [f.name for f in figures if not f.met] == [f.name for f in figures if missed and missed in f.name]
    assert sum(not f.met for f in figures) == bool(missed)


def test_a_figure_of_many_cases_counts_them_and_is_missed_with_one() -> None:
    good = [ElementTree.fromstring(f"<testcase name='t[{k}]'/>") for k in range(3)]
    bad = ElementTree.fromstring("<testcase name='t[3]'><failure message='no'/></testcase>")
    assert (of_test(good, "x", CASES, "all").measured, of_test(good, "x", CASES, "all").met) == (
        "3 command lines",
        True,
    )
    assert (of_test([*good, bad], "x", CASES, "all").measured, of_test([*good, bad], "x", CASES, "all").met) == (
        "failed",
        False,
    )
    assert not of_test([], "x", "", "all").met


def test_an_alert_of_which_no_signal_is_kept_awaits_no_answer() -> None:
    row = {
        "id": "n",
        "bed": "b",
        "code": "NOISY_ECG",
        "priority": "low",
        "sample": 500,
        "rate_hz": 250.0,
        "raised_ns": 0,
    }
    states = [_alert(row, {}, kept)["interpretation"]["state"] for kept in (True, False)]
    assert states == ["pending", "withheld"]
    answers = {"n": {"state": "done", "reason": "", "report": "Sinus rhythm."}}
    assert _alert(row, answers, False)["interpretation"] == {"state": "done", "reason": "", "text": "Sinus rhythm."}
    assert _alert(row | {"rate_hz": 0.0}, {}, True)["interpretation"]["reason"] == "a technical alert without a segment"
