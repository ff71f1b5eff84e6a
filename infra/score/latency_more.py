"""The codes that the bar of `vigil score latency` does not ask for, as far as a script can play them.

Criteria are those of docs/alarms.md, taken from the beats of the script alone; an alarm's own delay is part of them. What
rests on measurements of ten seconds (ST, a block) is played apart: one comes every 20 s, and that wait is part of what is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np

from ingest.bed import BedContext
from ingest.frame import BedId
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.catalogue import ALARMS, CATALOGUE, Code, Kind
from stream.ectopy import COMPENSATED, ON_T
from stream.limits import ADULT
from stream.policy import Policy
from stream.timing import MISSED

Criterion = Callable[[Recording, float], float | None]
"""From a recording, and the second at which the case begins, to the second at which its script makes the criterion true."""
MEASURE_S = 20.0
"""Between two measurements of a bed, as `VIGIL_MEASURE_S` has it where nothing is set."""
PACED_BPM, DROPPING_BPM = 70.0, 76.0
RHYTHM_S = 30.0
"""A rhythm of the atria is held to have begun when enough beats have shown it."""
BETWEEN_S = 0.52
"""From R to where neither a T wave nor a P wave is, below 80/min."""
BASELINE_S = 330.0
"""Until a bed has a baseline of its own: five minutes, and a measurement behind them."""


@dataclass(frozen=True, slots=True)
class Case:
    """One code.

    own_s: how much of the criterion is a delay that its definition has; step, and what it follows.
    """

    code: Code
    steps: tuple[Step, ...]
    criterion: Criterion
    own_s: float = 0.0
    late_s: float = 10.0
    """A trigger that comes later belongs to no criterion."""
    label: str = ""
    before: str = "sinus"
    begin_s: float = 0.0
    """When it begins; 0: between the 14th and the 22nd second."""
    turned: tuple[str, str] = ("N", "")
    """What the heart has from then on, unlike before: conduction and infarct."""

    @property
    def name(self) -> str:
        """Of its row."""
        return self.label or self.code.value


# criteria ---------------------------------------------------------------------------------------------------------


def beats_of(recording: Recording) -> list[tuple[float, str]]:
    """Second and AAMI letter of every beat of the script, in order."""
    assert recording.truth is not None
    return [(at / recording.rate_hz, letter) for at, letter in recording.truth.beats]


def ventricular(count: int, behind_s: float, recording: Recording, begin_s: float) -> float | None:
    """At the so many-th ventricular beat, or so long behind it."""
    some = [at for at, letter in beats_of(recording) if letter == "V"]
    return some[count - 1] + behind_s if len(some) >= count else None


def run_over(recording: Recording, begin_s: float) -> float | None:
    """At the beat behind the first row of ventricular ones."""
    return next((b for (_, was), (b, now) in pairwise(beats_of(recording)) if was == "V" != now), None)


def on_t(recording: Recording, begin_s: float) -> float | None:
    """At the beat that ends the pause behind a ventricular one on the T wave."""
    beats = beats_of(recording)
    usual = float(np.median([b - a for (a, was), (b, now) in pairwise(beats) if was == now == "N"]))
    for (before, _), (at, letter), (after, _) in zip(beats, beats[1:], beats[2:], strict=False):
        if letter == "V" and at - before < ON_T * usual and after - at >= COMPENSATED * usual:
            return after
    return None


def premature_row(recording: Recording, begin_s: float) -> float | None:
    """At the last beat of a row that begins early and is fast for as many beats as the definition asks for."""
    row = 0
    for (a, _), (b, _) in pairwise(beats_of(recording)):
        row = row + 1 if 60.0 / (b - a) > ADULT.svt_bpm else 0
        if row == ADULT.svt_beats:
            return b
    return None


def missed(recording: Recording, begin_s: float) -> float | None:
    """At the beat behind the first that was dropped."""
    found = pairwise(beats_of(recording))
    return next((b for (a, _), (b, _) in found if b > begin_s and b - a > MISSED * 60.0 / DROPPING_BPM), None)


def pauses(recording: Recording, begin_s: float) -> float | None:
    """So long into a pause as makes it one, the first that is one too many in a minute."""
    some = [a + ADULT.pause_s for (a, _), (b, _) in pairwise(beats_of(recording)) if b - a >= ADULT.pause_s]
    return some[ADULT.pauses_per_min] if len(some) > ADULT.pauses_per_min else None


def not_captured(recording: Recording, begin_s: float) -> float | None:
    """When the time is over within which the first pulse without a beat should have made one."""
    reach_s, beats = ADULT.capture_ms / 1000.0, [at for at, _ in beats_of(recording)]
    pulses = [at / recording.rate_hz for at in recording.pacer]
    return next((p + reach_s for p in pulses if not any(p < at <= p + reach_s for at in beats)), None)


def not_paced(recording: Recording, begin_s: float) -> float | None:
    """When neither a beat nor a pulse has come for 1.75 times the usual distance."""
    last = max(at for at, _ in beats_of(recording) if at < begin_s)
    return last + MISSED * 60.0 / PACED_BPM


def since_begin(seconds: float, recording: Recording, begin_s: float) -> float | None:
    """So long behind the begin."""
    return begin_s + seconds


def _at(count: int, behind_s: float = 0.0) -> Criterion:
    return partial(ventricular, count, behind_s)


def _after(seconds: float) -> Criterion:
    return partial(since_begin, seconds)


# cases ------------------------------------------------------------------------------------------------------------

_PAUSE = Step("pause", 4.0, length=2.6)
CASES: tuple[Case, ...] = (
    Case(Code.VTACH, (Step("vt", 12.0, 105.0),), _at(ADULT.vtach_beats), label="VTACH at 105/min"),
    Case(Code.VTACH, (Step("vt", 12.0, 250.0),), _at(ADULT.vtach_beats), label="VTACH at 250/min"),
    Case(
        Code.VTACH_SUSTAINED,
        (Step("vt", 36.0, 150.0),),
        _at(1, ADULT.vtach_sustained_s),
        ADULT.vtach_sustained_s,
    ),
    Case(Code.RAPID_VT, (Step("vt", 12.0, 190.0),), _at(ADULT.rapid_vt_beats)),
    Case(Code.VENT_BRADY, (Step("vt", 25.0, 33.0),), _at(ADULT.vent_brady_beats)),
    Case(Code.NONSUST_VT, (Step("run", 3.0, 150.0, length=4),), run_over),
    Case(Code.VENT_RHYTHM, (Step("vt", 25.0, 70.0),), _at(ADULT.vent_rhythm_beats + 1)),
    Case(Code.RUN_PVC, (Step("vt", 5.0, 85.0),), _at(ADULT.run_beats)),
    Case(Code.PAIR_PVC, (Step("couplet", 12.0),), run_over),
    Case(Code.R_ON_T, (Step("ront", 20.0),), on_t),
    Case(Code.BIGEMINY, (Step("bigeminy", 20.0),), _at(3)),
    Case(Code.TRIGEMINY, (Step("trigeminy", 25.0),), _at(3)),
    Case(Code.MULTIFORM_PVC, (Step("multiform", 40.0),), _at(4)),
    Case(Code.PVC_PER_MIN, (Step("pvc", 60.0, 100.0),), _at(ADULT.pvc_per_min + 1)),
    Case(Code.SINGLE_PVC, (Step("pvc", 12.0),), run_over),
    Case(Code.PAUSES_PER_MIN, (_PAUSE,) * 10, pauses, ADULT.pause_s),
    Case(Code.MISSED_BEAT, (Step("mobitz", 12.0, DROPPING_BPM),), missed),
    Case(Code.SVT, (Step("svt", 12.0, 205.0),), premature_row),
    Case(Code.AFIB_ONSET, (Step("af", 60.0, 92.0),), _after(ADULT.afib_s), ADULT.afib_s, RHYTHM_S),
    Case(Code.IRREGULAR_HR, (Step("irregular", 90.0),), _after(ADULT.irregular_s), ADULT.irregular_s, RHYTHM_S),
    Case(
        Code.PACER_NOT_CAPTURE,
        (Step("noncapture", 20.0, PACED_BPM),),
        not_captured,
        ADULT.capture_ms / 1000.0,
        before="paced",
    ),
    Case(
        Code.PACER_NOT_PACING,
        (Step("asystole", 3.0), Step("paced", 12.0, PACED_BPM)),
        not_paced,
        MISSED * 60.0 / PACED_BPM,
        before="paced",
    ),
    Case(Code.LEADS_OFF, (Step("sinus", 12.0, flaw="off"),), _after(ADULT.leads_off_s), ADULT.leads_off_s),
)
"""Judged beat by beat or sample by sample."""
MEASURED: tuple[Case, ...] = (
    Case(
        Code.STE,
        (Step("sinus", 110.0),),
        _after(ADULT.ste_delay_s),
        ADULT.ste_delay_s,
        begin_s=60.0,
        turned=("N", "anterior"),
    ),
    Case(Code.AV_BLOCK_2, (Step("wenckebach", 100.0),), _after(ADULT.av_block_s), ADULT.av_block_s),
    Case(Code.AV_BLOCK_3, (Step("avblock3", 100.0, 38.0),), _after(ADULT.av_block_s), ADULT.av_block_s),
    Case(Code.NEW_BBB, (Step("sinus", 120.0),), _after(60.0), 60.0, begin_s=BASELINE_S, turned=("L", "")),
)
"""Judged from one measurement of ten seconds to the next."""
ELSEWHERE = frozenset(
    {Code.ASYSTOLE, Code.PAUSE, Code.VFIB, Code.EXTREME_TACHY, Code.EXTREME_BRADY, Code.HR_HIGH, Code.HR_LOW}
)
"""Played by `latency.CASES`."""


def not_played() -> list[str]:
    """Physiological codes that no script plays so that the moment of their criterion is known."""
    played = {case.code for case in CASES + MEASURED} | ELSEWHERE
    return [row.code.value for row in ALARMS if row.kind is Kind.PHYSIOLOGICAL and row.code not in played]


# recordings -------------------------------------------------------------------------------------------------------


def recording_of(case: Case, seed: int) -> tuple[Recording, float]:
    """A patient of a case, and the second at which it begins."""
    rng = np.random.default_rng((seed, 59))
    begin_s = case.begin_s or float(14 + 8 * rng.random())
    usual = PACED_BPM if case.before == "paced" else float(62 + 14 * rng.random())
    steps = tuple(step if step.rhythm != "sinus" else replace(step, rate=usual) for step in case.steps)
    script = Scenario(case.name, (Step(case.before, begin_s, usual), *steps, Step(case.before, 120.0, usual)))
    seconds = begin_s + sum(step.seconds for step in steps) + 12.0
    made = simulate(script, seconds, seed=seed, name=f"{case.code.value.lower()}-{seed:03d}")
    conduction, infarct = case.turned
    other = replace(script, conduction=conduction, infarct=infarct)
    if other == script:
        return made, begin_s
    return _joined(made, simulate(other, seconds, seed=seed, name=made.name), begin_s)


def _joined(before: Recording, behind: Recording, begin_s: float) -> tuple[Recording, float]:
    """The one up to the first T wave behind `begin_s`, then the other: the same patient with the same beats."""
    at = next(at for at, _ in beats_of(before) if at >= begin_s) + BETWEEN_S
    cut = round(at * before.rate_hz)
    samples = np.concatenate([before.samples[:, :cut], behind.samples[:, cut:]], axis=1)
    samples.setflags(write=False)
    return replace(before, samples=samples), at


def settings_of(case: Case, recording: Recording) -> tuple[Policy, BedContext]:
    """What a bed is set to so that the code is announced: switched on where it is off, paced where the script paces."""
    row = CATALOGUE[case.code]
    policy = Policy(on=frozenset() if row.on else frozenset({case.code}))
    return policy, BedContext(BedId(recording.name), paced=True if case.before == "paced" else None)
