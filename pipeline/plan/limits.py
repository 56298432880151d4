"""Holds a cut against what tool, holder, spindle and clamping bear: speed, bending, strength, power, hold."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Literal

from model.errors import CapabilityError
from model.plan import Step
from pipeline.plan import formulas
from pipeline.plan.why import limited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.tooling import Assembly, Machine, Material, Tool

Mode = Literal["rough", "adaptive", "slot", "lap", "finish", "engrave", "chamfer", "ramp"]
"""What a cut is for; it decides how much bending is borne and where in its range the feed starts."""

RPM = "spindle_rpm"

SOFT_GROUPS = "OW"
"""Plastics and wood."""

EFFICIENCY = 0.8
"""Share of the spindle's power that reaches the cutter."""

KC_SAFETY = 1.3
"""Cutting forces are known to 30 % (sources disagree by that much), so limits are held with 30 % more."""

BENDING_MM = {
    "rough": 0.05, "adaptive": 0.05, "slot": 0.05, "lap": 0.05, "ramp": 0.05, "chamfer": 0.03, "engrave": 0.02,
    "finish": 0.015,
}  # fmt: skip
"""A lap along a wall may bend the tool like roughing: what it leaves, a second one at the same depth takes."""
BENDING_OVER_D = 0.02
"""No tool may bend more than this share of its diameter (belief)."""

CLAMPING, TILTING = "clamping", "tilting"
"""What the limits of a hold are called."""

MODULUS_N_MM2 = {"carbide": 580_000.0, "hss": 205_000.0, "hss-co": 205_000.0}
STRENGTH_N_MM2 = {"carbide": 1200.0, "hss": 1000.0, "hss-co": 1000.0}
"""Bending stress allowed, about a third of the rupture strength (belief)."""

CORE = 0.8
"""Bending diameter of a fluted part as a share of its cutting diameter (belief)."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Spindle speed and feed per tooth, and what decided them."""

    rpm: float
    fz_mm: float
    binding: str
    why: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a cut: the part of the load it allows (1 or more: it is borne), its name, and the numbers."""

    share: float
    name: str
    because: str


@dataclass(frozen=True, slots=True)
class Hold:
    """What the jaws hold against a cut sideways: a force that would pull the work out, a moment that would tilt it.

    The lever of the moment is from ``middle_mm``, the grip's, to the middle of the cut, which begins at ``top_mm``.
    """

    force_n: float = inf
    moment_nmm: float = inf
    middle_mm: float = 0.0
    top_mm: float = 0.0

    def limits(self, force_n: float, ap_mm: float) -> tuple[Limit, ...]:
        """Give the limits a cut's force has in this hold; none where nothing is held."""
        lever = max(self.top_mm - ap_mm / 2 - self.middle_mm, 0.0)
        asked, held = force_n * lever / 1000, self.moment_nmm / 1000
        return (
            *([Limit(self.force_n / force_n, f"{CLAMPING} {self.force_n:.0f} N",
                     f"the cut pulls with {force_n:.0f} N, the jaws hold {self.force_n:.0f} N")]
              if self.force_n < inf else ()),
            *([Limit(held / asked, f"{TILTING} {held:.1f} N m",
                     f"{force_n:.0f} N tilt with {asked:.1f} N m, the jaws hold {held:.1f} N m")]
              if self.moment_nmm < inf and lever > 0 else ()),
        )  # fmt: skip


FREE = Hold()
"""Held against everything: what is not in a vise."""


@dataclass(frozen=True, slots=True)
class Loads:
    """What a cut does to tool and spindle, with the safety on the cutting force included."""

    force_n: float
    power_kw: float
    bending_mm: float
    stress_n_mm2: float


