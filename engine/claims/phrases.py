"""Findings that have a name of their own, and what measurements can never show."""

from __future__ import annotations

PHRASES: tuple[tuple[str, str], ...] = (
    # rhythm
    ("sinus tachycardia", r"(?:(?<=pt in )|(?<=patient in )|(?<=remains in )|(?<=is in )|(?<=was in ))st\b(?= ?[,.;]|$)|\bsinus rhythm(?=(?: that is|,)? (?:in the tachycardi[ac]) range)|\b(?:fast|rapid) sinus rhythm\b|\bsinus tach(?:ycardi[ac]|y)?\b|\bs\.? ?tach\b"),
    ("sinus bradycardia", r"\bslow sinus rhythm\b|\bsinus brad(?:y|ycardia)\b"),
    ("sinus arrhythmia", r"\bsinus arrhythmia\b"),
    ("normal sinus rhythm", r"\bnormal sinus(?: rhythm)?\b|\bnsr\b"),
    ("sinus rhythm", r"\b(?:comes?|coming|arises?|arising|originat\w+|starts?|begins?|stems?|(?:has|have|with) (?:its|their|an?) origin|pacemaker(?: of the heart)?) (?:from|in|within|at|is|remains|sits in|lies in|is in) the (?:sinus|sino-?atrial|sa) node\b|\bsinus node (?=(?:is |appears |seems |to be |to |still |clearly |evidently |duly ){0,4}(?:driv|pac|govern|control|set|dictat|command|leading|responsible))|\bsinus node (?:is|remains|appears to be|seems to be) (?:still |clearly |firmly |evidently )?in (?:charge|control|command)\b|\b(?:driven|paced|set|governed|controlled|generated|initiated|commanded|launched) (?:by|from|in|at) the sinus node\b|\bsinus rhythm\b|\b(?:originates?|arises?|starts?|beginning) (?:in|from) the sinus node\b|\bsinus (?:in )?(?:origin|mechanism|morphology|type)\b|\bsinus\b(?! (?:node|nodal|pauses?|arrest|exit|rate|frequency|impulses?|venosus|arrhythmia|tach|brad))|\bsinus node is functioning\b"),
    ("atrial fibrillation", r"\b(?:fibrillatory|(?:finely |coarsely )?fibrillating|(?:irregularly )?undulating) (?:base-?line|oscillations|undulations|activity)\b|\bbase-?line (?:\w+ly )?fibrillates\b|\bbase-?line fibrillation\b|\b(?:chaotic|disorgani[sz]ed|fibrillatory) atrial activity\b|\birregular (?:base-?line )(?:oscillations|undulations)\b"),
    ("atrial flutter", r"\b(?:atrial )?flutter\b|\bafl\b|\ba-?flutter\b|\bsaw-?tooth\b"),
    ("atrial fibrillation", r"\bfibrillation of the atria\b|\batrial activity is fibrillatory\b|\batrial fib(?:rillation)?\b|\ba-?fib\b|\bfibrillatory waves?\b"),
    ("ventricular fibrillation", r"\bventricular (?:fibrillation|flutter)\b|\bv-?fib\b"),
    ("ventricular tachycardia", r"\bventricular tach(?:ycardia)?\b|\bv-?tach\b|\bnsvt\b|\btorsades?(?: de pointes)?\b"),
    ("supraventricular tachycardia", r"\bsupraventricular tach(?:ycardia)?\b|\bp?svt\b|\batrial tachycardia\b|\bav ?n?rt\b"),
    ("junctional rhythm", r"\bjunctional\b|\bnodal rhythm\b"),
    ("escape rhythm", r"\bescape (?:rhythm|beats?)\b|\bidioventricular\b"),
    ("paced rhythm", r"\b(?:ventricular|atrial|av|dual|electronic|sequential)?[- ]?pac(?:ed|ing|emaker)\b(?: rhythm)?|\bpacer\b"),
    ("asystole", r"\basystole\b|\bflat ?line\b"),
    ("arrhythmia", r"\brhythm (?:disturbances?|disorders?|abnormalit(?:y|ies))\b|\bdisturbances? of (?:the )?(?:cardiac |heart )?rhythm\b|\barrhythmias?\b"),
    ("ectopic atrial rhythm", r"\b(?:ectopic|low)[- ]atrial\b(?: (?:rhythm|focus|origin|pacemaker))?"),
    ("early repolarisation", r"\bearly repolari[sz]ation\b(?: (?:pattern|variant))?"),
    ("wandering pacemaker", r"\bwandering (?:atrial )?pacemaker\b|\bmultifocal atrial\b"),
    ("normal rate", r"\bnormo-?cardi[ac]\b"),
    ("irregular rhythm", r"\birregularly irregular\b"),
    ("tachycardia", r"\btachy\b|\btachycardi[ac]\b"),
    ("bradycardia", r"\bbrady\b|\bbradycardi[ac]\b"),
    # ectopy
    ("bigeminy", r"\b(?:bi|tri|quadri)gemin(?:y|al|us)\b|\bcouplets?\b|\btriplets?\b"),
    ("supraventricular ectopy", r"\b(?:extrasystoles?|ectop(?:y|ics)|premature (?:beats?|complex(?:es)?|contractions?)) ?(?:\(|:|are|is|of|,)? ?(?:purely |only )?(?:supraventricular|atrial)(?: in)?(?: origin)?\b|\bpacs?\b|\bpremature (?:atrial|supraventricular)[- ](?:contraction|complex|beat|extrasystole)(?:s|es)?\b|\b(?:atrial|supraventricular) (?:premature (?:beat|complex|contraction)|extrasystole|ectop)\w*(?: beats?)?|\bapbs?\b|\bsves?\b"),
    ("ventricular ectopy", r"\bpremature,? (?:and )?(?:wide|broad)[- ](?:qrs )?(?:complex(?:es)?|beats?)(?:,? (?:(?:that|which) (?:is|are) )?not preceded by (?:a )?p[- ]waves?)?|\bectopic ventricular (?:activity|beats?|complex(?:es)?|focus|foci|rhythm|origin|pacemaker)\b|\bectopic activity (?:of|from|with) (?:a )?ventricular (?:origin|source|focus)\b|\bventricular extrasystolic activity\b|\b(?:extrasystoles?|ectopic beats?|premature (?:beats?|complex(?:es)?|contractions?)|extra beats?|early beats?) (?:of|from|with) (?:a )?ventricular (?:origin|source|focus)\b|\b(?:extrasystoles?|ectop(?:y|ics)|premature (?:beats?|complex(?:es)?|contractions?)) ?(?:\(|:|are|is|of|,)? ?(?:purely |only )?ventricular(?: in)?(?: origin)?\b|\bventricular (?:extrasystol(?:ic|y)|ectopic)(?: beats?| activity)?\b|\bearly ventricular beats?\b|\bpvcs?\b|\bvpbs?\b|\bvpcs?\b|(?<![-+])\bves?\b(?= )|\bpremature ventricular[- ](?:contraction|complex|beat)(?:s|es|\(es\))?|\bventricular (?:premature (?:beat|complex|contraction)(?:s|es|\(es\))?|extrasystoles?|ectop(?:y|ics?)(?: beats?)?)|\bpremature wide complex\w*"),
    ("ectopy", r"(?<=nothing )ectopic\b|\bectopic activity\b|\bectop(?:y|ics|ic beats?)\b|\bpremature (?:beat|complex|contraction)(?:s|es)?\b|\bextrasystoles?\b|\bextra beats?\b"),
    ("no measurable PR interval", r"\bp[rq](?: interval)? (?:\w+ly |therefore |thus |hence |consequently )?(?:cannot|can not|could not|can't)(?: \w+ly| therefore| thus)? be (?:measured|determined|given|assessed|calculated|identified|reported|defined)\b|\bp[rq](?: interval)?:? (?:is )?(?:not measurable|immeasurable|unmeasurable|not determinable|n/a)\b"),
    ("progressive PR prolongation", r"\b(?:progressive|successive|gradual|stepwise) (?:(?:pr|pq)(?: interval)? )?(?:lengthening|prolongation)\b"),
    ("other normal intervals", r"\b(?:other|remaining|rest of the) intervals (?:are |were |all |are all )*(?:normal|unremarkable|within (?:the )?normal limits|preserved)\b"),
    ("pause", r"\b(?:(?:long|sinus|significant|ventricular|compensatory|prolonged) )*pauses?\b(?! (?:between|from|of)\b)"),
    # conduction
    ("pre-excitation", r"\b(?:ventricular )?pre-?excitation\b|\bwpw\b(?: (?:pattern|syndrome))?|\bwolff[- ]parkinson[- ]white\b(?: (?:pattern|syndrome))?|\bdelta[- ]waves?\b|\baccessory pathways?\b"),
    ("supraventricular rhythm", r"\bsupraventricular (?:mechanism|origin|rhythm|focus|conduction|impulses?)\b"),
    ("left bundle branch block", r"\b(?:left ventricle|left ventricular \w+) (?:is|being) (?:activated|depolari[sz]ed|excited) (?:late|with (?:a )?delay)|\b(?:late|delayed) (?:left ventricular (?:activation|depolari[sz]ation)|activation of the left ventricle)\b|\bleft bundle(?:[- ]branch)? (?:does not|doesn't|fails to) conduct\b"),
    ("right bundle branch block", r"\b(?:right ventricle|right ventricular \w+) (?:is|being) (?:activated|depolari[sz]ed|excited) (?:late|with (?:a )?delay)|\b(?:late|delayed) (?:right ventricular (?:activation|depolari[sz]ation)|activation of the right ventricle)\b|\bright bundle(?:[- ]branch)? (?:does not|doesn't|fails to) conduct\b"),
    ("notched R", r"\b(?:broad |wide )?(?:and |, ?)?(?:notched|slurred|m-shaped|plateau-like)(?: or slurred)? (?:r(?:[- ]waves?)?|qrs)\b"),
    ("conducted beats", r"\b(?:all|each|every|the) (?:p[- ]waves?|sinus beats?|beats?|(?:atrial )?impulses?) (?:(?:is|are) (?:still |normally |fully |duly )*conducted|(?:still |normally |fully |duly )*conducts?)\b(?: to the ventricles)?"),
    ("ventricular mechanism", r"\bventricular mechanism\b"),
    ("terminal R", r"\b(?:terminal|late|secondary|second) (?:r(?:[- ]waves?|'|\b)|positive (?:deflection|forces?)|positivity|(?:rightward )?forces)|\brsr'?(?: (?:pattern|complex|morphology))?(?![a-z'])|\brabbit ears\b"),
    ("terminal S", r"\b(?:terminal|slurred|wide|broad|late) s(?:[- ]waves?)?\b(?= in\b)|\bterminal s(?:[- ]waves?)?\b"),
    ("AV block of third degree", r"\b(?:third|3rd|iii)[- ]?degree (?:a-?v|heart|atrioventricular)?(?: \(a-?v\))? ?-?block\b|\bcomplete (?:heart|a-?v) block\b|\ba-?v dissociation\b|\bchb\b"),
    ("AV block of second degree", r"\b(?:second|2nd|ii)[- ]?degree (?:a-?v|heart|atrioventricular)?(?: \(a-?v\))? ?-?(?:block|avb)\b|\bmobitz\b|\bwenckebach\b|\b[2-4]:1 (?:a-?v )?(?:block|conduction)\b|\bdropped (?:beats?|qrs(?: complex(?:es)?)?|complex(?:es)?)\b|\b(?:beats?|qrs(?: complex(?:es)?)?|complex(?:es)?) (?:is|are|was|were|gets?|being) (?:ever )?(?:dropped|skipped|missed|lost)\b|\b(?:two|three|four|[2-4]|several|more|(?:twice|three times) as many) p[- ]?waves? (?:for|per|to|before|than|as) (?:(?:each|every|the|a|there are) )*(?:qrs|complex)(?:es| complex(?:es)?)?|\b(?:blocked|non-?conducted) p(?:[- ]waves?)?\b|\b(?:high(?:er)?[- ](?:degree|grade)|advanced)(?: (?:a-?v|heart|atrioventricular))?[- ]blocks?\b"),
    ("first degree AV block", r"\b(?:first|1st|1|i)[- ]?(?:st )?degree (?:a-?v|heart|atrioventricular)?(?: \(a-?v\))? ?-?block\b|\bi-?avb\b|\b1davb\b|\b(?:first|1st|1)[- ]?(?:st )?degree (?:avb|block)\b|\b1° (?:av ?block|avb|heart block)"),
    ("AV block", r"\b(?:a-?v|heart|atrioventricular)(?: \(a-?v\))? blocks?\b"),
    ("incomplete right bundle branch block", r"\b(?:incomplete|partial) (?:right bundle[- ]branch block|rbbb)\b|\birbbb\b"),
    ("incomplete left bundle branch block", r"\b(?:incomplete|partial) (?:left bundle[- ]branch block|lbbb)\b|\bilbbb\b"),
    ("bundle branch block", r"\bblock(?: pattern)?(?= ?: ?(?:none|no|absent|negative)\b)|\b(?:left|right) (?:and|or|nor) (?:the |a |an )?(?:left|right) bundle(?:[- ]branch(?:es)?)? (?:is|are|was|were|has been|have been) (?:blocked|interrupted)\b|\b(?:left|right) (?:and|or|nor) (?:the |a |an )?(?:left|right)(?:[- ]sided)? bundle[- ]branch blocks?\b|\b(?:rbbb|lbbb) (?:or|and|nor) (?:rbbb|lbbb)\b|\beither left or right bundle[- ]branch block\b|\b(?:left|right) (?:and|or|nor) (?:left|right) bundle[- ]branch blocks?\b|\bbundle[- ]branch is blocked\b(?<!left bundle branch is blocked)(?<!right bundle branch is blocked)|\b(?:right nor left|left nor right) bundle[- ]branch block\b"),
    ("bundle branch block", r"\bblock (?:of|in) (?:either|both|a) (?:of the )?bundle(?:[- ]branch)?(?:es|s)?\b"),
    ("right bundle branch block", r"\bright bundle(?:[- ]branch)? (?:is|was|has been|appears|seems)(?: to be)? (?:blocked|interrupted)\b|\bright[- ]sided bundle[- ]branch block\b|\b(?:complete )?(?:right bundle[- ]branch (?:block|is blocked)|rbbb)\b|\bcrbbb\b|\bblock of the right bundle[- ]branch\b"),
    ("left bundle branch block", r"\bleft bundle(?:[- ]branch)? (?:is|was|has been|appears|seems)(?: to be)? (?:blocked|interrupted)\b|\bleft[- ]sided bundle[- ]branch block\b|\b(?:complete )?(?:left bundle[- ]branch (?:block|is blocked)|lbbb)\b|\bclbbb\b|\bblock of the left bundle[- ]branch\b"),
    ("bundle branch block", r"\bbundle[- ]branch blocks?\b|\bbbb\b|\bintraventricular block\b"),
    ("no block", r"\bconduction (?:through|in|along) both bundle[- ]branches is normal\b"),
    ("bifascicular block", r"\bbifascicular block\b"),
    ("left anterior fascicular block", r"\blafb\b|\bleft anterior (?:fascicular block|hemi-?block)\b|\blahb\b"),
    ("left posterior fascicular block", r"\blpfb\b|\bleft posterior (?:fascicular block|hemi-?block)\b|\blphb\b"),
    ("fascicular block", r"\b(?:uni)?fascicular block\b|\bhemi-?block\b"),
    ("intraventricular conduction delay", r"\bintraventricular delay\b|\bivcd\b|\b(?:non-?specific )?intraventricular conduction (?:delay|defect|disturbance|block)\b|\bdelay in ventricular conduction\b|\bconduction delay\b"),
    ("conduction disturbance", r"\bconduction (?:diseases?|disturbances?|abnormalit(?:y|ies)|problems?|disorders?|defects?|impairments?|anomal(?:y|ies))\b|\b(?:disturbance|impairment|disorder) of conduction\b|\b(?<!complete )(?<!total )(?<!grade )(?<!high )(?<!degree )(?<!exit )(?:conduction )?blocks?\b(?! pattern)"),
    # hypertrophy and voltage
    ("no left ventricular hypertrophy", r"\bvoltages? (?:\w+ly )?(?:falls?|stays?|remains?|stops?|comes?|are|is) (?:well |far |clearly |just |somewhat )?(?:short of|below|under|beneath) (?:the |all |any |these )?(?:usual |accepted |standard |diagnostic )?(?:voltage )?(?:criteri(?:on|a)|thresholds?|limits?)\b(?! of \d)"),
    ("left ventricular hypertrophy", r"\b(?:left ventricular|lv) hypertrophy\b|\bhypertrophy of the left ventric(?:le|ular)\w*|\bvoltages? (?:would |do |does |clearly |just )*(?:meets?|satisf(?:y|ies)|fulfil?ls?|reach(?:es)?|exceeds?|attains?) (?:the |these |both )?(?:usual |accepted |standard |diagnostic )?(?:voltage )?(?:criteri(?:on|a)|thresholds?)\b(?! of \d)"),
    ("left ventricular hypertrophy", r"\b(?:exceed(?:s|ing|ed)?|surpass(?:es|ed)?|meets?|fulfil?ls?|reach(?:es|ed|ing)?|satisf(?:y|ies)|pass(?:es)?|cross(?:es)?|goes? (?:beyond|over|above)|attains?|above|over|beyond) (?:the |any |either |this )?(?:usual |standard |classic )?(?:(?:sokolow\S*|cornell|voltage)(?: voltage)? )?(?:criteri(?:on|a)|thresholds?|limits?|cut-?offs?|mark)(?: of (?:3\.5 ?mv|35 ?mm|2\.8 ?mv|2\.0 ?mv|28 ?mm|20 ?mm))? for (?:left ventricular hypertrophy|lvh)\b|\b(?:exceed(?:s|ing|ed)?|surpass(?:es|ed)?|goes? (?:beyond|over|above)|pass(?:es)?|cross(?:es)?|above|over|beyond) (?:the |any |either )?(?:usual |standard |classic )?(?:sokolow\S*|cornell|voltage)(?: voltage)? (?:criteri(?:on|a)|thresholds?|limits?|cut-?offs?|mark)\b|\b(?:meets?|fulfil?ls?|reach(?:es)?|satisf(?:y|ies)) (?:the )?(?:sokolow\S*|cornell)(?: \w+){0,2} (?:criteri(?:on|a)|limit|threshold)|\b(?:sokolow\S*|cornell)(?: voltage)? criteri(?:on|a) (?:is|are) (?:met|positive|fulfilled)\b|\blvh\b|\b(?:left ventricular|lv) (?:hypertrophy|enlargement|strain)\b"),
    ("no left ventricular hypertrophy", r"\b(?:below|under|beneath|short of|within|inside|less than) (?:the |any |either )?(?:usual |standard |classic )?(?:(?:sokolow\S*|cornell|voltage)(?: voltage)? )?(?:criteri(?:on|a)|thresholds?|limits?|cut-?offs?|mark)(?: of (?:3\.5 ?mv|35 ?mm|2\.8 ?mv|2\.0 ?mv|28 ?mm|20 ?mm))? for (?:left ventricular hypertrophy|lvh)\b|\b(?:below|under|beneath|short of|within|inside|less than) (?:the |any |either )?(?:usual |standard |classic )?(?:sokolow\S*|cornell|voltage)(?: voltage)? (?:criteri(?:on|a)|thresholds?|limits?|cut-?offs?|mark)\b"),
    ("left ventricular hypertrophy", r"\b(?:sokolow\S*|cornell|voltage)(?: voltage)? (?:criteri(?:on|a)|thresholds?)(?! for right)(?=\W*(?:(?:is|are|was|were|being) )?(?:\w+ ){0,2}(?:met|fulfilled|satisfied|reached|exceeded|positive))"),
    ("right ventricular hypertrophy", r"\bhypertrophy of the right ventricle\b|\brvh\b|\b(?:right ventricular|rv) (?:hypertrophy|enlargement|strain)\b|\bright heart strain\b"),
    ("ventricular hypertrophy", r"\b(?:biventricular|ventricular) hypertrophy\b|\bhypertrophy\b"),
    ("left atrial enlargement", r"\blae\b|\bleft atrial (?:enlargement|abnormality|hypertrophy|overload)\b|\bp mitrale\b"),
    ("right atrial enlargement", r"\brae\b|\bright atrial (?:enlargement|abnormality|hypertrophy|overload)\b|\bp pulmonale\b"),
    ("atrial enlargement", r"\b(?:bi-?)?atrial (?:enlargement|abnormality|hypertrophy|overload)\b"),
    ("chamber enlargement", r"\bchamber (?:enlargement|hypertrophy)\b"),
    ("low voltage", r"\blow[- ](?:qrs )?voltages?\b"),
    # axis
    ("normal axis", r"\b(?:indifferent|intermediate|indifference)(?: (?:qrs|heart|cardiac|electrical))? (?:axis|type)\b"),
    ("extreme axis deviation", r"\bextreme (?:right )?axis(?: deviation)?\b|\bnorth-?west axis\b"),
    ("left axis deviation", r"\bleft(?:ward)? deviation\b|\bleft(?:ward)?[- ]axis(?: deviation| shift)?\b|\blad\b|\baxis (?:is )?left\b|\bleft axis\b|\baxis is deviated leftward\b"),
    ("right axis deviation", r"\bright(?:ward)? deviation\b|\bright(?:ward)?[- ]axis(?: deviation| shift)?\b|\brad\b|\baxis (?:is )?right\b"),
    ("axis deviation", r"\baxis deviation\b|\b(?:not |un)?deviated\b(?= ?[.,;]|$)"),
    # repolarisation and ischaemia
    ("ischaemia", r"\bnstemi\b"),
    ("secondary ST-T changes", r"\b(?:secondary|(?:appropriately )?discordant) (?:repolari[sz]ation|st(?:[-/ ]| and )t(?:[- ]wave)?|st|t[- ]wave) (?:changes?|abnormalit(?:y|ies)|alterations?)\b|\b(?:st(?:[-/ ]| and )t(?:[- ]wave)?|repolari[sz]ation) (?:changes|abnormalities) (?:here )?(?:are|may be|could be) (?:likely |probably )?secondary\b"),
    ("ventricular strain", r"\b(?:(?:left )?ventricular|lv) strain\b"),
    ("ST elevation infarct", r"\bstemi\b|\bst[- ](?:segment )?elevation (?:mi|myocardial infarct\w*)\b"),
    ("acute infarct", r"\b(?:acute|recent|evolving)(?: \w+){0,2} (?:myocardial )?(?:infarct(?:ion)?|mi|injury)\b|\bcurrent of injury\b|\b(?:acute )?(?:myocardial )?injury\b"),
    ("pathological Q waves", r"\bq[- ]wave infarct\w*(?: pattern)?\b"),
    ("heart attack", r"\b(?:acute )?heart attacks?\b"),
    ("infarct", r"\b(?:(?:myocardial|old|previous|prior|remote|healed)(?: (?:antero-?septal|antero-?lateral|infero-?lateral|inferior|anterior|lateral|septal))? )*infarct(?:ion|s)?\b|\bmi\b|\bmyocardial damage\b|\b(?:myocardial )?scar tissue\b|\bmyocardial scars?\b"),
    ("acute ischaemia", r"\bacute (?:\w+ )?ischa?emi[ac]\b(?: changes?)?|\bacute st(?:[- ]t)?(?: wave)?(?: segment)? changes\b|\bacute changes\b|\bacute coronary\b(?: (?:syndromes?|occlusions?|events?))?"),
    ("ischaemia", r"\b(?:myocardial )?ischa?emi[ac]\b(?: changes?)?"),
    ("ST elevation", r"\bste\b"),
    ("ST depression", r"\bstd\b"),
    ("T wave inversion", r"\btwis?\b"),
    ("normal R wave progression", r"\br(?:[- ]?waves?|s|'s)?(?: voltages?| amplitudes?| heights?)?(?: (?:steadily|progressively|gradually|nicely|duly|smoothly|continuously|properly|normally|also|then|wave)){0,2} (?:grow(?:s|ing)?|gain(?:s|ing)?|climb(?:s|ing)?|mount(?:s|ing)?|ris(?:es?|ing)|increas(?:es?|ing)|progress(?:es|ing)?|enlarg(?:es?|ing)|build(?:s|ing)? up|pick(?:s|ing)? up|(?:becom|gett?|grow)(?:e|es|s|ing)? (?:\w+ly )?(?:taller|larger|higher|bigger|greater))\b(?![^.;]{0,40}(?:poor|slow|inadequ|insuffic|little|hardly|too late|fail))(?=[^.;]{0,60}(?:from (?:lead )?v|between v|towards? v|across|precord|steadily|normally|to v ?[3-6]))"),
    ("poor R wave progression", r"\bprwp\b"),
    ("long QT", r"\blong[- ]qt(?: syndrome)?\b|\blqts?\b"),
    # the whole
    ("artefact", r"\b(?:muscle |movement |motion |mains |baseline )?(?:artefacts?|artifacts?|interference)\b|\bbaseline (?:wander(?:ing)?|drift)\b"),
    ("otherwise normal ECG", r"\botherwise (?:a )?(?:normal|unremarkable)(?: (?:12-lead )?(?:ecg|ekg|electrocardiogram|tracing|trace))?\b|\botherwise within normal limits\b"),
    ("normal ECG", r"(?<![\w,;:] )\bread as (?:entirely )?normal\b(?= ?[.;])|\bnormal (?:trace|study|result|record|strip|curve)\b|\bnormal (?:12-lead )?(?:ecg|ekg|electrocardiogram|tracing)\b|\b(?:ecg|ekg|electrocardiogram|tracing)(?: findings)? (?:is|are|was) (?:entirely |completely )?(?:normal|within normal limits|unremarkable)\b"),
    ("borderline ECG", r"\bborderline (?:ecg|ekg|electrocardiogram)\b"),
    ("abnormal ECG", r"(?<![\w,;:] )\bread as abnormal\b(?= ?[.;])|\babnormal rhythm ecg\b|\b(?:abnormal (?:trace|study|record|strip|curve)|pathological (?:ecg|ekg|tracing|trace|electrocardiogram))\b|\babnormal (?:12-lead )?(?:ecg|ekg|electrocardiogram|tracing)\b|\b(?:ecg|ekg|electrocardiogram|tracing) (?:is|was) (?:clearly )?abnormal\b"),
)  # fmt: skip
"""Name of the finding and how it is written; matched without regard to case, in this order."""

