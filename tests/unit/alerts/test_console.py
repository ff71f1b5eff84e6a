"""The console's door, and the thread that serves it."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import uvicorn

from alerts.console.app import build_console
from alerts.console.door import MOST_BYTES, MOST_KNOWN, TRIES, TRIES_OF_ADDRESS, TRIES_S, Door
from alerts.serve import Console


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


def test_the_door_opens_again_and_remembers_no_more_than_it_can() -> None:
    door = Door()
    for k in range(TRIES):
        assert not door.is_shut("a", "mary", float(k))
        door.failed("a", "mary", float(k))
    assert door.is_shut("a", "mary", TRIES_S - 0.5)
    assert not door.is_shut("a", "mary", TRIES_S + 0.5)
    for k in range(MOST_KNOWN):
        door.failed(f"b{k}", "mary", 9.0)
    assert not door.is_shut("a", "mary", 9.0)
    assert len(door._failed) == MOST_KNOWN


def test_an_address_that_tries_many_names_is_shut_out_by_itself() -> None:
    door = Door()
    for k in range(TRIES_OF_ADDRESS):
        assert not door.is_shut("a", f"name-{k}", 1.0)
        door.failed("a", f"name-{k}", 1.0)
    assert door.is_shut("a", "one more", 2.0)
    assert not door.is_shut("b", "one more", 2.0)
    assert not door.is_shut("a", "one more", 1.0 + TRIES_S)


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
