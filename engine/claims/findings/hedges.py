"""Findings that a sentence names as what may be so, and qualities of which it does not say of what they are."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.claims.language.accepts import ACCEPTS
from engine.claims.language.places import LOCAL
from engine.claims.language.scope import Sentence
from engine.claims.numbers.evoked import spoken_of
from engine.claims.statement import OPEN, Statement

_BEFORE = re.compile(
    r"\b(?:may|might|could|can|would|possibl[ey]|potential(?:ly)?|perhaps|conceivabl[ey]|probabl[ey]|likely|suspicious|suspected|suspicion|consider\w*|think of|thought of|think about"
    r"|either|differential|candidates?|question of|queried|query|raises?|raising|hints? (?:at|of)|borders? on|bordering on|often|sometimes|commonly|typically|frequently|occasionally)\b[^.;]*$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"^[^.;,]*\b(?:may|might|could|possible|possibilit\w+|plausible|conceivable|likely|considered|consideration|(?:thought|reminiscent|suggestive) of|(?:should|must|needs? to|ha(?:s|ve) to) be (?:excluded|ruled out)|borne in mind|kept in mind|entertained|candidates?|differential|be present|(?:a|of) (?:\w+ )?concern|a (?:real |serious )?worry|among the|explanations?|alternatives?|options?|in (?:the|an?) (?:proper|right|appropriate|correct|suitable) clinical (?:setting|context)|as (?:a |the )?(?:cause|reason|explanation))\b",
    re.IGNORECASE,
)
LIMB_HYPERTROPHY = "left ventricular hypertrophy by the limb leads"
SOKOLOW_HYPERTROPHY = "left ventricular hypertrophy by Sokolow-Lyon"
SOFT = frozenset(
    {
        LIMB_HYPERTROPHY, SOKOLOW_HYPERTROPHY, "flat P waves",
        "left ventricular hypertrophy", "right ventricular hypertrophy", "ventricular hypertrophy", "left atrial enlargement", "right atrial enlargement",
        "atrial enlargement", "chamber enlargement", "incomplete right bundle branch block", "incomplete left bundle branch block", "bundle branch block", "left anterior fascicular block",
        "left posterior fascicular block", "bifascicular block", "secondary ST-T changes", "ventricular strain", "ischaemia", "acute ischaemia", "infarct",
        "acute infarct", "ST elevation infarct", "heart attack", "pre-excitation", "paced rhythm", "atrial flutter", "early repolarisation", "fascicular block", "ectopic atrial rhythm", "junctional rhythm", "escape rhythm", "artefact",
    }
)  # fmt: skip
"""Findings that no single limit settles: named as a possibility they say nothing that measurements contradict."""


def hedged(s: Sentence, found: list[Statement]) -> list[Statement]:
    """The findings, those marked that the words around them call possible, usual or one of several, and with what else their words may mean."""
    found = [one for one in found if not _is_level(s, one)]
    found = [replace(one, what=f"{one.what} at J") if _is_at_j(s, one) else one for one in found]
    found = [replace(one, what=_LATER[one.what]) if _is_later(s, one) else one for one in found]
    turned = [replace(one, what=_TURNED[one.what]) if _is_only_turned(s, one) else _of_row(s, one) for one in found]
    turned = [replace(one, what="pause after an early beat") if _follows_early(s, one) else one for one in turned]
    turned = [replace(one, what=LIMB_HYPERTROPHY) if _is_of_limbs(s, one) else one for one in turned]
    turned = [replace(one, what=_BY_SOKOLOW[one.what]) if _is_of_sokolow(s, one) else one for one in turned]
    return [replace(one, hedged=one.hedged or _may_be(s, one), maybe=one.maybe or _means(s, one)) for one in turned]


_AT_J = re.compile(
    r"\b(?:at|of) (?:the )?J\b(?! ?\+)|\bJ[- ]?points?\b|\bJ\b(?= (?:depression|elevation|deviation|shift))",
    re.IGNORECASE,
)
_BEHIND_J = re.compile(r"\bJ ?\+ ?\d|\b(?:later|past|after|behind|beyond|onwards?|further)\b", re.IGNORECASE)
_OF_ST = frozenset({"ST elevation", "ST depression", "ST deviation", "isoelectric ST"})


_LEVEL = re.compile(r"\d ?(?:mV|mm) (?:below|above|under|beneath|over)\b[^\d]*$")


def _is_level(s: Sentence, one: Statement) -> bool:
    """Whether words only give the direction of the ST level that stands between them: `lies 0.01 mV below the baseline`."""
    return (
        one.what in ("ST elevation", "ST depression")
        and not one.negated
        and _LEVEL.search(s.text[one.start : one.end]) is not None
    )


def _is_at_j(s: Sentence, one: Statement) -> bool:
    """Whether an ST level is told of the J point alone, and of no point behind it."""
    if one.what not in _OF_ST:
        return False
    first, last = s.clause(next(k for k, t in enumerate(s.tokens) if t.end >= one.end))
    said = s.text[min(s.tokens[first].start, one.start) : s.tokens[last].start if last < len(s.tokens) else s.end]
    return _AT_J.search(said) is not None and _BEHIND_J.search(said) is None


_AFTER_EARLY = re.compile(
    r"\b(?:premature|early|ectop\w*|extra-?systol\w*|p[av]cs?|s?ves?|apbs?|vpbs?)\b(?:[^.;:]|\.(?=\d))*\b(?:followed by|with|and|leaving|causing) (?:a |an |its |the )?(?:\w+ )?$",
    re.IGNORECASE,
)


def _follows_early(s: Sentence, one: Statement) -> bool:
    """Whether a pause is that behind an early beat, which is longer than a cycle and no stop: `a premature beat, followed by a pause`."""
    if one.what != "pause" or one.negated or s.text[one.start : one.end].lower() != "pause":
        return False
    return _AFTER_EARLY.search(s.text, s.start, one.start) is not None


_LATER = {"isoelectric ST": "isoelectric ST later", "ST elevation": "raised ST later"}
_SIXTY = re.compile(
    r"\b(?:60|80|sixty|eighty) ?(?:ms|milliseconds) (?:later|after|past|behind|beyond|further|on)\b|\b(?:by|at|after) (?:60|80) ?ms\b|\bJ ?\+ ?(?:60|80)",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:back|return(?:s|ed)?|recover(?:s|ed)?|settle[sd]?|comes?|has come|rises?|risen) (?:to|at|on|above|over|up to) (?:the )?(?:base|iso)",
    re.IGNORECASE,
)


def _is_later(s: Sentence, one: Statement) -> bool:
    """Whether the ST segment is said to be back at the baseline some time behind J: `depressed at J but back to baseline 60 ms later`."""
    if one.what not in _LATER or one.negated:
        return False
    back = _BACK.search(s.text, one.start, min(s.end, one.end + _NEAR))
    return back is not None and _SIXTY.search(s.text, back.start(), min(s.end, back.end() + 2 * _NEAR)) is not None


_LIMBS = re.compile(r"\bavl\b|\blimb[- ]leads?\b|\bgubner\b|\bri ?\+ ?siii\b", re.IGNORECASE)
_NOT_LIMBS = re.compile(r"\bsokolow|\bcornell|\bprecordial|\bchest\b|v[1-6]", re.IGNORECASE)


_BY_SOKOLOW = {
    "left ventricular hypertrophy": SOKOLOW_HYPERTROPHY,
    "no left ventricular hypertrophy": f"no {SOKOLOW_HYPERTROPHY}",
}
_SOKOLOW = re.compile(r"\bsokolow", re.IGNORECASE)
_BY = re.compile(
    r"^[^.;:,]{0,12}\b(?:by|on|per|according to|using|after|in) (?:the )?(?:\w+ )?(?:\w+ (?:of|by) )?sokolow",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\bsokolow\S*(?: and lyon| lyon)?(?: (?:index|criteri(?:on|a)|voltage|sum|limit|threshold|value)s?)?(?: (?:is|are|was|were))?(?: \w+)? (?:positive|negative|met|fulfilled|satisfied|suggests|indicates|diagnos\w+|points to|speaks for|supports)(?: for| of| to)? (?:an? )?$",
    re.IGNORECASE,
)


def _is_of_sokolow(s: Sentence, one: Statement) -> bool:
    """Whether a hypertrophy of the left ventricle is told or denied by the sum of Sokolow and Lyon alone."""
    if one.what not in _BY_SOKOLOW or "cornell" in s.text[s.start : s.end].lower():
        return False
    own = _SOKOLOW.search(s.text, one.start, one.end) is not None
    return (
        own or _BY.match(s.text[one.end : s.end]) is not None or _SAYS.search(s.text[s.start : one.start]) is not None
    )


def _is_of_limbs(s: Sentence, one: Statement) -> bool:
    """Whether a hypertrophy is told or denied by a criterion of the limb leads alone."""
    if one.what != "left ventricular hypertrophy":
        return False
    _, last = s.clause(next(k for k, t in enumerate(s.tokens) if t.end >= one.end))
    said = s.text[s.start : s.tokens[last - 1].end]
    return _LIMBS.search(said) is not None and _NOT_LIMBS.search(said) is None


_CHEST = re.compile(r"\bchest\b|\bprecordi(?:al|um)\b", re.IGNORECASE)


def _of_row(s: Sentence, one: Statement) -> Statement:
    """A low voltage of the chest leads has a limit of its own."""
    chest = one.what == "low voltage" and _CHEST.search(
        s.text, max(s.start, one.start - _NEAR), min(one.end + _NEAR, s.end)
    )
    return replace(one, what="low chest voltage") if chest else one


_TURNED = {"left axis deviation": "leftward axis", "right axis deviation": "rightward axis"}
_DEVIATES = (30.0, 90.0)
"""Limits of the normal axis: beside one a direction is told against it, `leftward but short of -30`."""
_STILL_NORMAL = re.compile(
    r"(?<!left of )(?<!right of )(?<!left of the )(?<!right of the )(?<!not )(?<!no longer )(?<!outside the )\bnormal\b|\b(?:not|without being|nor|no) (?:\w+ )?abnormal|\bphysiological|\b(?:within|inside) (?:the |its )?(?:limits|range|bounds)"
    r"|\b(?:without|short of|not) (?:\w+ ){0,3}?(?:(?:left|right) )?(?:axis )?deviat", re.IGNORECASE,
)  # fmt: skip


_JUST_BEFORE = 12
"""Characters before an axis in which it may be called normal: `a normal axis, slightly leftward`."""
_AWAY = re.compile(
    r"\b(?:left|right)(?:wards?)? of (?:the |that |this |its )?(?:normal|usual|sector|range|limits?|quadrant|span|window)"
)


def _is_only_turned(s: Sentence, one: Statement) -> bool:
    """Whether a direction of the axis is told that its own sentence calls normal: `leftward but within normal limits`."""
    if one.negated or not _is_direction(s, one):
        return False
    behind = (t.start for t in s.tokens if t.start >= one.end and t.kind in ("measure", "finding") and t.what != "axis")
    around = s.text[max(s.start, one.start - _JUST_BEFORE) : next(behind, s.end)]
    return _STILL_NORMAL.search(around) is not None


def _is_direction(s: Sentence, one: Statement) -> bool:
    """Whether an axis is said to be turned and not to be deviated."""
    words = s.text[one.start : min(s.end, one.end + _NEAR)].lower()
    turned = one.what in _TURNED and re.search(r"\b(?:left|right)", words) is not None
    own = s.text[one.start : min(s.end, one.end + len("-deviated"))].lower()
    return turned and _AWAY.search(words) is None and re.search(r"deviat|\blad\b", own) is None


def _is_turned_to(s: Sentence, k: int, name: str) -> bool:
    """Whether a number is the limit of a deviation, or an angle short of it on its side: `leftward but above -30`, `leftward at -24 degrees`."""
    token = s.tokens[k]
    if token.kind != "number" or abs(token.number) in _DEVIATES:
        return token.kind == "number"
    angle = [t.what for t in s.tokens[k + 1 : k + 2]] == ["deg"]
    low, high = (-_DEVIATES[0], LEFTWARD_DEG) if name == "left axis deviation" else (RIGHTWARD_DEG, _DEVIATES[1])
    return angle and low < token.number < high


LEFTWARD_DEG, RIGHTWARD_DEG = -10.0, 80.0
"""Axis beyond which readers call it leftward or rightward though it is normal (our own)."""
_SLIGHT = re.compile(r"-normal\b|\b(?:slight(?:ly)?|mild(?:ly)?|somewhat|a little|minimal(?:ly)?|marginal(?:ly)?|barely|shallow(?:ly)?|faint(?:ly)?|weak(?:ly)?|near(?:ly)?[- ]flat|flat[- ](?=neg|inv)|minor|modest(?:ly)?|some|borderline|just|tends?|trend)\b", re.IGNORECASE)  # fmt: skip
_DOWN = re.compile(r"\binferior(?:ly)?|\bdownwards?", re.IGNORECASE)
_SLIGHTLY = {"left axis deviation": "leftward axis", "right axis deviation": "rightward axis", "irregular rhythm": "slight irregularity", "wide QRS": "slightly wide QRS", "intraventricular conduction delay": "slightly wide QRS", "long PR interval": "slightly long PR interval", "long QT": "slightly long QT", "short QT": "slightly short QT"}  # fmt: skip
_SIDE = re.compile(
    r"\bside\b|\b(?:but|yet|though|although) (?:(?:still|just|only|well) )*(?:above|over|within|inside|below|under|short of|normal)\b",
    re.IGNORECASE,
)
_SIDES = {
    "tachycardia": "high edge of the rate", "bradycardia": "low edge of the rate", "long PR interval": "high edge of the PR interval", "short PR interval": "low edge of the PR interval",
    "wide QRS": "high edge of the QRS duration", "long QT": "high edge of the QTc", "short QT": "low edge of the QTc",
}  # fmt: skip
"""By finding the edge of the normal that its words tell where they stop short of it: `short but above 120 ms`, `on the fast side`."""
_APPEARS = re.compile(
    r"\b(?:looks?|appears?|seems?|raw|uncorrected|unadjusted|absolute terms|before correction)\b", re.IGNORECASE
)
_BY_RATE = re.compile(
    r"\brate\b[^.;]{0,30}\b(?:accounts?|explains?|shortens?|lengthens?)\b|\b(?:because of|due to|owing to|explained by|for|given|at) (?:the|this|such a|so) (?:\w+ )?(?:heart )?rate\b",
    re.IGNORECASE,
)
"""A QT that the rate is made responsible for is the one that was not corrected."""
_CORRECTED = re.compile(r"\bcorrect|\bqtc|\bbazett|\bfridericia", re.IGNORECASE)
_BEYOND = {"high end of the PR interval": "slightly long PR interval", "high end of the QRS duration": "slightly wide QRS", "high end of the QTc": "slightly long QT"}  # fmt: skip
_EDGE = re.compile(r"\b(?:limits?|borders?|boundar\w+|edge|margin|bounds?)\b", re.IGNORECASE)
"""At its limit a value may lie a little beyond it."""
_RAW = {"short QT": "short uncorrected QT", "long QT": "long uncorrected QT"}
_BUT_FOR = re.compile(
    r"\b(?:apart from|aside from|except(?: for)?|other than|otherwise|underlying|basic|interrupt\w*)\b", re.IGNORECASE
)
_SHADES = {
    "extreme axis deviation": (r"superior|\bleft", "superior axis"), "poor R wave progression": ("", "late transition"),
    "left ventricular hypertrophy": ("voltage", "high voltage"), "right axis deviation": ("upper right", "extreme axis deviation"), "normal R wave progression": ("transition", "usual transition"),
}  # fmt: skip
"""By finding words that may mean less, and what they may mean."""
_AS_QT = {"normal ST-T": "normal QT", "ST-T changes": "slightly long QT"}
SLIGHTER = {
    "ST elevation": "slight ST elevation",
    "ST depression": "slight ST depression",
    "ST deviation": "slight ST deviation",
    "ischaemia": "slight ST depression",
    "ST elevation at J": "slight ST elevation",
    "ST depression at J": "slight ST depression",
    "ST deviation at J": "slight ST deviation",
}


def _is_told(s: Sentence) -> bool:
    """Whether a sentence tells an ST deviation by its level, as slight or at J: it is held against the level then and not against a limit."""
    return (
        any(t.kind == "unit" and t.what in ("mV", "mm") for t in s.tokens)
        or any(t.what == "ST at J" for t in s.tokens)
        or _SLIGHT.search(s.text, s.start, s.end) is not None
    )


def _named(s: Sentence) -> list[tuple[str, ...]]:
    return [t.leads for t in s.tokens if t.kind == "lead"][-1:]


_OF_WALL = frozenset({"infarct", "acute infarct", "ST elevation infarct", "ischaemia", "acute ischaemia"})
_WALL = re.compile(r"inferior|lateral|anterior|septal")
_NEAR = 24
"""Characters around a finding in which a word makes it slight."""


def _means(s: Sentence, one: Statement) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What the words of a finding may mean besides: a direction that is no deviation, the QT as repolarisation, waves that are there, other leads."""
    around = s.text[max(s.start, one.start - _NEAR) : min(one.end + _NEAR, s.end)]
    if one.what in _SLIGHTLY and _SLIGHT.search(around):
        return ((_SLIGHTLY[one.what], ()),)
    if one.what == "normal conduction" and _BUT_FOR.search(s.text, s.start, s.end):
        return (("narrow QRS", ()),)
    if one.what in _SIDES and _SIDE.search(around):
        return ((_SIDES[one.what], ()),)
    if one.what in _BEYOND and _EDGE.search(s.text, one.start, one.end):
        return ((_BEYOND[one.what], ()),)
    corrected = _APPEARS.search(around) and _CORRECTED.search(s.text, one.end, s.end)
    if one.what in _RAW and (corrected or _BY_RATE.search(s.text, s.start, s.end)):
        return ((_RAW[one.what], ()),)
    if _is_direction(s, one) and any(_is_turned_to(s, k, one.what) for k in range(len(s.tokens))):
        return ((_TURNED[one.what], ()),)
    if one.what == "regular rhythm" and _BUT_FOR.search(s.text, s.start, s.end):
        return (("regular apart from early beats", ()),)
    if one.what == "left axis deviation" and _DOWN.search(around):
        return (("axis to the left and down", ()),)
    words = s.text[one.start : one.end].lower()
    if one.what in _SHADES and re.search(_SHADES[one.what][0], words):
        return ((_SHADES[one.what][1], ()),)
    if one.what == "T wave inversion" and _SLIGHT.search(around):
        return (("slight T wave inversion", one.leads),)
    if one.what in SLIGHTER and _is_told(s):
        return tuple((SLIGHTER[one.what], leads) for leads in ((one.leads,) if one.leads else _named(s)))
    if one.what in _AS_QT and "repolari" in words and {"QT", "QTc"} & spoken_of(s.tokens, ""):
        return ((_AS_QT[one.what], ()),)
    if one.what == "normal P waves" and words.endswith(("preserved", "maintained", "intact", "present")):
        return (("P waves", ()),)
    walled = one.what in _OF_WALL and any(t.kind == "group" and one.start - 10 <= t.start <= one.end for t in s.tokens)
    walled = walled or (one.what in _OF_WALL and _WALL.search(words) is not None)
    return tuple((one.what, leads) for leads in _other_leads(s, one)) if one.what in LOCAL and not walled else ()


