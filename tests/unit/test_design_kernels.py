"""Every boolean is done twice, and a solid the kernels do not agree on goes no further."""

from __future__ import annotations

from typing import Any

import pytest

from generators.kit import body as kit
from generators.kit.body import Body, cut, cylinder, fuse, plate, prism
from geometry.regions import rectangle
from geometry.shapes import rounded
from model.errors import VerificationError


class Lying:
    """A solid whose cut gives back something else, as a kernel in trouble does."""

    def __init__(self, true: Any, result: Any) -> None:
        self.true, self.result = true, result

    def Volume(self) -> float:  # noqa: N802 - the kernel's own name
        return float(self.true.Volume())

    def cut(self, *_tools: Any, tol: float | None = None) -> Any:
        del tol
        return self.result


def lying(solid: Any, twin: Any) -> Body:
    return Body(solid, twin)


def block() -> Body:
    return prism(rectangle(0, 0, 20, 10), 0, 5)


def test_a_hole_takes_its_cylinder_in_both_kernels() -> None:
    drilled = cut(block(), [cylinder(5, 5, 4, -1, 6)], "hole")

    assert drilled.volume_mm3 == pytest.approx(1000 - 20 * 3.14159265, rel=1e-6)
    assert drilled.twin.volume() == pytest.approx(drilled.volume_mm3, rel=1e-4)


def test_a_boss_is_added_in_both_kernels() -> None:
    grown = fuse(block(), [cylinder(5, 5, 4, 4, 8)], "boss")

    assert grown.volume_mm3 == pytest.approx(1000 + 12 * 3.14159265, rel=1e-6)


def test_a_chamfered_plate_has_cones_and_planes() -> None:
    made = plate(rounded(100, 80, 8), 0, 20, top_mm=1, bottom_mm=2)
    kinds = sorted({f.geomType() for f in made.solid.Faces()})

    assert ["CONE", "CYLINDER", "PLANE"] == kinds


def test_a_boolean_that_lost_material_is_refused() -> None:
    honest = block()
    lost = prism(rectangle(0, 0, 19, 10), 0, 5)

    with pytest.raises(VerificationError) as caught:
        cut(lying(Lying(honest.solid, lost.solid), honest.twin), [cylinder(5, 5, 4, -1, 6)], "hole")

    assert ("design.kernels-disagree", "hole") == (caught.value.code, caught.value.place)


def test_an_empty_result_is_refused_though_it_calls_itself_valid() -> None:
    import cadquery as cq

    honest = block()
    empty = cq.Compound.makeCompound([])

    assert empty.isValid()
    with pytest.raises(VerificationError, match="0 solids"):
        cut(lying(Lying(honest.solid, empty), honest.twin), [cylinder(5, 5, 4, -1, 6)], "hole")


def test_a_cut_that_parts_the_piece_is_refused() -> None:
    saw = prism(rectangle(9, -1, 11, 11), -1, 6)

    with pytest.raises(VerificationError, match="2 solids"):
        cut(block(), [saw], "saw")


def test_a_cut_that_never_happened_is_refused() -> None:
    honest = block()

    with pytest.raises(VerificationError):
        cut(lying(Lying(honest.solid, honest.solid), honest.twin), [cylinder(5, 5, 0.5, 4.8, 6)], "small groove")


def test_the_ladder_tries_other_tolerances_before_it_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    honest, tool = block(), cylinder(5, 5, 4, -1, 6)
    right = honest.solid.cut(tool.solid)
    tried: list[float | None] = []

    class Moody(Lying):
        def cut(self, *_tools: Any, tol: float | None = None) -> Any:
            tried.append(tol)
            return right if tol else self.result

    made = cut(lying(Moody(honest.solid, honest.solid), honest.twin), [tool], "hole")

    assert [None, 1e-4] == tried
    assert made.volume_mm3 == pytest.approx(float(right.Volume()))
    monkeypatch.setattr(kit, "FUZZ_MM", (None,))
    with pytest.raises(VerificationError):
        cut(lying(Moody(honest.solid, honest.solid), honest.twin), [tool], "hole")
