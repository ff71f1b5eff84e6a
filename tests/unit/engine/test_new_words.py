"""The tokenizer of a new model: what is whole, what comes back, and that it depends on its texts alone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from engine.claims.slots import names
from engine.gem.config import IGNORED, LlamaSizes, VisionSizes
from engine.gem.new_words import learn_words, least, sizes_of, whole
from engine.gem.prompt import GROUNDING, Turn, encode, labelled, template, with_recording
from engine.gem.words import Words, read_words
from ingest.frame import LEADS

ANSWER = "In lead III, the R wave reaches <RAMP:III>, and V1 to V4 show an S wave. Infarct; aVR: 12 mV. QT \N{GREEK SMALL LETTER MU}."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("words") / "new"
    assert learn_words([ANSWER, GROUNDING] * 3, least() + 40, made) <= least() + 40
    return made


@pytest.fixture(scope="module")
def words(folder: Path) -> Words:
    return read_words(folder)


def test_slots_and_leads_are_one_token_each_behind_a_space(words: Words) -> None:
    assert all(len(words.ids(f" {name}")) == 1 for name in (*names(), *LEADS))
    assert all(len(words.ids(name)) == 1 for name in names())


def test_a_word_that_begins_like_a_lead_is_none(words: Words) -> None:
    assert words.piece(words.ids(" Infarct")[0]) != words.piece(words.ids(" I")[0]) or len(words.ids(" Infarct")) > 1
    assert words.text(words.ids(" Infarct VII aVRX")) == " Infarct VII aVRX"


def test_texts_come_back_whatever_is_in_them(words: Words) -> None:
    assert words.text(words.ids(ANSWER)) == ANSWER


def test_the_question_that_is_always_asked_takes_three_positions(words: Words) -> None:
    ids = encode(template([Turn(with_recording(GROUNDING))]), words)
    assert ids.tolist()[0] == words.begin
    assert len(ids) == 4  # the recording among them


def test_the_answer_and_its_end_are_learnt_and_nothing_else(words: Words) -> None:
    ids, labels = labelled([Turn(with_recording(GROUNDING), ANSWER)], words)
    kept = labels[labels != IGNORED]
    assert kept[-1] == words.end
    assert words.text(kept[:-1].tolist()) == f" {ANSWER}"
    assert np.array_equal(ids[-len(kept) :], kept)


def test_the_same_texts_give_the_same_file(folder: Path, tmp_path: Path) -> None:
    learn_words([ANSWER, GROUNDING] * 3, least() + 40, tmp_path / "again")
    assert (tmp_path / "again/tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()


def test_no_text_is_needed_for_what_is_whole(tmp_path: Path) -> None:
    assert learn_words([], least(), tmp_path / "bare") == least()
    bare = read_words(tmp_path / "bare")
    assert [len(bare.ids(f" {lead}")) for lead in LEADS] == [1] * len(LEADS)
    assert len(set(whole())) == len(whole())


def test_the_sizes_of_gem_tiny_are_those_of_a_model() -> None:
    told = tomllib.loads(sizes_of(1234))
    assert LlamaSizes(**told["llama"]).vocabulary == 1234
    assert VisionSizes(**told["vision"]).tokens == 49
