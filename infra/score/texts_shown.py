"""`vigil score texts`: interpretations as they are shown, by the path of the engine worker: how much they say, and whether all of it is measured."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.answerer import Job
from engine.claims.claim import ClaimKind, Sentence, Verdict
from engine.completed import MARK, NUMBERS, SENTENCES, numbers_of
from engine.gem_answerer import GemAnswerer
from engine.instruct.labelled import BadSet, Entry, of_recording, recording_of
from engine.interpretation import Interpretation
from engine.interpreter import NORMAL
from engine.tiers import LIKELY, POSSIBLE
from engine.tiny_model import folder
from infra.model import chosen, reader_of
from infra.plan import BadRequest
from infra.score import findings, marked, run
from infra.settings import Settings
from ingest.open_recording import UnreadableRecording

if TYPE_CHECKING:
    from stream.trigger import Segment


@dataclass(frozen=True, slots=True)
class Shown:
    """One record's interpretation."""

    entry: Entry
    answer: Interpretation
    seconds: float
    """From the segment to the checked interpretation, by the processor's clock of this process alone."""


def texts(args: argparse.Namespace) -> int:
    """`vigil score texts`."""
    return run.tell(args, figures(_shown(args)), lines)


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """The figures of what ships, over all labelled records under --data."""
    return figures(_shown(argparse.Namespace(data=args.data, database="", model=str(folder()), limit=0)))


def _shown(args: argparse.Namespace) -> list[Shown]:
    """Every readable record of the sets, one after the other."""
    settings = Settings.from_environment()
    wanted = chosen(args.model, settings)
    if not wanted.source:
        raise BadRequest("the criteria write no text: name a model with --model, or none to score the one that ships")
    entries = findings.listed(args)[: args.limit or None]
    answerer = GemAnswerer(reader_of(wanted.source), wanted.runtimes, time.time_ns, 1, settings.precision)
    found: list[Shown] = []
    for count, entry in enumerate(entries, 1):
        segment = _segment(entry)
        if segment is not None:
            found.append(_one(answerer, entry, segment))
        run.progress(f"{count}/{len(entries)} texts")
    run.progress("")
    if not found:
        raise BadRequest(f"none of {len(entries)} records can be read: name other ones with --data")
    return found


def _segment(entry: Entry) -> Segment | None:
    """The first ten seconds of a record; None where nothing of them can be measured."""
    try:
        segment = of_recording(entry, recording_of(entry)).segment
    except (UnreadableRecording, BadSet, OSError):
        return None
    return segment if segment.measurements is not None else None


def _one(answerer: GemAnswerer, entry: Entry, segment: Segment) -> Shown:
    asked = replace(segment, trigger=replace(segment.trigger, id=entry.name))
    begun = time.process_time()
    answerer.take(Job(entry.name, asked, entry.context))
    while True:
        for one in answerer.advance():
            return Shown(entry, one.interpretation, time.process_time() - begun)


# figures ----------------------------------------------------------------------------------------------------------


def figures(shown: Sequence[Shown]) -> dict[str, Any]:
    """What all interpretations say together; a note of Vigil's own in brackets is no sentence."""
    written = [one.answer for one in shown if one.answer.sentences]
    stated = [[s for s in a.sentences if s.verdict is Verdict.AGREE or not s.text.startswith("[")] for a in written]
    numbers = [sum(numbers_of(a, s) for s in some) for a, some in zip(written, stated, strict=True)]
    sentences = sum(len(some) for some in stated)
    borne = sum(_has_evidence(a, s) for a, some in zip(written, stated, strict=True) for s in some)
    long, many = sum(len(some) >= SENTENCES for some in stated), sum(n >= NUMBERS for n in numbers)
    normal = [one.entry for one in shown if any(f.code == NORMAL for f in one.answer.findings)]
    kinds = Counter(_kind(s) for a in written for s in a.sentences)
    return {
        "records": len(shown), "by_the_model": len(written),
        "sentences_per_record": _mean(sentences, written), "numbers_per_record": _mean(sum(numbers), written),
        "records_below_5_sentences": len(written) - long, "records_below_4_numbers": len(written) - many,
        "five_sentences_share": long / len(written) if written else None, "four_numbers_share": many / len(written) if written else None,
        "sentences": sentences, "sentences_with_evidence": borne, "evidence_share": borne / sentences if sentences else None,
        "numbers_disagreeing_shown": sum(_wrong(a) for a in written), "kinds": dict(sorted(kinds.items())),
        "normal_shown": len(normal), "normal_shown_and_labelled": sum("NORM" in one.classes for one in normal),
        "normal_labelled": sum("NORM" in one.entry.classes for one in shown),
        "marks": marked.against([one.entry for one in shown], [one.answer for one in shown]),
        "seconds_p50": float(np.median([one.seconds for one in shown])),
        "seconds_p99": float(np.quantile([one.seconds for one in shown], 0.99)),
    }  # fmt: skip


def _mean(count: int, written: Sequence[Interpretation]) -> float | None:
    return round(count / len(written), 2) if written else None


def _has_evidence(answer: Interpretation, sentence: Sentence) -> bool:
    """Whether a sentence leads to beats, samples or measured numbers, with all that it claims."""
    if sentence.finding >= 0:
        return bool(answer.findings[sentence.finding].evidence)
    own = answer.claims[sentence.first : sentence.last + 1] if sentence.first >= 0 else ()
    return bool(own) and all(c.verdict is Verdict.AGREE and c.samples is not None for c in own)


def _wrong(answer: Interpretation) -> int:
    """Numbers of the model that are shown, greyed, though another was measured."""
    grey = [s for s in answer.sentences if s.verdict is Verdict.DISAGREE]
    own = [c for s in grey for c in answer.claims[s.first : s.last + 1]]
    return sum(c.kind in (ClaimKind.NUMBER, ClaimKind.UNIT) and c.verdict is Verdict.DISAGREE for c in own)


def _kind(sentence: Sentence) -> str:
    if sentence.graded:
        return "graded beside the text"
    if sentence.finding >= 0:
        return "measured, added by the criteria"
    if sentence.verdict is Verdict.AGREE and sentence.text.startswith(MARK):
        return "measured, added where the text was short"
    if sentence.verdict is Verdict.AGREE:
        return (
            "likely"
            if sentence.text.startswith(LIKELY)
            else "possible"
            if sentence.text.startswith(POSSIBLE)
            else "agreed"
        )
    return {Verdict.DISAGREE: "contradicted", Verdict.UNSUPPORTED: "withheld"}.get(sentence.verdict, "note")  # type: ignore[arg-type]


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    share = 100.0 * told["sentences_with_evidence"] / max(1, told["sentences"])
    return "\n".join(
        [
            f"{told['records']} records, of {told['by_the_model']} the model wrote: {told['sentences_per_record']} sentences and "
            f"{told['numbers_per_record']} numbers a record ({told['records_below_5_sentences']} below 5, {told['records_below_4_numbers']} below 4)",
            f"{told['numbers_disagreeing_shown']} numbers shown disagree; {share:.1f} % of {told['sentences']} sentences have evidence",
            "sentences: " + ", ".join(f"{name} {count}" for name, count in told["kinds"].items()),
            f"normal shown of {told['normal_shown']}, {told['normal_shown_and_labelled']} of them labelled so ({told['normal_labelled']} are)",
            *(marked.lines(told["marks"]) if told["marks"] else ()),
            f"{told['seconds_p50']:.3f} s of one core for an interpretation at the median, {told['seconds_p99']:.3f} s at the 99th percentile",
        ]
    )
