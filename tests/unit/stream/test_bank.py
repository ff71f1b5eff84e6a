"""The same samples give the same bits, whatever the frames, the neighbours and the restarts."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.bed import BedContext, BedState, PatientClass
from ingest.frame import BedId, Flaw, Span
from ingest.recording import Recording
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate, truth_alarms
from stream.bank import Bank
from stream.bed import Findings
from stream.catalogue import Code
from stream.checkpoint import decode_checkpoint
from stream.limits import Limits
from stream.offline import analyse, frames, segment_at
from stream.policy import Policy
from stream.trigger import Phase, Trigger, encode_segment

NAMES = ("vt", "asystole", "vf", "pause", "extreme-brady", "lead-off", "pvc-run", "af")


def recording(name: str, seconds: float = 60.0, seed: int = 5) -> Recording:
    return simulate(SCENARIOS[name], seconds, seed=seed, name=name)


def together(recordings: list[Recording], frame_s: float) -> Findings:
    """All beds in one bank, their frames in turn."""
    bank, found = Bank(20.0), Findings()
    streams = [frames(r, frame_s) for r in recordings]
    while streams:
        batch = [f for f in (next(s, None) for s in streams) if f is not None]
        if not batch:
            return found
        some = bank.take(batch)
        for name in ("triggers", "segments", "trends"):
            getattr(found, name).extend(getattr(some, name))
    return found


def of(found: Findings, bed: str) -> tuple[list[Trigger], list[bytes], list]:
    return (
        [t for t in found.triggers if t.bed == bed],
        [encode_segment(s) for s in found.segments if s.trigger.bed == bed],
        [t for t in found.trends if t.bed == bed],
    )


def test_results_depend_neither_on_neighbours_nor_on_frames() -> None:
    beds = [recording(name, 100.0) for name in NAMES]
    short = together(beds, 0.25)
    long = together(beds[::-1][:5], 1.0)
    odd = together([beds[0], beds[4]], 0.333)
    assert sum(t.phase is Phase.ONSET for t in short.triggers) >= 12
    for bed in beds[::-1][:5]:
        assert of(short, bed.name) == of(long, bed.name)
    for bed in (beds[0], beds[4]):
        assert of(short, bed.name) == of(odd, bed.name)


def test_many_frames_of_one_bed_at_once_are_taken_in_turn() -> None:
    bed = recording("asystole")
    bank, found = Bank(20.0), Findings()
    played = list(frames(bed, 0.25))
    del played[150:155]
    apart = Bank(20.0)
    expected = [t for f in played for t in apart.take([f]).triggers]
    for k in range(0, len(played), 17):
        found.triggers += bank.take(played[k : k + 17]).triggers
    assert found.triggers == expected
    counts = bank.checkpoint(BedId(bed.name))[0].counts
    assert (counts.frames, counts.gaps, counts.missing) == (235, 1, 625)
    assert counts == apart.checkpoint(BedId(bed.name))[0].counts


@pytest.mark.parametrize("rate_hz", [250.0, 360.0, 1000.0])
def test_a_backlog_of_a_minute_taken_at_once_changes_nothing(rate_hz: float) -> None:
    bed = simulate(SCENARIOS["mixed"], 90.0, seed=3, name="mixed", rate_hz=rate_hz)
    slowly, at_once = together([bed], 0.25), Bank(20.0).take(list(frames(bed, 0.5)))
    assert len(slowly.segments) >= 3
    assert of(at_once, bed.name) == of(slowly, bed.name)


def test_frames_of_an_earlier_session_that_are_read_again_reopen_nothing() -> None:
    bed = recording("sinus", 20.0)
    first, second = list(frames(bed, 1.0, session=1)), list(frames(bed, 1.0, session=2))
    bank = Bank(0.0)
    bank.take(first)
    bank.take(second[:12])
    _, payload = bank.checkpoint(BedId(bed.name))
    bank = Bank(0.0)
    bank.resume(*decode_checkpoint(payload))
    found = bank.take([*first[-5:], *second[:12]])
    assert (found.triggers, found.rejected, found.notices) == ([], [], [])
    assert bank.take(second[12:]).ended == [bed.name]
    assert bank.checkpoint(BedId(bed.name))[0].session.id == 2


@pytest.mark.parametrize(
    ("name", "at_s"), [*(("asystole", at_s) for at_s in (9.0, 15.13, 16.9, 21.7)), ("af", 52.1), ("af", 70.3)]
)
def test_a_restart_goes_on_bit_for_bit(name: str, at_s: float) -> None:
    bed = recording(name, 90.0)
    whole = together([bed], 0.25)
    found, bank = Findings(), Bank(20.0)
    played = list(frames(bed, 0.25))
    cut = next(k for k, f in enumerate(played) if f.first >= at_s * 500)
    for k, frame in enumerate(played):
        if k == cut:
            _, payload = bank.checkpoint(BedId(bed.name))
            bank = Bank(20.0)
            assert bank.resume(*decode_checkpoint(payload)) is None
            for old in played[max(0, cut - 100) : cut]:
                assert bank.take([old]) == Findings()
        some = bank.take([frame])
        for name in ("triggers", "segments", "trends"):
            getattr(found, name).extend(getattr(some, name))
    assert of(found, bed.name) == of(whole, bed.name)


def test_a_checkpoint_of_another_version_makes_the_bed_relearn_in_the_open() -> None:
    bed = recording("sinus", 20.0)
    bank = Bank(0.0)
    for frame in list(frames(bed))[:10]:
        bank.take([frame])
    checkpoint, _ = bank.checkpoint(BedId(bed.name))
    fresh = Bank(0.0)
    notice = fresh.resume(replace(checkpoint, version="another"), None)
    assert notice is not None
    assert notice.code == "RELEARNING"
    assert fresh.next_sample(BedId(bed.name)) == checkpoint.next


@pytest.mark.parametrize("name", ["asystole", "vt", "vf"])
def test_each_lethal_rhythm_of_the_script_is_found_in_time(name: str) -> None:
    for seed in (1, 2, 3):
        bed = recording(name, 60.0, seed)
        onsets = {t.code.value: t.sample for t in analyse(bed).triggers if t.phase is Phase.ONSET}
        for code, sample in truth_alarms(bed):
            assert code in onsets, (seed, code)
            assert abs(onsets[code] - sample) <= 1.0 * bed.rate_hz


def test_quiet_sinus_rhythm_raises_nothing() -> None:
    for seed in (1, 2, 3):
        assert analyse(recording("sinus", 120.0, seed)).triggers == []


def test_a_gap_is_never_asystole_and_is_told() -> None:
    bed = recording("sinus", 60.0)
    bank, found = Bank(0.0), []
    for frame in frames(bed, 0.25):
        if not 20 * 500 <= frame.first < 31 * 500:
            some = bank.take([frame])
            found += [t.code for t in some.triggers] + [n.code for n in some.notices]
    assert found == ["SAMPLE_GAP"]


def test_leads_that_are_off_are_no_asystole() -> None:
    bed = recording("sinus", 40.0)
    spans = tuple(Span(row, 15 * 500, 30 * 500, Flaw.LEAD_OFF) for row in range(12))
    codes = {t.code for t in analyse(replace(bed, spans=spans)).triggers}
    assert codes == {Code.LEADS_OFF}


def test_a_flat_line_without_a_flag_is_asystole() -> None:
    bed = recording("sinus", 40.0)
    samples = bed.samples.copy()
    samples[:, 15 * 500 :] = samples[:, 15 * 500 - 1 : 15 * 500]
    codes = [t.code for t in analyse(replace(bed, samples=samples)).triggers if t.phase is Phase.ONSET]
    assert Code.ASYSTOLE in codes


def test_late_and_repeated_frames_are_counted_and_not_analysed_again() -> None:
    bed = recording("sinus", 20.0)
    plain, bank, found = analyse(bed, 0.25), Bank(0.0), Findings()
    for frame in frames(bed, 0.25):
        found.trends += bank.take([frame]).trends
        if not frame.ends:
            found.trends += bank.take([frame]).trends
    assert found.trends == plain.trends
    checkpoint, _ = bank.checkpoint(BedId(bed.name))
    assert (checkpoint.counts.frames, checkpoint.counts.late, checkpoint.counts.duplicates) == (80, 0, 80)


def test_a_frame_that_fills_a_gap_is_late_and_one_that_came_before_is_a_duplicate() -> None:
    bank, played = Bank(0.0), list(frames(recording("sinus", 20.0), 0.25))
    order = [*played[:10], *played[11:14], played[10], played[10], played[12], *played[14:]]
    for frame in order:
        bank.take([frame])
    counts = bank.checkpoint(played[0].session.bed)[0].counts
    assert (counts.frames, counts.gaps, counts.late, counts.duplicates) == (79, 1, 1, 2)


def test_a_bed_without_an_ecg_lead_becomes_a_dead_letter() -> None:
    frame = next(frames(recording("sinus", 5.0)))
    session = replace(frame.session, signals=tuple(replace(s, name="PLETH", unit="NU") for s in frame.session.signals))
    ((_, reason),) = Bank(0.0).take([replace(frame, session=session)]).rejected
    assert "no ECG lead" in reason


def test_standby_keeps_the_trigger_and_says_why() -> None:
    bed = recording("asystole", 30.0)
    bank = Bank(0.0)
    bank.set_context(BedContext(BedId(bed.name), state=BedState.STANDBY))
    triggers = [t for f in frames(bed) for t in bank.take([f]).triggers]
    assert {t.suppressed_by for t in triggers} == {"bed is on standby"}


def codes(bank: Bank, bed: Recording) -> set[Code]:
    return {t.code for f in frames(bed) for t in bank.take([f]).triggers}


def test_limits_follow_policy_and_class() -> None:
    bed = recording("tachy", 60.0)
    assert codes(Bank(0.0), bed) == {Code.HR_HIGH}
    neonate = Bank(0.0)
    neonate.set_context(BedContext(BedId(bed.name), patient_class=PatientClass.NEONATE))
    assert Code.HR_HIGH not in codes(neonate, bed)
    patient = Bank(0.0)
    assert patient.set_policy(Policy(revision=3, adult=Limits(hr_high_bpm=140.0))) == []
    assert codes(patient, bed) == set()


def test_a_two_lead_segment_derives_the_other_limb_leads_exactly() -> None:
    bed = recording("sinus", 20.0)
    whole = segment_at(bed, None)
    two = segment_at(replace(bed, signals=bed.signals[:2], samples=bed.samples[:2]), None)
    assert two.derived == ("III", "aVR", "aVL", "aVF")
    assert two.measured == ("I", "II", "III", "aVR", "aVL", "aVF")
    assert np.abs(two.signal_mv[:6] - whole.signal_mv[:6]).max() < 0.02
    assert not two.signal_mv[6:].any()


def test_less_than_ten_seconds_cannot_be_read_and_say_so() -> None:
    bed = recording("sinus", 6.0)
    segment = segment_at(bed, None)
    assert "6.0 of the ten seconds" in segment.unreadable
    assert segment.measured == ()


def test_a_beat_fits_its_template_at_every_rate() -> None:
    from stream import shape
    from stream.filters import plan
    from stream.state import TEMPLATE

    for rate_hz in (25.0, 100.0, *np.arange(180.0, 1300.0, 0.5), 2000.0, 4000.0):
        made = plan(float(rate_hz))
        shape_hz = made.feature_hz / made.shape_step
        assert int((shape.BEFORE_S + shape.AFTER_S) * shape_hz) <= TEMPLATE, rate_hz
        assert shape_hz >= 90.0 or rate_hz < 180.0, rate_hz


@pytest.mark.parametrize("rate_hz", [235.0, 240.0, 249.0, 480.0, 960.0])
def test_a_monitor_of_an_odd_rate_is_heard(rate_hz: float) -> None:
    recording = simulate(SCENARIOS["vt"], 60.0, seed=5, rate_hz=rate_hz, name="odd")
    found = analyse(recording)
    assert sum(t.rate_bpm is not None for t in found.trends) > 40
    assert Code.VTACH in {t.code for t in found.triggers}
