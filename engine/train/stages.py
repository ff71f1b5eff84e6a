"""Stages as configuration: what is trained, how fast, on what; built in under a name, or from a TOML file. No torch."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.gem.config import EcgSizes, VisionSizes
from engine.train.needs import Refused

T = TypeVar("T")
PARTS = ("ecg_tower", "ecg_projector", "vision_tower", "mm_projector", "decoder")
PRECISIONS = ("fp32", "bf16", "fp16", "fast")
"""`fast`: bf16 on a GPU and where the CPU multiplies it by itself, else fp32."""
SCHEDULES = ("cosine", "linear", "constant")
SIGNALS = ("live", "published")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of training the whole model."""

    name: str
    rates: Mapping[str, float]
    """Learning rate of each part that is trained; a part that is not named is frozen."""
    schedule: str = "cosine"
    warmup: float = 0.03
    """Share of the steps over which the rate rises."""
    weight_decay: float = 0.0
    """Of matrices; embeddings, norms and biases have none."""
    epochs: float = 1.0
    batch: int = 256
    """Samples of one step, over all processes."""
    micro: int = 16
    """Samples that are computed at once; a step adds up as many of these as it needs."""
    clip: float = 1.0
    """Longest gradient; 0: not clipped."""
    precision: str = "bf16"
    """Of the computation (autocast); weights and optimiser are kept in float32."""
    signal_dropout: float = 0.0
    """Share of samples that are shown without their signal, where they have a page too."""
    page_dropout: float = 0.0
    """Share of samples that are shown without their page, where they have a signal too."""
    longest: int = 0
    """Positions after which a sequence is cut; 0: as the checkpoint says."""
    signal: str = "live"
    """`live`: the filtered path that Vigil interprets; `published`: rows as the file has them, as GEM was trained."""
    new_pages: float = 0.5
    """Share of drawn pages that are GEM's own page without wear; the others have any layout, paper and harm."""
    page_scale: float = 2.0
    """Pages are drawn at this many times the resolution of the image tower."""
    page_kinds: int = 0
    """A recording is drawn in at most so many ways over the whole training; 0: anew each time."""
    remembered_mb: int = 1024
    """Memory for what frozen towers made of a recording, on one process on a CPU."""
    grouped: bool = True
    """Samples of like length share a batch."""
    checkpointing: bool = False
    """Activations of the decoder are computed twice instead of kept."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TowerStage:
    """What the stages share that train one tower alone on what the teacher draws: its labels and its parameters."""

    name: str
    steps: int = 1000
    taught: int = 48
    """Simulated records of one step."""
    rate: float = 1e-3
    schedule: str = "cosine"
    warmup: float = 0.03
    weight_decay: float = 0.02
    clip: float = 1.0
    precision: str = "fast"
    ema: float = 0.98
    """Share that the averaged weights, which are written, keep at each step; 0: the last ones are written."""
    label_weight: float = 4.0
    """Of the labels' loss against the parameters' where the teacher is alone."""
    dropout: float = 0.2
    """In front of the heads."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SignalStage(TowerStage):
    """What the stages of the ECG tower share: its sizes, and the harm that recordings are shown with (`heads.harmed`)."""

    tower: EcgSizes = field(
        default_factory=lambda: EcgSizes(stem="conv", width=128, layers=2, head_width=32, mlp=512, embed=0)
    )
    gain: float = 0.12
    """Deviation of the logarithm of a record's gain."""
    lead_gain: float = 0.05
    noise_mv: float = 0.27
    """White noise of half the records: deviation up to this, small ones more often."""
    wander_mv: float = 0.45
    """Slow wander of half the records: up to this, small ones more often."""
    lost_leads: float = 0.05
    """Share of leads that are blanked in three of ten records."""
    shift_s: float = 2.0
    """Half the records are moved by up to this, zeros in place of what is not there."""


@dataclass(frozen=True, slots=True)
class EncoderStage(SignalStage):
    """Training of the ECG tower alone on what the teacher draws, and on labelled records where some are named.

    Losses and amounts: the recipe that was measured for 494 records (tiny-model study, 2026): binary cross-entropy and
    smooth L1, co-trained with the teacher's rhythms and findings so that they are not forgotten.
    """

    real: int = 0
    """Labelled records of one step; 0: none."""
    mixup: float = 0.4
    """Both parameters of the beta distribution by which half of the labelled batches are mixed; 0: none are."""
    superclass_weight: float = 2.0
    """Of the five superclasses of labelled records."""
    taught_weight: float = 0.5
    """Of the teacher's labels beside labelled records; its superclasses have none then."""
    parameter_weight: float = 0.25
    """Of the teacher's parameters beside labelled records."""


