"""Ten-second records of many patients, with and without atrial fibrillation, as one moment each of a bed that was watched.

Ten seconds are too few to be watched, so they are played again and again, joined ahead of a P wave. The average of QRS and T
is learnt in the first round, and what lies before R in the second, so that no beat is met twice by it.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from infra.score import run
from infra.score.learn import along
from ingest.recording import Recording

LEADS = ("ii", "v1")
"""As an ambulatory recorder would show them."""
LENGTH_S = 10.0
AHEAD_S, AHEAD_RR = 0.30, 0.38
"""Rounds are joined so long, or such a share of the RR, ahead of R."""
LEAST_BEATS = 6
DATABASES = ("ptbxl", "cinc2021", "ludb")


class Short(NamedTuple):
    """A record and whether the atria fibrillate in it."""

    path: str
    """Without suffix."""
    fibrillates: bool


def listed(args: argparse.Namespace) -> list[Short]:
    """Records of PTB-XL, CinC 2021 and LUDB in the order of their tables, without flutter and pacemakers; raises BadRequest.

    CinC 2021 is read without its records of PTB-XL, whose patients may be met there; pacing is not looked at in it.
    """
    from engine.instruct.sets import entries

    found = []
    for name in DATABASES:
        for entry in entries(name, run.folder(args, name)):
            other = {"AFLT"} if name == "cinc2021" else {"AFLT", "PACE"}
            if not entry.left_out and not other & set(entry.codes):
                found.append(Short(entry.place, "AF" in entry.codes))
    return found


def moment(short: Short) -> NDArray[np.float64] | None:
    """What atrial fibrillation is told by at the end of the second round; None where too few beats are found."""
    from ingest.open_recording import read_recording
    from stream.models import models

    recording = _leads(read_recording(short.path))
    round_ = _round(recording, _beats(recording))
    if round_ is None:
        return None
    played = _repeated(round_, 3)
    length = round_.samples.shape[1] / recording.rate_hz
    for k, (state, _) in enumerate(along(played, models(), 1.0)):
        if k == int(np.ceil(length)):
            state["atrial_beats"] = 0
        if k + 1 == int(2.0 * length):
            return np.array(state["atrial_features"]) if state["atrial_known"] else None
    return None


def _leads(recording: Recording) -> Recording:
    """The leads that are read, in the first ten seconds."""
    names = [signal.name.lower() for signal in recording.signals]
    rows = [names.index(lead) for lead in LEADS]
    samples = recording.samples[rows, : int(LENGTH_S * recording.rate_hz)]
    return _with(replace(recording, signals=tuple(recording.signals[k] for k in rows), spans=()), samples)


def _with(recording: Recording, samples: NDArray[Any]) -> Recording:
    kept = np.ascontiguousarray(samples, np.int16)
    kept.setflags(write=False)
    return replace(recording, samples=kept)


def _repeated(recording: Recording, times: int) -> Recording:
    return _with(recording, np.tile(recording.samples, (1, times)))


def _beats(recording: Recording) -> NDArray[np.int64]:
    """R samples: those of a second round, for the first one is spent on learning."""
    from stream.models import models
    from stream.state import BEATS

    length, found = recording.samples.shape[1], set[int]()
    for state, _ in along(_repeated(recording, 3), models(), 1.0):
        shown = np.array(state["beat_at"])[(np.array(state["beat_hidden"]) == 0) & (np.arange(BEATS) < state["beats"])]
        found |= {int(at) - length for at in shown if length <= at < 2 * length}
    return np.array(sorted(found), np.int64)


def _round(recording: Recording, beats: NDArray[np.int64]) -> Recording | None:
    """From ahead of the first R to ahead of the last, without a step where its end meets its begin."""
    if len(beats) < LEAST_BEATS:
        return None
    ahead = int(min(AHEAD_S * recording.rate_hz, AHEAD_RR * float(np.median(np.diff(beats)))))
    first = beats[0] if beats[0] > ahead else beats[1]
    piece = recording.samples[:, first - ahead : beats[-1] - ahead].astype(np.float64)
    step = piece[:, -8:].mean(axis=1) - piece[:, :8].mean(axis=1)
    piece -= step[:, None] * np.linspace(0.0, 1.0, piece.shape[1])
    return _with(recording, np.clip(np.round(piece), -32000, 32000))
