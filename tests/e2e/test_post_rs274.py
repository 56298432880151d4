"""LinuxCNC's own interpreter reads every kind of program we post, with our tool table, and makes the planned moves.

It also reads what the other ISO dialects share with it. Only words it does not know are taken out or said its way
(``in_linuxcnc_words``): the frame (% and O), path modes (G5.1, G187), what ends scaling, rotation, mirror, polar words
and shifts, dwells in milliseconds, and the speed words before a rigid tap, which start the spindle.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.solids import dump
from model.design import Design, Expected, Part
from model.toolpath import Toolpaths
from pipeline.plan.stage import plan
from pipeline.toolpaths.stage import post, toolpaths
from pipeline.verify.programs import READERS, bench_of
from postprocessors.motion import expanded
from tests.every_move import plan_for, posted

MM_PER_INCH = 25.4
TINY_MM = 0.0021
"""Arcs shorter than this are written as lines."""

CALL = re.compile(r"(STRAIGHT_TRAVERSE|STRAIGHT_FEED|ARC_FEED|RIGID_TAP|CHANGE_TOOL)\(([^)]*)\)")
Step = tuple[str, float, float, float]


def parts() -> dict[str, cq.Workplane]:
    def block(x: float, y: float, z: float) -> cq.Workplane:
        return cq.Workplane().box(x, y, z, centered=(True, True, False)).edges("|Z").fillet(6)

    def bore(d: float, z0: float, z1: float, x: float, y: float) -> cq.Workplane:
        return cq.Workplane().circle(d / 2).extrude(z1 - z0).translate((x, y, z0))

    well = cq.Workplane().box(50, 30, 40, centered=(True, True, False)).edges("|Z").fillet(5).translate((0, 0, 9))
    holes = block(100, 70, 18).cut(well).cut(bore(5, 0, 18, 40, 0)).cut(bore(12.3, 0, 18, -40, 0))
    return {"pocket and holes": holes, "bevelled": block(90, 60, 12).faces(">Z").chamfer(1).faces("<Z").chamfer(1)}


@pytest.fixture(scope="module")
def rs274() -> str:
    found = shutil.which("rs274")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("rs274 is missing: install linuxcnc-uspace")
        pytest.skip("rs274 is missing: install linuxcnc-uspace")
    return found


@pytest.mark.parametrize("name", list(parts()))
def test_interpreter_makes_the_planned_moves(rs274: str, tmp_path: Path, name: str) -> None:
    solid: Any = parts()[name].val()
    piece = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
    design = Design("rs", "hand", "Hand-made", "al-6082", "", 1, (piece,))
    made = plan(design, tooling_db.load())
    paths = toolpaths(made, design)
    for program in post(paths, made).programs:
        (tmp_path / program.name).write_text(program.text)
        table = tmp_path / "tool.tbl"
        rows = [f"T{a.number} P{a.number} Z{a.gauge_length_mm / MM_PER_INCH:.6f} D0.1" for a in made.tools]
        table.write_text("\n".join(rows) + "\n")  # rs274 reads this table in inches
        canon = tmp_path / "canon"
        done = subprocess.run(
            [rs274, "-t", str(table), "-v", str(tmp_path / "v.var"), "-n", "2", "-g", program.name, str(canon)],
            cwd=tmp_path, env=os.environ | {"HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip

        assert (0, "") == (done.returncode, done.stdout.replace("executing", "").strip())
        assert [] == differences(planned(paths, program.setup), interpreted(canon.read_text()))


def in_linuxcnc_words(dialect: str, text: str) -> str:
    """A program with the words LinuxCNC does not know taken out or said its way; no move is touched."""
    lines = []
    for raw in text.splitlines():
        line = raw
        if dialect in ("fanuc", "haas"):
            line = re.sub(r"^(M29 )?(S\d+)$", r"\2 M3", line)
            line = re.sub(r"P(\d+)", lambda m: f"P{int(m[1]) / 1000:g}", line)
        if not re.match(r"%|O\d|G5\.1|G187|G15$|G50|G69$|G100|G52|G92\.1 ", line):
            lines.append(line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("dialect", ["fanuc", "grbl", "grblhal", "haas", "linuxcnc", "mach3"])
def test_interpreter_makes_the_moves_our_reader_reads(rs274: str, tmp_path: Path, dialect: str) -> None:
    plan_ = plan_for(dialect)
    for k, program in enumerate(posted(dialect)):
        home = tmp_path / str(k)
        home.mkdir()
        (home / "in.ngc").write_text(in_linuxcnc_words(dialect, program.text))
        rows = [f"T{a.number} P{a.number} Z{a.gauge_length_mm / MM_PER_INCH:.6f} D0" for a in plan_.tools]
        wear = [f"T{100 + a.number} P{100 + a.number} Z0 D0" for a in plan_.tools]
        (home / "tool.tbl").write_text("\n".join(rows + wear) + "\n")
        done = subprocess.run(
            [rs274, "-t", "tool.tbl", "-v", "v.var", "-n", "2", "-g", "in.ngc", "canon"],
            cwd=home, env=os.environ | {"HOME": str(home)}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        reader, _ = READERS[dialect]
        read = reader(program.text, bench_of(program, plan_.setups[program.setup - 1], plan_), None)
        ours: list[Step] = [
            ("tap" if m.pitch_mm else m.kind, m.x_mm, m.y_mm, m.z_mm) for m in read.moves if m.kind != "rapid"
        ]
        theirs = tapped(interpreted((home / "canon").read_text()), ours)

        assert (0, "") == (done.returncode, done.stdout.replace("executing", "").strip())
        assert len(ours) > 4
        assert [] == differences(ours, theirs)


def tapped(found: list[Step], ours: list[Step]) -> list[Step]:
    """The interpreter's feed moves, named taps where ours are: it leads them down and up at feed, or in one call."""
    cuts = [s for s in found if s[0] != "rapid"]
    taps = {k for k, s in enumerate(ours) if s[0] == "tap"}
    return [("tap", *s[1:]) if k in taps and s[0] in ("line", "tap") else s for k, s in enumerate(cuts)]


