"""What a criterion looks at, and how it words what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from engine.criteria import beats
from engine.criteria.beats import Beats
from engine.criteria.chest_order import Pair, exchanged
from engine.criteria.doubt import WIDE_MS, Turned, gain_doubt, signal_doubt, turned
from engine.criteria.missed import LONG, missed
from engine.criteria.no_signal import Dead, dead
from engine.interpretation import Advisory, Evidence, Finding, Withheld
from ingest.bed import BedContext, Sex
from stream.atria import Atria, AvBlock, look
from stream.catalogue import Code
from stream.certainty import edges_hidden
from stream.measurement import Beat, BeatKind, Estimate, LeadMeasurements, Measurements, Quality
from stream.trigger import MODEL_HZ, MODEL_SAMPLES, Segment

NOT_CONDUCTED = frozenset(
    {
        Code.ASYSTOLE,
        Code.VFIB,
        Code.VTACH,
        Code.VTACH_SUSTAINED,
        Code.RAPID_VT,
        Code.TORSADES_POLYMORPHIC,
        Code.VENT_BRADY,
        Code.VENT_RHYTHM,
    }
)
"""Rhythms in which intervals, hypertrophy and ischaemia are not judged."""
TERRITORIES = {
    "anterior": ("V1", "V2", "V3", "V4"),
    "lateral": ("I", "aVL", "V5", "V6"),
    "inferior": ("II", "III", "aVF"),
}
"""Walls of the left ventricle and the leads that look at them (Fourth universal definition, Circulation 2018;138:e618-e651)."""
STEADY_MS = 30.0
"""Half the spread between the quartiles of the beats above which an interval is not told."""
WIDEST_MS = 220.0
"""A wider QRS is none of a conducted beat."""


@dataclass
class Case:
    """One segment under question, and what has been said of it so far."""

    segment: Segment
    measurements: Measurements
    context: BedContext | None
    findings: list[Finding] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    advisories: tuple[Advisory, ...] = ()

    @property
    def sex(self) -> Sex:
        """Of the patient; unknown where nobody said."""
        return self.context.sex if self.context is not None else Sex.UNKNOWN

    @property
    def age_years(self) -> float | None:
        """Of the patient, where it is known."""
        return self.context.age_years if self.context is not None else None

    @property
    def code(self) -> Code:
        """The alarm that asked."""
        return self.segment.trigger.code

    @property
    def paced(self) -> list[Beat]:
        """The paced beats, where they are at least half of all; else none."""
        paced = [b for b in self.measurements.beats if b.kind is BeatKind.PACED]
        return paced if 2 * len(paced) >= len(self.measurements.beats) else []

    @property
    def not_conducted(self) -> str:
        """Why intervals, hypertrophy and ischaemia are not judged; empty where the beats are conducted ones."""
        if self.code in NOT_CONDUCTED:
            return f"not judged in {self.code}"
        return "not judged in paced beats" if self.paced else self.own_unknown

    @property
    def own_unknown(self) -> str:
        """Why the patient's own QRS is not known: most beats are taken for ventricular ones, and what was measured is that of the others."""
        count = sum(b.kind is BeatKind.VENTRICULAR for b in self.measurements.beats)
        total = len(self.measurements.beats)
        if 2 * count <= total or self.code in NOT_CONDUCTED:
            return ""
        return f"{count} of {total} beats are taken for ventricular ones, so that it is not known which shape is the patient's own"

    @cached_property
    def gain(self) -> str:
        """Why no amplitude can be relied on; empty where nothing speaks against the gain."""
        if any(one.qrs_area_mvms is not None for one in self.measurements.leads):
            return gain_doubt(self.measurements)
        return "" if self.code in NOT_CONDUCTED else signal_doubt(self.segment)

    @cached_property
    def turned(self) -> Turned:
        """Whether, and why, the limb leads may be a mirror image; false where they are not."""
        return turned(self.measurements)

    @cached_property
    def exchanged(self) -> Pair | None:
        """Two chest leads that may be exchanged, by a narrow QRS whose edges are known; None where none are."""
        m = self.measurements
        qrs = m.qrs_ms
        if qrs is None or qrs.value >= WIDE_MS or qrs.spread > STEADY_MS or edges_hidden(m) or self.not_conducted:
            return None
        return exchanged(self.segment, m)

    def held(self, name: str) -> str:
        """Why something is withheld so far; empty where it is not."""
        return next((one.reason for one in self.withheld if one.name == name), "")

    @cached_property
    def atria(self) -> Atria | None:
        """P waves wherever they fall, in the good leads; None where no regular ones can be made out, or where the QRS of one may have been lost."""
        good = frozenset(m.lead for m in self.measurements.leads if m.quality is Quality.GOOD)
        found = look(self.segment, good)
        may_be_lost = self.measurements.lost or self.missed
        return None if found is not None and found.block is AvBlock.SECOND and may_be_lost else found

    @cached_property
    def missed(self) -> tuple[int, ...]:
        """Samples at which a deflection has the shape of the beats and none was counted."""
        return missed(self.segment, self.measurements)

    def passed_over(self, first: int, last: int) -> str:
        """Why a beat may have been passed over between two samples; empty where nothing there has the shape of one."""
        if silent := self.no_signal(first, last):
            return silent
        at = next((place for place in self.missed if first < place < last), None)
        return (
            ""
            if at is None
            else f"a deflection at {at / MODEL_HZ:.1f} s has the shape of the beats and was not counted"
        )

    @cached_property
    def dead(self) -> tuple[Dead, ...]:
        """Stretches in which most leads carry no signal."""
        return dead(self.segment, self.measurements.beats)

    @property
    def silent_end(self) -> str:
        """Why nothing is known of the beats behind the last one that was counted; empty where most leads carry a signal."""
        return self.no_signal(max((b.sample for b in self.measurements.beats), default=0), MODEL_SAMPLES)

    def no_signal(self, first: int, last: int) -> str:
        """Why nothing is known of the beats between two samples: most leads carry no signal there for as long as a beat takes, and none was counted; empty else."""
        at = [first, *(b.sample for b in self.measurements.beats if first < b.sample < last), last]
        rr = self.measurements.rr_ms
        least = LONG * min(MODEL_HZ, MODEL_HZ if rr is None else rr.value * MODEL_HZ / 1000.0)
        gaps = [(a, b) for a, b in pairwise(at) if b - a >= least]
        return next((one.why for a, b in gaps for one in self.dead if one.between(a, b)), "")

    @cached_property
    def beats(self) -> Beats:
        """The beats beside each other: shape, time, and what precedes them."""
        return beats.look(self.segment, self.measurements)

    def lead(self, name: str) -> LeadMeasurements | None:
        """The measurements of a lead, None where it was not measured."""
        return next((m for m in self.measurements.leads if m.lead == name), None)

    def has(self, code: str) -> bool:
        """Whether a finding of that code was made."""
        return any(f.code == code for f in self.findings)

    def evidence(
        self,
        measure: str,
        estimate: Estimate | float,
        unit: str,
        *,
        lead: str = "global",
        limit: float | None = None,
        criterion: str = "",
        source: str = "",
        beat: int | None = None,
    ) -> Evidence:
        """A number of the whole segment, or of the stretch around one beat."""
        value = estimate.value if isinstance(estimate, Estimate) else estimate
        first, last = 0, MODEL_SAMPLES - 1
        if beat is None and lead != "global":
            beat = self.clear_beat()
        if beat is not None:
            first, last = max(0, beat - 150), min(MODEL_SAMPLES - 1, beat + 250)
        return Evidence(lead, first, last, beat, measure, value, unit, limit, criterion, source)

    def clear_beat(self) -> int | None:
        """A beat in the middle of the segment, not ventricular, that a reader can look at."""
        beats = [b.sample for b in self.measurements.beats if b.kind is not BeatKind.VENTRICULAR]
        return min(beats, key=lambda s: abs(s - MODEL_SAMPLES // 2)) if beats else None

    def say(self, code: str, name: str, text: str, confidence: float, *evidence: Evidence) -> None:
        """Make a finding; every number in the text is one of the evidence."""
        self.findings.append(Finding(code, name, text, confidence, evidence))

    def withhold(self, name: str, reason: str) -> None:
        """Say what cannot be answered, and why."""
        self.withheld.append(Withheld(name, reason))


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; empty of none."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def counted(count: int, what: str) -> str:
    """`1 early beat`, `3 early beats`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def show(value: float) -> str:
    """A number as it stands in a sentence: two decimals below 3, one below 10, none above."""
    size = abs(value)
    if size < 0.005:
        return "0.00"  # no `-0.00`
    return f"{value:.2f}" if size < 3 else f"{value:.1f}" if size < 10 else f"{value:.0f}"
