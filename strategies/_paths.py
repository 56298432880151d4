"""Pieces of tool motion every strategy is made of: laps, ramps, leads and levels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from geometry.arcs import sweep
from model.plan import Tab
from model.region import Contour, Point, Segment
from model.toolpath import Intent, Move

RAMP_DEG = 3.0
"""Slope of ramp entries (2-3 degrees is the range for full-width entries)."""

APPROACH_MM = 0.5
"""The tool slows to plunge feed this far above where it may meet material."""

SPRING_MM = 0.01
"""A finishing lap in which the tool bends by more than this is run a second time (belief)."""

SLOWEST = 0.1
"""However tight the corner, the centre keeps this share of the feed."""

EARLY_MM = 0.2
"""Before a corner without an arc the centre slows this much sooner than the tool meets the next wall's allowance."""

STRAIGHT_RAD = 0.1
"""Turns of less than this are no corners."""


def levels(top_mm: float, bottom_mm: float, step_mm: float) -> list[float]:
    """Equal cutting depths from the top down to exactly ``bottom_mm``, each at most ``step_mm``."""
    count = max(1, math.ceil((top_mm - bottom_mm) / step_mm - 1e-6))
    return [top_mm - (top_mm - bottom_mm) * k / count for k in range(1, count)] + [bottom_mm]


def length(start: Point, s: Segment) -> float:
    """Length of one segment (mm)."""
    if s.turn == 0:
        return math.hypot(s.x_mm - start[0], s.y_mm - start[1])
    return abs(sweep(start, s)) * math.hypot(s.x_mm - s.cx_mm, s.y_mm - s.cy_mm)


def perimeter(contour: Contour) -> float:
    """Length of a closed contour (mm)."""
    total, at = 0.0, contour.start
    for s in contour.segments:
        total += length(at, s)
        at = (s.x_mm, s.y_mm)
    return total


def split(start: Point, s: Segment, at_mm: float) -> tuple[Segment, Segment]:
    """A segment in two, ``at_mm`` from its start."""
    part = at_mm / length(start, s)
    if s.turn == 0:
        first = Segment(start[0] + part * (s.x_mm - start[0]), start[1] + part * (s.y_mm - start[1]))
    else:
        base = math.atan2(start[1] - s.cy_mm, start[0] - s.cx_mm) + part * sweep(start, s)
        r = math.hypot(s.x_mm - s.cx_mm, s.y_mm - s.cy_mm)
        first = Segment(s.cx_mm + r * math.cos(base), s.cy_mm + r * math.sin(base), s.turn, s.cx_mm, s.cy_mm)
    return first, s


def from_length(contour: Contour, at_mm: float) -> Contour:
    """The same closed contour, started ``at_mm`` further along."""
    left = at_mm % perimeter(contour)
    at = contour.start
    for k, s in enumerate(contour.segments):
        here = length(at, s)
        if left < here - 1e-6:
            if left < 1e-6:
                return Contour(contour.segments[k:] + contour.segments[:k])
            first, second = split(at, s, left)
            return Contour((second, *contour.segments[k + 1 :], *contour.segments[:k], first))
        left -= here
        at = (s.x_mm, s.y_mm)
    return contour


def direction(start: Point, s: Segment, *, at_end: bool = False) -> Point:
    """Unit tangent of a segment at its start or end."""
    if s.turn == 0:
        size = math.hypot(s.x_mm - start[0], s.y_mm - start[1])
        return ((s.x_mm - start[0]) / size, (s.y_mm - start[1]) / size)
    x, y = (s.x_mm, s.y_mm) if at_end else start
    r = math.hypot(x - s.cx_mm, y - s.cy_mm)
    return (-s.turn * (y - s.cy_mm) / r, s.turn * (x - s.cx_mm) / r)


def along(segments: Iterable[Segment], z_mm: float, feed: float, intent: Intent = "cut") -> list[Move]:
    """Follow segments at one height."""
    return [move(s, z_mm, feed, intent) for s in segments]


def along_wall(
    start: Point, segments: Sequence[Segment], z_mm: float, feed: float, reach_mm: float, wide_mm: float
) -> list[Move]:
    """Follow a wall on the right at ``reach_mm`` on a finishing lap ``wide_mm`` wide, the edge at ``feed`` on the wall.

    Round a hollow corner the wall is longer than the centre's path: F_centre = F r_path / (r_path + reach). Where
    the corner has no more room than the tool, its rim meets the next wall's allowance all at once: just before it
    the centre goes at the feed that removes no more a minute than along the wall.
    """
    moves: list[Move] = []
    for s, after in zip(segments, [*segments[1:], None], strict=True):
        r = math.dist(start, (s.cx_mm, s.cy_mm)) if s.turn > 0 else math.inf
        share = 1.0 if math.isinf(r) else max(SLOWEST, r / (r + reach_mm))
        turn = _left_turn(start, s, after)
        pieces = [(s, share)]
        if turn > STRAIGHT_RAD:
            met = math.acos(max(-1.0, 1 - wide_mm / reach_mm))
            slow = min(share, max(SLOWEST, (1 - math.cos(met)) / (1 - math.cos(min(met + turn, math.pi)))))
            far = length(start, s) - wide_mm / math.sin(turn) - EARLY_MM
            pieces = [*zip(split(start, s, far), (share, slow), strict=True)] if far > EARLY_MM else [(s, slow)]
        moves += [move(piece, z_mm, whole(part * feed), "finish") for piece, part in pieces]
        start = (s.x_mm, s.y_mm)
    return moves


def _left_turn(start: Point, s: Segment, after: Segment | None) -> float:
    """How far the way turns to the left where a segment ends (rad; 0: to the right, or nothing follows)."""
    if after is None:
        return 0.0
    (ax, ay), (bx, by) = direction(start, s, at_end=True), direction((s.x_mm, s.y_mm), after)
    return max(0.0, math.atan2(ax * by - ay * bx, ax * bx + ay * by))


