"""A database as others use it: work in a transaction, without knowing SQLAlchemy; nothing waits for it for ever."""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

CONNECT_S = 4
"""A server that does not let us in within this time is away."""
ANSWER_S = 10.0
"""A statement that is not answered within this time has failed, and its connection is closed."""


class Away(RuntimeError):
    """The database does not answer."""


class NotTaken(RuntimeError):
    """The database answers, and refuses what it is given; one sentence."""


class _Bounded(psycopg.Connection[Any]):
    """A connection on which no wait is longer than `answer_s`: a server may accept and fall silent."""

    answer_s = ANSWER_S

    def wait(self, gen: Generator[Any, Any, T], *rest: Any, **named: Any) -> T:
        """Give what the generator gives; raises OperationalError where the server is silent for too long."""
        try:
            return super().wait(_within(gen, time.monotonic() + self.answer_s), *rest, **named)
        except _Silent:
            # whatever the server says later must not be taken for the answer to another question
            self.close()
            raise psycopg.OperationalError(f"the server gave no answer within {self.answer_s:g} s") from None


class _Silent(Exception):
    """A wait took too long."""


def _within(gen: Generator[Any, Any, T], until_s: float) -> Generator[Any, Any, T]:
    """The same generator of psycopg, which is told again and again that nothing came, until it has been too often."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > until_s:
                raise _Silent
            wanted = gen.send(ready)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


def open_engine(url: str, answer_s: float = ANSWER_S, **options: Any) -> Engine:
    """An engine whose connections fail rather than hang: bounded connect, statements, waits, and dead peers noticed."""
    bounded: Any = type("_Bounded", (_Bounded,), {"answer_s": answer_s})
    settings = {
        "connect_timeout": CONNECT_S,
        # the server gives up before we do, so that its answer still finds a listener
        "options": f"-c statement_timeout={round(answer_s * 800)}",
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": round(answer_s * 1000),
    }
    engine = create_engine(url, pool_pre_ping=True, pool_timeout=answer_s, **options)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, words: list[Any], named: dict[str, Any]) -> Any:
        # what the address itself says stands before ours
        return bounded.connect(*words, **(settings | named))

    return engine


FAILURES = (DBAPIError, psycopg.Error, ValueError, ArithmeticError)
"""What a write may raise: the database's answer, through SQLAlchemy or straight from the driver, or a value that the
driver cannot put into the column's type."""
_TOO_LARGE = "54"
"""SQLSTATE class of a row beyond a limit of the server (PostgreSQL, appendix A): counted as operational, never over."""


def is_away(error: Exception) -> bool:
    """Whether the database is away, rather than refusing what it is given."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, psycopg.OperationalError) and not (cause.sqlstate or "").startswith(_TOO_LARGE)


class Database:
    """Connections to one PostgreSQL; safe to use from several threads. They close with it, at the latest when nobody holds it."""

    def __init__(self, url: str, answer_s: float = ANSWER_S) -> None:
        self._engine = open_engine(url, answer_s, pool_size=8)
        weakref.finalize(self, self._engine.dispose)
        self._answer_s, self._running, self._idle = answer_s, 0, threading.Condition()

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in one transaction; raises Away where the database does not answer, NotTaken where it refuses."""
        from sqlalchemy.exc import TimeoutError as PoolTimeout

        try:
            with self._counted(), self._engine.begin() as connection:
                return work(connection)
        except (DBAPIError, psycopg.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise (Away if is_away(error) else NotTaken)(str(cause)[:300]) from error
        except PoolTimeout as error:
            raise Away("every connection waits for the database") from error

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        with self._idle:
            self._running += 1
        try:
            yield
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def close(self) -> None:
        """Close all connections, behind what other threads still do with them: no longer than they may wait for an answer."""
        with self._idle:
            self._idle.wait_for(lambda: not self._running, self._answer_s)
        self._engine.dispose()
