"""The reference model shown a page alone: its curves are read off the picture, towers and decoder see those, and nothing is told as measured.

The ECG tower and the decoder are given the curves as a signal (`engine/page_reader.py`). What may be told are findings with a tier of their own for
pages, fitted to what was read of pages of records that nothing in it had seen; no number, no rhythm that only a measurement settles, no normal ECG.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from engine import page_found
from engine.claims.parse import parse
from engine.claims.statement import OPEN
from engine.findings.fused import Fused
from engine.findings.fusion import Fusion, Tier, load
from engine.findings.held import Held, held
from engine.graded import BEGIN, LABELS
from engine.page_reader import READER, PageReader
from engine.page_window import dark, signal_of
from engine.prepare import ENCODER_ORDER
from engine.runtime import Floats
from engine.tiers import GRADED, LIKELY, POSSIBLE, Tiers
from ingest.frame import LEADS

FUSION, TOWER = "page_fusion.json", "tower"
"""Beside a packaged model: scaling and tiers of what its ECG tower says of curves that were read off a page."""
CALIBRATION = "page_calibration"
"""Of the figures."""
OPENING = "[From the page alone: its curves were read off the picture, and nothing was measured.]"
NOTHING = "Nothing is told: of no finding is the model sure enough. That is no normal ECG."
_ROWS = [LEADS.index(lead) for lead in ENCODER_ORDER]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was read off a page."""

    curves: Floats
    """(12, 5000) mV, leads in their order; zeros where the page is not read."""
    tiers: Tiers

    @property
    def signal(self) -> Floats:
        """The same in the encoder's order."""
        return in_encoder_order(self.curves)


class OfPages:
    """What reads pages for a packaged model, and how sure its findings are then."""

    def __init__(self, folder: Path, fused: Fused, cache: Path | None = None) -> None:
        """cache: where the reader's graph is kept (the user's by default). Raises ValueError where the folder lacks a file."""
        self._folder, self._fused = folder, fused
        self._reader = PageReader(folder / READER, cache)
        self._fusion: Fusion = load(folder / FUSION)

    def of_picture(self, picture: Image.Image) -> Seen:
        """What is read off a picture of a page, however it lies in it; raises page_found.NoPage."""
        curves = self._reader.curves(page_found.found(picture)[None])[0]
        page_found.check(curves)
        return self._seen(curves)

    def of_page(self, page: Floats) -> Seen:
        """The same of a page that Vigil drew, (3, 480, 480) as `engine.prepare` gives it."""
        return self._seen(self._reader.curves(dark(page)[None])[0])

    def _seen(self, curves: Floats) -> Seen:
        signal = signal_of(curves)
        told = self._fusion.probabilities({TOWER: self._fused.logits(in_encoder_order(signal)[None])[0]})
        tiers = {name: self._fusion.tier(name, p) for name, p in zip(self._fusion.labels, told.tolist(), strict=True)}
        return Seen(signal, {name: tier for name, tier in tiers.items() if tier is not Tier.HIDDEN})

    @cached_property
    def held(self) -> Held:
        """How often each tier was right; raises ValueError where the figures are damaged."""
        return held(self._folder, CALIBRATION)


def in_encoder_order(rows: Floats) -> Floats:
    """(12, n) with aVF before aVL."""
    return np.ascontiguousarray(rows[_ROWS])


def sentences(text: str, tiers: Tiers, right: Held) -> list[str]:
    """What is told of a decoder's text about a page: its findings that have a tier, then those with one that it leaves out."""
    named = _named(text)
    gone: set[str] = set()
    inside, beside = list[str](), list[str]()
    for name, label in LABELS.items():
        tier = tiers.get(name, Tier.HIDDEN)
        if tier is Tier.HIDDEN or name in gone:
            continue
        gone |= label.covers
        grade = LIKELY if tier is Tier.LIKELY else POSSIBLE
        share = f" ({right[name, tier]})" if (name, tier) in right else ""
        if name in named:
            inside.append(f"{grade}: {label.words}{share}.")
        else:
            beside.append(f"{BEGIN}{grade.lower()} {label.words}{share}.")
    return [*inside, *beside] or [NOTHING]


def unsure(text: str, tiers: Tiers) -> list[str]:
    """Findings that a decoder's text names and whose label has no tier: they are not told."""
    return sorted({name for name in _findings(text) if name in GRADED and GRADED[name] not in tiers})


def _named(text: str) -> set[str]:
    return {GRADED[name] for name in _findings(text) if name in GRADED}


def _findings(text: str) -> list[str]:
    """What a text affirms."""
    every = (one for read in parse(text) for one in read.statements if one.kind == "finding")
    return [one.what for one in every if not one.negated and one.detail != OPEN]
