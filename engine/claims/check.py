"""A text against the measurements of its segment: every claim with its verdict."""

from __future__ import annotations

from engine.claims import finding, number
from engine.claims.basis import Basis
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.parse import Read, parse
from engine.claims.rules import consistent
from engine.claims.statement import Statement
from ingest.frame import LEADS


def check(text: str, basis: Basis) -> tuple[Claim, ...]:
    """Claims of a text in its order; never raises on any text."""
    return consistent(tuple(claim for read in parse(text) for claim in _claims(text, read, basis)), text)


def _claims(text: str, read: Read, basis: Basis) -> list[Claim]:
    """Claims of a sentence; of a number that does not agree as it was read first, those of another reading that does."""
    judged = [(statement, _judge(text, statement, basis)) for statement in read.statements]
    taken = {
        _place(claim) for _, claim in judged if claim is not None and claim.kind is ClaimKind.NUMBER and _agrees(claim)
    }
    found: list[Claim] = []
    for statement, claim in judged:
        if claim is None:
            continue
        if statement.others and not _agrees(claim):
            claim = _otherwise(text, statement, basis, taken) or claim
            taken.add(_place(claim))
        found.append(claim)
    return found


def _agrees(claim: Claim) -> bool:
    return claim.verdict is Verdict.AGREE


def _tells(claim: Claim) -> bool:
    """Whether a value is large enough that its agreement is no chance: 0.07 mV lies within the tolerance of any small wave."""
    return claim.measured is not None and abs(claim.measured) > 2.0 * (claim.tolerance or 0.0)


def _place(claim: Claim) -> tuple[str, tuple[str, ...]]:
    """What a number is said of: one measurement takes one number."""
    return claim.measure, claim.leads


def _otherwise(text: str, statement: Statement, basis: Basis, taken: set[tuple[str, tuple[str, ...]]]) -> Claim | None:
    """The first other reading of a weakly bound number that agrees and that no other number of the sentence has."""
    for other in statement.others:
        claim = _judge(text, other, basis)
        if claim is not None and _agrees(claim) and _tells(claim) and _place(claim) not in taken:
            return claim
    return None


def _judge(text: str, statement: Statement, basis: Basis) -> Claim | None:
    if statement.kind == "number":
        return number.judge(text, statement, basis)
    if statement.kind == "finding":
        return finding.judge(text, statement, basis)
    return _lead(text, statement, basis)


def _lead(text: str, statement: Statement, basis: Basis) -> Claim | None:
    """A lead that there is none of, that was not measured, or that does not look at the wall it is named for."""
    if len(statement.leads) > 1 or statement.what.endswith(" leads"):
        why = f"{', '.join(statement.leads)} are not {statement.what}"
        return _lead_claim(text, statement, Verdict.DISAGREE, why)
    name = statement.leads[0]
    if name not in LEADS:
        return _lead_claim(text, statement, Verdict.UNSUPPORTED, f"there is no lead {name} among the twelve")
    if basis.lead(name) is None:
        return _lead_claim(text, statement, Verdict.UNSUPPORTED, f"lead {name} was not measured")
    return None


def _lead_claim(text: str, s: Statement, verdict: Verdict, why: str) -> Claim:
    said = text[s.start : s.end]
    return Claim(ClaimKind.LEAD, said, s.start, s.end, "lead", s.leads, None, "", verdict, None, (), None, None, why)
