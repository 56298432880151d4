"""The Russian cards: маршрутная карта by ГОСТ 3.1118-82 and операционная карта by ГОСТ 3.1404-86.

A box is left empty where the standard asks what only the shop knows: departments, codes, grades of workers, the shares
of time for service and rest that make a piece's whole time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count

from model.action import Action
from model.plan import Setup
from pipeline.release.clampings import setup_name, tools_of
from pipeline.release.jobs import CutJob
from pipeline.release.papers.paper import Cell, Paper, Picture, Row, Rows
from pipeline.release.papers.terms import terms
from pipeline.release.papers.transitions import Transition, transitions
from pipeline.release.phrases import said
from pipeline.release.route import Step, cut_route
from pipeline.release.sketches import sketch
from pipeline.release.words import number

ROUTE_FORM, OPERATION_FORM = "ГОСТ 3.1118-82, форма 1", "ГОСТ 3.1404-86, форма 3"
MARK = 0.9
A_LINE = (("Цех", 1.2), ("Уч.", 1.2), ("РМ", 1.2), ("Опер.", 1.4), ("Код, наименование операции", 9.0),
          ("Обозначение документа", 12.0))  # fmt: skip
B_LINE = (("Код, наименование оборудования", 9.0), ("СМ", 1.1), ("Проф.", 2.2), ("Р", 1.0), ("УТ", 1.2), ("КР", 1.0),
          ("КОИД", 1.5), ("ЕН", 1.2), ("ОП", 1.4), ("Кшт.", 1.4), ("Тпз.", 2.4), ("Тшт.", 2.6))  # fmt: skip
K_LINE = (("Наименование детали, сб. единицы или материала", 11.0), ("Обозначение, код", 6.0), ("ОПП", 1.6),
          ("ЕВ", 1.2), ("ЕН", 1.2), ("КИ", 1.4), ("Н. расх.", 3.6))  # fmt: skip
O_LINE = (("Содержание перехода", 22.0), ("То", 2.0), ("Тв", 2.0))
R_LINE = (("ПИ", 1.8), ("D или B, мм", 3.2), ("L, мм", 3.4), ("t, мм", 2.8), ("i", 1.6), ("S, мм/мин", 3.2),
          ("n, об/мин", 3.0), ("V, м/мин", 3.0), ("", 4.0))  # fmt: skip
TIMES = (
    "То по моделированию программы, Тв и Тпз по нормативам мастерской. Тшт. ставит нормировщик: Тобс и Тотд мастерская "
    "не задала."
)
MODES = (
    "Торцовое фрезерование: t вдоль оси фрезы, B поперёк; остальное: t поперёк оси, B вдоль неё. i задаёт программа."
)


def route_card(job: CutJob) -> Paper:
    """Маршрутная карта: material, then every operation with its machine, set-up time, content and tools."""
    steps = cut_route(job, "ru")
    marks = count(1)
    rows = [row for step in steps for row in _operation(job, step, marks)]
    head = tuple(_line(letter, "", [name for name, _ in line], line) for letter, line in
                 (("А", A_LINE), ("Б", B_LINE), ("К/М", K_LINE)))  # fmt: skip
    title = Rows(_title(job, "route-card", ROUTE_FORM))
    return _form(job, "route-card", ROUTE_FORM, (title, Rows(_material(job)), Rows(tuple(rows), head, note=TIMES)))


def operation_card(job: CutJob) -> Paper:
    """Операционная карта: every clamping with its sketch, transitions, tools, modes and times (forms 2 and 3)."""
    blocks: list[Rows | Picture] = []
    for step in cut_route(job, "ru"):
        if step.setup is not None:
            blocks += _clamping(job, step, step.setup)
    return _form(job, "operation-card", OPERATION_FORM, tuple(blocks))


def decimal(text: str) -> str:
    """The numbers of a text with the decimal comma the Russian standards ask for."""
    return re.sub(r"(?<=\d)\.(?=\d)", ",", text)


def minutes_in_card(value: float | None) -> str:
    """Minutes to a hundredth; empty where nobody set any."""
    return "" if value is None else decimal(f"{value:.2f}")


def _form(job: CutJob, name: str, form: str, blocks: tuple[Rows | Picture, ...]) -> Paper:
    w, order = terms("ru"), job.brief.order_id
    return Paper(
        name,
        name,
        "ru",
        w[name],
        w["order"],
        order,
        job.design.title,
        f"{order} · {w[name]} · {form}",
        blocks,
        form=True,
    )


def _title(job: CutJob, name: str, form: str) -> tuple[Row, ...]:
    """The block every form begins with; who checks and approves signs by hand."""
    return (
        (*(Cell("", 2.0, label=e) for e in ("Дубл.", "Взам.", "Подл.")), Cell(form, 4.0, right=True)),
        (Cell("LotOne", 2.0, label="Разраб."),
         *(Cell("", 2.0, label=e) for e in ("Нормир.", "Согл.", "Утв.", "Н. контр."))),
        (
            Cell("", 4.0, label="Предприятие"), Cell(job.brief.order_id, 3.0, label="Обозначение изделия (заказ)"),
            Cell("", 3.0, label="Обозначение документа"), Cell("", 1.0, label="Литера"),
        ),
        (
            Cell(terms("ru")[name], 4.0, label="Документ"), Cell(job.design.title, 6.0, label="Наименование детали"),
            Cell(str(job.design.quantity), 1.0, label="Партия, шт."),
        ),
    )  # fmt: skip


def _material(job: CutJob) -> tuple[Row, ...]:
    """Lines М01 and М02: the material, and what of it one piece takes."""
    part, blank = part_kg(job), job.plan.stock.mass_kg
    size = " × ".join(decimal(number(v, 2)) for v in job.plan.stock.size_mm)
    told = (
        ("", "Код", 1.5), ("кг", "ЕВ", 0.8), (decimal(number(part)), "МД", 1.3), ("1", "ЕН", 0.8),
        (decimal(number(blank)), "Н. расх.", 1.3), (decimal(f"{part / blank:.2f}"), "КИМ", 1.1),
        (job.plan.stock.row_id, "Код загот.", 3.4), (size, "Профиль и размеры", 3.4), ("1", "КД", 0.8),
        (decimal(number(blank)), "МЗ", 1.3),
    )  # fmt: skip
    return (
        (Cell("М01", MARK), Cell(said(job.plan.material.name, "ru"), 15.0)),
        (Cell("М02", MARK), *(Cell(text, share, label=label) for text, label, share in told)),
    )


def part_kg(job: CutJob) -> float:
    """The finished part's mass."""
    return job.design.facts["mass_g"] / 1000