_USUAL = ("normal", "upright", "isoelectric")
"""Findings that are told of all leads where a clause of its own names none: `R aVL 1.4 mV; T waves are normal`."""


def _other_leads(s: Sentence, one: Statement) -> list[tuple[str, ...]]:
    """Leads that stand nearer to the end of a finding's words than those it was given: `upright in all but V1, where a negative deflection`."""
    ends = next((k for k, t in enumerate(s.tokens) if t.start >= one.end), len(s.tokens))
    before = next((t for t in reversed(s.tokens[:ends]) if t.kind in ("lead", "group")), None)
    stop = next((k for k in range(ends, len(s.tokens)) if s.tokens[k].kind in ("break", "measure", "finding", "quality") or s.tokens[k].what == ","), len(s.tokens))  # fmt: skip
    behind = next((t for t in s.tokens[ends:stop] if t.kind == "lead"), None)
    near = [behind, before if one.loose else None]
    apart = next((t for t in reversed(s.tokens[:ends]) if t.kind == "lead" or t.what == ";"), None)
    whole: list[tuple[str, ...]] = []
    if one.leads and behind is None and apart is not None and apart.what == ";" and one.what.startswith(_USUAL):
        whole = [()]
    beside = [t for t in s.tokens[ends : ends + 3] if t.kind in ("lead", "group") or t.what == ","]
    begins = next((k for k, t in enumerate(s.tokens) if t.end > one.start), 0)
    close = next(
        (t for t in reversed(s.tokens[max(0, begins - 4) : begins]) if t.kind in ("lead", "break") or t.what == ","),
        None,
    )
    inside = any(t.kind in ("lead", "group") for t in s.tokens[begins:ends])
    if not inside and (not beside or beside[0].what == ",") and (close is None or close.kind != "lead"):
        near += [t for t in s.tokens if t.kind == "lead"]
    return [*whole, *dict.fromkeys(t.leads for t in near if t is not None and t.leads != one.leads)]


