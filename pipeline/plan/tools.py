"""Picks tools from the machine's own crib, and says why one was taken or none fits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from geometry.regions import bounds, circle, flatten, offset
from model.design import Vector
from model.errors import CapabilityError
from model.feature import Cutout, EngravedStrokes, Feature, Hole, Pocket
from model.finding import Finding
from model.plan import CuttingData, Matrix
from model.region import Region
from model.tooling import Assembly, Machine, Material, Tool
from pipeline.plan.cutting import decide_depth, milling_data
from pipeline.plan.formulas import drill_tip_mm
from pipeline.plan.levels import Levels
from pipeline.plan.limits import CLAMPING, FREE, TILTING, Hold, Mode, width_in_hollow
from strategies._walls import LEADS

if TYPE_CHECKING:
    from manifold3d import CrossSection

STICK_OUT_SPARE_MM = 1.0
"""The holder's nose stays at least this far above the highest material."""

BESIDE_SPARE_MM = 1.0
"""And as far beside what stands higher."""

AXIS_MM = 0.02
SAME_DIAMETER_MM = 0.006
FLAT_DEG = 180.0

LEAST_RUN_MM = 0.05
"""Where a tool hardly moves it is taken to move so far."""

REAM_LEAVE_MM = 0.22
"""Left on the diameter for a reamer (0.008 to 0.012 inch for 4 to 7 mm)."""


@dataclass(frozen=True)
class Bench:
    """Where features become operations: one machine, one material, one setup's heights and blank.

    ``through_mm`` is how far through-cuts go below the part's bottom, ``below_mm`` how far any tool may.
    ``fine_floors``: pocket floors get a thin last cut of their own. ``to_setup`` moves the part into its frame.
    ``hold`` is what the jaws bear of a cut from the height where the feature at hand begins. ``zero_mm`` is where the
    part's zero lies in the customer's file. ``feature`` is the one at hand.
    """

    machine: Machine
    material: Material
    levels: Levels
    stock_top_mm: float
    stock_outline: Region
    clearance_mm: float
    through_mm: float
    through_tip_mm: float
    unreachable: list[Finding] = field(default_factory=list)
    below_mm: float = 3.0
    fine_floors: bool = False
    to_setup: Matrix = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))
    hold: Hold = FREE
    zero_mm: Vector = (0.0, 0.0, 0.0)
    feature: Feature | None = None

    @property
    def link_mm_min(self) -> float:
        """How fast a tool moves through space already cleared: as fast as the machine feeds, no faster than it goes."""
        return min(self.machine.max_feed_mm_min, *(x.rapid_mm_min for x in self.machine.axes))


def end_mills(machine: Machine, *, rounded: bool = False) -> list[Assembly]:
    """The end mills of a crib that leave floor and wall square; ``rounded``: bull-nose ones too."""
    return [a for a in machine.tools if a.tool.kind == "end-mill" and (rounded or a.tool.corner_radius_mm == 0)]


