"""Reads a customer's STEP file into one sound solid; run as a program, because a bad file may hang or kill the kernel.

``python -m geometry.stepin SOLID CPU_SECONDS MEMORY_BYTES`` reads STEP text from standard input and writes one line of
JSON to standard output (see :func:`answer`), followed by the solid's bytes.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from geometry.steptext import EXPORT, Glance, entity_ids, glance, size_words
from model.design import Vector
from model.errors import OrderError

if TYPE_CHECKING:
    import cadquery as cq

_GEOMETRY = ("StepShape_", "StepGeom_", "StepRepr_", "StepBasic_", "StepData_")
"""Kinds of entities that a solid is made of; damage elsewhere (colours, names, people) changes no shape."""


@dataclass(frozen=True, slots=True)
class Found:
    """One solid of a file as read: ``brep`` stands with the low corner of its box at the origin, in mm.

    ``low_mm`` is where that corner was in the file's own frame. ``unit`` is the file's length unit, ``notes`` tell what
    was mended or left out.
    """

    brep: bytes
    unit: str
    schema: str
    low_mm: Vector
    size_mm: Vector
    volume_mm3: float
    area_mm2: float
    faces: int
    genus: int
    notes: tuple[str, ...]


def read_solid(data: bytes, number: int = 0) -> Found:
    """Read the one solid of a STEP file, or its ``number``-th (from 1), in the kernel's order.

    Raises:
        OrderError: ``step.*``: nothing in it is one sound, closed solid.
    """
    from geometry.soundness import sound

    told = glance(data)
    shape, unit, notes = _transferred(data)
    solid = _the_one(shape, number, told, notes)
    body, measured = sound(solid, notes)
    return Found(body, unit, told.schema, *measured, tuple(notes))


def _transferred(data: bytes) -> tuple[cq.Shape, str, list[str]]:
    """Everything in the file as one shape in mm, its unit, and notes."""
    import cadquery as cq
    from OCP.IFSelect import IFSelect_ReturnStatus
    from OCP.STEPControl import STEPControl_Reader
    from OCP.TColStd import TColStd_SequenceOfAsciiString

    reader = STEPControl_Reader()
    if reader.ReadStream("part.step", io.BytesIO(data)) != IFSelect_ReturnStatus.IFSelect_RetDone:
        raise _damaged("its text does not follow the STEP syntax", "DATA", 1)
    notes = _entities_are_whole(reader.StepModel(), data)
    names = [TColStd_SequenceOfAsciiString() for _ in range(3)]
    reader.FileUnits(*names)
    units = list(dict.fromkeys(names[0].Value(k).ToCString().lower() for k in range(1, names[0].Length() + 1)))
    roots = reader.NbRootsForTransfer()
    made = reader.TransferRoots()
    if made < roots:
        raise _damaged(f"{roots - made} of its {roots} shapes cannot be built", "DATA", roots - made)
    if not reader.NbShapes():
        raise _no_solid("it holds no shape at all")
    shape = reader.OneShape()
    if shape is None or shape.IsNull():
        raise _no_solid("it holds no shape at all")
    return cq.Shape.cast(shape), " and ".join(units), notes


def _entities_are_whole(model: Any, data: bytes) -> list[str]:
    """Refuse a file whose geometry the kernel could read in part only; damage elsewhere is a note."""
    ids = entity_ids(data)
    if len(set(ids)) < len(ids):
        twice = next(k for k, n in Counter(ids).items() if n > 1)
        raise _damaged(f"#{twice} is told twice", f"#{twice}", len(ids) - len(set(ids)))
    if model.NbEntities() != len(ids):
        lost = abs(len(ids) - model.NbEntities())
        raise _damaged(f"{lost} of its {len(ids)} entities break the STEP syntax", "DATA", lost)
    broken = [k for k in range(1, model.NbEntities() + 1) if model.IsErrorEntity(k)]
    solid = [k for k in broken if model.Value(k).DynamicType().Name().startswith(_GEOMETRY)]
    if solid:
        kind = model.Value(solid[0]).DynamicType().Name().partition("_")[2]
        place = f"#{ids[solid[0] - 1]}"
        raise _damaged(f"{len(solid)} of its entities cannot be read, first {place} ({kind})", place, len(solid))
    return [f"{len(broken)} entities that are no geometry could not be read and were left out"] if broken else []


def _the_one(shape: cq.Shape, number: int, told: Glance, notes: list[str]) -> cq.Solid:
    """The solid meant; what else the file holds is refused, or noted when the solid was chosen by number."""
    solids = shape.Solids()
    shells, faces, edges = (
        _loose(shape, *kinds) for kinds in (("SHELL", "SOLID"), ("FACE", "SHELL"), ("EDGE", "FACE"))
    )
    surfaces = shells + faces
    if not solids:
        if surfaces:
            what = f"a surface model: {shells} shells ({_open(shape)} of them open) and {faces} single faces, no solid"
            raise _no_solid(f"it is {what}", surfaces)
        raise _no_solid(f"it holds {edges} curves and no solid" if edges else "it holds no solid", edges)
    if number > len(solids) or (not number and len(solids) > 1):
        raise _several(solids, number, told)
    if surfaces and not number:
        msg = f"beside the solid the STEP file holds {surfaces} loose surfaces"
        hint = 'Export the solid alone, or write "parameters: {solid: 1}" to say that only the solid counts.'
        raise OrderError("step.loose-surfaces", msg, value=surfaces, limit=0, hint=hint)
    if len(solids) > 1:
        notes.append(f"solid {number} of {len(solids)} in the file, as the order says; the others were left out")
    elif told.instances:
        notes.append("the file is an assembly of one part; the part is taken as it stands there")
    if surfaces:
        notes.append(f"{surfaces} loose surfaces beside the solid were left out, as the order says")
    if edges:
        notes.append(f"{edges} curves beside the solid were left out")
    return solids[max(number, 1) - 1]


def _open(shape: cq.Shape) -> int:
    from OCP.BRep import BRep_Tool

    return sum(not BRep_Tool.IsClosed_s(shell.wrapped) for shell in shape.Shells())


def _several(solids: Sequence[cq.Solid], number: int, told: Glance) -> OrderError:
    from geometry.solids import box

    rows = []
    for k, one in enumerate(solids[:12], 1):
        low, high = box(one)
        rows.append(f"{k}: {size_words([b - a for a, b in zip(low, high, strict=True)])}, {one.Volume():.0f} mm3")
    more = f", and {len(solids) - 12} more" if len(solids) > 12 else ""
    what = f"an assembly of {told.instances} instances with {len(solids)}" if told.instances else f"{len(solids)}"
    msg = f"the STEP file holds {what} solids ({'; '.join(rows)}{more}); an order makes one"
    if number:
        msg = f"there is no solid {number}: {msg}"
    return OrderError(
        "step.several-solids", msg, place="solid", value=number or len(solids), limit=len(solids) if number else 1,
        hint='Order them one by one, each with its own file, or choose: "parameters: {solid: 1}".',
    )  # fmt: skip


def _loose(shape: cq.Shape, kind: str, outside: str) -> int:
    from OCP.TopAbs import TopAbs_ShapeEnum
    from OCP.TopExp import TopExp_Explorer

    kinds = [getattr(TopAbs_ShapeEnum, f"TopAbs_{name}") for name in (kind, outside)]
    walk, count = TopExp_Explorer(shape.wrapped, *kinds), 0
    while walk.More():
        count += 1
        walk.Next()
    return count


def _damaged(what: str, place: str, value: float) -> OrderError:
    return OrderError("step.damaged", f"the STEP file is damaged: {what}", place=place, value=value, limit=0,
                      hint=EXPORT)  # fmt: skip


def _no_solid(what: str, value: float = 0) -> OrderError:
    return OrderError("step.no-solid", f"nothing can be made of the STEP file: {what}", value=value, limit="1 solid",
                      hint="Close the surfaces in the CAD program and export the part as a solid.")  # fmt: skip


def answer(data: bytes, number: int) -> bytes:
    """What the program writes: a line of JSON, ``{"found": ...}`` or ``{"refused": ...}``, then the solid's bytes."""
    try:
        found = read_solid(data, number)
    except OrderError as error:
        keys = ("code", "message", "hint", "place", "value", "limit")
        return json.dumps({"refused": {k: getattr(error, k) for k in keys}}).encode() + b"\n"
    told = {k: v for k, v in asdict(found).items() if k != "brep"}
    return json.dumps({"found": told}).encode() + b"\n" + found.brep


def main() -> None:
    """Run as a program. Memory that does not suffice ends with exit code 12; the kernel's own words go to stderr."""
    import cadquery  # noqa: F401 - the limits are for the file, not for loading the kernel
    import manifold3d  # noqa: F401 - as above

    number, seconds, memory = (int(word) for word in sys.argv[1:4])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        told = answer(sys.stdin.buffer.read(), number)
    except MemoryError:
        os._exit(12)
    except Exception as error:
        if type(error).__name__ == "Standard_OutOfMemory" or "bad_alloc" in str(error):
            os._exit(12)
        raise
    with out:
        out.write(told)


if __name__ == "__main__":
    main()
