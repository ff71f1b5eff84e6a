"""The same frames give the same bits however many are taken at once while clocks are refitted, and in whatever row a bed lies."""

from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.frame import BedId, Flaw, Frame, Nanoseconds, Span
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.bank import Bank
from stream.bed import STEP_NS, Findings
from stream.offline import frames
from stream.trigger import encode_segment

T0 = 1_700_000_000 * 10**9
SECONDS = 40.0


@cache
def recording(name: str, rate_hz: float = 250.0) -> Recording:
    return simulate(SCENARIOS[name], SECONDS, seed=5, name=name, rate_hz=rate_hz)


def dated(name: str, refits: dict[int, int], rate_hz: float = 250.0) -> list[Frame]:
    """Frames of 250 ms whose source moves its clock by so many nanoseconds from the frame of that number on."""
    found, off_ns = [], T0
    for k, frame in enumerate(frames(recording(name, rate_hz), 0.25)):
        off_ns += refits.get(k, 0)
        found.append(replace(frame, start_ns=Nanoseconds(frame.start_ns + off_ns)))
    return found


def bits(found: Findings) -> tuple[dict[str, list[object]], list[bytes]]:
    """All that is told of each bed, in order; beats stand in the numerics, times in all of it."""
    by_bed: dict[str, list[object]] = {}
    for one in (*found.triggers, *found.trends, *found.notices):
        by_bed.setdefault(str(one.bed), []).append(one)
    return by_bed, sorted(encode_segment(s) for s in found.segments)


def taken(sent: list[Frame], sizes: list[int]) -> Findings:
    """The frames in batches of these sizes, over and over."""
    bank, found, at, k = Bank(20.0), Findings(), 0, 0
    while at < len(sent):
        size = sizes[k % len(sizes)]
        found.add(bank.take(sent[at : at + size]))
        at, k = at + size, k + 1
    return found


STEPS = st.integers(STEP_NS // 2, 50 * STEP_NS) | st.integers(-50 * STEP_NS, -STEP_NS // 2)
REFITS = st.dictionaries(st.integers(1, round(SECONDS * 4)), STEPS, max_size=6)


@given(REFITS, REFITS, st.lists(st.integers(1, 60), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_a_clock_that_is_refitted_gives_each_second_one_time_however_frames_are_batched(
    mine: dict[int, int], others: dict[int, int], sizes: list[int]
) -> None:
    sent = [f for pair in zip(dated("vt", mine), dated("asystole", others), strict=True) for f in pair]
    slowly = taken(sent, [1])
    assert len(slowly.segments) >= 3
    assert bits(taken(sent, sizes)) == bits(slowly)


def test_the_second_before_a_refit_keeps_its_time() -> None:
    found = taken(dated("sinus", {60: 5_000_000}), [7])
    assert [t.at_ns - T0 - t.first * 4_000_000 for t in found.trends if t.first in (3472, 3720)] == [0, 5_000_000]


@given(
    st.sampled_from(["vt", "asystole", "af", "lead-off"]),
    st.sampled_from(["vt", "mixed", "vf", "pause"]),
    st.integers(1, round(SECONDS * 4)),
    st.sampled_from([250.0, 500.0]),
)
@settings(max_examples=12, deadline=None)
def test_a_row_that_another_bed_had_gives_the_same_bits_as_a_new_one(
    before: str, name: str, count: int, rate_hz: float
) -> None:
    used, fresh, sent = Bank(20.0), Bank(20.0), dated(name, {}, rate_hz)
    used.take(dated(before, {})[:count])
    used.forget(BedId(before))
    again, first = Findings(), Findings()
    for k in range(0, len(sent) - 1, 9):
        again.add(used.take(sent[k : k + 9]))
        first.add(fresh.take(sent[k : k + 9]))
        assert used.checkpoint(BedId(name))[1] == fresh.checkpoint(BedId(name))[1]
    assert bits(again) == bits(first)


def test_beds_that_come_and_go_take_no_more_rows_than_those_that_are_there() -> None:
    bank, (frame, *_) = Bank(0.0), dated("sinus", {})
    for k in range(40):
        bed = BedId(f"bed-{k}")
        bank.take([replace(frame, session=replace(frame.session, bed=bed))])
        rows = {b.row for b in bank.beds.values()}
        bank.forget(bed)
        assert rows == {0}


@given(st.integers(1, 90), st.integers(0, 1))
@settings(max_examples=3, deadline=None)
def test_a_block_gives_the_bits_of_sample_after_sample_where_leads_come_and_go(samples: int, flawed: int) -> None:
    whole = recording("vt")
    rows, stop = whole.samples.shape[0], 5000
    spans = [
        Span(row, 1200 + 37 * row, 1900 + 101 * row, Flaw.LEAD_OFF if row % 2 else Flaw.INVALID) for row in range(rows)
    ]
    spans += [Span(row, 3000, 3003 + 120 * flawed, Flaw.INVALID) for row in range(rows)]
    steps = whole.samples[:, :stop].copy()
    steps[1, 2500:4000] = 32767
    cut = replace(whole, samples=steps, spans=tuple(spans), pacer=tuple(range(700, stop, 211)))
    one, many = ([f for f in frames(cut, size / whole.rate_hz) if not f.ends] for size in (1, samples))
    assert bits(taken(many, [3])) == bits(taken(one, [11]))
