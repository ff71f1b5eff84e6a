"""The verdict on one finding, said or denied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.claims.basis import Basis
from engine.claims.claim import Claim, ClaimKind, Verdict
from engine.claims.findings.hedges import LIMB_HYPERTROPHY, SOKOLOW_HYPERTROPHY
from engine.claims.judging import av_conduction, degrees, local, rhythm, shades, voltage, waves, whole
from engine.claims.judging.not_shown import not_shown
from engine.claims.judging.opinion import Each, Opinion, both, denied, either, over_leads, unknown
from engine.claims.judging.withheld import blank
from engine.claims.judging.wording import beyond
from engine.claims.language.unread import GENERAL
from engine.claims.statement import MOST, ONLY, OPEN, Statement
from engine.criteria.recording import LIMB_LEADS
from ingest.frame import LEADS, LIMB
from stream.catalogue import Code


def _st_t(b: Basis, lead: str) -> Opinion:
    """ST or T changed; a T wave of any direction is normal in III and V1."""
    st = local.st_off(b, lead)
    return st if lead in ("III", "V1") and not st.yes else either(st, local.t_changed(b, lead))


OF_WHOLE: dict[str, Callable[[Basis], Any]] = {
    "normal rate": rhythm.normal_rate, "tachycardia": rhythm.fast, "bradycardia": rhythm.slow,
    "irregular rhythm": rhythm.irregular, "regular rhythm": rhythm.regular,
    "sinus rhythm": rhythm.sinus, "normal sinus rhythm": rhythm.normal_sinus, "sinus arrhythmia": rhythm.sinus_arrhythmia,
    "sinus tachycardia": lambda b: both(rhythm.fast(b), rhythm.sinus(b)),
    "sinus bradycardia": lambda b: both(rhythm.slow(b), rhythm.sinus(b)),
    "atrial fibrillation": rhythm.fibrillating, "atrial flutter": rhythm.flutter, "ventricular tachycardia": rhythm.ventricular_tachycardia,
    "ventricular fibrillation": rhythm.lethal(Code.VFIB, "ventricular fibrillation"), "asystole": rhythm.lethal(Code.ASYSTOLE, "asystole"),
    "supraventricular tachycardia": rhythm.supraventricular_tachycardia, "junctional rhythm": shades.junctional,
    "escape rhythm": rhythm.no_p_rhythm, "wandering pacemaker": rhythm.no_p_rhythm, "paced rhythm": rhythm.paced,
    "ventricular ectopy": rhythm.ventricular_ectopy, "supraventricular ectopy": rhythm.supraventricular_ectopy, "ectopy": rhythm.ectopy,
    "bigeminy": rhythm.repeated_ectopy, "P waves": rhythm.p_waves, "normal P waves": voltage.normal_p, "wide P waves": voltage.left_atrium,
    "normal PR interval": av_conduction.normal_pr, "long PR interval": av_conduction.long_pr, "short PR interval": av_conduction.short_pr,
    "constant PR interval": av_conduction.constant_pr, "first degree AV block": av_conduction.long_pr, "AV block": av_conduction.av_block,
    "AV block of second degree": av_conduction.second_degree, "AV block of third degree": av_conduction.third_degree,
    "narrow QRS": whole.narrow, "wide QRS": whole.wide, "right bundle branch block": whole.right_block,
    "left bundle branch block": whole.left_block, "bundle branch block": whole.any_block, "no block": lambda b: denied(whole.any_block(b)),
    "incomplete right bundle branch block": whole.incomplete_right_block, "incomplete left bundle branch block": whole.incomplete_left_block,
    "left anterior fascicular block": whole.anterior_fascicle, "left posterior fascicular block": whole.posterior_fascicle,
    "bifascicular block": whole.bifascicular, "intraventricular conduction delay": whole.conduction_delay,
    "normal conduction": whole.normal_conduction, "normal axis": whole.normal_axis, "left axis deviation": whole.left_axis,
    "right axis deviation": whole.right_axis, "extreme axis deviation": whole.extreme_axis, "axis deviation": whole.axis_deviation,
    "normal QT": whole.normal_qt, "long QT": whole.long_qt, "short QT": whole.short_qt,
    "left ventricular hypertrophy": voltage.left_hypertrophy, "right ventricular hypertrophy": voltage.right_hypertrophy,
    LIMB_HYPERTROPHY: voltage.limb_hypertrophy, SOKOLOW_HYPERTROPHY: voltage.sokolow_hypertrophy,
    f"no {SOKOLOW_HYPERTROPHY}": lambda b: denied(voltage.sokolow_hypertrophy(b)),
    "ventricular hypertrophy": lambda b: either(voltage.left_hypertrophy(b), voltage.right_hypertrophy(b)),
    "left atrial enlargement": voltage.left_atrium, "right atrial enlargement": voltage.right_atrium,
    "atrial enlargement": lambda b: either(voltage.left_atrium(b), voltage.right_atrium(b)),
    "low voltage": voltage.low_voltage, "low chest voltage": voltage.low_chest_voltage, "normal voltage": voltage.normal_voltage,
    "poor R wave progression": voltage.poor_progression, "normal R wave progression": voltage.normal_progression,
    "normal intervals": lambda b: both(av_conduction.normal_pr(b), whole.narrow(b), whole.normal_qt(b)),
    "conduction disturbance": whole.disturbed_conduction,
    "arrhythmia": lambda b: either(rhythm.red(b), rhythm.ectopy(b), rhythm.irregular(b), denied(rhythm.p_waves(b))),
    "chamber enlargement": lambda b: either(voltage.left_hypertrophy(b), voltage.left_atrium(b), voltage.right_atrium(b)),
    "no left ventricular hypertrophy": lambda b: denied(voltage.left_hypertrophy(b)), "abnormal rate": lambda b: denied(rhythm.normal_rate(b)),
    "abnormal PR interval": lambda b: denied(av_conduction.normal_pr(b)), "abnormal QT": lambda b: denied(whole.normal_qt(b)),
    "abnormal P waves": lambda b: both(rhythm.p_waves(b), denied(voltage.normal_p(b))),
    "normal P duration": lambda b: both(rhythm.p_waves(b), denied(voltage.left_atrium(b))),
    "pause": rhythm.pause, "conducted beats": lambda b: denied(av_conduction.high_av_block(b)), "pre-excitation": whole.preexcitation, "supraventricular rhythm": rhythm.supraventricular,
    "ventricular mechanism": lambda b: denied(rhythm.supraventricular(b)),
    "secondary ST-T changes": local.secondary_changes, "ventricular strain": local.strain, "artefact": whole.artefact,
    "otherwise normal ECG": whole.otherwise_normal, "progressive PR prolongation": lambda b: denied(av_conduction.constant_pr(b)), "no measurable PR interval": av_conduction.no_pr, "other normal intervals": whole.other_intervals,
    "slightly wide QRS": shades.widened, "slightly long PR interval": shades.lengthened, "slightly long QT": shades.upper_qt, "slightly short QT": shades.lower_qt, "superior axis": shades.superior, "late transition": shades.late_transition, "usual transition": shades.usual_transition,
    "compensatory pause": rhythm.ectopy, "pause after an early beat": rhythm.pause_after_early, "regular apart from early beats": shades.regular_between, "short P waves": shades.short_p, "high voltage": shades.high_voltage, "ectopic atrial rhythm": shades.ectopic_atrial, "early repolarisation": shades.early_repolarisation, "fascicular block": lambda b: either(whole.anterior_fascicle(b), whole.posterior_fascicle(b)),
    "QT beyond half of RR": shades.beyond_half, "QT within half of RR": lambda b: denied(shades.beyond_half(b)),
    "short uncorrected QT": shades.raw_qt(350.0, None), "long uncorrected QT": shades.raw_qt(None, 440.0),
    "leftward axis": whole.leftward, "rightward axis": whole.rightward, "axis to the left and down": whole.down_left, "slight irregularity": rhythm.slightly_irregular,
    **shades.ENDS, **degrees.WHOLE, "a long interval": lambda b: either(av_conduction.long_pr(b), whole.wide(b), whole.long_qt(b)),
    "an abnormal interval": lambda b: denied(both(av_conduction.normal_pr(b), whole.narrow(b), whole.normal_qt(b))),
    "flat P waves": voltage.flat_p, "major abnormality": lambda b: denied(whole.borderline_ecg(b)),
    "normal ECG": whole.normal_ecg, "abnormal ECG": whole.abnormal_ecg, "borderline ECG": whole.borderline_ecg,
}  # fmt: skip
"""Opinion on each finding of the whole segment."""
OF_WALLS = {
    "acute infarct": local.acute_infarct, "ST elevation infarct": local.acute_infarct, "infarct": local.infarct,
    "heart attack": local.heart_attack, "ischaemia": local.ischaemia, "acute ischaemia": local.acute_ischaemia,
}  # fmt: skip
INFERRED = frozenset(
    {
        *OF_WALLS,
        LIMB_HYPERTROPHY,
        SOKOLOW_HYPERTROPHY,
        "left ventricular hypertrophy",
        "right ventricular hypertrophy",
        "ventricular hypertrophy",
    }
)
"""Findings that measurements suggest and never settle: they may be called open where they may be said."""


_AS_RECORDED = frozenset({"positive QRS", "negative QRS", "rS complex", "QS complexes"}) | {
    name for name in local.LOCAL if name.startswith("largest ")
}
"""Findings that tell what a lead shows and not what is wrong with the heart."""


_SHARED = {"upright T waves": local.t_inverted, "isoelectric ST": local.st_off}
"""What most leads show, with what speaks against it in one: told of every lead, or of some alone, it is held against each."""
_SHADED = {**shades.LOCAL, **degrees.LOCAL}


def _in_place(of: Each) -> Each:
    """The opinion on one lead, none of a limb lead while the arm leads may be exchanged: what it shows is that of another lead, or its mirror image."""

    def told(b: Basis, lead: str) -> Opinion:
        doubt = next((one.reason for one in b.criteria[1] if one.name == LIMB_LEADS), "") if lead in LIMB else ""
        return unknown(doubt) if doubt else of(b, lead)

    return told


def _without_avr(leads: tuple[str, ...]) -> tuple[str, ...]:
    """What is said of every lead is not said of aVR, in which all waves point the other way."""
    return tuple(lead for lead in leads if lead != "aVR")


def _otherwise(statement: Statement, basis: Basis) -> list[str]:
    """The leads that plainly show the opposite of what is said of every one of them."""
    told = [(lead, _in_place(_SHARED[statement.what])(basis, lead)) for lead in _without_avr(statement.leads)]
    return [lead for lead, one in told if one.yes and not one.no]


def _of_number(statement: Statement, basis: Basis) -> Opinion:
    """A finding that is said to be there in these leads alone, or in most of them."""
    usual, of, rare = local.LOCAL[statement.what]
    asked = _without_avr(statement.leads if statement.detail == MOST else usual or LEADS)
    told = [(lead, one) for lead in asked if (one := _in_place(of)(basis, lead)).known]
    if statement.detail == MOST:
        shown = [lead for lead, one in told if one.yes]
        return Opinion(
            2 * len(shown) > len(told), 2 * len(shown) <= len(told), f"{len(shown)} of {len(told)} leads show it"
        )
    here = over_leads(basis, statement.leads, statement.loose, usual, _in_place(of), rare)
    others = [lead for lead, one in told if one.yes and not one.no and lead not in statement.leads]
    return Opinion(False, True, f"{', '.join(others)} show it too") if others else here


def opinion(statement: Statement, basis: Basis, telling: bool = True) -> Opinion:
    """What the measurements say to a finding as it is named, before any denial.

    telling: whether it is to be told, so that nothing is said of what the criteria withhold.
    """
    name, leads = statement.what, statement.leads
    if name.startswith(GENERAL):
        return unknown("it is said of ECGs in general or of the past, not of these ten seconds")
    if telling and (withheld := blank(name, basis)) is not None:
        return withheld
    if name in OF_WHOLE:
        found: Opinion = OF_WHOLE[name](basis)
        return found
    if name in OF_WALLS:
        return OF_WALLS[name](basis, leads, statement.loose)
    if name in ("ST-T changes", "normal ST-T"):
        if statement.every and not statement.negated and name == "ST-T changes":
            return over_leads(basis, _without_avr(leads), False, leads, _in_place(_st_t))
        told = over_leads(basis, leads, statement.loose or not leads, LEADS[:3] + LEADS[4:], _in_place(_st_t))
        if name == "ST-T changes":
            return told
        return denied(told) if leads else local.level_everywhere(basis, denied(told))
    if name == "normal Q waves" and not leads:
        return denied(local.of_any_wall(basis, "pathological Q waves"))
    if name in local.OF_ANY_WALL and not leads:
        return local.of_any_wall(basis, name)
    if name in local.LOCAL and (
        statement.detail == MOST or (statement.detail == ONLY and (local.LOCAL[name][2] or name in _SHARED))
    ):
        return _of_number(statement, basis)
    if name in _SHADED:
        usual, of, rare = _SHADED[name]
        if rare and statement.every and not statement.negated:
            return over_leads(basis, _without_avr(leads), False, usual, of, rare)
        return over_leads(basis, leads, statement.loose, usual, of, rare)
    if name in local.LOCAL:
        usual, of, rare = local.LOCAL[name]
        if name in _SHARED and statement.every and not statement.negated and (off := _otherwise(statement, basis)):
            return Opinion(False, True, f"{', '.join(off)} show it otherwise")
        if rare and statement.every and not statement.negated:
            return over_leads(basis, _without_avr(leads), False, usual, _in_place(of), rare)
        told = over_leads(basis, leads, statement.loose, usual, of if name in _AS_RECORDED else _in_place(of), rare)
        if name == "Q waves" and not leads and told.yes and waves.of_few(basis):
            return replace(told, no=False)
        return local.level_everywhere(basis, told) if name == "isoelectric ST" and not leads else told
    return unknown("nothing that is measured shows it")


def is_of_leads(name: str) -> bool:
    """Whether a finding is one of single leads."""
    return name in _SHADED or name in local.LOCAL


BETWEEN = ", which neither shows it nor speaks against it"
"""Behind the value of what was measured and lies too near a limit for either."""


def judge(text: str, statement: Statement, basis: Basis) -> Claim:
    """The claim that a finding makes."""
    missing = [lead for lead in statement.leads if basis.lead(lead) is None]
    if missing and not statement.loose:
        told, verdict = unknown(f"{', '.join(missing)} was not measured"), Verdict.UNSUPPORTED
    else:
        told = opinion(statement, basis)
        holds, against = (told.no, told.yes) if statement.negated else (told.yes, told.no)
        verdict = Verdict.AGREE if holds else Verdict.DISAGREE if against else Verdict.UNSUPPORTED
        if statement.detail == OPEN and verdict is Verdict.AGREE and not (against or statement.what in INFERRED):
            told, verdict = unknown("it is called open, and the measurements leave no doubt of it"), Verdict.UNSUPPORTED
        if verdict is Verdict.AGREE and (more := beyond(text, statement, basis)) is not None:
            verdict, told = more[0], unknown(more[1])
        if verdict is Verdict.DISAGREE and not statement.negated and (why := not_shown(text, statement, basis)):
            told, verdict = unknown(why), Verdict.UNSUPPORTED
        if told.measure and not (told.yes or told.no):
            told = replace(told, why=f"{told.why}{BETWEEN}")
    name = f"no {statement.what}" if statement.negated else statement.what
    beats = basis.beats("qrs_ms") or basis.beats() if verdict is not Verdict.UNSUPPORTED else ()
    return Claim(
        ClaimKind.FINDING, text[statement.start : statement.end], statement.start, statement.end, name, statement.leads, None, told.unit,
        verdict, told.value, beats, basis.stretch(beats) if beats else None, None, told.why,
    )  # fmt: skip
