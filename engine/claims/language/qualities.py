"""What is said of a measure, by name of the quality: words, comparisons with the normal, and places against a limit.

Patterns are tried in their order, without regard to case. A quality that looks like a bound or a denial is in LIMITED, which
is tried before those.
"""

from __future__ import annotations

_OWN = "(?:the|its|their|a|an|any|both|either|all)"
_USUAL = (
    "(?:accepted|acceptable|usual|normal|customary|conventional|reference|physiologic(?:al)?|expected|standard|permitted|allowed|ordinary"
    "|established|adult|healthy|textbook|recommended|quoted|diagnostic|stated|published|generally accepted|commonly accepted)"
)
_LIMIT = "(?:limits?|ranges?|bounds?|boundar(?:y|ies)|thresholds?|cut-?offs?|ceiling|sector|corridor|window|band|norms?|values|territory|span|quadrant)"
_OF = "(?!(?: of (?:3\\.5|35|2\\.8|28|2\\.0|20) ?m[mv])? for (?:lvh|left ventricular hyp))(?: (?:of|for) (?:the )?(?:normal(?:ity)?|health|adults?|normal range|prolongation|widening|broadening)\\b)?"
_WELL = "(?:well |comfortably |safely |entirely |still |just |firmly |squarely |clearly |all |easily )?"
_PLACE = (
    "(?:lies?|is|are|falls?|sits?|stays?|remains?|stands?|rests?|runs?|lying|falling|sitting|staying|remaining|resting)"
)
_NORM = (
    "(?:(?:it|they|one|what|that|is|are|was|were|would|be|has|have|been|the|we|you|a|an) ){0,5}"
    "(?:should|ought|usual(?:ly)?|normal(?:ly)?|expect(?:ed)?|customary|ordinary|typical(?:ly)?|desirable|average|norm|textbook|accepted|allowed|permitted|ideal|physiological)"
    "\\b(?: (?:to have been|to be|have been|be|is|are|it to be|them to be)\\b)?"
)
_NO_NOUN = r"(?= ?[^\w\s]| ?$| (?:for|in|and|but|by|at|or|nor|with|here|which|that|as|so|on|this|to|all|both|throughout|the|values?|levels?|figures?|size|height|width|duration|length|time)\b)"  # fmt: skip
"""Behind `over the normal` no thing may stand that is gone over: `over the normal conduction system`."""
_LINE = "(?:the |its )?(?:iso-?electric (?:line|level|baseline)|base-?line|iso-?electric|zero(?: line)?|(?<=the )line)"

