"""What a page alone tells: the reader of pages, about whose curves the ECG towers are asked, each fold by a tower that never saw it.

The reader has seen no real record: it learnt from pages of simulated ones. So one serves all folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.aged import Wear, age
from engine.findings.fused import ordered
from engine.findings.fusion import save
from engine.page import CLINICAL_3X4, CLINICAL_6X2, GEM_PAGE, Layout, at_resolution, draw_page
from engine.page_alone import CALIBRATION, FUSION, TOWER, in_encoder_order
from engine.page_found import LEAST_AGREEMENT, NoPage, agreement, found
from engine.page_reader import READER, PageReader, Sizes
from engine.page_window import SIDE, dark, signal_of
from engine.teacher.targets import LABELS
from infra.score import findings
from infra.score.tiny import fitted, recipe, worth
from ingest.frame import LEADS

if TYPE_CHECKING:
    from engine.instruct.labelled import Entry
    from infra.score.tiny.recipe import Floats, Records

READING, CURVES, SCANS = "reading", "curves.npy", "scans.npz"
STEPS = 600
"""24 pages each."""
SCAN = Wear(turn_deg=4.0, tilt=0.0, crop=0.02, noise=(1.0, 20.0), creases=2)
"""Of a page on a scanner, or under a camera that was held straight above it: each kind of harm in every other picture."""
SCAN_DPI = 150.0
OTHERS = 8
"""Every so many records are drawn as pages of other layouts too."""
SAID = "pages.npy"
"""Beside each ECG tower: what it says of the records as their pages are read."""


def signals(out: Path, records: Records) -> NDArray[np.float32]:
    """(records, 12, 5000) mV in the encoder's order, as the pages of the records are read; the curves are kept in DIR."""
    return _in_order(curves(out, records))


def _in_order(read: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 12, 5000) mV in the encoder's order of curves (n, 12, numbers)."""
    return np.stack([in_encoder_order(signal_of(one)) for one in read])


def curves(out: Path, records: Records) -> NDArray[np.float32]:
    """(records, 12, numbers) mV as the reader tells them of the pages of the records; kept in DIR."""
    from engine.train.curves import CurvesStage, train_curves
    from engine.train.logits import pages_of
    from engine.train.run import Keeping

    folder, file = out / READING, out / READING / CURVES
    train_curves(CurvesStage(READING, steps=STEPS), Keeping(folder, cpu=True))
    if not file.exists():
        reader = PageReader(folder / READER)
        read = [reader.curves(dark(pages_of([entry], SIDE)))[0] for entry in records.entries]
        np.save(file, np.array(read, np.float32))
    return np.asarray(np.load(file, allow_pickle=False))


def said(out: Path, records: Records) -> Floats:
    """(records, 26) logits of the taught ECG towers about what is read off the page of each record."""
    folds = int(records.fold.max()) + 1
    read = signals(out, records)
    parts = [
        _asked(out, recipe.tower_of(out, records, fold, folds), read[records.fold == fold]) for fold in range(folds)
    ]
    return recipe.pooled(records, parts)


def _asked(out: Path, name: str, read: NDArray[np.float32]) -> Floats:
    """(n, 26) logits of an ECG tower about curves that were read; kept beside it."""
    from engine.train.logits import of_signals

    file = out / name / SAID
    if not file.exists():
        np.save(file, of_signals(out / name, read))
    return np.asarray(np.load(file, allow_pickle=False), np.float64)


# scans --------------------------------------------------------------------------------------------------------------


def scans(out: Path, records: Records) -> dict[str, NDArray[Any]]:
    """What is read off pictures of the pages, turned, cut, noisy and in other light, and which pass for a page of twelve rows; kept in DIR.

    `curves` (records, 12, numbers) mV and `taken` (records,); `others`: of every so many records, whether pages with several leads a row pass.
    """
    file = out / READING / SCANS
    if not file.exists():
        reader = PageReader(out / READING / READER)
        own = [_scanned(reader, entry, k, GEM_PAGE) for k, entry in enumerate(records.entries)]
        others = [
            _scanned(reader, entry, k, layout)[1]
            for k, entry in enumerate(records.entries[::OTHERS])
            for layout in (CLINICAL_3X4, CLINICAL_6X2)
        ]
        np.savez(
            file, curves=np.array([one[0] for one in own]), taken=np.array([one[1] for one in own]), others=np.array(others),
        )  # fmt: skip
    with np.load(file, allow_pickle=False) as held:
        return {name: held[name] for name in held}


