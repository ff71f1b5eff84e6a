"""What trained towers say of recordings: the logits of their labels, without harm and without dropout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from engine.gem.ecg_tower import EcgTower
from engine.gem.vision_tower import VisionTower
from engine.image_values import ImageValues
from engine.instruct.labelled import Entry, read
from engine.page import draw_page
from engine.prepare import prepare_page
from engine.teacher.targets import LABELS, PARAMETERS
from engine.train.encoder import read_real
from engine.train.heads import Heads
from engine.train.needs import Refused
from engine.train.pages import PAGE_HEADS, PAGE_TOWER, read_pages
from engine.train.towers import HEADS, TOWER, heads_beside, open_tower

AT_ONCE = 32
Floats = NDArray[np.float32]


def signals_of(entries: Sequence[Entry]) -> tuple[list[Entry], Floats]:
    """The records that can be read, and their signals as the ECG tower is given them: (n, 12, 5000)."""
    real, unread = read_real(entries, 0)
    without = {name for name, _ in unread}
    return [entry for entry in entries if entry.name not in without], real.signals


def of_signals(folder: Path, signals: Floats) -> Floats:
    """(n, labels) logits of signals (n, 12, 5000) by the ECG tower that the stages `encoder` and `encoder-real` wrote."""
    tower = open_tower(folder / TOWER, pickles=False)
    beside = heads_beside(tower.file)
    if beside is None:
        raise Refused(f"{folder} has no {HEADS}: name the folder that a stage of the ECG tower wrote")
    module = EcgTower(tower.sizes)
    heads = Heads(tower.sizes.width, len(LABELS), len(PARAMETERS), 0.0, first=True)
    # not strict: torch adds counts of batches that the tower does not keep
    module.load_state_dict({key: tower.read(key) for key in module.state_dict()}, strict=False)
    heads.load_state_dict(beside)
    return logits(module, heads, signals)


def of_pages(folder: Path, pages: Floats) -> Floats:
    """(n, labels) logits of pages (n, 3, side, side) by the image tower that the stage `page` wrote."""
    from safetensors.torch import load_file

    kept = read_pages(folder / PAGE_TOWER)
    module, heads = VisionTower(kept.sizes), Heads(kept.sizes.hidden, len(LABELS), len(PARAMETERS), 0.0)
    kept.into(module, str(folder / PAGE_TOWER))
    heads.load_state_dict(load_file(folder / PAGE_HEADS))
    return logits(module, heads, pages)


def pages_of(entries: Sequence[Entry], side: int) -> Floats:
    """The pages of records as Vigil draws them for a model when it interprets: (n, 3, side, side)."""
    found = []
    for entry in entries:
        labelled = read(entry)
        picture = draw_page(labelled.signal_mv, labelled.measured)
        found.append(prepare_page(picture, ImageValues(side, side))[0])
    return np.stack(found)


def logits(tower: nn.Module, heads: Heads, given: Floats) -> Floats:
    """(n, labels) of a tower with its heads, in float32 on the CPU."""
    tower.eval()
    heads.eval()
    found = []
    with torch.no_grad():
        for first in range(0, len(given), AT_ONCE):
            told, _ = heads(tower(torch.from_numpy(given[first : first + AT_ONCE])))
            found.append(told.numpy())
    return np.concatenate(found) if found else np.zeros((0, len(LABELS)), np.float32)
