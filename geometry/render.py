"""Draws a shaded picture of meshes; run as a program, because a computer without GL kills the process that tries.

``python -m geometry.render`` reads a scene (see :func:`pack`) from standard input and writes a PNG to standard output.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geometry.meshes import Mesh

if TYPE_CHECKING:
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
    from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderer

Colour = tuple[float, float, float]
Vector = tuple[float, float, float]

CREASE_DEG = 25.0
INK: Colour = (0.12, 0.13, 0.15)
SKY: Colour = (0.80, 0.84, 0.88)
GROUND: Colour = (0.97, 0.97, 0.96)
LENS_DEG = 22.0
SAMPLES = 4
ROOM_AROUND = 1.06


@dataclass(frozen=True, slots=True)
class Look:
    """How a surface shines: ``colour`` linear 0..1, ``metal`` and ``rough`` as in physically based shading.

    ``edges`` draws its sharp edges as dark lines.
    """

    colour: Colour
    metal: float
    rough: float
    edges: bool = True


@dataclass(frozen=True, slots=True)
class Strokes:
    """Straight segments in one colour: ``ends`` (n, 2, 3) in mm, ``width_px`` wide."""

    ends: NDArray[np.float64]
    colour: Colour
    width_px: float


@dataclass(frozen=True, slots=True)
class Dots:
    """Spots of ``size_px``: ``points`` (n, 3) in mm, ``colours`` (n, 3) 0..1."""

    points: NDArray[np.float64]
    colours: NDArray[np.float64]
    size_px: float


def pack(
    meshes: Sequence[tuple[Mesh, Look]],
    eye: Vector,
    size_px: tuple[int, int],
    strokes: Sequence[Strokes] = (),
    dots: Sequence[Dots] = (),
    seen: NDArray[np.float64] | None = None,
) -> bytes:
    """A scene as bytes: meshes, strokes and dots where they stand (mm, z up), the direction to the eye, the size.

    The picture holds all meshes, and the points (n, 3) of ``seen``; strokes and dots may lead out of it.
    """
    arrays: dict[str, Any] = {}
    for k, (one, look) in enumerate(meshes):
        arrays[f"p{k}"] = one.points.astype(np.float32)
        arrays[f"t{k}"] = one.triangles.astype(np.int32)
        arrays[f"look{k}"] = np.array([*look.colour, look.metal, look.rough, float(look.edges)])
    for k, stroke in enumerate(strokes):
        arrays[f"ends{k}"] = stroke.ends.astype(np.float32)
        arrays[f"ink{k}"] = np.array([*stroke.colour, stroke.width_px])
    for k, spots in enumerate(dots):
        arrays[f"dots{k}"] = spots.points.astype(np.float32)
        arrays[f"tone{k}"] = np.round(spots.colours * 255).astype(np.uint8)
    arrays["seen"] = np.empty((0, 3), np.float32) if seen is None else seen.astype(np.float32)
    told = {"count": len(meshes), "strokes": len(strokes), "dots": [d.size_px for d in dots]}
    head = json.dumps({**told, "eye": eye, "size": size_px})
    arrays["head"] = np.frombuffer(head.encode(), dtype=np.uint8)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def draw(scene: bytes) -> bytes:
    """The picture of a packed scene as PNG bytes."""
    import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 - registers the drawing backend
    from vtkmodules.vtkCommonCore import vtkSMPTools
    from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

    vtkSMPTools.Initialize(1)
    with np.load(io.BytesIO(scene)) as arrays:
        head = json.loads(arrays["head"].tobytes())
        items = [(arrays[f"p{k}"], arrays[f"t{k}"], arrays[f"look{k}"]) for k in range(head["count"])]
        strokes = [(arrays[f"ends{k}"], arrays[f"ink{k}"]) for k in range(head["strokes"])]
        dots = [(arrays[f"dots{k}"], arrays[f"tone{k}"], size) for k, size in enumerate(head["dots"])]
        seen = arrays["seen"]
    renderer = vtkRenderer()
    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(SAMPLES)
    window.SetSize(*head["size"])
    window.AddRenderer(renderer)
    everything = np.concatenate([*(p for p, _, _ in items), seen]).astype(np.float64)
    _stage(renderer)
    for points, triangles, look in items:
        for actor in _actors(points, triangles, look):
            renderer.AddActor(actor)
    for ends, ink in strokes:
        renderer.AddActor(_stroked(ends, ink))
    for points, tones, size in dots:
        renderer.AddActor(_dotted(points, tones, size))
    _aim(renderer, everything, head["eye"], head["size"][0] / head["size"][1])
    window.Render()
    return _png(window)


def _stage(renderer: vtkRenderer) -> None:
    """Background and lights."""
    from vtkmodules.vtkRenderingCore import vtkLight

    renderer.SetBackground(*GROUND)
    renderer.SetBackground2(*SKY)
    renderer.GradientBackgroundOn()
    renderer.DitherGradientOff()
    renderer.AutomaticLightCreationOff()
    for x, y, z, strength in ((-0.5, 1.0, 0.55, 0.66), (1.0, 0.0, 0.5, 0.26), (-0.5, -0.5, 1.0, 0.34)):
        light = vtkLight()
        light.SetLightTypeToCameraLight()
        light.SetPosition(x, y, z)
        light.SetFocalPoint(0, 0, 0)
        light.SetIntensity(strength)
        renderer.AddLight(light)


def _actors(points: NDArray[Any], triangles: NDArray[Any], look: NDArray[Any]) -> list[vtkActor]:
    """The shaded surface, and its dark edges where they are wanted."""
    from vtkmodules.vtkFiltersCore import vtkFeatureEdges, vtkPolyDataNormals
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    data = _points(points)
    data.SetPolys(_cells(triangles, 3))

    smooth = vtkPolyDataNormals()
    smooth.SetInputData(data)
    smooth.SetFeatureAngle(CREASE_DEG)
    smooth.ConsistencyOff()
    surface = vtkActor()
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(smooth.GetOutputPort())
    surface.SetMapper(mapper)
    paint = surface.GetProperty()
    paint.SetColor(*look[:3])
    paint.SetAmbient(0.22)
    paint.SetDiffuse(0.85)
    paint.SetSpecular(0.15 + 0.35 * float(look[3]))
    paint.SetSpecularPower(8 + 40 * (1 - float(look[4])))
    if not look[5]:
        return [surface]

    edges = vtkFeatureEdges()
    edges.SetInputData(data)
    edges.BoundaryEdgesOff()
    edges.NonManifoldEdgesOff()
    edges.ManifoldEdgesOff()
    edges.ColoringOff()
    edges.SetFeatureAngle(CREASE_DEG)
    lines = vtkActor()
    tracer = vtkPolyDataMapper()
    tracer.SetInputConnection(edges.GetOutputPort())
    tracer.SetResolveCoincidentTopologyToPolygonOffset()
    tracer.SetRelativeCoincidentTopologyLineOffsetParameters(-2, -2)
    tracer.ScalarVisibilityOff()
    lines.SetMapper(tracer)
    pencil = lines.GetProperty()
    pencil.SetColor(*INK)
    pencil.SetLineWidth(1.4)
    pencil.LightingOff()
    pencil.SetOpacity(1.0)
    return [surface, lines]


def _stroked(ends: NDArray[Any], ink: NDArray[Any]) -> vtkActor:
    """Segments in one colour."""
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    data = _points(ends.reshape(-1, 3))
    data.SetLines(_cells(np.arange(2 * len(ends)), 2))
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(data)
    mapper.SetResolveCoincidentTopologyToPolygonOffset()
    mapper.SetRelativeCoincidentTopologyLineOffsetParameters(-3, -3)
    actor = vtkActor()
    actor.SetMapper(mapper)
    pen = actor.GetProperty()
    pen.SetColor(*ink[:3])
    pen.SetLineWidth(float(ink[3]))
    pen.LightingOff()
    return actor


def _dotted(points: NDArray[Any], tones: NDArray[Any], size_px: float) -> vtkActor:
    """Spots, each in its own colour."""
    from vtkmodules.util import numpy_support
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    convert: Any = numpy_support
    data = _points(points)
    data.SetVerts(_cells(np.arange(len(points)), 1))
    data.GetPointData().SetScalars(convert.numpy_to_vtk(tones, deep=True))
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(data)
    mapper.SetResolveCoincidentTopologyToPolygonOffset()
    mapper.SetRelativeCoincidentTopologyPointOffsetParameter(-3)
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().SetPointSize(size_px)
    actor.GetProperty().LightingOff()
    return actor


def _points(points: NDArray[Any]) -> vtkPolyData:
    from vtkmodules.util import numpy_support
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    convert: Any = numpy_support
    corners = vtkPoints()
    corners.SetData(convert.numpy_to_vtk(points, deep=True))
    data = vtkPolyData()
    data.SetPoints(corners)
    return data


def _cells(corners: NDArray[Any], each: int) -> vtkCellArray:
    """Cells of so many corners each."""
    from vtkmodules.util import numpy_support
    from vtkmodules.vtkCommonDataModel import vtkCellArray

    convert: Any = numpy_support
    flat = np.ascontiguousarray(corners.astype(np.int64).ravel())
    cells = vtkCellArray()
    cells.SetData(
        convert.numpy_to_vtkIdTypeArray(np.arange(0, len(flat) + 1, each, dtype=np.int64), deep=True),
        convert.numpy_to_vtkIdTypeArray(flat, deep=True),
    )
    return cells


def _aim(renderer: vtkRenderer, points: NDArray[np.float64], eye: Sequence[float], aspect: float) -> None:
    """Put the camera where the whole scene just fills the picture."""
    back = np.asarray(eye, dtype=np.float64)
    back /= np.linalg.norm(back)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    half = np.tan(np.radians(LENS_DEG / 2)) / ROOM_AROUND
    local = points @ np.column_stack([right, up, back])
    centre = (local.max(axis=0) + local.min(axis=0)) / 2
    for _ in range(4):
        rel = local - centre
        far = float(np.max(np.maximum(np.abs(rel[:, 0]) / (half * aspect), np.abs(rel[:, 1]) / half) + rel[:, 2]))
        seen = rel[:, :2] / (far - rel[:, 2:])
        centre[:2] += (seen.max(axis=0) + seen.min(axis=0)) / 2 * far
    focus = np.column_stack([right, up, back]) @ centre
    camera = renderer.GetActiveCamera()
    camera.SetViewAngle(LENS_DEG)
    camera.SetFocalPoint(*focus)
    camera.SetPosition(*(focus + far * back))
    camera.SetViewUp(*up)
    renderer.ResetCameraClippingRange()


def _png(window: Any) -> bytes:
    from vtkmodules.util import numpy_support
    from vtkmodules.vtkIOImage import vtkPNGWriter
    from vtkmodules.vtkRenderingCore import vtkWindowToImageFilter

    grab = vtkWindowToImageFilter()
    grab.SetInput(window)
    grab.ReadFrontBufferOff()
    writer = vtkPNGWriter()
    writer.SetInputConnection(grab.GetOutputPort())
    writer.SetCompressionLevel(6)
    writer.WriteToMemoryOn()
    writer.Write()
    convert: Any = numpy_support
    return bytes(convert.vtk_to_numpy(writer.GetResult()).tobytes())


def main() -> None:
    """Scene in, picture out."""
    sys.stdout.buffer.write(draw(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
