"""The actions of the people, in order: from the plan, the programs, the proof's and the workshop's minutes."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

from model.action import Action
from model.design import Vector
from model.feature import Outline
from model.plan import Operation, Setup
from model.program import Program
from model.tolerances import deviation_mm
from pipeline.release.clampings import tools_of, turned_from, where_zero_is
from pipeline.release.gauges import gauge_name
from pipeline.release.jobs import CutJob, Plate, PrintJob
from pipeline.release.phrases import said
from pipeline.release.typeset import TEMPLATES
from pipeline.release.words import number, words
from pipeline.release.workpiece import work_boxes

OWN_DANGERS = {"W": ("danger-wood",), "S": ("danger-titanium",)}
"""By the material's group: wood makes dust, titanium chips burn."""
AS_MADE = {"cut": "as-machined", "print": "as-printed"}


def told(kind: str, language: str, values: dict[str, object], minutes: float | None = None) -> Action:
    """The record of one kind of action, its sentences filled."""
    texts = {name: text.format(**values) for name, text in _sentences()[kind][language].items()}
    return Action(kind, minutes=minutes, **texts)  # type: ignore[arg-type]  # all that a row has is text


def slot(name: str, language: str) -> str:
    """Words that fill a slot."""
    return _sentences()["slots"][name][language]


@cache
def _sentences() -> dict[str, dict[str, dict[str, str]]]:
    sentences: Any = tomllib.loads((TEMPLATES / "actions.toml").read_text(encoding="utf-8"))
    return sentences  # type: ignore[no-any-return]


def sawing(job: CutJob, language: str) -> tuple[Action, ...]:
    """The blank cut off."""
    x, y, z = job.plan.stock.size_mm
    values: dict[str, object] = {
        "row": job.plan.stock.row_id, "thick": number(z), "size": f"{number(x, 2)} × {number(y, 2)}",
        "gauge": gauge_name(job.gauges, "outside", max(x, y), 1.0, language),
    }  # fmt: skip
    return (told("saw", language, values, job.home.saw_min if job.home else None),)


def clamping(job: CutJob, setup: Setup, language: str) -> tuple[Action, ...]:
    """One setup at the machine, until the work is taken off; the setting minutes stand at what holds the work."""
    plan = job.plan
    first = setup is plan.setups[0]
    out = [*_loading(job, setup, language), *_pinning(setup, language)]
    if not first:
        out += _unframing(plan.setups[plan.setups.index(setup) - 1], language)
    out += [_holding(job, setup, language, first=first), *_levelling(setup, language)]
    out.append(_zeroing(job, setup, language))
    for program in job.programs_of(setup):
        if not plan.machine.automatic_tool_change:
            out += [_fitting(job, n, language) for n in program.tool_numbers]
        out.append(_running(job, setup, program, language))
    out += _measuring(job, setup, language)
    away = "off" if setup.fixture.kind == "vise" else "lift"
    tabs = [t for o in setup.operations for t in o.tabs]
    if tabs:
        out.append(told("untab", language, {"count": len({(t.x_mm, t.y_mm) for t in tabs})}))
    return (*out, told(away, language, {}))


def by_hand(job: CutJob, language: str, minutes: float | None) -> tuple[Action, ...]:
    """What is left for the bench: the frame's skin, threads and fits gauged or cut, edges, the finish."""
    plan, out = job.plan, []
    out += _unframing(plan.setups[-1], language)
    out += _holes(plan.setups, language)
    if job.brief.finish != "deburred":
        out.append(told("break", language, {}, minutes))
    return (*out, *finishing(job.brief.finish, "cut", language))


def finishing(finish: str, process: str, language: str) -> tuple[Action, ...]:
    """The step for a finish the process does not give by itself; none for the one it does.

    ``process`` is "cut" or "print". Milling breaks the edges of a "deburred" part itself, and
    those it does not reach are in the plan's notes.
    """
    if finish in ("", "deburred", AS_MADE[process]):
        return ()
    return (told("finish", language, {"finish": said(finish, language)}),)


