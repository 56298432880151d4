"""Computes speeds, feeds and pecks of drills, reamers, taps and thread mills, and names what limits them."""

from __future__ import annotations

from dataclasses import replace
from math import floor, radians, sqrt, tan
from typing import TYPE_CHECKING

from model.errors import CapabilityError
from model.plan import CuttingData, Step
from pipeline.plan import formulas
from pipeline.plan.cutting import TOUGH_GROUPS, check_material, coolant_of, milling_data, whole_feed
from pipeline.plan.limits import (
    CLAMPING,
    EFFICIENCY,
    FREE,
    KC_SAFETY,
    RPM,
    SOFT_GROUPS,
    TILTING,
    Hold,
    cutting_force,
    spindle,
    spindle_limits,
    tightest,
)
from pipeline.plan.why import limited, named, of_material, preset_of, row, sure, with_why

if TYPE_CHECKING:
    from model.inventory import CuttingRow
    from model.thread import ThreadSize
    from model.tooling import Assembly, Machine, Material, Tool

DRILL_CARBIDE = 0.7
"""Solid carbide drills in metal run at this share of the milling speed (belief)."""

DRILL_FASTEST = 2.0
"""A spindle that cannot turn slowly may drive a drill at up to twice its start speed (belief)."""

STRAIGHT_DEPTH, SHORT_CHIP_DEPTH, SHORT_PECK_DEPTH, DEEPEST = 3.0, 5.0, 8.0, 10.5
"""Depth over diameter: drill straight below 3 (short chips: 5), peck beyond, in shorter pecks from 8 on; refuse what is
deeper than ten and the point: that takes drills with coolant through them or a gun drill."""

DEEP_HOLE = ((8.0, 0.5, 0.7), (6.0, 0.6, 0.8), (5.0, 0.7, 0.8), (4.0, 0.8, 0.9), (3.0, 0.9, 0.9))
"""From depth over diameter: shares of speed and feed (trade table, belief)."""

REAM_SPEED, REAM_FEED = 0.5, 1.5
"""Reamers run at half a drill's speed and one and a half times its feed a turn (trade rule, belief)."""

TAP_M_MIN = {"P": 12.0, "M": 6.1, "K": 10.0, "N": 18.0, "S": 3.0, "O": 15.0}
"""Surface speeds of cobalt steel taps by ISO 513 group (medians of shop presets; cast iron: belief)."""

TAP_FASTEST = 1.5
"""A spindle that cannot turn slowly may drive a tap this much faster (belief)."""

WHOLE_RPM = 20.0
"""Taps turn at whole twenties: every standard pitch then feeds at a whole number of mm/min."""

MOST_THREAD_PASSES = 4

DOWN = "at the feed"


