"""Times between two waves: `the QRS follows 160 ms later`, `160 ms separate the P wave from the QRS`."""

from __future__ import annotations

from engine.claims.language.scope import Sentence
from engine.claims.numbers.runs import Run

_APART_BY = frozenset({"distance", "gap", "spacing", "lag", "lags", "delay", "later", "after", "afterwards", "before", "ahead", "behind", "by", "separated", "apart"})  # fmt: skip


def between_waves(s: Sentence, run: Run) -> bool:
    """Whether a time is that from P to QRS: `a P wave leads and the QRS follows 160 ms later`."""
    first, _ = s.clause(run.first)
    begins = max(
        (
            k + 1
            for k in range(run.first)
            if s.tokens[k].what in (";", ":")
            or (s.tokens[k].kind == "number" and not s.aside[k] and s.tokens[k + 1].what not in ("mV", "mm"))
        ),
        default=0,
    )
    _, ends = s.clause(run.last)
    ends = next((k for k in range(run.last + 1, ends) if s.tokens[k].kind == "number"), ends)
    waves = [t.what for t in s.tokens[begins:ends] if t.kind == "measure" and t.what not in ("rhythm", "rate", "ECG")]
    near = {
        s.said(t) for t in (*s.tokens[max(first, run.first - 4) : run.first], *s.tokens[run.last + 1 : run.last + 3])
    }
    near |= {t.what for t in s.tokens[run.last + 1 : run.last + 2] if t.kind == "quality"}
    first_p = next((k for k in range(begins, run.first) if s.tokens[k].what == "P"), None)
    return (
        set(waves) <= {"P", "QRS", "R"}
        and first_p is not None
        and bool({"QRS", "R"} & set(waves))
        and bool(near & _APART_BY)
    )


_PARTED = frozenset({"separate", "separates", "part", "pass", "passes", "elapse", "elapses", "lie", "lies", "between", "intervene", "go"})  # fmt: skip


_PAIRS = {("P", "QRS"): "PR", ("P", "R"): "PR", ("QRS", "T"): "QT"}


def parted(s: Sentence, run: Run) -> str:
    """The interval between two waves behind a time: `160 ms separate the P wave from the QRS`."""
    ahead = s.tokens[run.last + 1 : run.last + 2]
    if not ahead or s.said(ahead[0]).split()[0] not in _PARTED:
        return ""
    end = next(
        (k for k in range(run.last + 1, len(s.tokens)) if s.tokens[k].kind in ("number", "break")), len(s.tokens)
    )
    waves = [t.what for t in s.tokens[run.last + 1 : end] if t.kind == "measure"]
    return _PAIRS.get((waves[0], waves[1]), "") if len(waves) > 1 else ""
