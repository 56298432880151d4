"""One-line corruptions of good programs: every one that changes what the machine does is refused, in every dialect.

Reading back alone sees at least 99 % of those that change a move. Those that nothing refuses are the same program in
other words: ``tests/golden/files/survivors-<dialect>.txt`` lists each with the reason a person gave it after ``#``.
``GOLDEN=write`` rewrites the files, keeps the reasons, and puts ``# ?`` where one is still to be given.
"""

from __future__ import annotations

import math
import os
import random
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import pytest

from model.program import Program
from pipeline.verify.programs import READERS, bench_of
from tests.every_move import DIALECTS, gated, plan_for, posted, read_back, taps, wears

FILES = Path(__file__).parents[1] / "golden" / "files"
COUNT = 240
READ_BACK_SHARE = 0.99
SHORTEST_REASON = 8
PLACE_MM, CENTRE_MM, FEED_SHARE = 0.0016, 0.002, 0.005
WORDS = re.compile(r"(?<![A-Z])([A-Z][+-]?[\d.]+)")
CODES = (
    *(
        f"G{n}"
        for n in (
            0,
            1,
            2,
            3,
            4,
            17,
            18,
            20,
            21,
            40,
            41,
            42,
            43,
            49,
            53,
            54,
            55,
            64,
            80,
            81,
            83,
            73,
            90,
            91,
            94,
            95,
            98,
            99,
        )
    ),
    *(f"M{n}" for n in (0, 3, 4, 5, 6, 7, 8, 9, 30)),
)


def digit(line: str, rng: random.Random) -> str:
    at = rng.choice([m.start() for m in re.finditer(r"\d", line)])
    return line[:at] + str((int(line[at]) + rng.randint(1, 9)) % 10) + line[at + 1 :]


def sign(line: str, rng: random.Random) -> str:
    m = rng.choice(list(re.finditer(r"(?<=[XYZIJKRQ=])[+-]?(?=[\d.])", line)))
    return line[: m.start()] + ("" if m[0] == "-" else "-") + line[m.end() :]


def drop_word(line: str, rng: random.Random) -> str:
    words = line.split()
    words.pop(rng.randrange(len(words)))
    return " ".join(words)


def code(line: str, rng: random.Random) -> str:
    m = rng.choice(list(re.finditer(r"\b[GM]\d+(\.\d)?", line)))
    return line[: m.start()] + rng.choice([c for c in CODES if c[0] == m[0][0] and c != m[0]]) + line[m.end() :]


def scaled(letter: str) -> object:
    def change(line: str, rng: random.Random) -> str:
        m = rng.choice(list(re.finditer(rf"\b{letter}(\d+)", line)))
        return line[: m.start(1)] + str(round(int(m[1]) * rng.choice((0.1, 0.5, 0.9, 1.1, 2, 10)))) + line[m.end(1) :]

    return change


def swap_centre(line: str, rng: random.Random) -> str:
    m = rng.choice(list(re.finditer(r"I(\S+) J(\S+)", line)))
    return line.replace(m[0], f"I{m[2]} J{m[1]}")


def radius(line: str, rng: random.Random) -> str:
    m = rng.choice(list(re.finditer(r"I(\S+) J(\S+)", line)))
    return line.replace(m[0], f"R{math.hypot(float(m[1]), float(m[2])):.3f}")


def point(line: str, rng: random.Random) -> str:
    at = rng.choice([m.start() for m in re.finditer(r"\.", line)])
    return line[:at] + line[at + 1 :]


CHANGES = {
    "digit": digit, "sign": sign, "drop word": drop_word, "code": code, "feed": scaled("F"), "speed": scaled("S"),
    "swap i j": swap_centre, "radius": radius, "point": point,
}  # fmt: skip
KINDS = (*CHANGES, "drop line", "swap lines", "double line", "digit", "drop line", "sign", "swap lines")


def corrupted(text: str, kind: str, rng: random.Random) -> str:
    """The text with one small fault of a kind that transmission, editing and bad posts make."""
    lines = text.splitlines()
    for _ in range(400):
        k = rng.randrange(len(lines) - 1)
        if lines[k].lstrip("0123456789 ").startswith(("(", ";")):
            continue
        if kind == "drop line":
            return "\n".join(lines[:k] + lines[k + 1 :]) + "\n"
        if kind == "double line":
            return "\n".join(lines[: k + 1] + lines[k:]) + "\n"
        if kind == "swap lines":
            return "\n".join([*lines[:k], lines[k + 1], lines[k], *lines[k + 2 :]]) + "\n"
        try:
            line = CHANGES[kind](lines[k], rng)  # type: ignore[operator]
        except (IndexError, ValueError):
            continue
        if line != lines[k]:
            return "\n".join([*lines[:k], line, *lines[k + 1 :]]) + "\n"
    return text


class Near(float):
    """A coordinate (mm) or a feed; two are the same when no further apart than rounding may set them."""

    slack: float

    def __new__(cls, value: float, slack: float) -> Self:
        made = super().__new__(cls, value)
        made.slack = slack
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Near):
            return False
        return abs(self - other) <= self.slack or (math.isnan(self) and math.isnan(other))

    __hash__ = None  # type: ignore[assignment]


Acts = list[tuple[object, ...]]


