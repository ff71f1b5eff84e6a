"""`vigil learn tiny --out DIR`: the recipe of the reference model, and what it is worth out of fold over patients.

Each step keeps what it made in a folder of DIR, goes on where it was broken off and is not done twice; the last one, `ship`, makes the
model once more of all records and puts it where Vigil finds it; `findings` does so for what it says beside its texts, and leaves its decoder.
Records and folds are those of `vigil learn findings`, put together to --folds for findings and to --texts for texts. Nothing that is fitted to
records sees the fold that is judged: forests, towers, decoder and scaling are made once for each fold without it. The generator alone has seen
no real label; its settings were fitted to the measurements of normal records of LUDB and PTB-XL.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.findings.fused import ordered
from engine.teacher.targets import LABELS
from engine.tiny_model import folder
from infra.plan import BadRequest
from infra.score import findings, learn_findings, run
from infra.score.tiny import classes, simulated_forests, texts, worth

if TYPE_CHECKING:
    from engine.instruct.labelled import Entry

STEPS = ("records", "generator", "encoders", "reading", "findings", "page", "text", "ship")
GENERATOR, SCRATCH, TAUGHT, PAGE = "generator", "scratch", "taught", "page"
"""Folders of towers: of the teacher alone; per fold without the teacher, and begun and learnt beside it."""
SIMULATED = "forests.npz"
"""Beside the generator's tower: the forests that learnt from measured features of simulated records."""
LOGITS = "logits.npy"
"""Beside each tower: what it says of the records."""
ALONE_STEPS, BESIDE_STEPS, PAGE_STEPS = 1250, 300, 100
"""Of the ECG tower on the teacher alone, 60,000 records; on labelled records, each of which is seen about thirty times; of the image tower,
4,800 pages."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """What is learnt from and judged, a row a record."""

    entries: tuple[Entry, ...]
    fold: NDArray[np.int64]
    """0 to folds - 1; patients and near-doubles lie in one."""
    digests: tuple[str, ...]
    features: Floats
    """(records, classes of `infra.score.findings`): logits of the forests that were made without its fold."""
    elsewhere: Floats
    """The same of forests that were made of PTB-XL alone; NaN of its records."""
    simulated: Floats
    """The same of forests that were made of simulated records alone."""

    def grouped(self, folds: int) -> Records:
        """The same records in fewer folds; the forests' logits stay those of the finer ones."""
        return replace(self, fold=self.fold % folds)

    def without(self, fold: int) -> list[Entry]:
        """Those that are learnt from where a fold is judged."""
        return [entry for entry, own in zip(self.entries, self.fold, strict=True) if own != fold]


