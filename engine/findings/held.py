"""How often what a model grades was right where it was judged: told wherever a grade is told beside a text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.findings.fusion import Tier

FIGURES = "figures.json"
"""Beside a packaged model: what `vigil learn tiny` measured of it."""
POOLED, ELSEWHERE = "all", "elsewhere"
"""Records of which each was judged by a model that had not learnt from it, and those of hospitals that it had learnt from none of."""
LEAST = 5
"""Recordings; of fewer no share is told."""
_SHARE = re.compile(r" \(right in \d+ of \d+ of its calibration[^)]*\)")
Held = Mapping[tuple[str, Tier], str]
"""Words behind a grade, by label and tier; none where it was not judged."""


def held(folder: Path, which: str = "calibration") -> Held:
    """Of the model in a folder; empty where no figures lie beside it. Raises ValueError where they are none.

    which: of the figures: what was said of signals, or of pages alone.
    """
    file = folder / FIGURES
    if not file.is_file():
        return {}
    try:
        told = json.loads(file.read_text(encoding="utf-8"))[which]
        pooled, elsewhere = told[POOLED]["tiers"], told[ELSEWHERE]["tiers"]
        return {
            (label, tier): words
            for label in pooled
            for tier in (Tier.LIKELY, Tier.POSSIBLE)
            if (words := _words(pooled[label][tier.value], elsewhere.get(label, {}).get(tier.value))) != ""
        }
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{file} tells no calibration ({error}): make it with `vigil learn tiny --until ship`"
        ) from None


def without_shares(text: str) -> str:
    """A text without these words: they count recordings, and say nothing of the one that the text is about."""
    return _SHARE.sub("", text)


def _words(pooled: Mapping[str, int], elsewhere: Mapping[str, Any] | None) -> str:
    if pooled["shown"] < LEAST:
        return ""
    said = f"right in {pooled['right']} of {pooled['shown']} of its calibration"
    if elsewhere is None or elsewhere["shown"] < LEAST:
        return said
    return f"{said}, in {elsewhere['right']} of {elsewhere['shown']} of hospitals that it had not learnt from"
