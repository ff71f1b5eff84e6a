"""The published model, stage by stage: every tensor of the golden pack, which the published code made.

The pack is gem-golden.tar.xz of the data folder; its README tells the revision and the changes to the original.
Preprocessing has tests of its own. Bounds: 1e-4 on logits and 1e-5 of the RMS elsewhere, as the README suggests;
its sums over a hidden axis in float64 collect the error of all summands.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the reference runtime needs the extra `torch`")

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.gem.checkpoint import open_checkpoint
from engine.gem.config import GemConfig
from engine.gem.layout import ECG, VISION, expected
from engine.gem.model import Gem, load, loss
from engine.gem.prompt import Batch, Turn, collate, encode, labelled, with_recording
from engine.gem.recipe import draw
from engine.gem.words import SentencePieceWords
from engine.golden import LOGITS_WITHIN, Pack, open_pack, run_all
from engine.runtimes import open_runtime
from infra.cli import main

pytestmark = pytest.mark.uncompiled


@pytest.fixture(scope="module")
def pack(gem_golden: Path) -> Pack:
    return open_pack(gem_golden)


@pytest.fixture(scope="module")
def model(pack: Pack) -> Gem:
    return load(pack.checkpoint)


@pytest.fixture(autouse=True)
def _plain_torch():
    """No gradients, and one thread: several on a busy machine wait for each other at every small product."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.inference_mode():
        yield
    torch.set_num_threads(threads)


def same(found: Tensor, wanted: np.ndarray, within: float = 1e-5) -> bool:
    """Within a share of the RMS of what is wanted."""
    assert tuple(found.shape) == wanted.shape
    apart = np.abs(found.double().numpy() - wanted).max()
    return bool(apart <= within * np.sqrt(np.square(wanted, dtype=np.float64).mean()))


def apart(found: Tensor, wanted: np.ndarray) -> float:
    assert tuple(found.shape) == wanted.shape
    return float(np.abs(found.numpy() - wanted).max())


def inputs(pack: Pack) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(pack.model["a_ecg"])[None], torch.from_numpy(pack.model["a_pixel_values"])


def fused(model: Gem, ids: np.ndarray, signals: Tensor | None, pages: Tensor | None):
    rows = torch.from_numpy(ids)
    return model.fuse(rows, rows.clone(), torch.ones_like(rows, dtype=torch.bool), signals, pages)


def test_the_checkpoint_has_the_keys_and_shapes_of_the_published_one(pack: Pack, gem_golden: Path) -> None:
    full = json.loads((gem_golden / "golden_full_size.json").read_text())
    assert {k: tuple(s) for k, s in full["full_state_dict"].items()} == expected(GemConfig())
    assert {k: tuple(s) for k, s in pack.told["state_dict"].items()} == expected(pack.checkpoint.config)
    assert pack.checkpoint.parameters == 2_351_104
    for key in pack.checkpoint.files:
        assert np.array_equal(draw(key, expected(pack.checkpoint.config)[key]), pack.checkpoint.numpy(key).astype("f4"))


def test_pixels_are_those_that_the_published_code_handed_over(pack: Pack) -> None:
    assert np.abs(pack.page("gradient_2200x1700") - pack.prepared["page_ori_gradient_2200x1700_f32"][0]).max() < 1e-6
    assert np.abs(pack.page("page_std.png") - pack.model["a_pixel_values"][0]).max() < 1e-6
    assert np.array_equal(pack.signal("std"), pack.model["a_ecg"])


