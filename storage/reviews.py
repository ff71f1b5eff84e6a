"""Flagged windows as people review them: what was told of each, and what somebody who looked says that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from engine.instruct.labels import proposed
from engine.interpretation import Interpretation
from storage import alertbook
from stream.trigger import Segment, decode_segment

AT_ONCE = 200
"""Windows that are listed at a time."""


class Verdict(StrEnum):
    """What a person said of the findings of a window."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    """Other findings than were proposed."""
    WITHDRAWN = "withdrawn"
    """What was said before holds no longer: the window is as if nobody had looked."""


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody says that a window shows; the newest of a window holds, and none of them goes."""

    at_ns: int
    by: str
    verdict: Verdict
    findings: tuple[str, ...]
    """Codes of `engine.instruct.labels`, in their order; none where withdrawn."""

    @property
    def holds(self) -> bool:
        """Whether it says what the window shows."""
        return self.verdict is not Verdict.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Flagged:
    """A window that a trigger flagged."""

    trigger: str
    bed: str
    at_ns: int
    """Event time of the trigger."""
    text: str
    """What the trigger said."""
    proposed: tuple[str, ...]
    """Codes of the findings of its interpretation that the table of labels has."""
    review: Review | None
    artefact: bool
    """Whether somebody judged its alert to be an artefact."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A window with what there is to look at."""

    flagged: Flagged
    segment: Segment
    interpretation: Interpretation | None


class Unknown(LookupError):
    """No window of that name is kept."""


class Meanwhile(ValueError):
    """Somebody else said what a window shows while this was being written; one sentence."""


def flagged(connection: Connection, before_ns: int | None = None) -> list[Flagged]:
    """The newest windows, or the newest before a time; newest first."""
    rows = connection.execute(_NEWEST, {"before": before_ns, "most": AT_ONCE})
    return [_flagged(row) for row in rows]


def shown(connection: Connection, trigger: str) -> Shown:
    """One window; raises Unknown."""
    row = connection.execute(_ONE, {"trigger": trigger}).first()
    if row is None:
        raise Unknown(f"no window of {trigger[:64]} is kept")
    answer = None if row.answer is None else msgspec.convert(row.answer, Interpretation)
    return Shown(_flagged(row), decode_segment(bytes(row.segment)), answer)


def say(
    connection: Connection, trigger: str, by: str, at_ns: int, findings: Sequence[str], seen_ns: int | None
) -> Review:
    """Record what a window shows, or with no findings that what was said of it holds no longer.

    seen_ns: of the review that its author looked at; None where there was none. Raises Unknown, and Meanwhile where that
    was not the newest.
    """
    row = connection.execute(_ONE, {"trigger": trigger}).first()
    if row is None:
        raise Unknown(f"no window of {trigger[:64]} is kept")
    verdict = (
        Verdict.WITHDRAWN
        if not findings
        else Verdict.CONFIRMED
        if set(findings) == set(_flagged(row).proposed)
        else Verdict.CORRECTED
    )
    review = Review(at_ns, by, verdict, tuple(findings))
    step = {"alert": trigger, "what": verdict.value, "actor": by, "reason": ";".join(findings), "at_ns": at_ns}
    payload = msgspec.json.encode(step).decode()
    # the journal is locked by this, so that of two at once the second finds the first
    alertbook.append_events(connection, [(f"{trigger}/review/{at_ns}/{by}", trigger, at_ns, payload)])
    newest = connection.execute(_REVIEW, {"trigger": trigger}).first()
    if newest is not None and newest.at_ns != seen_ns:
        raise Meanwhile(f"{newest.by} has {newest.verdict} it meanwhile: look at it again")
    alertbook.add_review(connection, trigger, at_ns, by, verdict, "", review.findings)
    return review


def _flagged(row: Any) -> Flagged:
    codes = [one["code"] for one in row.answer["findings"]] if row.answer is not None else []
    review = None
    if row.said_ns is not None:
        review = Review(row.said_ns, row.said_by, Verdict(row.verdict), tuple(row.findings))
    return Flagged(row.trigger, row.bed, row.at_ns, row.said or "", proposed(codes), review, row.artefact)


_OF_WINDOW = """
SELECT w.*, t.said, i.payload AS answer, r.at_ns AS said_ns, r.by AS said_by, r.verdict, r.findings,
EXISTS (SELECT 1 FROM review WHERE alert = w.trigger AND verdict = 'artefact') AS artefact
FROM windows w
JOIN LATERAL (SELECT payload->>'text' AS said FROM trigger WHERE id = w.trigger AND phase = 'onset' LIMIT 1) t ON true
LEFT JOIN LATERAL (SELECT payload FROM interpretation WHERE trigger = w.trigger AND coalesce(payload->>'question', '') = ''
    ORDER BY (payload->>'answered_ns')::bigint DESC LIMIT 1) i ON true
LEFT JOIN LATERAL (SELECT at_ns, "by", verdict, findings FROM review WHERE alert = w.trigger AND findings IS NOT NULL
    ORDER BY at_ns DESC, id DESC LIMIT 1) r ON true
"""
_NEWEST = text(
    "WITH windows AS (SELECT trigger, bed, at_ns FROM segment_window WHERE CAST(:before AS int8) IS NULL OR at_ns < :before "
    f"ORDER BY at_ns DESC LIMIT :most) {_OF_WINDOW} ORDER BY w.at_ns DESC"
)
_ONE = text(
    f"WITH windows AS (SELECT trigger, bed, at_ns, segment FROM segment_window WHERE trigger = :trigger) {_OF_WINDOW}"
)
_REVIEW = text(
    'SELECT at_ns, "by", verdict FROM review WHERE alert = :trigger AND findings IS NOT NULL '
    "ORDER BY at_ns DESC, id DESC LIMIT 1"
)
