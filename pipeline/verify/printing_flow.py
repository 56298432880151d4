"""Checks a print file's moves against the printer and the filament, and estimates its time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.finding import Finding, Gate
from model.tooling import Filament, Printer
from pipeline.verify.readers.fdm import PrintText

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NOZZLE_TOL_C = 10.0
BED_TOL_C = 5.0
RETRACT_TOL_MM = 0.02
BELOW_BED_MM = 1e-6


@dataclass(frozen=True, slots=True)
class Track:
    """The moves as columns. ``start`` and ``end`` (n, 3) mm; ``length_mm`` in space.

    ``drawn`` marks beads: fed while moving level.
    """

    line: NDArray[np.int64]
    start: Array
    end: Array
    fed_mm: Array
    feed_mm_min: Array
    nozzle_c: Array
    target_c: Array
    bed_c: Array
    length_mm: Array
    drawn: Mask


def track(text: PrintText) -> Track:
    """The reader's moves as numpy columns, each with its start."""
    m = text.moves
    end = np.column_stack([np.array(a, dtype=np.float64) for a in (m.x, m.y, m.z)])
    start = np.vstack([np.full((1, 3), np.nan), end[:-1]])[: len(end)]
    fed = np.array(m.e, dtype=np.float64)
    level = np.hypot(*(end - start)[:, :2].T)
    return Track(
        np.array(m.line, dtype=np.int64),
        start,
        end,
        fed,
        np.array(m.f, dtype=np.float64),
        np.array(m.nozzle_c, dtype=np.float64),
        np.array(m.target_c, dtype=np.float64),
        np.array(m.bed_c, dtype=np.float64),
        np.linalg.norm(end - start, axis=1),
        (fed > 0) & ~(level <= 0),
    )


def finding(code: str, t: Track, bad: Mask, message: str, value: Array, limit: float) -> tuple[Finding, ...]:
    """One finding for all ``bad`` moves: how many, the first one's line and place, and the worst value."""
    if not bad.any():
        return ()
    first = int(np.flatnonzero(bad)[0])
    worst = np.abs(value[bad])
    peak = round(float(np.nanmax(worst)), 6) if np.isfinite(worst).any() else None
    place = f"line {t.line[first]}" + _at(t.end[first])
    return (Finding(f"verify.print.{code}", f"{message}; {int(bad.sum())} moves", place, peak, limit),)


def gate(
    name: str,
    detail: str,
    findings: tuple[Finding, ...],
    value: float | None = None,
    limit: float | None = None,
    unit: str = "",
) -> Gate:
    """A gate that passes when nothing was found."""
    shown = None if value is None or not math.isfinite(value) else round(value, 6)
    return Gate(name, "fail" if findings else "pass", detail, shown, limit, unit, findings)


def heat(text: PrintText, t: Track, printer: Printer, filament: Filament) -> Gate:
    """Bed and nozzle are told, waited for, and within the filament's range whenever filament moves."""
    low = min(filament.nozzle_c, filament.first_layer_nozzle_c) - NOZZLE_TOL_C
    high = min(max(filament.nozzle_c, filament.first_layer_nozzle_c) + NOZZLE_TOL_C, printer.max_nozzle_c)
    feeds = t.fed_mm != 0
    cold = feeds & (t.nozzle_c < low)
    hot = feeds & (t.target_c > high)
    findings = finding(
        "cold-extrusion", t, cold, f"filament moves before the nozzle has surely reached {low:g} C", t.nozzle_c, low
    )
    findings += finding("too-hot", t, hot, f"filament moves at a nozzle told more than {high:g} C", t.target_c, high)
    bed_low = filament.bed_c - BED_TOL_C
    findings += finding(
        "cold-bed",
        t,
        t.drawn & (t.bed_c < bed_low),
        f"prints before the bed has surely reached {bed_low:g} C",
        t.bed_c,
        bed_low,
    )
    for h in text.heats:
        limit = printer.max_nozzle_c if h.what == "nozzle" else printer.max_bed_c
        if not 0 <= h.c <= limit:
            message = f"the {h.what} is told {h.c:g} C, the printer allows {limit:g} C"
            findings += (Finding("verify.print.temperature", message, f"line {h.line}", h.c, limit),)
    peak = max((h.c for h in text.heats if h.what == "nozzle"), default=0.0)
    return gate(
        "temperatures",
        f"nozzle {low:g} to {high:g} C and bed from {bed_low:g} C, waited for",
        findings,
        peak,
        high,
        "C",
    )


