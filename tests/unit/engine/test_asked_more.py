"""Questions that ask for more, or in other words, than a report has: single intervals, moments, electrodes, and what an ECG does not exclude."""

from dataclasses import replace

import pytest

from engine.asked import answered
from engine.criteria.recording import LIMB_LEADS
from engine.interpretation import Withheld
from engine.interpreter import interpret
from ingest.frame import Nanoseconds
from stream.measurement import BeatKind
from tests.sinus import plain
from tests.unit.engine.patterns import NORMAL, segment
from tests.unit.engine.test_asked import RAISED, ask

INVERTED = {name: NORMAL[name] | {"t_mv": -0.07} for name in ("V4", "V5", "V6")}
SLIGHT = {name: NORMAL[name] | {"st_j_mv": -0.07, "st_j60_mv": -0.07, "st_j80_mv": 0.03} for name in ("V5", "V6")}


@pytest.mark.parametrize(
    ("question", "made", "reply"),
    [
        ("Is there an infarct?", {}, "[Infarct: not shown by what was measured, no Q waves and no ST elevation"),
        ("Is this a heart attack?", {}, "[Heart attack: not shown by what was measured, "),
        (
            "Is this a heart attack?",
            {"changed": RAISED},
            "[Heart attack: cannot be told (an ECG alone does not show it, and this one suggests it: ",
        ),
        ("Is there an infarct?", {"changed": RAISED}, "Infarct: suggested by what was measured"),
        ("Is there ischaemia?", {}, "[Ischaemia: not shown by what was measured, no ST deviation and no T inversion"),
        ("Is there ischaemia?", {"changed": INVERTED}, "[Ischaemia: cannot be told ("),
        ("Is there ischaemia?", {"changed": RAISED}, "Ischaemia: suggested by what was measured, which an ECG alone"),
        ("Is there ST depression?", {"changed": SLIGHT}, "[ST depression: cannot be told ("),
        ("Is there ST depression in V5 and V6?", {"changed": SLIGHT}, "[ST depression in V5, V6: cannot be told ("),
        ("Is this a paced rhythm?", {}, "[Paced rhythm: cannot be told (pacing pulses are not measured"),
        (
            "Is this sinus rhythm?",
            {"changed": {"II": NORMAL["II"] | {"p_mv": -0.12}}},
            "[Sinus rhythm: cannot be told (P points down in II",
        ),
        ("Are there ventricular beats?", {}, "Ventricular ectopy: no (0 ventricular beats)."),
        ("Are there any early beats?", {}, "Ectopy: no (0 early beats)."),
        ("What is the longest RR interval?", {}, "Longest RR interval: 800 ms."),
        ("What is the shortest RR?", {}, "Shortest RR interval: 800 ms."),
        ("Are the leads placed correctly?", {}, "[Places of the electrodes: the criteria recognise no exchanged leads"),
        ("Are the arm electrodes swapped?", {}, "[Places of the electrodes: "),
    ],
)
def test_more_is_asked_for_than_a_report_has(question: str, made: dict[str, object], reply: str) -> None:
    assert ask(question, **made).report.startswith(reply)


def test_a_wave_is_asked_for_in_the_leads_of_the_question_before() -> None:
    assert ask("And the S wave?", "How high is R in V1?").report == "S amplitude: V1 -1.20 mV."
    assert ask("And the S wave?").report.count("V") > 3
    assert ask("And the S wave in V2?", "How high is R in V1?").report == "S amplitude: V2 -1.20 mV."
    assert ask("And the PR interval?", "How high is R in V1?").report.startswith("PR interval: 160 ms.")


def test_a_doubt_of_the_electrodes_is_the_answer_to_where_they_are() -> None:

    ten_s = segment()
    base = interpret(ten_s, None, Nanoseconds(0))
    doubted = replace(base, withheld=(*base.withheld, Withheld(LIMB_LEADS, "the arm leads may be exchanged")))
    told = answered(ten_s, None, "Are the leads placed correctly?", doubted).report
    assert "the arm leads may be exchanged" in told


def test_the_formula_of_a_qtc_is_named() -> None:

    base = interpret(plain(), None, Nanoseconds(0))
    m = plain().measurements
    assert m is not None
    for question, name, value in (
        ("What is the QTc?", "Fridericia", m.qtc_fridericia_ms),
        ("What is the QTc by Bazett?", "Bazett", m.qtc_bazett_ms),
    ):
        assert answered(plain(), None, question, base).report.startswith(f"QTc ({name}): {value:.0f} ms.")


def test_when_beats_come_that_are_not_there_is_not_told() -> None:
    assert " s from the begin" not in ask("When does the early beat come?").report
    assert ask("When does the ventricular beat come?", kind=BeatKind.VENTRICULAR).report.startswith("[")
