"""Rate, rhythm and early beats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from engine.claims.basis import RED_RHYTHMS, Basis
from engine.claims.judging.opinion import Opinion, above, below, both, denied, either, unknown
from engine.criteria.case import counted
from engine.criteria.conduction import SECOND_DEGREE, THIRD_DEGREE
from engine.criteria.doubt import p_in_few
from engine.criteria.pause import PAUSE
from engine.criteria.rhythm import EARLY_ALONE, FASTEST_IRREGULAR, HALF_LIKE, P_LIKE
from stream.catalogue import Code
from stream.measurement import BeatKind

RATE = 2.0
"""Margin around a limit within which a finding may be said and denied, per minute."""
REGULAR = 0.08
"""RR standard deviation over the median RR; between this less and more a quarter a rhythm may be called either."""
APART_MS, APART = 120.0, 1.25
"""Longest RR less the shortest one, as a sinus arrhythmia has it (Surawicz and Knilans, Chou's Electrocardiography, 6th ed. 2008), and over it (our own limit), up to which a rhythm is regular."""
NARROW_MS = 110.0
"""QRS duration below which a tachycardia is not ventricular: one from the fascicles may have less than 120 ms (Al-Khatib 2018, Circulation 138, e272-e391)."""
P_DOWN_MV = -0.05
"""P in II from which on it points down, half a millimetre of paper (our own limit): a wave of the sinus node is upright there (Surawicz 2009, J Am Coll Cardiol 53, 976-981)."""
SLOWEST = 50.0
"""Rate below which regular beats without P waves may be those of fibrillation with complete AV block."""
_VT = {Code.VTACH, Code.VTACH_SUSTAINED, Code.RAPID_VT, Code.TORSADES_POLYMORPHIC}


def fast(b: Basis) -> Opinion:
    """Rate above 100 /min."""
    return above("heart rate", "/min", b.rate, 100.0, RATE)


def slow(b: Basis) -> Opinion:
    """Rate below 60 /min."""
    return below("heart rate", "/min", b.rate, 60.0, RATE)


def normal_rate(b: Basis) -> Opinion:
    """60 to 100 /min, rounded as it is written and without any other margin."""
    told = both(denied(fast(b)), denied(slow(b)))
    return told if b.rate is None or 59.5 <= b.rate < 100.5 else replace(told, yes=False)


def irregular(b: Basis) -> Opinion:
    """RR differ by more than chance and breathing."""
    return above("RR variation", "", b.irregularity, REGULAR, REGULAR / 4.0)


def regular(b: Basis) -> Opinion:
    """RR differ by no more than that, and no two of them by as much as in a sinus arrhythmia: a few intervals of another length hardly move the standard deviation."""
    told = denied(irregular(b))
    rr = [beat.rr_ms for beat in b.m.beats if beat.rr_ms is not None]
    if not told.yes or not rr or max(rr) - min(rr) <= APART_MS or max(rr) <= APART * min(rr):
        return told
    return unknown(f"RR intervals of {min(rr):.0f} to {max(rr):.0f} ms are neither plainly regular nor irregular")


def slightly_irregular(b: Basis) -> Opinion:
    """RR differ by half of what makes a rhythm irregular."""
    return above("RR variation", "", b.irregularity, REGULAR / 2.0, 0.0)


def p_waves(b: Basis) -> Opinion:
    """P waves precede the beats."""
    half_seen = next((one.reason for one in b.criteria[1] if one.reason in (P_LIKE, HALF_LIKE, EARLY_ALONE)), "")
    if half_seen:
        return unknown(half_seen)
    if (held := b.withholds("rhythm")) and b.rate is not None and b.rate > FASTEST_IRREGULAR and irregular(b).yes:
        return unknown(held)
    there = b.m.p_wave_present
    if there is None:
        return unknown("P waves cannot be judged")
    if few := p_in_few(b.m):
        return unknown(few)
    return Opinion(there, not there, "P waves precede the beats" if there else "no P waves are seen")


def sinus(b: Basis) -> Opinion:
    """P waves before the QRS complexes, and no alarm of another rhythm."""
    if b.has(SECOND_DEGREE) or b.has(THIRD_DEGREE):
        return unknown("not every P wave is followed by a QRS")
    if p_waves(b).yes and (down := b.mv("II", "p_mv")) is not None and down <= P_DOWN_MV:
        return unknown(
            f"P points down in II ({down:.2f} mV), as none of the sinus node is where the electrodes are in place"
        )
    return both(p_waves(b), denied(fibrillating(b)))


def normal_sinus(b: Basis) -> Opinion:
    """Sinus rhythm of normal rate that is regular."""
    return both(sinus(b), normal_rate(b), denied(irregular(b)))


def sinus_arrhythmia(b: Basis) -> Opinion:
    """P waves and RR that vary."""
    return both(sinus(b), above("RR variation", "", b.irregularity, 0.05, 0.015))


def fibrillating(b: Basis) -> Opinion:
    """Irregular RR without P waves, or an alarm that said so; of irregular beats whose rhythm the criteria withhold nothing."""
    if b.code is Code.AFIB_ONSET or b.has("164889003"):
        return Opinion(True, False, "irregular RR intervals without P waves")
    if (held := b.withholds("rhythm")) and irregular(b).yes:
        return unknown(held)
    waves = p_waves(b)
    if not waves.yes and irregular(b).no and (waves.yes == waves.no or b.rate is None or b.rate < SLOWEST):
        return unknown(
            "regular beats do not speak against fibrillation where P waves are not seen: its AV conduction may be blocked, or the beats paced"
        )
    return both(irregular(b), denied(waves))


def flutter(b: Basis) -> Opinion:
    """Only denied: P waves before regular beats at a usual rate are no flutter."""
    against = both(p_waves(b), denied(irregular(b)), below("heart rate", "/min", b.rate, 120.0, 0.0))
    return Opinion(False, True, against.why) if against.yes else unknown("flutter waves are not measured")


def ventricular_tachycardia(b: Basis) -> Opinion:
    """By the alarm; denied of a narrow QRS or a usual rate where no red rhythm is told and no run of ventricular beats."""
    if b.code in _VT:
        return Opinion(True, False, "a ventricular tachycardia was detected")
    if b.code in RED_RHYTHMS:
        return unknown(f"not judged in {b.code}")
    if b.ventricular_run:
        return unknown("whether beats that are taken for ventricular ones are a tachycardia is told by its alarm alone")
    slow_enough = _no_fast_run(b)
    against = either(slow_enough, below("QRS duration", "ms", b.qrs_ms, NARROW_MS, 0.0))
    if against.yes:
        return Opinion(False, True, against.why)
    return unknown(
        "whether beats of this rate and width are ventricular is not measured" if slow_enough.known else slow_enough.why
    )


def _no_fast_run(b: Basis) -> Opinion:
    """That no three beats follow each other at 100 /min, the slowest of a ventricular tachycardia: a mean rate below it denies no short run."""
    if not b.m.beats:  # measurements in the short form list none
        return below("heart rate", "/min", b.rate, 100.0, 0.0)
    if b.m.lost or b.withholds("heart rate"):
        return unknown("not every beat is known")
    rr = [(y.sample - x.sample) * _SAMPLE_MS for x, y in pairwise(b.m.beats)]
    least = min((max(pair) for pair in pairwise(rr)), default=None)
    if least is None:
        return unknown("fewer than three beats are known")
    if least < IDIOVENTRICULAR_MS and (held := _rhythm_held(b)) and not (b.qrs_ms is not None and b.qrs_ms < NARROW_MS):
        return unknown(
            f"the QRS is wide or its width not known, and whether the beats are ventricular is not told: {held}"
        )
    if abs(least - FAST_MS) < RR_SURE * FAST_MS:
        return unknown(
            f"three beats follow each other by {least:g} ms, no further from {FAST_MS:g} ms than an RR interval may be measured wrong"
        )
    return Opinion(least >= FAST_MS, least < FAST_MS, f"no three beats follow each other by less than {FAST_MS:g} ms")


FAST_MS = 600.0
"""RR interval of 100 /min, above which rate a run of ventricular beats is a tachycardia (Al-Khatib 2018)."""
IDIOVENTRICULAR_MS = 1200.0
"""RR interval of 50 /min, from which rate on a run of ventricular beats is an accelerated rhythm, which lies next to a tachycardia (Al-Khatib 2018)."""
RR_SURE = 0.05
"""Of an RR interval, by so much its measure may be off (`tolerance`)."""


def red(b: Basis) -> Opinion:
    """An alarm of a lethal or ventricular rhythm."""
    told = b.code in RED_RHYTHMS
    return Opinion(told, not told, f"the alarm is {b.code}" if told else "no such alarm is told")


def lethal(code: Code, name: str) -> Callable[[Basis], Opinion]:
    """An opinion by the alarm alone; a rhythm with a rate, and beats throughout, is neither asystole nor fibrillation."""

    def of(b: Basis) -> Opinion:
        if b.code is code:
            return Opinion(True, False, f"{name} was detected")
        if b.code in RED_RHYTHMS:
            return unknown(f"not judged in {b.code}")
        if b.rate is None or b.withholds("heart rate"):
            return unknown("the rate is not known")
        if any(f.name == "Pause" for f in b.criteria[0]) or any(w.name == PAUSE for w in b.criteria[1]):
            return unknown("not every second of it has beats")
        return Opinion(False, True, f"beats at {b.rate:g} /min", "heart rate", b.rate, "/min")

    return of


def supraventricular_tachycardia(b: Basis) -> Opinion:
    """Denied below 100 /min."""
    slow_enough = below("heart rate", "/min", b.rate, 100.0, 0.0)
    return (
        denied(above("heart rate", "/min", b.rate, 0.0, 0.0))
        if slow_enough.yes
        else unknown("its mechanism is not measured")
    )


def supraventricular(b: Basis) -> Opinion:
    """Beats from above the ventricles: a narrow QRS, or P waves before the beats."""
    return either(below("QRS duration", "ms", b.qrs_ms, 120.0, 0.0), sinus(b))


PAUSE_MS = 2000.0
"""RR interval that is a pause; one of less than half more than the usual is none."""
_SAMPLE_MS = 2.0


def pause(b: Basis) -> Opinion:
    """The longest time between two beats; between the two limits it may be called either."""
    samples = [beat.sample for beat in b.m.beats]
    if len(samples) < 3 or b.m.rr_ms is None:
        return unknown("times between single beats are not known")
    longest = max(y - x for x, y in pairwise(samples)) * _SAMPLE_MS
    least = min(PAUSE_MS, 1.5 * b.m.rr_ms.value)
    return Opinion(longest >= least, longest < PAUSE_MS, f"longest RR {longest:g} ms", "RR interval", longest, "ms")


def pause_after_early(b: Basis) -> Opinion:
    """A cycle that is longer than the others by a tenth, where a beat is early."""
    samples = [beat.sample for beat in b.m.beats]
    if len(samples) < 3 or b.m.rr_ms is None:
        return unknown("times between single beats are not known")
    longest = max(y - x for x, y in pairwise(samples)) * _SAMPLE_MS
    return both(ectopy(b), above("longest RR", "ms", longest, LONGER * b.m.rr_ms.value, 0.0))


LONGER = 1.1
"""Times the usual cycle from which on a reader sees a pause behind an early beat (our own)."""


def no_p_rhythm(b: Basis) -> Opinion:
    """Junctional and escape rhythms: denied where P waves precede the beats."""
    return (
        Opinion(False, True, "P waves precede the beats")
        if b.m.p_wave_present
        else unknown("its origin is not measured")
    )


def paced(b: Basis) -> Opinion:
    """By beats that were marked as paced; denied only of a patient of whom it is set that there is no pacer, for atrial pacing, and fusion, leave the QRS narrow."""
    if b.count(BeatKind.PACED):
        return Opinion(True, False, "paced beats")
    if b.context is not None and b.context.paced is False:
        return Opinion(False, True, "it is set that the patient is not paced")
    return unknown(
        "pacing pulses are not measured, and beats of a paced atrium, or fused ones, have P waves and a narrow QRS"
    )


def ventricular_ectopy(b: Basis) -> Opinion:
    """Ventricular beats."""
    count = b.ventricular_beats
    return Opinion(
        count > 0, count == 0, counted(count, "ventricular beat"), "ventricular beats", float(count), "beats"
    )


def supraventricular_ectopy(b: Basis) -> Opinion:
    """Supraventricular early beats, where the criteria tell them or the rhythm that they interrupt; where none was marked an irregular rhythm may hold some."""
    count = max(b.count(BeatKind.SUPRAVENTRICULAR), b.supraventricular_beats)
    if count and not b.supraventricular_beats and (held := _rhythm_held(b)):
        return unknown(held)
    if count:
        return Opinion(True, False, counted(count, "early beat"))
    return (
        unknown("early atrial beats are not told in an irregular rhythm")
        if irregular(b).yes
        else Opinion(False, True, "RR intervals are regular")
    )


def _rhythm_held(b: Basis) -> str:
    """Why the criteria do not tell the rhythm; empty where they do, or do not look."""
    return b.withholds("rhythm")


def ectopy(b: Basis) -> Opinion:
    """Early beats of any origin; supraventricular ones only where the criteria tell them, or the rhythm that they interrupt."""
    atrial = max(b.count(BeatKind.SUPRAVENTRICULAR), b.supraventricular_beats)
    told = b.ventricular_beats or b.supraventricular_beats
    if atrial and not told and (held := _rhythm_held(b)):
        return unknown(held)
    count = b.ventricular_beats + atrial
    if not count and b.m.p_wave_present and (b.irregularity or 0.0) >= _UNTOLD:
        return unknown("RR intervals vary so much that early beats may be among them")
    return Opinion(count > 0, count == 0, counted(count, "early beat"), "early beats", float(count), "beats")


_UNTOLD = 0.2
"""Share of RR by which the cycles of a sinus rhythm differ from which on early beats may have been missed."""


def repeated_ectopy(b: Basis) -> Opinion:
    """Couplets, bigeminy: denied where there are fewer than two ventricular beats."""
    count = b.ventricular_beats + max(b.count(BeatKind.SUPRAVENTRICULAR), b.supraventricular_beats)
    return (
        Opinion(False, True, counted(count, "early beat"))
        if count < 2
        else unknown("patterns of early beats are not measured")
    )