@dataclass(frozen=True, slots=True)
class UnlabelledStage(SignalStage):
    """Training of the ECG tower on recordings without a label, beside what the teacher draws (`engine.train.unlabelled`).

    Hidden stretches and leads are told from what is left, through one linear layer and on what was hidden alone (SimMIM: Xie et al.,
    CVPR 2022, arXiv 2111.09886). Over time and leads, as in ST-MEM (Na et al., ICLR 2024, arXiv 2402.09450), three quarters
    of a recording are hidden, the share of MAE (He et al., CVPR 2022, arXiv 2111.06377). Beside it Vigil's own measurement of the same ten seconds is told.
    """

    steps: int = 500
    taught: int = 24
    weight_decay: float = 0.05
    unlabelled: int = 32
    """Recordings of one step, a segment of each; as many as the labelled ones of `encoder-real`."""
    pieces: int = 4
    """Segments that are cut from one recording, at most; a choice."""
    masked: float = 0.5
    """Share of the recordings of a step of which something is hidden; the others are shown whole, as they are when they are
    interpreted. A choice: the norms of the stem's convolutions keep means of what they see."""
    mask_time: float = 0.5
    """Share of the time that is hidden in all leads."""
    mask_span_s: float = 0.5
    """Length of what is hidden at a time; about one P-QRS-T, so that no wave is told from its own other half. A choice."""
    mask_leads: float = 0.5
    """Share of the leads that are hidden all the time. The six limb leads count as one: any two of them give the others."""
    rebuilt_weight: float = 1.0
    """Of the squared error of what is hidden, each lead standardised over its ten seconds: 1 where its mean is told."""
    number_weight: float = 1.0
    """Of the smooth L1 of the measured numbers."""
    held: float = 0.1
    """Share of the recordings that are kept back, on which both errors are told at the end."""


@dataclass(frozen=True, slots=True)
class PageStage(TowerStage):
    """Training of the image tower alone on pages of what the teacher draws, each record on one page."""

    tower: VisionSizes = field(default_factory=lambda: VisionSizes(128, 512, 3, 4, patch=16, image=224, tap=-1, pool=2))
    steps: int = 300
    dropout: float = 0.1
    new_pages: float = 0.75
    """Share of pages that are GEM's own page without wear."""
    page_scale: float = 2.0
    """Pages are drawn at this many times the resolution of the tower."""


AnyStage = Stage | EncoderStage | UnlabelledStage | PageStage
_DECODER = {"decoder": 2e-5, "mm_projector": 2e-5, "ecg_projector": 2e-5}
_NEW = {"decoder": 1e-3, "mm_projector": 1e-3, "ecg_projector": 1e-3, "vision_tower": 5e-4}
BUILT_IN: Mapping[str, AnyStage] = {
    "gem": Stage("gem", _DECODER, signal="published", checkpointing=True),
    "tiny": Stage(
        "tiny", _NEW, weight_decay=0.01, epochs=4.0, batch=32, micro=8, precision="fp32", signal_dropout=0.1,
        page_dropout=0.1,
    ),
    "page": PageStage("page"),
    "encoder": EncoderStage("encoder"),
    "encoder-real": EncoderStage("encoder-real", steps=500, taught=24, real=32, weight_decay=0.05),
    "encoder-unlabelled": UnlabelledStage("encoder-unlabelled"),
}  # fmt: skip
"""`gem` is the paper's single stage (arXiv 2503.06073, appendix): towers frozen, 2e-5, one epoch, batch 256, bf16."""


def built_in(name: str) -> AnyStage:
    """A stage by its name; raises Refused."""
    if name not in BUILT_IN:
        raise Refused(f"there is no stage {name!r}: choose {', '.join(BUILT_IN)}, or write one (--stage-file)")
    return BUILT_IN[name]


def read_stage(path: Path) -> AnyStage:
    """The stage of a TOML file: `base`, a built-in one that it changes, and any of the fields. Raises Refused."""
    table = read_toml(path)
    base = str(table.pop("base", "encoder" if table.get("kind") == "encoder" else "gem"))
    table.pop("kind", None)
    return changed(built_in(base), {"name": path.stem, **table}, str(path))


