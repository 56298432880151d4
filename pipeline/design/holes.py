"""Holds the threads and fits an order names against the round holes its solid really has."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from generators.kit.given import FitHere, GivenSolid, ThreadHere, unit
from geometry.bores import Bore, bores, dot, minus
from geometry.solids import Shape
from model.design import Fit, Thread, Vector
from model.finding import Finding
from model.thread import ThreadSize, thread_named

ON_AXIS_MM = 0.02
PARALLEL = 1 - 1e-6
DEPTH_MM = 0.02
_HINT = "Give a point on the hole's axis, in the file's own frame (mm), and the way the tool enters."


def round_holes(p: GivenSolid, solid: Shape, low: Vector) -> tuple[tuple[Thread | Fit, ...], tuple[Finding, ...]]:
    """The order's threads and fits in the part's frame (the file's, less ``low``), and what is wrong with them."""
    every = bores(solid) if p.threads or p.fits else ()
    asked = [(f"{kind}.{k}", one) for kind in ("threads", "fits") for k, one in enumerate(getattr(p, kind))]
    made: list[Thread | Fit] = []
    findings: list[Finding] = []
    for place, one in asked:
        way = unit(one.direction)
        if way is None:
            findings.append(_finding("no-direction", place, "the direction is 0, 0, 0", "0 0 0", "a direction"))
            continue
        at = minus(one.at_mm, low)
        here = _on_axis(every, at, way)
        wrong = list(_wrong(one, place, at, way, here)) if here else [_no_hole(one, place, every, low)]
        findings += wrong
        if not wrong:
            made.append(
                Thread(one.name, at, way, one.depth_mm) if isinstance(one, ThreadHere) else Fit(one.name, at, way)
            )
    return tuple(made), (*findings, *_contradictions(asked, every, low))


def _contradictions(
    asked: Sequence[tuple[str, ThreadHere | FitHere]], every: Sequence[Bore], low: Vector
) -> Iterator[Finding]:
    """What is asked of one hole twice and cannot be both: two threads, two fits, a thread and a fit."""

    def axis(one: ThreadHere | FitHere) -> list[Bore]:
        way = unit(one.direction)
        return _on_axis(every, minus(one.at_mm, low), way) if way else []

    for (other, first), (place, one) in itertools.combinations(asked, 2):
        holes = axis(one)
        stepped = len(holes) > 1 and math.dist(first.at_mm, one.at_mm) > ON_AXIS_MM  # each may mean a step of its own
        same = (type(first), first.name) == (type(one), one.name)
        if holes and holes == axis(first) and not stepped and not same:
            words = f"{place}: {one.name} and {first.name} ({other}) are asked of the same hole"
            hint = "Ask for one of them; of a stepped hole, each at a point of its own step."
            yield Finding("design.contradiction", words, place, one.name, first.name, hint)


def _on_axis(every: Sequence[Bore], at: Vector, way: Vector) -> list[Bore]:
    return [b for b in every if abs(dot(b.way, way)) > PARALLEL and b.off_axis_mm(at) <= ON_AXIS_MM]


def _no_hole(one: ThreadHere | FitHere, place: str, every: Sequence[Bore], low: Vector) -> Finding:
    def where(b: Bore) -> str:
        x, y, z = (a + c for a, c in zip(b.start, low, strict=True))
        return f"{b.diameter_mm:.3f} mm at {x:.2f} {y:.2f} {z:.2f}"

    there = ", ".join(where(b) for b in every[:8]) or "no round hole at all"
    at = " ".join(f"{v:g}" for v in one.at_mm)
    words = f"no round hole in that direction has its axis at {at}; the solid has {there}"
    return _finding("no-hole", place, words, at, there)


def _wrong(one: ThreadHere | FitHere, place: str, at: Vector, way: Vector, here: Sequence[Bore]) -> Iterator[Finding]:
    """What is wrong with a thread in a hole; a fit asks for nothing but the hole."""
    if isinstance(one, FitHere):
        return
    there = ", ".join(f"{b.diameter_mm:.3f} mm" for b in here)
    thread = thread_named(one.name)
    if thread is None:
        words = f"{one.name} is no metric or unified thread of a known pitch"
        yield _finding("unknown-thread", place, words, one.name, "M3, M8x1, 1/4-20 UNC, #10-32 UNF")
        return
    least, most = tap_drill_mm(thread)
    fitting = [b for b in here if least <= b.diameter_mm <= most]
    if not fitting:
        limit = f"{least:.3f} to {most:.3f} mm"
        words = f"the hole for {one.name} is {there} wide, its tap drill leaves {limit}"
        yield _finding("not-a-tap-drill", place, words, there, limit)
        return
    deepest = max(dot(minus(end, at), way) for b in fitting for end in (b.start, b.end))
    if deepest < one.depth_mm - DEPTH_MM:
        words = f"the thread shall be {one.depth_mm:g} mm deep, its hole ends {deepest:.3f} mm below the point given"
        yield _finding("too-deep", place, words, one.depth_mm, round(deepest, 3))


def tap_drill_mm(thread: ThreadSize) -> tuple[float, float]:
    """Least and largest hole an internal thread may be cut into, 0.01 mm to spare."""
    least, most = thread.minor_mm
    return least - 0.01, max(most, thread.drill_mm) + 0.01


def _finding(what: str, place: str, words: str, value: float | str, limit: float | str) -> Finding:
    return Finding(f"design.{what}", f"{place}: {words}", place, value, limit, _HINT)
