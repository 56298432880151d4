"""Lettering: guards a customer's text and sets it in one of two pinned fonts, to engrave or to print."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from geometry.outlines import face
from geometry.strokefont import LINE_PITCH, SPACES, box, clogged, draws, glyph, middle, pieces, placed
from model.errors import ConfigError, OrderError
from model.finding import Finding
from model.region import Stroke

if TYPE_CHECKING:
    from manifold3d import CrossSection

FontName = Literal["Newstroke", "DejaVu Sans Bold"]
STROKE_FONT: FontName = "Newstroke"
OUTLINE_FONT: FontName = "DejaVu Sans Bold"
MAX_LINES = 6
MAX_LETTERS = 160
MIN_HEIGHT_MM = 2.0
TOOLS_PER_CAPITAL = 4

_PLACES: dict[FontName, tuple[str, str]] = {
    "Newstroke": ("gerbonara", "data/newstroke_font.cpp"),
    "DejaVu Sans Bold": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf"),
}
_SHAPED = (
    (0x0590, 0x109F), (0x1700, 0x18AF), (0x1900, 0x1CFF), (0xA800, 0xABFF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFC),
)  # fmt: skip
"""Scripts whose letters change form or order with their neighbours: a table of letters alone sets them wrong."""

Ink = Callable[[float], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Lettering:
    """Text set about the origin, x along the lines, mm; every line centred.

    ``area`` is the ink: the grooves a tool of ``tool_mm`` cuts along ``strokes``, or the letters' outlines
    (no strokes). ``height_mm`` is the height of a capital.
    """

    text: str
    font: str
    font_sha256: str
    height_mm: float
    area: CrossSection
    strokes: tuple[Stroke, ...] = ()
    tool_mm: float = 0.0


def font_file(font: FontName) -> Path:
    """Where a pinned font's file lies. The package that carries it is found, not imported.

    Raises:
        ConfigError: The package or the file is missing.
    """
    package, inside = _PLACES[font]
    spec = find_spec(package)
    path = Path(spec.origin).parent / inside if spec and spec.origin else Path()
    if not path.is_file():
        message = f"The font {font} is missing: package {package} has no {inside}"
        raise ConfigError("text.font-missing", message, place=package, hint=f"Install it again: pip install {package}.")
    return path


@cache
def font_sha256(font: FontName) -> str:
    """Hex digest of the font's file."""
    return hashlib.sha256(font_file(font).read_bytes()).hexdigest()


