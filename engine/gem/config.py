"""Sizes and settings of a checkpoint, read from its config.json as a plain dictionary.

The released files tell neither the sizes of the ECG tower nor those of the image tower: where a checkpoint does not
describe itself (`ecg_config`, `vision_config`, `image_processor`) and no sizes are given, those of GEM-7B hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.image_values import PINPOINTS, ImageValues, Unprepared

SAMPLES = 5000
"""Ten seconds at 500 Hz, whatever the stem."""
LEADS = 12
STEM_STRIDES = (2, 5, 5)
"""Of the three convolutions of the stem `conv`: fifty samples a token, as the patches of `patch50`."""
IMAGE_ID = -200
"""Stands in the ids where the embeddings of a recording belong."""
IGNORED = -100
"""Label of a position that no loss is computed for."""


class BadCheckpoint(ValueError):
    """A checkpoint that cannot be used; one sentence that says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class LlamaSizes:
    """The decoder: LLaMA 2, rotary positions, RMS norms, no biases."""

    vocabulary: int = 32000
    hidden: int = 4096
    intermediate: int = 11008
    layers: int = 32
    heads: int = 32
    kv_heads: int = 32
    positions: int = 4096
    eps: float = 1e-5
    theta: float = 10000.0
    tied: bool = False

    @property
    def head_width(self) -> int:
        return self.hidden // self.heads


@dataclass(frozen=True, slots=True)
class EcgSizes:
    """The ECG tower: (12, 5000) in, a class token and one token of 100 ms each out."""

    stem: str = "patch50"
    """`patch50`: one convolution without overlap, as released; `conv`: three residual convolutions."""
    width: int = 768
    layers: int = 12
    head_width: int = 64
    mlp: int = 3072
    embed: int = 512
    """Width of the unused projection that lies in the checkpoint; 0: none."""
    patch: int = 50
    channels: tuple[int, int] = (32, 64)
    """Of the first two convolutions of the stem `conv`."""

    @property
    def heads(self) -> int:
        return self.width // self.head_width

    @property
    def tokens(self) -> int:
        return SAMPLES // self.patch + 1


