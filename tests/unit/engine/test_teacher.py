"""The teacher: the same seed gives the same record, and what a record is called it is."""

import numpy as np
import pytest

from engine.teacher.anatomy import draw_torso, seen, turned
from engine.teacher.conditions import MEMBERS, WEIGHTS, Condition, draw_conditions, together
from engine.teacher.noise import digitised, draw_mask, record
from engine.teacher.record import draw, draw_many, patient_of, quiet
from engine.teacher.rhythms import SHARES, Rhythm, draw_timing
from engine.teacher.targets import (
    LABELS,
    PARAMETERS,
    SUBLABELS,
    SUPERCLASSES,
    column,
    parameter,
    standardised,
)
from engine.teacher.truth import labels, numbers
from engine.teacher.waves import extent_s, summed, table, wave
from ingest.frame import LEADS
from stream.measurement import BeatKind
from tests.unit.engine.taught import FIRST_SEED, judged, lead, measured, patients, signal, value

C, R = Condition, Rhythm


# targets ----------------------------------------------------------------------------------------------------------


def test_labels_are_superclasses_then_rhythms_then_what_lies_below() -> None:
    assert LABELS[:5] == SUPERCLASSES == ("NORM", "MI", "STTC", "CD", "HYP")
    assert LABELS[5:15] == ("SR", "AF", "STACH", "SBRAD", "PACE", "1AVB", "LBBB", "RBBB", "AFLT", "PVC")
    assert LABELS[15:] == SUBLABELS
    assert len(set(LABELS)) == 26


def test_parameters_name_their_units_and_stand_in_one_scale() -> None:
    assert len(set(PARAMETERS)) == 55
    found = np.zeros(55, np.float32)
    found[parameter("rate_bpm")], found[parameter("t_mv_V6")], found[parameter("pr_ms")] = 100.0, 0.33, np.nan
    even = standardised(found)
    assert even[parameter("rate_bpm")] == pytest.approx(1.0)
    assert even[parameter("t_mv_V6")] == pytest.approx(1.0)
    assert np.isnan(even[parameter("pr_ms")])


# waves and leads --------------------------------------------------------------------------------------------------


def test_a_sum_of_waves_is_each_wave_at_its_place_with_its_own_flanks() -> None:
    waves = table([wave(0.5, 0.02, 0.04, np.array([1.0, 0.0, 0.0])), wave(0.5, 0.02, 0.02, np.array([0.0, 2.0, 0.0]))])
    dipole = summed(waves, 500, 500.0)
    assert dipole[:, 250].tolist() == [1.0, 2.0, 0.0]
    assert dipole[0, 240] == pytest.approx(np.exp(-0.5))
    assert dipole[0, 270] == pytest.approx(np.exp(-0.5))
    assert not dipole[2].any()


def test_waves_beyond_both_ends_are_cut_and_not_wrapped() -> None:
    up = np.ones(3)
    dipole = summed(
        table([wave(-0.01, 0.02, 0.02, up), wave(1.01, 0.02, 0.02, up), wave(9.0, 0.02, 0.02, up)]), 500, 500.0
    )
    assert dipole.shape == (3, 500)
    assert dipole[0, 0] > 0.8
    assert dipole[0, -1] > 0.7
    assert not dipole[0, 100:400].any()


def test_the_extent_of_a_wave_is_where_it_rises_above_a_share_of_its_height() -> None:
    begin, end = extent_s(table([wave(0.2, 0.01, 0.02, np.array([0.0, 0.0, 3.0]))]), float(np.exp(-2.0)))
    assert (begin, end) == pytest.approx((0.18, 0.24), abs=0.0011)


def test_turning_keeps_lengths_and_leads_from_the_left_to_the_feet() -> None:
    vectors = np.array([[1.0, 0.0, 0.0], [0.3, -0.4, 0.5]])
    down = turned(vectors, np.pi / 2, 0.0)
    assert down[0] == pytest.approx([0.0, 1.0, 0.0])
    both = turned(vectors, 0.7, -0.4)
    assert np.linalg.norm(both, axis=1) == pytest.approx(np.linalg.norm(vectors, axis=1))


