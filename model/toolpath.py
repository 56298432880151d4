"""Toolpaths: the tool tip's typed moves (CL data, ISO 3592), in the setup's frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cycle = Literal["drill", "peck", "chip-break", "ream", "tap"]
MoveKind = Literal["rapid", "line", "cw", "ccw", "drill"]
Intent = Literal["link", "approach", "plunge", "ramp", "cut", "finish", "lead-in", "lead-out", "retract", "drill"]


@dataclass(frozen=True, slots=True)
class Move:
    """One move of the tool tip to (x, y, z), from where the one before ended.

    "cw" and "ccw" are arcs in the XY plane about (cx, cy), seen from above; with a change of
    z they are helices of at most one turn; equal start and end make a full circle.
    "drill" is a whole hole at (x, y): rapid to ``retract_mm``, feed to z by ``cycle``, and back to
    ``retract_mm``. "drill": at once, ``dwell_s`` at the bottom, out by rapid; "peck": in steps of
    ``peck_mm``, each followed by a full retract; "chip-break": in steps of ``peck_mm``, each followed
    by a short retract; "ream": in and out at feed; "tap": in and out in step with the spindle,
    ``pitch_mm`` a turn. ``feed_mm_min`` is 0 for rapids. ``compensated`` moves follow the tool's centre
    with the control's wear compensation on, the wall on their right (climb milling).
    """

    kind: MoveKind
    x_mm: float
    y_mm: float
    z_mm: float
    feed_mm_min: float = 0.0
    intent: Intent = "cut"
    cx_mm: float = 0.0
    cy_mm: float = 0.0
    retract_mm: float = 0.0
    peck_mm: float = 0.0
    cycle: Cycle = "drill"
    dwell_s: float = 0.0
    pitch_mm: float = 0.0
    compensated: bool = False


@dataclass(frozen=True, slots=True)
class Toolpath:
    """All moves of one operation. The first move is a rapid at the clearance height."""

    operation_id: str
    tool_number: int
    spindle_rpm: float
    coolant: Literal["off", "flood", "mist"]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class SetupPath:
    """The toolpaths of one setup, in order."""

    setup: int
    toolpaths: tuple[Toolpath, ...]


@dataclass(frozen=True, slots=True)
class Toolpaths:
    """The toolpaths of a whole plan, one entry a setup."""

    setups: tuple[SetupPath, ...]
