"""A model's texts before a judge: what is asked, how its verdicts are read, and what they amount to.

Criteria and scales are those of GEM's grounded task (arXiv 2503.06073, appendix) and of ECGBench's reports and conversations
(arXiv 2410.19008); the words are our own. Verdicts are strict JSON: no expression is repaired, a reply that cannot be read is asked for again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.endpoint import Endpoint
from engine.evaluate.files import Item, Reply

KEY = "VIGIL_JUDGE_KEY"
"""Name of the environment variable that holds the key; left out where the endpoint needs none."""
REPLIES = 3
"""A judge is asked so often, until every criterion can be read."""
LEADS = 12
LEVELS = (0, 50, 80, 100)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One column."""

    name: str
    scores: tuple[int, ...]
    """That an item may have."""
    text: str
    """As it is put to the judge."""
    single: bool = False
    """One verdict, where others are a list."""
    aliases: tuple[str, ...] = ()
    """Other names in published files."""


_LEVELS = "{}: 100 in full, 80 clearly, 50 in part, 0 not at all. One entry."
GROUNDED = (
    Criterion("DiagnosisAccuracy", (0, 1, 2), "one entry for each diagnosis of the text: 2 where it is right and its ECG evidence is named, 1 where it is mostly right without that evidence, 0 where it is wrong, vague or unsupported."),
    Criterion("AnalysisCompleteness", (0, 1), "one entry for each key component of the reference (rhythm, rate, intervals, waves, findings of leads): 1 where the text treats it correctly, 0 where it is left out or wrong."),
    Criterion("AnalysisRelevance", (0, 1, 2), "one entry for each point that the text argues with: 2 where it plainly supports the diagnosis by what the ECG shows, 1 where it bears on it without being justified, 0 where it is beside the matter or misleads."),
    Criterion("LeadAssessmentCoverage", (0, 1), "one entry for each of the twelve leads: 1 where the text assesses it, 0 where it is left out or described wrongly."),
    Criterion("LeadAssessmentAccuracy", (0, 1, 2), "one entry for each of the twelve leads: 2 where what is said of it (QRS, ST, T, amplitudes, intervals) fits the reference, 1 with small differences, 0 where it contradicts or is missing."),
    Criterion("ECGFeatureGrounding", LEVELS, _LEVELS.format("whether the text cites features of this ECG (amplitudes, intervals, segments) and ties them to its diagnoses, and not general phrases"), aliases=("GroundedECGUnderstanding",)),
    Criterion("EvidenceBasedReasoning", LEVELS, _LEVELS.format("whether the diagnosis follows step by step from the evidence that is named")),
    Criterion("ClinicalDiagnosticFidelity", LEVELS, _LEVELS.format("whether the reading proceeds as a clinician's would, with all that matters considered"), aliases=("RealisticDiagnosticProcess",)),
)  # fmt: skip
TEN = tuple(range(11))
REPORT = (
    Criterion("Diagnosis", TEN, "agreement of the diagnoses with those of the reference: 10 all of them without an error, 5 some of them, 0 none or grave errors.", True),
    Criterion("Waveform", TEN, "agreement on P, QRS, ST, T and intervals: 10 every abnormality of the reference, 5 some with important ones missed, 0 hardly any.", True, ("Form",)),
    Criterion("Rhythm", TEN, "agreement on the rhythm: 10 in full, 5 in part, 0 wrong.", True),
)  # fmt: skip
ARENA = (
    Criterion("Accuracy", TEN, "how right the answers are against the reference: 10 in full, 5 in part, 0 wrong or misleading.", True),
    Criterion("Completeness", TEN, "how much of what the reference names is covered: 10 all, 5 with important points missing, 0 nearly none.", True),
    Criterion("InstructionAdherence", TEN, "whether the answers do what the questions ask for, right or wrong: 10 in full, 5 in part, 0 not.", True, ("Instruction Adherence", "Instruction_Adherence")),
)  # fmt: skip
CRITERIA: dict[str, tuple[Criterion, ...]] = {"grounding": GROUNDED, "report": REPORT, "arena": ARENA}
Scores = dict[str, list[int]]
"""By criterion the scores of its entries; a criterion that could not be read is not there."""


# asking -----------------------------------------------------------------------------------------------------------

_TASK = """You compare {what} with {reference} of the same recording and score it. Score strictly and by what is written alone; length is no merit, and what the reference does not tell is no error.

Criteria
{criteria}

{items}

Answer with one JSON object and nothing else, with these keys in this order: {keys}. {form} Explanations are one short sentence."""
_LIST = 'Each value is a list with one object for each entry, {"Score": number, "Explanation": "..."}.'
_SINGLE = 'Each value is one object, {"Score": number, "Explanation": "..."}.'
_WHAT = {
    "grounding": ("an interpretation of a twelve-lead ECG", "a cardiologist's interpretation"),
    "report": ("a generated ECG report", "a cardiologist's report"),
    "arena": ("a model's answers to questions about an ECG", "a cardiologist's answers"),
}