_SOUGHT = re.compile(
    r"\b(?:to (?:exclude|rule out|detect|assess|evaluate|document|identify|unmask|catch|capture)|(?:monitor|screen|search|look|watch|check)\w* for|in search of|for the diagnosis of|to diagnose)"
    r" (?:(?:any|possible|further|the|an?|other|occult|intermittent|paroxysmal|underlying) )*$",
    re.IGNORECASE,
)
_TO_BE_SOUGHT = re.compile(
    r"^ ?(?:(?:also|then|first|still|therefore) )?(?:should|must|needs? to|ought to|has to|have to) (?:\w+ )?be (?:excluded|ruled out|sought|looked for|documented|screened for|(?:interpreted|read|viewed|judged|assessed|regarded|treated) (?:\w+ )?(?:with|in|against|as)|(?:interpreted|read|viewed|judged|assessed) (?:cautiously|carefully))\b",
    re.IGNORECASE,
)
"""What is only to be looked for."""


_NOT_JUDGED = re.compile(
    r"\b(?:neither|cannot|can't|can not|not|never|no longer|hardly)\b[^.;:]{0,60}\bbe (?:\w+ly )?(?:judged|assessed|evaluated|interpreted)\b",
    re.IGNORECASE,
)
"""What is not judged is neither claimed nor denied."""
_MAY_BE_NORMAL = re.compile(
    r"\b(?:may|might|could|can) (?:\w+ )?be (?:\w+ )?(?:normal|physiological|harmless)$", re.IGNORECASE
)