def guarded(text: str, font: FontName, place: str = "text") -> str:
    """The text as it will be made: composed (NFC), a newline between lines, outer blanks gone; "" when empty.

    Raises:
        OrderError: Characters that cannot be seen, a script that cannot be set, letters the font does not
            draw, too many lines or letters; all findings together.
    """
    clean = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    lines = [line.strip(SPACES) for line in clean.split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    letters = [c for line in lines for c in line if c not in SPACES]
    findings = [*_bad_letters(letters, font, place), *_too_many(lines, letters, place)]
    if findings:
        f = findings[0]
        raise OrderError(
            f.code, f.message, place=f.place, value=f.value, limit=f.limit, hint=f.hint, findings=tuple(findings)
        )
    return "\n".join(lines)


def engraved(
    text: str, box_mm: tuple[float, float], tool_mm: float, height_mm: float | None = None, most_mm: float = 60.0
) -> Lettering:
    """Single-stroke letters for a flat tool of ``tool_mm``, inside a box (width, height).

    Without ``height_mm`` they are as tall as fits, at most ``most_mm``; they are never squeezed.

    Raises:
        OrderError: The guard of :func:`guarded`; the text does not fit; it fits only so small that it could
            not be read (2 mm, 4 tool widths, an eye that closes, letters that run together).
    """
    from geometry.regions import separate, stroke_area

    file = font_file(STROKE_FONT)
    clean = guarded(text, STROKE_FONT)
    rows = clean.split("\n")
    glyphs = {c: glyph(file, c) for row in rows for c in row}
    least = max(MIN_HEIGHT_MM, TOOLS_PER_CAPITAL * tool_mm)
    why = f"a tool {tool_mm:g} mm wide"
    height = _fitted(lambda h: box(rows, glyphs, h, tool_mm), len(rows), box_mm, (height_mm, least, most_mm), why)
    strokes = placed(rows, glyphs, height, tool_mm)
    area = stroke_area(strokes, tool_mm)
    bad = clogged(glyphs, height, tool_mm)
    grooves = sum(pieces(glyphs[c], height, tool_mm) for row in rows for c in row)
    if bad or len(separate(area)) != grooves:
        what = f"the letters {' '.join(bad)} fill up" if bad else "neighbouring letters run together"
        message = f"At {height:g} mm the text cannot be read with {why}: {what}"
        raise _unfit("text.unreadable", message, height, tool_mm)
    return Lettering(clean, STROKE_FONT, font_sha256(STROKE_FONT), height, area, strokes, tool_mm)


def outlined(
    text: str, box_mm: tuple[float, float], stem_mm: float, height_mm: float | None = None, most_mm: float = 60.0
) -> Lettering:
    """Bold outline letters whose thinnest stem is at least ``stem_mm``, inside a box (width, height).

    Raises:
        OrderError: As for :func:`engraved`; here ``stem_mm`` sets the smallest height.
    """
    from manifold3d import CrossSection, OpType

    font = face(font_file(OUTLINE_FONT))
    clean = guarded(text, OUTLINE_FONT)
    rows = clean.split("\n")
    lines = [font.line(row) for row in rows]
    bounds = [(k, line.bounds()) for k, line in enumerate(lines) if not line.is_empty()]

    def ink(height: float) -> tuple[float, float, float]:
        width = max(b[2] - b[0] for _, b in bounds)
        top = max(b[3] - k * LINE_PITCH for k, b in bounds)
        low = min(b[1] - k * LINE_PITCH for k, b in bounds)
        return width * height, top * height, low * height

    least = max(MIN_HEIGHT_MM, stem_mm / font.thinnest(clean.replace("\n", "")))
    why = f"stems {stem_mm:g} mm thick"
    height = _fitted(ink, len(rows), box_mm, (height_mm, least, most_mm), why)
    parts = [
        lines[k].translate((-(b[0] + b[2]) / 2, -k * LINE_PITCH - middle(len(rows)))).scale((height, height))
        for k, b in bounds
    ]
    area = CrossSection.batch_boolean(parts, OpType.Add)
    return Lettering(clean, OUTLINE_FONT, font_sha256(OUTLINE_FONT), height, area)


def _bad_letters(letters: Sequence[str], font: FontName, place: str) -> list[Finding]:
    hidden = {c for c in letters if unicodedata.category(c)[0] in "CZ"}
    shaped = {c for c in letters if _is_shaped(c)} - hidden
    missing = {c for c in set(letters) - hidden - shaped if not _has(font, c)}
    kinds = (
        ("text.control-character", hidden, "The text holds characters that cannot be seen:", "visible characters",
         "Delete them; use plain spaces and line breaks only."),
        ("text.script", shaped, "The text is in a script that cannot be set letter by letter:", "left-to-right letters",
         "Write it in Latin, Cyrillic or Greek letters."),
        ("text.missing-glyph", missing, f"The font {font} does not draw", font, "Write it with other characters."),
    )  # fmt: skip
    return [
        Finding(code, f"{words} {_named(bad)}", place, _named(bad), limit, hint)
        for code, bad, words, limit, hint in kinds
        if bad
    ]


def _has(font: FontName, c: str) -> bool:
    if unicodedata.category(c)[0] == "M":
        return False
    file = font_file(font)
    return draws(file, c) if font == STROKE_FONT else face(file).draws(c)


def _is_shaped(c: str) -> bool:
    return unicodedata.bidirectional(c) in ("R", "AL", "AN") or any(a <= ord(c) <= b for a, b in _SHAPED)


def _too_many(lines: Sequence[str], letters: Sequence[str], place: str) -> list[Finding]:
    found = []
    if len(lines) > MAX_LINES:
        message = f"The text has {len(lines)} lines, at most {MAX_LINES} can be set"
        found.append(Finding("text.too-many-lines", message, place, len(lines), MAX_LINES, "Use fewer lines."))
    if len(letters) > MAX_LETTERS:
        message = f"The text has {len(letters)} letters, at most {MAX_LETTERS} can be set"
        found.append(Finding("text.too-long", message, place, len(letters), MAX_LETTERS, "Shorten the text."))
    return found


def _named(chars: set[str]) -> str:
    def one(c: str) -> str:
        visible = f"{c} " if unicodedata.category(c)[0] in "LNPS" else ""
        return f"{visible}U+{ord(c):04X} {unicodedata.name(c, '')}".strip()

    return ", ".join(one(c) for c in sorted(chars))


def _fitted(
    ink: Ink, lines: int, box_mm: tuple[float, float], heights_mm: tuple[float | None, float, float], why: str
) -> float:
    """The height asked for, or the tallest (in 0.01 mm) that fits; refused outside (least, box)."""
    asked, least, most = heights_mm

    def fits(height: float) -> bool:
        width, top, low = ink(height)
        mid = middle(lines) * height
        return width <= box_mm[0] and 2 * max(top - mid, mid - low) <= box_mm[1]

    low, high = 0, round(most * 100)
    while low < high:
        mid = (low + high + 1) // 2
        low, high = (mid, high) if fits(mid / 100) else (low, mid - 1)
    tallest = low / 100
    room = f"{box_mm[0]:.1f} x {box_mm[1]:.1f} mm"
    if asked is not None and asked < least - 1e-9:
        message = f"Letters {asked:g} mm tall are too small for {why}: at least {least:.2f} mm"
        raise _unfit("text.too-small", message, asked, round(least, 2))
    if asked is not None and not fits(asked):
        message = f"Letters {asked:g} mm tall do not fit into {room}; {tallest:g} mm would"
        raise _unfit("text.does-not-fit", message, asked, tallest)
    if asked is None and tallest < least:
        message = f"The text fits into {room} only {tallest:g} mm tall; {why} needs at least {least:.2f} mm"
        if not tallest:
            message = f"There is no room for text: edges and holes leave {room}"
        raise _unfit("text.too-small", message, tallest, round(least, 2))
    return tallest if asked is None else asked


def _unfit(code: str, message: str, value: float, limit: float) -> OrderError:
    hint = "Shorten the text, break it into lines, make the part larger, or choose a finer tool."
    finding = Finding(code, message, "text", value, limit, hint)
    return OrderError(code, message, place="text", value=value, limit=limit, hint=hint, findings=(finding,))
