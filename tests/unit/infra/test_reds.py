"""Which red alarms beats and rhythms as annotated bear out."""

import pytest

from infra.score import reds
from ingest.frame import BedId, Nanoseconds, SessionId
from stream.catalogue import Code, Kind, Priority
from stream.trigger import Phase, Trigger

SECONDS = 60


def alarm(code: Code, at_s: float = 30.0, value: float | None = None, kept: str = "") -> Trigger:
    at = round(at_s * 100)
    return Trigger(
        "id", BedId("b"), SessionId(1), code, Phase.ONSET, Priority.HIGH, Kind.PHYSIOLOGICAL, True, at, at, Nanoseconds(0), 100.0,
        value, None, "/min", code, "default", 1, suppressed_by=kept,
    )  # fmt: skip


def marks(
    letters: str = "N" * 80, fibrillates: tuple[int, int] = (0, 0), silent: tuple[float, float] = (0.0, 0.0)
) -> reds.Marks:
    """Beats at 80/min with these letters, none within `silent`."""
    kept = [(0.75 * k, letter) for k, letter in enumerate(letters) if not silent[0] <= 0.75 * k < silent[1]]
    waves = [fibrillates[0] <= k < fibrillates[1] for k in range(SECONDS)]
    return reds.Marks([at for at, _ in kept], [letter for _, letter in kept], waves)


RUN = "N" * 36 + "VVV" + "N" * 41


@pytest.mark.parametrize(
    ("code", "value", "found", "borne"),
    [
        (Code.VTACH, None, marks(), False),
        (Code.VTACH, None, marks(RUN), True),
        (Code.VTACH, None, marks("V" * 3 + "N" * 77), False),
        (Code.VFIB, None, marks(RUN), False),
        (Code.VFIB, None, marks(fibrillates=(26, 40)), True),
        (Code.ASYSTOLE, None, marks(), False),
        (Code.ASYSTOLE, None, marks(silent=(26.0, 30.0)), True),
        (Code.EXTREME_TACHY, 84.0, marks(), True),
        (Code.EXTREME_TACHY, 160.0, marks(), False),
        (Code.EXTREME_BRADY, 40.0, marks(), False),
    ],
)
def test_an_alarm_is_borne_out_by_what_is_marked_around_it(
    code: Code, value: float | None, found: reds.Marks, borne: bool
) -> None:
    assert reds.is_borne(alarm(code, value=value), found) == borne


def test_alarms_that_nobody_heard_do_not_count_and_the_rest_make_a_rate() -> None:
    told = [alarm(Code.VTACH), alarm(Code.VTACH, kept="inhibited"), alarm(Code.VFIB)]
    half_hour = reds.counted(told, marks(RUN), 1800)
    figures = reds.summary([half_hour, reds.Red(0.5, (), ())])
    assert (figures["announced"], figures["not_borne"], figures["hours"]) == (2, 1, 1.0)
    assert (figures["borne"], figures["not_borne_an_hour"]) == (0.5, 1.0)
    assert figures["codes_not_borne"] == {"VFIB": 1}
    assert "2.00 an hour" in reds.lines(figures)
