"""A ball that fits a hollow is not held off it by the wall the hollow runs into."""

from __future__ import annotations

from typing import Any

import cadquery as cq
import numpy as np

from geometry.dropcutter import cells
from geometry.tessellate import by_face
from geometry.tightness import held_off, looked_at


def test_a_ball_smaller_than_the_round_comes_into_the_foot_of_every_wall() -> None:
    hollow = cq.Workplane().box(24, 18, 30, centered=(True, True, False)).edges("|Z").fillet(5)
    under = cq.Workplane("XZ").polyline([(-30, -10), (30, -10), (30, 12), (-30, 4)]).close().extrude(20, both=True)
    hollow = hollow.cut(under).faces("<Z").edges().fillet(3)
    body: Any = cq.Workplane().box(34, 28, 18, centered=(True, True, False)).cut(hollow).val()
    faces = by_face(body, 0.002)
    mine = [faces[k] for k, f in enumerate(body.Faces()) if f.geomType() in ("BSPLINE", "CYLINDER", "TORUS")]
    gaps = held_off(cells(np.concatenate(faces)), *looked_at(mine), 2.2)

    assert (gaps > 0.03).mean() <= 0.001