def _scanned(reader: PageReader, entry: Entry, seed: int, layout: Layout) -> tuple[NDArray[np.float32], bool]:
    """The curves that are read off a picture of the page of a record, and whether they are taken."""
    from engine.instruct.labelled import read

    labelled = read(entry)
    page = draw_page(labelled.signal_mv, labelled.measured, at_resolution(layout, SCAN_DPI))
    try:
        curves = reader.curves(found(age(page, np.random.default_rng((seed, 9)), SCAN))[None])[0]
    except NoPage:
        return np.zeros((len(LEADS), SIDE * Sizes().numbers), np.float32), False
    return curves, agreement(curves) >= LEAST_AGREEMENT


def _of_scans(out: Path, records: Records, truth: Floats) -> dict[str, Any]:
    """What scanned pages are worth, where they are taken, by towers that never saw the record; and how many of which are."""
    from engine.train.logits import of_signals

    made, folds = scans(out, records), int(records.fold.max()) + 1
    names = [recipe.tower_of(out, records, fold, folds) for fold in range(folds)]
    read = _in_order(made["curves"])
    logits = [of_signals(out / name, read[records.fold == fold]) for fold, name in enumerate(names)]
    said, taken = recipe.pooled(records, [np.asarray(one, np.float64) for one in logits]), made["taken"]
    some = [entry for entry, one in zip(records.entries, taken, strict=True) if one]
    return worth.by_set(some, truth[taken], said[taken]) | {
        "taken": int(taken.sum()), "records": len(taken), "others_taken": int(made["others"].sum()), "others": len(made["others"]),
    }  # fmt: skip


def there(out: Path) -> bool:
    """Whether DIR holds what was read of pages."""
    return (out / READING / CURVES).is_file()


# what it is worth ---------------------------------------------------------------------------------------------------


def figures(out: Path, records: Records, taught: Floats) -> dict[str, Any]:
    """What the page alone is worth, what it lacks against the signal, paired, and how its tiers hold."""
    truth, read = worth.truth_of(records.entries), said(out, records)
    return {
        "page_alone": worth.by_set(records.entries, truth, read),
        "page_against_signal": worth.gains(records.entries, truth, taught, read),
        "page_scanned": _of_scans(out, records, truth),
        CALIBRATION: _calibration(out, records, read),
    }


def _calibration(out: Path, records: Records, read: Floats) -> dict[str, Any]:
    """Of the tiers of a page alone: out of fold, and in the hospitals that the tower has seen nothing of."""
    from infra.score.tiny import ship

    truth, told = findings.carried(records.entries), _by_tower(read)
    own = np.array([entry.database == ship.PTBXL for entry in records.entries])
    likely, tiers = fitted.apart(records.fold, truth, told)
    found = {"ptbxl": fitted.told(truth, likely, tiers, own), "all": fitted.told(truth, likely, tiers, own | True)}
    if own.all():
        return found
    ship.tower_of_ptbxl(out, records)
    made = fitted.fit(truth, told, own)
    likely = made.probabilities(_by_tower(_asked(out, f"{recipe.TAUGHT}-{ship.PTBXL}", signals(out, records))))
    return found | {"elsewhere": fitted.told(truth, likely, fitted.tiers_of(made, likely), ~own)}


def _by_tower(logits: Floats) -> dict[str, Floats]:
    return {TOWER: ordered(logits, LABELS, findings.CLASSES)}


# the package --------------------------------------------------------------------------------------------------------


def ship(out: Path, records: Records, into: Path) -> None:
    """The reader, and scaling and tiers of a page alone, which rest on what was said out of fold."""
    from engine.train.curves import halved

    truth = findings.carried(records.entries)
    made = fitted.fit(truth, _by_tower(said(out, records)), np.ones(len(truth), bool))
    save(fitted.without_withheld(made), into / FUSION)
    halved(out / READING / READER, into / READER)


def texts_of_unseen(into: Path, entries: Sequence[Entry]) -> dict[str, Any]:
    """What the decoder of a package names of records that it has not learnt from: shown signal and page, the page as the product shows it, and the
    page without what is read off it. Macro F1 of each, and what the page as it is read has over the two others, paired."""
    from engine.gem.checkpoint import open_checkpoint
    from engine.train.logits import pages_of, signals_of
    from engine.train.written import texts as written
    from infra.score.tiny import counts, texts

    known, signals = signals_of(entries)
    reader, pages = PageReader(into / READER), pages_of(known, open_checkpoint(into).config.image.crop_px)
    read = _in_order(np.concatenate([reader.curves(dark(pages_of([one], SIDE))) for one in known]))
    said_ = {
        "both": written(into, signals, pages), texts.READ: written(into, read, pages), "page": written(into, None, pages),
    }  # fmt: skip
    truth, named = findings.carried(known), texts.said(said_)
    return {kind: texts.judged(truth, some)["f1"] for kind, some in said_.items()} | {
        f"read_against_{kind}": counts.difference(truth, named[kind], named[texts.READ]) for kind in ("both", "page")
    }