_MOSTLY = "(?:chiefly|mainly|mostly|predominantly|largely)"
_END = rf"(?:end|side|part|half|third|reaches|portion) of (?:the |what is )?{_USUAL}(?: {_LIMIT})?\b"
_AT_THE = "(?:(?:right |just |almost |nearly )?(?:at|near|nearing|close to|around|on|towards?|approach(?:es|ing)?|touch(?:es|ing)?)) the(?: very)?"
_BORDER = rf"(?:limits?|borders?|boundar(?:y|ies)|edge|margin|bounds?)\b(?: of (?:the |what is )?(?:{_USUAL})(?: {_LIMIT})?\b)?(?! ?(?:of |is |at )?(?:about )?\(?[-\d])"
LIMITED: tuple[tuple[str, str], ...] = (
    ("low end", r"\b(?:(?:low|lower)[- ]|(?:short|slow)-)normal\b"),
    ("high end", r"\b(?:(?:high|upper)[- ]|(?:long|fast)-)normal\b"),
    ("low end", rf"\b(?:(?:at|towards?|near|on|in) )?the (?:very )?(?:short|low|slow|narrow)(?:er)? {_END}"),
    ("high end", rf"\b(?:(?:at|towards?|near|on|in) )?the (?:very )?(?:long|high|upp|fast|wide|broad)(?:er)? {_END}"),
    ("low end", rf"\b{_AT_THE} lower {_BORDER}"),
    ("high end", rf"\b{_AT_THE} upper {_BORDER}"),
    ("upright", rf"\b{_MOSTLY} above (?:it|the line|{_LINE})(?!\w)"),
    ("inverted", rf"\b{_MOSTLY} (?:below|under|beneath) (?:it|the line|{_LINE})(?!\w)"),
    ("normal", r"\b(?:within|inside|in|between) (?:the )?60 ?(?:to|-|and) ?100 (?:bpm |/min )?(?:limits?|range|window|band)\b"),
    ("reduced", r"\b(?:below|under|beneath) (?:the )?60 ?(?:to|-|and) ?100 (?:bpm |/min )?(?:limits?|range|window|band)\b"),
    ("increased", r"\b(?:above|over|beyond) (?:the )?60 ?(?:to|-|and) ?100 (?:bpm |/min )?(?:limits?|range|window|band)\b"),
    ("normal", rf"\b(?:with)?in {_OWN} (?:{_USUAL} )+(?:range|limits|band)(?= (?:of|at) [-+]?\d+(?:\.\d+)? ?(?:bpm|/min|beats|ms\b|milliseconds|°|deg|mv\b)(?! ?(?:-|to|and) ?\d))"),
    ("normal", rf"\b(?:{_PLACE} )?{_WELL}(?:within|inside|in|between) (?:that|this|those|these|such) {_LIMIT}\b"),
    ("even", r"\b(?:scatter|range|swing|var(?:y|ie)|differ|fluctuate|spread|change)s? (?:by (?:no more than|not more than|less than|at most|only)|no more than|hardly|scarcely|barely|little|very little|minimally|not at all|only (?:slightly|minimally|a little|marginally))(?: at all)?\b"),
    ("even", r"\bvar(?:y|ies|ying|iation) (?:by|of) (?:only|just|merely|barely|hardly|no more than|not more than|less than|at most)\b"),
    ("irregular", r"\b(?:scatter|range|swing|var(?:y|ie)|differ|fluctuate|jump)s? (?:widely|markedly|considerably|greatly|substantially|wildly|clearly|noticeably|a (?:good|great) deal|a lot)\b"),
    ("prompt", r"\b(?:normal|usual|ordinary|expected|customary|physiological) (?:\w+ )?delay\b"),
    ("normal", rf"\b(?:{_PLACE} )?{_WELL}between (?:{_OWN} )?(?:{_USUAL} )*limits? (?:of )?(?=[-\d])"),
    ("deviated", r"\bdeviat(?:es?|ed|ing|ion) from (?:the )?(?:normal|norm|usual)(?: (?:range|sector|limits?|quadrant|values?))?\b"),
    ("left", r"\b(?:to the )?left(?:wards?)? of (?:the )?(?:normal|usual)(?: (?:range|sector|limits?|quadrant))?\b"),
    ("right", r"\b(?:to the )?right(?:wards?)? of (?:the )?(?:normal|usual)(?: (?:range|sector|limits?|quadrant))?\b"),
    ("fast", r"\b(?:un|poorly |badly |insufficiently )controlled\b"),
    ("normal", r"\bnothing (?:abnormal|wrong|unusual|pathological|remarkable|untoward|amiss|noteworthy|out of the ordinary|of (?:note|interest)|to (?:remark|note|comment)(?: on)?)\b"),
    ("abnormal", rf"\b(?:{_PLACE} )?{_WELL}outside (?:of )?(?:that|this|those|these|such) {_LIMIT}\b"),
    ("upright", r"\b(?:normally|correctly|properly) directed(?= (?:ventricular )?repolari[sz]ation)"),
    ("normal", rf"\b(?:{_PLACE} )?{_WELL}(?:within|inside|in) (?:{_OWN} )?(?:{_USUAL} )+(?=\d)"),
    ("normal", rf"\b(?:{_PLACE} )?{_WELL}(?:within|inside) (?:{_OWN} )?{_USUAL} (?:{_USUAL} )?{_LIMIT}\b{_OF}"),
    ("normal", rf"\b(?:within|inside) (?:{_OWN} )?(?:{_LIMIT})\b{_OF}(?! of| ?\(?[-\d])"),
    ("abnormal", rf"\b(?:{_PLACE} )?{_WELL}outside (?:of )?(?:{_OWN} )?(?:{_USUAL} )*{_LIMIT}\b{_OF}"),
    ("normal", rf"\b(?:below|under|beneath|short of|less than) (?:{_OWN} )?(?:{_USUAL} )*(?:upper limits?|thresholds?|cut-?offs?|ceiling)\b{_OF}(?! ?\(?[-\d])(?! of (?:about |some )?-?\d+(?:\.\d+)?(?!\d| ?(?:-|to|and) ?\d))"),
    ("increased", rf"\b(?:exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|above|over|beyond|past|higher than|longer than|greater than|more than|goes? (?:beyond|over)|oversteps?|crosses|in excess of) (?:{_OWN} )?(?:{_USUAL} )*(?:upper )?(?:{_USUAL} )*{_LIMIT}\b{_OF}(?! ?\(?[-\d])(?! of (?:about |some )?-?\d+(?:\.\d+)?(?!\d| ?(?:-|to|and) ?\d))"),
    ("reduced", rf"\b(?:below|under|beneath|short of|shorter than|lower than|less than|smaller than|undercuts?) (?:{_OWN} )?(?:{_USUAL} )*(?:lower )?(?:{_USUAL} )*{_LIMIT}\b{_OF}(?! ?\(?[-\d])(?! of (?:about |some )?-?\d+(?:\.\d+)?(?!\d| ?(?:-|to|and) ?\d))"),
    ("normal", r"\bneither (?:too |unduly |unusually |particularly )?(?:long|fast|high|quick|hurried|slow|short|low|delayed) (?:nor|or) (?:too |unduly |unusually |particularly )?(?:short|slow|low|delayed|fast|long|high|quick|hurried)\b"),
    ("normal", r"\b(?:just |about |exactly |roughly |much |quite )?(?:what|where|as|how) (?:it|they|one|you|we) (?:should|ought|would|may|might)(?: to)?(?: be)?(?: expect(?:ed)?| hope| wish)?\b(?! (?:to )?(?:be )?(?:show|have|positive|negative|upright|inverted|normal|flat|level|iso\w*|narrow|wide|regular)\b)"),
    ("fast", rf"\b(?:faster|quicker|more (?:rapid|quick|fast|swift|brisk)(?:ly)?) than {_NORM}"),
    ("slow", rf"\b(?:slower|more (?:slow|sluggish|leisure|gradual)(?:ly)?) than {_NORM}"),
    ("wide", rf"\b(?:wider|broader) than {_NORM}(?! ?\(?[-\d])"),
    ("increased", rf"\b(?:longer|more|greater|higher|larger|bigger|taller|later) than {_NORM}(?! ?\(?[-\d])"),
    ("reduced", rf"\b(?:less|shorter|lower|smaller|briefer|narrower) than {_NORM}(?! ?\(?[-\d])"),
    ("increased", rf"\b(?:above|over|beyond) (?:the )?(?:normal|norm|usual|average)\b{_NO_NOUN}"),
    ("reduced", rf"\b(?:below|under|beneath) (?:the )?(?:normal|norm|usual|average)\b{_NO_NOUN}"),
    ("above", rf"\b(?:{_PLACE}|rides?|riding|climbs?|rises?|rising|lifted|raised|floats?|well|slightly|clearly) (?:well |clearly |slightly |visibly )?above {_LINE}\b"),
    ("under", rf"\b(?:{_PLACE}|dips?|dipping|drops?|dropping|sinks?|sinking|sags?|sagging|pushed|lowered|plunges?|well|slightly|clearly) (?:well |clearly |slightly |visibly )?(?:below|beneath|under) {_LINE}\b"),
    ("even", rf"\b(?:does|do) not (?:\w+ly )?(?:deviate|depart|stray|leave|move|diverge)(?: away)?(?: from)? {_LINE}\b"),
    ("irregular", r"\bwander(?:s|ing)? from (?:one )?(?:beat|cycle) to\b|\binconsistent(?:ly)?\b|\bdisorderly\b|\bdisordered\b|\bnon-?uniform(?:ly)?\b|\bunpredictabl[ey]\b|\bpatternless\b|\bfluctuat(?:es?|ing)\b|\barrhythmic\b|\b(?:no|without (?:any )?|not in any|devoid of)(?: (?:recogni[sz]able|discernible|fixed|repeating|set|clear))* (?:pattern|order|rule)\b(?! of| in)|\bno two (?:r-?r |rr |cycles? |beat )?(?:intervals?|cycles|gaps|beats|distances) (?:are|is|look|measure) (?:\w+ )?(?:alike|the same|equal|identical)"),
    ("poor", r"\b(?:has |have )?(?:hardly|scarcely|barely|little) (?:ever |yet )?(?:grow|gain|increase|ris|climb|progress|pick|develop|built|enlarg)\w*(?: up)?\b|\b(?:little|minimal|scant|scarcely any|hardly any) (?:growth|increase|gain|progression)\b"),
    ("inverted", r"\bpoint(?:s|ing)? the wrong way\b"),
    ("depressed", r"\b(?:pulled|pushed|drawn|shifted|moved|displaced|dragged|pressed) down(?:wards?)?\b|\b(?:goes|falls|drops) below (?:the )?(?:iso|base)"),
    ("elevated", r"\belev\b\.?|\b(?:pulled|pushed|drawn|shifted|moved|displaced|lifted|hoisted|raised) (?:up(?:wards?)?|off)\b"),
    ("elevated", r"(?<=is )up(?= by \d)|(?<=st is )up\b|(?<=\bst )up\b|(?<=\bsts )up\b|(?<=segment )up\b|(?<=neither )up\b"),
    ("depressed", r"(?<=is )down(?= by \d)|(?<=st is )down\b|(?<=\bst )down\b|(?<=\bsts )down\b|(?<=segment )down\b|(?<=nor )down\b"),
    ("isoelectric", r"\btakes? off (?:from|at) (?:the )?base-?line\b"),
    ("above", rf"\babove {_LINE}\b"),
    ("under", rf"\b(?:below|beneath|under) {_LINE}\b"),
    ("even", r"\b(?:hardly|scarcely|barely) (?:ever )?(?:var(?:y|ies)|changes?|differs?|fluctuates?)(?: at all)?\b|\bvar(?:y|ies) (?:hardly|little|only slightly|very little)\b|\b(?:with )?(?:hardly|scarcely) any variation\b"),
    ("even", r"\b(?:does|do) not (?:\w+ly )?(?:vary|fluctuate|change)\b(?= (?:from|between|beat|over|across|in (?:length|spacing|duration))| ?[.,;]|$)"),
    ("poor", r"\b(?:fail(?:s|ed|ing)?|does not|do not|did not) (?:to )?(?:properly |really |adequately |sufficiently )?(?:increase|grow|progress|climb|rise|gain|build|develop|enlarge)\w*\b"),
    ("poor", r"\b(?:remain(?:s|ed|ing)?|stay(?:s|ed|ing)?|(?:is|are)(?= still)) (?:still |rather |very |quite |too |all )?(?:small|low|short|diminutive|stunted|tiny|puny)\b|\bstill (?:small|low|tiny)\b|\b(?:slow|late|delayed|sluggish)(?= (?:to (?:grow|rise|climb|progress)|r[- ]wave (?:growth|progression)|(?:precordial )?transition))"),
    ("flat", r"\bpoint(?:s|ing)? neither up(?:wards?)? nor down(?:wards?)?\b"),
    ("flat", r"\bof (?:practically |almost |virtually |nearly |hardly any )?no (?:appreciable |measurable |real )?(?:height|amplitude|voltage|size)\b|\b(?:hardly|scarcely|barely) (?:leaves?|rises? (?:above|from|off)|departs? from|lifts? (?:off|from)|deviates? from|moves? (?:off|from)|strays? from|clears?) (?:the )?(?:base-?line|iso-?electric line)\b"),
    ("isoelectric", rf"\b(?:sits?|lies?|runs?|rests?|stays?|remains?|follows?|hugs?|keeps? to|holds? to|level with|flush with)(?: (?:at|on|along|with|near|close to))? {_LINE}\b"),
)  # fmt: skip
"""Qualities that look like bounds or denials; tried before those."""

