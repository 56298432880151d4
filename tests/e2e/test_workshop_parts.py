"""Parts every workshop knows, from solid to proof: drilled ends, opposed holes, ring grooves, brackets, fins."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import tooling_db
from geometry import solids
from geometry.drillpoints import drill_points
from model.design import Design, Expected, Part
from model.errors import CapabilityError
from model.finding import Report
from model.plan import Operation, ProcessPlan
from model.toolpath import Toolpaths
from pipeline.plan.stage import plan
from pipeline.toolpaths.stage import post, toolpaths
from pipeline.verify.stage import verify_milling


def block(x: float, y: float, z: float, *, low: float = 0.0) -> Any:
    import cadquery as cq

    return cq.Workplane(origin=(0, 0, low)).box(x, y, z, centered=(True, True, False))


def blind(x: float, z: float, diameter: float, depth: float, angle: float, *, up: bool = True) -> Any:
    """A drilled hole's body: a cylinder that ends in a cone of the full angle."""
    import cadquery as cq

    tip = depth + diameter / 2 / math.tan(math.radians(angle / 2))
    profile = [(0, 1), (diameter / 2, 1), (diameter / 2, -depth), (0, -tip)]
    body = cq.Workplane("XZ").polyline(profile).close().revolve(360, (0, 0, 0), (0, 1, 0))
    return (body if up else body.rotate((0, 0, 0), (1, 0, 0), 180)).translate((x, 0, z))


def design_of(solid: Any) -> Design:
    shape = solid.val()
    shape = shape if shape.ShapeType() == "Solid" else shape.Solids()[0]
    part = Part("part", solids.dump(shape), Expected((1, 1, 1), (0, 1), 0))
    return Design("o1", "hand", "Part", "al-6082", "", 1, (part,))


def planned(solid: Any) -> tuple[Design, ProcessPlan]:
    shop = tooling_db.load()
    design = design_of(solid)
    return design, plan(design, replace(shop, machines={"mill-linuxcnc": shop.machines["mill-linuxcnc"]}))


def proved(design: Design, made: ProcessPlan, change: Callable[[Toolpaths], Toolpaths] = lambda t: t) -> Report:
    paths = change(toolpaths(made, design))
    return verify_milling(design, made, paths, post(paths, made))


def failed(report: Report) -> set[str]:
    return {f.code for g in report.gates if g.verdict == "fail" for f in g.findings}


def operations(made: ProcessPlan) -> list[Operation]:
    return [o for s in made.setups for o in s.operations]


@pytest.fixture(scope="module")
def drilled() -> tuple[Design, ProcessPlan]:
    return planned(block(40, 40, 20).cut(blind(-9, 20, 5, 10, 118)).cut(blind(9, 20, 5, 10, 140)))


def test_blind_holes_keep_whatever_point_their_drill_has(drilled: tuple[Design, ProcessPlan]) -> None:
    design, made = drilled
    drill = next(a.tool for a in made.tools if a.tool.kind == "drill")
    notes = [o.note for o in operations(made) if o.strategy == "drill"]

    assert set() == failed(proved(design, made))
    assert 118 < drill.point_angle_deg < 140
    assert all("full diameter to the depth drawn" in n for n in notes)


@pytest.mark.parametrize(("by", "code"), [(-0.3, "verify.gouge"), (0.3, "verify.excess")])
def test_a_drill_that_goes_too_deep_or_not_deep_enough_is_refused(
    drilled: tuple[Design, ProcessPlan], by: float, code: str
) -> None:
    design, made = drilled

    assert code in failed(proved(design, made, deeper("drill", by)))


def deeper(operation: str, by: float) -> Callable[[Toolpaths], Toolpaths]:
    """Drills of the first setup's operations with such a name stop higher or lower by so much."""

    def change(paths: Toolpaths) -> Toolpaths:
        first = paths.setups[0]
        done = [
            replace(t, moves=tuple(
                replace(m, z_mm=m.z_mm + by) if operation in t.operation_id and m.kind == "drill" else m
                for m in t.moves
            ))
            for t in first.toolpaths
        ]  # fmt: skip
        return replace(paths, setups=(replace(first, toolpaths=tuple(done)), *paths.setups[1:]))

    return change


