"""Policies, episodes and segments as values."""

from dataclasses import replace

import msgspec
import pytest

from ingest.scenario import SCENARIOS
from ingest.simulator import simulate
from stream.catalogue import Code
from stream.limits import RANGES, Limits
from stream.offline import segment_at
from stream.policy import Policy, parse, problems
from stream.trigger import decode_segment, encode_segment


def test_the_defaults_are_legal() -> None:
    assert problems(Policy()) == []


@pytest.mark.parametrize("name", sorted(RANGES))
def test_a_limit_outside_its_range_is_refused_by_name(name: str) -> None:
    high = RANGES[name][1]
    found = problems(Policy(adult=replace(Limits(), **{name: high * 1.5 + 1})))
    assert any(f"adult.{name}" in text for text in found)


def test_an_illegal_sum_of_delays_is_refused() -> None:
    assert any("rate limits" in text for text in problems(Policy(adult=Limits(hr_delay_s=7.0))))


def test_asystole_and_vf_cannot_be_switched_off() -> None:
    found = problems(Policy(off=frozenset({Code.ASYSTOLE, Code.VFIB, Code.HR_LOW})))
    assert len(found) == 2


def test_a_policy_that_cannot_be_read_is_one_sentence() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        parse(b'{"adult": {"hr_high_bpm": "fast"}}')


def test_a_policy_comes_back_from_json() -> None:
    policy = Policy(revision=4, off=frozenset({Code.HR_LOW}))
    assert parse(msgspec.json.encode(policy)) == policy


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
