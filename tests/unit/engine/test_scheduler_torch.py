"""The scheduler over the reference model: texts do not depend on who shares the turn, nor on pieces and lost slots."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the reference runtime needs the extra `torch`")

import torch

from engine.gem.checkpoint import open_checkpoint
from engine.gem.prompt import GROUNDING, Turn, encode, template, with_recording
from engine.generate import generate
from engine.runtimes import open_runtime
from engine.scheduler import Answer, Outcome, Question, Scheduler

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """A model this small waits for threads longer than it computes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_texts_are_the_same_alone_together_and_after_a_lost_slot(tiny_model: Path) -> None:
    checkpoint = open_checkpoint(tiny_model)
    words = checkpoint.words
    draw = np.random.default_rng(7)
    side = checkpoint.config.vision.image
    asked = []
    for k in range(5):
        text = GROUNDING if k % 2 else f"What is the rate in lead V{k}?"
        signal = draw.normal(0, 0.3, (12, 5000)).astype(np.float32)
        page = draw.normal(0, 1, (3, side, side)).astype(np.float32) if k % 3 else None
        prompt = encode(template([Turn(with_recording(text))]), words)
        asked.append(Question(f"q{k}", f"t{k}", 2 - k % 3, k, prompt, 10**18, limit=12 + k, signal=signal, page=page))
    one = open_runtime("torch", checkpoint, slots=1, positions=512)
    wanted = {}
    for q in asked:
        page = None if q.page is None else q.page[None]
        wanted[q.id] = generate(one, q.prompt, q.signal[None], page, q.limit, words.end).ids
    scheduler = Scheduler(open_runtime("torch", checkpoint, slots=3, positions=512), words, lambda: 0, piece=50)
    told: dict[str, Answer] = {}
    waiting = list(asked)
    while waiting or scheduler.unanswered:
        if waiting:
            scheduler.ask(waiting.pop(0))
        told |= {answer.id: answer for answer in [*scheduler.turn(), *scheduler.turn(), *scheduler.turn()]}
    assert {name: answer.tokens for name, answer in told.items()} == wanted
    assert {answer.outcome for answer in told.values()} == {Outcome.DONE}


def test_a_follow_up_question_on_the_same_cache_gets_the_answer_of_a_whole_reading(tiny_model: Path) -> None:
    checkpoint = open_checkpoint(tiny_model)
    words = checkpoint.words
    signal = np.random.default_rng(8).normal(0, 0.3, (12, 5000)).astype(np.float32)
    scheduler = Scheduler(open_runtime("torch", checkpoint, slots=2, positions=768), words, lambda: 0)
    turns = [Turn(with_recording(GROUNDING))]
    first = Question(
        "a", "t", 0, 0, encode(template(turns), words), 10**18, limit=24, signal=signal, conversation="bed 4"
    )
    scheduler.ask(first)
    told: list[Answer] = []
    while not told:
        told = scheduler.turn()
    turns = [Turn(turns[0].question, told[0].text), Turn("What is the PR interval?")]
    prompt = encode(template(turns), words)
    scheduler.ask(Question("b", "t", 0, 1, prompt, 10**18, limit=24, signal=signal, conversation="bed 4"))
    again: list[Answer] = []
    while not again:
        again = scheduler.turn()
    one = open_runtime("torch", checkpoint, slots=1, positions=768)
    assert again[0].tokens == generate(one, prompt, signal[None], None, 24, words.end).ids