def interpreted(canon: str) -> list[Step]:
    """Cutting moves of the interpreter, with the height they end at, tool by tool."""
    steps: list[Step] = []
    for call, text in CALL.findall(canon):
        words = [float(w) for w in text.split(",")] if call != "CHANGE_TOOL" else [float(text)]
        if call == "STRAIGHT_FEED":
            steps.append(("line", words[0], words[1], words[2]))
        elif call == "ARC_FEED":
            steps.append(("ccw" if words[4] > 0 else "cw", words[0], words[1], words[5]))
        elif call == "STRAIGHT_TRAVERSE":
            steps.append(("rapid", words[0], words[1], words[2]))
        elif call == "RIGID_TAP":
            steps += [("tap", words[0], words[1], words[2]), ("tap", words[0], words[1], steps[-1][3])]
    return steps


def planned(paths: Toolpaths, setup: int) -> list[Step]:
    """The same of the plan, cycles written out."""
    steps: list[Step] = []
    for path in next(s for s in paths.setups if s.setup == setup).toolpaths:
        for m in path.moves:
            steps += [(e.kind, e.x_mm, e.y_mm, e.z_mm) for e in (expanded(m) if m.kind == "drill" else [m])]
    return steps


def differences(wanted: list[Step], found: list[Step]) -> list[str]:
    """Feed moves that differ by more than the last digit; rapids must come between the same ones."""
    cuts = [s for s in wanted if s[0] != "rapid"]
    real = [s for s in found if s[0] != "rapid"]
    if len(cuts) != len(real):
        return [f"{len(cuts)} feed moves planned, {len(real)} interpreted"]
    apart = []
    before = (math.inf, math.inf)
    for a, b in zip(cuts, real, strict=True):
        tiny = b[0] == "line" and math.dist(before, a[1:3]) < TINY_MM
        if (a[0] != b[0] and not tiny) or max(abs(p - q) for p, q in zip(a[1:], b[1:], strict=True)) > 0.00011:
            apart.append(f"{a} became {b}")
        before = a[1:3]
    return apart
