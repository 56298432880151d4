"""Puts neighbouring holes, turns and toolpaths together that a control says in one call."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol

from model.errors import ConfigError
from model.plan import Setup
from model.toolpath import Move, Toolpath
from postprocessors.dialects import Dialect
from postprocessors.motion import compensation, sweep

SAME_MM = 1e-6
SAME_RAD = 1e-7
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Holes:
    """Holes that differ only in their place, made one after the other from and back to the height ``clear_mm``."""

    like: Move
    clear_mm: float
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Spiral:
    """Arcs about one centre that rise evenly: half and whole turns, the last of any length."""

    turns: tuple[Move, ...]
    sweeps_rad: tuple[float, ...]

    @property
    def sweep_rad(self) -> float:
        """How far it turns in all."""
        return math.fsum(self.sweeps_rad)

    @property
    def last(self) -> Move:
        """Where it ends."""
        return self.turns[-1]

    @property
    def full_turns(self) -> int:
        """Whole turns in it."""
        return math.floor(self.sweep_rad / math.tau + SAME_RAD)

    @property
    def whole(self) -> bool:
        """True when it ends over its start."""
        return abs(self.sweep_rad - math.tau * self.full_turns) < SAME_RAD


class Speller(Protocol):
    """How a syntax writes the work of one tool."""

    def speed(self, rpm: float) -> str:
        """Another spindle speed from here on."""

    def over(self, first: Move) -> str:
        """The way to above the first move's end."""

    def noted(self, note: str) -> str:
        """A comment where an operation begins; the next move's code and feed are said again."""

    def moves(
        self, moves: Sequence[Move], marks: Sequence[str], tops: Sequence[float], notes: Sequence[str]
    ) -> list[str]:
        """Moves in their order; ``marks`` tell where compensation is switched, ``tops`` where material begins.

        ``notes`` stand before the move an operation begins with, or before the holes it is put together with.
        """


def spelled(run: Sequence[Toolpath], notes: Sequence[str], setup: Setup, d: Dialect, speller: Speller) -> list[str]:
    """All toolpaths of one tool, a note before each; what has the same speed and coolant is grouped across them.

    Raises:
        ConfigError: The dialect has no word for a coolant, or compensation has no way in or out.
    """
    marks = compensation([m for p in run for m in p.moves])
    starts = {o.id: o.top_z_mm for o in setup.operations}
    tops = [starts.get(p.operation_id, math.inf) for p in run for _ in p.moves]
    told = [note if k == 0 else "" for p, note in zip(run, notes, strict=True) for k in range(len(p.moves))]
    lines: list[str] = []
    rpm, coolant, done = run[0].spindle_rpm, "off", 0
    for (speed, wet), paths in groupby(run, key=lambda p: (p.spindle_rpm, p.coolant)):
        moves = [m for p in paths for m in p.moves]
        if moves and told[done]:
            lines.append(speller.noted(told[done]))
            told[done] = ""
        if speed != rpm:
            rpm = speed
            lines.append(speller.speed(rpm))
        if done == 0 and moves:
            lines.append(speller.over(moves[0]))
        if wet != coolant:
            coolant = wet
            if coolant not in d.coolant:
                msg = f"dialect {d.name} has no word for {coolant} coolant"
                raise ConfigError("post.no-coolant", msg, place=f"{d.name}.toml", value=coolant)
            lines.append(d.coolant[coolant])
        lines += speller.moves(moves, marks[done:], tops[done:], told[done:])
        done += len(moves)
    return [line for line in lines if line]


def grouped(
    moves: Sequence[Move], here: tuple[float, float, float] | None
) -> Iterator[tuple[range, Move | Holes | Spiral]]:
    """The moves in their order with the places of each, holes and arcs put together.

    ``here`` is where the tool stands before.
    """
    at = 0
    while at < len(moves):
        m = moves[at]
        found: Move | Holes | Spiral = m
        after = at + 1
        if m.kind == "drill":
            found, after = _holes(moves, at)
            here = (*found.points[-1], found.clear_mm)
        else:
            if m.kind in ("cw", "ccw") and here is not None:
                found, after = _spiral(moves, at, here)
            end = moves[after - 1]
            here = end.x_mm, end.y_mm, end.z_mm
        yield range(at, after), found
        at = after


def _holes(moves: Sequence[Move], at: int) -> tuple[Holes, int]:
    first = moves[at]
    clear, after = _way_out(moves, at)
    points = [(first.x_mm, first.y_mm)]
    while after + 1 < len(moves):
        across, hole = moves[after : after + 2]
        over = across.kind == "rapid" and (across.x_mm, across.y_mm) == (hole.x_mm, hole.y_mm)
        like = hole.kind == "drill" and replace(hole, x_mm=first.x_mm, y_mm=first.y_mm) == first
        if not (over and like and across.z_mm == clear):
            break
        height, next_ = _way_out(moves, after + 1)
        if height != clear:
            break
        points.append((hole.x_mm, hole.y_mm))
        after = next_
    return Holes(first, clear, tuple(points)), after


def _way_out(moves: Sequence[Move], at: int) -> tuple[float, int]:
    """How high the tool goes out of a hole, and the move after that."""
    hole = moves[at]
    if at + 1 < len(moves):
        up = moves[at + 1]
        straight = up.kind == "rapid" and (up.x_mm, up.y_mm) == (hole.x_mm, hole.y_mm)
        if straight and up.z_mm >= hole.retract_mm:
            return up.z_mm, at + 2
    return hole.retract_mm, at + 1


def _spiral(moves: Sequence[Move], at: int, here: tuple[float, float, float]) -> tuple[Spiral, int]:
    first = moves[at]
    sweeps = [sweep(here[:2], first)]
    slope = (first.z_mm - here[2]) / sweeps[0]
    after = at + 1
    while abs(slope) > SAME_MM and _halves(sweeps[-1]) and after < len(moves):
        last, m = moves[after - 1], moves[after]
        if replace(m, x_mm=first.x_mm, y_mm=first.y_mm, z_mm=first.z_mm) != first:
            break
        turn = sweep((last.x_mm, last.y_mm), m)
        if abs(m.z_mm - last.z_mm - slope * turn) > SAME_MM:
            break
        sweeps.append(turn)
        after += 1
    return Spiral(tuple(moves[at:after]), tuple(sweeps)), after


def _halves(turn: float) -> bool:
    return min(abs(turn - math.pi), abs(turn - math.tau)) < SAME_RAD
