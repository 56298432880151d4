"""Loads one shop's whole tooling database from its data files, or refuses it with everything that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from model.errors import ConfigError
from model.finding import Finding
from model.inventory import Bar, CuttingRow, Gauge, TabStyle, Tape, ToolInstance
from model.tooling import (
    Filament,
    Holder,
    Lathe,
    Machine,
    Material,
    Printer,
    Quality,
    Rule,
    ShopData,
    StockRow,
    Tool,
    Vise,
    Workshop,
)
from tooling_db import business, crib, cutters, inventory, plausible, printing
from tooling_db.rows import ID, WRONG, Known, Place, RawRow, read, record

HERE = Path(__file__).resolve().parent

R = TypeVar("R")
Check = Callable[[R, Place], list[Finding]]


@dataclass(frozen=True, slots=True)
class StockList:
    """A line of the stock file: one material and form in several thicknesses."""

    material_id: str
    form: Literal["sheet", "plate"]
    thickness_mm: tuple[float, ...]
    max_length_mm: float
    max_width_mm: float
    source: str


@dataclass(frozen=True, slots=True)
class BarList:
    """A line of the bars' file: one material and section in several sizes."""

    material_id: str
    section: Literal["round", "hexagon", "square"]
    size_mm: tuple[float, ...]
    length_mm: float
    source: str


KINDS: Mapping[str, type] = {
    "material": Material,
    "tool": Tool,
    "holder": Holder,
    "machine": Machine,
    "stock": StockList,
    "printer": Printer,
    "filament": Filament,
    "quality": Quality,
    "workshop": Workshop,
    "lathe": Lathe,
    "vise": Vise,
    "tape": Tape,
    "tabs": TabStyle,
    "gauge": Gauge,
    "bar": BarList,
    "instance": ToolInstance,
    "cutting": CuttingRow,
    "rule": Rule,
}


def load(folder: Path | None = None) -> ShopData:
    """Read and check a shop's tooling database.

    Args:
        folder: The folder of data files; without one, the shop that comes with the house.

    Returns:
        Every row, by id, in the order of the files.

    Raises:
        ConfigError: ``tooling.<what>`` of the first finding; ``findings`` holds all of them.
    """
    where = folder or HERE
    findings: list[Finding] = []
    if not where.is_dir():
        msg = f"there is no tooling folder {where.name!r}"
        raise ConfigError("tooling.no-folder", msg, place=where.name, hint="Give an existing folder.")
    raw = read(where, frozenset(KINDS), findings)
    if not findings and not any(raw.values()):
        message = f"no rows in the tooling folder {where.name!r}"
        findings.append(Finding("tooling.empty", message, where.name, hint="Copy tooling_db and change its rows."))
    materials, _ = _checked(Material, raw["material"], {}, plausible.material, findings)
    findings += plausible.aliases(materials.values())
    tools, all_tools = _checked(Tool, raw["tool"], {}, cutters.tool, findings)
    presets = _presets(raw["cutting"], tools, materials, _ids(raw["tool"]), _ids(raw["material"]), findings)
    tools = inventory.with_presets(tools, presets)
    holders, all_holders = _checked(Holder, raw["holder"], {}, cutters.holder, findings)
    vises, all_vises = _checked(Vise, raw["vise"], {}, inventory.vise, findings)
    cribs: Known = {Tool: all_tools | tools, Holder: all_holders, Vise: all_vises}
    machines, _ = _checked(Machine, raw["machine"], cribs, crib.machine, findings)
    lathes, _ = _checked(Lathe, raw["lathe"], {}, inventory.lathe, findings)
    tapes, _ = _checked(Tape, raw["tape"], {}, inventory.tape, findings)
    tabs, _ = _checked(TabStyle, raw["tabs"], {}, inventory.tabs, findings)
    findings += inventory.held(machines.values(), {**tapes, **tabs})
    gauges, _ = _checked(Gauge, raw["gauge"], {}, inventory.gauge, findings)
    stock = _stock(raw["stock"], _ids(raw["material"]), materials, findings)
    bars = _bars(raw["bar"], _ids(raw["material"]), findings)
    filaments, _ = _checked(Filament, raw["filament"], {}, printing.filament, findings)
    qualities, _ = _checked(Quality, raw["quality"], {}, printing.quality, findings)
    printers, _ = _checked(Printer, raw["printer"], {}, printing.printer, findings)
    workshops, _ = _checked(Workshop, raw["workshop"], {}, business.workshop, findings)
    findings += _references(raw["workshop"], "machines", _ids(raw["machine"]) | _ids(raw["lathe"]), "machine")
    rules, _ = _checked(Rule, raw["rule"], {}, plausible.rule, findings)
    findings += _references(raw["workshop"], "printers", _ids(raw["printer"]), "printer")
    findings += business.apart(workshops)
    instances, _ = _checked(ToolInstance, raw["instance"], {}, inventory.instance, findings)
    findings += _references(raw["instance"], "tool_id", _ids(raw["tool"]), "tool")
    findings += _references(raw["instance"], "workshop", _ids(raw["workshop"]), "workshop")
    findings += inventory.lasting(machines.values(), workshops, instances.values())
    findings += _references(raw["filament"], "material_id", _ids(raw["material"]), "material")
    findings += _references(raw["printer"], "filaments", _ids(raw["filament"]), "filament")
    findings += printing.together(printers, filaments, qualities, materials)
    if findings:
        raise refusal(findings)
    return ShopData(
        materials, tools, holders, machines, stock, printers, filaments, qualities, workshops, lathes=lathes,
        vises=vises, tapes=tapes, tabs=tabs, gauges=gauges, bars=bars, instances=instances, rules=rules,
    )  # fmt: skip


