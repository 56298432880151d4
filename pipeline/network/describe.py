"""What a shop tells a hub of itself, drawn from its own tooling database: one command, nothing written by hand."""

from __future__ import annotations

from dataclasses import replace

from model.errors import ConfigError, OrderError
from model.thread import COARSE_MM
from model.tooling import Machine, Material, Printer, ShopData, Tool, Workshop
from pipeline.engine.asked import of_workshop
from pipeline.network.words import Description, Maker, Pace

USED_POWER = 0.06
"""Share of a spindle's power a whole job uses on average, and :data:`BEGIN_H` hours before that: what a milled bracket
and an engraved plate came to in the simulation. A guess for choosing between shops; the price is the quote's."""
BEGIN_H = 0.2
PRINT_CM3_H = 11.0
"""Solid volume of a part printed in an hour with usual settings, hollow as it is printed (one sample, sliced)."""
CLAMPINGS = 2
TOOLS = 5
PRINTED_FILL = 0.8
"""Filament for the solid volume of a part."""


def described(shop: ShopData, workshop: str = "") -> Description:
    """One workshop of a tooling database in a hub's words; the only one when none is named.

    Raises:
        OrderError: ``network.which-workshop``: there are several, or none of that name.
        ConfigError: ``network.no-place``: its row does not say where it is.
    """
    home = home_of(shop, workshop)
    if home.at_deg is None:
        message = f"workshop {home.id} does not say where it is"
        hint = "Write at_deg = [latitude, longitude] into its row."
        raise ConfigError("network.no-place", message, place=f"workshop {home.id}: at_deg", hint=hint)
    own = equipped_of(shop, home)
    makers = (
        *(_cutting(one, home, own) for one in own.machines.values()),
        *(_printing(one, home, own) for one in own.printers.values()),
    )
    return Description(
        home.name, home.place, home.at_deg, makers, home.queue_h, home.shipping_h,
        round(home.shipping_eur * _factor(home), 2), home.spread,
    )  # fmt: skip


def home_of(shop: ShopData, name: str) -> Workshop:
    """The workshop of a name, or the only one.

    Raises:
        OrderError: ``network.which-workshop``.
    """
    if name in shop.workshops:
        return shop.workshops[name]
    if not name and len(shop.workshops) == 1:
        return next(iter(shop.workshops.values()))
    message = f"there is no workshop {name!r}" if name else "the tooling database has several workshops"
    hint = "Name one with --workshop."
    raise OrderError("network.which-workshop", message, place="workshop", value=name, limit=", ".join(shop.workshops),
                     hint=hint)  # fmt: skip


def equipped_of(shop: ShopData, home: Workshop) -> ShopData:
    """The tooling database with one workshop's machines and printers, and no other's."""
    lathes = {k: m for k, m in shop.lathes.items() if k in home.machines}
    return replace(of_workshop(shop, home.id), lathes=lathes, workshops={home.id: home})


def _cutting(machine: Machine, home: Workshop, shop: ShopData) -> Maker:
    kw = max(power for _, power in machine.power_curve)
    stocked = {row.material_id for row in shop.stock.values()}
    materials = {
        m.id: Pace(round(USED_POWER * 60 * 60_000 * kw / m.kc11_n_mm2, 3), _eur_cm3(m, home))
        for m in shop.materials.values()
        if m.process == "cut" and m.id in stocked
    }
    tools = {name for one in machine.tools for name in _can(one.tool, rigid=machine.rigid_tapping)}
    eur_h = machine.rate_eur_h + home.attended * home.labour_eur_h + home.power_kw * home.energy_eur_kwh
    minutes = (home.saw_min + CLAMPINGS * home.setup_min + TOOLS * home.tool_min + home.check_min + home.pack_min) / 60
    room = tuple(sorted((a.max_mm - a.min_mm for a in machine.axes), reverse=True))
    return Maker(
        machine.id, "cut", (room[0], room[1], room[2]), materials, tuple(sorted(tools)),
        round(eur_h * _factor(home), 2), BEGIN_H, round(minutes, 3), _people_eur(home, minutes),
    )  # fmt: skip


def _printing(printer: Printer, home: Workshop, shop: ShopData) -> Maker:
    spools = [shop.filaments[name] for name in printer.filaments if name in shop.filaments]
    materials = {
        one.material_id: Pace(
            PRINT_CM3_H,
            round(PRINTED_FILL * one.density_g_cm3 / 1000 * one.price_eur_kg * _factor(home), 5),
        )
        for one in spools
    }
    eur_h = printer.rate_eur_h + home.printer_attended * home.labour_eur_h
    eur_h += home.printer_power_kw * home.energy_eur_kwh
    hours = (home.setup_min + home.plate_min + home.check_min + home.pack_min) / 60
    room = sorted((printer.bed_x_mm, printer.bed_y_mm, printer.height_mm), reverse=True)
    return Maker(
        printer.id, "print", (room[0], room[1], room[2]), materials, (), round(eur_h * _factor(home), 2), BEGIN_H,
        round(hours, 3), _people_eur(home, hours),
    )  # fmt: skip


def _can(tool: Tool, *, rigid: bool) -> set[str]:
    """What a design can ask for that this tool makes."""
    if tool.kind == "engraver":
        return {"engraving"}
    if tool.kind == "tap" and rigid:
        return {f"M{d:g}" for d, pitch in COARSE_MM.items() if (d, pitch) == (tool.diameter_mm, tool.pitch_mm)}
    if tool.kind == "thread-mill":
        return {f"M{d:g}" for d, pitch in COARSE_MM.items() if pitch == tool.pitch_mm and tool.diameter_mm < d - pitch}
    return set()


def _eur_cm3(material: Material, home: Workshop) -> float:
    return round(material.density_g_cm3 / 1000 * material.price_eur_kg * _factor(home), 5)


def _people_eur(home: Workshop, hours: float) -> float:
    return round((hours * home.labour_eur_h + home.compute_eur) * _factor(home) + home.payment_eur, 2)


def _factor(home: Workshop) -> float:
    """What a cost becomes in the price: pieces made twice, the mark-up, the payment service's share."""
    return (1 + home.scrap) * (1 + home.margin) / (1 - home.payment)
