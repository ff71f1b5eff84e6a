"""How far a number may be from the measured one and still agree; docs/claims.md repeats this table."""

from __future__ import annotations

from dataclasses import dataclass

_IEC = "IEC 60601-2-51: mean error allowed for this interval"
_HR = "half of what IEC 60601-2-27 allows a monitor (10 % or 5 /min)"
_MM = "half a millimetre of paper, what a reader can tell; IEC 60601-2-51 allows 5 % above 0.5 mV"

_MOMENT = "less than the time between two beats; a reader tells tenths of a second"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The greater of a fixed and a relative part."""

    fixed: float
    """In the unit of the measure."""
    share: float
    unit: str
    """UCUM."""
    source: str

    def of(self, measured: float) -> float:
        """What is allowed around this measured value."""
        return max(self.fixed, self.share * abs(measured))


TOLERANCES: dict[str, Tolerance] = {
    "heart rate": Tolerance(3.0, 0.05, "/min", _HR),
    "RR interval": Tolerance(20.0, 0.05, "ms", _HR),
    "RR standard deviation": Tolerance(10.0, 0.2, "ms", "the sample interval of ten beats"),
    "RR spread": Tolerance(5.0, 0.2, "ms", "the sample interval of ten beats"),
    **{
        f"moment of {name}": Tolerance(300.0, 0.0, "ms", _MOMENT)
        for name in ("a ventricular beat", "a supraventricular beat", "an early beat", "a pause")
    },
    "P duration": Tolerance(10.0, 0.0, "ms", _IEC),
    "PR interval": Tolerance(10.0, 0.0, "ms", _IEC),
    "QRS duration": Tolerance(10.0, 0.0, "ms", _IEC),
    "QT interval": Tolerance(25.0, 0.0, "ms", _IEC),
    "QTc": Tolerance(25.0, 0.0, "ms", _IEC),
    "QRS axis": Tolerance(10.0, 0.0, "deg", "a third of the step between neighbouring limb leads"),
    "Q duration": Tolerance(10.0, 0.0, "ms", "the QRS onset's share of the QRS tolerance"),
    "P amplitude": Tolerance(0.05, 0.1, "mV", _MM),
    "Q amplitude": Tolerance(0.05, 0.1, "mV", _MM),
    "R amplitude": Tolerance(0.05, 0.1, "mV", _MM),
    "S amplitude": Tolerance(0.05, 0.1, "mV", _MM),
    "T amplitude": Tolerance(0.05, 0.1, "mV", _MM),
    "QRS amplitude": Tolerance(0.05, 0.1, "mV", _MM),
    "ST level": Tolerance(0.05, 0.0, "mV", _MM),
    "Sokolow-Lyon voltage": Tolerance(0.1, 0.1, "mV", _MM),
    "Cornell voltage": Tolerance(0.1, 0.1, "mV", _MM),
    "R I + S III voltage": Tolerance(0.1, 0.1, "mV", _MM),
    "R/S ratio": Tolerance(0.1, 0.2, "1", "10 % of each of two amplitudes"),
    "sum of two waves": Tolerance(0.1, 0.1, "mV", _MM),
    "ventricular beats": Tolerance(0.0, 0.0, "beats", "counted"),
}
"""By measure. Tolerances are added to nothing: a text that says `about` gets no more room."""

EDGE = {"ms": 2.0, "mV": 0.01, "/min": 0.5, "deg": 1.0, "beats": 0.0, "1": 0.05}
"""Room of `less than` and `more than`: one sample, one step of what is shown."""

NEAR = {"ms": 0.0, "mV": 0.1, "/min": 0.0, "deg": 90.0, "beats": 1.0, "1": 0.5}
"""How far the nearer end of a bound or range may lie from the measured value, whatever that is: values of mV and deg lie around zero."""
SPAN, SPAN_DEG = 2.5, 120.0
"""The widest range: upper end over lower end, and degrees."""


CLOSE, CLOSE_BY = 0.15, {"ms": 10.0, "mV": 0.15, "/min": 5.0, "deg": 15.0, "beats": 0.0, "1": 0.2}
"""How far a value may lie from a bound that it is said to be close to: that part of it, or so much (our own)."""


def is_far(measured: float, ends: tuple[float, float], unit: str) -> bool:
    """Whether a value is not close to a bound: 72 is not `just under 100`."""
    near = min(ends, key=lambda end: abs(end - measured))
    return abs(near - measured) > max(CLOSE * abs(near), CLOSE_BY[unit])


def says_nothing(measured: float, ends: tuple[float, float], unit: str) -> bool:
    """Whether a bound (both ends the same) or range holds so much that it tells nothing of the measured value.

    The nearer end lies within half of the greater of itself and the value, and a range spans at most a factor of 2.5.
    """
    near = min(ends, key=lambda end: abs(end - measured))
    if abs(near - measured) > max(NEAR[unit], 0.5 * max(abs(near), abs(measured))):
        return True
    if ends[0] == ends[1]:
        return False
    if unit == "deg":
        return ends[1] - ends[0] > SPAN_DEG
    low, high = sorted(abs(end) for end in ends)
    return ends[0] * ends[1] <= 0 or high > SPAN * low
