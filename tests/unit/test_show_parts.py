"""The pieces a showing is made of: places of findings, tables, the stock's skin, tools' outlines, the drawn solid."""

from __future__ import annotations

import base64
import json
import math
import re
import zlib
from pathlib import Path

import cadquery as cq
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geometry import solids
from geometry.display import drawable
from model.finding import Finding
from model.tooling import Assembly, Holder, Segment3, Tool, ToolKind
from pipeline.release.tones import TONES, edges
from pipeline.show.blob import UNKNOWN, Blob
from pipeline.show.page import PAGE, SCRIPTS, scale
from pipeline.show.places import Place, place_of
from pipeline.show.skin import skin
from pipeline.show.stock import Shot
from pipeline.show.tools import body, cutter
from pipeline.show.words import WORDS

HOLDER = Holder("er11", "ER11", (Segment3(20, 16, 16), Segment3(20, 16, 30)), 7, 30000)


@pytest.mark.parametrize(
    ("place", "message", "expected"),
    [
        ("a.nc line 7", "a rapid goes through material (mm)", Place("a.nc", 7)),
        ("b.nc line 7", "of a program that is not there", Place()),
        ("a.nc line 7", "cut into the part at x 1.50, y -2.00, z 3.00 (mm)", Place("a.nc", 7, 0, (1.5, -2.0, 3.0))),
        ("a.nc line 7", "ends elsewhere than planned at (1.0, 2.0, 3.0)", Place("a.nc", 7)),
        ("part x 1.00, y 2.00, z 3.00", "material left", Place(at_mm=(1.0, 2.0, 3.0))),
        ("setup 2 at x 1.0, y -2.5", "a piece is cut free", Place(setup=2, at_mm=(1.0, -2.5, math.nan))),
        ("face 12", "an undercut", Place(faces=(11,))),
        ("faces 3, 4, 15", "out of reach", Place(faces=(2, 3, 14))),
        ("design", "the design has no such part", Place()),
    ],
)
def test_a_findings_own_words_tell_its_place(place: str, message: str, expected: Place) -> None:
    found = place_of(Finding("x.y", message, place), ["a.nc"])

    assert repr(expected) == repr(found)  # nan is nan in its text


@given(st.lists(st.decimals(-2000, 2000, places=4), max_size=40))
def test_lengths_of_four_decimals_are_carried_exactly(values: list[object]) -> None:
    told = np.array([float(str(v)) for v in values])
    blob = Blob()
    record = blob.lengths(np.append(told, np.nan))
    data = zlib.decompress(base64.b64decode(blob.text()))
    whole = np.frombuffer(data, dtype="<i4", count=record["n"], offset=record["at"])

    assert [*(round(v * 1e4) for v in told.tolist()), UNKNOWN] == whole.tolist()


HEIGHTS = st.lists(
    st.lists(st.sampled_from([None, 1.0, 1.5, 2.0, 4.0]), min_size=4, max_size=4), min_size=1, max_size=5
)


@settings(max_examples=60)
@given(HEIGHTS, st.sampled_from([0.0, 0.5]))
def test_the_skin_of_the_stock_is_closed_and_holds_its_volume(rows: list[list[float | None]], foot: float) -> None:
    high = np.array([[math.nan if v is None else v for v in row] for row in rows], dtype=np.float32)
    low = np.where(np.isnan(high), np.nan, np.where(np.arange(high.shape[1]) % 2, foot, 0.0)).astype(np.float32)
    none = np.empty(0, dtype=np.int64), np.empty((0, 2), dtype=np.float32)
    found = skin(Shot(0, 0, high, low, *none), np.array([-3.0, 2.0, 0.5, 0.25]))
    a, b, c = (found.points[found.triangles[:, k]] for k in range(3))
    outward = np.cross(b - a, c - a).sum(axis=0)

    assert pytest.approx(float(np.nansum(high - low)) * 0.125) == found.volume_mm3
    assert pytest.approx([0, 0, 0]) == outward.tolist()


