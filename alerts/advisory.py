"""What becomes of advisories: information of its own for each bed and pattern, or a record that nobody is shown.

An advisory that is on and borne out is one alert, of the lowest priority, until somebody answers it: the same pattern
named again changes its text. It touches no other alert. One that is in shadow, or that something keeps back, is recorded
as an alert that was closed from the beginning, with the reason.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from alerts.lifecycle import Alert, AlertState, Step, moved, place_of
from engine.interpretation import Advised, Advisory, Interpretation
from ingest.frame import BedId, Nanoseconds
from stream.catalogue import Kind, Priority
from stream.policy import Mode

SHADOW = "shadow"
"""What keeps an advisory back whose mode is that."""
AGAIN_NS = 3600 * 10**9
"""The same pattern of a bed is not told again for so long after somebody has answered it."""
_CODES = frozenset(code.value for code in Advised)
KEPT = 50
"""Advisories in shadow that are listed."""


def borne(answer: Interpretation) -> Iterator[Advisory]:
    """The first advisory of each code that its gate bears out; nothing in answer to a question of a person."""
    seen = set()
    for one in answer.advisories:
        if one.borne and not answer.question and one.code not in seen:
            seen.add(one.code)
            yield one


def place(answer: Interpretation, advisory: Advisory) -> str:
    """What can be advised of once at a time: a pattern at a bed."""
    return f"{advisory.code}/{answer.bed}"


def kept_back(answer: Interpretation, advisory: Advisory, cause: Alert | None, asleep: str) -> str:
    """Why an advisory is recorded and not told; empty where nothing keeps it back.

    cause: the alert that was interpreted, where it is known; asleep: why nothing is told of the bed.
    """
    if advisory.mode is not Mode.ON:
        return SHADOW
    if answer.late:
        return "late, reviewed after recovery"
    if cause is not None and cause.artefact_by:
        return f"{cause.artefact_by} judged the alert to be an artefact"
    return asleep


def on_advisory(last: Alert | None, answer: Interpretation, advisory: Advisory, kept: str, now_ns: Nanoseconds) -> Step:
    """The alert of a pattern at a bed behind one more statement of it. last: the newest one of its place."""
    if kept:
        return _closed(answer, advisory, kept, now_ns)
    text = _text(advisory)
    if last is not None and last.open:
        if answer.at_ns <= (last.ended_ns or 0):
            return last, None
        return moved(last, "told again", answer.model, text, now_ns, text=text, ended_ns=answer.at_ns)
    if last is not None and last.acknowledged_ns is not None and now_ns - last.acknowledged_ns < AGAIN_NS:
        return _closed(answer, advisory, f"answered by {last.acknowledged_by} within the hour before", now_ns)
    return moved(_made(answer, advisory, now_ns), "raised", answer.model, "", now_ns)


class Advice:
    """Which pattern was told last of which bed, and what is in shadow."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        """Id of the newest alert that was told, by its place."""
        self.shadowed: deque[Alert] = deque(maxlen=KEPT)
        """Advisories in shadow, the newest last: for administrators."""

    def resume(self, alerts: Sequence[Alert]) -> None:
        """Begin with the alerts that an earlier process left, oldest first."""
        ours = [alert for alert in alerts if alert.code in _CODES]
        self._last = {place_of(alert): alert.id for alert in ours if not alert.suppressed_by}
        self.shadowed = deque((a for a in ours if a.suppressed_by == SHADOW), maxlen=KEPT)

    def forget(self, bed: BedId) -> None:
        """Another patient comes: what was answered of this one counts no more."""
        for code in _CODES:
            self._last.pop(f"{code}/{bed}", None)

    def step(
        self, answer: Interpretation, advisory: Advisory, known: Callable[[str], Alert | None], asleep: str
    ) -> Step:
        """What follows from one advisory; told again by Kafka it changes nothing. known: gives an alert by its id."""
        here, now = place(answer, advisory), Nanoseconds(time.time_ns())
        before = known(f"{here}/{answer.at_ns}")
        if before is not None:
            return before, None
        kept = kept_back(answer, advisory, known(answer.trigger), asleep)
        alert, event = on_advisory(known(self._last.get(here, "")), answer, advisory, kept, now)
        if kept == SHADOW:
            self.shadowed.append(alert)
        elif not alert.suppressed_by:
            self._last[here] = alert.id
        return alert, event


def _closed(answer: Interpretation, advisory: Advisory, why: str, now_ns: Nanoseconds) -> Step:
    made = _made(answer, advisory, now_ns)
    return moved(made, "suppressed", answer.model, why, now_ns, suppressed_by=why, state=AlertState.RESOLVED)


def _made(answer: Interpretation, advisory: Advisory, now_ns: Nanoseconds) -> Alert:
    return Alert(
        f"{place(answer, advisory)}/{answer.at_ns}",
        answer.bed,
        advisory.code.value,
        Priority.INFORMATION,
        Kind.PHYSIOLOGICAL,
        False,
        AlertState.ACTIVE,
        _text(advisory),
        None,
        None,
        "",
        answer.at_ns,
        0,
        0.0,
        0,
        now_ns,
        ended_ns=answer.at_ns,
        interpretation=answer,
    )


def _text(advisory: Advisory) -> str:
    return f"AI advisory: {advisory.text}"
