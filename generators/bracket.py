"""Bracket: a milled plate with a pocket, counterbored screw holes, tapped holes and broken edges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from generators.kit.body import cut, cylinder, plate, prism
from generators.kit.draft import Draft, Piece
from generators.kit.family import Family, Params, said
from generators.kit.rules import near_edge, too_little, too_much
from model.design import Expected, Thread
from model.finding import Finding

SCREWS = {"M4": (4.5, 8.0, 4.4), "M5": (5.5, 10.0, 5.4), "M6": (6.6, 11.0, 6.5), "M8": (9.0, 15.0, 8.6)}
"""Clearance hole (ISO 273, medium), counterbore diameter and depth (DIN 974-1) for cap screws (ISO 4762), mm."""

TAP_DRILLS_MM = {"M4": 3.3, "M5": 4.2, "M6": 5.0, "M8": 6.8}
"""Tap drills of ISO coarse threads: nominal diameter less pitch (ISO 2306)."""

WALL_MM = 2.0
"""Least metal left between two cut-outs, or under a floor."""

Size = Literal["M4", "M5", "M6", "M8"]


class Bracket(Params):
    """What a customer may choose."""

    length_mm: Annotated[
        float,
        Field(ge=40, le=200, description="Length of the plate",
              json_schema_extra=said("length", ("length", "long"), ("длина", "длиной"))),
    ] = 100.0  # fmt: skip
    width_mm: Annotated[
        float,
        Field(ge=40, le=150, description="Width of the plate",
              json_schema_extra=said("width", ("width", "wide"), ("ширина", "шириной"))),
    ] = 80.0  # fmt: skip
    thickness_mm: Annotated[
        float,
        Field(ge=8, le=40, description="Thickness of the plate",
              json_schema_extra=said("thickness", ("thickness", "thick", "height"),
                                     ("толщина", "толщиной", "высота", "высотой"))),
    ] = 20.0  # fmt: skip
    corner_radius_mm: Annotated[
        float,
        Field(ge=2, le=40, description="Radius of the four upright edges",
              json_schema_extra=said("radius", ("corner radius", "corners", "radius"),
                                     ("радиус углов", "скругление", "углы", "радиус"))),
    ] = 8.0  # fmt: skip
    pocket_length_mm: Annotated[
        float,
        Field(ge=10, le=180, description="Length of the pocket in the middle",
              json_schema_extra=said("length", ("pocket length",), ("длина кармана",))),
    ] = 60.0  # fmt: skip
    pocket_width_mm: Annotated[
        float,
        Field(ge=10, le=130, description="Width of the pocket",
              json_schema_extra=said("width", ("pocket width",), ("ширина кармана",))),
    ] = 40.0  # fmt: skip
    pocket_depth_mm: Annotated[
        float,
        Field(ge=0, le=36, description="Depth of the pocket (0: no pocket)",
              json_schema_extra=said("depth", ("pocket depth", "pocket", "deep"),
                                     ("глубина кармана", "карман", "глубиной"))),
    ] = 10.0  # fmt: skip
    pocket_corner_radius_mm: Annotated[
        float,
        Field(ge=2, le=30, description="Radius of the pocket's corners",
              json_schema_extra=said("radius", ("pocket corner radius", "pocket radius"),
                                     ("радиус кармана", "радиус углов кармана"))),
    ] = 5.0  # fmt: skip
    mount_screw: Annotated[
        Size,
        Field(description="Cap screws for the four counterbored corner holes",
              json_schema_extra=said("choice", ("screw", "screws", "bolts", "mounting screws"),
                                     ("винт", "винты", "болты", "крепёж", "под винт"))),
    ] = "M6"  # fmt: skip
    mount_inset_mm: Annotated[
        float,
        Field(ge=6, le=40, description="From the middle of a corner hole to both edges",
              json_schema_extra=said("distance", ("hole inset", "holes from the edge", "from the edge"),
                                     ("от края", "отступ отверстий"))),
    ] = 12.0  # fmt: skip
    tapped_count: Annotated[
        Literal[0, 2],
        Field(description="Number of tapped through holes beside the pocket",
              json_schema_extra=said("count", ("tapped hole", "tapped holes", "threaded holes"),
                                     ("резьбовых отверстия", "отверстия с резьбой"))),
    ] = 2  # fmt: skip
    tapped_thread: Annotated[
        Size,
        Field(description="Thread of the tapped holes",
              json_schema_extra=said("choice", ("thread", "tapped"), ("резьба", "резьбой"))),
    ] = "M6"  # fmt: skip
    tapped_spacing_mm: Annotated[
        float,
        Field(ge=16, le=190, description="Between the middles of the tapped holes, along the length",
              json_schema_extra=said("distance", ("tapped hole spacing", "thread spacing"),
                                     ("расстояние между резьбовыми отверстиями", "межосевое"))),
    ] = 80.0  # fmt: skip
    chamfer_mm: Annotated[
        float,
        Field(ge=0, le=3, description="Chamfer of the upper outer edge (0: sharp)",
              json_schema_extra=said("distance", ("chamfer", "chamfers", "edge break"), ("фаска", "фаски", "фаской"))),
    ] = 1.0  # fmt: skip
    chamfer_below: Annotated[
        bool,
        Field(description="Chamfer the lower outer edge too",
              json_schema_extra=said("flag", ("chamfer both sides", "both edges", "lower chamfer"),
                                     ("фаска снизу", "фаски с двух сторон"))),
    ] = False  # fmt: skip

    def clashes(self) -> tuple[Finding, ...]:
        """Holes near edges, thin webs between cut-outs, floors too thin, corners too large."""
        return tuple(self._clashes())

    def _clashes(self) -> Iterator[Finding]:
        clear, bore, sink = SCREWS[self.mount_screw]
        short = min(self.length_mm, self.width_mm)
        yield from too_much("corner_radius_mm", self.corner_radius_mm, short / 2 - 1, "half the short side allows")
        both = self.chamfer_mm * (2 if self.chamfer_below else 1)
        yield from too_much("chamfer_mm", both, self.thickness_mm - 2 * WALL_MM, "the thickness allows")
        if self.chamfer_mm:
            limit = self.corner_radius_mm - 0.5
            yield from too_much("chamfer_mm", self.chamfer_mm, limit, "the corner radius allows")
        yield from too_little("thickness_mm", self.thickness_mm, sink + WALL_MM, "The plate (counterbore and floor)")
        yield from near_edge("mount_inset_mm", self._from_corner(), clear)
        rim = self._from_corner() - bore / 2 - self.chamfer_mm
        yield from too_little("mount_inset_mm", rim, 1.0, "The rim of a counterbore")
        for side in (self.length_mm, self.width_mm):
            gap = side - 2 * self.mount_inset_mm - bore
            yield from too_little("mount_inset_mm", gap, WALL_MM, "The web between two counterbores")
        if self.tapped_count:
            tap = TAP_DRILLS_MM[self.tapped_thread]
            free = (self.length_mm - self.tapped_spacing_mm) / 2 - self.chamfer_mm
            yield from near_edge("tapped_spacing_mm", free, tap)
            x, y = self.mounts()[2]
            web = math.hypot(x - self.tapped_spacing_mm / 2, y) - (bore + tap) / 2
            yield from too_little("tapped_spacing_mm", web, WALL_MM, "The web between threads and counterbores")
            between = self.tapped_spacing_mm - tap
            yield from too_little("tapped_spacing_mm", between, WALL_MM, "The web between the tapped holes")
        if self.pocket_depth_mm:
            yield from self._pocket_clashes(bore)

    def _pocket_clashes(self, bore: float) -> Iterator[Finding]:
        limit = min(self.pocket_length_mm, self.pocket_width_mm) / 2 - 0.5
        yield from too_much("pocket_corner_radius_mm", self.pocket_corner_radius_mm, limit, "half the pocket allows")
        yield from too_much("pocket_depth_mm", self.pocket_depth_mm, self.thickness_mm - WALL_MM, "the floor allows")
        rim = 2 * (WALL_MM + self.chamfer_mm)
        yield from too_much("pocket_length_mm", self.pocket_length_mm, self.length_mm - rim, "the rim allows")
        yield from too_much("pocket_width_mm", self.pocket_width_mm, self.width_mm - rim, "the rim allows")
        x, y = self.mounts()[2]
        web = self._to_pocket(x, y) - bore / 2
        yield from too_little("pocket_length_mm", web, WALL_MM, "The web between pocket and counterbores")
        if self.tapped_count:
            web = self._to_pocket(self.tapped_spacing_mm / 2, 0) - TAP_DRILLS_MM[self.tapped_thread] / 2
            yield from too_little("tapped_spacing_mm", web, WALL_MM, "The web between pocket and threads")

    def _to_pocket(self, x: float, y: float) -> float:
        """Distance from a point to the pocket's wall, negative inside."""
        r = self.pocket_corner_radius_mm
        dx, dy = abs(x) - self.pocket_length_mm / 2 + r, abs(y) - self.pocket_width_mm / 2 + r
        return math.hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - r

    def _from_corner(self) -> float:
        """From a corner hole's middle to the nearest edge, the rounded corner included."""
        r, e = self.corner_radius_mm, self.mount_inset_mm
        return e if e >= r else min(e, r - math.hypot(r - e, r - e))

    def mounts(self) -> tuple[tuple[float, float], ...]:
        """The four corner holes' middles."""
        x, y = self.length_mm / 2 - self.mount_inset_mm, self.width_mm / 2 - self.mount_inset_mm
        return ((-x, -y), (x, -y), (x, y), (-x, y))


