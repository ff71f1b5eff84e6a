"""What the claims of a text are held against: the measurements of one segment, and what was asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from engine.criteria.beats import longest_run
from engine.criteria.myocardium import depth
from engine.criteria.q_waves import q_in_most, qs_mv
from engine.interpretation import Finding, Withheld
from ingest.bed import BedContext, Sex
from ingest.frame import LEADS, BedId, Nanoseconds, SessionId
from stream.catalogue import Code, Kind, Priority
from stream.counted import LEAST_RUN
from stream.measurement import BeatKind, LeadMeasurements, Measurements
from stream.trigger import MODEL_SAMPLES, Phase, Segment, Trigger

RED_RHYTHMS = frozenset(
    {
        Code.ASYSTOLE, Code.VFIB, Code.VTACH, Code.VTACH_SUSTAINED, Code.RAPID_VT, Code.TORSADES_POLYMORPHIC, Code.VENT_BRADY,
        Code.VENT_RHYTHM, Code.EXTREME_TACHY, Code.EXTREME_BRADY,
    }
)  # fmt: skip
"""Alarms under which no text may speak of a conducted rhythm."""


@dataclass(frozen=True)
class Basis:
    """Measurements with the leads that were measured, the alarm that asked, and the patient's sex and age."""

    m: Measurements
    measured: tuple[str, ...]
    code: Code = Code.REQUESTED
    context: BedContext | None = None
    segment: Segment | None = field(default=None, compare=False, repr=False)
    """With its signal, where that is at hand: P waves that no beat follows are looked for in it."""

    strict: bool = True
    """Whether what the criteria withhold is withheld here too."""

    @classmethod
    def of(cls, segment: Segment, context: BedContext | None = None) -> Basis:
        """That of a segment; raises ValueError where nothing was measured on it."""
        if segment.measurements is None:
            raise ValueError(segment.unreadable or "nothing could be measured, so that no claim can be judged")
        return cls(segment.measurements, segment.measured, segment.trigger.code, context, segment)

    @property
    def sex(self) -> Sex:
        """Of the patient; unknown where nobody said."""
        return self.context.sex if self.context is not None else Sex.UNKNOWN

    @property
    def age_years(self) -> float | None:
        """Of the patient, where it is known."""
        return self.context.age_years if self.context is not None else None

    @cached_property
    def _leads(self) -> dict[str, LeadMeasurements]:
        return {lead.lead: lead for lead in self.m.leads}

    def lead(self, name: str) -> LeadMeasurements | None:
        """The measurements of a lead, None where it was not measured."""
        return self._leads.get(name)

    def mv(self, lead: str, name: str) -> float | None:
        """An estimate of a lead by the name of its field, None where it is not known; none of a Q wave that fewer than half of its beats have, nor of an R wave that the lead's own beats lack."""
        found = self._leads.get(lead)
        if self.strict and found is not None and name == "r_mv" and _is_of_others(found):
            return None
        if self.strict and found is not None and name in ("q_mv", "q_ms") and not q_in_most(found):
            return None
        estimate = getattr(found, name) if found is not None else None
        return None if estimate is None else float(estimate.value)

    def depth_mv(self, lead: str) -> float | None:
        """The deepest negative wave of the QRS of a lead, as the voltage criteria take it; None where it has none."""
        found = self._leads.get(lead)
        low = None if found is None else depth(found)
        return None if low is None else low.value

    @property
    def rate(self) -> float | None:
        """Heart rate per minute; None in asystole and ventricular fibrillation, before which there were beats."""
        arrest = self.code in (Code.ASYSTOLE, Code.VFIB)
        return None if arrest or self.m.rate_bpm is None else self.m.rate_bpm.value

    @property
    def pr_ms(self) -> float | None:
        """PR interval."""
        return None if self.m.pr_ms is None else self.m.pr_ms.value

    @property
    def qrs_ms(self) -> float | None:
        """QRS duration; None where the criteria withhold it, so that nothing is told or denied by it."""
        held = any(one.name == "QRS duration" for one in self.criteria[1])
        return None if held or self.m.qrs_ms is None else self.m.qrs_ms.value

    @cached_property
    def irregularity(self) -> float | None:
        """Standard deviation of RR over its median; None of fewer than four beats."""
        m = self.m
        if m.rr_sd_ms is None or m.rr_ms is None or m.rr_ms.beats < 3 or m.rr_ms.value <= 0:
            return None
        return m.rr_sd_ms / m.rr_ms.value

    @cached_property
    def second_r_mv(self) -> float | None:
        """Height of a second R in V1; 0 where there is none, None where the signal is not at hand."""
        from engine.criteria.waveform import second_r_mv

        return second_r_mv(self.segment, self.m, "V1")

    def count(self, *kinds: BeatKind) -> int:
        """Beats of these kinds."""
        return sum(beat.kind in kinds for beat in self.m.beats)

    @cached_property
    def criteria(self) -> tuple[tuple[Finding, ...], tuple[Withheld, ...]]:
        """What the published criteria find in these measurements, and what they withhold."""
        from engine.interpreter import interpret

        looked_at = self.segment
        if looked_at is None or looked_at.unreadable:
            looked_at = _segment(self.m, self.measured, self.code)
        answer = interpret(looked_at, self.context, Nanoseconds(0))
        return answer.findings, answer.withheld if self.strict else ()

    @cached_property
    def untold(self) -> Basis:
        """The same with nothing withheld: what was measured so, and may be wrong."""
        return replace(self, strict=False)

    @cached_property
    def unconducted(self) -> str:
        """Why nothing that needs conducted beats is judged; empty where most beats are conducted ones."""
        if self.code in RED_RHYTHMS:
            return f"not judged in {self.code}"
        count = self.count(BeatKind.VENTRICULAR)
        if 5 * count > len(self.m.beats):
            return f"{count} of {len(self.m.beats)} beats are ventricular"
        return ""

    def _counted(self, code: str) -> int:
        """Beats that the criteria count under a code; none where they make no such finding."""
        return next((round(f.evidence[0].value) for f in self.criteria[0] if f.code == code), 0)

    @cached_property
    def ventricular_beats(self) -> int:
        """Premature ventricular beats as the criteria count them; where those do not look, what the monitor path took for ventricular."""
        looked = self.code not in RED_RHYTHMS and not any(one.name == "ventricular beats" for one in self.criteria[1])
        return self._counted("17338001") if looked else self.count(BeatKind.VENTRICULAR)

    @cached_property
    def supraventricular_beats(self) -> int:
        """Early beats of the usual shape, as the criteria count them."""
        return self._counted("63593006")

    @property
    def ventricular_run(self) -> bool:
        """Whether three ventricular beats follow each other."""
        return longest_run(beat.kind is BeatKind.VENTRICULAR for beat in self.m.beats) >= LEAST_RUN

    def withholds(self, name: str) -> str:
        """Why the criteria withhold what has this name; empty where they do not."""
        return next((one.reason for one in self.criteria[1] if one.name == name), "")

    def has(self, code: str) -> bool:
        """Whether the criteria made a finding of this SNOMED code."""
        return any(finding.code == code for finding in self.criteria[0])

    def beats(self, name: str = "") -> tuple[int, ...]:
        """R peaks that a measure rests on: by the field of `by_beat`, all beats without one."""
        if not name:
            return tuple(beat.sample for beat in self.m.beats)
        return tuple(beat.sample for beat in self.m.by_beat if getattr(beat, name) is not None)

    def stretch(self, beats: tuple[int, ...]) -> tuple[int, int]:
        """First and last sample around the beat in the middle, for a reader to look at."""
        if not beats:
            return 0, MODEL_SAMPLES - 1
        middle = min(beats, key=lambda sample: abs(sample - MODEL_SAMPLES // 2))
        return max(0, middle - 150), min(MODEL_SAMPLES - 1, middle + 250)


SMALL_R_MV = 0.15
"""Below it an R wave of few beats beside a QS complex is one that is hardly seen, and told as it is; above it is that of other beats, of ventricular ones for instance."""


def _is_of_others(found: LeadMeasurements) -> bool:
    """Whether the R wave of a lead is that of few beats, and its own are QS complexes."""
    return found.r_mv is not None and found.r_mv.value >= SMALL_R_MV and qs_mv(found) is not None


def _segment(m: Measurements, measured: tuple[str, ...], code: Code) -> Segment:
    """A segment that carries these measurements and no signal: of it no P waves between the beats are told."""
    zero = Nanoseconds(0)
    trigger = Trigger(
        "claims", BedId("claims"), SessionId(0), code, Phase.ONSET, Priority.INFORMATION, Kind.PHYSIOLOGICAL, False,
        0, 0, zero, 500.0, None, None, "", "", "", 0,
    )  # fmt: skip
    return Segment(trigger, zero, 0, np.zeros((len(LEADS), 1), np.float32), measured, (), m)
