"""Methods for engravings: strokes with a tool as wide as the groove, regions carved with a pointed one."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from geometry.regions import bounds, fit, flatten, offset, stroke_area
from model.errors import CapabilityError
from model.feature import EngravedStrokes, Pocket, VCarving
from model.finding import Finding
from model.plan import Operation
from model.tooling import Assembly
from pipeline.plan.methods.clearing import clear_and_lap
from pipeline.plan.methods.common import RINGS, STEPOVER, operation
from pipeline.plan.tools import FLAT_DEG, STICK_OUT_SPARE_MM, Bench, cut_rough, end_mills, pick_engraver, reaches
from pipeline.plan.why import restated

if TYPE_CHECKING:
    from manifold3d import CrossSection

BLUNT_MM = 0.05
"""Where walls meet a flat tip may leave so much."""
MOST_OF_FLOOR = 0.9
LEFT_MM2 = 0.02


def engraving(bench: Bench, e: EngravedStrokes) -> list[Operation]:
    """Follow the strokes with a tool exactly as wide as the groove; where there is none, clear it with finer mills.

    Raises:
        CapabilityError: There is no such tool, and no mill fine enough for a pocket.
    """
    try:
        a = pick_engraver(bench, e)
    except CapabilityError as error:
        bottom, floor = e.top_z_mm - e.depth_mm, fit(stroke_area(e.strokes, e.width_mm))
        with suppress(CapabilityError):
            well = Pocket(e.id, e.top_z_mm, bottom, floor, e.width_mm / 2)
            return clear_and_lap(bench, well, e.width_mm / 2, e.top_z_mm, bottom)
        raise error from None
    cut = cut_rough(bench, a, e.depth_mm, e.width_mm, "engrave")
    return [operation(bench, "strokes", "engrave", e, a, cut, e.top_z_mm, e.top_z_mm - e.depth_mm)]


def carving(bench: Bench, e: VCarving) -> list[Operation]:
    """Carve with the sharpest tool of the walls' angle; where it meets the depth's limit, an end mill clears the floor.

    Raises:
        CapabilityError: There is no tool of that angle as wide as the carving.
    """
    floor = offset(flatten(e.region), -e.depth_mm * math.tan(math.radians(e.point_angle_deg / 2)))
    return [*([] if floor.is_empty() else _floor(bench, e, floor)), carved(bench, e)]


def carved(bench: Bench, e: VCarving) -> Operation:
    """The sloping walls alone.

    Raises:
        CapabilityError: There is no tool of that angle as wide as the carving.
    """
    slope = math.tan(math.radians(e.point_angle_deg / 2))
    area = flatten(e.region)
    widest = min(e.depth_mm * slope, _inradius(area))
    fits = [
        a for a in bench.machine.tools
        if _plunges(a) and abs(a.tool.point_angle_deg - e.point_angle_deg) < 1e-6
        and a.tool.tip_diameter_mm / 2 <= BLUNT_MM * slope + 1e-9
        and a.tool.diameter_mm / 2 >= widest + a.tool.tip_diameter_mm / 2
        and a.stick_out_mm >= bench.levels.top_mm - e.top_z_mm + e.depth_mm + STICK_OUT_SPARE_MM
    ]  # fmt: skip
    if not fits:
        pointed = [a.tool for a in bench.machine.tools if _plunges(a)]
        have = ", ".join(f"{t.id} ({t.point_angle_deg:g} degrees, tip {t.tip_diameter_mm:g} mm)" for t in pointed)
        x0, y0, x1, y1 = bounds(e.region)
        msg = (
            f"{e.id}, a V groove of {e.point_angle_deg:g} degrees, needs a pointed tool of that angle {2 * widest:.2f} "
            f"mm wide, its tip at most {2 * BLUNT_MM * slope:.2f} mm; {bench.machine.id} has: {have or 'none'}"
        )
        place = f"{e.id} around x {(x0 + x1) / 2:.2f}, y {(y0 + y1) / 2:.2f} mm"
        raise CapabilityError(
            "plan.no-tool", msg, place=place, value=round(2 * widest, 3), limit=e.point_angle_deg,
            hint=f"Add such a tool to {bench.machine.id}'s crib, or carve less deep.",
        )  # fmt: skip
    a = min(fits, key=lambda a: (a.tool.tip_diameter_mm, a.tool.diameter_mm, a.number))
    flat = a.tool.tip_diameter_mm / 2
    depth = min(e.depth_mm, (_inradius(area) - flat) / slope)
    if depth <= 0:
        msg = f"{e.id} is narrower than the {2 * flat:g} mm flat of {a.tool.id}"
        raise CapabilityError("plan.no-tool", msg, place=e.id, value=2 * flat, hint="Add a sharper tool.")
    bottom = e.top_z_mm - depth
    cut = cut_rough(bench, a, depth, min(flat + depth * slope, a.tool.diameter_mm), "engrave")
    return operation(bench, "carve", "vcarve", e, a, cut, e.top_z_mm, bottom)


def _plunges(a: Assembly) -> bool:
    """True for pointed tools that cut at their middle."""
    return a.tool.kind in ("chamfer-mill", "engraver") and a.tool.point_angle_deg < FLAT_DEG and a.tool.centre_cutting


def _inradius(area: CrossSection) -> float:
    """The radius of the largest disc inside an area, by halving."""
    low, high = 0.0, 1000.0
    while high - low > 1e-4:
        mid = (low + high) / 2
        low, high = (low, mid) if offset(area, -mid, 0.01).is_empty() else (mid, high)
    return low


def _floor(bench: Bench, e: VCarving, floor: CrossSection) -> list[Operation]:
    """Clear the flat floor with the stiffest end mill that reaches most of it; what stays in its corners is told."""
    bottom = e.top_z_mm - e.depth_mm
    mills = [a for a in end_mills(bench.machine) if reaches(bench, a, bottom, e.depth_mm)]
    covers = {a.number: offset(offset(floor, -a.tool.diameter_mm / 2), a.tool.diameter_mm / 2).area() for a in mills}
    best = max(covers.values(), default=0.0)
    place = Finding(
        "plan.carving-floor", f"{e.id}: no end mill fits onto its floor, which stays up between the walls",
        place=e.id, value=round(floor.area(), 3), severity="note", hint="Carve deeper, or add a finer end mill.",
    )  # fmt: skip
    if best <= 0:
        bench.unreachable.append(place)
        return []
    good = [a for a in mills if covers[a.number] >= MOST_OF_FLOOR * best]
    a = max(good, key=lambda a: (a.tool.diameter_mm, -a.number))
    left = floor.area() - covers[a.number]
    if left > LEFT_MM2:
        words = f"{e.id}: {left:.2f} mm2 of its floor lie in corners finer than {a.tool.id}"
        bench.unreachable.append(replace(place, message=words, value=round(left, 3)))
    well = Pocket(f"{e.id}-floor", e.top_z_mm, bottom, fit(floor), 0.0)
    rough = cut_rough(bench, a, e.depth_mm, a.tool.diameter_mm, "slot")
    clear = operation(
        bench,
        "clear",
        "pocket",
        well,
        a,
        restated(rough, RINGS, ae_mm=STEPOVER * a.tool.diameter_mm),
        e.top_z_mm,
        bottom,
    )
    around = offset(floor, 2 * a.tool.diameter_mm) - floor
    return [replace(clear, keep_out=fit(around))]
