"""Figures that have no floor here and stand in the table all the same, behind the goal that they belong to.

A figure that is poor is not left to the small print: where another document sets a goal for it, the row names both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.score import run
from infra.score.blocks import KINDS
from infra.score.goals import AF, AF_APART, CINC, GOALS, IN_TEXTS, MARKS, WHOLE, Goal, look, marks_of

AHA = "AHA 1997, dsp.md 5.4"
CLASSES = "MIT-BIH without paced records; trees learnt on DS1 without 201"
APART = "MIT-BIH DS2; trees learnt on DS1 without 201, rules chosen with DS2 in sight"
VF = "MIT-BIH, all records: one of them holds it, so that the interval of Se says nothing; seconds as shown"
BLOCKS = "LUDB, PTB-XL and CinC 2021 by their labels, complete blocks; the rule of one measurement, no alarm; delineation was set by LUDB"
VT = "MIT-BIH, all records; in sample (the trees of VT were learnt on them); marked from three beats on, told from five"
RED = "MIT-BIH, all records, from the first second; how many an hour stands below the table; a run of three marked V beats bears a VT out"
ELSEWHERE = (
    "CinC 2021, hospitals that nothing was learnt from: what is called likely or possible is right less often there"
)
LIVE = "; seconds in which it was on the screen"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, a share: keys from the object of all scores to it; its interval lies beside it as `..._interval`."""

    name: str
    path: tuple[str, ...]
    split: str
    goal: float | None = None
    """More than so many per cent, where another document asks for it."""
    whose: str = ""
    interval: tuple[str, ...] = ()
    """Where the interval lies otherwise."""
    digits: int = 2

    @property
    def between(self) -> tuple[str, ...]:
        """Keys to the interval."""
        return self.interval or (*self.path[:-1], f"{self.path[-1]}_interval")


def _both(name: str, path: tuple[str, ...], split: str, kind: str = "") -> tuple[Row, ...]:
    """Se and PPV of one thing; kind: what stands before `se` in their keys."""
    return tuple(
        Row(f"{name}, {key.upper() if key == 'ppv' else 'Se'}", (*path, f"{kind}{key}"), split) for key in _SHARES
    )


_SHARES = ("se", "ppv")
_RUNS = {"couplet": "couplets of V", "short": "runs of 3 to 5 V", "long": "runs of 6 V and more"}

_V_ROWS = (
    Row(
        "V told where there is none, of all other beats, DS2",
        ("beats", "ds2", "by_class", "V", "false_rate"),
        APART,
        digits=3,
    ),
    *_both("V beats, DS2, average of records", ("beats", "ds2", "by_class", "V", "average"), APART),
    *_both("fusion beats", ("beats", "by_class", "F"), CLASSES),
    *_both("fusion beats, DS2", ("beats", "ds2", "by_class", "F"), APART),
    *(row for kind, name in _RUNS.items() for row in _both(name, ("beats", "runs", kind), CLASSES)),
)

_RATE_ROWS = (
    Row(
        "10 s in any second of which a wrong rate was shown as known",
        ("beats", "rate", "wrong_in_any_second"),
        f"{WHOLE}; of all stretches",
    ),
)

_AF_ROWS = (
    *_both(
        "AF, duration as shown live",
        ("rhythms", "af", "shown_live"),
        AF.replace("; episodes as recorded", LIVE),
        "duration_",
    ),
    *_both(
        "AF, duration as shown live, patients left out",
        ("af", "shown_live"),
        AF_APART.replace("; episodes as recorded", LIVE),
        "duration_",
    ),
)


def _rhythm(name: str, key: str, goal: float, split: str) -> tuple[Row, ...]:
    path = ("rhythms", key)
    return (
        Row(f"{name}, duration, Se", (*path, "duration_se"), split, goal, AHA),
        Row(f"{name}, duration, PPV", (*path, "duration_ppv"), split),
        Row(f"{name}, episodes, Se", (*path, "episode_se"), split, goal, AHA),
        Row(f"{name}, episodes, PPV", (*path, "episode_ppv"), split),
    )


def _block(key: str, name: str) -> tuple[Row, ...]:
    path = ("rhythms", "blocks", key)
    return Row(f"{name} in ten seconds, Se", (*path, "se"), BLOCKS), Row(
        f"{name} in ten seconds, Sp", (*path, "sp"), BLOCKS
    )


BEHIND: dict[str, tuple[Row, ...]] = {
    "beats, DS2 gross, PPV": _both("beats, DS2, average of records", ("beats", "ds2", "average"), APART),
    "V beats, DS2 gross, PPV": _V_ROWS,
    "10 s with a wrong rate shown as known": _RATE_ROWS,
    "the same, decisions chosen by the other four fifths": (
        Row(
            "CinC 2015 score with 4 s of asystole as in the specification, pulse all",
            ("alarms", "all", "as_worded", "score"),
            f"{CINC}; rates by the means of the rows above",
            85.0,
            "target above",
            ("alarms", "all", "as_worded", "interval"),
        ),
    ),
    "AF, duration, PPV, patients left out": (
        *_AF_ROWS,
        *_rhythm("VF", "vf", 90.0, VF),
        *_rhythm("VT", "vt", 75.0, VT),
        Row("red alarms that beats and rhythms as marked bear out, of all announced", ("rhythms", "red", "borne"), RED),
        *(row for key, (name, _) in KINDS.items() for row in _block(key, name)),
    ),
    "its calibration error, PTB-XL": (
        Row("its calibration error, CinC 2021 by PTB-XL alone", ("tiny", "calibration", "elsewhere", "ece"), ELSEWHERE),
    ),
    **{
        marks_of(name, reach): (
            Row(
                f"the same, {name}, of all recordings that have marks",
                ("texts", "marks", name, "share_of_marked"),
                MARKS,
            ),
        )
        for name, reach in IN_TEXTS
    },
}
"""Rows by the goal behind which they stand."""


def in_order() -> Iterator[Goal | Row]:
    """Goals, each with what stands behind it."""
    for goal in GOALS:
        yield goal
        yield from BEHIND.get(goal.name, ())


def under(told: dict[str, Any]) -> list[str]:
    """Rows that miss the goal of another document, each as a sentence."""
    found = [(row, look(told, row.path)) for rows in BEHIND.values() for row in rows if row.goal is not None]
    return [
        f"{row.name}: {run.percent(value, row.digits)}, goal > {row.goal:g} % ({row.whose})."
        for row, value in found
        if value is not None and row.goal is not None and 100 * value <= row.goal
    ]


def tabled(row: Row, told: dict[str, Any]) -> tuple[str, ...]:
    """Cells of the table of the scoreboard; none where the figure was not measured."""
    value, between, goal = look(told, row.path), look(told, row.between), row.goal
    if value is None:
        return ()
    asked = "" if goal is None else f"> {goal:g} % ({row.whose})"
    state = "" if goal is None else "goal" if 100 * value > goal else "**under the goal**"
    found = run.between(between, digits=row.digits) if between else ""
    return row.name, "none", asked, run.percent(value, row.digits), found, state, row.split
