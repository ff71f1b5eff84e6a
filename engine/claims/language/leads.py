"""Names of leads as people write them, and the walls of the heart that they look at."""

from __future__ import annotations

from ingest.frame import CHEST, LEADS, LIMB

GROUPS: dict[str, tuple[str, ...]] = {
    "inferior": ("II", "III", "aVF"),
    "lateral": ("I", "aVL", "V5", "V6"),
    "high lateral": ("I", "aVL"),
    "anterior": ("V1", "V2", "V3", "V4"),
    "septal": ("V1", "V2"),
    "anteroseptal": ("V1", "V2", "V3", "V4"),
    "anterolateral": ("I", "aVL", "V3", "V4", "V5", "V6"),
    "inferolateral": ("II", "III", "aVF", "V5", "V6"),
    "left precordial": ("V4", "V5", "V6"),
    "right precordial": ("V1", "V2", "V3"),
    "precordial": CHEST,
    "limb": LIMB,
    "all": LEADS,
}
"""Leads of each group (Fourth universal definition of myocardial infarction, Circulation 2018;138:e618-e651)."""
WIDER: dict[str, tuple[str, ...]] = {
    "lateral": ("I", "aVL", "V4", "V5", "V6"),
    "anterior": CHEST,
    "septal": ("V1", "V2", "V3", "V4"),
    "left precordial": ("V3", "V4", "V5", "V6"),
    "anterolateral": ("I", "aVL", "V1", "V2", "V3", "V4", "V5", "V6"),
    "anteroseptal": ("V1", "V2", "V3", "V4"),
}
"""Leads that may stand beside the name of the group without a contradiction."""
_SPELLED = {name.lower(): name for name in LEADS} | {"1": "I", "2": "II", "3": "III"}
_SPELLED |= {"di": "I", "dii": "II", "diii": "III", "mlii": "II"}


def named(text: str) -> str:
    """The lead of this spelling; one that does not exist is returned as written, without spaces."""
    bare = text.replace(" ", "").replace("-", "").lower()
    return _SPELLED.get(bare, text.replace(" ", ""))


def between(first: str, last: str) -> tuple[str, ...]:
    """Leads from one to another, in their order; the two alone where they are not of one row."""
    for row in (("I", "II", "III"), CHEST, ("aVR", "aVL", "aVF")):
        if first in row and last in row and row.index(first) <= row.index(last):
            return row[row.index(first) : row.index(last) + 1]
    return (first, last)


def group(word: str) -> str:
    """The group that a word names: `inferiorly`, `antero-septal`, `chest`."""
    bare = word.lower().replace("-", "").replace(" ", "")
    if bare == "highlateral":
        return "high lateral"
    for side in ("left", "right"):
        if bare.startswith(side):
            return f"{side} precordial"
    bare = bare.removesuffix("ly")
    if bare in ("chest", "precordial", "precordium", "prechordial"):
        return "precordial"
    if bare in ("limb", "extremity", "frontal", "standard"):
        return "limb"
    if bare in ("all", "every", "each", "other", "multiple", "several", "most", "remaining", "these", "everywhere"):
        return "all"
    return {"septo": "septal", "infero": "inferior", "antero": "anterior"}.get(bare, bare)
