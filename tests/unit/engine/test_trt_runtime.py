"""The TensorRT runtime without its GPU: what it binds, read back by contexts that compute in numpy, against torch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the runtime's memory is torch's: install the extra `torch`")

import torch

from engine.gem.checkpoint import Checkpoint, open_checkpoint
from engine.runtime import RuntimeAway
from engine.runtimes import open_runtime
from engine.trt_network import DecoderShape
from engine.trt_runtime import TensorRtRuntime
from engine.trt_runtime import open_runtime as open_tensorrt
from engine.trt_towers import Towers
from tests.unit.engine.numpy_context import NumpyDevice, NumpySession, NumpyTower

SHAPE = DecoderShape(slots=6, positions=60, chunk=7, precision="float32")
pytestmark = [pytest.mark.uncompiled, pytest.mark.slow]


@pytest.fixture
def checkpoint(tiny_model: Path) -> Checkpoint:
    return open_checkpoint(tiny_model)


def towers(checkpoint: Checkpoint) -> tuple[Towers, dict[str, NumpyTower]]:
    made = {"ecg": NumpyTower(1, "signals", 101, 32), "page": NumpyTower(2, "pages", 16, 32)}
    return Towers(checkpoint, made, NumpyDevice()), made


def runtime(checkpoint: Checkpoint, device: NumpyDevice, capturable: bool = True) -> TensorRtRuntime:
    session = NumpySession(checkpoint, SHAPE, capturable)
    return TensorRtRuntime(checkpoint, SHAPE, session, towers(checkpoint)[0], device)


@pytest.mark.parametrize("capturable", [True, False])
def test_slots_pieces_and_buckets_give_the_logits_of_torch(checkpoint: Checkpoint, capturable: bool) -> None:
    device = NumpyDevice()
    ours = runtime(checkpoint, device, capturable)
    reference = open_runtime("torch", checkpoint, slots=6, positions=60)
    draw = np.random.default_rng(4)
    for slot, count in ((1, 19), (4, 7), (3, 1)):
        given = draw.normal(0, 1, (count, 32)).astype(np.float32)
        assert np.abs(ours.extend(slot, given) - reference.extend(slot, given)).max() < 1e-4
    for slots in ([4, 1], [1, 3, 4], [1], [3, 4, 1], [1], [4, 3]):
        ids = draw.integers(3, 400, len(slots))
        found, wanted = ours.step(slots, ids), reference.step(slots, ids)
        assert np.abs(found - wanted).max() < 1e-4
        assert (found.argmax(axis=1) == wanted.argmax(axis=1)).all()
    assert [ours.length(slot) for slot in range(6)] == [reference.length(slot) for slot in range(6)]
    # two buckets were needed, of two and of all six rows, each captured once
    assert device.captured == (2 if capturable else 0)
    for one in (ours, reference):
        one.rewind(1, 4)
        one.free(3)
    given = draw.normal(0, 1, (9, 32)).astype(np.float32)
    for slot in (1, 3, 5):
        assert np.abs(ours.extend(slot, given) - reference.extend(slot, given)).max() < 1e-4


def test_embeddings_are_those_of_the_checkpoint(checkpoint: Checkpoint) -> None:
    ours = runtime(checkpoint, NumpyDevice())
    ids = np.array([5, 0, 399, 5])
    assert (ours.embed(ids) == checkpoint.numpy("model.embed_tokens.weight")[ids]).all()
    with pytest.raises(ValueError, match=r"ids outside 0\.\.399"):
        ours.embed(np.array([-200]))


def test_a_slot_can_be_filled_to_its_last_position_and_no_further(checkpoint: Checkpoint) -> None:
    ours = runtime(checkpoint, NumpyDevice())
    reference = open_runtime("torch", checkpoint, slots=6, positions=60)
    given = np.random.default_rng(6).normal(0, 1, (59, 32)).astype(np.float32)
    neighbour = given[:3]
    for one in (ours, reference):
        one.extend(1, neighbour)
        one.extend(0, given)
    assert np.abs(ours.step([0], np.array([9])) - reference.step([0], np.array([9]))).max() < 1e-4
    with pytest.raises(ValueError, match="slot 0 is full"):
        ours.step([0], np.array([11]))
    # neither the full slot nor the idle rows of its step have touched the slot behind
    assert np.abs(ours.step([1], np.array([4])) - reference.step([1], np.array([4]))).max() < 1e-4


@pytest.mark.parametrize("count", [0, 61])
def test_what_does_not_fit_leaves_the_slot_as_it_was(checkpoint: Checkpoint, count: int) -> None:
    ours = runtime(checkpoint, NumpyDevice())
    ours.extend(0, np.ones((3, 32), np.float32))
    with pytest.raises(ValueError, match=f"{count} positions do not fit slot 0, which holds 3 of 60"):
        ours.extend(0, np.ones((count, 32), np.float32))
    for slots, ids in (([0, 0], [4, 5]), ([0], [4, 5]), ([0], [400])):
        with pytest.raises(ValueError, match=r"one id for each|ids outside"):
            ours.step(slots, np.array(ids))
    with pytest.raises(ValueError, match="cannot go back to 4"):
        ours.rewind(0, 4)
    assert ours.length(0) == 3


def test_signals_come_before_pages_and_at_most_eight_at_once(checkpoint: Checkpoint) -> None:
    both, made = towers(checkpoint)
    signals = np.arange(11, dtype=np.float32)[:, None, None] * np.ones((11, 12, 5000), np.float32)
    pages = -np.arange(11, dtype=np.float32)[:, None, None, None] * np.ones((11, 3, 56, 56), np.float32)
    told = both.encode(signals, pages)
    assert told.shape == (11, 117, 32)
    assert np.allclose(told[:, :101], np.arange(11)[:, None, None] + 1, atol=1e-5)
    assert np.allclose(told[:, 101:], 2 - np.arange(11)[:, None, None], atol=1e-5)
    assert made["ecg"].rows == [8, 3]
    assert both.encode(None, pages[:2]).shape == (2, 16, 32)
    with pytest.raises(ValueError, match="neither a signal nor a page"):
        both.encode(None, None)
    with pytest.raises(ValueError, match="no numbers"):
        both.encode(signals * np.nan, None)
    with pytest.raises(ValueError, match="prepare them first"):
        both.encode(signals[:, :, :4000], None)
    assert made["ecg"].rows == [8, 3]


def test_a_checkpoint_without_an_ecg_tower_refuses_signals(checkpoint: Checkpoint) -> None:
    image_only = replace(checkpoint, config=replace(checkpoint.config, layout="pulse", ecg=None))
    page = Towers(image_only, {"page": NumpyTower(2, "pages", 16, 32)}, NumpyDevice())
    with pytest.raises(ValueError, match="has no ECG tower"):
        page.encode(np.zeros((1, 12, 5000), np.float32), None)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_is_away_and_says_what_to_use(checkpoint: Checkpoint) -> None:
    with pytest.raises(RuntimeAway, match="needs a GPU, and torch built for CUDA"):
        open_tensorrt(checkpoint)
    with pytest.raises(RuntimeAway, match="runtime tensorrt: no NVIDIA driver"):
        open_runtime("tensorrt", checkpoint)
