"""`vigil engine train`: a stage of training, from weights and data to a checkpoint."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.cache import cache_dir
from infra.datasets import PACK, folder_of
from infra.plan import BadRequest
from infra.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.instruct.labelled import Entry
    from engine.train.recordings import Places
    from engine.train.run import Keeping
    from engine.train.samples import Named
    from engine.train.segments import Source
    from engine.train.stages import AnyStage, EncoderStage, PageStage, Stage, UnlabelledStage
    from engine.train.start import Start
    from engine.train.towers import Tower


def run(args: argparse.Namespace) -> int:
    """Train a stage; 0 done, 1 stopped or failed, 2 cannot be begun so."""
    from engine.runtime import RuntimeAway
    from engine.train.needs import Failed, Refused, why_not

    away = why_not()
    if away:
        raise RuntimeAway(away)
    try:
        stage = _stage(args)
        summary = _train(args, stage)
    except Refused as error:
        raise BadRequest(str(error)) from None
    except Failed as error:
        sys.stderr.write(f"vigil: {error}\n")
        return 1
    if int(os.environ.get("RANK", "0")) == 0:
        print(json.dumps({"out": args.out, **summary}) if args.json else _line(args.out, summary))
    return 0


def _train(args: argparse.Namespace, stage: AnyStage) -> dict[str, Any]:
    from engine.train.place import use_threads, usual_workers
    from engine.train.stages import PageStage, Stage, UnlabelledStage

    if (args.workers or 0) < 0:
        raise BadRequest(f"--workers {args.workers}: give 0 or a number of processes")
    if args.threads:
        use_threads(args.threads)
    if args.workers is None:
        args.workers = usual_workers(args.cpu)
    if isinstance(stage, UnlabelledStage):
        return _unlabelled(args, stage)
    if args.unlabelled or args.leave_out:
        raise BadRequest(f"stage {stage.name} takes no --unlabelled and --leave-out: those are of encoder-unlabelled")
    if isinstance(stage, PageStage):
        return _pages(args, stage)
    return _whole(args, stage) if isinstance(stage, Stage) else _encoder(args, stage)


def _stage(args: argparse.Namespace) -> AnyStage:
    from engine.train.stages import built_in, read_stage, with_settings

    if args.stage and args.stage_file:
        raise BadRequest("--stage and --stage-file both name a stage: give one of them")
    stage = read_stage(Path(args.stage_file)) if args.stage_file else built_in(args.stage or "gem")
    settings = [*args.set, *([f"seed={args.seed}"] if args.seed is not None else [])]
    return with_settings(stage, settings)


def _keeping(args: argparse.Namespace) -> Keeping:
    from engine.train.run import Keeping

    if not args.save_minutes > 0 or args.save_steps < 0 or args.tell_steps < 1:
        raise BadRequest("--save-minutes is above 0, --save-steps 0 or more, --tell-steps 1 or more")
    return Keeping(Path(args.out), args.save_minutes * 60.0, args.save_steps, args.tell_steps, args.cpu)


# the whole model --------------------------------------------------------------------------------------------------


def _whole(args: argparse.Namespace, stage: Stage) -> dict[str, Any]:
    from engine.train.run import train_whole
    from engine.train.samples import read_samples
    from engine.train.whole import Supply

    if not args.data:
        raise BadRequest("no samples to learn from: name JSON lists with --data")
    if bool(args.init) == bool(args.new):
        raise BadRequest("name what is trained: weights with --init DIR, or the sizes of a new model with --new FILE")
    if not 0.0 <= args.failing <= 1.0:
        raise BadRequest(f"--failing {args.failing:g} is a share of the samples, 0 to 1")
    data = [Path(name) for name in args.data]
    keeping = _keeping(args)
    samples, unusable = read_samples(data)
    places = places_of(args, samples)
    start = _start(args, stage)
    supply = Supply(samples, unusable, places, args.failing, args.workers)
    return train_whole(start, stage, supply, data, keeping)


def places_of(args: argparse.Namespace, samples: Sequence[Named]) -> Places:
    """Where recordings of samples lie, by --records and --images; sets that come packed are unpacked into the cache."""
    from engine.train.recordings import Places
    from engine.train.samples import databases

    settings = Settings.from_environment()
    records = Path(args.records) if args.records else settings.data
    images = Path(args.images) if args.images else None
    for name, folder in (("--records", records), ("--images", images)):
        if folder is not None and not folder.is_dir():
            raise BadRequest(f"{name} {folder} is no folder")
    if records is None and images is None and any(sample.ecg or sample.image for sample in samples):
        raise BadRequest("no recordings: name the folder of signals with --records, or that of pages with --images")
    if records is None:
        return Places(None, {}, images)
    cache, wanted = cache_dir(settings.cache), databases(samples)
    packed = [n for n in wanted if not (records / n).is_dir() and (records / f"{n}{PACK}").is_file()]
    here = [n for n in wanted if (records / n).is_dir()]
    if wanted and not (packed or here):
        if args.records or images is None:
            raise BadRequest(f"--records {records} holds none of {', '.join(wanted)}: name the folder that they lie in")
        return Places(None, {}, images)
    return Places(records, {name: folder_of(name, records, cache) for name in packed}, images)


def _start(args: argparse.Namespace, stage: Stage) -> Start:
    from engine.gem.checkpoint import open_checkpoint, read_sizes
    from engine.train.pages import read_pages
    from engine.train.start import from_checkpoint, new

    sizes = read_sizes(args.sizes) if args.sizes else None
    tower = _tower(args, sizes)
    if args.new:
        return new(Path(args.new), tower, stage.seed, read_pages(Path(args.page_init)) if args.page_init else None)
    if args.page_init:
        raise BadRequest("--page-init is for a new model (--new): the weights of --init have an image tower")
    return from_checkpoint(open_checkpoint(args.init, sizes), tower, _ecg_sizes(sizes), stage.seed)


def _tower(args: argparse.Namespace, sizes: dict[str, Any] | None) -> Tower | None:
    from engine.train.towers import listed, open_tower

    if not args.ecg_init:
        return None
    told = _ecg_sizes(sizes)
    tower = open_tower(Path(args.ecg_init), args.pickle, told.head_width if told else 64)
    if args.pickle and int(os.environ.get("RANK", "0")) == 0:
        sys.stderr.write(f"{listed(tower)}\n")
    return tower


def _ecg_sizes(sizes: dict[str, Any] | None) -> Any:
    from engine.gem.config import read_config

    if not sizes or "ecg_config" not in sizes:
        return None
    return read_config({"model_type": "llava_llama", "ecg_config": sizes["ecg_config"]}).ecg


# towers alone -------------------------------------------------------------------------------------------------------


def _encoder(args: argparse.Namespace, stage: EncoderStage) -> dict[str, Any]:
    from engine.train.run import train_encoder

    if args.init or args.new or args.data:
        raise BadRequest(f"stage {stage.name} trains the ECG tower alone: --init, --new and --data are of other stages")
    if bool(stage.real) != bool(args.sets):
        how = (
            "learns from labelled records: name them with --sets"
            if stage.real
            else "learns from none: leave --sets out"
        )
        raise BadRequest(f"stage {stage.name} (real = {stage.real}) {how}")
    entries = _labelled(args) if args.sets else []
    return train_encoder(stage, _tower(args, None), entries, _keeping(args), args.workers)


def _unlabelled(args: argparse.Namespace, stage: UnlabelledStage) -> dict[str, Any]:
    from engine.train.pretrain import Unasked, train_unlabelled

    if args.init or args.new or args.data or args.sets:
        raise BadRequest(
            f"stage {stage.name} asks for no label: --init, --new, --data and --sets are of other stages, recordings are named with --unlabelled"
        )
    if not args.unlabelled:
        raise BadRequest(f"stage {stage.name} learns from recordings: name files, folders or sets with --unlabelled")
    if not 0.0 <= args.failing <= 1.0:
        raise BadRequest(f"--failing {args.failing:g} is a share of the recordings, 0 to 1")
    given = Unasked(_sources(args), args.failing, workers=args.workers)
    return train_unlabelled(stage, _tower(args, None), given, _keeping(args))


def _sources(args: argparse.Namespace) -> list[Source]:
    """Recordings of the files, folders and sets of --unlabelled, those of --leave-out not among them."""
    from engine.train.segments import sources_at, without
    from infra.datasets import data_folder

    settings = Settings.from_environment()
    found: dict[str, Source] = {}
    for name in args.unlabelled:
        path = Path(name)
        if not path.exists() and not path.with_name(f"{path.name}.hea").is_file():
            path = folder_of(name, data_folder(args.records, settings), cache_dir(settings.cache))
        found |= {source.name: source for source in sources_at(path)}
    if not args.leave_out:
        return list(found.values())
    try:
        names = Path(args.leave_out).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise BadRequest(f"--leave-out {args.leave_out} cannot be read: {error}") from None
    return without(list(found.values()), names)


def _pages(args: argparse.Namespace, stage: PageStage) -> dict[str, Any]:
    from engine.train.run import train_pages

    if args.init or args.new or args.data or args.sets or args.ecg_init:
        raise BadRequest(
            f"stage {stage.name} trains the image tower alone, on what the teacher draws: it takes no weights and no data"
        )
    return train_pages(stage, _keeping(args), args.workers)


def _labelled(args: argparse.Namespace) -> list[Entry]:
    """Records of the labelled sets, doubles and those of other folds left out, as `vigil engine instruct` does."""
    from engine.instruct.labelled import BadSet
    from infra.engine_instruct import entries_of

    try:
        entries, _ = entries_of(args.sets, args.folds, args.records, max(1, args.workers))
    except BadSet as error:
        raise BadRequest(str(error)) from None
    return [entry for entry in entries if not entry.left_out]


def _line(out: str, summary: dict[str, Any]) -> str:
    loss, missing = summary["loss"], sum(summary.get("unread", {}).values())
    left = f"; {missing} samples were not learnt from ({out}/unread.jsonl)" if missing else ""
    what = (
        "checkpoint"
        if "fresh" in summary
        else "ECG tower"
        if "labelled_records" in summary or "recordings" in summary
        else "image tower"
    )
    left += f"; began new: {', '.join(summary['fresh'])}" if summary.get("fresh") else ""
    return f"{out} holds the {what} after {summary['steps']} steps, loss {loss['begin_mean']:.3f} to {loss['end_mean']:.3f}{left}"
