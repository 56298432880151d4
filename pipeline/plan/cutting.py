"""Computes how fast and how deep a tool may cut a material on a machine, and names what limits it."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Literal

from model.errors import CapabilityError
from model.plan import CuttingData
from pipeline.plan import formulas
from pipeline.plan.limits import SOFT_GROUPS, Mode, Speed, loads, spindle, sprung, tightest

if TYPE_CHECKING:
    from model.tooling import Assembly, Machine, Material, Tool

TOUGH_GROUPS = "MSH"
"""Stainless, superalloys, titanium and hardened steel."""

SMALL_MM = 2.0
SMALL_FZ_OVER_D = 0.01
"""Metals, below ``SMALL_MM``: the highest feed per tooth as a share of the diameter."""

SLOT_SHARE = 0.7
"""From this share of the diameter in width, a cut counts as a slot."""

SIZING: tuple[Mode, ...] = ("lap", "finish", "chamfer")
"""Cuts that leave the final surface: fed at the low end of the material's range, as deep as the flutes."""

PLUNGE, RAMP = 0.25, 0.7
"""Shares of the feed: plunge 25-50 %, ramp 70-95 % (cnctoolkit.com), both at the low end."""

SMALLEST_AP_MM = 0.01


def milling_data(
    material: Material, assembly: Assembly, machine: Machine, *, ap_mm: float, ae_mm: float, mode: Mode
) -> CuttingData:
    """Compute speed and feed of one milling cut, ``ap_mm`` deep and ``ae_mm`` wide.

    Start values of the material's row (laps, finishing and chamfers: the low end of its feed), then the
    speed limits of spindle, tool and holder, chip thinning (roughing only, never above the row),
    the feed limit, and last bending, strength and power, which lower the feed. ``binding`` names
    the last of these that decided. ``power_w`` is at the cutter; spindle speed in whole tens
    where the spindle allows, feeds in whole mm/min. A tool that is not centre cutting must not
    plunge, whatever ``plunge_mm_min`` says.

    Raises:
        CapabilityError: The material is not cut, the flutes are too short, the spindle cannot turn
            slowly enough, or even the thinnest sound chip breaks a limit.
        ValueError: The depth or width is not above zero, or the width is above the diameter.
    """
    tool = assembly.tool
    _check_cut(material, assembly, ap_mm, ae_mm)
    start = _start(material, assembly, machine, ap_mm, ae_mm, mode)
    share, name = tightest(loads(material, assembly, ap_mm, ae_mm, start), machine, tool, mode, start.rpm)
    rpm, fz, binding = start.rpm, start.fz_mm, start.binding
    if share < 1:
        fz, binding = fz * share ** (1 / (1 - material.mc)), name
        _check_chip(material, assembly, ae_mm, fz, f"{name} at {ap_mm:g} mm deep and {ae_mm:g} mm wide")
    feed = whole_feed(formulas.feed_mm_min(fz, tool.flutes, rpm) * (RAMP if mode == "ramp" else 1))
    real = Speed(rpm, formulas.feed_per_tooth_mm(feed, tool.flutes, rpm), binding)
    final = loads(material, assembly, ap_mm, ae_mm, real)
    return CuttingData(
        spindle_rpm=rpm,
        feed_mm_min=feed,
        plunge_mm_min=whole_feed(feed * PLUNGE),
        ramp_mm_min=feed if mode == "ramp" else whole_feed(feed * RAMP),
        ap_mm=ap_mm,
        ae_mm=ae_mm,
        vc_m_min=formulas.surface_speed_m_min(tool.diameter_mm, rpm),
        fz_mm=real.fz_mm,
        power_w=final.power_kw * 1000,
        force_n=final.force_n,
        deflection_mm=final.bending_mm,
        coolant=coolant_of(material, machine),
        binding=binding,
    )


def choose_depth_of_cut(
    material: Material, assembly: Assembly, machine: Machine, *, depth_mm: float, ae_mm: float, mode: Mode
) -> float:
    """Choose the largest depth of equal passes that no limit lowers; see `decide_depth`."""
    return decide_depth(material, assembly, machine, depth_mm=depth_mm, ae_mm=ae_mm, mode=mode)[0]


