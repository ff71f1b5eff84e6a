"""What `vigil feed` says to a person."""

from __future__ import annotations

from typing import Any

SHOWN = 8
"""Names of beds that are listed; more are counted."""


def spoken(event: dict[str, Any]) -> None:
    """Print one event of a feed as a line."""
    maker = _LINES.get(event["event"])
    if maker is not None:
        print(maker(event), flush=True)


def _ready(event: dict[str, Any]) -> str:
    names = event["names"]
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    again = f"; {event['resumed']} go on where they were" if event["resumed"] else ""
    return f"playing {', '.join(names[:SHOWN])}{rest} as {event['source']}{again}; Ctrl-C ends"


def _done(event: dict[str, Any]) -> str:
    frames = sum(sent["frames"] for sent in event["sent"].values())
    why = "Kafka was away for too long, or takes no message so large"
    lost = f", {event['dropped']} dropped: {why}" if event["dropped"] else ""
    return f"{frames} frames of {len(event['sent'])} beds sent{lost}"


_LINES = {"ready": _ready, "done": _done}
