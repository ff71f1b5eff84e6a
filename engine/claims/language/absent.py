"""Leads that a text says were not recorded: `Lead V3 was not recorded`, `no signal of V3 to V5`. The mask of the leads says whether it is so."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence
from engine.claims.statement import Statement

_MADE = r"(?:recorded|acquired|obtained|captured|registered|received|transmitted|sent|supplied|provided|included|connected|attached|measured|available|there|present)"
_LACKS = (
    rf" ?,? ?(?:(?:was|were|is|are) (?:\w+ly )?(?:not (?:\w+ly )?{_MADE}|missing|unavailable|absent|lacking|disconnected|unrecorded|off\b)"
    rf"|(?:could|can) ?not be {_MADE}|(?:was|were|is|are)n't {_MADE}|(?:has|have) not been {_MADE}|(?:did|does|do) not (?:\w+ )?record|not {_MADE}|missing\b)"
    r"(?: from (?:this|the) (?:recording|ecg|tracing))?(?:,? so (?:that )?nothing (?:is|can be) said of (?:it|them))?"
)
_WITHOUT = r"(?:\b(?:no (?:usable )?(?:signal|recording|data|trace|tracing)|without (?:a |any )?(?:signal|recording|data)|(?:in the )?absence) (?:was |is )?(?:of|from|in|for) )$"
_OF = frozenset({"in", "of", "for", "from", "at", "on", "over", "across", "within", "through", "to"})
"""Behind these a lead is a place: of `Q waves in V3 are missing` no lead is."""


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_LACKS, re.IGNORECASE), re.compile(_WITHOUT, re.IGNORECASE)


def absent(s: Sentence) -> list[Statement]:
    """Each claim that leads are missing, as a denied lead that covers its words."""
    found, at = [], -1
    for k, token in enumerate(s.tokens):
        if token.kind not in ("lead", "group") or token.start < at or not token.leads:
            continue
        lacks, without = _patterns()
        behind = lacks.match(s.text, token.end, s.end)
        before = without.search(s.text[s.start : token.start])
        if before is not None and not any(t.kind == "measure" for t in s.tokens[k + 1 : k + 2]):
            found.append(_statement(s.start + before.start(), token.end, token))
        elif behind is not None and not _placed(s, k):
            at = behind.end()
            found.append(_statement(token.start, at, token))
    return found


def _placed(s: Sentence, k: int) -> bool:
    """Whether the lead at token k says where something is."""
    j = k - 1
    while j >= 0 and s.tokens[j].what in ("the", "both", "all", "other"):
        j -= 1
    return j >= 0 and (s.tokens[j].what in _OF or s.tokens[j].kind in ("finding", "measure", "quality", "number"))


def _statement(start: int, end: int, token: Token) -> Statement:
    return Statement("lead", start, end, "missing lead", token.leads, negated=True)
