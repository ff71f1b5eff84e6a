"""Plans built without a GPU, through TensorRT-RTX: what they take and give, for which machines, and what is refused.

They are built, not run: TensorRT opens no plan without a driver. That the network computes what the model does is
shown in numpy (test_decoder.py).
"""

import os
import re
import signal
import threading
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("tensorrt_rtx", reason="plans are built through tensorrt_rtx here, which is not installed")

from engine.decoder import cache_names
from engine.gem.checkpoint import Checkpoint
from engine.runtime import RuntimeAway
from engine.trt_api import Gpu, Journal, Library, Share, library
from engine.trt_build import PlanFailed, decoder_key, decoder_plan, setting
from engine.trt_network import DecoderShape
from engine.trt_plans import Manifest, Plan
from engine.trt_session import Session
from tests.unit.engine.tiny import write_tiny

pytestmark = [pytest.mark.uncompiled, pytest.mark.slow]
SMALL = DecoderShape(slots=4, positions=100, chunk=16)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


def quiet(what: str, share: float) -> None:
    """Takes progress."""


@pytest.mark.parametrize(
    ("precision", "masked", "target", "kind"),
    [
        ("bfloat16", True, "", "BFloat16"),
        ("float16", True, "SM80", "Half"),
        ("float32", False, "", "Float"),
        ("float8", True, "SM89", "BFloat16"),
        ("bfloat16", False, "SM120", "BFloat16"),
    ],
)
def test_a_plan_has_both_profiles_and_its_cache_in_place(
    checkpoint: Checkpoint, tmp_path: Path, precision: str, masked: bool, target: str, kind: str
) -> None:
    shape = replace(SMALL, precision=precision, masked=masked)
    journal = Journal(whole=True)
    plan = decoder_plan(checkpoint, shape, setting(target), tmp_path, quiet, journal)
    assert journal.errors == []
    # what the builder itself tells of the finished plan: one line a profile
    told = next(line for line in journal.lines if line.startswith("Engine Layer Information"))
    decode, read = (line for line in told.splitlines() if line.startswith("Layer("))
    for name in cache_names(2):
        assert f"{name} ({kind}[-1,2,104,8])" in decode
        assert f"{name}_kept ({kind}[-1,2,104,8])" in decode
        assert f"{name} [profile 1] ({kind}[1,2,104,8])" in read
    assert f"embeddings ({kind}[-1,1,32])" in decode
    assert f"embeddings [profile 1] ({kind}[1,-1,32])" in read
    assert "logits (Float[-1,400])" in decode
    tensors = {tensor.name: tensor for tensor in plan.manifest.tensors}
    assert {t.name: t.same_as for t in tensors.values() if not t.is_input} == {"logits": ""} | {
        f"{name}_kept": name for name in cache_names(2)
    }
    assert tensors["k0"].profiles[0][2] == (4, 2, 104, 8)
    assert tensors["places"].profiles[1] == ((1, 1), (1, 12), (1, 16))


def test_float8_weights_take_half_the_place(checkpoint: Checkpoint, tmp_path: Path) -> None:
    def told(precision: str) -> int:
        journal = Journal(whole=True)
        decoder_plan(checkpoint, replace(SMALL, precision=precision), setting("SM89"), tmp_path, quiet, journal)
        return max(int(n) for line in journal.lines for n in re.findall(r"Total Weights Memory: (\d+)", line))

    layers = sum(
        checkpoint.numpy(k).size for k in checkpoint.files if "layers" in k and "llama" not in k and "_proj" in k
    )
    assert layers
    assert told("float8") < told("bfloat16")


def test_a_plan_is_built_once_and_again_when_it_is_damaged(checkpoint: Checkpoint, tmp_path: Path) -> None:
    shares: list[float] = []

    def tell(what: str, share: float) -> None:
        assert what == "decoder"
        shares.append(share)

    plan = decoder_plan(checkpoint, SMALL, setting(), tmp_path, tell, Journal())
    assert shares == sorted(shares)
    assert len(shares) > 5
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    shares.clear()
    assert decoder_plan(checkpoint, SMALL, setting(), tmp_path, tell, Journal()) == plan
    assert shares == []
    plan.path.write_bytes(plan.path.read_bytes()[:-100])
    again = decoder_plan(checkpoint, SMALL, setting(), tmp_path, tell, Journal())
    assert again.path == plan.path
    assert again.path.stat().st_size == again.manifest.bytes
    assert {p.suffix for p in tmp_path.iterdir()} == {".plan", ".json"}


