"""Gates on what the moves do: to the stock, the part, the fixture, the machine and the tools."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geometry.sampling import CHORD_MM, Surface
from model.finding import Finding, Gate
from pipeline.verify.gates import MOST_FINDINGS, gate, not_applicable
from pipeline.verify.kernels import BODY, CENTRE, DEPTH, FLUTE, MARGIN, RAPID
from pipeline.verify.leftover import EXCESS_MM, Leftover
from pipeline.verify.path import CLEAR_MM, HELIX_CHORD_MM
from pipeline.verify.shapes import FAR
from pipeline.verify.simulate import Run, Simulation

GOUGE_MM = 0.01
TOUCH_MM = 0.02
RUB_MM = 0.05
SLUG_MM2 = 4.0
SIDEWAYS_MM = 0.01
MOST_TOLD = 500
PLUNGE = 0.364  # tan 20 degrees


def _over(
    runs: tuple[Run, ...], code: str, what: str, limit: float, of: Callable[[Run], np.ndarray], hint: str = ""
) -> list[Finding]:
    """One finding for every move whose value is over the limit (the first 500 of a setup), worst first.

    Where other sides' cuts made the stock's boundary, the limit is as much wider as that may be off.
    """
    found = []
    for run in runs:
        values, most = of(run), limit + run.slack_mm
        found += [
            Finding(code, what, run.place(k), round(float(values[k]), 4), round(most, 4), hint)
            for k in np.flatnonzero(values > most)[:MOST_TOLD].tolist()
        ]
    return sorted(found, key=lambda f: -float(f.value or 0.0))


def _most(runs: tuple[Run, ...], of: Callable[[Run], np.ndarray]) -> float:
    return max((float(of(run).max(initial=0.0)) for run in runs), default=0.0)


def rapids(simulation: Simulation) -> Gate:
    """No rapid in material, and none that passes too near."""
    runs = simulation.runs
    findings = _over(
        runs, "verify.rapid-in-stock", "a rapid goes through material (mm)", 0.0, lambda r: r.met[:, RAPID]
    )
    findings += _over(
        runs,
        "verify.rapid-too-near",
        "a rapid passes nearer to material than 0.5 mm, or drops to within 0.2 mm",
        0.0,
        lambda r: np.where(r.met[:, RAPID] > 0, 0.0, r.met[:, MARGIN]),
        "Lift higher before crossing.",
    )
    count = sum(int(r.path.rapid.sum()) for r in runs)
    fact = (
        f"{count} rapids, 0.5 mm off the stock across and 0.2 mm downwards, on columns of {simulation.grid_mm:.3f} mm"
    )
    return gate(
        "Rapids stay in the air", findings, fact, value=_most(runs, lambda r: r.met[:, RAPID]), limit=0.0, unit="mm"
    )


def manner(simulation: Simulation) -> Gate:
    """Tools that cannot plunge do not, and drills do not cut sideways."""
    table = simulation.tools

    def unable_to(run: Run) -> np.ndarray:
        return np.where(table[run.path.tool, 7] > 0, 0.0, run.met[:, CENTRE])

    def plunge(run: Run) -> np.ndarray:
        return np.where(_fall(run) > PLUNGE, unable_to(run), 0.0)

    def ramp(run: Run) -> np.ndarray:
        return np.where(_fall(run) > PLUNGE, 0.0, unable_to(run))

    def sideways(run: Run) -> np.ndarray:
        g = run.path.geometry
        flat = np.hypot(g[:, 4] - g[:, 1], g[:, 5] - g[:, 2]) + np.abs(g[:, 12]) * g[:, 9]
        cutting = (table[run.path.tool, 8] > 0) & (run.path.rapid == 0) & (flat > SIDEWAYS_MM)
        return np.where(cutting, run.met[:, DEPTH], 0.0)

    runs = simulation.runs
    findings = _over(
        runs,
        "verify.plunge",
        "a tool that does not cut at its centre goes straight down (mm of material)",
        TOUCH_MM,
        plunge,
        "Ramp in, or take a centre-cutting tool.",
    )
    findings += _over(
        runs,
        "verify.ramp",
        "a tool that does not cut at its centre goes down steeper than 10 degrees (mm of material)",
        TOUCH_MM,
        ramp,
        "Ramp at 3 degrees or less, or start outside the material.",
    )
    findings += _over(runs, "verify.drill-sideways", "a drill cuts sideways (mm deep)", TOUCH_MM, sideways)
    findings += _over(
        runs,
        "verify.thread-in-solid",
        "a thread is cut where no hole is open for it (mm of material)",
        TOUCH_MM,
        lambda r: np.where((table[r.path.tool, 10] > 0) & (r.path.rapid == 0), r.met[:, DEPTH], 0.0),
        "Drill the hole first, to the thread's core.",
    )
    unable = sum(1 for row in table.tolist() if not row[7])
    fact = f"{unable} of {len(table)} tools may not plunge"
    return gate("Tools cut only the way they can", findings, fact, value=_most(runs, plunge), limit=TOUCH_MM, unit="mm")


def _fall(run: Run) -> np.ndarray:
    """How steeply each move goes down: fall over way in plan."""
    g = run.path.geometry
    flat = np.hypot(g[:, 4] - g[:, 1], g[:, 5] - g[:, 2]) + np.abs(g[:, 12]) * g[:, 9]
    slope: np.ndarray = (g[:, 3] - g[:, 6]) / np.maximum(flat, 1e-9)
    return slope


def flutes(simulation: Simulation) -> Gate:
    """No cut deeper than the flutes, and nothing rubs above them on the finished part."""
    runs = simulation.runs
    findings = _over(
        runs, "verify.flutes", "cuts deeper than the flutes are long (mm over)", TOUCH_MM, lambda r: r.met[:, FLUTE]
    )
    findings += _over(
        runs,
        "verify.rubbing",
        "the part stands higher along the tool than its flutes (mm over)",
        RUB_MM,
        lambda r: r.rub,
    )
    deepest = _most(runs, lambda r: r.met[:, DEPTH])
    return gate(
        "No cut is deeper than the flutes",
        findings,
        f"deepest cut {deepest:.3f} mm",
        value=_most(runs, lambda r: r.met[:, FLUTE]),
        limit=TOUCH_MM,
        unit="mm",
    )


def holders(simulation: Simulation) -> Gate:
    """The shank stays out of the stock as it stands at that moment, the holder 0.5 mm off it."""
    runs = simulation.runs
    findings = _over(
        runs,
        "verify.holder",
        "the shank runs into the stock, or the holder to less than 0.5 mm off it (mm)",
        TOUCH_MM,
        lambda r: r.met[:, BODY],
        "Let the tool stick out further, or take a longer one.",
    )
    fact = f"every move against the stock in process, the holder grown by {CLEAR_MM} mm"
    return gate(
        "Shank and holder clear the stock",
        findings,
        fact,
        value=_most(runs, lambda r: r.met[:, BODY]),
        limit=TOUCH_MM,
        unit="mm",
    )


def fixtures(simulation: Simulation) -> Gate:
    """The tool stays 0.5 mm off the fixture, and the spoilboard is not cut deeper than allowed."""
    runs = simulation.runs
    findings: list[Finding] = []
    least = FAR
    for run in runs:
        least = min(least, float(run.gaps.min(initial=FAR)))
        what = f"tool or holder touches the {run.setup.fixture.kind}, or passes too near (mm of gap)"
        findings += [
            Finding(
                "verify.fixture",
                what,
                run.place(k),
                round(float(run.gaps[k]), 4),
                CLEAR_MM,
                "Move the cut or the clamping.",
            )
            for k in np.flatnonzero(run.gaps < CLEAR_MM).tolist()
        ]
        if run.setup.fixture.kind != "vise":
            findings += _over(
                (run,),
                "verify.spoilboard",
                "cuts deeper into the spoilboard than allowed (mm)",
                run.setup.fixture.spoil_mm + 1e-6,
                _below_stock,
            )
    kinds = ", ".join(f"setup {r.setup.index}: {r.setup.fixture.kind}" for r in runs)
    if least < FAR:
        return gate(
            "Tool and holder clear the fixture",
            findings,
            f"{kinds}; least side gap {least:.3f} mm",
            value=least,
            limit=CLEAR_MM,
            unit="mm",
        )
    return gate("Tool and holder clear the fixture", findings, f"{kinds}; nothing stands beside the tools")


def _below_stock(run: Run) -> np.ndarray:
    """How far each move's tip is below the blank, over the blank or within a tool's reach of it."""
    g = run.path.geometry
    depth: np.ndarray = run.setup.stock_box.z0_mm - np.minimum(g[:, 3], g[:, 6])
    return depth


def gouge(simulation: Simulation, surface: Surface) -> Gate:
    """No tool goes under the part's surface."""
    depth = -simulation.distance - surface.deeper_mm
    under = np.flatnonzero(depth > GOUGE_MM)
    order = under[np.argsort(-depth[under], kind="stable")]
    findings: list[Finding] = []
    seen: set[tuple[int, int]] = set()
    for k in order.tolist():
        if len(findings) >= MOST_FINDINGS:
            break
        key = (int(simulation.setup[k]), int(simulation.by[k]))
        if key in seen:
            continue
        seen.add(key)
        x, y, z = surface.points[k].tolist()
        findings.append(
            Finding(
                "verify.gouge",
                f"cut into the part at x {x:.2f}, y {y:.2f}, z {z:.2f} (mm)",
                simulation.runs[key[0]].place(key[1]),
                round(float(depth[k]), 4),
                GOUGE_MM,
            )
        )
    scratches = _over(
        simulation.runs,
        "verify.gouge",
        "the tool's point goes under the part's surface (mm)",
        GOUGE_MM + CHORD_MM,
        lambda r: r.tip,
    )
    findings += [f for f in scratches if f.place not in {g.place for g in findings}][:MOST_FINDINGS]
    deepest = max(0.0, float(depth.max(initial=0.0)))
    fact = (
        f"deepest {deepest:.4f} mm on {len(depth)} points of the true surface, {surface.spacing_mm:.2f} mm apart, and "
        f"under every tool's point; no more than {hidden_mm(simulation, surface):.4f} mm can hide from that"
    )
    return gate("The part is not cut into", findings, fact, value=deepest, limit=GOUGE_MM, unit="mm")


