"""How what several experts say of a recording becomes one probability of each label, and the tier in which that may be shown.

The logit of each expert is scaled (Platt 1999), the mean over the experts that say something is scaled once more, because experts
that agree are surer together than their mean. Knows neither forests nor towers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NOTHING = float("nan")


class Tier(Enum):
    """In which words a finding may be shown; a probability never is."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    HIDDEN = "not shown"


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Slope and offset of a logit, (labels,) each; NaN of a label that is not told."""

    slope: Floats
    offset: Floats

    def of(self, logits: Floats) -> Floats:
        """(..., labels) scaled."""
        return np.asarray(self.slope * logits + self.offset)


@dataclass(frozen=True, slots=True, eq=False)
class Fusion:
    """Everything that was fitted to make one probability out of several logits."""

    labels: tuple[str, ...]
    experts: Mapping[str, Scaling]
    whole: Scaling
    """Of the mean over the experts."""
    likely: Floats
    """(labels,) probability from which a finding is shown as likely; NaN where it never is."""
    possible: Floats
    """The same of possible ones."""

    def together(self, said: Mapping[str, Floats]) -> Floats:
        """(..., labels) mean of the scaled logits of these experts; NaN where none of them says anything."""
        scaled = np.array([self.experts[name].of(logits) for name, logits in said.items()])
        known = (~np.isnan(scaled)).sum(axis=0)
        return np.where(known > 0, np.nansum(scaled, axis=0) / np.maximum(known, 1), NOTHING)

    def probabilities(self, said: Mapping[str, Floats]) -> Floats:
        """(..., labels) from 0 to 1: of all experts together, of one of them alone by its own scaling."""
        logits = self.together(said)
        return np.asarray(1.0 / (1.0 + np.exp(-(self.whole.of(logits) if len(said) > 1 else logits))))

    def tier(self, label: str, probability: float) -> Tier:
        """How a finding of this probability may be shown."""
        k = self.labels.index(label)
        if probability >= self.likely[k]:
            return Tier.LIKELY
        return Tier.POSSIBLE if probability >= self.possible[k] else Tier.HIDDEN


Kept = dict[str, list[float | None]]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    labels: list[str]
    experts: dict[str, Kept]
    whole: Kept
    likely: list[float | None]
    possible: list[float | None]


def save(fusion: Fusion, path: Path) -> None:
    """Write it as JSON; what is not told is null."""
    told = _File(
        list(fusion.labels), {name: _kept(one) for name, one in fusion.experts.items()}, _kept(fusion.whole),
        _numbers(fusion.likely), _numbers(fusion.possible),
    )  # fmt: skip
    path.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")


def load(path: Path) -> Fusion:
    """Read what `save` wrote; raises ValueError with one sentence where the file is none."""
    try:
        told = msgspec.json.decode(path.read_bytes(), type=_File)
        experts = {name: _scaling(one) for name, one in told.experts.items()}
        found = Fusion(tuple(told.labels), experts, _scaling(told.whole), _array(told.likely), _array(told.possible))
    except (OSError, KeyError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path} tells no fusion ({error}): make it with `vigil learn tiny --until ship`") from None
    scalings = [*found.experts.values(), found.whole]
    if any(
        len(one) != len(found.labels) for s in scalings for one in (s.slope, s.offset, found.likely, found.possible)
    ):
        raise ValueError(f"{path} has not one number for each label: make it with `vigil learn tiny --until ship`")
    return found


def _kept(one: Scaling) -> Kept:
    return {"slope": _numbers(one.slope), "offset": _numbers(one.offset)}


def _scaling(told: Kept) -> Scaling:
    return Scaling(_array(told["slope"]), _array(told["offset"]))


def _numbers(values: Floats) -> list[float | None]:
    return [None if np.isnan(one) else round(float(one), 6) for one in values]


def _array(values: list[float | None]) -> Floats:
    return np.array([NOTHING if one is None else one for one in values])
