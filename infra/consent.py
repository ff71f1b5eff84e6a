"""Two persons: whoever loads a policy with a red alarm off, and whoever agrees to it, each sign in with an account of their own."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable

from alerts.accounts import ANSWERING, password_fits
from infra.plan import BadRequest
from stream.policy import Policy, red_off

Accounts = list[tuple[str, str, str, bool]]
"""Name, role, hashed password, and whether it is disabled (`storage.alertbook.accounts`)."""


def insist_on_two(policy: Policy, accounts: Callable[[], Accounts]) -> None:
    """Ask author and second author for their passwords where the policy has a red alarm off; raises BadRequest.

    That they are two is checked before (`stream.policy.insist`). accounts: read only where they are needed.
    """
    red = red_off(policy)
    if not red:
        return
    known = {name: (role, stored) for name, role, stored, disabled in accounts() if not disabled}
    for name in (policy.author, policy.second_author):
        why = f"{', '.join(red)}: a red alarm is switched off by two persons who sign in"
        role, stored = known.get(name, ("", ""))
        if not role:
            raise BadRequest(
                f"{why}, and {name[:64]!a} is no enabled account: `vigil users add` makes one, --author and second_author name it"
            )
        if role not in ANSWERING:
            raise BadRequest(
                f"{why}, and {name} is a {role}: name a nurse, a technician, a physician or an administrator"
            )
        if not password_fits(_password(name), stored):
            raise BadRequest(f"{why}, and that is not the password of {name}: nothing was loaded")


def told(policy: Policy) -> str:
    """What `vigil policy check` says of the second person; empty where none is needed."""
    red = red_off(policy)
    if not red:
        return ""
    return (
        f"; {', '.join(red)} off: that {policy.second_author} has an account and agrees is checked where it is loaded, "
        "by the sign-in of both persons"
    )


def _password(name: str) -> str:
    """Asked for on a terminal; piped, one line each, of the author first."""
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {name}: ")
    return sys.stdin.readline().rstrip("\n")