def bounds(t: Track, printer: Printer, bead_mm: float) -> Gate:
    """Every move ends on the bed and below the top; beads, skirt included, lie wholly on the bed."""
    room = np.array([printer.bed_x_mm, printer.bed_y_mm, printer.height_mm])
    over = np.fmax(-t.end - BELOW_BED_MM, t.end - room)
    beads = t.drawn[:, None] & np.array([True, True, False])
    over = np.where(beads, over + bead_mm / 2, over)
    worst = np.nan_to_num(over, nan=-np.inf).max(axis=1) if len(over) else np.zeros(0)
    findings = finding(
        "out-of-bounds", t, worst > 0, f"leaves the bed of {room[0]:g} x {room[1]:g} x {room[2]:g} mm", worst, 0.0
    )
    lost = (t.fed_mm > 0) & t.drawn & (np.isnan(t.start).any(axis=1) | np.isnan(t.end).any(axis=1))
    findings += finding("unknown-position", t, lost, "prints from a place no line has told", t.fed_mm, 0.0)
    findings += finding("below-bed", t, t.drawn & ~(t.end[:, 2] > 0), "prints at or below the bed", t.end[:, 2], 0.0)
    peak = float(worst.max()) if len(worst) else 0.0
    return gate("inside the printer", "farthest any move goes beyond the printer's room", findings, peak, 0.0, "mm")


def speeds(t: Track, printer: Printer, filament: Filament) -> tuple[Gate, Gate, float]:
    """Feeds within the printer's limit and melted volume within the filament's; with the greatest flow (mm3/s)."""
    limit = printer.max_feed_mm_s
    feed = t.feed_mm_min / 60
    moving = (t.length_mm > 0) | (t.fed_mm != 0)
    findings = finding("feed-missing", t, moving & ~(feed > 0), "moves before a feed is set", feed, 0.0)
    findings += finding(
        "too-fast", t, moving & (feed > limit + 1e-6), f"faster than the printer's {limit:g} mm/s", feed, limit
    )
    upward = np.abs(t.end[:, 2] - t.start[:, 2])
    with np.errstate(divide="ignore", invalid="ignore"):
        climb = feed * np.where(t.length_mm > 0, upward / t.length_mm, 1.0)
        flow = np.where(t.drawn, t.fed_mm * _bore(filament) * feed / t.length_mm, 0.0)
    steep = (upward > 0) & (climb > printer.max_z_speed_mm_s + 1e-6)
    findings += finding(
        "too-fast",
        t,
        steep,
        f"Z faster than the printer's {printer.max_z_speed_mm_s:g} mm/s",
        climb,
        printer.max_z_speed_mm_s,
    )
    top = float(np.nanmax(feed[moving])) if moving.any() else 0.0
    fast = gate("speeds", "greatest feed", findings, top, limit, "mm/s")
    over = np.nan_to_num(flow) > filament.max_flow_mm3_s
    peak = float(np.nanmax(flow)) if len(flow) else 0.0
    melted = finding(
        "flow",
        t,
        over,
        f"melts more than the filament's {filament.max_flow_mm3_s:g} mm3/s",
        flow,
        filament.max_flow_mm3_s,
    )
    return fast, gate("melt flow", "greatest flow in one move", melted, peak, filament.max_flow_mm3_s, "mm3/s"), peak


def retraction(t: Track, printer: Printer) -> Gate:
    """What is drawn back is given back before the next bead, never more, and never more than the extruder's length."""
    still = np.where(t.drawn, 0.0, -t.fed_mm)
    back = np.cumsum(still) if len(still) else np.zeros(0)
    findings = finding(
        "retracted", t, t.drawn & (back > RETRACT_TOL_MM), "prints while filament is drawn back", back, RETRACT_TOL_MM
    )
    findings += finding("blob", t, back < -RETRACT_TOL_MM, "pushes filament out without moving", back, RETRACT_TOL_MM)
    most = printer.retract_mm + RETRACT_TOL_MM
    findings += finding("retracted", t, back > most, f"draws back more than {printer.retract_mm:g} mm", back, most)
    drawing = t.drawn | (t.fed_mm <= 0) | ~(t.length_mm > 0)
    findings += finding("feeds-upward", t, ~drawing, "feeds filament while only Z moves", t.fed_mm, 0.0)
    peak = float(np.abs(back).max()) if len(back) else 0.0
    return gate("retraction", "most filament drawn back at once", findings, peak, most, "mm")


