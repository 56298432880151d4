"""Where a vise can hold the work: flat sides that face each other, jaws, stop and bed, and the force they give."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from model.errors import CapabilityError
from model.plan import Box, Fixture, Operation
from model.tooling import Machine, Material, Vise
from pipeline.plan.coverage import Flags
from pipeline.plan.levels import Floats, Levels
from pipeline.plan.limits import Hold
from pipeline.plan.workpiece import SAFE_MM

FORCE_STEP_N = 50.0
BORNE_SHARE = 0.35
"""The jaws press what reaches from one to the other with this share of what makes the material give."""
ARM = 6.0
"""A beam fixed at one end only is bent so much more: q L^2 / 2 for q L^2 / 12."""
CARRIED_MM = 2.0
"""A wall has something behind it where so much of its height reaches through to the other jaw."""
ALONG_MM, RISE_MM, DEEP_MM = 0.6, 1.0, 0.4
"""What reaches from jaw to jaw is looked at so closely along them, on so many heights, and from one to the other."""
SPREAD_MM, SPREAD_SHARE = 4.0, 0.1
"""Round corners carry too: so near a jaw, and over such a share of the width, force spreads sideways."""
OVERHANG_MM = 1.0
"""Work that overhangs a jaw begins so much above it."""
BED_MM = 15.0
OVER_MM = 4.0
ROUNDING_MM = 0.5
SAFETY = 2.5
TILT_SAFETY = 1.75
AXIAL = ("spot", "drill", "ream", "tap")
"""These press the work down."""
FRICTION = 0.15
"""Steel jaws on metal, dry to oily: the low end."""
HELD_SHARE = 1 / 3
"""The jaws hold at least this share of the work's length."""
HELD_MM2 = 150.0
"""So much flat between the jaws holds even where the flats are interrupted."""
FLAT_MM = 0.005
"""Work so far behind the jaws' faces is flat against them."""
NEAR_MM = 0.2
"""What gives way so little meets the jaw too: the ends of round corners are pressed, and may be thin."""
LOOK_MM, ACROSS_MM, HEIGHTS = 0.4, 0.8, 5


def vise_of(machine: Machine) -> Vise:
    """The machine's vise.

    Raises:
        CapabilityError: It has none.
    """
    if machine.vise is None:
        raise CapabilityError("plan.no-fixture", f"{machine.name} has no vise", place=machine.id)
    return machine.vise


def jaws(vise: Vise, held: Box, top_mm: float) -> tuple[Box, ...]:
    """Fixed jaw at the low-y side, moving jaw at the high-y side, centred on the work along x; the bed between them."""
    middle = (held.x0_mm + held.x1_mm) / 2
    x0, x1 = middle - vise.jaw_width_mm / 2, middle + vise.jaw_width_mm / 2
    foot = top_mm - vise.jaw_height_mm
    t = vise.jaw_thickness_mm
    return (
        Box(x0, held.y0_mm - t, foot, x1, held.y0_mm, top_mm),
        Box(x0, held.y1_mm, foot, x1, held.y1_mm + t, top_mm),
        Box(x0, held.y0_mm - t, foot - BED_MM, x1, held.y1_mm + t, foot),
    )


def fixture(
    vise: Vise, held: Box, grip_mm: float, operations: Sequence[Operation], borne_n: float = math.inf
) -> Fixture:
    """The vise around the work, ``grip_mm`` of whose height is between the jaws, closed as hard as the work bears."""
    clamped = closed(vise, borne_n)
    sideways = (o.cutting.force_n for o in operations if o.strategy not in AXIAL)
    needed = SAFETY * max(sideways, default=0.0)
    force = 2 * FRICTION * clamped
    return Fixture("vise", jaws(vise, held, held.z0_mm + grip_mm), grip_mm, 0.0, vise, force, needed, clamped)


def closed(vise: Vise, borne_n: float) -> float:
    """How hard the vise is closed (N) on work that bears so much."""
    return math.floor(min(vise.clamp_force_n, borne_n) / FORCE_STEP_N) * FORCE_STEP_N


def hold(vise: Vise, held: Box, grip_mm: float, borne_n: float = math.inf, touched: float = 1.0) -> Hold:
    """What the closed vise holds against a cut, with what it must hold to spare; ``held`` is what is between the jaws.

    Against being pulled out, friction on both jaws. Against tipping over a jaw the clamping force can move half the
    grip up or down, and friction pulls with the width between the jaws; along them friction pulls with half the
    diagonal of where they hold, over an end the work stands on. Jaws that touch only a share of the work between them
    hold with so much less of their height and length.
    """
    clamped = closed(vise, borne_n)
    along = touched * min(vise.jaw_width_mm, held.x1_mm - held.x0_mm)
    turning = FRICTION * math.hypot(along, grip_mm)
    arm = min(touched * grip_mm / 2 + FRICTION * (held.y1_mm - held.y0_mm), turning)
    return Hold(2 * FRICTION * clamped / SAFETY, clamped * arm / TILT_SAFETY, held.z0_mm + grip_mm / 2)