def drilling_data(material: Material, assembly: Assembly, machine: Machine, *, depth_mm: float) -> CuttingData:
    """Compute speed, feed and pecks of one hole; ``depth_mm`` is the tip's travel below the surface.

    ``force_n`` is the feed force, ``power_w`` at the cutter, ``fz_mm`` feed a turn over the lips.

    Raises:
        CapabilityError: The material is not cut, the tool is no drill, the hole is deeper than the
            flutes or than 10.5 diameters, the spindle cannot turn slowly enough, or power is short.
        ValueError: The depth is not above zero.
    """
    tool = assembly.tool
    _check_hole(material, assembly, depth_mm)
    ratio = depth_mm / tool.diameter_mm
    speed_share, feed_share = next(((s, f) for over, s, f in DEEP_HOLE if ratio >= over), (1.0, 1.0))
    own = preset_of(material, tool, "drill")
    vc, fastest, source = _drill_speed(material, tool, own)
    rpm, binding, turning = spindle(material, assembly, machine, (vc * speed_share, fastest), tool.diameter_mm, source)
    if speed_share < 1 and binding.startswith("cutting speed"):
        binding = f"hole {ratio:.1f} diameters deep, {binding}"
        turning = (replace(turning[0], because=f"{turning[0].because}, {speed_share:g} of the row", limit=binding),
                   *turning[1:])  # fmt: skip
    wide = tool.diameter_mm
    if tool.kind in ("spot-drill", "chamfer-mill"):
        wide = min(wide, tool.tip_diameter_mm + 2 * depth_mm * tan(radians(tool.point_angle_deg) / 2))
    usual = material.drill_fn_over_d * tool.diameter_mm
    fn = (usual if own is None else sure(own) * own.fz_mm) * feed_share
    why = [*turning, *_feed_steps(material, tool, own, fn, feed_share)]

    def held(now: float, limit: str, because: str) -> float:
        why.append(limited("fz_mm", fn / tool.flutes, now / tool.flutes, limit, because))
        return now

    most = machine.max_feed_mm_min
    fn = held(min(fn, most / rpm), f"feed {most:g} mm/min", f"{machine.id} feeds at {most:g} mm/min at most")
    binding = why[-1].limit or binding
    kw = _drill_power_kw(material, tool, fn, rpm, wide)
    worst = tightest(spindle_limits(kw, machine, rpm))
    fn = held(fn * min(1.0, worst.share) ** (1 / (1 - material.mc)), worst.name, worst.because)
    binding = why[-1].limit or binding
    thinnest = material.drill_fn_over_d * tool.diameter_mm / 4
    if fn < thinnest:
        message = f"{tool.id} in {material.id}: {binding} allows {fn:.4f} mm a turn, it needs {thinnest:.4f} mm"
        raise CapabilityError(
            "plan.chip-too-thin", message, place=f"T{assembly.number}", value=round(fn, 5), limit=round(thinnest, 5),
            hint="Drill a smaller hole and mill it to size.",
        )  # fmt: skip
    feed, before = whole_feed(fn * rpm), fn
    fn = feed / rpm
    kc = cutting_force(material, formulas.drill_chip_mm(fn, tool.point_angle_deg))
    cut = CuttingData(
        spindle_rpm=rpm,
        feed_mm_min=feed,
        plunge_mm_min=feed,
        ramp_mm_min=feed,
        ap_mm=depth_mm,
        ae_mm=wide,
        vc_m_min=formulas.surface_speed_m_min(tool.diameter_mm, rpm),
        fz_mm=fn / tool.flutes,
        power_w=_drill_power_kw(material, tool, fn, rpm, wide) * 1000,
        force_n=formulas.drill_thrust_n(fn, wide, kc, tool.point_angle_deg),
        deflection_mm=0.0,
        coolant=coolant_of(material, machine),
        binding=binding,
        peck_mm=_peck(material, tool, ratio),
    )
    told = {
        "feed_mm_min": f"{before:.4f} mm a turn x {rpm:g} rpm, whole mm/min, down",
        "fz_mm": f"of the whole feed, over {tool.flutes} lips",
        "plunge_mm_min": DOWN, "ramp_mm_min": DOWN, "ap_mm": "how deep the tip goes", "ae_mm": "how wide the hole is",
        "vc_m_min": f"pi D n / 1000 at the tool's {tool.diameter_mm:g} mm",
        "power_w": f"f vc D kc / 240e3 at the cutter, forces {KC_SAFETY:g} times the row's",
        "force_n": f"0.5 kc D/2 f sin(SIG/2), forces {KC_SAFETY:g} times the row's ({of_material(material, 'kc')})",
        "peck_mm": f"{ratio:.1f} diameters deep: the chips are lifted out this often",
    }  # fmt: skip
    return with_why(cut, why, told, fz_mm=before / tool.flutes)


def reaming_data(
    material: Material, assembly: Assembly, machine: Machine, *, drilled_mm: float, depth_mm: float
) -> CuttingData:
    """Compute speed and feed of a reamer that follows a hole of ``drilled_mm``.

    ``force_n`` is the tangential force of the ring it takes off.

    Raises:
        CapabilityError: The material is not cut, or the spindle cannot turn slowly enough.
    """
    check_material(material)
    tool = assembly.tool
    vc, wanted = REAM_SPEED * material.drill_vc_m_min, REAM_FEED * material.drill_fn_over_d * tool.diameter_mm
    source = of_material(material, "drill")
    of_speed, of_feed = f"{REAM_SPEED:g} of a drill's: {source}", f"{REAM_FEED:g} of a drill's {wanted / REAM_FEED:.4f}"
    own = preset_of(material, tool, "ream")
    if own is not None:
        vc, wanted, source = sure(own) * own.vc_m_min, sure(own) * own.fz_mm, named(own)
        of_speed, of_feed = f"{source}, in place of {of_speed}", f"its own row's {wanted:.4f}"
    fastest = max(vc, material.drill_vc_m_min)
    rpm, binding, why = spindle(material, assembly, machine, (vc, fastest), tool.diameter_mm, of_speed)
    feed = whole_feed(min(wanted * rpm, machine.max_feed_mm_min))
    fn, ring = feed / rpm, (tool.diameter_mm - drilled_mm) / 2
    force = cutting_force(material, fn / tool.flutes) * fn * ring
    speed = formulas.surface_speed_m_min(tool.diameter_mm, rpm)
    cut = CuttingData(
        rpm, feed, feed, feed, depth_mm, ring, speed, fn / tool.flutes, force * speed / 60, force, 0.0,
        coolant_of(material, machine), binding,
    )  # fmt: skip
    told = {
        "feed_mm_min": f"{of_feed} mm a turn x {rpm:g} rpm, within "
        f"{machine.max_feed_mm_min:g} mm/min ({source})",
        "fz_mm": f"of the whole feed, over {tool.flutes} lips",
        "plunge_mm_min": DOWN, "ramp_mm_min": DOWN, "ap_mm": "how deep the reamer cuts",
        "ae_mm": f"what the {drilled_mm:g} mm hole leaves on a side", "vc_m_min": "pi D n / 1000",
        "power_w": "force times speed", "force_n": f"kc f a of the ring it takes ({of_material(material, 'kc')})",
    }  # fmt: skip
    return with_why(cut, why, told)


