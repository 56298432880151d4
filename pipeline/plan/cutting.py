"""Computes how fast and how deep a tool may cut a material on a machine, and names what limits it."""

from __future__ import annotations

from math import floor, inf
from typing import TYPE_CHECKING, Literal, NamedTuple

from model.errors import CapabilityError
from model.plan import CuttingData, Step
from pipeline.plan import formulas
from pipeline.plan.limits import (
    CLAMPING,
    FREE,
    KC_SAFETY,
    RPM,
    SOFT_GROUPS,
    TILTING,
    Hold,
    Mode,
    Speed,
    limits,
    loads,
    spindle,
    sprung,
    tightest,
)
from pipeline.plan.why import limited, named, of_material, preset_of, sure, with_why

if TYPE_CHECKING:
    from model.inventory import CuttingRow
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
LEAST_HELD_AP_MM = 0.2
"""Work held too weakly for passes so deep is held in another way, or not cut."""

UNHELD = {CLAMPING: "plan.vise-force", TILTING: "plan.vise-tilt"}
"""How cuts are refused that the jaws do not hold."""

AP, FZ = "ap_mm", "fz_mm"
FEED, ACCELERATION = "feed", "acceleration"
"""What the limits of the feed are called."""


def milling_data(
    material: Material,
    assembly: Assembly,
    machine: Machine,
    *,
    ap_mm: float,
    ae_mm: float,
    mode: Mode,
    hold: Hold = FREE,
    run_mm: float = inf,
) -> CuttingData:
    """Compute speed and feed of one milling cut, ``ap_mm`` deep and ``ae_mm`` wide.

    Start values of the material's row (laps, finishing and chamfers: the low end of its feed), then the
    speed limits of spindle, tool and holder, chip thinning (roughing only, never above the row), the feed the machine
    has and the one its axes come up to within ``run_mm`` (the longest straight move there is room for, or the radius
    of a circle), and last bending, strength, power and ``hold``, which lower the feed. ``binding`` names
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
    start = _start(material, assembly, machine, ap_mm, ae_mm, mode, run_mm)
    asked = loads(material, assembly, ap_mm, ae_mm, start)
    held = [*limits(asked, machine, tool, mode, start.rpm), *hold.limits(asked.force_n, ap_mm)]
    worst = tightest(held)
    rpm, fz, binding = start.rpm, start.fz_mm, start.binding
    why = [*start.why, *(Step(FZ, fz, fz, one.because) for one in held)]
    if worst.share < 1:
        fz, binding = fz * worst.share ** (1 / (1 - material.mc)), worst.name
        less = f"{worst.because}: the chip comes down by {worst.share:.3f} ^ (1 / (1 - mc {material.mc:g}))"
        why.append(Step(FZ, start.fz_mm, fz, less, worst.name))
        _check_chip(material, assembly, ae_mm, fz, f"{worst.name} at {ap_mm:g} mm deep and {ae_mm:g} mm wide")
    share = RAMP if mode == "ramp" else 1
    feed = whole_feed(formulas.feed_mm_min(fz, tool.flutes, rpm) * share)
    real = Speed(rpm, formulas.feed_per_tooth_mm(feed, tool.flutes, rpm), binding)
    final = loads(material, assembly, ap_mm, ae_mm, real)
    cut = CuttingData(
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
    sloping = f", {RAMP:g} of it down a slope" if mode == "ramp" else ""
    force = of_material(material, "kc")
    told = {
        "feed_mm_min": f"fz z n: {fz:.4f} mm x {tool.flutes} x {rpm:g} rpm{sloping}, whole mm/min, down",
        "fz_mm": f"of the whole feed: {feed:g} / ({tool.flutes} x {rpm:g})",
        "vc_m_min": f"pi D n / 1000 at the tool's {tool.diameter_mm:g} mm",
        "plunge_mm_min": f"{PLUNGE:g} of the feed",
        "ramp_mm_min": "as fast as the feed" if mode == "ramp" else f"{RAMP:g} of the feed",
        "ap_mm": "as deep as the operation cuts in one pass",
        "ae_mm": f"as wide as this cut is planned ({mode})",
        "force_n": f"kc x edge x chip at this feed, forces {KC_SAFETY:g} times the row's ({force})",
        "power_w": f"ap ae vf kc / 60e6 at the cutter, forces {KC_SAFETY:g} times the row's",
        "deflection_mm": f"of flutes, neck and shank, {assembly.stick_out_mm:g} mm out of {assembly.holder.id}",
    }
    return with_why(cut, why, told, fz_mm=fz)


class Depth(NamedTuple):
    """The depth of equal passes, why it is not deeper, and the steps to it."""

    ap_mm: float
    binding: str
    why: tuple[Step, ...]


def decide_depth(  # noqa: PLR0913 - as many limits as a cut has
    material: Material,
    assembly: Assembly,
    machine: Machine,
    *,
    depth_mm: float,
    ae_mm: float,
    mode: Mode,
    hold: Hold = FREE,
    widest_mm: float = 0.0,
    run_mm: float = inf,
) -> Depth:
    """Choose the depth of equal passes and name why it is not deeper.

    The largest ``depth_mm / n`` within the flutes and the depth rule (slots: half the diameter in
    metal, 0.3 in tough metal, one diameter in wood and plastics; roughing: one, two; constant engagement: two,
    in tough metal one and a half; laps along walls and finishing: the flutes), for which
    bending, strength, power and ``hold`` need no lower feed than the start value. The hold bears the cut where it is
    ``widest_mm`` wide for a moment.

    Raises:
        CapabilityError: The tool does not reach the depth, or is too weak for any pass, or the work held too weakly.
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
    preset = preset_of(material, tool, mode)
    own = preset.ap_mm if preset is not None and preset.ap_mm else _depth_rule(material, tool, ae_mm, mode)
    rule = min(tool.flute_length_mm, own)
    count = formulas.passes(depth_mm, rule)
    binding = "whole depth in one pass" if count == 1 else f"depth rule {rule:g} mm"
    source = named(preset) if preset is not None and preset.ap_mm else ""
    why = [Step(AP, 0.0, depth_mm, "the whole depth of the cut")]
    why.append(limited(AP, depth_mm, depth_mm / count, binding, f"at most {rule:g} mm a pass ({mode})", source))
    while True:
        ap = depth_mm / count
        _check_cut(material, assembly, ap, ae_mm)
        speed = _start(material, assembly, machine, ap, ae_mm, mode, run_mm)
        borne = loads(material, assembly, ap, ae_mm, speed)
        widest = loads(material, assembly, ap, widest_mm, speed) if widest_mm > ae_mm else borne
        held = [*limits(borne, machine, tool, mode, speed.rpm), *hold.limits(widest.force_n, ap)]
        worst = tightest([*held, sprung(material, assembly, ap, borne, speed)] if mode == "lap" else held)
        if worst.share >= 1:
            return Depth(ap, binding, tuple(why))
        count += 1
        before = why.pop().before if why[-1].limit == worst.name else ap  # one step for all passes one limit asks
        binding = worst.name
        told = f"even at {ap:.3g} mm a pass {worst.because}: one pass more"
        why.append(Step(AP, before, depth_mm / count, told, binding))
        if ap < LEAST_HELD_AP_MM and _unheld(binding):
            message = f"{tool.id} in {material.id}: {binding} forbids even {ap:.2f} mm of depth"
            raise CapabilityError(
                _unheld(binding), message, place=f"T{assembly.number}", value=round(ap, 3), limit=LEAST_HELD_AP_MM,
                hint="Leave more for the jaws to hold, or make the part less high.",
            )  # fmt: skip
        if ap < SMALLEST_AP_MM:
            message = f"{tool.id} is too weak for {material.id}: {binding} forbids even {ap:.3f} mm of depth"
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
            _unheld(cause) or "plan.chip-too-thin", message, place=f"T{assembly.number}", value=round(fz_mm, 5),
            limit=round(thinnest, 5), hint="Cut less deep, or use a shorter or thicker tool.",
        )  # fmt: skip


