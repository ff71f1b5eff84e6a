"""A sentence to tokens. Every pattern is flat, so that the time grows with the length of the text only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.claims.language import leads as names
from engine.claims.language import lexicon as words
from engine.claims.language import qualities
from engine.claims.language.dispatch import Dispatch, alternatives
from engine.claims.language.numerals import NUMERAL, value_of
from engine.claims.language.phrases import PHRASES, UNMEASURABLE


@dataclass(frozen=True, slots=True)
class Token:
    """One word or phrase of a sentence, by what it is.

    kind: number, unit, lead, group, measure, quality, finding, not, after, doubt, break, knowledge, reference, below, above, word or mark.
    """

    kind: str
    start: int
    end: int
    what: str
    """Name of the measure, quality or finding; the word itself in small letters else."""
    number: float = 0.0
    """Of a number its value; of a unit what it is multiplied with."""
    leads: tuple[str, ...] = ()


_GLUED = (
    ("HR", "rate"),
    ("VR", "rate"),
    ("PR", "PR"),
    ("PQ", "PR"),
    ("QRSd", "QRS"),
    ("QRS", "QRS"),
    ("QTc", "QTc"),
    ("QT", "QT"),
    ("RR", "RR"),
)
"""Measures that are written without a blank before their number: `HR72`."""
_COUNTED = r"(?:(?:premature )?ventricular (?:(?:premature|ectopic|extra) )*(?:beats|complexes|contractions|extrasystoles|ectopics)\b|premature (?:beats|complexes)\b|pvcs\b|vpbs\b|vpcs\b|vebs\b|(?:tiny |little |standard )?(?:mm\b|millimet(?:er|re)s?|m[sv]\b|milli(?:seconds?|volts?)|small|large|big|little|seconds?\b|degrees?\b|bpm\b|beats? (?:per|a|each|every) min|beats? to the min|times (?:per|a|each|every) min|per min|a minute))"
"""What a number in words is read in front of."""


@lru_cache(maxsize=1)
def _pattern() -> tuple[Dispatch, tuple[tuple[str, str], ...]]:
    """The patterns, and for each its kind and meaning."""
    rows: list[tuple[str, str, str]] = [
        ("named lead", "", words.NAMED_LEAD),
        ("wave and lead", "", r"\b[RSTQ](?:[Vv][1-6]|a[Vv][RLF]|AV[RLF]|III|II)\b|\bRI\b|\bSI\b(?! units)"),
        ("ordinal", "", r"(?i:\b(?:day|hour|shift|bed|room|bay|ward|unit|floor|cubicle|theatre|slot|ext|extension|bleep|pager|figure|fig\.?|table|step|panel|case|chapter|example|exercise|question|part|item|point|box|section|lesson|page) ?\d{1,3}(?:[-.]\d{1,3})?[a-z]?\b:?|\b\d{1,2}[- ](?:hourly|daily|weekly|monthly|week|month|year|day)\b|\b\d{2,4}[- ](?:rule|method)\b|\b(?:s/b|d/w|r/v|o/e|c/w)\b|\b(?:option|choice|answer|statement) [a-e]\b(?! ))|\([A-Ea-e]\)|\b(?:\d{1,2}(?:st|nd|rd|th)\b(?! degree)|12[- ]lead\b|twelve-lead\b|one-lead\b|two leads\b)"),
        ("time of day", "", r"\b\d{1,2}:\d\d(?::\d\d)?\b(?! (?:a-?v )?(?:block|conduction))|\b\d{4}-\d\d-\d\d\b|(?<=at )[0-2]\d[0-5]\d(?:h|hrs)?\b(?! ?(?:ms|s\b|sec|µ|m[vV]|mm|b))|(?<=until )[0-2]\d[0-5]\d\b|(?<=from )[0-2]\d[0-5]\d\b(?! ?(?:ms|s\b|sec|to|m[vV]))|(?<=by )[0-2]\d[0-5]\d\b(?! ?(?:ms|s\b|sec|m[vV]))|\b0\d[0-5]\d(?:h|hrs)?\b(?= ?[,:;.-])|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b"),
        ("finding", "atrial fibrillation", r"\bAF(?:ib|IB)?\b"),
        ("finding", "sinus rhythm", r"\bSR\b"),
        ("finding", "QS complexes", r"\bQS\b(?:[- ](?:complex(?:es)?|waves?|patterns?|morphology|configuration|deflections?))?(?! (?:of |is |measures )?\d)"),
        ("finding", "rS complex", r"\brS\b(?![-']?R)(?:[- ](?:complex(?:es)?|patterns?|morphology|configuration))?"),
        ("finding", "positive QRS", r"\bqRs?\b(?:[- ](?:complex(?:es)?|patterns?|morphology|configuration))?"),
        ("finding", "AV block of third degree", r"(?i:\b(?:(?:third|3rd|3|iii)[-° ]*deg(?:ree)?s?\.?|3°|complete)[- ]?)AVB\b"),
        ("finding", "AV block of second degree", r"(?i:\b(?:(?:second|2nd|2|ii)[-° ]*deg(?:ree)?s?\.?|2°|[2-4]:1|(?:high(?:er)?|advanced)(?:[- ](?:degree|grade))?)[- ]?)AVB\b"),
        ("finding", "first degree AV block", r"(?i:\b(?:(?:first|1st|1|i)[-° ]*deg(?:ree)?s?\.?|1°)[- ]?)AVB\b"),
        ("finding", "AV block", r"\bAVB\b"),
        ("measure", "T", r"\bT'?s\b"),
        ("measure", "P", r"\bP'?s\b"),
        ("finding", "ventricular tachycardia", r"\bVT\b"),
        ("finding", "ventricular fibrillation", r"\bVF\b"),
        ("finding", "sinus bradycardia", r"\bSB\b"),
        ("finding", "sinus tachycardia", r"\bST(?= @|(?: at)? \d{2,3}\b(?! ?(?:mV|mm|ms|µV|milli)))"),
        ("scale", "", r"(?i:\b(?:at |by )?j ?\+ ?(?:40|60|80)(?: ?ms\b)?|\b(?:at |by |within )?(?:40|60|80|forty|sixty|eighty) ?(?:ms|milliseconds) (?:after|past|beyond|behind|from|following) (?:the )?j(?:[- ]?points?)?\b|\b(?:within |by |at |only |just )?(?:40|60|80|sixty|eighty|forty) ?(?:ms|milliseconds) (?:later|afterwards|further on|on)\b|(?<=within )(?:40|60|80) ?ms\b(?= ?(?:[.,;]|$)))"),
        ("scale", "", r"(?i:\bfor (?:the |this |its )?(?:heart )?rate\b|\b(?:25|50) ?mm/s(?:ec)?\b|\b10 ?mm/mv\b|\b(?:(?:one|a|each|every|1) (?:small (?:square|box)|millimet(?:re|er)|mm)(?: on (?:the )?(?:standard )?(?:ecg )?paper)? (?:is|=|equals|makes|represents|corresponds to|stands for|means|lasts) (?:40 ?(?:ms|milliseconds)|0\.04 ?s(?:ec(?:onds?)?)?|0\.1 ?(?:mv|millivolts?))|(?:one|a|each|every|1) (?:large|big) (?:square|box)(?: on (?:the )?(?:standard )?(?:ecg )?paper)? (?:is|=|equals|makes|represents|corresponds to|stands for|means|lasts) (?:200 ?(?:ms|milliseconds)|0\.20? ?s(?:ec(?:onds?)?)?|0\.5 ?(?:mv|millivolts?))|(?:ten|10) ?(?:millimet(?:re|er)s|mm)(?: on (?:the )?(?:standard )?(?:ecg )?paper)? (?:is|are|=|equals?|makes?|represents?|corresponds? to|stands? for|means?) (?:one millivolt|1 ?mv))\b|\b10[- ]s(?:ec(?:ond)?s?)?\b|\bten[- ]sec(?:ond)?s?\b|\b(?:500|1000) ?hz\b|\b(?:small|large|big|little|tiny) (?:squares?|box(?:es)?)\b|\bat (?:the )?j(?: ?\+ ?\d{2}(?: ?ms)?)?\b(?![- ]?points?))"),
        ("talk", "", r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Doctor|Sister|Nurse)\.? [A-Z][a-z]+\b"),
        ("talk", "", f"(?i:{words.TALK})"),
        ("doubt", "", f"(?i:{words.DOUBTED})"),
        ("knowledge", "", f"(?i:{words.KNOWLEDGE})"),
        ("not", "", f"(?i:{words.NOT_WITH})"),
        ("after", "", f"(?i:{words.AFTERWARDS})"),
        *(("quality", name, f"(?i:{pattern})") for name, pattern in qualities.LIMITED),
        ("reference", "", f"(?i:{words.REFERENCE})"),
        *(("finding", name, f"(?i:{pattern})") for name, pattern in PHRASES if name != "axis deviation"),
("finding", "ST-T changes", r"(?i:\bst(?:[-/ ]| and )t(?:[- ]wave)? (?:changes?|abnormalit(?:y|ies)|alterations?)\b)"),
        ("finding", "ST deviation", r"(?i:\bst(?:[- ]segments?)? (?:changes?|abnormalit(?:y|ies)|alterations?)\b)"),
        ("unmeasurable", "", f"(?i:{UNMEASURABLE})"),
        *(("measure", name, f"(?i:{pattern})") for name, pattern in words.MEASURES),
        ("finding", "axis deviation", r"(?i:\baxis deviation\b)"),
        ("group", "", f"(?i:{words.GROUP})"),
        ("lead", "", words.LEAD),
        ("not", "", f"(?i:{words.NEGATIONS})"),
        ("break", "", rf"(?i:[-=]+>|→|{words.BREAKS})"),
        ("below", "", f"(?i:{words.BELOW})"),
        ("above", "", f"(?i:{words.ABOVE})"),
        ("word", "", r"(?i:\b(?:rapid|slow|quick|brisk|swift|steep|gentle|fast)(?:ly)?,? (?:(?:up|down)-?slop\w+|(?:initial|terminal|upward|downward) (?:deflection|part|slope)s?|up-?strokes?|(?:re)?ascents?|descents?|recover(?:y|ing)|return|rise|growth)\b|\b(?:borderline|doubtful|uncertain|questionable|limited|minor|little|unclear) (?:clinical |diagnostic )?significance\b|\bslop(?:es?|ing) (?:\w+ly )?(?:up|down)(?:wards?)?\b)"),
        *(("quality", name, f"(?i:{pattern})") for name, pattern in qualities.QUALITIES),
        *(("measure", name, rf"\b{said}(?=\d)") for said, name in _GLUED),
        ("number", "", rf"(?:(?<![\w.])|{'|'.join(f'(?<={said})' for said, _ in _GLUED)})(?:[-+±]|minus )?(?:\d{{1,6}}(?:,\d{{3}})*(?:\.\d{{1,6}})?|\.\d{{1,6}})(?![\d])"),
        ("spelled", "", rf"(?i:\b(?:minus |plus )?{NUMERAL}(?=[- ](?:{_COUNTED})))"),
        ("bare", "", rf"\b[{''.join(words.BARE)}]\b(?!')|(?<![\w'’./-])[{''.join(words.SMALL)}](?![\w'’./-])"),
        ("word", "cutoff", r"(?i:\bcut-?offs?\b)"),
        ("word", "", r"[^\W\d_]+(?:'[a-z]+)?"),
        ("mark", "", r"[^\s\w]"),
    ]  # fmt: skip
    parts = [(kind, what, part) for kind, what, pattern in rows for part in alternatives(pattern)]
    return Dispatch([part for _, _, part in parts]), tuple((kind, what) for kind, what, _ in parts)


_DECADE = re.compile(r"(?<=\d0)s\b")
_IN_DECADE = re.compile(r"\b(?:the|mid|low|high|lower|upper|middle)[- ]$", re.IGNORECASE)


def _up_to_nine(first: Token, end: int) -> list[Token]:
    """The rest of a range of ten behind its first number: `in the 470s`."""
    return [Token("mark", end, end, "-"), Token("number", end, end, f"{first.number + 9:g}", first.number + 9)]


_DIGITS = re.compile(r"\d[\d.,]*")


@lru_cache(maxsize=1)
def _headed() -> re.Pattern[str]:
    """A unit in front of its number: `PR [ms] 160`, `rate (1/min): 72`, `rate in bpm: 72`."""
    joined = "|".join(f"(?P<u{k}>{row[0]})" for k, row in enumerate(words.UNITS))
    return re.compile(rf"(?:[\[(](?:in |1)?(?:{joined})[\])]|\bin (?:{joined.replace('?P<u', '?P<w')})(?= ?[:=]))(?= ?[:=]? ?[-+]?\d)", re.IGNORECASE)  # fmt: skip


@lru_cache(maxsize=1)
def _unit() -> re.Pattern[str]:
    joined = "|".join(f"(?P<u{k}>{row[0]})" for k, row in enumerate(words.UNITS))
    return re.compile(rf"(?:-| {{0,2}})(?:{joined})(?![a-z0-9µμ])", re.IGNORECASE)


@lru_cache
def unit_named(said: str) -> tuple[str, float]:
    """The unit that a written one means, and times which; raises KeyError where the lexicon has none of that name."""
    for pattern, unit, times in words.UNITS:
        if re.fullmatch(pattern, said, re.IGNORECASE):
            return unit, times
    raise KeyError(said)


def tokens(text: str, start: int, end: int) -> list[Token]:
    """Tokens of one sentence; places are those of the whole text."""
    pattern, rows = _pattern()
    found: list[Token] = []
    at, ahead = start, None
    while at < end:
        headed = _headed().match(text, at, end)
        if headed is not None:
            ahead, at = headed, headed.end()
            continue
        hit = None if text[at].isspace() else pattern.match(text, at, end)
        if hit is None or hit[1].end() == at:
            digits = _DIGITS.match(text, at, end)
            if digits is not None:  # a number that is part of no word that is known
                found.append(Token("word", at, digits.end(), digits.group()))
            at = at + 1 if digits is None else digits.end()
            continue
        at = hit[1].end()
        made = _token(*rows[hit[0]], hit[1])
        if (
            made
            and made[-1].kind == "number"
            and (decade := _DECADE.match(text, at, end))
            and _IN_DECADE.search(text, start, made[-1].start)
        ):
            made, at = [made[-1], *_up_to_nine(made[-1], decade.end())], decade.end()
        found += made
        if made and made[-1].kind == "number" and (unit := _unit_behind(text, at, end)):
            found.append(unit)
            at = unit.end
        elif made and made[-1].kind == "number" and ahead is not None:
            found.append(_unit_ahead(ahead, at))
        if made and made[-1].kind == "number":
            ahead = None
    return _merged(found, text)


def _unit_behind(text: str, at: int, end: int) -> Token | None:
    match = _unit().match(text, at, end)
    if match is None:
        return None
    k = next(k for k in range(len(words.UNITS)) if match.group(f"u{k}") is not None)
    first = match.start(f"u{k}")
    if match.group()[:1] == "-" and k not in (0, 1, 3, 5):
        return None
    _, unit, times = words.UNITS[k]
    if text[first : match.end()] == "/S":
        return None  # `R 1.05/S 1.11 mV`
    return Token("unit", first, match.end(), unit, times)


def _unit_ahead(match: re.Match[str], at: int) -> Token:
    """The unit that stood in front of the number that ends here."""
    k = next(int(name[1:]) for name, said in match.groupdict().items() if said is not None)
    _, unit, times = words.UNITS[k]
    return Token("unit", at, at, unit, times)


def _token(kind: str, what: str, match: re.Match[str]) -> list[Token]:
    start, end, said = match.start(), match.end(), match.group()
    low = said.lower()
    if kind == "named lead":
        name = said.split(maxsplit=1)[1]
        name = f"a{name}" if name in ("VF", "VR", "VL") else name
        return [Token("lead", start, end, low, leads=(names.named(name),))]
    if kind == "wave and lead":
        return [
            Token("measure", start, start + 1, said[0]),
            Token("lead", start + 1, end, low, leads=(names.named(said[1:]),)),
        ]
    if kind == "lead":
        return [Token("lead", start, end, said, leads=(names.named(said),))]
    if kind == "group":
        name = names.group(re.split(r" (?:leads?|wall|of|region|territory)", low)[0])
        return [Token("group", start, end, name, leads=names.GROUPS.get(name, ()))]
    if kind == "number":
        return [Token("number", start, end, said, float(re.sub("[,+±]", "", said).replace("minus ", "-")))]
    if kind == "spelled":
        return [Token("number", start, end, low, value_of(low))]
    if kind == "bare":
        return [Token("bare", start, end, said.upper())]
    if kind in ("ordinal", "time of day", "scale"):
        return []
    return [Token(kind, start, end, what or low)]


_JOIN = {"and", "or", ",", "/", "&", "through", "to", "-", "+", "plus"}
_RANGE = {"-", "to", "through"}
_ONLY = {"only", "just", "about", "barely"}


def _merged(found: list[Token], text: str) -> list[Token]:
    """Bare letters are told apart, and lists and ranges of leads become one token."""
    found = [_bare(found, k, text) for k in range(len(found))]
    merged: list[Token] = []
    k = 0
    while k < len(found):
        token = found[k]
        if token.kind != "lead":
            merged.append(token)
            k += 1
            continue
        leads, end, k = _lead_list(found, k)
        merged.append(Token("lead", token.start, end, text[token.start : end], leads=leads))
    return _pointed(merged)


def _pointed(found: list[Token]) -> list[Token]:
    """`The former` and `the latter` are the two measures that were named last."""
    out: list[Token] = []
    for k, token in enumerate(found):
        if (
            token.what == "over"
            and out
            and out[-1].kind in ("number", "unit")
            and [t.kind for t in found[k + 1 : k + 2]] == ["number"]
        ):
            token = Token("word", token.start, token.end, "against")  # `R 1.23 over 0.34 mV`
        if token.kind == "word" and token.what in ("former", "latter"):
            named = list(dict.fromkeys(t.what for t in out if t.kind == "measure" and t.what != "ECG"))[-2:]
            if len(named) == 2:
                token = Token("measure", token.start, token.end, named[token.what == "latter"])
        out.append(token)
    return out


def _lead_list(found: list[Token], k: int) -> tuple[tuple[str, ...], int, int]:
    """Leads of the list that begins at token k, where it ends in the text, and the first token behind it."""
    leads, end, named = list(found[k].leads), found[k].end, found[k].what.startswith("lead ")
    k += 1
    while k < len(found):
        joins = k
        while joins < len(found) and joins < k + 2 and found[joins].what in _JOIN:
            joins += 1
        if joins == k or joins >= len(found):
            break
        ahead = found[joins]
        if joins == k + 1 and found[k].what == "," and ahead.what.startswith("lead ") and not named:
            break  # `R 1.21 mV in II, lead I has`
        if (
            ahead.kind == "number"
            and leads[-1][:1] == "V"
            and 1 <= abs(ahead.number) <= 6
            and ahead.end - ahead.start <= 2
            and not _unit_next(found, joins)
        ):
            ahead = Token("lead", ahead.start, ahead.end, ahead.what, leads=(f"V{abs(ahead.number):.0f}",))
        if ahead.kind != "lead" or _begins_anew(found, k, joins):
            break
        if joins == k + 1 and found[k].what in _RANGE:
            leads[-1:] = names.between(leads[-1], ahead.leads[0])
        else:
            leads += ahead.leads
        end, k = ahead.end, joins + 1
    return tuple(dict.fromkeys(leads)), end, k


def _begins_anew(found: list[Token], comma: int, k: int) -> bool:
    """Whether a lead that is called one begins a clause with its own wave behind it: `1.2 mV in II, lead I R and S`."""
    ahead = found[k + 1] if k + 1 < len(found) else None
    return (
        found[comma].what == ","
        and k == comma + 1
        and found[k].what.startswith("lead ")
        and ahead is not None
        and ahead.kind == "measure"
    )


def _unit_next(found: list[Token], k: int) -> bool:
    return k + 1 < len(found) and found[k + 1].kind == "unit"


def _bare(found: list[Token], k: int, text: str) -> Token:
    """A capital that is a wave or the lead I; `I` as a person, and other lone letters, are words."""
    token = found[k]
    ahead = found[k + 1] if k + 1 < len(found) else None
    back = found[k - 1] if k else None
    if token.kind == "bare":
        return Token("measure", token.start, token.end, token.what)
    if token.kind != "lead" or token.leads != ("I",) or text[token.start : token.end].lower().startswith("l"):
        return token
    if ahead is not None and ahead.what in _ONLY and [t.kind for t in found[k + 2 : k + 4]] == ["number", "unit"]:
        return token  # `II 1.16 mV, I only 0.33 mV`
    if ahead is not None and _wave(found, k + 1) and any(t.kind == "number" for t in found[k + 2 : k + 5]):
        return token  # `I R 4.5 mm`
    if ahead is not None and ahead.what in ("still", "also", "even", "alone") and k + 2 < len(found):
        ahead = found[k + 2]
    if ahead is not None and ahead.kind in ("word", "measure") and ahead.what.endswith("s") and len(ahead.what) > 1:
        return token  # `I shows`: a person would show
    if back is not None and (_alone(back, ahead) or _listed(found, k)):
        return token
    if back is not None and back.what in ("neither", "both", "either") and _lead_follows(found, k):
        return token
    if back is not None and back.what == "nor" and any(t.kind == "lead" for t in found[max(0, k - 10) : k]):
        return token  # `neither aVL (0.1 mV) nor I`
    listed = ahead is not None and (
        ahead.what in (",", ")", ":", "(", ";", ".", "and", "-", "/") or ahead.kind in ("measure", "lead")
    )
    if (
        back is not None
        and back.what in ("in", "of", "for")
        and (
            ahead is None
            or ahead.what not in ("see", "measure", "find", "would", "get", "do", "think")
            or back.what == "in"
        )
    ):
        return token
    after = back is not None and (
        back.kind in ("lead", "measure", "bare") or back.what in ("in", "(", ",", "and", "of", "for", "-")
    )
    return (
        token
        if (
            after
            and (ahead is None or ahead.kind != "word" or ahead.what in ("and", "is", "has", "shows", "are", "with"))
        )
        or (listed and ahead is not None and (ahead.what in (":",) or ahead.kind == "lead" or _lead_follows(found, k)))
        else Token("word", token.start, token.end, "i")
    )


def _wave(found: list[Token], k: int) -> bool:
    return found[k].kind in ("bare", "measure") and found[k].what in words.BARE


def _alone(back: Token, ahead: Token | None) -> bool:
    """Whether no person can be meant by `I`: no verb follows, and what stands before goes with a lead."""
    if ahead is not None and ahead.kind == "number":
        return back.what in (":", ",", ";", "waves", "amplitudes")
    if ahead is not None and ahead.what not in (",", ".", ")", ";"):
        return False
    return (
        back.kind in ("quality", "group")
        or back.what in ("to", "leads", "waves")
        or (ahead is None and back.what == ":")
    )


_BEHIND_LIST = frozenset(
    {"the", "a", "an", "are", "is", "both", "respectively", "were", "was", "show", "have", "there"}
)


def _listed(found: list[Token], k: int) -> bool:
    """Whether `I` ends a list of leads: `in V3 and I the R waves measure`."""
    return (
        1 < k < len(found) - 1
        and found[k - 1].what in ("and", "or")
        and found[k - 2].kind == "lead"
        and found[k + 1].what in _BEHIND_LIST
    )


def _lead_follows(found: list[Token], k: int) -> bool:
    return any(t.kind == "lead" for t in found[k + 1 : k + 4])
