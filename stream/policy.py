"""Trigger policies: which alarm, at what limit, for whom. Pure values; refused when illegal, with one sentence why."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

import msgspec

from ingest.bed import PatientClass
from ingest.watched import ASYSTOLE_S, watched_beds
from stream.catalogue import CATALOGUE, Alarm, Choices, Code, Kind, Priority, Tone, rows
from stream.limits import ADULT, NEONATE, PAEDIATRIC, PULSE_HOLD_S, Limits, NeonatalLimits, PaediatricLimits, refusals


class Pulse(StrEnum):
    """What a pressure or pleth channel may do against a red alarm of the ECG; never against ventricular fibrillation."""

    OFF = "off"
    ASYSTOLE = "asystole"
    """Holds asystole for at most five seconds while there is a pulse."""
    ALL = "all"
    """A good pulse that plainly contradicts asystole, brady, tachy or VT turns the red into ECG_PULSE_DISAGREE."""


class Mode(StrEnum):
    """What becomes of an advisory of the interpreter."""

    OFF = "off"
    """Neither judged nor kept."""
    SHADOW = "shadow"
    """Kept with its evidence, counted, and shown to administrators alone."""
    ON = "on"
    """Told as information, without a tone."""


@dataclass(frozen=True, slots=True)
class Advisories:
    """The mode of each advisory of the interpreter; none of them is ever more than information."""

    stemi_equivalent: Mode = Mode.SHADOW
    hyperk_pattern: Mode = Mode.SHADOW
    wpw: Mode = Mode.SHADOW

    def mode(self, code: str) -> Mode:
        """Of the advisory of that code (`WPW`); raises AttributeError where there is none."""
        found: Mode = getattr(self, code.lower())
        return found


TIMEOUT_RANGES = {"timeout_1_min": (0.0, 5.0), "timeout_2_min": (0.0, 15.0)}
"""Minutes for which a short yellow alarm mutes itself and what is lower in its chain, by level."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One revision of the rules of one scope (`default`, or one bed as `bed:NAME`)."""

    scope: str = "default"
    revision: int = 0
    author: str = "vigil"
    message: str = "defaults"
    adult: Limits = ADULT
    paediatric: PaediatricLimits = PAEDIATRIC
    neonate: NeonatalLimits = NEONATE
    off: frozenset[Code] = field(default_factory=frozenset)
    """Alarms that the unit switched off; asystole and VF cannot be, another red one only by two persons."""
    pulse: Pulse = Pulse.ASYSTOLE
    second_author: str = ""
    """Who agreed to a red alarm being off; another person than the author, who signs in when it is loaded (`infra.consent`)."""
    on: frozenset[Code] = field(default_factory=frozenset)
    """Alarms that the unit switched on which are off by default."""
    arrhythmia: bool = True
    """False: only the red alarms, the limits of the rate, ST and QT remain."""
    timeout_1_min: float = 3.0
    timeout_2_min: float = 10.0
    choices: Choices = field(default_factory=Choices)
    """Priority of ST elevation and of leads off, tone and chain of the limits of the rate."""
    advisories: Advisories = field(default_factory=Advisories)

    def limits(self, patient_class: PatientClass) -> Limits:
        """The limits that hold for a bed of this class."""
        chosen: Limits = getattr(self, patient_class.value)
        return chosen

    def announces(self, code: Code) -> bool:
        """Whether a code is on by default or was switched on."""
        return CATALOGUE[code].on or code in self.on

    def evaluates(self, code: Code) -> bool:
        """Whether a code is judged: it is announced, or kept in shadow; what is neither leaves no trace."""
        return self.announces(code) or (CATALOGUE[code].shadow and code not in self.off)

    @property
    def alarms(self) -> dict[Code, Alarm]:
        """Every row of the catalogue as it holds under this policy."""
        return rows(self.choices)

    @property
    def all_off(self) -> bool:
        """Whether every physiological alarm that may be off is off."""
        every = (row for row in self.alarms.values() if row.kind is Kind.PHYSIOLOGICAL and not row.always)
        return all(
            row.code in self.off or not self.announces(row.code) or (row.arrhythmia and not self.arrhythmia)
            for row in every
        )


CINC2015 = Policy(
    scope="cinc2015",
    message="the five alarms of the PhysioNet/CinC Challenge 2015",
    adult=Limits(asystole_s=3.0),
    pulse=Pulse.ALL,
)
"""Bradycardia of 40 or below for five beats, tachycardia of 140 or above, VT of five beats above 100, VF of 4 s. The
challenge says 4 s for asystole, but its reviewers called pauses from 3.4 s on true and none of 2.7 s or less; it says 17 beats
above 140 for tachycardia, where the rule here is what it is at every bed: the mean of eight intervals, in whole beats."""


def watched_policies() -> dict[str, Policy]:
    """What holds for the synthetic patients of the watchdog, by scope, whatever a unit has chosen for its own."""
    message = "synthetic patients of the watchdog"
    return {
        f"bed:{bed}": Policy(f"bed:{bed}", message=message, adult=Limits(asystole_s=ASYSTOLE_S))
        for bed in watched_beds()
    }


def policy_of(policies: Mapping[str, Policy], bed: str) -> Policy:
    """The policy that holds for a bed, of those by scope: its own, else the default one, else Vigil's."""
    return policies.get(f"bed:{bed}") or policies.get("default") or Policy()


