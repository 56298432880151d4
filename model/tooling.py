"""Rows of the tooling database: tools, holders, materials, machines, printers, filaments, stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from model.floor import Experience, Offcut
from model.inventory import Bar, Confidence, CuttingRow, Gauge, TabStyle, Tape, ToolInstance
from model.rule import Rule

ToolKind = Literal[
    "end-mill", "ball-mill", "drill", "spot-drill", "reamer", "tap", "thread-mill", "chamfer-mill", "engraver"
]


@dataclass(frozen=True, slots=True)
class Segment3:
    """A truncated cone of a holder, from the tip side up."""

    height_mm: float
    lower_diameter_mm: float
    upper_diameter_mm: float


@dataclass(frozen=True, slots=True)
class Holder:
    """A tool holder: cones from its nose up to the gauge line (names after ISO 13399)."""

    id: str
    name: str
    segments: tuple[Segment3, ...]
    bore_max_mm: float
    max_rpm: float
    source: str = ""
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Tool:
    """A cutting tool (names after ISO 13399).

    ``diameter_mm`` DC; ``tip_diameter_mm`` the flat at the point of a chamfer mill or engraver
    (0: sharp; for straight tools equal to DC); ``point_angle_deg`` SIG, the full angle at the
    tip (180 flat); ``flute_length_mm`` LCF (for a chamfer mill: the cutting cone's height);
    ``shoulder_length_mm`` reach before the shank is wider; ``overall_length_mm`` OAL;
    ``shank_diameter_mm`` DCONMS; ``flutes`` NOF; ``centre_cutting`` CCC: may plunge;
    ``helix_deg`` FHA (0: straight or unknown, forces are then taken high). ``pitch_mm`` TP of a tap
    or thread mill; ``chamfer_length_mm`` the tapered start of a tap or reamer, which leaves the hole unfinished.
    ``presets`` are its rows of cutting data, which stand in place of a material's.
    """

    id: str
    name: str
    kind: ToolKind
    diameter_mm: float
    tip_diameter_mm: float
    point_angle_deg: float
    flute_length_mm: float
    shoulder_length_mm: float
    overall_length_mm: float
    shank_diameter_mm: float
    flutes: int
    centre_cutting: bool
    substrate: Literal["carbide", "hss", "hss-co"]
    max_rpm: float
    price_eur: float
    source: str
    corner_radius_mm: float = 0.0
    helix_deg: float = 0.0
    pitch_mm: float = 0.0
    chamfer_length_mm: float = 0.0
    confidence: Confidence = "estimated"
    presets: tuple[CuttingRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Assembly:
    """A tool in a holder in a machine's pocket: a T number. ``stick_out_mm`` is nose of holder to tip."""

    number: int
    tool: Tool
    holder: Holder
    stick_out_mm: float
    gauge_length_mm: float


@dataclass(frozen=True, slots=True)
class Material:
    """A work material. Ranges are (low, start, high); kc = kc1.1 * h**-mc (VDI 3323 groups).

    ``fz_over_d`` is feed per tooth as a fraction of the cutter's diameter;
    ``drill_fn_over_d`` feed per turn likewise. ``short_chip`` materials seldom need pecking. ``proof_n_mm2`` is the
    pressure at which the material begins to give for good (0.2 % proof stress, or crushing strength; 0: not known).
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    iso_group: str
    density_g_cm3: float
    kc11_n_mm2: float
    mc: float
    vc_carbide_m_min: tuple[float, float, float]
    vc_hss_m_min: tuple[float, float, float]
    fz_over_d: tuple[float, float, float]
    drill_vc_m_min: float
    drill_fn_over_d: float
    price_eur_kg: float
    sources: Mapping[str, str]
    process: Literal["cut", "print"] = "cut"
    short_chip: bool = False
    proof_n_mm2: float = 0.0
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class StockRow:
    """A standard size one can buy: sheet or plate of ``thickness_mm``, sawn to length and width."""

    id: str
    material_id: str
    form: Literal["sheet", "plate"]
    thickness_mm: float
    max_length_mm: float
    max_width_mm: float
    source: str
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: travel in machine coordinates, rapid, acceleration."""

    name: str
    min_mm: float
    max_mm: float
    rapid_mm_min: float
    acceleration_mm_s2: float


@dataclass(frozen=True, slots=True)
class Machine:
    """A milling machine or router.

    ``power_curve`` is (rpm, kW) at the spindle, rising rpm; ``torque_curve`` (rpm, N m) where its maker gives one
    (without: the torque of the power curve). ``tools`` are its assemblies.
    ``fixtures`` names the ways it can hold work: "vise", "tape", "tabs".
    ``work_zero_mm`` is where the work offset lies in machine coordinates by the shop's
    habit (the programs are checked against travel with it); ``table_z_mm`` the table's
    height in machine coordinates of the spindle nose. ``rigid_tapping``: Z can follow the spindle's
    turns; ``wear_compensation``: finishing laps are to be posted with the control's cutter compensation.
    """

    id: str
    name: str
    kind: Literal["mill", "router"]
    dialect: str
    axes: tuple[Axis, ...]
    spindle_min_rpm: float
    spindle_max_rpm: float
    power_curve: tuple[tuple[float, float], ...]
    max_feed_mm_min: float
    tool_change_s: float
    automatic_tool_change: bool
    coolant: tuple[str, ...]
    tools: tuple[Assembly, ...]
    fixtures: tuple[str, ...]
    vise: Vise | None
    work_zero_mm: tuple[float, float, float]
    rate_eur_h: float
    source: str
    rigid_tapping: bool = False
    wear_compensation: bool = False
    torque_curve: tuple[tuple[float, float], ...] = ()
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Lathe:
    """A turning machine. Turning is not programmed here: it is known, so that a plan can say what is missing.

    ``swing_mm`` is the widest work over the bed, ``bar_mm`` the thickest bar through the spindle, ``turret`` its tool
    stations.
    """

    id: str
    name: str
    controller: str
    axes: tuple[Axis, ...]
    swing_mm: float
    turning_length_mm: float
    bar_mm: float
    chuck_mm: float
    spindle_min_rpm: float
    spindle_max_rpm: float
    power_curve: tuple[tuple[float, float], ...]
    torque_curve: tuple[tuple[float, float], ...]
    turret: int
    tool_change_s: float
    driven_tools: bool
    coolant: tuple[str, ...]
    rate_eur_h: float
    source: str
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Vise:
    """A machine vise: fixed jaw at -Y, moving jaw at +Y of the work."""

    id: str
    name: str
    jaw_width_mm: float
    jaw_height_mm: float
    jaw_thickness_mm: float
    opening_mm: float
    clamp_force_n: float
    price_eur: float = 0.0
    source: str = ""
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Filament:
    """A printing material as a printer's settings see it."""

    id: str
    name: str
    material_id: str
    nozzle_c: float
    first_layer_nozzle_c: float
    bed_c: float
    max_flow_mm3_s: float
    density_g_cm3: float
    diameter_mm: float
    price_eur_kg: float
    fan_percent: float
    source: str
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Quality:
    """A print mode: layer and line settings."""

    id: str
    name: str
    layer_mm: float
    first_layer_mm: float
    line_width_mm: float
    walls: int
    solid_layers: int
    infill_percent: float
    outer_speed_mm_s: float
    inner_speed_mm_s: float
    infill_speed_mm_s: float
    travel_speed_mm_s: float
    first_layer_speed_mm_s: float
    source: str
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Printer:
    """An FDM printer. The bed's origin is its front left corner.

    ``retract_mm`` and ``retract_speed_mm_s`` suit its extruder (direct drive by default);
    ``corner_speed_mm_s`` is the speed it may keep through a corner (jerk, square corner velocity).
    """

    id: str
    name: str
    dialect: str
    bed_x_mm: float
    bed_y_mm: float
    height_mm: float
    nozzle_mm: float
    max_nozzle_c: float
    max_bed_c: float
    max_feed_mm_s: float
    acceleration_mm_s2: float
    filaments: tuple[str, ...]
    rate_eur_h: float
    source: str
    retract_mm: float = 0.8
    retract_speed_mm_s: float = 35.0
    max_z_speed_mm_s: float = 10.0
    corner_speed_mm_s: float = 8.0
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Workshop:
    """One workshop: its machines and printers, and what its people and its business cost.

    Rates are EUR; ``labour_eur_h`` a worker's hour with overhead. Minutes of people: ``setup_min`` one clamping with
    its zero, for the first piece; ``reload_min`` the same clamping for every further one; ``tool_min`` one tool
    measured and loaded; ``saw_min`` one blank cut off; ``deburr_min_m`` a metre of edge broken by hand; ``check_min``
    the first piece's inspection; ``pack_min`` an order; ``plate_min`` a print taken off and cleaned. ``attended`` is
    the part of a machine's run a worker stands by, ``printer_attended`` of a print; ``tool_life_min`` the cutting
    minutes a cutter lasts; ``scrap`` the share of pieces made twice. ``power_kw`` a machine draws while it runs,
    ``printer_power_kw`` a printer, at ``energy_eur_kwh``. ``margin`` is the mark-up on all that, ``rush`` the
    share of the price that is added for going before the queue, ``payment`` the
    payment service's share of the price with ``payment_eur`` on top, ``shipping_eur`` a parcel, ``compute_eur`` the
    planning of an order. ``spread`` is how far simulated minutes are off in this shop (P90 over P50), ``queue_h``
    and ``shipping_h`` the usual wait before a machine and on the way (P50, P90). ``at_once`` is how many of its
    machines and printers its people tend at the same time. ``sources`` says where the numbers come from.
    ``at_deg`` is its latitude and longitude, for a network that reckons with distance.
    """

    id: str
    name: str
    place: str
    machines: tuple[str, ...]
    printers: tuple[str, ...]
    labour_eur_h: float
    setup_min: float
    reload_min: float
    tool_min: float
    saw_min: float
    deburr_min_m: float
    check_min: float
    pack_min: float
    plate_min: float
    attended: float
    tool_life_min: float
    scrap: float
    power_kw: float
    printer_attended: float
    printer_power_kw: float
    energy_eur_kwh: float
    margin: float
    rush: float
    payment: float
    payment_eur: float
    shipping_eur: float
    shipping_h: tuple[float, float]
    compute_eur: float
    spread: float
    queue_h: tuple[float, float]
    at_once: int
    sources: Mapping[str, str]
    at_deg: tuple[float, float] | None = None
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class ShopData:
    """Everything one shop has and knows: the whole tooling database, checked."""

    materials: Mapping[str, Material] = field(default_factory=dict)
    tools: Mapping[str, Tool] = field(default_factory=dict)
    holders: Mapping[str, Holder] = field(default_factory=dict)
    machines: Mapping[str, Machine] = field(default_factory=dict)
    stock: Mapping[str, StockRow] = field(default_factory=dict)
    printers: Mapping[str, Printer] = field(default_factory=dict)
    filaments: Mapping[str, Filament] = field(default_factory=dict)
    qualities: Mapping[str, Quality] = field(default_factory=dict)
    workshops: Mapping[str, Workshop] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    experience: Experience = field(default_factory=Experience)
    lathes: Mapping[str, Lathe] = field(default_factory=dict)
    vises: Mapping[str, Vise] = field(default_factory=dict)
    tapes: Mapping[str, Tape] = field(default_factory=dict)
    tabs: Mapping[str, TabStyle] = field(default_factory=dict)
    gauges: Mapping[str, Gauge] = field(default_factory=dict)
    bars: Mapping[str, Bar] = field(default_factory=dict)
    instances: Mapping[str, ToolInstance] = field(default_factory=dict)
    offcuts: Mapping[str, Offcut] = field(default_factory=dict)

    def workshop_of(self, machine: str) -> Workshop | None:
        """The workshop a machine or printer stands in; None where no row names it."""
        return next((w for w in self.workshops.values() if machine in w.machines or machine in w.printers), None)
