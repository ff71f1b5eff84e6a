"""Words of ECG prose that claim nothing by themselves: the only ones that may be left over in a sentence that agrees.

The words are those of published model interpretations, machine reports and everyday English that describe, point, join or
hedge. No word of an illness, a remedy, a state of the patient, a course in time or an action is among them.
"""

from __future__ import annotations

from functools import lru_cache

from engine.claims.everyday import BASES, FIXED
from engine.claims.fields import FIELDS

_FIXED = """
a an the this that these those it its itself they them their there here which who whose what whether if when where as at by for from in into of
on onto to with within throughout through across along among amongst around about over under up down out above below between beyond beside besides
behind during after before since than both each every either all any some several many most more less least few fewer other another others such own
only also too very quite rather just even and or nor but so yet thus hence therefore because however although though while whereas accordingly
consequently furthermore moreover additionally likewise similarly namely respectively overall otherwise nevertheless nonetheless further i.e e.g ie eg
etc is are was were be been being has have had having do does did done can could may might should would not i we you me my your our us please yes
one two three four five six seven eight nine ten twelve first second third once twice half per via towards toward upon given due according
based instead despite regarding concerning alone together apart again always generally usually normally typically mainly mostly primarily
predominantly largely particularly especially specifically notably namely certainly indeed hereby thereby therein
non ahead same b e f g i v best key plus minus little bit normal like sometimes relative relatively fully truly merely simply solely entirely readily essentially seemingly virtually fairly
somewhat slightly enough next quite met get got deeper deepest taller tallest larger largest smaller smallest broader broadest sharper nearest closer
closest clearer clearest best higher lower longer shorter greater highest lowest longest shortest greatest
ms msec mv mm bpm min deg degrees degree millisecond milliseconds millivolt millivolts millimetre millimetres millimeter millimeters squares boxes
bazett bazett's fridericia fridericia's framingham hodges frid sokolow lyon sokolow-lyon cornell ecg ekg electrocardiogram electrocardiographic
av lv rv st qt pr rr qrs qtc rs qr qs f r s t q p n no nr heart's patient's infero antero
themselves herself bottoms deepens descends plunges ascends soars towers mounts
pace taken took seen saw shown found given made lain lay stood fell arose began come came known thought held kept meant led read drawn written
"""
_BASES = """
show display exhibit demonstrate reveal present indicate suggest reflect represent note observe see find detect identify record measure calculate
compute determine estimate evaluate assess examine analyze analyse interpret review inspect read report describe document mention list name label mark
characterize characterise appear seem remain stay lie fall stand run range average amount equal reach attain extend last span take give yield provide
produce make support confirm corroborate affirm verify favor favour point speak agree align fit match correspond correlate conform satisfy meet fulfil
fulfill qualify count classify consider regard call judge deem keep retain maintain contain include involve consist comprise accompany associate
combine couple relate refer concern raise recommend advise warrant require come arise originate begin start result derive cause contribute depend
conclude summarize summarise infer deduce imply signify serve underline underpin emphasize highlight illustrate focus look view help allow use apply
perform obtain acquire plot print compare contrast differ exist occur know expect assume presume suspect believe think follow precede conduct
dominate confine step translate contract understand explain mean activate depolarize depolarise repolarize repolarise beat drive progress rise grow increase deflect peak add sum correct average fluctuate remark
state say tell answer ask comment notice distribute separate space place locate direct orient rotate register trace
clear plain obvious evident apparent notable noteworthy noticeable marked considerable slight mild minor minimal subtle slender discrete moderate
approximate rough near exact precise close likely possible probable potential presumed suspicious suggestive indicative supportive reflective
compatible typical characteristic classic usual common general total whole entire complete full partial particular specific nonspecific
main primary predominant prominent dominant underlying basic similar identical comparable different respective corresponding successive
consecutive adjacent contiguous neighboring frontal limb precordial deep tall large sharp broad visible isolated occasional
even consistent steady uniform distinct clinical cardiac ventricular intraventricular electrical diagnostic definite definitive conclusive
appreciable inconspicuous recognisable recognizable measurable visual automated final initial brief detailed careful thorough
comprehensive systematic step-by-step stepwise relevant noticeable ordinary customary reasonable fair broadly prevailing overall striking
average mean median maximal minimal maximum minimum upper lower left right
morphology shape form contour configuration appearance amplitude height depth width size length duration dimension value figure number limit range unit criterion
criteria threshold level baseline line plane direction orientation polarity deflection upstroke wave waveform complex complexe segment
interval period time distance spacing lead derivation wall region territory area zone rhythm rate frequency axis vector pattern
finding feature observation result measurement analysis analyse interpretation impression conclusion summary diagnosis diagnose assessment evaluation
examination investigation test testing correlation comparison answer question point comment section statement description detail aspect component
part kind type class category degree extent evidence sign indication suspicion possibility likelihood probability hint support basis ground
indicator marker hallmark feature consistency regularity variation variability deviation difference change strip tracing trace recording paper image
page sample data record chart graph heart ventricle atrium atria node origin onset offset beginning context picture presentation setting correlate
presence existence occurrence combination consequence significance relevance importance relationship relation variant equivalent respect term keeping
activation depolarization depolarisation repolarization repolarisation voltage conduction sequence progression transition formula method calculation
system cycle quality information ratio proportion overview order character element visualization notation fascicle bundle branch chest reader clinician cardiologist patient adult man men woman women male female
"""
_AFFIRMED = """
correlation correlate evaluation investigation testing test assessment examination review follow-up recommend recommended advise advised warrant
warrants warranted warranting require requires required comparison atrial activity organized organised need needs needed necessary attention matter matters mattered important importance
importantly recommendation recommendations advisable desirable action actions act acts relevant relevance
"""
_DENIED = "acute new recent old reciprocal dynamic"
_PLAN = """
old sent requested morning afternoon evening night overnight tonight tomorrow later earlier prior previous shift hourly daily weekly hour hours day days week weeks
filed inform informed notify notified aware bleep bleeped paged phoned telephoned handed hand await awaits awaiting awaited pending planned due booked
arrange arranged agreed discussed ongoing next continue continued team teams consultant placement positions reposition electrodes sticky dots ecgs signed
countersigned uploaded scanned archived outstanding following rounds theatre clinic transfer transferred discharge admission
"""
AFFIRMED = frozenset(_AFFIRMED.split())
"""Words that are harmless only where they are not denied: what is advised to be done, and the atria, whose silence is a finding."""
PLAN = frozenset(_PLAN.split())
"""Words of filing and handing over, harmless in a sentence that names nothing of the ECG: `Registrar to review in the morning.`"""
DENIED = frozenset(_DENIED.split())
"""Words that are harmless only where they are denied: `no acute ST elevation` says less than `no ST elevation`."""
HEADINGS = frozenset({"block", "ectopic", "ischemic", "ischaemic"})
"""Words that claim nothing in a heading: `Block pattern: none`."""
ATRIA = frozenset({"atrial", "activity", "organized", "organised"})
"""Of the affirmed ones those that may be denied where the P waves are spoken of."""


def _forms(word: str) -> set[str]:
    """A word with its plural, its verb forms and its adverb; forms that English lacks do no harm."""
    found = {word, f"{word}s", f"{word}ed", f"{word}ing", f"{word}ly", f"{word}al"}
    if word.endswith("e"):
        found |= {f"{word}d", f"{word[:-1]}ing", f"{word[:-1]}y"}
    if word.endswith("y"):
        found |= {f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word[:-1]}ily"}
    if word.endswith(("s", "x", "ch", "sh", "o")):
        found.add(f"{word}es")
    if word.endswith("ic"):
        found.add(f"{word}ally")
    if len(word) > 2 and word[-1] in "tnlrp" and word[-2] in "aeiou":
        found |= {f"{word}{word[-1]}ed", f"{word}{word[-1]}ing"}
    return found


@lru_cache(maxsize=1)
def harmless() -> frozenset[str]:
    """Every form of every word, in small letters."""
    said = frozenset((*_FIXED.split(), *_AFFIRMED.split(), *FIXED.split()))
    bases = (_BASES, BASES, *FIELDS.values())
    return said.union(*(_forms(word) for base in bases for word in base.split()))
