"""The transitions of a clamping as an operation card writes them (ГОСТ 3.1702): alike neighbours told together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from model.doing import PLACES
from model.feature import Chamfer, Edges, EngravedStrokes, Hole, Outline, PlanarFace, Pocket, VCarving
from model.plan import CuttingData, Operation, Setup
from model.region import Region
from model.tooling import Tool
from pipeline.release.jobs import CutJob
from pipeline.release.words import number
from pipeline.release.workpiece import bounds

ROUGH, DONE = "предварительно", "окончательно"
SURFACES = {
    "rough3d": "Фрезеровать {what} предварительно", "parallel": "Фрезеровать {what} строчками",
    "waterline": "Фрезеровать {what} по уровням", "scallop": "Фрезеровать {what} с равным шагом",
    "steep_shallow": "Фрезеровать крутые и пологие места, {what}", "terrace": "Фрезеровать уступы, {what}",
    "pencil": "Фрезеровать впадины, {what}", "rest_finish": "Доработать остатки, {what}",
}  # fmt: skip
HOLES = {
    "spot": "Центровать {count}", "drill": "Сверлить {count} Ø{tool} {depth}",
    "bore": "Фрезеровать {count} Ø{wide} {depth}", "ream": "Развернуть {count} Ø{wide} {fit}",
    "tap": "Нарезать резьбу {thread} в {count} {depth}", "thread_mill": "Фрезеровать резьбу {thread} в {count} {depth}",
}  # fmt: skip
POCKETS = {
    "pocket": "Фрезеровать {what} {size}, глубина {deep}, предварительно",
    "adaptive": "Фрезеровать {what} {size}, глубина {deep}, предварительно",
    "slot": "Фрезеровать {what} {size}, глубина {deep}, предварительно",
    "rest_clear": "Дофрезеровать углы: {what} {size}, глубина {deep}",
    "floor": "Фрезеровать дно: {what} {size}, глубина {deep}, окончательно",
    "wall": "Фрезеровать стенки: {what} {size}, глубина {deep}, окончательно",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transition:
    """One line О of the card: its text, tool, modes, and what the proof simulated for all its operations.

    ``main_s`` and ``length_mm`` are None where the proof did not tell them.
    """

    text: str
    tool_number: int
    cutting: CuttingData
    wide_mm: float
    deep_mm: float | None
    main_s: float | None
    length_mm: float | None
    note: str = ""


def transitions(job: CutJob, setup: Setup) -> tuple[Transition, ...]:
    """A setup's operations in order, neighbours that differ only in their place as one."""
    table = next((t for t in job.report.tables if t.title == "Loads by operation"), None)
    cut = {} if table is None else {row[0]: float(row[table.columns.index("cut length (mm)")]) for row in table.rows}
    rows = [
        (_wording(job, setup, o), o, job.operation_seconds(setup, k), cut.get(name))
        for k, (name, o) in enumerate(zip(setup.names(), setup.operations, strict=True))
    ]
    out = []
    for (text, number_, _), group in groupby(rows, key=lambda row: (row[0], row[1].tool_number, row[1].cutting)):
        alike = list(group)
        one: Operation = alike[0][1]
        out.append(
            Transition(
                text.replace("{n}", "" if len(alike) == 1 else f"{len(alike)} ").strip(), number_, one.cutting,
                *_engaged(job, one), _total(r[2] for r in alike), _total(r[3] for r in alike), one.note,
            )
        )  # fmt: skip
    return tuple(out)


def _total(values: Iterable[float | None]) -> float | None:
    """The sum; None where one of the values is not known."""
    known = list(values)
    return None if None in known else sum(v for v in known if v is not None)


def _engaged(job: CutJob, operation: Operation) -> tuple[float, float | None]:
    """D or B, and t of the card (mm).

    A drilled hole has its diameter and half of it; what follows in it only the diameter. A face mill or an engraver
    cuts t deep along its axis and B wide across it; round the side of a mill it is the other way (Справочник
    технолога-машиностроителя).
    """
    cut = operation.cutting
    if isinstance(operation.feature, Hole) and operation.strategy in ("spot", "drill", "ream", "tap"):
        diameter = _tool(job, operation).diameter_mm
        return diameter, diameter / 2 if operation.strategy == "drill" else None
    if operation.strategy in ("facing", "floor", "engrave", "vcarve"):
        return cut.ae_mm, cut.ap_mm
    return cut.ap_mm, cut.ae_mm