def prompt(kind: str, item: Item, reply: Reply) -> str:
    """What a judge is asked of one answer."""
    criteria = CRITERIA[kind]
    told = "\n".join(
        f"{k}. {c.name}: {c.text} Scores: {', '.join(map(str, c.scores)) if len(c.scores) < 6 else '0 to 10'}."
        for k, c in enumerate(criteria, 1)
    )
    what, reference = _WHAT[kind]
    return _TASK.format(
        what=what, reference=reference, criteria=told, items=_items(kind, item, reply),
        keys=", ".join(c.name for c in criteria), form=_SINGLE if criteria[0].single else _LIST,
    )  # fmt: skip


def _items(kind: str, item: Item, reply: Reply) -> str:
    if kind != "arena":
        return f"[Text]\n{reply.text}\n[End of text]\n\n[Reference]\n{item.gold}\n[End of reference]"
    lines = []
    for k, question in enumerate(item.questions):
        gold = item.golds[k] if k < len(item.golds) else ""
        said = reply.texts[k] if k < len(reply.texts) else ""
        lines.append(f"[Question]\n{question}\n[Answer]\n{said}\n[Reference]\n{gold}")
    return "\n\n".join(lines)


def judged(endpoint: Endpoint, kind: str, item: Item, reply: Reply) -> dict[str, Any]:
    """The verdict on one answer as it is kept: `id`, `scores`, `replies` asked for, and the last of them. Raises EndpointAway.

    Of several replies the one in which most criteria can be read counts. Temperature: 0 of reports and conversations, that of the
    endpoint of the grounded task, as published.
    """
    asked = [{"role": "user", "content": prompt(kind, item, reply)}]
    options = {} if kind == "grounding" else {"temperature": 0}
    best: Scores = {}
    said, count = "", 0
    while count < REPLIES and len(best) < len(CRITERIA[kind]):
        said = endpoint.ask(asked, **options)
        count += 1
        found = scores(kind, said)
        best = found if len(found) > len(best) else best
    return {"id": item.id, "scores": best, "replies": count, "reply": said}


# reading ----------------------------------------------------------------------------------------------------------


def scores(kind: str, text: str) -> Scores:
    """Scores of a judge's reply; a criterion that is not there or not as it must be is left out."""
    told = _object(text)
    found: Scores = {}
    for criterion in CRITERIA[kind]:
        names = {_plain(name) for name in (criterion.name, *criterion.aliases)}
        value = next((v for name, v in told.items() if _plain(name) in names), None)
        entries = _entries(value, criterion)
        if entries is not None:
            found[criterion.name] = entries
    return found


def _object(text: str) -> Mapping[str, Any]:
    """The JSON object of a reply, in a fence of code or not; empty where there is none."""
    first, last = text.find("{"), text.rfind("}")
    try:
        told = json.loads(text[first : last + 1]) if 0 <= first < last else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", str(name).lower())


def _entries(value: Any, criterion: Criterion) -> list[int] | None:
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list) or (criterion.single and len(value) != 1):
        return None
    found = []
    for entry in value:
        score = entry.get("Score", entry.get("score")) if isinstance(entry, dict) else None
        if isinstance(score, bool) or not isinstance(score, int | float) or score not in criterion.scores:
            return None
        found.append(int(score))
    if criterion.scores is LEVELS and len(found) != 1:
        return None
    return found


# what it amounts to -----------------------------------------------------------------------------------------------


def columns(kind: str, told: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """The columns of one answer, as published: of the grounded task per cent or points, of others 0 to 100.

    Beside them what the published ones hide: `DiagnosisPoints`, in per cent of what could be had, where a 1 counts half.
    """
    found: dict[str, float] = {}
    for criterion in CRITERIA[kind]:
        if criterion.name not in told:
            continue
        entries = told[criterion.name]
        found[criterion.name] = _column(kind, criterion.name, entries)
    if kind == "grounding" and told.get("DiagnosisAccuracy"):
        entries = told["DiagnosisAccuracy"]
        found["DiagnosisPoints"] = 100.0 * sum(entries) / (2 * len(entries))
    return found


def _column(kind: str, name: str, entries: Sequence[int]) -> float:
    total = float(sum(entries))
    if kind != "grounding":
        return 10.0 * total
    if name == "DiagnosisAccuracy":
        return 100.0 * sum(score > 0 for score in entries) / len(entries) if entries else 0.0
    if name == "LeadAssessmentCoverage":
        return 100.0 * min(total, LEADS) / LEADS
    return 100.0 * total / (2 * LEADS) if name == "LeadAssessmentAccuracy" else total