def tiny(args: argparse.Namespace) -> int:
    """Every step up to the one that --until names, then the figures."""
    from engine.runtime import RuntimeAway
    from engine.train.needs import Failed, Refused, why_not

    away = why_not()
    if away:
        raise RuntimeAway(away)
    for name, count in (("folds", args.folds), ("texts", args.texts)):
        if not 2 <= count <= len(learn_findings.FOLDS):
            raise BadRequest(f"--{name} {count}: 2 to {len(learn_findings.FOLDS)}")
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    try:
        told = _steps(args, out, STEPS[: STEPS.index(args.until) + 1])
    except (Refused, Failed) as error:
        raise BadRequest(str(error)) from None
    (out / "figures.json").write_text(json.dumps(told, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    print(json.dumps(told, allow_nan=False) if args.json else worth.lines(told))
    return 0


def _steps(args: argparse.Namespace, out: Path, wanted: Sequence[str]) -> dict[str, Any]:
    from engine.train.place import use_threads
    from infra.score.tiny import ship, unlabelled

    use_threads(args.threads)
    if "generator" in wanted:
        tower(out / GENERATOR, "encoder", (), None, steps=ALONE_STEPS)
    records = records_of(args, out, "generator" in wanted)
    told: dict[str, Any] = {"records": len(records.entries), "folds": np.bincount(records.fold).tolist()}
    if "generator" in wanted:
        told |= _generator(out, records)
    if "encoders" in wanted:
        taught = encoders(out, records, TAUGHT)
        told |= _encoders(args, out, records, taught, wanted)
    if "encoders" in wanted and args.unlabelled:
        told["unlabelled"] = unlabelled.figures(args, out, records.grouped(args.texts))
    if "findings" in wanted:
        told |= ship.figures(out, records, taught)
        wide = records.grouped(args.texts)
        if "text" in wanted:
            texts.write(out, wide)
        written = texts.kept(out, wide)
        told |= texts.figures(wide, written) if written else {}
        told |= ship.by_class(records, taught, texts.said(written))
    into = Path(args.into) if args.into else folder()
    if args.until == "findings":
        return ship.ship_findings(out, records, taught, told, into)
    if "ship" in wanted:
        told = ship.ship(out, records, taught, told, ship.unseen(args), into)
    return told


def _generator(out: Path, records: Records) -> dict[str, Any]:
    """What simulated records alone are worth: the tower, the forests of measured features, and the mean of their logits."""
    truth = worth.truth_of(records.entries)
    parts = {"tower": asked(out, GENERATOR, records), "features": records.simulated}
    both = np.nanmean([one[:, : truth.shape[1]] for one in parts.values()], axis=0)
    return {
        "generator": worth.by_set(records.entries, truth, both),
        "generator_parts": {name: worth.by_set(records.entries, truth, one) for name, one in parts.items()},
    }


def _encoders(
    args: argparse.Namespace, out: Path, records: Records, taught: Floats, wanted: Sequence[str]
) -> dict[str, Any]:
    """The towers out of fold, with --gain against such as know no simulated record; and what they and the forests are worth together."""
    from infra.score.tiny import reading

    truth = worth.truth_of(records.entries)
    found: dict[str, Any] = {"encoders": {TAUGHT: worth.by_set(records.entries, truth, taught)}}
    if args.gain:
        wide = records.grouped(args.texts)
        with_it, without = encoders(out, wide, TAUGHT), encoders(out, wide, SCRATCH)
        # beside those of all folds stands what is compared in the folds of the texts
        found["encoders"] = worth.compared(records.entries, truth, without, with_it) | found["encoders"]
        told = [ordered(one, LABELS, findings.CLASSES) for one in (without, with_it)]
        found["encoders"]["by_class"] = classes.of_towers(records.entries, findings.carried(records.entries), *told)
    beside = {"generator": asked(out, GENERATOR, records)}
    if "page" in wanted or (out / PAGE / LOGITS).is_file():
        beside["page"] = page(out, records)
        found["page"] = worth.by_set(records.entries, truth, beside["page"])
    if "reading" in wanted:
        beside[reading.READING] = reading.said(out, records)
        found |= reading.figures(out, records, taught)
    experts = {"features": records.features, "simulated": records.simulated, "taught": taught}
    return found | worth.joined(records, truth, experts, beside)


# records ----------------------------------------------------------------------------------------------------------


def records_of(args: argparse.Namespace, out: Path, simulated: bool = True) -> Records:
    """The records with their folds and the logits of the forests; kept in DIR. simulated: whether those of simulated records are asked too."""
    from engine.instruct.sets import entries

    file = out / "records.npz"
    if not file.exists():
        found, eight = learn_findings.gathered(args)
        table = learn_findings.tabled(found, (eight - 1) % args.folds)
        np.savez(
            file, names=np.array([one.entry.name for one in found]), fold=table.fold, digests=np.array([one.digest for one in found]),
            features=learn_findings.logits_apart(table, range(args.folds)),
            elsewhere=learn_findings.logits_apart(replace(table, fold=_outside(one.entry for one in found)), (1,)),
            columns=np.array(table.names), rows=table.rows,
        )  # fmt: skip
    listed = {e.name: e for name in learn_findings.SETS for e in entries(name, run.folder(args, name))}
    with np.load(file, allow_pickle=False) as held:
        other = int(held["fold"].max()) + 1 != args.folds or any(name not in listed for name in held["names"])
        if other or "rows" not in held:
            raise BadRequest(f"{out} was begun with other records or folds: name another folder with --out")
        chosen = tuple(listed[str(name)] for name in held["names"])
        taught = np.full(held["features"].shape, np.nan)
        if simulated:
            forests = simulated_forests.forests(out / GENERATOR / SIMULATED)
            taught = simulated_forests.logits(forests, tuple(map(str, held["columns"])), held["rows"])
        return Records(
            chosen, held["fold"], tuple(map(str, held["digests"])), held["features"], held["elsewhere"], taught
        )


def _outside(entries: Iterable[Entry]) -> NDArray[np.int64]:
    """0 of the records of PTB-XL, 1 of the others."""
    return np.array([entry.database != "ptbxl" for entry in entries], np.int64)


# towers -----------------------------------------------------------------------------------------------------------


def tower(folder: Path, stage: str, entries: Sequence[Entry], begin: Path | None, **changes: Any) -> None:
    """Train an ECG tower into a folder, unless it is there."""
    from engine.train.run import Keeping, train_encoder
    from engine.train.stages import EncoderStage, built_in
    from engine.train.towers import TOWER, open_tower

    chosen = built_in(stage)
    assert isinstance(chosen, EncoderStage)
    start = open_tower(begin / TOWER, pickles=False) if begin else None
    train_encoder(replace(chosen, **changes), start, entries, Keeping(folder, cpu=True))


def named(kind: str, fold: int, folds: int) -> str:
    """The folder of a tower that knows nothing of a fold."""
    return f"{kind}-{fold + 1}of{folds}"


def encoders(out: Path, records: Records, kind: str) -> Floats:
    """Logits of all records by towers that never saw their fold: taught before and beside labelled records, or from those alone."""
    folds = int(records.fold.max()) + 1
    return pooled(
        records, [asked(out, tower_of(out, records, fold, folds, kind), records, fold) for fold in range(folds)]
    )


def tower_of(out: Path, records: Records, fold: int, folds: int, kind: str = TAUGHT) -> str:
    """The tower that knows nothing of a fold, trained unless it is there; the name of its folder."""
    learnt, name = records.without(fold), named(kind, fold, folds)
    if kind == SCRATCH:
        tower(out / name, "encoder-real", learnt, None, steps=BESIDE_STEPS, taught=0)
    else:
        tower(out / name, "encoder-real", learnt, out / GENERATOR, steps=BESIDE_STEPS)
    return name


def asked(out: Path, name: str, records: Records, fold: int | None = None) -> Floats:
    """(records, 26) what a tower says of the records of a fold, or of all; kept beside the tower."""
    from engine.train.logits import of_signals, signals_of

    file = out / name / LOGITS
    if not file.exists():
        chosen = [e for e, own in zip(records.entries, records.fold, strict=True) if fold is None or own == fold]
        read, signals = signals_of(chosen)
        if len(read) != len(chosen):
            raise BadRequest(f"{len(chosen) - len(read)} of {len(chosen)} records cannot be read any more")
        np.save(file, of_signals(out / name, signals))
    return np.asarray(np.load(file, allow_pickle=False), np.float64)


def page(out: Path, records: Records) -> Floats:
    """(records, 26) what an image tower that saw no real label says of the pages of all records."""
    from engine.train.logits import of_pages
    from engine.train.run import Keeping, train_pages
    from engine.train.stages import PageStage, built_in

    chosen = built_in("page")
    assert isinstance(chosen, PageStage)
    train_pages(replace(chosen, steps=PAGE_STEPS), Keeping(out / PAGE, cpu=True))
    file = out / PAGE / LOGITS
    if not file.exists():
        np.save(file, of_pages(out / PAGE, pages(out, records, chosen.tower.image)))
    return np.asarray(np.load(file, allow_pickle=False), np.float64)


def pages(out: Path, records: Records, side: int) -> NDArray[np.float32]:
    """(records, 3, side, side) pages as they are drawn when a record is interpreted; kept in DIR."""
    from engine.train.logits import pages_of

    file = out / f"pages-{side}.npy"
    if not file.exists():
        np.save(file, pages_of(records.entries, side))
    return np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))


def pooled(records: Records, parts: Sequence[Floats]) -> Floats:
    """Rows of all folds, in the order of the records."""
    found = np.full((len(records.entries), parts[0].shape[1]), np.nan)
    for fold, part in enumerate(parts):
        found[records.fold == fold] = part
    return found
