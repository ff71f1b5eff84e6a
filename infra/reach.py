"""Whether the services that settings name can be used, asked within seconds and answered in one sentence."""

from __future__ import annotations

import socket
import ssl

from infra.cache import Missing
from infra.settings import Settings
from ingest.kafka import KafkaAddress

PROBE_S = 3.0
LOGIN_S = 6.0


def kafka_fault(address: KafkaAddress) -> str:
    """Why a cluster cannot be used; empty where it can. Ten seconds at most for a cluster of one server."""
    faults = [fault for server in address.servers if (fault := _server_fault(address, server))]
    if len(faults) == len(address.servers):
        return "; ".join(faults)
    return _login_fault(address)


def _server_fault(address: KafkaAddress, server: str) -> str:
    """Why one server takes no connection, or no TLS."""
    host, _, port = server.rpartition(":")
    host = host.strip("[]")
    try:
        context = address.ssl_context()
        with socket.create_connection((host, int(port)), PROBE_S) as plain:
            if context is not None:
                context.wrap_socket(plain, server_hostname=host).close()
    except ssl.SSLError as error:
        return f"{server} refuses TLS: {getattr(error, 'verify_message', '') or error.reason or error}"
    except (OSError, OverflowError) as error:
        return f"{server} takes no connection: {getattr(error, 'strerror', '') or error}"
    return ""


def _login_fault(address: KafkaAddress) -> str:
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    try:
        KafkaAdminClient(**address.options(), bootstrap_timeout_ms=round(LOGIN_S * 1000)).close()
    except (KafkaError, OSError) as error:
        how = f"{address.security}, {address.mechanism}" if address.security.startswith("SASL") else address.security
        user = f" and user {address.username!r}" if address.security.startswith("SASL") else ""
        return f"{','.join(address.servers)} does not answer as Kafka with {how}{user}: {error}"
    return ""


def database_fault(url: str) -> str:
    """Why a database cannot be used; empty where it can."""
    import psycopg

    try:
        psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), connect_timeout=round(PROBE_S)).close()
    except psycopg.Error as error:
        return " ".join(str(error).split())[:300]
    return ""


def check_named(settings: Settings) -> None:
    """Raises Missing where a service that is named from outside cannot be used."""
    if settings.kafka is not None and (fault := kafka_fault(settings.kafka)):
        raise Missing(f"VIGIL_KAFKA cannot be used: {fault}")
    if settings.database and (fault := database_fault(settings.database)):
        raise Missing(f"VIGIL_DATABASE cannot be used: {fault}")
