"""Where compiled signal code is kept, and for how long."""

import os
import time
from pathlib import Path

from infra.compiled import UNUSED_S, compiled_cache, forget_unused


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
