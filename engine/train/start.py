"""What a training starts from: released weights, ours, or none; and what of it is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from engine.gem import layout
from engine.gem.checkpoint import Checkpoint
from engine.gem.config import EcgSizes, GemConfig, LlamaSizes, Tokens, VisionSizes, read_config, write_config
from engine.gem.ecg_tower import EcgTower
from engine.gem.model import Gem, load
from engine.gem.words import Words, read_words
from engine.image_values import ImageValues
from engine.train.needs import Refused
from engine.train.pages import PageTower
from engine.train.stages import PARTS, Stage, as_dataclass, digest, read_toml
from engine.train.towers import Tower

_OF_CONFIG = ("projector", "longest", "aspect", "dtype", "name")


@dataclass(frozen=True)
class Start:
    """A model before its training, in float32 on the CPU."""

    gem: Gem
    rest: Mapping[str, NDArray[Any]]
    """Weights of the layout that the model does not compute with."""
    tokenizer: Path
    """The folder of its files."""
    words: Words
    fresh: tuple[str, ...]
    """Parts that were initialised from the seed."""
    origin: Mapping[str, str]
    """Digests of what it was made of."""

    @property
    def config(self) -> GemConfig:
        return self.gem.config


def from_checkpoint(checkpoint: Checkpoint, tower: Tower | None, ecg: EcgSizes | None, seed: int) -> Start:
    """The model of a checkpoint; of LLaVA and PULSE with an ECG tower and its projector added.

    tower: weights for the ECG tower; ecg: its sizes where neither tells them. Raises Refused or BadCheckpoint.
    """
    if tower is not None and checkpoint.config.ecg is not None:
        tower.check(checkpoint.config.ecg)
    gem, fresh = load(checkpoint), []
    if checkpoint.config.ecg is None:
        sizes = tower.sizes if tower is not None else ecg or EcgSizes()
        torch.manual_seed(seed)
        gem.ecg, gem.ecg_projector = EcgTower(sizes), nn.Linear(sizes.width, checkpoint.config.vision.hidden)
        name = f"gem-{checkpoint.config.name.rpartition('/')[2] or checkpoint.config.layout}"
        gem.config = replace(checkpoint.config, layout="gem", ecg=sizes, aspect="ori", name=name)
        fresh = ["ecg_tower", "ecg_projector"]
    origin = {"checkpoint": checkpoint.digest}
    if tower is not None:
        _put(gem, tower, fresh, origin)
    return Start(gem, _Kept(checkpoint, gem.config), checkpoint.folder, checkpoint.words, tuple(fresh), origin)


def new(file: Path, tower: Tower | None, seed: int, page: PageTower | None = None) -> Start:
    """A model of the sizes in a TOML or JSON file, its weights drawn from the seed; raises Refused or BadCheckpoint.

    The file has the tables `llama`, `vision` and `ecg` with the fields of engine.gem.config, and `tokenizer`, a folder
    beside it; `image` is the side of a page in pixels and follows `vision.image` where it is not told.
    """
    table = read_toml(file)
    config, tokenizer = _config(file, table, tower)
    words = read_words(tokenizer, config.tokens.begin, config.tokens.end)
    if tower is not None:
        assert config.ecg is not None
        tower.check(config.ecg)
    torch.manual_seed(seed)
    gem, fresh = Gem(config), list(PARTS)
    origin = {"sizes": digest(file)}
    for name in ("tokenizer.json", "tokenizer.model"):
        if (tokenizer / name).is_file():
            origin[name] = digest(tokenizer / name)
    if tower is not None:
        _put(gem, tower, fresh, origin)
    if page is not None:
        page.into(gem.vision, "--page-init")
        fresh.remove("vision_tower")
        origin["vision_tower"] = page.digest
    return Start(gem, _Zeros(config), tokenizer, words, tuple(fresh), origin)


def usable(start: Start, stage: Stage) -> None:
    """Refuse a stage that would keep a part as chance made it."""
    frozen = [part for part in start.fresh if part not in stage.rates]
    if frozen:
        how = " or give --ecg-init" if "ecg_tower" in frozen else ""
        raise Refused(f"stage {stage.name} leaves {' and '.join(frozen)} as chance made it: name its rate{how}")


def _put(gem: Gem, tower: Tower, fresh: list[str], origin: dict[str, str]) -> None:
    """Weights of a tower into the model's."""
    with torch.no_grad():
        for key, tensor in gem.ecg.state_dict().items():
            tensor.copy_(tower.read(key))
    origin["ecg_tower"] = tower.digest
    if "ecg_tower" in fresh:
        fresh.remove("ecg_tower")


def _config(file: Path, table: Mapping[str, Any], tower: Tower | None) -> tuple[GemConfig, Path]:
    known = {"tokenizer", "llama", "ecg", "vision", "image", "tokens", *_OF_CONFIG}
    strange = [name for name in table if name not in known]
    if strange:
        raise Refused(f"{file}: there is no field {strange[0]}; those are {', '.join(sorted(known))}")
    for name in ("tokenizer", "llama", "vision"):
        if name not in table:
            raise Refused(f"{file} has no {name}: a new model needs tokenizer (a folder), llama and vision (sizes)")
    if "ecg" not in table and tower is None:
        raise Refused(f"{file} has no ecg: name the sizes of the ECG tower, or one with --ecg-init")
    vision = as_dataclass(VisionSizes, table["vision"], f"{file}, vision")
    side = int(table.get("image", vision.image))
    llama = as_dataclass(LlamaSizes, table["llama"], f"{file}, llama")
    config = GemConfig(
        llama=llama,
        ecg=as_dataclass(EcgSizes, table["ecg"], f"{file}, ecg") if "ecg" in table else tower.sizes,  # type: ignore[union-attr]
        vision=vision,
        image=ImageValues(side, side),
        tokens=as_dataclass(Tokens, table.get("tokens", {}), f"{file}, tokens"),
        **{"longest": llama.positions, "dtype": "float32", "name": file.stem, **{k: table[k] for k in _OF_CONFIG if k in table}},
    )  # fmt: skip
    return read_config(write_config(config)), file.parent / str(table["tokenizer"])


class _Kept(Mapping[str, NDArray[Any]]):
    """Weights of a checkpoint that no part of the model computes with."""

    def __init__(self, checkpoint: Checkpoint, config: GemConfig) -> None:
        self._checkpoint = checkpoint
        self._keys = layout.expected(config)

    def __getitem__(self, key: str) -> NDArray[Any]:
        return np.asarray(self._checkpoint.numpy(key), np.float32)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class _Zeros(Mapping[str, NDArray[Any]]):
    """The same of a new model: zeros."""

    def __init__(self, config: GemConfig) -> None:
        self._shapes = layout.expected(config)

    def __getitem__(self, key: str) -> NDArray[Any]:
        return np.zeros(self._shapes[key], np.float32)

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)
