"""Tools as other programs' libraries tell them: geometry, presets, holder, and the original text kept beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from model.finding import Finding
from model.tooling import Segment3

LibraryUnit = Literal["mm", "inch"]


@dataclass(frozen=True, slots=True)
class LibraryGeometry:
    """A tool's shape in mm and degrees, names after ISO 13399; None where the library says nothing.

    ``diameter_mm`` DC; ``tip_diameter_mm`` the flat at a cone's point; ``point_angle_deg`` SIG, or of a chamfer
    mill the full angle of its cone; ``flute_length_mm`` LCF; ``shoulder_length_mm`` reach before the shank is wider;
    ``stick_out_mm`` LB, nose of the holder to tip; ``overall_length_mm`` OAL; ``shank_diameter_mm`` DCONMS;
    ``flutes`` NOF; ``helix_deg`` FHA; ``corner_radius_mm`` RE; ``pitch_mm`` TP.
    """

    diameter_mm: float | None = None
    tip_diameter_mm: float | None = None
    point_angle_deg: float | None = None
    flute_length_mm: float | None = None
    shoulder_length_mm: float | None = None
    stick_out_mm: float | None = None
    overall_length_mm: float | None = None
    shank_diameter_mm: float | None = None
    flutes: int | None = None
    helix_deg: float | None = None
    corner_radius_mm: float | None = None
    pitch_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """One cutting datum of a library: what its name tells, and its numbers in metric units.

    ``material`` is an ISO 513 group (wood: W) and ``operation`` a word of `OPERATIONS` where the name or the material
    field says so; both empty when neither does. ``vc_m_min`` is what the library states, not what ``n_rpm`` gives.
    """

    name: str
    material: str = ""
    operation: str = ""
    n_rpm: float | None = None
    vc_m_min: float | None = None
    fz_mm: float | None = None
    fn_mm: float | None = None
    vf_mm_min: float | None = None
    plunge_mm_min: float | None = None
    ap_mm: float | None = None
    ae_mm: float | None = None
    coolant: str = ""


@dataclass(frozen=True, slots=True)
class LibraryHolder:
    """A holder that came with a tool: cones from its nose up to the gauge line, in mm."""

    name: str
    segments: tuple[Segment3, ...]
    gauge_length_mm: float | None = None


@dataclass(frozen=True, slots=True)
class LibraryTool:
    """One entry of a library.

    ``kind`` is a `ToolKind` of the house, or the library's own word for what the house has no kind for (it then starts
    with ``other:``). ``number`` is the T number, 0 for none. ``original`` is the entry as it stood in the file, so that
    writing the same format gives it back whole; ``place`` names it in messages. ``unit`` is the unit it was drawn in.
    """

    place: str
    kind: str
    name: str
    unit: LibraryUnit
    geometry: LibraryGeometry
    original: str
    number: int = 0
    maker: str = ""
    order_code: str = ""
    substrate: str = ""
    centre_cutting: bool | None = None
    right_hand: bool = True
    max_rpm: float | None = None
    price_eur: float | None = None
    holder: LibraryHolder | None = None
    presets: tuple[Preset, ...] = ()
    extras: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolLibrary:
    """A whole library as read: its entries in file order, and everything doubtful in it as notes that name the row.

    ``format`` is one of `tooling_db.libraries.FORMATS`; ``frame`` is what stood around the entries in the file.
    """

    name: str
    format: str
    tools: tuple[LibraryTool, ...]
    notes: tuple[Finding, ...] = ()
    frame: Mapping[str, str] = field(default_factory=dict)