@pytest.mark.parametrize("noisy", [False, True])
def test_limb_leads_obey_einthoven_and_goldberger(noisy: bool) -> None:
    rng = np.random.default_rng(FIRST_SEED)
    leads = seen(draw_torso(rng), rng.normal(size=(3, 5000)))
    if noisy:
        recorded = record(leads, rng)
        leads = recorded.steps / recorded.steps_per_mv
    one, two, three, right, left, foot = leads[:6]
    step = 0.02 if noisy else 1e-12
    assert np.abs(one + three - two).max() < step
    assert np.abs(right + left + foot).max() < step
    assert np.abs(left - (one - three) / 2).max() < step
    assert np.abs(foot - (two + three) / 2).max() < step


# records ----------------------------------------------------------------------------------------------------------


def test_a_seed_gives_the_same_bits_alone_and_among_many() -> None:
    signals, masks, told, parameters = draw_many(FIRST_SEED, 4)
    for k in range(4):
        one = draw(FIRST_SEED + k)
        assert one.signal.tobytes() == signals[k].tobytes()
        assert one.mask.tolist() == masks[k].tolist()
        assert one.labels.tobytes() == told[k].tobytes()
        assert one.parameters.tobytes() == parameters[k].tobytes()
    assert not np.array_equal(signals[0], signals[1])


def test_a_record_has_the_shape_and_unit_of_the_model() -> None:
    signals, masks, told, parameters = draw_many(FIRST_SEED + 100, 60)
    assert (signals.shape, signals.dtype) == ((60, 12, 5000), np.float32)
    assert (told.shape, parameters.shape) == ((60, len(LABELS)), (60, len(PARAMETERS)))
    assert np.isfinite(signals).all()
    assert not signals[~masks].any()
    assert signals[masks].std(axis=1).min() > 0.0
    assert 0.3 < np.median(np.ptp(signals[masks], axis=1)) < 4.0
    assert set(np.unique(told[np.isfinite(told)]).tolist()) == {0.0, 1.0}
    # rhythm and conduction are told of every record
    assert np.isfinite(told[:, 5:15]).all()
    assert np.isfinite(np.delete(parameters, parameter("pr_ms"), axis=1)).all()


def test_noise_comes_on_top_of_the_same_heart() -> None:
    seed = next(k for k in range(FIRST_SEED, FIRST_SEED + 50) if draw(k).mask.all())
    loud, still = draw(seed), quiet(seed)
    assert loud.parameters.tobytes() == still.parameters.tobytes()
    apart = loud.signal - still.signal
    assert 0.001 < apart.std() < 0.5
    mine = [np.corrcoef(loud.signal[k], still.signal[k])[0, 1] for k in range(12)]
    other = np.corrcoef(loud.signal[1], quiet(seed + 1).signal[1])[0, 1]
    assert np.median(mine) > 0.6 > other


def test_what_the_converter_cannot_show_is_cut() -> None:
    steps = digitised(np.full((12, 10), 100.0), 1000.0).steps
    assert (steps == 32767).all()


def test_leads_are_mostly_all_there_and_never_none() -> None:
    rng = np.random.default_rng(FIRST_SEED)
    masks = np.array([draw_mask(rng) for _ in range(2000)])
    assert 0.84 < masks.all(axis=1).mean() < 0.90
    assert masks.any(axis=1).all()
    assert (masks.sum(axis=1) == 1).any()


# prevalence -------------------------------------------------------------------------------------------------------


def test_a_third_has_no_condition_and_each_comes_by_its_weight() -> None:
    rng = np.random.default_rng(FIRST_SEED)
    drawn = [draw_conditions(rng) for _ in range(4000)]
    assert np.mean([not found for found in drawn]) == pytest.approx(0.33, abs=0.03)
    assert max(len(found) for found in drawn) == 3
    counts = {c: sum(c in found for found in drawn) for c in WEIGHTS}
    assert min(counts.values()) >= 20
    assert counts[C.LVH] > counts[C.IMI] > counts[C.IMI_ACUTE] > counts[C.PMI]
    assert all(together(found) == found for found in drawn)
    assert set().union(*MEMBERS.values()) == set(C) - {C.LVOLT}