def refusal(findings: list[Finding]) -> ConfigError:
    """Give the error that carries all findings and leads with the first."""
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return ConfigError(
        first.code,
        f"the tooling database is wrong: {first.message}{more}",
        hint=first.hint,
        place=first.place,
        value=first.value,
        limit=first.limit,
        findings=tuple(findings),
    )


def _checked(
    kind: type[R], rows: list[RawRow], known: Known, check: Check[R], findings: list[Finding]
) -> tuple[dict[str, R], dict[str, object]]:
    """Good rows by id, and all ids that exist, with WRONG for those that could not be read."""
    good: dict[str, R] = {}
    every: dict[str, object] = {}
    for raw in rows:
        name = raw.values.get("id")
        made = record(kind, raw, known, findings)
        if not isinstance(name, str):
            continue
        if not ID.fullmatch(name):
            message = f"{raw.place}: the id {name!r} has other signs than a-z, 0-9, '.' and '-'"
            findings.append(Finding("tooling.bad-id", message, str(raw.place.at("id")), name, ID.pattern, "Rename it."))
        if name in every:
            findings.append(_duplicate(raw.place, name))
        every[name] = made or WRONG
        if made is not None:
            findings += check(made, raw.place)
            good[name] = made
    return good, every


def _duplicate(place: Place, name: str) -> Finding:
    message = f"{place}: another row has the id {name!r}"
    return Finding("tooling.duplicate-id", message, str(place.at("id")), name, "one row an id", "Rename or remove one.")


def _ids(rows: list[RawRow]) -> frozenset[str]:
    return frozenset(str(row.values.get("id")) for row in rows)


def _references(rows: list[RawRow], field: str, ids: frozenset[str], what: str) -> list[Finding]:
    findings = []
    for row in rows:
        given = row.values.get(field, [])
        for name in given if isinstance(given, list) else [given]:
            if isinstance(name, str) and name not in ids:
                place = row.place.at(field)
                message = f"{place}: there is no {what} {name!r}"
                hint = f"Add the {what} or correct the id."
                findings.append(Finding("tooling.unknown-reference", message, str(place), name, what, hint))
    return findings


def _stock(
    rows: list[RawRow], ids: frozenset[str], materials: Mapping[str, Material], findings: list[Finding]
) -> dict[str, StockRow]:
    findings += _references(rows, "material_id", ids, "material")
    stock: dict[str, StockRow] = {}
    for raw in rows:
        made = record(StockList, raw, {}, findings)
        if made is None:
            continue
        for thickness in made.thickness_mm:
            name = f"{made.material_id}-{made.form}-{thickness:g}"
            row = StockRow(
                name, made.material_id, made.form, thickness, made.max_length_mm, made.max_width_mm, made.source
            )
            if name in stock:
                findings.append(_duplicate(raw.place.at("thickness_mm"), name))
            findings += plausible.stock(row, materials.get(made.material_id), raw.place)
            stock[name] = row
    return stock


def _bars(rows: list[RawRow], ids: frozenset[str], findings: list[Finding]) -> dict[str, Bar]:
    findings += _references(rows, "material_id", ids, "material")
    bars: dict[str, Bar] = {}
    for raw in rows:
        made = record(BarList, raw, {}, findings)
        if made is None:
            continue
        for size in made.size_mm:
            name = f"{made.material_id}-{made.section}-{size:g}"
            row = Bar(name, made.material_id, made.section, size, made.length_mm, made.source)
            if name in bars:
                findings.append(_duplicate(raw.place.at("size_mm"), name))
            findings += inventory.bar(row, raw.place)
            bars[name] = row
    return bars


def _presets(
    rows: list[RawRow], tools: Mapping[str, Tool], materials: Mapping[str, Material], tool_ids: frozenset[str],
    material_ids: frozenset[str], findings: list[Finding],
) -> list[CuttingRow]:  # fmt: skip
    findings += _references(rows, "tool_id", tool_ids, "tool")
    findings += _references(rows, "material_id", material_ids, "material")
    seen: set[tuple[str, str, str]] = set()
    found = []
    for raw in rows:
        made = record(CuttingRow, raw, {}, findings)
        if made is None:
            continue
        key = (made.tool_id, made.material_id, made.work)
        if key in seen:
            findings.append(_duplicate(raw.place, " ".join(key)))
        seen.add(key)
        findings += inventory.preset(made, tools.get(made.tool_id), materials.get(made.material_id), raw.place)
        found.append(made)
    return found
