"""What is told of a sentence of which not every word was understood: what was measured of it, in the words of the checker.

Words that no claim took up are no number, unit, lead or finding; nothing can be held against them and they are never shown. What was read
beside them and agrees is true of the recording whatever the sentence goes on to say, and is told without its words.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.judging.finding import INFERRED
from engine.claims.language.unread import IN_DOUBT, NOT_UNDERSTOOD, TWICE_DENIED, UNREAD
from engine.claims.statement import OPEN, Statement

WHOLE = frozenset({"normal ECG", "otherwise normal ECG", "borderline ECG"})
"""Said of all of an ECG: what was not understood may be its exception."""
_UNITS = {"deg": "degrees", "beats": "", "1": ""}
_NAMES = {"P waves": "P waves present", "P waves before every beat": "P waves present"}
"""Of findings whose name alone would claim nothing."""


def left_over(claim: Claim) -> bool:
    """Whether a claim stands only for words that were not understood, or for what is withheld and not contradicted."""
    if claim.measure.startswith(TWICE_DENIED):
        return claim.uncontradicted
    return claim.uncontradicted or claim.measure == NOT_UNDERSTOOD or claim.measure.startswith(UNREAD)


def in_part(statements: Sequence[Statement], claims: Sequence[Claim]) -> str:
    """What of a sentence may be told though not every word was understood; empty where nothing may.

    statements: as they were read; claims: what was judged of them.
    """
    if not claims or any(c.verdict is not Verdict.AGREE and not left_over(c) for c in claims):
        return ""
    if all(c.verdict is Verdict.AGREE for c in claims):
        return ""
    # What a doubt makes of the findings beside it is not known; what was measured is as large as it is, whatever is doubted.
    doubted = any(c.measure.startswith(IN_DOUBT) and not c.uncontradicted for c in claims)
    read = {(s.start, s.end, s.kind == "finding"): s for s in statements}
    told = [
        _told(read.get((c.start, c.end, c.kind is ClaimKind.FINDING)), c)
        for c in claims
        if not (doubted and c.kind is ClaimKind.FINDING)
    ]
    return "; ".join(dict.fromkeys(filter(None, told)))


def _told(statement: Statement | None, claim: Claim) -> str:
    """The measured value of a number, or the name of a finding that is borne as it is named; empty where neither can be told."""
    doubt = claim.why if claim.uncontradicted and claim.measured is not None and claim.kind is ClaimKind.NUMBER else ""
    if not (claim.verdict is Verdict.AGREE or doubt):
        return ""
    if claim.kind is ClaimKind.FINDING:
        if (
            statement is None
            or statement.detail == OPEN
            or statement.what in INFERRED | WHOLE
            or claim.measure.startswith("no no ")
        ):
            return ""  # what is called open or is inferred may be said only as it was said
        return f"{_NAMES.get(claim.measure, claim.measure)}{_where(() if statement.loose else claim.leads)}"
    of_leads = claim.unit == "mV" and not claim.measure.endswith("voltage")
    if claim.measured is None or (of_leads and not claim.leads):
        return ""
    leads = claim.leads if claim.unit in ("mV", "1") or claim.measure == "Q duration" else ()
    value = f"{claim.measured:.2f}" if claim.unit in ("mV", "1") else f"{claim.measured:.0f}"
    told = f"{claim.measure}{_one_of(leads)} {value} {_UNITS.get(claim.unit, claim.unit)}".rstrip()
    return f"{told} (in doubt: {doubt})" if doubt else told


def _where(leads: tuple[str, ...]) -> str:
    return f" in {', '.join(leads)}" if leads else ""


def _one_of(leads: tuple[str, ...]) -> str:
    """Of several leads a number is that of one."""
    return _where(leads) if len(leads) < 2 else f" in {', '.join(leads[:-1])} or {leads[-1]}"