def pick_mill(
    bench: Bench,
    *,
    widest_mm: float,
    bottom_mm: float,
    wall_mm: float,
    place: str,
    rounded: bool = False,
    swept: CrossSection | None = None,
) -> Assembly:
    """The stiffest end mill up to ``widest_mm`` whose flutes cover ``wall_mm`` and whose holder stays clear.

    ``rounded``: nothing square is wanted, a bull-nose mill, whose corner wears less, is taken before a sharp one as
    stiff. ``swept`` is where its axis goes (None: anywhere).

    Raises:
        CapabilityError: None fits; the message names the nearest miss.
    """
    mills = sorted(
        end_mills(bench.machine, rounded=rounded), key=lambda a: (-_stiff(a), -a.tool.corner_radius_mm, a.number)
    )
    reach, hint = bench.levels.top_mm - bottom_mm, ""
    thin = [a for a in mills if a.tool.diameter_mm <= widest_mm + 1e-6]
    for a in thin:
        if reaches(bench, a, bottom_mm, wall_mm, swept):
            return a
    upto = f"end mills up to {widest_mm:.2f} mm" if widest_mm < 100 else "end mills"
    long = [a.stick_out_mm for a in thin if a.tool.flute_length_mm >= wall_mm - 1e-6]
    if not thin:
        finest = min((a.tool.diameter_mm for a in mills), default=0.0)
        msg = (
            f"{place} needs an end mill of at most {widest_mm:.2f} mm; the finest in {bench.machine.id} is {finest} mm"
        )
        limit = finest
    elif long and wall_mm < reach - 1e-6:
        limit = max(long) - STICK_OUT_SPARE_MM
        msg = (
            f"{place}: the part stands {reach:.1f} mm above its bottom; {upto} in {bench.machine.id} reach down "
            f"{limit:g} mm before their holder meets it"
        )
    else:
        longest = max(min(a.tool.flute_length_mm, a.stick_out_mm - STICK_OUT_SPARE_MM) for a in thin)
        deep = f"is {reach:.1f} mm deep"
        if reach > wall_mm + 1:
            deep = f"is {wall_mm:.1f} mm deep and ends {reach:.1f} mm below the top of the part"
        msg = f"{place} {deep}; {upto} in {bench.machine.id} reach {longest} mm"
        limit = longest
        finest = min((a.tool.diameter_mm for a in mills if reaches(bench, a, bottom_mm, wall_mm)), default=0.0)
        if finest:
            hint = (
                f"A {finest:g} mm mill reaches it: give it corners of {finest / 2:g} mm or more and the room for one; "
            )
    raise CapabilityError(
        "plan.no-tool", msg, place=place, value=round(widest_mm if not thin else reach, 3), limit=limit,
        hint=f"{hint}or make it shallower, or add a tool to the machine's crib." if hint else
        "Make it wider, its corners rounder or its depth less, or add a tool to the machine's crib.",
    )  # fmt: skip


def _stiff(a: Assembly) -> float:
    """How little a tool bends, up to a factor: diameter^4 / stick-out^3."""
    return round(a.tool.diameter_mm**4 / a.stick_out_mm**3, 9)


def reaches(bench: Bench, a: Assembly, bottom_mm: float, wall_mm: float, swept: CrossSection | None = None) -> bool:
    """True when the flutes cover a wall and the holder stays above the part (the blank above it is faced off first).

    Where the axis goes only over an area, the part may stand higher elsewhere, and a shank wider than the cutter meets
    what stands beside it.
    """
    tool, deep = a.tool, bench.levels.top_mm - bottom_mm
    if tool.flute_length_mm < wall_mm - 1e-6:
        return False
    high = a.stick_out_mm >= deep + STICK_OUT_SPARE_MM
    slim = tool.shank_diameter_mm <= tool.diameter_mm or tool.shoulder_length_mm >= deep
    if swept is None:  # balls follow slopes, with little beside them
        return high and (slim or tool.kind != "end-mill")
    return (high and slim) or clears(bench, a, swept, bottom_mm)


def clears(bench: Bench, a: Assembly, swept: CrossSection, tip_mm: float) -> bool:
    """True when nothing of the part meets shank or holder while the axis goes over an area with its tip at a height."""
    tool, z = a.tool, a.stick_out_mm
    above = [(tool.shoulder_length_mm, tool.shank_diameter_mm)] if tool.shank_diameter_mm > tool.diameter_mm else []
    for s in a.holder.segments:
        above.append((z - STICK_OUT_SPARE_MM, max(s.lower_diameter_mm, s.upper_diameter_mm)))
        z += s.height_mm
    return all(
        tip_mm + up >= bench.levels.top_mm
        or (offset(swept, wide / 2 + BESIDE_SPARE_MM, 0.01) ^ bench.levels.above(tip_mm + up)).is_empty()
        for up, wide in above
    )


def axis(h: Hole, swing_mm: float = 0.0) -> CrossSection:
    """Where a tool's axis goes that drills a hole, or swings about its middle."""
    return flatten(circle(h.x_mm, h.y_mm, max(2 * swing_mm, AXIS_MM)), 0.001)


