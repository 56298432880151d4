"""Customers' text is set right, or refused with the letters named."""

from __future__ import annotations

import hashlib

import pytest

from geometry.regions import fit
from geometry.solids import dump, prism
from geometry.strokefont import glyph
from geometry.text import OUTLINE_FONT, STROKE_FONT, FontName, engraved, font_file, font_sha256, guarded, outlined
from model.errors import OrderError

BOX = (90.0, 34.0)
FONTS: tuple[FontName, ...] = (STROKE_FONT, OUTLINE_FONT)


def refusal(text: str, font: FontName) -> OrderError:
    with pytest.raises(OrderError) as caught:
        guarded(text, font)
    return caught.value


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("text", ["ОЛЕГ", "Ёж", "Å", "Žluťoučký kůň", "Größe 5 µm", "«Щука» — 3½ €", "Ελλάδα"])
def test_latin_cyrillic_and_greek_are_taken_as_they_are(text: str, font: FontName) -> None:
    assert text == guarded(text, font)


@pytest.mark.parametrize("font", FONTS)
def test_a_decomposed_letter_is_the_composed_one(font: FontName) -> None:
    assert "Й" == guarded("И\u0306", font)


def test_composed_and_decomposed_make_the_same_grooves() -> None:
    assert engraved("Й", BOX, 0.5).strokes == engraved("И\u0306", BOX, 0.5).strokes


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("漢字", "text.missing-glyph", "漢 U+6F22"),
        ("ok \U0001f98a", "text.missing-glyph", "U+1F98A"),
        ("سلام", "text.script", "U+0633"),
        ("שלום", "text.script", "U+05E9"),
        ("नमस्ते", "text.script", "U+0928"),
        ("a\tb", "text.control-character", "U+0009"),
        ("a\u200bb", "text.control-character", "U+200B"),
        ("a\u202eb", "text.control-character", "U+202E"),
        ("x\u0301", "text.missing-glyph", "U+0301"),
    ],
)
def test_what_cannot_be_set_is_refused_by_name(text: str, code: str, named: str, font: FontName) -> None:
    error = refusal(text, font)

    assert code == error.code
    assert named in error.message


def test_a_letter_the_engraving_font_boxes_is_missing_and_the_other_font_has_it() -> None:
    assert "text.missing-glyph" == refusal("№ 7", STROKE_FONT).code
    assert "№ 7" == guarded("№ 7", OUTLINE_FONT)


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert ["text.control-character", "text.script", "text.missing-glyph", "text.too-many-lines"] == [
        f.code for f in refusal("a\tס漢\n" + "b\n" * 6, STROKE_FONT).findings
    ]


@pytest.mark.parametrize("text", ["", "  ", "\n \n", "\u00a0"])
def test_blank_text_is_empty(text: str) -> None:
    assert "" == guarded(text, STROKE_FONT)


def test_windows_line_ends_are_line_ends() -> None:
    assert "A\nB" == guarded("A\r\nB\r\n", STROKE_FONT)


def test_the_font_is_known_by_its_file() -> None:
    assert hashlib.sha256(font_file(STROKE_FONT).read_bytes()).hexdigest() == font_sha256(STROKE_FONT)


def test_strokes_of_a_letter_are_those_of_the_font() -> None:
    (stroke,) = glyph(font_file(STROKE_FONT), "Г").strokes
    units = [(round(21 * x), round(21 * y)) for x, y in stroke]

    assert [(16, 21), (5, 21), (5, 0)] == sorted(units, key=lambda p: (-p[1], -p[0]))


def test_text_shrinks_until_it_fits_and_no_further() -> None:
    words = engraved("ОЛЕГ", (30.0, 10.0), 0.5)
    x0, _, x1, _ = words.area.bounds()

    assert 30.0 >= x1 - x0
    assert 29.9 < x1 - x0
    with pytest.raises(OrderError) as caught:
        engraved("ОЛЕГ", (30.0, 10.0), 0.5, height_mm=words.height_mm + 0.05)
    assert ("text.does-not-fit", words.height_mm) == (caught.value.code, caught.value.limit)


@pytest.mark.parametrize("tool_mm", [0.3, 0.5, 1.0])
def test_text_too_small_for_the_tool_is_refused_with_both_numbers(tool_mm: float) -> None:
    with pytest.raises(OrderError) as caught:
        engraved("Ж" * 40, (60.0, 20.0), tool_mm)

    assert ("text.too-small", max(2.0, 4 * tool_mm)) == (caught.value.code, caught.value.limit)


def test_letters_the_tool_would_make_unreadable_are_named() -> None:
    with pytest.raises(OrderError) as caught:
        engraved("ОСЁЛ", (60.0, 20.0), 1.0, height_mm=4.0)

    assert "text.unreadable" == caught.value.code
    assert "Ё" in caught.value.message


def test_engraved_area_is_what_the_tool_covers() -> None:
    words = engraved("I", BOX, 0.5, height_mm=10.0)
    (stroke,) = words.strokes
    run = abs(stroke.points[0][1] - stroke.points[-1][1])

    assert words.area.area() == pytest.approx(run * 0.5 + 3.14159265 * 0.25**2, rel=1e-3)


def test_bold_letters_keep_their_thinnest_stem() -> None:
    words = outlined("Ёж 8", BOX, 0.8)

    assert len(words.area.decompose()) == len(words.area.offset(-0.39).decompose())


def test_a_letter_of_two_overlapping_outlines_is_one_area() -> None:
    assert 3 == outlined("Å", BOX, 0.8).area.num_contour()


def test_lines_are_centred_and_apart() -> None:
    words = engraved("ОЛЕГ\nWorkshop 7", BOX, 0.5)
    x0, y0, x1, y1 = words.area.bounds()

    assert 0 == pytest.approx(x0 + x1, abs=1e-3)
    assert max(abs(y0), abs(y1)) <= BOX[1] / 2
    assert len(words.area.decompose()) == len("ОЛЕГWorkshop7")


@pytest.mark.parametrize("text", ["A", "R8", "%", "Жб"])
def test_letters_with_loops_give_the_same_bytes_however_often_they_are_raised(text: str) -> None:
    """Strokes that meet give outlines the kernel could begin anywhere."""
    groove = fit(engraved(text, BOX, 1.0).area)

    assert 1 == len({b"".join(map(dump, prism(groove, 0, 1))) for _ in range(12)})
