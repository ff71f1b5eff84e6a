"""Child processes that never outlive Vigil: foreground, logged, ended when the parent dies."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
LOG_BYTES = 16 << 20
"""Of one log, and of the one before it."""


def _die_with_parent(parent: int, account: tuple[int, int] | None) -> Callable[[], None] | None:
    """What runs in the child before exec: own process group, other account if asked, then death with the parent.

    A change of account clears the parent-death signal, so it is set last. Only Linux knows it, and only Linux is supported.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        # signals and numerics of patients are nobody else's, whatever the data folder allows
        os.umask(0o077)
        if account is not None:
            os.setgroups([])
            os.setgid(account[1])
            os.setuid(account[0])
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def spawn(
    argv: Sequence[str],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    account: tuple[int, int] | None = None,
    cwd: str | None = None,
    pipe: bool = False,
    passed: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child whose stderr (and stdout, unless `pipe`) goes to `log`; it dies with this thread's process.

    account: (uid, gid) to run as. passed: descriptors that it shares under their numbers. The parent-death signal belongs to the starting thread: start children from one that
    lives as long as the process.
    """
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if pipe else out,
            stderr=out,
            env=dict(environment) if environment is not None else None,
            cwd=cwd,
            start_new_session=True,
            pass_fds=tuple(passed),
            preexec_fn=_die_with_parent(os.getpid(), account),
        )


def shorten(folder: Path) -> None:
    """Begin every log of a folder anew that is too long, while it is written to; of earlier lines one file is kept."""
    for log in folder.glob("*.log"):
        try:
            if log.stat().st_size > LOG_BYTES:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)
        except OSError:
            # a disk that is full, or a folder that went: the alarms go on, and the next look may do better
            continue


def stop(process: subprocess.Popen[bytes], how: int = signal.SIGTERM, wait_s: float = 8.0) -> None:
    """Ask a child to end, and end it where it does not within `wait_s`."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