def fingerprint(published: bytes) -> str:
    """Names a policy as it was published: workers tell it of those that they run."""
    return hashlib.blake2b(published, digest_size=8).hexdigest()


def problems(policy: Policy) -> list[str]:
    """Why this policy is refused, one sentence each; empty where it is legal."""
    found = _switches(policy) + _choices(policy.choices)
    for name, (low, high) in TIMEOUT_RANGES.items():
        if not low <= getattr(policy, name) <= high:
            found.append(f"{name} is {getattr(policy, name):g}, outside {low:g} to {high:g}")
    if policy.timeout_1_min > policy.timeout_2_min > 0.0:
        found.append(f"timeout_1_min {policy.timeout_1_min:g} is above timeout_2_min {policy.timeout_2_min:g}")
    hold_s = 0.0 if policy.pulse is Pulse.OFF else PULSE_HOLD_S
    for name in PatientClass:
        found += [f"{name}.{text}" for text in refusals(policy.limits(name), hold_s)]
    return found


def _switches(policy: Policy) -> list[str]:
    """What is wrong with what is switched off or on."""
    off = [policy.alarms[code] for code in sorted(policy.off & CATALOGUE.keys())]
    found = [f"{row.code} can never be switched off" for row in off if row.always]
    found += [f"{row.code} is technical and cannot be switched off" for row in off if row.kind is Kind.TECHNICAL]
    red, author, second = red_off(policy), _person(policy.author), _person(policy.second_author)
    if red and second in ("", author):
        who = f"is {policy.author} again" if second else "names none"
        found.append(f"{', '.join(red)}: a red alarm is switched off by two persons, and second_author {who}")
    idle = sorted(code for code in policy.on if code not in CATALOGUE or CATALOGUE[code].on)
    found += [f"{code} is not off by default" for code in idle]
    return found + [f"{code} is both off and on" for code in sorted(policy.off & policy.on)]


def red_off(policy: Policy) -> list[str]:
    """Red alarms that it switches off and that can be: two persons are needed for them."""
    off = [policy.alarms[code] for code in sorted(policy.off & CATALOGUE.keys())]
    return [str(row.code) for row in off if row.priority is Priority.HIGH and not row.always]


def _person(name: str) -> str:
    """A name without what does not tell two persons apart: case, spaces, width of letters, what cannot be seen."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if c.isprintable() and not c.isspace())


def _choices(choices: Choices) -> list[str]:
    """What is wrong with what is chosen of single alarms."""
    found = []
    if choices.ste not in (Priority.MEDIUM, Priority.HIGH):
        found.append(f"choices.ste is {choices.ste}: ST elevation is medium or high")
    if choices.leads_off is Priority.INFORMATION:
        found.append("choices.leads_off is information: leads off is low, medium or high")
    if choices.hr_tone is Tone.NONE:
        found.append("choices.hr_tone is none: the limits of the rate have a long or a short tone")
    return found


def _modes(told: Any) -> list[str]:
    """What is wrong with the modes of advisories as they are written."""
    held = told.get("advisories") if isinstance(told, dict) else None
    if not isinstance(held, dict):
        return []
    known = [f.name for f in fields(Advisories)]
    wrong = {name: mode for name, mode in held.items() if name in known and mode not in list(Mode)}
    return [f"advisories.{name} is {mode}: an advisory is off, shadow or on" for name, mode in wrong.items()]


_WITHIN: dict[str, Any] = {
    "": Policy,
    **{f"{name}.": Limits for name in PatientClass},
    "choices.": Choices,
    "advisories.": Advisories,
}
"""What a policy consists of, by the beginning of the names of its fields."""
_NAMES = tuple(f"{within}{f.name}" for within, kind in _WITHIN.items() for f in fields(kind))


def _unknown(told: Any) -> list[str]:
    """Fields that a policy has not: what is misspelt would be read by nobody, and the default would hold unnoticed."""
    if not isinstance(told, dict):
        return []
    parts = {"": told} | {part: told.get(part[:-1]) for part in _WITHIN if part}
    written = [f"{part}{name}" for part, held in parts.items() if isinstance(held, dict) for name in held]
    strange = [name for name in written if name not in _NAMES]
    return [f"a policy has no field {name[:80]}: the nearest is {_nearest(name)}" for name in strange]


def _nearest(name: str) -> str:
    """The legal field that is spelt most like this one; of several, the one that stands beside it."""

    def alike(known: str) -> tuple[float, bool]:
        leaf, other = name.rpartition(".")[2], known.rpartition(".")[2]
        return SequenceMatcher(None, leaf, other).ratio(), known.rpartition(".")[0] == name.rpartition(".")[0]

    return max(_NAMES, key=alike)


def insist(policy: Policy) -> Policy:
    """The same policy where it is legal; raises ValueError with one sentence where it is not."""
    found = problems(policy)
    if found:
        raise ValueError("the policy is refused: " + "; ".join(found))
    return policy


def parse(text: bytes) -> Policy:
    """A policy from JSON; raises ValueError with one sentence where it cannot be read or is not legal.

    What it does not name has its default, limits that of their class. A field that there is not is refused: older
    workers refuse a newer policy that has one, and run on with what held before.
    """
    try:
        told = msgspec.json.decode(text)
        found = _unknown(told) + _modes(told)
        if found:
            raise ValueError("the policy is refused: " + "; ".join(found))
        policy = msgspec.json.decode(text, type=Policy)
    except msgspec.MsgspecError as error:
        raise ValueError(f"the policy cannot be read: {error}") from None
    return insist(policy)
