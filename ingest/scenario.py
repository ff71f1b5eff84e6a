"""Scripts of a patient: which rhythm for how long, and what is wrong with the signal meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import msgspec

RHYTHMS = (
    "sinus",
    "af",
    "vt",
    "vf",
    "asystole",
    "pause",
    "arrhythmia",
    "pac",
    "bigeminy",
    "trigeminy",
    "pvc",
    "run",
    "couplet",
    "ront",
    "multiform",
    "svt",
    "irregular",
    "avblock1",
    "wenckebach",
    "mobitz",
    "avblock3",
    "paced",
    "noncapture",
)
FLAWS = ("", "artefact", "muscle", "off")


class BadScenario(ValueError):
    """A script that cannot be played; one sentence."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of a script."""

    rhythm: str
    seconds: float
    rate: float = 72.0
    """Beats a minute of the rhythm."""
    flaw: str = ""
    """artefact, muscle, or off: lead II off."""
    length: float = 3.0
    """Seconds of a pause, beats of a run, or beats between two premature atrial ones (pac)."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A script, and what holds throughout."""

    name: str
    steps: tuple[Step, ...]
    conduction: str = "N"
    """N, L (left bundle branch block) or R (right)."""
    infarct: str = ""
    """anterior or inferior."""
    text: str = ""

    @property
    def seconds(self) -> float:
        """Length of the script, after which it begins anew."""
        return sum(step.seconds for step in self.steps)


def check(scenario: Scenario) -> Scenario:
    """The scenario itself; raises BadScenario where it cannot be played."""
    for step in scenario.steps:
        if step.rhythm not in RHYTHMS or step.flaw not in FLAWS:
            raise BadScenario(f"{step.rhythm!r}/{step.flaw!r} is no rhythm/flaw: use {', '.join(RHYTHMS)}")
        if not (0.5 <= step.seconds <= 86400 and 15 <= step.rate <= 320):
            raise BadScenario(
                f"a step of {step.seconds:g} s at {step.rate:g}/min is outside 0.5 to 86400 s, 15 to 320/min"
            )
    if not scenario.steps or scenario.conduction not in "NLR" or scenario.infarct not in ("", "anterior", "inferior"):
        raise BadScenario(f"scenario {scenario.name!r} needs steps, conduction N, L or R, infarct anterior or inferior")
    return scenario


def _plain(name: str, text: str, *steps: Step, conduction: str = "N", infarct: str = "") -> Scenario:
    return Scenario(name, steps, conduction, infarct, text)


_QUIET = Step("sinus", 30.0)

