from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

import tooling_db
from generators.kit.family import Family, Params, said
from model.errors import OrderError, QuestionError
from model.order import Brief, Order, Wish
from pipeline.understand.stage import brief_of


class Slab(Params):
    length_mm: Annotated[
        float, Field(ge=20, le=400, json_schema_extra=said("length", ("length", "long"), ("длина",)))
    ] = 100.0
    width_mm: Annotated[
        float, Field(ge=10, le=300, json_schema_extra=said("width", ("width", "wide"), ("ширина",)))
    ] = 50.0
    thickness_mm: Annotated[
        float, Field(ge=1, le=40, json_schema_extra=said("thickness", ("thickness", "thick"), ("толщина",)))
    ] = 5.0
    corner_radius_mm: Annotated[
        float,
        Field(ge=0, le=20, json_schema_extra=said("radius", ("corner radius", "corners"), ("радиус углов", "углы"))),
    ] = 3.0
    hole_count: Annotated[int, Field(ge=0, le=8, json_schema_extra=said("count", ("holes",), ("отверстия",)))] = 2
    hole_diameter_mm: Annotated[
        float, Field(ge=1, le=12, json_schema_extra=said("diameter", ("hole diameter",), ("диаметр отверстий",)))
    ] = 4.0
    pocket_length_mm: Annotated[
        float, Field(ge=5, le=300, json_schema_extra=said("length", ("pocket length",), ("длина кармана",)))
    ] = 40.0
    pocket_width_mm: Annotated[
        float, Field(ge=5, le=200, json_schema_extra=said("width", ("pocket width",), ("ширина кармана",)))
    ] = 30.0
    pocket_depth_mm: Annotated[
        float,
        Field(ge=0, le=30, json_schema_extra=said("depth", ("pocket depth", "pocket"), ("глубина кармана", "карман"))),
    ] = 2.0
    vents: Annotated[int, Field(ge=0, le=20, json_schema_extra=said("count", ("vents",), ("прорези",)))] = 0
    screw: Annotated[Literal["M4", "M6"], Field(json_schema_extra=said("choice", ("screw",), ("винт",)))] = "M4"
    countersunk: Annotated[bool, Field(json_schema_extra=said("flag", ("countersunk",), ("потай", "зенковка")))] = False
    text: Annotated[str, Field(json_schema_extra=said("text", ("text",), ("текст", "надпись")))] = ""
    text_height_mm: Annotated[
        float | None, Field(ge=2, le=60, json_schema_extra=said("height", ("text height", "letters"), ("высота букв",)))
    ] = None


def never(_params: Slab) -> Any:
    raise AssertionError


SLAB = Family(
    params=Slab,
    build=never,
    title="Slab",
    process="mill",
    material="brass-cuzn39pb3",
    materials=("brass-cuzn39pb3", "al-6082", "pom"),
    words={"en": ("slab", "plate"), "ru": ("плита", "табличка")},
)
TRAY = Family(
    params=Slab, build=never, title="Tray", process="print", material="petg", materials=("petg",),
    words={"en": ("tray",), "ru": ("лоток",)},
)  # fmt: skip
FAMILIES = {"slab": SLAB, "tray": TRAY}
MATERIALS = tooling_db.load().materials


def brief(*wishes: str | Wish, **order: Any) -> Brief:
    told = tuple(w if isinstance(w, Wish) else Wish(w) for w in wishes)
    return brief_of(Order(id="t", family=order.pop("family", "slab"), wishes=told, **order), FAMILIES, MATERIALS)


def said_so(*wishes: str | Wish, **order: Any) -> dict[str, Any]:
    """What did not come from a default, the explicit family aside."""
    return {r.name: r.value for r in brief(*wishes, **order).readings if r.source != "default" and r.name != "family"}


def questions(*wishes: str | Wish, **order: Any) -> list[str]:
    with pytest.raises(QuestionError) as waiting:
        brief(*wishes, **order)
    assert (65, "waiting") == (waiting.value.exit_code, waiting.value.kind)
    assert all(q.text for q in waiting.value.questions)
    return [q.about for q in waiting.value.questions]


