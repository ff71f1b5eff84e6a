"""What may be committed, whatever the order of the answers."""

from engine.ledger import Ledger

HERE, THERE = ("vigil.segments", 1), ("vigil.segments", 2)


def test_an_offset_is_due_when_all_before_it_are_done() -> None:
    ledger = Ledger()
    for offset in (4, 5, 7):
        ledger.take(HERE, offset)
    ledger.finish(HERE, 5)
    assert ledger.due() == {}
    ledger.finish(HERE, 4)
    assert ledger.due() == {HERE: 6}
    assert ledger.due() == {}
    ledger.finish(HERE, 7)
    assert ledger.due() == {HERE: 8}


def test_places_do_not_wait_for_one_another() -> None:
    ledger = Ledger()
    ledger.take(HERE, 1)
    ledger.take(THERE, 9)
    ledger.finish(THERE, 9)
    assert ledger.due() == {THERE: 10}


def test_what_is_read_anew_or_belongs_to_another_member_is_not_committed() -> None:
    ledger = Ledger()
    for offset in (1, 2, 3):
        ledger.take(HERE, offset)
    ledger.finish(HERE, 1)
    ledger.take(HERE, 1)
    assert ledger.due() == {}
    ledger.finish(HERE, 3)
    ledger.finish(HERE, 1)
    assert ledger.due() == {HERE: 2}
    ledger.take(THERE, 5)
    ledger.forget({HERE})
    ledger.finish(THERE, 5)
    assert ledger.due() == {}
