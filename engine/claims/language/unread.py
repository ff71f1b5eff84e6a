"""Words of a sentence that no claim took up and that are not known to be harmless, doubts, and denials of denials: nothing supports them."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from engine.claims.language.frames import frames, takes
from engine.claims.language.harmless import AFFIRMED, ATRIA, DENIED, HEADINGS, besides, is_grave, is_harmless, noted
from engine.claims.language.lex import Token
from engine.claims.language.lexicon import BE
from engine.claims.language.moves import told_by_nobody
from engine.claims.language.scope import CONTRAST, Sentence
from engine.claims.language.words import section
from engine.claims.statement import Statement

UNREAD, GENERAL = "unread: ", "in general: "
"""What the name of a statement begins with that is withheld whatever the measurements are."""
IN_DOUBT = f"{UNREAD}in doubt: "
"""Of these it cannot be told what the sentence says of what was read in it: a quality of nothing, a doubt, a denial of a denial."""
TWICE_DENIED = f"{IN_DOUBT}twice denied: "
"""What is denied twice may be affirmed: it stops its text, whatever the measurements say to the words beside it."""
NOT_UNDERSTOOD = "not understood"
"""Name of the finding that a sentence makes which speaks of the ECG and of which nothing was read."""
_PHRASES = (
    r"no (?:concern|worry|danger|risk|(?:reason|cause|grounds)(?! (?:to|for) (?:call|suspect|diagnos|consider|assum|regard|speak|think|describ|invok)))|no longer|resolved|(?<!heart's )electrical activity(?! of the heart)|leads off|v\. ?[ft]\.|cardiac (?:output|arrest)"
    r"|(?:patient|man|woman|adult|male|female|subject) (?:is|was|looks?|appears?|seems?|feels?|remains?|has been|does|did|will|can|may)(?! (?:in|of|the|a|neither|not|asked|told|informed|advised|seen|shown|referred|attend(?:ed|ing)|examined|booked|invited|instructed|reviewed|aware|due|known|named|called|recorded|monitored|listed|registered|scheduled|being)\b)(?! (?:\w+ ){0,2}(?:tachycardic|bradycardic))"
    r"|(?:has|have) (?:now |since |again )?(?:returned|become|come (?:down|up|back)|normali[sz]ed|improved|disappeared|recovered|risen|fallen|dropped)(?![^.;]{0,40}\b(?:60|80) ?ms\b)"
    r"|(?<!to )(?<!to the )(?:heart (?:is|looks|appears|seems|remains)|(?:ventricle|atrium) (?:is|looks|appears|seems|remains)|(?:ventricles|atria|chambers) (?:are|look|appear|seem|remain)) (?:\w+ly )?(?:very |quite |rather |a little )?(?:well|good|big|large|larger|small|thick|thin|wide|broad|deep|silent|still|at rest|resting|long|short|tall|flat|low|normal|unremarkable|different|affected|involved)\b"
    r"|(?<=: )no ?\((?!(?:sokolow(?:-lyon)?|cornell|pr|qrs|qtc?|rate|hr)(?: voltage| index| interval| duration)? \d+(?:\.\d+)?(?: ?(?:mv|ms|s|bpm|/min))?\) ?(?:\.|;(?! ?yes\b)|$))[^()]*\)?"
    r"|heart (?:sounds?|failure)|come at once|march\w* (?:through|out)|go(?:es)? home|point of care|in (?:patients?|people)"
)
"""Of words that are harmless one by one, or of tokens that are no words."""
_DOUBTS = (
    r"(?<=\w )(?<!as )(?<!if )(?<!when )(?<!and )(?<!but )(?<!that )(?<!here )(?<!because )(?<!since )(?<!whereas )(?<![1-6] )(?<!av[flr] )(?<!ii )(?:this|it) is not(?= ?[.;]|$)|what (?:seems|looks|appears)\b[^.;,]* is not(?= ?[.;]|$)|(?:only|merely) (?:looks?|appears?|resembles?)(?: like)?(?= (?:an? |the )?(?:sinus|regular|normal|p\b|q\b|st\b|t\b|left|right|atrial))|only at first (?:sight|glance)|"
    r"(?:if it )?were it not for|if it were not for|if only (?:the|it|they|this)|would (?:be|have been) \w+(?: \w+)? (?:if|were|had)(?= (?:it|they|the|this|that)\b)|doubt\w*(?! (?:clinical |diagnostic )?(?:significance|relevance|importance|meaning|value))|(?:no|without|out of) question|undeniabl\w*|not (?:true|correct|right|so)|(?<!which is )(?<!which are )not the case|n't (?:true|correct|the case)|untrue|false\w*"
    r"|incorrect\w*|(?<!nothing )wrong\w*|(?:hardly|scarcely|barely)(?! at all\b)(?! (?:any|a|an|more|less)\b)(?! [\d.])(?! (?:above|below|beyond|within|inside)\b)(?! (?:have|has|present|there|seen|discernible|positive|negative|upright|inverted|above|below|reach|exceed|elevated|raised|depressed|visible|perceptible|measurable|wide|long|prolonged|over|under)\w*)(?! (?:ever |any |at all |be )?(?:call|regard|describ|consider|term|count|qualif|var|chang|differ|fluctuat|grow|gain|increase|ris|climb|progress|pick|develop|built|enlarg|leave|depart|lift|deviat|move|stray|clear))|den(?:y|ies|ied|ying)"
)
_NAMES = frozenset({"measure", "finding", "unmeasurable", "quality", "lead", "group", "number", "doubt", "knowledge"})
_STOPS = frozenset({",", "or", "nor", "neither", "and", "/"})


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    return re.compile(rf"(?:\b|(?<=\w)(?=n't))(?:{_PHRASES}|(?P<doubt>{_DOUBTS}))(?!\w)", re.IGNORECASE)


def unread(s: Sentence, claims: list[Statement]) -> list[Statement]:
    """What of a sentence no measurement can bear out, each as a finding that will be withheld; claims: what was read of it."""
    framed = frames(s)
    found = [
        _statement(s, t.start, t.end)
        for k, t in enumerate(s.tokens)
        if t.kind == "word" and not _fits(s, t, k, framed[k])
    ]
    conditions = [(t.start, t.end) for k, t in enumerate(s.tokens) if "condition" in framed[k]]
    found += [
        _statement(s, match.start(), match.end(), doubt=match["doubt"] is not None)
        for match in _phrases().finditer(s.text, s.start, s.end)
        if not any(a <= match.start() < b for a, b in conditions)
    ]
    found += [_statement(s, a, b) for a, b in told_by_nobody(s, claims)]
    return found + _denied_twice(s)


def _fits(s: Sentence, token: Token, k: int, framed: tuple[str, ...]) -> bool:
    """Whether a word claims nothing; some words do only where they are denied, some only where they are not, some in a frame."""
    word = s.said(token)
    if word in _SCARCELY and any(t.kind in ("number", "below", "above") for t in s.tokens[k + 1 : k + 2]):
        return True
    if (word == "now" and k == 0) or _of_speech(s, k):
        return True
    if word in HEADINGS and any(t.what == ":" for t in s.tokens[k + 1 : k + 3]):
        return True
    if names_nothing(s) and (word in besides() or not (is_grave(word) or _of_heart(s))):
        return not s.negated[k] or word not in AFFIRMED or _attributive(s, k)
    if s.negated[k]:
        denied = (
            word in AFFIRMED and not _attributive(s, k) and not (word in ATRIA and any(t.what == "P" for t in s.tokens))
        )
        return word in DENIED or (is_harmless(word) and not denied) or ("condition" in framed and takes(word, framed))
    return is_harmless(word) or takes(word, framed) or (word in noted() and _apart(s, k))


_SCARCELY = frozenset({"barely", "scarcely"})
"""Before a number they say no more than `about`."""


def _of_speech(s: Sentence, k: int) -> bool:
    """Whether a word describes what is said or thought, and no ECG: `strong suspicion`, `quick axis quiz`."""
    ahead = [t for t in s.tokens[k + 1 : k + 3] if t.kind in ("word", "measure")]
    near = ahead[: 1 if ahead[:1] and ahead[0].kind == "word" else 2]
    return not is_grave(s.said(s.tokens[k])) and any(s.said(t).removesuffix("s") in section("speech") for t in near)


def _attributive(s: Sentence, k: int) -> bool:
    """Whether a word stands before what it describes: `no relevant ST deviation`."""
    return any(
        t.kind in ("measure", "finding", "quality") or (t.kind == "word" and s.said(t) in section("speech"))
        for t in s.tokens[k + 1 : k + 2]
    )


def names_nothing(s: Sentence) -> bool:
    """Whether a sentence names no measure, finding, quality, lead or number."""
    return not any(t.kind in _NAMES and t.what not in ("ECG", "present") for t in s.tokens)


def _apart(s: Sentence, k: int) -> bool:
    """Whether the clause around token k names nothing of the ECG."""
    first, last = s.clause(k)
    clause = s.tokens[first:last]
    return not any((t.kind in _NAMES and t.what != "ECG") or t.what in section("moves", "of the ECG") for t in clause)


def _of_heart(s: Sentence) -> bool:
    """Whether a sentence speaks of the heart or of a part of the ECG by words that name no measure."""
    return any(t.what in section("moves", "of the ECG") for t in s.tokens)


def _statement(s: Sentence, start: int, end: int, doubt: bool = False) -> Statement:
    return Statement("finding", start, end, f"{IN_DOUBT if doubt else UNREAD}{s.text[start:end].lower()}")


def _denied_twice(s: Sentence) -> list[Statement]:
    """`not without`, `not absent`, `no P waves are absent`: it cannot be told what a denial of a denial says."""
    found = []
    for j, first in enumerate(s.tokens):
        if first.kind != "not" or first.what in _STOPS | CONTRAST:
            continue
        named = False
        for k in range(j + 1, len(s.tokens)):
            token = s.tokens[k]
            if token.kind in ("finding", "measure") and not named:
                named = True
                continue
            if named and token.kind != "after" and token.what not in BE:
                break
            if token.kind in ("not", "after") and token.what not in _STOPS:
                one = _statement(s, first.start, token.end)
                found.append(replace(one, what=one.what.replace(UNREAD, TWICE_DENIED, 1)))
                break
            if token.kind != "word" or token.what in _STOPS:
                break
    return found
