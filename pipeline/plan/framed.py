"""Work that no jaws can hold once its outline is cut: made inside a frame of its own blank, joined to it by a skin."""

from __future__ import annotations

from dataclasses import replace

from geometry.regions import bounds, fit, flatten, offset, rectangle
from geometry.solids import box, joined, moved, prism
from model.errors import CapabilityError
from model.feature import Outline
from model.plan import Skin
from model.tooling import Machine, Material, Vise
from pipeline.plan.clamping import rail_width
from pipeline.plan.levels import HAIR_MM, Levels, filled
from pipeline.plan.placing import Placed
from pipeline.plan.setups import FREE_MM, MOST_GRIP_MM
from pipeline.plan.sides import Views, matrix_of
from pipeline.plan.stock import SIDE_MM
from pipeline.plan.tools import STICK_OUT_SPARE_MM, end_mills
from pipeline.plan.workpiece import Workpiece, inverse

SKIN_MM = 0.3
"""So thick a skin joins part and frame at the foot of the outline: it bears every cut, and is broken out by hand."""
LEAST_WALL_MM = 1.5
BELOW_EDGE_MM = 0.6
"""Where an edge is bevelled at the foot of the outline, the cutter's point needs so much room under it."""
SLOT_D, SLOT_MM = 1.1, 0.6
"""The slot round the part is so many cutter diameters wide, and a little: room for an allowance on both walls."""
LEAST_RAIL_MM, MOST_RAIL_MM = 8.0, 25.0
PRESSED_N = 4000.0
"""The rails at the jaws are as wide as bears this force without bowing in over the slot."""
INTO_MM = 0.2
"""The skin is drawn so far into part and frame, that they are one solid."""
WHOLE_SHARE = 0.9999


def in_frame(views: Views, machine: Machine, vise: Vise, top: str) -> tuple[Views, Skin]:
    """The part within its frame, as it leaves the machine; ``top`` is the side from which it is cut round.

    The skin is told in the part turned so that this side is up (:func:`pipeline.plan.sides.matrix_of`).

    Raises:
        CapabilityError: ``plan.no-outline-wall``: the outline has no upright wall for the skin to stand at;
            ``plan.frame-too-long``: the jaws are shorter than the frame is inside.
    """
    seen = views.recognised(matrix_of(top))
    region = next(f.region for f in seen.features if isinstance(f, Outline))
    low, high = seen.levels.bottom_mm, seen.levels.top_mm
    foot = _foot(seen.levels, views.part.name)
    skin = Skin(region, foot, foot + SKIN_MM)
    slot = _slot_width(machine, high - foot)
    x0, y0, x1, y1 = bounds(region)
    grip = max(min(MOST_GRIP_MM, high - low - FREE_MM), 1.0)
    size, material = (x1 - x0 + 2 * slot, y1 - y0 + 2 * slot), views.part.material
    rails = _rails(machine, vise, material, size, grip)
    key = (top, slot, *rails)
    if key not in views.framed:
        views.framed[key] = Views(_framed(views.part, seen, key, skin)), skin
    return views.framed[key]


def _rails(
    machine: Machine, vise: Vise, material: Material, window: tuple[float, float], grip_mm: float
) -> tuple[float, float]:
    """How wide the frame is at the ends of x and of y: the rails at the jaws by what presses them, the others least.

    The jaws go where the rails then bear more.

    Raises:
        CapabilityError: ``plan.frame-too-long``: nothing between the jaws reaches from one to the other.
    """
    found = []
    for pressed, span in ((1, window[0]), (0, window[1])):
        room = (min(vise.opening_mm, _travel(machine)) - 2 * SIDE_MM - 1 - window[pressed]) / 2
        wanted = rail_width(material, span, grip_mm, PRESSED_N)
        rail = max(LEAST_RAIL_MM, min(wanted, room, MOST_RAIL_MM))
        short = room < LEAST_RAIL_MM or span + LEAST_RAIL_MM > vise.jaw_width_mm
        found.append((short, -min(rail / max(wanted, 1e-9), 1.0), -pressed, rail))
    *_, pressed, rail = min(found)
    if (long := window[0 if pressed else 1]) >= vise.jaw_width_mm:
        msg = (
            f"no jaws hold it, nor a frame of its blank round it: that is {long:.0f} mm long inside, and jaws of "
            f"{vise.jaw_width_mm:g} mm would press its rails in"
        )
        raise CapabilityError(
            "plan.frame-too-long", msg, place=vise.id, value=round(long, 1), limit=vise.jaw_width_mm,
            hint="Give the part two parallel sides, or the machine a longer vise.",
        )  # fmt: skip
    return (LEAST_RAIL_MM, rail) if pressed else (rail, LEAST_RAIL_MM)


def _travel(machine: Machine) -> float:
    """How wide a blank may lie from the vise's fixed jaw, for the widest mill to run over its edges (mm)."""
    over = max((a.tool.diameter_mm for a in end_mills(machine)), default=0.0) / 2 + 1
    return max((a.max_mm - machine.work_zero_mm[1] - over for a in machine.axes if a.name == "Y"), default=0.0)


def _framed(part: Workpiece, seen: Placed, key: tuple[str, float, float, float], skin: Skin) -> Workpiece:
    """Part, frame and skin as one solid."""
    top, slot, beside, across = key
    m, (x0, y0, x1, y1) = matrix_of(top), bounds(skin.outline)
    low, high = seen.levels.bottom_mm, seen.levels.top_mm
    around = flatten(rectangle(x0 - slot - beside, y0 - slot - across, x1 + slot + beside, y1 + slot + across))
    outline = flatten(skin.outline)
    window = offset(outline, slot)
    foil = offset(window, INTO_MM) - offset(outline, -INTO_MM)
    pieces = [*prism(fit(around - window), low, high), *prism(fit(foil), skin.bottom_z_mm, skin.top_z_mm)]
    solid = moved(joined(moved(part.solid, m), pieces), inverse(m))
    corners = box(solid)
    return replace(part, solid=solid, low=corners[0], high=corners[1])


def _foot(levels: Levels, name: str) -> float:
    """Where the lowest upright wall all round the outline begins.

    Raises:
        CapabilityError: ``plan.no-outline-wall``.
    """
    whole = WHOLE_SHARE * levels.silhouette().area()
    for z0, z1 in zip(levels.heights, levels.heights[1:], strict=False):
        ends = [filled(levels.section(z)).area() for z in (z0 + HAIR_MM, z1 - HAIR_MM)]
        if z1 - z0 >= LEAST_WALL_MM and min(ends) >= whole:
            return z0 if z0 < levels.bottom_mm + HAIR_MM else z0 + BELOW_EDGE_MM
    msg = f"{name} has no upright wall of {LEAST_WALL_MM:g} mm all round its outline, where a skin could hold it"
    raise CapabilityError(
        "plan.no-outline-wall", msg, place=name, limit=LEAST_WALL_MM,
        hint="Give the part two parallel sides, or an upright edge all round.",
    )  # fmt: skip


def _slot_width(machine: Machine, depth_mm: float) -> float:
    """Wide enough for the stiffest mill that reaches so deep."""
    mills = end_mills(machine)
    deep = [a for a in mills if min(a.tool.flute_length_mm, a.stick_out_mm - STICK_OUT_SPARE_MM) >= depth_mm] or mills
    stiffest = max(deep, key=lambda a: (a.tool.diameter_mm**4 / a.stick_out_mm**3, -a.number))
    return SLOT_D * stiffest.tool.diameter_mm + SLOT_MM
