"""Questions of a person, answered by what was measured."""

import pytest

from engine.asked import BY_MEASUREMENT, NOT_RELATED, answered
from engine.claims.claim import Verdict
from engine.interpretation import Interpretation, State
from engine.interpreter import interpret
from ingest.frame import Nanoseconds
from ingest.scenario import Step
from stream.offline import segment_at
from tests.unit.engine.patterns import NORMAL, segment
from tests.unit.stream.scripted import patient

RAISED = {name: NORMAL[name] | {"st_j_mv": 0.3, "st_j60_mv": 0.3} for name in ("II", "III", "aVF")}


def ask(question: str, before: str = "", **made: object) -> Interpretation:
    ten_s = segment(**made)  # type: ignore[arg-type]
    return answered(ten_s, None, question, interpret(ten_s, None, Nanoseconds(0)), before)


@pytest.mark.parametrize(
    ("question", "made", "reply"),
    [
        ("What is the heart rate?", {}, "Heart rate: 75 /min."),
        ("How long is the PR interval?", {"pr": 220.0}, "PR interval: 220 ms."),
        ("Is the PR interval prolonged?", {"pr": 240.0}, "Long PR interval: yes (PR interval 240 ms, limit 200 ms)."),
        ("Is the PR interval prolonged?", {"pr": 160.0}, "Long PR interval: no (PR interval 160 ms, limit 200 ms)."),
        ("Is there ST elevation?", {"changed": RAISED}, "ST elevation: yes, in II, III, aVF ("),
        ("Is there ST elevation in the inferior leads?", {}, "ST elevation in II, III, aVF: no ("),
        ("How high is R in V5?", {}, "R amplitude: V5 1.00 mV."),
        ("Is it wide?", {"qrs": 150.0}, "QRS duration: 150 ms."),
        ("What are the intervals?", {}, "PR interval: 160 ms. QRS duration: 92 ms. [QT interval: cannot"),
        ("Tell me about V1", {}, "P amplitude: V1 0.10 mV. "),
        ("R wave progression?", {}, "Normal R wave progression: "),
        ("Is there hyperkalaemia?", {}, NOT_RELATED),
        ("Does the patient need aspirin?", {}, NOT_RELATED),
        ("", {}, NOT_RELATED),
    ],
)
def test_an_answer_is_what_was_measured(question: str, made: dict[str, object], reply: str) -> None:
    told = ask(question, **made)
    assert told.report.startswith(reply)
    assert told.state is State.DONE
    assert BY_MEASUREMENT in told.withheld


def test_what_a_question_asks_beside_what_is_measured_is_named() -> None:
    told = ask("Is there atrial fibrillation or hyperkalaemia?")
    assert told.report.startswith("Atrial fibrillation: no (")
    assert told.report.endswith("[Not among what is measured here: hyperkalaemia.]")


def test_what_cannot_be_known_is_neither_yes_nor_no() -> None:
    told = ask("Is the PR interval prolonged? And how long is it?", pr=None)
    assert ": yes" not in told.report
    assert ": no" not in told.report
    assert "cannot be told" in told.report


def test_leads_alone_go_on_with_the_question_before() -> None:
    assert ask("And in V5?", "Is there ST elevation in II?").report.startswith("ST elevation in V5: no")
    assert ask("And in V5?").report.startswith("P amplitude: V5")


def test_every_answer_stands_before_the_claim_checker_and_links_its_beats() -> None:
    for question in (
        "What is the rhythm?",
        "Rate, PR, QRS, QTc and axis?",
        "Describe the T waves.",
    ):
        told = ask(question)
        assert told.claims
        for one in told.claims:
            assert one.verdict is Verdict.AGREE
            assert one.beats


def test_an_alarm_is_named_by_its_own_text() -> None:
    told = ask("Why was this alarm raised?")
    assert told.report == f"{segment().trigger.text}."


@pytest.mark.parametrize(("arrest", "name"), [("asystole", "Asystole"), ("vf", "Ventricular fibrillation")])
def test_what_is_asked_during_a_red_alarm_is_answered_as_a_part_of_it(arrest: str, name: str) -> None:
    ten_s = segment_at(patient(Step("sinus", 30.0, 72.0), Step(arrest, 20.0), seed=1), 36.0)
    base = interpret(ten_s, None, Nanoseconds(0))
    assert base.report.startswith(f"Asked for during an alarm: {name}")
    assert "Sinus" not in base.report
    for question in ("What is the heart rate?", "What is the rhythm?", f"Is there {name.lower()}?"):
        told = answered(ten_s, None, question, base).report
        assert told.startswith(f"Asked for during an alarm: {name}")
        assert "/min." not in told
        assert "Sinus" not in told
    assert f"{name}: yes" in answered(ten_s, None, "What is the rhythm?", base).report


def test_a_pause_is_told_with_every_answer_and_denies_no_arrest() -> None:
    ten_s = segment_at(patient(Step("sinus", 30.0, 72.0), Step("asystole", 20.0), seed=1), 33.0)
    base = interpret(ten_s, None, Nanoseconds(0))
    for question in ("What is the heart rate?", "Is there asystole?", "Is there ventricular fibrillation?"):
        told = answered(ten_s, None, question, base).report
        assert told.startswith("Pause: no QRS for 3.")
        assert "stole: no" not in told
        assert "lation: no" not in told
