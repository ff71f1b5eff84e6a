"""Policies, episodes and segments as values."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from ingest.bed import PatientClass
from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.catalogue import Code
from stream.limits import ADULT, NEONATE, PAEDIATRIC, RANGES, Limits
from stream.measure import axis_spread, measure
from stream.measurement import Estimate, LeadMeasurements, Quality
from stream.offline import segment_at
from stream.policy import Mode, Policy, Pulse, parse, problems
from stream.trigger import decode_segment, encode_segment


def test_the_defaults_are_legal() -> None:
    assert problems(Policy()) == []


@pytest.mark.parametrize("name", sorted(RANGES))
def test_a_limit_outside_its_range_is_refused_by_name(name: str) -> None:
    high = RANGES[name][1]
    found = problems(Policy(adult=replace(Limits(), **{name: high * 1.5 + 1})))
    assert any(f"adult.{name}" in text for text in found)


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(hr_delay_s=7.0), "rate limits"),
        (Limits(hr_low_bpm=30.0), "rate limits"),
        (Limits(hr_low_bpm=30.0, hr_delay_s=3.5), ""),
        (Limits(hr_low_bpm=40.0, extreme_low_floor_bpm=20.0, hr_delay_s=5.0), "extreme bradycardia"),
        (Limits(asystole_s=4.5), "asystole and of its hold by a pulse"),
        (Limits(asystole_s=4.4), ""),
        (Limits(vfib_s=8.0, asystole_s=4.0), ""),
        (Limits(vtach_beats=16, vent_rhythm_beats=20), "VT"),
        (Limits(vtach_beats=15, vent_rhythm_beats=20), ""),
    ],
)
def test_an_illegal_sum_of_delays_is_refused(limits: Limits, name: str) -> None:
    found = problems(Policy(neonate=limits))
    assert bool(found) == bool(name)
    assert all(f"the delays of {name} add up" in text for text in found)


def test_without_a_hold_by_a_pulse_asystole_may_take_longer() -> None:
    assert problems(Policy(adult=Limits(asystole_s=9.4), pulse=Pulse.OFF)) == []
    found = problems(Policy(adult=Limits(asystole_s=9.5), pulse=Pulse.OFF))
    assert found == ["adult.the delays of asystole add up to 10.1 s, more than the 10 s allowed"]
    assert "hold" in problems(Policy(adult=Limits(asystole_s=9.0), pulse=Pulse.ALL))[0]


@pytest.mark.parametrize(
    "limits",
    [
        Limits(hr_low_bpm=120.0),
        Limits(pause_s=4.0),
        Limits(vent_brady_bpm=60.0, vtach_bpm=60.0),
        Limits(vtach_bpm=160.0),
        Limits(run_beats=6),
        Limits(vtach_beats=15),
        Limits(afib_s=60.0),
    ],
)
def test_limits_that_contradict_each_other_are_refused(limits: Limits) -> None:
    found = problems(Policy(paediatric=limits))
    assert any("is not below" in text or "is above" in text for text in found)


def test_asystole_and_vf_cannot_be_switched_off() -> None:
    found = problems(Policy(off=frozenset({Code.ASYSTOLE, Code.VFIB, Code.HR_LOW})))
    assert len(found) == 2


def test_another_red_alarm_is_switched_off_by_two_persons() -> None:
    policy = Policy(author="mary", off=frozenset({Code.EXTREME_TACHY}))
    assert "two persons" in problems(policy)[0]
    assert problems(replace(policy, second_author="mary")) != []
    assert problems(replace(policy, second_author="ann")) == []


def test_technical_alarms_are_not_switched_off_and_only_what_is_off_is_switched_on() -> None:
    assert "technical" in problems(Policy(off=frozenset({Code.LEADS_OFF})))[0]
    assert problems(Policy(on=frozenset({Code.SINGLE_PVC, Code.TORSADES_POLYMORPHIC}))) == []
    assert "not off by default" in problems(Policy(on=frozenset({Code.HR_HIGH})))[0]


def test_timeouts_keep_their_ranges() -> None:
    assert "timeout_1_min" in problems(Policy(timeout_1_min=6.0))[0]
    assert "timeout_2_min" in problems(Policy(timeout_2_min=16.0))[0]
    assert "above" in problems(Policy(timeout_1_min=4.0, timeout_2_min=2.0))[0]


def test_a_policy_that_cannot_be_read_is_one_sentence() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        parse(b'{"adult": {"hr_high_bpm": "fast"}}')


@pytest.mark.parametrize(("name", "own"), [("adult", ADULT), ("paediatric", PAEDIATRIC), ("neonate", NEONATE)])
def test_what_a_policy_does_not_name_has_the_default_of_its_class(name: str, own: Limits) -> None:
    text = f'{{"scope": "bed:7", "{name}": {{"st_delay_s": 30}}}}'.encode()
    for policy in (parse(text), msgspec.json.decode(text, type=Policy)):
        assert policy.limits(PatientClass(name)) == replace(own, st_delay_s=30.0)
        others = {other for other in PatientClass if other != name}
        assert all(policy.limits(other) == Policy().limits(other) for other in others)


@pytest.mark.parametrize(
    ("written", "name", "nearest"),
    [
        (b'{"adult": {"asystol_s": 6}}', "adult.asystol_s", "adult.asystole_s"),
        (b'{"neonate": {"hr_hi_bpm": 210}}', "neonate.hr_hi_bpm", "neonate.hr_high_bpm"),
        (b'{"of": ["HR_HIGH"]}', "of", "off"),
        (b'{"pulses": "off"}', "pulses", "pulse"),
        (b'{"choices": {"st": "high"}}', "choices.st", "choices.ste"),
        (b'{"choice": {"ste": "high"}}', "choice", "choices"),
        (b'{"hr_high_bpm": 130}', "hr_high_bpm", "adult.hr_high_bpm"),
        (b'{"advisories": {"wpv": "on"}}', "advisories.wpv", "advisories.wpw"),
    ],
)
def test_a_field_that_there_is_not_is_refused_and_the_nearest_is_named(written: bytes, name: str, nearest: str) -> None:
    with pytest.raises(ValueError, match=rf"refused: a policy has no field {name}: the nearest is {nearest}$"):
        parse(written)


def test_a_policy_comes_back_from_json() -> None:
    policy = Policy(revision=4, off=frozenset({Code.HR_LOW}))
    assert parse(msgspec.json.encode(policy)) == policy


def test_axis_and_corrected_qt_tell_how_sure_they_are() -> None:
    recording = simulate(SCENARIOS["sinus"], 20.0, seed=2)
    noise = np.random.default_rng(2).normal(0.0, 8.0, recording.samples.shape).astype(np.int16)
    calm, rough = (
        segment_at(replace(recording, samples=recording.samples + more), None).measurements
        for more in (0 * noise, noise)
    )
    assert calm is not None
    assert rough is not None
    assert calm.qt_ms is not None
    assert calm.axis_spread_deg is not None
    assert rough.axis_spread_deg is not None
    assert calm.axis_spread_deg < 2.0
    assert 2.0 * calm.axis_spread_deg < rough.axis_spread_deg
    mean_rr_s = 60.0 / calm.rate_bpm.value if calm.rate_bpm else 0.0
    assert calm.qtc_spread_ms == pytest.approx(calm.qt_ms.spread / min(1.0, mean_rr_s**0.5), abs=0.1)


def test_areas_that_are_all_spread_leave_the_axis_open() -> None:
    def lead(name: str, value: float, spread: float) -> LeadMeasurements:
        return LeadMeasurements(name, Quality.GOOD, qrs_area_mvms=Estimate(value, "mV.ms", spread, 8))

    assert axis_spread([lead("I", 20.0, 0.0), lead("aVF", 20.0, 0.0)]) == 0.0
    assert axis_spread([lead("I", 2.0, 9.0), lead("aVF", 0.0, 9.0)]) == 90.0
    assert axis_spread([lead("I", 20.0, 1.0)]) is None


def test_each_lead_has_intervals_of_its_own() -> None:
    m = segment_at(simulate(SCENARIOS["lbbb"], 20.0, seed=2), None).measurements
    assert m is not None
    assert m.qrs_ms is not None
    assert m.qt_ms is not None
    own = {lead.lead: lead for lead in m.leads}
    assert {name: own[name].qrs_ms.unit for name in ("I", "V1", "V6") if own[name].qrs_ms} == dict.fromkeys(
        ("I", "V1", "V6"), "ms"
    )
    widths = [lead.qrs_ms.value for lead in m.leads if lead.qrs_ms is not None]
    assert len(set(widths)) > 1
    assert abs(np.median(widths) - m.qrs_ms.value) < 20.0
    assert abs(np.median([lead.qt_ms.value for lead in m.leads if lead.qt_ms is not None]) - m.qt_ms.value) < 30.0


def test_a_t_wave_that_would_end_behind_the_begin_of_the_next_p_wave_gives_no_qt() -> None:
    segment = segment_at(simulate(SCENARIOS["sinus"], 12.0, seed=5), None)
    m = segment.measurements
    assert m is not None
    assert m.pr_ms is not None
    assert m.qt_ms is not None
    both_ms = m.pr_ms.value + m.qt_ms.value
    for rr_ms, told in ((both_ms - 1.0, False), (both_ms + 1.0, True)):
        beats = [replace(b, rr_ms=rr_ms) for b in m.beats]
        found = measure(
            segment.signal_mv, segment.measured, beats, dict.fromkeys(segment.measured, Quality.GOOD), 150.0
        )
        assert (found.qt_ms is not None) is told
        assert (found.qtc_bazett_ms is not None) is told


def test_a_segment_comes_back_bit_for_bit() -> None:
    sent = segment_at(simulate(SCENARIOS["lbbb"], 20.0, seed=2), None)
    back = decode_segment(encode_segment(sent))
    assert back.signal_mv.tobytes() == sent.signal_mv.tobytes()
    assert (back.trigger, back.measurements, back.measured) == (sent.trigger, sent.measurements, sent.measured)


def test_a_damaged_segment_is_refused() -> None:
    payload = bytearray(encode_segment(segment_at(simulate(SCENARIOS["sinus"], 20.0, seed=2), None)))
    payload[400] ^= 1
    with pytest.raises(ValueError, match="checksum"):
        decode_segment(bytes(payload))


def test_advisories_are_in_shadow_until_a_policy_says_otherwise() -> None:
    assert {Policy().advisories.mode(code) for code in ("STEMI_EQUIVALENT", "HYPERK_PATTERN", "WPW")} == {Mode.SHADOW}
    told = parse(b'{"advisories": {"wpw": "on", "hyperk_pattern": "off"}}').advisories
    assert (told.wpw, told.hyperk_pattern, told.stemi_equivalent) == (Mode.ON, Mode.OFF, Mode.SHADOW)


def test_a_mode_of_an_advisory_that_there_is_not_is_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"advisories\.wpw is loud: an advisory is off, shadow or on"):
        parse(b'{"advisories": {"wpw": "loud"}}')