def build(p: Bracket) -> Draft:
    """Shape the plate, bottom at z = 0, centred on x and y, pocket and counterbores open upwards."""
    from geometry.shapes import rounded

    t, deep = p.thickness_mm, p.pocket_depth_mm
    clear, bore, sink = SCREWS[p.mount_screw]
    tap = TAP_DRILLS_MM[p.tapped_thread]
    below = p.chamfer_mm if p.chamfer_below else 0.0
    blank = plate(rounded(p.length_mm, p.width_mm, p.corner_radius_mm), 0, t, top_mm=p.chamfer_mm, bottom_mm=below)
    tools = [cylinder(x, y, clear, -1, t + 1) for x, y in p.mounts()]
    tools += [cylinder(x, y, bore, t - sink, t + 2) for x, y in p.mounts()]
    half = p.tapped_spacing_mm / 2
    taps = ((-half, 0.0), (half, 0.0)) if p.tapped_count else ()
    tools += [cylinder(x, y, tap, -1, t + 1) for x, y in taps]
    datums = {"bottom": 0.0, "top": t, "counterbore floor": t - sink}
    if deep:
        pocket = rounded(p.pocket_length_mm, p.pocket_width_mm, p.pocket_corner_radius_mm)
        tools.append(prism(pocket, t - deep, t + 3))
        datums["pocket floor"] = t - deep
    body = cut(blank, tools, "pocket and holes")
    volume = _volume_mm3(p)
    expected = Expected(
        (p.length_mm, p.width_mm, t), (volume * 0.9995, volume * 1.0005), 4 + p.tapped_count, datums
    )  # fmt: skip
    threads = tuple(Thread(p.tapped_thread, (x, y, t), (0.0, 0.0, -1.0), t) for x, y in taps)
    title = f"Bracket {p.length_mm:g} x {p.width_mm:g} x {t:g} mm for {p.mount_screw} screws"
    piece = Piece("bracket", body, expected, threads, (">Z",), body.volume_mm3)
    return Draft(title, (piece,))


