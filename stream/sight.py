"""What of a bed is seen: short interruptions are bridged, behind longer ones every timer begins anew.

While no lead can be seen, for flaws on all of them or for samples that never came, nothing is counted. What is unseen is
evidence neither of beats nor of their absence: rules that count time leave it out, and reckon with the beats that it may
have hidden.
"""

from __future__ import annotations

from numba import njit

from stream.report import DECIDED_S
from stream.state import BEATS, BLINKS, NEVER

BRIDGE_S = 1.0
"""The longest interruption that is bridged: one message of the slowest senders (1 s), four of 250 ms. At a usual rate it
hides one beat or two, so that what is seen on both sides still belongs together."""
BLINK_S = 0.02
"""So short an interruption hides nothing: a QRS lasts 80 ms and more, and its samples are held over it."""
CUT_S = 0.15
"""A beat that lies this little before an interruption is not decided when it comes."""
SETTLED_S = 0.1
"""Behind an interruption the QRS band (6 Hz and more) rests again."""
SAME_RR = 1.3
"""An interval over an interruption that is no longer than so many of the one before holds no hidden beat: with one it would
be two of them."""
RISEN_S = 0.2
"""Behind the newest sample by this much every beat is a candidate at least."""


@njit(cache=True)
def undecided_s(s, feature_hz):
    """Seconds behind the newest sample within which a beat may lie that is not decided yet: those of the candidate, or in silence fewer."""
    age = s.candidate_age / feature_hz if s.candidate > 0.0 else 0.0
    return min(DECIDED_S, RISEN_S + age)


@njit(cache=True)
def unseen(s, begin, end):
    """Samples of [begin, end) within interruptions that were bridged."""
    total = 0
    for back in range(min(s.blinks, BLINKS)):
        k = (s.blinks - 1 - back) % BLINKS
        if s.blink_to[k] <= begin:
            break
        total += max(0, min(end, s.blink_to[k]) - max(begin, s.blink_from[k]))
    return total


@njit(cache=True)
def hidden(s, begin, rate_hz):
    """The most beats at the usual rate that interruptions from sample `begin` on may have hidden."""
    usual, count = s.usual_rr if s.usual_rr > 0.0 else rate_hz, 0
    for back in range(min(s.blinks, BLINKS)):
        k = (s.blinks - 1 - back) % BLINKS
        if s.blink_to[k] <= begin:
            break
        count += 1 + int((s.blink_to[k] - s.blink_from[k]) / usual)
    return count


@njit(cache=True)
def remembered(s):
    """Sample from which on every interruption is remembered."""
    return s.blink_from[s.blinks % BLINKS] if s.blinks >= BLINKS else NEVER


@njit(cache=True)
def interval(s, at):
    """Distance (samples) of the beat at sample `at` to the one before; 0 where that one is not known, -1 where an
    interruption between them may have hidden another."""
    rr = at - s.last_beat
    if unseen(s, s.last_beat, at) == 0:
        return float(rr)
    last = s.beat_rr[(s.beats - 1) % BEATS] if s.beats > 0 else 0.0
    return float(rr) if rr <= SAME_RR * (last if last > 0.0 else s.usual_rr) else -1.0


@njit(cache=True)
def note(s, begin, end):
    """Remember an interruption; one that begins before the last is over prolongs it."""
    if s.blinks > 0 and begin <= s.blink_to[(s.blinks - 1) % BLINKS]:
        s.blink_to[(s.blinks - 1) % BLINKS] = end
        return
    s.blink_from[s.blinks % BLINKS], s.blink_to[s.blinks % BLINKS] = begin, end
    s.blinks += 1


@njit(cache=True)
def _bridge(s, n, settle, rate_hz):
    """Signal is back at sample n: leads that only the interruption took are read again as soon as filters have settled."""
    short = n - s.blind_since <= BLINK_S * rate_hz
    s.settled_at = n if short else n + int(SETTLED_S * rate_hz)
    for lead in range(s.leads):
        flawed = s.bad_until[lead] == n + settle
        if not flawed and s.bad_until[lead] > n and s.flaw_from[lead] >= s.blind_since:
            s.bad_until[lead] = s.settled_at
    if not short:
        note(s, s.blind_since - int(CUT_S * rate_hz), s.settled_at)


@njit(cache=True)
def jumped(s, n, rate_hz):
    """Whether what comes at sample n, after time in which no lead was seen, must not be joined to the value before."""
    return s.blind_since != NEVER and n - s.blind_since > BLINK_S * rate_hz


@njit(cache=True)
def is_lost(s, n, rate_hz):
    """Whether no lead has been seen for longer than is bridged."""
    return s.blind_since != NEVER and n - s.blind_since >= BRIDGE_S * rate_hz


@njit(cache=True)
def look(s, n, seen, settle, rate_hz):
    """Note whether any lead can be seen at sample n; whether sight has returned from a loss that was not bridged.

    settle: samples for which a lead waits behind a flaw.
    """
    if seen:
        lost = is_lost(s, n, rate_hz)
        if s.blind_since != NEVER and not lost:
            _bridge(s, n, settle, rate_hz)
        s.blind_since = NEVER
        s.fresh = 0
        return lost
    if s.blind_since == NEVER:
        s.blind_since = n
    if s.fresh or is_lost(s, n, rate_hz):
        s.seen_since = n + 1
    return False