SIZES = {"length_mm": 120.0, "width_mm": 40.0}


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        # sizes
        ("120 x 40 mm", SIZES),
        ("120x40mm", SIZES),
        ("120 × 40 mm", SIZES),
        ("120 by 40", SIZES),
        ("12 cm x 4 cm", SIZES),
        ("12 cm x 40 mm", SIZES),
        ("120 на 40 мм", SIZES),
        ("120х40 мм", SIZES),
        ("12 на 4 см", SIZES),
        ("120х40х2 мм", SIZES | {"thickness_mm": 2.0}),
        ("120х40х2", SIZES | {"thickness_mm": 2.0}),
        ("120 x 40 x 2,5 mm", SIZES | {"thickness_mm": 2.5}),
        ("4 3/4 in x 2 in", {"length_mm": 120.65, "width_mm": 50.8}),
        ("pocket 60 x 40 mm", {"pocket_length_mm": 60.0, "pocket_width_mm": 40.0}),
        ("with a pocket 60x40x10 mm", {"pocket_length_mm": 60.0, "pocket_width_mm": 40.0, "pocket_depth_mm": 10.0}),
        ("с карманом 60 на 40 мм", {"pocket_length_mm": 60.0, "pocket_width_mm": 40.0}),
        # measures with a name
        ("thickness 3 mm", {"thickness_mm": 3.0}),
        ("thickness: 3 mm", {"thickness_mm": 3.0}),
        ("3 mm thick", {"thickness_mm": 3.0}),
        ("3-mm thick", {"thickness_mm": 3.0}),
        ("1/8 in thick", {"thickness_mm": 3.175}),
        ("толщиной 3 мм", {"thickness_mm": 3.0}),
        ("толщина 2,5 мм", {"thickness_mm": 2.5}),
        ("3 мм в толщину", {"thickness_mm": 3.0}),
        ("three mm thick", {"thickness_mm": 3.0}),
        ("толщиной три миллиметра", {"thickness_mm": 3.0}),
        ("120 mm long 40 mm wide 3 mm thick", SIZES | {"thickness_mm": 3.0}),
        ("length 120 mm width 40 mm", SIZES),
        ("120 mm length, 40 mm width", SIZES),
        ("120 mm length 40 mm width", SIZES),
        ("длиной 120 мм шириной 40 мм", SIZES),
        ("hole diameter 5 mm", {"hole_diameter_mm": 5.0}),
        ("5 mm holes", {"hole_diameter_mm": 5.0}),
        ("corner radius 4 mm", {"corner_radius_mm": 4.0}),
        ("радиус углов 4 мм", {"corner_radius_mm": 4.0}),
        ("corner radius 4", {"corner_radius_mm": 4.0}),
        ("толщина 3", {"thickness_mm": 3.0}),
        ("4 mm holes in the corners", {"hole_diameter_mm": 4.0}),
        ("letters 8 mm high", {"text_height_mm": 8.0}),
        ("высота букв 8 мм", {"text_height_mm": 8.0}),
        # counts
        ("two holes", {"hole_count": 2}),
        ("with 4 mounting holes", {"hole_count": 4}),
        ("holes: 4", {"hole_count": 4}),
        ("4x holes", {"hole_count": 4}),
        ("с двумя отверстиями", {"hole_count": 2}),
        ("4 отверстия", {"hole_count": 4}),
        ("с 2-мя отверстиями", {"hole_count": 2}),
        ("two-hole plate 120x40", SIZES | {"hole_count": 2}),
        ("without holes 3 mm thick", {"hole_count": 0, "thickness_mm": 3.0}),
        ("восемью отверстиями", {"hole_count": 8}),
        ("four Ø5 mm holes", {"hole_count": 4, "hole_diameter_mm": 5.0}),
        ("два отверстия диаметром 5 мм", {"hole_count": 2, "hole_diameter_mm": 5.0}),
        # negation
        ("no holes", {"hole_count": 0}),
        ("without holes", {"hole_count": 0}),
        ("holes are not needed", {"hole_count": 0}),
        ("без отверстий", {"hole_count": 0}),
        ("отверстия не нужны", {"hole_count": 0}),
        ("no holes or pocket", {"hole_count": 0, "pocket_depth_mm": 0.0}),
        ("без отверстий и матовая", {"hole_count": 0, "finish": "matt"}),
        ("no holes, matt", {"hole_count": 0, "finish": "matt"}),
        ("not glossy", {}),
        ("не глянцевая", {}),
        ("square corners", {"corner_radius_mm": 0.0}),
        ("прямые углы", {"corner_radius_mm": 0.0}),
        ("no text", {"text": ""}),
        ("not countersunk", {"countersunk": False}),
        # materials and finishes
        ("brass", {"material": "brass-cuzn39pb3"}),
        ("aluminium 6082", {"material": "al-6082"}),
        ("латунная", {"material": "brass-cuzn39pb3"}),
        ("из латуни", {"material": "brass-cuzn39pb3"}),
        ("алюминиевую", {"material": "al-6082"}),
        ("матовую", {"finish": "matt"}),
        ("matte finish", {"finish": "matt"}),
        ("polished", {"finish": "gloss"}),
        ("brushed brass", {"material": "brass-cuzn39pb3", "finish": "brushed"}),
        # choices and flags
        ("M6 screws", {"screw": "M6"}),
        ("под винты М6", {"screw": "M6"}),
        ("countersunk", {"countersunk": True}),
        # text to cut
        ("text ОЛЕГ", {"text": "ОЛЕГ"}),
        ("text: ОЛЕГ, matt", {"text": "ОЛЕГ", "finish": "matt"}),
        ("text Workshop 7, matt", {"text": "Workshop 7", "finish": "matt"}),
        ("text ОЛЕГ matt", {"text": "ОЛЕГ", "finish": "matt"}),
        ("text oleg", {"text": "oleg"}),
        ("text THE CROWN", {"text": "THE CROWN"}),
        ("text A B C 7", {"text": "A B C 7"}),
        ("надпись С ДНЁМ РОЖДЕНИЯ", {"text": "С ДНЁМ РОЖДЕНИЯ"}),
        ("with text of the CROWN", {"text": "CROWN"}),
        ('text "no holes"', {"text": "no holes"}),
        ("text 'Don't panic'", {"text": "Don't panic"}),
        ("text “120 x 40 mm”", {"text": "120 x 40 mm"}),
        ("надпись «ОЛЕГ»", {"text": "ОЛЕГ"}),
        ("с текстом «Не курить»", {"text": "Не курить"}),
        ('гравировка "Мастер"', {"text": "Мастер"}),
        ("engraved with 'x'", {"text": "x"}),
        ('text "ОЛЕГ" and "Workshop 7"', {"text": "ОЛЕГ\nWorkshop 7"}),
        ("plate «ОЛЕГ»", {"text": "ОЛЕГ"}),
        # pieces
        ("three brass plates", {"quantity": 3, "material": "brass-cuzn39pb3"}),
        ("5 штук", {"quantity": 5}),
        ("quantity 4", {"quantity": 4}),
    ],
)
def test_what_is_read(wish: str, expected: dict[str, Any]) -> None:
    assert expected == said_so(wish)


