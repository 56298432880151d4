"""Plans a block in a vise: everything from above first, then turned over to face the grip off."""

from __future__ import annotations

from geometry.regions import fit
from model.errors import CapabilityError
from model.feature import Cutout, Hole, Outline
from model.finding import Finding
from model.plan import Action, Box, Fixture, Matrix, Operation, ProcessPlan, Setup, Stock
from model.region import Region
from model.tooling import Machine, ShopData, Vise
from pipeline.plan.features import Recognition, strange_findings
from pipeline.plan.operations import operations
from pipeline.plan.sequence import ordered
from pipeline.plan.stock import choose_stock
from pipeline.plan.tools import Bench
from pipeline.plan.workpiece import CLEARANCE_MM, SAFE_MM, Workpiece, check_travel, rect, turned_box

TOP_MM = 0.8
"""Faced off the top of the blank."""
GRIP_MM = 3.0
ABOVE_JAWS_MM = 0.9
THROUGH_MM = 0.3
THROUGH_TIP_MM = 0.3
SIDE_MM = 5.0
BED_MM = 15.0
SECOND_GRIP_MM = 12.0
LEAST_HEIGHT_MM = 8.0
SAFETY = 2.5
FRICTION = 0.15
"""Steel jaws on metal, dry to oily: the low end."""


def plan_in_vise(part: Workpiece, machine: Machine, shop: ShopData) -> ProcessPlan:
    """Setup 1: the blank by its lowest 3 mm, all that shows from above. Setup 2: turned over, held by the outline.

    Raises:
        CapabilityError: Too thin, too large, no parallel sides, features from the side, no tool.
    """
    vise = machine.vise
    if vise is None:
        raise CapabilityError("plan.no-fixture", f"{machine.name} has no vise", place=machine.id)
    height = part.size[2]
    if height < LEAST_HEIGHT_MM:
        msg = f"{height:g} mm is too thin for the vise; {LEAST_HEIGHT_MM:g} mm is the least"
        raise CapabilityError("plan.too-thin", msg, place=part.name, value=height, limit=LEAST_HEIGHT_MM)
    bottom = GRIP_MM + ABOVE_JAWS_MM + THROUGH_MM
    stock = choose_stock(
        shop, part.material, size_mm=part.size, side_allowance_mm=SIDE_MM, min_thickness_mm=height + TOP_MM + bottom,
        exact_thickness=False,
    )  # fmt: skip
    quarter = stock.size_mm[1] > vise.opening_mm >= stock.size_mm[0]
    width = stock.size_mm[0] if quarter else stock.size_mm[1]
    if width > vise.opening_mm:
        msg = f"the blank is {width:g} mm wide, the vise opens {vise.opening_mm:g} mm"
        raise CapabilityError("plan.vise-opening", msg, place=vise.id, value=width, limit=vise.opening_mm)
    first = _first_matrix(part, stock, quarter=quarter)
    check_travel(machine, stock.size_mm[1::-1] if quarter else stock.size_mm[:2], "the blank")
    low, high = _blank(part, stock)
    above = part.seen(first)
    setup1, open1 = _first(part, machine, vise, above, first, turned_box(first, low, high))
    second = _second_matrix(part, first)
    below = part.seen(second)
    _refuse_strange(above, below)
    setup2, open2 = _second(part, machine, vise, below, second, turned_box(second, low, high), first, above)
    ops = (*setup1.operations, *setup2.operations)
    numbers = {o.tool_number for o in ops}
    return ProcessPlan(
        part.order_id, part.name, machine, part.material, stock,
        tuple(a for a in machine.tools if a.number in numbers), (setup1, setup2),
        _actions(part, stock, setup1, setup2), _decisions(stock, (setup1, setup2), quarter=quarter), (*open1, *open2),
    )  # fmt: skip


def _first_matrix(part: Workpiece, stock: Stock, *, quarter: bool) -> Matrix:
    """Zero at the blank's front left corner, on its top; a quarter turn when only that fits the vise."""
    mx, my = (stock.size_mm[0] - part.size[0]) / 2, (stock.size_mm[1] - part.size[1]) / 2
    dz = -part.high[2] - TOP_MM
    if quarter:
        return ((0.0, -1.0, 0.0, part.high[1] + my), (1.0, 0.0, 0.0, mx - part.low[0]), (0.0, 0.0, 1.0, dz))
    return ((1.0, 0.0, 0.0, mx - part.low[0]), (0.0, 1.0, 0.0, my - part.low[1]), (0.0, 0.0, 1.0, dz))


