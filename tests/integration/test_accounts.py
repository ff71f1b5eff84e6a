"""Logins that the database keeps: what many ask for at the same time is given once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from alerts import accounts
from infra.services import Addresses
from storage.database import Database

pytestmark = [pytest.mark.broker, pytest.mark.slow]

AT_ONCE = 6


@pytest.mark.timeout(60)
def test_a_single_use_link_logs_in_once_however_many_ask_at_the_same_time(services: Addresses) -> None:
    database = Database(services.database)
    with ThreadPoolExecutor(AT_ONCE) as people:
        for _ in range(10):
            token, together = accounts.one_time_link(database, time.time_ns()), threading.Barrier(AT_ONCE)

            def ask(_: int, token: str = token, together: threading.Barrier = together) -> str | None:
                together.wait()
                return accounts.use_link(database, token, time.time_ns())

            cookies = [cookie for cookie in people.map(ask, range(AT_ONCE)) if cookie is not None]
            assert len(cookies) == 1
            found = accounts.login(database, cookies[0], time.time_ns())
            assert (found.account, found.role) == ("admin", "admin")
    database.close()


@pytest.mark.timeout(60)
def test_a_link_that_is_too_old_logs_nobody_in(services: Addresses) -> None:
    database = Database(services.database)
    token = accounts.one_time_link(database, time.time_ns())
    assert accounts.use_link(database, token, time.time_ns() + accounts.LINK_S * 10**9) is None
    database.close()
