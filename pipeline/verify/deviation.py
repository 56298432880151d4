"""How far the part as cut is from the part as drawn, face by face, and what every operation asked of its tool."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from geometry.sampling import Surface
from model.finding import Table
from pipeline.verify.leftover import Leftover
from pipeline.verify.simulate import Simulation

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
