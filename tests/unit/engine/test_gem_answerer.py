"""The model behind the worker: what it says is checked, and whatever fails, every job is answered by the criteria."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from alerts.lifecycle import on_notice
from engine.answerer import Answered, Job
from engine.asked import NOT_RELATED
from engine.claims.claim import Verdict
from engine.fallback import FIRST_S, MOST_S, NONE
from engine.gem_answerer import FAILURES, MOST, GemAnswerer
from engine.grounded import grounded
from engine.interpretation import State
from engine.interpreter import NORMAL, interpret
from engine.reader import Reader, open_first
from engine.runtime import Floats, Ids, RuntimeAway
from ingest.bed import Notice
from ingest.frame import Nanoseconds
from stream.trigger import Segment
from tests.sinus import plain
from tests.unit.engine.tiny import CONFIG, write_tiny


@cache
def unreadable() -> Segment:
    """The same, of which nothing could be measured."""
    return replace(plain(), measurements=None, unreadable="a gap of 3 s")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    config = replace(CONFIG, llama=replace(CONFIG.llama, heads=2, kv_heads=1))
    return Reader.of(write_tiny(tmp_path_factory.mktemp("reader"), config))


def job(name: str, question: str = "") -> Job:
    return Job(f"{name}{question}", replace(plain(), trigger=replace(plain().trigger, id=name)), None, question)


def drain(answerer: GemAnswerer) -> dict[str, Answered]:
    found: dict[str, Answered] = {}
    while answerer.busy:
        for one in answerer.advance():
            assert one.job.key not in found
            found[one.job.key] = one
    return found


class Saying:
    """A runtime that writes one text, whatever it is given; or fails from some step on."""

    name = "saying"
    slots, positions = 2, 2000

    def __init__(self, reader: Reader, text: str, fails: bool = False) -> None:
        self.vocabulary = reader.checkpoint.config.llama.vocabulary
        self._hidden = reader.checkpoint.config.llama.hidden
        self._ids = [*reader.words.ids(text), reader.words.end]
        self.fails = fails
        self._lengths = [0] * self.slots
        self._said = [0] * self.slots

    def encode(self, signals: Floats | None, pages: Floats | None) -> Floats:
        assert signals is not None
        assert pages is not None
        assert np.isfinite(signals).all()
        return np.zeros((1, 117, self._hidden), np.float32)

    def embed(self, ids: Ids) -> Floats:
        return np.zeros((len(ids), self._hidden), np.float32)

    def extend(self, slot: int, embeddings: Floats) -> Floats:
        if self.fails:
            raise RuntimeError("the device is lost")
        self._lengths[slot] += len(embeddings)
        self._said[slot] = 0
        return self._next(slot)

    def step(self, slots: Sequence[int], ids: Ids) -> Floats:
        return np.stack([self._next(slot) for slot in slots])

    def _next(self, slot: int) -> Floats:
        logits = np.zeros(self.vocabulary, np.float32)
        logits[self._ids[min(self._said[slot], len(self._ids) - 1)]] = 1.0
        self._said[slot] += 1
        return logits

    def length(self, slot: int) -> int:
        return self._lengths[slot]

    def rewind(self, slot: int, length: int) -> None:
        self._lengths[slot] = length

    def free(self, slot: int) -> None:
        self._lengths[slot] = self._said[slot] = 0


@pytest.fixture
def saying(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    """An answerer whose runtimes, in order, say these texts; None is one that fails."""

    def make(*texts: str | None, ticks: Callable[[], int] = time.monotonic_ns) -> GemAnswerer:
        names = ("tensorrt", "torch", "onnx")
        runtimes = {n: Saying(reader, t or "x", t is None) for n, t in zip(names, texts, strict=False)}
        make.runtimes = runtimes
        monkeypatch.setattr("engine.reader.open_runtime", lambda name, *_: runtimes[name])
        monkeypatch.setattr("engine.reader.why_not", lambda _: "")
        monkeypatch.setattr("engine.reader.has_driver", lambda: True)
        return GemAnswerer(reader, tuple(runtimes), lambda: 5, ticks=ticks)

    return make


def test_a_random_model_on_the_real_runtime_never_says_what_was_not_measured(reader: Reader) -> None:
    answerer = GemAnswerer(reader, ("onnx",), lambda: 5, slots=2)
    assert answerer.runtime == "onnx"
    for name in ("a", "b", "c"):
        answerer.take(job(name))
    answerer.take(job("a"))
    answerer.take(Job("u", unreadable(), None))
    found = drain(answerer)
    assert set(found) == {"a", "b", "c", "u"}
    assert found["u"].interpretation.state is State.WITHHELD
    criteria = interpret(plain(), None, Nanoseconds(5))
    for name in ("a", "b", "c"):
        told = found[name].interpretation
        # what the model does not call normal the criteria beside it do not either
        assert [f.code for f in told.findings] == [f.code for f in criteria.findings if f.code != NORMAL]
        assert "tiny-" in told.model
        assert "criteria-" in told.model
    assert found["a"].interpretation.report == found["b"].interpretation.report
    assert answerer.notices() == []


def test_a_text_is_told_with_its_verdicts(saying) -> None:
    bpm = round(plain().measurements.rate_bpm.value)
    answerer = saying(f"Sinus rhythm at {bpm} bpm. The ECG was recorded.")
    answerer.take(job("a"))
    told = drain(answerer)["a"].interpretation
    assert told.state is State.DONE
    assert f"{bpm} bpm" in told.report
    assert {c.verdict for c in told.claims} == {Verdict.AGREE}
    assert [one.text for one in told.sentences] == [f"Sinus rhythm at {bpm} bpm.", "The ECG was recorded."]
    assert told.report.endswith(" ".join(one.text for one in told.sentences))
    first = told.sentences[0]
    assert [c.text for c in told.claims[first.first : first.last + 1]] == ["Sinus rhythm", f"{bpm} bpm"]


def test_a_sentence_that_states_nothing_measured_is_not_told() -> None:
    asked = job("a")
    base = interpret(plain(), None, Nanoseconds(5))
    told = grounded(
        asked, base, "Sinus rhythm. The alarm can be ignored. Several features are notable. ST is <ST:V9>.", ""
    )
    assert [one.text for one in told.sentences] == [
        "Sinus rhythm.",
        "[Withheld: a finding: nothing that is measured shows it.]",
        "[One sentence was left out because it states nothing that was measured.]",
        "[Withheld: the ST level at J+60 in V9 is not known.]",
    ]
    assert "ignored" not in told.report
    alone = grounded(asked, base, "The patient is in cardiac arrest. He smiles.", "")
    assert (alone.report, alone.claims) == ("Asked for. Sinus rhythm, 72 /min.", ())
    assert alone.withheld[-1].name == "text of the model"


def test_what_the_measurements_contradict_cannot_be_said_at_all(saying) -> None:
    answerer = saying("Atrial fibrillation.")
    answerer.take(job("a"))
    told = drain(answerer)["a"].interpretation
    assert "Atrial fibrillation." not in told.report
    assert any(w.name == "text of the model" for w in told.withheld)


def test_a_question_gets_an_answer_of_its_own(saying) -> None:
    bpm = round(plain().measurements.rate_bpm.value)
    answerer = saying(f"The heart rate is {bpm} bpm.")
    answerer.take(job("a"))
    answerer.take(job("a", "How fast is it?"))
    found = drain(answerer)
    asked = found["aHow fast is it?"].interpretation
    assert asked.question == "How fast is it?"
    assert asked.id != found["a"].interpretation.id
    assert asked.report.startswith("The heart rate")


def test_what_is_cancelled_says_so(saying) -> None:
    answerer = saying("Sinus rhythm.")
    answerer.take(job("a"))
    answerer.cancel("a", "artefact")
    told = drain(answerer)["a"].interpretation
    assert told.state is State.WITHHELD
    assert "artefact" in told.reason


def test_a_runtime_that_fails_is_followed_by_the_next_and_no_job_is_lost(saying) -> None:
    bpm = round(plain().measurements.rate_bpm.value)
    answerer = saying(None, f"Sinus rhythm at {bpm} bpm.")
    names = [f"j{k}" for k in range(FAILURES + 3)]
    for name in names:
        answerer.take(job(name))
    found = drain(answerer)
    assert sorted(found) == names
    by_model = [n for n in names if found[n].interpretation.claims]
    assert FAILURES <= len(names) - len(by_model) < len(names)
    assert all(found[n].interpretation.findings for n in names)
    notices = answerer.notices()
    assert [n.code for n in notices] == ["ENGINE_DEGRADED"]
    assert "tensorrt failed" in notices[0].text


def test_without_any_runtime_the_criteria_answer(saying) -> None:
    answerer = saying(None)
    for k in range(FAILURES + 2):
        answerer.take(job(f"j{k}"))
    found = drain(answerer)
    assert len(found) == FAILURES + 2
    assert answerer.runtime == NONE
    assert all(one.interpretation.state is State.DONE for one in found.values())
    answerer.take(job("later"))
    later = drain(answerer)["later"].interpretation
    assert later.state is State.DONE
    assert later.report == interpret(plain(), None, Nanoseconds(5)).report
    assert len(answerer.notices()) == 1


class Ticks:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> int:
        return int(self.now_s * 1e9)


def trials(answerer: GemAnswerer, ticks: Ticks, until_s: float) -> list[tuple[float, Notice]]:
    """What an answerer without work tells, second by second."""
    found = []
    while ticks.now_s < until_s:
        ticks.now_s += 1
        answerer.advance()
        found += [(ticks.now_s, notice) for notice in answerer.notices()]
    return found


def test_a_runtime_that_could_not_be_opened_is_tried_again_later_and_later_and_ends_its_alert(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The runtime is the real one of the CPU; it has no place to write its graphs to, and then it has."""
    blocked, ticks = tmp_path / "cache", Ticks()
    blocked.write_text("no folder")
    monkeypatch.setenv("VIGIL_CACHE", str(blocked))
    answerer = GemAnswerer(reader, ("onnx",), lambda: 5, slots=1, ticks=ticks)
    (first,) = answerer.notices()
    assert (answerer.runtime, first.cleared) == (NONE, False)
    told = trials(answerer, ticks, 2 * 3600)
    assert [at for at, _ in told] == [60, 180, 420, 900, 1860, 3660, 5460]
    assert all(not n.cleared and "the criteria answer" in n.text and "the next trial is in" in n.text for _, n in told)
    assert told[-1][0] - told[-2][0] == MOST_S

    blocked.unlink()
    ((at, over),) = trials(answerer, ticks, 2 * 3600 + MOST_S)
    assert (at, over.cleared, answerer.runtime) == (5460 + MOST_S, True, "onnx")
    alert, _ = on_notice(None, first, Nanoseconds(1))
    assert on_notice(alert, over, Nanoseconds(9))[0].open is False
    answerer.take(job("a"))
    assert "on onnx" in drain(answerer)["a"].interpretation.model


