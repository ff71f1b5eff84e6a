"""What an image tower expects of a picture: sizes, mean and deviation; read from a checkpoint's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
PINPOINTS = ((336, 672), (672, 336), (672, 672), (1008, 336), (336, 1008))
"""Sizes that the anyres mode fits a page into: width, height (LLaVA-1.6)."""


class Unprepared(ValueError):
    """A signal or a picture that the model cannot be given; one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class ImageValues:
    """What an image tower expects; the defaults are those of CLIP ViT-L/14-336."""

    shortest_px: int = 336
    crop_px: int = 336
    mean: tuple[float, float, float] = CLIP_MEAN
    """Per channel, of values 0..1."""
    std: tuple[float, float, float] = CLIP_STD
    pinpoints: tuple[tuple[int, int], ...] = PINPOINTS

    @classmethod
    def from_config(cls, config: Mapping[str, Any], pinpoints: Sequence[Sequence[int]] = PINPOINTS) -> ImageValues:
        """Of a preprocessor_config.json read as a dict (sizes as numbers or as objects, both are written).

        Raises Unprepared where the config asks for something else than CLIP's steps.
        """
        steps = ("do_resize", "do_center_crop", "do_normalize", "do_rescale")
        off = [step for step in steps if not config.get(step, True)]
        if off or config.get("resample", 3) != 3 or abs(config.get("rescale_factor", 1 / 255) - 1 / 255) > 1e-9:
            odd = ", ".join(off) or f"resample {config.get('resample')}, rescale_factor {config.get('rescale_factor')}"
            raise Unprepared(f"the image processor's settings are none of CLIP's ({odd}): use those of the checkpoint")
        return cls(
            _size(config.get("size", 336)),
            _size(config.get("crop_size", 336)),
            _channels(config.get("image_mean", CLIP_MEAN)),
            _channels(config.get("image_std", CLIP_STD)),
            tuple((int(w), int(h)) for w, h in pinpoints),
        )


def _channels(values: Sequence[Any]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def _size(value: Any) -> int:
    if isinstance(value, Mapping):
        found = [value[key] for key in ("shortest_edge", "height", "width") if key in value]
        if not found or len(set(found)) > 1:
            raise Unprepared(f"the image processor's size {dict(value)} is no square: use that of the checkpoint")
        value = found[0]
    return int(value)
