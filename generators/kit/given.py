"""What may be said of a customer's own solid: which one of the file, how large it is, its threads and its fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NoReturn

from pydantic import BaseModel, ConfigDict, Field

from generators.kit.family import Family, Params, said
from model.errors import OrderError

if TYPE_CHECKING:
    from model.design import Vector

NAME = "step"
"""What stands in place of a family's name in a brief and a design."""

Coordinate = Annotated[float, Field(ge=-1e6, le=1e6)]
Spot = Annotated[tuple[Coordinate, Coordinate, Coordinate], Field(strict=False)]
Length = Annotated[float, Field(gt=0, le=1e4)]


class _Hole(BaseModel):
    """A hole of the solid, found by a point on its axis and the way a tool enters it, in the file's own frame."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    at_mm: Annotated[Spot, Field(description="A point on the axis where it enters the part, in the file's frame")]
    direction: Annotated[Spot, Field(description="The way the tool enters: [0, 0, -1] from above")]


class ThreadHere(_Hole):
    """A hole to be threaded; the solid shows it at its tap drill's diameter."""

    name: Annotated[str, Field(max_length=20, description='Metric or unified: "M6", "M8x1", "1/4-20 UNC"')]
    depth_mm: Annotated[float, Field(gt=0, le=500, description="Depth of full thread from where it enters")]


class FitHere(_Hole):
    """A hole to a tolerance; the solid shows its nominal diameter."""

    name: Annotated[str, Field(pattern=r"^[A-Z]{1,2}(?:[1-9]|1[0-8])$", description='ISO 286 hole tolerance: "H7"')]


class GivenSolid(Params):
    """What an order says of the customer's own solid; everything may be left out."""

    solid: Annotated[
        int | None,
        Field(ge=1, le=10000, description="Which solid of the file, from 1; needed where there are several",
              json_schema_extra=said("count", (), ())),
    ] = None  # fmt: skip
    size_mm: Annotated[
        tuple[Length, Length, Length] | None,
        Field(strict=False, description="The size it must have along X, Y, Z; measured and compared",
              json_schema_extra=said("list", (), ())),
    ] = None  # fmt: skip
    threads: Annotated[
        tuple[ThreadHere, ...],
        Field(strict=False, max_length=200, description="Holes to be threaded",
              json_schema_extra=said("list", (), ())),
    ] = ()  # fmt: skip
    fits: Annotated[
        tuple[FitHere, ...],
        Field(strict=False, max_length=200, description="Holes to a tolerance",
              json_schema_extra=said("list", (), ())),
    ] = ()  # fmt: skip


def given(materials: tuple[str, ...]) -> Family:
    """The contract of a customer's own solid: any material of the shop, none by itself."""
    return Family(GivenSolid, _build, "Customer's own part", "mill", "", materials, {"en": (), "ru": ()})


def unit(direction: Vector) -> Vector | None:
    """A direction of length one; None for none at all."""
    length = sum(v * v for v in direction) ** 0.5
    return None if length < 1e-9 else (direction[0] / length, direction[1] / length, direction[2] / length)


def _build(_: GivenSolid) -> NoReturn:
    """Refuse: words alone make no solid."""
    raise OrderError(
        "order.no-solid",
        "the order is for the customer's own solid, and brings none",
        place="attachments",
        limit="one STEP file",
        hint="Name the file: attachments: [part.step]",
    )
