"""`vigil engine train` as a person runs it: exit codes, one sentence for what is wrong, killed and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra `torch`")

from infra.cli import main
from tests.unit.engine.train.made import sample, write_records, write_samples

SMALL = ["--set", "batch=2", "--set", "epochs=2", "--cpu", "--threads", "1"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_records(tmp_path_factory.mktemp("data"))
    write_samples(folder / "samples.json", [sample(k) for k in range(4)])
    return folder


def words(model: Path, data: Path, out: Path, *more: str) -> list[str]:
    return [
        "engine", "train", "--stage", "tiny", "--init", str(model), "--data", str(data / "samples.json"), "--records", str(data),
        "--out", str(out), *SMALL, *more,
    ]  # fmt: skip


def test_a_stage_is_trained_and_interprets(
    tiny_model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(tiny_model, data, tmp_path / "out", "--tell-steps", "2")) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"{tmp_path / 'out'} holds the checkpoint after 4 steps")
    assert "step 4/4" in told.err
    assert "\r" not in told.err
    assert main(["engine", "interpret", str(data / "made/0"), "--model", str(tmp_path / "out"), "--json"]) == 0
    assert "tiny-" in capsys.readouterr().out
    assert main(words(tiny_model, data, tmp_path / "out", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 4


@pytest.fixture
def _survives() -> Iterator[None]:
    """A signal that comes too late ends a test, not all of them."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("_survives")
