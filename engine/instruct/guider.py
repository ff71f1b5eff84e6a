"""From a labelled diagnosis to its published criterion and what the measurements say for or against it.

The judge is the claim checker's own opinion on the finding (`engine/claims/judging/finding.py`), so that what a sample argues is what the
checker will say of a model's text. Where nothing that is measured bears on a diagnosis it is told as a label alone, without a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.claims.basis import Basis
from engine.claims.judging.finding import opinion
from engine.claims.judging.opinion import Opinion
from engine.claims.slots import SLOTS
from engine.claims.statement import Statement
from engine.instruct.labels import LABELS
from ingest.frame import LEADS

_AHA_III = "Surawicz B et al., AHA/ACCF/HRS Recommendations Part III, J Am Coll Cardiol 2009;53:976-981"
_AHA_IV = "Rautaharju PM et al., AHA/ACCF/HRS Recommendations Part IV, J Am Coll Cardiol 2009;53:982-991"
_AHA_V = "Hancock EW et al., AHA/ACCF/HRS Recommendations Part V, J Am Coll Cardiol 2009;53:992-1002"
_UDMI = "Thygesen K et al., Fourth universal definition of myocardial infarction, Circulation 2018;138:e618-e651"
_SOKOLOW = "Sokolow M, Lyon TP, Am Heart J 1949;37:161-186; Casale PN et al., J Am Coll Cardiol 1985;6:572-580"
_AF = "Hindricks G et al., ESC Guidelines on atrial fibrillation, Eur Heart J 2021;42:373-498"
_SVT = "Page RL et al., ACC/AHA/HRS Guideline, Circulation 2016;133:e506-e574"
_VA = "Al-Khatib SM et al., AHA/ACC/HRS Guideline, Circulation 2018;138:e272-e391"
_ACC = "Kusumoto FM et al., ACC/AHA/HRS Guideline on bradycardia, Circulation 2019;140:e382-e482"
_ZEMA = "Zema MJ, Kligfield P, Arch Intern Med 1982;142:1145-1148"

WALLS = {
    "AMI": ("V1", "V2", "V3", "V4"), "ASMI": ("V1", "V2", "V3", "V4"), "ALMI": ("V3", "V4", "V5", "V6", "I", "aVL"),
    "IMI": ("II", "III", "aVF"), "ILMI": ("II", "III", "aVF", "V5", "V6"), "LMI": ("I", "aVL", "V5", "V6"),
}  # fmt: skip
"""Leads that look at the wall of an infarct."""
NOT_AVR = tuple(lead for lead in LEADS if lead != "aVR")
T_LEADS = tuple(lead for lead in LEADS if lead not in ("aVR", "III", "V1"))
"""Leads in which an inverted T wave is not normal."""


class Stand(StrEnum):
    """What the measurements say to a labelled diagnosis."""

    FOR = "for"
    AGAINST = "against"
    OPEN = "not measurable"


@dataclass(frozen=True, slots=True)
class Fact:
    """One measured number, by the slot that stands for it in a text."""

    slot: str
    lead: str
    """Empty of a number of the whole."""
    value: float
    unit: str

    @property
    def token(self) -> str:
        """As it stands in a text with slots."""
        return f"<{self.slot}:{self.lead}>" if self.lead else f"<{self.slot}>"


@dataclass(frozen=True, slots=True)
class Argument:
    """A labelled diagnosis with its evidence."""

    code: str
    stand: Stand
    criterion: str
    source: str
    facts: tuple[Fact, ...]
    """Measured numbers that bear on it; empty where nothing is measurable."""
    leads: tuple[str, ...]
    """Leads that show it, of a finding of leads."""
    why: str
    """The reason of the stand in words."""

    @property
    def name(self) -> str:
        """The diagnosis as it stands in a sentence."""
        return LABELS[self.code].name


Slots = Sequence[tuple[str, str]]
Leads = Callable[[Basis], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """How one diagnosis is argued."""

    finding: str
    """Its name in the checker; empty where the checker has none."""
    criterion: str
    source: str
    slots: Slots = ()
    """Slots of the whole and of named leads that bear on it."""
    per_lead: tuple[str, ...] = ()
    """Slots told of each lead that shows it."""
    shows: str = ""
    """The checker's finding by which a lead shows it."""
    among: tuple[str, ...] = ()
    """Leads that are looked at."""


