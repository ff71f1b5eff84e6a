"""Blinded forms for readers: answers of several systems shuffled, the key kept apart, and filled forms read back.

The seven columns and their five points are those of GEM's study with eight cardiologists (arXiv 2503.06073, tables 4 and 5); the
words that explain them are our own.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

COLUMNS: dict[str, str] = {
    "Relevance": "What is said bears on this ECG and its diagnosis.",
    "Accuracy": "What is said is right.",
    "Completeness": "What matters is said.",
    "Reasoning": "The diagnosis follows from the evidence that is named.",
    "Novelty": "It tells what a reader might not have seen.",
    "Clinical value": "It would help in caring for the patient.",
    "Satisfaction": "All in all, would you want such a text?",
}
POINTS = (1, 2, 3, 4, 5)
_HEAD = ("sheet", "form", "rater")
_TAIL = ("comment", "text")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the begin of a formula."""


class BadSheet(ValueError):
    """A sheet or key that cannot be used; one sentence that names file, row and column."""


@dataclass(frozen=True, slots=True)
class Form:
    """One text that is rated. What may be seen holds neither the system nor the recording's name."""

    id: str
    """`003-B`: case and letter."""
    case: int
    text: str
    record: str
    system: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All forms of a study. id: changes with every text, order and system."""

    id: str
    forms: tuple[Form, ...]

    @property
    def systems(self) -> tuple[str, ...]:
        return tuple(sorted({form.system for form in self.forms}))


def sheet(texts: Mapping[str, Mapping[str, str]], seed: int) -> Sheet:
    """Forms of answers by record and system, cases and letters in an order of their own. Raises BadSheet where a text tells its system."""
    rng = Random(seed)
    records = sorted(texts)
    rng.shuffle(records)
    forms = []
    for case, record in enumerate(records, 1):
        systems = sorted(texts[record])
        rng.shuffle(systems)
        for letter, system in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", systems, strict=False):
            text = texts[record][system].strip()
            named = next((s for s in systems if len(s) > 2 and s.lower() in text.lower()), "")
            if named:
                raise BadSheet(
                    f"the answer of {system} to {record} names {named}, which readers must not see: take it out"
                )
            forms.append(Form(f"{case:03d}-{letter}", case, text, record, system))
    told = json.dumps([(f.id, f.text, f.record, f.system) for f in forms])
    return Sheet(hashlib.blake2b(told.encode(), digest_size=6).hexdigest(), tuple(forms))


def as_csv(one: Sheet) -> str:
    """The form as a table: a row a text, seven columns to be filled."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([*_HEAD, *COLUMNS, *_TAIL])
    for form in one.forms:
        text = f" {form.text}" if form.text.startswith(_FORMULA) else form.text
        rows.writerow([one.id, form.id, "", *[""] * len(COLUMNS), "", text])
    return out.getvalue()


def as_key(one: Sheet) -> str:
    """Which system wrote what, for whoever reads the ratings back; raters must not have it."""
    forms = {form.id: {"record": form.record, "system": form.system} for form in one.forms}
    return json.dumps({"sheet": one.id, "forms": forms}, indent=1) + "\n"


# reading back -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """Which form is of which record and system."""

    sheet: str
    forms: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Rating:
    """What one reader gave one text."""

    rater: str
    form: str
    points: tuple[int, ...]
    """In the order of COLUMNS."""


def read_key(path: Path) -> Key:
    """Raises BadSheet."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Key(str(told["sheet"]), {str(k): (str(v["record"]), str(v["system"])) for k, v in told["forms"].items()})
    except OSError as error:
        raise BadSheet(f"key {path} cannot be read ({error.strerror or error}): name it with --key") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadSheet(f"{path} is no key of a rating sheet: name the .key.json that was written beside it") from None


def read_ratings(paths: Sequence[Path], key: Key) -> list[Rating]:
    """Every rated form of every sheet; a form of which no column is filled is none. Raises BadSheet."""
    found: dict[tuple[str, str], Path] = {}
    ratings = []
    for path in paths:
        for row, rating in _rows(path, key):
            where = (rating.rater, rating.form)
            if where in found:
                raise BadSheet(
                    f"{path}, row {row}, column form: {rating.rater} has rated {rating.form} in {found[where]} already"
                )
            found[where] = path
            ratings.append(rating)
    if not ratings:
        raise BadSheet(f"{', '.join(map(str, paths))}: no form is filled")
    return ratings


def _rows(path: Path, key: Key) -> list[tuple[int, Rating]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadSheet(
            f"{path} cannot be read ({error.strerror or error}): name a filled sheet with --ratings"
        ) from None
    except UnicodeDecodeError:
        raise BadSheet(f"{path} is not UTF-8 text: save the sheet as CSV UTF-8") from None
    first = text.partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    missing = [name for name in (*_HEAD, *COLUMNS) if name not in (reader.fieldnames or [])]
    if missing:
        raise BadSheet(f"{path}, row 1: there is no column {missing[0]}: fill the sheet as it was written")
    found, rater = [], ""
    for number, row in enumerate(reader, 2):
        told = {name: (value or "").strip() if isinstance(value, str) else "" for name, value in row.items() if name}
        if not any(told.get(name) for name in COLUMNS):
            continue
        rater = _rater(path, number, told["rater"], rater)
        found.append((number, Rating(rater, _form(path, number, told, key), _points(path, number, told))))
    return found


def _rater(path: Path, number: int, name: str, before: str) -> str:
    """The reader of a row; one name in the first row stands for the whole sheet."""
    if not (name or before):
        raise BadSheet(
            f"{path}, row {number}, column rater: nobody is named, so that ratings cannot be told apart: fill it in"
        )
    return name or before


def _form(path: Path, number: int, told: Mapping[str, str], key: Key) -> str:
    if told["sheet"] != key.sheet:
        raise BadSheet(
            f"{path}, row {number}, column sheet: {told['sheet'] or 'empty'} is not the sheet {key.sheet} of the key: name its own key"
        )
    if told["form"] not in key.forms:
        raise BadSheet(f"{path}, row {number}, column form: the key has no form {told['form'] or '(empty)'}")
    return told["form"]


def _points(path: Path, number: int, told: Mapping[str, str]) -> tuple[int, ...]:
    found = []
    for name in COLUMNS:
        if not re.fullmatch(r"[1-5]", told[name]):
            said = (
                f"{told[name]} is none of"
                if told[name]
                else "it is empty, and others of this form are not: give one of"
            )
            raise BadSheet(f"{path}, row {number}, column {name}: {said} 1 to 5")
        found.append(int(told[name]))
    return tuple(found)


def unblinded(ratings: Sequence[Rating], key: Key) -> list[dict[str, Any]]:
    """Each rating with its record and system."""
    return [
        {
            "rater": one.rater, "form": one.form, "record": key.forms[one.form][0], "system": key.forms[one.form][1],
            **dict(zip(COLUMNS, one.points, strict=True)),
        }
        for one in ratings
    ]  # fmt: skip