def decide_depth(
    material: Material, assembly: Assembly, machine: Machine, *, depth_mm: float, ae_mm: float, mode: Mode
) -> tuple[float, str]:
    """Choose the depth of equal passes and name why it is not deeper.

    The largest ``depth_mm / n`` within the flutes and the depth rule (slots: half the diameter in
    metal, 0.3 in tough metal, one diameter in wood and plastics; roughing: one, two; constant engagement: two,
    in tough metal one and a half; laps along walls and finishing: the flutes), for which
    bending, strength and power need no lower feed than the start value.

    Raises:
        CapabilityError: The tool does not reach the depth, or is too weak for any pass.
        ValueError: The depth or width is not above zero, or the width is above the diameter.
    """
    tool = assembly.tool
    reach = tool.flute_length_mm if tool.kind == "chamfer-mill" else tool.shoulder_length_mm
    if depth_mm > reach:
        message = f"{tool.id} reaches {reach:g} mm, the cut is {depth_mm:g} mm deep"
        raise CapabilityError(
            "plan.flutes-too-short", message, place=f"T{assembly.number}", value=depth_mm, limit=reach,
            hint="Use a longer tool.",
        )  # fmt: skip
    rule = min(tool.flute_length_mm, _depth_rule(material, tool, ae_mm, mode))
    count = formulas.passes(depth_mm, rule)
    binding = "whole depth in one pass" if count == 1 else f"depth rule {rule:g} mm"
    while True:
        ap = depth_mm / count
        _check_cut(material, assembly, ap, ae_mm)
        speed = _start(material, assembly, machine, ap, ae_mm, mode)
        borne = loads(material, assembly, ap, ae_mm, speed)
        share, name = tightest(borne, machine, tool, mode, speed.rpm)
        if mode == "lap":
            share, name = min((share, name), sprung(material, assembly, ap, borne, speed))
        if share >= 1:
            return ap, binding
        binding, count = name, count + 1
        if ap < SMALLEST_AP_MM:
            message = f"{tool.id} is too weak for {material.id}: {name} forbids even {ap:.3f} mm of depth"
            raise CapabilityError(
                "plan.tool-too-weak", message, place=f"T{assembly.number}", value=round(ap, 4),
                limit=SMALLEST_AP_MM, hint="Use a shorter or thicker tool, or a narrower cut.",
            )  # fmt: skip


def whole_feed(feed: float) -> float:
    """Feed in whole mm/min, down, at least 1; a billionth short does not cost one."""
    return float(max(1, floor(feed + 1e-9)))


def check_material(material: Material) -> None:
    """Refuse a material that is printed, not cut."""
    if material.process != "cut":
        message = f"{material.id} is printed, there are no cutting data for it"
        hint = "Choose a material that is cut."
        raise CapabilityError("plan.material-not-cut", message, place=material.id, hint=hint)


def _check_cut(material: Material, assembly: Assembly, ap_mm: float, ae_mm: float) -> None:
    check_material(material)
    tool = assembly.tool
    if not (ap_mm > 0 and 0 < ae_mm <= tool.diameter_mm * (1 + 1e-9)):
        message = f"a cut {ap_mm:g} mm deep and {ae_mm:g} mm wide is none for a {tool.diameter_mm:g} mm tool"
        raise ValueError(message)
    if tool.kind in ("drill", "spot-drill"):
        message = f"{tool.id} is a {tool.kind} and cannot mill"
        raise CapabilityError("plan.wrong-tool", message, place=f"T{assembly.number}", hint="Choose an end mill.")
    if ap_mm > tool.flute_length_mm + 1e-9:
        message = f"{tool.id} has {tool.flute_length_mm:g} mm of flutes, the pass is {ap_mm:g} mm deep"
        raise CapabilityError(
            "plan.flutes-too-short", message, place=f"T{assembly.number}", value=ap_mm, limit=tool.flute_length_mm,
            hint="Cut in more passes or use a longer tool.",
        )  # fmt: skip