def blank_bears(box: Box, grip_mm: float, vise: Vise, material: Material) -> float:
    """The clamping force (N) a whole block bears; of unknown strength, every vise."""
    across = min(vise.jaw_width_mm, box.x1_mm - box.x0_mm) * grip_mm
    return BORNE_SHARE * material.proof_n_mm2 * across if material.proof_n_mm2 > 0 else math.inf


def borne(stands: Callable[[Floats], Flags], box: Box, grip_mm: float, jaw_mm: float, material: Material) -> float:
    """The clamping force (N) the work bears between the jaws: only what reaches from one to the other counts.

    Thin walls and fins with nothing behind them bear nothing. A material of unknown strength bears every vise. What
    lies between two places looked at counts as open.
    """
    if material.proof_n_mm2 <= 0:
        return math.inf
    x0, x1 = _between_jaws(box, jaw_mm)
    spread = min(SPREAD_MM, SPREAD_SHARE * (box.y1_mm - box.y0_mm))
    count = math.ceil((x1 - x0) / ALONG_MM)
    x = x0 + (np.arange(count) + 0.5) * (x1 - x0) / count
    ends = (box.y0_mm + FLAT_MM, box.y1_mm - FLAT_MM)
    y = np.linspace(*ends, math.ceil((box.y1_mm - box.y0_mm) / DEEP_MM) + 1)
    heights = max(HEIGHTS, math.ceil(grip_mm / RISE_MM))
    z = box.z0_mm + grip_mm * (np.arange(heights) + 0.5) / heights
    places = np.stack(np.meshgrid(y, z, x, indexing="ij"), axis=-1)[..., [2, 0, 1]]
    solid = stands(places.reshape(-1, 3)).reshape(len(y), heights, count)
    for row, inward in ((0, NEAR_MM), (-1, -NEAR_MM)):
        close = places[row] + (0.0, inward, 0.0)
        solid[row] |= stands(close.reshape(-1, 3)).reshape(heights, count)
    inner = spread - (y[1] - y[0])
    whole = solid[(y >= box.y0_mm + inner) & (y <= box.y1_mm - inner)].all(axis=0)
    most = BORNE_SHARE * material.proof_n_mm2
    pressed = float(most * whole.mean() * (x1 - x0) * grip_mm)
    free = box.x1_mm - box.x0_mm <= jaw_mm
    step = ((x1 - x0) / count, float(y[1] - y[0]))
    bent = max(_bent(side, whole, step, grip_mm, free=free) for side in (solid, solid[::-1]))
    return min(pressed, most / bent) if bent > 0 else pressed


def _bent(solid: Flags, whole: Flags, step: tuple[float, float], high_mm: float, *, free: bool) -> float:
    """Bending stress (N/mm2) a newton of clamping force raises in walls at a jaw that have a gap behind them.

    A wall is a beam fixed at both ends, as thick as it is at its thinnest, evenly pressed along the jaw; one that
    reaches the work's end, which is ``free``, is fixed at one.
    """
    along_mm, deep_mm = step
    carried = whole.mean(axis=0) * high_mm >= CARRIED_MM
    last = np.where(solid.all(axis=0), len(solid), solid.argmin(axis=0)) - 1
    deep = np.where(solid[0], np.maximum(last, 0.5), 0.0) * deep_mm
    touched = solid[0].any(axis=0)
    squares, worst = (deep**2).mean(axis=0) * high_mm, 0.0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], touched & ~carried, [False]]).astype(np.int8)))
    for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        arm = ARM if free and (a == 0 or b == len(touched)) else 1.0
        each = arm * beam_stress((b - a) * along_mm, float(squares[a:b].min()))
        worst = max(worst, each / (along_mm * float(touched.sum())))
    return worst


def beam_stress(span_mm: float, squares_mm3: float) -> float:
    """Bending stress (N/mm2) at the ends of a beam fixed at both, for 1 N/mm: q L^2 / 12 over the section's b h^2 / 6.

    ``squares_mm3`` is b h^2: height times the square of the thickness.
    """
    return span_mm**2 / (2 * squares_mm3)


def rail_width(material: Material, span_mm: float, high_mm: float, force_n: float) -> float:
    """How thick (mm) a wall of such a span and height must be to bear a clamping force on its length."""
    most = BORNE_SHARE * material.proof_n_mm2
    return math.sqrt(beam_stress(span_mm, high_mm) * force_n / span_mm / most) if most > 0 else 0.0


