"""What a toolpath may look at beside its own operation: the part's mesh and the stock as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from geometry.dropcutter import Cells
    from geometry.heightfield import HeightField

Triangles = NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """Both in the frame of the setup, made when first asked for.

    ``target`` gives the part's triangles (n, 3 corners, 3 coordinates in mm), outward counter-clockwise,
    within ``target_tol_mm`` of the true surface. ``stock`` gives the material's upper surface as all
    operations before this one left it; it is good until the next operation is asked for.
    """

    target: Callable[[], Triangles]
    stock: Callable[[], HeightField]
    target_tol_mm: float

    @cached_property
    def mesh(self) -> Cells:
        """The part's triangles sorted for cutters let down on them."""
        from geometry.dropcutter import cells

        return cells(self.target())
