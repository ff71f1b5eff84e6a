"""What a training starts from: each layout, a new model, ECG towers from outside; what is wrong is one sentence."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra `torch`")

import torch

from engine.gem.checkpoint import open_checkpoint
from engine.gem.config import BadCheckpoint, EcgSizes
from engine.gem.ecg_tower import EcgTower
from engine.gem.recipe import RandomWeights
from engine.train.needs import Refused
from engine.train.stages import built_in
from engine.train.start import from_checkpoint, new, usable
from engine.train.towers import open_tower, write_tower
from tests.unit.engine.tiny import CONFIG, json_words, write_tiny
from tests.unit.engine.train.made import small

PATCHES = EcgSizes(width=64, layers=2, head_width=16, mlp=128, embed=24)
SIZES = """
tokenizer = "words"
projector = 1
[llama]
vocabulary = 400
hidden = 32
intermediate = 48
layers = 1
heads = 4
kv_heads = 2
positions = 512
[vision]
hidden = 32
intermediate = 64
layers = 2
heads = 2
patch = 14
image = 56
"""


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.write_text, (self.place, "run"))


def coca(place: Path, sizes: EcgSizes = PATCHES, **more: object) -> dict[str, torch.Tensor]:
    """A training state as ECG-CoCa's is: keys with `module.`, other towers, numbers and an optimiser beside them."""
    torch.manual_seed(5)
    tower = EcgTower(sizes).state_dict()
    held = OrderedDict((f"module.ecg.{key}", tensor) for key, tensor in tower.items())
    held |= {"module.logit_scale": torch.tensor(4.6), "module.text.proj.weight": torch.zeros(3, 2)}
    told = {"epoch": 20, "name": "cpt", "state_dict": held, "best": np.float64(1.5), "optimizer": {"lr": 1e-4}, **more}
    torch.save(told, place)
    return tower


@pytest.mark.parametrize("layout", ["llava", "pulse"])
def test_a_released_base_is_given_an_ecg_tower_and_a_projector(tmp_path: Path, layout: str) -> None:
    base = replace(CONFIG, layout=layout, ecg=None, name=f"some/{layout}-tiny", aspect="anyres")
    checkpoint = write_tiny(tmp_path, base)
    start = from_checkpoint(checkpoint, None, PATCHES, 3)
    assert start.fresh == ("ecg_tower", "ecg_projector")
    assert (start.config.layout, start.config.aspect, start.config.name) == ("gem", "ori", f"gem-{layout}-tiny")
    weights, wanted = start.gem.weights(start.rest), RandomWeights(base)
    assert all(np.array_equal(weights[key], wanted[key]) for key in wanted)
    again = from_checkpoint(checkpoint, None, PATCHES, 3)
    assert torch.equal(again.gem.ecg.conv1.weight, start.gem.ecg.conv1.weight)
    other = from_checkpoint(checkpoint, None, PATCHES, 4)
    assert not torch.equal(other.gem.ecg.conv1.weight, start.gem.ecg.conv1.weight)
    with pytest.raises(Refused, match="leaves ecg_tower as chance made it: name its rate or give --ecg-init"):
        usable(start, built_in("gem"))


def test_gem_itself_has_nothing_new(tiny_model: Path) -> None:
    start = from_checkpoint(open_checkpoint(tiny_model), None, None, 0)
    assert start.fresh == ()
    weights, wanted = start.gem.weights(start.rest), RandomWeights(CONFIG)
    assert all(np.array_equal(weights[key], wanted[key]) for key in wanted)
    usable(start, built_in("gem"))


