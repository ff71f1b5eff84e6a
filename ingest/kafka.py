"""Where Kafka is and how its clients are opened; every option of every client stands here."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.topics import FRAMES, MAX_MESSAGE_BYTES, TOPICS, segment_bytes

if TYPE_CHECKING:
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer


RECONNECT = {"reconnect_backoff_max_ms": 1_000}
"""Of kafka-python: milliseconds at most between two looks for a broker. Its own 30 s would keep alarms waiting behind one that is back."""
JOIN_S = 10.0
MEMBER_SESSION_S = 6.0
USUAL_LIMIT_S = 6.0
"""Shortest session of a broker where nobody has set it: group.min.session.timeout.ms (Apache Kafka 4, broker settings)."""


@dataclass(frozen=True, slots=True)
class KafkaAddress:
    """A cluster and how to log in to it."""

    servers: tuple[str, ...]
    security: str = "PLAINTEXT"
    """PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
    mechanism: str = "PLAIN"
    username: str = ""
    password: str = ""
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""

    def ssl_context(self) -> ssl.SSLContext | None:
        """TLS as the files say, or None on a plain connection."""
        if "SSL" not in self.security:
            return None
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if self.cert_file:
            context.load_cert_chain(self.cert_file, self.key_file or None)
        return context

    def options(self) -> dict[str, Any]:
        """What kafka-python and aiokafka both want to know."""
        found: dict[str, Any] = {"bootstrap_servers": list(self.servers), "security_protocol": self.security}
        if self.security.startswith("SASL"):
            found["sasl_mechanism"] = self.mechanism
            found["sasl_plain_username"] = self.username
            found["sasl_plain_password"] = self.password
        context = self.ssl_context()
        if context is not None:
            found["ssl_context"] = context
        return found


def open_producer(address: KafkaAddress, **changes: Any) -> KafkaProducer:
    """A producer that loses nothing: acks from all, idempotent, large batches (small ones cost four times the CPU)."""
    from kafka import KafkaProducer

    options: dict[str, Any] = {
        "acks": "all",
        "enable_idempotence": True,
        "batch_size": 1 << 20,
        "linger_ms": 5,
        "max_request_size": MAX_MESSAGE_BYTES,
        "delivery_timeout_ms": 120_000,
    }
    return KafkaProducer(**(options | RECONNECT | address.options() | changes))


def open_consumer(address: KafkaAddress, group: str | None, **changes: Any) -> KafkaConsumer:
    """A consumer that commits only when told to, from the start where its group has no offset."""
    from kafka import KafkaConsumer

    options: dict[str, Any] = {
        "group_id": group,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "session_timeout_ms": 10_000,
        "heartbeat_interval_ms": 1_000,
        "fetch_max_bytes": 32 << 20,
        "max_partition_fetch_bytes": MAX_MESSAGE_BYTES,
    }
    return KafkaConsumer(**(options | RECONNECT | address.options() | changes))


def session_limit_s(address: KafkaAddress) -> float | None:
    """The shortest session that every broker of the cluster allows; None where this user may not know, or none answers."""
    from kafka.admin import ConfigResource, ConfigResourceType
    from kafka.errors import KafkaError

    try:
        admin = _open_admin(address)
    except KafkaError:
        return None
    try:
        ids = [str(b["node_id"] if "node_id" in b else b["broker_id"]) for b in admin.describe_cluster()["brokers"]]
        asked = [ConfigResource(ConfigResourceType.BROKER, name) for name in ids]
        told = admin.describe_configs(asked, config_filter="all")["broker"]
        return max(float(told[name]["group.min.session.timeout.ms"]["value"]) / 1000.0 for name in ids)
    except (KafkaError, KeyError, TypeError, ValueError):
        return None
    finally:
        admin.close()


def session_s(address: KafkaAddress, wanted_s: float) -> float:
    """The shortest session, of those not under `wanted_s`, with which a member of a group is let in."""
    limit_s = session_limit_s(address)
    return max(wanted_s, USUAL_LIMIT_S if limit_s is None else limit_s)


