"""Settings: read once from the environment, in one table that the documentation repeats."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ingest.kafka import KafkaAddress


class BadSetting(ValueError):
    """A variable that cannot be used; one sentence that names it."""


TABLE: tuple[tuple[str, str, str], ...] = (
    ("VIGIL_KAFKA", "", "Kafka cluster, host:port[,host:port]; empty: Vigil starts its own"),
    ("VIGIL_KAFKA_SECURITY", "PLAINTEXT", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"),
    ("VIGIL_KAFKA_MECHANISM", "PLAIN", "SASL mechanism: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"),
    ("VIGIL_KAFKA_USERNAME", "", "SASL user"),
    ("VIGIL_KAFKA_PASSWORD", "", "SASL password"),
    ("VIGIL_KAFKA_CA", "", "file with the authority that signed the cluster's certificate"),
    ("VIGIL_KAFKA_CERT", "", "file with the client's certificate"),
    ("VIGIL_KAFKA_KEY", "", "file with the client's key"),
    ("VIGIL_KAFKA_REPLICAS", "1", "copies of each topic that Vigil makes on a named cluster; 3 in a hospital"),
    ("VIGIL_KAFKA_HOME", "", "unpacked Apache Kafka distribution, for sites without internet"),
    ("VIGIL_KAFKA_HEAP_MB", "512", "heap of the Kafka that Vigil starts"),
    ("VIGIL_DATABASE", "", "postgresql+psycopg://user:password@host/name; empty: Vigil starts its own"),
    ("VIGIL_DATA_DIR", "", "where Vigil keeps its data; empty: the platform's place for a user's data"),
    ("VIGIL_CACHE", "", "where downloads are kept; empty: the user's cache"),
    ("VIGIL_JAVA", "", "Java 17 or newer; empty: the machine's, else a bundled one"),
    ("VIGIL_DATA", "", "folder of public recordings; empty: ../shared/data beside the checkout, if there"),
    (
        "VIGIL_MODEL",
        "",
        "model of the engine: a folder, or owner/name on the hub; `none`: the criteria alone; empty: gem-tiny, which ships",
    ),
    ("VIGIL_RUNTIME", "", "tensorrt, torch or onnx; empty: the first of them that works here (torch only on a GPU)"),
    ("VIGIL_PRECISION", "", "float32, int8 (onnx), bfloat16, float16, float8 (GPU); empty: each runtime's usual one"),
    ("VIGIL_SLOTS", "4", "answers that the model writes at once"),
    ("VIGIL_RETENTION_HOURS", "24", "hours for which waveforms are kept"),
    ("VIGIL_DISK_RESERVE_GB", "2", "free disk space below which retention shrinks"),
    (
        "VIGIL_MEASURE_S",
        "20",
        "seconds between scheduled measurements of intervals and ST per bed, at most 60; 0: none, and no ST or QT alarm",
    ),
    ("VIGIL_WORKERS", "1", "stream workers that `vigil up` starts"),
    ("VIGIL_METRICS_PORT", "0", "first of the loopback ports for Prometheus, one a process of `vigil up`; 0: none"),
    (
        "VIGIL_WATCH_SECRET",
        "",
        "key with which alerts and watchdog sign to each other, at least 16 characters; empty: that of the `vigil up` on the data folder",
    ),
    ("VIGIL_WEBHOOK_URL", "", "address that alerts are posted to, signed"),
    ("VIGIL_WEBHOOK_SECRET", "", "key of the signature, at least 16 characters"),
    ("VIGIL_SMTP", "", "mail server host:port for alerts"),
    ("VIGIL_SMTP_FROM", "", "sender of alert mails"),
    ("VIGIL_SMTP_TO", "", "receivers of alert mails, comma separated"),
    ("VIGIL_SMTP_USERNAME", "", "user at the mail server"),
    ("VIGIL_SMTP_PASSWORD", "", "password at the mail server"),
    (
        "VIGIL_SMTP_CA",
        "",
        "file with the authority that signed the mail server's certificate; empty: those that the machine trusts",
    ),
    ("VIGIL_LOG_LEVEL", "info", "debug, info, warning or error"),
)
"""Name, default, meaning; docs/settings.md is this table."""

_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_SECURITY = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")


LEAST_SECRET = 16
RUNTIMES = ("tensorrt", "torch", "onnx")
PRECISIONS = ("", "float32", "int8", "bfloat16", "float16", "float8")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process is told from outside."""

    kafka: KafkaAddress | None
    kafka_replicas: int
    database: str
    data_dir: Path
    cache: str
    java: str
    kafka_home: str
    kafka_heap_mb: int
    data: Path | None
    model: str
    runtimes: tuple[str, ...]
    """In the order in which they are tried."""
    precision: str
    slots: int
    retention_hours: float
    disk_reserve_gb: float
    measure_s: float
    workers: int
    metrics_port: int
    watch_secret: str
    webhook_url: str
    webhook_secret: str
    smtp: str
    smtp_from: str
    smtp_to: tuple[str, ...]
    smtp_username: str
    smtp_password: str
    smtp_ca: str
    log_level: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of this process; raises BadSetting with one sentence that names the variable."""
        env = os.environ if environment is None else environment
        text = {name: env.get(name, "").strip() or default for name, default, _ in TABLE}
        return cls(
            kafka=_kafka(text),
            kafka_replicas=_whole(text, "VIGIL_KAFKA_REPLICAS", 1, 15),
            database=_database(text["VIGIL_DATABASE"]),
            data_dir=Path(text["VIGIL_DATA_DIR"]) if text["VIGIL_DATA_DIR"] else _user_data(env),
            cache=text["VIGIL_CACHE"],
            java=text["VIGIL_JAVA"],
            kafka_home=text["VIGIL_KAFKA_HOME"],
            kafka_heap_mb=_whole(text, "VIGIL_KAFKA_HEAP_MB", 128, 65536),
            data=_recordings(text["VIGIL_DATA"]),
            model=text["VIGIL_MODEL"],
            runtimes=_runtimes(text),
            precision=_one_of(text, "VIGIL_PRECISION", PRECISIONS),
            slots=_whole(text, "VIGIL_SLOTS", 1, 64),
            retention_hours=_number(text, "VIGIL_RETENTION_HOURS", 1, 24 * 366),
            disk_reserve_gb=_number(text, "VIGIL_DISK_RESERVE_GB", 0, 1e6),
            measure_s=_number(text, "VIGIL_MEASURE_S", 0, 60),
            workers=_whole(text, "VIGIL_WORKERS", 1, 16),
            metrics_port=_whole(text, "VIGIL_METRICS_PORT", 0, 65000),
            watch_secret=_secret(text, "VIGIL_WATCH_SECRET", bool(text["VIGIL_WATCH_SECRET"])),
            webhook_url=_web_address(text),
            webhook_secret=_secret(text, "VIGIL_WEBHOOK_SECRET", bool(text["VIGIL_WEBHOOK_URL"])),
            smtp=_mail_server(text),
            smtp_from=_sender(text),
            smtp_to=_receivers(text),
            smtp_username=text["VIGIL_SMTP_USERNAME"],
            smtp_password=text["VIGIL_SMTP_PASSWORD"],
            smtp_ca=_authority(text, "VIGIL_SMTP_CA"),
            log_level=_one_of(text, "VIGIL_LOG_LEVEL", ("debug", "info", "warning", "error")),
        )


def _runtimes(text: Mapping[str, str]) -> tuple[str, ...]:
    """That which was named, then those that stand in for it."""
    name = _one_of(text, "VIGIL_RUNTIME", ("", *RUNTIMES))
    return RUNTIMES[RUNTIMES.index(name) :] if name else RUNTIMES


def _kafka(text: Mapping[str, str]) -> KafkaAddress | None:
    servers = tuple(s.strip() for s in text["VIGIL_KAFKA"].split(",") if s.strip())
    for server in servers:
        if not _is_host_and_port(server):
            raise BadSetting(f"VIGIL_KAFKA={text['VIGIL_KAFKA']!r} is not host:port[,host:port]")
    security = _one_of(text, "VIGIL_KAFKA_SECURITY", _SECURITY)
    mechanism = _one_of(text, "VIGIL_KAFKA_MECHANISM", _MECHANISMS)
    if not servers:
        return None
    for name in ("VIGIL_KAFKA_CA", "VIGIL_KAFKA_CERT", "VIGIL_KAFKA_KEY"):
        if text[name] and not Path(text[name]).is_file():
            raise BadSetting(f"{name}={text[name]!r} is no file")
    if security.startswith("SASL") and not (text["VIGIL_KAFKA_USERNAME"] and text["VIGIL_KAFKA_PASSWORD"]):
        raise BadSetting(f"VIGIL_KAFKA_SECURITY={security} needs VIGIL_KAFKA_USERNAME and VIGIL_KAFKA_PASSWORD")
    return KafkaAddress(
        servers,
        security,
        mechanism,
        text["VIGIL_KAFKA_USERNAME"],
        text["VIGIL_KAFKA_PASSWORD"],
        text["VIGIL_KAFKA_CA"],
        text["VIGIL_KAFKA_CERT"],
        text["VIGIL_KAFKA_KEY"],
    )


def _database(url: str) -> str:
    if not url:
        return ""
    scheme, _, rest = url.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not rest:
        raise BadSetting("VIGIL_DATABASE must begin with postgresql+psycopg://")
    try:
        legal = urlsplit(f"postgresql://{rest}").port != 0
    except ValueError:
        legal = False
    if not legal:
        raise BadSetting("VIGIL_DATABASE names no legal port: use postgresql+psycopg://user:password@host:port/name")
    return f"postgresql+psycopg://{rest}"


def _number(text: Mapping[str, str], name: str, low: float, high: float) -> float:
    try:
        value = float(text[name])
    except ValueError:
        raise BadSetting(f"{name}={text[name]!r} is not a number") from None
    if not low <= value <= high:
        raise BadSetting(f"{name}={text[name]} is outside {low:g} to {high:g}")
    return value


def _whole(text: Mapping[str, str], name: str, low: int, high: int) -> int:
    value = _number(text, name, low, high)
    if value != int(value):
        raise BadSetting(f"{name}={text[name]} is no whole number")
    return int(value)


def _one_of(text: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    if text[name] not in allowed:
        raise BadSetting(f"{name}={text[name]!r} is none of {', '.join(allowed)}")
    return text[name]


def _is_host_and_port(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and not any(c.isspace() or c == "/" for c in host) and port.isdigit() and 0 < int(port) < 65536


def _web_address(text: Mapping[str, str]) -> str:
    """Where alerts are posted to; a wrong address is not repeated, for it may hold a secret."""
    url = text["VIGIL_WEBHOOK_URL"]
    try:
        parts = urlsplit(url)
        legal = not url or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        legal = False
    if "@" in re.split("[/?#]", url.partition("//")[2])[0]:
        raise BadSetting(
            "VIGIL_WEBHOOK_URL holds a user or a password, which is not sent: leave them out, VIGIL_WEBHOOK_SECRET signs"
        )
    if not legal or any(c.isspace() or not c.isprintable() for c in url):
        raise BadSetting("VIGIL_WEBHOOK_URL is no address: use https://host/path")
    return url


def _mail_server(text: Mapping[str, str]) -> str:
    server = text["VIGIL_SMTP"]
    if server and not _is_host_and_port(server):
        raise BadSetting(f"VIGIL_SMTP={server!r} is not host:port")
    return server


def _sender(text: Mapping[str, str]) -> str:
    sender = text["VIGIL_SMTP_FROM"]
    if text["VIGIL_SMTP"] and not _MAIL.fullmatch(sender):
        raise BadSetting(f"VIGIL_SMTP_FROM={sender!r} is no mail address, and VIGIL_SMTP is set")
    return sender


def _receivers(text: Mapping[str, str]) -> tuple[str, ...]:
    found = tuple(a.strip() for a in text["VIGIL_SMTP_TO"].split(",") if a.strip())
    for address in found:
        if not _MAIL.fullmatch(address):
            raise BadSetting(f"VIGIL_SMTP_TO names {address!r}, which is no mail address")
    if text["VIGIL_SMTP"] and not found:
        raise BadSetting("VIGIL_SMTP_TO names nobody, and VIGIL_SMTP is set")
    return found


def _authority(text: Mapping[str, str], name: str) -> str:
    """The file of an authority, which must be there and hold a certificate."""
    path = text[name]
    try:
        ssl.create_default_context(cafile=path or None)
    except (OSError, ValueError) as error:
        raise BadSetting(f"{name}={path!r} holds no certificate in PEM that can be read: {error}") from None
    return path


def _secret(text: Mapping[str, str], name: str, needed: bool) -> str:
    secret = text[name]
    if needed and len(secret) < LEAST_SECRET:
        where = " where VIGIL_WEBHOOK_URL is set" if name == "VIGIL_WEBHOOK_SECRET" else ""
        raise BadSetting(f"{name} must have at least {LEAST_SECRET} characters{where}")
    return secret


def _user_data(env: Mapping[str, str]) -> Path:
    return Path(env.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "vigil"


def _recordings(chosen: str) -> Path | None:
    if chosen:
        return Path(chosen)
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    return beside if beside.is_dir() else None
