"""Templates to texts: what is true of a record, and the same with one number, unit, lead or finding altered."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from engine.claims.judging.tolerance import TOLERANCES
from infra.score.claim_truth import AGAINST, GROUPS, PICK, Facts, of_lead
from ingest.frame import LEADS

_SLOT = re.compile(r"\{([FnLS]):([^{}]*)\}")
_MEASURE = {
    "rate": "heart rate", "rr": "RR interval", "pr": "PR interval", "qrs": "QRS duration", "qt": "QT interval", "p_ms": "P duration",
    "qtcb": "QTc", "qtcf": "QTc", "axis": "QRS axis", "q_ms": "Q duration", "p": "P amplitude", "r": "R amplitude", "s": "S amplitude",
    "t": "T amplitude", "st": "ST level",
}  # fmt: skip
_NOWHERE = ("V7", "V8", "V9", "V10", "V12", "aVX", "aVB")
WRONG_UNITS = {
    "ms": ("mV", "s", "bpm", "mm", "µs"), "s": ("mV", "ms", "bpm", "minutes"), "mV": ("ms", "V", "bpm", "mm", "µV"),
    "mm": ("cm", "ms", "mV", "bpm"), "/min": ("ms", "Hz", "mV", "mm"), "deg": ("ms", "mV", "bpm", "mm"),
}  # fmt: skip
_FORMULA = re.compile(r"bazett|frid|qtc ?[bf]\b", re.IGNORECASE)
"""Where none is named, a QTc may be that of either formula."""
KINDS = ("number", "unit", "lead", "finding")
PUBLISHED_EACH = 2
"""How many times as many texts are drawn of a file with false sentences of its own: it is the larger one."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a template that is filled: kind of slot, its words, and where it stands in the filled text."""

    kind: str
    words: tuple[str, ...]
    start: int
    end: int
    value: str = ""
    """What was chosen: a key of the truth, leads joined by commas, or the number as printed."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the suite."""

    text: str
    style: str
    half: str
    """open, held or once, as of its style."""
    kind: str = ""
    """Empty of a correct one."""
    near: bool = False
    """A number just beyond the tolerance."""
    place: tuple[int, int] = (0, 0)
    """Of the alteration."""


@dataclass(slots=True)
class Filled:
    """A template on its way to a text."""

    text: str = ""
    slots: list[Slot] = field(default_factory=list)
    leads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    picks: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, words: list[str], said: str, value: str) -> None:
        """Append the words of a slot."""
        self.slots.append(Slot(kind, tuple(words), len(self.text), len(self.text) + len(said), value))
        self.text += said


class Style(NamedTuple):
    """One file of the suite."""

    name: str
    half: str
    """open: seen while the checker was written; held: held out; once: held out and scored once."""
    templates: tuple[str, ...]
    added: tuple[str, ...]
    """Sentences that no measurement bears; empty of most files."""


