"""Gates on the text itself: its language, what it takes over from before, safe states, and the tools it calls."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from model.finding import Finding, Gate
from model.plan import ProcessPlan
from model.toolpath import SetupPath, Toolpaths
from pipeline.verify.gates import gate
from pipeline.verify.heights import clear_z
from pipeline.verify.programs import Judged
from pipeline.verify.readers.types import ReadEvent

DWELL_S = 10.0
SPIN_UP_S = 1.0
BLEND_MM = 0.05
ROUND_MM = 0.0015
SHIFTED = "read.offset-changed"


def language(programs: Sequence[Judged]) -> Gate:
    """Every word is one the control knows, and the control would accept every line."""
    findings = [
        Finding(f.code, f.message, place=f"{j.program.name} {f.place}", hint=f.hint)
        for j in programs
        for f in j.read.findings
        if f.code != SHIFTED
    ]
    findings += [_at(j, "verify.no-moves", "the program makes no move") for j in programs if not j.read.moves]
    names = ", ".join(sorted({j.program.dialect for j in programs}))
    lines = sum(len(j.program.text.splitlines()) for j in programs)
    return gate("Every line is in the control's language", findings, f"{lines} lines read as {names}")


def inherited(programs: Sequence[Judged]) -> Gate:
    """The result is the same whatever state the control was left in."""
    findings = [f for j in programs for f in j.leaks]
    fact = "read again from the worst state a control can be left in (incremental, inches, other plane, offset, feed)"
    return gate("Nothing is taken over from the program before", findings, fact)


def offsets(programs: Sequence[Judged]) -> Gate:
    """The setup's work offset is chosen before any move in it, and no offset is changed."""
    findings = []
    for j in programs:
        findings += [
            Finding(f.code, f.message, place=f"{j.program.name} {f.place}", hint="Leave offsets to the operator.")
            for f in j.read.findings
            if f.code == SHIFTED
        ]
        wrong = [m for m in j.read.moves if m.wcs != j.setup.work_offset and not m.machine]
        findings += [
            Finding("verify.work-offset", f"moves in {m.wcs}; the setup uses {j.setup.work_offset}", j.place(m.line))
            for m in wrong[:1]
        ]
    names = ", ".join(sorted({j.setup.work_offset for j in programs}))
    return gate("Work offset is the setup's own and is not changed", findings, f"offsets used: {names}")


def safe_states(programs: Sequence[Judged], top_mm: float = 0.0) -> Gate:
    """Spindle on before cutting, heights safe at both ends and at tool changes, path tolerance, dwells, end.

    ``top_mm`` is the spindle nose's highest place (machine coordinates; machine zero is there on most machines):
    straight up to it is always safe.
    """
    findings = [f for j in programs for check in CHECKS for f in check(j)]
    findings += [f for j in programs for check in (_start, _changes) for f in check(j, top_mm)]
    fact = "spindle, feed, tool length, heights at start, tool changes and end, dwells, path mode, program end"
    return gate("Spindle, lengths, heights and end are safe", findings, fact)


def _at(judged: Judged, code: str, message: str, line: int = 1, hint: str = "") -> Finding:
    return Finding(code, message, place=judged.place(line), hint=hint)


def _start(judged: Judged, top_mm: float) -> Iterator[Finding]:
    """Until the position is known, the tool may only be lifted straight to the safe height, then cross at it."""
    safe = clear_z(judged.setup)
    lifted = False
    for m in judged.read.moves:
        if m.kind != "rapid":
            yield _at(judged, "verify.position-unknown", "cuts before the position is known", m.line)
            return
        if not lifted and not (math.isnan(m.x_mm) and math.isnan(m.y_mm)):
            what = "moves across at a height that is not known"
            yield _at(judged, "verify.position-unknown", what, m.line, "Lift the tool first.")
            return
        up = math.isnan(m.x_mm) and math.isnan(m.y_mm) and m.nose_mm[2] >= top_mm - ROUND_MM
        if not up and not m.z_mm >= safe - ROUND_MM:
            what = f"goes to Z {m.z_mm:g} from a place not known; clear of everything is {safe:g}"
            yield _at(judged, "verify.unsafe-start", what, m.line, "Lift the tool, then cross, then go down.")
            return
        if not math.isnan(m.x_mm + m.y_mm):
            return
        lifted = True


