"""`vigil bench interpret`: how long segments wait for their text on this machine's CPU, against transformers."""

from __future__ import annotations

import argparse
import copy
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from infra.plan import BadRequest
from infra.settings import Settings

if TYPE_CHECKING:
    from engine.gem.checkpoint import Checkpoint
    from engine.gem.config import GemConfig
    from engine.gem.words import Words
    from engine.runtime import Runtime
    from engine.scheduler import Answer, Question
    from ingest.recording import Recording

TOKENS = 150
ROUNDS = {8: 3, 32: 2}
"""How often so many segments wait at once; one waits as often as `--repeats` says."""
POSITIONS = 1024
SIMULATED_S = 30.0
"""Of a simulated bed; the first ten are taken."""
LATE_NS = 10**18


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    repeats: int = 20
    """Texts that are timed alone."""
    threads: int = 1
    ahead: int = 4
    tokens: int = TOKENS
    rounds: Mapping[int, int] = field(default_factory=lambda: ROUNDS)

    @property
    def most(self) -> int:
        """Segments that wait at once, at most."""
        return max(1, *self.rounds)


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What the model is given of one record."""

    signal: NDArray[np.float32]
    page: NDArray[np.float32]


@dataclass(slots=True)
class Times:
    """Of every segment that waited, seconds from the moment at which all of them did."""

    tokens: int
    """Of each text."""
    first_s: list[float] = field(default_factory=list)
    text_s: list[float] = field(default_factory=list)
    wall_s: float = 0.0

    def add(self, answers: Sequence[Answer], wall_s: float) -> None:
        """Take a round; raises RuntimeError where a text is not as long as it should be."""
        short = [a for a in answers if len(a.tokens) != self.tokens or a.first_ns is None]
        if short:
            raise RuntimeError(f"segment {short[0].id} got {len(short[0].tokens)} tokens: {short[0].reason}")
        self.first_s += [((a.first_ns or 0) - a.queued_ns) / 1e9 for a in answers]
        self.text_s += [(a.end_ns - a.queued_ns) / 1e9 for a in answers]
        self.wall_s += wall_s

    def told(self) -> dict[str, float]:
        found = {
            f"{name}_p{p}_s": round(float(np.percentile(values, p)), 4)
            for name, values in (("first_token", self.first_s), ("text", self.text_s))
            if values
            for p in (50, 99)
        }
        return found | {"tokens_per_s": round(self.tokens * len(self.text_s) / self.wall_s, 1)}


def interpret(args: argparse.Namespace) -> int:
    """Measure one model, float32 and int8, and the peer in turn."""
    for name, value, most in (
        ("repeats", args.repeats, 1000),
        ("threads", args.threads, 64),
        ("ahead", args.ahead, 16),
    ):
        if not (name != "ahead") <= value <= most:
            raise BadRequest(f"--{name} {value} is outside {int(name != 'ahead')} to {most}")
    peer_of = _peer()
    source, recordings = _recordings(args)
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as name:
        checkpoint, weights = _checkpoint(args.model, Path(name))
        begun = time.perf_counter()
        given = [as_given(recording, checkpoint.config) for recording in recordings]
        prepare_s = (time.perf_counter() - begun) / len(given)
        bench = Bench(checkpoint, given, Plan(args.repeats, args.threads, args.ahead), Path(name) / "graphs")
        told = bench.measure(peer_of(checkpoint, args.threads))
    told |= {
        "parameters": checkpoint.parameters,
        "weights": weights,
        "records": source,
        "prepare_s": round(prepare_s, 3),
    }
    print(json.dumps(told) if args.json else lines(told))
    return 0


def _peer() -> Callable[..., Any]:
    """The peer's class, asked for before any work; raises RuntimeAway where its packages are not installed."""
    from importlib.util import find_spec

    from engine.runtime import RuntimeAway

    missing = [name for name in ("torch", "transformers") if find_spec(name) is None]
    if missing:
        raise RuntimeAway(
            f"bench interpret compares with transformers, and {missing[0]} is not installed: `make bench`"
        )
    from engine.peer import Peer

    return Peer


def _checkpoint(model: str, folder: Path) -> tuple[Checkpoint, str]:
    from engine.gem.checkpoint import open_checkpoint
    from engine.random_model import write_random

    if not model:
        return write_random(folder / "model"), "random"
    checkpoint = open_checkpoint(model)
    if checkpoint.config.note:
        raise BadRequest(f"{model} cannot be measured with signals: {checkpoint.config.note}")
    return checkpoint, "given"


def _recordings(args: argparse.Namespace) -> tuple[str, list[Recording]]:
    """As many twelve-lead recordings as may wait, of a database of the data folder, else of the simulator."""
    from infra.cache import cache_dir
    from infra.datasets import data_folder, folder_of, records_in

    settings = Settings.from_environment()
    if not args.data and settings.data is None:
        from ingest.simulator import bench_recordings

        return "simulator", bench_recordings(max(ROUNDS), SIMULATED_S, seed=1)
    from ingest.open_recording import read_recording

    folder = folder_of(args.database, data_folder(args.data, settings), cache_dir(settings.cache))
    found = [read_recording(f"{path}.hea") for path in islice(records_in(folder), max(ROUNDS))]
    if not found:
        raise BadRequest(f"{folder} holds no records (*.hea): name another with --database")
    return args.database, found


def as_given(recording: Recording, config: GemConfig) -> Given:
    """The first ten seconds as the model is given them, its page drawn as the training pages were."""
    from engine.page import draw_page
    from engine.prepare import ENCODER_ORDER, prepare_page, prepare_signal

    rows = [(k, s) for k, s in enumerate(recording.signals) if s.is_ecg]
    values = np.stack([(recording.samples[k] - s.zero) / s.gain for k, s in rows])
    names, units = [s.name for _, s in rows], [s.unit for _, s in rows]
    signal, measured = prepare_signal(values, names, units, recording.rate_hz, "strict")
    page = draw_page(signal, measured, order=ENCODER_ORDER)
    return Given(signal, prepare_page(page, config.image, config.aspect)[0])


