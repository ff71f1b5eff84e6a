"""One record to its samples: measured, argued, written, checked; and what became of those that were not written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from engine.claims.basis import Basis
from engine.claims.slots import SLOTS, value
from engine.gem.prompt import GROUNDING, with_recording
from engine.instruct import labels, phrases
from engine.instruct.endpoint import LONGEST as LONGEST_ANSWER
from engine.instruct.endpoint import Writer, prompt
from engine.instruct.grammar import LONGEST, Case
from engine.instruct.guider import Stand, checker_names, guide
from engine.instruct.labelled import Change, Entry, Labelled, of_recording, recording_of
from engine.instruct.sequences import Sequence_, sequences
from engine.instruct.tasks import REPORT_LEAST, TASKS, Asked, known, tasks
from engine.instruct.verify import Checked, How, Said, checked, measured, prose
from ingest.open_recording import UnreadableRecording
from ingest.recording import Recording
from stream.measurement import Quality
from stream.segment import SEGMENT_S

FEWER_LEADS = (
    ("I", "II", "III", "aVR", "aVL", "aVF"), ("II",), ("I", "II"), ("II", "V1"), ("I", "II", "V1", "V5"), ("I", "II", "III", "aVR", "aVL", "aVF", "V1"),
    ("V1", "V2", "V3", "V4", "V5", "V6"),
)  # fmt: skip
"""Sets of leads as monitors have them, and the chest leads alone."""
NOISES_MV = (1.0, 2.0, 4.0)
TASKS_OF_FEWER = ("grounded", "features")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made of each record."""

    seed: int = 0
    tasks: tuple[str, ...] = tuple(TASKS)
    words: int = LONGEST
    """Of a grounded report, at most."""
    slots: bool = False
    """Answers keep their slots, for a model whose numbers are put in by the measurement."""
    fewer: float = 0.25
    """Share of the records that are asked about once more with leads missing."""
    unreadable: float = 0.05
    """Share that is asked about once more with the signal lost or hidden."""
    images: str = ""
    """Folder for pages; empty: none are drawn."""
    writer: Writer | None = None
    often: tuple[tuple[str, float], ...] = ()
    """By code how often it is asked about where it is there (`tasks.often`)."""