def printing(job: PrintJob, plate: Plate, language: str) -> tuple[Action, ...]:
    """One plate, from the spool to the part in the hand."""
    seconds = job.seconds(plate)
    names = ", ".join(f"{p.name} × {p.quantity * job.design.quantity}" for p in job.design.parts)
    values: dict[str, object] = {
        "filament": said(plate.filament.name, language), "printer": said(plate.printer.name, language),
        "program": plate.file.name, "parts": names, "nozzle": number(plate.filament.nozzle_c),
        "bed": number(plate.filament.bed_c), "diameter": number(plate.printer.nozzle_mm),
        "layer": number(plate.quality.first_layer_mm),
    }  # fmt: skip
    minutes = {
        "filament": job.home.setup_min if job.home else None,
        "print": None if seconds is None else seconds / 60,
        "take": job.home.plate_min if job.home else None,
    }
    steps = [told(k, language, values, minutes.get(k)) for k in ("filament", "bed", "print", "watch", "take")]
    return (*steps, *finishing(job.brief.finish, "print", language))


def _loading(job: CutJob, setup: Setup, language: str) -> list[Action]:
    """The tools no setup before has loaded; the spindle of a machine without a changer is loaded program by program."""
    there = {n for s in job.plan.setups[: job.plan.setups.index(setup)] for n in tools_of(s)}
    new = [n for n in tools_of(setup) if n not in there]
    if not new or not job.plan.machine.automatic_tool_change:
        return []
    minutes = job.home.tool_min * len(new) if job.home else None
    return [told("load", language, {"tools": ", ".join(f"T{n}" for n in new)}, minutes)]


def _unframing(setup: Setup, language: str) -> list[Action]:
    """The part broken out of the frame in which it stood when a setup ended."""
    skin = setup.fixture.skin
    if skin is None:
        return []
    return [told("unframe", language, {"thick": number(skin.top_z_mm - skin.bottom_z_mm, 2)})]


def _pinning(setup: Setup, language: str) -> list[Action]:
    """The dowels a sheet is turned over on."""
    if setup.fixture.vise is not None or not setup.fixture.obstacles:
        return []
    pin = setup.fixture.obstacles[0]
    values: dict[str, object] = {
        "count": len(setup.fixture.obstacles), "wide": number(pin.x1_mm - pin.x0_mm),
        "long": number(pin.z1_mm - pin.z0_mm),
    }  # fmt: skip
    spot = ((pin.x0_mm + pin.x1_mm) / 2, (pin.y0_mm + pin.y1_mm) / 2, setup.stock_box.z1_mm)
    return [replace(told("pin", language, values), spot_mm=spot)]


def _holding(job: CutJob, setup: Setup, language: str, *, first: bool) -> Action:
    fixture, minutes = setup.fixture, job.home.setup_min if job.home else None
    work = work_boxes(job.plan, setup, job.size_mm)[0]
    middle = (work.x0_mm + work.x1_mm) / 2
    if fixture.vise is None:
        spot = (middle, (work.y0_mm + work.y1_mm) / 2, work.z1_mm)
        return replace(told("stick" if first else "over", language, {}, minutes), spot_mm=spot)
    values: dict[str, object] = {
        "grip": number(fixture.grip_mm, 2), "high": number(fixture.vise.jaw_height_mm - fixture.grip_mm, 1),
        "force": number(fixture.clamp_force_n, 0),
        "under": slot("under-frame", language) if fixture.skin else "",
    }  # fmt: skip
    if not first:
        before = job.plan.setups[job.plan.setups.index(setup) - 1]
        up, left, jaw = turned_from(before, setup, language)
        values |= {"up": up, "left": left, "jaw": jaw, "before": before.index}
    spot = (middle, work.y0_mm, work.z0_mm + fixture.grip_mm)
    return replace(told("clamp" if first else "turn", language, values, minutes), spot_mm=spot)


def _levelling(setup: Setup, language: str) -> list[Action]:
    """Work that stands on its round is turned by a pin, before the jaws close."""
    pin = setup.fixture.pin
    if pin is None:
        return []
    values: dict[str, object] = {
        "wide": number(pin.diameter_mm, 2), "x": number(pin.x_mm, 2), "z": number(pin.z_mm, 2),
    }  # fmt: skip
    return [replace(told("level", language, values), spot_mm=(pin.x_mm, 0.0, pin.z_mm))]


def _zeroing(job: CutJob, setup: Setup, language: str) -> Action:
    x, y, _ = job.plan.machine.work_zero_mm
    where = where_zero_is(job.plan, setup, job.size_mm, language)
    values: dict[str, object] = {
        "offset": setup.work_offset, "where": where, "x": number(x, 1), "y": number(y, 1),
    }  # fmt: skip
    return replace(told("zero", language, values), spot_mm=(0.0, 0.0, 0.0))


