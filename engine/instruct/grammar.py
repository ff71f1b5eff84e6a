"""A grounded report by a grammar: rhythm and intervals, a walk through the leads, the reasoning, the diagnosis; one paragraph.

Deterministic: the same record, seed and labels give the same words. Nothing here writes a number, only slots for measured ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from random import Random

from engine.claims.basis import Basis
from engine.criteria.case import listed
from engine.instruct import phrases
from engine.instruct.guider import NOT_AVR, RULES, Argument, Stand, fact, firmly, guide
from engine.instruct.labelled import Labelled
from engine.instruct.labels import LABELS, by_group, groups_of
from engine.instruct.verify import How, Said, leads_in
from ingest.frame import LEADS
from stream.measurement import BeatKind

LONGEST = 300
"""Words of a report, as in the published data."""
LEAST = 5
"""Sentences that are left of the measured ones, however short a report must be."""
ARGUED = 5
"""Diagnoses that are reasoned about; the others are named in the conclusion."""


@dataclass(frozen=True)
class Case:
    """A labelled segment that was measured, and the choices of its writer."""

    labelled: Labelled
    basis: Basis
    rng: Random
    often: Mapping[str, float] = field(default_factory=dict)
    """How often each finding is asked about where it is there; what is asked about where it is not follows it."""

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """Of every labelled diagnosis."""
        return guide(self.basis, self.labelled.entry.codes)

    def has(self, slot: str, lead: str = "") -> bool:
        """Whether a number is measured."""
        return fact(self.basis, slot, lead) is not None

    def pick(self, options: Sequence[str], **words: str) -> str:
        """One phrase of which every number is measured, its words put in; empty where there is none."""
        fit = [text for text in (option.format(**words) for option in options) if self._measured(text)]
        return self.rng.choice(fit) if fit else ""

    def _measured(self, text: str) -> bool:
        slots = [piece.partition(">")[0].partition(":") for piece in text.split("<")[1:]]
        return all(self.has(slot, lead) for slot, _, lead in slots)

    def is_(self, finding: str, *leads: str) -> bool:
        """Whether a finding is plainly there."""
        return firmly(self.basis, finding, leads) is True

    @property
    def good(self) -> list[str]:
        """Leads of which a QRS is measured, in their order."""
        return [lead for lead in LEADS if self.has("STJ", lead)]

    @property
    def missing(self) -> list[str]:
        """Leads that were not recorded."""
        return [lead for lead in LEADS if self.basis.lead(lead) is None]


def report(case: Case, longest: int = LONGEST) -> list[Said]:
    """The sentences of a grounded report in their order, at most so many words."""
    told = [*rhythm(case), *intervals(case), *walk(case), *missing(case), *reasoning(case)]
    said = [*impression(case), *told, conclusion(case)]
    return shortened(said, longest)


def shortened(said: Sequence[Said], longest: int) -> list[Said]:
    """Sentences of at most so many words together.

    First goes what names no lead that is not named elsewhere too, then the walk, then rate, intervals and reasons; of each
    the highest rank, and the later before the earlier.
    """
    kept = list(said)
    while sum(len(one.text.split()) + one.text.count("<") for one in kept) > longest and len(kept) > LEAST:
        loose = [k for k, one in enumerate(kept) if not one.needed]
        if not loose:
            break
        kept.pop(max(loose, key=partial(_loss, kept)))
    return kept


def _loss(kept: Sequence[Said], k: int) -> tuple[bool, int, int]:
    """The greater, the less is lost with a sentence."""
    elsewhere = {lead for j, one in enumerate(kept) if j != k for lead in leads_in(one.text)}
    return kept[k].rank > 0 and set(leads_in(kept[k].text)) <= elsewhere, kept[k].rank, k


def impression(case: Case) -> list[Said]:
    """The groups of findings that the record is labelled with; nothing where it has none."""
    groups = listed(groups_of(case.labelled.entry.codes, case.labelled.entry.classes))
    return [Said(phrases.IMPRESSION.format(groups=groups), How.LABEL, True)] if groups else []


def rhythm(case: Case) -> list[Said]:
    """Rate, regularity and P waves, as measured."""
    found = [Said(case.pick(phrases.RATE), rank=0)]
    regular = firmly(case.basis, "regular rhythm")
    if regular is not None:
        found.append(Said(case.pick(phrases.REGULAR[regular])))
    present = firmly(case.basis, "P waves")
    if present is not None:
        found.append(Said(case.pick(phrases.P_WAVES[present]), rank=2))
    if present:
        found.append(Said(case.pick(phrases.P_SIZE), rank=3))
    return [one for one in found if one.text]


def intervals(case: Case) -> list[Said]:
    """PR, QRS, QT, QTc and axis."""
    options = phrases.INTERVALS if case.has("PR") else phrases.WITHOUT_PR
    found = [(case.pick(options), 0), (case.pick(phrases.QTC), 2), (case.pick(phrases.AXIS), 0)]
    return [Said(text, rank=rank) for text, rank in found if text]


def walk(case: Case) -> list[Said]:
    """Lead by lead, in the groups of the published prompt: I; II; III and aVF; aVL; aVR; V1; V2 to V4; V5 and V6."""
    good = case.good
    found: list[str] = [_whole(case, lead) for lead in ("I", "II") if lead in good]
    found += _pair(case, phrases.TWO_R, "III", "aVF")
    found += [_words(case, "aVL")] if "aVL" in good else []
    if "aVR" in good:
        found.append(
            (case.pick(phrases.NEGATIVE, a="aVR") if case.is_("negative QRS", "aVR") else "") or _one(case, "aVR")
        )
    found += [case.pick(phrases.R_S, a="V1") or _whole(case, "V1")] if "V1" in good else []
    found += [_whole(case, "V2")] if "V2" in good else []
    found += _pair(case, phrases.TWO_T, "V3", "V4")
    found += _pair(case, phrases.TWO_R, "V5", "V6")
    told = [Said(text) for text in found if text]
    flat = [lead for lead in good if lead in NOT_AVR and firmly(case.basis, "ST elevation", (lead,)) is False]
    if len(flat) > 1:
        some = sorted(case.rng.sample(flat, min(len(flat), 4)), key=LEADS.index)
        told.append(Said(case.pick(phrases.NO_ST, leads=listed(some)), rank=3))
    return told


def _whole(case: Case, lead: str) -> str:
    tall = case.has("RAMP", lead)
    return case.pick(phrases.R_T_ST if tall else phrases.S_T_ST, a=lead) or _one(case, lead)


def _one(case: Case, lead: str) -> str:
    """One number of a lead: its T, R, S or ST, the first that is measured."""
    options = (phrases.ONE_T, *((phrases.FACT[slot],) for slot in ("RAMP", "SAMP", "ST")))
    return next((text for some in options if (text := case.pick(some, a=lead)) != ""), "")


def _pair(case: Case, options: Sequence[str], *leads: str) -> list[str]:
    """Two leads in one sentence where both have the number, else each that is measured in its own."""
    both = case.pick(options, a=leads[0], b=leads[1])
    return [both] if both else [_one(case, lead) for lead in leads if lead in case.good]


def _words(case: Case, lead: str) -> str:
    """With the direction of the T wave in words where it is plain."""
    kind = next((words for name, words in phrases.T_KIND.items() if case.is_(name, lead)), "")
    return (case.pick(phrases.R_T_WORDS, a=lead, t=kind) if kind else "") or _one(case, lead)


def missing(case: Case) -> list[Said]:
    """What was not recorded, once."""
    leads = case.missing
    if not leads:
        return []
    one = len(leads) == 1
    name = f"Lead {leads[0]} was" if one else f"Leads {listed(leads)} were"
    if one:
        words = {"Leads": name, "them": "it"}
        return [Said(case.rng.choice(phrases.NOT_RECORDED[:1]).format(**words), How.MISSING, True)]
    text = case.rng.choice(phrases.NOT_RECORDED)
    name = name if "not recorded" in text else name.removesuffix(" were") + " are"
    return [Said(text.format(Leads=name, them="them"), How.MISSING, True)]


def reasoning(case: Case) -> list[Said]:
    """Why each labelled diagnosis is made: with its numbers, against them, or by its shape alone; each reason once."""
    found: list[Said] = []
    reasons: set[tuple[str, tuple[str, ...]]] = set()
    for argument in case.arguments[:ARGUED]:
        rule = RULES.get(argument.code)
        reason = (rule.finding, rule.among) if rule is not None and rule.finding else (argument.code, ())
        if reason not in reasons:
            found += argued(case, argument)
        reasons.add(reason)
    return found


def argued(case: Case, argument: Argument) -> list[Said]:
    """One diagnosis."""
    words = worded(case, argument)
    kind = LABELS[argument.code].kind
    if argument.stand is Stand.FOR and (text := case.pick(_reasons(case, argument), **words)) != "":
        return [Said(text, rank=0)]
    if argument.stand is not Stand.FOR and argument.code == "NORM":
        return [Said(case.rng.choice(phrases.NORMAL_AGAINST), How.LABEL)]
    if argument.stand is Stand.AGAINST:
        plain = [Said(phrases.FACT[one.slot].format(a=one.lead), rank=2) for one in argument.facts[:1]]
        return [Said(case.rng.choice(phrases.AGAINST).format(**words), How.LABEL), *plain]
    return [Said(case.rng.choice(phrases.OPEN.get(kind, phrases.OPEN["shape"])).format(**words), How.LABEL)]


def _reasons(case: Case, argument: Argument) -> Sequence[str]:
    """The phrases that fit: those that name leads need them, two of an infarct; a count needs more than one."""
    options = phrases.REASON.get(argument.code, ())
    least = 2 if LABELS[argument.code].kind == "infarct" else 1
    if len(argument.leads) < least:
        options = tuple(text for text in options if "{leads}" not in text)
    if len(argument.leads) == 1:
        options = tuple(text.replace("leads {leads}", "lead {leads}") for text in options)
    if argument.code == "PVC" and case.basis.count(BeatKind.VENTRICULAR) < 2:
        options = tuple(text for text in options if "{count}" not in text)
    return options


def worded(case: Case, argument: Argument) -> dict[str, str]:
    """The words that a phrase may ask for."""
    name = argument.name
    lead = case.rng.choice(argument.leads) if argument.leads else ""
    count = str(case.basis.count(BeatKind.VENTRICULAR))
    return {
        "name": name,
        "Name": name[0].upper() + name[1:],
        "leads": listed(argument.leads),
        "a": lead,
        "count": count,
    }


def conclusion(case: Case) -> Said:
    """Every labelled diagnosis by its name, group by group."""
    names = listed([LABELS[code].name for code in by_group(one.code for one in case.arguments)])
    return Said(case.rng.choice(phrases.CONCLUSION).format(names=names), How.LABEL, True)
