"""The words of the grammar. `<SLOT>` stands for a measured number, `{name}` for words that are chosen; docs/claims.md lists the slots.

Every phrase is one that the claim checker reads whole; what it would not read is left out of a sample and counted.
"""

from __future__ import annotations

Phrases = tuple[str, ...]

RATE: Phrases = (
    "The heart rate is <HR>.",
    "The ventricular rate is <HR>, with a mean RR interval of <RR>.",
    "The mean RR interval is <RR>, which corresponds to a heart rate of <HR>.",
    "A heart rate of <HR> is measured.",
    "The ventricles beat at <HR>, the mean RR interval being <RR>.",
)
REGULAR: dict[bool, Phrases] = {
    True: ("The rhythm is regular.", "The RR intervals are regular.", "The RR intervals show little variation and the rhythm is regular."),
    False: ("The rhythm is irregular.", "The RR intervals are irregular.", "The RR intervals vary and the rhythm is irregular."),
}  # fmt: skip
P_WAVES: dict[bool, Phrases] = {
    True: ("P waves precede each QRS complex.", "A P wave precedes every QRS complex.", "Each QRS complex is preceded by a P wave."),
    False: ("No P waves are seen before the QRS complexes.", "P waves are absent.", "No distinct P waves can be identified."),
}  # fmt: skip
P_SIZE: Phrases = (
    "The P wave in lead II has an amplitude of <PAMP:II> and a duration of <P>.",
    "The P wave lasts <P> and reaches <PAMP:II> in lead II.",
)
INTERVALS: Phrases = (
    "The PR interval is <PR>, the QRS duration is <QRS> and the QT interval is <QT>.",
    "The PR interval measures <PR>, the QRS complex lasts <QRS>, and the QT interval is <QT>.",
    "Intervals were measured as PR <PR>, QRS <QRS> and QT <QT>.",
)
WITHOUT_PR: Phrases = (
    "The QRS duration is <QRS> and the QT interval is <QT>.",
    "The QRS complex lasts <QRS>, and the QT interval is <QT>.",
)
QTC: Phrases = (
    "The corrected QT interval by Bazett's formula is <QTCB>.",
    "The QTc (Bazett) measures <QTCB>.",
    "The QTc (Fridericia) measures <QTCF>.",
)
AXIS: Phrases = (
    "The frontal QRS axis is <AXIS>.",
    "The QRS axis lies at <AXIS>.",
    "The electrical axis is <AXIS>.",
)

# the walk through the leads ---------------------------------------------------------------------------------------

R_T_ST: Phrases = (
    "In lead {a}, the R wave reaches <RAMP:{a}>, the T wave measures <TAMP:{a}> and the ST level is <ST:{a}>.",
    "Lead {a} shows an R wave of <RAMP:{a}> and a T wave of <TAMP:{a}>, with an ST level of <ST:{a}>.",
)
S_T_ST: Phrases = (
    "In lead {a}, the S wave measures <SAMP:{a}>, the T wave measures <TAMP:{a}> and the ST level is <ST:{a}>.",
    "Lead {a} shows an S wave of <SAMP:{a}> and a T wave of <TAMP:{a}>, with an ST level of <ST:{a}>.",
)
R_S: Phrases = (
    "In lead {a}, the S wave measures <SAMP:{a}> and the R wave measures <RAMP:{a}>.",
    "Lead {a} shows an R wave of <RAMP:{a}> and an S wave of <SAMP:{a}>.",
)
R_T_WORDS: Phrases = (
    "Lead {a} shows an R wave of <RAMP:{a}> with {t} T wave.",
    "In lead {a}, the R wave measures <RAMP:{a}>, and {t} T wave is present.",
)
TWO_R: Phrases = (
    "In lead {a}, the R wave measures <RAMP:{a}>, and in lead {b}, the R wave measures <RAMP:{b}>.",
    "In lead {a}, the R wave reaches <RAMP:{a}>, whereas in lead {b}, the R wave measures <RAMP:{b}>.",
)
TWO_T: Phrases = (
    "In lead {a}, the T wave measures <TAMP:{a}>, and in lead {b}, the T wave measures <TAMP:{b}>.",
    "The T wave in lead {a} is <TAMP:{a}>, and the T wave in lead {b} is <TAMP:{b}>.",
)
ONE_T: Phrases = (
    "The T wave in lead {a} measures <TAMP:{a}>.",
    "In lead {a}, the T wave amplitude is <TAMP:{a}>.",
)
NEGATIVE: Phrases = (
    "The QRS complex in lead {a} is negative, with a T wave of <TAMP:{a}>.",
    "Lead {a} shows a negative QRS complex, and its T wave measures <TAMP:{a}>.",
)
NO_ST: Phrases = (
    "There is no ST elevation in leads {leads}.",
    "Leads {leads} show no ST segment elevation.",
    "The ST segment is not elevated in leads {leads}.",
)
T_KIND = {"upright T waves": "an upright", "T wave inversion": "an inverted", "flat T waves": "a flat"}
"""Words of a T wave by the checker's finding."""

