from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import generators
import tooling_db
from model.errors import OrderError
from model.order import Brief, Order, Wish
from pipeline.engine.codec import encode
from pipeline.understand.stage import brief_of

FAMILIES = {name: generators.get(name) for name in generators.names()}
MATERIALS = tooling_db.load().materials

tenths = st.integers(200, 3000).map(lambda t: t / 10)
spoken = st.lists(
    st.sampled_from(
        [
            "120 x 40 mm", "3 mm", "thick", "толщиной", "no", "without", "без", "not", "or", "and", ",", ".", "holes",
            "отверстия", "two", "двумя", "M6", "text", "ОЛЕГ", "«", "»", '"', "'", "brass", "латунная", "matt", "из",
            "1/0", "1,200 mm", "Ø5", "R3", "4x", "x", "at most", "до", "corners", "углы", "radius", "5-6", "½", "шт",
            "plate", "pocket", "made of", "engraved", "label", "#", "\n", "\x00", "\ue000", "1 1/2 in", "kg",
            "10 kg long",
        ]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


def understand(order: Order) -> Brief:
    return brief_of(order, FAMILIES, MATERIALS)


@given(length=tenths, width=tenths, by=st.sampled_from([" x ", "x", "×", "х", " by ", " на "]))
def test_a_size_is_read_as_written(length: float, width: float, by: str) -> None:
    order = Order("t", "nameplate", wishes=(Wish(f"{length}{by}{width} mm"),), parameters={"hole_count": 0})

    readings = {r.name: r.value for r in understand(order).readings}

    assert (length, width) == (readings["length_mm"], readings["width_mm"])


@given(given_mm=tenths, wished_mm=tenths)
def test_what_is_given_outright_is_what_is_made(given_mm: float, wished_mm: float) -> None:
    order = Order(
        "t", "nameplate", parameters={"length_mm": given_mm, "hole_count": 0}, wishes=(Wish(f"{wished_mm} mm long"),)
    )

    brief = understand(order)

    assert given_mm == brief.parameters["length_mm"]
    assert (given_mm != wished_mm) == bool(brief.notes)


@given(text=st.one_of(spoken, st.text(max_size=60)), kind=st.sampled_from(["must", "want", "avoid"]))
def test_any_wish_is_understood_asked_or_refused_with_a_code(text: str, kind: str) -> None:
    order = Order("t", "nameplate", wishes=(Wish(text, "", kind),))  # type: ignore[arg-type]
    try:
        told = encode(understand(order)) != b""
    except OrderError as error:
        told = "." in error.code and error.message != "" and error.hint != ""

    assert told


@given(
    name=st.sampled_from(["Ivan Petrov", "Анна Иванова"]),
    email=st.emails(),
    phone=st.integers(10**9, 10**10 - 1).map(lambda n: f"+7 {n // 10**7} {n % 10**7 // 10**4}-{n % 10**4:04}"),
    where=st.sampled_from(["{name} {email}", "for {name}, {phone}", "call {phone} or {email}, matt", "matt"]),
)
def test_personal_data_never_reaches_the_brief(name: str, email: str, phone: str, where: str) -> None:
    wish = where.format(name=name, email=email, phone=phone)
    personal = {"name": name, "email": email, "phone": phone}
    order = Order("t", "nameplate", wishes=(Wish(wish),), personal=personal)
    try:
        written = encode(understand(order)).decode()
    except OrderError:
        written = ""

    assert [] == [value for value in personal.values() if value in written]
