"""Conduction over successive measurements: QRS width, a new bundle branch block, AV block, the rhythm against baseline.

Pure: a state and one measurement give the next state and what begins or ends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ingest.bed import Baseline
from stream.atria import AvBlock
from stream.catalogue import Code
from stream.episodes import Change
from stream.limits import Limits
from stream.measurement import BeatKind, Measurements
from stream.repolarisation import LEAST_BEATS, NOT_CONDUCTED, beyond
from stream.watch import LEAST, WINDOW_S, Fact, Seen, Term, Watch, Window, add, changes, follow_all

BLOCK_MS = 120.0
"""QRS of a complete bundle branch block (Surawicz 2009, J Am Coll Cardiol 53, 976-981)."""
WIDEST_MS = 220.0
"""Wider than a conducted beat can be: noise, or paced."""
STEADY_MS = 15.0
"""Half the spread between the quartiles of the beats above which a QRS width is not taken."""
NEW_BLOCK_MS = 20.0
"""A new block is wider than the baseline by this."""
NEW_BLOCK_S = 60.0
UNKNOWN_S = 600.0


@dataclass(frozen=True, slots=True)
class Words:
    """A word of each measurement of the first five minutes; the commonest becomes the baseline."""

    begun: int | None = None
    seen: tuple[tuple[int, str], ...] = ()
    baseline: str | None = None


@dataclass(frozen=True, slots=True)
class Conduction:
    """What is carried of conduction and rhythm from measurement to measurement."""

    watches: tuple[Watch, ...] = ()
    active: tuple[Code, ...] = ()
    qrs: Window = field(default_factory=Window)
    block: Words = field(default_factory=Words)
    """left, right, or none."""
    rhythm: Words = field(default_factory=Words)

    def interrupted(self) -> Conduction:
        """Behind a gap, or in another session: conditions begin anew, the baselines stay."""
        return Conduction(
            qrs=Window(baseline=self.qrs.baseline),
            block=Words(baseline=self.block.baseline),
            rhythm=Words(baseline=self.rhythm.baseline),
        )

    @property
    def new_block(self) -> bool:
        """Whether a bundle branch block is there, told or not yet, that the baseline did not have."""
        return any(w.name == "block" for w in self.watches)


def advance(
    state: Conduction, seen: Seen, limits: Limits, signed: Baseline | None = None
) -> tuple[Conduction, list[Change]]:
    """The state after one measurement, and the alarms that begin or end with it; signed: the rhythm's baseline by a person."""
    qrs_ms, spread_ms = _qrs(seen)
    kind = None if qrs_ms is None or seen.measured is None else block_kind(seen.measured)
    qrs = add(state.qrs, qrs_ms, seen)
    block = _add_word(state.block, kind, seen)
    rhythm = _add_word(state.rhythm, None if seen.rhythm in ("learning", "unknown") else seen.rhythm, seen)
    holds = {
        "qrs": None if qrs_ms is None else beyond(qrs_ms, _wide(qrs, limits), spread_ms),
        "block": _is_new(kind, block, qrs_ms, qrs, spread_ms),
        "rhythm": _differs(seen, rhythm) if signed is None else _departs(seen, signed),
        **_av_holds(seen),
    }
    watches = follow_all(state.watches, holds, seen, _terms(limits))
    facts = _facts(seen, qrs_ms, kind, qrs, _was(seen, rhythm, signed), limits, {w.name: w for w in watches if w.told})
    found = changes(state.active, facts, seen)
    return Conduction(watches, tuple(facts), qrs, block, rhythm), found


def _terms(limits: Limits) -> dict[str, Term]:
    av = Term(limits.av_block_s, limits.av_block_s)
    return {
        "qrs": Term(limits.qt_delay_s, UNKNOWN_S),
        "block": Term(NEW_BLOCK_S, UNKNOWN_S),
        "rhythm": Term(limits.rhythm_change_s, UNKNOWN_S),
        "second": av,
        "third": av,
    }


def _qrs(seen: Seen) -> tuple[float | None, float]:
    """Median QRS and its spread in ms; None where it is not that of conducted beats. Steadiness guards it against noise (below)."""
    qrs = seen.measured.qrs_ms if seen.measured is not None else None
    if qrs is None or seen.rhythm in NOT_CONDUCTED or not seen.good:
        return None, 0.0
    steady = qrs.beats >= LEAST_BEATS and qrs.spread <= STEADY_MS and qrs.value <= WIDEST_MS
    return (qrs.value if steady else None), qrs.spread


