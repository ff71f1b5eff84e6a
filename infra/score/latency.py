"""`vigil score latency`: from the sample that makes a scripted criterion true to the trigger, in frames of 250 ms.

The definitions' own delays (four seconds of asystole, six seconds beyond a rate limit) are part of the criterion; what is
left is detection and waiting for the end of the frame. Criteria are taken from the script alone (docs/alarms.md).

What counts is the first announcement at the criterion or behind it: an onset that nothing keeps back, or the moment at which
what was kept back is let go. One that came before the criterion is told apart and averaged with nothing. The bar is held
against twelve clean leads; what is harder has rows of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.score import latency_more, run
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
    "extreme-tachy": (Step("sinus", 25.0, 172.0), (Code.EXTREME_TACHY,)),
    "extreme-brady": (Step("sinus", 25.0, 34.0), (Code.EXTREME_BRADY,)),
    "tachy": (Step("sinus", 25.0, 132.0), (Code.HR_HIGH,)),
    "brady": (Step("sinus", 25.0, 44.0), (Code.HR_LOW,)),
}
"""What begins after a quiet time, and the alarms that it must bring: those that give way to no other of them."""
SLOW_VT = "vt-130"
HARDER_CASES = CASES | {SLOW_VT: (Step("vt", 9.0, 130.0), (Code.VTACH,))}


@dataclass(frozen=True, slots=True)
class Way:
    """How a case comes to Vigil: over which leads, and with what share of its frames lost."""

    leads: tuple[str, ...] = ()
    """None: all twelve."""
    lost: float = 0.0


CLEAN = Way()
MORE = {case.name: case for case in latency_more.CASES + latency_more.MEASURED}
MEASURED_OF = 4
"""One patient in so many is played of the codes that are measured: their recordings are long."""
HARDER: dict[str, tuple[tuple[str, ...], Way]] = {
    "VT at 130/min": ((SLOW_VT,), CLEAN),
    "lead II alone": (tuple(CASES), Way(leads=("II",))),
    "5 % of the frames lost": (tuple(CASES), Way(lost=0.05)),
}
"""Cases that the bar does not ask for, and the way on which they come."""
OTHERS = {
    "more": "other codes, twelve clean leads; their own delay is part of the criterion",
    "measured": "codes that are judged from one measurement to the next, one every 20 s: that wait is part of what is told",
}
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
    """One criterion and its trigger: seconds from one to the other, None where no trigger came at it or behind it."""

    case: str
    code: str
    seconds: float | None
    early: float | None = None
    """Seconds from the last trigger before the criterion to it."""


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
        step = HARDER_CASES[case][0]
        script = Scenario(case, (quiet, step, Step("sinus", 120.0)))
        seconds = begin + step.seconds + 12.0
        found.append((simulate(script, seconds, seed=seed, name=f"{case}-{seed:03d}"), begin))
    return found


def over_leads(recording: Recording, names: Sequence[str]) -> Recording:
    """The recording with these leads alone; with all where none is named."""
    rows = [k for k, signal in enumerate(recording.signals) if not names or signal.name in names]
    spans = tuple(replace(span, row=rows.index(span.row)) for span in recording.spans if span.row in rows)
    signals = tuple(recording.signals[k] for k in rows)
    return replace(recording, signals=signals, samples=np.ascontiguousarray(recording.samples[rows]), spans=spans)


def score_case(item: tuple[str, int], way: Way = CLEAN) -> list[Delay]:
    """Play one patient of one case in frames of 250 ms."""
    from stream.bank import Bank
    from stream.offline import frames

    case, seed = item
    recording, begin_s = recordings(case, [seed])[0]
    bank, told = Bank(0.0), list[tuple[Trigger, float]]()
    chance = np.random.default_rng((seed, 58))
    for frame in frames(over_leads(recording, way.leads), FRAME_S):
        if not frame.ends and chance.random() >= way.lost:
            told += [(t, frame.after / recording.rate_hz) for t in bank.take([frame]).triggers]
    return [delay(case, code, criterion_s(recording, code, begin_s), told) for code in HARDER_CASES[case][1]]


def announcements(told: Sequence[tuple[Trigger, float]], code: Code) -> list[float]:
    """Seconds at which alarms of this code were announced: begun and not kept back, or let go."""
    found, silent = list[float](), dict[str, bool]()
    for trigger, at in told:
        if trigger.code is code and trigger.phase is not Phase.OFFSET:
            kept = bool(trigger.suppressed_by)
            if not kept and silent.get(trigger.id, True):
                found.append(at)
            silent[trigger.id] = kept
    return found


def delay(
    case: str, code: Code, true_s: float | None, told: Sequence[tuple[Trigger, float]], late_s: float = LATE_S
) -> Delay:
    """From the criterion at `true_s` to the first announcement behind it, of what was told at which second."""
    if true_s is None:
        raise run.Unscorable(f"its script never makes {code} true")
    came = [at - true_s for at in announcements(told, code) if -EARLY_S <= at - true_s <= late_s]
    behind, before = [d for d in came if d >= 0.0], [-d for d in came if d < 0.0]
    return Delay(case, code.value, behind[0] if behind else None, before[-1] if before else None)


def score_more(item: tuple[str, int], every_s: float = 0.0) -> list[Delay]:
    """Play one patient of a case of `latency_more`, measured every so many seconds where its code needs that."""
    from stream.bank import Bank
    from stream.offline import frames

    name, seed = item
    case = MORE[name]
    recording, begin_s = latency_more.recording_of(case, seed)
    bank, told = Bank(every_s), list[tuple[Trigger, float]]()
    policy, context = latency_more.settings_of(case, recording)
    bank.set_policy(policy)
    bank.set_context(context)
    for frame in frames(recording, FRAME_S):
        if not frame.ends:
            told += [(t, frame.after / recording.rate_hz) for t in bank.take([frame]).triggers]
    found = delay(name, case.code, case.criterion(recording, begin_s), told, case.late_s + 2.0 * every_s)
    return [replace(found, code=case.name)]


def measured(seeds: int) -> dict[str, Any]:
    """Play so many patients of every case; the object of `vigil score latency --json`."""
    told = summary(_played(tuple(CASES), CLEAN, seeds))
    told["harder"] = {name: summary(_played(cases, way, seeds)) for name, (cases, way) in HARDER.items()}
    told["more"] = _more(latency_more.CASES, seeds, 0.0)
    told["measured"] = _more(latency_more.MEASURED, max(2, seeds // MEASURED_OF), latency_more.MEASURE_S)
    told["not_played"] = latency_more.not_played()
    return told


def _more(cases: Sequence[latency_more.Case], seeds: int, every_s: float) -> dict[str, Any]:
    """Figures of the other codes, with how much of the criterion is their own delay."""
    items = [(case.name, seed) for seed in range(seeds) for case in cases]
    found = run.over(partial(score_more, every_s=every_s), items, "patients of other codes")
    told = summary([d for some in found for d in some])
    for case in cases:
        if case.name in told["by_code"]:
            told["by_code"][case.name]["own_s"] = round(case.own_s, 2)
    return told


def _played(cases: Sequence[str], way: Way, seeds: int) -> list[Delay]:
    items = [(case, seed) for seed in range(seeds) for case in cases]
    return [d for found in run.over(partial(score_case, way=way), items, "patients") for d in found]


def summary(delays: Sequence[Delay]) -> dict[str, Any]:
    """p50, p99 and greatest delay by alarm and over all of them, and criteria that brought no trigger, or an early one."""
    told: dict[str, Any] = {"frame_s": FRAME_S, "criteria": len(delays)} | _figures(delays)
    told["by_code"] = {
        code: _figures([d for d in delays if d.code == code]) for code in sorted({d.code for d in delays})
    }
    return told


def _figures(delays: Sequence[Delay]) -> dict[str, Any]:
    known = [d.seconds for d in delays if d.seconds is not None]
    early = [d.early for d in delays if d.early is not None]
    p50, p99 = np.percentile(known, [50, 99]).tolist() if known else (None, None)
    return {
        "p50_s": None if p50 is None else round(p50, 3),
        "p99_s": None if p99 is None else round(p99, 3),
        "max_s": round(max(known), 3) if known else None,
        "p99_interval": run.interval(known, _p99),
        "n": len(delays),
        "missed": sum(d.seconds is None and d.early is None for d in delays),
        "early": len(early),
        "early_most_s": round(max(early), 3) if early else None,
    }


def _p99(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.percentile(rows[:, :, 0], 99, axis=1), np.float64)


def latency(args: argparse.Namespace) -> int:
    """`vigil score latency`."""
    return run.tell(args, measured(args.seeds), lines)


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    rows = [
        f"{'alarm':<24} {'p50':>7} {'p99':>7} {'max':>7} {'n':>5} {'missed':>7}   seconds behind the criterion; p99, 95 %"
    ]
    rows += [_row(name, t) for name, t in [*told["by_code"].items(), ("all", told)]]
    rows += _early(told)
    for name, t in told.get("harder", {}).items():
        rows += ["", f"{name}:", *(_row(code, found) for code, found in t["by_code"].items()), *_early(t)]
    for key, text in OTHERS.items():
        if key in told:
            rows += ["", f"{text}:", *(_row(code, found) for code, found in told[key]["by_code"].items())]
            rows += _early(told[key])
    if told.get("not_played"):
        rows += ["", f"played by no script: {', '.join(told['not_played'])}"]
    return "\n".join(rows)


def _row(name: str, t: dict[str, Any]) -> str:
    cells = " ".join(f"{t[k]:>7.2f}" if t[k] is not None else f"{'-':>7}" for k in ("p50_s", "p99_s", "max_s"))
    own = f"; own delay {t['own_s']:g} s" if t.get("own_s") else ""
    return f"{name:<24} {cells} {t['n']:>5} {t['missed']:>7}   {run.between(t['p99_interval'], 1.0, 2)}{own}".rstrip()


def _early(told: dict[str, Any]) -> list[str]:
    """What was announced before its criterion was true: no part of the delays above."""
    some = [(code, t) for code, t in told["by_code"].items() if t["early"]]
    return [
        f"{code:<24} {t['early']} of {t['n']} before the criterion, by {t['early_most_s']:.2f} s at most"
        for code, t in some
    ]
