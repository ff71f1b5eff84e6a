"""Everyday words of letters, lessons and model prose that claim nothing of an ECG: talk of reading, teaching, writing and degree.

As in `harmless.py` no word of an illness, a remedy, a state of the patient, a course in time or an action is among them, and none
that praises or warns. A word that says something of a measure is a quality (`qualities.py`) and does not belong here.
"""

from __future__ import annotations

FIXED = """
how will elsewhere blameless then tele telemetry takes suggestion suggestions pertain pertains pertaining blank blanks hesitate hesitation his her today's machine computer algorithm software printout races race anywhere correction corrections am approx arithmetic bearing beginner beginners board bolster bolsters bottom clincher clocks confess confuse confused crest crests dataset delve delving descriptor electrophysiological fancy giveaway hamper hampers happy hovers instructors lens luck mnemonic network ones pancake pearl pearls pitfall pitfalls perusal physiology purkinje undue upshot vignette wavefront worth recap self standardization standardisation suppose token trap underscored broken breaks his-purkinje tick ticks ticking along hurry leaves leave room face faces facing heralded herald heralds progressively gradually yourself tip tips glad referral far impulse today shan't
won't go precordium conjunction light account uncorrected struck waiting coexist coexists coexisting coexistence shortens shorten speeds disturb
disturbed disturbs disturbing interrupt interrupts interrupting interrupted interruption holding hold well-recognised thing things anything something
else everyone anyone one's oneself ourselves myself himself herself whose whom whichever whatever wherever whenever amid amidst among versus unlike
besides aside throughout underneath alongside nearby halfway midway beneath past off onto out shall must ought let's lets it's that's there's here's
i'd i've i'm we've we'd you'll you'd don't isn't quite pretty merely purely strictly broadly roughly nearly almost practically virtually barring save
apart namely viz hence thence whence thereby whereby wherein thereof thereupon therewith herein firstly secondly thirdly lastly finally initially next
last well-known so-called self-evident straightforward off-hand eye-catching textbook textbooks textbook-like mine yours hers theirs dear sir madam
colleague colleagues sincerely faithfully regards kindly kind thank thanks grateful obliged pt pts med reg registrar sho gp dr prof re ref s/b ie nb
ps fyi tbc mr mrs ms thought told felt sought caught bound wrote written spoke spoken chose chosen goes going done ran run sat stood lay lies held put
puts putting set sets setting cut let sees saw seeing left right made makes making got gets getting gave gives given giving took takes taking becomes
became become brings brought bring bears borne bore keeps kept meets met tells reads leads led true truth rule rules rule-based question questions
answer answers solution step steps stage figure figures fig table panel box case cases exercise quiz exam chapter section page pages paragraph line
lines example examples illustration lesson teaching learner learners student students trainee trainees reader readers teacher pupil resident residents
instructor candidate beginner novice expert examiner viewer observer caliper calipers ruler rulers thumb thumbs thumbs-rule two-thumbs grid pencil
squares square boxes worksheet sheet checklist eye eyes glance look looks pen finger edge hand hands desk screen monitor display easy easily hard
simple simply difficult handy useful convenient conveniently nice nicely neat neatly tidy tidily good fair well better best mere just only bare sheer
plain outright big bigger biggest great greater little modest modestly slightest least half whole double triple single twofold threefold pair pairs
couple dozen several many much more most enough plenty lot lots handful few fewer none-the-less ample always never-ending sometimes often usually
seldom mostly away back forth ahead forward forwards backward backwards inward outward sideways downhill uphill skyward ward wards clinic office
department hospital bedside team service maybe perhaps presumably supposedly reportedly allegedly arguably admittedly undoubtedly unquestionably
unmistakably unequivocally unambiguously unmistakable unequivocal unambiguous truth-be-told incidentally accordingly altogether afresh instead
nonetheless notwithstanding regardless otherwise likewise conversely beyond-doubt wholly partly chiefly principally largely overwhelmingly decidedly
distinctly markedly strikingly remarkably noticeably appreciably unduly overly excessively unusually exceptionally exactly precisely accurately
reliably safely comfortably squarely firmly securely surely certainly definitely clearly plainly obviously evidently visibly manifestly
"""
"""Words as they stand."""
BASES = """
accord achieve acknowledge acquaint act adapt address adhere adjust admit adopt afford aid aim allot allude amplify announce anticipate appeal append
appreciate approach argue arrange array arrive ascertain ascribe assemble assign assist attach attempt attend attract attribute await award base
belong benefit bend blend border borrow bridge browse build calibrate carry cast catch chart choose circle cite claim clarify climb cluster collect
comment commit communicate compile complement complete compose compress comprise conceive concentrate conform confront congregate connect consult
contribute convey convince cope copy create dash deal decide declare decline dedicate deduce define delineate demand demarcate denote depict derive
deserve designate devote dictate differentiate digest dip direct disclose discover discuss dispense distinguish divide document drift draw dwell earn
echo edit elaborate elicit embrace emphasise employ enable encompass encounter encourage enjoy ensue enter entitle enumerate equate establish execute
exemplify exercise expand explore expose express extract extrapolate familiarise familiarize fashion file fill filter fire flag flank fold forego
forgo form formulate forward frame fulfil function furnish gain gather gauge generate glance glean grant grasp greet guide happen head hear help
hesitate hold hover imagine impart impose impress incline incorporate inform inquire insert inspect instance instruct integrate intend interlock
interpolate intersect introduce invert invite isolate join jot jump justify land latch launch lean learn lend level lift limit link linger list locate
log manage manifest map march marshal match memorise memorize mention merit mind mirror misread model move name navigate neglect nest notice nudge
obey object observe occupy offer omit oppose opt organise organize originate outline overlap overlook overlay own page paint partition pass pay peer
penalise penalize pencil permit phrase pick picture pinpoint place plan play plead pose position possess post practise practice precise predict prefer
prepare preserve press presume pretend prevail print prize probe proceed process produce profile project promise prompt pronounce propose prove pull
purport pursue push puzzle qualify quantify query question quote raise range rate reach react realise realize rearrange reason recall receive reckon
recognise recognize recollect reconcile reconstruct recount reduce refine refrain regard register rehearse reiterate release rely remain remember
remind render repeat replace reply report represent reproduce request resemble reserve reside resort respond result retrace revisit reward rotate
round row sample satisfy scan scatter schedule score scrutinise scrutinize search seek seem segregate select send separate sequence serve set settle
shape share shift sign signal sit situate sketch skim slip slope smooth solve sort speak specify speculate spell spend spread spring squint squash
stack stage stake stamp start state station steer stem step stick stretch strike structure study subdivide submit subtract suffice suit supplement
supply surmise surround survey sustain sweep tabulate tackle tag take tally teach tell tempt tend term thread tick tie tilt touch trace track train
transcribe transfer transition transmit travel traverse trend trust try tune turn type uncover undertake unfold unite unveil use utilise utilize value
venture verify view visit visualise visualize voice vote wander want watch wave weigh welcome wish witness wonder word work wrap write yield accuracy
advance advantage advice agreement alignment analogy angle area argument arrangement arrow article artwork aspect assertion assistance association
assumption audience author axis backdrop background balance band basic beat beginning behavior behaviour benchmark bit boundary bracket branch bulk
bump calculation calibration candidate caption caret caveat cell centre center chance channel characteristic choice chunk clue coincidence column
commentary community companion comparator compass component concept conformity connection consensus consideration constellation constituent contender
content contour contrast contribution convention convergence corner counterpart count course cousin criterion cue curve cutoff cut-off datum decision
definition delineation demonstration denominator departure derivation description design detail determination diagram dimension discipline discussion
display distinction distribution division domain draft drawing edge effort element emphasis ensemble entity entry environment equation equivalence
essence excerpt excursion exception exclusion exemplar expectation explanation exposition expression facet fact factor faculty feel field finding fit
flavour flavor floor fluctuation folder footing footnote footprint force format formulation foundation fraction fragment framework front gap garden
gathering geometry gist glimpse gradient group grouping guess guidance guideline habit half hallmark heading headline hint hurdle hypothesis idea
identity illustration image imprint inch inclination increment index inference influence information ingredient inquiry insight inspection instant
instruction intent intention interplay interpreter introduction inventory item judgement judgment juncture justification key kind knowledge label
landmark language latitude law layer layout lecture legend lesson letter lexicon likeness limb literature locale location logic look magnitude
mainstay majority manner manoeuvre margin mark mathematics mean meaning means member memo memory message method metre meter middle milestone minority
minute mode module moment mould mold myriad narrative nature nomenclature norm notation note notebook notion nuance number objective obligation
observation observer occasion odds offset opening opinion opportunity option order organisation organization original output outset overview pair
panel paragraph parameter part particular partner passage path pattern peak peculiarity perception period perspective phase phenomenon piece pillar
placement plain plane plot point pointer population portion portrait portrayal possession power practitioner precept precision preference prelude
premise presence presumption pretext principle priority product program pronouncement proof property proportion proposal proposition prospect protocol
provision proximity purpose quality quantity quarter quest quirk quotation radius rank ratio rationale reading realm reasoning recipe recognition
recollection reference refinement relation reliance remainder reminder repertoire replica representation reservation resource respect response
restriction retrospect review revision rubric rule sake scale scenario scene schema scheme scholar school science scope screen script seat section
sector selection sentence series session shade sheet shortfall show side sight signature simplicity site size skill slice slide snapshot solution
source space span specialist species specification specimen spectrum speech speed sphere spot staff stance standard standpoint statement storey story
strand strength string strip style subject subset substance subtlety succession sum summary summit supposition surface surrogate syllable symbol
symmetry synopsis synthesis system tabulation tail takeaway task taste team technician technique template tendency tenet terminology territory text
theme theory thesis thought threshold title tone tool topic top total trait trajectory transcript transcription translation trial trick trio trunk
truth tuition tutor tutorial typical understanding uniformity union unison unit universe usage utility validity variable variant variety vector
vehicle venue verdict verification version vicinity viewpoint visibility vision walk wall way weight whole width window wording workbook workflow
writer writing yardstick zone absolute abstract acceptable accessible accompanying accurate actual additional adjacent adjoining advanced afore
aforementioned analogous angular apparent applicable apt arbitrary artful attendant attentive automatic available average basal bold brief bright
broadest bulky candid capable cardinal careful casual categorical central certain chief circular classical clear-cut cogent coherent coincident
collective combined common compact comparable competent composite comprehensible concise concrete concurrent confident congruent consequent
considerate consonant conspicuous contemporary contextual contiguous convenient conventional convincing cooperative coordinate correct courteous
credible crisp crude cumulative curious current customary cursory daily dependent descriptive desirable detectable determinate diagrammatic different
difficult digital discrete discriminating distant diverse double due dual eager earnest economical effective efficient elegant elementary elusive
eminent enclosed entire equivalent essential even-handed eventual evident exact exclusive exhaustive existing expert explicit expressive extensive
external faint fair faithful familiar final finite first fitting flexible fluent following foregoing foremost formal former forthcoming frank frequent
friendly frontal full fundamental general generic gentle genuine given good graphic great handy helpful high-quality honest horizontal hypothetical
ideal identical imaginary impartial implicit impressive inaccurate incidental inclusive indicative indirect individual inferential informal
informative inherent initial inner inquisitive instructive integral intelligible intended interesting intermediate internal interpretable interpretive
intuitive inverse involved joint judicious just keen large lateral latter leading legible legitimate lengthways less-than level-headed like limited
linear literal local logical lone lower lucid main major manual marginal material mathematical maximal meaningful measurable mechanical medial medium
memorable methodical meticulous minimal minor mixed moderate modern modest multiple mutual naked-eye natural naive negligible net neutral nominal
notable noteworthy numerical observable obvious occasional official operative opposite optimal optional oral ordinary organised outer outspoken
outstanding parallel paramount passing patent peculiar perceptible periodic peripheral permissible perpendicular persuasive pertinent pictorial
plausible pleasant plentiful popular portable potential practical pragmatic predominate preferable preliminary present-day presumptive prevalent
primary prime principal private productive professional proficient pronounced proper proportionate prospective proximate public pure qualitative
quantitative rare rational raw ready real realistic reasonable recapitulating recognised referable reliable remarkable repetitive representative
reproducible requisite retrospective rhetorical rich rigorous rough routine rudimentary salient same schematic scholarly scientific semantic
sequential serial simple simultaneous single singular sizeable sizable skilled slight small-scale sober sole solid spatial special specific square
stark statistical steep stepwise straight straightforward strict striking structural subjective subordinate subsequent substantial subtle succinct
sufficient suitable superficial supplementary supposed sure symbolic symmetrical symmetric systematic tacit tangible technical telling temporal
tentative thematic theoretical third thorough thoughtful tidy traceable traditional transparent transverse trivial trustworthy ultimate unadorned
unaided uncertain underlying understandable undisputed unfamiliar unified unique universal unlike unmissable unobtrusive unspectacular upper useful
usual vague valid valuable various varied verbal vertical viable vigilant virtual visual vivid weighty well-defined well-formed wide-ranging willing
worthwhile worthy written millivoltage countdown bpm-range beat-by-beat lead-by-lead step-by-step side-by-side point-by-point textbook-style
head-to-toe
accompaniment accustom acquisition adorn adventure allocate allowance amazing ambiguity ambiguous amuse anchor annotate annotation answerable
antechamber appetite applaud apportion appraisal appraise architecture arithmetical ascent assert assessor assuredly atlas attest attractive attune
aver bar beauty befit befits behave bestow betray bewilder blueprint boast bottommost brim busy byproduct cadence calculable calligraphy camera
capital cartoon ceiling characterful charming circumstance clarity classmate classroom clever clinch clip clock coarse code coin collation colour
color comma command commonplace compel compelling complexity comply comportment concede concerted concurrence concur confer confidence confound
confusion congratulate connote consciously conscience constitute construct construe contemplate contend contrive convene converse conviction
coordination copybook cordial core corollary correspondence corroboration countless courtesy covenant craft credit criticise criticize criticism crop
crowd crystal culminate curiosity curriculum cursor dare date datapoint daylight deceive deceptive decipher decode deduct defend defer deferential
definable delicate delight delightful demure deploy detective devise dictation dictionary differentiable dignified dignity diligent diligently discern
discernment disclaimer discourse discretion disguise dispose distil distill district divisible doctor doctors doctrine door dot double-check
double-checked downstroke dub dubbed duly duty dwarf earmark easy-going educational educator effortless effortlessly elbow elegance eloquent
eloquently elsewhere embark embed emblem embody emphatic emphatically emulate endorse engage engineer enlighten enquire enquiry entail enthusiasm
entice entirety envelope epitome escort essay estimation et al everyday everywhere evince exactness excel exclaim excuse exempt exempting experienced
expertise exponent expository eyeball eyeballed eyeballing eyesight favourably fetch fiducial figurative finalise finalize fine-tune finely fingertip
fingerprint fixate fluency fond foot foothold forefront foregone forehead foreign forerunner foresee forget formality fourth fifth sixth seventh
eighth ninth tenth freehand freely fringe fruit fruitful fulfilment furthest fuss generalise generalize generous gesture glossary gloss govern
graceful gracefully graduate grammar gratify gridline gridlines groundwork guidebook habitual handbook handwriting handwritten happily head-on headway
hereabouts hierarchy hindsight honour honor horizon housekeeping humble humbly humour hundred hundreds hunt idiosyncratic illuminate illuminating
imitate impressionistic inasmuch incisive indebted indelible indubitable indubitably inevitable inevitably inexact inhabit inscribe
inscription insist insofar instalment instinct instinctively intellectual intelligent interior interrelate interrelation interrogative intricate
intriguing invariably irrespective italic jargon journal journey joy junior juxtapose juxtaposition keeper keyword kindness knack knowledgeable
laborious laptop laud leaf leaflet lecturer leeway leftmost liable liberal liberty lifelike likeable literacy lodge lofty long-established long-winded
lookout loosely loyal magnify magnified mainstream makeup manuscript marvel marvellous master masterful mastery math maths mediate microscope mid
midpoint midst mindful mingle minimise minimize misinterpret mistook momentarily monograph more-or-less multitude multiplied multiplication namesake
narrate nearer necessarily needle neighbour neighbor neighbourhood newcomer nickname nod notionally nutshell oblige obliging observant
occupant offhand oft omission onlooker onward onwards opine optic optical ordinal organiser orientate orientated originator ornament orthodox ours
out-and-out outdo outweigh outwardly over-read overestimate overread overriding overstate overtone overt overtly overwhelming own-right owe owing
owner pack pad pairwise palette paperwork paradigm paradox paraphrase parcel pardon parenthesis parenthetically parity parlance parse partake passive
patience pedagogical pedagogy pedant pedantic peep perceive percent percentage perch perforce perimeter philosophy photocopy photograph phraseology
pioneer pivotal plainness playful plethora plus-sign podium polish polished polite politely ponder portray posit postgraduate preamble predecessor
preface preoccupy preparatory preponderance presentable pretence primer privilege proclaim professor proffer proficiency proofread propensity prose
protractor proud proverbial provisionally purist quadrant quintessential quintessentially radial rationalise readable readably readout reaffirm
rearward reassess recapitulate receipt recipient recitation recite reconfirm rectangle rectangular redolent referee reflection reflexion refresh
reinforce reinspect reminiscent remotely renowned reread reputation rescale resemblance resounding respectable respectful respectfully resultant
restate retell reticent rhyme righthand lefthand right-hand left-hand rigour robustly root rote runner sanction scanty sceptic schoolbook scrawl
scribble scrupulous scrupulously seamless seamlessly seasoned self-explanatory self-respecting semicircle seminar senior sensibly sentiment separation
sharpness shelf shorthand showcase shrewd shrug shy sidestep silhouette sincere sixty skeleton skilful slot smart solicit somebody someone somehow
someplace somewhere sought-after spacious speaker speculative spotlight statistic stereotypical stipulate storybook strategy student-friendly
studious sublime submission subtraction summation superfluous sure-footed surname symbolise symbolize synonym synonymous tact talk tangent tangential
tasteful teaching-point tease technicality tedious telltale tenable terrain test-taker theorem thereabouts therefrom thirty forty
fifty ninety hundredfold thoroughness thousand three-quarters thumbnail tiebreaker timeline topmost totality tour treatise tribute tricky trifle
tripartite true-to-form truism truthful twelvefold twenty two-dimensional typify typified ubiquitous unadulterated unanimous unanimously unassuming
unavoidable uncluttered uncontested uncontroversial undecorated understated undoubted unearth unhesitating unhesitatingly unify university unopposed
unpretentious unquestioned unsurprisingly unto upfront upholding uphold usher utmost utter utterly vantage vast vaunted verifiable versed vindicate
virtue visualisation vocabulary voila weigh-in well-placed well-timed whereupon whim wholeheartedly wisely withal witty workmanlike world writ zenith
zoom
"""
"""Words of which every form counts."""
