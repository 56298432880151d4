"""Enclosure: a printed box with screw bosses, vents and cable cut-outs, and a lid that drops into its rim."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from generators.kit.body import Body, cut, cylinder, fuse, prism, prisms
from generators.kit.draft import Draft, Mate, Piece
from generators.kit.family import Family, Params, said
from generators.kit.rules import too_little, too_much
from model.design import Annotation, Expected, Relief
from model.finding import Finding
from model.region import Region

if TYPE_CHECKING:
    from manifold3d import CrossSection

SCREWS = {"M2.5": (2.05, 2.9), "M3": (2.5, 3.4), "M4": (3.3, 4.5)}
"""Pilot hole for a screw that cuts its own thread in plastic, and clearance hole (ISO 273, medium), mm."""

SUNK_IN_WALL_MM = 0.6
"""How far a boss reaches into the wall it stands at: never just touching it."""

PILOT_MM = 10.0
STEM_MM = 0.8
WEB_MM = 2.0
RIM_MM = 0.8
LABEL_MOST_MM = 14.0
_OVERLAP_MM = 0.5

Side = Literal["front", "back", "left", "right"]

SIDES = {
    "front": {"en": ["front"], "ru": ["спереди", "передняя", "передней"]},
    "back": {"en": ["back", "rear"], "ru": ["сзади", "задняя", "задней"]},
    "left": {"en": ["left"], "ru": ["слева", "левая", "левой"]},
    "right": {"en": ["right"], "ru": ["справа", "правая", "правой"]},
}
STYLES = {
    "raised": {"en": ["raised", "embossed"], "ru": ["выпуклая", "выпуклые", "рельефная"]},
    "sunk": {"en": ["sunk", "debossed", "recessed"], "ru": ["утопленная", "вдавленная", "углублённая"]},
}


class Cutout(BaseModel):
    """One rectangular opening for a cable or plug in a side wall."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    face: Annotated[Side, Field(description="Wall: front (-y), back (+y), left (-x) or right (+x)")]
    width_mm: Annotated[float, Field(ge=2, le=40, description="Width of the opening (a printer bridges no more)")]
    height_mm: Annotated[float, Field(ge=2, le=60, description="Height of the opening")]
    offset_mm: Annotated[float, Field(ge=-120, le=120, description="From the middle of the wall, along +x or +y")] = 0.0
    above_floor_mm: Annotated[float, Field(ge=1, le=100, description="From the inner floor to its lower edge")] = 4.0


@dataclass(frozen=True, slots=True)
class Opening:
    """A hole through a wall: along the wall from ``u0`` to ``u1``, over the inner floor from ``z0`` to ``z1`` (mm)."""

    place: str
    face: Side
    u0: float
    u1: float
    z0: float
    z1: float


