"""Writes a mesh as binary STL."""

from __future__ import annotations

import io

import numpy as np

from geometry.meshes import Mesh


def stl(m: Mesh, name: str) -> bytes:
    """Binary STL in millimetres; the 80 header bytes hold the name and nothing that changes from run to run."""
    from stl.mesh import Mesh as Facets
    from stl.stl import Mode

    facets = Facets(np.zeros(len(m.triangles), dtype=Facets.dtype))
    facets.vectors[:] = m.points[m.triangles]
    stream = io.BytesIO()
    facets.save(f"{name}.stl", fh=stream, mode=Mode.BINARY)
    header = f"LotOne {name} mm".encode("ascii", "replace")[:80]
    return header.ljust(80, b" ") + stream.getvalue()[80:]