def _second_matrix(part: Workpiece, first: Matrix) -> Matrix:
    """Setup 1 turned half over about X; zero at the part's left side, the fixed jaw and the parallels."""
    box = turned_box(first, part.low, part.high)
    x, y, z = first
    return (
        (x[0], x[1], x[2], x[3] - box.x0_mm),
        (-y[0] + 0.0, -y[1] + 0.0, -y[2] + 0.0, box.y1_mm - y[3]),
        (-z[0] + 0.0, -z[1] + 0.0, -z[2] + 0.0, box.z1_mm - z[3]),
    )


def _blank(part: Workpiece, stock: Stock) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """The blank's corners in the part's frame."""
    mx, my = (stock.size_mm[0] - part.size[0]) / 2, (stock.size_mm[1] - part.size[1]) / 2
    top = part.high[2] + TOP_MM
    return (
        (part.low[0] - mx, part.low[1] - my, top - stock.size_mm[2]),
        (part.high[0] + mx, part.high[1] + my, top),
    )


def _first(
    part: Workpiece, machine: Machine, vise: Vise, seen: Recognition, m: Matrix, box: Box
) -> tuple[Setup, list[Finding]]:
    bench = Bench(machine, part.material, seen.levels, 0.0, rect(box), CLEARANCE_MM, THROUGH_MM, THROUGH_TIP_MM)
    ops = operations(bench, seen.features)
    jaws = _jaws(vise, box, box.z0_mm + GRIP_MM)
    fixture = _fixture(vise, jaws, GRIP_MM, ops)
    setup = Setup(
        1, "Blank in the vise, top side", m, "G54",
        "left end, fixed jaw and top of the raw blank", box, fixture, SAFE_MM, ordered(ops, outline_last=False),
    )  # fmt: skip
    return setup, bench.unreachable


def _second(
    part: Workpiece,
    machine: Machine,
    vise: Vise,
    seen: Recognition,
    m: Matrix,
    blank: Box,
    first: Matrix,
    above: Recognition,
) -> tuple[Setup, list[Finding]]:
    height = part.size[2]
    outline = next(f for f in seen.features if isinstance(f, Outline))
    here = turned_box(m, part.low, part.high)
    grip = min(SECOND_GRIP_MM, height - 5.0)
    _refuse_round_sides(seen, outline, here, grip, vise.jaw_width_mm)
    bench = Bench(
        machine,
        part.material,
        seen.levels,
        blank.z1_mm,
        rect(blank),
        blank.z1_mm + CLEARANCE_MM,
        THROUGH_MM,
        THROUGH_TIP_MM,
    )
    box1 = turned_box(first, part.low, part.high)
    done = frozenset(
        (round(h.x_mm - box1.x0_mm, 3) + 0.0, round(box1.y1_mm - h.y_mm, 3) + 0.0)
        for h in above.features
        if isinstance(h, Hole)
    )
    features = [f for f in seen.features if not isinstance(f, Cutout)]
    ops = operations(bench, features, drilled=done, outline=False)
    jaws = _jaws(vise, here, grip)
    setup = Setup(
        2, "Turned over about X, gripped by the finished outline", m, "G54",
        "left side of the part, fixed jaw, top of the parallels", blank,
        _fixture(vise, jaws, grip, ops), blank.z1_mm + SAFE_MM, ordered(ops, outline_last=False),
    )  # fmt: skip
    return setup, bench.unreachable


def _jaws(vise: Vise, held: Box, top_mm: float) -> tuple[Box, ...]:
    """Fixed jaw at the low-y side, moving jaw at the high-y side, centred on the work along x; the bed between them."""
    middle = (held.x0_mm + held.x1_mm) / 2
    x0, x1 = middle - vise.jaw_width_mm / 2, middle + vise.jaw_width_mm / 2
    foot = top_mm - vise.jaw_height_mm
    t = vise.jaw_thickness_mm
    return (
        Box(x0, held.y0_mm - t, foot, x1, held.y0_mm, top_mm),
        Box(x0, held.y1_mm, foot, x1, held.y1_mm + t, top_mm),
        Box(x0, held.y0_mm - t, foot - BED_MM, x1, held.y1_mm + t, foot),
    )


