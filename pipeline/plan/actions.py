"""What people do in each clamping of a vise plan, and how they know it is right."""

from __future__ import annotations

from itertools import pairwise

from model.plan import Action, Fixture, Matrix, Setup, Stock

SIDES = {
    (1, 0, 0): "right side",
    (-1, 0, 0): "left side",
    (0, 1, 0): "back side",
    (0, -1, 0): "front side",
    (0, 0, 1): "top",
    (0, 0, -1): "bottom",
}


def in_vise(stock: Stock, setups: tuple[Setup, ...], height_mm: float) -> tuple[Action, ...]:
    """The steps from sawing the blank to the last edge; ``height_mm`` is the part's along the first setup's spindle."""
    x, y, z = stock.size_mm
    first = setups[0]
    steps = [
        Action(1, f"Saw the blank to {x:g} x {y:g} mm from {z:g} mm plate ({stock.row_id}).", "Within +1 / -0 mm."),
        Action(
            1, f"Clamp the blank on parallels {_parallels(first.fixture)}, the jaws on its lowest "
            f"{first.fixture.grip_mm:g} mm, its left end against the vise stop; tap it down.",
            "The parallels do not move.",
        ),
        Action(
            1, "Touch off X at the left end, Y at the fixed jaw, Z on the raw top.", f"Work offset {first.work_offset}."
        ),
        Action(1, "Run the program of setup 1.", "Measure the length and width before unclamping."),
    ]  # fmt: skip
    for before, here in pairwise(setups):
        steps += _turned(before, here)
        done = "Run the program of setup 2. The rim comes off as foil." if here.index == 2 else ""
        check = f"Height {height_mm:.2f} mm." if here.index == 2 else "As the drawing."
        steps.append(Action(here.index, done or f"Run the program of setup {here.index}.", check))
    steps += [
        Action(s.index, f"{o.feature.id}: {o.note}.", "Thread gauge.") for s in setups for o in s.operations if o.note
    ]
    last = setups[-1]
    if last.fixture.skin is not None:
        thick = last.fixture.skin.top_z_mm - last.fixture.skin.bottom_z_mm
        steps.append(
            Action(
                last.index, f"Break the part out of its frame through the {thick:.1f} mm skin round the foot of its "
                "outline; file the rest of the skin flush.", "No ridge at the foot of the outline.",
            )
        )  # fmt: skip
    return (*steps, Action(last.index, "Break the remaining edges by hand.", "No burrs."))


def _parallels(fixture: Fixture) -> str:
    """How high parallels are that leave the jaws just their grip, and where they lie when a skin carries the part."""
    high = f"{fixture.vise.jaw_height_mm - fixture.grip_mm:.1f} mm high" if fixture.vise is not None else ""
    return f"{high}, under the part as well as its frame" if fixture.skin is not None else high


def _turned(before: Setup, here: Setup) -> list[Action]:
    """Taking the work out, turning it and putting it back against jaw and stop."""
    up, left, jaw = (_was(before.to_setup, here.to_setup, axis, sign) for axis, sign in ((2, 1), (0, -1), (1, -1)))
    return [
        Action(
            here.index, f"Deburr. Turn the part: its {up} of setup {before.index} looks up, its {left} lies at the "
            f"vise stop on the left, its {jaw} at the fixed jaw. Jaws {here.fixture.grip_mm:g} mm deep, the finished "
            f"face on parallels {_parallels(here.fixture)}; tap it down.", "The parallels do not move.",
        ),
        Action(
            here.index, "Touch off X at the part's left side, Y at the fixed jaw, Z on the parallels.",
            f"Work offset {here.work_offset}.",
        ),
    ]  # fmt: skip


def _was(before: Matrix, after: Matrix, axis: int, sign: int) -> str:
    """The side of an earlier setup that now looks along an axis."""
    in_part = after[axis][:3]
    direction = [sign * sum(row[k] * in_part[k] for k in range(3)) for row in before]
    return SIDES[max(SIDES, key=lambda s: sum(a * b for a, b in zip(s, direction, strict=True)))]
