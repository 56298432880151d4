"""Draws the clamped stock of one setup: a picture in three dimensions, one from above and one from the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from model.feature import EngravedStrokes, Hole, Pocket
from model.plan import Box, Setup
from pipeline.release.feature_lines import DONE, DOWEL, INK, PART, RED, Point, feature, features, polygon
from pipeline.release.words import number
from pipeline.release.workpiece import back, moved

Project = Callable[[float, float, float], Point]
Marks = tuple[tuple[str, tuple[float, float, float]], ...]

STOCK = "#cfe0f3"
HOLDING = "#b9bdc4"
BOARD = "#e6d3b1"
PARALLEL = "#dfe2e6"
STOP = "#e0b23c"
GREEN, BLUE = "#1f9d47", "#2457d6"
FONT = 'font-family="DejaVu Sans"'
WIDTH, HEIGHT = 560.0, 288.0
BOARD_MM = 12.0
PARALLEL_MM = 8.0
STOP_MM = 8.0
MARK_MM = 13.0


@dataclass(frozen=True, slots=True)
class Solid:
    """A box to draw, its colour and its label."""

    box: Box
    colour: str
    label: str = ""


def setup_picture(
    setup: Setup,
    work: tuple[Box, ...],
    told: Mapping[str, str],
    before: tuple[Setup, ...] = (),
    marks: Marks = (),
) -> bytes:
    """The setup as SVG, 560 x 288 units.

    ``work`` is what is clamped, as boxes; ``told`` holds the labels in the reader's language. What the setups
    ``before`` cut into the sides that are in view is drawn grey, so that a turned part can be told from its mirror.
    ``marks`` are numbers and the points of the setup's frame they are drawn at.
    """
    solids = _solids(setup, work, told)
    hull = _hull(work)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" {FONT}>',
        f'<rect width="{WIDTH:.0f}" height="{HEIGHT:.0f}" fill="white"/>',
        *_isometric(setup, solids, hull, before, marks),
        *_from_above(setup, solids, hull, told),
        *_from_the_end(solids, hull, told),
        "</svg>",
    ]
    return "\n".join(parts).encode()


def _solids(setup: Setup, work: tuple[Box, ...], told: Mapping[str, str]) -> list[Solid]:
    stock = work[0]
    solids = [Solid(box, STOCK) for box in work]
    if setup.fixture.kind == "vise":
        for box in setup.fixture.obstacles:
            front = box.y1_mm <= stock.y0_mm + 1e-6
            name = told["fixed-jaw"] if front else told["moving-jaw"] if box.y0_mm >= stock.y1_mm - 1e-6 else ""
            solids.append(Solid(box, HOLDING, name))
            if name and box.z0_mm < stock.z0_mm:
                y0, y1 = (stock.y0_mm, stock.y0_mm + PARALLEL_MM) if front else (stock.y1_mm - PARALLEL_MM, stock.y1_mm)
                solids.append(Solid(Box(box.x0_mm, y0, box.z0_mm, box.x1_mm, y1, stock.z0_mm), PARALLEL))
        return [*solids, Solid(_stop(stock, setup.fixture.grip_mm), STOP, told["vise-stop"])]
    solids += [Solid(box, DOWEL) for box in setup.fixture.obstacles]
    rim = 0.12 * max(stock.x1_mm - stock.x0_mm, stock.y1_mm - stock.y0_mm)
    board = Box(
        stock.x0_mm - rim, stock.y0_mm - rim, stock.z0_mm - BOARD_MM, stock.x1_mm + rim, stock.y1_mm + rim, stock.z0_mm
    )
    return [Solid(board, BOARD, told["spoilboard"]), *solids]


def _stop(stock: Box, grip_mm: float) -> Box:
    """What the work's left end is pushed against, in the middle between the jaws."""
    middle = (stock.y0_mm + stock.y1_mm) / 2
    y0, y1 = middle - STOP_MM / 2, middle + STOP_MM / 2
    return Box(stock.x0_mm - STOP_MM, y0, stock.z0_mm, stock.x0_mm, y1, stock.z0_mm + grip_mm)


def _hull(boxes: tuple[Box, ...]) -> Box:
    return Box(
        min(b.x0_mm for b in boxes),
        min(b.y0_mm for b in boxes),
        min(b.z0_mm for b in boxes),
        max(b.x1_mm for b in boxes),
        max(b.y1_mm for b in boxes),
        max(b.z1_mm for b in boxes),
    )


