"""`vigil engine evaluate`: a model over a question file, its answers scored, judged, measured, and rated by readers."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.model import reader_of
from infra.plan import BadRequest
from infra.score.run import progress
from infra.settings import Settings

if TYPE_CHECKING:
    from engine.evaluate.answering import Manner
    from engine.evaluate.files import Item, Reply
    from engine.evaluate.judging import Pairs


def run(args: argparse.Namespace) -> int:
    """Answer, then score; or write or read rating sheets. 0 done, 1 broken off, 2 cannot be begun so."""
    from engine.evaluate.files import BadFile
    from engine.evaluate.ratings import BadSheet
    from engine.kept import CannotGoOn
    from infra.engine_ratings import read, write

    try:
        if args.ratings:
            return read(args)
        if args.rating_sheet:
            return write(args)
        return _evaluate(args)
    except (BadFile, BadSheet) as error:
        raise BadRequest(str(error)) from None
    except CannotGoOn as error:
        progress("")
        sys.stderr.write(f"vigil: {error}\n")
        return 1


def _evaluate(args: argparse.Namespace) -> int:
    from engine.evaluate.files import read_items, read_replies

    if not args.questions or len(args.answers) != 1:
        raise BadRequest("name one question file with --questions and one answer file with --answers")
    items = read_items(Path(args.questions))
    task = _task(args)
    file = Path(args.answers[0])
    asked = items[: args.limit] if args.limit else items
    failed = _answer(args, asked, file) if args.model else {}
    replies = read_replies(file)
    told = _scored(args, task, asked, replies, file)
    if args.model:
        told["not_answered"] = failed
    print(json.dumps(told, allow_nan=False) if args.json else lines(told))
    return 0


def _task(args: argparse.Namespace) -> str:
    from engine.evaluate.bench import TASKS, task_of

    task = args.task or task_of(Path(args.questions))
    if task not in TASKS:
        what = f"there is no task {task}" if task else f"{Path(args.questions).name} is no name of a published file"
        raise BadRequest(f"{what}: name the task with --task, one of {', '.join(TASKS)}")
    return task


# answering --------------------------------------------------------------------------------------------------------


def _answer(args: argparse.Namespace, items: list[Item], file: Path) -> dict[str, str]:
    from engine.evaluate.answering import Answering, answer_all
    from engine.reader import open_first
    from engine.runtime import RuntimeAway
    from infra.engine_train import places_of

    manner = _manner(args)
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise BadRequest(f"--answers {file}: name a file in a folder that is there")
    places = places_of(args, items)
    reader, settings = reader_of(args.model, args.sizes), Settings.from_environment()
    turns = max(len(item.questions) for item in items)
    try:
        _, runtime, _ = open_first(reader, settings.runtimes, 1, settings.precision, turns, manner.tokens)
    except RuntimeAway as error:
        raise BadRequest(f"no runtime of the model works here: {error}") from None
    answering = Answering(reader, runtime, places, manner)
    failed = answer_all(answering, items, reader.name, manner, file, progress)
    progress("")
    for why in failed.values():
        sys.stderr.write(f"not answered: {why}\n")
    return failed


def _manner(args: argparse.Namespace) -> Manner:
    from engine.evaluate.answering import Manner

    if args.tokens < 1:
        raise BadRequest(f"--tokens {args.tokens}: an answer has at least one")
    if args.shown and args.signal == "published":
        raise BadRequest("--shown checks Vigil's own signal: leave out --signal published")
    return Manner(args.shown, args.signal, args.only or "", args.tokens)


# scoring ----------------------------------------------------------------------------------------------------------


def _scored(args: argparse.Namespace, task: str, items: list[Item], replies: list[Reply], file: Path) -> dict[str, Any]:
    from engine.evaluate.bench import JUDGED, TASKS, score

    kind = TASKS[task].kind
    if kind not in JUDGED:
        if args.judge or args.verdicts:
            raise BadRequest(f"{task} is scored by parsing and needs no judge: leave out --judge and --verdicts")
        return score(task, items, replies)
    by_id = {reply.id: reply for reply in replies}
    pairs = [(item, by_id[item.id]) for item in items if item.id in by_id]
    told: dict[str, Any] = {
        "task": task, "questions": len(items), "answered": len(pairs), "missing": len(items) - len(pairs),
        "strange": len(by_id) - len(pairs), "judged": _judged(args, kind, pairs, file), "measured": None,
    }  # fmt: skip
    if kind == "grounding":
        told["measured"] = _measured(args, pairs)
    return told


def _judged(args: argparse.Namespace, kind: str, pairs: Pairs, file: Path) -> dict[str, Any] | None:
    """Columns by a judge, or by verdicts that are there; None where there is neither."""
    from engine.endpoint import Endpoint
    from engine.evaluate.judge import KEY
    from engine.evaluate.judging import figures, judge_all, read_verdicts

    if bool(args.judge) != bool(args.judge_model):
        raise BadRequest("a judge is named by both, --judge URL and --judge-model MODEL")
    if args.judge:
        if not args.judge.startswith(("http://", "https://")):
            raise BadRequest(f"--judge {args.judge} is no http address: name it up to /chat/completions")
        endpoint = Endpoint(args.judge, args.judge_model, args.timeout, key=KEY)
        verdicts = Path(args.verdicts) if args.verdicts else file.with_name(f"{file.stem}.verdicts.jsonl")
        told = judge_all(endpoint, kind, pairs, verdicts, progress)
        progress("")
        return {"judge": args.judge_model, **figures(kind, pairs, told)}
    if args.verdicts:
        return {"judge": None, **figures(kind, pairs, read_verdicts(Path(args.verdicts), kind))}
    return None


def _measured(args: argparse.Namespace, pairs: Pairs) -> dict[str, Any] | None:
    """Columns that numbers decide; None where no recordings are named."""
    from engine.claims.basis import Basis
    from engine.evaluate.answering import segment_of
    from engine.evaluate.grounded import Grounded, grounded, summed
    from engine.instruct.labelled import BadSet
    from engine.train.recordings import Unreadable
    from infra.engine_train import places_of
    from ingest.open_recording import UnreadableRecording

    if not (args.records or Settings.from_environment().data):
        return None
    places = places_of(args, [item for item, _ in pairs])
    found: list[tuple[str, Grounded]] = []
    left = 0
    for count, (item, reply) in enumerate(pairs, 1):
        try:
            basis = Basis.of(segment_of(item, places))
        except (Unreadable, UnreadableRecording, BadSet, OSError, ValueError) as error:
            left += 1
            sys.stderr.write(f"not measured: {item.id}: {error}\n")
            continue
        found.append((item.recording, grounded(reply.text, basis)))
        progress(f"{count}/{len(pairs)} answers measured")
    progress("")
    return {**summed(found), "not_measured": left}


# telling ----------------------------------------------------------------------------------------------------------


def lines(told: dict[str, Any]) -> str:
    """For a person: shares in per cent, columns of a judge on their own scales."""
    said = [f"{told['task']}: {told['answered']} of {told['questions']} answered"]
    published = told.get("published_questions")
    if published and published != told["questions"]:
        said.append(f"  the published set has {published} questions: the figures are not those of it")
    for title in ("as_published", "corrected"):
        for name, one in _shares(told.get(title) or {}):
            said.append(f"  {title.replace('_', ' '):<12} {name:<18} {figure(one, 100.0)}")
    for title in ("judged", "measured"):
        for name, one in ((told.get(title) or {}).get("columns") or {}).items():
            said.append(f"  {title:<12} {name:<26} {figure(one)}  of {one['n']}")
    if told.get("judged", 0) is None:
        said.append("  not judged: name a judge with --judge URL --judge-model MODEL")
    if told.get("measured", 0) is None and told["task"] == "grounding":
        said.append("  not measured: name the folder of recordings with --records")
    return "\n".join(said)


def _shares(told: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(name, one) for name, one in told.items() if isinstance(one, dict) and "value" in one]


def figure(one: dict[str, Any], scale: float = 1.0) -> str:
    """A value with its interval, `-` where unknown."""
    if one["value"] is None:
        return "-"
    low, high = one["low"], one["high"]
    between = "" if low is None or high is None else f" ({scale * low:.2f} to {scale * high:.2f})"
    return f"{scale * one['value']:.2f}{between}"
