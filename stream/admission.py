"""Which session a bed listens to: one at a time. A second one is refused, told once, and let in when the first stays silent."""

from __future__ import annotations

from dataclasses import replace

from ingest.bed import Level, Notice
from ingest.frame import Frame, Nanoseconds, Session
from stream.bed import Bed, Findings, Rival
from stream.ring import WAITING_S

TAKEOVER_S = 5.0
"""A session that sends within this time of a rival's first refused frame keeps its bed."""
MAX_GAP_S = 86_400.0
"""A source that was away for longer opens a new session."""
MOST_RIVALS = 16
"""Refused sessions of one bed that are told apart and told; of more the latest are known."""


def admit(bed: Bed, analysed: int, frame: Frame, found: Findings) -> bool:
    """Whether a bed is to open the session of this frame; what is refused is counted and told.

    analysed: index behind the last analysed sample of the bed's session.
    """
    session = frame.session
    if _is_past(bed, analysed, frame):
        return False
    ended = session.id in bed.closed and session.id not in bed.overtaken
    if ended or session.id == bed.session.id:
        _count(bed, frame)
        found.rejected.append((frame, f"the session of bed {session.bed} has ended or changed its signals"))
        return False
    if bed.ended or _is_change(bed, session) or _gives_way(bed, frame):
        return True
    text = f"bed {session.bed} is fed by {bed.session.source}; a second session, of {session.source}, is refused"
    _count(bed, frame)
    _note(bed, frame, text, found)
    return False


def leaps(bed: Bed, analysed: int, frame: Frame, found: Findings) -> bool:
    """Refuse a frame whose index lies absurdly far ahead in its session: taken, it would make all that follows old."""
    if not 0 <= max(bed.ring.next, analysed) < frame.first - MAX_GAP_S * frame.session.rate_hz:
        return False
    text = f"sample {frame.first} of bed {frame.session.bed} lies a day and more ahead of the last"
    found.rejected.append((frame, text))
    return True


def heard(bed: Bed, frame: Frame, found: Findings) -> None:
    """The bed's own session has sent a frame: it keeps the bed, and rivals that gave up are forgotten."""
    bed.sent_ns = max(bed.sent_ns, frame.sent_ns)
    if not bed.rivals:
        return
    for name, rival in list(bed.rivals.items()):
        rival.since_ns = 0
        if bed.sent_ns - rival.heard_ns > TAKEOVER_S * 1e9:
            del bed.rivals[name]
    if not bed.rivals:
        found.notices.append(
            _notice(bed, frame.start_ns, f"only {bed.session.source} feeds bed {bed.session.bed}", True)
        )


def has_room(frame: Frame, analysed: int) -> bool:
    """Whether the ring can take a frame of a bed that is analysed up to this sample, and still hold what waits."""
    return frame.after - analysed <= WAITING_S * frame.session.rate_hz


def append(bed: Bed, frame: Frame, analysed: int, found: Findings) -> int | None:
    """Take a frame that continues the ring of its bed and changes nothing else; how many of its samples are analysed, None where all are."""
    heard(bed, frame, found)
    bed.ring.push(frame, 0)
    count = frame.samples.shape[1]
    bed.last_ns = max(bed.last_ns, frame.start_ns + round(count * 1e9 / frame.session.rate_hz))
    if frame.first + count <= analysed:
        return None
    bed.frames += 1
    return max(0, analysed - frame.first)


def over(bed: Bed, at_ns: int, found: Findings) -> None:
    """The bed's session has ended or given way: nobody is refused any more."""
    if bed.rivals:
        bed.rivals.clear()
        found.notices.append(_notice(bed, at_ns, f"bed {bed.session.bed} takes a new session", True))


def reopen(bed: Bed, session: Session) -> int:
    """Take a session that was overtaken out of those that are closed; the index behind what was analysed of it, or 0."""
    bed.overtaken.discard(session.id)
    return bed.closed.pop(session.id, 0)


def _is_past(bed: Bed, analysed: int, frame: Frame) -> bool:
    """Whether a frame of an earlier session, or of one that has ended, was analysed before: read again, or late."""
    if bed.session.id == frame.session.id:
        return bed.ended and frame.after <= analysed
    return frame.after <= bed.closed.get(frame.session.id, -1)


def _is_change(bed: Bed, session: Session) -> bool:
    """Whether the same source goes on with another rate, other leads or gains."""
    known = session.id in bed.closed or bed.session.source != session.source
    return not known and (bed.session.rate_hz, bed.session.signals) != (session.rate_hz, session.signals)


def _gives_way(bed: Bed, frame: Frame) -> bool:
    """Whether the bed's session was silent while a refused one sent for TAKEOVER_S, by that one's own clock.

    Its clock is compared with no other: one that is ahead takes no bed away.
    """
    rival = bed.rivals.get(frame.session.id)
    return rival is not None and rival.since_ns > 0 and frame.sent_ns - rival.since_ns >= TAKEOVER_S * 1e9


def _count(bed: Bed, frame: Frame) -> None:
    """Count a refused frame; an end marker is none."""
    if not frame.ends:
        bed.counts = replace(bed.counts, rejected=bed.counts.rejected + 1)


def _note(bed: Bed, frame: Frame, text: str, found: Findings) -> None:
    rival = bed.rivals.pop(frame.session.id, None)
    if rival is not None:
        # one that says that it has ended is forgotten when the bed's session sends again
        rival.since_ns, rival.heard_ns = rival.since_ns or frame.sent_ns, 0 if frame.ends else bed.sent_ns
    else:
        rival = Rival(frame.sent_ns, bed.sent_ns)
        if len(bed.rivals) < MOST_RIVALS:
            found.notices.append(_notice(bed, frame.start_ns, text, False))
        else:
            # the one that tried longest ago: none that goes on trying is kept out for good
            del bed.rivals[next(iter(bed.rivals))]
    bed.rivals[frame.session.id] = rival


def _notice(bed: Bed, at_ns: int, text: str, cleared: bool) -> Notice:
    return Notice("SECOND_SOURCE", "stream", Nanoseconds(at_ns), text, bed.session.bed, Level.MEDIUM, cleared=cleared)
