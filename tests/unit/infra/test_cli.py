"""The command line says what is wrong in one sentence before anything is started."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.cache import LOCK, locked
from infra.cli import build_parser, main
from infra.plan import Plan
from infra.settings import TABLE, BadSetting, Settings
from infra.up import unanalysed


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
        (["up", "--source", "g" * 81], "--source"),
        (["up", "--rate", "10"], "--rate 10 "),
        (["up", "--host", "203.0.113.1"], "--host 203.0.113.1"),
        (["feed", "replay", "x.csv", "--rate", "-250"], "--rate -250 "),
        (["up", "--rate", "nan"], "--rate nan "),
        (["engine", "interpret", "x.csv", "--rate", "4001"], "--rate 4001 "),
        (["engine", "interpret", "x.csv", "--age", "nan"], "'nan' is no age"),
        (["beds", "set", "icu-01", "--age", "400"], "'400' is no age"),
        (["up", "--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
        ([], "COMMAND"),
        (["feed", "replay", "/nowhere/100"], "/nowhere/100"),
        (["engine", "interpret", "/nowhere/100"], "/nowhere/100"),
        (["engine", "interpret", "/nowhere/100", "--picture", "strip.jpg"], "strip.jpg"),
        (["engine", "interpret", "/nowhere/100", "--picture", "/nowhere/strip.png"], "/nowhere/strip.png"),
        (["engine", "doctor", "--golden", "/nowhere"], "/nowhere"),
        (["engine", "doctor", "--model", "/nowhere"], "/nowhere"),
        (["engine", "doctor", "--model", ".", "--sizes", "/nowhere"], "/nowhere"),
        (["policy", "check", "/nowhere/policy.json"], "/nowhere/policy.json"),
        (["score", "beats", "--data", "/nowhere"], "/nowhere"),
        (["score", "all", "--data", "/nowhere"], "/nowhere"),
        (["score", "all", "--out", "/nowhere/page.md"], "--out"),
        (["score", "alarms", "--pulse", "some"], "--pulse"),
        (["beds", "set", "a bed"], "a bed"),
        (["beds", "set", "icu-1", "--unit", "u" * 65], "'" + "u" * 64 + "' is no name of a unit"),
        (["beds", "set", "icu-1", "--unit", "x\x1b[31m"], r"x\x1b[31m"),
        (["users", "add", ""], "'' is no name of an account: 1 to 64 printable characters"),
        (["users", "add", "x\x1b[31my"], r"'x\x1b[31my' is no name of an account"),
        (["users", "add", "mary "], "'mary ' is no name"),
        (["users", "add", "m\u202eary"], r"m\u202eary"),
        (["users", "add", "u" * 5000], "'" + "u" * 64 + "' is no name"),
        (["bench", "beds", "--beds", "0"], "--beds"),
        (["bench", "beds", "--seconds", "5"], "--seconds"),
        (["bench", "signal", "--beds", "0"], "--beds: '0' is no number of beds: give a whole number from 1 to 5000"),
        (["bench", "signal", "--seconds", "-1"], "--seconds: '-1' is no number of seconds to measure over"),
        (["bench", "signal", "--seconds", "nan"], "--seconds: 'nan'"),
        (["bench", "signal", "--measure-s", "inf"], "--measure-s: 'inf'"),
        (["score", "latency", "--seeds", "0"], "--seeds: '0' is no number of patients: give a whole number from 1 to"),
        (["score", "all", "--seeds", "1.5"], "--seeds: '1.5' is no number of patients"),
        (["score", "texts", "--limit", "-2"], "--limit: '-2' is no number of records"),
        (["alerts", "serve", "--port", "99999"], "--port: '99999' is no port"),
        (["watch", "--port", "-1"], "--port: '-1' is no port"),
        (["stream", "--metrics-port", "65536"], "--metrics-port: '65536' is no port"),
        (["engine", "build", "--slots", "-1"], "--slots: '-1' is no number of slots"),
        (["engine", "build", "--chunk", "0"], "--chunk: '0' is no length of a piece"),
        (["engine", "evaluate", "--timeout", "0"], "--timeout: '0' is no number of seconds to wait"),
        (["engine", "instruct", "--out", "x", "--seed", "-1"], "--seed: '-1' is no seed"),
        (["engine", "train", "--out", "x", "--seed", "-1"], "--seed: '-1' is no seed"),
        (
            ["engine", "instruct", "--out", "x", "--limit", "0"],
            "--limit: '0' is no number of records: give a whole number",
        ),
        (["engine", "evaluate", "--limit", "-1"], "--limit: '-1' is no number of records"),
        (["score", "texts", "--limit", "0"], "--limit: '0' is no number of records"),
        (["engine", "train", "--threads", "0"], "--threads: '0' is no number of threads"),
        (["learn", "tiny", "--out", "x", "--threads", "0"], "--threads: '0' is no number of threads"),
        (["feed", "simulate", "--beds", "0"], "--beds"),
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


def test_the_model_is_named_by_the_setting_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIL_MODEL", "/nowhere/model")
    assert main(["engine", "doctor"]) == 2
    assert capsys.readouterr().err == (
        "vigil: /nowhere/model is neither a folder nor a hub name (owner/name): name one with --model\n"
    )


def test_a_feed_without_a_running_vigil_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIL_KAFKA", raising=False)
    assert main(["feed", "simulate", "--beds", "1", "--data-dir", str(tmp_path)]) == 1
    assert "no Vigil runs on" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["watch"], ["stream"], ["hrv"], ["alerts", "serve"], ["store", "write"], ["engine", "serve"]]
)
def test_a_process_without_a_running_vigil_is_one_sentence_too(
    words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIL_KAFKA", raising=False)
    assert main([*words, "--data-dir", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.err == f"vigil: no Vigil runs on {tmp_path}: start one with `vigil up`, or set VIGIL_KAFKA\n"
    assert told.out == ""


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("logs", [False, True])
def test_a_fault_of_vigils_own_is_one_sentence_with_its_place_in_the_log_or_on_demand(
    debug: bool, logs: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(args: object) -> int:
        raise KeyError("nobody")

    monkeypatch.setattr("infra.beds.show", broken)
    if logs:
        (tmp_path / "logs").mkdir()
    assert main(["beds", "list", "--data-dir", str(tmp_path), *(["--debug"] if debug else [])]) == 1
    told = capsys.readouterr().err
    assert "a fault of Vigil's own (KeyError: 'nobody')" in told
    assert ("Traceback" in told) is debug
    assert debug or told.count("\n") == 1
    assert debug or ("faults.log" if logs else "--debug") in told
    assert not logs or debug or "in broken" in (tmp_path / "logs" / "faults.log").read_text()


@pytest.mark.parametrize("folder", ["/etc/passwd", "/proc/x"])
def test_a_data_folder_that_cannot_be_is_named(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--data-dir", folder, "--port", "0", "--json"]) == 1
    told = capsys.readouterr().err
    assert folder in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["up", "--port", "0", "--json"], ["feed", "simulate"], ["beds", "list"], ["policy", "show"]]
)
def test_a_broker_that_is_not_there_is_said_within_seconds(
    words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("VIGIL_KAFKA", f"127.0.0.1:{taken.getsockname()[1]}")
        begun = time.monotonic()
        assert main([*words, "--data-dir", str(tmp_path / "data")]) == 1
        assert time.monotonic() - begun < 10.0
    told = capsys.readouterr().err
    assert "takes no connection" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_a_database_that_is_not_there_or_not_named_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIL_KAFKA", "127.0.0.1:9")
    assert main(["users", "list", "--data-dir", str(tmp_path)]) == 1
    assert "VIGIL_DATABASE" in capsys.readouterr().err
    monkeypatch.setenv("VIGIL_DATABASE", "postgresql://a:b@127.0.0.1:9/x")
    assert main(["users", "list", "--data-dir", str(tmp_path)]) == 1
    assert "the database cannot be used" in capsys.readouterr().err
    assert main(["doctor", "--data-dir", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "fail  kafka" in told
    assert "fail  postgresql" in told


def test_processes_that_need_a_database_name_the_setting(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIL_KAFKA", "127.0.0.1:9")
    monkeypatch.delenv("VIGIL_DATABASE", raising=False)
    for words in (["store", "write"], ["alerts", "serve", "--port", "0"]):
        assert main([*words, "--data-dir", str(tmp_path)]) == 1
        assert capsys.readouterr().err == "vigil: no database is known: set VIGIL_DATABASE\n"


def test_alerts_and_watchdog_start_with_a_secret_of_their_own_or_not_at_all(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIL_KAFKA", "127.0.0.1:9")
    monkeypatch.setenv("VIGIL_KAFKA_SECURITY", "SASL_PLAINTEXT")
    monkeypatch.setenv("VIGIL_KAFKA_USERNAME", "vigil")
    monkeypatch.setenv("VIGIL_KAFKA_PASSWORD", "a password that opens Kafka")
    monkeypatch.setenv("VIGIL_DATABASE", "postgresql://a:b@127.0.0.1:9/x")
    alerts = ["alerts", "serve", "--port", "0", "--watch", "http://127.0.0.1:9/"]
    for words in (["watch", "--port", "0"], alerts):
        assert main([*words, "--data-dir", str(tmp_path)]) == 2
        assert "set VIGIL_WATCH_SECRET" in capsys.readouterr().err


def test_a_reader_that_has_enough_ends_a_command_in_silence() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "infra.cli", "doctor", "--json"]
    told = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (told.returncode, told.stderr) == (1, "")


def test_beds_of_a_feed_are_named_beside_those_that_run() -> None:
    plan = Plan(beds=3, scenario="sinus", length_s=1.0)
    assert [r.name for r in plan.recordings()] == ["icu-1-01", "icu-1-02", "icu-1-03"] == plan.names()
    beside = plan.recordings({"icu-1-01", "icu-1-02", "icu-1-04"})
    assert [r.name for r in beside] == ["icu-1-03", "icu-1-05", "icu-1-06"]
    assert len({r.samples.tobytes() for r in [*plan.recordings(), *beside[1:]]}) == 5


def test_frames_that_nobody_analysed_are_counted() -> None:
    frames = {"sent": 1504, "processed": 1256, "late": 0, "rejected": 0}
    assert unanalysed({"frames": frames}) == 248
    assert unanalysed({"frames": frames | {"late": 48, "rejected": 200}}) == 0


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
        ("VIGIL_DATABASE", "postgresql://user:word@host:port/name"),
        ("VIGIL_KAFKA", "broker:99999"),
        ("VIGIL_KAFKA", "http://broker:9092"),
        ("VIGIL_KAFKA_MECHANISM", "FOO"),
        ("VIGIL_KAFKA_REPLICAS", "0"),
        ("VIGIL_SMTP", "foo"),
        ("VIGIL_SMTP_TO", "nobody"),
        ("VIGIL_SMTP_CA", "/nowhere/authority.pem"),
        ("VIGIL_SMTP_CA", __file__),
        ("VIGIL_WEBHOOK_URL", "foo"),
        ("VIGIL_WEBHOOK_URL", "ftp://host/x"),
        ("VIGIL_WEBHOOK_URL", "https://host/a b"),
        ("VIGIL_WORKERS", "1.7"),
        ("VIGIL_SLOTS", "3.5"),
        ("VIGIL_KAFKA_REPLICAS", "1.5"),
        ("VIGIL_KAFKA_HEAP_MB", "512.5"),
        ("VIGIL_METRICS_PORT", "9000.5"),
        ("VIGIL_WATCH_SECRET", "short"),
        ("VIGIL_LOG_LEVEL", "loud"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment({name: value, "HOME": "/tmp"})


def test_a_mail_server_without_addresses_and_a_login_without_a_user_are_refused() -> None:
    mail = {"VIGIL_SMTP": "host:25", "VIGIL_SMTP_FROM": "vigil@ward", "VIGIL_SMTP_TO": "a@ward, b@ward"}
    assert Settings.from_environment(mail).smtp_to == ("a@ward", "b@ward")
    for name in ("VIGIL_SMTP_FROM", "VIGIL_SMTP_TO"):
        with pytest.raises(BadSetting, match=name):
            Settings.from_environment(mail | {name: ""})
    with pytest.raises(BadSetting, match="VIGIL_KAFKA_USERNAME"):
        Settings.from_environment({"VIGIL_KAFKA": "a:9092", "VIGIL_KAFKA_SECURITY": "SASL_SSL"})


def test_a_webhook_without_a_proper_secret_is_refused() -> None:
    with pytest.raises(BadSetting, match="VIGIL_WEBHOOK_SECRET"):
        Settings.from_environment({"VIGIL_WEBHOOK_URL": "http://x", "VIGIL_WEBHOOK_SECRET": "short"})


@pytest.mark.parametrize(
    "url",
    [
        "https://bob:hunter2@host/hook",
        "https://hunter2@host",
        "http://bob:hun/ter2@host/hook",
        "htps://host/hunter2",
        "http://[bob:hunter2@host/",
    ],
)
def test_a_secret_in_the_address_of_the_webhook_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(BadSetting, match="VIGIL_WEBHOOK_URL") as refused:
        Settings.from_environment({"VIGIL_WEBHOOK_URL": url, "VIGIL_WEBHOOK_SECRET": "s" * 20})
    assert "ter2" not in str(refused.value)


def test_the_documented_settings_are_the_table() -> None:
    text = (Path(__file__).parents[3] / "docs" / "settings.md").read_text()
    rows = [f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |" for name, default, meaning in TABLE]
    assert all(row in text for row in rows), "\n".join(rows)


def test_the_lock_file_has_a_checksum_for_every_jar() -> None:
    jars = locked()
    assert len(jars) == LOCK.read_text().count("[[dependencies]]")
    assert all(len(checksum) == 64 for checksum in jars.values())


def test_compiled_code_is_kept_by_all_that_it_was_compiled_from(tmp_path: Path) -> None:
    from infra.compiled import _needed

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
