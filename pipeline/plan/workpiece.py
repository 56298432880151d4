"""The part as the planner sees it: its solid, its material, and it moved into a setup's frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from geometry.regions import rectangle
from geometry.solids import Shape, box, load, moved
from model.design import Annotation, Design, Vector
from model.errors import CapabilityError, ConfigError
from model.plan import Box, Matrix
from model.region import Region
from model.tooling import Machine, Material, ShopData, Workshop
from pipeline.plan.bores import moved_point
from pipeline.plan.features import Recognition, recognise

CLEARANCE_MM = 3.0
SAFE_MM = 15.0


@dataclass(frozen=True)
class Workpiece:
    """One part to cut. ``low`` and ``high`` are the corners of its box in its own frame.

    ``finish`` is the order's word for its surface, ``workshops`` are those that may make it, with their rates.
    ``zero_mm`` is where its zero lies in the customer's file.
    """

    order_id: str
    name: str
    title: str
    quantity: int
    solid: Shape
    material: Material
    annotations: tuple[Annotation, ...]
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    finish: str = ""
    workshops: tuple[Workshop, ...] = ()
    zero_mm: Vector = (0.0, 0.0, 0.0)

    @property
    def size(self) -> tuple[float, float, float]:
        """Length, width and height of the box (mm)."""
        x, y, z = (b - a for a, b in zip(self.low, self.high, strict=True))
        return (x, y, z)

    @property
    def deburred(self) -> bool:
        """Sharp edges are to be broken on the machine."""
        return self.finish == "deburred"

    @property
    def fine_floors(self) -> bool:
        """Floors are looked at: what is polished, brushed, blasted or anodised shows every mark of the cutter."""
        return self.finish not in ("", "as-machined", "deburred")

    def seen(self, to_setup: Matrix) -> Recognition:
        """The features this part shows from above in a setup's frame."""
        return recognise(moved(self.solid, to_setup), to_setup, self.annotations)


def workpiece(design: Design, shop: ShopData) -> Workpiece:
    """Read the one part of a design.

    Raises:
        CapabilityError: Several parts, or a material that is not cut.
        ConfigError: The material is not in the tooling database.
    """
    if len(design.parts) != 1:
        msg = f"{design.title} has {len(design.parts)} parts; milling orders have one"
        raise CapabilityError(
            "plan.one-part", msg, value=len(design.parts), limit=1, hint="Order the parts one by one."
        )
    if design.material_id not in shop.materials:
        msg = f"material {design.material_id} is not in the tooling database"
        raise ConfigError("plan.unknown-material", msg, place=design.material_id, hint="See: lotone materials list.")
    material = shop.materials[design.material_id]
    if material.process != "cut":
        msg = f"{material.name} is printed, not cut"
        raise CapabilityError("plan.not-cut", msg, place=material.id)
    part = design.parts[0]
    solid = load(part.brep)
    low, high = box(solid)
    return Workpiece(
        design.order_id, part.name, design.title, design.quantity * part.quantity, solid, material, part.annotations,
        low, high, design.finish, tuple(shop.workshops.values()), part.zero_mm,
    )  # fmt: skip


def spot(at: Vector, zero_mm: Vector) -> str:
    """A place of the part in words, as the customer finds it in his own file."""
    x, y, z = (a + b + 0.0 for a, b in zip(at, zero_mm, strict=True))
    return f"x {x:.2f}, y {y:.2f}, z {z:.2f} mm"


def turned_box(m: Matrix, low: tuple[float, float, float], high: tuple[float, float, float]) -> Box:
    """The upright box of a moved upright box (quarter turns only)."""
    a, b = moved_point(m, low), moved_point(m, high)
    lo = [min(p, q) for p, q in zip(a, b, strict=True)]
    hi = [max(p, q) for p, q in zip(a, b, strict=True)]
    return Box(lo[0], lo[1], lo[2], hi[0], hi[1], hi[2])


def inverse(m: Matrix) -> Matrix:
    """A rigid motion undone."""
    columns = list(zip(*(row[:3] for row in m), strict=True))
    shift = [-sum(c * row[3] for c, row in zip(column, m, strict=True)) for column in columns]
    x, y, z = ((c[0], c[1], c[2], t + 0.0) for c, t in zip(columns, shift, strict=True))
    return (x, y, z)


def rect(b: Box) -> Region:
    """A box seen from above."""
    return rectangle(b.x0_mm, b.y0_mm, b.x1_mm, b.y1_mm)


def check_travel(machine: Machine, size: tuple[float, float], what: str) -> None:
    """Refuse a blank that the machine's x and y travel cannot cover wherever it is put.

    The tool runs over the blank's edges by its radius and a millimetre.

    Raises:
        CapabilityError: Too large.
    """
    over = run_over(machine)
    for axis, need in zip(machine.axes, size, strict=False):
        room = axis.max_mm - axis.min_mm - 2 * over
        if room < need:
            msg = f"{what} needs {need:.1f} mm along {axis.name}, {machine.name} has {room:.1f} mm for its mills"
            raise CapabilityError(
                "plan.travel", msg, place=f"{machine.id} {axis.name}", value=need, limit=room,
                hint="Make the part smaller or from two pieces, or add a machine with more travel.",
            )  # fmt: skip


def within_travel(machine: Machine, boxes: Sequence[Box]) -> Machine:
    """The machine with its work zero where blanks of these boxes lie within its x and y travel.

    That is the shop's usual place while they fit there; else, along an axis, the one with as much room on both sides.

    Raises:
        CapabilityError: They lie too far apart for one place.
    """
    over = run_over(machine)
    low = [min(0.0, *ends) for ends in ([b.x0_mm for b in boxes], [b.y0_mm for b in boxes])]
    high = [max(b.x1_mm for b in boxes), max(b.y1_mm for b in boxes)]
    check_travel(machine, (high[0] - low[0], high[1] - low[1]), "the blank in all its clampings")
    zero = list(machine.work_zero_mm)
    for k, (axis, first, last) in enumerate(zip(machine.axes, low, high, strict=False)):
        if not axis.min_mm + over - first <= zero[k] <= axis.max_mm - over - last:
            zero[k] = round((axis.min_mm + axis.max_mm - first - last) / 2, 1)
    return replace(machine, work_zero_mm=(zero[0], zero[1], zero[2]))


def run_over(machine: Machine) -> float:
    """How far beyond a blank's edges the axis of the widest mill goes (mm)."""
    return max((a.tool.diameter_mm for a in machine.tools if a.tool.kind == "end-mill"), default=0.0) / 2 + 1
