from __future__ import annotations

import pytest

from pipeline.understand.words import Found, find_names, same, words


@pytest.mark.parametrize(
    ("known", "forms"),
    [
        ("отверстие", "отверстия отверстий отверстию отверстиями отверстиях"),
        ("табличка", "таблички табличку табличкой табличек табличками"),
        ("толщина", "толщиной толщину толщины"),
        ("кронштейн", "кронштейна кронштейном кронштейны кронштейнов"),
        ("матовый", "матовая матовую матовой матовые матового"),
        ("латунь", "латуни латунью латунный латунная латунную латунной"),
        ("алюминий", "алюминия алюминием алюминиевый алюминиевая алюминиевую"),
        ("сталь", "стали сталью стальной стальная"),
        ("бронза", "бронзы бронзой бронзовая"),
        ("hole", "holes HOLE Holes"),
        ("box", "boxes"),
        ("brass", "Brass"),
    ],
)
def test_a_word_is_known_again_in_its_forms(known: str, forms: str) -> None:
    assert [] == [form for form in forms.split() if not same(form, known)]


@pytest.mark.parametrize(
    ("known", "others"),
    [("медь", "медаль медведь медленно"), ("сталь", "сталактит"), ("brass", "bras brassy"), ("стол", "столица")],
)
def test_another_word_is_not(known: str, others: str) -> None:
    assert [] == [other for other in others.split() if same(other, known)]


def test_the_longest_name_wins() -> None:
    names = [("al", "aluminium"), ("cast", "cast aluminium"), ("plate", "plate"), ("nameplate", "name plate")]

    found = find_names(words("a name plate of cast aluminium"), names)

    assert [Found("nameplate", 1, 2), Found("cast", 4, 5)] == found


def test_an_exact_name_beats_an_adjective_of_it() -> None:
    names = [("noun", "бронза"), ("adjective", "бронзовый")]

    assert [Found("adjective", 0, 0)] == find_names(words("бронзовая"), names)


def test_one_name_of_two_things_gives_both() -> None:
    assert [Found("a", 0, 0), Found("b", 0, 0)] == find_names(words("nylon"), [("b", "nylon"), ("a", "nylon")])