def _operation(job: CutJob, step: Step, marks: Iterator[int]) -> list[Row]:
    w = terms("ru")
    papers = {
        "mill": f"papers/operation-card.ru.pdf; setup-{step.setup.index}.ru.pdf" if step.setup else "",
        "inspect": "papers/inspection.ru.pdf", "pack": f"papers/packing-slip.{job.brief.language}.pdf",
    }  # fmt: skip
    where = f"{said(job.plan.machine.name, 'ru')}" if step.kind == "mill" else ""
    rows = [
        _line("А", _mark(marks), ["", "", "", f"{5 * step.place:03d}", w[step.kind], papers.get(step.kind, "")],
              A_LINE),
        _line("Б", _mark(marks), [where, "", "", "", "", "", "1" if step.kind == "mill" else "", "1",
                                  str(job.design.quantity), "", minutes_in_card(step.setting_min), ""], B_LINE),
    ]  # fmt: skip
    rows += [_line("О", _mark(marks), [text], (("", 1.0),)) for text in _content(job, step)]
    rows += [_line("Т", _mark(marks), [text], (("", 1.0),)) for text in _tools(job, step) if text]
    return rows


def _content(job: CutJob, step: Step) -> list[str]:
    """What the route card says is done: a clamping in one sentence with its times, the rest action by action."""
    if step.kind == "mill" and step.setup is not None:
        main = minutes_in_card(main_min(job, step.setup))
        name = setup_name(job.plan, step.setup, "ru")
        told = f"{name[0].upper()}{name[1:]}. По программе " + ", ".join(p.name for p in job.programs_of(step.setup))
        return [told + (f". То {main}, Тв {minutes_in_card(aside_min(job, step.setup))} мин" if main else "")]
    if step.kind == "inspect":
        return ["Проверить размеры, надписи и вид по карте контроля" + _each(step.each_min)]
    if step.kind == "pack":
        return ["Уложить деталь в тару с упаковочным листом" + _each(step.each_min)]
    return [
        f"{a.verb} {a.object}" + (f", {decimal(a.target)}" if a.target else "") + _each(a.minutes) for a in step.actions
    ]