def end_state(text: PrintText, t: Track) -> Gate:
    """After the last bead: both heaters off, fan off, nozzle clear of the part, motors off."""
    findings: list[Finding] = []
    for what in ("nozzle", "bed"):
        last = next((h for h in reversed(text.heats) if h.what == what), None)
        if last is None or last.c > 0:
            told = 0.0 if last is None else last.c
            place = "end" if last is None else f"line {last.line}"
            findings.append(
                Finding("verify.print.heater-on", f"the {what} is left at {told:g} C at the end", place, told, 0.0)
            )
    if not text.motors_off:
        findings.append(Finding("verify.print.motors-on", "the motors are left on at the end (M84)", "end"))
    if not text.fan_off:
        findings.append(Finding("verify.print.fan-on", "the fan is left on at the end (M107)", "end"))
    beads = np.flatnonzero(t.drawn)
    if len(beads) and not t.end[-1, 2] > t.end[beads, 2].max():
        findings.append(
            Finding(
                "verify.print.not-clear", "the nozzle is not lifted off the part at the end", "end", float(t.end[-1, 2])
            )
        )
    if not len(beads):
        findings.append(Finding("verify.print.empty", "the file prints nothing", "whole file"))
    return gate("end state", "heaters, fan and motors off, nozzle lifted", tuple(findings))


def seconds(t: Track, printer: Printer) -> float:
    """Time with acceleration (s): trapezoids between the speeds corners allow, looking ahead to the end of the file.

    A corner keeps v = min(feeds, corner speed / |change of direction|): the classic jerk rule. Filament moves
    without travel take their length at their feed. Homing and heating are not counted.
    """
    a, jerk = printer.acceleration_mm_s2, printer.corner_speed_mm_s
    feed = t.feed_mm_min / 60
    moving = (t.length_mm > 0) & (feed > 0)
    idle = ~moving & (feed > 0)
    total = float((np.abs(t.fed_mm[idle]) / feed[idle]).sum())
    rows = np.flatnonzero(moving)
    if not len(rows):
        return total
    length, top = t.length_mm[rows], np.minimum(feed[rows], printer.max_feed_mm_s)
    way = (t.end[rows] - t.start[rows]) / length[:, None]
    change = np.linalg.norm(way[1:] - way[:-1], axis=1)
    joined = np.diff(rows) == 1
    corner = np.minimum(np.minimum(top[1:], top[:-1]), jerk / np.maximum(change, 1e-9))
    speed = [0.0, *np.where(joined, corner, 0.0).tolist(), 0.0]
    reach = (2 * a * length).tolist()
    for i in range(len(reach) - 1, -1, -1):
        speed[i] = min(speed[i], math.sqrt(speed[i + 1] ** 2 + reach[i]))
    for i, r in enumerate(reach):
        speed[i + 1] = min(speed[i + 1], math.sqrt(speed[i] ** 2 + r))
    v0, v1 = np.array(speed[:-1]), np.array(speed[1:])
    peak = np.minimum(top, np.sqrt(np.maximum((2 * a * length + v0**2 + v1**2) / 2, 0)))
    ramps = np.maximum(2 * peak - v0 - v1, 0) / a
    cruise = np.maximum(length - (2 * peak**2 - v0**2 - v1**2) / (2 * a), 0) / peak
    return total + float((ramps + cruise).sum())


def _bore(filament: Filament) -> float:
    return math.pi * filament.diameter_mm**2 / 4


def _at(point: Array) -> str:
    x, y, z = (float(v) for v in point)
    return "" if not math.isfinite(x + y + z) else f" at X{x:.2f} Y{y:.2f} Z{z:.2f}"
