"""Families of wordings, each as a pair: what is true of the record agrees, the same with one thing altered is stopped."""

import pytest

from tests.unit.engine.test_claims_variants import stopped

PAIRS = [
    # topics, and what stands for them
    ("usual", "As to premature beats of ventricular origin, the tracing shows none.", "As to premature beats of ventricular origin, the tracing shows some."),
    ("usual", "I looked for a Q wave in V5 and found none.", "I looked for a Q wave in V5 and found one."),
    ("Q", "I looked for a Q wave in III and found one.", "I looked for a Q wave in III and found none."),
    ("usual", "SR 72 bpm. With regard to bundle branch block, there is none.", "SR 72 bpm. With regard to bundle branch block, it is present."),
    ("usual", "As for hypertrophy of the left ventricle, the voltages fall short of the criteria.", "As for hypertrophy of the left ventricle, the voltages meet the criteria."),
    # definitions that a later sentence says are met
    ("usual", "An isoelectric ST segment is one that sits level with the baseline. Leads V4 and V5 fit this description.", "A depressed ST segment is one that sits below the baseline. Leads V4 and V5 fit this description."),
    ("usual", "A QTc above 450 ms is long. In this tracing it is 427 ms, hence not long.", "A QTc above 450 ms is long. In this tracing it is 470 ms, hence not long."),
    # times between waves
    ("usual", "From the onset of the P wave to the onset of the QRS complex it runs 160 ms.", "From the onset of the P wave to the onset of the QRS complex it runs 190 ms."),
    ("usual", "The P wave onset leads the QRS onset by 160 ms.", "The P wave onset leads the QRS onset by 120 ms."),
    ("usual", "A P wave leads and the QRS follows 160 ms later.", "A P wave leads and the QRS follows 92 ms later."),
    ("usual", "Between the atria and the ventricles the impulse needs 160 ms.", "Between the atria and the ventricles the impulse needs 200 ms."),
    ("usual", "The atria depolarise in 100 ms.", "The atria depolarise in 140 ms."),
    # numbers
    ("usual", "The QRS duration reaches 92 ms.", "The QRS duration reaches 120 ms."),
    ("usual", "The rate is in the region of 72.", "The rate is in the region of 92."),
    ("usual", "The S wave is 1.10 mV deep in V1 and 0.20 mV in V5.", "The S wave is 1.10 mV deep in V1 and 1.10 mV in V5."),
    ("usual", "The R wave measures 1.40 mV in V4 and 1.30 mV in V5.", "The R wave measures 1.40 mV in V4 and 0.94 mV in V5."),
    ("usual", "In V1 the R wave is 0.20 mV and the S wave 1.10 mV; in V5 the corresponding values are 1.30 mV and 0.20 mV.", "In V1 the R wave is 0.20 mV and the S wave 1.10 mV; in V5 the corresponding values are 1.30 mV and 0.80 mV."),
    ("usual", "The S wave in lead V1 dips 11.0 mm below the baseline.", "The S wave in lead V1 dips 16.0 mm below the baseline."),
    ("usual", "By Bazett's formula QTc = 427 ms.", "By Bazett's formula QTc = 480 ms."),
    ("usual", "The uncorrected QT is 390 ms; with Bazett's formula it becomes 427 ms.", "The uncorrected QT is 390 ms; with Bazett's formula it becomes 480 ms."),
    ("Q", "A Q wave opens the QRS complex in lead III; its duration is 45 ms.", "A Q wave opens the QRS complex in lead III; its duration is 92 ms."),
    ("slow", "The heart is beating more slowly than the 60 bpm of the textbook, at 48 bpm.", "The heart is beating more rapidly than the 60 bpm of the textbook, at 48 bpm."),
    ("slow", "48 beats per minute, which is slow.", "48 beats per minute, which is fast."),
    ("usual", "A ventricular rate of 72/min falls between the limits of 60 and 100/min.", "A ventricular rate of 72/min falls under the lower limit of 60/min."),
    # qualities
    ("usual", "PR and QRS are both OK (160 and 92 ms).", "PR and QRS are both prolonged (160 and 92 ms)."),
    ("fibrillating", "The RR intervals are clearly inconsistent.", "The RR intervals are clearly orderly."),
    ("usual", "R-R intervals scatter hardly at all.", "R-R intervals scatter widely."),
    ("usual", "Nothing abnormal in the ST segments of V4, V5 and V6.", "Something abnormal in the ST segments of V4, V5 and V6."),
    ("ST up", "ST up in V5 and V6.", "ST down in V5 and V6."),
    ("usual", "72/min = normocardic.", "72/min = bradycardic."),
    ("left", "The axis reads -52°, a value to the left of normal.", "The axis reads -52°, a value to the right of normal."),
    ("small R", "The R wave has scarcely developed in V3 and V4.", "The R wave has duly grown from V1 to V4."),
    ("usual", "The voltage criteria of Sokolow and Lyon for LVH are not to be regarded as satisfied.", "The voltage criteria of Sokolow and Lyon for LVH are to be regarded as satisfied."),
    ("usual", "Sokolow-Lyon: not fulfilled.", "Sokolow-Lyon: fulfilled."),
    ("tall R", "The Sokolow-Lyon criterion is positive.", "The Sokolow-Lyon criterion is negative."),
    # denials
    ("fibrillating", "P waves are indiscernible.", "P waves are discernible."),
    ("usual", "Poor R wave progression is therefore not present.", "Poor R wave progression is therefore present."),
    ("left", "The rhythm is without ventricular ectopic beats and with left axis deviation.", "The rhythm is without ventricular ectopic beats and with right axis deviation."),
    ("fibrillating", "With no P waves visible and irregular RR intervals, this is atrial fibrillation.", "With no P waves visible and regular RR intervals, this is atrial fibrillation."),
    ("usual", "LV hypertrophy is not shown by voltage.", "LV hypertrophy is shown by voltage."),
    ("usual", "The findings favour sinus rhythm over atrial fibrillation.", "The findings favour atrial fibrillation over sinus rhythm."),
    ("usual", "Ventricular extrasystoles do not interrupt the rhythm.", "Ventricular extrasystoles interrupt the rhythm."),
    ("usual", "Any extra beats? None of ventricular origin have been captured.", "Any extra beats? Yes, ventricular ectopy has been captured."),
    ("usual", "There is no conduction disturbance.", "There is a conduction disturbance."),
    ("usual", "The QRS of 92 ms shows no block.", "The QRS of 92 ms shows a block."),
    # advice and facts of the paper
    ("usual", "The PR is 160 ms and should be compared with earlier recordings.", "The PR is 190 ms and should be compared with earlier recordings."),
    ("usual", "QT 390 ms. Repeat ECG in the morning.", "QT 490 ms. Repeat ECG in the morning."),
    ("usual", "On standard paper one small square is 40 ms, and the QRS lasts 92 ms.", "On standard paper one small square is 40 ms, and the QRS lasts 130 ms."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "true", "false"), PAIRS)
def test_the_true_wording_agrees_and_the_altered_one_isstopped(record: str, true: str, false: str) -> None:
    assert not stopped(record, true)
    assert stopped(record, false)


@pytest.mark.parametrize(
    "text",
    [
        "Compared with the previous tracing the T waves have deepened, at 72 bpm.",
        "Repeat ECG at 72 bpm shows new changes.",
        "Electrolytes are deranged and the rate is 72 bpm.",
        "The medication should be stopped; the rate is 72 bpm.",
        "Complete block, rate 72 bpm.",
        "High-grade block, rate 72 bpm.",
        "The risk of torsades is high with a QTc of 427 ms.",
    ],
)
def test_what_advice_may_name_is_no_leave_to_claim_it(text: str) -> None:
    assert stopped("usual", text)
