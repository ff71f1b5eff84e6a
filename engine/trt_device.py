"""The GPU's stream and graphs, through torch. Written to the API and not run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch


class Device:
    """One stream of the GPU; what is put on it runs in order."""

    name = "cuda"
    """Where torch keeps tensors for it."""

    def __init__(self) -> None:
        self._stream: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]

    @property
    def handle(self) -> int:
        """The stream, as TensorRT takes it."""
        return int(self._stream.cuda_stream)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """What torch does inside goes onto the stream, behind what was asked for before; it is over at the end."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            yield
        self._stream.synchronize()

    def capture(self, run: Callable[[], None]) -> Callable[[], None]:
        """What `run` puts onto the stream, as one graph: called, it does the same with the same memory again."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self._stream):
            run()
        replay: Callable[[], None] = graph.replay
        return replay
