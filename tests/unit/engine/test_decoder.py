"""The decoder that plans are built from computes what the torch model computes, slot by slot and step by step."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the reference runtime needs the extra `torch`")

from engine.gem.checkpoint import Checkpoint
from engine.runtimes import open_runtime
from engine.trt_network import DecoderShape
from tests.unit.engine.numpy_decoder import NumpyDecoder
from tests.unit.engine.tiny import write_tiny


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.mark.slow
def test_pieces_slots_and_idle_rows_give_the_logits_of_torch(checkpoint: Checkpoint) -> None:
    shape = DecoderShape(slots=6, positions=60, chunk=7, precision="float32")
    ours = NumpyDecoder(checkpoint, shape)
    torch = open_runtime("torch", checkpoint, slots=6, positions=60)
    draw = np.random.default_rng(4)
    for slot, count in ((1, 19), (4, 7), (3, 1)):
        given = draw.normal(0, 1, (count, checkpoint.config.llama.hidden)).astype(np.float32)
        assert np.abs(ours.extend(slot, given) - torch.extend(slot, given)).max() < 1e-4
    for slots in ([4, 1], [1, 3, 4], [1], [3, 4, 1]):
        ids = draw.integers(3, 400, len(slots))
        found, wanted = ours.step(slots, ids), torch.step(slots, ids)
        assert np.abs(found - wanted).max() < 1e-4
        assert (found.argmax(axis=1) == wanted.argmax(axis=1)).all()


@pytest.mark.slow
def test_a_slot_goes_on_behind_its_begin_after_a_follow_up(checkpoint: Checkpoint) -> None:
    shape = DecoderShape(slots=2, positions=40, chunk=16, precision="float32")
    ours = NumpyDecoder(checkpoint, shape)
    torch = open_runtime("torch", checkpoint, slots=2, positions=40)
    given = np.random.default_rng(5).normal(0, 1, (12, checkpoint.config.llama.hidden)).astype(np.float32)
    for one in (ours, torch):
        one.extend(0, given)
        one.step([0], np.array([9]))
    ours.filled[0] = 5
    torch.rewind(0, 5)
    assert np.abs(ours.extend(0, given[:4]) - torch.extend(0, given[:4])).max() < 1e-4
