"""The model behind the engine worker: segments become questions, its text is checked claim by claim before it is told.

The criteria answer beside it: their findings are the coded ones, they stand in where the model fails, and a text of
which nothing can be supported gives way to theirs. A runtime that fails is followed by the next one, with a notice, and
is tried again after a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from engine.answerer import Answered, Job, faultless, urgency
from engine.claims.basis import Basis
from engine.completed import completed
from engine.fallback import NONE, Fallback
from engine.gem.prompt import Turn
from engine.grounded import beside, grounded, instead
from engine.interpretation import Interpretation
from engine.interpreter import answer_id, withheld
from engine.interpreter import model as criteria
from engine.reader import LIMIT, Reader, question_of
from engine.request import DEADLINE_S
from engine.scheduler import Answer, Outcome, Question, Scheduler
from ingest.bed import Level, Notice
from ingest.frame import Nanoseconds

log = structlog.get_logger()

FAILURES = 3
"""Turns in a row in which a runtime fails before the next one takes over."""
MOST = 200
"""Jobs that may wait; of more, the least urgent is answered by the criteria."""
AWAY = "no runtime of the model works here"


class GemAnswerer:
    """Answers by a model; see `engine.answerer.Answerer`."""

    def __init__(
        self,
        reader: Reader,
        names: tuple[str, ...],
        clock: Callable[[], int],
        slots: int = 4,
        precision: str = "float32",
        ticks: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """names: runtimes in the order in which they are tried; clock: wall; ticks: a clock that never runs back."""
        self._reader, self._clock, self._ticks = reader, clock, ticks
        self._slots = slots
        self._fallback = Fallback(reader, names, slots, precision, ticks)
        self._waiting: dict[str, tuple[int, Job]] = {}
        """Jobs that the scheduler does not have yet, with their deadline by `ticks`."""
        self._asked: dict[str, tuple[int, Job]] = {}
        self._over: list[Answered] = []
        self._notices: list[Notice] = []
        self._failed = 0
        self._scheduler: Scheduler | None = None
        self._descend()

    @property
    def runtime(self) -> str:
        """The name of the runtime in use."""
        return self._fallback.name

    @property
    def busy(self) -> bool:
        return bool(self._waiting or self._asked or self._over)

    def take(self, job: Job) -> None:
        if job.key in self._asked or job.key in self._waiting:
            return
        if job.segment.measurements is None or self._scheduler is None:
            self._over.append(self._by_criteria(job, "" if self._scheduler else AWAY))
            return
        why = self._reader.untaught(job.segment)
        if job.question and self._reader.asked_the_usual:
            why = "it was taught no questions: measurements answer, or name another model with VIGIL_MODEL"
        if why:
            self._over.append(self._by_criteria(job, why))
            return
        self._waiting[job.key] = self._ticks() + int(DEADLINE_S * 1e9), job
        if len(self._waiting) > MOST:
            last = max(self._waiting.values(), key=lambda w: urgency(w[1].segment))[1]
            del self._waiting[last.key]
            self._over.append(self._by_criteria(last, f"more than {MOST} segments wait for the model"))

    def cancel(self, trigger: str, reason: str) -> None:
        why = f"cancelled: {reason or 'no reason was given'}"
        for _, job in [w for w in self._waiting.values() if w[1].segment.trigger.id == trigger]:
            del self._waiting[job.key]
            self._over.append(self._cancelled(job, why))
        if self._scheduler is not None:
            self._scheduler.cancel(trigger, why)

    def advance(self) -> list[Answered]:
        self._expire()
        if not self._fallback.is_due:
            self._ask_next()
        elif not self._asked:
            self._climb()
        found, self._over = self._over, []
        answers = self._scheduler.turn() if self._scheduler is not None else []
        for answer in answers:
            _, job = self._asked.pop(answer.id)
            found.append(self._told(job, answer))
        self._judge(answers)
        return found

    def notices(self) -> list[Notice]:
        found, self._notices = self._notices, []
        return found

    # asking ---------------------------------------------------------------------------------------------------------

    def _expire(self) -> None:
        """Answer what has waited too long by the criteria."""
        now = self._ticks()
        for deadline, job in list(self._waiting.values()):
            if now >= deadline:
                del self._waiting[job.key]
                self._over.append(self._by_criteria(job, "late: its time was over while it waited"))

    def _ask_next(self) -> None:
        """Give the scheduler the most urgent job, where it has room for one more than it can write at once.

        The page is drawn now and not when the job came, so that a backlog costs neither memory nor the others' time.
        """
        if not self._waiting or self._scheduler is None or self._scheduler.unanswered > self._slots:
            return
        deadline, job = min(self._waiting.values(), key=lambda w: urgency(w[1].segment))
        del self._waiting[job.key]
        try:
            self._scheduler.ask(self._question(job, deadline))
        except Exception as error:  # one segment must not end the worker
            self._over.append(self._failed_on(job, "could not be put to the model", error))
            return
        self._asked[job.key] = deadline, job

    def _question(self, job: Job, deadline_ns: int) -> Question:
        trigger, reader = job.segment.trigger, self._reader
        return Question(
            id=job.key,
            trigger=trigger.id,
            rank=trigger.priority.rank,
            at_ns=trigger.at_ns,
            prompt=reader.prompt([Turn(question_of(job.question))]),
            deadline_ns=deadline_ns,
            limit=LIMIT,
            signal=reader.signal(job.segment),
            page=reader.page(job.segment),
            allowed=reader.allowed(Basis.of(job.segment, job.context)),
        )

    def _judge(self, answers: Sequence[Answer]) -> None:
        """Count turns in which the runtime failed; after some in a row the next runtime takes over."""
        outcomes = {answer.outcome for answer in answers}
        if Outcome.DONE in outcomes:
            self._failed = 0
            self._fallback.worked()
        elif Outcome.FAILED in outcomes:
            self._failed += 1
            if self._failed >= FAILURES:
                self._failed = 0
                self._descend()

    def _descend(self) -> None:
        """Open the next runtime that works; what was asked of the one before waits again."""
        before, self._scheduler = self.runtime, None
        self._waiting |= self._asked
        self._asked.clear()
        wrong = self._fallback.descend()
        if self._fallback.runtime is None:
            self._say(f"the model answers no more, the criteria do: {'; '.join(wrong)}")
            self._over += [self._by_criteria(job, AWAY) for _, job in self._waiting.values()]
            self._waiting.clear()
            return
        self._scheduler = Scheduler(self._fallback.runtime, self._reader.words, self._ticks)
        reasons = [*([f"{before} failed {FAILURES} times in a row"] if before != NONE else []), *wrong]
        if reasons:
            self._say(f"the model runs on {self.runtime}: {'; '.join(reasons)}")

    def _climb(self) -> None:
        """Try the runtimes again that failed, while nothing is being written; told again where none of them works yet."""
        before = self.runtime
        why = self._fallback.climb()
        if self.runtime != before and self._fallback.runtime is not None:
            self._scheduler = Scheduler(self._fallback.runtime, self._reader.words, self._ticks)
        if not self._fallback.is_degraded:
            self._say(f"the model runs on {self.runtime} again", cleared=True)
            return
        on = "the criteria answer" if self._scheduler is None else f"the model runs on {self.runtime}"
        later = f"the next trial is in {self._fallback.wait_s / 60:.0f} min"
        self._say(f"{on}; {later}{f': {why}' if why else ''}")

    def _say(self, text: str, cleared: bool = False) -> None:
        self._notices.append(Notice("ENGINE_DEGRADED", "engine", self._now(), text, None, Level.MEDIUM, cleared))

    # telling --------------------------------------------------------------------------------------------------------

    def _told(self, job: Job, answer: Answer) -> Answered:
        if answer.outcome is Outcome.CANCELLED:
            return self._cancelled(job, answer.reason)
        if answer.outcome is Outcome.DONE:
            try:
                return Answered(job, self._checked(job, answer))
            except Exception as error:  # one text must not end the worker
                return self._failed_on(job, "has a text that could not be told", error)
        log.warning("the model did not answer", trigger=job.segment.trigger.id, why=answer.reason)
        return self._by_criteria(job, f"{answer.outcome.value}: {answer.reason}")

    def _cancelled(self, job: Job, why: str) -> Answered:
        return Answered(job, self._named(job, withheld(job.segment, why, self._now())))

    def _checked(self, job: Job, answer: Answer) -> Interpretation:
        base, fault = faultless(job, self._now())
        if fault:
            return self._named(job, beside(base, fault))
        tiers = self._reader.tiers(job.segment)
        return self._named(
            job, completed(job, grounded(job, base, answer.text, answer.reason, tiers), tiers, self._reader.held)
        )

    def _by_criteria(self, job: Job, why: str) -> Answered:
        base, fault = faultless(job, self._now())
        told = self._named(job, instead(job, base, why) if why and not fault else base)
        return Answered(job, replace(told, model=f"{criteria()}, in place of {self._reader.name}"), fault)

    def _failed_on(self, job: Job, how: str, error: Exception) -> Answered:
        """The criteria in place of a model that one segment was too much for, and the dead letter that says so."""
        log.exception("the model was not used", trigger=job.segment.trigger.id, how=how)
        told = self._by_criteria(job, f"it {how}, see the dead letters")
        return replace(told, fault=told.fault or f"trigger {job.segment.trigger.id} {how}: {error!r}")

    def _named(self, job: Job, told: Interpretation) -> Interpretation:
        who = f"{self._reader.name} on {self.runtime}, checked by {criteria()}"
        return replace(told, id=answer_id(job.key, self._reader.name), model=who, question=job.question)

    def _now(self) -> Nanoseconds:
        return Nanoseconds(self._clock())
