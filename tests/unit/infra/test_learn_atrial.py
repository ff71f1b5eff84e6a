"""Who is scored apart had no part in what is learnt, and ten seconds are joined without a seam."""

from dataclasses import replace

import numpy as np
import pytest

from infra.score import learn_atrial, short_records
from infra.score.learn_atrial import SETTINGS, Judge, Moments, Seconds, fit, folds, left_out, nested, odds
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream import atrial

COUNT = len(atrial.WEIGHTS)


def a_record(patient: str, seed: int, fibrillates: bool) -> Seconds:
    """Twenty minutes, the second ten of them fibrillation or not, told by features that mostly say so."""
    rng = np.random.default_rng(seed)
    truth = np.repeat([False, fibrillates], 600)
    features = rng.normal(size=(1200, COUNT)) + 1.5 * truth[:, None]
    none = np.zeros(1200, bool)
    return Seconds(patient, features, ~none, none, none, np.arange(1200) - 10, truth, none)


@pytest.fixture(scope="module")
def records() -> list[Seconds]:
    return [a_record(name, seed, name in "abc") for seed, name in enumerate("abcdefa")]


SHORT = Moments(np.random.default_rng(9).normal(size=(40, COUNT)), np.arange(40) % 8 == 0)


def test_the_weights_are_those_of_a_logistic_regression(records: list[Seconds]) -> None:
    x, y = records[0].features, records[0].truth
    weights = fit(records[:1], Moments(x[:0], y[:0]))
    p = 1.0 / (1.0 + np.exp(-odds(x, weights)))
    assert p.sum() == pytest.approx(y.sum(), rel=1e-6)
    assert abs(x.T @ (p - y)).max() < 0.05 * len(y)
    assert (weights[:-1] > 0.0).all()


def test_what_a_patient_is_scored_by_does_not_change_with_the_patient(records: list[Seconds]) -> None:
    mine = [k for k, r in enumerate(records) if r.patient == "a"]
    turned = [replace(r, truth=~r.truth) if k in mine else r for k, r in enumerate(records)]
    assert folds(turned) == folds(records)
    before, after = left_out(records, SHORT), left_out(turned, SHORT)
    assert all((before[k] == after[k]).all() for k in mine)
    assert not all((before[k] == after[k]).all() for k in range(len(records)) if k not in mine)


def test_the_setting_of_a_patient_is_chosen_by_the_others(records: list[Seconds]) -> None:
    judge = Judge()
    cells = nested(records, SHORT, judge)
    assert all(c.sum() > 0 for c, r in zip(cells, records, strict=True) if r.patient in "abc")
    hers = [k for k, r in enumerate(records) if r.patient == "a"]
    turned = [replace(r, truth=~r.truth) if r.patient == "a" else r for r in records]
    again = nested(turned, SHORT, judge)
    for k in hers:
        # the same seconds are claimed whatever is true of them
        assert (cells[k][:, 0] + cells[k][:, 2] == again[k][:, 0] + again[k][:, 2]).all()


def test_the_same_records_give_the_same_constants(records: list[Seconds]) -> None:
    assert fit(records, SHORT).tobytes() == fit(records, SHORT).tobytes()
    judge = Judge()
    assert judge.best(records, left_out(records, SHORT)) in SETTINGS


def test_what_vigil_comes_with_is_one_of_the_settings() -> None:
    assert atrial.SETTING in SETTINGS
    assert learn_atrial.folds([a_record("x", 1, True)]) == {"x": 0}


def test_rounds_of_ten_seconds_are_joined_without_a_step_and_keep_their_intervals() -> None:
    what = Scenario("test", (Step("sinus", 10.0, 72.0),))
    recording = short_records._leads(simulate(what, 10.0, seed=3, rate_hz=500.0))
    beats = short_records._beats(recording)
    round_ = short_records._round(recording, beats)
    assert round_ is not None
    assert recording.samples.shape[0] == round_.samples.shape[0] == 2
    assert round_.samples.shape[1] == beats[-1] - (beats[0] if beats[0] > 150 else beats[1])
    seam = abs(round_.samples[:, -8:].mean(axis=1) - round_.samples[:, :8].mean(axis=1))
    assert (seam <= 2.0).all()
    assert short_records._round(recording, beats[:5]) is None
