"""A person's questions about ten seconds, one after the other on one cache, with the signal, a page, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.answerer import Job
from engine.claims.basis import Basis
from engine.completed import completed
from engine.gem.prompt import Turn, follow_up, without_marks
from engine.grounded import grounded
from engine.interpretation import Interpretation, State, Withheld
from engine.interpreter import interpret, withheld
from engine.interpreter import model as criteria
from engine.page_alone import OPENING, Seen, sentences, unsure
from engine.reader import LIMIT, Reader, question_of
from engine.runtime import Floats, Ids
from engine.scheduler import Allowed, Answer, Outcome, Question, Scheduler
from ingest.bed import BedContext
from ingest.frame import BedId, Nanoseconds
from stream.trigger import Segment

LONG_S = 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What the model may see. segment: None where only a page was supplied; then nothing can be checked."""

    segment: Segment | None
    context: BedContext | None
    signal: Floats | None
    page: Floats | None
    seen: Seen | None = None
    """What was read off the page, which the signal is then; of a packaged model that reads pages, without a segment."""

    @property
    def note(self) -> str:
        """What a reader must know of it; empty where both came."""
        if self.segment is None:
            return "not checked: no signal came with the page, so that nothing was measured"
        if self.page is None:
            return "from the signal alone, without its page"
        return "from the page alone, without the signal" if self.signal is None else ""


class Conversation:
    """One recording and the questions about it so far."""

    def __init__(
        self, reader: Reader, scheduler: Scheduler, given: Given, clock: Callable[[], int], limit: int = LIMIT
    ) -> None:
        """limit: tokens of an answer, at most."""
        self._reader, self._scheduler, self._given, self._clock = reader, scheduler, given, clock
        self._limit = limit
        self._asked = 0
        self._held: Ids | None = None
        """What was read and written so far, without the `</s>` of the last answer; None before the first question."""
        segment = given.segment
        self._allowed: Allowed | None
        if given.seen is not None:
            self._allowed = _numberless(reader)
        elif segment is None or segment.measurements is None:
            self._allowed = None
        else:
            self._allowed = reader.allowed(Basis.of(segment, given.context))

    def ask(self, question: str) -> Interpretation:
        """The answer to one question, the usual one where it is empty; later ones go on in what was read before."""
        return self.told(question, self.written(question))

    def written(self, question: str) -> Answer:
        """The same as the model writes it, before anything of it is checked."""
        words = self._reader.words
        if self._held is None:
            prompt = self._reader.prompt([Turn(question_of(question))])
        else:
            prompt = np.concatenate([self._held, follow_up(without_marks(question), words)])
        answer = self._answered(prompt)
        self._held = np.array([*prompt, *(token for token in answer.tokens if token != words.end)], np.int64)
        return answer

    def _answered(self, prompt: Ids) -> Answer:
        now = self._clock()
        self._asked += 1
        self._scheduler.ask(
            Question(
                id=str(self._asked),
                trigger="asked",
                rank=0,
                at_ns=self._asked,
                prompt=prompt,
                deadline_ns=now + int(LONG_S * 1e9),
                limit=self._limit,
                signal=self._given.signal,
                page=self._given.page,
                allowed=self._allowed,
                conversation="asked",
            )
        )
        while True:
            for answer in self._scheduler.turn():
                return answer

    def told(self, question: str, answer: Answer) -> Interpretation:
        """What may be told of an answer, with its verdicts."""
        given, now = self._given, Nanoseconds(self._clock())
        if given.segment is None:
            return self._unchecked(question, answer, now)
        job = Job("asked", given.segment, given.context, question)
        if answer.outcome is not Outcome.DONE or given.segment.measurements is None:
            why = answer.reason or given.segment.unreadable or "nothing was measured, so that no text can be checked"
            told = withheld(given.segment, why, now, question=question)
        else:
            base = interpret(given.segment, given.context, now)
            tiers = self._reader.tiers(given.segment)
            told = completed(job, grounded(job, base, answer.text, answer.reason, tiers), tiers, self._reader.held)
        notes = (Withheld("the other half", given.note),) if given.note else ()
        return replace(told, model=self._who(), question=question, withheld=(*told.withheld, *notes))

    def _unchecked(self, question: str, answer: Answer, now: Nanoseconds) -> Interpretation:
        """A page alone: its text as it is, with the sentence that nobody checked it."""
        done = answer.outcome is Outcome.DONE
        note, report = self._given.note, ""
        if done and self._given.seen is not None:
            report = self._of_page(answer.text, self._given.seen)
        elif done:
            report = f"[{note[0].upper()}{note[1:]}.] {answer.text}"
        return Interpretation(
            id="",
            trigger="",
            bed=BedId("page"),
            at_ns=now,
            model=self._who(),
            state=State.DONE if done else State.WITHHELD,
            reason=answer.reason,
            findings=(),
            withheld=(Withheld("check", note), *self._untold(answer.text)),
            report=report,
            answered_ns=now,
            question=question,
        )

    def _of_page(self, text: str, seen: Seen) -> str:
        """What may be told of a text about a page alone."""
        held = self._reader.of_pages.held if self._reader.of_pages is not None else {}
        return " ".join([OPENING, *sentences(text, seen.tiers, held)])

    def _untold(self, text: str) -> tuple[Withheld, ...]:
        """What a text about a page alone names, and is not told."""
        if self._given.seen is None:
            return ()
        return tuple(
            Withheld(name, "the model is not sure enough of it") for name in unsure(text, self._given.seen.tiers)
        )

    def _who(self) -> str:
        checked = f", checked by {criteria()}" if self._given.segment is not None else ""
        return f"{self._reader.name}{checked}"


def _numberless(reader: Reader) -> Allowed:
    """No number, which nobody measured."""
    kept = reader.vocabulary.numberless
    return lambda _: kept
