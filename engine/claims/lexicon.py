"""The words that the parser knows: what is measured, units, qualities, negation. Patterns are tried in their order."""

from __future__ import annotations

MEASURES: tuple[tuple[str, str], ...] = (
    ("other axis", r"\b[pt](?:[- ]wave)? axis"),
    (
        "RWP",
        r"\br[- ]waves? (?:grows?|progress(?:es)?)\b|\br[- ]waves? (?=(?:increase|grow|fail)s? (?:to |in )?.{0,40}v1)|\br[- ]?(?:wave )?(?:progression|transition)|\b(?:precordial|r[- ]wave) (?:transition|progression)",
    ),
    ("sokolow", r"\bsokolow(?:[- ]lyon)?(?: (?:index|voltage|sum|criteri(?:on|a)))?"),
    (
        "QTc",
        r"\b(?:rate-)?corrected qt(?: interval)?|\bcorrected for (?:the )?(?:heart )?rate|\bqt[- ]?c(?:[- ]?[bf](?:az|rid)?\b)?(?: (?:interval|value)s?)?|\b(?:bazett|fridericia)[- ]corrected (?:qt(?: interval)?|value)|\bcorrected(?= with fridericia)",
    ),
    ("QT", r"\bqt(?: (?:interval|int|time|duration)s?)?\b"),
    (
        "PR",
        r"\b(?:av|a-v|atrioventricular) conduction time\b|\bp[- ]?[rq](?: (?:interval|int|time|duration)s?)?\b|\bp-?[rq]i\b",
    ),
    (
        "RR",
        r"\bintervals between (?:the )?(?:beats|r waves|qrs complexes)|\bbeat[- ]to[- ]beat intervals?\b|\bcycle lengths?\b|\br[- ]?r'?(?: (?:interval|int|distance)s?)?\b|\bbeats (?:are|come)\b",
    ),
    (
        "rate",
        r"\b(?:heart|ventricular|vent\.?|pulse|cardiac|basic|mean|average|sinus|resting) (?:rate|frequency)|\bhr\b|\bvr\b|\b(?:rate|freq(?:uency)?)\b|\b(?:heart (?:beats|is beating)|ventricles (?:beat|contract))\b|\bheart beat\b|\bventricular response\b",
    ),
    ("rhythm", r"\brhythm\b"),
    (
        "intervals",
        r"\bintervals\b(?= (?:are |is |were )?(?:all )?(?:normal|within|unremarkable))|(?<=normal )intervals\b",
    ),
    ("ST-T", r"\bst[-/ ](?:and )?t\b|\bst and t\b|\bst & t\b"),
    ("ST at J", r"\bj[- ]?point\b"),
    ("ST", r"\bst(?:[- ]segments?)?(?:[- ](?:level|segments?))?\b|\bsts\b"),
    ("axis", r"\b(?:mean |frontal |electrical |cardiac |qrs |heart's |heart |r )*(?:axis|vector)\b"),
    (
        "QRS",
        r"\bqrsd?(?:[- ](?:complex(?:\(es\)|es)?|duration|width|dur|interval|deflection)s?)*\b|\bventricular (?:depolari[sz]ation|activation)|\b(?:depolari[sz]ation|activation) of the ventricles|(?<!premature )(?<!atrial )\bcomplex(?:es)?\b",
    ),
    (
        "AV conduction",
        r"\b(?:av|a-v|atrioventricular)(?: nodal)? conduction|\bconduction from the atri(?:a|um) to the ventricles?",
    ),
    ("IV conduction", r"\b(?:intra)?ventricular conduction\b"),
    ("conduction", r"\bconduction\b"),
    ("QT", r"\brepolari[sz]ation time\b"),
    ("repolarisation", r"\brepolari[sz]ation\b"),
    ("P", r"\bp[- ]waves?(?: duration| amplitude)?|\bp (?:duration|dur|amplitude)\b|\bp(?= before)"),
    ("T", r"\bt[- ]waves?(?: amplitude)?|\bt amplitude\b"),
    ("Q", r"\bq[- ]waves?\b|\bqs (?:waves?|complex(?:es)?)\b"),
    ("R", r"\br[- ]waves?(?: amplitude)?|\br amplitude\b"),
    ("S", r"\bs[- ]waves?(?: amplitude)?|\bs amplitude\b"),
    ("U", r"\bu[- ]waves?\b"),
    ("voltage", r"\bvoltages?\b"),
    ("ECG", r"\becg\b(?: findings| results)?|\bekg\b|\belectrocardiogram\b|\b(?:tracing|recording)\b"),
)
"""What numbers and qualities are said of; matched without regard to case."""
BARE = ("P", "Q", "R", "S", "T")
"""Waves named by a capital alone."""

