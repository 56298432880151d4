"""Judges whether a solid from outside is sound, closed and of one meaning, and mends only what leaves it the same."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geometry.meshes import CHORD_MM, Mesh, genus, is_watertight, mesh, to_manifold
from geometry.solids import box, dump, load, moved
from geometry.steptext import EXPORT, MOST_FACES, size_words, too_large
from model.design import Vector
from model.errors import OrderError

if TYPE_CHECKING:
    import cadquery as cq

LOOSE_MM = 0.02
"""How wide the gaps between a solid's faces may be."""

THINNEST_MM = 0.01
SAME_VOLUME = 1e-6
EMPTY_SHARE = 1e-5
OVERLAP_MM2 = 0.05
LEVELS = 48
"""How many sections along each axis are looked at for places where the solid runs through itself."""

Measured = tuple[Vector, Vector, float, float, int, int]
"""Low corner in the file's frame, size, volume, area, faces, through-holes."""


def sound(solid: cq.Solid, notes: list[str]) -> tuple[bytes, Measured]:
    """A solid moved to the origin and stored, with what was measured on it; ``notes`` gets what was mended.

    Raises:
        OrderError: ``step.too-large``, ``step.no-thickness``, ``step.invalid``, ``step.gaps``, ``step.mesh``,
            ``step.cavity``, ``step.self-intersecting``.
    """
    count = len(solid.Faces())
    if count > MOST_FACES:
        raise too_large("the part", count, MOST_FACES, "faces")
    solid = _outward(_valid(solid, notes), notes)
    gap = _widest_gap(solid)
    if gap > LOOSE_MM:
        msg = f"the solid's faces meet only within {gap:.3f} mm"
        raise OrderError("step.gaps", msg, value=gap, limit=LOOSE_MM, hint="Heal the part in the CAD program.")
    low = box(solid)[0]
    brep = dump(_at_origin(solid, low))
    placed = load(brep)
    low2, high2 = box(placed)
    size = (high2[0] - low2[0], high2[1] - low2[1], high2[2] - low2[2])
    volume = float(placed.Volume())
    if min(size) < THINNEST_MM:
        msg = f"the solid has no thickness: {size_words(size, 4)}"
        raise OrderError("step.no-thickness", msg, value=min(size), limit=THINNEST_MM, hint=EXPORT)
    if volume < EMPTY_SHARE * size[0] * size[1] * size[2]:
        msg = f"the solid is {size_words(size)} and holds {volume:.3f} mm3: its faces cross or cancel one another"
        raise OrderError("step.invalid", msg, value=volume, limit="> 0 mm3", hint=EXPORT)
    holes = _meshes_well(placed, volume)
    return brep, (low, size, volume, float(placed.Area()), count, holes)


def _valid(solid: cq.Solid, notes: list[str]) -> cq.Solid:
    import cadquery as cq
    from OCP.ShapeFix import ShapeFix_Shape

    if solid.isValid():
        return solid
    faults = _faults(solid)
    before = abs(float(solid.Volume()))
    fix = ShapeFix_Shape(solid.wrapped)
    fix.Perform()
    fixed = cq.Shape.cast(fix.Shape()) if fix.Shape() is not None and not fix.Shape().IsNull() else None
    solids = fixed.Solids() if fixed is not None else []
    if len(solids) == 1 and solids[0].isValid():
        after = abs(float(solids[0].Volume()))
        if abs(after - before) <= SAME_VOLUME * max(before, 1.0):
            notes.append(f"the solid had faults ({faults}) and was mended; its volume stayed the same")
            return solids[0]
        faults += f"; mending would change its volume from {before:.3f} to {after:.3f} mm3"
    msg = f"the solid is not sound: {faults}"
    raise OrderError("step.invalid", msg, value=faults, limit="no fault", hint="Heal the part in the CAD program.")


def _faults(solid: cq.Solid) -> str:
    """The kernel's own list of faults with how often each occurs: "2 x face UnorientableShape"."""
    from OCP.BRepCheck import BRepCheck_Analyzer, BRepCheck_ListOfStatus, BRepCheck_Status

    checker = BRepCheck_Analyzer(solid.wrapped)
    found: Counter[str] = Counter()
    for one in (solid, *solid.Shells(), *solid.Faces(), *solid.Wires(), *solid.Edges(), *solid.Vertices()):
        result = checker.Result(one.wrapped)
        told: Any = BRepCheck_ListOfStatus() if result is None else result.Status()
        found.update(
            f"{one.ShapeType().lower()} {status.name.removeprefix('BRepCheck_')}"
            for status in told
            if status != BRepCheck_Status.BRepCheck_NoError
        )
    named = [f"{n} x {what}" for what, n in sorted(found.items())]
    return ", ".join(named[:6]) or "its faces do not bound one body"


