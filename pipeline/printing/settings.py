"""Turns a printer, a filament and a print quality into the slicing engine's settings, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from model.tooling import Filament, Printer, Quality
from postprocessors.printing_text import PrintDialect, number, render

FLOW_SHARE = 0.99
"""The engine rounds feeds; asked for a little under the filament's flow, no move melts more than it."""

SKIRT_DISTANCE_MM = 5.0
SKIRT_LOOPS = 2
CLEAR_Z_MM = 10.0
STANDBY_BELOW_C = 80.0

# What the house chose once for every print: value and reason. Both engines must know every key.
HOUSE: Mapping[str, tuple[str, str]] = {
    "printer_technology": ("FFF", "filament printing"),
    "perimeter_generator": ("arachne", "walls of varying width leave no gaps in thin places"),
    "seam_position": ("aligned", "one straight seam, easy to find and to dress"),
    "external_perimeters_first": ("0", "inner walls first carry overhangs better"),
    "extra_perimeters": ("0", "the number of walls is the one ordered"),
    "ensure_vertical_shell_thickness": ("1", "sloped walls stay closed"),
    "thin_walls": ("0", "arachne prints thin walls itself"),
    "overhangs": ("1", "overhanging walls are printed as bridges"),
    "thick_bridges": ("0", "bridges keep the layer's height and the part its size"),
    "avoid_crossing_perimeters": ("1", "fewer strings across openings"),
    "fill_pattern": ("gyroid", "equally strong in all directions and never crosses itself in a layer"),
    "fill_angle": ("45", "lines meet the walls of upright boxes evenly"),
    "infill_every_layers": ("1", "every layer is complete by itself, so every layer can be checked"),
    "solid_infill_below_area": ("70", "small islands such as screw bosses are solid"),
    "top_fill_pattern": ("monotonic", "even shine on top"),
    "bottom_fill_pattern": ("monotonic", "even first layer"),
    "gap_fill_enabled": ("1", "narrow places are filled"),
    "ironing": ("0", "not offered"),
    "fuzzy_skin": ("none", "not offered"),
    "spiral_vase": ("0", "not offered"),
    "support_material": ("0", "parts are laid so that they need none"),
    "raft_layers": ("0", "parts stand on the bed"),
    "brim_width": ("0", "nothing to cut off by hand"),
    "skirts": (str(SKIRT_LOOPS), "primes the nozzle and shows the bed's level"),
    "skirt_distance": (number(SKIRT_DISTANCE_MM), "clear of the parts"),
    "skirt_height": ("1", "only the first layer"),
    "min_skirt_length": ("20", "enough filament to fill the nozzle"),
    "draft_shield": ("disabled", "not offered"),
    "complete_objects": ("0", "all parts grow together, so the nozzle never dives beside one"),
    "elefant_foot_compensation": ("0", "the first layer is judged at its full size"),
    "xy_size_compensation": ("0", "sizes are the design's"),
    "z_offset": ("0", "sizes are the design's"),
    "resolution": ("0.01", "finer than any nozzle"),
    "gcode_resolution": ("0.0125", "finer than any nozzle"),
    "slice_closing_radius": ("0.049", "closes cracks no nozzle can draw"),
    "slicing_mode": ("regular", "the solid is checked, nothing needs mending"),
    "use_relative_e_distances": ("1", "one lost line cannot spoil all later flow"),
    "use_firmware_retraction": ("0", "every length is in the file"),
    "use_volumetric_e": ("0", "lengths of filament"),
    "wipe": ("0", "retraction happens on the spot and can be checked"),
    "retract_layer_change": ("1", "no string between layers"),
    "retract_before_travel": ("1.5", "short hops within a wall need none"),
    "retract_lift": ("0", "travel stays inside the printed outline"),
    "retract_restart_extra": ("0", "what was drawn back is given back"),
    "extrusion_multiplier": ("1", "calibrate the extruder, not the file"),
    "cooling": ("1", "small layers get their time"),
    "fan_always_on": ("1", "the filament's row says how much"),
    "disable_fan_first_layers": ("2", "the first layers stick better warm"),
    "full_fan_speed_layer": ("4", "the fan comes up over two layers"),
    "slowdown_below_layer_time": ("10", "a layer sets before the next comes"),
    "fan_below_layer_time": ("60", "the fan runs throughout"),
    "min_print_speed": ("10", "slower only oozes"),
    "max_volumetric_speed": ("0", "the filament's own limit holds"),
    "default_acceleration": ("0", "the firmware's own limits hold"),
    "machine_limits_usage": ("ignore", "the firmware's own limits hold"),
    "remaining_times": ("0", "the estimate is in the papers"),
    "gcode_comments": ("0", "the file stays small"),
    "before_layer_gcode": ("G92 E0", "relative lengths start each layer at nothing"),
    "layer_gcode": ("", "nothing else"),
    "toolchange_gcode": ("", "one nozzle"),
    "start_filament_gcode": ('""', "the dialect's start block has everything"),
    "end_filament_gcode": ('""', "the dialect's end block has everything"),
    "thumbnails": ("", "the release has its own picture"),
    "post_process": ("", "no program touches the file afterwards"),
}  # fmt: skip
# Keys, or words, only newer engines (libslic3r 2.7 and later) have.
HOUSE_MODERN: Mapping[str, tuple[str, str]] = {
    "enable_dynamic_overhang_speeds": ("0", "one speed per role, so the estimate holds"),
    "enable_dynamic_fan_speeds": ("0", "the filament's row says how much"),
    "extra_perimeters_on_overhangs": ("0", "the number of walls is the one ordered"),
    "binary_gcode": ("0", "text is what gets checked"),
    "automatic_infill_combination": ("0", "every layer is complete by itself"),
    "ensure_vertical_shell_thickness": ("enabled", "sloped walls stay closed"),
    "travel_ramping_lift": ("0", "travel stays inside the printed outline"),
}

