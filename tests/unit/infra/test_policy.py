"""`vigil policy`: what is checked is what is loaded."""

import io
from argparse import Namespace
from pathlib import Path

import msgspec
import pytest

from alerts.accounts import hash_password
from infra import policy
from infra.plan import BadRequest
from stream.catalogue import Code
from stream.policy import Policy, parse, problems


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, bytes]:
    """The topic of policies, by scope."""
    held: dict[str, bytes] = {}
    monkeypatch.setattr(policy, "join_kafka", lambda *_: "nowhere")
    monkeypatch.setattr(policy, "data_dir", lambda *_: tmp_path)
    monkeypatch.setattr(policy.compacted, "read", lambda *_: held)
    monkeypatch.setattr(policy.compacted, "write", lambda _, topic, key, value, partition: held.update({key: value}))
    return held


@pytest.fixture
def signing(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Accounts of mary, ann and a viewer, whose passwords are piped: of the author, then of the second person."""
    rows = [(name, role, hash_password(f"{name} {name} {name}"), off) for name, role, off in PEOPLE]
    monkeypatch.setattr(policy.users, "held", lambda _: rows)
    monkeypatch.setattr("sys.stdin", io.StringIO("mary mary mary\nann ann ann\n"))
    return monkeypatch


PEOPLE = (("mary", "admin", False), ("ann", "nurse", False), ("vic", "viewer", False), ("gone", "admin", True))


def load(tmp_path: Path, text: str, author: str) -> None:
    file = tmp_path / "policy.json"
    file.write_text(text)
    assert policy.load(Namespace(file=str(file), author=author, message="")) == 0


OFF = '{"author": "mary", "second_author": "ann", "off": ["EXTREME_TACHY"]}'


def test_who_loads_a_policy_is_not_its_second_person(published: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"loaded by ann: .*two persons"):
        load(tmp_path, OFF, "ann")
    assert published == {}


@pytest.mark.parametrize("second", ["mary", "MARY", " m ary ", "ma\u200bry", "\uff4dary", "  "])
def test_the_same_person_under_another_spelling_is_no_second_one(second: str) -> None:
    found = problems(Policy(author="mary", second_author=second, off=frozenset({Code.EXTREME_TACHY})))
    assert len(found) == 1
    assert "two persons" in found[0]


@pytest.mark.parametrize(
    ("second", "author", "piped", "says"),
    [
        ("anna", "mary", "", "'anna' is no enabled account"),
        ("ann", "nobody", "", "'nobody' is no enabled account"),
        ("gone", "mary", "", "'gone' is no enabled account"),
        ("vic", "mary", "", "vic is a viewer"),
        ("ann", "mary", "mary mary mary\nwrong\n", "not the password of ann"),
        ("ann", "mary", "mary mary mary\nmary mary mary\n", "not the password of ann"),
        ("ann", "mary", "ann ann ann\nann ann ann\n", "not the password of mary"),
        ("ann", "mary", "mary mary mary\n", "not the password of ann"),
    ],
)
def test_nobody_agrees_without_an_account_and_its_password(
    second: str,
    author: str,
    piped: str,
    says: str,
    published: dict[str, bytes],
    signing: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    signing.setattr("sys.stdin", io.StringIO(piped or "mary mary mary\nann ann ann\n"))
    with pytest.raises(BadRequest, match=f"EXTREME_TACHY: .*two persons who sign in.*{says}"):
        load(tmp_path, OFF.replace('"ann"', f'"{second}"'), author)
    assert published == {}


def test_a_policy_without_a_red_alarm_off_asks_nobody(published: dict[str, bytes], tmp_path: Path) -> None:
    load(tmp_path, '{"off": ["HR_HIGH"]}', "mary")
    assert "default" in published


def test_a_check_says_where_the_second_person_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "policy.json"
    file.write_text(OFF)
    assert policy.check(Namespace(file=str(file))) == 0
    said = capsys.readouterr().out
    assert "EXTREME_TACHY off: that ann has an account and agrees is checked where it is loaded" in said
    file.write_text("{}")
    assert policy.check(Namespace(file=str(file))) == 0
    assert capsys.readouterr().out == f"{file} is legal: scope default\n"


def test_what_is_loaded_is_what_a_worker_takes(
    published: dict[str, bytes], signing: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load(tmp_path, OFF, "mary")
    load(tmp_path, '{"neonate": {"st_delay_s": 30}}', "ann")
    taken = parse(published["default"])
    assert (taken.revision, taken.author, taken.neonate.hr_low_bpm) == (2, "ann", 100.0)
    assert msgspec.json.decode(published["default"], type=Policy) == taken
