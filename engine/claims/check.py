"""A text against the measurements of its segment: every claim with its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.claims.apart import OTHER_CLAUSE, Cut, bears, cuts
from engine.claims.basis import Basis
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.judging import finding, number
from engine.claims.judging.elsewhere import elsewhere, not_understood
from engine.claims.judging.exceptions import granted
from engine.claims.judging.rules import consistent
from engine.claims.judging.second_value import is_limit, second_value
from engine.claims.judging.topics_told import instead_told, topics_told
from engine.claims.language import lex, markup
from engine.claims.language.scope import Sentence
from engine.claims.parse import Read, parse
from engine.claims.part import left_over
from engine.claims.statement import Statement
from ingest.frame import LEADS
from stream.trigger import MODEL_SAMPLES

MISSING = "missing lead"
"""What a claim is about that leads were not recorded."""


def check(text: str, basis: Basis) -> tuple[Claim, ...]:
    """Claims of a text in its order; never raises on any text."""
    claims = _whole(text, basis)
    return _apart(text, claims, basis) if any(map(_stops, claims)) else claims


def _whole(text: str, basis: Basis) -> tuple[Claim, ...]:
    """Claims of a text, each sentence read as a whole."""
    claims = tuple(claim for read in parse(text) for claim in _claims(text, read, basis))
    return consistent(granted(claims, basis), text)


def _stops(claim: Claim) -> bool:
    return claim.verdict is not Verdict.AGREE and not left_over(claim)


def _apart(text: str, claims: tuple[Claim, ...], basis: Basis) -> tuple[Claim, ...]:
    """The claims; those that stop a sentence which agrees clause by clause stop it no more."""
    flat, before, found = markup.plain(text), "", list(claims)
    for read in parse(text):
        stopping = [c for c in claims if read.start <= c.start < read.end and _stops(c)]
        if stopping:
            s = Sentence(flat, read.start, read.end, lex.tokens(flat, read.start, read.end))
            if any(_bears(stopping, cut, basis) for cut in cuts(s, before)):
                found = [
                    replace(c, verdict=Verdict.UNSUPPORTED, why=OTHER_CLAUSE, uncontradicted=True)
                    if c in stopping
                    else c
                    for c in found
                ]
        before = f"{flat[read.start : read.end]} "
    return tuple(found)


def _bears(stopping: list[Claim], cut: Cut, basis: Basis) -> bool:
    own = [c for c in _whole(cut.text, basis) if c.start >= cut.start]
    return not any(map(_stops, own)) and bears(stopping, own, cut)


def _claims(text: str, read: Read, basis: Basis) -> list[Claim]:
    judged: list[tuple[Statement, list[Claim]]] = []
    for statement in read.statements:
        claim = _judge(text, statement, basis)
        if claim is not None:
            judged.append((statement, elsewhere(text, statement, claim, basis)))
    every = [c for s, claims in judged if s.kind == "number" and not is_limit(s) for c in claims]
    found = [claim for statement, claims in judged for claim in _by_value(text, statement, claims, every, basis)]
    found += topics_told(text, read.statements, basis)
    return found + instead_told(text, read.statements, found, basis)


def _by_value(text: str, statement: Statement, claims: list[Claim], every: list[Claim], basis: Basis) -> list[Claim]:
    """The claims of a statement; what a number is by its value where it stops its sentence and is not plainly bound."""
    if not any(map(_stops, claims)):
        return claims
    other = second_value(text, statement, claims[0], every, basis)
    return claims if other is None else [other, not_understood(text, statement)]


def _judge(text: str, statement: Statement, basis: Basis) -> Claim | None:
    if statement.kind == "number":
        return number.judge(text, statement, basis)
    if statement.kind == "finding":
        return finding.judge(text, statement, basis)
    return _lead(text, statement, basis)


def _lead(text: str, statement: Statement, basis: Basis) -> Claim | None:
    """A lead that there is none of, that was not measured, or that does not look at the wall it is named for."""
    if statement.negated:
        return _missing(text, statement, basis)
    if len(statement.leads) > 1 or statement.what.endswith(" leads"):
        why = f"{', '.join(statement.leads)} are not {statement.what}"
        return _lead_claim(text, statement, Verdict.DISAGREE, why)
    name = statement.leads[0]
    if name not in LEADS:
        return _lead_claim(text, statement, Verdict.UNSUPPORTED, f"there is no lead {name} among the twelve")
    if basis.lead(name) is None:
        return _lead_claim(text, statement, Verdict.UNSUPPORTED, f"lead {name} was not measured")
    return None


def _missing(text: str, statement: Statement, basis: Basis) -> Claim:
    """Leads that are said not to have been recorded: the mask of the leads knows."""
    strange = [lead for lead in statement.leads if lead not in LEADS]
    if strange:
        why = f"there is no lead {strange[0]} among the twelve"
        return _lead_claim(text, statement, Verdict.UNSUPPORTED, why)
    there = [lead for lead in statement.leads if lead in basis.measured]
    if there:
        return _lead_claim(text, statement, Verdict.DISAGREE, f"{', '.join(there)} {_were(there)} recorded")
    why = f"{', '.join(statement.leads)} {_were(statement.leads)} not recorded"
    return replace(_lead_claim(text, statement, Verdict.AGREE, why), samples=(0, MODEL_SAMPLES - 1))


def _were(leads: Sequence[str]) -> str:
    return "was" if len(leads) == 1 else "were"


def _lead_claim(text: str, s: Statement, verdict: Verdict, why: str) -> Claim:
    said, measure = text[s.start : s.end], MISSING if s.negated else "lead"
    return Claim(ClaimKind.LEAD, said, s.start, s.end, measure, s.leads, None, "", verdict, None, (), None, None, why)
