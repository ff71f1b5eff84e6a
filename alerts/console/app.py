"""The console: login, one page, live strips and the alerts with their answers. Every write needs a login and its token."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from alerts import accounts
from alerts.announcement import late_stamp
from alerts.asked import Asked
from alerts.console.door import TRIES_S, Busy, Door, Guard, TooLarge, body_of, form_of
from alerts.console.live import Live
from alerts.console.page import STATIC, page_of
from alerts.console.reviews import Reviews
from alerts.console.words import pieces, said
from alerts.lifecycle import ADMIN, Alert, Refused
from alerts.service import Service
from engine.request import DEADLINE_S, LONGEST
from ingest.frame import BedId
from storage.database import Away, Database

COOKIE = "vigil"
TICK_S = 0.25
CHECK_S = 2.0
"""How soon a page that is open learns that its login has ended."""
TRUST_S = 900.0
"""How long a login that was seen to hold is trusted while the database is away: alarms must be answered then too."""
BUSY_S = 2.0
"""When somebody who was sent away unheard may try again."""
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def build_console(service: Service, live: Live, database: Database) -> Starlette:
    """The web application of one Vigil."""
    pages = _Pages(service, live, database)
    app = Starlette(
        routes=[
            Route("/", pages.home),
            Route("/login", pages.login, methods=["GET", "POST"]),
            Route("/logout", pages.logout, methods=["POST"]),
            Route("/live", pages.live),
            Route("/alerts/{name:path}/acknowledge", pages.acknowledge, methods=["POST"]),
            Route("/alerts/{name:path}/artefact", pages.artefact, methods=["POST"]),
            Route("/beds/{bed}/interpret", pages.interpret, methods=["POST"]),
            Route("/alerts/{name:path}/silence", pages.silence, methods=["POST"]),
            *Reviews(database, pages.who, pages.writer).routes(),
            Route("/health", pages.health),
            Route("/metrics", pages.metrics),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
    )
    app.add_middleware(BaseHTTPMiddleware, dispatch=_safe)
    return app


async def _safe(request: Request, following: Callable[[Request], Any]) -> Response:
    """Security headers on every answer; a database that is away is said, not shown as a fault of the page."""
    try:
        answer: Response = await following(request)
    except TooLarge:
        answer = PlainTextResponse("That is more than a form of this page holds.", 413, {"Connection": "close"})
    except Away:
        answer = PlainTextResponse(
            "The database is away. Alerts still go out. Research software, not a medical device.", 503
        )
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


class _Pages:
    """What each address does."""

    def __init__(self, service: Service, live: Live, database: Database) -> None:
        self._service = service
        self._live = live
        self._database = database
        self._door = Door()
        self._guard = Guard()
        self._seen: dict[str, tuple[accounts.Login, float]] = {}

    async def who(self, request: Request) -> accounts.Login | None:
        """Who asks; raises Away where the database is away and has not known this login a short while ago."""
        cookie = request.cookies.get(COOKIE, "")
        try:
            who = await run_in_threadpool(accounts.login, self._database, cookie, time.time_ns())
        except Away:
            who, seen_s = self._seen.get(cookie, (None, 0.0))
            if who is None or time.monotonic() - seen_s > TRUST_S:
                raise
            return who
        self._seen.pop(cookie, None)
        if who is not None:
            self._seen[cookie] = who, time.monotonic()
        return who

    async def home(self, request: Request) -> Response:
        """The page, or the way to it."""
        who = await self.who(request)
        if who is None:
            return RedirectResponse("/login", 303)
        return page_of("console.html", who, answers="yes" if who.may_answer else "no")

    async def login(self, request: Request) -> Response:
        """By single-use link, or by name and password, which one address may try eight times a minute for one name in vain."""
        token = request.query_params.get("token", "")
        if token:
            cookie = await run_in_threadpool(accounts.use_link, self._database, token, time.time_ns())
            return _let_in(request, cookie, "This link was used or is too old.")
        if request.method == "GET":
            return HTMLResponse(_login_page(""))
        form = form_of(await body_of(request))
        name, password = form.get("name", ""), form.get("password", "")
        address = request.client.host if request.client is not None else ""
        began_s = time.monotonic()
        if not self._door.enter(address, name, began_s):
            return _later("Too many failed logins: wait a minute.", 429, TRIES_S)
        try:
            async with self._guard.turn():
                cookie = await run_in_threadpool(accounts.use_password, self._database, name, password, time.time_ns())
        except (Away, Busy) as error:
            # nothing was tried
            self._door.take_back(address, name, began_s)
            if isinstance(error, Away):
                raise
            return _later("Many log in at this moment: try again.", 503, BUSY_S)
        if cookie is not None:
            self._door.take_back(address, name, began_s)
        return _let_in(request, cookie, "Name or password do not fit.")

    async def logout(self, request: Request) -> Response:
        """End this login."""
        from storage import alertbook

        if await self.writer(request) is not None:
            cookie = request.cookies.get(COOKIE, "")
            self._seen.pop(cookie, None)
            await run_in_threadpool(self._database.run, lambda c: alertbook.end_web_session(c, cookie))
        return RedirectResponse("/login", 303)

    async def writer(self, request: Request) -> accounts.Login | None:
        """Who writes: a login whose CSRF token came with the request."""
        who = await self.who(request)
        return who if who is not None and request.headers.get("X-Vigil-CSRF", "") == who.csrf else None

    async def live(self, request: Request) -> Response:
        """Server-sent events: strips, rates and alerts, four times a second."""
        who = await self.who(request)
        if who is None:
            return PlainTextResponse("Log in first.", 401)
        return StreamingResponse(self._events(request, who.may_administer), media_type="text/event-stream")

    async def _events(self, request: Request, admin: bool) -> AsyncIterator[str]:
        seen: dict[str, tuple[int, int]] = {}
        checked_s = time.monotonic()
        while not await request.is_disconnected():
            if time.monotonic() - checked_s > CHECK_S:
                checked_s = time.monotonic()
                if not await self._still_in(request):
                    yield "event: end\ndata: {}\n\n"
                    return
            now = time.time_ns()
            beds = self._live.snapshot(seen, now)
            alerts = [_card(a) for a in self._service.open_alerts() if admin or a.code not in ADMIN]
            asked = {bed: _asked(one, now) for bed, one in self._service.asked().items()}
            shadow = [_card(a) for a in self._service.shadowed()] if admin else []
            told = {"beds": beds, "alerts": alerts, "asked": asked, "shadow": shadow, "now_ns": now}
            yield f"data: {json.dumps(told)}\n\n"
            await asyncio.sleep(TICK_S)

    async def _still_in(self, request: Request) -> bool:
        """Whether the login of an open page holds; while nobody can tell, it goes on showing alarms."""
        try:
            return await self.who(request) is not None
        except Away:
            return True

    async def acknowledge(self, request: Request) -> Response:
        """Answer an alert."""
        return await self._answer(request, lambda name, by, _: self._service.acknowledge(name, by))

    async def artefact(self, request: Request) -> Response:
        """Judge an alert to be an artefact."""
        return await self._answer(request, lambda name, by, _: self._service.artefact(name, by))

    async def silence(self, request: Request) -> Response:
        """Silence an alert, with a reason and for a time."""

        def act(name: str, by: str, body: bytes) -> Alert | None:
            asked = json.loads(body)
            return self._service.silence(name, by, str(asked["reason"]), float(asked["seconds"]))

        return await self._answer(request, act)

    async def _answer(self, request: Request, act: Callable[[str, str, bytes], Alert | None]) -> Response:
        """Have somebody who may do something to an alert: `act` takes its name, who it is, and what was sent."""
        who = await self.writer(request)
        if who is None or not who.may_answer:
            return _refused(who)
        try:
            alert = await run_in_threadpool(act, request.path_params["name"], who.account, await body_of(request))
        except (ValueError, KeyError, TypeError, RecursionError, Refused) as error:
            return PlainTextResponse(str(error), 409)
        return JSONResponse(_card(alert)) if alert else PlainTextResponse("No open alert of that name.", 404)

    async def interpret(self, request: Request) -> Response:
        """Ask for an interpretation of a bed's latest ten seconds, or the `question` that was sent, which the open pages show when it comes."""
        who = await self.writer(request)
        if who is None or not who.may_answer:
            return _refused(who)
        try:
            question = question_of(await body_of(request))
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        bed = BedId(request.path_params["bed"])
        session = self._live.live_session(bed, time.time_ns())
        if session is None:
            return PlainTextResponse(f"No signal of {bed} comes at this moment: there is nothing to interpret.", 409)
        asked = await run_in_threadpool(self._service.interpret_now, bed, session, who.account, question)
        return PlainTextResponse("asked", 202) if asked else PlainTextResponse("An answer is on its way.", 409)

    async def health(self, _: Request) -> Response:
        """200 while this process serves."""
        return PlainTextResponse("ok")

    async def metrics(self, _: Request) -> Response:
        """For Prometheus."""
        from prometheus_client import generate_latest

        return Response(generate_latest(), media_type="text/plain; version=0.0.4")


