"""Labels of real records in the order of the simulated ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.instruct import labels as table
from engine.instruct.doubles import fingerprint
from engine.instruct.labelled import Entry
from engine.instruct.sets import entries
from engine.teacher.labels import of_entry, real
from engine.teacher.targets import LABELS, column
from tests.unit.engine.labelled_sets import entry, recording, write_record, write_table


def _ptbxl(**statements: float) -> Entry:
    codes, classes = table.of_scp(statements)
    return replace(entry(), codes=codes, classes=classes)


def _told(one: Entry) -> dict[str, float]:
    return dict(zip(LABELS, of_entry(one).tolist(), strict=True))


def test_ptbxl_tells_every_label_and_a_wall_counts_for_its_infarct() -> None:
    told = _told(_ptbxl(SR=0.0, ASMI=50.0, LAFB=0.0))
    assert {label for label, value in told.items() if value == 1.0} == {"MI", "CD", "SR", "AMI", "LAFB"}
    assert told["IMI"] == told["NORM"] == told["LVH"] == 0.0
    assert _told(_ptbxl(ILMI=0.0))["IMI"] == 1.0


def test_forms_of_st_and_t_are_not_denied_beside_a_class_that_holds_them() -> None:
    assert np.isnan(_told(_ptbxl(SR=0.0, ISC_=100.0))["STD"])
    assert _told(_ptbxl(SR=0.0, ISC_=100.0))["STTC"] == 1.0
    assert _told(_ptbxl(SR=0.0, NORM=100.0))["STD"] == 0.0
    assert _told(_ptbxl(SR=0.0, NORM=100.0, STD_=0.0))["STD"] == 1.0


@pytest.mark.parametrize(
    ("concepts", "expected"),
    [
        (["426783006", "164909002"], {"CD", "SR", "LBBB"}),
        (["164865005", "59931005"], {"MI", "STTC", "TINV"}),
        (["164873001", "427084000"], {"HYP", "STACH", "LVH"}),
        (["426177001", "39732003"], {"NORM", "SBRAD"}),
        (["164884008", "164889003"], {"AF", "PVC"}),
    ],
)
def test_snomed_gives_the_fifteen_labels_and_no_denial_below_them(concepts: list[str], expected: set[str]) -> None:
    codes, classes = table.of_snomed(concepts)
    told = _told(replace(entry(table="index.csv"), codes=codes, classes=classes))
    assert {label for label, value in told.items() if value == 1.0} == expected
    assert all(told[label] == 0.0 for label in LABELS[:15] if label not in expected)
    assert all(np.isnan(told[label]) for label in LABELS[15:] if label not in expected)


def test_code15_tells_its_seven_columns_alone() -> None:
    told = _told(replace(entry("RBBB", "SBRAD"), table="exams.csv"))
    assert told["CD"] == told["RBBB"] == told["SBRAD"] == 1.0
    assert told["AF"] == told["STACH"] == told["NORM"] == 0.0
    assert np.isnan(told["MI"])
    assert np.isnan(told["PVC"])


def test_the_same_recording_in_two_sets_is_learnt_from_once_and_near_doubles_share_a_group() -> None:
    first, second = recording(), recording(seed=2)
    near = replace(first, samples=np.asarray(first.samples + 3 * (np.arange(5000) % 2), np.int16))
    prints = [fingerprint(x) for x in (first, near, second, first)]
    ours = [replace(entry("SR", record=name), patient=name) for name in ("1", "2", "3")]
    theirs = replace(entry("SR", record="X1", table="index.csv"), database="other", fold=None)
    kept = real([*ours, theirs], prints)
    assert [one.entry.record for one in kept] == ["1", "2", "3"]
    assert kept[0].group == kept[1].group != kept[2].group


def test_records_of_ptbxl_in_another_set_are_left_out_though_no_signal_tells_them(tmp_path: Path) -> None:
    for name, seed in (("HR06001", 3), ("E00001", 4)):
        write_record(tmp_path, f"g1/{name}", recording(seed=seed), ["Age: 61", "Sex: Female", "Dx: 426783006"])
    write_table(tmp_path / "index.csv", [{"record": name, "snomed_dx": "426783006"} for name in ("HR06001", "E00001")])
    found = entries("cinc2021", tmp_path)
    kept = real(found, [fingerprint(recording(seed=seed)) for seed in (3, 4)])
    assert [one.entry.record for one in kept] == ["E00001"]
    assert kept[0].labels[column("NORM")] == 1.0