def find_drill(bench: Bench, h: Hole, diameter_mm: float, *, spare_mm: float = 0.0) -> Assembly | None:
    """The drill of this diameter, or up to ``spare_mm`` finer, for a hole: long enough, shortest first; or None.

    Its flutes reach out of the hole when its point is at the end; holder and shank stay clear of what stands beside.
    """

    def long_enough(a: Assembly) -> bool:
        tip = drill_tip_mm(a.tool.diameter_mm, a.tool.point_angle_deg)
        lowest = h.steps[-1].bottom_z_mm - tip - (bench.through_tip_mm if h.through else 0.0)
        return reaches(bench, a, lowest, h.top_z_mm - lowest, axis(h))

    fits = [
        a for a in bench.machine.tools
        if a.tool.kind == "drill" and -SAME_DIAMETER_MM - spare_mm < a.tool.diameter_mm - diameter_mm < SAME_DIAMETER_MM
        and long_enough(a) and _comes_over(bench, a)
    ]  # fmt: skip
    return min(
        fits, key=lambda a: (round(abs(a.tool.diameter_mm - diameter_mm), 3), a.stick_out_mm, a.number), default=None
    )


def _comes_over(bench: Bench, a: Assembly) -> bool:
    """True when the spindle lifts a tool's tip to where it moves over the work."""
    z = next(axis for axis in bench.machine.axes if axis.name == "Z")
    return z.max_mm - bench.machine.work_zero_mm[2] - a.gauge_length_mm > bench.clearance_mm + STICK_OUT_SPARE_MM


def find_reaming_drill(bench: Bench, h: Hole, diameter_mm: float) -> Assembly | None:
    """The drill before a reamer: it leaves 0.1 to 0.4 mm on the diameter, best near ``REAM_LEAVE_MM``."""
    left = {a.tool.diameter_mm: diameter_mm - a.tool.diameter_mm for a in bench.machine.tools if a.tool.kind == "drill"}
    fits = sorted((abs(gap - REAM_LEAVE_MM), d) for d, gap in left.items() if 0.1 - 1e-9 <= gap <= 0.4 + 1e-9)
    return next((a for _, d in fits if (a := find_drill(bench, h, d)) is not None), None)


def find_reamer(bench: Bench, h: Hole, diameter_mm: float, depth_mm: float) -> Assembly | None:
    """The reamer of this diameter that is long enough, its tapered start included; None when there is none."""
    fits = [
        a for a in bench.machine.tools
        if a.tool.kind == "reamer" and abs(a.tool.diameter_mm - diameter_mm) < SAME_DIAMETER_MM
        and a.tool.shoulder_length_mm >= depth_mm + a.tool.chamfer_length_mm
        and reaches(bench, a, h.steps[-1].bottom_z_mm - a.tool.chamfer_length_mm, 0.0, axis(h))
    ]  # fmt: skip
    return min(fits, key=lambda a: (a.stick_out_mm, a.number), default=None)


def find_spot(bench: Bench, h: Hole, width_mm: float) -> Assembly | None:
    """The finest spot drill at least that wide that stays clear of walls; None when there is none."""
    fits = [
        a for a in bench.machine.tools
        if a.tool.kind == "spot-drill" and a.tool.diameter_mm >= width_mm and abs(a.tool.point_angle_deg - 90) < 1e-6
        and _sinks(bench, a, h, width_mm)
    ]  # fmt: skip
    return min(fits, key=lambda a: (a.tool.diameter_mm, a.number), default=None)


def find_sink(bench: Bench, h: Hole) -> Assembly | None:
    """The finest pointed tool of a countersink's angle, as wide, its flat inside the hole, clear of walls; or None."""
    fits = [
        a for a in bench.machine.tools
        if a.tool.kind in ("spot-drill", "chamfer-mill") and abs(a.tool.point_angle_deg - h.sink_deg) < 0.1
        and a.tool.diameter_mm >= h.sink_mm and a.tool.tip_diameter_mm < h.steps[0].diameter_mm
        and _sinks(bench, a, h, h.sink_mm)
    ]  # fmt: skip
    return min(fits, key=lambda a: (a.tool.diameter_mm, a.number), default=None)


def _sinks(bench: Bench, a: Assembly, h: Hole, wide_mm: float) -> bool:
    """True when a pointed tool may sink into a hole's mouth until its cone is so wide: nothing stands in its way."""
    body = flatten(circle(h.x_mm, h.y_mm, a.tool.diameter_mm), 0.01)
    beside = h.top_z_mm < bench.levels.top_mm - 1e-6 and not (bench.levels.above(h.top_z_mm) ^ body).is_empty()
    return not beside and reaches(bench, a, h.top_z_mm - wide_mm, 0.0, axis(h))


