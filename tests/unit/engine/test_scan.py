"""Pictures that people bring: every common kind is opened upright as RGB, everything else is refused in one sentence."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.scan import LONGEST_PX, UnreadablePicture, open_picture


def page() -> Image.Image:
    """Dark upper left quarter on light grey: shows turns and tones."""
    pixels = np.full((120, 200, 3), 230, np.uint8)
    pixels[:60, :100] = 20
    return Image.fromarray(pixels)


def corner_is_dark(picture: Image.Image) -> bool:
    grey = np.asarray(picture.convert("L")).astype(int)
    h, w = grey.shape
    part = grey[5 : h // 2 - 5, 5 : w // 2 - 5], grey[h // 2 + 5 : -5, w // 2 + 5 : -5]
    return bool(part[0].mean() < 60 and part[1].mean() > 200)


@pytest.mark.parametrize("kind", ["png", "jpg", "tif", "webp", "bmp", "gif", "ppm", "jp2"])
def test_common_kinds_are_opened(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"page.{kind}"
    page().save(file)
    opened = open_picture(file)
    assert (opened.mode, opened.size) == ("RGB", (200, 120))
    assert corner_is_dark(opened)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "CMYK", "YCbCr"])
def test_common_colours_are_opened(tmp_path: Path, mode: str) -> None:
    file = tmp_path / ("page.jpg" if mode in ("CMYK", "YCbCr") else "page.png")
    page().convert("RGB" if mode == "P" else "L" if mode in ("LA", "1") else "RGB").convert(mode).save(file)
    opened = open_picture(file)
    assert opened.mode == "RGB"
    assert corner_is_dark(opened)


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photograph_is_turned_as_its_camera_says(tmp_path: Path, turn: int) -> None:
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[turn]
    held = page() if undo is None else page().transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = turn
    held.save(tmp_path / "photo.jpg", exif=exif, quality=95)
    opened = open_picture(tmp_path / "photo.jpg")
    assert opened.size == (200, 120)
    assert corner_is_dark(opened)


def test_sixteen_bits_keep_their_tones(tmp_path: Path) -> None:
    grey = np.asarray(page().convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(tmp_path / "deep.png")
    Image.fromarray(grey).save(tmp_path / "deep.tif")
    Image.fromarray((grey / 65535.0).astype(np.float32)).save(tmp_path / "float.tif")
    for name in ("deep.png", "deep.tif"):
        assert np.abs(np.asarray(open_picture(tmp_path / name)).astype(int)[..., 0] - grey // 257).max() <= 1
    assert corner_is_dark(open_picture(tmp_path / "float.tif"))


def test_what_is_transparent_is_white_paper(tmp_path: Path) -> None:
    clear = page().convert("RGBA")
    clear.putalpha(Image.fromarray(np.where(np.asarray(page().convert("L")) < 100, 255, 0).astype(np.uint8)))
    clear.save(tmp_path / "clear.png")
    pixels = np.asarray(open_picture(tmp_path / "clear.png"))
    assert (pixels[90, 150] == 255).all()
    assert (pixels[20, 20] == 20).all()


def test_of_several_pages_the_first_is_taken(tmp_path: Path) -> None:
    white = Image.new("RGB", (200, 120), "white")
    for name in ("two.tif", "two.gif"):
        page().save(tmp_path / name, save_all=True, append_images=[white])
        assert corner_is_dark(open_picture(tmp_path / name))


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_large_scan_is_made_smaller(tmp_path: Path, kind: str) -> None:
    page().resize((6000, 3600), Image.Resampling.NEAREST).save(tmp_path / f"large.{kind}")
    opened = open_picture(tmp_path / f"large.{kind}")
    assert max(opened.size) <= LONGEST_PX
    assert abs(opened.width / opened.height - 200 / 120) < 0.01
    assert corner_is_dark(opened)


def bomb(file: Path, side: int) -> None:
    """A PNG of a few kB that claims side x side pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


@pytest.mark.parametrize("side", [8_000, 60_000])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, side: int) -> None:
    bomb(tmp_path / "bomb.png", side)
    with pytest.raises(UnreadablePicture, match=r"bomb.png has .* pixels.*scan it at 300 dpi"):
        open_picture(tmp_path / "bomb.png")


def test_what_is_no_picture_is_refused_in_one_sentence(tmp_path: Path) -> None:
    page().save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    cases = {
        "page.pdf": (b"%PDF-1.7\n%...", "a PDF: save its page as a PNG"),
        "renamed.png": (b"%PDF-1.4 ...", "a PDF: save its page as a PNG"),
        "photo.heic": (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC photograph: save it as JPEG"),
        "page.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        "notes.txt": (b"sinus rhythm", "no picture that Vigil knows"),
        "empty.png": (b"", "is empty"),
        "cut.png": (whole[: len(whole) // 2], "damaged or cut short"),
    }
    for name, (content, said) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadablePicture, match=said) as refused:
            open_picture(tmp_path / name)
        assert name in str(refused.value)
        assert "\n" not in str(refused.value)
    Image.new("RGB", (8, 8)).save(tmp_path / "tiny.png")
    for name, said in (("tiny.png", "too few"), ("absent.png", "not there"), (".", "folder")):
        with pytest.raises(UnreadablePicture, match=said):
            open_picture(tmp_path / name)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "PPM", "JPEG2000"])
def test_a_damaged_file_is_opened_or_refused_and_nothing_else(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(0)
    file = tmp_path / "page"
    page().save(file, kind)
    whole = file.read_bytes()
    for turn in range(12):
        harmed = bytearray(whole)
        for at in rng.integers(0, len(whole) if turn % 2 else min(len(whole), 300), 6):
            harmed[at] = int(rng.integers(256))
        file.write_bytes(harmed if turn % 3 else harmed[: int(rng.integers(1, len(harmed)))])
        assert opened_or_refused(file)


def opened_or_refused(file: Path) -> bool:
    """Whether the file gave a picture or a sentence that names it."""
    try:
        return open_picture(file).mode == "RGB"
    except UnreadablePicture as refused:
        return str(file) in str(refused)
