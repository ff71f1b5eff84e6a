"""Which model answers where none is named, and what happens where it cannot be opened."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine.answerer import CriteriaAnswerer, Job
from engine.gem_answerer import GemAnswerer
from engine.interpreter import NORMAL, interpret
from engine.tiny_model import folder
from infra.model import answerer_of, chosen
from infra.settings import RUNTIMES, Settings
from ingest.frame import LEADS, Nanoseconds
from stream.catalogue import Code, Priority
from tests.sinus import plain

SETTINGS = Settings.from_environment({})


@pytest.mark.parametrize(
    ("named", "setting", "source"),
    [
        ("", "", str(folder())),
        ("", "none", ""),
        ("None", "owner/name", ""),
        ("", "owner/name", "owner/name"),
        ("other/name", "none", "other/name"),
    ],
)
def test_the_model_that_ships_answers_where_none_is_named(named: str, setting: str, source: str) -> None:
    wanted = chosen(named, replace(SETTINGS, model=setting))
    assert wanted.source == source
    assert wanted.ships == (source == str(folder()))
    assert wanted.runtimes == (("onnx",) if wanted.ships else RUNTIMES)


def test_none_is_the_criteria_alone_without_an_alert() -> None:
    answerer = answerer_of(chosen("none", SETTINGS), "", SETTINGS)
    assert isinstance(answerer, CriteriaAnswerer)
    assert answerer.notices() == []


def test_a_broken_model_gives_way_to_the_criteria_with_a_technical_alert(tmp_path: Path) -> None:
    for file in folder().iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = tmp_path / "model-00001-of-00001.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    for source in (str(tmp_path), "/nowhere/model"):
        answerer = answerer_of(chosen(source, SETTINGS), "", SETTINGS)
        assert isinstance(answerer, CriteriaAnswerer)
        (notice,) = answerer.notices()
        assert (notice.code, notice.cleared) == ("ENGINE_DEGRADED", False)
        assert source in notice.text
        assert answerer.notices() == []
        answerer.take(Job("a", plain(), None))
        (one,) = answerer.advance()
        assert one.interpretation.findings == interpret(plain(), None, Nanoseconds(0)).findings
        assert source in one.interpretation.withheld[-1].reason


@pytest.fixture(scope="module")
def shipped() -> GemAnswerer:
    answerer = answerer_of(chosen("", SETTINGS), "", SETTINGS)
    assert isinstance(answerer, GemAnswerer)
    assert answerer.runtime == "onnx"
    return answerer


def answer(answerer: GemAnswerer, job: Job):
    answerer.take(job)
    found = []
    while answerer.busy:
        found += answerer.advance()
    (one,) = found
    return one.interpretation


def test_the_model_that_ships_writes_a_report_whose_every_number_is_measured(shipped: GemAnswerer) -> None:
    begun = time.process_time()
    told = answer(shipped, Job("a", plain(), None))
    assert time.process_time() - begun < 2.0
    numbers = [c for c in told.claims if c.kind == "number"]
    assert len(numbers) >= 4
    assert {c.verdict for c in numbers} == {"agree"}
    assert "72 bpm" in told.report
    assert told.model.startswith("gem-tiny-")
    assert "checked by criteria-" in told.provenance
    assert told.provenance.startswith("From all twelve leads, 0.05 to 150 Hz.")
    assert shipped.notices() == []


def test_it_is_not_asked_without_the_limb_leads_and_measurements_answer_a_question(shipped: GemAnswerer) -> None:
    few = replace(plain(), measured=("II", "V1"))
    told = answer(shipped, Job("b", few, None))
    assert told.sentences == ()
    assert "six limb leads" in told.withheld[-1].reason
    assert told.given == "leads II, V1, 0.05 to 150 Hz"
    asked = answer(shipped, Job("c", plain(), None, "How fast is it?"))
    assert asked.report.startswith("Heart rate: ")
    assert any("taught no questions" in one.reason for one in asked.withheld)


def test_leads_that_are_missing_and_a_red_alarm_leave_nothing_normal(shipped: GemAnswerer) -> None:
    signal = plain().signal_mv.copy()
    signal[6:] = 0.0
    limb = replace(plain(), measured=LEADS[:6], signal_mv=signal)
    red = replace(plain().trigger, code=Code.VTACH, priority=Priority.HIGH, value=180.0, unit="/min", limit=100.0)
    for k, segment in enumerate((limb, replace(plain(), trigger=red))):
        told = answer(shipped, Job(f"d{k}", segment, None))
        assert NORMAL not in [f.code for f in told.findings]
        assert "normal ECG." not in told.report.replace("[Withheld: normal ECG", "")
        assert k == 0 or "Ventricular tachycardia: rate of the run 180 /min." in told.report
        assert k == 0 or "not taught VTACH" in told.withheld[-1].reason
