"""Chest electrodes in each other's place are doubted, and a large R of V1 is told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from engine.interpretation import Interpretation
from engine.interpreter import NORMAL, interpret
from ingest.bed import BedContext
from ingest.frame import BedId, Nanoseconds
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.measurement import Estimate
from stream.offline import segment_at
from stream.trigger import Segment
from tests.sinus import plain

DOMINANT = "365413008"


@cache
def exchanged(seed: int, *pair: str) -> Segment:
    """Ten seconds that the signal path made of a patient on whom two electrodes stand in each other's place."""
    recording = simulate(SCENARIOS["sinus"], 30.0, seed=seed)
    names = [one.name for one in recording.signals]
    samples = recording.samples.copy()
    if pair:
        a, b = (names.index(lead) for lead in pair)
        samples[[a, b]] = samples[[b, a]]
    samples.flags.writeable = False
    return segment_at(replace(recording, samples=samples), None)


def answered(segment: Segment, age: float | None = None) -> Interpretation:
    return interpret(segment, BedContext(BedId("b"), age_years=age), Nanoseconds(0))


def held(segment: Segment) -> dict[str, str]:
    return {w.name: w.reason for w in answered(segment).withheld}


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("pair", [("V1", "V3"), ("V2", "V5"), ("V1", "V6"), ("V3", "V4")])
def test_exchanged_chest_electrodes_are_doubted_and_named(seed: int, pair: tuple[str, str]) -> None:
    segment = exchanged(seed, *pair)
    assert held(segment)["chest leads"].startswith(f"{pair[0]} and {pair[1]} may be exchanged")
    answer = answered(segment)
    assert NORMAL not in {f.code for f in answer.findings}
    assert "chest leads" in answer.report.rpartition("[Withheld: ")[2]


@pytest.mark.parametrize("seed", [3, 4, 5, 6])
def test_electrodes_in_their_places_are_not(seed: int) -> None:
    assert "chest leads" not in held(exchanged(seed))


def test_of_a_wide_qrs_and_of_fewer_leads_nothing_is_said_of_their_places() -> None:
    segment = exchanged(3, "V1", "V3")
    m = segment.measurements
    assert m is not None
    assert "chest leads" not in held(replace(segment, measurements=replace(m, qrs_ms=Estimate(140.0, "ms", 2.0, 12))))
    few = tuple(one for one in m.leads if one.lead != "V6")
    assert "chest leads" not in held(replace(segment, measurements=replace(m, leads=few)))


def test_voltages_are_not_told_of_a_lead_that_may_be_another() -> None:
    assert "may be exchanged" in held(exchanged(3, "V1", "V3"))["hypertrophy"]
    assert "hypertrophy" not in held(exchanged(3))


def with_v1(r: float, s: float) -> Segment:
    m = plain().measurements
    assert m is not None
    waves = {"r_mv": Estimate(r, "mV", 0.01, 12), "s_mv": Estimate(s, "mV", 0.01, 12), "q_mv": None, "q_ms": None}
    rows = tuple(replace(one, **waves) if one.lead == "V1" else one for one in m.leads)
    return replace(plain(), measurements=replace(m, leads=rows))


@pytest.mark.parametrize(
    ("r", "s", "age", "told"),
    [(0.8, -0.3, None, True), (0.8, -0.3, 50.0, True), (0.8, -0.3, 9.0, False), (0.4, -0.3, None, False), (0.8, -0.9, None, False)],
)  # fmt: skip
def test_a_large_r_of_v1_is_told_of_adults_and_is_not_normal(r: float, s: float, age: float | None, told: bool) -> None:
    answer = answered(with_v1(r, s), age)
    texts = [f.text for f in answer.findings if f.code == DOMINANT]
    assert texts == (["R is the larger wave in V1: 0.80 mV and S 0.30 mV deep."] if told else [])
    assert (NORMAL in {f.code for f in answer.findings}) is not told
