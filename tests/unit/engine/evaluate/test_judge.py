"""A judge: a real server on loopback, whose verdicts are summed up as worked out by hand."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.endpoint import Endpoint
from engine.evaluate.files import BadFile, Item, Reply
from engine.evaluate.judge import GROUNDED, KEY, columns, prompt, scores
from engine.evaluate.judging import figures, judge_all, read_verdicts
from engine.kept import CannotGoOn
from tests.unit.engine.endpoint_server import Server

VERDICT = {
    "DiagnosisAccuracy": [2, 1, 0],
    "AnalysisCompleteness": [1, 1, 0, 1],
    "AnalysisRelevance": [2, 0, 1],
    "LeadAssessmentCoverage": [1] * 9 + [0] * 3,
    "LeadAssessmentAccuracy": [2] * 6 + [1] * 3 + [0] * 3,
    "ECGFeatureGrounding": [80],
    "EvidenceBasedReasoning": [50],
    "ClinicalDiagnosticFidelity": [100],
}


def reply(told: dict[str, list[int]]) -> str:
    return json.dumps({name: [{"Score": s, "Explanation": "so"} for s in row] for name, row in told.items()})


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


def endpoint(server: Server) -> Endpoint:
    return Endpoint(server.url, "some-judge", 5.0, 2, 0.01, KEY)


def pairs(count: int) -> list[tuple[Item, Reply]]:
    return [
        (Item(str(k), f"rec{k}", "", ("Interpret.",), (f"reference {k}",)), Reply(str(k), (f"text {k}",)))
        for k in range(count)
    ]


def test_the_eight_columns_by_hand() -> None:
    assert columns("grounding", VERDICT) == {
        "DiagnosisAccuracy": pytest.approx(100 * 2 / 3),
        "AnalysisCompleteness": 3,
        "AnalysisRelevance": 3,
        "LeadAssessmentCoverage": 75.0,
        "LeadAssessmentAccuracy": pytest.approx(100 * 15 / 24),
        "ECGFeatureGrounding": 80,
        "EvidenceBasedReasoning": 50,
        "ClinicalDiagnosticFidelity": 100,
        "DiagnosisPoints": pytest.approx(50.0),
    }
    assert columns("grounding", {"LeadAssessmentCoverage": [1] * 15})["LeadAssessmentCoverage"] == 100.0
    assert columns("report", {"Diagnosis": [7]}) == {"Diagnosis": 70.0}


def test_replies_are_read_strictly() -> None:
    assert scores("grounding", f"```json\n{reply(VERDICT)}\n```") == VERDICT
    wrong = {**VERDICT, "DiagnosisAccuracy": [3], "ECGFeatureGrounding": [70], "EvidenceBasedReasoning": [80, 80]}
    found = scores("grounding", reply(wrong))
    assert set(VERDICT) - set(found) == {"DiagnosisAccuracy", "ECGFeatureGrounding", "EvidenceBasedReasoning"}
    assert scores("grounding", "{'DiagnosisAccuracy': 1+1}") == {}
    assert scores("grounding", "no idea") == {}
    older = {"GroundedECGUnderstanding": [50], "RealisticDiagnosticProcess": [0]}
    assert scores("grounding", reply(older)) == {"ECGFeatureGrounding": [50], "ClinicalDiagnosticFidelity": [0]}
    arena = '{"Accuracy": {"Score": 8}, "Completeness": {"Score": 11}, "Instruction Adherence": {"Score": 10}}'
    assert scores("arena", arena) == {"Accuracy": [8], "InstructionAdherence": [10]}


def test_the_judge_is_asked_with_both_texts_and_every_criterion(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "secret")
    server.answers = [(200, reply(VERDICT))]
    judge_all(endpoint(server), "grounding", pairs(1), tmp_path / "v.jsonl", lambda _: None)
    key, body = server.asked[0]
    asked = body["messages"][0]["content"]
    assert key == "Bearer secret"
    assert body["model"] == "some-judge"
    assert "temperature" not in body
    assert all(c.name in asked for c in GROUNDED)
    assert "text 0" in asked
    assert "reference 0" in asked
    assert "secret" not in (tmp_path / "v.jsonl").read_text()
    arena = prompt("arena", Item("a", "", "", ("Q1", "Q2"), ("G1", "G2")), Reply("a", ("A1", "A2")))
    assert all(piece in arena for piece in ("Q1", "Q2", "G1", "G2", "A1", "A2"))


def test_what_cannot_be_read_is_asked_for_again_and_else_left_out_of_its_column(server: Server, tmp_path: Path) -> None:
    half = {name: row for name, row in VERDICT.items() if name != "AnalysisRelevance"}
    server.answers = [(200, "sorry"), (200, reply(VERDICT)), (200, reply(half))]
    told = judge_all(endpoint(server), "grounding", pairs(2), tmp_path / "v.jsonl", lambda _: None)
    assert len(server.asked) == 2 + 3
    summed = figures("grounding", pairs(2), told)
    assert summed["columns"]["AnalysisRelevance"]["n"] == 1
    assert summed["columns"]["LeadAssessmentCoverage"] == {"value": 75.0, "low": 75.0, "high": 75.0, "n": 2}
    assert (summed["judged"], summed["incomplete"], summed["unjudged"]) == (2, 1, 0)


def test_a_broken_off_run_asks_for_the_rest_only(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "v.jsonl"
    server.answers = [(200, reply(VERDICT)), (401, "")]
    with pytest.raises(
        CannotGoOn, match=r"it says 401 Unauthorized; verdicts so far are kept in .* run the same command"
    ):
        judge_all(endpoint(server), "grounding", pairs(9), file, lambda _: None)
    assert len(server.asked) == 1 + 5
    with file.open("a") as lines:
        lines.write('{"id": "1", "sco')
    server.answers, server.asked = [(200, reply(VERDICT))], []
    assert len(judge_all(endpoint(server), "grounding", pairs(9), file, lambda _: None)) == 9
    assert len(server.asked) == 8
    assert set(read_verdicts(file, "grounding")) == {str(k) for k in range(9)}
    changed = [(item, Reply(item.id, ("another",))) for item, _ in pairs(9)]
    with pytest.raises(CannotGoOn, match="judges another answer to 0"):
        judge_all(endpoint(server), "grounding", changed, file, lambda _: None)
    with pytest.raises(CannotGoOn, match="begun with other options"):
        judge_all(endpoint(server), "report", pairs(9), file, lambda _: None)


def test_an_endpoint_that_stumbles_once_in_a_while_does_not_end_the_run(server: Server, tmp_path: Path) -> None:
    server.answers = [(404, ""), (200, reply(VERDICT)), (404, ""), (200, reply(VERDICT))]
    with pytest.raises(CannotGoOn, match="run the same command again"):
        judge_all(endpoint(server), "grounding", pairs(8), tmp_path / "v.jsonl", lambda _: None)
    assert len((tmp_path / "v.jsonl").read_text().splitlines()) == 1 + 6
    assert len(judge_all(endpoint(server), "grounding", pairs(8), tmp_path / "v.jsonl", lambda _: None)) == 8


def test_verdicts_of_the_published_scripts_are_read(tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text(json.dumps({"0": f"```json\n{reply(VERDICT)}\n```", "1": "sorry"}))
    told = read_verdicts(tmp_path / "all.json", "grounding")
    assert told == {"0": VERDICT, "1": {}}
    (tmp_path / "bad.jsonl").write_text('{"judge": "x", "task": "grounding"}\n{"id": "1"}\n')
    with pytest.raises(BadFile, match=r"line 2 of .* is no verdict"):
        read_verdicts(tmp_path / "bad.jsonl", "grounding")
