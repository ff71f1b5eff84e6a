"""The network itself: what it may and may not look at, other sizes than the released ones, training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the model needs the extra `torch`")

import torch

from engine.gem.checkpoint import open_checkpoint, write_checkpoint
from engine.gem.config import IGNORED, IMAGE_ID, EcgSizes, GemConfig
from engine.gem.ecg_tower import EcgTower
from engine.gem.layout import ECG, expected
from engine.gem.model import Gem, key_of, load
from engine.gem.prompt import Turn, collate, labelled, with_recording
from engine.gem.recipe import RandomWeights
from engine.gem.words import read_words
from tests.unit.engine.tiny import CONFIG, sentencepiece_words, write_tiny

CONV = replace(CONFIG, ecg=EcgSizes(stem="conv", width=64, layers=2, head_width=16, mlp=128, embed=0, channels=(8, 16)))


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Gem:
    return load(open_checkpoint(tiny_model))


def signals(count: int = 1, seed: int = 1) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(0, 0.3, (count, 12, 5000)).astype(np.float32))


def pages(count: int = 1, seed: int = 2) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(0, 1, (count, 3, 56, 56)).astype(np.float32))


def test_the_released_ecg_tower_has_as_many_weights_as_published() -> None:
    with torch.device("meta"):
        tower = EcgTower(EcgSizes())
        assert sum(p.numel() for p in tower.parameters()) == 85_989_888
        assert tower(torch.empty(2, 12, 5000)).shape == (2, 101, 768)


@pytest.mark.parametrize("config", [GemConfig(), CONFIG, CONV, replace(CONFIG, ecg=None, layout="llava", projector=1)])
def test_every_weight_of_the_network_lies_in_the_checkpoint_with_its_shape(config: GemConfig) -> None:
    with torch.device("meta"):
        model = Gem(config)
    shapes = expected(config)
    own = {key_of(name): tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    assert {key: shapes.get(key) for key in own} == own
    unused = [key for key in shapes if key not in own]
    assert all(f".encoder.layers.{config.vision.layers - 1}." in key for key in unused)


def test_a_token_looks_at_its_own_tenth_of_a_second(model: Gem) -> None:
    signal = signals()
    moved = signal.clone()
    moved[:, :, 50:100] += 1
    apart = (model.ecg.conv1(signal) - model.ecg.conv1(moved)).abs().amax(dim=(0, 1))
    assert apart.nonzero().flatten().tolist() == [1]


def test_what_lies_behind_the_last_block_changes_nothing(model: Gem, tiny_model: Path) -> None:
    other = load(open_checkpoint(tiny_model))
    other.ecg.ln_post.weight += 1
    other.ecg.proj += 1
    assert torch.equal(other.ecg(signals()), model.ecg(signals()))


def test_the_convolution_stem_gives_as_many_tokens_and_is_saved_with_its_averages(tmp_path: Path) -> None:
    model = load(write_tiny(tmp_path / "conv", CONV))
    tokens = model.ecg(signals(2))
    assert tokens.shape == (2, 101, 64)
    assert f"{ECG}stem.2.skip_norm.running_var" in expected(CONV)
    model.ecg.train()
    model.ecg(signals(2) * 3)
    model.eval()
    words = sentencepiece_words(tmp_path / "words")
    again = load(write_checkpoint(tmp_path / "again", CONV, model.weights(RandomWeights(CONV)), words))
    assert not torch.allclose(again.ecg(signals(2)), tokens)
    assert torch.equal(again.ecg(signals(2)), model.ecg(signals(2)))


def test_image_tokens_can_be_averaged_over_squares(tmp_path: Path) -> None:
    pooled = replace(CONFIG, vision=replace(CONFIG.vision, pool=2))
    plain, few = load(write_tiny(tmp_path / "plain")), load(write_tiny(tmp_path / "pooled", pooled))
    tokens = plain.vision(pages()).reshape(1, 2, 2, 2, 2, -1)
    assert torch.allclose(few.vision(pages()), tokens.mean(dim=(2, 4)).reshape(1, 4, -1), atol=1e-6)


def test_either_modality_may_come_alone_and_the_signal_comes_first(model: Gem) -> None:
    both = model.encode(signals(), pages())
    assert both.shape == (1, 101 + 16, 32)
    assert torch.equal(both[:, :101], model.encode(signals(), None))
    assert torch.equal(both[:, 101:], model.encode(None, pages()))
    with pytest.raises(ValueError, match="neither a signal nor a page"):
        model.encode(None, None)


def test_a_model_without_ecg_tower_refuses_a_signal_and_reads_a_page(tmp_path: Path) -> None:
    model = load(write_tiny(tmp_path, replace(CONFIG, layout="pulse", ecg=None, name="pulse")))
    assert model.encode(None, pages()).shape == (1, 16, 32)
    with pytest.raises(ValueError, match="has no ECG tower"):
        model.encode(signals(), pages())


def conversations(folder: Path) -> tuple[torch.Tensor, ...]:
    words = read_words(sentencepiece_words(folder))
    one = [Turn(with_recording("What is the rhythm?"), "Sinus rhythm, rate 72 bpm.")]
    two = [*one, Turn("And in lead V4?", "The T wave is inverted.")]
    batch = collate([labelled(turns, words) for turns in (one, two)], 0, 1024)
    return torch.from_numpy(batch.ids), torch.from_numpy(batch.labels), torch.from_numpy(batch.mask)


@pytest.mark.parametrize("padding", ["left", "right"])
def test_a_row_of_a_batch_is_what_it_is_alone(model: Gem, tmp_path: Path, padding: str) -> None:
    ids, labels, mask = conversations(tmp_path)
    model.config, kept = replace(model.config, padding=padding), model.config
    try:
        together = model.fuse(ids, labels, mask, signals(2), pages(2))
        alone = model.fuse(ids[:1], labels[:1], mask[:1], signals(2)[:1], pages(2)[:1])
    finally:
        model.config = kept
    assert together.mask.sum(1).tolist()[0] == alone.embeddings.shape[1] < together.embeddings.shape[1]
    assert torch.allclose(model.logits(together)[0][together.mask[0]], model.logits(alone)[0], atol=1e-4)
    assert (together.labels[~together.mask] == IGNORED).all()


def test_recordings_and_placeholders_have_to_be_equally_many(model: Gem, tmp_path: Path) -> None:
    ids, labels, mask = conversations(tmp_path)
    with pytest.raises(ValueError, match="2 placeholders in the batch and 3 recordings"):
        model.fuse(ids, labels, mask, signals(3), pages(3))
    with pytest.raises(ValueError, match="1 placeholders in the prompt and 0 recordings"):
        model.fuse(ids, labels, mask, None, None)
    no_place = torch.where(ids == IMAGE_ID, 5, ids)
    assert model.fuse(no_place, labels, mask, None, None).embeddings.shape[:2] == ids.shape


def test_training_lowers_the_loss_and_what_was_learnt_is_written(tmp_path: Path) -> None:
    model = load(write_tiny(tmp_path / "start"))
    for part in (model.mm_projector, model.ecg_projector, model.llama):
        part.requires_grad_(True)
    batch = (*conversations(tmp_path / "words"), signals(2), pages(2))
    steps = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], 3e-3)
    losses = []
    for _ in range(8):
        steps.zero_grad()
        loss = model(*batch)
        loss.backward()
        steps.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0]
    assert model.ecg.conv1.weight.grad is None
    written = write_checkpoint(tmp_path / "end", CONFIG, model.weights(RandomWeights(CONFIG)), tmp_path / "words")
    with torch.no_grad():
        assert torch.equal(load(written)(*batch), model(*batch))


def test_tied_embeddings_are_one_weight(tmp_path: Path) -> None:
    tied = replace(CONFIG, llama=replace(CONFIG.llama, tied=True))
    model = load(write_tiny(tmp_path, tied))
    assert model.llama.lm_head.weight.data_ptr() == model.llama.model.embed_tokens.weight.data_ptr()
    assert "lm_head.weight" not in expected(tied)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_rotary_tables_are_not_rounded_with_the_weights(tiny_model: Path, dtype: str) -> None:
    half = load(open_checkpoint(tiny_model), dtype)
    assert half.llama.lm_head.weight.dtype == getattr(torch, dtype)
    assert half.llama.model.rotary_emb.inv_freq.dtype == torch.float32
