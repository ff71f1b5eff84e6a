"""Where compiled signal code is kept, and for how long."""

import os
import time
from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator

import stream
from infra.compiled import UNUSED_S, compiled_cache, forget_unused, is_compiled


def test_versions_that_nobody_starts_with_are_forgotten_and_the_own_one_never_is(tmp_path: Path) -> None:
    own = compiled_cache(tmp_path)
    recent, old = own.parent / "recent", own.parent / "old"
    for folder, age_s in ((own, 2 * UNUSED_S), (recent, UNUSED_S - 60.0), (old, UNUSED_S + 60.0)):
        (folder / "stream_1").mkdir(parents=True)
        (folder / "stream_1" / "code.nbi").touch()
        os.utime(folder, (time.time() - age_s,) * 2)
    forget_unused(own)
    assert sorted(own.parent.iterdir()) == sorted([own, recent])
    assert (own / "stream_1" / "code.nbi").exists()
    assert time.time() - own.stat().st_mtime < 60.0


def test_a_folder_is_made_where_nothing_was_compiled_yet(tmp_path: Path) -> None:
    own = compiled_cache(tmp_path)
    forget_unused(own)
    assert list(own.parent.iterdir()) == [own]


def test_code_that_another_checkout_compiled_is_not_that_of_this_one(tmp_path: Path) -> None:
    own = compiled_cache(tmp_path)
    other, this = own / "stream_1", own / UserProvidedCacheLocator.get_suitable_cache_subpath(stream.__file__)
    for folder in (other, this):
        folder.mkdir(parents=True)
    (other / "code.nbi").touch()
    assert not is_compiled(own)
    (this / "code.nbi").touch()
    assert is_compiled(own)


def test_a_cache_that_cannot_be_made_or_looked_through_keeps_nobody_from_starting(tmp_path: Path) -> None:
    (tmp_path / "compiled").touch()
    forget_unused(compiled_cache(tmp_path))
    assert not is_compiled(compiled_cache(tmp_path))