def hidden_mm(simulation: Simulation, surface: Surface) -> float:
    """The error bound of the gouge: a dent between two points, a helix's chord, the surface's own triangles.

    A cutter of radius R dents s^2 / 8R deep between two points s apart.
    """
    dent = surface.spacing_mm**2 / (8 * float(simulation.tools[:, 0].min()))
    return dent + HELIX_CHORD_MM / 2 + CHORD_MM


def excess(left: Leftover) -> Gate:
    """Nothing is left on surfaces a tool reaches."""
    fact = f"most left {left.excess_mm:.4f} mm on {int(left.judged.sum())} points that were to be cut"
    if left.unreachable:
        fact += f"; {len(left.unreachable)} places out of reach of every tool are listed"
    if left.tabs:
        fact += "; tabs are left on purpose"
    return gate("Nothing is left on", left.reachable, fact, value=left.excess_mm, limit=EXCESS_MM, unit="mm")


def made(left: Leftover, surface: Surface) -> Gate:
    """Every face is there: none out of every setup's sight, no place where more than 0.5 mm stays out of reach."""
    fact = f"{len(surface.kinds)} faces"
    return gate("Every face is made", left.unmade, fact)


def volume(simulation: Simulation, surface: Surface) -> Gate:
    """The columns that remain inside the part's outline hold the part's volume: frames and stock agree."""
    over = abs(simulation.stock_mm3 - surface.volume_mm3)
    limit = EXCESS_MM * surface.area_mm2
    findings: list[Finding] = []
    if over > limit:
        findings.append(
            Finding(
                "verify.volume",
                "what remains is not the part's volume (mm3)",
                "final stock",
                round(simulation.stock_mm3, 1),
                round(surface.volume_mm3, 1),
                "The frames of part, stock and setups may disagree.",
            )
        )
    fact = f"{simulation.stock_mm3:.1f} mm3 remain in the part's outline, the part has {surface.volume_mm3:.1f}"
    return gate("What remains is the part", findings, fact, value=over, limit=round(limit, 3), unit="mm3")


