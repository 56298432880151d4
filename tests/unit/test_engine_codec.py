"""The codec: what is written is read back the same, and anything else is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from model.finding import Finding, Gate, Report
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from pipeline.engine.codec import decode, encode, pretty


@dataclass(frozen=True, slots=True)
class Round:
    radius_mm: float
    kind: Literal["round"] = "round"


@dataclass(frozen=True, slots=True)
class Square:
    side_mm: float
    kind: Literal["square"] = "square"


@dataclass(frozen=True, slots=True)
class Tray:
    shapes: tuple[Round | Square, ...] = ()
    data: bytes = b""
    names: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    label: str | None = None
    size: tuple[float, float] = (0.0, 0.0)


TRAY = Tray((Round(1.5), Square(2.0)), b"\x00\xff", {"a": (1, 2), "б": ()}, "Ё", (1.0, 2.5))


def test_what_is_written_is_read_back() -> None:
    assert decode(Tray, encode(TRAY)) == TRAY


def test_defaults_are_left_out_but_the_kind_stays() -> None:
    assert encode(Tray((Round(1.0),))) == b'{"shapes":[{"kind":"round","radius_mm":1.0}]}'


def test_a_whole_number_in_a_float_field_comes_back_as_float() -> None:
    tray = decode(Tray, b'{"size":[1,2]}')

    assert [float, float] == [type(v) for v in tray.size]


def test_a_report_survives_with_numbers_and_words_as_values() -> None:
    findings = (Finding("a.b", "m", value=1.5, limit="two"), Finding("c.d", "n"))
    report = Report("s", (Gate("g", "fail", "d", 1.0, 2.0, "mm", findings),), {"x_mm": 3.0})

    assert decode(Report, pretty(report)) == report


def test_a_toolpath_survives() -> None:
    paths = Toolpaths(
        (SetupPath(1, (Toolpath("o", 3, 9000.0, "off", (Move("cw", 1.0, 2.0, 3.0, 4.0, "ramp", 5.0),)),)),)
    )

    assert decode(Toolpaths, encode(paths)) == paths


@pytest.mark.parametrize(
    "data",
    [
        b'{"colour":"red"}',
        b'{"shapes":[{"kind":"oval"}]}',
        b'{"shapes":[{"kind":"round","radius_mm":"wide"}]}',
        b'{"shapes":[{"kind":"round","radius_mm":true}]}',
        b'{"shapes":[{"kind":"round"}]}',
        b'{"shapes":"round"}',
        b'{"size":[1.0]}',
        b'{"label":5}',
        b"[]",
        b"not json",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is a ValueError too
        decode(Tray, data)


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot encode a set"):
        encode(Report("s", (), {"x": {1}}))  # type: ignore[dict-item]