Settings = dict[str, tuple[str, str]]


def resolve(
    printer: Printer, filament: Filament, quality: Quality, dialect: PrintDialect, height_mm: float, *, modern: bool
) -> Settings:
    """Every setting the engine is given: key -> (value in the engine's words, where it comes from).

    ``height_mm`` is the height of the plate's tallest part; ``modern`` says the engine knows the newer keys.
    """
    width = number(quality.line_width_mm)
    walls_from = f"quality {quality.id}"
    out: Settings = dict(HOUSE)
    out |= _printer(printer, dialect, modern=modern)
    out |= _filament(filament)
    out |= {
        "layer_height": (number(quality.layer_mm), walls_from),
        "first_layer_height": (number(quality.first_layer_mm), walls_from),
        "perimeters": (str(quality.walls), walls_from),
        "top_solid_layers": (str(quality.solid_layers), walls_from),
        "bottom_solid_layers": (str(quality.solid_layers), walls_from),
        "fill_density": (f"{number(quality.infill_percent)}%", walls_from),
        "external_perimeter_speed": (number(quality.outer_speed_mm_s), walls_from),
        "small_perimeter_speed": (number(quality.outer_speed_mm_s), f"{walls_from}: small loops as the outer wall"),
        "perimeter_speed": (number(quality.inner_speed_mm_s), walls_from),
        "infill_speed": (number(quality.infill_speed_mm_s), walls_from),
        "solid_infill_speed": (number(quality.infill_speed_mm_s), walls_from),
        "top_solid_infill_speed": (number(quality.outer_speed_mm_s), f"{walls_from}: the top is seen like a wall"),
        "gap_fill_speed": (number(quality.outer_speed_mm_s), f"{walls_from}: gaps as the outer wall"),
        "bridge_speed": (number(quality.outer_speed_mm_s), f"{walls_from}: bridges as the outer wall"),
        "first_layer_speed": (number(quality.first_layer_speed_mm_s), walls_from),
        "travel_speed": (number(min(quality.travel_speed_mm_s, printer.max_feed_mm_s)), walls_from),
    }
    for role in ("", "external_perimeter_", "perimeter_", "infill_", "solid_infill_", "top_infill_", "first_layer_"):
        out[f"{role}extrusion_width"] = (width, walls_from)
    blocks = block_values(printer, filament, quality, height_mm)
    for key, template in (("start_gcode", dialect.start), ("end_gcode", dialect.end)):
        text = render(template, blocks, f"{dialect.name} {key}")
        out[key] = (text.replace("\\", "\\\\").replace("\n", "\\n"), f"postprocessors/{dialect.name}.toml")
    if modern:
        out |= HOUSE_MODERN
        arcs = "emit_center" if dialect.arcs else "disabled"
        out["arc_fitting"] = (arcs, f"postprocessors/{dialect.name}.toml")
    return dict(sorted(out.items()))