@dataclass(frozen=True, slots=True)
class VisionSizes:
    """The image tower: CLIP, read at the output of an inner layer, its class token dropped."""

    hidden: int = 1024
    intermediate: int = 4096
    layers: int = 24
    heads: int = 16
    patch: int = 14
    image: int = 336
    eps: float = 1e-5
    activation: str = "quick_gelu"
    tap: int = -2
    """Which hidden state is taken, counted from the last one at -1."""
    pool: int = 1
    """Image tokens are averaged over squares of this many patches a side."""

    @property
    def needed(self) -> int:
        """Layers that must be computed."""
        return self.layers + 1 + self.tap

    @property
    def tokens(self) -> int:
        return (self.image // self.patch // self.pool) ** 2


@dataclass(frozen=True, slots=True)
class Tokens:
    """Ids with a meaning of their own."""

    begin: int = 1
    end: int = 2
    pad: int = 0


@dataclass(frozen=True, slots=True)
class GemConfig:
    """Everything about a checkpoint that is not a weight."""

    layout: str = "gem"
    """`gem`, or `pulse` and `llava`, which have no ECG tower."""
    llama: LlamaSizes = field(default_factory=LlamaSizes)
    ecg: EcgSizes | None = field(default_factory=EcgSizes)
    vision: VisionSizes = field(default_factory=VisionSizes)
    image: ImageValues = field(default_factory=ImageValues)
    tokens: Tokens = field(default_factory=Tokens)
    projector: int = 2
    """Linear layers of the shared projector, GELU between them."""
    longest: int = 4096
    """Positions after which a sequence is cut."""
    padding: str = "right"
    aspect: str = "ori"
    """How pages are fitted; `ori`: shortest side, then the centre."""
    dtype: str = "bfloat16"
    name: str = ""

    @property
    def recording_tokens(self) -> int:
        """Embeddings that one recording with its page takes."""
        return (self.ecg.tokens if self.ecg else 0) + self.vision.tokens

    @property
    def note(self) -> str:
        """What a reader of answers should know; empty for the full model."""
        if self.ecg:
            return ""
        tiles = "; it was trained on several tiles a page, one is used" if self.aspect == "anyres" else ""
        return f"this checkpoint ({self.layout}) has no ECG tower: it reads the page image only{tiles}"


def read_config(values: Mapping[str, Any], sizes: Mapping[str, Any] | None = None) -> GemConfig:
    """The configuration that config.json tells; what it does not tell comes from `sizes`, then from GEM-7B.

    sizes: the same three entries as a checkpoint of ours has: `ecg_config`, `vision_config`, `image_processor`.
    Raises BadCheckpoint where a value is missing or impossible.
    """
    kind = values.get("model_type")
    if kind != "llava_llama" and kind != "llava":
        raise BadCheckpoint(f"config.json has model_type {kind!r}: only llava_llama (GEM, PULSE, LLaVA 1.6) is read")
    told = {
        **(sizes or {}),
        **{k: values[k] for k in ("ecg_config", "vision_config", "image_processor") if k in values},
    }
    layout = _layout(values)
    try:
        config = GemConfig(
            layout=layout,
            llama=_llama(values),
            ecg=_ecg(told.get("ecg_config") or {}) if layout == "gem" else None,
            vision=_vision(told.get("vision_config") or {}, values),
            image=_image(told.get("image_processor") or {}, values.get("image_grid_pinpoints")),
            tokens=Tokens(*(int(values.get(f"{k}_token_id", d)) for k, d in (("bos", 1), ("eos", 2), ("pad", 0)))),
            projector=_projector(str(values.get("mm_projector_type", "mlp2x_gelu"))),
            longest=int(values.get("tokenizer_model_max_length", 4096)),
            padding=str(values.get("tokenizer_padding_side", "right")),
            aspect=str(values.get("image_aspect_ratio", "ori")),
            dtype=str(values.get("torch_dtype") or values.get("dtype") or "bfloat16"),
            name=str(values.get("_name_or_path", "")),
        )
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(error, BadCheckpoint):
            raise
        raise BadCheckpoint(
            f"a value in config.json cannot be read ({error}): compare it with a released one"
        ) from None
    _possible(config)
    return config


def _layout(values: Mapping[str, Any]) -> str:
    if any(values.get(key) for key in ("mm_ecg_tower", "ecg_projector_type", "ecg_config")):
        return "gem"
    return "pulse" if "pulse" in str(values.get("_name_or_path", "")).lower() else "llava"


def _llama(values: Mapping[str, Any]) -> LlamaSizes:
    if values.get("rope_scaling"):
        raise BadCheckpoint("config.json asks for scaled rotary positions (rope_scaling), which GEM does not have")
    if values.get("attention_bias"):
        raise BadCheckpoint("config.json asks for biases in attention, which GEM's decoder does not have")
    seven = LlamaSizes()
    heads = int(values.get("num_attention_heads", seven.heads))
    return LlamaSizes(
        vocabulary=int(values.get("vocab_size", seven.vocabulary)),
        hidden=int(values.get("hidden_size", seven.hidden)),
        intermediate=int(values.get("intermediate_size", seven.intermediate)),
        layers=int(values.get("num_hidden_layers", seven.layers)),
        heads=heads,
        kv_heads=int(values.get("num_key_value_heads", heads)),
        positions=int(values.get("max_position_embeddings", seven.positions)),
        eps=float(values.get("rms_norm_eps", seven.eps)),
        theta=float(values.get("rope_theta", seven.theta)),
        tied=bool(values.get("tie_word_embeddings", False)),
    )


def _ecg(told: Mapping[str, Any]) -> EcgSizes:
    """From `ecg_config`; its names are those of the published tower's own file (`ecg_cfg`), plus stem and channels."""
    seven = EcgSizes()
    samples, leads = int(told.get("seq_length", SAMPLES)), int(told.get("lead_num", LEADS))
    if (samples, leads) != (SAMPLES, LEADS):
        raise BadCheckpoint(f"ecg_config wants {leads} leads of {samples} samples: only 12 of 5000 are supported")
    width = int(told.get("width", seven.width))
    first, second = told.get("channels", seven.channels)
    return EcgSizes(
        stem=str(told.get("stem", seven.stem)),
        width=width,
        layers=int(told.get("layers", seven.layers)),
        head_width=int(told.get("head_width", seven.head_width)),
        mlp=round(width * float(told.get("mlp_ratio", 4.0))),
        embed=int(told.get("embed_dim", seven.embed)),
        patch=int(told.get("patch_size", seven.patch)),
        channels=(int(first), int(second)),
    )


def _vision(told: Mapping[str, Any], values: Mapping[str, Any]) -> VisionSizes:
    large = VisionSizes()
    width = values.get("mm_hidden_size")
    return VisionSizes(
        hidden=int(told.get("hidden_size", width or large.hidden)),
        intermediate=int(told.get("intermediate_size", large.intermediate)),
        layers=int(told.get("num_hidden_layers", large.layers)),
        heads=int(told.get("num_attention_heads", large.heads)),
        patch=int(told.get("patch_size", large.patch)),
        image=int(told.get("image_size", large.image)),
        eps=float(told.get("layer_norm_eps", large.eps)),
        activation=str(told.get("hidden_act", large.activation)),
        tap=int(values.get("mm_vision_select_layer", large.tap)),
        pool=int(told.get("pool", large.pool)),
    )


def _image(told: Mapping[str, Any], pinpoints: Any) -> ImageValues:
    try:
        return ImageValues.from_config(told, pinpoints or PINPOINTS)
    except Unprepared as error:
        raise BadCheckpoint(f"image_processor asks for other steps than CLIP's: {error}") from None


def _projector(kind: str) -> int:
    if kind == "linear":
        return 1
    count = kind.removeprefix("mlp").removesuffix("x_gelu")
    if kind == f"mlp{count}x_gelu" and count.isdigit() and int(count) > 0:
        return int(count)
    raise BadCheckpoint(f"config.json has mm_projector_type {kind!r}: only linear and mlpNx_gelu are read")


def _possible(config: GemConfig) -> None:
    """Refuse sizes that do not fit each other."""
    llama, vision, ecg = config.llama, config.vision, config.ecg
    wrong = ""
    if llama.heads < 1 or llama.hidden % llama.heads or llama.kv_heads < 1 or llama.heads % llama.kv_heads:
        wrong = f"hidden size {llama.hidden} with {llama.heads} heads and {llama.kv_heads} key heads does not divide"
    elif vision.heads < 1 or vision.hidden % vision.heads or (vision.image // vision.patch) % vision.pool:
        wrong = f"image tower of width {vision.hidden}, {vision.heads} heads and pool {vision.pool} does not divide"
    elif not 0 < vision.needed <= vision.layers:
        wrong = f"mm_vision_select_layer {vision.tap} lies outside the {vision.layers} layers of the image tower"
    elif ecg and (ecg.width % ecg.head_width or SAMPLES % ecg.patch):
        wrong = f"ECG tower of width {ecg.width}, heads of {ecg.head_width} and patch {ecg.patch} does not divide"
    elif ecg and (ecg.stem not in ("patch50", "conv") or ecg.patch != 50):
        wrong = f"stem {ecg.stem!r} with {ecg.patch} samples a token is unknown: patch50 and conv have 50"
    elif config.padding not in ("left", "right"):
        wrong = f"tokenizer_padding_side {config.padding!r} is neither left nor right"
    if wrong:
        raise BadCheckpoint(f"{wrong}: mend config.json or the sizes given beside it")


def write_config(config: GemConfig) -> dict[str, Any]:
    """config.json of a checkpoint that describes itself; `read_config` gives the same configuration back."""
    llama, vision, ecg, image = config.llama, config.vision, config.ecg, config.image
    kind = "linear" if config.projector == 1 else f"mlp{config.projector}x_gelu"
    values: dict[str, Any] = {
        "_name_or_path": config.name,
        "architectures": ["LlavaLlamaForCausalLM"],
        "model_type": "llava_llama",
        "torch_dtype": config.dtype,
        "vocab_size": llama.vocabulary,
        "hidden_size": llama.hidden,
        "intermediate_size": llama.intermediate,
        "num_hidden_layers": llama.layers,
        "num_attention_heads": llama.heads,
        "num_key_value_heads": llama.kv_heads,
        "max_position_embeddings": llama.positions,
        "rms_norm_eps": llama.eps,
        "rope_theta": llama.theta,
        "rope_scaling": None,
        "attention_bias": False,
        "tie_word_embeddings": llama.tied,
        "hidden_act": "silu",
        "bos_token_id": config.tokens.begin,
        "eos_token_id": config.tokens.end,
        "pad_token_id": config.tokens.pad,
        "tokenizer_model_max_length": config.longest,
        "tokenizer_padding_side": config.padding,
        "image_aspect_ratio": config.aspect,
        "image_grid_pinpoints": [list(pair) for pair in image.pinpoints],
        "mm_patch_merge_type": "flat",
        "mm_hidden_size": vision.hidden,
        "mm_projector_type": kind,
        "mm_vision_tower": "openai/clip-vit-large-patch14-336",
        "mm_vision_select_layer": vision.tap,
        "mm_vision_select_feature": "patch",
        "mm_use_im_start_end": False,
        "mm_use_im_patch_token": False,
        "unfreeze_mm_vision_tower": True,
        "use_mm_proj": True,
        "vision_config": _vision_values(vision),
        "image_processor": {
            "size": image.shortest_px,
            "crop_size": image.crop_px,
            "image_mean": list(image.mean),
            "image_std": list(image.std),
            "resample": 3,
        },
    }
    return values | _ecg_values(ecg) if ecg else values


def _vision_values(vision: VisionSizes) -> dict[str, Any]:
    return {
        "hidden_size": vision.hidden,
        "intermediate_size": vision.intermediate,
        "num_hidden_layers": vision.layers,
        "num_attention_heads": vision.heads,
        "patch_size": vision.patch,
        "image_size": vision.image,
        "layer_norm_eps": vision.eps,
        "hidden_act": vision.activation,
        "pool": vision.pool,
    }


def _ecg_values(ecg: EcgSizes) -> dict[str, Any]:
    return {
        "ecg_projector_type": "linear",
        "mm_ecg_tower": "in this checkpoint",
        "ecg_config": {
            "stem": ecg.stem,
            "seq_length": SAMPLES,
            "lead_num": LEADS,
            "patch_size": ecg.patch,
            "width": ecg.width,
            "layers": ecg.layers,
            "head_width": ecg.head_width,
            "mlp_ratio": ecg.mlp / ecg.width,
            "embed_dim": ecg.embed,
            "channels": list(ecg.channels),
        },
    }
