"""`vigil engine doctor`: what is installed of the engine, what works, and how near it is to the published model."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from infra.model import chosen
from infra.settings import Settings


def run(args: argparse.Namespace) -> int:
    """Look at every runtime; exit 1 where one that works gives something else than it should."""
    from engine.cache import kept_in
    from engine.doctor import Doctor
    from engine.gem.checkpoint import open_checkpoint, read_sizes
    from engine.golden import open_pack
    from engine.trt_plans import every, summary

    source = _asked_for(args)
    pack = open_pack(args.golden) if args.golden else None
    checkpoint = open_checkpoint(source, read_sizes(args.sizes) if args.sizes else None) if source else None
    doctor = Doctor(pack, checkpoint, _progress)
    found, prepared = doctor.examine(), doctor.preparation()
    plans = [summary(plan) for plan in every(kept_in("plans"))]
    wrong = any(f.is_wrong for f in (*found.values(), prepared))
    if args.json:
        preparation = {k: v for k, v in asdict(prepared).items() if k in ("available", "why_not", "cases", "failed")}
        runtimes = {name: asdict(f) for name, f in found.items()}
        print(json.dumps({"runtimes": runtimes, "plans": plans, "preparation": preparation}))
        return int(wrong)
    if checkpoint is not None and checkpoint.config.note:
        print(f"note     {checkpoint.config.note}")
    if checkpoint is not None:
        print(f"note     tried with the model {checkpoint.config.name or checkpoint.folder.name}")
    for name, one in (*found.items(), ("inputs", prepared)):
        state = "fail" if one.is_wrong else "ok" if one.available else "note"
        print(f"{state:<5} {name:<9} {_told(asdict(one))}")
    for plan in plans:
        print(f"ok    plan {plan['part']} in {plan['precision']} for {plan['target']}: {plan['path']}")
    print("Research software, not a medical device.")
    return int(wrong)


def _asked_for(args: argparse.Namespace) -> str:
    """The model to try; with a golden pack only one that was named."""
    settings = Settings.from_environment()
    wanted = chosen(args.model, settings)
    return "" if args.golden and wanted.ships else wanted.source


def _told(one: dict[str, object]) -> str:
    """One runtime in words."""
    if not one["available"]:
        return str(one["why_not"])
    parts = ["works here" if not one["cases"] else "1 case" if one["cases"] == 1 else f"{one['cases']} cases"]
    if one["logits_max_abs"] is not None:
        ids = "same ids" if one["ids_equal"] else "other ids"
        parts.append(f"{ids}, logits within {one['logits_max_abs']:.1e}")
    if one["first_token_s"] is not None:
        parts.append(f"first token {one['first_token_s']:.3f} s, then {one['tokens_per_s']:.1f} tokens/s")
    if one["int8"] is not None:
        small: dict[str, float] = one["int8"]  # type: ignore[assignment]
        parts.append(
            f"eight bit weights: same best token at {small['best_token']:.0%} of {small['tokens']} places, "
            f"logits within {small['logits_max_abs']:.2g}"
        )
    if one["failed"]:
        parts.append("differs in " + ", ".join(one["failed"]))  # type: ignore[arg-type]
    return "; ".join(parts)


def _progress(name: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"trying {name}\n")