def test_a_training_that_is_terminated_goes_on(
    tiny_model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "out/training.jsonl"

    def terminate() -> None:
        end = time.monotonic() + 60
        while not (log.exists() and log.read_text()) and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    command = words(tiny_model, data, tmp_path / "out", "--set", "epochs=15")
    other = threading.Thread(target=terminate)
    other.start()
    code = main(command)
    other.join()
    assert code == 1
    assert "of 30: the same command goes on from there" in capsys.readouterr().err
    done = len(log.read_text().splitlines())
    assert (tmp_path / "out/state.safetensors").exists()
    assert main([*command, "--json"]) == 0
    assert 0 < done < 30 == len(log.read_text().splitlines())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--new", "sizes.toml"], "name what is trained"),
        (["--stage-file", "a.toml"], "both name a stage"),
        (["--failing", "2"], "--failing 2 is a share"),
        (["--workers", "-1"], "--workers -1: give 0"),
        (["--records", "/none"], "is no folder"),
        (["--images", "/none"], "is no folder"),
        (["--set", "batch=0"], "batch and micro"),
        (["--ecg-init", "/none"], "is not there"),
        (["--save-minutes", "0"], "--save-minutes is above 0"),
        (["--data", "/none.json"], "is not there"),
        (["--init", "/none/at/all"], "neither a folder nor a hub name"),
        (["--out", "/none/at/all"], "is not there"),
    ],
)
def test_what_cannot_be_begun_is_one_sentence(
    tiny_model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    assert main(words(tiny_model, data, tmp_path / "out", *more)) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_records_that_are_elsewhere_and_too_many_failures(
    tiny_model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main(words(tiny_model, data, tmp_path / "out", "--records", str(tmp_path / "empty"))) == 2
    assert "holds none of made" in capsys.readouterr().err
    (tmp_path / "empty/made").mkdir()
    assert main(words(tiny_model, data, tmp_path / "out", "--records", str(tmp_path / "empty"))) == 1
    assert "cannot be learnt from, more than 5%" in capsys.readouterr().err


def test_a_tower_is_taught_and_the_stages_of_sets_ask_for_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = [f"tower.{one}" for one in ("width=32", "head_width=16", "layers=1", "mlp=64", "channels=[8,16]")]
    told = [word for one in [*sizes, "steps=2", "taught=2"] for word in ("--set", one)]
    command = ["engine", "train", "--out", str(tmp_path / "out"), "--cpu", *told]
    assert main([*command, "--stage", "encoder"]) == 0
    assert "holds the ECG tower after 2 steps" in capsys.readouterr().out
    assert main([*command, "--stage", "encoder-real"]) == 2
    assert "name them with --sets" in capsys.readouterr().err
    assert main([*command, "--stage", "encoder", "--sets", "ptbxl"]) == 2
    assert "leave --sets out" in capsys.readouterr().err
    assert main([*command, "--stage", "encoder", "--data", "a.json"]) == 2
    assert "trains the ECG tower alone" in capsys.readouterr().err


def test_a_tower_is_trained_on_a_folder_of_recordings_whose_labels_nobody_reads(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = [f"tower.{one}" for one in ("width=32", "head_width=16", "layers=1", "mlp=64", "channels=[8,16]")]
    told = [word for one in [*sizes, "steps=2", "taught=2", "unlabelled=2", "held=0.3"] for word in ("--set", one)]
    command = ["engine", "train", "--stage", "encoder-unlabelled", "--out", str(tmp_path / "out"), "--cpu", *told]
    (tmp_path / "less.txt").write_text("3\n")
    begin = [*command, "--unlabelled", str(data / "made"), "--leave-out", str(tmp_path / "less.txt")]
    assert main(begin) == 0
    assert "holds the ECG tower after 2 steps" in capsys.readouterr().out
    assert main([*begin, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["recordings"], summary["segments"], summary["held"]["recordings"]) == (2, 2, 1)
    # a set by its name, below the folder of sets; other recordings than it was begun with
    assert main([*command, "--unlabelled", "made", "--records", str(data)]) == 2
    assert "other options (unlabelled" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stage", "more", "said"),
    [
        ("encoder-unlabelled", [], "name files, folders or sets with --unlabelled"),
        ("encoder-unlabelled", ["--unlabelled", "made", "--sets", "ptbxl"], "asks for no label"),
        ("encoder-unlabelled", ["--unlabelled", "none-such"], "holds neither none-such/ nor none-such.tar.xz"),
        (
            "encoder-unlabelled",
            ["--unlabelled", "made", "--leave-out", "/none.txt"],
            "--leave-out /none.txt cannot be read",
        ),
        ("encoder-unlabelled", ["--unlabelled", "made", "--failing", "2"], "is a share of the recordings"),
        ("encoder-unlabelled", ["--unlabelled", "made", "--set", "mask_time=2"], "mask_time 2 is a share"),
        ("encoder", ["--unlabelled", "made"], "takes no --unlabelled"),
    ],
)
def test_what_cannot_be_learnt_without_a_label_is_one_sentence(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], stage: str, more: list[str], said: str
) -> None:
    words_ = [
        "engine",
        "train",
        "--stage",
        stage,
        "--out",
        str(tmp_path / "out"),
        "--records",
        str(data),
        "--cpu",
        *more,
    ]
    assert main(words_) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_without_torch_the_command_says_what_to_install() -> None:
    program = (
        "import sys\n"
        "class Away:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('torch', 'transformers', 'accelerate'): raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Away())\n"
        "import importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, package=None: None if name in ('torch', 'transformers', 'accelerate') else find(name)\n"
        "from infra.cli import main\n"
        "sys.exit(main(['engine', 'train', '--out', 'none']))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3]
    )
    assert told.returncode == 1
    assert "install the extra `torch`" in told.stderr


def test_an_image_tower_is_taught_and_a_new_model_begins_with_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tower = [
        "--set",
        "tower.hidden=16",
        "--set",
        "tower.heads=2",
        "--set",
        "tower.intermediate=16",
        "--set",
        "tower.layers=1",
    ]
    small = [*tower, "--set", "tower.image=64", "--set", "steps=2", "--set", "taught=2", "--cpu", "--threads", "1"]
    assert main(["engine", "train", "--stage", "page", "--out", str(tmp_path / "page"), *small]) == 0
    assert "holds the image tower after 2 steps" in capsys.readouterr().out
    assert main(["engine", "train", "--stage", "page", "--out", str(tmp_path / "other"), "--data", "x.json"]) == 2
    assert "takes no weights and no data" in capsys.readouterr().err
    assert (
        main(
            [
                "engine",
                "train",
                "--init",
                "x",
                "--page-init",
                "y",
                "--data",
                str(data / "samples.json"),
                "--records",
                str(data),
                "--out",
                "z",
            ]
        )
        != 0
    )
