"""Recordings without a label: where they lie, how they are cut, and what is measured of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.prepare import ENCODER_ORDER
from engine.teacher.measured import of_measurements
from engine.teacher.record import draw
from engine.teacher.targets import LABELS, parameter
from engine.train.needs import Failed, Refused
from engine.train.segments import cut, read_segments, sources_at, without
from ingest.frame import LEADS, Flaw, Span
from ingest.open_recording import from_physical
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.measurement import Measurements
from stream.offline import segment_at
from tests.unit.engine.labelled_sets import write_record


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve leads for ten seconds, two leads for a minute, and a table that is no recording."""
    place = tmp_path_factory.mktemp("ward")
    for k in range(3):
        step = Step("sinus", 30.0, 60.0 + 15.0 * k)
        write_record(place, f"short-{k}", simulate(Scenario("sinus", (step,)), 10.0, seed=k, name=f"short-{k}"))
    long = simulate(Scenario("sinus", (Step("sinus", 60.0, 80.0),)), 60.0, seed=9, name="long")
    rows = [k for k, signal in enumerate(long.signals) if signal.name in ("II", "V1")]
    write_record(
        place, "deep/long", replace(long, signals=tuple(long.signals[k] for k in rows), samples=long.samples[rows])
    )
    (place / "alarms.csv").write_text("record,alarm\n1,asystole\n")
    return place


def test_recordings_of_a_folder_are_cut_and_their_absent_leads_masked(folder: Path) -> None:
    sources = sources_at(folder)
    assert [one.name.partition("/")[2] for one in sources] == ["deep/long", "short-0", "short-1", "short-2"]
    told: list[tuple[int, int]] = []
    found, unread = read_segments(sources, 4, tell=lambda done, of: told.append((done, of)))
    assert not unread
    assert told == [(4, 4)]
    assert found.recording.tolist() == [0, 0, 0, 0, 1, 2, 3]
    assert found.signals.shape == (7, 12, 5000)
    two = [ENCODER_ORDER.index(lead) for lead in ("II", "V1")]
    assert np.flatnonzero(found.measured[0]).tolist() == sorted(two)
    assert not found.signals[0][~found.measured[0]].any()
    assert found.measured[4:].all()
    rates = found.numbers[:, parameter("rate_bpm")] * 25.0 + 75.0
    assert rates == pytest.approx([80, 80, 80, 80, 60, 75, 90], abs=3)
    assert np.isnan(found.numbers[0, parameter("axis_cos")])
    assert not np.isnan(found.numbers[4, parameter("axis_cos")])
    part = found.of([3, 0])
    assert (part.names, part.recording.tolist()) == ((found.names[0], found.names[3]), [0, 0, 0, 0, 1])
    assert np.array_equal(part.signals[-1], found.signals[6])


def test_a_long_recording_is_cut_evenly_and_nothing_is_shown_twice() -> None:
    values = np.arange(3500, dtype=np.float64)[None] / 1000.0
    long = from_physical("ramp", 100.0, ["II"], ["mV"], values)
    long = replace(long, spans=(Span(0, 1200, 1300, Flaw.INVALID),), pacer=(1250, 3000))
    firsts = [int(part.samples[0, 0]) for part in cut(long, 2)]
    assert firsts == [375, 2125]
    assert [part.samples.shape[1] for part in cut(long, 9)] == [1000, 1000, 1000]
    first, second = cut(long, 2)
    assert (first.spans, first.pacer) == ((Span(0, 825, 925, Flaw.INVALID),), (875,))
    assert (second.spans, second.pacer) == ((), (875,))
    assert cut(first, 4) == [first]


def test_what_is_measured_of_a_simulated_record_is_what_is_taught_of_it() -> None:
    apart = []
    for seed in range(12):
        one = draw(seed)
        if not one.mask.all() or one.labels[LABELS.index("SR")] != 1:
            continue
        told = from_physical("taught", 500.0, LEADS, ["mV"] * 12, one.signal.astype(np.float64))
        apart.append(of_measurements(segment_at(told, None).measurements) - one.parameters)
    assert len(apart) >= 3
    off = np.nanmedian(np.abs(apart), axis=0)
    for name, most in (("rate_bpm", 2.0), ("pr_ms", 20.0), ("qrs_ms", 20.0), ("qt_ms", 25.0), ("r_mv_V5", 0.2), ("s_mv_V2", 0.2), ("t_mv_II", 0.15)):  # fmt: skip
        assert off[parameter(name)] < most, name


def test_what_nobody_measured_is_not_told() -> None:
    assert np.isnan(of_measurements(None)).all()
    none = Measurements(*[None] * 14, (), (), 40.0)  # type: ignore[arg-type]
    assert np.isnan(of_measurements(none)).all()


def test_recordings_that_cannot_be_read_are_told_and_too_many_end_it(folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.edf"
    bad.write_text("no recording")
    sources = [*sources_at(folder), *sources_at(bad)]
    found, unread = read_segments(sources, 1, failing=0.5)
    assert len(found.names) == 4
    assert [name for name, _ in unread] == ["bad.edf"]
    with pytest.raises(Failed, match=r"1 of 5 recordings cannot be learnt from, more than 5%; of one, bad.edf: "):
        read_segments(sources, 1)
    with pytest.raises(Refused, match="none of the 1 recordings can be learnt from"):
        read_segments(sources_at(bad), 1)


def test_a_recording_without_any_of_the_twelve_leads_is_told(tmp_path: Path) -> None:
    values = np.sin(np.arange(2500) / 20.0)[None]
    pleth: Recording = from_physical("pleth", 250.0, ["PLETH"], ["NU"], values)
    write_record(tmp_path, "pleth", pleth)
    with pytest.raises(Refused, match="none of the twelve leads was measured in it"):
        read_segments(sources_at(tmp_path / "pleth.hea"), 1)


def test_places_that_hold_nothing_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no recording"):
        sources_at(tmp_path)
    with pytest.raises(Refused, match="neither a recording nor a folder"):
        sources_at(tmp_path / "none")
    (tmp_path / "table.csv").write_text("1")
    assert [one.name for one in sources_at(tmp_path)] == [f"{tmp_path.name}/table.csv"]
    assert [one.name for one in sources_at(folder / "short-1")] == ["short-1"]


def test_recordings_are_left_out_by_name(folder: Path) -> None:
    sources = sources_at(folder)
    kept = without(sources, ["short-1", " deep/long ", "", f"{folder.name}/short-2"])
    assert [one.name for one in kept] == [f"{folder.name}/short-0"]
    assert without(sources, [""]) == sources
    with pytest.raises(Refused, match="none of the 1 recordings to leave out is among the 4"):
        without(sources, ["short-7"])