SCENARIOS: dict[str, Scenario] = {
    s.name: s
    for s in (
        _plain("sinus", "normal sinus rhythm", Step("sinus", 300.0)),
        _plain("brady", "sinus bradycardia 44/min", _QUIET, Step("sinus", 60.0, 44.0)),
        _plain("tachy", "sinus tachycardia 132/min", _QUIET, Step("sinus", 60.0, 132.0)),
        _plain("extreme-brady", "rate falls to 34/min", _QUIET, Step("sinus", 40.0, 34.0)),
        _plain("extreme-tachy", "rate rises to 172/min", _QUIET, Step("sinus", 40.0, 172.0)),
        _plain("af", "atrial fibrillation begins and ends", _QUIET, Step("af", 150.0, 92.0), Step("sinus", 180.0)),
        _plain(
            "pvc", "isolated PVCs, bigeminy, couplets", Step("pvc", 30.0), Step("bigeminy", 20.0), Step("couplet", 20.0)
        ),
        _plain("bigeminy", "ventricular bigeminy", _QUIET, Step("bigeminy", 30.0), _QUIET),
        _plain("trigeminy", "ventricular trigeminy", _QUIET, Step("trigeminy", 40.0), _QUIET),
        _plain("ront", "PVCs on the T wave", _QUIET, Step("ront", 20.0), _QUIET),
        _plain("multiform", "PVCs of two shapes", _QUIET, Step("multiform", 40.0), _QUIET),
        _plain("vent-rhythm", "ventricular rhythm 70/min", _QUIET, Step("vt", 25.0, 70.0), _QUIET),
        _plain("vent-brady", "ventricular escape 33/min", _QUIET, Step("vt", 25.0, 33.0), _QUIET),
        _plain("svt", "supraventricular tachycardia 205/min", _QUIET, Step("svt", 12.0, 205.0), _QUIET),
        _plain("irregular", "irregular beats with P waves", _QUIET, Step("irregular", 120.0), Step("sinus", 180.0)),
        _plain(
            "pvc-run", "runs of three PVCs", Step("sinus", 12.0), Step("run", 3.0, 140.0, length=3), Step("sinus", 30.0)
        ),
        _plain(
            "vt", "ventricular tachycardia 176/min", Step("sinus", 14.0), Step("vt", 9.0, 176.0), Step("sinus", 60.0)
        ),
        _plain("vf", "ventricular fibrillation", Step("sinus", 18.0), Step("vf", 14.0), Step("sinus", 60.0)),
        _plain("asystole", "asystole of 9 s", Step("sinus", 12.0), Step("asystole", 9.0), Step("sinus", 60.0)),
        _plain("pause", "pauses of 2.8 s", Step("sinus", 14.0), Step("pause", 4.0, length=2.8), Step("sinus", 40.0)),
        _plain("avblock1", "first degree AV block", Step("avblock1", 300.0)),
        _plain("avblock2", "Wenckebach, then Mobitz II", Step("wenckebach", 60.0), Step("mobitz", 60.0)),
        _plain("avblock3", "complete AV block, escape 38/min", _QUIET, Step("avblock3", 60.0, 38.0)),
        _plain("lbbb", "left bundle branch block", Step("sinus", 300.0), conduction="L"),
        _plain("rbbb", "right bundle branch block", Step("sinus", 300.0), conduction="R"),
        _plain(
            "stemi-anterior",
            "anterior ST elevation",
            Step("sinus", 60.0, 124.0),
            Step("sinus", 60.0),
            infarct="anterior",
        ),
        _plain(
            "stemi-inferior",
            "inferior ST elevation",
            Step("sinus", 60.0, 46.0),
            Step("sinus", 60.0),
            infarct="inferior",
        ),
        _plain("paced", "ventricular pacing", Step("paced", 300.0, 70.0)),
        _plain("noncapture", "every fourth pulse fails", Step("paced", 30.0, 70.0), Step("noncapture", 20.0, 70.0)),
        _plain(
            "artefact",
            "electrode motion and muscle noise",
            _QUIET,
            Step("sinus", 20.0, flaw="artefact"),
            Step("sinus", 20.0, flaw="muscle"),
        ),
        _plain(
            "lead-off", "lead II comes off", Step("sinus", 16.0), Step("sinus", 12.0, flaw="off"), Step("sinus", 60.0)
        ),
        _plain(
            "mixed",
            "a bad morning",
            Step("sinus", 15.0),
            Step("run", 3.0, 150.0, length=3),
            Step("sinus", 20.0),
            Step("vt", 8.0, 170.0),
            Step("sinus", 30.0),
            Step("pause", 4.0, length=2.6),
            Step("sinus", 30.0),
        ),
    )
}
DEMO = ("asystole", "vt", "pvc-run", "stemi-inferior", "stemi-anterior", "vf", "pause", "sinus")
"""Eight beds of `vigil up` when nothing is named."""


def find(name: str) -> Scenario:
    """The scenario of that name, or in that JSON file; raises BadScenario with one sentence."""
    if name in SCENARIOS:
        return SCENARIOS[name]
    path = Path(name)
    if not path.is_file():
        raise BadScenario(f"{name!r} is no scenario: use one of {', '.join(sorted(SCENARIOS))}, or a JSON file")
    try:
        told = path.read_bytes()
        _refuse_unknown(name, msgspec.json.decode(told))
        return check(msgspec.json.decode(told, type=Scenario))
    except msgspec.MsgspecError as error:
        raise BadScenario(f"{name} is no script: {error}") from None
    except OSError as error:
        raise BadScenario(f"{name} cannot be read: {error.strerror}") from None


def _refuse_unknown(name: str, told: object) -> None:
    """Raises BadScenario where a script holds a word that nobody would read."""
    if not isinstance(told, dict):
        return
    steps = told.get("steps")
    pairs = [(told, Scenario), *((s, Step) for s in (steps if isinstance(steps, list) else []) if isinstance(s, dict))]
    for held, kind in pairs:
        known = [f.name for f in fields(kind)]
        for word in held:
            if word not in known:
                raise BadScenario(f"{name}: {word!r} is nothing that a script can hold: use {', '.join(known)}")
