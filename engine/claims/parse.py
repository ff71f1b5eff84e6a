"""Free prose to statements: every number, lead and finding, with what it is said of. Never raises on any text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.claims.answers import Question, answered, asked, denied_first, granted, without_label
from engine.claims.findings import predicate
from engine.claims.findings.degrees import sized
from engine.claims.findings.topics import definition, spoken_topics
from engine.claims.language import lex, markup
from engine.claims.language.absent import absent
from engine.claims.language.aside import in_general, points
from engine.claims.language.frames import is_advice
from engine.claims.language.places import wrong_walls
from engine.claims.language.scope import Sentence
from engine.claims.language.unread import NOT_UNDERSTOOD, unread
from engine.claims.numbers.quantity import quantities
from engine.claims.statement import Statement

LONGEST = 2000
"""Characters of a sentence; what goes past it is read as a sentence of its own, so that the time stays in proportion."""


_ASKS = re.compile(
    r"\W*[^.;:,]{0,40}\b(?:question|point|issue|task|thing)(?: (?:here|now|then|to (?:settle|answer|decide|ask|clarify)))? (?:is|was|remains) whether [^;:,]*",
    re.IGNORECASE,
)
"""A question that is put as a sentence: `The first question is whether P waves are present.`"""


@dataclass(frozen=True, slots=True)
class Read:
    """One sentence and its statements, in the order of the text."""

    start: int
    end: int
    statements: tuple[Statement, ...]


def parse(text: str) -> tuple[Read, ...]:
    """Sentences of a text with what they state; places are characters of the text."""
    flat = markup.plain(text)
    found: list[Read] = []
    subject = ""
    leads: tuple[str, ...] = ()
    question: Question | None = None
    earlier: list[lex.Token] = []
    turned, defined, denies = False, "", False
    for start, end in _pieces(flat):
        asks = flat[end - 1] == "?" or _ASKS.fullmatch(flat, start, end) is not None
        words = without_label(lex.tokens(flat, start, end), asks or " A:" in flat)
        s = Sentence(
            flat,
            start,
            end,
            words,
            subject,
            leads,
            turned=turned,
            defined=defined,
            answers=question is not None,
            earlier=earlier,
        )
        listed = denies and _is_item(text, start)
        if listed:
            s.negated = [not held for held in s.negated]
        denies = listed or _heads_denials(s.tokens)
        _deny_behind_colon(s)
        if question is not None and question.absent and not question.polar:
            denied_first(s)
        statements = granted(now) if asks and (now := asked(s, _read, unread)) else _stated(s, question)
        found.append(Read(start, end, tuple(sorted(statements, key=lambda one: (one.start, one.end)))))
        question = now if asks else question if question is not None and not statements else None
        turned = all(one.kind == "lead" for one in statements) and any(t.kind == "lead" for t in s.tokens)
        subject = next((t.what for t in reversed(s.tokens) if t.kind == "measure" and t.what != "ECG"), subject)
        leads = next((t.leads for t in reversed(s.tokens) if t.kind in ("lead", "group")), leads)
        defined = definition(s)
        earlier = s.tokens
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Topic:
    """What one sentence of a question asks for."""

    findings: tuple[Statement, ...]
    """That it names, with what cannot be measured."""
    measures: tuple[str, ...]
    """That it names and asks no finding of: `PR`, `T`, `rhythm`, `ECG`."""
    qualities: tuple[str, ...]
    """That it names of nothing: `Is it regular?`"""
    leads: tuple[str, ...]


def is_named(finding: Statement) -> bool:
    """Whether words were read as a finding: they are not left over, not said of ECGs in general, and it is one that can be measured."""
    return ": " not in finding.what and finding.what != NOT_UNDERSTOOD


def topics(question: str) -> tuple[Topic, ...]:
    """What a question asks for, sentence by sentence; never raises on any text."""
    flat = markup.plain(question)
    found: list[Topic] = []
    for start, end in _pieces(flat):
        s = Sentence(flat, start, end, without_label(lex.tokens(flat, start, end), True))
        findings = tuple(one for one in asked(s, _read, unread).statements if one.kind == "finding")
        held = [t for t in s.tokens if any(f.start <= t.start < f.end for f in findings if is_named(f))]
        measures = dict.fromkeys(t.what for t in s.tokens if t.kind == "measure" and t not in held)
        qualities = dict.fromkeys(t.what for t in s.tokens if t.kind == "quality" and t not in held and not measures)
        leads = dict.fromkeys(name for t in s.tokens if t.kind in ("lead", "group") for name in t.leads)
        found.append(Topic(findings, tuple(measures), tuple(qualities), tuple(leads)))
    return tuple(found)


_ITEM = re.compile(r"[-*+•o–]")


def _is_item(text: str, start: int) -> bool:
    """Whether a sentence is an item of a list."""
    begin = text.rfind("\n", 0, start) + 1
    return _ITEM.fullmatch(text[begin:start].strip()) is not None


def _heads_denials(tokens: list[lex.Token]) -> bool:
    """Whether words are nothing but the heading of what was not found: `Not seen`, `Absent`."""
    return (
        0 < len(tokens) < 6
        and all(t.kind != "word" or t.what in _OF_HEADING for t in tokens)
        and any(t.kind in ("not", "after") or t.what in ("absent", "excluded") for t in tokens)
        and not any(t.what in ("by", "in", "on", "according", "under", "for") for t in tokens)
        and not any(t.kind in ("measure", "finding", "number", "lead", "unmeasurable") for t in tokens)
    )


_OF_HEADING = frozenset({"evidence", "evidences", "sign", "signs", "of", "the", "following", "these", "any", "indication", "indications", "hint", "hints", "trace", "features", "feature", "findings", "finding", "abnormalities", "seen", "found", "present", "detected", "noted", "is", "are", "was", "were", "there", "definite", "clear", "pathology", "things", "item", "items", "and", "excluded", "absent", "here", "has", "have", "been", "either"})  # fmt: skip
"""Words that a heading of denials may hold: one that names something itself denies that alone, and what follows bears it out (`No strain: T upright in I`)."""


def _deny_behind_colon(s: Sentence) -> None:
    """Mark as denied what stands behind a heading in the same line: `Absent: LBBB, RBBB`."""
    colon = next((k for k, t in enumerate(s.tokens) if t.what == ":"), len(s.tokens))
    if colon + 1 < len(s.tokens) and _heads_denials(s.tokens[:colon]):
        s.negated[colon + 1 :] = [True] * (len(s.tokens) - colon - 1)


def _read(s: Sentence) -> list[Statement]:
    """Numbers, findings and leads; a quality that only says which interval or level a number is claims nothing."""
    numbers = quantities(s)
    which = [one for one in numbers if one.what in ("RR", "ST") and s.text[one.start].isalpha()]
    found = (one for one in predicate.findings(s) if not any(of.start < one.end <= of.end for of in which))
    return [*numbers, *sized(s, numbers), *found, *_leads(s)]


def _stated(s: Sentence, question: Question | None) -> list[Statement]:
    """What a sentence that asks nothing states, with what it answers."""
    if in_general(s) or (question is not None and _offers(s)):
        return _leads(s)
    statements = _read(s)
    replies = [] if question is None else answered(s, question)
    if not replies and not statements and _evades(s, question):
        replies = [Statement("finding", s.start, s.end, NOT_UNDERSTOOD)]
    missing = [one for one in statements if one.kind == "lead" and one.negated]
    left = [one for one in unread(s, statements) if not any(m.start <= one.start < m.end for m in missing)]
    return [*statements, *replies, *([] if replies else _not_understood(s, statements)), *left]


_SHORT = 5


def _evades(s: Sentence, question: Question | None) -> bool:
    """Whether a few words answer a question on a finding by neither a `yes` nor a `no` that is known."""
    if question is None or not question.polar or not 0 < len(s.tokens) <= _SHORT:
        return False
    return any(one.kind == "finding" for one in question.statements)


_OPTIONS = re.compile(r"\W*a[).:] .{2,60}? \(?b[).:] ", re.IGNORECASE)


def _offers(s: Sentence) -> bool:
    """Whether a sentence only lists the answers that a question leaves to choose from: `A) sinus rhythm B) flutter`."""
    return _OPTIONS.match(s.text, s.start, s.end) is not None


def _pieces(text: str) -> list[tuple[int, int]]:
    return [
        (at, min(at + LONGEST, end))
        for start, end in markup.sentences(text)
        for at in range(start, end, LONGEST)
        if at < end
    ]


_TOPICS = frozenset({"atrial", "ventricular", "beat", "beats", "wave", "waves", "interval", "intervals", "segment", "segments", "bundle", "axis", "complexes", "conduction", "node", "pause", "pauses"})  # fmt: skip


_LOOKED_AT = re.compile(
    r"\b(?:was|were|is|are|been|being) (?:(?:then|also|next|first|now|each|all|\w+ly) )*"
    r"(?:(?:re-?)?(?:examined|inspected|assessed|reviewed|evaluated|analy[sz]ed|checked|read|measured|scrutini[sz]ed|surveyed|compared|considered|looked at|gone through|described|discussed|summari[sz]ed|listed|tabulated|given|reported))\b",
    re.IGNORECASE,
)
"""A wave that was only looked at: `repolarisation was examined lead by lead`."""


def _not_understood(s: Sentence, statements: list[Statement]) -> list[Statement]:
    """A sentence that speaks of the ECG, and of which nothing was read, cannot be held against anything."""
    if any(one.kind != "lead" for one in statements) or any(s.knowledge) or any(s.reference):
        return []
    if any(t.kind == "talk" for t in s.tokens) and not any(
        t.kind in ("quality", "finding", "number") for t in s.tokens
    ):
        return []  # advice
    if (is_advice(s) or _LOOKED_AT.search(s.text, s.start, s.end)) and not any(
        t.kind in ("quality", "finding", "number") for t in s.tokens
    ):
        return []
    if points(s) and not any(t.kind == "quality" for t in s.tokens):
        return []
    if len(s.tokens) <= 4 and all(
        t.kind in ("measure", "mark", "ordinal", "lead", "group") or t.what in _HEADED for t in s.tokens
    ):
        return []  # a heading
    if all(t.kind in ("measure", "mark", "lead", "group", "talk", "break") or t.what in _POINTERS for t in s.tokens):
        return []
    topic = any((t.kind == "measure" and t.what != "ECG") or t.what in _TOPICS for t in s.tokens)
    return [Statement("finding", s.start, s.end, NOT_UNDERSTOOD, others=spoken_topics(s))] if topic else []


_POINTERS = frozenset({"first", "second", "secondly", "thirdly", "all", "third", "fourth", "fifth", "next", "then", "now", "finally", "lastly", "last", "the", "a", "an", "to", "on", "of", "in", "for", "and", "with", "come", "comes", "let", "us", "we", "turn", "take", "look", "at", "name", "state", "give", "say", "consider", "q", "so", ",", ":", ";", ".", "-", "here", "this", "these", "that", "let's", "about", "what"})  # fmt: skip
"""Words of a sentence that only points to a measure: `Next, the QT interval.`"""
_HEADED = frozenset(
    {
        ".",
        ":",
        "step",
        "and",
        "axis",
        "intervals",
        "segments",
        "waves",
        "complexes",
        "conduction",
        "first",
        "next",
        "atria",
        "ventricles",
    }
)


def _leads(s: Sentence) -> list[Statement]:
    """Each lead that is named, once, those that are said to be missing, and walls that do not fit the leads beside them."""
    found: dict[str, Statement] = {}
    missing = absent(s)
    for token in s.tokens:
        if token.kind == "lead" and not any(one.start <= token.start < one.end for one in missing):
            for name in token.leads:
                found.setdefault(name, Statement("lead", token.start, token.end, name, (name,)))
    return [*missing, *found.values(), *wrong_walls(s)]
