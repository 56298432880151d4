"""Operations in random number and kind: what must be cut before another is, and no order changes tools less often."""

from __future__ import annotations

from itertools import groupby, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from geometry.regions import circle, rectangle
from model.feature import Chamfer, Feature, Hole, HoleStep, Outline, PlanarFace, Pocket
from model.plan import CuttingData, Operation
from pipeline.plan.sequence import ordered, precedence

DATA = CuttingData(3000, 100, 100, 100, 1, 1, 50, 0.05, 1, 1, 0, "off", "feed")
BLANK = rectangle(-60, -60, 60, 60)
CHAINS = {
    "planar-face": (("facing",),),
    "outline": (("outline", "outline"),),
    "pocket": (("pocket", "wall"), ("adaptive", "floor", "wall"), ("adaptive", "rest_clear", "wall")),
    "hole": (("spot", "drill"), ("drill", "ream"), ("spot", "drill", "tap"), ("bore",), ("drill", "thread_mill")),
    "chamfer": (("chamfer",),),
}


def feature(kind: str, n: int, x: float) -> Feature:
    return {
        "planar-face": PlanarFace("top", 0.0, BLANK),
        "outline": Outline("outline", 0.0, -20.0, BLANK, 5.0),
        "pocket": Pocket(f"pocket-{n}", 0.0, -1.0 - n, rectangle(x, x, x + 9, x + 9), 3.0),
        "hole": Hole(f"hole-{n}", x, -x, 0.0, (HoleStep(6.0, -12.0),), through=False),
        "chamfer": Chamfer(f"chamfer-{n}", -1.0, 1.0, circle(x, 0, 8)),
    }[kind]  # type: ignore[return-value]


@st.composite
def operations(draw: st.DrawFn, most: int) -> list[Operation]:
    """Whole chains of one to five features, by up to four tools, no more operations than ``most``."""
    made: list[Operation] = []
    kinds = draw(st.lists(st.sampled_from(["pocket", "hole", "hole", "chamfer"]), min_size=1, max_size=5))
    kinds += draw(st.sets(st.sampled_from(["planar-face", "outline"])))
    for n, kind in enumerate(kinds):
        own = feature(kind, n, draw(st.integers(-40, 40)))
        for k, strategy in enumerate(draw(st.sampled_from(CHAINS[kind]))):
            allowance = 0.2 if strategy == "outline" and k == 0 else 0.0
            made.append(
                Operation(
                    f"{own.id}-{k}",
                    strategy,
                    own,
                    draw(st.integers(1, 4)),
                    DATA,
                    0.0,
                    -1.0,
                    3.0,
                    BLANK,
                    BLANK,
                    allowance,
                )
            )
    return made[:most]


def changes(order: tuple[Operation, ...]) -> int:
    return len(list(groupby(o.tool_number for o in order)))


@settings(max_examples=60, deadline=None)
@given(given_ones=operations(14), outline_last=st.booleans())
def test_what_must_be_cut_first_is(given_ones: list[Operation], outline_last: bool) -> None:  # noqa: FBT001
    order = ordered(given_ones, outline_last=outline_last)
    turned = [(order[b].id, order[a].id) for a, b in precedence(order, outline_last=outline_last) if a > b]

    assert [] == turned
    assert sorted(o.id for o in given_ones) == sorted(o.id for o in order)


@settings(max_examples=30, deadline=None)
@given(given_ones=operations(6))
def test_no_order_changes_tools_less_often(given_ones: list[Operation]) -> None:
    before = precedence(given_ones, outline_last=False)
    every = [
        tuple(given_ones[k] for k in way)
        for way in permutations(range(len(given_ones)))
        if all(way.index(a) < way.index(b) for a, b in before)
    ]

    assert min(changes(o) for o in every) == changes(ordered(given_ones, outline_last=False))
