"""The scheduler: who is answered first, what is given up when, and that no answer depends on who shares the turn."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.generate import generate
from engine.scheduler import Answer, Outcome, Question, Scheduler
from tests.unit.engine.adder import END, Adder, Numbers

pytestmark = pytest.mark.uncompiled

FAR = 10**18


class Clock:
    """Goes on by hand."""

    def __init__(self) -> None:
        self.ns = 0

    def __call__(self) -> int:
        return self.ns


def question(name: str, rank: int = 1, at: int = 0, prompt=(1, 5, 7), limit: int = 4, **more) -> Question:
    more = {"deadline_ns": FAR, "trigger": f"t-{name}"} | more
    return Question(id=name, rank=rank, at_ns=at, prompt=np.array(prompt, np.int64), limit=limit, **more)


def alone(one: Question, positions: int = 64) -> tuple[int, ...]:
    """The same question to a model that nobody else asks."""
    signals = None if one.signal is None else one.signal[None]
    return generate(Adder(1, positions), one.prompt, signals, None, one.limit, END).ids


def finish(scheduler: Scheduler, turns: int = 500) -> dict[str, Answer]:
    told: dict[str, Answer] = {}
    for _ in range(turns):
        for answer in scheduler.turn():
            assert answer.id not in told
            told[answer.id] = answer
        if not scheduler.unanswered:
            return told
    raise AssertionError("questions are left")


def order(scheduler: Scheduler) -> list[str]:
    return list(finish(scheduler))


def test_red_comes_first_then_the_newest() -> None:
    scheduler = Scheduler(Adder(slots=1), Numbers(), Clock())
    for name, rank, at in (("old", 1, 1), ("low", 3, 9), ("new", 1, 2), ("red", 0, 0)):
        scheduler.ask(question(name, rank, at))
    assert order(scheduler) == ["red", "new", "old", "low"]


def test_a_red_one_takes_the_slot_of_a_lesser_one_which_goes_on_where_it_was() -> None:
    runtime = Adder(slots=1)
    scheduler = Scheduler(runtime, Numbers(), Clock())
    low = question("low", 2, limit=9)
    scheduler.ask(low)
    for _ in range(4):
        assert scheduler.turn() == []
    written = sum(kind == "step" for kind, _ in runtime.calls)
    assert written > 1
    scheduler.ask(question("red", 0))
    told = finish(scheduler)
    assert list(told) == ["red", "low"]
    assert told["low"].tokens == alone(low)
    steps = sum(kind == "step" for kind, _ in runtime.calls)
    assert steps == (9 - 1) + (4 - 1)


def test_an_equal_one_waits_for_a_slot() -> None:
    scheduler = Scheduler(Adder(slots=1), Numbers(), Clock())
    scheduler.ask(question("first", 1, at=1, limit=9))
    scheduler.turn()
    scheduler.ask(question("newer", 1, at=2))
    assert order(scheduler) == ["first", "newer"]


def test_long_prompts_are_read_in_pieces_between_the_tokens_of_others() -> None:
    runtime = Adder(slots=2)
    scheduler = Scheduler(runtime, Numbers(), Clock(), piece=8)
    scheduler.ask(question("short", limit=12))
    for _ in range(3):
        scheduler.turn()
    begun = len(runtime.calls)
    long = question("long", prompt=range(3, 43), limit=3)
    scheduler.ask(long)
    told = finish(scheduler)
    calls = runtime.calls[begun:]
    lengths = [given[1] for kind, given in calls if kind == "extend"]
    assert lengths == [8] * 5
    reads = [k for k, (kind, _) in enumerate(calls) if kind == "extend"]
    assert all("step" in [kind for kind, _ in calls[a:b]] for a, b in pairwise(reads))
    assert told["long"].tokens == alone(long)


@st.composite
def crowds(draw):
    names = draw(st.integers(1, 9))
    made = []
    for k in range(names):
        prompt = draw(st.lists(st.integers(3, 49), min_size=1, max_size=20))
        signal = draw(st.sampled_from([None, 3.0, 8.0]))
        if signal is not None:
            prompt.insert(draw(st.integers(0, len(prompt))), -200)
        one = question(f"q{k}", draw(st.integers(0, 2)), draw(st.integers(0, 3)), prompt, draw(st.integers(1, 12)))
        talk = "" if signal is None else draw(st.sampled_from(["", f"talk of {signal}"]))
        given_signal = None if signal is None else np.full((1, 1), signal)
        made.append((draw(st.integers(0, 12)), replace(one, signal=given_signal, conversation=talk)))
    return made


@settings(deadline=None, max_examples=150)
@given(crowds(), st.integers(1, 4), st.integers(1, 9))
def test_every_question_gets_the_answer_that_it_would_get_alone(crowd, slots, piece) -> None:
    runtime = Adder(slots)
    scheduler = Scheduler(runtime, Numbers(), Clock(), piece)
    told: dict[str, Answer] = {}
    for turn in range(400):
        for at, one in crowd:
            if at == turn:
                scheduler.ask(one)
        told |= {answer.id: answer for answer in scheduler.turn()}
    assert set(told) == {one.id for _, one in crowd}
    for _, one in crowd:
        assert told[one.id].outcome is Outcome.DONE
        assert told[one.id].tokens == alone(one)
        scheduler.forget(one.conversation)
    assert runtime.held == [[]] * slots


@settings(deadline=None, max_examples=150)
@given(crowds(), st.integers(1, 3), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 8)), max_size=8))
def test_whenever_questions_are_cancelled_each_gets_one_answer_and_the_rest_theirs(crowd, slots, cancels) -> None:
    runtime = Adder(slots)
    scheduler = Scheduler(runtime, Numbers(), Clock(), piece=5)
    told: list[Answer] = []
    for turn in range(300):
        for at, one in crowd:
            if at == turn:
                scheduler.ask(one)
        for at, which in cancels:
            if at == turn:
                scheduler.cancel(f"t-q{which}")
        told += scheduler.turn()
    assert sorted(answer.id for answer in told) == sorted(one.id for _, one in crowd)
    asked = {one.id: one for _, one in crowd}
    for answer in told:
        expected = alone(asked[answer.id])
        if answer.outcome is Outcome.DONE:
            assert answer.tokens == expected
        else:
            assert answer.outcome is Outcome.CANCELLED
            assert answer.tokens == expected[: len(answer.tokens)]
        scheduler.forget(asked[answer.id].conversation)
    assert runtime.held == [[]] * slots


def test_what_is_not_done_at_its_deadline_is_late_wherever_it_stands() -> None:
    clock, runtime = Clock(), Adder(slots=1)
    scheduler = Scheduler(runtime, Numbers(), clock, piece=4)
    scheduler.ask(question("written", 0, limit=60, deadline_ns=10))
    scheduler.ask(question("waiting", 1, deadline_ns=10))
    for _ in range(4):
        scheduler.turn()
    clock.ns = 9
    assert scheduler.turn() == []
    clock.ns = 10
    told = {answer.id: answer for answer in scheduler.turn()}
    assert {name: (a.outcome, a.reason) for name, a in told.items()} == {
        "waiting": (Outcome.LATE, "its time was over while it was waiting for a slot"),
        "written": (Outcome.LATE, "its time was over while it was written"),
    }
    assert told["written"].text
    assert told["waiting"].tokens == ()
    assert scheduler.unanswered == 0
    assert runtime.held == [[]]
    scheduler.ask(question("read", 1, prompt=range(3, 40), deadline_ns=20))
    scheduler.turn()
    scheduler.turn()
    clock.ns = 20
    (answer,) = scheduler.turn()
    assert answer.reason == "its time was over while it was read"


def test_the_least_urgent_hears_by_its_deadline_however_many_red_ones_come() -> None:
    clock, scheduler = Clock(), None
    scheduler = Scheduler(Adder(slots=2), Numbers(), clock)
    scheduler.ask(question("low", 3, limit=30, deadline_ns=60))
    told: dict[str, Answer] = {}
    for turn in range(61):
        clock.ns = turn
        scheduler.ask(question(f"red{turn}", 0, at=turn, limit=6))
        told |= {answer.id: answer for answer in scheduler.turn()}
    assert told["low"].end_ns <= 60
    assert told["low"].outcome is Outcome.LATE


def test_cancelling_frees_what_waits_reads_writes_and_is_kept() -> None:
    runtime = Adder(slots=3)
    scheduler = Scheduler(runtime, Numbers(), Clock(), piece=4)
    scheduler.ask(question("talk", conversation="talk", trigger="kept"))
    finish(scheduler)
    assert runtime.length(0)
    scheduler.ask(question("writes", 0, limit=40, trigger="artefact"))
    for _ in range(3):
        scheduler.turn()
    scheduler.ask(question("reads", 1, prompt=range(3, 43), trigger="artefact"))
    scheduler.turn()
    scheduler.turn()
    scheduler.ask(question("waits", 2, trigger="artefact"))
    scheduler.ask(question("stays", 2, trigger="other"))
    assert scheduler.cancel("artefact", "the alert was an artefact") == 3
    told = finish(scheduler)
    assert {name: a.outcome for name, a in told.items()} == {
        "waits": "cancelled",
        "reads": "cancelled",
        "writes": "cancelled",
        "stays": "done",
    }
    assert {a.reason for a in told.values() if a.outcome is Outcome.CANCELLED} == {"the alert was an artefact"}
    assert told["writes"].text
    assert scheduler.cancel("kept") == 0
    assert runtime.held == [[]] * 3
    assert scheduler.cancel("never heard of") == 0


def test_a_follow_up_reads_only_what_is_new() -> None:
    runtime = Adder(slots=2)
    scheduler = Scheduler(runtime, Numbers(), Clock())
    first = question("a", prompt=[1, 4, -200, 6], signal=np.full((1, 1), 9.0), conversation="talk")
    scheduler.ask(first)
    answer = finish(scheduler)["a"]
    begun = len(runtime.calls)
    again = replace(first, id="b", prompt=np.array([*first.prompt, *answer.tokens, 8, 9]))
    scheduler.ask(again)
    told = finish(scheduler)["b"]
    calls = runtime.calls[begun:]
    assert ("extend", (0, 3)) in calls
    assert "encode" not in [kind for kind, _ in calls]
    assert told.tokens == alone(again)


def test_a_follow_up_whose_words_differ_goes_back_to_where_they_part() -> None:
    runtime = Adder(slots=1)
    scheduler = Scheduler(runtime, Numbers(), Clock())
    first = question("a", prompt=[1, 4, -200, 6, 7, 8], signal=np.full((1, 1), 9.0), conversation="talk")
    scheduler.ask(first)
    finish(scheduler)
    for name, prompt in (("b", [1, 4, -200, 6, 11]), ("c", [1, 5, -200, 6]), ("d", [1, 5, -200, 6])):
        one = replace(first, id=name, prompt=np.array(prompt))
        scheduler.ask(one)
        assert finish(scheduler)[name].tokens == alone(one), name


def test_a_conversation_gives_its_slot_up_and_is_read_anew() -> None:
    runtime = Adder(slots=1)
    scheduler = Scheduler(runtime, Numbers(), Clock())
    first = question("a", 2, prompt=[1, 4, -200, 6], signal=np.full((1, 1), 9.0), conversation="talk")
    scheduler.ask(first)
    finish(scheduler)
    other = question("other", 3)
    scheduler.ask(other)
    assert finish(scheduler)["other"].tokens == alone(other)
    again = replace(first, id="b", prompt=np.array([*first.prompt, 8]))
    scheduler.ask(again)
    assert finish(scheduler)["b"].tokens == alone(again)


def test_two_questions_of_one_conversation_at_once_do_not_share_a_slot() -> None:
    runtime = Adder(slots=2)
    scheduler = Scheduler(runtime, Numbers(), Clock())
    asked = [question(name, prompt=[1, 4, 6, k], conversation="talk") for k, name in enumerate("abc")]
    for one in asked:
        scheduler.ask(one)
    told = finish(scheduler)
    assert {name: a.tokens for name, a in told.items()} == {one.id: alone(one) for one in asked}
    scheduler.forget("talk")
    assert runtime.held == [[], []]


def test_a_mask_decides_what_may_come_next() -> None:
    def only_even(text: str) -> np.ndarray:
        assert text == " ".join(text.split())
        return np.arange(50) % 2 == 0

    scheduler = Scheduler(Adder(), Numbers(), Clock())
    scheduler.ask(question("even", limit=8, allowed=only_even))
    scheduler.ask(question("free", limit=8, allowed=lambda _: None))
    scheduler.ask(question("none", allowed=lambda _: np.zeros(50, bool)))
    scheduler.ask(question("broken", allowed=lambda _: 1 / 0))
    told = finish(scheduler)
    assert all(token % 2 == 0 for token in told["even"].tokens)
    assert told["free"].tokens == alone(question("free", limit=8))
    assert (told["none"].outcome, told["none"].reason) == (Outcome.REFUSED, "no token may come next")
    assert told["broken"].outcome is Outcome.REFUSED


def test_the_end_token_the_limit_and_a_full_slot_end_an_answer() -> None:
    scheduler = Scheduler(Adder(slots=3, positions=9), Numbers(), Clock())

    def then_end(text: str) -> np.ndarray:
        return np.arange(50) == (END if len(text.split()) == 2 else 7)

    scheduler.ask(question("ends", allowed=then_end))
    scheduler.ask(question("limit", limit=2))
    scheduler.ask(question("full", limit=99))
    told = finish(scheduler)
    assert (told["ends"].reason, told["ends"].tokens, told["ends"].text) == ("", (7, 7, END), "7 7")
    assert told["limit"].reason == "cut at 2 tokens"
    assert told["full"].reason == "cut where the slot of 9 positions was full"
    assert told["full"].tokens == alone(question("full", limit=99), positions=9)


def test_what_does_not_fit_fails_alone_with_its_reason() -> None:
    runtime = Adder(slots=2, positions=12)
    scheduler = Scheduler(runtime, Numbers(), Clock())
    good = question("good")
    for one in (good, question("long", 0, prompt=range(3, 20)), question("unfilled", 0, prompt=[1, -200, 4])):
        scheduler.ask(one)
    told = finish(scheduler)
    assert told["good"].tokens == alone(good)
    assert told["long"].reason == "a prompt of 17 positions leaves no room in a slot of 12"
    assert told["unfilled"].reason == "1 placeholders in the prompt and 0 recordings: give one for each"
    assert runtime.held == [[], []]


def test_a_runtime_that_breaks_in_a_step_fails_those_in_it_and_goes_on() -> None:
    class Breaking(Adder):
        """Its third step ends as a lost device does."""

        def step(self, slots, ids):
            if sum(kind == "step" for kind, _ in self.calls) == 2:
                self.calls.append(("step", ()))
                raise RuntimeError("an illegal memory access\nwas encountered")
            return super().step(slots, ids)

    scheduler = Scheduler(Breaking(slots=2), Numbers(), Clock())
    for name in "abc":
        scheduler.ask(question(name, limit=6))
    told = finish(scheduler)
    assert sum(a.outcome is Outcome.FAILED for a in told.values()) in (1, 2)
    assert {a.reason for a in told.values() if a.outcome is Outcome.FAILED} == {
        "an illegal memory access was encountered"
    }
    assert Outcome.DONE in [a.outcome for a in told.values()]


def test_logits_that_are_no_numbers_are_no_answer() -> None:
    class Broken(Adder):
        """Gives what an overflow in half precision gives."""

        def extend(self, slot, embeddings):
            return super().extend(slot, embeddings) * np.nan

    scheduler = Scheduler(Broken(), Numbers(), Clock())
    scheduler.ask(question("a"))
    answer = finish(scheduler)["a"]
    assert (answer.outcome, answer.tokens) == (Outcome.FAILED, ())


def test_times_are_told_by_the_clock() -> None:
    clock = Clock()
    scheduler = Scheduler(Adder(), Numbers(), clock)
    clock.ns = 5
    scheduler.ask(question("a", limit=3))
    told: list[Answer] = []
    while not told:
        clock.ns += 10
        told = scheduler.turn()
    assert (told[0].queued_ns, told[0].first_ns, told[0].end_ns) == (5, 25, 35)


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"prompt": ()}])
def test_a_question_that_wants_nothing_is_refused(wrong: dict) -> None:
    scheduler = Scheduler(Adder(), Numbers(), Clock())
    with pytest.raises(ValueError, match="at least one of each"):
        scheduler.ask(question("a", **wrong))
    scheduler.ask(question("b"))
    with pytest.raises(ValueError, match="b is being answered already"):
        scheduler.ask(question("b"))
