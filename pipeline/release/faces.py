"""The certificate's pictures of the part: every face in the colour of its greatest deviation, with its number."""

from __future__ import annotations

import base64
import bisect
from typing import Any

import numpy as np

from model.design import Design
from model.finding import Table
from pipeline.release.tones import TONES, UNCUT, edges, ranges

TITLE = "Deviation by face"
CUT_INTO_MM, LEFT_ON_MM = 0.01, 0.05
"""The proof's limits, at which the colours change to those of a fault."""
EYES = {"faces-above.svg": (0.55, -1.0, 0.8), "faces-below.svg": (-0.55, 1.0, -0.8)}
SIZE_PX = (900, 640)


def face_pictures(design: Design, tables: tuple[Table, ...]) -> tuple[dict[str, Any] | None, dict[str, bytes]]:
    """What the template shows of the faces, and the pictures by file name; nothing where no face was measured."""
    table = next((t for t in tables if t.title == TITLE), None)
    if table is None:
        return None, {}
    from geometry.display import drawable
    from geometry.facepicture import picture

    shades = [_shade(_greatest(table, row)) for row in table.rows]
    colours = np.array([[int(s[k : k + 2], 16) for k in (1, 3, 5)] for s in shades], dtype=np.uint8)
    solid = drawable(design.parts[0].brep)
    drawn = {name: picture(solid, colours, eye, SIZE_PX) for name, eye in EYES.items()}
    told = {
        "height": SIZE_PX[1] / SIZE_PX[0],
        "pictures": [
            {"file": name, "labels": [[table.rows[face][0], x, y] for face, x, y in one.seen]}
            for name, one in drawn.items()
        ],
        "legend": [*zip(TONES, ranges(CUT_INTO_MM, LEFT_ON_MM), strict=True), (UNCUT, "the blank's own face")],
    }
    return told, {name: _as_text(one.png) for name, one in drawn.items()}


def _greatest(table: Table, row: tuple[str, ...]) -> float | None:
    """A face's deviation furthest from nought (mm), cut into below it; None where nothing was judged."""
    cells = [row[table.columns.index(name)] for name in ("least (mm)", "greatest (mm)")]
    return max((float(c) for c in cells), key=abs) if all(cells) else None


def _shade(deviation_mm: float | None) -> str:
    return UNCUT if deviation_mm is None else TONES[bisect.bisect(edges(CUT_INTO_MM, LEFT_ON_MM), deviation_mm)]


def _as_text(png: bytes) -> bytes:
    """The picture within an SVG: the typesetter takes no other bytes than text."""
    width, height = SIZE_PX
    data = base64.b64encode(png).decode()
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
    return f'{head}<image width="{width}" height="{height}" href="data:image/png;base64,{data}"/></svg>'.encode()
