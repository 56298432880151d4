"""Methods for threads: by tap where the spindle can follow, else by thread mill, else by hand."""

from __future__ import annotations

from dataclasses import dataclass

from model.errors import CapabilityError
from model.feature import Hole
from model.finding import Finding
from model.plan import CuttingData, Operation
from model.thread import ThreadSize, thread_named
from model.tooling import Assembly
from pipeline.plan.cutting_holes import tapping_data, thread_milling_data
from pipeline.plan.methods.common import operation
from pipeline.plan.tools import Bench, axis, reaches
from pipeline.plan.why import restated

HOLE_OFF = 0.35
"""A threaded hole's diameter may differ from D - P by this share of the pitch."""

PLAY_MM = 0.1
"""Room on every side of a thread mill in the drilled hole."""

SHORT_MM = 0.05
"""A thread that ends so much above the depth asked is told."""

ABOVE_FLOOR = 0.5
"""Taps and thread mills stay this many pitches above a blind hole's full diameter end."""


@dataclass(frozen=True, slots=True)
class Threading:
    """How a hole gets its thread; ``assembly`` None: by hand. ``below_mm``: room it wants below a through hole."""

    thread: ThreadSize | None
    assembly: Assembly | None
    cut: CuttingData | None
    below_mm: float
    note: str


def threading(bench: Bench, h: Hole) -> Threading:
    """Choose tap, thread mill or hand; the note says by hand and why the machine does not.

    Raises:
        CapabilityError: The hole is not the one the thread needs.
    """
    thread = thread_named(h.thread)
    if thread is None:
        return Threading(None, None, None, 0.0, f"{h.thread}: cut the thread by hand afterwards")
    d = h.steps[-1].diameter_mm
    if abs(d - thread.drill_mm) > HOLE_OFF * thread.pitch_mm:
        msg = f"{h.id}: {h.thread} needs a hole of {thread.drill_mm:g} mm, the solid shows {d:g} mm"
        raise CapabilityError(
            "plan.thread-hole", msg, place=h.id, value=round(d, 4), limit=thread.drill_mm,
            hint="Draw the hole as it is before threading (D - P).",
        )  # fmt: skip
    why: list[str] = []
    for kind in ("tap", "thread-mill"):
        if kind == "tap" and not bench.machine.rigid_tapping:
            why.append("the spindle does not follow a tap")
            continue
        found = _tool(bench, h, thread, kind)
        if found is None:
            why.append(f"no {kind.replace('-', ' ')} fits")
            continue
        a, cut, below = found
        return Threading(thread, a, cut, below, f"gauge the {h.thread} thread")
    return Threading(thread, None, None, 0.0, f"{h.thread}: tap by hand afterwards ({', '.join(why)})")


def thread(bench: Bench, h: Hole, t: Threading, drilled_below_mm: float) -> list[Operation]:
    """The thread's operation; ``drilled_below_mm`` is how far a through hole has its full diameter below the part."""
    if t.assembly is None or t.cut is None or t.thread is None:
        return []
    lowest = _lowest(h, t.assembly, t.thread, min(t.below_mm, drilled_below_mm))
    name, strategy = ("tap", "tap") if t.assembly.tool.kind == "tap" else ("thread", "thread_mill")
    full, asked, note = h.top_z_mm - lowest - _start(t.assembly, t.thread), h.thread_depth_mm, t.note
    if asked and full < asked - SHORT_MM:
        note = f"{note}, whole to {full:.1f} mm and not to the {asked:g} mm asked"
        what = f"{h.id}: the {h.thread} thread is whole to {full:.1f} mm, {asked:g} mm are asked: the hole is too short"
        hint = f"Drill the hole {asked - full:.1f} mm deeper, or ask for {full:.1f} mm of thread."
        bench.unreachable.append(Finding("plan.thread-short", what, h.id, round(full, 3), asked, hint, "note"))
    return [operation(bench, name, strategy, h, t.assembly, t.cut, h.top_z_mm, lowest, note=note)]


def _tool(bench: Bench, h: Hole, t: ThreadSize, kind: str) -> tuple[Assembly, CuttingData, float] | None:
    """The first tap or thread mill of this thread that reaches, its data, and how far below a through hole it goes."""
    wide = h.steps[-1].diameter_mm - 2 * PLAY_MM
    fits = [
        a for a in bench.machine.tools
        if a.tool.kind == kind and abs(a.tool.pitch_mm - t.pitch_mm) < 1e-9
        and (abs(a.tool.diameter_mm - t.major_mm) < 1e-9 if kind == "tap" else a.tool.diameter_mm <= wide)
    ]  # fmt: skip
    for a in sorted(fits, key=lambda a: (-a.tool.diameter_mm, a.stick_out_mm, a.number)):
        below = min(bench.below_mm, a.tool.chamfer_length_mm if kind == "tap" else t.pitch_mm)
        lowest = _lowest(h, a, t, below)
        neck = h.top_z_mm - lowest <= a.tool.shoulder_length_mm or a.tool.shank_diameter_mm <= wide
        if not neck or not reaches(bench, a, lowest, 0.0, axis(h)):
            continue
        try:
            if kind == "tap":
                return a, tapping_data(bench.material, a, bench.machine, thread=t, depth_mm=h.top_z_mm - lowest), below
            return a, _milling(bench, a, h, t), below
        except CapabilityError:
            continue
    return None


def _milling(bench: Bench, a: Assembly, h: Hole, t: ThreadSize) -> CuttingData:
    drilled = h.steps[-1].diameter_mm
    cut = thread_milling_data(bench.material, a, bench.machine, thread=t, drilled_mm=drilled, hold=bench.hold)
    return restated(cut, "the thread is milled along a helix at the feed", plunge_mm_min=cut.feed_mm_min)


def _lowest(h: Hole, a: Assembly, t: ThreadSize, below_mm: float) -> float:
    """The tip's lowest height: past a through hole, or as the thread's depth asks, clear of a blind bottom."""
    start = _start(a, t)
    end = h.steps[-1].bottom_z_mm
    if h.thread_depth_mm:
        wanted = h.top_z_mm - h.thread_depth_mm - start
        if wanted > end or not h.through:
            return max(wanted, end + (0.0 if h.through else ABOVE_FLOOR * t.pitch_mm))
    return end - below_mm if h.through else end + ABOVE_FLOOR * t.pitch_mm


def _start(a: Assembly, t: ThreadSize) -> float:
    """How far above a tool's tip its thread becomes whole: a tap's chamfer, a thread mill's one pitch."""
    return a.tool.chamfer_length_mm if a.tool.kind == "tap" else t.pitch_mm