def loose(simulation: Simulation) -> Gate:
    """Nothing comes loose in the machine that is not held."""
    name = "Nothing comes loose"
    if all(r.setup.fixture.kind == "tape" for r in simulation.runs):
        return not_applicable(name, "tape holds every piece down")
    findings = []
    for run in simulation.runs:
        large = [p for p in run.pieces if p.area_mm2 >= SLUG_MM2]
        kind = run.setup.fixture.kind
        for piece in large:
            if kind == "tabs" and piece.is_part and not piece.at_rim and any(p.at_rim for p in large):
                findings.append(
                    _loose(run, "the part is cut free of its frame: no tab holds it", piece.x_mm, piece.y_mm)
                )
            if kind != "tape" and not piece.is_part and not (kind == "tabs" and piece.at_rim):
                what = f"a piece of {piece.area_mm2:.0f} mm2 is cut free and nothing holds it"
                findings.append(_loose(run, what, piece.x_mm, piece.y_mm))
    count = sum(len([p for p in r.pieces if p.area_mm2 >= SLUG_MM2]) for r in simulation.runs)
    return gate(name, findings, f"{count} pieces after {len(simulation.runs)} setups")


def _loose(run: Run, what: str, x: float, y: float) -> Finding:
    return Finding(
        "verify.loose", what, f"setup {run.setup.index} at x {x:.1f}, y {y:.1f}", hint="Leave tabs, or pocket it."
    )
