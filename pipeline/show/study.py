"""Runs an order's programs once more for the eye: moves, loads, stock after each tool, deviation of the surface."""

from __future__ import annotations

from dataclasses import dataclass

from geometry.display import Drawable, drawable
from geometry.sampling import sample
from model.design import Design, Part
from model.errors import VerificationError
from model.plan import ProcessPlan
from model.program import Programs
from pipeline.show.marks import Marks, marks
from pipeline.show.moves import Track, track
from pipeline.show.stock import Views, views
from pipeline.verify.programs import Judged, judged
from pipeline.verify.simulate import Simulation, simulate

SPACING_MM = 0.25
MOST_DRAWN = 400_000
MOST_CARRIED = 75_000


@dataclass(frozen=True, slots=True)
class Study:
    """What the programs do. ``tracks`` has a list a setup, one track a program; ``stock`` one entry a setup.

    ``fine`` are the surface's points for a picture, ``marks`` fewer of them for the page.
    """

    simulation: Simulation
    tracks: list[list[Track]]
    stock: list[Views]
    fine: Marks
    marks: Marks


def part_of(design: Design, plan: ProcessPlan | None) -> Part:
    """The part that is milled."""
    return next((p for p in design.parts if plan is not None and p.name == plan.part), design.parts[0])


def solid(design: Design, plan: ProcessPlan | None) -> Drawable:
    """The finished part, to draw."""
    return drawable(part_of(design, plan).brep)


def study(design: Design, plan: ProcessPlan, programs: Programs) -> Study:
    """Read every program back and cut the blank with it.

    Raises:
        VerificationError: No program has a move, so there is nothing to draw.
        ConfigError: No reader knows a program's dialect.
    """
    setups = {s.index: s for s in plan.setups}
    read: list[Judged] = [judged(p, setups[p.setup], plan) for p in programs.programs]
    if not any(j.read.moves for j in read):
        raise VerificationError(
            "show.no-moves", "The programs hold no move", place=design.order_id, hint="Make the order again."
        )
    surface = sample(part_of(design, plan).brep, SPACING_MM)
    simulation = simulate(plan, read, surface)
    tracks: list[list[Track]] = []
    for run in simulation.runs:
        tracks.append([])
        for number, (one, path) in enumerate(zip(run.programs, run.paths, strict=True)):
            own = run.owner == number
            tracks[-1].append(track(one.read.moves, path, run.path.move[own], run.met[own], plan.machine))
    fine, coarse = (marks(plan, surface, simulation, SPACING_MM, most) for most in (MOST_DRAWN, MOST_CARRIED))
    return Study(simulation, tracks, views(simulation, tracks), fine, coarse)
