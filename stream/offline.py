"""A recording through the same path as the live signal, without Kafka: for one file, for scores and for proofs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingest.frame import BedId, Frame, Nanoseconds, Session, SessionId
from ingest.recording import Recording
from stream.bank import Bank
from stream.bed import Findings
from stream.catalogue import Code, Kind, Priority
from stream.limits import DECISIONS, Decisions
from stream.models import Models
from stream.policy import Policy
from stream.trigger import Phase, Segment, Trigger


def frames(recording: Recording, frame_s: float = 1.0, session: int = 1) -> Iterator[Frame]:
    """The recording as frames of one session that begins at time 0, and its end marker."""
    rate = recording.rate_hz
    opened = Session(SessionId(session), BedId(recording.name), "file", rate, recording.signals)
    step, length = max(1, round(frame_s * rate)), recording.samples.shape[1]
    for first in range(0, length, step):
        stop = min(first + step, length)
        spans = tuple(
            replace(s, start=max(s.start, first) - first, stop=min(s.stop, stop) - first)
            for s in recording.spans
            if s.start < stop and s.stop > first
        )
        start = Nanoseconds(round(first * 1e9 / rate))
        pacer = tuple(p - first for p in recording.pacer if first <= p < stop)
        yield Frame(opened, first, start, start, recording.samples[:, first:stop], spans, pacer)
    end = Nanoseconds(round(length * 1e9 / rate))
    yield Frame(opened, length, end, end, recording.samples[:, :0], ends=True)


def analyse(
    recording: Recording,
    frame_s: float = 1.0,
    policy: Policy | None = None,
    learnt: Models | None = None,
    decisions: Decisions = DECISIONS,
) -> Findings:
    """Everything that the worker would write for this recording under a policy, models and decisions (default: Vigil's own)."""
    bank, found = Bank(0.0, learnt, decisions), Findings()
    if policy is not None:
        bank.set_policy(policy)
    for frame in frames(recording, frame_s):
        some = bank.take([frame])
        found.triggers += some.triggers
        found.segments += some.segments
        found.trends += some.trends
        found.notices += some.notices
        found.rejected += some.rejected
    return found


def segment_at(recording: Recording, at_s: float | None) -> Segment:
    """The ten seconds up to `at_s` (default: the end) of a recording, as if a person had asked there."""
    bank = Bank(0.0)
    length = recording.samples.shape[1]
    stop = length if at_s is None else min(length, round(at_s * recording.rate_hz))
    if stop < length:
        samples = recording.samples[:, :stop]
        spans = tuple(replace(s, stop=min(s.stop, stop)) for s in recording.spans if s.start < stop)
        recording = replace(recording, samples=samples, spans=spans)
    for frame in frames(recording):
        if not frame.ends:
            bank.take([frame])
    return bank.segment(BedId(recording.name), _asked(recording, stop))


def _asked(recording: Recording, stop: int) -> Trigger:
    at_ns = Nanoseconds(round(stop * 1e9 / recording.rate_hz))
    return Trigger(
        "asked",
        BedId(recording.name),
        SessionId(1),
        Code.REQUESTED,
        Phase.ONSET,
        Priority.INFORMATION,
        Kind.PHYSIOLOGICAL,
        False,
        stop - 1,
        stop - 1,
        at_ns,
        recording.rate_hz,
        None,
        None,
        "",
        "Asked for",
        "",
        0,
    )