def test_every_label_is_told_true_and_false_often_enough_to_be_learnt() -> None:
    told = np.array([labels(p, numbers(p)) for p in map(patient_of, range(FIRST_SEED, FIRST_SEED + 500))])
    share = dict(zip(LABELS, np.nanmean(told, axis=0).tolist(), strict=True))
    assert all(0.01 <= part <= 0.7 for part in share.values())
    assert share["NORM"] == pytest.approx(0.21, abs=0.06)
    assert share["AF"] == pytest.approx(SHARES[R.FIBRILLATION], abs=0.04)
    assert share["MI"] > share["AMI"] > 0.05
    assert np.isnan(told).mean(axis=0).max() < 0.35


# what a record is called it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rhythm", "label", "low", "high"),
    [
        (R.SINUS, "SR", 59.0, 101.0),
        (R.TACHYCARDIA, "STACH", 98.0, 162.0),
        (R.BRADYCARDIA, "SBRAD", 34.0, 61.0),
    ],
)
def test_a_sinus_rhythm_is_named_by_the_rate_that_is_measured(
    rhythm: Rhythm, label: str, low: float, high: float
) -> None:
    for patient in [p for p in patients(rhythm) if not p.timing.kind.any()][:4]:
        m, told = measured(patient), labels(patient, numbers(patient))
        assert low < value(m.rate_bpm) < high
        assert value(m.rate_bpm) == pytest.approx(numbers(patient)[parameter("rate_bpm")], rel=0.06)
        assert told[column(label)] == 1.0
        assert told[[column(x) for x in ("SR", "STACH", "SBRAD", "AF", "AFLT", "PACE")]].sum() == 1.0


def test_fibrillation_has_no_p_wave_and_no_regular_beat() -> None:
    found = [measured(p) for p in patients(R.FIBRILLATION)]
    assert sum(m.p_wave_present is True for m in found) <= 1
    assert np.median([m.rr_sd_ms / m.rr_ms.value for m in found]) > 0.12
    sinus = [measured(p) for p in patients(R.SINUS)]
    assert sum(m.p_wave_present is True for m in sinus) >= 7
    assert np.median([m.rr_sd_ms / m.rr_ms.value for m in sinus]) < 0.06


def test_flutter_waves_come_at_their_rate_between_the_beats() -> None:
    for patient in patients(R.FLUTTER, count=4):
        row = signal(patient)[LEADS.index("II")]
        spectrum = np.abs(np.fft.rfft(row * np.hanning(5000)))
        per_min = patient.timing.flutter_bpm / 60.0 * 10.0
        near = spectrum[round(per_min) - 2 : round(per_min) + 3].max()
        aside = np.median(spectrum[round(per_min) - 12 : round(per_min) + 13])
        assert near > 2.0 * aside


def test_a_pulse_stands_before_each_paced_beat_and_the_qrs_is_wide() -> None:
    for patient in patients(R.PACED, count=4):
        assert numbers(patient)[parameter("qrs_ms")] >= 120.0
        step = np.abs(np.diff(signal(patient), axis=1)).max(axis=0)
        onset = [round(s * 500) for s in patient.timing.onset_s.tolist() if 0.1 < s < 9.9]
        assert np.median([step[k - 5 : k + 2].max() for k in onset]) > 2 * np.median(
            [step[k + 20 : k + 60].max() for k in onset]
        )


def test_early_beats_are_early_and_labelled_where_they_are_seen() -> None:
    some = [
        p for p in map(patient_of, range(FIRST_SEED, FIRST_SEED + 300)) if (p.timing.kind[p.timing.inside] == 1).any()
    ]
    assert len(some) >= 10
    for patient in some:
        assert labels(patient, numbers(patient))[column("PVC")] == 1.0
    patient = next(p for p in some if p.rhythm is R.SINUS and (p.timing.kind[p.timing.inside] == 1).sum() >= 2)
    assert any(b.kind is BeatKind.VENTRICULAR for b in measured(patient).beats)
    early = np.flatnonzero(patient.timing.kind == 1)
    assert (patient.timing.expected_s[early[:-1]] - patient.timing.onset_s[early[:-1]] > 0.1).all()