def _unheld(limit: str) -> str:
    """The code of a refusal by a limit of the hold; nothing for other limits."""
    return next((code for name, code in UNHELD.items() if limit.startswith(name)), "")


def _start(
    material: Material, assembly: Assembly, machine: Machine, ap: float, ae: float, mode: Mode, run_mm: float
) -> Speed:
    """Speed and feed per tooth before forces are looked at."""
    tool = assembly.tool
    preset = preset_of(material, tool, mode)
    vc, low, fz, why = _rows(material, tool, mode, preset)
    ball = tool.kind == "ball-mill" and 2 * ap < tool.diameter_mm
    wide = formulas.ball_diameter_mm(tool.diameter_mm, ap) if ball else tool.diameter_mm
    carbide = tool.substrate == "carbide"
    source = named(preset) if preset else of_material(material, "vc" if carbide else "hss")
    rpm, binding, turning = spindle(material, assembly, machine, vc, wide, source)
    why = [*turning, *why]

    def held(now: float, limit: str, because: str) -> float:
        why.append(limited(FZ, fz, now, limit, because))
        return now

    if mode in ("rough", "adaptive") and preset is None:
        thinning, high = formulas.chip_thinning(ae, tool.diameter_mm), material.fz_over_d[2] * tool.diameter_mm
        told = (
            f"chip thinning {thinning:.3f} of {ae:g} mm on {tool.diameter_mm:g} mm, never above the row's {high:.4f} mm"
        )
        fz = held(min(fz / thinning, high), "chip thinning", told)
    small = tool.diameter_mm < SMALL_MM and material.iso_group not in SOFT_GROUPS
    if small and fz > SMALL_FZ_OVER_D * tool.diameter_mm:
        binding = f"chip load {SMALL_FZ_OVER_D:g} of a small tool's diameter"
        fz = held(SMALL_FZ_OVER_D * tool.diameter_mm, binding, f"tools below {SMALL_MM:g} mm in metal break at more")
    thinnest = _least_fz(material, tool, ae)
    if fz < thinnest:
        binding = f"minimum chip {_least_chip(material, tool):g} mm"
        fz = held(thinnest, binding, "a thinner chip is rubbed off, not cut")
    for fastest, name, told in _feeds(machine, run_mm):
        if fz * tool.flutes * rpm <= fastest:
            continue
        binding = name
        fz = held(max(fastest / (tool.flutes * rpm), min(fz, max(low, thinnest))), binding, told)
        if fz * tool.flutes * rpm > fastest:
            slower = formulas.surface_speed_m_min(wide, fastest / (tool.flutes * fz))
            before = rpm
            rpm, *_ = spindle(material, assembly, machine, (slower, vc[1]), wide, source)
            why.append(limited(RPM, before, rpm, binding, f"{told}: a slower spindle keeps the chip"))
            least = 0.0 if name.startswith(FEED) else thinnest  # what is only not reached is fed so all the same
            fz = held(max(min(fz, fastest / (tool.flutes * rpm)), least), binding, told)
            _check_chip(material, assembly, ae, fz, binding)
    return Speed(rpm, fz, binding, tuple(why))


