"""Parts no jaws hold once they are cut out: made in a frame of their blank, proved, every planted fault refused."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import tooling_db
from geometry import solids
from model.design import Design, Expected, Part
from model.finding import Report
from model.order import Brief
from model.plan import Fixture, ProcessPlan, Setup
from model.program import Programs
from model.toolpath import Toolpaths
from pipeline.plan.stage import plan
from pipeline.release.actions import by_hand
from pipeline.release.jobs import CutJob
from pipeline.toolpaths.stage import post, toolpaths
from pipeline.verify.stage import verify_milling

SHOP = tooling_db.load()
BENCH = replace(SHOP, machines={"mill-linuxcnc": SHOP.machines["mill-linuxcnc"]})


def design_of(solid: Any) -> Design:
    shape = solid.val()
    shape = shape if shape.ShapeType() == "Solid" else shape.Solids()[0]
    return Design(
        "o1", "hand", "P", "al-6082", "", 1, (Part("part", solids.dump(shape), Expected((1,) * 3, (0, 1), 0)),)
    )


def flange() -> Any:
    """A round plate with a recess above and one below, and holes through it."""
    import cadquery as cq

    plate = cq.Workplane().circle(18).extrude(10).cut(cq.Workplane(origin=(0, 0, 6)).circle(9).extrude(4))
    plate = plate.cut(cq.Workplane().circle(8).extrude(3))
    return plate.cut(cq.Workplane().polarArray(13.5, 0, 360, 3).circle(2.5).extrude(20))


def rod() -> Any:
    """Two eyes of unlike size with tangent sides, no two of them parallel, bevelled below."""
    import cadquery as cq

    a, b, apart = 14.0, 8.0, 40.0
    turn = math.acos((a - b) / apart)
    ends = [(x + r * math.cos(turn), s * r * math.sin(turn)) for x, r, s in
            ((0, a, 1), (apart, b, 1), (apart, b, -1), (0, a, -1))]  # fmt: skip
    sketch = cq.Workplane().moveTo(*ends[0]).lineTo(*ends[1]).threePointArc((apart + b, 0), ends[2]).lineTo(*ends[3])
    body = sketch.threePointArc((-a, 0), ends[0]).close().extrude(12).faces("<Z").edges().chamfer(0.8)
    return body.cut(cq.Workplane().circle(6).extrude(20)).cut(cq.Workplane().center(apart, 0).circle(3).extrude(20))


def button() -> Any:
    """A round plate with a domed top: the ball that follows the dome goes down past it."""
    import cadquery as cq

    arch = cq.Workplane("XZ").polyline([(0, 0), (12, 0), (12, 5)]).threePointArc((6.6, 7.6), (0, 8.5)).close()
    return arch.revolve(360, (0, 0), (0, 1))


@cache
def made(shape: Callable[[], Any]) -> tuple[Design, ProcessPlan, Toolpaths, Programs]:
    design = design_of(shape())
    found = plan(design, BENCH)
    paths = toolpaths(found, design)
    return design, found, paths, post(paths, found)


def failed(report: Report) -> set[str]:
    return {f.code for g in report.gates if g.verdict == "fail" for f in g.findings}


def judged(changed: Callable[[Setup], Setup] = lambda s: s) -> set[str]:
    """What the judge says of the flange when its second setup is changed."""
    design, found, paths, programs = made(flange)
    return failed(
        verify_milling(design, replace(found, setups=(found.setups[0], changed(found.setups[1]))), paths, programs)
    )


def with_fixture(**changes: Any) -> Callable[[Setup], Setup]:
    return lambda s: replace(s, fixture=replace(s.fixture, **changes))


def skin_of(fixture: Fixture) -> float:
    assert fixture.skin is not None
    return fixture.skin.top_z_mm - fixture.skin.bottom_z_mm


@pytest.mark.parametrize("shape", [flange, rod])
def test_a_part_without_parallel_sides_is_made_in_a_frame_and_told_so(shape: Callable[[], Any]) -> None:
    design, found, paths, programs = made(shape)
    report = verify_milling(design, found, paths, programs)
    first, last = (s.fixture for s in found.setups)

    assert set() == failed(report)
    assert first.skin is None
    assert 0.3 == pytest.approx(skin_of(last))
    assert any("skin" in n.message and "by hand" in n.message for n in report.notes)
    job = CutJob(Brief("o1", "hand", {}, (), "al-6082", "", "", 1), design, found, programs, report, None)

    assert ["unframe", "break"] == [a.kind for a in by_hand(job, "en", None)]


def test_a_ball_that_goes_past_the_part_leaves_its_skin() -> None:
    design, found, paths, programs = made(button)

    assert "steep_shallow" in {o.strategy for o in found.setups[0].operations}
    assert set() == failed(verify_milling(design, found, paths, programs))


def test_the_jaws_press_the_frame_no_harder_than_its_rails_bear() -> None:
    vise = BENCH.machines["mill-linuxcnc"].vise
    assert vise is not None

    assert made(flange)[1].setups[1].fixture.clamp_force_n < vise.clamp_force_n
    assert "verify.crushed" in judged(with_fixture(clamp_force_n=vise.clamp_force_n))


def test_a_skin_nobody_told_of_is_material_left_on() -> None:
    assert "verify.excess" in judged(with_fixture(skin=None))


def test_a_skin_too_thick_to_break_excuses_nothing() -> None:
    _, found, _, _ = made(flange)
    skin = found.setups[1].fixture.skin
    assert skin is not None

    assert "verify.excess" in judged(with_fixture(skin=replace(skin, top_z_mm=skin.bottom_z_mm + 0.6)))


def test_a_program_that_cuts_through_the_skin_lets_the_part_go() -> None:
    design, found, paths, programs = made(flange)
    texts = tuple(
        replace(p, text=p.text.replace("Z0.3000", "Z-0.0500").replace("Z0.3 ", "Z-0.05 ").replace("Z0.3\n", "Z-0.05\n"))
        if p.setup == 2 else p for p in programs.programs
    )  # fmt: skip
    report = verify_milling(design, found, paths, Programs(texts))

    assert "verify.loose" in failed(report)


def test_a_vise_that_grips_too_little_for_the_cut_is_refused() -> None:
    def shallow(s: Setup) -> Setup:
        boxes = [replace(b, z1_mm=0.2) if b.z1_mm > 0 else b for b in s.fixture.obstacles]
        return replace(s, fixture=replace(s.fixture, obstacles=tuple(boxes)))

    assert "verify.clamping" in judged(shallow)


def test_a_vise_closed_too_softly_lets_the_cut_tilt_the_work_out() -> None:
    assert "verify.tilting" in judged(with_fixture(clamp_force_n=150.0))
