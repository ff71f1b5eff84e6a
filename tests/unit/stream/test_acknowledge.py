"""What may be acknowledged: one bed that falls silent holds nothing back."""

from dataclasses import replace

from ingest.frame import BedId, Frame, Nanoseconds
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.acknowledge import Slot, acknowledge, uncovered
from stream.bank import Bank
from stream.offline import frames


class Event:
    """What Faust hands over, as far as acknowledging goes."""

    def __init__(self) -> None:
        self.acked = False

    def ack(self) -> None:
        self.acked = True


def endless(name: str, seconds: float, session: int) -> list[Frame]:
    """Frames of 250 ms of a bed, its first minute again and again, without an end marker."""
    some = [f for f in frames(simulate(SCENARIOS["sinus"], 60.0, seed=session, name=name), 0.25, session) if not f.ends]
    return [
        replace(some[k % len(some)], first=125 * k, start_ns=Nanoseconds(k * 250_000_000))
        for k in range(round(4 * seconds))
    ]


def written(bank: Bank, place: Slot, bed: BedId) -> None:
    checkpoint, _ = bank.checkpoint(bed)
    place.beds.add(bed)
    place.covered[bed] = (checkpoint.session.id, checkpoint.next, checkpoint.ended)


def test_a_bed_that_falls_silent_holds_back_what_other_beds_sent_only_until_it_is_known_to_be_silent() -> None:
    bank, place, events = Bank(0.0), Slot(), []
    live, quiet = endless("live", 150.0, 1), endless("quiet", 20.0, 2)
    for k, frame in enumerate(live):
        some = [frame, *quiet[k : k + 1]]
        events.append(Event())
        place.pending.append((events[-1], [(f.session.bed, f.session.id, f.after) for f in some]))
        bank.take(some)
        if k % 20 == 0:
            written(bank, place, BedId("live"))
            if k < 60:
                written(bank, place, BedId("quiet"))
            acknowledge(place, bank)
    assert not any(e.acked for e in events), "the ring of the silent bed may still be needed"

    for bed in uncovered(place, bank, {BedId("quiet")}):
        written(bank, place, bed)
    assert uncovered(place, bank, {BedId("quiet")}) == []
    acknowledge(place, bank, {BedId("quiet")})
    acked = [e.acked for e in events]
    assert sum(acked) >= 4 * 110, "all but the ring of the live bed"
    assert acked == sorted(acked, reverse=True), "in order"
    assert not any(acked[-4 * 29 :])


def test_a_bed_that_fell_silent_before_its_session_stood_in_a_checkpoint_is_still_to_be_covered() -> None:
    bank, place = Bank(0.0), Slot()
    for frame in endless("new", 3.0, 4):
        bank.take([frame])
    assert uncovered(place, bank, {BedId("new")}) == [BedId("new")], "no checkpoint yet"

    for frame in endless("again", 20.0, 5):
        bank.take([frame])
    written(bank, place, BedId("again"))
    assert uncovered(place, bank, {BedId("again")}) == []
    long_after = Nanoseconds(3600 * 10**9)
    sent = endless("again", 3.0, 6)
    # the session before it has stayed silent since it was refused for the first time
    bank.take([replace(sent[0], sent_ns=Nanoseconds(long_after - 6 * 10**9))])
    for frame in sent:
        bank.take([replace(frame, start_ns=Nanoseconds(frame.start_ns + long_after), sent_ns=long_after)])
    assert bank.next_sample(BedId("again")) < place.covered[BedId("again")][1]
    assert uncovered(place, bank, {BedId("again")}) == [BedId("again")], "the checkpoint is of the session before"
