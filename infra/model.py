"""The model that a command or the settings name, or the one that ships, opened; every error is one sentence."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from infra.plan import BadRequest
from infra.settings import RUNTIMES, Settings

if TYPE_CHECKING:
    from engine.answerer import Answerer
    from engine.reader import Reader

log = structlog.get_logger()

NONE = "none"
"""In place of a model: the criteria alone."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which model is wanted, and on what it runs."""

    source: str
    """A folder or a name on the hub; empty: none, the criteria answer alone."""
    runtimes: tuple[str, ...]
    ships: bool = False
    """Whether it is the reference model, because nothing was named."""


def chosen(named: str, settings: Settings) -> Chosen:
    """The model that a command names, else VIGIL_MODEL, else the reference model.

    That one is small: it runs on the CPU by ONNX Runtime unless the settings name a runtime that comes behind the first.
    """
    source = named or settings.model
    if source.lower() == NONE:
        return Chosen("", settings.runtimes)
    if source:
        return Chosen(source, settings.runtimes)
    from engine.tiny_model import folder

    return Chosen(str(folder()), ("onnx",) if settings.runtimes == RUNTIMES else settings.runtimes, ships=True)


def reader_of(source: str, sizes: str = "") -> Reader:
    """The checkpoint in a folder or on the hub; sizes: file or folder with what it does not tell. Raises BadRequest."""
    from engine.gem.checkpoint import open_checkpoint, read_sizes
    from engine.gem.config import BadCheckpoint
    from engine.reader import Reader

    try:
        reader = Reader.of(open_checkpoint(source, read_sizes(sizes) if sizes else None))
        _ = reader.fused
    except (BadCheckpoint, ValueError) as error:
        raise BadRequest(f"model {source}: {error}") from None
    return reader


def answerer_of(wanted: Chosen, sizes: str, settings: Settings) -> Answerer:
    """What the engine worker answers with: the model, and the criteria with a technical alert where it cannot be opened."""
    from engine.answerer import CriteriaAnswerer

    if not wanted.source:
        return CriteriaAnswerer(time.time_ns)
    from engine.gem_answerer import GemAnswerer

    try:
        reader = reader_of(wanted.source, sizes)
    except BadRequest as error:
        log.error("the model cannot be opened", why=str(error))
        return CriteriaAnswerer(time.time_ns, str(error))
    return GemAnswerer(reader, wanted.runtimes, time.time_ns, settings.slots, settings.precision)


def check_model(settings: Settings) -> None:
    """Raises BadRequest where VIGIL_MODEL names something that is no model."""
    wanted = chosen("", settings)
    if wanted.source and not wanted.ships:
        reader_of(wanted.source)
