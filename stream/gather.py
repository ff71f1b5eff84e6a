"""From the rows that the signal path wrote to the values that travel: beats, trends, triggers, segments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.frame import Flaw, Frame, Span
from ingest.watched import is_watched
from stream import episodes, report
from stream.bed import NOTHING, Bed, Findings, Told
from stream.catalogue import CODES, Code, Kind, Tone
from stream.certainty import edges_hidden
from stream.early import read_again
from stream.measurement import Beat, BeatKind, Measurements, Quality, Reason, Trend
from stream.ring import flaws_of
from stream.segment import build_segment
from stream.state import BEATS, NEVER
from stream.trigger import Phase, Segment, Trigger, requested

_KINDS = (
    BeatKind.UNKNOWN,
    BeatKind.NORMAL,
    BeatKind.VENTRICULAR,
    BeatKind.UNKNOWN,
    BeatKind.SUPRAVENTRICULAR,
    BeatKind.FUSION,
    BeatKind.PACED,
)
_QUALITIES = (Quality.UNKNOWN, Quality.GOOD, Quality.NOISY, Quality.FLAT, Quality.RAILED, Quality.OFF)
_NO_PACE = np.iinfo(np.int64).max
_REASONS = tuple(Reason)
SEGMENT_S = 10.0
SETTLE_S = 10.0
"""Earlier signal given to the diagnostic filters."""
LIMB = frozenset({"I", "II", "III", "aVR", "aVL", "aVF"})


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def pulses(bed: Bed, frame: Frame, skip: int) -> NDArray[np.float32]:
    """The pulse channels of a frame (channels, n) in steps, NaN where they must not be read."""
    found = frame.samples[bed.pulse, skip:].astype(np.float32)
    if frame.spans:
        found[flaws_of(frame)[bed.pulse, skip:] > 0] = np.nan
    return found


def never_came(frame: Frame, first: int, count: int) -> Frame:
    """A frame of samples that were lost before `frame`: there are so many, and none can be read."""
    rows = len(frame.session.signals)
    spans = tuple(Span(row, 0, count, Flaw.INVALID) for row in range(rows))
    return replace(frame, first=first, samples=np.zeros((rows, count), np.int16), spans=spans, pacer=(), ends=False)


def paces(frames: list[tuple[Frame, int]]) -> NDArray[np.int64]:
    """Session samples of the pacing pulses of each frame behind its first `skip` samples (frames, k), padded behind."""
    found = [[frame.first + p for p in sorted(frame.pacer) if p >= skip] for frame, skip in frames]
    padded = np.full((len(found), max(map(len, found))), _NO_PACE, np.int64)
    for k, row in enumerate(found):
        padded[k, : len(row)] = row
    return padded


def beats(rows: NDArray[np.void]) -> tuple[Beat, ...]:
    """Rows of BEAT_OUT as beats."""
    return tuple(
        Beat(sample, _KINDS[kind], _known(round(rr, 3)), _known(round(width, 1)))
        for _, sample, kind, rr, width in rows.tolist()
    )


def trend(bed: Bed, row: Any, found: tuple[Beat, ...]) -> Trend:
    """One row of SECOND_OUT as a trend."""
    first = int(row["first"])
    st, qrs, pr, qt, qtc = _told(bed)
    rate = _known(row["rate_bpm"])
    pvc = _known(row["pvc_per_min"])
    burden = _known(row["af_burden"])
    return Trend(
        bed=bed.session.bed,
        session=bed.session.id,
        first=first,
        at_ns=episodes.event_ns(*bed.anchor, first, bed.session.rate_hz),
        rate_hz=bed.session.rate_hz,
        rate_bpm=None if rate is None else round(rate, 2),
        pvc_per_min=None if pvc is None else round(pvc, 2),
        rhythm=report.RHYTHMS[row["rhythm"]],
        quality=_qualities(bed, row["quality"]),
        st_mv=st,
        qrs_ms=qrs,
        pr_ms=pr,
        qt_ms=qt,
        qtc_ms=qtc,
        beats=found,
        af_burden=None if burden is None else round(burden, 4),
        rhythm_since=None if row["since"] == NEVER else int(row["since"]),
        reasons=tuple(_REASONS[code] for code in row["reason"][: len(bed.names)].tolist()),
    )


def _qualities(bed: Bed, codes: NDArray[np.int8]) -> tuple[Quality, ...]:
    return tuple(_QUALITIES[code] for code in codes[: len(bed.names)].tolist())


def _told(bed: Bed) -> Told:
    """What is told every second of the last measurement; read once a measurement."""
    if bed.told[0] is not bed.measured:
        bed.told = (bed.measured, _numbers(bed.measured, bed.names))
    return bed.told[1]


def _numbers(m: Measurements | None, leads: Sequence[str]) -> Told:
    """ST of each lead, QRS, PR, QT and QTc; intervals None too where noise hides the edges of the QRS."""
    if m is None:
        return NOTHING
    st = {lead.lead: lead.st_j60_mv for lead in m.leads}
    whole = (None, None, None) if edges_hidden(m) else (m.qrs_ms, m.pr_ms, m.qt_ms)
    qrs, pr, qt = (None if one is None else float(one.value) for one in whole)
    by_lead = tuple(None if (one := st.get(name)) is None else float(one.value) for name in leads)
    return by_lead, qrs, pr, qt, None if qt is None or m.qtc_fridericia_ms is None else round(m.qtc_fridericia_ms, 1)


def changes(bed: Bed, state: Any, rows: Sequence[Any], found: Findings) -> None:
    """Rows of CHANGE_OUT that were decided at one sample; what is still open behind the last of them is let go."""
    for row in rows:
        _change(bed, state, row, found)
    over = [int(row["sample"]) for row in rows if row["phase"] == report.OFFSET]
    if over:
        found.triggers += episodes.release(bed.episodes, bed.place, max(over))


def _change(bed: Bed, state: Any, row: Any, found: Findings) -> None:
    """One row of CHANGE_OUT: its triggers, and the segment of an onset."""
    what = episodes.Change(
        code=CODES[row["code"]],
        begins=bool(row["phase"] == report.ONSET),
        sample=int(row["sample"]),
        first=int(row["first"]),
        value=float(row["value"]),
        limit=float(row["limit"]),
        beats=tuple(sorted(row["beats"][: row["count"]].tolist())),
        detail=", ".join(_leads_meant(bed, row)),
        in_waves=bool(row["waves"]),
        unplaced=bool(row["unplaced"]),
        released=bool(row["phase"] == report.RELEASE),
        kept=episodes.KEPT[row["kept"]].format(seen=float(row["seen"])),
        unseen=not (row["off"] == report.LOST).any(),
    )
    triggers = episodes.take(what, bed.episodes, bed.place, alone=False)
    found.triggers += triggers
    for trigger in triggers:
        if trigger.phase is Phase.ONSET and worth_ten_seconds(trigger):
            found.segments.append(_segment(bed, state, trigger, int(row["decided"]), row))


def _leads_meant(bed: Bed, row: Any) -> list[str]:
    """The leads that an alarm of leads is about."""
    off = row["off"] > 0
    if CODES[row["code"]] is Code.REPLACE_LEAD:
        off = ~off & np.isin(row["quality"], (_QUALITIES.index(Quality.FLAT), _QUALITIES.index(Quality.RAILED)))
    elif CODES[row["code"]] is not Code.LEADS_OFF:
        return []
    return [name for name, told in zip(bed.names, off.tolist(), strict=False) if told]


def worth_ten_seconds(trigger: Trigger) -> bool:
    """Whether somebody may want to read the signal: what was announced, and what may be announced yet."""
    if is_watched(trigger.bed):
        return False
    if trigger.suppressed_by:
        return trigger.tone is Tone.LONG and trigger.suppressed_by != episodes.SHADOW
    return trigger.kind is Kind.PHYSIOLOGICAL or trigger.tone is not Tone.NONE


def _recent(bed: Bed, state: Any, stop: int, known: int) -> tuple[Beat, ...]:
    """Beats of the state's memory before sample `stop`, oldest first, out of the `known` first of the session."""
    places, intervals, kinds, widths = (state[n].tolist() for n in ("beat_at", "beat_rr", "beat_kind", "beat_width"))
    found = []
    for index in range(max(0, int(state["beats"]) - BEATS), known):
        k = index % BEATS
        if places[k] < stop:
            ms = round(intervals[k] * 1000.0 / bed.session.rate_hz, 3) if intervals[k] > 0 else None
            found.append(Beat(places[k], _KINDS[kinds[k]], ms, _known(round(widths[k], 1))))
    return tuple(found)


