"""The peer of `vigil bench beds`: neurokit2 on the same leads, ten seconds at a time, as a Faust agent would call it."""

from __future__ import annotations

import time
import warnings
from typing import Any

LEADS, RATE_HZ, WINDOW_S = 12, 500, 10
CORES = 2


def peer_beds(least_s: float = 20.0) -> dict[str, Any]:
    """Beds that two cores would carry: `neurokit2.ecg_process` on every lead of each ten seconds, transport left out.

    Leaving out Kafka, Faust and storage favours the peer.
    """
    import neurokit2

    from ingest.scenario import SCENARIOS
    from ingest.simulator import simulate

    recording = simulate(SCENARIOS["sinus"], 60.0, seed=1)
    signal = recording.samples / 200.0
    done, begun = 0, time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while time.process_time() - begun < least_s:
            at = (done % 5) * WINDOW_S * RATE_HZ
            for lead in range(LEADS):
                neurokit2.ecg_process(signal[lead, at : at + WINDOW_S * RATE_HZ], sampling_rate=RATE_HZ)
            done += 1
    per_bed_s = (time.process_time() - begun) / (done * WINDOW_S)
    return {"name": f"neurokit2 {neurokit2.__version__} ecg_process", "beds": round(CORES / per_bed_s, 2)}