def test_two_in_ten_ventricular_beats_are_followed_by_no_pause() -> None:
    timings = [draw_timing(np.random.default_rng(k), R.SINUS) for k in range(FIRST_SEED, FIRST_SEED + 600)]
    pauses = []
    for t in timings:
        alone = [k for k in np.flatnonzero(t.kind == 1).tolist() if k + 1 < len(t.kind) and t.kind[k + 1] == 0]
        pauses += [(t.rr_s[k] + t.rr_s[k + 1]) / t.usual_rr_s for k in alone]
    assert len(pauses) > 60
    assert 0.6 < np.mean(np.array(pauses) > 1.8) < 0.95


def test_a_first_degree_block_has_a_pr_above_200_ms() -> None:
    blocked = [p for p in patients(R.SINUS, count=120) if p.atria.blocked]
    free = [p for p in patients(R.SINUS, count=40) if not p.atria.blocked]
    assert len(blocked) >= 5
    for patient in blocked:
        assert numbers(patient)[parameter("pr_ms")] > 200.0
        assert labels(patient, numbers(patient))[[column("1AVB"), column("CD"), column("NORM")]].tolist() == [
            1.0,
            1.0,
            0.0,
        ]
    assert max(numbers(p)[parameter("pr_ms")] for p in free) <= 200.0
    assert np.nanmedian([value(measured(p).pr_ms) for p in blocked[:7]]) > 200.0


@pytest.mark.parametrize(
    ("condition", "low", "high"),
    [(C.LBBB, 120.0, 205.0), (C.RBBB, 120.0, 190.0), (C.IVCD, 104.0, 150.0), (C.IRBBB, 92.0, 125.0)],
)
def test_a_block_is_as_wide_as_its_name_asks(condition: Condition, low: float, high: float) -> None:
    some = patients(R.SINUS, condition, count=11)
    assert low <= np.nanmedian([value(measured(p).qrs_ms) for p in some]) <= high
    taught = [numbers(p)[parameter("qrs_ms")] for p in patients(R.SINUS, condition, count=40)]
    assert low <= np.percentile(taught, 10) <= max(taught) <= high


def test_a_right_block_ends_in_v1_and_a_left_block_in_v6() -> None:
    for condition, upright, sunk in ((C.RBBB, "V1", "I"), (C.LBBB, "V6", "V1")):
        for patient in patients(R.SINUS, condition, count=5):
            inside = np.flatnonzero((patient.timing.kind == 0) & patient.timing.inside)
            end = round((patient.timing.onset_s[inside[1]] + patient.qrs.duration_s) * 500)
            last = signal(patient)[:, end - 20 : end - 7].mean(axis=1)
            assert last[LEADS.index(upright)] > last[LEADS.index(sunk)] + 0.1


def test_a_fascicular_block_turns_the_axis() -> None:
    assert all(m.axis_deg < -30.0 for m in judged(R.SINUS, C.LAFB, count=4))
    assert all(measured(p).axis_deg > 80.0 for p in patients(R.SINUS, C.LPFB, count=4))


def test_a_large_left_ventricle_mostly_meets_a_voltage_criterion_and_a_normal_one_mostly_not() -> None:
    def meets(parameters: np.ndarray) -> bool:
        """Sokolow and Lyon 1949 (3.5 mV) or Cornell (Casale 1985: 2.8 mV in men, 2.0 in women; here the mean)."""
        r, s = (dict(zip(LEADS, parameters[first : first + 12].tolist(), strict=True)) for first in (31, 43))
        return -s["V1"] + max(r["V5"], r["V6"]) >= 3.5 or r["aVL"] - s["V3"] >= 2.4

    large = np.mean([meets(numbers(p)) for p in patients(R.SINUS, C.LVH, count=80)])
    normal = np.mean([meets(numbers(p)) for p in patients(R.SINUS, count=80)])
    assert large > 0.65
    assert normal < 0.20