def stepped(*angles: float) -> Any:
    """Through holes of 5 mm, 10 mm wide for the first 12 mm, each with a cone of such an angle for a shoulder."""
    part = block(60, 40, 30)
    for k, angle in enumerate(angles):
        x = 24.0 * k - 12
        part = part.cut(blind(x, 30, 10, 12, angle)).cut(blind(x, 30, 5, 35, angle))
    return part


def test_a_wider_drill_makes_a_cone_between_two_diameters() -> None:
    design, made = planned(stepped(118, 118))
    wide = [o for o in operations(made) if o.id.endswith("step10")]

    assert ["drill", "drill"] == [o.strategy for o in wide]
    assert set() == failed(proved(design, made))
    assert "verify.gouge" in failed(proved(design, made, deeper("step10", -0.3)))
    assert "verify.excess" in failed(proved(design, made, deeper("step10", 0.3)))


@pytest.mark.parametrize(("angle", "given"), [(118, 1), (140, 1), (90, 0), (150, 0)])
def test_only_a_cone_as_blunt_as_drills_is_taken_for_a_shoulder_they_leave(angle: float, given: int) -> None:
    assert given == len(drill_points(stepped(angle).val()))


def test_a_shoulder_whose_drill_would_come_below_the_finer_hole_is_refused() -> None:
    shallow = block(60, 40, 30).cut(blind(0, 30, 10, 12, 118)).cut(cylinder(5, 14))
    with pytest.raises(CapabilityError) as caught:
        planned(shallow)

    assert "plan.no-drill" == caught.value.code
    assert "below the hole" in str(caught.value)


def cylinder(diameter: float, depth: float) -> Any:
    import cadquery as cq

    return cq.Workplane().circle(diameter / 2).extrude(depth).translate((0, 0, 30 - depth))


def test_every_operation_of_a_hole_milled_in_steps_has_a_name_of_its_own() -> None:
    _, made = planned(block(60, 60, 30).cut(cylinder(20, 30)).cut(cylinder(30, 10)).cut(cylinder(42, 5)))
    ids = [o.id for o in made.setups[0].operations]

    assert sorted(set(ids)) == sorted(ids)


def test_two_blind_holes_on_one_axis_leave_the_web_between_them() -> None:
    design, made = planned(block(60, 40, 30).cut(blind(0, 30, 5, 10, 130)).cut(blind(0, 0, 5, 10, 130, up=False)))

    assert set() == failed(proved(design, made))
    assert 2 == len([o for o in operations(made) if o.strategy == "drill"])


def test_a_ring_groove_keeps_its_island() -> None:
    design, made = planned(block(50, 40, 16).faces(">Z").workplane().circle(17).circle(11).cutBlind(-2))

    assert set() == failed(proved(design, made))


def bracket() -> Any:
    """An upside-down T with a hole across its web: held by its foot, the web overhanging the jaw."""
    import cadquery as cq

    cross = cq.Workplane("XZ", origin=(0, 20, 0)).center(0, 30).circle(3).extrude(40)
    return block(58, 34, 8).union(block(58, 8, 45)).cut(cross)


def test_a_bracket_is_held_by_its_foot() -> None:
    design, made = planned(bracket())
    jaws = [s.fixture.obstacles[:2] for s in made.setups]

    assert set() == failed(proved(design, made))
    assert 8 == pytest.approx(min(back.y0_mm - front.y1_mm for front, back in jaws))


def test_a_vise_closed_harder_than_the_work_bears_is_refused() -> None:
    fins = block(60, 40, 25)
    for y in (-12, 0, 12):
        fins = fins.cut(block(60, 8, 15, low=10).translate((0, y, 0)))
    design, made = planned(fins)
    weak = replace(made, material=replace(made.material, proof_n_mm2=1.0))

    assert set() == failed(proved(design, made))
    assert {"verify.crushed"} == failed(proved(design, weak))


def test_the_vise_closes_only_as_hard_as_the_material_bears() -> None:
    shop = tooling_db.load()
    machine = shop.machines["mill-linuxcnc"]
    assert machine.vise is not None
    wax = replace(design_of(block(60, 40, 20)), material_id="wax")
    made = plan(wax, replace(shop, machines={machine.id: machine}))

    assert max(s.fixture.clamp_force_n for s in made.setups) < machine.vise.clamp_force_n
