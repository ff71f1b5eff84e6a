"""`vigil users`: who may use the console."""

from __future__ import annotations

import argparse
import getpass
import sys
from contextlib import closing

from alerts.accounts import LEAST_PASSWORD, hash_password
from infra.plan import BadRequest
from infra.processes import data_dir
from infra.services import join_database
from infra.settings import Settings
from storage import alertbook
from storage.database import Database

LONGEST_NAME = 64


def _database(args: argparse.Namespace) -> Database:
    settings = Settings.from_environment()
    return Database(join_database(settings, data_dir(args, settings)))


def held(args: argparse.Namespace) -> list[tuple[str, str, str, bool]]:
    """Name, role, hashed password and whether it is disabled, of every account."""
    with closing(_database(args)) as database:
        return database.run(alertbook.accounts)


def show(args: argparse.Namespace) -> int:
    """`vigil users list`."""
    for name, role, _, disabled in held(args):
        print(f"{name:<24} {role:<12} {'disabled' if disabled else ''}".rstrip())
    return 0


def add(args: argparse.Namespace) -> int:
    """`vigil users add NAME`: asks for the password, twice on a terminal, one line where piped."""
    legal_name(args.name)
    there = (
        f"there is an account {args.name} already: `vigil users change {args.name}` gives it another password or role"
    )
    with closing(_database(args)) as database:
        if _held(database, args.name) is not None:
            raise BadRequest(there)
        hashed = hash_password(_password())
        if not database.run(lambda c: alertbook.put_account(c, args.name, args.role, hashed)):
            raise BadRequest(there)
    print(f"{args.name} may log in as {args.role}")
    return 0


def change(args: argparse.Namespace) -> int:
    """`vigil users change NAME`: another password, and role where one is named; ends its logins and enables it."""
    with closing(_database(args)) as database:
        held = _held(database, args.name)
        if held is None:
            raise BadRequest(_none(args.name))
        before, disabled = held
        role, hashed = args.role or before, hash_password(_password())
        if not database.run(lambda c: alertbook.change_account(c, args.name, role, hashed)):
            raise BadRequest(_none(args.name))
    was = f", who was {before}," if role != before else ""
    print(f"{args.name}{was} may log in as {role} with the new password{', and was disabled' if disabled else ''}")
    return 0


def disable(args: argparse.Namespace) -> int:
    """`vigil users disable NAME`: ends its logins, too."""
    with closing(_database(args)) as database:
        done = database.run(lambda c: alertbook.disable_account(c, args.name))
    if not done:
        raise BadRequest(_none(args.name))
    print(f"{args.name} is disabled")
    return 0


def legal_name(name: str) -> None:
    """Raises BadRequest where a name cannot be an account's: it is typed, shown and logged."""
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()):
        raise BadRequest(
            f"{name[:LONGEST_NAME]!a} is no name of an account: 1 to {LONGEST_NAME} printable characters, "
            "no space first or last, no control characters"
        )


def _held(database: Database, name: str) -> tuple[str, bool] | None:
    """Role of the account of that name, and whether it is disabled; None where there is none."""
    found = {held: (role, disabled) for held, role, _, disabled in database.run(alertbook.accounts)}
    return found.get(name)


def _none(name: str) -> str:
    shown = name if name.isprintable() else ascii(name)
    return f"there is no account {shown[:LONGEST_NAME]}: `vigil users list` shows them"


def _password() -> str:
    if sys.stdin.isatty():
        password, again = getpass.getpass("Password: "), getpass.getpass("Again: ")
        if password != again:
            raise BadRequest("the two passwords differ: nothing was changed")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if len(password) < LEAST_PASSWORD:
        raise BadRequest(f"a password has at least {LEAST_PASSWORD} characters: nothing was changed")
    return password
