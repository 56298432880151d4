"""Where a vise can hold the work: flat sides that face each other, jaws, stop and bed, and the force they give."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from model.errors import CapabilityError
from model.plan import Box, Fixture, Operation
from model.tooling import Machine, Vise
from pipeline.plan.coverage import Flags
from pipeline.plan.levels import Floats
from pipeline.plan.workpiece import SAFE_MM

BED_MM = 15.0
OVER_MM = 4.0
ROUNDING_MM = 0.5
SAFETY = 2.5
FRICTION = 0.15
"""Steel jaws on metal, dry to oily: the low end."""
HELD_SHARE = 1 / 3
"""The jaws hold at least this share of the work's length."""
HELD_MM2 = 150.0
"""So much flat between the jaws holds even where the flats are interrupted."""
FLAT_MM = 0.005
"""Work so far behind the jaws' faces is flat against them."""
LOOK_MM, HEIGHTS = 0.4, 5


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


def fixture(vise: Vise, held: Box, grip_mm: float, operations: Sequence[Operation]) -> Fixture:
    """The vise around the work, ``grip_mm`` of whose height is between the jaws.

    Raises:
        CapabilityError: ``plan.vise-force``: the cut could pull the work out.
    """
    force = 2 * FRICTION * vise.clamp_force_n
    needed = SAFETY * max((o.cutting.force_n for o in operations), default=0.0)
    if needed > force:
        msg = f"cutting asks for {needed:.0f} N of hold, the vise gives {force:.0f} N"
        raise CapabilityError("plan.vise-force", msg, place=vise.id, value=round(needed), limit=round(force))
    return Fixture("vise", jaws(vise, held, held.z0_mm + grip_mm), grip_mm, 0.0, vise, force, needed)


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

    ``stands`` tells of points (n, 3) whether work is there while it is held. The flats are looked at on five heights;
    they count where all of these have them, or the two longest when all together offer the jaws :data:`HELD_MM2`.
    """
    middle = (box.x0_mm + box.x1_mm) / 2
    x0, x1 = max(middle - jaw_mm / 2, box.x0_mm), min(middle + jaw_mm / 2, box.x1_mm)
    count = math.ceil((x1 - x0) / LOOK_MM)
    x = x0 + (np.arange(count) + 0.5) * (x1 - x0) / count
    z = box.z0_mm + grip_mm * (np.arange(HEIGHTS) + 0.5) / HEIGHTS
    sides = [box.y0_mm + FLAT_MM, box.y1_mm - FLAT_MM]
    places = np.stack(np.meshgrid(sides, z, x, indexing="ij"), axis=-1)[..., [2, 0, 1]]
    both = stands(places.reshape(-1, 3)).reshape(2, HEIGHTS, count).all(axis=0)
    lengths = sorted((both.sum(axis=1) * (x1 - x0) / count).tolist())
    return float(lengths[-2] if sum(lengths) / HEIGHTS * grip_mm >= HELD_MM2 else lengths[0])


def needed_length(box: Box) -> float:
    """The least :func:`held_length` (mm)."""
    return (box.x1_mm - box.x0_mm) * HELD_SHARE
