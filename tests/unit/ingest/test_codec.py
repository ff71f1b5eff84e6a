"""Frames and bundles survive the wire, and what is no frame never does harm."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.codec import MAX_BUNDLE_BYTES, BadFrame, Spoilt, decode_bundle, decode_frame, encode_bundles, encode_frame
from ingest.frame import BedId, Flaw, Frame, Nanoseconds, Session, SessionId, Signal, Span

SIGNALS = (Signal("II", "mV", 200.0, 1024), Signal("ABP", "mmHg", 16.0), Signal("PLETH", "NU", 1000.0))


def frame(first: int = 0, n: int = 90, bed: str = "icu-1-01", seed: int = 0, ends: bool = False) -> Frame:
    session = Session(SessionId(77), BedId(bed), "gateway", 360.0, SIGNALS)
    samples = np.random.default_rng(seed).integers(-32768, 32768, (3, n)).astype(np.int16)
    spans = (Span(0, 3, 9, Flaw.LEAD_OFF), Span(2, 0, n, Flaw.INVALID)) if n > 9 else ()
    return Frame(
        session, first, Nanoseconds(10**18 + first), Nanoseconds(5), samples, spans, (1, 7) if n > 9 else (), ends
    )


def same(a: Frame, b: Frame) -> bool:
    fields = ("session", "first", "start_ns", "sent_ns", "spans", "pacer", "ends")
    return all(getattr(a, f) == getattr(b, f) for f in fields) and np.array_equal(a.samples, b.samples)


@given(st.integers(0, 2**40), st.integers(0, 500), st.integers(0, 1000), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_frame_comes_back_as_it_went(first: int, n: int, seed: int, ends: bool) -> None:
    sent = frame(first, n, seed=seed, ends=ends)
    assert same(decode_frame(encode_frame(sent)), sent)


def test_samples_come_back_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        decode_frame(encode_frame(frame())).samples[0, 0] = 1


def test_bundles_are_split_below_kafkas_limit_and_lose_nothing() -> None:
    sent = [frame(k * 3600, 3600, f"bed-{k}", k) for k in range(80)]
    bundles = list(encode_bundles(encode_frame(f) for f in sent))
    assert len(bundles) > 1
    assert all(len(payload) <= MAX_BUNDLE_BYTES for payload, _ in bundles)
    back = [f for payload, _ in bundles for f in decode_bundle(payload)]
    assert all(isinstance(b, Frame) and same(a, b) for a, b in zip(sent, back, strict=True))


def test_a_damaged_frame_costs_itself_alone() -> None:
    encoded = [encode_frame(frame(k * 90, bed=f"bed-{k}")) for k in range(3)]
    encoded[1] = encoded[1][:200] + bytes([encoded[1][200] ^ 1]) + encoded[1][201:]
    ((payload, _),) = encode_bundles(encoded)
    found = list(decode_bundle(payload))
    assert [type(f) for f in found] == [Frame, Spoilt, Frame]
    assert "checksum" in found[1].reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rate_hz": 5.0}, "rate"),
        ({"rate_hz": float("nan")}, "rate"),
        ({"signals": (Signal("II", "mV", -1.0),) * 3}, "gain"),
        ({"signals": (Signal("I\0I", "mV", 200.0),) * 3}, "name and unit"),
        ({"signals": (Signal("II", "m" * 33, 200.0),) * 3}, "name and unit"),
        ({"signals": (Signal("II", "mV", 200.0, 2**60),) * 3}, "zero"),
        ({"bed": BedId("")}, "name"),
        ({"signals": (Signal("II", "mV", 1e-300),) * 3}, "gain"),
        ({"signals": (Signal("II", "mV", 200.0, zero=1 << 40),) * 3}, "zero"),
        ({"bed": BedId("a\0b")}, "no name of a bed"),
        ({"bed": BedId("~watch-a\0b")}, "no name of a bed"),
        ({"bed": BedId("b" * 64)}, "no name of a bed"),
        ({"source": "gate\0way"}, "gateway"),
        ({"source": "g" * 81}, "gateway"),
        ({"id": SessionId(2**63)}, "63 bits"),
    ],
)
def test_absurd_values_are_refused_with_their_reason(change: dict, reason: str) -> None:
    from dataclasses import replace

    sent = frame()
    with pytest.raises(BadFrame, match=reason):
        decode_frame(encode_frame(replace(sent, session=replace(sent.session, **change))))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"first": (1 << 63) - 1}, "index"),
        ({"start_ns": -1}, "times"),
        ({"sent_ns": (1 << 63) - 1}, "times"),
    ],
)
def test_absurd_indices_and_times_are_refused_with_their_reason(change: dict, reason: str) -> None:
    from dataclasses import replace

    with pytest.raises(BadFrame, match=reason):
        decode_frame(encode_frame(replace(frame(), **change)))


def test_twenty_thousand_damaged_bundles_give_frames_or_reasons(record_property: pytest.FixtureRequest) -> None:
    ((whole, _),) = encode_bundles([encode_frame(frame(k * 20, 20, f"bed-{k}", k)) for k in range(4)])
    rng = random.Random(1)
    tried = spoilt = 0
    for _ in range(20_000):
        payload = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            payload[rng.randrange(len(payload))] = rng.randrange(256)
        if rng.random() < 0.3:
            payload = payload[: rng.randrange(len(payload))]
        for item in decode_bundle(bytes(payload)):
            assert isinstance(item, Frame | Spoilt)
            spoilt += isinstance(item, Spoilt)
        tried += 1
    record_property("damaged_bundles_tried", tried)
    assert tried == 20_000
    assert spoilt > 10_000
