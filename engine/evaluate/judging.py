"""Many answers before a judge: kept as they come, gone on with where it broke off, and summed up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.endpoint import SILENT, Endpoint, EndpointAway
from engine.evaluate.files import BadFile, Item, Reply
from engine.evaluate.interval import mean
from engine.evaluate.judge import CRITERIA, Scores, columns, judged, prompt, scores
from engine.kept import CannotGoOn, begun

Pairs = Sequence[tuple[Item, Reply]]
Progress = Callable[[str], None]


def judge_all(endpoint: Endpoint, kind: str, pairs: Pairs, file: Path, progress: Progress) -> dict[str, Scores]:
    """Scores of every answer by id; verdicts are kept in `file`, and those that it has are not asked for again. Raises CannotGoOn."""
    done: dict[str, Scores] = {}
    asked_of = {item.id: _digest(prompt(kind, item, reply)) for item, reply in pairs}
    for told in begun(file, {"judge": endpoint.model, "task": kind}):
        if told["id"] in asked_of and told["asked"] != asked_of[told["id"]]:
            raise CannotGoOn(f"{file} judges another answer to {told['id']}: name another file with --verdicts")
        done[told["id"]] = told["scores"]
    silent, why = 0, ""
    with file.open("a", encoding="utf-8") as lines:
        for item, reply in pairs:
            if item.id in done:
                continue
            try:
                told = judged(endpoint, kind, item, reply)
            except EndpointAway as error:
                silent, why = silent + 1, str(error)
                if silent >= SILENT:
                    break
                continue
            silent, done[item.id] = 0, told["scores"]
            lines.write(json.dumps({**told, "asked": asked_of[item.id]}, allow_nan=False) + "\n")
            lines.flush()
            progress(f"{len(done)}/{len(pairs)} answers judged")
    if why:
        raise CannotGoOn(f"{why}; verdicts so far are kept in {file}: run the same command again to go on")
    return done


def read_verdicts(path: Path, kind: str) -> dict[str, Scores]:
    """Scores by id of a file that `judge_all` wrote, or of a JSON object of replies by id as the published scripts keep them."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        told = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    except OSError as error:
        raise BadFile(f"--verdicts {path} cannot be read ({error.strerror or error})") from None
    except ValueError as error:
        raise BadFile(f"--verdicts {path} is not JSON ({error}): name what a judge wrote") from None
    if isinstance(told, dict):
        return {str(id_): scores(kind, str(reply)) for id_, reply in told.items()}
    found = {}
    for number, line in enumerate(told, 1):
        if isinstance(line, dict) and isinstance(line.get("scores"), dict) and "id" in line:
            found[str(line["id"])] = scores(kind, json.dumps(_as_reply(line["scores"])))
        elif not (number == 1 and isinstance(line, dict) and line.get("task") == kind):
            raise BadFile(f"line {number} of {path} is no verdict on a task of kind {kind}: name another file")
    return found


def _as_reply(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [{"Score": one} for one in entries] if isinstance(entries, list) else entries
        for name, entries in told.items()
    }


def figures(kind: str, pairs: Pairs, verdicts: Mapping[str, Mapping[str, Sequence[int]]]) -> dict[str, Any]:
    """Each column's mean over the answers of which it could be read, with its interval over recordings and how many those are."""
    rows = [(item, columns(kind, verdicts[item.id])) for item, _ in pairs if item.id in verdicts]
    names = list(dict.fromkeys([c.name for c in CRITERIA[kind]] + [n for _, row in rows for n in row]))
    places = [item.recording for item, _ in rows]
    told: dict[str, Any] = {name: mean([row.get(name) for _, row in rows], places) for name in names}
    whole = [
        sum(row[c.name] for c in CRITERIA[kind]) / len(CRITERIA[kind])
        if all(c.name in row for c in CRITERIA[kind])
        else None
        for _, row in rows
    ]
    if kind != "grounding":
        told["Average"] = mean(whole, places)
    return {"columns": told, "judged": len(rows), "incomplete": whole.count(None), "unjudged": len(pairs) - len(rows)}


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