def _fixture(vise: Vise, jaws: tuple[Box, ...], grip: float, ops: list[Operation]) -> Fixture:
    force = 2 * FRICTION * vise.clamp_force_n
    needed = SAFETY * max((o.cutting.force_n for o in ops), default=0.0)
    if needed > force:
        msg = f"cutting asks for {needed:.0f} N of hold, the vise gives {force:.0f} N"
        raise CapabilityError("plan.vise-force", msg, place=vise.id, value=round(needed), limit=round(force))
    return Fixture("vise", jaws, grip, 0.0, vise, force, needed)


def _refuse_round_sides(seen: Recognition, outline: Outline, box: Box, grip: float, jaw_mm: float) -> None:
    """The jaws need two flat, parallel sides facing each other over at least a third of the length, down to the bed.

    Raises:
        CapabilityError: There are none.
    """
    middle = (box.x0_mm + box.x1_mm) / 2
    both = [(middle - jaw_mm / 2, middle + jaw_mm / 2)]
    for z in (grip / 2, grip - 0.01):
        for y in (box.y0_mm, box.y1_mm):
            flat = _straight_at(fit(seen.levels.section(z)), y)
            both = [(max(a, c), min(b, d)) for a, b in both for c, d in flat if min(b, d) > max(a, c)]
    held = sum(b - a for a, b in both)
    need = (box.x1_mm - box.x0_mm) / 3
    if held < need:
        msg = f"the jaws need flat sides facing each other over {need:.1f} mm, there are {held:.1f} mm"
        raise CapabilityError(
            "plan.no-clamp-faces", msg, place=outline.id, value=round(held, 3), limit=round(need, 3),
            hint="Soft jaws are not planned here; give the part two parallel sides.",
        )  # fmt: skip


def _straight_at(region: Region, y_mm: float) -> list[tuple[float, float]]:
    """Where along x a section's boundary runs straight at this y."""
    found = []
    for contour in region.contours:
        x0, y0 = contour.start
        for s in contour.segments:
            if s.turn == 0 and abs(y0 - y_mm) < 1e-3 and abs(s.y_mm - y_mm) < 1e-3:
                found.append((min(x0, s.x_mm), max(x0, s.x_mm)))
            x0, y0 = s.x_mm, s.y_mm
    return found


def _refuse_strange(above: Recognition, below: Recognition) -> None:
    """Refuse faces neither setup can make.

    Raises:
        CapabilityError: At least one.
    """
    findings = strange_findings(above.faces, above.strange & below.strange)
    if findings:
        first = findings[0]
        raise CapabilityError(
            first.code, first.message, place=first.place, value=first.value, hint=first.hint, findings=findings
        )


def _actions(part: Workpiece, stock: Stock, one: Setup, two: Setup) -> tuple[Action, ...]:
    x, y, z = stock.size_mm
    notes = [
        Action(2, f"{o.feature.id}: {o.note}.", "Thread gauge.") for o in (*one.operations, *two.operations) if o.note
    ]
    return (
        Action(1, f"Saw the blank to {x:g} x {y:g} mm from {z:g} mm plate ({stock.row_id}).", "Within +1 / -0 mm."),
        Action(
            1, f"Clamp the blank on parallels, the jaws on its lowest {one.fixture.grip_mm:g} mm; tap it down.",
            "The parallels do not move.",
        ),
        Action(1, "Touch off X at the left end, Y at the fixed jaw, Z on the raw top.", "Work offset G54."),
        Action(1, "Run the program of setup 1.", "Measure the length and width before unclamping."),
        Action(
            2, "Deburr. Turn the part over about X (left stays left), the finished face on the parallels, the jaws on "
            f"the outline {two.fixture.grip_mm:g} mm deep; tap it down.", "The parallels do not move.",
        ),
        Action(2, "Touch off X at the part's left side, Y at the fixed jaw, Z on the parallels.", "Work offset G54."),
        Action(2, "Run the program of setup 2. The rim comes off as foil.", f"Height {part.size[2]:.2f} mm."),
        *notes,
        Action(2, "Break the remaining edges by hand.", "No burrs."),
    )  # fmt: skip


def _decisions(stock: Stock, setups: tuple[Setup, ...], *, quarter: bool) -> tuple[Finding, ...]:
    turn = ", turned a quarter to fit the vise" if quarter else ""
    force = max(s.fixture.needed_force_n for s in setups)
    return (
        Finding("plan.stock", f"{stock.row_id}: the thinnest plate with room to face and grip{turn}", severity="note"),
        Finding(
            "plan.fixture", f"vise: holds {setups[0].fixture.force_n:.0f} N, cutting asks for {force:.0f} N",
            value=round(force, 1), limit=round(setups[0].fixture.force_n, 1), severity="note",
        ),
    )  # fmt: skip
