"""Small waves between beats: atria that go on where the ventricles stand still are no beats, a QRS that has become small is."""

import numpy as np
import pytest

from ingest.frame import Signal
from ingest.recording import Recording
from stream.catalogue import Code, Priority
from stream.measurement import Trend
from stream.offline import analyse
from stream.trigger import Phase, Trigger

HZ, GAIN = 250.0, 1000.0
P_S, PR_S = 0.10, 0.16


def bump(n: int, at: float, width_s: float, mv: float) -> np.ndarray:
    """A wave of a width and a height around a time (s), round as a P or T wave is."""
    phase = np.clip((np.arange(n) / HZ - at) / width_s, -0.5, 0.5)
    return mv * np.cos(np.pi * phase) ** 2


def heart(
    seconds: float, qrs: dict[float, float], p: dict[float, float], leads: tuple[float, ...] = (1.0,)
) -> Recording:
    """QRS triangles of 80 ms with T waves, and P waves: heights (mV) by time (s); leads: the share of the P waves in each."""
    n = int(seconds * HZ)
    t = np.arange(n) / HZ
    mv = np.zeros((len(leads), n))
    for at, height in qrs.items():
        mv += height * np.maximum(0.0, 1.0 - np.abs(t - at) / 0.04) + bump(n, at + 0.28, 0.18, 0.25 * height)
    for at, height in p.items():
        mv += np.array(leads)[:, None] * bump(n, at, P_S, height)
    noise = np.random.default_rng(1).normal(0.0, 0.006, mv.shape)
    samples = np.round((mv + noise) * GAIN).astype(np.int16)
    samples.flags.writeable = False
    return Recording("made", HZ, tuple(Signal(("II", "V1")[k], "mV", GAIN, 0.0) for k in range(len(leads))), samples)


def every(rr_s: float, begin: float, end: float) -> list[float]:
    return [round(float(t), 3) for t in np.arange(begin, end, rr_s)]


def asystole(found: list[Trigger]) -> list[tuple[Phase, float]]:
    return [(t.phase, t.sample / HZ) for t in found if t.code is Code.ASYSTOLE and not t.suppressed_by]


def beats(trends: list[Trend], first_s: float) -> list[float]:
    return [b.sample / HZ for t in trends for b in t.beats if b.sample >= first_s * HZ]


@pytest.mark.parametrize(("share", "pr_s"), [(0.2, PR_S), (0.35, PR_S), (0.5, PR_S), (0.2, 0.26), (0.2, 0.32)])
def test_p_waves_alone_are_no_beats(share: float, pr_s: float) -> None:
    times = every(0.8, 1.0, 60.0)
    last = max(t for t in times if t < 30.0)
    found = analyse(heart(60.0, {t: 0.8 for t in times if t < 30.0}, {t - pr_s: share * 0.8 for t in times}))
    assert [(phase, pytest.approx(at, abs=0.1)) for phase, at in [(Phase.ONSET, last + 4.0)]] == asystole(
        found.triggers
    )[:1]
    assert beats(found.trends, last + 0.4) == []


@pytest.mark.parametrize("share", [0.5, 0.4])
def test_a_qrs_that_has_become_small_with_its_p_wave_is_a_beat(share: float) -> None:
    """As where a patient turns over, or a gain is changed; also where the P wave stays as it is."""
    times = every(0.8, 1.0, 60.0)
    qrs = {t: 0.8 * (share if t > 30.0 else 1.0) for t in times}
    for less in (share, 1.0):
        found = analyse(heart(60.0, qrs, {t - PR_S: 0.3 * (less if t > 30.0 else 1.0) for t in times}))
        assert asystole(found.triggers) == []
        assert len(beats(found.trends, 40.0)) == sum(t >= 40.0 for t in times)


@pytest.mark.parametrize("p_mv", [0.15, 0.18])
def test_p_waves_of_a_complete_block_are_no_beats_when_the_escape_fails(p_mv: float) -> None:
    escape = [t for t in every(1.4, 1.0, 60.0) if t < 60.0]
    found = analyse(heart(75.0, dict.fromkeys(escape, 0.8), dict.fromkeys(every(0.61, 0.7, 75.0), p_mv)))
    assert asystole(found.triggers)[:1] == [(Phase.ONSET, pytest.approx(escape[-1] + 4.0, abs=0.1))]
    assert beats(found.trends, escape[-1] + 0.4) == []


def test_small_beats_that_stood_between_large_ones_are_beats_when_these_end() -> None:
    normal = every(1.0, 1.0, 60.0)
    qrs = dict.fromkeys(normal, 0.5) | {t + 0.45: 1.6 for t in normal if t < 30.0}
    found = analyse(heart(60.0, qrs, {t - PR_S: 0.12 for t in normal}))
    assert asystole(found.triggers) == []
    assert len(beats(found.trends, 40.0)) == sum(t >= 40.0 for t in normal)


def test_a_standstill_that_a_bed_begins_with_ends_with_the_first_beats() -> None:
    times = every(0.8, 20.0, 40.0)
    found = analyse(heart(40.0, dict.fromkeys(times, 0.8), dict.fromkeys(every(0.8, 0.4, 40.0), 0.08)))
    assert [phase for phase, _ in asystole(found.triggers)] == [Phase.ONSET, Phase.OFFSET]
    assert len(beats(found.trends, 30.0)) == sum(t >= 30.0 for t in times)


