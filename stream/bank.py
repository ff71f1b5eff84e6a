"""Beds of one worker: frames in, triggers, segments, trends and notices out. Knows neither Kafka nor the wall clock.

Frames of beds with the same rate and leads are advanced together, as arrays; each bed's arithmetic is its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from ingest.bed import BedContext, BedState, Level, Notice
from ingest.frame import BedId, Frame, Nanoseconds, Session
from stream import admission, episodes, gather, handover, report, serial
from stream.bed import Bed, Findings
from stream.catalogue import CODES
from stream.checkpoint import Checkpoint, Counts, encode_checkpoint
from stream.early import numbers
from stream.filters import Plan, plan
from stream.history import Serial
from stream.limits import DECISIONS, Decisions
from stream.models import Models, models
from stream.policy import Policy, policy_of, watched_policies
from stream.ring import flaws_of
from stream.rows import Rows
from stream.sight import BRIDGE_S
from stream.signalpath import advance_all, restart, tell_rest
from stream.state import new_states
from stream.trigger import Segment, Trigger

RELEARN_GAP_S = 30.0
"""Behind a longer gap the heights of the QRS are learnt anew."""


class Bank:
    """All beds of one worker. Not thread-safe."""

    def __init__(
        self, measure_every_s: float = 60.0, learnt: Models | None = None, decisions: Decisions = DECISIONS
    ) -> None:
        self._rows = Rows()
        self.beds: dict[BedId, Bed] = {}
        self._contexts: dict[BedId, BedContext] = {}
        self._policies: dict[str, Policy] = {"default": Policy(), **watched_policies()}
        self._lost: dict[BedId, tuple[Counts, dict[int, int], set[int]]] = {}
        """Of beds that begin anew: what was counted of them, and their earlier sessions."""
        self._out = report.new_out(1, 1, 1)
        self._measure_every_s, self._models, self._decisions = measure_every_s, learnt or models(), decisions

    # settings ---------------------------------------------------------------------------------------------------

    def _policy(self, bed: BedId) -> Policy:
        return policy_of(self._policies, bed)

    def set_policy(self, policy: Policy) -> list[BedId]:
        """Take a policy into force from the next sample of each bed on; gives the beds whose rules change."""
        self._policies[policy.scope] = policy
        changed = []
        for name, bed in self.beds.items():
            if self._policy(name) != bed.policy:
                bed.policy = self._policy(name)
                self._set_limits(bed)
                changed.append(name)
        return changed

    def set_context(self, context: BedContext) -> Findings:
        """Take what a bed is set to; a discharge or a relearn closes its episodes and learns anew."""
        found = Findings()
        self._contexts[context.bed] = context
        bed = self.beds.get(context.bed)
        if bed is None or bed.context == context:
            return found
        was, bed.context = bed.context, context
        self._set_limits(bed)
        if context.relearn != was.relearn or context.episode != was.episode or context.state is BedState.DISCHARGED:
            self._close_episodes(bed, found)
            bed.episodes.announced.clear()
            bed.take_up(Serial())
            restart(self._rows.states[bed.row], self._rows.states[bed.row]["next"], True)
        elif context.state is not BedState.MONITORED:
            found.triggers += episodes.set_aside(bed.episodes, bed.place, int(self._rows.states[bed.row]["next"]))
        return found

    def _set_limits(self, bed: Bed) -> None:
        self._rows.limits[bed.row] = report.limits_of(bed.policy, bed.context, self._decisions)[0]

    # frames -----------------------------------------------------------------------------------------------------

    def take(self, frames: Iterable[Frame], found: Findings | None = None) -> Findings:
        """Analyse frames in the order given; frames of one bed are taken in turn, those of many beds together.

        found: what they bring is added to it, so that it holds what came before a frame that cannot be analysed.
        """
        found = Findings() if found is None else found
        turns: list[list[tuple[Bed, Frame, int]]] = []
        depth: dict[BedId, int] = {}
        for frame in frames:
            ready = self._admit(frame, found, turns, depth)
            if ready is not None:
                turn = depth.get(frame.session.bed, 0)
                depth[frame.session.bed] = turn + 1
                if turn == len(turns):
                    turns.append([])
                turns[turn].append((*ready,))
        self._flush(turns, depth, found)
        return found

    def _flush(self, turns: list[list[tuple[Bed, Frame, int]]], depth: dict[BedId, int], found: Findings) -> None:
        for turn in turns:
            self._analyse(turn, found)
        turns.clear()
        depth.clear()

    def _admit(
        self, frame: Frame, found: Findings, turns: list[list[tuple[Bed, Frame, int]]], depth: dict[BedId, int]
    ) -> tuple[Bed, Frame, int] | None:
        """Find the bed of a frame; the bed, the frame and how many of its samples to skip, or None where none is new."""
        name = frame.session.bed
        bed = self.beds.get(name)
        if bed is not None and bed.is_next(frame):
            analysed = int(self._rows.states[bed.row]["next"])
            if not depth.get(name) or admission.has_room(frame, analysed):
                new = admission.append(bed, frame, analysed, found)
                return None if new is None else (bed, frame, new)
        if depth.get(name):
            # what changes the course of a bed is decided only when its earlier frames have been analysed, and the ring
            # must still hold what their triggers will ask for
            self._flush(turns, depth, found)
        if bed is None or bed.session != frame.session or bed.ended:
            bed = self._open(bed, frame, found)
            if bed is None:
                return None
        bed.session = frame.session
        if admission.leaps(bed, int(self._rows.states[bed.row]["next"]), frame, found):
            return None
        admission.heard(bed, frame, found)
        skip = max(0, bed.ring.next - frame.first) if bed.ring.next >= 0 else 0
        count = frame.samples.shape[1]
        if skip >= count and not frame.ends:
            bed.count_old(frame)
            return None
        if count and skip < count:
            self._fill(bed, frame, skip, found)
        bed.last_ns = max(bed.last_ns, frame.start_ns + round(count * 1e9 / frame.session.rate_hz))
        state = self._rows.states[bed.row]
        if frame.ends:
            if skip < count and frame.after > state["next"]:
                self._analyse([(bed, frame, max(skip, int(state["next"]) - frame.first))], found)
            self._end_session(bed, found)
            return None
        if frame.after <= state["next"]:
            return None
        return bed, frame, max(skip, int(state["next"]) - frame.first, 0)

    def _fill(self, bed: Bed, frame: Frame, skip: int, found: Findings) -> None:
        """Put the new samples into the ring; a jump of the index is a gap that is bridged or not, counted and told."""
        state = self._rows.states[bed.row]
        first = frame.first + skip
        # frames of this bed may wait to be analysed behind those that are: the ring knows them already
        expected = max(int(state["next"]), bed.ring.next)
        missing = first - expected if frame.after > state["next"] else 0
        bridged = 0 < missing <= BRIDGE_S * bed.session.rate_hz
        if bridged:
            self._analyse([(bed, gather.never_came(frame, expected, missing), 0)], found)
        bed.ring.push(frame, skip)
        if frame.after <= state["next"]:
            return
        bed.frames += 1
        bed.follow_clock(frame)
        if missing > 0:
            bed.counts = replace(bed.counts, gaps=bed.counts.gaps + 1, missing=bed.counts.missing + missing)
            self._break(bed, first, missing, bridged, frame, found)

    def _break(self, bed: Bed, first: int, missing: int, bridged: bool, frame: Frame, found: Findings) -> None:
        seconds = missing / bed.session.rate_hz
        if not bridged:
            restart(self._rows.states[bed.row], first, seconds > RELEARN_GAP_S)
            self._clear_inactive(bed, first, found)
        text = f"{missing} samples ({seconds:.2f} s) of bed {bed.session.bed} never came before sample {first}"
        found.notices.append(
            Notice("SAMPLE_GAP", "stream", Nanoseconds(frame.start_ns), text, bed.session.bed, Level.LOW)
        )

    def _clear_inactive(self, bed: Bed, first: int, found: Findings) -> None:
        """Behind a gap every condition begins anew: what was open ends at the gap, but for what goes on."""
        found.triggers += bed.interrupt(first, report.clear(self._rows.states[bed.row]))

    def _open(self, bed: Bed | None, frame: Frame, found: Findings) -> Bed | None:
        """The bed with the frame's session open; None where the frame is refused or of an old session."""
        session = frame.session
        first = frame.first
        if not any(s.is_ecg for s in session.signals):
            found.rejected.append((frame, f"bed {session.bed} sends no ECG lead: {[s.name for s in session.signals]}"))
            return None
        if bed is None:
            bed = self._new_bed(session)
        elif admission.admit(bed, int(self._rows.states[bed.row]["next"]), frame, found):
            first = max(first, self._change_session(bed, frame, found))
        else:
            return None
        self._know_nothing(bed, first)
        bed.anchor = (frame.first, frame.start_ns)
        bed.resumed_at = 0
        return bed

    def _change_session(self, bed: Bed, frame: Frame, found: Findings) -> int:
        """Close the session of a bed and open the frame's; the index behind what was analysed of that one before."""
        if not bed.ended:
            self._close_episodes(bed, found)
        admission.over(bed, frame.start_ns, found)
        bed.past = bed.past.plus(bed.counted)
        bed.close_session(int(self._rows.states[bed.row]["next"]))
        analysed = admission.reopen(bed, frame.session)
        bed.open_session(frame.session)
        return analysed

    def _know_nothing(self, bed: Bed, first: int) -> None:
        """A bed of which nothing is known before sample `first`."""
        state = self._rows.states[bed.row : bed.row + 1]
        state[:] = new_states(1)
        state["leads"], state["pulses"] = len(bed.names), bed.pulses
        restart(self._rows.states[bed.row], first, True)

    def _new_bed(self, session: Session) -> Bed:
        context = self._contexts.get(session.bed) or BedContext(session.bed)
        bed = Bed(self._rows.take(), session, context, self._policy(session.bed))
        if session.bed in self._lost:
            bed.past, bed.closed, bed.overtaken = self._lost.pop(session.bed)
        self.beds[session.bed] = bed
        self._set_limits(bed)
        return bed

    def _close_episodes(self, bed: Bed, found: Findings) -> None:
        state = self._rows.states[bed.row]
        at = int(state["next"])
        found.triggers += bed.interrupt(at)
        state["active"][:] = 0

    def _end_session(self, bed: Bed, found: Findings) -> None:
        out = self._room(1, 10.0)
        state, limits = self._rows.states[bed.row], self._rows.limits[bed.row]
        rate_hz, plan = bed.session.rate_hz, bed.plan
        tell_rest(state, rate_hz, plan.feature_hz, plan.feature_hz / plan.shape_step, limits, self._models, out)
        self._gather([bed], out, found)
        self._close_episodes(bed, found)
        admission.over(bed, bed.last_ns, found)
        bed.ended = True
        found.ended.append(bed.session.bed)

    # analysis ---------------------------------------------------------------------------------------------------

    def _analyse(self, turn: list[tuple[Bed, Frame, int]], found: Findings) -> None:
        """Advance beds together, those of one rate, lead count and length in one pass."""
        groups: dict[tuple[float, int, int, int, bool], list[tuple[Bed, Frame, int]]] = {}
        for bed, frame, skip in turn:
            key = (*bed.key, frame.samples.shape[1] - skip, bool(frame.spans))
            groups.setdefault(key, []).append((bed, frame, skip))
        for (rate_hz, leads, pulses, count, flawed), members in groups.items():
            self._pass(members, plan(rate_hz), (len(members), leads, pulses, count), flawed, found)

    def _pass(
        self,
        members: list[tuple[Bed, Frame, int]],
        how: Plan,
        shape: tuple[int, int, int, int],
        flawed: bool,
        found: Findings,
    ) -> None:
        _, leads, channels, count = shape
        samples = np.empty((len(members), leads, count), np.int16)
        pulses = np.empty((len(members), channels, count), np.float32)
        flaws = np.zeros((len(members), leads, count if flawed else 0), np.uint8)
        for k, (bed, frame, skip) in enumerate(members):
            samples[k] = frame.samples[bed.ecg, skip:]
            if flawed:
                flaws[k] = flaws_of(frame)[bed.ecg, skip:]
            if channels:
                pulses[k] = gather.pulses(bed, frame, skip)
        beds = [member[0] for member in members]
        rows = np.array([bed.row for bed in beds], np.int64)
        scales = np.array([bed.scale for bed in beds])
        orders = np.array([bed.shape_order for bed in beds])
        out = self._room(len(members), count / how.rate_hz)
        advance_all(
            self._rows.states,
            rows,
            samples,
            flaws,
            scales,
            self._rows.limits,
            numbers(how),
            how.qrs_sos,
            how.monitor_sos,
            orders,
            pulses,
            gather.paces([(frame, skip) for _, frame, skip in members]),
            self._models,
            out,
        )
        self._gather(beds, out, found)

    def _room(self, beds: int, seconds: float) -> report.Out:
        per_bed = int(seconds * 6) + 8
        if beds * per_bed > len(self._out.beats):
            self._out = report.new_out(beds * per_bed, beds * per_bed * 3 + 2 * len(CODES), beds * per_bed)
        self._out.counts[:] = 0
        return self._out

    def _gather(self, beds: list[Bed], out: report.Out, found: Findings) -> None:
        """Turn the rows of a pass into values, bed by bed in the order in which they were decided."""
        _, changes, seconds, _ = report.whole(out).counts.tolist()
        told, ends = out.changes[:changes], out.seconds[:seconds]
        starts = np.concatenate(([0], np.cumsum(ends["beats"])))
        # a change at the sample that ends a second comes before that second
        keys = [(int(row["bed"]), int(row["decided"]), 0, k) for k, row in enumerate(told)]
        keys += [(int(row["bed"]), int(row["stop"]) - 1, 1, k) for k, row in enumerate(ends)]
        for (place, _, second), group in groupby(sorted(keys), itemgetter(0, 1, 2)):
            bed, rows = beds[place], [k for *_, k in group]
            for k in rows if second else ():
                self._second(bed, ends[k], out.beats[starts[k] : starts[k + 1]], found)
            if not second:
                gather.changes(bed, self._rows.states[bed.row], [told[k] for k in rows], found)

    def _second(self, bed: Bed, row: NDArray[np.void], beats: NDArray[np.void], found: Findings) -> None:
        found.trends.append(gather.trend(bed, row, gather.beats(beats)))
        found.triggers += episodes.release(bed.episodes, bed.place, int(row["stop"]) - 1)
        self._measure(bed, row, found)

    def _measure(self, bed: Bed, row: NDArray[np.void], found: Findings) -> None:
        if serial.due(bed, int(row["first"]), self._measure_every_s):
            serial.measure(bed, self._rows.states[bed.row], row, found)

    # checkpoints ------------------------------------------------------------------------------------------------

    def checkpoint(self, name: BedId) -> tuple[Checkpoint, bytes]:
        """What another worker needs to go on with this bed, and its bytes."""
        bed = self.beds[name]
        state = self._rows.states[bed.row]
        checkpoint = handover.written(bed, int(state["next"]))
        return checkpoint, encode_checkpoint(checkpoint, state)

    def resume(self, checkpoint: Checkpoint, state: NDArray[np.void] | None) -> Notice | None:
        """Take over a bed; a state of another layout is refused, the bed relearns, and a notice says so."""
        session = checkpoint.session
        self._contexts.setdefault(session.bed, checkpoint.context)
        bed = self.beds.get(session.bed) or self._new_bed(session)
        handover.take_up(bed, checkpoint)
        self._set_limits(bed)
        if state is not None:
            self._rows.states[bed.row] = state[0]
            return None
        self._know_nothing(bed, checkpoint.next)
        episodes.mark(bed.episodes, self._rows.states[bed.row])
        text = f"the checkpoint of bed {session.bed} is of another version of Vigil: the bed learns anew"
        return Notice("RELEARNING", "stream", Nanoseconds(bed.last_ns), text, session.bed, Level.LOW)

    def segment(self, name: BedId, trigger: Trigger) -> Segment:
        """The last ten seconds of a bed, for a trigger that asks for them; where a red alarm is open they are a part of it."""
        bed = self.beds[name]
        state = self._rows.states[bed.row]
        return gather.asked(bed, state, episodes.during(trigger, bed.episodes, state["beats"] > 0))

    def state(self, name: BedId) -> NDArray[np.void]:
        """What is carried of a bed, a view; for looking, not for writing."""
        found: NDArray[np.void] = self._rows.states[self.beds[name].row]
        return found

    def forget(self, name: BedId) -> None:
        """Let another worker have the bed."""
        if name in self._lost:
            del self._lost[name]
        bed = self.beds.pop(name, None)
        if bed is not None:
            self._rows.give_back(bed.row)

    def begin_anew(self, frame: Frame, found: Findings) -> None:
        """Trust nothing that is held of the bed of a frame that cannot be analysed: its alarms end, its counts stay."""
        name = frame.session.bed
        was = self.beds.get(name)
        if was is None or was.session.id != frame.session.id:
            return
        self._close_episodes(was, found)
        self.forget(name)
        self._lost[name] = (was.past.plus(was.counted), was.closed, was.overtaken)
        text = f"a frame of bed {name} cannot be analysed: the bed learns anew"
        found.notices.append(Notice("RELEARNING", "stream", Nanoseconds(frame.start_ns), text, name, Level.LOW))
        if was.frames > 1:
            # behind the first frame of a session not even its index can be trusted: the next one opens it
            bed = self._new_bed(was.session)
            bed.anchor, bed.last_ns, bed.sent_ns, bed.rivals = was.anchor, was.last_ns, was.sent_ns, was.rivals
            bed.resumed_at = frame.after
            self._know_nothing(bed, frame.after)

    def next_sample(self, name: BedId) -> int:
        """Index of the first sample of the bed that is not analysed yet."""
        return int(self._rows.states[self.beds[name].row]["next"])
