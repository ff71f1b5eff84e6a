"""Ways to say a finding that no template holds: each is told to the record of which it is true, and each false one is stopped."""

import copy
from functools import lru_cache

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.show import sentences
from stream.measurement import BeatKind
from tests.unit.engine.test_claims import LEADS, basis


def leads(**other: dict[str, float]) -> dict[str, dict[str, float]]:
    found = copy.deepcopy(LEADS)
    for name, row in other.items():
        found[name].update(row)
    return found


UP = {"st_j_mv": 0.2, "st_j60_mv": 0.2}
DOWN = {"st_j_mv": -0.2, "st_j60_mv": -0.2}
Q = {"q_mv": -0.2, "q_ms": 40.0}


@lru_cache(maxsize=1)
def records() -> dict[str, Basis]:
    """Records that differ in one thing from the usual one."""
    beats = [
        {"sample": 500 * (k + 1), "kind": (BeatKind.VENTRICULAR if k == 4 else BeatKind.NORMAL).value} for k in range(9)
    ]
    return {
        "usual": basis(),
        "fibrillating": basis(p_wave_present=False, rr_sd_ms=180, pr_ms=None, p_ms=None, rate_bpm=110, qt_ms=330),
        "slow": basis(rate_bpm=48, qt_ms=430),
        "fast": basis(rate_bpm=124, qt_ms=310),
        "long PR": basis(pr_ms=232),
        "short PR": basis(pr_ms=96),
        "left": basis(axis_deg=-52),
        "right": basis(axis_deg=110),
        "long QT": basis(qt_ms=480, rate_bpm=75),
        "ST up": basis(leads=leads(V5=UP, V6=UP, I=UP, aVL=UP)),
        "ST down": basis(leads=leads(V5=DOWN, V6=DOWN, I=DOWN, aVL=DOWN)),
        "T down": basis(leads=leads(V4={"t_mv": -0.3}, V5={"t_mv": -0.3}, V6={"t_mv": -0.25})),
        "small R": basis(leads=leads(V3={"r_mv": 0.1}, V4={"r_mv": 0.3})),
        "tall R": basis(leads=leads(V5={"r_mv": 3.0}, V1={"s_mv": -1.9})),
        "Q": basis(leads=leads(III=Q, aVF=Q)),
        "early": basis(beats=beats),
    }


def stopped(record: str, text: str) -> bool:
    """Whether anything that a text says of a record does not agree."""
    return any(claim.verdict is not Verdict.AGREE for claim in check(text, records()[record]))


