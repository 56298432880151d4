"""The picture of an inspection: the part's visible edges with a numbered balloon at each place to measure."""

from __future__ import annotations

from collections.abc import Sequence

from model.design import Part, Vector
from pipeline.release.drawing import FONT
from pipeline.release.feature_lines import INK, RED

ABOVE: Vector = (0.55, -1.0, 0.8)
BELOW: Vector = (-0.55, 1.0, -0.8)
WIDTH, HEIGHT = 560.0, 330.0
SIDE, TOP = 70.0, 16.0
ROUND = 9.0

Spot = tuple[int, Vector, Vector]
"""A balloon's number, the point it speaks of, and the way out of the material there."""


def pictured(part: Part) -> bytes:
    """The part from above right, without balloons."""
    return _picture(part, ABOVE, ())


def ballooned(part: Part, spots: Sequence[Spot]) -> tuple[bytes, ...]:
    """The part from above right, and from below left where a balloon is seen only there, as SVG."""
    sides: dict[Vector, list[Spot]] = {ABOVE: [], BELOW: []}
    for spot in spots:
        sides[BELOW if _towards(spot[2], ABOVE) < 0 else ABOVE].append(spot)
    return tuple(_picture(part, eye, told) for eye, told in sides.items() if told)


def _towards(way: Vector, eye: Vector) -> float:
    return sum(a * b for a, b in zip(way, eye, strict=True))


def _picture(part: Part, eye: Vector, spots: Sequence[Spot]) -> bytes:
    from geometry import solids
    from geometry.linedraw import flat, visible

    lines = visible([(solids.load(part.brep), (0.0, 0.0, 0.0))], eye)
    xs, ys = ([v for line in lines for v in line[k::2]] for k in (0, 1))
    scale = min((WIDTH - 2 * SIDE) / (max(xs) - min(xs)), (HEIGHT - 2 * TOP) / (max(ys) - min(ys)))
    dx, dy = WIDTH / 2 - scale * (min(xs) + max(xs)) / 2, HEIGHT / 2 + scale * (min(ys) + max(ys)) / 2
    path = "".join(
        f"M{dx + a * scale:.2f} {dy - b * scale:.2f}L{dx + c * scale:.2f} {dy - d * scale:.2f}" for a, b, c, d in lines
    )
    placed = []
    for number, point, _ in spots:
        u, v = flat(point, eye)
        placed.append((number, dx + u * scale, dy - v * scale))
    left = [p for p in placed if p[1] < WIDTH / 2]
    right = [p for p in placed if p[1] >= WIDTH / 2]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" {FONT}>',
        f'<rect width="{WIDTH:.0f}" height="{HEIGHT:.0f}" fill="white"/>',
        f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="0.7" stroke-linecap="round"/>',
        *_column(left, ROUND + 4), *_column(right, WIDTH - ROUND - 4), "</svg>",
    ]).encode()  # fmt: skip


def _column(points: Sequence[tuple[int, float, float]], x: float) -> list[str]:
    """Balloons under one another at a side, in the order of the heights they point at, so that no two lines cross."""
    out: list[str] = []
    for place, (number, px, py) in enumerate(sorted(points, key=lambda p: (p[2], p[1]))):
        y = HEIGHT * (place + 1) / (len(points) + 1)
        out += [
            f'<path d="M{x:.2f} {y:.2f} L{px:.2f} {py:.2f}" stroke="{RED}" stroke-width="0.7"/>',
            f'<circle cx="{px:.2f}" cy="{py:.2f}" r="2" fill="{RED}"/>',
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{ROUND:.0f}" fill="white" stroke="{RED}" stroke-width="1"/>',
            f'<text x="{x:.2f}" y="{y + 3.4:.2f}" font-size="9.5" text-anchor="middle" fill="{INK}">{number}</text>',
        ]  # fmt: skip
    return out
