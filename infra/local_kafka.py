"""A real single-node Apache Kafka on loopback, as a child process with a generated password."""

from __future__ import annotations

import base64
import os
import secrets
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from infra import child
from infra.cache import Missing, Progress, cache_dir, java, kafka_jars
from infra.settings import Settings
from ingest.kafka import KafkaAddress
from ingest.topics import MAX_MESSAGE_BYTES

USER = "vigil"
START_S = 40.0
TRIM_S = 10.0
"""Between looks for what may go (Kafka's own default is five minutes: as long as a short disk takes to fill)."""
DELETE_S = 1.0
"""From there to the disk being free of it (a minute by default)."""


@dataclass(frozen=True, slots=True)
class KafkaNode:
    """How one local node is started again and again: its folder, command line and address."""

    folder: Path
    argv: tuple[str, ...]
    format_argv: tuple[str, ...]
    address: KafkaAddress


def free_port(wanted: int = 0) -> int:
    """A free loopback port, the wanted one where it is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Missing("no loopback port is free: end some other program and start again")


def prepare(data_dir: Path, settings: Settings, progress: Progress) -> KafkaNode:
    """Fetch what is needed, write the node's settings (0600) and give what starts it; ports stay over restarts."""
    folder = data_dir / "kafka"
    (folder / "log").mkdir(parents=True, exist_ok=True)
    jars = kafka_jars(cache_dir(settings.cache), settings.kafka_home, progress)
    properties = folder / "server.properties"
    old = _read(properties)
    port = free_port(int(old.get("vigil.port", 0)))
    controller = int(old.get("vigil.controller", 0)) or free_port()
    while controller == port:
        controller = free_port()
    controller = free_port(controller)
    password = old.get("vigil.password") or secrets.token_urlsafe(24)
    _write_private(properties, _properties(folder, port, controller, password))
    logging = folder / "simplelogger.properties"
    logging.write_text("org.slf4j.simpleLogger.defaultLogLevel=warn\norg.slf4j.simpleLogger.showDateTime=true\n")
    options = ("-Xms128m", f"-Xmx{settings.kafka_heap_mb}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    command = (str(java(settings.java)), *options, "-cp", os.pathsep.join([str(folder), *map(str, jars)]))
    # the first bit stays 0: an id that begins with "-" would be read as an option
    cluster = base64.urlsafe_b64encode(bytes([os.urandom(1)[0] & 0x7F]) + os.urandom(15)).decode().rstrip("=")
    formatting = ("kafka.tools.StorageTool", "format", "--cluster-id", cluster, "--standalone")
    address = KafkaAddress((f"127.0.0.1:{port}",), "SASL_PLAINTEXT", "PLAIN", USER, password)
    return KafkaNode(
        folder,
        (*command, "kafka.Kafka", str(properties)),
        (*command, *formatting, "--config", str(properties)),
        address,
    )


def start(node: KafkaNode, log: Path) -> subprocess.Popen[bytes]:
    """Start the node and wait until it takes connections; an empty folder is formatted first."""
    if not (node.folder / "log" / "meta.properties").exists():
        done = subprocess.run(node.format_argv, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"Apache Kafka could not format {node.folder}: {done.stderr.strip()[-300:]}")
    process = spawn(node, log)
    await_port(process, int(node.address.servers[0].rsplit(":", 1)[1]), log)
    return process


def spawn(node: KafkaNode, log: Path) -> subprocess.Popen[bytes]:
    """Start a node that was started before, and wait for nothing."""
    return child.spawn(node.argv, log)


def await_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the port takes connections; raises Missing where the child ends or takes too long."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Missing(f"Apache Kafka ended at once (exit {process.returncode}): {log} says why")
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Missing(f"Apache Kafka did not open port {port} within {START_S:g} s: {log} may say why")


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.lstrip("# ").split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)


def _properties(folder: Path, port: int, controller: int, password: str) -> str:
    login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    lines = [
        f"# vigil.port={port}",
        f"# vigil.controller={controller}",
        f"# vigil.password={password}",
        "process.roles=broker,controller",
        "node.id=1",
        f"listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        f"advertised.listeners=CLIENT://127.0.0.1:{port}",
        "controller.listener.names=CONTROLLER",
        f"controller.quorum.bootstrap.servers=127.0.0.1:{controller}",
        "listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "inter.broker.listener.name=CLIENT",
        "sasl.enabled.mechanisms=PLAIN",
        "sasl.mechanism.inter.broker.protocol=PLAIN",
        "sasl.mechanism.controller.protocol=PLAIN",
        *(
            f'listener.name.{listener}.plain.sasl.jaas.config={login} username="{USER}" password="{password}"'
            f' user_{USER}="{password}";'
            for listener in ("client", "controller")
        ),
        f"log.dirs={folder / 'log'}",
        "offsets.topic.replication.factor=1",
        "offsets.topic.num.partitions=4",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "transaction.state.log.num.partitions=4",
        "share.coordinator.state.topic.replication.factor=1",
        "share.coordinator.state.topic.min.isr=1",
        "group.initial.rebalance.delay.ms=0",
        "group.min.session.timeout.ms=1000",
        "broker.session.timeout.ms=2500",
        "broker.heartbeat.interval.ms=500",
        "auto.create.topics.enable=false",
        f"message.max.bytes={MAX_MESSAGE_BYTES}",
        f"replica.fetch.max.bytes={MAX_MESSAGE_BYTES}",
        f"log.retention.check.interval.ms={TRIM_S * 1000:.0f}",
        f"log.segment.delete.delay.ms={DELETE_S * 1000:.0f}",
    ]
    return "\n".join(lines) + "\n"
