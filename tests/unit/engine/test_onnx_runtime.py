"""The CPU's runtime: the same numbers as torch for every kind of checkpoint, a cache that heals, no torch needed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.agreement import compare
from engine.gem.checkpoint import Checkpoint, open_checkpoint
from engine.gem.config import GemConfig
from engine.image_values import ImageValues
from engine.onnx_cache import graph_key, graphs_in
from engine.onnx_decoder import BLOCK, eight_bits
from engine.onnx_runtime import open_runtime
from engine.onnx_slots import SlotRows
from engine.onnx_towers import parts, write_tower
from engine.runtime import Runtime, RuntimeAway
from tests.unit.engine.tiny import CONFIG, write_tiny

pytestmark = pytest.mark.uncompiled

WITHIN = 1e-4
ECG, VISION, LLAMA = CONFIG.ecg, CONFIG.vision, CONFIG.llama
assert ECG is not None
KINDS: dict[str, GemConfig] = {
    "as released": CONFIG,
    "a stem of convolutions": replace(CONFIG, ecg=replace(ECG, stem="conv", channels=(8, 16))),
    "averaged image tokens": replace(CONFIG, vision=replace(VISION, pool=2, tap=-1, activation="gelu")),
    "one matrix for both projections": replace(CONFIG, projector=1, dtype="bfloat16"),
    "a deep projector": replace(CONFIG, projector=3, dtype="float16"),
    "tied words, wide heads": replace(CONFIG, llama=replace(LLAMA, tied=True, heads=2, kv_heads=1, theta=1e6)),
    "no ECG tower": replace(CONFIG, layout="llava", ecg=None),
}


def recording(config: GemConfig, rows: int = 1) -> tuple[np.ndarray | None, np.ndarray]:
    draw = np.random.default_rng(1)
    signals = draw.normal(0, 0.3, (rows, 12, 5000)).astype(np.float32)
    pages = draw.normal(0, 1, (rows, 3, config.vision.image, config.vision.image)).astype(np.float32)
    return signals if config.ecg else None, pages


@pytest.fixture
def checkpoint(tiny_model: Path) -> Checkpoint:
    return open_checkpoint(tiny_model)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_checkpoint_gives_what_torch_gives(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the reference runtime needs the extra `torch`")
    from engine.torch_runtime import open_runtime as open_torch

    checkpoint = write_tiny(tmp_path / "model", KINDS[kind])
    here = open_runtime(checkpoint, slots=2, positions=300, cache=tmp_path / "cache")
    torch = open_torch(checkpoint, slots=2, positions=300, device="cpu")
    tokens = torch.encode(*recording(checkpoint.config, 2))
    assert np.abs(here.encode(*recording(checkpoint.config, 2)) - tokens).max() < WITHIN
    prompt = np.concatenate([tokens[1], torch.embed(np.arange(5, 25))])
    wanted, found = torch.extend(1, prompt), here.extend(1, prompt)
    for _ in range(30):
        assert np.abs(found - wanted).max() < WITHIN
        best = wanted.argmax()
        assert found.argmax() == best
        wanted, found = torch.step([1], np.array([best]))[0], here.step([1], np.array([best]))[0]


@pytest.mark.parametrize("kind", KINDS)
def test_towers_are_standard_graphs_that_tensorrt_reads(kind: str, tmp_path: Path) -> None:
    checkpoint = write_tiny(tmp_path / "model", KINDS[kind])
    for part in parts(checkpoint.config):
        path = tmp_path / f"{part}.onnx"
        write_tower(part, checkpoint, path)
        onnx.checker.check_model(path, full_check=True)
        assert {node.domain for node in onnx.load(path, load_external_data=False).graph.node} == {""}
        if find_spec("tensorrt_rtx"):
            _parse(path)


def _parse(path: Path) -> None:
    import tensorrt_rtx as trt

    logger = trt.Logger(trt.Logger.ERROR)
    network = trt.Builder(logger).create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    assert parser.parse_from_file(str(path)), parser.get_error(0).desc()
    assert network.get_output(0).name == "tokens"


def test_weights_lie_beside_the_graph_and_are_read_from_there(checkpoint: Checkpoint, tmp_path: Path) -> None:
    write_tower("ecg", checkpoint, tmp_path / "ecg.onnx")
    graph = onnx.load(tmp_path / "ecg.onnx", load_external_data=False).graph
    beside = [t for t in graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL]
    assert sum(int(np.prod(t.dims)) for t in beside) > 0.9 * sum(int(np.prod(t.dims)) for t in graph.initializer)
    assert (tmp_path / "ecg.onnx").stat().st_size < (tmp_path / "ecg.onnx.data").stat().st_size / 4


def test_a_record_is_interpreted_where_there_is_no_torch(tmp_path: Path) -> None:
    """In a process in which the packages of the extra `torch` cannot be imported: a record, its page, the prompt, text."""
    model = write_tiny(tmp_path / "model", replace(CONFIG, image=ImageValues(56, 56))).folder
    code = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {{"torch", "transformers", "accelerate", "onnxscript"}}:
            raise ModuleNotFoundError(f"{{name}} is not installed", name=name)
sys.meta_path.insert(0, Absent())
from engine.gem.checkpoint import open_checkpoint
from engine.gem.prompt import GROUNDING, Turn, encode, template, with_recording
from engine.generate import generate
from engine.runtimes import open_runtime
from infra.bench.interpret import as_given
from ingest.simulator import bench_recordings
checkpoint = open_checkpoint({str(model)!r})
given = as_given(bench_recordings(1, 30.0, seed=1)[0], checkpoint.config)
ids = encode(template([Turn(with_recording(GROUNDING))]), checkpoint.words)
for precision in ("float32", "int8"):
    runtime = open_runtime("onnx", checkpoint, positions=512, precision=precision)
    answer = generate(runtime, ids, given.signal[None], given.page[None], limit=8, end=-1)
    print(len(answer.ids), len(checkpoint.words.text(answer.ids)) > 0)
assert not {{"torch", "transformers"}} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONPATH": ":".join(p for p in sys.path if p), "VIGIL_CACHE": str(tmp_path / "cache")},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["8 True", "8 True"]


def test_graphs_are_written_once_and_anew_where_they_are_damaged(checkpoint: Checkpoint, tmp_path: Path) -> None:
    logits = open_runtime(checkpoint, positions=64, cache=tmp_path, ahead=0).extend(0, np.ones((3, 32), np.float32))
    (place,) = tmp_path.iterdir()
    before = {path.name: path.stat().st_mtime_ns for path in place.iterdir()}
    open_runtime(checkpoint, positions=128, cache=tmp_path, ahead=0)
    assert before == {path.name: path.stat().st_mtime_ns for path in place.iterdir()}
    for name in ("decoder.onnx.data", "ecg.onnx", "files.json"):
        spoiled = bytearray((place / name).read_bytes())
        spoiled[len(spoiled) // 2] ^= 255
        (place / name).write_bytes(spoiled)
        again = open_runtime(checkpoint, positions=64, cache=tmp_path, ahead=0).extend(0, np.ones((3, 32), np.float32))
        assert np.array_equal(again, logits)
        assert [path.name for path in tmp_path.iterdir()] == [place.name]
    (place / "page.onnx").unlink()
    open_runtime(checkpoint, cache=tmp_path, ahead=0)
    assert [path.name for path in tmp_path.iterdir()] == [place.name]
    open_runtime(checkpoint, cache=tmp_path)  # and those that draft
    assert len(list(tmp_path.iterdir())) == 2
    open_runtime(checkpoint, precision="int8", cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_other_weights_and_other_sizes_are_other_graphs(checkpoint: Checkpoint) -> None:
    key = graph_key(checkpoint, "float32")
    eps = replace(checkpoint.config, llama=replace(checkpoint.config.llama, eps=1e-6))
    others = [
        replace(key, model="x"),
        graph_key(checkpoint, "int8"),
        replace(key, onnxruntime="0"),
        replace(key, form=9),
    ]
    others.append(graph_key(replace(checkpoint, config=eps), "float32"))
    assert len({one.name for one in (key, *others)}) == 6


def test_two_that_write_the_same_graphs_leave_one_whole_folder(checkpoint: Checkpoint, tmp_path: Path) -> None:
    key = graph_key(checkpoint, "float32")

    def write(folder: Path) -> None:
        (folder / "decoder.onnx").write_text("the slower one's")
        graphs_in(tmp_path, key, lambda other: (other / "decoder.onnx").write_text("the faster one's"))

    place = graphs_in(tmp_path, key, write)
    assert (place / "decoder.onnx").read_text() == "the faster one's"
    assert list(tmp_path.iterdir()) == [place]


def test_what_it_cannot_do_is_one_sentence(checkpoint: Checkpoint, tmp_path: Path) -> None:
    for settings_, said in (
        ({"precision": "bfloat16"}, "no precision bfloat16"),
        ({"slots": 0}, "0 slots"),
        ({"ahead": -1}, "-1 ahead"),
    ):
        with pytest.raises(RuntimeAway, match=said):
            open_runtime(checkpoint, cache=tmp_path, **settings_)
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_without_ecg_tower_refuses_a_signal(tmp_path: Path) -> None:
    runtime = open_runtime(write_tiny(tmp_path / "model", KINDS["no ECG tower"]), cache=tmp_path / "cache")
    with pytest.raises(ValueError, match="has no ECG tower"):
        runtime.encode(np.zeros((1, 12, 5000), np.float32), None)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_looked_ahead_changes_nothing(seed: int, checkpoint: Checkpoint, tmp_path: Path) -> None:
    """Any order of calls, answers followed and left: the same logits as from a runtime that never looks ahead."""
    plain, looking = (open_runtime(checkpoint, 3, 48, cache=tmp_path, ahead=ahead) for ahead in (0, 4))
    draw = np.random.default_rng(seed)
    best = [0, 0, 0]

    def both(slot: int, call: Callable[[Runtime], np.ndarray]) -> None:
        wanted, found = call(plain), call(looking)
        assert np.abs(wanted - found).max() < WITHIN
        best[slot] = int(wanted.reshape(-1, 400)[0].argmax())

    for _ in range(150):
        slot = int(draw.integers(3))
        held = plain.length(slot)
        what = draw.choice(["prompt", "go on", "leave", "several", "rewind"], p=[0.1, 0.6, 0.1, 0.1, 0.1])
        if what == "rewind" or held == 48:
            for runtime in (plain, looking):
                runtime.rewind(slot, held // 2)
        elif what == "prompt" or not held:
            rows = plain.embed(draw.integers(3, 400, min(int(draw.integers(1, 6)), 48 - held)))
            both(slot, lambda r, s=slot, x=rows: r.extend(s, x))
        elif what == "several" and plain.length((slot + 2) % 3) < 48:
            both(slot, lambda r, s=slot: r.step([s, (s + 2) % 3], np.array([best[s], 7])))
        else:
            token = best[slot] if what == "go on" else int(draw.integers(3, 400))
            both(slot, lambda r, s=slot, t=token: r.step([s], np.array([t])))
        assert [plain.length(k) for k in range(3)] == [looking.length(k) for k in range(3)]


def test_an_answer_takes_fewer_readings_of_the_full_weights(checkpoint: Checkpoint, tmp_path: Path) -> None:
    runtime = open_runtime(checkpoint, 1, 200, cache=tmp_path)
    logits = runtime.extend(0, runtime.embed(np.arange(10, 40)))
    asked = set()
    for _ in range(60):
        logits = runtime.step([0], np.array([logits.argmax()]))[0]
        asked.add(runtime._ahead[0].begin)
    assert len(asked) < 40


@settings(max_examples=60, deadline=None)
@given(st.lists(st.permutations(range(6)).flatmap(lambda p: st.integers(1, 6).map(lambda n: p[:n])), max_size=12))
def test_slots_that_are_moved_keep_what_they_hold(sets: list[list[int]]) -> None:
    rows = SlotRows(layers=2, slots=6, heads=2, positions=9, width=3)
    rows.lengths = [0, 3, 9, 1, 5, 7]

    def held(slot: int) -> list[np.ndarray]:
        return [cache[rows.row(slot), :, : rows.lengths[slot]].copy() for cache in rows.caches]

    for number, cache in enumerate(rows.caches):
        cache[:] = np.random.default_rng(number).normal(size=cache.shape)
    before = [held(slot) for slot in range(6)]
    for slots in sets:
        first = rows.together(slots)
        assert sorted(rows.row(slot) for slot in slots) == list(range(first, first + len(slots)))
    assert sorted(rows.row(slot) for slot in range(6)) == list(range(6))
    for slot in range(6):
        assert all(np.array_equal(a, b) for a, b in zip(before[slot], held(slot), strict=True))


def test_eight_bits_are_within_half_a_step_of_each_block() -> None:
    weight = np.random.default_rng(1).normal(0, 0.1, (7, 70)).astype(np.float32)
    weight[2, :BLOCK] = 0
    codes, scales = eight_bits(weight)
    assert codes.shape == (7, 3, BLOCK)
    back = ((codes.astype(np.float32) - 128) * scales[..., None]).reshape(7, -1)
    assert np.all(back[:, 70:] == 0)
    assert np.all(np.abs(back[:, :70] - weight) <= 0.5001 * np.repeat(scales, BLOCK, axis=1)[:, :70])


@pytest.fixture
def small(checkpoint: Checkpoint, tmp_path: Path) -> Runtime:
    return open_runtime(checkpoint, slots=3, positions=200, precision="int8", cache=tmp_path)


def test_with_eight_bits_an_answer_does_not_depend_on_its_neighbours(small: Runtime) -> None:
    """One scale for all rows of a step would fail here: a loud neighbour would blur the others."""
    prompt = small.embed(np.arange(10, 40))
    alone = [small.extend(0, prompt)] + [small.step([0], np.array([50 + k]))[0] for k in range(5)]
    small.free(0)
    small.extend(2, 30 * small.embed(np.arange(300, 390)))
    for begin in range(0, 30, 10):
        logits = small.extend(0, prompt[begin : begin + 10])
    beside = [logits] + [small.step([2, 0], np.array([7, 50 + k]))[1] for k in range(5)]
    assert np.abs(np.stack(alone) - np.stack(beside)).max() < WITHIN


def test_eight_bits_are_compared_word_by_word_over_the_full_answer(
    checkpoint: Checkpoint, small: Runtime, tmp_path: Path
) -> None:
    full = open_runtime(checkpoint, positions=200, cache=tmp_path)
    prompt = full.embed(np.arange(10, 40))
    told = compare(full, small, prompt, 40)
    assert told.tokens == 40
    assert told.best_token >= 0.8
    assert 0 < told.logits_max_abs < 3.0  # the logits of this model spread by 3; measured 1.4
    same = compare(full, open_runtime(checkpoint, positions=200, cache=tmp_path), prompt, 40)
    assert (same.best_token, same.logits_max_abs) == (1.0, 0.0)
    with pytest.raises(ValueError, match="do not fit a slot of 200"):
        compare(full, small, prompt, 171)


def test_graphs_that_nobody_opened_for_a_month_and_leftovers_of_a_killed_write_make_room(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    def made(name: str) -> Path:
        key = replace(graph_key(checkpoint, "float32"), model=name)
        return graphs_in(tmp_path, key, lambda part: (part / "decoder.onnx").write_text(name))

    old, used = made("old"), made("used")
    left = tmp_path / "float32-x.part-killed"
    left.mkdir()
    for place, days in ((old, 31), (used, 31), (left, 2)):
        os.utime(place, (time.time() - days * 86_400,) * 2)
    made("used")
    fresh = made("fresh")
    assert set(tmp_path.iterdir()) == {used, fresh}
