"""The beads a print file draws, layer by layer, and the tally of what is wrong with them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.finding import Finding
from model.tooling import Filament, Printer, Quality
from pipeline.verify.printing_flow import Track
from pipeline.verify.printing_target import Section

Array = NDArray[np.float64]
Grid = NDArray[np.uint8]
Mask = NDArray[np.bool_]

CELL_MM = 0.05
AROUND_MM = 2.0
LEVEL_TOL_MM = 0.002
MOST_FINDINGS = 10


@dataclass(frozen=True, slots=True)
class Beads:
    """The drawn moves, one row each.

    ``ends`` (n, 4) in mm; ``layer`` counts from 0, -1 at no planned height; ``joined`` follows the bead before
    without a break.
    """

    ends: Array
    width_mm: Array
    volume_mm3: Array
    layer: NDArray[np.int64]
    joined: Mask


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of one part: what it must be, and the beads there.

    ``lines`` (ax, ay, bx, by, radius) in mm, in the frame of the part's box.
    """

    place: str
    section: Section
    height_mm: float
    first: bool
    lines: Array
    volume_mm3: Array
    joined: Mask


@dataclass(slots=True)
class Tally:
    """What one file is held to, the worst of everything found in it, and the findings."""

    printer: Printer
    quality: Quality
    gap_mm: float = 0.0
    cover: float = 1.0
    outside_mm2: float = 0.0
    solid_off: float = 0.0
    odd: float = 0.0
    bridge_mm: float = 0.0
    free_mm: float = 0.0
    volume_mm3: float = 0.0
    layers: int = 0
    findings: dict[str, list[Finding]] = field(default_factory=dict)

    def trial(self) -> Tally:
        """An empty tally held to the same."""
        return Tally(self.printer, self.quality)

    def take(self, trial: Tally) -> None:
        """Add what a trial found."""
        for name in ("gap_mm", "outside_mm2", "solid_off", "odd", "bridge_mm", "free_mm"):
            setattr(self, name, max(getattr(self, name), getattr(trial, name)))
        self.cover = min(self.cover, trial.cover)
        self.volume_mm3 += trial.volume_mm3
        for group, found in trial.findings.items():
            kept = self.findings.setdefault(group, [])
            kept += found[: MOST_FINDINGS - len(kept)]

    def find(self, group: str, code: str, place: str, message: str, value: float, limit: float) -> None:
        """Keep a finding, at most ten of a group."""
        kept = self.findings.setdefault(group, [])
        if len(kept) < MOST_FINDINGS:
            text = f"{place}: {message}"
            kept.append(Finding(f"verify.print.{code}", text, place, round(value, 6), round(limit, 6)))


def beads(t: Track, tops: Array, filament: Filament) -> Beads:
    """Every move that feeds filament while it travels level.

    Width from the filament fed: area = fed * bore / length, width = area / h + h (1 - pi/4), a bead with round sides.
    """
    rows = np.flatnonzero(t.drawn & ~np.isnan(t.start).any(axis=1) & ~np.isnan(t.end).any(axis=1))
    z = t.end[rows, 2]
    layer = np.clip(np.searchsorted(tops, z - LEVEL_TOL_MM), 0, len(tops) - 1)
    flat = np.abs(t.start[rows, 2] - z) <= LEVEL_TOL_MM
    layer = np.where(flat & (np.abs(tops[layer] - z) <= LEVEL_TOL_MM), layer, -1)
    height = np.diff(tops, prepend=0.0)[layer]
    volume = t.fed_mm[rows] * math.pi * filament.diameter_mm**2 / 4
    width = volume / t.length_mm[rows] / height + height * (1 - math.pi / 4)
    joined = np.diff(rows, prepend=-9) == 1
    return Beads(np.hstack([t.start[rows, :2], t.end[rows, :2]]), width, volume, layer, joined)


def samples(ends: Array, step_mm: float) -> tuple[NDArray[np.int64], Array, Array]:
    """Points along lines (n, 4), at most ``step_mm`` apart: the line of each, the point, the length it stands for."""
    way = ends[:, 2:4] - ends[:, :2]
    length = np.hypot(way[:, 0], way[:, 1])
    n = np.maximum(1, np.ceil(length / step_mm).astype(np.int64))
    line = np.repeat(np.arange(len(ends)), n)
    along = (np.arange(len(line)) - np.repeat(np.cumsum(n) - n, n) + 0.5) / n[line]
    return line, ends[line, :2] + along[:, None] * way[line], (length / n)[line]


def look(grid: Grid, at: Array) -> Grid:
    """What the grid holds at points in the frame of the part's box."""
    cells = np.floor((at + AROUND_MM) / CELL_MM).astype(np.int64)
    cells = np.clip(cells, 0, np.array([grid.shape[1] - 1, grid.shape[0] - 1]))
    return np.asarray(grid[cells[:, 1], cells[:, 0]])


def thick(edges: Array, radius_mm: float) -> Array:
    """Lines as beads of one radius."""
    return np.column_stack([edges, np.full(len(edges), radius_mm)])
