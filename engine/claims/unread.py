"""Words of a sentence that weigh on a patient and that no claim took up, doubts, and denials of denials: nothing supports them."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.claims.scope import Sentence
from engine.claims.statement import Statement

UNREAD, GENERAL = "unread: ", "in general: "
"""What the name of a statement begins with that is withheld whatever the measurements are."""
_RHYTHMS = (
    r"vts?|vfs?|v-?fib|v-?tach|pea|arrest\w*|stand-?still|asystol\w*|fibrillat\w*|flutter\w*|tachy\w*|brady\w*|dysrhythm\w*|arrhythm\w*"
    r"|block(?:s|ed|ing|age)?|pac(?:ed|ing|emakers?)|torsades?|pulseless\w*|agonal|chaotic\w*|quiver\w*|idioventricular|escape|ectop(?:y|ics)"
    r"|dissociat\w*|mobitz|wenckebach|salvos?|polymorphic|electrical activity"
    r"|v\.? ?[ft]\.?(?= ?(?:[,;.)]|$))|(?:ventricular )?fibs?|paus\w*|stop(?:s|ped|ping)?|ceas\w*|disappear\w*|vanish\w*|drop(?:s|ped|ping|-?outs?)?"
    r"|alternat\w*|intermittent\w*|paroxysm\w*|convert\w*|degenerat\w*|giv\w* way|turn\w* into|worse\w*|worsen\w*|no longer"
)
_HEART = (
    r"n?stemis?|infarct\w*|attacks?|ischa?em\w*|coronary|occlu\w*|angina|necro\w*|injur\w*|thromb\w*|embol\w*|tampon\w*|dissect\w*|pericard\w*"
    r"|cardiomyopath\w*|failure|hyperkal\w*|hypokal\w*|potassium|k\+|electrolyte\w*|failing|obstruct\w*|cardiac output|heart sounds?|strok\w*|sepsis|septic"
    r"|bleed\w*|ha?emorrhag\w*|valv\w*|ruptur\w*|congenital|syndrome|disease|disorder"
)
_PATIENT = (
    r"sp-?o-?2|spo₂|saturat\w*|desaturat\w*|oxygen\w*|hypox\w*|(?:blood )?pressure|hypotens\w*|hypertens\w*|shock\w*|pulses?(?! rate)|perfus\w*"
    r"|temperature|fever\w*|breath\w*|respirat\w*|apn\w*|pain|syncop\w*|unconscious\w*|collaps\w*|unstable|deteriorat\w*|dead|death|dying|die[sd]?"
    r"|fatal\w*|lethal\w*|life-?threat\w*|emergen\w*|urgent\w*|critical\w*|danger\w*|aliv\w*|surviv\w*|conscious\w*|awake|asleep|seizur\w*|convuls\w*|cyano\w*|pale|cold|sweat\w*"
    r"|unwell|earlier|previous(?:ly)?|formerly|yesterday|until|at times|now|events?"
)
_CARE = (
    r"treat\w*|therap\w*|interven\w*|resuscitat\w*|cpr|defibrillat\w*|cardiover\w*|ablat\w*|surg(?:ery|ical)|discharg\w*|adrenalin\w*|epinephrin\w*"
    r"|amiodarone|lidocaine|atropine|adenosine|digoxin|heparin|aspirin|magnesium|beta-?blockers?|drugs?|medicat\w*|medicines?|dos(?:es?|ed|ing)"
    r"|infus\w*|administ\w*|ignor\w*|silenc\w*|mut(?:e|ed|ing)|dismiss\w*|disregard\w*|overrid\w*|switch\w* off|turn\w* off|alarms?|alerts?"
    r"|artefact\w*|artifact\w*|noise|nois[iy]\w*|fine|harmless\w*|benign|reassur\w*|safe(?:ly)?|healthy|well|ok(?:ay)?|everything|nothing to worry\w*"
    r"|actions?|not? need\w*|needless|unnecessar\w*|no (?:concern|worry|danger|risk|reason)|recover\w*|history|go(?:es)? home|sen[dt] home|compressions?|bypass\w*|stent\w*"
    r"|catheter\w*|intubat\w*|ventilat\w*|transfer\w*|nobody|come at once|the monitor|monitoring|leads? off|unplug\w*|electrodes?|wait\w*|needs? to be done"
)
_DOUBTS = (
    r"doubt\w*|(?:no|without|beyond|out of) question|undeniabl\w*|not (?:true|correct|right|the case|so)|n't (?:true|correct|the case)|untrue|false\w*"
    r"|incorrect\w*|wrong\w*|hardly|scarcely|barely|far from|anything but|den(?:y|ies|ied|ying)"
)
_TAKEN = frozenset({"finding", "unmeasurable", "measure", "group", "quality", "unit"})
"""Kinds of tokens that become claims of their own, or a part of one."""
_BE = frozenset({"is", "are", "was", "were"})
_STOPS = frozenset({",", "or", "nor", "neither", "and", "/"})


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join((_RHYTHMS, _HEART, _PATIENT, _CARE))})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _doubts() -> re.Pattern[str]:
    return re.compile(rf"(?:\b|(?<=\w)(?=n't))(?:{_DOUBTS})(?!\w)", re.IGNORECASE)


def unread(s: Sentence) -> list[Statement]:
    """What of a sentence no measurement can bear out, each as a finding that will be withheld."""
    taken = [(t.start, t.end) for t in s.tokens if t.kind in _TAKEN]
    found = [
        _statement(s, match.start(), match.end())
        for match in _words().finditer(s.text, s.start, s.end)
        if not any(start < match.end() and match.start() < end for start, end in taken)
    ]
    found += [_statement(s, match.start(), match.end()) for match in _doubts().finditer(s.text, s.start, s.end)]
    return found + _denied_twice(s)


def _statement(s: Sentence, start: int, end: int) -> Statement:
    return Statement("finding", start, end, f"{UNREAD}{s.text[start:end].lower()}")


def _denied_twice(s: Sentence) -> list[Statement]:
    """`not without`, `not absent`, `no P waves are absent`: it cannot be told what a denial of a denial says."""
    found = []
    for j, first in enumerate(s.tokens):
        if first.kind != "not" or first.what in _STOPS:
            continue
        named = False
        for k in range(j + 1, len(s.tokens)):
            token = s.tokens[k]
            if token.kind in ("finding", "measure") and not named:
                named = True
                continue
            if named and token.kind != "after" and token.what not in _BE:
                break
            if token.kind in ("not", "after") and token.what not in _STOPS:
                found.append(_statement(s, first.start, token.end))
                break
            if token.kind != "word" or token.what in _STOPS:
                break
    return found
