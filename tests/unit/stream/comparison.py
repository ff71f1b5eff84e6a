"""Measurements and their sequences, made by hand, for the alarms over successive measurements."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ingest.bed import BedContext
from ingest.frame import BedId
from stream import conduction, repolarisation
from stream.catalogue import Code
from stream.conduction import Conduction
from stream.episodes import Change
from stream.limits import ADULT, Limits
from stream.measurement import Estimate, LeadMeasurements, Measurements, Quality
from stream.repolarisation import Repolarisation
from stream.watch import Seen

RATE_HZ = 500.0
CONTEXT = BedContext(BedId("b"))


def mv(value: float, spread: float = 0.0, beats: int = 10) -> Estimate:
    """An amplitude."""
    return Estimate(value, "mV", spread, beats)


def ms(value: float, spread: float = 0.0, beats: int = 10) -> Estimate:
    """An interval."""
    return Estimate(value, "ms", spread, beats)


def lead(name: str, st_mm: float = 0.0, *, j_mm: float = 0.0, spread_mm: float = 0.0, area: float = 20.0):
    """A lead with ST at J+60 and J+80, and at J."""
    st, j = mv(st_mm / 10.0, spread_mm / 10.0), mv(j_mm / 10.0, spread_mm / 10.0)
    return LeadMeasurements(
        name, Quality.GOOD, mv(0.1), None, None, mv(1.0), None, mv(0.3), j, st, Estimate(area, "mV.ms", 0.0, 10), st
    )


PLAIN = tuple(lead(n, area=-20.0 if n in ("V1", "aVR") else 20.0) for n in ("I", "II", "III", "aVR", "aVL", "aVF"))
PLAIN += tuple(lead(n, area=-20.0 if n == "V1" else 20.0) for n in ("V1", "V2", "V3", "V4", "V5", "V6"))


def measured(*leads: LeadMeasurements, bpm: float = 70.0, qtc: float = 420.0, qrs: float = 90.0, spread: float = 0.0):
    """Ten seconds of twelve leads; those given take the place of the plain ones."""
    given = {m.lead: m for m in leads}
    named = tuple(given.pop(m.lead, m) for m in PLAIN) + tuple(given.values())
    return Measurements(
        Estimate(bpm, "/min", 0.0, 10), ms(60000.0 / bpm), 10.0, 10.0, True, ms(100.0), ms(160.0), ms(qrs, spread),
        ms(qtc * (60.0 / bpm) ** (1 / 3), spread), qtc, qtc, qtc, qtc, 40.0, named, (), 150.0,
    )  # fmt: skip


def seen(what: Measurements | None, at_s: float, rhythm: str = "regular", good: frozenset[str] | None = None) -> Seen:
    """What is measured of the ten seconds up to `at_s`."""
    leads = frozenset(m.lead for m in what.leads) if what is not None else frozenset()
    return Seen(what, "" if what else "a gap", leads if good is None else good, rhythm, round(at_s * RATE_HZ), RATE_HZ)


@dataclass
class Course:
    """A bed that is measured every so many seconds; what began and ended, each with its time in seconds."""

    every_s: float = 20.0
    limits: Limits = ADULT
    context: BedContext = CONTEXT
    invalid: str = ""
    at_s: float = 20.0
    st: Repolarisation = field(default_factory=Repolarisation)
    conduction: Conduction = field(default_factory=Conduction)
    told: list[tuple[float, Change]] = field(default_factory=list)

    def go(self, what: Measurements | None, seconds: float, change: Callable[[Seen], Seen] = lambda s: s, **how):
        """Measure the same for so long."""
        for _ in range(round(seconds / self.every_s)):
            now = change(seen(what, self.at_s, **how))
            self.st, some = repolarisation.advance(self.st, now, self.context, self.limits, self.invalid)
            self.conduction, more = conduction.advance(self.conduction, now, self.limits, self.context.baseline)
            self.told += [(self.at_s, c) for c in some + more]
            self.at_s += self.every_s
        return self

    def of(self, code: Code, begins: bool = True) -> list[tuple[float, Change]]:
        """When a code began, or ended."""
        return [(at, c) for at, c in self.told if c.code is code and c.begins == begins]

    @property
    def raised(self) -> set[Code]:
        """Codes that began."""
        return {c.code for _, c in self.told if c.begins}


def without(what: Measurements, *names: str) -> Measurements:
    """The same without these leads."""
    return replace(what, leads=tuple(m for m in what.leads if m.lead not in names))
