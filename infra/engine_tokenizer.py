"""`vigil engine tokenizer`: the tokenizer of a new model, learnt from its samples, with the sizes of gem-tiny beside it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from infra.plan import BadRequest

SIZES = "sizes.toml"


def run(args: argparse.Namespace) -> int:
    """Learn it and write both files; 0 done, 2 cannot be begun so."""
    from engine.gem.new_words import learn_words, least, sizes_of
    from engine.train.needs import Refused
    from engine.train.samples import read_samples

    out = Path(args.out)
    if args.size < least():
        raise BadRequest(f"--size {args.size}: slots, leads and bytes alone are {least()} tokens")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadRequest(f"--out {out} holds other files: name a new folder")
    if not out.absolute().parent.is_dir():
        raise BadRequest(f"--out {out}: {out.absolute().parent} is not there")
    try:
        samples, _ = read_samples([Path(name) for name in args.data])
    except Refused as error:
        raise BadRequest(str(error)) from None
    texts = (text for sample in samples for turn in sample.turns for text in (turn.question, turn.answer or ""))
    count = learn_words(texts, args.size, out)
    (out / SIZES).write_text(sizes_of(count), encoding="utf-8")
    told = {"out": str(out), "tokens": count, "samples": len(samples)}
    print(json.dumps(told) if args.json else f"{out} holds a tokenizer of {count} words, and {SIZES} for a new model")
    return 0