def spindle(
    material: Material,
    assembly: Assembly,
    machine: Machine,
    vc_m_min: tuple[float, float],
    diameter_mm: float,
    source: str,
) -> tuple[float, str, tuple[Step, ...]]:
    """Choose the spindle speed for a (start, highest) surface speed, down to tens, and name what decided it.

    The third value are the steps to it; ``source`` is the row the surface speed was taken from.

    Raises:
        CapabilityError: ``plan.spindle-too-fast``: the slowest speed of the spindle is above what
            the tool, the holder or the material bears.
    """
    tool = assembly.tool
    rpm, binding = formulas.spindle_rpm(vc_m_min[0], diameter_mm), f"cutting speed {vc_m_min[0]:g} m/min"
    start = f"1000 vc / (pi D): vc {vc_m_min[0]:g} m/min on {diameter_mm:g} mm"
    why = [Step(RPM, 0.0, rpm, start, binding, source)]
    bounds = (
        (machine.spindle_max_rpm, "spindle speed", machine.id),
        (tool.max_rpm, "tool speed", tool.id),
        (assembly.holder.max_rpm, "holder speed", assembly.holder.id),
    )
    for limit, name, whose in bounds:
        held = min(rpm, limit)
        why.append(limited(RPM, rpm, held, f"{name} {limit:g} rpm", f"{name} of {whose}: {limit:g} rpm at most"))
        rpm, binding = held, why[-1].limit or binding
    why.append(Step(RPM, rpm, floor(rpm / 10) * 10, "whole tens, down"))
    rpm = floor(rpm / 10) * 10
    slowest = ceil(machine.spindle_min_rpm)
    if rpm >= slowest:
        return float(rpm), binding, tuple(why)
    fastest = min(formulas.spindle_rpm(vc_m_min[1], diameter_mm), *(limit for limit, *_ in bounds))
    if slowest > fastest * (1 + 1e-9):
        message = (
            f"{tool.id} in {material.id} may turn at {fastest:.0f} rpm, {machine.id} turns at {slowest} rpm or more"
        )
        raise CapabilityError(
            "plan.spindle-too-fast", message, place=f"T{assembly.number}", value=slowest, limit=floor(fastest),
            hint="Use a smaller tool, another machine, or mill the hole.",
        )  # fmt: skip
    binding = f"spindle minimum {slowest} rpm"
    why.append(Step(RPM, rpm, slowest, f"{machine.id} turns no slower; {fastest:.0f} rpm are borne", binding))
    return float(slowest), binding, tuple(why)


def cutting_force(material: Material, chip_mm: float) -> float:
    """Specific cutting force at a chip thickness, N/mm2, with the safety."""
    return KC_SAFETY * formulas.specific_force_n_mm2(material.kc11_n_mm2, material.mc, chip_mm)


def loads(material: Material, assembly: Assembly, ap_mm: float, ae_mm: float, speed: Speed) -> Loads:
    """Compute force, power, bending and stress of a milling cut."""
    tool = assembly.tool
    wide = min(ae_mm, tool.diameter_mm)
    chip = formulas.mean_chip_mm(speed.fz_mm, wide, tool.diameter_mm)
    kc = cutting_force(material, chip)
    angle = formulas.engagement_rad(wide, tool.diameter_mm)
    edge = formulas.engaged_edge_mm(ap_mm, tool.diameter_mm, tool.flutes, angle, tool.helix_deg)
    force = formulas.tooth_force_n(kc, edge, chip)
    feed = formulas.feed_mm_min(speed.fz_mm, tool.flutes, speed.rpm)
    sections = bending_sections(assembly)
    arms = [sum(length for length, _ in sections[: i + 1]) for i in range(len(sections))]
    return Loads(
        force,
        formulas.milling_power_kw(ap_mm, wide, feed, kc),
        formulas.deflection_mm(force, sections, MODULUS_N_MM2[tool.substrate]),
        max(formulas.bending_stress_n_mm2(force, a, d) for a, (_, d) in zip(arms, sections, strict=True)),
    )


