"""What a control would do with a program: its moves, its stops, and what it could not accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from model.finding import Finding

Kind = Literal["rapid", "line", "cw", "ccw"]
Turning = Literal["off", "cw", "ccw"]
Coolant = Literal["off", "flood", "mist"]
What = Literal["tool-change", "dwell", "pause", "end", "offset", "path-mode", "spindle"]


@dataclass(frozen=True, slots=True)
class Bench:
    """What the control knows before the program starts.

    ``work_zero_mm`` is where the offset ``wcs`` lies, in machine coordinates of the spindle nose; ``gauge_mm``
    gives each tool number its length from the nose. ``tool`` is in the spindle (0: not known, then the
    longest is assumed when a height is judged). ``home_mm`` is the reference point in machine coordinates,
    ``radius_mm`` the radius of each tool number where the control's own table holds it.
    """

    work_zero_mm: tuple[float, float, float]
    wcs: str
    gauge_mm: Mapping[int, float]
    tool: int = 0
    home_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    radius_mm: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Start:
    """The state a control may be in when a program starts: left by whatever ran before.

    What bends the coordinates: ``turned`` (G68), ``scaled`` (G51), ``mirrored`` (G51.1), ``polar`` (G16) and
    ``shifted`` (G52, G92), or the words of the control for it.
    """

    inch: bool = False
    absolute: bool = True
    plane: str = "G17"
    wcs: str = "G54"
    motion: str = "G0"
    feed_mm_min: float = 0.0
    feed_mode: str = "G94"
    arc_centres: str = "G91.1"
    compensation: str = "G40"
    length_mm: float = 0.0
    length_offset: int = 0
    spindle: Turning = "off"
    rpm: float = 0.0
    coolant: Coolant = "off"
    retract: str = "G98"
    turned: bool = False
    scaled: bool = False
    mirrored: bool = False
    polar: bool = False
    shifted: bool = False


@dataclass(frozen=True, slots=True)
class ReadMove:
    """One move as the control makes it.

    The end point is the tool tip in the setup's frame (mm), where the tool really is: it follows from the
    machine position, the work zero and the tool in the spindle, so a wrong length offset shows. NaN: not
    known yet. Arcs lie in the XY plane about (cx, cy), seen from above, and rise or fall evenly.
    ``nose_mm`` is the end point in machine coordinates of the spindle nose. ``machine`` marks moves to a place
    of the machine. ``compensation`` is the cutter compensation that holds; ``pitch_mm`` above 0: the spindle
    leads the move, as in tapping.
    """

    line: int
    kind: Kind
    x_mm: float
    y_mm: float
    z_mm: float
    cx_mm: float
    cy_mm: float
    feed_mm_min: float
    spindle: Turning
    spindle_rpm: float
    coolant: Coolant
    tool: int
    length_offset: int
    wcs: str
    nose_mm: tuple[float, float, float]
    machine: bool = False
    compensation: str = "G40"
    pitch_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """Something that is not a move: ``value`` is seconds, a tool number or a tolerance (mm).

    It happens before move number ``at_move``, with the tip at ``z_mm`` (NaN: not known), and finds spindle and
    coolant as said.
    """

    line: int
    what: What
    value: float
    at_move: int
    z_mm: float
    spindle: Turning = "off"
    coolant: Coolant = "off"


@dataclass(frozen=True, slots=True)
class ReadProgram:
    """A whole program read. ``findings`` are lines the control refuses or no reader can judge.

    ``dog_leg``: the control may make rapids of several axes by another way than the straight one.
    ``lengths``: tool lengths come from a table, by the number of each move's ``length_offset``.
    ``path_modes``: the control must be told how closely to follow the path (event "path-mode").
    ``feeds_back``: after a peck's full retract the control feeds down again from the hole's mouth.
    ``retracts``: between tools and at the end the tool goes to the machine's top, by machine coordinates.
    ``spindle_waits``: the control itself waits until the spindle is at speed; others need a dwell.
    """

    moves: tuple[ReadMove, ...]
    events: tuple[ReadEvent, ...]
    findings: tuple[Finding, ...]
    ended: bool
    absolute_at_end: bool
    dog_leg: bool = False
    lengths: bool = False
    path_modes: bool = False
    spindle_waits: bool = False
    retracts: bool = False
    feeds_back: bool = False
