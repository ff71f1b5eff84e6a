"""The conversation that the model was trained on: template, placeholder, labels.

The template is `llava_v1` of the published code: its system sentence says "human", its separators are one space and
`</s>`. Text is cut at each placeholder and each piece is read by itself, as the published code does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.gem.config import IGNORED, IMAGE_ID
from engine.gem.words import Words

PLACEHOLDER = "<image>"
SYSTEM = (
    "A chat between a curious human and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the human's questions."
)
GROUNDING = (
    "Interpret the provided ECG image, identify key features and abnormalities in each lead, and generate a "
    "clinical diagnosis that is supported by the observed evidence"
)
"""The question that GEM was trained and judged with."""
_USER, _ASSISTANT, _STOP = "USER: ", "ASSISTANT:", "</s>"
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and, once it is given, its answer."""

    question: str
    answer: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows of equal length. ids, labels: (rows, n) int64; mask: (rows, n) bool, False at padding."""

    ids: Ids
    labels: Ids
    mask: NDArray[np.bool_]


def with_recording(question: str) -> str:
    """A question that has the recording in front; a placeholder that stands elsewhere is moved there."""
    return f"{PLACEHOLDER}\n{question.replace(PLACEHOLDER, '').strip()}".strip()


def without_marks(question: str) -> str:
    """A person's text with nothing in it that the template would take for a mark of its own."""
    for mark in (PLACEHOLDER, _STOP, "<s>", "<unk>"):
        question = question.replace(mark, " ")
    return question.strip()


def template(turns: Sequence[Turn]) -> str:
    """The text of a conversation; where the last turn has no answer, it ends where the answer begins."""
    text = f"{SYSTEM} "
    for turn in turns:
        text += f"{_USER}{turn.question} {_ASSISTANT}"
        if turn.answer is not None:
            text += f" {turn.answer}{_STOP}"
    return text


def encode(text: str, words: Words, begin: bool = True) -> Ids:
    """Ids (n,) of a text, -200 at each placeholder, the begin token first unless it only goes on."""
    found = [words.begin] if begin else []
    for k, piece in enumerate(text.split(PLACEHOLDER)):
        if k:
            found.append(IMAGE_ID)
        found += words.ids(piece)
    return np.array(found, np.int64)


def follow_up(question: str, words: Words) -> Ids:
    """What is appended to an answered conversation when it goes on; begins with the `</s>` of the answer."""
    return encode(f"{_STOP}{_USER}{question} {_ASSISTANT}", words, begin=False)


def labelled(turns: Sequence[Turn], words: Words) -> tuple[Ids, Ids]:
    """Ids and labels of a finished conversation: -100 everywhere but in the answers and their `</s>`.

    With a SentencePiece model the lengths are counted as the published code counts them; where they do not add up,
    which an answer that contains the assistant's mark causes, the whole conversation is -100.
    """
    text = template(turns)
    if words.spans("") is not None:
        return _labelled_by_place(text, turns, words)
    ids = encode(text, words)
    labels = ids.copy()
    at = 1
    labels[:at] = IGNORED
    mark = f" {_ASSISTANT} "
    for k, part in enumerate(text.split(_STOP)):
        if not part:
            break
        halves = part.split(mark)
        if len(halves) != 2:
            break
        later = int(k > 0 and not words.legacy)
        whole = len(encode(part, words)) - later
        asked = len(encode(halves[0] + mark, words)) - 2 - later
        labels[at : at + asked] = IGNORED
        at += whole
    labels[at:] = IGNORED
    if at != int(np.count_nonzero(ids)):
        labels[:] = IGNORED
    return ids, labels


def _labelled_by_place(text: str, turns: Sequence[Turn], words: Words) -> tuple[Ids, Ids]:
    """The same through the places of tokens in the text, for tokenizers that tell them."""
    answers: list[tuple[int, int]] = []
    after = len(SYSTEM) + 1
    for turn in turns:
        begin = after + len(f"{_USER}{turn.question} {_ASSISTANT}")
        after = begin + (len(f" {turn.answer}{_STOP}") if turn.answer is not None else 0)
        answers.append((begin, after))
    ids, labels, place = [words.begin], [IGNORED], 0
    for k, piece in enumerate(text.split(PLACEHOLDER)):
        if k:
            ids.append(IMAGE_ID)
            labels.append(IGNORED)
            place += len(PLACEHOLDER)
        for token, first, last in words.spans(piece) or ():
            inside = any(a <= place + first and place + last <= b for a, b in answers)
            ids.append(token)
            labels.append(token if inside else IGNORED)
        place += len(piece)
    return np.array(ids, np.int64), np.array(labels, np.int64)


def collate(items: Iterable[tuple[Ids, Ids]], pad: int, longest: int) -> Batch:
    """Conversations of different lengths as one batch: padded on the right, cut to `longest`.

    A token whose id is that of padding is masked too, as in the published code.
    """
    pairs = [(ids[:longest], labels[:longest]) for ids, labels in items]
    width = max(len(ids) for ids, _ in pairs)
    ids = np.full((len(pairs), width), pad, np.int64)
    labels = np.full((len(pairs), width), IGNORED, np.int64)
    for row, (some, told) in enumerate(pairs):
        ids[row, : len(some)] = some
        labels[row, : len(told)] = told
    return Batch(ids, labels, ids != pad)