def _each(minutes: float | None) -> str:
    return "" if minutes is None else f". Топ {minutes_in_card(minutes)} мин"


def main_min(job: CutJob, setup: Setup) -> float | None:
    """То: simulated minutes of a setup's operations, all together."""
    took = [job.operation_seconds(setup, k) for k in range(len(setup.operations))]
    return None if None in took else sum(t for t in took if t is not None) / 60


def aside_min(job: CutJob, setup: Setup) -> float | None:
    """Тв: what the simulated run takes beside its operations (tool changes, waits), and the work changed by hand."""
    changes = changes_min(job, setup)
    return None if changes is None or job.home is None else changes + job.home.reload_min


def changes_min(job: CutJob, setup: Setup) -> float | None:
    """Minutes of tool changes and waits in a setup's simulated run."""
    whole, main = job.seconds(setup), main_min(job, setup)
    return None if whole is None or main is None else whole / 60 - main


def _tools(job: CutJob, step: Step) -> list[str]:
    """The Т line's three kinds, each with its count in brackets: aids; cutting tools; gauges."""
    held = {a.number: a for a in job.plan.tools}
    cutters = [f"T{n} {decimal(said(held[n].tool.name, 'ru'))} (1)" for n in tools_of(step.setup)] if step.setup else []
    aids = [said(step.setup.fixture.vise.name, "ru") + " (1)"] if step.setup and step.setup.fixture.vise else []
    return ["; ".join([*aids, *cutters, *hand_tools(step.actions)])]


def hand_tools(actions: Iterable[Action]) -> list[str]:
    """What people hold or measure with, each once with its count."""
    names = [name for a in actions for name in a.tool.split("; ") if name]
    return [f"{name} (1)" for name in dict.fromkeys(names)]


def _clamping(job: CutJob, step: Step, setup: Setup) -> list[Rows | Picture]:
    """One operation of the card: heading, sketch, and its lines О, Т, Р."""
    plan, marks = job.plan, count(1)
    main, aside = main_min(job, setup), aside_min(job, setup)
    programs = ", ".join(p.name for p in job.programs_of(setup))
    coolants = ", ".join(dict.fromkeys(terms("ru")[o.cutting.coolant] for o in setup.operations))
    size = " × ".join(decimal(number(v, 2)) for v in plan.stock.size_mm)
    head: tuple[Row, ...] = (
        (
            Cell(f"{5 * step.place:03d} {terms('ru')['mill']}", 4.0, label="Опер., наименование операции"),
            Cell(said(plan.material.name, "ru"), 4.0, label="Материал"), Cell("", 1.4, label="Твердость"),
            Cell("кг", 0.8, label="ЕВ"), Cell(decimal(number(part_kg(job))), 1.2, label="МД"),
            Cell(size, 3.0, label="Профиль и размеры"), Cell(decimal(number(plan.stock.mass_kg)), 1.2, label="МЗ"),
            Cell("1", 1.0, label="КОИД"),
        ),
        (
            Cell(said(plan.machine.name, "ru"), 5.0, label="Оборудование, устройство ЧПУ"),
            Cell(programs, 5.0, label="Обозначение программы"), Cell(minutes_in_card(main), 1.3, label="То"),
            Cell(minutes_in_card(aside), 1.3, label="Тв"),
            Cell(minutes_in_card(step.setting_min), 1.3, label="Тпз."), Cell("", 1.3, label="Тшт."),
            Cell(coolants, 2.0, label="СОЖ"),
        ),
    )  # fmt: skip
    heads = tuple(
        _line(letter, "", [name for name, _ in line], line) for letter, line in (("О", O_LINE), ("Р", R_LINE))
    )
    return [
        Rows((*_title(job, "operation-card", OPERATION_FORM), *head), new_page=setup is not job.plan.setups[0]),
        Picture(f"setup-{setup.index}.svg", sketch(job, setup, "ru"), wide=0.5),
        Rows(tuple(_lines(job, step, setup, marks)), heads, note=f"{TIMES} {MODES}"),
    ]  # fmt: skip