def _may_be(s: Sentence, one: Statement) -> bool:
    if _SOUGHT.search(s.text[s.start : one.start]) or _TO_BE_SOUGHT.search(s.text[one.end : s.end]):
        return True
    if one.what in SOFT and _NOT_JUDGED.search(s.text, s.start, s.end):
        return True
    if one.what.startswith("normal") and _MAY_BE_NORMAL.search(s.text[s.start : one.end]):
        return True
    if one.negated or not (one.what in SOFT or one.what.startswith("unmeasurable")):
        return False
    if one.detail == OPEN:
        return True
    begin = max((t.end for t in s.tokens if t.end <= one.start and t.what in (";", ".")), default=s.start)
    if one.what == "secondary ST-T changes" and re.search(
        r"\b(?:likely|probably|may|could)\b", s.text[one.start : one.end]
    ):
        return True
    return _BEFORE.search(s.text[begin : one.start]) is not None or _BEHIND.search(s.text[one.end : s.end]) is not None


_OF_BEATS = frozenset({"rate", "rhythm", "RR"})
"""Measures of which a quality may be said in a sentence on leads too."""


def qualities_of(s: Sentence, quality: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The findings that a quality may make of what its sentence speaks of, or the one before, or of anything."""
    placed = any(t.kind in ("lead", "group") for t in s.tokens)
    own = spoken_of(s.tokens, s.text[s.start : s.end])
    before = spoken_of(s.earlier, s.text[s.earlier[0].start : s.start]) if s.earlier else frozenset()
    for measures in (own, before, frozenset(ACCEPTS)):
        names = [
            ACCEPTS[one][quality]
            for one in sorted(measures)
            if quality in ACCEPTS.get(one, {}) and (one in _OF_BEATS or not placed)
        ]
        names = [name for name in names if name not in LOCAL]
        if names:
            return tuple((name, ()) for name in dict.fromkeys(names))
    return ()
