"""Requests as they come over the wire, and the order in which jobs are answered."""

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.answerer import Answerer, CriteriaAnswerer, Job
from engine.asked import BY_MEASUREMENT
from engine.interpretation import State
from engine.request import LONGEST, Ask, Request, decode_request, encode_request
from ingest.frame import BedId, Nanoseconds, SessionId
from stream.catalogue import Priority
from stream.trigger import Segment
from tests.sinus import plain


def job(name: str, priority: Priority, at_ns: int, question: str = "") -> Job:
    trigger = replace(plain().trigger, id=name, priority=priority, at_ns=Nanoseconds(at_ns))
    return Job(f"{name}{question}", replace(plain(), trigger=trigger), None, question)


def drain(answerer: Answerer) -> list[str]:
    found = []
    while answerer.busy:
        found += [one.job.key for one in answerer.advance()]
    return found


def test_red_goes_first_then_the_newest() -> None:
    answerer = CriteriaAnswerer(lambda: 1)
    for one in (
        job("low", Priority.LOW, 9),
        job("old", Priority.HIGH, 1),
        job("new", Priority.HIGH, 2),
        job("medium", Priority.MEDIUM, 5),
    ):
        answerer.take(one)
    answerer.take(job("old", Priority.HIGH, 1))
    assert drain(answerer) == ["new", "old", "medium", "low"]


def test_what_is_cancelled_is_answered_with_the_reason_and_nothing_else() -> None:
    answerer = CriteriaAnswerer(lambda: 1)
    for one in (job("a", Priority.HIGH, 1), job("b", Priority.HIGH, 2), job("b", Priority.HIGH, 2, "why?")):
        answerer.take(one)
    answerer.cancel("b", "artefact, says the technician")
    answerer.cancel("gone", "")
    told = [one for _ in range(3) for one in answerer.advance()]
    assert sorted(one.job.key for one in told) == ["a", "b", "bwhy?"]
    for one in told:
        cancelled = one.job.key != "a"
        assert (one.interpretation.state is State.WITHHELD) is cancelled
        assert ("artefact" in one.interpretation.reason) is cancelled
    assert len({one.interpretation.id for one in told}) == 3


def test_a_question_is_answered_by_what_was_measured() -> None:
    answerer = CriteriaAnswerer(lambda: 1)
    answerer.take(job("a", Priority.HIGH, 1, "Is there atrial fibrillation?"))
    (told,) = answerer.advance()
    assert told.interpretation.question == "Is there atrial fibrillation?"
    assert told.interpretation.report.startswith("Atrial fibrillation: no (")
    assert BY_MEASUREMENT in told.interpretation.withheld


def test_a_fault_of_ours_is_told_and_ends_nothing() -> None:
    answerer = CriteriaAnswerer(lambda: 1)
    broken: Segment = replace(plain(), measurements="none")  # type: ignore[arg-type]
    answerer.take(Job("broken", broken, None))
    answerer.take(job("a", Priority.HIGH, 1))
    told = {one.job.key: one for _ in range(2) for one in answerer.advance()}
    assert told["broken"].interpretation.state is State.WITHHELD
    assert "could not be interpreted" in told["broken"].fault
    assert told["a"].fault == ""


REQUEST = Request("r1", BedId("icu-1"), Ask.INTERPRET, "t1", Nanoseconds(5), "Is the axis normal?")


def test_a_request_survives_the_wire() -> None:
    assert decode_request(encode_request(REQUEST)) == REQUEST
    latest = replace(REQUEST, trigger="", session=SessionId(7))
    assert decode_request(encode_request(latest)) == latest


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"{", "no request can be read"),
        (encode_request(replace(REQUEST, bed=BedId(""))), "must name"),
        (encode_request(replace(REQUEST, ask=Ask.CANCEL, trigger="")), "must name"),
        (encode_request(replace(REQUEST, question="x" * (LONGEST + 1))), "longer than"),
        (b'{"id":"a","bed":"b","ask":"delete","trigger":"t","asked_ns":1}', "no request can be read"),
    ],
)
def test_what_is_no_request_is_told_in_a_sentence(payload: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decode_request(payload)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_a_sentence(payload: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(decode_request(payload), Request)
