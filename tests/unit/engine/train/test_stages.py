"""Stages: the paper's is built in, a file changes one, and what is impossible is refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.train.needs import Refused
from engine.train.stages import BUILT_IN, EncoderStage, Stage, built_in, read_stage, with_settings


def test_the_stage_of_the_paper() -> None:
    gem = built_in("gem")
    assert isinstance(gem, Stage)
    assert gem.rates == {"decoder": 2e-5, "mm_projector": 2e-5, "ecg_projector": 2e-5}
    assert (gem.epochs, gem.batch, gem.precision, gem.weight_decay, gem.clip) == (1.0, 256, "bf16", 0.0, 1.0)
    assert (gem.schedule, gem.warmup, gem.signal) == ("cosine", 0.03, "published")


def test_a_file_changes_the_stage_it_names(tmp_path: Path) -> None:
    file = tmp_path / "second.toml"
    file.write_text('base = "tiny"\nbatch = 8\nepochs = 2\n[rates]\ndecoder = 1e-4\n')
    stage = read_stage(file)
    assert isinstance(stage, Stage)
    assert (stage.name, stage.batch, stage.epochs, stage.rates) == ("second", 8, 2.0, {"decoder": 1e-4})
    assert stage.page_dropout == BUILT_IN["tiny"].page_dropout
    file.write_text('kind = "encoder"\nsteps = 7\n[tower]\nwidth = 64\nhead_width = 16\n')
    encoder = read_stage(file)
    assert isinstance(encoder, EncoderStage)
    assert (encoder.steps, encoder.tower.width, encoder.tower.stem) == (7, 64, "conv")


def test_settings_change_single_fields() -> None:
    stage = with_settings(built_in("tiny"), ["batch=8", "rates.decoder=1", "precision='bf16'"])
    assert isinstance(stage, Stage)
    assert (stage.batch, stage.precision) == (8, "bf16")
    assert stage.rates == {**BUILT_IN["tiny"].rates, "decoder": 1.0}


@pytest.mark.parametrize(
    ("base", "setting", "said"),
    [
        ("tiny", "batch='a'", "Expected int, got str"),
        ("tiny", "bacth=1", "there is no field bacth"),
        ("tiny", "batch=0", "batch and micro are 1 or more"),
        ("tiny", "rates.neck=1.0", "rates names neck: the parts are ecg_tower"),
        ("tiny", "rates.decoder=0", "a rate is above 0"),
        ("tiny", "rates=1", "name the part too"),
        ("tiny", "precision='int8'", "precision 'int8' is none of fp32, bf16, fp16"),
        ("tiny", "signal_dropout=0.95", "together at most 1"),
        ("tiny", "schedule='steps'", "schedule 'steps' is none of"),
        ("tiny", "batch", "write a field as in a stage file"),
        ("tiny", "new_pages=2", "new_pages 2 is a share"),
        ("encoder", "tower.width=72", "a multiple of tower.head_width"),
        ("encoder", "tower.stem='fc'", "tower.stem is conv or patch50"),
        ("encoder", "ema=1", "ema 1 lies from 0"),
        ("encoder", "steps=0", "steps is 1 or more"),
        ("encoder", "taught=1", "together 2 or more"),
    ],
)
def test_what_is_impossible_is_refused_in_one_sentence(base: str, setting: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        with_settings(built_in(base), [setting])
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_stage_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="choose gem, tiny, page, encoder"):
        built_in("large")
    with pytest.raises(Refused, match="is not there"):
        read_stage(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("batch = ")
    with pytest.raises(Refused, match="cannot be read"):
        read_stage(tmp_path / "bad.toml")
