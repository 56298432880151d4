"""Programs for machines and files for printers: exactly the bytes that will be sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Program:
    """One ISO 6983 text. ``tool_numbers`` in the order they cut; ``name`` is the file name."""

    name: str
    setup: int
    machine_id: str
    dialect: str
    text: str
    tool_numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Programs:
    """All programs of a plan, in the order the operator runs them."""

    programs: tuple[Program, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one part lies on the plate: turned about z by ``turn_deg``, then moved.

    The part's own frame is first laid on its ``down`` side (a quarter-turn matrix, rows), then
    its box corner is put at (x, y, 0).
    """

    part: str
    copy: int
    x_mm: float
    y_mm: float
    turn_deg: float
    matrix: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class PrintFile:
    """One plate sliced for one printer.

    ``settings`` are the ones asked for, ``echoed`` the ones the engine wrote back;
    ``plate_3mf`` the very model the engine was given. ``reasons`` say where each setting and
    each choice (printer, quality, the side a part lies on) comes from: (what, why).
    """

    name: str
    printer_id: str
    filament_id: str
    quality_id: str
    dialect: str
    engine: str
    engine_version: str
    text: str
    settings: tuple[tuple[str, str], ...]
    echoed: tuple[tuple[str, str], ...]
    placements: tuple[Placement, ...]
    plate_3mf: bytes
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PrintFiles:
    """All print files of an order."""

    files: tuple[PrintFile, ...]
