"""Solids made twice: once in the CAD kernel, once in a second kernel that must agree after every step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model.errors import VerificationError
from model.finding import Finding
from model.region import Region

if TYPE_CHECKING:
    import cadquery as cq
    from manifold3d import Manifold

LIMIT = 0.002
"""How far the two kernels may differ in the volume a boolean changed, as a share of it."""

BIAS_MM = 0.001
"""Twice the chord error of the second kernel's polygons: allowed on the surface of the tools."""

FUZZ_MM = (None, 1e-4, 1e-3)
"""Tolerances tried in turn when the CAD kernel's boolean is not accepted."""


@dataclass(frozen=True, slots=True)
class Body:
    """One solid and its twin in the second kernel (manifold3d), built from the same plane regions."""

    solid: cq.Shape
    twin: Manifold

    @property
    def volume_mm3(self) -> float:
        """Volume by the CAD kernel."""
        return float(self.solid.Volume())


def prisms(region: Region, z0_mm: float, z1_mm: float) -> tuple[Body, ...]:
    """Upright prisms over every separate area of a region, arcs kept."""
    from geometry.regions import flatten
    from geometry.solids import prism as raise_

    solids = raise_(region, z0_mm, z1_mm)
    twins = [a.extrude(z1_mm - z0_mm).translate((0, 0, z0_mm)) for a in flatten(region).decompose()]
    if len(solids) != len(twins):
        raise _disagree("prism", f"{len(solids)} areas against {len(twins)}", len(solids), len(twins))
    left = list(twins)
    found = []
    for solid in solids:
        box = solid.BoundingBox()
        twin = min(left, key=lambda t: _box_distance(t, (box.xmin, box.ymin, box.xmax, box.ymax)))
        left.remove(twin)
        found.append(_checked("prism", [solid], twin, twin, None))
    return tuple(found)


def prism(region: Region, z0_mm: float, z1_mm: float) -> Body:
    """The one prism over a region of one area.

    Raises:
        ValueError: The region has several areas.
    """
    (only,) = prisms(region, z0_mm, z1_mm)
    return only


def cylinder(x_mm: float, y_mm: float, diameter_mm: float, z0_mm: float, z1_mm: float) -> Body:
    """An upright round tool: a drill's or a boss's shape."""
    import cadquery as cq

    from geometry.regions import circle, flatten

    solid = cq.Solid.makeCylinder(diameter_mm / 2, z1_mm - z0_mm, cq.Vector(x_mm, y_mm, z0_mm))
    twin = flatten(circle(x_mm, y_mm, diameter_mm)).extrude(z1_mm - z0_mm).translate((0, 0, z0_mm))
    return _checked("cylinder", [solid], twin, twin, None)


def plate(outline: Region, z0_mm: float, z1_mm: float, *, top_mm: float = 0.0, bottom_mm: float = 0.0) -> Body:
    """A plate over a convex outline, its upper and lower outer edges chamfered at 45 degrees by the widths given.

    The outline's concave-free shape lets the twin be a plain hull of its four level sections.
    """
    from manifold3d import Manifold

    from geometry.regions import flatten, offset

    body = prism(outline, z0_mm, z1_mm)
    if not top_mm and not bottom_mm:
        return body
    solid: Any = body.solid
    for width, z in ((top_mm, z1_mm), (bottom_mm, z0_mm)):
        if width:
            edges = [e for e in solid.Edges() if abs(e.Center().z - z) < 1e-6 and abs(e.BoundingBox().zlen) < 1e-3]
            solid = solid.chamfer(width, None, edges)
    full = flatten(outline)
    levels = (
        (z0_mm, offset(full, -bottom_mm)),
        (z0_mm + bottom_mm, full),
        (z1_mm - top_mm, full),
        (z1_mm, offset(full, -top_mm)),
    )
    points = [(float(x), float(y), z) for z, area in levels for loop in area.to_polygons() for x, y in loop]
    twin = Manifold.hull_points(points)
    return _checked("chamfer", [solid], twin, twin, None)


def cut(body: Body, tools: Sequence[Body], what: str) -> Body:
    """The body without what the tools cover, in one boolean.

    ``what`` names the step in the error.

    Raises:
        VerificationError: The kernels do not agree, at any tolerance of the ladder.
    """
    return _boolean("cut", body, tools, what)


def fuse(body: Body, others: Sequence[Body], what: str) -> Body:
    """The body and the others as one solid, in one boolean.

    Raises:
        VerificationError: As for :func:`cut`.
    """
    return _boolean("fuse", body, others, what)


def _boolean(kind: str, body: Body, tools: Sequence[Body], what: str) -> Body:
    from manifold3d import Manifold, OpType

    if not tools:
        return body
    op = OpType.Subtract if kind == "cut" else OpType.Add
    twin = Manifold.batch_boolean([body.twin, *(t.twin for t in tools)], op)
    every = Manifold.batch_boolean([t.twin for t in tools], OpType.Add)
    failure: VerificationError | None = None
    for fuzz in FUZZ_MM:
        shape = getattr(body.solid, kind)(*(t.solid for t in tools), tol=fuzz)
        if kind == "fuse":
            shape = shape.clean()
        try:
            return _checked(what, shape.Solids(), twin, every, body)
        except VerificationError as error:
            failure = failure or error
    if failure is None:
        msg = "the ladder of tolerances is empty"
        raise ValueError(msg)
    raise failure


def _checked(what: str, solids: Sequence[Any], twin: Manifold, tools: Manifold, before: Body | None) -> Body:
    """The body when both kernels agree on it: one solid, sound after a boolean, and the same volume changed."""
    if len(solids) != 1:
        raise _disagree(what, f"the CAD kernel made {len(solids)} solids, not one", len(solids), 1)
    if len(twin.decompose()) != 1:
        raise _disagree(what, f"the piece falls into {len(twin.decompose())} parts", len(twin.decompose()), 1)
    if before is not None and not solids[0].isValid():
        raise _disagree(what, "the CAD kernel calls its own solid unsound", "unsound", "sound")
    start, twin_start = (0.0, 0.0) if before is None else (before.volume_mm3, float(before.twin.volume()))
    changed, expected = float(solids[0].Volume()) - start, float(twin.volume()) - twin_start
    limit = LIMIT * abs(expected) + BIAS_MM * float(tools.surface_area())
    gap = abs(changed - expected)
    if not math.isfinite(changed) or gap > limit:
        words = f"the CAD kernel changed {changed:.4f} mm3, the second kernel {expected:.4f} mm3"
        raise _disagree(what, words, round(gap, 4), round(limit, 4))
    return Body(solids[0], twin)


def _disagree(what: str, words: str, value: float | str, limit: float | str) -> VerificationError:
    hint = "Change a size a little and order again; if it stays, report the order: the shape defeats the CAD kernel."
    finding = Finding("design.kernels-disagree", f"{what}: {words}", what, value, limit, hint)
    message = f"The solid is not trustworthy after step {what!r}: {words}"
    return VerificationError(
        finding.code, message, place=what, value=value, limit=limit, hint=hint, findings=(finding,)
    )


def _box_distance(twin: Manifold, box: tuple[float, float, float, float]) -> float:
    x0, y0, _, x1, y1, _ = twin.bounding_box()
    return float(sum(abs(a - b) for a, b in zip((x0, y0, x1, y1), box, strict=True)))
