"""Numbers that are not told and say nothing wrong: bounds that hold, values that are denied, and amplitudes of no lead that a lead has.

Nothing that was measured speaks against them, so that they stop nothing beside them.
"""

from __future__ import annotations

from dataclasses import replace

from engine.claims.basis import Basis
from engine.claims.claim import Claim, Verdict
from engine.claims.judging import number
from engine.claims.judging.limits_of import is_of_st
from engine.claims.statement import Statement
from ingest.frame import LEADS


def says_nothing_wrong(text: str, statement: Statement, claim: Claim, basis: Basis) -> bool:
    """Whether a number that is not supported is contradicted by nothing, claim: what it was read as."""
    if claim.why == number.FAR:
        return is_of_st(statement) or abs(claim.value or 0.0) in number.LIMITS.get(claim.unit, ())
    if claim.why == number.DENIED:
        plain = number.judge(text, replace(statement, negated=False), basis, telling=False)
        return plain is not None and plain.verdict is not Verdict.AGREE
    if claim.why == number.NO_LEAD:
        every = number.judge(text, replace(statement, leads=LEADS, loose=True), basis)
        return every is not None and every.verdict is Verdict.AGREE
    return False
