"""A fast rhythm whose origin is withheld, and a paced patient without a pulse: what a reader must think of is said."""

from dataclasses import replace

import pytest

from engine.criteria.rhythm import FAST_WITH_BEATS, PACING, VT_POSSIBLE
from engine.interpretation import Interpretation
from engine.interpreter import interpret
from ingest.bed import BedContext
from ingest.frame import BedId, Nanoseconds
from stream.measurement import BeatKind, Estimate
from stream.trigger import Segment
from tests.sinus import plain


def fast(bpm: float, qrs_ms: float, ventricular: int = 0) -> Segment:
    """No P waves, beats that are regular, and so many of them taken for ventricular ones."""
    m = plain().measurements
    assert m is not None
    rr = 60000.0 / bpm
    beats = tuple(
        replace(b, kind=BeatKind.VENTRICULAR if k < ventricular else b.kind, rr_ms=rr) for k, b in enumerate(m.beats)
    )
    by_beat = tuple(replace(one, p=False, p_ms=None, pr_ms=None, qrs_ms=qrs_ms) for one in m.by_beat)
    found = replace(
        m, rate_bpm=Estimate(bpm, "/min", 0.5, 9), rr_ms=Estimate(rr, "ms", 2.0, 9), rr_sd_ms=3.0, p_wave_present=False, pr_ms=None,
        p_ms=None, by_beat=by_beat, beats=beats, qrs_ms=Estimate(qrs_ms, "ms", 2.0, 9),
    )  # fmt: skip
    return replace(plain(), measurements=found)


def rhythm(answer: Interpretation) -> str:
    return next((one.reason for one in answer.withheld if one.name == "rhythm"), "")


@pytest.mark.parametrize(
    ("bpm", "qrs_ms", "ventricular", "possible"),
    [
        (187.0, 160.0, 0, True),
        (187.0, 90.0, 0, False),
        (120.0, 160.0, 0, False),
        (FAST_WITH_BEATS + 20.0, 90.0, 1, True),
        (FAST_WITH_BEATS - 10.0, 90.0, 1, False),
    ],
)
def test_of_a_fast_rhythm_with_beats_that_may_be_the_ventricles_it_is_said(
    bpm: float, qrs_ms: float, ventricular: int, possible: bool
) -> None:
    answer = interpret(fast(bpm, qrs_ms, ventricular), None, Nanoseconds(0))
    assert rhythm(answer).startswith(VT_POSSIBLE) is possible
    assert (VT_POSSIBLE in answer.report) is possible
    assert "Ventricular tachycardia" not in [one.name for one in answer.findings]


def test_a_paced_patient_without_a_pulse_is_said_to_be_one() -> None:
    paced = BedContext(BedId("a"), paced=True)
    answer = interpret(plain(), paced, Nanoseconds(0))
    assert PACING in [one.name for one in answer.withheld]
    assert "the patient is said to be paced" in answer.report
    assert PACING not in [one.name for one in interpret(plain(), None, Nanoseconds(0)).withheld]