@lru_cache(maxsize=1)
def styles() -> tuple[Style, ...]:
    """Every file of the suite."""
    found = []
    for path in sorted((Path(__file__).parent / "texts").glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        half = next((half for half in ("held", "once") if path.stem.endswith(f"_{half}")), "open")
        found.append(Style(told["style"], half, tuple(told["texts"]), tuple(told.get("added", ()))))
    return tuple(found)


def texts(f: Facts, each: int = 1) -> list[Text]:
    """For one record, of every file `each` correct texts that it bears, and their alterations; the same for the same record."""
    rng = Random(f.name)
    found: list[Text] = []
    for style in styles():
        made = 0
        for template in rng.sample(style.templates, len(style.templates)):
            filled = fill(template, f, rng)
            if filled is None:
                continue
            found.append(Text(filled.text, style.name, style.half))
            found += [t for kind in KINDS if (t := altered(filled, f, kind, style, rng)) is not None]
            made += 1
            if made == (each if not style.added else each * PUBLISHED_EACH):
                break
    return found


def fill(template: str, f: Facts, rng: Random) -> Filled | None:
    """The template with what is true of the record; None where it asks for what is not known or not so."""
    body, _, guard = template.partition(" ?? ")
    for condition in filter(None, guard.split(", ")):
        group, key = condition.split("=")
        if GROUPS[group](f) != key:
            return None
    out = Filled()
    if not _choose_leads(body, f, rng, out):
        return None
    at = 0
    for match in _SLOT.finditer(body):
        out.text += body[at : match.start()]
        at = match.end()
        words = match.group(2).split("|") if match.group(1) == "F" else match.group(2).split(":")
        if not {"F": _finding, "n": _number, "L": _lead, "S": _lead}[match.group(1)](match.group(1), words, f, out):
            return None
    out.text += body[at:]
    return out


def _choose_leads(body: str, f: Facts, rng: Random, out: Filled) -> bool:
    for match in _SLOT.finditer(body):
        if match.group(1) not in "LS":
            continue
        name, pick = match.group(2).split(":")
        fits = [lead for lead in LEADS if f.lead(lead) is not None and PICK[pick](f, lead)]
        fits = [lead for lead in fits if not any((lead,) == other for other in out.leads.values())]
        need = 1 if match.group(1) == "L" else 2
        if len(fits) < need:
            return False
        count = 1 if need == 1 else min(len(fits), rng.randint(2, 4))
        chosen = sorted(rng.sample(fits, count), key=LEADS.index)
        out.leads[name], out.picks[name] = tuple(chosen), pick
    return True


def _finding(_: str, words: list[str], f: Facts, out: Filled) -> bool:
    group, _, lead = words[0].partition("@")
    truth = of_lead(f, group, out.leads[lead][0]) if lead else GROUPS[group](f)
    options = dict(w.split("=", 1) for w in words[1:])
    if truth is None or truth not in options:
        return False
    out.add("F", words, options[truth], truth)
    return True


def _number(_: str, words: list[str], f: Facts, out: Filled) -> bool:
    measure, lead = _where(words[0], out)
    values = f.numbers(measure, lead)[1]
    if not values:
        return False
    said = printed(values[0], f.numbers(measure, lead)[0], words[1], _absolute(out, words[0]))
    out.add("n", words, said + words[1], said)
    return True


def _where(word: str, out: Filled) -> tuple[str, str]:
    """Measure and lead of a number; a lead is a variable or its own name."""
    measure, _, lead = word.partition("@")
    return measure, (out.leads[lead][0] if lead in out.leads else lead)


def _absolute(out: Filled, word: str) -> bool:
    """`a depression of 1 mm` has no sign."""
    lead = word.partition("@")[2]
    return out.picks.get(lead, "") in ("st_up", "st_down")


def _lead(_: str, words: list[str], f: Facts, out: Filled) -> bool:
    leads = out.leads[words[0]]
    out.add("L" if len(leads) == 1 else "S", words, joined(leads), ",".join(leads))
    return True


def joined(leads: tuple[str, ...]) -> str:
    """Leads as they stand in a sentence: a row of three and more as a range."""
    if len(leads) > 2 and all(lead in LEADS for lead in leads):
        first = LEADS.index(leads[0])
        if LEADS[first : first + len(leads)] == leads and leads[0].startswith("V"):
            return f"{leads[0]}-{leads[-1]}"
    return leads[0] if len(leads) == 1 else f"{', '.join(leads[:-1])} and {leads[-1]}"


def unit_of(words: str) -> str:
    """ms, s, mV, mm, /min or deg, by the words behind a number; empty where none stands there."""
    bare = words.strip(" ,./;").lower()
    table = {
        "ms": ("ms", "msec", "milliseconds"), "s": ("s", "sec", "seconds"), "mV": ("mv", "millivolts"), "mm": ("mm", "millimetres"),
        "/min": ("bpm", "beats per minute", "min", "per minute", "a minute", "beats a minute", "minute"), "deg": ("deg", "degrees", "°"),
    }  # fmt: skip
    return next((unit for unit, spelled in table.items() if bare in spelled), "")


def printed(value: float, unit: str, words: str, absolute: bool = False) -> str:
    """A measured value in the unit that is written behind it."""
    written = unit_of(words) or unit
    value = abs(value) if absolute else value
    if written == "s":
        return f"{value / 1000.0:.2f}"
    if written == "mm":
        return f"{value * 10.0:.1f}"
    return f"{value:.2f}" if written == "mV" else f"{value:.0f}"


# alterations ------------------------------------------------------------------------------------------------------


def altered(filled: Filled, f: Facts, kind: str, style: Style, rng: Random) -> Text | None:
    """The text with one place made wrong; None where it has no such place."""
    slots = [s for s in filled.slots if _KIND_OF[s.kind] == kind or (kind == "unit" and s.kind == "n")]
    for slot in rng.sample(slots, len(slots)):
        near = kind == "number" and rng.random() < 0.5
        said = {"number": _other_number, "unit": _other_unit, "lead": _other_lead, "finding": _other_finding}[kind](
            filled, slot, f, rng, near
        )
        if said is not None:
            text = filled.text[: slot.start] + said + filled.text[slot.end :]
            return Text(text, style.name, style.half, kind, near, (slot.start, slot.start + len(said)))
    return None


_KIND_OF = {"n": "number", "F": "finding", "L": "lead", "S": "lead"}


def _other_number(filled: Filled, slot: Slot, f: Facts, rng: Random, near: bool) -> str | None:
    measure, lead = _where(slot.words[0], filled)
    unit, values = f.numbers(measure, lead)
    tolerance = TOLERANCES[_MEASURE[measure]]
    absolute = _absolute(filled, slot.words[0])
    values = [abs(v) for v in values] if absolute else values
    if measure.startswith("qtc") and not _FORMULA.search(filled.text):
        values = [v for name in ("qtcb", "qtcf") for v in f.numbers(name)[1]]
    allowed = max(tolerance.of(v) for v in values)
    for _ in range(60):
        by = rng.uniform(1.0, 1.6) if near else rng.uniform(2.0, 6.0)
        wrong = rng.choice([max(values) + by * allowed, min(values) - by * allowed])
        said = printed(wrong, unit, slot.words[1])
        number = float(said) * {"s": 1000.0, "mm": 0.1}.get(unit_of(slot.words[1]), 1.0)
        if (unit != "deg" and measure not in ("st", "t", "p") and number <= 0) or abs(number) > (
            180 if unit == "deg" else 1e9
        ):
            continue
        if absolute and number <= 0:
            continue
        if measure == "t" and any(abs(abs(number) - abs(v)) <= tolerance.of(v) for v in values):
            continue
        if all(abs(number - v) > tolerance.of(v) * 1.001 for v in values):
            return said + slot.words[1]
    return None


def _other_unit(filled: Filled, slot: Slot, f: Facts, rng: Random, near: bool) -> str | None:
    words = slot.words[1]
    unit = unit_of(words)
    if not unit:
        return None
    value = abs(float(slot.value))
    wrong = [
        w
        for w in WRONG_UNITS[unit]
        if not (
            w in ("mm", "mV", "µV", "V", "cm") and unit in ("mV", "mm") and value * (1 if unit == "mV" else 0.1) < 0.15
        )
    ]
    bare = words.strip(" ,./;").lower()
    if not wrong or bare not in words.lower():
        return None
    at = words.lower().index(bare)
    before = words[:at].replace("/", " ") if not words.strip().startswith("°") else " "
    other = rng.choice(wrong)
    return (
        slot.value
        + (before or " ")
        + (other.upper() if words.strip().isupper() and "µ" not in other else other)
        + words[at + len(bare) :]
    )


def _other_lead(filled: Filled, slot: Slot, f: Facts, rng: Random, near: bool) -> str | None:
    name = slot.words[0]
    old = filled.leads[name]
    if rng.random() < 0.2:
        return joined((*old[:-1], rng.choice(_NOWHERE)))
    fits = [
        lead for lead in LEADS if lead not in old and f.lead(lead) is not None and _wrong_there(filled, name, lead, f)
    ]
    if len(fits) < len(old):
        return (
            None if len(old) == 1 or not fits else joined(tuple(sorted(rng.sample(fits, len(fits)), key=LEADS.index)))
        )
    return joined(tuple(sorted(rng.sample(fits, len(old)), key=LEADS.index)))


def _wrong_there(filled: Filled, name: str, lead: str, f: Facts) -> bool:
    """Whether what the text says of the leads `name` is plainly untrue of another lead."""
    pick = filled.picks[name]
    if pick in AGAINST and AGAINST[pick](f, lead) and not (pick == "st_flat" and not _denied(filled.text, f, lead)):
        return True
    for slot in filled.slots:
        group, _, place = slot.words[0].partition("@")
        if place != name:
            continue
        if (
            slot.kind == "F"
            and (truth := of_lead(f, group, lead)) is not None
            and truth != slot.value
            and "flat" not in (truth, slot.value)
        ):
            return True
        if slot.kind == "n" and (values := f.numbers(group, lead)[1]):
            tolerance = TOLERANCES[_MEASURE[group]]
            said = float(slot.value) * {"s": 1000.0, "mm": 0.1}.get(unit_of(slot.words[1]), 1.0)
            if all(
                abs(said - v) > 1.2 * tolerance.of(v) and abs(abs(said) - abs(v)) > 1.2 * tolerance.of(v)
                for v in values
            ):
                return True
    return False


def _other_finding(filled: Filled, slot: Slot, f: Facts, rng: Random, near: bool) -> str | None:
    options = dict(w.split("=", 1) for w in slot.words[1:])
    others = [
        said
        for key, said in options.items()
        if key != slot.value and not (key == "sinus" and _still_true(said, slot.value))
    ]
    return rng.choice(others) if others else None


def _still_true(said: str, truth: str) -> bool:
    """Sinus bradycardia is a sinus rhythm too; only `normal sinus rhythm` denies it."""
    return (
        truth in ("brady", "tachy")
        and re.search(r"\bnormal\b", said.lower()) is None
        and not said.startswith(("NSR", "in the sinus node"))
    )


def _denied(text: str, f: Facts, lead: str) -> bool:
    """Whether a text that denies ST changes is untrue of a lead: `no elevation` is true of a depressed one."""
    low = text.lower()
    up, down = (
        any(word in low for word in words) for words in (("elevat", "raised", "ste"), ("depress", "lower", "std"))
    )
    return up == down or (PICK["st_up"](f, lead) if up else PICK["st_down"](f, lead))
