"""What people asked of beds, and what came of it: it belongs to no alert."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from engine.interpretation import Interpretation
from engine.request import DEADLINE_S, Ask, Request
from ingest.frame import BedId, Nanoseconds, SessionId

ASKED = "asked/"
"""Begins the id of what a person asked of a bed; no trigger's id does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """That somebody wants to know of a bed, and the answer once it is there."""

    request: Request
    by: str
    answer: Interpretation | None = None


class Questions:
    """The last question of each bed."""

    def __init__(self) -> None:
        self._asked: dict[BedId, Asked] = {}

    def ask(self, bed: BedId, session: SessionId, by: str, question: str = "") -> Request | None:
        """Ask for an interpretation of the latest ten seconds of a bed's session, or a question about them; None while an answer is awaited."""
        now = Nanoseconds(time.time_ns())
        before = self._asked.get(bed)
        if before is not None and before.answer is None and now - before.request.asked_ns < DEADLINE_S * 1e9:
            return None
        request = Request(f"{ASKED}{bed}/{now}", bed, Ask.INTERPRET, "", now, question, session=session)
        self._asked[bed] = Asked(request, by)
        return request

    def take(self, answer: Interpretation) -> bool:
        """Keep an answer that is awaited; whether it belongs to whoever asked and to no alert."""
        asked = self._asked.get(answer.bed)
        if asked is not None and asked.request.id == answer.trigger:
            self._asked[answer.bed] = replace(asked, answer=answer)
        return bool(answer.question) or answer.trigger.startswith(ASKED)

    def all(self) -> dict[BedId, Asked]:
        """What was asked of each bed last, and what came of it."""
        return dict(self._asked)
