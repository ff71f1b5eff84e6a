"""`vigil score claims --texts FILE`: texts of others' making, one JSON object a line.

A line holds `text`, `measurements` (or `record`, the path of a recording), `altered` (true or false) and, of an altered
text, `kind`. `measurements` is the object of the wire, or a short one: numbers in place of estimates, leads by name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import msgspec

from engine.claims.basis import Basis
from infra.plan import BadRequest
from ingest.frame import LEADS
from stream.measurement import Beat, BeatKind, Estimate, LeadMeasurements, Measurements, Quality

_ALIASES = {
    "hr": "rate_bpm", "heart_rate": "rate_bpm", "rate": "rate_bpm", "heart_rate_bpm": "rate_bpm", "rr": "rr_ms", "pr": "pr_ms",
    "qrs": "qrs_ms", "qt": "qt_ms", "p": "p_ms", "axis": "axis_deg", "qtc": "qtc_bazett_ms", "qtcb": "qtc_bazett_ms",
    "qtcf": "qtc_fridericia_ms", "qtc_ms": "qtc_bazett_ms",
}  # fmt: skip
_ESTIMATES = {"rate_bpm": "/min", "rr_ms": "ms", "p_ms": "ms", "pr_ms": "ms", "qrs_ms": "ms", "qt_ms": "ms"}
_NUMBERS = (
    "rr_sd_ms", "rr_rmssd_ms", "qtc_bazett_ms", "qtc_fridericia_ms", "qtc_framingham_ms", "qtc_hodges_ms", "axis_deg",
)  # fmt: skip
_BEATS = 10
"""Beats that a number without them is taken to rest on."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text of a file with what is known of it."""

    text: str
    basis: Basis
    altered: bool
    kind: str
    expected: tuple[dict[str, Any], ...] = ()


def read(path: str) -> list[Line]:
    """Lines of a file; raises BadRequest with one sentence that names the line."""
    try:
        rows = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "") or "it is not UTF-8 text"
        raise BadRequest(f"{path} cannot be read ({why}): name a file of JSON lines with --texts") from None
    found = [_line(path, number, row) for number, row in enumerate(rows, 1) if row.strip()]
    if not found:
        raise BadRequest(f"{path} holds no line: give one JSON object a line with text, measurements and altered")
    return found


def _line(path: str, number: int, row: str) -> Line:
    where = f"line {number} of {path}"
    try:
        told = json.loads(row)
    except ValueError as error:
        raise BadRequest(f"{where} is no JSON object: {error}") from None
    if not isinstance(told, dict) or not isinstance(told.get("text"), str):
        raise BadRequest(f'{where} has no "text": each line is an object with text, measurements and altered')
    if not isinstance(told.get("altered", False), bool):
        raise BadRequest(f'{where}: "altered" must be true or false')
    expected = told.get("expected") or []
    if not isinstance(expected, list) or not all(isinstance(one, dict) for one in expected):
        raise BadRequest(f'{where}: "expected" must be a list of objects')
    altered = told.get("altered", any(one.get("verdict") not in (None, "agree") for one in expected))
    return Line(told["text"], _basis(told, where), altered, str(told.get("kind") or "other"), tuple(expected))


def _basis(told: dict[str, Any], where: str) -> Basis:
    if isinstance(told.get("measurements"), dict):
        try:
            m = measurements(told["measurements"])
        except (ValueError, TypeError, AttributeError) as error:
            raise BadRequest(f"{where}: its measurements cannot be read: {error}") from None
        return Basis(m, tuple(lead.lead for lead in m.leads if lead.lead in LEADS))
    if isinstance(told.get("record"), str):
        return _recorded(told["record"], where)
    raise BadRequest(f'{where} has neither "measurements" nor "record"')


def _recorded(record: str, where: str) -> Basis:
    from ingest.open_recording import UnreadableRecording, read_recording
    from stream.offline import segment_at

    try:
        return Basis.of(segment_at(read_recording(record), None))
    except (UnreadableRecording, ValueError, OSError) as error:
        raise BadRequest(f"{where}: {record} cannot be measured: {error}") from None


def measurements(told: dict[str, Any]) -> Measurements:
    """From the object of the wire or a short one; raises ValueError where it is neither."""
    try:
        return msgspec.convert(told, Measurements)
    except msgspec.ValidationError:
        return _short({_ALIASES.get(str(k), str(k)): v for k, v in told.items()})


def _short(told: dict[str, Any]) -> Measurements:
    unknown = set(told) - {f.name for f in fields(Measurements)} - {"measured", "ventricular_beats"}
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} is no measurement")
    estimates = {name: _estimate(told.get(name), unit) for name, unit in _ESTIMATES.items()}
    numbers = {name: None if told.get(name) is None else float(told[name]) for name in _NUMBERS}
    if estimates["rr_ms"] is None and (rate := estimates["rate_bpm"]) is not None and rate.value > 0:
        estimates["rr_ms"] = Estimate(round(60000.0 / rate.value, 1), "ms", 0.0, _BEATS)
    _correct(numbers, estimates)
    leads = told.get("leads") or {}
    rows = leads.items() if isinstance(leads, dict) else [(str(one["lead"]), one) for one in leads]
    present = told.get("p_wave_present", True if estimates["pr_ms"] is not None else None)
    ventricular = int(told.get("ventricular_beats") or 0)
    beats = tuple(Beat(500 * (k + 1), BeatKind.VENTRICULAR) for k in range(ventricular))
    if isinstance(told.get("beats"), list):
        beats = msgspec.convert(told["beats"], tuple[Beat, ...])
    return Measurements(
        **cast(Any, estimates | numbers),
        p_wave_present=present,
        leads=tuple(_lead(name, row) for name, row in rows),
        beats=beats,
        reachable_hz=float(told.get("reachable_hz") or 150.0),
    )


def _correct(numbers: dict[str, float | None], estimates: dict[str, Estimate | None]) -> None:
    """QTc by Bazett and Fridericia where QT and the rate are told and neither is."""
    qt, rr = estimates["qt_ms"], estimates["rr_ms"]
    if qt is None or rr is None:
        return
    for name, power in (("qtc_bazett_ms", 1 / 2), ("qtc_fridericia_ms", 1 / 3)):
        if numbers[name] is None:
            numbers[name] = round(qt.value / (rr.value / 1000.0) ** power, 1)


def _estimate(value: Any, unit: str) -> Estimate | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return Estimate(
            float(value["value"]),
            str(value.get("unit") or unit),
            float(value.get("spread") or 0.0),
            int(value.get("beats") or _BEATS),
        )
    return Estimate(float(value), unit, 0.0, _BEATS)


def _lead(name: str, told: dict[str, Any]) -> LeadMeasurements:
    units = {
        f.name: "ms" if f.name.endswith("_ms") else "mV.ms" if "area" in f.name else "mV"
        for f in fields(LeadMeasurements)
    }
    unknown = set(told) - set(units)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} is no measurement of lead {name}")
    values = {k: _estimate(v, units[k]) for k, v in told.items() if k not in ("lead", "quality")}
    return LeadMeasurements(name, Quality(told.get("quality") or "good"), **values)
