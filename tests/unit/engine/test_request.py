"""What people ask of the engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.latest import of_session
from engine.request import Ask, Request, decode_request, encode_request
from ingest.frame import BedId, Frame, Nanoseconds, Session, SessionId, Signal

ASKED = Request("r", BedId("b"), Ask.INTERPRET, "", Nanoseconds(100), session=SessionId(7))


def frame(session: int, sent_ns: int, ends: bool = False) -> Frame:
    whose = Session(SessionId(session), BedId("b"), str(session), 125.0, (Signal("II", "mV", 200.0),))
    samples = np.zeros((1, 0 if ends else 125), np.int16)
    return Frame(whose, 0, Nanoseconds(sent_ns), Nanoseconds(sent_ns), samples, ends=ends)


def test_the_latest_ten_seconds_are_those_of_the_session_that_is_named_whichever_sent_last() -> None:
    own, other = frame(7, 90), frame(8, 99)
    found = of_session([frame(8, 80), own, other, frame(7, 101), frame(7, 95, ends=True)], ASKED)
    assert found == [own]


def test_a_wish_for_the_latest_ten_seconds_names_their_session() -> None:
    assert decode_request(encode_request(ASKED)) == ASKED
    with pytest.raises(ValueError, match="session"):
        decode_request(encode_request(replace(ASKED, session=None)))
    assert decode_request(encode_request(replace(ASKED, session=None, trigger="t"))).trigger == "t"
