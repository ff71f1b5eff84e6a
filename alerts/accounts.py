"""Who may use the console: scrypt passwords, single-use links, no default password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from storage import alertbook
from storage.database import Database

_N, _R, _P = 1 << 14, 8, 1
LINK_S = 15 * 60
LOGIN_S = 12 * 3600
LEAST_PASSWORD = 10
ROLES = ("viewer", "nurse", "technician", "physician", "admin")
ANSWERING = frozenset(ROLES) - {"viewer"}
"""Roles that may acknowledge and silence, and judge an alert to be an artefact."""
REVIEWING = frozenset({"technician", "physician", "admin"})
"""Roles that may say what a flagged window shows."""
LINKED = "admin"
"""The account of who logs in by the single-use link: whoever started Vigil on this machine."""


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who is logged in."""

    account: str
    role: str
    csrf: str

    @property
    def may_answer(self) -> bool:
        """Whether this person acknowledges and silences alerts."""
        return self.role in ANSWERING

    @property
    def may_review(self) -> bool:
        """Whether this person confirms and corrects the findings of flagged windows."""
        return self.role in REVIEWING

    @property
    def may_administer(self) -> bool:
        """Whether this person is shown what concerns the machines alone."""
        return self.role == "admin"


_NOBODY = f"scrypt${base64.b64encode(bytes(16)).decode()}${base64.b64encode(bytes(64)).decode()}"
"""What is stored of nobody: no password fits."""


def hash_password(password: str) -> str:
    """scrypt with a salt of its own, as text."""
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P)
    return f"scrypt${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_fits(password: str, stored: str) -> bool:
    """Whether the password is the one that was hashed; takes the same time either way."""
    try:
        _, salt, digest = stored.split("$")
    except ValueError:
        return False
    made = hashlib.scrypt(password.encode(), salt=base64.b64decode(salt), n=_N, r=_R, p=_P)
    return hmac.compare_digest(made, base64.b64decode(digest))


def one_time_link(database: Database, now_ns: int) -> str:
    """A token that logs in once as `admin`, within 15 minutes."""
    token = secrets.token_urlsafe(24)
    expires = now_ns + LINK_S * 10**9

    def work(connection: Any) -> None:
        alertbook.put_web_session(connection, token, LINKED, "link", "", expires)

    database.run(work)
    return token


def open_login(database: Database, account: str, now_ns: int) -> str:
    """A new login of an account; gives its cookie."""
    return database.run(lambda c: _log_in(c, account, now_ns))


def _log_in(connection: Any, account: str, now_ns: int) -> str:
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    alertbook.put_web_session(connection, token, account, "session", csrf, now_ns + LOGIN_S * 10**9)
    return token


def use_link(database: Database, token: str, now_ns: int) -> str | None:
    """The cookie that a single-use link gives, once, to however many ask at the same time; None where it does not hold."""
    if not (token.isascii() and token.isprintable()):
        # no token of ours, and nothing that a database could be asked for
        return None

    def work(connection: Any) -> str | None:
        account = alertbook.spend_link(connection, token, now_ns)
        return None if account is None else _log_in(connection, account, now_ns)

    return database.run(work)


def use_password(database: Database, account: str, password: str, now_ns: int) -> str | None:
    """The cookie for a name and a password that fit; None where they do not."""
    known = {name: (stored, disabled) for name, _, stored, disabled in database.run(alertbook.accounts)}
    # an unknown name costs as much time as a wrong password
    stored, disabled = known.get(account, (_NOBODY, True))
    fits = password_fits(password, stored)
    return open_login(database, account, now_ns) if fits and not disabled else None


def login(database: Database, cookie: str, now_ns: int) -> Login | None:
    """Who holds this cookie."""
    if not cookie:
        return None
    found = database.run(lambda c: alertbook.web_session(c, cookie, now_ns))
    if found is None:
        return None
    account, role, csrf = found
    return Login(account, role or ("admin" if account == LINKED else "viewer"), csrf)
