"""One hash for the house's code and data and the versions of what it stands on."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
ROOMS = ("model", "geometry", "generators", "strategies", "postprocessors", "tooling_db", "pipeline")
STANDS_ON = (
    "cadquery", "cadquery-ocp", "manifold3d", "numpy", "numba", "numpy-stl", "lib3mf", "trimesh", "vtk",
    "typst", "gerbonara", "matplotlib", "fonttools", "shapely", "jinja2", "pydantic",
)  # fmt: skip


@cache
def code_digest() -> str:
    """Hash of every source and data file of the rooms, Python's version and the packages' versions."""
    digest = hashlib.sha256(f"python {sys.version_info[:2]}\n".encode())
    for name in STANDS_ON:
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "absent"
        digest.update(f"{name} {found}\n".encode())
    for room in ROOMS:
        for path in sorted((HOUSE / room).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(HOUSE).as_posix().encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()