class Enclosure(Params):
    """What a customer may choose."""

    inner_length_mm: Annotated[
        float,
        Field(ge=30, le=220, description="Length of the room inside",
              json_schema_extra=said("length", ("inner length", "inside length", "length", "long"),
                                     ("внутренняя длина", "длина", "длиной"))),
    ] = 80.0  # fmt: skip
    inner_width_mm: Annotated[
        float,
        Field(ge=25, le=200, description="Width of the room inside",
              json_schema_extra=said("width", ("inner width", "inside width", "width", "wide"),
                                     ("внутренняя ширина", "ширина", "шириной"))),
    ] = 50.0  # fmt: skip
    inner_height_mm: Annotated[
        float,
        Field(ge=12, le=120, description="Height of the room inside",
              json_schema_extra=said("height", ("inner height", "inside height", "height", "high", "tall"),
                                     ("внутренняя высота", "высота", "высотой"))),
    ] = 28.0  # fmt: skip
    wall_mm: Annotated[
        float,
        Field(ge=1.6, le=4, description="Thickness of the side walls",
              json_schema_extra=said("thickness", ("wall", "walls", "wall thickness"),
                                     ("стенка", "стенки", "толщина стенки", "толщина стенок"))),
    ] = 2.4  # fmt: skip
    floor_mm: Annotated[
        float,
        Field(ge=1.2, le=5, description="Thickness of the floor",
              json_schema_extra=said("thickness", ("floor", "floor thickness", "bottom"), ("дно", "толщина дна"))),
    ] = 2.0  # fmt: skip
    lid_mm: Annotated[
        float,
        Field(ge=1.6, le=5, description="Thickness of the lid",
              json_schema_extra=said("thickness", ("lid thickness",), ("толщина крышки",))),
    ] = 2.4  # fmt: skip
    lip_mm: Annotated[
        float,
        Field(ge=0.8, le=2.4, description="Width of the ledge in the wall the lid rests on",
              json_schema_extra=said("width", ("lip", "ledge"), ("бортик", "уступ"))),
    ] = 1.2  # fmt: skip
    clearance_mm: Annotated[
        float,
        Field(ge=0.1, le=0.5, description="Gap between lid and rim, all round",
              json_schema_extra=said("distance", ("clearance", "gap", "fit"), ("зазор", "зазором"))),
    ] = 0.2  # fmt: skip
    corner_radius_mm: Annotated[
        float,
        Field(ge=2.5, le=12, description="Radius of the upright outer edges",
              json_schema_extra=said("radius", ("corner radius", "rounded corners", "corners", "radius"),
                                     ("радиус углов", "скругление", "углы", "радиус"))),
    ] = 5.0  # fmt: skip
    screw: Annotated[
        Literal["M2.5", "M3", "M4"],
        Field(description="Lid screws; they cut their thread in the bosses",
              json_schema_extra=said("choice", ("screw", "screws"), ("винт", "винты", "винтами", "саморезы"))),
    ] = "M3"  # fmt: skip
    vent_count: Annotated[
        int,
        Field(ge=0, le=30, description="Number of upright vent slots",
              json_schema_extra=said("count", ("vent", "vents", "vent slots", "ventilation"),
                                     ("вентиляция", "вентиляционных", "прорезей", "щелей"))),
    ] = 6  # fmt: skip
    vent_face: Annotated[
        Side,
        Field(description="Wall with the vents: front (-y), back (+y), left (-x) or right (+x)",
              json_schema_extra=said("choice", ("vents on the", "vented side"),
                                     ("вентиляция на", "прорези на"), SIDES)),
    ] = "back"  # fmt: skip
    vent_width_mm: Annotated[
        float,
        Field(ge=1.2, le=4, description="Width of a vent slot; the web between two is as wide",
              json_schema_extra=said("width", ("vent width", "slot width"), ("ширина прорези", "ширина щели"))),
    ] = 2.0  # fmt: skip
    vent_height_mm: Annotated[
        float,
        Field(ge=4, le=60, description="Height of a vent slot",
              json_schema_extra=said("height", ("vent height", "slot height"), ("высота прорези", "высота щели"))),
    ] = 14.0  # fmt: skip
    cutouts: Annotated[
        tuple[Cutout, ...],
        Field(strict=False, max_length=12, description="Rectangular openings for cables and plugs",
              json_schema_extra=said("list", ("cut-out", "cutout", "cable opening", "cable cut-out"),
                                     ("вырез", "вырезы", "отверстие под кабель", "вырез под кабель"))),
    ] = (Cutout(face="front", width_mm=12, height_mm=8),)  # fmt: skip
    label: Annotated[
        str,
        Field(description="Text on the lid; empty: none",
              json_schema_extra=said("text", ("label", "text", "lid text", "inscription", "saying", "name"),
                                     ("надпись", "текст", "подпись", "с надписью", "имя"))),
    ] = ""  # fmt: skip
    label_style: Annotated[
        Literal["raised", "sunk"],
        Field(description="Letters standing out of the lid, or let into it",
              json_schema_extra=said("choice", ("label style", "letters style"),
                                     ("рельеф надписи", "вид надписи"), STYLES)),
    ] = "raised"  # fmt: skip
    label_depth_mm: Annotated[
        float,
        Field(ge=0.4, le=1.2, description="How far the letters stand out or go in",
              json_schema_extra=said("depth", ("label depth", "letter depth"), ("высота рельефа", "глубина надписи"))),
    ] = 0.6  # fmt: skip
    label_height_mm: Annotated[
        float | None,
        Field(ge=3, le=40, description="Height of a capital letter; none: as tall as fits and looks well",
              json_schema_extra=said("height", ("label height", "letter height"), ("высота букв", "буквы высотой"))),
    ] = None  # fmt: skip

    def clashes(self) -> tuple[Finding, ...]:
        """Thin rims, corners the bosses cannot fill, openings that meet bosses, edges or one another."""
        return tuple(self._clashes())

    def _clashes(self) -> Iterator[Finding]:
        yield from too_little("lip_mm", self.wall_mm - self.lip_mm, RIM_MM, "The rim beside the lid")
        yield from too_little("corner_radius_mm", self.corner_radius_mm - self.wall_mm, 0.1, "The inner corner radius")
        limit = self.wall_mm + self.boss_mm / 2 + 0.5
        yield from too_much("corner_radius_mm", self.corner_radius_mm, limit, "the bosses can fill")
        if self.label and self.label_style == "sunk":
            left = self.lid_mm - self.label_depth_mm
            yield from too_little("label_depth_mm", left, 1.0, "The lid under the letters")
        blocks = self._blocks()
        for one in blocks:
            free = self.inner(one.face) / 2 - self.boss_at_mm - self.boss_mm / 2
            beside = free - max(abs(one.u0), abs(one.u1))
            yield from too_little(one.place, beside, WEB_MM, "The wall between the opening and a boss")
            yield from too_little(one.place, one.z0, 1.0, "The wall under the opening")
            yield from too_little(one.place, self.inner_height_mm - one.z1, WEB_MM, "The wall over the opening")
        for a, b in combinations(blocks, 2):
            if a.face == b.face:
                apart = max(b.u0 - a.u1, a.u0 - b.u1, b.z0 - a.z1, a.z0 - b.z1)
                yield from too_little(b.place, apart, WEB_MM, "The wall between two openings")

    def _blocks(self) -> tuple[Opening, ...]:
        """The openings, the row of vents taken as one."""
        every = self.openings()
        vents, cables = every[: self.vent_count], every[self.vent_count :]
        if not vents:
            return cables
        first, last = vents[0], vents[-1]
        return (Opening("vent_count", first.face, first.u0, last.u1, first.z0, first.z1), *cables)

    @property
    def boss_mm(self) -> float:
        """Diameter of a boss: its wall is 1.6 mm or 0.8 screw diameters, whichever is more."""
        return SCREWS[self.screw][0] + 2 * max(1.6, 0.8 * float(self.screw[1:]))

    @property
    def boss_at_mm(self) -> float:
        """From the inner walls to a boss's middle: it reaches 0.6 mm into the rounded corner."""
        reach, corner = self.boss_mm / 2 - SUNK_IN_WALL_MM, self.corner_radius_mm - self.wall_mm
        return max(reach, corner - (corner - reach) * math.sqrt(0.5))

    def inner(self, face: Side) -> float:
        """Length of a wall, inside."""
        return self.inner_length_mm if face in ("front", "back") else self.inner_width_mm

    def bosses(self) -> tuple[tuple[float, float], ...]:
        """The bosses' middles."""
        x = self.inner_length_mm / 2 - self.boss_at_mm
        y = self.inner_width_mm / 2 - self.boss_at_mm
        return ((-x, -y), (x, -y), (x, y), (-x, y))

    def openings(self) -> tuple[Opening, ...]:
        """Vents and cut-outs."""
        w, h = self.vent_width_mm, self.vent_height_mm
        low = (self.inner_height_mm - h) / 2
        first = -(self.vent_count - 1) * w
        vents = [
            Opening("vent_count", self.vent_face, first + 2 * k * w - w / 2, first + 2 * k * w + w / 2, low, low + h)
            for k in range(self.vent_count)
        ]
        cables = [
            Opening(f"cutouts.{k}", c.face, c.offset_mm - c.width_mm / 2, c.offset_mm + c.width_mm / 2,
                    c.above_floor_mm, c.above_floor_mm + c.height_mm)
            for k, c in enumerate(self.cutouts)
        ]  # fmt: skip
        return (*vents, *cables)


