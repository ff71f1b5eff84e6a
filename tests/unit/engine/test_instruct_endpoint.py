"""Reports that an endpoint writes: a real server on loopback, whose answers go through the checker."""

from collections.abc import Iterator

import pytest

from engine.endpoint import EndpointAway
from engine.instruct.endpoint import KEY, Writer
from engine.instruct.make import Plan, make
from engine.instruct.sets import entries
from tests.unit.engine.endpoint_server import Server
from tests.unit.engine.labelled_sets import write_ptbxl

GOOD = (
    "The heart rate is 72 bpm. The rhythm is regular. P waves precede each QRS complex. The rhythm is sinus rhythm. "
    "The ECG is within normal limits. There is no first degree AV block."
)


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


def plan(server: Server) -> Plan:
    return Plan(tasks=("grounded",), fewer=0.0, unreadable=0.0, writer=Writer(server.url, "some-model", 5.0, 3, 0.01))


def test_what_agrees_is_written_and_the_prompt_holds_measurements_and_criteria(
    server: Server, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "secret")
    server.answers = [(200, f"Some thoughts. Response: {GOOD}")]
    made = make(entries("ptbxl", write_ptbxl(tmp_path))[0], "g", plan(server))
    (sample,) = made.samples
    assert sample["conversations"][1]["value"].startswith("The heart rate is 72 bpm.")
    assert "thoughts" not in sample["conversations"][1]["value"]
    key, body = server.asked[0]
    asked = body["messages"][0]["content"]
    assert key == "Bearer secret"
    assert body["model"] == "some-model"
    for piece in (
        "sinusrhythmus",
        "- II: Heart Rate (bpm)",
        "QRS Duration (ms)",
        "a P wave before each QRS complex",
        "at most 300 words",
    ):
        assert piece in asked
    assert "secret" not in asked


def test_a_text_with_invented_numbers_is_dropped_with_its_reason(server: Server, tmp_path) -> None:
    server.answers = [
        (200, "The heart rate is 44 bpm. The PR interval is 300 ms. The QRS lasts 180 ms. The rhythm is regular.")
    ]
    made = make(entries("ptbxl", write_ptbxl(tmp_path))[0], "g", plan(server))
    assert made.samples == []
    assert made.dropped == {"grounded: more than a third of its sentences do not pass": 1}


def test_an_endpoint_that_stumbles_is_asked_again(server: Server) -> None:
    server.answers = [(503, ""), (429, ""), (200, "fine")]
    assert Writer(server.url, "m", 5.0, 3, 0.01).write("?", 0) == "fine"
    assert len(server.asked) == 3


@pytest.mark.parametrize(("code", "times"), [(401, 1), (500, 3)])
def test_an_endpoint_that_refuses_is_one_sentence(server: Server, code: int, times: int) -> None:
    server.answers = [(code, "")]
    with pytest.raises(EndpointAway, match=f"does not answer: it says {code}"):
        Writer(server.url, "m", 5.0, 3, 0.01).write("?", 0)
    assert len(server.asked) == times


def test_an_endpoint_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(EndpointAway, match=r"127\.0\.0\.1:9/v1 does not answer"):
        Writer("http://127.0.0.1:9/v1", "m", 1.0, 2, 0.01).write("?", 0)
