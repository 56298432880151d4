"""Plans a flat part on a router: cut from sheet of its own thickness, held by tape or tabs."""

from __future__ import annotations

import numpy as np

from geometry.faces import Face
from model.errors import CapabilityError
from model.finding import Finding
from model.plan import Matrix, ProcessPlan
from model.tooling import Machine, ShopData
from pipeline.plan.board import THROUGH_MM, blank, cut_out, rolled, used
from pipeline.plan.bores import moved_point
from pipeline.plan.corners import refuse_sharp
from pipeline.plan.coverage import around_part, made_by
from pipeline.plan.dowels import plan_on_dowels
from pipeline.plan.features import Recognition
from pipeline.plan.placing import Placed
from pipeline.plan.sides import Views
from pipeline.plan.workpiece import Workpiece, inverse, spot, within_travel


def plan_on_sheet(views: Views, machine: Machine, shop: ShopData) -> ProcessPlan:
    """One setup from above; through-cuts run a little into the spoilboard. What looks down is cut first, on dowels.

    Raises:
        CapabilityError: No sheet of that thickness, faces no side makes, no tool, too large.
    """
    part = views.part
    longest = max((a.tool.shoulder_length_mm for a in machine.tools if a.tool.kind == "end-mill"), default=0.0)
    deep = part.size[2] + THROUGH_MM
    if deep > longest:
        msg = (
            f"{part.size[2]:g} mm is too thick to cut through: that is {deep:g} mm deep, into the spoilboard; the "
            f"longest end mill reaches {longest:g} mm"
        )
        raise CapabilityError("plan.too-thick", msg, place=part.name, value=deep, limit=longest)
    stock, m, box = blank(part, machine, shop)
    seen = part.seen(m)
    hidden = _hidden(views, m, seen)
    if hidden:
        return plan_on_dowels(views, machine, shop, hidden)
    done = cut_out(part, machine, shop, Placed(seen.features, seen.levels), m, box)
    refuse_sharp(done.unreachable)
    return ProcessPlan(
        part.order_id, part.name, within_travel(machine, [box]), part.material, stock,
        used(machine, done.setup.operations), (done.setup,),
        (rolled(stock), done.decision), done.unreachable,
    )  # fmt: skip


def _hidden(views: Views, m: Matrix, seen: Recognition) -> dict[int, Finding]:
    """The faces no cut from above makes: downward ones, or what no feature explains; the sheet's own two stay."""
    view = views.sight("+Z", m)
    low = view.spots.points[:, 2] < seen.levels.bottom_mm + 1e-3
    around = around_part(seen.features)
    made = np.logical_or.reduce([low, *(made_by(f, view, around, 0.0) for f in seen.features)])
    return {k: _told(seen.faces[k], views.part, m) for k in views.unmade(made)}


def _told(face: Face, part: Workpiece, m: Matrix) -> Finding:
    place = spot(moved_point(inverse(m), (*face.centre[:2], face.z1_mm)), part.zero_mm)
    if face.lowest_nz < 0 or face.normal[2] < 0:
        return Finding(
            "plan.hidden-face",
            f"face {face.index + 1} looks down at z {face.z0_mm + part.size[2]:.2f} mm above the bottom", place=place,
            value=round(face.area_mm2, 3), hint="Neither side of the sheet shows it: draw it open to one.",
        )  # fmt: skip
    return Finding(
        "plan.unrecognised-face",
        f"face {face.index + 1} ({face.surface}, {face.area_mm2:.1f} mm2) is nothing a sheet is cut to from above",
        place=place, value=round(face.area_mm2, 3),
        hint="Faces square to the sheet, round holes and 45 degree bevels are cut on this machine.",
    )  # fmt: skip
