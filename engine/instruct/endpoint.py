"""Another writer of grounded reports: any OpenAI-compatible endpoint, asked with measurements, criteria and the set's own report.

The prompt has the structure of the published guider (arXiv 2503.06073, appendix) in our own words. The key is read from the
environment only. What comes back is held against the measurements like any other text (`verify.prose`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.endpoint import Endpoint
from engine.instruct.guider import Argument, Stand
from engine.instruct.sequences import Sequence_

KEY = "VIGIL_WRITER_KEY"
"""Name of the environment variable that holds the key; left out where the endpoint needs none."""
MARK = "Response:"
LONGEST = 330
"""Words above which an answer has not kept to the 300 it was asked for."""


@dataclass(frozen=True, slots=True)
class Writer(Endpoint):
    """The endpoint that writes."""

    key: str = KEY

    def write(self, prompt: str, seed: int) -> str:
        """What the endpoint answers, behind the mark; raises EndpointAway."""
        text = self.ask([{"role": "user", "content": prompt}], temperature=0.7, seed=seed)
        return " ".join(text.rpartition(MARK)[2].split())


_TASK = """You write one realistic interpretation of a twelve-lead ECG, as a cardiologist would dictate it, in which every statement rests on the recording.

Aims
1. A realistic course: first what is seen, then what it means, then the diagnosis.
2. Grounding: features are named with the lead, and the beats where it matters, and with their measured value.
3. Reasoning: each diagnosis follows from the evidence that is named for it.

What you are given
- The report of this recording: it decides which diagnoses are made.
- Measurements of each lead, beat by beat, and of the whole. They are automatic and may be wrong; where they contradict the report, keep to the report and leave the number out.
- For each diagnosis its criterion and what the measurements say for or against it.

How to proceed
Step 1, first look: rate, rhythm, P waves, intervals, axis.
Step 2, lead by lead: I (lateral wall, P and axis); II (P waves, rhythm); III and aVF (inferior wall); aVL (high lateral wall); aVR (cavity, usually negative); V1 (septum, right ventricle, bundle branch blocks, atria); V2 to V4 (anterior wall, R wave progression); V5 and V6 (lateral wall, left ventricle).
Step 3, diagnosis: weigh what was found and conclude.

Rules
- Only diagnoses of the report, and no others.
- Write as if you had measured everything yourself on the tracing; do not mention a report, a list or these instructions.
- Invent nothing: no number that is not given, no finding without its lead. Say ms, mV, bpm and degrees.
- One paragraph of at most 300 words, in short plain sentences, behind the word "Response:".
"""


def prompt(
    report: str, arguments: Sequence[Argument], whole: Mapping[str, str], leads: Mapping[str, Mapping[str, Sequence_]]
) -> str:
    """What the endpoint is asked. whole: numbers of the whole by name; leads: `sequences.sequences`."""
    lines = [_TASK, "Report", report or "; ".join(one.name for one in arguments), "", "Measurements of the whole"]
    lines += [f"- {name}: {value}" for name, value in whole.items()]
    lines += ["", "Measurements by lead, beat by beat"]
    for lead, rows in leads.items():
        told = "; ".join(
            f"{name} {_row(values)}" for name, values in rows.items() if any(v is not None for v in values)
        )
        lines.append(f"- {lead}: {told}")
    lines += ["", "Diagnoses and their evidence"]
    lines += [_argued(one) for one in arguments]
    return "\n".join([*lines, "", MARK])


def _row(values: Sequence_) -> str:
    return " ".join("-" if v is None else f"{v}" for v in values)


def _argued(one: Argument) -> str:
    facts = ", ".join(f"{f.slot}{' in ' + f.lead if f.lead else ''} {f.value:g} {f.unit}" for f in one.facts)
    stand = {Stand.FOR: "borne out", Stand.AGAINST: "not borne out", Stand.OPEN: "not measurable"}[one.stand]
    return (
        f"- {one.name}: {one.criterion or 'by its shape'} ({one.source or 'no criterion'}); {stand}; {facts or one.why}"
    )
