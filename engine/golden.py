"""The golden pack run through a runtime: what the published code gave for small random weights, and what we give.

The pack's README tells how it was made. Signals and pixels are taken as the published code handed them over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from engine.gem.checkpoint import Checkpoint, open_checkpoint, read_sizes
from engine.gem.config import BadCheckpoint
from engine.gem.prompt import Turn, encode, template, with_recording
from engine.generate import follow, fuse
from engine.runtime import Floats, Ids, Runtime

LOGITS_WITHIN = 1e-4
"""Largest absolute difference of a float32 logit that counts as the same; two plain float32 programs differ by 3e-5."""
NEW_TOKENS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One prompt of the pack with what the published code answered.

    tail: (k, vocabulary) logits of the last k positions of the prompt; steps: (m, vocabulary) of the greedy steps;
    answer: the greedy ids. What the pack does not hold is empty.
    """

    name: str
    ids: Ids
    signals: Floats | None = None
    pages: Floats | None = None
    tail: Floats | None = None
    steps: Floats | None = None
    answer: tuple[int, ...] = ()
    end: int = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went; logits_max_abs is 0 where the pack holds ids only."""

    name: str
    logits_max_abs: float
    ids_equal: bool

    @property
    def is_same(self) -> bool:
        return self.ids_equal and self.logits_max_abs <= LOGITS_WITHIN


@dataclass(frozen=True)
class Pack:
    """An unpacked golden pack."""

    folder: Path

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The small model of the pack."""
        return open_checkpoint(self.folder / "model", read_sizes(self.folder / "aux"))

    @cached_property
    def told(self) -> dict[str, Any]:
        """golden.json: prompts, ids, scalars."""
        return dict(json.loads((self.folder / "golden.json").read_text(encoding="utf-8")))

    @cached_property
    def model(self) -> Any:
        return np.load(self.folder / "golden_model.npz")

    @cached_property
    def prepared(self) -> Any:
        return np.load(self.folder / "golden_preprocess.npz")

    def signal(self, name: str) -> Floats:
        """A record as the published code hands it to the tower, (12, 5000) float32."""
        return np.asarray(self.prepared[f"signal_{name}"])

    def page(self, name: str) -> Floats:
        """A page as the published code hands it to the tower, (3, 336, 336) float32; from its exact 8 bit pixels."""
        values = self.checkpoint.config.image
        pixels = self.prepared[f"page_ori_{name.removesuffix('.png')}_u8"].astype(np.float32) * np.float32(1 / 255)
        mean, std = (np.array(v, np.float32)[:, None, None] for v in (values.mean, values.std))
        return np.asarray((pixels - mean) / std, np.float32)

    def cases(self) -> Iterator[Case]:
        """Every case that a runtime can be given."""
        m = self.model
        start, last = m["a_input_ids"][0], m["a_logits"][0, -16:]
        signal, page = m["a_ecg"][None], m["a_pixel_values"]
        answer = _new(m["a_generated_ids"][0])
        yield Case("a", start, signal, page, last, m["a_generated_logits"][0], answer)
        ended = self.told["a_eos"]
        yield Case("a, another end", start, signal, page, None, None, _new(ended["ids"]), int(ended["eos_token_id"]))
        yield Case("a, no signal", start, np.zeros_like(signal), page, m["a_zero_ecg_last_logits"])
        yield Case("a, no page", start, signal, np.zeros_like(page), m["a_zero_image_last_logits"])
        two = (
            np.stack([self.signal("std"), self.signal("mimic")]),
            np.stack([self.page("page_std"), self.page("page_mimic")]),
        )
        yield Case("b", m["b_input_ids"][0], *two, m["b_last16_logits"][0], None, _new(m["b_generated_ids"][0]))
        one = self.signal(self.told["c"]["ecg"])[None], self.page(self.told["c"]["page"])[None]
        yield Case("c", m["c_input_ids"][0], *one, m["c_last_logits"], None, _new(m["c_generated_ids"][0]))
        yield Case("d", m["d_input_ids"][0], None, None, m["d_logits"][0], None, _new(m["d_generated_ids"][0]))
        yield from self._questions()

    def _questions(self) -> Iterator[Case]:
        """The published evaluation script's own run, from the question's text on."""
        told = json.loads((self.folder / "e2e.json").read_text(encoding="utf-8"))
        answers = {a["question_id"]: _new(a["generated_ids"]) for a in told["answers"]}
        for question in told["questions"]:
            text = template([Turn(with_recording(question["conversations"][0]["value"]))])
            yield Case(
                question["id"],
                encode(text, self.checkpoint.words),
                self.signal(question["ecg"])[None],
                self.page(question["image"])[None],
                answer=answers[question["id"]],
            )