def test_the_ecg_tower_is_the_published_one_at_every_stage(model: Gem, pack: Pack) -> None:
    seen: dict[str, Tensor] = {}
    stages = {"a_ecg_conv1": model.ecg.conv1, "a_ecg_ln_pre": model.ecg.ln_pre, "a_ecg_projected": model.ecg_projector}
    stages |= {f"a_ecg_block{k}": block for k, block in enumerate(model.ecg.transformer.resblocks)}
    hooks = [m.register_forward_hook(lambda _, __, out, n=n: seen.__setitem__(n, out)) for n, m in stages.items()]
    signal, _ = inputs(pack)
    seen["a_ecg_features"] = model.read_signals(signal)
    for hook in hooks:
        hook.remove()
    tokens = seen["a_ecg_tokens"] = model.ecg(signal)
    after = model.ecg.ln_post(tokens)
    seen["a_ecg_pooled_unused"] = after[:, 0] @ model.ecg.proj
    seen["a_ecg_tokens_after_ln_post_unused_first4"] = after[:, 1:5]
    assert [name for name, found in seen.items() if not same(found, pack.model[name])] == []
    assert not same(after[:, 1:5], pack.model["a_ecg_tokens"][:, 1:5])


def test_the_image_tower_is_read_where_the_published_one_is(model: Gem, pack: Pack) -> None:
    _, page = inputs(pack)
    told = model.vision.clip(pixel_values=page).last_hidden_state
    assert same(told[:, 0], pack.model["a_vision_hidden_m2_cls"])
    assert same(model.vision(page), pack.model["a_image_tokens"])
    assert same(model.read_pages(page), pack.model["a_image_features"])
    config = pack.checkpoint.config
    deeper = load(replace(pack.checkpoint, config=replace(config, vision=replace(config.vision, tap=-1))))
    last = deeper.vision.clip(pixel_values=page)
    assert same(last.last_hidden_state[:, :8], pack.model["a_vision_hidden_m1_first8"])
    assert same(last.pooler_output, pack.model["a_vision_pooler"])


def test_the_decoder_is_the_published_one_at_every_position(model: Gem, pack: Pack) -> None:
    m = pack.model
    found = fused(model, m["a_input_ids"], *inputs(pack))
    assert same(found.embeddings, m["a_fused_embeds"])
    assert apart(model.logits(found), m["a_logits"]) <= LOGITS_WITHIN
    told = model.llama.model(inputs_embeds=found.embeddings, output_hidden_states=True)
    hidden = [*told.hidden_states[:2], told.last_hidden_state]
    for k, state in enumerate(hidden):
        assert apart(state[:, -16:], m[f"a_llm_hidden{k}_last16"]) <= LOGITS_WITHIN
    assert apart(model.logits(fused(model, m["d_input_ids"], None, None)), m["d_logits"]) <= LOGITS_WITHIN


def test_two_recordings_in_one_prompt_stand_in_their_order(model: Gem, pack: Pack) -> None:
    signals = torch.from_numpy(np.stack([pack.signal("std"), pack.signal("mimic")]))
    pages = torch.from_numpy(np.stack([pack.page("page_std"), pack.page("page_mimic")]))
    found = fused(model, pack.model["b_input_ids"], signals, pages)
    assert np.abs(found.embeddings.double().sum(-1).numpy() - pack.model["b_fused_sum_over_hidden"]).max() < 1e-4
    assert apart(model.logits(found)[:, -16:], pack.model["b_last16_logits"]) <= LOGITS_WITHIN


def test_the_reference_runtime_answers_every_case_as_published(pack: Pack) -> None:
    outcomes = run_all(open_runtime("torch", pack.checkpoint, slots=2), pack)
    assert len(outcomes) == 14
    assert [o for o in outcomes if not o.is_same] == []


def test_answers_read_as_the_published_script_wrote_them(pack: Pack, gem_golden: Path) -> None:
    told = json.loads((gem_golden / "e2e.json").read_text())
    texts = {a["text"]: a["generated_ids"] for a in told["answers"]} | {
        pack.told["a"]["text"]: pack.model["a_generated_ids"][0].tolist()
    }
    assert [text for text, ids in texts.items() if pack.checkpoint.words.text(ids).strip() != text] == []


@pytest.mark.parametrize(("dtype", "noise"), [("float16", "float16"), ("bfloat16", "bfloat16")])
def test_half_precision_stays_as_near_as_the_published_code_did(pack: Pack, dtype: str, noise: str) -> None:
    half = load(pack.checkpoint, dtype)
    logits = half.logits(fused(half, pack.model["a_input_ids"], *inputs(pack)))[0, -1:].float()
    published = pack.model[f"a_last_logits_{noise}_cpu"]
    allowed = 1.5 * np.abs(published - pack.model["a_logits"][0, -1:]).max()
    assert apart(logits, pack.model["a_logits"][0, -1:]) <= allowed
    assert int(logits.argmax()) == int(published.argmax())


