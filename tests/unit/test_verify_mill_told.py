"""What the reader is told beside the verdict: the certificate's tables, and another program's comments."""

import json

import pytest

from model.design import Design
from model.finding import Gate, Report, Table
from model.order import Brief
from model.plan import Box, Fixture, Setup
from model.program import Program
from pipeline.release.certificate import MOST_ROWS, certificate, table_page
from pipeline.verify.comments import comment_notes
from pipeline.verify.heights import clear_z

BRIEF = Brief("o-1", "plate", {}, (), "al", "", "ISO 2768-m", 1)
DESIGN = Design("o-1", "plate", "Plate", "al", "", 1, ())
FACES = Table("Deviation by place", ("face", "greatest (mm)"),
              tuple((str(k), f"{(-1) ** k * k / 1e4:+.4f}") for k in range(MOST_ROWS + 20)))  # fmt: skip
LOADS = Table("Loads by operation", ("operation", "max force (N)"), (("1.face", "90.000"), ("1.drill", "")))
REPORT = Report("o-1", (Gate("gouge", "pass", "none"),), tables=(FACES, LOADS))


def test_the_certificate_holds_every_row_and_its_page_those_that_stand_out() -> None:
    told, page = certificate(BRIEF, DESIGN, REPORT, {"program a": "G0"})
    tables = json.loads(told.data)["tables"]

    assert [FACES.title, LOADS.title] == [t["title"] for t in tables]
    assert [list(row) for row in FACES.rows] == tables[0]["rows"]
    assert page.data.startswith(b"%PDF")


def test_a_page_shows_the_greatest_deviations_whatever_their_sign_in_their_order() -> None:
    shown = table_page(FACES)

    assert list(FACES.rows[20:]) == shown["rows"]
    assert "40 of 60" in shown["more"]
    assert (list(LOADS.rows), "") == (table_page(LOADS)["rows"], "")


def program(text: str, dialect: str) -> Program:
    return Program("a.nc", 1, "mill", dialect, text, (1,))


@pytest.mark.parametrize(
    ("dialect", "was", "now", "words"),
    [
        ("linuxcnc", "(ZERO TOP)\nG0 Z3\n", "(ZERO BOTTOM)\nG0 Z3\n", "'ZERO BOTTOM' where 'ZERO TOP' stands"),
        ("grbl", "G0 Z3 ; up\n", "G0 Z3\n", "'' where 'up' stands"),
        ("heidenhain", "1 L Z+3 ; up\n", "1 L Z+3 ; down\n", "'down' where 'up' stands"),
        ("sinumerik", "G0 Z3 ; up (1)\n", "G0 Z3 ; up (2)\n", "'up (2)' where 'up (1)' stands"),
        ("fanuc", "G0 Z3 (UP)\n", "G0 Z3 (UP) (AND UP)\n", "'AND UP' where '' stands"),
    ],
)
def test_other_words_for_the_operator_are_told(dialect: str, was: str, now: str, words: str) -> None:
    (note,) = comment_notes(program(was, dialect), program(now, dialect))

    assert ("verify.other-comments", "note") == (note.code, note.severity)
    assert words in note.message
    assert () == comment_notes(program(was, dialect), program(was.replace("Z3", "Z4"), dialect))


@pytest.mark.parametrize(("safe", "expected"), [(40.0, 40.0), (90.0, 63.0)])
def test_clear_of_everything_is_over_blank_and_fixture_or_the_safe_height(safe: float, expected: float) -> None:
    setup = Setup(1, "s", ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)), "G54", "", Box(0, 0, 0, 9, 9, 30),
                  Fixture("vise", (Box(0, 0, 0, 9, 9, 60),)), safe, ())  # fmt: skip

    assert expected == clear_z(setup)
