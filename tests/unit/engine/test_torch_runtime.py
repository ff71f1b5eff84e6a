"""The contract of a runtime, on the reference one: slots that do not disturb each other, prompts in pieces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the reference runtime needs the extra `torch`")

import torch

from engine.doctor import Doctor
from engine.gem.checkpoint import open_checkpoint
from engine.gem.config import IMAGE_ID
from engine.gem.model import load
from engine.generate import follow, fuse, generate
from engine.runtime import Runtime, RuntimeAway
from engine.runtimes import RUNTIMES, open_runtime, why_not
from engine.torch_runtime import TorchRuntime, _Graph
from engine.torch_runtime import open_runtime as open_torch

pytestmark = pytest.mark.uncompiled

WITHIN = 1e-4


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(params=["torch", "onnx"])
def runtime(
    tiny_model: Path, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Runtime:
    monkeypatch.setenv("VIGIL_CACHE", str(tmp_path))
    return open_runtime(request.param, open_checkpoint(tiny_model), slots=4, positions=256)


def ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def recording(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    signal = draw.normal(0, 0.3, (1, 12, 5000)).astype(np.float32)
    return signal, draw.normal(0, 1, (1, 3, 56, 56)).astype(np.float32)


def test_a_recording_stands_where_its_placeholder_was(runtime: Runtime) -> None:
    recordings = list(runtime.encode(*recording()))
    fused = fuse(runtime, ids(1, 7, IMAGE_ID, 9), recordings)
    assert fused.dtype == np.float32
    assert fused.shape == (3 + 117, 32)
    assert np.array_equal(fused[2:119], recordings[0])
    assert np.array_equal(fused[[0, 1, 119]], runtime.embed(ids(1, 7, 9)))
    with pytest.raises(ValueError, match="1 placeholders in the prompt and 0 recordings"):
        fuse(runtime, ids(1, IMAGE_ID))


def test_what_is_no_recording_is_refused_in_one_sentence(runtime: Runtime) -> None:
    signal, page = recording()
    holed = signal.copy()
    holed[0, 3, 100] = np.nan
    for given, said in (
        ((None, None), "neither a signal nor a page"),
        ((signal[:, :, :4000], None), "not \\(1, 12, 4000\\)"),
        ((signal[0], page), "not \\(12, 5000\\)"),
        ((signal, page[:, :, :, :40]), "pages are \\(B, 3, 56, 56\\)"),
        ((holed, page), "signals hold values that are no numbers"),
        ((np.repeat(signal, 2, 0), page), "2 signals and 1 pages"),
    ):
        with pytest.raises(ValueError, match=said):
            runtime.encode(*given)


@pytest.mark.parametrize("piece", [1, 7, 50])
def test_a_prompt_in_pieces_gives_what_it_gives_whole(runtime: Runtime, piece: int) -> None:
    prompt = fuse(runtime, ids(1, 7, IMAGE_ID, 9), list(runtime.encode(*recording())))
    whole = runtime.extend(0, prompt)
    for begin in range(0, len(prompt), piece):
        pieces = runtime.extend(1, prompt[begin : begin + piece])
    assert np.abs(whole - pieces).max() < WITHIN
    assert runtime.length(0) == runtime.length(1) == len(prompt)


def test_steps_are_what_a_longer_prompt_would_have_given(runtime: Runtime) -> None:
    runtime.extend(0, runtime.embed(ids(1, 20, 30)))
    runtime.step([0], ids(40))
    stepped = runtime.step([0], ids(50))[0]
    assert np.abs(stepped - runtime.extend(1, runtime.embed(ids(1, 20, 30, 40, 50)))).max() < WITHIN


@pytest.mark.parametrize("slots", [[0, 1, 2], [2, 0, 1], [3, 1], [1, 2, 3], [3]])
def test_slots_stepped_together_do_not_disturb_each_other(runtime: Runtime, slots: list[int]) -> None:
    prompts = {slot: ids(1, *range(10 + slot, 13 + 2 * slot)) for slot in range(4)}
    for slot, prompt in prompts.items():
        runtime.extend(slot, runtime.embed(prompt))
    for token in (60, 61):
        together = runtime.step(slots, ids(*(token + slot for slot in slots)))
    for row, slot in enumerate(slots):
        runtime.free(slot)
        alone = runtime.extend(slot, runtime.embed(np.append(prompts[slot], [60 + slot, 61 + slot])))
        assert np.abs(together[row] - alone).max() < WITHIN
    for slot in set(range(4)) - set(slots):
        assert runtime.length(slot) == len(prompts[slot])
        runtime_says = runtime.step([slot], ids(90))[0]
        runtime.free(slot)
        assert np.abs(runtime_says - runtime.extend(slot, runtime.embed(np.append(prompts[slot], 90)))).max() < WITHIN


def test_a_follow_up_uses_what_is_in_the_slot(runtime: Runtime) -> None:
    runtime.extend(0, runtime.embed(ids(1, 20, 30, 40)))
    runtime.step([0], ids(50))
    runtime.rewind(0, 2)
    assert runtime.length(0) == 2
    again = runtime.extend(0, runtime.embed(ids(70, 71)))
    assert np.abs(again - runtime.extend(1, runtime.embed(ids(1, 20, 70, 71)))).max() < WITHIN


def test_a_call_that_does_not_fit_is_refused_and_changes_nothing(runtime: Runtime) -> None:
    runtime.extend(0, runtime.embed(np.full(255, 9, np.int64)))
    for call, said in (
        (lambda: runtime.extend(0, runtime.embed(ids(1, 2))), "do not fit slot 0"),
        (lambda: runtime.extend(0, runtime.embed(ids())), "do not fit slot 0"),
        (lambda: runtime.rewind(0, 256), "cannot go back to 256"),
        (lambda: runtime.step([1, 1], ids(1, 2)), "different slots"),
        (lambda: runtime.step([1], ids(1, 2)), "one id for each"),
        (lambda: runtime.embed(ids(IMAGE_ID)), "put recordings in place"),
        (lambda: runtime.embed(ids(400)), "ids outside 0..399"),
    ):
        with pytest.raises(ValueError, match=said):
            call()
    assert runtime.length(0) == 255
    runtime.step([0], ids(5))
    with pytest.raises(ValueError, match="slot 0 is full"):
        runtime.step([0], ids(5))
    assert (runtime.length(0), runtime.length(1)) == (256, 0)


def test_an_answer_ends_at_its_end_at_the_limit_or_when_the_slot_is_full(runtime: Runtime) -> None:
    prompt = ids(1, 7, IMAGE_ID, 9)
    answer = generate(runtime, prompt, *recording(), limit=12, end=-1)
    assert len(answer.ids) == 12
    assert not answer.ended
    ended = generate(runtime, prompt, *recording(), limit=12, end=answer.ids[4])
    first = answer.ids.index(answer.ids[4])
    assert ended.ids == answer.ids[: first + 1]
    assert ended.ended
    assert len(generate(runtime, prompt, *recording(), limit=1000, end=-1).ids) == 256 - 120 + 1
    with pytest.raises(ValueError, match="leaves no room in a slot of 256"):
        generate(runtime, ids(*([5] * 256)), None, None, 5, 2)


def test_a_slot_is_never_longer_than_the_model_reads(tiny_model: Path) -> None:
    assert open_runtime("torch", open_checkpoint(tiny_model), positions=5000).positions == 1024


def test_of_equal_logits_the_lower_id_is_taken(runtime: Runtime) -> None:
    runtime.extend(0, runtime.embed(ids(1)))
    logits = np.zeros(400, np.float32)
    logits[[17, 5, 300]] = 1
    assert next(follow(runtime, 0, logits, 1, 2))[0] == 5


def test_half_precision_gives_float32_logits_near_the_full_ones(tiny_model: Path) -> None:
    full, half = (
        open_runtime("torch", open_checkpoint(tiny_model), positions=64, precision=p) for p in ("float32", "bfloat16")
    )
    prompt = ids(1, 20, 30, 40)
    one, two = (r.extend(0, r.embed(prompt)) for r in (full, half))
    assert two.dtype == np.float32
    assert 0 < np.abs(one - two).max() < 0.5


def test_what_cannot_work_here_says_why(tiny_model: Path) -> None:
    checkpoint = open_checkpoint(tiny_model)
    with pytest.raises(RuntimeAway, match="no precision int4"):
        open_torch(checkpoint, precision="int4")
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeAway, match="finds no GPU"):
            open_torch(checkpoint, device="cuda")
    for name in RUNTIMES:
        if why_not(name):
            with pytest.raises(RuntimeAway, match=name):
                open_runtime(name, checkpoint)


def test_the_doctor_times_a_checkpoint_and_compares_with_torch(tiny_model: Path) -> None:
    found = Doctor(checkpoint=open_checkpoint(tiny_model)).examine()
    assert list(found) == list(RUNTIMES)
    assert found["torch"].available
    assert found["torch"].tokens_per_s > 0
    for one in found.values():
        assert one.available or one.why_not
        assert not one.is_wrong


class _Eager:
    """Stands for a captured CUDA graph where there is no GPU: computes at each replay what was captured."""

    def __init__(self, compute) -> None:
        self.replay = compute


class _Captured(TorchRuntime):
    """The path of a GPU with the computation of a CPU; everything but the capture itself is the real one."""

    captures = 0

    def _capture(self, count: int, seen: int) -> _Graph:
        self.captures += 1
        places = torch.full((count,), self.positions)
        told, logits = torch.zeros(count, dtype=torch.int64), torch.zeros(count, self.vocabulary)

        def compute() -> None:
            self._cache.at_front(count, places, seen)
            logits.copy_(self._one(told, places, seen))

        return _Graph(told, places, logits, _Eager(compute))

    def _step(self, slots, told):
        return self._replay(slots, told)


def test_a_step_of_the_front_slots_leaves_idle_ones_as_they_are(tiny_model: Path, runtime: Runtime) -> None:
    graphs = _Captured(load(open_checkpoint(tiny_model)), slots=4, positions=256)
    for one in (runtime, graphs):
        for slot, length in enumerate((3, 250, 9, 256)):
            one.extend(slot, one.embed(np.arange(1, 1 + length, dtype=np.int64)))
    for slots in ([0, 1, 2], [1], [2, 0], [2, 1], [0]) * 2:
        told = ids(*(20 + slot for slot in slots))
        assert np.abs(runtime.step(slots, told) - graphs.step(slots, told)).max() < WITHIN
    assert graphs.captures == 3
    for one in (runtime, graphs):
        one.rewind(3, 255)
    assert np.abs(runtime.step([3], ids(7)) - graphs.step([3], ids(7))).max() < WITHIN


@pytest.mark.gpu
def test_graphs_on_a_gpu_give_what_the_cpu_gives(tiny_model: Path) -> None:
    checkpoint = open_checkpoint(tiny_model)
    cpu, gpu = (open_torch(checkpoint, slots=4, positions=300, device=device) for device in ("cpu", "cuda"))
    for slot, length in enumerate((3, 250, 9, 40)):
        for one in (cpu, gpu):
            one.extend(slot, one.embed(np.arange(1, 1 + length, dtype=np.int64)))
    for slots in ([0, 1, 2, 3], [1], [3, 0], [2, 1]) * 4:
        told = ids(*(20 + slot for slot in slots))
        assert np.abs(cpu.step(slots, told) - gpu.step(slots, told)).max() < 1e-3
