"""What the script of a simulated bed says that must be raised, and announced: held against what was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingest.recording import Recording
from ingest.simulator import EVENTS, truth_alarms, truth_events
from stream.trigger import Phase, Trigger

QUIET_BPM = (55.0, 110.0)
"""A sinus rhythm between these rates is far from every limit of an adult: it raises nothing."""


@dataclass(frozen=True, slots=True)
class Announced:
    """The lethal alarms of the scripts: how many there are, how many nobody was told of, and how late the others came."""

    alarms: int
    missed: int
    p99_ms: float | None
    """From sending the sample that makes the script's criterion true to the announcement; None where none came."""


def differing(recordings: Iterable[Recording], triggers: Iterable[Trigger]) -> Counter[str]:
    """By code, onsets that the script has and that were not raised, or the other way round.

    Of a bed whose script is a quiet sinus rhythm every code counts, of the others those that the script tells.
    """
    raised: dict[str, Counter[str]] = {}
    for trigger in triggers:
        if trigger.phase is Phase.ONSET:
            raised.setdefault(str(trigger.bed), Counter())[trigger.code.value] += 1
    wrong: Counter[str] = Counter()
    for recording in recordings:
        truth = Counter(code for code, _ in truth_events(recording))
        found = raised.get(recording.name, Counter())
        if not is_quiet(recording):
            found = Counter({code: n for code, n in found.items() if code in EVENTS})
        wrong += (found - truth) + (truth - found)
    return wrong


def is_quiet(recording: Recording) -> bool:
    """Whether the script is nothing but a sinus rhythm at a rate that no limit is near."""
    truth = recording.truth
    if truth is None or {s.rhythm for s in truth.rhythms} != {"sinus"} or recording.spans:
        return False
    samples = np.array([at for at, _ in truth.beats])
    rates = 60.0 * recording.rate_hz / np.diff(samples)
    return bool(QUIET_BPM[0] <= rates.min() and rates.max() <= QUIET_BPM[1])


def announced(
    recordings: Sequence[Recording],
    triggers: Iterable[Trigger],
    sent: Mapping[tuple[str, int], Any],
    told_ns: Mapping[str, int],
) -> Announced:
    """sent: frames by bed and session, with when they were sent; told_ns: wall clock of the announcement, by alert."""
    onsets: dict[tuple[str, str], list[Trigger]] = {}
    for trigger in triggers:
        if trigger.phase is Phase.ONSET:
            onsets.setdefault((str(trigger.bed), trigger.code.value), []).append(trigger)
    alarms, delays = 0, []
    for recording in recordings:
        for code, sample in truth_alarms(recording):
            alarms += 1
            waiting = onsets.get((recording.name, code), [])
            onset = waiting.pop(0) if waiting else None
            if onset is None or onset.id not in told_ns:
                continue
            held = sent.get((recording.name, int(onset.session)))
            at_ns = held.sent_ns(sample) if held is not None else None
            if at_ns is not None:
                delays.append((told_ns[onset.id] - at_ns) / 1e6)
    p99_ms = round(float(np.percentile(delays, 99)), 1) if delays else None
    return Announced(alarms, alarms - len(delays), p99_ms)
