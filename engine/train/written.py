"""What a trained model writes about recordings, greedily, many at once; and which findings its texts name."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.gem.checkpoint import open_checkpoint
from engine.gem.config import IMAGE_ID
from engine.gem.model import load
from engine.gem.prompt import GROUNDING, Turn, encode, template, with_recording
from engine.instruct.labels import LABELS

AT_ONCE = 64
LONGEST = 160
"""Tokens of an answer, at most."""
Floats = NDArray[np.float32]
_NAMES = {label.name: code for code, label in LABELS.items()}
_CONCLUSION = re.compile(r"(?:diagnosis(?: is)?:?|this ECG shows) ([^.]*)\.", re.IGNORECASE)


def texts(folder: Path, signals: Floats | None, pages: Floats | None) -> list[str]:
    """The answer to the question that is always asked, of each recording; signals (n, 12, 5000), pages (n, 3, side, side)."""
    checkpoint = open_checkpoint(folder)
    gem, words = load(checkpoint), checkpoint.words
    ids = encode(template([Turn(with_recording(GROUNDING))]), words)
    place = int(np.flatnonzero(ids == IMAGE_ID)[0])
    before, behind = (torch.from_numpy(part)[None] for part in (ids[:place], ids[place + 1 :]))
    given = signals if signals is not None else pages
    assert given is not None
    found: list[str] = []
    with torch.no_grad():
        for first in range(0, len(given), AT_ONCE):
            some = [None if a is None else torch.from_numpy(a[first : first + AT_ONCE]) for a in (signals, pages)]
            shown = gem.encode(*some)
            rows = [gem.embed(part).expand(len(shown), -1, -1) for part in (before, behind)]
            prompt = torch.cat([rows[0], shown, rows[1]], dim=1)
            made = gem.llama.generate(
                inputs_embeds=prompt, attention_mask=torch.ones(prompt.shape[:2], dtype=torch.long), max_new_tokens=LONGEST,
                do_sample=False, eos_token_id=checkpoint.config.tokens.end, pad_token_id=checkpoint.config.tokens.end,
            )  # fmt: skip
            found += [words.text([int(i) for i in row]).strip() for row in made]
    return found
