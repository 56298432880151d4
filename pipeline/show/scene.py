"""Puts an order's part, setups, programs, proof and findings into the one record the page reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geometry.display import Drawable
from model.finding import Finding, Report
from model.plan import Box, ProcessPlan, Setup
from model.program import Program
from pipeline.design.looks import look
from pipeline.release.clampings import setup_name, where_zero_is
from pipeline.release.tones import TONES, UNCUT, edges
from pipeline.release.words import LANGUAGES
from pipeline.show.blob import Blob
from pipeline.show.marks import Marks
from pipeline.show.moves import ARCS, Track, jumps, load, passes
from pipeline.show.places import place_of
from pipeline.show.source import Shown
from pipeline.show.stock import Views
from pipeline.show.study import Study, part_of
from pipeline.show.tools import body, colours, cutter
from pipeline.verify.gates_cut import GOUGE_MM
from pipeline.verify.leftover import EXCESS_MM

SCHEMA = "lotone.show/1"
STEPS = 60_000
"""Heights of the stock are told in this many steps of the setup's span."""
NORMAL_STEPS = 127
MOST_RPM = 65_535
Record = dict[str, Any]


def scene(shown: Shown, solid: Drawable, study: Study | None) -> tuple[Record, str]:
    """The page's record (plain JSON) and its number tables (deflated, base64)."""
    blob = Blob()
    names = [p.name for p in shown.programs.programs] if shown.programs else []
    record: Record = {
        "schema": SCHEMA,
        "order": shown.order_id,
        "title": shown.design.title,
        "verdict": shown.verdict,
        "language": shown.language,
        "material": shown.plan.material.name if shown.plan else shown.design.material_id,
        "machine": shown.plan.machine.name if shown.plan else "",
        "stock_size_mm": list(shown.plan.stock.size_mm) if shown.plan else [],
        "colour": list(look(shown.design.material_id).colour),
        "limits_mm": {"cut_into": GOUGE_MM, "left_on": EXCESS_MM},
        "scale": {"edges": list(edges(GOUGE_MM, EXCESS_MM)), "tones": list(TONES), "uncut": UNCUT},
        "part": _part(blob, solid),
        "gates": _gates(shown.report),
        "metrics": dict(shown.report.metrics) if shown.report else {},
        "problem": _problem(shown),
        "findings": _findings(shown, names),
        "tools": _tools(shown.plan) if shown.plan else [],
        "setups": [],
        "marks": None,
    }
    if shown.plan is not None and study is not None:
        rapid = min(a.rapid_mm_min for a in shown.plan.machine.axes)
        record["rapid_mm_min"] = rapid
        record["setups"] = [
            _setup(blob, shown, shown.plan, run.setup, [j.program for j in run.programs], tracks, stock)
            for run, tracks, stock in zip(study.simulation.runs, study.tracks, study.stock, strict=True)
        ]
        record["marks"] = _marks(blob, study)
    return record, blob.text()


def _part(blob: Blob, solid: Drawable) -> Record:
    return {
        "points": blob.add(solid.points.astype(np.float32)),
        "normals": blob.add(np.round(solid.normals * NORMAL_STEPS).astype(np.int8)),
        "triangles": blob.add(solid.triangles.astype(np.uint32)),
        "face": blob.add(solid.face.astype(np.uint16)),
        "edges": blob.add(solid.edges.astype(np.float32)),
        "low": solid.points.min(axis=0).tolist(),
        "high": solid.points.max(axis=0).tolist(),
    }


def _gates(report: Report | None) -> list[Record]:
    if report is None:
        return []
    return [
        {"name": g.name, "verdict": g.verdict, "detail": g.detail, "value": g.value, "limit": g.limit, "unit": g.unit}
        for g in report.gates
    ]


def _problem(shown: Shown) -> Record | None:
    told = shown.problem
    if told is None:
        return None
    return {"code": told.code, "message": told.message, "place": told.place, "value": told.value,
            "limit": told.limit, "hint": told.hint, "stage": told.stage}  # fmt: skip


def _findings(shown: Shown, names: Sequence[str]) -> list[Record]:
    """What failed, what is out of reach, what else was noted; each once, with its place."""
    told: list[tuple[str, Finding]] = []
    if shown.report:
        told += [("failed", f) for f in shown.report.failures]
        told += [("unreachable" if f.code == "verify.unreachable" else "note", f) for f in shown.report.notes]
    if shown.problem:
        told += [("failed", f) for f in shown.problem.findings]
    if shown.plan:
        told += [("unreachable", f) for f in shown.plan.unreachable]
    seen: set[tuple[str, str, str]] = set()
    found = []
    for group, one in told:
        key = (one.code, one.message, one.place)
        if key in seen:
            continue
        seen.add(key)
        place = place_of(one, names)
        at = None
        if place.at_mm is not None:
            at = [None if np.isnan(v) else v for v in place.at_mm]
        found.append(
            {
                "code": one.code,
                "message": one.message,
                "place": one.place,
                "value": one.value,
                "limit": one.limit,
                "hint": one.hint,
                "group": group,
                "program": place.program,
                "line": place.line,
                "setup": place.setup,
                "at": at,
                "faces": list(place.faces),
            }
        )
    return found


