"""The image tower: CLIP's vision model through transformers, only as deep as it is read."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPVisionConfig, CLIPVisionModel

from engine.gem.config import VisionSizes


class VisionTower(nn.Module):
    """(B, 3, 336, 336) normalised pixels to (B, 576, width), the class token dropped.

    The model is built without the layers behind the one that is read, so that its last hidden state is the one wanted.
    """

    def __init__(self, sizes: VisionSizes) -> None:
        super().__init__()
        self.sizes = sizes
        attention: dict[str, Any] = {"attn_implementation": "sdpa"}
        self.clip = CLIPVisionModel(
            CLIPVisionConfig(
                hidden_size=sizes.hidden,
                intermediate_size=sizes.intermediate,
                num_hidden_layers=sizes.needed,
                num_attention_heads=sizes.heads,
                image_size=sizes.image,
                patch_size=sizes.patch,
                layer_norm_eps=sizes.eps,
                hidden_act=sizes.activation,
                **attention,
            )
        )

    def forward(self, pages: Tensor) -> Tensor:
        tokens: Tensor = self.clip(pixel_values=pages).last_hidden_state[:, 1:]
        if self.sizes.pool == 1:
            return tokens
        side = self.sizes.image // self.sizes.patch
        square = tokens.transpose(1, 2).reshape(len(tokens), -1, side, side)
        return functional.avg_pool2d(square, self.sizes.pool).flatten(2).transpose(1, 2)

    def make_places(self) -> None:
        """Build the one buffer that no checkpoint holds, for a tower that was made without memory."""
        for module in self.clip.modules():
            if "position_ids" in module._buffers:
                module._buffers["position_ids"] = torch.arange((self.sizes.image // self.sizes.patch) ** 2 + 1)[None]