UNMEASURABLE = (
    r"\bpericarditis\b|\bmyocarditis\b|\bbrugada\b|\bepsilon waves?\b|\bosborn(?:e)? waves?\b"
    r"|\bj waves?\b|\bf[- ]waves?\b|\bhyper-?kal(?:a?e)mi[ac]\b|\bhypo-?kal(?:a?e)mi[ac]\b|\b(?:hyper|hypo)calc(?:a?e)mi[ac]\b|\bdigitalis\b|\bdigoxin\b"
    r"|\bpulmonary embol(?:ism|us)\b|\bs1q3t3\b|\bcardiomyopath(?:y|ies)\b|\bwellens\b|\bde winter\b|\btakotsubo\b|\belectrical alternans\b|\blead reversal\b|\barm reversal\b|\bdextrocardia\b"
    r"|\bp[rq][- ]segments?(?= (?:\w+ ){0,2}(?:depress|elevat|deviat|shift))|\btrifascicular\b|\btamponade\b|\beffusion\b|\baneurysm\b|\blenegre\b|\bsinus (?:arrest|exit block)s?\b|\bsick sinus\b|\btachy-?brady\b|\bhypothermia\b"
    r"|\bleft main\b|\bposterior (?:infarct\w*|mi|wall)\b|\bventricular aneurysm\b|\bemphysema\b|\bcopd\b|\bfusion beats?\b|\bcapture beats?\b|\baberran(?:t|cy)\b"
    r"|\b(?!diagnosis|prognosis)\w{3,}(?:itis|opathy|opathies|osis|kalaemia|kalemia)\b|\b[A-Za-z]+'?s? syndrome\b|\bcor pulmonale\b|\bdissection\b|\bstenosis\b|\boverdose\b|\btoxicity\b"
)
"""Named by a text, these are withheld whatever the measurements are: nothing that is measured here shows them."""
