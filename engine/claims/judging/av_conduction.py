"""The PR interval, and whether every P wave is followed by a beat."""

from __future__ import annotations

from engine.claims.basis import Basis
from engine.claims.judging.opinion import Opinion, above, below, both, denied, either, unknown
from engine.claims.judging.rhythm import irregular, p_waves
from engine.criteria.conduction import AF, SECOND_DEGREE, THIRD_DEGREE
from engine.criteria.rhythm import IRREGULAR
from stream.catalogue import Code

INTERVAL = 5.0
"""Margin around a limit within which a finding may be said and denied, ms."""


def is_without_p(b: Basis) -> bool:
    """Whether no P wave is there, and not only none seen: in fibrillation that is told, or where beats that are all conducted are plainly irregular."""
    plainly = (b.irregularity or 0.0) >= IRREGULAR and not b.ventricular_beats
    return (b.code is Code.AFIB_ONSET or b.has(AF) or plainly) and p_waves(b).no


def _without_p(b: Basis) -> Opinion:
    """Of a PR interval where no P wave was seen: none in fibrillation, else not known, for a P wave may lie in the T wave before it."""
    return Opinion(False, True, "there are no P waves") if is_without_p(b) else unknown("no P wave is seen")


def long_pr(b: Basis) -> Opinion:
    """PR above 200 ms."""
    if b.m.p_wave_present is False:
        return _without_p(b)
    return above("PR interval", "ms", b.pr_ms, 200.0, INTERVAL)


def short_pr(b: Basis) -> Opinion:
    """PR below 120 ms; our own criterion says 110."""
    if b.m.p_wave_present is False:
        return _without_p(b)
    return below("PR interval", "ms", b.pr_ms, 115.0, INTERVAL)


def normal_pr(b: Basis) -> Opinion:
    """120 to 200 ms."""
    if b.m.p_wave_present is False:
        return _without_p(b)
    return both(denied(long_pr(b)), denied(short_pr(b)))


def constant_pr(b: Basis) -> Opinion:
    """PR the same from beat to beat."""
    return (
        unknown("the PR interval is not known")
        if b.m.pr_ms is None
        else below("spread of PR", "ms", b.m.pr_ms.spread, 15.0, INTERVAL)
    )


def no_pr(b: Basis) -> Opinion:
    """That there is no PR interval to be measured."""
    return denied(p_waves(b))


def av_block(b: Basis) -> Opinion:
    """Of any degree: by PR, and by P waves that no beat follows. Denied where both are denied."""
    first = long_pr(b) if b.m.pr_ms is not None else unknown("the PR interval is not known")
    return either(first, high_av_block(b))


def high_av_block(b: Basis) -> Opinion:
    """Of second or third degree, as the criteria find it; denied where a P wave precedes regular beats by a constant time."""
    if dropped(b):
        return Opinion(True, False, "P waves are not followed by a QRS")
    if b.m.lost:
        return unknown("whether a beat is missing in what was left out is not known")
    against = both(p_waves(b), constant_pr(b), denied(irregular(b)))
    return Opinion(False, True, against.why) if against.yes else unknown("P waves in pauses are not measured")


def second_degree(b: Basis) -> Opinion:
    """As above; not told where the criteria find a complete block."""
    return unknown("a complete AV block is found") if b.has(THIRD_DEGREE) else high_av_block(b)


def third_degree(b: Basis) -> Opinion:
    """As above; not told where the criteria find one of second degree, and denied where PR is steady whatever the rhythm: unconducted P waves drift."""
    if b.has(SECOND_DEGREE):
        return unknown("an AV block of second degree is found")
    told = high_av_block(b)
    if told.known or b.m.pr_ms is None or b.m.pr_ms.spread >= STEADY_PR_MS or b.m.lost:
        return told
    conducted = p_waves(b)
    return Opinion(False, True, "a P wave precedes the beats by a steady PR") if conducted.yes else told


STEADY_PR_MS = 40.0
"""Spread of PR from which on P waves may be unconducted; those of a complete block fall anywhere in the cycle (our own limit)."""


def dropped(b: Basis) -> bool:
    """Whether the criteria find P waves that no beat follows."""
    return b.has(SECOND_DEGREE) or b.has(THIRD_DEGREE)
