"""The certificate's pictures show every face where it is, in the colour of its deviation, under its own number."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Any

import cadquery as cq
import numpy as np
import pytest
from numpy.typing import NDArray

from geometry.display import drawable
from geometry.facepicture import Picture, picture
from geometry.solids import dump, load
from model.design import Design, Expected, Part
from model.finding import Table
from pipeline.release.faces import CUT_INTO_MM, LEFT_ON_MM, face_pictures
from pipeline.release.tones import TONES, UNCUT, edges, ranges
from pipeline.verify.gates_cut import GOUGE_MM
from pipeline.verify.leftover import EXCESS_MM

SIZE = (300, 200)
SOLID: Any = cq.Workplane().box(40, 30, 20).cut(cq.Workplane().circle(6).extrude(20)).val()
BOX = dump(SOLID)
COLUMNS = ("face", "surface", "middle (mm)", "judged", "least (mm)", "mean (mm)", "greatest (mm)")


def design() -> Design:
    part = Part("box", BOX, Expected((40, 30, 20), (0, 1), 0))
    return Design("o-1", "box", "Box", "al", "", 1, (part,))


def pixels(one: Picture) -> NDArray[np.uint8]:
    """The picture read back by a few lines of one's own."""
    width, height = struct.unpack(">II", one.png[16:24])
    data = b"".join(re.findall(rb"IDAT(.*)\x00\x00\x00\x00IEND", one.png, re.DOTALL))[:-4]
    rows = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(height, 1 + 3 * width)
    assert (rows[:, 0] == 0).all()
    return rows[:, 1:].reshape(height, width, 3)


def shown(eye: tuple[float, float, float]) -> tuple[Picture, NDArray[np.uint8]]:
    """The box with a colour a face: the face's number as blue, on full red."""
    count = len(load(BOX).Faces())
    colours = np.array([[255, 0, 10 * k] for k in range(count)], dtype=np.uint8)
    made = picture(drawable(BOX), colours, eye, SIZE)
    return made, pixels(made)


@pytest.mark.parametrize("eye", [(0.5, -1.0, 0.8), (-0.5, 1.0, -0.8), (1.0, 0.1, 0.1)])
def test_the_faces_that_look_to_the_eye_are_seen_at_their_numbers_and_no_others(
    eye: tuple[float, float, float],
) -> None:
    made, image = shown(eye)
    faces = load(BOX).Faces()
    towards = {k for k, f in enumerate(faces) if f.geomType() == "PLANE" and f.normalAt().dot(cq.Vector(*eye)) > 0.15}
    away = {k for k, f in enumerate(faces) if f.geomType() == "PLANE" and f.normalAt().dot(cq.Vector(*eye)) < 0}
    seen = {k for k, _, _ in made.seen}
    at = [(k, image[round(y * SIZE[1]), round(x * SIZE[0])].astype(float)) for k, x, y in made.seen]

    assert SIZE == (image.shape[1], image.shape[0])
    assert towards <= seen | {k for k, f in enumerate(faces) if f.Area() < 200}  # the hole's floor may be hidden
    assert set() == away & seen
    assert [k for k, _ in at] == [round(blue / red * 25.5) for _, (red, _, blue) in at]


def test_a_picture_is_the_same_bytes_twice() -> None:
    assert shown((0.5, -1.0, 0.8))[0] == shown((0.5, -1.0, 0.8))[0]


def test_the_part_fills_the_picture_without_touching_its_rim() -> None:
    _, image = shown((0.5, -1.0, 0.8))
    y, x = np.nonzero((image != 255).any(axis=2))

    assert min(x.min(), y.min(), SIZE[0] - 1 - x.max(), SIZE[1] - 1 - y.max()) >= 4
    assert max(np.ptp(x) / SIZE[0], np.ptp(y) / SIZE[1]) > 0.9


def test_the_colours_change_where_the_proofs_limits_are() -> None:
    assert (GOUGE_MM, EXCESS_MM) == (CUT_INTO_MM, LEFT_ON_MM)
    assert len(TONES) == len(ranges(CUT_INTO_MM, LEFT_ON_MM)) == len(edges(CUT_INTO_MM, LEFT_ON_MM)) + 1


def test_every_face_has_the_colour_of_its_worst_point() -> None:
    worst = {0: ("-0.0600", "+0.0100"), 1: ("+0.0000", "+0.0300"), 2: ("", "")}
    rows = tuple(
        (f"n{k}", "plane", "0 0 0", "1.00", low, "", high)
        for k in range(len(load(BOX).Faces()))
        for low, high in [worst.get(k, ("+0.0000", "+0.0000"))]
    )
    told, pictures = face_pictures(design(), (Table("Loads", ("a",), ()), Table("Deviation by face", COLUMNS, rows)))
    legend = dict(told["legend"]) if told else {}

    assert told
    assert {p["file"] for p in told["pictures"]} == set(pictures)
    assert {label[0] for p in told["pictures"] for label in p["labels"]} <= {r[0] for r in rows}
    assert ["< -0.05", "+0.01 … +0.05", "the blank's own face"] == [legend[t] for t in (TONES[0], TONES[5], UNCUT)]
    assert all(data.startswith(b"<svg") for data in pictures.values())


def test_without_a_table_of_faces_there_are_no_pictures() -> None:
    assert (None, {}) == face_pictures(design(), ())
