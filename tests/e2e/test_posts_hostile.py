"""No state another program left behind reaches a move, in any dialect; and each word that ends one is needed."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import pytest

from model.program import Program
from pipeline.verify.programs import READERS, STATE_NAMES, judged
from pipeline.verify.readers.types import Start
from tests.e2e.test_verify_other_tongues import numbered
from tests.every_move import DIALECTS, gated, plan_for, posted

ISO_CYCLES = ("G73", "G81", "G82", "G83", "G85")
VALUES: dict[str, tuple[object, ...]] = {
    "inch": (True,), "absolute": (False,), "plane": ("G18", "G19"), "wcs": ("G55", "G56", "G59"),
    "motion": ("G1", "G2", "G3", "G80"), "feed_mm_min": (0.0, 7777.0), "feed_mode": ("G93", "G95"),
    "arc_centres": ("G90.1",), "compensation": ("G41", "G42"), "length_mm": (33.0, -50.0), "length_offset": (99,),
    "spindle": ("cw", "ccw"), "rpm": (60.0, 4321.0), "coolant": ("mist", "flood"), "retract": ("G99",),
    "turned": (True,), "scaled": (True,), "mirrored": (True,), "polar": (True,), "shifted": (True,),
}  # fmt: skip
FRAMES = {"turned", "scaled", "mirrored", "polar", "shifted"}
LEFT = {
    "fanuc": FRAMES, "grbl": set(), "grblhal": {"scaled"}, "haas": FRAMES - {"polar"},
    "heidenhain": FRAMES - {"polar"}, "linuxcnc": {"shifted"}, "mach3": FRAMES - {"mirrored"},
    "sinumerik": FRAMES - {"polar"},
}  # fmt: skip
"""What each control has a word for that bends the coordinates (mirrors are negative scales on Mach3)."""

FANUC = {"G21": "inch", "G17": "plane", "G54": "wcs", "G94": "feed_mode"}
SHARED = FANUC | {"G90": "absolute"}
HALTED = {"M5": "spindle", "M9": "coolant"}
BENDS = {"G50": "scaled", "G69": "turned"}
WORDS: dict[str, dict[str, str]] = {
    "fanuc": {
        **FANUC, **HALTED, **BENDS, "G40": "compensation", "G15": "polar",
        "G50.1 X0. Y0. Z0.": "mirrored", "G92.1 X0. Y0. Z0.": "shifted",
    },
    "grbl": SHARED | HALTED,
    "grblhal": {**SHARED, **HALTED, "G50": "scaled"},
    "haas": {
        **SHARED, **HALTED, **BENDS, "G40": "compensation", "G100 X0. Y0. Z0.": "mirrored",
        "G52 X0. Y0. Z0.": "shifted",
    },
    "heidenhain": {**HALTED, "CYCL DEF 247 DATUM SETTING ~\n    Q339=+1 ;DATUM NUMBER": "wcs"},
    "linuxcnc": {**SHARED, **HALTED, "G40": "compensation", "G91.1": "arc_centres", "G92.1": "shifted"},
    "mach3": {
        **SHARED, **HALTED, **BENDS, "G40": "compensation", "G91.1": "arc_centres", "G15": "polar", "G92.1": "shifted",
    },
    "sinumerik": {
        "G710": "inch", "G90": "absolute", "G17": "plane", "G54": "wcs", "G94": "feed_mode", **HALTED,
        "G40": "compensation", "TRANS": "turned",
    },
}  # fmt: skip
"""Each word of a preamble with the state it ends (Fanuc's first G90 comes again behind G91 G28)."""


@cache
def programs(dialect: str) -> tuple[Program, ...]:
    return posted(dialect)


def left(dialect: str) -> list[str]:
    """Which states the dialect's worst one is made of."""
    hostile = READERS[dialect][1]
    return [f.name for f in fields(Start) if getattr(hostile, f.name) != f.default]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_way_the_control_can_bend_coordinates_is_in_its_worst_state(dialect: str) -> None:
    assert LEFT[dialect] == FRAMES & set(left(dialect))


CASES = [
    (d, name, value)
    for d in DIALECTS
    for name in left(d)
    for value in (*VALUES[name], *(ISO_CYCLES if name == "motion" and "retract" in left(d) else ()))
]


@pytest.mark.parametrize(("dialect", "name", "value"), CASES)
def test_no_state_left_behind_reaches_a_move(
    monkeypatch: pytest.MonkeyPatch, dialect: str, name: str, value: object
) -> None:
    monkeypatch.setitem(READERS, dialect, (READERS[dialect][0], Start(**{name: value})))  # type: ignore[arg-type]

    assert [] == gated(dialect, programs(dialect))


@pytest.mark.parametrize(("dialect", "word"), [(d, w) for d in DIALECTS for w in WORDS[d]])
def test_without_its_word_a_state_reaches_a_move(dialect: str, word: str) -> None:
    first = programs(dialect)[0]
    text = without(first.text, word)
    if dialect == "heidenhain":
        text = numbered(text)
    leaks = judged(replace(first, text=text), plan_for(dialect).setups[0], plan_for(dialect)).leaks

    assert STATE_NAMES[WORDS[dialect][word]] in {f.message.partition(" is not set")[0] for f in leaks}


def without(text: str, word: str) -> str:
    """The text without the first line that is the word, or without the word where it first stands in a line."""
    lines = text.split("\n")
    for k in range(len(lines)):
        block = "\n".join(lines[k : k + 1 + word.count("\n")])
        if block.lstrip("0123456789 ") == word:
            return "\n".join(lines[:k] + lines[k + 1 + word.count("\n") :])
        if not lines[k].startswith(("(", ";")) and word in lines[k].split():
            return "\n".join([*lines[:k], " ".join(w for w in lines[k].split() if w != word), *lines[k + 1 :]])
    msg = f"{word!r} is not in the program"
    raise AssertionError(msg)
