"""Sockets on which Vigil is heard: opened before anything is started, and held, so that no other program can take them."""

from __future__ import annotations

import errno
import socket

from infra.plan import BadRequest

PORT = 8642
"""Of the console, where none is named and it is free."""


class Taken(BadRequest):
    """A port that cannot be had, though the address is this machine's."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0: any that is free. Raises Taken, or BadRequest where the host is no address of ours."""
    if not 0 <= port <= 65535:
        raise BadRequest(f"--port {port} is outside 0 to 65535")
    if not host:
        # the system would take it for every address of this machine
        raise BadRequest("--host is empty: name an address of this machine, as 127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = (error.strerror or str(error)).split(" (while")[0]
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise Taken(f"--port {port} of {host} cannot be used: {why}") from None
        raise BadRequest(f"--host {host} is no address of this machine: {why}") from None


def console_socket(host: str, port: int | None) -> tuple[socket.socket | None, str]:
    """The socket of the console, and what a person should know of it; none for port 0. A port that was named must be free."""
    if port == 0:
        return None, "no console: --port 0"
    if port is not None:
        return listen(host, port), ""
    try:
        return listen(host, PORT), ""
    except Taken:
        other = listen(host, 0)
        return other, f"port {PORT} is taken: the console is on port {other.getsockname()[1]}"


def url_of(listening: socket.socket) -> str:
    """The address under which a browser on this machine finds a socket."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104  (compared, not bound)
        host = "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def inherited(number: int) -> socket.socket:
    """The listening socket that the parent passed under this descriptor; raises BadRequest where there is none."""
    try:
        return socket.socket(fileno=number)
    except OSError as error:
        raise BadRequest(f"--listening {number} is no socket: {error.strerror}") from None


def taken(first: int, count: int) -> int:
    """The first of `count` loopback ports from `first` on that is taken; 0 where all are free."""
    for port in range(first, first + count):
        try:
            listen("127.0.0.1", port).close()
        except BadRequest:
            return port
    return 0
