"""The gate on threads: every planned one is cut, by a tool of its pitch, to its depth."""

from __future__ import annotations

import math

import numpy as np

from model.feature import Hole
from model.finding import Finding, Gate
from model.plan import Operation
from model.thread import thread_named
from pipeline.verify.gates import gate, not_applicable
from pipeline.verify.simulate import Run, Simulation
from pipeline.verify.thread_ring import BEYOND_MM, ENDS_MM, threaded

NAME = "Threads are cut where planned, to their depth"
AXIS_MM = 0.02
TURNS_LEFT = 3.0
PITCH_SHARE = 0.01


def threads(simulation: Simulation) -> Gate:
    """Every planned thread gets a tool of its size and pitch down its hole; a tap's feed follows the spindle."""
    findings: list[Finding] = []
    count = 0
    for run in simulation.runs:
        for operation, hole in threaded(run.setup):
            count += 1
            findings += _of(run, operation, hole)
    if not count:
        return not_applicable(NAME, "the plan cuts no thread")
    return gate(NAME, findings, f"{count} threads")


def _of(run: Run, operation: Operation, hole: Hole) -> list[Finding]:
    place = f"setup {run.setup.index}, {operation.id}"
    thread = thread_named(hole.thread)
    if thread is None:
        return [Finding("verify.thread-unknown", f"the size of the thread {hole.thread!r} is not known", place)]
    major, pitch = thread.major_mm, thread.pitch_mm
    tool = next((a.tool for a in run.tools if a.number == operation.tool_number), None)
    if tool is None or abs(tool.pitch_mm - pitch) > PITCH_SHARE * pitch:
        said = "no tool" if tool is None else f"a pitch of {tool.pitch_mm:g} mm"
        return [Finding("verify.thread-pitch", f"{hole.thread} has a pitch of {pitch:g} mm; the tool: {said}", place)]
    findings: list[Finding] = []
    g, lowest = run.path.geometry, math.inf
    for k in np.flatnonzero(run.path.rapid == 0).tolist():
        judged = run.programs[int(run.owner[k])]
        move = judged.read.moves[int(run.path.move[k])]
        if move.tool != operation.tool_number:
            continue
        x, y, z = g[k, 4:7].tolist()
        off = math.hypot(x - hole.x_mm, y - hole.y_mm)
        if tool.kind == "tap":
            reached = off <= AXIS_MM
            turn = move.pitch_mm or (move.feed_mm_min / move.spindle_rpm if move.spindle_rpm > 0 else math.inf)
            if reached and abs(turn - pitch) > PITCH_SHARE * pitch and not findings:
                what = "the tap's feed a turn is not the thread's pitch (mm)"
                findings.append(Finding("verify.tap-feed", what, run.place(k), round(turn, 4), pitch))
        else:
            reached = abs(off + tool.diameter_mm / 2 - major / 2) <= BEYOND_MM
        if reached and off <= major:
            lowest = min(lowest, z)
    # Where the order says no depth, the tip of a blind hole's tool may stay three turns above the bottom.
    deep = hole.steps[-1].bottom_z_mm + (0.0 if hole.through else TURNS_LEFT * pitch)
    wanted = max(hole.top_z_mm - hole.thread_depth_mm, deep) if hole.thread_depth_mm > 0 else deep
    if lowest > wanted + ENDS_MM:
        what = f"no thread reaches down to Z {wanted:.2f} in the hole at x {hole.x_mm:.2f}, y {hole.y_mm:.2f}"
        value = None if lowest == math.inf else round(lowest, 3)
        findings.append(Finding("verify.thread-missing", what, place, value, round(wanted, 3)))
    return findings
