"""Numerics that differ by one digit are unequal, and a lag that grows is seen."""

from infra.judge import as_stored, lag_s, unequal
from infra.summary import _Sent
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.offline import analyse


def test_one_changed_or_missing_second_is_found() -> None:
    trends = analyse(simulate(SCENARIOS["sinus"], 20.0, seed=1, name="bed")).trends
    told = {("bed", 1, t.first): as_stored(t) for t in trends}
    assert unequal(told, dict(told)) == 0
    key = next(k for k, row in told.items() if row[0] is not None)
    stored = {k: v for k, v in told.items() if k != key}
    assert unequal(told, stored) == 1
    changed = (told[key][0] + 0.5, *told[key][1:])
    assert unequal(told, stored | {key: changed}) == 1


def test_the_lag_is_told_for_each_quarter_of_the_run() -> None:
    held = _Sent(500.0, {k * 500: ((k + 1) * 500, k * 10**9) for k in range(40)})
    steady = [("bed", 1, k * 500 + 499, k * 1e3 + 250.0) for k in range(40)]
    assert lag_s(steady, {("bed", 1): held}) == [0.25] * 4
    growing = [(bed, session, sample, at + 100.0 * k) for k, (bed, session, sample, at) in enumerate(steady)]
    parts = lag_s(growing, {("bed", 1): held})
    assert parts == sorted(parts)
    assert parts[3] - parts[0] > 1.0