def test_stretches_further_down_are_drawn_with_their_volume() -> None:
    high, low = np.full((2, 3), 5, np.float32), np.full((2, 3), 4, np.float32)
    shot = Shot(0, 0, high, low, np.array([1, 1, 5]), np.array([[3, 2], [1, 0], [2, 0]], dtype=np.float32))

    assert pytest.approx(6 + 1 + 1 + 2) == skin(shot, np.array([0.0, 0.0, 1.0, 1.0])).volume_mm3


def tool(kind: ToolKind, point_angle_deg: float = 180.0) -> Assembly:
    made = Tool("t", "t", kind, 6, 6.0, point_angle_deg, 12, 14, 50, 8, 2, centre_cutting=True, substrate="carbide",
                max_rpm=1e4, price_eur=1, source="")  # fmt: skip
    return Assembly(1, made, HOLDER, 25, 85)


def test_outlines_are_those_the_tools_have() -> None:
    assert [(0, 0), (3, 0), (3, 12)] == cutter(tool("end-mill"))
    ball = cutter(tool("ball-mill"))
    assert pytest.approx([3.0] * len(ball[1:-1])) == [math.hypot(r, z - 3) for r, z in ball[1:-1]]
    drill = cutter(tool("drill", point_angle_deg=90))
    assert pytest.approx((3, 3)) == drill[2]


def test_shank_and_holder_stand_on_the_cutter_up_to_the_holders_end() -> None:
    shank, holder = body(tool("end-mill"))

    assert (3, 12) == shank[0]
    assert [(4, 14), (4, 25)] == shank[-3:-1]
    assert [(8, 25), (8, 45), (8, 45), (15, 65)] == holder[1:-1]


def test_a_drawn_solid_keeps_its_faces_directions_and_edges() -> None:
    block = cq.Workplane().box(20, 10, 6).faces(">Z").workplane().hole(4.0)
    shape = block.findSolid()
    found = drawable(solids.dump(shape))
    a, b, c = (found.points[found.triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    volume = float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
    lengths = np.linalg.norm(found.edges[:, 1] - found.edges[:, 0], axis=1)
    straight = 4 * (20 + 10 + 6)

    assert pytest.approx(shape.Volume(), rel=2e-3) == volume
    assert len(shape.Faces()) == len(np.unique(found.face))
    assert (np.einsum("ij,ij->i", across, found.normals[found.triangles[:, 0]]) > 0).all()
    assert pytest.approx(straight + 2 * 4 * math.pi, rel=5e-3) == lengths.sum()  # the hole's seam is no edge


def test_every_class_of_deviation_has_its_colour_and_its_range() -> None:
    legend = scale(0.01, 0.05)

    assert len(edges(0.01, 0.05)) + 1 == len(TONES)
    assert len(TONES) + 1 == len(legend)
    assert [*edges(0.01, 0.05)] == sorted(edges(0.01, 0.05))
    assert ("< -0.05", "cut-into") in {(text, note) for _, text, note in legend}
    assert ("+0.05 … +0.25", "left-on") in {(text, note) for _, text, note in legend}


def test_every_word_on_the_page_is_in_both_languages() -> None:
    text = (PAGE / "index.html").read_text()
    scripts = "".join((PAGE / s).read_text() for s in SCRIPTS)
    asked = set(re.findall(r'w\("([a-z-]+)"\)', text)) | set(re.findall(r'data-(?:w|label)="([a-z-]+)"', text))
    asked |= set(re.findall(r'words\[[\'"]([a-z-]+)[\'"]\]', text)) | set(re.findall(r'told\("([a-z-]+)"\)', scripts))

    assert set() == asked - set(WORDS)
    assert all(en and ru and en != ru for en, ru in WORDS.values())


def test_the_viewers_files_hold_no_address_and_nothing_that_could_leave_the_page() -> None:
    for path in sorted(Path(PAGE).iterdir()):
        text = path.read_text()

        assert re.search(r"https?://|@import|import\(|fetch\(|XMLHttpRequest|WebSocket|sendBeacon", text) is None
        assert "</script" not in text or path.name == "index.html"


def test_words_are_plain_json() -> None:
    assert dict(WORDS) == {k: tuple(v) for k, v in json.loads(json.dumps(WORDS)).items()}
