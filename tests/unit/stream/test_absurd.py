"""Frames whose checksums are right and whose contents are absurd: a reason or a result, and nobody else is disturbed."""

import random
from dataclasses import replace

import numpy as np

from ingest.codec import BadFrame, decode_frame, encode_frame
from ingest.frame import BedId, Flaw, Frame, Nanoseconds, Session, SessionId, Signal, Span
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.bank import Bank
from stream.bed import Findings
from stream.careful import one_by_one
from stream.catalogue import Code
from stream.checkpoint import decode_checkpoint
from stream.offline import frames
from stream.trigger import Phase

TRIED = 1500
NUMBERS = (0, 1, 124, 125, 5_000, 1 << 31, 1 << 40, 1 << 50, (1 << 63) - 1)
RATES = (1.0, 25.0, 26.5, 250.0, 360.0, 500.0, 999.9, 4000.0, 1e9)
GAINS = (1e-300, 1e-6, 0.5, 200.0, 1e9, 1e300)
NAMES = ("I", "II", "V1", "MCL1", "ABP", "PLETH", "", "x" * 300)
UNITS = ("mV", "uV", "V", "mmHg", "NU", "")


def absurd(rng: random.Random, beds: list[str]) -> Frame:
    """A frame that the format can carry, each of whose fields may be out of all reason."""
    rate, rows = rng.choice(RATES), rng.randint(1, 4)
    signals = tuple(
        Signal(rng.choice(NAMES), rng.choice(UNITS), rng.choice(GAINS), rng.choice((0, -5, 1 << 31, 1 << 60)))
        for _ in range(rows)
    )
    n = rng.choice((0, 1, 3, 125, 250, 2_500))
    session = Session(SessionId(rng.randint(1, 4)), BedId(rng.choice(beds)), "fuzz", rate, signals)
    edge = rng.choice((0, -32768, 32767))
    noise = np.random.default_rng(rng.randrange(1 << 30)).integers(-32768, 32767, (rows, n), np.int16)
    samples = noise if rng.random() < 0.5 else np.full((rows, n), edge, np.int16)
    spans = (Span(rng.randrange(rows), 0, max(1, n // 2), Flaw.LEAD_OFF),) if rng.random() < 0.3 and n else ()
    pacer = tuple(rng.randrange(n) for _ in range(rng.randint(0, 40))) if n else ()
    when = [Nanoseconds(rng.choice((*NUMBERS, 1_700_000_000 * 10**9))) for _ in range(2)]
    return Frame(session, rng.choice(NUMBERS), when[0], when[1], samples, spans, pacer, rng.random() < 0.05)


def test_absurd_frames_give_reasons_or_results_and_leave_their_neighbour_as_it_was() -> None:
    good = list(frames(simulate(SCENARIOS["vt"], 40.0, seed=3, name="good"), 0.25))
    alone, among, rng = Findings(), Findings(), random.Random(5)
    quiet, loud, refused = Bank(20.0), Bank(20.0), 0
    for frame in good:
        alone.add(quiet.take([frame]))
        batch = [frame]
        for _ in range(TRIED // len(good) + 1):
            try:
                batch.append(decode_frame(encode_frame(absurd(rng, ["odd-1", "odd-2", "odd-3"]))))
            except BadFrame:
                refused += 1
        rng.shuffle(batch)
        among.add(loud.take(batch))
    assert refused > 300
    assert [t for t in among.triggers if t.bed == "good"] == alone.triggers
    assert [t for t in among.trends if t.bed == "good"] == alone.trends
    assert len(alone.triggers) >= 2


def test_a_leap_of_the_index_is_refused_and_the_bed_goes_on() -> None:
    sent = [f for f in frames(simulate(SCENARIOS["sinus"], 20.0, seed=3, name="bed"), 0.25) if not f.ends]
    bank, found = Bank(0.0), Findings()
    for k, frame in enumerate(sent):
        found.add(bank.take([frame]))
        if k == 30:
            found.add(bank.take([replace(frame, first=1 << 48)]))
    assert [reason for _, reason in found.rejected] == [
        f"sample {1 << 48} of bed bed lies a day and more ahead of the last"
    ]
    assert len(found.trends) >= 15


def test_a_leap_is_refused_by_a_worker_that_has_just_taken_the_bed_over_too() -> None:
    sent = [f for f in frames(simulate(SCENARIOS["sinus"], 20.0, seed=3, name="bed"), 0.25) if not f.ends]
    bank = Bank(0.0)
    bank.take(sent[:40])
    taken_over = Bank(0.0)
    taken_over.resume(*decode_checkpoint(bank.checkpoint(BedId("bed"))[1]))
    ((_, reason),) = taken_over.take([replace(sent[40], first=1 << 48)]).rejected
    assert "a day and more ahead" in reason
    assert len(taken_over.take(sent[40:]).trends) >= 9


def test_a_frame_that_cannot_be_analysed_ends_the_alarms_of_its_bed_and_forgets_no_count() -> None:
    name = BedId("asystole")
    sent = [f for f in frames(simulate(SCENARIOS["asystole"], 60.0, seed=1, name=name), 0.25) if not f.ends]
    bank = Bank(0.0)
    bank.take(sent[:70])
    open_before = {t.id for t in bank.beds[name].episodes.open.values()}
    assert Code.ASYSTOLE in bank.beds[name].episodes.open
    # what cannot be an index of a sample makes the pass fail before it has begun
    poison = replace(sent[70], pacer=(1 << 63,))
    found = one_by_one(bank, [sent[70 - 1], poison])
    assert [(t.id, t.phase) for t in found.triggers] == [(i, Phase.OFFSET) for i in open_before]
    assert [n.code for n in found.notices] == ["RELEARNING"]
    assert [f for f, _ in found.rejected] == [poison]
    held = bank.checkpoint(name)[0]
    assert (held.session, held.next, held.open_triggers) == (poison.session, poison.after, ())
    both = held.past.plus(held.counts)
    assert (both.frames, both.duplicates) == (71, 1)
    later = one_by_one(bank, sent[71:])
    assert later.notices == [], "no gap: the frame came"
    both = bank.checkpoint(name)[0].past.plus(bank.checkpoint(name)[0].counts)
    assert (both.frames, both.gaps) == (240, 0)
    assert len(later.trends) > 30


def test_a_frame_that_cannot_be_analysed_costs_its_own_bed_alone() -> None:
    beds = ["one", "two"]
    sent = [
        [f for f in frames(simulate(SCENARIOS["sinus"], 10.0, seed=3, name=name), 0.25, 1 + k) if not f.ends]
        for k, name in enumerate(beds)
    ]
    poison = replace(sent[0][0], session=replace(sent[0][0].session, bed=BedId("odd")), first=(1 << 63) - 1, pacer=(3,))
    batch = [f for pair in zip(*sent, strict=True) for f in pair]
    found = one_by_one(Bank(0.0), [*batch[:20], poison, *batch[20:]])
    assert [(f.session.bed, "cannot be analysed" in why) for f, why in found.rejected] == [("odd", True)]
    assert {t.bed for t in found.trends} == set(beds)
    assert sorted(t.first for t in found.trends) == sorted(t.first for t in one_by_one(Bank(0.0), batch).trends)