def pick_engraver(bench: Bench, e: EngravedStrokes) -> Assembly:
    """The engraver, else the end mill, exactly as wide as a groove that reaches its floor.

    Raises:
        CapabilityError: There is none.
    """
    tools = [a for a in bench.machine.tools if a.tool.kind == "engraver" and a.tool.point_angle_deg == FLAT_DEG]
    tools += [a for a in end_mills(bench.machine) if a.tool.centre_cutting]
    wide = [a for a in tools if abs(a.tool.diameter_mm - e.width_mm) < SAME_DIAMETER_MM]
    fits = [a for a in wide if reaches(bench, a, e.top_z_mm - e.depth_mm, e.depth_mm)]
    if not fits:
        have = ", ".join(f"{d:g}" for d in sorted({a.tool.diameter_mm for a in tools})) or "none"
        reach = " that reaches it" if wide else ""
        msg = f"{e.id} needs an engraver {e.width_mm:g} mm wide{reach}; {bench.machine.id} has: {have}"
        raise CapabilityError(
            "plan.no-tool", msg, place=e.id, value=e.width_mm, hint=f"Add such a tool to {bench.machine.id}'s crib."
        )
    return min(fits, key=lambda a: (a.tool.kind != "engraver", a.number))


def cut_rough(
    bench: Bench, a: Assembly, depth_mm: float, ae_mm: float, mode: Mode, widest_mm: float = 0.0
) -> CuttingData:
    """Speeds, feeds and depth of cut for a roughing or slotting pass; a weak hold is named as what decided."""
    depth = decide_depth(
        bench.material, a, bench.machine, depth_mm=depth_mm, ae_mm=ae_mm, mode=mode, hold=bench.hold,
        widest_mm=widest_mm, run_mm=_run_mm(bench.feature, a.tool),
    )  # fmt: skip
    cut = cut_so(bench, a, depth.ap_mm, ae_mm, mode)
    binding = depth.binding if depth.binding.startswith((CLAMPING, TILTING)) else cut.binding
    return replace(cut, binding=binding, why=(*depth.why, *cut.why))


def cut_so(bench: Bench, a: Assembly, ap_mm: float, ae_mm: float, mode: Mode) -> CuttingData:
    """Speeds and feeds of a cut of a given depth and width."""
    return milling_data(
        bench.material, a, bench.machine, ap_mm=ap_mm, ae_mm=ae_mm, mode=mode, hold=bench.hold,
        run_mm=_run_mm(bench.feature, a.tool),
    )  # fmt: skip


def _run_mm(f: Feature | None, tool: Tool) -> float:
    """As far as a tool gets inside a feature before it must stop, or the radius it follows round a hole's wall.

    What is cut from outside may run as far as it likes.
    """
    if isinstance(f, Hole):
        found = (f.steps[0].diameter_mm - tool.diameter_mm) / 2
    elif isinstance(f, Cutout) or (isinstance(f, Pocket) and not f.open):
        x0, y0, x1, y1 = bounds(f.floor if isinstance(f, Pocket) else f.region)
        found = math.hypot(x1 - x0 - tool.diameter_mm, y1 - y0 - tool.diameter_mm)
    elif isinstance(f, EngravedStrokes):
        found = max(math.hypot(*(max(c) - min(c) for c in zip(*one.points, strict=True))) for one in f.strokes)
    else:
        return math.inf
    return max(found, LEAST_RUN_MM)


def cut_finish(
    bench: Bench, a: Assembly, depth_mm: float, allowance_mm: float, corner_mm: float, gap_mm: float
) -> CuttingData:
    """Speeds, feeds and depth of cut for a lap on size, which is run twice where the tool bends.

    Led in on an arc, and round hollow corners that are wider than itself, more of the mill is in the cut than along
    the wall; the narrowest ``gap_mm`` between walls tells how tight that arc is.
    """
    mill = a.tool.diameter_mm / 2
    lead = min(max(gap_mm - 2 * mill, 2 * LEADS[-1] * mill), 2 * LEADS[0] * mill)
    hollow = min(corner_mm if corner_mm > mill + SAME_DIAMETER_MM else math.inf, mill + lead)
    widest = width_in_hollow(mill, hollow, min(allowance_mm, mill))
    return cut_rough(bench, a, depth_mm, allowance_mm, "lap", min(widest, 2 * mill))
