"""What else might make a part that was refused: lathes, which are not programmed."""

from __future__ import annotations

from collections.abc import Sequence

from geometry.faces import Face
from model.finding import Finding
from model.tooling import ShopData

ROUND = 0.5
"""From this share of its surface in cylinders and cones, a part may be one for a lathe."""


def turnable(faces: Sequence[Face], shop: ShopData) -> list[Finding]:
    """A note on the lathes, with the workshops they stand in, when most of a refused part's surface is round."""
    bent = sum(f.area_mm2 for f in faces if f.surface in {"cylinder", "cone"})
    if not shop.lathes or bent < ROUND * sum(f.area_mm2 for f in faces):
        return []
    homes = ", ".join(f"{name} ({home.name if (home := shop.workshop_of(name)) else '-'})" for name in shop.lathes)
    message = f"most of it is round, and turning is not programmed: nothing was tried on {homes}"
    hint = "It may be turned there with a program made by hand."
    return [Finding("plan.not-programmed", message, value=", ".join(shop.lathes), hint=hint, severity="note")]
