"""Which wave, leads or sum an amplitude is said of, bounds over leads, named limits: what is true is not stopped, the same with one thing altered is."""

import pytest

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.parse import parse
from engine.claims.show import Outcome, outcome
from engine.claims.statement import Relation, Statement
from tests.unit.engine.test_claims import basis
from tests.unit.engine.test_claims_variants import leads, records

HEMIBLOCK = {
    "I": {"q_mv": -0.08, "q_ms": 18, "r_mv": 0.9, "s_mv": -0.05, "t_mv": 0.2, "st_j_mv": 0.0, "st_j60_mv": 0.01},
    "II": {"p_mv": 0.14, "r_mv": 0.3, "s_mv": -0.7, "t_mv": 0.15, "st_j_mv": 0.0, "st_j60_mv": 0.02},
    "III": {"r_mv": 0.2, "s_mv": -1.3, "t_mv": -0.08, "st_j_mv": 0.0, "st_j60_mv": 0.01},
    "aVR": {"q_mv": -0.1, "q_ms": 14, "r_mv": 0.15, "s_mv": -0.45, "t_mv": -0.18, "st_j_mv": 0.0, "st_j60_mv": -0.01},
    "aVL": {"q_mv": -0.1, "q_ms": 20, "r_mv": 1.2, "t_mv": 0.14, "st_j_mv": 0.0, "st_j60_mv": 0.0},
    "aVF": {"r_mv": 0.2, "s_mv": -1.0, "t_mv": 0.05, "st_j_mv": 0.0, "st_j60_mv": 0.01},
    "V1": {"r_mv": 0.12, "s_mv": -1.3, "t_mv": 0.1, "st_j_mv": 0.06, "st_j60_mv": 0.08},
    "V2": {"r_mv": 0.25, "s_mv": -1.9, "t_mv": 0.5, "st_j_mv": 0.12, "st_j60_mv": 0.15},
    "V3": {"r_mv": 0.4, "s_mv": -1.6, "t_mv": 0.55, "st_j_mv": 0.1, "st_j60_mv": 0.13},
    "V4": {"r_mv": 0.8, "s_mv": -1.1, "t_mv": 0.4, "st_j_mv": 0.04, "st_j60_mv": 0.06},
    "V5": {"r_mv": 1.1, "s_mv": -0.8, "t_mv": 0.3, "st_j_mv": 0.01, "st_j60_mv": 0.02},
    "V6": {"r_mv": 1.0, "s_mv": -0.5, "t_mv": 0.2, "st_j_mv": 0.0, "st_j60_mv": 0.0},
}
"""No areas of the QRS are known, as in the short form of measurements."""
INFERIOR = HEMIBLOCK | {
    "II": {"p_mv": 0.1, "q_mv": -0.25, "q_ms": 42, "r_mv": 0.6, "t_mv": -0.1, "st_j_mv": 0.0, "st_j60_mv": 0.0},
    "III": {"q_mv": -0.4, "q_ms": 52, "r_mv": 0.5, "t_mv": -0.2, "st_j_mv": 0.0, "st_j60_mv": 0.02},
    "aVF": {"q_mv": -0.3, "q_ms": 46, "r_mv": 0.5, "t_mv": -0.15, "st_j_mv": 0.0, "st_j60_mv": 0.01},
    "V4": {"r_mv": 1.2, "s_mv": -0.9, "t_mv": -0.1, "st_j_mv": -0.03, "st_j60_mv": -0.06},
    "V5": {"r_mv": 1.6, "s_mv": -0.3, "t_mv": -0.25, "st_j_mv": -0.08, "st_j60_mv": -0.12},
    "V6": {"r_mv": 1.4, "s_mv": -0.1, "t_mv": -0.3, "st_j_mv": -0.07, "st_j60_mv": -0.11},
}
Q = {"aVL": {"q_mv": -0.15, "q_ms": 22.0}, "I": {"q_mv": -0.08, "q_ms": 18.0}}
RECORDS: dict[str, Basis] = {
    "usual with q": basis(leads=leads(**Q)),
    "leftward": basis(axis_deg=-20),
    "anterior hemiblock": basis(leads=HEMIBLOCK, axis_deg=-52, qrs_ms=104, pr_ms=188, rate_bpm=58, qt_ms=420),
    "inferior Q": basis(leads=INFERIOR, axis_deg=-5, pr_ms=214, rate_bpm=88, qt_ms=380, qrs_ms=98),
    "early": records()["early"],
}
PAIRS = [
    ("usual with q", "In V1 there is a tiny r of 0.2 mV followed by a deep S of 1.1 mV.", "In V1 there is a tiny r of 0.2 mV followed by a deep S of 1.8 mV."),
    ("usual with q", "V2: r 0.5 mV, S 1.4 mV.", "V2: r 0.5 mV, S 2.1 mV."),
    ("usual with q", "R in V4 is bigger than S, 1.4 compared with 0.4 mV.", "R in V4 is bigger than S, 1.4 compared with 1.1 mV."),
    ("usual with q", "S dominates R in V2 (1.4 vs. 0.5 mV).", "S dominates R in V2 (1.4 vs. 1.2 mV)."),
    ("usual with q", "R measures 0.2 mV and S 1.1 mV in V1, whereas R is 1.3 mV and S 0.2 mV in V5.", "R measures 0.2 mV and S 1.1 mV in V1, whereas R is 1.3 mV and S 0.9 mV in V5."),
    ("usual with q", "The sum of S in V1 and R in V5 is 2.4 mV.", "The sum of S in V1 and R in V5 is 3.1 mV."),
    ("usual with q", "Adding the S wave of V1 to the R wave of V5 yields 2.4 mV.", "Adding the S wave of V1 to the R wave of V5 yields 3.1 mV."),
    ("usual with q", "A total of 2.4 mV results from SV1 plus RV5, so the 3.5 mV threshold is not reached.", "A total of 3.1 mV results from SV1 plus RV5, so the 3.5 mV threshold is not reached."),
    ("usual with q", "Cornell: RaVL + SV3 comes to 1.1 mV.", "Cornell: RaVL + SV3 comes to 1.8 mV."),
    ("usual with q", "R in aVL is 0.2 mV and stays under the 1.1 mV limit.", "R in aVL is 0.9 mV and stays under the 1.1 mV limit."),
    ("usual with q", "No ST deviation of more than 0.1 mV is seen anywhere.", "No ST deviation of more than 0.8 mV is seen anywhere."),
    ("usual with q", "T waves are no taller than 0.4 mV.", "T waves are no taller than 1.1 mV."),
    ("usual with q", "The S wave in V6 is shallower than 0.2 mV.", "The S wave in V6 is shallower than 0.9 mV."),
    ("usual with q", "The S wave of V2 is deeper than 1.2 mV.", "The S wave of V2 is deeper than 1.9 mV."),
    ("usual with q", "T is inverted in V1, not deeper than 0.2 mV.", "T is inverted in V1, not deeper than 0.9 mV."),
    ("usual with q", "T wave negativity of 0.15 mV in V1 and positivity of 0.4 mV in V2.", "T wave negativity of 0.15 mV in V1 and positivity of 1.1 mV in V2."),
    ("usual with q", "The T wave is 0.4 mV high in V2 through V4 and falls to 0.25 mV in V6.", "The T wave is 0.4 mV high in V2 through V4 and falls to 0.9 mV in V6."),
    ("usual with q", "Small q waves are present, 0.08 mV and 18 ms in I, 0.15 mV and 22 ms in aVL.", "Small q waves are present, 0.08 mV and 18 ms in I, 0.15 mV and 67 ms in aVL."),
    ("usual with q", "Each P wave is followed after 160 ms by a QRS complex.", "Each P wave is followed after 205 ms by a QRS complex."),
    ("usual with q", "The QRS of 92 ms stays below the 120 ms criterion for bundle branch block.", "The QRS of 137 ms stays below the 120 ms criterion for bundle branch block."),
    ("usual with q", "An S wave of 1.1 mV is seen in V1; it deepens to 1.4 mV in V2 and then shrinks to 0.4 mV in V4.", "An S wave of 1.1 mV is seen in V1; it deepens to 1.4 mV in V2 and then shrinks to 1.1 mV in V4."),
    ("usual with q", "R amplitudes: V1 0.2, V2 0.5, V3 0.8, V4 1.4 mV.", "R amplitudes: V1 0.2, V2 0.5, V3 0.8, V4 2.1 mV."),
    ("usual with q", "The R wave in V5 is 1.3 mV against an S wave of 0.2 mV, and in V6 it measures 1.0 mV.", "The R wave in V5 is 1.3 mV against an S wave of 0.2 mV, and in V6 it measures 1.7 mV."),
    ("usual with q", "Barely any S wave, 0.1 mV, is left in V6.", "Barely any S wave, 0.8 mV, is left in V6."),
    ("usual with q", "Lead aVR is negative with an S of 0.8 mV.", "Lead aVR is negative with an S of 1.5 mV."),
    ("usual with q", "Lead V1 is predominantly negative (r 0.2 mV, S 1.1 mV).", "Lead V1 is predominantly negative (r 0.2 mV, S 1.8 mV)."),
    ("usual with q", "Lead III is predominantly positive.", "Lead V2 is predominantly positive."),
    ("usual with q", "The complex in V2 is rS.", "The complex in V4 is rS."),
    ("usual with q", "aVL has a qR complex.", "V1 has a qR complex."),
    ("leftward", "The axis of -20 degrees points to the left but is not abnormal.", "The axis of -20 degrees points to the right but is not abnormal."),
    ("leftward", "The axis is -20 degrees, leftward yet still normal.", "The axis is -20 degrees, a left axis deviation."),
    ("usual with q", "PR is 160 ms, 40 ms below the limit for first-degree block.", "PR is 205 ms, 40 ms below the limit for first-degree block."),
    ("usual with q", "The QRS of 92 ms lies 28 ms below the limit of 120 ms.", "The QRS of 137 ms lies 28 ms below the limit of 120 ms."),
    ("usual with q", "aVR is the only limb lead with a negative complex.", "aVL is the only limb lead with a negative complex."),
    ("usual with q", "Lead II has the tallest limb-lead R wave at 0.9 mV, followed by I and aVF with 0.6 mV each.", "Lead II has the tallest limb-lead R wave at 0.9 mV, followed by I and aVF with 1.3 mV each."),
    ("usual with q", "S waves get smaller from V2 on: 1.4, 0.9, 0.4, 0.2 and 0.1 mV.", "S waves get smaller from V2 on: 1.4, 0.9, 0.4, 0.2 and 0.8 mV."),
    ("usual with q", "R exceeds S from V4 onward.", "R exceeds S from V2 onward."),
    ("usual with q", "R and S nearly balance each other in V3, 0.8 against 0.9 mV.", "R and S nearly balance each other in V3, 0.8 against 1.6 mV."),
    ("usual with q", "In V3 R and S are almost of the same size.", "In V1 R and S are almost of the same size."),
    ("usual with q", "Sokolow-Lyon index (SV1 + RV5): 2.4 mV.", "Sokolow-Lyon index (SV1 + RV5): 3.1 mV."),
    ("usual with q", "Sokolow-Lyon: 1.1 + 1.3 = 2.4 mV, negative.", "Sokolow-Lyon: 1.1 + 1.3 = 3.1 mV, negative."),
    ("usual with q", "The voltage criteria for left ventricular hypertrophy are missed by a wide margin, S in V1 plus R in V5 being 2.4 mV.", "The voltage criteria for left ventricular hypertrophy are missed by a wide margin, S in V1 plus R in V5 being 3.1 mV."),
    ("usual with q", "Left ventricular hypertrophy is unlikely: R in aVL is 0.2 mV (limit 1.1 mV) and SV1 + RV5 is 2.4 mV (limit 3.5 mV).", "Left ventricular hypertrophy is unlikely: R in aVL is 0.9 mV (limit 1.1 mV) and SV1 + RV5 is 2.4 mV (limit 3.5 mV)."),
    ("usual with q", "160 ms separate the beginning of the P wave from the beginning of the QRS.", "205 ms separate the beginning of the P wave from the beginning of the QRS."),
    ("usual with q", "Apart from aVR and V1, the T waves are upright.", "Apart from aVR and V1, the T waves are inverted."),
    ("usual with q", "No T wave exceeds 0.4 mV.", "No T wave exceeds 1.1 mV."),
    ("usual with q", "ST segments are isoelectric to within 0.1 mV throughout.", "ST segments are isoelectric to within 0.8 mV throughout."),
    ("usual with q", "The largest ST deviation is 0.08 mV, in V2.", "The largest ST deviation is 0.8 mV, in V2."),
    ("usual with q", "The ST level never departs from the baseline by more than 0.1 mV.", "The ST level never departs from the baseline by more than 0.8 mV."),
    ("usual with q", "There is no ST elevation of 0.1 mV or more in any lead.", "There is no ST elevation of 0.8 mV or more in any lead."),
    ("usual with q", "ST depression of 0.05 mV or more is not seen.", "ST depression of 0.8 mV or more is not seen."),
    ("usual with q", "Lead aVL begins with a q of 0.15 mV lasting 22 ms.", "Lead aVL begins with a q of 0.15 mV lasting 67 ms."),
    ("usual with q", "q waves do not exceed 22 ms in width.", "q waves do not exceed 67 ms in width."),
    ("usual with q", "RR intervals vary by only 12 ms (standard deviation).", "RR intervals vary by only 57 ms (standard deviation)."),
    ("usual with q", "None of the intervals is prolonged.", "An interval is prolonged."),
    ("usual with q", "Does this ECG show left ventricular hypertrophy? The sum of SV1 and RV5 is 2.4 mV, so it does not.", "Does this ECG show left ventricular hypertrophy? The sum of SV1 and RV5 is 3.1 mV, so it does not."),
    ("usual with q", "Limb lead voltages are above 0.5 mV, so low voltage is not present.", "Limb lead voltages are above 1.2 mV, so low voltage is not present."),
    ("usual with q", "In lead aVR everything points downward, with an S of 0.8 mV and a T of -0.2 mV.", "In lead aVR everything points downward, with an S of 0.8 mV and a T of -0.9 mV."),
    ("usual with q", "aVR: r 0.1 mV, S 0.8 mV, T -0.2 mV.", "aVR: r 0.1 mV, S 0.8 mV, T -0.9 mV."),
    ("usual with q", "Lead V6 shows a tall R wave of 1.0 mV with a minimal s of 0.1 mV.", "Lead V6 shows a tall R wave of 1.0 mV with a minimal s of 0.8 mV."),
    ("usual with q", "The R wave in V1 is much smaller than the S wave (0.2 mV versus 1.1 mV).", "The R wave in V1 is much smaller than the S wave (0.2 mV versus 1.8 mV)."),
    ("usual with q", "A PR above 200 ms would mean first-degree block; here it is 160 ms.", "A PR above 200 ms would mean first-degree block; here it is 205 ms."),
    ("usual with q", "ST elevation is absent, T waves are upright in V2 to V6 and no Q wave is wider than 30 ms.", "ST elevation is absent, T waves are upright in V2 to V6 and no Q wave is wider than 75 ms."),
    ("usual with q", "The axis being 45 degrees, lead II has the largest R wave.", "The axis being 90 degrees, lead II has the largest R wave."),
    ("usual with q", "R overtakes S between V3 and V4.", "R overtakes S between V5 and V6."),
    ("usual with q", "R becomes taller than S in V4.", "R becomes taller than S in V2."),
    ("usual with q", "S is deeper than R is tall in V1 to V3.", "S is deeper than R is tall in V4 to V6."),
    ("usual with q", "The S wave still exceeds the R wave in V3.", "The S wave still exceeds the R wave in V5."),
    ("usual with q", "R is larger than S from V4.", "R is larger than S from V1."),
    ("usual with q", "Only from V4 is R larger than S.", "Only from V6 is R larger than S."),
    ("usual with q", "R is greater than S in I, II and aVF.", "R is smaller than S in I, II and aVF."),
    ("usual with q", "In V3 the S wave is slightly larger than the R wave, 0.9 versus 0.8 mV.", "In V3 the S wave is slightly larger than the R wave, 0.9 versus 1.5 mV."),
    ("anterior hemiblock", "Leads II, III and aVF are predominantly negative and I and aVL positive.", "Leads II, III and aVF are predominantly positive and I and aVL negative."),
    ("anterior hemiblock", "aVL shows a small q (0.1 mV, 20 ms) and then an R of 1.2 mV.", "aVL shows a small q (0.1 mV, 20 ms) and then an R of 1.9 mV."),
    ("anterior hemiblock", "R wave progression is slow: V1 0.12, V2 0.25, V3 0.4, V4 0.8 mV.", "R wave progression is slow: V1 0.12, V2 0.25, V3 0.4, V4 1.5 mV."),
    ("anterior hemiblock", "R does not exceed S until V5.", "R does not exceed S until V3."),
    ("anterior hemiblock", "The transition zone is displaced to V4-V5.", "The transition zone is displaced to V2-V3."),
    ("anterior hemiblock", "SV2 of 1.9 mV plus RV5 of 1.1 mV gives 3.0 mV.", "SV2 of 1.9 mV plus RV5 of 1.1 mV gives 3.7 mV."),
    ("anterior hemiblock", "Sokolow-Lyon (SV1 + RV5) amounts to 2.4 mV and RaVL + SV3 to 2.8 mV.", "Sokolow-Lyon (SV1 + RV5) amounts to 2.4 mV and RaVL + SV3 to 3.5 mV."),
    ("anterior hemiblock", "The T wave is flat in III and aVF and otherwise upright, up to 0.55 mV in V3.", "The T wave is flat in III and aVF and otherwise upright, up to 1.2 mV in V3."),
    ("inferior Q", "PR 214 ms, 14 ms over the limit.", "PR 259 ms, 14 ms over the limit."),
    ("inferior Q", "T wave inversion is deepest in V6 (0.3 mV).", "T wave inversion is deepest in V6 (1.0 mV)."),
    ("inferior Q", "The sum of 2.9 mV from S in V1 and R in V5 stays below 3.5 mV.", "The sum of 3.6 mV from S in V1 and R in V5 stays below 3.5 mV."),
    ("inferior Q", "Sinus rhythm at 88 bpm, on the fast side of normal.", "Sinus rhythm at 88 bpm, on the slow side of normal."),
    ("usual with q", "R: I 0.6, II 0.9, III 0.4 mV.", "R: I 0.6, II 0.9, III 1.1 mV."),
    ("usual with q", "The S wave reaches its greatest depth, 1.4 mV, in V2.", "The S wave reaches its greatest depth, 2.1 mV, in V2."),
    ("usual with q", "R is 1.4 mV in V4 and 1.3 mV in V5, while S is 0.4 mV and 0.2 mV, respectively.", "R is 1.4 mV in V4 and 1.3 mV in V5, while S is 0.4 mV and 0.9 mV, respectively."),
    ("usual with q", "With R 0.2 mV and S 1.1 mV, V1 is an rS complex.", "With R 0.2 mV and S 1.8 mV, V1 is an rS complex."),
    ("usual with q", "V1: rS (0.2/1.1 mV).", "V1: rS (0.2/1.8 mV)."),
    ("usual with q", "The R/S relation turns from 0.2/1.1 mV in V1 to 1.3/0.2 mV in V5.", "The R/S relation turns from 0.2/1.1 mV in V1 to 1.3/0.9 mV in V5."),
    ("usual with q", "The Sokolow-Lyon criterion (3.5 mV) is not fulfilled with 2.4 mV.", "The Sokolow-Lyon criterion (3.5 mV) is not fulfilled with 3.1 mV."),
    ("usual with q", "No lead shows an R wave above 1.5 mV.", "No lead shows an R wave above 1.2 mV."),
    ("usual with q", "R waves are at most 1.4 mV high.", "R waves are at most 1.0 mV high."),
    ("usual with q", "All R waves are smaller than 1.5 mV.", "All R waves are smaller than 1.2 mV."),
    ("usual with q", "T waves are everywhere below 0.5 mV.", "T waves are everywhere below 1.2 mV."),
    ("usual with q", "The T wave is higher in V4 than in V6 (0.4 mV versus 0.25 mV).", "The T wave is higher in V4 than in V6 (0.4 mV versus 0.9 mV)."),
    ("usual with q", "aVL: q 0.15 mV, 22 ms; R 0.2 mV; S 0.1 mV; T 0.1 mV.", "aVL: q 0.15 mV, 22 ms; R 0.2 mV; S 0.1 mV; T 0.8 mV."),
    ("usual with q", "The Q wave of aVL is below the 30 ms that would make it pathological.", "The Q wave of aVL is below the 75 ms that would make it pathological."),
    ("usual with q", "ST deviates from the baseline by 0.08 mV at most.", "ST deviates from the baseline by 0.8 mV at most."),
    ("usual with q", "ST changes of 0.1 mV or more are absent.", "ST changes of 0.8 mV or more are absent."),
    ("usual with q", "The QTc of 427 ms leaves a margin of 23 ms to the limit of 450 ms.", "The QTc of 472 ms leaves a margin of 23 ms to the limit of 450 ms."),
    ("usual with q", "QTc 427 ms, well short of the 450 ms that would count as prolonged.", "QTc 472 ms, well short of the 450 ms that would count as prolonged."),
    ("usual with q", "V1 alone among the chest leads has a negative T wave, -0.15 mV.", "V1 alone among the chest leads has a negative T wave, -0.8 mV."),
    ("anterior hemiblock", "The axis is -52 degrees, well to the left of -30 degrees.", "The axis is -52 degrees, well to the right of -30 degrees."),
    ("anterior hemiblock", "Lead III has an rS complex with r 0.2 mV and S 1.3 mV, and aVF a similar one with r 0.2 mV and S 1.0 mV.", "Lead III has an rS complex with r 0.2 mV and S 1.3 mV, and aVF a similar one with r 0.2 mV and S 1.7 mV."),
    ("anterior hemiblock", "V1 to V4 are dominated by the S wave.", "V1 to V6 are dominated by the R wave."),
    ("anterior hemiblock", "The QRS is 104 ms wide, that is, not quite 110 ms.", "The QRS is 149 ms wide, that is, not quite 110 ms."),
    ("inferior Q", "The Sokolow-Lyon index is 2.9 mV and so remains 0.6 mV short of the threshold.", "The Sokolow-Lyon index is 3.6 mV and so remains 0.6 mV short of the threshold."),
    ("usual with q", "With an axis of 45 degrees the R wave should be largest in lead II, and it is: 0.9 mV.", "With an axis of 45 degrees the R wave should be largest in lead II, and it is: 1.6 mV."),
    ("usual with q", "Does the ST segment deviate? By no more than 0.08 mV in any lead.", "Does the ST segment deviate? By no more than 0.8 mV in any lead."),
    ("usual with q", "Lead by lead, R measures 0.6 (I), 0.9 (II), 0.4 (III), 0.1 (aVR), 0.2 (aVL) and 0.6 mV (aVF).", "Lead by lead, R measures 0.6 (I), 0.9 (II), 0.4 (III), 0.1 (aVR), 0.2 (aVL) and 1.3 mV (aVF)."),
    ("usual with q", "T amplitudes run -0.15, 0.4, 0.4, 0.4, 0.3 and 0.25 mV from V1 to V6.", "T amplitudes run -0.15, 0.4, 0.4, 0.4, 0.3 and 0.9 mV from V1 to V6."),
    ("usual with q", "P wave duration 100 ms, below the 120 ms cut-off for left atrial enlargement.", "P wave duration 145 ms, below the 120 ms cut-off for left atrial enlargement."),
]  # fmt: skip
"""Record, what is true of it, and the same with one number, lead or finding altered."""
TRUE = [
    ("leftward", "A leftward axis of -20 degrees, within the normal range."),
    ("leftward", "The axis is -20 degrees, which is leftward without amounting to left axis deviation."),
    ("anterior hemiblock", "There is left axis deviation (-52 degrees) with rS complexes in II, III and aVF and a qR complex in aVL, which fits a left anterior fascicular block."),
]  # fmt: skip
FALSE = [
    ("usual with q", "SV1 + RV6 = 2.6 mV, well below the limit of 3.5 mV."),
    ("usual with q", "The ST segment lies within 0.03 mV of the baseline in every lead."),
    ("usual with q", "In the limb leads no R wave is above 0.4 mV."),
    ("usual with q", "From V1 to V4 the R wave increases from 0.2 to 1.0 mV."),
    ("inferior Q", "Q waves are present in II, III and aVF, 22 to 32 ms wide and 0.25 to 0.4 mV deep."),
    ("inferior Q", "In the inferolateral leads T is negative, at most 0.2 mV deep."),
    ("early", "Three premature ventricular beats are seen."),
    ("usual with q", "R waves of 0.6, 0.9 and 0.9 mV are found in leads I, II and III."),
    ("usual with q", "In the limb leads the T waves do not exceed 0.15 mV."),
    ("inferior Q", "Q waves are found in II, III and aVF, all of them wider than 50 ms."),
]  # fmt: skip


