"""Whatever the customer writes is set inside its box and readable, or refused with numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TypeVar

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geometry.text import STROKE_FONT, engraved, guarded
from model.errors import OrderError

LETTERS = st.sampled_from("ABCQWabcgijwАБЁЖЙЩавёжйщ0189&-.,!«»ÄßéЇ ")
TEXTS = st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=4).map("\n".join)

T = TypeVar("T")


def outcome(attempt: Callable[[], T]) -> T | OrderError:
    try:
        return attempt()
    except OrderError as error:
        return error


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40))
def test_the_guard_either_refuses_or_gives_text_it_would_take_again(text: str) -> None:
    clean = outcome(lambda: guarded(text, STROKE_FONT))

    if isinstance(clean, OrderError):
        assert clean.findings
        assert all(f.code.startswith("text.") and f.hint for f in clean.findings)
    else:
        assert clean == guarded(clean, STROKE_FONT)
        assert unicodedata.is_normalized("NFC", clean)


@settings(max_examples=40, deadline=None)
@given(text=TEXTS, width=st.floats(20, 120), height=st.floats(6, 60), tool=st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_grooves_stay_in_their_box_and_letters_apart(text: str, width: float, height: float, tool: float) -> None:
    assume(text.strip())
    words = outcome(lambda: engraved(text, (width, height), tool))

    if isinstance(words, OrderError):
        assert words.value is not None
        assert words.limit is not None
    else:
        x0, y0, x1, y1 = words.area.bounds()
        assert x1 - x0 <= width + 1e-3
        assert max(-y0, y1) <= height / 2 + 1e-3
        assert words.height_mm >= max(2.0, 4 * tool)
