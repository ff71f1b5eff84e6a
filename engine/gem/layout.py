"""Names and shapes of every weight of a checkpoint, from its configuration; and what is wrong with those found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatch

from engine.gem.config import LEADS, EcgSizes, GemConfig, LlamaSizes, VisionSizes

Shapes = dict[str, tuple[int, ...]]
ECG = "model.ecg_tower.ecg_tower."
VISION = "model.vision_tower.vision_tower.vision_model."
STEM_KERNELS = (9, 7, 5)
TOLERATED = ("model.image_newline", "*.rotary_emb.inv_freq", "*.embeddings.position_ids")
"""Keys that may lie in a checkpoint and are not read."""


def expected(config: GemConfig) -> Shapes:
    """Every key with its shape, in the order in which they are written; 840 of them for GEM-7B."""
    shapes = _llama(config.llama)
    if config.ecg:
        shapes |= _ecg(config.ecg)
        shapes |= _linear("model.ecg_projector", config.vision.hidden, config.ecg.width)
    shapes |= _vision(config.vision)
    hidden, given = config.llama.hidden, config.vision.hidden
    for k in range(config.projector):
        name = "model.mm_projector" + (f".{2 * k}" if config.projector > 1 else "")
        shapes |= _linear(name, hidden, hidden if k else given)
    if not config.llama.tied:
        shapes["lm_head.weight"] = (config.llama.vocabulary, hidden)
    return shapes


def check(found: Mapping[str, tuple[int, ...]], config: GemConfig) -> list[str]:
    """What is missing, too much, or of another shape, one sentence each; empty where all is as it should be."""
    wanted = expected(config)
    tolerated = (*TOLERATED, "lm_head.weight") if config.llama.tied else TOLERATED
    missing = [key for key in wanted if key not in found]
    extra = [key for key in found if key not in wanted and not any(fnmatch(key, t) for t in tolerated)]
    odd = [
        f"{key} is {_size(found[key])} and should be {_size(shape)}"
        for key, shape in wanted.items()
        if key in found and tuple(found[key]) != shape
    ]
    said = []
    if missing:
        towers = [name for name, start in (("ECG", ECG), ("image", VISION)) if _all_missing(start, wanted, found)]
        why = f" (the whole {' and '.join(towers)} tower, which has to lie in the checkpoint)" if towers else ""
        said.append(f"{_keys(len(missing))} missing{why}: {_some(missing)}")
    if extra:
        said.append(f"{_keys(len(extra))} unknown: {_some(extra)}")
    if odd:
        said.append(f"{len(odd)} {'shape differs' if len(odd) == 1 else 'shapes differ'}: {_some(odd)}")
    return said


def _all_missing(start: str, wanted: Shapes, found: Mapping[str, tuple[int, ...]]) -> bool:
    return any(k.startswith(start) for k in wanted) and not any(k.startswith(start) for k in found)


def _keys(count: int) -> str:
    return "1 key is" if count == 1 else f"{count} keys are"


def _size(shape: Iterable[int]) -> str:
    return "x".join(str(n) for n in shape)


def _some(texts: list[str], most: int = 5) -> str:
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def _linear(name: str, rows: int, columns: int) -> Shapes:
    return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}


def _norm(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def _llama(sizes: LlamaSizes) -> Shapes:
    hidden, keys = sizes.hidden, sizes.kv_heads * sizes.head_width
    shapes: Shapes = {"model.embed_tokens.weight": (sizes.vocabulary, hidden)}
    for i in range(sizes.layers):
        at = f"model.layers.{i}."
        shapes |= {
            f"{at}self_attn.q_proj.weight": (hidden, hidden),
            f"{at}self_attn.k_proj.weight": (keys, hidden),
            f"{at}self_attn.v_proj.weight": (keys, hidden),
            f"{at}self_attn.o_proj.weight": (hidden, hidden),
            f"{at}mlp.gate_proj.weight": (sizes.intermediate, hidden),
            f"{at}mlp.up_proj.weight": (sizes.intermediate, hidden),
            f"{at}mlp.down_proj.weight": (hidden, sizes.intermediate),
            f"{at}input_layernorm.weight": (hidden,),
            f"{at}post_attention_layernorm.weight": (hidden,),
        }
    return shapes | {"model.norm.weight": (hidden,)}


def _ecg(sizes: EcgSizes) -> Shapes:
    width = sizes.width
    shapes: Shapes = {
        f"{ECG}class_embedding": (width,),
        f"{ECG}positional_embedding": (sizes.tokens, width),
    }
    if sizes.embed:
        shapes[f"{ECG}proj"] = (width, sizes.embed)
    shapes |= _stem(sizes) if sizes.stem == "conv" else {f"{ECG}conv1.weight": (width, LEADS, sizes.patch)}
    shapes |= _norm(f"{ECG}ln_pre", width)
    for i in range(sizes.layers):
        at = f"{ECG}transformer.resblocks.{i}."
        shapes |= _norm(f"{at}ln_1", width)
        shapes |= {f"{at}attn.in_proj_weight": (3 * width, width), f"{at}attn.in_proj_bias": (3 * width,)}
        shapes |= _linear(f"{at}attn.out_proj", width, width)
        shapes |= _norm(f"{at}ln_2", width)
        shapes |= _linear(f"{at}mlp.c_fc", sizes.mlp, width) | _linear(f"{at}mlp.c_proj", width, sizes.mlp)
    return shapes | _norm(f"{ECG}ln_post", width)


def _stem(sizes: EcgSizes) -> Shapes:
    """The convolutions of the stem `conv`: one plain, two residual, each with a batch norm."""
    first, second = sizes.channels
    shapes = {f"{ECG}stem.0.conv.weight": (first, LEADS, STEM_KERNELS[0])} | _batch_norm(f"{ECG}stem.0.norm", first)
    for k, (given, made) in enumerate(((first, second), (second, sizes.width)), start=1):
        at = f"{ECG}stem.{k}."
        shapes[f"{at}conv1.weight"] = (made, given, STEM_KERNELS[k])
        shapes |= _batch_norm(f"{at}norm1", made)
        shapes[f"{at}conv2.weight"] = (made, made, STEM_KERNELS[k])
        shapes |= _batch_norm(f"{at}norm2", made)
        shapes[f"{at}skip.weight"] = (made, given, 1)
        shapes |= _batch_norm(f"{at}skip_norm", made)
    return shapes


def _batch_norm(name: str, width: int) -> Shapes:
    return {f"{name}.{part}": (width,) for part in ("weight", "bias", "running_mean", "running_var")}


def _vision(sizes: VisionSizes) -> Shapes:
    hidden = sizes.hidden
    shapes: Shapes = {
        f"{VISION}embeddings.class_embedding": (hidden,),
        f"{VISION}embeddings.patch_embedding.weight": (hidden, 3, sizes.patch, sizes.patch),
        f"{VISION}embeddings.position_embedding.weight": ((sizes.image // sizes.patch) ** 2 + 1, hidden),
    }
    shapes |= _norm(f"{VISION}pre_layrnorm", hidden)
    for i in range(sizes.layers):
        at = f"{VISION}encoder.layers.{i}."
        for part in ("k_proj", "v_proj", "q_proj", "out_proj"):
            shapes |= _linear(f"{at}self_attn.{part}", hidden, hidden)
        shapes |= _norm(f"{at}layer_norm1", hidden)
        shapes |= _linear(f"{at}mlp.fc1", sizes.intermediate, hidden)
        shapes |= _linear(f"{at}mlp.fc2", hidden, sizes.intermediate)
        shapes |= _norm(f"{at}layer_norm2", hidden)
    return shapes | _norm(f"{VISION}post_layernorm", hidden)
