"""`vigil learn alarms --data DIR`: what tells that an alarm's definition is met (`stream.limits.Decisions`), and what choosing it is worth elsewhere.

Decisions are chosen on the alarms of CinC 2015 by coordinate descent over a grid: one at a time is set to the value that
scores best, until none moves. Nothing is drawn at random. So is how long an asystole lasts in the profile `cinc2015`, which
its reviewers did not hold to what the challenge says.

A fifth of the records is left out in turn and the decisions are chosen by the others; by these `vigil score all` judges it
(`LEFT_OUT`). Trees for VT are those that were learnt without the record. The form of the rules themselves was found with
all records in sight, and that figure does not show.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from infra.score import learn_run, run
from infra.score.alarms import TYPES, VT, Judge, Record, Scored, challenge, listed, score_record
from stream.limits import DECISIONS, Decisions
from stream.models import Models
from stream.policy import CINC2015, Pulse

LEFT_OUT = Path(__file__).with_name("alarms_left_out.json")
"""Decisions by records of CinC 2015 that had no part in choosing them."""
FOLDS = 5
VF = "Ventricular_Flutter_Fib"
ALL, BUT_VF = tuple(TYPES), tuple(kind for kind in TYPES if kind != VF)
GRID: dict[str, tuple[tuple[float, ...], tuple[str, ...]]] = {
    "vt_odds": ((-1.0, -0.5, 0.0, 0.5, 1.0), (VT,)),
    "vt_run_odds": ((-4.0, -3.0, -2.0, -1.0, 0.0), (VT,)),
    "vt_few_odds": ((2.0, 2.5, 3.0, 3.5, 4.0), (VT,)),
    "wave_off": ((0.54, 0.58, 0.62, 0.66, 0.70), ("Asystole", VF)),
    "wave_leak": ((0.54, 0.58, 0.62, 0.66, 0.70), ("Asystole", VF)),
    "pulse_far": ((0.7, 0.75, 0.8, 0.85, 0.9), BUT_VF),
    "pulse_near": ((0.8, 0.85, 0.9, 0.95, 1.0), (VT,)),
    "asystole_s": ((2.5, 3.0, 3.5, 4.0, 4.5), ("Asystole",)),
}
"""Values, and the kinds of alarm that they may change. The choice begins in the middle of each, and of values that score the same the one nearest to it is taken."""
SWEEPS = 4
"""After as many rounds over the grid the choice stands, whether or not a value would still move."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Decisions, and how long an asystole lasts (s)."""

    decisions: Decisions
    asystole_s: float

    def judge(self, learnt: Models | None) -> Judge:
        """These with models, in the profile `cinc2015` with this asystole."""
        return Judge(
            learnt, replace(CINC2015, adult=replace(CINC2015.adult, asystole_s=self.asystole_s)), self.decisions
        )

    def with_(self, name: str, value: float) -> Chosen:
        """The same with one value of `GRID` changed."""
        if name == "asystole_s":
            return replace(self, asystole_s=value)
        return replace(self, decisions=replace(self.decisions, **{name: value}))

    def value(self, name: str) -> float:
        """One of `GRID`."""
        return float(self.asystole_s if name == "asystole_s" else getattr(self.decisions, name))

    def only(self, kind: str) -> Chosen:
        """The same with everything in the middle that cannot change an alarm of this kind."""
        some = MIDDLE
        for name, (_, kinds) in GRID.items():
            some = some.with_(name, self.value(name)) if kind in kinds else some
        return some


