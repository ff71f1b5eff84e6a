"""What a sample shows: the signal that Vigil interprets, pages from files or drawn, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.gem.checkpoint import open_checkpoint
from engine.image_values import ImageValues
from engine.instruct.labelled import Change
from engine.page import draw_page
from engine.prepare import ENCODER_ORDER
from engine.reader import Reader
from engine.teacher.record import draw
from engine.train.recordings import Form, Look, Places, Recordings, Unreadable
from ingest.frame import LEADS
from ingest.open_recording import read_recording
from stream.offline import segment_at

FORM = Form(ImageValues(56, 56), new_pages=1.0)


def look(ecg: str = "made/0", image: str = "", change: Change = Change(), signal: bool = True, seed: int = 1) -> Look:
    return Look(ecg, image, change, signal, True, seed)


def test_the_model_is_taught_with_the_signal_that_it_will_interpret(records: Path, tiny_model: Path) -> None:
    shown = Recordings(Places(records), FORM).show(look())
    reader = Reader.of(open_checkpoint(tiny_model))
    segment = segment_at(read_recording(str(records / "made/0")), None)
    assert shown.signal is not None
    assert np.array_equal(shown.signal, reader.signal(segment))


def test_the_published_signal_is_as_the_file_has_it(records: Path) -> None:
    form = Form(ImageValues(56, 56), signal="published", new_pages=1.0)
    shown = Recordings(Places(records), form).show(look())
    recording = read_recording(str(records / "made/0"))
    wanted = np.stack([row / s.gain for row, s in zip(recording.samples, recording.signals, strict=True)])
    assert shown.signal is not None
    assert np.allclose(shown.signal, wanted[:, :5000], atol=1e-6)
    assert not np.array_equal(shown.signal, Recordings(Places(records), FORM).show(look()).signal)


def test_leads_that_a_sample_takes_away_are_shown_to_neither_tower(records: Path) -> None:
    reader = Recordings(Places(records), FORM)
    whole, some = reader.show(look()), reader.show(look(change=Change(leads=("II", "V1"))))
    assert some.signal is not None
    assert [bool(row.any()) for row in some.signal] == [lead in ("II", "V1") for lead in ENCODER_ORDER]
    assert not np.array_equal(whole.page, some.page)


def test_a_lost_signal_is_shown_as_nothing(records: Path) -> None:
    shown = Recordings(Places(records), FORM).show(look(change=Change(lost=True)))
    assert shown.signal is not None
    assert shown.page is not None
    assert shown.signal.shape == (12, 5000)
    assert not shown.signal.any()


def test_drawn_pages_follow_from_their_seed(records: Path) -> None:
    any_page = Form(ImageValues(56, 56), new_pages=0.0)
    one, same, other = (Recordings(Places(records), any_page).show(look(seed=s)).page for s in (1, 1, 2))
    assert one is not None
    assert one.shape == (3, 56, 56)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert Recordings(Places(records), any_page).show(Look("made/0", "", Change(), True, False, 1)).page is None


def test_pages_come_from_files_where_a_folder_is_named(records: Path, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    page = draw_page(np.zeros((12, 5000), np.float32), [True] * len(LEADS))
    page.save(tmp_path / "made/0-0.png")
    shown = Recordings(Places(None, {}, tmp_path), FORM).show(look(image="made/0-0.png", signal=False))
    assert shown.signal is None
    assert shown.page is not None
    assert shown.page.shape == (3, 56, 56)
    sets = Recordings(Places(tmp_path, {"made": records / "made"}, tmp_path), FORM)
    assert sets.show(look(image="made/0-0.png")).signal is not None


@pytest.mark.parametrize(
    ("ecg", "image", "said"),
    [
        ("made/9", "", "9"),
        ("../made/0", "", "no path below"),
        ("/etc/hosts", "", "no path below"),
        ("made/broken", "", "broken"),
        ("made/0", "made/none.png", "is not there"),
        ("made/0", "made/text.png", "no picture"),
        ("made/0", "", "an empty name"),
    ],
)
def test_what_cannot_be_read_says_so_in_one_sentence(
    records: Path, tmp_path: Path, ecg: str, image: str, said: str
) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made/text.png").write_text("no picture")
    (records / "made/broken.hea").write_text("broken 12 500 5000\nnothing of it is right\n")
    places = Places(records, {}, tmp_path if image or ecg == "made/0" else None)
    with pytest.raises(Unreadable) as refused:
        Recordings(places, FORM).show(look(ecg, image))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_seed_of_the_teacher_is_drawn(tmp_path: Path) -> None:
    recordings = Recordings(Places(None, {"teacher": tmp_path}), FORM)
    shown = recordings.show(Look("teacher/7", "", Change(), True, True, 0))
    taught = draw(7)
    assert shown.signal is not None
    assert shown.page is not None
    assert np.array_equal(shown.signal[ENCODER_ORDER.index("aVL")], taught.signal[LEADS.index("aVL")])
    for name, change in (("teacher/x", Change()), ("teacher/7", Change(lost=True))):
        with pytest.raises(Unreadable, match="no seed"):
            recordings.show(Look(name, "", change, True, False, 0))
