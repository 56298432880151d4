"""From an order to what a shop may see of it: the approved specification, its files, and what it asks of a machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from model.design import Design, Engraving, Thread
from model.errors import OrderError
from model.order import Brief, Order
from model.tooling import ShopData
from pipeline.engine.asked import materials_of
from pipeline.engine.code import code_digest
from pipeline.engine.events import Listener, silent
from pipeline.engine.stage import Run
from pipeline.engine.store import Store, sha256
from pipeline.intake.schema import SPEC
from pipeline.line import impersonal, travel
from pipeline.network.nameless import nameless
from pipeline.network.words import Needs

PART = "part.step"
ROUND_MM = 5.0
"""Of stock left round a part that is cut."""
PLACES = 1
"""Digits of a degree kept of where an order goes: ten kilometres."""
MOST_LATITUDE, MOST_LONGITUDE = 90.0, 180.0


@dataclass(frozen=True, slots=True)
class Specified:
    """``order`` is an order file's document without its id; ``files`` lie beside it."""

    order: dict[str, Any]
    files: dict[str, bytes]
    needs: Needs


def specified(
    order: Order, shop: ShopData, store: Store, to_deg: tuple[float, float] | None = None, listen: Listener = silent
) -> Specified:
    """Understand and shape an order by the line's own stages; what is understood is the specification.

    No word of the customer's reaches a shop but what stands on the part: wishes have become parameters, the order's
    id, its source and the customer's reference are left out, a STEP file loses its names.

    Raises:
        LotOneError: The order is refused, or waits for an answer, before it has a design; ``network.names-customer``,
            ``network.material-open``.
    """
    personal = tuple(order.personal.values())
    if len(left_open := materials_of(order, shop)) > 1:
        message = f"a ticket has one material, this order leaves {len(left_open)} open"
        raise OrderError("network.material-open", message, place="material", value=order.material, limit=1,
                         hint=f"Name one: {', '.join(left_open)}.")  # fmt: skip
    order = impersonal(order)
    run = Run(order.id, store, code_digest(), listen)
    process = travel(order, shop, run, "design")
    brief, design = run.value(Brief), run.value(Design)
    files: dict[str, bytes] = {}
    if brief.attachment is not None:
        content = next(a.content for a in order.attachments if a.id == brief.attachment.id)
        files[PART] = nameless(content, personal)
    to = None if to_deg is None else (round(to_deg[0], PLACES), round(to_deg[1], PLACES))
    return Specified(_document(order.revision, brief, files), files, _needs(brief, design, process, to))


def place(text: str) -> tuple[float, float] | None:
    """Where an order goes, "48.14,11.58"; None for "".

    Raises:
        OrderError: ``network.bad-place``.
    """
    if not text:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        lat = lon = float("nan")
    if not (abs(lat) <= MOST_LATITUDE and abs(lon) <= MOST_LONGITUDE):
        hint = "Write degrees, as 48.1,11.6."
        raise OrderError("network.bad-place", f"{text!r} is no place on the earth", place="to", value=text, hint=hint)
    return (lat, lon)


def order_file(document: dict[str, Any], ticket: str) -> str:
    """The text of the order file a shop makes: the document under the ticket's name."""
    return json.dumps({**document, "id": ticket}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _document(revision: int, brief: Brief, files: dict[str, bytes]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "spec": SPEC,
        "revision": revision,
        "family": "" if brief.attachment is not None else brief.family,
        "parameters": {k: v for k, v in brief.parameters.items() if v is not None},
        "constraints": list(brief.constraints),
        "material": brief.material_id,
        "finish": brief.finish,
        "tolerance_class": brief.tolerance_class,
        "quantity": brief.quantity,
        "machine": brief.machine,
        "consent": {"produce": True},
        "customer": {"locale": brief.language},
    }
    if brief.due:
        told["due"] = brief.due
    if files:
        told["attachments"] = [{"id": "part", "kind": "step", "uri": n, "sha256": sha256(d)} for n, d in files.items()]
    return told


def _needs(brief: Brief, design: Design, process: str, to: tuple[float, float] | None) -> Needs:
    """Sizes and volumes from what was measured of the design; tools from what it says beside its geometry."""
    boxes = [p.expected.size_mm for p in design.parts]
    volume = design.facts["volume_mm3"] / 1000 * brief.quantity
    tools = {a.name for p in design.parts for a in p.annotations if isinstance(a, Thread)}
    tools |= {"engraving" for p in design.parts for a in p.annotations if isinstance(a, Engraving)}
    if process == "print":
        size = sorted((max(box[n] for box in boxes) for n in range(3)), reverse=True)
        return Needs("print", brief.material_id, (size[0], size[1], size[2]), round(volume, 3), round(volume, 3),
                     brief.quantity, (), brief.machine, brief.due, to)  # fmt: skip
    blanks = [_blank(box) for box in boxes]
    size = [max(blank[n] for blank in blanks) for n in range(3)]
    stock = sum(x * y * z * p.quantity for (x, y, z), p in zip(blanks, design.parts, strict=True)) / 1000
    stock *= brief.quantity
    return Needs(
        "cut", brief.material_id, (round(size[0], 3), round(size[1], 3), round(size[2], 3)),
        round(max(stock - volume, 0.0), 3), round(stock, 3), brief.quantity, tuple(sorted(tools)), brief.machine,
        brief.due, to,
    )  # fmt: skip


def _blank(box: tuple[float, ...]) -> tuple[float, float, float]:
    """A part's blank, largest side first: something round its two longer sides."""
    long, middle, short = sorted(box, reverse=True)
    x, y, z = sorted((long + 2 * ROUND_MM, middle + 2 * ROUND_MM, short), reverse=True)
    return (x, y, z)
