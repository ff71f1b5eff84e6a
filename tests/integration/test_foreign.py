"""A Kafka of somebody else's: TLS with an authority of its own, a password, and no Kafka that Vigil starts."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from infra import child, local_kafka, local_postgres
from infra.services import Addresses
from infra.settings import Settings
from infra.summary import Observer, read_topic
from ingest.bed import Notice
from ingest.codec import encode_bundles
from ingest.kafka import USUAL_LIMIT_S, KafkaAddress, create_topics, session_limit_s, session_s
from ingest.outbox import Outbox
from ingest.topics import FRAMES, MAX_MESSAGE_BYTES, NOTICES

OURS = ("group.min.session.timeout.ms", "message.max.bytes", "replica.fetch.max.bytes", "log.retention", "log.segment")
"""Settings that Vigil gives to a Kafka of its own; somebody else's has Apache Kafka's defaults."""

pytestmark = [pytest.mark.broker, pytest.mark.slow]

HEAD = len(next(encode_bundles([b""]))[0])
"""Bytes of a bundle before its frames."""


def certificates(folder: Path) -> None:
    """An authority, and a key with a certificate for 127.0.0.1 that it signed."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ward")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "raw.key", "-out", "broker.csr", "-subj", "/CN=kafka")
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", "raw.key", "-out", "broker.key")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names")
    openssl("x509", "-req", "-in", "broker.csr", "-out", "broker.pem", "-days", "2", *signing)
    (folder / "store.pem").write_text((folder / "broker.key").read_text() + (folder / "broker.pem").read_text())


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KafkaAddress, Path]]:
    """A Kafka that takes clients over SASL_SSL only, and the authority's certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make certificates")
    folder = tmp_path_factory.mktemp("foreign")
    certificates(folder)
    node = local_kafka.prepare(folder, Settings.from_environment(), lambda _: None)
    properties = folder / "kafka" / "server.properties"
    kept = [line for line in properties.read_text().splitlines() if not line.startswith(OURS)]
    secured = "\n".join(kept).replace("CLIENT:SASL_PLAINTEXT", "CLIENT:SASL_SSL")
    stores = [f"ssl.keystore.location={folder / 'store.pem'}", f"ssl.truststore.location={folder / 'ca.pem'}"]
    properties.write_text(
        "\n".join(
            [secured, "ssl.keystore.type=PEM", "ssl.truststore.type=PEM", *stores, "auto.create.topics.enable=false"]
        )
    )
    process = local_kafka.start(node, folder / "kafka.log")
    yield replace(node.address, security="SASL_SSL", ca_file=str(folder / "ca.pem")), folder
    child.stop(process)


def environment(address: KafkaAddress) -> dict[str, str]:
    """What an operator sets."""
    return dict(os.environ) | {
        "VIGIL_KAFKA": address.servers[0],
        "VIGIL_KAFKA_SECURITY": address.security,
        "VIGIL_KAFKA_USERNAME": address.username,
        "VIGIL_KAFKA_PASSWORD": address.password,
        "VIGIL_KAFKA_CA": address.ca_file,
    }


def vigil(named: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [sys.executable, "-m", "infra.cli", *words]
    return subprocess.run(command, env=named, capture_output=True, text=True, timeout=240, check=False)


def test_a_cluster_without_topics_is_said_in_one_sentence(foreign: tuple[KafkaAddress, Path], tmp_path: Path) -> None:
    begun = time.monotonic()
    done = vigil(environment(foreign[0]), "feed", "simulate", "--beds", "1", "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert "has no topic vigil.frames" in done.stderr
    assert "`vigil up` with VIGIL_KAFKA set" in done.stderr
    assert done.stderr.count("\n") == 1
    assert time.monotonic() - begun < 15.0


def test_beds_run_over_a_cluster_with_tls_and_a_password(foreign: tuple[KafkaAddress, Path], tmp_path: Path) -> None:
    address, _ = foreign
    assert session_limit_s(address) == USUAL_LIMIT_S
    assert session_s(address, 3.0) == USUAL_LIMIT_S
    try:
        done = vigil(
            environment(address), "up", "--data-dir", str(tmp_path), "--port", "0", "--seconds", "20", "--json"
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["frames"]["sent"] == told["frames"]["processed"] == 8 * 80
        assert told["lost"] == told["duplicates"] == 0
        assert told["alerts"]
        assert all(a["interpretation"]["state"] != "pending" for a in told["alerts"])
        assert not (tmp_path / "kafka").exists()
        looked = vigil(environment(address), "doctor", "--data-dir", str(tmp_path))
        assert "a dead worker's beds wait 6 s" in looked.stdout
    finally:
        local_postgres.remove(tmp_path)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"VIGIL_KAFKA_PASSWORD": "wrong"}, "SASL_SSL, PLAIN and user 'vigil'"),
        ({"VIGIL_KAFKA_CA": ""}, "refuses TLS"),
        ({"VIGIL_KAFKA_SECURITY": "SASL_PLAINTEXT"}, "SASL_PLAINTEXT"),
    ],
)
def test_a_cluster_that_does_not_take_what_was_set_is_told_before_anything_starts(
    foreign: tuple[KafkaAddress, Path], tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    done = vigil(environment(foreign[0]) | changed, "up", "--data-dir", str(tmp_path), "--port", "0", "--seconds", "5")
    assert done.returncode == 1
    assert "VIGIL_KAFKA cannot be used" in done.stderr
    assert said in done.stderr
    assert foreign[0].password not in done.stderr
    assert not (tmp_path / "run.json").exists()


def test_a_frame_that_kafka_does_not_take_is_dropped_in_the_open_and_holds_up_nobody(
    foreign: tuple[KafkaAddress, Path],
) -> None:
    address, _ = foreign
    create_topics(address)
    observer = Observer(Addresses(address, ""), time.time_ns())
    # of a topic that somebody else has made
    usual = {"max.message.bytes": "1048588"}
    admin = KafkaAdminClient(**address.options())
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, FRAMES.name, usual)])
    admin.close()
    outbox = Outbox(address, "large")
    sizes = (2000, 2 << 20, 5 << 20, 3000, 1_000_000)
    for size in sizes:
        outbox.put({0: [bytes(size)]})
    assert outbox.close(30.0)
    assert (outbox.acknowledged, outbox.dropped) == (3, 2)
    read = [len(m.value) for m in read_topic(observer, FRAMES) if not any(m.value[HEAD:])]
    assert read == [HEAD + size for size in sizes if size <= 1_000_000]
    notices = [n for m in read_topic(observer, NOTICES) if (n := msgspec.json.decode(m.value, type=Notice))]
    (notice,) = [n for n in notices if n.code == "OUTBOX_DROPPED" and "large" in n.text]
    assert f"allow {MAX_MESSAGE_BYTES}" in notice.text
