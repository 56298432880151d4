"""The arithmetic of cutting, forming no opinion: speeds, chips, forces, power, bending, times, tool life.

Lengths in mm, surface speed in m/min, feed in mm/min, force in N, power in kW, specific cutting
force in N/mm2, angles in radians unless the name says degrees. Sources are named in each docstring.
"""

from __future__ import annotations

from math import acos, asin, ceil, exp, floor, isfinite, log, pi, pow, radians, sin, sqrt, tan  # noqa: A004 - floats
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def surface_speed_m_min(diameter_mm: float, spindle_rpm: float) -> float:
    """Surface speed vc = pi D n / 1000 (Mitsubishi formula page)."""
    return pi * diameter_mm * spindle_rpm / 1000


def sfm(surface_speed: float) -> float:
    """Surface speed in feet a minute, from m/min (1 ft = 0.3048 m)."""
    return surface_speed / 0.3048


def spindle_rpm(surface_speed: float, diameter_mm: float) -> float:
    """Spindle speed n = 1000 vc / (pi D), turns a minute (Mitsubishi formula page)."""
    return 1000 * surface_speed / (pi * diameter_mm)


def feed_mm_min(fz_mm: float, flutes: int, rpm: float) -> float:
    """Table feed vf = fz z n (Mitsubishi formula page); drills and turning: feed a turn and one flute."""
    return fz_mm * flutes * rpm


def feed_per_tooth_mm(feed: float, flutes: int, rpm: float) -> float:
    """Feed per tooth fz = vf / (z n) (Mitsubishi formula page); feed a turn with one flute."""
    return feed / (flutes * rpm)


def machining_time_min(length_mm: float, run_mm: float, feed: float) -> float:
    """Time to feed over the work and the approach and overrun ``run_mm``: t = (l + run) / vf."""
    return (length_mm + run_mm) / feed


def slab_approach_mm(diameter_mm: float, depth_mm: float) -> float:
    """Travel of a peripheral mill before full depth: sqrt(d (D - d)) (Groover; Kalpakjian ch. 24)."""
    return sqrt(depth_mm * (diameter_mm - depth_mm))


def removal_mm3_min(ap_mm: float, ae_mm: float, feed: float) -> float:
    """Volume removed a minute by milling: ap ae vf."""
    return ap_mm * ae_mm * feed


def turning_removal_mm3_min(mean_diameter_mm: float, ap_mm: float, fn_mm: float, rpm: float) -> float:
    """Volume removed a minute by turning: pi Dm ap f n (Kalpakjian ch. 23)."""
    return pi * mean_diameter_mm * ap_mm * fn_mm * rpm


def drilling_removal_mm3_min(diameter_mm: float, feed: float) -> float:
    """Volume removed a minute by drilling: pi D^2 / 4 vf (Kalpakjian ch. 23)."""
    return pi * diameter_mm**2 / 4 * feed


def engagement_rad(ae_mm: float, diameter_mm: float) -> float:
    """Angle the cutter is in the work: acos(1 - 2 ae / D); pi for a slot."""
    return acos(1 - 2 * ae_mm / diameter_mm)


def max_chip_mm(fz_mm: float, ae_mm: float, diameter_mm: float) -> float:
    """Thickest chip hex = fz sqrt(1 - (1 - 2 ae/D)^2) below half engagement, else fz."""
    if 2 * ae_mm >= diameter_mm:
        return fz_mm
    return fz_mm * sqrt(1 - (1 - 2 * ae_mm / diameter_mm) ** 2)


def mean_chip_mm(fz_mm: float, ae_mm: float, diameter_mm: float) -> float:
    """Mean chip of peripheral milling hm = 2 fz ae / (D phi) (Sandvik, entry angle 90 degrees)."""
    return 2 * fz_mm * ae_mm / (diameter_mm * engagement_rad(ae_mm, diameter_mm))


def face_mean_chip_mm(fz_mm: float, ae_mm: float, diameter_mm: float, kapr_deg: float = 90.0) -> float:
    """Mean chip of a face mill set symmetrically: sin k 180 ae fz / (pi D asin(ae/D)) (Dijet)."""
    return sin(radians(kapr_deg)) * ae_mm * fz_mm / (diameter_mm * asin(ae_mm / diameter_mm))


def chip_thinning(ae_mm: float, diameter_mm: float) -> float:
    """Chip thinning factor 2 sqrt(ae/D (1 - ae/D)), 1 from half engagement on (machinecalcs.com)."""
    part = ae_mm / diameter_mm
    return 1.0 if 2 * ae_mm >= diameter_mm else 2 * sqrt(part * (1 - part))


def ball_diameter_mm(diameter_mm: float, ap_mm: float) -> float:
    """Cutting diameter of a ball nose at depth ap: 2 sqrt(ap (D - ap))."""
    return 2 * sqrt(ap_mm * (diameter_mm - ap_mm))


