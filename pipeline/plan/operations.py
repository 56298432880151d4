"""Turns each feature into operations, by the method for its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from model.errors import CapabilityError
from model.feature import Cutout, Feature, Hole, Outline
from model.finding import Finding
from model.plan import Operation, Tab
from pipeline.plan.bores import moved_point
from pipeline.plan.methods import clearing, edges, engraving, facing, holes, outlines, surfaces
from pipeline.plan.methods.entries import down_holes
from pipeline.plan.tools import Bench
from pipeline.plan.workpiece import inverse, spot

METHODS: dict[str, Callable[[Bench, Any], list[Operation]]] = {
    "planar-face": facing.face,
    "pocket": clearing.pocket,
    "chamfer": edges.chamfer,
    "edges": edges.deburr,
    "engraved-strokes": engraving.engraving,
    "v-carving": engraving.carving,
    "free-surface": surfaces.surface,
}


def operations(
    bench: Bench,
    features: Sequence[Feature],
    *,
    tabs: Sequence[Tab] = (),
    slugs_stay: bool = False,
    drilled: frozenset[tuple[float, float]] = frozenset(),
) -> list[Operation]:
    """Every operation the features need in this setup, not yet in order; see :func:`by_feature`."""
    own = by_feature(bench, features, tabs=tabs, slugs_stay=slugs_stay, drilled=drilled)
    return [o for _, ops in own for o in ops]


def by_feature(
    bench: Bench,
    features: Sequence[Feature],
    *,
    tabs: Sequence[Tab] = (),
    slugs_stay: bool = False,
    drilled: frozenset[tuple[float, float]] = frozenset(),
) -> list[tuple[Feature, list[Operation]]]:
    """The features, each with the operations it needs in this setup, not yet in order.

    ``drilled`` are axes whose smallest step an earlier setup made; ``slugs_stay`` says loose
    pieces are held (tape), so cut-outs are cut round instead of cleared.

    Raises:
        CapabilityError: No tool fits; every feature's reason is collected.
    """
    made: list[tuple[Feature, list[Operation]]] = []
    missing: list[Finding] = []
    for f in features:
        bench = replace(bench, feature=f)
        try:
            if isinstance(f, Hole):
                ops = holes.hole(bench, f, drilled)
            elif isinstance(f, Cutout):
                ops = outlines.cut_round(bench, f, ()) if slugs_stay else clearing.cleared(bench, f)
            elif isinstance(f, Outline):
                ops = outlines.cut_round(bench, f, tabs)
            else:
                ops = METHODS[f.kind](bench, f)
            made.append((f, ops))
        except CapabilityError as error:
            missing += _placed(bench, f, error)
    if missing:
        raise CapabilityError.told_by(missing)
    return made


def _placed(bench: Bench, f: Feature, error: CapabilityError) -> list[Finding]:
    """A feature's refusal with where it lies, for what names it says nothing to the customer."""
    region = getattr(f, "floor", None) or getattr(f, "region", None) or getattr(f, "edge", None)
    if isinstance(f, Hole):
        x, y = f.x_mm, f.y_mm
    elif region is not None and region.contours:
        x, y = region.contours[0].start
    else:
        return list(error.told())
    top = getattr(f, "top_z_mm", bench.levels.top_mm)
    at = spot(moved_point(inverse(bench.to_setup), (x, y, top)), bench.zero_mm)
    return [replace(one, place=f"{f.id} at {at}") if one.place == f.id else one for one in error.told()]


def completed(bench: Bench, made: Sequence[Operation], *, edges_broken: bool) -> list[Operation]:
    """A setup's operations with what only all of them together tell: broken edges, and entries down drilled holes."""
    return down_holes(bench, [*made, *(edges.broken(bench) if made and edges_broken else ())])
