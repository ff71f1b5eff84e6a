"""Samples about simulated records: findings by construction, words of the grammar, slots in place of numbers."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from engine.claims.slots import names
from engine.instruct.labels import LABELS
from engine.instruct.simulated import codes_of, simulated
from engine.teacher.conditions import Condition
from engine.teacher.patient import draw_patient
from engine.teacher.record import patient_of
from engine.teacher.rhythms import Rhythm
from engine.teacher.targets import LABELS as TAUGHT
from engine.teacher.truth import labels, numbers

C = Condition
SAMPLES = simulated(900, 60)


def test_every_condition_has_codes_and_every_answer_names_them() -> None:
    for condition in C:
        patient = draw_patient(np.random.default_rng(1), Rhythm.SINUS, frozenset({condition}))
        assert codes_of(patient)
    for sample in SAMPLES:
        answer = sample["conversations"][1]["value"]
        assert all(LABELS[code].name.lower() in answer.lower() for code in sample["vigil"]["codes"])


def test_no_number_stands_in_an_answer() -> None:
    for sample in SAMPLES:
        answer = sample["conversations"][1]["value"]
        assert set(re.findall(r"<[^>]*>", answer)) <= set(names())
        assert not re.search(r"\d", re.sub(r"<[^>]*>|\b[12]\d? lead|V[1-6]", "", answer))


def test_codes_agree_with_what_the_towers_are_taught() -> None:
    for seed in range(900, 960):
        patient = patient_of(seed)
        told = dict(zip(TAUGHT, labels(patient, numbers(patient)).tolist(), strict=True))
        codes = set(codes_of(patient))
        for label in ("AF", "LBBB", "LAFB", "LVH", "PVC", "1AVB"):
            assert (label in codes) == (told[label] == 1.0)
        assert told["NORM"] != 0.0 or "NORM" not in codes


def test_the_same_seeds_give_the_same_samples() -> None:
    assert simulated(900, 3) == SAMPLES[:3]
    assert simulated(900, 3, seed=1) != SAMPLES[:3]
    assert SAMPLES[0]["ecg"] == "teacher/900"


@pytest.mark.parametrize("rhythm", [Rhythm.FIBRILLATION, Rhythm.FLUTTER])
def test_without_p_waves_no_pr_is_told(rhythm: Rhythm) -> None:
    from random import Random

    from engine.instruct.simulated import _report

    patient = draw_patient(np.random.default_rng(2), rhythm, frozenset())
    text = _report(replace(patient), codes_of(patient), Random(0))
    assert "<PR>" not in text
