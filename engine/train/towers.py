"""An ECG tower from outside: what the stage `encoder` wrote, or the published pickle of ECG-CoCa."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from torch import Tensor

from engine.gem import layout
from engine.gem.config import LEADS, EcgSizes, GemConfig
from engine.teacher.targets import LABELS, PARAMETERS
from engine.train.needs import Refused
from engine.train.pickled import Pickled
from engine.train.stages import as_dataclass, digest

HEADS = "heads.safetensors"
TOWER = "ecg_tower.safetensors"
FIRST = "first.weight"
"""Key of the heads: what reads the class token."""
CONFIG = "ecg_config"
"""Of the metadata of a safetensors file: the tower's sizes."""
_BLOCK = re.compile(r"transformer\.resblocks\.(\d+)\.")


@dataclass(frozen=True)
class Tower:
    """The weights of an ECG tower, not read yet. keys without the prefix of a checkpoint."""

    file: Path
    sizes: EcgSizes
    shapes: Mapping[str, tuple[int, ...]]
    read: Callable[[str], Tensor]
    digest: str

    def check(self, sizes: EcgSizes) -> None:
        """Refuse a tower of other sizes than these, with one sentence for each fault."""
        wanted = GemConfig(ecg=sizes)
        found = {key: shape for key, shape in layout.expected(wanted).items() if not key.startswith(layout.ECG)}
        found |= {layout.ECG + key: shape for key, shape in self.shapes.items()}
        wrong = layout.check(found, wanted)
        if wrong:
            raise Refused(f"{self.file} holds no ECG tower of these sizes: {'; '.join(wrong)}")


def open_tower(file: Path, pickles: bool, head_width: int = 64) -> Tower:
    """The tower of a file; raises Refused.

    pickles: whether a pickle may be read at all. head_width: of a pickle, which does not tell it (64 in ECG-CoCa).
    """
    if not file.is_file():
        raise Refused(f"--ecg-init {file} is not there")
    with file.open("rb") as stream:
        head = stream.read(2)
    if head in (b"PK", b"\x80\x02"):
        return _of_pickle(file, pickles, head_width)
    return _of_safetensors(file)


def _of_safetensors(file: Path) -> Tower:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "pt") as held:
            told = json.loads((held.metadata() or {}).get(CONFIG, "{}"))
            shapes = {key: tuple(held.get_slice(key).get_shape()) for key in held.keys()}  # noqa: SIM118 - not a dictionary
    except (SafetensorError, OSError, ValueError) as error:
        raise Refused(f"--ecg-init {file} cannot be read ({error}): name ecg_tower.safetensors or a pickle") from None
    if not told:
        raise Refused(f"--ecg-init {file} does not tell its sizes: name the file that the stage encoder wrote")

    def read(key: str) -> Tensor:
        with safe_open(file, "pt") as held:
            tensor: Tensor = held.get_tensor(layout.ECG + key)
        return tensor.float()

    found = {key.removeprefix(layout.ECG): shape for key, shape in shapes.items()}
    return Tower(file, as_dataclass(EcgSizes, told, str(file)), found, read, digest(file))


def _of_pickle(file: Path, pickles: bool, head_width: int) -> Tower:
    held = Pickled(file)
    own = {name.removeprefix("ecg."): name for name in held.stored if name.startswith("ecg.")}
    if not own:
        raise Refused(f"{file} holds no key that begins with ecg.: name the checkpoint of ECG-CoCa")
    shapes = {key: held.stored[name].shape for key, name in own.items()}
    if not pickles:
        listed = ", ".join(f"{key} {'x'.join(map(str, shape))}" for key, shape in list(shapes.items())[:4])
        raise Refused(
            f"--ecg-init {file} is a pickle with {len(own)} tensors of an ECG tower ({listed}, ...) among "
            f"{len(held.stored)}: give --pickle too to have these read; nothing that the file names is run"
        )
    return Tower(file, _sizes(file, shapes, head_width), shapes, lambda key: held.read(own[key]), digest(file))


def listed(tower: Tower) -> str:
    """Every key of a tower with its shape, one a line."""
    return "\n".join(f"{key} {'x'.join(map(str, shape))}" for key, shape in tower.shapes.items())


def _sizes(file: Path, shapes: Mapping[str, tuple[int, ...]], head_width: int) -> EcgSizes:
    """What the shapes tell of a tower of patches."""
    first, inner = shapes.get("conv1.weight", ()), shapes.get("transformer.resblocks.0.mlp.c_fc.weight", ())
    if len(first) != 3 or first[1:] != (LEADS, 50) or len(inner) != 2:
        raise Refused(f"{file}: conv1.weight is {'x'.join(map(str, first)) or 'absent'} and should be widthx12x50")
    if first[0] % head_width:
        raise Refused(
            f"{file}: its width {first[0]} is no multiple of {head_width}: name the head's width with --sizes"
        )
    blocks = {int(found[1]) for key in shapes if (found := _BLOCK.match(key))}
    embed = shapes["proj"][1] if len(shapes.get("proj", ())) == 2 else 0
    return EcgSizes("patch50", first[0], len(blocks), head_width, inner[0], embed)


def write_tower(folder: Path, sizes: EcgSizes, tower: Mapping[str, Tensor], heads: Mapping[str, Tensor]) -> None:
    """Write a tower under the layout's keys, and its heads beside it."""
    from safetensors.torch import save_file

    named = {layout.ECG + key: tensor for key, tensor in tower.items()}
    names = {"labels": ",".join(LABELS), "parameters": ",".join(PARAMETERS)}
    for name, tensors, told in (
        (HEADS, heads, names), (TOWER, named, {CONFIG: json.dumps(msgspec.to_builtins(sizes))}),
    ):  # fmt: skip
        part = folder / f"{name}.part"
        save_file({k: t.detach().float().cpu().contiguous() for k, t in tensors.items()}, part, told)
        part.replace(folder / name)


def heads_of_labels(folder: Path, file: Path) -> None:
    """Write the part of the heads beside a tower that tells labels, for whoever runs the tower without torch; raises Refused."""
    from safetensors.torch import save_file

    beside = heads_beside(folder / TOWER)
    if beside is None:
        raise Refused(f"{folder} has no {HEADS}: name the folder that a stage of the ECG tower wrote")
    count = len(LABELS)
    kept = {k: t for k, t in beside.items() if k.partition(".")[0] in ("norm", "pools", "labels")}
    kept |= {k: t[:count].contiguous() for k, t in beside.items() if k.startswith("first.")}
    save_file(kept, file, {"labels": ",".join(LABELS)})


def heads_beside(file: Path) -> dict[str, Tensor] | None:
    """The heads that lie beside a tower, None where there are none; raises Refused where they are of other labels."""
    from safetensors import SafetensorError, safe_open

    place = file.parent / HEADS
    if not place.is_file():
        return None
    try:
        with safe_open(place, "pt") as held:
            told = held.metadata() or {}
            found = {key: held.get_tensor(key) for key in held.keys()}  # noqa: SIM118 - not a dictionary
    except (SafetensorError, OSError) as error:
        raise Refused(f"{place} cannot be read ({error}): remove it to begin with new heads") from None
    if (told.get("labels"), told.get("parameters")) != (",".join(LABELS), ",".join(PARAMETERS)):
        raise Refused(f"{place} tells other labels than this Vigil teaches: remove it to begin with new heads")
    if FIRST not in found:
        raise Refused(f"{place} reads no class token, as those of this Vigil do: remove it to begin with new heads")
    return found
