"""What a finding that is contradicted may mean besides: a direction and no deviation, a wave of another kind, a wave that is too small to be measured.

Each is told by words of its own sentence. Where they leave open what was said, nothing that was measured contradicts it plainly.
"""

from __future__ import annotations

import re

from engine.claims.basis import Basis
from engine.claims.judging.by_value import LEAD, sentence_of
from engine.claims.language import leads as names
from engine.claims.statement import Statement

_TURNED = {"left axis deviation": (-30.0, -10.0), "right axis deviation": (80.0, 90.0)}
"""By deviation where an axis may be said to point there though it is normal, degrees (our own)."""
_DEVIATES = re.compile(r"deviat|\blad\b|\brad\b|abnormal|patholog", re.IGNORECASE)
_DIRECTION = re.compile(
    r"\b(?:left|right)wards?\b|\bto the (?:left|right)\b|\b(?:point|direct|lean|turn|tilt)\w*", re.IGNORECASE
)
_POLAR = frozenset({"positive QRS", "negative QRS"})
_OF_QRS = re.compile(r"\bqrs\b|complex|\br\b|\bs\b|\bq\b|\br[ -]wave|deflection", re.IGNORECASE)
_OTHER_WAVE = re.compile(r"\b(?:ST|J|T|P)\b(?:[- ](?:waves?|segments?|points?))?")
_SMALL = re.compile(r"\b(?:minimal|minute|tiny|negligible|insignificant|trivial|vestigial|minuscule|very small)\b", re.IGNORECASE)  # fmt: skip
_EXCEPT = re.compile(
    r"\b(?:apart from|aside from|except(?:ing| for)?|other than|save(?: for)?|with the exception of|exclud\w+|but for|besides|bar)\b[^,;.]*",
    re.IGNORECASE,
)


def doubt(text: str, one: Statement, basis: Basis) -> str:
    """Why a finding that is contradicted may have been said of something else; empty where it may not."""
    begin, end = sentence_of(text, one)
    said, own = text[begin:end], text[one.start : one.end]
    if one.what in _TURNED and not one.negated and _is_turned(one, text[one.start : one.end + 12], basis):
        return "a direction is told and no deviation"
    if one.what in _POLAR and not _OF_QRS.search(own) and _OTHER_WAVE.search(said):
        return "it is not known of which wave it is said"
    if (
        one.what == "Q waves"
        and not one.negated
        and _SMALL.search(text, max(begin, one.start - 25), min(end, one.end + 50))
    ):
        return "a wave so small is not measured"
    return ""


def _is_turned(one: Statement, words: str, basis: Basis) -> bool:
    axis, (low, high) = basis.m.axis_deg, _TURNED[one.what]
    points = _DIRECTION.search(words) is not None and _DEVIATES.search(words) is None
    return points and axis is not None and low <= axis <= high


def excepted(text: str, one: Statement) -> tuple[str, ...]:
    """The leads of a finding without those that its sentence excepts: `apart from an inverted one in III, T waves are upright in the limb leads`."""
    begin, end = sentence_of(text, one)
    out = {names.named(m[0]) for part in _EXCEPT.finditer(text, begin, end) for m in LEAD.finditer(part[0])}
    return tuple(lead for lead in one.leads if lead not in out) if out & set(one.leads) else ()
