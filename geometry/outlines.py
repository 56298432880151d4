"""The outline font for printed labels: letters as plane areas, their overlaps united."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geometry.regions import separate
from model.region import Point

if TYPE_CHECKING:
    from manifold3d import CrossSection

_CHORD = 0.0005
_STEPS = 8
_WIDEST = 0.4


@cache
def face(file: Path) -> Face:
    """The font of a file, opened once."""
    return Face(file)


class Face:
    """One TrueType font; every length is in capital heights, the origin on the baseline, y up."""

    def __init__(self, file: Path) -> None:
        from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

        font: Any = TTFont(file, lazy=True)
        self._cmap: dict[int, str] = font.getBestCmap()
        self._glyphs: Any = font.getGlyphSet()
        self._cap = float(font["glyf"][self._cmap[ord("H")]].yMax)
        tables = font["kern"].kernTables if "kern" in font else []
        self._kern: dict[tuple[str, str], int] = tables[0].kernTable if tables else {}

    def draws(self, c: str) -> bool:
        """True when the font maps ``c`` to a glyph that has ink."""
        return ord(c) in self._cmap and not self.letter(c).is_empty()

    def letter(self, c: str) -> CrossSection:
        """One letter's ink, its overlapping contours united."""
        return _letter(self, c)

    def line(self, row: str) -> CrossSection:
        """A line of letters side by side, kerned."""
        from manifold3d import CrossSection, OpType

        x, parts, before = 0.0, [], ""
        for c in row:
            name = self._cmap[ord(c)]
            x += self._kern.get((before, name), 0) / self._cap
            parts.append(self.letter(c).translate((x, 0)))
            x += self._glyphs[name].width / self._cap
            before = name
        return CrossSection.batch_boolean(parts, OpType.Add)

    def thinnest(self, letters: Iterable[str]) -> float:
        """The thinnest stem of these letters; a gap inside a letter counts four times its width."""
        return min((_thinnest(self, c) for c in sorted(set(letters)) if not self.letter(c).is_empty()), default=1.0)

    def contours(self, c: str) -> list[list[Point]]:
        """A letter's contours as polygons within 0.0005 capital heights of the curves."""
        from fontTools.pens.recordingPen import DecomposingRecordingPen  # type: ignore[import-untyped]

        pen = DecomposingRecordingPen(self._glyphs)
        self._glyphs[self._cmap[ord(c)]].draw(pen)
        out: list[list[Point]] = []
        for verb, raw in pen.value:
            at = [(p[0] / self._cap, p[1] / self._cap) for p in raw if p is not None]
            if verb == "moveTo":
                out.append([at[0]])
            elif verb == "lineTo":
                out[-1].append(at[0])
            elif verb == "qCurveTo" and raw[-1] is None:
                start = ((at[-1][0] + at[0][0]) / 2, (at[-1][1] + at[0][1]) / 2)
                out.append([start, *_spline(start, [*at, start])])
            elif verb == "qCurveTo":
                out[-1].extend(_spline(out[-1][-1], at))
        return out


@cache
def _letter(font: Face, c: str) -> CrossSection:
    from manifold3d import CrossSection, FillRule

    return CrossSection(font.contours(c), FillRule.NonZero)


@cache
def _thinnest(font: Face, c: str) -> float:
    area = font.letter(c)
    parts, loops = len(separate(area)), area.num_contour()

    def stems(width: float) -> bool:
        return len(separate(area.offset(-width / 2))) == parts

    def gaps(width: float) -> bool:
        return bool(area.offset(width / 8).num_contour() == loops)

    return min(_largest(stems), _largest(gaps))


def _largest(holds: Any) -> float:
    low, high = 0.0, _WIDEST
    for _ in range(_STEPS):
        mid = (low + high) / 2
        low, high = (mid, high) if holds(mid) else (low, mid)
    return low


def _spline(start: Point, controls: list[Point]) -> list[Point]:
    """TrueType's quadratic chain: an on-curve point lies midway between neighbouring controls."""
    out: list[Point] = []
    for k, control in enumerate(controls[:-1]):
        last = k == len(controls) - 2
        after = controls[k + 1]
        end = after if last else ((control[0] + after[0]) / 2, (control[1] + after[1]) / 2)
        bend = math.hypot(start[0] - 2 * control[0] + end[0], start[1] - 2 * control[1] + end[1])
        count = max(1, math.ceil(math.sqrt(bend / (4 * _CHORD))))
        for t in (n / count for n in range(1, count + 1)):
            a, b, d = (1 - t) ** 2, 2 * t * (1 - t), t * t
            out.append((a * start[0] + b * control[0] + d * end[0], a * start[1] + b * control[1] + d * end[1]))
        start = end
    return out
