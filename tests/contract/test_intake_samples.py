from __future__ import annotations

import json
from pathlib import Path

import pytest

import tooling_db
from model.errors import OrderError, QuestionError
from model.order import Brief, Order
from pipeline.engine.codec import decode, encode
from pipeline.intake.read import order_from_words, read_order_file, read_sources
from pipeline.intake.schema import OrderFile, order_schema
from pipeline.understand.stage import understand

SHOP = tooling_db.load()

HOUSE = Path(__file__).resolve().parents[2]
ORDERS = sorted((HOUSE / "samples" / "orders").iterdir())
QUEUE = HOUSE / "samples" / "queue"


def test_the_written_schema_is_the_one_the_reader_uses() -> None:
    written = (HOUSE / "docs" / "reference" / "order.schema.json").read_text(encoding="utf-8")

    assert json.dumps(order_schema(), ensure_ascii=False, indent=1) + "\n" == written


def test_the_guide_names_every_field() -> None:
    guide = (HOUSE / "docs" / "reference" / "order.md").read_text(encoding="utf-8")

    assert [] == [name for name in OrderFile.model_fields if name not in guide]


def test_the_guides_example_is_an_order(tmp_path: Path) -> None:
    guide = (HOUSE / "docs" / "reference" / "order.md").read_text(encoding="utf-8")
    path = tmp_path / "guide.yaml"
    path.write_text(guide.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")

    brief = understand(read_order_file(path), SHOP)

    assert ("nameplate", 38.1, 2.0, 2) == (
        brief.family,
        brief.parameters["width_mm"],
        brief.parameters["thickness_mm"],
        brief.parameters["hole_count"],
    )


@pytest.mark.parametrize("path", ORDERS, ids=lambda p: p.stem)
def test_every_sample_is_understood_without_a_question(path: Path) -> None:
    order = read_order_file(path)

    brief = understand(order, SHOP)

    assert path.stem == order.id == brief.order_id
    assert () == brief.notes
    assert brief == decode(Brief, encode(brief))


@pytest.mark.parametrize("path", ORDERS, ids=lambda p: p.stem)
def test_nothing_personal_leaves_the_intake(path: Path) -> None:
    order = read_order_file(path)

    written = encode(understand(order, SHOP)).decode()

    assert [] == [value for value in order.personal.values() if value in written]


def test_the_nameplate_sample_has_something_personal_to_hide() -> None:
    assert {"name", "email", "phone"} == set(read_order_file(HOUSE / "samples/orders/nameplate-brass.yaml").personal)


def test_the_queue_ends_as_its_readme_says() -> None:
    ends: dict[str, str] = {}
    for one in read_sources([str(QUEUE)]):
        assert isinstance(one, Order)
        try:
            understand(one, SHOP)
        except QuestionError as error:
            ends[one.id] = error.questions[0].about
        except OrderError as error:
            ends[one.id] = error.code

    assert {"queue-two-thicknesses": "thickness_mm", "queue-too-long": "understand.several-problems"} == ends


@pytest.mark.parametrize(
    "words",
    [
        "brass nameplate 120 x 40 mm with two holes, text ОЛЕГ, matt",
        "латунная табличка 120 на 40 мм с двумя отверстиями, надпись «ОЛЕГ», матовая",
    ],
)
def test_the_line_from_words(words: str) -> None:
    brief = understand(order_from_words(words), SHOP)

    given = {r.name: r.value for r in brief.readings if r.source == "wish"}
    assert {
        "family": "nameplate",
        "length_mm": 120.0,
        "width_mm": 40.0,
        "hole_count": 2,
        "text": "ОЛЕГ",
        "material": "brass-cuzn39pb3",
        "finish": "matt",
    } == given
    assert () == brief.notes


@pytest.mark.parametrize(
    ("words", "family", "expected"),
    [
        (
            "aluminium bracket 100x80x20 mm with a pocket 60x40x10 mm, M6 screws and M5 threads, 1 mm chamfer",
            "bracket",
            {
                "thickness_mm": 20.0,
                "pocket_depth_mm": 10.0,
                "mount_screw": "M6",
                "tapped_thread": "M5",
                "chamfer_mm": 1.0,
            },
        ),
        (
            "кронштейн из алюминия 100х80х20 мм, карман 60 на 40 мм глубиной 10 мм, винты М6",
            "bracket",
            {"length_mm": 100.0, "pocket_width_mm": 40.0, "pocket_depth_mm": 10.0, "mount_screw": "M6"},
        ),
        (
            'PETG enclosure, inner length 90 mm, inner width 60 mm, 8 vents on the left, label "LAB-03", sunk letters',
            "enclosure",
            {
                "inner_length_mm": 90.0,
                "inner_width_mm": 60.0,
                "vent_count": 8,
                "vent_face": "left",
                "label": "LAB-03",
                "label_style": "sunk",
            },
        ),
    ],
)
def test_the_other_families_from_words(words: str, family: str, expected: dict[str, object]) -> None:
    brief = understand(order_from_words(words), SHOP)

    assert family == brief.family
    assert expected == {name: brief.parameters[name] for name in expected}
