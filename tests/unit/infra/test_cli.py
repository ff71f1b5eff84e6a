"""The command line says what is wrong in one sentence before anything is started."""

from pathlib import Path

import pytest

from infra.cache import LOCK, locked
from infra.cli import build_parser, main
from infra.settings import TABLE, BadSetting, Settings


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["up", "--records", "/nowhere/100"], "/nowhere/100"),
        (["up", "--scenario", "nonsense"], "nonsense"),
        (["up", "--beds", "0"], "--beds"),
        (["up", "--beds", "2", "--records", "x"], "exclude"),
        (["up", "--speed", "-1"], "--speed"),
        (["up", "--seconds", "0"], "--seconds"),
        (["up", "--port", "99999"], "--port"),
        (["up", "--frame-ms", "1"], "--frame-ms"),
        (["up", "--disturb", "gap=1"], "gap=1"),
        (["up", "--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
        ([], "COMMAND"),
        (["feed", "replay", "/nowhere/100"], "/nowhere/100"),
        (["engine", "interpret", "/nowhere/100"], "/nowhere/100"),
        (["policy", "check", "/nowhere/policy.json"], "/nowhere/policy.json"),
        (["score", "beats", "--data", "/nowhere"], "/nowhere"),
        (["beds", "set", "a bed"], "a bed"),
    ],
)
def test_a_wrong_command_line_is_one_sentence_and_exit_2(
    words: list[str], names: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIL_DATA_DIR", str(tmp_path / "data"))
    try:
        code = main(words)
    except SystemExit as left:
        code = left.code
    told = capsys.readouterr()
    assert code == 2
    assert names in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not (tmp_path / "data").exists()


def test_a_feed_without_a_running_vigil_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIL_KAFKA", raising=False)
    assert main(["feed", "simulate", "--beds", "1", "--data-dir", str(tmp_path)]) == 1
    assert "no Vigil runs on" in capsys.readouterr().err


def test_every_command_of_the_readme_exists() -> None:
    text = (Path(__file__).parents[3] / "README.md").read_text()
    parser = build_parser()
    for line in text.splitlines():
        if line.strip().startswith("vigil ") and "..." not in line:
            words = line.split("#")[0].split()[1:]
            assert parser.parse_args([w for w in words if w not in ("[", "]")])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VIGIL_KAFKA", "nonsense"),
        ("VIGIL_KAFKA_SECURITY", "SSH"),
        ("VIGIL_RETENTION_HOURS", "soon"),
        ("VIGIL_DISK_RESERVE_GB", "-1"),
        ("VIGIL_DATABASE", "mysql://x"),
        ("VIGIL_LOG_LEVEL", "loud"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment({name: value, "HOME": "/tmp"})


def test_a_webhook_without_a_proper_secret_is_refused() -> None:
    with pytest.raises(BadSetting, match="VIGIL_WEBHOOK_SECRET"):
        Settings.from_environment({"VIGIL_WEBHOOK_URL": "http://x", "VIGIL_WEBHOOK_SECRET": "short"})


def test_the_documented_settings_are_the_table() -> None:
    text = (Path(__file__).parents[3] / "docs" / "settings.md").read_text()
    rows = [f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |" for name, default, meaning in TABLE]
    assert all(row in text for row in rows), "\n".join(rows)


def test_the_lock_file_has_a_checksum_for_every_jar() -> None:
    jars = locked()
    assert len(jars) == LOCK.read_text().count("[[dependencies]]")
    assert all(len(checksum) == 64 for checksum in jars.values())


def test_compiled_code_is_kept_by_all_that_it_was_compiled_from(tmp_path: Path) -> None:
    from infra.logs import _needed

    for name, text in {
        "a": "from x import b\n",
        "b": "from x.c import d\n",
        "c": "",
        "other": "from x import a\n",
    }.items():
        folder = tmp_path / "x"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text(text)
    assert _needed(tmp_path / "x", "a") == {"a", "b", "c"}
