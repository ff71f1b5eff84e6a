"""What the engine worker gives its segments to, and the one that answers at once by published criteria."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from engine.asked import answered
from engine.interpretation import Interpretation, Withheld
from engine.interpreter import answer_id, interpret, model, withheld
from ingest.bed import BedContext, Level, Notice
from ingest.frame import Nanoseconds
from stream.trigger import Segment

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """One segment to be answered."""

    key: str
    """Equal for equal jobs: the trigger's id, or that of the request."""
    segment: Segment
    context: BedContext | None
    question: str = ""
    """Empty: the usual one."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A job and what is said to it."""

    job: Job
    interpretation: Interpretation
    fault: str = ""
    """What went wrong in our own code, for a dead letter."""


class Answerer(Protocol):
    """Takes jobs and gives, step by step, one answer to each; none is dropped without one."""

    @property
    def busy(self) -> bool:
        """Whether a job waits or is being worked on."""
        ...

    def take(self, job: Job) -> None:
        """Put a job with the others; one whose key is there already is the same job."""
        ...

    def cancel(self, trigger: str, reason: str) -> None:
        """Answer the jobs of a trigger that are not answered yet with why they are not."""
        ...

    def advance(self) -> list[Answered]:
        """One step of work; the answers that it completed."""
        ...

    def notices(self) -> list[Notice]:
        """What it has to say of itself since it was last asked."""
        ...


class CriteriaAnswerer:
    """Measured criteria: one job a step, the most urgent, then the newest first."""

    def __init__(self, clock: Callable[[], int], instead: str = "") -> None:
        """instead: why these criteria answer in place of the model that was wanted; empty where none was."""
        self._clock, self._instead = clock, instead
        self._told = not instead
        self._waiting: dict[str, Job] = {}
        self._cancelled: list[Answered] = []

    @property
    def busy(self) -> bool:
        return bool(self._waiting or self._cancelled)

    def take(self, job: Job) -> None:
        self._waiting[job.key] = job

    def cancel(self, trigger: str, reason: str) -> None:
        for job in [j for j in self._waiting.values() if j.segment.trigger.id == trigger]:
            del self._waiting[job.key]
            self._cancelled.append(Answered(job, self._withheld(job, f"cancelled: {reason or 'no reason was given'}")))

    def advance(self) -> list[Answered]:
        found, self._cancelled = self._cancelled, []
        if self._waiting:
            job = min(self._waiting.values(), key=lambda j: urgency(j.segment))
            del self._waiting[job.key]
            found.append(self._answer(job))
        return found

    def _answer(self, job: Job) -> Answered:
        told, fault = faultless(job, Nanoseconds(self._clock()))
        if job.question and not fault:
            told = answered(job.segment, job.context, job.question, told)
            told = replace(told, id=answer_id(job.key, told.model))
        if self._instead and not job.segment.unreadable:
            told = replace(told, withheld=(*told.withheld, Withheld("text of the model", self._instead)))
        return Answered(job, told, fault)

    def notices(self) -> list[Notice]:
        if self._told:
            return []
        self._told = True
        text = f"the model does not answer, the criteria do: {self._instead}"
        return [Notice("ENGINE_DEGRADED", "engine", Nanoseconds(self._clock()), text, None, Level.MEDIUM)]

    def _withheld(self, job: Job, reason: str) -> Interpretation:
        return withheld(job.segment, reason, Nanoseconds(self._clock()), job.key, job.question, model())


def faultless(job: Job, now_ns: Nanoseconds) -> tuple[Interpretation, str]:
    """What the criteria say of a segment, and the fault where they fail: one segment must not end the worker."""
    try:
        return interpret(job.segment, job.context, now_ns), ""
    except Exception as error:
        log.exception("a segment could not be interpreted", trigger=job.segment.trigger.id)
        fault = f"trigger {job.segment.trigger.id} could not be interpreted: {error!r}"
        return withheld(job.segment, "a fault of the interpreter, see the dead letters", now_ns, job.key), fault


def urgency(segment: Segment) -> tuple[int, int]:
    """The smaller the more urgent: by priority, then the newest."""
    trigger = segment.trigger
    return trigger.priority.rank, -trigger.at_ns
