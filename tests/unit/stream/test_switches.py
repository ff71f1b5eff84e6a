"""Alarms that a policy switches while their condition lasts: off, in shadow, on."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.bed import BedContext
from ingest.frame import BedId, Session, SessionId, Signal
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.bank import Bank
from stream.catalogue import CATALOGUE, Code
from stream.episodes import SHADOW, Change, Episodes, Place, release, take
from stream.offline import frames
from stream.policy import Policy, problems
from stream.trigger import Phase, Trigger

RATE = 250.0
SESSION = Session(SessionId(1), BedId("b"), "file", RATE, (Signal("II", "mV", 200.0),))
SHADOWED = [code for code, row in CATALOGUE.items() if row.shadow]


def fast(bpm: float = 132.0) -> Recording:
    script = Scenario("patient", (Step("sinus", 20.0), Step("sinus", 60.0, bpm)))
    return simulate(script, script.seconds, seed=3, rate_hz=RATE, name="patient")


def played(recording: Recording, at_s: float, policy: Policy, *codes: Code) -> list[Trigger]:
    """Under Vigil's policy, from `at_s` on under another one."""
    bank, found = Bank(0.0), []
    for frame in frames(recording, 0.5):
        if frame.first == round(at_s * RATE):
            bank.set_policy(policy)
        found += bank.take([frame]).triggers
    return [t for t in found if t.code in codes]


def test_what_is_switched_off_while_it_is_open_ends_and_goes_on_kept_back() -> None:
    off = Policy(revision=2, off=frozenset({Code.HR_HIGH}))
    found = played(fast(), 50.0, off, Code.HR_HIGH)
    assert [(t.phase, t.suppressed_by) for t in found] == [
        (Phase.ONSET, ""),
        (Phase.OFFSET, ""),
        (Phase.ONSET, "switched off by policy default revision 2"),
        (Phase.OFFSET, "switched off by policy default revision 2"),
    ]
    assert 50.0 <= found[1].sample / RATE <= 51.0
    assert len({t.id for t in found}) == 2


def test_a_red_one_that_two_persons_switch_off_ends_too() -> None:
    off = Policy(author="ann", second_author="bob", off=frozenset({Code.EXTREME_TACHY}))
    assert problems(off) == []
    _, ended, kept, _ = played(fast(172.0), 50.0, off, Code.EXTREME_TACHY)
    assert (ended.phase, kept.phase) == (Phase.OFFSET, Phase.ONSET)
    assert kept.suppressed_by.startswith("switched off")


def test_only_what_the_spec_wants_in_shadow_is() -> None:
    assert set(SHADOWED) == {Code.NEW_BBB, Code.QRS_WIDENING, Code.TORSADES_POLYMORPHIC}


@pytest.mark.parametrize("code", SHADOWED)
def test_what_is_in_shadow_is_kept_and_announced_at_the_moment_it_is_switched_on(code: Code) -> None:
    place, episodes = Place(SESSION, BedContext(BedId("b")), Policy(), (0, 0)), Episodes()
    (onset,) = take(Change(code, True, 1000, 900, 150.0, 120.0, (), "left"), episodes, place)
    assert onset.suppressed_by == SHADOW
    assert release(episodes, place, 2000) == []
    on = replace(place, policy=Policy(on=frozenset({code})))
    (told,) = release(episodes, on, 3000)
    assert (told.id, told.phase, told.suppressed_by, told.sample) == (onset.id, Phase.UPDATE, "", 3000)
    ended, kept = release(episodes, place, 4000)
    assert (ended.phase, kept.phase, kept.suppressed_by) == (Phase.OFFSET, Phase.ONSET, SHADOW)


@pytest.mark.parametrize("code", SHADOWED)
def test_what_would_be_in_shadow_leaves_no_trace_where_it_is_switched_off(code: Code) -> None:
    policy, episodes = Policy(off=frozenset({code}), second_author="ann"), Episodes()
    place = Place(SESSION, BedContext(BedId("b")), policy, (0, 0))
    assert problems(policy) == []
    assert take(Change(code, True, 1000, 900, 150.0, 120.0, ()), episodes, place) == []


def test_a_block_that_lasts_is_announced_when_its_advisory_is_switched_on() -> None:
    parts = [
        simulate(Scenario("patient", (Step("sinus", s),), c), s, seed=3, rate_hz=RATE, name="patient")
        for c, s in (("N", 340.0), ("L", 160.0))
    ]
    recording = replace(parts[0], samples=np.hstack([p.samples for p in parts]), spans=())
    bank, found = Bank(20.0), []
    for frame in frames(recording, 1.0):
        if frame.first == 460 * RATE:
            bank.set_policy(Policy(on=frozenset({Code.NEW_BBB})))
        found += [t for t in bank.take([frame]).triggers if t.code is Code.NEW_BBB]
    assert [(t.phase, t.suppressed_by) for t in found] == [
        (Phase.ONSET, SHADOW),
        (Phase.UPDATE, ""),
        (Phase.OFFSET, ""),
    ]
    assert 460.0 <= found[1].sample / RATE <= 461.0
