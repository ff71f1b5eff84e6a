"""What measurements say to a finding: it may be said, it may be denied, both near a limit, neither where it cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.claims.basis import Basis
from ingest.frame import LEADS


@dataclass(frozen=True, slots=True)
class Opinion:
    """yes: the finding may be said; no: it may be denied. Near a limit both hold; where nothing can be told, neither."""

    yes: bool
    no: bool
    why: str = ""
    measure: str = ""
    value: float | None = None
    unit: str = ""
    limit: float | None = None
    """What the value is held against."""

    @property
    def known(self) -> bool:
        """Whether anything can be told."""
        return self.yes or self.no


def unknown(why: str) -> Opinion:
    """Nothing can be told."""
    return Opinion(False, False, why)


def above(measure: str, unit: str, value: float | None, limit: float, margin: float) -> Opinion:
    """Whether a value lies above a limit; within the margin both may be said."""
    if value is None:
        return unknown(f"{measure} is not known")
    return Opinion(
        value >= limit - margin,
        value <= limit + margin,
        f"{measure} {_said(value, unit)}, limit {_said(limit, unit)}",
        measure,
        value,
        unit,
        limit,
    )


def _said(value: float, unit: str) -> str:
    """A number with its unit; of a share two figures."""
    return f"{value:g} {unit}" if unit else f"{value:.2g}"


def below(measure: str, unit: str, value: float | None, limit: float, margin: float) -> Opinion:
    """Whether a value lies below a limit."""
    return denied(above(measure, unit, value, limit, margin))


def denied(opinion: Opinion) -> Opinion:
    """The opinion on the opposite."""
    return replace(opinion, yes=opinion.no, no=opinion.yes)


def both(*opinions: Opinion) -> Opinion:
    """The opinion on all of them together: one that fails is told before one that is not known."""
    failed = [o for o in opinions if o.no and not o.yes]
    if failed:
        return failed[0]
    blank = [o for o in opinions if not o.known]
    if blank:
        return blank[0]
    return replace(
        opinions[0], yes=True, no=any(o.no for o in opinions), why="; ".join(o.why for o in opinions if o.why)
    )


def either(*opinions: Opinion) -> Opinion:
    """The opinion on one of them at least."""
    return denied(both(*(denied(o) for o in opinions)))


Each = Callable[[Basis, str], Opinion]


def over_leads(
    basis: Basis, leads: Sequence[str], loose: bool, usual: Sequence[str], of: Each, rare: bool = True
) -> Opinion:
    """A finding of leads: of every one that is named, of two of a group, of any where none is named.

    usual: leads looked at where none is named. rare: the finding is an abnormality, which two leads make, so that it is
    denied of a group while fewer than two show it; otherwise it is the normal, which all but one show.
    """
    if loose and not rare and len(leads) == len(LEADS):
        leads = tuple(usual)  # `upright in most leads` does not speak of aVR
    asked = [lead for lead in (leads or usual) if basis.lead(lead) is not None]
    if not asked:
        return unknown(
            f"none of {', '.join(leads or usual)} was measured" if leads or usual else "no lead was measured"
        )
    told = [(lead, of(basis, lead)) for lead in asked]
    known = [(lead, o) for lead, o in told if o.known]
    if not known:
        lead, blank = told[0]
        return unknown(f"{lead}: {blank.why}")
    yes = [(lead, o) for lead, o in known if o.yes]
    sure = [(lead, o) for lead, o in known if o.yes and not o.no]
    firm = [(lead, o) for lead, o in known if o.no and not o.yes]
    if leads and not loose:
        return _of_all(told, yes, sure, firm)
    if rare:
        need = 1 if not leads else min(2, len(asked))
        shown = max(sure or yes or known, key=lambda one: abs(one[1].value or 0.0) if one[1].yes else 0.0)
        open_ = 0 < len(yes) < need <= len(yes) + len(told) - len(known)
        return _shown(shown, len(yes) >= need, len(sure) < 2 and not open_)
    shown = (firm or known)[0]
    return _shown(shown, len(firm) < 2, len(known) - len(sure) >= 1)


def _of_all(
    told: list[tuple[str, Opinion]],
    yes: list[tuple[str, Opinion]],
    sure: list[tuple[str, Opinion]],
    firm: list[tuple[str, Opinion]],
) -> Opinion:
    blank = [(lead, o) for lead, o in told if not o.known]
    if blank:
        shown = (firm or sure or blank)[0]
        return _shown(shown, False, False) if not firm else _shown(shown, False, True)
    shown = (firm or yes or told)[0]
    return _shown(shown, len(yes) == len(told), not sure if len(told) == 1 or sure else True)


def _shown(lead: tuple[str, Opinion], yes: bool, no: bool) -> Opinion:
    name, one = lead
    return replace(one, yes=yes, no=no, why=f"{name}: {one.why}")
