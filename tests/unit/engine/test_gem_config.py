"""What a checkpoint tells of itself, what is filled in, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from engine.gem.config import (
    BadCheckpoint,
    EcgSizes,
    GemConfig,
    LlamaSizes,
    VisionSizes,
    read_config,
    write_config,
)
from engine.gem.layout import ECG, check, expected

RELEASED = {"model_type": "llava_llama", "mm_ecg_tower": "some/where.pt", "ecg_projector_type": "linear"}


def test_a_config_that_tells_no_sizes_is_that_of_the_released_model() -> None:
    config = read_config(RELEASED)
    assert replace(config, name="") == GemConfig()
    shapes = expected(config)
    assert len(shapes) == 840
    assert sum(int(np.prod(s)) for s in shapes.values()) == 7_149_680_128
    assert config.recording_tokens == 677
    assert config.note == ""


@pytest.mark.parametrize(
    "config",
    [
        GemConfig(),
        GemConfig(layout="llava", ecg=None),
        GemConfig(
            llama=LlamaSizes(vocabulary=2048, hidden=320, intermediate=864, layers=6, heads=5, kv_heads=5, tied=True),
            ecg=EcgSizes(stem="conv", width=192, layers=4, head_width=64, mlp=500, embed=0, channels=(24, 48)),
            vision=VisionSizes(hidden=192, intermediate=768, layers=6, heads=3, image=224, patch=16, tap=-1, pool=2),
            projector=1,
            padding="left",
            dtype="float16",
        ),
    ],
)
def test_a_written_config_reads_as_itself(config: GemConfig) -> None:
    assert read_config(write_config(config)) == config


def test_sizes_given_beside_a_config_hold_where_it_is_silent() -> None:
    sizes = {"ecg_config": {"width": 192, "layers": 3}, "vision_config": {"num_hidden_layers": 4}}
    config = read_config(RELEASED, sizes)
    assert config.ecg is not None
    assert (config.ecg.width, config.ecg.layers, config.ecg.mlp, config.vision.layers) == (192, 3, 768, 4)
    assert read_config(RELEASED | {"vision_config": {"num_hidden_layers": 5}}, sizes).vision.layers == 5


@pytest.mark.parametrize(("name", "layout"), [("PULSE-ECG/PULSE-7B", "pulse"), ("llava-v1.6-vicuna-7b", "llava")])
def test_a_checkpoint_without_ecg_tower_reads_images_only_and_says_so(name: str, layout: str) -> None:
    config = read_config({"model_type": "llava_llama", "_name_or_path": name, "image_aspect_ratio": "anyres"})
    assert (config.layout, config.ecg, config.recording_tokens) == (layout, None, 576)
    assert "reads the page image only" in config.note
    assert "several tiles" in config.note
    assert len(expected(config)) == 686
    assert not any(key.startswith(ECG) for key in expected(config))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_type": "mistral"}, "model_type 'mistral'"),
        ({"hidden_size": "wide"}, "cannot be read"),
        ({"hidden_size": 100, "num_attention_heads": 3}, "does not divide"),
        ({"rope_scaling": {"type": "linear"}}, "rope_scaling"),
        ({"attention_bias": True}, "biases"),
        ({"mm_projector_type": "resampler"}, "mm_projector_type 'resampler'"),
        ({"mm_vision_select_layer": -30}, "lies outside"),
        ({"ecg_config": {"seq_length": 2500}}, "12 leads of 2500 samples"),
        ({"ecg_config": {"stem": "fourier"}}, "stem 'fourier'"),
        ({"ecg_config": {"width": 100}}, "ECG tower of width 100"),
        ({"vision_config": {"pool": 5}}, "pool 5"),
        ({"image_processor": {"resample": 2}}, "other steps than CLIP's"),
        ({"image_processor": {"image_mean": [0.5]}}, "cannot be read"),
        ({"tokenizer_padding_side": "middle"}, "neither left nor right"),
    ],
)
def test_an_impossible_config_is_refused_in_one_sentence(change: dict, said: str) -> None:
    with pytest.raises(BadCheckpoint) as refused:
        read_config(RELEASED | change)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_keys_that_are_missing_unknown_or_of_another_shape_are_each_named() -> None:
    config = GemConfig()
    found = dict(expected(config))
    assert (
        check(found | {"model.image_newline": (4096,), "model.layers.0.self_attn.rotary_emb.inv_freq": (64,)}, config)
        == []
    )
    del found["model.norm.weight"]
    found["model.extra"] = (1,)
    found["lm_head.weight"] = (32001, 4096)
    assert check(found, config) == [
        "1 key is missing: model.norm.weight",
        "1 key is unknown: model.extra",
        "1 shape differs: lm_head.weight is 32001x4096 and should be 32000x4096",
    ]


def test_a_missing_tower_is_called_one() -> None:
    config = GemConfig()
    found = {k: s for k, s in expected(config).items() if not k.startswith(ECG)}
    assert "the whole ECG tower" in check(found, config)[0]
