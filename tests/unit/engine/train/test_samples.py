"""Samples of the published format: what is learnt of them, and those that are none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.gem.config import IGNORED, IMAGE_ID
from engine.gem.prompt import SYSTEM, Turn
from engine.gem.words import read_words
from engine.instruct.labelled import Change
from engine.train.needs import Refused
from engine.train.samples import Sample, Unusable, as_text, databases, read_samples
from tests.unit.engine.tiny import CONFIG, sentencepiece_words
from tests.unit.engine.train.made import QUESTION, sample, write_samples


class Letters:
    """A tokenizer whose ids anyone can tell: of a letter its number, of `</s>` 2."""

    begin, end, legacy = 1, 2, False

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        found, at = [], 0
        while at < len(text):
            step = 4 if text.startswith("</s>", at) else 1
            found.append((2 if step == 4 else ord(text[at]), at, at + step))
            at += step
        return found

    def ids(self, text: str) -> list[int]:
        return [one for one, _, _ in self.spans(text)]

    def text(self, ids: Sequence[int]) -> str:
        return "".join(chr(one) for one in ids)

    def piece(self, id: int) -> str:
        return chr(id)


def letters(text: str) -> list[int]:
    return [ord(letter) for letter in text]


def one(*turns: tuple[str, str]) -> Sample:
    return Sample("file:0", "a", "made/0", "", tuple(Turn(q, a) for q, a in turns))


def test_the_loss_is_on_the_answers_and_on_nothing_else() -> None:
    text = as_text(one(("<image>\nRhythm?", "Sinus."), ("Rate?", "72 bpm.")), Letters(), CONFIG, 1024)
    asked = [1, *letters(f"{SYSTEM} USER: "), IMAGE_ID, *letters("\nRhythm? ASSISTANT:")]
    answered, again = [*letters(" Sinus."), 2], letters("USER: Rate? ASSISTANT:")
    last = [*letters(" 72 bpm."), 2]
    assert text.ids.tolist() == [*asked, *answered, *again, *last]
    assert text.labels.tolist() == [IGNORED] * len(asked) + answered + [IGNORED] * len(again) + last
    assert text.learnt == len(answered) + len(last)


def test_a_sequence_is_cut_where_the_spliced_one_would_be() -> None:
    whole = as_text(one(("<image>\nRhythm?", "Sinus.")), Letters(), CONFIG, 1024)
    spliced = len(whole.ids) - 1 + CONFIG.recording_tokens
    cut = as_text(one(("<image>\nRhythm?", "Sinus.")), Letters(), CONFIG, spliced - 3)
    assert cut.ids.tolist() == whole.ids.tolist()[:-3]
    assert cut.learnt == whole.learnt - 3
    with pytest.raises(Unusable, match="behind position 120"):
        as_text(one(("<image>\nRhythm?", "Sinus.")), Letters(), CONFIG, 120)


def test_a_token_that_is_padding_is_no_label() -> None:
    text = as_text(one(("Rhythm?", "Si\x00nus.")), Letters(), CONFIG, 1024)
    assert text.learnt == len(" Sinus.") + 1
    assert not text.has_recording


def test_the_mark_of_the_assistant_in_an_answer_leaves_nothing_to_learn(tmp_path: Path) -> None:
    words = read_words(sentencepiece_words(tmp_path))
    assert as_text(one((QUESTION, "Sinus.")), words, CONFIG, 1024).learnt > 1
    with pytest.raises(Unusable, match="mark of the template"):
        as_text(one((QUESTION, "Sinus. ASSISTANT: yes")), words, CONFIG, 1024)


def test_a_tokenizer_with_more_words_than_the_model_is_refused() -> None:
    with pytest.raises(Refused, match="the model has 400 words"):
        as_text(one((QUESTION, "Sinus ℞.")), Letters(), CONFIG, 1024)


def test_the_published_fields_are_read_as_they_are(tmp_path: Path) -> None:
    told = [
        sample(0, machine_measurements={"I": {"Heart Rate": [72]}}, report="sinus rhythm", other=None),
        sample(1) | {"id": 17, "ecg": ["made/1"]},
        sample(2) | {"vigil": {"change": {"leads": ["II"], "noise_mv": 1.0, "seed": 3}, "task": "rhythm"}},
        {"conversations": [{"from": "human", "value": "What is a QRS?"}, {"from": "gpt", "value": "A wave."}]},
    ]
    samples, unusable = read_samples([write_samples(tmp_path / "a.json", told)])
    assert unusable == []
    assert [s.ecg for s in samples] == ["made/0", "made/1", "made/2", ""]
    assert [s.id for s in samples] == ["made-0", "17", "made-2", ""]
    assert samples[2].change == Change(("II",), 1.0, False, 3)
    assert samples[3].turns == (Turn("What is a QRS?", "A wave."),)
    assert databases(samples) == ["made"]


def test_the_placeholder_is_moved_to_the_front_and_added_where_it_is_forgotten(tmp_path: Path) -> None:
    def said(question: str) -> dict[str, Any]:
        return sample(0) | {"conversations": [{"from": "human", "value": question}, {"from": "gpt", "value": "Sinus."}]}

    told = [said("Rhythm?\n<image>"), said("Rhythm?"), said("<image>\nRhythm?")]
    samples, _ = read_samples([write_samples(tmp_path / "a.json", told)])
    assert {s.turns[0].question for s in samples} == {"<image>\nRhythm?"}


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (17, "it is no sample"),
        ({"id": "a"}, "it is no sample"),
        (sample(0) | {"conversations": []}, "not question and answer by turns"),
        (sample(0) | {"conversations": [{"from": "human", "value": "a"}] * 2}, "not question and answer by turns"),
        (sample(0, " "), "an answer of it is empty"),
        (sample(0) | {"ecg": ["a", "b"]}, "it shows 2 recordings"),
        (sample(0) | {"ecg": None, "image": None}, "a place for a recording and names none"),
        (sample(0) | {"vigil": {"change": {"leads": 3}}}, "the change of its recording cannot be read"),
    ],
)
def test_a_broken_sample_is_counted_and_named(tmp_path: Path, told: Any, why: str) -> None:
    samples, unusable = read_samples([write_samples(tmp_path / "a.json", [sample(0), told])])
    assert len(samples) == 1
    assert [where for where, _ in unusable] == ["a.json:1"]
    assert why in unusable[0][1]


@pytest.mark.parametrize(("text", "said"), [("{}", "no JSON list"), ("[", "no JSON list"), ("[]", "holds no sample")])
def test_a_file_that_holds_no_samples_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(Refused, match=said):
        read_samples([tmp_path / "a.json"])
    with pytest.raises(Refused, match="is not there"):
        read_samples([tmp_path / "b.json"])


def test_samples_of_our_own_making_are_read(tmp_path: Path) -> None:
    from engine.instruct.make import Plan, make
    from tests.unit.engine.labelled_sets import write_ptbxl

    entry = next(iter(_entries(write_ptbxl(tmp_path / "ptbxl"))))
    written = make(entry, "group", Plan(fewer=1.0)).samples
    samples, unusable = read_samples([write_samples(tmp_path / "a.json", written)])
    assert len(samples) == len(written) > 3
    assert unusable == []
    assert any(s.change.leads for s in samples)
    assert np.all([s.turns[0].question.startswith("<image>\n") for s in samples])


def _entries(folder: Path) -> list[Any]:
    from engine.instruct.sets import entries

    return entries("ptbxl", folder)
