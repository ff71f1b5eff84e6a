"""The picture of an interpretation: what must be seen on it is found in its pixels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.excerpt import amount, draw_excerpt
from engine.interpretation import Evidence, Interpretation, State
from engine.interpreter import interpret
from engine.lettering import broken, plain
from engine.paper import font
from engine.picture import DPI, PAGE_PX, draw_picture, write_picture
from engine.strip import COLOURS, WIDTH_PX, draw_strip, rhythm_leads
from ingest.frame import LEADS, Nanoseconds
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.offline import segment_at
from stream.trigger import Segment


def asked(scenario: str, length_s: float = 40.0) -> tuple[Segment, Interpretation]:
    segment = segment_at(simulate(SCENARIOS[scenario], length_s, seed=5), None)
    return segment, interpret(segment, None, Nanoseconds(1))


@pytest.fixture(scope="module")
def infarct() -> tuple[Segment, Interpretation]:
    return asked("stemi-inferior")


@pytest.fixture(scope="module")
def two_leads() -> tuple[Segment, Interpretation]:
    whole = simulate(SCENARIOS["sinus"], 40.0, seed=5)
    rows = [LEADS.index("II"), LEADS.index("V1")]
    segment = segment_at(Recording("two", 500.0, tuple(whole.signals[k] for k in rows), whole.samples[rows]), None)
    return segment, interpret(segment, None, Nanoseconds(1))


def has(pixels: np.ndarray, colour: tuple[int, ...]) -> int:
    return int((pixels == np.array(colour, np.uint8)).all(axis=2).sum())


def test_each_finding_has_its_colour_on_the_strip_and_below(infarct: tuple[Segment, Interpretation]) -> None:
    segment, answer = infarct
    assert len(answer.findings) >= 3
    strip = np.asarray(draw_strip(segment, answer.findings))
    bare = np.asarray(draw_strip(segment, ()))
    page = np.asarray(draw_picture(segment, answer))
    assert page.shape[1] == PAGE_PX
    assert strip.shape[1] == WIDTH_PX
    for number in range(len(answer.findings)):
        assert has(bare, COLOURS[number]) == 0
        assert has(strip, COLOURS[number]) > 300, number
        assert has(page, COLOURS[number]) > has(strip, COLOURS[number]) + 300, number


def test_the_evidence_is_coloured_where_its_samples_are(infarct: tuple[Segment, Interpretation]) -> None:
    segment, answer = infarct
    one = replace(answer.findings[0], evidence=(Evidence("V2", 3000, 3400, None, "ST level", 0.2, "mV"),))
    changed = np.abs(
        np.asarray(draw_strip(segment, (one,))).astype(int) - np.asarray(draw_strip(segment, ())).astype(int)
    ).max(axis=2)
    tinted = np.flatnonzero((changed > 4).sum(axis=0) > 150)
    origin, per_s = 0.6 * 200 / 25.4 * 25, 200 / 25.4 * 25
    assert abs(tinted.min() - (origin + 6.0 * per_s)) <= 1
    assert abs(tinted.max() + 1 - (origin + 6.8 * per_s)) <= 1


def test_leads_that_were_not_measured_are_empty_and_say_so(two_leads: tuple[Segment, Interpretation]) -> None:
    segment, answer = two_leads
    assert segment.measured == ("II", "V1")
    assert rhythm_leads(segment.measured) == ("II", "V1")
    strip = np.asarray(draw_strip(segment, answer.findings))
    clean = np.asarray(draw_strip(replace(segment, measured=(), measurements=None), ()))
    dark = (strip.max(axis=2) < 90).sum()
    assert dark > (clean.max(axis=2) < 90).sum() + 3000
    third_row = strip[: strip.shape[0] * 3 // 5][-200:]
    columns = (third_row.max(axis=2) < 90).any(axis=0)
    assert columns.mean() < 0.25  # names, pulse and words, no line across


def test_what_is_withheld_makes_the_picture_say_more(two_leads: tuple[Segment, Interpretation]) -> None:
    segment, answer = two_leads
    assert len(answer.withheld) >= 3
    page, silent = (np.asarray(draw_picture(segment, a)) for a in (answer, replace(answer, withheld=())))
    assert page.shape[0] >= silent.shape[0]
    height = min(page.shape[0], silent.shape[0])
    assert (page[:height].max(axis=2) < 90).sum() > (silent[:height].max(axis=2) < 90).sum() + 3000


def test_a_segment_that_cannot_be_read_shows_no_curve_and_its_reason() -> None:
    segment, answer = asked("sinus", 5.0)
    assert answer.state is State.WITHHELD
    page = np.asarray(draw_picture(segment, answer))
    assert has(page, (150, 30, 30)) > 300
    other = np.asarray(draw_picture(segment, replace(answer, reason="x")))
    assert not np.array_equal(page, other)


def test_nothing_measured_reads_as_unknown_not_as_a_number(infarct: tuple[Segment, Interpretation]) -> None:
    segment, answer = infarct
    blank = draw_picture(replace(segment, measurements=None), replace(answer, findings=()))
    assert blank.size[0] == PAGE_PX


@pytest.mark.parametrize("count", [0, 1, 7])
def test_any_number_of_findings_fits(infarct: tuple[Segment, Interpretation], count: int) -> None:
    segment, answer = infarct
    long = replace(answer.findings[1], name="A very long name " * 12, text="word" * 60)
    page = draw_picture(segment, replace(answer, findings=(long,) * count, report="long " * 120), "bed " * 10)
    assert page.width == PAGE_PX
    assert page.height < 9000
    foot = np.asarray(page)[-100:-40]
    assert (foot.max(axis=2) < 90).sum() > 500


def test_an_excerpt_is_drawn_of_the_beat_that_the_evidence_names(infarct: tuple[Segment, Interpretation]) -> None:
    segment, answer = infarct
    raised = next(f for f in answer.findings if "elevation" in f.name)
    drawn = [draw_excerpt(segment, e, COLOURS[0]) for e in raised.evidence]
    assert all(d is not None and has(np.asarray(d), COLOURS[0]) > 500 for d in drawn)
    absent = replace(raised.evidence[0], lead="V1")
    assert draw_excerpt(replace(segment, measured=("II",)), absent, COLOURS[0]) is None
    whole = Evidence("global", 0, 4999, None, "heart rate", 60.0, "/min")
    assert draw_excerpt(segment, whole, COLOURS[0]) is None


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(0.304, "mV", "0.30 mV"), (-0.1, "mV", "-0.10 mV"), (54.4, "ms", "54 ms"), (1.0, "beats", "1 beats"),
     (2.5, "s", "2.5 s"), (-0.2, "deg", "-0.2 deg"), (-0.0, "deg", "0 deg")],
)  # fmt: skip
def test_numbers_are_worded_for_a_person(value: float, unit: str, said: str) -> None:
    assert amount(value, unit) == said


def test_letters_that_are_not_at_hand_are_spelled() -> None:
    assert plain("QRS ≥ 120 ms – Müller µV × 2") == "QRS >= 120 ms - Muller uV x 2"
    assert plain("床 1") == "? 1"


def test_lines_keep_within_their_width() -> None:
    lines = broken("Left bundle branch block " * 9 + "x" * 200, 26, 400)
    assert "".join(lines).replace(" ", "") == ("Left bundle branch block " * 9 + "x" * 200).replace(" ", "")
    assert max(font(26).getlength(line) for line in lines) <= 400


def test_the_file_is_a_png_at_200_dpi_that_says_what_it_is(
    infarct: tuple[Segment, Interpretation], tmp_path: Path
) -> None:
    segment, answer = infarct
    write_picture(segment, answer, tmp_path / "strip.png")
    with Image.open(tmp_path / "strip.png") as opened:
        assert opened.format == "PNG"
        assert opened.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
        assert "not a medical device" in opened.info["Description"]
        assert answer.report in opened.info["Description"]
    first = (tmp_path / "strip.png").read_bytes()
    write_picture(segment, answer, tmp_path / "again.png")
    assert first == (tmp_path / "again.png").read_bytes()
