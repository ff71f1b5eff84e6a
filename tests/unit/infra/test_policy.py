"""`vigil policy`: what is checked is what is loaded."""

from argparse import Namespace
from pathlib import Path

import msgspec
import pytest

from infra import policy
from infra.plan import BadRequest
from stream.policy import Policy, parse


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, bytes]:
    """The topic of policies, by scope."""
    held: dict[str, bytes] = {}
    monkeypatch.setattr(policy, "join_kafka", lambda *_: "nowhere")
    monkeypatch.setattr(policy, "data_dir", lambda *_: tmp_path)
    monkeypatch.setattr(policy.compacted, "read", lambda *_: held)
    monkeypatch.setattr(policy.compacted, "write", lambda _, topic, key, value, partition: held.update({key: value}))
    return held


def load(tmp_path: Path, text: str, author: str) -> None:
    file = tmp_path / "policy.json"
    file.write_text(text)
    assert policy.load(Namespace(file=str(file), author=author, message="")) == 0


OFF = '{"author": "mary", "second_author": "ann", "off": ["EXTREME_TACHY"]}'


def test_who_loads_a_policy_is_not_its_second_person(published: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"loaded by ann: .*two persons"):
        load(tmp_path, OFF, "ann")
    assert published == {}


def test_what_is_loaded_is_what_a_worker_takes(published: dict[str, bytes], tmp_path: Path) -> None:
    load(tmp_path, OFF, "mary")
    load(tmp_path, '{"neonate": {"st_delay_s": 30}}', "ann")
    taken = parse(published["default"])
    assert (taken.revision, taken.author, taken.neonate.hr_low_bpm) == (2, "ann", 100.0)
    assert msgspec.json.decode(published["default"], type=Policy) == taken
