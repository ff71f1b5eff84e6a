"""The model that a command or the settings name, opened; every error is one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.plan import BadRequest
from infra.settings import Settings

if TYPE_CHECKING:
    from engine.reader import Reader


def reader_of(source: str, sizes: str = "") -> Reader:
    """The checkpoint in a folder or on the hub; sizes: file or folder with what it does not tell. Raises BadRequest."""
    from engine.gem.checkpoint import open_checkpoint, read_sizes
    from engine.gem.config import BadCheckpoint
    from engine.reader import Reader

    try:
        return Reader.of(open_checkpoint(source, read_sizes(sizes) if sizes else None))
    except BadCheckpoint as error:
        raise BadRequest(f"model {source}: {error}") from None


def check_model(settings: Settings) -> None:
    """Raises BadRequest where VIGIL_MODEL names something that is no model."""
    if settings.model:
        reader_of(settings.model)
