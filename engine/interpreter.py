"""The deterministic interpreter: criteria over measurements. It stays as the model's checker and stand-in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from engine.advisory import by_criteria
from engine.criteria import (
    conduction,
    ectopic,
    fascicle,
    myocardium,
    pause,
    progression,
    recording,
    rhythm,
    twaves,
    voltage,
)
from engine.criteria.case import Case, listed, show
from engine.criteria.unusual import NORMAL_ECG, unusual
from engine.interpretation import Evidence, Finding, Interpretation, State, Withheld
from engine.untold import named, worded
from ingest.bed import BedContext
from ingest.frame import LEADS, Nanoseconds
from stream.catalogue import CATALOGUE, Priority
from stream.segment import DIAGNOSTIC_HZ, reachable_hz
from stream.trigger import MODEL_HZ, Segment

VERSION = "1"
_CRITERIA = (
    recording.recording,
    pause.pause,
    rhythm.rhythm,
    ectopic.ectopic,
    conduction.axis,
    conduction.atrioventricular,
    conduction.ventricular,
    conduction.repolarisation,
    voltage.hypertrophy,
    voltage.dominant_r,
    myocardium.ischaemia,
    fascicle.fascicle,
    progression.progression,
    twaves.t_waves,
    voltage.voltage,
)
PLAIN = frozenset({*rhythm.SINUS, rhythm.SINUS_ARRHYTHMIA})
"""Findings that name a rhythm of the sinus node and nothing else."""
NORMAL = "164854000"
"""Normal electrocardiogram."""


NEVER_CAME, STOOD_STILL = "no signal came", "the line stood still in every lead"
LEFT_OUT = "the beats that it touches are left out, and no RR interval across it counts"
"""Why a part of the ten seconds is not told of, and what follows from it."""


@lru_cache(maxsize=1)
def model() -> str:
    """Name, version and digest of the criteria that answer."""
    digest = hashlib.sha256()
    for path in sorted((Path(__file__).parent / "criteria").glob("*.py")):
        digest.update(path.read_bytes())
    return f"criteria-{VERSION}-{digest.hexdigest()[:12]}"


def interpret(segment: Segment, context: BedContext | None, now_ns: Nanoseconds) -> Interpretation:
    """Findings of one segment with their evidence, what is withheld and why; never raises on a decoded segment."""
    if segment.unreadable or segment.measurements is None:
        return _answer(segment, State.WITHHELD, segment.unreadable or "nothing could be measured", None, now_ns)
    case = Case(segment, segment.measurements, context)
    for part, why in lost(segment):
        case.withhold(part, f"{why}; {LEFT_OUT}")
    for criterion in _CRITERIA:
        criterion(case)
    _normal(case)
    case.advisories = by_criteria(case)
    if not case.findings:
        return _answer(segment, State.WITHHELD, "; ".join(f"{w.name}: {w.reason}" for w in case.withheld), case, now_ns)
    return _answer(segment, State.DONE, "", case, now_ns)


def _normal(case: Case) -> None:
    """A normal ECG is said only when all twelve leads and the whole band were measured, nothing was withheld, nothing else was found and nothing is unusual.

    The band is that of a diagnostic ECG, up to 150 Hz (Kligfield P et al., AHA/ACC/HRS Recommendations Part I, J Am Coll Cardiol
    2007;49:1109-1127): a slower recorder blunts what a normal ECG must not have.

    Never of ten seconds that a red or yellow alarm was raised for: what it saw may be what the criteria do not look at.
    """
    row = CATALOGUE.get(case.code)
    if row is not None and row.priority in (Priority.HIGH, Priority.MEDIUM):
        return
    if case.measurements.reachable_hz < DIAGNOSTIC_HZ[1]:
        return
    only_sinus = [f.code for f in case.findings] == ["426783006"]
    if {f.code for f in case.findings} <= PLAIN and (why := unusual(case)):
        case.withhold(NORMAL_ECG, why)
    if only_sinus and not case.withheld and len(case.segment.measured) == 12:
        sinus = case.findings[0]
        case.say(
            NORMAL, "Normal ECG", "Within normal limits by every criterion that was applied.", 0.5, *sinus.evidence
        )


def _answer(segment: Segment, state: State, reason: str, case: Case | None, now_ns: Nanoseconds) -> Interpretation:
    trigger = segment.trigger
    findings = tuple(case.findings) if case is not None else ()
    return Interpretation(
        id=answer_id(trigger.id, model()),
        trigger=trigger.id,
        bed=trigger.bed,
        at_ns=trigger.at_ns,
        model=model(),
        state=state,
        reason=reason,
        findings=findings,
        withheld=tuple(case.withheld) if case is not None else (),
        report=report(segment, findings, case.withheld if case is not None else ()),
        answered_ns=now_ns,
        advisories=case.advisories if case is not None else (),
        leads=segment.measured,
        derived=segment.derived,
        unmeasured=recording.unmeasured(segment) if case is not None else (),
        band_hz=(DIAGNOSTIC_HZ[0], round(reachable_hz(trigger.rate_hz), 1)),
    )


def answer_id(key: str, who: str) -> str:
    """The id of the answer of a model to a job: asked twice, the same."""
    return hashlib.blake2b(f"{key}\0{who}".encode(), digest_size=16).hexdigest()


def withheld(
    segment: Segment, reason: str, now_ns: Nanoseconds, key: str = "", question: str = "", who: str = ""
) -> Interpretation:
    """An answer that says nothing, and why. key: of the job, where it is not the trigger itself."""
    silent = _answer(segment, State.WITHHELD, reason, None, now_ns)
    who = who or silent.model
    return replace(silent, id=answer_id(key or segment.trigger.id, who), model=who, question=question)


def report(segment: Segment, findings: Sequence[Finding], withheld: Sequence[Withheld] = ()) -> str:
    """The trigger, then the findings, as one short paragraph, and what is withheld that nobody would miss; every number in it is the trigger's or the evidence's."""
    if not findings:
        return ""
    names = listed([worded(one) for one in named(withheld)])
    rest = f"[Withheld: {names}.]" if names else ""
    return " ".join(filter(None, [opening(segment), *(f.text for f in findings), missing(segment), rest]))


def unrecorded(segment: Segment) -> list[str]:
    """Those of the twelve leads that were not recorded, or stood still throughout."""
    return [lead for lead in LEADS if lead not in segment.measured]


def missing(segment: Segment) -> str:
    """`unrecorded` as a sentence; empty where all are there, or none."""
    gone = unrecorded(segment)
    if not gone or not segment.measured:
        return ""
    if len(gone) == 1:
        return f"Lead {gone[0]} is not available, so nothing is said of it."
    return f"Leads {', '.join(gone[:-1])} and {gone[-1]} are not available, so nothing is said of them."


def opening(segment: Segment) -> str:
    """Why it was asked, and which part of the ten seconds nothing is told of."""
    by_reason: dict[str, list[str]] = {}
    for part, why in lost(segment):
        by_reason.setdefault(why, []).append(part)
    parts = ", and ".join(f"{' and '.join(some)}, where {why}" for why, some in by_reason.items())
    return f"{segment.trigger.text}." + (f" Left out: {parts}." if parts else "")


def lost(segment: Segment) -> list[tuple[str, str]]:
    """Which parts of the ten seconds were analysed around, each with why."""
    return [
        (
            f"{first / MODEL_HZ:.1f} to {stop / MODEL_HZ:.1f} s",
            STOOD_STILL if any(a < stop and first < b for a, b in segment.held) else NEVER_CAME,
        )
        for first, stop in (segment.measurements.lost if segment.measurements is not None else ())
    ]


def _amount(e: Evidence) -> str:
    """A number with its unit as it stands in a sentence; of a count, whose measure says what it counts, the number alone."""
    return f"{e.value:g}" if e.unit == "beats" else f"{show(e.value)} {e.unit}"


def describe(interpretation: Interpretation) -> str:
    """An interpretation as lines for a person."""
    # each reason has a line of its own below
    why = "nothing can be told of these ten seconds." if interpretation.withheld else interpretation.reason
    lines = [interpretation.report or f"Withheld: {why}"]
    for finding in interpretation.findings:
        lines.append(f"  {finding.name} (SNOMED {finding.code}, confidence {finding.confidence:.1f})")
        for e in finding.evidence:
            where = f"{e.first_sample / 500:.2f}-{e.last_sample / 500:.2f} s"
            limit = f", limit {e.limit:g}" if e.limit is not None else ""
            lines.append(f"    {e.lead}: {e.measure} {_amount(e)}{limit} [{where}] {e.criterion}; {e.source}")
    lines += [f"  advisory {a.code}, stated by the {a.by}: {a.text}" for a in interpretation.advisories if a.borne]
    lines += [f"  not said: {w.name} ({w.reason})" for w in interpretation.withheld]
    lines.append(f"  {interpretation.provenance}")
    return "\n".join(lines)
