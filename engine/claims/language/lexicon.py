"""The words that the parser knows: what is measured, units, qualities, negation. Patterns are tried in their order."""

from __future__ import annotations

BE = frozenset({"is", "are", "was", "were"})
"""Of the verb that says what something is."""
_ATRIUM, _VENTRICLE = "(?:the )?atri(?:a|um)", "(?:the )?ventricles?"
_BEATS = "(?:the )?(?:one |two |each |individual )?(?:consecutive |successive |adjacent |neighbou?ring |following )?(?:r(?:[- ]?waves?|[- ]?peaks?|s)?|beats?|heart ?beats?|qrs(?: complexes)?|ventricular complexes|complexes)"
_TIME = "(?: (?:interval|int|time|duration|segment|span|length|value|measurement|reading)s?)?"
_BEGIN = "(?:(?:onset|start|beginning|begin|commencement|front) of (?:the |each |every )?)"
_FROM_P = (
    rf"\b(?:from |between )?(?:the )?{_BEGIN}p(?:[- ]waves?)? (?:to|and|until) (?:the |that )?(?:of (?:the )?)?{_BEGIN}?(?:qrs(?: complex)?|r(?:[- ]waves?)?|ventricular (?:complex|activation))\b"
    r"|\bp(?:[- ]waves?)?(?: onset)? (?:leads|precedes|antedates|anticipates|comes before|to|ahead of) (?:the )?qrs(?: complex)? onset\b"
    r"|\bp(?:[- ]waves?)? (?:leads|precedes|antedates|anticipates) (?:the |its |each )?qrs(?: complex)?(?= (?:complex )?by (?:\w+ ){0,2}\d)|\bqrs(?: complex)? (?:follows|trails|succeeds) (?:the |its |each )?p(?:[- ]wave)?(?= (?:onset )?(?:by|after) (?:\w+ ){0,2}\d)"
)
MEASURES: tuple[tuple[str, str], ...] = (
    ("RR SD", r"\bsdnn\b|\b(?:r-?r(?: intervals?)?|nn) (?:standard deviation|s\.?d\b|variability|variation)|\b(?:standard deviation|s\.?d\b)(?: of (?:the |its |all |these )?(?:r-?r|r-to-r|nn|beat-to-beat|cycle|ventricular)(?: (?:intervals?|lengths?|distances?|cycles?))?)?"),
    ("other axis", r"\b[pt](?:[- ]wave)? axis"),
    ("RWP", r"\brwp\b|\b(?:(?:the )?(?:r/s|r-s|precordial|chest[- ]lead) )?transition(?:al)?(?: (?:zone|point|lead))\b|\b(?:r/s|r-s) transition\b|(?:(?<=late )|(?<=delayed ))transition\b|\btransition\b(?= (?:is|lies|occurs|takes place|happens|falls|comes|sits|between|at|in|around) (?:(?:found|seen|located|at|in|between|around|lead|about) ){0,3}v\d)|\banterior (?:qrs )?forces\b|\br[- ]?(?:wave )?development\b|\br[- ]?waves? (?=(?:increase|grow|fail)s? (?:to |in )?.{0,40}v1)|\br[- ]?(?:wave )?(?:progression|transition|growth)|\b(?:precordial|r[- ]wave) (?:transition|progression)|\b(?:transition|progression|growth) of (?:the )?r[- ]?waves?|\bprogression\b(?= (?:is|of|across|in|from|appears|looks|remains)| ?[.,;)]|$)"),
    ("T", r"\brepolari[sz]ation (?:wave|deflection)s?\b"),
    ("rate", r"\bpulse\b(?= (?:of|is|was|at|about|around|averages|measures|comes to|=)(?: \w+)? \d)|(?<=slow )pulse\b|(?<=rapid )pulse\b|(?<=fast )pulse\b"),
    ("P", r"(?:(?<=absence of )|(?<=lack of )|(?<=loss of ))(?:organi[sz]ed |discrete |distinct )?atrial activity\b"),
    ("LVH criterion", r"\bsokolow\S*(?: (?:index|criteri(?:on|a)|voltage))? for (?:lvh|left ventricular hypertrophy)\b(?=\W*(?:(?:is|are|was|were) )?(?:clearly )?(?:not )?(?:negative|positive|met|fulfilled|satisfied)\b)|\b(?:voltage |ecg |qrs )?(?:criteri(?:on|a)|sum|index|voltages?|limit|threshold) (?:of|by|after|according to|described by|named after) sokolow(?: and |[-/& ]+)?lyon(?: for (?:lvh|left ventricular hypertrophy))?|\b(?:sokolow\S*|cornell|voltage) (?:voltage )?(?:criteri(?:on|a)|thresholds?|cut-?offs?|limits?)\b(?! for (?:lvh|left ventricular hyp|hypertrophy))(?!\W*(?:(?:is|are|was|were|being) )?(?:\w+ ){0,2}(?:met|positive|fulfilled|satisfied|reached|exceeded|attained)\b)"),
    ("sokolow", r"\bsokolow(?:[- ]lyon)?(?: (?:index|voltage|sum|criteri(?:on|a)|value|product))?"),
    ("QT", r"\b(?:un-?corrected|not (?:rate-)?corrected|raw) (?:qt\b(?: interval| time| value)?|value|figure|interval)|\buncorrected\b"),
    ("QTc", r"\b(?:rate-|heart-rate-)?corrected qt(?: interval| time)?|\bcorrected for (?:the )?(?:heart )?rate|\bqt[- ]?c(?:[- ]?(?:baz|frid|b|f))?\b(?: (?:interval|value|time)s?)?|\b(?:bazett|fridericia)[- ]corrected (?:qt(?: interval| time)?|value|figure|interval|time)|\bcorrected(?= (?:with|by|after|according to|using) (?:fridericia|bazett))|\bcorrected (?:value|figure|interval)\b|\bqt corrected\b"),
    ("QT", rf"\bq[- ]?t{_TIME}\b|\bqt\b"),
    ("PR", rf"{_FROM_P}|\b(?:av|a-v|atrioventricular) (?:nodal )?(?:conduction |transit )?(?:time|interval)s?\b|\bp[- ]?[rq](?: (?:interval|int|time|duration|span|length|value|measurement|reading|segment)s?)?\b|\bp-?[rq]i\b|\b(?:from|between) {_ATRIUM} (?:to|and) {_VENTRICLE}\b|\b(?:journey|passage|transit|travel|trip|transmission|spread|delay|interval|time|path)(?: time)? (?:from|between) {_ATRIUM} (?:to|and) {_VENTRICLE}\b|\bp[- ]to[- ](?:r|qrs)(?: (?:interval|time|distance))?\b|\btime from p to (?:r|qrs)\b|\b(?:interval|time|distance|delay|span|stretch) (?:from|between) (?:the )?p(?:[- ]waves?)? (?:to|and|until) (?:the )?(?:qrs(?: complex)?|r(?:[- ]waves?)?)\b|\bfrom (?:the )?upper (?:chambers )?(?:to|down to|into) (?:the )?lower chambers?\b"),
    ("RR", rf"\b(?:one|each|a|every) (?:cardiac |heart )?cycle\b(?= (?:lasts|takes|measures|spans|is|of))|\b(?:inter-?)?beat (?:interval|spacing|distance)s?\b|\binter-?beat\b|\b(?:successive|consecutive|adjacent|neighbou?ring) (?:r[- ]?waves?|r[- ]peaks|beats|heartbeats|qrs complexes|complexes)\b(?= (?:are|is|lie|follow|come|occur))|\b(?:intervals?|spac(?:es|ing)|distances?|gaps?|time|pauses?) (?:between|of|from) {_BEATS}\b(?: to (?:the )?next(?: beat)?)?|\b(?:between|separating) (?:the |any )?(?:two |one |each |the )?(?:consecutive |successive |adjacent |neighbou?ring |following )*(?:r[- ]?(?:waves|peaks)|r's|rs\b|beats|heart ?beats|qrs complexes|complexes)\b(?! of)|\bbeat[- ]to[- ]beat (?:interval|spacing|distance|timing)s?\b|\bcycle[- ]lengths?\b|\b(?:cardiac|heart|ventricular|beat) cycles?(?: length)?\b|\br[- ]?(?:to[- ])?r'?(?: (?:interval|int|distance|spacing|cycle|time|duration|length)s?)?\b|\b(?:beats|qrs complexes|complexes|ventricular complexes|r waves) (?=(?:are|come|arrive|occur|follow|fall|appear|march|succeed|keep|recur)\w* (?!(?:\w+ )?equally (?:tall|high|large|deep|big|small|low))(?:\w+ ){{0,4}}(?:interval|spac|regular|irregular|equal|unequal|even|uneven|same|distance|constant|steady|steadi|clockwork|metronom|time|random|haphazard|erratic|var))"),
    ("rate", r"\b(?:heart|ventricular|vent\.?|pulse|cardiac|basic|mean|average|sinus|resting|atrial) (?:rate|frequency)|\bhr\b|\bvr\b|\b(?:rate|freq(?:uency)?)\b|\b(?:the )?heart (?:beats|is beating|beating|runs|is running|goes|is going|is ticking|is working|ticks|ticking|works|is working|keeps time)\b|\bventricles (?:are |be |being )?(?:beat|beating|contract|contracting|respond|responding|answer|answering|follow|fire|firing|driven|(?:activated|depolari[sz]ed)(?= (?:at|about|roughly|approximately)))\b|\bheart beat\b|\bventricular response\b|\bsinus node (?:is )?(?:firing|fires|discharges|discharging|beats|beating)\b|\bpace\b(?! ?maker)|\btempo\b|\bventricular activity(?= (?:at|is fast|is slow))"),
    ("rhythm", r"\bregularity\b|\brhythm\b|\bcadence\b|\bventricular action\b|\bheart(?:'s)? action\b|\bcardiac action\b"),
    ("intervals", r"\bintervals\b(?=(?: |: ?)(?:are |is |were |all |lie |fall |both )*(?:normal|within|unremarkable|in order|in (?:the|their) (?:normal|usual|expected)))|(?<=normal )intervals\b|(?<=none of the )intervals\b|(?<=no )intervals?\b"),
    ("ST-T", r"\bstt\b|\bst[-/ ](?:and )?t\b|\bst and t\b|\bst & t\b"),
    ("ST at J", r"(?-i:\bJ\b)(?= (?:is|was|lies|sits|level|raised|lowered|elevated|depressed|depressions?|elevations?|deviations?|shifts?)\b| [-+]?\d?\.\d)|\bj[- ]?points?\b"),
    ("ST", r"\bst(?:[- ]segments?)?(?:[- ](?:level|segments?))?\b|\bsts\b|\bj-?(?:60|80)\b|\b(?:the |this |these |its |their )segments?\b"),
    ("axis", r"\b(?:mean |frontal[- ]plane |frontal |electrical |cardiac |qrs |heart's |heart |r )*(?:ax[ei]s|vector)\b(?: of the (?:heart|qrs)\b(?! complex))?|\bax\b(?= ?[-+:=]? ?\d)"),
    ("QRS", r"\b(?:electrical )?(?:spread|passage|propagation|travel|crossing|excitation) (?:through|across|over|in|of) (?:both |the )*(?:ventricles|lower chambers)\b|\bventricles (?:depolari[sz]e|activate)\b|\bqrsd?(?:[- ](?:complex(?:\(es\)|es)?|duration|width|dur|interval|deflection|time|span|length)s?)*\b|\bventricular (?:depolari[sz]ation|activation|excitation)(?: time)?|\b(?:depolari[sz]ation|activation|excitation) of the ventricles|\bventricles(?= (?:\w+ly )?(?:take|need|require|want)s?\b)|\bventricles (?:themselves )?(?:are |being |get |is |were |become )?(?:themselves )?(?:depolari[sz]ed|activated|excited)|(?<!premature )(?<!atrial )\b(?:ventricular )?complex(?:es)?\b"),
    ("AV conduction", rf"\b(?:av|a-v|atrioventricular)(?: nodal)? (?:conduction|transmission)|\bconduction (?:from|between) {_ATRIUM} (?:to|and) {_VENTRICLE}|\bconduction (?:through|across|over|in|at|within) the (?:av|a-v|atrioventricular) node\b|\b(?:av|a-v|atrioventricular) node(?= (?:conducts|transmits|passes|lets))"),
    ("IV conduction", r"\b(?:(?:intra)?ventricular|iv) conduction\b|\bconduction (?:through|within|across|in) the ventricles\b|(?:(?<=through the normal )|(?<=via the normal )|(?<=over the normal )|(?<=along the normal ))conduction (?:system|pathways?)\b"),
    ("atrial conduction", rf"\b(?:(?:inter|intra)-?)?atrial conduction\b|\bconduction (?:across|through|within|in|over) {_ATRIUM}\b"),
    ("conduction", r"\bconduction\b"),
    ("QT", r"\brepolari[sz]ation time\b"),
    ("repolarisation", r"\brepolari[sz]ation\b"),
    ("P", r"\b(?:the )?atria (?:are |be )?(?:depolari[sz]ed?|activated?|excited)\b(?= (?:in|within|over|take|for) )|\bp(?= in (?:lead )?(?:v\d|av[lrf]\b|i{1,3}\b))|\bp\'s\b|(?<=no )ps\b|\bps\b(?= (?:seen|visible|present|upright|absent|not))|\bp[- ]waves?(?: duration| amplitude| width| height)?|\bp (?:duration|dur|amplitude|width)\b|\bp(?= before)|\batrial (?:depolari[sz]ation|activation|deflection|excitation|complex)(?:e?s)?\b|\batrial wave\b|\batrial activity(?= (?:in the form of p|can|cannot|could|be|is|was|precedes|in front)\b)"),
    ("T", r"\bt(?= in (?:lead )?(?:v\d|av[lrf]\b|i{1,3}\b))|\btws?\b|\bt[- ]waves?(?: amplitude)?|\bt amplitude\b"),
    ("Q", r"(?-i:\bQs\b)|\bseptal q(?:[- ]?waves?|s)?\b|\bq(?= in (?:lead )?(?:v\d|av[lrf]\b|i{1,3}\b))|\bq[- ]waves?\b|\b(?:initial|first|leading) negative deflection(?: (?:of|in) the qrs(?: complex)?)?|\binitial q\b"),
    ("R", r"\br(?= in (?:lead )?(?:v\d|av[lrf]\b|i{1,3}\b))|\br[- ]waves?(?: amplitude)?|\br amplitude\b"),
    ("S", r"\bs(?= in (?:lead )?(?:v\d|av[lrf]\b|i{1,3}\b))|\bs[- ]waves?(?: amplitude)?|\bs amplitude\b"),
    ("U", r"\bu[- ]waves?\b"),
    ("QRS", r"\bdepolari[sz]ation\b(?: (?:phase|time|process|interval))?"),
    ("LV voltage", r"\b(?:left ventricular|lv|left-sided) voltages?\b"),
    ("voltage", r"\bvoltages?\b"),
    ("ECG", r"\becg\b(?: findings| results)?|\bekg\b|\belectrocardiogram\b|\b(?:tracing|recording|rhythm (?:strip|lead))\b|\btrace\b(?! of)"),
)  # fmt: skip
"""What numbers and qualities are said of; matched without regard to case."""
BARE = ("P", "Q", "R", "S", "T")
"""Waves named by a capital alone."""
SMALL = ("q", "r", "s")
"""Waves of a QRS that are named by a small letter alone, as small ones are."""

