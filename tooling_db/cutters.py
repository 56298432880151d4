"""Checks that a cutting tool and a holder could exist: lengths in order, angles, speeds, cones."""

from __future__ import annotations

from math import pi, radians, tan
from typing import TYPE_CHECKING

from tooling_db.plausible import broken, outside

if TYPE_CHECKING:
    from model.finding import Finding
    from model.tooling import Holder, Tool
    from tooling_db.rows import Place

STRAIGHT = ("end-mill", "ball-mill", "reamer", "tap", "thread-mill")
THREADING = ("tap", "thread-mill")
CONES = ("chamfer-mill", "engraver")
PITCH_OVER_D = (0.05, 0.35)
POINT_DEG = {
    "reamer": (180, 180),
    "tap": (180, 180),
    "thread-mill": (180, 180),
    "end-mill": (180, 180),
    "ball-mill": (180, 180),
    "drill": (90, 150),
    "spot-drill": (60, 150),
    "chamfer-mill": (30, 150),
    "engraver": (10, 180),
}
FLAT_DEG = 180
PRICE_EUR = (0.1, 5000)
SURFACE_M_MIN = (5, 3000)
CONE_SHARE = 0.02


def tool(row: Tool, place: Place) -> list[Finding]:
    """Check one tool: OAL >= shoulder >= LCF > 0, point, tip, flutes, helix, speed."""
    findings = outside("tooling.geometry", place, "diameter_mm", row.diameter_mm, (0.05, 100), "mm")
    findings += outside("tooling.geometry", place, "flute_length_mm", row.flute_length_mm, (0.05, 500), "mm")
    findings += outside("tooling.geometry", place, "shank_diameter_mm", row.shank_diameter_mm, (0.5, 50), "mm")
    findings += outside("tooling.geometry", place, "flutes", row.flutes, (1, 20), "flutes")
    findings += outside("tooling.geometry", place, "helix_deg", row.helix_deg, (0, 60), "deg")
    findings += outside("tooling.price", place, "price_eur", row.price_eur, PRICE_EUR, "EUR")
    half = row.diameter_mm / 2
    findings += outside("tooling.geometry", place, "corner_radius_mm", row.corner_radius_mm, (0, half), "mm")
    ladder = (
        ("flute_length_mm", row.flute_length_mm, "shoulder_length_mm", row.shoulder_length_mm),
        ("shoulder_length_mm", row.shoulder_length_mm, "overall_length_mm", row.overall_length_mm),
    )
    for field, value, over, limit in ladder:
        if value > limit:
            message = f"{value:g} mm is longer than {over} {limit:g} mm"
            hint = "Lengths rise: flutes <= shoulder <= stick-out <= overall."
            findings.append(broken("tooling.geometry", place, field, value, limit, message, hint))
    findings += _point(row, place) + _thread(row, place)
    if findings:
        return findings
    speed = pi * row.diameter_mm * row.max_rpm / 1000
    return outside("tooling.rpm", place, "max_rpm (as surface speed)", speed, SURFACE_M_MIN, "m/min")


def _point(row: Tool, place: Place) -> list[Finding]:
    findings = outside("tooling.point-angle", place, "point_angle_deg", row.point_angle_deg, POINT_DEG[row.kind], "deg")
    tip, diameter = row.tip_diameter_mm, row.diameter_mm
    straight = row.kind in STRAIGHT or row.kind == "drill" or row.point_angle_deg == FLAT_DEG
    if straight and tip != diameter:
        words = ("tip_diameter_mm", tip, diameter, f"{tip:g} mm, but a straight tool's tip is its diameter")
        findings.append(broken("tooling.geometry", place, *words, f"Write {diameter:g}."))
    if not straight and tip >= diameter:
        words = ("tip_diameter_mm", tip, diameter, f"{tip:g} mm is not below the diameter {diameter:g} mm")
        findings.append(broken("tooling.geometry", place, *words, "Write the flat at the point; 0 when sharp."))
    if row.kind == "ball-mill" and row.corner_radius_mm != diameter / 2:
        words = ("corner_radius_mm", row.corner_radius_mm, diameter / 2, "a ball's corner radius is half its diameter")
        findings.append(broken("tooling.geometry", place, *words, f"Write {diameter / 2:g}."))
    if row.kind == "chamfer-mill" and not findings:
        cone = (diameter - tip) / 2 / tan(radians(row.point_angle_deg) / 2)
        near = (cone * (1 - CONE_SHARE), cone * (1 + CONE_SHARE))
        findings += outside("tooling.geometry", place, "flute_length_mm", row.flute_length_mm, near, "mm of cone")
    return findings


def _thread(row: Tool, place: Place) -> list[Finding]:
    """Check pitch and tapered start: what taps, thread mills and reamers have, and no other tool."""
    findings: list[Finding] = []
    d, pitch = row.diameter_mm, row.pitch_mm
    window = (PITCH_OVER_D[0] * d, PITCH_OVER_D[1] * d) if row.kind in THREADING else (0.0, 0.0)
    findings += outside("tooling.thread", place, "pitch_mm", pitch, window, "mm")
    starts = {"tap": (pitch, 8 * pitch), "reamer": (0.05 * d, 2 * d)}
    window = starts.get(row.kind, (0.0, 0.0))
    findings += outside("tooling.thread", place, "chamfer_length_mm", row.chamfer_length_mm, window, "mm")
    if row.kind in ("tap", "reamer") and row.chamfer_length_mm >= row.flute_length_mm:
        words = (
            "chamfer_length_mm",
            row.chamfer_length_mm,
            row.flute_length_mm,
            "the tapered start is all of the flutes",
        )
        findings.append(broken("tooling.geometry", place, *words, "Measure both lengths."))
    if row.kind == "thread-mill" and row.flute_length_mm < pitch:
        words = ("flute_length_mm", row.flute_length_mm, pitch, "a thread mill has at least one pitch of teeth")
        findings.append(broken("tooling.geometry", place, *words, "Write the rows of teeth times the pitch."))
    return findings


def holder(row: Holder, place: Place) -> list[Finding]:
    """Check one holder: cones with height and width, wider than its bore, a speed limit."""
    findings = outside("tooling.geometry", place, "bore_max_mm", row.bore_max_mm, (0.5, 60), "mm")
    findings += outside("tooling.rpm", place, "max_rpm", row.max_rpm, (100, 200_000), "rpm")
    if not row.segments:
        words = ("segments", "none", "one or more", "a holder without a shape cannot be checked for collisions")
        findings.append(broken("tooling.missing", place, *words, "Measure its cones."))
    for index, cone in enumerate(row.segments):
        at = f"segments[{index}]"
        findings += outside("tooling.geometry", place, f"{at}.height_mm", cone.height_mm, (0.1, 500), "mm")
        for name in ("lower_diameter_mm", "upper_diameter_mm"):
            width = getattr(cone, name)
            findings += outside("tooling.geometry", place, f"{at}.{name}", width, (row.bore_max_mm, 300), "mm")
    return findings
