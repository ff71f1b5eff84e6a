"""From parsed arguments to requests that have been checked."""

from __future__ import annotations

import argparse

from infra.plan import BadRequest, Plan
from ingest.codec import MAX_NAME, RATE_RANGE_HZ, is_plain


def plan_of(args: argparse.Namespace) -> Plan:
    """What is to be played; raises BadRequest."""
    records = tuple(getattr(args, "records", None) or ())
    scenario = getattr(args, "scenario", None) or ""
    beds = getattr(args, "beds", None)
    if records and (scenario or beds):
        raise BadRequest("recordings and --beds or --scenario exclude each other: name one of them")
    speed, seconds = getattr(args, "speed", 1.0), getattr(args, "seconds", None)
    if not 0 <= speed <= 1000:
        raise BadRequest(f"--speed {speed:g} is outside 0 (as fast as possible) to 1000")
    if seconds is not None and not 1 <= seconds <= 1e7:
        raise BadRequest(f"--seconds {seconds:g} is outside 1 to 10000000")
    frame_ms = getattr(args, "frame_ms", 250.0)
    if not 20 <= frame_ms <= 5000:
        raise BadRequest(f"--frame-ms {frame_ms:g} is outside 20 to 5000")
    source = getattr(args, "source", None) or ""
    if not is_plain(source, MAX_NAME):
        raise BadRequest(f"--source {source!r} is more than {MAX_NAME} printable characters")
    if getattr(args, "disturb", ""):
        from ingest.disturb import BadDisturbance, parse

        try:
            parse(args.disturb)
        except BadDisturbance as error:
            raise BadRequest(str(error)) from None
    check_rate(getattr(args, "rate", None))
    plan = Plan(records, beds if beds is not None else 8, scenario, getattr(args, "rate", None))
    plan.check()
    return plan


def check_rate(rate_hz: float | None) -> None:
    """Raises BadRequest where no signal of this rate can be analysed."""
    least, most = RATE_RANGE_HZ
    if rate_hz is not None and not least <= rate_hz <= most:
        raise BadRequest(f"--rate {rate_hz:g} is outside {least:g} to {most:g} Hz: give the rate of the recording")
