"""One line per event, for a person."""

from __future__ import annotations

from datetime import datetime

from infra.supervisor import Event

_COLOURS = {"high": "\033[1;31m", "medium": "\033[1;33m", "low": "\033[36m"}
_MARKS = {"high": "***", "medium": "**", "low": "!", "information": "-"}
_QUIET_NOTICES = frozenset({"SAMPLE_GAP"})


def line(event: Event, colour: bool) -> str:
    """The line of an event; empty where a person need not see it."""
    maker = _MAKERS.get(event.what)
    return maker(event, colour) if maker is not None else ""


def _clock(ns: int) -> str:
    return datetime.fromtimestamp(ns / 1e9).astimezone().strftime("%H:%M:%S")


def _alert(event: Event, colour: bool) -> str:
    f = event.fields
    if f.get("code") == "PIPELINE_DOWN" and event.child != "watch":
        return ""  # the watchdog has told it by itself
    mark, paint = _MARKS[f["priority"]], _COLOURS.get(f["priority"], "") if colour else ""
    # what is told late says by itself when it happened or ended
    live_end = f["phase"] != "onset" and f.get("late_s") is None
    text = f"ended: {f['text']}" if live_end else f["text"]
    shown = f"{mark:<3} {text}"
    if paint and f["phase"] == "onset":
        shown = f"{paint}{shown}\033[0m"
    return f"{_clock(f['announced_ns'])}  {f['bed'] or 'vigil':<12} {shown}"


def _interpretation(event: Event, _: bool) -> str:
    f = event.fields
    text = f["text"] if f["state"] == "done" else f"not interpreted: {f['reason']}"
    return f"{_clock(f['announced_ns'])}  {f['bed']:<12}     {text} {f['provenance']}"


def _console(event: Event, _: bool) -> str:
    return f"console {event.fields['url']}\n   log in once, within 15 minutes: {event.fields['login']}"


def _restarted(event: Event, _: bool) -> str:
    return f"{event.child} ended (exit {event.fields['exit']}) and is started again"


def _escalation(event: Event, colour: bool) -> str:
    f = event.fields
    mark, paint = _MARKS[f["priority"]], _COLOURS.get(f["priority"], "") if colour else ""
    shown = f"{mark:<3} unanswered, passed on to the {f['to']}: {f['text']}"
    if paint:
        shown = f"{paint}{shown}\033[0m"
    return f"{_clock(f['announced_ns'])}  {f['bed'] or 'vigil':<12} {shown}"


def _notice(event: Event, _: bool) -> str:
    """What becomes an alert is told as one, and only once."""
    f = event.fields
    quiet = f["code"] in _QUIET_NOTICES or f["alert"]
    return "" if quiet else f"            notice       {f['text']}"


_MAKERS = {
    "alert": _alert,
    "escalation": _escalation,
    "interpretation": _interpretation,
    "console": _console,
    "restarted": _restarted,
    "notice": _notice,
}