def _lines(job: CutJob, step: Step, setup: Setup, marks: Iterator[int]) -> Iterator[Row]:
    places = count(1)
    holds = [a for a in step.actions if a.kind in ("clamp", "turn", "stick")]
    after = [a for a in step.actions if a.kind in ("measure", "untab", "off", "lift")]
    held = {a.number: a for a in job.plan.tools}
    reload_ = job.home.reload_min if job.home else None
    for action in holds:
        text = f"А. {action.verb} {action.object}, {action.place}" + (
            f", усилие {action.target}" if action.target else ""
        )
        yield _line("О", _mark(marks), [decimal(text), "", minutes_in_card(reload_)], O_LINE)
        yield _line("Т", _mark(marks), ["; ".join(hand_tools([action]))], (("", 1.0),))
    for one in transitions(job, setup):
        main = minutes_in_card(None if one.main_s is None else one.main_s / 60)
        yield _line("О", _mark(marks), [f"{next(places)}. {decimal(one.text)}", main, ""], O_LINE)
        tool = held[one.tool_number]
        yield _line("Т", _mark(marks), [f"T{tool.number} {decimal(said(tool.tool.name, 'ru'))} (1)"], (("", 1.0),))
        yield _line("Р", _mark(marks), _modes(one), R_LINE)
    text = f"{next(places)}. Сменить инструмент по программе, выждать (за весь установ)"
    yield _line("О", _mark(marks), [text, "", minutes_in_card(changes_min(job, setup))], O_LINE)
    for action in after:
        text = f"{action.verb} {action.object}" + (f": {action.target}" if action.target else "")
        yield _line("О", _mark(marks), [f"{next(places)}. {decimal(text)}", "", ""], O_LINE)
        yield _line("Т", _mark(marks), ["; ".join(hand_tools([action]))], (("", 1.0),))


def _modes(one: Transition) -> list[str]:
    """ПИ, D or B, L, t, i, S, n, V; the number of passes is the program's affair and stays open."""
    cut = one.cutting
    wide, long, deep = ("" if v is None else decimal(number(v, 2)) for v in (one.wide_mm, one.length_mm, one.deep_mm))
    return [
        f"T{one.tool_number}", wide, long, deep, "", number(cut.feed_mm_min, 0), number(cut.spindle_rpm, 0),
        decimal(number(cut.vc_m_min, 1)), "",
    ]  # fmt: skip


def _mark(marks: Iterator[int]) -> str:
    return f"{next(marks):02d}"


def _line(letter: str, mark: str, texts: Iterable[str], line: tuple[tuple[str, float], ...]) -> Row:
    """One line of the form; every line is as wide as its columns together."""
    whole = sum(share for _, share in line)
    cells = (Cell(t, 26.0 * share / whole) for t, (_, share) in zip(texts, line, strict=True))
    return (Cell(f"{letter}{mark}", MARK), *cells)