def _cutting(judged: Judged) -> Iterator[Finding]:
    """Cutting moves: spindle on clockwise, feed given; on lengths from a table, the tool's own."""
    for m in judged.read.moves:
        backing = m.pitch_mm > 0 and m.spindle == "ccw"  # out of a thread
        if m.kind != "rapid" and ((m.spindle != "cw" and not backing) or m.spindle_rpm <= 0):
            yield _at(judged, "verify.spindle-off", f"cuts with the spindle {m.spindle}", m.line, "M3 S... before it.")
            break
    for m in judged.read.moves:
        if m.kind != "rapid" and m.feed_mm_min <= 0:
            yield _at(judged, "verify.feed-missing", "cuts without a feed", m.line)
            break
    if judged.read.lengths:
        z = math.nan
        for m in judged.read.moves:
            if m.length_offset != m.tool and not m.machine and (m.kind != "rapid" or m.nose_mm[2] != z):
                what = f"tool {m.tool} moves with the length of H{m.length_offset}"
                yield _at(judged, "verify.length-offset", what, m.line, "G43 H must name the tool in the spindle.")
                break
            z = m.nose_mm[2]


def _changes(judged: Judged, top_mm: float) -> Iterator[Finding]:
    """Tool changes and pauses happen at the safe height; at changes and at the end nothing turns and nothing flows."""
    by_hand = not judged.read.lengths
    safe = judged.setup.safe_z_mm  # the tool that comes may be longer than the one that goes
    for e in judged.read.events:
        first_by_hand = e.what == "tool-change" and e.at_move == 0 and by_hand
        up = e.at_move > 0 and judged.read.moves[e.at_move - 1].nose_mm[2] >= top_mm - ROUND_MM
        if e.what in {"tool-change", "pause"} and not (first_by_hand or up) and not e.z_mm >= safe - ROUND_MM:
            if e.what == "pause" and e.at_move == 0:
                continue
            yield _at(
                judged,
                "verify.unsafe-change",
                f"a {e.what} at Z {e.z_mm:g}, below the safe {safe:g}",
                e.line,
                "Retract first.",
            )
        if e.what in {"tool-change", "end"} and (e.spindle != "off" or e.coolant != "off"):
            what = f"{'a tool change' if e.what == 'tool-change' else 'the end'} with the spindle {e.spindle}"
            yield _at(judged, "verify.left-on", f"{what}, coolant {e.coolant}", e.line, "M5 and M9 before it.")


def _spin_up(judged: Judged) -> Iterator[Finding]:
    """Where the control does not wait for the spindle by itself, the program waits before the first cut."""
    if judged.read.spindle_waits:
        return
    ready = False
    events = sorted(judged.read.events, key=lambda e: e.at_move)
    at = 0
    for k, m in enumerate(judged.read.moves):
        while at < len(events) and events[at].at_move <= k:
            e = events[at]
            if e.what in {"tool-change", "spindle"}:
                ready = False
            elif e.what == "dwell" and e.spindle == "cw" and e.value >= SPIN_UP_S:
                ready = True
            at += 1
        if m.kind != "rapid" and not ready:
            what = "cuts before the spindle had time to reach its speed"
            yield _at(judged, "verify.spin-up", what, m.line, f"G4 P{SPIN_UP_S:g} or more after M3.")
            return


def _turning(judged: Judged) -> Iterator[Finding]:
    """A turning spindle is neither stopped nor reversed while the tool stands in or beside the blank."""
    top = judged.setup.stock_box.z1_mm
    for e in judged.read.events:
        if e.what == "spindle" and e.z_mm < top - ROUND_MM:
            what = f"the spindle stops or reverses with the tool at Z {e.z_mm:g}, below the blank's top at {top:g}"
            yield _at(judged, "verify.spindle-stopped", what, e.line, "Retract first.")