def _feeds(machine: Machine, run_mm: float) -> tuple[tuple[float, str, str], ...]:
    """How fast a machine feeds, each limit with its name and its reason.

    Within a run of length L an axis that speeds up by a and stops again reaches sqrt(a L), and along a circle of radius
    r no more than sqrt(a r) pulls it inwards by a.
    """
    fastest = machine.max_feed_mm_min
    first = (fastest, f"{FEED} {fastest:g} mm/min", f"{machine.id} feeds at {fastest:g} mm/min at most")
    if run_mm == inf:
        return (first,)
    slowest = min(axis.acceleration_mm_s2 for axis in machine.axes if axis.name in "XY")
    reached = formulas.short_move_feed_mm_min(slowest, run_mm)
    told = f"{machine.id} speeds up by {slowest:g} mm/s2 and reaches {reached:.0f} mm/min within {run_mm:.3g} mm"
    return first, (reached, f"{ACCELERATION} {slowest:g} mm/s2", told)


def _rows(
    material: Material, tool: Tool, mode: Mode, preset: CuttingRow | None
) -> tuple[tuple[float, float], float, float, list[Step]]:
    """Start and highest surface speed, lowest feed per tooth and the one to start from, with the rows they are from."""
    vc = material.vc_carbide_m_min if tool.substrate == "carbide" else material.vc_hss_m_min
    low, middle, _ = (share * tool.diameter_mm for share in material.fz_over_d)
    fz = low if mode in SIZING else middle
    end = "low end" if mode in SIZING else "start"
    told = f"{fz / tool.diameter_mm:g} of {tool.diameter_mm:g} mm, the {end} of the row ({mode})"
    why = [Step(FZ, 0.0, fz, told, source=of_material(material, "fz"))]
    if preset is None:
        return (vc[1], vc[2]), low, fz, why
    share = sure(preset)
    instead = f"the tool's own row for {material.id}, {mode}, in place of {fz:.4f} mm and {vc[1]:g} m/min"
    if share < 1:
        instead += f"; estimated, so {share:g} of its speed and feed"
    own, own_vc = share * preset.fz_mm, share * preset.vc_m_min
    why.append(Step(FZ, fz, own, instead, source=named(preset)))
    return (own_vc, max(own_vc, vc[2])), min(low, own), own, why


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