def _q_mv(m: object, name: str) -> float:
    found = lead(m, name)  # type: ignore[arg-type]
    return 0.0 if found.q_mv is None else -found.q_mv.value


def test_an_old_inferior_infarct_mostly_has_q_waves_below() -> None:
    def qs(*conditions: Condition) -> float:
        found = judged(R.SINUS, *conditions, count=20)
        lost = [
            sum(_q_mv(m, x) > 0.1 or value(lead(m, x).r_mv) < 0.1 for x in ("II", "III", "aVF")) >= 2 for m in found
        ]
        return float(np.mean(lost))

    assert qs(C.IMI) >= 0.5
    assert qs() <= 0.2


def test_an_anterior_infarct_takes_r_from_the_chest_leads() -> None:
    r = [parameter(f"r_mv_{x}") for x in ("V2", "V3")]
    scarred = np.median([numbers(p)[r].sum() for p in patients(R.SINUS, C.AMI, count=30)])
    healthy = np.median([numbers(p)[r].sum() for p in patients(R.SINUS, count=30)])
    assert scarred < 0.6 * healthy


@pytest.mark.parametrize(
    ("condition", "name", "sign"),
    [(C.AMI_ACUTE, "V3", 1.0), (C.IMI_ACUTE, "III", 1.0), (C.STD, "V5", -1.0)],
)
def test_st_moves_to_where_the_condition_says(condition: Condition, name: str, sign: float) -> None:
    found = [value(lead(measured(p), name).st_j60_mv) for p in patients(R.SINUS, condition, count=9)]
    assert np.nanmedian(found) * sign > 0.08


def test_a_long_qt_is_long_by_measurement() -> None:
    found = [measured(p) for p in patients(R.SINUS, C.LQT, count=4)]
    assert np.median([m.qtc_fridericia_ms for m in found]) > 460.0


def test_preexcitation_shortens_pr_and_widens_the_qrs() -> None:
    some = np.array([numbers(p) for p in patients(R.SINUS, C.WPW, count=30)])
    assert some[:, parameter("pr_ms")].max() < 125.0
    assert np.median(some[:, parameter("qrs_ms")]) > 110.0


def test_what_is_taught_is_what_is_measured_on_the_quiet_record() -> None:
    apart = []
    for patient in patients(R.SINUS, count=12):
        m, n = measured(patient), numbers(patient)
        apart.append(
            [value(m.pr_ms), value(m.qrs_ms), value(m.qt_ms), value(lead(m, "V5").r_mv), value(lead(m, "II").t_mv)]
        )
        apart[-1] = np.array(apart[-1]) - n[[parameter(x) for x in ("pr_ms", "qrs_ms", "qt_ms", "r_mv_V5", "t_mv_II")]]
    median = np.abs(np.nanmedian(apart, axis=0))
    assert median[0] < 12.0
    assert median[1] < 12.0
    assert median[2] < 16.0
    assert median[3] < 0.1
    assert median[4] < 0.05


# what is not told -------------------------------------------------------------------------------------------------


def test_normal_is_not_told_of_a_sinus_rhythm_with_early_beats() -> None:
    early = [p for p in patients(R.SINUS, count=200) if p.timing.kind[p.timing.inside].any() and not p.atria.blocked]
    assert len(early) >= 10
    assert all(np.isnan(labels(p, numbers(p))[column("NORM")]) for p in early)


def test_a_left_block_hides_changes_of_st() -> None:
    for patient in patients(R.SINUS, C.LBBB, C.TINV, count=3):
        told = labels(patient, numbers(patient))
        assert told[column("LBBB")] == told[column("CD")] == 1.0
        assert np.isnan(told[[column("STD"), column("TINV"), column("STTC")]]).all()


def test_st_that_is_plainly_moved_is_never_denied() -> None:
    for patient in map(patient_of, range(FIRST_SEED, FIRST_SEED + 200)):
        n = numbers(patient)
        st = n[[parameter(f"st60_mv_{x}") for x in LEADS if x != "aVR"]]
        if (st < -0.11).sum() >= 2:
            assert labels(patient, n)[column("STD")] != 0.0
