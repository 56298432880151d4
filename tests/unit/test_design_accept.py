"""Acceptance measures: a piece that is not what its family promised is named, each fault by its own code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generators.enclosure import Enclosure
from generators.enclosure import build as enclosure
from generators.kit.body import Body, cut, cylinder, fuse, prism
from generators.kit.draft import Draft, Piece
from generators.nameplate import Nameplate
from generators.nameplate import build as nameplate
from geometry.regions import rectangle
from model.design import Expected
from pipeline.design.accept import accept

EXPECTED = Expected((20.0, 10.0, 5.0), (930.0, 945.0), 1, {"bottom": 0.0, "top": 5.0})


def good() -> Body:
    return cut(prism(rectangle(-10, -5, 10, 5), 0, 5), [cylinder(4, 0, 4, -1, 6)], "hole")


def codes(body: Body, expected: Expected = EXPECTED, **more: float) -> list[str]:
    draft = Draft("block", (Piece("block", body, expected, **more),))  # type: ignore[arg-type]
    return sorted({f.code for f in accept(draft)[1]})


def test_a_piece_as_promised_has_no_findings() -> None:
    assert [] == codes(good())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("design.genus", replace(EXPECTED, genus=2)),
        ("design.size", replace(EXPECTED, size_mm=(20.02, 10.0, 5.0))),
        ("design.volume", replace(EXPECTED, volume_mm3=(940.0, 950.0))),
        ("design.datum", replace(EXPECTED, datums_mm={"top": 5.0, "bottom": 0.0, "pocket floor": 2.0})),
    ],
)
def test_a_broken_promise_is_named(code: str, expected: Expected) -> None:
    assert [code] == codes(good(), expected)


def test_a_hole_in_the_wrong_place_is_seen_by_the_second_kernel_alone() -> None:
    moved = cut(prism(rectangle(-10, -5, 10, 5), 0, 5), [cylinder(4.1, 0, 4, -1, 6)], "hole")

    assert ["design.second-kernel"] == codes(Body(moved.solid, good().twin))


def test_a_piece_off_its_base_plane_is_named() -> None:
    lifted = good()
    body = Body(lifted.solid.moved(0, 0, 0.5), lifted.twin.translate((0, 0, 0.5)))

    assert "design.size" in codes(body)


def test_text_that_took_nothing_is_named() -> None:
    assert ["design.text"] == codes(good(), plain_mm3=good().volume_mm3, engraved_mm3=8.0)


def test_an_engraving_without_its_last_letter_is_named() -> None:
    whole, short = (nameplate(Nameplate(text=t, text_height_mm=12)).pieces[0] for t in ("ОЛЕГ", "ОЛЕ"))
    faulty = replace(whole, body=Body(short.body.solid, whole.body.twin))
    found = {f.code for f in accept(Draft("plate", (faulty,)))[1]}

    assert {"design.text", "design.second-kernel"} <= found


def box() -> Draft:
    return enclosure(Enclosure())


def test_a_box_and_its_lid_go_together() -> None:
    assert () == accept(box())[1]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("design.interference", {"shift_mm": (0.5, 0.0, 30.0)}),
        ("design.gap", {"shift_mm": (0.1, 0.0, 30.0)}),
        ("design.contact", {"shift_mm": (0.0, 0.0, 30.1)}),
        ("design.assembly-size", {"size_mm": (84.8, 54.8, 33.0)}),
    ],
)
def test_a_lid_that_does_not_fit_is_named(code: str, change: dict[str, tuple[float, float, float]]) -> None:
    draft = box()
    wrong = replace(draft, mates=(replace(draft.mates[0], **change),))  # type: ignore[arg-type]

    assert code in {f.code for f in accept(wrong)[1]}


def test_a_lid_that_is_too_thick_stands_in_the_wall() -> None:
    draft = box()
    base, lid = draft.pieces
    rod = cylinder(0, 26.05, 3, 0, 2.4)
    thick = replace(lid, body=fuse(lid.body, [rod], "rod"))
    found = {f.code for f in accept(replace(draft, pieces=(base, thick)))[1]}

    assert "design.interference" in found or "design.gap" in found
