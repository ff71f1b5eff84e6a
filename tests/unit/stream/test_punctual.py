"""What the wall clock says of beds: late, a clock that is off, gaps and repeats, with frames as a bank takes them."""

from dataclasses import replace

import pytest

from ingest.bed import BedContext, BedState, Notice
from ingest.frame import BedId, Frame, Nanoseconds
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.bank import Bank
from stream.offline import frames
from stream.punctual import LATE_S, NO_DATA_S, QUIET_S, SKEW_S, Punctual

BED = BedId("p")
RECORDING = simulate(SCENARIOS["sinus"], 200.0, seed=3, rate_hz=125.0, name=BED)
FRAMES = [f for f in frames(RECORDING) if not f.ends]


class Ward:
    """One bed whose frames of a second arrive with a delay and a clock of their own; looked at once a second."""

    def __init__(self) -> None:
        self.bank, self.punctual = Bank(0.0), Punctual()
        self.second = 0
        self.told: list[tuple[int, str, bool]] = []
        self.last: Notice | None = None

    def play(self, seconds: int, lag_s: float = 0.1, ahead_s: float = 0.0, drift_s: float = 0.0) -> None:
        """lag_s: from taking a sample to sending it; ahead_s: of the source's clock; drift_s: more transit a second."""
        for k in range(seconds):
            self.arrive(FRAMES[self.second], lag_s, ahead_s, drift_s * k)
            self.look()

    def arrive(self, frame: Frame, lag_s: float = 0.1, ahead_s: float = 0.0, transit_s: float = 0.0) -> None:
        now_ns = (self.second + 1) * 10**9
        sent = now_ns - transit_s * 1e9 + ahead_s * 1e9
        timed = replace(frame, start_ns=Nanoseconds(round(sent - lag_s * 1e9 - 1e9)), sent_ns=Nanoseconds(round(sent)))
        self.bank.take([timed])
        self.punctual.heard(timed, now_ns, float(self.second))

    def look(self) -> None:
        self.second += 1
        for notice in self.punctual.look(self.bank.beds, self.second * 10**9, float(self.second)):
            self.told.append((self.second, notice.code, notice.cleared))
            self.last = notice

    @property
    def codes(self) -> list[tuple[str, bool]]:
        return [(code, cleared) for _, code, cleared in self.told]


def test_a_punctual_bed_is_told_of_nothing() -> None:
    ward = Ward()
    ward.play(60)
    assert ward.told == []


@pytest.mark.parametrize(("lag_s", "late"), [(LATE_S - 0.05, False), (LATE_S + 0.05, True)])
def test_samples_that_come_late_are_told_above_the_limit_and_cleared_below_it(lag_s: float, late: bool) -> None:
    ward = Ward()
    ward.play(10)
    ward.play(10, lag_s=lag_s)
    assert ward.codes == ([("DATA_LATE", False)] if late else [])
    ward.play(5)
    assert ward.codes == ([("DATA_LATE", False), ("DATA_LATE", True)] if late else [])


def test_one_late_frame_among_others_is_no_late_bed() -> None:
    ward = Ward()
    ward.play(10)
    ward.play(2, lag_s=9.0)
    ward.play(10)
    assert ward.told == []


@pytest.mark.parametrize(
    ("ahead_s", "off"), [(SKEW_S - 0.05, False), (SKEW_S + 0.05, True), (-SKEW_S - 0.05, True), (-0.9, False)]
)
def test_a_source_whose_clock_is_off_is_told_and_its_samples_are_not_called_late(ahead_s: float, off: bool) -> None:
    ward = Ward()
    ward.play(20, ahead_s=ahead_s, lag_s=0.5)
    assert ward.codes == ([("CLOCK_SKEW", False)] if off else [])
    if off:
        assert ward.last is not None
        assert ("ahead" if ahead_s > 0 else "behind") in ward.last.text
        assert ward.last.value == pytest.approx(-ahead_s)
        ward.play(20)
        assert ward.codes[1:] == [("CLOCK_SKEW", True)]


def test_a_backlog_is_late_and_no_clock_that_is_off() -> None:
    ward = Ward()
    ward.play(10)
    ward.play(20, drift_s=0.5)
    assert set(ward.codes) == {("DATA_LATE", False)}


def test_a_gap_is_over_a_minute_after_the_last_one_and_repeats_are_told() -> None:
    ward = Ward()
    ward.play(10)
    ward.second += 2  # two frames never come
    ward.play(5)
    assert ward.codes == [], "the gap itself is told where it was found"
    ward.arrive(FRAMES[ward.second - 1])
    ward.look()
    assert ward.codes == [("DUPLICATE", False)]
    ward.play(round(QUIET_S) + 5)
    assert set(ward.codes[1:]) == {("SAMPLE_GAP", True), ("DUPLICATE", True)}


def test_silence_is_told_of_a_monitored_bed_and_ends_with_the_next_frame_or_a_standby() -> None:
    ward = Ward()
    ward.play(5)
    for _ in range(round(NO_DATA_S) + 2):
        ward.look()
    assert ward.codes == [("NO_DATA", False)]
    ward.bank.set_context(BedContext(BED, state=BedState.STANDBY))
    ward.look()
    assert ward.codes[1:] == [("NO_DATA", True)]


def test_whoever_takes_a_bed_over_clears_what_the_one_before_may_have_told() -> None:
    ward = Ward()
    ward.play(3)
    ward.punctual = Punctual()
    ward.punctual.resumed(BED, float(ward.second))
    ward.play(10)
    assert {code for code, cleared in ward.codes if cleared} == {
        "NO_DATA", "DATA_LATE", "CLOCK_SKEW", "SAMPLE_GAP", "DUPLICATE",
    }  # fmt: skip
    assert all(cleared for _, cleared in ward.codes)


def test_a_bed_that_is_silent_behind_a_takeover_with_a_long_catch_up_is_told() -> None:
    ward = Ward()
    ward.play(3)
    ward.punctual = Punctual()
    ward.punctual.resumed(BED, float(ward.second))
    # the catch-up of other beds leaves no time to look at this one
    ward.second += round(NO_DATA_S) + 5
    ward.look()
    ward.look()
    assert [code for code, cleared in ward.codes if not cleared] == ["NO_DATA"]
