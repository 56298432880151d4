"""The blank: thinnest standard size that holds the part, sawn to whole millimetres, weighed and priced."""

from __future__ import annotations

from dataclasses import replace

import cadquery as cq
import pytest

import tooling_db
from geometry import solids
from model.design import Design, Expected, Part
from model.errors import CapabilityError
from model.floor import Offcut
from model.tooling import ShopData
from pipeline.plan.choose import choose
from pipeline.plan.stock import choose_stock

SHOP = tooling_db.load()
BRASS = SHOP.materials["brass-cuzn39pb3"]
ALUMINIUM = SHOP.materials["al-6082"]


def test_sheet_keeps_its_thickness_and_gets_room_for_the_outline() -> None:
    stock = choose_stock(
        SHOP, BRASS, size_mm=(120.0, 40.0, 2.0), side_allowance_mm=6, min_thickness_mm=2, exact_thickness=True
    )

    assert ("brass-cuzn39pb3-sheet-2", (132.0, 52.0, 2.0)) == (stock.row_id, stock.size_mm)
    assert stock.mass_kg == pytest.approx(132 * 52 * 2 * 8.47e-6, abs=1e-4)
    assert stock.price_eur == pytest.approx(stock.mass_kg * BRASS.price_eur_kg, abs=0.01)


def test_plate_is_the_next_thickness_and_sides_are_whole_millimetres() -> None:
    stock = choose_stock(
        SHOP, ALUMINIUM, size_mm=(100.2, 80.0, 20.0), side_allowance_mm=5, min_thickness_mm=21.5, exact_thickness=False
    )

    assert ("al-6082-plate-25", (111.0, 90.0, 25.0)) == (stock.row_id, stock.size_mm)


def test_a_long_part_may_lie_across_the_sheet() -> None:
    stock = choose_stock(
        SHOP, BRASS, size_mm=(40.0, 500.0, 2.0), side_allowance_mm=0, min_thickness_mm=2, exact_thickness=False
    )

    assert (40.0, 500.0, 2.0) == stock.size_mm


@pytest.mark.parametrize(
    ("size", "thickness", "rule", "limit"),
    [
        ((120.0, 40.0, 2.2), 2.2, "exact", "sheet of 0.5, 0.8, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 mm thick"),
        (
            (120.0, 40.0, 31.0),
            31.0,
            "at least",
            "0.5, 0.8, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30 mm thick",
        ),
        ((700.0, 40.0, 2.0), 2.0, "exact", "600 x 300 mm"),
    ],
)
def test_no_stock_says_what_there_is(size: tuple[float, float, float], thickness: float, rule: str, limit: str) -> None:
    with pytest.raises(CapabilityError) as caught:
        choose_stock(
            SHOP, BRASS, size_mm=size, side_allowance_mm=0, min_thickness_mm=thickness, exact_thickness=rule == "exact"
        )

    assert ("plan.no-stock", limit) == (caught.value.code, caught.value.limit)
    assert caught.value.hint


def test_a_printed_material_has_no_stock() -> None:
    with pytest.raises(CapabilityError, match="there is no stock of this material"):
        choose_stock(
            SHOP, SHOP.materials["petg"], size_mm=(10.0, 10.0, 2.0), side_allowance_mm=0, min_thickness_mm=2,
            exact_thickness=False,
        )  # fmt: skip


def with_offcuts(*left: Offcut) -> ShopData:
    return replace(SHOP, offcuts={one.id: one for one in left})


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((60, 100, 25), ("offcut-7", 0.0)),  # stands on end: the thinnest side is the thickness
        ((59, 100, 25), ("al-6082-plate-25", None)),  # too narrow
        ((60, 100, 30), ("al-6082-plate-25", None)),  # thicker than what there is to buy: more to cut
    ],
)
def test_an_offcut_is_taken_that_fits_and_is_no_thicker(
    size: tuple[float, float, float], expected: tuple[str, float | None]
) -> None:
    shop = with_offcuts(Offcut(7, "bench", "al-6082", size), Offcut(8, "bench", "steel-s235", (500, 500, 25)))
    stock = choose_stock(
        shop, SHOP.materials["al-6082"], size_mm=(90, 50, 20), side_allowance_mm=5, min_thickness_mm=24,
        exact_thickness=False,
    )  # fmt: skip

    assert expected == (stock.row_id, 0.0 if stock.left_over else None)
    assert stock.left_over == (stock.price_eur == 0)


def test_an_offcut_of_a_sheet_is_as_rolled() -> None:
    shop = with_offcuts(Offcut(7, "bench", "al-6082", (200, 150, 3)), Offcut(8, "bench", "al-6082", (200, 150, 3.4)))
    stock = choose_stock(
        shop, SHOP.materials["al-6082"], size_mm=(90, 50, 3), side_allowance_mm=5, min_thickness_mm=3,
        exact_thickness=True,
    )  # fmt: skip

    assert "offcut-7" == stock.row_id


@pytest.mark.parametrize(("home", "expected"), [("works", "offcut-7"), ("bench", "al-6082-plate-15")])
def test_an_offcut_serves_on_a_machine_of_the_workshop_it_lies_in(home: str, expected: str) -> None:
    bar = cq.Workplane().box(30, 20, 8).val()
    part = Part("bar", solids.dump(bar), Expected((30, 20, 8), (4000, 5000), 0))  # type: ignore[arg-type]
    mill = {k: m for k, m in SHOP.machines.items() if k == "mill-haas"}
    shop = replace(with_offcuts(Offcut(7, home, "al-6082", (90, 60, 15))), machines=mill)
    plan = choose(Design("o", "step", "Bar", "al-6082", "", 1, (part,)), shop)

    assert expected == plan.stock.row_id
