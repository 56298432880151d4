"""The setup sheet: one clamping on paper, with its picture, zero, tools, operations, programs and steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from model.action import Action
from model.doing import doing
from model.errors import VerificationError
from model.files import File
from model.finding import Finding
from model.plan import ProcessPlan, Setup
from model.program import Program
from pipeline.engine.store import sha256
from pipeline.release.clampings import setup_name, tools_of, where_zero_is
from pipeline.release.jobs import CutJob
from pipeline.release.papers.paper import Cell, Column, Paper, Picture, Rows, facts, files, lines, table
from pipeline.release.papers.step_table import signature, steps
from pipeline.release.papers.terms import terms
from pipeline.release.phrases import said
from pipeline.release.route import Step, cut_route
from pipeline.release.sketches import sketch
from pipeline.release.wear import COMMENT, TOOL_WORD, wear_registers
from pipeline.release.words import LANGUAGES, asked, duration, number

_SPEED_WORD = re.compile(r"(?<![A-Z])S(\d+(?:\.\d*)?)", re.IGNORECASE)


def setup_sheets(job: CutJob) -> tuple[File, ...]:
    """One paper a setup and language, after checking that plan and program text say the same.

    Raises:
        VerificationError: ``papers.sheet-disagrees``: a program uses a tool or a speed that is not on its sheet.
    """
    findings = [f for setup in job.plan.setups for f in disagreements(setup, job.programs_of(setup))]
    if findings:
        raise VerificationError(
            findings[0].code, findings[0].message, place=findings[0].place, findings=tuple(findings),
            hint="Make the order again; a sheet is never printed beside a program that differs.",
        )  # fmt: skip
    routes = {language: cut_route(job, language) for language in LANGUAGES}
    return tuple(
        file for setup in job.plan.setups for language in LANGUAGES
        for file in files(setup_sheet(job, setup, routes[language], language), "")
    )  # fmt: skip


def disagreements(setup: Setup, programs: tuple[Program, ...]) -> list[Finding]:
    """Tools and spindle speeds that stand in the programs but not on the sheet, or on the sheet but in no program.

    The program's words are read here by themselves, comments aside; where the machine has no changer the tool's
    number stands in no word, and the program's own list is taken.
    """
    findings: list[Finding] = []
    told = set(tools_of(setup))
    used = {n for p in programs for n in p.tool_numbers}
    spoken = {int(n) for p in programs for n in TOOL_WORD.findall(COMMENT.sub("", p.text))}
    speeds_told = {round(o.cutting.spindle_rpm) for o in setup.operations}
    speeds = {round(float(s)) for p in programs for s in _SPEED_WORD.findall(COMMENT.sub("", p.text))} - {0}
    for what, sheet, text in (
        ("tools", told, used),
        ("T words", told, spoken or told),
        ("spindle speeds", speeds_told, speeds),
    ):
        if sheet != text:
            findings.append(
                Finding(
                    "papers.sheet-disagrees",
                    f"setup {setup.index}: the sheet's {what} are {_list(sheet)}, the programs' {_list(text)}",
                    place=f"setup {setup.index}",
                    value=_list(text),
                    limit=_list(sheet),
                )
            )
    return findings


def setup_sheet(job: CutJob, setup: Setup, route: Sequence[Step], language: str) -> Paper:
    """One clamping on one page or two: picture, zero, tools, operations, programs, steps."""
    w, plan, own = terms(language), job.plan, job.programs_of(setup)
    last = setup is plan.setups[-1]
    acts = _actions(route, setup, first=setup is plan.setups[0], last=last)
    zero = f"{w['zero']} {setup.work_offset}: {where_zero_is(plan, setup, job.size_mm, language)}"
    marks = tuple((str(k), a.spot_mm) for k, a in enumerate(acts, 1) if a.spot_mm is not None)
    heading = f"{w['setup-sheet']}: {w['setup'].lower()} {setup.index} {w['of']} {len(plan.setups)}"
    facts_ = [*_facts(job, w, language), *_held(job, setup, w, language), *asked(job.brief, w, language)]
    hashes = [[p.name, ", ".join(f"T{n}" for n in p.tool_numbers), sha256(p.text.encode())] for p in own]
    programs = [Column(w["program"], 2.4), Column(w["tools"], 1.8), Column("SHA-256", 5.2, style="mono")]
    notes = [*job.brief.notes, *job.design.notes]
    tail = [
        *([lines(w["unreachable"], [said(f.message, language) for f in plan.unreachable])] if last else []),
        lines(w["notes"], notes), signature(w),
    ]  # fmt: skip
    return Paper(
        f"setup-{setup.index}", "setup-sheet", language, heading, w["order"], job.brief.order_id,
        f"{job.design.title} · {setup_name(plan, setup, language)}",
        f"{job.brief.order_id} · {plan.part} · {said(plan.machine.name, language)}",
        (
            Picture("setup.svg", sketch(job, setup, language, marks)), Rows(((Cell(zero, style="strong"),),)),
            facts(facts_),
            table(programs, hashes, w["programs"]), _tools(plan, setup, wear_registers(own), w, language),
            _operations(job, setup, w, language), steps(acts, w), *(t for t in tail if t.rows),
        ),
    )  # fmt: skip


def _actions(route: Sequence[Step], setup: Setup, *, first: bool, last: bool) -> tuple[Action, ...]:
    """What people do from the saw (before the first clamping) to the bench (after the last)."""
    kinds = (("saw",) if first else ()) + (("bench",) if last else ())
    return tuple(a for s in route if s.setup is setup or s.kind in kinds for a in s.actions)


def _facts(job: CutJob, w: Mapping[str, str], language: str) -> list[list[str]]:
    plan = job.plan
    size = " × ".join(number(v, 2) for v in plan.stock.size_mm)
    return [
        [w["machine"], said(plan.machine.name, language)],
        [w["material"], said(plan.material.name, language)],
        [w["stock"], f"{plan.stock.row_id}: {size} {w['mm']}, {number(plan.stock.mass_kg)} {w['kg']}"],
        [w["quantity"], f"{job.design.quantity} {w['pieces']}"],
    ]


def _held(job: CutJob, setup: Setup, w: Mapping[str, str], language: str) -> list[list[str]]:
    plan, fixture = job.plan, setup.fixture
    held = said(fixture.vise.name, language) if fixture.vise else w[fixture.kind]
    x, y, _ = plan.machine.work_zero_mm
    rows = [[w["fixture"], held], [w["zero-at"], f"X {number(x, 1)}, Y {number(y, 1)} {w['mm']}"]]
    if fixture.kind == "vise":
        n = w["newton"]
        holds = f"{w['holds']} {number(fixture.force_n, 0)} {n} ({w['needed']} {number(fixture.needed_force_n, 0)} {n})"
        force = f"{number(fixture.clamp_force_n, 0)} {n}, {holds}"
        rows += [[w["grip"], f"{number(fixture.grip_mm, 2)} {w['mm']}"], [w["force"], force]]
    seconds = job.seconds(setup)
    if seconds is not None:
        total = sum(job.seconds(s) or 0.0 for s in plan.setups)
        more = f" ({w['total']} {duration(total, language)})" if len(plan.setups) > 1 else ""
        rows.append([w["time"], duration(seconds, language) + more])
    return rows


def _tools(plan: ProcessPlan, setup: Setup, wear: Mapping[int, str], w: Mapping[str, str], language: str) -> Rows:
    held = {a.number: a for a in plan.tools}
    columns = [
        Column("T", 0.5), Column(w["tool"], 2.6), Column(w["diameter"], 0.6, right=True),
        Column(w["flutes"], 0.7, right=True), Column(w["stick-out"], 0.9, right=True),
        Column(w["holder"], 2.6), Column(w["gauge"], 1.1, right=True),
        *([Column(w["wear"], 0.9)] if wear else []), Column(w["measured"], 1.0),
    ]  # fmt: skip
    rows = [
        [
            f"T{n}", said(held[n].tool.name, language), number(held[n].tool.diameter_mm), str(held[n].tool.flutes),
            number(held[n].stick_out_mm, 1), said(held[n].holder.name, language), number(held[n].gauge_length_mm, 2),
            *([wear.get(n, "")] if wear else []), "",
        ]
        for n in tools_of(setup)
    ]  # fmt: skip
    return table(columns, rows, w["tools"])


def _operations(job: CutJob, setup: Setup, w: Mapping[str, str], language: str) -> Rows:
    columns = [
        Column("№", 0.5, right=True), Column(w["operation"], 2.6), Column("T", 0.5), Column(w["height"], 1.7),
        Column(w["took"], 0.6, right=True), Column(w["rpm"], 0.8, right=True), Column(w["feed"], 0.9, right=True),
        Column(w["plunge"], 1.0, right=True), Column(w["depth"], 1.4, right=True), Column(w["coolant"], 0.9),
        Column(w["binding"], 2.4, style="small"),
    ]  # fmt: skip
    return table(
        columns, [_operation(job, setup, k, w, language) for k in range(len(setup.operations))], w["operations"]
    )


def _operation(job: CutJob, setup: Setup, at: int, w: Mapping[str, str], language: str) -> list[str]:
    operation = setup.operations[at]
    cut, took = operation.cutting, job.operation_seconds(setup, at)
    note = f" ({said(operation.note, language)})" if operation.note else ""
    return [
        str(10 * (at + 1)), doing(operation, language) + note,
        f"T{operation.tool_number}", f"{number(operation.top_z_mm, 2)} … {number(operation.bottom_z_mm, 2)}",
        "" if took is None else f"{round(took) // 60}:{round(took) % 60:02d}", number(cut.spindle_rpm, 0),
        number(cut.feed_mm_min, 0), number(cut.plunge_mm_min, 0), f"{number(cut.ap_mm, 2)} / {number(cut.ae_mm, 2)}",
        w[cut.coolant], said(cut.binding, language),
    ]  # fmt: skip


def _list(values: set[int]) -> str:
    return ", ".join(str(v) for v in sorted(values)) or "none"
