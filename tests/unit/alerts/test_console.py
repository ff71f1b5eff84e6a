"""The console's door, and the thread that serves it."""

import asyncio
import resource
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import uvicorn

from alerts.accounts import hash_password
from alerts.console.app import build_console, question_of
from alerts.console.door import AT_ONCE, MOST_BYTES, MOST_KNOWN, MOST_WAITING, TRIES, TRIES_OF_ADDRESS, TRIES_S, Door
from alerts.serve import Console
from storage.database import Away


class Nobody:
    """A database in which nobody has an account; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def run(self, work: Callable[[Any], Any]) -> list[Any]:
        self.asked += 1
        return []


def post(database: Nobody, bodies: list[tuple[str, Any]]) -> list[httpx.Response]:
    """The answers to forms that are sent to /login, each from its address, one after the other."""
    pages = build_console(None, None, database)  # type: ignore[arg-type]

    async def ask() -> list[httpx.Response]:
        found = []
        for address, body in bodies:
            way = httpx.ASGITransport(pages, client=(address, 1))
            async with httpx.AsyncClient(transport=way, base_url="http://vigil") as client:
                found.append(await client.post("/login", content=body))
        return found

    return asyncio.run(ask())


async def endless() -> AsyncIterator[bytes]:
    """A body that would fill the memory."""
    for _ in range(1000):
        yield b"x" * 1024
    raise AssertionError("it was read to its end")


def test_a_form_is_read_no_further_than_a_form_is_long() -> None:
    database = Nobody()
    answers = post(database, [("10.0.0.1", b"name=" + b"x" * MOST_BYTES), ("10.0.0.1", endless())])
    assert [a.status_code for a in answers] == [413, 413]
    assert database.asked == 0


@pytest.mark.parametrize("body", [b"name=\xff\xfe&password=\x80", b"\xff", b"name=%FF&password=%00", b"&&=&name"])
def test_a_form_of_any_bytes_is_a_wrong_password_and_no_fault(body: bytes) -> None:
    (answer,) = post(Nobody(), [("10.0.0.1", body)])
    assert answer.status_code == 403
    assert "do not fit" in answer.text


def test_who_fails_shuts_out_neither_other_addresses_nor_other_names() -> None:
    wrong = ("10.0.0.1", b"name=mary&password=wrong")
    answers = post(
        Nobody(), [*[wrong] * (TRIES + 1), ("10.0.0.2", wrong[1]), ("10.0.0.1", b"name=john&password=wrong")]
    )
    assert [a.status_code for a in answers] == [403] * TRIES + [429, 403, 403]


class Mary(Nobody):
    """A database in which Mary has an account."""

    HASHED = hash_password("the right one")

    def run(self, work: Callable[[Any], Any]) -> Any:
        self.asked += 1
        return [("mary", "nurse", self.HASHED, False)] if work.__name__ == "accounts" else "cookie"


async def at_the_same_time(database: Nobody, bodies: list[bytes], address: str) -> tuple[list[int], float]:
    """Status of each of these logins, sent together; and the longest that the event loop was at work on end meanwhile.

    Its own work, in CPU time: what the neighbours of a test take from it on a busy machine is not.
    """
    app, stalled_s, done = build_console(None, None, database), 0.0, False  # type: ignore[arg-type]

    async def beat() -> None:
        nonlocal stalled_s
        while not done:
            begun_s = time.thread_time()
            await asyncio.sleep(0.005)
            stalled_s = max(stalled_s, time.thread_time() - begun_s)

    beating = asyncio.create_task(beat())
    found = []
    for k, body in enumerate(bodies):
        way = httpx.ASGITransport(app, client=(address.format(k), 1))
        found.append(httpx.AsyncClient(transport=way, base_url="http://vigil").post("/login", content=body))
    answers = await asyncio.gather(*found)
    done = True
    await beating
    assert all(a.headers.get("Retry-After") for a in answers if a.status_code in (429, 503))
    return [a.status_code for a in answers], stalled_s


def test_of_however_many_wrong_logins_at_the_same_time_no_more_are_looked_at_than_may_fail() -> None:
    database = Nobody()
    wrong = [b"name=mary&password=wrong%d" % k for k in range(100)]
    statuses, _ = asyncio.run(at_the_same_time(database, wrong, "10.0.0.1"))
    assert sorted(set(statuses)) == [403, 429]
    assert statuses.count(403) == database.asked == TRIES


def test_logins_from_everywhere_take_turns_and_hold_up_nobody() -> None:
    database, many = Nobody(), 60
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    statuses, stalled_s = asyncio.run(at_the_same_time(database, [b"name=mary&password=w"] * many, "10.0.0.{}"))
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    assert grown_mib < 16 * (AT_ONCE + 2), "each password that is looked at takes 16 MiB"
    assert sorted(set(statuses)) == [403, 503]
    assert 0 < statuses.count(503) <= many - MOST_WAITING - AT_ONCE
    assert stalled_s < 0.5


def test_a_login_that_fits_counts_for_nothing() -> None:
    right, wrong = ("10.0.0.1", b"name=mary&password=the right one"), ("10.0.0.1", b"name=mary&password=wrong")
    answers = post(Mary(), [wrong] * (TRIES - 1) + [right, right, wrong, wrong])
    assert [a.status_code for a in answers] == [403] * (TRIES - 1) + [303, 303, 403, 429]


class Gone(Nobody):
    """A database that is away."""

    def run(self, work: Callable[[Any], Any]) -> Any:
        raise Away("nobody answers")


def test_a_login_while_the_database_is_away_was_no_attempt() -> None:
    answers = post(Gone(), [("10.0.0.1", b"name=mary&password=wrong")] * (TRIES + 2))
    assert {a.status_code for a in answers} == {503}


def test_the_door_opens_again_and_remembers_no_more_than_it_can() -> None:
    door = Door()
    for k in range(TRIES):
        assert door.enter("a", "mary", float(k))
    assert not door.enter("a", "mary", TRIES_S - 0.5)
    assert door.enter("a", "mary", TRIES_S + 0.5)
    assert not door.enter("a", "mary", TRIES_S + 0.6)
    for k in range(MOST_KNOWN):
        assert door.enter(f"b{k}", "mary", TRIES_S + 0.7)
    assert door.enter("a", "mary", TRIES_S + 0.8)
    assert len(door._tried) == MOST_KNOWN


def test_an_address_that_tries_many_names_is_shut_out_by_itself() -> None:
    door = Door()
    for k in range(TRIES_OF_ADDRESS):
        assert door.enter("a", f"name-{k}", 1.0)
    assert not door.enter("a", "one more", 2.0)
    assert door.enter("b", "one more", 2.0)
    assert door.enter("a", "one more", 1.0 + TRIES_S)


@pytest.mark.parametrize("ended", ["by itself", "as it was told"])
def test_a_console_that_ends_by_itself_ends_the_process(ended: str) -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nobody asks")

    stop = threading.Event()
    server = uvicorn.Server(uvicorn.Config(page, log_level="critical", lifespan="off"))
    console = Console(server, socket.create_server(("127.0.0.1", 0)), stop)
    console.start()
    if ended == "by itself":
        server.should_exit = True
    else:
        stop.set()
        console.close()
    console.join(10.0)
    assert not console.is_alive()
    assert stop.is_set()
    assert console.failed is (ended == "by itself")


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"{", "comes as JSON"), (b'{"question": 7}', "a text of at most"), (b'{"question": "' + b"x" * 2001 + b'"}', "a text of at most"), (b"[1]", "a text of at most")],
)  # fmt: skip
def test_a_question_that_is_none_is_refused_with_one_sentence(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        question_of(body)


def test_a_question_is_what_was_written_and_nothing_is_the_usual_one() -> None:
    assert question_of(b"") == question_of(b"{}") == question_of(b'{"question": " "}') == ""
    assert question_of(b'{"question": " Is it regular? "}') == "Is it regular?"