def test_the_key_names_model_release_target_and_shape(checkpoint: Checkpoint) -> None:
    made = setting("SM86")
    key = decoder_key(checkpoint, made, SMALL)
    assert (key.model, key.package, key.target, key.driver) == (checkpoint.digest, "tensorrt_rtx", "SM86", "any")
    assert key.version == made.library.version
    names = {decoder_key(checkpoint, made, replace(SMALL, **change)).name for change in CHANGES}
    assert len(names) == len(CHANGES)


CHANGES = ({}, {"slots": 5}, {"positions": 101}, {"chunk": 17}, {"masked": False}, {"precision": "float16"})


@pytest.mark.parametrize(
    ("shape", "target", "sentence"),
    [
        ({"precision": "int3"}, "", "no precision int3: choose one of float32, bfloat16, float16, float8"),
        ({"precision": "float8"}, "SM80", "target SM80 has no float8 here: name SM89 or later"),
        ({"precision": "float8"}, "", "a plan for any GPU cannot have float8: name a target from SM89 on"),
        ({}, "SM75", "target SM75 has no bfloat16 here: name SM80 or later, or take float16"),
        ({"precision": "float32"}, "SM75", "target SM75 has no float32 here"),
        ({"positions": 2000}, "", "slots of 2000 positions: the model was trained for 1 to 1024"),
        ({"slots": 0}, "", "both must be at least 1"),
        ({}, "SM90", "has no target SM90: choose one of SM75, SM80, SM86, SM89, SM120, SM121"),
    ],
)
def test_what_cannot_be_built_is_said_in_one_sentence(
    checkpoint: Checkpoint, tmp_path: Path, shape: dict, target: str, sentence: str
) -> None:
    with pytest.raises(PlanFailed, match=re.escape(sentence)) as told:
        decoder_plan(checkpoint, replace(SMALL, **shape), setting(target), tmp_path, quiet, Journal())
    assert "\n" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_the_full_package_builds_for_the_gpu_of_this_machine_only() -> None:
    full = Library(library().trt, "tensorrt", "11.4.0")
    here = Gpu("SM90", 13000)
    assert setting("", full, here).target == "SM90"
    assert setting("SM90", full, here).driver == "13000"
    with pytest.raises(PlanFailed, match="builds for this machine's SM90 only"):
        setting("SM80", full, here)


def test_a_gpu_that_the_package_does_not_know_gets_the_portable_plan() -> None:
    assert setting("", device=Gpu("SM90", 13000)).target == "portable"
    assert setting("", device=Gpu("SM89", 13000)).target == "SM89"


def test_nested_phases_add_up() -> None:
    share = Share()
    share.start("all", None, 4)
    assert share.step("all", 0) == 0.25
    share.start("part", "all", 2)
    assert share.step("part", 0) == 0.375
    share.finish("part")
    assert share.step("all", 3) == 1.0
    assert share.step("unknown", 3) == 0.0


def test_an_interrupted_build_stops_and_leaves_nothing(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """The interrupt is real: a signal to this process while TensorRT builds."""
    begun = threading.Event()

    def tell(what: str, share: float) -> None:
        if share > 0.1 and not begun.is_set():
            begun.set()
            os.kill(os.getpid(), signal.SIGINT)

    journal = Journal()
    # a command that ran in this process before may have left a handler of its own
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            decoder_plan(checkpoint, SMALL, setting(), tmp_path, tell, journal)
    finally:
        signal.signal(signal.SIGINT, before)
    assert begun.is_set()
    assert list(tmp_path.iterdir()) == []


def test_a_plan_is_read_where_it_lies_and_what_is_none_is_refused(checkpoint: Checkpoint, tmp_path: Path) -> None:
    made, file = setting(), tmp_path / "broken.plan"
    with file.open("wb") as opened:
        opened.write(b"no plan")
        opened.truncate(64 << 20)
    key = decoder_key(checkpoint, made, SMALL)
    tracemalloc.start()
    with pytest.raises(RuntimeAway, match=r"broken\.plan cannot be opened .*erialization"):
        Session(made.library, Plan(file, Manifest(key, "", 64 << 20, 0.0, ())), Journal())
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()
