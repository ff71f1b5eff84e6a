"""The towers' plans on the GPU. Written to the API and not run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from engine.gem.checkpoint import Checkpoint
from engine.onnx_towers import parts
from engine.runtime import Floats, check_inputs
from engine.trt_api import Journal
from engine.trt_build import PORTABLE, Setting
from engine.trt_device import Device
from engine.trt_encoder import ROWS, encoder_key, encoder_plan
from engine.trt_plans import find
from engine.trt_session import Context, Session


class Towers:
    """Recordings to embeddings: `ecg` and `page`, or the latter alone."""

    def __init__(self, checkpoint: Checkpoint, sessions: dict[str, Session], device: Device) -> None:
        config = checkpoint.config
        self._note, self._hidden, self._side = config.note, config.llama.hidden, config.vision.image
        self._tokens = {"ecg": config.ecg.tokens if config.ecg else 0, "page": config.vision.tokens}
        self._device, self._where = device, torch.device(device.name)
        self._contexts = {part: one.context(0, device.handle) for part, one in sessions.items()}

    def encode(self, signals: Floats | None, pages: Floats | None) -> Floats:
        """(B, tokens, hidden), those of the signal first; raises ValueError as every runtime does."""
        check_inputs(signals, pages, self._side)
        if signals is not None and "ecg" not in self._contexts:
            raise ValueError(f"a signal was given, but {self._note}: give a page instead")
        given = (("ecg", "signals", signals), ("page", "pages", pages))
        return np.concatenate([self._one(part, name, x) for part, name, x in given if x is not None], axis=1)

    @torch.inference_mode()
    def _one(self, part: str, name: str, rows: Floats) -> Floats:
        context: Context = self._contexts[part]
        told = []
        for begin in range(0, len(rows), ROWS):
            some = torch.from_numpy(np.array(rows[begin : begin + ROWS], np.float32)).to(self._where)
            made = torch.empty((len(some), self._tokens[part], self._hidden), device=self._where)
            with self._device.busy():
                context.bind({name: (some.data_ptr(), tuple(some.shape)), "tokens": (made.data_ptr(), None)})
                context.run(self._device.handle)
            told.append(made.cpu().numpy())
        return np.concatenate(told)


def open_towers(
    checkpoint: Checkpoint, made: Setting, precision: str, folder: Path, journal: Journal, device: Device
) -> Towers:
    """The towers of a checkpoint; plans that are not there are built."""
    sessions = {}
    for part in parts(checkpoint.config):
        portable = Setting(made.library, PORTABLE, made.driver)
        plan = find(folder, encoder_key(part, checkpoint, portable, precision)) if made.library.is_rtx else None
        plan = plan or encoder_plan(part, checkpoint, precision, made, folder, lambda *_: None, journal)
        sessions[part] = Session(made.library, plan, journal)
    return Towers(checkpoint, sessions, device)
