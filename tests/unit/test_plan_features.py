"""Features as found on solids: every kind, from both sides, and what is no feature."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, TypeVar

import cadquery as cq
import pytest

from geometry.regions import fit, stroke_area
from geometry.solids import moved, prism
from model.design import Engraving, Thread
from model.errors import VerificationError
from model.feature import Chamfer, Cutout, EngravedStrokes, FreeSurface, Hole, Outline, PlanarFace, Pocket
from model.plan import Matrix
from model.region import Stroke
from pipeline.plan.features import Recognition, recognise

F = TypeVar("F")
AS_DRAWN: Matrix = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0))
TURNED: Matrix = ((1, 0, 0, 0), (0, -1, 0, 0), (0, 0, -1, 20))


def block() -> cq.Workplane:
    return cq.Workplane().box(100, 80, 20, centered=(True, True, False))


def bore(d: float, z0: float, z1: float, x: float = 0, y: float = 0) -> cq.Workplane:
    return cq.Workplane().circle(d / 2).extrude(z1 - z0).translate((x, y, z0))


def well(length: float, width: float, r: float, z0: float) -> cq.Workplane:
    return (
        cq.Workplane().box(length, width, 30, centered=(True, True, False)).edges("|Z").fillet(r).translate((0, 0, z0))
    )


def seen(part: cq.Workplane, m: Matrix = AS_DRAWN, notes: tuple[object, ...] = ()) -> Recognition:
    return recognise(moved(part.val(), m), m, notes)  # type: ignore[arg-type]


def only(found: Recognition, kind: type[F]) -> list[F]:
    return [f for f in found.features if isinstance(f, kind)]


def test_plain_block_is_a_face_and_an_outline() -> None:
    found = seen(block())

    assert [PlanarFace, Outline] == [type(f) for f in found.features]
    assert frozenset() == found.strange


def test_pocket_knows_floor_mouth_and_tightest_corner() -> None:
    (pocket,) = only(seen(block().cut(well(60, 40, 5, 12))), Pocket)

    assert (20, 12, False) == (pocket.top_z_mm, pocket.floor_z_mm, pocket.open)
    assert pytest.approx(5, abs=2e-3) == pocket.corner_radius_mm


def test_pocket_in_a_pocket_begins_at_the_upper_floor() -> None:
    pockets = only(seen(block().cut(well(60, 40, 5, 12)).cut(well(30, 20, 4, 6))), Pocket)

    assert [(20, 12), (12, 6)] == [(p.top_z_mm, p.floor_z_mm) for p in pockets]


def test_holes_elsewhere_do_not_lower_a_pockets_mouth() -> None:
    part = block().cut(well(40, 30, 5, 12)).cut(bore(11, 14, 20, 40, 30)).cut(bore(6.6, 0, 20, 40, 30))
    (pocket,) = only(seen(part), Pocket)

    assert pocket.top_z_mm == 20


def test_island_is_a_hole_in_the_floor() -> None:
    (pocket,) = only(seen(block().cut(well(60, 40, 5, 12)).union(bore(12, 12, 20))), Pocket)

    assert len(pocket.floor.contours) == 2


def test_sharp_corner_has_radius_zero_and_a_step_is_open() -> None:
    sharp = block().cut(cq.Workplane().box(30, 30, 30, centered=(True, True, False)).translate((0, 0, 12)))
    step = block().cut(cq.Workplane().box(40, 200, 30, centered=(True, True, False)).translate((40, 0, 12)))

    assert [0.0] == [p.corner_radius_mm for p in only(seen(sharp), Pocket)]
    assert [True] == [p.open for p in only(seen(step), Pocket)]
    assert [math.inf] == [p.corner_radius_mm for p in only(seen(step), Pocket)]


def test_counterbored_hole_has_two_steps_and_is_through() -> None:
    part = block().cut(bore(11, 13.5, 20)).cut(bore(6.6, 0, 20))
    (hole,) = only(seen(part), Hole)

    assert [(11, 13.5), (6.6, 0)] == [(s.diameter_mm, s.bottom_z_mm) for s in hole.steps]
    assert hole.through


def test_counterbore_from_below_is_the_other_sides() -> None:
    part = block().cut(bore(11, 0, 6.5)).cut(bore(6.6, 0, 20))

    assert [1] == [len(h.steps) for h in only(seen(part), Hole)]
    assert [2] == [len(h.steps) for h in only(seen(part, TURNED), Hole)]


def test_blind_hole_is_blind_and_knows_its_cone() -> None:
    flat = only(seen(block().cut(bore(5, 8, 20))), Hole)[0]
    cone = (
        cq.Workplane("XZ").polyline([(0, 8), (2.5, 8 + 2.5 / math.tan(math.radians(59))), (2.5, 20), (0, 20)]).close()
    )
    drilled = only(seen(block().cut(cone.revolve(360, (0, 0, 0), (0, 1, 0)))), Hole)[0]

    assert (False, 180.0) == (flat.through, flat.tip_angle_deg)
    assert not drilled.through
    assert drilled.tip_angle_deg == pytest.approx(118)


def test_blind_hole_from_below_is_not_seen_from_above() -> None:
    assert [] == only(seen(block().cut(bore(5, 0, 9))), Hole)


def test_thread_is_noted_on_its_hole() -> None:
    note = Thread("M6", (10, 5, 20), (0, 0, -1), 20)
    holes = only(seen(block().cut(bore(5, 0, 20, 10, 5)).cut(bore(5, 0, 20, -10, 5)), notes=(note,)), Hole)

    assert ["", "M6"] == sorted(h.thread for h in holes)


def test_square_window_is_a_cutout_not_a_pocket() -> None:
    found = seen(block().cut(well(30, 20, 3, -5)))

    assert [] == only(found, Pocket)
    assert [pytest.approx(3, abs=2e-3)] == [c.corner_radius_mm for c in only(found, Cutout)]


def test_window_in_a_pocket_begins_at_its_floor() -> None:
    found = seen(block().cut(well(60, 40, 5, 12)).cut(well(20, 10, 3, -5)))

    assert [12] == [c.top_z_mm for c in only(found, Cutout)]


def test_outer_chamfer_is_one_lap_and_no_strange_face() -> None:
    part = block().edges("|Z").fillet(8).faces(">Z").chamfer(1)
    found = seen(part)

    assert [19, 1] == pytest.approx([v for c in only(found, Chamfer) for v in (c.foot_z_mm, c.width_mm)])
    assert frozenset() == found.strange
    assert 9 > len(seen(part, TURNED).strange) > 0


def test_hole_mouth_chamfer_widens_the_hole() -> None:
    part = block().cut(bore(8, 0, 20)).faces(">Z").edges("%CIRCLE").chamfer(1)
    found = seen(part)

    assert [1.0] == [pytest.approx(h.chamfer_mm) for h in only(found, Hole)]
    assert 1 == len(only(found, Chamfer))


def test_fillet_and_slope_are_strange() -> None:
    assert seen(block().edges(">Z and |Y").fillet(3)).strange
    assert seen(block().edges(">Z and >X").chamfer(2, 5)).strange


STROKES = (Stroke(((-10.0, 0.0), (10.0, 0.0), (10.0, 6.0))), Stroke(((-10.0, 5.0), (-4.0, 9.0))))


MORE = (Stroke(((0.0, -5.0), (5.0, -5.0))),)


def engraved(width: float = 0.8) -> cq.Workplane:
    solid: Any = block().val()
    return cq.Workplane(solid.cut(*prism(fit(stroke_area(STROKES, width)), 19.7, 21)))


def note(width: float = 0.8) -> Engraving:
    return Engraving("TL", "test", "", width, 0.3, 20.0, STROKES)


def test_engraving_matches_its_grooves_and_is_no_pocket() -> None:
    found = seen(engraved(), notes=(note(),))

    assert [(20, 0.3, 0.8, STROKES)] == [
        (e.top_z_mm, e.depth_mm, e.width_mm, e.strokes) for e in only(found, EngravedStrokes)
    ]
    assert [] == only(found, Pocket)


def test_a_groove_of_which_no_note_tells_is_found_as_strokes_too() -> None:
    found = seen(engraved(), notes=(replace(note(), strokes=STROKES[:1]),))

    assert ["engraving-1", "pocket-1"] == [f.id for f in only(found, EngravedStrokes)]
    assert [] == only(found, Pocket)


@pytest.mark.parametrize(
    "wrong",
    [
        note(0.7),
        replace(note(), depth_mm=0.2),
        replace(note(), strokes=STROKES[::-1] * 2 + MORE),
        replace(note(), z_mm=19.0),
    ],
    ids=["width", "depth", "stroke too many", "height"],
)
def test_engraving_that_is_not_on_the_solid_is_refused(wrong: Engraving) -> None:
    with pytest.raises(VerificationError) as caught:
        seen(engraved(), notes=(wrong,))

    assert caught.value.code == "plan.engraving-mismatch"


def dished(diameter: float, sag: float) -> cq.Workplane:
    """A round pocket 5 mm deep at its wall, its floor a spherical dish that much deeper in the middle."""
    radius = (diameter**2 / 4 + sag**2) / (2 * sag)
    ball = cq.Workplane().sphere(radius).translate((0, 0, 15 - sag + radius))
    bore = cq.Workplane(origin=(0, 0, 1)).circle(diameter / 2).extrude(14)
    wall = cq.Workplane(origin=(0, 0, 15)).circle(diameter / 2).extrude(9)
    return cq.Workplane(origin=(0, 0, 10)).box(40, 40, 20).cut(bore.intersect(ball)).cut(wall)


@pytest.mark.parametrize("sag", [0.4, 3.7])
def test_a_round_wall_over_a_dish_is_a_blind_hole_above_a_surface(sag: float) -> None:
    found = seen(dished(14, sag))
    hole = only(found, Hole)[0]

    assert 1 == len(only(found, FreeSurface))
    assert not hole.through
    assert 15.0 == pytest.approx(hole.steps[-1].bottom_z_mm)
