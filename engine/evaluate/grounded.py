"""Grounding without a judge: what numbers decide. Every claim of a text is held against the measurements of its recording.

Three columns on the scales of the grounded task, and counts beside them. They are not the judge's columns: a judge compares with a reference
text, here the recording itself decides, and the same text gets the same figures for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import ClaimKind, Verdict
from engine.claims.judging import finding, number
from engine.claims.language.unread import GENERAL, UNREAD
from engine.claims.parse import Read, parse
from engine.claims.show import sentences
from engine.claims.statement import Statement
from engine.evaluate.interval import mean
from engine.findings.held import without_shares
from ingest.frame import LEADS

_NOTHING = (GENERAL, UNREAD)


@dataclass(frozen=True, slots=True)
class Grounded:
    """What the measurements say to one text."""

    leads: dict[str, tuple[int, int]]
    """Of each lead that the text assesses: claims that agree, and claims that can be told."""
    numbers: int
    numbers_agreeing: int
    numbers_disagreeing: int
    findings: int
    findings_agreeing: int
    findings_disagreeing: int
    unread: int
    """Words that the checker does not understand, and general ones: no claim that can be told."""
    sentences: int
    sentences_with_evidence: int
    """Sentences of which every claim agrees, and that have one."""

    @property
    def coverage(self) -> float:
        """LeadAssessmentCoverage: share of the twelve leads of which something is said that can be told, per cent."""
        return 100.0 * len(self.leads) / len(LEADS)

    @property
    def accuracy(self) -> float:
        """LeadAssessmentAccuracy: 2 of a lead of which all agrees, 1 of which some does; per cent of 24."""
        points = sum(2 if agree == told else 1 if agree else 0 for agree, told in self.leads.values())
        return 100.0 * points / (2 * len(LEADS))

    @property
    def grounding(self) -> float:
        """ECGFeatureGrounding: share of all numbers and findings that are read which agree, per cent; 0 of a text that claims nothing."""
        claims = self.numbers + self.findings
        return 100.0 * (self.numbers_agreeing + self.findings_agreeing) / claims if claims else 0.0


_COUNTS = tuple(f.name for f in fields(Grounded) if f.name != "leads")


def grounded(text: str, basis: Basis) -> Grounded:
    """A text against the measurements of its recording."""
    text = without_shares(text)
    claims = check(text, basis)
    numbers = [c.verdict for c in claims if c.kind is not ClaimKind.FINDING]
    named = [c for c in claims if c.kind is ClaimKind.FINDING]
    findings = [c.verdict for c in named if not c.measure.removeprefix("no ").startswith(_NOTHING)]
    shown = sentences(text, claims)
    return Grounded(
        leads=_leads(text, basis), numbers=len(numbers), numbers_agreeing=numbers.count(Verdict.AGREE),
        numbers_disagreeing=numbers.count(Verdict.DISAGREE), findings=len(findings), findings_agreeing=findings.count(Verdict.AGREE),
        findings_disagreeing=findings.count(Verdict.DISAGREE), unread=len(named) - len(findings), sentences=len(shown),
        sentences_with_evidence=sum(one.verdict is Verdict.AGREE and not one.partly for one in shown),
    )  # fmt: skip


def _leads(text: str, basis: Basis) -> dict[str, tuple[int, int]]:
    """By lead the claims about it: those that agree, and those that can be told (agree or disagree)."""
    agree, told = dict.fromkeys(LEADS, 0), dict.fromkeys(LEADS, 0)
    for read in parse(text):
        for statement, leads in _about(read):
            for lead in leads:
                verdict = _verdict(text, statement, lead, basis)
                told[lead] += verdict in (Verdict.AGREE, Verdict.DISAGREE)
                agree[lead] += verdict is Verdict.AGREE
    return {lead: (agree[lead], told[lead]) for lead in LEADS if told[lead]}


def _about(read: Read) -> list[tuple[Statement, Sequence[str]]]:
    """Statements of a sentence with the leads that each is about.

    What names no lead is about those that its sentence names (`Lead I: normal P wave`), where that is one or where nothing else in
    the sentence is said of leads.
    """
    named = list(dict.fromkeys(lead for s in read.statements if s.kind == "lead" for lead in s.leads if lead in LEADS))
    stated = any(s.leads for s in read.statements if s.kind != "lead" and not s.what.startswith(_NOTHING))
    shared = named if len(named) == 1 or not stated else []
    found: list[tuple[Statement, Sequence[str]]] = []
    for s in read.statements:
        if s.kind == "lead" or s.what.startswith(_NOTHING):
            continue
        own = [lead for lead in s.leads if lead in LEADS]
        found.append((s, own or shared))
    return found


def _verdict(text: str, statement: Statement, lead: str, basis: Basis) -> Verdict | None:
    """What the measurements of one lead say to a statement that may be about several."""
    alone = replace(statement, leads=(lead,), loose=False) if statement.leads else statement
    claim = number.judge(text, alone, basis) if statement.kind == "number" else finding.judge(text, alone, basis)
    return None if claim is None or basis.lead(lead) is None else claim.verdict


def summed(found: Sequence[tuple[str, Grounded]]) -> dict[str, Any]:
    """Means of the three columns over texts with their intervals over recordings, and counts. found: (recording, what of its text)."""
    places, told = [place for place, _ in found], [one for _, one in found]
    return {
        "columns": {
            "LeadAssessmentCoverage": mean([one.coverage for one in told], places),
            "LeadAssessmentAccuracy": mean([one.accuracy for one in told], places),
            "ECGFeatureGrounding": mean([one.grounding for one in told], places),
        },
        "texts": len(told),
        **{name: sum(getattr(one, name) for one in told) for name in _COUNTS},
    }
