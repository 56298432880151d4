"""The tool list and the stock cut list of an order."""

from __future__ import annotations

from collections import Counter

from pipeline.release.clampings import tools_of
from pipeline.release.jobs import CutJob, PrintJob
from pipeline.release.papers.paper import Column, Paper, Rows, table
from pipeline.release.papers.terms import terms
from pipeline.release.papers.transitions import transitions
from pipeline.release.phrases import said
from pipeline.release.route import cut_route
from pipeline.release.words import number


def tool_list(job: CutJob, language: str) -> Paper:
    """Every cutter with its holder, stick-out and minutes in the work; what holds and what measures."""
    w, plan = terms(language), job.plan
    where = {a.number: [s.index for s in plan.setups if a.number in tools_of(s)] for a in plan.tools}
    spent = _minutes(job)
    columns = [
        Column(w["pocket"], 0.6), Column(w["tool"], 3.2), Column(w["diameter"], 0.8, right=True),
        Column(w["stick-out"], 1.0, right=True), Column(w["holder"], 2.6), Column(w["gauge"], 1.1, right=True),
        Column(w["setup-no"], 0.9), Column(w["life"], 1.1, right=True), Column(w["state"], 1.9),
    ]  # fmt: skip
    rows = [
        [
            f"T{a.number}", said(a.tool.name, language), number(a.tool.diameter_mm), number(a.stick_out_mm, 1),
            said(a.holder.name, language), number(a.gauge_length_mm, 2), ", ".join(map(str, where[a.number])),
            "" if spent[a.number] is None else f"{spent[a.number]:.2f}", "",
        ]
        for a in sorted(plan.tools, key=lambda a: a.number)
    ]  # fmt: skip
    aids: Counter[str] = Counter()
    for step in cut_route(job, language):
        if step.setup is not None and step.setup.fixture.vise is not None:
            aids[said(step.setup.fixture.vise.name, language)] = 1
        aids |= Counter({name: 1 for a in step.actions for name in a.tool.split("; ") if name})
    other = [[name, str(n), ""] for name, n in aids.items()]
    short = [Column(w["name"], 4.0), Column(w["count"], 0.6, right=True), Column(w["state"], 1.9)]
    return Paper(
        "tool-list", "tool-list", language, w["tool-list"], w["order"], job.brief.order_id, job.design.title,
        f"{job.brief.order_id} · {w['tool-list']} · {said(plan.machine.name, language)}",
        (table(columns, rows, said(plan.machine.name, language), tall=True), table(short, other, w["holding"])),
    )  # fmt: skip


def _minutes(job: CutJob) -> dict[int, float | None]:
    """Simulated minutes each T number works on one piece; None where the proof did not time it."""
    spent: dict[int, float | None] = dict.fromkeys((a.number for a in job.plan.tools), 0.0)
    for one in (t for s in job.plan.setups for t in transitions(job, s)):
        before = spent[one.tool_number]
        spent[one.tool_number] = None if before is None or one.main_s is None else before + one.main_s / 60
    return spent


def cut_list(job: CutJob | PrintJob, language: str) -> Paper:
    """What is taken from the rack: blanks to saw, or filament to load."""
    w = terms(language)
    blocks = _blanks(job, w, language) if isinstance(job, CutJob) else _spools(job, w, language)
    return Paper(
        "cut-list", "cut-list", language, w["cut-list"], w["order"], job.brief.order_id, job.design.title,
        f"{job.brief.order_id} · {w['cut-list']}", blocks,
    )  # fmt: skip


def _blanks(job: CutJob, w: dict[str, str], language: str) -> tuple[Rows, ...]:
    stock, pieces = job.plan.stock, job.design.quantity
    x, y, z = stock.size_mm
    part_kg = job.design.facts["mass_g"] / 1000
    columns = [
        Column(w["stock"], 2.4), Column(w["material"], 2.2), Column(w["thick"], 1.2, right=True),
        Column(w["sawn"], 1.6, right=True), Column(w["count"], 0.6, right=True),
        Column(w["mass-each"], 1.0, right=True), Column(w["mass-all"], 1.0, right=True),
        Column(w["used"], 0.8, right=True), Column(w["batch"], 1.6),
        Column(w["cut"], 1.0),
    ]  # fmt: skip
    row = [
        stock.row_id, said(job.plan.material.name, language), number(z, 2), f"{number(x, 2)} × {number(y, 2)}",
        str(pieces), number(stock.mass_kg), number(stock.mass_kg * pieces), f"{part_kg / stock.mass_kg:.0%}", "", "",
    ]  # fmt: skip
    return (table(columns, [row], w["blank"], w["kerf"], tall=True),)


def _spools(job: PrintJob, w: dict[str, str], language: str) -> tuple[Rows, ...]:
    plate = job.cheapest
    grams = job.report.metrics.get(f"{plate.printer.dialect}.filament_g")
    columns = [
        Column(w["filament"], 3.0), Column(w["printer"], 3.0), Column(w["mass"], 1.6, right=True),
        Column(w["batch"], 2.0), Column(w["cut"], 1.0),
    ]  # fmt: skip
    told = "" if grams is None else f"{number(grams, 1)} {w['gram']}"
    row = [said(plate.filament.name, language), said(plate.printer.name, language), told, "", ""]
    return (table(columns, [row], w["filament"], tall=True),)
