"""Pacing pulses that the front end flagged: pulses without a QRS, and a pacer that is silent.

Only where a bed is set to paced; without any flag nothing is known of the pacer and nothing is said.
Definitions: docs/alarms.md, chain P.
"""

from __future__ import annotations

from numba import njit

from stream.report import DECIDED_S, PACER_NOT_CAPTURE, PACER_NOT_PACING, begin, end, happen
from stream.sight import unseen
from stream.state import BEATS, NEVER, PACES

FUSED_S = 0.06
"""A QRS whose R lies this little before a pulse had begun of its own: the pulse shows nothing."""
REFRACTORY_S = 0.3
"""A pulse this near behind a beat meets muscle that cannot answer."""
PACED_S = 0.2
"""A QRS whose R comes within this behind a pulse is the pacer's."""
SILENT = 1.75
"""Usual RR without QRS and pulse (Mindray)."""


@njit(cache=True)
def take_paces(s, n, paces, k):
    """Take in the pulses (samples, in order) up to sample n from the k-th on; gives the number of the next."""
    while k < paces.shape[0] and paces[k] <= n:
        s.pace_at[s.paces % PACES] = paces[k]
        s.paces += 1
        k += 1
    return k


@njit(cache=True)
def is_paced(s, at, rate_hz):
    """Whether a flagged pulse comes shortly before the QRS at sample `at`."""
    for back in range(min(s.paces, PACES)):
        ahead = at - s.pace_at[(s.paces - 1 - back) % PACES]
        if -0.02 * rate_hz <= ahead <= PACED_S * rate_hz:
            return True
    return False


@njit(cache=True)
def _answered(s, pace, reach, rate_hz):
    """Whether a QRS answers a pulse, or none could."""
    for back in range(min(s.beats, BEATS)):
        at = s.beat_at[(s.beats - 1 - back) % BEATS]
        if at < pace - REFRACTORY_S * rate_hz:
            return False
        if at <= pace + reach:
            return True
    return False


@njit(cache=True)
def watch_pacer(s, n, rate_hz, limits, out):
    """At sample n: judge the pulses whose time to answer is over, and the silence of the pacer."""
    if limits.paced != 1 or s.paces == 0:
        s.paces_judged = s.paces
        end(s, PACER_NOT_PACING, n, out)
        return
    decided, reach = n - int(DECIDED_S * rate_hz), limits.capture_ms * rate_hz / 1000.0
    s.paces_judged = max(s.paces_judged, s.paces - PACES)
    while s.paces_judged < s.paces:
        pace = s.pace_at[s.paces_judged % PACES]
        if pace + reach > decided:
            break
        s.paces_judged += 1
        seen = pace - REFRACTORY_S * rate_hz >= s.seen_since and not s.oscillating
        # behind the R peak a QRS is decided only later
        seen = seen and unseen(s, pace - int(REFRACTORY_S * rate_hz), pace + int(reach)) == 0
        if seen and not _answered(s, pace, reach, rate_hz):
            happen(s, PACER_NOT_CAPTURE, n, pace, limits.capture_ms, limits.capture_ms, out)
    _silence(s, n, decided, rate_hz, out)


@njit(cache=True)
def _silence(s, n, decided, rate_hz, out):
    last = max(s.last_beat, s.pace_at[(s.paces - 1) % PACES])
    longest = SILENT * s.usual_rr
    known = s.usual_rr > 0.0 and s.last_beat != NEVER and last >= s.seen_since and s.blind_since == NEVER
    if known and not s.oscillating and unseen(s, last, decided) == 0 and decided - last > longest:
        begin(s, PACER_NOT_PACING, n, last, (decided - last) / rate_hz, longest / rate_hz, out)
    elif decided - last <= longest:
        end(s, PACER_NOT_PACING, n, out)
