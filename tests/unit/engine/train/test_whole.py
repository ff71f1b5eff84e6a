"""Training of the whole model: it learns, only what it should, and the same whether it was broken off or not."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra `torch`")

import torch

from engine.gem.checkpoint import open_checkpoint
from engine.gem.layout import ECG, VISION
from engine.gem.model import load
from engine.gem.prompt import Turn, collate, encode, template
from engine.generate import generate
from engine.instruct.labelled import Change
from engine.runtimes import open_runtime
from engine.train.needs import Failed, Refused
from engine.train.objective import Item, Learner, Memory
from engine.train.progress import Progress
from engine.train.recordings import Form, Look, Places, Recordings
from engine.train.run import Keeping, train_whole
from engine.train.samples import as_text, read_samples
from engine.train.stages import Stage
from engine.train.start import from_checkpoint
from engine.train.whole import Supply
from tests.unit.engine.train.made import ANSWERS, sample, small, write_samples

pytestmark = pytest.mark.uncompiled

FAST = {"decoder": 5e-3, "mm_projector": 5e-3, "ecg_projector": 5e-3}


class Killed(BaseException):
    """Ends a training as a power cut would."""


def asks_at(step: int, kind: int) -> Callable[[int, bool, int], Progress]:
    """Progress that sends this process a signal after a step, as a person or a scheduler would."""

    class Asks(Progress):
        def __call__(self, done: int, loss: float, samples: int) -> None:
            if done == step:
                os.kill(os.getpid(), kind)

    return Asks


def dies_at(step: int) -> Callable[[int, bool, int], Progress]:
    """Progress with which everything ends at a step."""

    class Dies(Progress):
        def __call__(self, done: int, loss: float, samples: int) -> None:
            if done == step:
                raise Killed

    return Dies


def supply(records: Path, file: Path, **more: Any) -> Supply:
    return Supply(*read_samples([file]), Places(records), **more)


def learn(
    model: Path, stage: Stage, given: Supply, file: Path, out: Path, **keeping: Any
) -> tuple[dict[str, Any], Mapping[str, np.ndarray]]:
    """The summary, and the weights of the checkpoint that was written."""
    start = from_checkpoint(open_checkpoint(model), None, None, stage.seed)
    summary = train_whole(start, stage, given, [file], Keeping(out, cpu=True, **keeping))
    written = open_checkpoint(out)
    return summary, {key: written.numpy(key) for key in written.files}


def test_answers_that_were_learnt_are_generated(
    tiny_model: Path, records: Path, samples_file: Path, tmp_path: Path
) -> None:
    given = supply(records, samples_file)
    stage = small(rates=FAST, epochs=50, micro=4, page_kinds=1)
    summary, _ = learn(tiny_model, stage, given, samples_file, tmp_path / "out")
    assert summary["loss"]["end_mean"] < 0.05 < 1.0 < summary["loss"]["begin_mean"]
    checkpoint = open_checkpoint(tmp_path / "out")
    runtime = open_runtime("torch", checkpoint, positions=512)
    shows = Recordings(Places(records), Form(checkpoint.config.image, new_pages=1.0, page_scale=stage.page_scale))
    for one, answer in zip(given.samples, ANSWERS, strict=True):
        shown = shows.show(Look(one.ecg, "", Change(), True, True, 0))
        prompt = encode(template([Turn(one.turns[0].question)]), checkpoint.words)
        told = generate(runtime, prompt, shown.signal[None], shown.page[None], 60, checkpoint.config.tokens.end)
        assert told.ended
        assert checkpoint.words.text(told.ids) == answer


def test_frozen_parts_stay_and_trained_ones_change(
    tiny_model: Path, records: Path, samples_file: Path, tmp_path: Path
) -> None:
    before = open_checkpoint(tiny_model)
    stage = small(rates={"decoder": 1e-3, "ecg_projector": 1e-3})
    _, after = learn(tiny_model, stage, supply(records, samples_file), samples_file, tmp_path / "out")
    changed = {key for key in after if not np.array_equal(after[key], before.numpy(key))}
    frozen = {key for key in after if key.startswith((ECG, VISION, "model.mm_projector"))}
    assert not changed & frozen
    # rows of words that never came have no gradient, and no decay
    assert changed == set(after) - frozen
    rows = (after["model.embed_tokens.weight"] != before.numpy("model.embed_tokens.weight")).any(axis=1)
    assert 0 < rows.sum() < len(rows)


def test_towers_are_trained_where_the_stage_names_them(
    tiny_model: Path, records: Path, samples_file: Path, tmp_path: Path
) -> None:
    before = open_checkpoint(tiny_model)
    rates = {"ecg_tower": 1e-3, "vision_tower": 1e-3}
    _, after = learn(tiny_model, small(rates=rates), supply(records, samples_file), samples_file, tmp_path / "out")
    changed = {key for key in after if not np.array_equal(after[key], before.numpy(key))}
    assert f"{ECG}conv1.weight" in changed
    assert f"{VISION}embeddings.patch_embedding.weight" in changed
    assert all(key.startswith((ECG, VISION)) for key in changed)


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_training_that_was_broken_off_ends_with_the_same_weights(
    tiny_model: Path, records: Path, samples_file: Path, tmp_path: Path, kind: int
) -> None:
    stage = small(epochs=4, batch=2, signal_dropout=0.3, page_dropout=0.3, new_pages=0.5)
    given = supply(records, samples_file)
    whole, weights = learn(tiny_model, stage, given, samples_file, tmp_path / "whole")
    with pytest.raises(Failed, match="stopped after step 5 of 8: the same command goes on"):
        learn(tiny_model, stage, given, samples_file, tmp_path / "broken", progress=asks_at(5, kind))
    assert (tmp_path / "broken/state.safetensors").exists()
    assert not (tmp_path / "broken/config.json").exists()
    again, same = learn(tiny_model, stage, given, samples_file, tmp_path / "broken")
    assert all(np.array_equal(weights[key], same[key]) for key in weights)
    assert again["loss"] == whole["loss"]
    assert again["samples"] == whole["samples"] == 16
    assert not (tmp_path / "broken/state.safetensors").exists()
    steps = [json.loads(line)["step"] for line in (tmp_path / "broken/training.jsonl").read_text().splitlines()]
    assert steps == list(range(1, 9))


def test_after_a_kill_the_last_state_counts(
    tiny_model: Path, records: Path, samples_file: Path, tmp_path: Path
) -> None:
    stage, given = small(epochs=4, batch=2), supply(records, samples_file)
    _, weights = learn(tiny_model, stage, given, samples_file, tmp_path / "whole")
    with pytest.raises(Killed):
        learn(tiny_model, stage, given, samples_file, tmp_path / "broken", save_steps=3, progress=dies_at(5))
    assert len((tmp_path / "broken/training.jsonl").read_text().splitlines()) == 5
    _, same = learn(tiny_model, stage, given, samples_file, tmp_path / "broken", save_steps=3)
    assert all(np.array_equal(weights[key], same[key]) for key in weights)
    assert len((tmp_path / "broken/training.jsonl").read_text().splitlines()) == 8


def test_other_options_are_refused_and_a_finished_training_is_left_alone(
    tiny_model: Path, records: Path, samples_file: Path, tmp_path: Path
) -> None:
    given, out = supply(records, samples_file), tmp_path / "out"
    summary, _ = learn(tiny_model, small(), given, samples_file, out)
    stamp = (out / "config.json").stat().st_mtime_ns
    assert learn(tiny_model, small(), given, samples_file, out)[0] == json.loads(json.dumps(summary))
    assert (out / "config.json").stat().st_mtime_ns == stamp
    with pytest.raises(Refused, match=r"other options \(stage.batch is 2, was 4\)"):
        learn(tiny_model, small(batch=2), given, samples_file, out)
    (tmp_path / "else").mkdir()
    (tmp_path / "else/notes.txt").write_text("mine")
    with pytest.raises(Refused, match="holds other files"):
        learn(tiny_model, small(), given, samples_file, tmp_path / "else")
    with pytest.raises(Refused, match="is not there"):
        learn(tiny_model, small(), given, samples_file, tmp_path / "none/out")


def test_a_state_that_was_begun_with_other_options_is_refused(
    tiny_model: Path, records: Path, samples_file: Path, tmp_path: Path
) -> None:
    given, out = supply(records, samples_file), tmp_path / "out"
    with pytest.raises(Failed):
        learn(tiny_model, small(), given, samples_file, out, progress=asks_at(1, signal.SIGTERM))
    with pytest.raises(Refused, match=r"begun with other options \(stage.seed is 1, was 0\)"):
        learn(tiny_model, small(seed=1), given, samples_file, out)
    (out / "state.safetensors").write_bytes(b"\x10\x00")
    with pytest.raises(Refused, match="remove it to begin anew"):
        learn(tiny_model, small(), given, samples_file, out)


def test_samples_that_cannot_be_read_are_listed_and_too_many_end_it(
    tiny_model: Path, records: Path, tmp_path: Path
) -> None:
    told = [sample(k) for k in range(4)] + [sample(9), sample(0, "Yes. ASSISTANT: no"), 17]
    file = write_samples(tmp_path / "some.json", told)
    summary, _ = learn(tiny_model, small(), supply(records, file, failing=0.5), file, tmp_path / "out")
    assert summary["unread"] == {"entries": 1, "samples": 2}
    assert summary["samples"] == 12
    rows = [json.loads(line) for line in (tmp_path / "out/unread.jsonl").read_text().splitlines()]
    assert {row["where"] for row in rows} == {"some.json:4", "some.json:5", "some.json:6"}
    with pytest.raises(Failed, match=r"3 of the first 7 samples cannot be learnt from, more than 5%"):
        learn(tiny_model, small(batch=7), supply(records, file), file, tmp_path / "none")
    assert (tmp_path / "none/unread.jsonl").exists()


def test_a_batch_of_mixed_modalities_costs_what_its_samples_cost_alone(
    tiny_model: Path, records: Path, samples_file: Path
) -> None:
    checkpoint = open_checkpoint(tiny_model)
    samples, _ = read_samples([samples_file])
    shows = Recordings(Places(records), Form(checkpoint.config.image))
    items = []
    for one, (with_signal, with_page) in zip(samples, [(1, 1), (1, 0), (0, 1), (1, 1)], strict=True):
        look = Look(one.ecg, "", Change(), bool(with_signal), bool(with_page), 0)
        items.append(Item(as_text(one, checkpoint.words, checkpoint.config, 1024), look, shows.show(look)))
    items.append(Item(as_text(_without_recording(samples[0]), checkpoint.words, checkpoint.config, 1024)))
    learner = Learner(load(checkpoint), 1024)
    whole = [item for item in items if item.look and item.look.signal and item.look.page]
    assert float(learner(whole)) == pytest.approx(float(published_loss(learner.gem, whole)), rel=1e-5)
    alone = [float(learner([item])) for item in items]
    assert float(learner(items)) == pytest.approx(sum(alone), rel=1e-4)
    assert len({round(loss, 3) for loss in alone}) == 5
    remembering = Learner(load(checkpoint), 1024, Memory(1 << 20), True)
    first = float(remembering(items))
    assert first == pytest.approx(sum(alone), rel=1e-4)
    left = [remembering.left(item.look) for item in items if item.look]
    assert not any(look.signal or look.page for look in left)
    kept = [Item(item.text, item.look, shows_nothing(item)) for item in items]
    assert float(remembering(kept)) == first


def published_loss(gem: Any, items: Sequence[Item]) -> torch.Tensor:
    """The model's own loss, which the golden pack holds against the published code, as a sum."""
    batch = collate([(item.text.ids, item.text.labels) for item in items], 0, 1024)
    ids, labels, mask = (torch.from_numpy(a) for a in (batch.ids, batch.labels, batch.mask))
    signals, pages = ([getattr(item.shown, name) for item in items] for name in ("signal", "page"))
    mean = gem(ids, labels, mask, torch.from_numpy(np.stack(signals)), torch.from_numpy(np.stack(pages)))
    return mean * sum(item.text.learnt for item in items)


