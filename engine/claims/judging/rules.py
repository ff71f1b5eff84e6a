"""A text against itself: findings that its own numbers contradict, and findings that exclude each other."""

from __future__ import annotations

from dataclasses import replace

from engine.claims.claim import Claim, ClaimKind, Verdict

_INF = float("inf")
LIMITS: dict[str, tuple[str, float, float]] = {
    "bradycardia": ("heart rate", -_INF, 62.0), "sinus bradycardia": ("heart rate", -_INF, 62.0),
    "tachycardia": ("heart rate", 98.0, _INF), "sinus tachycardia": ("heart rate", 98.0, _INF),
    "normal rate": ("heart rate", 58.0, 102.0), "normal sinus rhythm": ("heart rate", 58.0, 102.0),
    "supraventricular tachycardia": ("heart rate", 98.0, _INF), "ventricular tachycardia": ("heart rate", 98.0, _INF),
    "first degree AV block": ("PR interval", 195.0, _INF), "long PR interval": ("PR interval", 195.0, _INF),
    "normal PR interval": ("PR interval", 108.0, 205.0), "short PR interval": ("PR interval", -_INF, 122.0),
    "narrow QRS": ("QRS duration", -_INF, 123.0), "normal conduction": ("QRS duration", -_INF, 123.0),
    "no bundle branch block": ("QRS duration", -_INF, 123.0), "wide QRS": ("QRS duration", 108.0, _INF),
    "right bundle branch block": ("QRS duration", 117.0, _INF), "left bundle branch block": ("QRS duration", 117.0, _INF),
    "bundle branch block": ("QRS duration", 117.0, _INF),
    "normal axis": ("QRS axis", -35.0, 95.0), "left axis deviation": ("QRS axis", -95.0, -25.0), "right axis deviation": ("QRS axis", 85.0, 185.0),
    "normal QT": ("QTc", 340.0, 475.0), "long QT": ("QTc", 440.0, _INF),
}  # fmt: skip
"""By finding the measure that its own text must give, with the lowest and highest value that goes with it."""
EXCLUDE: tuple[tuple[str, str], ...] = (
    ("atrial fibrillation", "P waves"), ("atrial fibrillation", "sinus rhythm"), ("atrial fibrillation", "normal sinus rhythm"),
    ("atrial fibrillation", "normal PR interval"), ("atrial fibrillation", "first degree AV block"), ("atrial fibrillation", "normal ECG"),
    ("no P waves", "sinus rhythm"), ("no P waves", "normal sinus rhythm"), ("no P waves", "normal PR interval"),
    ("regular rhythm", "irregular rhythm"), ("tachycardia", "bradycardia"), ("sinus tachycardia", "sinus bradycardia"),
    ("right bundle branch block", "left bundle branch block"), ("right bundle branch block", "narrow QRS"), ("left bundle branch block", "narrow QRS"),
    ("right bundle branch block", "no bundle branch block"), ("left bundle branch block", "no bundle branch block"),
    ("normal axis", "left axis deviation"), ("normal axis", "right axis deviation"), ("left axis deviation", "right axis deviation"),
    ("normal PR interval", "first degree AV block"), ("normal PR interval", "long PR interval"), ("narrow QRS", "wide QRS"),
    ("normal QT", "long QT"), ("normal ECG", "abnormal ECG"), ("normal ECG", "right bundle branch block"), ("normal ECG", "left bundle branch block"),
    ("normal ECG", "ST elevation"), ("normal ECG", "ST depression"), ("normal ECG", "acute infarct"), ("normal ECG", "infarct"),
    ("normal ECG", "left axis deviation"), ("normal ECG", "first degree AV block"), ("normal ECG", "long QT"), ("normal ECG", "pathological Q waves"),
    ("normal ECG", "left ventricular hypertrophy"), ("normal ECG", "ventricular ectopy"),
    ("poor R wave progression", "normal R wave progression"),
    ("no left ventricular hypertrophy", "left ventricular hypertrophy"), ("no ventricular ectopy", "ventricular ectopy"),
)  # fmt: skip
"""Findings of which one text may say only one."""


def consistent(claims: tuple[Claim, ...], text: str) -> tuple[Claim, ...]:
    """The claims, those that agree with the measurements but not with their own text turned into disagreements."""
    numbers = [
        c
        for c in claims
        if c.kind is ClaimKind.NUMBER and c.verdict is Verdict.AGREE and c.value is not None and _plain(c, text)
    ]
    told = {c.measure: c for c in claims if c.kind is ClaimKind.FINDING and c.verdict is Verdict.AGREE}
    return tuple(
        _judged(c, numbers, told) if c.kind is ClaimKind.FINDING and c.verdict is Verdict.AGREE else c for c in claims
    )


def _plain(claim: Claim, text: str) -> bool:
    """Whether a number is a value: behind `less than` it is a bound."""
    before = text[max(0, claim.start - 14) : claim.start].lower()
    return not any(
        word in before for word in ("than", "above", "below", "over", "under", "<", ">", "exceed", "between", "of 60")
    )


def _judged(claim: Claim, numbers: list[Claim], told: dict[str, Claim]) -> Claim:
    measure, low, high = LIMITS.get(claim.measure, ("", 0.0, 0.0))
    own = [n for n in numbers if n.measure == measure and n.value is not None]
    outside = [n for n in own if not low <= (n.value or 0.0) <= high]
    if own and len(outside) == len(own):  # one of several formulae may bear it
        said = outside[0].text
        return replace(claim, verdict=Verdict.DISAGREE, why=f"the text itself says {said} of the {measure}")
    for one, other in EXCLUDE:
        against = {one: other, other: one}.get(claim.measure)
        if against in told and told[against].start < claim.start:
            return replace(claim, verdict=Verdict.DISAGREE, why=f"the text itself says {told[against].measure}")
    return claim
