"""The words hub and shops speak: what a shop can do, what an order needs, a ticket, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

HERE = ("localhost", "127.0.0.1", "::1")
"""Names of this computer: what is said to it needs no TLS."""
Process = Literal["cut", "print"]
Number = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
More = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
Spread = tuple[Number, Number]
"""P50 and P90."""
Place = tuple[
    Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)],
    Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)],
]
"""Latitude and longitude in degrees."""
Name = Annotated[str, Field(min_length=1, max_length=80)]
Digests = Mapping[Annotated[str, Field(max_length=300)], Annotated[str, Field(pattern="^[0-9a-f]{64}$")]]


@dataclass(frozen=True, slots=True)
class Pace:
    """What a machine does with one material: cm3 an hour (removed or laid), and what a cm3 of it costs to buy."""

    cm3_h: More
    eur_cm3: Number


@dataclass(frozen=True, slots=True)
class Maker:
    """One machine or printer: the room it has, the tools in it, what it does with each material, its price an hour.

    ``room_mm`` are the travels or the bed, largest first. ``tools`` are what a design can ask for: "M6", "engraving".
    ``eur_h`` holds the machine, the people beside it, current and the shop's mark-up. ``begin_h`` passes before the
    first cm3: laps, holes, text, heating. ``people_h`` and ``people_eur`` are what people do once an order.
    """

    id: Name
    process: Process
    room_mm: tuple[More, More, More]
    materials: Annotated[Mapping[Name, Pace], Field(max_length=1000)]
    tools: Annotated[tuple[Name, ...], Field(max_length=1000)]
    eur_h: Number
    begin_h: Number
    people_h: Number
    people_eur: Number


@dataclass(frozen=True, slots=True)
class Description:
    """What a shop says of itself, from its own tooling database.

    ``wait_h`` passes before a machine that has nothing else to do is set up, ``parcel_h`` and ``parcel_eur`` on the way
    nearby. ``spread`` is P90 over P50 of its own work.
    """

    name: Name
    place: Name
    at_deg: Place
    makers: Annotated[tuple[Maker, ...], Field(min_length=1, max_length=500)]
    wait_h: Spread
    parcel_h: Spread
    parcel_eur: Number
    spread: Annotated[float, Field(ge=1, le=10)]


@dataclass(frozen=True, slots=True)
class Load:
    """Hours of work that wait in a shop, of both processes."""

    cut_h: Number = 0.0
    print_h: Number = 0.0


@dataclass(frozen=True, slots=True)
class Needs:
    """What an order asks of a shop.

    ``size_mm`` is the room its largest part or blank takes, largest first; ``work_cm3`` what is removed or laid for
    all pieces, ``stock_cm3`` what is bought for them. ``to_deg`` is where it goes, to a tenth of a degree.
    """

    process: Process
    material: str
    size_mm: tuple[float, float, float]
    work_cm3: float
    stock_cm3: float
    pieces: int = 1
    tools: tuple[str, ...] = ()
    machine: str = ""
    due: str = ""
    to_deg: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a shop gets: the specification as an order file's text, and the files it names, by digest.

    ``fence`` grows each time the ticket is given to somebody; only the newest is listened to.
    """

    id: str
    fence: int
    order: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """How a ticket ended: the files released, by digest; of those in ``sent`` the hub has the content."""

    fence: Annotated[int, Field(ge=1)]
    verdict: Literal["released", "waiting", "refused", "broken"]
    code: Annotated[str, Field(max_length=200)] = ""
    message: Annotated[str, Field(max_length=4000)] = ""
    exit_code: Annotated[int, Field(ge=0, le=255)] = 0
    release: Annotated[Digests, Field(max_length=2000)] = field(default_factory=dict)
    sent: Annotated[Digests, Field(max_length=2)] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Beat:
    """A shop lives: its load, and the tickets in its hands with their fences."""

    load: Load
    held: Annotated[Mapping[Annotated[str, Field(max_length=80)], int], Field(max_length=10_000)]
