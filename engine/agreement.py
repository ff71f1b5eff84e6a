"""How near a runtime with smaller weights stays to the full one, token by token over the same text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.runtime import Floats, Runtime


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over `tokens` places of one answer, which both were taught word by word."""

    tokens: int
    best_token: float
    """Share of the places where both rank the same token first, 0..1."""
    logits_max_abs: float
    """Largest difference of a logit."""


def compare(full: Runtime, small: Runtime, prompt: Floats, tokens: int) -> Agreement:
    """Both read a prompt (n, hidden) into slot 0, then the greedy answer of the full one, whatever the small one says.

    Raises ValueError where prompt and answer do not fit the slot.
    """
    if len(prompt) + tokens > min(full.positions, small.positions):
        raise ValueError(f"{len(prompt)} positions and {tokens} tokens do not fit a slot of {full.positions}")
    for runtime in (full, small):
        runtime.free(0)
    wanted, found = full.extend(0, prompt), small.extend(0, prompt)
    same, worst = 0, 0.0
    for k in range(tokens):
        best = int(wanted.argmax())
        same += best == int(found.argmax())
        worst = max(worst, float(np.abs(wanted - found).max()))
        if k + 1 < tokens:
            wanted, found = (runtime.step([0], np.array([best], np.int64))[0] for runtime in (full, small))
    return Agreement(tokens, same / tokens, worst)
