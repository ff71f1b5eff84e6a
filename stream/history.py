"""What is carried of one bed from measurement to measurement; part of its checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stream.catalogue import Code
from stream.conduction import Conduction
from stream.repolarisation import Repolarisation

NEW_BLOCK = "a new bundle branch block changes ST and QT"
_CHANGED = (Code.STE, Code.ST_MULTI, Code.ST_HIGH, Code.ST_LOW, Code.QTC_HIGH, Code.DQTC_HIGH)


@dataclass(frozen=True, slots=True)
class Serial:
    """Successive measurements of one bed, compared."""

    repolarisation: Repolarisation = field(default_factory=Repolarisation)
    conduction: Conduction = field(default_factory=Conduction)

    def interrupted(self) -> Serial:
        """Behind a gap, or in another session of the same patient: the baselines stay, all else begins anew."""
        return Serial(self.repolarisation.interrupted(), self.conduction.interrupted())

    @property
    def withheld(self) -> Mapping[Code, str]:
        """Codes that must not be announced, and why."""
        return dict.fromkeys(_CHANGED, NEW_BLOCK) if self.conduction.new_block else {}
