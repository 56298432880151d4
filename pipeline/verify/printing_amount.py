"""How much filament a layer gets, in beads of which width, and how far they hang over nothing."""

from __future__ import annotations

import math

import numpy as np

from pipeline.verify.printing_beads import AROUND_MM, CELL_MM, Grid, Layer, Mask, Tally, look, samples, thick
from pipeline.verify.printing_raster import BELOW, MATERIAL, fill, stroke
from pipeline.verify.printing_target import Section

SOLID_LOW = 0.92
VOLUME_HIGH = 1.1
THREAD_LOW, THREAD_HIGH = 0.97, 1.13
THREAD_GAP_MM = 0.05
SPARSE_LOW = 0.75
BEAD_LOW, BEAD_HIGH = 0.75, 2.2
ODD_BEADS = 0.15
BRIDGE_MM = 40.0
FREE_END_MM = 3.0
SAMPLE_MM = 0.4
STRAIGHT = 0.7


def volume(layer: Layer, tally: Tally) -> None:
    """The layer's filament against its section, and the share of beads of a width the nozzle does not draw well."""
    section, quality = layer.section, tally.quality
    mine = inside(section, layer) if layer.first else np.ones(len(layer.lines), dtype=np.bool_)
    fed, width = layer.volume_mm3[mine], 2 * layer.lines[mine, 4]
    total = float(fed.sum())
    tally.volume_mm3 += total
    nozzle = tally.printer.nozzle_mm
    thread = threads(layer, nozzle)[mine]
    wide = (width > BEAD_HIGH * nozzle) & ~thread
    odd = float(fed[(width < BEAD_LOW * nozzle) | wide].sum()) / max(total, 1e-9)
    tally.odd = max(tally.odd, odd)
    if odd > ODD_BEADS:
        message = f"{odd:.1%} of the filament goes into beads a {nozzle:g} mm nozzle does not draw well"
        tally.find("beads", "bead-width", layer.place, message, odd, ODD_BEADS)
    rim = float(np.hypot(*(section.edges[:, 2:] - section.edges[:, :2]).T).sum())
    if section.area_mm2 < rim * quality.line_width_mm:
        return  # letters and ribs of a line or two: the walls' gate judges them
    counted = np.where(thread, fed * thread_share(layer, nozzle), fed)
    ratio = float(counted.sum()) / (section.area_mm2 * layer.height_mm)
    solid = section.skin_mm2 + rim * quality.line_width_mm / 2 >= 0.99 * section.area_mm2
    least = SOLID_LOW if solid else SPARSE_LOW * expected(section, rim, tally)
    if solid:
        tally.solid_off = max(tally.solid_off, abs(1 - ratio))
    if not least <= ratio <= VOLUME_HIGH:
        message = f"filament fills {ratio:.1%} of the section, expected {least:.1%} to {VOLUME_HIGH:.1%}"
        tally.find("volume", "volume", layer.place, message, ratio, least if ratio < least else VOLUME_HIGH)


def expected(section: Section, rim_mm: float, tally: Tally) -> float:
    """The share of a section that walls, skin and sparse infill should fill at least."""
    quality = tally.quality
    walls = min(1.0, rim_mm * quality.line_width_mm * quality.walls / section.area_mm2)
    closed = max(walls, section.skin_mm2 / section.area_mm2)
    return closed + (1 - closed) * quality.infill_percent / 100


def threads(layer: Layer, nozzle_mm: float) -> Mask:
    """Round threads as thick as the nozzle: how libslic3r draws solid infill over sparse, whatever the layer's height.

    It widens them by up to an eighth to fill an area evenly.
    """
    length = np.hypot(*(layer.lines[:, 2:4] - layer.lines[:, :2]).T)
    ratio = layer.volume_mm3 / np.maximum(length, 1e-9) / (math.pi / 4 * nozzle_mm**2)
    return np.asarray((ratio >= THREAD_LOW) & (ratio <= THREAD_HIGH))


def thread_share(layer: Layer, nozzle_mm: float) -> float:
    """The share of a thread that counts for its layer: it sags, and fills only its own pitch there."""
    return min(1.0, (nozzle_mm + THREAD_GAP_MM) * layer.height_mm / (math.pi / 4 * nozzle_mm**2))


def inside(section: Section, layer: Layer) -> Mask:
    """Beads whose middle lies in the section: what is not the skirt. Even-odd rule."""
    ax, ay, bx, by = section.edges.T
    x, y = ((layer.lines[:, :2] + layer.lines[:, 2:4]) / 2).T
    odd = np.zeros(len(x), dtype=np.bool_)
    for x0, y0, x1, y1 in zip(ax, ay, bx, by, strict=True):
        if y0 != y1:
            odd ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return odd


def spans(grid: Grid, below: Section, layer: Layer, tally: Tally) -> None:
    """How far beads hang over nothing: as bridges between two held ends, or with a free end.

    A bead within one line width of the layer below rests on it, or on its neighbour that does. ``grid`` holds
    the layer's own section.
    """
    fill(grid, below.edges, -AROUND_MM, -AROUND_MM, CELL_MM, BELOW)
    stroke(grid, thick(below.edges, tally.quality.line_width_mm), -AROUND_MM, -AROUND_MM, CELL_MM, BELOW)
    line, at, piece = samples(layer.lines[:, :4], SAMPLE_MM)
    air = (look(grid, at) & (BELOW | MATERIAL)) == MATERIAL
    if not air.any():
        return
    starts_path = np.concatenate([[True], (line[1:] != line[:-1]) & ~layer.joined[line[1:]]])
    path = np.cumsum(starts_path)
    total = np.concatenate([[0.0], np.cumsum(piece)])
    starts = np.flatnonzero(np.concatenate([[True], air[1:] != air[:-1]]) | starts_path)
    ends = np.concatenate([starts[1:], [len(air)]])
    for s, e in zip(starts[air[starts]].tolist(), ends[air[starts]].tolist(), strict=True):
        run = float(total[e] - total[s])
        held = s > 0 and path[s - 1] == path[s] and e < len(air) and path[e] == path[s]
        chord = float(np.hypot(*(at[e - 1] - at[s])))
        x, y = at[s]
        if held and chord > STRAIGHT * run - SAMPLE_MM:
            tally.bridge_mm = max(tally.bridge_mm, run)
            value, limit, what = run, BRIDGE_MM, "bridges"
        else:
            value, limit, what = (run / 2 if held else run), FREE_END_MM, "hangs free for"
            tally.free_mm = max(tally.free_mm, value)
        if value > limit:
            message = f"a bead {what} {value:.2f} mm from x {x:.2f} y {y:.2f} of its box"
            tally.find("spans", "unsupported", layer.place, message, value, limit)