def build(p: Enclosure) -> Draft:
    """Shape base and lid, each as it is printed: flat side down on z = 0, centred on x and y."""
    base, lid = _base(p), _lid(p)
    shelf = p.floor_mm + p.inner_height_mm
    proud = lid.expected.size_mm[2] - p.lid_mm
    length, width = p.inner_length_mm + 2 * p.wall_mm, p.inner_width_mm + 2 * p.wall_mm
    ledge = _rounded_mm2(*_lid_plan(p)) - _rounded_mm2(*_inner_plan(p))
    mate = Mate(
        "base", "lid", (0.0, 0.0, shelf), shelf, 0.9 * ledge, p.clearance_mm, (length, width, shelf + p.lid_mm + proud)
    )  # fmt: skip
    title = f"Enclosure {length:g} x {width:g} x {shelf + p.lid_mm:g} mm"
    if p.label.strip():
        title += f", «{p.label.strip()}»"
    screws = f"Screws: 4 x {p.screw} x {p.lid_mm + PILOT_MM - 2:.0f} mm, self-tapping."
    return Draft(title, (base, lid), (mate,), (screws,))


def _base(p: Enclosure) -> Piece:
    from geometry.regions import fit, flatten, rectangle, union
    from geometry.shapes import rounded

    pilot, _ = SCREWS[p.screw]
    shelf = p.floor_mm + p.inner_height_mm
    top = shelf + p.lid_mm
    outer = (p.inner_length_mm + 2 * p.wall_mm, p.inner_width_mm + 2 * p.wall_mm, p.corner_radius_mm)
    grown = union([_boss(p, x, y) for x, y in p.bosses()])
    room = fit(flatten(rounded(*_inner_plan(p))) - grown)
    tools = [prism(room, p.floor_mm, top + 1), prism(rounded(*_rebate_plan(p)), shelf, top + 2)]
    depth = min(PILOT_MM, p.inner_height_mm - 1)
    tools += [cylinder(x, y, pilot, shelf - depth, top + 3) for x, y in p.bosses()]
    tools += [
        prism(rectangle(*_through(p, o)), p.floor_mm + o.z0, p.floor_mm + o.z1) for o in p.openings()
    ]  # fmt: skip
    body = cut(prism(rounded(*outer), 0, top), tools, "room, rim, bosses and openings")
    shell = _rounded_mm2(*outer) * top - _rounded_mm2(*_inner_plan(p)) * p.inner_height_mm
    shell -= _rounded_mm2(*_rebate_plan(p)) * p.lid_mm
    shell -= sum((o.u1 - o.u0) * (o.z1 - o.z0) for o in p.openings()) * p.wall_mm
    drilled = math.pi * pilot**2 * depth
    filled = 4 * (p.boss_at_mm + p.boss_mm / 2) ** 2 * p.inner_height_mm
    datums = {"bottom": 0.0, "inner floor": p.floor_mm, "ledge": shelf, "rim": top}
    expected = Expected(
        (outer[0], outer[1], top), (shell * 0.9995 - drilled, (shell + filled) * 1.0005), len(p.openings()), datums
    )  # fmt: skip
    return Piece("base", body, expected, cosmetic=("<Y",), plain_mm3=body.volume_mm3)


