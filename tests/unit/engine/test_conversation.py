"""Question after question about one recording: what was read and written stays in the cache as it is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.conversation import Conversation, Given
from engine.gem.prompt import follow_up
from engine.reader import Reader, open_first
from engine.scheduler import Question, Scheduler
from tests.unit.engine.tiny import CONFIG, write_tiny

SIGNAL = np.random.default_rng(2).normal(0.0, 0.3, (12, 5000)).astype(np.float32)


class Watched:
    """The CPU's runtime, with how many positions were read into its slots and what was encoded."""

    def __init__(self, runtime: Any) -> None:
        self.runtime, self.read, self.encoded = runtime, 0, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.runtime, name)

    def extend(self, slot: int, embeddings: np.ndarray) -> np.ndarray:
        self.read += len(embeddings)
        return self.runtime.extend(slot, embeddings)

    def encode(self, *given: Any) -> np.ndarray:
        self.encoded += 1
        return self.runtime.encode(*given)


class Kept(Scheduler):
    """A scheduler that keeps what it was asked."""

    def ask(self, question: Question) -> None:
        self.asked = question
        super().ask(question)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    config = replace(CONFIG, llama=replace(CONFIG.llama, heads=2, kv_heads=1, positions=2048))
    return Reader.of(write_tiny(Path(tmp_path_factory.mktemp("reader")), config))


def test_a_further_question_reads_its_own_words_alone(reader: Reader) -> None:
    runtime = Watched(open_first(reader, ("onnx",), 1, turns=2)[1])
    scheduler = Kept(runtime, reader.words, lambda: 5)
    talk = Conversation(reader, scheduler, Given(None, None, SIGNAL, None), lambda: 5)
    talk.ask("Is it regular?")
    begun = runtime.read
    told = talk.ask("Are you sure?")
    new = len(follow_up("Are you sure?", reader.words))
    assert new <= runtime.read - begun <= new + 1  # the last token of an answer that was cut is yet to be read
    assert runtime.encoded == 1

    # a slot that holds nothing of it gives the same answer
    afresh = Scheduler(open_first(reader, ("onnx",), 1, turns=2)[1], reader.words, lambda: 5)
    afresh.ask(scheduler.asked)
    while not (answers := afresh.turn()):
        pass
    assert told.report.endswith(answers[0].text)