@pytest.mark.parametrize("height", [0.25, 0.35])
def test_small_beats_that_take_over_where_the_atria_stop_are_beats(height: float) -> None:
    """An escape rhythm has the form of a P wave and none before it, but not the time of the atria; they keep theirs or quicken."""
    sinus = every(0.8, 1.0, 40.0)
    escape = every(1.3, 41.2, 80.0)
    found = analyse(
        heart(80.0, dict.fromkeys(sinus, 0.8) | dict.fromkeys(escape, height), {t - PR_S: 0.15 for t in sinus})
    )
    assert len(beats(found.trends, 55.0)) == sum(t >= 55.0 for t in escape)
    assert all(at < 55.0 for _, at in asystole(found.triggers))
    assert asystole(found.triggers)[-1:] == [] or asystole(found.triggers)[-1][0] is not Phase.ONSET


def test_p_waves_alone_that_quicken_are_no_beats() -> None:
    times = every(0.8, 1.0, 30.0)
    faster = every(0.6, times[-1] + 0.6, 60.0)
    found = analyse(heart(60.0, dict.fromkeys(times, 0.8), {t - PR_S: 0.2 for t in times + faster}))
    assert asystole(found.triggers)[:1] == [(Phase.ONSET, pytest.approx(times[-1] + 4.0, abs=0.1))]
    assert beats(found.trends, times[-1] + 0.4) == []


def tachycardia(height: float, width_s: float, rr_s: float, sinus_s: float, p_mv: float) -> tuple[Recording, float]:
    """Beats of 1 mV until 40 s, then even waves of a height and width for 15 s; when they begin."""
    times = every(sinus_s, 1.0, 40.0)
    begin = times[-1] + 0.75 * sinus_s
    made = heart(55.0, dict.fromkeys(times, 1.0), {t - PR_S: p_mv for t in times})
    mv = made.samples / GAIN
    for at in every(rr_s, begin, 54.5):
        mv[0] += bump(mv.shape[1], at, width_s, height)
    samples = np.round(mv * GAIN).astype(np.int16)
    samples.flags.writeable = False
    return Recording("made", HZ, made.signals, samples), begin


@pytest.mark.parametrize(
    ("height", "width_s", "rr_s", "sinus_s", "p_mv"),
    [
        (0.3, 0.16, 0.4, 0.8, 0.15),
        (0.3, 0.16, 0.4, 0.55, 0.25),
    ],
)
def test_a_tachycardia_that_is_low_is_told(
    height: float, width_s: float, rr_s: float, sinus_s: float, p_mv: float
) -> None:
    """Its waves are wider than the P waves of this bed, or come faster than its beats did."""
    made, begin = tachycardia(height, width_s, rr_s, sinus_s, p_mv)
    found = analyse(made)
    red = (Code.VTACH, Code.VFIB, Code.EXTREME_TACHY)
    assert [t for t in found.triggers if t.code in red and t.phase is Phase.ONSET and t.sample >= begin * HZ]


@pytest.mark.parametrize("rr_s", [0.55, 0.7, 0.85])
@pytest.mark.parametrize("share", [0.35, 0.4])
def test_every_second_qrs_small_is_counted_too(rr_s: float, share: float) -> None:
    """Electrical alternans from the begin on: half the rate is never shown for long."""
    times = every(rr_s, 1.0, 40.0)
    qrs = {t: 1.0 if k % 2 else share for k, t in enumerate(times)}
    found = analyse(heart(40.0, qrs, {t - PR_S: 0.12 for t in times}))
    assert sum(t < 39.1 for t in beats(found.trends, 14.0)) == sum(14.0 <= t < 39.1 for t in times)
    shown = [t.rate_bpm for t in found.trends if t.first >= 20.0 * HZ]
    assert all(bpm == pytest.approx(60.0 / rr_s, abs=4.0) for bpm in shown if bpm is not None)
    assert [t for t in found.triggers if t.priority is Priority.HIGH and t.phase is Phase.ONSET] == []


@pytest.mark.parametrize(
    ("rr_s", "pr_s", "p_mv"),
    [(0.6, 0.20, 0.2), (0.8, 0.20, 0.2), (0.95, 0.20, 0.2), (0.6, 0.20, 0.3), (0.8, 0.20, 0.3), (0.95, 0.20, 0.3)]
    + [(0.6, 0.16, 0.3), (0.95, 0.16, 0.3)],
)
def test_a_p_wave_as_high_as_a_qrs_that_has_fallen_is_not_counted(rr_s: float, pr_s: float, p_mv: float) -> None:
    """A lead that moved: QRS fall to 0.3 of their height at one blow, P waves stay."""
    times = every(rr_s, 1.0, 70.0)
    found = analyse(heart(70.0, {t: 1.0 if t < 30.0 else 0.3 for t in times}, {t - pr_s: p_mv for t in times}))
    assert [t for t in found.triggers if t.priority is Priority.HIGH and t.phase is Phase.ONSET] == []
    assert sum(t < 69.0 for t in beats(found.trends, 45.0)) == sum(45.0 <= t < 69.0 for t in times)


@pytest.mark.parametrize("height", [0.2, 0.25])
def test_muscle_noise_in_the_standstill_of_small_qrs_is_no_beat(height: float) -> None:
    times = every(0.8, 1.0, 40.0)
    made = heart(60.0, dict.fromkeys(times, height), {t - PR_S: 0.04 for t in times})
    noise = np.convolve(np.random.default_rng(3).normal(0.0, 1.0, made.samples.shape[1]), np.ones(4) / 4.0, "same")
    begin = int((times[-1] + 0.4) * HZ)
    mv = made.samples / GAIN
    mv[0, begin:] += 0.025 * noise[begin:] / noise.std()
    samples = np.round(mv * GAIN).astype(np.int16)
    samples.flags.writeable = False
    found = analyse(Recording("made", HZ, made.signals, samples))
    assert asystole(found.triggers)[:1] == [(Phase.ONSET, pytest.approx(times[-1] + 4.0, abs=0.3))]
