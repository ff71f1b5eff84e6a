"""Dense prose of strangers: what a number is said of where rate, moments of beats, ranges and comparisons stand in one sentence."""

import pytest

from engine.claims.check import check
from engine.claims.show import Outcome, outcome
from stream.measurement import BeatKind
from tests.unit.engine.test_claims import basis
from tests.unit.engine.test_claims_variants import leads, records

_KINDS = {3: BeatKind.SUPRAVENTRICULAR, 7: BeatKind.UNKNOWN}
_SAMPLES = (200, 617, 1034, 1250, 1700, 2117, 2534, 2750, 3200, 3617, 4034, 4451)
OTHERS = {
    "two early": basis(
        beats=[
            {"sample": at, "kind": _KINDS.get(k, BeatKind.NORMAL).value, "rr_ms": 2.0 * (at - _SAMPLES[k - 1]) if k else None}
            for k, at in enumerate(_SAMPLES)
        ],
        rr_ms=834, rr_sd_ms=150,
    ),
    "drifting": basis(
        beats=[{"sample": at, "kind": BeatKind.NORMAL.value} for at in (150, 500, 860, 1240, 1640, 2060, 2490, 2930, 3380, 3840, 4310)],
        rr_ms=830, rr_sd_ms=75,
    ),
    "wide P": basis(p_ms=136),
    "tall P": basis(leads=leads(II={"p_mv": 0.22})),
    "flat": basis(leads=leads(V4={"t_mv": -0.11}, **{name: {"t_mv": 0.02} for name in ("I", "II", "III", "aVR", "aVL", "aVF")})),
    "V1 up": basis(leads=leads(V1={"t_mv": 0.15})),
    "J down": basis(leads=leads(V5={"st_j_mv": -0.24, "st_j60_mv": 0.02})),
}  # fmt: skip
PAIRS = [
    # a rate beside the rhythm
    ("usual", "At 72 bpm the rhythm is sinus.", "At 92 bpm the rhythm is sinus."),
    ("usual", "At 72/min the rhythm is sinus and regular.", "At 72 ms the rhythm is sinus and regular."),
    ("usual", "A 72 bpm rhythm of sinus origin is recorded.", "A 52 bpm rhythm of sinus origin is recorded."),
    # when beats come
    ("two early", "Two premature narrow complexes at 2.5 s and 5.5 s; the rate is 72 bpm.", "Two premature narrow complexes at 2.5 s and 7.5 s; the rate is 72 bpm."),
    ("two early", "At 72 bpm a single early supraventricular beat (at 2.5 s) breaks the rhythm.", "At 72 bpm a single early supraventricular beat (at 4.3 s) breaks the rhythm."),
    ("two early", "A premature supraventricular beat occurs close to 2.5 s; otherwise the cycles hover around 0.83 s.", "A premature supraventricular beat occurs close to 2.5 s; otherwise the cycles hover around 1.23 s."),
    ("two early", "72 bpm; premature supraventricular complexes at 2.5 s and 5.5 s.", "72 bpm; premature supraventricular complexes at 2.5 s and 9.4 s."),
    # the ends of a range of RR, and one of the times between two beats
    ("drifting", "Mean rate is 72 bpm with RR intervals from below 0.72 to nearly 0.96 s.", "Mean rate is 72 bpm with RR intervals from below 0.52 to nearly 0.96 s."),
    ("drifting", "The RR series drifts from about 0.70 s at the beginning to more than 0.9 s near the end.", "The RR series drifts from about 0.70 s at the beginning to more than 1.2 s near the end."),
    ("drifting", "At 72 bpm there is a stretch of 0.94 s between two consecutive beats.", "At 72 bpm there is a stretch of 1.34 s between two consecutive beats."),
    ("usual", "The RR interval is constant (SD 12 ms) at 833 ms.", "The RR interval is constant (SD 12 ms) at 633 ms."),
    # two waves that are compared
    ("usual", "R dominates from V4 (1.40 mV against 0.40 mV).", "R dominates from V4 (1.40 mV against 0.80 mV)."),
    ("usual", "The R wave grows; it exceeds the S only from V4 (1.40 against 0.40 mV).", "The R wave grows; it exceeds the S only from V4 (1.90 against 0.40 mV)."),
    ("usual", "R exceeds S from V4 on, 1.40 mV to 0.40 mV.", "R exceeds S from V4 on, 1.40 mV to 0.70 mV."),
    ("usual", "R exceeds S from V4 on, 1.40 mV to 0.40 mV.", "R exceeds S from V4 on, 1.30 mV to 1.40 mV."),
    ("usual", "The R/S transition is at V4 (1.40 over 0.40 mV).", "The R/S transition is at V4 (1.90 over 0.40 mV)."),
    ("usual", "V4 has R 1.40 mV over S 0.40 mV.", "V4 has R 0.80 mV over S 0.40 mV."),
    ("usual", "V1 has an S of 1.10 mV, but from V2 (0.50 mV) onwards the R grows to 1.40 mV in V4.", "V1 has an S of 1.10 mV, but from V2 (0.90 mV) onwards the R grows to 1.40 mV in V4."),
    # sums without the names of their waves
    ("usual", "No LVH: 1.10 + 1.30 = 2.40 mV.", "No LVH: 1.10 + 1.70 = 2.40 mV."),
    ("usual", "The voltages (1.10 plus 1.30 makes 2.40 mV) are normal.", "The voltages (1.10 plus 1.30 makes 2.90 mV) are normal."),
    ("usual", "S V1 1.10 mV and R V5 1.30 mV amount to just 2.40 mV.", "S V1 1.10 mV and R V5 1.30 mV amount to just 2.90 mV."),
    ("usual", "S V1 and R V5, 1.10 and 1.30 mV, come to only 2.40 mV.", "S V1 and R V5, 1.50 and 1.30 mV, come to only 2.40 mV."),
    ("usual", "The Cornell sum with S in V3 (0.90 mV) is 1.10 mV, at 72 bpm.", "The Cornell sum with S in V3 (0.90 mV) is 1.70 mV, at 72 bpm."),
    ("usual", "Lead I has 0.60 mV of R against 0.10 mV of S, and aVF 0.60 against 0.10 mV.", "Lead I has 0.60 mV of R against 0.10 mV of S, and aVF 0.90 against 0.10 mV."),
    # values of leads alone
    ("usual", "P before each QRS, 72/min. Limb leads: II 0.90 mV, aVF 0.60 mV, I only 0.60 mV.", "P before each QRS, 72/min. Limb leads: II 1.40 mV, aVF 0.60 mV, I only 0.60 mV."),
    ("usual", "P is upright. Limb leads: II 0.90 mV, aVF 0.60 mV.", "P is upright. Limb leads: II 0.42 mV, aVF 0.60 mV."),
    ("usual", "T waves are upright. In V4 0.40 mV are reached.", "T waves are upright. In V4 1.40 mV are reached."),
    # J and 60 ms later
    ("J down", "J-point depression of 0.24 mV in V5 resolves to 0.02 mV by 60 ms.", "J-point depression of 0.24 mV in V5 resolves to 0.22 mV by 60 ms."),
    ("J down", "J-point depression in V5 of 0.24 mV, diminishing to 0.02 mV.", "J-point depression in V5 of 0.44 mV, diminishing to 0.02 mV."),
    ("J down", "J-point depression in V5 of 0.24 mV, diminishing to 0.02 mV.", "J-point elevation in V5 of 0.24 mV, diminishing to 0.02 mV."),
    ("J down", "In V5 the J point lies 0.24 mV low, recovering to 0.02 mV at 60 ms.", "In V5 the J point lies 0.24 mV low, recovering to -0.24 mV at 60 ms."),
    ("J down", "The J point in V5 drops to -0.24 mV, yet 60 ms later 0.02 mV remain, hence no fixed ST depression.", "The J point in V5 drops to -0.24 mV, yet 60 ms later 0.22 mV remain, hence no fixed ST depression."),
    # words of two meanings
    ("J down", "V5 has a J-point depression of 0.24 mV, of a junctional, rapidly upsloping shape.", "V5 has a J-point depression of 0.24 mV and a junctional rhythm."),
    ("usual", "At 72 bpm the ST segment is rapidly upsloping.", "At 72 bpm the rhythm is rapid."),
    ("usual", "Sinus rhythm at 72 bpm; a lesion in the LAD territory is not told by this.", "Sinus rhythm at 72 bpm with LAD."),
    ("usual", "Conduction is swift, with PR 160 ms and a QRS of 92 ms.", "The heart is swift, with PR 160 ms and a QRS of 92 ms."),
    # limits in words
    ("wide P", "The P wave lasts 136 ms, longer than the normal maximum of 120 ms.", "The P wave lasts 136 ms, shorter than the normal maximum of 120 ms."),
    ("usual", "The P wave lasts 100 ms, shorter than the normal maximum of 120 ms.", "The P wave lasts 100 ms, longer than the normal maximum of 120 ms."),
    ("tall P", "With 0.22 mV the P wave in II is just inside the 0.25 mV limit for right atrial enlargement.", "With 0.22 mV the P wave in II is beyond the 0.25 mV limit for right atrial enlargement."),
    ("usual", "At 72 bpm nowhere does an ST shift exceed 0.2 mV.", "At 72 bpm nowhere does an ST shift exceed 0.02 mV."),
    ("usual", "At 72 bpm no ST deviation of 0.15 mV or more is seen.", "At 72 bpm ST deviations of 0.15 mV or more are seen."),
    ("usual", "The rate is 72 bpm. In V3 the ST segment is elevated by less than 0.1 mV.", "The rate is 72 bpm. In V3 the ST segment is elevated by more than 0.1 mV."),
    # leads of two qualities, and leads that are left out
    ("flat", "T waves are nearly flat in all limb leads and mildly inverted in V4 (-0.11 mV).", "T waves are nearly flat in all limb leads and mildly inverted in V2 (-0.11 mV)."),
    ("V1 up", "At 72 bpm all leads save aVR have positive T waves.", "At 72 bpm all leads save V1 have positive T waves."),
    # what is said of early beats alone
    ("two early", "At 72 bpm a premature supraventricular complex comes at 2.5 s; no P wave is found before it.", "At 72 bpm a premature supraventricular complex comes at 2.5 s; no P wave is found before the beats."),
    ("usual", "At 72 bpm an inferior infarct remains unproven.", "At 72 bpm an inferior infarct is proven."),
    ("usual", "Regular (RR SD 12 ms), 833 ms per cycle.", "Regular (RR SD 12 ms), 633 ms per cycle."),
]  # fmt: skip


def _outcome(record: str, text: str) -> Outcome:
    of = OTHERS.get(record) or records()[record]
    return outcome(text, check(text, of))


@pytest.mark.parametrize(("record", "true", "false"), PAIRS)
def test_what_is_true_is_not_stopped_and_what_is_altered_is(record: str, true: str, false: str) -> None:
    assert _outcome(record, true) is not Outcome.STOPPED
    assert _outcome(record, false) is Outcome.STOPPED


@pytest.mark.parametrize("what", ["sustained ventricular tachycardia", "valvular atrial fibrillation", "ST-elevation infarction", "conducted atrial extrasystoles"])  # fmt: skip
def test_a_kind_that_is_named_by_what_it_is_not_denies_nothing(what: str) -> None:
    assert _outcome("usual", f"At 72 bpm non-{what} is seen.") is Outcome.STOPPED