@pytest.mark.parametrize(
    ("wish", "name", "words"),
    [
        ("brass, 120 x 40 mm", "width_mm", "120 x 40 mm"),
        ("with two holes", "hole_count", "two holes"),
        ("плита толщиной 3 мм", "thickness_mm", "толщиной 3 мм"),
        ("it must be 3 mm thick", "thickness_mm", "3 mm thick"),
        ("without holes", "hole_count", "without holes"),
        ("из латуни", "material", "латуни"),
        ("с надписью «ОЛЕГ»", "text", "надписью «ОЛЕГ»"),
    ],
)
def test_each_reading_keeps_the_words_it_came_from(wish: str, name: str, words: str) -> None:
    reading = next(r for r in brief(wish).readings if r.name == name)

    assert ("wish", words) == (reading.source, reading.words.removeprefix("с "))


def test_what_nobody_says_takes_the_default_and_says_so() -> None:
    readings = {r.name: r for r in brief("120 x 40 mm").readings}

    assert (5.0, "default", "default of the family") == (
        readings["thickness_mm"].value,
        readings["thickness_mm"].source,
        readings["thickness_mm"].words,
    )
    assert ("as-machined", "default") == (readings["finish"].value, readings["finish"].source)
    assert set(Slab.model_fields) <= set(readings)


