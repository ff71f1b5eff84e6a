"""The page of the scoreboard: figures against floor and target, then each score in its own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from infra.score import (
    alarms,
    beats,
    beside,
    claims,
    findings,
    intervals,
    latency,
    learn_atrial,
    rhythms,
    run,
    texts_shown,
)
from infra.score.goals import GOALS, Goal, look
from infra.score.tiny import table, worth

SOURCES = {
    "mitdb": "MIT-BIH Arrhythmia Database, ODC-By 1.0. Moody GB, Mark RG. IEEE Eng Med Biol 2001;20(3):45-50.",
    "nstdb": "MIT-BIH Noise Stress Test Database, ODC-By 1.0. Moody GB, Muldrow WE, Mark RG. Comput Cardiol 1984;11:381-384.",
    "ludb": "Lobachevsky University Database 1.0.1, ODC-By 1.0. Kalyakulina AI et al. IEEE Access 2020;8:186181-186190.",
    "ptbxl": "PTB-XL, CC BY 4.0. Wagner P et al. Sci Data 2020;7:154.",
    "cinc2021": "PhysioNet/CinC Challenge 2021, CC BY 4.0. Reyna MA et al. Comput Cardiol 2021;48:1-4.",
    "cinc2015": "PhysioNet/CinC Challenge 2015, ODC-By 1.0. Clifford GD et al. Comput Cardiol 2015;42:273-276.",
}
PHYSIONET = "All of them from PhysioNet: Goldberger AL et al. Circulation 2000;101(23):e215-e220."


def page(told: dict[str, Any]) -> str:
    """Markdown of the object of `vigil score all --json`."""
    parts = [_head(told["machine"]), _goals(told), *_as_shown(told), _short(told)]
    for title, text in (
        ("Beats and rate: `vigil score beats`", _beats(told["beats"])),
        ("Intervals and P waves: `vigil score intervals`", _intervals(told["intervals"])),
        ("Rhythms: `vigil score rhythms`", _rhythms(told["rhythms"], told["af"])),
        ("Alarms: `vigil score alarms`", _alarms(told["alarms"])),
        ("Statements of a text: `vigil score claims`", _claims(told["claims"])),
        ("Findings of twelve leads: `vigil learn findings`", _findings(told["findings"])),
        ("The reference model: `vigil learn tiny --until ship`", _tiny(told["tiny"])),
        ("What ships, class by class: `vigil learn tiny --until findings --gain`", _classes(told["tiny"])),
        ("Interpretations as they are shown: `vigil score texts`", _texts(told["texts"])),
        ("Latency: `vigil score latency`", _latency(told["latency"])),
        ("Speed: `vigil bench signal`", _signal(told["signal"])),
        ("Data", _sources(told)),
    ):
        parts.append(f"## {title}\n\n{text}")
    return "\n\n".join(parts) + "\n"


def _head(machine: dict[str, Any]) -> str:
    return (
        "# Scoreboard\n\n"
        "Research software, not a medical device. This page is written by `vigil score all --data DIR` and never by hand: every\n"
        "figure is taken over the streaming path itself, in frames, as the workers run it. Intervals are 95 %, by bootstrap over\n"
        f"records (2,000 rounds, seed 0), or over what a row names instead. Machine: {machine['cpu']}, {machine['cores']} cores, {machine['system']}, "
        f"Python {machine['python']}."
    )


# the first table --------------------------------------------------------------------------------------------------


def _goals(told: dict[str, Any]) -> str:
    rows = [_goal(one, told) if isinstance(one, Goal) else beside.tabled(one, told) for one in beside.in_order()]
    table = _table(("figure", "floor", "target", "measured", "95 %", "met", "on what"), [row for row in rows if row])
    return f"{table}\n\nRows without a floor stand beside those that have one; a goal of another document is named in the row."


def _goal(goal: Goal, told: dict[str, Any]) -> tuple[str, ...]:
    return (
        goal.name,
        _bar(goal, goal.floor),
        _bar(goal, goal.target, goal.above),
        _value(goal, look(told, goal.path)),
        _between(goal, look(told, goal.interval) if goal.interval else None),
        _state(goal, look(told, goal.path)),
        goal.split,
    )


def _bar(goal: Goal, bar: float, above: bool = False) -> str:
    return f"{'>' if above else '≥' if goal.least else '<'} {bar:g} {goal.unit}".strip()


def _value(goal: Goal, value: float | None) -> str:
    return "not measured" if value is None else f"{value * goal.scale:.{goal.digits}f} {goal.unit}".strip()


def _between(goal: Goal, found: dict[str, float | None] | None) -> str:
    return "" if not found else run.between(found, goal.scale, goal.digits)


def _state(goal: Goal, value: float | None) -> str:
    if value is None:
        return "-"
    if goal.met(value, goal.target):
        return "target"
    return "floor" if goal.met(value, goal.floor) else "**short**"


def _as_shown(told: dict[str, Any]) -> list[str]:
    """What the duration of AF is taken of, and the same of what was on the screen; nothing where it was not scored."""
    shown = [
        (name, run.percent(look(told, (*path, "duration_se"))), run.percent(look(told, (*path, "duration_ppv"))))
        for name, path in (
            ("all patients", ("rhythms", "af", "shown_live")),
            ("patients left out", ("af", "shown_live")),
        )
        if look(told, path) is not None
    ]
    if not shown:
        return []
    figures = "; ".join(f"{name} Se {se}, PPV {ppv}" for name, se, ppv in shown)
    return [
        "AF, duration: episodes as recorded, from where AF is held to have begun to where it is held to be over, both known later;\n"
        f"of the seconds in which AF was shown live: {figures}."
    ]


def _short(told: dict[str, Any]) -> str:
    """What falls short, said plainly."""
    values = [(goal, look(told, goal.path)) for goal in GOALS]
    short = [(g, v) for g, v in values if v is not None and not g.met(v, g.floor)]
    rows = [f"- {g.name}: {_value(g, v)}, floor {_bar(g, g.floor)}." for g, v in short]
    floors = "Under their floor:\n\n" + "\n".join(rows) if rows else "Every figure that was measured meets its floor."
    poor = "\n".join(f"- {text}" for text in beside.under(told))
    return f"{floors}\n\nUnder a goal of another document, without a floor here:\n\n{poor}" if poor else floors


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


# each score -------------------------------------------------------------------------------------------------------

_ABSENT = "Not measured: the data are not there."


def _block(text: str) -> str:
    return f"```\n{text}\n```"


def _beats(told: dict[str, Any] | None) -> str:
    if told is None:
        return _ABSENT
    main = {n: c for n, c in told["by_record"].items() if "noise" not in told or beats.noise_db(n) is None}
    worst = sorted(main.items(), key=lambda found: -(found[1]["fn"] + found[1]["fp"]))[:10]
    rows = [
        (name, run.percent(c["se"], 2), run.percent(c["ppv"], 2), c["fn"], c["fp"], c["v"]["fn"], c["v"]["fp"])
        for name, c in worst
    ]
    return "\n\n".join(
        (
            "ANSI/AAMI EC57: tolerance 150 ms, the first five minutes and ventricular flutter left out; 102, 104, 107 and 217 left\n"
            "out of figures by class and run. V as `bxb` counts it: a fusion told as V is neither right nor wrong. A stretch is ten\n"
            "seconds; a rate is wrong when it is off by more than 10 % and 5 bpm. 201 and 202 are one subject. Average: the mean over\n"
            "the records in which the share is defined; of one beat of a class as of a thousand. The rows in dB are one patient (118)\n"
            "in six strengths of noise: their intervals are over stretches of ten seconds and say nothing of other patients.",
            _block(beats.lines(told)),
            "The ten worst records:",
            _table(("record", "Se", "PPV", "missed", "invented", "V missed", "V false"), rows),
        )
    )


def _intervals(told: dict[str, Any] | None) -> str:
    if told is None:
        return _ABSENT
    rows = [
        (name.upper(), ", ".join(f"{record} ({ms:+.1f} ms)" for record, ms in told[name]["worst"].items()))
        for name in intervals.LIMITS_MS
    ]
    return "\n\n".join(
        (
            "Reference of a beat: the median over leads of onset and of end; `outermost marks`: from the second-earliest onset to the\n"
            "second-latest end. One value a record: the median over its beats of measured minus reference. `Patients left out`: each fifth\n"
            "of the patients by limits that the other four chose (`vigil learn delineation`), constant errors among them; these are the\n"
            "figures of the table above. The rules in which the limits stand were made with all records in sight.",
            _block(intervals.lines(told)),
            _table(("interval", "worst records"), rows),
        )
    )


def _rhythms(told: dict[str, Any] | None, apart: dict[str, Any] | None) -> str:
    if told is None:
        return _ABSENT
    return (
        "Episodes behind the first five minutes, as `epicmp` has it: atrial flutter is no atrial fibrillation, and a claim of it\n"
        "during flutter counts neither way. AF as recorded: from the sample since which Vigil held it to have begun to the one\n"
        "since which it held it to be over, both written down some seconds later; shown live: the seconds in which it was on the\n"
        "screen. MIT-BIH marks ventricular tachycardia from three beats on; Vigil's alarm begins with five. The VT row is in\n"
        "sample: the trees that VT is told by were learnt on all of these records, DS2 included, and on CinC 2015. What atrial\n"
        "fibrillation is told by was learnt on these records; below them stand the patients who had no part in it, weights and\n"
        "setting both, and the records of other hospitals. Blocks: what one measurement of ten seconds says, on the records of twelve\n"
        "leads that are labelled with them. The alarms ask for it again and again, and NEW_BBB for a baseline without it, which no\n"
        "such record has: these are no figures of the alarms.\n\n"
        + _block(rhythms.lines(told) + ("" if apart is None else "\n" + learn_atrial.lines(apart)))
    )


def _alarms(told: dict[str, Any] | None) -> str:
    if told is None:
        return _ABSENT
    rows = [
        (pulse, f"{100 * t['score']:.2f}", run.between(t["interval"]))
        + tuple(f"{run.percent(c['se'])} / {run.percent(c['sp'])}" for c in t["by_type"].values())
        for pulse, t in told.items()
    ]
    of = {kind: (c["tp"] + c["fn"], c["fp"] + c["tn"]) for kind, c in told["all"]["by_type"].items()}
    heads = ("pulse", "score", "95 %", *(f"{kind} Se / Sp ({t} true, {f} false)" for kind, (t, f) in of.items()))
    return "\n\n".join(
        (
            "Profile `cinc2015`, real time: the session ends at 300 s; positive is an alarm of the type that is open at some moment\n"
            "from 290 to 300 s. Score (TP + TN) / (TP + TN + FP + 5 FN), in per cent. The trees that VT is told by are learnt in five\n"
            "folds over the VT alarms of this set, so that each is judged without itself; all records of MIT-BIH, DS1 and DS2, are in\n"
            "every fold. Classes of beats and artefacts have trees learnt on MIT-BIH DS1 and NSTDB; no other alarm has trees of its own.\n"
            "Each lead alone: an alarm of VT as a bed would send it that has this one lead, judged by trees that know none of its leads.\n"
            "The verdicts are those of people who saw all of them. `vigil learn alarms` chooses decisions (`stream.limits.Decisions`) on these\n"
            "alarms; each fifth judged by what the others chose has a row of its own. What ships was not chosen so: it tells VT sooner, for\n"
            "these records are alarms of another monitor and hold no VT that it missed.",
            _table(heads, rows),
            "Type by type with pulse `all`: the intervals are as wide as so few alarms make them; a type of which all or none were told\n"
            "has one of no width, which says nothing (of one true alarm of VF, least of all).",
            _block(alarms.lines(told["all"])),
        )
    )


def _claims(told: dict[str, Any] | None) -> str:
    if told is None:
        return _ABSENT
    return (
        f"Texts about {told['records']} recordings, made of templates filled with what is true of them; in an altered one a number, a\n"
        "unit, a lead or a finding is wrong. Caught: a number, unit, lead or finding does not agree, or nothing can be told; blocked: so with a\n"
        "right one; in part: all that was read agrees, but not every word was understood. `added`: something false was appended, and would\n"
        "not be shown. What this says of a stranger's wording: `docs/claims.md`.\n\n" + _block(claims.lines(told))
    )


def _findings(told: dict[str, Any] | None) -> str:
    if told is None:
        return _ABSENT
    return (
        "PTB-XL folds 1 to 8 and CinC 2021 without its PTB-XL records, each judged by forests and a scaling that were made without\n"
        "its fold; patients and near-doubles on one side. Intervals are percentiles over 1,000 resamplings of the records. Numbers\n"
        "alone, without the model: `docs/findings.md`.\n\n" + _block(findings.lines(told))
    )


def _tiny(told: dict[str, Any] | None) -> str:
    if told is None:
        return _ABSENT
    return (
        "As it was measured when the model was made, which takes hours: not measured again here. The same records in eight folds, for texts in three; towers,\n"
        "forests, decoder, scaling and thresholds of each were made without it; scaling and thresholds rest on held-out answers of the other\n"
        "folds, whose towers and forests had learnt from it. What it does and does not say: `docs/tiny.md`.\n\n"
        + _block(worth.lines(told))
    )


def _classes(told: dict[str, Any] | None) -> str:
    return _ABSENT if told is None else table.lines(told)


def _texts(told: dict[str, Any] | None) -> str:
    if told is None:
        return _ABSENT
    return (
        "By the path of the engine worker, checked, on all readable records of PTB-XL, CinC 2021 and LUDB, most of which the model learnt from.\n"
        "Marks are those of the annotators of LUDB, from whose labels it learnt nothing, though delineation was set by them.\n\n"
        + _block(texts_shown.lines(told))
    )


def _latency(told: dict[str, Any]) -> str:
    return (
        f"{told['criteria']} criteria of simulated patients, frames of {1000 * told['frame_s']:.0f} ms, from the sample that makes\n"
        "the definition true (its own delay included) to the end of the frame that brought the trigger: the first that was\n"
        "announced at the criterion or behind it. Twelve clean leads, VT at 170/min; below, what the bar does not ask for: harder\n"
        "ways, and every other code whose criterion a script fixes. Missed: not within ten seconds (a rhythm of the atria within 30,\n"
        "what is measured every 20 s within 50). Intervals are of p99, over criteria.\n\n" + _block(latency.lines(told))
    )


def _signal(told: dict[str, Any] | None) -> str:
    if told is None:
        return "Not measured."
    from infra.bench.signal import lines

    return (
        f"{told['beds']} different beds, one in ten with an asystole, VT or VF, {told['seconds']:g} s each behind the learning time;\n"
        "one process on one core, CPU time, everything on; the peer in the same process on the same beds.\n\n"
        + _block(lines(told))
    )


def _sources(told: dict[str, Any]) -> str:
    used = {
        "mitdb": bool(told["beats"] or told["rhythms"]),
        "nstdb": bool(told["beats"] and "noise" in told["beats"]),
        "ludb": bool(told["intervals"] or told["af"] or told["claims"]),
        "ptbxl": bool(told["af"] or told["claims"] or told["findings"]),
        "cinc2021": bool(told["af"] or told["findings"]),
        "cinc2015": bool(told["alarms"]),
    }
    return "\n".join(f"- `{name}`: {SOURCES[name]}" for name, here in used.items() if here) + f"\n\n{PHYSIONET}"
