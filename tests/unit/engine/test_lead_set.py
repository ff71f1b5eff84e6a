"""From few leads nothing is told that they do not tell as the twelve do: PR, QRS and QT where their beats do not agree, and ventricular beats."""

from dataclasses import replace

import pytest

from engine.answerer import Job
from engine.claims.basis import Basis
from engine.claims.check import check
from engine.claims.claim import Verdict
from engine.claims.slots import render
from engine.completed import completed
from engine.grounded import grounded
from engine.interpreter import interpret
from ingest.frame import LEADS, Nanoseconds
from stream.catalogue import Code
from stream.measurement import BeatKind, Estimate
from stream.trigger import Segment
from tests.sinus import plain

LIMB = LEADS[:6]
INTERVALS = "The PR interval is <PR>, the QRS duration is <QRS> and the QT interval is <QT>."


def from_leads(leads: tuple[str, ...], qrs: tuple[float, float] = (90.0, 3.0), pr: float = 4.0, qt: float = 6.0, premature: int = 0) -> Segment:  # fmt: skip
    """Sinus rhythm in these leads; qrs: width and its spread, pr and qt: spreads, ms; premature: beats of it that are ventricular."""
    m = plain().measurements
    assert m is not None
    beats = tuple(replace(b, kind=BeatKind.VENTRICULAR) if k < premature else b for k, b in enumerate(m.beats))
    changed = replace(
        m,
        qrs_ms=Estimate(*qrs[:1], "ms", qrs[1], 10),
        pr_ms=Estimate(160.0, "ms", pr, 10),
        qt_ms=Estimate(390.0, "ms", qt, 10),
        leads=tuple(one for one in m.leads if one.lead in leads),
        beats=beats,
    )
    return replace(plain(), measured=leads, measurements=changed)


def held(segment: Segment) -> dict[str, str]:
    return {one.name: one.reason for one in interpret(segment, None, Nanoseconds(0)).withheld}


def filled(segment: Segment) -> str:
    return render(INTERVALS, Basis.of(segment)).text


@pytest.mark.parametrize("leads", [LIMB, ("I", "II"), (*LIMB, "V1"), (*LIMB, "V2", "V5"), LEADS[6:]])
def test_from_few_leads_an_interval_is_told_where_its_beats_agree_closely(leads: tuple[str, ...]) -> None:
    names = {"PR interval", "QRS duration", "QT interval"}
    assert not names & held(from_leads(leads)).keys()
    assert "QRS duration" in filled(from_leads(leads))
    loose = held(from_leads(leads, qrs=(90.0, 12.0)))
    assert names <= loose.keys()
    assert loose["QRS duration"].startswith("not told from ")
    assert filled(from_leads(leads, qrs=(90.0, 12.0))) == ""
    assert names & held(from_leads(leads, pr=14.0)).keys() == {"PR interval"}
    assert names & held(from_leads(leads, qt=22.0)).keys() == {"QT interval"}
    assert not names & held(from_leads(LEADS, qrs=(90.0, 12.0), pr=14.0, qt=22.0)).keys()


def test_from_few_leads_a_wide_qrs_needs_a_width_that_is_the_same_in_every_beat() -> None:
    for spread, told in ((2.0, True), (6.0, False)):
        answer = interpret(from_leads(LIMB, qrs=(134.0, spread)), None, Nanoseconds(0))
        assert any(one.text.startswith("Wide QRS, 134 ms") for one in answer.findings) is told


@pytest.mark.parametrize("lead", ["II", "V1"])
def test_from_one_lead_alone_no_interval_is_told(lead: str) -> None:
    segment = from_leads((lead,))
    assert {"PR interval", "QRS duration", "QT interval"} <= held(segment).keys()
    assert filled(segment) == ""
    for text in ("The QRS duration is 90 ms.", "The PR interval is 160 ms.", "The QT interval is 390 ms."):
        assert {c.verdict for c in check(text, Basis.of(segment))} == {Verdict.UNSUPPORTED}


def test_from_few_leads_ventricular_beats_are_neither_counted_nor_denied_but_under_an_alarm_of_them() -> None:
    for segment in (from_leads(LIMB, premature=1), from_leads(LIMB)):
        answer = interpret(segment, None, Nanoseconds(0))
        assert "ventricular beats" in {one.name for one in answer.withheld}
        assert not any("Ventricular beats" in one.text for one in answer.findings)
        assert {c.verdict for c in check("There are no ventricular premature beats.", Basis.of(segment))} == {Verdict.UNSUPPORTED}  # fmt: skip
    alarm = from_leads(LIMB, premature=2)
    alarm = replace(alarm, trigger=replace(alarm.trigger, code=Code.PAIR_PVC))
    # without a signal, for in this one the two beats have the shape of all others
    whole = replace(from_leads(LEADS, premature=2), signal_mv=plain().signal_mv[:, :1])
    for told in (alarm, whole):
        assert any(one.text == "Ventricular beats: 2 in ten seconds." for one in interpret(told, None, Nanoseconds(0)).findings)  # fmt: skip


