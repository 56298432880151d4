"""Files made on the way: name, kind, and the bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """One file of a release.

    ``name`` is a relative path; ``role`` is what it is for: "step", "stl", "3mf", "glb", "picture",
    "program", "tool-table", "setup-sheet", "certificate", "instructions", ...
    """

    name: str
    role: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Exports:
    """The design as files: STEP, STL, 3MF, GLB, PNG. ``notes`` tell how they were made, where that may differ."""

    files: tuple[File, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Papers:
    """What people read: setup sheets, certificate, tool table."""

    files: tuple[File, ...]
