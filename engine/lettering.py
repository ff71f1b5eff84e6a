"""Words on a picture: what Pillow's own letters can show, broken into lines, and numbered badges."""

from __future__ import annotations

import unicodedata
from typing import Any

from PIL import ImageDraw

from engine.paper import Colour, font

INK: Colour = (24, 28, 36)
QUIET: Colour = (104, 112, 124)
FAINT: Colour = (206, 211, 218)
_SPELLED = str.maketrans(
    {
        "\N{GREATER-THAN OR EQUAL TO}": ">=",
        "\N{LESS-THAN OR EQUAL TO}": "<=",
        "\N{MICRO SIGN}": "u",
        "\N{GREEK SMALL LETTER MU}": "u",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MINUS SIGN}": "-",
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    }
)


def plain(text: str) -> str:
    """The text in the letters that are at hand; a letter without its accent where it has one, else a question mark."""
    bare = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    kept = "".join(c for c in bare if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else " " if c.isspace() else "?" for c in kept)


def broken(text: str, size: float, width: float) -> list[str]:
    """The text in lines of at most that width; a word that is too long is cut."""
    letters, lines = font(size), [""]
    for word in plain(text).split():
        while letters.getlength(word) > width and len(word) > 1:
            fits = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or letters.getlength(word[:n]) <= width)
            lines += [word[:fits], ""] if not lines[-1] else ["", word[:fits], ""][1:]
            word = word[fits:]
        longer = f"{lines[-1]} {word}".strip()
        if letters.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


class Pen:
    """Writes lines below each other; `y` is where the next one begins. Without a picture it only counts the height."""

    def __init__(self, draw: ImageDraw.ImageDraw | None, x: float, y: float, width: float) -> None:
        self.draw, self.x, self.y, self.width = draw, x, y, width

    def write(self, text: str, size: float, colour: Colour = INK, bold: bool = False, leading: float = 1.32) -> None:
        """A paragraph at this size in pixels."""
        for line in broken(text, size, self.width):
            if self.draw is not None:
                stroke: Any = 0.5 if bold else 0
                self.draw.text((self.x, self.y), line, fill=colour, font=font(size), stroke_width=stroke)
            self.y += size * leading

    def skip(self, height: float) -> None:
        """Leave a space."""
        self.y += height


def badge(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, text: str, colour: Colour) -> None:
    """A filled disc around (x, y) with a number in it."""
    half = size / 2
    draw.ellipse((x - half, y - half, x + half, y + half), fill=colour)
    draw.text((x, y), text, fill=(255, 255, 255), font=font(size * 0.62), anchor="mm", stroke_width=0.4)
