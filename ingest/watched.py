"""The synthetic patients of the watchdog: one bed a slot, one lead, an asystole every four seconds. Nobody's beds."""

from __future__ import annotations

from itertools import count

import numpy as np

from ingest.frame import BedId, Signal
from ingest.recording import Recording
from ingest.topics import SLOTS, slot

PREFIX = "~watch-"
"""No bed of a patient is named so: names begin with a letter or a digit (`ingest.bed.BED_NAME`)."""
RATE_HZ = 125.0
PERIOD_S = 4.0
"""From one asystole to the next."""
ASYSTOLE_S = 2.5
"""The shortest that a policy may set; these beds have a policy of their own (`stream.policy.WATCHED`)."""
BEATS_S = (0.3, 0.7, 1.1)
"""R peaks of a period: what follows is 3.2 s without a QRS."""
GAIN = 200.0


def is_watched(bed: str | None) -> bool:
    """Whether this is a bed of the watchdog and no patient's."""
    return bed is not None and bed.startswith(PREFIX)


def is_watched_key(key: bytes | None) -> bool:
    """As `is_watched`, of the key of a message."""
    return key is not None and key.startswith(PREFIX.encode())


def watched_beds() -> tuple[BedId, ...]:
    """The bed of each slot, in the order of slots: whoever works on a slot works on its synthetic patient."""
    found: dict[int, BedId] = {}
    for number in count():
        if len(found) == SLOTS:
            break
        bed = BedId(f"{PREFIX}{number}")
        found.setdefault(slot(bed), bed)
    return tuple(found[place] for place in range(SLOTS))


def watched_recordings() -> list[Recording]:
    """What the watchdog plays, over and over: one period of lead II, int16 at 5 uV a step, for each bed."""
    t = np.arange(round(PERIOD_S * RATE_HZ)) / RATE_HZ
    mv = np.zeros(t.size)
    for at in BEATS_S:
        for size, centre, width in ((-0.1, -0.025, 0.008), (1.2, 0.0, 0.011), (-0.2, 0.028, 0.010), (0.25, 0.2, 0.04)):
            mv += size * np.exp(-0.5 * ((t - at - centre) / width) ** 2)
    # a line without any change would be a dead lead
    mv += 0.01 * np.sin(2 * np.pi * t)
    samples = np.round(mv * GAIN).astype(np.int16)[None]
    samples.flags.writeable = False
    return [Recording(bed, RATE_HZ, (Signal("II", "mV", GAIN),), samples) for bed in watched_beds()]
