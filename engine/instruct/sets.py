"""The tables of labelled sets: PTB-XL, MIMIC-IV-ECG, CODE-15 %, CinC 2020/2021, LUDB, and confirmed reviews of one's own.

A set is known by the table that lies in its folder, not by the folder's name: another hospital's records in one of these
layouts are read the same way.
"""

from __future__ import annotations

import ast
import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from engine.instruct import labels
from engine.instruct.labelled import ROW, BadSet, Entry
from ingest.bed import Sex

OF_PTBXL = "HR"
"""Names of CinC 2021 that begin so are records of PTB-XL, whose patients and folds are not told there."""
OLDEST = 120.0
"""Ages above this stand for `older than 89` (PTB-XL writes 300)."""
_CODE15 = {"1dAVb": "1AVB", "RBBB": "RBBB", "LBBB": "LBBB", "SB": "SBRAD", "ST": "STACH", "AF": "AF"}
_LUDB_TEXT = (
    "Rhythms", "Electric axis of the heart", "Conduction abnormalities", "Extrasystolies", "Hypertrophies", "Cardiac pacing",
    "Ischemia", "Non-specific repolarization abnormalities", "Other states",
)  # fmt: skip
_YES = frozenset({"1", "true", "yes", "t", "y"})


def entries(name: str, folder: Path) -> list[Entry]:
    """Every record of a set with its labels, in the order of its table; raises BadSet where none of the tables is there."""
    for table, read in _LAYOUTS.items():
        if (folder / table).is_file():
            return _read(name, folder, table, read)
    if next(_headers(folder), None) is not None:
        return _read(name, folder, "headers", _cinc_headers)
    raise BadSet(
        f"{folder} holds none of {', '.join(_LAYOUTS)} and no WFDB header: {name} has no labels that are known"
    )


def covers(entry: Entry, code: str) -> bool:
    """Whether a record of this set without the code may be taken for one that does not have the finding."""
    if entry.table == "ptbxl_database.csv":
        return code in labels.of_scp(dict.fromkeys(labels.scp_codes(), 0.0))[0]
    return entry.table == "exams.csv" and code in _CODE15.values()


def _read(name: str, folder: Path, table: str, read: Callable[[str, Path], Iterator[Entry]]) -> list[Entry]:
    try:
        found = [replace(entry, table=table) for entry in read(name, folder)]
    except KeyError as error:
        raise BadSet(f"{folder / table} has no column {error}") from None
    except (csv.Error, UnicodeDecodeError, SyntaxError) as error:
        raise BadSet(f"{folder / table} cannot be read: {error}") from None
    if not found:
        raise BadSet(f"{folder / table} names no record")
    return found


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            yield {key: (value or "").strip() for key, value in row.items() if key}


def _ptbxl(name: str, folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "ptbxl_database.csv"):
        codes, classes = labels.of_scp(ast.literal_eval(row["scp_codes"]))
        stem = row["filename_hr"]
        yield Entry(
            name, row["ecg_id"], f"{name}/{stem}", str(folder / stem), _whole(row["patient_id"]), int(float(row["strat_fold"])),
            _age(row.get("age", "")), {"0": Sex.MALE, "1": Sex.FEMALE}.get(_whole(row.get("sex", "")), Sex.UNKNOWN), codes, classes,
            row.get("report", ""),
        )  # fmt: skip


def _mimic(name: str, folder: Path) -> Iterator[Entry]:
    told = {}
    for row in _rows(folder / "machine_measurements.csv"):
        told[row["study_id"]] = [text for k in range(18) if (text := row.get(f"report_{k}", ""))]
    for row in _rows(folder / "record_list.csv"):
        statements, stem = told.get(row["study_id"], []), row["path"].removesuffix(".hea")
        codes, classes = labels.of_words(statements)
        yield Entry(
            name, row["study_id"], f"{name}/{stem}", str(folder / stem), row["subject_id"], None, None, Sex.UNKNOWN, codes, classes,
            ". ".join(text.rstrip(".") for text in statements), left_out="" if statements else "its set tells nothing of it",
        )  # fmt: skip


