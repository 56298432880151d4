"""What lies in a workshop now: sheets and bars counted, offcuts by their numbers, tools with the life left in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from model.errors import OrderError
from model.floor import Offcut, ToolLife
from pipeline.floor.state import OFFCUTS, STOCK, TOOL_STATES, TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine, Update

    from model.inventory import ToolInstance
    from model.tooling import ShopData

LIMIT = 1_000_000
"""No workshop has more pieces of one row."""


def counted(engine: Engine, workshop: str) -> dict[str, int]:
    """Pieces of every stock row a workshop has or once had."""
    query = select(STOCK.c.row, STOCK.c.pieces).where(STOCK.c.workshop == workshop).order_by(STOCK.c.row)
    with engine.connect() as connection:
        return {row: int(pieces) for row, pieces in connection.execute(query)}


def receive(engine: Engine, workshop: str, row: str, pieces: int) -> None:
    """Add pieces that arrived.

    Raises:
        OrderError: ``state.pieces``: not from one to ``LIMIT``.
    """
    _checked(row, pieces)
    try:
        with engine.begin() as connection:
            if connection.execute(_moved(workshop, row, pieces)).rowcount == 0:
                connection.execute(insert(STOCK).values(workshop=workshop, row=row, pieces=pieces))
    except IntegrityError:  # somebody else counted the first ones just now
        with engine.begin() as connection:
            connection.execute(_moved(workshop, row, pieces))


def take(engine: Engine, workshop: str, row: str, pieces: int) -> None:
    """Take pieces away, all or none, whoever else takes at the same time.

    Raises:
        OrderError: ``state.pieces``; ``state.too-few``: fewer are there.
    """
    _checked(row, pieces)
    with engine.begin() as connection:
        enough = _moved(workshop, row, -pieces).where(STOCK.c.pieces >= pieces)
        if connection.execute(enough).rowcount == 1:
            return
    have = counted(engine, workshop).get(row, 0)
    message = f"{workshop} has {have} of {row}, {pieces} were asked for"
    hint = "Count again, or receive what has come with `lotone state receive`."
    raise OrderError("state.too-few", message, place=row, value=pieces, limit=have, hint=hint)


def put_by(engine: Engine, workshop: str, material: str, size_mm: tuple[float, float, float]) -> int:
    """Keep an offcut and give its number, which is to be written on it."""
    x, y, z = size_mm
    at = datetime.now(UTC).isoformat(timespec="seconds")
    values = {"at": at, "workshop": workshop, "material": material, "x_mm": x, "y_mm": y, "z_mm": z, "taken_for": ""}
    with engine.begin() as connection:
        made = connection.execute(insert(OFFCUTS).values(values)).inserted_primary_key
    assert made is not None  # noqa: S101 - a table with a counted key gives one
    return int(made[0])


def offcuts(engine: Engine, workshop: str) -> list[Offcut]:
    """The offcuts a workshop has, in the order of their numbers."""
    query = select(OFFCUTS).where(OFFCUTS.c.workshop == workshop, OFFCUTS.c.taken_for == "").order_by(OFFCUTS.c.id)
    with engine.connect() as connection:
        return [
            Offcut(row["id"], workshop, row["material"], (row["x_mm"], row["y_mm"], row["z_mm"]))
            for row in connection.execute(query).mappings()
        ]


def use_offcut(engine: Engine, number: int, order_id: str) -> None:
    """Take an offcut for an order; of two who reach for it one gets it.

    Raises:
        OrderError: ``state.no-offcut``: there is none of that number, or it is gone.
    """
    free = update(OFFCUTS).where(OFFCUTS.c.id == number, OFFCUTS.c.taken_for == "")
    with engine.begin() as connection:
        if connection.execute(free.values(taken_for=order_id)).rowcount == 1:
            return
        gone = connection.execute(select(OFFCUTS.c.taken_for).where(OFFCUTS.c.id == number)).scalar()
    message = f"offcut {number} was taken for {gone}" if gone else f"there is no offcut {number}"
    hint = "`lotone state` lists those that are there."
    raise OrderError("state.no-offcut", message, place="offcut", value=number, hint=hint)


def set_tool(engine: Engine, instance: str, state: str, note: str) -> None:
    """Say what state a counted tool is in; the last word counts."""
    now = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "state": state, "note": note}
    said = update(TOOL_STATES).where(TOOL_STATES.c.instance == instance).values(now)
    try:
        with engine.begin() as connection:
            if connection.execute(said).rowcount == 0:
                connection.execute(insert(TOOL_STATES).values(instance=instance, **now))
    except IntegrityError:  # somebody else said the first word just now
        with engine.begin() as connection:
            connection.execute(said)


def lives(engine: Engine, instances: Iterable[ToolInstance]) -> list[ToolLife]:
    """What is left of each counted tool: its row's minutes and state, and what was reported since."""
    worked = (
        select(TOOLS.c.instance, func.sum(TOOLS.c.minutes)).where(TOOLS.c.instance != "").group_by(TOOLS.c.instance)
    )
    with engine.connect() as connection:
        minutes = {name: float(value) for name, value in connection.execute(worked)}
        said = connection.execute(select(TOOL_STATES.c.instance, TOOL_STATES.c.state))
        states = {row.instance: row.state for row in said}
    return [
        ToolLife(
            one.id, one.tool_id, one.workshop, states.get(one.id, one.state), one.used_min + minutes.get(one.id, 0.0),
            one.life_min,
        )
        for one in instances
    ]  # fmt: skip


def without_worn(shop: ShopData, known: Iterable[ToolLife]) -> tuple[ShopData, tuple[str, ...]]:
    """The shop without the T numbers whose tool a workshop counts and has none left of that cuts, each named."""
    left: dict[tuple[str, str], list[ToolLife]] = {}
    for one in known:
        left.setdefault((one.workshop, one.tool), []).append(one)
    machines, told = {}, []
    for machine in shop.machines.values():
        home = shop.workshop_of(machine.id)
        gone = [
            a for a in machine.tools
            if home is not None and (own := left.get((home.id, a.tool.id))) and all(one.left_min <= 0 for one in own)
        ]  # fmt: skip
        told += [f"{machine.id}: T{a.number} {a.tool.id} has no life left and is not planned with" for a in gone]
        machines[machine.id] = replace(machine, tools=tuple(a for a in machine.tools if a not in gone))
    return (replace(shop, machines=machines) if told else shop), tuple(told)


def _moved(workshop: str, row: str, pieces: int) -> Update:
    here = update(STOCK).where(STOCK.c.workshop == workshop, STOCK.c.row == row)
    return here.values(pieces=STOCK.c.pieces + pieces)


def _checked(row: str, pieces: int) -> None:
    if not 1 <= pieces <= LIMIT:
        message = f"{pieces} pieces of {row} cannot be"
        raise OrderError("state.pieces", message, place=row, value=pieces, limit=f"1 to {LIMIT}", hint="Say how many.")
