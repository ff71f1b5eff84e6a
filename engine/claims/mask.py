"""Which tokens may follow: behind a measure only its measured value, or its slot where the model has tokens for slots; no lead or
finding that the measurements do not bear.

Tokens are given as the strings that they add to the text. All tables are made once; a step looks at the last sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.claims import slots
from engine.claims.basis import Basis
from engine.claims.claim import Verdict
from engine.claims.judging import finding, number
from engine.claims.language import lex, markup
from engine.claims.language.scope import Sentence
from engine.claims.numbers.quantity import subject_of
from engine.claims.numbers.reading import dimension, reading
from engine.claims.statement import Statement
from ingest.frame import LEADS

TAIL = 240
"""Characters of the last sentence that are looked at."""
_WRITTEN: dict[str, tuple[tuple[str, float, int], ...]] = {
    "ms": (("ms", 1.0, 0), ("milliseconds", 1.0, 0), ("s", 0.001, 2), ("seconds", 0.001, 2)),
    "mV": (("mV", 1.0, 2), ("mV", 1.0, 1), ("mm", 10.0, 1), ("mm", 10.0, 0), ("millivolts", 1.0, 2)),
    "/min": (("bpm", 1.0, 0), ("/min", 1.0, 0), ("beats per minute", 1.0, 0)),
    "deg": (("degrees", 1.0, 0), ("°", 1.0, 0), ("deg", 1.0, 0)),
    "beats": (),
}
"""How a measure may be written: unit, times which, and decimals."""
FORBIDDEN_NAMES = (
    "atrial fibrillation", "atrial flutter", "ventricular tachycardia", "ventricular fibrillation", "asystole", "sinus rhythm",
    "sinus tachycardia", "sinus bradycardia", "supraventricular tachycardia", "junctional rhythm", "paced rhythm",
    "right bundle branch block", "left bundle branch block", "left anterior fascicular block", "left posterior fascicular block",
    "first degree AV block", "left axis deviation", "right axis deviation", "left ventricular hypertrophy", "right ventricular hypertrophy",
    "left atrial enlargement", "right atrial enlargement", "low voltage", "normal axis", "long QT", "normal ECG", "abnormal ECG",
    "poor R wave progression", "STEMI",
)  # fmt: skip
"""Findings that are kept from being written where the measurements do not bear them; the checker sees to all others."""
_ALSO = {
    "first degree AV block": ("first-degree AV block", "1st degree AV block"), "long QT": ("prolonged QT",),
    "ventricular tachycardia": ("VT", "V-tach", "torsades"), "ventricular fibrillation": ("VF", "V-fib", "VFib"),
    "asystole": ("cardiac arrest", "standstill", "flatline", "flat line"), "atrial fibrillation": ("AF", "AFib", "A-fib"),
}  # fmt: skip
NEVER = ("PEA", "pulseless", "heart attack")
"""What nothing that is measured shows; kept from being written unless it is denied."""


@lru_cache(maxsize=1)
def _partial() -> re.Pattern[str]:
    return re.compile(r"(?<![\w.])-?\d[\d.]{0,7}(?: ?(?:[a-zA-Z/°][a-zA-Z/° ]{0,17})?)?$|(?<=\s)-$")


class Vocabulary:
    """Tables over the tokens of a model; made once, shared by all segments."""

    def __init__(self, tokens: Sequence[str]) -> None:
        """tokens: what each token adds to the text, by its id; empty of special ones."""
        self.tokens = tuple(tokens)
        self.plain = np.array([not any(c.isdigit() for c in t) for t in self.tokens], bool)
        """Without a digit."""
        self.apart = (
            np.array([bool(t) and not t[0].isalnum() and t[0] not in ".°%/" for t in self.tokens], bool) & self.plain
        )
        """Ends a number and its unit."""
        self.stop = np.array([t[:1] == "." for t in self.tokens], bool) & self.plain
        """Ends a sentence behind a whole number; no digit may follow it."""
        self.order = sorted((t, k) for k, t in enumerate(self.tokens) if t)
        self._keys = [t for t, _ in self.order]
        self.digits = [
            k
            for k, t in enumerate(self.tokens)
            if not self.plain[k] and re.match(r"[ \u2581]*(?:-?[.\d]|[Vv][1-6])", t)
        ]
        """Those of the others that can begin a number or name a chest lead; what has a digit elsewhere is never allowed."""
        self.slots = {
            k: slot for k, t in enumerate(self.tokens) if (slot := slots.slot_of(t.removeprefix(" "))) is not None
        }
        """Name and lead of those that are a value slot."""
        self.numberless = self.plain.copy()
        """All but those that would write a number: words, slots and names of leads."""
        self.numberless[[k for k, t in enumerate(self.tokens) if k in self.slots or t.strip() in LEADS]] = True

    def exactly(self, text: str) -> Iterable[int]:
        """Ids of the tokens that are this text."""
        k = bisect_left(self._keys, text)
        while k < len(self.order) and self._keys[k] == text:
            yield self.order[k][1]
            k += 1

    def beginning(self, text: str) -> Iterable[int]:
        """Ids of the tokens that begin with this text."""
        k = bisect_left(self._keys, text)
        while k < len(self.order) and self._keys[k].startswith(text):
            yield self.order[k][1]
            k += 1


class SlotMask:
    """The mask of the model that ships: no number of its own, no slot of another wave than is named, no sentence that begins with leads which were recorded.

    Of its sentences only those begin so that tell leads to be missing; where none is, it goes on with the next sentence.
    """

    def __init__(self, vocabulary: Vocabulary, measured: Sequence[str]) -> None:
        """measured: the leads that were recorded."""
        there, bare = frozenset(measured), [t.strip() for t in vocabulary.tokens]
        self._may: NDArray[np.bool_] = vocabulary.numberless
        self._begin: NDArray[np.bool_] = self._may & np.array(
            [not (there >= set(LEADS) and t.startswith("Lead")) for t in bare], bool
        )
        self._slots = vocabulary.slots
        self._list: NDArray[np.bool_] = self._may & np.array([t not in there for t in bare], bool)

    def allowed(self, text: str) -> NDArray[np.bool_]:
        """(tokens,) whether each token may follow the text written so far."""
        tail = text[-TAIL:]
        if _begins_with_leads().search(tail):
            return self._list
        wave = _awaits_wave().search(tail)
        if wave is not None:
            return self._of_wave(wave.group(1), wave.group(2) or "")
        return self._begin if _at_begin().search(tail) else self._may

    def _of_wave(self, wave: str, lead: str) -> NDArray[np.bool_]:
        """Behind `the T wave in lead aVF measures` no slot but that of this wave in this lead."""
        may = self._may.copy()
        for k, (name, where) in self._slots.items():
            may[k] = name in (f"{wave}AMP", f"{wave}DUR") and lead in ("", where)
        return may


@lru_cache(maxsize=1)
def _awaits_wave() -> re.Pattern[str]:
    """The wave, and the lead where one is named, whose value comes next."""
    return re.compile(
        rf"\b([PQRST]) wave(?: in(?: lead)? ({'|'.join(sorted(LEADS, key=len, reverse=True))}))? (?:measures|reaches|is|of)\s*$"
    )


@lru_cache(maxsize=1)
def _at_begin() -> re.Pattern[str]:
    return re.compile(r"(?:^|[.!?\n])\s*$")


@lru_cache(maxsize=1)
def _begins_with_leads() -> re.Pattern[str]:
    """A sentence that is begun with leads and holds nothing else yet."""
    one = rf"(?:{'|'.join(sorted(LEADS, key=len, reverse=True))})"
    return re.compile(rf"(?:^|[.!?]\s+|\n)\s*Leads?(?: {one}(?:,? and|,)?)* ?$")


class Mask:
    """The finite-state mask of one segment."""

    def __init__(self, vocabulary: Vocabulary, basis: Basis) -> None:
        """Works out once which findings and leads are kept from being written."""
        self.vocabulary = vocabulary
        self.basis = basis
        self._slots = {k: not slots.value(name, lead, basis)[1] for k, (name, lead) in vocabulary.slots.items()}
        self._numbers: dict[tuple[str, tuple[str, ...], str], tuple[str, ...]] = {}
        self._last: tuple[str, tuple[str, ...]] = ("", ())
        self._findings = tuple(_unborne(basis))
        self._leads = tuple(lead for lead in LEADS if lead.startswith(("V", "a")) and basis.lead(lead) is None)

    def allowed(self, text: str) -> NDArray[np.bool_]:
        """(tokens,) whether each token may follow the text written so far."""
        v = self.vocabulary
        start = max(text.rfind("\n"), *(text.rfind(mark) for mark in (". ", "! ", "? ")), len(text) - TAIL, -1) + 1
        tail = text[max(start, 0) :]
        begun = _partial().search(tail)
        may = v.plain.copy()
        if tail[-1:] in ("V", "v"):
            self._lead_digits(may)
        elif begun is not None and not self._is_lead(tail) and not self._ended(tail[: begun.start()], begun.group()):
            self._go_on(may, tail[: begun.start()], begun.group())
        else:
            self._start(may, tail)
        self._forbid(may, tail)
        return may

    def _ended(self, before: str, begun: str) -> bool:
        """Whether what is begun holds a whole number with its unit, and more behind it."""
        return any(
            begun.startswith(s) and not begun[len(s) : len(s) + 1].isalnum()
            for s in self._accepted(before)
            if len(s) < len(begun)
        )

    def _is_lead(self, tail: str) -> bool:
        return re.search(r"\b[Vv][1-9]$", tail) is not None

    def _lead_digits(self, may: NDArray[np.bool_]) -> None:
        measured = {lead[1] for lead in LEADS if lead.startswith("V") and self.basis.lead(lead) is not None}
        for k in self.vocabulary.digits:
            token = self.vocabulary.tokens[k]
            may[k] = token[0] in measured and not token[1:2].isalnum() and not any(c.isdigit() for c in token[1:])

    def _start(self, may: NDArray[np.bool_], tail: str) -> None:
        """No number is begun: a token with digits may begin the measured value of what was named last, or be a lead."""
        for k, known in self._slots.items():
            may[k] = known
        strings = self._accepted(tail)
        v1 = tail[-1:].isdigit()
        for k in self.vocabulary.digits:
            token = self.vocabulary.tokens[k]
            bare = token.lstrip(" \u2581")
            spaced = token != bare or not tail[-1:].isalnum()
            lead = re.fullmatch(r"[Vv]([1-6])\W*", bare)
            if lead is not None:
                may[k] = spaced and self.basis.lead(f"V{lead.group(1)}") is not None
            else:
                may[k] = not v1 and spaced and bare[:1] in "-0123456789" and _fits("", bare, strings)

    def _go_on(self, may: NDArray[np.bool_], before: str, begun: str) -> None:
        """Inside a number or its unit: only what goes on with a measured value, or ends it."""
        rest = {s[len(begun) :] for s in self._accepted(before) if s.startswith(begun)}
        complete = "" in rest
        if not rest:
            number_only = re.fullmatch(r"-?[\d.]*", begun) is not None
            may &= self.vocabulary.apart if number_only else self.vocabulary.plain
            return
        may[:] = (self.vocabulary.apart | self.vocabulary.stop) if complete else False
        for one in rest - {""}:
            for n in range(1, len(one) + 1):
                for k in self.vocabulary.exactly(one[:n]):
                    may[k] = True
            for k in self.vocabulary.beginning(one):
                behind = self.vocabulary.tokens[k][len(one) :]
                may[k] = may[k] or (not behind[:1].isalnum() and not any(c.isdigit() for c in behind))

    def _accepted(self, before: str) -> tuple[str, ...]:
        """Every way to write the measured value of what the sentence names last; none where nothing awaits a number."""
        if before == self._last[0]:
            return self._last[1]
        self._last = before, self._await(before)
        return self._last[1]

    def _await(self, before: str) -> tuple[str, ...]:
        flat = markup.plain(before)
        subject = subject_of(Sentence(flat, 0, len(flat), lex.tokens(flat, 0, len(flat))))
        if subject is None:
            return ()
        key = (subject.what, subject.leads, subject.detail)
        if key not in self._numbers:
            self._numbers[key] = _spellings(subject, self.basis)
        return self._numbers[key]

    def _forbid(self, may: NDArray[np.bool_], tail: str) -> None:
        low = tail.lower()
        names = () if _denies(low) else self._findings
        for phrase in names:
            for k in _completing(self.vocabulary, low, phrase):
                may[k] = False
        for lead in self._leads:
            for k in _completing(self.vocabulary, tail, lead):
                may[k] = False


def _fits(begun: str, token: str, strings: tuple[str, ...]) -> bool:
    """Whether a token behind what is begun stays on the way to one of the strings, or ends it."""
    text = begun + token
    return any(s.startswith(text) or (text.startswith(s) and not text[len(s) : len(s) + 1].isalnum()) for s in strings)


def _spellings(subject: Statement, basis: Basis) -> tuple[str, ...]:
    """Number with unit, and number alone, in every rounding that the checker would agree with."""
    found: list[str] = []
    unit = dimension(subject)
    for value in reading(subject, basis).values:
        for written, times, digits in _WRITTEN[unit]:
            for one in {value, abs(value)} if unit == "mV" else {value}:
                said = f"{one * times:.{digits}f}"
                if _agrees(subject, said, written, basis):
                    found += [f"{said} {written}", f"{said}{written}"]
    return tuple(dict.fromkeys(found))


def _agrees(subject: Statement, said: str, written: str, basis: Basis) -> bool:
    unit, times = lex.unit_named(written)
    value = float(said) * times
    statement = Statement(
        "number",
        0,
        0,
        subject.what,
        subject.leads,
        subject.loose,
        value,
        value,
        unit,
        subject.relation,
        False,
        subject.detail,
    )
    claim = number.judge("", statement, basis)
    return claim is not None and claim.verdict is Verdict.AGREE


def _unborne(basis: Basis) -> Iterable[str]:
    """Names, in small letters, of the findings that the measurements do not bear."""
    for name in FORBIDDEN_NAMES:
        known = {"STEMI": "ST elevation infarct"}.get(name, name)
        if not finding.opinion(Statement("finding", 0, 0, known, (), True), basis).yes:
            yield name.lower()
            yield from (other.lower() for other in _ALSO.get(name, ()))
    yield from (name.lower() for name in NEVER)


@lru_cache(maxsize=1)
def _denial() -> re.Pattern[str]:
    return re.compile(r"\b(?:no|not|without|absence of|neither|nor|unlikely)\b[^.;:]*$")


def _denies(tail: str) -> bool:
    return _denial().search(tail) is not None


def _completing(vocabulary: Vocabulary, tail: str, phrase: str) -> Iterable[int]:
    """Ids of the tokens that would complete the phrase behind this tail, in small or as written letters."""
    for n in range(len(phrase)):
        if not tail.endswith(phrase[:n]) or (n == 0 and tail[-1:].isalnum()):
            continue
        if n and tail[: len(tail) - n][-1:].isalnum():
            continue
        rest = phrase[n:]
        for said in (
            {rest, rest.capitalize(), rest.upper(), f" {rest}", f" {rest.capitalize()}", f" {rest.upper()}"}
            if n == 0
            else {rest, rest.upper()}
        ):
            yield from (
                k for k in vocabulary.beginning(said) if not vocabulary.tokens[k][len(said) : len(said) + 1].isalnum()
            )