def with_settings(stage: AnyStage, settings: Sequence[str]) -> AnyStage:
    """A stage after changes that are written as in its file, `batch=8` or `rates.decoder=1e-4`; raises Refused."""
    table: dict[str, Any] = {}
    for one in settings:
        try:
            told = tomllib.loads(one)
        except tomllib.TOMLDecodeError:
            raise Refused(f"--set {one}: write a field as in a stage file, batch=8 or precision='bf16'") from None
        for name, value in told.items():
            if name in ("rates", "tower") and not isinstance(value, Mapping):
                raise Refused(f"--set {one}: name the part too, as in rates.decoder=1e-4 or tower.layers=2")
            table[name] = {**table.get(name, {}), **value} if isinstance(value, Mapping) else value
    if isinstance(stage, Stage) and "rates" in table:
        table["rates"] = {**stage.rates, **table["rates"]}
    return changed(stage, table, "--set") if table else stage


def changed(stage: AnyStage, table: Mapping[str, Any], where: str) -> AnyStage:
    """A stage with other values, checked; raises Refused with one sentence that names the field."""
    values: dict[str, Any] = {f.name: getattr(stage, f.name) for f in fields(stage)}
    if "tower" in values and "tower" in table:
        told = table["tower"]
        if not isinstance(told, Mapping):
            raise Refused(f"{where}: tower is a table of sizes")
        own = stage.tower  # type: ignore[union-attr]
        table = {**table, "tower": {**{f.name: getattr(own, f.name) for f in fields(own)}, **told}}
    made = as_dataclass(type(stage), {**values, **table}, where)
    wrong = _wrong(made)
    if wrong:
        raise Refused(f"{where}: {wrong}")
    return made