def _tools(plan: ProcessPlan) -> list[Record]:
    shades = colours(plan.tools)
    found = []
    for one in plan.tools:
        shank, holder = body(one)
        found.append(
            {
                "number": one.number,
                "name": one.tool.name,
                "diameter_mm": one.tool.diameter_mm,
                "colour": shades[one.number],
                "cutter": [list(p) for p in cutter(one)],
                "shank": [list(p) for p in shank],
                "holder": [list(p) for p in holder],
            }
        )
    return found


def _setup(
    blob: Blob,
    shown: Shown,
    plan: ProcessPlan,
    setup: Setup,
    programs: Sequence[Program],
    tracks: Sequence[Track],
    stock: Views,
) -> Record:
    part_mm = part_of(shown.design, plan).expected.size_mm
    heights = np.concatenate([h[~np.isnan(h)] for s in stock.shots for h in (s.high, s.low)])
    low = float(heights.min(initial=setup.stock_box.z0_mm))
    step = (float(heights.max(initial=setup.stock_box.z1_mm)) - low) / STEPS
    metrics: Mapping[str, float] = shown.report.metrics if shown.report else {}
    return {
        "index": setup.index,
        "name": [setup_name(plan, setup, language) for language in LANGUAGES],
        "zero": [where_zero_is(plan, setup, part_mm, language) for language in LANGUAGES],
        "work_offset": setup.work_offset,
        "matrix": [list(r) for r in setup.to_setup],
        "fixture": setup.fixture.kind,
        "obstacles": [_box(b) for b in setup.fixture.obstacles],
        "stock_box": _box(setup.stock_box),
        "seconds": metrics.get(f"setup_{setup.index}_seconds"),
        "grid": stock.grid.tolist(),
        "rows": int(stock.shots[0].low.shape[0]),
        "columns": int(stock.shots[0].low.shape[1]),
        "height": {"low": low, "step": step},
        "shots": _shots(blob, stock, low, step),
        "programs": [
            {"name": p.name, "text": blob.words(p.text), "moves": _moves(blob, track)}
            for p, track in zip(programs, tracks, strict=True)
        ],
    }


def _shots(blob: Blob, stock: Views, low: float, step: float) -> list[Record]:
    """The stock after each tool; undersides are told once as long as they stay the same."""
    told: list[Record] = []
    last = None
    for one in stock.shots:
        if last is None or not np.array_equal(last, one.low, equal_nan=True):
            under = blob.heights(one.low, low, step)
            last = one.low
        told.append(
            {
                "program": one.program,
                "after": one.after,
                "high": blob.heights(one.high, low, step),
                "low": under,
                "deeper": blob.add(one.cells.astype(np.uint32)),
                "stretches": blob.heights(one.stretches, low, step),
            }
        )
    return told


def _box(box: Box) -> list[float]:
    return [box.x0_mm, box.y0_mm, box.z0_mm, box.x1_mm, box.y1_mm, box.z1_mm]


def _moves(blob: Blob, one: Track) -> Record:
    """Every move the reader found, in order; centres of arcs only; starts only where a move begins elsewhere."""
    first = jumps(one)
    return {
        "count": len(one.tool),
        "x": blob.lengths(one.end[:, 0]),
        "y": blob.lengths(one.end[:, 1]),
        "z": blob.lengths(one.end[:, 2]),
        "centres": blob.lengths(one.centre[one.kind >= ARCS]),
        "kind": blob.add(one.kind.astype(np.uint8)),
        "manner": blob.add(one.manner.astype(np.uint8)),
        "tool": blob.add(one.tool.astype(np.uint16)),
        "line": blob.add(one.line.astype(np.uint32)),
        "feed": blob.add(one.feed_mm_min.astype(np.float32)),
        "rpm": blob.add(np.round(one.rpm).clip(0, MOST_RPM).astype(np.uint16)),
        "seconds": blob.add(one.seconds.astype(np.float32)),
        "rate": blob.add(load(one).astype(np.float32)),
        "engaged": blob.add(np.round(one.engaged_deg).astype(np.uint8)),
        "starts_at": blob.add(first.astype(np.uint32)),
        "starts": blob.lengths(one.start[first]),
        "passes": [list(p) for p in passes(one)],
    }


def _marks(blob: Blob, study: Study) -> Record:
    found: Marks = study.marks
    low, high = found.points.min(axis=0), found.points.max(axis=0)
    step = np.maximum(high - low, 1e-6) / 65_000
    program, line = _lines(study, found)
    return {
        "low": low.tolist(),
        "step": step.tolist(),
        "spacing_mm": found.spacing_mm,
        "points": blob.add(np.round((found.points - low) / step).astype(np.uint16)),
        "normals": blob.add(np.round(found.normals * NORMAL_STEPS).astype(np.int8)),
        "deviation": blob.add(found.deviation_mm.astype(np.float32)),
        "setup": blob.add(found.setup.astype(np.int8)),
        "program": blob.add(program),
        "line": blob.add(line),
    }


def _lines(study: Study, found: Marks) -> tuple[np.ndarray, np.ndarray]:
    """The program (its number in its setup) and line that came nearest to each point; line 0: none."""
    program = np.zeros(len(found.move), dtype=np.uint8)
    line = np.zeros(len(found.move), dtype=np.uint32)
    for number, run in enumerate(study.simulation.runs):
        here = np.flatnonzero((found.setup == number) & (found.move >= 0))
        move = found.move[here]
        program[here] = run.owner[move]
        lines = [
            run.programs[int(p)].read.moves[int(m)].line
            for p, m in zip(run.owner[move], run.path.move[move], strict=True)
        ]
        line[here] = lines
    return program, line
