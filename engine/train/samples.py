"""Samples of the published JSON files, and of `vigil engine instruct`, as questions, answers and names of recordings. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np

from engine.gem.config import IGNORED, IMAGE_ID, GemConfig
from engine.gem.prompt import PLACEHOLDER, Ids, Turn, labelled, with_recording
from engine.gem.words import Words
from engine.instruct.labelled import Change
from engine.instruct.simulated import DATABASE
from engine.train.needs import Refused


class Unusable(ValueError):
    """A sample that nothing can be learnt from; a few words that say why, the same for alike samples."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation about a recording; what it names is not looked for yet."""

    where: str
    """File and place in its list."""
    id: str
    ecg: str
    """Path of the signal without suffix; empty: none is named."""
    image: str
    turns: tuple[Turn, ...]
    change: Change = field(default_factory=Change)
    """What is done to the recording before it is shown."""

    @property
    def letters(self) -> int:
        """Length of its texts, by which batches are grouped."""
        return sum(len(turn.question) + len(turn.answer or "") for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Text:
    """A conversation as ids. ids, labels: (n,) int64, -200 at the recording, -100 where nothing is learnt."""

    ids: Ids
    labels: Ids

    @property
    def has_recording(self) -> bool:
        return bool((self.ids == IMAGE_ID).any())

    @property
    def learnt(self) -> int:
        """Labelled tokens."""
        return int((self.labels != IGNORED).sum())


class _Said(msgspec.Struct):
    who: str = msgspec.field(name="from")
    value: str


class _Told(msgspec.Struct):
    conversations: list[_Said]
    id: str | int = ""
    ecg: str | list[str] | None = None
    image: str | list[str] | None = None
    vigil: dict[str, Any] | None = None


def read_samples(files: Sequence[Path]) -> tuple[list[Sample], list[tuple[str, str]]]:
    """Every sample of JSON lists in their order, and those that are none: (where, why). Raises Refused for a file."""
    samples, unusable = [], []
    for path in files:
        for k, raw in enumerate(_list(path)):
            where = f"{path.name}:{k}"
            try:
                samples.append(_sample(where, msgspec.json.decode(raw, type=_Told)))
            except msgspec.ValidationError as error:
                unusable.append((where, f"it is no sample ({str(error).split(' - at')[0].replace('`', '')})"))
            except Unusable as error:
                unusable.append((where, str(error)))
    if not samples:
        why = f"; of the first, {unusable[0][0]}, {unusable[0][1]}" if unusable else ""
        raise Refused(f"{', '.join(str(f) for f in files)} holds no sample that can be learnt from{why}")
    return samples, unusable


def _list(path: Path) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[msgspec.Raw])
    except FileNotFoundError:
        raise Refused(f"--data {path} is not there") from None
    except OSError as error:
        raise Refused(f"--data {path} cannot be read: {error.strerror or error}") from None
    except msgspec.DecodeError as error:
        raise Refused(
            f"--data {path} is no JSON list of samples ({error}): name what `vigil engine instruct` writes"
        ) from None


def _sample(where: str, told: _Told) -> Sample:
    ecg, image = _one(told.ecg), _one(told.image)
    turns = _turns(told.conversations)
    places = sum(PLACEHOLDER in turn.question for turn in turns)
    if ecg or image:
        if places > 1:
            raise Unusable(f"it shows {places} recordings in one conversation, which is not learnt here")
        first = 0 if not places else next(k for k, turn in enumerate(turns) if PLACEHOLDER in turn.question)
        turns[first] = Turn(with_recording(turns[first].question), turns[first].answer)
    elif places:
        raise Unusable("it has a place for a recording and names none")
    return Sample(where, str(told.id), ecg, image, tuple(turns), _change(told.vigil))


def _one(name: str | list[str] | None) -> str:
    """A single name; the published files have lists in places."""
    names = [name] if isinstance(name, str) else name or []
    if len(names) > 1:
        raise Unusable(f"it shows {len(names)} recordings in one conversation, which is not learnt here")
    return names[0] if names else ""


def _turns(said: Sequence[_Said]) -> list[Turn]:
    """Questions with their answers; what stands before the first question is passed over, as in the published code."""
    said = said[1:] if said and said[0].who != "human" else said
    if len(said) < 2 or any(one.who != ("human", "gpt")[k % 2] for k, one in enumerate(said)):
        raise Unusable("its conversation is not question and answer by turns")
    turns = [Turn(q.value, a.value) for q, a in zip(said[::2], said[1::2], strict=False)]
    if not all((turn.answer or "").strip() for turn in turns):
        raise Unusable("an answer of it is empty")
    return turns


def _change(vigil: Mapping[str, Any] | None) -> Change:
    told = (vigil or {}).get("change") or {}
    try:
        return msgspec.convert(told, Change)
    except msgspec.ValidationError:
        raise Unusable("the change of its recording cannot be read") from None


def as_text(sample: Sample, words: Words, config: GemConfig, longest: int) -> Text:
    """Ids and labels by the template `llava_v1`; raises Unusable where no label is left or the tokenizer does not fit.

    longest: positions after which the spliced sequence is cut. What is not -100 are the answers and their `</s>`; a token
    whose id is that of padding is no label, as in the published code.
    """
    ids, labels = labelled(sample.turns, words)
    if ids.max() >= config.llama.vocabulary:
        raise Refused(f"the tokenizer gives id {ids.max()}, and the model has {config.llama.vocabulary} words")
    labels = np.where(ids == config.tokens.pad, IGNORED, labels)
    if (labels == IGNORED).all():
        raise Unusable("its text holds a mark of the template, so that no answer can be told")
    room = longest - (config.recording_tokens - 1 if (ids == IMAGE_ID).any() else 0)
    text = Text(ids[:room], labels[:room])
    if not text.learnt:
        raise Unusable(f"its answer begins behind position {longest}")
    return text


class Named(Protocol):
    """What names its recording."""

    @property
    def ecg(self) -> str: ...

    @property
    def image(self) -> str: ...


def databases(samples: Sequence[Named]) -> list[str]:
    """First components of the paths of signals: the sets that are needed, in order; the teacher's records need none."""
    return sorted({sample.ecg.partition("/")[0] for sample in samples if "/" in sample.ecg} - {DATABASE})
