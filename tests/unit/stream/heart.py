"""A bed whose beats a test writes by hand, with the rules over them: the state as the signal path leaves it."""

from __future__ import annotations

import numpy as np

from ingest.bed import BedContext, PatientClass
from ingest.frame import BedId
from stream import report
from stream.catalogue import CODES, Code
from stream.classify import NORMAL, VENTRICULAR
from stream.ectopy import ectopy, watch_runs
from stream.pacer import take_paces, watch_pacer
from stream.policy import Policy
from stream.state import BEATS, new_states
from stream.technical import leads, technical
from stream.timing import timing, watch_evenness

RATE, SHAPE_HZ = 500.0, 125.0
TICK = 125


class Heart:
    """Beats and seconds of one bed; `raised` holds the codes that began, in order."""

    def __init__(self, who: PatientClass = PatientClass.ADULT, policy: Policy | None = None, paced: bool | None = None):
        self.states = new_states(1)
        self.s = self.states[0]
        context = BedContext(BedId("b"), patient_class=who, paced=paced)
        self.limits = report.limits_of(policy or Policy(), context)[0]
        self.paced = paced is True
        self.out = report.new_out(1, 4000, 1)
        self.n = 0
        self.s["learned"], self.s["leads"] = 1, 2
        self.s["quality"][:2], self.s["weight"][:2], self.s["level"][:2] = 1, (0.6, 0.4), 0.1
        self.s["high"][:2] = 1.0
        shapes = np.random.default_rng(1).standard_normal(self.s["forms"].shape)
        self.s["forms"][:] = shapes
        self.s["form_beats"][:] = 9

    @property
    def raised(self) -> list[Code]:
        return [CODES[row["code"]] for row in self.changes() if row["phase"] == report.ONSET]

    @property
    def ended(self) -> list[Code]:
        return [CODES[row["code"]] for row in self.changes() if row["phase"] == report.OFFSET]

    def changes(self) -> np.ndarray:
        """What was reported, in order: rows of CHANGE_OUT."""
        return self.out.changes[: self.out.counts[1]]

    def active(self, code: Code) -> bool:
        return bool(self.s["active"][CODES.index(code)])

    def set(self, code: Code, active: bool = True) -> None:
        """What a rule that is not under test has decided."""
        self.s["active"][CODES.index(code)] = active

    def beat(self, letter: str, rr_s: float, form: int | None = None) -> None:
        """One beat behind the last: N or V; ticks run until then."""
        s = self.s
        usual = float(s["usual_rr"])
        self.rest(rr_s)
        slot = int(s["beats"]) % BEATS
        s["beat_at"][slot] = self.n
        s["beat_rr"][slot] = rr_s * RATE if s["beats"] else 0.0
        s["beat_kind"][slot] = VENTRICULAR if letter == "V" else NORMAL
        s["form_last"] = (1 if letter == "V" else 0) if form is None else form
        s["beats"] += 1
        s["last_beat"] = self.n
        s["run"] = s["run"] + 1 if letter == "V" else 0
        if letter == "N" and usual == 0.0:
            s["usual_rr"] = 0.8 * RATE
        timing(s, self.n, usual, self.paced, RATE, self.limits, self.out)
        ectopy(s, self.n, RATE, SHAPE_HZ, self.limits, self.out)

    def play(self, beats: str, rr_s: float = 0.8, **at: float) -> Heart:
        """Beats in a row, each `rr_s` behind the last; at: other distances by letter (V=0.5)."""
        for letter in beats:
            self.beat(letter, at.get(letter, rr_s))
        return self

    def rest(self, seconds: float) -> Heart:
        """Time passes; four ticks a second, at whole multiples of a quarter."""
        stop = self.n + round(seconds * RATE)
        for n in range(self.n - self.n % TICK + TICK, stop + 1, TICK):
            self.tick(n)
        self.n = stop
        return self

    def tick(self, n: int) -> None:
        self.s["next"] = n + 1
        watch_runs(self.s, n, RATE, self.limits, self.out)
        watch_pacer(self.s, n, RATE, self.limits, self.out)
        report.end_moments(self.s, n, RATE, self.out)
        leads(self.s, n, RATE, self.limits, self.out)
        if n % (4 * TICK) == 0:
            watch_evenness(self.s, n, RATE, self.limits, self.out)
            technical(self.s, n, RATE, self.limits, self.out)

    def pace(self) -> None:
        """A pulse at this moment."""
        take_paces(self.s, self.n, np.array([self.n]), 0)
