"""Beds of one lead: how a recording becomes one, how VT on it is counted, and that a patient stays in one fold."""

from dataclasses import replace

import numpy as np
import pytest

from infra.score import alarms, learn_run
from infra.score.one_lead import alone
from ingest.frame import Flaw, Signal, Span
from ingest.recording import Recording
from stream.models import models


def recording() -> Recording:
    signals = tuple(Signal(name, "mV", 200.0, 0) for name in ("II", "V1"))
    pleth = Signal("PLETH", "NU", 1.0, 0)
    samples = np.arange(3000, dtype=np.int16).reshape(3, 1000)
    spans = (Span(0, 100, 200, Flaw.LEAD_OFF), Span(1, 300, 900, Flaw.INVALID), Span(2, 5, 9, Flaw.INVALID))
    return Recording("r", 100.0, (signals[0], signals[1], pleth), samples, spans, pacer=(50, 950))


def test_a_lead_alone_keeps_what_is_no_ecg_and_its_own_flaws() -> None:
    one = alone(recording(), 1)
    assert one is not None
    assert [s.name for s in one.signals] == ["V1", "PLETH"]
    assert one.samples[:, 0].tolist() == [1000, 2000]
    assert [(s.row, s.start) for s in one.spans] == [(0, 300), (1, 5)]
    assert alone(recording(), 2) is None


def test_leads_alone_are_counted_lead_by_lead() -> None:
    some = [alarms.Scored(name, "vt", name < "c", raised) for name, raised in zip("aabbccdd", "10110010", strict=True)]
    told = alarms.summary_of_leads([replace(s, raised=s.raised == "1") for s in some])
    assert {key: told[key] for key in ("leads", "tp", "fn", "fp", "tn")} == {
        "leads": 8, "tp": 3, "fn": 1, "fp": 1, "tn": 3,
    }  # fmt: skip
    assert alarms.line_of_leads(told).startswith("vt, each lead alone: 3 of 4 true raised, Se 75.0 % (")


def test_leads_alone_of_a_folder_without_vt_are_no_figure() -> None:
    assert alarms.leads_alone([], alarms.Pulse.OFF) is None


def test_a_patient_is_in_one_fold_with_all_leads_and_with_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.zeros((2, 24))
    records = [
        learn_run.Moments(f"{verdict}{k}", rows, np.full(2, verdict), True, lone)
        for verdict in (0, 1)
        for k in range(10)
        for lone in (False, True, True)
    ]
    assert sorted(learn_run.folds(records).values()) == sorted([*range(5)] * 4)
    known: list[set[str]] = []
    monkeypatch.setattr(learn_run, "learn", lambda some: known.append({r.name for r in some}))
    monkeypatch.setattr(learn_run.trees, "as_array", lambda _: np.zeros((1, 6)))
    found = learn_run.out_of_fold(records)
    for k, names in enumerate(known):
        assert names == {name for name, fold in learn_run.folds(records).items() if fold != k}
    assert found["00"].beat is models().beat
    assert found["00"].run.shape == (1, 6)
