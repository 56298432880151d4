"""An order that leaves its material open, or would be late, is made the way that costs least in time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.step import step
from model.design import Design, Expected, Part
from model.errors import OrderError
from model.order import Brief, Order
from model.quote import Quote
from model.tooling import ShopData
from pipeline.engine.asked import materials_of
from pipeline.engine.store import Store
from pipeline.intake.read import read_one
from pipeline.line import make_order
from pipeline.quote.options import option

SHOP = tooling_db.load()
BLOCK = cq.Workplane().box(40, 30, 12, centered=False)
PLATE: Any = BLOCK.cut(cq.Workplane().circle(8 / 2).extrude(12).translate((20, 15, 0))).val()


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Order, Store]:
    """A customer's plate of POM, and a store all tests of it share."""
    place = tmp_path_factory.mktemp("plate")
    (place / "plate.step").write_bytes(step(PLATE, "plate"))
    store = Store(place / "cache")
    return replace(read_one(str(place / "plate.step"), store, "pom"), placed="2026-11-30T09:00:00Z"), store


def told(out: Path, order: Order) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((out / order.id / "choice.json").read_bytes())
    return found


def priced(out: Path, order: Order) -> dict[str, Any]:
    quote: dict[str, Any] = json.loads((out / order.id / "release" / "quote.json").read_bytes())
    return quote


def with_queue(shop: ShopData, workshop: str, hours: tuple[float, float]) -> ShopData:
    home = replace(shop.workshops[workshop], queue_h=hours)
    return replace(shop, workshops={**shop.workshops, workshop: home})


def test_cheaper_but_late_loses_to_the_workshop_that_is_in_time(plate: tuple[Order, Store], tmp_path: Path) -> None:
    order, store = plate
    due = replace(order, due="2026-12-08T12:00:00Z")
    usual = make_order(due, SHOP, tmp_path / "usual", store)
    busy = with_queue(SHOP, "bench", (300.0, 500.0))
    made = make_order(due, busy, tmp_path / "busy", store)
    cheap, dear = priced(tmp_path / "usual", due), priced(tmp_path / "busy", due)

    assert ("released", "released") == (usual.verdict, made.verdict)
    assert not (tmp_path / "usual" / order.id / "choice.json").exists()
    assert ("bench", "works") == (cheap["workshop"], dear["workshop"])
    assert cheap["total_cents"] < dear["total_cents"]
    assert ["choice.taken", "choice.late"] == [one["code"] for one in told(tmp_path / "busy", due)]
    assert cheap["total_cents"] / 100 == told(tmp_path / "busy", due)[1]["value"]
    assert any("too late" in note for note in made.notes)


def test_of_materials_left_open_the_one_whose_process_costs_less_is_taken(
    plate: tuple[Order, Store], tmp_path: Path
) -> None:
    order, store = plate
    either = replace(order, material="POM or PETG")
    made = make_order(either, SHOP, tmp_path, store)

    assert [("choice.taken", "petg"), ("choice.dearer", "pom")] == [
        (one["code"], one["place"]) for one in told(tmp_path, either)
    ]
    assert made.release
    assert all(not name.endswith(".nc") for name in made.release)


@pytest.mark.parametrize(("process", "tolerance", "kept"), [
    ("print", "ISO 2768-f", False), ("print", "ISO 2768-m", True), ("cut", "ISO 2768-f", True),
])  # fmt: skip
def test_a_print_is_no_way_where_the_tolerance_is_finer_than_prints_are(
    process: str,
    tolerance: str,
    kept: bool,  # noqa: FBT001 - a column of the table
) -> None:
    part = Part("part", b"", Expected((40, 30, 12), (0, 1), 0))
    brief = Brief("o", "given", {}, (), "petg", "", tolerance, 1)
    quote = Quote("o", "bench", 1, (), 100, 100, 100, None)
    found = option(process, brief, Design("o", "given", "Part", "petg", "", 1, (part,)), quote)

    assert ("" if kept else "prints are off by 0.2 mm, ISO 2768-f allows 0.15 mm on 40 mm") == found.against


@pytest.mark.parametrize(
    ("named", "several"),
    [
        ("brass", ("brass",)),
        ("", ("",)),
        ("POM or PETG", ("POM", "PETG")),
        ("латунь, pom или petg", ("латунь", "pom", "petg")),
        ("pom / pom", ("pom",)),
    ],
)
def test_materials_left_open_are_read_as_people_write_them(named: str, several: tuple[str, ...]) -> None:
    assert several == materials_of(Order("o", "bracket", material=named), SHOP)


def test_so_many_materials_are_refused_by_their_number() -> None:
    with pytest.raises(OrderError) as caught:
        materials_of(Order("o", "bracket", material="pom, petg, pla, abs, asa"), SHOP)

    assert ("order.too-many-materials", 5, 4) == (caught.value.code, caught.value.value, caught.value.limit)


def test_every_name_of_a_material_stays_one_material() -> None:
    names = {name for m in SHOP.materials.values() for name in (m.id, m.name, *m.aliases)}

    assert [] == [name for name in names if materials_of(Order("o", "bracket", material=name), SHOP) != (name,)]
