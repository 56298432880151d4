"""A part's skin as triangles, read from the design's own STL file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from model.design import Design
from model.errors import ConfigError
from model.files import Exports

Array = NDArray[np.float64]
_HEADER = 84
_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("spare", "<u2")])


@dataclass(frozen=True, slots=True)
class Skin:
    """``corners`` (n, 3) in mm, each once; ``faces`` (m, 3) indices, counter-clockwise from outside."""

    corners: Array
    faces: NDArray[np.int64]

    def turned(self, rows: Array) -> Skin:
        """The skin under a 3x3 rotation."""
        return Skin(self.corners @ rows.T, self.faces)

    @property
    def low(self) -> Array:
        """The least x, y and z (mm)."""
        return np.asarray(self.corners.min(axis=0))

    @property
    def size(self) -> Array:
        """The box's sides (mm)."""
        return np.asarray(self.corners.max(axis=0) - self.corners.min(axis=0))

    @property
    def volume_mm3(self) -> float:
        """By the divergence theorem."""
        a, b, c = (self.corners[self.faces[:, i]] for i in range(3))
        return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def skins(design: Design, exports: Exports) -> dict[str, Skin]:
    """Every part's skin by name.

    Raises:
        ConfigError: A part has no STL among the exports, or the file is not a binary STL.
    """
    files = {str(PurePosixPath(f.name).with_suffix("")): f for f in exports.files if f.role == "stl"}
    out = {}
    for part in design.parts:
        if part.name not in files:
            raise ConfigError(
                "printing.no-stl", f"The part {part.name} has no STL file among the exports", place=part.name
            )
        out[part.name] = read_stl(files[part.name].data, part.name)
    return out


def read_stl(data: bytes, place: str) -> Skin:
    """A binary STL with its corners joined (to 1e-5 mm).

    Raises:
        ConfigError: The length does not fit the number of triangles it tells.
    """
    count = int.from_bytes(data[80:_HEADER], "little") if len(data) >= _HEADER else 0
    if count == 0 or len(data) != _HEADER + count * _RECORD.itemsize:
        raise ConfigError(
            "printing.bad-stl", f"{place}: not a binary STL ({len(data)} bytes for {count} triangles)", place=place
        )
    soup = np.frombuffer(data, _RECORD, count, _HEADER)["corners"].reshape(-1, 3).astype(np.float64)
    corners, index = np.unique(np.round(soup, 5), axis=0, return_inverse=True)
    faces = index.reshape(-1, 3)
    whole = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    return Skin(corners, faces[whole])
