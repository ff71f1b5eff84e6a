"""`vigil score latency`: from the sample that makes a scripted criterion true to the trigger, in frames of 250 ms.

The definitions' own delays (four seconds of asystole, six seconds beyond a rate limit) are part of the criterion; what is
left is detection and waiting for the end of the frame. Criteria are taken from the script alone (docs/alarms.md).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.score import run
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate, truth_alarms
from stream.catalogue import Code
from stream.limits import ADULT
from stream.trigger import Phase, Trigger

FRAME_S = 0.25
EARLY_S, LATE_S = 3.0, 10.0
"""A trigger belongs to a criterion when it comes at most so long before or behind it."""
CASES: dict[str, tuple[Step, tuple[Code, ...]]] = {
    "asystole": (Step("asystole", 9.0), (Code.ASYSTOLE, Code.PAUSE)),
    "vf": (Step("vf", 12.0), (Code.VFIB,)),
    "vt": (Step("vt", 9.0, 170.0), (Code.VTACH,)),
    "pause": (Step("pause", 4.0, length=2.8), (Code.PAUSE,)),
    "extreme-tachy": (Step("sinus", 25.0, 172.0), (Code.EXTREME_TACHY, Code.HR_HIGH)),
    "extreme-brady": (Step("sinus", 25.0, 34.0), (Code.EXTREME_BRADY, Code.HR_LOW)),
    "tachy": (Step("sinus", 25.0, 132.0), (Code.HR_HIGH,)),
    "brady": (Step("sinus", 25.0, 44.0), (Code.HR_LOW,)),
}
"""What begins after a quiet time, and the alarms that it must bring."""
RATE_S, GRID_S = 3.0, 0.02
BOUNDS: dict[Code, tuple[Callable[[float], bool], int, float]] = {
    Code.EXTREME_TACHY: (lambda bpm: bpm >= ADULT.extreme_high_bpm, 8, 0.0),
    Code.EXTREME_BRADY: (lambda bpm: bpm <= ADULT.extreme_low_bpm, 4, 0.0),
    Code.HR_HIGH: (lambda bpm: bpm > ADULT.hr_high_bpm, 3, ADULT.hr_delay_s),
    Code.HR_LOW: (lambda bpm: bpm < ADULT.hr_low_bpm, 3, ADULT.hr_delay_s),
}
"""When a rate is beyond its limit, over how many intervals at least it is a mean, and for how long it must stay (s)."""


@dataclass(frozen=True, slots=True)
class Delay:
    """One criterion and its trigger: seconds from one to the other, None where no trigger came."""

    case: str
    code: str
    seconds: float | None


def mean_rate(beats_s: NDArray[np.float64], at_s: float, least: int) -> float:
    """Mean rate (/min) over the intervals of the last RATE_S, at least `least`; a longer silence counts as one; or NaN."""
    known = beats_s[: np.searchsorted(beats_s, at_s, "right")]
    if len(known) <= least:
        return float("nan")
    recent = len(known) - int(np.searchsorted(known, at_s - RATE_S, "right"))
    some = known[-(max(least, recent) + 1) :]
    total, count = float(some[-1] - some[0]), len(some) - 1
    silence = at_s - float(known[-1])
    if silence > total / count:
        total, count = total + silence, count + 1
    return float(60.0 * count / total)


def criterion_s(recording: Recording, code: Code, begin_s: float) -> float | None:
    """Second at which the script makes the criterion of an alarm true for the first time behind `begin_s`."""
    truth, rate = recording.truth, recording.rate_hz
    assert truth is not None
    if code in BOUNDS:
        return _rate_criterion(
            np.array([at for at, _ in truth.beats]) / rate, code, begin_s, recording.samples.shape[1] / rate
        )
    if code is Code.PAUSE:
        beats = [at / rate for at, _ in truth.beats]
        gaps = [a for a, b in pairwise(beats) if b - a >= ADULT.pause_s]
        found = [a + ADULT.pause_s for a in gaps]
    else:
        found = [sample / rate for name, sample in truth_alarms(recording) if name == code.value]
    return next((at for at in found if at >= begin_s), None)


def _rate_criterion(beats_s: NDArray[np.float64], code: Code, begin_s: float, end_s: float) -> float | None:
    beyond, least, hold_s = BOUNDS[code]
    since: float | None = None
    for at in np.arange(begin_s, end_s, GRID_S).tolist():
        if not beyond(mean_rate(beats_s, at, least)):
            since = None
            continue
        since = at if since is None else since
        if at - since >= hold_s:
            return float(at)
    return None


def recordings(case: str, seeds: Sequence[int]) -> list[tuple[Recording, float]]:
    """Different patients at different rates, and the second at which the case begins."""
    found = []
    for seed in seeds:
        rng = np.random.default_rng((seed, 57))
        begin = float(14 + 8 * rng.random())
        quiet = Step("sinus", begin, float(62 + 26 * rng.random()))
        step = CASES[case][0]
        script = Scenario(case, (quiet, step, Step("sinus", 120.0)))
        seconds = begin + step.seconds + 12.0
        found.append((simulate(script, seconds, seed=seed, name=f"{case}-{seed:03d}"), begin))
    return found


def score_case(item: tuple[str, int]) -> list[Delay]:
    """Play one patient of one case in frames of 250 ms."""
    from stream.bank import Bank
    from stream.offline import frames

    case, seed = item
    recording, begin_s = recordings(case, [seed])[0]
    bank, told = Bank(0.0), list[tuple[Trigger, float]]()
    for frame in frames(recording, FRAME_S):
        if not frame.ends:
            told += [(t, frame.after / recording.rate_hz) for t in bank.take([frame]).triggers]
    return [_delay(case, code, criterion_s(recording, code, begin_s), told) for code in CASES[case][1]]


def _delay(case: str, code: Code, true_s: float | None, told: Sequence[tuple[Trigger, float]]) -> Delay:
    if true_s is None:
        raise run.Unscorable(f"its script never makes {code} true")
    came = [at - true_s for t, at in told if t.code is code and t.phase is Phase.ONSET]
    near = [delay for delay in came if -EARLY_S <= delay <= LATE_S]
    return Delay(case, code.value, min(near, key=abs) if near else None)


def measured(seeds: int) -> dict[str, Any]:
    """Play so many patients of every case; the object of `vigil score latency --json`."""
    items = [(case, seed) for seed in range(seeds) for case in CASES]
    return summary([d for found in run.over(score_case, items, "patients") for d in found])


def summary(delays: Sequence[Delay]) -> dict[str, Any]:
    """p50, p99 and greatest delay by alarm and over all of them, and criteria that brought no trigger."""
    told: dict[str, Any] = {"frame_s": FRAME_S, "criteria": len(delays)} | _figures(delays)
    told["by_code"] = {
        code: _figures([d for d in delays if d.code == code]) for code in sorted({d.code for d in delays})
    }
    return told


def _figures(delays: Sequence[Delay]) -> dict[str, Any]:
    known = [d.seconds for d in delays if d.seconds is not None]
    p50, p99 = np.percentile(known, [50, 99]).tolist() if known else (None, None)
    return {
        "p50_s": None if p50 is None else round(p50, 3),
        "p99_s": None if p99 is None else round(p99, 3),
        "max_s": round(max(known), 3) if known else None,
        "p99_interval": run.interval(known, _p99),
        "n": len(delays),
        "missed": len(delays) - len(known),
    }


def _p99(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.percentile(rows[:, :, 0], 99, axis=1), np.float64)


def latency(args: argparse.Namespace) -> int:
    """`vigil score latency`."""
    return run.tell(args, measured(args.seeds), lines)


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    rows = [f"{'alarm':<14} {'p50':>7} {'p99':>7} {'max':>7} {'n':>5} {'missed':>7}   seconds behind the criterion"]
    for code, t in [*told["by_code"].items(), ("all", told)]:
        cells = " ".join(f"{t[k]:>7.2f}" if t[k] is not None else f"{'-':>7}" for k in ("p50_s", "p99_s", "max_s"))
        rows.append(f"{code:<14} {cells} {t['n']:>5} {t['missed']:>7}")
    return "\n".join(rows)
