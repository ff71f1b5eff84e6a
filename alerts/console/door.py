"""The door of the console: how much of a request is read, and how often somebody may try a password."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

from starlette.requests import Request

TRIES, TRIES_OF_ADDRESS, TRIES_S = 8, 40, 60.0
AT_ONCE, MOST_WAITING = 2, 16
"""Passwords that are looked at together, and people who wait for that."""
MOST_BYTES = 4096
"""A form with a name and a password, or an answer to an alert, has a few hundred."""
MOST_KNOWN = 4096
"""Who tried is remembered of so many; whoever tried longest ago is forgotten first."""


class TooLarge(Exception):
    """A request that brings more than is read of any."""


async def body_of(request: Request) -> bytes:
    """What came with a request; raises TooLarge beyond MOST_BYTES, without reading on."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > MOST_BYTES:
            raise TooLarge(f"more than {MOST_BYTES} bytes")
    return bytes(found)


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a form; bytes that are no UTF-8 give characters that no name and no password has."""
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


class Door:
    """Counts attempts to log in to one account from one address, and from one address: whoever fails shuts out nobody else.

    An attempt counts from before its password is looked at, and is taken back where it fits: of however many come at
    the same time no more are looked at than may fail. A password costs time to check, and alarms are announced by the
    same process: hence the second count, and AT_ONCE.
    """

    def __init__(self) -> None:
        self._tried: OrderedDict[tuple[str, str | None], deque[float]] = OrderedDict()

    def enter(self, address: str, account: str, now_s: float) -> bool:
        """Count an attempt; False, and nothing is counted, where too many were made within TRIES_S."""
        counts = _counts(address, account)
        for key, most in counts:
            tried = self._tried.get(key)
            if tried is not None and len(tried) == most and now_s - tried[0] < TRIES_S:
                return False
        for key, most in counts:
            self._tried.setdefault(key, deque(maxlen=most)).append(now_s)
            self._tried.move_to_end(key)
        while len(self._tried) > MOST_KNOWN:
            self._tried.popitem(last=False)
        return True

    def take_back(self, address: str, account: str, at_s: float) -> None:
        """The attempt that was counted at that time failed by no fault of who made it."""
        for key, _ in _counts(address, account):
            tried = self._tried.get(key)
            if tried is not None and at_s in tried:
                tried.remove(at_s)
            if not tried:
                self._tried.pop(key, None)


class Busy(Exception):
    """So many wait for their password to be looked at that one more is sent away."""


class Guard:
    """Has passwords looked at AT_ONCE at a time: each takes 16 MiB and a core for a moment. Of one event loop."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn; raises Busy where MOST_WAITING do already."""
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()


def _counts(address: str, account: str) -> tuple[tuple[tuple[str, str | None], int], ...]:
    """What an attempt is counted under, and how many may be."""
    return ((address, account), TRIES), ((address, None), TRIES_OF_ADDRESS)
