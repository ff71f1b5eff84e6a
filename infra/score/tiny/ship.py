"""The steps of `vigil learn tiny` that ship: scaling and tiers, and the model made once more of all records, put into the package.

Nothing here is judged on what it was made of: scaling and thresholds rest on what was said out of fold, and so do the figures. How tiers hold in
other hospitals is asked of a tower and forests that PTB-XL alone taught.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.findings import prints, trained_on
from engine.findings.fused import FEATURES, FORESTS, FUSION, GROUP, HEADS, SIMULATED, TOWER, ordered
from engine.findings.fusion import Fusion, save
from engine.findings.held import FIGURES
from engine.instruct.labelled import recording_of
from engine.teacher.targets import LABELS
from engine.tiny_model import folder
from infra.plan import BadRequest
from infra.score import findings, run
from infra.score.finding_texts import TRAINED_ON
from infra.score.findings import CLASSES
from infra.score.tiny import classes, criteria, eight_bits, fitted, reading, recipe, table, texts, worth

if TYPE_CHECKING:
    from engine.instruct.labelled import Entry
    from infra.score.tiny.recipe import Floats, Records

ALL, PTBXL = "all", "ptbxl"
"""In place of a fold: made of all records, and of those of PTB-XL."""
NAME = "gem-tiny"
CARD = "README.md"
_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"
"""In the card: what stands between them is written by this step."""


def tower_of_all(out: Path, records: Records) -> None:
    """The ECG tower as each fold has it, of all records."""
    _taught(out, records, ALL)


def decoder_of_all(out: Path, records: Records) -> Path:
    """The decoder as each fold has it, of all records; its folder."""
    return texts.decoder(out, records, f"{recipe.TAUGHT}-{ALL}", records.entries)


def tower_of_ptbxl(out: Path, records: Records) -> None:
    """The ECG tower that has seen no record but those of PTB-XL, and simulated ones."""
    _taught(out, records, PTBXL)


def _taught(out: Path, records: Records, which: str) -> None:
    learnt = [entry for entry in records.entries if which == ALL or entry.database == which]
    recipe.tower(
        out / f"{recipe.TAUGHT}-{which}", "encoder-real", learnt, out / recipe.GENERATOR, steps=recipe.BESIDE_STEPS
    )  # fmt: skip


# figures ----------------------------------------------------------------------------------------------------------


def said(features: Floats, simulated: Floats, taught: Floats) -> dict[str, Floats]:
    """Logits of the experts by the labels of the fusion."""
    return {FEATURES: features, SIMULATED: simulated, TOWER: ordered(taught, LABELS, CLASSES)}


def figures(out: Path, records: Records, taught: Floats) -> dict[str, Any]:
    """Calibration and tiers out of fold, and in the hospitals that the model has seen nothing of."""
    truth = findings.carried(records.entries)
    there = np.array([entry.database == PTBXL for entry in records.entries])
    told = said(records.features, records.simulated, taught)
    likely, tiers = fitted.apart(records.fold, truth, told)
    found: dict[str, Any] = {
        "ptbxl": fitted.told(truth, likely, tiers, there),
        "all": fitted.told(truth, likely, tiers, there | True),
    }
    group = CLASSES.index(GROUP)
    beside = {"calibration": found, "atria": worth.of_label(truth[:, group], likely[:, group])}
    if there.all():
        return beside
    tower_of_ptbxl(out, records)
    alone = recipe.asked(out, f"{recipe.TAUGHT}-{PTBXL}", records)
    made = fitted.fit(truth, told, there)
    likely = made.probabilities(said(records.elsewhere, records.simulated, alone))
    found["elsewhere"] = fitted.told(truth, likely, fitted.tiers_of(made, likely), ~there)
    area = worth.area(truth[~there], likely[~there])
    return beside | {"elsewhere": {"records": int((~there).sum()), **area}}


def by_class(records: Records, taught: Floats, named: Mapping[str, Floats]) -> dict[str, Any]:
    """What ships class by class, out of fold, and the same records by the criteria alone.

    named: (records, CLASSES) what the texts name by what was shown, each by a decoder that never saw the record; empty where there are none.
    """
    truth = findings.carried(records.entries)
    told = said(records.features, records.simulated, taught)
    likely, tiers = fitted.apart(records.fold, truth, told)
    called = fitted.called(records.fold, truth, told)
    experts = [records.features, records.simulated, taught]
    logits = np.column_stack((worth.together(records, worth.truth_of(records.entries), experts), likely[:, -1]))
    model = {"called": called, "shown": fitted.as_shown(tiers)} | ({"text": named["both"]} if named else {})
    concepts = criteria.concepts_of(records.entries)
    return {
        "classes": classes.of_fusion(records.entries, truth, logits, called),
        "criteria": classes.beside_criteria(records.entries, truth, concepts, model),
    }


def fusion(records: Records, taught: Floats) -> Fusion:
    """What ships: fitted to all records, by what was said of them out of fold."""
    truth = findings.carried(records.entries)
    made = fitted.fit(truth, said(records.features, records.simulated, taught), np.ones(len(truth), bool))
    return fitted.without_withheld(made)


# the package ------------------------------------------------------------------------------------------------------


def unseen(args: argparse.Namespace) -> list[Entry]:
    """Records of LUDB, from whose labels no tower, forest, decoder or scaling learnt; none where it is not there."""
    from engine.instruct.sets import entries

    place = run.beside(args, "ludb")
    return entries("ludb", place) if place else []


def ship(
    out: Path, records: Records, taught: Floats, told: dict[str, Any], fresh: Sequence[Entry], into: Path
) -> dict[str, Any]:
    """Make the model of all records and put it into a folder: weights, tokenizer, heads, scaling, digests, fingerprints, figures, card.

    fresh: records that it does not see, on which eight bit weights are compared. Gives the figures with these. Raises BadRequest
    where the forests that ship were made of other records.
    """
    _same_records(records)
    tower_of_all(out, records)
    model = decoder_of_all(out, records)
    into.mkdir(parents=True, exist_ok=True)
    _weights(model, into)
    _heads(out / f"{recipe.TAUGHT}-{ALL}", into / HEADS)
    _findings(out, records, taught, into)
    (into / TRAINED_ON).write_text("\n".join(sorted(set(records.digests))) + "\n", encoding="ascii")
    prints.write(into, [prints.fingerprint(recording_of(entry)) for entry in records.entries])
    told |= {"eight_bits": eight_bits.figures(into, fresh)}
    return _told(
        into, told | ({"page_texts": reading.texts_of_unseen(into, fresh)} if reading.there(out) and fresh else {})
    )


def ship_findings(out: Path, records: Records, taught: Floats, told: dict[str, Any], into: Path) -> dict[str, Any]:
    """Fit anew what the model of a folder says beside its texts: forests of simulated records, scaling, tiers; gives all figures.

    Its towers, decoder and their figures stay as they are. Raises BadRequest where the folder holds no model, or one of other records.
    """
    _same_records(records)
    learnt = into / TRAINED_ON
    if not learnt.is_file() or set(learnt.read_text(encoding="ascii").split()) != set(records.digests):
        raise BadRequest(f"{into} holds no model that was made of these records: make it with --until ship first")
    _findings(out, records, taught, into)
    before = json.loads((into / FIGURES).read_text(encoding="utf-8"))
    return _told(into, before | told | {"encoders": before.get("encoders", {}) | told["encoders"]})


def _same_records(records: Records) -> None:
    if trained_on.trained_on() != set(records.digests):
        raise BadRequest(
            "the forests that ship were made of other records: run `vigil learn findings` on the same --data first"
        )


def _findings(out: Path, records: Records, taught: Floats, into: Path) -> None:
    """What the findings need beside towers and heads, of signals and of pages alone."""
    if reading.there(out):
        reading.ship(out, records, into)
    shutil.copyfile(out / recipe.GENERATOR / recipe.SIMULATED, into / FORESTS)
    save(fusion(records, taught), into / FUSION)


def _told(into: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Write the figures beside the model and into its card."""
    (into / FIGURES).write_text(json.dumps(_rounded(told), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    _card(into / CARD, told)
    return told


def shipped() -> dict[str, Any] | None:
    """The figures that lie beside the model that ships; None where there is none."""
    file = folder() / FIGURES
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def _weights(model: Path, into: Path) -> None:
    """The checkpoint under the name of what ships, its weights as they were written (float16)."""
    from engine.gem.checkpoint import CONFIG, INDEX, TOKENIZER

    for name in (INDEX, *TOKENIZER):
        if (model / name).is_file():
            shutil.copyfile(model / name, into / name)
    for file in model.glob("*.safetensors"):
        shutil.copyfile(file, into / file.name)
    config = json.loads((model / CONFIG).read_text(encoding="utf-8"))
    text = json.dumps(config | {"_name_or_path": NAME}, indent=2, sort_keys=True)
    (into / CONFIG).write_text(text + "\n", encoding="utf-8")


def _heads(tower: Path, file: Path) -> None:
    """The part of the tower's heads that tells labels."""
    from engine.train.towers import heads_of_labels

    heads_of_labels(tower, file)
    file.chmod(0o644)


def _rounded(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _rounded(one) for name, one in told.items()}
    if isinstance(told, list):
        return [_rounded(one) for one in told]
    return round(told, 6) if isinstance(told, float) else told


def _card(file: Path, told: dict[str, Any]) -> None:
    """Write the figures into the card, between their marks; a card without them keeps what it says."""
    text = file.read_text(encoding="utf-8") if file.is_file() else f"# {NAME}\n\n{_BEGIN}{_END}"
    before, begun, rest = text.partition(_BEGIN)
    if begun:
        behind = rest.partition(_END)[2]
        figures = f"```\n{worth.lines(told)}\n```\n\n{table.lines(told)}"
        file.write_text(f"{before}{_BEGIN}\n{figures}\n\n{_END}{behind}", encoding="utf-8")