@pytest.mark.parametrize(
    ("wish", "about"),
    [
        ("2 mm thick, thickness 3 mm", "thickness_mm"),
        ("no holes and two holes", "hole_count"),
        ("two holes, 4 holes", "hole_count"),
        ("brass or aluminium", "material"),
        ("латунь, алюминий", "material"),
        ("matt and glossy", "finish"),
        ("text 'A', text 'B'", "text"),
        ("2 or 3 mm thick", "wishes"),
        ("100-120 mm long", "wishes"),
        ("от 100 до 120 мм в длину", "wishes"),
        ("at most 3 mm thick", "thickness_mm"),
        ("не толще 3 мм", "thickness_mm"),
        ("no longer than 90 mm", "length_mm"),
        ("120 kg long", "wishes"),
        ("4 x 5 mm holes", "wishes"),
        ("with vents", "vents"),
        ("engraved", "text"),
        ("text Room for rent", "text"),
        ("no holes and text", "text"),
        ("not of brass", "material"),
        ("like the «Moscow» one", "text"),
        ("without the two holes", "wishes"),
        ("not 3 mm thick", "wishes"),
        ("не 3 мм толщиной", "wishes"),
        # sizes that are said and cannot be read
        ("hole spacing 9 mm", "wishes"),
        ("four and a half inches long", "wishes"),
        ("толщина полтора миллиметра", "wishes"),
        ("1.5 thick", "wishes"),
        ("one hundred twenty by forty mm", "wishes"),
        ("twenty-five mm thick", "wishes"),
        ("1e2 x 40 mm", "wishes"),
        ("M10 threads", "wishes"),
        ("weight under 20 g", "wishes"),
        ("without lid", "wishes"),
        ("outer 80x50x28", "wishes"),
        ("double the thickness", "wishes"),
        ("zero pieces", "wishes"),
        # values left open
        ("-100 x 40 mm", "wishes"),
        ("thickness -3 mm", "wishes"),
        ("100-120 x 40", "wishes"),
        ("between 2 and 3 mm thick", "wishes"),
        ("100 ± 0.05 x 40", "wishes"),
        ("less than 2 mm thick", "wishes"),
        ("менее 9 мм в толщину", "wishes"),
        # the order taken back, and texts that may begin or end elsewhere
        ("do not make a plate", "family"),
        ("cancel my plate order", "wishes"),
        ("text Title Fight", "text"),
        ("TEXT THE CROWN PLEASE", "text"),
        ("text OLEG I want it matt", "text"),
    ],
)
def test_what_is_unclear_is_asked_and_never_guessed(wish: str, about: str) -> None:
    assert [about] == questions(wish)[:1]


def test_questions_speak_the_customers_language() -> None:
    with pytest.raises(QuestionError) as russian:
        brief("толщина 2 мм, толщина 3 мм")
    with pytest.raises(QuestionError) as english:
        brief("thickness 2 mm, thickness 3 mm")
    with pytest.raises(QuestionError) as told:
        brief("thickness 2 mm, thickness 3 mm", locale="ru-RU")

    assert "Что верно?" in russian.value.message
    assert "Which is right?" in english.value.message
    assert "Что верно?" in told.value.message
    assert ("2", "3") == russian.value.questions[0].options


def test_an_explicit_value_wins_over_a_wish_and_the_customer_is_told() -> None:
    result = brief("120 mm long", parameters={"length_mm": 100})

    assert result.parameters["length_mm"] == 100.0
    assert ("length: the wish «120 mm long» gives way to 100",) == result.notes