def _code15(name: str, folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "exams.csv"):
        found = [ours for theirs, ours in _CODE15.items() if row[theirs].lower() in _YES]
        if row.get("normal_ecg", "").lower() in _YES and not found:
            found = ["NORM"]
        codes, classes = labels.of_codes(found)
        path = f"{row['trace_file']}{ROW}{row['exam_id']}"
        sex = {"true": Sex.MALE, "1": Sex.MALE, "false": Sex.FEMALE, "0": Sex.FEMALE}
        yield Entry(
            name, row["exam_id"], f"{name}/{path}", str(folder / path), row.get("patient_id") or row["exam_id"], None,
            _age(row.get("age", "")), sex.get(row.get("is_male", "").lower(), Sex.UNKNOWN), codes, classes, "; ".join(found),
            left_out="" if found else "its set tells nothing of it",
        )  # fmt: skip


def _cinc(name: str, folder: Path) -> Iterator[Entry]:
    headers = {path.stem: path for path in _headers(folder)}
    for row in _rows(folder / "index.csv"):
        record = row["record"]
        if record in headers:
            yield _cinc_entry(name, folder, headers[record], row["snomed_dx"])


def _cinc_headers(name: str, folder: Path) -> Iterator[Entry]:
    for path in sorted(_headers(folder)):
        if (dx := _comments(path).get("dx", "")) != "":
            yield _cinc_entry(name, folder, path, dx)


def _cinc_entry(name: str, folder: Path, header: Path, dx: str) -> Entry:
    told, record = _comments(header), header.stem
    concepts = [code for code in dx.replace(";", ",").replace(" ", ",").split(",") if code]
    codes, classes = labels.of_snomed(concepts)
    stem = header.relative_to(folder).with_suffix("").as_posix()
    why = "a record of PTB-XL without its patient and fold" if record.startswith(OF_PTBXL) else ""
    sex = {"m": Sex.MALE, "f": Sex.FEMALE}.get(told.get("sex", "")[:1].lower(), Sex.UNKNOWN)
    return Entry(
        name, record, f"{name}/{stem}", str(folder / stem), record, None, _age(told.get("age", "")), sex, codes, classes,
        ", ".join(concepts), left_out=why or ("" if concepts else "its set tells nothing of it"),
    )  # fmt: skip


def _ludb(name: str, folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "ludb.csv"):
        cells = [line.strip() for column in _LUDB_TEXT for line in row.get(column, "").splitlines() if line.strip()]
        codes, classes = labels.of_words(cells)
        record = row["ID"]
        yield Entry(
            name, record, f"{name}/data/{record}", str(folder / "data" / record), record, None, _age(row.get("Age", "")),
            {"m": Sex.MALE, "f": Sex.FEMALE}.get(row.get("Sex", "")[:1].lower(), Sex.UNKNOWN), codes, classes, ". ".join(cells),
        )  # fmt: skip


def _reviews(name: str, folder: Path) -> Iterator[Entry]:
    for number, row in enumerate(_rows(folder / "labels.csv"), 2):
        try:
            codes, classes = labels.of_codes(row["findings"].split(";"))
        except ValueError as error:
            raise BadSet(f"{folder / 'labels.csv'}, line {number}: {error}") from None
        confirmed = row["confirmed"].lower() in _YES
        why = (
            ""
            if confirmed and codes
            else "not confirmed by a reviewer"
            if not confirmed
            else "its set tells nothing of it"
        )
        record = row["record"]
        fold = row.get("fold", "")
        yield Entry(
            name, record, f"{name}/{record}", str(folder / record), row.get("patient") or record, int(fold) if fold.isdigit() else None,
            _age(row.get("age", "")), Sex(row["sex"]) if row.get("sex") in set(Sex) else Sex.UNKNOWN, codes, classes,
            f"{'; '.join(labels.LABELS[code].name for code in codes)} ({row['reviewer']})", left_out=why,
        )  # fmt: skip


_LAYOUTS: dict[str, Callable[[str, Path], Iterator[Entry]]] = {
    "ptbxl_database.csv": _ptbxl,
    "record_list.csv": _mimic,
    "exams.csv": _code15,
    "labels.csv": _reviews,
    "ludb.csv": _ludb,
    "index.csv": _cinc,
}


def _headers(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder, followlinks=True):
        yield from (Path(place) / name for name in sorted(names) if name.endswith(".hea"))


def _comments(header: Path) -> dict[str, str]:
    """Comment lines of a WFDB header by their names in small letters."""
    found = {}
    for line in header.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("#") and ":" in line:
            key, _, value = line.lstrip("# ").partition(":")
            found[key.strip().lower()] = value.strip()
    return found


def _whole(text: str) -> str:
    """`15709.0` as `15709`."""
    return text.removesuffix(".0")


def _age(text: str) -> float | None:
    try:
        age = float(text)
    except ValueError:
        return None
    return age if 0 <= age <= OLDEST else None
