"""Measuring parts rebuilt with CadQuery; each must have the volume published with the peers' figures."""

from __future__ import annotations

from typing import Any

VOLUMES_MM3 = {"t1": 131907.65, "t2": 153687.10, "t4": 621191.66}


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


def t4() -> Any:
    """Router sheet 300x200x12, R20 corners, two slots 120x12.2, a hole of 80."""
    import cadquery as cq

    body = cq.Workplane("XY").box(300, 200, 12, centered=(True, True, False)).edges("|Z").fillet(20)
    body = body.faces(">Z").workplane(origin=(0, 0, 12)).pushPoints([(0, 70), (0, -70)]).slot2D(120, 12.2).cutThruAll()
    return body.faces(">Z").workplane(origin=(0, 0, 12)).hole(80)


def t2_pocket() -> Any:
    """The pocket of t2 seen from above, from the solid's own section."""
    from geometry.regions import flatten, rectangle
    from geometry.solids import section

    return flatten(rectangle(-60, -45, 60, 45)) - flatten(section(t2().val(), 20.0))


if __name__ == "__main__":
    for name, build in (("t1", t1), ("t2", t2), ("t4", t4)):
        print(name, build().val().Volume(), VOLUMES_MM3[name])