# reasoning --------------------------------------------------------------------------------------------------------

_Q_WALL: Phrases = (
    "Pathological Q waves are present in leads {leads}, consistent with {name}.",
    "In lead {a}, the Q wave lasts <QDUR:{a}> and measures <QAMP:{a}>, and pathological Q waves in leads {leads} indicate {name}.",
)
_LVH: Phrases = (
    "The S wave in lead V1 measures <SAMP:V1> and the R wave in lead V5 measures <RAMP:V5>, which meets the voltage criteria for left ventricular hypertrophy.",
    "The voltage criteria for left ventricular hypertrophy are met, with an S wave of <SAMP:V1> in lead V1 and an R wave of <RAMP:V5> in lead V5.",
)
REASON: dict[str, Phrases] = {
    "NORM": ("No criterion of an abnormality is met, so this is a normal ECG.", "Overall, the ECG is within normal limits."),
    "SR": ("P waves precede each QRS complex, which is consistent with sinus rhythm.", "A P wave before every QRS complex supports sinus rhythm.", "The P wave lasts <P> and reaches <PAMP:II> in lead II, consistent with sinus rhythm."),
    "STACH": ("A heart rate of <HR> with P waves before each QRS complex indicates sinus tachycardia.", "P waves precede each QRS complex and the heart rate is <HR>, consistent with sinus tachycardia."),
    "SBRAD": ("A heart rate of <HR> with P waves before each QRS complex indicates sinus bradycardia.", "P waves precede each QRS complex and the heart rate is <HR>, consistent with sinus bradycardia."),
    "SARRH": ("The RR intervals vary while P waves precede each QRS complex, consistent with sinus arrhythmia.", "P waves precede each QRS complex and the RR intervals differ, which supports sinus arrhythmia."),
    "AF": ("The RR intervals are irregular and no P waves are seen, which indicates atrial fibrillation.", "The RR intervals are irregular at a heart rate of <HR> and no P waves are seen, consistent with atrial fibrillation."),
    "PACE": ("Paced beats are recorded, consistent with a paced rhythm.", "The rhythm is paced."),
    "PVC": ("Ventricular premature beats are recorded.", "There are {count} ventricular premature beats."),
    "PAC": ("Supraventricular premature beats are recorded.", "Atrial premature beats are present."),
    "1AVB": ("The PR interval of <PR> is prolonged, consistent with first degree AV block.", "A PR interval of <PR> exceeds 200 ms, which indicates first degree AV block.", "Because the PR interval measures <PR>, a first degree AV block is present."),
    "AVB": ("The PR interval of <PR> is prolonged, consistent with AV block.",),
    "LBBB": ("The QRS duration of <QRS> is wide, consistent with left bundle branch block.", "The QRS complex is wide at <QRS> and negative in lead V1, consistent with left bundle branch block."),
    "RBBB": ("The QRS duration of <QRS> is wide, consistent with right bundle branch block.", "A QRS duration of <QRS> with an R wave of <RAMP:V1> in lead V1 supports right bundle branch block."),
    "BBB": ("The QRS duration of <QRS> is wide, consistent with a bundle branch block.",),
    "LAFB": ("The axis of <AXIS> with a QRS duration of <QRS> is consistent with left anterior fascicular block.", "An axis of <AXIS> supports left anterior fascicular block."),
    "LPFB": ("The axis of <AXIS> with a QRS duration of <QRS> is consistent with left posterior fascicular block.",),
    "IVCD": ("The QRS duration of <QRS> indicates an intraventricular conduction delay.",),
    "MI": ("Pathological Q waves are present in leads {leads}, consistent with a myocardial infarction.",),
    "AMI": _Q_WALL, "ASMI": _Q_WALL, "ALMI": _Q_WALL, "IMI": _Q_WALL, "ILMI": _Q_WALL, "LMI": _Q_WALL,
    "NDT": ("T wave changes are present in leads {leads}.", "The T wave in lead {a} measures <TAMP:{a}>, and T wave changes are present in leads {leads}."),
    "NST": ("ST-T changes are present in leads {leads}.", "The T wave in lead {a} measures <TAMP:{a}>, and ST-T changes are present in leads {leads}."),
    "ISC": ("T wave inversion in leads {leads} may indicate ischaemia.", "The T wave in lead {a} measures <TAMP:{a}>, and the T wave inversion in leads {leads} may indicate ischaemia."),
    "STD": ("ST depression is present in leads {leads}.", "The ST segment is depressed in leads {leads}.", "In lead {a}, the ST level is <ST:{a}>, and ST depression is present in leads {leads}."),
    "STE": ("ST elevation is present in leads {leads}.", "In lead {a}, the J point lies at <STJ:{a}>, and ST elevation is present in leads {leads}."),
    "TINV": ("T wave inversion is present in leads {leads}.", "The T waves are inverted in leads {leads}.", "The T wave in lead {a} measures <TAMP:{a}>, and T wave inversion is present in leads {leads}."),
    "LQT": ("The QT interval is prolonged, with a QTc (Bazett) of <QTCB>.", "The QTc (Bazett) of <QTCB> is prolonged."),
    "LVH": _LVH, "VLVH": _LVH, "VH": _LVH,
    "RVH": ("The R wave of <RAMP:V1> in lead V1 with an axis of <AXIS> supports right ventricular hypertrophy.",),
    "LAE": ("The P wave lasts <P>, consistent with left atrial enlargement.",),
    "RAE": ("The P wave in lead II has an amplitude of <PAMP:II>, consistent with right atrial enlargement.",),
    "QWAVE": ("Pathological Q waves are present in leads {leads}.", "In lead {a}, the Q wave lasts <QDUR:{a}> and measures <QAMP:{a}>, and pathological Q waves are present in leads {leads}."),
    "LVOLT": ("The R wave in lead I is <RAMP:I>, and there is low QRS voltage in the limb leads.", "There is low QRS voltage in the limb leads."),
    "PRWP": ("The R wave in lead V3 measures <RAMP:V3>, consistent with poor R wave progression.", "There is poor R wave progression in the precordial leads."),
    "LPR": ("The PR interval of <PR> is prolonged.",),
    "SPR": ("The PR interval of <PR> is short.",),
    "LAD": ("An axis of <AXIS> indicates left axis deviation.", "The axis of <AXIS> is deviated to the left."),
    "RAD": ("An axis of <AXIS> indicates right axis deviation.", "The axis of <AXIS> is deviated to the right."),
    "EAD": ("An axis of <AXIS> indicates extreme axis deviation.",),
}  # fmt: skip
"""By code, of a diagnosis that the measurements bear."""
AGAINST: Phrases = (
    "The diagnosis of {name} is made, although the measurements do not show it.",
    "The whole picture is read as {name}, while the measured values do not reach its criterion.",
)
NORMAL_AGAINST: Phrases = (
    "The ECG is read as normal as a whole, although single measured values lie beyond their limits.",
    "Taken as a whole this is a normal ECG, although not every measured value is within its limits.",
)
OPEN: dict[str, Phrases] = {
    "rhythm": ("{Name} is diagnosed from the course of the rhythm as a whole.", "The rhythm is read as {name}."),
    "beats": ("{Name} are read from the sequence of the beats.", "The sequence of the beats shows {name}."),
    "repolarisation": (
        "{Name} is diagnosed from the course of the ST segment and the T wave.",
        "The course of the ST segment and the T wave is read as {name}.",
    ),
    "shape": ("{Name} is diagnosed from the shape of the complexes.", "The shape of the complexes is read as {name}."),
}
"""By the kind of the label, of what no measured value decides; `shape` of every other kind."""
IMPRESSION = "Impression: {groups}."
"""First sentence of a report: its groups of findings. One wording, so that a model decides on each group at one place."""
CONCLUSION: Phrases = (
    "Diagnosis: {names}.",
    "In conclusion, the diagnosis is {names}.",
    "Taken together, this ECG shows {names}.",
    "Clinical diagnosis: {names}.",
)
NOT_RECORDED: Phrases = (
    "{Leads} not recorded, so nothing is said of {them}.",
    "{Leads} missing from this recording and cannot be judged.",
)
UNREADABLE: dict[str, Phrases] = {
    "lost": (
        "This ECG cannot be interpreted, because the signal of every lead is lost for a part of the ten seconds.",
        "No interpretation is given: there is a gap in the signal of every lead.",
    ),
    "noise": (
        "This ECG cannot be interpreted, because the disturbance hides the waves in every lead.",
        "No interpretation is given: every lead is too disturbed to be read.",
    ),
}
FACT: dict[str, str] = {
    "HR": "The heart rate is <HR>.", "RR": "The mean RR interval is <RR>.", "P": "The P wave lasts <P>.", "PR": "The PR interval is <PR>.",
    "QRS": "The QRS duration is <QRS>.", "QT": "The QT interval is <QT>.", "QTCB": "The QTc (Bazett) is <QTCB>.",
    "QTCF": "The QTc (Fridericia) is <QTCF>.", "AXIS": "The QRS axis is <AXIS>.", "PAMP": "The P wave in lead {a} has an amplitude of <PAMP:{a}>.",
    "RAMP": "The R wave in lead {a} measures <RAMP:{a}>.", "SAMP": "The S wave in lead {a} measures <SAMP:{a}>.",
    "TAMP": "The T wave in lead {a} measures <TAMP:{a}>.", "ST": "The ST level in lead {a} is <ST:{a}>.", "STJ": "The J point in lead {a} lies at <STJ:{a}>.",
    "QDUR": "The Q wave in lead {a} lasts <QDUR:{a}>.", "QAMP": "The Q wave in lead {a} measures <QAMP:{a}>.",
}  # fmt: skip
"""One number alone, by its slot."""