def _volume_mm3(p: Bracket) -> float:
    """Volume by formula: rounded plate less chamfers, pocket and holes."""
    t = p.thickness_mm
    clear, bore, sink = SCREWS[p.mount_screw]
    volume = _rounded_mm2(p.length_mm, p.width_mm, p.corner_radius_mm) * t
    sides = 2 if p.chamfer_below else 1
    volume -= sides * _chamfer_mm3(p.length_mm, p.width_mm, p.corner_radius_mm, p.chamfer_mm)
    volume -= _rounded_mm2(p.pocket_length_mm, p.pocket_width_mm, p.pocket_corner_radius_mm) * p.pocket_depth_mm
    volume -= math.pi * (clear**2 * (t - sink) + bore**2 * sink)
    return volume - p.tapped_count * math.pi / 4 * TAP_DRILLS_MM[p.tapped_thread] ** 2 * t


def _rounded_mm2(length: float, width: float, radius: float) -> float:
    return length * width - (4 - math.pi) * radius**2


def _chamfer_mm3(length: float, width: float, radius: float, c: float) -> float:
    """What a 45 degree chamfer takes: the ring's area at depth d, integrated (Pappus for the corners)."""
    straight = 2 * (length + width) - 8 * radius
    return straight * c * c / 2 + math.pi * c * c * (radius - c / 3)


FAMILY = Family(
    params=Bracket,
    build=build,
    title="Bracket",
    process="mill",
    material="al-6082",
    materials=("al-6082", "al-6061", "al-7075", "steel-s235", "brass-cuzn39pb3", "pom"),
    words={
        "en": ("bracket", "mounting plate", "adapter plate", "base plate", "mount"),
        "ru": ("кронштейн", "кронштейна", "монтажная плита", "плита", "крепление", "основание", "держатель"),
    },
)