def _outward(solid: cq.Solid, notes: list[str]) -> cq.Solid:
    """The solid with its material inside: a file may give it inside out."""
    import cadquery as cq
    from OCP.BRepLib import BRepLib

    if float(solid.Volume()) >= 0 and not _infinite(solid):
        return solid
    turned = cq.Shape.cast(solid.wrapped)
    if not BRepLib.OrientClosedSolid_s(turned.wrapped) or float(turned.Volume()) <= 0:
        msg = "the solid is inside out and open: it bounds no body"
        raise OrderError("step.invalid", msg, value=float(solid.Volume()), limit="> 0 mm3", hint=EXPORT)
    notes.append("the solid was inside out in the file and was turned right")
    return turned.Solids()[0]


def _infinite(solid: cq.Solid) -> bool:
    """True when the material is outside: a point far away is in it."""
    from OCP.BRepClass3d import BRepClass3d_SolidClassifier
    from OCP.TopAbs import TopAbs_State

    sorter = BRepClass3d_SolidClassifier(solid.wrapped)
    sorter.PerformInfinitePoint(1e-6)
    return bool(sorter.State() == TopAbs_State.TopAbs_IN)


def _widest_gap(solid: cq.Solid) -> float:
    from OCP.ShapeAnalysis import ShapeAnalysis_ShapeTolerance

    return float(ShapeAnalysis_ShapeTolerance().Tolerance(solid.wrapped, 1))


def _at_origin(solid: cq.Solid, low: Vector) -> cq.Shape:
    from OCP.BRepTools import BRepTools

    placed = moved(solid, [[1, 0, 0, -low[0]], [0, 1, 0, -low[1]], [0, 0, 1, -low[2]]])
    BRepTools.Clean_s(placed.wrapped)
    return placed


def _meshes_well(solid: cq.Shape, volume: float) -> int:
    """Hold the solid against its own mesh and the second kernel; returns how many holes go through it."""
    m = mesh(solid)
    if not is_watertight(m):
        msg = "the solid's surface is not closed, or touches itself along an edge"
        raise OrderError("step.mesh", msg, value="open or doubled edges", limit="closed", hint=EXPORT)
    shells = len(solid.Shells())
    if shells > 1:
        msg = f"the solid has {shells - 1} closed cavities inside, which no tool reaches"
        hint = "Fill them, or open them to the outside."
        raise OrderError("step.cavity", msg, value=shells - 1, limit=0, hint=hint)
    off, limit = abs(m.volume_mm3 - volume), CHORD_MM / 2 * m.area_mm2
    if off > limit:
        msg = f"the solid's volume is {volume:.3f} mm3, its mesh's {m.volume_mm3:.3f} mm3: its faces contradict"
        raise OrderError("step.mesh", msg, value=off, limit=limit, hint="Heal the part in the CAD program.")
    body = to_manifold(m)
    if body.status().name != "NoError":
        msg = f"the second kernel refuses the solid's mesh: {body.status().name}"
        raise OrderError("step.mesh", msg, value=body.status().name, limit="NoError", hint=EXPORT)
    _apart(m)
    return genus(m)


def _apart(m: Mesh) -> None:
    """Refuse a solid that runs through itself.

    On every section the area by the outline's own sense (an overlap counts twice) must be the area that is covered.
    """
    from manifold3d import CrossSection

    corners = m.points[m.triangles]
    for axis, name in enumerate("XYZ"):
        turned = corners[:, :, [(axis + 1) % 3, (axis + 2) % 3, axis]]
        body = to_manifold(Mesh(m.points[:, [(axis + 1) % 3, (axis + 2) % 3, axis]], m.triangles))
        low, high = float(turned[:, :, 2].min()), float(turned[:, :, 2].max())
        for k in range(LEVELS):
            z = low + (high - low) * (k + 0.4142) / LEVELS
            section: CrossSection = body.slice(z)
            covered = float(section.area())
            off = abs(_signed_area(turned, z) - covered)
            if off > OVERLAP_MM2 + 1e-4 * covered:
                place = f"{name} = {z - low:.3f} mm"
                msg = f"the solid runs through itself: at {place} {off:.2f} mm2 overlap"
                raise OrderError(
                    "step.self-intersecting", msg, place=place, value=off, limit=OVERLAP_MM2,
                    hint="Join the bodies in the CAD program so that no face runs through another.",
                )  # fmt: skip


def _signed_area(corners: NDArray[np.float64], z: float) -> float:
    """The area inside the section's outline at height ``z``, each part counted as often as it is walked round."""
    over = corners[:, :, 2] > z
    cut = corners[over.any(axis=1) & ~over.all(axis=1)]
    over = cut[:, :, 2] > z
    lone_over = over.sum(axis=1) == 1
    lone = np.where(lone_over, over.argmax(axis=1), (~over).argmax(axis=1))
    rows = np.arange(len(cut))
    a, b, c = (cut[rows, (lone + k) % 3] for k in range(3))
    first = a + (b - a) * ((z - a[:, 2]) / (b[:, 2] - a[:, 2]))[:, None]
    second = a + (c - a) * ((z - a[:, 2]) / (c[:, 2] - a[:, 2]))[:, None]
    doubled = (first[:, 0] * second[:, 1] - second[:, 0] * first[:, 1]) * np.where(lone_over, 1.0, -1.0)
    return abs(float(doubled.sum())) / 2