UNITS: tuple[tuple[str, str, float], ...] = (
    (r"ms|msecs?|millisec(?:ond)?s?", "ms", 1.0),
    (r"s|secs?|seconds?", "ms", 1000.0),
    (r"µs|μs|us|usec|microseconds?", "ms", 0.001),
    (r"mv|millivolts?", "mV", 1.0),
    (r"µv|μv|uv|microvolts?", "mV", 0.001),
    (r"mm(?! ?hg)|millimet(?:er|re)s?", "mm", 1.0),
    (r"small (?:squares?|box(?:es)?)", "small squares", 1.0),
    (r"(?:large|big) (?:squares?|box(?:es)?)", "small squares", 5.0),
    (r"bpm|beats? ?(?:per|a|/) ?min(?:ute)?\.?|/ ?min(?:ute)?\b|per min(?:ute)?|a minute|min-1", "/min", 1.0),
    (r"°|degs?\b|degrees?|º", "deg", 1.0),
    (r"minutes?|mins?|hours?|h|hrs?", "h", 1.0),
    (r"v|volts?|kv", "V", 1.0),
    (r"cm|centimet(?:er|re)s?|m|met(?:er|re)s?|km", "m", 1.0),
    (r"hz|hertz|khz|bps|(?:beats )?per sec(?:ond)?|beats a second|/ ?s(?:ec)?\b", "Hz", 1.0),
    (r"rad(?:ian)?s?", "rad", 1.0),
    (r"%|per ?cent|percent", "%", 1.0),
    (r"mm ?hg|kg|g|mg|ml|mmol(?:/l)?|kpa|ma|amp(?:ere)?s?|ohms?|celsius|c|w|watts?|db", "other", 1.0),
)
"""Pattern, unit, times which it makes that unit; matched behind a number only."""

NUMBER_WORDS = {
    "half": 0.5, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0,
    "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0, "twelve": 12.0,
}  # fmt: skip

