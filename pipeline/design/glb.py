"""Writes meshes as GLB, the form web pages and phones show; in metres, as glTF asks."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geometry.meshes import Mesh
from geometry.render import Look
from model.design import Vector

CREASE_DEG = 25.0
_METRE = 0.001
_HALF_TURN = 0.5**0.5
_FLOAT, _UINT = 5126, 5125
_VERTICES, _INDICES = 34962, 34963


def glb(pieces: Sequence[tuple[str, Mesh, Vector]], look: Look) -> bytes:
    """Binary glTF 2.0: one root that scales millimetres to metres and turns z up to y up, one node per piece."""
    blob = bytearray()
    views: list[dict[str, Any]] = []
    accessors: list[dict[str, Any]] = []
    meshes, nodes = [], []
    for name, m, shift in pieces:
        points, normals = _creased(m)
        first = len(accessors)
        for data, target in ((points, _VERTICES), (normals, _VERTICES)):
            _append(blob, views, data.astype("<f4").tobytes(), target)
            accessors.append(
                {"bufferView": len(views) - 1, "componentType": _FLOAT, "count": len(data), "type": "VEC3"}
            )
        accessors[first] |= {
            "min": [float(v) for v in points.astype(np.float32).min(axis=0)],
            "max": [float(v) for v in points.astype(np.float32).max(axis=0)],
        }
        _append(blob, views, np.arange(len(points), dtype="<u4").tobytes(), _INDICES)
        accessors.append({"bufferView": len(views) - 1, "componentType": _UINT, "count": len(points), "type": "SCALAR"})
        shape = {"attributes": {"POSITION": first, "NORMAL": first + 1}, "indices": first + 2, "material": 0}
        meshes.append({"name": name, "primitives": [shape]})
        nodes.append({"name": name, "mesh": len(meshes) - 1, "translation": list(shift)})
    root = {
        "name": "LotOne",
        "children": list(range(1, len(nodes) + 1)),
        "scale": [_METRE] * 3,
        "rotation": [-_HALF_TURN, 0.0, 0.0, _HALF_TURN],
    }
    paint = {
        "baseColorFactor": [*(round(c**2.2, 4) for c in look.colour), 1.0],
        "metallicFactor": look.metal,
        "roughnessFactor": look.rough,
    }
    document = {
        "asset": {"version": "2.0", "generator": "LotOne"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [root, *nodes],
        "meshes": meshes,
        "materials": [{"pbrMetallicRoughness": paint}],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(blob)}],
    }
    text = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(blob), b"BIN\0") + bytes(blob)
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _append(blob: bytearray, views: list[dict[str, Any]], data: bytes, target: int) -> None:
    views.append({"buffer": 0, "byteOffset": len(blob), "byteLength": len(data), "target": target})
    blob += data + b"\0" * (-len(data) % 4)


def _creased(m: Mesh) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Three corners per triangle, each with the mean normal of the faces round it that bend less than the crease."""
    corners = m.points[m.triangles]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(cross, axis=1, keepdims=True)
    unit = cross / np.where(length > 0, length, 1)
    spots = m.triangles.ravel()
    owners = np.repeat(np.arange(len(m.triangles)), 3)
    order = np.argsort(spots, kind="stable")
    starts = np.searchsorted(spots[order], np.arange(len(m.points) + 1))
    limit = np.cos(np.radians(CREASE_DEG))
    normals = np.empty((len(spots), 3))
    for k in range(len(m.points)):
        around = order[starts[k] : starts[k + 1]]
        faces = unit[owners[around]]
        near = (faces @ faces.T) >= limit
        total = near @ cross[owners[around]]
        size = np.linalg.norm(total, axis=1, keepdims=True)
        normals[around] = np.where(size > 0, total / np.where(size > 0, size, 1), faces)
    return corners.reshape(-1, 3), normals