def specific_force_n_mm2(kc11_n_mm2: float, mc: float, chip_mm: float, rake_deg: float = 0.0) -> float:
    """Specific cutting force kc = kc1.1 h^-mc (1 - rake/100) (Kienzle; VDI 3323 groups)."""
    return kc11_n_mm2 * pow(chip_mm, -mc) * (1 - rake_deg / 100)


def milling_power_kw(ap_mm: float, ae_mm: float, feed: float, kc_n_mm2: float, efficiency: float = 1.0) -> float:
    """Milling power ap ae vf kc / (60e6 eta); at the cutter with efficiency 1 (Mitsubishi formula page)."""
    return ap_mm * ae_mm * feed * kc_n_mm2 / (60e6 * efficiency)


def turning_power_kw(
    ap_mm: float, fn_mm: float, surface_speed: float, kc_n_mm2: float, efficiency: float = 1.0
) -> float:
    """Turning power ap f vc kc / (60e3 eta) (Mitsubishi formula page)."""
    return ap_mm * fn_mm * surface_speed * kc_n_mm2 / (60e3 * efficiency)


def turning_force_n(ap_mm: float, fn_mm: float, kc_n_mm2: float) -> float:
    """Main cutting force of turning kc ap f."""
    return kc_n_mm2 * ap_mm * fn_mm


def drilling_power_kw(fn_mm: float, surface_speed: float, diameter_mm: float, kc_n_mm2: float) -> float:
    """Drilling power f vc D kc / 240e3 at the cutter."""
    return fn_mm * surface_speed * diameter_mm * kc_n_mm2 / 240e3


def drill_chip_mm(fn_mm: float, point_deg: float) -> float:
    """Chip of a two-lipped drill: (f/2) sin(SIG/2)."""
    return fn_mm / 2 * sin(radians(point_deg) / 2)


def drill_thrust_n(fn_mm: float, diameter_mm: float, kc_n_mm2: float, point_deg: float) -> float:
    """Feed force of a drill: 0.5 kc D/2 f sin(SIG/2) (Sandvik drilling formulas, from memory: belief)."""
    return 0.5 * kc_n_mm2 * diameter_mm / 2 * fn_mm * sin(radians(point_deg) / 2)


def torque_nm(power_kw: float, rpm: float) -> float:
    """Torque M = 30e3 P / (pi n)."""
    return power_kw * 30e3 / (pi * rpm)


def power_from_energy_kw(removal: float, energy_w_s_mm3: float) -> float:
    """Power from the specific energy u in W s/mm3 and mm3/min (Kalpakjian ch. 23)."""
    return removal / 60 * energy_w_s_mm3 / 1000


def force_from_power_n(power_kw: float, surface_speed: float) -> float:
    """Cutting force F = 60e3 P / vc."""
    return power_kw * 60e3 / surface_speed


def engaged_edge_mm(ap_mm: float, diameter_mm: float, flutes: int, engagement: float, helix_deg: float) -> float:
    """Longest length of cutting edge in the work at once, over all teeth.

    Straight flutes: ap max(1, z phi / 2 pi). A helix (angle from the axis) wraps each edge round
    the cutter, so that an edge lies in the work over D phi / (2 tan helix) at most, once in every
    axial pitch pi D / (z tan helix): geometry of a helix unrolled onto its cylinder. Never more
    than the straight value.
    """
    straight = ap_mm * max(1.0, flutes * engagement / (2 * pi))
    if helix_deg <= 0:
        return straight
    slope = tan(radians(helix_deg))
    pitch = pi * diameter_mm / (flutes * slope)
    contact = diameter_mm * engagement / (2 * slope)
    turns = floor(ap_mm / pitch)
    rest = ap_mm - turns * pitch
    layers = floor(contact / pitch)
    return min(straight, turns * contact + layers * rest + min(rest, contact - layers * pitch))


def tooth_force_n(kc_n_mm2: float, edge_mm: float, chip_mm: float) -> float:
    """Peak tangential force kc b h on ``edge_mm`` of cutting edge; see `engaged_edge_mm`."""
    return kc_n_mm2 * edge_mm * chip_mm


def area_moment_mm4(diameter_mm: float) -> float:
    """Second moment of area of a round bar: pi d^4 / 64; a fluted part counts with 0.8 D (belief)."""
    return pi * diameter_mm**4 / 64


def deflection_mm(force_n: float, sections: Sequence[tuple[float, float]], modulus_n_mm2: float) -> float:
    """Bending of a tool held at its end, under a force at its tip.

    ``sections`` are (length, bending diameter) from the tip up to the holder. Stepped
    cantilever: F / (3 E) sum((b^3 - a^3) / I); one section gives F L^3 / (3 E I).
    """
    total, start = 0.0, 0.0
    for length, diameter in sections:
        end = start + length
        total += (end**3 - start**3) / area_moment_mm4(diameter)
        start = end
    return force_n * total / (3 * modulus_n_mm2)


def bending_stress_n_mm2(force_n: float, arm_mm: float, diameter_mm: float) -> float:
    """Bending stress of a round section: 32 F l / (pi d^3)."""
    return 32 * force_n * arm_mm / (pi * diameter_mm**3)