def _tool(job: CutJob, operation: Operation) -> Tool:
    return next(a for a in job.plan.tools if a.number == operation.tool_number).tool


def _wording(job: CutJob, setup: Setup, o: Operation) -> str:
    """A transition's text; ``{n}`` stands where the number of alike features goes."""
    f = o.feature
    stage = ROUGH if o.allowance_mm > 0 or "-rough" in o.id else DONE
    left = f", припуск {_ru(o.allowance_mm)}" if o.allowance_mm > 0 else ""
    at = f"выдерживая Z {_ru(o.bottom_z_mm)}"
    if isinstance(f, Hole) and o.strategy in HOLES:
        text = _hole(job, setup, o, f)
    elif isinstance(f, PlanarFace):
        text = f"Фрезеровать плоскость, {at}, {stage}"
    elif o.strategy == "skin":
        text = f"Отрезать деталь по контуру, {at}"
    elif isinstance(f, Outline):
        text = f"Фрезеровать контур {_size(f.region)}, {at}, {stage}{left}"
    elif isinstance(f, Pocket) and o.strategy in POCKETS:
        what = "отверстие" if f.id.startswith("hole") else "уступ" if f.open else "карман"
        text = POCKETS[o.strategy].format(what=what, size=_size(f.floor), deep=_ru(f.top_z_mm - f.floor_z_mm)) + left
    elif isinstance(f, EngravedStrokes | VCarving):
        what = f"«{' / '.join(f.text.splitlines())}»" if f.text else _named(f.id)
        text = f"Гравировать {what}, глубина {_ru(f.depth_mm)}"
    elif isinstance(f, Chamfer | Edges):
        text = f"{'Фрезеровать фаску' if isinstance(f, Chamfer) else 'Притупить кромки'} {_ru(f.width_mm)} × 45°"
    elif o.strategy in SURFACES:
        text = SURFACES[o.strategy].format(what=_named(f.id)) + left
    else:
        text = f"Фрезеровать {_named(f.id)}, {at}, {stage}{left}"
    return text


def _hole(job: CutJob, setup: Setup, o: Operation, hole: Hole) -> str:
    """What is done to a hole; through is what reaches its lower end, wherever its other steps end."""
    alike = [x.feature for x in setup.operations if isinstance(x.feature, Hole) and x.feature.id == hole.id]
    through = hole.through and o.bottom_z_mm <= min(h.steps[-1].bottom_z_mm for h in alike) + 1e-6
    deep = "насквозь" if through else f"на глубину {_ru(o.top_z_mm - o.bottom_z_mm)}"
    step = min(hole.steps, key=lambda s: abs(s.bottom_z_mm - o.bottom_z_mm))
    return (
        HOLES[o.strategy]
        .format(
            count="{n}отв.", tool=_ru(_tool(job, o).diameter_mm), wide=_ru(step.diameter_mm), fit=hole.fit,
            thread=hole.thread, depth=deep,
        )
        .strip()
    )  # fmt: skip


def _ru(value: float) -> str:
    return number(value, 2)


def _size(region: Region) -> str:
    x0, y0, x1, y1 = bounds(region)
    middles = {(round(s.cx_mm, 6), round(s.cy_mm, 6)) for c in region.contours for s in c.segments if s.turn}
    if len(middles) == 1 and all(s.turn for c in region.contours for s in c.segments):
        return f"Ø{_ru(x1 - x0)}"
    return f"{_ru(x1 - x0)} × {_ru(y1 - y0)}"


def _named(feature_id: str) -> str:
    """A feature's name in Russian, its number kept: "поверхность-2"."""
    return "-".join(PLACES.get(word, word) for word in feature_id.split("-"))