def _middle() -> Chosen:
    at = {name: values[len(values) // 2] for name, (values, _) in GRID.items()}
    return Chosen(Decisions(**{k: v for k, v in at.items() if k != "asystole_s"}), at["asystole_s"])


MIDDLE = _middle()
SHIPS = Chosen(DECISIONS, CINC2015.adult.asystole_s)
Score = Callable[[Chosen], Sequence[Scored]]


def folds(records: Sequence[Record]) -> dict[str, int]:
    """The fold of each record; kinds and verdicts are spread evenly, in the order of names. Each is a patient of its own."""
    found: dict[str, int] = {}
    for key in sorted({(kind, true) for _, kind, true in records}):
        names = sorted(Path(path).name for path, kind, true in records if (kind, true) == key)
        found |= {name: k % FOLDS for k, name in enumerate(names)}
    return found


def choose(score: Score, names: frozenset[str]) -> Chosen:
    """What scores best on these records."""

    def cost(chosen: Chosen) -> float:
        return -challenge([one for one in score(chosen) if one.name in names])

    chosen = MIDDLE
    for _ in range(SWEEPS):
        before = chosen
        for name, (values, _) in GRID.items():
            nearest = sorted(values, key=lambda value, middle=MIDDLE.value(name): abs(value - middle))  # type: ignore[misc]
            chosen = min((chosen.with_(name, value) for value in nearest), key=cost)
        if chosen == before:
            break
    return chosen


@lru_cache(maxsize=1)
def left_out() -> dict[str, Chosen]:
    """By record what was chosen by the other four fifths of CinC 2015."""
    apart: list[dict[str, Any]] = json.loads(LEFT_OUT.read_text())
    return {name: _read(fold["chosen"]) for fold in apart for name in fold["records"]}


def apart(learnt: Mapping[str, Models]) -> dict[str, Judge]:
    """By record of CinC 2015 decisions in which it had no part, with the models of `learnt`; a record that is not named may take any."""
    chosen = left_out()
    return {name: chosen.get(name, SHIPS).judge(learnt.get(name)) for name in {*learnt, *chosen}}


def _read(written: Mapping[str, float]) -> Chosen:
    return Chosen(Decisions(**{k: v for k, v in written.items() if k != "asystole_s"}), written["asystole_s"])


def _written(chosen: Chosen) -> dict[str, float]:
    return asdict(chosen.decisions) | {"asystole_s": chosen.asystole_s}


def _play(job: tuple[Record, Judge]) -> Scored | None:
    record, by = job
    return score_record(record, Pulse.ALL, by)


class Player:
    """Plays the records under what is chosen, each at most once under what can change its alarm."""

    def __init__(self, records: Sequence[Record], learnt: Mapping[str, Models]) -> None:
        self._records = records
        self._learnt = learnt
        self._known: dict[tuple[Record, Chosen], Scored | None] = {}

    def __call__(self, chosen: Chosen) -> list[Scored]:
        """How each record is judged."""
        keys = [(record, chosen.only(record[1])) for record in self._records]
        new = [key for key in keys if key not in self._known]
        jobs = [(record, chosen.judge(self._learnt.get(Path(record[0]).name))) for record, chosen in new]
        if jobs:
            self._known |= dict(zip(new, run.over(_play, jobs, f"records, {len(self._known)} known"), strict=True))
        return [one for key in keys if (one := self._known[key]) is not None]


def alarms(args: argparse.Namespace) -> int:
    """Write what the others choose for each left-out fifth; print it, the choice of all records and what both are worth."""
    records = listed(run.folder(args, "cinc2015"))
    play, fold = Player(records, learn_run.out_of_fold(learn_run.gather(args))), folds(records)
    apart, scored = [], []
    for k in range(FOLDS):
        names = sorted(name for name in fold if fold[name] == k)
        chosen = choose(play, frozenset(fold) - frozenset(names))
        apart.append({"records": names, "chosen": _written(chosen)})
        scored += [one for one in play(chosen) if one.name in names]
    LEFT_OUT.write_text(json.dumps(apart, indent=1) + "\n")
    best = choose(play, frozenset(fold))
    told = {"left_out": apart, "left_out_score": challenge(scored), "chosen": _written(best)}
    told |= {"chosen_score": challenge(play(best)), "ships": _written(SHIPS), "ships_score": challenge(play(SHIPS))}
    print(json.dumps(told, indent=1))
    return 0
