"""Recordings from files: every rate, every set of leads, every hole; and what is said of a file that cannot be played."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import edfio
import numpy as np
import pydicom
import pydicom.config
import pydicom.data
import pytest
import wfdb

from infra.plan import BadRequest, Plan
from ingest.bed import Sex
from ingest.codec import MAX_SIGNALS, decode_frame, encode_frame
from ingest.frame import LEADS, Flaw, Signal, lead_name
from ingest.open_recording import UnreadableRecording, read_recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.offline import analyse, frames


@pytest.mark.parametrize("name", ["ii", "II", "MLII", "ECG II", "ECG_II", "lead II", "EKG-II"])
def test_a_lead_has_one_name(name: str) -> None:
    assert lead_name(name) == "II"


@pytest.mark.parametrize(
    "name", ["V", "ECG V", "MCL", "MCL1", "ECG1", "EKG", "ML5", "V7", "V3R", "mod.V1", "CM5", "ES"]
)
def test_a_lead_of_unknown_place_stays_its_own_and_is_an_ecg(name: str) -> None:
    assert lead_name(name) not in LEADS
    assert Signal(lead_name(name), "mV", 200.0).is_ecg


@pytest.mark.parametrize(
    ("name", "unit"), [("PLETH", "NU"), ("V", "NU"), ("ABP", "mmHg"), ("RESP", "mV"), ("VENT", "mV"), ("II", "mmHg")]
)
def test_what_is_no_ecg_is_not_taken_for_one(name: str, unit: str) -> None:
    assert not Signal(lead_name(name), unit, 200.0).is_ecg


def test_a_recording_of_a_lead_of_unknown_place_alone_is_analysed(tmp_path: Path) -> None:
    whole = simulate(SCENARIOS["sinus"], 30.0, seed=3)
    rows = [f"{v:.3f}" for v in whole.samples[1] / 200.0]
    (tmp_path / "one.csv").write_text("\n".join(["ECG V", *rows]))
    recording = read_recording(str(tmp_path / "one.csv"), 500.0)
    rates = [t.rate_bpm for t in analyse(recording).trends if t.rate_bpm is not None]
    assert 65 < np.median(rates) < 80


def test_the_dicom_sample_has_twelve_leads() -> None:
    import pydicom.data

    recording = read_recording(pydicom.data.get_testdata_file("waveform_ecg.dcm"))
    assert [s.name for s in recording.signals] == list(LEADS)
    assert recording.rate_hz == 1000.0


def test_a_csv_with_empty_cells_has_spans_and_no_zeros(tmp_path: Path) -> None:
    path = tmp_path / "bed 7.csv"
    lines = ["time,II,ABP [mmHg]"] + [f"{k / 250},{1.0 + k / 100},{'' if 3 <= k < 6 else 90}" for k in range(20)]
    path.write_text("\n".join(lines))
    recording = read_recording(str(path))
    assert (recording.name, recording.rate_hz) == ("bed-7", 250.0)
    (span,) = recording.spans
    assert (span.row, span.start, span.stop, span.flaw) == (1, 3, 6, Flaw.INVALID)
    assert recording.samples[1].min() > 0


def test_a_hole_in_the_times_of_a_csv_stays_a_hole(tmp_path: Path) -> None:
    times = [k / 250 for k in range(5000) if not 1250 <= k < 2500]
    (tmp_path / "hole.csv").write_text("\n".join(["time,II,V1", *(f"{t:.3f},0.1,0.2" for t in times)]))
    recording = read_recording(str(tmp_path / "hole.csv"))
    assert (recording.rate_hz, recording.samples.shape) == (250.0, (2, 5000))
    assert [(s.row, s.start, s.stop, s.flaw) for s in recording.spans] == [
        (row, 1250, 2500, Flaw.INVALID) for row in (0, 1)
    ]


def test_times_of_few_digits_give_the_rate_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "rate.csv").write_text("\n".join(["time,II", *(f"{k / 360:.3f},0.1" for k in range(7200))]))
    recording = read_recording(str(tmp_path / "rate.csv"))
    assert (recording.rate_hz, recording.samples.shape[1], recording.spans) == (360.0, 7200, ())


def pulses_a_minute(row: np.ndarray, rate_hz: float) -> float:
    """Upward crossings of half the height."""
    high = row > (row.min() + row.max()) / 2
    return float((high[1:] & ~high[:-1]).sum()) / (row.size / rate_hz) * 60.0


@pytest.mark.parametrize(("ecg_hz", "pleth_hz"), [(200, 250), (250, 125), (500, 62.5), (256, 100)])
def test_an_edf_of_unlike_rates_plays_at_its_own_speed(tmp_path: Path, ecg_hz: float, pleth_hz: float) -> None:
    seconds = 40
    ecg_t, pleth_t = np.arange(round(seconds * ecg_hz)) / ecg_hz, np.arange(round(seconds * pleth_hz)) / pleth_hz
    beat = np.exp(-0.5 * (((ecg_t % 1.0) - 0.5) / 0.02) ** 2)
    wave = 2.0 + np.sin(2 * np.pi * 1.5 * pleth_t)
    signals = [
        edfio.EdfSignal(beat, ecg_hz, label="ECG II", physical_dimension="mV"),
        edfio.EdfSignal(wave, pleth_hz, label="PLETH", physical_dimension="NU"),
        edfio.EdfSignal(np.arange(float(seconds)), 1, label="SpO2", physical_dimension="%"),
    ]
    edfio.Edf(signals, data_record_duration=2).write(tmp_path / "unlike.edf")
    recording = read_recording(str(tmp_path / "unlike.edf"))
    assert (recording.rate_hz, recording.samples.shape[1]) == (ecg_hz, seconds * ecg_hz)
    values = [row / s.gain for row, s in zip(recording.samples, recording.signals, strict=True)]
    assert np.abs(values[0] - beat).max() < 0.002
    assert pulses_a_minute(values[0], ecg_hz) == pytest.approx(60.0, abs=1.6)
    assert pulses_a_minute(values[1], ecg_hz) == pytest.approx(90.0, abs=1.6)
    inner = slice(round(ecg_hz), -round(ecg_hz))
    assert np.abs(values[1] - (2.0 + np.sin(2 * np.pi * 1.5 * ecg_t)))[inner].max() < 0.02
    assert values[2][round(10.5 * ecg_hz)] == pytest.approx(10.0, abs=0.01)


def test_a_wfdb_record_of_unlike_rates_keeps_the_detail_of_its_ecg(tmp_path: Path) -> None:
    t, slow = np.arange(10_000) / 500.0, np.arange(2500) / 125.0
    beat, wave = np.exp(-0.5 * (((t % 1.0) - 0.5) / 0.006) ** 2), 80 + 20 * np.sin(2 * np.pi * slow)
    wfdb.wrsamp(
        "uneven",
        fs=125,
        units=["mV", "mmHg"],
        sig_name=["II", "ABP"],
        e_p_signal=[beat, wave],
        fmt=["16", "16"],
        samps_per_frame=[4, 1],
        write_dir=str(tmp_path),
    )
    recording = read_recording(str(tmp_path / "uneven"))
    assert (recording.rate_hz, recording.samples.shape) == (500.0, (2, 10_000))
    assert np.abs(recording.samples[0] / recording.signals[0].gain - beat).max() < 0.002


def test_a_channel_of_pacer_flags_becomes_flags(tmp_path: Path) -> None:
    rows = [f"{0.1},{int(k in (100, 101, 350))}" for k in range(500)]
    (tmp_path / "paced.csv").write_text("\n".join(["II,Pace [NU]", *rows]))
    assert read_recording(str(tmp_path / "paced.csv"), 250.0).pacer == (100, 350)


@pytest.mark.parametrize("name", ["missing", "broken.hea", "broken.edf", "broken.dcm", "broken.csv", "bad.txt"])
def test_an_unreadable_file_is_one_sentence_that_names_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name != "missing":
        path.write_bytes(b"\x00nonsense\n")
    with pytest.raises(UnreadableRecording) as told:
        read_recording(str(path))
    assert name in str(told.value)
    assert "\n" not in str(told.value)
    assert ("not there" in str(told.value)) == (name == "missing")


def test_what_is_said_of_a_file_is_true(tmp_path: Path, mitdb: Path) -> None:
    shutil.copy(mitdb / "100.hea", tmp_path / "100.hea")
    (tmp_path / "ragged.csv").write_text("II,V1\n0.1,0.2\n0.1\n0.3,0.4\n")
    (tmp_path / "back.csv").write_text("time,II\n0.0,1\n0.004,1\n0.002,1\n0.008,1\n")
    for name, said in (
        ("100", "names 100.dat, which is not there"),
        ("", "is a folder"),
        ("ragged.csv", "1 cells for 2 names in its line 3"),
        ("back.csv", "does not go on in line 4"),
    ):
        with pytest.raises(UnreadableRecording, match=said):
            read_recording(str(tmp_path / name))


def test_a_channel_of_a_file_gets_a_name_that_a_frame_may_carry(tmp_path: Path) -> None:
    path = tmp_path / "named.csv"
    path.write_text("II [mV],a\x01b" + "c" * 200 + " [" + "u" * 50 + "]\n" + "0.1,0.2\n" * 100)
    recording = read_recording(str(path), 100.0)
    frame = next(iter(frames(recording, 1.0, 7)))
    assert decode_frame(encode_frame(frame)).session.signals == recording.signals
    assert recording.signals[1].name.startswith("a bccc")


def slow_wfdb(folder: Path) -> Path:
    values = np.sin(np.arange(400) / 3)[:, None]
    wfdb.wrsamp("slow", fs=20, units=["mV"], sig_name=["II"], p_signal=values, fmt=["16"], write_dir=str(folder))
    return folder / "slow.hea"


def slow_edf(folder: Path) -> Path:
    signal = edfio.EdfSignal(np.sin(np.arange(400) / 3), sampling_frequency=20, label="II", physical_dimension="mV")
    edfio.Edf([signal]).write(folder / "slow.edf")
    return folder / "slow.edf"


def slow_dicom(folder: Path) -> Path:
    import pydicom
    from pydicom.data import get_testdata_file

    data = pydicom.dcmread(get_testdata_file("waveform_ecg.dcm"))
    for group in data.WaveformSequence:
        group.SamplingFrequency = 20
    data.save_as(folder / "slow.dcm")
    return folder / "slow.dcm"


def slow_csv(folder: Path) -> Path:
    path = folder / "slow.csv"
    path.write_text("time,II\n" + "".join(f"{k / 20},{k % 7}\n" for k in range(400)))
    return path


@pytest.mark.parametrize("make", [slow_wfdb, slow_edf, slow_dicom, slow_csv])
def test_a_rate_that_cannot_be_analysed_is_one_sentence(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    with pytest.raises(UnreadableRecording, match=r"slow.* 20 Hz: only 25 to 4000 Hz"):
        read_recording(str(path))


@pytest.mark.parametrize(
    ("heads", "row", "said"),
    [
        (["II [mV]", *(f"X{k} [NU]" for k in range(MAX_SIGNALS))], "0.1", f"{MAX_SIGNALS + 1} signals"),
        (["II [mV]", "counter [NU]"], "1e12", "signal 'counter'"),
    ],
)
def test_what_no_frame_could_carry_is_refused_by_name_before_it_is_played(
    heads: list[str], row: str, said: str, tmp_path: Path
) -> None:
    lines = [",".join(heads), *[",".join(["0.1", *[row] * (len(heads) - 1)])] * 3]
    (tmp_path / "wide.csv").write_text("\n".join(lines))
    with pytest.raises(UnreadableRecording, match=f"wide cannot be played.*{said}"):
        read_recording(str(tmp_path / "wide.csv"), 250.0)
    with pytest.raises(BadRequest, match=said):
        Plan((str(tmp_path / "wide.csv"),), rate_hz=250.0).check()


@pytest.mark.parametrize(
    ("comments", "age", "sex"),
    [
        (["Age: 5", "Sex: Male", "Dx: 427393009"], 5.0, Sex.MALE),
        (["<age>: 71", "<sex>: F", "<diagnoses>:"], 71.0, Sex.FEMALE),
        (["age: 81", "sex: female"], 81.0, Sex.FEMALE),
        (["Age: NaN", "Sex: Unknown"], None, Sex.UNKNOWN),
        (["Age: 300", "Sex: M"], None, Sex.MALE),
        (["69 M 1085 1629 x1", "Aldomet, Inderal"], 69.0, Sex.MALE),
        (["-1 M 742 654 x1", "Diapres, Xyloprim"], None, Sex.MALE),
        (["Name: Agea 12", "Page: 12", "Age group: 3", "no comment of a patient"], None, Sex.UNKNOWN),
        ([], None, Sex.UNKNOWN),
    ],
)
def test_age_and_sex_are_read_from_the_comments_of_a_header_and_nothing_else(
    tmp_path: Path, comments: list[str], age: float | None, sex: Sex
) -> None:
    signal = np.zeros((5000, 1))
    wfdb.wrsamp("r", 500, ["mV"], ["II"], signal, fmt=["16"], adc_gain=[1000.0], baseline=[0], comments=comments, write_dir=str(tmp_path))  # fmt: skip
    recording = read_recording(str(tmp_path / "r"))
    assert (recording.age_years, recording.sex) == (age, sex)


@pytest.mark.parametrize(
    ("patient", "age", "sex"),
    [
        (edfio.Patient(sex="F", birthdate=date(1950, 6, 1)), 70.0, Sex.FEMALE),
        (edfio.Patient(sex="M"), None, Sex.MALE),
        (edfio.Patient(), None, Sex.UNKNOWN),
    ],
)
def test_age_and_sex_of_an_edf_are_those_of_its_patient_field(
    tmp_path: Path, patient: edfio.Patient, age: float | None, sex: Sex
) -> None:
    signal = edfio.EdfSignal(np.sin(np.arange(2500.0)), 250, label="ECG II", physical_dimension="mV")
    begun = edfio.Recording(startdate=date(2020, 6, 1))
    edfio.Edf([signal], patient=patient, recording=begun).write(tmp_path / "r.edf")
    recording = read_recording(str(tmp_path / "r.edf"))
    assert recording.sex is sex
    assert recording.age_years == (None if age is None else pytest.approx(age, abs=0.01))


@pytest.mark.parametrize(
    ("told", "years", "sex"),
    [("063Y", 63.0, "F"), ("006M", 0.5, "M"), ("", None, ""), ("63", None, "O"), ("999Y", None, "M")],
)
def test_age_and_sex_of_a_dicom_object_are_those_of_the_patient(
    tmp_path: Path, told: str, years: float | None, sex: str
) -> None:
    data = pydicom.dcmread(pydicom.data.get_testdata_file("waveform_ecg.dcm"))
    with pydicom.config.disable_value_validation():
        data.PatientAge, data.PatientSex = told, sex
        data.save_as(tmp_path / "r.dcm")
    recording = read_recording(str(tmp_path / "r.dcm"))
    assert recording.sex is {"F": Sex.FEMALE, "M": Sex.MALE}.get(sex, Sex.UNKNOWN)
    assert recording.age_years == (None if years is None else pytest.approx(years, abs=0.01))
