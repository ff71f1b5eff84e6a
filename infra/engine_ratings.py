"""`vigil engine evaluate --rating-sheet` and `--ratings`: blinded forms for readers, and what they gave."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.plan import BadRequest
from infra.score.run import progress

if TYPE_CHECKING:
    from PIL import Image

    from engine.evaluate.files import Item, Reply
    from engine.evaluate.ratings import Sheet


def write(args: argparse.Namespace) -> int:
    """The sheet as CSV and as a page in the folder, the key beside it."""
    from engine.evaluate.files import read_items
    from engine.evaluate.rating_page import as_page
    from engine.evaluate.ratings import as_csv, as_key, sheet

    out = Path(args.rating_sheet)
    key = Path(args.key) if args.key else out.with_name(f"{out.name}.key.json")
    if not args.questions or len(args.answers) < 2:
        raise BadRequest("a rating sheet needs --questions FILE and the --answers of two systems or more")
    if out.exists() or key.exists():
        raise BadRequest(f"{out if out.exists() else key} is there already: remove it, or name another one")
    if not out.absolute().parent.is_dir() or not key.absolute().parent.is_dir():
        raise BadRequest(f"--rating-sheet {out}: name a folder in one that is there")
    if out.absolute() in key.absolute().parents:
        raise BadRequest(f"--key {key} would be handed to the readers with the sheet: keep it elsewhere")
    items = read_items(Path(args.questions))
    systems = _systems([Path(name) for name in args.answers])
    shared = [item for item in items if all(item.id in replies for replies in systems.values())]
    shared = shared[: args.limit]
    if not shared:
        raise BadRequest("no question is answered by every system: nothing can be compared")
    made = sheet({i.id: {name: replies[i.id].text for name, replies in systems.items()} for i in shared}, args.seed)
    pictures = _pictures(args, shared, made)
    out.mkdir()
    (out / "sheet.csv").write_text(as_csv(made), encoding="utf-8-sig", newline="")
    (out / "sheet.html").write_text(as_page(made, pictures), encoding="utf-8")
    key.write_text(as_key(made), encoding="utf-8")
    told = {
        "sheet": made.id, "out": str(out), "key": str(key), "records": len(shared), "forms": len(made.forms), "systems": list(made.systems),
        "pictures": len(pictures),
    }  # fmt: skip
    print(
        json.dumps(told)
        if args.json
        else f"{told['forms']} forms of {told['records']} records in {out}, the key in {key}"
    )
    return 0


def _systems(files: list[Path]) -> dict[str, dict[str, Reply]]:
    """Answers by system: the model that a file names, or the file where two are of one."""
    from engine.evaluate.files import read_replies

    told = [(path, read_replies(path)) for path in files]
    names = [replies[0].model or path.stem for path, replies in told]
    if len(set(names)) < len(names):
        names = [path.stem for path, _ in told]
    if len(set(names)) < len(names):
        raise BadRequest("two --answers have one name: rename one of the files, it is the name of its system")
    return {name: {r.id: r for r in replies} for name, (_, replies) in zip(names, told, strict=True)}


def _pictures(args: argparse.Namespace, items: list[Item], made: Sheet) -> dict[int, Image.Image]:
    """The ECG page of each case: from --images, else drawn of the signal; what cannot be had is named on standard error."""
    from engine.evaluate.answering import segment_of
    from engine.instruct.labelled import BadSet
    from engine.page import draw_page
    from engine.scan import UnreadablePicture, open_picture
    from engine.train.recordings import Unreadable
    from infra.engine_train import places_of
    from ingest.frame import LEADS
    from ingest.open_recording import UnreadableRecording

    places = places_of(args, items)
    by_id = {item.id: item for item in items}
    found: dict[int, Image.Image] = {}
    for case, record in {form.case: form.record for form in made.forms}.items():
        item = by_id[record]
        try:
            if places.images is not None and item.image:
                found[case] = open_picture(places.page(item.image))
            else:
                segment = segment_of(item, places)
                found[case] = draw_page(segment.signal_mv, [lead in segment.measured for lead in LEADS])
        except (Unreadable, UnreadableRecording, UnreadablePicture, BadSet, OSError) as error:
            sys.stderr.write(f"no picture of {record}: {error}\n")
        progress(f"{case}/{len(items)} pictures")
    progress("")
    return found


def read(args: argparse.Namespace) -> int:
    """Means by system, differences and agreement, of filled sheets."""
    from engine.evaluate.agreement import summary
    from engine.evaluate.ratings import read_key, read_ratings, unblinded

    if not args.key:
        raise BadRequest("ratings are read back with their key: name it with --key FILE")
    key = read_key(Path(args.key))
    told = summary(unblinded(read_ratings([Path(name) for name in args.ratings], key), key))
    print(json.dumps({"sheet": key.sheet, **told}, allow_nan=False) if args.json else lines(told))
    return 0


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    from infra.engine_evaluate import figure

    said = [f"{told['ratings']} ratings of {told['records']} records by {len(told['raters'])} readers"]
    for system, columns in told["systems"].items():
        said.append(system)
        said += [f"  {name:<14} {figure(one)}" for name, one in columns.items()]
    for pair in told["differences"]:
        said.append(f"{pair['first']} minus {pair['second']}")
        said += [f"  {name:<14} {figure(one)}" for name, one in pair.items() if isinstance(one, dict)]
    said.append("agreement of readers, weighted kappa")
    for name, one in told["agreement"].items():
        said.append(f"  {name:<14} {'-' if one['kappa'] is None else format(one['kappa'], '.2f')}")
    return "\n".join(said)
