"""What was measured of what a sentence speaks of, where nothing that it says of it was read and some of its words are known to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.claims.basis import Basis
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.judging import finding, number
from engine.claims.language.unread import NOT_UNDERSTOOD, UNREAD
from engine.claims.numbers.reading import reading
from engine.claims.statement import Statement


def topics_told(text: str, statements: Sequence[Statement], basis: Basis) -> list[Claim]:
    """The measured values of the topics of a sentence that was not understood, as claims that agree; none where all of its words are known.

    A sentence in known words alone may well say what is false, and is only withheld; one that holds words of no list is not shown either way.
    """
    whole = next((one for one in statements if one.what == NOT_UNDERSTOOD), None)
    if whole is None or not any(one.what.startswith(UNREAD) for one in statements):
        return []
    return [claim for what, leads in whole.others for claim in _told(text, whole, what, leads, basis)]


_SPOKEN = (("axis", "axis"), ("paced", "QRS"), ("ectopy", "rate"))
"""What the names of the findings hold of which nothing is told but a measure, and that measure."""
_OF_DENIAL = frozenset({"paced rhythm"})
"""Findings of which no measurement bears out a denial: it is answered by what was measured, and what affirms them is not."""


def instead_told(text: str, statements: Sequence[Statement], claims: Sequence[Claim], basis: Basis) -> list[Claim]:
    """What was measured of the findings of a sentence of which nothing else is told, where the measurements neither bear them nor speak against them."""
    if (
        not claims
        or basis.unconducted
        or not all(c.uncontradicted and c.verdict is Verdict.UNSUPPORTED for c in claims)
    ):
        return []
    asked = {(s.start, s.end): s for s in statements if s.kind == "finding"}
    open_ones = [(c, asked.get((c.start, c.end))) for c in claims if c.kind is ClaimKind.FINDING]
    if any(s is None or not _is_open(c, s) for c, s in open_ones):
        return []
    moments = [s for s in statements if s.kind == "number"]
    if any(s.what != "moment" for s in moments):
        return []
    whats = dict.fromkeys(_spoken(s.what) for _, s in open_ones if s is not None) if open_ones else {"rate": None}
    whole = Statement("finding", min(s.start for s in statements), max(s.end for s in statements), NOT_UNDERSTOOD)
    if not moments:
        whats.pop("rate", None)  # an early beat of which no time is told is as much as the sentence says
    return [claim for what in whats if what for claim in _told(text, whole, what, (), basis)]


def _is_open(claim: Claim, one: Statement) -> bool:
    """Whether what was measured leaves a finding open and not one of its readings only."""
    named = _spoken(one.what) and not one.hedged and not one.maybe and not claim.why.endswith(finding.BETWEEN)
    return bool(named) and one.negated == (one.what in _OF_DENIAL)


def _spoken(what: str) -> str:
    return next((measure for word, measure in _SPOKEN if word in what), "")


def _told(text: str, whole: Statement, what: str, leads: tuple[str, ...], basis: Basis) -> list[Claim]:
    found = []
    places: list[tuple[str, ...]] = [(lead,) for lead in leads]
    for own in places or [()]:
        one = Statement("number", whole.start, whole.end, what, own)
        measured = reading(one, basis)
        if not measured.values:
            continue
        value = measured.values[0]
        claim = number.judge(text, replace(one, low=value, high=value, unit=measured.unit), basis)
        if claim is not None and claim.verdict is Verdict.AGREE:
            found.append(claim)
    return found