def essence(dialect: str, program: Program) -> tuple[Acts, tuple[object, ...]]:
    """What the machine does: every move that goes somewhere, cuts with their state, waits after cuts; and the end."""
    plan = plan_for(dialect)
    read = READERS[dialect][0](program.text, bench_of(program, plan.setups[program.setup - 1], plan), None)
    acts: Acts = []
    waits = {e.at_move: e.value for e in read.events if e.what == "dwell"}
    changes = {e.at_move: e.value for e in read.events if e.what in {"tool-change", "pause", "offset"}}
    nose: tuple[float, ...] = ()
    for k, m in enumerate(read.moves):
        acts += [("change", changes[k])] if k in changes else []
        if m.nose_mm == nose and m.kind in {"rapid", "line"}:
            continue
        at = tuple(Near(c, PLACE_MM) for c in m.nose_mm)
        if m.kind == "rapid" and straight_on(acts[-2:], at):
            acts.pop()
        feed = Near(m.feed_mm_min, FEED_SHARE * m.feed_mm_min)
        state = () if m.kind == "rapid" else (feed, m.spindle, m.spindle_rpm, m.coolant, m.length_offset)
        centre = Near(m.cx_mm, CENTRE_MM), Near(m.cy_mm, CENTRE_MM)
        acts.append((m.kind, at, m.tool, m.wcs, m.compensation, m.pitch_mm, state, centre))
        if k + 1 in waits and m.kind != "rapid":
            acts.append(("wait", waits[k + 1]))
        nose = m.nose_mm
    return acts, (read.ended, read.absolute_at_end, len(read.findings))


def straight_on(before: Acts, at: tuple[Near, ...]) -> bool:
    """Whether a rapid to ``at`` goes on straight up from the one before, or straight down as that one did."""
    ends = [act[1] for act in before if act[0] == "rapid"]
    if not ends or before[-1][0] != "rapid" or ends[-1][:2] != at[:2]:  # type: ignore[index]
        return False
    z = [float(end[2]) for end in ends if end[:2] == at[:2]]  # type: ignore[index]
    return at[2] > z[-1] or (len(z) == len(before) == 2 and z[0] > z[1] > at[2])


@dataclass
class Fates:
    """What became of the corruptions: ``unseen`` by reading back though a move changed, ``alive`` past every gate."""

    changed: int
    unseen: list[str]
    alive: list[str]


def fates(dialect: str, count: int) -> Fates:
    """Corrupt the good programs so many times, one place at a time."""
    good = posted(dialect)
    meant = [essence(dialect, p) for p in good]
    found = Fates(0, [], [])
    for seed in range(count):
        rng = random.Random(seed)
        k = rng.randrange(len(good))
        kind = KINDS[seed % len(KINDS)]
        text = corrupted(good[k].text, kind, rng)
        if text == good[k].text:
            continue
        bad = tuple(replace(p, text=text) if i == k else p for i, p in enumerate(good))
        seen = read_back(dialect, bad)
        acts, end = essence(dialect, bad[k])
        moved = acts != meant[k][0]
        found.changed += moved
        if seen:
            continue
        told = f"{good[k].name} {kind}: {difference(good[k].text, text)}"
        if moved:
            found.unseen.append(told)
        if not gated(dialect, bad):
            found.alive.append(told + (" DIFFERS" if moved or end != meant[k][1] else ""))
    return found


def reasons(golden: Path) -> dict[str, str]:
    """The survivors written down, each with its reason."""
    lines = golden.read_text("utf-8").splitlines() if golden.is_file() else []
    return {told: why for told, _, why in (line.rpartition(" # ") for line in lines)}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_corruption_that_changes_a_move_is_refused(dialect: str) -> None:
    found = fates(dialect, COUNT)
    golden = FILES / f"survivors-{dialect}.txt"
    alive = sorted(set(found.alive))
    if os.environ.get("GOLDEN") == "write":
        known = reasons(golden)
        golden.write_text("".join(f"{told} # {known.get(told, '?')}\n" for told in alive), "utf-8")

    assert [] == [told for told in alive if told.endswith("DIFFERS")]
    assert found.changed * (1 - READ_BACK_SHARE) >= len(found.unseen), found.unseen
    assert found.changed >= COUNT // 3
    assert alive == sorted(reasons(golden))
    assert [] == [told for told, why in reasons(golden).items() if len(why) < SHORTEST_REASON]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_programs_corrupted_hold_arcs_holes_compensation_and_two_setups(dialect: str) -> None:
    programs = posted(dialect)
    plan = plan_for(dialect)
    read = READERS[dialect][0]
    moves = [m for p in programs for m in read(p.text, bench_of(p, plan.setups[p.setup - 1], plan), None).moves]

    assert {1, 2} == {p.setup for p in programs}
    assert {"rapid", "line", "cw", "ccw"} == {m.kind for m in moves}
    assert ({"G40", "G41"} if wears(dialect) else {"G40"}) == {m.compensation for m in moves}
    assert taps(dialect) == any(m.pitch_mm for m in moves)
    assert {"G54", "G55"} == {m.wcs for m in moves if m.kind != "rapid"}


def difference(good: str, bad: str) -> str:
    """The first lines where two texts part."""
    a, b = good.splitlines(), bad.splitlines()
    k = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)) - 1)
    return f"line {k + 1}: {a[k]} -> {b[k]}"