def _end(judged: Judged) -> Iterator[Finding]:
    """The program ends, high, and in absolute distances."""
    last = len(judged.program.text.splitlines())
    if not judged.read.ended:
        yield _at(judged, "verify.no-end", "the program does not end with M2 or M30", last)
    if not judged.read.absolute_at_end:
        yield _at(judged, "verify.incremental-left", "incremental distances are left on at the end", last)
    moves, safe = judged.read.moves, clear_z(judged.setup)
    if moves and not moves[-1].z_mm >= safe - ROUND_MM:
        what = f"the tool is left at Z {moves[-1].z_mm:g}, below the safe {safe:g}"
        yield _at(judged, "verify.unsafe-end", what, moves[-1].line, "Retract before the end.")


def _waits(judged: Judged) -> Iterator[Finding]:
    for e in judged.read.events:
        if e.what == "dwell" and not 0 <= e.value <= DWELL_S:
            yield Finding(
                "verify.dwell", "a dwell longer than any cut needs (s)", judged.place(e.line), e.value, DWELL_S
            )


def _path_mode(judged: Judged) -> Iterator[Finding]:
    """Some controls must be told how closely to follow the path before they cut; taps follow the spindle."""
    if not judged.read.path_modes:
        return
    modes: list[ReadEvent] = [e for e in judged.read.events if e.what == "path-mode"]
    at, mode = 0, math.nan
    for k, m in enumerate(judged.read.moves):
        while at < len(modes) and modes[at].at_move <= k:
            mode = modes[at].value
            at += 1
        if m.kind != "rapid" and not m.pitch_mm and not mode <= BLEND_MM:
            yield Finding(
                "verify.path-mode",
                "cuts without a path tolerance, or with a wide one: corners are cut freely (mm)",
                judged.place(m.line),
                "none" if math.isnan(mode) else mode,
                BLEND_MM,
            )
            return


CHECKS = (_cutting, _spin_up, _turning, _end, _waits, _path_mode)


def tools(programs: Sequence[Judged], plan: ProcessPlan, toolpaths: Toolpaths) -> Gate:
    """The tools that cut, in their order, are the declared and the planned ones, and cut wet where planned so."""
    known = {a.number for a in plan.tools}
    findings = []
    for j in programs:
        used = _in_order(m.tool for m in j.read.moves if m.kind != "rapid")
        if used != tuple(j.program.tool_numbers):
            what = f"tools {_names(used)} cut; the program declares {_names(j.program.tool_numbers)}"
            findings.append(_at(j, "verify.tools", what))
        findings += [_at(j, "verify.tool-unknown", f"tool {n} is not in the plan") for n in used if n not in known]
    for path in toolpaths.setups:
        planned = _in_order(t.tool_number for t in path.toolpaths)
        said = _in_order(n for j in programs if j.setup.index == path.setup for n in j.program.tool_numbers)
        if planned != said:
            what = f"setup {path.setup}: tools {_names(said)} where {_names(planned)} were planned"
            findings.append(Finding("verify.tools", what, place=f"setup {path.setup}"))
        findings += _dry(path, [j for j in programs if j.setup.index == path.setup])
    fact = f"{len(known)} tools known: {_names(sorted(known))}"
    return gate("Tools are the declared and planned ones, in order", findings, fact)


def _dry(path: SetupPath, programs: Sequence[Judged]) -> Iterator[Finding]:
    """Tools all of whose toolpaths are planned with coolant, and that cut without."""
    wet = {t.tool_number for t in path.toolpaths} - {t.tool_number for t in path.toolpaths if t.coolant == "off"}
    for j in programs:
        for m in j.read.moves:
            if m.kind != "rapid" and m.tool in wet and m.coolant == "off":
                wet = wet - {m.tool}
                yield _at(j, "verify.coolant-missing", f"tool {m.tool} cuts dry; coolant was planned", m.line)


def _in_order(numbers: Iterator[int]) -> tuple[int, ...]:
    return tuple(n for n, _ in groupby(numbers))


def _names(numbers: Sequence[int]) -> str:
    return " ".join(f"T{n}" for n in numbers) or "none"