def block_kind(measured: Measurements) -> str | None:
    """left, right or none, by width and the shape in V1 and a lateral lead; None where these are not measured.

    A wide QRS of neither shape is none: it may be a delay within the ventricles (Surawicz 2009).
    """
    qrs, by_name = measured.qrs_ms, {m.lead: m for m in measured.leads}
    v1 = by_name.get("V1")
    lateral = next((by_name[n] for n in ("V6", "V5", "I") if n in by_name), None)
    if qrs is None or v1 is None or lateral is None or v1.qrs_area_mvms is None or lateral.qrs_area_mvms is None:
        return None
    if qrs.value < BLOCK_MS:
        return "none"
    down = v1.qrs_area_mvms.value < 0
    q, s, r = lateral.q_mv, lateral.s_mv, v1.r_mv
    if down and lateral.qrs_area_mvms.value > 0 and (q is None or abs(q.value) < 0.1):
        return "left"
    if not down or (r is not None and s is not None and s.value < -0.1 and r.value > 0.2):
        return "right"
    return "none"


def _add_word(words: Words, word: str | None, seen: Seen) -> Words:
    """As `watch.add`, of words."""
    begun = seen.stop if words.begun is None else words.begun
    if words.baseline is not None:
        return Words(begun, (), words.baseline)
    oldest = seen.stop - round(WINDOW_S * seen.rate_hz)
    kept = tuple(w for w in words.seen if w[0] > oldest)
    if word is not None:
        kept = (*kept, (seen.stop, word))
    if begun <= oldest and len(kept) >= LEAST:
        return Words(begun, (), Counter(w for _, w in kept).most_common(1)[0][0])
    return Words(begun, kept, None)


def _wide(qrs: Window, limits: Limits) -> float:
    """Width above which the QRS is too wide, by itself or against the baseline."""
    own = float("inf") if qrs.baseline is None else qrs.baseline + limits.qrs_widening_ms
    return min(limits.qrs_wide_ms, own)


def _is_new(kind: str | None, block: Words, qrs_ms: float | None, qrs: Window, spread_ms: float) -> bool | None:
    if kind is None or qrs_ms is None or block.baseline is None or qrs.baseline is None:
        return None
    if kind in ("none", block.baseline):
        return False
    return beyond(qrs_ms, max(BLOCK_MS, qrs.baseline + NEW_BLOCK_MS), spread_ms)


def _differs(seen: Seen, rhythm: Words) -> bool | None:
    if rhythm.baseline is None or seen.rhythm in ("learning", "unknown"):
        return None
    return seen.rhythm != rhythm.baseline


def _departs(seen: Seen, signed: Baseline) -> bool | None:
    """Whether a measurement shows another rhythm than the one that was signed; None where it cannot tell.

    Regular beats without a P wave, and irregular ones in a patient who fibrillates, tell nothing.
    """
    if seen.rhythm in ("learning", "unknown"):
        return None
    paced = _paced(seen)
    if signed is Baseline.PACED or paced:
        return paced is not (signed is Baseline.PACED)
    if signed is Baseline.AFIB:
        return None if seen.rhythm == "irregular" else seen.rhythm != "afib"
    without_p = seen.measured is not None and seen.measured.p_wave_present is False
    beating = seen.rhythm in ("regular", "irregular")
    return None if beating and without_p else not beating


def _paced(seen: Seen) -> bool:
    """Whether at least half of the beats follow a pacing pulse that the monitor flagged."""
    beats = seen.measured.beats if seen.measured is not None else ()
    return bool(beats) and 2 * sum(b.kind is BeatKind.PACED for b in beats) >= len(beats)


def _was(seen: Seen, rhythm: Words, signed: Baseline | None) -> str:
    """The rhythm that is seen, and that which it is held against."""
    if signed is None:
        return f"{seen.rhythm}, was {rhythm.baseline}"
    return f"{'paced' if _paced(seen) else seen.rhythm}, signed as {signed}"


def _av_holds(seen: Seen) -> dict[str, bool | None]:
    atria = seen.atria
    if atria is None or seen.rhythm in NOT_CONDUCTED:
        return {}
    return {"second": atria.block is AvBlock.SECOND, "third": atria.block is AvBlock.THIRD}


def _facts(
    seen: Seen,
    qrs_ms: float | None,
    kind: str | None,
    qrs: Window,
    was: str,
    limits: Limits,
    told: dict[str, Watch],
) -> dict[Code, Fact]:
    found: dict[Code, Fact] = {}
    atria = seen.atria
    if "third" in told:
        rate = seen.measured.rate_bpm if seen.measured is not None else None
        atrial = 0.0 if atria is None else atria.rate_bpm
        found[Code.AV_BLOCK_3] = Fact(told["third"].since, rate.value if rate is not None else 0.0, atrial)
    if "second" in told:
        found[Code.AV_BLOCK_2] = Fact(told["second"].since, float(atria.dropped if atria is not None else 0), 1.0)
    if "rhythm" in told:
        length = (seen.stop - told["rhythm"].since) / seen.rate_hz
        found[Code.RHYTHM_CHANGE] = Fact(told["rhythm"].since, length, limits.rhythm_change_s, was)
    if "qrs" in told:
        found[Code.QRS_WIDENING] = Fact(told["qrs"].since, qrs_ms or 0.0, _wide(qrs, limits))
    if "block" in told:
        found[Code.NEW_BBB] = Fact(told["block"].since, qrs_ms or 0.0, BLOCK_MS, f"{kind} bundle branch block")
    return found