def _isometric(setup: Setup, solids: list[Solid], hull: Box, before: tuple[Setup, ...], marks: Marks) -> list[str]:
    """Everything seen from the front, right and above, far things first."""

    def flat(x: float, y: float, z: float) -> Point:
        return ((x + y) * math.cos(math.radians(30)), (x - y) * math.sin(math.radians(30)) - z)

    solids = [s for s in solids if s.colour != DOWEL]  # they stand inside the work
    corners = [flat(*c) for s in solids for c in _corners(s.box)]
    project = _fit(flat, corners, (12.0, 14.0, 318.0, 274.0))
    out: list[str] = []
    for solid in _back_to_front(solids):
        out += _box_faces(solid, project)
        if solid.colour == STOCK and solid.box.z0_mm == hull.z0_mm:
            out += _cut_before(setup, solid.box, before, project)
        if solid.colour == STOCK and solid.box.z1_mm == hull.z1_mm:
            out += features(setup, lambda x, y: project(x, y, hull.z1_mm))
    reach = 0.28 * max(hull.x1_mm - hull.x0_mm, hull.y1_mm - hull.y0_mm)
    out += _axes(project, reach, ("X", "Y", "Z"))
    return [*out, *(_mark(project(*at), text) for text, at in marks)]


def _mark(at: Point, text: str) -> str:
    """A step's number in a ring, a little above the place it is done at."""
    x, y = at[0], at[1] - MARK_MM
    ring = f'<circle cx="{x:.2f}" cy="{y:.2f}" r="6.5" fill="white" stroke="{PART}" stroke-width="1.1"/>'
    foot = f'<path d="M{x:.2f} {y + 6.5:.2f} L{at[0]:.2f} {at[1]:.2f}" stroke="{PART}" stroke-width="0.9"/>'
    return foot + ring + _label((x, y + 2.8), text, size=8, colour=PART, bold=True)


def _cut_before(setup: Setup, body: Box, before: tuple[Setup, ...], project: Project) -> list[str]:
    """Holes, pockets and engravings of earlier setups on the front and the right side of the work."""
    out: list[str] = []
    for one in before:
        for axis, sign, at in ((1, -1, body.y0_mm), (0, 1, body.x1_mm)):
            if sum(a * b for a, b in zip(setup.to_setup[axis][:3], one.to_setup[2][:3], strict=True)) * sign > 0.5:
                side = [o.feature for o in one.operations if isinstance(o.feature, Hole | Pocket | EngravedStrokes)]
                flat = _on_side(one, setup, axis, at, project)
                out += [line for f in {f.id: f for f in side}.values() for line in feature(f, flat, DONE)]
    return out


def _on_side(one: Setup, setup: Setup, axis: int, at: float, project: Project) -> Callable[[float, float], Point]:
    """From an earlier setup's x and y to the picture, on the side of the work that was up then."""

    def flat(x: float, y: float) -> Point:
        p = list(moved(back((x, y, 0.0), one.to_setup), setup.to_setup))
        p[axis] = at
        return project(p[0], p[1], p[2])

    return flat


def _from_above(setup: Setup, solids: list[Solid], hull: Box, told: Mapping[str, str]) -> list[str]:
    boxes = [s.box for s in solids]
    corners = [(x, -y) for b in boxes for x, y in ((b.x0_mm, b.y0_mm), (b.x1_mm, b.y1_mm))]
    project = _fit(lambda x, y, _z: (x, -y), corners, (352.0, 24.0, 524.0, 142.0))
    out = [f'<text x="548" y="13" font-size="8.5" text-anchor="end" fill="{INK}">{escape(told["top-view"])}</text>']
    out += [
        _rectangle(project, s, (s.box.x0_mm, s.box.y0_mm), (s.box.x1_mm, s.box.y1_mm))
        for s in sorted(solids, key=lambda s: s.box.z1_mm)
    ]
    out += [_name(solid, hull, project) for solid in solids if solid.label]
    out += features(setup, lambda x, y: project(x, y, 0.0))
    out += _axes(lambda x, y, _z: project(x, y, 0.0), 0.25 * (hull.x1_mm - hull.x0_mm), ("X", "Y"))
    low, high = project(hull.x0_mm, hull.y0_mm, 0.0), project(hull.x1_mm, hull.y1_mm, 0.0)
    out += _dimension((low[0], 148.0), (high[0], 148.0), number(hull.x1_mm - hull.x0_mm, 2))
    out += _dimension((534.0, high[1]), (534.0, low[1]), number(hull.y1_mm - hull.y0_mm, 2))
    return out


