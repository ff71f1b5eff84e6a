"""An opened plan on the GPU: contexts, bindings, execution. Needs a driver; written to the API and not run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.runtime import RuntimeAway
from engine.trt_api import Journal, Library, logger, mapped
from engine.trt_plans import Plan

Binding = tuple[int, tuple[int, ...] | None]
"""Address on the device, and the shape of an input; None for an output."""


class Session:
    """One plan, deserialised out of its mapped file. Contexts share its weights."""

    def __init__(self, lib: Library, plan: Plan, journal: Journal) -> None:
        self.plan = plan
        self._trt, self._journal = lib.trt, journal
        self._runtime = lib.trt.Runtime(logger(lib, journal))
        with mapped(plan.path) as held:
            self._engine = self._runtime.deserialize_cuda_engine(held)
        if self._engine is None:
            raise RuntimeAway(
                f"the plan {plan.path.name} cannot be opened on this GPU ({journal.reason}): "
                "build it here with `vigil engine build`, or use the runtime torch"
            )

    def aliases(self) -> dict[str, str]:
        """Which outputs are the memory of which inputs, as the opened plan tells it."""
        engine = self._engine
        names = [engine.get_tensor_name(k) for k in range(engine.num_io_tensors)]
        told = {name: engine.get_aliased_input_tensor(name) for name in names}
        return {name: same for name, same in told.items() if same}

    def layers(self) -> str:
        """What the plan's layers are, one line each, for a look at how attention was built."""
        inspector = self._engine.create_engine_inspector()
        return str(inspector.get_engine_information(self._trt.LayerInformationFormat.ONELINE))

    def context(self, profile: int, stream: int) -> Context:
        """A context of its own for one profile, with memory for no other, ready on a CUDA stream (its handle)."""
        wanted = self._trt.ExecutionContextAllocationStrategy.ON_PROFILE_CHANGE
        made = self._engine.create_execution_context(wanted)
        if made is None or not made.set_optimization_profile_async(profile, stream):
            raise RuntimeAway(
                f"no room on the GPU for a context of {self.plan.path.name} ({self._journal.reason}): use fewer slots"
            )
        return Context(made, self._journal)


class Context:
    """One execution context; it keeps its bindings from one execution to the next."""

    def __init__(self, context: Any, journal: Journal) -> None:
        self._context, self._journal = context, journal

    def bind(self, bindings: Mapping[str, Binding]) -> None:
        """Set addresses, and shapes of inputs; raises RuntimeError for what the plan refuses."""
        for name, (address, shape) in bindings.items():
            fits = shape is None or self._context.set_input_shape(name, shape)
            if not fits or not self._context.set_tensor_address(name, address):
                raise RuntimeError(f"TensorRT refuses {name} {shape} at {address:#x} ({self._journal.reason})")

    def can_be_captured(self, stream: int) -> bool:
        """Whether an execution may be part of a CUDA graph; TensorRT-RTX tells, the full package always can."""
        asked = getattr(self._context, "is_stream_capturable", None)
        return True if asked is None else bool(asked(stream))

    def run(self, stream: int) -> None:
        """Put one execution on a CUDA stream; raises RuntimeError."""
        if not self._context.execute_async_v3(stream):
            raise RuntimeError(f"TensorRT did not execute its plan ({self._journal.reason})")
