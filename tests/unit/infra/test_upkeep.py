"""What administrators are told of workers, disks, certificates and the clock, once, and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from kafka.errors import KafkaError

from infra.upkeep import NEAR, Places, Upkeep, _looked, drift, expiring, near_full, synchronised
from stream.policy import Policy, fingerprint

S = 10**9
DAY = 86_400 * S
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUQ3QJo6F/dfrpzBqDx+7Oe1BvzwowCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKdmlnaWwtdGVzdDAeFw0yNjExMjUwNzQ3MTlaFw0zNjExMjIw
NzQ3MTlaMBUxEzARBgNVBAMMCnZpZ2lsLXRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASG1Z83Ma57PYImb+iNmWgjlqngCjL+EFo+TO38qYg0vt2JNxiMTJNg
kBN931q6hEpsYYYT2It4qd7sM0+SfNp/o1MwUTAdBgNVHQ4EFgQUpKfduxGE/NCx
/iETSnPonxDYrewwHwYDVR0jBBgwFoAUpKfduxGE/NCx/iETSnPonxDYrewwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA+u2MNWjitj9amiaWds2p
R6vQk2A/Ruz3gPkgy/kShMACIQCSk87mheiM+oEvIoQ3bsh5xztugjNrLqCVNj+j
0AZtyQ==
-----END CERTIFICATE-----
"""
"""Made by `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=vigil-test`."""
ENDS = datetime(2036, 11, 22, 7, 47, 19, tzinfo=UTC)


def applied(worker: str, policies: dict[str, str], at_ns: int) -> dict[str, bytes]:
    return {f"{worker}/policies": msgspec.json.encode({"worker": worker, "at_ns": at_ns, "policies": policies})}


def test_a_live_worker_that_runs_another_policy_is_named_and_a_dead_one_is_not() -> None:
    value = msgspec.json.encode(Policy(revision=4))
    published, same = {"default": value}, {"default": fingerprint(value)}
    other = {"default": fingerprint(msgspec.json.encode(Policy(revision=3)))}
    now = 1000 * S
    assert drift(published, applied("a", same, now), now) == ""
    assert "a (default)" in drift(published, applied("a", other, now), now)
    assert "a (default)" in drift(published, applied("a", {}, now - 5 * S), now)
    assert drift(published, applied("a", other, now - 60 * S), now) == ""
    told = drift(published, applied("a", other, now) | applied("b", same, now), now)
    assert "b (" not in told
    # what was written of a change of rules says nothing of which are run
    assert drift(published, {"a": msgspec.json.encode({"worker": "a", "revision": 3})}, now) == ""


def test_a_disk_is_nearly_full_under_twice_the_reserve(tmp_path: Path) -> None:
    import shutil

    free = shutil.disk_usage(tmp_path).free / (1 << 30)
    assert near_full(Places((str(tmp_path),), free / NEAR * 1.2)).startswith(f"{free:.1f}"[:-2])
    assert near_full(Places((str(tmp_path),), free / NEAR * 0.8)) == ""
    assert near_full(Places((), 1e9)) == ""


@pytest.mark.parametrize(("days", "said"), [(31, ""), (29.5, "expires in 30 days"), (-1, "has expired")])
def test_a_certificate_is_told_thirty_days_before_it_ends(tmp_path: Path, days: float, said: str) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(CERTIFICATE)
    told = expiring([str(file)], round(ENDS.timestamp() * S - days * DAY))
    assert told == (f"{file} {said}" if said else "")


def test_only_a_clock_that_was_synchronised_can_lose_that() -> None:
    upkeep = Upkeep()
    assert upkeep.unsynchronised(False) is None
    assert upkeep.unsynchronised(None) is None
    assert upkeep.unsynchronised(True) == ""
    assert "synchronised no more" in (upkeep.unsynchronised(False) or "")
    assert synchronised() in (True, False, None)


def test_what_is_wrong_is_said_until_kafka_has_it_and_then_no_more_and_what_is_over_too() -> None:
    upkeep = Upkeep()
    wrong = {"CERT_EXPIRY": "it ends", "CONFIG_DRIFT": "", "TIME_SYNC_LOST": None}
    for now_ns in (1, 2):  # the first time Kafka did not take it
        (told,) = upkeep.notices(wrong, now_ns)
        assert (told.code, told.text, told.cleared, told.bed) == ("CERT_EXPIRY", "it ends", False, None)
    upkeep.told(told)
    assert upkeep.notices({"CERT_EXPIRY": "it ends soon"}, 3) == []
    assert upkeep.notices({"CERT_EXPIRY": None}, 4) == []
    for now_ns in (5, 6):
        (over,) = upkeep.notices({"CERT_EXPIRY": ""}, now_ns)
        assert over.cleared
    upkeep.told(over)
    assert upkeep.notices({"CERT_EXPIRY": ""}, 7) == []


ODD = (
    b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n",
    b"-----BEGIN TRUSTED CERTIFICATE-----\nMIIB\n-----END TRUSTED CERTIFICATE-----\n",
    b"",
    None,
)


@pytest.mark.parametrize("odd", ODD)
def test_a_file_that_holds_no_certificate_is_named_and_silences_none_beside_it(
    tmp_path: Path, odd: bytes | None
) -> None:
    file, other = tmp_path / "ca.pem", tmp_path / "odd.pem"
    file.write_text(CERTIFICATE)
    if odd is not None:
        other.write_bytes(odd)
    told = expiring([str(other), str(file)], round(ENDS.timestamp() * S))
    assert told == f"{other} holds no certificate whose end can be read; {file} expires in 0 days"


def test_a_check_that_fails_silences_no_other_and_says_so() -> None:
    def fails() -> str:
        raise ZeroDivisionError("of all things")

    def away() -> str:
        raise KafkaError("nobody answers")

    assert "ZeroDivisionError: of all things" in (_looked("CERT_EXPIRY", fails) or "")
    assert _looked("CONFIG_DRIFT", away) is None
