"""What a sentence tells: measured numbers by measure and lead, findings by name, and what a finding says with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.claims.claim import Claim, ClaimKind, Sentence, Verdict
from engine.interpretation import Evidence, Finding

Number = tuple[str, str]
"""Measure and lead of a number; the lead is empty of one of the whole."""
_BLOCK = ("bundle branch block", "wide QRS", "conduction disturbance")
_SINUS = ("sinus rhythm", "normal sinus rhythm", "P waves")
IMPLIES: dict[str, tuple[str, ...]] = {
    "sinus rhythm": _SINUS, "normal sinus rhythm": _SINUS, "sinus bradycardia": (*_SINUS, "bradycardia"),
    "sinus tachycardia": (*_SINUS, "tachycardia"), "sinus arrhythmia": ("sinus rhythm", "P waves", "irregular rhythm", "arrhythmia"),
    "atrial fibrillation": ("irregular rhythm", "no P waves", "arrhythmia"), "atrial flutter": ("arrhythmia",), "paced rhythm": ("arrhythmia",),
    "ventricular tachycardia": ("arrhythmia", "tachycardia"), "ventricular ectopy": ("ectopy", "arrhythmia"),
    "supraventricular ectopy": ("ectopy", "arrhythmia"), "pause": ("arrhythmia",),
    "first degree AV block": ("long PR interval", "abnormal PR interval", "AV block", "conduction disturbance"),
    "AV block of second degree": ("AV block", "conduction disturbance", "arrhythmia"),
    "AV block of third degree": ("AV block", "conduction disturbance", "arrhythmia"), "AV block": ("conduction disturbance",),
    "left bundle branch block": _BLOCK, "right bundle branch block": _BLOCK, "bundle branch block": _BLOCK,
    "intraventricular conduction delay": ("wide QRS", "conduction disturbance"), "incomplete right bundle branch block": ("conduction disturbance",),
    "incomplete left bundle branch block": ("conduction disturbance",), "left anterior fascicular block": ("conduction disturbance",),
    "left posterior fascicular block": ("conduction disturbance",), "bifascicular block": (*_BLOCK, "right bundle branch block"),
    "left axis deviation": ("axis deviation",), "right axis deviation": ("axis deviation",), "extreme axis deviation": ("axis deviation",),
    "long QT": ("abnormal QT",), "short QT": ("abnormal QT",), "pathological Q waves": ("Q waves",),
    "left ventricular hypertrophy": ("ventricular hypertrophy", "chamber enlargement"),
    "right ventricular hypertrophy": ("ventricular hypertrophy", "chamber enlargement"),
    "left atrial enlargement": ("atrial enlargement", "chamber enlargement"), "right atrial enlargement": ("atrial enlargement", "chamber enlargement"),
    "ST-T changes": ("T wave changes",),
}  # fmt: skip
"""By the name of a finding those that it says too, so that they are not told beside it."""
_NAMES = {
    "426783006": "sinus rhythm", "426177001": "sinus bradycardia", "427084000": "sinus tachycardia", "164889003": "atrial fibrillation",
    "427393009": "sinus arrhythmia", "63593006": "supraventricular ectopy",
    "10370003": "paced rhythm", "25569003": "ventricular tachycardia", "17338001": "ventricular ectopy", "102594003": "pause",
    "270492004": "first degree AV block", "49578007": "short PR interval", "195042002": "AV block of second degree", "27885002": "AV block of third degree",
    "164909002": "left bundle branch block", "59118001": "right bundle branch block", "698252002": "intraventricular conduction delay",
    "39732003": "left axis deviation", "47665007": "right axis deviation", "251200008": "extreme axis deviation", "111975006": "long QT",
    "77867006": "short QT", "445118002": "left anterior fascicular block", "164873001": "left ventricular hypertrophy", "429622005": "ST depression", "164917005": "pathological Q waves",
    "251146004": "low voltage", "164931005": "ST elevation", "59931005": "T wave inversion", "164854000": "normal ECG",
}  # fmt: skip
"""Findings of the criteria by the name that the checker has for them."""
_BY_NAME = {"Poor R wave progression": "poor R wave progression"}
"""The same of those whose code stands for more than one finding."""
_MEASURES = {"frontal QRS axis": "QRS axis", "Q wave": "Q duration"}
"""Measures of the evidence that the checker calls otherwise."""


def implied(names: Iterable[str]) -> frozenset[str]:
    """These findings and all that they say too."""
    told = set(names)
    return frozenset(told.union(*(IMPLIES.get(name, ()) for name in told)))


def name_of(finding: Finding) -> str:
    """What the checker calls a finding of the criteria; its own name where the checker has none."""
    return _NAMES.get(finding.code) or _BY_NAME.get(finding.name, finding.name)


def claims_of(one: Sentence, claims: Sequence[Claim]) -> Sequence[Claim]:
    """The claims that a sentence rests on; none of one of the criteria, whose evidence stands for it."""
    return claims[one.first : one.last + 1] if one.first >= 0 and one.finding < 0 else ()


def number_of(claim: Claim) -> Number | None:
    """Measure and lead of a number; None of any other claim."""
    return (claim.measure, ",".join(claim.leads)) if claim.kind is ClaimKind.NUMBER else None


def numbers(one: Sentence, claims: Sequence[Claim], findings: Sequence[Finding]) -> dict[Number, None]:
    """Measured numbers that a sentence tells, in its order; a heart rate tells the mean RR interval with it."""
    found = {n: None for c in claims_of(one, claims) if c.verdict is Verdict.AGREE and (n := number_of(c)) is not None}
    for e in findings[one.finding].evidence if one.finding >= 0 else ():
        found[_measured(e)] = None
    return found


def names(one: Sentence, claims: Sequence[Claim], findings: Sequence[Finding]) -> frozenset[str]:
    """Findings that a sentence states, a denied one as `no ...`."""
    if one.finding >= 0:
        return frozenset({name_of(findings[one.finding])})
    return frozenset(c.measure for c in claims_of(one, claims) if c.kind is ClaimKind.FINDING)


def asserted(told: Iterable[Sentence], claims: Sequence[Claim], findings: Sequence[Finding]) -> frozenset[str]:
    """Every finding that sentences which stand state, with what it says too."""
    return implied(n for one in told if one.verdict is Verdict.AGREE for n in names(one, claims, findings))


def specific(told: Iterable[str]) -> list[str]:
    """Names without those that another one of them says too, each once and in their order."""
    every = list(dict.fromkeys(told))
    return [name for name in every if not any(name in IMPLIES.get(other, ()) for other in every if other != name)]


def _measured(e: Evidence) -> Number:
    measure = e.measure.partition(" (")[0]
    return _MEASURES.get(measure, measure), "" if e.lead == "global" else e.lead
