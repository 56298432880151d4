"""Manufacturing features (ISO 14649) as found on the solid, in one setup's frame.

In every feature z points to the spindle, heights are absolute in the setup's frame, and
regions are seen from above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model.region import Region, Stroke


@dataclass(frozen=True, slots=True)
class PlanarFace:
    """The top of the part, to be faced where the stock stands above it."""

    id: str
    z_mm: float
    region: Region
    kind: Literal["planar-face"] = "planar-face"


@dataclass(frozen=True, slots=True)
class Pocket:
    """A floor below the top: ``floor`` is bounded by walls and islands.

    ``open`` is True when part of its boundary has no wall. ``corner_radius_mm`` is the smallest
    concave wall radius (inf when there is none, 0 for a sharp corner).
    """

    id: str
    top_z_mm: float
    floor_z_mm: float
    floor: Region
    corner_radius_mm: float
    open: bool = False
    kind: Literal["pocket"] = "pocket"


@dataclass(frozen=True, slots=True)
class HoleStep:
    """One cylinder of a hole, from the step above down to ``bottom_z_mm``.

    ``tip_angle_deg`` is the full angle of the cone that leads from it to the next step (180: a level shoulder).
    """

    diameter_mm: float
    bottom_z_mm: float
    tip_angle_deg: float = 180.0


@dataclass(frozen=True, slots=True)
class Hole:
    """A round hole along z: widest step first. ``through`` speaks of the last step.

    ``chamfer_mm`` is the width of a 45 degree chamfer at the mouth (0: none).
    ``tip_angle_deg`` is the cone at a blind bottom (180: flat). ``thread`` names a thread to be cut into the
    last step, ``thread_depth_mm`` deep from the hole's top (0: as deep as it goes); the solid shows the hole
    before threading. ``fit`` is the last step's tolerance ("H7"; empty: none). ``sink_mm`` is the mouth's
    diameter of a countersink of ``sink_deg`` full angle (0: none), for cones other than 90 degrees.
    ``broken`` says part of its wall is missing: it is drilled while the blank still stands there.
    """

    id: str
    x_mm: float
    y_mm: float
    top_z_mm: float
    steps: tuple[HoleStep, ...]
    through: bool
    chamfer_mm: float = 0.0
    tip_angle_deg: float = 180.0
    thread: str = ""
    thread_depth_mm: float = 0.0
    fit: str = ""
    sink_mm: float = 0.0
    sink_deg: float = 0.0
    broken: bool = False
    kind: Literal["hole"] = "hole"


@dataclass(frozen=True, slots=True)
class Outline:
    """The outer silhouette, as a wall from ``top_z_mm`` down to ``bottom_z_mm``."""

    id: str
    top_z_mm: float
    bottom_z_mm: float
    region: Region
    corner_radius_mm: float
    kind: Literal["outline"] = "outline"


@dataclass(frozen=True, slots=True)
class Cutout:
    """A through-cut that is not a round hole; ``region`` is the material that goes."""

    id: str
    top_z_mm: float
    bottom_z_mm: float
    region: Region
    corner_radius_mm: float
    kind: Literal["cutout"] = "cutout"


@dataclass(frozen=True, slots=True)
class Chamfer:
    """A 45 degree edge break along ``edge``, the contour at the foot of the chamfer (part is inside).

    The wall below meets the chamfer at ``foot_z_mm``; the chamfer is ``width_mm`` wide and high.
    """

    id: str
    foot_z_mm: float
    width_mm: float
    edge: Region
    kind: Literal["chamfer"] = "chamfer"


@dataclass(frozen=True, slots=True)
class EngravedStrokes:
    """Grooves one tool width wide, ``depth_mm`` below ``top_z_mm``."""

    id: str
    top_z_mm: float
    depth_mm: float
    width_mm: float
    strokes: tuple[Stroke, ...]
    text: str = ""
    kind: Literal["engraved-strokes"] = "engraved-strokes"


@dataclass(frozen=True, slots=True)
class Edges:
    """Sharp edges to break: each contour runs along the top of a wall at its ``z_mm``, the part on its left."""

    id: str
    z_mm: float
    width_mm: float
    edge: Region
    kind: Literal["edges"] = "edges"


@dataclass(frozen=True, slots=True)
class VCarving:
    """A region cut with a pointed tool: its walls slope at the tool's angle and meet at most ``depth_mm`` down."""

    id: str
    top_z_mm: float
    depth_mm: float
    point_angle_deg: float
    region: Region
    text: str = ""
    kind: Literal["v-carving"] = "v-carving"


@dataclass(frozen=True, slots=True)
class FreeSurface:
    """Sloped, round or free faces reachable from above, as seen from above.

    ``faces`` are their numbers in the solid; ``radius_mm`` is the tightest concave curvature radius among
    them (inf when nothing is concave). ``cut_radius_mm`` is the radius of the ball that has finished it already
    (0: none has).
    """

    id: str
    faces: tuple[int, ...]
    top_z_mm: float
    bottom_z_mm: float
    region: Region
    radius_mm: float
    cut_radius_mm: float = 0.0
    kind: Literal["free-surface"] = "free-surface"


Feature = PlanarFace | Pocket | Hole | Outline | Cutout | Chamfer | EngravedStrokes | Edges | VCarving | FreeSurface
