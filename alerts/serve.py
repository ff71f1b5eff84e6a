"""The alert process: the service in the main thread, the console and its live view beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from alerts.accounts import one_time_link
from alerts.console.app import build_console
from alerts.console.live import Live
from alerts.service import AlertOptions, Service
from ingest.kafka import KafkaAddress
from storage.database import Away, Database


def serve(
    address: KafkaAddress,
    database_url: str,
    options: AlertOptions,
    host: str,
    port: int,
    stop: threading.Event,
    tell: Callable[[dict[str, Any]], None],
) -> None:
    """Alerts and console until `stop` is set; port 0: no console. Tells a link that logs in once."""
    import uvicorn

    database = Database(database_url)
    service = Service(address, database, options, tell)
    server = None
    try:
        if port:
            live = Live(address)
            threading.Thread(target=live.run, args=(stop,), name="live", daemon=True).start()
            config = uvicorn.Config(
                build_console(service, live, database), host=host, port=port, log_level="warning", access_log=False
            )
            server = uvicorn.Server(config)
            threading.Thread(target=server.run, name="console", daemon=True).start()
            shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  (compared, not bound)
            told = (database, f"http://{shown}:{port}/", stop, tell)
            threading.Thread(target=_tell_link, args=told, name="link", daemon=True).start()
        service.run(stop)
    finally:
        if server is not None:
            server.should_exit = True
        database.close()


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