def whole(feed: float) -> float:
    """Feed in whole mm/min, down, at least 1; a billionth short does not cost one."""
    return float(max(1, math.floor(feed + 1e-9)))


def move(s: Segment, z_mm: float, feed: float, intent: Intent) -> Move:
    """One segment as a move ending at ``z_mm``."""
    if s.turn == 0:
        return Move("line", s.x_mm, s.y_mm, z_mm, feed, intent)
    return Move("ccw" if s.turn > 0 else "cw", s.x_mm, s.y_mm, z_mm, feed, intent, s.cx_mm, s.cy_mm)


def enter(x: float, y: float, clearance_mm: float, start_mm: float, feed: float) -> list[Move]:
    """Over the spot at the clearance height, then down at feed to ``start_mm`` through air."""
    return [Move("rapid", x, y, clearance_mm, intent="approach"), Move("line", x, y, start_mm, feed, "approach")]


def leave(last: Move, clearance_mm: float) -> Move:
    """Straight up to the clearance height."""
    return Move("rapid", last.x_mm, last.y_mm, clearance_mm, intent="retract")


def ramp(contour: Contour, z0_mm: float, z1_mm: float, feed: float) -> tuple[list[Move], Contour]:
    """Go down along a closed contour at the ramp slope; returns the moves and the contour from where they end."""
    left = (z0_mm - z1_mm) / math.tan(math.radians(RAMP_DEG))
    slope = (z0_mm - z1_mm) / left if left else 0.0
    moves: list[Move] = []
    z, at, current = z0_mm, contour.start, contour
    while left > 1e-6:
        s = current.segments[0]
        here = length(at, s)
        if here > left + 1e-6:
            first, rest = split(at, s, left)
            moves.append(move(first, z1_mm, feed, "ramp"))
            return moves, Contour((rest, *current.segments[1:], first))
        z -= slope * here
        left -= here
        moves.append(move(s, z1_mm if left <= 1e-6 else z, feed, "ramp"))
        at, current = (s.x_mm, s.y_mm), Contour((*current.segments[1:], s))
    return moves, current


def over_tabs(start: Point, moves: Sequence[Move], tabs: Sequence[Tab], away_mm: float, plunge: float) -> list[Move]:
    """The same moves lifted over every tab: up before it, level across, down after it.

    ``away_mm`` is how far from the wall the tool's centre runs (its radius and the allowance).
    """
    if not tabs:
        return list(moves)
    out: list[Move] = []
    at, z = start, moves[0].z_mm if moves else 0.0
    for m in moves:
        for piece, tab in _pieces(at, m, tabs, away_mm):
            low = piece.z_mm
            height = max(low, tab.top_z_mm) if tab is not None else low
            if abs(height - z) > 1e-9 and (tab is not None or z > low):
                out.append(Move("line", at[0], at[1], height, plunge, "plunge"))
            out.append(replace(piece, z_mm=height))
            at, z = (piece.x_mm, piece.y_mm), height
    return out


def on_tab(p: Point, tabs: Sequence[Tab], away_mm: float) -> bool:
    """True where a tool this far from the wall would reach a tab."""
    return _tab_at(p, tabs, away_mm) is not None


def _pieces(start: Point, m: Move, tabs: Sequence[Tab], away_mm: float) -> list[tuple[Move, Tab | None]]:
    """A move cut exactly where it enters and leaves the reach of tabs."""
    turn = {"ccw": 1, "cw": -1}.get(m.kind, 0)
    s = Segment(m.x_mm, m.y_mm, turn, m.cx_mm, m.cy_mm)
    whole = length(start, s)
    if whole < 1e-6:
        return [(m, None)]
    count = max(1, math.ceil(whole / 0.5))
    spots = [whole * k / count for k in range(count + 1)]
    owners = [_tab_at(_spot(start, s, at), tabs, away_mm) for at in spots]
    cuts = [
        (_border(start, s, spots[k - 1], spots[k], owners[k - 1], tabs, away_mm), owners[k - 1])
        for k in range(1, count + 1)
        if owners[k] is not owners[k - 1]
    ]
    out: list[tuple[Move, Tab | None]] = []
    at, rest, done = start, s, 0.0
    for where, owner in cuts:
        if where - done < 1e-4:
            continue
        piece, rest = split(at, rest, where - done)
        out.append((move(piece, m.z_mm, m.feed_mm_min, m.intent), owner))
        at, done = (piece.x_mm, piece.y_mm), where
    if whole - done > 1e-4 or not out:
        out.append((move(rest, m.z_mm, m.feed_mm_min, m.intent), owners[-1]))
    return out


def _border(
    start: Point, s: Segment, low: float, high: float, owner: Tab | None, tabs: Sequence[Tab], away_mm: float
) -> float:
    """Where along a segment the owner changes, by halving."""
    while high - low > 1e-4:
        mid = (low + high) / 2
        low, high = (mid, high) if _tab_at(_spot(start, s, mid), tabs, away_mm) is owner else (low, mid)
    return (low + high) / 2


def _spot(start: Point, s: Segment, at_mm: float) -> Point:
    first, _ = split(start, s, at_mm)
    return (first.x_mm, first.y_mm)


def _tab_at(p: Point, tabs: Sequence[Tab], away_mm: float) -> Tab | None:
    """The tab a tool at p would cut: within half the tab's width plus the tool's reach along the wall."""
    for t in tabs:
        if math.hypot(p[0] - t.x_mm, p[1] - t.y_mm) <= math.hypot(t.width_mm / 2 + away_mm, away_mm):
            return t
    return None
