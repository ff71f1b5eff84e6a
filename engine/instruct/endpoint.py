"""Another writer of grounded reports: any OpenAI-compatible endpoint, asked with measurements, criteria and the set's own report.

The prompt has the structure of the published guider (arXiv 2503.06073, appendix) in our own words. The key is read from the
environment only. What comes back is held against the measurements like any other text (`verify.prose`).
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.instruct.guider import Argument, Stand
from engine.instruct.sequences import Sequence_

KEY = "VIGIL_WRITER_KEY"
"""Name of the environment variable that holds the key; left out where the endpoint needs none."""
MARK = "Response:"
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Answers that may be another at the next try."""
LONGEST = 330
"""Words above which an answer has not kept to the 300 it was asked for."""


class WriterAway(RuntimeError):
    """The endpoint gives no answer; one sentence that says what was tried."""


@dataclass(frozen=True, slots=True)
class Writer:
    """An endpoint and how patiently it is asked."""

    url: str
    """Up to and without `/chat/completions`."""
    model: str
    timeout_s: float = 120.0
    tries: int = 4
    pause_s: float = 1.0
    """Before the second try; doubled for each further one."""

    def write(self, prompt: str, seed: int) -> str:
        """What the endpoint answers, behind the mark; raises WriterAway."""
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0.7,
            "seed": seed,
        }
        said = self._post(json.dumps(body).encode())
        try:
            text = said["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError):
            raise WriterAway(f"{self.url} answers in another form than chat/completions: {str(said)[:120]}") from None
        return " ".join(str(text).rpartition(MARK)[2].split())

    def _post(self, body: bytes) -> Any:
        why, pause = "", self.pause_s
        for attempt in range(self.tries):
            if attempt:
                time.sleep(pause)
                pause *= 2
            try:
                with urllib.request.urlopen(self._request(body), timeout=self.timeout_s) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                why = f"it answers {error.code} {error.reason}"
                if error.code not in AGAIN:
                    break
            except (OSError, ValueError) as error:
                why = " ".join(str(getattr(error, "reason", error)).split())
        raise WriterAway(f"{self.url} does not write: {why}")

    def _request(self, body: bytes) -> urllib.request.Request:
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get(KEY):
            headers["Authorization"] = f"Bearer {key}"
        return urllib.request.Request(f"{self.url.rstrip('/')}/chat/completions", body, headers)


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
