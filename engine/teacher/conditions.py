"""Which findings a simulated patient has, and under which labels they are taught."""

from __future__ import annotations

from enum import StrEnum

import numpy as np


class Condition(StrEnum):
    """What changes the shape of the beats; the rhythm is drawn beside it."""

    AMI = "old anterior infarct"
    IMI = "old inferior infarct"
    LMI = "old lateral infarct"
    PMI = "posterior infarct"
    AMI_ACUTE = "acute anterior infarct"
    IMI_ACUTE = "acute inferior infarct"
    LVH = "left ventricular hypertrophy"
    RVH = "right ventricular hypertrophy"
    LAE = "left atrial enlargement"
    RAE = "right atrial enlargement"
    LBBB = "left bundle branch block"
    RBBB = "right bundle branch block"
    IRBBB = "incomplete right bundle branch block"
    LAFB = "left anterior fascicular block"
    LPFB = "left posterior fascicular block"
    IVCD = "intraventricular conduction delay"
    WPW = "pre-excitation"
    STD = "ST depression"
    STE = "ST elevation"
    TINV = "T wave inversion"
    NDT = "flat or low T waves"
    LQT = "long QT"
    LVOLT = "low voltage"


C = Condition

NONE = 0.33
"""Share of the patients without any condition."""
WEIGHTS: dict[Condition, float] = {
    C.AMI: 3.0, C.IMI: 3.0, C.LMI: 0.4, C.PMI: 0.2, C.AMI_ACUTE: 1.0, C.IMI_ACUTE: 1.0, C.LVH: 4.0, C.RVH: 1.0, C.LAE: 1.0, C.RAE: 0.7,
    C.LBBB: 2.5, C.RBBB: 2.5, C.IRBBB: 2.0, C.LAFB: 3.0, C.LPFB: 0.7, C.IVCD: 1.5, C.WPW: 0.5, C.STD: 3.0, C.STE: 0.7, C.TINV: 2.5, C.NDT: 4.0,
    C.LQT: 1.0, C.LVOLT: 0.7,
}  # fmt: skip
"""How often each is drawn beside the others: evened out, so that rare ones are seen often enough to be learnt."""
_HOW_MANY = (1, 1, 1, 2, 2, 3)
"""Conditions of a patient that has some, each as likely."""
_BLOCKS = frozenset({C.RBBB, C.IRBBB, C.LAFB, C.LPFB, C.IVCD})
_EXCLUDES: tuple[tuple[Condition, frozenset[Condition]], ...] = (
    (C.LBBB, _BLOCKS | {C.RVH, C.WPW}),
    (C.WPW, _BLOCKS | {C.RVH, C.AMI, C.IMI, C.LMI, C.PMI}),
    (C.RBBB, frozenset({C.IRBBB, C.IVCD})),
    (C.LAFB, frozenset({C.LPFB, C.RVH})),
    (C.LVOLT, frozenset({C.LVH, C.RVH})),
    (C.AMI_ACUTE, frozenset({C.AMI})),
    (C.IMI_ACUTE, frozenset({C.IMI})),
)
"""Beside the first, those that cannot be seen or cannot be."""

ANTERIOR = frozenset({C.AMI, C.AMI_ACUTE})
INFERIOR = frozenset({C.IMI, C.IMI_ACUTE})
MEMBERS: dict[str, frozenset[Condition]] = {
    "MI": ANTERIOR | INFERIOR | {C.LMI, C.PMI},
    "STTC": frozenset({C.STD, C.STE, C.TINV, C.NDT, C.LQT, C.AMI_ACUTE, C.IMI_ACUTE}),
    "CD": _BLOCKS | {C.LBBB, C.WPW},
    "HYP": frozenset({C.LVH, C.RVH, C.LAE, C.RAE}),
    "AMI": ANTERIOR,
    "IMI": INFERIOR,
    "LBBB": frozenset({C.LBBB}),
    "RBBB": frozenset({C.RBBB}),
    "LAFB": frozenset({C.LAFB}),
    "IRBBB": frozenset({C.IRBBB}),
    "LVH": frozenset({C.LVH}),
    "RVH": frozenset({C.RVH}),
    "STD": frozenset({C.STD}),
    "STE": frozenset({C.STE, C.AMI_ACUTE, C.IMI_ACUTE}),
    "TINV": frozenset({C.TINV}),
    "LQT": frozenset({C.LQT}),
}
"""By label, the conditions that make it true."""


def draw_conditions(rng: np.random.Generator) -> frozenset[Condition]:
    """None in a third of the patients, else one to three by their weights, less what cannot be beside another."""
    if rng.random() < NONE:
        return frozenset()
    count = int(rng.choice(_HOW_MANY))
    weights = np.array(list(WEIGHTS.values()))
    chosen = rng.choice(len(WEIGHTS), size=count, replace=False, p=weights / weights.sum())
    return together(frozenset(list(WEIGHTS)[k] for k in chosen.tolist()))


def together(wanted: frozenset[Condition]) -> frozenset[Condition]:
    """Of these, what can be in one patient."""
    kept = set(wanted)
    for one, others in _EXCLUDES:
        if one in kept:
            kept -= others
    return frozenset(kept)
