"""What a family hands over: pieces with what is promised of them, and how they go together."""

from __future__ import annotations

from dataclasses import dataclass

from generators.kit.body import Body
from model.design import Annotation, Expected, Vector


@dataclass(frozen=True, slots=True)
class Piece:
    """One solid of the product, in its own frame (mm, z up, bottom at z = 0).

    ``cosmetic`` names the faces people look at. ``engraved_mm3`` is what the text must have taken away from
    the plain body (negative: added); 0 when there is no text. ``plain_mm3`` is the body without text.
    """

    name: str
    body: Body
    expected: Expected
    annotations: tuple[Annotation, ...] = ()
    cosmetic: tuple[str, ...] = ()
    plain_mm3: float = 0.0
    engraved_mm3: float = 0.0


@dataclass(frozen=True, slots=True)
class Mate:
    """Two pieces as assembled: ``moving`` is shifted by ``shift_mm`` and then rests on ``fixed``.

    They must not share material, must touch over at least ``contact_mm2`` of level faces at ``contact_z_mm``
    (in the frame of ``fixed``), must keep ``gap_mm`` all round above that, and together fill a box of ``size_mm``.
    """

    fixed: str
    moving: str
    shift_mm: Vector
    contact_z_mm: float
    contact_mm2: float
    gap_mm: float
    size_mm: Vector


@dataclass(frozen=True, slots=True)
class Draft:
    """A product as shaped by its family, before acceptance."""

    title: str
    pieces: tuple[Piece, ...]
    mates: tuple[Mate, ...] = ()
    notes: tuple[str, ...] = ()