def tapping_data(
    material: Material, assembly: Assembly, machine: Machine, *, thread: ThreadSize, depth_mm: float
) -> CuttingData:
    """Compute the speed of a tap; its feed is the pitch a turn. ``force_n`` is tangential, at the thread's radius.

    Torque M = kc P^2 D / 8000 N m (Sandvik tapping formulas, from memory: belief).

    Raises:
        CapabilityError: The material is not tapped, the spindle cannot turn slowly enough or is too weak.
    """
    check_material(material)
    tool, place = assembly.tool, f"T{assembly.number}"
    own = preset_of(material, tool, "tap")
    vc = TAP_M_MIN.get(material.iso_group) if own is None else sure(own) * own.vc_m_min
    if vc is None:
        message = f"{material.name} is not tapped with {tool.id}"
        raise CapabilityError("plan.not-tapped", message, place=place, hint="Mill the thread, or fit an insert.")
    group = f"taps of cobalt steel in group {material.iso_group}, {row('medians of shop presets', 'shop')}"
    source = group if own is None else f"{named(own)}, in place of {group}"
    rpm, binding, turning = spindle(material, assembly, machine, (vc, TAP_FASTEST * vc), tool.diameter_mm, source)
    before, rpm = rpm, max(floor(rpm / WHOLE_RPM) * WHOLE_RPM, machine.spindle_min_rpm)
    why = (*turning, Step(RPM, before, rpm, "whole twenties, so that the feed is a whole number of mm/min"))
    kc = cutting_force(material, thread.pitch_mm / 8)
    torque = kc * thread.pitch_mm**2 * thread.major_mm / 8000
    kw = torque * rpm / 9550
    curve = formulas.interpolated(machine.power_curve, rpm)
    if kw > EFFICIENCY * curve:
        message = f"{tool.id} in {material.id} asks {kw:.2f} kW at {rpm:g} rpm, the spindle gives {curve:.2f} kW"
        raise CapabilityError(
            "plan.tap-power", message, place=place, value=round(kw, 3), limit=round(EFFICIENCY * curve, 3),
            hint="Mill the thread instead.",
        )  # fmt: skip
    feed = rpm * thread.pitch_mm
    cut = CuttingData(
        rpm, feed, feed, feed, depth_mm, thread.depth_mm, formulas.surface_speed_m_min(tool.diameter_mm, rpm),
        thread.pitch_mm / tool.flutes, kw * 1000, torque * 2000 / thread.major_mm, 0.0,
        coolant_of(material, machine), binding,
    )  # fmt: skip
    told = {
        "feed_mm_min": f"the pitch {thread.pitch_mm:g} mm x {rpm:g} rpm", "plunge_mm_min": DOWN, "ramp_mm_min": DOWN,
        "ap_mm": "how deep the tap cuts", "ae_mm": "the thread's depth", "vc_m_min": "pi D n / 1000",
        "fz_mm": f"the pitch over {tool.flutes} flutes", "power_w": f"{torque:.2f} N m x {rpm:g} rpm / 9550",
        "force_n": f"kc P^2 D / 8000 at the thread's radius ({of_material(material, 'kc')})",
    }  # fmt: skip
    return with_why(cut, why, told)


