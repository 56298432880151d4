"""Makes the customer's picture: shaded where the computer can draw in 3D, a line drawing where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

import numpy as np

from geometry.meshes import Mesh
from geometry.render import Look, pack
from model.design import Vector
from pipeline.engine.code import HOUSE

SIZE_PX = (1200, 800)
FLAT = 0.15
EYE: Vector = (-0.30, -1.0, 1.05)
EYE_OVER: Vector = (-0.05, -0.55, 1.0)
PATIENCE_S = 120
DARKER = 0.42
_PNG = b"\x89PNG"

STEADY = {
    "GALLIUM_OVERRIDE_CPU_CAPS": "sse4.1",
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "LP_NATIVE_VECTOR_WIDTH": "128",
    "VTK_DEFAULT_OPENGL_WINDOW": "vtkEGLRenderWindow",
}
"""Software drawing that rounds alike on every x86 processor, without a screen."""


def eye_for(meshes: Sequence[Mesh]) -> Vector:
    """From where the product is seen: flat things nearly from above, so that their text can be read."""
    boxes = [m.box_mm[1] - m.box_mm[0] for m in meshes]
    return EYE_OVER if all(b[2] < FLAT * max(b[0], b[1]) for b in boxes) else EYE


def shaded(pieces: Sequence[tuple[Mesh, Vector, float | None]], look: Look) -> bytes | None:
    """A PNG of the pieces (mesh, where it stands, height of an engraved floor or None), or None without 3D drawing."""
    scene = []
    for m, shift, floor in pieces:
        for part, paint in _tinted(Mesh(m.points + np.asarray(shift), m.triangles), look, floor, shift):
            scene.append((part, paint))
    return rendered(pack(scene, eye_for([m for m, _, _ in pieces]), SIZE_PX))


def rendered(scene: bytes) -> bytes | None:
    """A PNG of a packed scene, or None where nothing can draw in 3D.

    The drawing runs in a process of its own: where no GL library is installed it dies, and only it.
    """
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    if sys.platform == "linux":
        env |= STEADY
    env["PYTHONPATH"] = str(HOUSE)
    command = [sys.executable, "-m", "geometry.render"]
    try:
        done = subprocess.run(command, input=scene, capture_output=True, env=env, timeout=PATIENCE_S, check=False)  # noqa: S603 - our own module
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and done.stdout.startswith(_PNG) else None


def _tinted(m: Mesh, look: Look, floor: float | None, shift: Vector) -> list[tuple[Mesh, Look]]:
    """The floor of an engraving is drawn darker, as a fresh cut looks; without it 0.2 mm would not show."""
    if floor is None:
        return [(m, look)]
    cut = (np.abs(m.points[m.triangles][:, :, 2] - floor - shift[2]) < 1e-4).all(axis=1)
    r, g, b = (DARKER * c for c in look.colour)
    return [(Mesh(m.points, m.triangles[~cut]), look), (Mesh(m.points, m.triangles[cut]), Look((r, g, b), 0.0, 1.0))]


def drawn(svg: bytes) -> bytes:
    """A line drawing (SVG, as large as the picture) as PNG."""
    import typst

    width, height = SIZE_PX
    source = (
        f"#set page(width: {width}pt, height: {height}pt, margin: 0pt)\n"
        '#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%)\n'
    )
    inputs = {"svg": svg.decode()}
    made = typst.compile(source.encode(), format="png", ppi=72.0, sys_inputs=inputs, ignore_system_fonts=True)
    return bytes(made)
