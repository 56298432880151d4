"""What other processes might make a part: lathes, which are not programmed, and printers of other materials."""

from __future__ import annotations

import math
from collections.abc import Sequence

from geometry.faces import Face
from model.finding import Finding
from model.inventory import Bar
from model.tooling import ShopData
from pipeline.plan.workpiece import Workpiece

ROUND = 0.5
"""From this share of its surface in cylinders and cones, a part may be one for a lathe."""
TURNED_MM, PARTED_MM = 1.0, 5.0
"""A bar is so much thicker than the part, and so much longer for facing and parting off (workshop practice)."""


def other_processes(part: Workpiece, faces: Sequence[Face], shop: ShopData) -> list[Finding]:
    """Why a part that is planned here is not made another way: notes on printing, and on turning where it is round."""
    name = part.material.name
    message = (
        f"{name} is cut, on a mill or a router, whichever costs least: it is no filament, so nothing of it is printed"
    )
    return [Finding("plan.process", message, part.material.id, severity="note"), *turnable(part, faces, shop)]


def turnable(part: Workpiece, faces: Sequence[Face], shop: ShopData) -> list[Finding]:
    """A note on the lathes, with workshops and bar, when most of a part's surface is round.

    Bars are for lathes alone: no jaw of a mill's vise holds a round, and by its mass a bar costs what a plate does.
    """
    bent = [f for f in faces if f.surface in {"cylinder", "cone"}]
    if not shop.lathes or sum(f.area_mm2 for f in bent) < ROUND * sum(f.area_mm2 for f in faces):
        return []
    homes = ", ".join(f"{name} ({home.name if (home := shop.workshop_of(name)) else '-'})" for name in shop.lathes)
    message = f"most of it is round, and turning is not programmed: nothing was tried on {homes}"
    hint = f"It may be turned there with a program made by hand{_from_bar(part, bent, shop)}."
    return [Finding("plan.not-programmed", message, value=", ".join(shop.lathes), hint=hint, severity="note")]


def _from_bar(part: Workpiece, bent: Sequence[Face], shop: ShopData) -> str:
    """The thinnest round bar a part can be turned from about the axis most of its round faces have, and its price."""
    area = [sum(f.area_mm2 * abs(f.axis[k]) for f in bent) for k in range(3)]
    along = area.index(max(area))
    length = part.size[along] + PARTED_MM
    wide = max(side for k, side in enumerate(part.size) if k != along) + TURNED_MM
    bars = [b for b in shop.bars.values() if b.material_id == part.material.id and b.section == "round"]
    fits = [b for b in bars if b.size_mm >= wide and b.length_mm >= length]
    if not fits:
        return f"; there is no round bar of {part.material.id} {wide:.1f} mm thick"
    bar: Bar = min(fits, key=lambda b: b.size_mm)
    kg = math.pi / 4 * bar.size_mm**2 * length * part.material.density_g_cm3 / 1e6
    return f", from {length:.0f} mm of {bar.id} ({kg * part.material.price_eur_kg:.2f} EUR)"