def _segment(bed: Bed, state: Any, trigger: Trigger, decided: int, row: Any) -> Segment:
    """The ten seconds up to the decision, out of the ring, with what was known when it fell."""
    rate_hz = bed.session.rate_hz
    # what is decided within samples that never came rests on those before
    stop = decided + 1 if bed.ring.next < 0 else min(decided + 1, bed.ring.next)
    first, samples, flaws = bed.ring.cut(stop - math.ceil((SEGMENT_S + SETTLE_S) * rate_hz), stop)
    graded = dict(zip(bed.names, _qualities(bed, row["quality"]), strict=True))
    valid = flaws == 0
    beats = _recent(bed, state, stop, int(row["known"]))
    learnt = int(state["seen_since"])
    if state["learned"] and first < learnt < stop:
        beats = _with_early(bed, state, first, samples, flaws, beats)
    return build_segment(
        trigger,
        bed.session.signals,
        rate_hz,
        samples,
        first,
        valid,
        beats,
        graded,
        start_ns=episodes.event_ns(*bed.anchor, stop - math.ceil(SEGMENT_S * rate_hz), rate_hz),
    )


def _with_early(
    bed: Bed, state: Any, first: int, samples: NDArray[np.int16], flaws: NDArray[np.uint8], known: tuple[Beat, ...]
) -> tuple[Beat, ...]:
    """The beats that are known, and before them those of the time in which the bed still learnt."""
    again = read_again(bed, state, first, samples, flaws)
    found = _recent(bed, again, first + samples.shape[1], int(again["beats"]))
    if not known:
        return found
    apart = 0.2 * bed.session.rate_hz
    early = tuple(b for b in found if b.sample < known[0].sample - apart)
    if early and known[0].rr_ms is None:
        rr_ms = round((known[0].sample - early[-1].sample) * 1000.0 / bed.session.rate_hz, 3)
        known = (replace(known[0], rr_ms=rr_ms), *known[1:])
    return early + known


