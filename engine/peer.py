"""The peer of `vigil bench interpret`: the same weights answered by `generate` of transformers, as a team would start."""

from __future__ import annotations

from typing import Any

import torch
import transformers

from engine.gem.checkpoint import Checkpoint
from engine.gem.fusion import splice
from engine.gem.model import load
from engine.runtime import Floats, Ids


class Peer:
    """The model in torch on the CPU, float32, cache on, so many threads."""

    def __init__(self, checkpoint: Checkpoint, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model = load(checkpoint)
        self.name = f"transformers {transformers.__version__} generate, torch {torch.__version__}"

    @torch.inference_mode()
    def answer(self, prompt: Ids, signal: Floats, page: Floats, tokens: int) -> tuple[int, ...]:
        """So many greedy ids after a prompt (n,), its recording encoded and put in place; no token ends it.

        signal: (12, 5000) millivolts; page: (3, height, width) normalised pixels.
        """
        ids = torch.from_numpy(prompt)
        recording = self._model.encode(torch.from_numpy(signal)[None], torch.from_numpy(page)[None])
        given, _ = splice(self._model.embed, ids, ids, list(recording))
        settings: Any = transformers.GenerationConfig(max_new_tokens=tokens, do_sample=False, use_cache=True)
        mask = torch.ones((1, len(given)), dtype=torch.int64)
        told = self._model.llama.generate(inputs_embeds=given[None], attention_mask=mask, generation_config=settings)
        return tuple(told[0].tolist())