def open_pack(folder: str | Path) -> Pack:
    """The pack in a folder, or one folder further in; raises BadCheckpoint where there is none."""
    place = Path(folder)
    for candidate in (place, place / "gem-golden"):
        if (candidate / "golden_model.npz").is_file():
            return Pack(candidate)
    raise BadCheckpoint(
        f"{place} holds no golden pack (golden_model.npz): unpack gem-golden.tar.xz and name its folder"
    )


def _new(ids: Any) -> tuple[int, ...]:
    """What was generated, without the leading begin token that the published code returns."""
    return tuple(int(i) for i in ids)[1:]


def unlike(pack: Pack) -> tuple[int, tuple[str, ...]]:
    """How many records and pages of the pack were prepared here from their files, and which came out otherwise.

    Signals and 8 bit pixels have to be equal to the bit.
    """
    import wfdb
    from PIL import Image

    from engine.prepare import prepare_page, prepare_signal

    values, wrong = pack.checkpoint.config.image, []
    keys = sorted(pack.prepared.keys())
    for key in keys:
        wanted = pack.prepared[key]
        if key.startswith("signal_"):
            samples, told = wfdb.rdsamp(str(pack.folder / "records" / key.removeprefix("signal_")))
            found, _ = prepare_signal(samples.T, told["sig_name"], told["units"], told["fs"], "parity")
        else:
            _, aspect, name = key.rsplit("_", 1)[0].split("_", 2)
            with Image.open(pack.folder / "pages" / f"{name}.png") as page:
                found = prepare_page(page, values, aspect)
            if wanted.dtype == np.uint8:
                mean, std = (np.array(v)[:, None, None] for v in (values.mean, values.std))
                found = np.rint((found.astype(np.float64) * std + mean) * 255).astype(np.uint8)
        if not np.array_equal(found.reshape(wanted.shape), wanted):
            wrong.append(key)
    return len(keys), tuple(wrong)


def run(runtime: Runtime, case: Case, slot: int = 0) -> Outcome:
    """One case: the prompt in pieces, then position by position where the pack holds logits, then the greedy answer."""
    some = case.signals is not None or case.pages is not None
    embeddings = fuse(runtime, case.ids, list(runtime.encode(case.signals, case.pages)) if some else ())
    runtime.free(slot)
    tail = 1 if case.tail is None else len(case.tail)
    head, worst = len(embeddings) - tail, 0.0
    for begin in range(0, head, 256):
        runtime.extend(slot, embeddings[begin : min(begin + 256, head)])
    for k in range(tail):
        logits = runtime.extend(slot, embeddings[head + k : head + k + 1])
        if case.tail is not None:
            worst = max(worst, _apart(logits, case.tail[k]))
    if not case.answer:
        return Outcome(case.name, worst, True)
    found: list[int] = []
    for k, (token, told) in enumerate(follow(runtime, slot, logits, NEW_TOKENS, case.end)):
        found.append(token)
        if case.steps is not None:
            worst = max(worst, _apart(told, case.steps[k]))
    return Outcome(case.name, worst, tuple(found) == case.answer)


def run_together(runtime: Runtime, first: Case, second: Case) -> Outcome:
    """Two cases in slots of their own, stepped together: neither may change the other's ids."""
    cases = (first, second)
    for slot, case in enumerate(cases):
        some = case.signals is not None
        runtime.free(slot)
        runtime.extend(slot, fuse(runtime, case.ids, list(runtime.encode(case.signals, case.pages)) if some else ()))
    worst, equal = 0.0, True
    for k in range(NEW_TOKENS - 1):
        logits = runtime.step([1, 0], np.array([second.answer[k], first.answer[k]], np.int64))
        equal &= [int(row.argmax()) for row in logits] == [second.answer[k + 1], first.answer[k + 1]]
        if first.steps is not None:
            worst = max(worst, _apart(logits[1], first.steps[k + 1]))
    return Outcome(f"{first.name} beside {second.name}", worst, bool(equal))


def run_all(runtime: Runtime, pack: Pack) -> list[Outcome]:
    """Every case of a pack; two of them also side by side where the runtime has two slots."""
    cases = list(pack.cases())
    found = [run(runtime, case) for case in cases]
    if runtime.slots > 1:
        by_name = {case.name: case for case in cases}
        found.append(run_together(runtime, by_name["a"], by_name["d"]))
    return found


def _apart(found: Floats, wanted: Floats) -> float:
    return float(np.abs(found.astype(np.float64) - wanted).max())
