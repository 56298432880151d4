"""The setup sheet: one clamping on paper, with its picture, zero, tools, operations, programs and steps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from model.design import Design
from model.doing import doing
from model.errors import VerificationError
from model.files import File
from model.finding import Finding, Report
from model.order import Brief
from model.plan import ProcessPlan, Setup
from model.program import Program, Programs
from pipeline.engine.store import sha256
from pipeline.release.drawing import setup_picture
from pipeline.release.first_part import first_part_checks
from pipeline.release.phrases import said
from pipeline.release.steps import finish_by_hand, setup_name, steps, tools_of, where_zero_is
from pipeline.release.typeset import pdf
from pipeline.release.wear import COMMENT, TOOL_WORD, wear_registers
from pipeline.release.words import LANGUAGES, asked, duration, number, words
from pipeline.release.workpiece import work_boxes

_SPEED_WORD = re.compile(r"(?<![A-Z])S(\d+(?:\.\d*)?)", re.IGNORECASE)


def setup_sheets(
    brief: Brief, design: Design, plan: ProcessPlan, programs: Programs, report: Report
) -> tuple[File, ...]:
    """One PDF a setup and language, after checking that plan and program text say the same.

    Raises:
        VerificationError: ``papers.sheet-disagrees``: a program uses a tool or a speed that is not on its sheet.
    """
    findings = [f for setup in plan.setups for f in disagreements(setup, _of(programs, setup))]
    if findings:
        raise VerificationError(
            findings[0].code, findings[0].message, place=findings[0].place, findings=tuple(findings),
            hint="Make the order again; a sheet is never printed beside a program that differs.",
        )  # fmt: skip
    return tuple(
        File(
            f"setup-{setup.index}.{language}.pdf",
            "setup-sheet",
            "application/pdf",
            pdf(
                "setup_sheet",
                sheet_data(brief, design, plan, setup, programs, report, language),
                pictures(design, plan, setup, language),
            ),
        )
        for setup in plan.setups
        for language in LANGUAGES
    )


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


def sheet_data(
    brief: Brief,
    design: Design,
    plan: ProcessPlan,
    setup: Setup,
    programs: Programs,
    report: Report,
    language: str,
) -> dict[str, Any]:
    """What the template shows, every number already spelled."""
    w = words(language)
    own = _of(programs, setup)
    last = setup is plan.setups[-1]
    by_hand = finish_by_hand(brief.finish, "cut", language) if last else ()
    return {
        "w": w,
        "language": language,
        "title": f"{w['setup-sheet']} {brief.order_id} {setup.index}",
        "heading": f"{w['setup-sheet']}: {w['setup'].lower()} {setup.index} {w['of']} {len(plan.setups)}",
        "footer": f"{brief.order_id} · {plan.part} · {said(plan.machine.name, language)}",
        "order_id": brief.order_id,
        "part_title": f"{design.title} · {setup_name(plan, setup, language)}",
        "work_offset": setup.work_offset,
        "zero": where_zero_is(plan, setup, size_mm(design), language),
        "facts_left": _facts_left(design, plan, w, language),
        "facts_right": [*_facts_right(plan, setup, report, w, language), *asked(brief, w, language)],
        "programs": [
            {
                "name": p.name,
                "tools": ", ".join(f"T{n}" for n in p.tool_numbers),
                "sha256": sha256(p.text.encode()),
            }
            for p in own
        ],
        "tools": _tools(plan, setup, wear_registers(own), language),
        "operations": [_operation(i, setup, report, w, language) for i in range(len(setup.operations))],
        "steps": [
            {"text": s.text, "check": s.check} for s in (*steps(plan, setup, own, size_mm(design), language), *by_hand)
        ],
        "notes": [*brief.notes, *design.notes],
        "checks": first_part_checks(design, brief.tolerance_class, language) if last else [],
        "unreachable": [said(f.message, language) for f in plan.unreachable] if last else [],
    }


def size_mm(design: Design) -> tuple[float, float, float]:
    """The milled part's size along its own axes."""
    return design.parts[0].expected.size_mm


