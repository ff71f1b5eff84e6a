"""What `vigil score findings` scores: what ships (probabilities and texts), the model of `--model DIR`, or the texts of `--answers FILE`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.claims.basis import Basis
from engine.evaluate.bench import f1
from engine.evaluate.grounded import Grounded, grounded
from engine.evaluate.interval import of_sums
from engine.evaluate.mentioned import labels_in
from engine.findings import forest, prints
from engine.findings.features import features
from engine.findings.fused import shipped
from engine.findings.trained_on import digest, trained_on
from engine.instruct.labelled import BadSet, Entry, of_recording, recording_of
from engine.instruct.labels import SUPERCLASSES
from engine.tiny_model import folder
from infra.plan import BadRequest
from infra.score import findings, run
from ingest.open_recording import UnreadableRecording

if TYPE_CHECKING:
    from engine.conversation import Conversation
    from engine.reader import Reader
    from engine.runtime import Runtime

TRAINED_ON = "trained_on.txt"
"""In the folder of a model: digests of the signals that it was trained on."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a model says of a record."""

    text: str
    likely: Mapping[str, float]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The same, held against the record."""

    read: findings.Read
    told: Told
    grounded: Grounded
    labels: tuple[str, ...]
    sources: Mapping[str, Mapping[str, float]]
    """Probabilities by source, of what ships; empty of others."""
    learnt: bool
    """Whether the forests that ship were made of it."""


def measured(args: argparse.Namespace, entries: Sequence[Entry]) -> dict[str, Any]:
    """The object of `vigil score findings`."""
    model, answers = getattr(args, "model", ""), getattr(args, "answers", "")
    if model and answers:
        raise BadRequest("--model writes texts and --answers names some: give one of the two")
    excluded, ships = 0, not (model or answers)
    if answers:
        texts = _by_file(Path(answers), entries)
    else:
        from infra.model import reader_of

        reader = reader_of(model or str(folder()))
        kept = _not_learnt(entries, reader.checkpoint.folder)
        excluded = len(entries) - len(kept)
        texts = _by_model(reader, kept)
    held = run.over(_held, [(e.place, e, texts[e.name], ships) for e in entries if e.name in texts])
    return _figures(held, excluded)


def _not_learnt(entries: Sequence[Entry], model: Path) -> list[Entry]:
    """Records that a model was not trained on, by the digests and fingerprints in its folder; raises BadRequest where none is left."""
    digests, own = model / TRAINED_ON, prints.read(model)
    listed = frozenset(digests.read_text(encoding="ascii").split()) if digests.is_file() else frozenset()
    kept = [entry for entry in entries if not (listed or len(own)) or not _learnt(entry, listed, own)]
    if not kept:
        raise BadRequest(
            f"all {len(entries)} labelled records were learnt from, so none can be scored: name other ones with --data; "
            "`docs/tiny.md` has the figures out of fold"
        )
    return kept


def _learnt(entry: Entry, listed: frozenset[str], own: prints.Prints) -> bool:
    """Whether a record is one of these; one that cannot be read is named where it is asked for."""
    try:
        recording = recording_of(entry)
    except (UnreadableRecording, BadSet, OSError):
        return False
    return digest(recording) in listed or prints.known(recording, own)


# texts ------------------------------------------------------------------------------------------------------------


def _by_file(file: Path, entries: Sequence[Entry]) -> dict[str, Told]:
    from engine.evaluate.files import BadFile, read_replies

    try:
        replies = {reply.id: reply for reply in read_replies(file)}
    except BadFile as error:
        raise BadRequest(str(error)) from None
    strange = sorted({name for r in replies.values() for name in r.likely} - set(findings.CLASSES))
    if strange:
        raise BadRequest(f"{file} has a probability of {strange[0]}: known are {', '.join(findings.CLASSES)}")
    found = {e.name: Told(replies[e.name].text, replies[e.name].likely) for e in entries if e.name in replies}
    if not found:
        raise BadRequest(
            f"{file} answers no record of these sets: question_id is set/record, {entries[0].name} for example"
        )
    return found


def _by_model(reader: Reader, entries: Sequence[Entry]) -> dict[str, Told]:
    """A text of each record by the usual question, as the live path asks for it."""
    from engine.reader import open_first
    from engine.runtime import RuntimeAway
    from infra.settings import Settings

    settings = Settings.from_environment()
    try:
        _, runtime, _ = open_first(reader, settings.runtimes, 1, settings.precision)
    except RuntimeAway as error:
        raise BadRequest(f"no runtime of the model works here: {error}") from None
    found: dict[str, Told] = {}
    for count, entry in enumerate(entries, 1):
        told = _asked(entry, reader, runtime)
        if isinstance(told, str):
            sys.stderr.write(f"record {entry.name} is left out: {told}\n")
        else:
            found[entry.name] = told
        run.progress(f"{count}/{len(entries)} texts")
    run.progress("")
    if not found:
        raise BadRequest(f"the model wrote no text of {len(entries)} records: standard error says why")
    return found


def _asked(entry: Entry, reader: Reader, runtime: Runtime) -> Told | str:
    """What the model writes of a record, its slots filled; or why it writes nothing."""
    from engine.claims.slots import render
    from engine.scheduler import Outcome

    begun = time.perf_counter()
    try:
        segment = of_recording(entry, recording_of(entry)).segment
    except (UnreadableRecording, BadSet, OSError) as error:
        return str(error)
    if segment.measurements is None:
        return segment.unreadable or "nothing could be measured"
    answer = _conversation(entry, segment, reader, runtime).written("")
    if answer.outcome is not Outcome.DONE:
        return f"{answer.outcome.value}: {answer.reason}"
    text = render(answer.text, Basis.of(segment, entry.context)).text
    return Told(text, {}, time.perf_counter() - begun)


def _conversation(entry: Entry, segment: Any, reader: Reader, runtime: Runtime) -> Conversation:
    from engine.conversation import Conversation, Given
    from engine.reader import LIMIT
    from engine.scheduler import Scheduler

    given = Given(segment, entry.context, reader.signal(segment), reader.page(segment))
    return Conversation(reader, Scheduler(runtime, reader.words, time.time_ns), given, time.time_ns, LIMIT)


def _held(item: tuple[str, Entry, Told, bool]) -> Held:
    """A text against its record, and what ships says of it where that is asked; raises Unscorable where it cannot be measured."""
    _, entry, told, ships = item
    begun = time.perf_counter()
    try:
        recording = recording_of(entry)
        segment = of_recording(entry, recording).segment
    except (UnreadableRecording, BadSet) as error:
        raise run.Unscorable(str(error)) from None
    if segment.measurements is None:
        raise run.Unscorable(segment.unreadable or "nothing could be measured")
    seconds = told.seconds if told.seconds is not None else time.perf_counter() - begun
    found = features(segment)
    if ships and not found:
        raise run.Unscorable("nothing could be measured")
    read = findings.Read(entry, digest(recording), found, seconds)
    sources = shipped().by_source(segment, found) if ships else {}
    learnt = read.digest in trained_on() or prints.known(recording, prints.shipped())
    return Held(
        read, told, grounded(told.text, Basis.of(segment, entry.context)), labels_in(told.text), sources, learnt
    )


# figures ----------------------------------------------------------------------------------------------------------


def _figures(held: Sequence[Held], excluded: int) -> dict[str, Any]:
    entries = [one.read.entry for one in held]
    truth, likely = findings.carried(entries), _likely(held)
    seconds = [one.read.seconds for one in held]
    first = next(name for name in ("fused", "model", "features") if name in likely)
    told = findings.figures(entries, likely[first], seconds, excluded, first)
    told["by_source"] |= {name: findings.macro_of(truth, one) for name, one in likely.items()}
    if "fused" in likely:
        told["ablation"] = findings.ablation(truth, likely)
    if all(one.told.seconds is None for one in held):
        told["seconds_p50"] = None
    return told | text_figures(truth, [one.labels for one in held]) | _counts(held)


def _likely(held: Sequence[Held]) -> dict[str, NDArray[np.float64]]:
    """(records, classes) by source: all of what ships; of another model its own probabilities, if any, beside the forests."""
    if all(one.sources for one in held):
        return {name: _by_classes([one.sources[name] for one in held]) for name in ("fused", "model", "features")}
    by_model, by_features = _by_classes([one.told.likely for one in held]), _by_features(held)
    return {"model": by_model, "features": by_features} if (~np.isnan(by_model)).any() else {"features": by_features}


def _by_classes(rows: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
    table = [[row.get(name, np.nan) for name in findings.CLASSES] for row in rows]
    return np.array(table, np.float64).reshape(-1, len(findings.CLASSES))


def _by_features(held: Sequence[Held]) -> NDArray[np.float64]:
    """What the forests say of records that they were not learnt from; NaN of the others."""
    forests = forest.shipped()
    return _by_classes([{} if one.learnt else forests.likely(one.read.features) for one in held])


def text_figures(truth: NDArray[np.float64], said: Sequence[Sequence[str]]) -> dict[str, Any]:
    """F1 by class with intervals over records, and its mean over the superclasses that some record carries; what is not told of a record is left out."""
    has = np.array([_with_group(one) for one in said], bool).reshape(-1, len(findings.CLASSES))
    known = ~np.isnan(truth)
    carries = truth == 1.0
    cells = np.stack([carries & has, ~carries & has, carries & ~has, ~carries & ~has], axis=2) & known[:, :, None]
    table = cells.astype(np.float64)
    there = [c for c in range(len(findings.CLASSES)) if carries[:, c].any()]
    macro = [c for c in there if c < len(SUPERCLASSES)]
    whole = of_sums(
        table[:, macro].reshape(len(table), -1), lambda sums: f1(sums.reshape(-1, len(macro), 4)).mean(axis=1)
    ) if macro else {"value": None, "low": None, "high": None}  # fmt: skip
    return {
        "text_macro_f1": whole["value"], "text_macro_f1_interval": {"low": whole["low"], "high": whole["high"]},
        "text_by_class": {
            findings.CLASSES[c]: {
                **{"f1" if k == "value" else k: v for k, v in of_sums(table[:, c], f1).items()}, "n": int(known[:, c].sum()),
                "positive": int(carries[:, c].sum()), "said": int(has[known[:, c], c].sum()),
            }
            for c in there
        },
    }  # fmt: skip


def _with_group(said: Sequence[str]) -> list[bool]:
    either = "AF" in said or "AFLT" in said
    return [name in said or (name == findings.AF_OR_AFLT and either) for name in findings.CLASSES]


def _counts(held: Sequence[Held]) -> dict[str, Any]:
    names = ("numbers", "numbers_disagreeing", "sentences", "sentences_with_evidence")
    return {name: sum(getattr(one.grounded, name) for one in held) for name in names}


def lines(told: dict[str, Any]) -> str:
    """For a person, beside what every score of findings says."""
    macro = {"value": told["text_macro_f1"], **told["text_macro_f1_interval"]}
    said = [f"findings parsed from the texts: macro F1 {_area(macro)}"]
    said += [
        f"  {name:<12} F1 {_area({**one, 'value': one['f1']})}  {one['positive']:>4} of {one['n']}, said of {one['said']}"
        for name, one in told["text_by_class"].items()
    ]
    said.append(
        f"{told['sentences']} sentences, {told['sentences_with_evidence']} of them measured to the last claim; "
        f"{told['numbers']} numbers, {told['numbers_disagreeing']} disagree"
    )
    return "\n".join(said)


def _area(one: Mapping[str, Any]) -> str:
    value, low, high = one["value"], one["low"], one["high"]
    return "-" if value is None else f"{value:.3f}" + ("" if low is None else f" ({low:.3f} to {high:.3f})")
