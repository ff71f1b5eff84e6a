"""Findings that a sentence names as what may be so, and qualities of which it does not say of what they are."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.accepts import ACCEPTS
from engine.claims.evoked import spoken_of
from engine.claims.scope import Sentence
from engine.claims.statement import Statement

_BEFORE = re.compile(
    r"\b(?:may|might|could|can|would|possibl[ey]|potential(?:ly)?|perhaps|conceivabl[ey]|probabl[ey]|likely|suspicious|suspected|suspicion|consider\w*|think of|thought of|think about"
    r"|either|differential|candidates?|question of|queried|query|raises?|raising|hints? (?:at|of)|borders? on|bordering on|often|sometimes|commonly|typically|frequently|occasionally)\b[^.;]*$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"^[^.;,]*\b(?:may|might|could|possible|possibilit\w+|plausible|conceivable|likely|considered|consideration|candidates?|differential|be present|among the|explanations?|alternatives?|as (?:a |the )?(?:cause|reason|explanation))\b",
    re.IGNORECASE,
)
SOFT = frozenset(
    {
        "left ventricular hypertrophy", "right ventricular hypertrophy", "ventricular hypertrophy", "left atrial enlargement", "right atrial enlargement",
        "atrial enlargement", "chamber enlargement", "incomplete right bundle branch block", "incomplete left bundle branch block", "bundle branch block", "left anterior fascicular block",
        "left posterior fascicular block", "bifascicular block", "secondary ST-T changes", "ventricular strain", "ischaemia", "acute ischaemia", "infarct",
        "acute infarct", "ST elevation infarct", "heart attack", "pre-excitation", "paced rhythm", "atrial flutter", "junctional rhythm", "escape rhythm", "artefact",
    }
)  # fmt: skip
"""Findings that no single limit settles: named as a possibility they say nothing that measurements contradict."""


def hedged(s: Sentence, found: list[Statement]) -> list[Statement]:
    """The findings, those marked that the words around them call possible, usual or one of several."""
    return [replace(one, hedged=True) if _may_be(s, one) else one for one in found]


def _may_be(s: Sentence, one: Statement) -> bool:
    if one.negated or not (one.what in SOFT or one.what.startswith("unmeasurable")):
        return False
    begin = max((t.end for t in s.tokens if t.end <= one.start and t.what in (";", ".")), default=s.start)
    return (
        _BEFORE.search(s.text[begin : one.start]) is not None or _BEHIND.search(s.text[one.end : s.end]) is not None
    )


def qualities_of(s: Sentence, quality: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The findings that a quality may make of what its sentence speaks of, or the one before, or of anything."""
    own = spoken_of(s.tokens, s.text[s.start : s.end])
    before = spoken_of(s.earlier, s.text[s.earlier[0].start : s.start]) if s.earlier else frozenset()
    for measures in (own, before, frozenset(ACCEPTS)):
        names = [ACCEPTS[one][quality] for one in sorted(measures) if quality in ACCEPTS.get(one, {})]
        if names:
            return tuple((name, ()) for name in dict.fromkeys(names))
    return ()
