"""Nameplate: a rounded plate with screw holes and engraved text, cut from sheet."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from generators.kit.body import cut, cylinder, prism, prisms
from generators.kit.draft import Draft, Piece
from generators.kit.family import Family, Params, said
from generators.kit.rules import near_edge, one_of, too_much
from model.design import Engraving, Expected
from model.finding import Finding

if TYPE_CHECKING:
    from geometry.text import Lettering

SHEETS_MM = (0.8, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
TOOLS_MM = (0.3, 0.5, 0.8, 1.0)
MARGIN_MM = 3.0
TALLEST_IN_TOOLS = 24


class Nameplate(Params):
    """What a customer may choose."""

    length_mm: Annotated[
        float,
        Field(ge=20, le=400, description="Length of the plate",
              json_schema_extra=said("length", ("length", "long"), ("длина", "длиной", "в длину"))),
    ] = 120.0  # fmt: skip
    width_mm: Annotated[
        float,
        Field(ge=10, le=300, description="Width (height on the wall) of the plate",
              json_schema_extra=said("width", ("width", "wide", "height", "high"),
                                     ("ширина", "шириной", "высота", "высотой"))),
    ] = 40.0  # fmt: skip
    thickness_mm: Annotated[
        float,
        Field(ge=0.8, le=10, description="Thickness of the sheet",
              json_schema_extra=said("thickness", ("thickness", "thick"), ("толщина", "толщиной", "толщины"))),
    ] = 2.0  # fmt: skip
    corner_radius_mm: Annotated[
        float,
        Field(ge=0, le=100, description="Radius of the four corners (0: square)",
              json_schema_extra=said("radius", ("corner radius", "rounded corners", "corners", "radius"),
                                     ("радиус углов", "скругление", "углы", "радиус"))),
    ] = 4.0  # fmt: skip
    hole_count: Annotated[
        Literal[0, 2, 4],
        Field(description="Number of screw holes: none, one at each end, or one in each corner",
              json_schema_extra=said("count", ("hole", "holes", "screw holes"),
                                     ("отверстие", "отверстия", "отверстий", "отверстиями", "дырки", "дырками"))),
    ] = 2  # fmt: skip
    hole_diameter_mm: Annotated[
        float,
        Field(ge=2, le=12, description="Diameter of the screw holes",
              json_schema_extra=said("diameter", ("hole diameter", "holes of", "diameter"),
                                     ("диаметр отверстий", "диаметром", "диаметр"))),
    ] = 4.0  # fmt: skip
    hole_edge_mm: Annotated[
        float,
        Field(ge=3, le=60, description="From the middle of a hole to the nearest edge, at least 1.5 diameters",
              json_schema_extra=said("distance", ("hole to edge", "edge distance", "from the edge"),
                                     ("от края", "отступ отверстий"))),
    ] = 8.0  # fmt: skip
    text: Annotated[
        str,
        Field(description="Text to engrave, up to six lines; empty: none",
              json_schema_extra=said("text", ("text", "engrave", "engraved", "inscription", "name", "saying"),
                                     ("текст", "надпись", "гравировка", "гравировать", "имя", "с надписью"))),
    ] = ""  # fmt: skip
    text_height_mm: Annotated[
        float | None,
        Field(ge=2, le=60, description="Height of a capital letter; none: as tall as fits and looks well",
              json_schema_extra=said("height", ("text height", "letter height", "letters"),
                                     ("высота букв", "высота текста", "буквы высотой", "буквы"))),
    ] = None  # fmt: skip
    stroke_mm: Annotated[
        float,
        Field(ge=0.3, le=1.0, description="Width of the engraved line: the engraving tool (0.3, 0.5, 0.8 or 1.0)",
              json_schema_extra=said("width", ("line width", "stroke width", "stroke"),
                                     ("толщина линии", "ширина линии", "линия"))),
    ] = 0.5  # fmt: skip
    engrave_depth_mm: Annotated[
        float,
        Field(ge=0.05, le=1.0, description="Depth of the engraving",
              json_schema_extra=said("depth", ("engraving depth", "engraved deep", "depth"),
                                     ("глубина гравировки", "глубина", "глубиной"))),
    ] = 0.2  # fmt: skip

    def clashes(self) -> tuple[Finding, ...]:
        """Holes near edges, corners larger than the plate, sheet and tool sizes nobody stocks."""
        return tuple(self._clashes())

    def _clashes(self) -> Iterator[Finding]:
        yield from one_of("thickness_mm", self.thickness_mm, SHEETS_MM, "sheet thickness")
        yield from one_of("stroke_mm", self.stroke_mm, TOOLS_MM, "engraving tool width")
        short = min(self.length_mm, self.width_mm)
        yield from too_much("corner_radius_mm", self.corner_radius_mm, short / 2 - 1, "the short side allows")
        deepest = min(self.thickness_mm / 2, self.stroke_mm)
        yield from too_much("engrave_depth_mm", self.engrave_depth_mm, deepest, "half the sheet and the tool allow")
        if self.hole_count:
            free = min(self.hole_edge_mm, self.length_mm / 2, self._to_corner(), self._to_long_side())
            yield from near_edge("hole_edge_mm", free, self.hole_diameter_mm)
            gap = self.length_mm - 2 * self.hole_edge_mm
            if self.hole_count == 4:
                gap = min(gap, self.width_mm - 2 * self.hole_edge_mm)
            least = 2 * self.hole_diameter_mm
            if gap < least:
                words = f"Holes are {gap:g} mm apart, at least {least:g} mm (2 diameters) is needed"
                yield Finding(
                    "order.holes-too-close", words, "hole_edge_mm", gap, least,
                    "Use fewer holes, smaller ones, or move them to the edge.",
                )  # fmt: skip

    def _to_long_side(self) -> float:
        return self.hole_edge_mm if self.hole_count == 4 else self.width_mm / 2

    def _to_corner(self) -> float:
        """From a hole's middle to the corner's arc, when it lies in the corner's square."""
        r, e = self.corner_radius_mm, self.hole_edge_mm
        aside = self._to_long_side()
        if e >= r or aside >= r:
            return math.inf
        return r - math.hypot(r - e, r - aside)

    def holes(self) -> tuple[tuple[float, float], ...]:
        """The holes' middles."""
        x = self.length_mm / 2 - self.hole_edge_mm
        y = self.width_mm / 2 - self.hole_edge_mm
        rows = {0: (), 2: ((-x, 0.0), (x, 0.0)), 4: ((-x, -y), (x, -y), (x, y), (-x, y))}
        return rows[self.hole_count]

    def text_box_mm(self) -> tuple[float, float]:
        """Room for the text: 3 mm clear of edges, corners and holes."""
        inset = MARGIN_MM + max(0.0, self.corner_radius_mm - MARGIN_MM) * (1 - math.sqrt(0.5))
        side = inset if not self.hole_count else self.hole_edge_mm + self.hole_diameter_mm / 2 + MARGIN_MM
        return self.length_mm - 2 * max(side, inset), self.width_mm - 2 * inset


