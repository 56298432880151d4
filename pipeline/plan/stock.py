"""Chooses the blank to saw: the thinnest standard size that holds the part, with its mass and price."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from model.errors import CapabilityError
from model.plan import Stock
from model.tooling import StockRow

if TYPE_CHECKING:
    from model.floor import Offcut
    from model.tooling import Material, ShopData

SAME_MM = 1e-6
TOP_MM = 0.8
"""Faced off the top of a block."""
GRIP_MM = 3.0
ABOVE_JAWS_MM = 0.9
THROUGH_MM = 0.3
TALL_MM, GRIP_A_MM = 30.0, 1 / 8
"""Blocks of parts higher than the first are gripped higher by this share of what they are over it."""
BELOW_MM = TOP_MM + GRIP_MM + ABOVE_JAWS_MM + THROUGH_MM
"""A low block is so much higher than its part: the facing, the grip, a gap to the jaws and the depth cut through."""
SIDE_MM = 5.0
SAWN_MM = 1.5
"""Sawn faces stand so far off (belief)."""


def choose_stock(
    shop: ShopData,
    material: Material,
    *,
    size_mm: tuple[float, float, float],
    side_allowance_mm: float,
    min_thickness_mm: float,
    exact_thickness: bool,
) -> Stock:
    """Choose the blank for a part of ``size_mm`` (x, y, z).

    Length and width are the part's with the allowance on each side, up to the next whole mm (they
    are sawn); the thickness is the smallest standard one of at least ``min_thickness_mm``, or just
    that one when ``exact_thickness`` (rolled sheet whose faces stay as they are). A rolled sheet
    is preferred to a plate of the same thickness, an offcut to both. Price: mass times the material's price; of an
    offcut nothing, it was paid for before.

    Raises:
        CapabilityError: ``plan.no-stock``: no row is thick, long and wide enough; the limit names
            what there is.
    """
    length, width = (ceil(side + 2 * side_allowance_mm - SAME_MM) for side in size_mm[:2])
    bought = [row for row in shop.stock.values() if row.material_id == material.id]
    rows = [*bought, *(_offered(one, bought) for one in shop.offcuts.values() if one.material == material.id)]
    thick = [row for row in rows if _thick_enough(row, min_thickness_mm, exact_thickness=exact_thickness)]
    fitting = [row for row in thick if _wide_enough(row, length, width)]
    if not fitting:
        raise _no_stock(material, rows, thick, (length, width, min_thickness_mm), exact_thickness=exact_thickness)
    row = min(
        fitting, key=lambda one: (one.thickness_mm, one.id not in shop.offcuts, one.form != "sheet", one.id)
    )  # fmt: skip
    size = (float(length), float(width), row.thickness_mm)
    mass = size[0] * size[1] * size[2] * material.density_g_cm3 / 1e6
    price = 0.0 if row.id in shop.offcuts else round(mass * material.price_eur_kg, 2)
    return Stock(row.id, size, round(mass, 4), price)


def _offered(one: Offcut, bought: list[StockRow]) -> StockRow:
    """An offcut as a row of the stock; as thick as a rolled sheet, it is one."""
    thick, wide, long = sorted(one.size_mm)
    rolled = any(row.form == "sheet" and abs(row.thickness_mm - thick) <= SAME_MM for row in bought)
    return StockRow(one.id, one.material, "sheet" if rolled else "plate", thick, long, wide, f"{one.workshop}'s stores")


def told(stock: Stock, bought: str) -> str:
    """Why a blank was chosen: ``bought`` says it of rows of the stock."""
    left = "left over, and no thicker than what there is to buy; `lotone state use-offcut` takes it from the stores"
    return f"{stock.row_id}: {left if stock.left_over else bought}"


def taller_grip(high_mm: float) -> float:
    """How much more (mm) of a tall part's block than :data:`GRIP_MM` is gripped: the cut has a long lever there."""
    return GRIP_A_MM * max(0.0, high_mm - TALL_MM)


def raw_blocks(shop: ShopData, material: Material, size_mm: tuple[float, float, float]) -> list[Stock]:
    """The blanks to mill a part of ``size_mm`` from all round, held by its lowest millimetres, cheapest first.

    The thinnest plate lying flat, and pieces sawn off thinner ones to stand on edge, with an allowance on the sawn
    faces that come to lie above and below. Of equal prices what lies flat comes first.

    Raises:
        CapabilityError: No plate is large enough any way round.
    """
    x, y, z = size_mm
    below = BELOW_MM + taller_grip(z)
    high = z + below + 2 * SAWN_MM - 2 * SIDE_MM  # the allowance of sawn sides comes on top
    found: list[Stock] = []
    refused: list[CapabilityError] = []
    for (length, width, thick), order in (((x, y, z), (0, 1, 2)), ((x, high, y), (0, 2, 1)), ((high, y, x), (2, 1, 0))):
        least = thick + (below if order == (0, 1, 2) else 2 * SIDE_MM)
        try:
            lying = choose_stock(
                shop, material, size_mm=(length, width, thick), side_allowance_mm=SIDE_MM, min_thickness_mm=least,
                exact_thickness=False,
            )  # fmt: skip
        except CapabilityError as error:
            refused.append(error)
            continue
        a, b, c = (lying.size_mm[k] for k in order)
        found.append(replace(lying, size_mm=(a, b, c)))
    if not found:
        raise refused[0]
    return sorted(found, key=lambda s: s.price_eur)


def _thick_enough(row: StockRow, thickness: float, *, exact_thickness: bool) -> bool:
    if exact_thickness:
        return row.form == "sheet" and abs(row.thickness_mm - thickness) <= SAME_MM
    return row.thickness_mm >= thickness - SAME_MM


def _wide_enough(row: StockRow, length: float, width: float) -> bool:
    long_side, short_side = max(length, width), min(length, width)
    return long_side <= row.max_length_mm and short_side <= row.max_width_mm


def _no_stock(
    material: Material,
    rows: list[StockRow],
    thick: list[StockRow],
    needed: tuple[float, float, float],
    *,
    exact_thickness: bool,
) -> CapabilityError:
    wanted = f"{needed[0]:g} x {needed[1]:g} x {needed[2]:g} mm"
    if thick:
        largest = max(thick, key=lambda row: (row.max_length_mm * row.max_width_mm, row.id))
        limit = f"{largest.max_length_mm:g} x {largest.max_width_mm:g} mm"
        hint = "Make the part smaller or from two pieces."
    else:
        sizes = sorted({row.thickness_mm for row in rows if row.form == "sheet" or not exact_thickness})
        what = "sheet of " if exact_thickness else ""
        limit = f"{what}{', '.join(f'{size:g}' for size in sizes)} mm thick" if sizes else "no stock of this material"
        hint = "Choose one of the standard thicknesses."
        if not exact_thickness:
            hint = "Make the part thinner or choose a material in stock."
    message = f"no {material.id} stock for a blank of {wanted}; there is {limit}"
    return CapabilityError("plan.no-stock", message, place=material.id, value=wanted, limit=limit, hint=hint)
