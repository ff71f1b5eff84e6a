"""`vigil score claims`: how many wrong statements the checker catches, and how many right ones it blocks.

A text is stopped where a number, unit, lead or finding in it does not agree, or where nothing of it can be told. Where all of them agree and
not every word was understood, it is shown in part: counted neither as caught nor as blocked, and beside either.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.show import Outcome, outcome, sentences
from infra.datasets import databases_in, folder_of, records_in
from infra.plan import BadRequest
from infra.score import claim_file, run
from infra.score.claim_added import added
from infra.score.claim_texts import KINDS, styles, texts
from infra.score.claim_truth import Facts

DATABASES = ("ptbxl", "ludb")
Sort = tuple[str, ...]
Counts = dict[Sort, int]
_EXPECTED = ("all", "expected")
_ADDED = ("added", "added")
_EACH = 4
"""Sentences of a style's own list that are appended to each of its correct texts, one at a time."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One record or text: how many texts of each sort, and how many of them were stopped.

    A sort with `part` before it: how many of the texts of that sort were not stopped and are shown in part.
    """

    asked: Counts
    stopped: Counts


def _count(sorts: list[tuple[str, ...]], found: Outcome, asked: Counter[Sort], stopped: Counter[Sort]) -> None:
    """One text of these sorts: stopped, or not wholly understood and so shown in part."""
    parts = [("part", *sort) for sort in sorts]
    asked.update([*sorts, *parts])
    stopped.update({Outcome.STOPPED: sorts, Outcome.PART: parts, Outcome.WHOLE: []}[found])


def _added_shown(text: str, said: str, basis: Basis) -> bool:
    """Whether what was appended would be shown as it stands."""
    told = sentences(text, check(text, basis))
    return any(one.displayed and one.verdict in (Verdict.AGREE, None) and said in one.text for one in told)


def _sorts(kind: str, half: str, style: str, near: bool) -> list[tuple[str, ...]]:
    return [("all", kind), (half, kind), ("style", style, kind), *([("near", kind)] if near else [])]


def score_record(path: str) -> Scored:
    """Measure a record, write the texts of the suite about it, and check them."""
    from ingest.open_recording import read_recording
    from stream.offline import segment_at

    segment = segment_at(read_recording(path), None)
    if segment.measurements is None:
        raise run.Unscorable(segment.unreadable or "nothing could be measured")
    facts = Facts(Path(path).name, segment.measurements, segment.measured)
    basis = Basis(segment.measurements, segment.measured)
    asked: Counter[Sort] = Counter()
    stopped: Counter[Sort] = Counter()
    rng, own = Random(f"{facts.name} added"), Random(f"{facts.name} own")
    beside = {style.name: style.added for style in styles()}
    for text in texts(facts):
        sorts = _sorts(text.kind or "correct", text.half, text.style, text.near)
        _count(sorts, outcome(text.text, check(text.text, basis)), asked, stopped)
        if not text.kind:
            longer, said = added(text.text, rng)
            asked[_ADDED] += 1
            stopped[_ADDED] += not _added_shown(longer, said, basis)
            for said in own.sample(beside[text.style], min(_EACH, len(beside[text.style]))):
                asked[(text.half, "added")] += 1
                stopped[(text.half, "added")] += not _added_shown(f"{text.text} {said}", said, basis)
    return Scored(dict(asked), dict(stopped))


def score_lines(lines: list[claim_file.Line]) -> list[Scored]:
    """One of each text of a file; `expected` claims that were judged otherwise count as a text of kind `expected`."""
    found = []
    for line in lines:
        sort = ("all", line.kind if line.altered else "correct")
        claims = check(line.text, line.basis)
        asked: Counter[Sort] = Counter()
        stopped: Counter[Sort] = Counter()
        _count([sort], outcome(line.text, claims), asked, stopped)
        for one in line.expected:
            asked[_EXPECTED] += 1
            stopped[_EXPECTED] += _met(one, line.text, claims)
        found.append(Scored(dict(asked), dict(stopped)))
    return found


def _met(expected: dict[str, Any], text: str, claims: Any) -> int:
    """Whether a claim that covers the words of an expectation has its verdict."""
    start = expected.get("start", text.find(str(expected.get("text", "\0"))))
    end = expected.get("end", start + len(str(expected.get("text", ""))))
    over = [c for c in claims if c.start < end and c.end > start]
    verdicts = {c.verdict.value for c in over}
    return int(expected.get("verdict") in verdicts if expected.get("verdict") != "agree" else verdicts == {"agree"})


def summary(scored: list[Scored]) -> dict[str, Any]:
    """The object of `vigil score claims --json`."""
    sorts = {sort for one in scored for sort in one.asked}
    kinds = sorted({s[1] for s in sorts if s[0] == "all"} - {"correct", "expected"}, key=lambda k: (*KINDS, k).index(k))
    blocked = _share(scored, [("all", "correct")])
    altered = _share(scored, [("all", kind) for kind in kinds])
    told: dict[str, Any] = {
        "records": len(scored),
        "altered": altered["n"],
        "caught": altered["stopped"],
        "correct": blocked["n"],
        "blocked": blocked["stopped"],
        "blocked_share": _part(blocked),
        "blocked_interval": blocked["interval"],
        "in_part": _share(scored, [("part", "all", "correct")])["stopped"],
        "by_kind": {kind: _caught(_share(scored, [("all", kind)])) | _parts(scored, kind) for kind in kinds},
    }
    for half in ("open", "held", "once"):
        if any(s[0] == half for s in sorts):
            told[half] = {kind: _caught(_share(scored, [(half, kind)])) for kind in kinds}
            told[half]["correct"] = _blocked(scored, (half, "correct"))
            if (half, "added") in sorts:
                told[half]["added"] = _caught(_share(scored, [(half, "added")]))
    if any(s[0] == "near" for s in sorts):
        told["just_beyond_tolerance"] = _caught(_share(scored, [("near", "number")]))
    if _ADDED in sorts:
        told["added"] = _caught(_share(scored, [_ADDED]))
    styles = sorted({s[1] for s in sorts if s[0] == "style"})
    if styles:
        told["by_style"] = {
            style: _caught(_share(scored, [("style", style, k) for k in kinds]))
            | _blocked(scored, ("style", style, "correct"))
            for style in styles
        }
    if ("all", "expected") in sorts:
        told["expected"] = {
            "claims": _share(scored, [("all", "expected")])["n"],
            "met": _share(scored, [("all", "expected")])["stopped"],
        }
    return told


def _share(scored: list[Scored], sorts: list[tuple[str, ...]]) -> dict[str, Any]:
    """How many texts of these sorts, how many were stopped, and the 95 % interval by bootstrap over records."""
    rows = np.array([[sum(c.get(s, 0) for s in sorts) for c in (one.stopped, one.asked)] for one in scored], np.float64)
    stopped, asked = (int(v) for v in rows.sum(axis=0))
    rows[:, 1] -= rows[:, 0]
    used = rows[rows.sum(axis=1) > 0]
    interval = run.interval(used, run.ratio(0, 1)) if len(used) else {"low": None, "high": None}
    return {"n": asked, "stopped": stopped, "interval": interval}


def _part(share: dict[str, Any]) -> float | None:
    """0..1; None of nothing."""
    return share["stopped"] / share["n"] if share["n"] else None


def _caught(share: dict[str, Any]) -> dict[str, Any]:
    return {"altered": share["n"], "caught": share["stopped"], "share": _part(share), "interval": share["interval"]}


def _parts(scored: list[Scored], kind: str) -> dict[str, int]:
    """Altered texts that were not stopped and of which not every word was understood."""
    return {"in_part": _share(scored, [("part", "all", kind)])["stopped"]}


def _blocked(scored: list[Scored], sort: Sort) -> dict[str, Any]:
    share, part = _share(scored, [sort]), _share(scored, [("part", *sort)])
    told = {"correct": share["n"], "blocked": share["stopped"], "blocked_interval": share["interval"]}
    return told | {"in_part": part["stopped"]}


def claims(args: argparse.Namespace) -> int:
    """`vigil score claims`."""
    return run.tell(args, measured(args), lines)


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """Score the suite over records of the folder, or the texts of a file."""
    if args.texts:
        return summary(score_lines(claim_file.read(args.texts)))
    return summary(run.over(score_record, _records(args)))


def _records(args: argparse.Namespace) -> list[str]:
    data, cache = run.opened(args)
    present = [name for name in DATABASES if name in databases_in(data)]
    if not present:
        raise BadRequest(
            f"{data} holds neither {' nor '.join(DATABASES)}: name a folder that does with --data, or texts with --texts"
        )
    found = [p for name in present for p in records_in(folder_of(name, data, cache)) if not p.name.endswith("_lr")]
    return [str(p) for p in found]


def lines(told: dict[str, Any]) -> str:
    """For a person."""
    rows = [f"{'':<22} altered  caught"]
    for kind, t in told["by_kind"].items():
        part = f", {t['in_part']} more in part" if t.get("in_part") else ""
        rows.append(
            f"{kind:<22} {t['altered']:>7}  {_rate(t['caught'], t['altered'])} ({run.between(t['interval'])}){part}"
        )
    if "just_beyond_tolerance" in told:
        t = told["just_beyond_tolerance"]
        rows.append(
            f"{'  just beyond tolerance':<22} {t['altered']:>6}  {_rate(t['caught'], t['altered'])} ({run.between(t['interval'])})"
        )
    if "added" in told:
        t = told["added"]
        share = _rate(t["caught"], t["altered"])
        rows.append(f"{'added':<22} {t['altered']:>7}  {share} ({run.between(t['interval'])})")
    rows.append(
        f"{'correct':<22} {told['correct']:>7}  {_rate(told['blocked'], told['correct'])} blocked ({run.between(told['blocked_interval'])})"
    )
    if "in_part" in told:
        rows.append(f"{'':<22} {'':>7}  {_rate(told['in_part'], told['correct'])} more shown in part")
    for half, name in (
        ("open", " seen while it was written"),
        ("held", " held out"),
        ("once", "s held out, counted several times"),
    ):
        if half in told:
            rows += _half(f"wording{name}", told[half])
    if "expected" in told:
        rows.append(f"expected verdicts met: {told['expected']['met']} of {told['expected']['claims']}")
    return "\n".join(rows)


def _half(name: str, told: dict[str, Any]) -> list[str]:
    """One line of a half of the wordings, and one of each of its kinds where it was held out so."""
    caught, altered = (sum(told[kind][key] for kind in told if kind in KINDS) for key in ("caught", "altered"))
    correct = told["correct"]
    rows = [
        f"{name}: {_rate(caught, altered)} of {altered} caught, "
        f"{_rate(correct['blocked'], correct['correct'])} of {correct['correct']} correct ones blocked, "
        f"{_rate(correct['in_part'], correct['correct'])} more shown in part"
    ]
    if "added" in told:
        parts = [f"{k} {told[k]['caught']} of {told[k]['altered']}" for k in (*KINDS, "added")]
        rows.append(f"  of them caught: {', '.join(parts)}")
    return rows


def _rate(part: int, whole: int) -> str:
    return run.percent(part / whole, 2) if whole else "-"
