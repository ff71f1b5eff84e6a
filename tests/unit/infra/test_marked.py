"""Rate and intervals of a text against the marks of cardiologists, on marked recordings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Sentence, Verdict
from engine.claims.show import displayed
from engine.instruct.labelled import Entry, read
from engine.instruct.sets import entries
from engine.interpretation import Interpretation, State
from engine.interpreter import interpret
from infra.score import marked
from ingest.frame import BedId, Nanoseconds


def said(entry: Entry, text: str) -> Interpretation:
    """An interpretation with this text, checked against the record."""
    claims = check(text, Basis.of(read(entry).segment, entry.context))
    at = Nanoseconds(0)
    return Interpretation(
        "i",
        "t",
        BedId("b"),
        at,
        "m",
        State.DONE,
        "",
        (),
        (),
        text,
        at,
        claims=claims,
        sentences=displayed(text, claims),
    )


def test_a_number_counts_where_the_marks_are_near_and_only_where_it_is_shown(ludb: Path) -> None:
    entry = entries("ludb", ludb)[0]
    truth = marked.marked(entry)
    assert set(truth) == {"heart rate", "PR interval", "QRS duration", "QT interval"}
    m = read(entry).segment.measurements
    assert m is not None
    assert m.rate_bpm is not None
    assert m.qrs_ms is not None
    right = f"The heart rate is {m.rate_bpm.value:.0f} /min. The QRS duration is {m.qrs_ms.value:.0f} ms."
    wrong = f"The heart rate is {m.rate_bpm.value + 20:.0f} /min."
    told = marked.against([entry, entry, entry], [said(entry, right), said(entry, wrong), said(entry, "")])
    assert told is not None
    shares = {"share": 1.0, "share_of_marked": 1 / 3}
    assert told["heart rate"] == {"marked": 3, "told": 1, "within": 1, "reach": 2.0, **shares}
    assert told["QRS duration"]["told"] == told["QRS duration"]["within"] == 1
    assert told["QT interval"]["told"] == 0
    assert told["QT interval"]["share"] is None
    assert "heart rate: 1 of 1 texts within 2 of the marks (3 recordings have them)" in marked.lines(told)


def test_a_shown_number_that_is_far_from_the_marks_is_told_and_not_within(
    ludb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = entries("ludb", ludb)[0]
    m = read(entry).segment.measurements
    assert m is not None
    assert m.rate_bpm is not None
    text = f"The heart rate is {m.rate_bpm.value:.0f} /min."
    far = {"heart rate": m.rate_bpm.value + 2.6}
    monkeypatch.setattr(marked, "marked", lambda _: far)
    told = marked.against([entry], [said(entry, text)])
    assert told is not None
    shares = {"share": 0.0, "share_of_marked": 0.0}
    assert told["heart rate"] == {"marked": 1, "told": 1, "within": 0, "reach": 2.0, **shares}


def test_records_without_marks_have_none(ptbxl: Path) -> None:
    some = entries("ptbxl", ptbxl)[:2]
    assert marked.marked(some[0]) == {}
    assert marked.against(some, [said(one, "") for one in some]) is None


def test_a_rate_that_a_finding_of_the_criteria_tells_counts_too(ludb: Path) -> None:
    entry = entries("ludb", ludb)[0]
    base = interpret(read(entry).segment, entry.context, Nanoseconds(0))
    k = next(k for k, one in enumerate(base.findings) if any(e.measure == "heart rate" for e in one.evidence))
    answer = replace(base, sentences=(Sentence(f"Measured: {base.findings[k].text}", Verdict.AGREE, finding=k),))
    told = marked.against([entry], [answer])
    assert told is not None
    assert (told["heart rate"]["told"], told["heart rate"]["within"]) == (1, 1)
    assert told["QRS duration"]["told"] == 0
