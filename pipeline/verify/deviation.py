"""How far the part as cut is from the part as drawn: face by face in a table, point by point for a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.sampling import Surface, sample
from model.design import Design
from model.finding import Table
from model.plan import ProcessPlan
from model.program import Programs
from model.toolpath import Toolpaths
from pipeline.verify.leftover import Leftover, leftovers
from pipeline.verify.programs import judged
from pipeline.verify.shapes import Floats, Ints
from pipeline.verify.simulate import Simulation, simulate

OPERATION_COLUMNS = {
    "cut length (mm)": "cut_length_mm",
    "air share": "air_share",
    "max engagement (deg)": "max_engagement_deg",
    "mean engagement (deg)": "mean_engagement_deg",
    "max depth (mm)": "max_depth_mm",
    "max width (mm)": "max_width_mm",
    "max chip (mm)": "max_chip_mm",
    "max force (N)": "max_force_n",
    "max bending (mm)": "max_bending_mm",
    "max power (kW)": "max_power_kw",
}


@dataclass(frozen=True, slots=True)
class Deviations:
    """The part's surface as cut, in the part's frame (mm).

    ``value`` is each point's signed distance from the drawn surface to the cut one: positive where material was
    left (0.5 and more shows as 0.5), negative where it was cut into. ``judged`` is False on the blank's own faces
    and under tabs. ``face`` numbers the faces in the solid's order; ``kinds`` names their surfaces.
    """

    points: Floats
    normals: Floats
    face: Ints
    value: Floats
    judged: NDArray[np.bool_]
    kinds: tuple[str, ...]


def deviations(
    design: Design, plan: ProcessPlan, toolpaths: Toolpaths, programs: Programs, spacing_mm: float = 0.5
) -> Deviations:
    """Cut the part with its programs and measure every point of its surface, ``spacing_mm`` apart or closer.

    Raises:
        ConfigError: No reader knows a program's dialect.
        KeyError: The design has no such part.
    """
    part = {p.name: p for p in design.parts}[plan.part]
    setups = {s.index: s for s in plan.setups}
    surface = sample(part.brep, spacing_mm)
    simulation = simulate(plan, [judged(p, setups[p.setup], plan) for p in programs.programs], surface, toolpaths)
    told = leftovers(plan, surface, simulation)
    return Deviations(surface.points, surface.normals, surface.face, simulation.distance, told.judged, surface.kinds)


def tables(
    surface: Surface, simulation: Simulation, left: Leftover, operations: Mapping[str, Mapping[str, float]]
) -> tuple[Table, ...]:
    """The deviation of every face, and what every operation asked of its tool."""
    return _faces(surface, simulation, left), _operations(operations)


def _faces(surface: Surface, simulation: Simulation, left: Leftover) -> Table:
    """One row a face, from 1: surface, middle, the share of points judged, least, mean and greatest deviation."""
    count = len(surface.kinds)
    mine, value = surface.face[left.judged], simulation.distance[left.judged]
    points = np.maximum(np.bincount(surface.face, minlength=count), 1)
    judged_points = np.bincount(mine, minlength=count)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, mine, value)
    np.maximum.at(high, mine, value)
    mean = np.bincount(mine, weights=value, minlength=count) / np.maximum(judged_points, 1)
    middle = [np.bincount(surface.face, weights=surface.points[:, k], minlength=count) / points for k in range(3)]
    rows = []
    for face, kind in enumerate(surface.kinds):
        place = " ".join(f"{round(float(m[face]), 1) + 0.0:.1f}" for m in middle)
        share = f"{judged_points[face] / points[face]:.2f}"
        if judged_points[face]:
            numbers = tuple(f"{v + 0.0:+.4f}" for v in np.round((low[face], mean[face], high[face]), 4))
        else:
            numbers = ("", "", "")
        rows.append((str(face + 1), kind, place, share, *numbers))
    columns = ("face", "surface", "middle (mm)", "judged", "least (mm)", "mean (mm)", "greatest (mm)")
    return Table("Deviation by face", columns, tuple(rows))


def _operations(operations: Mapping[str, Mapping[str, float]]) -> Table:
    """One row an operation."""
    rows = [
        (name, *(f"{told[key]:.3f}" if key in told else "" for key in OPERATION_COLUMNS.values()))
        for name, told in operations.items()
    ]
    return Table("Loads by operation", ("operation", *OPERATION_COLUMNS), tuple(rows))
