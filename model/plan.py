"""The process plan: stock, setups, operations, tools and cutting data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model.feature import Feature
from model.finding import Finding
from model.floor import OFFCUT
from model.region import Point, Region
from model.tooling import Assembly, Machine, Material, Vise

Matrix = tuple[tuple[float, float, float, float], tuple[float, float, float, float], tuple[float, float, float, float]]


@dataclass(frozen=True, slots=True)
class Box:
    """An upright box in the setup's frame (mm)."""

    x0_mm: float
    y0_mm: float
    z0_mm: float
    x1_mm: float
    y1_mm: float
    z1_mm: float


@dataclass(frozen=True, slots=True)
class Stock:
    """The blank to saw: one row of the stock table or an offcut, cut to ``size_mm`` (x, y, z of setup 1)."""

    row_id: str
    size_mm: tuple[float, float, float]
    mass_kg: float
    price_eur: float

    @property
    def left_over(self) -> bool:
        """Whether it is sawn from an offcut, whose material was paid for before."""
        return self.row_id.startswith(OFFCUT)


@dataclass(frozen=True, slots=True)
class Skin:
    """What joins a finished part to the frame of its blank, all round its outline, to be broken out by hand."""

    outline: Region
    bottom_z_mm: float
    top_z_mm: float


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin in a finished hole that lies along y: work that stands on its round is turned until it lies here."""

    x_mm: float
    z_mm: float
    diameter_mm: float


@dataclass(frozen=True, slots=True)
class Fixture:
    """How the work is held. ``obstacles`` are boxes no tool or holder may touch.

    ``kind`` "vise" grips ``grip_mm`` of the work's height between jaws at -Y and +Y, closed with ``clamp_force_n``
    (0: as hard as the vise closes), which holds ``force_n`` against being pulled out;
    "tape" and "tabs" hold it on a spoilboard, into which the tool may cut ``spoil_mm``.
    ``skin``: the jaws hold a frame of the blank, and the part stands in it by this skin when the setup ends. It
    is broken out before the next one.
    ``pin``: what turns work that stands on its round.
    """

    kind: Literal["vise", "tape", "tabs"]
    obstacles: tuple[Box, ...]
    grip_mm: float = 0.0
    spoil_mm: float = 0.0
    vise: Vise | None = None
    force_n: float = 0.0
    needed_force_n: float = 0.0
    clamp_force_n: float = 0.0
    skin: Skin | None = None
    pin: Pin | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """A bridge left in an outline cut, to be filed off by hand: centre, width along the wall, top."""

    x_mm: float
    y_mm: float
    width_mm: float
    top_z_mm: float


@dataclass(frozen=True, slots=True)
class Step:
    """One step to a number of a cut: ``number`` names the field of `CuttingData`, ``before`` is 0 where it begins.

    ``limit`` is what bound it here, empty when the step began the number, looked at it without changing it, or is
    arithmetic. ``source`` is the row a number was taken from.
    """

    number: str
    before: float
    after: float
    because: str
    limit: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class CuttingData:
    """Speeds and feeds of one operation; ``binding`` names the constraint that decided.

    ``ap_mm`` depth of cut a pass; ``ae_mm`` width of cut; ``fz_mm`` feed per tooth (for drills
    per turn / flutes). ``power_w`` at the spindle, ``force_n`` peak tooth force,
    ``deflection_mm`` of the tool's tip under it. ``peck_mm`` 0: no pecking.
    ``fastest_mm_min`` is how fast a cut thinner than ``ae_mm`` may be fed (0: no faster than ``feed_mm_min``),
    ``link_mm_min`` how fast the tool moves through space already cleared (0: at ``feed_mm_min``).
    ``both_ways``: the material bears clearing cuts against the feed (conventional milling), too.
    ``why``: the steps to each number, in the order they were taken.
    """

    spindle_rpm: float
    feed_mm_min: float
    plunge_mm_min: float
    ramp_mm_min: float
    ap_mm: float
    ae_mm: float
    vc_m_min: float
    fz_mm: float
    power_w: float
    force_n: float
    deflection_mm: float
    coolant: Literal["off", "flood", "mist"]
    binding: str
    peck_mm: float = 0.0
    fastest_mm_min: float = 0.0
    link_mm_min: float = 0.0
    both_ways: bool = False
    why: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One feature, one tool, one strategy.

    ``keep_out`` is the part's material at and above the cut, seen from above: the tool must
    stay outside it (no part of the part is under it). ``stock_outline`` is the blank seen from
    above. ``allowance_mm`` is left on walls for a later operation. ``top_z_mm`` is where material
    begins, ``bottom_z_mm`` the tip's lowest height. ``compensated``: finishing laps run with the control's wear
    compensation on.
    """

    id: str
    strategy: str
    feature: Feature
    tool_number: int
    cutting: CuttingData
    top_z_mm: float
    bottom_z_mm: float
    clearance_z_mm: float
    keep_out: Region
    stock_outline: Region
    allowance_mm: float = 0.0
    tabs: tuple[Tab, ...] = ()
    note: str = ""
    entry: tuple[Point, ...] = ()
    compensated: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """One clamping. ``to_setup`` moves the part's frame into the setup's (rows of a 3x4 matrix).

    The setup's frame has its origin at the work zero and z up to the spindle; ``zero`` says in
    words where that is. ``stock_box`` is the blank (not the part) in this frame.
    ``safe_z_mm`` is above everything.
    """

    index: int
    name: str
    to_setup: Matrix
    work_offset: str
    zero: str
    stock_box: Box
    fixture: Fixture
    safe_z_mm: float
    operations: tuple[Operation, ...]

    def names(self) -> tuple[str, ...]:
        """Each operation's id behind the setup's number; of several that share an id, the later ones with a count."""
        ids = [o.id for o in self.operations]
        before = [ids[:k].count(one) for k, one in enumerate(ids)]
        return tuple(f"{self.index}.{i}" + (f" ({n + 1})" if n else "") for i, n in zip(ids, before, strict=True))


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """Everything decided before the first move.

    ``decisions`` log each choice with the alternatives and why they lost; ``unreachable`` is what
    no tool in the shop can reach, with place and size.
    """

    order_id: str
    part: str
    machine: Machine
    material: Material
    stock: Stock
    tools: tuple[Assembly, ...]
    setups: tuple[Setup, ...]
    decisions: tuple[Finding, ...] = ()
    unreachable: tuple[Finding, ...] = ()