def shows_nothing(item: Item) -> Any:
    from engine.train.recordings import Shown

    return Shown(None, None) if item.look else None


def _without_recording(one: Any) -> Any:
    from dataclasses import replace

    return replace(one, ecg="", turns=(Turn("What is a QRS?", "A wave."),))


def test_gradients_do_not_depend_on_how_a_batch_is_cut(
    tiny_model: Path, records: Path, samples_file: Path, tmp_path: Path
) -> None:
    given = supply(records, samples_file)
    _, one = learn(tiny_model, small(epochs=1, micro=4), given, samples_file, tmp_path / "one")
    _, two = learn(tiny_model, small(epochs=1, micro=1), given, samples_file, tmp_path / "two")
    # one step of AdamW moves every weight by about its rate, whatever the length of the gradient
    apart = max(float(np.abs(one[key] - two[key]).max()) for key in one)
    assert apart < 1e-4


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_and_checkpointing_learn_too(
    tiny_model: Path, records: Path, samples_file: Path, tmp_path: Path, precision: str
) -> None:
    stage = small(rates=FAST, precision=precision, checkpointing=True, epochs=4)
    summary, weights = learn(tiny_model, stage, supply(records, samples_file), samples_file, tmp_path / "out")
    assert summary["loss"]["last"] < 0.8 * summary["loss"]["first"]
    assert weights["lm_head.weight"].dtype == np.float32
    assert torch.isfinite(torch.from_numpy(weights["lm_head.weight"])).all()


def test_a_loss_that_is_no_number_ends_it(tiny_model: Path, records: Path, samples_file: Path, tmp_path: Path) -> None:
    stage = small(rates={"decoder": 1e30}, warmup=0.0, clip=0.0, schedule="constant")
    with pytest.raises(Failed, match="is no number: lower the rates"):
        learn(tiny_model, stage, supply(records, samples_file), samples_file, tmp_path / "out")