def test_a_new_model_is_made_of_its_sizes(tmp_path: Path) -> None:
    json_words(tmp_path / "words")
    (tmp_path / "sizes.toml").write_text(
        SIZES + "[ecg]\nwidth = 32\nlayers = 1\nhead_width = 16\nmlp = 64\nembed = 0\n"
    )
    start = new(tmp_path / "sizes.toml", None, 1)
    assert start.config.ecg == EcgSizes(width=32, layers=1, head_width=16, mlp=64, embed=0)
    assert (start.config.longest, start.config.projector, start.config.image.crop_px) == (512, 1, 56)
    assert len(start.fresh) == 5
    assert torch.equal(new(tmp_path / "sizes.toml", None, 1).gem.llama.lm_head.weight, start.gem.llama.lm_head.weight)
    with pytest.raises(Refused, match="leaves ecg_tower as chance"):
        usable(start, small())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SIZES, "has no ecg"),
        (SIZES.replace("[vision]", "[image_tower]"), "no field image_tower"),
        (SIZES.replace('tokenizer = "words"', ""), "has no tokenizer"),
        (SIZES.replace("layers = 1", "layers = 'one'") + "[ecg]\nwidth = 64\n", "Expected int, got str"),
        (SIZES.replace("heads = 4", "heads = 5") + "[ecg]\nwidth = 64\n", "does not divide"),
        (SIZES.replace('"words"', '"none"') + "[ecg]\nwidth = 64\n", "neither tokenizer.json nor tokenizer.model"),
        ("tokenizer = ", "cannot be read"),
    ],
)
def test_sizes_that_are_wrong_are_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    json_words(tmp_path / "words")
    (tmp_path / "sizes.toml").write_text(text)
    with pytest.raises((Refused, BadCheckpoint)) as refused:
        new(tmp_path / "sizes.toml", None, 0)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_tower_of_the_stage_encoder_is_put_in(tmp_path: Path) -> None:
    sizes = EcgSizes(stem="conv", width=32, layers=1, head_width=16, mlp=64, embed=0, channels=(8, 16))
    tower = EcgTower(sizes)
    write_tower(tmp_path, sizes, tower.state_dict(), {})
    json_words(tmp_path / "words")
    (tmp_path / "sizes.toml").write_text(SIZES)
    start = new(tmp_path / "sizes.toml", open_tower(tmp_path / "ecg_tower.safetensors", False), 0)
    assert start.config.ecg == sizes
    assert "ecg_tower" not in start.fresh
    held = start.gem.ecg.state_dict()
    assert all(torch.equal(held[key], tensor) for key, tensor in tower.state_dict().items())
    (tmp_path / "sizes.toml").write_text(SIZES + "[ecg]\nwidth = 64\n")
    with pytest.raises(Refused, match="holds no ECG tower of these sizes"):
        new(tmp_path / "sizes.toml", open_tower(tmp_path / "ecg_tower.safetensors", False), 0)


def test_the_pickle_of_ecg_coca_is_listed_first_and_read_on_consent(tmp_path: Path, tiny_model: Path) -> None:
    wanted = coca(tmp_path / "coca.pt")
    with pytest.raises(Refused, match=r"is a pickle with 32 tensors of an ECG tower \(.*give --pickle too"):
        open_tower(tmp_path / "coca.pt", False)
    tower = open_tower(tmp_path / "coca.pt", True, head_width=16)
    assert tower.sizes == PATCHES
    start = from_checkpoint(open_checkpoint(tiny_model), tower, None, 0)
    held = start.gem.ecg.state_dict()
    assert all(torch.equal(held[key], tensor) for key, tensor in wanted.items())
    assert start.fresh == ()


def test_nothing_that_a_pickle_names_is_run(tmp_path: Path) -> None:
    coca(tmp_path / "evil.pt", args=Evil(tmp_path / "was-run"))
    tower = open_tower(tmp_path / "evil.pt", True, head_width=16)
    assert tower.read("conv1.weight").shape == (64, 12, 50)
    assert not (tmp_path / "was-run").exists()
    with (tmp_path / "plain.pt").open("wb") as file:
        pickle.dump({"a": Evil(tmp_path / "was-run")}, file, protocol=2)
    with pytest.raises(Refused, match=r"no file that torch\.save wrote"):
        open_tower(tmp_path / "plain.pt", True)
    assert not (tmp_path / "was-run").exists()


def test_a_pickle_of_something_else_is_refused_in_one_sentence(tmp_path: Path, tiny_model: Path) -> None:
    coca(tmp_path / "wide.pt", replace(PATCHES, width=32))
    with pytest.raises(Refused, match=r"conv1\.weight is 32x12x50 and should be 64x12x50"):
        from_checkpoint(open_checkpoint(tiny_model), open_tower(tmp_path / "wide.pt", True, 16), None, 0)
    torch.save({"weight": torch.zeros(2)}, tmp_path / "other.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    (tmp_path / "text.pt").write_text("no weights")
    whole = (tmp_path / "wide.pt").read_bytes()
    (tmp_path / "cut.pt").write_bytes(whole[: len(whole) // 2])
    for name, said in (
        ("other.pt", "no key that begins with ecg"),
        ("list.pt", "holds no table of weights"),
        ("text.pt", "cannot be read"),
        ("cut.pt", "no file that torch.save wrote"),
        ("none.pt", "is not there"),
    ):
        with pytest.raises(Refused, match=said) as refused:
            open_tower(tmp_path / name, True)
        assert "\n" not in str(refused.value)