def _name(solid: Solid, hull: Box, project: Project) -> str:
    """A box's label: the board's at its far edge, the stop's beside it, a jaw's in the middle of what shows of it."""
    box = solid.box
    y0, y1 = box.y0_mm, box.y1_mm
    if y0 < hull.y0_mm < y1:
        y1 = hull.y0_mm
    elif y0 < hull.y1_mm < y1:
        y0 = hull.y1_mm
    x, y = project((box.x0_mm + box.x1_mm) / 2, (y0 + y1) / 2, 0.0)
    if solid.colour == BOARD:
        y = project(0.0, box.y1_mm, 0.0)[1] + 6.5
    elif solid.colour == STOP:
        x = project(box.x0_mm, 0.0, 0.0)[0] - 10.0
    return _label((x, y + 2.0), solid.label, size=6.5)


def _from_the_end(solids: list[Solid], hull: Box, told: Mapping[str, str]) -> list[str]:
    """Seen from the right end, so that both jaws show: Y to the right, Z up."""
    solids = [s for s in solids if s.colour != STOP]  # it is behind the work
    boxes = [s.box for s in solids]
    corners = [(y, -z) for b in boxes for y, z in ((b.y0_mm, b.z0_mm), (b.y1_mm, b.z1_mm))]
    project = _fit(lambda _x, y, z: (y, -z), corners, (352.0, 202.0, 514.0, 268.0))
    out = [f'<text x="548" y="178" font-size="8.5" text-anchor="end" fill="{INK}">{escape(told["end-view"])}</text>']
    for solid in sorted(solids, key=lambda s: s.colour == STOCK, reverse=True):
        first, second = (solid.box.y0_mm, solid.box.z0_mm), (solid.box.y1_mm, solid.box.z1_mm)
        out.append(_rectangle(lambda a, b, _c: project(0.0, a, b), solid, first, second))
    out += _axes(lambda x, y, _z: project(0.0, x, y), 0.2 * (hull.y1_mm - hull.y0_mm), ("Y", "Z"))
    low, high = project(0.0, hull.y0_mm, hull.z0_mm), project(0.0, hull.y1_mm, hull.z1_mm)
    out += _dimension((524.0, high[1]), (524.0, low[1]), number(hull.z1_mm - hull.z0_mm, 2))
    out += _dimension((low[0], 274.0), (high[0], 274.0), number(hull.y1_mm - hull.y0_mm, 2))
    return out


def _corners(box: Box) -> list[tuple[float, float, float]]:
    return [(x, y, z) for x in (box.x0_mm, box.x1_mm) for y in (box.y0_mm, box.y1_mm) for z in (box.z0_mm, box.z1_mm)]


def _fit(flat: Project, corners: Iterable[Point], window: tuple[float, float, float, float]) -> Project:
    """Scale and centre a projection so that its corners fill a window (left, top, right, bottom)."""
    xs, ys = zip(*corners, strict=True)
    left, top, right, bottom = window
    scale = min((right - left) / max(max(xs) - min(xs), 1e-9), (bottom - top) / max(max(ys) - min(ys), 1e-9))
    dx = (left + right) / 2 - scale * (min(xs) + max(xs)) / 2
    dy = (top + bottom) / 2 - scale * (min(ys) + max(ys)) / 2

    def project(x: float, y: float, z: float) -> Point:
        u, v = flat(x, y, z)
        return (u * scale + dx, v * scale + dy)

    return project


def _back_to_front(solids: list[Solid]) -> list[Solid]:
    """Order boxes that do not overlap so that none hides one drawn after it."""
    rest, ordered = list(solids), []
    while rest:
        free = [s for s in rest if not any(_before(o.box, s.box) and not _before(s.box, o.box) for o in rest)]
        chosen = free[0] if free else rest[0]
        rest.remove(chosen)
        ordered.append(chosen)
    return ordered


