"""Measuring parts rebuilt with CadQuery; each must have the volume published with the peers' figures."""

from __future__ import annotations

from typing import Any

VOLUMES_MM3 = {"t1": 131907.65, "t2": 153687.10, "t3": 119093.75, "t4": 621191.66, "t5": 54745.39}


def t1() -> Any:
    """Bracket 100x80x20, R8 corners, pocket 60x40x10 R5, four holes of 6.6 through, two of 5, 12 deep."""
    import cadquery as cq

    body = cq.Workplane("XY").box(100, 80, 20, centered=(True, True, False)).edges("|Z").fillet(8)
    pocket = cq.Workplane("XY").workplane(offset=10).rect(60, 40).extrude(10).edges("|Z").fillet(5)
    body = body.cut(pocket)
    body = body.faces(">Z").workplane(origin=(0, 0, 20)).rect(84, 64, forConstruction=True).vertices().hole(6.6)
    return body.faces(">Z").workplane(origin=(0, 0, 20)).pushPoints([(-42, 0), (42, 0)]).hole(5, 12)


def t2() -> Any:
    """Plate 120x90x25 with a pocket 110x80x15 R8 around three islands."""
    import cadquery as cq

    body = cq.Workplane("XY").box(120, 90, 25, centered=(True, True, False))
    pocket = cq.Workplane("XY").workplane(offset=10).rect(110, 80).extrude(15).edges("|Z").fillet(8)
    disc = cq.Workplane("XY").workplane(offset=10).center(-28, 12).circle(10).extrude(15)
    block = cq.Workplane("XY").workplane(offset=10).center(20, -15).rect(30, 16).extrude(15).edges("|Z").fillet(4)
    hexagon = cq.Workplane("XY").workplane(offset=10).center(25, 20).polygon(6, 18).extrude(15)
    return body.cut(pocket.cut(disc).cut(block).cut(hexagon))


def t3() -> Any:
    """Block 80x80 under one spline surface: the waves of the surface benches, at the published volume's height.

    The publication tells the size, the volume and the number of triangles; the waves are ours.
    """
    import cadquery as cq
    import numpy as np
    from OCP.BRepPrimAPI import BRepPrimAPI_MakePrism
    from OCP.gp import gp_Vec

    from bench.surface_part import SIDE_MM, height_mm

    line = np.linspace(-0.55 * SIDE_MM, 0.55 * SIDE_MM, 41)
    x, y = np.meshgrid(line, line, indexing="ij")
    points = [[cq.Vector(*p) for p in row] for row in np.stack([x, y, height_mm(x, y)], axis=-1).tolist()]
    over = BRepPrimAPI_MakePrism(cq.Face.makeSplineApprox(points, tol=1e-3).wrapped, gp_Vec(0, 0, 40)).Shape()
    block = cq.Workplane("XY").box(SIDE_MM, SIDE_MM, 40, centered=(True, True, False))
    return block.cut(cq.Workplane(obj=cq.Shape.cast(over)))


def t4() -> Any:
    """Router sheet 300x200x12, R20 corners, two slots 120x12.2, a hole of 80."""
    import cadquery as cq

    body = cq.Workplane("XY").box(300, 200, 12, centered=(True, True, False)).edges("|Z").fillet(20)
    body = body.faces(">Z").workplane(origin=(0, 0, 12)).pushPoints([(0, 70), (0, -70)]).slot2D(120, 12.2).cutThruAll()
    return body.faces(">Z").workplane(origin=(0, 0, 12)).hole(80)


def t5() -> Any:
    """Turned shaft of 80 mm: D20, a taper to D30, a groove 4 wide and 3 deep, D40.

    The publication tells D40x80, a taper, a groove of 4 mm and the volume; these steps have that volume.
    """
    import cadquery as cq

    steps = [(0, 0), (10, 0), (10, 15), (15, 30), (15, 45), (12, 45), (12, 49), (15, 49), (15, 65), (20, 65), (20, 80)]
    return cq.Workplane("XZ").polyline([*steps, (0, 80)]).close().revolve(360, (0, 0, 0), (0, 1, 0))


PARTS = {"t1": t1, "t2": t2, "t3": t3, "t4": t4, "t5": t5}


def t2_pocket() -> Any:
    """The pocket of t2 seen from above, from the solid's own section."""
    from geometry.regions import flatten, rectangle
    from geometry.solids import section

    return flatten(rectangle(-60, -45, 60, 45)) - flatten(section(t2().val(), 20.0))
