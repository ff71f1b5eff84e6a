"""Question files of the published benchmarks and of `vigil engine instruct`, and answer files as the published scripts write them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.gem.prompt import PLACEHOLDER
from engine.instruct.labelled import Change

Gold = str | tuple[str, ...]
_QUESTION = frozenset({"human", "user"})


class BadFile(ValueError):
    """A file that cannot be read as what it should be; one sentence that says what, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is asked about one recording, with the answers that are held to be right."""

    id: str
    ecg: str
    """Path of the signal without suffix; empty: none is named."""
    image: str
    questions: tuple[str, ...]
    golds: tuple[Gold, ...]
    change: Change = field(default_factory=Change)
    report: str = ""

    @property
    def recording(self) -> str:
        """What answers about one recording have in common."""
        return self.ecg or self.image or self.id

    @property
    def gold(self) -> str:
        """The last answer as one text."""
        last = self.golds[-1] if self.golds else ""
        return last if isinstance(last, str) else ", ".join(last)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered to one item."""

    id: str
    texts: tuple[str, ...]
    prompt: str = ""
    """As it was asked, where the file says so."""
    model: str = ""
    likely: Mapping[str, float] = field(default_factory=dict)
    """Probabilities by class, where the model gives them."""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The answer to the last question."""
        return self.texts[-1] if self.texts else ""


def read_items(path: Path) -> list[Item]:
    """Every item of a JSON list, or of JSON lines, in its order; raises BadFile."""
    found, seen = [], set[str]()
    for where, told in _objects(path):
        item = _item(where, told)
        if item.id in seen:
            raise BadFile(f"{where} repeats the id {item.id}: each question needs an id of its own")
        seen.add(item.id)
        found.append(item)
    if not found:
        raise BadFile(f"{path} holds no question: name a question file of the benchmark with --questions")
    return found


def _objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    text = _text(path)
    try:
        if path.suffix == ".jsonl":
            listed = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            listed = json.loads(text)
    except ValueError as error:
        raise BadFile(f"{path} is not JSON ({error}): name a question file of the benchmark") from None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise BadFile(f"{path} is no JSON list of objects: name a question file of the benchmark")
    yield from ((f"entry {k} of {path}", one) for k, one in enumerate(listed, 1))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadFile(f"{path} cannot be read ({error.strerror or error}): name a file that is there") from None
    except UnicodeDecodeError:
        raise BadFile(f"{path} is not UTF-8 text: name a JSON file") from None


def _item(where: str, told: Mapping[str, Any]) -> Item:
    id_ = told.get("id", told.get("No", told.get("question_id")))
    if not isinstance(id_, str | int) or isinstance(id_, bool) or id_ == "":
        raise BadFile(f'{where} has no "id": each question needs one')
    turns = told.get("conversations", told.get("conversation"))
    if not isinstance(turns, list) or not turns:
        raise BadFile(f'{where} has no "conversations": questions stand there')
    questions, golds = _turns(where, turns)
    change = (told.get("vigil") or {}).get("change") if isinstance(told.get("vigil"), dict) else None
    return Item(
        str(id_), _first(told.get("ecg")), _first(told.get("image")), questions, golds, _change(where, change), str(told.get("report") or "")
    )  # fmt: skip


def _turns(where: str, turns: Sequence[Any]) -> tuple[tuple[str, ...], tuple[Gold, ...]]:
    """Questions and answers, of {from, value} by turns or of {question, answer}."""
    questions: list[str] = []
    golds: list[Gold] = []
    for turn in turns:
        if not isinstance(turn, dict):
            raise BadFile(f"{where}: a turn of its conversation is no object")
        if "question" in turn:
            questions.append(_asked(str(turn["question"])))
            golds.append(_gold(turn.get("answer", "")))
        elif turn.get("from") in _QUESTION:
            questions.append(_asked(str(turn.get("value", ""))))
        elif "value" in turn and questions:
            golds.append(_gold(turn["value"]))
    if not questions:
        raise BadFile(f"{where} asks nothing: its conversation has no turn of a human")
    return tuple(questions), tuple(golds)


def _asked(value: str) -> str:
    return value.replace(PLACEHOLDER, "").strip()


def _gold(value: Any) -> Gold:
    return tuple(str(one) for one in value) if isinstance(value, list) else str(value)


def _first(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""


def _change(where: str, told: Any) -> Change:
    import msgspec

    try:
        return msgspec.convert(told or {}, Change)
    except msgspec.ValidationError as error:
        raise BadFile(f'{where}: "change" of its recording cannot be read ({error})') from None


# answers ----------------------------------------------------------------------------------------------------------


def read_replies(path: Path) -> list[Reply]:
    """Every answer of a file of JSON lines in its order; raises BadFile.

    `question_id` or `id`; `text` or `response`; of several turns `predict_convs` with {question, answer}, or `response` as a list.
    """
    found: dict[str, Reply] = {}
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        where = f"line {number} of {path}"
        try:
            told = json.loads(line)
        except ValueError as error:
            raise BadFile(f"{where} is no JSON object ({error}): mend the line, or leave it out") from None
        if not isinstance(told, dict):
            raise BadFile(f"{where} is no JSON object: mend the line, or leave it out")
        reply = _reply(where, told)
        if reply.id in found:
            raise BadFile(f"{where} answers {reply.id} a second time: leave one of the two out")
        found[reply.id] = reply
    if not found:
        raise BadFile(f"{path} holds no answer: name what a model wrote with --answers")
    return list(found.values())


def _reply(where: str, told: Mapping[str, Any]) -> Reply:
    id_ = told.get("question_id", told.get("id"))
    if not isinstance(id_, str | int) or isinstance(id_, bool):
        raise BadFile(f'{where} has neither "question_id" nor "id"')
    said = told.get("text", told.get("predict_convs", told.get("response")))
    if isinstance(said, list):
        texts = tuple(str(t.get("answer", t.get("response", ""))) if isinstance(t, dict) else str(t) for t in said)
    elif isinstance(said, str):
        texts = (said,)
    else:
        raise BadFile(f'{where} has no answer: "text", "response" or "predict_convs"')
    prompt = told.get("prompt", "")
    prompt = prompt.get("prompt", "") if isinstance(prompt, dict) else prompt
    metadata = told.get("metadata")
    return Reply(
        str(id_), texts, str(prompt), str(told.get("model_id") or ""), _likely(where, told.get("probabilities")),
        metadata if isinstance(metadata, dict) else {},
    )  # fmt: skip


def _likely(where: str, told: Any) -> dict[str, float]:
    if told is None:
        return {}
    good = isinstance(told, dict) and all(
        isinstance(v, int | float) and not isinstance(v, bool) and 0.0 <= v <= 1.0 for v in told.values()
    )
    if not good:
        raise BadFile(f'{where}: "probabilities" is an object of classes with a number from 0 to 1 each')
    return {str(name): float(value) for name, value in told.items()}
