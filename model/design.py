"""A design: solids, what they are made of, and what geometry alone cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from model.region import Stroke

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Thread:
    """A hole to be threaded: the solid shows the tap drill. The axis enters the part along ``direction``."""

    name: str
    at_mm: Vector
    direction: Vector
    depth_mm: float
    kind: Literal["thread"] = "thread"


@dataclass(frozen=True, slots=True)
class Fit:
    """A hole to a tolerance ("H7"): the solid shows the nominal diameter. The axis enters along ``direction``."""

    name: str
    at_mm: Vector
    direction: Vector
    kind: Literal["fit"] = "fit"


@dataclass(frozen=True, slots=True)
class Engraving:
    """Text cut into the plane z = ``z_mm`` of the part's own frame, facing +Z.

    ``strokes`` are tool-centre lines in that plane; a flat tool of ``width_mm`` sunk
    ``depth_mm`` along them leaves exactly the groove the solid shows.
    """

    text: str
    font: str
    font_sha256: str
    width_mm: float
    depth_mm: float
    z_mm: float
    strokes: tuple[Stroke, ...]
    kind: Literal["engraving"] = "engraving"


@dataclass(frozen=True, slots=True)
class Relief:
    """Text raised or sunk as solid shapes (for printing), facing +Z at ``z_mm``."""

    text: str
    font: str
    font_sha256: str
    height_mm: float
    z_mm: float
    kind: Literal["relief"] = "relief"


@dataclass(frozen=True, slots=True)
class Cosmetic:
    """A face people look at: no clamp marks, no tabs. ``face`` is a CadQuery-like selector: ">Z"."""

    face: str
    finish: str
    kind: Literal["cosmetic"] = "cosmetic"


Annotation = Thread | Fit | Engraving | Relief | Cosmetic


@dataclass(frozen=True, slots=True)
class Expected:
    """What the family promises of a part, measured on the exported mesh.

    ``size_mm`` is the box; ``volume_mm3`` an analytic (low, high) bracket; ``genus`` the
    number of through-holes (handles); ``datums`` are named heights z (mm) at which a
    horizontal face must exist.
    """

    size_mm: Vector
    volume_mm3: tuple[float, float]
    genus: int
    datums_mm: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One solid. ``brep`` is the kernel's binary form; ``quantity`` is per ordered item.

    ``zero_mm`` is where its zero lies in the customer's own file: places are told to him as he finds them there.
    """

    name: str
    brep: bytes
    expected: Expected
    annotations: tuple[Annotation, ...] = ()
    quantity: int = 1
    zero_mm: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Design:
    """What will be made. ``facts`` are measured: volume, box, mass, wall."""

    order_id: str
    family: str
    title: str
    material_id: str
    finish: str
    quantity: int
    parts: tuple[Part, ...]
    facts: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
