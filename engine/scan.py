"""A page that somebody scanned or photographed: opened with care, whatever the file claims to be."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 60_000_000
"""A sheet of 11 x 8.5 inches at 800 dpi; more is no page, or one made to fill the memory (0.7 GB with transparency)."""
MOST_JPEG_PIXELS = 170_000_000
"""Photographs of this size are unpacked at a half or a quarter."""
MOST_BYTES = 256 * 1024 * 1024
LONGEST_PX = 4400
"""A larger picture is made smaller: at twice the resolution of the model's own page nothing is lost."""
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "PPM", "JPEG2000", "AVIF")
_NAMED = "give it as PNG, JPEG or TIFF"
_FOREIGN = (
    (b"%PDF", 0, "a PDF: save its page as a PNG of 200 dpi and give that"),
    (b"ftyphei", 4, "an HEIC photograph: save it as JPEG and give that"),
    (b"ftypmif1", 4, "an HEIF photograph: save it as JPEG and give that"),
    (b"<svg", 0, "a drawing (SVG): save it as a PNG of 200 dpi and give that"),
    (b"%!PS", 0, "PostScript: save its page as a PNG of 200 dpi and give that"),
)


class UnreadablePicture(ValueError):
    """A file that is no picture of a page; one sentence that names it and says what to do."""


def open_picture(path: str | Path) -> Image.Image:
    """The first page of a picture file as upright RGB, at most 4400 px long; transparency becomes white paper.

    Raises UnreadablePicture for what cannot be read, is no picture or would not fit the memory.
    """
    file = Path(path)
    _look(file)
    try:
        with warnings.catch_warnings():
            # what is too large is refused below, before it is unpacked
            warnings.simplefilter("ignore")
            Image.init()
            with Image.open(file, formats=[kind for kind in _FORMATS if kind in Image.OPEN]) as picture:
                return _upright(picture, file)
    except UnreadablePicture:
        raise
    except Image.DecompressionBombError:
        raise _too_large(file) from None
    except UnidentifiedImageError:
        raise UnreadablePicture(f"{file} is no picture that Vigil knows: {_NAMED}") from None
    except MemoryError:
        raise _too_large(file) from None
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise UnreadablePicture(f"{file} is damaged or cut short ({reason}): scan it again") from error


def _look(file: Path) -> None:
    """Refuse by the file's place, size and first bytes."""
    try:
        size = file.stat().st_size
        if file.is_dir():
            raise UnreadablePicture(f"{file} is a folder: name the picture in it")
        with file.open("rb") as stream:
            head = stream.read(64)
    except FileNotFoundError:
        raise UnreadablePicture(f"{file} is not there: name a picture of an ECG page") from None
    except OSError as error:
        raise UnreadablePicture(f"{file} cannot be read: {error.strerror or error}") from None
    if size == 0:
        raise UnreadablePicture(f"{file} is empty: {_NAMED}")
    for mark, at, what in _FOREIGN:
        if head[at : at + len(mark)] == mark:
            raise UnreadablePicture(f"{file} is {what}")
    if size > MOST_BYTES:
        raise UnreadablePicture(f"{file} has {size / 2**20:.0f} MB, more than a page needs: scan it at 300 dpi")


def _too_large(file: Path, size: tuple[int, int] | None = None) -> UnreadablePicture:
    what = f"{size[0]} x {size[1]} pixels" if size else "more pixels than can be held"
    return UnreadablePicture(f"{file} has {what}, more than a page needs: scan it at 300 dpi")


def _upright(picture: Image.Image, file: Path) -> Image.Image:
    photograph = picture.format in ("JPEG", "MPO")
    if picture.width * picture.height > (MOST_JPEG_PIXELS if photograph else MOST_PIXELS):
        raise _too_large(file, picture.size)
    if min(picture.size) < 32:
        raise UnreadablePicture(f"{file} has {picture.width} x {picture.height} pixels, too few for a page: scan it")
    if photograph:
        picture.draft(None, (LONGEST_PX, LONGEST_PX))
    picture.load()
    ImageOps.exif_transpose(picture, in_place=True)
    return _on_white(_eight_bits(_smaller(picture)))


def _smaller(picture: Image.Image) -> Image.Image:
    longest = max(picture.size)
    if longest <= LONGEST_PX:
        return picture
    size = (max(1, round(picture.width * LONGEST_PX / longest)), max(1, round(picture.height * LONGEST_PX / longest)))
    if picture.mode in ("P", "1", "PA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info or picture.mode == "PA" else "RGB")
    filtered = Image.Resampling.NEAREST if picture.mode.startswith("I;") else Image.Resampling.BOX
    return picture.resize(size, filtered)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits as 8: by its type where that is known, else from its darkest to its brightest point."""
    if picture.mode not in ("I", "F") and not picture.mode.startswith("I;"):
        return picture
    grey = np.asarray(picture, np.float32)
    if not np.isfinite(grey).all():
        grey = np.nan_to_num(grey, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(grey.min()), float(grey.max())
    if picture.mode != "F" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0 if high > 255 else 255.0
    scaled = (grey - low) * (255.0 / (high - low)) if high > low else np.zeros_like(grey)
    return Image.fromarray(np.rint(scaled).astype(np.uint8))


def _on_white(picture: Image.Image) -> Image.Image:
    """RGB; what is transparent shows white paper."""
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        paper = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        paper.alpha_composite(clear)
        return paper.convert("RGB")
    return picture.convert("RGB")