TRUE = [
    ("usual", "Looking at the tracing as a whole, the first impression is of an orderly rhythm at 72 bpm."),
    ("usual", "A PR interval of 160 ms leaves no room for a first-degree AV block."),
    ("usual", "At 160 ms the PR interval falls short of the 200 ms that would define first-degree AV block."),
    ("usual", "Intraventricular conduction is undisturbed, as the QRS of 92 ms demonstrates."),
    ("usual", "Electrical axis: 45 degrees, which counts as normal."),
    ("usual", "The R waves become taller as one moves from V1 to V4."),
    ("usual", "The voltages do not satisfy the Sokolow-Lyon criterion for left ventricular hypertrophy."),
    ("usual", "No voltage evidence of LVH is seen."),
    ("usual", "The ST segment in lead II is level with the baseline."),
    ("usual", "T waves in lead V5 show a positive deflection of 0.30 mV."),
    ("usual", "The corrected QT of 427 ms (Bazett) does not indicate prolonged repolarization."),
    ("usual", "Once corrected for rate, the QT interval of 390 ms amounts to 427 ms (Bazett), a value that is not prolonged."),
    ("usual", "This tracing is free of ventricular ectopy."),
    ("usual", "The time between consecutive beats is constant at about 833 ms."),
    ("usual", "The rhythm originates in the sinus node and ticks along at 72 bpm."),
    ("usual", "The rate, 72 bpm, would be described as normal by any standard."),
    ("usual", "In lead V1 the S wave is 1.1 mV deep, dominating the R wave of 0.2 mV."),
    ("usual", "Taken together, these measurements describe a sinus rhythm with normal AV conduction."),
    ("usual", "There are no Q waves in V2-V4 to suggest an old anterior infarction."),
    ("usual", "The trace is in sinus rhythm at a steady 72 bpm."),
    ("usual", "The rate I make 72 bpm, which is neither here nor there."),
    ("usual", "PQ 0.16 s, no delay at the AV node."),
    ("usual", "QRS 92 ms, not widened."),
    ("usual", "No BBB."),
    ("usual", "I note an axis of +45°, that is to say normal."),
    ("usual", "R waves pick up well across the chest leads."),
    ("usual", "The R waves rise as they should from V1 to V4."),
    ("usual", "SV1 + RV5 = 2.4 mV."),
    ("usual", "No ST shift in V4-V6."),
    ("usual", "The inferior leads are free of ST change."),
    ("usual", "T wave inversion confined to V1 as far as I can judge."),
    ("usual", "No ectopics."),
    ("usual", "There being P waves ahead of every QRS, I read this as sinus rhythm."),
    ("usual", "All in all sinus rhythm, normal axis, narrow QRS."),
    ("usual", "ECG today: SR 72, PR 160, QRS 92, QTc 427."),
    ("usual", "R in aVL is only 0.2 mV."),
    ("usual", "What is the rate? It is 72 bpm, which falls in the normal range."),
    ("usual", "Is there an AV block? No. The PR interval is 160 ms."),
    ("usual", "Is there evidence of left ventricular hypertrophy? No, the Sokolow-Lyon sum stays below 3.5 mV."),
    ("usual", "Students often overlook the T wave in lead V1, which is inverted here."),
    ("usual", "By definition, tachycardia is a rate above 100 bpm; at 72 bpm this criterion is not met."),
    ("usual", "The normal PR interval ranges from 120 to 200 ms, and at 160 ms this one fits."),
    ("usual", "Note how the R wave becomes progressively taller from V1 to V4."),
    ("usual", "Observe that lead I and aVF are both positive, so the axis is normal."),
    ("usual", "The student should conclude that the axis is normal, since it measures 45 degrees."),
    ("usual", "The answer is B: sinus rhythm with a rate of 72 bpm."),
    ("usual", "Count the large squares between two R waves and divide 300 by that number: the rate is about 72 bpm."),
    ("usual", "How long is the QRS? It lasts 92 ms."),
    ("usual", "Why is this not atrial fibrillation? Because P waves are present and the rhythm is regular."),
    ("usual", "The PR interval spans four small squares, or 160 ms."),
    ("usual", "st segments isoelectric in ii, iii and avf; t waves upright."),
    ("fibrillating", "The absence of P waves together with an irregular ventricular response makes atrial fibrillation the diagnosis."),
    ("fibrillating", "With no P waves to be found and R-R intervals that wander from beat to beat, the rhythm is atrial fibrillation."),
    ("fibrillating", "I cannot find a P wave anywhere, and the ventricular rhythm is irregular: atrial fibrillation."),
    ("fibrillating", "Atrial fibrillation with a fast ventricular response of 110 bpm."),
    ("fibrillating", "The R-R intervals follow no pattern."),
    ("fibrillating", "No P waves precede the QRS complexes."),
    ("fibrillating", "P waves? None. R-R intervals? Irregular. Diagnosis? Atrial fibrillation."),
    ("fibrillating", "Sinus rhythm is not present; instead, there is atrial fibrillation."),
    ("fibrillating", "The rhythm is anything but regular."),
    ("fibrillating", "This cannot be sinus rhythm, because P waves are missing."),
    ("slow", "At 48 bpm the heart is beating slowly, in other words sinus bradycardia."),
    ("slow", "The rate of 48 bpm is on the slow side."),
    ("slow", "The sinus node fires 48 times a minute, slower than the usual 60 to 100."),
    ("slow", "The rate falls below the lower limit of 60 bpm, which defines bradycardia."),
    ("slow", "A rate of 48 bpm is lower than the normal range of 60-100 bpm and is termed bradycardia."),
    ("slow", "The heart is in no hurry at 48 bpm."),
    ("fast", "The heart races along at 124 bpm: sinus tachycardia."),
    ("fast", "The rate of 124 bpm exceeds 100 bpm and is therefore tachycardic."),
    ("long PR", "The PR interval is stretched to 232 ms, first-degree AV block in other words."),
    ("long PR", "At 232 ms, the PR interval is longer than the accepted 200 ms."),
    ("long PR", "The PR interval, 232 ms, is beyond the 200 ms limit, so there is first-degree AV block."),
    ("long PR", "Conduction through the AV node takes its time: PR 232 ms."),
    ("long PR", "The PR of 232 ms earns the label first-degree AV block."),
    ("long PR", "AV conduction is delayed, with a PR interval of 232 ms instead of the usual 120-200 ms."),
    ("long PR", "Is the PR interval within normal limits? No, at 232 ms it is prolonged."),
    ("left", "The axis has swung to the left, at -52 degrees."),
    ("left", "There is left axis deviation, the axis being -52 degrees."),
    ("left", "The axis points up and to the left (-52°)."),
    ("left", "An axis of -52 degrees lies outside the normal range of -30 to +90 degrees."),
    ("left", "With an axis of -52 degrees, the vector is directed leftward and superiorly."),
    ("left", "The axis is deviated leftward beyond -30 degrees."),
    ("right", "The axis is rightward at 110 degrees."),
    ("right", "The axis is shifted rightwards to 110°."),
    ("long QT", "Ventricular repolarization takes longer than normal, with a QTc (Bazett) of 537 ms."),
    ("long QT", "The QTc is too long at 537 ms (Bazett)."),
    ("long QT", "QTc 537 ms by Bazett, which is clearly above the upper limit."),
    ("long QT", "The QT interval is prolonged even after correction for rate: QTc 537 ms (Bazett)."),
    ("short PR", "The PR interval is unusually short at 96 ms."),
    ("short PR", "PR 96 ms, shorter than normal."),
    ("ST up", "The ST segments in I, aVL, V5 and V6 ride above the baseline."),
    ("ST up", "ST segment elevation is seen laterally."),
    ("ST up", "In V5 the ST segment is lifted off the baseline by 2.0 mm."),
    ("ST up", "The J point in V5 stands 2.0 mm above the isoelectric line."),
    ("ST up", "The lateral leads show ST elevation, as much as 0.20 mV in V5."),
    ("ST down", "The ST segment in V5 is pulled down by 2.0 mm."),
    ("ST down", "ST depression of 2.0 mm is found in V5."),
    ("ST down", "The ST segments sag below the baseline in V5 and V6."),
    ("T down", "T waves are turned upside down in V4, V5 and V6."),
    ("T down", "The T wave in V5 is a downward deflection of 0.30 mV."),
    ("T down", "In V4-V6 the T wave is below the baseline rather than above it."),
    ("small R", "The R wave fails to gain height between V1 and V4."),
    ("small R", "R wave progression is poor, with only 0.10 mV in V3."),
    ("small R", "The R waves hardly grow from V1 to V4."),
    ("small R", "The R waves stay low as far as V4, so the progression is poor."),
    ("small R", "There is little growth of the R wave from V1 to V4."),
    ("tall R", "The voltage criteria for left ventricular hypertrophy are satisfied."),
    ("tall R", "LVH by voltage: S in V1 1.9 mV plus R in V5 3.0 mV exceeds 3.5 mV."),
    ("tall R", "Left ventricular voltage is high."),
    ("tall R", "The sum of S in V1 and R in V5 passes the Sokolow-Lyon threshold."),
    ("Q", "There is a Q wave of 40 ms in lead III."),
    ("Q", "Lead III begins with a Q wave 40 ms wide."),
    ("Q", "III and aVF carry Q waves."),
    ("early", "A ventricular extrasystole interrupts the sinus rhythm."),
    ("early", "One ventricular extrasystole was recorded."),
    ("early", "The rhythm is broken up by a premature ventricular beat."),
    ("early", "Ectopy: ventricular."),
    ("usual", "The ECG trace starts with a P wave that is upright in lead II, and each is followed by a QRS complex."),
    ("usual", "The QRS complex duration, recorded as 92 ms, is well below the 120 ms threshold and hence narrow."),
    ("usual", "Lead I is positive and so is lead aVF, giving a normal axis."),
    ("usual", "There are no voltage criteria for left ventricular hypertrophy."),
    ("usual", "The T waves in V5 and V6 retain their upright orientation."),
    ("usual", "The J points in V4 and V5 are at the baseline."),
    ("usual", "Without ST elevation or depression, the lateral leads do not point to ischemia."),
    ("usual", "QTc values of 427 ms (Bazett) and 414 ms (Fridericia) are both normal."),
    ("usual", "Bazett gives 427 ms, Fridericia 414 ms, both within normal limits."),
    ("usual", "The PR, QRS and QT intervals measure 160, 92 and 390 ms respectively."),
    ("usual", "In V1 to V4 the R wave measures 0.2, 0.5, 0.8 and 1.4 mV."),
    ("usual", "The R wave grows from 0.2 mV in V1 to 1.4 mV in V4."),
    ("usual", "P 100 ms, PR 160 ms, QRS 92 ms, QT 390 ms, axis 45 degrees."),
    ("usual", "The rhythm is regular, ruling out atrial fibrillation."),
    ("usual", "Sinus rhythm rather than atrial fibrillation is present."),
    ("usual", "There is no reason to call the QRS wide, at 92 ms."),
    ("usual", "I have nothing to add: sinus rhythm, 72 bpm."),
    ("usual", "Her QRS is narrow at 92 ms."),
    ("usual", "By my measurement the PR is 160 ms."),
    ("usual", "QRS: 92 ms (narrow). Axis: 45° (normal). QTcB: 427 ms (normal)."),
    ("usual", "P wave axis and morphology aside, PR is 160 ms."),
    ("usual", "Is there ST elevation in V5? There is not."),
    ("usual", "Which way does the axis point? To 45 degrees, which is normal."),
    ("usual", "And the PR? 160 ms, normal."),
    ("usual", "A normal PR interval lies between 120 and 200 ms; this one measures 160 ms."),
    ("usual", "If the PR interval exceeded 200 ms, we would diagnose first-degree AV block; at 160 ms, it does not."),
    ("usual", "Sinus rhythm implies that every QRS is preceded by a P wave, and that is what we see here."),
    ("usual", "Normal T waves are upright in I, II and V4-V6, as they are here."),
    ("usual", "Correct answer: normal axis."),
    ("usual", "Learning point: a PR interval of 160 ms is not prolonged."),
    ("usual", "A student measured the PR interval as 160 ms and called it normal."),
    ("usual", "Turning to the ST segments, they are isoelectric in V4-V6."),
    ("usual", "Next comes the axis, which is normal at 45 degrees."),
    ("usual", "Measured in small squares, the PR interval is four squares long, i.e. 160 ms."),
    ("usual", "TWs upright V4-V6. No Qs in V2-V4."),
    ("usual", "No AVB, no BBB, no LVH."),
    ("usual", "The axis is where it should be."),
    ("usual", "The R/S relationship: R in V5 1.3 mV, S in V1 1.1 mV."),
    ("usual", "There is a P wave in front of each complex and the PR interval is constant."),
    ("usual", "I have no hesitation in calling this sinus rhythm."),
    ("usual", "What we have here is a sinus rhythm."),
]  # fmt: skip
FALSE = [
    ("fibrillating", "The rhythm is regular as clockwork."),
    ("fibrillating", "P waves are easily picked out ahead of each QRS."),
    ("fibrillating", "This is sinus rhythm, since P waves are present."),
    ("slow", "The rate of 48 bpm is a perfectly ordinary one."),
    ("slow", "The heart rate is neither slow nor fast."),
    ("slow", "The rate lies within the normal range."),
    ("fast", "At 124 bpm the rate is unremarkable."),
    ("fast", "The rate of 124 bpm is normal."),
    ("long PR", "AV conduction proceeds without delay."),
    ("long PR", "There is nothing wrong with the PR interval."),
    ("long PR", "The PR interval is of normal length."),
    ("long PR", "Is the PR interval prolonged? No."),
    ("long PR", "The PR interval does not exceed the upper limit of normal."),
    ("left", "The axis lies in the normal quadrant."),
    ("left", "No axis deviation."),
    ("left", "The axis is directed to the right."),
    ("right", "The axis is leftward."),
    ("long QT", "The QTc is within bounds."),
    ("long QT", "The QT interval gives no sign of prolongation."),
    ("long QT", "The QT is not long."),
    ("short PR", "PR 96 ms, normal."),
    ("ST up", "The lateral ST segments are flat."),
    ("ST up", "The ST segment in V5 does not leave the baseline."),
    ("ST up", "ST segments in the lateral leads are at the isoelectric line."),
    ("ST up", "The ST segment in V5 dips below the baseline."),
    ("ST down", "The ST segment in V5 sits on the baseline."),
    ("ST down", "The ST segment in V5 is raised."),
    ("T down", "The T waves in V4-V6 point upward."),
    ("T down", "The T wave in V5 is positive."),
    ("T down", "There is no T wave inversion in V4-V6."),
    ("small R", "R wave progression is good."),
    ("small R", "The R waves grow steadily from V1 to V4."),
    ("small R", "The R wave builds up normally across the chest leads."),
    ("tall R", "There is nothing to suggest left ventricular hypertrophy."),
    ("tall R", "The Sokolow-Lyon criterion is not met."),
    ("tall R", "Left ventricular voltages are normal."),
    ("Q", "Leads III and aVF are free of Q waves."),
    ("Q", "No Q waves in III and aVF."),
    ("Q", "No initial negative deflection is seen in III and aVF."),
    ("early", "No premature beats."),
    ("early", "The recording is free of ventricular extrasystoles."),
    ("early", "Ventricular extrasystoles: none."),
    ("early", "Ventricular extrasystoles do not occur."),
    ("usual", "Left bundle branch block is present."),
    ("usual", "The left bundle branch is blocked."),
    ("usual", "Both the shape and the width of the QRS speak for right bundle branch block."),
    ("usual", "The QRS is twice as wide as it should be."),
    ("usual", "The ventricles are depolarised sluggishly."),
    ("usual", "The QRS takes longer than it should."),
    ("usual", "The complexes are broad."),
    ("usual", "There are ventricular extrasystoles."),
    ("usual", "P waves are nowhere to be seen."),
    ("usual", "The rhythm is haphazard."),
    ("usual", "The tracing is abnormal on account of a bundle branch block."),
    ("usual", "The ventricles respond in an irregular way."),
    ("usual", "No two R-R intervals are alike."),
    ("usual", "And the PR? 220 ms, prolonged."),
    ("usual", "What about the QRS? Wide."),
    ("usual", "Rate? 92 bpm."),
    ("usual", "P waves? Absent."),
    ("usual", "Rhythm? Irregular."),
    ("usual", "Sinus or not? Not sinus."),
    ("usual", "Is there ST elevation in V5? There is."),
    ("usual", "Which way does the T wave point in V5? Downward."),
    ("usual", "Does lead V5 show an upright T wave? No."),
    ("usual", "Is the QRS narrow? It is not."),
    ("usual", "R wave amplitudes in V1, V2 and V3 are 0.8, 0.5 and 0.2 mV, respectively."),
    ("usual", "The patient is in atrial fibrillation."),
    ("usual", "The QRS is considered wide when it measures 120 ms or more, as it does here."),
    ("usual", "To diagnose LVH, the sum of S in V1 and R in V5 must exceed 3.5 mV; here it does."),
    ("usual", "The correct statement is that the QRS is wide."),
    ("usual", "T +ve V1."),
    ("usual", "TWs inverted V4-V6."),
    ("usual", "Rate 72/min irreg."),
    ("usual", "No Ps seen."),
    ("usual", "We are dealing with atrial fibrillation."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "text"), TRUE)
