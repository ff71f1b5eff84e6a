"""The model behind the engine worker: segments become questions, its text is checked claim by claim before it is told.

The criteria answer beside it: their findings are the coded ones, they stand in where the model fails, and a text of
which nothing can be supported gives way to theirs. A runtime that fails is followed by the next one, with a notice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from engine.answerer import Answered, Job, faultless
from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Sentence, Verdict
from engine.claims.mask import Mask
from engine.claims.show import displayed
from engine.claims.slots import render
from engine.gem.prompt import Turn
from engine.interpretation import Interpretation, State, Withheld
from engine.interpreter import answer_id, withheld
from engine.interpreter import model as criteria
from engine.reader import LIMIT, Reader, open_first, question_of
from engine.runtime import RuntimeAway
from engine.scheduler import Answer, Outcome, Question, Scheduler
from ingest.bed import Level, Notice
from ingest.frame import Nanoseconds

log = structlog.get_logger()

DEADLINE_S = 120.0
"""A text that takes longer is of no use any more; the criteria answer then."""
FAILURES = 3
"""Answers that fail in a row before the next runtime takes over."""
NONE = "no runtime"
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
    ) -> None:
        """names: runtimes in the order in which they are tried. Raises RuntimeAway where none works."""
        self._reader, self._left, self._clock = reader, names, clock
        self._slots, self._precision = slots, precision
        self._jobs: dict[str, Job] = {}
        self._over: list[Answered] = []
        self._notices: list[Notice] = []
        self._failed = 0
        self.runtime = NONE
        self._scheduler: Scheduler | None = None
        self._open()

    @property
    def busy(self) -> bool:
        return bool(self._jobs or self._over)

    def take(self, job: Job) -> None:
        if job.key in self._jobs:
            return
        if job.segment.measurements is None or self._scheduler is None:
            self._over.append(self._by_criteria(job, "" if self._scheduler else AWAY))
            return
        self._jobs[job.key] = job
        self._ask(job)

    def cancel(self, trigger: str, reason: str) -> None:
        if self._scheduler is not None:
            self._scheduler.cancel(trigger, f"cancelled: {reason or 'no reason was given'}")

    def advance(self) -> list[Answered]:
        found, self._over = self._over, []
        for answer in self._scheduler.turn() if self._scheduler is not None else ():
            job = self._jobs.pop(answer.id, None)
            if job is not None:
                found.append(self._told(job, answer))
        return found

    def notices(self) -> list[Notice]:
        found, self._notices = self._notices, []
        return found

    # asking ---------------------------------------------------------------------------------------------------------

    def _ask(self, job: Job) -> None:
        assert self._scheduler is not None
        trigger, reader = job.segment.trigger, self._reader
        mask = Mask(reader.vocabulary, Basis.of(job.segment, job.context))
        question = Question(
            id=job.key,
            trigger=trigger.id,
            rank=trigger.priority.rank,
            at_ns=trigger.at_ns,
            prompt=reader.prompt([Turn(question_of(job.question))]),
            deadline_ns=self._clock() + int(DEADLINE_S * 1e9),
            limit=LIMIT,
            signal=reader.signal(job.segment),
            page=reader.page(job.segment),
            allowed=mask.allowed,
        )
        self._scheduler.ask(question)

    def _open(self) -> None:
        """Open the next runtime that works, and ask it what is not answered yet."""
        self._scheduler, before = None, self.runtime
        try:
            self.runtime, runtime, why = open_first(self._reader, self._left, self._slots, self._precision)
        except RuntimeAway as error:
            self.runtime, self._left = NONE, ()
            self._say(f"the model answers no more, the criteria do: {error}", Level.MEDIUM)
            self._over += [self._by_criteria(job, AWAY) for job in self._jobs.values()]
            self._jobs.clear()
            return
        self._left = self._left[self._left.index(self.runtime) + 1 :]
        self._scheduler = Scheduler(runtime, self._reader.words, self._clock)
        if before != NONE or why:
            reason = f"{before} failed" if before != NONE else "; ".join(why)
            self._say(f"the model runs on {self.runtime}: {reason}", Level.LOW if before == NONE else Level.MEDIUM)
        for job in self._jobs.values():
            self._ask(job)

    def _say(self, text: str, level: Level) -> None:
        self._notices.append(Notice("ENGINE_DEGRADED", "engine", self._now(), text, None, level))

    # telling --------------------------------------------------------------------------------------------------------

    def _told(self, job: Job, answer: Answer) -> Answered:
        if answer.outcome is Outcome.CANCELLED:
            return Answered(job, self._named(job, withheld(job.segment, answer.reason, self._now())))
        if answer.outcome is Outcome.DONE:
            self._failed = 0
            return Answered(job, self._checked(job, answer))
        log.warning("the model did not answer", trigger=job.segment.trigger.id, why=answer.reason)
        told = self._by_criteria(job, f"{answer.outcome.value}: {answer.reason}")
        if answer.outcome is Outcome.FAILED:
            self._failed += 1
            if self._failed >= FAILURES:
                self._failed = 0
                self._open()
        return told

    def _checked(self, job: Job, answer: Answer) -> Interpretation:
        base, fault = faultless(job, self._now())
        if fault:
            return self._named(job, _beside(base, fault, job.question))
        return self._named(job, grounded(job, base, answer.text, answer.reason))

    def _by_criteria(self, job: Job, why: str) -> Answered:
        base, fault = faultless(job, self._now())
        return Answered(job, self._named(job, _beside(base, why, job.question) if why else base), fault)

    def _named(self, job: Job, told: Interpretation) -> Interpretation:
        who = f"{self._reader.name} on {self.runtime}, checked by {criteria()}"
        return replace(told, id=answer_id(job.key, self._reader.name), model=who, question=job.question)

    def _now(self) -> Nanoseconds:
        return Nanoseconds(self._clock())


def grounded(job: Job, base: Interpretation, text: str, cut: str) -> Interpretation:
    """A model's text with its verdicts, beside the findings of the criteria; theirs alone where nothing of it holds.

    base: what the criteria say; cut: why the text ends before its end, or empty.
    """
    basis = Basis.of(job.segment, job.context)
    filled = render(text, basis)
    claims = check(filled.text, basis)
    told = displayed(filled.text, claims)
    if not any(one.verdict is Verdict.AGREE for one in told):
        return _beside(base, "nothing in its text is supported by the measurements", job.question)
    told += tuple(Sentence(f"[Withheld: {why}.]", Verdict.UNSUPPORTED) for why in filled.withheld)
    said = f"{' '.join(one.text for one in told)}{f' [{cut}.]' if cut else ''}"
    report = said if job.question else f"{job.segment.trigger.text}. {said}"
    return replace(base, state=State.DONE, reason="", report=report, claims=claims, sentences=told)


def _beside(base: Interpretation, why: str, question: str) -> Interpretation:
    """What the criteria say, with why the model does not; to a question of a person they have no answer."""
    if question:
        return replace(base, state=State.WITHHELD, reason=f"the model: {why}", report="", findings=())
    return replace(base, withheld=(*base.withheld, Withheld("text of the model", why)))
