"""The ECG tower: twelve leads in, a class token and a hundred tokens of 100 ms out (ECG-CoCa's encoder).

Names of weights are those of the published checkpoint. What is handed over is the residual stream of the last block,
before the closing norm and before the projection; both lie in the checkpoint and are unused.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.gem.config import LEADS, STEM_STRIDES, EcgSizes
from engine.gem.layout import STEM_KERNELS

EPS = 1e-5


class Attention(nn.Module):
    """Self-attention over all tokens; queries, keys and values in one matrix, in this order."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)

    def forward(self, x: Tensor) -> Tensor:
        """(B, tokens, width) to the same."""
        rows, tokens, width = x.shape
        mixed = functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        query, key, value = mixed.view(rows, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        found = functional.scaled_dot_product_attention(query, key, value)
        return self.out_proj(found.transpose(1, 2).reshape(rows, tokens, width))  # type: ignore[no-any-return]


class Mlp(nn.Module):
    """Two layers with the exact GELU between them."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.c_fc = nn.Linear(width, inner)
        self.c_proj = nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.c_proj(functional.gelu(self.c_fc(x)))  # type: ignore[no-any-return]


class Block(nn.Module):
    """A residual block, norms before attention and before the two layers."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, EPS)
        self.attn = Attention(width, heads)
        self.ln_2 = nn.LayerNorm(width, EPS)
        self.mlp = Mlp(width, inner)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))  # type: ignore[no-any-return]


class Transformer(nn.Module):
    """The blocks, one after the other."""

    def __init__(self, sizes: EcgSizes) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(Block(sizes.width, sizes.heads, sizes.mlp) for _ in range(sizes.layers))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.resblocks:
            x = block(x)
        return x


def _norm(width: int) -> nn.BatchNorm1d:
    norm = nn.BatchNorm1d(width)
    norm.num_batches_tracked = None  # a count that nothing reads would be a weight of its own in the checkpoint
    return norm


class PlainConvolution(nn.Module):
    """The first convolution of the stem `conv`: leads are mixed, the rate is halved."""

    def __init__(self, made: int) -> None:
        super().__init__()
        kernel = STEM_KERNELS[0]
        self.conv = nn.Conv1d(LEADS, made, kernel, STEM_STRIDES[0], kernel // 2, bias=False)
        self.norm = _norm(made)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.norm(self.conv(x)))


class ResidualConvolution(nn.Module):
    """Two convolutions beside an averaged, mixed copy of what came in."""

    def __init__(self, given: int, made: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv1d(given, made, kernel, stride, kernel // 2, bias=False)
        self.norm1 = _norm(made)
        self.conv2 = nn.Conv1d(made, made, kernel, 1, kernel // 2, bias=False)
        self.norm2 = _norm(made)
        self.skip = nn.Conv1d(given, made, 1, bias=False)
        self.skip_norm = _norm(made)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(x)))))
        return functional.relu(y + self.skip_norm(self.skip(functional.avg_pool1d(x, self.stride))))


def _stem(sizes: EcgSizes) -> nn.Sequential:
    """5000 samples to 100 tokens by strides 2, 5 and 5; a convolution stem learns faster from few records than patches."""
    first, second = sizes.channels
    return nn.Sequential(
        PlainConvolution(first),
        ResidualConvolution(first, second, STEM_KERNELS[1], STEM_STRIDES[1]),
        ResidualConvolution(second, sizes.width, STEM_KERNELS[2], STEM_STRIDES[2]),
    )


class EcgTower(nn.Module):
    """(B, 12, 5000) millivolts at 500 Hz to (B, 101, width), the class token first."""

    def __init__(self, sizes: EcgSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.class_embedding = nn.Parameter(0.02 * torch.randn(sizes.width))
        self.positional_embedding = nn.Parameter(0.02 * torch.randn(sizes.tokens, sizes.width))
        if sizes.embed:
            self.proj = nn.Parameter(sizes.width**-0.5 * torch.randn(sizes.width, sizes.embed))
        if sizes.stem == "conv":
            self.stem = _stem(sizes)
        else:
            self.conv1 = nn.Conv1d(LEADS, sizes.width, sizes.patch, sizes.patch, bias=False)
        self.ln_pre = nn.LayerNorm(sizes.width, EPS)
        self.transformer = Transformer(sizes)
        self.ln_post = nn.LayerNorm(sizes.width, EPS)

    def forward(self, signals: Tensor) -> Tensor:
        tokens = (self.stem if self.sizes.stem == "conv" else self.conv1)(signals).transpose(1, 2)
        first = self.class_embedding.expand(len(tokens), 1, -1)
        x = torch.cat([first, tokens], dim=1) + self.positional_embedding
        return self.transformer(self.ln_pre(x))  # type: ignore[no-any-return]