def found(record: str, text: str) -> Outcome:
    return outcome(text, check(text, RECORDS[record]))


@pytest.mark.parametrize(("record", "text"), [*TRUE, *((record, true) for record, true, _ in PAIRS)])
def test_what_is_true_is_not_stopped(record: str, text: str) -> None:
    assert found(record, text) is not Outcome.STOPPED


@pytest.mark.parametrize(("record", "text"), [*FALSE, *((record, false) for record, _, false in PAIRS)])
def test_what_is_altered_is_stopped_or_not_shown(record: str, text: str) -> None:
    assert found(record, text) is Outcome.STOPPED


def numbers(text: str) -> list[Statement]:
    return [one for read in parse(text) for one in read.statements if one.kind == "number"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A small r of 0.1 mV precedes an S of 0.8 mV in V1.", [("R", ("V1",)), ("S", ("V1",))]),
        ("T is 0.5 mV in V2 and V3, falling to 0.2 mV in V6.", [("T", ("V2", "V3")), ("T", ("V6",))]),
        ("A 1.2 mV R wave in V5 stands against an S of 0.3 mV.", [("R", ("V5",)), ("S", ("V5",))]),
        ("S exceeds R in V2, 1.4 against 0.5 mV.", [("S", ("V2",)), ("R", ("V2",))]),
        ("R is 1.3 mV against an S of 0.2 mV in V5, and it is 1.0 mV tall in V6.", [("R", ("V5",)), ("S", ("V5",)), ("R", ("V6",))]),
        ("R grows from 0.2 mV to 1.4 mV between V1 and V4.", [("R", ("V1",)), ("R", ("V4",))]),
    ],
)  # fmt: skip
def test_each_amplitude_has_its_wave_and_leads(text: str, said: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(one.what, one.leads) for one in numbers(text)] == said


def test_a_sum_names_the_waves_that_it_adds_up() -> None:
    *_, one = numbers("S in V1 (0.5 mV) and R in V6 (1.4 mV) add up to 1.9 mV.")
    assert (one.what, one.terms) == ("sum", (("S", ("V1",)), ("R", ("V6",))))


def test_a_bound_that_names_no_lead_holds_for_all() -> None:
    (one,) = numbers("No ST deviation of 1 mm or more.")
    assert (one.what, one.relation, one.every, len(one.leads)) == ("ST", Relation.BELOW, True, 12)


def test_a_named_limit_is_compared_with_what_stands_before_it() -> None:
    value, limit = numbers("R in aVL reaches 1.3 mV, exceeding the 1.1 mV criterion.")
    assert (limit.what, limit.leads, limit.relation, limit.limit) == (value.what, ("aVL",), Relation.ABOVE, True)
