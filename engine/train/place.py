"""Where a training runs: the CPU, one GPU, or several processes that share their gradients. The one module that knows accelerate."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from engine.train.needs import Refused

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
BUCKET = 1 << 26
"""Numbers that are sent at once."""


class Place:
    """This process among those of a training. Weights are the same on each; none holds a part of them only."""

    def __init__(self, precision: str = "fp32", cpu: bool = False) -> None:
        from accelerate import Accelerator

        # precision is ours to set: accelerate keeps it for the whole process
        self._shared: Any = Accelerator(cpu=cpu, mixed_precision="no")
        kind = str(self._shared.distributed_type).rpartition(".")[2]
        if kind not in ("NO", "MULTI_GPU", "MULTI_CPU"):
            raise Refused(f"accelerate is set to {kind}: set it to several GPUs or CPUs without sharding of weights")
        self.device: torch.device = self._shared.device
        self.rank: int = self._shared.process_index
        self.count: int = self._shared.num_processes
        if precision == "fast":
            precision = "bf16" if self.device.type != "cpu" or multiplies_bf16() else "fp32"
        self._kind = TYPES[precision]
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=precision == "fp16")
        if self.device.type == "cuda":
            torch.backends.cuda.matmul.allow_tf32 = precision != "fp32"

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and tells."""
        return self.rank == 0

    @property
    def name(self) -> str:
        """The device in words."""
        if self.device.type == "cuda":
            return torch.cuda.get_device_name(self.device)
        return f"CPU, {torch.get_num_threads()} threads"

    def computing(self) -> AbstractContextManager[Any]:
        """Autocast to the precision; none in fp32."""
        return torch.autocast(self.device.type, self._kind, enabled=self._kind is not torch.float32)

    def total(self, *numbers: float) -> list[float]:
        """Sums over all processes."""
        if self.count == 1:
            return list(numbers)
        told = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        return [float(n) for n in self._shared.reduce(told, reduction="sum")]

    def together(self, items: Sequence[Any]) -> list[Any]:
        """Small objects of all processes."""
        if self.count == 1:
            return list(items)
        from accelerate.utils import gather_object

        return list(gather_object(list(items)))

    def add_up(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """The sum of each gradient over all processes, in place; a parameter that had none here has zeros."""
        if self.count == 1:
            return
        grads = []
        for one in parameters:
            if one.grad is None:
                one.grad = torch.zeros_like(one)
            grads.append(one.grad)
        self._reduce(grads, "sum")

    def average(self, tensors: Iterable[Tensor]) -> None:
        """The mean over all processes, in place."""
        if self.count > 1:
            self._reduce(list(tensors), "mean")

    def _reduce(self, tensors: Sequence[Tensor], how: str) -> None:
        some: list[Tensor] = []
        for k, one in enumerate(tensors):
            some.append(one)
            if k + 1 == len(tensors) or sum(t.numel() for t in some) >= BUCKET:
                flat = self._shared.reduce(torch.cat([t.flatten() for t in some]), reduction=how)
                for kept, made in zip(some, flat.split([t.numel() for t in some]), strict=True):
                    kept.copy_(made.view_as(kept))
                some = []

    def wait(self) -> None:
        """Until all processes are here."""
        self._shared.wait_for_everyone()


def multiplies_bf16() -> bool:
    """Whether this CPU has instructions for bfloat16, so that half the width is faster and not slower."""
    tell = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(tell and tell())


def use_threads(count: int) -> None:
    """Threads of a computation on the CPU."""
    torch.set_num_threads(count)


def usual_workers(cpu: bool) -> int:
    """Processes that read recordings for this one: none beside a CPU, this process's share of the cores beside a GPU."""
    if cpu or not torch.cuda.is_available():
        return 0
    beside = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return max(1, (os.cpu_count() or 1) // beside - 1)
