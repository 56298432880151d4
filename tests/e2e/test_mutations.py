"""One-line corruptions of good programs: every one that changes what the machine does is refused, in every dialect.

Those that nothing refuses are written down in ``tests/golden/files/survivors-<dialect>.txt`` and read by a person:
each is the same program in other words. ``GOLDEN=write`` rewrites the files.
"""

from __future__ import annotations

import math
import os
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from model.program import Program
from pipeline.verify.programs import READERS, bench_of
from tests.every_move import DIALECTS, gated, plan_for, posted, read_back

FILES = Path(__file__).parents[1] / "golden" / "files"
COUNT = 240
READ_BACK_SHARE = 0.99
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


class Centre(complex):
    """An arc's centre; two are the same when they are no further apart than rounding sets them."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Centre) and abs(self - other) <= 0.002

    __hash__ = None  # type: ignore[assignment]


def essence(dialect: str, program: Program) -> list[object]:
    """What the machine does: every move that goes somewhere, every cut with its state, waits after cuts, the end."""
    plan = plan_for(dialect)
    read = READERS[dialect][0](program.text, bench_of(program, plan.setups[0], plan), None)
    acts: list[object] = [read.ended, read.absolute_at_end, len(read.findings)]
    waits = {e.at_move: e.value for e in read.events if e.what == "dwell"}
    changes = {e.at_move: e.value for e in read.events if e.what in {"tool-change", "pause", "offset"}}
    nose: tuple[float, ...] = ()
    for k, m in enumerate(read.moves):
        acts += [("change", changes[k])] if k in changes else []
        at = tuple(round(c, 6) + 0.0 if not math.isnan(c) else None for c in m.nose_mm)
        if at == nose and m.kind in {"rapid", "line"}:
            continue
        if m.kind == "rapid" and len(acts) > 1 and straight_on(acts[-2], at):
            del acts[-2:]
        state = () if m.kind == "rapid" else (m.feed_mm_min, m.spindle, m.spindle_rpm, m.coolant, m.length_offset)
        acts.append((m.kind, at, m.tool, m.wcs, m.compensation, m.pitch_mm, state))
        acts.append(Centre(m.cx_mm, m.cy_mm))
        if k + 1 in waits and m.kind != "rapid":
            acts.append(("wait", waits[k + 1]))
        nose = at  # type: ignore[assignment]
    return acts


def straight_on(before: object, at: tuple[float | None, ...]) -> bool:
    """Whether a rapid to ``at`` goes on straight up where the one before ended."""
    if not isinstance(before, tuple) or before[0] != "rapid":
        return False
    x, y, z = before[1]
    return (x, y) == at[:2] and None not in (z, at[2]) and at[2] > z


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_corruption_that_changes_a_move_is_refused(dialect: str) -> None:
    good = posted(dialect)
    meant = [essence(dialect, p) for p in good]
    changed, unseen, alive = 0, [], []
    for seed in range(COUNT):
        rng = random.Random(seed)
        k = rng.randrange(len(good))
        kind = KINDS[seed % len(KINDS)]
        text = corrupted(good[k].text, kind, rng)
        if text == good[k].text:
            continue
        bad = tuple(replace(p, text=text) if i == k else p for i, p in enumerate(good))
        seen = read_back(dialect, bad)
        differs = essence(dialect, bad[k]) != meant[k]
        changed += differs
        if seen:
            continue
        told = f"{seed} {kind}: {difference(good[k].text, text)}"
        if differs:
            unseen.append(told)
        if not gated(dialect, bad):
            alive.append(told + (" DIFFERS" if differs else ""))
    golden = FILES / f"survivors-{dialect}.txt"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text("".join(line + "\n" for line in alive), "utf-8")

    assert [] == [line for line in alive if line.endswith("DIFFERS")]
    assert changed * (1 - READ_BACK_SHARE) >= len(unseen), unseen
    assert changed >= COUNT // 3
    assert golden.read_text("utf-8").splitlines() == alive


def difference(good: str, bad: str) -> str:
    """The first lines where two texts part."""
    a, b = good.splitlines(), bad.splitlines()
    k = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)) - 1)
    return f"line {k + 1}: {a[k]} -> {b[k]}"