@pytest.mark.parametrize("legacy", [False, True])
def test_every_prompt_has_the_published_ids(pack: Pack, legacy: bool) -> None:
    words = SentencePieceWords(pack.checkpoint.folder / "tokenizer.model", legacy)
    key = f"ids_legacy_{str(legacy).lower()}"
    wrong = [n for n, c in pack.told["tokenization"].items() if encode(c["prompt"], words).tolist() != c[key]]
    assert wrong == []


def turns(item: dict) -> list[Turn]:
    told = [c["value"] for c in item["conversations"]]
    asked = [with_recording(q) if "<image>" in q else q for q in told[::2]]
    return [Turn(q, a) for q, a in zip(asked, told[1::2], strict=True)]


def training_batch(pack: Pack, legacy: bool) -> Batch:
    words = SentencePieceWords(pack.checkpoint.folder / "tokenizer.model", legacy)
    return collate([labelled(turns(item), words) for item in pack.told["train_items"]], 0, 4096)


@pytest.fixture(scope="module")
def trained(gem_golden: Path) -> dict[str, np.ndarray]:
    return dict(np.load(gem_golden / "golden_train.npz"))


@pytest.mark.parametrize("legacy", [False, True])
def test_labels_and_masks_are_the_published_ones(pack: Pack, trained: dict[str, np.ndarray], legacy: bool) -> None:
    name = str(legacy).lower()
    batch = training_batch(pack, legacy)
    assert np.array_equal(batch.ids, trained[f"train_legacy_{name}_input_ids"])
    assert np.array_equal(batch.labels, trained[f"train_legacy_{name}_labels"])
    assert np.array_equal(batch.mask, trained[f"train_legacy_{name}_attention_mask"])
    words = SentencePieceWords(pack.checkpoint.folder / "tokenizer.model", legacy)
    ids, labels = labelled([Turn("<image>\nSay ASSISTANT: twice", "Yes. ASSISTANT: no.")], words)
    assert ids.tolist() == trained[f"mismatch_legacy_{name}_input_ids"].tolist()
    assert labels.tolist() == trained[f"mismatch_legacy_{name}_labels"].tolist()


def fused_training(model: Gem, pack: Pack):
    batch = training_batch(pack, False)
    signals = torch.from_numpy(np.stack([pack.signal("std"), pack.signal("mimic")]))
    pages = torch.from_numpy(np.stack([pack.page("page_std"), pack.page("page_mimic")]))
    return model.fuse(*(torch.from_numpy(x) for x in (batch.ids, batch.labels, batch.mask)), signals, pages)


def test_a_training_batch_and_its_loss_are_the_published_ones(
    model: Gem, pack: Pack, trained: dict[str, np.ndarray]
) -> None:
    found = fused_training(model, pack)
    assert np.array_equal(found.mask.numpy(), trained["train_fused_attention_mask"])
    assert np.array_equal(found.labels.numpy(), trained["train_fused_labels"])
    assert np.array_equal(found.positions.numpy(), trained["train_fused_position_ids"])
    sums = found.embeddings.double().sum(-1).numpy()
    assert np.abs(sums - trained["train_fused_sum_over_hidden"]).max() < 1e-4
    logits = model.logits(found)
    for row, length in enumerate(pack.told["train"]["lengths"]):
        last = logits[row, length - 32 : length]
        assert apart(last, trained[f"train_row{row}_last32_valid_logits"]) <= LOGITS_WITHIN
    assert abs(float(loss(logits, found.labels)) - float(trained["train_loss"])) < 1e-5


