"""Findings that have a name of their own, and what measurements can never show."""

from __future__ import annotations

PHRASES: tuple[tuple[str, str], ...] = (
    # rhythm
    ("sinus tachycardia", r"\b(?:fast|rapid) sinus rhythm\b|\bsinus tach(?:ycardi[ac])?\b|\bs\.? ?tach\b"),
    ("sinus bradycardia", r"\bslow sinus rhythm\b|\bsinus brad(?:y|ycardia)\b"),
    ("sinus arrhythmia", r"\bsinus arrhythmia\b"),
    ("normal sinus rhythm", r"\bnormal sinus(?: rhythm)?\b|\bnsr\b"),
    ("sinus rhythm", r"\bsinus rhythm\b|\b(?:originates?|arises?|starts?|beginning) (?:in|from) the sinus node\b|\bsinus (?:in )?origin\b|\bsinus mechanism\b|\bsinus(?= ?(?:,|\.|$| with| at| as))|\bsinus node is functioning\b"),
    ("atrial flutter", r"\b(?:atrial )?flutter\b|\bafl\b|\ba-?flutter\b|\bsaw-?tooth\b"),
    ("atrial fibrillation", r"\batrial fib(?:rillation)?\b|\ba-?fib\b|\bfibrillatory waves?\b"),
    ("ventricular fibrillation", r"\bventricular (?:fibrillation|flutter)\b|\bv-?fib\b"),
    ("ventricular tachycardia", r"\bventricular tach(?:ycardia)?\b|\bv-?tach\b|\bnsvt\b|\btorsades?(?: de pointes)?\b"),
    ("supraventricular tachycardia", r"\bsupraventricular tach(?:ycardia)?\b|\bp?svt\b|\batrial tachycardia\b|\bav ?n?rt\b"),
    ("junctional rhythm", r"\bjunctional\b|\bnodal rhythm\b"),
    ("escape rhythm", r"\bescape (?:rhythm|beats?)\b|\bidioventricular\b"),
    ("paced rhythm", r"\b(?:ventricular|atrial|av|dual|electronic|sequential)?[- ]?pac(?:ed|ing|emaker)\b(?: rhythm)?|\bpacer\b"),
    ("asystole", r"\basystole\b|\bflat ?line\b"),
    ("arrhythmia", r"\barrhythmias?\b"),
    ("wandering pacemaker", r"\bwandering (?:atrial )?pacemaker\b|\bectopic atrial\b|\bmultifocal atrial\b"),
    ("tachycardia", r"\btachycardi[ac]\b"),
    ("bradycardia", r"\bbradycardi[ac]\b"),
    # ectopy
    ("bigeminy", r"\b(?:bi|tri|quadri)gemin(?:y|al|us)\b|\bcouplets?\b|\btriplets?\b"),
    ("supraventricular ectopy", r"\bpacs?\b|\bpremature (?:atrial|supraventricular)[- ](?:contraction|complex|beat|extrasystole)(?:s|es)?\b|\b(?:atrial|supraventricular) (?:premature (?:beat|complex|contraction)|extrasystole|ectop)\w*(?: beats?)?|\bapbs?\b|\bsves?\b"),
    ("ventricular ectopy", r"\bpvcs?\b|\bvpbs?\b|\bvpcs?\b|\bves?\b(?= )|\bpremature ventricular[- ](?:contraction|complex|beat)(?:s|es|\(es\))?|\bventricular (?:premature (?:beat|complex|contraction)(?:s|es|\(es\))?|extrasystoles?|ectop(?:y|ics?)(?: beats?)?)|\bpremature wide complex\w*"),
    ("ectopy", r"\bectop(?:y|ics|ic beats?)\b|\bpremature (?:beat|complex|contraction)(?:s|es)?\b|\bextrasystoles?\b|\bextra beats?\b"),
    # conduction
    ("AV block of third degree", r"\b(?:third|3rd|iii)[- ]?degree (?:a-?v|heart|atrioventricular)?(?: \(a-?v\))? ?-?block\b|\bcomplete (?:heart|a-?v) block\b|\ba-?v dissociation\b|\bchb\b"),
    ("AV block of second degree", r"\b(?:second|2nd|ii)[- ]?degree (?:a-?v|heart|atrioventricular)?(?: \(a-?v\))? ?-?block\b|\bmobitz\b|\bwenckebach\b|\b[2-4]:1 (?:a-?v )?(?:block|conduction)\b|\bdropped beats?\b|\bblocked p\b"),
    ("first degree AV block", r"\b(?:first|1st|1|i)[- ]?(?:st )?degree (?:a-?v|heart|atrioventricular)?(?: \(a-?v\))? ?-?block\b|\bi-?avb\b|\b1davb\b"),
    ("AV block", r"\b(?:a-?v|heart|atrioventricular)(?: \(a-?v\))? blocks?\b"),
    ("incomplete right bundle branch block", r"\b(?:incomplete|partial) (?:right bundle[- ]branch block|rbbb)\b|\birbbb\b"),
    ("incomplete left bundle branch block", r"\b(?:incomplete|partial) (?:left bundle[- ]branch block|lbbb)\b|\bilbbb\b"),
    ("bundle branch block", r"\beither left or right bundle[- ]branch block\b|\b(?:left|right) (?:and|or|nor) (?:left|right) bundle[- ]branch blocks?\b|\bbundle[- ]branch is blocked\b(?<!left bundle branch is blocked)(?<!right bundle branch is blocked)|\b(?:right nor left|left nor right) bundle[- ]branch block\b"),
    ("right bundle branch block", r"\b(?:complete )?(?:right bundle[- ]branch (?:block|is blocked)|rbbb)\b|\bcrbbb\b|\bblock of the right bundle[- ]branch\b"),
    ("left bundle branch block", r"\b(?:complete )?(?:left bundle[- ]branch (?:block|is blocked)|lbbb)\b|\bclbbb\b|\bblock of the left bundle[- ]branch\b"),
    ("bundle branch block", r"\bbundle[- ]branch blocks?\b|\bbbb\b|\bintraventricular block\b"),
    ("no block", r"\bconduction (?:through|in|along) both bundle[- ]branches is normal\b"),
    ("bifascicular block", r"\b(?:bi|tri)fascicular block\b"),
    ("left anterior fascicular block", r"\blafb\b|\bleft anterior (?:fascicular block|hemi-?block)\b|\blahb\b"),
    ("left posterior fascicular block", r"\blpfb\b|\bleft posterior (?:fascicular block|hemi-?block)\b|\blphb\b"),
    ("intraventricular conduction delay", r"\bivcd\b|\b(?:non-?specific )?intraventricular conduction (?:delay|defect|disturbance|block)\b|\bdelay in ventricular conduction\b|\bconduction delay\b"),
    # hypertrophy and voltage
    ("left ventricular hypertrophy", r"\b(?:meets?|fulfil?ls?|reach(?:es)?|satisf(?:y|ies)) (?:the )?(?:sokolow\S*|cornell)(?: \w+){0,2} (?:criteri(?:on|a)|limit|threshold)|\b(?:sokolow\S*|cornell)(?: voltage)? criteri(?:on|a) (?:is|are) (?:met|positive|fulfilled)\b|\blvh\b|\b(?:left ventricular|lv) (?:hypertrophy|enlargement|strain)\b"),
    ("right ventricular hypertrophy", r"\brvh\b|\b(?:right ventricular|rv) (?:hypertrophy|enlargement|strain)\b|\bright heart strain\b"),
    ("ventricular hypertrophy", r"\b(?:biventricular|ventricular) hypertrophy\b|\bhypertrophy\b"),
    ("left atrial enlargement", r"\blae\b|\bleft atrial (?:enlargement|abnormality|hypertrophy|overload)\b|\bp mitrale\b"),
    ("right atrial enlargement", r"\brae\b|\bright atrial (?:enlargement|abnormality|hypertrophy|overload)\b|\bp pulmonale\b"),
    ("atrial enlargement", r"\b(?:bi-?)?atrial (?:enlargement|abnormality|hypertrophy|overload)\b"),
    ("chamber enlargement", r"\bchamber (?:enlargement|hypertrophy)\b"),
    ("low voltage", r"\blow[- ](?:qrs )?voltages?\b"),
    # axis
    ("extreme axis deviation", r"\bextreme (?:right )?axis(?: deviation)?\b|\bnorth-?west axis\b"),
    ("left axis deviation", r"\bleft(?:ward)? deviation\b|\bleft(?:ward)?[- ]axis(?: deviation| shift)?\b|\blad\b|\baxis (?:is )?left\b|\bleft axis\b|\baxis is deviated leftward\b"),
    ("right axis deviation", r"\bright(?:ward)? deviation\b|\bright(?:ward)?[- ]axis(?: deviation| shift)?\b|\brad\b|\baxis (?:is )?right\b"),
    ("axis deviation", r"\baxis deviation\b|\b(?:not |un)?deviated\b(?= ?[.,;]|$)"),
    # repolarisation and ischaemia
    ("ischaemia", r"\bnstemi\b"),
    ("ST elevation infarct", r"\bstemi\b|\bst[- ](?:segment )?elevation (?:mi|myocardial infarct\w*)\b"),
    ("acute infarct", r"\b(?:acute|recent|evolving)(?: \w+){0,2} (?:myocardial )?(?:infarct(?:ion)?|mi|injury)\b|\bcurrent of injury\b|\b(?:acute )?(?:myocardial )?injury\b"),
    ("infarct", r"\b(?:(?:myocardial|old|previous|prior) )*infarct(?:ion|s)?\b|\bmi\b|\bmyocardial damage\b"),
    ("acute ischaemia", r"\bacute (?:\w+ )?ischa?emi[ac]\b(?: changes?)?|\bacute st(?:[- ]t)?(?: wave)?(?: segment)? changes\b|\bacute changes\b|\bacute coronary\b"),
    ("ischaemia", r"\b(?:myocardial )?ischa?emi[ac]\b(?: changes?)?"),
    ("ST elevation", r"\bste\b"),
    ("ST depression", r"\bstd\b"),
    ("T wave inversion", r"\btwis?\b"),
    ("poor R wave progression", r"\bprwp\b"),
    ("long QT", r"\blong[- ]qt(?: syndrome)?\b|\blqts?\b"),
    # the whole
    ("normal ECG", r"\b(?:otherwise )?normal (?:12-lead )?(?:ecg|ekg|electrocardiogram|tracing)\b|\b(?:ecg|ekg|electrocardiogram|tracing)(?: findings)? (?:is|are|was) (?:entirely |completely )?(?:normal|within normal limits|unremarkable)\b"),
    ("borderline ECG", r"\bborderline (?:ecg|ekg|electrocardiogram)\b"),
    ("abnormal ECG", r"\babnormal (?:12-lead )?(?:ecg|ekg|electrocardiogram|tracing)\b|\b(?:ecg|ekg|electrocardiogram|tracing) (?:is|was) (?:clearly )?abnormal\b"),
)  # fmt: skip
"""Name of the finding and how it is written; matched without regard to case, in this order."""

