"""Numbers that are told as a sum of S and R waves, as Sokolow and Lyon add them."""

from __future__ import annotations

from engine.claims.lex import Token
from engine.claims.runs import Run
from engine.claims.scope import Sentence


def adds_up(s: Sentence) -> bool:
    """Whether the sentence adds S and R up."""
    waves = {t.what for t in s.tokens if t.kind == "measure"}
    named = any(t.kind == "finding" and "sokolow" in s.said(t) for t in s.tokens)
    return (
        named
        or bool({"sokolow", "LVH criterion"} & waves)
        or (
            {"R", "S"} <= waves
            and any(
                t.what in ("plus", "sum", "+", "add", "adds", "adding", "together", "total", "combined")
                for t in s.tokens
            )
        )
    )


def is_told_as_sum(s: Sentence, first: int) -> bool:
    """Whether a number is told as a sum: `SV1 + RV5 = 2.4 mV`, `together they amount to 2.4 mV`."""
    near = [t.what for t in s.tokens[max(0, first - 5) : first]]
    waves = [t.what for t in s.tokens[:first] if t.kind == "measure"]
    told = "=" in near[-1:] or any(w in ("sum", "total", "yields", "yield", "totals") for w in near)
    if any(not set(t.leads) <= _SUMMED.get(wave, set()) for wave, t in _waves_with_leads(s, first)):
        return False
    joined = {t.what for t in s.tokens[:first]} & {"+", "plus"} or "sum" in near
    return (told or "comes" in near or "amounts" in near) and len({"R", "S"} & set(waves)) == 2 and bool(joined)


def is_sum(runs: list[Run], run: Run) -> bool:
    """Whether a number of a sentence that adds up is the sum of the two before it: `S of 0.6 mV and R of 1.5 mV, 2.1 mV in all`."""
    before = [
        one.low for one in runs if one.last < run.first and one.unit and run.unit and one.unit.what == run.unit.what
    ][-2:]
    return len(before) == 2 and abs(abs(before[0]) + abs(before[1]) - abs(run.low)) <= 0.011 * max(1.0, abs(run.low))


_SUMMED = {"S": {"V1", "V2"}, "R": {"V5", "V6"}}
"""Leads whose waves Sokolow and Lyon add up."""


def _waves_with_leads(s: Sentence, first: int) -> list[tuple[str, Token]]:
    """The R and S waves before token `first` that have leads right behind them."""
    found = []
    for k, token in enumerate(s.tokens[:first]):
        if token.kind == "measure" and token.what in _SUMMED:
            lead = next((t for t in s.tokens[k + 1 : k + 3] if t.kind == "lead"), None)
            found += [(token.what, lead)] if lead is not None else []
    return found