_REGULAR = (
    r"\b(?:nearly |almost |virtually |practically |much |exactly |essentially )?(?:the same|identical|alike)(?: in (?:length|duration))? (?:from|between) (?:one |each )?(?:beat|complex|cycle)s?(?: to| and)?(?: the)?(?: next| beat| another| complex)?"
    r"|\bas (?:a )?(?:metronom\w+|clockwork)\b|\blike (?:a )?(?:clockwork|metronome)\b|\bmetronom\w+\b|\bclockwork\b|\b(?:equally|evenly|uniformly|regularly) (?:spaced|timed|separated|spread)\b"
    r"|\b(?:at|with|in) (?:equal|even|regular|uniform|constant|steady|identical|fixed) (?:intervals|spacing|distances|steps|succession)\b"
)
QUALITIES: tuple[tuple[str, str], ...] = (
    ("met", r"\b(?:met|satisfied|fulfilled|attained)\b"),
    ("prompt", r"\b(?:well[- ])?controlled\b|\btimely\b|\bprompt(?:ly)?\b|\bunhurried\b|\bunobstructed\b|\bunimpeded\b|\bundelayed\b|\bwithout (?:any |undue |significant |notable )*delay\b|\bat (?:its|the|a|an) (?:usual|normal|ordinary|customary|expected|proper|unremarkable|comfortable|moderate) (?:pace|speed|rate|tempo)\b|\bin good time\b|\bon time\b|\bat a normal speed\b|\bin (?:the |a )?(?:usual|normal|expected|ordinary) (?:amount of |length of |span of )?time\b"),
    ("normal", r"(?<!\bas )\b(?:is|are|was|were|looks?|appears?|seems?|remains?) (?:an? |of )?(?:\w+ly |quite |rather )?(?:ordinary|usual|customary|commonplace|everyday)\b|\bok(?:ay)?\b|\ball ?right\b|\b(?:un)?acceptable\b(?<!unacceptable)|\bpermissible\b|\bunobjectionable\b|\b(?:good|nice|decent|orderly|fair|textbook)(?= (?:precordial )?(?:r[- ]?wave )?(?:progression|transition|growth))|(?<=grows )normally\b|(?<=progress )normally\b|(?<=progresses )normally\b|\bnormally (?:oriented|directed|conducted|placed|situated|positioned|long|wide)\b|\bas expected\b|\bappropriate(?:ly)?\b|\badequate\b|\bsatisfactor(?:y|ily)\b|\b(?:with)?in (?:the )?(?:normal|usual|physiological|reference) (?:limits|range)|\bwnl\b|\bnl\b|\bconcordant\b|\bnml\b|\breassuring\b|\bunremarkable\b|\bnormal\b(?! (?:limits|range|variant))|\bphysiological\b|\b(?:is|are) fine\b|\bintact\b|\bpreserved\b|\bundisturbed\b|\bof (?:normal|ordinary|usual|customary|standard|regular|unremarkable) (?:width|length|duration)\b|\bwithin limits\b|\bno abnormalit(?:y|ies)|\bunimpaired\b|\bin order\b|\bas (?:it|they) should\b|\b(?:just |only )?such a normal\b|\bunexceptional\b|\bunexciting\b|\bhealthy\b(?= (?:r[- ]wave|progression|rate|range|(?:a-?v )?conduction))|\b(?:usual|ordinary|moderate|controlled|unremarkable)(?= (?:(?:heart|ventricular) )?(?:rate|response|pace|tempo|frequency|length|duration|width)\b)"),
    ("wide", r"\bwid(?:e|er|ened|ening|ens)\b|\bbroad(?:ened|ening|ens|er)?\b|\bprolongation\b|\bprolonged\b(?= ventricular)|\bsplayed\b|\bspread out\b"),
    ("narrow", r"\bnarrow\b|\bslim\b|\bslender\b|\bthin\b|\btight\b"),
    ("long", r"\bprol\b\.?|\blonger than normal\b|\bprolong(?:ed|ation|s|ing)\b|\blengthen(?:ed|ing|s)\b|\btoo long\b|\bclearly long\b|\blong\b(?! enough)|\b(?:lags|lagging)\b|\bdelay(?:ed|s)?\b|\bextended\b|\bslowed\b|\bslowing\b|\bimpaired\b|\bdisturbed\b(?! by)|\bexcessive\b|\bdrawn[- ]out\b|\bstretched(?: out)?\b|\bprotracted\b|\bretarded\b|\blengthy\b|\btakes? (?:too|unusually|abnormally) long\b|\boverlong\b|\bhigh side\b|\blong side\b"),
    ("increased", r"\bincreased?\b|\bincreases\b|\bhigh\b|\bgrow\b|\bsupra-?normal\b|\benhanced\b"),
    ("reduced", r"\breduced\b|\bdecreased?\b|\babbreviated\b|\bloss of\b|\bcurtailed\b|\btruncated\b"),
    ("short", r"\bshort(?:ened|ening)?\b|\bshorter than normal\b|\btoo short\b|\bbrief\b(?= (?:pr|pq|qt|av)\b)|\bshort side\b"),
    ("elevated", r"\belevat(?:ed|ions?|es)\b|\braised\b|\blifted\b|\bpushed up\b"),
    ("depressed", r"\bdepress(?:ed|ions?|es)\b|\blowered\b|\bsagging\b|\bsags?\b|\bsinks?\b|\bsunken\b|\bdownsloping\b(?= st)"),
    ("deviated", r"\brotation\b(?= of the (?:\w+ ){0,2}axis)|\bdeviat(?:ions?|ed|es)\b|(?<!night )(?<!day )(?<!late )(?<!early )(?<!this )\bshift(?:s|ed)?\b|\bdisplace(?:ments?|d)\b|\bswung\b|\bstray(?:s|ed)\b|\b(?:wander|drift|lean|swing|veer)(?:s|ed|ing)?(?: off| away)?(?= (?:to(?:wards?)? the )?(?:left|right))|\bveer(?:s|ed)\b|\brotated\b|\bturned(?= (?:to the )?(?:left|right))"),
    ("changed", r"(?:(?<=conduction )|(?<=sation )|(?<=zation )|(?<=wave )|(?<=segment )|(?<=st )|(?<=st-t )|(?<=stt ))(?:disturbances?|disorders?|defects?|problems?|alterations?|anomal(?:y|ies))\b|\bst[- ]changes?\b|\bchanges\b|\babnormalit(?:y|ies)\b"),
    ("isoelectric", r"\biso\b(?!-)|(?<!from )(?<!from the )\biso-?electric\b|\breturn(?:s|ed|ing)? to (?:the )?(?:base-?line|iso-?electric (?:line|level|baseline))\b|\b(?:at|on|along|near|close to|level with) (?:the )?base-?line\b|\blevel\b(?= st\b)|(?<=segments are )level\b|(?<=segment is )level\b"),
    ("inverted", r"(?<!\w)-ve\b|\binv\b\.?|\bpoint(?:s|ing|ed)?(?: all)? down(?:wards?)?\b|\bdownwards?\b|\binver(?:ted|sions?|ts)\b|\bnegativ(?:e(?:ly)?|ity)\b|\bneg\.?(?= t\b)|\bdown-?going\b|\bupside[- ]down\b|\bturned (?:over|down|upside down)\b|\bflipped\b|\bdips?\b|\bbelow (?:the )?base-?line\b"),
    ("upright", r"(?<!\w)\+ve\b|\bpoint(?:s|ing|ed)?(?: all)? up(?:wards?)?\b|\ball point up\b|\bupwards?\b|\bupright\b|\bpositiv(?:e(?:ly)?|ity)\b|\bup-?going\b|\bstands? up\b|\bthe right way up\b"),
    ("flat", r"\bflat(?:tened|tening|tens)?\b|\bflattish\b"),
    ("peaked", r"\bpeaked\b|\bgiant\b|\bgigantic\b|\bhuge\b|\bof very high amplitude\b|\bhyper-?acute\b|\btented\b|\bpointed\b"),
    ("biphasic", r"\bbiphasic\b|\bdiphasic\b|\bnotched\b|\bbifid\b"),
    ("poor", r"\bpoor(?:ly)?\b|\bfails? to (?:increase|grow|progress)\b|\bimpaired\b|\binadequate(?:ly)?\b|\binsufficient(?:ly)?\b|\babsent r|\breversed\b|\bstunted\b|\bsuboptimal\b|\bmeagre\b|\bmeager\b|\bdisappointing(?:ly)?\b"),
    ("fast", r"\bfaster than normal\b|\bfast\b|\brapid(?:ly)?\b|\baccelerated\b|\bquick(?:ly)?\b|\bbrisk(?:ly)?\b|\bhurried\b|\bswift(?:ly)?\b|\bspeedy\b|\bspeedily\b|\bracing\b|\bfast side\b|\bquick side\b|\btoo quickly\b|\btachycardic\b(?= side)"),
    ("slow", r"\bslower than normal\b|\bslow(?:ly)?\b|\bsluggish(?:ly)?\b|\bleisurely\b"),
    ("irregular", r"\birreg\b\.?|\birregularly irregular\b|\birregular(?:ly|ity)?\b|\bvar(?:y|ies|ying)\b|\bvariable\b|\bunequal(?:ly)?\b|\bchaotic\b|\buneven(?:ly)?\b|\bdiffer(?= from (?:one )?(?:beat|cycle|complex))|\bhaphazard(?:ly)?\b|\berratic(?:ally)?\b|\brandom(?:ly)?\b|\bchange(?:s)? (?:constantly |continually )?from (?:one )?(?:beat|cycle|complex) to\b|\b(?:no|without (?:any )?)(?: recogni[sz]able| discernible| fixed| repeating)* pattern\b(?! of| in)|\binconstant\b|\bunsteady\b"),
    ("regular", rf"{_REGULAR}|(?:(?<=, )|(?<=rhythm )|(?<=rate ))reg\b(?= ?[,.;])|\bregular(?:ly)?\b|\b(?:with|of|in|shows?|shows? a|has|have) (?:great |perfect |complete |good |strict |full |absolute )?regularity\b|\borderly\b|\bpredictabl[ey]\b|\bequal(?:ly)?\b|\bequidistant\b|\bevenly spaced\b|\beven\b(?! \w+er\b| more\b| less\b| so| though| if| when| in| at)|\brhythmic(?:al|ally)?\b"),
    ("constant", r"\bconstant(?:ly)?\b|\bconsistent\b(?! with)|\bstable\b|\bfixed\b|\buniform(?:ly)?\b|\bsteady\b|\bunvarying\b|\bunchanging\b|\binvariable\b|\bregimented\b"),
    ("low", r"\blow\b|\bdiminished\b|\bsmall\b"),
    ("left", r"\b(?:gone|moved|swung|shifted|leans|lies|goes|swings|points) left\b|\b(?:to|towards?|off to) the left\b|\bleft(?= (?:(?:electrical |mean |frontal |qrs )*axis|quadrant|sector|range|half)\b)|\bleftwards?\b(?:(?:,| and) (?:superior(?:ly)?|up(?:wards?)?))?|\bleft(?:-deviated| axis)\b|\bleft\b(?= ?(?:\.|,|;|\(|$))|\bleft[- ]sided\b(?= axis)"),
    ("right", r"\b(?:gone|moved|swung|shifted|leans|lies|goes|swings|points) right\b|\b(?:to|towards?|off to) the right\b|\bright(?= (?:(?:electrical |mean |frontal |qrs )*axis|quadrant|sector|range|half)\b)|\brightwards?\b|\bright(?:-deviated| axis)\b|\bright\b(?= ?(?:\.|,|;|\(|$))|\bright[- ]sided\b(?= axis)"),
    ("vertical", r"\bvertical(?:ly)?\b(?= ?[.,;(]|$| (?:\w+ ){0,2}(?:axis|vector)| (?:at|with|and)\b)(?<!is not vertical)"),
    ("horizontal", r"\bhorizontal(?:ly)?\b(?= (?:\w+ ){0,2}(?:axis|vector))|(?:(?<=axis is )|(?<=degrees is )|(?<=axis lies )|(?<=axis looks ))horizontal(?:ly)?\b"),
    ("extreme", r"\bextreme\b|\bnorth-?west\b|\bsuperior(?= axis)"),
    ("pathological", r"(?:(?<=of no )|(?<=of no clinical )|(?<=of no pathological ))significance\b|\bpatholog(?:ical|ic)\b|\bsignificant\b"),
    ("abnormal", r"\babnormal(?:ly)?\b|\bborderline\b|\bout of (?:the )?(?:normal )?range\b|\bout of limits\b|\bout of the ordinary\b"),
    ("absent", r"\babsent\b|\bmissing\b"),
    ("present", r"(?<=\w )there(?= ?[.;]| ?$)|\bprecede[sd]?\b|\bpreceding\b|\bpresent\b(?! (?:one|tracing|ecg|recording|study|trace|strip|record|case)\b)|\bbefore (?:each|every|the) qrs|\bin front of (?:each|every) qrs|\bvisible\b|\bdiscernible\b|\bdistinct\b|\bone-to-one\b|\b1:1\b|\bidentif(?:ied|iable)\b|\bto be seen\b|\b(?:found|detected|detectable|recogni[sz]able|seen|noted|observed|evident|apparent|appreciated|exist|exists)\b|\bpresence\b(?= of)|\bdemonstrable\b|\bmade out\b|\b(?:to|for|per) (?:each|every) (?:qrs|complex|beat)\b|\bpicked out\b|\bdistinguishable\b|\bin evidence\b|\bmake an appearance\b|\bupfront\b"),
)  # fmt: skip
"""What is said of a measure."""
