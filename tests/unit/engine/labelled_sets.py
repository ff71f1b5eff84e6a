"""Small labelled sets in the published layouts, made of simulated patients."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.instruct.labelled import Change, Entry, Labelled, of_recording
from engine.instruct.labels import classes_of
from ingest.bed import Sex
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate


@lru_cache(maxsize=32)
def recording(
    rhythm: str = "sinus", rate: float = 72.0, seed: int = 1, conduction: str = "N", infarct: str = ""
) -> Recording:
    """Ten seconds of one rhythm in twelve leads."""
    step = Step(rhythm, 30.0, rate)
    return simulate(Scenario(rhythm, (step,), conduction, infarct), 10.0, seed=seed, name=f"{rhythm}-{seed}")


def entry(*codes: str, record: str = "1", table: str = "ptbxl_database.csv") -> Entry:
    """What a table would tell of a record."""
    return Entry(
        "made", record, f"made/{record}", record, record, 1, 60.0, Sex.MALE, codes, classes_of(codes), "", table
    )


def labelled(
    *codes: str, change: Change = Change(), of: Recording | None = None, table: str = "ptbxl_database.csv"
) -> Labelled:
    """A labelled segment of a simulated patient."""
    return of_recording(entry(*codes, table=table), of or recording(), change)


def write_record(folder: Path, stem: str, what: Recording, comments: Sequence[str] = ()) -> None:
    """A WFDB record of the samples."""
    import wfdb

    place = folder / Path(stem).parent
    place.mkdir(parents=True, exist_ok=True)
    names = [s.name for s in what.signals]
    wfdb.wrsamp(
        Path(stem).name, what.rate_hz, ["mV"] * len(names), names, d_signal=np.asarray(what.samples.T, np.int64),
        fmt=["16"] * len(names), adc_gain=[s.gain for s in what.signals], baseline=[0] * len(names), write_dir=str(place),
        comments=list(comments),
    )  # fmt: skip


def write_table(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """A CSV with the keys of the first row as its names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as lines:
        table = csv.DictWriter(lines, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


PATIENTS = (
    ("sinus", 72.0, "{'NORM': 100.0, 'SR': 0.0}"),
    ("af", 92.0, "{'AFIB': 0.0, 'NDT': 100.0}"),
    ("sinus", 48.0, "{'SBRAD': 0.0, 'IMI': 35.0}"),
    ("avblock1", 72.0, "{'1AVB': 100.0, 'SR': 0.0}"),
)


def write_ptbxl(folder: Path) -> Path:
    """Four patients in the layout of PTB-XL, in folds 1 to 4."""
    rows = []
    for k, (rhythm, rate, codes) in enumerate(PATIENTS, 1):
        stem = f"records500/00000/{k:05d}_hr"
        write_record(folder, stem, recording(rhythm, rate, seed=k))
        rows.append(
            {"ecg_id": k, "patient_id": f"{k}.0", "age": "61.0", "sex": "0", "report": "sinusrhythmus", "scp_codes": codes, "strat_fold": k, "filename_hr": stem}
        )  # fmt: skip
    write_table(folder / "ptbxl_database.csv", rows)
    return folder
