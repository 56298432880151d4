"""The pictures: each setup before and after with its toolpaths, the deviation map, and the load over the time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from geometry.display import Drawable
from geometry.meshes import Mesh
from geometry.render import Dots, Look, Strokes, pack
from model.plan import Box, ProcessPlan
from pipeline.design.looks import look
from pipeline.design.picture import rendered
from pipeline.release.clampings import setup_name
from pipeline.release.tones import TONES, UNCUT, edges
from pipeline.show.frame import Label, framed, load_chart
from pipeline.show.lines import segments
from pipeline.show.marks import Marks
from pipeline.show.page import Picture, scale
from pipeline.show.skin import skin
from pipeline.show.source import Shown
from pipeline.show.study import Study
from pipeline.show.tools import colours
from pipeline.show.words import words
from pipeline.verify.gates_cut import GOUGE_MM
from pipeline.verify.leftover import EXCESS_MM

SIZE_PX = (1200, 800)
EYE = (-0.55, -1.0, 0.8)
EYE_BELOW = (-0.55, -1.0, -0.8)
CLAMP = Look((0.55, 0.58, 0.62), 0.0, 0.7)
RED = Look((0.85, 0.12, 0.12), 0.0, 0.7)
RAPID = (0.80, 0.05, 0.10)
LINE_PX = 1.4
Floats = NDArray[np.float64]


def refused(shown: Shown, solid: Drawable, faces: frozenset[int]) -> list[Picture]:
    """The part as designed, the faces that findings speak of in red."""
    marked = np.isin(solid.face, sorted(faces))
    told = words(shown.language)
    found = []
    for name, eye in (("part-above", EYE), ("part-below", EYE_BELOW)):
        meshes = [(Mesh(solid.points, solid.triangles[~marked]), look(shown.design.material_id))]
        if marked.any():
            meshes.append((Mesh(solid.points, solid.triangles[marked]), RED))
        data = rendered(pack(meshes, eye, SIZE_PX))
        if data is not None:
            caption = f"{shown.order_id}: {told['part']}"
            found.append(Picture(f"{name}.png", caption, framed(data, caption, ())))
    return found


def pictures(shown: Shown, plan: ProcessPlan, solid: Drawable, study: Study) -> Iterator[Picture]:
    """All pictures of a milled order; those in 3D are left out where the computer cannot draw in 3D."""
    told = words(shown.language)
    shades = colours(plan.tools)
    names = {a.number: a.tool.name for a in plan.tools}
    stain = look(shown.design.material_id)
    stock_look = Look(stain.colour, stain.metal, stain.rough, edges=False)
    for run, tracks, views in zip(study.simulation.runs, study.tracks, study.stock, strict=True):
        setup = run.setup
        clamps = [(_box(b), CLAMP) for b in setup.fixture.obstacles]
        head = f"{shown.order_id}, {told['setup']} {setup.index}: {setup_name(plan, setup, shown.language)}"
        before = [(skin(views.shots[0], views.grid), stock_look), *clamps]
        after = [(skin(views.shots[-1], views.grid), stock_look), *clamps]
        strokes, used, cuts = [], [], [np.empty((0, 3))]
        for number in shades:
            parts = [segments(p, t, number) for p, t in zip(run.paths, tracks, strict=True)]
            feed, fast = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
            strokes += [Strokes(fast, RAPID, LINE_PX / 2)] if len(fast) else []
            if len(feed):
                strokes.append(Strokes(feed, _rgb(shades[number]), LINE_PX))
                cuts.append(feed.reshape(-1, 3))
                used.append(Label(shades[number], f"T{number} {names[number]}"))
        used.append(Label("#cc0d1a", told["rapid"]))
        for name, meshes, lines, legend in (
            ("before", before, (), ()),
            ("paths", after, strokes, used),
            ("after", after, (), ()),
        ):
            data = rendered(pack(meshes, EYE, SIZE_PX, lines, (), np.concatenate(cuts) if lines else None))
            if data is not None:
                caption = f"{head}: {told['picture-' + name]}"
                yield Picture(f"setup-{setup.index}-{name}.png", caption, framed(data, caption, legend))
        caption = f"{head}: {told['load']}"
        yield Picture(f"setup-{setup.index}-load.png", caption, load_chart(caption, tracks, shades, names, told))
    legend = [Label(tone, text + (f" {told[note]}" if note else "")) for tone, text, note in scale(GOUGE_MM, EXCESS_MM)]
    for name, eye in (("deviation-above", EYE), ("deviation-below", EYE_BELOW)):
        mesh = (Mesh(solid.points, solid.triangles), Look((0.85, 0.87, 0.83), 0.0, 0.9, edges=False))
        data = rendered(pack([mesh], eye, SIZE_PX, (), [_dots(study.fine, eye, solid)]))
        if data is not None:
            caption = f"{shown.order_id}: {told['deviation']}, {told['mm']}"
            yield Picture(f"{name}.png", caption, framed(data, caption, legend))


def _rgb(colour: str) -> tuple[float, float, float]:
    r, g, b = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return r, g, b


def _box(box: Box) -> Mesh:
    lows, highs = (box.x0_mm, box.y0_mm, box.z0_mm), (box.x1_mm, box.y1_mm, box.z1_mm)
    points = np.array([[(highs if k >> axis & 1 else lows)[axis] for axis in range(3)] for k in range(8)])
    sides = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
    return Mesh(points, np.array([t for a, b, c, d in sides for t in ((a, b, c), (a, c, d))]))


def _dots(marks: Marks, eye: tuple[float, float, float], solid: Drawable) -> Dots:
    """The surface's points that look towards the eye, in the colours of their deviation."""
    back = np.array(eye) / np.linalg.norm(eye)
    seen = marks.normals @ back > 0.02
    off = marks.deviation_mm[seen]
    shade = np.array([_rgb(t) for t in (*TONES, UNCUT)])
    row = np.where(np.isnan(off), len(TONES), np.searchsorted(edges(GOUGE_MM, EXCESS_MM), np.nan_to_num(off)))
    light = (0.70 + 0.30 * (marks.normals[seen] @ back))[:, None]
    span = float(np.linalg.norm(solid.points.max(axis=0) - solid.points.min(axis=0)))
    size = max(2.0, 2.2 * marks.spacing_mm / span * SIZE_PX[0])
    return Dots(marks.points[seen] + 0.02 * marks.normals[seen], shade[row] * light, size)
