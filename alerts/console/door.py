"""The door of the console: how much of a request is read, and how often somebody may try a password."""

from __future__ import annotations

from collections import OrderedDict, deque
from urllib.parse import parse_qsl

from starlette.requests import Request

TRIES, TRIES_OF_ADDRESS, TRIES_S = 8, 40, 60.0
MOST_BYTES = 4096
"""A form with a name and a password, or an answer to an alert, has a few hundred."""
MOST_KNOWN = 4096
"""Who failed is remembered of so many; whoever failed longest ago is forgotten first."""


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
    """Counts failed logins of one account from one address, and of one address: whoever fails shuts out nobody else.

    A password costs time to check, and alarms are announced by the same process: hence the second count.
    """

    def __init__(self) -> None:
        self._failed: OrderedDict[tuple[str, str | None], deque[float]] = OrderedDict()

    def is_shut(self, address: str, account: str, now_s: float) -> bool:
        """Whether too many attempts of this account or of this address have failed within TRIES_S."""
        for key, most in _counts(address, account):
            failed = self._failed.get(key)
            if failed is not None and len(failed) == most and now_s - failed[0] < TRIES_S:
                return True
        return False

    def failed(self, address: str, account: str, now_s: float) -> None:
        """Note a name and password that do not fit."""
        for key, most in _counts(address, account):
            self._failed.setdefault(key, deque(maxlen=most)).append(now_s)
            self._failed.move_to_end(key)
        while len(self._failed) > MOST_KNOWN:
            self._failed.popitem(last=False)


def _counts(address: str, account: str) -> tuple[tuple[tuple[str, str | None], int], ...]:
    """What a failure is counted under, and how many may be."""
    return ((address, account), TRIES), ((address, None), TRIES_OF_ADDRESS)