UNMEASURABLE = (
    r"\bpericarditis\b|\bmyocarditis\b|\bbrugada\b|\bwpw\b|\bwolff[- ]parkinson[- ]white\b|\bpre-?excitation\b|\bdelta waves?\b|\bepsilon waves?\b|\bosborn(?:e)? waves?\b"
    r"|\bj waves?\b|\bf[- ]waves?\b|\bearly repolari[sz]ation\b|\bhyper-?kal(?:a?e)mi[ac]\b|\bhypo-?kal(?:a?e)mi[ac]\b|\b(?:hyper|hypo)calc(?:a?e)mi[ac]\b|\bdigitalis\b|\bdigoxin\b"
    r"|\bpulmonary embol(?:ism|us)\b|\bs1q3t3\b|\bcardiomyopath(?:y|ies)\b|\bwellens\b|\bde winter\b|\btakotsubo\b|\belectrical alternans\b|\blead reversal\b|\barm reversal\b|\bdextrocardia\b"
    r"|\btamponade\b|\beffusion\b|\baneurysm\b|\blenegre\b|\blong pauses?\b|\bsinus (?:pause|arrest|exit block)s?\b|\bsick sinus\b|\btachy-?brady\b|\bhypothermia\b|\brsr'?(?: pattern)?\b|\brabbit ears\b"
    r"|\bleft main\b|\bposterior (?:infarct\w*|mi|wall)\b|\bventricular aneurysm\b|\bemphysema\b|\bcopd\b|\bstrain pattern\b|\bfusion beats?\b|\bcapture beats?\b|\baberran(?:t|cy)\b"
    r"|\b(?!diagnosis|prognosis)\w{3,}(?:itis|opathy|opathies|osis|kalaemia|kalemia)\b|\b[A-Za-z]+'?s? syndrome\b|\bcor pulmonale\b|\bdissection\b|\bstenosis\b|\boverdose\b|\btoxicity\b"
)
"""Named by a text, these are withheld whatever the measurements are: nothing that is measured here shows them."""
