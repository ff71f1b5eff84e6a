"""Structured logs on stderr, and event lines for the supervisor on stdout."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import Any


def open_logs(level: str, process: str) -> None:
    """JSON lines with time, level, process and fields; the libraries' own loggers say warnings only."""
    import structlog

    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    logging.getLogger("kafka").setLevel(logging.ERROR)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    logging.getLogger("faust").setLevel(logging.ERROR)
    structlog.contextvars.bind_contextvars(process=process)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the stderr of the moment
    )


def teller() -> Callable[[dict[str, Any]], None]:
    """Writes one event a line to the stdout this process began with; safe to use from several threads."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    lock = threading.Lock()

    def tell(event: dict[str, Any]) -> None:
        line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        with lock:
            out.write(line)

    return tell