def width_in_hollow(mill_mm: float, hollow_mm: float, ae_mm: float) -> float:
    """Give the width of a straight cut with as much of the mill in it as one ``ae_mm`` wide has along a hollow wall.

    Both are radii; the mill's axis goes round at their difference, ``ae_mm`` of stock stands on the wall.
    """
    swing = hollow_mm - mill_mm
    return mill_mm - ((hollow_mm - ae_mm) ** 2 - swing**2 - mill_mm**2) / (2 * swing)


def sprung(material: Material, assembly: Assembly, ap_mm: float, first: Loads, speed: Speed) -> Limit:
    """The limit of the second of two laps along a wall: as wide a cut as the first one bent the tool."""
    left, most = loads(material, assembly, ap_mm, first.bending_mm, speed).bending_mm, BENDING_MM["finish"]
    told = f"the second lap takes what the first bent away and bends {left:.4f} mm, {most:g} mm are allowed"
    return Limit(most / left, f"deflection {most:g} mm in the second lap", told)


def bending_sections(assembly: Assembly) -> list[tuple[float, float]]:
    """Lengths and bending diameters from the tip to the holder: flutes, neck, shank."""
    tool = assembly.tool
    fluted = min(tool.flute_length_mm, assembly.stick_out_mm)
    core = CORE * (tool.diameter_mm + tool.tip_diameter_mm) / 2
    neck = min(tool.shoulder_length_mm, assembly.stick_out_mm) - fluted
    shank = assembly.stick_out_mm - fluted - neck
    relieved = core if tool.kind == "thread-mill" else min(tool.diameter_mm, tool.shank_diameter_mm)
    steps = [(fluted, core), (neck, relieved), (shank, tool.shank_diameter_mm)]
    return [step for step in steps if step[0] > 0]


def limits(borne: Loads, machine: Machine, tool: Tool, mode: Mode, rpm: float) -> tuple[Limit, ...]:
    """Give the limits of a cut's loads in turn: bending, strength, power, torque."""
    bending = min(BENDING_MM[mode], BENDING_OVER_D * tool.diameter_mm)
    strength = STRENGTH_N_MM2[tool.substrate]
    return (
        Limit(bending / borne.bending_mm, f"deflection {bending:g} mm",
              f"the tip bends {borne.bending_mm:.4f} mm under {borne.force_n:.0f} N, {bending:g} mm are allowed"),
        Limit(strength / borne.stress_n_mm2, f"tool strength {strength:g} N/mm2",
              f"{tool.substrate} is bent with {borne.stress_n_mm2:.0f} N/mm2, {strength:g} are allowed"),
        *spindle_limits(borne.power_kw, machine, rpm),
    )  # fmt: skip


def spindle_limits(power_kw: float, machine: Machine, rpm: float) -> tuple[Limit, Limit]:
    """Give what the spindle bears at a speed: its power, and its torque."""
    power = formulas.interpolated(machine.power_curve, rpm)
    needed, torque = formulas.torque_nm(power_kw, rpm), torque_nm(machine, rpm)
    return (
        Limit(EFFICIENCY * power / power_kw, f"power {power:.2f} kW at {rpm:g} rpm",
              f"{power_kw:.3f} kW at the cutter, {EFFICIENCY:g} of {power:.2f} kW reach it"),
        Limit(EFFICIENCY * torque / needed, f"torque {torque:.2f} N m at {rpm:g} rpm",
              f"{needed:.3f} N m at the cutter, {EFFICIENCY:g} of {torque:.2f} N m reach it"),
    )  # fmt: skip


def torque_nm(machine: Machine, rpm: float) -> float:
    """What the spindle turns with: its torque curve (as strong below its first point), or its power over its speed."""
    if not machine.torque_curve:
        return formulas.torque_nm(formulas.interpolated(machine.power_curve, rpm), rpm)
    return formulas.interpolated(machine.torque_curve, max(rpm, machine.torque_curve[0][0]))


def tightest(held: Sequence[Limit]) -> Limit:
    """The limit that allows least; of equal ones (power, and torque that is only power over speed) the first."""
    return min(held, key=lambda limit: round(limit.share, 9))
