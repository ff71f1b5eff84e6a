"""What an administrator must look after: workers that run other rules than were published, disks, certificates, the clock.

Shown to administrators; nobody is called for it. Each check gives a sentence while something is wrong, else nothing.
"""

from __future__ import annotations

import base64
import ctypes
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog
from kafka.errors import KafkaError

from infra import compacted
from ingest.bed import Level, Notice, to_json
from ingest.frame import Nanoseconds
from ingest.kafka import KafkaAddress, open_producer
from ingest.topics import APPLIED, NOTICES, POLICIES
from stream.policy import fingerprint

log = structlog.get_logger()

EVERY_S = 30.0
ALIVE_S = 35.0
"""A worker that has not said for so long what it runs is gone."""
NEAR = 2.0
"""Times the reserve of free disk under which the disk is nearly full."""
EXPIRY_DAYS = 30
GIB = 1 << 30
_TIME_ERROR = 5
"""What adjtimex answers where the clock is not synchronised (adjtimex(2))."""
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_OVER = {
    "CONFIG_DRIFT": "every worker runs the published policies",
    "STORAGE_RETENTION_NEAR_FULL": "there is room on the disk again",
    "CERT_EXPIRY": "no certificate is about to expire",
    "TIME_SYNC_LOST": "the clock is synchronised again",
}


@dataclass(frozen=True, slots=True)
class Places:
    """What is looked after."""

    disks: tuple[str, ...] = ()
    """Folders of our own."""
    reserve_gib: float = 2.0
    certificates: tuple[str, ...] = ()
    """Files."""


@dataclass(slots=True)
class Upkeep:
    """Remembers what was told, so that it is told once, and when it is over."""

    said: set[str] = field(default_factory=set)
    """Codes of what is told to be wrong, since Kafka has it."""
    was_synchronised: bool = False

    def notices(self, wrong: Mapping[str, str | None], now_ns: int) -> list[Notice]:
        """What is to be told. wrong: by code a sentence, empty where all is well, None where that cannot be told."""
        found = []
        for code, text in wrong.items():
            if text is None or bool(text) == (code in self.said):
                continue
            told = text or _OVER[code]
            found.append(Notice(code, "watchdog", Nanoseconds(now_ns), told, None, Level.LOW, cleared=not text))
        return found

    def told(self, notice: Notice) -> None:
        """Kafka has this notice: until then it is told again at each look."""
        (self.said.discard if notice.cleared else self.said.add)(notice.code)

    def unsynchronised(self, synchronised: bool | None) -> str | None:
        """A clock that was synchronised and is no more; one that never was is a matter of `vigil doctor`."""
        self.was_synchronised = self.was_synchronised or synchronised is True
        if synchronised is None or not self.was_synchronised:
            return None
        return "" if synchronised else "this machine's clock is synchronised no more: times of events will drift"


def keep_up(address: KafkaAddress, places: Places, stop: threading.Event) -> None:
    """Look every EVERY_S until told to stop, and tell by notices; Kafka may be away meanwhile."""
    upkeep, producer = Upkeep(), None
    while not stop.wait(EVERY_S):
        wrong = _wrong(address, places, upkeep)
        try:
            for notice in upkeep.notices(wrong, time.time_ns()):
                producer = producer or open_producer(address)
                producer.send(NOTICES.name, to_json(notice), key=b"watchdog", partition=0).get(timeout=10)
                upkeep.told(notice)
        except Exception as error:  # Kafka may be away: the watchdog itself goes on
            log.warning("upkeep waits", reason=str(error)[:200])
    if producer is not None:
        producer.close(timeout=2)


def _wrong(address: KafkaAddress, places: Places, upkeep: Upkeep) -> dict[str, str | None]:
    """What each check says, whatever becomes of the others."""
    now_ns = time.time_ns()

    def drifting() -> str:
        return drift(compacted.read(address, POLICIES), compacted.read(address, APPLIED), now_ns)

    checks: dict[str, Callable[[], str | None]] = {
        "CONFIG_DRIFT": drifting,
        "STORAGE_RETENTION_NEAR_FULL": lambda: near_full(places),
        "CERT_EXPIRY": lambda: expiring(places.certificates, now_ns),
        "TIME_SYNC_LOST": lambda: upkeep.unsynchronised(synchronised()),
    }
    return {code: _looked(code, check) for code, check in checks.items()}


