"""A page with what it must know of whoever looks at it."""

from __future__ import annotations

import html
from pathlib import Path

from starlette.responses import HTMLResponse

from alerts.accounts import Login

STATIC = Path(__file__).with_name("static")


def page_of(name: str, who: Login, **more: str) -> HTMLResponse:
    """A file of STATIC whose `{{name}}` are filled in: account, csrf, and what else it asks for."""
    page = (STATIC / name).read_text()
    for key, value in {"account": f"{who.account} ({who.role})", "csrf": who.csrf, **more}.items():
        page = page.replace("{{" + key + "}}", html.escape(value, quote=True))
    return HTMLResponse(page)
