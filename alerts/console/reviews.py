"""The page on which somebody who may says what a flagged window shows. What it answers is in the database, or was refused."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from alerts.accounts import Login
from alerts.console.door import body_of
from alerts.console.page import page_of
from alerts.console.words import pieces
from engine.instruct import labels
from ingest.frame import LEADS
from storage import reviews
from storage.database import Database, NotTaken
from stream.trigger import MODEL_HZ, Segment

Who = Callable[[Request], Awaitable[Login | None]]


class Reviews:
    """Its addresses."""

    def __init__(self, database: Database, who: Who, writer: Who) -> None:
        """who: of a request; writer: the same where it carries the token that every write needs."""
        self._database = database
        self._who, self._writer = who, writer

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/review", self.page),
            Route("/reviews", self.windows),
            Route("/reviews/{trigger}", self.window),
            Route("/reviews/{trigger}", self.say, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """The page, or the way to it."""
        who = await self._who(request)
        if who is None:
            return RedirectResponse("/login", 303)
        return page_of("review.html", who, reviews="yes" if who.may_review else "no")

    async def windows(self, request: Request) -> Response:
        """The newest windows, or the newest before the time `before`, and the findings that there are."""
        if await self._who(request) is None:
            return PlainTextResponse("Log in first.", 401)
        before = request.query_params.get("before", "")
        if before and not (before.isdecimal() and before.isascii() and int(before) < 1 << 63):
            return PlainTextResponse("before: a time in nanoseconds since 1970.", 400)
        found = await run_in_threadpool(
            self._database.run, partial(reviews.flagged, before_ns=int(before) if before else None)
        )
        known = [{"code": one.code, "name": one.name} for one in labels.LABELS.values()]
        return JSONResponse({"windows": [_told(one) for one in found], "labels": known})

    async def window(self, request: Request) -> Response:
        """One window: its ten seconds in microvolts, and what its interpretation says."""
        if await self._who(request) is None:
            return PlainTextResponse("Log in first.", 401)
        trigger = request.path_params["trigger"]
        try:
            shown = await run_in_threadpool(self._database.run, lambda c: reviews.shown(c, trigger))
        except (reviews.Unknown, NotTaken):
            return PlainTextResponse("No window of that name is kept.", 404)
        answer = shown.interpretation
        return JSONResponse(
            _told(shown.flagged)
            | {"hz": MODEL_HZ, "leads": _leads(shown.segment)}
            | {
                "pieces": [] if answer is None else pieces(answer),
                "provenance": "" if answer is None else answer.provenance,
            }
        )

    async def say(self, request: Request) -> Response:
        """Record what a window shows, `{"findings": [...], "seen_ns": ...}`, or with no findings that nothing is said of it any more."""
        who = await self._writer(request)
        if who is None or not who.may_review:
            return PlainTextResponse("Log in first." if who is None else f"A {who.role} does not review windows.", 403)
        trigger = request.path_params["trigger"]
        try:
            findings, seen_ns = said_of(await body_of(request))
            review = await run_in_threadpool(
                self._database.run,
                lambda c: reviews.say(c, trigger, who.account, time.time_ns(), findings, seen_ns),
            )
        except reviews.Meanwhile as error:
            return PlainTextResponse(f"Not saved: {error}.", 409)
        except ValueError as error:
            return PlainTextResponse(f"Not saved: {error}.", 400)
        except (reviews.Unknown, NotTaken):
            return PlainTextResponse("Not saved: no window of that name is kept.", 404)
        return JSONResponse(_reviewed(review))


def said_of(body: bytes) -> tuple[tuple[str, ...], int | None]:
    """Codes and the review that was looked at, in what was sent; raises ValueError with one sentence."""
    try:
        sent = json.loads(body)
        codes, seen_ns = sent["findings"], sent["seen_ns"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError('a review comes as JSON: {"findings": ["AF"], "seen_ns": null}') from None
    if not (isinstance(codes, list) and all(isinstance(code, str) for code in codes)):
        raise ValueError("findings are codes in a list")
    if not (seen_ns is None or (isinstance(seen_ns, str) and seen_ns.isdecimal() and seen_ns.isascii())):
        raise ValueError("seen_ns is the at_ns of the review that was looked at, or null")
    return labels.confirmed(codes), None if seen_ns is None else int(seen_ns)


def _told(one: reviews.Flagged) -> dict[str, Any]:
    told = asdict(one)
    return told | {"at_ns": str(one.at_ns), "review": None if one.review is None else _reviewed(one.review)}


def _reviewed(review: reviews.Review) -> dict[str, Any]:
    # a time in nanoseconds is more than a number of JavaScript holds
    return asdict(review) | {"at_ns": str(review.at_ns), "holds": review.holds}


def _leads(segment: Segment) -> list[dict[str, Any]]:
    """Measured leads, in their order, in whole microvolts."""
    return [
        {"name": lead, "uv": np.round(segment.signal_mv[LEADS.index(lead)] * 1000).astype(int).tolist()}
        for lead in segment.measured
    ]