_COUNTED = r"(?:(?:(?:ventricular |heart ?)?beats?|times|complexes|contractions|cycles|pulses|strokes) ?)?(?:(?:per|an?|each|every|in (?:an?|one)|/) ?"
"""What is counted, and in what; the unit of time and a bracket follow."""

UNITS: tuple[tuple[str, str, float], ...] = (
    (r"ms|msecs?|millisec(?:ond)?s?", "ms", 1.0),
    (r"s|secs?|seconds?", "ms", 1000.0),
    (r"µs|μs|us|usec|microseconds?", "ms", 0.001),
    (r"mv|millivolts?", "mV", 1.0),
    (r"µv|μv|uv|microvolts?", "mV", 0.001),
    (r"mm(?! ?hg)|millimet(?:er|re)s?", "mm", 1.0),
    (r"(?:small|little|tiny) (?:squares?|box(?:es)?)", "small squares", 1.0),
    (r"(?:large|big) (?:squares?|box(?:es)?)", "small squares", 5.0),
    (
        r"bpm|(?:(?:ventricular |heart ?)?beats?|times|complexes|contractions|cycles|pulses|strokes) ?(?:per|a|each|every|in (?:a|one)|/|to the) ?min(?:ute)?\.?|/ ?min(?:ute)?\b|per min(?:ute)?|a minute|min-1",
        "/min",
        1.0,
    ),
    (r"°|degs?\b|degrees?|º", "deg", 1.0),
    (r"minutes?|mins?|hours?|h|hrs?", "h", 1.0),
    (r"v|volts?|kv", "V", 1.0),
    (r"cm|centimet(?:er|re)s?|m|met(?:er|re)s?|km", "m", 1.0),
    (
        rf"{_COUNTED}(?:secs?|seconds?)|/ ?s)|bps|beats? ?/ ?s(?:ec(?:ond)?)?\b|(?:beats )?per sec(?:ond)?|beats a second|/ ?s(?:ec)?\b",
        "/s",
        1.0,
    ),
    (rf"{_COUNTED}(?:hours?|hrs?)|/ ?h)", "/h", 1.0),
    (rf"{_COUNTED}days?)", "/d", 1.0),
    (rf"{_COUNTED}weeks?)", "/wk", 1.0),
    (rf"{_COUNTED}(?:milliseconds?|msecs?|ms))", "/ms", 1.0),
    (r"hz|hertz|khz", "Hz", 1.0),
    (r"rad(?:ian)?s?", "rad", 1.0),
    (r"%|per ?cent|percent", "%", 1.0),
    (r"mm ?hg|kg|g|mg|ml|mmol(?:/l)?|kpa|ma|amp(?:ere)?s?|ohms?|celsius|c|w|watts?|db", "other", 1.0),
)
"""Pattern, unit, times which it makes that unit; matched behind a number only."""