def block_values(printer: Printer, filament: Filament, quality: Quality, height_mm: float) -> dict[str, float]:
    """The numbers the dialects' start and end blocks may ask for."""
    return {
        "first_bed_c": filament.bed_c,
        "first_nozzle_c": filament.first_layer_nozzle_c,
        "standby_c": max(0.0, filament.first_layer_nozzle_c - STANDBY_BELOW_C),
        "clear_z_mm": min(CLEAR_Z_MM, printer.height_mm),
        "end_z_mm": min(height_mm + CLEAR_Z_MM, printer.height_mm),
        "park_x_mm": min(5.0, printer.bed_x_mm),
        "park_y_mm": max(0.0, printer.bed_y_mm - 5.0),
        "z_feed_mm_min": printer.max_z_speed_mm_s * 60,
        "travel_feed_mm_min": min(quality.travel_speed_mm_s, printer.max_feed_mm_s) * 60,
    }


def ini(settings: Mapping[str, tuple[str, str]]) -> str:
    """The settings as a file the engine loads."""
    return "".join(f"{key} = {value}\n" for key, (value, _) in sorted(settings.items()))


def echoed(text: str) -> dict[str, str]:
    """The ``; key = value`` lines at the end of a print file."""
    out: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("; ") and " = " in line:
            key, _, value = line[2:].partition(" = ")
            out[key.strip()] = value.strip()
        elif line.startswith("; ") and line.endswith(" ="):
            out[line[2:-2].strip()] = ""
    return out


def same(asked: str, got: str) -> bool:
    """Whether two settings mean the same: as text, or as the same numbers."""
    if asked.strip() == got.strip():
        return True
    a, b = asked.strip().strip('"').split(","), got.strip().strip('"').split(",")
    return len(a) == len(b) and all(_same_word(x.strip(), y.strip()) for x, y in zip(a, b, strict=True))


def _same_word(a: str, b: str) -> bool:
    if a == b:
        return True
    if a.endswith("%") != b.endswith("%"):
        return False
    try:
        return abs(float(a.rstrip("%")) - float(b.rstrip("%"))) <= 1e-6
    except ValueError:
        return False


def _printer(printer: Printer, dialect: PrintDialect, *, modern: bool) -> Settings:
    row = f"printer {printer.id}"
    x, y = number(printer.bed_x_mm), number(printer.bed_y_mm)
    return {
        "bed_shape": (f"0x0,{x}x0,{x}x{y},0x{y}", row),
        "max_print_height": (number(printer.height_mm), row),
        "nozzle_diameter": (number(printer.nozzle_mm), row),
        "gcode_flavor": (dialect.flavors[0 if modern else -1], f"postprocessors/{dialect.name}.toml"),
        "retract_length": (number(printer.retract_mm), row),
        "retract_speed": (number(printer.retract_speed_mm_s), row),
        "deretract_speed": (number(printer.retract_speed_mm_s), row),
        "travel_speed_z": (number(printer.max_z_speed_mm_s), row),
    }


def _filament(filament: Filament) -> Settings:
    row = f"filament {filament.id}"
    fan = number(filament.fan_percent)
    return {
        "filament_diameter": (number(filament.diameter_mm), row),
        "filament_density": (number(filament.density_g_cm3), row),
        "filament_max_volumetric_speed": (number(filament.max_flow_mm3_s * FLOW_SHARE), f"{row}, a little under"),
        "temperature": (number(filament.nozzle_c), row),
        "first_layer_temperature": (number(filament.first_layer_nozzle_c), row),
        "bed_temperature": (number(filament.bed_c), row),
        "first_layer_bed_temperature": (number(filament.bed_c), row),
        "max_fan_speed": (fan, row),
        "min_fan_speed": (fan, row),
        "bridge_fan_speed": (fan, row),
    }
