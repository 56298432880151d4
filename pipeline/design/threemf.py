"""Writes all pieces of an order as one 3MF file."""

from __future__ import annotations

import ctypes
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geometry.meshes import Mesh
from geometry.render import Look
from model.design import Vector

_SPACE = uuid.UUID("6f1d6a3e-5f0c-5d2b-9a53-3f4f2f1f7c10")


def threemf(pieces: Sequence[tuple[str, Mesh, Vector]], order_id: str, title: str, material: tuple[str, Look]) -> bytes:
    """3MF in millimetres: one named object per piece (name, mesh, where it stands), coloured by its material.

    The identifiers 3MF asks for are derived from the order and the piece, so equal orders give equal bytes.
    """
    import lib3mf

    wrapper = lib3mf.get_wrapper()
    model = wrapper.CreateModel()
    model.SetUnit(lib3mf.ModelUnit.MilliMeter)
    facts = (("Title", title), ("Application", "LotOne"), ("LotOne:OrderId", order_id))
    for key, value in facts:
        space, _, name = key.rpartition(":")
        model.GetMetaDataGroup().AddMetaData(_uri(space), name, value, "xs:string", True)  # noqa: FBT003 - lib3mf takes no keywords
    model.SetBuildUUID(_identity(order_id, "build"))
    group = model.AddBaseMaterialGroup()
    r, g, b = (round(255 * c) for c in material[1].colour)
    colour = group.AddMaterial(material[0], wrapper.RGBAToColor(r, g, b, 255))
    for name, m, shift in pieces:
        item = model.AddMeshObject()
        item.SetName(name)
        item.SetUUID(_identity(order_id, name))
        item.SetGeometry(
            _filled(lib3mf.Position, m.points, np.float32), _filled(lib3mf.Triangle, m.triangles, np.uint32)
        )
        item.SetObjectLevelProperty(group.GetResourceID(), colour)
        placed = model.AddBuildItem(item, wrapper.GetTranslationTransform(*shift))
        placed.SetUUID(_identity(order_id, f"{name} placed"))
        placed.SetPartNumber(f"{order_id}/{name}")
    buffer = model.QueryWriter("3mf").WriteToBuffer()
    return bytes(buffer)


def _uri(space: str) -> str:
    return f"urn:{space.lower()}" if space else ""


def _identity(order_id: str, what: str) -> str:
    return str(uuid.uuid5(_SPACE, f"{order_id}/{what}"))


def _filled(kind: Any, rows: NDArray[Any], number: type[np.generic]) -> Any:
    """A C array of three-number structures."""
    data: NDArray[Any] = np.ascontiguousarray(rows, dtype=number)
    array = (kind * len(data))()
    ctypes.memmove(array, data.ctypes.data, data.nbytes)
    return array