def _looked(code: str, check: Callable[[], str | None]) -> str | None:
    """What a check says; one that fails says that of itself. None where Kafka is away, which others tell."""
    try:
        return check()
    except KafkaError as error:
        log.warning("upkeep waits", check=code, reason=str(error)[:200])
        return None
    except Exception as error:
        log.warning("a check failed", check=code, reason=str(error)[:200])
        return f"this cannot be checked: {type(error).__name__}: {error}"[:300]


def drift(published: Mapping[str, bytes], applied: Mapping[str, bytes], now_ns: int) -> str:
    """Live workers whose policies are not those that were published, by fingerprint."""
    wanted = {scope: fingerprint(value) for scope, value in published.items()}
    behind = []
    for value in applied.values():
        told: dict[str, Any] = msgspec.json.decode(value)
        runs = told.get("policies")
        if runs is not None and now_ns - int(told["at_ns"]) < ALIVE_S * 1e9:
            other = sorted(scope for scope, digest in wanted.items() if runs.get(scope) != digest)
            behind += [f"{told['worker']} ({', '.join(other)})"] if other else []
    return f"other policies than the published ones are run by {'; '.join(sorted(behind))}" if behind else ""


def near_full(places: Places) -> str:
    """The disk of ours with the least room, where that is under NEAR times the reserve."""
    free = {folder: shutil.disk_usage(folder).free / GIB for folder in places.disks if Path(folder).exists()}
    least = min(free, key=lambda folder: free[folder], default=None)
    if least is None or free[least] >= NEAR * places.reserve_gib:
        return ""
    return (
        f"{free[least]:.1f} GiB are left on the disk of {least}: under {places.reserve_gib:g} GiB waveforms are dropped"
    )


def expiring(files: Iterable[str], now_ns: int) -> str:
    """Certificates that end within EXPIRY_DAYS, or have ended; a file in which no end is found is named, too."""
    soon = []
    for name in files:
        try:
            days = min((ends(der) - now_ns / 1e9) / 86_400 for der in _certificates(name))
        except (OSError, ValueError, IndexError) as error:
            log.warning("a certificate cannot be read", file=name, reason=str(error)[:200])
            soon.append(f"{name} holds no certificate whose end can be read")
            continue
        if days < EXPIRY_DAYS:
            soon.append(f"{name} {'has expired' if days < 0 else f'expires in {days:.0f} days'}")
    return "; ".join(soon)


def _certificates(name: str) -> list[bytes]:
    """The certificates of a PEM file as DER."""
    return [base64.b64decode(body) for body in _PEM.findall(Path(name).read_bytes())]


def ends(der: bytes) -> float:
    """Seconds since 1970 at which a certificate ends: notAfter of its validity (RFC 5280, 4.1.2.5)."""
    body, _ = _value(der, 0)
    fields, _ = _value(body, 0)
    # version (optional, tag A0), serial number, signature, issuer; then validity
    at = 0
    for _ in range(4 if fields[0] == 0xA0 else 3):
        _, at = _value(fields, at)
    validity, _ = _value(fields, at)
    _, behind = _value(validity, 0)
    text = _value(validity, behind)[0].decode()
    form = "%y%m%d%H%M%SZ" if validity[behind] == 0x17 else "%Y%m%d%H%M%SZ"
    return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()


def _value(der: bytes, at: int) -> tuple[bytes, int]:
    """The value of the element at a place, and the place behind it (X.690, 8.1)."""
    length, begin = der[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + count], "big"), begin + count
    return der[begin : begin + length], begin + length


def synchronised() -> bool | None:
    """Whether the kernel's clock follows a time server; None where it does not say."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