def _check_chip(material: Material, assembly: Assembly, ae_mm: float, fz_mm: float, cause: str) -> None:
    tool = assembly.tool
    thinnest = _least_fz(material, tool, ae_mm)
    if fz_mm < thinnest * (1 - 1e-9):
        message = (
            f"{tool.id} in {material.id}: {cause} allows {fz_mm:.4f} mm a tooth, a sound chip needs {thinnest:.4f} mm"
        )
        raise CapabilityError(
            "plan.chip-too-thin", message, place=f"T{assembly.number}", value=round(fz_mm, 5),
            limit=round(thinnest, 5), hint="Cut less deep, or use a shorter or thicker tool.",
        )  # fmt: skip


def _start(material: Material, assembly: Assembly, machine: Machine, ap: float, ae: float, mode: Mode) -> Speed:
    """Speed and feed per tooth before forces are looked at."""
    tool = assembly.tool
    vc = material.vc_carbide_m_min if tool.substrate == "carbide" else material.vc_hss_m_min
    ball = tool.kind == "ball-mill" and 2 * ap < tool.diameter_mm
    wide = formulas.ball_diameter_mm(tool.diameter_mm, ap) if ball else tool.diameter_mm
    rpm, binding = spindle(material, assembly, machine, (vc[1], vc[2]), wide)
    low, middle, high = (share * tool.diameter_mm for share in material.fz_over_d)
    fz = low if mode in SIZING else middle
    if mode in ("rough", "adaptive"):
        fz = min(fz / formulas.chip_thinning(ae, tool.diameter_mm), high)
    small = tool.diameter_mm < SMALL_MM and material.iso_group not in SOFT_GROUPS
    if small and fz > SMALL_FZ_OVER_D * tool.diameter_mm:
        fz, binding = SMALL_FZ_OVER_D * tool.diameter_mm, f"chip load {SMALL_FZ_OVER_D:g} of a small tool's diameter"
    thinnest = _least_fz(material, tool, ae)
    if fz < thinnest:
        fz, binding = thinnest, f"minimum chip {_least_chip(material, tool):g} mm"
    fastest = machine.max_feed_mm_min
    if fz * tool.flutes * rpm > fastest:
        binding = f"feed {fastest:g} mm/min"
        fz = max(fastest / (tool.flutes * rpm), min(fz, max(low, thinnest)))
        if fz * tool.flutes * rpm > fastest:
            slower = formulas.surface_speed_m_min(wide, fastest / (tool.flutes * fz))
            rpm, _ = spindle(material, assembly, machine, (slower, vc[2]), wide)
            fz = min(fz, fastest / (tool.flutes * rpm))
            _check_chip(material, assembly, ae, fz, binding)
    return Speed(rpm, fz, binding)


def _least_chip(material: Material, tool: Tool) -> float:
    """Thinnest chip still cut: a third of the edge's radius; wood burns and plastics melt below 0.004 mm."""
    if material.iso_group in SOFT_GROUPS:
        return 0.004
    return 0.001 if tool.diameter_mm < SMALL_MM else 0.002


def _least_fz(material: Material, tool: Tool, ae_mm: float) -> float:
    return _least_chip(material, tool) / formulas.max_chip_mm(1.0, ae_mm, tool.diameter_mm)


def _depth_rule(material: Material, tool: Tool, ae_mm: float, mode: Mode) -> float:
    if mode in SIZING:
        return tool.flute_length_mm
    soft = material.iso_group in SOFT_GROUPS
    if mode == "adaptive":
        return min(tool.flute_length_mm, tool.diameter_mm * (1.5 if material.iso_group in TOUGH_GROUPS else 2.0))
    if mode != "rough" or ae_mm > SLOT_SHARE * tool.diameter_mm:
        return tool.diameter_mm * (1.0 if soft else 0.3 if material.iso_group in TOUGH_GROUPS else 0.5)
    return tool.diameter_mm * (2.0 if soft else 1.0)


def coolant_of(material: Material, machine: Machine) -> Literal["off", "flood", "mist"]:
    """Dry for wood, plastics and iron; mist first for light metals, flood first for steels; what the machine has."""
    if material.iso_group in "OWK":
        return "off"
    wanted: tuple[Literal["flood", "mist"], ...] = ("mist", "flood") if material.iso_group == "N" else ("flood", "mist")
    return next((word for word in wanted if word in machine.coolant), "off")
