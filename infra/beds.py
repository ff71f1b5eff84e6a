"""`vigil beds`: what beds are set to."""

from __future__ import annotations

import argparse
import getpass
from dataclasses import replace
from typing import Any

import msgspec
from kafka.errors import KafkaError

from infra import compacted
from infra.plan import BadRequest
from infra.processes import data_dir
from infra.services import join_kafka
from infra.settings import Settings
from ingest.bed import BED_NAME, Baseline, BedContext, BedState, PatientClass, Sex
from ingest.frame import BedId
from ingest.kafka import KafkaAddress
from ingest.topics import BEDS, CHECKPOINTS, slot

LONGEST_UNIT = 64

_PACED = {"yes": True, "no": False, "unknown": None}


def show(args: argparse.Namespace) -> int:
    """`vigil beds list`."""
    settings = Settings.from_environment()
    found = compacted.read(join_kafka(settings, data_dir(args, settings)), BEDS)
    contexts = sorted((msgspec.json.decode(v, type=BedContext) for v in found.values()), key=lambda c: c.bed)
    if not contexts:
        print("no bed has settings of its own: adult, not paced as far as known, monitored")
        return 0
    print(f"{'bed':<16} {'class':<11} {'age':>5} {'sex':<8} {'paced':<8} {'state':<11} {'baseline':<9} unit")
    for c in contexts:
        age = "-" if c.age_years is None else f"{c.age_years:g}"
        paced = {True: "yes", False: "no", None: "unknown"}[c.paced]
        print(
            f"{c.bed:<16} {c.patient_class:<11} {age:>5} {c.sex:<8} {paced:<8} {c.state:<11} {c.baseline or 'learnt':<9} {c.unit}"
        )
    return 0


def change(args: argparse.Namespace) -> int:
    """`vigil beds set | standby | monitor | discharge | relearn`."""
    if not BED_NAME.fullmatch(args.bed):
        raise BadRequest(f"{args.bed[:64]!r} is no bed name: letters, digits, dot, dash and underscore, at most 63")
    legal_unit(getattr(args, "unit", None) or "")
    if getattr(args, "age", None) is not None and not 0 <= args.age <= 130:
        raise BadRequest(f"--age {args.age:g} is outside 0 to 130 years")
    settings = Settings.from_environment()
    address = join_kafka(settings, data_dir(args, settings))
    held = compacted.read(address, BEDS).get(args.bed)
    before = msgspec.json.decode(held, type=BedContext) if held else BedContext(BedId(args.bed))
    after = changed(before, args)
    place = slot(after.bed)
    compacted.write(address, BEDS, args.bed, msgspec.json.encode(after), place)
    said = f"{args.bed}: {after.patient_class}, {after.state}{remark(before, after) if args.what == 'set' else ''}"
    # who was set before was a bed then; else the workers know whoever has sent
    if held is None and not _has_sent(address, args.bed, place):
        said += "; no bed of that name has sent anything yet, this holds from when it does"
    print(said)
    return 0


def _has_sent(address: KafkaAddress, bed: str, place: int) -> bool:
    """Whether the workers know the bed; who may not ask that is told nothing."""
    try:
        return bed in compacted.read(address, CHECKPOINTS, {place})
    except KafkaError:
        return True


def legal_unit(unit: str) -> None:
    """Raises BadRequest where a name cannot be a unit's."""
    if len(unit) > LONGEST_UNIT or not unit.isprintable():
        raise BadRequest(
            f"{unit[:LONGEST_UNIT]!a} is no name of a unit: at most {LONGEST_UNIT} printable characters, "
            "no control characters"
        )


def changed(before: BedContext, args: argparse.Namespace) -> BedContext:
    """What a bed is set to behind a command."""
    if args.what == "set":
        # who is set to something lies in the bed; a standby is ended by whoever means to
        state = BedState.STANDBY if before.state is BedState.STANDBY else BedState.MONITORED
        return replace(before, state=state, **_fields(args))
    if args.what == "discharge":
        return BedContext(before.bed, before.unit, state=BedState.DISCHARGED, episode=before.episode + 1)
    if args.what == "relearn":
        return replace(before, relearn=before.relearn + 1)
    return replace(before, state={"standby": BedState.STANDBY, "monitor": BedState.MONITORED}[args.what])


def remark(before: BedContext, after: BedContext) -> str:
    """What a person who set something else may not expect of the bed's state."""
    if after.state is BedState.STANDBY:
        return f" still, no alarm is raised: `vigil beds monitor {after.bed}` ends that"
    return " again" if before.state is BedState.DISCHARGED else ""


def _fields(args: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if args.patient_class:
        found["patient_class"] = PatientClass(args.patient_class)
    if args.age is not None:
        found["age_years"] = args.age
    if args.sex:
        found["sex"] = Sex(args.sex)
    if args.paced:
        found["paced"] = _PACED[args.paced]
    if args.baseline:
        signed = None if args.baseline == "none" else Baseline(args.baseline)
        found |= {"baseline": signed, "baseline_by": getpass.getuser() if signed else ""}
    if args.unit is not None:
        found["unit"] = args.unit
    return found