_SHOWN = "(?:seen|present|observed|evident|identified|noted|detected|apparent|visible|found|appreciated|diagnosed|shown|made out|picked out|recogni[sz]ed|recogni[sz]able|discerned|discernible|demonstrated|demonstrable|distinguished|identifiable|detectable|recorded|suggested|indicated|supported|encountered|in evidence|to be (?:seen|found|made out)|established|justified|confirmed|inferred|deduced|concluded|derived)"
_MET = "(?:met|reached|fulfilled|satisfied|exceeded|attained|given)"
_QUALIFIED = r"specific|diagnostic|sustained|conducted|valvular|paroxysmal|re-?entrant|complete|compensatory|transmural|st[- ]|stemi|q[- ]|obstructive|rheumatic|phasic|respiratory|uniform|continuous|consecutive|progressive|sequential|ischa?emic|critical"
"""Behind `non-` these make a kind of what they stand before, and deny nothing: `non-sustained ventricular tachycardia`."""
NEGATIONS = (
    r"(?<!\ba )(?<!\bquite a )\bfew\b(?= (?:of the |upright |inverted )?(?:[tpqrs][- ]waves|leads|beats))|\bnothing\b(?=[^.;:,]{0,50}\b(?:is|are|was|looks?|appears?|seems?) (?:\w+ly )?(?:abnormal|pathological|prolonged|widened|broadened|elevated|depressed|inverted|deviated|irregular)\b)|\bnowhere\b(?= (?:does|do|exceed\w*|reach\w*|above|more than|greater than|larger than|deeper than|taller than)\b)|"
    rf"\b(?:(?:nobody|no one)(?= (?:would|could|can) (?:\w+ly )?(?:call|describe|regard|consider|think|term|deem|read))|no|not|none|non-(?!{_QUALIFIED})|nor|neither|without|never|cannot|can't|isn't|aren't|doesn't|don't|wasn't|weren't|didn't|couldn't)\b(?! (?:quite (?:(?:about|the|an?) )*[\d.]|be more\b|only|rule|be ruled out|exclude|be excluded|otherwise specified|specific|doubt|a doubt|any doubt|question))"
    r"|\bnothing (?:\w+ ){0,2}?(?:to|that|which) (?:would )?(?:suggest|indicate|support|point to|speak for|imply|argue for)s?\b|\bno longer\b|\bnone of (?:these|those|them)\b|\bbetter than\b(?= (?:an? |any )?(?:\w+ )?(?:infarct|isch))|\b(?:absence|lack|want) of\b|\black(?:s|ing|ed)?(?: of)?\b(?! ?(?:in|[.,;)]|$))|\bfree (?:of|from)\b|\bargu(?:es?|ing) against\b|\bspeak(?:s|ing)? against\b|\bmilitat(?:es?|ing) against\b|\brul(?:es?|ed|ing) out\b|\bexclud(?:es?|ing)\b"
    r"|\breduc(?:es|ing) the likelihood of\b|\bover\b(?= (?:an? |any )?(?:atrial f|sinus |ventricular tach|junctional|supraventricular|(?:right|left) bundle|(?:acute |true |an? )*(?:injury|ischa?emi|infarct|pericard)))|\bin preference to\b|\brather than\b|\binstead of\b|\b(?:as opposed|in contrast|in contradistinction) to\b|\bin contrast with\b|\bunlike\b|\bnegative for\b|\bdevoid of\b|\bresolved\b|\b(?:can|could|would|should) (?:hardly|scarcely) (?:be )?(?:call|regard|describ|consider|term|count|qualif)\w*|\banything but\b|\bfar from\b|\btoo (?:narrow|small|shallow|short|brief|low|slight|thin|minor|regular|few)(?: and \w+)?(?: to diagnose\b|(?= (?:to (?!say|tell|judge|measure|see|be (?:seen|measured|read|told))|for (?!(?:this|the|that|its|such an?|his|her) (?:heart )?rate))))|\bfail(?:s|ed|ing)? to\b(?= (?:line up|coincide|agree|match) with)|\bfails? to (?:show|reveal|demonstrate|display|exhibit|meet|reach|fulfil|fulfill|satisfy|exceed|suggest|support|indicate|disclose)\b|\bfail(?:s|ed)? to\b(?= (?:\w+ ){0,2}(?:criteri|threshold))|\bmiss(?:es|ing) the\b(?= (?:\w+ ){0,2}(?:criteri|threshold))|\bfall(?:s|ing)? short of\b(?! (?:the )?\d)(?! (?:the |its )?(?:lower |normal |usual |expected |reference )+(?:range|limits?|values?|span|band))|\b(?:fall|fell|stop|stay|come|remain)(?:s|ing)? (?:well |far |clearly |just )?short of\b(?! (?:the )?\d)(?! (?:the |its )?(?:lower |normal |usual |expected |reference )+(?:range|limits?|values?|span|band))|\bclear of\b|\bw/o\b|\bnil\b(?! ?\d)|\bnothing (?=ectopic|premature|extra\b)|\bnothing\b(?=[^.;]{0,80}\b(?:suggest|indicat|point|speak|support|argu|impl)\w*)|\b(?:weigh|count|tell|go|stand)(?:s|ing)? against\b|\bevidence against\b|\bshort of\b(?= (?:an? |complete )?(?:(?:left |right )?(?:bundle|(?:axis )?dev)|lvh\b|left ventricular hyp|hypertroph|tachycard|bradycard|first))|\bshort of\b(?= (?:the |any )?(?:sokolow|cornell|voltage|criteri))|\bshows? no\b"
)
NOT_WITH = r"\b(?:is|are|was|were) not (?:accompanied by|associated with|followed by|complicated by|interrupted by)\b"
"""Denies what stands behind it, and not what stands before."""
AFTERWARDS = (
    rf"\b(?:can ?not|can't|could not) be spoken of\b|\b(?:is|are) out of the question\b|\b(?:is|are|was|were) (?:\w+ly )?not (?:what|the (?:rhythm|diagnosis|case)|here)\b|\b(?:is|are|was|were|remains?|appears?|seems?) (?:\w+ly |quite |simply )?(?:invisible|undetectable|indiscernible|imperceptible|unidentifiable|unrecogni[sz]able|non-?existent|unseen|indistinguishable|unapparent|undiscernible)\b|\b(?:can|could|may) (?:\w+ly |thus |therefore |hence )?be (?:\w+ly )?(?:excluded|ruled out|dismissed|discounted|rejected|discarded|refuted|disproved|negated|eliminated|argued against|disregarded|contradicted)\b|\b(?:is|are|was|were) not (?!prolonged|elevated|inverted|depressed|widened|broadened|delayed|deviated|flattened|shortened|raised|lowered|increased|reduced|lengthened|impaired|slowed|blocked|preserved|shifted|extended|rotated|displaced|drawn|stretched|abbreviated|accelerated|hurried|protracted|swung|turned|pointed|directed|disturbed|interrupted)\w+ed\b"
    rf"|(?<=: )no\b(?= ?[;.,|(]| ?$)|\b(?:is|are|was|were|appears?|seems?|being) (?:(?:both|all|each|thus|thereby|therefore|\w+ly) )?(?:absent|missing|lacking|wanting|unlikely|less likely|excluded|ruled out|rejected|refuted|disproved|nowhere to be (?:seen|found))\b|\b(?:un|less )likely\b|\b(?:is|are) not (?:a|an|the|under|in) (?:serious |real |further )?(?:consideration|option|possibility|question|diagnosis|issue|feature|finding|contender)\w*\b|\b(?:conspicuous|notable|remarkable) (?:by|for) (?:its|their) absence\b|\b(?:is|are|was|were) (?:\w+ly )?missed\b|\bimprobable\b|\bimplausible\b|\bnowhere to be (?:seen|found)\b"
    rf"|\b(?:is|are|was|were|do|does|did|can|cannot|could|has|have)(?: (?:therefore|thus|hence|accordingly|consequently|then|here|also|in fact|indeed|simply|certainly|actually|\w+ly))?(?: not|n't| ?not be| never)(?: yet)? (?:be |been )?(?:\w+ly )?(?:interrupt|disturb|punctuate|intervene|intrude|complicate|figure|arise|exist|occur|appear|turn up|show up|crop up|come up|feature|{_SHOWN[3:-1]}|{_MET[3:-1]})\b"
    rf"|\b(?:can't|couldn't|cannot) be (?:\w+ly )?{_SHOWN}\b|\bfail(?:s|ed)? to appear\b|\bis not one of them\b"
    rf"|\b(?:remains?|is|are|was) (?:un|not )(?:proven|proved|demonstrated|confirmed|substantiated)\b|\b(?:is|are|was) not (?:yet )?there(?= ?(?:[.,;]|$))|\bnot (?:yet )?(?:to be )?(?:\w+ly )?(?:{_MET[3:-1]}|seen|present|observed|identified|evident|detected|diagnosed|made out|found|demonstrable|visible|suggested|shown|supported|confirmed|apparent|noted|indicated)\b|\babsent\b|(?<=\w )no\b(?= ?[.;](?!\w)| ?$)|(?<=\w - )no\b(?= ?[.;,)]| ?$)|(?<=\w \()no\b(?=\))|(?<=criterion )negative\b|(?<=criteria )negative\b|(?<=: )none\b|\b(?:is|are) lacking\b|\b(?:is|are) missing\b|\blacking\b(?= ?(?:in|[.,;)]|$))|\bmissing\b(?= ?(?:in|[.,;)]|$))"
)
BREAKS = r"[;:]|\bbut\b|\bhowever\b|\bwhile\b|\bwhilst\b|\bwhereas\b|\balthough\b|\bthough\b|(?<!not )(?<!as )\byet\b|\bexcept\b|\bsupporting\b|\band with\b(?! no\b)|, as\b(?! (?:it is|they are|is the case|seen|shown|here|in)\b)|, (?:which|so|and the|and there|the|with|since|for|given that|features|findings)\b|\bso (?:it|the|there|that)\b|\bbecause\b|\bgiven that\b|\binasmuch as\b|\bas well as (?:the|an?)\b|\b(?:and|but)\b(?= the presence of)|\bhence\b|\btherefore\b|\bthus\b|\b(?:together|along|combined|coupled|paired|in combination) with\b|\baccompanied by\b|\b(?:apart from|besides|other than|aside from|save for|with the exception of)\b"
"""Behind these, a negation no longer holds."""
EVIDENCE = (
    "suggests", "indicates", "implies", "supports", "favors", "favours", "means", "makes", "reflects", "confirms", "argues", "identifies", "establishes",
    "interrupt", "interrupts", "disturb", "disturbs", "punctuate", "accompany", "accompanies", "fits", "suits", "defines", "corresponds",
)  # fmt: skip
"""Verbs of a whole clause: behind them a denial that has found its object no longer holds (`a lack of P waves suggests ...`)."""
DOUBTED = (
    r"\b(?:cannot|can't|can not|could not|couldn't|may not|might not) be (?:\w+ly )?(?:excluded|ruled out|dismissed)\b"
    r"|\b(?:cannot|can't|can not|could not|does not|doesn't|do not|don't) (?:\w+ly )?(?:exclude|rule out|dismiss)\b"
    r"|\b(?:cannot|can't|can not|could not) be (?:\w+ly )?(?:settled|decided|distinguished|told apart|resolved)\b"
    r"|\b(?:difficult|hard|impossible) to (?:exclude|rule out)\b|\b(?:(?:is|are|was|were) )?not (?:\w+ly )?(?:excluded|ruled out)\b"
)
"""A finding beside these is said to be open, neither claimed nor denied."""
KNOWLEDGE = (
    r"\bin (?:most|many|some) (?:cases|patients|people|persons|individuals)\b|"
    r"\b(?:an?|any|one) (?=(?:[\w-]+ ){0,4}(?:above|below|beyond|over|under|longer|shorter|greater|smaller|exceeding)\b[^.;:,]{0,40}\bwould\b)|"
    r"\bwould (?:(?:both|each|also|then|typically|usually) )?(?:widen|prolong|lengthen|broaden|shorten|cause|produce|require|need|delay|lead to|result in)\b|"
    r"\b(?:typically|usually|commonly|often|frequently|characteristically) (?:produces?|causes?|leads? to|results? in|presents? with|accompan(?:y|ies)|occurs?|goes? with)\b|"
    r"\ba (?=normal (?:qrs )?(?:axis|pr|qrs|qtc?|(?:heart )?rate)(?: interval| duration)? (?:lies|ranges|runs|spans|extends|measures|is) (?:between|from|below|under|less)\b)|"
    r"\brequires?\b(?= (?:(?:an?|the|at least|more|than|axis|rate|qrs|qt|qtc|pr|interval|duration|width|of|value|above|below|over|under|beyond|voltage|sum) ){0,7}[-+<>≥≤]? ?\d)|"
    r"(?<![\w,] )\ban? (?=(?:normal )?(?:qtc?|pr|pq|qrs|axis|(?:heart |ventricular )?rate|p[- ]wave)\b[^.;:\d]{0,30}(?:above|below|over|under|beyond|than|between)\b[^.;:\d]{0,10}-?\d+(?:\.\d+)?(?: ?(?:and|to|-) ?[-+]?\d+(?:\.\d+)?)?[^.;:\d]{0,25}\b(?:is|are|counts|means|qualifies|defines|constitutes)\b[^.;:\d]{0,60}(?:[.;:](?!\d)|$))|\bis one (?:that|which|whose|in which|where)\b|\bare those (?:that|which)\b|\b(?:by|according to) (?:common |general |usual |widespread )?(?:convention|consensus|agreement|custom)\b(?=,? (?:an?|the|any) )|\bconventionally\b(?=,? (?:an?|any) )|\bthat (?:would|might|could) (?:make|lead|prompt|bring|cause|allow|tempt|have) (?:one|us|me|you|a reader|the reader)\b|\bis (?:considered|called|regarded as|termed|deemed|labell?ed|said to be) (?:\w+ ){1,3}(?:when|if)\b|\bif the\b(?=[^;.]{0,60}\b(?:exceeded|were|was|had|measured|lasted|fell|rose)\b)|\bhad the\b(?= \w+ (?:\w+ ){0,2}been)|(?<!enough )\bto (?:diagnose|make the diagnosis of)\b|\bis diagnosed (?:when|if)\b|\bthat (?:would )?defines?\b|\bby definition\b(?! ?(?:[.;]|$))|\bis an? (?:heart |ventricular )?rate (?:above|below|over|under|faster|slower)\b|\b(?:would |must )?(?:require|need|have)s? an? (?=(?:heart |ventricular )?(?:rate|pr|qrs|qtc?|axis)\b(?: \w+){0,2} (?:above|below|over|under|longer|greater|more|less|beyond|of at least))|\b(?:is|are) defined (?:as|by)\b|\bshould (?:not )?(?:exceed|measure|last|be (?:less|more|below|above|between|under|over|shorter|longer))\b|\bmeans an?\b|\bnormal(?=(?: \w+){1,2} (?:lasts|is|ranges|measures|runs) (?:less|between|below|from|up)\b)"
    r"|\bis an? (?:sinus |regular )?rhythm (?:above|below|faster|slower|with)\b|\brisk (?:of|for)\b|\b(?:values?|intervals?|durations?|rates?) (?:above|below|over|under|longer than|greater than|less than)\b(?= \d)|"
    r"\bamong the causes\b|\bwhich means\b|\bcan be (?:a sign|associated|caused|influenced|due)\b|\bmay be (?:a sign of|influenced|attributed|associated)\b|\bdefined as\b|\boften (?:seen|caused|associated|benign)\b"
    r"|\bis (?:a|an) (?:common|condition|type|conduction defect|pattern that)\b|\bimportant for excluding\b|\bwould be\b(?! (?:expected|called|described|classified|labelled|read))|\bdifferential\b|\bhistory of\b|\bfor excluding\b"
    r"|\bmeaning that\b|\bin (?:the|a) textbook (?:sequence|case|pattern|picture|example|ecg)\b|\bin (?:a |the )?(?:normal|healthy) (?:hearts?|subjects?|persons?|people|adults?|individuals?|ecgs?)\b|\b(?:textbooks?|books?|authors?|many|some|manuals?) (?:describe|call|regard|teach|refer to|define|know)\b|\bknown (?:in textbooks )?as a (?:sign|marker|footprint)\b"
)
"""What follows, or stands before in the same clause, is general knowledge and not said of this segment."""
DEFINES = (
    "is one",
    "are those",
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
REFERENCE = r"\bnormal (?:values?|limits?|range) (?:range|run|lie|extend|go|reach)s? (?:from|between)\b|\b(?:normal|usual|accepted) (?:maximum|minimum|maximal|minimal)(?: (?:value|duration|length|width))?\b|\bnormal(?:ly)?:?(?= ?(?:[<≤>≥]|(?:up to |below |under |less than )\d|[-+]?\d[\d.]* ?(?:ms |s |mv |bpm )?(?:-|–|to) ?[-+]?\d))|(?<=\()(?:n|normal(?:ly)?|reference|ref\.?):? (?=(?:up to|below|under|less than|at most|max(?:imum)?|<|≤|from) ?\d)|\bcriteri(?:on|a) of(?= \d)|\bnormally\b(?= ?\(?[-+<≤\d])|(?<=\()n:(?= ?[-+<≤\d])|\bnormal(?:ly)? (?:range|values?|limits?|interval|axis runs)\b(?=:? ?[-+<≤\d]| from| is [-+<≤\d]| of [-+<≤\d])|(?<=\()normal:?(?= ?[-+<≤\d])|\b(?:limit|cut-?off)\b(?=:? \d)|(?<!for )\breference\b|\bref\b|\b(?:upper|lower) limits?\b|\blimits? of normal\b|\bthresholds?\b|\bcut-?offs?\b(?= (?:of|is|at|\(|being|=))|\bvalues (?:above|below)\b|\b(?:usual|normal|reference|accepted|expected) (?:range|span|window|band|limits?|values?) (?:of|is|from|between|runs)\b|\bwhich means\b|\bdefined as\b|\bnormal axis runs\b|\b(?:normal|usual) is\b(?= \d)|\bthe (?:normal|usual|customary|expected|accepted)(?= (?:value of |upper limit of |limit of )?[-\d])|\bnormal(?= \d+ ?(?:-|to)(?! ?lead))"
_SIZE = r"(?= (?:(?:about|around|roughly|some|an?|the|plus or minus) )*[-±+]?[\d.])"
BELOW = (
    rf"\bto the left of\b{_SIZE}|\bnot quite\b{_SIZE}|\b(?:shallower|flatter) than\b{_SIZE}|\bwithin\b(?= (?:(?:about|around|roughly|some|plus or minus) )?[±]?[\d.]+ ?(?:mv|mm|milliv|millim))|(?:(?<=\bis )|(?<=\bare )|(?<=\blies )|(?<=\bremains )|(?<=\bstays )|(?<=\bfalls )|(?<=\bwell )|(?<=\bstill )|(?<=\bjust )|(?<=ly ))within\b(?= [1-6]\d\d ?(?:ms\b|millis))|"
    r"\bmore (?:slowly|briefly) than\b(?! normal)|\bless (?:quickly|rapidly|fast) than\b(?! normal)|\b(?:less|lower|shorter|slower|smaller|fewer|briefer|narrower) than\b(?! normal)|\bbelow\b|\bunder\b|\bstays below\b|\bat most\b|\bno more than\b|\bnot more than\b|\bshy of\b|\bshort of\b|\bundercuts?\b|[<≤]=?"
)
ABOVE = (
    rf"\bto the right of\b{_SIZE}|\b(?:taller|deeper|bigger) than\b{_SIZE}|\bpast\b(?= (?:the |an? )?-?[\d.])|"
    r"\bmore (?:quickly|rapidly|swiftly|briskly) than\b(?! normal)|\bquicker than\b(?! normal)|\bless slowly than\b(?! normal)|\b(?:more|greater|longer|faster|larger|higher|wider|broader) than\b(?! normal)|\babove\b|\bover\b(?= ?(?:-?\d|one|two|three|four|five|half)\b)|\bover\b(?= (?:the )?-?\d)|\bbeyond\b|\bexceed(?:s|ing|ed)?\b|\bin excess of\b|\bat least\b(?! one\b)|\bgreater\b|\bsurpass(?:es|ing)?\b|\bupwards of\b|\b(?:oversteps?|cross(?:es)?|past)\b(?= the (?:\w+ ){0,2}(?:limit|threshold|cut-?off) of)|[>≥]=?"
)
_HISTORY = r"(?:(?:the |this |his |her |their )?(?:patient's |clinical )*(?:history|story|symptoms|complaints|presentation|condition|course|state|status|question|data|information|details|notes|examination|examination findings|clinical findings|picture|context|setting|background)|(?:the |this |any |his |her |their |all |available )?(?:prior|previous|earlier|older|old|past|former|serial) (?:12-lead )?(?:ecgs?|ekgs?|electrocardiograms?|tracings?|recordings?|records?|studies|traces?|films)|(?:the |any |his |her |their )?(?:(?:current |regular |concomitant )?medications?|drug (?:history|list|chart|therapy)|medication (?:history|list|chart)|(?:serum )?electrolytes?|age|comorbidit(?:y|ies)|risk factors?))"
_MATTERS = r"(?:rate[- ]control(?:ling)?(?: (?:medications?|drugs?|agents?|strategy))?|anticoagulation (?:status|history)|stroke risk|(?:underlying|reversible|precipitating|possible|other) causes?|thyroid function|electrolyte (?:status|levels|balance)|(?:family|drug) history|body habitus|(?:lead|electrode) (?:placement|positions?)|clinical correlation|bleeding risk|risk factors?|(?:qt[- ]prolonging |concomitant |current |cardiac )?(?:medications?|drugs?|agents)|(?:serum )?electrolytes?|(?:clinical )?(?:history|symptoms|context|setting|findings|picture|circumstances)|(?:prior|previous|earlier|older) (?:tracings?|ecgs?|recordings?))"
"""What a report advises to look at besides the recording."""
_BESIDE = rf"(?:{_HISTORY}|(?:the |any |cardiac |serum )*(?:biomarkers?|troponins?)|(?:the |any )?(?:laboratory|blood) (?:values|results|tests|findings))"
_USEFUL = "(?:useful|helpful|advised|advisable|recommended|suggested|of (?:value|interest|use|help)|worthwhile|desirable|informative|in order|appropriate|required|needed)"
_CLINICAL_NAME = r"[^.;,:\d()]{3,60}?"
_JUDGING = r"(?:comment|assessment|judg?ement|interpretation|evaluation|analysis|statement|diagnosis|conclusion)s?"
_UNFIT = r"(?:not|un)[- ]?(?:possible|reliable|feasible|meaningful)|impossible|limited|precluded|hampered|difficult|unreliable"
TALK = (
    r"\bof (?:\w+ly )?(?:doubtful|uncertain|questionable|unclear|debatable) (?:clinical )?(?:weight|significance|relevance|importance|meaning|value)\b|"
    rf"\b(?:should|must|may|can|could|need) (?:not|never) be (?:mistaken|confused|taken|misread|misinterpreted) (?:for|with|as) {_CLINICAL_NAME}(?=[.;,:(]|$)"
    rf"|\b(?:further |any |reliable |formal )*{_JUDGING} (?:on|of|about|regarding|as to) (?:the )?(?:(?:acute |myocardial |possible )*(?:ischa?emia|infarct\w*|hypertrophy|injury|chamber enlargement|st(?:[- ]segments?)?(?: changes)?|repolari[sz]ation)(?: (?:and|or) )?)+ (?:is|are) (?:\w+ly )?(?:{_UNFIT})\b"
    rf"|\b(?:the )?(?:usual |standard |common |conventional )*(?:criteria|rules) (?:for|of) (?:(?:acute |myocardial )*(?:ischa?emia|infarct\w*|hypertrophy|injury|lvh)(?: (?:and|or|nor) )?)+ (?:(?:do not|don't|cannot|can not|can't|should not|must not|may not|ought not to|no longer|hardly) (?:be )?(?:appl(?:y|ied)|used|hold)|lose (?:much of )?their (?:reliability|validity|value|meaning)|(?:are|become) (?:unreliable|invalid|inapplicable|less reliable|of (?:limited|little) (?:use|value)))\b"
    r"|"
    r"\b(?:lying|sitting|resting) (?:flat|supine|still|down|up|comfortably|quietly|on (?:the|his|her) back)(?: and (?:at rest|relaxed|still))?\b|\bin (?:the )?(?:supine|semi-?recumbent|recumbent|resting) position\b|\bwhile supine\b|\bemergency (?:department|room|ward|physician|doctor|admission|unit)\b|\b(?:sports|occupational|internal|general|emergency|medical) medic(?:al|ine)\b|\bmedical (?:examination|check-?up|officer|team|notes|ward|student|report|history)s?\b"
    r"|\bqt[- ]prolonging (?:drugs?|medications?|agents?|substances?|medicines?)\b|\b(?:compared|measured|set|judged|checked|held|weighed|read|plotted) against\b|\b(?:chest )?x-?rays?\b|\b(?:hr |rate |heart rate |monitor )?alarm limits? (?:(?:were|are|was|is) )?(?:left|set|reviewed|checked|adjusted|confirmed|kept)(?: at \d{2,3}(?: (?:and|to|-) \d{2,3})?)?\b|\b(?:strip|trace|tracing|recording|ecg|ekg) on (?:return|arrival|admission|transfer|review|discharge)\b|\buntil (?=[0-2]\d[0-5]\d)|\bthis (?:morning|afternoon|evening)\b|\bon return\b|\bleads?[- ]off alarms? (?:was |were )?(?:cleared|acknowledged|reset)\b|\b(?:(?:doctor|dr|registrar|team|nurse|rn|md|consultant|reg|sho|medics|cardiology|physician|provider|attending|resident|hospitalist|intensivist|np|pa|charge nurse)(?: on call)?) (?:(?:is|are|was|were|now|made|been) )*(?:aware|informed|notified|told|updated)(?: of)?\b|\bconfidence (?:in|about|of|for) (?:the|this|that|my|these) \w+(?: \w+)? is (?:high|moderate|low|good|limited)\b|\b(?:an? |the |this )?(?:ecg|ekg|tracing|recording|electrocardiogram)(?: alone| by itself)? (?:cannot|can ?not|can't|does not|doesn't|will not) (?:tell|show|say|reveal) (?:how|whether|what|why|if|anything about)\b[^.;,]*|\bnothing (?:outstanding|to (?:report|hand over)|else to (?:report|hand over))\b|\bno alarms(?= to report| overnight| logged|[.;,])|\b(?:strip|monitor|trace|tracing|ecg|printout) now (?=reads|shows|gives)|\b(?:the|this|that) (?:device|recorder|analy[sz]er|cart|unit) (?=states?|reports?|reads?|prints?|gives?|says?|lists?|calculates?|measures?|displays?|shows?)|\b(?:of )?(?:uncertain|undetermined|indeterminate|unknown) age\b|\bage (?:uncertain|undetermined|indeterminate|unknown)\b|\bwhether (?:it|this|that|these|they|the \w+(?: waves?)?) (?:represents?|reflects?|is|are|means?|indicates?|amounts? to|points? to) (?:an? |the )?(?:\w+ ){0,2}(?:infarct(?:ion)?|ischa?emia|injury|hypertrophy) (?:or not )?(?:can ?not|can't|could not|is not to|must not) be (?:decided|told|determined|settled|established|judged|said|answered|inferred)\b|\bagainst(?= [-+]?\d)|\bthis (?:morning|afternoon|evening)'s\b|\bon (?:telemetry|the monitor) (?:overnight|last night|today)\b|\b(?:review|comparison|inspection) (?:of|with) (?:the |any |his |her )?(?:old|older|prior|previous|earlier) (?:tracings?|ecgs?|recordings?|records?|notes)\b|\b(?:have|has) now (?:been )?(?:looked|read|reviewed|seen|gone|examined|studied|had)\b|\bpre-?(?:employment|assessment|procedur\w+|placement|participation|season)\b|"
    rf"\b(?:should|must|may|might|can|could|ought to|needs? to) (?:always |also |then |best )?be (?:compared|correlated|interpreted|read|reviewed|viewed|assessed|considered|judged|weighed|seen) (?:together )?(?:with|against|alongside|beside|in (?:the )?light of|in (?:the )?context of) {_BESIDE}(?:(?:,| and|, and| or) {_BESIDE})*|"
    rf"\b(?:correlation|comparison|correlating|comparing) (?:it |this |them |these )?(?:with|to|against) {_BESIDE}(?:(?:,| and|, and| or) {_BESIDE})* (?:is|may be|might be|would be|can be|could be|will be|remains) {_USEFUL}|"
    r"\b(?:repeat|further|second|follow-?up|control) (?:12-lead )?(?:ecg|ekg|tracing|recording) (?:in (?:the morning|an hour|\d{1,2} (?:h|hours?|min|minutes|days?|weeks?|months?))|tomorrow|tonight|later(?: today)?|at (?:discharge|follow-?up|review)|as (?:needed|required|clinically indicated)|if (?:clinically )?(?:needed|required|indicated))\b(?=[.,;]|$)|"
    rf"\b{_MATTERS}(?:(?:,| and|, and| or) {_MATTERS})* (?:should|must|ought to|needs? to|may|might|can|could|has to|have to) (?:also |always |then |still |further )?be (?:re-?checked|verified|sought|clarified|confirmed|looked for|reviewed|considered|assessed|checked|borne in mind|kept in mind|taken into account|taken into consideration|weighed|looked at|examined|remembered|evaluated|discussed)\b|"
    r"\bsecondary (?:repolari[sz]ation|st[- /]t|st|t[- ]wave|st and t)(?:[- ]wave)? (?:changes?|abnormalit(?:y|ies)) (?:are|is|would be|may be|can be|might be) (?:to be )?(?:expected|usual|the rule|common|customary|anticipated)\b|"
    r"\bcomparison: ?(?:none|nil|n/a|not available|unavailable)(?: available)?\b|\bno (?:(?:prior|previous|old|older|earlier) )?(?:tracing|ecg|recording|comparison|record)s? (?:(?:is |are |was |were )?(?:available|to hand|on file)(?: for comparison)?|for comparison)\b|"
    r"\btechnically (?:adequate|satisfactory|good|acceptable|sound)(?: (?:tracing|recording|ecg|trace|quality))?\b|\b(?:adequate|satisfactory|good|acceptable|sufficient) (?:technical |recording |signal |diagnostic )?quality\b|\bquality (?:is |was )?(?:adequate|satisfactory|good|acceptable|sufficient)\b|"
    r"\bshould be (?:interpreted|read|seen|viewed) in (?:that|this) (?:light|context|setting)\b|"
    r"\bin (?:short|brief|sum|a word|a nutshell|essence)\b|\bto be (?:brief|short)\b|\bpoint(?:s|ed|ing)? out\b|\bby (?:a )?(?:wide|large|clear|narrow|small|good|comfortable) (?:margin|distance)\b|\bas long as\b|\bin the long run\b|\bby and large\b|\bhigh (?:degree|level) of (?:confidence|certainty)\b|"
    r"\b(?:(?:on|at|from|during) (?:the )?(?:monitor|telemetry|ward|bedside|bed|triage|handover|round|ward round|night shift|day shift|clinic|arrival|admission|review)(?: (?:overnight|this morning|today|tonight))?|overnight|this (?:morning|afternoon|evening)|tonight)(?= ?[,:])|\b(?:for|in|of) (?:either|both|any) sex(?:es)?\b|"
    r"\b(?:admission|discharge|pre-?op(?:erative)?(?: day \d)?|post-?op(?:erative)?(?: day \d{1,2})?|day \d{1,2}|follow-?up|emergency|ward|screening|clinic|outpatient|control|pre-?assessment|repeat|resting|baseline) (?:12-lead )?(?:ecg|ekg|tracing|strip|recording)(?= ?[:,-])|"
    r"\bfrom (?:beginning|start|end) to (?:end|finish)\b|\bend to end\b|"
    r"\b(?:no|without|little|without any) (?:hesitation|difficulty|trouble|hesitancy)\b|\btake-home\b|"
    r"\b(?:should|if|in case) (?:the |any |his |her )?symptoms (?:persist|recur|change|arise|return|appear|occur|demand it|warrant it)\b|"
    r"\bnow(?:,)? (?=(?:to|for|the|look|let|turn|consider|we|that we|comes?|on to|move)\b)|"
    r"\bnothing (?:further |more |else )?to add\b|\bhis[- ]purkinje\b|"
    r"\bthe (?:previous|preceding|last|next|following) (?:one|beat|complex|cycle|section|step)\b|\b(?:needed|required|necessary) (?:for|to)\b|"
    rf"\bdepend(?:s|ing)? (?:up)?on {_HISTORY}|\bcorrelat\w+ with {_HISTORY}(?:(?: and|,|/| or) {_HISTORY})*|\b(?:against|alongside|beside|with|in (?:the )?light of|in (?:the )?context of|together with|in conjunction with) {_HISTORY}(?:(?: and|,|/| or) {_HISTORY})+|\b(?:against|alongside|in (?:the )?light of|in (?:the )?context of) {_HISTORY}"
    r"|\b(?:when(?:ever)?|if|where|should|wherever) (?:\w+ ){0,3}?(?:ischa?emia|infarct(?:ion)?|hypertrophy|injury) (?:is|were|be|was) (?:under consideration|(?:being )?considered|suspected|in question|at issue|the question|of concern|sought|looked for)"
    r"|\b(?:important|relevant|useful|helpful) (?:for|in|when) (?:excluding|assessing|judging|considering|the (?:assessment|exclusion) of) (?:\w+ ){0,2}?(?:ischa?emia|infarct(?:ion)?)\b"
    r"|\bwhenever (?:\w+ ){0,2}?(?:ischa?emia|infarct(?:ion)?) is\b"
)
"""Advice to look at the patient too, and mentions under a condition: they claim nothing."""
GROUP = r"\b(?:high[- ]lateral|antero-?septal(?:ly)?|antero-?lateral(?:ly)?|infero-?lateral(?:ly)?|inferior(?:ly)?|lateral(?:ly)?|anterior(?:ly)?|septal(?:ly)?(?! q\b)|(?:left|right) (?:precordial|chest)|precordial|precordium|chest|limb|extremity)\b(?: (?:leads?|wall|region|territory))?|\b(?:all|multiple|several|most|every|each|other|remaining)(?: of)?(?: the)?(?: 12| twelve| other)?(?: ecg)? leads?\b|\beverywhere\b(?! else\b)"
LEAD = r"\b(?:a[Vv] ?[A-Z]|AV[RLF]|[Aa][Vv][RrLlFf]|[Vv] ?\d{1,2}R?|III|II|iii|ii|DI{1,3}|MLII|I)\b"
NAMED_LEAD = r"\b[Ll](?:eads?|EADS?) +([IVX]{1,4}|[ivx]{2,4}|\d{1,2}(?!\.?\d)|a[Vv]\w|[Aa][Vv][RLFrlf]|VF|VR|VL|[Vv] ?\d{1,2}R?|(?![PQRSTJ]\b)[A-Z]\d{0,2})\b"
