"""What a worker does in one setup, in order, each step with how to know it is right."""

from __future__ import annotations

from dataclasses import dataclass

from model.plan import Matrix, ProcessPlan, Setup
from model.program import Program
from model.tooling import Assembly
from pipeline.release.phrases import said
from pipeline.release.words import number, words
from pipeline.release.workpiece import Point3, work_boxes

Row = tuple[float, float, float]

SIDES: dict[Row, str] = {
    (1, 0, 0): "правая сторона",
    (-1, 0, 0): "левая сторона",
    (0, 1, 0): "задняя сторона",
    (0, -1, 0): "передняя сторона",
    (0, 0, 1): "верх",
    (0, 0, -1): "низ",
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
AS_MADE = {"cut": "as-machined", "print": "as-printed"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do and its check ("" when it speaks for itself)."""

    text: str
    check: str = ""


LOAD = Step(
    "Load the tools listed above into their pockets, measure them, enter the lengths in the tool table.",
    "Each stick-out as listed, within 0.5 mm.",
)


def steps(
    plan: ProcessPlan, setup: Setup, programs: tuple[Program, ...], part_mm: Point3, language: str
) -> tuple[Step, ...]:
    """The work of one setup: in English as the plan says it, in Russian told from the plan's numbers."""
    if language == "en":
        said = tuple(Step(a.text, a.check) for a in plan.actions if a.setup == setup.index)
        return (LOAD, *said) if plan.machine.automatic_tool_change else said
    first = setup.index == plan.setups[0].index
    out = [_blank(plan) if first else _turn(plan, setup), _clamp(setup, first=first)]
    out.append(Step(f"Выставить ноль {setup.work_offset}: {where_zero_is(plan, setup, part_mm, language)}"))
    if plan.machine.automatic_tool_change:
        numbers = ", ".join(f"T{n}" for n in tools_of(setup))
        out.append(
            Step(
                f"Установить в магазин {numbers}, измерить длины и ввести их в таблицу инструмента",
                "вылет каждого по списку, в пределах 0,5 мм",
            )
        )
    for program in programs:
        out += _run(plan, program)
    return (*out, *_finish(setup))


def finish_by_hand(finish: str, process: str, language: str) -> tuple[Step, ...]:
    """The step for a finish the process does not give by itself; none for the one it does.

    ``process`` is "cut" or "print". Milling breaks the edges of a "deburred" part itself, and
    those it does not reach are in the plan's notes.
    """
    if finish in ("", "deburred", AS_MADE[process]):
        return ()
    after = {"en": {"cut": "machining", "print": "printing"}, "ru": {"cut": "обработки", "print": "печати"}}
    told = {"en": "Finish: {}, by hand after {}", "ru": "Отделка: {}, вручную после {}"}
    return (Step(told[language].format(said(finish, language), after[language][process])),)


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
    box, first, board = (
        work_boxes(plan, setup, part_mm)[0], setup.index == plan.setups[0].index, setup.fixture.kind != "vise"
    )  # fmt: skip
    if board and not first:
        return AS_THEY_WERE[language]
    spans = ((box.x0_mm, box.x1_mm), (box.y0_mm, box.y1_mm), (box.z0_mm, box.z1_mm))
    told = [
        f"{axis}0 = {_along(low, high, names, language)}"
        for axis, (low, high), names in zip("XYZ", spans, ENDS[language], strict=True)
    ]
    on = {"en": ("on the part ", "on the blank "), "ru": ("по детали ", "по заготовке ")}
    measured = on[language][first] + ", ".join(told)
    if language == "en":
        return f"{setup.zero} ({measured})"
    if board:
        return measured
    touched = "верх заготовки" if first else "верх подкладок"
    return f"левый край, неподвижная губка, {touched} ({measured})"


def _along(low: float, high: float, names: tuple[str, str, str], language: str) -> str:
    """Where 0 lies between two ends of the blank: at an end, in the middle, or so many mm from the nearer end."""
    for at, name in ((low, names[0]), (high, names[2]), ((low + high) / 2, names[1])):
        if abs(at) <= SAME_MM:
            return name
    name, away = (names[0], -low) if abs(low) <= abs(high) else (names[2], -high)
    return f"{name} {'+' if away > 0 else '−'} {number(abs(away))} {words(language)['mm']}"


def _blank(plan: ProcessPlan) -> Step:
    size = " × ".join(number(v, 2) for v in plan.stock.size_mm)
    return Step(
        f"Отрезать заготовку из {plan.stock.row_id}: {size} мм", "измерить все три размера; не меньше указанных"
    )


def _turn(plan: ProcessPlan, setup: Setup) -> Step:
    pins = setup.fixture.obstacles
    if setup.fixture.kind != "vise":
        wide, long = pins[0].x1_mm - pins[0].x0_mm, pins[0].z1_mm - pins[0].z0_mm
        return Step(
            f"Снять и очистить заготовку и плиту. Вставить в отверстия плиты два штифта Ø {number(wide)} мм длиной "
            f"{number(long)} мм; перевернуть заготовку слева направо и надеть на штифты",
            "штифты не качаются и ниже верха заготовки; иначе перевёрнутая она на них не встаёт",
        )
    before = plan.setups[plan.setups.index(setup) - 1]
    up, left, jaw = (
        _side(_came_from(before.to_setup, setup.to_setup, axis, sign)) for axis, sign in ((2, 1), (0, -1), (1, -1))
    )
    return Step(
        f"Притупить кромки. Повернуть деталь: {up} установа {before.index} теперь сверху, {left} слева у упора, "
        f"{jaw} у неподвижной губки",
        "сравнить с рисунком",
    )


def _came_from(before: Matrix, after: Matrix, axis: int, sign: int) -> Row:
    """The direction, in the earlier setup's frame, that a later setup's axis points along (``sign`` -1: against it)."""
    in_part = after[axis][:3]
    x, y, z = (sign * sum(before[i][k] * in_part[k] for k in range(3)) for i in range(3))
    return (x, y, z)


def _side(direction: Row) -> str:
    return SIDES[max(SIDES, key=lambda side: sum(a * b for a, b in zip(side, direction, strict=True)))]


def _clamp(setup: Setup, *, first: bool) -> Step:
    fixture = setup.fixture
    if fixture.kind == "vise":
        stop = ", левый край у упора" if first else ""
        high = f" высотой {number(fixture.vise.jaw_height_mm - fixture.grip_mm, 1)} мм" if fixture.vise else ""
        under = " под деталью и рамкой" if fixture.skin else ""
        return Step(
            f"Положить на подкладки{high}{under}{stop}, зажать в тисках: {number(fixture.grip_mm, 2)} мм высоты "
            f"между губками, усилие {number(fixture.clamp_force_n, 0)} Н; осадить",
            "подкладки не сдвигаются",
        )
    return Step(
        "Очистить заготовку и жертвенную плиту, приклеить двусторонним скотчем по всей площади",
        "ни один угол не отходит",
    )


def _run(plan: ProcessPlan, program: Program) -> list[Step]:
    out: list[Step] = []
    if not plan.machine.automatic_tool_change:
        held = {a.number: a for a in plan.tools}
        out += [_fit(held[t]) for t in program.tool_numbers]
    return [*out, Step(f"Запустить {program.name}", "SHA-256 файла совпадает с указанным выше")]


def _fit(held: Assembly) -> Step:
    text = f"Вставить T{held.number}, вылет {number(held.stick_out_mm, 1)} мм, заново коснуться Z0 концом инструмента"
    return Step(text, "X0 и Y0 не менять")


def _finish(setup: Setup) -> list[Step]:
    out = [Step("Снять и очистить деталь")]
    if any(o.tabs for o in setup.operations):
        out.append(Step("Срезать перемычки и зачистить заподлицо", "следов перемычек нет"))
    if setup.fixture.skin is not None:
        thick = number(setup.fixture.skin.top_z_mm - setup.fixture.skin.bottom_z_mm, 1)
        out.append(
            Step(f"Выломать деталь из рамки по плёнке {thick} мм, остаток зачистить заподлицо", "следов плёнки нет")
        )
    out += [Step(f"Нарезать резьбу {t}", "калибр") for t in sorted(_threads(setup))]
    return [*out, Step("Притупить острые кромки")]


def _threads(setup: Setup) -> set[str]:
    return {o.feature.thread for o in setup.operations if o.feature.kind == "hole" and o.feature.thread}
