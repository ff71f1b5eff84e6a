"""What is written as WFDB is read back as it was."""

from pathlib import Path

import numpy as np
import pytest

from ingest.frame import Flaw, Signal, Span
from ingest.open_recording import read_recording
from ingest.recording import Recording
from ingest.save_recording import save_wfdb

SIGNALS = (Signal("II", "mV", 200.0, 1024), Signal("V1", "uV", 0.4), Signal("ECG 3", "mV", 1e3 / 4.88))


def recording(spans: tuple[Span, ...] = ()) -> Recording:
    samples = np.random.default_rng(1).integers(-2000, 2000, (3, 2570)).astype(np.int16)
    samples[1, 7] = -32768
    return Recording("00001", 257.3, SIGNALS, samples, spans)


def test_steps_rates_gains_and_names_come_back(tmp_path: Path) -> None:
    told = recording()
    assert save_wfdb(told, tmp_path) == tmp_path / "00001.hea"
    read = read_recording(str(tmp_path / "00001"))
    assert (read.rate_hz, [s.name for s in read.signals]) == (257.3, ["II", "V1", "ECG 3"])
    for ours, theirs in zip(told.signals, read.signals, strict=True):
        assert (ours.unit, ours.zero) == (theirs.unit, theirs.zero)
        assert theirs.gain == pytest.approx(ours.gain, rel=1e-8)
    assert read.spans == ()
    # the lowest step is the format's sign for no value
    assert np.array_equal(read.samples, np.maximum(told.samples, -32767))


def test_what_must_not_be_read_is_no_value_there(tmp_path: Path) -> None:
    save_wfdb(recording((Span(0, 10, 20, Flaw.LEAD_OFF), Span(2, 0, 2570, Flaw.INVALID))), tmp_path)
    read = read_recording(str(tmp_path / "00001.hea"))
    assert [(s.row, s.start, s.stop) for s in read.spans] == [(0, 10, 20), (2, 0, 2570)]


def test_another_program_finds_its_checksums_right(tmp_path: Path) -> None:
    import wfdb

    save_wfdb(recording(), tmp_path)
    read = wfdb.rdrecord(str(tmp_path / "00001"), physical=False)
    assert read.calc_checksum() == [c & 0xFFFF for c in read.checksum]
    assert (read.base_date, read.base_time, read.comments) == (None, None, [])


def test_nothing_is_written_over(tmp_path: Path) -> None:
    save_wfdb(recording(), tmp_path)
    with pytest.raises(FileExistsError):
        save_wfdb(recording(), tmp_path)
