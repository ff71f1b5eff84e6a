"""Ordinary words: a claim that hides in them is stopped, and what only advises, hands over or names an occasion stops nothing."""

import pytest

from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.language.harmless import besides, clinical, harmless, is_grave, is_harmless
from engine.claims.language.words import section
from engine.claims.show import displayed
from tests.unit.engine.test_claims import basis

HIDDEN = [
    "Sinus rhythm at 72 bpm, but the heart stops now and then.",
    "Sinus rhythm at 72 bpm, though every other beat comes too early.",
    "The rate is 72 bpm and the pattern is one of a dying muscle.",
    "The QRS is narrow at 92 ms; the heart takes a rest every minute.",
    "Heart rate 72 bpm, and now and again a beat drops out.",
    "Heart rate 72 bpm with the odd beat missing.",
    "The rate is 72 bpm, yet the heart is about to give up.",
    "Sinus rhythm; the ST segment climbs in V2.",
    "The PR interval is 160 ms and grows with each beat.",
    "The PR interval is 160 ms, until one beat fails to get through.",
    "The QRS lasts 92 ms, and every third one is broader.",
    "The rate is 72 bpm; before that it was twice as much.",
    "Sinus rhythm at 72 bpm that came back a moment ago.",
    "The T wave is upright in V5, and taller than a house.",
    "The T waves tower over the QRS complexes; rate 72 bpm.",
    "The P wave in II is hidden behind the T; rate 72 bpm.",
    "Rate 72 bpm, with a line that goes flat at the end.",
    "Rate 72 bpm. The line goes flat towards the end of the page.",
    "The heart skips. Rate 72 bpm.",
    "Sinus rhythm with a skip in the middle of the strip.",
    "Sinus rhythm with two beats in a row of another origin.",
    "Sinus rhythm, with beats from elsewhere.",
    "Sinus rhythm with complexes of a different shape in between.",
    "Sinus rhythm and one odd-looking beat on the right of the page.",
    "QRS 92 ms with a second hump at its end.",
    "QRS 92 ms with ears like a rabbit.",
    "The ST segment in V5 is level, with the form of a saddle.",
    "The ST segment in V5 is isoelectric but bends like a hammock.",
    "The T wave in V5 is upright and shaped like a tent.",
    "The baseline between the beats looks like the teeth of a saw; rate 72 bpm.",
    "Rate 72 bpm, the baseline trembles in place of P waves.",
    "The rate is 72 bpm and one half of the heart does not answer.",
    "The rate is 72 bpm; the upper chambers and the lower chambers go their own ways.",
    "The rate is 72 bpm; atria and ventricles work without regard for each other.",
    "Sinus rhythm at 72 bpm because the machine in the chest drives it.",
    "The rate is 72 bpm, driven by a device under the collar bone.",
    "Sinus rhythm, 72 bpm, and the blood does not reach the front wall.",
    "Sinus rhythm, 72 bpm, as seen when a vessel closes.",
    "Sinus rhythm, 72 bpm, in a heart short of oxygen.",
    "Sinus rhythm, 72 bpm, as in salt disorders.",
    "PR 160 ms, a sign of old age.",
    "PR 160 ms, a sign of trouble ahead.",
    "QRS 92 ms, a picture of good health.",
    "Sinus rhythm, 72 bpm, so there is nothing to fear.",
    "Sinus rhythm, 72 bpm, so nobody needs to hurry.",
    "Sinus rhythm, 72 bpm, so the bell may be switched off.",
    "Sinus rhythm, 72 bpm, so the man can be sent home.",
    "Sinus rhythm, 72 bpm: let him sleep.",
    "Sinus rhythm, 72 bpm; wait and do nothing.",
    "Sinus rhythm, 72 bpm; call everybody at once.",
    "Sinus rhythm, 72 bpm; the leads have fallen off.",
    "Sinus rhythm, 72 bpm; the arms were swapped.",
    "Sinus rhythm, 72 bpm; this is noise and no heart.",
    "Sinus rhythm, 72 bpm; the signal comes from somebody else.",
    "Sinus rhythm, 72 bpm, slower than last week.",
    "Sinus rhythm, 72 bpm, which was not so this morning.",
    "Sinus rhythm, 72 bpm, better than before.",
    "Sinus rhythm, 72 bpm, and getting worse by the minute.",
    "Sinus rhythm, 72 bpm, for the first time in years.",
    "The QTc is 427 ms and will be longer tomorrow.",
    "The heart is twice its size. Rate 72 bpm.",
    "The rate is 72 bpm, and the left side of the heart is thick.",
    "The rate is 72 bpm; the wall at the back moves poorly.",
    "R in V5 1.3 mV, large for such a thin person.",
    "The rate is 72 bpm in a young man with a weak heart.",
    "The rate is 72 bpm in an old woman who fell.",
    "The rate is 72 bpm, the patient being awake and talking.",
    "The rate is 72 bpm; the patient was found on the floor.",
    "The rate is 72 bpm; her father had the same.",
    "The rate is 72 bpm; risk is small.",
    "The rate is 72 bpm; chances of survival are good.",
    "The rate is 72 bpm under a drug that slows it.",
    "The rate is 72 bpm after two doses.",
    "The rate is 72 bpm thanks to the tablets.",
    "The rate is 72 bpm; give two more doses.",
    "The rate is 72 bpm and the drug may be continued.",
    "The rate is 72 bpm; fever is present.",
    "The rate is 72 bpm, due to pain.",
    "The rate is 72 bpm, and pain explains it.",
    "ST level in V2 0.05 mV with chest pain should be taken as a warning.",
    "The rate is 72 bpm; the potassium is high.",
    "The rate is 72 bpm; potassium should be given.",
    "The rate is 72 bpm; the medication caused it.",
    "The rate is 72 bpm and medication was stopped.",
    "Sinus rhythm; the troponin should be positive.",
    "Sinus rhythm; symptoms are absent.",
    "Sinus rhythm; no symptoms were reported.",
    "Sinus rhythm without chest pain.",
    "Sinus rhythm on discharge from a cardiac arrest.",
    "Sinus rhythm before the shock, 72 bpm.",
    "Sinus rhythm with the monitor crying wolf.",
    "Sinus rhythm; all the other leads tell of a fresh wound.",
    "Sinus rhythm; something is badly amiss in the front wall.",
    "Sinus rhythm, beautiful, strong and safe.",
    "Sinus rhythm, 72 bpm, with a pause for breath in the strip.",
    "Sinus rhythm, 72 bpm, with silence in between.",
    "Sinus rhythm, 72 bpm, interrupted by chaos.",
    "Sinus rhythm, 72 bpm, turning into chaos.",
    "Sinus rhythm, 72 bpm, and then nothing more.",
    "Sinus rhythm, 72 bpm, and then the line is flat.",
    "Sinus rhythm, 72 bpm, and then it runs away.",
    "Sinus rhythm, 72 bpm, with bursts of speed.",
    "Sinus rhythm, 72 bpm, with fits and starts.",
    "Sinus rhythm, 72 bpm, which comes and goes.",
    "Sinus rhythm, 72 bpm, on and off.",
    "Sinus rhythm, 72 bpm, half of the time.",
    "Sinus rhythm, 72 bpm, most of the time.",
    "Sinus rhythm, 72 bpm, every now and then another rhythm.",
    "Sinus rhythm, 72 bpm, taking turns with another rhythm.",
    "The QRS is 92 ms and its twin is 150.",
    "The QRS is 92 ms in some beats and more in others.",
    "The QRS is 92 ms, ugly and misshapen.",
    "The QRS is 92 ms with a slurred start.",
    "The QRS is 92 ms with a lazy upstroke.",
    "The QRS is 92 ms with a step on its way up.",
    "The QRS is 92 ms with splinters in it.",
    "The axis is 45 degrees, having been at the other side before.",
    "The axis is 45 degrees and on the move.",
    "The axis is 45 degrees and changes with each beat.",
    "T waves upright in V5, about to turn over.",
    "T waves upright in V5 but sick-looking.",
    "T waves upright in V5, as wide as they are high.",
    "T waves upright in V5, one up and one down in turn.",
    "The QT is 390 ms, which spells danger.",
    "The QT is 390 ms, a trap for the unwary and a threat to life.",
    "The QT is 390 ms; the heart is easily excited.",
]
TRUE = [
    "Clinical correlation is advised if the patient has chest pain. Sinus rhythm at 72 bpm.",
    "Sinus rhythm at 72 bpm, and the medication list should be reviewed.",
    "Common triggers such as fever, pain or volume depletion should be considered. The rate is 72 bpm.",
    "Please interpret together with the medication chart. QTc 427 ms.",
    "ECG on discharge: sinus rhythm, 72 bpm.",
    "Baseline ECG before starting the drug: QT 390 ms, HR 72 bpm.",
    "Should palpitations recur, a Holter recording would be sensible. The QRS lasts 92 ms.",
    "ECG taken for chest pain. Rate 72 bpm.",
    "The ECG was acquired with the patient lying flat and at rest. The rate is 72 bpm.",
    "Room 418: strip saved and sent to the desk at 0715. HR 72 bpm.",
    "Insurance report for Mr Jones. The heart rate is 72 bpm.",
    "Repolarization was examined lead by lead. The QRS lasts 92 ms.",
    "Please keep an eye on the rate. It is 72 bpm.",
    "To determine the axis, I compare the limb leads. The axis is 45 degrees.",
    "A heart rate in the normal range of 72 bpm is seen.",
    "With 1.1 mV for the S wave in V1 and 1.3 mV for the R wave in V5, LVH is not suggested.",
    "For left ventricular hypertrophy, I add the S wave in V1 (1.1 mV) to the R wave in V5 (1.3 mV).",
    "Lead III has an R wave of 0.4 mV. Together with lead I (0.60 mV), they place the axis at 45 degrees.",
    "The Sokolow-Lyon sum is also below its limit.",
    "The interval from the P wave to the QRS complex averages 160 ms.",
    "To the question whether the QTc is prolonged, the answer is no: it measures 427 ms.",
    "Lead V5: the ST segment is isoelectric. T wave in the same lead 0.30 mV.",
]
UNTRUE = [
    "With P waves, the rate is 130 bpm.",
    "The PR interval of 160 ms falls short of the normal range.",
    "Monitor in lead II, irregular, rate 72.",
    "A heart rate in the normal range of 95 bpm is seen.",
    "With 1.1 mV for the S wave in V1 and 2.3 mV for the R wave in V5, LVH is not suggested.",
    "The Sokolow-Lyon sum is also above its limit.",
    "The interval from the P wave to the QRS complex averages 92 ms.",
    "To the question whether the QTc is prolonged, the answer is yes.",
    "Below the 60 to 100 limits, the rate is 72 bpm.",
    "The RR interval is long at 833 ms.",
    "Rhythm strip read as abnormal. HR 99 bpm.",
]
ALONE = [
    "The heart stops now and then.",
    "Every other beat comes too early.",
    "The pattern is one of a dying muscle.",
    "The machine in the chest drives the heart.",
    "He is safe to go home.",
    "The patient takes a drug for it.",
    "Pain is present.",
    "A beta-blocker was started.",
    "Nothing needs to be done.",
    "The mitral valve is stenosed.",
    "Amyloid infiltration of the myocardium is the likeliest cause.",
    "Symptoms are absent.",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_claim_that_hides_in_ordinary_words_stops_its_text(text: str) -> None:
    assert any(claim.verdict is not Verdict.AGREE for claim in check(text, basis()))


@pytest.mark.parametrize("text", ALONE)
def test_a_false_sentence_of_ordinary_words_is_stopped_and_never_shown(text: str) -> None:
    whole = f"Sinus rhythm at 72 bpm. {text}"
    claims = check(whole, basis())
    assert any(claim.verdict is not Verdict.AGREE for claim in claims)
    assert text not in [one.text for one in displayed(whole, claims)]


@pytest.mark.parametrize("text", TRUE)
def test_advice_occasions_and_other_constructions_stop_nothing(text: str) -> None:
    found = check(text, basis())
    assert found
    assert [(c.text, c.why) for c in found if c.verdict is not Verdict.AGREE] == []


@pytest.mark.parametrize("text", UNTRUE)
def test_what_these_constructions_say_wrongly_is_stopped(text: str) -> None:
    assert any(claim.verdict is not Verdict.AGREE for claim in check(text, basis()))


def test_no_telling_word_is_harmless_and_none_passes_beside_the_ecg() -> None:
    assert not section("telling") & harmless()
    assert not any(is_harmless(word) for word in section("telling"))
    assert [word for word in sorted(section("telling") - besides()) if not is_grave(word)] == []


def test_words_of_the_patient_pass_in_frames_only() -> None:
    for word in ("pain", "fever", "medication", "troponin", "drug"):
        assert word in clinical("asked after")
        assert not is_harmless(word)


def test_every_list_of_words_is_written_in_small_letters() -> None:
    for name in ("fixed", "bases", "besides", "telling", "clinical", "moves"):
        words = section(name)
        assert words
        assert all(word == word.lower() for word in words), name
