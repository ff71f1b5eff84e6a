"""GEM as a torch module: two towers, their projectors, the decoder; forward and loss as published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from engine.gem import fusion
from engine.gem.checkpoint import Checkpoint
from engine.gem.config import IGNORED, GemConfig, LlamaSizes
from engine.gem.ecg_tower import EcgTower
from engine.gem.layout import ECG, VISION, expected
from engine.gem.vision_tower import VisionTower

TYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


class Gem(nn.Module):
    """The whole model. Built by `load` from a checkpoint, or with weights that are to be trained."""

    def __init__(self, config: GemConfig) -> None:
        super().__init__()
        self.config = config
        width = config.vision.hidden
        if config.ecg:
            self.ecg = EcgTower(config.ecg)
            self.ecg_projector = nn.Linear(config.ecg.width, width)
        self.vision = VisionTower(config.vision)
        self.mm_projector = _projector(width, config.llama.hidden, config.projector)
        self.llama = LlamaForCausalLM(_llama(config.llama))

    def embed(self, ids: Tensor) -> Tensor:
        """Embeddings of token ids of any shape."""
        return self.llama.model.embed_tokens(ids)  # type: ignore[no-any-return]

    def read_signals(self, signals: Tensor) -> Tensor:
        """(B, 12, 5000) millivolts to (B, 101, hidden); raises ValueError where there is no ECG tower."""
        if not self.config.ecg:
            raise ValueError(f"a signal was given, but {self.config.note}: give a page instead")
        kind = self.ecg_projector.weight.dtype
        return self.mm_projector(self.ecg_projector(self.ecg(signals.to(kind))))  # type: ignore[no-any-return]

    def read_pages(self, pages: Tensor) -> Tensor:
        """(B, 3, 336, 336) normalised pixels to (B, 576, hidden)."""
        first = next(self.mm_projector.parameters())
        return self.mm_projector(self.vision(pages.to(first.dtype)))  # type: ignore[no-any-return]

    def encode(self, signals: Tensor | None, pages: Tensor | None) -> Tensor:
        """What replaces one placeholder per row: ECG tokens, then image tokens, (B, tokens, hidden)."""
        if signals is None and pages is None:
            raise ValueError("neither a signal nor a page was given: the placeholder needs one of them")
        parts = [] if signals is None else [self.read_signals(signals)]
        return torch.cat(parts if pages is None else [*parts, self.read_pages(pages)], dim=1)

    def fuse(
        self, ids: Tensor, labels: Tensor, mask: Tensor, signals: Tensor | None, pages: Tensor | None
    ) -> fusion.Fused:
        """A collated batch with its recordings in place; the checkpoint's own length and side of padding."""
        some = signals is not None or pages is not None
        recordings = list(self.encode(signals, pages)) if some else []
        return fusion.fuse(self.embed, ids, labels, mask, recordings, self.config.longest, self.config.padding)

    def logits(self, fused: fusion.Fused) -> Tensor:
        """(B, n, vocabulary) for every position."""
        told = self.llama(
            inputs_embeds=fused.embeddings,
            attention_mask=fused.mask.long(),
            position_ids=fused.positions,
            use_cache=False,
        )
        return told.logits  # type: ignore[no-any-return]

    def forward(
        self,
        ids: Tensor,
        labels: Tensor,
        mask: Tensor,
        signals: Tensor | None = None,
        pages: Tensor | None = None,
    ) -> Tensor:
        """The loss of a batch: mean cross-entropy of the next token over all labels that are not -100."""
        fused = self.fuse(ids, labels, mask, signals, pages)
        return loss(self.logits(fused), fused.labels)

    def weights(self, rest: Mapping[str, NDArray[Any]]) -> Weights:
        """Every key of the checkpoint: those of this module, and the unused ones from `rest`."""
        return Weights(self, rest)


def loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy, position k against label k + 1."""
    flat = logits[:, :-1].float().flatten(0, 1)
    return functional.cross_entropy(flat, labels[:, 1:].flatten(), ignore_index=IGNORED)


def _projector(given: int, made: int, layers: int) -> nn.Module:
    if layers == 1:
        return nn.Linear(given, made)
    parts: list[nn.Module] = [nn.Linear(given, made)]
    for _ in range(layers - 1):
        parts += [nn.GELU(), nn.Linear(made, made)]
    return nn.Sequential(*parts)


def _llama(sizes: LlamaSizes) -> LlamaConfig:
    attention: dict[str, Any] = {"attn_implementation": "sdpa"}
    return LlamaConfig(
        vocab_size=sizes.vocabulary,
        hidden_size=sizes.hidden,
        intermediate_size=sizes.intermediate,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        num_key_value_heads=sizes.kv_heads,
        max_position_embeddings=sizes.positions,
        rms_norm_eps=sizes.eps,
        rope_parameters={"rope_type": "default", "rope_theta": sizes.theta},
        tie_word_embeddings=sizes.tied,
        pad_token_id=None,
        **attention,
    )


def key_of(name: str) -> str:
    """The checkpoint's key of a weight of this module."""
    head, _, rest = name.partition(".")
    if head == "llama":
        return rest
    if head == "ecg":
        return ECG + rest
    if head == "vision":
        return VISION + rest.removeprefix("clip.").removeprefix("vision_model.")
    return f"model.{name}"


def load(checkpoint: Checkpoint, dtype: str = "float32", device: str = "cpu") -> Gem:
    """The model of a checkpoint, in evaluation mode and without gradients; raises BadCheckpoint.

    Weights go to their type and device one by one, so that a model is never held twice. The rotary tables are made in
    float32 whatever the weights are kept in.
    """
    kind = TYPES[dtype]
    with torch.device("meta"):
        model = Gem(checkpoint.config)
    told = {
        name: checkpoint.torch(key_of(name)).to(device, kind)
        for name in model.state_dict()
        if not (checkpoint.config.llama.tied and name == "llama.lm_head.weight")
    }
    model.load_state_dict(told, strict=False, assign=True)
    if checkpoint.config.llama.tied:
        model.llama.lm_head.weight = model.llama.model.embed_tokens.weight
    model.vision.make_places()
    model.llama.model.rotary_emb = LlamaRotaryEmbedding(model.llama.config)
    model = model.to(device).eval().requires_grad_(False)
    empty = [n for n, t in (*model.named_parameters(), *model.named_buffers()) if t.is_meta]
    if empty:
        raise RuntimeError(f"{empty[0]} was not loaded")
    return model


class Weights(Mapping[str, NDArray[Any]]):
    """A model's weights under the checkpoint's keys, converted to float32 arrays one at a time."""

    def __init__(self, model: Gem, rest: Mapping[str, NDArray[Any]]) -> None:
        self._own: dict[str, Callable[[], NDArray[Any]]] = {
            key_of(name): (lambda t=tensor: t.detach().float().cpu().numpy())  # type: ignore[misc]
            for name, tensor in model.state_dict().items()
        }
        self._rest = rest
        self._keys = list(expected(model.config))

    def __getitem__(self, key: str) -> NDArray[Any]:
        return np.asarray(self._own[key]() if key in self._own else self._rest[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
