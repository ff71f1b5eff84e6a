"""Sentences that speak of ECGs, patients and readers in general: they say nothing of these ten seconds, and are left out.

`Possible causes include fever and pain`, `in athletes this is usual`, `count the squares between two R waves`. What such a sentence names it
does not claim; one that points at this recording, gives a value, names a lead or says what is to be done is no such sentence.
"""

from __future__ import annotations

import re
from functools import lru_cache

from engine.claims.language.scope import Sentence
from engine.claims.language.words import section

_MANY = r"(?:possible|potential|common|typical|frequent|usual|other|many|several|various|reversible|underlying|secondary|likely|differential)"
_PEOPLE = (
    r"(?:athletes|people|persons|individuals|subjects|patients|adults|women|men|children|adolescents|sports(?:men|people|women)|runners"
    r"|(?:healthy|normal|older|younger|general) populations?|practice|medicine|textbooks?|guidelines?)"
)
_OFTEN = r"(?:often|usually|commonly|frequently|generally|sometimes|typically|classically|occasionally|not uncommonly|rarely|always)"
_GENERAL = (
    rf"\b{_MANY} (?:\w+ )?(?:causes?|reasons?|triggers?|explanations?|mimics|contributors?|differentials?)\b"
    r"|\b(?:causes|differential(?: diagnos[ie]s)?|reasons|triggers) (?:to consider |to think of |of this |for this )?(?:include|comprise|are|range|would include)\b"
    r"|^\W*(?:also |always |one (?:should|must|may) )?(?:think of|bear in mind|keep in mind|remember that|recall that|consider causes)\b"
    rf"|\b(?:in|among|for|of) (?:(?:\w+,? ){{0,3}}(?:and |or ))?(?:\w+[- ]?\w*,? ){{0,2}}{_PEOPLE}\b(?! (?:this|here))"
    rf"|\b(?:it|this|that|these|such|which|they|findings?) (?:\w+ ){{0,3}}?(?:can|may|might|is|are|could) (?:\w+ )?{_OFTEN}\b|\b(?:is|are) {_OFTEN} (?:a |an |the )?\w+"
    r"|\b(?:can|may|might) (?:also |well |simply |still )?(?:be|represent|reflect) (?:a |an )?(?:\w+ )?(?:normal (?:variant|finding|phenomenon)|variant of (?:the )?normal|benign)\b"
    rf"|^\W*(?:\w+ (?:and|or) )?{_PEOPLE}\b[^.;]*\b{_OFTEN}\b"
    r"|\b(?:such|these) \w+ (?:is|are) (?:common|usual|frequent|normal|typical|expected|seen) (?:in|during|with|among)\b"
    r"|\b(?:is|are) (?:caused|produced|explained|influenced|affected) by\b"
)
_CAUSE = r"\b(?:possibly|perhaps|presumably|likely|probably|may be|might be|could be) (?:\w+ )?(?:related|due|attributable|owing) to\b"
"""Behind these a cause is guessed at, which no measurement bears out; where it is a finding it is judged."""
_HERE = (
    r"\b(?:here|this (?:ecg|ekg|tracing|recording|trace|strip|patient|case|example|man|woman|lady|gentleman)|these (?:ten seconds|leads)|in our case|present (?:here|in)"
    r"|there (?:is|are|was|were)|we (?:see|find|have)|i (?:see|find|note)|shows?|shown|seen|visible|noted|demonstrates?|displays?|has|have had|had|his|her)\b"
    r"|\b(?:this|these|the|such an?) (?:acute |old |recent |severe |marked )?(?:infarct\w*|ischa?emi\w*|fibrillation|flutter|tachycardia|(?:\w+ )?arrest|arrhythmia)\b"
)
_POINTS = (
    r"\W*(?:(?:teaching|learning|key|clinical|exam) (?:point|pearl|tip|note): ?)?(?:(?:step|part|point|item|stage)\W*\d+\W*)?(?:(?:now|next|then|first|firstly|secondly|thirdly|finally|lastly|so|please|and|also|always|simply|just|let us|let's|let me|we|you|i|one)\W+)*"
    r"(?:to (?:determine|assess|judge|measure|find|estimate|calculate|compute|check|evaluate|see|get|work out|derive|describe|obtain|complete|decide)"
    r"|(?:many |most |some )?(?:students|beginners|learners|candidates|readers|people|clinicians)"
    r"|look|turn|turned|add|added|sum|summed|calculate|compute|determine|count|estimate|describe|name|list|mark|identify|try|work out|consider|note|examine|inspect|check|measure|begin|start|move"
    r"|go|come|take|see|think|recall|remember|focus|compare|read|study|review|assess|evaluate|proceed|shall|will|can|may|attend|trace|follow|find|ask|draw|divide|multiply|place|put|hold|slide"
    r"|use|imagine|walk|pick|choose|scan|observe|notice|watch|have a look|as for|on to|moving on|concerning|regarding"
    r"|began|begun|started|looked|checked|counted|examined|inspected|moved|proceeded|calculated|computed|determined|verified|reviewed|assessed|studied|traced|scanned)\b(?! (?:that|how)\b)"
)
"""How a sentence begins that turns to something and says nothing of it: `I turned next to the repolarisation`."""


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(p, re.IGNORECASE) for p in (_GENERAL, _HERE, _POINTS, _CAUSE))


def in_general(s: Sentence) -> bool:
    """Whether a sentence speaks of ECGs and patients in general and of nothing in this recording."""
    general, here, _, cause = _patterns()
    guessed = cause.search(s.text, s.start, s.end) is not None and not any(
        t.kind in ("finding", "unmeasurable", "quality") for t in s.tokens
    )
    if not guessed and (
        general.search(s.text, s.start, s.end) is None or here.search(s.text, s.start, s.end) is not None
    ):
        return False
    if any(t.kind in ("number", "lead", "unit") for t in s.tokens):
        return False
    return not any(s.said(t) in section("telling", "what to do") for t in s.tokens)


def points(s: Sentence) -> bool:
    """Whether a sentence tells a reader what to look at or to do, and says nothing of it itself."""
    return _patterns()[2].match(s.text, s.start, s.end) is not None or (
        re.search(r"\b(?:divided|multiplied) by\b", s.text[s.start : s.end]) is not None
        and not any(t.kind == "unit" for t in s.tokens)
    )