def question_of(body: bytes) -> str:
    """The question in what was sent, empty where nothing was; raises ValueError with one sentence where it is none."""
    if not body:
        return ""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError('A question comes as JSON: {"question": "Is it regular?"}.') from None
    question = asked.get("question", "") if isinstance(asked, dict) else None
    if not isinstance(question, str) or len(question) > LONGEST:
        raise ValueError(f"A question is a text of at most {LONGEST} characters.")
    return question.strip()


def _login_page(message: str) -> str:
    return (STATIC / "login.html").read_text().replace("{{message}}", message)


def _let_in(request: Request, cookie: str | None, message: str) -> Response:
    """The way to the page for whoever has a cookie, else the login again with what was wrong."""
    if cookie is None:
        return HTMLResponse(_login_page(message), 403)
    answer = RedirectResponse("/", 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=secure, max_age=accounts.LOGIN_S)
    return answer


def _later(message: str, status: int, wait_s: float) -> Response:
    """Not now: try again in so many seconds."""
    return PlainTextResponse(message, status, {"Retry-After": f"{wait_s:.0f}"})


def _refused(who: accounts.Login | None) -> Response:
    """Why somebody may not answer an alert."""
    return PlainTextResponse("Log in first." if who is None else f"A {who.role} does not answer alerts.", 403)