class Member:
    """A member of a consumer group that joins anew where the group has not given it anything for JOIN_S.

    A join whose answer is lost leaves kafka-python waiting for it; an alarm path cannot.
    """

    def __init__(
        self, address: KafkaAddress, group: str, topics: Sequence[str], changed: Callable[[], None], **changes: Any
    ) -> None:
        options = {"session_timeout_ms": round(1000 * session_s(address, MEMBER_SESSION_S))} | changes
        self._open_one: Callable[[], Any] = lambda: open_consumer(address, group, **options)
        self._topics = list(topics)
        self._changed = changed
        self.rejoined = 0
        """How often it had to join anew."""
        self._consumer: Any = None
        self._since_s = 0.0
        self._open()

    def _open(self) -> None:
        from kafka import ConsumerRebalanceListener

        changed = self._changed

        class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
            def on_partitions_revoked(self, revoked: Any) -> None:
                changed()

            def on_partitions_assigned(self, assigned: Any) -> None:
                changed()

        consumer: Any = self._open_one()
        self._consumer = consumer
        consumer.subscribe(self._topics, listener=Listener())
        self._since_s = time.monotonic()

    @property
    def assigned(self) -> bool:
        """Whether it has partitions at this moment."""
        return bool(self._consumer.assignment())

    @property
    def places(self) -> set[tuple[str, int]]:
        """Topic and partition of what it reads at this moment."""
        return {(place.topic, place.partition) for place in self._consumer.assignment()}

    def poll(self, timeout_ms: int) -> dict[Any, list[Any]]:
        """Messages by partition; joins anew where it has been without any partition for too long."""
        polled: dict[Any, list[Any]] = self._consumer.poll(timeout_ms=timeout_ms)
        now = time.monotonic()
        if polled or self.assigned:
            self._since_s = now
        elif now - self._since_s > JOIN_S:
            self.rejoined += 1
            self._consumer.close(autocommit=False, timeout_ms=1000)
            self._changed()
            self._open()
        return polled

    def commit(self, offsets: Any = None) -> None:
        """Commit these offsets, or all that were polled."""
        self._consumer.commit(offsets)

    def close(self) -> None:
        """Leave the group; nothing is committed."""
        self._consumer.close(autocommit=False)


def missing_topics(address: KafkaAddress) -> list[str]:
    """Names of the topics of the table that the cluster does not have, or does not show to this user."""
    admin = _open_admin(address)
    try:
        present = set(admin.list_topics())
    finally:
        admin.close()
    return [t.name for t in TOPICS if t.name not in present]


def create_topics(address: KafkaAddress, replicas: int = 1) -> list[str]:
    """Create the topics of the table that are missing and give their names; the rest is left as it is."""
    admin = _open_admin(address)
    try:
        present = set(admin.list_topics())
        missing = [t for t in TOPICS if t.name not in present]
        if missing:
            from kafka.admin import NewTopic

            admin.create_topics([NewTopic(t.name, t.partitions, replicas, topic_configs=t.config) for t in missing])
        return [t.name for t in missing]
    finally:
        admin.close()


def keep_share(address: KafkaAddress, share: float) -> None:
    """Let Kafka keep this share (0..1) of the bytes that the table of topics allows, in every topic that it bounds."""
    from kafka.admin import ConfigResource, ConfigResourceType

    changes = []
    for topic in TOPICS:
        if topic.retention_bytes > 0:
            kept = int(share * topic.retention_bytes)
            settings = {"retention.bytes": str(kept), "segment.bytes": str(segment_bytes(kept))}
            changes.append(ConfigResource(ConfigResourceType.TOPIC, topic.name, settings))
    admin = _open_admin(address)
    try:
        admin.alter_configs(changes)
    finally:
        admin.close()


def kept_share(address: KafkaAddress) -> float:
    """The share (0..1) of the bytes of frames that Kafka may keep at this moment, as keep_share set it."""
    from kafka.admin import ConfigResource, ConfigResourceType

    admin = _open_admin(address)
    try:
        asked = ConfigResource(ConfigResourceType.TOPIC, FRAMES.name, {"retention.bytes": None})
        told = admin.describe_configs([asked], config_filter="all")
    finally:
        admin.close()
    kept = int(told["topic"][FRAMES.name]["retention.bytes"]["value"])
    return min(1.0, kept / FRAMES.retention_bytes) if kept > 0 else 1.0


def _open_admin(address: KafkaAddress) -> KafkaAdminClient:
    from kafka import KafkaAdminClient

    return KafkaAdminClient(**(RECONNECT | address.options()))
