"""What a command that failed says: one sentence that a person can act on, and where a fault of ours is kept."""

from __future__ import annotations

import argparse
import contextlib
import traceback


def fault(args: argparse.Namespace, error: Exception) -> str:
    """The sentence for a fault of Vigil's own, which is kept whole in the log of its data folder, where there is one."""
    from infra.processes import data_dir
    from infra.settings import Settings

    text = " ".join(str(error).split())[:400]
    said = f"a fault of Vigil's own ({type(error).__name__}: {text})"
    if args.debug:
        return said
    with contextlib.suppress(Exception):
        log = data_dir(args, Settings.from_environment()) / "logs" / "faults.log"
        with log.open("a") as out:
            traceback.print_exc(file=out)
        return f"{said}: {log} says where"
    return f"{said}: --debug shows where"


def sentence(error: Exception) -> tuple[int, str] | None:
    """Exit code and sentence for what a person can do something about; None for a fault of Vigil's own."""
    from engine.gem.config import BadCheckpoint
    from engine.runtime import RuntimeAway
    from infra.cache import Missing
    from infra.plan import BadRequest
    from infra.services import NotRunning
    from infra.settings import BadSetting

    text = " ".join(str(error).split())[:400]
    if isinstance(error, BadRequest | BadSetting | BadCheckpoint):
        return 2, text
    if isinstance(error, Missing | NotRunning | RuntimeAway):
        return 1, text
    if isinstance(error, OSError):
        return 1, f"{error.filename}: {error.strerror}" if error.filename and error.strerror else text
    kind = type(error)
    if any(base.__module__.startswith(("kafka.", "aiokafka.")) for base in kind.__mro__):
        return 1, f"Kafka does not do what was asked ({kind.__name__}): {text}"
    if kind.__name__ in ("Away", "NotTaken") or any(base.__module__.startswith("sqlalchemy.") for base in kind.__mro__):
        return 1, f"the database does not do what was asked: {text}"
    return None