@dataclass(slots=True)
class Made:
    """What became of one record."""

    record: str
    samples: list[dict[str, Any]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    """Samples that were not written, by task and reason."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Sentences that were left out of written samples, by reason."""
    stands: Counter[str] = field(default_factory=Counter)
    """Labelled diagnoses by what the measurements say to them."""
    grounded: list[tuple[int, int, int]] = field(default_factory=list)
    """Sentences, numbers and words of each grounded report."""


def make(entry: Entry, group: str, plan: Plan) -> Made:
    """Every sample of a record; raises EndpointAway where an endpoint is asked and does not answer, and BadSet."""
    made = Made(entry.name)
    try:
        recording = recording_of(entry)
        if recording.samples.shape[1] < SEGMENT_S * recording.rate_hz:
            made.dropped["record: it is shorter than ten seconds"] += 1
            return made
        whole = of_recording(entry, recording)
        _draw(whole, plan)
    except (UnreadableRecording, OSError) as error:
        made.dropped[f"record: {_reason(error)}"] += 1
        return made
    rng = Random(f"{plan.seed} {entry.name}")
    _samples(whole, group, plan, rng, made, plan.tasks)
    wanted = tuple(name for name in TASKS_OF_FEWER if name in plan.tasks)
    if wanted and rng.random() < plan.fewer:
        fewer = _changed(entry, recording, Change(leads=rng.choice(FEWER_LEADS)), made)
        if fewer is not None:
            _draw(fewer, plan)
            _samples(_answerable(fewer), group, replace(plan, writer=None), rng, made, wanted)
    if "grounded" in plan.tasks and rng.random() < plan.unreadable:
        change = (
            Change(lost=True)
            if rng.random() < 0.5
            else Change(noise_mv=rng.choice(NOISES_MV), seed=rng.randrange(1 << 30))
        )
        hidden = _changed(entry, recording, change, made)
        if hidden is not None and _hidden(hidden):
            _draw(hidden, plan)
            _unreadable(hidden, group, plan, rng, made)
    return made


def _changed(entry: Entry, recording: Recording, change: Change, made: Made) -> Labelled | None:
    try:
        return of_recording(entry, recording, change)
    except UnreadableRecording:
        made.dropped["missing leads: none of those that are kept was recorded"] += 1
        return None


def _answerable(fewer: Labelled) -> Labelled:
    """With those labels alone that fewer leads can bear: rhythms, and what is still measured; never a normal ECG."""
    if fewer.segment.measurements is None:
        return fewer
    told = guide(Basis.of(fewer.segment, fewer.entry.context), fewer.entry.codes)
    kept = {
        one.code
        for one in told
        if one.code != "NORM" and (one.stand is Stand.FOR or labels.LABELS[one.code].kind in ("rhythm", "beats"))
    }
    codes = tuple(code for code in fewer.entry.codes if code in kept)
    classes = fewer.entry.classes & {labels.LABELS[code].superclass for code in codes}
    return replace(fewer, entry=replace(fewer.entry, codes=codes, classes=classes))


def _hidden(changed: Labelled) -> bool:
    m = changed.segment.measurements
    return m is None or all(lead.quality is not Quality.GOOD for lead in m.leads)


def _samples(labelled: Labelled, group: str, plan: Plan, rng: Random, made: Made, wanted: tuple[str, ...]) -> None:
    """Samples of a segment that can be read, else the answer that it cannot."""
    if labelled.segment.measurements is None:
        _unreadable(labelled, group, plan, rng, made)
        return
    basis = Basis.of(labelled.segment, labelled.entry.context)
    case = Case(labelled, basis, rng, dict(plan.often))
    if not labelled.change.told:
        made.stands.update(f"{one.stand}: {one.code}" for one in case.arguments)
    if "grounded" in wanted and not known(case):
        fewer = "that its leads can bear" if labelled.change.leads else "of the table"
        made.dropped[f"grounded: no finding {fewer} is labelled"] += 1
    for asked, answer in _answers(case, plan, wanted):
        if answer.failed:
            made.dropped[f"{asked.task}: {answer.failed}"] += 1
            continue
        made.left_out.update(f"{asked.task}: {why}" for why in answer.left_out)
        if asked.task == "grounded":
            made.grounded.append((answer.sentences, answer.numbers, len(answer.text.split())))
        made.samples.append(
            _sample(labelled, group, asked, answer.slotted if plan.slots else answer.text, len(made.samples))
        )


def _answers(case: Case, plan: Plan, wanted: tuple[str, ...]) -> Iterator[tuple[Asked, Checked]]:
    for asked in tasks(case, wanted, plan.words):
        if asked.task == "grounded" and plan.writer is not None:
            yield asked, _written(case, plan.writer, plan.seed)
        else:
            yield asked, checked(asked.answer, case.basis, asked.least)


def _written(case: Case, writer: Writer, seed: int) -> Checked:
    """A grounded report by the endpoint, held against the measurements."""
    whole = {
        slot.measure: value(name, "", case.basis)[0]
        for name, slot in SLOTS.items()
        if not slot.per_lead and case.has(name)
    }
    asked = prompt(case.labelled.entry.report, case.arguments, whole, _by_lead(case.labelled))
    text = writer.write(asked, seed)
    if len(text.split()) > LONGEST_ANSWER:
        return Checked("", "", 0, 0, (), "the endpoint's answer is too long")
    return prose(text, case.basis, checker_names(case.labelled.entry.codes), REPORT_LEAST)


def _by_lead(labelled: Labelled) -> dict[str, dict[str, Sequence_]]:
    """The sequences of each lead, held against the beats that the report is written from."""
    return measured(sequences(labelled.segment), labelled.segment.measurements)[0]


def _unreadable(labelled: Labelled, group: str, plan: Plan, rng: Random, made: Made) -> None:
    """The answer that nothing can be read, to the question that is always asked."""
    kind = "noise" if labelled.change.noise_mv else "lost"
    answer = checked((Said(rng.choice(phrases.UNREADABLE[kind]), How.PLAIN, True),), None)
    asked = Asked("unreadable", "", ())
    if answer.failed:
        made.dropped[f"unreadable: {answer.failed}"] += 1
    else:
        made.samples.append(_sample(labelled, group, asked, answer.text, len(made.samples)))


def _sample(labelled: Labelled, group: str, asked: Asked, text: str, number: int) -> dict[str, Any]:
    """In the published format, with what our own training asks for under `vigil`."""
    entry = labelled.entry
    grounded = asked.task in ("grounded", "unreadable")
    sample: dict[str, Any] = {
        "id": f"{entry.database}-{entry.record}-{number}".replace("/", "-"),
        "ecg": entry.ecg,
        "image": image_name(labelled),
        "conversations": [
            {"from": "human", "value": with_recording(asked.question or GROUNDING)},
            {"from": "gpt", "value": text},
        ],
    }
    if grounded:
        sample |= {"machine_measurements": _by_lead(labelled), "report": entry.report}
    sample["vigil"] = {
        "task": asked.task, "database": entry.database, "group": group, "fold": entry.fold, "codes": list(entry.codes),
        "labels": list(labels.fifteen(entry.codes, entry.classes)), "about": list(asked.about), "change": labelled.change.told,
    }  # fmt: skip
    return sample


# pages ------------------------------------------------------------------------------------------------------------


def image_name(labelled: Labelled) -> str:
    """Path of the page under the folder of images; another one for each change."""
    change, stem = labelled.change, labelled.entry.ecg.replace("#", "-")
    tag = (
        f"-{'_'.join(change.leads)}"
        if change.leads
        else "-lost"
        if change.lost
        else "-noise"
        if change.noise_mv
        else ""
    )
    return f"{stem}{tag}-0.png"


def _draw(labelled: Labelled, plan: Plan) -> None:
    """Write the page of a segment, unless it is there."""
    if not plan.images:
        return
    from engine.page import draw_page

    file = Path(plan.images) / image_name(labelled)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.png")
        draw_page(labelled.signal_mv, labelled.measured).save(part)
        part.replace(file)


def _reason(error: Exception) -> str:
    """Without names, so that it can be counted."""
    return "a file of it is missing" if isinstance(error, OSError) or "not there" in str(error) else "it cannot be read"
