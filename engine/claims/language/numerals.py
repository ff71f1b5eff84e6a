"""Numbers in words: `seventy-two`, `one hundred and forty`, `three and a half`, `a quarter of a`."""

from __future__ import annotations

import re

_SMALL = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_PARTS = {"half": 0.5, "quarter": 0.25, "third": 1 / 3, "tenth": 0.1, "fifth": 0.2}
_UNIT, _TEN = "|".join(_SMALL), "|".join(_TENS)
_UNDER_HUNDRED = rf"(?:(?:{_TEN})(?:[- ](?:{_UNIT}))?|{_UNIT})"
NUMERAL = (
    rf"(?:(?:(?:a|one|{_UNIT}) hundred(?: (?:and )?{_UNDER_HUNDRED})?|{_UNDER_HUNDRED})(?: and an? (?:half|quarter))?(?: point (?:{_UNIT}))?"
    r"|(?:a |one )?(?:half|quarter)(?: of)?(?: an?)?|(?:a|one) (?:third|tenth|fifth) of an?)"
)
"""A number in words, in small letters."""


def value_of(words: str) -> float:
    """The number that a text of the form NUMERAL means."""
    if words.lower().startswith("minus "):
        return -value_of(words[6:])
    said = re.split(r"[- ]+", words.lower())
    if "point" in said:
        before, tenth = said[: said.index("point")], said[said.index("point") + 1]
        return value_of(" ".join(before)) + _SMALL[tenth] / 10.0
    whole, part = 0.0, 0.0
    for word in said:
        if word == "hundred":
            whole = (whole or 1.0) * 100.0
        else:
            whole += _SMALL.get(word, 0) + _TENS.get(word, 0)
            part += _PARTS.get(word, 0.0)
    if part and not re.search(r" and an? ", words.lower()):
        return part
    return whole + part
