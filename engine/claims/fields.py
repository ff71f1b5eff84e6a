"""Harmless words by the field of meaning that they belong to: the rest of what an author of any text on an ECG may use.

The same rule holds as in `harmless.py`: no illness, remedy, state of the patient, course in time, action, praise or warning, and no
shape, order or size of a wave, which claims something of it.
"""

from __future__ import annotations

FIELDS: dict[str, str] = {
    "joins": """
aforesaid afterward albeit alternatively anyhow anyway anywise circa cum ditto facie forasmuch forthwith henceforth hereafter hereof hereon hereto
herewith hither ibid idem lest meanwhile neither sooner still thereafter thereon thereto thereunder thither  unless  versa vice wherefrom
whereof whereon whereto whilst yonder
""",
    "degree": """
academically alternately amply anatomically cautiously cleanly coincidentally comparatively conceivably conceptually concomitantly constantly
continually continuously demonstrably dependably discernibly doubtless dutifully electrocardiographically expectedly feebly fractionally geometrically
gingerly grained guardedly hesitantly incessantly incontestably indisputably manifold morphologically narrowly nigh numerous ostensibly perfectly
physiologically pleasingly plurality powerfully predictably proportionally revealingly rigidly satisfyingly strongly surprisingly tightly unceasingly
uninterruptedly unreservedly upward warily weakly
""",
    "documents": """
abbreviation abridgement acronym appendix blackboard book booklet bullet card cardiogram cardiograph citation clause compendium critique database
diary dossier duplicate electrocardiograph electrocardiography electrode email encyclopaedia encyclopedia facsimile fax flashcard handout hardcopy
idiom input logbook mail memorandum montage photo poster precis problem proforma questionnaire registration rhythmstrip spreadsheet timestamp
vernacular whiteboard workshop
""",
    "headings": """
addendum admission amended amendment appointment arrival attendance attn bay bed cc checked consultation cubicle encl forename goal handoff handover
id inpatient monitored monitoring monitors mrn nos obs outpatient requester standardised standardized triage unconfirmed unfiltered unverified
validated
""",
    "language": """
accent adjacency assortment bear closeness collection composition construction end foreground gamut halves hope liner nearness neighborhood reassert
relay role said situation stress succeed surroundings went
""",
    "measuring": """
altitude arc bin breadth calliper cap centimetre clockface computation computerised computerized convert cover cross decimal delivers digit dividers
elapse extreme  graduation halve hexaxial integer microvolt midrange normalise normalize numeric projection quotient recalculate recompute
remeasure restrict straightedge subtotal tallness timespan tolerance transform unadjusted
""",
    "order": """
accepted apex archetypal arm assorted chain curvature cyclic diagonal featureless leg nadir nondescript orderliness periodicity prototypical published
recur solitary sundry trough unnoteworthy vertex
""",
    "derived": """
accordance acknowledgement acknowledgment addition adaptation adjustable adjustment agreeable alignment allocation announcement applicable
apportionment approximation arrangement assignment assistance attachment attainment attributable attribution available awareness
brevity clarity coincidence commitment commonest communication comparer completeness complexity comprehension computable conference conformance
connector continuity conversation conversion correctness correspondence countable dedication deducible dependence derivable designation detection
detector determination divider division documentation duplication easiest edition elimination entity entrance estimator exactness explainable
explicable extraction faintest familiarity fewest finer follower formation fulfilment fulfillment fullest generalisation generalization guidance harder
identity inclusion inferable initiation interpretable intersection intuition legibility lesser likeness limitation linkage locator majority maker
meaningless minority multiplication multiplier necessity nicer obtainable omission opener particularity performance plotter predominance preferable
preparation preponderance prevalence printer production publication quantifiable quantity readability readiness reality recalculation recorder
reliability reliance reporter reproducible requirement resemblance responsibility satisfaction scanner sensitivity similarity simpler simplest
simplicity specificity stricter substance summarisation summarization supplement traceable transformation typicality uniqueness usefulness utility
utterance validity visibility weren
""",
    "persons": """
algorithm's analyst arbiter author's cardiologist's clerk clinician's cohort college committee computer's consultant  doctor's ecg's editor
electrophysiologist examinee examiner's examiners fellow houseman human institute institution intern investigator jury lab laboratory machine's matron
mentor novices nurse observer's officer operator participant people person personnel physician physician's physiologist porter pupils radiographer
reader's recording's referrer registrars researcher reviewer scientist secretary sister society student's supervisor teacher's teachers technologist
tracing's trainer typist user viewers volunteer writer's
""",
    "reading": """
archive asterisk callout check circulate commence concentration continue countersign deliver dissection enclose finish footer gaze header heed
initiate ink inset interim investigate issue magnification open painstaking parentheses paste peruse publish recheck ring scrutiny stare store stroll
subheading target walkthrough watchful zero
""",
    "reasoning": """
accept adduce alleged alternative ancillary anticipation arguable assurance auxiliary axiom backing bedrock belief believable break buttress certainty
certify certitude challenging chime cohere competitor complementary complicated comport comprehend conceivable conception condense confirmation
conjecture conjure construal contention cornerstone credence credibility debate decisive decrypt deduction defensible dependable dictum differential
dissect dovetail elucidate encapsulate endeavor endeavour enlist envisage evoke expound fathom flow forceful forecast handle harmonise harmonize hinge
hypothesise hypothesize illogical imaginable implication inarguable incontestable incontrovertible indefinite indisputable insinuate intimate intuit
invoke irrefutable jibe maneuver marry maxim mechanism mindset motive muster ostensible outcome outlook persuade plausibility postulate predicate
prediction presuppose procedure profess propound provenance putative ramification rephrase rest rival sense sensible speculation strengthen subsidiary
substantiate substantiation summon sureness testify theorise theorize thinkable touchstone unarguable unchallenged underlie unravel untangle validate
validation vouch
""",
    "showing": """
accentuate advertise arisen behold bespeak betoken capture chronicle demonstrable depiction discernible disclosure distinctive embodiment emerge
epitomise epitomize espy etch exemplification exhibition harbor harbour identifiable laid lying manifestation materialise materialize reappear
rendition reproduction revelation seeable shout sport stumble underscore viewable whisper
""",
    "teaching": """
absorbing assignment beautiful boards categorise categorize coincide exams fascinating fingers flowchart  homework invaluable ladder learnt
listen lovely metaphor osce overlie pleasing revise shortcut simile staircase stylus superimpose surprising syllabus taught viva
""",
    "time": """
afterwards already anew beforehand commencement completion  epoch heartbeat hereunder inception instantaneous later meantime momentary seconds
succeeding thrice wise
""",
    "ward": """
algorithms anatomic anatomy ankle apparatus atrioventricular auto axilla axillary body cable cardiological cardiology cart cellular chamber chartwork
computers contraction default diastole diastolic electric electricity electrophysiologic electrophysiology equipment excitation excite fiber fibres
hardware impulses instrument interatrial intercostal interventricular intra midclavicular myocyte package patch pathway polarisation polarization
precordia programme rib route septal septum   sternum sticker systole systolic thorax torso tract trolley vendor wavefronts wrist
""",
}
"""By field words of which every form counts."""