def test_from_one_lead_no_rate_is_told_where_something_between_two_beats_was_counted() -> None:
    whole = from_leads(("II",))
    m = whole.measurements
    assert m is not None
    assert m.rate_bpm is not None
    at, after = m.beats[4], m.beats[5]
    rr = (after.sample - at.sample) * 2.0
    extra = replace(at, sample=at.sample + 120, rr_ms=240.0)
    beats = (*m.beats[:5], extra, replace(after, rr_ms=rr - 240.0), *m.beats[6:])
    noisy = replace(whole, measurements=replace(m, beats=beats, rate_bpm=Estimate(79.0, "/min", 1.4, len(beats) - 1)))
    assert "heart rate" not in held(whole)
    assert "may be noise" in held(noisy)["heart rate"]
    assert not interpret(noisy, None, Nanoseconds(0)).findings
    assert render("The heart rate is <HR>.", Basis.of(noisy)).text == ""
    for text in ("The heart rate is 79 bpm.", "The rate is normal.", "There is sinus rhythm."):
        assert Verdict.AGREE not in {c.verdict for c in check(text, Basis.of(noisy))}
    # 300 ms behind a beat there may be an interpolated one: more leads tell it, and one alone does not
    later = (
        *m.beats[:5],
        replace(extra, sample=at.sample + 170, rr_ms=340.0),
        replace(after, rr_ms=rr - 340.0),
        *m.beats[6:],
    )
    assert "may be noise" in held(replace(whole, measurements=replace(m, beats=later)))["heart rate"]
    assert "heart rate" not in held(
        replace(noisy, measured=LEADS, measurements=replace(plain().measurements, beats=later))
    )


def test_a_report_from_the_limb_leads_alone_says_what_they_do_not_tell() -> None:
    segment = from_leads(LIMB, qrs=(138.0, 16.0))
    job = Job("a", segment, None)
    text = f"The heart rate is <HR>. {INTERVALS} Diagnosis: sinus rhythm and ventricular premature beats."
    answer = completed(job, grounded(job, interpret(segment, None, Nanoseconds(0)), text, "", {}), {})
    assert "not told from the limb leads alone: the QRS of 138 ms differs by 16 ms from beat to beat" in answer.report
    stands = " ".join(one.text for one in answer.sentences if one.verdict is Verdict.AGREE)
    assert "72 bpm" in stands
    assert not any(
        word in stands for word in ("138", "QRS duration", "PR interval", "QT", "ST level", "premature", "bundle")
    )


def test_which_leads_are_missing_is_said_once_and_last_and_so_is_what_they_would_have_told() -> None:
    segment = from_leads((*LIMB, "V1"))
    job = Job("a", segment, None)
    missing = "Leads V2, V3, V4, V5 and V6 are missing from this recording and cannot be judged."
    text = f"The heart rate is <HR>. {missing} {INTERVALS} {missing} Diagnosis: sinus rhythm."
    answer = completed(job, grounded(job, interpret(segment, None, Nanoseconds(0)), text, "", {}), {})
    stands = [one.text for one in answer.sentences if one.verdict is Verdict.AGREE]
    assert stands[-1] == missing
    assert stands.count(missing) == 1
    assert "[Withheld: ventricular beats: not told from the limb leads and V1 alone: their shape takes more of them.]" in answer.report  # fmt: skip


@pytest.mark.parametrize(
    ("leads", "said", "missing"),
    [
        (LIMB, "Leads V2, V3, V4, V5 and V6 are", "Leads V1, V2, V3, V4, V5 and V6 are"),
        ((*LIMB, "V1"), "Leads V2, V3, V4 and V6 are", "Leads V2, V3, V4, V5 and V6 are"),
        ((*LIMB, "V1", "V2", "V3", "V4", "V5"), "Leads V5 and V6 are", "Lead V6 is"),
    ],
)
def test_the_sentence_about_missing_leads_names_all_of_them_and_no_other(
    leads: tuple[str, ...], said: str, missing: str
) -> None:
    segment = from_leads(leads)
    text = f"The heart rate is <HR>. {said} missing from this recording and cannot be judged. Diagnosis: sinus rhythm."
    answer = completed(
        Job("a", segment, None),
        grounded(Job("a", segment, None), interpret(segment, None, Nanoseconds(0)), text, "", {}),
        {},
    )
    about = [one.text for one in answer.sentences if "missing from" in one.text or "not available" in one.text]
    assert about == [f"{missing} not available, so nothing is said of {'it' if missing == 'Lead V6 is' else 'them'}."]
