"""`vigil learn delineation --data DIR`: the limits of `stream.delineate.Limits`, and what choosing them is worth elsewhere.

Limits are chosen by coordinate descent over a grid: one limit at a time is set to the value that costs least, until none
moves. Constant errors follow from the chosen limits. Nothing is drawn at random.

A fifth of the patients is left out in turn and the limits are chosen by the others; by these `vigil score intervals` judges
it (`LEFT_OUT`). What ships is the choice on all records. The form of the rules themselves was found with the records
in sight, and that figure does not show.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from infra.score import run
from infra.score.intervals import INTERVALS, LEFT_OUT, Scored, in_fibrillation, marked, score
from stream.delineate import CHOSEN, Limits

FOLDS = 5
"""Of patients, in the order of their records."""
GRID: dict[str, tuple[float, ...]] = {
    "on_share": (0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10),
    "off_share": (0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.12),
    "t_least_mv": (0.02, 0.03, 0.05),
    "t_tail": (0.0, 0.3, 0.5, 0.7, 1.0),
    "t_reach": (50.0, 75.0, 100.0, 125.0, 150.0),
    "p_least_mv": (0.05, 0.04, 0.03, 0.025, 0.02, 0.015, 0.01),
    "p_near": (8.0, 12.0, 16.0, 20.0, 25.0),
    "p_leads": (0.6, 0.5, 0.4, 0.3, 0.2),
    "p_steady_ms": (12.0, 20.0, 28.0, 36.0, 44.0),
    "p_share": (0.8, 0.65, 0.5),
}
"""The choice begins in the middle of each; of values that cost the same the first is taken, of those for P waves the strictest."""
SWEEPS = 5
"""After as many rounds over the grid the choice stands, whether or not a limit would still move."""
TARGET_SD_MS = {"pr": 8.0, "qrs": 8.0, "qt": 15.0}
UNKNOWN = 10.0
"""What an interval costs that no record has."""
MISSED, ENOUGH, INVENTED, CLAIMED = 0.05, 0.10, 0.02, 0.03
"""A spread as large as its target costs 1; so do these shares of P waves invented, claimed in fibrillation, and missed beyond `ENOUGH`: limits that find more would
be the nearest to inventing."""

Judge = Callable[[Limits], Mapping[str, Scored]]


def cost(scored: Iterable[Scored], fibrillating: frozenset[str]) -> float:
    """What the errors of these records cost: the spreads in units of their targets, and P waves."""
    known = list(scored)
    errors = {name: [s.errors[name] for s in known if name in s.errors] for name in INTERVALS}
    spreads = [float(np.std(some)) / TARGET_SD_MS[name] if some else UNKNOWN for name, some in errors.items()]
    found, missed, invented = np.array([s.p for s in known]).sum(axis=0).tolist()
    claims = np.array([(s.claimed, s.beats - s.claimed) for s in known if s.name in fibrillating]).reshape(-1, 2)
    p = max(0.0, 1.0 - run.share(found, missed) - ENOUGH) / MISSED + (1.0 - run.share(found, invented)) / INVENTED
    return sum(spreads) + p + (run.share(*claims.sum(axis=0).tolist()) / CLAIMED if len(claims) else 0.0)


def choose(judge: Judge, names: frozenset[str], fibrillating: frozenset[str]) -> Limits:
    """The limits that cost least on these records, with the constant errors that they leave taken out."""

    def costs(limits: Limits) -> float:
        return cost((s for name, s in judge(limits).items() if name in names), fibrillating)

    chosen = CHOSEN._replace(**{name: values[len(values) // 2] for name, values in GRID.items()})
    for _ in range(SWEEPS):
        before = chosen
        for name, values in GRID.items():
            chosen = min((chosen._replace(**{name: value}) for value in values), key=costs)
        if chosen == before:
            break
    return centred(chosen, [s for name, s in judge(chosen).items() if name in names])


def centred(limits: Limits, scored: Sequence[Scored]) -> Limits:
    """The same limits with the mean error of these records added to the constants that are taken off."""

    def mean(of: Callable[[Scored], float | None]) -> float:
        return float(np.mean([value for s in scored if (value := of(s)) is not None]))

    def p_ms(s: Scored) -> float | None:
        return s.errors["p_off"] - s.errors["p_on"] if {"p_off", "p_on"} <= set(s.errors) else None

    moved = {name: mean(lambda s, name=name: s.errors.get(name)) for name in INTERVALS} | {"p": mean(p_ms)}  # type: ignore[misc]
    return limits._replace(
        **{f"{name}_bias_ms": round(getattr(limits, f"{name}_bias_ms") + ms, 1) for name, ms in moved.items()}
    )


def delineation(args: argparse.Namespace) -> int:
    """Write the limits of each left-out fifth; print them, those of all records and what both cost."""
    place = run.folder(args, "ludb", run.with_marks(".ii"))
    records = run.over(marked, run.annotated(place, ".ii"))
    fibrillating = in_fibrillation(place / "ludb.csv")
    known: dict[Limits, Mapping[str, Scored]] = {}

    def judge(limits: Limits) -> Mapping[str, Scored]:
        if limits not in known:
            known[limits] = {record.name: score(record, limits) for record in records}
            run.progress(f"{len(known)} sets of limits")
        return known[limits]

    names = [record.name for record in records]
    apart = []
    for k in range(FOLDS):
        others = frozenset(name for i, name in enumerate(names) if i % FOLDS != k)
        apart.append({"records": names[k::FOLDS], "limits": choose(judge, others, fibrillating)._asdict()})
    LEFT_OUT.write_text(json.dumps(apart, indent=1) + "\n")
    best = choose(judge, frozenset(names), fibrillating)
    told = {"chosen": best._asdict(), "cost": cost(judge(best).values(), fibrillating)}
    ships = {"ships": CHOSEN._asdict(), "ships_cost": cost(judge(CHOSEN).values(), fibrillating)}
    print(json.dumps(told | ships | {"left_out": apart}))
    return 0