_P = (("HR", ""), ("P", ""), ("PR", ""), ("PAMP", "II"))
_WALL = "Q waves of at least 30 ms and 0.1 mV, or ST elevation, in two leads of the wall"
_BLOCK = (("QRS", ""), ("RAMP", "V1"), ("SAMP", "V1"), ("RAMP", "V6"), ("SAMP", "V6"))

RULES: dict[str, Rule] = {
    "NORM": Rule("normal ECG", "sinus rhythm of 60 to 100 per minute with normal intervals, axis, ST segments and T waves", _AHA_III, (("HR", ""), ("PR", ""), ("QRS", ""), ("AXIS", ""))),
    "SR": Rule("sinus rhythm", "a P wave before each QRS complex", _SVT, _P),
    "STACH": Rule("sinus tachycardia", "sinus rhythm above 100 per minute", _SVT, _P),
    "SBRAD": Rule("sinus bradycardia", "sinus rhythm below 60 per minute", _ACC, _P),
    "SARRH": Rule("sinus arrhythmia", "sinus rhythm with RR intervals that vary", _SVT, (("HR", ""), ("RR", ""))),
    "AF": Rule("atrial fibrillation", "irregular RR intervals without P waves", _AF, (("HR", ""), ("RR", ""))),
    "AFLT": Rule("atrial flutter", "regular flutter waves in place of P waves", _SVT),
    "SVTAC": Rule("supraventricular tachycardia", "a regular narrow tachycardia above 100 per minute", _SVT, (("HR", ""), ("QRS", ""))),
    "ATACH": Rule("", "a regular atrial rhythm above 100 per minute with P waves unlike those of sinus rhythm", _SVT),
    "JUNC": Rule("junctional rhythm", "a regular narrow rhythm without P waves before the QRS complexes", _ACC),
    "WAP": Rule("wandering pacemaker", "P waves of at least three shapes", _SVT),
    "VT": Rule("ventricular tachycardia", "three or more ventricular beats in a row above 100 per minute", _VA),
    "PACE": Rule("paced rhythm", "pacing pulses before the beats", _ACC),
    "PVC": Rule("ventricular ectopy", "early wide beats without a P wave before them", _VA),
    "PAC": Rule("supraventricular ectopy", "early beats of the usual width", _SVT),
    "BIGU": Rule("bigeminy", "a ventricular beat after each conducted one", _VA),
    "TRIGU": Rule("", "a ventricular beat after every two conducted ones", _VA),
    "1AVB": Rule("first degree AV block", "PR interval above 200 ms", _ACC, (("PR", ""),)),
    "2AVB": Rule("AV block of second degree", "single P waves without a QRS complex", _ACC),
    "3AVB": Rule("AV block of third degree", "P waves and QRS complexes without relation", _ACC),
    "AVB": Rule("AV block", "PR interval above 200 ms or P waves without a QRS complex", _ACC, (("PR", ""),)),
    "LBBB": Rule("left bundle branch block", "QRS duration of at least 120 ms, negative in V1 and positive in V6", _AHA_III, _BLOCK),
    "RBBB": Rule("right bundle branch block", "QRS duration of at least 120 ms, positive in V1 with a wide S wave in V6", _AHA_III, _BLOCK),
    "BBB": Rule("bundle branch block", "QRS duration of at least 120 ms", _AHA_III, _BLOCK),
    "ILBBB": Rule("incomplete left bundle branch block", "QRS duration of 110 to 119 ms with the shape of a left bundle branch block", _AHA_III, (("QRS", ""),)),
    "IRBBB": Rule("incomplete right bundle branch block", "QRS duration of 110 to 119 ms with a second R wave in V1", _AHA_III, (("QRS", ""),)),
    "LAFB": Rule("left anterior fascicular block", "axis of -45 to -90 degrees with a QRS below 120 ms", _AHA_III, (("AXIS", ""), ("QRS", ""))),
    "LPFB": Rule("left posterior fascicular block", "axis of 90 to 180 degrees with a QRS below 120 ms, without another cause", _AHA_III, (("AXIS", ""), ("QRS", ""))),
    "IVCD": Rule("intraventricular conduction delay", "QRS duration above 110 ms without the shape of a bundle branch block", _AHA_III, (("QRS", ""),)),
    "WPW": Rule("", "PR interval below 120 ms with a slurred beginning of the QRS complex", _SVT),
    "MI": Rule("infarct", _WALL, _UDMI, (), ("QDUR", "QAMP"), "pathological Q waves", NOT_AVR),
    **{code: Rule("infarct", _WALL, _UDMI, (), ("QDUR", "QAMP"), "pathological Q waves", leads) for code, leads in WALLS.items()},
    "PMI": Rule("", "tall R waves with ST depression in V1 to V3", _UDMI),
    "INJ": Rule("", "ST depression over the injured wall", _UDMI),
    "NDT": Rule("T wave changes", "flat or inverted T waves", _AHA_IV, (), ("TAMP",), "T wave changes", T_LEADS),
    "NST": Rule("ST-T changes", "ST deviation, flat or inverted T waves", _AHA_IV, (), ("TAMP",), "T wave changes", T_LEADS),
    "ISC": Rule("ischaemia", "ST depression or inverted T waves in two leads", _UDMI, (), ("TAMP",), "T wave inversion", T_LEADS),
    "STD": Rule("ST depression", "ST level of -0.1 mV or lower in two leads", _UDMI, (), ("ST",), "ST depression", NOT_AVR),
    "STE": Rule("ST elevation", "J point raised by at least 0.1 mV in two leads", _UDMI, (), ("STJ",), "ST elevation", NOT_AVR),
    "TINV": Rule("T wave inversion", "negative T waves where they are upright in health", _AHA_IV, (), ("TAMP",), "T wave inversion", T_LEADS),
    "LQT": Rule("long QT", "QTc above 450 ms in men and 460 ms in women", _AHA_IV, (("QT", ""), ("QTCB", ""), ("QTCF", ""))),
    "LVH": Rule("left ventricular hypertrophy", "S in V1 and R in V5 of together at least 3.5 mV, or R in aVL and S in V3 above 2.8 (women 2.0) mV", _SOKOLOW, (("SAMP", "V1"), ("RAMP", "V5"), ("RAMP", "aVL"), ("SAMP", "V3"))),
    "VLVH": Rule("left ventricular hypertrophy", "S in V1 and R in V5 of together at least 3.5 mV", _SOKOLOW, (("SAMP", "V1"), ("RAMP", "V5"), ("RAMP", "aVL"), ("SAMP", "V3"))),
    "RVH": Rule("right ventricular hypertrophy", "R above S in V1 with an axis to the right", _AHA_V, (("RAMP", "V1"), ("AXIS", ""))),
    "VH": Rule("ventricular hypertrophy", "high QRS voltage", _AHA_V, (("SAMP", "V1"), ("RAMP", "V5"))),
    "LAE": Rule("left atrial enlargement", "P duration of at least 120 ms", _AHA_V, (("P", ""),)),
    "RAE": Rule("right atrial enlargement", "P wave above 0.25 mV in lead II", _AHA_V, (("PAMP", "II"),)),
    "QWAVE": Rule("pathological Q waves", "Q waves of at least 30 ms and 0.1 mV", _UDMI, (), ("QDUR", "QAMP"), "pathological Q waves", NOT_AVR),
    "LVOLT": Rule("low voltage", "QRS below 0.5 mV in all limb leads", _AHA_V, (("RAMP", "I"), ("RAMP", "II"))),
    "PRWP": Rule("poor R wave progression", "R wave of 0.3 mV or less in V3", _ZEMA, (("RAMP", "V3"),)),
    "LPR": Rule("long PR interval", "PR interval above 200 ms", _ACC, (("PR", ""),)),
    "SPR": Rule("short PR interval", "PR interval below 120 ms", _SVT, (("PR", ""),)),
    "LAD": Rule("left axis deviation", "axis of -30 to -90 degrees", _AHA_III, (("AXIS", ""),)),
    "RAD": Rule("right axis deviation", "axis of 90 to 180 degrees", _AHA_III, (("AXIS", ""),)),
    "EAD": Rule("extreme axis deviation", "axis of -90 to -180 degrees", _AHA_III, (("AXIS", ""),)),
}  # fmt: skip
"""By code. Findings that are not here (digitalis, electrolytes, early repolarisation) are told as labels alone."""


