"""Of which wave, or of which sum of waves, each amplitude of a sentence is said.

The tightest binding wins: a wave right behind the number (`1.2 mV R wave`), the nearest before it since the last number, the wave of its place in a
list or comparison (`S exceeds R, 0.98 against 0.76 mV`), and what the number before was said of. What is bound here is bound to no other measure.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from engine.claims.language.scope import Sentence
from engine.claims.numbers.amplitude import WAVES, Amplitude, named, wave_of
from engine.claims.numbers.number_leads import in_bracket, own_lead, right_behind
from engine.claims.numbers.runs import Run
from engine.claims.numbers.subjects import linked
from engine.claims.numbers.sums import PLUS, is_bounded, of_index, own_lead_of, part, sum_told, summands

UNITS = frozenset({"mV", "mm"})
_DEFLECTIONS = frozenset({"deflection", "deflections"})
_UP, _DOWN = frozenset({"tall", "high"}), frozenset({"deep"})
_BEFORE_WAVE = frozenset({"of", "the", "a", "an", "tall", "deep", "high", "large", "small", "positive", "negative", "initial", "terminal", "horizontal", "downsloping", "upsloping", "for", "is"})  # fmt: skip
_OUTDOES = frozenset(
    {
        "outgrows",
        "overtakes",
        "outweighs",
        "dominates",
        "dwarfs",
        "outgrow",
        "overtake",
        "outweigh",
        "dominate",
        "dwarf",
        "exceeds",
    }
)
_PRECEDES = frozenset({"before", "precede", "precedes", "preceding", "present", "ahead"})
_AGAINST = frozenset({"against", "versus", "vs", "than", "compared", "relative"})


def amplitudes(s: Sentence, runs: list[Run], placed: Collection[int]) -> dict[int, Amplitude]:
    """By its first token what each number in mV or mm is said of; those that no wave was found for are left out.

    placed: first tokens of the numbers of a list that has one lead for each.
    """
    found: dict[int, Amplitude] = {}
    dealt = _dealt(s, runs, placed)
    topic: Amplitude | None = None
    for k, run in enumerate(runs):
        if run.unit is None or run.unit.what not in UNITS:
            continue
        since = runs[k - 1].last if k else -1
        one = dealt.get(run.first) or sum_told(s, runs, k) or _wave(s, run, since, topic) or of_index(s, run)
        if one is None and any(t.what == "sokolow" for t in s.tokens[run.last + 1 :]):
            # `with 1.2 mV in V1 and 2.9 mV in V5 the Sokolow index is`
            ahead = part(s, run, since, Amplitude("sokolow", None))
            found |= {run.first: ahead} if ahead is not None else {}
        if one is None:
            continue
        found[run.first] = one if run.first in dealt else part(s, run, since, one) or one
        if not (topic and one.what != "sum" and _is_against(s, run, since)):
            topic = one
    return found


def _wave(s: Sentence, run: Run, since: int, topic: Amplitude | None) -> Amplitude | None:
    before = [
        k
        for k in range(since + 1, run.first)
        if (s.tokens[k].kind in ("measure", "finding") and s.tokens[k].what != "ECG") or s.tokens[k].what == "qs"
    ]
    waves = [k for k in before if wave_of(s.tokens[k])]
    behind = _right_behind(s, run)
    tight = bool(before) and _tight(s, before[-1], run.first)
    if behind is not None and not tight:
        return Amplitude(wave_of(s.tokens[behind]), behind)
    if (level := _level(s, run, since)) is not None:
        return level
    voltage = next((k for k in range(run.first - 1, since, -1) if s.tokens[k].what == "voltage"), None)
    if voltage is not None and _tight(s, voltage, run.first) and (is_bounded(s, run) or own_lead_of(s, run, since)):
        return Amplitude("QRS", voltage)
    if tight and not wave_of(s.tokens[before[-1]]):
        return None  # another measure has this number, in whatever unit
    if waves:
        order = _subject(s, run, waves)
        at = _sized(s, run, order)
        compared = len(waves) > 1 and order == waves[-2:] and at == order[0]
        return Amplitude(wave_of(s.tokens[at]), at, dealt=compared)
    deflection = next((j for j in range(run.first - 1, since, -1) if s.tokens[j].what in _DEFLECTIONS), None)
    if deflection is not None:
        return Amplitude("QRS", deflection)
    if _is_downward(s, run):
        return Amplitude("QS", None)
    if (ahead := _grows_from(s, run)) is not None:
        return Amplitude("R", ahead)
    if topic is not None:
        # `R is tall in I (0.8 mV), aVL (1.0 mV) and V6 (0.9 mV)`
        listed = run.first > 1 and s.tokens[run.first - 1].what == "(" and s.tokens[run.first - 2].kind == "lead"
        return Amplitude(topic.what, None, terms=topic.terms, dealt=listed)
    if any(t.what == "voltage" for t in s.tokens[: run.first]) and own_lead_of(s, run, since):
        return Amplitude("QRS", None)
    beside = any(t.kind == "lead" for t in s.tokens[max(since + 1, run.first - 4) : run.first])
    return _of_lead_alone(s, run) if beside else None


def _of_lead_alone(s: Sentence, run: Run) -> Amplitude | None:
    """What a number is that stands beside a lead alone: the wave of the sentence before, of a P wave and of none the QRS (`Limb leads: II 1.16 mV`)."""
    begins = max((k for k in range(run.first) if s.tokens[k].what == "."), default=0)
    earlier = next((wave for t in reversed([*s.earlier, *s.tokens[:begins]]) if (wave := wave_of(t))), s.subject)
    if earlier in WAVES - {"QRS", "P"}:
        return Amplitude(earlier, None)
    other = any(t.kind in ("measure", "finding") for t in s.tokens[begins : run.first])
    return None if other or run.low < 0 else Amplitude("QRS", None)


def _grows_from(s: Sentence, run: Run) -> int | None:
    """The R wave behind the number of the lead that it grows from: `an S of 0.8 mV in V1, but from V2 (0.3 mV) onwards the R grows`."""
    back, ahead = s.tokens[max(0, run.first - 3) : run.first], s.tokens[run.last + 1 : run.last + 5]
    if [t.what for t in back[:1]] != ["from"] or [t.kind for t in back[1:2]] != ["lead"] or back[-1].what != "(":
        return None
    k = next((j for j, t in enumerate(ahead) if t.what not in (")", "on", "onward", "onwards", "the")), len(ahead))
    return run.last + 1 + k if k < len(ahead) and ahead[k].what == "R" else None


_LEVELS = ("elevation", "depression", "deviation", "shift", "displacement")
_OF_LEAD = frozenset({"elevated", "depressed", "raised", "lowered", "lifted", "up", "down"})
_TO_LEVEL = frozenset({"of", "by", "about", "only", "around", "some", "to"})
_AT_POINT = re.compile(r"(?:up |down |high |low |raised |lowered |(?:above|below) (?:the )?baseline )?(?:at|by) (?:the )?j\b|(?:up|down|high|low) (?:60|sixty) ?ms", re.IGNORECASE)  # fmt: skip


def _level(s: Sentence, run: Run, since: int) -> Amplitude | None:
    """An ST level that is told without naming the segment: `elevation of 0.32 mV`, `no deviation above 0.1 mV`, `0.13 mV up at J`."""
    if _AT_POINT.match(s.text[s.tokens[run.last].end :].lstrip()):
        return Amplitude("ST", None)
    k = run.first - 1
    while k > since and (s.tokens[k].what in _TO_LEVEL or s.tokens[k].kind in ("above", "below")):
        k -= 1
    if k > since and s.said(s.tokens[k]) in _OF_LEAD and k > 1 and s.tokens[k - 1].what in ("is", "are", "was", "were"):
        return Amplitude("ST", k) if s.tokens[k - 2].kind == "lead" else None
    if k <= since or s.tokens[k].kind != "quality" or not s.said(s.tokens[k]).startswith(_LEVELS):
        return None
    of_t = (
        k > 0
        and s.tokens[k - 1].kind in ("measure", "finding")
        and wave_of(s.tokens[k - 1]) not in ("", "ST", "ST at J")
    )
    return None if of_t else Amplitude("ST", k)


def _is_downward(s: Sentence, run: Run) -> bool:
    """Whether a number is how far a QRS goes down that is called negative: `V1 is almost wholly negative (down to 1.3 mV)`."""
    k = run.first - 1
    while k > 0 and (
        s.tokens[k].kind in ("number", "unit")
        or s.tokens[k].what
        in ("(", "to", "down", ",", "reaching", "as", "far", "and", "throughout", "entirely", "here")
    ):
        k -= 1
    other = next((t.what for t in reversed(s.tokens[:k]) if t.kind == "measure"), "QRS")
    turned = (
        s.tokens[k].kind == "quality" and s.tokens[k].what == "inverted" and other not in ("T", "P", "ST", "ST at J")
    )
    return (
        k > 0
        and (turned or s.tokens[k].what in ("negative QRS", "rS complex"))
        and s.tokens[k + 1].what in ("(", "to", "down", ",", "throughout", "entirely", "here")
    )


def _right_behind(s: Sentence, run: Run) -> int | None:
    """The wave right behind a number: `1.2 mV R wave`, `2 mm of ST depression`."""
    if (own := in_bracket(s, run)) is not None and wave_of(s.tokens[own[0]]):
        return own[0]
    for k in range(run.last + 1, min(run.last + 6, len(s.tokens))):
        token = s.tokens[k]
        if wave_of(token):
            return k
        if token.kind != "quality" and token.what not in _BEFORE_WAVE:
            return None
    return None


def _tight(s: Sentence, at: int, first: int) -> bool:
    """Whether only linking words stand between a measure and a number: `an R of`, `R in V5 is`, not `R and`."""
    return linked(s, at, first) and not any(t.what in ("and", "plus", ",", "-", ".") for t in s.tokens[at + 1 : first])


def _subject(s: Sentence, run: Run, waves: list[int]) -> list[int]:
    """The waves before a number, from the likeliest on: the nearest, unless it is only what another is compared with, or the whole QRS."""
    last = waves[-1]
    if wave_of(s.tokens[last]) == "QRS" and len(waves) > 1 and {t.what for t in s.tokens[waves[-2] : last]} & _PRECEDES:
        return [waves[-2], last]
    if wave_of(s.tokens[last]) == "QRS" and not _tight(s, last, run.first):
        waves = [last, *waves[:-1]]
        last = waves[-1]
    if len(waves) > 1 and not _tight(s, last, run.first):
        inner = s.tokens[waves[-2] + 1 : last]
        if not any(t.kind == "break" or t.what in ("while", "whereas", "but") for t in inner) and any(
            t.kind in ("above", "below") or t.what in _AGAINST | _OUTDOES for t in inner
        ):
            return [waves[-2], last]
    return waves[::-1]


def _sized(s: Sentence, run: Run, waves: list[int]) -> int:
    """The first of these waves that can be as tall or deep as is said right behind the number."""
    word = next((t.what for t in s.tokens[run.last + 1 : run.last + 2]), "")
    barred = {"Q", "S"} if word in _UP else {"R"} if word in _DOWN else set()
    return next((k for k in waves if wave_of(s.tokens[k]) not in barred), waves[0])


def _is_against(s: Sentence, run: Run, since: int) -> bool:
    return any(t.what in _AGAINST for t in s.tokens[since + 1 : run.first])


# lists and comparisons ---------------------------------------------------------------------------------------------


def _dealt(s: Sentence, runs: list[Run], placed: Collection[int]) -> dict[int, Amplitude]:
    """`R exceeds S in V3, 1.05 versus 0.78 mV`: numbers that stand together without a wave between, one for each of the waves named before.

    Where none is named since the last number they are the waves of the numbers before: `and 0.59 versus 0.24 mV in V4`.
    """
    found: dict[int, Amplitude] = {}
    k = 0
    while k < len(runs):
        last = k
        while last + 1 < len(runs) and _listed(s, runs[last], runs[last + 1]):
            last += 1
        group = runs[k : last + 1]
        if last > k and group[0].first not in placed:
            begins = runs[k - 1].last + 1 if k else 0
            if k and (own := _right_behind(s, runs[k - 1])) is not None and own < group[0].first:
                begins = own + 1  # `0.36 mV of R against 0.17 mV of S, and aVF 0.40 against 0.10 mV`
            waves = named(s, begins, group[0].first) or named(s, 0, group[0].first)
            waves = waves[-len(group) :] if _compared(s, group) or not waves or waves[0] < begins else waves
            waves = _of_last_clause(s, waves)
            both = _both(s, begins, group[0].first)
            if both in _OTHER and not named(s, begins, group[0].first):
                found |= {group[0].first: Amplitude(both, None), group[1].first: Amplitude(_OTHER[both], None)}
            elif not waves and _compared(s, group) and (index := summands(s, group)):
                found |= {run.first: part for run, part in zip(group, index, strict=True)}
            elif len(waves) == 1 and _compared(s, group) and right_behind(s, group[1]) is None:
                wave = wave_of(s.tokens[waves[0]])
                one, other = Amplitude(wave, waves[0], dealt=True), Amplitude(_OTHER.get(wave, wave), None, dealt=True)
                if _is_compared_with(s, begins, waves[0]):
                    one, other = other, one
                found |= {group[0].first: one, group[1].first: other}
            elif len(waves) == len(group):
                leads = [own_lead(s, at) for at in waves]
                found |= {
                    run.first: Amplitude(
                        wave_of(s.tokens[at]),
                        at,
                        lead if all(leads) and at >= begins else (),
                        dealt=waves[0] >= begins and _compared(s, group),
                    )
                    for run, at, lead in zip(group, waves, leads, strict=True)
                }
        k = last + 1
    return found


def _of_last_clause(s: Sentence, waves: list[int]) -> list[int]:
    """The waves that no new clause parts: `Q is wide in III, and the R wave is high (1.39 and 1.30 mV)`."""
    parts = (
        [k for k in range(waves[0], waves[-1]) if s.tokens[k].kind == "break" and s.tokens[k].what.startswith(", and")]
        if waves
        else []
    )
    return [k for k in waves if k > parts[-1]] if parts else waves


def _is_compared_with(s: Sentence, begins: int, at: int) -> bool:
    """Whether a wave that alone is named is what the other one is compared with: `just smaller than S`, `still exceeds R`."""
    near = s.tokens[max(begins, at - 3) : at]
    return any(t.kind in ("above", "below") or t.what in _AGAINST | _OUTDOES for t in near)


_OTHER = {"R": "S", "S": "R"}
"""What a wave of the QRS is compared with where nothing is named."""


def _both(s: Sentence, first: int, last: int) -> str:
    """The first of the two waves that are called equal, or make the form of a QRS (`rS`), last between two tokens; empty where none are."""
    said = [s.text[t.start : t.end] for t in s.tokens[first:last] if t.what in _TWO][-1:]
    return next((one[0].upper() for one in said if one.lower().startswith(("r and", "s and", "rs"))), "")


_TWO = frozenset({"equal R and S", "rS complex", "negative QRS", "positive QRS"})


def _listed(s: Sentence, a: Run, b: Run) -> bool:
    inner = [t.what for t in s.tokens[a.last + 1 : b.first]]
    return bool(inner) and len(inner) <= 3 and set(inner) <= {",", "and", "/", ".", "with", "to", *_AGAINST, *PLUS}


def _compared(s: Sentence, group: list[Run]) -> bool:
    inner = {t.what for t in s.tokens[group[0].last + 1 : group[1].first]} if len(group) == 2 else set()
    ranged = bool(group[0].first) and s.tokens[group[0].first - 1].what == "from"
    return bool(inner & (_AGAINST | PLUS)) or (inner == {"to"} and not ranged)
