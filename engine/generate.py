"""Greedy answers over any runtime: the recording put into the prompt, then one token after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.gem.config import IMAGE_ID
from engine.runtime import Floats, Ids, Runtime


@dataclass(frozen=True, slots=True)
class Generated:
    """An answer. ids: what was generated, the end token included where it came."""

    ids: tuple[int, ...]
    ended: bool
    """Whether the model ended it; False where the limit did."""


def fuse(runtime: Runtime, ids: Ids, recordings: Sequence[Floats] = ()) -> Floats:
    """Embeddings (n, hidden) of a prompt (m,), each -200 in it replaced by its recording (tokens, hidden), in order.

    Raises ValueError where placeholders and recordings are not equally many.
    """
    places = np.flatnonzero(ids == IMAGE_ID)
    if len(places) != len(recordings):
        raise ValueError(
            f"{len(places)} placeholders in the prompt and {len(recordings)} recordings: give one for each"
        )
    words = runtime.embed(np.where(ids == IMAGE_ID, 0, ids))
    parts, begin = [], 0
    for place, recording in zip(places, recordings, strict=True):
        parts += [words[begin:place], recording]
        begin = int(place) + 1
    return np.concatenate([*parts, words[begin:]])


def follow(runtime: Runtime, slot: int, logits: Floats, limit: int, end: int) -> Iterator[tuple[int, Floats]]:
    """The greedy continuation of a slot: each token with the logits (vocabulary,) that chose it.

    logits: those after the last position of the slot. Ends behind the end token, after `limit` tokens, or when the
    slot is full. Of equal logits the lower id is taken. A token is in the slot once the next one was asked for.
    """
    for k in range(limit):
        chosen = int(logits.argmax())
        yield chosen, logits
        if chosen == end or k + 1 == limit or runtime.length(slot) == runtime.positions:
            return
        logits = runtime.step([slot], np.array([chosen], np.int64))[0]


def generate(
    runtime: Runtime,
    ids: Ids,
    signals: Floats | None,
    pages: Floats | None,
    limit: int,
    end: int,
    slot: int = 0,
) -> Generated:
    """The greedy answer to one prompt, in a slot that is emptied first.

    ids: (n,); signals: (k, 12, 5000) and pages: (k, 3, height, width), one each per placeholder; both None for a
    prompt without one. Raises ValueError where the prompt does not fit the slot.
    """
    some = signals is not None or pages is not None
    embeddings = fuse(runtime, ids, list(runtime.encode(signals, pages)) if some else ())
    if len(embeddings) >= runtime.positions:
        raise ValueError(f"a prompt of {len(embeddings)} positions leaves no room in a slot of {runtime.positions}")
    runtime.free(slot)
    found = [token for token, _ in follow(runtime, slot, runtime.extend(slot, embeddings), limit, end)]
    return Generated(tuple(found), bool(found) and found[-1] == end)
