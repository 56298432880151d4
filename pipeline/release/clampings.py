"""What each clamping is called, where its zero is, which tools it uses, and how the work was turned for it."""

from __future__ import annotations

from model.plan import Matrix, ProcessPlan, Setup
from pipeline.release.words import LANGUAGES, number, words
from pipeline.release.workpiece import Point3, work_boxes

Row = tuple[float, float, float]

SIDES: dict[Row, tuple[str, str]] = {
    (1, 0, 0): ("right side", "правая сторона"),
    (-1, 0, 0): ("left side", "левая сторона"),
    (0, 1, 0): ("back side", "задняя сторона"),
    (0, -1, 0): ("front side", "передняя сторона"),
    (0, 0, 1): ("top", "верх"),
    (0, 0, -1): ("bottom", "низ"),
}
ENDS = {
    "en": (
        ("left edge", "middle", "right edge"),
        ("front edge", "middle", "back edge"),
        ("bottom", "middle", "top"),
    ),
    "ru": (
        ("левый край", "середина", "правый край"),
        ("передний край", "середина", "задний край"),
        ("низ", "середина", "верх"),
    ),
}
AS_THEY_WERE = {
    "en": "X and Y as they were, Z0 = top of the blank",
    "ru": "X и Y не менять, Z0 = верх заготовки",
}
"""The zero of a blank turned over on dowels."""
SAME_MM = 0.01


def tools_of(setup: Setup) -> tuple[int, ...]:
    """The T numbers a setup uses, in the order they first cut."""
    return tuple(dict.fromkeys(o.tool_number for o in setup.operations))


def setup_name(plan: ProcessPlan, setup: Setup, language: str) -> str:
    """What the clamping is called: in English as the plan says it."""
    if language == "en":
        return setup.name
    axis = max(range(3), key=lambda k: abs(setup.to_setup[2][k]))
    up = f"{'+' if setup.to_setup[2][axis] > 0 else '−'}{'XYZ'[axis]} сверху"
    place = plan.setups.index(setup)
    if setup.fixture.kind != "vise":
        return f"перевёрнута на штифтах, {up}" if place else f"заготовка на столе, {up}"
    return (f"заготовка в тисках, {up}", f"перевёрнута, {up}, зажата за готовый контур",
            f"{up}, зажата за готовые стороны")[min(place, 2)]  # fmt: skip


def where_zero_is(plan: ProcessPlan, setup: Setup, part_mm: Point3, language: str) -> str:
    """What to touch for the work zero, and where that is on the work as it lies clamped, from the plan's numbers."""
    box, raw = work_boxes(plan, setup, part_mm)[0], setup.index == plan.setups[0].index
    if setup.fixture.kind != "vise" and not raw:
        return AS_THEY_WERE[language]
    spans = ((box.x0_mm, box.x1_mm), (box.y0_mm, box.y1_mm), (box.z0_mm, box.z1_mm))
    told = [
        f"{axis}0 = {_along(low, high, names, language)}"
        for axis, (low, high), names in zip("XYZ", spans, ENDS[language], strict=True)
    ]
    on = {"en": ("on the part ", "on the blank "), "ru": ("по детали ", "по заготовке ")}
    measured = on[language][raw] + ", ".join(told)
    if language == "en":
        return f"{setup.zero} ({measured})"
    if setup.fixture.kind != "vise":
        return measured
    touched = "верх заготовки" if raw else "верх подкладок"
    return f"левый край, неподвижная губка, {touched} ({measured})"


def _along(low: float, high: float, names: tuple[str, str, str], language: str) -> str:
    """Where 0 lies between two ends of the blank: at an end, in the middle, or so many mm from the nearer end."""
    for at, name in ((low, names[0]), (high, names[2]), ((low + high) / 2, names[1])):
        if abs(at) <= SAME_MM:
            return name
    name, away = (names[0], -low) if abs(low) <= abs(high) else (names[2], -high)
    return f"{name} {'+' if away > 0 else '−'} {number(abs(away))} {words(language)['mm']}"


def turned_from(before: Setup, here: Setup, language: str) -> tuple[str, str, str]:
    """The sides of the setup before that now look up, lie at the stop on the left, and at the fixed jaw."""
    column = LANGUAGES.index(language)
    up, left, jaw = (
        _nearest(_came_from(before.to_setup, here.to_setup, axis, sign))[column]
        for axis, sign in ((2, 1), (0, -1), (1, -1))
    )
    return up, left, jaw


def _came_from(before: Matrix, after: Matrix, axis: int, sign: int) -> Row:
    """The direction, in the earlier setup's frame, that a later setup's axis points along (``sign`` -1: against it)."""
    in_part = after[axis][:3]
    x, y, z = (sign * sum(before[i][k] * in_part[k] for k in range(3)) for i in range(3))
    return (x, y, z)


def _nearest(direction: Row) -> tuple[str, str]:
    return SIDES[max(SIDES, key=lambda side: sum(a * b for a, b in zip(side, direction, strict=True)))]
