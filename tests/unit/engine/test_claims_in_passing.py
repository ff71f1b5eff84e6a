"""What a sentence says in passing, by words that are harmless elsewhere: of a part of the recording, of every beat, of other leads, of what was before."""

import pytest

from engine.claims.check import check
from engine.claims.show import Outcome, outcome
from tests.unit.engine.test_claims_variants import records

SHOWN = [
    ("usual", "Sinus rhythm throughout."),
    ("usual", "T is 0.30 mV in V5 and 0.20 mV in V6."),
    ("usual", "The R wave is 1.3 mV in V5."),
    ("early", "A ventricular premature beat is seen."),
    ("usual", "The axis is normal, and the QTc comes to 427 ms."),
    ("usual", "All QRS complexes are narrow."),
    ("usual", "Each P wave is followed by a QRS complex."),
    ("usual", "Each QRS follows a P wave."),
]
NOT_SHOWN = [
    ("usual", "Sinus rhythm in the first seconds only."),
    ("usual", "In the first half the rhythm is sinus, in the second half it is not."),
    ("usual", "The rhythm is initially sinus."),
    ("usual", "PR is constant, save for one longer interval."),
    ("usual", "PR 160 ms, gradually longer."),
    ("usual", "Heart rate 72, which doubles during the recording."),
    ("usual", "T is 0.3 mV in V5, V6 and V1."),
    ("usual", "R 1.3 mV in V5, likewise V1."),
    ("usual", "R 1.3 mV in V5, even more in V6."),
    ("usual", "T waves have become upright."),
    ("usual", "The ST segment has returned to baseline."),
    ("usual", "Were it not for the wide QRS, the ECG would be normal."),
    ("fibrillating", "Atrial fibrillation has been converted."),
    ("slow", "A bradycardia cannot be spoken of at 48 bpm."),
    ("Q", "Q waves in III and aVF are of no significance."),
    ("early", "Several ventricular premature beats are seen."),
    ("early", "PVCs occur in pairs."),
    ("early", "A PVC falls on the T wave."),
    ("early", "All complexes are narrow."),
    ("usual", "Regular it is not."),
    ("usual", "A regular rhythm this is not."),
    ("usual", "What seems to be sinus rhythm is not."),
    ("usual", "This only looks like sinus rhythm."),
    ("usual", "The axis is normal only at first sight."),
    ("usual", "Sinus rhythm, though not regular."),
    ("usual", "T waves are upright in neither V5 nor V6."),
    ("usual", "P waves follow the QRS complexes."),
    ("usual", "The QRS is narrow and followed by a P wave."),
    ("usual", "Mean rate 72, minimum 40."),
]


@pytest.mark.parametrize(("record", "text"), SHOWN)
def test_what_is_true_is_shown_as_it_stands(record: str, text: str) -> None:
    assert outcome(text, check(text, records()[record])) is Outcome.WHOLE


@pytest.mark.parametrize(("record", "text"), NOT_SHOWN)
def test_what_nobody_measured_is_not_shown_beside_what_agrees(record: str, text: str) -> None:
    assert outcome(text, check(text, records()[record])) is not Outcome.WHOLE


AXES = [
    ("With -23° the axis is left-deviated; the normal axis runs from -30 to +90 degrees.", -23),
    ("R wave progression is normal from V1 to V4, and the axis is leftward.", -5),
    ("Normal sinus rhythm with a leftward axis.", -5),
    ("An axis between -30 and +90 degrees is normal; the value of 45 degrees falls to the right of that sector.", 45),
]


@pytest.mark.parametrize(("text", "axis_deg"), AXES)
def test_a_direction_is_a_deviation_where_what_is_called_normal_is_something_else(text: str, axis_deg: float) -> None:
    from tests.unit.engine.test_claims import basis

    assert outcome(text, check(text, basis(axis_deg=axis_deg))) is Outcome.STOPPED


def test_a_beat_that_the_monitor_path_alone_took_for_ventricular_is_neither_shown_nor_contradicted() -> None:
    from engine.claims.basis import Basis
    from stream.measurement import BeatKind
    from tests.unit.engine.test_beats import moved

    claims = check("There is a ventricular premature beat.", Basis.of(moved(0, BeatKind.VENTRICULAR, wide=False)))
    assert [(c.verdict.value, c.uncontradicted) for c in claims] == [("unsupported", True)]
