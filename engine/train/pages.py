"""The image tower as a task: taught by pages of simulated records, so that the decoder need not teach it to see."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.aged import Wear, aged_page
from engine.gem.config import VisionSizes
from engine.gem.layout import VISION
from engine.gem.vision_tower import VisionTower
from engine.image_values import ImageValues
from engine.page import GEM_PAGE, PAGE_INCHES, at_resolution, draw_page
from engine.prepare import prepare_page
from engine.teacher.record import Taught, draw
from engine.teacher.targets import FAR, LABELS, PARAMETERS, standardised
from engine.train.heads import Heads
from engine.train.loop import Learnt
from engine.train.needs import Refused
from engine.train.place import Place
from engine.train.stages import PageStage, as_dataclass, digest
from engine.train.taught import TaughtTower, known_cross_entropy, known_smooth_l1

PAGE_TOWER, PAGE_HEADS = "page_tower.safetensors", "page_heads.safetensors"
CONFIG = "vision_config"
"""Of the metadata of a file: the tower's sizes."""
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A page as the image tower reads it, (3, side, side), and what is known of its record."""

    page: Floats
    labels: Floats
    parameters: Floats


def page_of(signal: Floats, measured: NDArray[np.bool_], stage: PageStage, seed: int) -> Floats:
    """The page of a signal (12, 5000) as this stage would show it: new or worn, by the seed."""
    side = stage.tower.image
    dpi = stage.page_scale * side / PAGE_INCHES
    if np.random.default_rng((seed, 7)).random() < stage.new_pages:
        picture = draw_page(signal, measured, at_resolution(GEM_PAGE, dpi))
    else:
        picture = aged_page(signal, measured, seed, Wear(), dpi)
    view: Floats = prepare_page(picture, ImageValues(side, side))[0]
    return view


def drawing(stage: PageStage) -> Callable[[int], Drawn]:
    """What draws the record and the page of a seed."""

    def one(seed: int) -> Drawn:
        taught: Taught = draw(seed)
        numbers = np.clip(standardised(taught.parameters), -FAR, FAR)
        return Drawn(page_of(taught.signal, taught.mask, stage, seed), taught.labels, np.asarray(numbers, np.float32))

    return one


class Pages(TaughtTower[VisionTower, Drawn]):
    """Trains tower and heads; a `loop.Task`."""

    def __init__(self, tower: VisionTower, heads: Heads, stage: PageStage, place: Place, workers: int) -> None:
        super().__init__(tower, heads, stage, place, (workers, drawing, (stage,)))
        self._stage = stage

    def learn(self, step: int) -> Learnt:
        """Gradients of a step."""
        stage, place = self._stage, self._place
        drawn = self._ahead.of(step)
        pages, labels, numbers = (
            torch.from_numpy(np.stack(rows)).to(place.device)
            for rows in zip(*((one.page, one.labels, one.parameters) for one in drawn), strict=True)
        )
        with place.computing():
            told, guessed = self.heads(self.tower(pages))
        terms = {
            "taught": stage.label_weight * known_cross_entropy(told, labels),
            "parameters": known_smooth_l1(guessed, numbers),
        }
        return self._learnt(terms, stage.taught)


# files ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PageTower:
    """An image tower that was trained alone, read."""

    sizes: VisionSizes
    weights: Mapping[str, Tensor]
    """By the names of `VisionTower`."""
    digest: str

    def into(self, tower: VisionTower, where: str) -> None:
        """Put the weights into a tower; raises Refused where it has other sizes."""
        if tower.sizes != self.sizes:
            raise Refused(f"{where} holds an image tower of other sizes: {self.sizes}, not {tower.sizes}")
        own = dict(tower.named_parameters())
        with torch.no_grad():
            for name, tensor in self.weights.items():
                own[name].copy_(tensor)


def key_of(name: str) -> str:
    """The layout's key of a weight of `VisionTower`."""
    return VISION + name.removeprefix("clip.").removeprefix("vision_model.")


def write_pages(folder: Path, sizes: VisionSizes, tower: Mapping[str, Tensor], heads: Mapping[str, Tensor]) -> None:
    """Write a tower under the layout's keys, and its heads beside it."""
    from safetensors.torch import save_file

    named = {key_of(name): tensor for name, tensor in tower.items()}
    names = {"labels": ",".join(LABELS), "parameters": ",".join(PARAMETERS)}
    told = {CONFIG: json.dumps(msgspec.to_builtins(sizes))}
    for file, tensors, metadata in ((PAGE_HEADS, heads, names), (PAGE_TOWER, named, told)):
        part = folder / f"{file}.part"
        save_file({k: t.detach().float().cpu().contiguous() for k, t in tensors.items()}, part, metadata)
        part.replace(folder / file)


def read_pages(file: Path) -> PageTower:
    """The image tower of a file that the stage `page` wrote; raises Refused."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "pt") as held:
            told = json.loads((held.metadata() or {}).get(CONFIG, "{}"))
            found = {key: held.get_tensor(key).float() for key in held.keys()}  # noqa: SIM118 - not a dictionary
    except (SafetensorError, OSError, ValueError) as error:
        raise Refused(f"--page-init {file} cannot be read ({error}): name {PAGE_TOWER} of the stage page") from None
    if not told:
        raise Refused(f"--page-init {file} does not tell its sizes: name {PAGE_TOWER} of the stage page")
    sizes = as_dataclass(VisionSizes, told, str(file))
    names = {key_of(name): name for name, _ in VisionTower(sizes).named_parameters()}
    if set(names) != set(found):
        raise Refused(f"--page-init {file} holds no image tower of the sizes that it tells")
    return PageTower(sizes, {names[key]: tensor for key, tensor in found.items()}, digest(file))
