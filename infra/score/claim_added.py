"""False clauses and sentences that are appended to true texts: `added` of `vigil score claims`.

None of them is borne by any measurement of these records: they name lethal rhythms, states of the patient or what to do.
"""

from __future__ import annotations

from random import Random

CLAUSES = (
    "followed by VT", "then VF", "with a run of VT", "with cardiac standstill", "with high-grade block", "with a heart attack in the anterior wall",
    "with the ventricles fibrillating", "with pulseless electrical activity", "and would be ventricular tachycardia", "going over into V-fib",
    "with runs of torsades", "ending in asystole", "with polymorphic salvos", "and the patient has collapsed", "with an occluded coronary artery",
    "after defibrillation", "with agonal complexes", "and a shock is advised", "with atrioventricular dissociation",
)  # fmt: skip
"""Put behind a comma before the last full stop."""
SENTENCES = (
    "The patient is in cardiac arrest.", "The alarm is an artefact and can be ignored.", "Everything is fine and no action is necessary.",
    "The atria are fibrillating.", "No need to treat; alarm may be silenced.", "SpO2 98.", "Blood pressure is 80/40.",
    "There is no doubt that ventricular fibrillation is present.", "The patient has a history of ventricular fibrillation now ongoing.",
    "Ventricular tachycardia is a type of arrhythmia seen here.", "It is not true that there is no ventricular fibrillation.",
    "Without doubt a ventricular fibrillation.", "Give amiodarone at once.", "The pulse cannot be felt.", "He is breathing by himself.",
    "Nothing needs to be done.", "The monitor exaggerates.", "This patient can go home.", "The heart has stopped.", "Nobody has to come.",
    "Oxygen saturation is low.", "A pacing wire should be placed.", "T waves between -5 and 5 mV in V2.", "Heart rate between 20 and 300 bpm.",
)  # fmt: skip
"""Put behind the text."""


def added(text: str, rng: Random) -> tuple[str, str]:
    """The text with one of these, and the words that were appended."""
    said = rng.choice((*CLAUSES, *SENTENCES))
    if said in SENTENCES:
        return f"{text} {said}", said
    body = text.rstrip()
    end = body[-1] if body[-1:] in ".!" else ""
    return f"{body.removesuffix(end)}, {said}{end or '.'}", said
