"""LinuxCNC's own interpreter and our reader make the same moves of the same program."""

import math
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.verify.readers import linuxcnc
from pipeline.verify.readers.types import Bench

GAUGES_MM = {1: 50.0, 2: 81.5, 7: 33.25}
BENCH = Bench(work_zero_mm=(0.0, 0.0, 0.0), wcs="G54", gauge_mm=GAUGES_MM)
CALL = re.compile(r"\s*\d+ N\S+ (\w+)\((.*)\)")
HEAD = "G21 G17 G90 G94 G40 G49 G80 G91.1\nG64 P0.01\nG54\nG53 G0 Z1\nT1 M6\nS3000 M3\nG0 X3 Y4\nG0 G43 H1 Z20\nF200\n"

pytestmark = pytest.mark.skipif(
    shutil.which("rs274") is None and "CI" not in os.environ, reason="rs274 (Debian linuxcnc-uspace) is not here"
)


def canonical(text: str, home: Path) -> list[tuple[float | str, ...]]:
    """Every move of the real interpreter: kind, nose x y z (mm), centre, feed; a home of its own each run."""
    home.mkdir()
    # The interpreter reads its tool table in inches, whatever the program says.
    rows = (f"T{n} P{n} Z{g / 25.4:.12f} D0.1" for n, g in GAUGES_MM.items())
    (home / "tools.tbl").write_text("\n".join(rows) + "\n")
    (home / "v.var").write_text("")
    (home / "in.ngc").write_text(text)
    command = ["rs274", "-t", "tools.tbl", "-v", "v.var", "-n", "2", "-g", "in.ngc", "out.canon"]
    done = subprocess.run(
        command,
        cwd=home,
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert 0 == done.returncode, done.stderr.decode() + done.stdout.decode()

    return list(_moves((home / "out.canon").read_text()))


def _moves(canon: str) -> list[tuple[float | str, ...]]:
    moves: list[tuple[float | str, ...]] = []
    scale, feed, length = 1.0, 0.0, 0.0
    for name, inside in CALL.findall(canon):
        words = inside.replace(" ", ",").split(",")
        numbers = [float(w) for w in words if re.fullmatch(r"-?[\d.]+", w)]
        if name == "USE_LENGTH_UNITS":
            scale = 25.4 if "INCH" in inside else 1.0
        elif name == "SET_FEED_RATE":
            feed = numbers[0] * scale
        elif name == "USE_TOOL_LENGTH_OFFSET":
            length = numbers[2] * scale
        elif name in {"STRAIGHT_TRAVERSE", "STRAIGHT_FEED"}:
            x, y, z = (n * scale for n in numbers[:3])
            rapid = name == "STRAIGHT_TRAVERSE"
            moves.append(("rapid" if rapid else "line", x, y, z + length, 0.0, 0.0, 0.0 if rapid else feed))
        elif name == "ARC_FEED":
            x, y, cx, cy, turn, z = (n * scale for n in numbers[:6])
            moves.append(("ccw" if turn > 0 else "cw", x, y, z + length, cx, cy, feed))
    return moves


def ours(text: str) -> list[tuple[float | str, ...]]:
    read = linuxcnc.read(text, BENCH)

    assert () == read.findings

    return [(m.kind, *m.nose_mm, m.cx_mm, m.cy_mm, m.feed_mm_min) for m in read.moves]


def going(moves: list[tuple[float | str, ...]]) -> list[tuple[float | str, ...]]:
    """Without moves that go nowhere; those before the position is known are left to the interpreter."""
    kept: list[tuple[float | str, ...]] = []
    last: tuple[float | str, ...] = ()
    for move in moves:
        full = move[0] in {"cw", "ccw"}
        if full or not last or not all(abs(float(a) - float(b)) <= 4e-3 for a, b in zip(move[1:4], last, strict=True)):
            kept.append(move)
        last = move[1:4]
    return kept


def same(text: str, home: Path) -> None:
    theirs, mine = going(canonical(text, home)), going(ours(text))

    assert [m[0] for m in theirs] == [m[0] for m in mine]
    for a, b in zip(theirs, mine, strict=True):
        for expected, actual in zip(a[1:], b[1:], strict=True):
            assert math.isnan(float(actual)) or abs(float(expected) - float(actual)) < 6e-3, (a, b)


def test_hand_written_program(tmp_path: Path) -> None:
    body = """
        G0 Z5
        G98 G83 X10 Y10 Z-7 R2 Q3 F100
        X20
        G99 X30 Q2
        X40 Z-8
        G80
        G73 G99 X5 Y5 Z-5 R1 Q2
        G82 X6 P0.5 Z-3 R1
        G81 X7 R1 Z-3
        G91 G81 X1 Y1 Z-3 R-1 L3 G98
        G90 G80
        G0 X0 Y0 Z1
        G1 Z0 F200
        G2 X10 Y0 I5 J0
        G3 I-5 Z-1
        G2 X0 Y0 R5
        G3 X3 Y0 R-5
        T2 M6
        G0 G43 Z30
        G20
        F10
        G1 X1 Y0.5
        G2 X1.5 Y0.5 I0.25 J0
        G21
        F150
        G91 G1 X-3 Z-2
        G90
        G53 G0 Z90
        G53 G0 X1 Y2
        M5 M9
        M30
    """

    same(HEAD + body, tmp_path / "home")


def random_program(rng: random.Random) -> str:
    """A program a control accepts: lines, arcs, helices, cycles, tools, units, distances."""
    lines = [HEAD]
    absolute, inch = True, False
    x, y, z = 3.0, 4.0, 20.0

    def say(number: float) -> str:
        return f"{number / 25.4 if inch else number:.{5 if inch else 4}f}"

    for _ in range(rng.randint(25, 60)):
        pick = rng.random()
        if pick < 0.35:
            goal = [round(rng.uniform(-40, 40), 3) for _ in range(3)]
            word = rng.choice(["G0", "G1"])
            if absolute:
                lines.append(f"{word} X{say(goal[0])} Y{say(goal[1])} Z{say(goal[2])}")
                x, y, z = goal
        elif pick < 0.55 and absolute:
            r, first, turn = rng.uniform(1, 15), rng.uniform(0, math.tau), rng.uniform(0.3, 6)
            cx, cy = x - r * math.cos(first), y - r * math.sin(first)
            ccw = rng.random() < 0.5
            last = first + turn if ccw else first - turn
            ex, ey = cx + r * math.cos(last), cy + r * math.sin(last)
            ez = z if rng.random() < 0.5 else z - 1
            lines.append(f"{'G3' if ccw else 'G2'} X{say(ex)} Y{say(ey)} Z{say(ez)} I{say(cx - x)} J{say(cy - y)}")
            x, y, z = ex, ey, ez
        elif pick < 0.75 and absolute:
            lines.append(f"G0 Z{say(25.0)}")
            word = rng.choice(["G81", "G82 P0.2", f"G83 Q{say(1.7)}", f"G73 Q{say(2.3)}"])
            for k in range(rng.randint(1, 4)):
                x, y = round(rng.uniform(-40, 40), 3), round(rng.uniform(-40, 40), 3)
                depth, top = rng.uniform(-9, 1), rng.choice([2.0, 4.0, 26.0])
                retract = rng.choice(["G98", "G99"])
                lead = f"{retract} {word} " if k == 0 else f"{retract} "
                lines.append(f"{lead}X{say(x)} Y{say(y)} Z{say(depth)} R{say(top)}")
            lines += ["G80", f"G0 Z{say(30.0)}"]
            z = 30.0
        elif pick < 0.85:
            number = rng.choice(sorted(GAUGES_MM))
            lines += [f"T{number} M6", "S2000 M3", f"G90 G0 G43 H{number} Z{say(15.0)}"]
            absolute, z = True, 15.0
        elif pick < 0.93:
            inch = not inch
            lines += ["G20" if inch else "G21", f"F{say(rng.choice([100.0, 300.0]))}"]
        else:
            lines += ["G91", f"G1 X{say(1.5)} Y{say(-2.25)}", "G90"]
            x, y = x + 1.5, y - 2.25
    return "\n".join([*lines, "M30", ""])


@pytest.mark.parametrize("seed", range(40))
def test_random_programs(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    same(random_program(rng), tmp_path / "home")


def test_a_tool_length_of_another_home_is_never_used(tmp_path: Path) -> None:
    text = HEAD + "G1 X1 Z0\nM30\n"

    assert canonical(text, tmp_path / "one")[-1][3] == pytest.approx(50.0)
    assert canonical(text.replace("1 M6", "2 M6").replace("H1", "H2"), tmp_path / "two")[-1][3] == pytest.approx(81.5)
