"""The signal path compiled once for a whole run of the tests, by one process, while those run that do not need it."""

from __future__ import annotations

import atexit
import fcntl
import gc
import os
import subprocess
import sys
from pathlib import Path

from infra.compiled import find_compiled

find_compiled()


def compile_all() -> None:
    """Compile the signal path, or load it where that was done."""
    from ingest.scenario import SCENARIOS
    from ingest.simulator import simulate
    from stream.offline import analyse

    analyse(simulate(SCENARIOS["asystole"], 18.0, seed=1))


def begin_compiling() -> None:
    """Compile in a process of its own, which holds the lock for as long as it lives."""
    lock = os.open(_lock(), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.compiling"], pass_fds=[lock], cwd=Path(__file__).parents[1]
    )
    os.close(lock)
    atexit.register(process.wait)


def await_compiled() -> None:
    """Wait until nobody compiles; what the process failed to compile, its callers compile and see why."""
    with _lock().open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)


def await_compiled_before_compiling() -> None:
    """Let numba itself wait: what this process is about to compile is mostly compiled by then."""
    from numba.core import event

    class Waiting(event.Listener):
        def on_start(self, _: event.Event) -> None:
            await_compiled()

        def on_end(self, _: event.Event) -> None:
            """Nothing is to be done."""

    event.register("numba:compile", Waiting())


def _lock() -> Path:
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "compiling"


if __name__ == "__main__":
    gc.disable()  # a compiler makes much that lives until its end
    compile_all()
