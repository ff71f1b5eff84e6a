"""The alert process: the service in the main thread, the console and its live view beside it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog

from alerts.accounts import one_time_link
from alerts.console.app import build_console
from alerts.console.live import Live
from alerts.service import AlertOptions, Service
from ingest.kafka import KafkaAddress
from storage.database import Away, Database

if TYPE_CHECKING:
    import uvicorn

log = structlog.get_logger()


def serve(
    address: KafkaAddress,
    database_url: str,
    options: AlertOptions,
    listening: socket.socket | None,
    url: str,
    stop: threading.Event,
    tell: Callable[[dict[str, Any]], None],
) -> int:
    """Alerts and console until `stop` is set; 0, or 1 where the console ended by itself. Tells a link that logs in once.

    listening: the console's socket, which takes connections already; None: no console. url: where a browser finds it.
    """
    import uvicorn

    database = Database(database_url)
    service = Service(address, database, options, tell)
    console = None
    try:
        if listening is not None:
            live = Live(address)
            threading.Thread(target=live.run, args=(stop,), name="live", daemon=True).start()
            pages = build_console(service, live, database)
            server = uvicorn.Server(uvicorn.Config(pages, log_level="warning", access_log=False))
            console = Console(server, listening, stop)
            console.start()
            told = (database, url, stop, tell)
            threading.Thread(target=_tell_link, args=told, name="link", daemon=True).start()
        service.run(stop)
    finally:
        if console is not None:
            console.close()
        database.close()
    return 1 if console is not None and console.failed else 0


class Console(threading.Thread):
    """The web server in a thread of its own. Where that ends by itself the process is to end, and begins anew."""

    def __init__(self, server: uvicorn.Server, listening: socket.socket, stop: threading.Event) -> None:
        super().__init__(name="console", daemon=True)
        self._server = server
        self._listening = listening
        self._end = stop
        self.failed = False

    def run(self) -> None:
        """Serve until `close`; `stop` is set where it comes to an end before."""
        try:
            self._server.run(sockets=[self._listening])
        finally:
            if not self._end.is_set():
                self.failed = True
                log.error("the console ended by itself: the alert process begins anew")
                self._end.set()

    def close(self) -> None:
        """Have the server end."""
        self._server.should_exit = True


def _tell_link(database: Database, url: str, stop: threading.Event, tell: Callable[[dict[str, Any]], None]) -> None:
    """Tell a link that logs in once, as soon as the database can remember it: alarms do not wait for that."""
    while not stop.is_set():
        try:
            token = one_time_link(database, time.time_ns())
        except Away:
            stop.wait(1.0)
            continue
        tell({"event": "console", "url": url, "login": f"{url}login?token={token}"})
        return
