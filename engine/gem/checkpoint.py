"""A checkpoint on disk in the released layout: opened lazily and checked whole, and written the same way.

Weights come through safetensors only; nothing is unpickled. Opening reads the headers, not the weights.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.gem import layout
from engine.gem.config import BadCheckpoint, GemConfig, read_config, write_config
from engine.gem.words import Words, read_words

CONFIG = "config.json"
INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
TOKENIZER = ("tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json")
SHARD_BYTES = 5_000_000_000
_FLOATS = ("F32", "F16", "BF16")
_HUB = re.compile(r"[\w.-]+/[\w.-]+(@[\w.-]+)?")


@dataclass(frozen=True)
class Checkpoint:
    """A folder of weights whose every name and shape has been checked."""

    folder: Path
    config: GemConfig
    files: Mapping[str, str]
    """Which file each key lies in."""

    def numpy(self, key: str) -> NDArray[Any]:
        """One weight in the type it is stored in; bfloat16 is that of ml_dtypes. Raises BadCheckpoint."""
        return np.asarray(self._read(key, "numpy"))

    def torch(self, key: str) -> Any:
        """One weight as a torch tensor in the type it is stored in; only for those who have torch."""
        return self._read(key, "pt")

    def _read(self, key: str, framework: str) -> Any:
        import ml_dtypes  # noqa: F401 - numpy learns bfloat16 from it
        from safetensors import SafetensorError, safe_open

        path = self.folder / self.files[key]
        try:
            with safe_open(path, framework) as shard:
                return shard.get_tensor(key)
        except (SafetensorError, OSError) as error:
            raise BadCheckpoint(f"{path} cannot be read at {key} ({error}): fetch it again") from None

    @property
    def parameters(self) -> int:
        """Number of weights of the configuration, unused ones counted."""
        return sum(int(np.prod(shape)) for shape in layout.expected(self.config).values())

    @cached_property
    def words(self) -> Words:
        """The tokenizer that lies with the weights; raises BadCheckpoint."""
        return read_words(self.folder, self.config.tokens.begin, self.config.tokens.end)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over configuration, tokenizer and weights; reads all of them once."""
        total = hashlib.sha256()
        names = {CONFIG, *(n for n in TOKENIZER if (self.folder / n).is_file()), *self.files.values()}
        for name in sorted(names):
            with (self.folder / name).open("rb") as file:
                total.update(name.encode() + hashlib.file_digest(file, "sha256").digest())
        return total.hexdigest()


def open_checkpoint(source: str | Path, sizes: Mapping[str, Any] | None = None) -> Checkpoint:
    """The checkpoint in a folder, or on the hub under owner/name[@revision].

    sizes: what config.json does not tell, as `read_sizes` gives it. Raises BadCheckpoint with one sentence.
    """
    folder = Path(source)
    if not folder.is_dir():
        folder = _from_hub(str(source))
    config = read_config(_json(folder / CONFIG), sizes)
    files = _files(folder)
    shapes = _shapes(folder, files)
    wrong = layout.check(shapes, config)
    if wrong:
        raise BadCheckpoint(f"{folder} is no {config.layout} checkpoint of the sizes it names: {'; '.join(wrong)}")
    return Checkpoint(folder, config, {key: files[key] for key in layout.expected(config)})


def read_sizes(place: str | Path) -> dict[str, Any]:
    """Sizes that a released checkpoint does not tell, from a JSON file or a folder of JSON files.

    Read are entries `ecg_config`, `vision_config` and `image_processor`, and the published files themselves: that of
    the ECG tower (`ecg_cfg`), that of CLIP's vision model, and its preprocessor's. Raises BadCheckpoint.
    """
    path = Path(place)
    if not path.exists():
        raise BadCheckpoint(f"{path} does not exist: name a file or folder with the sizes of the towers")
    sizes: dict[str, Any] = {}
    for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
        told = _json(file)
        sizes |= {k: told[k] for k in ("ecg_config", "vision_config", "image_processor") if k in told}
        if "ecg_cfg" in told:
            sizes["ecg_config"] = {**told["ecg_cfg"], "embed_dim": told.get("embed_dim", 512)}
        elif told.get("model_type") == "clip_vision_model":
            sizes["vision_config"] = told
        elif "image_mean" in told:
            sizes["image_processor"] = told
    if not sizes:
        raise BadCheckpoint(f"{path} tells no sizes: ecg_config, vision_config or image_processor is looked for")
    return sizes


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadCheckpoint(f"{path.parent} has no {path.name}: name the folder of a checkpoint") from None
    except (ValueError, OSError) as error:
        raise BadCheckpoint(f"{path} cannot be read as JSON ({error}): fetch it again") from None
    if not isinstance(told, dict):
        raise BadCheckpoint(f"{path} holds no JSON object: fetch it again")
    return told


def _files(folder: Path) -> dict[str, str]:
    """Key to file, from the index or from the only file of weights."""
    if (folder / INDEX).is_file():
        told = _json(folder / INDEX).get("weight_map")
        if not isinstance(told, dict) or not told or not all(isinstance(v, str) for v in told.values()):
            raise BadCheckpoint(f"{folder / INDEX} has no weight_map: fetch it again")
        outside = sorted(name for name in set(told.values()) if Path(name).name != name)
        if outside:
            raise BadCheckpoint(f"{folder / INDEX} names {outside[0]}, which lies outside the checkpoint's folder")
        return told
    if (folder / SINGLE).is_file():
        return dict.fromkeys(_header(folder / SINGLE), SINGLE)
    if any(folder.glob("*.safetensors")):
        raise BadCheckpoint(f"{folder} has shards and no {INDEX}: fetch the index too")
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise BadCheckpoint(f"{folder} holds pickled weights only, which are not opened: fetch the safetensors files")
    raise BadCheckpoint(f"{folder} has no weights: fetch its safetensors files and {INDEX}")


