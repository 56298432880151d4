"""Compares the beads of every layer with the part's level section there: walls, skins, volume, nothing outside."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.finding import Gate
from model.tooling import Filament, Printer, Quality
from pipeline.verify.printing_amount import BRIDGE_MM, FREE_END_MM, ODD_BEADS, VOLUME_HIGH, spans, volume
from pipeline.verify.printing_beads import (
    AROUND_MM,
    CELL_MM,
    Array,
    Beads,
    Grid,
    Layer,
    Mask,
    Tally,
    beads,
    look,
    samples,
    thick,
)
from pipeline.verify.printing_flow import Track, gate
from pipeline.verify.printing_raster import BEAD, KEEP_CLEAR, MATERIAL, NEAR, SKIN, count, fill, stroke
from pipeline.verify.printing_target import Section, Target, levels

OUTSIDE_MM = 0.3
OUTSIDE_MM2 = 0.05
SKIRT_CLEAR_MM = 3.0
SAMPLE_MM = 0.2
WALL_GAP_MM = 1.0
SKIN_COVER = 0.96
SKIN_SPARE_MM2 = 2.0


def judge(
    t: Track, found: tuple[Target, ...], printer: Printer, filament: Filament, quality: Quality
) -> tuple[tuple[Gate, ...], Tally]:
    """Every layer of every part, on a grid of 0.05 mm. Layers are told apart by height alone, never by comments."""
    tally = Tally(printer, quality)
    tops = levels(quality, max((p.height_mm for p in found), default=0.0))
    b = beads(t, tops, filament)
    _lost(tally, "layers", "stray-layer", b, b.layer < 0, "beads at no planned layer's height")
    loose = np.ones(len(b.layer), dtype=np.bool_)
    for part in found:
        loose &= ~_part(part, b, tally)
    _lost(tally, "outside", "outside", b, loose & (b.layer > 0), "beads away from every part")
    tally.layers = len(set(b.layer.tolist()) - {-1})
    return _gates(tally, found), tally


def _lost(tally: Tally, group: str, code: str, b: Beads, bad: Mask, what: str) -> None:
    if bad.any():
        at = b.ends[bad][0]
        tally.find(group, code, f"X{at[2]:.2f} Y{at[3]:.2f}", f"{int(bad.sum())} {what}", float(bad.sum()), 0.0)


def _part(part: Target, b: Beads, tally: Tally) -> Mask:
    """Judge one part; returns the beads that lie wholly in its box and 2 mm around."""
    corner = np.array(part.box[:2])
    low, high = corner - AROUND_MM, np.array(part.box[2:]) + AROUND_MM
    least, most = np.minimum(b.ends[:, :2], b.ends[:, 2:]), np.maximum(b.ends[:, :2], b.ends[:, 2:])
    mine = (least >= low).all(axis=1) & (most <= high).all(axis=1)
    # On the first layer the skirt may pass by; whatever reaches into the box is looked at.
    seen = np.where(b.layer == 0, (most >= low).all(axis=1) & (least <= high).all(axis=1), mine)
    order = np.flatnonzero(seen)[np.argsort(b.layer[seen], kind="stable")]
    cut = np.searchsorted(b.layer[order], np.arange(len(part.layers) + 1))
    above = mine & (b.layer >= len(part.layers))
    _lost(tally, "outside", "outside", b, above, f"beads above {part.name}")
    shape = tuple(math.ceil(v / CELL_MM) for v in (high - low)[::-1])
    board = Board(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8))
    tops = levels(tally.quality, part.height_mm)
    below: Section | None = None
    for i, choices in enumerate(part.layers):
        rows = order[cut[i] : cut[i + 1]]
        place = f"{part.name} layer {i + 1} (z {tops[i]:.2f})"
        if not rows.size and part.top_optional and i == len(part.layers) - 1:
            continue
        if not any(s.area_mm2 > 0 for s in choices):
            tally.find("layers", "no-section", place, "the solid has nothing here to compare with", 0.0, 0.0)
        elif not rows.size:
            tally.find("layers", "layer-missing", place, "nothing is printed", 0.0, choices[0].area_mm2)
            below = choices[0]
        else:
            lines = np.column_stack([b.ends[rows] - np.tile(corner, 2), b.width_mm[rows] / 2])
            height = float(tops[i] - (tops[i - 1] if i else 0.0))
            layers = [Layer(place, s, height, i == 0, lines, b.volume_mm3[rows], b.joined[rows]) for s in choices]
            trials = [(_layer(board, one, below, tally.trial()), one.section) for one in layers]
            best, below = min(trials, key=lambda t: sum(map(len, t[0].findings.values())))
            tally.take(best)
    return mine


@dataclass(slots=True)
class Board:
    """The grids a part's layers are drawn on: ``blank`` keeps the section ``drawn`` on it, ``grid`` gets the beads."""

    blank: Grid
    grid: Grid
    drawn: Section | None = None
    first: bool = True


def _layer(board: Board, layer: Layer, below: Section | None, tally: Tally) -> Tally:
    """Everything asked of one layer of one part."""
    section = layer.section
    if board.drawn is None or board.first or not _alike(section, board.drawn):
        _draw(board.blank, section, keep_clear=layer.first)
        board.drawn, board.first = section, layer.first
    board.grid[:] = board.blank
    _cover(board.grid, layer, tally)
    _walls(board.grid, layer, tally)
    volume(layer, tally)
    if below is not None and not np.array_equal(section.edges, below.edges):
        spans(board.grid, below, layer, tally)
    return tally