def _before(a: Box, b: Box) -> bool:
    """True when ``a`` must be drawn before ``b``: it lies behind, to the left of or below it."""
    eps = 1e-6
    return a.x1_mm <= b.x0_mm + eps or a.y0_mm >= b.y1_mm - eps or a.z1_mm <= b.z0_mm + eps


def _box_faces(solid: Solid, project: Project) -> list[str]:
    b = solid.box
    x0, y0, z0, x1, y1, z1 = b.x0_mm, b.y0_mm, b.z0_mm, b.x1_mm, b.y1_mm, b.z1_mm
    top = [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)]
    front = [(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)]
    right = [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)]
    shades = (1.0, 0.88, 0.76)
    return [
        polygon([project(*c) for c in face], _shade(solid.colour, shade))
        for face, shade in zip((top, front, right), shades, strict=True)
    ]


def _shade(colour: str, factor: float) -> str:
    return "#" + "".join(f"{round(int(colour[i : i + 2], 16) * factor):02x}" for i in (1, 3, 5))


def _rectangle(project: Project, solid: Solid, low: Point, high: Point) -> str:
    (ax, ay), (bx, by) = project(low[0], low[1], 0.0), project(high[0], high[1], 0.0)
    return polygon([(ax, ay), (bx, ay), (bx, by), (ax, by)], solid.colour)


def _axes(project: Project, reach: float, names: tuple[str, ...]) -> list[str]:
    """Arrows from the work zero, and a ring around it."""
    origin = project(0.0, 0.0, 0.0)
    colours = {"X": RED, "Y": GREEN, "Z": BLUE}
    out: list[str] = []
    for number_of_axis, name in enumerate(names):
        end = project(*(reach if i == number_of_axis else 0.0 for i in range(3)))
        out += _arrow(origin, end, colours[name], name)
    x, y = origin
    out.append(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="3.2" fill="white" stroke="{INK}" stroke-width="1"/>')
    half = f"M{x:.2f} {y:.2f} m-3.2 0 a3.2 3.2 0 0 1 3.2 -3.2 l0 6.4 a3.2 3.2 0 0 1 -3.2 -3.2"
    out.append(f'<path d="{half}" fill="{INK}"/>')
    return out


def _arrow(start: Point, end: Point, colour: str, name: str) -> list[str]:
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    head = [(end[0] - 6 * math.cos(angle + s), end[1] - 6 * math.sin(angle + s)) for s in (-0.4, 0.4)]
    at = (end[0] + 6 * math.cos(angle), end[1] + 6 * math.sin(angle) + 3)
    corners = " ".join(f"{x:.2f},{y:.2f}" for x, y in (end, *head))
    line = f"M{start[0]:.2f} {start[1]:.2f} L{end[0]:.2f} {end[1]:.2f}"
    return [
        f'<path d="{line}" stroke="{colour}" stroke-width="1.6"/>',
        f'<polygon points="{corners}" fill="{colour}"/>',
        _label(at, name, size=9, colour=colour, bold=True),
    ]


def _label(at: Point, text: str, *, size: float, colour: str = INK, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{at[0]:.2f}" y="{at[1]:.2f}" font-size="{size}" text-anchor="middle" fill="{colour}"{weight}>'
        f"{escape(text)}</text>"
    )


def _dimension(start: Point, end: Point, text: str) -> list[str]:
    """A dimension line between two points, upright or level, with its number on it."""
    upright = abs(end[0] - start[0]) < abs(end[1] - start[1])
    tick = (2.5, 0.0) if upright else (0.0, 2.5)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    line = f'<path d="M{start[0]:.2f} {start[1]:.2f} L{end[0]:.2f} {end[1]:.2f}'
    for x, y in (start, end):
        line += f" M{x - tick[0]:.2f} {y - tick[1]:.2f} l{2 * tick[0]:.2f} {2 * tick[1]:.2f}"
    turned = f' transform="rotate(-90 {middle[0] + 7:.2f} {middle[1]:.2f})"' if upright else ""
    x, y = (middle[0] + 7, middle[1]) if upright else (middle[0], middle[1] + 8)
    style = f'font-size="7.5" text-anchor="middle" fill="{INK}"{turned}'
    return [
        line + f'" stroke="{INK}" stroke-width="0.5" fill="none"/>',
        f'<text x="{x:.2f}" y="{y:.2f}" {style}>{text}</text>',
    ]