LIMITED: tuple[tuple[str, str], ...] = (
    ("normal", r"\b(?:lies? |is |are |falls? )?within the (?:reference|normal) (?:range|limits)\b"),
    (
        "increased",
        r"\b(?:exceeds?|exceeding|above|over|beyond|higher than|longer than) (?:the )?(?:upper )?(?:normal )?(?:limit|range)(?: of (?:the )?normal(?: range)?)?\b(?! ?\(?[-\d])",
    ),
    (
        "reduced",
        r"\b(?:below|under|shorter than|lower than) (?:the )?(?:lower )?(?:normal )?(?:limit|range)(?: of (?:the )?normal(?: range)?)?\b(?! ?\(?[-\d])",
    ),
    ("above", r"\b(?:lies?|is|are|runs?) above the (?:iso-?electric |base-?)line\b"),
    ("under", r"\b(?:lies?|is|are|runs?) below the (?:iso-?electric |base-?)line\b"),
    ("even", r"\b(?:does|do) not (?:deviate|depart) from the (?:iso-?electric |base-?)line\b"),
    ("even", r"\b(?:does|do) not vary\b"),
)
"""Qualities that look like bounds or denials; tried before those."""
QUALITIES: tuple[tuple[str, str], ...] = (
    (
        "normal",
        r"(?<=grows )normally\b|(?<=progress )normally\b|(?<=progresses )normally\b|\bnormally (?:oriented|directed|conducted)\b|\bas expected\b|\bappropriate\b|\badequate\b|\bsatisfactory\b|\b(?:with)?in (?:the )?(?:normal|usual|physiological|reference) (?:limits|range)|\bwnl\b|\bunremarkable\b|\bnormal\b(?! (?:limits|range|variant))|\bphysiological\b|\bis fine\b|\bintact\b|\bpreserved\b|\bundisturbed\b|\bof normal width\b|\bwithin limits\b|\bno abnormalit(?:y|ies)",
    ),
    ("wide", r"\bwid(?:e|er|ened|ening)\b|\bbroad(?:ened|ening)?\b|\bprolongation\b|\bprolonged\b(?= ventricular)"),
    ("narrow", r"\bnarrow\b|\bslim\b|\bslender\b"),
    (
        "long",
        r"\blonger than normal\b|\bprolong(?:ed|ation)\b|\blengthened\b|\btoo long\b|\bclearly long\b|\blong\b|\bdelay(?:ed)?\b|\bextended\b|\bslowed\b|\bimpaired\b|\bdisturbed\b|\bexcessive\b",
    ),
    ("increased", r"\bincreased?\b|\bincreases\b|\bhigh\b|\bgrow\b"),
    ("reduced", r"\breduced\b|\bdecreased?\b|\babbreviated\b|\bloss of\b"),
    ("short", r"\bshort(?:ened|ening)?\b|\bshorter than normal\b|\btoo short\b"),
    ("elevated", r"\belevat(?:ed|ions?)\b|\braised\b"),
    ("depressed", r"\bdepress(?:ed|ions?)\b|\blowered\b"),
    ("deviated", r"\bdeviat(?:ions?|ed)\b|\bshift(?:s|ed)?\b"),
    ("changed", r"\bst[- ]changes?\b|\bchanges\b|\babnormalit(?:y|ies)\b"),
    ("isoelectric", r"\biso-?electric\b|\b(?:at|on|along|near|close to) (?:the )?base-?line\b"),
    (
        "inverted",
        r"\bpoint(?:s|ing)? down(?:wards?)?\b|\bdownward\b|\binver(?:ted|sions?)\b|\bnegative\b|\bneg\.?(?= t\b)",
    ),
    ("upright", r"\bpoint(?:s|ing)? up(?:wards?)?\b|\bupward\b|\bupright\b|\bpositive\b"),
    ("flat", r"\bflat(?:tened|tening)?\b"),
    ("peaked", r"\bpeaked\b|\bhyper-?acute\b|\btented\b"),
    ("biphasic", r"\bbiphasic\b|\bdiphasic\b|\bnotched\b|\bbifid\b"),
    (
        "poor",
        r"\bpoor(?:ly)?\b|\bfails? to (?:increase|grow|progress)\b|\bimpaired\b|\binadequate\b|\binsufficient\b|\babsent r|\breversed\b",
    ),
    ("fast", r"\bfaster than normal\b|\bfast\b|\brapid(?:ly)?\b|\baccelerated\b"),
    ("slow", r"\bslower than normal\b|\bslow(?:ly)?\b"),
    (
        "irregular",
        r"\birregularly irregular\b|\birregular(?:ly|ity)?\b|\bvar(?:y|ies|ying)\b|\bvariable\b|\bunequal\b|\bchaotic\b|\buneven\b|\bdiffer\b",
    ),
    ("regular", r"\bregular(?:ly|ity)?\b|\bequal\b|\bequidistant\b|\bevenly spaced\b|\beven\b"),
    ("constant", r"\bconstant\b|\bconsistent\b(?! with)|\bstable\b|\bfixed\b|\buniform\b"),
    ("low", r"\blow\b|\bdiminished\b|\bsmall\b"),
    (
        "left",
        r"\bto the left\b|\bleft(?= axis)|\bleftwards?\b|\bleft(?:-deviated| axis)\b|\bleft\b(?= ?(?:\.|,|;|\(|$))",
    ),
    (
        "right",
        r"\bto the right\b|\bright(?= axis)|\brightwards?\b|\bright(?:-deviated| axis)\b|\bright\b(?= ?(?:\.|,|;|\(|$))",
    ),
    ("extreme", r"\bextreme\b|\bnorth-?west\b|\bsuperior(?:ly)?\b"),
    ("pathological", r"\bpatholog(?:ical|ic)\b|\bsignificant\b"),
    ("abnormal", r"\babnormal(?:ly)?\b|\bborderline\b"),
    ("absent", r"\babsent\b|\bmissing\b"),
    (
        "present",
        r"\bprecede[sd]?\b|\bpreceding\b|\bpresent\b|\bbefore (?:each|every|the) qrs|\bin front of (?:each|every) qrs|\bvisible\b|\bdiscernible\b|\bdistinct\b|\bone-to-one\b|\b1:1\b|\bidentif(?:ied|iable)\b|\bto be seen\b|\b(?:found|detected|detectable|recogni[sz]able)\b",
    ),
)
"""What is said of a measure."""

