"""Labels of the public sets, each in a small folder of its own layout, and recordings that lie twice in them."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.instruct import labels
from engine.instruct.doubles import fingerprint, grouped, pairs
from engine.instruct.labelled import BadSet, Change, changed, read, recording_of, selected
from engine.instruct.sets import covers, entries
from ingest.bed import Sex
from tests.unit.engine.labelled_sets import entry, recording, write_ptbxl, write_record, write_table


def test_a_superclass_of_ptbxl_follows_from_any_diagnostic_code_whatever_its_likelihood() -> None:
    codes, classes = labels.of_scp({"SR": 0.0, "IMI": 0.0, "STD_": 100.0, "ABQRS": 0.0})
    assert codes == ("SR", "IMI", "STD", "OTHER")
    assert classes == {"MI"}
    assert labels.fifteen(codes, classes) == ("MI", "SR")


@pytest.mark.parametrize(
    ("concepts", "classes"),
    [
        (["426783006"], {"NORM"}),
        (["427084000", "39732003"], {"NORM"}),
        (["164865005", "59931005"], {"MI", "STTC"}),
        (["270492004", "426783006"], {"CD"}),
        (["426783006", "1234567"], set()),
        (["164889003"], set()),
    ],
)
def test_snomed_makes_normal_of_sinus_and_axis_alone(concepts: list[str], classes: set[str]) -> None:
    assert labels.of_snomed(concepts)[1] == classes


def test_an_open_or_denied_statement_is_no_label_and_no_silence() -> None:
    codes, classes = labels.of_words(["Sinus rhythm", "Possible inferior infarct"])
    assert codes == ("SR", "OTHER")
    assert classes == set()
    assert labels.of_words(["Sinus rhythm", "Electric axis of the heart: normal"])[1] == {"NORM"}


def test_ludb_writes_undefined_of_a_place_and_of_a_finding() -> None:
    assert labels.of_words(["Atrial extrasystole: undefined"])[0] == ("PAC",)
    assert labels.of_words(["Undefined ischemia/scar/supp.nstemi: apical"])[0] == ("OTHER",)


def test_a_finding_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="STEMI is no finding of the table"):
        labels.of_codes(["SR", "STEMI"])


def test_ptbxl_is_read_with_patient_fold_age_and_sex(tmp_path: Path) -> None:
    first, *rest = entries("other-hospital", write_ptbxl(tmp_path))
    assert (first.name, first.ecg) == ("other-hospital/1", "other-hospital/records500/00000/00001_hr")
    assert (first.patient, first.fold, first.age, first.sex) == ("1", 1, 61.0, Sex.MALE)
    assert (first.codes, first.classes, first.report) == (("NORM", "SR"), {"NORM"}, "sinusrhythmus")
    assert [e.fold for e in selected([first, *rest], frozenset({2, 3}))] == [2, 3]
    segment = read(first).segment
    assert segment.signal_mv.shape == (12, 5000)
    assert segment.measurements is not None
    assert segment.measurements.rate_bpm.value == pytest.approx(72.0, abs=3.0)


def test_mimic_takes_its_labels_from_the_machine_report(tmp_path: Path) -> None:
    stem = "files/p1000/p10000032/s40689238/40689238"
    write_record(tmp_path, stem, recording())
    write_table(
        tmp_path / "record_list.csv",
        [
            {
                "subject_id": 10000032,
                "study_id": 40689238,
                "file_name": 40689238,
                "ecg_time": "2180-07-23",
                "path": stem,
            },
            {"subject_id": 10000033, "study_id": 2, "file_name": 2, "ecg_time": "2180-07-23", "path": "files/2"},
        ],
    )
    said = ["Sinus rhythm", "Left bundle branch block", "Possible left atrial abnormality"]
    told = {"subject_id": 10000032, "study_id": 40689238} | {f"report_{k}": "" for k in range(18)}
    write_table(tmp_path / "machine_measurements.csv", [told | {f"report_{k}": text for k, text in enumerate(said)}])
    one, silent = entries("mimic-iv-ecg", tmp_path)
    assert (one.patient, one.codes, one.classes) == ("10000032", ("SR", "LBBB", "OTHER"), {"CD"})
    assert one.report == ". ".join(said)
    assert recording_of(one).samples.shape == (12, 5000)
    assert silent.left_out == "its set tells nothing of it"


def _code15(folder: Path) -> None:
    row = dict.fromkeys(("1dAVb", "RBBB", "LBBB", "SB", "ST", "AF", "normal_ecg"), "False")
    told = {"exam_id": 77, "age": 50, "is_male": "True", "patient_id": 5, "trace_file": "exams_part0.hdf5"}
    write_table(folder / "exams.csv", [told | row | {"SB": "True", "RBBB": "True"}, told | row | {"exam_id": 78}])


def test_code15_names_the_exam_behind_its_file(tmp_path: Path) -> None:
    _code15(tmp_path)
    one, other = entries("code15", tmp_path)
    assert (one.ecg, one.patient, one.codes) == ("code15/exams_part0.hdf5#77", "5", ("SBRAD", "RBBB"))
    assert covers(one, "AF")
    assert not covers(one, "IMI")
    assert other.left_out == "its set tells nothing of it"


@pytest.mark.parametrize("unit", [1.0, 0.1])
def test_an_exam_of_code15_is_read_from_hdf5_in_either_unit_and_its_padding_makes_no_step(
    tmp_path: Path, unit: float
) -> None:
    h5py = pytest.importorskip("h5py", reason="exams in HDF5 need the extra hdf5")
    from scipy.signal import resample_poly

    mv = resample_poly(recording(rate=60.0).samples / 200.0, 4, 5, axis=1).T + 0.3
    padded = np.zeros((1, 4096, 12), np.float32)
    padded[0, 48:4048] = mv / unit
    _code15(tmp_path)
    with h5py.File(tmp_path / "exams_part0.hdf5", "w") as part:
        part["exam_id"], part["tracings"] = np.array([77]), padded
    one = entries("code15", tmp_path)[0]
    found = recording_of(one)
    told = found.samples[1] / found.signals[1].gain
    assert found.rate_hz == 400.0
    assert told[1000] == pytest.approx(mv[952, 1], abs=0.01)
    assert np.abs(np.diff(told[:60])).max() < 0.2
    assert read(one).segment.measurements.rate_bpm.value == pytest.approx(60.0, abs=2.0)


def test_without_h5py_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _code15(tmp_path)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(BadSet, match="pip install h5py"):
        recording_of(entries("code15", tmp_path)[0])


def test_cinc_is_read_with_or_without_its_index(tmp_path: Path) -> None:
    write_record(tmp_path, "g1/E00001", recording(), ["Age: 61", "Sex: Female", "Dx: 164889003,47665007"])
    write_record(tmp_path, "g1/HR00001", recording(seed=2), ["Age: NaN", "Dx: 426783006"])
    for _ in range(2):
        one, other = entries("cinc2021", tmp_path)
        assert (one.record, one.codes, one.sex, one.age, one.fold) == ("E00001", ("AF", "RAD"), Sex.FEMALE, 61.0, None)
        assert other.left_out == "a record of PTB-XL without its patient and fold"
        table = [
            {"record": "E00001", "snomed_dx": "164889003;47665007"},
            {"record": "HR00001", "snomed_dx": "426783006"},
        ]
        write_table(tmp_path / "index.csv", [*table, {"record": "GONE", "snomed_dx": "426783006"}])


def test_ludb_is_read_by_the_text_of_its_columns(tmp_path: Path) -> None:
    row = dict.fromkeys(
        ("Electric axis of the heart", "Conduction abnormalities", "Extrasystolies", "Hypertrophies", "Cardiac pacing", "Ischemia"), ""
    )  # fmt: skip
    told = {"ID": "3\n", "Sex": "F\n", "Age": ">89\n", "Rhythms": "Sinus bradycardia", "Other states": ""}
    cells = {
        "Conduction abnormalities": "Complete right bundle branch block\n",
        "Hypertrophies": "Left ventricular hypertrophy",
    }
    write_table(tmp_path / "ludb.csv", [told | row | {"Non-specific repolarization abnormalities": ""} | cells])
    (one,) = entries("ludb", tmp_path)
    assert (one.record, one.codes, one.classes) == ("3", ("SBRAD", "RBBB", "LVH"), {"CD", "HYP"})
    assert (one.sex, one.age, one.ecg) == (Sex.FEMALE, None, "ludb/data/3")


def test_of_reviews_only_confirmed_ones_are_learnt_from(tmp_path: Path) -> None:
    row = {"record": "a.csv", "findings": "AF; PVC", "reviewer": "dr-x", "confirmed": "yes"}
    write_table(tmp_path / "labels.csv", [row, row | {"record": "b.csv", "confirmed": "no"}])
    one, other = entries("reviews", tmp_path)
    assert (one.codes, one.left_out, one.ecg) == (("AF", "PVC"), "", "reviews/a.csv")
    assert "dr-x" in one.report
    assert other.left_out == "not confirmed by a reviewer"
    write_table(tmp_path / "labels.csv", [row | {"findings": "AFIB"}])
    with pytest.raises(BadSet, match="line 2: AFIB is no finding"):
        entries("reviews", tmp_path)


def test_a_folder_without_labels_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSet, match="has no labels that are known"):
        entries("nothing", tmp_path)
    write_table(tmp_path / "ptbxl_database.csv", [{"ecg_id": 1}])
    with pytest.raises(BadSet, match="has no column 'scp_codes'"):
        entries("ptbxl", tmp_path)


def test_one_recording_in_two_sets_is_found_by_its_signal() -> None:
    there, elsewhere = recording(seed=1), recording(seed=2)
    louder = replace(there, samples=(there.samples * 2).astype(np.int16))
    alike = pairs([fingerprint(one) for one in (there, elsewhere, louder)])
    assert [(i, j) for i, j, _ in alike] == [(0, 2)]
    listed = [
        entry("SR", record="a"),
        entry("SR", record="b"),
        replace(entry("SR", record="c"), database="other", fold=None),
    ]
    told, groups = grouped(listed, alike)
    assert [one.left_out for one in told] == ["", "", "the same recording as made/a"]
    assert groups["other/c"] == groups["made/a"] != groups["made/b"]


def test_doubles_in_one_set_stay_together_and_on_one_side_of_a_split() -> None:
    listed = [replace(entry("SR", record=str(k)), fold=fold) for k, fold in enumerate((1, 9, 2))]
    told, groups = grouped(listed, [(0, 1, 1.0)], frozenset({1, 2}))
    assert groups["made/0"] == groups["made/1"]
    assert ["fold" in one.left_out for one in told] == [True, True, False]


def test_leads_that_are_taken_away_and_signals_that_are_lost_reach_the_measurement() -> None:
    few = changed(recording(), Change(leads=("V1", "II")))
    assert [s.name for s in few.signals] == ["II", "V1"]
    lost = changed(recording(), Change(lost=True))
    assert len(lost.spans) == 12
    assert changed(recording(), Change()) is recording()
