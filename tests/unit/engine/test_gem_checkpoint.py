"""Checkpoints on disk: what is written is what is read, and what is broken is refused in one sentence."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.gem.checkpoint import INDEX, open_checkpoint, read_sizes, write_checkpoint
from engine.gem.config import BadCheckpoint
from engine.gem.layout import ECG, VISION
from engine.gem.recipe import RandomWeights
from tests.unit.engine.tiny import CONFIG, json_words, sentencepiece_words, write_tiny


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_what_is_written_is_read_back(tmp_path: Path, dtype: str) -> None:
    config = replace(CONFIG, dtype=dtype)
    written = write_tiny(tmp_path, config, shard_bytes=60_000)
    weights = RandomWeights(config)
    assert written.config == config
    assert len(set(written.files.values())) > 2
    for key in weights:
        assert written.numpy(key).dtype.name == dtype
        assert np.array_equal(written.numpy(key).astype(np.float32), weights[key])
    assert written.parameters == sum(w.size for w in weights.values())


def test_a_shard_stays_below_its_size_and_the_index_names_every_key(tmp_path: Path) -> None:
    written = write_tiny(tmp_path, shard_bytes=60_000)
    index = json.loads((tmp_path / INDEX).read_text())
    assert index["weight_map"] == dict(written.files)
    assert index["metadata"]["total_size"] == 4 * written.parameters
    for name in set(written.files.values()):
        held = load_file(tmp_path / name)
        assert sum(w.nbytes for w in held.values()) <= 60_000 or len(held) == 1


def test_the_digest_changes_with_a_weight_and_with_nothing_else(tmp_path: Path) -> None:
    one, two = write_tiny(tmp_path / "one"), write_tiny(tmp_path / "two")
    assert one.digest == two.digest
    name = next(iter(two.files.values()))
    weights = load_file(two.folder / name)
    weights["model.norm.weight"] = weights["model.norm.weight"] + 1
    save_file(weights, two.folder / name)
    assert open_checkpoint(two.folder).digest != one.digest


def test_a_released_checkpoint_is_opened_with_its_sizes_beside_it(tmp_path: Path) -> None:
    write_tiny(tmp_path / "model")
    config = json.loads((tmp_path / "model/config.json").read_text())
    sizes = {key: config.pop(key) for key in ("ecg_config", "vision_config")}
    (tmp_path / "model/config.json").write_text(json.dumps(config))
    coca = {"embed_dim": sizes["ecg_config"].pop("embed_dim"), "ecg_cfg": sizes["ecg_config"]}
    (tmp_path / "sizes").mkdir()
    (tmp_path / "sizes/coca.json").write_text(json.dumps(coca))
    (tmp_path / "sizes/clip.json").write_text(json.dumps(sizes["vision_config"] | {"model_type": "clip_vision_model"}))
    assert open_checkpoint(tmp_path / "model", read_sizes(tmp_path / "sizes")).config == CONFIG
    with pytest.raises(BadCheckpoint, match="shapes differ"):
        open_checkpoint(tmp_path / "model")


def test_a_checkpoint_without_ecg_tower_is_opened_and_says_what_it_reads(tmp_path: Path) -> None:
    config = replace(CONFIG, layout="pulse", ecg=None, name="PULSE-tiny", aspect="anyres")
    opened = write_tiny(tmp_path, config)
    extra = load_file(tmp_path / "model-00001-of-00001.safetensors") | {"model.image_newline": np.ones(32, np.float32)}
    save_file(extra, tmp_path / "model-00001-of-00001.safetensors")
    index = json.loads((tmp_path / INDEX).read_text())
    index["weight_map"]["model.image_newline"] = "model-00001-of-00001.safetensors"
    (tmp_path / INDEX).write_text(json.dumps(index))
    assert open_checkpoint(tmp_path).files == opened.files
    assert "image only" in opened.config.note


def test_one_file_without_index_is_opened_too(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    (tmp_path / "model-00001-of-00001.safetensors").rename(tmp_path / "model.safetensors")
    (tmp_path / INDEX).unlink()
    assert open_checkpoint(tmp_path).config == CONFIG


def _truncated(folder: Path) -> None:
    shard = sorted(folder.glob("*.safetensors"))[-1]
    shard.write_bytes(shard.read_bytes()[:-100])


def _head_cut(folder: Path) -> None:
    sorted(folder.glob("*.safetensors"))[0].write_bytes(b"\x10\x00")


def _changed(folder: Path, change: Callable[[dict], None]) -> None:
    path = sorted(folder.glob("*.safetensors"))[0]
    weights = load_file(path)
    change(weights)
    save_file(weights, path)


def _index(folder: Path, told: object) -> None:
    (folder / INDEX).write_text(json.dumps(told))


def _without(prefix: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        told = json.loads((folder / INDEX).read_text())
        told["weight_map"] = {k: f for k, f in told["weight_map"].items() if not k.startswith(prefix)}
        _index(folder, told)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_truncated, "is cut short or no safetensors file"),
        (_head_cut, "is cut short or no safetensors file"),
        (lambda f: sorted(f.glob("*.safetensors"))[0].unlink(), "is missing: fetch the shard"),
        (lambda f: (f / "config.json").write_text("{"), "cannot be read as JSON"),
        (lambda f: (f / "config.json").write_text("[]"), "holds no JSON object"),
        (lambda f: (f / "config.json").unlink(), "has no config.json"),
        (lambda f: (f / "config.json").write_text('{"model_type": "llama"}'), "model_type 'llama'"),
        (lambda f: (f / INDEX).unlink(), "has shards and no model.safetensors.index.json"),
        (lambda f: (f / INDEX).write_text("{}"), "has no weight_map"),
        (lambda f: _index(f, {"weight_map": {"a": "../a.safetensors"}}), "lies outside"),
        (_without(ECG), "the whole ECG tower"),
        (_without(VISION), "the whole image tower"),
        (_without("model.norm"), "1 key is missing: model.norm.weight"),
        (lambda f: _changed(f, lambda w: w.pop("model.embed_tokens.weight")), "lacks model.embed_tokens.weight"),
        (
            lambda f: _changed(f, lambda w: w.update({"model.embed_tokens.weight": np.zeros((401, 32), np.float32)})),
            "model.embed_tokens.weight is 401x32 and should be 400x32",
        ),
        (
            lambda f: _changed(f, lambda w: w.update({"model.embed_tokens.weight": np.zeros((400, 32), np.int8)})),
            "only F32, F16 and BF16 are read",
        ),
    ],
)
def test_a_broken_checkpoint_is_refused_in_one_sentence(
    tmp_path: Path, tiny_model: Path, spoil: Callable[[Path], None], said: str
) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    spoil(folder)
    with pytest.raises(BadCheckpoint) as refused:
        open_checkpoint(folder)
    assert said in str(refused.value)
    assert str(folder) in str(refused.value) or "config.json" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_pickled_weights_are_not_opened(tmp_path: Path, tiny_model: Path) -> None:
    shutil.copy(tiny_model / "config.json", tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(BadCheckpoint, match="pickled weights only"):
        open_checkpoint(tmp_path)


def test_a_name_that_is_nothing_is_refused() -> None:
    with pytest.raises(BadCheckpoint, match="neither a folder nor a hub name"):
        open_checkpoint("/nowhere/at/all")


def test_a_hub_name_without_a_network_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(BadCheckpoint, match="cannot be fetched from the hub") as refused:
        open_checkpoint("somebody/something")
    assert "\n" not in str(refused.value)


def test_weights_that_do_not_fit_are_not_written(tmp_path: Path) -> None:
    words = sentencepiece_words(tmp_path / "words")
    weights = dict(RandomWeights(CONFIG))
    weights["model.norm.weight"] = np.zeros(31, np.float32)
    with pytest.raises(BadCheckpoint, match="31 and should be 32"):
        write_checkpoint(tmp_path / "model", CONFIG, weights, words)
    assert not (tmp_path / "model").exists()


def test_a_checkpoint_needs_a_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"neither tokenizer\.json nor tokenizer\.model"):
        write_checkpoint(tmp_path / "model", CONFIG, RandomWeights(CONFIG), tmp_path)
    opened = write_tiny(tmp_path / "model", words=json_words(tmp_path / "words"))
    assert opened.words.text(opened.words.ids("QRS 94 ms")) == "QRS 94 ms"


def test_a_checkpoint_is_read_without_torch(tiny_model: Path) -> None:
    program = (
        "import sys\n"
        "import engine.golden, engine.doctor, engine.runtimes\n"
        "from engine.gem.checkpoint import open_checkpoint\n"
        "opened = open_checkpoint(sys.argv[1])\n"
        "opened.numpy('lm_head.weight'), opened.words.ids('QRS'), opened.digest\n"
        "print(*(m for m in ('torch', 'transformers', 'onnxruntime', 'onnx') if m in sys.modules))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(tiny_model)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert told.stdout.strip() == ""
