"""Where a vise can hold the work: flat sides that face each other, jaws, stop and bed, and the force they give."""

from __future__ import annotations

from collections.abc import Sequence

from geometry.regions import fit
from model.errors import CapabilityError
from model.plan import Box, Fixture, Operation
from model.region import Region
from model.tooling import Machine, Vise
from pipeline.plan.levels import Levels
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
FLAT_MM = 1e-3


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


def held_length(levels: Levels, box: Box, grip_mm: float, jaw_mm: float) -> float:
    """Length (mm) over which flat sides at the box's low and high y face each other between the jaws.

    The flats are looked at on five heights; they count where all of these have them, or the two longest when
    all together offer the jaws :data:`HELD_MM2`.
    """
    middle = (box.x0_mm + box.x1_mm) / 2
    lengths = []
    for k in range(5):
        region = fit(levels.section(box.z0_mm + grip_mm * (k + 0.5) / 5))
        both = [(middle - jaw_mm / 2, middle + jaw_mm / 2)]
        for y in (box.y0_mm, box.y1_mm):
            flat = _straight_at(region, y)
            both = [(max(a, c), min(b, d)) for a, b in both for c, d in flat if min(b, d) > max(a, c)]
        lengths.append(sum(b - a for a, b in both))
    return sorted(lengths)[-2] if sum(lengths) / 5 * grip_mm >= HELD_MM2 else min(lengths)


def needed_length(box: Box) -> float:
    """The least :func:`held_length` (mm)."""
    return (box.x1_mm - box.x0_mm) * HELD_SHARE


def _straight_at(region: Region, y_mm: float) -> list[tuple[float, float]]:
    """Where along x a section's boundary runs straight at this y."""
    found = []
    for contour in region.contours:
        x0, y0 = contour.start
        for s in contour.segments:
            if s.turn == 0 and abs(y0 - y_mm) < FLAT_MM and abs(s.y_mm - y_mm) < FLAT_MM:
                found.append((min(x0, s.x_mm), max(x0, s.x_mm)))
            x0, y0 = s.x_mm, s.y_mm
    return found
