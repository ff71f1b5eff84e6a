"""A pulse beside the ECG, through the whole path: what it holds, what it contradicts, and what is recorded of that."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.frame import Signal
from ingest.recording import Recording
from ingest.scenario import Scenario, Step
from ingest.simulator import simulate
from stream.catalogue import Code
from stream.limits import Limits
from stream.offline import analyse
from stream.policy import Policy, Pulse, problems
from stream.trigger import Phase, Trigger

RATE = 250.0
DISAGREE = Code.ECG_PULSE_DISAGREE


def patient(*steps: Step, until_s: float | None = None, silent: tuple[float, float] | None = None) -> Recording:
    """A simulated patient with a steady arterial pressure of 75/min until `until_s`; silent: seconds without QRS in the ECG."""
    script = Scenario("patient", steps)
    recording = simulate(script, script.seconds, seed=3, rate_hz=RATE, name="patient")
    samples = recording.samples.copy()
    if silent is not None:
        first, stop = (round(at * RATE) for at in silent)
        samples[:, first:stop] = samples[:, first - 1 : first]
    stop_s = script.seconds if until_s is None else until_s
    mmhg = _pressure(np.arange(0.6, stop_s - 1.0, 60.0 / 75.0), samples.shape[1])
    signals = (*recording.signals, Signal("ABP", "mmHg", 10.0))
    return replace(recording, signals=signals, samples=np.vstack([samples, np.round(10 * mmhg).astype(np.int16)[None]]))


def _pressure(beats_s: np.ndarray, count: int) -> np.ndarray:
    """(count,) mmHg that rises behind each beat."""
    mmhg = np.full(count, 80.0)
    rise = np.concatenate([np.sin(np.linspace(0.0, np.pi / 2, 25)), np.exp(-np.arange(60) / 20.0)])
    for at in beats_s:
        first = round((at + 0.2) * RATE)
        stop = min(first + len(rise), count)
        mmhg[first:stop] = np.maximum(mmhg[first:stop], 80.0 + 40.0 * rise[: stop - first])
    return mmhg


def of(recording: Recording, pulse: Pulse, *codes: Code) -> list[Trigger]:
    return [t for t in analyse(recording, 0.5, Policy(pulse=pulse)).triggers if t.code in codes]


def told(found: list[Trigger]) -> list[tuple[Code, Phase, str]]:
    return [(t.code, t.phase, t.suppressed_by) for t in found]


def seconds(trigger: Trigger) -> float:
    return trigger.sample / RATE


SHORT = patient(Step("sinus", 60.0, 75.0), silent=(30.0, 37.0))
"""Seven seconds without a QRS while the pulse goes on."""
LONG = patient(Step("sinus", 70.0, 75.0), silent=(30.0, 45.0))


def test_without_the_setting_a_pulse_changes_nothing() -> None:
    onset, offset = of(SHORT, Pulse.OFF, Code.ASYSTOLE, DISAGREE)
    assert told([onset, offset]) == [(Code.ASYSTOLE, Phase.ONSET, ""), (Code.ASYSTOLE, Phase.OFFSET, "")]
    assert 33.0 < seconds(onset) < 34.0


@pytest.mark.parametrize("pulse", [Pulse.ASYSTOLE, Pulse.ALL])
def test_an_asystole_that_a_pulse_holds_is_recorded_and_raises_nothing_in_its_place(pulse: Pulse) -> None:
    red = of(SHORT, pulse, Code.ASYSTOLE, Code.EXTREME_BRADY, Code.HR_LOW, DISAGREE)
    assert told(red) == [
        (Code.ASYSTOLE, Phase.ONSET, "held by a pulse of 75/min"),
        (Code.ASYSTOLE, Phase.OFFSET, "held by a pulse of 75/min"),
    ]
    assert 33.0 < seconds(red[0]) < 34.0


def test_a_standstill_that_is_held_is_neither_shown_as_one_nor_as_a_rate() -> None:
    trends = analyse(SHORT, 0.5).trends
    held = [t for t in trends if 34.5 * RATE < t.first < 35.5 * RATE]
    assert held
    assert {(t.rhythm, t.rate_bpm) for t in held} == {("unknown", None)}


def test_a_pulse_holds_an_asystole_for_five_seconds_and_then_lets_it_go() -> None:
    onset, release, offset = of(LONG, Pulse.ASYSTOLE, Code.ASYSTOLE, DISAGREE)
    assert (release.phase, release.suppressed_by, release.id) == (Phase.UPDATE, "", onset.id)
    assert seconds(release) - seconds(onset) == pytest.approx(5.0, abs=0.8)
    assert release.value == pytest.approx((release.sample - release.first_sample) / RATE, abs=0.01)
    assert offset.phase is Phase.OFFSET


def test_the_longest_asystole_that_a_policy_may_ask_for_is_told_within_ten_seconds_though_a_pulse_holds_it() -> None:
    policy = Policy(adult=Limits(asystole_s=4.4))
    assert problems(policy) == []
    found = [t for t in analyse(LONG, 0.25, policy).triggers if t.code is Code.ASYSTOLE]
    (at,) = [t for t in found if t.phase is Phase.UPDATE and not t.suppressed_by]
    assert (at.sample - at.first_sample) / RATE < 10.0


def test_an_asystole_comes_as_soon_as_the_pulse_stops() -> None:
    onset, release, _ = of(
        patient(Step("sinus", 70.0, 75.0), silent=(30.0, 50.0), until_s=34.0), Pulse.ASYSTOLE, Code.ASYSTOLE
    )
    assert onset.suppressed_by.startswith("held by a pulse")
    assert release.suppressed_by == ""
    assert 1.0 < seconds(release) - seconds(onset) < 4.9


def test_a_held_asystole_goes_on_behind_a_restart() -> None:
    from stream.bank import Bank
    from stream.checkpoint import decode_checkpoint
    from stream.offline import frames

    whole, found, bank = analyse(LONG, 0.5).triggers, [], Bank(0.0)
    for frame in frames(LONG, 0.5):
        if frame.first == 36 * RATE:
            checkpoint, payload = bank.checkpoint(frame.session.bed)
            assert checkpoint.open_triggers[-1].suppressed_by.startswith("held by a pulse")
            bank = Bank(0.0)
            bank.resume(*decode_checkpoint(payload))
        found += bank.take([frame]).triggers
    assert found == whole


def test_a_held_asystole_comes_from_a_checkpoint_of_another_version_too() -> None:
    from stream.bank import Bank
    from stream.offline import frames

    recording, found, bank = patient(Step("sinus", 70.0, 75.0), silent=(30.0, 60.0)), [], Bank(0.0)
    for frame in frames(recording, 0.5):
        if frame.first == 36 * RATE:
            checkpoint, _ = bank.checkpoint(frame.session.bed)
            bank = Bank(0.0)
            bank.resume(checkpoint, None)
        found += [t for t in bank.take([frame]).triggers if t.code is Code.ASYSTOLE]
    assert [t.suppressed_by for t in found if t.phase is not Phase.OFFSET] == ["held by a pulse of 75/min", ""]


def test_a_pulse_that_denies_an_asystole_takes_its_place_until_both_agree() -> None:
    found = of(LONG, Pulse.ALL, Code.ASYSTOLE, Code.EXTREME_BRADY, DISAGREE)
    assert told(found) == [
        (Code.ASYSTOLE, Phase.ONSET, "held by a pulse of 75/min"),
        (DISAGREE, Phase.ONSET, ""),
        (Code.ASYSTOLE, Phase.UPDATE, "inhibited by ECG_PULSE_DISAGREE"),
        (Code.ASYSTOLE, Phase.OFFSET, "inhibited by ECG_PULSE_DISAGREE"),
        (DISAGREE, Phase.OFFSET, ""),
    ]
    assert found[1].text == "ECG and pulse disagree: pulse 75/min, ECG 0/min"
    assert seconds(found[4]) - seconds(found[3]) == pytest.approx(10.0, abs=1.0)


def test_an_asystole_that_was_denied_is_announced_when_the_pulse_stops_too() -> None:
    found = of(
        patient(Step("sinus", 80.0, 75.0), silent=(30.0, 70.0), until_s=50.0), Pulse.ALL, Code.ASYSTOLE, DISAGREE
    )
    (released,) = [t for t in found if t.code is Code.ASYSTOLE and t.phase is Phase.UPDATE and not t.suppressed_by]
    assert 50.0 < seconds(released) < 54.0


DENIED = {
    Code.EXTREME_BRADY: Step("sinus", 30.0, 34.0),
    Code.EXTREME_TACHY: Step("sinus", 20.0, 172.0),
    Code.VTACH: Step("vt", 9.0, 176.0),
}


@pytest.mark.parametrize("code", DENIED)
@pytest.mark.parametrize("pulse", list(Pulse))
def test_a_pulse_denies_an_extreme_rate_and_vt_under_all_alone(code: Code, pulse: Pulse) -> None:
    recording = patient(Step("sinus", 30.0, 75.0), DENIED[code], Step("sinus", 30.0, 75.0))
    found = of(recording, pulse, code, DISAGREE)
    red = [t for t in found if t.code is code]
    announced = [t for t in red if t.phase is not Phase.OFFSET and not t.suppressed_by]
    if pulse is Pulse.ALL:
        assert [t.code for t in found][:2] == [DISAGREE, code]
        assert announced == []
        assert {t.suppressed_by for t in red} == {"inhibited by ECG_PULSE_DISAGREE"}
        (over,) = [t for t in found if t.code is DISAGREE and t.phase is Phase.OFFSET]
        assert over.sample >= max(t.sample for t in red if t.phase is Phase.OFFSET)
    else:
        assert DISAGREE not in {t.code for t in found}
        assert len(announced) == 1


@pytest.mark.parametrize("pulse", list(Pulse))
def test_fibrillation_is_touched_by_no_pulse(pulse: Pulse) -> None:
    recording = patient(Step("sinus", 30.0, 75.0), Step("vf", 14.0), Step("sinus", 20.0, 75.0))
    onset = of(recording, pulse, Code.VFIB, DISAGREE)[0]
    assert (onset.code, onset.phase, onset.suppressed_by) == (Code.VFIB, Phase.ONSET, "")
