"""Logins that the database keeps: what many ask for at the same time is given once."""

from __future__ import annotations

import io
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from alerts import accounts
from infra.cli import main
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


def test_an_account_is_made_once_and_changed_only_by_who_says_so(
    services: Addresses, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database, now_ns = Database(services.database), time.time_ns()
    monkeypatch.setenv("VIGIL_DATABASE", services.database)

    def users(*words: str, password: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
        code = main(["users", *words])
        told = capsys.readouterr()
        return code, told.out + told.err

    def may_log_in(password: str) -> bool:
        return accounts.use_password(database, "jane", password, now_ns) is not None

    assert users("change", "jane", password="0123456789")[1].startswith("vigil: there is no account jane")
    assert users("add", "jane", "--role", "viewer", password="0123456789") == (0, "jane may log in as viewer\n")
    code, said = users("add", "jane", "--role", "admin", password="abcdefghij")
    assert (code, "`vigil users change jane`" in said) == (2, True)
    assert (may_log_in("0123456789"), may_log_in("abcdefghij")) == (True, False)
    cookie = accounts.use_password(database, "jane", "0123456789", now_ns)
    assert users("change", "jane", "--role", "nurse", password="abcdefghij")[1] == (
        "jane, who was viewer, may log in as nurse with the new password\n"
    )
    assert accounts.login(database, cookie, now_ns) is None
    assert (may_log_in("0123456789"), may_log_in("abcdefghij")) == (False, True)
    assert users("disable", "jane")[0] == 0
    assert users("add", "jane", password="0123456789")[0] == 2
    assert not may_log_in("abcdefghij")
    assert users("change", "jane", password="klmnopqrst")[1].endswith(
        "as nurse with the new password, and was disabled\n"
    )
    assert may_log_in("klmnopqrst")
    database.close()