def asked(basis: Basis, finding: str, leads: Sequence[str] = (), loose: bool = False) -> Opinion:
    """The checker's opinion on one of its findings, of these leads."""
    return opinion(Statement("finding", 0, 0, finding, tuple(leads), loose), basis)


def firmly(basis: Basis, finding: str, leads: Sequence[str] = (), loose: bool = False) -> bool | None:
    """Whether a finding is there; None near a limit and where it cannot be told."""
    told = asked(basis, finding, leads, loose)
    return None if told.yes == told.no else told.yes


def fact(basis: Basis, slot: str, lead: str = "") -> Fact | None:
    """A number that a slot stands for, None where it is not measured."""
    value = SLOTS[slot].of(basis, lead)
    return None if value is None else Fact(slot, lead, value, SLOTS[slot].unit)


def showing(basis: Basis, finding: str, among: Iterable[str]) -> tuple[str, ...]:
    """Leads that plainly show a finding of leads."""
    return tuple(lead for lead in among if basis.lead(lead) is not None and firmly(basis, finding, (lead,)) is True)


def argue(basis: Basis, code: str) -> Argument:
    """A labelled diagnosis against the measurements."""
    rule = RULES.get(code)
    if rule is None:
        return Argument(code, Stand.OPEN, "", "", (), (), "no measurement bears on it")
    if not rule.finding:
        return Argument(code, Stand.OPEN, rule.criterion, rule.source, (), (), "nothing that is measured shows it")
    wall = rule.among if rule.finding == "infarct" and code != "MI" else ()
    told = asked(basis, rule.finding, wall, bool(wall))
    stand = Stand.FOR if told.yes else Stand.AGAINST if told.no else Stand.OPEN
    leads = showing(basis, rule.shows, rule.among) if rule.shows else ()
    if stand is Stand.FOR and rule.shows and not leads and rule.finding != "infarct":
        stand = Stand.OPEN
    where = [(slot, lead) for lead in leads for slot in rule.per_lead]
    facts = [found for slot, lead in [*rule.slots, *where] if (found := fact(basis, slot, lead)) is not None]
    return Argument(code, stand, rule.criterion, rule.source, tuple(facts), leads, told.why)


