"""Puts a setup's operations in order: what must come first does, and tools change as seldom as that allows."""

from __future__ import annotations

from collections.abc import Sequence

from model.feature import Hole, Pocket
from model.plan import Operation

RANK = {
    "facing": 0, "engrave": 1, "pocket": 2, "wall": 3, "drill": 4, "bore": 5, "chamfer": 8,
}  # fmt: skip
LAST = 9


def ordered(operations: Sequence[Operation], *, outline_last: bool) -> tuple[Operation, ...]:
    """A precedence order, staying with the tool in the spindle while anything it can do is free to start.

    ``outline_last`` when the outline carries the work (tape, tabs): nothing is cut after it.
    """
    left = list(operations)
    done: list[Operation] = []
    tool = -1
    while left:
        ready = [o for o in left if not any(_before(p, o, outline_last=outline_last) for p in left if p is not o)]
        chosen = min(
            ready, key=lambda o: (o.tool_number != tool, _rank(o, outline_last), o.tool_number, _place(o), o.id)
        )
        tool = chosen.tool_number
        done.append(chosen)
        left.remove(chosen)
    return tuple(done)


def _rank(o: Operation, outline_last: bool) -> int:  # noqa: FBT001
    if o.strategy == "outline":
        inner = o.feature.kind == "cutout"
        return LAST + (0 if inner else 1) if outline_last else 1
    return RANK.get(o.strategy, LAST)


def _place(o: Operation) -> tuple[float, float]:
    return (round(o.feature.x_mm, 3), round(o.feature.y_mm, 3)) if isinstance(o.feature, Hole) else (0.0, 0.0)


def _before(p: Operation, o: Operation, *, outline_last: bool) -> bool:
    """True when p must be cut before o."""
    if p.strategy == "facing":
        return o.strategy != "facing" or p.bottom_z_mm > o.bottom_z_mm
    if p.feature.id == o.feature.id:
        return _stage(p) < _stage(o) or (p.strategy == o.strategy == "bore" and p.bottom_z_mm < o.bottom_z_mm)
    if o.strategy == "chamfer":
        return p.strategy in ("pocket", "wall", "drill", "bore") or (p.strategy == "outline" and not outline_last)
    if o.strategy == "outline":
        inside_first = p.feature.kind == "cutout" and o.feature.kind == "outline"
        return outline_last and (p.strategy != "outline" or inside_first)
    if not isinstance(p.feature, Pocket) or o.strategy in ("facing", "engrave"):
        return False
    return o.top_z_mm <= p.feature.floor_z_mm + 1e-6


def _stage(o: Operation) -> int:
    if o.strategy in ("drill", "pocket"):
        return 0
    if o.strategy == "outline":
        return 0 if o.allowance_mm > 0 else 1
    return 1