@pytest.mark.parametrize(("name", "change"), [("trunc720", {"longest": 720}), ("leftpad", {"padding": "left"})])
def test_long_rows_are_cut_and_short_ones_padded_as_published(
    model: Gem, pack: Pack, trained: dict[str, np.ndarray], name: str, change: dict
) -> None:
    model.config, kept = replace(model.config, **change), model.config
    try:
        found = fused_training(model, pack)
    finally:
        model.config = kept
    assert np.array_equal(found.labels.numpy(), trained[f"{name}_labels"])
    assert np.array_equal(found.mask.numpy(), trained[f"{name}_attention_mask"])


@pytest.mark.slow
def test_the_full_size_ecg_tower_is_the_published_one(pack: Pack, gem_golden: Path) -> None:
    told, model = full_size(gem_golden, ECG)
    tokens = model.ecg(inputs(pack)[0])
    assert same(tokens, told["ecg_tokens"], 2e-5)
    projected = model.ecg_projector(tokens)
    assert same(projected[:, told["ecg_rows"]], told["ecg_projected_rows"], 2e-5)
    features = model.mm_projector(projected)
    assert same(features[:, told["ecg_rows"]], told["ecg_features_rows"], 2e-5)
    assert same(features.double().mean(-1), told["ecg_features_mean_over_width"], 2e-5)


@pytest.mark.slow
def test_the_full_size_image_tower_is_the_published_one(pack: Pack, gem_golden: Path) -> None:
    told, model = full_size(gem_golden, VISION)
    tokens = model.vision(inputs(pack)[1])
    assert same(tokens[:, told["image_rows"]], told["image_token_rows"], 2e-5)
    assert same(tokens.double().mean(-1), told["image_tokens_mean_over_width"], 2e-5)
    features = model.mm_projector(tokens)
    assert same(features[:, told["image_rows"]], told["image_features_rows"], 2e-5)
    assert same(features.double().mean(-1), told["image_features_mean_over_width"], 2e-5)


def full_size(gem_golden: Path, tower: str) -> tuple[dict[str, np.ndarray], Gem]:
    """The released sizes with the pack's recipe, one tower and the projectors loaded, the rest without memory."""
    from engine.gem.model import key_of

    with torch.device("meta"):
        model = Gem(GemConfig())
    wanted = (tower, "model.mm_projector", "model.ecg_projector")
    shapes = expected(GemConfig())
    told = {n: key_of(n) for n in model.state_dict() if key_of(n).startswith(wanted)}
    weights = {name: torch.from_numpy(draw(key, shapes[key])) for name, key in told.items()}
    model.load_state_dict(weights, strict=False, assign=True)
    model.vision.make_places()
    return dict(np.load(gem_golden / "golden_full_size_towers.npz")), model.eval()


def test_the_doctor_says_so(gem_golden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engine", "doctor", "--golden", str(gem_golden), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = told["runtimes"]["torch"]
    assert found["available"]
    assert found["ids_equal"]
    assert found["cases"] == 14
    assert found["logits_max_abs"] <= LOGITS_WITHIN
    for one in (*told["runtimes"].values(), told["preparation"]):
        assert one["available"] or one["why_not"]
        assert one["failed"] == []


def test_the_doctor_sees_one_changed_weight(
    gem_golden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoiled = Path(shutil.copytree(gem_golden, tmp_path / "pack"))
    shard = next(p for p in sorted((spoiled / "model").glob("*.safetensors")) if "model.norm.weight" in load_file(p))
    weights = load_file(shard)
    weights["model.norm.weight"] = weights["model.norm.weight"].clone()
    weights["model.norm.weight"][3] += 0.25
    save_file(weights, shard)
    assert main(["engine", "doctor", "--golden", str(spoiled)]) == 1
    told = capsys.readouterr().out
    assert told.startswith("fail  torch")
    assert "differs in a, a, no signal" in told


def test_a_checkpoint_without_its_sizes_is_refused_with_a_list(pack: Pack) -> None:
    from engine.gem.config import BadCheckpoint

    with pytest.raises(BadCheckpoint, match=r"428 keys are missing.*57 shapes differ"):
        open_checkpoint(pack.checkpoint.folder)
