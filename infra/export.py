"""`vigil export`: what Vigil keeps, in formats that other programs read."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from infra.plan import BadRequest
from infra.processes import data_dir
from infra.services import join_database
from infra.settings import Settings
from storage.database import Database
from storage.labelled import Exported, export


def labels(args: argparse.Namespace) -> int:
    """`vigil export labels`: the folder appears when all of it is written."""
    out = Path(args.out).absolute()
    if out.exists():
        raise BadRequest(f"--out {args.out} is there already: name a folder that is not")
    if not out.parent.is_dir():
        raise BadRequest(f"--out {args.out}: {out.parent} is not there")
    settings = Settings.from_environment()
    with closing(Database(join_database(settings, data_dir(args, settings)))) as database:
        done = _written(database, out)
    told = {"out": str(out), **asdict(done)}
    print(json.dumps(told) if args.json else _lines(args.out, done))
    return 0


def _written(database: Database, out: Path) -> Exported:
    import shutil

    part = out.with_name(out.name + ".part")
    try:
        part.mkdir()
    except FileExistsError:
        raise BadRequest(f"{part} is there, of an export that was broken off: remove it") from None
    try:
        done = database.run(lambda connection: export(connection, part))
        part.rename(out)
    except BaseException:
        shutil.rmtree(part)
        raise
    return done


def _lines(out: str, done: Exported) -> str:
    lines = [f"{done.records} recordings of {done.patients} patients in {out}"]
    lines += [f"  {count:6d}  {code}" for code, count in done.findings.items()]
    lines += [f"left out: {count}, {why}" for why, count in done.left_out.items()]
    return "\n".join(lines)
