"""Which of what the criteria withhold is said in the text itself: what a reader would take for judged and normal where nothing is said of it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.criteria.case import NOT_CONDUCTED
from engine.criteria.conduction import AXIS_NAME, FIRST_DEGREE, SHORT_PR
from engine.criteria.ectopic import BEATS, EARLY_BEATS, MAY_BE
from engine.criteria.lead_set import NOT_TOLD
from engine.criteria.myocardium import SLIGHT_ST, ST_SEGMENT, TOO_FEW
from engine.criteria.progression import PROGRESSION
from engine.criteria.q_waves import Q_WAVES
from engine.criteria.recording import AMPLITUDES, CHEST_LEADS, LEAD_OF, LEADS_OF
from engine.criteria.rhythm import ASYSTOLE, PACING, VT_POSSIBLE
from engine.criteria.twaves import T_WAVES
from engine.criteria.unusual import NORMAL_ECG
from engine.criteria.voltage import HYPERTROPHY
from engine.interpretation import Withheld

_SPOKEN = (FIRST_DEGREE, SHORT_PR, "QT interval", "QTc", CHEST_LEADS, T_WAVES, PROGRESSION, NORMAL_ECG, PACING)
QRS = "QRS duration"
"""Told with its number, as the width of a QRS that no block is named of."""
_RHYTHM = frozenset({"rate and rhythm", "heart rate", "rhythm"})
_ALWAYS = _RHYTHM | {BEATS, EARLY_BEATS, ASYSTOLE, AXIS_NAME}
_BY_ALARM = tuple(f"not judged in {code}" for code in NOT_CONDUCTED)


def spoken_of(withheld: Sequence[Withheld]) -> list[Withheld]:
    """The ST segment, T waves, Q waves, QT, R wave progression and exchanged chest leads of what is withheld; not where leads are missing, which is said, nor under an alarm that tells why."""
    return [one for one in withheld if _is_spoken_of(one)]


def named(withheld: Sequence[Withheld]) -> list[Withheld]:
    """What the report of the criteria names as withheld: that, and rate and rhythm; ventricular beats from few leads only where some may be there."""
    return [one for one in withheld if _is_spoken_of(one) or _is_named(one)]


def worded(one: Withheld) -> str:
    """What is withheld, as the report names it: with its reason where this tells numbers without which a reader would not know what it is about, or names what must be thought of."""
    numbers = (one.name == QRS and " ms" in one.reason) or (one.name.endswith(ST_SEGMENT) and " mV" in one.reason)
    whole = numbers or one.name == PACING or one.reason.startswith(VT_POSSIBLE)
    return f"{one.name} ({one.reason})" if whole else one.name


def _is_named(one: Withheld) -> bool:
    if one.name not in _ALWAYS or one.reason.startswith(_BY_ALARM):
        return False
    return one.name in _RHYTHM or NOT_TOLD not in one.reason or MAY_BE in one.reason


def _is_spoken_of(one: Withheld) -> bool:
    if NOT_TOLD in one.reason or one.reason == TOO_FEW or one.reason.startswith(_BY_ALARM):
        return False
    if " mV" in one.reason and one.name in (HYPERTROPHY, AMPLITUDES):
        return True
    return (
        one.name in _SPOKEN
        or (one.name == QRS and " ms" in one.reason)
        or one.name.startswith((f"{LEAD_OF} ", f"{LEADS_OF} "))
        or one.name.endswith((ST_SEGMENT, SLIGHT_ST, Q_WAVES))
    )
