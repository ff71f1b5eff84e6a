"""`vigil policy`: the limits of alarms, shown, checked and put into force."""

from __future__ import annotations

import argparse
import getpass
from dataclasses import fields, replace
from pathlib import Path

import msgspec

from infra import compacted, consent, users
from infra.plan import BadRequest
from infra.processes import data_dir
from infra.services import join_kafka
from infra.settings import Settings
from ingest.topics import POLICIES
from stream.limits import RANGES, Limits
from stream.policy import Policy, insist, parse, red_off


def _read(path: str) -> Policy:
    try:
        return parse(Path(path).read_bytes())
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise BadRequest(f"{path}: {error}") from None


def check(args: argparse.Namespace) -> int:
    """`vigil policy check FILE`."""
    policy = _read(args.file)
    print(f"{args.file} is legal: scope {policy.scope}{consent.told(policy)}")
    return 0


def _by(policy: Policy, args: argparse.Namespace, revision: int) -> Policy:
    """The policy as its author loads it, whatever author the file names: two persons are needed of those that act."""
    author = args.author or getpass.getuser()
    loaded = replace(policy, revision=revision, author=author, message=args.message or policy.message)
    try:
        return insist(loaded)
    except ValueError as error:
        raise BadRequest(f"{args.file}, loaded by {author}: {error}") from None


def load(args: argparse.Namespace) -> int:
    """`vigil policy load FILE`: the next revision of its scope; a red alarm off asks two persons for their passwords."""
    policy = _read(args.file)
    settings = Settings.from_environment()
    address = join_kafka(settings, data_dir(args, settings))
    held = compacted.read(address, POLICIES).get(policy.scope)
    revision = msgspec.json.decode(held, type=Policy).revision + 1 if held else 1
    loaded = _by(policy, args, revision)
    consent.insist_on_two(loaded, lambda: users.held(args))
    compacted.write(address, POLICIES, loaded.scope, msgspec.json.encode(loaded), 0)
    print(f"revision {revision} of {loaded.scope} is in force from the next sample of each bed on")
    return 0


def show(args: argparse.Namespace) -> int:
    """`vigil policy show`."""
    settings = Settings.from_environment()
    found = compacted.read(join_kafka(settings, data_dir(args, settings)), POLICIES)
    policies = [msgspec.json.decode(v, type=Policy) for v in found.values()] or [Policy()]
    for policy in policies:
        print(f"scope {policy.scope}, revision {policy.revision}, by {policy.author}: {policy.message}")
        print(f"  {'limit':<22} {'adult':>8} {'paediatric':>11} {'neonate':>8}   range")
        for field in fields(Limits):
            values = [getattr(limits, field.name) for limits in (policy.adult, policy.paediatric, policy.neonate)]
            low, high = RANGES[field.name]
            print(f"  {field.name:<22} {values[0]:>8g} {values[1]:>11g} {values[2]:>8g}   {low:g} to {high:g}")
        modes = ", ".join(f"{f.name} {getattr(policy.advisories, f.name)}" for f in fields(policy.advisories))
        print(f"  advisories: {modes}")
        if red_off(policy):
            print(f"  agreed to by {policy.second_author}: {', '.join(red_off(policy))} off")
        for what, codes in (("off", policy.off), ("on", policy.on)):
            if codes:
                print(f"  switched {what}: {', '.join(sorted(codes))}")
    return 0
