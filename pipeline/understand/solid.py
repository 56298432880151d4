"""Tells whether an order brings the customer's own solid, and what of the order nobody used or said."""

from __future__ import annotations

from dataclasses import replace

from generators.kit.given import NAME
from model.errors import OrderError
from model.order import Attachment, Brief, Order

KIND = "step"
_SAID = {"finish": "finish", "tolerance_class": "tolerance class"}


def customers_solid(order: Order) -> Attachment | None:
    """The STEP file an order is made from, without its content; None when a family makes it.

    Raises:
        OrderError: ``understand.no-solid``, ``understand.several-solids``, ``understand.family-and-solid``.
    """
    solids = [a for a in order.attachments if a.kind == KIND]
    names = ", ".join(a.uri for a in solids)
    if not solids:
        if order.family == NAME:
            msg = "the order is for the customer's own solid, and names no STEP file"
            raise OrderError("understand.no-solid", msg, place="attachments", value=0, limit=1,
                             hint="Name the file: attachments: [part.step]")  # fmt: skip
        return None
    if order.family not in ("", NAME):
        msg = f"the order names the family {order.family} and a solid of the customer's own ({names})"
        raise OrderError("understand.family-and-solid", msg, place="family", value=order.family, limit="one of the two",
                         hint="Leave out the family, or the STEP file.")  # fmt: skip
    if len(solids) > 1:
        msg = f"the order names {len(solids)} STEP files ({names}); an order makes one part"
        raise OrderError("understand.several-solids", msg, place="attachments", value=len(solids), limit=1,
                         hint="Order the parts one by one.")  # fmt: skip
    return replace(solids[0], content=b"")


def untold(brief: Brief) -> tuple[str, ...]:
    """What the order of a customer's solid left open, and what was taken then."""
    return tuple(
        f"{_SAID[r.name]}: {r.value}, because the order does not say"
        for r in brief.readings
        if r.source == "default" and r.name in _SAID
    )


def unused(order: Order) -> tuple[str, ...]:
    """A note for every attachment from which nothing is made."""
    return tuple(f"attachment {a.uri}: nothing was made from it" for a in order.attachments if a.kind != KIND)
