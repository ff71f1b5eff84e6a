"""What the parser reads in a text: numbers with their measure, leads and unit, and findings with their denial."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.claims.claim import Claim
from engine.claims.parse import LONGEST, parse
from engine.claims.statement import Relation, Statement

pytestmark = pytest.mark.uncompiled


def read(text: str, kind: str) -> list[Statement]:
    return [one for sentence in parse(text) for one in sentence.statements if one.kind == kind]


def numbers(text: str) -> list[tuple[str, tuple[str, ...], float | None, str]]:
    return [(one.what, one.leads, one.low, one.unit) for one in read(text, "number")]


def findings(text: str) -> set[str]:
    return {("no " if one.negated else "") + one.what for one in read(text, "finding")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The PR interval is 0.16 seconds.", ("PR", (), 160.0, "ms")),
        ("HR 72", ("rate", (), 72.0, "")),
        ("A 92 ms QRS is seen.", ("QRS", (), 92.0, "ms")),
        ("At 92 ms, the QRS is narrow.", ("QRS", (), 92.0, "ms")),
        ("Sinus rhythm @ 63 bpm", ("rate", (), 63.0, "/min")),
        ("The axis is plus 45 degrees.", ("axis", (), 45.0, "deg")),
        ("There is 2 mm of ST depression in V4-V6.", ("ST", ("V4", "V5", "V6"), 2.0, "mm")),
        ("An R wave of five mm in lead aVL", ("R", ("aVL",), 5.0, "mm")),
        ("RV5 1.8 mV", ("R", ("V5",), 1.8, "mV")),
        ("T wave amplitude in leads II, III and aVF: 0.3 mV", ("T", ("II", "III", "aVF"), 0.3, "mV")),
        ("QTcB 431 msec", ("QTc", (), 431.0, "ms")),
    ],
)
def test_a_number_is_bound_to_what_it_is_said_of(text: str, expected: tuple[str, tuple[str, ...], float, str]) -> None:
    assert numbers(text) == [expected]


def test_a_list_of_measures_takes_a_list_of_numbers_in_its_order() -> None:
    assert [(what, low) for what, _, low, _ in numbers("PR, QRS and QT are 160, 92 and 400 ms.")] == [
        ("PR", 160.0),
        ("QRS", 92.0),
        ("QT", 400.0),
    ]


def test_two_waves_of_one_sentence_keep_their_leads() -> None:
    text = "While lead I records an R wave of 0.5 mV, lead III records only 0.2 mV; S in V1 is 1.1 mV."
    assert [(what, leads) for what, leads, _, _ in numbers(text)] == [("R", ("I",)), ("R", ("III",)), ("S", ("V1",))]


def test_bounds_ranges_and_limits_of_normal_are_told_apart() -> None:
    below, between, limit = read("QRS less than 120 ms. PR 140-160 ms. QT 400 ms (upper limit 460 ms).", "number")[
        :2
    ] + [read("QT 400 ms (upper limit 460 ms).", "number")[1]]
    assert below.relation is Relation.BELOW
    assert (between.relation, between.low, between.high) == (Relation.IS, 140.0, 160.0)
    assert limit.relation is Relation.REFERENCE


def test_ordinals_the_number_of_leads_and_list_marks_are_no_numbers() -> None:
    assert numbers("1. The 12-lead ECG shows no 1st degree AV block at 10:45.") == []


def test_i_is_a_lead_or_a_person() -> None:
    assert [one.leads for one in read("I see no ST elevation in I and aVL.", "finding")] == [("I", "aVL")]
    assert read("I measure a PR of 160 ms.", "lead") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PR interval and QRS duration are normal.", {"normal PR interval", "narrow QRS"}),
        ("No ST elevation, but T wave inversion in V2.", {"no ST elevation", "T wave inversion"}),
        ("Acute inferior infarction is unlikely.", {"no acute infarct"}),
        ("Neither ST elevation nor ST depression is seen in V2.", {"no ST elevation", "no ST depression"}),
        ("The rhythm is not interrupted by ventricular premature beats.", {"no ventricular ectopy"}),
        ("P waves cannot be identified.", {"no P waves"}),
        ("SINUS BRADYCARDIA. ABNORMAL ECG", {"sinus bradycardia", "abnormal ECG"}),
        ("First-degree atrioventricular (AV) block.", {"first degree AV block"}),
        ("Ischaemia cannot be ruled out.", {"ischaemia"}),
        ("What is the rhythm?", set()),
    ],
)
def test_findings_are_read_with_what_denies_them(text: str, expected: set[str]) -> None:
    assert findings(text) == expected


def test_a_sentence_on_the_ecg_that_is_not_understood_says_so() -> None:
    assert findings("The bundle of the third wave is quixotic.") == {"not understood", "unread: quixotic"}
    assert findings("Clinical correlation is advised.") == set()


@given(st.text(max_size=400))
@settings(deadline=None, max_examples=200)
def test_no_text_makes_the_parser_raise(text: str) -> None:
    for sentence in parse(text):
        assert 0 <= sentence.start < sentence.end <= len(text)
        assert all(0 <= one.start <= one.end <= len(text) for one in sentence.statements)


WORDS = st.sampled_from(
    [
        "PR",
        "QRS",
        "ST",
        "T",
        "R",
        "V1",
        "V7",
        "aVF",
        "I",
        "and",
        "or",
        "no",
        "not",
        "of",
        "in",
        "is",
        "160",
        "0.2",
        "-3",
        "ms",
        "mV",
        "mm",
        "bpm",
        "(",
        ")",
        ",",
        ".",
        ";",
        ":",
        "-",
        "/",
        "than",
        "above",
        "<",
        "leads",
        "inferior",
        "normal",
        "prolonged",
        "inverted",
        "elevation",
        "block",
        "sinus",
        "rhythm",
        "absent",
        "which",
        "means",
        "1st",
        "?",
        "\n",
    ]
)


@given(st.lists(WORDS, max_size=80).map(" ".join))
@settings(deadline=None, max_examples=200)
def test_no_heap_of_its_own_words_makes_the_parser_raise(text: str) -> None:
    reads = parse(text)
    assert all(0 <= read.start <= read.end <= len(text) for read in reads)
    assert [read.start for read in reads] == sorted(read.start for read in reads)


@pytest.mark.parametrize("piece", ["a", "1", "V", "no ", "PR 1 ", "I, ", "(", "ST-", "V1-", "axis ", "\u00b5 ", "0."])
def test_the_time_grows_with_the_length_of_the_text_only(piece: str) -> None:
    def seconds(n: int) -> float:
        text = (piece * n)[:n]
        begin = time.process_time()
        parse(text)
        return time.process_time() - begin

    seconds(LONGEST)
    assert seconds(20 * LONGEST) < 20 * 6 * seconds(LONGEST) + 0.5


def test_claim_is_a_value() -> None:
    assert Claim.__dataclass_params__.frozen
