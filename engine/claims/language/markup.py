"""What a text is written in, taken off in one place: fancy characters, markdown, list numbers; and where its sentences end.

Every character is replaced by one character, so that places stay those of the text.
"""

from __future__ import annotations

import re
from functools import lru_cache

_HYPHENS = (0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212)
_BLANKS = (0xA0, 0x2009, 0x202F)
_TICKS = (0x2019, 0x2018, 0x2032)
_DROPPED = '*_\t#`“”„«»"'
"""Of markdown and quotation: what is quoted is said all the same."""
_END = (
    r"(?<![\s.][A-Za-z])(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bProf)(?<!vent)(?<!Vent)(?<!VENT)(?<!neg)(?<!Neg)(?<!approx)(?<!Approx)"
    r"(?<!resp)(?<!Frid)(?<!vs)(?<!min)(?<!i\.e)(?<!e\.g)[.!?]+(?=\s|$|\))|(?<=[\dIVRLF])\.(?=\s|$)|\n+|(?<=sec)\.(?=\s)"
    r"|(?<=\s)(?=[-•]\s+[A-Z][\w/ -]{1,24}:\s)|(?<=\s)(?=•\s)"
)
_NUMBERED = re.compile(r"(?:\d{1,2}[.)]|[-•o])\s(?!\d)")


def _table() -> dict[int, str]:
    return (
        dict.fromkeys(_HYPHENS, "-")
        | dict.fromkeys(_BLANKS, " ")
        | dict.fromkeys(_TICKS, "'")
        | {ord(char): " " for char in _DROPPED}
        | {0x2248: "~"}
    )


@lru_cache(maxsize=1)
def _patterns() -> tuple[dict[int, str], re.Pattern[str]]:
    return _table(), re.compile(_END)


def plain(text: str) -> str:
    """The text with one plain character for each fancy one and a blank for each of its markdown."""
    return text.translate(_patterns()[0])


def sentences(text: str) -> list[tuple[int, int]]:
    """First and behind-last character of each sentence or line of the text that is not blank, without the number of a list."""
    found, start = [], 0
    for match in _patterns()[1].finditer(text):
        # `1. Rate` begins a list, it ends no sentence
        if text[match.start()] == "." and re.fullmatch(r"\s*\d{1,2}", text[start : match.start()]):
            continue
        found.append((start, match.end()))
        start = match.end()
    found.append((start, len(text)))
    return [span for a, b in found if (span := _trimmed(text, a, b))[0] < span[1]]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    number = _NUMBERED.match(text, start, end)
    return (start if number is None else number.end()), end