def _fitting(job: CutJob, tool_number: int, language: str) -> Action:
    held = next(a for a in job.plan.tools if a.number == tool_number)
    values: dict[str, object] = {
        "number": held.number, "tool": said(held.tool.name, language), "out": number(held.stick_out_mm, 1),
    }  # fmt: skip
    return told("fit", language, values, job.home.tool_min if job.home else None)


def _running(job: CutJob, setup: Setup, program: Program, language: str) -> Action:
    dangers = ["danger-door", *OWN_DANGERS.get(job.plan.material.iso_group, ())]
    danger = "; ".join(slot(name, language) for name in dangers)
    values: dict[str, object] = {
        "program": program.name, "machine": said(job.plan.machine.name, language), "danger": danger,
    }  # fmt: skip
    return told("run", language, values, _run_minutes(job, setup, program))


def _run_minutes(job: CutJob, setup: Setup, program: Program) -> float | None:
    """A program's simulated minutes: the setup's where it is the only one, otherwise those of its tools' operations."""
    own = job.programs_of(setup)
    seconds = job.seconds(setup)
    if len(own) == 1:
        return None if seconds is None else seconds / 60
    if any(set(program.tool_numbers) & set(p.tool_numbers) for p in own if p is not program):
        return None
    took = [
        job.operation_seconds(setup, k) for k, o in enumerate(setup.operations) if o.tool_number in program.tool_numbers
    ]
    return None if None in took else sum(t for t in took if t is not None) / 60


def _measuring(job: CutJob, setup: Setup, language: str) -> list[Action]:
    """What a setup brings to size and can still be put right: across where it cuts the outline, the height after it."""
    size = [sum(abs(row[k]) * job.size_mm[k] for k in range(3)) for row in setup.to_setup]
    outlined = [s for s in job.plan.setups if any(isinstance(o.feature, Outline) for o in s.operations)]
    work = work_boxes(job.plan, setup, job.size_mm)[0]
    if outlined and setup is outlined[0]:
        sizes, what, spot = size[:2], "across", (work.x1_mm, work.y0_mm, work.z1_mm)
    elif outlined and setup.index == outlined[0].index + 1 and setup.fixture.kind == "vise":
        sizes, what, spot = size[2:], "height", ((work.x0_mm + work.x1_mm) / 2, work.y1_mm, work.z1_mm)
    else:
        return []
    off = [deviation_mm(s, job.brief.tolerance_class) for s in sizes]
    target = ", ".join(f"{number(s, 2)} ± {number(d)}" for s, d in zip(sizes, off, strict=True))
    values: dict[str, object] = {
        "what": slot(what, language), "target": f"{target} {words(language)['mm']}",
        "gauge": gauge_name(job.gauges, "outside", max(sizes), min(off), language),
    }  # fmt: skip
    found: Vector = spot
    return [replace(told("measure", language, values), spot_mm=found)]


def _holes(setups: tuple[Setup, ...], language: str) -> list[Action]:
    """Threads and fits, alike ones together: cut by hand where no operation cuts them, gauged where one does."""
    out: list[Action] = []
    machined = {(s.index, o.feature.id) for s in setups for o in s.operations if o.strategy in ("tap", "thread_mill")}
    seen: dict[tuple[int, str], Operation] = {(s.index, o.feature.id): o for s in setups for o in s.operations}
    threads: Counter[tuple[str, str, str]] = Counter()
    fits: Counter[tuple[str, str]] = Counter()
    for key, operation in seen.items():
        hole = operation.feature
        if hole.kind != "hole":
            continue
        if hole.thread:
            depth = slot("depth", language).format(number(hole.thread_depth_mm, 2)) if hole.thread_depth_mm else ""
            threads["gauge" if key in machined else "tap", hole.thread, depth] += 1
        if hole.fit:
            fits[number(hole.steps[-1].diameter_mm), hole.fit] += 1
    for (kind, thread, depth), count in threads.items():
        out.append(told(kind, language, {"thread": thread, "count": count, "depth": depth, "places": ""}))
    for (diameter, fit), count in fits.items():
        out.append(told("plug", language, {"diameter": diameter, "fit": fit, "count": count, "places": ""}))
    return out
