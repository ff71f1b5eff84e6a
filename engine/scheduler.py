"""Questions in, answers out, over one runtime: schedule, run, postprocess, once a turn.

Continuous batching: every turn reads one piece of one prompt and writes one token of every answer that has begun, so
that a long prompt never holds up the others for longer than a piece. The most urgent comes first, and of equals the
newest. Nothing here knows beds, alerts or what computes; time is whatever the clock says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.gem.config import IMAGE_ID
from engine.gem.words import Words
from engine.generate import fuse
from engine.runtime import Floats, Ids, Runtime

Clock = Callable[[], int]
"""Nanoseconds that never run back."""
Allowed = Callable[[str], NDArray[np.bool_] | None]
"""The text so far to the tokens that may come next, (vocabulary,); None: all of them."""


class Outcome(StrEnum):
    DONE = "done"
    CANCELLED = "cancelled"
    LATE = "late"
    REFUSED = "refused"
    """The question itself is at fault: it does not fit, or its mask leaves nothing."""
    FAILED = "failed"
    """The runtime is."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One prompt, with what is known of its urgency."""

    id: str
    trigger: str
    """What it is cancelled by: the trigger whose segment it is about."""
    rank: int
    """0 is the most urgent; red comes before yellow."""
    at_ns: int
    """Event time; of one rank the newest is answered first."""
    prompt: Ids
    """(n,), -200 where the recording belongs; of a follow-up question the whole conversation."""
    deadline_ns: int
    """On the scheduler's clock: at this time what is not done is given up."""
    limit: int = 256
    """Tokens, at most."""
    signal: Floats | None = None
    """(12, 5000) millivolts at 500 Hz."""
    page: Floats | None = None
    """(3, height, width) normalised pixels."""
    allowed: Allowed | None = None
    conversation: str = ""
    """Questions under one name are about one recording: a later one goes on in the cache of the one before."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a question; every question gets one, exactly one."""

    id: str
    trigger: str
    outcome: Outcome
    reason: str
    """Why it is not done, or what cut it short; empty where the model ended it."""
    text: str
    """As far as it got."""
    tokens: tuple[int, ...]
    queued_ns: int
    first_ns: int | None
    """When the first token was there."""
    end_ns: int


@dataclass(frozen=True, slots=True)
class _Kept:
    """A slot that is kept for a further question. ids: what it holds; recorded: positions that its recording takes."""

    slot: int
    ids: tuple[int, ...]
    recorded: int
    trigger: str


@dataclass(slots=True, eq=False)
class _Work:
    """A question on its way."""

    question: Question
    queued_ns: int
    slot: int = -1
    kept: _Kept | None = None
    """What its slot holds from the question before, until it was looked at."""
    recording: Floats | None = None
    """(tokens, hidden), once encoded."""
    recorded: int = 0
    """Positions that the recording takes in the slot."""
    rows: Floats | None = None
    """What is to be read into the slot; None until it was put together."""
    read: int = 0
    tokens: list[int] = field(default_factory=list)
    first_ns: int | None = None

    @property
    def urgency(self) -> tuple[int, int, str]:
        return self.question.rank, -self.question.at_ns, self.question.id

    @property
    def is_reading(self) -> bool:
        return self.rows is None or self.read < len(self.rows)


