"""A model over a question file: answers in the form of the published scripts, gone on with where it broke off."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.claims.basis import Basis
from engine.claims.slots import render
from engine.conversation import Conversation, Given
from engine.endpoint import SILENT
from engine.evaluate.files import Item
from engine.gem.prompt import GROUNDING, without_marks
from engine.instruct.labelled import BadSet, changed, recording_at
from engine.kept import CannotGoOn, whole_lines
from engine.page import GEM_PAGE, PAGE_INCHES
from engine.reader import Reader
from engine.runtime import Runtime
from engine.scheduler import Outcome, Scheduler
from engine.train.recordings import Form, Look, Places, Recordings, Unreadable
from ingest.open_recording import UnreadableRecording
from stream.offline import segment_at
from stream.segment import SEGMENT_S
from stream.trigger import Segment

TOKENS = 1024
"""Of an answer, as published."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the model is asked."""

    shown: bool = False
    """Answers as Vigil shows them, checked claim by claim; else as the model writes them."""
    signal: str = "live"
    """`live`, Vigil's filtered signal, or `published`, the first 5000 samples as they lie in the file."""
    only: str = ""
    """`signal` or `page`: one of the two; empty: both."""
    tokens: int = TOKENS

    @property
    def told(self) -> dict[str, Any]:
        """As it stands beside each answer."""
        return {
            "as": "shown" if self.shown else "written", "signal": self.signal, "only": self.only or "both", "tokens": self.tokens,
        }  # fmt: skip


class NoAnswer(RuntimeError):
    """One item that is not answered; a sentence."""


class Answering:
    """A model that is open."""

    def __init__(self, reader: Reader, runtime: Runtime, places: Places, manner: Manner) -> None:
        config = reader.checkpoint.config
        self._reader, self._runtime, self._places, self._manner = reader, runtime, places, manner
        scale = GEM_PAGE.paper.dpi * PAGE_INCHES / config.image.shortest_px
        self._recordings = Recordings(
            places, Form(config.image, config.aspect, manner.signal, new_pages=1.0, page_scale=scale)
        )

    def line(self, item: Item) -> dict[str, Any]:
        """The answer to an item as it is written; raises NoAnswer."""
        segment = self._segment(item)
        talk = self._talk(item, segment)
        texts = [self._said(talk, item.id, question, segment) for question in item.questions]
        told: dict[str, Any] = {"question_id": item.id}
        if len(texts) == 1:
            told |= {"prompt": item.questions[0], "text": texts[0]}
        else:
            pairs = list(zip(item.questions, texts, strict=True))
            golds = [*item.golds, *[""] * len(pairs)]
            told["golden_convs"] = [{"question": q, "answer": g} for (q, _), g in zip(pairs, golds, strict=False)]
            told["predict_convs"] = [{"question": q, "answer": a} for q, a in pairs]
        key = json.dumps([self._reader.name, item.id, texts])
        return told | {
            "answer_id": hashlib.blake2b(key.encode(), digest_size=11).hexdigest(), "model_id": self._reader.name,
            "metadata": self._manner.told,
        }  # fmt: skip

    def _talk(self, item: Item, segment: Segment | None) -> Conversation:
        only, manner = self._manner.only, self._manner
        tower = self._reader.checkpoint.config.ecg is not None and bool(item.ecg) and self._places.has_signals
        look = Look(item.ecg, item.image, item.change, tower and only != "page", only != "signal", 0)
        try:
            shown = self._recordings.show(look)
        except (Unreadable, UnreadableRecording, OSError) as error:
            raise NoAnswer(f"{item.id}: {error}") from None
        if shown.signal is None and shown.page is None:
            raise NoAnswer(f"{item.id}: nothing of its recording is left to show")
        scheduler = Scheduler(self._runtime, self._reader.words, time.time_ns)
        given = Given(segment if manner.shown else None, None, shown.signal, shown.page)
        return Conversation(self._reader, scheduler, given, time.time_ns, manner.tokens)

    def _segment(self, item: Item) -> Segment | None:
        """What is measured of an item, for a text that is checked or whose slots are filled; None of any other, or of a page alone."""
        if not (self._manner.shown or (self._reader.writes_slots and item.ecg and self._places.has_signals)):
            return None
        try:
            return segment_of(item, self._places)
        except (Unreadable, UnreadableRecording, BadSet, OSError) as error:
            raise NoAnswer(f"{item.id}: {error}") from None

    def _said(self, talk: Conversation, id_: str, question: str, segment: Segment | None) -> str:
        answer = talk.written(question)
        if answer.outcome is not Outcome.DONE:
            raise NoAnswer(f"{id_}: {answer.outcome.value}: {answer.reason}")
        if self._manner.shown:
            usual = " ".join(without_marks(question).split()) == " ".join(GROUNDING.split())
            return talk.told("" if usual else question, answer).report  # the usual question is the one of the alert
        if segment is None or segment.measurements is None:
            return answer.text
        return render(answer.text, Basis.of(segment)).text  # as it is written, with what was measured in its slots


def segment_of(item: Item, places: Places) -> Segment:
    """The first ten seconds of an item's recording as Vigil measures them; raises Unreadable, UnreadableRecording or BadSet."""
    recording = changed(recording_at(places.signal(item.ecg)), item.change)
    long = recording.samples.shape[1] > SEGMENT_S * recording.rate_hz
    return segment_at(recording, SEGMENT_S if long else None)


def answer_all(
    answering: Answering, items: Sequence[Item], model: str, manner: Manner, file: Path, progress: Callable[[str], None]
) -> dict[str, str]:
    """Answer every item that `file` has no answer to; by id why one is not answered. Raises CannotGoOn."""
    done = _answered(file, model, manner)
    failed: dict[str, str] = {}
    silent = 0
    with file.open("a", encoding="utf-8") as lines:
        for item in items:
            if item.id in done:
                continue
            try:
                told = answering.line(item)
            except NoAnswer as error:
                failed[item.id], silent = str(error), silent + 1
                if silent >= SILENT:
                    raise CannotGoOn(
                        f"{silent} questions in a row are not answered ({error}); answers so far are kept in {file}: "
                        "run the same command again to go on"
                    ) from None
                continue
            silent = 0
            done.add(item.id)
            lines.write(json.dumps(told, allow_nan=False) + "\n")
            lines.flush()
            progress(f"{len(done)}/{len(items)} questions answered")
    return failed


def _answered(file: Path, model: str, manner: Manner) -> set[str]:
    """Ids that a file answers already, by the same model asked in the same manner."""
    done: set[str] = set()
    if not file.exists():
        return done
    for told in whole_lines(file):
        if told.get("model_id") != model or told.get("metadata") != manner.told:
            raise CannotGoOn(
                f"{file} holds answers of {told.get('model_id')} asked as {told.get('metadata')}: "
                "repeat its options, or name another file with --answers"
            )
        done.add(str(told.get("question_id")))
    return done