class Bench:
    """One checkpoint, the records that wait, and how each of the ways is timed."""

    def __init__(self, checkpoint: Checkpoint, given: Sequence[Given], plan: Plan, graphs: Path) -> None:
        from engine.gem.prompt import GROUNDING, Turn, encode, template, with_recording
        from engine.onnx_runtime import open_runtime

        self._checkpoint, self._given, self._plan = checkpoint, given, plan
        self._words: Words = copy.copy(checkpoint.words)
        self._words.end = -1  # no token ends a text
        self._prompt = encode(template([Turn(with_recording(GROUNDING))]), checkpoint.words)
        self._runtimes: dict[str, Runtime] = {
            precision: open_runtime(checkpoint, plan.most, POSITIONS, precision, graphs, plan.threads, plan.ahead)
            for precision in ("float32", "int8")
        }

    def measure(self, peer: Any) -> dict[str, Any]:
        """Each way in turn, again and again, so that all see the same machine; the object of `--json` but for sizes."""
        plan = self._plan
        times = {kind: {waiting: Times(plan.tokens) for waiting in (1, *plan.rounds)} for kind in self._runtimes}
        theirs, same = Times(plan.tokens), 0
        for k in range(-1, plan.repeats):
            _say(f"one waits: {k + 1} of {plan.repeats}")
            given = self._given[k % len(self._given)]
            rounds = {precision: self._round(precision, [given]) for precision in self._runtimes}
            begun = time.perf_counter()
            text = peer.answer(self._prompt, given.signal, given.page, plan.tokens)
            wall_s = time.perf_counter() - begun
            if k < 0:  # graphs and caches are warm behind the first
                continue
            for precision, (answers, seconds) in rounds.items():
                times[precision][1].add(answers, seconds)
            theirs.text_s.append(wall_s)
            theirs.wall_s += wall_s
            same += rounds["float32"][0][0].tokens == text
        for waiting, count in plan.rounds.items():
            for k in range(count):
                _say(f"{waiting} wait: {k + 1} of {count}")
                some = list(islice(cycle(self._given), k * waiting, (k + 1) * waiting))
                for precision in self._runtimes:
                    times[precision][waiting].add(*self._round(precision, some))
        _say("")
        ours = {precision: {str(w): t.told() for w, t in of.items()} for precision, of in times.items()}
        positions = len(self._prompt) - 1 + self._checkpoint.config.recording_tokens
        return {
            "tokens": plan.tokens,
            "prompt_positions": positions,
            "threads": plan.threads,
            "ahead": plan.ahead,
            "waiting": ours["float32"],
            "peer": {"name": peer.name, **theirs.told(), "same_texts": same, "texts": plan.repeats},
            "ratio": round(theirs.told()["text_p50_s"] / ours["float32"]["1"]["text_p50_s"], 2),
            "int8": {"waiting": ours["int8"], **self._agreement()},
        }

    def _round(self, precision: str, given: Sequence[Given]) -> tuple[list[Answer], float]:
        """All of them wait at once; their answers and the seconds until the last was done."""
        from engine.scheduler import Scheduler

        scheduler = Scheduler(self._runtimes[precision], self._words, time.perf_counter_ns)
        begun = time.perf_counter()
        for k, one in enumerate(given):
            scheduler.ask(self._question(k, one))
        answers: list[Answer] = []
        while scheduler.unanswered:
            answers += scheduler.turn()
        return answers, time.perf_counter() - begun

    def _question(self, k: int, given: Given) -> Question:
        from engine.scheduler import Question

        late = time.perf_counter_ns() + LATE_NS
        return Question(str(k), str(k), 0, k, self._prompt, late, self._plan.tokens, given.signal, given.page)

    def _agreement(self) -> dict[str, float]:
        """How near eight bits stay to float32 over the text of the first record."""
        from engine.agreement import compare
        from engine.generate import fuse

        full, small = self._runtimes["float32"], self._runtimes["int8"]
        given = self._given[0]
        rows = fuse(full, self._prompt, list(full.encode(given.signal[None], given.page[None])))
        told = compare(full, small, rows, self._plan.tokens)
        return {"best_token": round(told.best_token, 3), "logits_max_abs": round(told.logits_max_abs, 3)}


def _say(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text:<40}")


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    rows = [
        f"{told['parameters'] / 1e6:.1f} million weights ({told['weights']}), {told['tokens']} tokens after "
        f"{told['prompt_positions']} positions, {told['threads']} thread(s), records of {told['records']}"
    ]
    for name, of in (("float32", told["waiting"]), ("int8", told["int8"]["waiting"])):
        rows += [
            f"{name:<8} {waiting:>2} waiting: first token {t['first_token_p50_s']:.3f} s (p99 {t['first_token_p99_s']:.3f}), "
            f"text {t['text_p50_s']:.3f} s (p99 {t['text_p99_s']:.3f}), {t['tokens_per_s']:.0f} tokens/s"
            for waiting, t in of.items()
        ]
    peer, small = told["peer"], told["int8"]
    rows += [
        f"int8 ranks the same token first at {small['best_token']:.0%} of places, logits within {small['logits_max_abs']:.2f}",
        f"{peer['name']}: text {peer['text_p50_s']:.3f} s, {told['ratio']:.1f} times ours; "
        f"{peer['same_texts']} of {peer['texts']} texts the same",
    ]
    return "\n".join(rows)