def as_dataclass(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """A dataclass from a table of its fields; unknown fields and wrong types are refused in one sentence."""
    names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    strange = [name for name in values if name not in names]
    if strange:
        raise Refused(f"{where}: there is no field {strange[0]}; those are {', '.join(names)}")
    builtin = {k: msgspec.to_builtins(v) if is_dataclass(v) else v for k, v in values.items()}
    try:
        return msgspec.convert(builtin, kind)
    except msgspec.ValidationError as error:
        raise Refused(f"{where}: {str(error).replace('`', '')}") from None


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML or JSON file as a table; raises Refused."""
    try:
        text = path.read_text(encoding="utf-8")
        told = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except FileNotFoundError:
        raise Refused(f"{path} is not there") from None
    except (OSError, ValueError) as error:
        raise Refused(f"{path} cannot be read: {error}") from None
    if not isinstance(told, dict):
        raise Refused(f"{path} holds no table")
    return told


def told(stage: AnyStage) -> dict[str, Any]:
    """A stage as a file gives it back."""
    return plain(stage)


def plain(value: Any) -> dict[str, Any]:
    """A dataclass as a JSON file gives it back, so that it can be compared with one that was written."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return found


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _wrong(stage: AnyStage) -> str:
    """What is impossible about a stage, without its place; empty where nothing is."""
    checks = [
        (stage.schedule in SCHEDULES, f"schedule {stage.schedule!r} is none of {', '.join(SCHEDULES)}"),
        (stage.precision in PRECISIONS, f"precision {stage.precision!r} is none of {', '.join(PRECISIONS)}"),
        (0.0 <= stage.warmup <= 1.0, f"warmup {stage.warmup:g} is a share of the steps, 0 to 1"),
        (stage.clip >= 0.0 and stage.weight_decay >= 0.0, "clip and weight_decay are 0 or more"),
    ]
    if isinstance(stage, Stage):
        checks += _of_model(stage)
    elif isinstance(stage, EncoderStage):
        checks += _of_encoder(stage)
    elif isinstance(stage, UnlabelledStage):
        checks += _of_unlabelled(stage)
    else:
        checks += _of_page(stage)
    return next((said for fits, said in checks if not fits), "")


def _of_model(stage: Stage) -> list[tuple[bool, str]]:
    strange = [part for part in stage.rates if part not in PARTS]
    dropped = stage.signal_dropout, stage.page_dropout
    return [
        (not strange, f"rates names {', '.join(strange)}: the parts are {', '.join(PARTS)}"),
        (bool(stage.rates), "rates names no part, so that nothing would be trained"),
        (all(rate > 0 for rate in stage.rates.values()), "a rate is above 0; a frozen part is not named"),
        (stage.epochs > 0, f"epochs {stage.epochs:g} is above 0"),
        (stage.batch >= 1 and stage.micro >= 1, "batch and micro are 1 or more"),
        (min(dropped) >= 0 and sum(dropped) <= 1, "signal_dropout and page_dropout are shares, together at most 1"),
        (0.0 <= stage.new_pages <= 1.0, f"new_pages {stage.new_pages:g} is a share, 0 to 1"),
        (0.25 <= stage.page_scale <= 8.0, f"page_scale {stage.page_scale:g} lies between 0.25 and 8"),
        (stage.longest >= 0 and stage.page_kinds >= 0 and stage.remembered_mb >= 0, "longest, page_kinds and remembered_mb are 0 or more"),
        (stage.signal in SIGNALS, f"signal {stage.signal!r} is none of {', '.join(SIGNALS)}"),
    ]  # fmt: skip


def _of_tower(stage: TowerStage) -> list[tuple[bool, str]]:
    return [
        (stage.steps >= 1, "steps is 1 or more"),
        (stage.rate > 0, "rate is above 0"),
        (0.0 <= stage.ema < 1.0, f"ema {stage.ema:g} lies from 0 to below 1"),
        (0.0 <= stage.dropout < 1.0, f"dropout {stage.dropout:g} is a share below 1"),
        (stage.label_weight >= 0, "label_weight is 0 or more"),
    ]


def _of_signal(stage: SignalStage) -> list[tuple[bool, str]]:
    harm, tower = (stage.gain, stage.lead_gain, stage.noise_mv, stage.wander_mv, stage.shift_s), stage.tower
    return [
        *_of_tower(stage),
        (stage.taught >= 0, "taught is 0 or more"),
        (0.0 <= stage.lost_leads <= 1.0, f"lost_leads {stage.lost_leads:g} is a share, 0 to 1"),
        (min(harm) >= 0, "weights and amounts are 0 or more"),
        (tower.stem in ("conv", "patch50") and tower.patch == 50, "tower.stem is conv or patch50, tower.patch 50"),
        (tower.layers >= 1 and tower.width % max(1, tower.head_width) == 0, "tower.width is a multiple of tower.head_width"),
        (min(tower.channels) >= 1 and tower.mlp >= 1 and tower.embed >= 0, "tower.channels and tower.mlp are 1 or more"),
    ]  # fmt: skip


def _of_encoder(stage: EncoderStage) -> list[tuple[bool, str]]:
    weights = stage.superclass_weight, stage.taught_weight, stage.parameter_weight, stage.mixup
    return [
        *_of_signal(stage),
        (stage.real >= 0 and stage.taught + stage.real >= 2, "taught and real are together 2 or more"),
        (min(weights) >= 0, "weights and amounts are 0 or more"),
    ]


def _of_unlabelled(stage: UnlabelledStage) -> list[tuple[bool, str]]:
    weights = stage.rebuilt_weight, stage.number_weight
    shares = {name: getattr(stage, name) for name in ("masked", "mask_time", "mask_leads")}
    wrong = next((name for name, share in shares.items() if not 0.0 <= share <= 1.0), "masked")
    return [
        *_of_signal(stage),
        (stage.unlabelled >= 2, "unlabelled is 2 or more"),
        (stage.pieces >= 1, "pieces is 1 or more"),
        (0.0 <= shares[wrong] <= 1.0, f"{wrong} {shares[wrong]:g} is a share, 0 to 1"),
        (0.1 <= stage.mask_span_s <= 10.0, f"mask_span_s {stage.mask_span_s:g} lies between 0.1 and 10"),
        (min(weights) >= 0 and max(weights) > 0, "rebuilt_weight and number_weight are 0 or more, one of them above"),
        (0.0 <= stage.held < 1.0, f"held {stage.held:g} is a share below 1"),
    ]


def _of_page(stage: PageStage) -> list[tuple[bool, str]]:
    tower = stage.tower
    return [
        *_of_tower(stage),
        (stage.taught >= 2, "taught is 2 or more"),
        (0.0 <= stage.new_pages <= 1.0, f"new_pages {stage.new_pages:g} is a share, 0 to 1"),
        (0.25 <= stage.page_scale <= 8.0, f"page_scale {stage.page_scale:g} lies between 0.25 and 8"),
        (0 < tower.needed <= tower.layers and tower.hidden % max(1, tower.heads) == 0, "tower.hidden is a multiple of tower.heads, tower.tap one of its layers"),
        (tower.image % tower.patch == 0 and tower.image // tower.patch % max(1, tower.pool) == 0, "tower.image is a multiple of tower.patch, the patches of a side one of tower.pool"),
    ]  # fmt: skip