def test_what_is_true_of_the_record_agrees_in_other_words(record: str, text: str) -> None:
    found = check(text, records()[record])
    assert found
    assert [(c.text, c.why) for c in found if c.verdict is not Verdict.AGREE] == []


@pytest.mark.parametrize(("record", "text"), FALSE)
def test_what_is_untrue_of_the_record_is_stopped_in_other_words(record: str, text: str) -> None:
    assert any(claim.verdict is not Verdict.AGREE for claim in check(text, records()[record]))


@pytest.mark.parametrize(
    "text",
    [
        "QRS narrow, 70 bpm.",
        "Extrasystoles: ventricular.",
        "Sinus tachycardia is a sinus rhythm above 100 bpm, which applies here.",
        "Sinus tachycardia is a sinus rhythm above 100 bpm; 72 bpm qualifies.",
        "Does this ECG show atrial fibrillation? Yes.",
        "Is there pericarditis? No.",
        "Is the heart rate of 92 bpm normal? Yes.",
        "The rate is normal, and the patient is well.",
        "A bundle branch block, which textbooks describe as a footprint of infarction.",
        "A lack of P waves suggests atrial fibrillation.",
    ],
)
def test_a_known_way_past_the_checker_is_closed(text: str) -> None:
    found = check(text, basis())
    told = sentences(text, found)
    assert not all(one.displayed and not one.partly and one.verdict in (Verdict.AGREE, None) for one in told)
    assert any(claim.verdict is not Verdict.AGREE for claim in found)


def test_a_question_states_nothing_and_its_answer_does() -> None:
    asked, answer = "Is the QRS wide?", "No, it is not."
    assert check(asked, basis()) == ()
    (claim,) = check(f"{asked} {answer}", basis())
    assert (claim.measure, claim.verdict) == ("no wide QRS", Verdict.AGREE)


def test_what_is_put_in_between_commas_is_passed_over() -> None:
    text = "The QT interval, which spans depolarisation and repolarisation of the ventricles, comes to 390 ms."
    assert [(c.measure, c.verdict) for c in check(text, basis())] == [("QT interval", Verdict.AGREE)]


def test_a_list_of_numbers_is_dealt_to_a_list_of_leads() -> None:
    text = "R waves come to 0.2, 0.5 and 0.8 mV in V1, V2 and V3 respectively."
    assert [(c.leads, c.value) for c in check(text, basis())] == [(("V1",), 0.2), (("V2",), 0.5), (("V3",), 0.8)]