def _shapes(folder: Path, files: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    """Shapes as the shards' own headers tell them; a shard that is cut short or lacks a key is refused."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name in sorted(set(files.values())):
        header = _header(folder / name)
        absent = [key for key, file in files.items() if file == name and key not in header]
        if absent:
            raise BadCheckpoint(f"{folder / name} lacks {absent[0]}, which the index says it holds: fetch it again")
        shapes |= {key: header[key] for key, file in files.items() if file == name}
    return shapes


def _header(path: Path) -> dict[str, tuple[int, ...]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as shard:
            slices = {key: shard.get_slice(key) for key in shard.keys()}  # noqa: SIM118 - not a dictionary
            strange = [(k, s.get_dtype()) for k, s in slices.items() if s.get_dtype() not in _FLOATS]
            if strange and not strange[0][0].endswith("position_ids"):
                key, kind = strange[0]
                raise BadCheckpoint(f"{path} holds {key} as {kind}: only F32, F16 and BF16 are read, unquantised")
            return {key: tuple(s.get_shape()) for key, s in slices.items()}
    except FileNotFoundError:
        raise BadCheckpoint(f"{path} is missing: fetch the shard") from None
    except (SafetensorError, OSError) as error:
        raise BadCheckpoint(f"{path} is cut short or no safetensors file ({error}): fetch it again") from None


def _from_hub(name: str) -> Path:
    if not _HUB.fullmatch(name) or Path(name).is_absolute():
        raise BadCheckpoint(f"{name} is neither a folder nor a hub name (owner/name): name one with --model")
    from huggingface_hub import snapshot_download

    if not sys.stderr.isatty():
        utilities: Any = import_module("huggingface_hub.utils")
        utilities.disable_progress_bars()
    repository, _, revision = name.partition("@")
    wanted = [CONFIG, "generation_config.json", INDEX, "*.safetensors", *TOKENIZER]
    try:
        return Path(snapshot_download(repository, revision=revision or None, allow_patterns=wanted))
    except Exception as error:  # the client raises errors of many kinds, of its own and of HTTP libraries
        why = " ".join(str(error).split())[:200]
        raise BadCheckpoint(f"{name} is no folder here and cannot be fetched from the hub ({why})") from None


def write_checkpoint(
    folder: Path,
    config: GemConfig,
    weights: Mapping[str, NDArray[Any]],
    tokenizer: Path,
    shard_bytes: int = SHARD_BYTES,
) -> Checkpoint:
    """Write a checkpoint that describes itself, and open it.

    weights: every key of the layout, read one by one and kept in config.dtype; tokenizer: the folder that holds its
    files. Raises BadCheckpoint where keys or shapes are not those of the configuration; then nothing is written.
    """
    from safetensors.numpy import save_file

    wrong = layout.check({key: tuple(weights[key].shape) for key in weights}, config)
    if wrong:
        raise BadCheckpoint(f"weights for {folder} do not fit its configuration: {'; '.join(wrong)}")
    names = [n for n in TOKENIZER if (tokenizer / n).is_file()]
    if not {"tokenizer.json", "tokenizer.model"} & set(names):
        raise BadCheckpoint(f"{tokenizer} has neither tokenizer.json nor tokenizer.model to put into {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    shards = list(_shards(config, shard_bytes))
    files: dict[str, str] = {}
    for k, keys in enumerate(shards, start=1):
        name = f"model-{k:05d}-of-{len(shards):05d}.safetensors"
        kept = {key: np.ascontiguousarray(np.asarray(weights[key]).astype(_type(config.dtype))) for key in keys}
        save_file(kept, folder / f"{name}.part", {"format": "pt"})
        (folder / f"{name}.part").replace(folder / name)
        files |= dict.fromkeys(keys, name)
    for name in names:
        if tokenizer.resolve() != folder.resolve():
            shutil.copyfile(tokenizer / name, folder / name)
    size = sum(int(np.prod(s)) for s in layout.expected(config).values()) * np.dtype(_type(config.dtype)).itemsize
    _write(folder / INDEX, {"metadata": {"total_size": size}, "weight_map": dict(sorted(files.items()))})
    _write(folder / CONFIG, write_config(config))
    return open_checkpoint(folder)


def _shards(config: GemConfig, most: int) -> Iterator[list[str]]:
    """Keys in order, so many to a shard that it stays below `most` bytes."""
    keys: list[str] = []
    size, each = 0, np.dtype(_type(config.dtype)).itemsize
    for key, shape in layout.expected(config).items():
        bytes_ = int(np.prod(shape)) * each
        if keys and size + bytes_ > most:
            yield keys
            keys, size = [], 0
        keys.append(key)
        size += bytes_
    yield keys


def _type(name: str) -> Any:
    import ml_dtypes

    types = {"bfloat16": ml_dtypes.bfloat16, "float16": np.float16, "float32": np.float32}
    if name not in types:
        raise BadCheckpoint(f"weights cannot be kept as {name}: bfloat16, float16 or float32")
    return types[name]


def _write(path: Path, values: Mapping[str, Any]) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(path)
