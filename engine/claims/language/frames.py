"""Frames in which words of the patient and of care claim nothing: advice, conditions, comparisons and the occasion of the recording.

`The medication list should be reviewed`, `if the patient has chest pain`, `interpret together with the electrolytes`, `on admission`: in
none of them the text says that there is pain or what a patient takes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from engine.claims.language.harmless import clinical
from engine.claims.language.lex import Token
from engine.claims.language.scope import Sentence

_ADVERB = r"(?:(?!not\b)\w+ly |also |then |always |still |further |first |best |therefore |thus |at least )*"
_DONE = (
    r"(?:re-?viewed|considered|(?:re-?)?checked|(?:re-?)?assessed|(?:re-?)?evaluated|explored|sought|looked (?:for|into|at|up|after)|discussed|addressed|correlated|interpreted|compared|weighed|(?:re-?)?examined|verified"
    r"|documented|noted|repeated|obtained|recorded|requested|arranged|monitored|followed(?: up)?|investigated|read|viewed|seen|judged|taken (?:into (?:account|consideration)|together|in)|borne in mind|kept in mind|remembered|clarified|confirmed|excluded"
    r"|ruled out|inquired|enquired|asked|informed|contacted|referred|(?:re-?)?measured|updated|integrated|combined|put|matched|queried|screened|observed|watched|tracked|performed|done|made|shown|avoided|sent|added|attached|filed|scanned)"
)
_WANTED = r"(?:recommended|advised|advisable|suggested|warranted|needed|required|appropriate|reasonable|helpful|useful|prudent|worthwhile|sensible|desirable|requested|awaited|due|planned|pending|of (?:interest|value|use|help)|mandatory|essential|wise|preferable|in order)"
_LOOK = (
    r"(?:consider|review|(?:re-?)?check|repeat|correlate|compare|interpret|monitor|discuss|refer|obtain|request|(?:re-?)?assess|evaluate|look (?:for|at|into|out for)|exclude|rule out|follow(?: up)?|watch|document|ask|keep|bear in mind"
    r"|note|record|arrange|inform|contact|verify|clarify|confirm|explore|investigate|seek|read|(?:re-?)?measure|add|remember|integrate|weigh)"
)
_ADVICE = (
    rf"\b(?:should|must|may|might|can|could|will|would|ought to|needs? to|has to|have to|is to|are to|to) {_ADVERB}be {_ADVERB}{_DONE}\b"
    rf"|\b(?:is|are|would be|may be|might be|could be|seems?|will be|remains?) {_ADVERB}{_WANTED}\b|\b(?:please|kindly)\b"
    rf"|\b(?:i|we) (?:would |'d |would like to |wish to )?{_ADVERB}(?:recommend|suggest|advise|propose|request|ask (?:for|you)|consider)\b"
    rf"|\b(?:recommend|suggest|advise|propose|worth|in need of|deserves?|merits?|warrants?|requires?|(?:recommendation|suggestion|advice|plan|next steps?)(?: is)?:?) (?:\w+ )??(?:{_LOOK}(?:ing)?|review|comparison|correlation|repeat|evaluation|assessment|attention|follow-up|monitoring|testing)\b"
    rf"|(?:^|[.;:,] ?|\band |\bthen |\bto |\bor )(?:{_LOOK})(?=,? (?:the|a|an|for|with|any|if|whether|other|this|that|all|also|in|against|possible|potential|clinical\w*|serial|old\w*|previous|prior|further|\w+s)\b)"
    r"|\bas per (?:\w+ )?(?:protocol|policy|guidelines?|plan)\b|\bper protocol\b|\bwould (?:help|add|clarify|settle)\b"
    r"|^\W*(?:for|to|awaiting|await|pending) (?:\w+ )?(?:review|repeat|comparison|discussion|assessment|follow-up|correlation|opinion|ecg|echo|bloods)\b"
)
_CONDITION = r"\bsymptoms permitting\b|\b(?:cannot|can ?not|can't|unable to|impossible to) (?:comment on|say(?: anything)?|speak (?:of|about|to)|judge|know|report on|account for)\b|\b(?:if|unless|in (?:the )?(?:case|event)(?: of| that)?|whenever|provided(?: that)?|should(?= (?:the |any |his |her |their |new |further |chest )*(?:patient|symptom|pain|palpitation|condition|state|he|she|they|it|complaint|discomfort|there|clinical)\w*\b(?! be\b)))\b"
_OPEN = r"\ban? (?:single |resting |normal |one )?(?:ecg|ekg|tracing|recording|electrocardiogram)(?: alone| by itself)? (?:cannot|can not|can't) (?:exclude|rule out) (?:heart|cardiac|coronary|coronary artery|structural heart|valvular) disease(?=, this (?:one|ecg|tracing|recording) (?:has|shows|gives) an? (?:pr|qrs|qtc?|(?:heart )?rate|axis)\b)"
"""What no recording settles: `a single ECG cannot exclude heart disease, this one has`."""
_WHOLE = (
    r"(?<![\w,] )\bif in doubt(?=,)|\b(?:this|that|which) is why\b|\bsecondary(?= to (?:the |a |an |this |that |his |her |its )?\w)|(?<=\d: rate )now(?= \d{2,3} ?(?:bpm\b|/ ?min\b))"
    r"|\b(?:signature|comment|name|date|remarks?) (?:line|field|box|space)s? (?:is|are|was) (?:still |left )?(?:empty|blank)\b(?= ?(?:[.;]|$))"
    r"|(?<![\w,:;] )\b(?:bloods|(?:blood|lab) results) (?:are |is )?(?:still )?(?:to come|to follow|outstanding)(?= ?(?:[.;]|$))"
)
"""Wordings in which a word that would stop its sentence anywhere else claims nothing."""
_REASON = (
    r"\b(?:ecg|ekg|recording|tracing|electrocardiogram|strip|referral)s?\b[^.;:]{0,30}\b(?:requested|taken|done|recorded|performed|obtained|ordered|sent|made|acquired|arranged)\b[^.;:]{0,25}?"
    r"\b(?:for|because of|due to|on account of|owing to|in view of|as part of|to investigate|to assess)\b|\b(?:indication|reason(?: for (?:the )?(?:ecg|referral|request|recording|test))?|clinical (?:details|information|question)|request)\b ?:"
)
_COMPARED = (
    r"\b(?:re-?)?(?:interpret|correlat|compar|integrat|read|view|assess|judg|weigh|consider|match|tak|put|seen|evaluat|analy[sz]|review|combin|set|look|understood|understand|place)\w*\b(?:[^.;:\d]{0,60}?)"
    r"\b(?:with|against|alongside|beside|in (?:the )?(?:light|context|setting|knowledge|view|conjunction) (?:of|with)|together with|next to)\b"
)
_UNKNOWN = (
    r"\b(?:[\w-]+ (?:and |or |, ?)?){1,4}?(?:(?:is|are|was|were|has been|have been) )?(?:not (?:been )?(?:recorded|available|known|provided|documented|reported|stated|given|measured|mentioned|supplied|at hand)|unavailable|unknown|unrecorded)\b"
    r"|\b(?:without|no) (?:\w+ )?(?:information|details?|data|knowledge)(?: (?:on|about|of|regarding))?\b[^.;:]*"
)
"""What is not known of the patient: `blood pressure not recorded`."""
_NOUN = r"(?:(?:the|a|an|his|her|their|this|any|your|our|to|first|second|next|planned|elective|routine|annual|acute|medical|surgical|cardiac|general|emergency|new|same|day|ward|hospital) )*"
_PLACES = r"(?:discharge|admission|transfer|arrival|presentation|clinic|visit|handover|follow-?up|screening|check-?up|ward|referral|theatre|assessment|pre-?assessment|appointment|triage|review|round|shift|department|surgery|bedside)"
_OCCASION = (
    rf"\b(?:on|at|upon|during|from|in|for|since(?= admission| arrival)|after(?= admission| arrival| transfer)|following(?= admission| arrival| transfer)) {_NOUN}{_PLACES}\b(?! (?:from|after|following|with|for)\b)"
    rf"|\b(?:before|prior to|ahead of|preceding|in advance of) {_NOUN}(?:(?:starting|beginning|commencing|initiating|initiation of|start of|the start of|giving) )?{_NOUN}(?:{_PLACES}|drug|medication|treatment|therapy|dose|infusion|course|chemotherapy|induction|surgery|operation|procedure|ana?esthesia|ana?esthetic|scan|session|rehabilitation)s?\b"
    rf"|\b(?:{_PLACES}|drug|treatment|medication) (?:ecg|ekg|tracing|recording|trace|strip)\b"
)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    told = {"unknown": _UNKNOWN, "advice": _ADVICE, "condition": _CONDITION, "compared": _COMPARED, "reason": _REASON}
    told |= {"occasion": _OCCASION, "open": _OPEN, "whole": _WHOLE}
    return {name: re.compile(pattern, re.IGNORECASE | re.MULTILINE) for name, pattern in told.items()}


_USES = {
    "advice": ("asked after", "advised"),
    "condition": ("asked after", "happens", "advised"),
    "compared": ("asked after", "advised"),
    "reason": ("asked after", "advised"),
    "unknown": ("asked after",),
    "occasion": ("occasion",),
    "open": ("asked after",),
    "whole": ("whole",),
}
"""Headings of `words/clinical.txt` whose words each frame takes."""


def frames(s: Sentence) -> list[tuple[str, ...]]:
    """Of each token the frames that it stands in."""
    held: list[tuple[str, ...]] = [()] * len(s.tokens)
    for name, pattern in _patterns().items():
        if name == "reason" and any(_claims(t) for t in s.tokens):
            continue
        for match in pattern.finditer(s.text[s.start : s.end]):
            first, last = _span(s, name, s.start + match.start(), s.start + match.end())
            for k in range(first, last):
                held[k] = (*held[k], name)
    return held


def takes(word: str, frame: tuple[str, ...]) -> bool:
    """Whether a word of the patient or of care claims nothing in these frames."""
    return any(word in clinical(use) for name in frame for use in _USES[name])


def is_advice(s: Sentence) -> bool:
    """Whether a sentence advises to look at something."""
    return _patterns()["advice"].search(s.text[s.start : s.end]) is not None


def _span(s: Sentence, name: str, start: int, end: int) -> tuple[int, int]:
    """First and behind-last token of a frame whose words stand from start to end."""
    first = next((k for k, t in enumerate(s.tokens) if t.end > start), len(s.tokens))
    last = next((k for k, t in enumerate(s.tokens) if t.start >= end), len(s.tokens))
    if name in ("occasion", "open", "whole", "unknown"):
        return first, last
    while last < len(s.tokens) and not _claims(s.tokens[last]) and not _parts(s.tokens[last]):
        if name == "condition" and s.tokens[last].what == "," and not _lists(s.tokens, last):
            break
        last += 1
    return (_begin(s.tokens, first) if name == "advice" else first), last


def _begin(tokens: list[Token], trigger: int) -> int:
    """First token of what is advised: behind the last claim, and behind the `and` or comma that parts the two."""
    k = trigger
    while k and not _claims(tokens[k - 1]) and not _parts(tokens[k - 1]):
        k -= 1
    if not k or _parts(tokens[k - 1]):
        return k
    return next(
        (j + 1 for j in range(k, trigger) if tokens[j].what in (",", "and") or tokens[j].kind == "break"), trigger
    )


def _lists(tokens: list[Token], comma: int) -> bool:
    """Whether an `or` or `and` follows the comma closely: the condition lists what may happen."""
    return any(t.what in ("or", "and") for t in tokens[comma + 1 : comma + 5])


def _claims(token: Token) -> bool:
    return token.kind in ("finding", "unmeasurable", "number", "unit") or (
        token.kind == "measure" and token.what != "ECG"
    )


def _parts(token: Token) -> bool:
    return token.what in (";", ".", ":", "(", ")") or (token.kind == "break" and not token.what.startswith(","))
