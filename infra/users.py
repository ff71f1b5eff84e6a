"""`vigil users`: who may use the console."""

from __future__ import annotations

import argparse
import getpass
import sys

from alerts.accounts import LEAST_PASSWORD, hash_password
from infra.plan import BadRequest
from infra.processes import data_dir
from infra.services import join_database
from infra.settings import Settings
from storage import alertbook
from storage.database import Database


def _database(args: argparse.Namespace) -> Database:
    settings = Settings.from_environment()
    return Database(join_database(settings, data_dir(args, settings)))


def show(args: argparse.Namespace) -> int:
    """`vigil users list`."""
    for name, role, _, disabled in _database(args).run(alertbook.accounts):
        print(f"{name:<24} {role:<12} {'disabled' if disabled else ''}".rstrip())
    return 0


def add(args: argparse.Namespace) -> int:
    """`vigil users add NAME`: asks for the password, twice on a terminal, one line where piped."""
    database = _database(args)
    if sys.stdin.isatty():
        password, again = getpass.getpass("Password: "), getpass.getpass("Again: ")
        if password != again:
            raise BadRequest("the two passwords differ: nothing was changed")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if len(password) < LEAST_PASSWORD:
        raise BadRequest(f"a password has at least {LEAST_PASSWORD} characters: nothing was changed")
    hashed = hash_password(password)
    database.run(lambda c: alertbook.put_account(c, args.name, args.role, hashed))
    print(f"{args.name} may log in as {args.role}")
    return 0


def disable(args: argparse.Namespace) -> int:
    """`vigil users disable NAME`: ends its logins, too."""
    if not _database(args).run(lambda c: alertbook.disable_account(c, args.name)):
        raise BadRequest(f"there is no account {args.name}: `vigil users list` shows them")
    print(f"{args.name} is disabled")
    return 0
