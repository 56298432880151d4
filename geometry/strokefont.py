"""The single-stroke engraving font: reads its rows and draws letters as tool paths."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from model.region import Point, Stroke

LINE_PITCH = 1.65
"""Baseline to baseline, in capital heights: room for a hanging g over a crowned Й."""

SPACES = " \u00a0"
_ROW = re.compile(rb'^\s*"((?:[^"\\]|\\.)*)"', re.MULTILINE)
_NO_GLYPH = b"F^K[KFYFY[K["
_FIRST, _END = 0x20, 0x2E80
_CAP_UNITS, _BASE_UNITS = 21.0, 9
_PEN_UNITS = 3.0
_THIN_UNITS = 2.0
_MAIN_EYE_UNITS2 = 12.0


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter in capital heights: origin at its left bearing on the baseline, y up."""

    advance: float
    strokes: tuple[tuple[Point, ...], ...] = ()


def draws(file: Path, c: str) -> bool:
    """True when the font has a drawing for ``c``. The font's box for "no such letter" is none."""
    return len(_row(file, c)) > 2


def glyph(file: Path, c: str) -> Glyph:
    """Decode one row: pairs of letters, each its distance from "R"; " R" lifts the pen.

    The first pair is the left and right bearing. y runs down, the baseline lies 9 units below "R", capitals
    are 21 units tall (the Hershey convention).
    """
    row = _row(file, " " if c in SPACES else c)
    left, right = row[0] - 82, row[1] - 82
    drawn = tuple(
        tuple(((x - 82 - left) / _CAP_UNITS, (_BASE_UNITS - (y - 82)) / _CAP_UNITS) for x, y in _pairs(part))
        for part in row[2:].split(b" R")
        if part
    )
    reach = max((x for stroke in drawn for x, _ in stroke), default=0.0)
    return Glyph(max((right - left) / _CAP_UNITS, reach), drawn)


def box(rows: Sequence[str], glyphs: Mapping[str, Glyph], height_mm: float, tool_mm: float) -> tuple[float, ...]:
    """Width of the widest line's grooves, and their highest and lowest point over the first baseline, mm."""
    width, top, low = 0.0, -math.inf, math.inf
    for k, row in enumerate(rows):
        pts = [p for s in _written(row, glyphs, height_mm, tool_mm) for p in s]
        if pts:
            xs, ys = [p[0] for p in pts], [p[1] - k * LINE_PITCH * height_mm for p in pts]
            width, top, low = max(width, max(xs) - min(xs)), max(top, *ys), min(low, *ys)
    return width + tool_mm, top + tool_mm / 2, low - tool_mm / 2


def placed(rows: Sequence[str], glyphs: Mapping[str, Glyph], height_mm: float, tool_mm: float) -> tuple[Stroke, ...]:
    """Every line's strokes, centred, the block's middle at the origin."""
    out: list[Stroke] = []
    for k, row in enumerate(rows):
        drawn = _written(row, glyphs, height_mm, tool_mm)
        xs = [p[0] for s in drawn for p in s]
        dx = -(min(xs) + max(xs)) / 2 if xs else 0.0
        dy = (-k * LINE_PITCH - middle(len(rows))) * height_mm
        out.extend(Stroke(tuple((round(x + dx, 5), round(y + dy, 5)) for x, y in s)) for s in drawn)
    return tuple(out)


def middle(count: int) -> float:
    """Height of the middle of a block of lines over its first baseline, in capital heights."""
    return (1 - (count - 1) * LINE_PITCH) / 2


def clogged(glyphs: Mapping[str, Glyph], height_mm: float, tool_mm: float) -> tuple[str, ...]:
    """Letters the tool would make unreadable: an eye that closes, a mouth that shuts, an accent that merges.

    Each letter's pieces and eyes are counted and held against the same letter drawn with a thin pen.
    """
    thin = _THIN_UNITS / _CAP_UNITS * height_mm
    if tool_mm <= thin:
        return ()
    return tuple(sorted(c for c, g in glyphs.items() if _is_clogged(g, height_mm, tool_mm, thin)))


def pieces(g: Glyph, height_mm: float, tool_mm: float) -> int:
    """How many separate grooves a letter makes."""
    return _form(g, height_mm, tool_mm)[0]


def _is_clogged(g: Glyph, height_mm: float, tool_mm: float, thin_mm: float) -> bool:
    count, eyes = _form(g, height_mm, tool_mm)
    thin_count, thin_eyes = _form(g, height_mm, thin_mm)
    least = _MAIN_EYE_UNITS2 * (height_mm / _CAP_UNITS) ** 2
    lost = sum(a > least for a in thin_eyes) > len(eyes)
    new = sum(a > least for a in eyes) > len(thin_eyes)
    return count != thin_count or lost or new


def _form(g: Glyph, height_mm: float, pen_mm: float) -> tuple[int, list[float]]:
    """Number of pieces, and the area (mm2) of each eye wider than a tenth of the pen."""
    from geometry.regions import separate, stroke_area

    if not g.strokes:
        return 0, []
    strokes = [Stroke(tuple((x * height_mm, y * height_mm) for x, y in s)) for s in g.strokes]
    parts = separate(stroke_area(strokes, pen_mm, tol_mm=0.01))
    eyes = [-_signed(loop) for part in parts for loop in part.to_polygons()]
    return len(parts), [a for a in eyes if a > (pen_mm / 10) ** 2]


def _signed(loop: Sequence[Sequence[float]]) -> float:
    pairs = zip(loop, [*loop[1:], loop[0]], strict=True)
    return sum(float(a[0]) * float(b[1]) - float(b[0]) * float(a[1]) for a, b in pairs) / 2


@cache
def _rows(file: Path) -> tuple[bytes, ...]:
    """The font's rows up to U+2E7F: entry k draws U+0020 + k. Ideographs beyond are too dense to engrave."""
    data = file.read_bytes()
    found: list[bytes] = []
    for match in _ROW.finditer(data, data.index(b"newstroke_font[]")):
        found.append(re.sub(rb"\\(.)", rb"\1", match.group(1)))
        if len(found) == _END - _FIRST:
            break
    return tuple(found)


def _row(file: Path, c: str) -> bytes:
    row = _rows(file)[ord(c) - _FIRST] if _FIRST <= ord(c) < _END else b""
    return b"" if row == _NO_GLYPH else row


def _pairs(part: bytes) -> list[tuple[int, int]]:
    return list(zip(part[::2], part[1::2], strict=True))


def _written(row: str, glyphs: Mapping[str, Glyph], height: float, tool: float) -> list[list[Point]]:
    """One line's strokes in mm from x = 0; letters move apart when the tool is wider than the font's own pen."""
    x, gap = 0.0, max(0.0, tool - _PEN_UNITS / _CAP_UNITS * height)
    out: list[list[Point]] = []
    for c in row:
        out.extend([(x + px * height, py * height) for px, py in s] for s in glyphs[c].strokes)
        x += glyphs[c].advance * height + gap
    return out