def build(p: Nameplate) -> Draft:
    """Shape the plate, bottom at z = 0, centred on x and y, text on the upper face."""
    from geometry.regions import fit
    from geometry.shapes import rounded
    from geometry.text import engraved

    t = p.thickness_mm
    outline = rounded(p.length_mm, p.width_mm, p.corner_radius_mm)
    drills = [cylinder(x, y, p.hole_diameter_mm, -1, t + 1) for x, y in p.holes()]
    plain = cut(prism(outline, 0, t), drills, "screw holes")
    exact = (p.length_mm * p.width_mm - (4 - math.pi) * p.corner_radius_mm**2) * t
    exact -= p.hole_count * math.pi / 4 * p.hole_diameter_mm**2 * t
    title = f"Nameplate {p.length_mm:g} x {p.width_mm:g} x {t:g} mm"
    size = (p.length_mm, p.width_mm, t)
    datums = {"bottom": 0.0, "top": t}
    if not p.text.strip():
        expected = Expected(size, (exact * 0.9995, exact * 1.0005), p.hole_count, datums)
        piece = Piece("nameplate", plain, expected, cosmetic=(">Z",), plain_mm3=plain.volume_mm3)
        return Draft(title, (piece,), notes=("No text was given: the plate stays blank.",))
    most = TALLEST_IN_TOOLS * p.stroke_mm
    words = engraved(p.text, p.text_box_mm(), p.stroke_mm, p.text_height_mm, most)
    groove = fit(words.area)
    body = cut(plain, prisms(groove, t - p.engrave_depth_mm, t + 1), "engraving")
    low, high = (v * p.engrave_depth_mm for v in _groove_mm2(words))
    expected = Expected(
        size,
        (exact * 0.9995 - high, exact * 1.0005 - low),
        p.hole_count,
        datums | {"groove floor": t - p.engrave_depth_mm},
    )
    note = Engraving(
        words.text, words.font, words.font_sha256, p.stroke_mm, p.engrave_depth_mm, t, words.strokes,
    )  # fmt: skip
    gone = float(words.area.area()) * p.engrave_depth_mm
    piece = Piece("nameplate", body, expected, (note,), (">Z",), plain.volume_mm3, gone)
    shown = words.text.replace("\n", " / ")
    return Draft(f"{title}, «{shown}»", (piece,), notes=(f"Capitals are {words.height_mm:g} mm tall.",))


def _groove_mm2(words: Lettering) -> tuple[float, float]:
    """Least and most the grooves can cover: strokes that all cross, and strokes that never do."""
    w = words.tool_mm
    runs = [sum(math.dist(a, b) for a, b in zip(s.points, s.points[1:], strict=False)) for s in words.strokes]
    most = sum(run * w + math.pi / 4 * w * w for run in runs)
    return most / 3, most


FAMILY = Family(
    params=Nameplate,
    build=build,
    title="Nameplate",
    process="mill",
    material="brass-cuzn39pb3",
    materials=("brass-cuzn39pb3", "al-6082", "al-6061", "al-7075", "copper", "pom", "pmma"),
    words={
        "en": ("nameplate", "name plate", "sign", "plate", "door plate", "plaque", "tag"),
        "ru": ("табличка", "табличку", "шильдик", "шильд", "бирка", "бирку", "номерок", "пластина", "пластину"),
    },
)
