"""Random weights that anyone can make again: each key draws from a generator seeded with the CRC-32 of its name.

The recipe of the golden pack. All values are exact in float16, bfloat16 and float32, so that a checkpoint of them is the
same in each. For tests and speed measurements only: a model with such weights says nothing about an ECG.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.gem.config import GemConfig
from engine.gem.layout import ECG, Shapes, expected

Floats = NDArray[np.float32]
_PLACES = ("class_embedding", "positional_embedding", "position_embedding.weight", "embed_tokens.weight")


class RandomWeights(Mapping[str, Floats]):
    """Every key of a configuration's layout, or of a part of it, drawn when it is asked for."""

    def __init__(self, config: GemConfig, prefix: str = "") -> None:
        self._shapes: Shapes = {k: s for k, s in expected(config).items() if k.startswith(prefix)}

    def __getitem__(self, key: str) -> Floats:
        return draw(key, self._shapes[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)


def draw(key: str, shape: tuple[int, ...]) -> Floats:
    """The weight of a key, float32."""
    z = np.random.RandomState(zlib.crc32(key.encode())).standard_normal(int(np.prod(shape))).reshape(shape)
    last = key.removesuffix(".weight").rsplit(".", 1)[-1]
    is_norm = "norm" in last or last.startswith("ln_")
    if (key.endswith(".weight") and is_norm) or key.endswith("running_var"):
        made = 1 + _steps(16 * z, 64) / 128
    elif key.endswith(("bias", "running_mean")):
        made = _steps(25 * z, 255) / 512
    elif key.endswith(_PLACES):
        made = _steps(64 * z, 255) / 128
    else:
        made = _matrix(key, z)
    return made.astype(np.float32)


def _matrix(key: str, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """A matrix whose gain grows where attention and logits need contrast; the end token is made rare."""
    fan = z.shape[0] if key == f"{ECG}proj" else int(np.prod(z.shape[1:]))
    gain = 2.0 if key.endswith(("q_proj.weight", "k_proj.weight")) else 3.0 if key == "lm_head.weight" else 1.0
    spread = gain / np.sqrt(fan)
    step = 2.0 ** np.ceil(np.log2(32 / spread))
    made: NDArray[np.float64] = _steps(z * spread * step, 255) / step
    if key == "lm_head.weight":
        made[2] /= 2
    return made


def _steps(x: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    return np.asarray(np.clip(np.rint(x), -most, most))