def test_a_must_against_an_explicit_value_is_asked() -> None:
    assert ["length_mm"] == questions(Wish("120 mm long", kind="must"), parameters={"length_mm": 100})


def test_a_wish_that_agrees_says_nothing() -> None:
    assert () == brief(Wish("10 cm long", kind="must"), parameters={"length_mm": 100}).notes


def test_a_limit_wins_over_a_wish_and_a_default() -> None:
    by_wish = brief("120 mm long", constraints=("length <= 110 mm",))
    by_default = brief(constraints=("length <= 90 mm",))

    assert (110.0, 90.0) == (by_wish.parameters["length_mm"], by_default.parameters["length_mm"])
    assert "«length <= 110 mm»" in by_wish.notes[0]
    assert "«length <= 90 mm»" in by_default.notes[0]


@pytest.mark.parametrize(
    ("wish", "order"),
    [
        (Wish("120 mm long", kind="must"), {"constraints": ("length <= 110 mm",)}),
        (Wish("matt"), {"parameters": {"length_mm": 120}, "constraints": ("length <= 110 mm",)}),
        (Wish("120 mm long"), {"constraints": ("length < 110 mm",)}),
        (Wish("120 mm long"), {"constraints": ("length <= 10 mm",)}),
    ],
)
def test_a_limit_that_leaves_no_choice_is_asked(wish: Wish, order: dict[str, Any]) -> None:
    assert ["length_mm"] == questions(wish, **order)


def test_a_bound_that_holds_needs_no_question() -> None:
    assert {} == said_so("at least 2 mm thick")


def test_avoid_is_a_negation() -> None:
    assert {"hole_count": 0} == said_so(Wish("holes", kind="avoid"))
    assert ["finish"] == questions("matt", Wish("matt finish", kind="avoid"))
    assert ["thickness_mm"] == questions("3 mm thick", Wish("3 mm thick", kind="avoid"))


def test_words_not_understood_become_a_note_or_for_a_must_a_question() -> None:
    note = brief("with a fluffy zigzag").notes

    assert ("Not understood and not used: «fluffy zigzag»",) == note
    assert ["wishes"] == questions("with a fluffy zigzag and 77")
    assert ["wishes"] == questions(Wish("it shall sing", kind="must"))


def test_a_size_without_a_unit_is_told_to_be_millimetres() -> None:
    assert ("«140 by 50» is read as millimetres",) == brief("140 by 50").notes