def _alike(a: Section, b: Section) -> bool:
    return np.array_equal(a.edges, b.edges) and np.array_equal(a.skin_edges, b.skin_edges)


def _draw(grid: Grid, section: Section, *, keep_clear: bool) -> None:
    """The section and its surroundings on an empty grid, before any bead."""
    origin = -AROUND_MM
    grid[:] = 0
    fill(grid, section.edges, origin, origin, CELL_MM, MATERIAL)
    fill(grid, section.skin_edges, origin, origin, CELL_MM, SKIN)
    stroke(grid, thick(section.edges, OUTSIDE_MM), origin, origin, CELL_MM, NEAR)
    if keep_clear:
        stroke(grid, thick(section.edges, SKIRT_CLEAR_MM), origin, origin, CELL_MM, KEEP_CLEAR)


def _cover(grid: Grid, layer: Layer, tally: Tally) -> None:
    """Skin closed, and nothing outside."""
    origin = -AROUND_MM
    stroke(grid, layer.lines, origin, origin, CELL_MM, BEAD)
    skin, covered, outside, row, col = count(grid, layer.first)
    area = outside * CELL_MM**2
    tally.outside_mm2 = max(tally.outside_mm2, area)
    if area > OUTSIDE_MM2:
        at = f"x {col * CELL_MM + origin:.2f} y {row * CELL_MM + origin:.2f} of its box"
        message = f"{area:.2f} mm2 of bead more than {OUTSIDE_MM} mm outside, at {at}"
        tally.find("outside", "outside", layer.place, message, area, OUTSIDE_MM2)
    if skin * CELL_MM**2 > 1.0:
        tally.cover = min(tally.cover, covered / skin)
        if (covered + SKIN_SPARE_MM2 / CELL_MM**2) / skin < SKIN_COVER:
            message = f"only {covered / skin:.1%} of {skin * CELL_MM**2:.1f} mm2 top or bottom skin is covered"
            tally.find("skins", "skin-open", layer.place, message, covered / skin, SKIN_COVER)


def _walls(grid: Grid, layer: Layer, tally: Tally) -> None:
    """Along every outline, half a line width inside it, there must be a bead; the longest run without one is the gap.

    Places thinner than one line width cannot hold a full bead and are not judged.
    """
    w = tally.quality.line_width_mm
    for ring in layer.section.rings:
        ends = np.hstack([ring, np.roll(ring, -1, axis=0)])
        way = ends[:, 2:] - ends[:, :2]
        length = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-12)
        inward = np.column_stack([-way[:, 1], way[:, 0]]) / length[:, None]
        edge, at, piece = samples(ends, SAMPLE_MM)
        near, far = look(grid, at + inward[edge] * (w / 2)), look(grid, at + inward[edge] * w)
        bare = ((near & (MATERIAL | BEAD)) == MATERIAL) & ((far & MATERIAL) != 0)
        if bare.any():
            gap, where = longest(bare, piece)
            tally.gap_mm = max(tally.gap_mm, gap)
            if gap > WALL_GAP_MM:
                x, y = at[where]
                message = f"no wall for {gap:.2f} mm near x {x:.2f} y {y:.2f} of its box"
                tally.find("walls", "wall-missing", layer.place, message, gap, WALL_GAP_MM)


def longest(bare: NDArray[np.bool_], piece: Array) -> tuple[float, int]:
    """Length and first sample of the longest run of True around a closed loop."""
    if bare.all():
        return float(piece.sum()), 0
    turn = int(np.flatnonzero(~bare)[0])
    mask, lengths = np.roll(bare, -turn), np.roll(piece, -turn)
    total = np.concatenate([[0.0], np.cumsum(np.where(mask, lengths, 0.0))])
    change = np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8))
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    runs = total[ends] - total[starts]
    best = int(np.argmax(runs))
    return float(runs[best]), int((starts[best] + turn) % len(bare))


def _gates(tally: Tally, found: tuple[Target, ...]) -> tuple[Gate, ...]:
    def made(
        group: str, name: str, detail: str, value: float | None = None, limit: float | None = None, unit: str = ""
    ) -> Gate:
        return gate(name, detail, tuple(tally.findings.get(group, ())), value, limit, unit)

    layers = f"{sum(len(p.layers) for p in found)} layers of {len(found)} parts, each at its planned height"
    beyond = f"bead area more than {OUTSIDE_MM} mm outside in one layer"
    bridge = f"longest bridge (free ends up to {tally.free_mm:.2f} of {FREE_END_MM:g} mm)"
    solid = "filament against the section; worst solid layer's deviation"
    return (
        made("layers", "layers complete", layers),
        made("walls", "walls", "longest outline without a bead", tally.gap_mm, WALL_GAP_MM, "mm"),
        made("skins", "skins", "least covered top or bottom layer", tally.cover, SKIN_COVER),
        made("outside", "nothing outside", beyond, tally.outside_mm2, OUTSIDE_MM2, "mm2"),
        made("volume", "volume", solid, tally.solid_off, round(VOLUME_HIGH - 1, 6)),
        made("beads", "bead widths", "largest share of a layer in beads of an odd width", tally.odd, ODD_BEADS),
        made("spans", "bridges", bridge, tally.bridge_mm, BRIDGE_MM, "mm"),
    )
