"""A checkpoint with the decoder's width of the published model and few layers, its values cheap to make."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import ml_dtypes
import numpy as np

from engine.gem.checkpoint import Checkpoint, open_checkpoint
from engine.gem.config import GemConfig, LlamaSizes, write_config
from engine.gem.layout import expected
from tests.unit.engine.tiny import CONFIG, sentencepiece_words


def write_wide(folder: Path, layers: int = 2) -> Checkpoint:
    """Vicuna's width in bfloat16: one stretch of random values over and over; no two matrices begin alike."""
    config: GemConfig = replace(CONFIG, llama=LlamaSizes(layers=layers), longest=4096, dtype="bfloat16")
    shapes = expected(config)
    sizes = {key: 2 * int(np.prod(shape)) for key, shape in shapes.items()}
    ends = np.cumsum(list(sizes.values())).tolist()
    table = {
        key: {"dtype": "BF16", "shape": shapes[key], "data_offsets": [end - sizes[key], end]}
        for key, end in zip(shapes, ends, strict=True)
    }
    header = json.dumps(table).encode()
    header += b" " * (-len(header) % 8)
    sentencepiece_words(folder)
    values = (np.random.default_rng(0).normal(0, 0.02, 9_999_991)).astype(ml_dtypes.bfloat16).tobytes()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        left = ends[-1]
        while left > 0:
            left -= file.write(values[:left])
    (folder / "config.json").write_text(json.dumps(write_config(config)))
    return open_checkpoint(folder)