def test_a_runtime_that_failed_at_work_is_back_when_it_writes_again(saying) -> None:
    bpm = round(plain().measurements.rate_bpm.value)
    text = f"Sinus rhythm at {bpm} bpm."
    ticks = Ticks()
    answerer = saying(None, text, ticks=ticks)
    names = [f"j{k}" for k in range(FAILURES)]
    for name in names:
        answerer.take(job(name))
    drain(answerer)
    assert answerer.runtime == "torch"
    ticks.now_s = FIRST_S - 1
    answerer.take(job("waits"))
    answerer.advance()
    ticks.now_s = FIRST_S
    # what is being written is written to its end before another runtime is tried
    assert drain(answerer)["waits"].interpretation.claims
    answerer.advance()
    assert answerer.runtime == "torch"
    assert [n.cleared for n in answerer.notices()] == [False, False]
    saying.runtimes["tensorrt"].fails = False
    ((at, over),) = trials(answerer, ticks, FIRST_S * 10)
    assert (at, over.cleared, answerer.runtime) == (FIRST_S * 3, True, "tensorrt")


def test_an_absent_runtime_is_no_reason_to_try(reader: Reader) -> None:
    ticks = Ticks()
    answerer = GemAnswerer(reader, ("tensorrt", "torch", "onnx"), lambda: 5, slots=1, ticks=ticks)
    assert answerer.runtime == "onnx"
    assert trials(answerer, ticks, MOST_S) == []


