"""What is said of the heart or of a wave by ordinary words that no claim took up: what it does, and how it goes on in time."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.claims.language.aside import points
from engine.claims.language.lex import Token
from engine.claims.language.lexicon import BE
from engine.claims.language.scope import Sentence
from engine.claims.language.words import section
from engine.claims.statement import Statement

_PHRASES = (
    r"in part(?= ?[.,;]|$)|in (?:pairs|runs|couplets|salvos?|bursts|short runs|rows)|(?:has|have|had|was|were) (?:since |now )?(?:been )?(?:converted|cardioverted|terminated|abolished)(?! (?:to|into|in) (?:ms|milli|mv|seconds?|beats|an? rate|units?))|(?:in|during|for|within|over|only) the (?:very )?(?:first|second|last|latter|final|initial|early|earlier|later) (?:half|part|third|few|couple|two|three|four|five|seconds?|portion|beats?|cycles?)(?! of (?:the )?(?:p|q|r|s|t|qrs|st|wave|complex|segment|list|report|text|page|question)\b)"
    r"|(?<!looked )initially(?= ?[.,;]|$| (?:sinus|regular|irregular|normal|fast|slow|in sinus))|(?<=is )initially|at first(?! (?:sight|glance|look|blush|reading))|(?:at|towards?|near) the (?:beginning|start|outset|end)(?= ?[.,;]|$| of the (?:recording|strip|trace|tracing|ten))"
    r"|(?:gradually|progressively|increasingly|steadily|continually) (?:longer|shorter|wider|narrower|slower|faster|smaller|lower)|(?:save|except|but) for (?:an? |one |two |three |some |a few |the )(?:\w+ ){0,2}(?:intervals?|beats?|complex(?:es)?|cycles?|waves?|ones?)|"
    r"(?:every )?now and (?:then|again)|from time to time|once in a while|every so often|at times(?! of)|on and off|off and on|com(?:es|ing) and go(?:es|ing)|(?:half|most|some|part|much|all|a third|a quarter) of the time|in fits and starts|fits and starts|by fits"
    r"|every (?:other|second|third|fourth|few|minute|couple)(?! (?:lead|question|line|page|step|square|box))|in turns?(?! to)|taking turns|turn and turn about|one (?:up|down) and one|back and forth|to and fro|with (?:each|every) (?:new |passing |further )?(?:beat|cycle|breath|minute|second)"
    r"|(?:runs?|running|ran|break(?:s|ing)?|broke|get(?:s|ting)?|got) (?:away|wild|loose|out of)|giv(?:es?|ing) (?:up|out|way)|gave (?:up|out|way)|about to|on the (?:move|verge|brink|way (?:out|up|down))|at the end of (?:its|his|her) (?:tether|strength)"
    r"|before (?:that|then|this)(?! (?:point|step|section|question|the))|(?:better|worse|slower|faster|more|less|higher|lower|longer|shorter) than (?:before|ever|yesterday|in the past|it was|last|usual for (?:him|her))|than before|as before|twice (?:as|its|the|that|his|her)|three times|as much(?! as)|having been|(?:had|has) been (?!\w*(?:measured|recorded|shown|taken|read|determined|calculated|computed|corrected|found|seen|noted|made|assessed|analy[sz]ed|identified|obtained|given|described|marked|printed|met|fulfilled|excluded|observed|documented|demonstrated|detected))"
    r"|(?:an?other|different|differing|second|foreign|odd|strange|other|varying|changing|its own|their own|some other|alien) (?:rhythm|origin|source|focus|shape|form|kind of beat|pacemaker|beats?|mind|ways?)\b(?! (?:strip|of (?:saying|putting|reading|looking|measuring|counting)))|from (?:elsewhere|somewhere else|somebody else|someone else|another (?:place|patient|person|site|heart|source))"
    r"|(?:in|with|for) (?:some|a few|certain|other|the odd|single|several|many|most|alternate) (?:of the )?(?:beats?|complexes|cycles)|(?<!is )(?<!are )(?<!lies )(?<!lie )(?<!or )in others(?! (?:at|the two|these|those|them|lies|60|both))|(?:shapes?|forms?|kinds?|silence|pauses?|shape|nothing) in between|step (?:on|in) (?:its|the) way|(?:its|the) way up|turn(?:s|ing)? (?:over|into|blue|grey|pale)|to(?:wards?)? (?:the )?worse|for (?:such )?an? (?:\w+ )?(?:person|age|man|woman|child|heart|body)"
    r"|(?:without|with no|no) regard (?:for|to) (?:each|one an)other|(?:each|one an)other's|go(?:es|ing)? (?:their|its) own|(?<!specific )(?<!diagnostic )on (?:its|their) own(?! (?:does|do|is|are|merits?|terms|line|row|cannot|can|the|it|this|that|[.,;]))|(?:half|side|part|chamber|wall|tip|back|front)s? of the (?:heart|ventricles?|atri(?:a|um))(?= (?:is|are|does|do|has|have|no|moves?|works?|look|fail))"
    r"|(?:not|n't) (?:answer|respond|follow|reply|listen|obey|keep up|move|work|play|arrive|get through|go through|pass)\b|fails? to (?!show|reveal|display|demonstrate|disclose|exhibit|meet|reach|satisfy|fulfil|yield|support|appear|grow|increase|progress|rise|gain|exceed|bring|provide|contain|carry)|machine (?:in|under|beneath|inside)|(?:device|box|battery|wire) (?:in|under|beneath|inside)|under (?:the|his|her) (?:skin|collar|chest)"
)
"""Of ordinary words; each says how something goes on in time, whence it comes or what it is like."""


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_PHRASES})(?!\w)", re.IGNORECASE)


def told_by_nobody(s: Sentence, claims: list[Statement]) -> list[tuple[int, int]]:
    """Places of what an agreeing sentence says besides, by words that are ordinary one by one."""
    if not any(t.kind in ("measure", "finding", "number") for t in s.tokens) and not any(
        t.what in section("moves", "subjects") for t in s.tokens
    ):
        return []
    found = [match.span() for match in _phrases().finditer(s.text, s.start, s.end)]
    found = [span for span in found if not _taken_up(span, claims)]
    found += [match.span("also") for match in _also().finditer(s.text, s.start, s.end)]
    return found + [(t.start, t.end) for k, t in enumerate(s.tokens) if _moves(s, t, k, claims)] + _acts(s, claims)


@lru_cache(maxsize=1)
def _also() -> re.Pattern[str]:
    """A lead that a value is said of in passing, behind the lead that it was read of: `1.3 mV in V5, likewise V6`."""
    lead = r"(?:leads? )?(?:aV[RLF]|V[1-6]|I{1,3})\b"
    return re.compile(
        rf"\d ?m[Vm]\b(?: (?:in|for|at|of) {lead})?,? (?P<also>(?:and )?(?:likewise|similarly|equally|just as|the same|also|as|even more|even less|more|less|as well as|and that|that)(?: so)? (?:(?:in|for|of) )?{lead})(?![^;:]{{0,40}}\d)"
    )


def _taken_up(span: tuple[int, int], claims: list[Statement]) -> bool:
    return any(one.kind != "lead" and one.start < span[1] and one.end > span[0] for one in claims)


def _moves(s: Sentence, token: Token, k: int, claims: list[Statement]) -> bool:
    """Whether a verb of change stands alone: it leads to no number, no claim covers it, and a measure or the heart is there to do it."""
    if (
        token.kind != "word"
        or token.what not in section("moves", "verbs")
        or s.knowledge[k]
        or s.reference[k]
        or _taken_up((token.start, token.end), claims)
    ):
        return False
    first, last = s.clause(k)
    if s.tokens[k - 1].what == "at" or any(t.what in ("because", "since") for t in s.tokens[max(0, first - 1) : k]):
        return False  # `at rest`, and reasons, which are of ECGs in general
    if not token.what.endswith("s") and points(s):
        return False  # `mark three R waves and move it along`
    if any(t.kind == "number" for t in s.tokens[first:last]):
        return any(t.kind == "number" for t in s.tokens[first:k]) and not any(
            t.kind == "number" for t in s.tokens[k:last]
        )
    return any(
        (t.kind == "measure" and t.what != "ECG")
        or t.what in section("moves", "subjects")
        or t.what in ("it", "they", "which", "that")
        for t in s.tokens[first:k]
    ) or (
        s.tokens[first - 1].what.endswith("which")
        and all(t.kind in ("word", "mark") or t.what == "ECG" for t in s.tokens[first:last])
    )


def _acts(s: Sentence, claims: list[Statement]) -> list[tuple[int, int]]:
    """Clauses whose subject is the heart or a beat, whose verb says what it does, and of which nothing was read."""
    found = []
    for k, token in enumerate(s.tokens):
        if (
            token.kind not in ("word", "measure")
            or s.said(token).split()[-1] not in section("moves", "subjects")
            or s.knowledge[k]
        ):
            continue
        first, last = s.clause(k)
        begins = max(
            (j for j in range(first, k) if s.tokens[j].what in ("and", "but", "that", "which", "because")),
            default=first,
        )
        if not all(t.what in section("moves", "before a subject") or t.kind == "break" for t in s.tokens[begins:k]):
            continue
        span = (s.tokens[first].start, s.tokens[last - 1].end)
        behind = [t for t in s.tokens[k + 1 : last] if not t.what.endswith("ly")]
        verb = behind[0] if behind else None
        if verb is not None and verb.what in BE and len(behind) > 1:
            verb = behind[1]
        if verb is None or verb.kind != "word" or verb.what in section("moves", "neutral") or _taken_up(span, claims):
            continue
        found.append((token.start, verb.end))
    return found
