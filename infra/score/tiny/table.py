"""What ships, class by class, as Markdown: one table for the scoreboard and the card, made of `figures.json` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from infra.score.findings import CLASSES
from infra.score.goals import look
from infra.score.tiny.classes import MACRO
from infra.score.tiny.fitted import WITHHELD

SETS = {"ptbxl": "PTB-XL", "cinc2021": "CinC", "all": "both"}
HEADS = (
    "class", "cases: PTB-XL, CinC", "AUROC, PTB-XL", "CinC", "both", "F1, PTB-XL", "CinC", "both", "called: Se / PPV",
    "tower without simulated records", "with them", "difference", "criteria alone: F1", "Se / PPV", "model as shown: F1", "Se / PPV",
    "likely", "possible", "its texts: F1", "Se / PPV",
)  # fmt: skip
ABOUT = (
    "{records} records of PTB-XL and CinC, out of fold; 95 % intervals over the same resampled records (seed 0). **AUROC, F1, called**: what ships (tower and both\n"
    "forests), a class called from the probability of the best F1 on, fitted to the other folds; no F1 where the others have fewer than five cases. **Tower**:\n"
    "from real labels alone, and begun with and taught beside simulated records, in the three folds of the texts. **Criteria**: `engine/criteria` alone, rules\n"
    "over measurements, nothing learnt; Q waves and ST elevation count as infarct, ST depression as STTC, nothing but sinus rhythm and axis as normal.\n"
    "**As shown**: what has the tier likely or possible; a report says it in its text, as measured, or graded beside the text, unless a measurement denies\n"
    "it (how many do: `docs/tiny.md`); NORM, HYP and flutter ship without a threshold. Behind likely and possible: right of these. **Texts**:\n"
    "greedy, without the mask, of signal and page. Columns without a set are of both. The last row is the mean over the first five.\n"
    "Other PTB-XL patients of the same hospital (folds 9 and 10; floor 0.91, target 0.94) are kept elsewhere, so that they are not measured here; where they\n"
    "lie under `--data`, `vigil score findings` judges what ships on them: `docs/tiny.md`."
)
ADDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("macro AUROC: the time series (the tower, beside both forests)", ("adds", "taught")),
    ("macro AUROC: measured features (both forests, beside the tower)", ("adds", "forests")),
    ("macro AUROC: of these the forests of real records", ("adds", "features")),
    ("macro AUROC: of these the forests of simulated records", ("adds", "simulated")),
    (
        "macro AUROC: the image (the page's tower, beside all three; it has no part in what ships)",
        ("would_add", "page"),
    ),
    ("macro AUROC of the tower: simulated records, against none", ("encoders", "by_class", "*", MACRO, "gain")),
    ("macro F1 of the texts: the image (signal and page, against the signal)", ("text_adds", "page")),
    ("macro F1 of the texts: the time series (signal and page, against the page)", ("text_adds", "signal")),
    ("macro F1 against the criteria: the findings at their best F1", ("criteria", "*", "gain", "called")),
    (
        "macro F1 against the criteria: what is shown, NORM and HYP, which never are, counted as 0",
        ("criteria", "*", "gain", "shown"),
    ),
    ("the same over MI, STTC and CD alone, which may be shown", ("criteria", "*", "gain_where_shown")),
    ("macro F1 against the criteria: the texts", ("criteria", "*", "gain", "text")),
)
"""What each part adds, paired, and where it stands; `*` is the set, which else comes last."""


def lines(told: Mapping[str, Any]) -> str:
    """The table, and what each part adds; a sentence where the figures lack the classes."""
    if "classes" not in told:
        return "Not measured: the figures of this model tell no classes. Fill them in with `vigil learn tiny --until findings`."
    rows = [_row(told, name) for name in CLASSES if look(told, ("classes", "all", name)) is not None]
    return "\n\n".join(
        (
            ABOUT.format(records=told["records"]), _table(HEADS, [*rows, _macro(told)]), "What is added, paired, each difference on the same resampled records:",
            _table(("what is added, to what", *SETS.values()), [(words, *_added(told, path)) for words, path in ADDS]),
            _other_readings(told), *_lacking(told),
        )
    )  # fmt: skip


def _row(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    by_set = [look(told, ("classes", where, name)) for where in SETS]
    tower = [look(told, ("encoders", "by_class", "all", name, key)) for key in ("scratch", "taught")]
    gain = look(told, ("encoders", "by_class", "all", name, "gain"))
    said = [look(told, ("criteria", "all", kind, "by_class", name)) for kind in ("criteria", "shown")]
    text = _text(told, name)
    return (
        name.replace("_OR_", " or "), ", ".join(str(one["positive"] if one else 0) for one in by_set[:2]),
        *(_one(one and one["auroc"]) for one in by_set), *(_f1(one and one["called"]) for one in by_set),
        _rates(by_set[-1]["called"]), *map(_one, tower), _one(gain, "+"), _f1(said[0]), _rates(said[0]), *_shown(said[1]),
        *(_tier(told, name, tier) for tier in ("likely", "possible")), _f1(text), _rates(text),
    )  # fmt: skip


def _macro(told: Mapping[str, Any]) -> tuple[str, ...]:
    called = [_one(look(told, ("criteria", where, "called", "macro_f1"))) for where in SETS]
    towers = [look(told, ("encoders", "by_class", "all", MACRO, key)) for key in ("scratch", "taught")]
    gain = look(told, ("encoders", "by_class", "all", MACRO, "gain"))
    alone, shown = (_one(look(told, ("criteria", "all", kind, "macro_f1"))) for kind in ("criteria", "shown"))
    text = _one(look(told, ("text", "both", "all", "f1")))
    fused = [_one(look(told, ("fused", where))) for where in SETS]
    return (
        "**mean of five**",
        "",
        *fused,
        *called,
        "",
        *map(_one, towers),
        _one(gain, "+"),
        alone,
        "",
        shown,
        "",
        "",
        "",
        text,
        "",
    )


def _added(told: Mapping[str, Any], path: Sequence[str]) -> list[str]:
    paths = [tuple(where if key == "*" else key for key in path) if "*" in path else (*path, where) for where in SETS]
    return [_one(look(told, one), "+", 3) for one in paths]


def _other_readings(told: Mapping[str, Any]) -> str:
    other = look(told, ("criteria", "all", "other_readings")) or {}
    words = {
        "normal_only_if_said": "normal only where they say so", "form_makes_no_class": "Q waves and ST segments as form, which makes no class",
    }  # fmt: skip
    told_so = "; ".join(f"{words[kind]}: {_one(one, '', 3)}" for kind, one in other.items())
    return f"The criteria read less in their favour, macro F1 of both: {told_so}."


def _lacking(told: Mapping[str, Any]) -> list[str]:
    """What could not be told, so that a dash is not taken for a zero."""
    parts = {
        "the tower class by class": look(told, ("encoders", "by_class")), "paired differences of texts": look(told, ("text_adds",)),
    }  # fmt: skip
    missing = [words for words, found in parts.items() if not found]
    return (
        [f"Not told, as DIR held no such parts when these figures were made: {', '.join(missing)}."] if missing else []
    )


def _one(found: Mapping[str, Any] | None, sign: str = "", digits: int = 2) -> str:
    """A value with its interval; `-` where it is not known."""
    if not found or found["value"] is None:
        return "-"
    between = "" if found["low"] is None else f" ({found['low']:.{digits}f} to {found['high']:.{digits}f})"
    return f"{found['value']:{sign}.{digits}f}{between}"


def _f1(found: Mapping[str, Any] | None) -> str:
    return _one(found and {**found, "value": found["f1"]})


def _rates(found: Mapping[str, Any] | None) -> str:
    if not found:
        return "-"
    return f"{found['se']:.2f} / " + ("-" if found["ppv"] is None else f"{found['ppv']:.2f}")


def _shown(found: Mapping[str, Any] | None) -> tuple[str, str]:
    return ("0, never shown", "-") if found and not found["said"] else (_f1(found), _rates(found))


def _text(told: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """What the texts name of a class, with the Se and PPV that follow from F1 and the two counts; None where it is not told."""
    found = look(told, ("text", "both", "all", "by_class", name))
    if not found:
        return None
    right = found["f1"] * (found["said"] + found["positive"]) / 2.0
    return {**found, "se": right / found["positive"], "ppv": right / found["said"] if found["said"] else None}


def _tier(told: Mapping[str, Any], name: str, tier: str) -> str:
    """Right of shown; a label that ships without a threshold would be shown so, and is not."""
    found = look(told, ("calibration", "all", "tiers", name, tier))
    if not found or not found["shown"]:
        return "-"
    return "withheld" if name in WITHHELD else f"{found['right']} of {found['shown']}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    said = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(said + ["| " + " | ".join(row) + " |" for row in rows])
