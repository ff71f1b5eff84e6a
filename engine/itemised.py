"""A report's lists of findings as one sentence for each, so that what is said of one does not fall with another.

`Impression: conduction disturbance and repolarisation changes.` becomes two sentences, and so do the diagnoses at the end of a report.
Only lists in the words of `vigil engine instruct` are taken apart, and only where every name in them is one of its findings, or the end of one alone.
"""

from __future__ import annotations

import re
from functools import lru_cache

from engine.claims.language.markup import sentences
from engine.criteria.case import listed
from engine.instruct.labels import DISTURBED_RHYTHM, GROUPS, LABELS
from engine.instruct.phrases import CONCLUSION, IMPRESSION
from ingest.frame import LEADS

GROUP, DIAGNOSIS = "Impression: ", "Diagnosis: "
"""What an item begins with."""


def itemised(text: str) -> str:
    """The text with its lists taken apart; every other word of it as it stands."""
    found, at = [], 0
    for start, end in sentences(text):
        items = _items(text[start:end])
        if items:
            found += [text[at:start], " ".join(items)]
            at = end
    return "".join([*found, text[at:]])


def leads_once(text: str) -> str:
    """The text with each lead once in every list of leads: `V3, V3, V5` becomes `V3 and V5`."""
    return _lead_list().sub(lambda found: _once(found.group()), text)


def complete_alone(text: str) -> str:
    """The text with a bundle branch block denied as a complete one: for a QRS of which an incomplete one may be there."""
    return re.sub(r"\b(no|without|No|Without) ((?:left |right )?bundle branch block)", r"\1 complete \2", text)


def _once(words: str) -> str:
    return listed(list(dict.fromkeys(re.split(r", and |, | and ", words))))


@lru_cache(maxsize=1)
def _lead_list() -> re.Pattern[str]:
    lead = rf"(?:{'|'.join(sorted(LEADS, key=len, reverse=True))})\b"
    return re.compile(rf"\b{lead}(?:(?:, and |, | and ){lead})+")


def items_in(text: str) -> tuple[tuple[int, int], ...]:
    """First and behind-last character of each sentence that `itemised` makes."""
    return tuple(span for span in sentences(text) if text.startswith((GROUP, DIAGNOSIS), span[0]))


def without_begin(sentence: str) -> str:
    """An item's finding alone; any other sentence as it stands."""
    return sentence.removeprefix(GROUP).removeprefix(DIAGNOSIS)


def _items(sentence: str) -> list[str]:
    for begin, pattern in _lists():
        match = pattern.fullmatch(sentence)
        if match is not None:
            names = list(dict.fromkeys(_whole(name) for name in re.split(r", | and ", match.group(1))))
            return [f"{begin}{name}." for name in names] if set(names) <= _names() else []
    return []


def _whole(name: str) -> str:
    """A finding of which the first words are missing, `anterior fascicular block`, as the one that ends so; any other name as it stands."""
    ends = [] if name in _names() else [one for one in _names() if one.endswith(f" {name}")]
    return ends[0] if len(ends) == 1 and " " in name else name


@lru_cache(maxsize=1)
def _lists() -> tuple[tuple[str, re.Pattern[str]], ...]:
    wordings = [
        (GROUP, IMPRESSION.partition("{groups}")),
        *((DIAGNOSIS, one.partition("{names}")) for one in CONCLUSION),
    ]
    return tuple(
        (begin, re.compile(rf"{re.escape(before)}([^.]+){re.escape(behind)}"))
        for begin, (before, _, behind) in wordings
    )


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset({DISTURBED_RHYTHM, *GROUPS.values(), *(label.name for label in LABELS.values())})