NEGATIONS = (
    r"\b(?:no|not|none|non-(?!specific|diagnostic)|nor|neither|without|never|cannot|can't|isn't|aren't|doesn't|don't)\b(?! (?:only|rule|be ruled out|exclude|be excluded|otherwise specified|specific|doubt|a doubt|any doubt|question))"
    r"|\bnothing to (?:suggest|indicate)\b|\bno longer\b|\babsence of\b|\black(?:s|ing)?(?: of)?\b|\bfree (?:of|from)\b|\bargu(?:es|ing) against\b|\bspeaks? against\b|\brul(?:es|ed|ing) out\b|\bexclud(?:es|ing)\b"
    r"|\breduc(?:es|ing) the likelihood of\b|\brather than\b|\binstead of\b|\bnegative for\b|\bdevoid of\b|\bresolved\b"
)
AFTERWARDS = (
    r"\b(?:can|could|may) be (?:excluded|ruled out|dismissed)\b|\b(?:is|are|was|were) not (?!prolonged|elevated|inverted|depressed|widened|broadened|delayed|deviated|flattened|shortened|raised|lowered|increased|reduced|lengthened|impaired|slowed|blocked|preserved|shifted|extended|rotated)\w+ed\b"
    r"|(?<=: )no\b(?= ?[;.,|]| ?$)|\b(?:is|are|was|were|appears?|seems?|being) (?:absent|missing|lacking|unlikely|less likely|excluded|ruled out)\b|\b(?:un|less )likely\b"
    r"|\b(?:is|are|was|were|do|does|did|can|cannot|could)(?: not|n't| ?not be) (?:be )?(?:seen|present|observed|evident|identified|noted|detected|occur|apparent|visible|found|appreciated|met|reached|fulfilled|diagnosed|shown)\b"
    r"|\bnot (?:met|reached|fulfilled|seen|present|observed|identified|evident|detected|diagnosed)\b|\babsent\b|(?<=: )none\b|\b(?:is|are) lacking\b|\b(?:is|are) missing\b"
)
BREAKS = r"[;:]|\bbut\b|\bhowever\b|\bwhile\b|\bwhereas\b|\balthough\b|\bthough\b|\byet\b|\bexcept\b|\bsupporting\b|, (?:which|so|and the|and there|the|with)\b|\bso (?:it|the|there|that)\b|\bbecause\b"
"""Behind these, a negation no longer holds."""
DOUBTED = (
    r"\b(?:cannot|can't|can not|could not|couldn't|may not|might not) be (?:\w+ly )?(?:excluded|ruled out|dismissed)\b"
    r"|\b(?:cannot|can't|can not|could not|does not|doesn't|do not|don't) (?:\w+ly )?(?:exclude|rule out|dismiss)\b"
    r"|\b(?:difficult|hard|impossible) to (?:exclude|rule out)\b|\b(?:(?:is|are|was|were) )?not (?:\w+ly )?(?:excluded|ruled out)\b"
)
"""A finding beside these is said to be open, neither claimed nor denied."""
KNOWLEDGE = (
    r"\bis diagnosed (?:when|if)\b|\bthat defines?\b|\b(?:is|are) defined (?:as|by)\b|\bshould (?:not )?(?:exceed|measure|last|be (?:less|more|below|above|between|under|over|shorter|longer))\b|\bmeans an?\b|\bnormal(?=(?: \w+){1,2} (?:lasts|is|ranges|measures|runs) (?:less|between|below|from|up)\b)"
    r"|\bis an? (?:sinus |regular )?rhythm (?:above|below|faster|slower|with)\b|\brisk (?:of|for)\b|\b(?:values?|intervals?|durations?|rates?) (?:above|below|over|under|longer than|greater than|less than)\b(?= \d)|"
    r"\bamong the causes\b|\bwhich means\b|\bcan be (?:a sign|seen|associated|caused|influenced|due)\b|\bmay be (?:a sign of|influenced|attributed|associated)\b|\bdefined as\b|\boften (?:seen|caused|associated|benign)\b"
    r"|\bis (?:a|an) (?:common|condition|type|conduction defect|pattern that)\b|\bimportant for excluding\b|\bwould be\b|\bdifferential\b|\bhistory of\b|\bfor excluding\b"
)
"""What follows, or stands before in the same clause, is general knowledge and not said of this segment."""
DEFINES = (
    "is diagnosed",
    "means",
    "normal",
    "should",
    "is a",
    "values",
    "risk of",
    "defined as",
    "is defined",
    "are defined",
)
"""Of these words of general knowledge the clause before is a part too."""
REFERENCE = r"\bnormally\b(?= ?\(?[-+<≤\d])|(?<=\()n:(?= ?[-+<≤\d])|\bnormal(?:ly)? (?:range|values?|limits?|interval|axis runs)\b(?=:? ?[-+<≤\d]| from| is [-+<≤\d])|(?<=\()normal:?(?= ?[-+<≤\d])|\breference\b|\bref\b|\b(?:upper|lower) limits?\b|\blimits? of normal\b|\bthresholds?\b|\bcut-?offs?\b|\bvalues (?:above|below)\b|\b(?:usual|normal|reference) range (?:of|is)\b|\bwhich means\b|\bdefined as\b|\bnormal axis runs\b"
BELOW = r"\b(?:less|lower|shorter|slower|smaller|fewer) than\b(?! normal)|\bbelow\b|\bunder\b|\bstays below\b|\bat most\b|\bno more than\b|[<≤]=?"
ABOVE = r"\b(?:more|greater|longer|faster|larger|higher|wider) than\b(?! normal)|\babove\b|\bover\b(?= ?-?\d)|\bbeyond\b|\bexceed(?:s|ing|ed)?\b|\bin excess of\b|\bat least\b|\bgreater\b|[>≥]=?"
GROUP = r"\b(?:high[- ]lateral|antero-?septal(?:ly)?|antero-?lateral(?:ly)?|infero-?lateral(?:ly)?|inferior(?:ly)?|lateral(?:ly)?|anterior(?:ly)?|septal(?:ly)?|(?:left|right) (?:precordial|chest)|precordial|chest|limb|extremity)\b(?: (?:leads?|wall|region|territory))?|\b(?:all|multiple|several|most|every|each|other|remaining|these)(?: of)?(?: the)?(?: 12| twelve| other)?(?: ecg)? leads?\b"
LEAD = r"\b(?:a[Vv] ?[A-Z]|AV[RLF]|[Aa][Vv][RrLlFf]|[Vv] ?\d{1,2}R?|III|II|DI{1,3}|MLII|I)\b"
NAMED_LEAD = r"\b[Ll](?:eads?|EADS?) +([IVX]{1,4}|[ivx]{2,4}|\d{1,2}|a[Vv]\w|[Aa][Vv][RLFrlf]|VF|VR|VL|[Vv] ?\d{1,2}R?|[A-Z]\d{0,2})\b"
