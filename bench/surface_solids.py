"""Solids with surfaces a machinist knows: dome, bowl, rounded edges, a spline top, a slope, a half-buried cylinder."""

from __future__ import annotations

import math

import cadquery as cq


def _block(x_mm: float, y_mm: float, z_mm: float) -> cq.Workplane:
    return cq.Workplane("XY").box(x_mm, y_mm, z_mm, centered=(True, True, False))


def dome() -> cq.Workplane:
    """A spherical dome on a floor."""
    ball = cq.Workplane("XY").sphere(16).translate((0, 0, 4))
    return _block(60, 50, 13).union(ball.intersect(_block(60, 50, 30)))


def bowl() -> cq.Workplane:
    """A spherical bowl."""
    return _block(60, 50, 20).cut(cq.Workplane("XY").sphere(18).translate((0, 0, 28)))


def rounds() -> cq.Workplane:
    """Top edges rounded by 3 mm, a pocket whose floor meets its walls in a 2 mm hollow."""
    body = _block(60, 50, 20).edges("|Z").fillet(6).faces(">Z").edges().fillet(3)
    pocket = _block(34, 24, 10).edges("|Z").fillet(5).translate((0, 0, 10)).faces("<Z").edges().fillet(2)
    return body.cut(pocket)


def spline() -> cq.Workplane:
    """Waves over the whole top."""
    from OCP.BRepPrimAPI import BRepPrimAPI_MakePrism
    from OCP.gp import gp_Vec

    line = [-24 + 4.8 * k for k in range(11)]
    points = [[cq.Vector(x, y, 16 + 2.5 * math.sin(x / 7) * math.cos(y / 6)) for y in line] for x in line]
    over = BRepPrimAPI_MakePrism(cq.Face.makeSplineApprox(points).wrapped, gp_Vec(0, 0, 30)).Shape()
    return _block(40, 40, 40).cut(cq.Workplane(obj=cq.Shape.cast(over)))


def slope() -> cq.Workplane:
    """A slope of 30 degrees over a part of the length, down to a step."""
    fall = 20 * math.tan(math.radians(30))
    wedge = cq.Workplane("XZ").polyline([(-10, 26), (10, 26), (10, 26 - fall)]).close().extrude(30, both=True)
    return _block(60, 50, 26).cut(wedge).cut(_block(20, 50, 20).translate((20, 0, 26 - fall)))


def log() -> cq.Workplane:
    """A cylinder half buried in the top."""
    return _block(60, 50, 14).union(cq.Workplane("YZ").circle(9).extrude(20, both=True).translate((0, 0, 14)))


SOLIDS = {"dome": dome, "bowl": bowl, "rounds": rounds, "spline": spline, "slope": slope, "log": log}
