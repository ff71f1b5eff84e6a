"""Beats that come before or after their time, ventricular ones and those of the usual shape; they are told or withheld behind the rhythm."""

from __future__ import annotations

from collections.abc import Sequence

from engine.criteria.beats import AGAINST_LAST, QUITE, SUDDEN, Beats, Seen, longest_run
from engine.criteria.case import Case, counted, show
from engine.criteria.lead_set import untold_beats
from engine.criteria.rhythm import FASTEST_IRREGULAR, LETHAL, P_IRREGULAR, P_LIKE, SINUS, SOME_WAVE, SVT, VA
from stream.catalogue import CATALOGUE, Chain
from stream.certainty import edges_hidden
from stream.counted import LEAST_RUN
from stream.measurement import BeatKind, Quality

BEATS = "ventricular beats"
"""What is withheld of them."""
MAY_BE = "may be ventricular"
"""What is said of beats that few leads do not tell."""
EARLY_BEATS = "early beats"
"""What is withheld of those of the usual shape."""
SAME_SHAPE = 0.98
"""Correlation with the usual beat from which on one is none of the ventricles whatever it was taken for: usual beats beside ventricular ones have it (`_shape_unknown`)."""
_USUAL_SHAPE = "taken for ventricular where beats are counted, with the usual shape: which of both is right is not told"


def ectopic(case: Case) -> None:
    """Ventricular beats, counted; from few leads only under an alarm of them. Then early beats of the usual shape."""
    if case.held(BEATS) or (case.code in LETHAL and case.segment.trigger.value is not None):
        return
    if untold := untold_beats(case):
        seen = sum(b.kind is BeatKind.VENTRICULAR for b in case.measurements.beats)
        taken_for = f" ({counted(seen, 'beat')} {MAY_BE})" if seen else ""
        case.withhold(BEATS, f"{untold}{taken_for}")
        _early_of_few(case)
        return
    row, found = CATALOGUE.get(case.code), case.beats
    alarmed = row is not None and row.chain is Chain.VENTRICULAR
    taken = tuple(one for one in found.seen if one.beat.kind is BeatKind.VENTRICULAR)
    # what an alarm of such beats was raised for is counted as it counted
    premature = taken if alarmed else found.premature
    if (why := case.own_unknown or _shape_unknown(case)) and not alarmed:
        case.withhold(BEATS, why)
        return
    if premature:
        _count(
            case,
            "17338001",
            "Ventricular premature beats",
            "Ventricular beats",
            premature,
            "wide, early, other shape",
        )
    if found.escape:
        _count(
            case, "75532003", "Ventricular escape beats", "Ventricular escape beats", found.escape, "other shape, late"
        )
    odd = [one for one in taken if one.likeness is None or one.likeness < SAME_SHAPE]
    if not premature and not found.escape and (found.unclear or odd):
        why = _not_judged(len(found.unclear)) if found.unclear else f"{counted(len(odd), 'beat')} {_USUAL_SHAPE}"
        case.withhold(BEATS, why)
    if _tells_early(case):
        if found.supraventricular:
            _early(case, found)
        elif found.sudden:
            case.withhold(EARLY_BEATS, _not_early(found))


def _shape_unknown(case: Case) -> str:
    """Why no beat is told by its shape: most leads are disturbed, or noise hides the edges of the QRS and the usual beats are not quite alike; empty where one is.

    Of 27 records of PTB-XL, CinC 2021 and LUDB in which ventricular beats are told the usual ones correlate by 0.98 and more, but one with runs of tachycardia by 0.85.
    """
    leads = case.measurements.leads
    bad = sum(one.quality is not Quality.GOOD for one in leads)
    if leads and 2 * bad > len(leads):
        return f"{bad} of {len(leads)} leads are disturbed: a beat of another shape is not told from noise"
    alike = case.beats.alike
    if edges_hidden(case.measurements) and alike is not None and alike < QUITE:
        return "noise makes the usual beats differ from each other: one of another shape is not told from it"
    return ""


def _tells_early(case: Case) -> bool:
    """Whether early beats of the usual shape are told: in a rhythm of the sinus, or where one is not told though P waves precede beats that share something.

    In fibrillation and flutter, and where P waves are dropped, a beat is early in no rhythm.
    """
    if any(case.has(code) for code in SINUS):
        return True
    rate, coherence = case.measurements.rate_bpm, case.beats.coherence
    slow = rate is not None and rate.value <= FASTEST_IRREGULAR
    shared = coherence is not None and coherence >= SOME_WAVE
    return slow and shared and case.held("rhythm") in (P_IRREGULAR, P_LIKE)


def _not_judged(count: int) -> str:
    beats = "1 beat has another shape and comes" if count == 1 else f"{count} beats have another shape and come"
    return f"{beats} in time: ventricular, aberrant and disturbed beats are not told apart"


def _early_of_few(case: Case) -> None:
    """Early beats that few leads show: when they come, and no more."""
    early = case.beats.supraventricular
    if early and _tells_early(case):
        come = "1 beat comes" if len(early) == 1 else f"{len(early)} beats come"
        case.withhold(EARLY_BEATS, f"{come} early ({_how_early(early, case.beats)}): of which kind takes more leads")


def _not_early(beats: Beats) -> str:
    numbers = _how_early(beats.sudden, beats)
    return f"a beat of the usual shape comes early ({numbers}), and no pause tells it from a change of rate"


def _how_early(early: Sequence[Seen], beats: Beats) -> str:
    """RR before the earliest of these beats, and the usual one."""
    one = min(early, key=lambda seen: seen.rr or 1.0)
    assert one.beat.rr_ms is not None
    assert beats.usual_ms is not None
    return f"RR {one.beat.rr_ms:.0f} ms of usually {beats.usual_ms:.0f}"


def _count(case: Case, code: str, name: str, words: str, beats: Sequence[Seen], criterion: str) -> None:
    count, last = float(len(beats)), beats[-1].beat.sample
    found = [case.evidence("ventricular beats", count, "beats", beat=last, criterion=criterion, source=VA)]
    samples = {one.beat.sample for one in beats}
    run, text = (
        longest_run(b.sample in samples for b in case.measurements.beats),
        f"{words}: {count:.0f} in ten seconds",
    )
    if run >= LEAST_RUN:
        row = "three or more ventricular beats in a row"
        found.append(
            case.evidence("ventricular beats in a row", float(run), "beats", beat=last, criterion=row, source=VA)
        )
        text += f", {run} in a row"
    case.say(code, name, f"{text}.", 0.7, *found)


def _early(case: Case, beats: Beats) -> None:
    """Early beats of the usual shape. A sinus arrhythmia that is sudden looks the same: possible, no more."""
    one = min(beats.supraventricular, key=lambda seen: seen.rr or 1.0)
    assert one.beat.rr_ms is not None
    count = case.evidence(
        "early beats", float(len(beats.supraventricular)), "beats", beat=one.beat.sample,
        criterion=f"RR <= {SUDDEN} of the usual one and {AGAINST_LAST} of that before it, usual shape", source=SVT,
    )  # fmt: skip
    rr = case.evidence("RR interval", one.beat.rr_ms, "ms", beat=one.beat.sample, source=SVT)
    several = len(beats.supraventricular) > 1
    what = f"{count.value:.0f} beats come" if several else "1 beat comes"
    name = f"premature beat{'s' if several else ''}"
    text = f"{what} early with the usual shape, RR {show(rr.value)} ms: possible supraventricular {name}."
    case.say("63593006", "Early beats of the usual shape", text, 0.5, count, rr)
