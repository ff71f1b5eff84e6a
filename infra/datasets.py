"""Public recordings: where they are, unpacked into the cache where they come packed."""

from __future__ import annotations

import argparse
import contextlib
import lzma
import os
import tarfile
import tempfile
from pathlib import Path

from infra.cache import cache_dir
from infra.plan import BadRequest
from infra.settings import Settings

PACK = ".tar.xz"


def folder_of(name: str, data: Path, cache: Path) -> Path:
    """The folder of a database under `data`: as it lies there, else its pack unpacked into the cache; raises BadRequest."""
    if (data / name).is_dir():
        return data / name
    pack = data / f"{name}{PACK}"
    if not pack.is_file():
        raise BadRequest(f"{data} holds neither {name}/ nor {name}.tar.xz: name the folder with --data or VIGIL_DATA")
    stamp = f"{pack.stat().st_size}-{int(pack.stat().st_mtime)}"
    place = cache / "data" / f"{name}-{stamp}"
    if not (place / name).is_dir():
        _unpack(pack, place)
    if not (place / name).is_dir():
        raise BadRequest(f"{pack} holds no folder {name}/ (unpacked in {place}): fetch it again")
    return place / name


def _unpack(pack: Path, place: Path) -> None:
    """Unpack beside `place`, then move there in one step; another process may be doing the same."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{place.name}.", dir=place.parent, ignore_cleanup_errors=True) as part:
        inside = Path(part) / "whole"
        try:
            with tarfile.open(pack) as archive:
                archive.extractall(inside, filter="data")
        except (tarfile.TarError, lzma.LZMAError, EOFError) as error:
            raise BadRequest(f"{pack} cannot be unpacked ({error}): fetch it again") from None
        with contextlib.suppress(OSError):
            inside.rename(place)


def data_folder(chosen: str, settings: Settings) -> Path:
    """The folder of databases that was named; raises BadRequest where there is none."""
    data = Path(chosen) if chosen else settings.data
    if data is None or not data.is_dir():
        where = f"{data} is no folder" if data else "no folder of recordings is named"
        raise BadRequest(f"{where}: use --data or VIGIL_DATA")
    return data


def databases_in(data: Path) -> list[str]:
    """Names of the databases of a folder, unpacked or packed, in order."""
    names = {p.name.removesuffix(PACK) for p in data.iterdir() if p.is_dir() or p.name.endswith(PACK)}
    return sorted(name for name in names if not name.startswith("."))


def records_in(folder: Path) -> list[Path]:
    """WFDB records of a folder, any depth, in order; links to folders are followed."""
    return sorted(
        Path(place) / name.removesuffix(".hea")
        for place, _, names in os.walk(folder, followlinks=True)
        for name in names
        if name.endswith(".hea")
    )


def show(_: argparse.Namespace) -> int:
    """`vigil data list`."""
    settings = Settings.from_environment()
    data = data_folder("", settings)
    for name in databases_in(data):
        print(name)
    cache_dir(settings.cache)
    return 0