def measured(bed: Bed, state: Any, row: Any) -> Segment:
    """The ten seconds that end with the second in `row`, with intervals and ST where they can be read."""
    stop = int(row["stop"])
    return _segment(bed, state, _scheduled(bed, stop), stop - 1, row)


def good_leads(bed: Bed, row: Any, segment: Segment) -> frozenset[str]:
    """Leads whose quality is good; derived ones where every limb lead that is sent is."""
    graded = dict(zip(bed.names, _qualities(bed, row["quality"]), strict=True))
    limb = all(grade is Quality.GOOD for name, grade in graded.items() if name in LIMB)
    good = {name for name, grade in graded.items() if grade is Quality.GOOD}
    return frozenset(good | set(segment.derived if limb else ()))


def _scheduled(bed: Bed, stop: int) -> Trigger:
    at_ns = episodes.event_ns(*bed.anchor, stop, bed.session.rate_hz)
    return requested(bed.session, "", stop - 1, at_ns, "Measured on schedule", bed.policy.scope, bed.policy.revision)


def asked(bed: Bed, state: Any, trigger: Trigger) -> Segment:
    """The ten seconds up to the newest sample, with what is known at this moment."""
    row = {"quality": state["quality"], "known": state["beats"]}
    return _segment(bed, state, trigger, int(state["next"]) - 1, row)
