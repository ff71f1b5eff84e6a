"""Weights at addresses: mapped where they lie, converted one by one where they have another type."""

from pathlib import Path

import numpy as np
import pytest

from engine.gem.checkpoint import Checkpoint
from engine.trt_weights import MappedWeights, numpy_kind
from tests.unit.engine.tiny import write_tiny

KEY = "model.layers.1.mlp.down_proj.weight"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return write_tiny(tmp_path_factory.mktemp("tiny"), shard_bytes=100_000)


def test_a_weight_of_the_wanted_type_is_mapped_in_its_shard(checkpoint: Checkpoint, tmp_path: Path) -> None:
    with MappedWeights(checkpoint, "float32", tmp_path) as weights:
        for key in checkpoint.files:
            found = weights.array(key)
            assert Path(found.filename).parent == checkpoint.folder, key
            assert (found == checkpoint.numpy(key)).all()
        assert sum(p.stat().st_size for p in tmp_path.iterdir()) == 0


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_a_weight_of_another_type_is_converted_and_mapped(checkpoint: Checkpoint, tmp_path: Path, kind: str) -> None:
    with MappedWeights(checkpoint, kind, tmp_path) as weights:
        found = {key: weights.array(key) for key in (KEY, "model.norm.weight", "lm_head.weight")}
        for key, one in found.items():
            assert isinstance(one, np.memmap)
            assert one.ctypes.data % 256 == 0
            assert (one == checkpoint.numpy(key).astype(numpy_kind(kind))).all()
    assert list(tmp_path.iterdir()) == []


def test_float8_uses_its_whole_range_in_every_row(checkpoint: Checkpoint, tmp_path: Path) -> None:
    with MappedWeights(checkpoint, "bfloat16", tmp_path) as weights:
        found, scale = weights.float8(KEY)
        wanted = checkpoint.numpy(KEY)
        assert np.abs(found.astype(np.float32)).max(axis=1).tolist() == [448.0] * len(wanted)
        # three bits of mantissa: half a step of a sixteenth
        assert np.abs(found.astype(np.float32) * scale[:, None] - wanted).max() <= np.abs(wanted).max() / 16