def pictures(design: Design, plan: ProcessPlan, setup: Setup, language: str) -> dict[str, bytes]:
    """The sheet's picture by the name its template uses."""
    before = tuple(s for s in plan.setups if s.index < setup.index)
    return {"setup.svg": setup_picture(setup, work_boxes(plan, setup, size_mm(design)), words(language), before)}


def _of(programs: Programs, setup: Setup) -> tuple[Program, ...]:
    return tuple(p for p in programs.programs if p.setup == setup.index)


def _facts_left(design: Design, plan: ProcessPlan, w: Mapping[str, str], language: str) -> list[list[str]]:
    size = " × ".join(number(v, 2) for v in plan.stock.size_mm)
    return [
        [w["machine"], said(plan.machine.name, language)],
        [w["material"], said(plan.material.name, language)],
        [w["stock"], f"{plan.stock.row_id}: {size} {w['mm']}, {number(plan.stock.mass_kg)} {w['kg']}"],
        [w["quantity"], f"{design.quantity} {w['pieces']}"],
    ]


def _facts_right(
    plan: ProcessPlan, setup: Setup, report: Report, w: Mapping[str, str], language: str
) -> list[list[str]]:
    fixture = setup.fixture
    held = said(fixture.vise.name, language) if fixture.vise else w[fixture.kind]
    x, y, _ = plan.machine.work_zero_mm
    rows = [[w["fixture"], held], [w["zero-at"], f"X {number(x, 1)}, Y {number(y, 1)} {w['mm']}"]]
    if fixture.kind == "vise":
        n = w["newton"]
        holds = f"{w['holds']} {number(fixture.force_n, 0)} {n} ({w['needed']} {number(fixture.needed_force_n, 0)} {n})"
        force = f"{number(fixture.clamp_force_n, 0)} {n}, {holds}"
        rows += [[w["grip"], f"{number(fixture.grip_mm, 2)} {w['mm']}"], [w["force"], force]]
    seconds = report.metrics.get(f"setup_{setup.index}_seconds")
    if seconds is not None:
        total = sum(report.metrics.get(f"setup_{s.index}_seconds", 0.0) for s in plan.setups)
        more = f" ({w['total']} {duration(total, language)})" if len(plan.setups) > 1 else ""
        rows.append([w["time"], duration(seconds, language) + more])
    return rows


def _tools(plan: ProcessPlan, setup: Setup, wear: Mapping[int, str], language: str) -> list[dict[str, str]]:
    held = {a.number: a for a in plan.tools}
    return [
        {
            "number": f"T{n}",
            "name": said(held[n].tool.name, language),
            "diameter": number(held[n].tool.diameter_mm),
            "flutes": str(held[n].tool.flutes),
            "stick_out": number(held[n].stick_out_mm, 1),
            "holder": said(held[n].holder.name, language),
            "gauge": number(held[n].gauge_length_mm, 2),
            "wear": wear.get(n, ""),
        }
        for n in tools_of(setup)
    ]


def _operation(at: int, setup: Setup, report: Report, w: Mapping[str, str], language: str) -> dict[str, str]:
    operation = setup.operations[at]
    cut = operation.cutting
    took = report.metrics.get(f"setup_{setup.index}_operation_{10 * (at + 1)}_s")
    return {
        "number": str(10 * (at + 1)),
        "name": doing(operation, language) + (f" ({said(operation.note, language)})" if operation.note else ""),
        "height": f"{number(operation.top_z_mm, 2)} … {number(operation.bottom_z_mm, 2)}",
        "time": "" if took is None else f"{round(took) // 60}:{round(took) % 60:02d}",
        "tool": f"T{operation.tool_number}",
        "rpm": number(cut.spindle_rpm, 0),
        "feed": number(cut.feed_mm_min, 0),
        "plunge": number(cut.plunge_mm_min, 0),
        "depth": f"{number(cut.ap_mm, 2)} / {number(cut.ae_mm, 2)}",
        "coolant": w[cut.coolant],
        "binding": said(cut.binding, language),
    }


def _list(values: set[int]) -> str:
    return ", ".join(str(v) for v in sorted(values)) or "none"
