"""What was measured of what a sentence speaks of, where nothing that it says of it was read and some of its words are known to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.claims.basis import Basis
from engine.claims.claim import Claim, Verdict
from engine.claims.judging import number
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
