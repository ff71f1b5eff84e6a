"""What a broken-off training goes on from: one safetensors file that is replaced in one step. Nothing is pickled."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.train.needs import Refused

STATE = "state.safetensors"
_TOLD = "told"
_KEPT = ("step", "exp_avg", "exp_avg_sq")
"""Of AdamW."""


def save(file: Path, tensors: Mapping[str, Tensor], told: Mapping[str, Any]) -> None:
    """Write tensors and plain values; what was there before stays until the new file is whole on the disk."""
    from safetensors.torch import save_file

    part = file.with_name(f"{file.name}.part")
    save_file({k: t.detach().contiguous().cpu() for k, t in tensors.items()}, part, {_TOLD: json.dumps(told)})
    with part.open("rb") as whole:
        os.fsync(whole.fileno())
    part.replace(file)


def told_in(file: Path) -> dict[str, Any]:
    """The plain values of a file; raises Refused."""
    with _opened(file) as held:
        found: dict[str, Any] = json.loads((held.metadata() or {}).get(_TOLD, "{}"))
    return found


def tensors_in(file: Path) -> dict[str, Tensor]:
    """The tensors of a file; raises Refused."""
    with _opened(file) as held:
        return {key: held.get_tensor(key) for key in held.keys()}  # noqa: SIM118 - not a dictionary


def _opened(file: Path) -> Any:
    from safetensors import SafetensorError, safe_open

    try:
        return safe_open(file, "pt")
    except (SafetensorError, OSError) as error:
        raise Refused(f"{file} cannot be read ({error}): remove it to begin anew") from None


def of_optimiser(optimiser: torch.optim.Optimizer, names: Mapping[str, nn.Parameter]) -> dict[str, Tensor]:
    """What AdamW keeps of each parameter, by its name."""
    return {
        f"optimiser/{name}/{key}": optimiser.state[parameter][key]
        for name, parameter in names.items()
        if parameter in optimiser.state
        for key in _KEPT
    }


def into_optimiser(
    optimiser: torch.optim.Optimizer, names: Mapping[str, nn.Parameter], tensors: Mapping[str, Tensor]
) -> None:
    """Put back what `of_optimiser` took."""
    for name, parameter in names.items():
        kept = {key: tensors.get(f"optimiser/{name}/{key}") for key in _KEPT}
        if kept["step"] is not None:
            # AdamW counts its steps on the CPU
            optimiser.state[parameter] = {
                key: (t.clone() if key == "step" else t.to(parameter.device))
                for key, t in kept.items()
                if t is not None
            }


def into(named: Mapping[str, Tensor], tensors: Mapping[str, Tensor], start: str) -> None:
    """Copy kept tensors into those of a model, in place."""
    with torch.no_grad():
        for name, tensor in named.items():
            tensor.copy_(tensors[f"{start}/{name}"])


def differing(mine: Mapping[str, Any], kept: Mapping[str, Any], most: int = 3) -> str:
    """Which options differ, for a sentence: `stage.batch is 8, was 4`; empty where none does."""
    one, other = _flat(mine), _flat(kept)
    odd = [key for key in dict.fromkeys([*one, *other]) if one.get(key) != other.get(key)]
    said = [f"{key} is {_short(one.get(key))}, was {_short(other.get(key))}" for key in odd[:most]]
    return ", ".join(said) + (f" and {len(odd) - most} more" if len(odd) > most else "")


def _flat(table: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= _flat(value, f"{at}{key}.") if isinstance(value, Mapping) else {f"{at}{key}": value}
    return found


def _short(value: Any) -> str:
    text = "absent" if value is None else str(value)
    return f"{text[:12]}..." if len(text) > 40 else text


def kept_lines(file: Path, step: int) -> list[dict[str, Any]]:
    """Lines of a log up to a step; a broken last one is left out."""
    found: list[dict[str, Any]] = []
    if not file.exists():
        return found
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            break
        if told["step"] > step:
            break
        found.append(told)
    return found


def write_lines(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a log anew, in one step."""
    part = file.with_name(f"{file.name}.part")
    part.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    part.replace(file)
