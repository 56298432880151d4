"""Parts are laid, placed and described the same way every time, or refused with numbers."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tooling_db
from model.design import Cosmetic, Design, Expected, Part
from model.errors import CapabilityError, ConfigError, VerificationError
from model.files import Exports, File
from model.program import Placement
from pipeline.printing.meshes import Skin, read_stl, skins
from pipeline.printing.orient import SIDES, lay, rotation
from pipeline.printing.plate import MARGIN_MM, SPACING_MM, arrange, placed, write_3mf
from pipeline.printing.settings import HOUSE, echoed, ini, resolve, same
from pipeline.printing.stage import choose_printers, compare, unstamped
from postprocessors import printing_text

SHOP = tooling_db.load()
MARLIN = next(p for p in SHOP.printers.values() if p.dialect == "marlin")
PETG = SHOP.filaments["petg-generic"]
STANDARD = SHOP.qualities["standard"]
DIALECT = printing_text.load("marlin")


def box(x: float, y: float, z: float) -> Skin:
    corners = np.array(list(itertools.product((0, x), (0, y), (0, z))), dtype=np.float64)
    quads = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    return Skin(corners, np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]))


def table(x: float, y: float, z: float) -> Skin:
    """A plate lying on one leg: two boxes that share no corner."""
    top, leg = box(x, y, 3), box(8, 8, z - 3)
    top = Skin(top.corners + np.array([0, 0, z - 3]), top.faces)
    return Skin(np.vstack([top.corners, leg.corners]), np.vstack([top.faces, leg.faces + 8]))


def design(*parts: tuple[str, int], quantity: int = 1, material: str = "petg", finish: str = "") -> Design:
    expected = Expected((1, 1, 1), (0, 1), 0)
    made = tuple(Part(name, b"", expected, (), count) for name, count in parts)
    return Design("order-1", "test", "Test", material, finish, quantity, made)


def test_the_test_box_is_closed_and_looks_outward() -> None:
    assert box(2, 3, 4).volume_mm3 == pytest.approx(24)


@pytest.mark.parametrize(("side", "rows"), SIDES)
def test_each_side_is_brought_down_without_mirroring(side: str, rows: tuple[tuple[int, ...], ...]) -> None:
    axis = np.zeros(3)
    axis["XYZ".index(side[1])] = 1.0 if side[0] == "+" else -1.0

    assert np.linalg.det(np.array(rows)) == pytest.approx(1)
    assert (np.array(rows) @ axis).tolist() == [0, 0, -1]


def test_a_plate_lies_flat_and_a_table_stands_on_its_top() -> None:
    upright, leg_down = box(3, 60, 40), table(60, 50, 20)

    assert lay(upright, ()).down in {"-X", "+X"}
    assert lay(leg_down, ()).down == "+Z"


def test_a_face_to_be_seen_lies_up() -> None:
    assert lay(box(60, 40, 3), ()).down == "-Z"
    assert lay(box(60, 40, 3), (Cosmetic("<Z", "matt"),)).down == "+Z"


def test_the_reason_has_the_numbers() -> None:
    reason = lay(box(60, 40, 3), ()).reason

    assert "-Z side" in reason
    assert "2400 mm2" in reason


def boxes(spots: tuple[Placement, ...], solids: dict[str, Skin]) -> list[tuple[float, float, float, float]]:
    out = []
    for s in spots:
        skin = placed(solids[s.part], lay(solids[s.part], ()), s)
        low, high = skin.low, skin.low + skin.size
        out.append((float(low[0]), float(low[1]), float(high[0]), float(high[1])))
    return out


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(3, 60), st.floats(3, 60), st.floats(3, 60)), min_size=1, max_size=4),
    st.integers(1, 2),
)
def test_copies_never_touch_and_stay_on_the_bed(sizes: list[tuple[float, float, float]], quantity: int) -> None:
    solids = {f"part{i}": box(*size) for i, size in enumerate(sizes)}
    order = design(*((name, 1) for name in solids), quantity=quantity)
    layings = {name: lay(skin, ()) for name, skin in solids.items()}
    try:
        spots = arrange(order, solids, layings, MARLIN)
    except CapabilityError:
        # Only what really fills the bed may be refused: half of it is always enough for parts this small.
        longest = max(max(x, y, z) for x, y, z in sizes) + SPACING_MM
        across = int((MARLIN.bed_x_mm - 2 * MARGIN_MM + SPACING_MM) / longest)

        assert len(sizes) * quantity > across**2
        return
    found = boxes(spots, solids)

    assert len(found) == len(sizes) * quantity
    for x0, y0, x1, y1 in found:
        assert min(x0, y0) >= MARGIN_MM - 0.02
        assert x1 <= MARLIN.bed_x_mm - MARGIN_MM + 0.02
        assert y1 <= MARLIN.bed_y_mm - MARGIN_MM + 0.02
    for a, b in itertools.combinations(found, 2):
        assert max(b[0] - a[2], a[0] - b[2], b[1] - a[3], a[1] - b[3]) >= SPACING_MM - 1e-6


@pytest.mark.parametrize("skin", [box(230, 10, 10), box(60, 60, 260)])
def test_a_part_that_does_not_fit_is_refused_with_numbers(skin: Skin) -> None:
    order = design(("big", 1))
    layings = {"big": dataclasses.replace(lay(skin, ()), rows=SIDES[0][1], height_mm=float(skin.size[2]))}
    with pytest.raises(CapabilityError, match=r"needs .* mm") as error:
        arrange(order, {"big": skin}, layings, MARLIN)

    assert error.value.code == "printing.too-large"
    assert error.value.limit


def test_turning_by_quarters_is_exact() -> None:
    assert rotation(lay(box(60, 40, 3), ()), 90.0).tolist() == [[0, -1, 0], [1, 0, 0], [0, 0, 1]]


def test_the_plate_file_is_the_same_every_time() -> None:
    items = [("a-1", box(10, 20, 5)), ("b-1", box(5, 5, 5))]

    assert write_3mf("order-1", items) == write_3mf("order-1", items)


def stl_bytes(skin: Skin) -> bytes:
    record = np.zeros(len(skin.faces), np.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("s", "<u2")]))
    record["c"] = skin.corners[skin.faces]
    return bytes(80) + len(skin.faces).to_bytes(4, "little") + record.tobytes()


def test_an_stl_is_read_with_its_corners_joined() -> None:
    skin = read_stl(stl_bytes(box(10, 20, 5)), "a")

    assert len(skin.corners) == 8
    assert skin.volume_mm3 == pytest.approx(1000)


@pytest.mark.parametrize("data", [b"", b"solid text\n", stl_bytes(box(1, 1, 1))[:-1]])
def test_a_broken_stl_is_a_clear_error(data: bytes) -> None:
    with pytest.raises(ConfigError, match="not a binary STL"):
        read_stl(data, "a")


def test_a_part_without_its_stl_is_a_clear_error() -> None:
    exports = Exports((File("b.stl", "stl", "model/stl", stl_bytes(box(1, 1, 1))),))
    with pytest.raises(ConfigError, match="The part a has no STL"):
        skins(design(("a", 1)), exports)


def test_every_dialect_gets_its_cheapest_printer() -> None:
    solids = {"a": box(60, 40, 3)}
    rows = choose_printers(design(("a", 1)), solids, {"a": lay(solids["a"], ())}, SHOP)

    assert [row[0].dialect for row in rows] == ["klipper", "marlin"]
    assert {row[1].material_id for row in rows} == {"petg"}
    assert {row[2].id for row in rows} == {"standard"}


def test_a_finish_may_name_the_quality() -> None:
    solids = {"a": box(60, 40, 3)}
    rows = choose_printers(design(("a", 1), finish="fine"), solids, {"a": lay(solids["a"], ())}, SHOP)

    assert {row[2].id for row in rows} == {"fine"}


def test_only_the_hot_printer_takes_a_hot_material() -> None:
    solids = {"a": box(60, 40, 3)}
    rows = choose_printers(design(("a", 1), material="abs"), solids, {"a": lay(solids["a"], ())}, SHOP)

    assert [row[0].dialect for row in rows] == ["klipper"]


@pytest.mark.parametrize(
    ("material", "size", "code"),
    [("pine", (60, 40, 3), "printing.no-filament"), ("petg", (300, 300, 3), "printing.too-large")],
)
def test_what_no_printer_can_make_is_refused(material: str, size: tuple[int, int, int], code: str) -> None:
    solids = {"a": box(*size)}
    with pytest.raises(CapabilityError) as error:
        choose_printers(design(("a", 1), material=material), solids, {"a": lay(solids["a"], ())}, SHOP)

    assert error.value.code == code
    assert len(error.value.findings) == len(SHOP.printers)


def test_a_shop_without_printers_says_so() -> None:
    with pytest.raises(CapabilityError, match="the shop has no printer"):
        choose_printers(design(("a", 1)), {}, {}, dataclasses.replace(SHOP, printers={}))


@pytest.mark.parametrize("modern", [True, False])
def test_settings_come_from_the_rows(modern: bool) -> None:  # noqa: FBT001 - a parametrised test
    asked = resolve(MARLIN, PETG, STANDARD, DIALECT, 10.0, modern=modern)

    assert asked["temperature"] == ("240", "filament petg-generic")
    assert asked["layer_height"] == ("0.2", "quality standard")
    assert asked["bed_shape"][0] == "0x0,220x0,220x220,0x220"
    assert asked["gcode_flavor"][0] == "marlin2"
    assert ("arc_fitting" in asked) is modern
    assert HOUSE.keys() <= asked.keys()
    assert all(why for _, why in asked.values())


def test_settings_read_back_are_the_ones_written() -> None:
    asked = resolve(MARLIN, PETG, STANDARD, DIALECT, 10.0, modern=True)
    trailer = "".join(f"; {line}\n" for line in ini(asked).splitlines())

    compare(asked, echoed(trailer))


@pytest.mark.parametrize(("change", "words"), [("; perimeters = 4\n", "instead of '2'"), ("", "did not write back")])
def test_another_setting_than_asked_is_refused(change: str, words: str) -> None:
    asked = resolve(MARLIN, PETG, STANDARD, DIALECT, 10.0, modern=True)
    trailer = "".join(f"; {line}\n" for line in ini(asked).splitlines()).replace("; perimeters = 2\n", change)
    with pytest.raises(VerificationError, match=words) as error:
        compare(asked, echoed(trailer))

    assert error.value.code == "printing.settings-differ"
    assert [f.place for f in error.value.findings] == ["perimeters"]


@pytest.mark.parametrize(
    ("asked", "got", "alike"),
    [
        ("0.2", "0.20", True),
        ("15%", "15.0%", True),
        ("15%", "15", False),
        ("4.7", "4", False),
        ("0x0,220x0", "0x0,220x0", True),
        ("1", "1,1", False),
        ("", "", True),
        ("gyroid", "grid", False),
    ],
)
def test_settings_are_compared_by_meaning(asked: str, got: str, alike: bool) -> None:  # noqa: FBT001 - a parametrised test
    assert same(asked, got) is alike


def test_the_engines_time_stamp_goes() -> None:
    text, version = unstamped("; generated by PrusaSlicer 2.9.6 on 2026-01-02 at 03:04:05 UTC\n; \nG28 \n")

    assert version == "2.9.6"
    assert text == "; generated by PrusaSlicer 2.9.6 on request of LotOne\n;\nG28\n"


@pytest.mark.parametrize("name", ["marlin", "klipper"])
def test_a_dialect_knows_every_command_of_its_own_blocks(name: str) -> None:
    dialect = printing_text.load(name)
    words = {line.split()[0] for line in (dialect.start + dialect.end).splitlines() if line}

    assert words <= dialect.commands.keys() | dialect.extended.keys()


def test_a_template_with_an_unknown_name_is_a_clear_error() -> None:
    with pytest.raises(ConfigError, match="cannot be filled in"):
        printing_text.render("M104 S{{ wish }}", {}, "start")
    with pytest.raises(ConfigError, match="leaves a bracket"):
        printing_text.render("M104 S[first_layer_temperature]", {}, "start")


def test_an_unknown_dialect_is_a_clear_error() -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        printing_text.load("sailfish")


@pytest.mark.parametrize(("value", "text"), [(0.2, "0.2"), (220.0, "220"), (-0.00001, "0"), (1 / 3, "0.3333")])
def test_numbers_are_plain(value: float, text: str) -> None:
    assert printing_text.number(value) == text
