"""`vigil engine build`, as it is typed."""

import json
from pathlib import Path

import pytest

pytest.importorskip("tensorrt_rtx", reason="plans are built through tensorrt_rtx here, which is not installed")

from infra.cli import main


def build(*arguments: str) -> int:
    return main(["engine", "build", "--slots", "2", "--positions", "64", "--chunk", "8", *arguments])


@pytest.mark.slow
def test_plans_are_built_once_and_told(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--model", str(tiny_model), "--out", str(tmp_path), "--target", "SM86")
    assert build(*given, "--json") == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert err == ""
    plan, *towers = told["plans"]
    assert [p["part"] for p in towers] == ["ecg", "page"]
    assert (plan["library"], plan["target"], told["target"]) == ("tensorrt_rtx", "SM86", "SM86")
    assert (plan["part"], plan["precision"]) == ("decoder", "bfloat16")
    assert Path(plan["path"]).stat().st_size == plan["bytes"]
    written = Path(plan["path"]).stat().st_mtime_ns
    assert build(*given) == 0
    assert "for SM86" in capsys.readouterr().out
    assert Path(plan["path"]).stat().st_mtime_ns == written


@pytest.mark.slow
def test_the_doctor_tells_the_plans_of_the_cache(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIL_CACHE", str(tmp_path))
    monkeypatch.delenv("VIGIL_MODEL", raising=False)
    assert build("--model", str(tiny_model), "--json") == 0
    built = json.loads(capsys.readouterr().out)["plans"]
    assert main(["engine", "doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["plans"] == built
    assert Path(built[0]["path"]).is_relative_to(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 2, "no checkpoint to build plans of: name one with --model, or set VIGIL_MODEL"),
        (("--model", "nowhere"), 2, "nowhere is neither a folder nor a hub name"),
        (("--model", "MODEL", "--target", "SM10"), 1, "has no target SM10: choose one of SM75"),
        (("--model", "MODEL", "--precision", "int4"), 1, "no precision int4: choose one of"),
        (("--model", "MODEL", "--precision", "float8", "--target", "SM86"), 1, "target SM86 has no float8 here"),
    ],
)
def test_what_cannot_be_built_is_one_sentence(
    tiny_model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    monkeypatch.delenv("VIGIL_MODEL", raising=False)
    given = [str(tiny_model) if word == "MODEL" else word for word in arguments]
    assert build(*given, "--out", str(tmp_path)) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1
