"""What single beats, parts of a sum, ST levels and pairs of waves are held against: what is true is not stopped, the same with one thing altered is."""

from functools import lru_cache

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.show import Outcome, outcome
from stream.measurement import BeatKind
from tests.unit.engine.test_claims import basis

_EARLY_AT = {3: BeatKind.SUPRAVENTRICULAR, 7: BeatKind.VENTRICULAR}
_SAMPLES = (150, 600, 1050, 1300, 1900, 2350, 2800, 3060, 3660, 4110, 4560)
"""RR of 900 ms; beats that come after 500 and 520 ms, each with 1200 ms behind it."""


@lru_cache(maxsize=1)
def records() -> dict[str, Basis]:
    """Two early beats among regular ones, and only regular ones."""
    early = [
        {"sample": at, "kind": _EARLY_AT.get(k, BeatKind.NORMAL).value, "rr_ms": (at - _SAMPLES[k - 1]) * 2.0 if k else None}
        for k, at in enumerate(_SAMPLES)
    ]  # fmt: skip
    steady = [{"sample": 100 + 450 * k + k % 2, "kind": "N"} for k in range(11)]
    return {
        "early": basis(beats=early, rate_bpm=67, rr_ms=900, rr_sd_ms=260),
        "steady": basis(beats=steady, rate_bpm=66.7, rr_ms=900, rr_sd_ms=2.0),
    }


def is_stopped(record: str, text: str) -> bool:
    on = records()[record]
    return outcome(text, check(text, on)) is Outcome.STOPPED


OF_BEATS = [
    ("early", "The rate is 67 bpm, with a supraventricular premature beat at 2.6 s.", "The rate is 67 bpm, with a supraventricular premature beat at 4.6 s."),
    ("early", "At 67 bpm one PVC (6.1 s) and one PAC (2.6 s) are seen.", "At 67 bpm one PVC (2.6 s) and one PAC (6.1 s) are seen."),
    ("early", "The rate is 67 bpm; a ventricular ectopic comes about 6.1 s into the strip.", "The rate is 67 bpm; a ventricular ectopic comes about 3.9 s into the strip."),
    ("early", "The rate is 67 bpm. At 2.6 s an early beat interrupts the rhythm.", "The rate is 67 bpm. At 7.6 s an early beat interrupts the rhythm."),
    ("early", "The rate is 67 bpm; premature beats are found at 2.6 and 6.1 s.", "The rate is 67 bpm; premature beats are found at 2.6 and 8.1 s."),
    ("early", "An early beat is followed by a pause of 1.2 s; the rate is 67 bpm.", "An early beat is followed by a pause of 1.6 s; the rate is 67 bpm."),
    ("early", "The shortest cycle lasts 500 ms and the longest 1200 ms.", "The shortest cycle lasts 500 ms and the longest 900 ms."),
    ("early", "Intervals as short as 0.50 s are followed by longer ones of up to 1.20 s; the rate is 67 bpm.", "Intervals as short as 0.70 s are followed by longer ones of up to 1.20 s; the rate is 67 bpm."),
    ("early", "RR ranges from about 0.50 to 1.20 s.", "RR ranges from about 0.50 to 1.50 s."),
    ("early", "RR intervals lie between 0.50 and 1.20 s.", "RR intervals lie between 0.80 and 1.20 s."),
    ("early", "The coupling interval of the ventricular beat is 520 ms; the rate is 67 bpm.", "The coupling interval of the ventricular beat is 720 ms; the rate is 67 bpm."),
    ("early", "Long and short cycles of about 1.20 and 0.51 s alternate; the rate is 67 bpm.", "Long and short cycles of about 1.60 and 0.51 s alternate; the rate is 67 bpm."),
    ("steady", "The rhythm is regular to within 4 ms.", "The rhythm is regular to within 50 ms."),
    ("steady", "RR intervals differ by barely 4 ms around 900 ms.", "RR intervals differ by barely 60 ms around 900 ms."),
    ("steady", "RR 900 ms with an SD of 2 ms.", "RR 700 ms with an SD of 2 ms."),
    ("steady", "The cycle length is constant at 900 ms, give or take 4 ms.", "The cycle length is constant at 800 ms, give or take 4 ms."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "false"), OF_BEATS)
def test_a_time_of_single_beats_is_held_against_the_beats(record: str, true: str, false: str) -> None:
    assert not is_stopped(record, true)
    assert is_stopped(record, false)


def test_a_beat_of_a_kind_that_was_not_measured_has_no_moment() -> None:
    assert is_stopped("steady", "The rate is 67 bpm, with a ventricular premature beat at 2.6 s.")
    assert is_stopped("steady", "The rate is 67 bpm, with a PR of 2.6 s.")
