"""A normal ECG of which the text itself names what is not quite normal: `sinus arrhythmia; normal ECG for practical purposes`."""

from __future__ import annotations

from dataclasses import replace

from engine.claims.basis import Basis
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.judging import whole

_VARIANTS = frozenset({"sinus arrhythmia", "sinus bradycardia", "slight irregularity"})
"""Findings of many healthy hearts, which a reader names beside a normal ECG."""


def granted(claims: tuple[Claim, ...], basis: Basis) -> tuple[Claim, ...]:
    """The claims; a normal ECG is borne where nothing else is found than what its text tells."""
    told = {c.measure for c in claims if c.kind is ClaimKind.FINDING and c.verdict is Verdict.AGREE}
    if not told & _VARIANTS:
        return claims
    return tuple(_granted(c, basis) if _is_too_strict(c) else c for c in claims)


def _is_too_strict(claim: Claim) -> bool:
    return claim.measure == "normal ECG" and claim.verdict is not Verdict.AGREE


def _granted(claim: Claim, basis: Basis) -> Claim:
    rest = whole.otherwise_normal(basis)
    return replace(claim, verdict=Verdict.AGREE, why=rest.why, uncontradicted=False) if rest.yes else claim
