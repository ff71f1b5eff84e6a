"""An interpretation as the pages show it."""

from __future__ import annotations

from engine.interpretation import Interpretation


def said(answer: Interpretation) -> str:
    """An interpretation in words."""
    return f"{'Late: ' if answer.late else ''}{answer.report or f'Not interpreted: {answer.reason}'}"


def pieces(answer: Interpretation) -> list[list[str]]:
    """The same in pieces, each with what the measurements say to it: a contradicted one is shown greyed."""
    whole, joined = said(answer), " ".join(one.text for one in answer.sentences)
    if not joined or not whole.endswith(joined):
        return [[whole, ""]]
    head = whole.removesuffix(joined).strip()
    marks = (("graded" if one.graded else one.verdict or "") for one in answer.sentences)
    return [
        *([[head, ""]] if head else []),
        *([one.text, mark] for one, mark in zip(answer.sentences, marks, strict=True)),
    ]