def _card(alert: Alert) -> dict[str, Any]:
    """What a card shows of an alert."""
    answer = alert.interpretation
    return {
        "id": alert.id,
        "bed": alert.bed,
        "code": alert.code,
        "priority": alert.priority.value,
        "kind": alert.kind.value,
        "state": alert.state.value,
        "text": alert.text,
        "late": late_stamp(alert),
        "raised_ns": alert.raised_ns,
        "ended": alert.ended_ns is not None,
        "acknowledged_by": alert.acknowledged_by,
        "contradicted": [] if answer is None else list(answer.contradicted),
        "artefact_by": alert.artefact_by,
        "interpretation": None if answer is None else said(answer),
        "pieces": [] if answer is None else pieces(answer),
        "provenance": "" if answer is None else answer.provenance,
    }


def _asked(asked: Asked, now_ns: int) -> dict[str, Any]:
    """What a bed shows of what was asked of it."""
    waiting = asked.answer is None and now_ns - asked.request.asked_ns < DEADLINE_S * 1e9
    words = (
        f"{said(asked.answer)} {asked.answer.provenance}"
        if asked.answer
        else "being interpreted"
        if waiting
        else "no answer has come"
    )
    question = asked.request.question
    return {"at_ns": asked.request.asked_ns, "by": asked.by, "question": question, "said": words, "waiting": waiting}