def turned_roughness_um(fn_mm: float, nose_mm: float) -> float:
    """Theoretical peak-to-valley roughness of turning Rt = f^2 / (8 r), um (Mitsubishi formula page)."""
    return fn_mm**2 / (8 * nose_mm) * 1000


def scallop_mm(ae_mm: float, radius_mm: float) -> float:
    """Height a ball nose leaves between passes: R - sqrt(R^2 - (ae/2)^2)."""
    return radius_mm - sqrt(radius_mm**2 - (ae_mm / 2) ** 2)


def stepover_mm(scallop: float, radius_mm: float) -> float:
    """Step between ball-nose passes for a scallop: 2 sqrt(2 R h - h^2)."""
    return 2 * sqrt(2 * radius_mm * scallop - scallop**2)


def wall_cusp_mm(fz_mm: float, diameter_mm: float) -> float:
    """Height of the tooth marks on a milled wall: fz^2 / (4 D) (belief)."""
    return fz_mm**2 / (4 * diameter_mm)


def taylor_life_min(constant: float, exponent: float, surface_speed: float) -> float:
    """Tool life T = (C / v)^(1/n) of Taylor's v T^n = C."""
    return exp(log(constant / surface_speed) / exponent)


def taylor_speed_m_min(constant: float, exponent: float, life_min: float) -> float:
    """Surface speed v = C / T^n of Taylor's v T^n = C."""
    return constant / pow(life_min, exponent)


def fastest_life_min(exponent: float, change_min: float) -> float:
    """Tool life of greatest output: (1/n - 1) tt (Groover ch. 24)."""
    return (1 / exponent - 1) * change_min


def cheapest_life_min(exponent: float, change_min: float, edge_cost: float, rate_per_min: float) -> float:
    """Tool life of least cost: (1/n - 1) (tt + Ct / Co) (Groover ch. 24)."""
    return (1 / exponent - 1) * (change_min + edge_cost / rate_per_min)


def pieces_per_edge(life_min: float, cut_min: float) -> int:
    """Whole pieces one edge lasts: floor(T / tm) (Groover ch. 24)."""
    return floor(life_min / cut_min)


def piece_time_min(handling_min: float, cut_min: float, change_min: float, pieces: int) -> float:
    """Time a piece: th + tm + tt / np (Groover ch. 24)."""
    return handling_min + cut_min + change_min / pieces


def piece_cost(
    rate_per_min: float, handling_min: float, cut_min: float, change_min: float, edge_cost: float, pieces: int
) -> float:
    """Cost a piece: Co th + Co tm + (Co tt + Ct) / np (Groover ch. 24)."""
    return rate_per_min * (handling_min + cut_min) + (rate_per_min * change_min + edge_cost) / pieces


def thread_mill_feed_mm_min(feed: float, thread_mm: float, cutter_mm: float, *, internal: bool) -> float:
    """Feed of a thread mill's centre: vf (D - d)/D inside, vf (D + d)/D outside."""
    return feed * ((thread_mm - cutter_mm) if internal else (thread_mm + cutter_mm)) / thread_mm


def tap_drill_mm(thread_mm: float, pitch_mm: float) -> float:
    """Hole before tapping a metric thread: D - P."""
    return thread_mm - pitch_mm


def drill_tip_mm(diameter_mm: float, point_deg: float) -> float:
    """Length of a drill's point: D / 2 / tan(SIG / 2)."""
    return diameter_mm / 2 / tan(radians(point_deg) / 2)


def passes(depth_mm: float, largest_mm: float) -> int:
    """Fewest equal passes of at most ``largest_mm``; a billionth over does not cost another."""
    return max(1, ceil(depth_mm / largest_mm - 1e-9))


def print_speed_mm_s(flow_mm3_s: float, layer_mm: float, width_mm: float) -> float:
    """Fastest print speed for a flow: Q / (h (w - h (1 - pi/4))), a bead with round sides."""
    return flow_mm3_s / (layer_mm * (width_mm - layer_mm * (1 - pi / 4)))


def vacuum_force_n(pressure_kpa: float, area_mm2: float) -> float:
    """Holding force of a vacuum plate: p A; sideways it is friction times this."""
    return pressure_kpa * area_mm2 / 1000


def short_move_feed_mm_min(acceleration_mm_s2: float, length_mm: float) -> float:
    """Highest feed reached in a short segment: sqrt(a L), in mm/min."""
    return 60 * sqrt(acceleration_mm_s2 * length_mm)


def interpolated(points: Sequence[tuple[float, float]], at: float) -> float:
    """Value at ``at`` on the line through rising points.

    Beyond the last point it stays; below the first it falls in proportion to zero (a spindle's
    power at constant torque).

    Raises:
        ValueError: There are no points or ``at`` is not a number.
    """
    if not points or not isfinite(at):
        msg = f"cannot interpolate {len(points)} points at {at}"
        raise ValueError(msg)
    x0, y0 = points[0]
    if at <= x0:
        return y0 * at / x0
    for x1, y1 in points[1:]:
        if at <= x1:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
        x0, y0 = x1, y1
    return y0
