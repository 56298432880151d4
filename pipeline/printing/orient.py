"""Chooses the side a part lies on while it is printed, and says why."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from model.design import Annotation, Cosmetic, Engraving, Relief
from pipeline.printing.meshes import Array, Skin

OVERHANG_DEG = 45.0
ON_BED_MM = 0.02
# Everything is counted in mm2 of overhang. A face to be seen against the bed only takes the bed's print; height costs
# time; a part taller than four times its footing (the side of a square as large as its contact) shakes and tips.
COSMETIC_DOWN_WEIGHT = 0.1
HEIGHT_WEIGHT_MM2_MM = 10.0
SLENDER_LIMIT = 4.0
SLENDER_WEIGHT_MM2 = 1000.0

# The rotation that brings each side of the part's box down: rows of a 3x3 matrix.
SIDES: tuple[tuple[str, tuple[tuple[int, int, int], ...]], ...] = (
    ("-Z", ((1, 0, 0), (0, 1, 0), (0, 0, 1))),
    ("+Z", ((1, 0, 0), (0, -1, 0), (0, 0, -1))),
    ("-Y", ((1, 0, 0), (0, 0, -1), (0, 1, 0))),
    ("+Y", ((1, 0, 0), (0, 0, 1), (0, -1, 0))),
    ("-X", ((0, 0, -1), (0, 1, 0), (1, 0, 0))),
    ("+X", ((0, 0, 1), (0, 1, 0), (-1, 0, 0))),
)

# How a cosmetic face may be named, and the side it is.
FACES = {">X": "+X", "<X": "-X", ">Y": "+Y", "<Y": "-Y", ">Z": "+Z", "<Z": "-Z"}
FACES |= {"right": "+X", "left": "-X", "back": "+Y", "front": "-Y", "top": "+Z", "bottom": "-Z"}


@dataclass(frozen=True, slots=True)
class Laying:
    """The side that lies on the bed, the rotation that brings it there, and the numbers it was chosen by."""

    down: str
    rows: tuple[tuple[int, int, int], ...]
    overhang_mm2: float
    contact_mm2: float
    height_mm: float
    hidden_mm2: float
    cost: float

    @property
    def reason(self) -> str:
        """One sentence for the papers."""
        return (
            f"lies on its {self.down} side: overhang {self.overhang_mm2:.0f} mm2, "
            f"on the bed {self.contact_mm2:.0f} mm2, height {self.height_mm:.1f} mm, "
            f"faces to be seen on the bed {self.hidden_mm2:.0f} mm2"
        )


def lay(skin: Skin, annotations: tuple[Annotation, ...]) -> Laying:
    """The best of the six sides: least overhang beyond 45 degrees, faces to be seen up, low, steady.

    The part's own -Z side wins a draw.
    """
    choices = [laying(skin, annotations, side, rows) for side, rows in SIDES]
    return min(choices, key=lambda c: round(c.cost, 3))


def laying(
    skin: Skin, annotations: tuple[Annotation, ...], side: str, rows: tuple[tuple[int, int, int], ...]
) -> Laying:
    """What one side down costs. Overhang: faces that look down more than 45 degrees beyond a wall, off the bed."""
    turned = skin.turned(np.array(rows, dtype=np.float64))
    a, b, c = (turned.corners[turned.faces[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    area = np.linalg.norm(normal, axis=1) / 2
    down = np.divide(-normal[:, 2], 2 * area, out=np.zeros_like(area), where=area > 0)
    top = np.maximum(np.maximum(a[:, 2], b[:, 2]), c[:, 2]) - turned.low[2]
    flat = (top <= ON_BED_MM) & (down > math.cos(math.radians(1)))
    hanging = (down > math.sin(math.radians(OVERHANG_DEG)) + 1e-6) & ~flat
    overhang, contact = float(area[hanging].sum()), float(area[flat].sum())
    hidden = contact if _shown(annotations) & {side} else 0.0
    height = float(turned.size[2])
    slender = height / math.sqrt(max(contact, 1e-6))
    cost = overhang + COSMETIC_DOWN_WEIGHT * hidden + HEIGHT_WEIGHT_MM2_MM * height
    cost += SLENDER_WEIGHT_MM2 * max(0.0, slender - SLENDER_LIMIT)
    return Laying(side, rows, overhang, contact, height, hidden, cost)


def rotation(laying: Laying, turn_deg: float) -> Array:
    """The whole rotation: laid on its side, then turned about z. Quarter turns are exact."""
    c, s = round(math.cos(math.radians(turn_deg)), 12), round(math.sin(math.radians(turn_deg)), 12)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(turn @ np.array(laying.rows, dtype=np.float64))


def _shown(annotations: tuple[Annotation, ...]) -> set[str]:
    """The sides of the part people look at: labels face +Z, cosmetic faces say theirs."""
    shown = set()
    for one in annotations:
        if isinstance(one, Engraving | Relief):
            shown.add("+Z")
        elif isinstance(one, Cosmetic):
            shown.add(FACES.get(one.face, ""))
    return shown