def guide(basis: Basis, codes: Sequence[str]) -> tuple[Argument, ...]:
    """Every labelled diagnosis with its evidence, those that the measurements bear first."""
    told = [argue(basis, code) for code in codes if code != "OTHER"]
    return tuple(sorted(told, key=lambda one: list(Stand).index(one.stand)))


def checker_names(codes: Iterable[str]) -> frozenset[str]:
    """Names by which the checker may read these diagnoses in a text."""
    return frozenset(
        name for code in codes if code in RULES for name in (RULES[code].finding, *_ALSO.get(code, ())) if name
    )


_ALSO = {
    "SR": ("normal sinus rhythm",), "NORM": ("sinus rhythm", "normal sinus rhythm"), "STACH": ("tachycardia", "sinus rhythm"), "SBRAD": ("bradycardia", "sinus rhythm"),
    "SARRH": ("sinus rhythm", "irregular rhythm"), "1AVB": ("long PR interval", "AV block"), "LBBB": ("bundle branch block",),
    "RBBB": ("bundle branch block",), "PVC": ("ectopy",), "PAC": ("ectopy",), "BIGU": ("ventricular ectopy",), "IMI": ("acute infarct",), "AMI": ("acute infarct",),
    "NDT": ("ST-T changes", "T wave inversion", "flat T waves"), "NST": ("T wave changes", "ST deviation"), "ISC": ("ST-T changes", "acute ischaemia"), "LQT": ("QT interval",),
}  # fmt: skip