def refusal(*wishes: str | Wish, **order: Any) -> OrderError:
    with pytest.raises(OrderError) as refused:
        brief(*wishes, **order)
    assert not isinstance(refused.value, QuestionError)
    assert refused.value.exit_code == 65
    assert all(f.hint for f in refused.value.findings)
    return refused.value


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"family": "slap"}, ("understand.unknown-family", "family", "slap", "slab, tray", "Did you mean slab?")),
        (
            {"parameters": {"lenght_mm": 100}},
            (
                "order.unknown-parameter", "lenght_mm", "lenght_mm", ", ".join(Slab.model_fields),
                "Did you mean length_mm?",
            ),
        ),
        ({"parameters": {"length_mm": "120 kg"}}, ("units.wrong-kind", "length_mm", "120 kg", "mm", "Give it in mm.")),
        (
            {"parameters": {"length_mm": "120"}},
            ("units.missing", "length_mm", "120", None, "Write the unit behind the number."),
        ),
        (
            {"parameters": {"length_mm": True}},
            ("order.wrong-type", "length_mm", "true", "a number", "Give it in mm."),
        ),
        (
            {"material": "bras"},
            (
                "understand.unknown-material", "material", "bras", "brass-cuzn39pb3, al-6082, pom",
                "Did you mean brass?",
            ),
        ),
        (
            {"material": "PETG"},
            (
                "understand.material-not-accepted", "material", "PETG", "brass-cuzn39pb3, al-6082, pom",
                "Choose one of: brass-cuzn39pb3, al-6082, pom.",
            ),
        ),
        (
            {"tolerance_class": "H7"},
            (
                "understand.unknown-tolerance", "tolerance_class", "H7", "ISO 2768-f, -m, -c, -v",
                "Write ISO 2768-m or leave it out.",
            ),
        ),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_code_place_value_limit_and_hint(
    order: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    error = refusal(**order)

    assert expected == (error.code, error.place, error.value, error.limit, error.hint)


@pytest.mark.parametrize(
    ("order", "value", "limit"),
    [
        ({"parameters": {"length_mm": 5000}}, 5000, 400.0),
        ({"parameters": {"length_mm": "1/4 in"}}, 6.35, 20.0),
        ({"wishes": (Wish("5 m long"),)}, 5000.0, 400.0),
    ],
)
def test_out_of_range_gives_the_number_and_the_limit(order: dict[str, Any], value: float, limit: float) -> None:
    with pytest.raises(OrderError) as refused:
        brief_of(Order(id="t", family="slab", **order), FAMILIES, MATERIALS)

    assert ("order.out-of-range", "length_mm", value, limit) == (
        refused.value.code,
        refused.value.place,
        refused.value.value,
        refused.value.limit,
    )


@pytest.mark.parametrize("pieces", [0, 1001, 1000000])
def test_a_wish_for_a_quantity_nobody_makes_is_refused(pieces: int) -> None:
    error = refusal(f"{pieces} pieces")

    assert ("understand.quantity-out-of-range", pieces, "1..1000") == (error.code, error.value, error.limit)


@pytest.mark.parametrize(
    "written", ["+7 916 123-45-67", "8 (916) 123 45 67", "89161234567", "916.123.45.67", "123-45-67", "7/916/1234567"]
)
@pytest.mark.parametrize("given", ["+79161234567", "8 916 123-45-67"])
def test_a_phone_written_another_way_is_left_out(written: str, given: str) -> None:
    result = brief(f"matt, call {written}", personal={"phone": given})

    assert "Contact details in the wishes were left out" in result.notes
    assert [] == [d for n in result.notes for d in ("123", "45", "67") if d in n]


@pytest.mark.parametrize("number", ["123-45-67", "12 34 56", "1234567", "44 20 7946 0958"])
def test_a_number_that_may_be_a_phone_is_never_repeated(number: str) -> None:
    with pytest.raises(QuestionError) as waiting:
        brief(f"gizmo {number} zigzag 9")

    assert [] == [part for part in number.replace("-", " ").split() if part in waiting.value.message]


def test_a_question_about_a_range_repeats_the_range() -> None:
    with pytest.raises(QuestionError) as waiting:
        brief("100-120 mm long")

    assert "«100-120 mm»" in waiting.value.message


def test_an_unknown_finish_names_its_neighbour() -> None:
    error = refusal(finish="mat")

    assert ("understand.unknown-finish", "finish", "mat") == (error.code, error.place, error.value)
    assert "matt" in error.hint


@pytest.mark.parametrize("wish", ["titanium", "made of unobtainium", "из уноптаниума", "золотая"])
def test_a_material_nobody_has_is_refused_not_replaced(wish: str) -> None:
    assert refusal(wish).code in ("understand.unknown-material", "understand.material-not-accepted")


def test_every_bad_value_is_told_at_once() -> None:
    error = refusal(parameters={"lenght_mm": 1, "width_mm": "3 kg", "thickness_mm": 99}, material="mithril")

    assert error.code == "understand.several-problems"
    assert {"order.unknown-parameter", "units.wrong-kind", "order.out-of-range", "understand.unknown-material"} == {
        f.code for f in error.findings
    }


def test_a_doubtful_comma_is_refused() -> None:
    assert refusal("1,200 mm long").code == "units.ambiguous-comma"


def test_the_family_is_found_in_the_words_or_asked() -> None:
    assert brief("латунная табличка", family="").family == "slab"
    assert ["family"] == questions("a nice thing", family="")
    assert ["family"] == questions("a plate on a tray", family="")
