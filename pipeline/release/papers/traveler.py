"""The traveler: goes with the work from saw to parcel, every operation with its minutes and a box to sign."""

from __future__ import annotations

from pipeline.release.balloons import pictured
from pipeline.release.jobs import CutJob, PrintJob
from pipeline.release.papers.paper import Cell, Column, Paper, Picture, Rows, facts, table
from pipeline.release.papers.step_table import minutes
from pipeline.release.papers.terms import terms
from pipeline.release.phrases import said
from pipeline.release.route import Step, cut_route, print_route
from pipeline.release.words import asked, number

COLUMNS = (
    ("op", 0.5, False), ("centre", 1.3, False), ("do", 2.7, False), ("setting-min", 0.75, True),
    ("each-min", 0.8, True), ("again-min", 0.75, True), ("all-min", 0.8, True), ("good", 0.6, False),
    ("scrapped", 0.6, False), ("signed", 1.1, False),
)  # fmt: skip


def traveler(job: CutJob | PrintJob, language: str) -> Paper:
    """The order's route with standard minutes, and what the shop records on it."""
    w, brief, design = terms(language), job.brief, job.design
    steps = cut_route(job, language) if isinstance(job, CutJob) else print_route(job, language)
    people = sum(minutes_of_people(s) for s in steps)
    machines = sum(s.times * s.each_min for s in steps if s.by_machine and s.each_min is not None)
    head = [*_head(job, language), [w["quantity"], f"{brief.quantity} {w['pieces']}"], *asked(brief, w, language)]
    if job.home is not None:
        head.append([w["person-min"], f"{minutes(people)} {w['minutes']}"])
    head.append([w["machine-min"], f"{minutes(machines)} {w['minutes']}"])
    columns = [Column(w[name], share, right) for name, share, right in COLUMNS]
    rows = [_row(job, step, w, language) for step in steps]
    blank = Rows(
        (tuple(Cell("", 1.0, label=w[k]) for k in ("to-make", "started", "batch", "serial")),),
        title=w["record"],
        tall=True,
    )
    return Paper(
        "traveler", "traveler", language, w["traveler"], w["order"], brief.order_id, design.title,
        f"{brief.order_id} · {w['traveler']}",
        (
            *pictures_of(job), facts(head),
            table(columns, rows, w["steps"], f"{w['standard']} {w['nobody-set']}", tall=True), blank,
        ),
    )  # fmt: skip


def pictures_of(job: CutJob | PrintJob) -> list[Picture]:
    """Every part as it must look."""
    parts = job.design.parts
    return [Picture(f"part-{p.name}.svg", pictured(p), p.name if len(parts) > 1 else "", 0.5) for p in parts]


def minutes_of_people(step: Step) -> float:
    """What of a step's minutes people spend: all of it but the machine's run."""
    run = 0.0 if step.by_machine or step.each_min is None else step.times * step.each_min
    return (step.setting_min or 0.0) + run + (step.times - 1) * step.again_min


def work_centre(job: CutJob | PrintJob, step: Step, language: str) -> str:
    """Where an operation is done: the machine's name, or the kind of place."""
    if step.kind == "mill" and isinstance(job, CutJob):
        return said(job.plan.machine.name, language)
    if step.kind == "print" and isinstance(job, PrintJob):
        return said(job.cheapest.printer.name, language)
    return terms(language)[step.kind]


def _row(job: CutJob | PrintJob, step: Step, w: dict[str, str], language: str) -> list[str]:
    again = minutes(step.again_min) if step.again_min and step.times > 1 else ""
    return [
        str(10 * step.place), work_centre(job, step, language), _what(job, step, w, language),
        minutes(step.setting_min), minutes(step.each_min), again, minutes(step.all_min), "", "", "",
    ]  # fmt: skip


def _what(job: CutJob | PrintJob, step: Step, w: dict[str, str], language: str) -> str:
    """What is done, and the paper that tells how."""
    if step.kind == "mill" and isinstance(job, CutJob) and step.setup is not None:
        programs = ", ".join(p.name for p in job.programs_of(step.setup))
        return (
            f"{w['setup']} {step.setup.index} {w['of']} {len(job.plan.setups)}: {programs}; "
            f"{w['by']} setup-{step.setup.index}.{language}.pdf"
        )
    if step.kind == "print" and isinstance(job, PrintJob):
        plate = job.cheapest
        return f"{plate.file.name}; {w['by']} print-{plate.printer.dialect}.{language}.pdf"
    if step.kind == "inspect":
        return f"{w['by']} papers/inspection.{language}.pdf"
    if step.kind == "pack":
        return f"{w['by']} papers/packing-slip.{job.brief.language}.pdf"
    return "; ".join(f"{a.verb} {a.object}" + (f", {a.target}" if a.target else "") for a in step.actions)


def _head(job: CutJob | PrintJob, language: str) -> list[list[str]]:
    w = terms(language)
    if isinstance(job, CutJob):
        size = " × ".join(number(v, 2) for v in job.plan.stock.size_mm)
        return [
            [w["material"], said(job.plan.material.name, language)],
            [w["stock"], f"{job.plan.stock.row_id}: {size} {w['mm']}"],
        ]
    return [[w["material"], said(job.cheapest.filament.name, language)]]