def _lid(p: Enclosure) -> Piece:
    from geometry.shapes import rounded

    _, clear = SCREWS[p.screw]
    plan = _lid_plan(p)
    t = p.lid_mm
    drills = [cylinder(x, y, clear, -1, t + 1) for x, y in p.bosses()]
    plain = cut(prism(rounded(*plan), 0, t), drills, "lid holes")
    exact = _rounded_mm2(*plan) * t - math.pi * clear**2 * t
    datums = {"bottom": 0.0, "top": t}
    if not p.label.strip():
        expected = Expected((plan[0], plan[1], t), (exact * 0.9995, exact * 1.0005), 4, datums)
        return Piece("lid", plain, expected, cosmetic=(">Z",), plain_mm3=plain.volume_mm3)
    body, note, ink = _labelled(p, plain, plan)
    raised = p.label_style == "raised"
    top = t + p.label_depth_mm if raised else t
    change = ink * p.label_depth_mm * (1 if raised else -1)
    low, high = sorted((exact + 0.95 * change, exact + 1.05 * change))
    letters = {"letters": t + p.label_depth_mm * (1 if raised else -1)}
    expected = Expected((plan[0], plan[1], top), (low * 0.9995, high * 1.0005), 4, datums | letters)
    return Piece("lid", body, expected, (note,), (">Z",), plain.volume_mm3, -change)