def test_runtimes_that_are_away_are_named(reader: Reader) -> None:
    with pytest.raises(RuntimeAway, match="tensorrt"):
        open_first(reader, ("tensorrt",), 1)
    name, _, why = open_first(reader, ("tensorrt", "torch", "onnx"), 1)
    assert name == "onnx"
    assert why == ()


def test_a_runtime_that_cannot_be_opened_is_told_and_the_next_one_tried(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(name: str, *_: object) -> object:
        if name == "tensorrt":
            raise MemoryError("out of memory")
        return Saying(reader, "Sinus rhythm.")

    monkeypatch.setattr("engine.reader.open_runtime", opened)
    monkeypatch.setattr("engine.reader.why_not", lambda _: "")
    monkeypatch.setattr("engine.reader.has_driver", lambda: True)
    answerer = GemAnswerer(reader, ("tensorrt", "torch"), lambda: 5, precision="float8")
    assert answerer.runtime == "torch"
    (notice,) = answerer.notices()
    assert "out of memory" in notice.text


def test_what_cannot_be_put_to_the_model_is_answered_by_the_criteria_with_a_dead_letter(saying) -> None:
    answerer = saying("Sinus rhythm.")
    broken = replace(plain(), signal_mv=np.zeros((2, 3), np.float32))
    answerer.take(Job("broken", broken, None))
    answerer.take(job("a"))
    found = drain(answerer)
    assert found["broken"].fault
    assert found["a"].fault == ""


def test_a_question_that_does_not_fit_is_its_own_fault(saying) -> None:
    answerer = saying("Sinus rhythm.")
    for k in range(FAILURES + 1):
        answerer.take(job(f"j{k}", "?" * 1999))
    for one in drain(answerer).values():
        assert any("refused" in w.reason for w in one.interpretation.withheld)
        assert one.interpretation.report.startswith(NOT_RELATED)
    assert answerer.runtime == "tensorrt"
    assert answerer.notices() == []


def test_of_a_backlog_the_most_urgent_are_asked_and_the_rest_are_answered_by_the_criteria(saying) -> None:
    answerer = saying("Sinus rhythm.")
    for k in range(MOST + 5):
        answerer.take(job(f"j{k:03}"))
    early = answerer.advance()
    assert (
        len([one for one in early if any("wait for the model" in w.reason for w in one.interpretation.withheld)]) == 5
    )
