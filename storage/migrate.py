"""Brings a database to the tables of this version; no configuration file."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from storage.database import open_engine
from storage.partitions import ensure_partitions

_LOCK = 7_345_112
"""Advisory lock: two processes never migrate at once."""
LONGEST_S = 600.0
"""For one statement of a migration."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str) -> None:
    """Upgrade to the newest tables and make today's and tomorrow's partitions."""
    _run(url, lambda c: command.upgrade(_config(c), "head"))


def downgrade(url: str, to: str = "base") -> None:
    """Remove every table of Vigil, or what came behind a revision."""
    _run(url, lambda c: command.downgrade(_config(c), to), partitions=False)


def check(url: str) -> None:
    """Raises where the database differs from the tables of this version."""
    _run(url, lambda c: command.check(_config(c)), partitions=False)


def _run(url: str, what: object, partitions: bool = True) -> None:
    import time

    engine = open_engine(url, LONGEST_S)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            what(connection)  # type: ignore[operator]
            if partitions:
                ensure_partitions(connection, time.time_ns())
    finally:
        engine.dispose()