def _labelled(p: Enclosure, plain: Body, plan: tuple[float, float, float]) -> tuple[Body, Annotation, float]:
    """The lid with its letters, the note of them, and their area."""
    from geometry.regions import fit
    from geometry.text import outlined

    _, clear = SCREWS[p.screw]
    t, depth = p.lid_mm, p.label_depth_mm
    aside = plan[1] / 2 - p.bosses()[2][1] + clear / 2 + WEB_MM
    room = (plan[0] - 2 * (WEB_MM + 1), plan[1] - 2 * aside)
    words = outlined(p.label, room, STEM_MM, p.label_height_mm, LABEL_MOST_MM)
    ink: Region = fit(words.area, 0.002)
    if p.label_style == "raised":
        body = fuse(plain, prisms(ink, t - _OVERLAP_MM, t + depth), "raised label")
    else:
        body = cut(plain, prisms(ink, t - depth, t + 1), "sunk label")
    note = Relief(words.text, words.font, words.font_sha256, words.height_mm, t)
    return body, note, float(words.area.area())


def _boss(p: Enclosure, x: float, y: float) -> CrossSection:
    """A boss and the wedge that fills the corner behind it, as a plane area."""
    from geometry.regions import circle, flatten, rectangle, union

    far = p.boss_at_mm + p.wall_mm / 2
    xs, ys = sorted((x, x + math.copysign(far, x))), sorted((y, y + math.copysign(far, y)))
    return union([flatten(circle(x, y, p.boss_mm)), flatten(rectangle(xs[0], ys[0], xs[1], ys[1]))])


def _through(p: Enclosure, o: Opening) -> tuple[float, float, float, float]:
    """Seen from above, the box (x0, y0, x1, y1) that cuts an opening through its wall."""
    across = (p.inner_length_mm if o.face in ("left", "right") else p.inner_width_mm) / 2
    near, far = across - 1, across + p.wall_mm + 1
    if o.face in ("back", "front"):
        low, high = (near, far) if o.face == "back" else (-far, -near)
        return (o.u0, low, o.u1, high)
    low, high = (near, far) if o.face == "right" else (-far, -near)
    return (low, o.u0, high, o.u1)


def _inner_plan(p: Enclosure) -> tuple[float, float, float]:
    return p.inner_length_mm, p.inner_width_mm, p.corner_radius_mm - p.wall_mm


def _rebate_plan(p: Enclosure) -> tuple[float, float, float]:
    length, width, radius = _inner_plan(p)
    return length + 2 * p.lip_mm, width + 2 * p.lip_mm, radius + p.lip_mm


def _lid_plan(p: Enclosure) -> tuple[float, float, float]:
    length, width, radius = _rebate_plan(p)
    return length - 2 * p.clearance_mm, width - 2 * p.clearance_mm, radius - p.clearance_mm


def _rounded_mm2(length: float, width: float, radius: float) -> float:
    return length * width - (4 - math.pi) * radius**2


FAMILY = Family(
    params=Enclosure,
    build=build,
    title="Enclosure with lid",
    process="print",
    material="petg",
    materials=("petg", "pla", "abs", "asa"),
    words={
        "en": ("enclosure", "box", "case", "housing"),
        "ru": ("корпус", "корпуса", "коробка", "коробку", "бокс", "кожух", "ящик"),
    },
)
