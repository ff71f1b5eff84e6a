"""A database as others use it: work in a transaction, without knowing SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError

T = TypeVar("T")


class Away(RuntimeError):
    """The database does not answer."""


class Database:
    """Connections to one PostgreSQL; safe to use from several threads."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, pool_pre_ping=True, pool_size=8)

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in one transaction; raises Away where the database does not answer."""
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except OperationalError as error:
            raise Away(str(error.orig)[:200]) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Away(str(error.orig)[:200]) from error
            raise

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