class Scheduler:
    """Answers questions with one runtime, as many at once as it has slots. Not safe to call from two threads at once.

    piece: longest piece of a prompt that is read between two tokens of the others.
    """

    def __init__(self, runtime: Runtime, words: Words, clock: Clock, piece: int = 256) -> None:
        if piece < 1:
            raise ValueError(f"pieces of {piece} positions: at least 1 is needed")
        self._runtime, self._words, self._clock, self._piece = runtime, words, clock, piece
        self._waiting: list[_Work] = []
        self._running: dict[int, _Work] = {}
        self._kept: dict[str, _Kept] = {}
        self._over: list[Answer] = []

    @property
    def unanswered(self) -> int:
        """Questions that wait or run."""
        return len(self._waiting) + len(self._running)

    def ask(self, question: Question) -> None:
        """Take a question; raises ValueError for an id that waits or runs already, and where no token is wanted."""
        if question.limit < 1 or not len(question.prompt):
            raise ValueError(f"question {question.id} has no prompt or wants no token: give at least one of each")
        if any(work.question.id == question.id for work in self._works()):
            raise ValueError(f"question {question.id} is being answered already: ask it under another id")
        self._waiting.append(_Work(question, self._clock()))

    def cancel(self, trigger: str, reason: str = "cancelled") -> int:
        """Give up whatever is about a trigger, wherever it stands; how many questions that were."""
        found = [work for work in self._works() if work.question.trigger == trigger]
        for work in found:
            self._end(work, Outcome.CANCELLED, reason)
        for name in [name for name, kept in self._kept.items() if kept.trigger == trigger]:
            self.forget(name)
        return len(found)

    def forget(self, conversation: str) -> None:
        """Free the slot that is kept for a conversation, if there is one."""
        kept = self._kept.pop(conversation, None)
        if kept:
            self._runtime.free(kept.slot)

    def turn(self) -> list[Answer]:
        """Schedule, run, postprocess; the answers that are over since the last turn."""
        self._expire()
        self._schedule()
        self._run()
        over, self._over = self._over, []
        return over

    def _works(self) -> list[_Work]:
        return [*self._waiting, *self._running.values()]

    def _expire(self) -> None:
        now = self._clock()
        for work in self._works():
            if now >= work.question.deadline_ns:
                where = "waiting for a slot" if work.slot < 0 else "read" if work.is_reading else "written"
                self._end(work, Outcome.LATE, f"its time was over while it was {where}")

    def _schedule(self) -> None:
        """Give slots to the most urgent, from less urgent ones if need be; those go on later where they were."""
        for work in sorted(self._waiting, key=lambda w: w.urgency):
            slot = self._slot_for(work)
            if slot is None:
                return
            self._waiting.remove(work)
            self._running[slot] = work
            work.slot = slot

    def _slot_for(self, work: _Work) -> int | None:
        """Its conversation's slot, else the lowest free one, else one that is only kept, else a less urgent one's."""
        work.kept = self._kept.pop(work.question.conversation, None)
        if work.kept:
            return work.kept.slot
        taken = {*self._running, *(kept.slot for kept in self._kept.values())}
        free = next((slot for slot in range(self._runtime.slots) if slot not in taken), None)
        if free is not None:
            return free
        if self._kept:
            slot = next(iter(self._kept.values())).slot
            self.forget(next(iter(self._kept)))
            return slot
        last = max(self._running.values(), key=lambda w: w.urgency)
        return self._put_back(last) if last.question.rank > work.question.rank else None

    def _put_back(self, work: _Work) -> int:
        """Take a question's slot; what it has written is read again when it gets another."""
        slot = work.slot
        del self._running[slot]
        self._runtime.free(slot)
        work.slot, work.kept, work.rows, work.read = -1, None, None, 0
        self._waiting.append(work)
        return slot

    def _run(self) -> None:
        reading = [work for work in self._running.values() if work.is_reading]
        if reading:
            self._read(min(reading, key=lambda w: w.urgency))
        writing = sorted((work for work in self._running.values() if not work.is_reading), key=lambda w: w.slot)
        if writing:
            self._write(writing)

    def _read(self, work: _Work) -> None:
        """Encode one question's recording, or read one piece of its prompt."""
        try:
            if work.rows is None:
                work.rows = self._put_together(work)
                return
            piece = work.rows[work.read : work.read + self._piece]
            logits = self._runtime.extend(work.slot, piece)
        except ValueError as error:  # what the interface of runtimes raises for what does not fit
            self._end(work, Outcome.REFUSED, _sentence(error))
            return
        except Exception as error:  # one question must not end the others; it is answered with the reason
            self._end(work, Outcome.FAILED, _sentence(error))
            return
        work.read += len(piece)
        if not work.is_reading and not work.tokens:
            self._choose(work, logits)

    def _put_together(self, work: _Work) -> Floats:
        """Embeddings of what the slot does not hold yet; raises ValueError where they do not fit."""
        runtime, prompt, kept = self._runtime, work.question.prompt, work.kept
        work.kept = None
        held = _shared(kept, prompt) if kept else 0
        if kept and held:
            runtime.rewind(work.slot, _positions(kept.ids[:held], kept.recorded))
            work.recorded = kept.recorded
            parts = [runtime.embed(prompt[held:])]
        else:
            runtime.free(work.slot)
            parts = [fuse(runtime, prompt, self._recordings(work))]
        if len(work.tokens) > 1:
            parts.append(runtime.embed(np.array(work.tokens[:-1], np.int64)))
        rows = np.concatenate(parts)
        filled = runtime.length(work.slot) + len(rows)
        if filled >= runtime.positions:
            raise ValueError(f"a prompt of {filled} positions leaves no room in a slot of {runtime.positions}")
        return rows

    def _recordings(self, work: _Work) -> list[Floats]:
        """The question's recording, encoded once; empty for a question about none."""
        question = work.question
        if question.signal is None and question.page is None:
            return []
        if work.recording is None:
            signal, page = (None if x is None else x[None] for x in (question.signal, question.page))
            work.recording = self._runtime.encode(signal, page)[0]
        work.recorded = len(work.recording)
        return [work.recording]

    def _write(self, works: Sequence[_Work]) -> None:
        """One token of every answer that has begun."""
        last = np.array([work.tokens[-1] for work in works], np.int64)
        try:
            logits = self._runtime.step([work.slot for work in works], last)
        except Exception as error:  # the runtime cannot tell whose fault it was
            for work in works:
                self._end(work, Outcome.FAILED, _sentence(error))
            return
        for work, row in zip(works, logits, strict=True):
            self._choose(work, row)

    def _choose(self, work: _Work, logits: Floats) -> None:
        """The best token that is allowed, of equals the lower id; the answer ends with it, with its limit or its slot."""
        question, tokens = work.question, work.tokens
        try:
            mask = question.allowed(self._words.text(tokens)) if question.allowed else None
        except Exception as error:  # a rule that fails on one text must not end the others
            self._end(work, Outcome.REFUSED, _sentence(error))
            return
        if mask is not None:
            if not mask.any():
                self._end(work, Outcome.REFUSED, "no token may come next")
                return
            logits = np.where(mask, logits, -np.inf)
        best = int(logits.argmax())
        if not np.isfinite(logits[best]):
            self._end(work, Outcome.FAILED, "the model gave logits that are no numbers")
            return
        tokens.append(best)
        if work.first_ns is None:
            work.first_ns = self._clock()
        if tokens[-1] == self._words.end:
            self._end(work, Outcome.DONE, "")
        elif len(tokens) >= question.limit:
            self._end(work, Outcome.DONE, f"cut at {question.limit} tokens")
        elif self._runtime.length(work.slot) >= self._runtime.positions:
            self._end(work, Outcome.DONE, f"cut where the slot of {self._runtime.positions} positions was full")

    def _end(self, work: _Work, outcome: Outcome, reason: str) -> None:
        """Answer a question and give its slot back, or keep it where the conversation may go on."""
        question = work.question
        if work.slot < 0:
            self._waiting.remove(work)
        else:
            del self._running[work.slot]
            if outcome is Outcome.DONE and question.conversation:
                self._keep(work)
            else:
                self._runtime.free(work.slot)
        told = work.tokens[:-1] if work.tokens and work.tokens[-1] == self._words.end else work.tokens
        times = (work.queued_ns, work.first_ns, self._clock())
        text = self._words.text(told)
        self._over.append(Answer(question.id, question.trigger, outcome, reason, text, tuple(work.tokens), *times))

    def _keep(self, work: _Work) -> None:
        question = work.question
        self.forget(question.conversation)
        ids = (*(int(i) for i in question.prompt), *work.tokens[:-1])
        self._kept[question.conversation] = _Kept(work.slot, ids, work.recorded, question.trigger)


def _shared(kept: _Kept, prompt: Ids) -> int:
    """How many ids of a prompt lie in a slot already, the recording among them; at least one is left to read."""
    same = 0
    for held, asked in zip(kept.ids, prompt[:-1].tolist(), strict=False):
        if held != asked:
            break
        same += 1
    return 0 if IMAGE_ID in prompt[same:] else same


def _positions(ids: Sequence[int], recorded: int) -> int:
    """Positions that ids take in a slot, where each placeholder takes those of its recording."""
    return len(ids) + ids.count(IMAGE_ID) * (recorded - 1)


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())[:400] or type(error).__name__