def thread_milling_data(
    material: Material,
    assembly: Assembly,
    machine: Machine,
    *,
    thread: ThreadSize,
    drilled_mm: float,
    hold: Hold = FREE,
) -> CuttingData:
    """Compute speed, feed at the edge and radial passes of a thread mill.

    The fewest passes of equal cross-section that need no lower feed: ``ae_mm`` is the first pass, and the
    k-th of n ends at ``depth sqrt(k / n)``. ``ap_mm`` is the teeth's height in the work.

    Raises:
        CapabilityError: Even ``MOST_THREAD_PASSES`` passes are too much for the tool.
    """
    depth = (thread.major_mm - drilled_mm) / 2
    height = assembly.tool.flute_length_mm
    for count in range(1, MOST_THREAD_PASSES):
        ae = depth * sqrt(1 / count)
        try:
            cut = milling_data(material, assembly, machine, ap_mm=height, ae_mm=ae, mode="finish", hold=hold)
        except CapabilityError:
            continue
        if not cut.binding.startswith(("deflection", "tool strength", "power", CLAMPING, TILTING)):
            return cut
    ae = depth * sqrt(1 / MOST_THREAD_PASSES)
    return milling_data(material, assembly, machine, ap_mm=height, ae_mm=ae, mode="finish", hold=hold)


def _check_hole(material: Material, assembly: Assembly, depth_mm: float) -> None:
    check_material(material)
    tool = assembly.tool
    place = f"T{assembly.number}"
    if not depth_mm > 0:
        message = f"a hole {depth_mm:g} mm deep is none"
        raise ValueError(message)
    if tool.kind not in ("drill", "spot-drill", "chamfer-mill"):
        message = f"{tool.id} is a {tool.kind} and cannot drill"
        raise CapabilityError("plan.wrong-tool", message, place=place, hint="Choose a drill.")
    limit = DEEPEST * tool.diameter_mm
    if depth_mm > limit:
        message = f"a hole {depth_mm:g} mm deep is over {DEEPEST:g} diameters of {tool.id} ({limit:g} mm)"
        hint = "Make the hole wider or less deep; deep holes need a gun drill."
        raise CapabilityError("plan.hole-too-deep", message, place=place, value=depth_mm, limit=limit, hint=hint)
    if depth_mm > tool.flute_length_mm:
        message = f"{tool.id} has {tool.flute_length_mm:g} mm of flutes, the hole is {depth_mm:g} mm deep"
        raise CapabilityError(
            "plan.flutes-too-short", message, place=place, value=depth_mm, limit=tool.flute_length_mm,
            hint="Add a longer drill.",
        )  # fmt: skip


def _drill_speed(material: Material, tool: Tool, own: CuttingRow | None) -> tuple[float, float, str]:
    """Start and highest surface speed of a drill, m/min, and the row they are from."""
    carbide = tool.substrate == "carbide"
    faster = carbide and material.iso_group not in SOFT_GROUPS
    start = DRILL_CARBIDE * material.vc_carbide_m_min[1] if faster else material.drill_vc_m_min
    source = (
        f"{DRILL_CARBIDE:g} of milling: {of_material(material, 'vc')}" if faster else of_material(material, "drill")
    )
    highest = (material.vc_carbide_m_min if carbide else material.vc_hss_m_min)[2]
    if own is not None:
        source = f"{named(own)}, in place of {start:g} m/min"
        start = sure(own) * own.vc_m_min
    return start, max(start, min(highest, DRILL_FASTEST * start)), source


def _feed_steps(material: Material, tool: Tool, own: CuttingRow | None, fn: float, share: float) -> list[Step]:
    """Where the feed per lip begins: the material's row, or the tool's own in its place."""
    usual, lips = material.drill_fn_over_d * tool.diameter_mm * share, tool.flutes
    told = f"{material.drill_fn_over_d:g} of {tool.diameter_mm:g} mm a turn over {lips} lips, {share:g} of it so deep"
    steps = [Step("fz_mm", 0.0, usual / lips, told, source=of_material(material, "drill"))]
    if own is not None:
        instead = f"the tool's own row for {material.id}, {sure(own):g} of it as sure as it is"
        steps.append(Step("fz_mm", usual / lips, fn / lips, instead, source=named(own)))
    return steps


def _drill_power_kw(material: Material, tool: Tool, fn: float, rpm: float, wide: float) -> float:
    kc = cutting_force(material, formulas.drill_chip_mm(fn, tool.point_angle_deg))
    return formulas.drilling_power_kw(fn, formulas.surface_speed_m_min(wide, rpm), wide, kc)


def _peck(material: Material, tool: Tool, ratio: float) -> float:
    """Peck depth: none for short holes, one diameter for deep ones, half of it in tough metal and very deep ones."""
    if ratio < (SHORT_CHIP_DEPTH if material.short_chip else STRAIGHT_DEPTH):
        return 0.0
    return tool.diameter_mm * (0.5 if material.iso_group in TOUGH_GROUPS or ratio >= SHORT_PECK_DEPTH else 1.0)
