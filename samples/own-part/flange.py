"""Draws the flange that stands for a customer's own part and writes it as STEP, beside the order that names it."""  # noqa: INP001 - a script, no package

from __future__ import annotations

from pathlib import Path

import cadquery as cq

from geometry.step import step

LENGTH, WIDTH, HEIGHT = 96.0, 72.0, 16.0


def flange() -> cq.Workplane:
    """A plate with rounded corners: a round seat, a bore, counterbored and tapped holes above, a recess below."""
    plate = cq.Workplane("XY").box(LENGTH, WIDTH, HEIGHT, centered=(True, True, False)).edges("|Z").fillet(8)
    top = plate.faces(">Z").workplane(origin=(0, 0, HEIGHT))
    seat = top.circle(22).cutBlind(-6.0).faces(">Z").workplane(origin=(0, 0, HEIGHT)).hole(24.0)
    corners = [(x, y) for x in (-38.0, 38.0) for y in (-26.0, 26.0)]
    screws = seat.faces(">Z").workplane(origin=(0, 0, HEIGHT)).pushPoints(corners).cboreHole(6.6, 11.0, 6.5)
    tapped = screws.faces(">Z").workplane(origin=(0, 0, HEIGHT)).pushPoints([(-32.0, 0.0), (32.0, 0.0)]).hole(5.0)
    recess = cq.Workplane("XY").rect(44.0, 44.0).extrude(3.0).edges("|Z").fillet(6)
    return tapped.cut(recess)


if __name__ == "__main__":
    path = Path(__file__).with_name("flange.step")
    path.write_bytes(step(cq.Workplane.findSolid(flange()), "flange"))
