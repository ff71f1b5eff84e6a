"""What the interpreter advises of beyond its findings: STEMI equivalents, the pattern of hyperkalaemia, WPW.

An advisory needs a statement and a gate. The statement is that of the text that a model wrote; where the criteria
answer alone, theirs is made by the gate itself. The gate is measured, by published criteria. A statement that its gate
does not bear out is kept with what is missing, and never told. None of this is an alarm, nor a part of the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.claims.language import lex, markup
from engine.claims.language.scope import Sentence
from engine.criteria.case import Case
from engine.criteria.gate import Borne, Gate
from engine.criteria.occlusion import occlusion
from engine.criteria.potassium import potassium
from engine.criteria.preexcitation import preexcitation
from engine.interpretation import Advised, Advisory
from stream.policy import Mode, Policy

GATES: dict[Advised, Callable[[Case], Gate]] = {
    Advised.STEMI_EQUIVALENT: occlusion,
    Advised.HYPERK_PATTERN: potassium,
    Advised.WPW: preexcitation,
}
ANY = ""
"""Pattern of a statement that names none: any that its gate bears out will do."""
_INFARCT = r"(?:infarct\w*|mi|stemi|injury|occlusion)\b"
NAMED: tuple[tuple[Advised, str, str], ...] = (
    (Advised.WPW, ANY, r"\bwpw\b|\bwolff[- ]parkinson\w*(?:[- ]white)?|\bpre-?excit\w+|\bdelta[- ]waves?\b|\baccessory pathway\b"),
    (Advised.HYPERK_PATTERN, ANY,
     r"\bhyper-?kal\w+|\bhyperpotass\w+|\b(?:high|elevated|raised) (?:serum )?potassium\b|\b(?:peaked|tented)(?:,? (?:and )?\w+)? t[- ]?waves?\b"),
    (Advised.STEMI_EQUIVALENT, "posterior", rf"\bposterior(?:[- ]wall)?(?: \w+){{0,2}} {_INFARCT}"),
    (Advised.STEMI_EQUIVALENT, "de winter", r"\bde[- ]winter\b"),
    (Advised.STEMI_EQUIVALENT, "sgarbossa",
     r"\bsgarbossa\b|\bconcordant st\b|\b(?:excessively|disproportionately) discordant\b"),
    (Advised.STEMI_EQUIVALENT, "left main", r"\bleft main\b|\b(?:multi|three|triple)[- ]?vessel\b|\bsubendocardial isch\w+"),
    (Advised.STEMI_EQUIVALENT, ANY,
     rf"\bstemi[- ]equivalents?\b|\bocclusion(?:al)? (?:mi|myocardial infarct\w*)\b|\bomi\b|\bacute(?: \w+){{0,2}} {_INFARCT}|\bacute coronary occlusion\b"),
)  # fmt: skip
"""Advisory, pattern, and how a text names it; matched without regard to case."""
_OPEN = re.compile(r"\b(?:rule out|to exclude|r/o|if there (?:is|are)|screen(?:ing)? for)\b", re.IGNORECASE)
"""A sentence with these asks for something, and states nothing."""
_PAST = re.compile(r"\b(?:old|prior|previous|chronic|healed|remote|age[- ]undetermined|known)\b", re.IGNORECASE)
"""Of an infarct: nothing that is acute."""


@dataclass(frozen=True, slots=True)
class Said:
    """A statement of a text."""

    code: Advised
    pattern: str
    words: str


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[Advised, str, re.Pattern[str]], ...]:
    return tuple((code, pattern, re.compile(words, re.IGNORECASE)) for code, pattern, words in NAMED)


def statements(text: str) -> tuple[Said, ...]:
    """What a text states of these patterns: neither denied, nor left open, nor general knowledge, nor a question."""
    flat = markup.plain(text)
    found: dict[tuple[Advised, str], Said] = {}
    for start, end in markup.sentences(flat):
        if flat[start:end].rstrip().endswith("?") or _OPEN.search(flat, start, end):
            continue
        s: Sentence | None = None
        for code, pattern, match in _mentions(flat, start, end):
            s = s or Sentence(flat, start, end, lex.tokens(flat, start, end))
            past = code is Advised.STEMI_EQUIVALENT and _PAST.search(flat, start, end)
            if not past and _states(s, *match.span()):
                found.setdefault((code, pattern), Said(code, pattern, match.group()))
    return tuple(found.values())


def _mentions(text: str, start: int, end: int) -> Iterator[tuple[Advised, str, re.Match[str]]]:
    """Names of these patterns in a sentence, stated or not; `acute posterior infarct` names its own and no other."""
    special: list[tuple[Advised, int, int]] = []
    for code, pattern, words in _patterns():
        for match in words.finditer(text, start, end):
            first, last = match.span()
            if pattern == ANY and any(c is code and a < last and first < b for c, a, b in special):
                continue
            if pattern != ANY:
                special.append((code, first, last))
            yield code, pattern, match


def _states(s: Sentence, start: int, end: int) -> bool:
    """Whether the words between two places are claimed of this segment."""
    at = [k for k, token in enumerate(s.tokens) if token.start < end and token.end > start]
    if any(s.negated[k] or s.knowledge[k] for k in at):
        return False
    for k in at:
        first, last = s.clause(k)
        if any(token.kind == "doubt" for token in s.tokens[first:last]):
            return False
    return True


def by_criteria(case: Case) -> tuple[Advisory, ...]:
    """What the criteria themselves advise of: nothing but what their gates bear out."""
    found = []
    for code, gate in GATES.items():
        found += [_told(code, "criteria", one.pattern, one) for one in gate(case).borne]
    return tuple(found)


def by_model(case: Case, text: str) -> tuple[Advisory, ...]:
    """What a model's text states of these patterns, each with what its gate says to it.

    case: with the findings that the criteria made of the same segment.
    """
    gates: dict[Advised, Gate] = {}
    found = []
    for said in statements(text):
        gate = gates.get(said.code) or gates.setdefault(said.code, GATES[said.code](case))
        fits = [one for one in gate.borne if said.pattern in (ANY, one.pattern)]
        found += [_told(said.code, "model", said.words, one) for one in fits]
        if not fits:
            found.append(Advisory(said.code, "model", said.words, False, gate.why or _another(gate)))
    return _once(found)


def _told(code: Advised, by: str, said: str, one: Borne) -> Advisory:
    return Advisory(code, by, said, True, f"{one.text} Confirm.", one.evidence)


def _another(gate: Gate) -> str:
    return f"another pattern is measured: {gate.borne[0].text}"


def _once(found: Sequence[Advisory]) -> tuple[Advisory, ...]:
    """Each pattern once, by the first words that state it."""
    return tuple({(one.code, one.borne, one.text): one for one in reversed(found)}.values())[::-1]


def under(policy: Policy, advisories: tuple[Advisory, ...]) -> tuple[Advisory, ...]:
    """Advisories in the mode that a policy gives them; one that is off is not kept."""
    named = f"{policy.scope}/{policy.revision}"
    held = ((one, policy.advisories.mode(one.code)) for one in advisories)
    return tuple(replace(one, mode=mode, policy=named) for one, mode in held if mode is not Mode.OFF)