def safe_height(machine: Machine, operations: Sequence[Operation], top_mm: float) -> float:
    """The height every tool of a setup can go to over work up to ``top_mm``: 15 mm over it, or what is left.

    Raises:
        CapabilityError: ``plan.too-tall``: the longest tool cannot come over the work.
    """
    z = next(a for a in machine.axes if a.name == "Z")
    used = {o.tool_number for o in operations}
    tools = [a for a in machine.tools if a.number in used]
    if not tools:
        return top_mm + SAFE_MM
    longest = max(tools, key=lambda a: a.gauge_length_mm)
    room = z.max_mm - machine.work_zero_mm[2] - longest.gauge_length_mm
    if room < top_mm + OVER_MM:
        over = top_mm + OVER_MM
        msg = f"T{longest.number} needs {over:.0f} mm above the work zero to come over the work, it has {room:.0f} mm"
        raise CapabilityError(
            "plan.too-tall", msg, place=machine.id, value=round(over, 1), limit=round(room, 1),
            hint="Use a shorter tool or a machine with more height.",
        )  # fmt: skip
    return min(top_mm + SAFE_MM, room - ROUNDING_MM)


def opens(vise: Vise, width_mm: float, what: str) -> None:
    """Refuse work the vise cannot open for.

    Raises:
        CapabilityError: ``plan.vise-opening``.
    """
    if width_mm > vise.opening_mm:
        msg = f"{what} is {width_mm:g} mm wide, the vise opens {vise.opening_mm:g} mm"
        raise CapabilityError("plan.vise-opening", msg, place=vise.id, value=width_mm, limit=vise.opening_mm)


def held_length(stands: Callable[[Floats], Flags], box: Box, grip_mm: float, jaw_mm: float) -> float:
    """Length (mm) over which flat sides at the box's low and high y face each other between the jaws.

    They count where all of the :data:`HEIGHTS` looked at have them, or the two longest when all together offer the
    jaws :data:`HELD_MM2`.
    """
    x0, x1 = _between_jaws(box, jaw_mm)
    both = _flats(stands, box, grip_mm, jaw_mm).all(axis=0)
    lengths = sorted((both.mean(axis=1) * (x1 - x0)).tolist())
    return float(lengths[-2] if sum(lengths) / HEIGHTS * grip_mm >= HELD_MM2 else lengths[0])


def touched(stands: Callable[[Floats], Flags], box: Box, grip_mm: float, jaw_mm: float) -> float:
    """The share of the work's side before it that the jaw touches which touches less."""
    return float(_flats(stands, box, grip_mm, jaw_mm).mean(axis=(1, 2)).min())


def _between_jaws(box: Box, jaw_mm: float) -> tuple[float, float]:
    """From where to where along x the jaws reach over the work (mm)."""
    middle = (box.x0_mm + box.x1_mm) / 2
    return max(middle - jaw_mm / 2, box.x0_mm), min(middle + jaw_mm / 2, box.x1_mm)


def _flats(stands: Callable[[Floats], Flags], box: Box, grip_mm: float, jaw_mm: float) -> Flags:
    """Where the work is flat against the jaws: front and back, on five heights, along x.

    ``stands`` tells of points (n, 3) whether work is there while it is held.
    """
    x0, x1 = _between_jaws(box, jaw_mm)
    count = math.ceil((x1 - x0) / LOOK_MM)
    x = x0 + (np.arange(count) + 0.5) * (x1 - x0) / count
    z = box.z0_mm + grip_mm * (np.arange(HEIGHTS) + 0.5) / HEIGHTS
    sides = [box.y0_mm + FLAT_MM, box.y1_mm - FLAT_MM]
    places = np.stack(np.meshgrid(sides, z, x, indexing="ij"), axis=-1)[..., [2, 0, 1]]
    return stands(places.reshape(-1, 3)).reshape(2, HEIGHTS, count)


def between(levels: Levels, stands: Callable[[Floats], Flags], box: Box, grip_mm: float) -> Box:
    """The work's box as narrow along y as it is between the jaws and just above them: what overhangs stays free."""
    z = box.z0_mm + (grip_mm + OVERHANG_MM) * (np.arange(2 * HEIGHTS) + 0.5) / (2 * HEIGHTS)
    bounds = [s.bounds() for s in (levels.section(float(level)) for level in z) if not s.is_empty()]
    if not bounds:
        return box
    y0, y1 = min(float(b[1]) for b in bounds), max(float(b[3]) for b in bounds)
    y = np.arange(box.y0_mm + ACROSS_MM / 2, box.y1_mm, ACROSS_MM)
    beyond = y[(y < y0) | (y > y1)]
    x = np.arange(box.x0_mm + ACROSS_MM / 2, box.x1_mm, ACROSS_MM)
    places = np.stack(np.meshgrid(beyond, z, x, indexing="ij"), axis=-1)[..., [2, 0, 1]].reshape(-1, 3)
    return box if len(places) and stands(places).any() else replace(box, y0_mm=y0, y1_mm=y1)


def needed_length(box: Box) -> float:
    """The least :func:`held_length` (mm)."""
    return (box.x1_mm - box.x0_mm) * HELD_SHARE
